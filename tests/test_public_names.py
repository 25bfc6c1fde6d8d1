"""The guide's table of names: complete, true of what is here, and what is the same is the same as real MXNet's."""

import importlib
import inspect
import pathlib
import re

import pytest

import mxgluon_compat as mx
from tests.oracle import public_names as scenario
from tests.oracle.scenario import read, same

GOLDEN = read("public_names")
GUIDE = (pathlib.Path(__file__).parent.parent / "migration_guide.md").read_text()
TITLE = "## Every name of gluon.block, gluon.parameter and Symbol\n"
MODULES = {owner: importlib.import_module("mxgluon_compat." + path) for path, owner in scenario.MODULES.items()}
MODULES["symbol"] = mx.symbol  # mxnet.symbol.symbol's names are used as mx.symbol's
# An initializer made at import time is MXNet's default; ours is made when it is used.
DEFAULTS = {"<Uniform>": "None", "Symbol": "None"}


def rows():
    """(owner, names, state, how) of each row of the guide's table."""
    section = GUIDE.split(TITLE)[1].split("\n## ")[0]
    for line in section.splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 4 and cells[0] not in ("of", "---"):
            yield cells[0], re.findall(r"`([^`]+)`", cells[1]), cells[2], cells[3]


TABLE = [(f"{owner}.{name}", state, how) for owner, names, state, how in rows() for name in names]
STATES = dict.fromkeys(GOLDEN, ("same", ""))
STATES.update({key: (state, how) for key, state, how in TABLE})


def found_here(key):
    owner, name = key.rsplit(".", 1)
    holder = MODULES.get(owner) or next(getattr(m, owner) for m in MODULES.values() if hasattr(m, owner))
    if inspect.isclass(holder):
        return inspect.getattr_static(holder, name)
    return getattr(holder, name)


@pytest.fixture(scope="module")
def found():
    return scenario.tried(mx)


@pytest.fixture(scope="module")
def objects():
    return scenario.instances(mx)


def test_each_name_stands_in_the_table_once():
    keys = [key for key, _, _ in TABLE]
    assert sorted(keys) == sorted(GOLDEN)


def test_states_are_three():
    assert {state for state, _ in STATES.values()} == {"same", "differs", "not there"}
    assert not [key for key, (state, how) in STATES.items() if state != "same" and not how]


@pytest.mark.parametrize("key", [key for key in sorted(GOLDEN) if STATES[key][0] != "not there"])
def test_exists(key, objects):
    owner, name = key.rsplit(".", 1)
    assert hasattr(objects.get(owner), name) or found_here(key) is not None


@pytest.mark.parametrize("key", [key for key in sorted(GOLDEN) if STATES[key][0] == "same"])
def test_same(key, found):
    assert same(found[key], GOLDEN[key]["tried"]), f"{found[key]}\n{GOLDEN[key]['tried']}"


@pytest.mark.parametrize("key", [key for key in sorted(GOLDEN) if STATES[key][0] == "not there"])
def test_not_there_is_the_named_error(key, found):
    assert f"`{found[key]['raises']}`" in STATES[key][1]


# What has a signature to compare: methods that take ``(*args, **kwargs)`` in MXNet say nothing of what they take.
SIGNED = [
    key
    for key, row in sorted(GOLDEN.items())
    if STATES[key][0] != "not there"
    and row.get("signature") is not None
    and [kind for _, kind, _ in row["signature"]] != ["VAR_POSITIONAL", "VAR_KEYWORD"]
    and key not in ("executor.Executor", "symbol.Symbol")  # their constructors are the backend's
]


def takes(signature, by_name, only_required):
    """Arguments as MXNet's signature has them, given by position as far as they can be, or by name."""
    args, kwargs = [], {}
    for name, kind, default in signature:
        if kind == "VAR_POSITIONAL":
            args += [] if by_name else [None, None]
        elif kind == "VAR_KEYWORD":
            continue
        elif default is None or not only_required:
            if by_name or kind == "KEYWORD_ONLY":
                kwargs[name] = None
            else:
                args.append(None)
    return args, kwargs


@pytest.mark.parametrize("key", SIGNED)
def test_signature(key):
    wanted = GOLDEN[key]["signature"]
    function = found_here(key)
    if isinstance(function, (staticmethod, classmethod)):
        function = function.__func__
    ours = inspect.signature(function)
    here = [[None]] if not inspect.isclass(function) and "self" in ours.parameters else [[]]
    python_calls_it = key.split(".")[-1].startswith("__")  # by position
    for by_name in (False,) if python_calls_it else (False, True):
        for only_required in (False, True):
            args, kwargs = takes(wanted, by_name, only_required)
            ours.bind(*here[0], *args, **kwargs)  # TypeError: what MXNet takes is not taken here
    by_position = [name for name, kind, _ in wanted if kind == "POSITIONAL_OR_KEYWORD"]
    order = [name for name in ours.parameters if name in by_position]
    assert order == [name for name in by_position if name in order]
    defaults = {name: default for name, _, default in wanted if default is not None}
    listed = {
        name: scenario.written(p.default)
        for name, p in ours.parameters.items()
        if p.default is not inspect.Parameter.empty
    }
    for name, default in defaults.items():
        if name in ours.parameters:
            assert listed.get(name) in (default, DEFAULTS.get(default, default)), name


def test_a_missing_parameter_is_found():
    def function(self, path, epoch=0):
        return path, epoch

    args, kwargs = takes([["path", "POSITIONAL_OR_KEYWORD", None], ["step", "POSITIONAL_OR_KEYWORD", "0"]], True, False)
    with pytest.raises(TypeError):
        inspect.signature(function).bind(None, *args, **kwargs)
