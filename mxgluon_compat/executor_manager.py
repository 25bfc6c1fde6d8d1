"""``mx.executor_manager``: how batches are shared out between contexts, and the executors of ``FeedForward``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .context import Context, cpu
from .executor import Executor
from .io import DataDesc
from .ndarray import NDArray
from .symbol import Symbol

__all__ = ["DataDesc", "DataParallelExecutorGroup", "DataParallelExecutorManager", "cpu"]

Parts = list[tuple[slice, NDArray]]


def _split_input_slice(batch_size: int, work_load_list: Sequence[float]) -> list[slice]:
    """Which examples of a batch each context gets, by its share of the work; the last one takes what rounding leaves.

    Raises:
        ValueError: a context would get none.
    """
    total = sum(work_load_list)
    counts = [round(load * batch_size / total) for load in work_load_list]
    counts[-1] += max(0, batch_size - sum(counts))
    slices, end = [], 0
    for count in counts:
        begin, end = end, min(end + count, batch_size)
        if begin >= end:
            raise ValueError("Too many slices. Some splits are empty.")
        slices.append(slice(begin, end))
    return slices


def _check_arguments(symbol: Symbol) -> None:
    """Each argument and each auxiliary state must have a name of its own.

    Raises:
        ValueError: two have the same.
    """
    for kind, names in (("argument", symbol.list_arguments()), ("auxiliary param", symbol.list_auxiliary_states())):
        for i, name in enumerate(names):
            if name in names[:i]:
                raise ValueError(
                    f'Find duplicated {kind} name "{name}", please make the weight name non-duplicated(using name '
                    f"arguments), arguments are {names}"
                )


def _put(source: NDArray | np.ndarray, target: NDArray) -> None:
    """Copies into ``target``, cast to its dtype."""
    if isinstance(source, NDArray) and not isinstance(source, np.ndarray):
        source.copyto(target)
    else:
        target[:] = source


def _load_general(sources: Sequence[Any], targets: Sequence[Parts | NDArray]) -> None:
    """Copies whole arrays, or the slices of each along its first axis."""
    for source, target in zip(sources, targets):
        if isinstance(target, NDArray):
            _put(source, target)
            continue
        for part, array in target:
            whole = len(target) == 1 and array.shape == source.shape
            _put(source if whole else source[part], array)


def _load_data(batch: Any, targets: Sequence[Parts | NDArray]) -> None:
    _load_general(batch.data, targets)


def _load_label(batch: Any, targets: Sequence[Parts | NDArray]) -> None:
    _load_general(batch.label, targets)


class DataParallelExecutorGroup:
    """One graph bound on each of several contexts, for a share of each batch.

    Args:
        sym: the graph.
        arg_names: its arguments.
        param_names: those that are parameters, which get gradients.
        ctx: the contexts.
        slices: which examples each gets.
        train_data: has ``provide_data`` and ``provide_label``.
        shared_group: a group whose parameters are used.

    Raises:
        ValueError: two arguments have one name.
    """

    def __init__(
        self,
        sym: Symbol,
        arg_names: Sequence[str],
        param_names: Sequence[str],
        ctx: Sequence[Context],
        slices: Sequence[slice],
        train_data: Any,
        shared_group: DataParallelExecutorGroup | None = None,
    ) -> None:
        _check_arguments(sym)
        descs = [DataDesc(*d) if not isinstance(d, DataDesc) else d
                 for d in [*train_data.provide_data, *train_data.provide_label]]  # fmt: skip
        self.data_names = [d[0] for d in train_data.provide_data]
        self.label_names = [d[0] for d in train_data.provide_label]
        self.aux_names = sym.list_auxiliary_states()
        self.param_names = [n for n in arg_names if n in param_names]
        self.param_idx = [i for i, n in enumerate(arg_names) if n in param_names]
        self.slices = slices
        self.shared_data_arrays: list[dict[str, NDArray]] = (
            [{} for _ in ctx] if shared_group is None else shared_group.shared_data_arrays
        )
        reqs = {n: "write" if n in self.param_names else "null" for n in arg_names}
        self.train_execs: list[Executor] = []
        for i, (context, part) in enumerate(zip(ctx, slices, strict=True)):
            shapes: dict[str, Any] = {d.name: (part.stop - part.start, *d.shape[1:]) for d in descs}
            self.train_execs.append(
                sym.simple_bind(
                    context, grad_req=reqs, type_dict={d.name: d.dtype for d in descs},
                    shared_arg_names=list(self.param_names),
                    shared_exec=None if shared_group is None else shared_group.train_execs[i],
                    shared_buffer=self.shared_data_arrays[i], **shapes,
                )
            )  # fmt: skip
        self.data_arrays = [self._parts(n) for n in self.data_names]
        self.label_arrays = [self._parts(n) for n in self.label_names]
        self.param_arrays = [[e.arg_dict[n] for e in self.train_execs] for n in self.param_names]
        self.grad_arrays = [[e.grad_dict[n] for e in self.train_execs] for n in self.param_names]
        self.aux_arrays = [[e.aux_dict[n] for e in self.train_execs] for n in self.aux_names]

    def _parts(self, name: str) -> Parts:
        return [(part, e.arg_dict[name]) for part, e in zip(self.slices, self.train_execs)]

    def load_data_batch(self, data_batch: Any) -> None:
        """Copies a batch's data and labels to the contexts."""
        _load_data(data_batch, self.data_arrays)
        _load_label(data_batch, self.label_arrays)

    def forward(self, is_train: bool = False) -> None:
        """Computes the outputs on each context."""
        for executor in self.train_execs:
            executor.forward(is_train=is_train)

    def backward(self) -> None:
        """Computes the gradients on each context."""
        for executor in self.train_execs:
            executor.backward()

    def update_metric(self, metric: Any, labels: Sequence[NDArray], pre_sliced: bool = False) -> None:
        """Updates ``metric`` with the outputs of each context and its share of ``labels``.

        Args:
            metric: an EvalMetric.
            labels: arrays of the whole batch; with ``pre_sliced`` a list of them for each context.
            pre_sliced: see there.
        """
        for i, (executor, part) in enumerate(zip(self.train_execs, self.slices)):
            metric.update(labels[i] if pre_sliced else [label[part] for label in labels], executor.outputs)


