"""Pooling and padding over one, two or three axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...base import numeric_types
from ...numpy.family import of_mode
from ..block import HybridBlock

__all__ = [
    "AvgPool1D", "AvgPool2D", "AvgPool3D", "GlobalAvgPool1D", "GlobalAvgPool2D", "GlobalAvgPool3D", "GlobalMaxPool1D",
    "GlobalMaxPool2D", "GlobalMaxPool3D", "MaxPool1D", "MaxPool2D", "MaxPool3D", "ReflectionPad2D",
]  # fmt: skip

Ints = int | Sequence[int]

_LAYOUTS = {1: ("NCW", "NWC"), 2: ("NCHW", "NHWC"), 3: ("NCDHW", "NDHWC")}


def _repeated(value: Ints, axes: int) -> Sequence[int]:
    return (value,) * axes if isinstance(value, numeric_types) else value


def _per_axis(name: str, value: Ints, axes: int) -> Sequence[int]:
    value = _repeated(value, axes)
    assert len(value) == axes, f"{name} must be a number or a list of {axes} ints"
    return value


def _check_layout(layout: str, axes: int) -> None:
    allowed = _LAYOUTS[axes]
    assert layout in allowed, f"Only {' and '.join(allowed)} layouts are valid for {axes}D Pooling"


class _Pooling(HybridBlock):
    """All pooling; see the public classes.

    Raises:
        AssertionError: a window or layout of another number of axes.
    """

    def __init__(
        self,
        pool_size: Sequence[int],
        strides: Ints | None,
        padding: Ints,
        ceil_mode: bool,
        global_pool: bool,
        pool_type: str,
        layout: str,
        count_include_pad: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        axes = len(pool_size)
        self._kwargs: dict[str, Any] = {
            "kernel": pool_size,
            "stride": _repeated(pool_size if strides is None else strides, axes),
            "pad": _repeated(padding, axes),
            "global_pool": global_pool,
            "pool_type": pool_type,
            "layout": layout,
            "pooling_convention": "full" if ceil_mode else "valid",
        }
        if count_include_pad is not None:
            self._kwargs["count_include_pad"] = count_include_pad

    def _alias(self) -> str:
        return "pool"

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).Pooling(x, name="fwd", **self._kwargs)

    def __repr__(self) -> str:
        shown = self._kwargs
        return (
            f"{type(self).__name__}(size={shown['kernel']}, stride={shown['stride']}, padding={shown['pad']}, "
            f"ceil_mode={shown['pooling_convention'] == 'full'}, global_pool={shown['global_pool']}, "
            f"pool_type={shown['pool_type']}, layout={shown['layout']})"
        )


# ---------------------------------------------------------------------------------------------- maximum
class MaxPool1D(_Pooling):
    """The maximum of each window over one axis: x (N, C, width) -> (N, C, new width).

    Args:
        pool_size: the window: a number or a tuple of one.
        strides: from window to window; None: the window's size.
        padding: added on both sides.
        ceil_mode: keep a last window that is not full.
        layout: ``'NCW'`` or ``'NWC'``.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self,
        pool_size: Ints = 2,
        strides: Ints | None = None,
        padding: Ints = 0,
        layout: str = "NCW",
        ceil_mode: bool = False,
        **kwargs: Any,
    ) -> None:
        _check_layout(layout, 1)
        window = _per_axis("pool_size", pool_size, 1)
        super().__init__(window, strides, padding, ceil_mode, False, "max", layout, **kwargs)


class MaxPool2D(_Pooling):
    """The maximum of each window over two axes: x (N, C, height, width) -> (N, C, new height, new width).

    Args as of ``MaxPool1D``, with numbers or tuples of two; layout ``'NCHW'`` or ``'NHWC'``.
    """

    def __init__(
        self,
        pool_size: Ints = (2, 2),
        strides: Ints | None = None,
        padding: Ints = 0,
        layout: str = "NCHW",
        ceil_mode: bool = False,
        **kwargs: Any,
    ) -> None:
        _check_layout(layout, 2)
        window = _per_axis("pool_size", pool_size, 2)
        super().__init__(window, strides, padding, ceil_mode, False, "max", layout, **kwargs)


class MaxPool3D(_Pooling):
    """The maximum of each window over three axes: x (N, C, depth, height, width) -> (N, C, ...).

    Args as of ``MaxPool1D``, with numbers or tuples of three; layout ``'NCDHW'`` or ``'NDHWC'``.
    """

    def __init__(
        self,
        pool_size: Ints = (2, 2, 2),
        strides: Ints | None = None,
        padding: Ints = 0,
        ceil_mode: bool = False,
        layout: str = "NCDHW",
        **kwargs: Any,
    ) -> None:
        _check_layout(layout, 3)
        window = _per_axis("pool_size", pool_size, 3)
        super().__init__(window, strides, padding, ceil_mode, False, "max", layout, **kwargs)


class GlobalMaxPool1D(_Pooling):
    """The maximum of each channel: x of layout ``'NCW'`` or ``'NWC'`` -> the same with an axis of length 1."""

    def __init__(self, layout: str = "NCW", **kwargs: Any) -> None:
        _check_layout(layout, 1)
        super().__init__((1,), None, 0, True, True, "max", layout, **kwargs)


