"""What row_sparse and csr arrays share: two forms of one array, each made from the other on demand."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch

from ... import autograd
from ...base import MXNetError, NotSupportedForSparseNDArray, numpy_dtype, torch_dtype
from ...context import Context, require_gpu
from ..invoke import wrap
from ..ndarray import NDArray, cast

__all__ = ["BaseSparseNDArray"]

Parts = tuple[torch.Tensor, ...]


class BaseSparseNDArray(NDArray):
    """An array that stores some of its elements; the others are zero.

    It has two forms, and keeps one or both: its *parts* (index tensors and, last, the stored values) and the dense
    tensor. ``_data`` is the dense form, so that every operator can run on a sparse array; what is written into the
    dense form shows in the parts afterwards, which then hold what is not zero. A variable (``attach_grad``) always
    keeps its dense form, torch's leaf.

    Args:
        data: a dense torch tensor, or one of torch's own sparse layouts.
        ctx: the context; by default the one that the tensor's device tells.
    """

    __slots__ = ("_parts", "_seen", "_shape")
    _parts: Any  # None while the dense form alone is right
    _seen: int  # the dense form's version when the parts were taken from it
    _shape: torch.Size
    _is_sparse = True
    _dense: Any = NDArray._data  # the slot of the dense form; None while there are parts alone

    # ------------------------------------------------------------------------------------------ the kinds' own
    @staticmethod
    def _compress(dense: torch.Tensor) -> Parts:
        """The parts that hold what is not zero in ``dense``."""
        raise NotImplementedError

    @staticmethod
    def _from_torch_sparse(tensor: torch.Tensor) -> Parts:
        """The parts of one of torch's sparse tensors."""
        raise NotImplementedError

    @staticmethod
    def _expand(parts: Parts, shape: torch.Size) -> torch.Tensor:
        """The dense form of ``parts``."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------------ the two forms
    @classmethod
    def _of(cls, parts: Parts, shape: Any, ctx: Context) -> Any:
        """An array of these parts."""
        array = object.__new__(cls)
        array._dense = None
        array._parts = parts
        array._seen = 0
        array._shape = torch.Size(shape)
        array._ctx = ctx
        array._slot = None
        return array

    def _expanded(self) -> torch.Tensor:
        try:
            return self._expand(self._parts, self._shape)
        except (RuntimeError, IndexError) as error:
            raise MXNetError(
                f"the indices of this {self.stype} array do not fit its shape {tuple(self._shape)}; check_format() "
                f"tells why ({str(error).splitlines()[0]})"
            ) from None

    @property
    def _data(self) -> torch.Tensor:
        """The dense form."""
        dense = self._dense
        if dense is None:
            dense = self._dense = self._expanded()
            self._seen = dense._version
        return dense

    @_data.setter
    def _data(self, tensor: torch.Tensor) -> None:
        self._shape = tensor.shape
        if tensor.layout is torch.strided:
            before: Any = getattr(self, "_dense", None)
            # What left the graph after backward is the same memory: the same elements stay stored.
            same = before is not None and tensor.data_ptr() == before.data_ptr() and tensor._version == self._seen
            self._parts = self._parts if same and tensor.shape == before.shape else None
            self._dense, self._seen = tensor, tensor._version
        else:
            self._dense, self._parts = None, self._from_torch_sparse(tensor)

    def _stored(self) -> Parts:
        """The parts, not to be written to."""
        dense = self._dense
        if self._parts is None or (dense is not None and dense._version != self._seen):
            self._parts = self._compress(dense.detach())
            self._seen = dense._version
        return self._parts

    def _store(self, parts: Parts) -> None:
        """Takes over ``parts``, of the same shape."""
        dense = self._dense
        self._parts = parts
        if self._slot is None:
            self._dense = None
        else:
            autograd.write_unrecorded(dense, self._expanded())
            self._seen = dense._version

    def _with_values(self, values: torch.Tensor) -> Any:
        """An array with the same indices and other stored values."""
        return self._of((*self._stored()[:-1], values), self._shape, self._ctx)

    def _record(self, dense: torch.Tensor) -> None:
        """Takes ``dense``, made by recorded operators, for the dense form of these very elements."""
        self._dense = dense
        self._seen = dense._version

    def _store_gradient(self, gradient: torch.Tensor, add: bool) -> None:
        """Takes over ``gradient``, dense or of torch's sparse layout, or adds it."""
        dense = gradient.layout is torch.strided
        parts = self._compress(gradient.detach()) if dense else self._from_torch_sparse(gradient)
        if add:
            added = self._of(parts, self._shape, self._ctx)._torch_sparse()
            parts = self._from_torch_sparse(self._torch_sparse() + added)
        self._store(parts)

    def _torch_sparse(self) -> torch.Tensor:
        """The array as torch's coordinate tensor."""
        raise NotImplementedError

    def _tensor_of(self) -> torch.Tensor:
        """Whichever tensor is there to tell dtype and device, without making one."""
        return self._parts[-1] if self._dense is None else self._dense

    def _requires_grad(self) -> bool:
        return self._dense is not None and self._dense.requires_grad

    def _like(self, tensor: torch.Tensor) -> NDArray:
        """``tensor`` as an array on this one's context: of this class if it is sparse, else dense."""
        if tensor.layout is torch.strided:
            return wrap(tensor, self._ctx)
        return type(self)(tensor, self._ctx)

    # ------------------------------------------------------------------------------------------ what it is
    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the dimensions."""
        return tuple(self._shape)

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self._shape)

    @property
    def size(self) -> int:
        """Not there for sparse arrays.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError

    @property
    def dtype(self) -> Any:
        """numpy's scalar class of the elements."""
        return numpy_dtype(self._tensor_of().dtype)

    @property
    def data(self) -> NDArray:
        """A copy of the stored values."""
        return self._part(-1)

    def _part(self, number: int) -> NDArray:
        return wrap(self._stored()[number].clone(), self._ctx)

    @property
    def _num_aux(self) -> int:
        return len(self._stored()) - 1

    @property
    def _aux_types(self) -> list[Any]:
        return [np.int64] * self._num_aux

    def _aux_type(self, i: int) -> Any:
        return self._aux_types[i]

    def _aux_data(self, i: int) -> NDArray:
        return self._part(i)

    def __len__(self) -> int:
        return self._shape[0]

    def __bool__(self) -> bool:
        if self._shape.numel() == 0:
            return False
        if self._shape.numel() == 1:
            return bool(self.asscalar())
        raise ValueError("The truth value of an NDArray with multiple elements is ambiguous.")

    def __repr__(self) -> str:
        shape = "x".join(str(n) for n in self._shape)
        return f"\n<{type(self).__name__} {shape} @{self._ctx}>"

    # ------------------------------------------------------------------------------------------ to other forms
    def asnumpy(self) -> np.ndarray:
        """The dense form as a numpy copy (waits for the device)."""
        dense = self._dense if self._dense is not None else self._expanded()
        return wrap(dense, self._ctx).asnumpy()

    def asscalar(self) -> Any:
        """Not there for sparse arrays.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError

    def copyto(self, other: NDArray | Context) -> NDArray:
        """Copies into ``other`` (dense, or of the same storage type), or into a new array on the context ``other``.

        Raises:
            MXNetError: the shapes differ.
            TypeError: ``other`` is none of these.
        """
        if isinstance(other, Context):
            require_gpu(other)
            device = other.torch_device
            return self._of(tuple(p.to(device, copy=True) for p in self._stored()), self._shape, other)
        if not isinstance(other, NDArray):
            raise TypeError(f"copyto does not support type {type(other)}")
        if not isinstance(other, BaseSparseNDArray):
            return super().copyto(other)
        if type(other) is not type(self):
            raise TypeError(f"copyto does not support destination NDArray stype {other.stype}")
        if other is self:
            warnings.warn("You are attempting to copy an array to itself", RuntimeWarning, stacklevel=3)
            return False  # type: ignore[return-value]  # as in MXNet
        if other.shape != self.shape:
            raise MXNetError(
                f"Error in operator _copyto: cannot copy an array of shape {self.shape} into one of {other.shape}"
            )
        like = other._tensor_of()
        *indices, values = (p.to(like.device, copy=True) for p in self._stored())
        other._store((*indices, cast(values, like.dtype)))
        return other

    def astype(self, dtype: Any, copy: bool = True) -> NDArray:
        """The elements as ``dtype``; the array itself where it has that dtype and ``copy`` is False.

        Raises:
            TypeError: MXNet has no such dtype.
        """
        dtype = torch_dtype(dtype)
        if not copy and self._tensor_of().dtype is dtype:
            return self
        return self._with_values(cast(self._stored()[-1], dtype))

    def detach(self) -> NDArray:
        """The same elements, outside of the recorded graph."""
        return self._of(self._stored(), self._shape, self._ctx)

    def tostype(self, stype: str) -> NDArray:
        """A copy with the storage type ``stype``: its own, or ``'default'``.

        Raises:
            ValueError: the other sparse storage type.
            MXNetError: no storage type.
        """
        from .creation import to_storage

        return to_storage(self, stype)

    def as_np_ndarray(self) -> Any:
        """Not there for sparse arrays.

        Raises:
            ValueError: always.
        """
        raise ValueError(f"cannot convert ndarray of stype {self.stype} to numpy ndarray")

    def reshape(self, *args: Any, **kwargs: Any) -> NDArray:
        """Not there for sparse arrays.

        Raises:
            NotSupportedForSparseNDArray: always.
        """
        raise NotSupportedForSparseNDArray("reshape", args)

    def _at(self, index: int) -> NDArray:
        raise NotSupportedForSparseNDArray("_at", index)

    def _slice(self, start: int, stop: int) -> NDArray:
        raise NotSupportedForSparseNDArray("_slice", start, stop)

    def _sync_copyfrom(self, source_array: Any) -> None:
        raise NotImplementedError

    def __reduce__(self) -> tuple[Any, ...]:
        parts = tuple(wrap(p, self._ctx) for p in self._stored())
        return _rebuild, (type(self), parts, self.shape)

    # ------------------------------------------------------------------------------------------ variables, checks
    def attach_grad(self, grad_req: str = "write", stype: str | None = None) -> None:
        """Makes the array a variable; its gradient has this array's storage type unless ``stype`` names another.

        Raises:
            KeyError: no such ``grad_req``.
            ValueError: no such storage type.
        """
        super().attach_grad(grad_req, self.stype if stype is None else stype)

    def check_format(self, full_check: bool = True) -> None:
        """Checks that the stored parts fit together; with ``full_check`` the indices one by one too.

        Raises:
            MXNetError: they do not.
        """
        self._check(self._stored(), full_check)

    def _check(self, parts: Parts, full: bool) -> None:
        raise NotImplementedError


def _rebuild(cls: type[BaseSparseNDArray], parts: tuple[NDArray, ...], shape: tuple[int, ...]) -> BaseSparseNDArray:
    return cls._of(tuple(p._data for p in parts), shape, parts[-1]._ctx)
