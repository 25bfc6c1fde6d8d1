"""Recordings of Gluon programs: MXNet's against what runs here, planted faults, and what is kept of a program."""

from __future__ import annotations

import ast
import dataclasses
import io
import json
import math
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat import gluon, nd
from mxgluon_compat.gluon import nn
from mxgluon_compat.interop.parity import Recording, Tolerance, assert_same_as, compare, record, recorder, spread_of
from mxgluon_compat.interop.parity.page import page
from mxgluon_compat.interop.parity.report import as_json, lines
from tests.oracle.recordings import MODULES, TRAININGS, train, train_buckets, train_module

GOLDEN = Path(__file__).parents[1] / "golden" / "recordings"


def made(path: Path, body: Callable[[], Any], **options: Any) -> Recording:
    with record(path, **options):
        body()
    return Recording.load(path)


def keys(recording: Recording, kind: str) -> list[tuple[int, str]]:
    return [(e.step, e.name) for e in recording.events if e.kind == kind]


@pytest.mark.parametrize("name", TRAININGS)
def test_a_training_is_the_same_as_under_mxnet(name: str) -> None:
    with assert_same_as(GOLDEN / f"{name}.rec"):
        train(mx, TRAININGS[name])


LAYERS = {
    "epsilon": (0, "output", "Net.features.4", "epsilon"),
    "dropout": (0, "output", "Net.drop", "masks"),
}
FAULTS = {
    "init": (0, "initial", "Net.middle.weight", "initializer of Net.middle"),
    "batch": (7, "input", "Net", "the same samples in another order"),
    "other batch": (7, "input", "Net", "the batch that Net got at step 3"),
    "rate": (4, "parameter", "Net.features.0.weight", "look at the optimizer"),
    "momentum": (0, "parameter", "Net.features.1.running_mean", "momentum"),
    "loss": (2, "loss", "loss", "between them and backward"),
    "dtype": (0, "initial", "Net.features.0.bias", "float32 and float64"),
    "short": (7, "input", "Net", "only mxnet 1.9.1 came here"),
    "gradient": (2, "gradient", "Net.middle.weight", "look at its backward"),
}


def check_fault(name: str, fault: str, expected: tuple[int, str, str, str], tmp_path: Path) -> None:
    found = made(tmp_path / "found.rec", lambda: train(mx, TRAININGS[name], fault), seed=3, sample=8)
    check_first(name, found, expected)


def check_first(name: str, found: Recording, expected: tuple[int, str, str, str]) -> None:
    step, kind, place, hint = expected
    comparison = compare(Recording.load(GOLDEN / f"{name}.rec"), found)
    assert comparison.first is not None
    event = comparison.first.event
    assert (event.step, event.kind, event.name) == (step, kind, place)
    assert hint in " ".join(comparison.hints)
    assert hint in "\n".join(lines(comparison)) and place in page(comparison)
    assert json.loads(json.dumps(as_json(comparison), allow_nan=False))["first"]["name"] == place


@pytest.mark.parametrize("fault", [*LAYERS, *FAULTS])
def test_a_planted_fault_is_named(fault: str, tmp_path: Path) -> None:
    check_fault("plain", fault, (LAYERS | FAULTS)[fault], tmp_path)


@pytest.mark.parametrize("fault", ["epsilon", "init", "batch"])
def test_a_planted_fault_in_a_hybridized_net(fault: str, tmp_path: Path) -> None:
    """Of whose layers only Parameters and gradients can be told apart."""
    check_fault("hybridized", fault, FAULTS.get(fault, (0, "output", "Net", "--no-hybridize")), tmp_path)


# ---------------------------------------------------------------------------------------------- Modules
@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_the_same_as_under_mxnet(name: str) -> None:
    with assert_same_as(GOLDEN / f"{name}.rec"):
        MODULES[name](mx)


