"""Cases of the element-wise operators of one input."""

from ..spec import I, N, U, V

ALL_FLOATS = ["float32", "float64", "float16"]
INTS = ["int32", "int64", "int8", "uint8"]
INF, NAN = float("inf"), float("nan")

# Operator -> range in which it and its derivative are finite.
RANGES = {
    "sqrt": (0.1, 4), "rsqrt": (0.1, 4), "cbrt": (-4, 4), "rcbrt": (0.5, 4), "reciprocal": (0.3, 3),
    "exp": (-2, 2), "expm1": (-2, 2), "log": (0.1, 4), "log10": (0.1, 4), "log2": (0.1, 4), "log1p": (-0.8, 4),
    "sin": (-4, 4), "cos": (-4, 4), "tan": (-1.3, 1.3), "arcsin": (-0.9, 0.9), "arccos": (-0.9, 0.9),
    "arctan": (-4, 4), "sinh": (-2, 2), "cosh": (-2, 2), "tanh": (-2, 2), "arcsinh": (-4, 4),
    "arccosh": (1.2, 4), "arctanh": (-0.9, 0.9), "degrees": (-4, 4), "radians": (-400, 400), "gamma": (0.3, 5),
    "gammaln": (0.3, 9), "erf": (-2, 2), "erfinv": (-0.9, 0.9), "sigmoid": (-6, 6), "softsign": (-4, 4),
    "abs": (-4, 4), "negative": (-4, 4), "sign": (-4, 4), "square": (-4, 4), "relu": (-4, 4), "floor": (-4, 4),
    "ceil": (-4, 4), "trunc": (-4, 4), "fix": (-4, 4), "round": (-4, 4), "rint": (-4, 4), "logical_not": (-4, 4),
    "_copy": (-4, 4), "BlockGrad": (-4, 4), "make_loss": (-4, 4), "MakeLoss": (-4, 4), "zeros_like": (-4, 4),
    "ones_like": (-4, 4), "_contrib_round_ste": (-4, 4), "_contrib_sign_ste": (-4, 4), "hard_sigmoid": (-2, 2),
    "_contrib_div_sqrt_dim": (-4, 4), "_contrib_gradientmultiplier": (-4, 4), "smooth_l1": (-2, 2),
    "_contrib_quadratic": (-2, 2),
}  # fmt: skip
# What decimals the oracle's own constants and approximations in these functions are good for.
TOLERANCES = {
    # Constants of float32 precision in its digamma, error function and inverse error function, and in its attributes.
    "gamma": {"float64": (5e-6, 1e-6)},
    "gammaln": {"float64": (5e-6, 1e-6)},
    "erf": {"float64": (1e-7, 1e-8)},
    "hard_sigmoid": {"float64": (1e-7, 1e-8)},
    "erfinv": {"float64": (1e-6, 1e-7), "float32": (1e-4, 1e-5)},
    "degrees": {"float64": (1e-6, 1e-7)},
    "radians": {"float64": (1e-6, 1e-7)},
}
FLOAT_ONLY = ("hard_sigmoid", "MakeLoss")
TAKE_BOOL = ("_copy", "BlockGrad", "make_loss", "zeros_like", "ones_like", "_contrib_gradientmultiplier")

# Integers on which the result is defined in C (no NaN, no infinity, nothing out of range).
INTEGERS = {
    "sqrt": [0, 1, 2, 50, 120], "rsqrt": [1, 2, 50], "cbrt": [0, 1, 8, 27, 64, 125], "rcbrt": [1, 2, 8],
    "reciprocal": [1, 2, 7], "exp": [0, 1, 2, 4], "expm1": [0, 1, 2, 4], "log": [1, 2, 50, 120],
    "log10": [1, 9, 10, 120], "log2": [1, 2, 3, 64], "log1p": [0, 1, 50], "gamma": [1, 2, 3, 5],
    "gammaln": [1, 2, 3, 20], "erfinv": [0], "arcsin": [0, 1], "arccos": [0, 1], "arccosh": [1, 2, 50],
    "arctanh": [0], "sinh": [0, 1, 4], "cosh": [0, 1, 4], "tan": [0, 1], "degrees": [0, 1, 2],
}  # fmt: skip

