"""Writes tests/golden/star_imports.json: the names that ``from mxnet.X import *`` gives.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.star_imports
"""

import importlib

from tests.oracle.scenario import write

MODULES = (
    "test_utils", "ndarray", "symbol", "gluon", "gluon.nn", "gluon.rnn", "gluon.loss", "gluon.data",
    "gluon.data.vision", "gluon.data.vision.transforms", "gluon.model_zoo.vision", "gluon.contrib.nn",
    "gluon.contrib.rnn", "ndarray.contrib", "ndarray.linalg", "ndarray.random", "ndarray.sparse", "symbol.contrib",
    "symbol.linalg", "symbol.random", "context", "random", "lr_scheduler", "optimizer", "io", "image", "module", "rnn",
)  # fmt: skip


def results(mx):
    """{module: the names, without those that begin with an underscore}."""
    found = {}
    for name in MODULES:
        module = importlib.import_module("%s.%s" % (mx.__name__, name))
        names = getattr(module, "__all__", None) or [n for n in dir(module) if not n.startswith("_")]
        found[name] = sorted(n for n in set(names) if not n.startswith("_"))
    return found


if __name__ == "__main__":
    import mxnet

    write("star_imports", results(mxnet))
