"""What every metric stands on: local and global sums, the registry; several metrics as one, functions as metrics."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy
import torch

from .. import ndarray, registry
from ..base import MXNetError, numeric_types, string_types

Names = Sequence[str] | None


def check_label_shapes(labels: Any, preds: Any, wrap: bool = False, shape: bool = False) -> tuple[Any, Any]:
    """Checks that labels and predictions fit, and returns them.

    Args:
        labels, preds: arrays, or lists of arrays.
        wrap: put a bare NDArray into a list.
        shape: compare the shapes; otherwise only the lengths.

    Raises:
        ValueError: they do not fit.
    """
    label_shape, pred_shape = (labels.shape, preds.shape) if shape else (len(labels), len(preds))
    if label_shape != pred_shape:
        raise ValueError(f"Shape of labels {label_shape} does not match shape of predictions {pred_shape}")
    return (listed(labels), listed(preds)) if wrap else (labels, preds)


def listed(arrays: Any) -> Any:
    """A bare NDArray as a list of one; anything else as it is."""
    return [arrays] if isinstance(arrays, ndarray.NDArray) else arrays


def tensor(x: Any) -> torch.Tensor:
    """The tensor of an NDArray, cut from any graph.

    Raises:
        TypeError: ``x`` is not an NDArray.
    """
    if not isinstance(x, ndarray.NDArray):
        raise TypeError(f"a metric takes NDArrays, got {type(x).__name__}")
    return x._data.detach()


def argmax(values: torch.Tensor, axis: int) -> torch.Tensor:
    """The index of the (first) largest value along ``axis``.

    Raises:
        MXNetError: there is no such axis.
    """
    try:
        return values.argmax(axis)
    except IndexError as error:
        raise MXNetError(f"Error in operator argmax: {error}") from None


class _Sum(float):
    """A sum that stays in float64 whatever NumPy number is added: NumPy 2 would go on in the precision of that one."""

    def __add__(self, more: Any) -> Any:
        return super().__add__(more.item() if isinstance(more, numpy.generic) else more)


class Number:
    """An attribute that is summed and shown as under NumPy 1, with which MXNet runs: in float64, and without the name
    of a type (``np.float32(0.5)``)."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = f"_{name}"

    def __get__(self, metric: Any, owner: type | None = None) -> Any:
        if metric is None:
            return self
        if self.key not in metric.__dict__:  # a subclass's own reset() that does not set it
            raise AttributeError(f"{type(metric).__name__!r} object has no attribute {self.key[1:]!r}")
        value = metric.__dict__[self.key]
        return _Sum(value) if type(value) is float else value

    def __set__(self, metric: Any, value: Any) -> None:
        metric.__dict__[self.key] = value.item() if isinstance(value, numpy.generic) else value


class EvalMetric:
    """Base class: subclasses define ``update`` and add to ``sum_metric`` and ``num_inst``.

    Args:
        name: shown by ``get``.
        output_names: which predictions ``update_dict`` takes, by name; None for all.
        label_names: which labels ``update_dict`` takes; None for all.
        **kwargs: kept for ``get_config``. ``has_global_stats=True`` says that the subclass also adds to
            ``global_sum_metric`` and ``global_num_inst``.
    """

    sum_metric, num_inst = Number(), Number()
    global_sum_metric, global_num_inst = Number(), Number()

    def __init__(self, name: str, output_names: Names = None, label_names: Names = None, **kwargs: Any) -> None:
        self.name = str(name)
        self.output_names = output_names
        self.label_names = label_names
        self._has_global_stats = kwargs.pop("has_global_stats", False)
        self._kwargs = kwargs
        self.reset()

    def __str__(self) -> str:
        return f"EvalMetric: {dict(self.get_name_value())}"

    def get_config(self) -> dict[str, Any]:
        """What ``create`` needs to make this metric again."""
        return {
            **self._kwargs,
            "metric": type(self).__name__,
            "name": self.name,
            "output_names": self.output_names,
            "label_names": self.label_names,
        }

    def update_dict(self, label: Mapping[str, Any], pred: Mapping[str, Any]) -> None:
        """``update`` with the arrays that ``label_names`` and ``output_names`` pick."""
        preds = list(pred.values()) if self.output_names is None else [pred[n] for n in self.output_names]
        labels = list(label.values()) if self.label_names is None else [label[n] for n in self.label_names]
        self.update(labels, preds)

    def update(self, labels: Any, preds: Any) -> None:
        """Adds a batch: one array or a list of arrays each."""
        raise NotImplementedError

    def reset(self) -> None:
        """Forgets everything."""
        self.num_inst = 0
        self.sum_metric = 0.0
        self.global_num_inst = 0
        self.global_sum_metric = 0.0

    def reset_local(self) -> None:
        """Forgets the local part."""
        self.num_inst = 0
        self.sum_metric = 0.0

    def _add(self, total: Any, count: int) -> None:
        """Adds to the local and the global sums."""
        self.sum_metric += total
        self.global_sum_metric += total
        self.num_inst += count
        self.global_num_inst += count

    def _value(self, total: float, count: float) -> float:
        """The metric's value for a sum over ``count`` > 0 instances."""
        return total / count

    def get(self) -> tuple[Any, Any]:
        """(name, value since ``reset_local``); nan where nothing was added."""
        return self.name, self._value(self.sum_metric, self.num_inst) if self.num_inst else float("nan")

    def get_global(self) -> tuple[Any, Any]:
        """(name, value since ``reset``); nan where nothing was added."""
        if not self._has_global_stats:
            return self.get()
        if not self.global_num_inst:
            return self.name, float("nan")
        return self.name, self._value(self.global_sum_metric, self.global_num_inst)

    def get_name_value(self) -> list[tuple[str, Any]]:
        """[(name, value)] of ``get``."""
        return _pairs(*self.get())

    def get_global_name_value(self) -> list[tuple[str, Any]]:
        """[(name, value)] of ``get_global``."""
        return _pairs(*self.get_global()) if self._has_global_stats else self.get_name_value()