class DataParallelExecutorManager:
    """The executors of one graph, or of one for each bucket, on several contexts.

    Args:
        symbol: the graph.
        ctx: the contexts.
        train_data: an iterator: ``batch_size``, ``provide_data``, ``provide_label``, with ``sym_gen``
            ``default_bucket_key`` too.
        arg_names, param_names, aux_names: the graph's arguments, those that are parameters, its auxiliary states.
        work_load_list: share of the work of each context; default: equal.
        logger: for the line that names the split; default: ``logging``.
        sym_gen: bucket key -> graph.

    Raises:
        AssertionError: ``work_load_list`` does not fit.
        ValueError: more contexts than examples in a batch, or two arguments of one name.
    """

    def __init__(
        self,
        symbol: Symbol,
        ctx: Sequence[Context],
        train_data: Any,
        arg_names: Sequence[str],
        param_names: Sequence[str],
        aux_names: Sequence[str],
        work_load_list: Sequence[float] | None = None,
        logger: Any = None,
        sym_gen: Callable[[Any], Symbol] | None = None,
    ) -> None:
        (logger or logging).info("Start training with %s", str(ctx))
        loads = [1] * len(ctx) if work_load_list is None else work_load_list
        assert isinstance(loads, list) and len(loads) == len(ctx), "Invalid settings for work load. "
        self.slices = _split_input_slice(train_data.batch_size, loads)
        self.arg_names, self.param_names, self.aux_names = arg_names, param_names, aux_names
        self.ctx = ctx
        self.symbol = symbol
        self.sym_gen = sym_gen
        self.execgrp = DataParallelExecutorGroup(symbol, arg_names, param_names, ctx, self.slices, train_data)
        self.curr_execgrp = self.execgrp
        self.execgrp_bucket = {} if sym_gen is None else {train_data.default_bucket_key: self.execgrp}

    def install_monitor(self, monitor: Any) -> None:
        """Watches all executors.

        Raises:
            NotImplementedError: with ``sym_gen``.
        """
        if self.sym_gen is not None:
            raise NotImplementedError("Monitoring is not implemented for bucketing")
        for executor in self.execgrp.train_execs:
            monitor.install(executor)

    def set_params(self, arg_params: Mapping[str, NDArray], aux_params: Mapping[str, NDArray]) -> None:
        """Copies arrays by name into the parameters of all contexts."""
        for executor in self.execgrp.train_execs:
            executor.copy_params_from(arg_params, aux_params)

    def copy_to(self, arg_params: Mapping[str, NDArray], aux_params: Mapping[str, NDArray]) -> None:
        """Copies the parameters, means over the contexts, into arrays by name."""
        _copy_means(self.param_names, self.param_arrays, arg_params)
        _copy_means(self.aux_names, self.aux_arrays, aux_params)

    @property
    def param_arrays(self) -> list[list[NDArray]]:
        """The parameters' arrays, of each a list over the contexts."""
        return self.execgrp.param_arrays

    @property
    def grad_arrays(self) -> list[list[NDArray]]:
        """Their gradients' arrays likewise."""
        return self.execgrp.grad_arrays

    @property
    def aux_arrays(self) -> list[list[NDArray]]:
        """The auxiliary states' arrays likewise."""
        return self.execgrp.aux_arrays

    def load_data_batch(self, data_batch: Any) -> None:
        """Copies a batch to the contexts, of the executors of its ``bucket_key``."""
        if self.sym_gen is not None:
            key = data_batch.bucket_key
            if key not in self.execgrp_bucket:
                self.execgrp_bucket[key] = DataParallelExecutorGroup(
                    self.sym_gen(key), self.sym_gen(key).list_arguments(), self.param_names, self.ctx, self.slices,
                    data_batch, shared_group=self.execgrp,
                )  # fmt: skip
            self.curr_execgrp = self.execgrp_bucket[key]
        self.curr_execgrp.load_data_batch(data_batch)

    def forward(self, is_train: bool = False) -> None:
        """Computes the outputs of the batch that was loaded."""
        self.curr_execgrp.forward(is_train=is_train)

    def backward(self) -> None:
        """Computes the gradients."""
        self.curr_execgrp.backward()

    def update_metric(self, metric: Any, labels: Sequence[NDArray], pre_sliced: bool = False) -> None:
        """See ``DataParallelExecutorGroup.update_metric``."""
        self.curr_execgrp.update_metric(metric, labels, pre_sliced)


def _copy_means(names: Sequence[str], arrays: Sequence[Sequence[NDArray]], out: Mapping[str, NDArray]) -> None:
    """Copies the mean of each name's arrays over the contexts into its array in ``out``."""
    for name, copies in zip(names, arrays):
        if len(copies) == 1:
            mean = copies[0]
        else:
            mean = sum((a.as_in_context(cpu()) for a in copies[1:]), copies[0].as_in_context(cpu())) / len(copies)
        mean.astype(out[name].dtype, copy=False).copyto(out[name])
