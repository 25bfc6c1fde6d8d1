"""Writes tests/golden/surface.json: every public name of NDArray, Symbol, nd, sym and their submodules, with the
parameters of what can be called.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.surface
"""

import importlib
import inspect
import os
import types

from tests.oracle.public_names import described
from tests.oracle.scenario import write

SUBMODULES = ("", ".op", ".contrib", ".image", ".linalg", ".random", ".sparse")
MODULES = (
    ["ndarray" + s for s in SUBMODULES] + ["symbol" + s for s in SUBMODULES] + ["ndarray.utils", "random", "recordio"]
)
DATA = ["image.image", "image.detection", "io.io", "io.utils"]
CLASSES = (
    "ndarray.NDArray",
    "ndarray.sparse.BaseSparseNDArray",
    "ndarray.sparse.CSRNDArray",
    "ndarray.sparse.RowSparseNDArray",
    "symbol.Symbol",
    "recordio.IRHeader",
    "recordio.MXIndexedRecordIO",
    "recordio.MXRecordIO",
)


def names_of_module(mx, path):
    """What its ``__all__`` lists, and what it defines beside that; what it imports is not its own."""
    module = importlib.import_module("%s.%s" % (mx.__name__, path))
    homes = (module.__name__, mx.__name__ + ".ndarray.random") if path == "random" else (module.__name__,)
    own = {n for n, v in vars(module).items() if callable(v) and getattr(v, "__module__", None) in homes}
    found = {n for n in own | set(getattr(module, "__all__", ())) if hasattr(module, n) and not n.startswith("_")}
    return {n: getattr(module, n) for n in found if not isinstance(getattr(module, n), types.ModuleType)}


def names_of_class(mx, path):
    """Its public members and, of those that Python itself calls, what no plain object has."""
    module, _, name = path.rpartition(".")
    cls = getattr(importlib.import_module("%s.%s" % (mx.__name__, module)), name)
    plumbing = set(dir(type("Plain", (), {}))) | {"__slots__", "__del__", "__annotations__"}
    dunder = {n for n in dir(cls) if n.startswith("__") and n.endswith("__")} - plumbing
    return {n: inspect.getattr_static(cls, n) for n in dir(cls) if n in dunder or not n.startswith("_")}


def parameters(value):
    """[name, kind, default or None] of each parameter of what is written in Python; None of what says nothing.

    Functions made from the operator table have the table's signatures: these are compared there.
    """
    signature = described(value).get("signature")
    code = getattr(inspect.unwrap(getattr(value, "__func__", value)), "__code__", None)
    telling = code is not None and os.path.exists(code.co_filename) and code.co_name != "<lambda>"
    if not telling or [kind for _, kind, _ in signature] == ["VAR_POSITIONAL", "VAR_KEYWORD"]:
        return None
    return signature


def results(mx):
    """{module or class: {name: its parameters}}."""
    found = {path: names_of_module(mx, path) for path in MODULES + DATA}
    found.update({path: names_of_class(mx, path) for path in CLASSES})
    for path in DATA:
        classes = {"%s.%s" % (path, n) for n, v in found[path].items() if inspect.isclass(v)}
        found.update({name: names_of_class(mx, name) for name in classes})
    return {path: {n: parameters(v) for n, v in names.items()} for path, names in found.items()}


if __name__ == "__main__":
    import mxnet

    write("surface", results(mxnet))
