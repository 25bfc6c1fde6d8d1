"""Every name of MXNet 1.9.1: doctor says of it what import and getattr do."""

from __future__ import annotations

import importlib
import types

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import UnsupportedError
from mxgluon_compat.interop.doctor import DIFFERS, MISSING, SUPPORTED, UNKNOWN, guide, names
from mxgluon_compat.interop.doctor.verdict import Call, judge
from tests.oracle.scenario import read
from tools import doctor_names

LISTED = names.listed()


def resolved(path):
    at = names.root()
    for part in path.split(".")[1:]:
        if isinstance(at, names.Absent):
            return at
        at = names.found(at, part)
    return at


def here(module, name):
    """What Python itself finds: (whether it is there, the value)."""
    path = "mxgluon_compat" + module.removeprefix("mxnet")
    try:
        at = importlib.import_module(path)
    except ModuleNotFoundError:
        return False, None
    try:
        value = getattr(at, name)
    except AttributeError:
        try:
            value = importlib.import_module(f"{path}.{name}")
        except ModuleNotFoundError:
            return False, None
    return not isinstance(value, types.ModuleType) or value.__name__.startswith("mxgluon_compat"), value


def test_the_list_is_whole():
    assert len(LISTED.modules) == 197
    assert sum(map(len, LISTED.modules.values())) == 7176
    assert "collect_params" in LISTED.classes["Dense"]
    assert LISTED.real("mx.nd.contrib") == "mxnet.ndarray.contrib"
    assert LISTED.has("mx.gluon.nn.Dense", "hybridize")
    assert not LISTED.has("mx.nd", "no_such_thing")


def test_the_text_of_the_list():
    api = {
        "modules": {"mxnet.a": {"names": {"f": {"kind": "function"}, "b": {"kind": "module", "is": "mxnet.b"}}}},
        "classes": {"mxnet.a.C": {"bases": ["mxnet.a.B"], "methods": {"m": [], "_p": []}, "properties": ["q"]}},
    }
    text = doctor_names.text(api, apart={})
    assert text.splitlines()[2:] == ["module mxnet.a b=mxnet.b f", "class C B : m q"]
    assert doctor_names.PATH.read_text().startswith(doctor_names.HEAD)


def test_what_is_apart_is_as_in_mxnet():
    golden, names = read("notebook"), doctor_names.APART["mxnet.notebook.callback"]
    of = "surface: members of "
    assert {k: sorted(v) for k, v in names.items() if v is not None} == {
        k.removeprefix(of): v for k, v in golden.items() if k.startswith(of)
    }
    assert {f"surface: {name}" for name in names} == {k for k in golden if k.startswith("surface: ") and of not in k}


def test_each_name_is_there_where_doctor_says_so():
    wrong = []
    for module, entries in LISTED.modules.items():
        for name in entries:
            path = f"mx{module.removeprefix('mxnet')}.{name}"
            judged, (there, value) = judge(resolved(path), None), here(module, name)
            says = judged.state in (SUPPORTED, DIFFERS)
            refused = isinstance(value, type) and names.always_raises(value)
            # What the guide says is not there may have its name, and refuses every call.
            excused = there and judged.state == MISSING and judged.line
            if (says != (there and not refused) or judged.state == UNKNOWN) and not excused:
                wrong.append((path, judged, there))
            if judged.state == MISSING:
                assert judged.reason and judged.line, path
    assert wrong == []


@pytest.mark.parametrize("kind", ["Block", "HybridBlock", "SymbolBlock", "Parameter", "ParameterDict", "Trainer",
                                  "NDArray", "Symbol", "Executor"])  # fmt: skip
def test_each_member_is_there_where_doctor_says_so(kind):
    holder = {"NDArray": mx.nd, "Symbol": mx.sym, "Executor": mx.executor}.get(kind, mx.gluon)
    cls = getattr(holder, kind)
    for name in LISTED.classes[kind]:
        found = names.member(cls, name, kind)
        assert found is not None, name
        if judge(found, None).state in (SUPPORTED, DIFFERS):
            assert hasattr(cls, name) or name in names._set_in_methods(cls), name
        else:
            assert not hasattr(cls, name) or judge(found, None).line, name


def functions():
    """(path, function) of each function of ours under a name of MXNet's that may raise UnsupportedError."""
    seen = set()
    for module, entries in LISTED.modules.items():
        for name in entries:
            thing = resolved(f"mx{module.removeprefix('mxnet')}.{name}")
            value = thing.value if isinstance(thing, names.Thing) else None
            code = getattr(vars(value).get("__init__") if isinstance(value, type) else value, "__code__", None)
            if code is not None and "UnsupportedError" in code.co_names and value not in seen:
                seen.add(value)
                yield thing


def test_what_refuses_each_call_is_known(tmp_path, monkeypatch):
    """Functions that may refuse a call are called: those that do at once are the ones that doctor knows."""
    monkeypatch.chdir(tmp_path)
    refusing, tried = set(), list(functions())
    for thing in tried:
        required = [p for p in names.parameters(thing.value) if p.default is p.empty and p.kind < 2]
        try:
            thing.value(*[None] * len(required))
        except UnsupportedError as error:
            judged = judge(thing, Call([...] * len(required)))
            assert judged.state in (MISSING, DIFFERS), thing.path  # some refuse by a setting of the process
            assert judged.reason in str(error) or judged.line, thing.path
            refusing.add(thing.path)
        except Exception:  # other errors of a call with None
            continue
    assert "mx.rtc.CudaModule" in refusing
    assert len(tried) > 5


