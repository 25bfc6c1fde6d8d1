"""Names of MXNet's Parameter that are not public, but that subclasses in users' packages read and assign."""

from __future__ import annotations

from typing import Any

from ...context import Context
from ...ndarray import NDArray

__all__ = ["Internals"]


class Internals:
    """The part of Parameter that serves such subclasses.

    Each copy of a Parameter knows its context and its gradient, so that whoever takes over ``_data`` has the others
    too: assigning them does nothing.
    """

    _data: list[NDArray] | None
    _grad_req: str
    _array: Any
    _uninitialised: Any
    _copy_on: Any
    _rows: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "data" in cls.__dict__ and "_array" not in cls.__dict__:
            cls._array = lambda self, ctx: self.data(ctx)  # graphs read what the subclass says is its data

    @property
    def _grad(self) -> list[NDArray] | None:
        return None if self._data is None or self._grad_req == "null" else [a._slot.array for a in self._data]

    @_grad.setter
    def _grad(self, _: Any) -> None:
        pass

    @property
    def _ctx_list(self) -> list[Context] | None:
        return None if self._data is None else [array._ctx for array in self._data]

    @_ctx_list.setter
    def _ctx_list(self, _: Any) -> None:
        pass

    @property
    def _ctx_map(self) -> list[list[int | None]] | None:
        """Places in ``_data`` by kind of device (even and odd numbers of MXNet's kinds) and its number."""
        if self._data is None:
            return None
        places: list[list[int | None]] = [[], []]
        for place, array in enumerate(self._data):
            row = places[array._ctx.device_typeid & 1]
            row += [None] * (array._ctx.device_id + 1 - len(row))
            row[array._ctx.device_id] = place
        return places

    @_ctx_map.setter
    def _ctx_map(self, _: Any) -> None:
        pass

    def _check_and_get(self, arr_list: list[NDArray] | None, ctx: Any) -> Any:
        """Of ``_data`` or ``_grad``, the one on ``ctx``; all of them where ``ctx`` is the class ``list``."""
        if arr_list is None:
            raise self._uninitialised()
        if ctx is list:
            return arr_list
        wanted = self._copy_on(ctx)
        return next(array for array, own in zip(arr_list, self._data or ()) if own is wanted)

    def _get_row_sparse(self, arr_list: Any, ctx: Any, row_id: NDArray) -> Any:
        """Rows fetched into the copy on ``ctx``, or into all where ``ctx`` is the class ``list``."""
        found = self._rows(row_id, None if ctx is list else ctx)
        return found if ctx is list else found[0]
