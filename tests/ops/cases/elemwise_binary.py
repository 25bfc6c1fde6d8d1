"""Cases of the element-wise operators of two inputs."""

from ..spec import I, N, U, V

ALL_FLOATS = ["float32", "float64", "float16"]
SIGNED = ["int32", "int64", "int8"]
INTS = SIGNED + ["uint8"]
INF, NAN = float("inf"), float("nan")

ARITHMETIC = ("add", "sub", "mul", "div")
WORDS = ("add", "sub", "mul", "div", "mod", "power", "maximum", "minimum", "hypot", "equal", "not_equal", "greater",
         "greater_equal", "lesser", "lesser_equal", "logical_and", "logical_or", "logical_xor")  # fmt: skip
SAME = dict((w, "elemwise_" + w if w in ARITHMETIC else "_" + w) for w in WORDS)

CASES = []
for _w in WORDS:
    _same, _broadcast = SAME[_w], "broadcast_" + _w
    _low = 0.3 if _w in ("power", "div", "mod") else -3
    CASES += [
        dict(op=_same, inputs=[U((2, 3), _low, 3), U((2, 3), _low, 3)], dtypes=ALL_FLOATS),
        dict(op=_broadcast, inputs=[U((2, 3), _low, 3), U((2, 3), _low, 3)], dtypes=ALL_FLOATS),
        dict(op=_broadcast, inputs=[U((2, 1, 3), _low, 3), U((1, 4, 1), _low, 3)], dtypes=ALL_FLOATS),
        dict(op=_broadcast, inputs=[U((4, 3), _low, 3), U((3,), _low, 3)]),
        dict(op=_broadcast, inputs=[U((1,), _low, 3), U((2, 2, 3), _low, 3)]),
        # Signs of quotients and remainders, ties, wrap-around.
        dict(op=_same, inputs=[V([7, -7, 7, -7, 5, -5, 0, 2]), V([3, 3, -3, -3, 2, 3, 4, 2])], dtypes=SIGNED),
        dict(op=_broadcast, inputs=[V([[7], [-7], [3]]), V([[3, -3, 2]])], dtypes=SIGNED),
        dict(op=_same, inputs=[V([7, 200, 5, 3, 0]), V([3, 100, 10, 3, 2])], dtypes=["uint8"]),
        dict(op=_broadcast, inputs=[V([[200], [16]]), V([[3, 17]])], dtypes=["uint8"]),
        # The same values on both sides.
        dict(op=_same, inputs=[V([1.0, 2.0, 0.5]), V([2.0, 2.0, 0.25])], dtypes=ALL_FLOATS),
        dict(op=_broadcast, inputs=[V([[1.0], [2.0]]), V([[2.0, 1.0]])]),
        dict(op=_same, inputs=[V([0.0, 0.0, 1.0]), V([0.0, 1.0, 0.0])], grad=False),
        # NaN and infinities.
        dict(op=_same, inputs=[V([NAN, 1.0, INF, 2.0, -INF]), V([1.0, NAN, 3.0, INF, 1.0])], grad=False),
        dict(op=_same, inputs=[(2, 3), (3,)], dtypes=["float32"], error=True),
        dict(op=_same, inputs=[(2, 3), (1, 3)], dtypes=["float32"], error=True),
        dict(op=_same, inputs=[(2, 3), N(2, 3, dtype="float64")], dtypes=["float32"], error=True),
        dict(op=_same, inputs=[V([0, 1]), V([1, 1])], dtypes=["bool"], error=True),
        dict(op=_broadcast, inputs=[V([0, 1]), V([1, 1])], dtypes=["bool"], error=True),
        dict(op=_broadcast, inputs=[(2, 3), (2, 2)], dtypes=["float32"], error=True),
        dict(op=_broadcast, inputs=[(2, 3), I((2, 3), 0, 5, dtype="int32")], dtypes=["float32"], error=True),
    ]

