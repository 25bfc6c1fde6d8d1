"""Writes tests/golden/gluon_surface.json: every public name of gluon's layers, recurrent networks, losses, contrib,
model zoo and utilities, and of their classes, with the parameters of what can be called.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_surface
"""

import importlib
import inspect
import os
import re
import types

from tests.oracle.public_names import described
from tests.oracle.scenario import write

MODULES = (
    "nn", "nn.activations", "nn.basic_layers", "nn.conv_layers",
    "rnn", "rnn.rnn_cell", "rnn.rnn_layer",
    "loss",
    "utils",
    "data", "data.dataloader", "data.dataset", "data.sampler",
    "data.vision", "data.vision.datasets", "data.vision.transforms",
    "contrib", "contrib.cnn", "contrib.cnn.conv_layers", "contrib.nn", "contrib.nn.basic_layers",
    "contrib.rnn", "contrib.rnn.conv_rnn_cell", "contrib.rnn.rnn_cell",
    "contrib.data", "contrib.data.sampler", "contrib.data.text",
    "contrib.estimator", "contrib.estimator.batch_processor", "contrib.estimator.estimator",
    "contrib.estimator.event_handler", "contrib.estimator.utils",
    "model_zoo", "model_zoo.model_store", "model_zoo.vision", "model_zoo.vision.alexnet", "model_zoo.vision.densenet",
    "model_zoo.vision.inception", "model_zoo.vision.mobilenet", "model_zoo.vision.resnet",
    "model_zoo.vision.squeezenet", "model_zoo.vision.vgg",
)  # fmt: skip
# What these define is told by tests/oracle/public_names.py.
ELSEWHERE = ("gluon.block", "gluon.parameter")
CALLED_BY_PYTHON = ("__call__", "__getitem__", "__iter__", "__len__")


def own(mx, path):
    """{name: value}: what the module lists in ``__all__``, defines, and (a package) takes from its modules."""
    module = importlib.import_module("%s.gluon.%s" % (mx.__name__, path))
    homes = (module.__name__, module.__name__ + ".") if hasattr(module, "__path__") else (module.__name__,)
    found = {}
    for name, value in vars(module).items():
        home = getattr(value, "__module__", "") or ""
        inside = home == homes[0] or home.startswith(homes[1:]) or isinstance(value, (dict, list, str))
        listed = name in getattr(module, "__all__", ())
        if not name.startswith("_") and not isinstance(value, types.ModuleType) and (inside or listed):
            found[name] = value
    return found


def members(mx, cls):
    """{name: value} of the public members of a class and of those it builds on, up to Block and HybridBlock."""
    found = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith(mx.__name__ + ".gluon.") and not base.__module__.startswith(
            tuple("%s.%s" % (mx.__name__, m) for m in ELSEWHERE)
        ):
            found.update((n, v) for n, v in vars(base).items() if not n.startswith("_") or n in CALLED_BY_PYTHON)
    return found


def called(value):
    """``"(x, alpha=1.0, **kwargs)"``; ``""`` of what cannot be called."""
    stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
    signature = described(value).get("signature")
    if signature is None:
        return ""
    rows = [stars.get(kind, "") + name + ("" if d is None else "=" + d) for name, kind, d in signature]
    text = re.sub(r"<function (\w+) at 0x\w+>", r"<\1>", "(%s)" % ", ".join(rows))
    return text.replace(os.path.expanduser("~"), "~")


def results(mx):
    """{module or module:Class: {name: how it is called}}."""
    found = {}
    for path in MODULES:
        names = own(mx, path)
        found[path] = {n: called(v) for n, v in names.items()}
        for name, value in names.items():
            if inspect.isclass(value) and value.__module__ == "%s.gluon.%s" % (mx.__name__, path):
                rows = {n: called(v) for n, v in members(mx, value).items()}
                if rows and name == value.__name__:
                    found["%s:%s" % (path, name)] = rows
    return found


if __name__ == "__main__":
    import mxnet

    write("gluon_surface", results(mxnet))
