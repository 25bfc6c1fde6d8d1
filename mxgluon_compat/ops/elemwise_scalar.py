"""Element-wise operators of an array and a number.

The array's dtype is the result's. The number is cast to it first (an int32 array plus 1.5 adds 1), except that with
``is_int=False`` an integer array becomes float64, and a boolean one becomes int64 or float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from .elemwise_binary import FUNCTIONS
from .registry import operator, same_shape

Function = Callable[..., torch.Tensor]


def _integer_operands(data: torch.Tensor, scalar: float, is_int: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """An integer or boolean tensor and a number as two tensors of one dtype, the second one of shape ()."""
    if not is_int:
        data = data.to(torch.float64)
    elif data.dtype is torch.bool:
        data = data.to(torch.int64)
    if is_int:
        info = torch.iinfo(data.dtype)
        scalar = (int(scalar) - info.min) % (1 << info.bits) + info.min  # wraps around, as a cast in C does
    return data, torch.full((), scalar, dtype=data.dtype, device=data.device)


def _number_operator(fn: Function, general: Function) -> Function:
    """``fn`` takes a Python number in place of its second tensor; integers go through ``general``."""

    def apply(data: torch.Tensor, *, scalar: float = 1.0, is_int: bool = True) -> torch.Tensor:
        if data.is_floating_point():
            return fn(data, scalar)
        return general(*_integer_operands(data, scalar, is_int))

    return apply


def _tensor_operator(fn: Function) -> Function:
    """``fn`` takes two tensors, of which the number becomes the second."""

    def apply(data: torch.Tensor, *, scalar: float = 1.0, is_int: bool = True) -> torch.Tensor:
        if data.is_floating_point():
            return fn(data, torch.full((), scalar, dtype=data.dtype, device=data.device))
        return fn(*_integer_operands(data, scalar, is_int))

    return apply


def _reversed(fn: Function) -> Function:
    def apply(lhs: torch.Tensor, rhs: torch.Tensor) -> torch.Tensor:
        return fn(rhs, lhs)

    return apply


# MXNet's word for each function -> the torch function of a floating-point tensor and a number, where there is one.
_NUMBER: dict[str, Function] = {
    "plus": torch.add,
    "minus": torch.sub,
    "rminus": torch.rsub,
    "mul": torch.mul,
    "div": torch.div,
    "power": torch.pow,
    "rpower": _reversed(torch.pow),
    "maximum": torch.clamp_min,  # where both are equal the derivative is 1, as in MXNet
    "minimum": torch.clamp_max,
    **{w: FUNCTIONS[w][0] for w in ("equal", "not_equal", "greater", "greater_equal", "lesser", "lesser_equal")},
}
_BINARY_WORD = {"plus": "add", "minus": "sub"}
_REVERSED = {"rminus": "minus", "rdiv": "div", "rmod": "mod", "rpower": "power"}
_ALIASES: dict[str, str] = {
    "rminus": "_RMinusScalar",
    "rdiv": "_RDivScalar",
    "rmod": "_RModScalar",
    "rpower": "_RPowerScalar",
}
_OF_NUMPY = ("hypot", "maximum", "minimum")


def _number_dtypes(
    dtypes: Sequence[torch.dtype | None], *, is_int: bool, outputs: Sequence[torch.dtype | None], **_: Any
) -> tuple[Any, Any]:
    """Integers and a number that is none are computed in float64, booleans and one that is in int64."""
    output = outputs[0]
    data = dtypes[0] or (output if is_int or output is not torch.float64 else None)
    if data is None or data.is_floating_point:
        return [data], [data]
    return [data], [torch.float64 if not is_int else torch.int64 if data is torch.bool else data]


def _register(word: str, names: tuple[str, ...]) -> None:
    straight = _REVERSED.get(word, word)
    fn, meaning = FUNCTIONS[_BINARY_WORD.get(straight, straight)]
    if word in _REVERSED:
        fn, meaning = _reversed(fn), meaning.replace("lhs", "scalar").replace("rhs", "data")
    else:
        meaning = meaning.replace("lhs", "data").replace("rhs", "scalar")
    apply = _number_operator(_NUMBER[word], fn) if word in _NUMBER else _tensor_operator(fn)
    apply.__name__ = apply.__qualname__ = names[0]
    apply.__doc__ = f"{meaning}, of each element; data of any shape and dtype."
    operator(*names, infer_inputs=same_shape, infer_dtypes=_number_dtypes)(apply)


_WORDS = ("plus", "minus", *(w for w in FUNCTIONS if w not in ("add", "sub")), *_REVERSED)

for _word in _WORDS:
    _alias = _ALIASES.get(_word) or "_" + _word.title().replace("_", "") + "Scalar"
    _numpy = (f"_npi_{_word}_scalar",) if _word in _OF_NUMPY else ()
    _register(_word, (f"_{_word}_scalar", _alias, *_numpy))
# On sparse arrays these two touch only the stored elements; on dense ones they are like the others.
_register("plus", ("_scatter_plus_scalar",))
_register("minus", ("_scatter_minus_scalar",))
