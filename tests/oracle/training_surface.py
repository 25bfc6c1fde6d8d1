"""Writes tests/golden/training_surface.json: every public name of autograd, lr_scheduler, initializer, metric and
registry, and of their classes, with the parameters of what can be called.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.training_surface
"""

import importlib
import inspect
import types

from tests.oracle.gluon_surface import CALLED_BY_PYTHON, called
from tests.oracle.scenario import write

MODULES = ("autograd", "initializer", "lr_scheduler", "metric", "registry")


def own(mx, path):
    """{name: value} of what the module lists in ``__all__`` or defines."""
    module = importlib.import_module("%s.%s" % (mx.__name__, path))
    listed = getattr(module, "__all__", ())
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and not isinstance(value, types.ModuleType)
        and (name in listed or (getattr(value, "__module__", None) or "").startswith(module.__name__))
    }


def members(mx, cls):
    """{name: value} of the public members of a class and of those of MXNet's that it builds on."""
    found = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith(mx.__name__ + "."):
            found.update((n, v) for n, v in vars(base).items() if not n.startswith("_") or n in CALLED_BY_PYTHON)
    return found


def results(mx):
    """{module or module:Class: {name: how it is called}}."""
    found = {}
    for path in MODULES:
        names = own(mx, path)
        found[path] = {n: called(v) for n, v in names.items()}
        for name, value in names.items():
            if inspect.isclass(value) and name == value.__name__:
                rows = {n: called(v) for n, v in members(mx, value).items()}
                if rows:
                    found["%s:%s" % (path, name)] = rows
    return found


if __name__ == "__main__":
    import mxnet

    write("training_surface", results(mxnet))
