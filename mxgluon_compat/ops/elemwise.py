"""Element-wise operators of one input: mathematics, casts, identities and operators that only change the gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
import torch.nn.functional as F

from .casts import AMP_DTYPES
from .registry import makes, merge_shapes, numbered, operator, same_shape
from .schema import Dtype, Natural, Shape
from .stopped import block

Function = Callable[..., torch.Tensor]


# ---------------------------------------------------------------------------------------------- what all share
def through_float(fn: Function, *inputs: torch.Tensor) -> torch.Tensor:
    """``fn`` on integer tensors as MXNet does it: computed in float32, truncated toward zero to the inputs' dtype.

    Raises:
        TypeError: the inputs are boolean.
    """
    dtype = no_bool(inputs[0]).dtype
    return fn(*(x.to(torch.float32) for x in inputs)).to(dtype)


def no_bool(data: torch.Tensor) -> torch.Tensor:
    """``data``, of any dtype but bool.

    Raises:
        TypeError: it is boolean.
    """
    if data.dtype is torch.bool:
        raise TypeError("boolean arrays are not accepted; cast to another dtype first")
    return data


def only_float(data: torch.Tensor) -> torch.Tensor:
    """``data``, of a floating-point dtype.

    Raises:
        TypeError: it is not.
    """
    if not data.is_floating_point():
        raise TypeError(f"only floating-point dtypes are accepted, not {str(data.dtype).removeprefix('torch.')}")
    return data


class Differentiated(torch.autograd.Function):
    """``fn(data)`` with ``slope(data)`` for its derivative, where torch's own rule is not MXNet's."""

    @staticmethod
    def forward(ctx: Any, data: torch.Tensor, fn: Function, slope: Callable[[torch.Tensor], Any]) -> torch.Tensor:
        ctx.save_for_backward(data)
        ctx.slope = slope
        return fn(data)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (data,) = ctx.saved_tensors
        return grads[0] * ctx.slope(data), None, None


class Loss(torch.autograd.Function):
    """``data`` with the gradient ``scale(data)`` whatever the gradient of what is made of it."""

    @staticmethod
    def forward(ctx: Any, data: torch.Tensor, scale: Callable[[torch.Tensor], Any]) -> torch.Tensor:
        ctx.save_for_backward(data)
        ctx.scale = scale
        return data.clone()

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, None]:
        (data,) = ctx.saved_tensors
        return torch.ones_like(data) * ctx.scale(data), None


# ---------------------------------------------------------------------------------------------- mathematics
def _cbrt(x: torch.Tensor) -> torch.Tensor:
    # In float64, so that the roots of cubes are whole (torch has no cbrt).
    return x.to(torch.float64).abs().pow(1 / 3).to(x.dtype).copysign(x)


def cbrt(x: torch.Tensor) -> torch.Tensor:
    """Real cube root; derivative inf at 0."""
    return Differentiated.apply(x, _cbrt, lambda x: 1 / (3 * cbrt(x) ** 2))


def rcbrt(x: torch.Tensor) -> torch.Tensor:
    """Reciprocal of the real cube root."""
    return Differentiated.apply(x, lambda x: _cbrt(x).reciprocal(), lambda x: rcbrt(x) / (-3 * x))


def gamma(x: torch.Tensor) -> torch.Tensor:
    """The gamma function, out of its logarithm in float64 (torch has only that); NaN at negative integers."""
    wide = x.to(torch.float64)
    below = wide.detach().floor()
    odd = (wide.detach() < 0) & (below.remainder(2) == 1)
    size = wide.lgamma().exp()
    pole = (below < 0) & (below == wide.detach())
    return torch.where(odd, -size, size).masked_fill(pole, math.nan).to(x.dtype)


def round_half_away(x: torch.Tensor) -> torch.Tensor:
    """The nearest integer, halves away from zero (torch rounds them to even); derivative 0."""
    whole = x.trunc()
    return torch.where((x - whole).abs() >= 0.5, whole + x.sign(), whole)


def round_half_down(x: torch.Tensor) -> torch.Tensor:
    """The nearest integer, halves toward minus infinity; derivative 0."""
    floor, ceil = x.floor(), x.ceil()
    return torch.where(x - floor <= ceil - x, floor, ceil)


def logical_not(x: torch.Tensor) -> torch.Tensor:
    """1 where x is 0, else 0, in x's dtype."""
    return torch.logical_not(x).to(x.dtype)


