"""Strings that name what a registry holds: ``Trainer(params, 'adam')``, ``kv.create('dist_sync')``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from .names import always_raises, root

__all__ = ["refused"]

_Rule = tuple[Any, str, str, Callable[[], Mapping[str, Any]]]


@functools.cache
def _rules() -> tuple[_Rule, ...]:
    """(function, its parameter, what the string names, what is registered) for each that takes one."""
    mx = root().value
    gluon, vision = mx.gluon, mx.gluon.model_zoo.vision
    base = mx.kvstore.base

    def stores() -> Mapping[str, Any]:
        return {**base._MAKERS, **base.KVStoreBase.kv_registry}

    def optimizers() -> Mapping[str, Any]:
        return mx.optimizer.Optimizer.opt_registry

    def metrics() -> Mapping[str, Any]:
        return mx.registry.get_registry(mx.metric.EvalMetric)

    def models() -> Mapping[str, Any]:
        return vision._models

    return (
        (mx.kvstore.create, "name", "kvstore", stores),
        (gluon.Trainer, "kvstore", "kvstore", stores),
        (gluon.Trainer, "optimizer", "optimizer", optimizers),
        (mx.optimizer.create, "name", "optimizer", optimizers),
        (mx.metric.create, "metric", "metric", metrics),
        (vision.get_model, "name", "model", models),
    )


def refused(function: Any, given: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Why a call is refused for a name that it is given, and whether that is certain; None where it is not.

    Args:
        function: the function or class that is called.
        given: its arguments by name.
    """
    for called, parameter, what, registered in _rules():
        name = given.get(parameter)
        if called is not function or not isinstance(name, str):
            continue
        known = registered()
        found = known.get(name) or known.get(name.lower())
        if found is None:
            return f"no {what} {name!r} is registered here", False
        if (reason := always_raises(found)) is not None:
            return f"{what} {name!r}: {reason}", True
    return None