MODULE_FAULTS = {
    "epsilon": (0, "output", "Module.bn2", "look at epsilon"),
    "init": (0, "initial", "Module.fc1.weight", "initializer of Module.fc1"),
    "batch": (7, "input", "Module[data]", "the same samples in another order"),
    "rate": (4, "parameter", "Module.conv1.weight", "look at the optimizer"),
    "gradient": (0, "gradient", "Module.fc2.bias", "head gradients"),
    "dropout": (0, "output", "Module.drop", "masks"),
    "momentum": (0, "parameter", "Module.bn1.moving_mean", "momentum"),
}


@pytest.mark.parametrize("fault", MODULE_FAULTS)
def test_a_planted_fault_in_a_module_is_named(fault: str, tmp_path: Path) -> None:
    found = made(tmp_path / "found.rec", lambda: train_module(mx, fault), seed=3, sample=8)
    check_first("module", found, MODULE_FAULTS[fault])


def test_a_planted_fault_in_buckets_is_named(tmp_path: Path) -> None:
    found = made(tmp_path / "found.rec", lambda: train_buckets(mx, "init"), seed=3, sample=8)
    check_first("buckets", found, (0, "initial", "BucketingModule.embed.weight", "BucketingModule.embed"))


def test_assertion_says_where() -> None:
    with (
        pytest.raises(AssertionError, match=r"part at step 7: input of Net Net: values differ(.|\n)*another order"),
        assert_same_as(GOLDEN / "plain.rec"),
    ):
        train(mx, fault="batch")


def test_assertion_of_what_recorded_nothing() -> None:
    with pytest.raises(mx.MXNetError, match="nothing was recorded"), assert_same_as(GOLDEN / "plain.rec"):
        nd.ones((2,)).sum()


def test_no_hybridize_sees_every_layer(tmp_path: Path) -> None:
    found = made(tmp_path / "a.rec", lambda: train(mx, hybridize=True), seed=3, sample=8, no_hybridize=True)
    comparison = compare(Recording.load(GOLDEN / "plain.rec"), found)
    assert comparison.first is None
    assert any("no_hybridize" in note for note in comparison.notes)
    # and where only one side hybridized, inner Blocks are no difference by themselves
    found = made(tmp_path / "b.rec", lambda: train(mx, hybridize=True), seed=3, sample=8, steps=1)
    wanted = made(tmp_path / "c.rec", lambda: train(mx), seed=3, sample=8, steps=1)
    notes = compare(wanted, found).notes
    assert any("seen in one recording only" in note for note in notes)