class GlobalMaxPool2D(_Pooling):
    """The maximum of each channel: x of layout ``'NCHW'`` or ``'NHWC'`` -> the same with axes of length 1."""

    def __init__(self, layout: str = "NCHW", **kwargs: Any) -> None:
        _check_layout(layout, 2)
        super().__init__((1, 1), None, 0, True, True, "max", layout, **kwargs)


class GlobalMaxPool3D(_Pooling):
    """The maximum of each channel: x of layout ``'NCDHW'`` or ``'NDHWC'`` -> the same with axes of length 1."""

    def __init__(self, layout: str = "NCDHW", **kwargs: Any) -> None:
        _check_layout(layout, 3)
        super().__init__((1, 1, 1), None, 0, True, True, "max", layout, **kwargs)


# ---------------------------------------------------------------------------------------------- mean
class AvgPool1D(_Pooling):
    """The mean of each window over one axis: x (N, C, width) -> (N, C, new width).

    Args:
        pool_size: the window: a number or a tuple of one.
        strides: from window to window; None: the window's size.
        padding: added on both sides.
        ceil_mode: keep a last window that is not full.
        layout: ``'NCW'`` or ``'NWC'``.
        count_include_pad: whether padding counts as zeros in the mean.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self,
        pool_size: Ints = 2,
        strides: Ints | None = None,
        padding: Ints = 0,
        layout: str = "NCW",
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        **kwargs: Any,
    ) -> None:
        _check_layout(layout, 1)
        window = _per_axis("pool_size", pool_size, 1)
        super().__init__(window, strides, padding, ceil_mode, False, "avg", layout, count_include_pad, **kwargs)


class AvgPool2D(_Pooling):
    """The mean of each window over two axes: x (N, C, height, width) -> (N, C, new height, new width).

    Args as of ``AvgPool1D``, with numbers or tuples of two; layout ``'NCHW'`` or ``'NHWC'``.
    """

    def __init__(
        self,
        pool_size: Ints = (2, 2),
        strides: Ints | None = None,
        padding: Ints = 0,
        ceil_mode: bool = False,
        layout: str = "NCHW",
        count_include_pad: bool = True,
        **kwargs: Any,
    ) -> None:
        _check_layout(layout, 2)
        window = _per_axis("pool_size", pool_size, 2)
        super().__init__(window, strides, padding, ceil_mode, False, "avg", layout, count_include_pad, **kwargs)


class AvgPool3D(_Pooling):
    """The mean of each window over three axes: x (N, C, depth, height, width) -> (N, C, ...).

    Args as of ``AvgPool1D``, with numbers or tuples of three; layout ``'NCDHW'`` or ``'NDHWC'``.
    """

    def __init__(
        self,
        pool_size: Ints = (2, 2, 2),
        strides: Ints | None = None,
        padding: Ints = 0,
        ceil_mode: bool = False,
        layout: str = "NCDHW",
        count_include_pad: bool = True,
        **kwargs: Any,
    ) -> None:
        _check_layout(layout, 3)
        window = _per_axis("pool_size", pool_size, 3)
        super().__init__(window, strides, padding, ceil_mode, False, "avg", layout, count_include_pad, **kwargs)


class GlobalAvgPool1D(_Pooling):
    """The mean of each channel: x of layout ``'NCW'`` or ``'NWC'`` -> the same with an axis of length 1."""

    def __init__(self, layout: str = "NCW", **kwargs: Any) -> None:
        _check_layout(layout, 1)
        super().__init__((1,), None, 0, True, True, "avg", layout, **kwargs)


class GlobalAvgPool2D(_Pooling):
    """The mean of each channel: x of layout ``'NCHW'`` or ``'NHWC'`` -> the same with axes of length 1."""

    def __init__(self, layout: str = "NCHW", **kwargs: Any) -> None:
        _check_layout(layout, 2)
        super().__init__((1, 1), None, 0, True, True, "avg", layout, **kwargs)


class GlobalAvgPool3D(_Pooling):
    """The mean of each channel: x of layout ``'NCDHW'`` or ``'NDHWC'`` -> the same with axes of length 1."""

    def __init__(self, layout: str = "NCDHW", **kwargs: Any) -> None:
        _check_layout(layout, 3)
        super().__init__((1, 1, 1), None, 0, True, True, "avg", layout, **kwargs)


# ---------------------------------------------------------------------------------------------- padding
class ReflectionPad2D(HybridBlock):
    """x (N, C, height, width) with its border mirrored outside of it.

    Args:
        padding: how far on all four sides; or eight numbers, before and after on each axis, the first four of them 0.
        kwargs: ``prefix`` and ``params`` of a Block.

    Raises:
        AssertionError: another number of numbers.
    """

    def __init__(self, padding: int | Sequence[int] = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(padding, numeric_types):
            padding = (0, 0, 0, 0, padding, padding, padding, padding)
        assert len(padding) == 8, f"padding must be a number or a list of 8 ints, got {padding}"
        self._padding = padding

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).pad(x, mode="reflect", pad_width=self._padding)
