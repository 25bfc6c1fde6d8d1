"""``mx.error``: error classes by the names under which a backend reports them."""

from __future__ import annotations

from .base import MXNetError, NotImplementedForSymbol, register_error

__all__ = ["MXNetError", "register"]

register = register_error


@register_error
class InternalError(MXNetError):
    """A fault of the library itself.

    Args:
        msg: what went wrong.
    """

    def __init__(self, msg: str) -> None:
        hint = "MXNet hint: You hit an internal error. Please report it with the program that shows it."
        super().__init__(msg if hint in msg else f"{msg}\n{hint}")


for _class in (NotImplementedForSymbol, ValueError, TypeError, AttributeError, IndexError, NotImplementedError):
    register_error(_class.__name__, _class)