# ---------------------------------------------------------------------------------------------- what is recorded
class Listed(gluon.Block):
    """Holds a layer that it does not register."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.Dense(2)
        layer.initialize()
        self.hidden = lambda x: layer(x)
        self.last = nn.Dense(3, activation="relu")

    def forward(self, x: Any) -> tuple[Any, Any]:
        hidden = self.hidden(x) * 2
        return self.last(hidden), hidden


def test_names_and_order(tmp_path: Path) -> None:
    def body() -> None:
        for net in (Listed(), Listed(), nn.Dense(1, prefix="named_")):
            net.initialize()
            net(nd.ones((2, 3)))

    found = made(tmp_path / "a.rec", body)
    one = [
        ("input", "Listed"), ("initial", "Listed.(Dense).weight"), ("initial", "Listed.(Dense).bias"),
        ("output", "Listed.(Dense)"), ("input", "Listed.last"), ("input", "Listed.last.act"),
        ("output", "Listed.last.act"), ("output", "Listed.last"), ("output", "Listed[0]"), ("output", "Listed[1]"),
    ]  # fmt: skip
    own = [("initial", "Listed.last.weight"), ("initial", "Listed.last.bias")]
    events = [(e.kind, e.name) for e in found.events if e.kind != "initial"]
    plain = [entry for entry in one if entry[0] != "initial"]
    second = [(kind, name.replace("Listed", "Listed#2")) for kind, name in plain]
    assert events == [*plain, *second, ("input", "named"), ("output", "named")]
    initial = [(e.kind, e.name) for e in found.events if e.kind == "initial"]
    assert set(one[1:3] + own) < set(initial) and len(initial) == len(set(initial))
    assert [e.layer for e in found.events if e.name == "Listed.last.act"] == ["Activation"] * 2


def test_steps_without_a_trainer(tmp_path: Path) -> None:
    net = nn.Dense(2, in_units=3)
    net.initialize()

    def body() -> None:
        for _ in range(3):
            with mx.autograd.record():
                loss = net(nd.ones((4, 3))).sum()
            loss.backward()
            for param in net.collect_params().values():
                param.set_data(param.data() - 0.1 * param.grad())

    found = made(tmp_path / "a.rec", body)
    assert found.end["steps"] == 3
    assert keys(found, "loss") == [(0, "loss"), (1, "loss"), (2, "loss")]
    assert keys(found, "gradient") == [(s, f"Dense.{key}") for s in range(3) for key in ("bias", "weight")]
    assert keys(found, "parameter") == [(s, f"Dense.{key}") for s in range(3) for key in ("weight", "bias")]
    biases = [e.sample for e in found.events if e.kind == "parameter" and e.name == "Dense.bias"]
    np.testing.assert_allclose(np.diff(np.stack(biases), axis=0), -0.4, rtol=1e-5)  # as they are after the update


def test_several_contexts_and_trainer_update(tmp_path: Path) -> None:
    contexts = [mx.cpu(0), mx.cpu(1)]
    net = nn.Dense(2, in_units=3)
    net.initialize(ctx=contexts)
    trainer = gluon.Trainer(net.collect_params(), "sgd", update_on_kvstore=False)

    def body() -> None:
        with mx.autograd.record():
            losses = [net(nd.ones((4, 3), ctx=ctx)).sum() for ctx in contexts]
        mx.autograd.backward(losses)
        trainer.allreduce_grads()
        trainer.update(8)

    found = made(tmp_path / "a.rec", body)
    assert keys(found, "gradient") == [(0, f"Dense.{k}{c}") for k in ("bias", "weight") for c in ("", "@1")]
    assert keys(found, "loss") == [(0, "loss[0]"), (0, "loss[1]")]
    assert [e.nth for e in found.events if e.kind == "output"] == [0, 1]
    norms = [e.norm for e in found.events if e.kind == "gradient" and "bias" in e.name]
    assert norms == pytest.approx([8 * 2**0.5] * 2)  # of both contexts together


def test_the_body_ends_after_so_many_steps(tmp_path: Path) -> None:
    reached = []
    with record(tmp_path / "a.rec", steps=2):
        train(mx)
        reached.append(True)
    found = Recording.load(tmp_path / "a.rec")
    assert not reached and found.end["steps"] == 2 and found.end["enough"] and max(e.step for e in found.events) == 1


def test_transforms_and_other_threads_are_not_recorded(tmp_path: Path) -> None:
    net = nn.Dense(2, in_units=3)
    net.initialize()
    transform = gluon.data.vision.transforms.Compose([gluon.data.vision.transforms.ToTensor()])

    def body() -> None:
        transform(nd.zeros((4, 4, 3), dtype="uint8"))
        thread = threading.Thread(target=lambda: net(nd.ones((1, 3))))
        thread.start()
        thread.join()

    assert made(tmp_path / "a.rec", body).events == ()


def test_sparse_parameters_and_what_cannot_be_read(tmp_path: Path) -> None:
    net = nn.Embedding(6, 2, sparse_grad=True)
    net.initialize()
    trainer = gluon.Trainer(net.collect_params(), "sgd")

    def body() -> None:
        with mx.autograd.record():
            loss = net(nd.array([1, 3])).sum()
        loss.backward()
        trainer.step(1)

    found = made(tmp_path / "a.rec", body)
    (gradient,) = (e for e in found.events if e.kind == "gradient")
    assert gradient.shape == (6, 2) and gradient.norm == pytest.approx(2.0)
    assert found.end["not_recorded"] == []


def test_hooks_are_undone(tmp_path: Path) -> None:
    owners = [
        (gluon.Block, "__call__"), (gluon.Trainer, "__init__"), (gluon.Trainer, "step"), (gluon.Trainer, "update"),
        (nd.NDArray, "backward"), (mx.autograd, "backward"), (gluon.HybridBlock, "hybridize"),
    ]  # fmt: skip
    before = [getattr(*owner) for owner in owners]
    with pytest.raises(ZeroDivisionError), record(tmp_path / "a.rec", no_hybridize=True):
        assert all(getattr(*owner) is not original for owner, original in zip(owners, before))
        1 / 0  # noqa: B018
    assert [getattr(*owner) for owner in owners] == before
    assert Recording.load(tmp_path / "a.rec").end["failure"] == "ZeroDivisionError: division by zero"
    assert [path.name for path in tmp_path.iterdir()] == ["a.rec"]


def test_seed(tmp_path: Path) -> None:
    import random

    def drawn() -> tuple[Any, ...]:
        with record(tmp_path / "a.rec", seed=11):
            return mx.nd.random.uniform(shape=(2,)).asnumpy().tolist(), np.random.rand(), random.random()

    assert drawn() == drawn()


# ---------------------------------------------------------------------------------------------- tolerance
def test_rounding_is_told_from_faults_by_a_second_run(tmp_path: Path) -> None:
    strict = Tolerance(rtol=1e-9, atol=0, growth=0)
    runs = [made(tmp_path / f"{i}.rec", lambda: train(mx), seed=3, nudge=i or None) for i in range(3)]
    first = compare(runs[0], runs[1], strict).first
    assert first is not None and (first.event.step, first.event.kind) == (0, "gradient")
    spread = spread_of(runs[0], runs[2])
    assert 0 < spread.steps["output"][-1] < 1e-3
    widened = dataclasses.replace(strict, spread=spread)
    assert compare(runs[0], runs[1], widened).first is None
    assert any("rounding alone" in note for note in compare(runs[0], runs[1], widened).notes)
    faulty = made(tmp_path / "faulty.rec", lambda: train(mx, fault="other batch"), seed=3)
    first = compare(runs[0], faulty, widened).first
    assert first is not None and (first.event.step, first.event.kind, first.event.name) == (7, "input", "Net")


def changed(recording: Recording, **values: Any) -> Recording:
    event = dataclasses.replace(recording.events[0], crc=0, **values)
    return dataclasses.replace(recording, events=(event,))


@pytest.mark.parametrize(
    ("values", "reason", "error"),
    [
        ({"sample": np.array([1.0, 1e-6])}, "", 0),
        ({"sample": np.array([1.0, 2e-5])}, "", 2e-5 / 2**-0.5),  # within rounding of the array's size
        ({"sample": np.array([1.0, 1e-3])}, "values", 1e-3 / 2**-0.5),
        ({"norm": 1.01}, "norm", 0.01),
        ({"shape": (2, 1)}, "shape", math.inf),
        ({"dtype": "float64"}, "dtype", math.inf),
        ({"bad": 1}, "not finite", math.inf),
        ({"sample": np.array([1.0, np.nan])}, "not finite", math.inf),
    ],
)
def test_one_pair(tmp_path: Path, values: dict[str, Any], reason: str, error: float) -> None:
    recording = made(tmp_path / "a.rec", lambda: nn.Flatten()(nd.array([[1.0, 0.0]])))
    wanted = dataclasses.replace(recording, events=recording.events[:1])
    (pair,) = compare(wanted, changed(recording, **values)).pairs
    assert pair.reason == reason
    assert pair.error == pytest.approx(error, abs=2e-6)


def test_nan_at_the_same_places_is_the_same(tmp_path: Path) -> None:
    def body() -> None:
        nn.Flatten()(nd.array([[1.0, np.nan, np.inf, 2.0]]))

    a, b = (made(tmp_path / f"{i}.rec", body) for i in range(2))
    assert a.events[0].bad == 2 and (a.events[0].min, a.events[0].max) == (1.0, 2.0)
    b = dataclasses.replace(b, events=tuple(dataclasses.replace(e, crc=0) for e in b.events))
    assert compare(a, b).first is None


def test_statistics_and_places() -> None:
    values = np.random.RandomState(0).normal(3, 2, (1 << 20) + 5).astype(np.float32)
    wide = values.astype(np.float64)
    found = recorder.statistics(values)
    assert found["norm"] == pytest.approx(np.linalg.norm(wide), rel=1e-12)
    assert found["mean"] == pytest.approx(wide.mean(), rel=1e-12)
    assert (found["min"], found["max"]) == (values.min(), values.max())
    assert recorder.statistics(np.zeros((0, 3)))["norm"] == 0
    assert recorder.places(5, 8).tolist() == [0, 1, 2, 3, 4]
    places = recorder.places(64 * 10, 32)
    assert len(places) == 32 and places.min() >= 0 and places.max() < 640
    assert set(places % 10) == set(range(10)) and len(set(places // 64)) == 10  # in all columns and everywhere


# ---------------------------------------------------------------------------------------------- the files
def altered(source: Path, target: Path, name: str, content: bytes | None) -> Path:
    """A copy of an archive with another content (None: none) of one entry."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        if content is not None:
            new.writestr(name, content)
    return target


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def test_files_that_are_no_recordings(tmp_path: Path) -> None:
    source, target = GOLDEN / "plain.rec", tmp_path / "bad.rec"
    header = json.loads(zipfile.ZipFile(source).read("header.json"))
    newer = json.dumps({**header, "version": 99}).encode()
    lines = zipfile.ZipFile(source).read("events-00000.jsonl")
    for name, content, message in (
        ("header.json", None, "is no recording"),
        ("header.json", b"[]", "is no recording"),
        ("header.json", newer, "format 99"),
        ("end.json", None, "damaged"),
        ("events-00000.jsonl", None, "damaged"),
        ("events-00000.jsonl", lines.replace(b'"initial"', b'"strange"', 1), "an event that cannot be"),
        ("samples-00000.npy", npy(np.array([1, "a"], dtype=object)), "damaged.*allow_pickle"),
        ("samples-00000.npy", npy(np.zeros(3)), "an event that cannot be"),
        ("samples-00000.npy", npy(np.zeros((9, 9))), "damaged"),
    ):
        with pytest.raises(mx.MXNetError, match=message):
            Recording.load(altered(source, target, name, content))
    for content in (b"", b"PK\x03\x04 no archive", b"import mxnet\n", source.read_bytes()[:-200]):
        target.write_bytes(content)
        with pytest.raises(mx.MXNetError, match="is no recording"):
            Recording.load(target)


def test_many_events_go_into_several_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "_CHUNK", 10)
    found = made(tmp_path / "a.rec", lambda: train(mx), seed=3, sample=8)
    assert found.end["chunks"] == -(-len(found.events) // 10)
    assert compare(Recording.load(GOLDEN / "plain.rec"), found).first is None


def test_the_recorder_runs_on_an_old_machine() -> None:
    """Syntax of Python 3.6, numpy, the standard library, and mxnet."""
    text = Path(recorder.__file__).read_text()
    tree = ast.parse(text, feature_version=(3, 6))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    imported = {alias.name.partition(".")[0] for node in imports for alias in node.names}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module != "typing"]
    assert imported - set(sys.stdlib_module_names) == {"numpy", "mxnet"}
    assert "removesuffix" not in text and ":=" not in text
