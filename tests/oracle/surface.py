"""Writes tests/golden/surface.json: every public name of NDArray, Symbol, nd, sym and their submodules.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.surface
"""

import importlib
import types

from tests.oracle.scenario import write

SUBMODULES = ("", ".op", ".contrib", ".image", ".linalg", ".random", ".sparse")
MODULES = ["ndarray" + s for s in SUBMODULES] + ["symbol" + s for s in SUBMODULES] + ["ndarray.utils", "random"]
CLASSES = (
    "ndarray.NDArray",
    "ndarray.sparse.BaseSparseNDArray",
    "ndarray.sparse.CSRNDArray",
    "ndarray.sparse.RowSparseNDArray",
    "symbol.Symbol",
)


def names_of_module(mx, path):
    """What its ``__all__`` lists, and what it defines beside that; imported modules are not its own."""
    module = importlib.import_module("%s.%s" % (mx.__name__, path))
    found = set(getattr(module, "__all__", ()))
    for name, value in vars(module).items():
        home = getattr(value, "__module__", None) or ""
        if callable(value) and home.startswith(mx.__name__ + ".ndarray") or home.startswith(mx.__name__ + ".symbol"):
            found.add(name)
    return sorted(
        n for n in found if not n.startswith("_") and not isinstance(getattr(module, n, None), types.ModuleType)
    )


def names_of_class(mx, path):
    """Its public members and, of those that Python itself calls, what no plain object has."""
    module, _, name = path.rpartition(".")
    cls = getattr(importlib.import_module("%s.%s" % (mx.__name__, module)), name)
    plumbing = set(dir(type("Plain", (), {}))) | {"__slots__", "__del__", "__annotations__"}
    dunder = {n for n in dir(cls) if n.startswith("__") and n.endswith("__")} - plumbing
    return sorted({n for n in dir(cls) if not n.startswith("_")} | dunder)


def results(mx):
    found = {path: names_of_module(mx, path) for path in MODULES}
    found.update({path: names_of_class(mx, path) for path in CLASSES})
    return found


if __name__ == "__main__":
    import mxnet

    write("surface", results(mxnet))
