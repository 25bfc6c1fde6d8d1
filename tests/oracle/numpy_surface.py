"""Writes tests/golden/numpy_surface.json: every public name of mx.np, mx.npx, their faces in nd and sym, and their
classes, with the parameters of what can be called.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.numpy_surface
"""

import importlib
import types

from tests.oracle.scenario import write
from tests.oracle.surface import names_of_class, names_of_module, parameters

OF_NP = ("", ".linalg", ".random")
OF_NPX = ("", ".image", ".random")
FACES = ["%s.numpy%s" % (face, s) for face in ("ndarray", "symbol") for s in OF_NP]
FACES += ["%s.numpy_extension%s" % (face, s) for face in ("ndarray", "symbol") for s in OF_NPX]
MODULES = ["numpy" + s for s in OF_NP] + ["numpy_extension.random", "numpy_extension.utils", *FACES]
MODULES += ["numpy.arrayprint", "numpy.fallback", "numpy.fallback_linalg", "numpy.function_base", "numpy.io"]
MODULES += ["numpy.multiarray", "numpy.stride_tricks", "numpy.utils", "util"]
WITH_VALUES = ["numpy", "numpy_extension"]  # constants, dtypes and what comes from elsewhere too
CLASSES = ("numpy.ndarray", "symbol.numpy._Symbol")
# what these modules import for themselves
PLUMBING = {"check_call", "classproperty", "with_metaclass"}


def public(module):
    found = {n: getattr(module, n) for n in dir(module) if not n.startswith("_") and n not in PLUMBING}
    return {n: v for n, v in found.items() if not isinstance(v, types.ModuleType)}


def results(mx):
    """{module or class: {name: its parameters}}."""
    found = {path: names_of_module(mx, path) for path in MODULES}
    for path in WITH_VALUES:
        found[path] = public(importlib.import_module("%s.%s" % (mx.__name__, path)))
    found["numpy_extension.image"] = {
        n: v for n, v in names_of_module(mx, "numpy_extension.image").items() if n not in PLUMBING
    }
    found.update({path: names_of_class(mx, path) for path in CLASSES})
    return {
        path: {n: parameters(v) if callable(getattr(v, "__func__", v)) else None for n, v in names.items()}
        for path, names in found.items()
    }


if __name__ == "__main__":
    import mxnet

    write("numpy_surface", results(mxnet))
