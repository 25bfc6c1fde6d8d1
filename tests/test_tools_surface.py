"""Every name of the modules around training is here with MXNet's parameters, or says why not."""

import importlib
import inspect

import pytest

from mxgluon_compat.base import _OF_THE_LIBRARY, UnsupportedAttributeError
from tests.oracle.public_names import written
from tests.oracle.scenario import read

GOLDEN = read("tools_surface")
# Names of other modules that MXNet's import.
IMPORTED = {
    ("base", "basestring"), ("contrib.autograd", "array"), ("contrib.autograd", "zeros_like"), ("monitor", "sqrt"),
    ("rtc", "NDArray"), ("rtc", "array"),
}  # fmt: skip
# Errors that raise themselves, with what their message is made of; classproperty is a class; a step within another one.
DIFFERENT = {
    "NotImplementedForSymbol.__init__", "NotSupportedForSparseNDArray.__init__", "classproperty",
    "SVRGModule._create_optimizer",
}  # fmt: skip
# Of functions that pass on what they are given; ours have the parameters of those that they pass it to.
ANYTHING = [["args", "VAR_POSITIONAL", None], ["kwargs", "VAR_KEYWORD", None]]
NAMES = [(module, name) for module, names in sorted(GOLDEN.items()) for name in sorted(names)]


def modules(name):
    return importlib.import_module(f"mxgluon_compat.{name}")


@pytest.mark.parametrize(("module", "name"), [pair for pair in NAMES if pair not in IMPORTED])
def test_a_name(module, name):
    if name in _OF_THE_LIBRARY:
        with pytest.raises(UnsupportedAttributeError, match=name):
            getattr(modules(module), name)
    else:
        assert hasattr(modules(module), name)


@pytest.mark.parametrize(("module", "name"), sorted(IMPORTED))
def test_names_of_others_are_not_kept(module, name):
    with pytest.raises(AttributeError, match=name):
        getattr(modules(module), name)


def shown(function):
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name != "self"]
    return [[p.name, p.kind.name, None if p.default is p.empty else written(p.default)] for p in parameters]


@pytest.mark.parametrize("module", sorted(GOLDEN))
def test_parameters(module):
    wrong = {}
    for name, wanted in GOLDEN[module].items():
        if wanted is None or not hasattr(modules(module), name):
            continue
        found = getattr(modules(module), name)
        pairs = {name: (found, wanted)}
        if isinstance(wanted, dict):
            pairs = {f"{name}.{n}": (getattr(found, n, None), p) for n, p in wanted.items()}
        for key, (function, parameters) in pairs.items():
            ours = None if function is None else shown(function)
            if parameters is None or key in DIFFERENT or parameters == ANYTHING:
                continue
            if (
                ours is None
                or ours[: len(parameters)] != parameters
                or any(p[2] is None for p in ours[len(parameters) :])
            ):
                wrong[key] = (ours, parameters)
    assert wrong == {}
