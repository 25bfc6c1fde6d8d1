"""Cases of the reductions and of broadcasting to a shape."""

from ..spec import I, N, U, V

ALL_FLOATS = ["float32", "float64", "float16"]
INTS = ["int32", "int64", "int8", "uint8"]
NAN = float("nan")

REDUCTIONS = ("sum", "mean", "prod", "max", "min", "nansum", "nanprod")
AXES = [
    dict(), dict(axis=()), dict(axis=1), dict(axis=-1), dict(axis=(0, 2)), dict(axis=(2, 0)), dict(axis=(0, 1, 2)),
    dict(keepdims=True), dict(axis=1, keepdims=True), dict(axis=(0, -1), keepdims=True),
]  # fmt: skip
EXCLUDE = [
    dict(exclude=True), dict(axis=1, exclude=True), dict(axis=(0, 1, 2), exclude=True), dict(axis=(), exclude=True),
    dict(axis=(-1, 0), exclude=True, keepdims=True), dict(axis=(0, 1, 2), exclude=True, keepdims=True),
]  # fmt: skip
TIES = V([[1.0, 3.0, 3.0], [3.0, 2.0, 1.0]])

CASES = []
for _op in REDUCTIONS:
    CASES += [dict(op=_op, inputs=[U((2, 3, 2), 0.5, 1.5)], attrs=_a, dtypes=ALL_FLOATS if not _a else ["float32"])
              for _a in AXES + EXCLUDE]  # fmt: skip
    CASES += [
        dict(op=_op, inputs=[U((2, 3, 2), 0.5, 1.5)], attrs=dict(axis=1, keepdims=True), dtypes=["float64", "float16"]),
        dict(op=_op, inputs=[U((5,), 0.5, 1.5)], attrs=dict(axis=0)),
        dict(op=_op, inputs=[U((1,), 0.5, 1.5)]),
        dict(op=_op, inputs=[TIES]),
        dict(op=_op, inputs=[TIES], attrs=dict(axis=1)),
        dict(op=_op, inputs=[V([[NAN, 1.0, 2.0], [1.0, 2.0, 3.0]])], attrs=dict(axis=1)),
        dict(op=_op, inputs=[V([[NAN, NAN], [1.0, 2.0]])], attrs=dict(axis=1)),
        dict(op=_op, inputs=[V([[100, 100], [100, 90]])], dtypes=INTS),
        dict(op=_op, inputs=[V([[100, 100], [100, 90]])], attrs=dict(axis=1), dtypes=INTS),
        dict(op=_op, inputs=[V([-1, -2, -2])], dtypes=["int32", "int64", "int8"]),
        dict(op=_op, inputs=[V([[1, 0], [0, 0], [1, 1]])], attrs=dict(axis=1), dtypes=["bool"]),
        dict(op=_op, inputs=[(2, 3)], attrs=dict(axis=2), dtypes=["float32"], error=True),
        dict(op=_op, inputs=[(2, 3)], attrs=dict(axis=-3), dtypes=["float32"], error=True),
        dict(op=_op, inputs=[(2, 3)], attrs=dict(axis=(0, 0)), dtypes=["float32"], error=True),
        dict(op=_op, inputs=[(2, 3)], attrs=dict(axis=(1, -1), keepdims=True), dtypes=["float32"], error=True),
    ]

