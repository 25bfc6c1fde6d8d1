"""Which operators Python's ``+``, ``<`` and the helper functions ``nd.add``, ``nd.maximum`` stand for."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ARITHMETIC", "Arithmetic"]


class Arithmetic(NamedTuple):
    """The operators behind one arithmetic function.

    Attributes:
        broadcast: of two arrays.
        elementwise: of two symbols.
        scalar: of an array and a number on its right.
        reverse: of an array and a number on its left.
        dunder: Python's method names without underscores: plain, reflected and in-place ("" for none).
    """

    broadcast: str
    elementwise: str
    scalar: str
    reverse: str
    dunder: tuple[str, str, str]


ARITHMETIC: dict[str, Arithmetic] = {
    "add": Arithmetic("broadcast_add", "elemwise_add", "_plus_scalar", "_plus_scalar", ("add", "radd", "iadd")),
    "subtract": Arithmetic("broadcast_sub", "elemwise_sub", "_minus_scalar", "_rminus_scalar", ("sub", "rsub", "isub")),
    "multiply": Arithmetic("broadcast_mul", "elemwise_mul", "_mul_scalar", "_mul_scalar", ("mul", "rmul", "imul")),
    "divide": Arithmetic(
        "broadcast_div", "elemwise_div", "_div_scalar", "_rdiv_scalar", ("truediv", "rtruediv", "itruediv")
    ),
    "modulo": Arithmetic("broadcast_mod", "_mod", "_mod_scalar", "_rmod_scalar", ("mod", "rmod", "imod")),
    "power": Arithmetic("broadcast_power", "_power", "_power_scalar", "_rpower_scalar", ("pow", "rpow", "")),
    "maximum": Arithmetic("broadcast_maximum", "_maximum", "_maximum_scalar", "_maximum_scalar", ("", "", "")),
    "minimum": Arithmetic("broadcast_minimum", "_minimum", "_minimum_scalar", "_minimum_scalar", ("", "", "")),
    "hypot": Arithmetic("broadcast_hypot", "_hypot", "_hypot_scalar", "_hypot_scalar", ("", "", "")),
    "equal": Arithmetic("broadcast_equal", "_equal", "_equal_scalar", "_equal_scalar", ("eq", "", "")),
    "not_equal": Arithmetic(
        "broadcast_not_equal", "_not_equal", "_not_equal_scalar", "_not_equal_scalar", ("ne", "", "")
    ),
    "greater": Arithmetic("broadcast_greater", "_greater", "_greater_scalar", "_lesser_scalar", ("gt", "", "")),
    "greater_equal": Arithmetic(
        "broadcast_greater_equal", "_greater_equal", "_greater_equal_scalar", "_lesser_equal_scalar", ("ge", "", "")
    ),
    "lesser": Arithmetic("broadcast_lesser", "_lesser", "_lesser_scalar", "_greater_scalar", ("lt", "", "")),
    "lesser_equal": Arithmetic(
        "broadcast_lesser_equal", "_lesser_equal", "_lesser_equal_scalar", "_greater_equal_scalar", ("le", "", "")
    ),
    "logical_and": Arithmetic(
        "broadcast_logical_and", "_logical_and", "_logical_and_scalar", "_logical_and_scalar", ("", "", "")
    ),
    "logical_or": Arithmetic(
        "broadcast_logical_or", "_logical_or", "_logical_or_scalar", "_logical_or_scalar", ("", "", "")
    ),
    "logical_xor": Arithmetic(
        "broadcast_logical_xor", "_logical_xor", "_logical_xor_scalar", "_logical_xor_scalar", ("", "", "")
    ),
}
