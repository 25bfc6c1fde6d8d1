"""Operators of mx.np and mx.npx as files hold them that move elements or make arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import pi, prod
from typing import Any, Literal

import torch

from ..base import ParameterError
from .registry import makes, operator
from .schema import Dtype, Long, Shape, Shapes
from .shape import arange, linspace
from .shape_rules import reshape_shapes

Tensors = tuple[torch.Tensor, ...]


# ---------------------------------------------------------------------------------------------- shapes
Known = Sequence[tuple[int, ...] | None]


def _reshape_shapes(shapes: Known, *, newshape: Shape, outputs: Known = (), **_: Any) -> list[Any]:
    return reshape_shapes(shapes, shape=newshape, outputs=outputs)


@operator("_np_reshape", infer_inputs=_reshape_shapes, may_alias=True)
def reshape(a: torch.Tensor, *, newshape: Shape, order: str = "C") -> torch.Tensor:
    """a in another shape; -1 for the length that follows from the others."""
    if order != "C":
        raise ValueError(f"order must be 'C', got {order!r}")
    return a.reshape(newshape)


def _codes(dims: Sequence[int], codes: Sequence[int]) -> list[int]:
    """The shape that codes of npx.reshape mean: -2 keeps a length, -3 drops a 1, -4 keeps all that is left, -5 joins
    two lengths, -6 splits one into the next two codes, -1 follows from the others.

    Raises:
        ValueError: codes that do not fit.
    """
    found: list[int] = []
    left, waiting = list(dims), list(codes)
    while waiting:
        code = waiting.pop(0)
        if code in (-2, -3, -5, -6) and not left:
            raise ValueError(f"newshape {tuple(codes)} has more codes than the {len(dims)} dimensions")
        if code == -2:
            found.append(left.pop(0))
        elif code == -3:
            if left.pop(0) != 1:
                raise ValueError("code -3 drops dimensions of length 1 only")
        elif code == -4:
            found += left
            left = []
        elif code == -5:
            if len(left) < 2:
                raise ValueError("code -5 joins two dimensions, and there is one")
            found.append(left.pop(0) * left.pop(0))
        elif code == -6:
            whole, (one, other) = left.pop(0), (waiting.pop(0), waiting.pop(0))
            one, other = (whole // other if one == -1 else one), (whole // one if other == -1 else other)
            if one * other != whole:
                raise ValueError(f"code -6 cannot split dimension {whole} into {one} and {other}")
            found += [one, other]
        else:
            found.append(code)
            if left:
                left.pop(0)
    if -1 in found:
        known = prod(n for n in found if n != -1)
        found[found.index(-1)] = prod(dims) // known if known else 0
    return found


@operator("_npx_reshape", "_npi_reshape", may_alias=True)
def npx_reshape(a: torch.Tensor, *, newshape: Shape, reverse: bool = False, order: str = "C") -> torch.Tensor:
    """a in another shape, by the codes -1 to -6, read from the right with ``reverse``."""
    if order != "C":
        raise ValueError(f"order must be 'C', got {order!r}")
    if reverse:
        return a.reshape(_codes(a.shape[::-1], newshape[::-1])[::-1])
    return a.reshape(_codes(a.shape, newshape))


@operator("_np_transpose", may_alias=True)
def transpose(a: torch.Tensor, *, axes: Shape | None = None) -> torch.Tensor:
    """a with its axes in another order; reversed without one."""
    if axes and len({axis % a.ndim for axis in axes}) < len(axes) == a.ndim:
        raise ParameterError(f"axes {axes} name an axis twice")
    return a.permute(axes if axes else tuple(range(a.ndim))[::-1])


@operator("_np_moveaxis", may_alias=True)
def moveaxis(a: torch.Tensor, *, source: Shape, destination: Shape) -> torch.Tensor:
    """a with axes at other places."""
    return torch.movedim(a, source, destination)


@operator("_np_squeeze", may_alias=True)
def squeeze(a: torch.Tensor, *, axis: Shape | None = None) -> torch.Tensor:
    """a without axes of length 1: all, or those named."""
    if axis is None:
        return a.squeeze()
    if any(a.shape[d] != 1 for d in axis):
        raise ValueError(f"axis {axis} is not of length 1 in shape {tuple(a.shape)}")
    return a.squeeze(axis)


@operator("_npi_broadcast_to", may_alias=True)
def broadcast_to(array: torch.Tensor, *, shape: Shape = ()) -> torch.Tensor:
    """The array repeated to the shape; -2 keeps a length."""
    if any(n < 0 and n != -2 for n in shape):
        raise ValueError(f"lengths cannot be negative, got {shape}")
    ahead = len(shape) - array.ndim
    return array.expand([array.shape[d - ahead] if n == -2 else n for d, n in enumerate(shape)])


def _one_each(num_args: int, **_: Any) -> list[str]:
    return ["output"] if num_args == 1 else [f"output{i}" for i in range(num_args)]


@operator("_np_atleast_1d", count="num_args", outputs=_one_each)
def atleast_1d(*arys: torch.Tensor) -> Tensors:
    """Each with one axis or more."""
    return tuple(x.clone() for x in torch.atleast_1d(arys))


@operator("_np_atleast_2d", count="num_args", outputs=_one_each)
def atleast_2d(*arys: torch.Tensor) -> Tensors:
    """Each with two axes or more, new ones in front."""
    return tuple(x.clone() for x in torch.atleast_2d(arys))


@operator("_np_atleast_3d", count="num_args", outputs=_one_each)
def atleast_3d(*arys: torch.Tensor) -> Tensors:
    """Each with three axes or more: vectors in the middle, matrices in front."""
    return tuple(x.clone() for x in torch.atleast_3d(arys))


# ---------------------------------------------------------------------------------------------- joining and splitting
@operator("_npi_concatenate", count="num_args", outputs=("out",))
def concatenate(*data: torch.Tensor, axis: int | None = 0) -> torch.Tensor:
    """The tensors one behind the other along the axis; without one, all elements in a row."""
    return torch.cat([x.reshape(-1) for x in data]) if axis is None else torch.cat(data, axis)


@operator("_npi_stack", count="num_args")
def stack(*data: torch.Tensor, axis: int = 0) -> torch.Tensor:
    """The tensors along a new axis."""
    return torch.stack(data, axis)


@operator("_npi_vstack", count="num_args")
def vstack(*data: torch.Tensor) -> torch.Tensor:
    """The tensors one below the other; vectors are rows."""
    return torch.vstack(data)


@operator("_npi_hstack", count="num_args", outputs=("out",))
def hstack(*data: torch.Tensor, dim: int = 1) -> torch.Tensor:
    """The tensors side by side; the axis is the second, of vectors the first."""
    del dim
    return torch.hstack(data)


@operator("_npi_dstack", count="num_args", outputs=("out",))
def dstack(*data: torch.Tensor, dim: int = 1) -> torch.Tensor:
    """The tensors one behind the other along the third axis."""
    del dim
    return torch.dstack(data)


@operator("_npi_column_stack", count="num_args")
def column_stack(*data: torch.Tensor) -> torch.Tensor:
    """The tensors side by side; vectors are columns."""
    return torch.column_stack(data)


def _parts(*, indices: Shape, sections: int = 0, **_: Any) -> list[str]:
    return [f"output{i}" for i in range(sections or len(indices))]


def _split(data: torch.Tensor, indices: Shape, axis: int, squeeze_axis: bool, sections: int) -> Tensors:
    length = data.shape[axis]
    if sections:
        size, longer = divmod(length, sections)
        indices = tuple(size * i + min(i, longer) for i in range(sections))
    ends = [*indices[1:], length]
    if any(a > b for a, b in zip(indices, ends, strict=True)):
        raise ValueError(f"indices must not go down, nor beyond {length}: {indices}")
    found = [data.narrow(axis, a, b - a) for a, b in zip(indices, ends, strict=True)]
    return tuple(x.squeeze(axis).clone() if squeeze_axis else x.clone() for x in found)


@operator("_npi_hsplit", outputs=_parts)
def hsplit(
    data: torch.Tensor, *, indices: Shape, axis: int = 1, squeeze_axis: bool = False, sections: int = 0
) -> Tensors:
    """Parts along the second axis, of vectors the first: ``sections`` of one length, the first ones
    longer by one where that leaves a rest, or from each index on."""
    del axis
    return _split(data, indices, 1 if data.ndim > 1 else 0, squeeze_axis, sections)


@operator("_npi_dsplit", outputs=_parts)
def dsplit(
    data: torch.Tensor, *, indices: Shape, axis: int = 1, squeeze_axis: bool = False, sections: int = 0
) -> Tensors:
    """Parts along the third axis: ``sections`` of one length, the first ones
    longer by one where that leaves a rest, or from each index on."""
    del axis
    return _split(data, indices, 2, squeeze_axis, sections)


# ---------------------------------------------------------------------------------------------- orders
@operator("_npi_flip")
def flip(data: torch.Tensor, *, axis: Shape | None = None) -> torch.Tensor:
    """data backwards along the axes; along all without any."""
    return torch.flip(data, tuple(range(data.ndim)) if axis is None else axis)


@operator("_np_roll")
def roll(data: torch.Tensor, *, shift: Shape | None = None, axis: Shape | None = None) -> torch.Tensor:
    """data moved along the axes (None: as one row), what leaves it coming in at the other end."""
    if shift is None:
        raise ValueError("shift must be given")
    if axis is None:
        if len(shift) != 1:
            raise ValueError(f"shift must be one number where there is no axis, got {shift}")
        return torch.roll(data.reshape(-1), shift[0]).reshape(data.shape)
    shifts = shift * len(axis) if len(shift) == 1 else shift
    return torch.roll(data, shifts, axis)


@operator("_npi_rot90")
def rot90(data: torch.Tensor, *, k: int = 1, axes: Shape | None = None) -> torch.Tensor:
    """data turned k times by 90 degrees, from the first axis to the second."""
    return torch.rot90(data, k, axes or (0, 1))


@operator("_np_diag")
def diag(data: torch.Tensor, *, k: int = 0) -> torch.Tensor:
    """A matrix's k-th diagonal, or the matrix with that diagonal."""
    return torch.diag(data, k)


