"""Module: one graph, its parameters and its optimizer."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from .. import ndarray as nd
from .. import optimizer as opt
from ..context import Context, cpu
from ..initializer import InitDesc, Uniform
from ..io import DataBatch, DataDesc
from ..model import (
    _create_kvstore,
    _initialize_kvstore,
    _update_params,
    _update_params_on_kvstore,
    load_checkpoint,
)
from ..ndarray import NDArray, zeros
from ..serialization.params import atomic_write_bytes
from ..symbol import Symbol
from .base_module import BaseModule, _check_input_names, _parse_data_desc
from .executor_group import DataParallelExecutorGroup

__all__ = [
    "BaseModule", "DataDesc", "DataParallelExecutorGroup", "InitDesc", "Module", "Uniform", "load_checkpoint", "zeros",
]  # fmt: skip

Arrays = Mapping[str, NDArray]
_IGNORED = "Parameters already initialized and force_init=False. %s call ignored."


class Module(BaseModule):
    """A graph bound to data of known shapes, with parameters and an optimizer.

    Args:
        symbol: the graph.
        data_names: its arguments that are data.
        label_names: its arguments that are labels.
        logger: where log lines go.
        context: a context or a list of them; each gets a share of every batch.
        work_load_list: the share of the work of each context; default: equal.
        fixed_param_names: parameters that are not trained.
        state_names: arguments that are neither data nor parameters but set with ``set_states``.
        group2ctxs: contexts by ``ctx_group`` attribute: a dict of contexts (or lists, one for each context), or a list
            of dicts. All must be on one device.
        compression_params: gradient compression, see ``KVStore.set_gradient_compression``.

    Raises:
        ValueError: a name that is no argument; of labels it is a warning.
        AssertionError: ``work_load_list`` does not fit the contexts.
    """

    def __init__(
        self,
        symbol: Symbol,
        data_names: Sequence[str] | None = ("data",),
        label_names: Sequence[str] | None = ("softmax_label",),
        logger: Any = logging,
        context: Context | Sequence[Context] = cpu(),  # noqa: B008 - the signature is MXNet's
        work_load_list: Sequence[float] | None = None,
        fixed_param_names: Sequence[str] | None = None,
        state_names: Sequence[str] | None = None,
        group2ctxs: Any = None,
        compression_params: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(logger=logger)
        self._context = [context] if isinstance(context, Context) else list(context)
        self._work_load_list = [1] * len(self._context) if work_load_list is None else list(work_load_list)
        assert len(self._work_load_list) == len(self._context)
        self._group2ctxs = group2ctxs
        self._symbol = symbol
        self._data_names = list(data_names or ())
        self._label_names = list(label_names or ())
        self._state_names = list(state_names or ())
        self._fixed_param_names = list(fixed_param_names or ())
        _check_input_names(symbol, self._data_names, "data", True)
        _check_input_names(symbol, self._label_names, "label", False)
        _check_input_names(symbol, self._state_names, "state", True)
        _check_input_names(symbol, self._fixed_param_names, "fixed_param", True)
        inputs = {*self._data_names, *self._label_names, *self._state_names}
        self._param_names = [n for n in symbol.list_arguments() if n not in inputs]
        self._aux_names = symbol.list_auxiliary_states()
        self._output_names = symbol.list_outputs()
        self._arg_params: dict[str, NDArray] | Any = None
        self._aux_params: dict[str, NDArray] | Any = None
        self._params_dirty = False  # the executors' parameters are newer than ``_arg_params``
        self._compression_params = compression_params
        self._optimizer: Any = None
        self._kvstore: Any = None
        self._update_on_kvstore: bool | None = None
        self._updater: Any = None
        self._preload_opt_states: str | None = None
        self._grad_req: Any = None
        self._exec_group: DataParallelExecutorGroup | Any = None
        self._data_shapes: list[DataDesc] | Any = None
        self._label_shapes: list[DataDesc] | None = None

    # ------------------------------------------------------------------------------------------ files
    @staticmethod
    def load(prefix: str, epoch: int, load_optimizer_states: bool = False, **kwargs: Any) -> Module:
        """A module of the files of ``save_checkpoint``, to be bound.

        Args:
            prefix: of the files' names.
            epoch: number in the files' names.
            load_optimizer_states: take those too, at ``init_optimizer``.
            **kwargs: of ``Module``.
        """
        symbol, arguments, states = load_checkpoint(prefix, epoch)
        module = Module(symbol=symbol, **kwargs)
        module._arg_params, module._aux_params = arguments, states
        module.params_initialized = True
        if load_optimizer_states:
            module._preload_opt_states = f"{prefix}-{epoch:04d}.states"
        return module

    def save_checkpoint(
        self, prefix: str, epoch: int, save_optimizer_states: bool = False, remove_amp_cast: bool = True
    ) -> None:
        """Writes ``PREFIX-symbol.json``, ``PREFIX-EPOCH.params``, and ``PREFIX-EPOCH.states`` if asked to."""
        self._symbol.save(f"{prefix}-symbol.json", remove_amp_cast=remove_amp_cast)
        name = "%s-%04d.params" % (prefix, epoch)  # noqa: UP031 - takes whole floats too, as in MXNet
        self.save_params(name)
        logging.info('Saved checkpoint to "%s"', name)
        if save_optimizer_states:
            name = "%s-%04d.states" % (prefix, epoch)  # noqa: UP031
            self.save_optimizer_states(name)
            logging.info('Saved optimizer state to "%s"', name)

    def save_optimizer_states(self, fname: str) -> None:
        """Writes the optimizer's states."""
        assert self.optimizer_initialized
        if self._update_on_kvstore:
            self._kvstore.save_optimizer_states(fname)
        else:
            atomic_write_bytes(fname, self._updater.get_states())

    def load_optimizer_states(self, fname: str) -> None:
        """Reads the optimizer's states.

        Raises:
            MXNetError: the file holds something else.
        """
        assert self.optimizer_initialized
        if self._update_on_kvstore:
            self._kvstore.load_optimizer_states(fname)
            return
        with open(fname, "rb") as file:
            self._updater.set_states(file.read())

    # ------------------------------------------------------------------------------------------ what it is
    @property
    def data_names(self) -> list[str]:
        """Names of the data."""
        return self._data_names

    @property
    def label_names(self) -> list[str]:
        """Names of the labels."""
        return self._label_names

    @property
    def output_names(self) -> list[str]:
        """Names of the outputs."""
        return self._output_names

    @property
    def data_shapes(self) -> list[DataDesc]:
        """Descriptions of the data."""
        assert self.binded
        return self._data_shapes

    @property
    def label_shapes(self) -> list[DataDesc] | None:
        """Descriptions of the labels; None where it was bound without."""
        assert self.binded
        return self._label_shapes

    @property
    def output_shapes(self) -> list[tuple[str, tuple[int, ...]]]:
        """(name, shape) of each output."""
        assert self.binded
        return self._exec_group.get_output_shapes()

    # ------------------------------------------------------------------------------------------ parameters
    def get_params(self) -> tuple[dict[str, NDArray], dict[str, NDArray]]:
        """(parameters, auxiliary states) by name, on the CPU: copies that later steps do not change.

        Raises:
            AssertionError: before ``init_params``.
        """
        assert self.params_initialized
        if self._params_dirty:
            self._sync_params_from_devices()
        return self._arg_params, self._aux_params

    def _sync_params_from_devices(self) -> None:
        self._exec_group.get_params(self._arg_params, self._aux_params)
        if self._kvstore and self._update_on_kvstore:
            for name, value in sorted(self._arg_params.items()):
                if value.stype == "row_sparse":
                    rows = nd.arange(0, value.shape[0], dtype="int64")
                    self._kvstore.row_sparse_pull(name, value, row_ids=rows)
        self._params_dirty = False

    def init_params(
        self,
        initializer: Any = Uniform(0.01),  # noqa: B008 - the signature is MXNet's
        arg_params: Arrays | None = None,
        aux_params: Arrays | None = None,
        allow_missing: bool = False,
        force_init: bool = False,
        allow_extra: bool = False,
    ) -> None:
        """Gives the parameters their first values.

        Args:
            initializer: for those that are not given; None leaves what ``arg_params`` and ``aux_params`` lack as it is.
            arg_params: parameters by name.
            aux_params: auxiliary states by name.
            allow_missing: what ``arg_params`` and ``aux_params`` lack is left to the initializer.
            force_init: anew, if they have values.
            allow_extra: names that the graph does not have are no error.

        Raises:
            AssertionError: before ``bind``.
            RuntimeError: one is missing.
            TypeError: there is neither an initializer nor a dict of values.
        """
        if self.params_initialized and not force_init:
            warnings.warn(_IGNORED % "init_params", stacklevel=2)
            return
        assert self.binded, "call bind before initializing the parameters"
        attrs = self._symbol.attr_dict()
        for own, given in ((self._arg_params, arg_params), (self._aux_params, aux_params)):
            for name, array in sorted(own.items()):
                if given is not None and name in given:
                    if given[name] is not array:
                        given[name].copyto(array)
                    continue
                if given is not None and not allow_missing:
                    raise RuntimeError(f"{name} is not presented")
                if initializer is not None:
                    initializer(InitDesc(name, attrs.get(name)), array)
                elif given is None:
                    raise TypeError(f"no value for {name}: give arg_params and aux_params, or an initializer")
        self.params_initialized = True
        self._params_dirty = False
        self._exec_group.set_params(self._arg_params, self._aux_params, allow_extra=allow_extra)

    def set_params(
        self,
        arg_params: Arrays | None,
        aux_params: Arrays | None,
        allow_missing: bool = False,
        force_init: bool = True,
        allow_extra: bool = False,
    ) -> None:
        """Sets the parameters; see ``init_params``.

        Raises:
            ValueError: with ``allow_missing``, names that the graph does not have, unless ``allow_extra``.
        """
        if not allow_missing:
            self.init_params(
                initializer=None, arg_params=arg_params, aux_params=aux_params, allow_missing=allow_missing,
                force_init=force_init, allow_extra=allow_extra,
            )  # fmt: skip
            return
        if self.params_initialized and not force_init:
            warnings.warn(_IGNORED % "set_params", stacklevel=2)
            return
        group: Any = self._exec_group
        group.set_params(arg_params, aux_params, allow_extra=allow_extra)
        self._params_dirty = True
        self.params_initialized = True

    # ------------------------------------------------------------------------------------------ binding
    def bind(
        self,
        data_shapes: Sequence[Any],
        label_shapes: Sequence[Any] | None = None,
        for_training: bool = True,
        inputs_need_grad: bool = False,
        force_rebind: bool = False,
        shared_module: Module | None = None,
        grad_req: Any = "write",
    ) -> None:
        """Makes the executors.

        Args:
            data_shapes, label_shapes: ``DataDesc`` or pairs (name, shape), as iterators' ``provide_data`` and
                ``provide_label``; labels may be None.
            for_training: whether ``backward`` will be called.
            inputs_need_grad: gradients of the data too.
            force_rebind: again, if it is bound; parameters stay.
            shared_module: a module whose parameters and optimizer are used.
            grad_req: ``'write'``, ``'add'``, ``'null'``: for all parameters, as a list or a dict for each argument.

        Raises:
            ValueError: names of the data that are not the module's.
            AssertionError: ``inputs_need_grad`` without ``for_training``; a ``shared_module`` without parameters.
            RuntimeError: shapes that do not fit the graph.
        """
        if force_rebind:
            self._reset_bind()
        if self.binded:
            self.logger.warning("Already bound, ignoring bind()")
            return
        assert for_training or not inputs_need_grad
        self.for_training = for_training
        self.inputs_need_grad = inputs_need_grad
        self._grad_req = grad_req
        data, labels = _parse_data_desc(self.data_names, self.label_names, data_shapes, label_shapes)
        shared_group = None
        if shared_module is not None:
            assert isinstance(shared_module, Module) and shared_module.binded and shared_module.params_initialized
            shared_group = shared_module._exec_group
            assert len(shared_group.execs) >= len(self._context)
        self._exec_group = DataParallelExecutorGroup(
            self._symbol, self._context, self._work_load_list, data, labels, self._param_names, for_training,
            inputs_need_grad, shared_group, logger=self.logger, fixed_param_names=self._fixed_param_names,
            grad_req=grad_req, group2ctxs=self._group2ctxs, state_names=self._state_names,
        )  # fmt: skip
        self._data_shapes, self._label_shapes = data, labels
        self.binded = True
        if shared_module is not None:
            self.params_initialized = True
            self._arg_params, self._aux_params = shared_module._arg_params, shared_module._aux_params
        elif self.params_initialized:
            self._exec_group.set_params(self._arg_params, self._aux_params, allow_extra=True)
        else:
            group = self._exec_group
            self._arg_params = _like(self._param_names, group.param_arrays)
            self._aux_params = _like(self._aux_names, group.aux_arrays)
        if shared_module is not None and shared_module.optimizer_initialized:
            self.borrow_optimizer(shared_module)

    def _reset_bind(self) -> None:
        if self.binded and self.params_initialized and self._params_dirty:
            self._sync_params_from_devices()
        self.binded = False
        self._exec_group = None
        self._data_shapes = self._label_shapes = None

    def reshape(self, data_shapes: Sequence[Any], label_shapes: Sequence[Any] | None = None) -> None:
        """Goes on with data of other shapes.

        Raises:
            MXNetError: parameters would have other shapes.
        """
        assert self.binded
        data, labels = _parse_data_desc(self.data_names, self.label_names, data_shapes, label_shapes)
        self._exec_group.reshape(data, labels)
        self._data_shapes, self._label_shapes = data, labels

    # ------------------------------------------------------------------------------------------ optimizer
    def init_optimizer(
        self,
        kvstore: Any = "local",
        optimizer: Any = "sgd",
        optimizer_params: Any = (("learning_rate", 0.01),),
        force_init: bool = False,
    ) -> None:
        """Makes the optimizer; gradients are divided by the batch size unless ``rescale_grad`` is given.

        Args:
            kvstore: see ``kvstore.create``, or None; there is none for one context.
            optimizer: an Optimizer or the name of one.
            optimizer_params: its arguments, a dict or pairs.
            force_init: a new one, if there is one.

        Raises:
            AssertionError: before ``bind`` or ``init_params``, or ``optimizer`` is something else.
            TypeError: ``kvstore`` is something else.
        """
        self._ready()
        if self.optimizer_initialized and not force_init:
            self.logger.warning("optimizer already initialized, ignoring...")
            return
        if self._params_dirty:
            self._sync_params_from_devices()
        store, on_kvstore = _create_kvstore(kvstore, len(self._context), self._arg_params)
        batch_size = self._exec_group.batch_size
        if store and "dist" in store.type and "_sync" in store.type:
            batch_size *= store.num_workers
        rescale_grad = 1.0 / batch_size
        count = 1 if on_kvstore else len(self._context)
        names = {i * count + k: n for i, n in enumerate(self._exec_group.param_names) for k in range(count)}
        optimizer = self._made_optimizer(optimizer, optimizer_params, rescale_grad, names)
        self._optimizer, self._kvstore, self._update_on_kvstore, self._updater = optimizer, store, on_kvstore, None
        if store:
            if self._compression_params:
                store.set_gradient_compression(self._compression_params)
            if on_kvstore:
                store.set_optimizer(optimizer)
            _initialize_kvstore(store, self._exec_group.param_arrays, self._arg_params, self._param_names, on_kvstore)
        if not on_kvstore:
            self._updater = opt.get_updater(optimizer)
        self.optimizer_initialized = True
        if self._preload_opt_states is not None:
            self.load_optimizer_states(self._preload_opt_states)
            self._preload_opt_states = None

    def _made_optimizer(
        self, optimizer: Any, optimizer_params: Any, rescale_grad: float, names: dict[int, str]
    ) -> opt.Optimizer:
        """The optimizer of ``init_optimizer``; ``names`` are the parameters' by index."""
        if isinstance(optimizer, str):
            arguments = {"rescale_grad": rescale_grad, **dict(optimizer_params)}
            return opt.create(optimizer, sym=self.symbol, param_idx2name=names, **arguments)
        assert isinstance(optimizer, opt.Optimizer)
        if optimizer.rescale_grad != rescale_grad:
            warnings.warn(
                "Optimizer created manually outside Module but rescale_grad is not normalized to "
                f"1.0/batch_size/num_workers ({optimizer.rescale_grad} vs. {rescale_grad}). Is this intended?",
                stacklevel=3,
            )
        if not optimizer.idx2name:
            optimizer.idx2name = names.copy()
        return optimizer

    def borrow_optimizer(self, shared_module: Module) -> None:
        """Uses the optimizer of another module, which has the same parameters."""
        assert shared_module.optimizer_initialized
        self._optimizer, self._kvstore = shared_module._optimizer, shared_module._kvstore
        self._update_on_kvstore, self._updater = shared_module._update_on_kvstore, shared_module._updater
        self.optimizer_initialized = True

    def update(self) -> None:
        """One step of the optimizer with the gradients of the last ``backward``."""
        self._ready(optimizer=True)
        self._params_dirty = True
        group: Any = self._exec_group
        if self._update_on_kvstore:
            _update_params_on_kvstore(group.param_arrays, group.grad_arrays, self._kvstore, group.param_names)
        else:
            _update_params(
                group.param_arrays, group.grad_arrays, updater=self._updater, num_device=len(self._context),
                kvstore=self._kvstore, param_names=group.param_names,
            )  # fmt: skip

    # ------------------------------------------------------------------------------------------ running
    def forward(self, data_batch: Any, is_train: bool | None = None) -> None:
        """Computes the outputs of a batch.

        Args:
            data_batch: a ``DataBatch``, or a list of one for each share; other shapes than those bound are taken.
            is_train: train mode; default: as it was bound.

        Raises:
            AssertionError: before ``bind`` or ``init_params``.
            MXNetError: parameters would have other shapes.
        """
        self._ready()
        if isinstance(data_batch, list):
            data_batch = _joined(data_batch)
        shapes = [a.shape for a in data_batch.data]
        if shapes != [d.shape for d in self._data_shapes][: len(shapes)]:
            self._adopt(data_batch, shapes)
        self._exec_group.forward(data_batch, is_train)

    def _adopt(self, batch: Any, shapes: Sequence[tuple[int, ...]]) -> None:
        """Reshapes for a batch: as it describes its arrays, or as they are."""
        data = getattr(batch, "provide_data", None)
        if not data:
            data = [DataDesc(d.name, s, d.dtype, d.layout) for d, s in zip(self._data_shapes, shapes)]
        labels = getattr(batch, "provide_label", None)
        if not labels:
            given = getattr(batch, "label", None)
            labels = None
            if given and self._label_shapes is not None:
                labels = [DataDesc(d.name, a.shape, d.dtype, d.layout) for d, a in zip(self._label_shapes, given)]
        self.reshape(data, labels)

    def backward(self, out_grads: Any = None) -> None:
        """Computes the gradients.

        Args:
            out_grads: gradients of the outputs, an array or a list; losses need none.

        Raises:
            AssertionError: before ``bind`` or ``init_params``, or bound with ``for_training=False``.
        """
        self._ready()
        self._exec_group.backward(out_grads=out_grads)

    def get_outputs(self, merge_multi_context: bool = True) -> list[Any]:
        """The outputs of the last ``forward``; unless merged, of each a list over the contexts."""
        self._ready()
        return self._exec_group.get_outputs(merge_multi_context=merge_multi_context)

    def get_input_grads(self, merge_multi_context: bool = True) -> list[Any]:
        """The gradients of the data; see ``get_outputs``.

        Raises:
            AssertionError: bound without ``inputs_need_grad``.
        """
        assert self.binded and self.params_initialized and self.inputs_need_grad
        return self._exec_group.get_input_grads(merge_multi_context=merge_multi_context)

    def get_states(self, merge_multi_context: bool = True) -> list[list[NDArray]]:
        """The states' arrays, of each a list over the contexts.

        Raises:
            AssertionError: ``merge_multi_context``.
        """
        self._ready()
        return self._exec_group.get_states(merge_multi_context=merge_multi_context)

    def set_states(self, states: Any = None, value: Any = None) -> None:
        """Sets the states from arrays as ``get_states`` gives them, or all to one value.

        Raises:
            AssertionError: both, or none of them.
        """
        self._ready()
        self._exec_group.set_states(states, value)

    def update_metric(self, eval_metric: Any, labels: Any, pre_sliced: bool = False) -> None:
        """Updates a metric with the last outputs.

        Args:
            eval_metric: an EvalMetric.
            labels: list of arrays; with ``pre_sliced`` a list of such lists, one for each context.
            pre_sliced: see there.
        """
        self._exec_group.update_metric(eval_metric, labels, pre_sliced)

    def install_monitor(self, mon: Any) -> None:
        """Watches the executors."""
        assert self.binded
        self._exec_group.install_monitor(mon)

    def prepare(self, data_batch: Any, sparse_row_id_fn: Any = None) -> None:
        """Fetches the rows of row_sparse parameters that a batch needs.

        Args:
            data_batch: the batch.
            sparse_row_id_fn: batch -> {name of a row_sparse parameter: the rows that the batch needs}.
        """
        assert self.binded
        if sparse_row_id_fn is None:
            return
        if not self._kvstore or not self._update_on_kvstore:
            warnings.warn("Parameters are not updated in the KVStore. No need to call sparse_row_id_fn.", stacklevel=2)
            return
        found = sparse_row_id_fn(data_batch)
        assert isinstance(found, dict), f"Expected dict output from sparse_row_id_fn, got {type(found)}"
        for name, rows in found.items():
            arrays = self._exec_group.param_arrays[self._exec_group.param_names.index(name)]
            if arrays[0].stype != "row_sparse":
                warnings.warn(f"{name}.stype is not 'row_sparse'. No need to perform row_sparse_pull.", stacklevel=2)
            else:
                self._kvstore.row_sparse_pull(name, arrays, row_ids=rows)


def _like(names: Sequence[str], arrays: Sequence[Sequence[NDArray]]) -> dict[str, NDArray]:
    """Zeros on the CPU, of the shapes, dtypes and storage types of the executors' arrays."""
    return {n: zeros(a[0].shape, dtype=a[0].dtype, stype=a[0].stype) for n, a in zip(names, arrays)}


def _joined(batches: Sequence[Any]) -> Any:
    """One batch of several."""
    assert batches, "Encountered empty data batch"

    def joined(lists: Sequence[Any]) -> list[NDArray]:
        return [nd.concat(*(a.as_in_context(cpu()) for a in arrays), dim=0) for arrays in zip(*lists)]

    labels = [b.label for b in batches]
    return DataBatch(joined([b.data for b in batches]), joined(labels) if all(labels) else None)
