"""Source text of the operators of ``mx.np`` and ``mx.npx`` that have names of their own."""

from __future__ import annotations

from .code import call, literal
from .elementwise import ELEMENTWISE
from .use import Translation, Use

__all__ = ["NUMPY"]

NUMPY: dict[str, Translation] = {}

# The function of the legacy operator; of floating-point tensors there as here.
_SAME = {
    **{name: name for name in (
        "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "ceil", "cos", "cosh", "degrees", "exp", "expm1",
        "fix", "floor", "log", "log10", "log1p", "log2", "negative", "radians", "reciprocal", "sign", "sin", "sinh",
        "sqrt", "square", "tan", "tanh", "trunc",
    )},
    "absolute": "abs", "add": "broadcast_add", "multiply": "broadcast_mul", "power": "broadcast_power",
    "subtract": "broadcast_sub", "true_divide": "broadcast_div", "add_scalar": "_plus_scalar",
    "multiply_scalar": "_mul_scalar", "power_scalar": "_power_scalar", "rpower_scalar": "_rpower_scalar",
    "rsubtract_scalar": "_rminus_scalar", "rtrue_divide_scalar": "_rdiv_scalar", "subtract_scalar": "_minus_scalar",
    "true_divide_scalar": "_div_scalar",
}  # fmt: skip
for _name, _legacy in _SAME.items():
    NUMPY[f"_npi_{_name}"] = ELEMENTWISE[_legacy]
NUMPY["_npx_relu"], NUMPY["_npx_sigmoid"] = ELEMENTWISE["relu"], ELEMENTWISE["sigmoid"]


def _compared(sign: str) -> Translation:
    def text(use: Use) -> str:
        if len(use.x) == 2:
            return f"{use.x[0]} {sign} {use.x[1]}"
        use.only_floats()
        return f"{use.x[0]} {sign} {literal(float(use['scalar']))}"

    return text


for _name, _sign in (
    ("equal", "=="), ("not_equal", "!="), ("greater", ">"), ("greater_equal", ">="), ("less", "<"),
    ("less_equal", "<="),
):  # fmt: skip
    NUMPY[f"_npi_{_name}"] = NUMPY[f"_npi_{_name}_scalar"] = _compared(_sign)


