"""The public surface of autograd, initializers, schedules, metrics and the registry: each of MXNet's names is here, and
is called in the same way."""

from __future__ import annotations

import importlib
import inspect

import pytest

from tests.oracle.gluon_surface import called
from tests.oracle.scenario import read

GOLDEN = read("training_surface")


def holder(owner):
    """The module ``metric``, or the class ``metric:F1``."""
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
    return None if ours == wanted else f"{owner}.{name} is called with {ours}, in MXNet with {wanted}"


@pytest.mark.parametrize("owner", sorted(GOLDEN))
def test_every_name(owner):
    assert [p for p in (problem(owner, name) for name in GOLDEN[owner]) if p] == []


def test_a_missing_name_and_another_call_are_found(monkeypatch):
    monkeypatch.setitem(GOLDEN["metric"], "create", "(name)")
    assert problem("metric", "no_such_name") == "metric.no_such_name is not there"
    assert "in MXNet with (name)" in problem("metric", "create")
