"""Reductions (sum, mean, max, norm, argmax, ...) and their inverse, broadcasting to a shape.

``axis`` is one axis or several; none, or an empty tuple, means all. ``exclude`` reduces all axes but those given.
The dtype stays; a result is never of shape (): reducing all axes of (3, 4) gives (1,), or (1, 1) with ``keepdims``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch

from .elemwise import no_bool, only_float
from .registry import operator
from .schema import Dtype, Floats, Shape

Reduction = Callable[[torch.Tensor, Shape | None, bool], torch.Tensor]
"""``fn(data, dims, keepdims)``; dims None means all of them."""


# ---------------------------------------------------------------------------------------------- axes
def normal_axes(ndim: int, axis: Shape) -> Shape:
    """``axis`` sorted, counted from the front.

    Raises:
        ValueError: an axis is out of range or given twice.
    """
    axes = sorted(a + ndim if a < 0 else a for a in axis)
    if axes and not 0 <= axes[0] <= axes[-1] < ndim:
        raise ValueError(f"axis {axis} is out of range for {ndim} dimensions")
    if len(set(axes)) < len(axes):
        raise ValueError(f"axis {axis} names a dimension twice")
    return tuple(axes)


def reduced(
    fn: Reduction, data: torch.Tensor, axis: Shape | None, keepdims: bool, exclude: bool = False
) -> torch.Tensor:
    """``fn`` over the dimensions that MXNet's attributes mean, its result of shape (1,) in place of ()."""
    if not axis:
        axis = None
    elif exclude:
        named = normal_axes(data.ndim, axis)
        axis = tuple(d for d in range(data.ndim) if d not in named)
        if not axis:  # nothing is reduced, which is to say a new dimension of size 1
            data, axis, keepdims = data.unsqueeze(-1), (-1,), False
    result = fn(data, axis, keepdims)
    return result if result.ndim else result.reshape(1)


# ---------------------------------------------------------------------------------------------- sums and products
def _sum(data: torch.Tensor, dims: Shape | None, keepdims: bool) -> torch.Tensor:
    return torch.sum(data, dims, keepdims, dtype=data.dtype)


def _mean(data: torch.Tensor, dims: Shape | None, keepdims: bool) -> torch.Tensor:
    # written out: PyTorch's exporter of ONNX files wants axes
    return torch.mean(data, tuple(range(data.ndim)) if dims is None else dims, keepdims)


def _whole_mean(data: torch.Tensor, dims: Shape | None, keepdims: bool) -> torch.Tensor:
    total = _sum(data, dims, keepdims)
    if data.dtype is torch.bool:
        return total
    count = data.numel() // total.numel() if total.numel() else 1
    return torch.div(total, count, rounding_mode="trunc")


def _prod(data: torch.Tensor, dims: Shape | None, keepdims: bool) -> torch.Tensor:
    dims = range(data.ndim) if dims is None else normal_axes(data.ndim, dims)
    for dim in reversed(dims):
        data = torch.prod(data, dim, keepdims, dtype=data.dtype)
    return data


def _nanprod(data: torch.Tensor, dims: Shape | None, keepdims: bool) -> torch.Tensor:
    return _prod(data.masked_fill(data.isnan(), 1), dims, keepdims)


@operator("sum", "sum_axis", "_sparse_sum")
def sum_(
    data: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False, exclude: bool = False
) -> torch.Tensor:
    """The sum; integers wrap around, of booleans it is ``any``."""
    return reduced(torch.sum if data.is_floating_point() else _sum, data, axis, keepdims, exclude)


@operator("mean", "_sparse_mean")
def mean(
    data: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False, exclude: bool = False
) -> torch.Tensor:
    """The mean; of integers their (wrapped) sum, divided and truncated toward zero, of booleans ``any``."""
    return reduced(_mean if data.is_floating_point() else _whole_mean, data, axis, keepdims, exclude)


@operator("prod")
def prod(
    data: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False, exclude: bool = False
) -> torch.Tensor:
    """The product; integers wrap around. Its gradient holds where elements are 0, too (MXNet has NaN there)."""
    return reduced(_prod, data, axis, keepdims, exclude)


