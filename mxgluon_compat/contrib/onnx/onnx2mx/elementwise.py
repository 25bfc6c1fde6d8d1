"""ONNX operators that work element by element."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch

from .... import symbol as sym
from ....base import NAME_TO_TORCH, dtype_name
from ....symbol import Symbol
from .values import Converter, Graph, Single, Use, Value

__all__ = ["CONVERTERS"]

_scalar = sym._internal


def _unary(function: Callable[[Symbol], Symbol]) -> Single:
    return lambda graph, use: function(graph.symbol(use.input(0)))


def _number(value: Value) -> float | None:
    """The number that a constant of one element is."""
    found = value.constant
    return None if found is None or found.size != 1 else found.item()


# A table's row: on two arrays, array with number, number with array.
_Row = tuple[Callable[..., Symbol], "Callable[..., Symbol] | None", "Callable[..., Symbol] | None"]


def _binary(
    both: Callable[..., Symbol], left: Callable[..., Symbol] | None, right: Callable[..., Symbol] | None
) -> Single:
    def convert(graph: Graph, use: Use) -> Symbol:
        a, b = use.arguments(2)
        for constant, other, function in ((b, a, left), (a, b, right)):
            number = _number(constant)
            if number is None or function is None or other.known is not None:
                continue
            if len(graph.shape(constant)) <= len(graph.shape(other)):
                return function(graph.symbol(other), scalar=float(number))
        return both(*graph.aligned((a, b)))

    return convert


_BINARY: dict[str, _Row] = {
    "Add": (sym.broadcast_add, _scalar._plus_scalar, _scalar._plus_scalar),
    "Sub": (sym.broadcast_sub, _scalar._minus_scalar, _scalar._rminus_scalar),
    "Mul": (sym.broadcast_mul, _scalar._mul_scalar, _scalar._mul_scalar),
    "Equal": (sym.broadcast_equal, _scalar._equal_scalar, _scalar._equal_scalar),
    "Greater": (sym.broadcast_greater, _scalar._greater_scalar, _scalar._lesser_scalar),
    "GreaterOrEqual": (sym.broadcast_greater_equal, _scalar._greater_equal_scalar, _scalar._lesser_equal_scalar),
    "Less": (sym.broadcast_lesser, _scalar._lesser_scalar, _scalar._greater_scalar),
    "LessOrEqual": (sym.broadcast_lesser_equal, _scalar._lesser_equal_scalar, _scalar._greater_equal_scalar),
}
_power = _binary(sym.broadcast_power, _scalar._power_scalar, _scalar._rpower_scalar)
_divide = _binary(sym.broadcast_div, _scalar._div_scalar, _scalar._rdiv_scalar)
_remainder = _binary(sym.broadcast_mod, _scalar._mod_scalar, _scalar._rmod_scalar)


def _is_float(graph: Graph, value: Value) -> bool:
    return value.known[0].dtype.kind == "f" if value.known is not None else graph.dtype(value).is_floating_point


def _div(graph: Graph, use: Use) -> Symbol:
    if all(_is_float(graph, v) for v in use.arguments(2)):
        return _divide(graph, use)
    # integers are divided towards zero
    dtype = dtype_name(graph.dtype(use.input(0)))
    a, b = (sym.Cast(s, dtype="float64") for s in graph.aligned(use.arguments(2)))
    return sym.Cast(sym.trunc(sym.broadcast_div(a, b)), dtype=dtype)


def _counted(graph: Graph, data: Symbol) -> Symbol:
    """Truth values as 0 and 1: MXNet's logic takes numbers."""
    return sym.Cast(data, dtype="float32") if graph.dtype(data) is torch.bool else data


def _logical(function: Callable[..., Symbol]) -> Single:
    return lambda graph, use: function(*(_counted(graph, s) for s in graph.aligned(use.arguments(2))))


def _pow(graph: Graph, use: Use) -> Symbol:
    if _number(use.input(1)) is not None or graph.dtype(use.input(0)) is graph.dtype(use.input(1)):
        return _power(graph, use)
    base, exponent = graph.aligned(use.arguments(2))
    return sym.broadcast_power(base, sym.Cast(exponent, dtype=dtype_name(graph.dtype(base))))