CASES += [
    # Added up in float32, in MXNet too.
    dict(op="sum", inputs=[I((1, 3000), 1, 2)], dtypes=["float16"]),
    dict(op="mean", inputs=[I((1, 3000), 1, 2)], dtypes=["float16"]),
    dict(op="prod", inputs=[V([[0.0, 2.0], [3.0, 2.0]])], grad=False),
    # -------------------------------------------------------------------------------------- norm
    dict(op="norm", inputs=[V([[0.0, 0.0], [3.0, -4.0]])], dtypes=ALL_FLOATS),
    dict(op="norm", inputs=[V([[0.0, 0.0], [3.0, -4.0]])], attrs=dict(axis=1), grad=False),
    dict(op="norm", inputs=[V([[0.0, 0.0], [3.0, -4.0]])], attrs=dict(axis=1, ord=1)),
    dict(op="norm", inputs=[(2, 3)], attrs=dict(out_dtype="float32"), dtypes=["float32"]),
    dict(op="norm", inputs=[(2, 3)], attrs=dict(out_dtype="float64"), dtypes=["float64"]),
    dict(op="norm", inputs=[(2, 3)], attrs=dict(out_dtype=None)),
    dict(op="norm", inputs=[V([3, -4, 5])], attrs=dict(ord=1), dtypes=["int32", "int64", "int8"]),
    dict(op="norm", inputs=[V([[1, 0], [0, 0], [1, 1]])], attrs=dict(axis=1), dtypes=["bool"]),
    dict(op="norm", inputs=[(2, 3)], attrs=dict(ord=3), dtypes=["float32"], error=True),
    dict(op="norm", inputs=[(2, 3)], attrs=dict(ord=0), dtypes=["float32"], error=True),
    dict(op="norm", inputs=[(2, 3)], attrs=dict(axis=2), dtypes=["float32"], error=True),
    dict(op="norm", inputs=[(2, 3)], attrs=dict(axis=(0, 0)), dtypes=["float32"], error=True),
    dict(op="norm", inputs=[(2, 3)], attrs=dict(out_dtype="bool"), dtypes=["float32"], error=True),
    # -------------------------------------------------------------------------------------- L2Normalization
    dict(op="L2Normalization", inputs=[(2, 3)], dtypes=ALL_FLOATS),
    dict(op="L2Normalization", inputs=[(3,)]),
    dict(op="L2Normalization", inputs=[V([[1.0, 2.0], [0.0, 0.0]])], attrs=dict(eps=2.0)),
    dict(op="L2Normalization", inputs=[(2, 3)], attrs=dict(mode="channel"), dtypes=["float32"], error=True),
    dict(op="L2Normalization", inputs=[(2, 3)], attrs=dict(mode="spatial"), dtypes=["float32"], error=True),
    dict(op="L2Normalization", inputs=[(2, 3)], attrs=dict(mode="pixel"), dtypes=["float32"], error=True),
    dict(op="L2Normalization", inputs=[V([[1, 2]])], dtypes=["int32"], error=True),
    # -------------------------------------------------------------------------------------- moments
    dict(op="moments", inputs=[(2, 3, 4)], attrs=dict(axes=(0, 2)), dtypes=ALL_FLOATS),
    dict(op="moments", inputs=[(2, 3, 4)], attrs=dict(axes=(0, 1, 2)), dtypes=ALL_FLOATS),
    dict(op="moments", inputs=[(2, 3, 4)], attrs=dict(axes=(-1,), keepdims=True)),
    dict(op="moments", inputs=[V([[1, 2, 4], [3, 4, 9]])], attrs=dict(axes=1), dtypes=INTS),
    dict(op="moments", inputs=[(2, 3)], dtypes=["float32"], error=True),
    dict(op="moments", inputs=[(2, 3)], attrs=dict(axes=()), dtypes=["float32"], error=True),
    dict(op="moments", inputs=[(2, 3)], attrs=dict(axes=2), dtypes=["float32"], error=True),
    # -------------------------------------------------------------------------------------- positions
    dict(op="argmax_channel", inputs=[(4, 5)], dtypes=ALL_FLOATS, grad=False),
    dict(op="argmax_channel", inputs=[TIES], grad=False),
    dict(op="argmax_channel", inputs=[(2, 5, 3)], grad=False),
    dict(op="argmax_channel", inputs=[V([[1, 3, 2], [3, 2, 3]])], dtypes=INTS),
    dict(op="argmax_channel", inputs=[(3,)], dtypes=["float32"], error=True),
    # -------------------------------------------------------------------------------------- broadcasting
    dict(op="broadcast_to", inputs=[(2, 1)], attrs=dict(shape=(2, 3)), dtypes=ALL_FLOATS + INTS),
    dict(op="broadcast_to", inputs=[(2, 1, 1)], attrs=dict(shape=(0, 3, 2))),
    dict(op="broadcast_to", inputs=[(2, 3)], attrs=dict(shape=(2, 3))),
    dict(op="broadcast_to", inputs=[V([[1]])], attrs=dict(shape=(2, 3)), dtypes=["bool"]),
    dict(op="broadcast_to", inputs=[(2, 1)], attrs=dict(shape=(2, 2, 3)), dtypes=["float32"], error=True),
    dict(op="broadcast_to", inputs=[(2, 1)], attrs=dict(shape=(4, 3)), dtypes=["float32"], error=True),
    dict(op="broadcast_to", inputs=[(2, 1)], attrs=dict(shape=(-1, 3)), dtypes=["float32"], error=True),
    dict(op="broadcast_to", inputs=[(2, 1)], attrs=dict(shape=(2, -1)), dtypes=["float32"], error=True),
    dict(op="broadcast_to", inputs=[(2, 1)], dtypes=["float32"], error=True),
    dict(op="broadcast_axis", inputs=[(2, 1)], attrs=dict(axis=1, size=3), dtypes=ALL_FLOATS + INTS),
    dict(op="broadcast_axis", inputs=[(1, 2, 1)], attrs=dict(axis=(0, 2), size=(3, 2))),
    dict(op="broadcast_axis", inputs=[(1, 2, 1)], attrs=dict(axis=(2, 0), size=(3, 2))),
    dict(op="broadcast_axis", inputs=[(2, 1)]),
    dict(op="broadcast_axis", inputs=[(2, 1)], attrs=dict(axis=-1, size=3), dtypes=["float32"], error=True),
    dict(op="broadcast_axis", inputs=[(2, 1)], attrs=dict(axis=0, size=3), dtypes=["float32"], error=True),
    dict(op="broadcast_axis", inputs=[(2, 1)], attrs=dict(axis=2, size=3), dtypes=["float32"], error=True),
    dict(op="broadcast_axis", inputs=[(1, 1)], attrs=dict(axis=(0, 1), size=(3,)), dtypes=["float32"], error=True),
    dict(op="broadcast_axis", inputs=[(1, 1)], attrs=dict(axis=(0, 0), size=(3, 2)), dtypes=["float32"], error=True),
    dict(op="broadcast_like", inputs=[(2, 1), (2, 3)], dtypes=ALL_FLOATS + INTS),
    dict(op="broadcast_like", inputs=[(2, 1), I((2, 3), 0, 5, dtype="int32")]),
    dict(op="broadcast_like", inputs=[(2, 1), (5, 2, 3)], attrs=dict(lhs_axes=(1,), rhs_axes=(0,))),
    dict(op="broadcast_like", inputs=[(1, 2, 1), (5, 2, 3)], attrs=dict(lhs_axes=(-1, 0), rhs_axes=(-3, 2))),
    dict(op="broadcast_like", inputs=[(2, 1), (3, 3)], dtypes=["float32"], error=True),
    dict(op="broadcast_like", inputs=[(2, 1), (1, 3)], dtypes=["float32"], error=True),
    dict(op="broadcast_like", inputs=[(2, 1), (1, 2, 3)], dtypes=["float32"], error=True),
    dict(op="broadcast_like", inputs=[(2, 1), (5, 2)], attrs=dict(lhs_axes=(0,), rhs_axes=(0,)), dtypes=["float32"],
         error=True),
    dict(op="broadcast_like", inputs=[(2, 1), (2, 3)], attrs=dict(lhs_axes=(1,)), dtypes=["float32"]),
    dict(op="broadcast_like", inputs=[(2, 1), (5, 2)], attrs=dict(lhs_axes=(0, 1), rhs_axes=(0,)), dtypes=["float32"],
         error=True),
    dict(op="broadcast_like", inputs=[(2, 1), (5, 2)], attrs=dict(lhs_axes=(7,), rhs_axes=(0,)), dtypes=["float32"],
         error=True),
    dict(op="broadcast_like", inputs=[(2, 1), (2, 3)], attrs=dict(lhs_axes=(), rhs_axes=()), dtypes=["float32"],
         error=True),
]  # fmt: skip
# No other out_dtype than the input's (MXNet fails), no gradient of a row of zeros (MXNet: NaN), see the operator.
CASES += [dict(op="norm", inputs=[U((2, 3, 2), 0.5, 1.5)], attrs=dict(_a, ord=_ord), dtypes=ALL_FLOATS)
          for _ord in (1, 2) for _a in AXES]  # fmt: skip