# ---------------------------------------------------------------------------------------------- reductions
def _reduced(function: str, several: bool = True) -> Translation:
    """``x.function(axis, keepdim)``; ``several``: whether torch takes several axes."""

    def text(use: Use) -> str:
        use.only_floats()
        if use.attrs.get("dtype") is not None:
            raise use.refuse(f"dtype={use['dtype']!r}", "cast the array before")
        axis, keep, x = use["axis"], use["keepdims"], use.x[0]
        if axis is None and not keep:
            return f"{x}.{function}()"
        axes = tuple(range(use.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        if not axes or (len(axes) > 1 and not several):
            raise use.refuse(f"axis={axis}")
        return call(f"{x}.{function}", axes[0] if len(axes) == 1 else axes, keepdim="True" if keep else None)

    return text


for _name, _function in (
    ("_np_sum", "sum"), ("_npi_mean", "mean"), ("_np_max", "amax"), ("_np_min", "amin"), ("_np_prod", "prod"),
    ("_npi_argmax", "argmax"), ("_npi_argmin", "argmin"),
):  # fmt: skip
    NUMPY[_name] = _reduced(_function, several=_function not in ("prod", "argmax", "argmin"))


def _spread(function: str) -> Translation:
    def text(use: Use) -> str:
        use.only_floats()
        if use["dtype"] is not None:
            raise use.refuse(f"dtype={use['dtype']!r}", "cast the array before")
        axis, keep = use["axis"], use["keepdims"]
        axes = tuple(range(use.ndim)) if axis is None and keep else axis
        dims = None if axes is None else literal(axes[0] if isinstance(axes, tuple) and len(axes) == 1 else axes)
        correction = literal(use["ddof"])
        return call(f"{use.x[0]}.{function}", dim=dims, correction=correction, keepdim="True" if keep else None)

    return text


NUMPY["_npi_var"], NUMPY["_npi_std"] = _spread("var"), _spread("std")


# ---------------------------------------------------------------------------------------------- products
def _dot(use: Use) -> str:
    a, b = use.x
    n, m = use.ndim, len(use.shapes[1])
    if not n or not m:
        return f"{a} * {b}"
    if m == 1 or (n <= 2 and m <= 2):
        return f"{a} @ {b}"
    return f"torch.tensordot({a}, {b}, dims=([{n - 1}], [{m - 2}]))"


NUMPY["_np_dot"] = _dot
NUMPY["_npi_matmul"] = lambda use: f"{use.x[0]} @ {use.x[1]}"
NUMPY["_npi_einsum"] = lambda use: call("torch.einsum", f'"{use["subscripts"]}"', *use.x)


# ---------------------------------------------------------------------------------------------- shapes
def _reshape(use: Use) -> str:
    codes = use["newshape"]
    if any(n < -1 for n in codes):
        raise use.refuse(f"newshape={codes}")
    return call(f"{use.x[0]}.reshape", *(codes or ("()",)))


def _coded(use: Use) -> str:
    """By MXNet's codes: -2 copies a length, -3 drops one of 1, -4 copies the rest."""
    codes, x = use["newshape"], use.x[0]
    if use["reverse"] or any(code in (-5, -6) for code in codes):
        raise use.refuse(f"newshape={codes}, reverse={use['reverse']}", "reshape by x.shape")
    if not any(code > 0 or code == -1 for code in codes):  # it drops dimensions only
        dropped = tuple(axis for axis, code in enumerate(codes) if code == -3)
        return call(f"{x}.squeeze", dropped[0] if len(dropped) == 1 else dropped) if dropped else x
    parts, at = [], 0
    for code in codes:
        if code == -4:
            parts += [f"{x}.shape[{i}]" for i in range(at, use.ndim)]
            at = use.ndim
            continue
        if code != -3:
            parts.append(f"{x}.shape[{at}]" if code == -2 else str(code))
        at += 1
    return call(f"{x}.reshape", *parts)


def _transpose(use: Use) -> str:
    axes = use["axes"] or tuple(range(use.ndim - 1, -1, -1))
    if len(axes) == 2 and tuple(a % 2 for a in axes) == (1, 0):
        return f"{use.x[0]}.T"
    return call(f"{use.x[0]}.permute", *axes)


def _squeezed(use: Use) -> str:
    axis = use["axis"]
    if axis is None:
        return f"{use.x[0]}.squeeze()"
    return call(f"{use.x[0]}.squeeze", axis[0] if len(axis) == 1 else axis) if axis else use.x[0]


def _joined(function: str) -> Translation:
    def text(use: Use) -> str:
        axis = use["axis"]
        if axis is None:
            raise use.refuse("axis=None", "flatten the arrays before")
        return call(f"torch.{function}", f"[{', '.join(use.x)}]", dim=literal(axis) if axis else None)

    return text


def _where(use: Use) -> str:
    condition = use.x[0] if str(use.dtypes[0]) == "torch.bool" else f"{use.x[0]} != 0"
    return f"torch.where({condition}, {use.x[1]}, {use.x[2]})"


NUMPY |= {
    "_np_reshape": _reshape,
    "_npx_reshape": _coded,
    "_np_transpose": _transpose,
    "_np_squeeze": _squeezed,
    "_npi_concatenate": _joined("cat"),
    "_npi_stack": _joined("stack"),
    "_npi_broadcast_to": lambda use: call(f"{use.x[0]}.expand", *use["shape"]),
    "_npi_where": _where,
    "_np_copy": lambda use: f"{use.x[0]}.clone()",
}
