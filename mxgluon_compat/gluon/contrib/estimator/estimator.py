"""Estimator: fits and evaluates a net."""

from __future__ import annotations

import copy
import logging
import numbers
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from .... import initializer as initializer_module
from ....context import Context, cpu, gpu, num_gpus
from ....metric import EvalMetric
from ....metric import Loss as metric_loss
from ....ndarray import NDArray
from ...data import DataLoader
from ...loss import Loss as gluon_loss
from ...trainer import Trainer
from ...utils import split_and_load
from .batch_processor import BatchProcessor
from .event_handler import (
    BatchBegin,
    BatchEnd,
    EpochBegin,
    EpochEnd,
    EventHandler,
    GradientUpdateHandler,
    LoggingHandler,
    MetricHandler,
    StoppingHandler,
    TrainBegin,
    TrainEnd,
    ValidationHandler,
    _check_event_handlers,
)
from .utils import _check_handler_metric_ref, _check_metrics, _suggest_metric_for_loss

__all__ = ["Estimator"]

_EVENTS = (TrainBegin, EpochBegin, BatchBegin, BatchEnd, EpochEnd, TrainEnd)


class Estimator:
    """Trains a net by calling event handlers around every batch and epoch.

    Args:
        net: a Block.
        loss: its loss.
        train_metrics: a metric or a list of them; by default the loss, and the accuracy for a softmax loss. Their names
            get ``training`` in front.
        val_metrics: likewise, with ``validation``; by default copies of ``train_metrics``.
        initializer: of a net whose Parameters are not all initialised.
        trainer: a Trainer; by default stochastic gradient descent with learning rate 0.001.
        context: a Context or a list of them to spread batches over; by default the first GPU, or the CPU.
        val_net: what is evaluated instead of ``net``; it should share its Parameters.
        val_loss: instead of ``loss``.
        batch_processor: what is done with a batch; see ``BatchProcessor``.

    Raises:
        ValueError: a loss, metric, Trainer, context or batch processor that is none.
        AssertionError: there is no such GPU.
    """

    logger: logging.Logger = None  # type: ignore[assignment]  # each instance has its own

    def __init__(
        self,
        net: Any,
        loss: gluon_loss,
        train_metrics: EvalMetric | Sequence[EvalMetric] | None = None,
        val_metrics: EvalMetric | Sequence[EvalMetric] | None = None,
        initializer: Any = None,
        trainer: Trainer | None = None,
        context: Context | list[Context] | None = None,
        val_net: Any = None,
        val_loss: gluon_loss | None = None,
        batch_processor: Any = None,
    ) -> None:
        self.net = net
        self.loss = self._check_loss(loss)
        self._train_metrics = _check_metrics(train_metrics)
        self._val_metrics = _check_metrics(val_metrics)
        self._add_default_training_metrics()
        self._add_validation_metrics()
        self.val_loss = self.loss if val_loss is None else self._check_loss(val_loss)
        self.val_net = self.net if val_net is None else val_net
        self.logger = logging.Logger(name="Estimator", level=logging.INFO)
        self.logger.addHandler(logging.StreamHandler(sys.stdout))
        self.context = self._check_context(context)
        self._initialize(initializer)
        self.trainer = self._check_trainer(trainer)
        self.batch_processor = self._check_batch_processor(batch_processor)

    # ------------------------------------------------------------------------------------------ what it is given
    def _check_loss(self, loss: Any) -> gluon_loss:
        if not isinstance(loss, gluon_loss):
            raise ValueError(f"loss must be a Loss, refer to gluon.loss.Loss:{loss}")
        return loss

    def _check_context(self, context: Any) -> list[Context]:
        gpus = [gpu(i) for i in range(num_gpus())]
        if not context:
            if len(gpus) > 1:
                warnings.warn(
                    "You have multiple GPUs, gpu(0) will be used by default.To utilize all your GPUs, specify context "
                    "as a list of gpus, e.g. context=[mx.gpu(0), mx.gpu(1)] ",
                    stacklevel=3,
                )
            return gpus[:1] or [cpu()]
        contexts = [context] if isinstance(context, Context) else context
        if not isinstance(contexts, list) or not all(isinstance(c, Context) for c in contexts):
            raise ValueError(
                "context must be a Context or a list of Context, for example mx.cpu() or [mx.gpu(0), mx.gpu(1)], "
                f"refer to mxnet.Context:{context}"
            )
        for ctx in contexts:
            assert ctx in gpus or ctx.device_type.startswith("cpu"), (
                f"{ctx} is not available, please make sure your context is in one of: mx.cpu(), "
                f"{', '.join(map(str, gpus))}"
            )
        return contexts

    def _check_batch_processor(self, batch_processor: Any) -> Any:
        if batch_processor is None:
            return BatchProcessor()
        if not all(callable(getattr(batch_processor, name, None)) for name in ("fit_batch", "evaluate_batch")):
            raise ValueError("Customized Batch Processor must contain fit_batch() and evaluate_batch() methods")
        return batch_processor

    def _initialize(self, initializer: Any) -> None:
        """Initialises the net, where any of its Parameters is not."""
        if not self._is_initialized():
            self.net.initialize(initializer_module.Uniform() if initializer is None else initializer, ctx=self.context)
        elif initializer:
            warnings.warn(
                "Network already fully initialized, skipping initialization. You don't need to pass initializer if you "
                "already initialized your net. You can use net.initialize(init=your_initializer, force_reinit=True)to "
                "force re-initialize.",
                stacklevel=3,
            )

    def _is_initialized(self) -> bool:
        try:
            for param in self.net.collect_params().values():
                param.list_ctx()  # raises where it is not; deferred initialisation will do
        except RuntimeError:
            return False
        return True

    def _check_trainer(self, trainer: Any) -> Trainer:
        if not trainer:
            warnings.warn("No trainer specified, default SGD optimizer with learning rate 0.001 is used.", stacklevel=3)
            return Trainer(self.net.collect_params(), "sgd", {"learning_rate": 0.001})
        if not isinstance(trainer, Trainer):
            raise ValueError(f"Trainer must be a Gluon Trainer instance, refer to gluon.Trainer:{trainer}")
        return trainer

    # ------------------------------------------------------------------------------------------ metrics
    def _add_default_training_metrics(self) -> None:
        if not self._train_metrics:
            suggested = _suggest_metric_for_loss(self.loss)
            # a loss is numbered like every Block; its metric is not
            loss = metric_loss(name=self.loss.name.rstrip("0123456789"))
            self._train_metrics = [loss] if suggested is None else [suggested, loss]
        for metric in self._train_metrics:
            metric.name = f"training {metric.name}"

    def _add_validation_metrics(self) -> None:
        if not self._val_metrics:
            self._val_metrics = [copy.deepcopy(metric) for metric in self._train_metrics]
        for metric in self._val_metrics:
            if "training" in metric.name:
                metric.name = metric.name.replace("training", "validation")
            else:
                metric.name = f"validation {metric.name}"

    @property
    def train_metrics(self) -> Sequence[EvalMetric]:
        """The metrics of ``fit``."""
        return self._train_metrics

    @property
    def val_metrics(self) -> Sequence[EvalMetric]:
        """The metrics of ``evaluate``."""
        return self._val_metrics

    # ------------------------------------------------------------------------------------------ running
    def _get_data_and_label(
        self, batch: Any, ctx: Sequence[Context], batch_axis: int = 0
    ) -> tuple[list[NDArray], list[NDArray]]:
        return split_and_load(batch[0], ctx, batch_axis), split_and_load(batch[1], ctx, batch_axis)

    def evaluate(
        self,
        val_data: DataLoader,
        batch_axis: int = 0,
        event_handlers: EventHandler | Sequence[EventHandler] | None = None,
    ) -> None:
        """Runs ``val_net`` over data; what comes of it is in ``val_metrics``.

        Args:
            val_data: a DataLoader.
            batch_axis: where the instances are counted.
            event_handlers: a handler or a list of them. A MetricHandler and a LoggingHandler are added where they
                have none. Events are those of epochs and batches; what handlers return changes nothing.

        Raises:
            ValueError: other data, or handlers that are none or have foreign metrics.
        """
        if not isinstance(val_data, DataLoader):
            raise ValueError(_NO_LOADER + "Refer to gluon.data.DataLoader")
        handlers = self._prepare_default_validation_handlers(event_handlers)
        _, epoch_begin, batch_begin, batch_end, epoch_end, _ = self._categorize_handlers(handlers)
        for handler in epoch_begin:
            handler.epoch_begin(self)
        for batch in val_data:
            for handler in batch_begin:
                handler.batch_begin(self, batch=batch)
            _, label, pred, loss = self.batch_processor.evaluate_batch(self, batch, batch_axis)
            for handler in batch_end:
                handler.batch_end(self, batch=batch, pred=pred, label=label, loss=loss)
        for handler in epoch_end:
            handler.epoch_end(self)

    def fit(
        self,
        train_data: DataLoader,
        val_data: DataLoader | None = None,
        epochs: int | None = None,
        event_handlers: EventHandler | Sequence[EventHandler] | None = None,
        batches: int | None = None,
        batch_axis: int = 0,
    ) -> None:
        """Trains the net.

        Args:
            train_data: a DataLoader; one run through it is an epoch.
            val_data: what is evaluated after each epoch, unless a ValidationHandler says otherwise.
            epochs: how many epochs, or
            batches: how many batches. Negative: until a handler stops.
            event_handlers: a handler or a list of them, called in the order of their ``priority`` (0 where they have
                none). A ``batch_end`` that returns True ends the epoch, an ``epoch_end`` that does ends the
                training. A StoppingHandler is always added; a GradientUpdateHandler, MetricHandler, LoggingHandler
                and, with ``val_data``, ValidationHandler are where there is none. The list stays as it is.
            batch_axis: where the instances are counted.

        Raises:
            ValueError: other data; both or none of ``epochs`` and ``batches``, or no whole number; handlers that are
                none or have foreign metrics.
        """
        if not isinstance(train_data, DataLoader):
            raise ValueError(_NO_LOADER + "Refer to gluon.data.dataloader")
        if bool(epochs) == bool(batches):
            raise ValueError(
                "Fit only support exactly one type of iteration, train by number of epochs or number of batches."
                "Please specify one and only one of: epochs or batches."
            )
        for name, value in (("epochs", epochs), ("batches", batches)):
            if value and (not isinstance(value, numbers.Real) or value % 1):  # it would never be reached
                raise ValueError(f"{name} must be a whole number, got {value!r}")
        self.max_epoch, self.max_batch, self.batch_axis = epochs, batches, batch_axis
        handlers = self._prepare_default_handlers(val_data, event_handlers)
        train_begin, epoch_begin, batch_begin, batch_end, epoch_end, train_end = self._categorize_handlers(handlers)
        for handler in train_begin:
            handler.train_begin(self)
        stop = False
        while not stop:
            for handler in epoch_begin:
                handler.epoch_begin(self)
            for batch in train_data:
                for handler in batch_begin:
                    handler.batch_begin(self, batch=batch)
                _, label, pred, loss = self.batch_processor.fit_batch(self, batch, batch_axis)
                # every handler hears of every event, also behind one that stops
                if any([h.batch_end(self, batch=batch, pred=pred, label=label, loss=loss) for h in batch_end]):
                    break
            stop = any([h.epoch_end(self) for h in epoch_end])
        for handler in train_end:
            handler.train_end(self)

    # ------------------------------------------------------------------------------------------ handlers
    def _prepare_default_handlers(self, val_data: Any, event_handlers: Any) -> list[Any]:
        """The handlers of ``fit`` in the order in which they are called."""
        given = list(_check_event_handlers(event_handlers))
        added: list[Any] = [StoppingHandler(self.max_epoch, self.max_batch)]

        def missing(kind: type) -> bool:
            return not any(isinstance(handler, kind) for handler in given)

        if missing(GradientUpdateHandler):
            added.append(GradientUpdateHandler())
        if missing(MetricHandler):
            added.append(MetricHandler(metrics=self.train_metrics))
        if val_data and missing(ValidationHandler):
            added.append(ValidationHandler(val_data=val_data, eval_fn=self.evaluate))
        if missing(LoggingHandler):
            added.append(LoggingHandler(metrics=self.train_metrics))
        return _in_order(given, added, [*self.train_metrics, *self.val_metrics])

    def _prepare_default_validation_handlers(self, event_handlers: Any) -> list[Any]:
        """The handlers of ``evaluate`` in the order in which they are called."""
        given = list(_check_event_handlers(event_handlers))
        added: list[Any] = [
            kind(metrics=self.val_metrics)
            for kind in (MetricHandler, LoggingHandler)
            if not any(isinstance(handler, kind) for handler in given)
        ]
        return _in_order(given, added, self.val_metrics)

    def _categorize_handlers(self, event_handlers: Sequence[Any]) -> tuple[list[Any], ...]:
        """The handlers of each event, in the order of ``_EVENTS``."""
        return tuple([h for h in event_handlers if isinstance(h, event)] for event in _EVENTS)


_NO_LOADER = (
    "Estimator only support input as Gluon DataLoader. Alternatively, you can transform your DataIter or any NDArray "
    "into Gluon DataLoader. "
)


def _in_order(given: list[Any], added: list[Any], known_metrics: Sequence[EvalMetric]) -> list[Any]:
    """All handlers by priority. Who leaves some of the work to defaults must use the metrics that they use."""
    if added:
        for handler in given:
            _check_handler_metric_ref(handler, known_metrics)
    return sorted(given + added, key=lambda handler: getattr(handler, "priority", 0))