@operator("nansum")
def nansum(
    data: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False, exclude: bool = False
) -> torch.Tensor:
    """The sum, NaN counting as 0."""
    return reduced(torch.nansum if data.is_floating_point() else _sum, data, axis, keepdims, exclude)


@operator("nanprod")
def nanprod(
    data: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False, exclude: bool = False
) -> torch.Tensor:
    """The product, NaN counting as 1."""
    return reduced(_nanprod, data, axis, keepdims, exclude)


@operator("_square_sum")
def square_sum(
    data: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False, exclude: bool = False
) -> torch.Tensor:
    """The sum of squares (MXNet has it for row_sparse arrays only)."""
    return reduced(_sum, torch.square(no_bool(data)), axis, keepdims, exclude)


@operator("moments", outputs=("output0", "output1"))
def moments(
    data: torch.Tensor, *, axes: Shape | None = None, keepdims: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and variance (of the whole population) over ``axes``, which must name at least one axis."""
    if not axes:
        raise ValueError("axes is empty; name all axes for the moments of the whole array")
    center = mean(no_bool(data), axis=axes, keepdims=True)
    variance = mean(torch.square(data - center), axis=axes, keepdims=keepdims)
    return (center if keepdims else center.reshape(variance.shape)), variance


# ---------------------------------------------------------------------------------------------- extrema
class _Extremum(torch.autograd.Function):
    """amax or amin with MXNet's gradient: the whole of it to each of several equal elements (torch shares it out)."""

    @staticmethod
    def forward(ctx: Any, data: torch.Tensor, fn: Reduction, dims: Shape) -> torch.Tensor:
        result = fn(data, dims, True)
        ctx.save_for_backward(data, result)
        return result

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        data, result = ctx.saved_tensors
        return grads[0] * (data == result), None, None


def _extremum(fn: Reduction) -> Reduction:
    def apply(data: torch.Tensor, dims: Shape | None, keepdims: bool) -> torch.Tensor:
        if dims is None:
            dims = tuple(range(data.ndim))  # written out: ONNX has no maximum over no axes
        if not data.requires_grad:
            return fn(data, dims, keepdims)
        result = _Extremum.apply(data, fn, dims)
        return result if keepdims else result.squeeze(dims or tuple(range(data.ndim)))

    return apply


largest, smallest = _extremum(torch.amax), _extremum(torch.amin)


@operator("max", "max_axis")
def max_(
    data: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False, exclude: bool = False
) -> torch.Tensor:
    """The maximum, NaN where one element is NaN; several equal maxima get the gradient each."""
    return reduced(largest, data, axis, keepdims, exclude)


@operator("min", "min_axis")
def min_(
    data: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False, exclude: bool = False
) -> torch.Tensor:
    """The minimum, NaN where one element is NaN; several equal minima get the gradient each."""
    return reduced(smallest, data, axis, keepdims, exclude)


def _position(fn: Callable[..., torch.Tensor], data: torch.Tensor, axis: int | None, keepdims: bool) -> torch.Tensor:
    result = fn(no_bool(data), axis, keepdims).to(data.dtype)
    return result if result.ndim else result.reshape(1)


@operator("argmax")
def argmax(data: torch.Tensor, *, axis: int | None = None, keepdims: bool = False) -> torch.Tensor:
    """The index of the first maximum along ``axis`` (None: of the flattened array), in the dtype of ``data``."""
    return _position(torch.argmax, data, axis, keepdims)


@operator("argmin")
def argmin(data: torch.Tensor, *, axis: int | None = None, keepdims: bool = False) -> torch.Tensor:
    """The index of the first minimum along ``axis`` (None: of the flattened array), in the dtype of ``data``."""
    return _position(torch.argmin, data, axis, keepdims)


@operator("argmax_channel")
def argmax_channel(data: torch.Tensor) -> torch.Tensor:
    """The index of the first maximum along axis 1, in the dtype of ``data``: (N, C, ...) -> (N, ...)."""
    return _position(torch.argmax, data, 1, False)


# ---------------------------------------------------------------------------------------------- norms
def _norm_dtypes(
    dtypes: Sequence[torch.dtype | None], *, out_dtype: torch.dtype | None, outputs: Sequence[Any], **_: Any
) -> tuple[Any, Any]:
    if out_dtype is None:
        dtypes = [dtypes[0] or outputs[0]]
    return dtypes, [out_dtype or dtypes[0]]


@operator("norm", "_sparse_norm", infer_dtypes=_norm_dtypes)
def norm(
    data: torch.Tensor,
    *,
    ord: int = 2,
    axis: Shape | None = None,
    out_dtype: Dtype | None = None,
    keepdims: bool = False,
) -> torch.Tensor:
    """The sum of absolute values (``ord`` 1) or the root of the sum of squares (2), in ``out_dtype`` if given.

    Where all elements are 0 the gradient is 0 (MXNet has NaN). Integers are computed in float64 and truncated
    (MXNet truncates on the way), float16 is added up in float32 (MXNet loses small addends).
    """
    if ord not in (1, 2):
        raise ValueError(f"ord must be 1 or 2, got {ord}")
    if out_dtype is torch.bool:
        raise ValueError("out_dtype cannot be bool")
    wide = data.dtype if out_dtype is None else torch.promote_types(data.dtype, out_dtype)
    if not wide.is_floating_point:
        wide = torch.float64
    result = reduced(lambda x, dims, keep: torch.linalg.vector_norm(x, ord, dims, keep), data.to(wide), axis, keepdims)
    return result.to(out_dtype or data.dtype)


@operator("L2Normalization", outputs=("output", "norm"), visible=1)
def l2_normalization(
    data: torch.Tensor, *, eps: float = 1e-10, mode: Literal["channel", "instance", "spatial"] = "instance"
) -> tuple[torch.Tensor, torch.Tensor]:
    """``data`` / norm with norm = sqrt(sum of squares + ``eps``), and the norm; floating-point dtypes.

    The sum is over all but the first axis (``instance``), over axis 1 (``channel``) or over the axes from 2 on
    (``spatial``); the last two need (N, C, ...) with at least three dimensions.
    """
    if mode != "instance" and data.ndim < 3:
        raise ValueError(f"mode {mode!r} needs at least three dimensions, got {tuple(data.shape)}")
    dims = (1,) if mode == "channel" else tuple(range(1 if mode == "instance" else 2, data.ndim))
    squares = torch.square(only_float(data))
    length = torch.sqrt((torch.sum(squares, dims, True) if dims else squares) + eps)
    return data / length, length.squeeze(dims) if dims else length


# ---------------------------------------------------------------------------------------------- broadcasting
def _expand(data: torch.Tensor, shape: Shape) -> torch.Tensor:
    """``data`` expanded to ``shape``, which has as many dimensions."""
    if len(shape) != data.ndim or any(new != old and (old != 1 or new < 0) for new, old in zip(shape, data.shape)):
        raise ValueError(f"shape {tuple(data.shape)} cannot be broadcast to {tuple(shape)}")
    return data.expand(shape)


@operator("broadcast_to", may_alias=True)
def broadcast_to(data: torch.Tensor, *, shape: Shape = ()) -> torch.Tensor:
    """``data``, repeated along its axes of size 1 to ``shape``, in which 0 keeps an axis as it is."""
    if len(shape) == data.ndim:
        shape = tuple(new or old for new, old in zip(shape, data.shape))
    return _expand(data, shape)


@operator("broadcast_axis", "broadcast_axes", may_alias=True)
def broadcast_axis(data: torch.Tensor, *, axis: Shape = (), size: Shape = ()) -> torch.Tensor:
    """``data``, repeated along each ``axis`` (which has size 1, counted from the front) ``size`` times."""
    if len(axis) != len(size):
        raise ValueError(f"axis {axis} and size {size} differ in length")
    shape = list(data.shape)
    for a, n in zip(axis, size):
        if not 0 <= a < data.ndim or shape[a] != 1:
            raise ValueError(f"axis {a} of shape {tuple(data.shape)} is not an axis of size 1")
        if n < 0:
            raise ValueError(f"size {n} of axis {a} must not be negative")
        shape[a] = n
    return data.expand(shape)


@operator("broadcast_like", mixed_dtypes=True, may_alias=True)
def broadcast_like(
    lhs: torch.Tensor, rhs: torch.Tensor, *, lhs_axes: Shape | None = None, rhs_axes: Shape | None = None
) -> torch.Tensor:
    """``lhs``, repeated along its axes of size 1 to the shape of ``rhs``.

    With ``lhs_axes`` and ``rhs_axes`` only those axes of ``lhs``, to the sizes of the paired axes of ``rhs``;
    one of the two alone means nothing.
    """
    if lhs_axes is None or rhs_axes is None:
        return _expand(lhs, tuple(rhs.shape))
    if not lhs_axes or len(lhs_axes) != len(rhs_axes):
        raise ValueError(f"lhs_axes {lhs_axes} and rhs_axes {rhs_axes} are not pairs of axes")
    shape = list(lhs.shape)
    for a, b in zip(lhs_axes, rhs_axes):
        shape[a] = rhs.shape[b]
    return _expand(lhs, tuple(shape))


def _no_bins(bin_cnt: int | None, **_: Any) -> tuple[str, ...]:
    return () if bin_cnt is None else ("bins",)


def _histogram_dtypes(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
    return dtypes, [torch.int64, dtypes[0]]


@operator(
    "_histogram", "_npi_histogram", absent=_no_bins, outputs=("output0", "output1"), infer_dtypes=_histogram_dtypes
)
def histogram(
    data: torch.Tensor, bins: torch.Tensor | None = None, *, bin_cnt: int | None = None, range: Floats | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """How many elements lie in each bin (int64), and the n + 1 edges of the bins, in data's dtype.

    The edges are ``bins``, or ``bin_cnt`` bins of one width in ``range``. A bin holds its left edge, the last one both.
    """
    if (bin_cnt is None) != (range is None):
        raise ValueError("bin_cnt and range are given both, or neither")
    if range is not None:
        if len(range) != 2 or range[0] > range[1] or bin_cnt < 1:
            raise ValueError(f"bins between a lower and an upper edge are wanted, got {bin_cnt} in {range}")
        steps = torch.arange(bin_cnt + 1, dtype=torch.float64, device=data.device)
        bins = (range[0] + steps * ((range[1] - range[0]) / bin_cnt)).to(data.dtype)
    elif bins.ndim != 1:
        raise ValueError(f"bins must have one dimension, got {tuple(bins.shape)}")
    edges, values = bins.detach().double(), data.detach().double().flatten()
    count = max(len(edges) - 1, 0)
    # those left of the first edge get number 0, those right of the last one count + 1; on the last edge: the last bin
    place = torch.bucketize(values, edges, right=True)
    place = torch.where(values == edges[-1], count, place)
    found = torch.zeros(count + 2, dtype=torch.int64, device=data.device)
    found = found.scatter_add(0, place, torch.ones_like(place))
    return found[1 : count + 1], bins.clone()


# ---------------------------------------------------------------------------------------------- running sums
def summed_dtype(
    dtypes: Sequence[torch.dtype | None], *, dtype: torch.dtype | None = None, **_: Any
) -> tuple[Any, Any]:
    """``infer_dtypes`` of sums and products: ``dtype``, else that of the data, int64 for booleans."""
    data = dtypes[0]
    return [data], [dtype or (torch.int64 if data is torch.bool else data)]


@operator("_np_cumsum", "cumsum", infer_dtypes=summed_dtype)
def cumsum(a: torch.Tensor, *, axis: int | None = None, dtype: Dtype | None = None) -> torch.Tensor:
    """Sums of the elements up to each one along ``axis``; without an axis, of the flattened array: (a.size,).

    The dtype is ``dtype``, else that of ``a`` (of booleans int64). Integers wrap around.
    """
    if axis is None:
        a, axis = a.flatten(), 0
    if not -a.ndim <= axis < a.ndim:
        raise ValueError(f"axis {axis} is out of range for {a.ndim} dimensions")
    return a.cumsum(axis, dtype=dtype or (torch.int64 if a.dtype is torch.bool else a.dtype))
