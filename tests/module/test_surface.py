"""Every name of ``mx.mod``, ``mx.model``, ``mx.executor_manager`` and ``mx.rnn`` is here, and is called as in MXNet."""

from __future__ import annotations

import importlib
import inspect

import pytest

from tests.oracle.module_surface import called
from tests.oracle.scenario import read

GOLDEN = read("module_surface")
# Functions of ours that take more: the format of the files.
DIFFERENT = {("model", "save_checkpoint")}


def holder(owner):
    """The module ``rnn``, or the class ``rnn:LSTMCell``."""
    path, _, cls = owner.partition(":")
    module = importlib.import_module(f"mxgluon_compat.{path}")
    return getattr(module, cls) if cls else module


def problem(owner, name):
    """What is wrong with a name of MXNet; None where it is here and is called in the same way."""
    try:
        ours = called(inspect.getattr_static(holder(owner), name))
    except AttributeError:
        return f"{owner}.{name} is not there"
    wanted = GOLDEN[owner][name]
    if ours == wanted or (owner, name) in DIFFERENT:
        return None
    return f"{owner}.{name} is called with {ours}, in MXNet with {wanted}"


@pytest.mark.parametrize("owner", sorted(GOLDEN))
def test_every_name(owner):
    assert [p for p in (problem(owner, name) for name in GOLDEN[owner]) if p] == []


def test_a_missing_name_and_another_call_are_found(monkeypatch):
    monkeypatch.setitem(GOLDEN["rnn"], "rnn_unroll", "(cell)")
    assert problem("rnn", "no_such_name") == "rnn.no_such_name is not there"
    assert "in MXNet with (cell)" in problem("rnn", "rnn_unroll")
