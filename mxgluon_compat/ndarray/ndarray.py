"""NDArray: MXNet's array, a small wrapper around a torch tensor and a context."""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from .. import autograd
from ..autograd.used import current
from ..base import MXNetError, dtype_name, numeric_types, numpy_dtype, torch_dtype
from ..context import Context, context_of, cpu, current_context, gpu_module, num_gpus, require_gpu
from . import indexing
from .codes import (  # noqa: F401 - legacy code reads them here
    _DTYPE_MX_TO_NP,
    _DTYPE_NP_TO_MX,
    _GRAD_REQ_MAP,
    _STORAGE_TYPE_CSR,
    _STORAGE_TYPE_DEFAULT,
    _STORAGE_TYPE_ID_TO_STR,
    _STORAGE_TYPE_ROW_SPARSE,
    _STORAGE_TYPE_STR_TO_ID,
    _STORAGE_TYPE_UNDEFINED,
)
from .single import as_single

__all__ = ["NDArray", "from_torch"]

INPLACE_WHILE_RECORDING = (
    "Assigning to NDArrays that are already in a computational graph will cause undefined behavior when evaluating "
    "gradients. Inplace operations (+=, -=, x[:]=, etc) are not supported when recording with autograd: write into a "
    "copy, or leave autograd.record() first."
)