def _pairs(name: Any, value: Any) -> list[tuple[str, Any]]:
    names = name if isinstance(name, list) else [name]
    values = value if isinstance(value, list) else [value]
    return list(zip(names, values, strict=False))


register = registry.get_register_func(EvalMetric, "metric")
alias = registry.get_alias_func(EvalMetric, "metric")
_create = registry.get_create_func(EvalMetric, "metric")


def create(metric: Any, *args: Any, **kwargs: Any) -> EvalMetric:
    """A metric from its name, a function ``f(label, pred)`` on numpy arrays, a list of such, a config or a metric."""
    if callable(metric):
        return CustomMetric(metric, *args, **kwargs)
    if isinstance(metric, list):
        composite = CompositeEvalMetric()
        for one in metric:
            composite.add(create(one, *args, **kwargs))
        return composite
    return _create(metric, *args, **kwargs)


@register
@alias("composite")
class CompositeEvalMetric(EvalMetric):
    """Several metrics, fed and read together."""

    def __init__(
        self,
        metrics: Sequence[Any] | None = None,
        name: str = "composite",
        output_names: Names = None,
        label_names: Names = None,
    ) -> None:
        self.metrics = [create(m) for m in metrics or ()]
        super().__init__(name, output_names, label_names, has_global_stats=True)

    def add(self, metric: Any) -> None:
        """Adds a metric: anything that ``create`` takes."""
        self.metrics.append(create(metric))

    def get_metric(self, index: int) -> EvalMetric:
        """The metric at that place.

        Raises:
            ValueError: there is none. (MXNet returns the error instead of raising it.)
        """
        try:
            return self.metrics[index]
        except IndexError:
            raise ValueError(f"Metric index {index} is out of range 0 and {len(self.metrics)}") from None

    def update_dict(self, labels: Mapping[str, Any], preds: Mapping[str, Any]) -> None:
        if self.label_names is not None:
            labels = OrderedDict((k, v) for k, v in labels.items() if k in self.label_names)
        if self.output_names is not None:
            preds = OrderedDict((k, v) for k, v in preds.items() if k in self.output_names)
        for metric in self.metrics:
            metric.update_dict(labels, preds)

    def update(self, labels: Any, preds: Any) -> None:
        for metric in self.metrics:
            metric.update(labels, preds)

    def reset(self) -> None:
        for metric in self.metrics:
            metric.reset()

    def reset_local(self) -> None:
        for metric in self.metrics:
            metric.reset_local()

    def get(self) -> tuple[list[str], list[Any]]:
        return _joined(m.get() for m in self.metrics)

    def get_global(self) -> tuple[list[str], list[Any]]:
        return _joined(m.get_global() for m in self.metrics)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "metrics": [m.get_config() for m in self.metrics]}


def _joined(results: Any) -> tuple[list[str], list[Any]]:
    names: list[str] = []
    values: list[Any] = []
    for name, value in results:
        names.extend([name] if isinstance(name, string_types) else name)
        values.extend([value] if isinstance(value, numeric_types) else value)
    return names, values


@register
class CustomMetric(EvalMetric):
    """``feval(label, pred)`` on numpy arrays -> a value, or (sum, number of instances).

    Args:
        feval: the function.
        name: the function's own by default.
        allow_extra_outputs: whether there may be more predictions than labels.
    """

    def __init__(
        self,
        feval: Callable[..., Any],
        name: str | None = None,
        allow_extra_outputs: bool = False,
        output_names: Names = None,
        label_names: Names = None,
    ) -> None:
        if name is None:
            name = feval.__name__
            name = f"custom({name})" if "<" in name else name
        super().__init__(
            name, output_names, label_names, feval=feval, allow_extra_outputs=allow_extra_outputs, has_global_stats=True
        )
        self._feval = feval
        self._allow_extra_outputs = allow_extra_outputs

    def update(self, labels: Any, preds: Any) -> None:
        if not self._allow_extra_outputs:
            labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=False):
            result = self._feval(label.asnumpy(), pred.asnumpy())
            self._add(*(result if isinstance(result, tuple) else (result, 1)))

    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError("CustomMetric cannot be serialized")


def np(numpy_feval: Callable[..., Any], name: str | None = None, allow_extra_outputs: bool = False) -> CustomMetric:
    """A metric from a function of numpy arrays ``(label, pred)``; see ``CustomMetric``."""
    return CustomMetric(numpy_feval, name, allow_extra_outputs)
