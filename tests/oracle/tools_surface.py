"""Writes tests/golden/tools_surface.json: every public name of MXNet's modules around training, with its parameters.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.tools_surface
"""

import importlib
import inspect
import types

from tests.oracle.public_names import described
from tests.oracle.scenario import write

MODULES = (
    "base", "callback", "contrib.autograd", "contrib.io", "contrib.onnx", "contrib.svrg_optimization.svrg_module",
    "contrib.svrg_optimization.svrg_optimizer", "contrib.tensorboard", "engine", "error", "libinfo", "library", "log",
    "misc", "monitor", "onnx", "profiler", "random", "rtc", "runtime", "test_utils", "util",
)  # fmt: skip


def names(mx, path):
    """{name: parameters, of a class those of its methods by name; None of what is no function}."""
    module, found = importlib.import_module("%s.%s" % (mx.__name__, path)), {}
    for name, value in vars(module).items():
        if name.startswith("_") or isinstance(value, types.ModuleType):
            continue
        if inspect.isclass(value) and value.__module__ == module.__name__:
            own = {n: v for n, v in vars(value).items() if inspect.isfunction(v) and not n.startswith("__del")}
            found[name] = {n: described(v).get("signature") for n, v in own.items()}
        else:
            found[name] = described(value).get("signature") if inspect.isfunction(value) else None
    return found


def results(mx):
    return {path: names(mx, path) for path in MODULES}


if __name__ == "__main__":
    import mxnet

    write("tools_surface", results(mxnet))