class NDArray:
    """An array of one dtype on one context.

    Operators are methods (``x.sum(axis=1)``) and functions of ``mx.nd``. ``to_torch()`` gives the tensor itself.

    Args:
        data: the torch tensor; it is wrapped, not copied.
        ctx: the context; by default the one that the tensor's device tells.
    """

    __slots__ = ("__weakref__", "_ctx", "_data", "_slot")
    _ctx: Context
    _data: torch.Tensor
    _slot: Any  # an autograd.GradSlot; None without a gradient
    __array_priority__ = 1000.0  # numpy's operators leave the work to ours
    _is_sparse = False
    _family: type[NDArray]  # the class of what operators make of such arrays: NDArray, or that of mx.np
    writable = True  # MXNet marks arrays that it lends out as read-only; here there are none

    def __init__(self, data: torch.Tensor, ctx: Context | None = None) -> None:
        if not isinstance(data, torch.Tensor):
            raise TypeError(f"NDArray wraps a torch.Tensor, got {type(data)}; nd.array makes an array of values")
        self._data = data
        self._ctx = ctx if ctx is not None else context_of(data.device)
        self._slot = None

    def _like(self, tensor: torch.Tensor) -> NDArray:
        """``tensor`` as an array of this one's class, on its context."""
        array = object.__new__(type(self))
        array._data = tensor
        array._ctx = self._ctx
        array._slot = None
        return array

    # ------------------------------------------------------------------------------------------ what it is
    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the dimensions."""
        return tuple(self._data.shape)

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return self._data.dim()

    @property
    def size(self) -> int:
        """Number of elements."""
        return self._data.numel()

    @property
    def dtype(self) -> Any:
        """numpy's scalar class of the elements."""
        return numpy_dtype(self._data.dtype)

    @property
    def context(self) -> Context:
        """The context that the array is on."""
        return self._ctx

    ctx = context

    @property
    def stype(self) -> str:
        """Storage type: ``'default'`` (dense)."""
        return "default"

    @property
    def T(self) -> NDArray:  # noqa: N802 - numpy's and MXNet's name
        """The array with its dimensions in reverse order."""
        return self.transpose()

    @property
    def grad(self) -> NDArray | Any:  # Any: type checkers are to let ``x.grad.asnumpy()`` pass without a test for None
        """The gradient array of ``attach_grad``; None without one, and with ``grad_req='null'``."""
        if autograd.waiting.refuse is not None:
            autograd.waiting.refuse()
        slot = self._slot
        if slot is None or slot.req == "null":
            return None
        array = slot.array
        if array._family is self._family or array._is_sparse:
            return array
        return array.as_nd_ndarray() if self._family is NDArray else array.as_np_ndarray()

    @property
    def _fresh_grad(self) -> bool:
        """Whether ``grad`` was written since the flag was last cleared (``Trainer`` clears it)."""
        return self._slot is not None and self._slot.fresh

    @_fresh_grad.setter
    def _fresh_grad(self, value: bool) -> None:
        if self._slot is not None:
            self._slot.fresh = bool(value)

    @property
    def handle(self) -> int:
        """A number for this array's identity (MXNet: the address of its C object)."""
        return id(self)

    def __len__(self) -> int:
        if self._data.dim() == 0:
            raise TypeError("len() of unsized object")
        return self._data.shape[0]

    def __repr__(self) -> str:
        shape = "x".join(str(n) for n in self.shape)
        return f"\n{self.asnumpy()!s}\n<{type(self).__name__} {shape} @{self._ctx}>"

    def __hash__(self) -> int:
        return id(self) // 16

    def __bool__(self) -> bool:
        if self.size == 0:
            return False
        if self.size == 1:
            return bool(self.asscalar())
        raise ValueError("The truth value of an NDArray with multiple elements is ambiguous.")

    __nonzero__ = __bool__

    def __iter__(self) -> Iterator[NDArray]:
        return (self[i] for i in range(len(self)))

    # ------------------------------------------------------------------------------------------ to other forms
    def asnumpy(self) -> np.ndarray:
        """A numpy copy (waits for the device)."""
        tensor = self._data.detach()
        if tensor.dtype is torch.bfloat16:
            tensor = tensor.float()
        return as_single(np.array(tensor.cpu().numpy(), order="C"))

    def asscalar(self) -> Any:
        """The only element, as numpy's scalar.

        Raises:
            ValueError: the array does not have exactly one element.
        """
        if self.size != 1:
            raise ValueError("The current array is not a scalar")
        return self.asnumpy().reshape(-1)[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("an NDArray's elements are always copied; to_torch() shares them")
        array = self.asnumpy()
        return array if dtype is None else array.astype(dtype, copy=False)

    def to_torch(self) -> torch.Tensor:
        """The torch tensor that holds the elements: no copy, writes are seen on both sides."""
        return self._data

    def __dlpack__(self, **kwargs: Any) -> Any:
        return self._data.detach().__dlpack__(**kwargs)

    def __dlpack_device__(self) -> Any:
        return self._data.__dlpack_device__()

    def to_dlpack_for_read(self) -> Any:
        """A DLPack capsule of the elements, not to be written to."""
        return torch.utils.dlpack.to_dlpack(self._data.detach())

    def to_dlpack_for_write(self) -> Any:
        """A DLPack capsule of the elements."""
        return torch.utils.dlpack.to_dlpack(self._data.detach())

    def __reduce__(self) -> tuple[Any, ...]:
        if self._data.dtype is torch.bfloat16:
            return _rebuild, (self._data.detach().view(torch.int16).cpu().numpy(), "bfloat16", self._ctx)
        return _rebuild, (self.asnumpy(), None, self._ctx)

    def __deepcopy__(self, memo: dict[int, Any]) -> NDArray:
        return self.copy()

    # ------------------------------------------------------------------------------------------ copies and contexts
    def copy(self) -> NDArray:
        """A copy on the same context."""
        return self.copyto(self._ctx)

    def copyto(self, other: NDArray | Context) -> NDArray:
        """Copies into ``other`` (an array of the same shape), or into a new array on the context ``other``.

        Raises:
            MXNetError: the shapes differ.
            TypeError: ``other`` is neither.
        """
        if isinstance(other, NDArray):
            if other is self:
                warnings.warn("You are attempting to copy an array to itself", RuntimeWarning, stacklevel=2)
                return other
            if other.shape != self.shape:
                raise MXNetError(
                    f"Error in operator _copyto: cannot copy an array of shape {self.shape} into one of {other.shape}"
                )
            other._write(lambda tensor: tensor.copy_(self._data), self._data)
            return other
        if isinstance(other, Context):
            require_gpu(other)
            # Out of pinned memory, which nobody writes to, the copy runs beside what the CPU does next.
            at_once = self._ctx.device_type == "cpu_pinned" and not other.is_cpu
            return NDArray(self._recorded(lambda t: t.to(other.torch_device, copy=True, non_blocking=at_once)), other)
        raise TypeError(f"copyto does not support type {type(other)}")

    def as_in_context(self, context: Context) -> NDArray:
        """This array where it is on ``context`` already, else a copy there."""
        return self if self._ctx == context else self.copyto(context)

    as_in_ctx = as_in_context

    def as_nd_ndarray(self) -> NDArray:
        """This array: it is of the legacy class already."""
        return self

    def astype(self, dtype: Any, copy: bool = True) -> NDArray:
        """The elements as ``dtype``; the array itself where it has that dtype and ``copy`` is False.

        Raises:
            TypeError: MXNet has no such dtype.
        """
        if dtype is None:
            dtype = np.float32
        dtype = torch_dtype(dtype)
        if not copy and self._data.dtype is dtype:
            return self
        return self._like(self._recorded(lambda t: cast(t, dtype)))

    def tostype(self, stype: str) -> NDArray:
        """A copy with the storage type ``stype``: ``'default'``, ``'row_sparse'`` or ``'csr'``.

        Raises:
            ValueError: ``'csr'``, and the array is no matrix.
            MXNetError: no storage type.
        """
        from .sparse.creation import to_storage

        return to_storage(self, stype)

    def detach(self) -> NDArray:
        """The same elements, outside of the recorded graph."""
        return self._like(self._data.detach())

    def wait_to_read(self) -> None:
        """Waits until the elements are computed."""
        tensor = self._data
        if not (tensor.is_cpu or tensor.is_meta):
            gpu_module().synchronize(tensor.device)

    wait_to_write = wait_to_read

    # ------------------------------------------------------------------------------------------ gradients
    def attach_grad(self, grad_req: str = "write", stype: str | None = None) -> None:
        """Makes the array a variable: ``backward`` puts its gradient into ``self.grad``.

        Args:
            grad_req: ``'write'``, ``'add'`` or ``'null'``.
            stype: storage type of the gradient; None and ``'default'`` mean dense.

        Raises:
            KeyError: no such ``grad_req``.
            ValueError: no such storage type.
        """
        if stype in (None, "default"):
            gradient = self._like(torch.zeros_like(self._data, requires_grad=False))
        else:
            from .sparse.creation import zeros

            gradient = zeros(stype, self.shape, self._ctx, self._data.dtype)
        autograd.mark_variables(self, gradient, grad_req)

    def backward(self, out_grad: NDArray | None = None, retain_graph: bool = False, train_mode: bool = True) -> None:
        """Gradients of this array with respect to all variables behind it; see ``autograd.backward``."""
        autograd.backward([self], [out_grad], retain_graph, train_mode)

    def _recorded(self, function: Any) -> torch.Tensor:
        """``function`` of the tensor; in torch's graph only inside ``autograd.record``."""
        if self._data.requires_grad:
            if not autograd.state.recording:
                return autograd.no_recording(function, self._data)
            self._data = current(self._data)
        return function(self._data)

    def _write(self, write: Any, *sources: torch.Tensor) -> None:
        """Lets ``write`` change the tensor in place, by MXNet's rules.

        Raises:
            MXNetError: recording, and the array is part of a graph already.
        """
        tensor = self._data
        if not autograd.state.recording:
            if tensor.grad_fn is not None and tensor._is_view():
                # The recorded result of an operator may be a torch view of its input, which must keep its values.
                with torch.enable_grad():
                    tensor = self._data = tensor.clone()
            if tensor.requires_grad or any(s.requires_grad for s in sources):
                autograd.no_recording(write, tensor)
            else:
                write(tensor)
            return
        if tensor.requires_grad:
            raise MXNetError(INPLACE_WHILE_RECORDING)
        write(tensor)
        if tensor.requires_grad:
            autograd.forget_at_backward(self)

    # ------------------------------------------------------------------------------------------ elements
    def __getitem__(self, key: Any) -> NDArray:
        tensor = self._data
        if type(key) is slice and key.step is None and not tensor.requires_grad and tensor.is_contiguous():
            try:
                return self._like(tensor[key])  # rows of a contiguous array are contiguous
            except (TypeError, IndexError):
                pass  # the rules in ``indexing`` say what is wrong
        if tensor.requires_grad:
            if not autograd.state.recording:
                return self._like(autograd.no_recording(indexing.get, tensor, key))
            tensor = self._data = current(tensor)
        result = self._like(indexing.get(tensor, key))
        if autograd.history.kept:
            autograd.history.note_view(result, self, key)
        return result

    def __setitem__(self, key: Any, value: Any) -> None:
        value = indexing.value_tensor(value, self._data)
        sources = (value,) if isinstance(value, torch.Tensor) else ()
        self._write(lambda tensor: indexing.put(tensor, key, value), *sources)

    @staticmethod
    def _basic_indexing_slice_is_contiguous(slc_key: tuple[slice, ...], shape: tuple[int, ...]) -> bool:
        """Whether the elements that slices (one for each axis) pick from such an array lie one behind the other."""
        assert len(slc_key) == len(shape), f"{len(slc_key)} slices for {len(shape)} axes"
        picked = [range(*key.indices(length)) for key, length in zip(slc_key, shape, strict=True)]
        if not all(picked):
            return True
        whole = True  # from here to the last axis everything is picked
        for part, length in zip(reversed(picked), reversed(shape), strict=True):
            if len(part) > 1 and (not whole or part.step != 1):
                return False
            whole = whole and len(part) == length
        return True

    def _slice(self, start: int, stop: int) -> NDArray:
        """Rows ``start`` to ``stop``, sharing the elements."""
        return self[start:stop]

    def _at(self, index: int) -> NDArray:
        """Row ``index``, sharing the elements."""
        return self[index]

    def _full(self, value: float) -> NDArray:
        """Fills the array with ``value``."""
        self[:] = value
        return self

    def _sync_copyfrom(self, source_array: Any) -> None:
        """Copies a numpy array of the same shape into this one.

        Raises:
            ValueError: the shapes differ.
        """
        source_array = np.asarray(source_array)
        if source_array.shape != self.shape:
            raise ValueError(f"Shape inconsistent: expected {source_array.shape} vs got {self.shape}")
        self[:] = source_array

    def reshape(self, *shape: Any, **kwargs: Any) -> NDArray:
        """The same elements in another shape; they are shared, not copied.

        ``shape`` understands MXNet's codes (0: keep, -1: infer, -2: copy the rest, -3: merge two, -4: split one);
        ``reverse=True`` reads them from the right.

        Raises:
            ValueError: another number of elements.
            MXNetError: a shape that does not fit.
        """
        if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
            shape = tuple(shape[0])
        elif not shape:
            shape = kwargs.pop("shape", None)
            assert shape, "Shape must be provided."
            shape = (shape,) if isinstance(shape, int) else tuple(shape)
        shape = tuple(map(operator.index, shape))
        reverse = kwargs.pop("reverse", False)
        if kwargs:
            raise TypeError(
                f"Got unknown keywords in reshape: {', '.join(kwargs)}. Accepted keyword arguments are 'shape' and "
                "'reverse'."
            )
        if reverse or any(n < 1 for n in shape):
            shape = indexing.resolve_reshape(self.shape, shape, reverse)
        elif math.prod(shape) != self._data.numel():
            indexing.resolve_reshape(self.shape, shape)  # says what is wrong
        if not self._data.is_contiguous() and not self._data.requires_grad:
            self._data = self._data.contiguous()  # so that the result shares the elements, as MXNet's does
        result = self._like(self._recorded(lambda t: t.reshape(shape)))
        if autograd.history.kept:
            autograd.history.note_view(result, self)
        return result


NDArray._family = NDArray


def cast(tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """A copy in another dtype, by C's rules."""
    if tensor.dtype.is_floating_point and not dtype.is_floating_point and dtype is not torch.bool:
        # C casts through a wide integer: float to uint8 wraps instead of saturating.
        return tensor.to(torch.int64).to(dtype)
    return tensor.to(dtype, copy=True)


def _rebuild(array: np.ndarray, dtype: str | None, ctx: Context) -> NDArray:
    """Unpickles: on the context it was on, or on the CPU where that GPU is not there."""
    tensor = torch.from_numpy(array)
    if dtype == "bfloat16":
        tensor = tensor.view(torch.bfloat16)
    if not ctx.is_cpu and ctx.device_id >= num_gpus():
        ctx = cpu()
    return NDArray(tensor.to(ctx.torch_device), ctx)


def from_torch(tensor: torch.Tensor, ctx: Context | None = None) -> NDArray:
    """A torch tensor as an NDArray: no copy, writes are seen on both sides.

    Raises:
        TypeError: not a torch tensor, or of a dtype that MXNet has not.
    """
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"from_torch needs a torch.Tensor, got {type(tensor)}")
    dtype_name(tensor.dtype)
    return NDArray(tensor, ctx)


def _numpy_array(source: Any, dtype: Any) -> np.ndarray:
    try:
        return np.array(source, dtype)
    except OverflowError:
        array = np.array(source)
        if array.dtype.kind != "i":
            raise
        return array.astype(dtype)  # numpy 2 refuses integers that numpy 1 wraps around


def as_tensor(source: Any, dtype: torch.dtype, ctx: Context | None) -> tuple[torch.Tensor, Context]:
    """A new tensor with the values of ``source`` (NDArray, numpy array, numbers, nested lists) on ``ctx``.

    Raises:
        TypeError: ``source`` is not array-like.
    """
    ctx = ctx or current_context()
    require_gpu(ctx)
    if isinstance(source, NDArray):
        return source._data.detach().to(device=ctx.torch_device, dtype=dtype, copy=True), ctx
    if isinstance(source, torch.Tensor):
        return source.detach().to(device=ctx.torch_device, dtype=dtype, copy=True), ctx
    if not isinstance(source, np.ndarray):
        if isinstance(source, (list, tuple)) and any(isinstance(s, NDArray) for s in source):
            source = [s.asnumpy() if isinstance(s, NDArray) else s for s in source]
        try:
            elements = np.float32 if dtype is torch.bfloat16 else numpy_dtype(dtype)
            source = _numpy_array(source, None if isinstance(source, numeric_types) else elements)
        except (ValueError, TypeError, OverflowError):
            raise TypeError("source_array must be array like object") from None
    if source.dtype == object or source.dtype.kind in "USOmM":
        raise TypeError(f"source_array must be array like object, got elements of dtype {source.dtype}")
    if source.dtype.kind == "u" and source.dtype.itemsize > 1:
        source = source.astype(np.int64)
    source = indexing.contiguous(source)
    if not source.dtype.isnative:
        source = source.astype(source.dtype.newbyteorder("="))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        tensor = torch.from_numpy(source)
    return tensor.to(device=ctx.torch_device, dtype=dtype, copy=True), ctx
