"""Trainer: applies an optimizer to Parameters."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

from .. import autograd, ndarray
from .. import kvstore as kvstore_module
from .. import optimizer as optimizer_module
from ..base import UnsupportedError
from ..context import Context, cpu
from ..ndarray import NDArray
from ..serialization.params import atomic_write_bytes
from .parameter import Parameter, ParameterDict

__all__ = ["Trainer"]

_LARGE = 1024 * 1024 * 16


class Trainer:
    """Updates a set of Parameters from their gradients.

    Args:
        params: a ParameterDict, or a dict or list of Parameters.
        optimizer: an Optimizer or the name of one.
        optimizer_params: its arguments, where a name is given.
        kvstore: ``'device'``, ``'local'``, ``'nccl'``, a KVStore, or None.
        compression_params: gradient compression; not there yet.
        update_on_kvstore: update in the KVStore (default: where there are several contexts and no Parameter has
            row_sparse gradients). Row_sparse Parameters always are updated there, on one context too.

    Raises:
        ValueError: ``params`` are not Parameters, or no such optimizer.
        RuntimeError: a Parameter that is not initialised, or a row_sparse one of another Trainer.
        AssertionError: Parameters on different contexts, arguments for an optimizer that is made already.
        UnsupportedError: ``compression_params``.
    """

    def __init__(
        self,
        params: ParameterDict | Mapping[str, Parameter] | Sequence[Parameter],
        optimizer: str | optimizer_module.Optimizer,
        optimizer_params: Mapping[str, Any] | None = None,
        kvstore: Any = "device",
        compression_params: Mapping[str, Any] | None = None,
        update_on_kvstore: bool | None = None,
    ) -> None:
        if isinstance(params, (dict, ParameterDict)):
            params = [params[key] for key in sorted(params.keys())]
        if not isinstance(params, (list, tuple)):
            raise ValueError(f"First argument must be a list or dict of Parameters, got {type(params)}.")
        self._params: list[Parameter] = []
        self._param2idx: dict[str, int] = {}
        for i, param in enumerate(params):
            if not isinstance(param, Parameter):
                raise ValueError(f"First argument must be a list or dict of Parameters, got list of {type(param)}.")
            self._param2idx[param.name] = i
            self._params.append(param)
            param._set_trainer(self)
        if compression_params:
            raise UnsupportedError("Trainer(compression_params=...)", "gradient compression is not there yet")
        self._compression_params = compression_params
        self._contains_sparse_weight = any(p._stype != "default" for p in self._params)
        self._contains_sparse_grad = any(p._grad_stype != "default" for p in self._params)
        self._contexts = self._check_contexts()
        self._init_optimizer(optimizer, dict(optimizer_params or {}))
        self._scale = self._optimizer.rescale_grad
        self._kvstore_params = {"kvstore": kvstore, "update_on_kvstore": update_on_kvstore}
        self._kv_initialized = False
        self._kvstore: Any = None
        self._update_on_kvstore: bool | None = None
        self._params_to_init = list(self._params)

    def _check_contexts(self) -> list[Context] | None:
        contexts = None
        for param in self._params:
            ctx = param.list_ctx()  # raises where it is not initialised
            assert contexts is None or contexts == ctx, (
                f"All Parameters must be initialized on the same set of contexts, but Parameter {param.name} is "
                f"initialized on {ctx} while previous Parameters are initialized on {contexts}."
            )
            contexts = ctx
        return contexts

    def _init_optimizer(self, optimizer: Any, optimizer_params: dict[str, Any]) -> None:
        by_index = dict(enumerate(self._params))
        if isinstance(optimizer, optimizer_module.Optimizer):
            assert not optimizer_params, (
                "optimizer_params must be None if optimizer is an instance of Optimizer instead of str"
            )
            self._optimizer = optimizer
            self._optimizer.param_dict = by_index
        else:
            self._optimizer = optimizer_module.create(optimizer, param_dict=by_index, **optimizer_params)
        self._updaters = [optimizer_module.get_updater(self._optimizer) for _ in self._contexts or [None]]

    def _init_kvstore(self) -> None:
        """Decides, at the first step, whether gradients go through a KVStore, and who updates."""
        self._contexts = self._check_contexts()
        wanted, on_kvstore = self._kvstore_params["kvstore"], self._kvstore_params["update_on_kvstore"]
        named = isinstance(wanted, str)
        if self._contains_sparse_weight:
            if not named and not isinstance(wanted, kvstore_module.KVStore):
                raise TypeError(
                    f"Cannot create '{wanted}' KVStore with row_sparse parameters. The type must be KVStore or str."
                )
            if on_kvstore is False:
                raise ValueError("Cannot set update_on_kvstore=False when sparse weights are present.")
            store, on_kvstore = kvstore_module.create(wanted) if named else wanted, True
        else:
            for param in self._params:
                param.list_data()  # raises where initialisation is still deferred
            if wanted is not None and not named and not isinstance(wanted, kvstore_module.KVStore):
                raise TypeError("kvstore must be KVStore, str or None")
            store = kvstore_module.create(wanted) if named else wanted
            several = len(self._contexts or ()) > 1
            if store is not None and not several and named:
                store = None  # nothing to exchange
            if store is None:
                if on_kvstore and several:
                    raise ValueError("Cannot set update_on_kvstore=True without a kvstore")
                on_kvstore = None
            elif on_kvstore is None:
                # Mixed precision looks at the sums of the gradients before anybody updates.
                scaled = hasattr(self, "_amp_loss_scaler")
                on_kvstore = not self._contains_sparse_grad and not scaled and self._prefers_kvstore(wanted)
        self._kvstore, self._update_on_kvstore = store, on_kvstore
        while len(self._updaters) < len(self._contexts or [None]):
            self._updaters.append(optimizer_module.get_updater(self._optimizer))
        if on_kvstore:
            store.set_optimizer(self._optimizer)
        self._kv_initialized = True

    def _prefers_kvstore(self, wanted: Any) -> bool:
        """MXNet's default: the environment variable's word, but with ``'local'`` not for very large Parameters."""
        if os.environ.get("MXNET_UPDATE_ON_KVSTORE", "1") == "0":
            return False
        return wanted != "local" or max((math.prod(p.shape) for p in self._params), default=0) <= _LARGE

    def _init_params(self) -> None:
        """Gives the KVStore the values of Parameters, as soon as they are initialised, and all contexts the first's."""
        waiting = []
        for param in self._params_to_init:
            if param._deferred_init:
                waiting.append(param)
            elif self._kvstore is not None:
                index, arrays = self._param2idx[param.name], param._arrays()
                self._kvstore.init(index, arrays[0])
                if len(arrays) > 1:
                    with autograd.pause():  # SparseEmbedding comes here in the middle of a forward pass
                        self._kvstore.pull(index, out=arrays[1:])  # statistics too, which differ between contexts
        self._params_to_init = waiting

    def _prepare(self) -> None:
        if not self._kv_initialized:
            self._init_kvstore()
        if self._params_to_init:
            self._init_params()

    def _values_changed(self, param: Parameter) -> None:
        """``set_data`` wrote into ``param``: the KVStore takes the values and, as in MXNet, new optimizer states."""
        if self._kv_initialized and self._update_on_kvstore and param not in self._params_to_init:
            self._reset_kvstore(param)

    def _reset_kvstore(self, written: Parameter | None = None) -> None:
        """Forgets the KVStore: the next step begins with the Parameters' values and new optimizer states.

        Args:
            written: a row_sparse Parameter that has all its values; those of the others come back from the KVStore.
        """
        if self._kvstore is not None:
            for index, param in enumerate(self._params):
                if param in self._params_to_init:
                    continue
                if param._stype != "default" and param is not written:
                    self._kvstore.pull(index, out=param._arrays(), ignore_sparse=False)
                self._kvstore._forget(index)
        self._kv_initialized = False
        self._kvstore = self._update_on_kvstore = None
        self._params_to_init = list(self._params)

    # ------------------------------------------------------------------------------------------ row_sparse
    def _row_sparse_pull(self, parameter: Parameter, out: Any, row_id: NDArray, full_idx: bool = False) -> None:
        """Fetches the rows ``row_id`` of a row_sparse Parameter (with ``full_idx`` all of them) into arrays."""
        self._prepare()
        index = self._param2idx[parameter.name]
        if full_idx:
            self._kvstore.pull(index, out=out, ignore_sparse=False)
        else:
            self._kvstore.row_sparse_pull(index, out=out, row_ids=row_id)

    def _all_rows(self, param: Parameter) -> NDArray:
        """The values of a row_sparse Parameter, on the CPU."""
        data = ndarray.zeros(param.shape, cpu(), param.dtype, stype=param._stype)
        self._row_sparse_pull(param, data, ndarray.arange(param.shape[0], dtype="int64"), full_idx=True)
        return data

    # ------------------------------------------------------------------------------------------ rates
    @property
    def learning_rate(self) -> float:
        """The learning rate now."""
        return self._optimizer.learning_rate

    @property
    def optimizer(self) -> optimizer_module.Optimizer:
        """The optimizer.

        Raises:
            UserWarning: it is not an Optimizer.
        """
        if isinstance(self._optimizer, optimizer_module.Optimizer):
            return self._optimizer
        raise UserWarning("Optimizer has not been initialized yet")

    def set_learning_rate(self, lr: float) -> None:
        """Sets the learning rate.

        Raises:
            UserWarning: a scheduler decides it.
        """
        self._optimizer.set_learning_rate(lr)

    # ------------------------------------------------------------------------------------------ steps
    def step(self, batch_size: float, ignore_stale_grad: bool = False) -> None:
        """One update: sums the gradients of all contexts, divides by ``batch_size`` and applies the optimizer.

        Args:
            batch_size: gradients are divided by it.
            ignore_stale_grad: leave Parameters alone that ``backward`` has not reached since the last step.

        Raises:
            UserWarning: such a Parameter, without ``ignore_stale_grad``.
            RuntimeError: a Parameter that is not initialised.
        """
        self._begin(batch_size)
        if self._update_on_kvstore and self._overflows():
            return  # pushed to the KVStore, the gradients would be in the weights
        self._allreduce_grads()
        self._update(ignore_stale_grad)

    def _overflows(self) -> bool:
        """Whether mixed precision (``amp.init_trainer``) skips this step, since gradients are not finite."""
        scaler = getattr(self, "_amp_loss_scaler", None)
        return scaler is not None and scaler.has_overflow(self._params)

    def _begin(self, batch_size: float) -> None:
        self._check_and_rescale_grad(self._scale / batch_size)
        self._prepare()

    def _check_and_rescale_grad(self, scale: float) -> None:
        self._optimizer.rescale_grad = scale

    def allreduce_grads(self) -> None:
        """Sums the gradients of all contexts, for ``update``.

        Raises:
            AssertionError: Parameters are updated in the KVStore.
        """
        self._prepare()
        assert not self._update_on_kvstore, (
            "allreduce_grads() when parameters are updated on kvstore is not supported. Try setting "
            "`update_on_kvstore` to False when creating trainer."
        )
        self._allreduce_grads()

    def _allreduce_grads(self) -> None:
        if self._kvstore is None:
            return
        for i, param in enumerate(self._params):
            if param.grad_req == "null":
                continue
            if self._update_on_kvstore:
                self._kvstore.push(i, param.list_grad())
                if param._stype == "default" or param._grad_stype == "default":
                    self._kvstore.pull(i, out=param.list_data())
                # else row_sparse values, fetched when they are needed
            else:
                self._kvstore.pushpull(i, param.list_grad(), out=param.list_grad())

    def update(self, batch_size: float, ignore_stale_grad: bool = False) -> None:
        """One update from gradients that ``allreduce_grads`` has summed. See ``step``.

        Raises:
            AssertionError: Parameters are updated in the KVStore.
        """
        self._prepare()
        assert not self._update_on_kvstore, (
            "update() when parameters are updated on kvstore is not supported. Try setting `update_on_kvstore` to "
            "False when creating trainer."
        )
        self._begin(batch_size)
        self._update(ignore_stale_grad)

    def _update(self, ignore_stale_grad: bool = False) -> None:
        if not self._update_on_kvstore and self._overflows():
            return
        work: list[tuple[list[int], list[Any], list[Any]]] = [([], [], []) for _ in self._updaters]
        for i, param in enumerate(self._params):
            if param._grad_req == "null":
                continue
            arrays = param._arrays()
            if not ignore_stale_grad:
                for array in arrays:
                    if not array._slot.fresh:
                        raise UserWarning(
                            f"Gradient of Parameter `{param.name}` on context {array.context} has not been updated by "
                            "backward since last `step`. This could mean a bug in your model that made it only use a "
                            "subset of the Parameters (Blocks) for this iteration. If you are intentionally only "
                            "using a subset, call step with ignore_stale_grad=True to suppress this warning and skip "
                            "updating of Parameters with stale gradient"
                        )
            if self._update_on_kvstore:
                continue  # updated by now; and gradients stay fresh, as MXNet's
            for (indices, grads, weights), array in zip(work, arrays, strict=True):
                slot = array._slot
                if slot.fresh or not ignore_stale_grad:
                    indices.append(i)
                    grads.append(slot.array)
                    weights.append(array)
                    slot.fresh = False
        for updater, (indices, grads, weights) in zip(self._updaters, work, strict=True):
            if indices:
                updater(indices, grads, weights)

    # ------------------------------------------------------------------------------------------ files
    def save_states(self, fname: str) -> None:
        """Writes the optimizer's states, counters and settings to a file, all or nothing: safetensors, no pickle."""
        assert self._optimizer is not None
        self._prepare()
        if self._update_on_kvstore:
            self._kvstore.save_optimizer_states(fname, dump_optimizer=True)
            return
        atomic_write_bytes(fname, self._updaters[0].get_states(dump_optimizer=True))

    def load_states(self, fname: str) -> None:
        """Reads what ``save_states`` wrote.

        Raises:
            MXNetError: the file holds no states, or those of another optimizer.
        """
        self._prepare()
        if self._update_on_kvstore:
            self._kvstore.load_optimizer_states(fname)
            return
        with open(fname, "rb") as file:
            states = file.read()
        for updater in self._updaters:
            updater.set_states(states)
