"""The public surface of nd, sym, their submodules and classes: all of MXNet's names are here, or say why not."""

from __future__ import annotations

import importlib
import inspect

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import UnsupportedAttributeError
from mxgluon_compat.ops import OPERATORS
from tests.oracle.public_names import written
from tests.oracle.scenario import read

GOLDEN = {**read("surface"), **read("numpy_surface")}

# (module or class, name) of MXNet that is not here -> why.
ABSENT = {
    **{(cls, "__setstate__"): "pickling goes through __reduce__" for cls in GOLDEN if cls.endswith("NDArray")},
    ("numpy.ndarray", "__setstate__"): "pickling goes through __reduce__",
    ("symbol.numpy._Symbol", "__setstate__"): "pickling goes through __reduce__",
    ("symbol.numpy._Symbol", "handle"): "an address inside MXNet's engine",
    ("symbol.Symbol", "__setstate__"): "pickling goes through __reduce__",
    ("symbol.Symbol", "handle"): "an address inside MXNet's engine",
}
ALL = [(owner, name) for owner, names in sorted(GOLDEN.items()) for name in sorted(names)]


def holder(path):
    try:
        return importlib.import_module(f"mxgluon_compat.{path}")
    except ModuleNotFoundError:
        module, _, cls = path.rpartition(".")
        return getattr(importlib.import_module(f"mxgluon_compat.{module}"), cls)


def problem(owner, name):
    """What is wrong with a name of MXNet; None where it is here or explains itself."""
    try:
        getattr(holder(owner), name)
    except UnsupportedAttributeError as error:
        # of operators tests/test_operator_support.py says which may be missing
        return None if name in str(error) else f"the error of {owner}.{name} is of something else: {error}"
    except AttributeError:
        return None if (owner, name) in ABSENT else f"{owner}.{name} is not there"
    return f"{owner}.{name} is there, and in ABSENT" if (owner, name) in ABSENT else None


@pytest.mark.parametrize("owner", sorted(GOLDEN))
def test_every_name(owner):
    assert [p for p in (problem(owner, name) for name in GOLDEN[owner]) if p] == []


def test_a_missing_name_is_found():
    assert problem("ndarray", "no_such_name") == "ndarray.no_such_name is not there"


def test_absent_names_are_mxnets():
    assert set(ABSENT) <= set(ALL)


# Parameters of MXNet that ours do not have, or have otherwise.
_LENIENT = "as in mx.np or mx.npx: what is required here by MXNet may be left out"
DIFFERENT: dict[tuple[str, str], str] = {
    ("ndarray.numpy", "pad"): _LENIENT,
    ("ndarray.numpy_extension.random", "bernoulli"): _LENIENT,
    ("symbol.numpy", "pad"): _LENIENT,
    ("symbol.numpy", "where"): _LENIENT,
    ("symbol.numpy", "zeros"): "the default None is float32, as in mx.np",
    ("symbol.numpy.random", "rayleigh"): "MXNet's default, a scale of 0, gives zeros",
}


def test_differences_are_such():
    assert [key for key in DIFFERENT if not differs(*key)] == []


def differs(owner, name):
    """How the parameters of ours and MXNet's differ; None where a call of theirs is a call of ours."""
    place = holder(owner)
    function = inspect.getattr_static(place, name) if inspect.isclass(place) else getattr(place, name)
    ours = inspect.signature(getattr(function, "__func__", function)).parameters.values()
    ours = [p for p in ours if p.name not in ("self", "cls")]
    named = [p.name for p in ours if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    open_ended = {p.kind for p in ours} & {inspect.Parameter.VAR_KEYWORD}
    theirs = [n for n, kind, _ in GOLDEN[owner][name] if not kind.startswith("VAR")]
    missing = [n for n in theirs if n not in named]
    if missing and not open_ended:
        return f"has no {missing}"
    if [n for n in named if n in theirs] != [n for n in theirs if n in named]:
        return f"has the order {named}, MXNet {theirs}"
    required = [p.name for p in ours if p.default is p.empty and p.name in named and p.name not in theirs]
    if required:
        return f"wants {required} too"
    defaults = {p.name: None if p.default is p.empty else written(p.default) for p in ours}
    table = OPERATORS[name].defaults if name in OPERATORS else {}  # for what is not given (_Null)
    wrong = {n: defaults[n] for n, _, d in GOLDEN[owner][name] if n in named and defaults[n] != d
             and (defaults[n] != "_Null" or written(table.get(n)) != d)}  # fmt: skip
    return f"has other defaults than MXNet: {wrong}" if wrong else None


SIGNED = [
    (owner, name)
    for owner, name in ALL
    if GOLDEN[owner][name] is not None and hasattr(holder(owner), name) and not name.startswith("__")
]


@pytest.mark.parametrize("owner", sorted({owner for owner, _ in SIGNED}))
def test_parameters(owner):
    found = {n: differs(owner, n) for o, n in SIGNED if o == owner and (o, n) not in DIFFERENT}
    assert {n: d for n, d in found.items() if d} == {}


def test_surface_is_that_of_the_top_names():
    assert mx.nd is holder("ndarray") and mx.sym is holder("symbol")