@operator("_np_diagflat")
def diagflat(data: torch.Tensor, *, k: int = 0) -> torch.Tensor:
    """The matrix with all elements on its k-th diagonal."""
    return torch.diag(data.reshape(-1), k)


@operator("_np_diagonal")
def diagonal(data: torch.Tensor, *, offset: int = 0, axis1: int = 0, axis2: int = 1) -> torch.Tensor:
    """Diagonals of the two axes, along the last one."""
    return torch.diagonal(data, offset, axis1, axis2).clone()


@operator("_np_trace")
def trace(data: torch.Tensor, *, offset: int = 0, axis1: int = 0, axis2: int = 1) -> torch.Tensor:
    """Sums of the diagonals of the two axes; of booleans, their number."""
    dtype = torch.int64 if data.dtype is torch.bool else data.dtype
    return torch.diagonal(data, offset, axis1, axis2).sum(-1, dtype=dtype)


@operator("_npi_tril")
def tril(data: torch.Tensor, *, k: int = 0) -> torch.Tensor:
    """data with 0 above the k-th diagonal; a vector stands for the matrix whose rows are all the vector."""
    return torch.tril(data.expand(len(data), -1) if data.ndim == 1 else data, k)


@operator("_npi_diff")
def diff(a: torch.Tensor, *, n: int = 1, axis: int = -1) -> torch.Tensor:
    """Differences of neighbours along the axis, n times."""
    return torch.diff(a, n, axis)