for _mode in ("instance", "channel", "spatial"):
    CASES += [dict(op="L2Normalization", inputs=[N(*_s)], attrs=dict(mode=_mode)) for _s in ((2, 3, 2, 2), (2, 3, 4))]
for _op in ("argmax", "argmin"):
    CASES += [dict(op=_op, inputs=[(2, 3, 2)], attrs=_a, dtypes=ALL_FLOATS) for _a in (
        dict(), dict(axis=1), dict(axis=-1), dict(keepdims=True), dict(axis=0, keepdims=True),
    )]  # fmt: skip
    CASES += [
        dict(op=_op, inputs=[TIES]),
        dict(op=_op, inputs=[TIES], attrs=dict(axis=1)),
        dict(op=_op, inputs=[TIES], attrs=dict(axis=0)),
        dict(op=_op, inputs=[V([1.0, NAN, 2.0, NAN, 0.0])]),
        dict(op=_op, inputs=[(5,)], attrs=dict(axis=0)),
        dict(op=_op, inputs=[V([[100, 100], [100, 90]])], dtypes=INTS),
        dict(op=_op, inputs=[V([[100, 100], [100, 90]])], attrs=dict(axis=1), dtypes=INTS),
        dict(op=_op, inputs=[V([[1, 0], [0, 0]])], dtypes=["bool"], error=True),
        dict(op=_op, inputs=[(2, 3)], attrs=dict(axis=2), dtypes=["float32"], error=True),
        dict(op=_op, inputs=[(2, 3)], attrs=dict(axis=-3), dtypes=["float32"], error=True),
        dict(op=_op, inputs=[(2, 3)], attrs=dict(axis=(0, 1)), dtypes=["float32"], error=True),
    ]
