"""Element-wise operators of mx.np and mx.npx as files hold them: dtypes are promoted as there, tests give booleans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..base import TORCH_TO_NAME
from .elemwise import through_float
from .registry import OPERATORS, makes, operator, same_shape

Function = Callable[..., torch.Tensor]

# ---------------------------------------------------------------------------------------------- one input
# Those that compute what an operator of nd does, under its own name.
_SAME = {
    "_npi_absolute": "abs", "_npi_ceil": "ceil", "_npi_floor": "floor", "_npi_rint": "rint", "_npi_fix": "fix",
    "_npi_trunc": "trunc", "_npx_relu": "relu", "_npx_sigmoid": "sigmoid", "_np_copy": "_copy",
    **{f"_npi_{name}": name for name in (
        "negative", "reciprocal", "sign", "square", "sqrt", "cbrt", "exp", "expm1", "log", "log10", "log1p", "log2",
        "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh",
        "degrees", "radians",
    )},
    **{f"_npi_{name}_scalar": f"_{name}_scalar" for name in ("mod", "rmod", "power", "rpower")},
    "_npi_add_scalar": "_plus_scalar", "_npi_subtract_scalar": "_minus_scalar",
    "_npi_rsubtract_scalar": "_rminus_scalar", "_npi_multiply_scalar": "_mul_scalar",
}  # fmt: skip


def _named(fn: Function, name: str, doc: str | None) -> Function:
    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = doc
    return fn


def _of_one(fn: Function) -> Function:
    def apply(x: torch.Tensor) -> torch.Tensor:
        return fn(x)

    return apply


def _copy(a: torch.Tensor) -> torch.Tensor:
    """a itself; whoever writes into it copies it first."""
    return a


def _register_same() -> None:
    for name, other in _SAME.items():
        row = OPERATORS[other]
        fn = row.fn
        if name.startswith("_npi_") and not row.attributes:  # whose input has another name there
            fn = _named(_of_one(row.fn), other, row.fn.__doc__)
        elif name == "_np_copy":
            fn = _copy
        aliases = ("_npi_abs",) if name == "_npi_absolute" else ()
        operator(name, *aliases, infer_inputs=row.infer_inputs, infer_dtypes=row.infer_dtypes,
                 may_alias=row.may_alias)(fn)  # fmt: skip


_register_same()

_TESTS: dict[str, tuple[Function, str]] = {
    "isnan": (torch.isnan, "whether it is NaN"),
    "isinf": (torch.isinf, "whether it is infinite"),
    "isfinite": (torch.isfinite, "whether it is finite"),
    "isposinf": (torch.isposinf, "whether it is +inf"),
    "isneginf": (torch.isneginf, "whether it is -inf"),
    "logical_not": (torch.logical_not, "whether it is 0"),
}


def _register_tests() -> None:
    for name, (test, meaning) in _TESTS.items():
        operator(f"_npi_{name}", infer_inputs=same_shape, infer_dtypes=makes(torch.bool))(
            _named(_of_one(test), name, f"For each element {meaning}; of any shape and dtype.")
        )


_register_tests()


@operator("_npi_around", infer_inputs=same_shape)
def around(x: torch.Tensor, *, decimals: int = 0) -> torch.Tensor:
    """x rounded to so many decimals, halves to the even neighbour (MXNet cuts integers off); derivative 0."""
    if not x.is_floating_point():
        return x.clone() if decimals >= 0 else around(x.to(torch.float64), decimals=decimals).to(x.dtype)
    factor = 10.0**decimals
    return (x * factor).round() / factor


@operator("_npi_bitwise_not", infer_inputs=same_shape)
def bitwise_not(x: torch.Tensor) -> torch.Tensor:
    """All bits of integers turned; of booleans, the other one."""
    return torch.bitwise_not(x)


@operator("_npi_nan_to_num", infer_inputs=same_shape)
def nan_to_num(
    data: torch.Tensor, *, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> torch.Tensor:
    """NaN and infinities replaced; without numbers for them, infinities become the dtype's largest values.

    The result is a new tensor whatever ``copy`` says, since graphs do not change their inputs.
    """
    del copy
    return torch.nan_to_num(data, nan, posinf, neginf)


# ---------------------------------------------------------------------------------------------- two inputs
def _floats(fn: Function) -> Function:
    """``fn`` in float32 for integers and booleans."""

    def apply(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        if a.is_floating_point() or b.is_floating_point():
            return fn(a, b)
        return fn(a.to(torch.float32), b.to(torch.float32))

    return apply


def _kept(fn: Function) -> Function:
    """``fn`` in float32, integers again in their dtype."""

    def apply(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return fn(a, b) if a.is_floating_point() else through_float(fn, a, b)

    return apply


def _modulo(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    zero = b == 0
    return torch.where(zero, torch.zeros_like(b), torch.remainder(a, torch.where(zero, torch.ones_like(b), b)))


def _power(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a | ~b if a.dtype is torch.bool else torch.pow(a, b)


def _ldexp(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    if not a.is_floating_point():
        return through_float(_ldexp, a, b)
    return a * torch.exp2(b.to(a.dtype))


def _arctan2(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    if not a.is_floating_point():
        raise ValueError(f"arctan2 takes floating-point dtypes, got {a.dtype}")
    return torch.arctan2(a, b)


def _lcm(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a & b if a.dtype is torch.bool else torch.lcm(a, b)


_BINARY: dict[str, Function] = {
    "add": torch.add,
    "subtract": torch.sub,
    "multiply": torch.mul,
    "true_divide": _floats(torch.true_divide),
    "power": _power,
    "mod": _modulo,
}
_ONE_DTYPE: dict[str, Function] = {
    "copysign": _kept(torch.copysign),
    "arctan2": _arctan2,
    "hypot": torch.hypot,
    "lcm": _lcm,
    "ldexp": _ldexp,
    "bitwise_and": torch.bitwise_and,
    "bitwise_or": torch.bitwise_or,
    "bitwise_xor": torch.bitwise_xor,
}
_COMPARE: dict[str, Function] = {
    "equal": torch.eq,
    "not_equal": torch.ne,
    "greater": torch.gt,
    "greater_equal": torch.ge,
    "less": torch.lt,
    "less_equal": torch.le,
}


def _promoted(fn: Function, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """``fn`` on both in the dtype that holds both: of the floating one, else of the wider one."""
    dtype = torch.promote_types(a.dtype, b.dtype)
    if dtype not in TORCH_TO_NAME:
        raise ValueError(f"no dtype holds both {a.dtype} and {b.dtype}; cast one of them before")
    return fn(a.to(dtype), b.to(dtype))


def _promoted_dtype(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
    a, b = dtypes
    a, b = a or b, b or a  # one tells of the other, as long as that tells nothing itself
    return [a, b], [None if a is None or b is None else torch.promote_types(a, b)]


def _compared_dtypes(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
    a, b = dtypes
    return [a or b, b or a], [torch.bool]


def _quotient_dtype(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
    if None in dtypes:
        return dtypes, [None]
    given, (found,) = _promoted_dtype(dtypes)
    return given, [found if found.is_floating_point else torch.float32]


def _register_binary() -> None:
    for name, fn in _BINARY.items():
        dtypes = _quotient_dtype if name == "true_divide" else _promoted_dtype
        on_floats = {"true_divide": torch.true_divide, "power": torch.pow}.get(name, fn)
        operator(f"_npi_{name}", mixed_dtypes=True, infer_dtypes=dtypes, on_floats=on_floats)(
            _named(_of_two(fn, _promoted), name, f"{name} of two tensors, which are broadcast; of any dtypes.")
        )
    for name, fn in _ONE_DTYPE.items():
        make = _of_x1_x2 if name in ("arctan2", "hypot") else _of_two
        operator(f"_npi_{name}")(
            _named(make(fn, _called), name, f"{name} of two tensors of one dtype, which are broadcast.")
        )
    for name, fn in _COMPARE.items():
        operator(f"_npi_{name}", infer_dtypes=_compared_dtypes, mixed_dtypes=True, on_floats=fn)(
            _named(_of_two(fn, _called), name, f"{name} as booleans, of two tensors, which are broadcast.")
        )
        operator(f"_npi_{name}_scalar", infer_inputs=same_shape, infer_dtypes=makes(torch.bool))(
            _named(_of_number(fn), f"{name}_scalar", f"{name} as booleans, of a tensor and a number.")
        )


def _called(fn: Function, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return fn(a, b)


def _of_two(fn: Function, how: Function) -> Function:
    def apply(lhs: torch.Tensor, rhs: torch.Tensor) -> torch.Tensor:
        return how(fn, lhs, rhs)

    return apply


def _of_x1_x2(fn: Function, how: Function) -> Function:
    def apply(x1: torch.Tensor, x2: torch.Tensor) -> torch.Tensor:
        return how(fn, x1, x2)

    return apply


def _of_number(fn: Function) -> Function:
    def apply(data: torch.Tensor, *, scalar: float = 1.0, is_int: bool = True) -> torch.Tensor:
        return fn(*_operands(data, scalar, is_int))

    return apply


# ---------------------------------------------------------------------------------------------- a tensor and a number
def _operands(data: torch.Tensor, scalar: float, is_int: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Both as tensors of one dtype: integers and a number that is none are float64, booleans and whole ones int64."""
    if not data.is_floating_point():
        data = data.to(torch.float64) if not is_int else data.to(torch.int64) if data.dtype is torch.bool else data
    return data, torch.full((), scalar, dtype=data.dtype, device=data.device)


