"""The executors of a Module: one on each context, for its share of the batch."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from .. import ndarray as nd
from ..context import Context
from ..executor import Executor
from ..executor_manager import _copy_means, _put, _split_input_slice
from ..io import DataDesc
from ..ndarray import NDArray
from ..symbol import Symbol

__all__ = ["DataDesc", "DataParallelExecutorGroup"]

Parts = list[tuple[slice, NDArray]]


def _cut(array: Any, axis: int, part: slice) -> Any:
    """The examples ``part`` along the batch axis; the array itself where it has none."""
    if axis < 0 or (part.start == 0 and part.stop == array.shape[axis]):
        return array
    if not axis:
        return array[part]
    if isinstance(array, NDArray):  # of any storage, which indices of several axes are not for
        return nd.slice_axis(array, axis=axis, begin=part.start, end=part.stop)
    return array[(slice(None),) * axis + (part,)]


def _load_general(data: Sequence[Any], targets: Sequence[Any], major_axis: Sequence[int]) -> None:
    """Copies into arrays, lists of arrays from lists, or parts: what each gets along its axis of ``major_axis``."""
    for source, target, axis in zip(data, targets, major_axis):
        if isinstance(target, NDArray):
            _put(source, target)
        elif isinstance(source, (list, tuple)):
            for own, array in zip(source, target):
                _put(own, array)
        else:
            for part, array in target:
                _put(_cut(source, axis, part), array)


def _load(batch: Any, kind: str, targets: Sequence[Any], major_axis: Sequence[int]) -> None:
    """Copies the ``kind`` of arrays of a batch, or of a list of one for each context."""
    if isinstance(batch, list):
        targets = [[array for _, array in parts] for parts in targets]
        data = [[getattr(b, kind)[i] for b in batch] for i in range(len(targets))]
    else:
        data = getattr(batch, kind)
    _load_general(data, targets, major_axis)


def _load_data(batch: Any, targets: Sequence[Any], major_axis: Sequence[int]) -> None:
    _load(batch, "data", targets, major_axis)


def _load_label(batch: Any, targets: Sequence[Any], major_axis: Sequence[int]) -> None:
    _load(batch, "label", targets, major_axis)


def _merge_multi_context(outputs: Sequence[Sequence[NDArray]], major_axis: Sequence[int]) -> list[NDArray]:
    """The arrays of several contexts as one, on the first context; where there is no batch axis, the first's."""
    found = []
    for parts, axis in zip(outputs, major_axis):
        if len(parts) == 1 or axis < 0:
            found.append(parts[0])
        else:
            found.append(nd.concat(*(p.as_in_context(parts[0].context) for p in parts), dim=axis))
    return found