# ---------------------------------------------------------------------------------------------- calls
def state(path, positional=(), **named):
    return judge(resolved(path), Call(positional, named)).state


@pytest.mark.parametrize(
    ("path", "positional", "named", "expected"),
    [
        ("mx.nd.Convolution", (), {"num_filter": 3}, SUPPORTED),
        ("mx.nd.Convolution", (), {"num_filters": 3}, MISSING),
        ("mx.nd.Convolution", (), {"workspace": 3}, DIFFERS),
        ("mx.gluon.nn.Dense", (3,), {"in_units": 3, "prefix": "a"}, SUPPORTED),
        ("mx.gluon.nn.Dense", (3,), {"input_units": 3}, MISSING),
        ("mx.gluon.nn.Conv2D", (3, 3), {"pad": 1}, MISSING),
        ("mx.image.ImageIter", (), {"rand_mirror": True}, DIFFERS),
        ("mx.kv.create", ("dist_sync",), {}, SUPPORTED),
        ("mx.kv.create", ("dist_async",), {}, MISSING),
        ("mx.kv.create", ("nothing",), {}, UNKNOWN),
        ("mx.gluon.Trainer", (..., "adam"), {}, SUPPORTED),
        ("mx.gluon.Trainer", (..., "adam"), {"kvstore": "dist_async"}, MISSING),
        ("mx.gluon.Trainer", (..., "adamm"), {}, UNKNOWN),
        ("mx.optimizer.SGD", (), {"momentum": 0.9, "learning_rate": 0.1, "wd": 1}, SUPPORTED),
        ("mx.optimizer.SGD", (), {"momentun": 0.9}, MISSING),
        ("mx.profiler.set_config", (), {"profile_process": "server"}, MISSING),
        ("mx.nd.quantized_rnn", (), {}, UNKNOWN),
        ("mx.nd.contrib.quantized_rnn", (), {}, MISSING),
        ("mx.nd.imdecode", (), {}, MISSING),
        ("mx.util.use_np", (...,), {}, SUPPORTED),
        ("mx.util.use_np_shape", (...,), {}, SUPPORTED),
        ("mx.gluon.nn.no_such_layer", (), {}, UNKNOWN),
    ],
)
def test_states_of_calls(path, positional, named, expected):
    assert state(path, positional, **named) == expected


def test_supported_keywords_are_taken():
    """The calls that the table above calls supported do not refuse their arguments."""
    mx.nd.Convolution(mx.nd.ones((1, 1, 3, 3)), mx.nd.ones((3, 1, 1, 1)), mx.nd.ones(3), kernel=(1, 1), num_filter=3)
    mx.gluon.nn.Dense(3, in_units=3, prefix="a")
    mx.optimizer.SGD(momentum=0.9, learning_rate=0.1, wd=1)
    for call in (
        lambda: mx.nd.Convolution(mx.nd.ones((1, 1, 3, 3)), num_filters=3),
        lambda: mx.gluon.nn.Dense(3, input_units=3),
        lambda: mx.gluon.nn.Conv2D(3, 3, pad=1),
        lambda: mx.optimizer.SGD(momentun=0.9),
    ):
        with pytest.raises((TypeError, mx.MXNetError)):
            call()


# ---------------------------------------------------------------------------------------------- the guide
def test_rows_of_the_guide():
    lines = guide.path().read_text().splitlines()
    rows = guide.rows()
    assert len(rows) > 300
    for row in rows:
        assert lines[row.line - 1].startswith("| ")
    assert len([row for row in rows if row.missing and row.patterns]) > 10
    assert lines[guide.line_of_anchor("what-is-not-there") - 1] == "## What is not there"
    assert guide.line_of_anchor("nothing") is None


def test_patterns_of_a_row():
    def patterns(cell):
        return [(".".join(p.names), sorted(p.arguments), sorted(p.values)) for p in guide._patterns(cell)]

    assert patterns("`nd.relu(x, foo=1)` and `Trainer.step`") == [("nd.relu", ["foo"], [1]), ("Trainer.step", [], [])]
    assert patterns("`kvstore='dist_async'`, `'byteps'`; `K.run`") == [
        ("", ["kvstore"], ["byteps", "dist_async"]), ("K.run", [], [])]  # fmt: skip
    assert patterns("`softmax` with `length=`") == [("softmax", ["length"], [])]
    assert patterns("`mx.io` but for `DataIter`") == [("io", [], [])]
    assert patterns("no code, `x[0]`, `1 +`") == []


def test_the_guide_is_found_in_an_installed_package(tmp_path, monkeypatch):
    package = tmp_path / "mxgluon_compat"
    (package / "interop" / "doctor").mkdir(parents=True)
    monkeypatch.setattr(guide, "__file__", str(package / "interop" / "doctor" / "guide.py"))
    with pytest.raises(FileNotFoundError, match="install the package again"):
        guide.path()
    (package / guide.NAME).write_text("# Guide\n")
    assert guide.path() == package / guide.NAME


def test_keywords_of_operators():
    """Those without attributes take any, with a warning; lists of arrays come with their number, if one wants."""
    for face in (mx.nd, mx.sym):
        assert names.keywords(face.zeros_like) is None
        assert {"num_args", "dim"} <= names.keywords(face.concat) and "foo" not in names.keywords(face.concat)
        assert "num_args" not in names.keywords(face.softmax)
