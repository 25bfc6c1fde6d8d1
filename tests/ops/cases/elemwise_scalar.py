"""Cases of the element-wise operators of an array and a number."""

from ..spec import U, V

ALL_FLOATS = ["float32", "float64", "float16"]
SIGNED = ["int32", "int64", "int8"]
INF, NAN = float("inf"), float("nan")

WORDS = ("plus", "minus", "rminus", "mul", "div", "rdiv", "mod", "rmod", "power", "rpower", "maximum", "minimum",
         "hypot", "equal", "not_equal", "greater", "greater_equal", "lesser", "lesser_equal", "logical_and",
         "logical_or", "logical_xor")  # fmt: skip

CASES = []
for _w in WORDS:
    _op = "_%s_scalar" % _w
    _low = 0.3 if _w in ("power", "rdiv", "rmod") else -3
    _floats = [7.5, -7.5, 0.5, 2.0, -2.0] if _w != "power" else [7.5, 0.5, 2.0]
    CASES += [
        dict(op=_op, inputs=[U((2, 3), _low, 3)], attrs=dict(scalar=2.5), dtypes=ALL_FLOATS),
        dict(op=_op, inputs=[U((2, 3), _low, 3)]),
        dict(op=_op, inputs=[V(_floats)], attrs=dict(scalar=2.0), dtypes=ALL_FLOATS),
        dict(op=_op, inputs=[V([0.0, 2.0, 0.1])], attrs=dict(scalar=0.1), grad=False, dtypes=ALL_FLOATS),
        # The number is cast to the array's dtype; the signs of quotients and remainders; wrap-around.
        dict(op=_op, inputs=[V([7, -7, 1, 2, -3])], attrs=dict(scalar=2.7), dtypes=SIGNED),
        dict(op=_op, inputs=[V([7, -7, 1, 2, -3])], attrs=dict(scalar=2.7, is_int=False), dtypes=SIGNED),
        dict(op=_op, inputs=[V([7, 200, 2, 1, 3])], attrs=dict(scalar=2), dtypes=["uint8"]),
        dict(op=_op, inputs=[V([1, 1])], attrs=dict(scalar=2), dtypes=["bool"]),
        dict(op=_op, inputs=[V([1, 1])], attrs=dict(scalar=2.5, is_int=False), dtypes=["bool"]),
        dict(op=_op, inputs=[V([2.0])], attrs=dict(scalar="two"), dtypes=["float32"], error=True),
    ]
    if _w not in ("rpower", "power", "rdiv"):
        CASES.append(dict(op=_op, inputs=[V([7, -7, 1, 2, -3])], attrs=dict(scalar=-2), dtypes=SIGNED))
        CASES.append(dict(op=_op, inputs=[V([7, 200, 2, 254, 3])], attrs=dict(scalar=-2), dtypes=["uint8"]))
    if _w not in ("div", "rdiv", "rpower"):
        CASES.append(dict(op=_op, inputs=[V([7, -7, 1, 2, -3])], attrs=dict(scalar=0.5), dtypes=SIGNED))
    if _w not in ("mod", "rmod", "power", "rpower"):
        CASES.append(dict(op=_op, inputs=[V([NAN, INF, -INF])], attrs=dict(scalar=0.5), grad=False))

CASES += [
    dict(op="_plus_scalar", inputs=[V([2**24 + 1, 2**30 + 1])], attrs=dict(scalar=1), dtypes=["int32", "int64"]),
    dict(op="_plus_scalar", inputs=[V([2**53 + 1, 2**62 + 1])], attrs=dict(scalar=1), dtypes=["int64"]),
    dict(op="_plus_scalar", inputs=[V([7, -1])], attrs=dict(scalar=2.0**31), dtypes=["int32", "int64"]),
    dict(op="_power_scalar", inputs=[V([-7.5, 0.0, 2.0])], attrs=dict(scalar=2.0), dtypes=ALL_FLOATS),
    dict(op="_power_scalar", inputs=[V([-7.5, 2.0])], attrs=dict(scalar=-2.0), dtypes=ALL_FLOATS),
    dict(op="_power_scalar", inputs=[V([0.0, 4.0])], attrs=dict(scalar=0.5), dtypes=ALL_FLOATS),
    dict(op="_power_scalar", inputs=[V([3.0, -2.0])], attrs=dict(scalar=0.0), dtypes=ALL_FLOATS),
    dict(op="_power_scalar", inputs=[V([7, -3, 10, 1, -1])], attrs=dict(scalar=2), dtypes=["int32", "int64"]),
    dict(op="_power_scalar", inputs=[V([7, -3, 1, -1])], attrs=dict(scalar=-2), dtypes=SIGNED),
    dict(op="_rpower_scalar", inputs=[V([0, 1, 3])], attrs=dict(scalar=-2), dtypes=SIGNED),
    dict(op="_rpower_scalar", inputs=[V([0.0, 1.0, 3.0])], attrs=dict(scalar=-2.0), grad=False),
    dict(op="_rdiv_scalar", inputs=[V([0.0, 2.0])], attrs=dict(scalar=3.0)),
    dict(op="_div_scalar", inputs=[V([-1.0, 2.0])], attrs=dict(scalar=0.0)),
    dict(op="_mod_scalar", inputs=[V([7.5, -7.5])], attrs=dict(scalar=-2.0), dtypes=ALL_FLOATS),
    dict(op="_mod_scalar", inputs=[V([7.5, -7.5, 0.0])], attrs=dict(scalar=0.0), grad=False),
    dict(op="_mod_scalar", inputs=[V([7, -7, 0])], attrs=dict(scalar=0), dtypes=SIGNED + ["uint8"]),
    dict(op="_rmod_scalar", inputs=[V([7.5, -7.5, 0.5])], attrs=dict(scalar=-2.0), dtypes=ALL_FLOATS),
    dict(op="_rmod_scalar", inputs=[V([0, 3])], attrs=dict(scalar=5), dtypes=SIGNED + ["uint8"]),
    dict(op="_maximum_scalar", inputs=[V([2.0, -2.0, 1.0])], attrs=dict(scalar=1.0)),
    dict(op="_minimum_scalar", inputs=[V([2.0, -2.0, 1.0])], attrs=dict(scalar=1.0)),
    dict(op="_scatter_plus_scalar", inputs=[(2, 3)], attrs=dict(scalar=2.5), dtypes=ALL_FLOATS),
    dict(op="_scatter_minus_scalar", inputs=[(2, 3)], attrs=dict(scalar=2.5), dtypes=ALL_FLOATS),
    dict(op="_scatter_plus_scalar", inputs=[V([1, 2])], attrs=dict(scalar=2.5), dtypes=SIGNED),
    dict(op="_scatter_minus_scalar", inputs=[V([1, 2])], attrs=dict(scalar=2.5), dtypes=SIGNED),
]