CASES += [
    dict(op="elemwise_sub", inputs=[(2, 3), (2, 3)]),
    dict(op="elemwise_mul", inputs=[V([16, 17]), V([16, 17])], dtypes=["int8"]),
    dict(op="_mod", inputs=[V([7.5, -7.5, 7.5, -7.5]), V([2.0, 2.0, -2.0, -2.0])], dtypes=ALL_FLOATS),
    dict(op="_mod", inputs=[V([5, -5, 0]), V([0, 0, 0])], dtypes=INTS),
    dict(op="_power", inputs=[V([-2.5, -2.5, 3.0]), V([2.0, -2.0, -1.0])], grad=False),
    dict(op="_power", inputs=[V([-2.5, -2.5]), V([2.0, -2.0], grad=False)]),
    dict(op="_hypot", inputs=[V([200]), V([100])], dtypes=["uint8"]),
    dict(op="_hypot", inputs=[V([3.0, 0.0]), V([0.0, -4.0])]),
    dict(op="_maximum", inputs=[V([1.0, 2.0, 2.0, -1.0]), V([1.0, 1.0, 2.0, 0.0])]),
    dict(op="_minimum", inputs=[V([1.0, 2.0, 2.0, -1.0]), V([1.0, 1.0, 2.0, 0.0])]),
    dict(op="_grad_add", inputs=[(2, 3), (2, 3)], dtypes=ALL_FLOATS, grad=False),
    dict(op="_grad_add", inputs=[(2, 3), (3,)], dtypes=["float32"], grad=False, error=True),
    dict(op="_scatter_elemwise_div", inputs=[U((2, 3), 0.3, 3), U((2, 3), 0.3, 3)], dtypes=ALL_FLOATS),
    dict(op="_scatter_elemwise_div", inputs=[V([7, -7]), V([2, 2])], dtypes=SIGNED),
    dict(op="add_n", inputs=[(2, 3)], dtypes=ALL_FLOATS, variadic=True),
    dict(op="add_n", inputs=[(2, 3), (2, 3)], dtypes=ALL_FLOATS, variadic=True),
    dict(op="add_n", inputs=[(2, 3)] * 5, dtypes=ALL_FLOATS, variadic=True),
    dict(op="add_n", inputs=[V([2048.0, 1.0]), V([1.0, 0.0]), V([1.0, 0.0])], dtypes=["float16"], variadic=True),
    dict(op="add_n", inputs=[V([100, 1]), V([100, 2]), V([100, 3])], dtypes=INTS, variadic=True),
    dict(op="add_n", inputs=[V([0, 1]), V([1, 1])], dtypes=["bool"], variadic=True, error=True),
    dict(op="add_n", inputs=[(2, 3), (3,)], dtypes=["float32"], variadic=True, error=True),
    dict(op="add_n", inputs=[(2,), I((2,), 0, 5, dtype="int32")], dtypes=["float32"], variadic=True, error=True),
    dict(op="_contrib_allclose", inputs=[V([1.0, 2.0]), V([1.0, 2.000001])], grad=False),
    dict(op="_contrib_allclose", inputs=[V([1.0, 2.0]), V([1.0, 2.1])], grad=False),
    dict(op="_contrib_allclose", inputs=[V([1.0, NAN, INF]), V([1.0, NAN, INF])], grad=False),
    dict(op="_contrib_allclose", inputs=[V([1.0, NAN]), V([1.0, NAN])], attrs=dict(equal_nan=False), grad=False),
    dict(op="_contrib_allclose", inputs=[V([1.0]), V([2.0])], attrs=dict(rtol=0.5, atol=0.0), grad=False),
    dict(op="_contrib_allclose", inputs=[V([2.0]), V([1.0])], attrs=dict(rtol=0.5, atol=0.0), grad=False),
    dict(op="_contrib_allclose", inputs=[V([1.0]), V([1.5])], attrs=dict(rtol=0.0, atol=0.5), grad=False),
    dict(op="_contrib_allclose", inputs=[V([1, 2]), V([1, 3])], dtypes=["int32"]),
    dict(op="_contrib_allclose", inputs=[(2,), (1, 2)], dtypes=["float32"], error=True),
]
