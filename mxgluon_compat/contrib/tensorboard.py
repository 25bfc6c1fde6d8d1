"""``mx.contrib.tensorboard``: metrics for TensorBoard, while a Module trains."""

from __future__ import annotations

import logging
from typing import Any

__all__ = ["LogMetricsCallback"]


class LogMetricsCallback:
    """After a batch, an epoch or a validation: writes the metric's values, under the number of the epoch.

    What writes is mxboard's ``SummaryWriter``, and PyTorch's own (``torch.utils.tensorboard``) where mxboard is not
    installed; without tensorboard there is none either, which is logged as an error.

    Args:
        logging_dir: the folder of the event files; training and validation need one each to be drawn together.
        prefix: stands before each metric's name, with a hyphen.

    Attributes:
        prefix: see there.
        summary_writer: missing where nothing is installed that writes.
    """

    def __init__(self, logging_dir: str, prefix: str | None = None) -> None:
        self.prefix = prefix
        try:
            self.summary_writer = _summary_writer(logging_dir)
        except ImportError:
            logging.error(
                "You can install mxboard via `pip install mxboard`. "
                "PyTorch's own writer is used after `pip install tensorboard`."
            )

    def __call__(self, param: Any) -> None:
        """Writes the values of ``param.eval_metric``, if there is one.

        Args:
            param: a ``mx.model.BatchEndParam``.

        Raises:
            AttributeError: there is no ``summary_writer``.
        """
        if param.eval_metric is None:
            return
        for name, value in param.eval_metric.get_name_value():
            tag = name if self.prefix is None else f"{self.prefix}-{name}"
            self.summary_writer.add_scalar(tag, value, global_step=param.epoch)


def _summary_writer(folder: str) -> Any:
    try:
        from mxboard import SummaryWriter
    except ImportError:
        from torch.utils.tensorboard import SummaryWriter
    return SummaryWriter(folder)
