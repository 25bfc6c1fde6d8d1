"""The public surface of layers, recurrent networks, losses, contrib, model zoo and utilities: each of MXNet's names is
here, and is called in the same way."""

from __future__ import annotations

import importlib
import inspect

import pytest

from tests.oracle.gluon_surface import called
from tests.oracle.scenario import read

GOLDEN = read("gluon_surface")

# (module or module:Class, name) that is not here, or is called in another way -> why.
ABSENT: dict[tuple[str, str], str] = {
    ("data.dataloader", name): "there is no mx.np yet" for name in ("rebuild_np_ndarray", "reduce_np_ndarray")
}
DIFFERENT: dict[tuple[str, str], str] = {
    (f"rnn.rnn_layer:{name}", "__call__"): "MXNet takes any keyword there, and then refuses it as ours does"
    for name in ("GRU", "LSTM", "RNN")
} | {("data.dataloader", "rebuild_ndarray"): "it gets what reduce_ndarray sends, which is a tensor, no file's number"}


def holder(owner):
    """The module ``contrib.nn``, or the class ``contrib.nn.basic_layers:Identity``."""
    path, _, cls = owner.partition(":")
    module = importlib.import_module(f"mxgluon_compat.gluon.{path}")
    return getattr(module, cls) if cls else module


def problem(owner, name):
    """What is wrong with a name of MXNet; None where it is here and is called in the same way."""
    try:
        value = inspect.getattr_static(holder(owner), name)
    except (ModuleNotFoundError, AttributeError):
        return None if (owner, name) in ABSENT else f"{owner}.{name} is not there"
    if (owner, name) in ABSENT:
        return f"{owner}.{name} is there, and in ABSENT"
    ours, wanted = called(value), GOLDEN[owner][name]
    if (ours != wanted) != ((owner, name) in DIFFERENT):
        return f"{owner}.{name} is called with {ours}, in MXNet with {wanted}; DIFFERENT says otherwise"
    return None


@pytest.mark.parametrize("owner", sorted(GOLDEN))
def test_every_name(owner):
    assert [p for p in (problem(owner, name) for name in GOLDEN[owner]) if p] == []


def test_a_missing_name_and_another_call_are_found(monkeypatch):
    monkeypatch.setitem(GOLDEN["nn"], "Dense", "(units)")
    assert problem("nn", "NoSuchLayer") == "nn.NoSuchLayer is not there"
    assert "in MXNet with (units)" in problem("nn", "Dense")


def test_reasons_are_of_mxnets_names():
    assert {name for owner, name in (ABSENT | DIFFERENT) if name not in GOLDEN[owner]} == set()
