"""``mx.model``: a graph and its arrays in a pair of files, and what training loops around an Executor share."""

from __future__ import annotations

import logging
import os
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from . import kvstore as kvs
from . import ndarray as nd
from . import symbol as sym
from .base import UnsupportedAttributeError
from .context import cpu
from .ndarray import NDArray
from .symbol import Symbol

__all__ = ["BatchEndParam", "load_checkpoint", "load_params", "save_checkpoint"]

BatchEndParam = namedtuple("BatchEndParam", ["epoch", "nbatch", "eval_metric", "locals"])
"""What callbacks get after each batch."""

_ABSENT = {
    "FeedForward": "MXNet deprecated it for Module; train with gluon.Trainer",
    "DataParallelExecutorManager": "a part of FeedForward and Module",
    "_check_arguments": "a part of FeedForward and Module",
    "_load_data": "a part of FeedForward and Module",
    "_train_multi_device": "a part of FeedForward",
    "_update_params_on_kvstore_nccl": "there are no separate pushes and pulls for nccl here",
    "BASE_ESTIMATOR": "the scikit-learn class that FeedForward derives from",
    "SKLEARN_INSTALLED": "the scikit-learn class that FeedForward derives from",
}
# The largest array, in elements, for which a local KVStore updates the weights.
_MOST_ON_KVSTORE = 16 << 20


def __getattr__(name: str) -> Any:
    if name in _ABSENT:
        raise UnsupportedAttributeError(f"{__name__}.{name}", f"not there yet ({_ABSENT[name]})")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; see migration_guide.md#what-is-not-there")


# ---------------------------------------------------------------------------------------------- files
def save_checkpoint(
    prefix: str | os.PathLike[str],
    epoch: int,
    symbol: Symbol | None,
    arg_params: Mapping[str, NDArray],
    aux_params: Mapping[str, NDArray],
    remove_amp_cast: bool = True,
    format: str | None = None,
) -> None:
    """Writes ``PREFIX-symbol.json`` and ``PREFIX-EPOCH.params`` (four digits), as ``HybridBlock.export`` does.

    Args:
        prefix: of the files' names, with their folder.
        epoch: a number.
        symbol: the graph; None writes the arrays alone.
        arg_params: arrays by name.
        aux_params: auxiliary states by name.
        remove_amp_cast: leave out the casts that AMP put in.
        format: of the arrays' file, as in ``nd.save``; ``"mxnet"`` for MXNet 1.9.1.

    Raises:
        TypeError: ``epoch`` is no number.
        AttributeError: ``symbol`` is no Symbol, or a value no array.
        MXNetError: a file cannot be written.
    """
    name = _params_file(prefix, epoch)
    arrays = {f"arg:{k}": v.as_in_context(cpu()) for k, v in arg_params.items()}
    arrays.update({f"aux:{k}": v.as_in_context(cpu()) for k, v in aux_params.items()})
    if symbol is not None:
        symbol.save(f"{os.fspath(prefix)}-symbol.json", remove_amp_cast=remove_amp_cast)
    nd.save(name, arrays, format)
    logging.info('Saved checkpoint to "%s"', name)


def load_params(prefix: str | os.PathLike[str], epoch: int) -> tuple[dict[str, NDArray], dict[str, NDArray]]:
    """(arrays, auxiliary states) by name, of ``PREFIX-EPOCH.params``.

    Raises:
        ValueError: names that do not begin with ``arg:`` or ``aux:``, or none at all.
        MXNetError: no such file, or no array file.
    """
    name = _params_file(prefix, epoch)
    arg_params: dict[str, NDArray] = {}
    aux_params: dict[str, NDArray] = {}
    loaded = nd.load(name)
    if not loaded:
        logging.warning("Params file '%s' is empty", name)
        return arg_params, aux_params
    if not isinstance(loaded, dict):
        raise ValueError(f"{name} holds a list of arrays without names")
    kinds = {"arg": arg_params, "aux": aux_params}
    for key, value in loaded.items():
        kind, colon, own = key.partition(":")
        if not colon:
            raise ValueError(
                f"{name}: the name {key!r} does not begin with 'arg:' or 'aux:': this is no file of save_checkpoint or "
                "export; Block.load_parameters or nd.load reads it"
            )
        if kind in kinds:  # others are passed over, as in MXNet
            kinds[kind][own] = value
    return arg_params, aux_params


def load_checkpoint(
    prefix: str | os.PathLike[str], epoch: int
) -> tuple[Symbol, dict[str, NDArray], dict[str, NDArray]]:
    """(graph, arrays, auxiliary states) that ``save_checkpoint`` or ``HybridBlock.export`` wrote; see ``load_params``.

    Raises:
        ValueError: names that are not as ``save_checkpoint`` writes them.
        MXNetError: a file is not there, or is something else.
    """
    symbol = sym.load(f"{os.fspath(prefix)}-symbol.json")
    return (symbol, *load_params(prefix, epoch))


def _params_file(prefix: str | os.PathLike[str], epoch: int) -> str:
    return "%s-%04d.params" % (os.fspath(prefix), epoch)  # noqa: UP031 - takes whole floats too, as in MXNet


# ---------------------------------------------------------------------------------------------- training loops
def _create_sparse_kvstore(kvstore: Any) -> tuple[kvs.KVStore, bool]:
    """(KVStore, True) where weights are row_sparse: they are updated in it.

    Raises:
        TypeError: neither a KVStore nor the name of one.
    """
    if isinstance(kvstore, kvs.KVStore):
        return kvstore, True
    if isinstance(kvstore, str):
        return kvs.create(kvstore), True
    raise TypeError(f"Cannot create '{kvstore}' KVStore with row_sparse parameters. The type must be KVStore or str.")


def _create_kvstore(
    kvstore: Any, num_device: int, arg_params: Mapping[str, NDArray]
) -> tuple[kvs.KVStore | None, bool]:
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
