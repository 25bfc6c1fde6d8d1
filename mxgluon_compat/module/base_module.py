"""What all modules have in common: training, evaluation and prediction on top of a few methods of their own."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .. import metric, ndarray
from ..context import cpu
from ..initializer import Uniform
from ..io import DataBatch, DataDesc, DataIter
from ..model import BatchEndParam
from ..ndarray import NDArray
from ..symbol import Symbol

__all__ = ["BaseModule", "BatchEndParam", "DataBatch", "DataDesc", "DataIter", "Uniform", "cpu"]

_PARAMETER_ENDINGS = ("_weight", "_bias", "_gamma", "_beta")


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _check_input_names(symbol: Symbol, names: Sequence[str], typename: str, throw: bool) -> None:
    """All names must be arguments of the graph.

    Raises:
        ValueError: one is not, and ``throw``; else it is a warning.
    """
    arguments = symbol.list_arguments()
    for name in names:
        if name in arguments:
            continue
        candidates = "\n\t".join(a for a in arguments if not a.endswith(_PARAMETER_ENDINGS))
        message = (
            f"\033[91mYou created Module with Module(..., {typename}_names={names}) but input with name '{name}' is "
            f"not found in symbol.list_arguments(). Did you mean one of:\n\t{candidates}\033[0m"
        )
        if throw:
            raise ValueError(message)
        warnings.warn(message, stacklevel=4)


def _check_names_match(names: Sequence[str], shapes: Sequence[DataDesc], kind: str, throw: bool) -> None:
    if sorted(names) == sorted(d[0] for d in shapes):
        return
    message = f"Data provided by {kind}_shapes don't match names specified by {kind}_names ({shapes} vs. {list(names)})"
    if throw:
        raise ValueError(message)
    warnings.warn(message, stacklevel=5)


def _parse_data_desc(
    data_names: Sequence[str],
    label_names: Sequence[str],
    data_shapes: Sequence[Any],
    label_shapes: Sequence[Any] | None,
) -> tuple[list[DataDesc], list[DataDesc] | None]:
    """Descriptions, from those or from pairs (name, shape).

    Raises:
        ValueError: the data's names are not the module's; labels' are a warning.
    """
    data = [d if isinstance(d, DataDesc) else DataDesc(*d) for d in data_shapes]
    _check_names_match(data_names, data, "data", True)
    labels = None
    if label_shapes is not None:
        labels = [d if isinstance(d, DataDesc) else DataDesc(*d) for d in label_shapes]
    _check_names_match(label_names, labels or [], "label", False)
    return data, labels


def _unpadded(outputs: Sequence[NDArray], pad: int | None) -> list[NDArray]:
    """Without the examples that only fill the batch up."""
    return [out[: out.shape[0] - (pad or 0)] for out in outputs]


class BaseModule:
    """Base class of modules; subclasses define what raises NotImplementedError here.

    Args:
        logger: where log lines go.

    Attributes:
        binded, params_initialized, optimizer_initialized: what has been done already.
        for_training, inputs_need_grad: how it was bound.
    """

    def __init__(self, logger: Any = logging) -> None:
        self.logger = logger
        self.binded = False
        self.for_training = False
        self.inputs_need_grad = False
        self.params_initialized = False
        self.optimizer_initialized = False
        self._symbol: Any = None
        self._total_exec_bytes = 0

    def _ready(self, optimizer: bool = False) -> None:
        """Raises AssertionError before ``bind`` and ``init_params``, with ``optimizer`` before ``init_optimizer``."""
        assert self.binded and self.params_initialized
        assert not optimizer or self.optimizer_initialized

    # ------------------------------------------------------------------------------------------ loops
    def forward_backward(self, data_batch: Any) -> None:
        """``forward`` in train mode, then ``backward``."""
        self.forward(data_batch, is_train=True)
        self.backward()

    def score(
        self,
        eval_data: Any,
        eval_metric: Any,
        num_batch: int | None = None,
        batch_end_callback: Any = None,
        score_end_callback: Any = None,
        reset: bool = True,
        epoch: int = 0,
        sparse_row_id_fn: Any = None,
    ) -> list[tuple[str, float]]:
        """The metric's (name, value) pairs over a data set.

        Args:
            eval_data: an iterator over batches.
            eval_metric: an EvalMetric, or what ``metric.create`` makes one of.
            num_batch: so many batches; default all.
            batch_end_callback: a function or list of them, called after each batch with a ``BatchEndParam``.
            score_end_callback: likewise, at the end.
            reset: begin at the iterator's first batch.
            epoch: the number that the callbacks see.
            sparse_row_id_fn: see ``prepare``.

        Raises:
            AssertionError: before ``bind`` or ``init_params``.
        """
        self._ready()
        if reset:
            eval_data.reset()
        if not isinstance(eval_metric, metric.EvalMetric):
            eval_metric = metric.create(eval_metric)
        eval_metric.reset()
        actual_num_batch = 0
        for nbatch, eval_batch in enumerate(eval_data):
            if num_batch is not None and nbatch == num_batch:
                break
            self.prepare(eval_batch, sparse_row_id_fn=sparse_row_id_fn)
            self.forward(eval_batch, is_train=False)
            self._count(eval_metric, eval_batch)
            if batch_end_callback is not None:
                batch_end_params = BatchEndParam(epoch, nbatch, eval_metric, locals())
                for callback in _as_list(batch_end_callback):
                    callback(batch_end_params)
            actual_num_batch += 1
        if score_end_callback:
            params = BatchEndParam(epoch, actual_num_batch, eval_metric, locals())
            for callback in _as_list(score_end_callback):
                callback(params)
        return eval_metric.get_name_value()

    def _count(self, eval_metric: Any, batch: Any) -> None:
        """Updates a metric with a batch, or with a list of one for each context."""
        if isinstance(batch, list):
            self.update_metric(eval_metric, [b.label for b in batch], pre_sliced=True)
        else:
            self.update_metric(eval_metric, batch.label)

    def iter_predict(
        self, eval_data: Any, num_batch: int | None = None, reset: bool = True, sparse_row_id_fn: Any = None
    ) -> Iterator[tuple[list[NDArray], int, Any]]:
        """Gives (outputs, number of the batch, batch) for each batch; filling examples are cut off.

        Raises:
            AssertionError: before ``bind`` or ``init_params``.
        """
        self._ready()
        if reset:
            eval_data.reset()
        for nbatch, eval_batch in enumerate(eval_data):
            if num_batch is not None and nbatch == num_batch:
                break
            self.prepare(eval_batch, sparse_row_id_fn=sparse_row_id_fn)
            self.forward(eval_batch, is_train=False)
            yield _unpadded(self.get_outputs(), eval_batch.pad), nbatch, eval_batch

    def predict(
        self,
        eval_data: Any,
        num_batch: int | None = None,
        merge_batches: bool = True,
        reset: bool = True,
        always_output_list: bool = False,
        sparse_row_id_fn: Any = None,
    ) -> Any:
        """The outputs for a data set.

        Args:
            eval_data: an iterator over batches, or an array that is one batch.
            num_batch: so many batches; default all.
            merge_batches: one array for each output; else a list of them for each batch.
            reset: begin at the iterator's first batch.
            always_output_list: a list for a single output too.
            sparse_row_id_fn: see ``prepare``.

        Returns:
            An array; a list of them if there are several outputs; or see ``merge_batches``.

        Raises:
            AssertionError: before ``bind`` or ``init_params``, or numbers of outputs that differ.
            ValueError: something else than an iterator or an array.
        """
        self._ready()
        if isinstance(eval_data, (NDArray, np.ndarray)):
            data = ndarray.array(eval_data) if not isinstance(eval_data, NDArray) else eval_data
            self.forward(DataBatch([data]))
            return self.get_outputs()[0]
        if not isinstance(eval_data, DataIter):
            raise ValueError("eval_data must be of type NDArray or DataIter")
        found = [
            [out.copy() for out in outputs]  # the next batch writes into the same arrays
            for outputs, _, _ in self.iter_predict(eval_data, num_batch, reset, sparse_row_id_fn)
        ]
        if not found or not merge_batches:
            return found
        assert len({len(outputs) for outputs in found}) == 1, (
            "Cannot merge batches, as num of outputs is not the same in mini-batches. Maybe bucketing is used?"
        )
        merged = [ndarray.concat(*parts, dim=0) for parts in zip(*found)]
        return merged[0] if len(merged) == 1 and not always_output_list else merged

    def fit(
        self,
        train_data: Any,
        eval_data: Any = None,
        eval_metric: Any = "acc",
        epoch_end_callback: Any = None,
        batch_end_callback: Any = None,
        kvstore: Any = "local",
        optimizer: Any = "sgd",
        optimizer_params: Any = (("learning_rate", 0.01),),
        eval_end_callback: Any = None,
        eval_batch_end_callback: Any = None,
        initializer: Any = Uniform(0.01),  # noqa: B008 - the signature is MXNet's
        arg_params: Mapping[str, NDArray] | None = None,
        aux_params: Mapping[str, NDArray] | None = None,
        allow_missing: bool = False,
        force_rebind: bool = False,
        force_init: bool = False,
        begin_epoch: int = 0,
        num_epoch: int | None = None,
        validation_metric: Any = None,
        monitor: Any = None,
        sparse_row_id_fn: Any = None,
    ) -> None:
        """Trains: ``bind``, ``init_params``, ``init_optimizer``, then epochs of forward, backward, update.

        Args:
            train_data: an iterator over batches.
            eval_data: one to evaluate on after each epoch.
            eval_metric: the metric while training.
            epoch_end_callback: a function or a list of them, called with (epoch, graph, parameters, states).
            batch_end_callback: likewise, with a ``BatchEndParam`` after each batch.
            kvstore, optimizer, optimizer_params: see ``init_optimizer``.
            eval_end_callback, eval_batch_end_callback: see ``score``.
            initializer, arg_params, aux_params, allow_missing, force_init: see ``init_params``.
            force_rebind: bind again.
            begin_epoch: number of the first epoch.
            num_epoch: number of the epoch to end before.
            validation_metric: for ``eval_data``; default ``eval_metric``.
            monitor: a ``mx.monitor.Monitor``.
            sparse_row_id_fn: see ``prepare``.

        Raises:
            AssertionError: no ``num_epoch``.
        """
        assert num_epoch is not None, "please specify number of epochs"
        self.bind(
            data_shapes=train_data.provide_data, label_shapes=train_data.provide_label, for_training=True,
            force_rebind=force_rebind,
        )  # fmt: skip
        if monitor is not None:
            self.install_monitor(monitor)
        self.init_params(
            initializer=initializer, arg_params=arg_params, aux_params=aux_params, allow_missing=allow_missing,
            force_init=force_init,
        )  # fmt: skip
        self.init_optimizer(kvstore=kvstore, optimizer=optimizer, optimizer_params=optimizer_params)
        if validation_metric is None:
            validation_metric = eval_metric
        if not isinstance(eval_metric, metric.EvalMetric):
            eval_metric = metric.create(eval_metric)
        for epoch in self._epochs(train_data, begin_epoch, num_epoch):
            tic = time.time()
            eval_metric.reset()
            nbatch = 0
            data_iter = iter(train_data)
            next_data_batch = next(data_iter)
            end_of_batch = False
            while not end_of_batch:
                data_batch = next_data_batch
                if monitor is not None:
                    monitor.tic()
                self.forward_backward(data_batch)
                self.update()
                self._count(eval_metric, data_batch)
                try:  # the next batch is fetched while an asynchronous device still computes this one
                    next_data_batch = next(data_iter)
                    self.prepare(next_data_batch, sparse_row_id_fn=sparse_row_id_fn)
                except StopIteration:
                    end_of_batch = True
                if monitor is not None:
                    monitor.toc_print()
                if end_of_batch:
                    eval_name_vals = eval_metric.get_global_name_value()  # callbacks may reset the local ones
                if batch_end_callback is not None:
                    batch_end_params = BatchEndParam(epoch, nbatch, eval_metric, locals())
                    for callback in _as_list(batch_end_callback):
                        callback(batch_end_params)
                nbatch += 1
            for name, value in eval_name_vals:
                self.logger.info("Epoch[%d] Train-%s=%f", epoch, name, value)
            self.logger.info("Epoch[%d] Time cost=%.3f", epoch, time.time() - tic)
            # Statistics differ between contexts: all get the means.
            arguments, states = self.get_params()
            self.set_params(arguments, states)
            if epoch_end_callback is not None:
                for callback in _as_list(epoch_end_callback):
                    callback(epoch, self.symbol, arguments, states)
            if eval_data:
                found = self.score(
                    eval_data, validation_metric, score_end_callback=eval_end_callback,
                    batch_end_callback=eval_batch_end_callback, epoch=epoch,
                )  # fmt: skip
                for name, value in found:
                    self.logger.info("Epoch[%d] Validation-%s=%f", epoch, name, value)

    def _epochs(self, train_data: Any, begin_epoch: int, num_epoch: int) -> Iterable[int]:
        """The numbers of the epochs of ``fit``; for each the data are at their first batch."""
        for epoch in range(begin_epoch, num_epoch):
            yield epoch
            train_data.reset()

    def prepare(self, data_batch: Any, sparse_row_id_fn: Any = None) -> None:
        """What is to be done before ``forward`` of a batch: here nothing.

        Args:
            data_batch: the batch.
            sparse_row_id_fn: batch -> {name of a row_sparse parameter: the rows that the batch needs}.
        """
        if sparse_row_id_fn is not None:
            warnings.warn("sparse_row_id_fn is not invoked for BaseModule.", stacklevel=2)

    # ------------------------------------------------------------------------------------------ parameters
    def set_params(
        self,
        arg_params: Mapping[str, NDArray] | None,
        aux_params: Mapping[str, NDArray] | None,
        allow_missing: bool = False,
        force_init: bool = True,
        allow_extra: bool = False,
    ) -> None:
        """``init_params`` without an initializer."""
        self.init_params(
            initializer=None, arg_params=arg_params, aux_params=aux_params, allow_missing=allow_missing,
            force_init=force_init, allow_extra=allow_extra,
        )  # fmt: skip

    def save_params(self, fname: str) -> None:
        """Writes parameters and states to a file, under ``arg:`` and ``aux:`` names."""
        arguments, states = self.get_params()
        arrays = {f"arg:{k}": v.as_in_context(cpu()) for k, v in arguments.items()}
        arrays.update({f"aux:{k}": v.as_in_context(cpu()) for k, v in states.items()})
        ndarray.save(fname, arrays)

    def load_params(self, fname: str) -> None:
        """Takes parameters and states from a file of ``save_params``.

        Raises:
            ValueError: the file holds something else.
            RuntimeError: parameters are missing in it.
        """
        loaded = ndarray.load(fname)
        kinds: dict[str, dict[str, NDArray]] = {"arg": {}, "aux": {}}
        for key, value in loaded.items() if isinstance(loaded, dict) else ():
            kind, _, name = key.partition(":")
            if kind not in kinds:
                raise ValueError(f"Invalid param file {fname}: the name {key!r} begins with neither 'arg:' nor 'aux:'")
            kinds[kind][name] = value
        if not isinstance(loaded, dict):
            raise ValueError(f"Invalid param file {fname}: a list of arrays without names")
        self.set_params(kinds["arg"], kinds["aux"])

    def get_states(self, merge_multi_context: bool = True) -> list[Any]:
        """The states: a module of this kind has none.

        Raises:
            AssertionError: before ``bind`` or ``init_params``, or ``merge_multi_context``.
        """
        self._ready()
        assert not merge_multi_context
        return []

    def set_states(self, states: Any = None, value: Any = None) -> None:
        """Sets the states: a module of this kind has none.

        Raises:
            AssertionError: before ``bind`` or ``init_params``, or there is something to set.
        """
        self._ready()
        assert not states and not value

    # ------------------------------------------------------------------------------------------ of each module
    @property
    def symbol(self) -> Any:
        """The graph, None where there is none."""
        return self._symbol

    @property
    def data_names(self) -> Sequence[str]:
        """Names of the data."""
        raise NotImplementedError

    @property
    def output_names(self) -> Sequence[str]:
        """Names of the outputs."""
        raise NotImplementedError

    @property
    def data_shapes(self) -> Any:
        """Descriptions of the data."""
        raise NotImplementedError

    @property
    def label_shapes(self) -> Any:
        """Descriptions of the labels."""
        raise NotImplementedError

    @property
    def output_shapes(self) -> Any:
        """(name, shape) of each output."""
        raise NotImplementedError

    def get_params(self) -> tuple[dict[str, NDArray], dict[str, NDArray]]:
        """(parameters, auxiliary states) by name."""
        raise NotImplementedError

    def init_params(
        self,
        initializer: Any = Uniform(0.01),  # noqa: B008 - the signature is MXNet's
        arg_params: Mapping[str, NDArray] | None = None,
        aux_params: Mapping[str, NDArray] | None = None,
        allow_missing: bool = False,
        force_init: bool = False,
        allow_extra: bool = False,
    ) -> None:
        """Gives the parameters their first values."""
        raise NotImplementedError

    def forward(self, data_batch: Any, is_train: bool | None = None) -> None:
        """Computes the outputs of a batch."""
        raise NotImplementedError

    def backward(self, out_grads: Any = None) -> None:
        """Computes the gradients."""
        raise NotImplementedError

    def get_outputs(self, merge_multi_context: bool = True) -> list[Any]:
        """The outputs of the last ``forward``."""
        raise NotImplementedError

    def get_input_grads(self, merge_multi_context: bool = True) -> list[Any]:
        """The gradients of the data."""
        raise NotImplementedError

    def update(self) -> None:
        """One step of the optimizer."""
        raise NotImplementedError

    def update_metric(self, eval_metric: Any, labels: Any, pre_sliced: bool = False) -> None:
        """Updates a metric with the last outputs."""
        raise NotImplementedError

    def install_monitor(self, mon: Any) -> None:
        """Watches the executors."""
        raise NotImplementedError

    def bind(
        self,
        data_shapes: Sequence[Any],
        label_shapes: Sequence[Any] | None = None,
        for_training: bool = True,
        inputs_need_grad: bool = False,
        force_rebind: bool = False,
        shared_module: Any = None,
        grad_req: Any = "write",
    ) -> None:
        """Makes the executors."""
        raise NotImplementedError

    def init_optimizer(
        self,
        kvstore: Any = "local",
        optimizer: Any = "sgd",
        optimizer_params: Any = (("learning_rate", 0.01),),
        force_init: bool = False,
    ) -> None:
        """Makes the optimizer."""
        raise NotImplementedError
