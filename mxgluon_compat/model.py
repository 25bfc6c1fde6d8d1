"""``mx.model``: a graph and its arrays in a pair of files, what training loops share, and ``FeedForward``."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import io, metric
from . import kvstore as kvs
from . import ndarray as nd
from . import optimizer as opt
from . import symbol as sym
from .base import MXNetError, UnsupportedAttributeError
from .callback import LogValidationMetricsCallback
from .context import Context, cpu, current_context
from .executor import Executor
from .executor_manager import DataParallelExecutorManager, _check_arguments, _load_data
from .initializer import Uniform
from .io import DataDesc
from .model_files import load_checkpoint, load_params, save_checkpoint
from .model_updates import (  # noqa: F401 - other code imports them from here
    BatchEndParam,
    _create_kvstore,
    _create_sparse_kvstore,
    _initialize_kvstore,
    _multiple_callbacks,
    _update_params,
    _update_params_on_kvstore,
)
from .ndarray import NDArray
from .optimizer import get_updater
from .symbol import Symbol

__all__ = [
    "BatchEndParam", "Context", "DataDesc", "DataParallelExecutorManager", "FeedForward",
    "LogValidationMetricsCallback", "Uniform", "cpu", "get_updater", "io", "kvs", "load_checkpoint", "load_params",
    "metric", "nd", "opt", "save_checkpoint", "sym",
]  # fmt: skip

SKLEARN_INSTALLED = False
"""Whether ``FeedForward`` is an estimator of scikit-learn: it is none here."""
BASE_ESTIMATOR = object
"""What ``FeedForward`` derives from."""

_ABSENT = {
    "_update_params_on_kvstore_nccl": "there are no separate pushes and pulls for nccl here",
}


def __getattr__(name: str) -> Any:
    if name in _ABSENT:
        raise UnsupportedAttributeError(f"{__name__}.{name}", f"not there ({_ABSENT[name]})")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; see migration_guide.md#what-is-not-there")


# ---------------------------------------------------------------------------------------------- FeedForward
def _train_multi_device(
    symbol: Symbol,
    ctx: Sequence[Context],
    arg_names: Sequence[str],
    param_names: Sequence[str],
    aux_names: Sequence[str],
    arg_params: Mapping[str, NDArray],
    aux_params: Mapping[str, NDArray],
    begin_epoch: int,
    end_epoch: Any,
    epoch_size: int | None,
    optimizer: Any,
    kvstore: Any,
    update_on_kvstore: bool,
    train_data: Any,
    eval_data: Any = None,
    eval_metric: Any = None,
    epoch_end_callback: Any = None,
    batch_end_callback: Any = None,
    logger: Any = None,
    work_load_list: Sequence[float] | None = None,
    monitor: Any = None,
    eval_end_callback: Any = None,
    eval_batch_end_callback: Any = None,
    sym_gen: Callable[[Any], Symbol] | None = None,
) -> None:
    """The training loop of ``FeedForward``; ``arg_params`` and ``aux_params`` are written into after each epoch."""
    logger = logger or logging
    executor_manager = DataParallelExecutorManager(
        symbol=symbol, sym_gen=sym_gen, ctx=ctx, train_data=train_data, param_names=param_names, arg_names=arg_names,
        aux_names=aux_names, work_load_list=work_load_list, logger=logger,
    )  # fmt: skip
    if monitor:
        executor_manager.install_monitor(monitor)
    executor_manager.set_params(arg_params, aux_params)
    updater: Any = None if update_on_kvstore else get_updater(optimizer)
    if kvstore:
        if update_on_kvstore:
            kvstore.set_optimizer(optimizer)
        _initialize_kvstore(kvstore, executor_manager.param_arrays, arg_params, param_names, update_on_kvstore)
    train_data.reset()
    for epoch in range(begin_epoch, end_epoch):
        tic = time.time()
        eval_metric.reset()
        nbatch = 0
        while True:  # an epoch may go over the data more than once
            do_reset = True
            for data_batch in train_data:
                executor_manager.load_data_batch(data_batch)
                if monitor is not None:
                    monitor.tic()
                executor_manager.forward(is_train=True)
                executor_manager.backward()
                arrays = executor_manager.param_arrays, executor_manager.grad_arrays
                if update_on_kvstore:
                    _update_params_on_kvstore(*arrays, kvstore, param_names)
                else:
                    _update_params(
                        *arrays, updater=updater, num_device=len(ctx), kvstore=kvstore, param_names=param_names
                    )
                if monitor is not None:
                    monitor.toc_print()
                executor_manager.update_metric(eval_metric, data_batch.label)
                nbatch += 1
                if batch_end_callback is not None:
                    _multiple_callbacks(batch_end_callback, BatchEndParam(epoch, nbatch, eval_metric, locals()))
                if epoch_size is not None and nbatch >= epoch_size:
                    do_reset = False
                    break
            if do_reset:
                logger.info("Epoch[%d] Resetting Data Iterator", epoch)
                train_data.reset()
            if epoch_size is None or nbatch >= epoch_size:
                break
        logger.info("Epoch[%d] Time cost=%.3f", epoch, time.time() - tic)
        if epoch_end_callback or epoch + 1 == end_epoch:
            executor_manager.copy_to(arg_params, aux_params)
        _multiple_callbacks(epoch_end_callback, epoch, symbol, arg_params, aux_params)
        if eval_data:
            eval_metric.reset()
            eval_data.reset()
            total_num_batch = 0
            for i, eval_batch in enumerate(eval_data):
                executor_manager.load_data_batch(eval_batch)
                executor_manager.forward(is_train=False)
                executor_manager.update_metric(eval_metric, eval_batch.label)
                if eval_batch_end_callback is not None:
                    _multiple_callbacks(eval_batch_end_callback, BatchEndParam(epoch, i, eval_metric, locals()))
                total_num_batch += 1
            eval_data.reset()  # once more, as in MXNet: shuffling draws random numbers
            if eval_end_callback is not None:
                _multiple_callbacks(eval_end_callback, BatchEndParam(epoch, total_num_batch, eval_metric, locals()))


class FeedForward:
    """A graph with parameters, trained and used on arrays or iterators: what MXNet had before ``Module``.

    Args:
        symbol: the graph; or a function bucket key -> graph, for iterators with buckets.
        ctx: a context or a list of them; default: the current one.
        num_epoch: number of the epoch to end before.
        epoch_size: batches of an epoch; default: those of the iterator.
        optimizer: an Optimizer or the name of one.
        initializer: called with the names and arrays of parameters that are not given.
        numpy_batch_size: batch size where arrays are given.
        arg_params, aux_params: parameters and auxiliary states by name.
        allow_extra_params: leave out those that the graph does not have.
        begin_epoch: number of the first epoch.
        **kwargs: arguments of the optimizer.

    Raises:
        ValueError: two arguments of the graph have one name.
    """

    def __init__(
        self,
        symbol: Symbol | Callable[[Any], Symbol],
        ctx: Context | Sequence[Context] | None = None,
        num_epoch: int | None = None,
        epoch_size: int | None = None,
        optimizer: Any = "sgd",
        initializer: Any = Uniform(0.01),  # noqa: B008 - the signature is MXNet's
        numpy_batch_size: int = 128,
        arg_params: Mapping[str, NDArray] | None = None,
        aux_params: Mapping[str, NDArray] | None = None,
        allow_extra_params: bool = False,
        begin_epoch: int = 0,
        **kwargs: Any,
    ) -> None:
        warnings.warn(
            "\033[91mmxnet.model.FeedForward has been deprecated. Please use mxnet.mod.Module instead.\033[0m",
            DeprecationWarning,
            stacklevel=2,
        )
        is_graph = isinstance(symbol, Symbol)
        self.symbol: Any = symbol if is_graph else None
        self.sym_gen: Any = None if is_graph else symbol
        self.arg_params: Any = arg_params
        self.aux_params: Any = aux_params
        self.allow_extra_params = allow_extra_params
        self.argument_checked = False
        if is_graph:
            self._check_arguments()
        ctx = current_context() if ctx is None else ctx
        self.ctx = [ctx] if isinstance(ctx, Context) else list(ctx)
        self.num_epoch = num_epoch
        self.epoch_size = epoch_size
        self.kwargs = kwargs.copy()
        self.optimizer = optimizer
        self.initializer = initializer
        self.numpy_batch_size = numpy_batch_size
        self._pred_exec: Executor | None = None
        self.begin_epoch = begin_epoch

    def _check_arguments(self) -> None:
        if self.argument_checked:
            return
        assert self.symbol is not None
        self.argument_checked = True
        _check_arguments(self.symbol)
        if self.allow_extra_params:
            names = {*self.symbol.list_arguments()}
            self.arg_params = {k: v for k, v in (self.arg_params or {}).items() if k in names} or None
            names = {*self.symbol.list_auxiliary_states()}
            self.aux_params = {k: v for k, v in (self.aux_params or {}).items() if k in names} or None

    @staticmethod
    def _is_data_arg(name: str) -> bool:
        """Whether an argument is data or a label, by the end of its name."""
        return name.endswith(("data", "label"))

    def _init_params(
        self, inputs: Sequence[DataDesc], overwrite: bool = False
    ) -> tuple[list[str], list[str], list[str]]:
        """Gives parameters their values; returns the names of arguments, parameters and auxiliary states."""
        inputs = [d if isinstance(d, DataDesc) else DataDesc(*d) for d in inputs]
        given = {d.name for d in inputs}
        arg_names, aux_names = self.symbol.list_arguments(), self.symbol.list_auxiliary_states()
        shapes, _, aux_shapes = self.symbol.infer_shape(**{d.name: d.shape for d in inputs})
        dtypes, _, aux_dtypes = self.symbol.infer_type(**{d.name: d.dtype for d in inputs})
        param_names = [n for n in arg_names if n not in given]

        def made(names: Any, kept: Mapping[str, NDArray] | None) -> dict[str, NDArray]:
            arrays = {n: nd.zeros(shape, dtype=dtype) for n, shape, dtype in names}
            for name, array in arrays.items():
                if kept and name in kept and not overwrite:
                    array[:] = kept[name][:]
                else:
                    self.initializer(name, array)
            return arrays

        rows = zip(arg_names, shapes, dtypes)
        self.arg_params = made([row for row in rows if row[0] not in given], self.arg_params)
        self.aux_params = made(list(zip(aux_names, aux_shapes, aux_dtypes)), self.aux_params)
        return arg_names, param_names, aux_names

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_pred_exec": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    # ------------------------------------------------------------------------------------------ data
    def _init_iter(self, X: Any, y: Any, is_train: bool) -> Any:  # noqa: N803 - MXNet's name
        """An iterator, of one or of arrays."""
        if isinstance(X, (np.ndarray, NDArray)):
            if y is None:
                if is_train:
                    raise ValueError("y must be specified when X is numpy.ndarray")
                y = np.zeros(X.shape[0])
            if not isinstance(y, (np.ndarray, NDArray)):
                raise TypeError("y must be ndarray when X is numpy.ndarray")
            if X.shape[0] != y.shape[0]:
                raise ValueError("The numbers of data points and labels not equal")
            if y.ndim == 2 and y.shape[1] == 1:
                y = y.reshape((-1,))
            if y.ndim != 1:
                raise ValueError("Label must be 1D or 2D (with 2nd dimension being 1)")
            return io.NDArrayIter(
                X, y, min(X.shape[0], self.numpy_batch_size), shuffle=is_train,
                last_batch_handle="roll_over" if is_train else "pad",
            )  # fmt: skip
        if not isinstance(X, io.DataIter):
            raise TypeError("X must be DataIter, NDArray or numpy.ndarray")
        return X

    def _init_eval_iter(self, eval_data: Any) -> Any:
        if eval_data is None or isinstance(eval_data, io.DataIter):
            return eval_data
        if not (isinstance(eval_data, (tuple, list)) and len(eval_data) == 2):
            raise TypeError(
                "Eval data must be DataIter, or NDArray/numpy.ndarray/list pair (i.e. tuple/list of length 2)"
            )
        data, label = eval_data
        if data is None:
            raise ValueError("Eval data is NONE")
        if label is None and isinstance(data, io.DataIter):
            return data
        data, label = (np.array(a) if isinstance(a, list) else a for a in (data, label))
        return self._init_iter(data, label, is_train=True)

    # ------------------------------------------------------------------------------------------ use
    def _predictor(self, inputs: Sequence[Any]) -> Executor:
        """The executor for data of these shapes, on the first context."""
        if self.arg_params is None:
            raise AttributeError("this FeedForward has no parameters yet: fit it, load it, or give it arg_params")
        inputs = [d if isinstance(d, DataDesc) else DataDesc(*d) for d in inputs]
        shapes = {d.name: tuple(d.shape) for d in inputs}
        unknown = [n for n in shapes if n not in self.symbol.list_arguments()]
        if unknown:
            raise MXNetError(f"the data has {unknown}, the graph no such argument: {self.symbol.list_arguments()}")
        held = self._pred_exec
        if held is None or any(held.arg_dict[n].shape != s for n, s in shapes.items()):
            types = {d.name: d.dtype for d in inputs}
            held = self.symbol.simple_bind(self.ctx[0], grad_req="null", type_dict=types, **shapes)
            self._pred_exec = held
        _check_arguments(self.symbol)
        held.copy_params_from(self.arg_params, self.aux_params, allow_extra_params=self.allow_extra_params)
        return held

    def predict(self, X: Any, num_batch: int | None = None, return_data: bool = False, reset: bool = True) -> Any:  # noqa: N803
        """The outputs for arrays or an iterator, as numpy arrays; filling examples are cut off.

        Args:
            X: an array, or an iterator.
            num_batch: so many batches; default (and 0) all.
            return_data: (outputs, data, labels) instead.
            reset: begin at the iterator's first batch.

        Returns:
            An array, or a list of them if there are several outputs.
        """
        data = self._init_iter(X, None, is_train=False)
        if reset:
            data.reset()
        executor = self._predictor(data.provide_data)
        targets = [executor.arg_dict[d[0]] for d in data.provide_data]
        found: list[list[list[Any]]] = [[], [], []]
        for i, batch in enumerate(data, 1):
            _load_data(batch, targets)
            executor.forward(is_train=False)
            size = data.batch_size - (batch.pad or 0)
            found[0].append([o[:size].asnumpy() for o in executor.outputs])
            if return_data:
                found[1].append([a[:size].asnumpy() for a in batch.data])
                found[2].append([a[:size].asnumpy() for a in batch.label])
            if i == num_batch:  # before the next one is fetched
                break
        columns = [[np.concatenate(parts) for parts in zip(*rows)] for rows in found]
        outputs, inputs, labels = (c[0] if len(c) == 1 else c for c in columns)
        return (outputs, inputs, labels) if return_data else outputs

    def score(
        self,
        X: Any,  # noqa: N803 - MXNet's name
        eval_metric: Any = "acc",
        num_batch: int | None = None,
        batch_end_callback: Any = None,
        reset: bool = True,
    ) -> Any:
        """The metric's value over an iterator.

        Args:
            X: an iterator (or an array, whose labels are 0).
            eval_metric: an EvalMetric, or what ``metric.create`` makes one of.
            num_batch: so many batches; default all.
            batch_end_callback: a function or a list of them, called after each batch with a ``BatchEndParam``.
            reset: begin at the iterator's first batch.
        """
        if not isinstance(eval_metric, metric.EvalMetric):
            eval_metric = metric.create(eval_metric)
        data = self._init_iter(X, None, is_train=False)
        if reset:
            data.reset()
        executor = self._predictor(data.provide_data)
        targets = [executor.arg_dict[d[0]] for d in data.provide_data]
        for i, batch in enumerate(data):
            if num_batch is not None and i == num_batch:
                break
            _load_data(batch, targets)
            executor.forward(is_train=False)
            eval_metric.update(batch.label, executor.outputs)
            if batch_end_callback is not None:
                _multiple_callbacks(batch_end_callback, BatchEndParam(0, i, eval_metric, locals()))
        return eval_metric.get()[1]

    def fit(
        self,
        X: Any,  # noqa: N803 - MXNet's name
        y: Any = None,
        eval_data: Any = None,
        eval_metric: Any = "acc",
        epoch_end_callback: Any = None,
        batch_end_callback: Any = None,
        kvstore: Any = "local",
        logger: Any = None,
        work_load_list: Sequence[float] | None = None,
        monitor: Any = None,
        eval_end_callback: Any = LogValidationMetricsCallback(),  # noqa: B008 - the signature is MXNet's
        eval_batch_end_callback: Any = None,
    ) -> None:
        """Trains.

        Args:
            X, y: arrays of examples and labels, or an iterator as X.
            eval_data: an iterator, or a pair of arrays, to evaluate on after each epoch.
            eval_metric: an EvalMetric, or what ``metric.create`` makes one of.
            epoch_end_callback: a function or a list of them, called with (epoch, graph, parameters, states).
            batch_end_callback: likewise, with a ``BatchEndParam`` after each batch; batches count from 1.
            kvstore: see ``kvstore.create``, or None.
            logger: where log lines go.
            work_load_list: share of the work of each context.
            monitor: a ``mx.monitor.Monitor``.
            eval_end_callback, eval_batch_end_callback: while evaluating.

        Raises:
            TypeError, ValueError: ``X``, ``y`` or ``eval_data`` are something else, or do not fit each other.
        """
        data = self._init_iter(X, y, is_train=True)
        eval_data = self._init_eval_iter(eval_data)
        if self.sym_gen:
            self.symbol = self.sym_gen(data.default_bucket_key)
            self._check_arguments()
        arg_names, param_names, aux_names = self._init_params([*data.provide_data, *data.provide_label])
        if not isinstance(eval_metric, metric.EvalMetric):
            eval_metric = metric.create(eval_metric)
        store, on_kvstore = _create_kvstore(kvstore, len(self.ctx), self.arg_params)
        count = 1 if on_kvstore else len(self.ctx)
        names = {i * count + k: n for i, n in enumerate(param_names) for k in range(count)}
        self.kwargs.update(sym=self.symbol, param_idx2name=names)
        optimizer = self.optimizer
        if isinstance(optimizer, str):
            batch_size = data.batch_size
            if store and "dist" in store.type and "_async" not in store.type:
                batch_size *= store.num_workers
            optimizer = opt.create(optimizer, rescale_grad=1.0 / batch_size, **self.kwargs)
        elif not optimizer.idx2name:
            optimizer.idx2name = names.copy()
        _train_multi_device(
            self.symbol, self.ctx, arg_names, param_names, aux_names, self.arg_params, self.aux_params,
            begin_epoch=self.begin_epoch, end_epoch=self.num_epoch, epoch_size=self.epoch_size, optimizer=optimizer,
            train_data=data, eval_data=eval_data, eval_metric=eval_metric, epoch_end_callback=epoch_end_callback,
            batch_end_callback=batch_end_callback, kvstore=store, update_on_kvstore=on_kvstore, logger=logger,
            work_load_list=work_load_list, monitor=monitor, eval_end_callback=eval_end_callback,
            eval_batch_end_callback=eval_batch_end_callback, sym_gen=self.sym_gen,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------ files
    def save(self, prefix: str, epoch: int | None = None, remove_amp_cast: bool = True) -> None:
        """``save_checkpoint``; ``epoch`` is ``num_epoch`` by default.

        Raises:
            AssertionError: no epoch.
        """
        epoch = self.num_epoch if epoch is None else epoch
        assert epoch is not None
        save_checkpoint(prefix, epoch, self.symbol, self.arg_params, self.aux_params, remove_amp_cast=remove_amp_cast)

    @staticmethod
    def load(prefix: str, epoch: int, ctx: Any = None, **kwargs: Any) -> FeedForward:
        """One of the files of ``save``, that goes on with ``epoch``; ``kwargs`` are the constructor's."""
        symbol, arguments, states = load_checkpoint(prefix, epoch)
        return FeedForward(symbol, ctx=ctx, arg_params=arguments, aux_params=states, begin_epoch=epoch, **kwargs)

    @staticmethod
    def create(
        symbol: Any,
        X: Any,  # noqa: N803 - MXNet's name
        y: Any = None,
        ctx: Any = None,
        num_epoch: int | None = None,
        epoch_size: int | None = None,
        optimizer: Any = "sgd",
        initializer: Any = Uniform(0.01),  # noqa: B008 - the signature is MXNet's
        eval_data: Any = None,
        eval_metric: Any = "acc",
        epoch_end_callback: Any = None,
        batch_end_callback: Any = None,
        kvstore: Any = "local",
        logger: Any = None,
        work_load_list: Sequence[float] | None = None,
        eval_end_callback: Any = LogValidationMetricsCallback(),  # noqa: B008 - the signature is MXNet's
        eval_batch_end_callback: Any = None,
        **kwargs: Any,
    ) -> FeedForward:
        """One that is made and trained at once; see the constructor and ``fit``."""
        made = FeedForward(
            symbol, ctx=ctx, num_epoch=num_epoch, epoch_size=epoch_size, optimizer=optimizer, initializer=initializer,
            **kwargs,
        )  # fmt: skip
        made.fit(
            X, y, eval_data=eval_data, eval_metric=eval_metric, epoch_end_callback=epoch_end_callback,
            batch_end_callback=batch_end_callback, kvstore=kvstore, logger=logger, work_load_list=work_load_list,
            eval_end_callback=eval_end_callback, eval_batch_end_callback=eval_batch_end_callback,
        )  # fmt: skip
        return made
