"""``mx.np.ndarray``: the array of NumPy semantics, on the same tensors as NDArray."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ..base import dtype_name, numpy_dtype
from ..ndarray import NDArray

__all__ = ["ndarray"]


class ndarray(NDArray):  # noqa: N801 - numpy's and MXNet's name
    """An array of one dtype on one context, with NumPy's semantics: of any shape, ``()`` included.

    Functions of ``mx.np`` and ``mx.npx`` make and take such arrays; ``as_nd_ndarray()`` gives them to ``mx.nd``.

    Args:
        data: the torch tensor; it is wrapped, not copied.
        ctx: the context; by default the one that the tensor's device tells.
    """

    __slots__ = ()

    @property
    def dtype(self) -> np.dtype[Any]:
        """numpy's dtype of the elements."""
        return np.dtype(numpy_dtype(self._data.dtype))

    def __reduce__(self) -> tuple[Any, ...]:
        rebuild, arguments = super().__reduce__()
        return _rebuilt, (rebuild, *arguments)

    def as_np_ndarray(self) -> ndarray:
        """This array: it is of mx.np already."""
        return self

    def as_nd_ndarray(self) -> NDArray:
        """The same elements, gradient included, as an array of ``mx.nd``."""
        return _shared(self, NDArray)

    def _like_on(self, array: NDArray) -> ndarray:
        """What is of ``mx.nd``, as of this class."""
        return _shared(array, ndarray)

    def item(self, *args: Any) -> Any:
        """An element as Python's number: the only one, or that at an index.

        Raises:
            ValueError: no index, and the array has not exactly one element.
        """
        return self.asnumpy().item(*args)

    def tolist(self) -> Any:
        """The elements as nested lists of Python's numbers."""
        return self.asnumpy().tolist()

    def __str__(self) -> str:
        text = str(self.asnumpy())
        return text if self._ctx.is_cpu else f"{text} @{self._ctx}"

    def __repr__(self) -> str:
        text = _written_out(self.asnumpy(), self.dtype)
        return text if self._ctx.is_cpu else f"{text[:-1]}, ctx={self._ctx})"

    def __format__(self, spec: str) -> str:
        return format(self.item() if spec and self.size == 1 else str(self) if not spec else self.asnumpy(), spec)

    def __bool__(self) -> bool:
        return self.size > 0 and bool(self.asnumpy())

    __nonzero__ = __bool__

    def __float__(self) -> float:
        return float(self._single("float"))

    def __int__(self) -> int:
        return int(self._single("int"))

    def __index__(self) -> int:
        if self._data.dim() or dtype_name(self._data.dtype)[:3] not in ("int", "uin"):
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        return int(self.item())

    def _single(self, what: str) -> Any:
        if self.size != 1:
            raise TypeError(f"only size-1 arrays can be converted to Python scalars, got {self.shape} for {what}()")
        return self.item()

    def __len__(self) -> int:
        if self._data.dim() == 0:
            raise TypeError("len() of unsized object")
        return self._data.shape[0]


ndarray._family = ndarray


def _rebuilt(rebuild: Any, *arguments: Any) -> ndarray:
    return rebuild(*arguments).as_np_ndarray()


def _written_out(array: np.ndarray, dtype: np.dtype[Any]) -> str:
    """``array(...)``: the dtype is told where it is not float32 or bool, the shape where there are no elements."""
    is_empty = not array.size and array.shape != (0,)
    # numpy 2 tells the shape of long arrays too, which MXNet's numpy does not.
    body = "[]" if is_empty else np.array2string(array, separator=", ", prefix="array(", suffix=")")
    text = f"array({body}" + (f", shape={array.shape}" if is_empty else "")
    if dtype == np.float32 or (dtype == np.bool_ and array.size):
        return text + ")"
    if dtype in (np.int64, np.float64):  # as if it went without saying, and was added
        return f"{text}, dtype={dtype})"
    text, told = text + ",", f"dtype={dtype})"
    fits = len(text) - (text.rfind("\n") + 1) + len(told) + 1 <= np.get_printoptions()["linewidth"]
    return text + (" " if fits else "\n" + " " * len("array(")) + told


def _shared(array: NDArray, family: type[NDArray]) -> Any:
    """The same array, its place in the recorded graph and its gradient included, as one of another class."""
    made = family.__new__(family)
    made._data, made._ctx, made._slot = array._data, array._ctx, array._slot
    return made


def _as_np_ndarray(self: NDArray) -> ndarray:
    """The same elements, gradient included, as an array of ``mx.np``."""
    return _shared(self, ndarray)


NDArray.as_np_ndarray = _as_np_ndarray  # type: ignore[method-assign]  # it stands on this class, which stands on NDArray


def __getattr__(name: str) -> Any:
    """A function of ``mx.np``: legacy code has them from here too."""
    package = sys.modules[__package__]
    if name not in getattr(package, "__all__", ()):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(package, name)