@operator("_npi_pad")
def pad(
    data: torch.Tensor,
    *,
    pad_width: Shapes,
    mode: Literal["constant", "edge", "maximum", "minimum", "reflect", "symmetric"] = "constant",
    constant_value: float = 0.0,
    reflect_type: str = "even",
) -> torch.Tensor:
    """data with so many elements before and behind along each axis; one pair is for all of them."""
    if reflect_type != "even":
        raise ValueError(f"reflect_type must be 'even', got {reflect_type!r}")
    widths = pad_width * data.ndim if len(pad_width) == 1 and data.ndim else pad_width
    if len(widths) != data.ndim:
        raise ValueError(f"pad_width must have a pair for each of the {data.ndim} axes, got {pad_width}")
    for d, (before, behind) in enumerate(widths):
        n = data.shape[d]
        if mode == "constant":
            shapes = [(*data.shape[:d], w, *data.shape[d + 1 :]) for w in (before, behind)]
            data = torch.cat(
                [data.new_full(shapes[0], constant_value), data, data.new_full(shapes[1], constant_value)], d
            )
            continue
        if mode in ("maximum", "minimum"):
            edge = (torch.amax if mode == "maximum" else torch.amin)(data, d, keepdim=True)
            data = torch.cat([edge.repeat_interleave(before, d), data, edge.repeat_interleave(behind, d)], d)
            continue
        places = torch.arange(-before, n + behind, device=data.device)
        if mode == "edge":
            places = places.clamp(0, n - 1)
        else:
            period = 2 * n if mode == "symmetric" else max(2 * n - 2, 1)
            places = places.remainder(period)
            places = torch.where(places >= n, (2 * n - 1 if mode == "symmetric" else 2 * n - 2) - places, places)
        data = data.index_select(d, places)
    return data