_HIST = V([0.0, 1, 2.5, 3, 3, -1, 7, 2])
CASES += [
    dict(op="_histogram", inputs=[_HIST], attrs=dict(bin_cnt=3, range=(0, 3)), dtypes=ALL_FLOATS + ["int32"],
         grad=False),
    dict(op="_histogram", inputs=[N(3, 4)], attrs=dict(bin_cnt=10, range=(-0.9, 1.1)), grad=False),
    dict(op="_histogram", inputs=[_HIST, V([0.0, 1, 3, 10])], dtypes=["float32", "int32"], grad=False),
    dict(op="_histogram", inputs=[_HIST], attrs=dict(bin_cnt=3, range=(3, 0)), dtypes=["float32"], error=True),
    dict(op="_histogram", inputs=[_HIST], attrs=dict(bin_cnt=3), dtypes=["float32"], error=True),
    dict(op="_histogram", inputs=[_HIST, V([[0.0, 1], [3, 10]])], dtypes=["float32"], error=True),
]  # fmt: skip
CASES += [
    *[dict(op="cumsum", inputs=[(2, 3, 2)], attrs=_a, dtypes=["float32", "float64", "float16"])
      for _a in (dict(), dict(axis=0), dict(axis=1), dict(axis=2))],
    dict(op="cumsum", inputs=[(2, 3)], attrs=dict(axis=1, dtype="float64"), dtypes=["float32", "float16"]),
    dict(op="cumsum", inputs=[V([[100, 100, 100], [1, 2, 3]])], attrs=dict(axis=1), dtypes=INTS),
    dict(op="cumsum", inputs=[V([[1, 0], [1, 1]])], dtypes=["bool"]),
    dict(op="cumsum", inputs=[V([[1.7, 2.7]])], attrs=dict(dtype="int32"), dtypes=["float32"], grad=False),
    dict(op="cumsum", inputs=[(2, 3)], attrs=dict(axis=2), dtypes=["float32"], error=True),
    dict(op="cumsum", inputs=[(2, 3)], attrs=dict(axis=-3), dtypes=["float32"], error=True),
]  # fmt: skip
