"""What training loops around an Executor share: who updates the weights, and one step of it."""

from __future__ import annotations

import os
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from . import kvstore as kvs
from .ndarray import NDArray

__all__ = ["BatchEndParam"]

BatchEndParam = namedtuple("BatchEndParams", ["epoch", "nbatch", "eval_metric", "locals"])  # type: ignore[name-match]
"""What callbacks get after each batch."""

# The largest array, in elements, for which a local KVStore updates the weights.
_MOST_ON_KVSTORE = 16 << 20


def _create_sparse_kvstore(kvstore: Any) -> tuple[Any, bool]:
    """(KVStore, True) where weights are row_sparse: they are updated in it.

    Raises:
        TypeError: neither a KVStore nor the name of one.
    """
    if isinstance(kvstore, kvs.KVStore):
        return kvstore, True
    if isinstance(kvstore, str):
        return kvs.create(kvstore), True
    raise TypeError(f"Cannot create '{kvstore}' KVStore with row_sparse parameters. The type must be KVStore or str.")


def _create_kvstore(kvstore: Any, num_device: int, arg_params: Mapping[str, NDArray]) -> tuple[Any, bool]:
    """(KVStore or None, whether it updates the weights).

    Raises:
        TypeError: neither a KVStore, nor the name of one, nor None.
    """
    on_kvstore = bool(int(os.getenv("MXNET_UPDATE_ON_KVSTORE", "1")))
    if kvstore is None:
        return None, False
    if isinstance(kvstore, kvs.KVStore):
        return kvstore, on_kvstore
    if not isinstance(kvstore, str):
        raise TypeError("kvstore must be KVStore, str or None")
    if num_device == 1 and "dist" not in kvstore:
        return None, False
    store = kvs.create(kvstore)
    if kvstore == "local" and max(prod(p.shape) for p in arg_params.values()) > _MOST_ON_KVSTORE:
        on_kvstore = False
    return store, on_kvstore


def _initialize_kvstore(
    kvstore: kvs.KVStore,
    param_arrays: Sequence[Sequence[NDArray]],
    arg_params: Mapping[str, NDArray],
    param_names: Sequence[str],
    update_on_kvstore: bool,
) -> None:
    """Puts the weights into the KVStore; where it updates them, the devices get them from it."""
    for i, arrays in enumerate(param_arrays):
        kvstore.init(param_names[i], arg_params[param_names[i]])
        if update_on_kvstore:
            kvstore.pull(param_names[i], arrays, priority=-i)


def _update_params_on_kvstore(
    param_arrays: Sequence[Sequence[NDArray]],
    grad_arrays: Sequence[Sequence[NDArray | None]],
    kvstore: kvs.KVStore,
    param_names: Sequence[str],
) -> None:
    """One step of weights that the KVStore updates."""
    for i, (weights, gradients) in enumerate(zip(param_arrays, grad_arrays, strict=False)):
        if gradients[0] is not None:
            kvstore.push(param_names[i], gradients, priority=-i)
            kvstore.pull(param_names[i], weights, priority=-i)


def _update_params(
    param_arrays: Sequence[Sequence[NDArray]],
    grad_arrays: Sequence[Sequence[NDArray | None]],
    updater: Callable[[Any, Any, Any], None],
    num_device: int,
    kvstore: kvs.KVStore | None = None,
    param_names: Sequence[str] | None = None,
) -> None:
    """One step of weights that ``updater(indices, gradients, weights)`` updates, called once for each device."""
    steps: list[list[tuple[int, Any, Any]]] = [[] for _ in range(num_device)]
    for i, (weights, gradients) in enumerate(zip(param_arrays, grad_arrays, strict=False)):
        if gradients[0] is None:
            continue
        if kvstore:
            assert param_names is not None, "a KVStore knows the arrays by their names"
            kvstore.push(param_names[i], gradients, priority=-i)
            kvstore.pull(param_names[i], gradients, priority=-i)
        for device, (weight, gradient) in enumerate(zip(weights, gradients, strict=False)):
            steps[device].append((i * num_device + device, gradient, weight))
    for step in steps:
        if step:
            updater(*zip(*step, strict=True))


def _multiple_callbacks(callbacks: Any, *args: Any, **kwargs: Any) -> None:
    """Calls a callback, or each of a list of them."""
    if isinstance(callbacks, list):
        for callback in callbacks:
            callback(*args, **kwargs)
    elif callbacks:
        callbacks(*args, **kwargs)
