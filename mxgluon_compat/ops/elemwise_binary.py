"""Element-wise operators of two inputs (of one shape, or broadcast), and the sum of a list.

Both inputs have one dtype, which is also that of the result (comparisons give 0 and 1 in it).
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch

from .elemwise import no_bool, through_float
from .registry import makes, operator, same_shape

Function = Callable[..., torch.Tensor]


# ---------------------------------------------------------------------------------------------- the functions
def divide(lhs: torch.Tensor, rhs: torch.Tensor) -> torch.Tensor:
    """lhs / rhs; of integers truncated toward zero, and an error where rhs is 0 (MXNet's process dies there)."""
    if lhs.is_floating_point():
        return torch.div(lhs, rhs)
    return torch.div(lhs, rhs, rounding_mode="trunc")


def modulo(lhs: torch.Tensor, rhs: torch.Tensor) -> torch.Tensor:
    """lhs mod rhs with the sign of rhs; 0 where rhs is 0. The derivative by lhs is 1 there too, that by rhs is 0."""
    zero = rhs == 0
    result = torch.remainder(lhs, rhs.masked_fill(zero, 1)).masked_fill(zero, 0)
    if not result.is_floating_point():
        return result
    if lhs.requires_grad:  # a zero (NaN only where lhs is not finite, and nan_to_num stops that) with the derivative 1
        result = result + torch.where(zero, (lhs - lhs.detach()).nan_to_num(), 0)
    return result + torch.where(rhs > 0, 0.0, -0.0).to(result.dtype)  # of a positive rhs 0.0, where torch has -0.0


def maximum(lhs: torch.Tensor, rhs: torch.Tensor) -> torch.Tensor:
    """The larger one, NaN where one is NaN; where both are equal the gradient goes to lhs (torch halves it)."""
    if lhs.requires_grad or rhs.requires_grad:
        return torch.where(lhs >= rhs, lhs, torch.maximum(lhs, rhs))
    return torch.maximum(lhs, rhs)


def minimum(lhs: torch.Tensor, rhs: torch.Tensor) -> torch.Tensor:
    """The smaller one, NaN where one is NaN; where both are equal the gradient goes to lhs (torch halves it)."""
    if lhs.requires_grad or rhs.requires_grad:
        return torch.where(lhs <= rhs, lhs, torch.minimum(lhs, rhs))
    return torch.minimum(lhs, rhs)


def hypot(lhs: torch.Tensor, rhs: torch.Tensor) -> torch.Tensor:
    """sqrt(lhs^2 + rhs^2)."""
    return torch.hypot(lhs, rhs) if lhs.is_floating_point() else through_float(torch.hypot, lhs, rhs)


def _in_dtype(test: Function) -> Function:
    """The boolean function ``test`` with its answers as 0 and 1 in the dtype of the first input."""

    def apply(lhs: torch.Tensor, rhs: torch.Tensor) -> torch.Tensor:
        return test(lhs, rhs).to(lhs.dtype)

    return apply


# MXNet's word for each function, with what it computes.
FUNCTIONS: dict[str, tuple[Function, str]] = {
    "add": (torch.add, "lhs + rhs"),
    "sub": (torch.sub, "lhs - rhs"),
    "mul": (torch.mul, "lhs * rhs"),
    "div": (divide, "lhs / rhs, of integers truncated toward zero"),
    "mod": (modulo, "lhs mod rhs with the sign of rhs, 0 where rhs is 0"),
    # Of integers exact, where MXNet rounds to float32. The derivatives at 0^0 and of 0^x are 0, where MXNet has NaN.
    "power": (torch.pow, "lhs to the power of rhs"),
    "maximum": (maximum, "the larger one of lhs and rhs"),
    "minimum": (minimum, "the smaller one of lhs and rhs"),
    "hypot": (hypot, "sqrt(lhs^2 + rhs^2)"),
    "equal": (_in_dtype(torch.eq), "lhs == rhs as 0 and 1"),
    "not_equal": (_in_dtype(torch.ne), "lhs != rhs as 0 and 1"),
    "greater": (_in_dtype(torch.gt), "lhs > rhs as 0 and 1"),
    "greater_equal": (_in_dtype(torch.ge), "lhs >= rhs as 0 and 1"),
    "lesser": (_in_dtype(torch.lt), "lhs < rhs as 0 and 1"),
    "lesser_equal": (_in_dtype(torch.le), "lhs <= rhs as 0 and 1"),
    "logical_and": (_in_dtype(torch.logical_and), "1 where both are not 0, else 0"),
    "logical_or": (_in_dtype(torch.logical_or), "1 where one is not 0, else 0"),
    "logical_xor": (_in_dtype(torch.logical_xor), "1 where exactly one is not 0, else 0"),
}


# What the functions above come to on floating-point tensors.
_FLOAT: dict[Function, Function] = {divide: torch.div, hypot: torch.hypot}


# ---------------------------------------------------------------------------------------------- the operators
def _same_shape_operator(fn: Function) -> Function:
    on_floats = _FLOAT.get(fn, fn)

    def apply(lhs: torch.Tensor, rhs: torch.Tensor) -> torch.Tensor:
        if lhs.shape != rhs.shape:
            raise ValueError(f"shapes differ: {tuple(lhs.shape)} and {tuple(rhs.shape)}")
        if lhs.is_floating_point():
            return on_floats(lhs, rhs)
        return fn(no_bool(lhs), rhs)

    return apply


def _broadcast_operator(fn: Function) -> Function:
    on_floats = _FLOAT.get(fn, fn)

    def apply(lhs: torch.Tensor, rhs: torch.Tensor) -> torch.Tensor:
        if lhs.is_floating_point():
            return on_floats(lhs, rhs)
        return fn(no_bool(lhs), rhs)

    return apply


def _register(word: str, names: tuple[str, ...], broadcast: bool) -> None:
    fn, meaning = FUNCTIONS[word]
    apply = (_broadcast_operator if broadcast else _same_shape_operator)(fn)
    apply.__name__ = apply.__qualname__ = names[0]
    shapes = "shapes that broadcast" if broadcast else "one shape"
    apply.__doc__ = f"{meaning}, of each pair of elements; inputs of {shapes} and one dtype, which is the result's."
    if broadcast:
        operator(*names, on_floats=_FLOAT.get(fn, fn))(apply)
    else:
        operator(*names, infer_inputs=same_shape)(apply)


_SAME_SHAPE: dict[str, tuple[tuple[str, ...], ...]] = {
    "add": (("elemwise_add", "_add", "_plus", "_Plus", "_sparse_elemwise_add"), ("_grad_add",)),
    "sub": (("elemwise_sub", "_sub", "_minus", "_Minus", "_sparse_elemwise_sub"),),
    "mul": (("elemwise_mul", "_mul", "_Mul", "_sparse_elemwise_mul"),),
    "div": (("elemwise_div", "_div", "_Div", "_sparse_elemwise_div"), ("_scatter_elemwise_div",)),
}
_BROADCAST_ALIASES: dict[str, tuple[str, ...]] = {
    "add": ("broadcast_plus", "_sparse_broadcast_add", "_sparse_broadcast_plus"),
    "sub": ("broadcast_minus", "_sparse_broadcast_sub", "_sparse_broadcast_minus"),
    "mul": ("_sparse_broadcast_mul",),
    "div": ("_sparse_broadcast_div",),
    "maximum": ("_npi_maximum",),
    "minimum": ("_npi_minimum",),
}

for _word in FUNCTIONS:
    for _names in _SAME_SHAPE.get(_word, ((f"_{_word}", f"_{_word.title()}"),)):
        _register(_word, _names, broadcast=False)
    _register(_word, (f"broadcast_{_word}", *_BROADCAST_ALIASES.get(_word, ())), broadcast=True)


@operator("add_n", "ElementWiseSum", "_sparse_add_n", "_sparse_ElementWiseSum", infer_inputs=same_shape,
          count="num_args", may_alias=True)  # fmt: skip
def add_n(*args: torch.Tensor) -> torch.Tensor:
    """The sum of at least one tensor, all of one shape and dtype (float16 and bfloat16 are added up in float32)."""
    if not args:
        raise ValueError("at least one input is needed")
    dtype = no_bool(args[0]).dtype
    for x in args[1:]:
        if x.shape != args[0].shape:
            raise ValueError(f"shapes differ: {tuple(args[0].shape)} and {tuple(x.shape)}")
    if len(args) > 2 and dtype in (torch.float16, torch.bfloat16):
        return torch.stack(args).sum(0)
    return functools.reduce(torch.add, args)


@operator("_contrib_allclose", infer_dtypes=makes(torch.uint8))
def allclose(
    a: torch.Tensor, b: torch.Tensor, *, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = True
) -> torch.Tensor:
    """Whether |a - b| <= atol + rtol |b| for all elements, as a uint8 tensor of shape (), 1 or 0.

    Infinities of opposite sign are not close (in MXNet they are).
    """
    if a.shape != b.shape:
        raise ValueError(f"shapes differ: {tuple(a.shape)} and {tuple(b.shape)}")
    return torch.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan).all().to(torch.uint8)