class DataParallelExecutorGroup:
    """A graph bound on each of several contexts.

    Args:
        symbol: the graph.
        contexts: where to.
        workload: share of the work of each context.
        data_shapes, label_shapes: descriptions (``DataDesc``) of the whole batch's arrays; labels may be None.
        param_names: the arguments that are parameters.
        for_training: whether ``backward`` will be called.
        inputs_need_grad: gradients of the data too.
        shared_group: a group whose parameters and memory are used.
        logger: kept.
        fixed_param_names: parameters that get no gradient.
        grad_req: for all parameters, or for each argument as a list or a dict.
        state_names: arguments that are states of the user's, see ``set_states``.
        group2ctxs: contexts by ``ctx_group`` attribute for each context: a list of dicts, or a dict of contexts or
            lists of them.

    Raises:
        AssertionError: arrays of different batch sizes, or a list of another length.
        KeyError: a label that is no argument of the graph.
        ValueError: more contexts than examples, or a ``grad_req`` of another type.
        RuntimeError: shapes that do not fit the graph.
    """

    def __init__(
        self,
        symbol: Symbol,
        contexts: Sequence[Context],
        workload: Sequence[float],
        data_shapes: Sequence[DataDesc],
        label_shapes: Sequence[DataDesc] | None,
        param_names: Sequence[str],
        for_training: bool,
        inputs_need_grad: bool,
        shared_group: DataParallelExecutorGroup | None = None,
        logger: Any = logging,
        fixed_param_names: Sequence[str] | None = None,
        grad_req: Any = "write",
        state_names: Sequence[str] | None = None,
        group2ctxs: Any = None,
    ) -> None:
        self.param_names = param_names
        self.arg_names = symbol.list_arguments()
        self.aux_names = symbol.list_auxiliary_states()
        self.symbol = symbol
        self.contexts = contexts
        self.workload = workload
        self.group2ctxs = _prepare_group2ctxs(group2ctxs, len(contexts))
        self.for_training = for_training
        self.inputs_need_grad = inputs_need_grad
        self.logger = logger
        self.fixed_param_names = fixed_param_names or []
        self.state_names = state_names or []
        data_shapes = [_described(d) for d in data_shapes]
        label_shapes = None if label_shapes is None else [_described(d) for d in label_shapes]
        data_names = [d.name for d in data_shapes]
        self.grad_req = self._reqs(grad_req if for_training else "null", data_names)
        self.shared_data_arrays: list[dict[str, NDArray]] = (
            [{} for _ in contexts] if shared_group is None else shared_group.shared_data_arrays
        )
        self.output_names = symbol.list_outputs()
        self.output_layouts = [DataDesc.get_batch_axis(symbol[i].attr("__layout__")) for i in range(len(symbol))]
        self.num_outputs = len(self.output_names)
        self.batch_size = 0  # of data and labels alike
        self.slices: list[slice] = []
        self.execs: list[Executor] = []
        self._default_execs: list[Executor] = []
        self.data_shapes: Sequence[DataDesc] = ()
        self.label_shapes: Sequence[DataDesc] | None = None
        self.bind_exec(data_shapes, label_shapes, shared_group)

    def _reqs(self, grad_req: Any, data_names: Sequence[str]) -> dict[str, str]:
        def usual(param_req: str) -> dict[str, str]:
            found = {}
            for name in self.arg_names:
                wanted = name in self.param_names and name not in self.fixed_param_names
                wanted |= name in data_names and bool(self.inputs_need_grad)
                found[name] = param_req if wanted else "null"
            return found

        if isinstance(grad_req, str):
            return usual(grad_req)
        if isinstance(grad_req, (list, tuple)):
            assert len(grad_req) == len(self.arg_names), (
                f"grad_req has {len(grad_req)} entries for {len(self.arg_names)} arguments"
            )
            return dict(zip(self.arg_names, grad_req))
        if isinstance(grad_req, dict):
            return {**usual("write"), **grad_req}
        raise ValueError("grad_req must be one of str, list, tuple, or dict.")

    # ------------------------------------------------------------------------------------------ binding
    def decide_slices(self, data_shapes: Sequence[DataDesc]) -> list[int]:
        """Sets which examples each context gets; returns the batch axis of each array."""
        assert data_shapes, "there must be at least one array of data, and of labels unless they are None"
        axes = [DataDesc.get_batch_axis(d.layout) for d in data_shapes]
        for desc, axis in zip(data_shapes, axes):
            if axis < 0:
                continue
            size = desc.shape[axis]
            assert self.batch_size in (0, size), (
                f"all data must have the same batch size: batch_size = {self.batch_size}, but {desc.name} has shape "
                f"{desc.shape}"
            )
            self.batch_size = size
        self.slices = _split_input_slice(self.batch_size, self.workload)
        return axes

    def bind_exec(
        self,
        data_shapes: Sequence[DataDesc],
        label_shapes: Sequence[DataDesc] | None,
        shared_group: DataParallelExecutorGroup | None = None,
        reshape: bool = False,
    ) -> None:
        """Binds executors for these shapes; with ``reshape`` they share the arrays of those that are there."""
        self.batch_size = 0
        data_axes = self.decide_slices(data_shapes)
        label_axes = [] if label_shapes is None else self.decide_slices(label_shapes)
        descs = [*data_shapes, *(label_shapes or ())]
        axes = [*data_axes, *label_axes]
        execs = []
        for i, context in enumerate(self.contexts):
            shapes: dict[str, Any] = {d.name: self._share(d.shape, axis, i) for d, axis in zip(descs, axes)}
            if reshape:
                execs.append(self._default_execs[i].reshape(allow_up_sizing=True, **shapes))
                continue
            execs.append(
                self.symbol.simple_bind(
                    context, grad_req=self.grad_req, type_dict={d.name: d.dtype for d in descs},
                    group2ctx=self.group2ctxs[i], shared_arg_names=list(self.param_names),
                    shared_exec=None if shared_group is None else shared_group.execs[i],
                    shared_buffer=self.shared_data_arrays[i], **shapes,
                )
            )  # fmt: skip
        self.execs = execs
        if not reshape:
            self._default_execs = list(execs)
        self.data_shapes, self.label_shapes = data_shapes, label_shapes
        self.data_layouts, self.label_layouts = data_axes, label_axes
        self.data_names = [d.name for d in data_shapes]
        self.label_names = [d.name for d in label_shapes or ()]
        self._collect_arrays()

    def _share(self, shape: Sequence[int], axis: int, i: int) -> tuple[int, ...]:
        shape = list(shape)
        if axis >= 0:
            shape[axis] = self.slices[i].stop - self.slices[i].start
        return tuple(shape)

    def _collect_arrays(self) -> None:
        def parts(names: Sequence[str]) -> list[Parts]:
            return [[(part, e.arg_dict[name]) for part, e in zip(self.slices, self.execs)] for name in names]

        self.data_arrays = parts(self.data_names)
        self.label_arrays = parts(self.label_names)
        self.state_arrays = [[e.arg_dict[n] for e in self.execs] for n in self.state_names]
        names = [n for n in self.arg_names if n in self.param_names]
        self.param_arrays = [[e.arg_dict[n] for e in self.execs] for n in names]
        self.grad_arrays = [[e.grad_dict[n] for e in self.execs] for n in names] if self.for_training else None
        self.input_grad_arrays = (
            [[e.grad_dict[n] for e in self.execs] for n in self.data_names] if self.inputs_need_grad else None
        )
        self.aux_arrays = [[e.aux_dict[n] for e in self.execs] for n in self.aux_names]

    def reshape(self, data_shapes: Sequence[DataDesc], label_shapes: Sequence[DataDesc] | None) -> None:
        """Executors for other shapes, with the same parameters."""
        if list(data_shapes) == list(self.data_shapes) and label_shapes == self.label_shapes:
            return
        self.bind_exec(data_shapes, label_shapes, reshape=True)

    # ------------------------------------------------------------------------------------------ parameters
    def set_params(
        self, arg_params: Mapping[str, NDArray], aux_params: Mapping[str, NDArray] | None, allow_extra: bool = False
    ) -> None:
        """Copies arrays by name to all contexts.

        Raises:
            ValueError: a name that the graph does not have, unless ``allow_extra``.
        """
        for executor in self.execs:
            executor.copy_params_from(arg_params, aux_params, allow_extra_params=allow_extra)

    def get_params(self, arg_params: Mapping[str, NDArray], aux_params: Mapping[str, NDArray]) -> None:
        """Copies the parameters and states, means over the contexts, into arrays by name."""
        _copy_means(self.param_names, self.param_arrays, arg_params)
        _copy_means(self.aux_names, self.aux_arrays, aux_params)

    def get_states(self, merge_multi_context: bool = True) -> list[list[NDArray]]:
        """The states' arrays, of each a list over the contexts.

        Raises:
            AssertionError: ``merge_multi_context``.
        """
        assert not merge_multi_context, "merge_multi_context=True is not supported for get_states yet."
        return self.state_arrays

    def set_states(self, states: Sequence[Any] | None = None, value: float | None = None) -> None:
        """Sets the states from arrays as ``get_states`` gives them, or all to one value.

        Raises:
            AssertionError: both, or none of them.
        """
        if states is not None:
            assert value is None, "Only one of states & value can be specified."
            for source, targets in zip(states, self.state_arrays):
                whole = source if isinstance(source, (list, tuple)) else [source[part] for part in self.slices]
                for array, target in zip(whole, targets):
                    _put(array, target)
            return
        assert value is not None, "At least one of states & value must be specified."
        for targets in self.state_arrays:
            for target in targets:
                target[:] = value

    # ------------------------------------------------------------------------------------------ running
    def forward(self, data_batch: Any, is_train: bool | None = None) -> None:
        """Copies a batch, or a list of one for each context, to the contexts and computes the outputs."""
        _load_data(data_batch, self.data_arrays, self.data_layouts)
        is_train = self.for_training if is_train is None else is_train
        first = data_batch[0] if isinstance(data_batch, list) else data_batch
        if self.label_arrays and first.label:
            _load_label(data_batch, self.label_arrays, self.label_layouts)
        for executor in self.execs:
            executor.forward(is_train=is_train)

    def get_output_shapes(self) -> list[tuple[str, tuple[int, ...]]]:
        """(name, shape for the whole batch) of each output."""
        found = []
        for name, output, axis in zip(self.output_names, self.execs[0].outputs, self.output_layouts):
            shape = list(output.shape)
            if axis >= 0:
                shape[axis] = self.batch_size
            found.append((name, tuple(shape)))
        return found

    def get_outputs(self, merge_multi_context: bool = True, begin: int = 0, end: int | None = None) -> list[Any]:
        """The outputs of the last ``forward``, from ``begin`` to ``end``.

        Args:
            merge_multi_context: one array for each output; else a list over the contexts.
            begin, end: which outputs.
        """
        chosen = range(self.num_outputs)[begin:end]
        outputs = [[e.outputs[i] for e in self.execs] for i in chosen]
        return (
            _merge_multi_context(outputs, [self.output_layouts[i] for i in chosen]) if merge_multi_context else outputs
        )

    def get_input_grads(self, merge_multi_context: bool = True) -> list[Any]:
        """The gradients of the data; see ``get_outputs``.

        Raises:
            AssertionError: bound without ``inputs_need_grad``.
        """
        assert self.inputs_need_grad, "bind with inputs_need_grad=True to get the gradients of the data"
        found: Any = self.input_grad_arrays
        return _merge_multi_context(found, self.data_layouts) if merge_multi_context else found

    def backward(self, out_grads: Any = None) -> None:
        """Computes the gradients.

        Args:
            out_grads: gradients of the outputs, for the whole batch: an array or a list of them; losses need none.

        Raises:
            AssertionError: bound with ``for_training=False``.
        """
        assert self.for_training, "re-bind with for_training=True to run backward"
        given = [] if out_grads is None else [out_grads] if isinstance(out_grads, NDArray) else out_grads
        for executor, part in zip(self.execs, self.slices):
            executor.backward(
                [_cut(g, axis, part).as_in_context(executor._ctx) for g, axis in zip(given, self.output_layouts)]
            )

    def update_metric(self, eval_metric: Any, labels: Sequence[Any], pre_sliced: bool) -> None:
        """Updates a metric with the outputs of each context and its share of the labels.

        Args:
            eval_metric: an EvalMetric.
            labels: arrays of the whole batch; with ``pre_sliced`` a list of them for each context.
            pre_sliced: see there.
        """
        for i, (executor, part) in enumerate(zip(self.execs, self.slices)):
            own = labels[i] if pre_sliced else [_cut(a, axis, part) for a, axis in zip(labels, self.label_layouts)]
            eval_metric.update_dict(
                OrderedDict(zip(self.label_names, own)), OrderedDict(zip(self.output_names, executor.outputs))
            )

    def install_monitor(self, mon: Any) -> None:
        """Watches all executors."""
        for executor in self.execs:
            mon.install(executor)


def _described(desc: DataDesc | tuple[str, Any]) -> DataDesc:
    return desc if isinstance(desc, DataDesc) else DataDesc(*desc)


def _prepare_group2ctxs(group2ctxs: Any, ctx_len: int) -> list[Mapping[str, Context] | None]:
    """A dict of contexts by group for each context of the module."""
    if group2ctxs is None:
        return [None] * ctx_len
    if isinstance(group2ctxs, list):
        assert len(group2ctxs) == ctx_len, f"group2ctxs has {len(group2ctxs)} entries for {ctx_len} contexts"
        return group2ctxs
    assert isinstance(group2ctxs, Mapping), f"group2ctxs must be a dict or a list of dicts, got {type(group2ctxs)}"
    found: list[Any] = [{} for _ in range(ctx_len)]
    for group, contexts in group2ctxs.items():
        contexts = [contexts] if isinstance(contexts, Context) else list(contexts)
        contexts = contexts * ctx_len if len(contexts) == 1 else contexts
        assert len(contexts) == ctx_len, f"group {group!r} has {len(contexts)} contexts, the module {ctx_len}"
        for own, context in zip(found, contexts):
            own[group] = context
    return found