CASES = []
for _op, (_low, _high) in sorted(RANGES.items()):
    _attrs = {"smooth_l1": dict(scalar=1.5), "_contrib_quadratic": dict(a=1.5, b=-2.0, c=0.25)}.get(_op, {})
    _case = dict(op=_op, inputs=[U((3, 4), _low, _high)], attrs=_attrs, dtypes=ALL_FLOATS)
    if _op in TOLERANCES:
        _case["tol"] = TOLERANCES[_op]
    CASES.append(_case)
    if _op in FLOAT_ONLY:
        CASES.append(dict(op=_op, inputs=[V([0, 1, 2])], dtypes=["int32"], error=True))
    else:
        CASES.append(dict(op=_op, inputs=[V(INTEGERS.get(_op, [0, 1, 2, 3, 7, 100]))], attrs=_attrs, dtypes=INTS))
    if _op in TAKE_BOOL:
        CASES.append(dict(op=_op, inputs=[V([0, 1, 1])], dtypes=["bool"]))
    else:
        CASES.append(dict(op=_op, inputs=[V([0, 1, 1])], attrs=_attrs, dtypes=["bool"], error=True))

# ---------------------------------------------------------------------------------------------- corners
HALVES = [-2.5, -1.5, -0.5, -0.25, 0.0, 0.25, 0.5, 1.5, 2.5, 3.75]
CASES += [dict(op=_op, inputs=[V(HALVES)], dtypes=ALL_FLOATS) for _op in (
    "round", "rint", "floor", "ceil", "trunc", "fix", "sign", "abs", "relu", "square", "logical_not", "sigmoid",
    "_contrib_round_ste", "_contrib_sign_ste", "cbrt", "exp", "negative",
)]  # fmt: skip
# Next to a half and beyond 2**23, where adding 0.5 would round.
CASES += [dict(op=_op, inputs=[V([0.49999997, -0.49999997, 8388609.0, -8388609.0])], dtypes=["float32"])
          for _op in ("round", "rint")]  # fmt: skip
