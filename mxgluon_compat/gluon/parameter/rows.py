"""What Parameters stored as row_sparse have beside the others: rows fetched from their Trainer."""

from __future__ import annotations

from typing import Any

from ...context import Context
from ...ndarray import NDArray

__all__ = ["RowSparseAccess"]


class RowSparseAccess:
    """The part of Parameter for row_sparse values, which a Trainer holds in its KVStore.

    The parameter's own copies hold the rows that were asked for last: those that the next forward pass reads.
    """

    name: str
    _stype: str
    _trainer: Any
    _arrays: Any
    _copy_on: Any

    def row_sparse_data(self, row_id: NDArray) -> NDArray:
        """The values of a row_sparse parameter, of which only some rows are fetched from its Trainer.

        Args:
            row_id: the rows, of any shape; those on ``row_id``'s context are fetched.

        Returns:
            The parameter's array on that context. The next call changes it.

        Raises:
            RuntimeError: the parameter is dense, not initialised, not on that context, or has no Trainer.
        """
        if self._stype != "row_sparse":
            raise RuntimeError(
                f"Cannot return a copy of Parameter {self.name} via row_sparse_data() because its storage type is "
                f"{self._stype}. Please use data() instead."
            )
        return self._rows(row_id, row_id.ctx)[0]

    def list_row_sparse_data(self, row_id: NDArray) -> list[NDArray]:
        """As ``row_sparse_data``, on every context.

        Raises:
            RuntimeError: the parameter is dense, not initialised, or has no Trainer.
            TypeError: ``row_id`` is not an NDArray.
        """
        if self._stype != "row_sparse":
            raise RuntimeError(
                f"Cannot return copies of Parameter '{self.name}' on all contexts via list_row_sparse_data() because "
                f"its storage type is {self._stype}. Please use data() instead."
            )
        return self._rows(row_id, None)

    def _rows(self, row_id: NDArray, ctx: Context | None) -> list[NDArray]:
        """The copies on ``ctx`` (None: on all), holding the rows of the Trainer's values that ``row_id`` names."""
        if not isinstance(row_id, NDArray):
            raise TypeError(f"row_id must have NDArray type, but {type(row_id)} is given")
        if self._trainer is None:
            raise RuntimeError(
                f"Cannot get row_sparse data for Parameter '{self.name}' when no Trainer is created with it."
            )
        arrays = self._arrays() if ctx is None else [self._copy_on(ctx)]
        self._trainer._row_sparse_pull(self, arrays, row_id)
        return arrays

    def _set_trainer(self, trainer: Any) -> None:
        """Tells the Trainer that updates this parameter.

        Raises:
            RuntimeError: a row_sparse parameter of another Trainer, which holds its values.
        """
        if self._stype != "default" and self._trainer is not None and self._trainer is not trainer:
            raise RuntimeError(
                f"Failed to set the trainer for Parameter '{self.name}' because it was already set. More than one "
                "trainers for a row_sparse Parameter is not supported."
            )
        self._trainer = trainer