def _is_inf(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    signs = [s for s, name in ((1.0, "detect_positive"), (-1.0, "detect_negative")) if use.attrs.get(name, 1)]
    if len(signs) == 1:
        return sym.broadcast_mul(sym.contrib.isinf(data), _scalar._greater_scalar(data * signs[0], scalar=0.0))
    return sym.contrib.isinf(data) if signs else sym.zeros_like(data)


def _mod(graph: Graph, use: Use) -> Symbol:
    if not use.attrs.get("fmod", 0):
        return _remainder(graph, use)  # with the divisor's sign
    a, b = graph.aligned(use.arguments(2))
    return sym.broadcast_sub(a, sym.broadcast_mul(sym.trunc(sym.broadcast_div(a, b)), b))


def _several(function: Callable[..., Symbol]) -> Single:
    def convert(graph: Graph, use: Use) -> Symbol:
        found = graph.aligned(use.arguments())
        result = found[0]
        for other in found[1:]:
            result = function(result, other)
        return sym.identity(result) if len(found) == 1 else result

    return convert


def _mean(graph: Graph, use: Use) -> Symbol:
    return _scalar._div_scalar(_several(sym.broadcast_add)(graph, use), scalar=float(len(use.inputs)))


def _dtype_of_flag(use: Use, flag: int) -> str:
    """The name of a dtype that ONNX has a number for.

    Raises:
        UnsupportedError: MXNet has no such dtype.
    """
    from onnx.helper import tensor_dtype_to_np_dtype

    name = "bfloat16" if flag == 16 else np.dtype(tensor_dtype_to_np_dtype(flag)).name
    if name not in NAME_TO_TORCH:
        raise use.refused(f"to {name}", f"MXNet's dtypes are {', '.join(NAME_TO_TORCH)}")
    return name


def _cast_to(graph: Graph, data: Symbol, dtype: str) -> Symbol:
    return _scalar._not_equal_scalar(data, scalar=0.0) if dtype == "bool" else sym.Cast(data, dtype=dtype)


def _cast(graph: Graph, use: Use) -> Symbol:
    return _cast_to(graph, graph.symbol(use.input(0)), _dtype_of_flag(use, use.attribute("to")))


def _cast_like(graph: Graph, use: Use) -> Symbol:
    return _cast_to(graph, graph.symbol(use.input(0)), dtype_name(graph.dtype(use.input(1))))


def _where(graph: Graph, use: Use) -> Symbol:
    condition, a, b = graph.together(use.arguments(3))
    return sym.where(condition, a, b)


def _clip(graph: Graph, use: Use) -> Symbol:
    low, high = use.constant_or_none(1, "min"), use.constant_or_none(2, "max")
    data = graph.symbol(use.input(0))
    if low is not None and high is not None:
        return sym.clip(data, a_min=low.item(), a_max=high.item())
    if low is not None:
        return _scalar._maximum_scalar(data, scalar=low.item())
    return sym.identity(data) if high is None else _scalar._minimum_scalar(data, scalar=high.item())


# ---------------------------------------------------------------------------------------------- activations
def _leaky(graph: Graph, use: Use) -> Symbol:
    return sym.LeakyReLU(graph.symbol(use.input(0)), act_type="leaky", slope=use.attrs.get("alpha", 0.01))


def _elu(graph: Graph, use: Use) -> Symbol:
    return sym.LeakyReLU(graph.symbol(use.input(0)), act_type="elu", slope=use.attrs.get("alpha", 1.0))


def _celu(graph: Graph, use: Use) -> Symbol:
    alpha = use.attrs.get("alpha", 1.0)
    data = _scalar._div_scalar(graph.symbol(use.input(0)), scalar=alpha)
    return _scalar._mul_scalar(sym.LeakyReLU(data, act_type="elu", slope=1.0), scalar=alpha)


def _selu(graph: Graph, use: Use) -> Symbol:
    alpha, gamma = use.attrs.get("alpha", 1.67326319217681884765625), use.attrs.get("gamma", 1.05070102214813232421875)
    return _scalar._mul_scalar(sym.LeakyReLU(graph.symbol(use.input(0)), act_type="elu", slope=alpha), scalar=gamma)


def _prelu(graph: Graph, use: Use) -> Symbol:
    data, slope = use.arguments(2)
    rank, shape = len(graph.shape(data)), graph.shape(slope)
    by_channel = shape[0] == math.prod(shape) and len(shape) == (rank - 1 if use.opset >= 7 else 1)
    if slope.constant is not None and (by_channel or math.prod(shape) == 1):
        return sym.LeakyReLU(graph.symbol(data), graph.row(slope), act_type="prelu")
    below = sym.broadcast_mul(_scalar._minimum_scalar(graph.symbol(data), scalar=0.0), graph.symbol(slope))
    return sym.broadcast_add(sym.relu(graph.symbol(data)), below)


def _thresholded(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    return sym.broadcast_mul(data, _scalar._greater_scalar(data, scalar=use.attrs.get("alpha", 1.0)))


def _gelu(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    if use.attrs.get("approximate", "none") == "none":
        return sym.LeakyReLU(data, act_type="gelu")
    cubed = _scalar._mul_scalar(_scalar._power_scalar(data, scalar=3.0), scalar=0.044715)
    inner = _scalar._mul_scalar(sym.broadcast_add(data, cubed), scalar=math.sqrt(2 / math.pi))
    return sym.broadcast_mul(_scalar._mul_scalar(data, scalar=0.5), _scalar._plus_scalar(sym.tanh(inner), scalar=1.0))


def _hard_sigmoid(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    return sym.hard_sigmoid(data, alpha=use.attrs.get("alpha", 0.2), beta=use.attrs.get("beta", 0.5))


def _hard_swish(data: Symbol) -> Symbol:
    return sym.broadcast_mul(data, sym.hard_sigmoid(data, alpha=1 / 6, beta=0.5))


def _swish(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    return sym.broadcast_mul(data, sym.sigmoid(_scalar._mul_scalar(data, scalar=use.attrs.get("alpha", 1.0))))


def _softplus(data: Symbol) -> Symbol:
    return sym.Activation(data, act_type="softrelu")


def _round(data: Symbol) -> Symbol:
    """Halves to the even number, as ONNX wants it; MXNet's ``rint`` takes them down, and ``round`` away from zero."""
    down = sym.floor(data)
    odd = _scalar._mod_scalar(down, scalar=2.0)
    part = sym.broadcast_sub(data, down)
    above = _scalar._greater_scalar(part, scalar=0.5)
    half = sym.broadcast_mul(_scalar._equal_scalar(part, scalar=0.5), odd)
    return sym.broadcast_add(down, sym.broadcast_add(above, half))


CONVERTERS: dict[str, Converter] = {
    **{name: _binary(*row) for name, row in _BINARY.items()},
    "Div": _div, "Mod": _mod, "Max": _several(sym.broadcast_maximum), "Min": _several(sym.broadcast_minimum),
    "Sum": _several(sym.broadcast_add), "Mean": _mean, "Cast": _cast, "CastLike": _cast_like, "Where": _where,
    "Clip": _clip, "LeakyRelu": _leaky, "Elu": _elu, "Celu": _celu, "Selu": _selu, "PRelu": _prelu,
    "ThresholdedRelu": _thresholded, "Gelu": _gelu, "HardSigmoid": _hard_sigmoid, "HardSwish": _unary(_hard_swish),
    "Swish": _swish, "Softplus": _unary(_softplus), "Round": _unary(_round),
    "Mish": _unary(lambda data: sym.broadcast_mul(data, sym.tanh(_softplus(data)))),
    "Relu": _unary(sym.relu), "Sigmoid": _unary(sym.sigmoid), "Tanh": _unary(sym.tanh),
    "Softsign": _unary(sym.softsign), "Identity": _unary(sym.identity),
    "Not": lambda graph, use: sym.logical_not(_counted(graph, graph.symbol(use.input(0)))),
    "And": _logical(sym.broadcast_logical_and), "Or": _logical(sym.broadcast_logical_or),
    "Xor": _logical(sym.broadcast_logical_xor), "Pow": _pow, "IsInf": _is_inf,
    "Abs": _unary(sym.abs), "Neg": _unary(sym.negative), "Exp": _unary(sym.exp), "Log": _unary(sym.log),
    "Sqrt": _unary(sym.sqrt), "Reciprocal": _unary(sym.reciprocal), "Floor": _unary(sym.floor),
    "Ceil": _unary(sym.ceil), "Sign": _unary(sym.sign), "Erf": _unary(sym.erf), "Sin": _unary(sym.sin),
    "Cos": _unary(sym.cos), "Tan": _unary(sym.tan), "Asin": _unary(sym.arcsin), "Acos": _unary(sym.arccos),
    "Atan": _unary(sym.arctan), "Sinh": _unary(sym.sinh), "Cosh": _unary(sym.cosh), "Asinh": _unary(sym.arcsinh),
    "Acosh": _unary(sym.arccosh), "Atanh": _unary(sym.arctanh), "IsNaN": _unary(sym.contrib.isnan),
}  # fmt: skip
