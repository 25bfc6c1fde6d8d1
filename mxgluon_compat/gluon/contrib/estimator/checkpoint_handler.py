"""Checkpoints in the course of a training, and going on from them."""

from __future__ import annotations

import json
import os
import warnings
from typing import Any

import numpy as np

from ....metric import EvalMetric
from ....serialization.params import atomic_write_bytes
from ...block import HybridBlock
from .early_stopping import check_simple, comparison, worst
from .events import BatchEnd, EpochEnd, TrainBegin

__all__ = ["CheckpointHandler"]


class CheckpointHandler(TrainBegin, BatchEnd, EpochEnd):
    """Writes parameters and Trainer states after epochs or batches, and goes on from there after an interruption.

    Files in ``model_dir`` are ``PREFIX-epochEbatchB.params`` and ``.states`` (``E`` counts epochs from 0; ``B`` is the
    number of batches so far, at the end of an epoch, and one less after a batch), ``PREFIX-best.params``, ``.states``
    and ``.json`` with the value of ``monitor``, and ``PREFIX-symbol.json`` where the net is hybridized. Parameters are
    written last, and every file all or nothing: where there is a ``.params`` file, the checkpoint is whole.

    Args:
        model_dir: the folder, which is made where there is none.
        model_prefix: begins the names.
        monitor: a metric of the Estimator's.
        verbose: above 0, log what is written.
        save_best: write the checkpoint whose ``monitor`` is best, too.
        mode: ``'min'``, ``'max'`` or ``'auto'``, which guesses from the metric: what is better?
        epoch_period: write after so many epochs; None for never.
        batch_period: write after so many batches.
        max_checkpoints: remove the oldest where there are more.
        resume_from_checkpoint: begin with the last checkpoint that is there; ``fit`` then trains for what is left of
            its ``epochs`` or ``batches``. Data begin anew with each call of ``fit``, so that with ``batch_period`` the
            batches come in another order than without interruption.

    Raises:
        ValueError: ``save_best`` without a simple metric.
    """

    def __init__(
        self,
        model_dir: str | os.PathLike[str],
        model_prefix: str = "model",
        monitor: EvalMetric | None = None,
        verbose: int = 0,
        save_best: bool = False,
        mode: str = "auto",
        epoch_period: int | None = 1,
        batch_period: int | None = None,
        max_checkpoints: int = 5,
        resume_from_checkpoint: bool = False,
    ) -> None:
        self.monitor = monitor
        self.verbose = verbose
        os.makedirs(model_dir, exist_ok=True)
        self.model_dir = model_dir
        self.model_prefix = model_prefix
        self.save_best = save_best
        if save_best:
            if not isinstance(monitor, EvalMetric):
                raise ValueError(
                    "To save best model only, please provide one of the metric objects from estimator.train_metrics "
                    "and estimator.val_metrics as monitor."
                )
            check_simple(monitor, "CheckpointHandler")
            self.monitor_op = comparison(monitor, mode, "ModelCheckpoint")
            self.best = worst(self.monitor_op)
        self.epoch_period = epoch_period
        self.batch_period = batch_period
        self.current_batch = 0
        self.current_epoch = 0
        self.max_checkpoints = max_checkpoints
        self.resume_from_checkpoint = resume_from_checkpoint
        self.saved_checkpoints: list[str] = []
        self._batches = 0  # so far, while current_batch changes only after a checkpoint

    def train_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        self.current_batch = self._batches = 0
        self.current_epoch = 0
        if self.save_best:
            self.best = worst(self.monitor_op)
        if self.resume_from_checkpoint:
            by_epochs = self.epoch_period and not self.batch_period and estimator.max_epoch
            by_batches = self.batch_period and not self.epoch_period and estimator.max_batch
            assert by_epochs or by_batches, (
                "To use resume from checkpoint, you must only specify the same type of period you used for training."
                "For example, if you are training based on number of epochs,you must save only based on epochs, and "
                "set batch_period to None."
            )
            self._resume_from_checkpoint(estimator)

    def batch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        self._batches += 1
        if self.current_batch == 0:  # the net has run, so that there is a graph
            self._save_symbol(estimator)
        if self.batch_period and (self.current_batch + 1) % self.batch_period == 0:
            self._save_checkpoint(estimator)
        self.current_batch += 1

    def epoch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        if self.epoch_period and (self.current_epoch + 1) % self.epoch_period == 0:
            self._save_checkpoint(estimator)
        self.current_epoch += 1

    # ------------------------------------------------------------------------------------------ writing
    def _path(self, name: str) -> str:
        return os.path.join(self.model_dir, name)

    def _save_checkpoint(self, estimator: Any) -> None:
        """Writes a checkpoint and, where ``monitor`` is better than ever, the best one; removes old ones."""
        epoch, batch = self.current_epoch, self.current_batch
        if self.resume_from_checkpoint:
            epoch += self.trained_epoch + 1
            batch += self.trained_batch + (1 if estimator.max_batch else 0)
        prefix = f"{self.model_prefix}-epoch{epoch}batch{batch}"
        self._say(
            estimator, f"trained total {self._batches} batches, saving model at {self.model_dir} with prefix: {prefix}"
        )
        self._save_params_and_trainer(estimator, prefix)
        if prefix in self.saved_checkpoints:
            self.saved_checkpoints.remove(prefix)
        self.saved_checkpoints.append(prefix)
        if self.save_best:
            self._save_best(estimator)
        while self.saved_checkpoints and len(self.saved_checkpoints) > self.max_checkpoints:
            oldest = self.saved_checkpoints.pop(0)
            for ending in (".params", ".states"):
                if os.path.exists(self._path(oldest + ending)):
                    os.remove(self._path(oldest + ending))

    def _save_best(self, estimator: Any) -> None:
        assert self.monitor is not None
        name, value = self.monitor.get()
        if np.isnan(value):
            warnings.warn(
                RuntimeWarning(
                    f"Skipping save best because {name} is not updated, make sure you pass one of the metric objects "
                    "estimator.train_metrics and estimator.val_metrics as monitor"
                ),
                stacklevel=4,
            )
            return
        if not self.monitor_op(value, self.best):
            self._say(estimator, f"{name} did not improve from {self.best:.5f}, skipping updating best model")
            return
        prefix = f"{self.model_prefix}-best"
        self._say(
            estimator,
            f"{name} improved from {self.best:.5f} to {value:.5f}, updating best model at {self.model_dir} with "
            f"prefix: {prefix}",
        )
        self.best = value
        self._save_params_and_trainer(estimator, prefix)
        atomic_write_bytes(self._path(prefix + ".json"), json.dumps({"monitor": name, "best": float(value)}).encode())

    def _say(self, estimator: Any, text: str) -> None:
        if self.verbose > 0:
            estimator.logger.info("[Epoch %d] CheckpointHandler: %s", self.current_epoch, text)

    def _save_symbol(self, estimator: Any) -> None:
        """Writes the graph of the net, where it has one."""
        file = self._path(f"{self.model_prefix}-symbol.json")
        graph = estimator.net._cached_graph if isinstance(estimator.net, HybridBlock) else None
        if graph:
            graph[1].save(file)
        else:
            estimator.logger.info(
                "Model architecture(symbol file) is not saved, please use HybridBlock to construct your model, and "
                "call net.hybridize() before passing to Estimator in order to save model architecture as %s.",
                file,
            )

    def _save_params_and_trainer(self, estimator: Any, file_prefix: str) -> None:
        estimator.trainer.save_states(self._path(f"{file_prefix}.states"))
        estimator.net.save_parameters(self._path(f"{file_prefix}.params"))

    # ------------------------------------------------------------------------------------------ reading
    def _resume_from_checkpoint(self, estimator: Any) -> None:
        """Loads the last checkpoint and takes what it has trained from the Estimator's epochs or batches.

        Raises:
            ValueError: nothing is left to train, or a name does not read as a checkpoint's.
            AssertionError: there are no Trainer states.
        """
        start = f"{self.model_prefix}-epoch"
        found: list[str] = []
        self.trained_epoch = self._find_max_iteration(
            dir=self.model_dir, prefix=start, start="epoch", end="batch", saved_checkpoints=found
        )
        of_epochs = bool(estimator.max_epoch)
        left, kind = (estimator.max_epoch, "epoch") if of_epochs else (estimator.max_batch, "batch")
        kinds = f"{kind}s" if of_epochs else "batches"
        if self.trained_epoch < 0:
            self.trained_batch = -1
            estimator.logger.info(
                "CheckpointHandler: No checkpoint found, training from scratch for %d %s", left, kinds
            )
            return
        self.trained_batch = self._find_max_iteration(
            dir=self.model_dir, prefix=f"{start}{self.trained_epoch}batch", start="batch", end=".params"
        )
        trained = self.trained_epoch if of_epochs else self.trained_batch
        if trained >= left - 1:
            reached, please = (left, "specify ") if of_epochs else (trained, "specify")
            raise ValueError(
                f"Found checkpoint with maximum number of {kind} {reached} reached, please {please}"
                "resume_from_checkpoint=False (default value) if you wan to train from scratch."
            )
        name = self._path(f"{start}{self.trained_epoch}batch{self.trained_batch}")
        for ending in (".params", ".states"):
            assert os.path.exists(name + ending), f"Failed to load checkpoint, {name}{ending} does not exist"
        estimator.net.load_parameters(name + ".params", ctx=estimator.context)
        estimator.trainer.load_states(name + ".states")
        left -= trained + 1
        estimator.max_epoch, estimator.max_batch = (left, None) if of_epochs else (None, left)
        self.saved_checkpoints = found  # so that they are removed in their turn
        best = self._path(f"{self.model_prefix}-best.json")
        if self.save_best and os.path.exists(best):
            with open(best) as file:
                self.best = json.load(file)["best"]
        estimator.logger.warning(
            "CheckpointHandler: Checkpoint resumed from epoch %d batch %d, continue to train for %d %s ",
            self.trained_epoch, self.trained_batch, left, kinds,
        )  # fmt: skip

    def _find_max_iteration(
        self,
        dir: str | os.PathLike[str],
        prefix: str,
        start: str,
        end: str,
        saved_checkpoints: list[str] | None = None,
    ) -> int:
        """The largest number between ``start`` and ``end`` in the names of parameter files; -1 where there are none.

        Args:
            dir: the folder.
            prefix: how the names begin.
            start, end: what is before and behind the number.
            saved_checkpoints: gets the names without their ending, the earliest first.

        Raises:
            ValueError: a name without that number.
        """
        numbers: dict[str, int] = {}
        for name in os.listdir(dir):
            if not name.startswith(prefix) or not name.endswith(".params"):
                continue
            try:
                numbers[name.removesuffix(".params")] = int(name.rpartition(start)[2].partition(end)[0])
            except ValueError:
                raise ValueError(
                    "Error parsing checkpoint file, please check your checkpoints have the format: "
                    "{model_name}-epoch{epoch_number}batch{batch_number}.params, there should also be a .states file "
                    "for each .params file "
                ) from None
        if saved_checkpoints is not None:
            saved_checkpoints += sorted(numbers, key=lambda name: (numbers[name], len(name), name))
        return max(numbers.values(), default=-1)