CASES += [dict(op=_op, inputs=[V([NAN, INF, -INF])], grad=False) for _op in (
    "round", "rint", "floor", "sign", "relu", "exp", "log", "sqrt", "cbrt", "tanh", "sigmoid", "softsign", "erf",
    "logical_not", "abs", "arctan", "hard_sigmoid",
)]  # fmt: skip
CASES += [dict(op=_op, inputs=[V([0.0])]) for _op in ("sqrt", "rsqrt", "cbrt", "rcbrt", "log", "reciprocal", "arccos")]
CASES += [dict(op=_op, inputs=[V([-3, -2, -1, 0, 1, 2])], dtypes=["int32", "int64", "int8"]) for _op in (
    "abs", "sign", "negative", "square", "relu", "round", "rint", "floor", "ceil", "trunc", "fix", "cbrt", "sigmoid",
    "tanh", "arctan", "sin", "cos", "exp", "degrees", "sinh", "softsign", "logical_not",
)]  # fmt: skip
CASES += [
    dict(op="gamma", inputs=[V([-2.5, -1.5, -0.5, 0.5, 10.5, 20.0])], tol=TOLERANCES["gamma"]),
    dict(op="gammaln", inputs=[V([-2.5, -1.5, -0.5, 0.5, 10.5, 20.0])], tol=TOLERANCES["gammaln"]),
    dict(op="gamma", inputs=[V([-1, -2, -33])], grad=False),
    dict(op="gamma", inputs=[V([0, 7])], attrs={}, dtypes=["float64"], grad=False),
    dict(op="gamma", inputs=[V([7])], dtypes=["uint8"]),  # 720 wraps around
    dict(op="negative", inputs=[V([0, 1, 200])], dtypes=["uint8"]),
    dict(op="square", inputs=[V([16, 200])], dtypes=["uint8"]),
    dict(op="tan", inputs=[V([2])], dtypes=["uint8"]),
    dict(op="erfinv", inputs=[V([1.0, -1.0])], grad=False),
    dict(op="exp", inputs=[N(1)]),
    dict(op="exp", inputs=[N(2, 1, 3, 1, 2)]),
    # -------------------------------------------------------------------------------------- with attributes
    dict(op="hard_sigmoid", inputs=[V([-2.5, -1.0, -0.5, 0.0, 1.0, 2.5])], attrs=dict(alpha=0.5, beta=0.5)),
    dict(op="smooth_l1", inputs=[V([-7.5, -2.0, -0.25, 0.0, 0.25, 7.5])], attrs=dict(scalar=2.0), dtypes=ALL_FLOATS),
    dict(op="smooth_l1", inputs=[V([-7.5, -0.25, 0.0, 0.5, 7.5])]),
    dict(op="smooth_l1", inputs=[V([-7.5, 0.0, 7.5])], attrs=dict(scalar=0.0)),
    dict(op="smooth_l1", inputs=[V([-7.5, 0.5, 7.5])], attrs=dict(scalar=-2.0)),
    dict(op="smooth_l1", inputs=[V([7, -7, 1, 2, 0, -3])], attrs=dict(scalar=2.0), dtypes=["int32", "int64", "int8"]),
    dict(op="clip", inputs=[V([-2.0, -1.0, -0.5, 1.0, 2.0])], attrs=dict(a_min=-1.0, a_max=1.0), dtypes=ALL_FLOATS),
    dict(op="clip", inputs=[V([-2.0, -1.0, 5.0])], attrs=dict(a_min=-INF, a_max=1.0)),
    dict(op="clip", inputs=[V([NAN, INF, -INF])], attrs=dict(a_min=-1.0, a_max=1.0), grad=False),
    dict(op="clip", inputs=[V([-5, -2, -1, 0, 2, 3, 5])], attrs=dict(a_min=-1.5, a_max=2.7),
         dtypes=["int32", "int64", "int8"]),
    dict(op="clip", inputs=[V([0, 5, 250])], attrs=dict(a_min=-1.5, a_max=2.7), dtypes=["uint8"]),
    dict(op="clip", inputs=[V([0, 5, 250])], attrs=dict(a_min=3, a_max=270), dtypes=["uint8"]),
    dict(op="clip", inputs=[V([0, 1])], attrs=dict(a_min=0, a_max=1), dtypes=["bool"], error=True),
    dict(op="clip", inputs=[(2, 3)], attrs=dict(a_min=0), dtypes=["float32"], error=True),
    dict(op="clip", inputs=[(2, 3)], attrs=dict(a_min=None, a_max=1), dtypes=["float32"], error=True),
    dict(op="_contrib_quadratic", inputs=[V([1, 2])], attrs=dict(a=1.5, b=2, c=0.6), dtypes=["int32"]),
    dict(op="_contrib_quadratic", inputs=[(2, 3)]),
    dict(op="_contrib_div_sqrt_dim", inputs=[(2, 1, 5)]),
    dict(op="_contrib_gradientmultiplier", inputs=[(2, 3)], attrs=dict(scalar=-0.5), dtypes=ALL_FLOATS),
    # -------------------------------------------------------------------------------------- losses
    dict(op="MakeLoss", inputs=[(4, 3)], attrs=dict(grad_scale=2.0), dtypes=ALL_FLOATS),
    dict(op="MakeLoss", inputs=[(4, 3)], attrs=dict(grad_scale=2.0, normalization="batch")),
    dict(op="MakeLoss", inputs=[(4, 3)], attrs=dict(grad_scale=3.0, normalization="valid", valid_thresh=0.25)),
    dict(op="MakeLoss", inputs=[V([-1.0, 0.5])], attrs=dict(normalization="valid", valid_thresh=0.5)),
    dict(op="MakeLoss", inputs=[(4, 3)], attrs=dict(normalization="mean"), dtypes=["float32"], error=True),
    # -------------------------------------------------------------------------------------- casts
    dict(op="_identity_with_attr_like_rhs", inputs=[(2, 3), (2, 3)]),
    dict(op="_identity_with_attr_like_rhs", inputs=[(2, 3), (1, 2, 3)], error=True, dtypes=["float32"]),
    dict(op="_identity_with_attr_like_rhs", inputs=[(2,), I((2,), 0, 5, dtype="int8")], dtypes=["float32"], error=True),
    dict(op="Cast", inputs=[(2, 3)], dtypes=["float32"], error=True),
    dict(op="Cast", inputs=[(2, 3)], attrs=dict(dtype="float128"), dtypes=["float32"], error=True),
    dict(op="Cast", inputs=[V([-1.7, 0.3, 257.0, 300.9])], attrs=dict(dtype="uint8"), grad=False),
    dict(op="Cast", inputs=[V([-1.7, 0.3, 257.0, 300.9])], attrs=dict(dtype="int8"), grad=False),
    dict(op="amp_cast", inputs=[(2, 3)], attrs=dict(dtype="float16"), dtypes=["float32", "float64", "float16"]),
    dict(op="amp_cast", inputs=[(2, 3)], attrs=dict(dtype="float32"), dtypes=["float32", "float64", "float16"]),
    dict(op="amp_cast", inputs=[V([0, 1, 7])], attrs=dict(dtype="float16"), dtypes=INTS),
    dict(op="amp_cast", inputs=[V([0, 1])], attrs=dict(dtype="float16"), dtypes=["bool"], error=True),
    dict(op="amp_cast", inputs=[(2, 3)], attrs=dict(dtype="bool"), dtypes=["float32"], error=True),
    dict(op="amp_multicast", inputs=[N(2, dtype="float32"), N(2, 3, dtype="float16")], attrs=dict(num_outputs=2),
         dtypes=["float32"]),
    dict(op="amp_multicast", inputs=[N(2, dtype="float16"), N(3, dtype="float32"), N(1, dtype="float16")],
         attrs=dict(num_outputs=3), dtypes=["float32"]),
    dict(op="amp_multicast", inputs=[N(2, dtype="float32"), N(2, dtype="float16")],
         attrs=dict(num_outputs=2, cast_narrow=True), dtypes=["float32"]),
    dict(op="amp_multicast", inputs=[N(2), N(3)], attrs=dict(num_outputs=2), dtypes=ALL_FLOATS + INTS),
    dict(op="amp_multicast", inputs=[N(2)], attrs=dict(num_outputs=1), dtypes=["float16"]),
    dict(op="amp_multicast", inputs=[N(2, dtype="float16"), I((2,), 0, 5, dtype="int32"), N(3, dtype="float32")],
         attrs=dict(num_outputs=3), dtypes=["float32"]),
    dict(op="amp_multicast", inputs=[N(2), N(3)], dtypes=["float32"], error=True),
    # -------------------------------------------------------------------------------------- shapes
    dict(op="shape_array", inputs=[(2, 1, 3)], dtypes=["float32", "float16", "int8"]),
    dict(op="size_array", inputs=[(2, 1, 3)], dtypes=["float32", "float16", "int8"]),
]  # fmt: skip
for _to in ("float16", "float32", "float64"):
    CASES.append(dict(op="Cast", inputs=[(2, 3)], attrs=dict(dtype=_to), dtypes=ALL_FLOATS))
    CASES.append(dict(op="Cast", inputs=[V([0, 1, 100])], attrs=dict(dtype=_to), dtypes=INTS + ["bool"]))
for _to in ("int8", "uint8", "int32", "int64", "bool"):
    # No gradient: MXNet lets it through, torch has none for integer tensors.
    CASES.append(dict(op="Cast", inputs=[V([0.0, 0.7, 1.2, 99.9])], attrs=dict(dtype=_to), grad=False))
    CASES.append(dict(op="Cast", inputs=[V([0, 1, 100])], attrs=dict(dtype=_to), dtypes=INTS + ["bool"]))