# ---------------------------------------------------------------------------------------------- creation
@operator("_npi_zeros")
def zeros(*, shape: Shape = (), device: torch.device, dtype: Dtype = torch.float32) -> torch.Tensor:
    """All 0; of shape () a scalar."""
    return torch.zeros(shape, dtype=dtype, device=device)


@operator("_npi_ones")
def ones(*, shape: Shape = (), device: torch.device, dtype: Dtype = torch.float32) -> torch.Tensor:
    """All 1; of shape () a scalar."""
    return torch.ones(shape, dtype=dtype, device=device)


@operator("_npi_identity")
def identity(*, shape: Shape = (), device: torch.device, dtype: Dtype = torch.float32) -> torch.Tensor:
    """The square matrix with 1 on the diagonal, of shape (n, n)."""
    return torch.eye(*shape, dtype=dtype, device=device)


@operator("_npi_eye")
def eye(
    *,
    N: Long,
    M: Long | None = None,
    k: Long = 0,
    device: torch.device,
    dtype: Dtype = torch.float32,  # noqa: N803
) -> torch.Tensor:
    """The matrix (N, M or N) with 1 on diagonal k, 0 elsewhere."""
    rows = torch.arange(N, device=device).unsqueeze(1)
    return (torch.arange(N if M is None else M, device=device) - rows == k).to(dtype)


def _like_dtype(dtypes: Sequence[torch.dtype | None], *, dtype: torch.dtype | None = None, **_: Any) -> Any:
    return list(dtypes), [dtype or dtypes[0]]


@operator("_npi_full_like", infer_dtypes=_like_dtype)
def full_like(a: torch.Tensor, *, fill_value: float, ctx: str = "", dtype: Dtype | None = None) -> torch.Tensor:
    """All ``fill_value``, in the shape of a, where a is."""
    del ctx
    return torch.full_like(a, fill_value, dtype=dtype, requires_grad=False)


@operator("_npi_arange")
def np_arange(
    *,
    start: float,
    stop: float | None = None,
    step: float = 1.0,
    repeat: int = 1,
    infer_range: bool = False,
    device: torch.device,
    dtype: Dtype = torch.float32,
) -> torch.Tensor:
    """As ``arange``; nothing, of shape (0,), where there is nothing between start and stop."""
    first, last = (0.0, start) if stop is None else (start, stop)
    if step and (last - first) * step <= 0:
        return torch.empty(0, dtype=dtype, device=device)
    return arange(start=start, stop=stop, step=step, repeat=repeat, infer_range=infer_range, device=device, dtype=dtype)


@operator("_npi_logspace")
def logspace(
    *,
    start: float,
    stop: float,
    num: int,
    endpoint: bool = True,
    base: float = 10.0,
    device: torch.device,
    dtype: Dtype = torch.float32,
) -> torch.Tensor:
    """``num`` powers of ``base``, whose exponents have equal distances from start to stop."""
    exponents = linspace(start=start, stop=stop, num=num, endpoint=endpoint, device=device, dtype=torch.float64)
    return torch.pow(base, exponents).to(dtype)


@operator("_npi_indices", infer_dtypes=makes(torch.int32))
def indices(*, dimensions: Shape, dtype: Dtype = torch.int32, device: torch.device) -> torch.Tensor:
    """(number of dimensions, *dimensions): the index of each element along each axis."""
    if not dimensions:
        return torch.empty(0, dtype=dtype, device=device)
    axes = [torch.arange(n, device=device, dtype=dtype) for n in dimensions]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"))


# ---------------------------------------------------------------------------------------------- windows
_WINDOWS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "blackman": lambda x: 0.42 - 0.5 * torch.cos(x) + 0.08 * torch.cos(2 * x),
    "hamming": lambda x: 0.54 - 0.46 * torch.cos(x),
    "hanning": lambda x: 0.5 - 0.5 * torch.cos(x),
}


def _window(name: str, of_angle: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., torch.Tensor]:
    def window(*, M: Long | None = None, device: torch.device, dtype: Dtype = torch.float32) -> torch.Tensor:  # noqa: N803
        if M is None:
            raise ValueError("M must be given")
        points = max(M, 0)
        if points == 1:
            return torch.ones(1, dtype=dtype, device=device)
        angles = torch.arange(points, dtype=torch.float64, device=device) * (2 * pi / max(points - 1, 1))
        return of_angle(angles).to(dtype)

    window.__name__ = window.__qualname__ = name
    window.__doc__ = f"The {name} window of M points, which are 1 for a single one."
    return window


for _name, _of_angle in _WINDOWS.items():
    operator(f"_npi_{_name}")(_window(_name, _of_angle))
