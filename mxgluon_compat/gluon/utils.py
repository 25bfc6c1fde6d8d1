"""Splitting batches over devices, clipping gradients, downloading files, and small helpers of gluon."""

from __future__ import annotations

import math
import warnings
import weakref
from collections.abc import MutableMapping, Sequence
from typing import Any

import torch

from .. import ndarray, symbol
from ..base import MXNetError
from ..context import Context
from ..fetch import (  # noqa: F401 - some are names of this module in MXNet, some are for gluon alone
    _attempts,
    _fetch,
    _get_repo_file_url,
    _get_repo_url,
    check_sha1,
    download,
    replace_file,
)
from ..numpy import family
from ..util import is_np_array, is_np_shape

__all__ = [
    "HookHandle", "check_sha1", "clip_global_norm", "download", "replace_file", "split_and_load", "split_data",
]  # fmt: skip

NDArray = ndarray.NDArray


# ---------------------------------------------------------------------------------------------- several devices
def split_data(data: Any, num_slice: int, batch_axis: int = 0, even_split: bool = True) -> list[Any]:
    """Cuts ``data`` along ``batch_axis`` into ``num_slice`` slices; the first ones are longer where it does not divide.

    Args:
        data: an NDArray or a numpy array.
        num_slice: number of slices.
        batch_axis: the axis to cut.
        even_split: refuse a length that does not divide.

    Raises:
        ValueError: ``even_split``, and the length is not a multiple of ``num_slice``.
    """
    size = data.shape[batch_axis]
    if even_split and size % num_slice:
        raise ValueError(
            f"data with shape {data.shape} cannot be evenly split into {num_slice} slices along axis {batch_axis}. "
            f"Use a batch size that's multiple of {num_slice} or set even_split=False to allow uneven partitioning "
            "of data."
        )
    step, longer = divmod(size, num_slice)
    ends = [step * i + min(i, longer) for i in range(num_slice + 1)]
    before = (slice(None),) * (batch_axis % len(data.shape))
    return [data[(*before, slice(begin, end))] for begin, end in zip(ends, ends[1:])]


def split_and_load(
    data: Any, ctx_list: Sequence[Context], batch_axis: int = 0, even_split: bool = True
) -> list[NDArray]:
    """``split_data`` into a slice for each context, moved there; what is not an NDArray becomes one first."""
    if not isinstance(data, NDArray):
        data = family.array(data, ctx=ctx_list[0])
    if len(ctx_list) == 1:
        return [data.as_in_context(ctx_list[0])]
    slices = split_data(data, len(ctx_list), batch_axis, even_split)
    return [part.as_in_context(ctx) for part, ctx in zip(slices, ctx_list)]


# ---------------------------------------------------------------------------------------------- gradients
def clip_global_norm(
    arrays: Sequence[NDArray], max_norm: float | NDArray, check_isfinite: bool = True
) -> float | NDArray:
    """Scales the arrays in place so that the norm of all of them together is at most ``max_norm``.

    Args:
        arrays: of any shapes, dtypes and contexts.
        max_norm: the bound, a number or an array of one.
        check_isfinite: warn where the norm is not finite, which waits for the device.

    Returns:
        The norm before: a number of NumPy's, or (``check_isfinite=False``) an array (1,) on the first array's context.

    Raises:
        MXNetError: an array of integers.
    """
    assert len(arrays) > 0, "clip_global_norm needs at least one array"
    if isinstance(max_norm, NDArray):
        max_norm = max_norm.asnumpy().item()
    groups: dict[tuple[torch.device, torch.dtype], list[torch.Tensor]] = {}
    for array in arrays:
        if not array._data.is_floating_point():
            raise MXNetError(f"clip_global_norm takes floating-point arrays, got one of {array._data.dtype}")
        groups.setdefault((array._data.device, array._data.dtype), []).append(array._data)
    first = arrays[0]._data.device
    with torch.no_grad():
        norms: list[torch.Tensor] = []
        for (_, dtype), group in groups.items():
            # float16 squares overflow, so those are summed in float32.
            half = dtype in (torch.float16, torch.bfloat16)
            norms += torch._foreach_norm(group, 2, dtype=torch.float32 if half else dtype)
        dtype = max((n.dtype for n in norms), key=lambda d: d.itemsize)
        total = torch.linalg.vector_norm(torch.stack([n.to(first, dtype) for n in norms]))
        result = arrays[0]._family(total.reshape(1), arrays[0].context)
        if check_isfinite:
            norm = result.asnumpy()[0]
            if not math.isfinite(norm):
                warnings.warn(UserWarning("nan or inf is detected. Clipping results will be undefined."), stacklevel=2)
        scale = (max_norm / (total + 1e-8)).clamp(max=1.0)
        for (device, _), group in groups.items():
            torch._foreach_mul_(group, scale.to(device))
    return norm if check_isfinite else result