# Name and function of those that MXNet computes in floating point: integers take the way through float32.
_FLOAT: dict[str, Function] = {
    "sqrt": torch.sqrt,
    "rsqrt": torch.rsqrt,
    "cbrt": cbrt,
    "rcbrt": rcbrt,
    "reciprocal": torch.reciprocal,
    "exp": torch.exp,
    "expm1": torch.expm1,
    "log": torch.log,
    "log10": torch.log10,
    "log2": torch.log2,
    "log1p": torch.log1p,
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "arcsin": torch.arcsin,
    "arccos": torch.arccos,
    "arctan": torch.arctan,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "tanh": torch.tanh,
    "arcsinh": torch.arcsinh,
    "arccosh": torch.arccosh,
    "arctanh": torch.arctanh,
    "degrees": torch.rad2deg,
    "radians": torch.deg2rad,
    "gamma": gamma,
    "gammaln": torch.lgamma,
    "erf": torch.erf,
    "erfinv": torch.erfinv,
    "sigmoid": torch.sigmoid,
    "softsign": F.softsign,
}

# Those that are exact in every dtype but bool.
_EXACT: dict[str, Function] = {
    "abs": torch.abs,
    "negative": torch.neg,
    "sign": torch.sign,
    "square": torch.square,
    "relu": torch.relu,
    "floor": torch.floor,
    "ceil": torch.ceil,
    "trunc": torch.trunc,
    "fix": torch.trunc,
    "round": round_half_away,
    "rint": round_half_down,
    "logical_not": logical_not,
}

_OF_NPX = {"erf", "erfinv", "gamma", "gammaln"}
_NOT_SPARSE = {"rcbrt", "reciprocal", "erf", "erfinv", "softsign", "logical_not"}


def _float_operator(fn: Function) -> Function:
    def apply(data: torch.Tensor) -> torch.Tensor:
        if data.is_floating_point():
            return fn(data)
        return through_float(fn, data)

    return apply


def _exact_operator(fn: Function) -> Function:
    def apply(data: torch.Tensor) -> torch.Tensor:
        return fn(data) if data.is_floating_point() else fn(no_bool(data))

    return apply


def _register_mathematics() -> None:
    for make, table in ((_float_operator, _FLOAT), (_exact_operator, _EXACT)):
        for name, fn in table.items():
            apply = make(fn)
            apply.__name__ = apply.__qualname__ = name
            apply.__doc__ = f"{name} of each element; data and result of any one shape and dtype but bool."
            sparse = () if name in _NOT_SPARSE else (f"_sparse_{name}",)
            extension = (f"_npx_{name}",) if name in _OF_NPX else ()
            operator(name, *sparse, *extension, infer_inputs=same_shape, on_floats=fn)(apply)


_register_mathematics()


@operator("hard_sigmoid", infer_inputs=same_shape)
def hard_sigmoid(data: torch.Tensor, *, alpha: float = 0.2, beta: float = 0.5) -> torch.Tensor:
    """max(0, min(1, alpha x + beta)) of each element, with derivative 0 at both corners; floating-point dtypes."""
    return F.hardtanh(only_float(data) * alpha + beta, 0.0, 1.0)


@operator("smooth_l1", "_npx_smooth_l1", infer_inputs=same_shape)
def smooth_l1(data: torch.Tensor, *, scalar: float = 1.0) -> torch.Tensor:
    """(s x)^2 / 2 where |x| < 1 / s^2, else |x| - 1 / (2 s^2), of each element; s is ``scalar``.

    MXNet lists ``scalar`` as required and takes 1 without it.
    """
    beta = 1 / scalar**2 if scalar else math.inf

    def loss(x: torch.Tensor) -> torch.Tensor:
        return F.smooth_l1_loss(x, torch.zeros_like(x), reduction="none", beta=beta)

    return loss(data) if data.is_floating_point() else through_float(loss, data)


@operator("clip", "_sparse_clip", "_npi_clip", infer_inputs=same_shape)
def clip(data: torch.Tensor, *, a_min: float, a_max: float) -> torch.Tensor:
    """Each element, limited to [a_min, a_max]; the derivative is 1 at both limits."""
    if data.is_floating_point():
        return torch.clamp(data, a_min, a_max)
    info = torch.iinfo(no_bool(data).dtype)
    low, high = (int(min(max(limit, info.min), info.max)) for limit in (a_min, a_max))
    return torch.clamp(data, low, high)


