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
from ..kvstore import KVStore, KVStoreBase
from ..kvstore.buckets import Overlap, overlap_allowed
from ..kvstore.dist import DistKVStore
from ..kvstore.horovod import Horovod
from ..ndarray import NDArray
from ..serialization.params import atomic_write_bytes
from ..storage import keep_freed_memory
from .parameter import Parameter, ParameterDict

__all__ = ["Trainer"]

_LARGE = 1024 * 1024 * 16


class Trainer:
    """Updates a set of Parameters from their gradients.

    Args:
        params: a ParameterDict, or a dict or list of Parameters.
        optimizer: an Optimizer or the name of one.
        optimizer_params: its arguments, where a name is given.
        kvstore: ``'device'``, ``'local'``, ``'nccl'``, ``'dist_sync'`` and others of ``kvstore.create``, a KVStore, an
            object of a class of your own on ``KVStoreBase``, or None.
        compression_params: gradient compression of the KVStore: ``{'type': '2bit', 'threshold': 0.5}``.
        update_on_kvstore: update in the KVStore (default: where there are several contexts or processes, and no
            Parameter has row_sparse gradients). Row_sparse Parameters always are updated there, on one context too.

    Over several processes all start with the Parameters of process 0 from the first step on, gradients are summed over
    the contexts of all, and ``step`` takes the size of the whole batch. See ``kvstore.buckets`` for when they are sent.

    Raises:
        ValueError: ``params`` are not Parameters, or no such optimizer.
        RuntimeError: a Parameter that is not initialised, or a row_sparse one of another Trainer.
        AssertionError: Parameters on different contexts, arguments for an optimizer that is made already.
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
        self._distributed: bool | None = None
        self._params_to_init = list(self._params)
        self._overlap: Overlap | None = None
        keep_freed_memory()

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
        self._updaters = [optimizer_module.get_updater(self._optimizer) for _ in range(len(self._contexts or ()) or 1)]

    def _init_kvstore(self) -> None:
        """Decides, at the first step, whether gradients go through a KVStore, and who updates."""
        self._contexts = self._check_contexts()
        wanted, on_kvstore = self._kvstore_params["kvstore"], self._kvstore_params["update_on_kvstore"]
        store = self._made_kvstore(wanted)
        capable = store is not None and store.is_capable(KVStoreBase.OPTIMIZER)
        self._distributed = store is not None and "dist" in store.type
        if self._contains_sparse_weight:
            assert capable, (
                "KVStore with sparse weight requires optimizer support. However, type(kv) does not support optimizer. "
                "Please consider other kvstore backends (e.g. dist_device) instead."
            )
            if on_kvstore is False:
                raise ValueError("Cannot set update_on_kvstore=False when sparse weights are present.")
            on_kvstore = True
        elif store is None:
            if on_kvstore and len(self._contexts or ()) > 1:
                raise ValueError("Cannot set update_on_kvstore=True without a kvstore")
            on_kvstore = None
        else:
            on_kvstore = self._who_updates(store, capable, wanted, on_kvstore)
        if on_kvstore and self._distributed and hasattr(self, "_amp_loss_scaler"):
            raise UnsupportedError(
                "a loss scaler with updates in the KVStore over several processes",
                "each process would judge its own gradients, and skip other steps than the rest; "
                "set update_on_kvstore=False",
            )
        self._kvstore, self._update_on_kvstore = store, on_kvstore
        while len(self._updaters) < len(self._contexts or [None]):
            self._updaters.append(optimizer_module.get_updater(self._optimizer))
        if store is not None and self._compression_params:
            self._compress(store)
        if on_kvstore:
            store.set_optimizer(self._optimizer)
        self._kv_initialized = True

    def _made_kvstore(self, wanted: Any) -> Any:
        """The KVStore; None where there is nothing to exchange."""
        named = isinstance(wanted, str)
        if self._contains_sparse_weight:
            if not named and not isinstance(wanted, KVStore):
                raise TypeError(
                    f"Cannot create '{wanted}' KVStore with row_sparse parameters. The type must be KVStore or str."
                )
            return kvstore_module.create(wanted) if named else wanted
        for param in self._params:
            param.list_data()  # raises where initialisation is still deferred
        if wanted is not None and not named and not isinstance(wanted, KVStoreBase):
            raise TypeError("kvstore must be KVStore, str or None")
        store = kvstore_module.create(wanted) if named else wanted
        over_processes = isinstance(store, (DistKVStore, Horovod))
        return None if named and len(self._contexts or ()) <= 1 and not over_processes else store

    def _who_updates(self, store: Any, capable: bool, wanted: Any, on_kvstore: bool | None) -> bool:
        """Whether the KVStore does: as it was asked for, or MXNet's default.

        Raises:
            ValueError: it cannot be as it was asked for.
        """
        if self._contains_sparse_grad:
            if not isinstance(store, KVStore) and not isinstance(store, Horovod):
                raise ValueError(f"Cannot use {type(store)} for multi-device training with sparse gradients")
            if self._distributed:
                if on_kvstore is False:
                    raise ValueError(
                        "Cannot set update_on_kvstore=False on dist kvstore when sparse gradients are present."
                    )
                return True
        if on_kvstore and not capable:
            raise ValueError(f"Please set update_on_kvstore=False when training with {type(store)}")
        if on_kvstore is None:
            # Mixed precision looks at the sums of the gradients before anybody updates.
            scaled = hasattr(self, "_amp_loss_scaler")
            return capable and not self._contains_sparse_grad and not scaled and self._prefers_kvstore(wanted)
        return on_kvstore

    def _compress(self, store: Any) -> None:
        if not hasattr(store, "set_gradient_compression"):
            raise UnsupportedError("Trainer(compression_params=...)", f"{type(store).__name__} cannot compress")
        store.set_gradient_compression(self._compression_params)

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
                with autograd.pause():  # SparseEmbedding comes here in the middle of a forward pass
                    # statistics too, which differ between contexts
                    self._kvstore.broadcast(index, arrays[0], arrays[1:] if type(self._kvstore) is KVStore else arrays)
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
        if isinstance(self._kvstore, KVStore):
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
        """Has the optimizer multiply gradients by ``scale``.

        Raises:
            UserWarning: another one than before, which processes that update for themselves could have differently.
        """
        if self._scale_is_fixed and self._optimizer.rescale_grad != scale:
            raise UserWarning(
                "Possible change in the `batch_size` from previous `step` detected. Optimizer gradient normalizing "
                "factor will not change w.r.t new batch_size when update_on_kvstore=True and when distributed "
                "kvstore is used."
            )
        self._optimizer.rescale_grad = scale

    @property
    def _scale_is_fixed(self) -> bool:
        """From the first step on that processes update for themselves. (Fetching sparse rows comes before it.)"""
        return bool(self._distributed and self._update_on_kvstore and self._optimizer.num_update)

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
        store = self._kvstore
        if store is None:
            return
        trained = [(i, param) for i, param in enumerate(self._params) if param.grad_req != "null"]
        if type(store) not in (KVStore, DistKVStore, Horovod):
            self._allreduce_one_by_one(store, trained)
            return
        keys, grads = [i for i, _ in trained], [param.list_grad() for _, param in trained]
        if self._may_overlap(store):
            totals = [NDArray(t, g[0].context) for t, g in zip(self._sums(store, trained), grads, strict=True)]
            if not self._update_on_kvstore:
                for total, grad in zip(totals, grads, strict=True):
                    total.copyto(grad[0])
                return
            store._apply(keys, totals)
        elif not self._update_on_kvstore:
            store.pushpull(keys, grads, out=grads)
            return
        else:
            store.push(keys, grads)
        # row_sparse values are fetched when they are needed
        dense = [(i, p) for i, p in trained if p._stype == "default" or p._grad_stype == "default"]
        store.pull([i for i, _ in dense], out=[param.list_data() for _, param in dense])

    def _allreduce_one_by_one(self, store: Any, trained: Sequence[tuple[int, Parameter]]) -> None:
        """Through a store of the program's own, as MXNet's Trainer calls it."""
        for i, param in trained:
            if not self._update_on_kvstore:
                store.pushpull(i, param.list_grad(), priority=-i)
            elif param._stype == "default":
                store.pushpull(i, param.list_grad(), out=param.list_data(), priority=-i)
            else:
                store.push(i, param.list_grad(), priority=-i)

    def _may_overlap(self, store: Any) -> bool:
        """Whether sums over processes may begin while ``backward`` runs: of dense gradients on one context."""
        return (
            isinstance(store, (DistKVStore, Horovod))
            and store.num_workers > 1
            and len(self._contexts or ()) == 1
            and not (self._compression_params or self._contains_sparse_grad or self._contains_sparse_weight)
            and not (self._overlap is not None and self._overlap.is_off)
            and overlap_allowed()
        )

    def _sums(self, store: DistKVStore | Horovod, trained: Sequence[tuple[int, Parameter]]) -> list[Any]:
        """The gradients' sums over the processes, and from the second step on they begin during ``backward``."""
        arrays = [param._arrays()[0] for _, param in trained]
        if self._overlap is None:
            processes: Any = store._processes
            self._overlap = Overlap(processes.another(), arrays)
        return self._overlap.sums(arrays)

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