# ---------------------------------------------------------------------------------------------- small helpers
def _indent(s_: str, numSpaces: int) -> str:  # noqa: N803 - MXNet's name
    """The text with all lines but the first indented."""
    first, *rest = s_.split("\n")
    return "\n".join([first, *(" " * numSpaces + line for line in rest)])


def _brief_print_list(lst: Sequence[Any], limit: int = 7) -> str:
    """The elements in quotes, at most ``limit`` of them: the first and the last ones."""
    if len(lst) > limit:
        return f"{_brief_print_list(lst[: limit // 2], limit)}, ..., {_brief_print_list(lst[-limit // 2 :], limit)}"
    return ", ".join(f"'{element}'" for element in lst)


class HookHandle:
    """What takes a hook out again: ``handle.detach()``, or ``with handle:`` for the time of a block."""

    def __init__(self) -> None:
        self._hooks_dict_ref: Any = None
        self._id: int | None = None

    def attach(self, hooks_dict: MutableMapping[int, Any], hook: Any) -> None:
        """Puts ``hook`` into ``hooks_dict``; once for each handle."""
        assert not self._hooks_dict_ref, "The same handle cannot be attached twice."
        self._id = id(hook)
        hooks_dict[self._id] = hook
        self._hooks_dict_ref = weakref.ref(hooks_dict)

    def detach(self) -> None:
        """Takes the hook out; again is fine."""
        hooks = self._hooks_dict_ref() if self._hooks_dict_ref else None
        if hooks is not None:
            hooks.pop(self._id, None)

    def __getstate__(self) -> tuple[Any, int | None]:
        return (self._hooks_dict_ref() if self._hooks_dict_ref else None), self._id

    def __setstate__(self, state: tuple[Any, int | None]) -> None:
        hooks, self._id = state
        self._hooks_dict_ref = weakref.ref(hooks) if hooks is not None else None

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, ptype: Any, value: Any, trace: Any) -> None:
        self.detach()


def shape_is_known(shape: Sequence[int] | None) -> bool:
    """Whether no dimension is unknown: 0 under MXNet's legacy shapes, -1 under NumPy's."""
    if shape is None:
        return False
    unknown = -1 if is_np_shape() else 0
    if len(shape) == 0:
        return unknown == -1
    for size in shape:
        if size == unknown:
            return False
        assert size > unknown, f"shape dimension size cannot be less than {unknown}, while received {size}"
    return True


def _check_same_symbol_type(symbols: Sequence[Any]) -> type:
    """The class that all symbols have.

    Raises:
        TypeError: legacy and NumPy symbols are mixed.
    """
    classes = {s._family for s in symbols}
    if len(classes) != 1:
        raise TypeError(
            f"symbols must be all of one class, got {', '.join(sorted(c.__name__ for c in classes)) or 'none'}"
        )
    return classes.pop()


def _check_all_np_ndarrays(out: Any) -> None:
    """Under NumPy array semantics, refuses legacy arrays in nested lists and tuples.

    Raises:
        TypeError: one is not of a NumPy class.
    """
    if isinstance(out, (list, tuple)):
        for one in out:
            _check_all_np_ndarrays(one)
    elif is_np_array() and getattr(out, "_family", None) in (NDArray, symbol.Symbol):
        raise TypeError(
            "Block's output ndarrays/symbols must be of type `mxnet.numpy.ndarray` or "
            f"`mxnet.symbol.numpy._Symbol`, while got output type {type(out)}"
        )