@operator("_contrib_quadratic", infer_inputs=same_shape)
def quadratic(data: torch.Tensor, *, a: float = 0.0, b: float = 0.0, c: float = 0.0) -> torch.Tensor:
    """a x^2 + b x + c of each element."""

    def polynomial(x: torch.Tensor) -> torch.Tensor:
        return (a * x + b) * x + c

    return polynomial(data) if data.is_floating_point() else through_float(polynomial, data)


@operator("_contrib_div_sqrt_dim", infer_inputs=same_shape)
def div_sqrt_dim(data: torch.Tensor) -> torch.Tensor:
    """Each element divided by the square root of the last dimension's size; integers by its whole part."""
    root = math.sqrt(data.shape[-1])
    if data.is_floating_point():
        return data / root
    return torch.div(no_bool(data), int(root), rounding_mode="trunc")


# ---------------------------------------------------------------------------------------------- identities and casts
@operator("_copy", "identity", infer_inputs=same_shape, may_alias=True)
def identity(data: torch.Tensor) -> torch.Tensor:
    """``data``, of any shape and dtype."""
    return data


@operator("_identity_with_attr_like_rhs", infer_inputs=same_shape, may_alias=True)
def identity_with_attr_like_rhs(lhs: torch.Tensor, rhs: torch.Tensor) -> torch.Tensor:
    """``lhs``, which has the shape of ``rhs``."""
    if lhs.shape != rhs.shape:
        raise ValueError(f"shapes differ: {tuple(lhs.shape)} and {tuple(rhs.shape)}")
    return lhs


@operator("Cast", "cast", "_npi_cast", "_npx_cast", infer_inputs=same_shape, may_alias=True)
def cast(data: torch.Tensor, *, dtype: Dtype) -> torch.Tensor:
    """``data`` in ``dtype``; floating-point values are truncated toward zero on their way to integers.

    Through an integer dtype no gradient passes (MXNet hands it on as if the cast were the identity; torch's engine
    has no gradients of integer tensors).
    """
    return data.to(dtype)


def _amp_cast_dtypes(dtypes: Sequence[torch.dtype | None], *, dtype: torch.dtype, **_: Any) -> tuple[Any, Any]:
    return dtypes, [dtype if dtypes[0] in AMP_DTYPES else dtypes[0]]


@operator("amp_cast", infer_inputs=same_shape, infer_dtypes=_amp_cast_dtypes, may_alias=True)
def amp_cast(data: torch.Tensor, *, dtype: Dtype) -> torch.Tensor:
    """``data`` in ``dtype`` if it is float16, bfloat16 or float32; anything else stays as it is."""
    if dtype is torch.bool:
        raise ValueError("dtype 'bool' is not one to cast to")
    return data.to(dtype) if data.dtype in AMP_DTYPES else no_bool(data)


def _numbered(num_outputs: int, **_: Any) -> tuple[str, ...]:
    return numbered(num_outputs)


def _common_dtype(dtypes: Sequence[torch.dtype | None], narrow: bool) -> torch.dtype:
    """The widest of those dtypes that AMP casts, or the narrowest."""
    found = {d for d in dtypes if d in AMP_DTYPES}
    halves = found - {torch.float32}
    if not halves or (len(found) > 1 and not (narrow and len(halves) == 1)):
        return torch.float32
    return halves.pop()


def _multicast_dtypes(dtypes: Sequence[torch.dtype | None], *, cast_narrow: bool, **_: Any) -> tuple[Any, Any]:
    target = _common_dtype(dtypes, cast_narrow)
    return dtypes, [target if d in AMP_DTYPES else d for d in dtypes]


def _multicast_shapes(shapes: Sequence[Shape | None], *, outputs: Sequence[Shape | None] = (), **_: Any) -> list[Any]:
    outputs = outputs or [None] * len(shapes)
    return [merge_shapes(f"data_{i}", *pair) for i, pair in enumerate(zip(shapes, outputs, strict=True))]


