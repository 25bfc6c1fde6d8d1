"""Calibration: what ranges the outputs of a net's layers have, and where those are best cut off."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ... import ndarray
from ...context import Context
from ...io import DataBatch, DataDesc, DataIter
from ...module import Module
from ...ndarray import NDArray
from ...symbol import Group, Symbol

__all__ = ["combine_histogram"]

_Histogram = tuple[np.ndarray, np.ndarray, float, float, float]  # counts, edges, least, greatest, threshold
_Range = tuple[float, float]


def combine_histogram(
    old_hist: _Histogram, arr: np.ndarray, new_min: float, new_max: float, new_th: float
) -> _Histogram:
    """The histogram with more numbers in it; where these need it, bins of the same width are added at both ends.

    Args:
        old_hist: counts (n,), edges (n + 1,) from -threshold to threshold, least and greatest number, threshold.
        arr: the numbers to add, any shape.
        new_min, new_max: the least and the greatest of these.
        new_th: the greatest absolute value of these.
    """
    counts, edges, low, high, threshold = old_hist
    low, high = min(low, new_min), max(high, new_max)
    if new_th <= threshold:
        more, _ = np.histogram(arr, bins=len(counts), range=(-threshold, threshold))
        return counts + more, edges, low, high, threshold
    width = 2 * threshold / len(counts)
    added = int((new_th - threshold) // width + 1)
    threshold += added * width
    more, edges = np.histogram(arr, bins=len(counts) + 2 * added, range=(-threshold, threshold))
    more[added : added + len(counts)] += counts
    return more, edges, low, high, threshold


class _Collector:
    """Keeps something of the outputs of some layers, or of all where ``include_layer`` is None."""

    def __init__(self, include_layer: Collection[str] | None, logger: Any) -> None:
        self.include_layer = include_layer
        self.logger = logger

    def _is_wanted(self, name: str) -> bool:
        return self.include_layer is None or name in self.include_layer


class _LayerOutputMinMaxCollector(_Collector):
    """Keeps the least and the greatest number of each layer.

    Args:
        quantized_dtype: ``'int8'``, ``'uint8'`` or ``'auto'``.
        include_layer: names of the outputs to look at; default all.
        logger: gets a line for each of them.
    """

    def __init__(self, quantized_dtype: str, include_layer: Collection[str] | None = None, logger: Any = None) -> None:
        super().__init__(include_layer, logger)
        self.min_max_dict: dict[str, _Range] = {}
        self.quantized_dtype = quantized_dtype

    def collect(self, name: str, arr: NDArray) -> None:
        """Looks at one output, an array of any shape."""
        if not self._is_wanted(name):
            return
        low, high = arr.min().asscalar(), arr.max().asscalar()
        if self.logger:
            self.logger.debug("Collecting layer %s min_range=%f, max_range=%f", name, low, high)
        known = self.min_max_dict.get(name, (low, high))
        self.min_max_dict[name] = (min(low, known[0]), max(high, known[1]))


class _LayerHistogramCollector(_Collector):
    """Keeps a histogram of the numbers of each layer.

    Args:
        num_bins: bins to begin with.
        include_layer: names of the outputs to look at; default all.
        logger: gets a line for each of them.
    """

    def __init__(self, num_bins: int = 8001, include_layer: Collection[str] | None = None, logger: Any = None) -> None:
        super().__init__(include_layer, logger)
        self.hist_dict: dict[str, _Histogram] = {}
        self.num_bins = num_bins

    def collect(self, name: str, arr: NDArray) -> None:
        """Looks at one output, an array of any shape."""
        if not self._is_wanted(name):
            return
        if self.logger:
            self.logger.debug("Collecting layer %s histogram of shape %s", name, arr.shape)
        values = arr.asnumpy()
        low, high = values.min(), values.max()
        threshold = max(abs(low), abs(high))
        if name in self.hist_dict:
            self.hist_dict[name] = combine_histogram(self.hist_dict[name], values, low, high, threshold)
        else:
            counts, edges = np.histogram(values, bins=self.num_bins, range=(-threshold, threshold))
            self.hist_dict[name] = (counts, edges, low, high, threshold)


def _collect_layer_statistics(
    sym: Symbol,
    params: tuple[Mapping[str, NDArray], Mapping[str, NDArray]],
    names: tuple[Sequence[str], Sequence[str] | None],
    ctx: Context,
    batches: Iterable[DataBatch],
    descriptions: tuple[Sequence[DataDesc], Sequence[DataDesc] | None],
    collector: Any,
    max_num_examples: int | None = None,
    logger: Any = None,
) -> int:
    """Shows a collector the outputs of a net's layers, and returns for how many examples.

    Args:
        sym: the net.
        params: its parameters and auxiliary states.
        names: of its data and of its labels.
        ctx: where it runs.
        batches: of data, as many as ``max_num_examples`` needs.
        descriptions: of the data and of the labels of a batch.
        collector: its ``collect`` gets names and arrays, of its ``include_layer``, or of all layers without one.
        max_num_examples: how many examples to show at least, if there are as many; default all.
        logger: gets a line at the end.

    Raises:
        RuntimeError: a parameter is missing.
        ValueError: a name that is no input's, or no batch.
    """
    internals = sym.get_internals()
    included = collector.include_layer
    layers = [name for name in internals.list_outputs() if included is None or name in included]
    arguments = sym.list_arguments()
    labels = [name for name in names[1] or () if name in arguments]
    known = [x for x in descriptions[1] or () if x[0] in labels]
    module = Module(
        Group([*(internals[name] for name in layers), sym]), data_names=names[0], label_names=labels, context=ctx
    )
    module.bind(data_shapes=list(descriptions[0]), label_shapes=known or None, for_training=False)
    module.set_params(*params)
    count = examples = 0
    for batch in batches:
        assert batch.data is not None
        module.forward(batch, is_train=False)
        for name, array in zip(layers, module.get_outputs()):
            collector.collect(name, array)
        count += 1
        examples += batch.data[0].shape[0]
        if max_num_examples is not None and examples >= max_num_examples:
            break
    if not count:
        raise ValueError("calib_data gave no batch")  # MXNet goes on without ranges
    if logger is not None:
        logger.info("Collected statistics from %d batches of %d examples", count, examples)
    return examples


def provided(data: DataIter, what: str) -> Sequence[DataDesc]:
    """What an iterator says of the arrays of its batches, of ``what``: data or label."""
    return getattr(data, f"provide_{what}")  # iterators of one's own have them, too; the base class has not


def _get_optimal_threshold(
    hist_data: _Histogram, quantized_dtype: str, num_quantized_bins: int = 255
) -> tuple[float, float, np.ndarray, np.ndarray]:
    """(least, greatest number, threshold (1,), divergence (1,)) of a histogram; see ``nd.contrib.calibrate_entropy``.

    Args:
        hist_data: counts, edges, least and greatest number, and the greatest absolute value.
        quantized_dtype: with ``'uint8'`` and ``'auto'`` numbers that are not negative have twice as many integers.
        num_quantized_bins: how many integers there are.
    """
    counts, edges, low, high, _ = hist_data
    if low >= 0 and quantized_dtype in ("auto", "uint8"):
        num_quantized_bins = num_quantized_bins * 2 + 1
    threshold, divergence = ndarray.contrib.calibrate_entropy(
        ndarray.array(counts, dtype="float32"), ndarray.array(edges, dtype="float32"),
        num_quantized_bins=num_quantized_bins,
    )  # fmt: skip
    return low, high, threshold.asnumpy(), divergence.asnumpy()


def _get_optimal_thresholds(
    hist_dict: dict[str, _Histogram], quantized_dtype: str, num_quantized_bins: int = 255, logger: Any = None
) -> dict[str, _Range]:
    """{layer: the range beyond which it is best cut off}, which takes the histograms out of ``hist_dict``."""
    if logger is not None:
        logger.info(
            "Calculating optimal thresholds for quantization using KL divergence with num_quantized_bins=%d",
            num_quantized_bins,
        )
    ranges: dict[str, _Range] = {}
    for name in list(hist_dict):
        low, high, threshold, divergence = _get_optimal_threshold(
            hist_dict.pop(name), quantized_dtype, num_quantized_bins
        )
        end = float(threshold[0])
        ranges[name] = (0.0 if low >= 0 and quantized_dtype in ("auto", "uint8") else -end, end)
        if logger is not None:
            logger.debug("layer=%s, min_val=%f, max_val=%f, th=%f, divergence=%f", name, low, high, end, divergence[0])
    return ranges
