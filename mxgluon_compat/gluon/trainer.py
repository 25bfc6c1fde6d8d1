"""Trainer: applies an optimizer to Parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import kvstore as kvstore_module
from .. import optimizer as optimizer_module
from ..base import UnsupportedError
from ..context import Context
from .parameter import Parameter, ParameterDict

__all__ = ["Trainer"]


class Trainer:
    """Updates a set of Parameters from their gradients.

    Args:
        params: a ParameterDict, or a dict or list of Parameters.
        optimizer: an Optimizer or the name of one.
        optimizer_params: its arguments, where a name is given.
        kvstore: ``'device'``, ``'local'``, ``'nccl'``, a KVStore, or None.
        compression_params: gradient compression; not there yet.
        update_on_kvstore: update in the KVStore (default: where there are several contexts).

    Raises:
        ValueError: ``params`` are not Parameters, or no such optimizer.
        RuntimeError: a Parameter that is not initialised.
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
            param._trainer = self
        if compression_params:
            raise UnsupportedError("Trainer(compression_params=...)", "gradient compression is not there yet")
        self._compression_params = compression_params
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
                "initialized "
                f"on {ctx} while previous Parameters are initialized on {contexts}."
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
        """Decides, at the first step, whether gradients go through a KVStore."""
        self._contexts = self._check_contexts()
        for param in self._params:
            param.list_data()  # raises where initialisation is still deferred
        wanted, on_kvstore = self._kvstore_params["kvstore"], self._kvstore_params["update_on_kvstore"]
        if wanted is not None and not isinstance(wanted, (str, kvstore_module.KVStore)):
            raise TypeError("kvstore must be KVStore, str or None")
        store = kvstore_module.create(wanted) if isinstance(wanted, str) else wanted
        several = len(self._contexts or ()) > 1
        if store is not None and not several and isinstance(wanted, str):
            store = None  # nothing to exchange
        if store is None:
            if on_kvstore and several:
                raise ValueError("Cannot set update_on_kvstore=True without a kvstore")
            on_kvstore = None
        elif on_kvstore is None:
            on_kvstore = True
        self._kvstore, self._update_on_kvstore = store, on_kvstore
        while len(self._updaters) < len(self._contexts or [None]):
            self._updaters.append(optimizer_module.get_updater(self._optimizer))
        if store is not None:
            if on_kvstore:
                store.set_optimizer(self._optimizer)
            for i, param in enumerate(self._params):
                store.init(i, param.list_data()[0])
        self._kv_initialized = True

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
        self._allreduce_grads()
        self._update(ignore_stale_grad)

    def _begin(self, batch_size: float) -> None:
        self._optimizer.rescale_grad = self._scale / batch_size
        if not self._kv_initialized:
            self._init_kvstore()

    def allreduce_grads(self) -> None:
        """Sums the gradients of all contexts, for ``update``.

        Raises:
            AssertionError: Parameters are updated in the KVStore.
        """
        if not self._kv_initialized:
            self._init_kvstore()
        assert not self._update_on_kvstore, (
            "allreduce_grads() when parameters are updated on kvstore is not supported. Try setting "
            "`update_on_kvstore` to "
            "False when creating trainer."
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
            else:
                self._kvstore.pushpull(i, param.list_grad(), out=param.list_grad())

    def update(self, batch_size: float, ignore_stale_grad: bool = False) -> None:
        """One update from gradients that ``allreduce_grads`` has summed. See ``step``.

        Raises:
            AssertionError: Parameters are updated in the KVStore.
        """
        if not self._kv_initialized:
            self._init_kvstore()
        assert not self._update_on_kvstore, (
            "update() when parameters are updated on kvstore is not supported. Try setting `update_on_kvstore` to "
            "False "
            "when creating trainer."
        )
        self._begin(batch_size)
        self._update(ignore_stale_grad)

    def _update(self, ignore_stale_grad: bool) -> None:
        work: list[tuple[list[int], list[Any], list[Any]]] = [([], [], []) for _ in self._updaters]
        for i, param in enumerate(self._params):
            if param._grad_req == "null":
                continue
            arrays = param.list_data()
            if not ignore_stale_grad:
                for array in arrays:
                    if not array._slot.fresh:
                        raise UserWarning(
                            f"Gradient of Parameter `{param.name}` on context {array.context} has not been updated by "
                            "backward since last `step`. This could mean a bug in your model that made it only use a "
                            "subset of the Parameters (Blocks) for this iteration. If you are intentionally only "
                            "using a "
                            "subset, call step with ignore_stale_grad=True to suppress this warning and skip updating "
                            "of "
                            "Parameters with stale gradient"
                        )
            if self._update_on_kvstore:
                self._kvstore.pull(i, out=arrays)
                for array in arrays:
                    array._slot.fresh = False
                continue
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
        """Writes the optimizer's states, counters and settings to a file (safetensors, not MXNet's pickle)."""
        assert self._optimizer is not None
        if not self._kv_initialized:
            self._init_kvstore()
        if self._update_on_kvstore:
            self._kvstore.save_optimizer_states(fname, dump_optimizer=True)
            return
        with open(fname, "wb") as file:
            file.write(self._updaters[0].get_states(dump_optimizer=True))

    def load_states(self, fname: str) -> None:
        """Reads what ``save_states`` wrote.

        Raises:
            MXNetError: the file holds no states, or those of another optimizer.
        """
        if not self._kv_initialized:
            self._init_kvstore()
        if self._update_on_kvstore:
            self._kvstore.load_optimizer_states(fname)
            return
        with open(fname, "rb") as file:
            states = file.read()
        for updater in self._updaters:
            updater.set_states(states)