@operator(
    "amp_multicast",
    infer_inputs=_multicast_shapes,
    infer_dtypes=_multicast_dtypes,
    outputs=_numbered,
    list_names=lambda number, num_outputs, **_: [f"data_{i}" for i in range(num_outputs)],
    mixed_dtypes=True,
    may_alias=True,
)
def amp_multicast(*data: torch.Tensor, num_outputs: Natural, cast_narrow: bool = False) -> tuple[torch.Tensor, ...]:
    """All float16, bfloat16 and float32 inputs in the widest (``cast_narrow``: narrowest) of their dtypes.

    Other dtypes stay as they are. (MXNet goes astray where the first input is one of those.)
    """
    if len(data) != num_outputs:
        raise ValueError(f"num_outputs is {num_outputs}, got {len(data)} inputs")
    target = _common_dtype([x.dtype for x in data], cast_narrow)
    return tuple(x.to(target) if x.dtype in AMP_DTYPES else x for x in data)


@operator("zeros_like", "_sparse_zeros_like", infer_inputs=same_shape)
def zeros_like(data: torch.Tensor) -> torch.Tensor:
    """Zeros of the shape and dtype of ``data``."""
    return torch.zeros_like(data)


@operator("ones_like", infer_inputs=same_shape)
def ones_like(data: torch.Tensor) -> torch.Tensor:
    """Ones of the shape and dtype of ``data``."""
    return torch.ones_like(data)


@operator("shape_array", "_npx_shape_array", infer_dtypes=makes(torch.int64))
def shape_array(data: torch.Tensor) -> torch.Tensor:
    """The shape of ``data`` as an int64 tensor (ndim,)."""
    return torch.tensor(data.shape, dtype=torch.int64, device=data.device)


@operator("size_array", infer_dtypes=makes(torch.int64))
def size_array(data: torch.Tensor) -> torch.Tensor:
    """The number of elements of ``data`` as an int64 tensor (1,)."""
    return torch.tensor([data.numel()], dtype=torch.int64, device=data.device)


# ---------------------------------------------------------------------------------------------- gradients
@operator("BlockGrad", "stop_gradient", "_sparse_stop_gradient", infer_inputs=same_shape, may_alias=True)
def block_grad(data: torch.Tensor) -> torch.Tensor:
    """``data``, through which no gradient passes; the variables behind it get gradients of 0."""
    return block(data)


@operator("make_loss", "_sparse_make_loss", infer_inputs=same_shape, outputs=("loss",))
def make_loss(data: torch.Tensor) -> torch.Tensor:
    """``data``; its gradient is 1 whatever comes from above."""
    return Loss.apply(data, lambda data: 1)


@operator("MakeLoss")
def make_loss_layer(
    data: torch.Tensor,
    *,
    grad_scale: float = 1.0,
    valid_thresh: float = 0.0,
    normalization: Literal["batch", "null", "valid"] = "null",
) -> torch.Tensor:
    """``data`` (N, ...); its gradient is ``grad_scale`` whatever comes from above; floating-point dtypes.

    It is divided by the product of all lengths but the last (``batch``; 1 for one axis) or by the number of elements
    above ``valid_thresh``, at least 1 (``valid``).
    """

    def scale(data: torch.Tensor) -> Any:
        if normalization == "valid":
            return grad_scale / (data > valid_thresh).sum().clamp(min=1)
        return grad_scale / math.prod(data.shape[:-1]) if normalization == "batch" else grad_scale

    return Loss.apply(only_float(data), scale)


@operator("_contrib_gradientmultiplier", infer_inputs=same_shape)
def gradientmultiplier(data: torch.Tensor, *, scalar: float = 1.0, is_int: bool = True) -> torch.Tensor:
    """``data``; its gradient is the one from above times ``scalar`` (``is_int`` has no effect, as in MXNet)."""
    return Differentiated.apply(data, torch.clone, lambda data: scalar)


@operator("_contrib_round_ste", "_sparse__contrib_round_ste", infer_inputs=same_shape)
def round_ste(data: torch.Tensor) -> torch.Tensor:
    """The nearest integer, halves away from zero; the gradient passes as if through the identity."""
    return Differentiated.apply(no_bool(data), round_half_away, lambda data: 1)


@operator("_contrib_sign_ste", "_sparse__contrib_sign_ste", infer_inputs=same_shape)
def sign_ste(data: torch.Tensor) -> torch.Tensor:
    """The sign of each element; the gradient passes as if through the identity."""
    return Differentiated.apply(no_bool(data), torch.sign, lambda data: 1)