def _number_dtypes(dtypes: Sequence[torch.dtype | None], *, is_int: bool, **_: Any) -> tuple[Any, Any]:
    data = dtypes[0]
    if data is None or data.is_floating_point:
        return [data], [data]
    return [data], [torch.float64 if not is_int else torch.int64 if data is torch.bool else data]


def _quotient_by_number(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
    data = dtypes[0]
    return [data], [data if data is None or data.is_floating_point else torch.float32]


def _swapped(fn: Function) -> Function:
    return lambda a, b: fn(b, a)


def _register_numbers() -> None:
    for name, fn in (
        ("copysign", _kept(torch.copysign)),
        ("rcopysign", _kept(_swapped(torch.copysign))),
        ("arctan2", _kept(torch.arctan2)),
        ("rarctan2", _kept(_swapped(torch.arctan2))),
    ):
        operator(f"_npi_{name}_scalar", infer_inputs=same_shape, infer_dtypes=_number_dtypes)(
            _named(_of_number(fn), f"{name}_scalar", f"{name} of a tensor and a number.")
        )
    for name, fn in (
        ("lcm", _lcm),
        *((f"bitwise_{word}", getattr(torch, f"bitwise_{word}")) for word in ("and", "or", "xor")),
    ):
        operator(f"_npi_{name}_scalar", infer_inputs=same_shape)(
            _named(_of_integers(fn), f"{name}_scalar", f"{name} of a tensor of integers (or booleans) and a number.")
        )
    for name, fn in (("ldexp", _ldexp), ("rldexp", _swapped(_ldexp))):
        operator(f"_npi_{name}_scalar", infer_inputs=same_shape, infer_dtypes=_number_dtypes)(
            _named(_of_number(fn), f"{name}_scalar", f"{name} of a tensor and a number.")
        )
    for name, fn in (("true_divide", torch.true_divide), ("rtrue_divide", _swapped(torch.true_divide))):
        operator(f"_npi_{name}_scalar", infer_inputs=same_shape, infer_dtypes=_quotient_by_number)(
            _named(_divided(fn), f"{name}_scalar", f"{name} of a tensor and a number; of integers in float32.")
        )


def _of_integers(fn: Function) -> Function:
    def apply(data: torch.Tensor, *, scalar: float = 1.0, is_int: bool = True) -> torch.Tensor:
        del is_int
        if data.is_meta:  # what is asked is the shape
            return torch.empty_like(data)
        if data.is_floating_point():
            raise ValueError(f"data must be integers or booleans, got {data.dtype}")
        return fn(data, torch.full((), int(scalar), dtype=data.dtype, device=data.device))

    return apply


def _divided(fn: Function) -> Function:
    def apply(data: torch.Tensor, *, scalar: float = 1.0, is_int: bool = True) -> torch.Tensor:
        del is_int
        data = data if data.is_floating_point() else data.to(torch.float32)
        return fn(data, torch.full((), scalar, dtype=data.dtype, device=data.device))

    return apply


_register_binary()
_register_numbers()


# ---------------------------------------------------------------------------------------------- choices
def _choice_dtypes(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
    condition, x, y = dtypes
    x, y = x or y, y or x
    return [condition, x, y], [x]


@operator("_npi_where", mixed_dtypes=True, infer_dtypes=_choice_dtypes)
def where(condition: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """x where the condition is not 0, else y; all three are broadcast."""
    return torch.where(condition != 0, x, y)


def _chosen_dtype(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
    return list(dtypes), [dtypes[1]]


@operator("_npi_where_lscalar", mixed_dtypes=True, infer_dtypes=_chosen_dtype)
def where_lscalar(condition: torch.Tensor, x: torch.Tensor, *, scalar: float = 0.0) -> torch.Tensor:
    """The number where the condition is not 0, else x; both tensors are broadcast."""
    return torch.where(condition != 0, torch.full((), scalar, dtype=x.dtype, device=x.device), x)


@operator("_npi_where_rscalar", mixed_dtypes=True, infer_dtypes=_chosen_dtype)
def where_rscalar(condition: torch.Tensor, y: torch.Tensor, *, scalar: float = 0.0) -> torch.Tensor:
    """y where the condition is not 0, else the number; both tensors are broadcast."""
    return torch.where(condition != 0, y, torch.full((), scalar, dtype=y.dtype, device=y.device))


@operator("_npi_where_scalar2", infer_inputs=same_shape, infer_dtypes=makes(torch.float32))
def where_scalar2(condition: torch.Tensor, *, x: float = 0.0, y: float = 0.0) -> torch.Tensor:
    """x where the condition is not 0, else y, as float32."""
    one, other = (torch.full((), v, dtype=torch.float32, device=condition.device) for v in (x, y))
    return torch.where(condition != 0, one, other)
