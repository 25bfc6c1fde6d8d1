"""Cases of the operators that rearrange, join, cut and create tensors."""

from ..spec import N

ALL = ["float32", "float64", "float16", "int32", "int64", "uint8", "int8"]
ONE = ["float32"]


def reshape(dims, dtypes=None, error=False, **attrs):
    return dict(op="Reshape", inputs=[dims], attrs=attrs, dtypes=dtypes or ONE, error=error)


def each(op, inputs, attrs, **more):
    """One case for each dict of attributes."""
    return [dict(op=op, inputs=inputs, attrs=a, **more) for a in attrs]


def wrong(op, inputs, attrs):
    return each(op, inputs, attrs, dtypes=ONE, error=True)


def created(op, attrs, dtypes=ONE, **more):
    """Operators without inputs: the dtype is an attribute."""
    return [dict(op=op, inputs=[], attrs=dict(a, dtype=d), dtypes=ONE, **more) for a in attrs for d in dtypes]


RESHAPE = [
    reshape((2, 3, 4), shape=(6, 4), dtypes=ALL),
    reshape((2, 3, 4), shape=(-2,)),
    reshape((2, 3, 4), shape=(2, -2)),
    reshape((2, 3, 4), shape=(-2, 1, 1)),
    reshape((2, 3, 4), shape=(-1,)),
    reshape((2, 3, 4), shape=(0, -1)),
    reshape((2, 3, 4), shape=(-1, 0)),
    reshape((2, 3, 4), shape=(-1, -2)),
    reshape((2, 3, 4), shape=(24, 0, -1), error=True),
    reshape((2, 3, 4), shape=(-3, 4)),
    reshape((2, 3, 4, 5), shape=(-3, -3)),
    reshape((2, 3, 4), shape=(0, -3)),
    reshape((2, 3, 4), shape=(-4, 1, 2, -2)),
    reshape((2, 3, 4), shape=(2, -4, -1, 3, -2)),
    reshape((2, 3, 4), shape=(0, 0, -4, 2, -1)),
    reshape((2, 3, 4), shape=(0, 0, 0, -2)),
    reshape((10, 5, 4), shape=(-1, 0)),
    reshape((10, 5, 4), shape=(-1, 0), reverse=True),
    reshape((2, 3, 4), shape=(-3, 0), reverse=True),
    reshape((4, 3, 3, 3, 2), shape=(0, 0, -1, 0), reverse=True),
    reshape((2, 3, 4), shape=(2, 1, -4, 0, 0), reverse=True),
    reshape((2, 3, 4), shape=(6, -1), reverse=True),
    reshape((2, 3, 4), target_shape=(6, 0)),
    reshape((2, 3, 4), target_shape=(0, 12)),
    reshape((2, 3, 4), target_shape=(4, 6)),
    reshape((2, 3, 4), target_shape=(7, 12), keep_highest=True),
    reshape((2, 3, 4), target_shape=(0, 0), keep_highest=True),
    reshape((2, 3, 4), target_shape=(0, 3, 0), keep_highest=True),
    reshape((2, 3, 4), shape=(-4, -1, -1, -2), error=True),
    reshape((2, 3, 4), shape=(-4, 3, 2, -2), error=True),
    reshape((2, 3, 4), shape=(-4, 0, 2, -2), error=True),
    reshape((2, 3, 4), shape=(-4, 2), error=True),
    reshape((2, 3, 4), shape=(-1, -1), error=True),
    reshape((2, 3, 4), shape=(0, 0, 0, 0), error=True),
    reshape((2, 3, 4), shape=(0, 0, -3), error=True),
    reshape((2, 3, 4), shape=(-5, 2), error=True),
    reshape((2, 3, 4), shape=(-4, 1, 2, -2), reverse=True, error=True),
    reshape((2, 3, 4), shape=(2, 1, -4, -2), reverse=True, error=True),
]
LIKE = [
    dict(op="reshape_like", inputs=[(2, 6), (3, 4)]),
    dict(op="reshape_like", inputs=[(6, 7), (3, 2, 4)], attrs=dict(lhs_begin=0, lhs_end=1, rhs_begin=0, rhs_end=2)),
    dict(op="reshape_like", inputs=[(6, 7), (7, 3, 2, 4)], attrs=dict(lhs_begin=0, lhs_end=1, rhs_begin=1, rhs_end=3)),
    dict(op="reshape_like", inputs=[(3, 12), (4, 2, 2, 3)], attrs=dict(lhs_begin=-1, rhs_begin=1)),
    dict(op="reshape_like", inputs=[(3, 12), (4, 2, 2, 3)], attrs=dict(lhs_begin=-1, rhs_begin=-3, rhs_end=4)),
    dict(op="reshape_like", inputs=[(2, 6), N(3, 4, dtype="int32")], dtypes=ONE),
    dict(op="reshape_like", inputs=[(2, 6), (3, 5)], dtypes=ONE, error=True),
    dict(
        op="reshape_like", inputs=[(3, 12), (4, 2, 2, 3)], attrs=dict(lhs_begin=2, rhs_begin=1), dtypes=ONE, error=True
    ),
]
AXES = (
    [dict(op="Flatten", inputs=[s]) for s in [(2, 3, 4), (5,), (2, 3)]]
    + each("transpose", [(2, 3, 4)], [dict(), dict(axes=(1, 0, 2)), dict(axes=(2, 0, 1)), dict(axes=())])
    + each("transpose", [(2, 3)], [dict(axes=(1, 0))], dtypes=ALL)
    + wrong("transpose", [(2, 3, 4)], [dict(axes=(0, 1)), dict(axes=(0, 1, 5))])
    + each("SwapAxis", [(2, 3, 4)], [dict(dim1=0, dim2=2), dict(dim1=-1, dim2=0), dict(), dict(dim1=1, dim2=2)])
    + wrong("SwapAxis", [(2, 3, 4)], [dict(dim1=5, dim2=0)])
    + each("expand_dims", [(2, 3)], [dict(axis=a) for a in (0, 1, 2, -1, -3)])
    + wrong("expand_dims", [(2, 3)], [dict(axis=3), dict(axis=-4), dict()])
    + each("squeeze", [(1, 2, 1)], [dict(), dict(axis=0), dict(axis=-1), dict(axis=(0, 2)), dict(axis=())])
    + each("squeeze", [(1, 1)], [dict(), dict(axis=(0, 1))])
    + wrong("squeeze", [(1, 2, 1)], [dict(axis=1), dict(axis=(0, 0)), dict(axis=5)])
    + each("reverse", [(2, 3, 4)], [dict(axis=0), dict(axis=(0, 2)), dict(axis=2)])
    + wrong("reverse", [(2, 3)], [dict(axis=2), dict()])
)
JOIN = (
    each("Concat", [(2, 3), (2, 2), (2, 1)], [dict(), dict(dim=-1)])
    + each("Concat", [(2, 3, 2), (1, 3, 2)], [dict(dim=0), dict(dim=-3)], dtypes=ALL)
    + each("Concat", [(2, 3)], [dict(dim=0)])
    + wrong("Concat", [(2, 3), (3, 3)], [dict(), dict(dim=2)])
    + wrong("Concat", [(2, 3), (2, 3, 1)], [dict(dim=0)])
    + wrong("Concat", [(2,), (3,)], [dict()])
    + wrong("Concat", [(2, 3), N(2, 3, dtype="int32")], [dict()])
    + each("stack", [(2, 3), (2, 3), (2, 3)], [dict(), dict(axis=1), dict(axis=-1), dict(axis=-3)])
    + each("stack", [(2, 3), (2, 3)], [dict(axis=2)], dtypes=ALL)
    + each("stack", [(2, 3)], [dict()])
    + wrong("stack", [(2, 3), (2, 3)], [dict(axis=3), dict(axis=-4)])
    + wrong("stack", [(2, 3), N(2, 3, dtype="int32")], [dict()])
    + each("tile", [(2, 3)], [dict(reps=2), dict(reps=(2, 1, 2)), dict(reps=()), dict(reps=(1, 3))])
    + wrong("tile", [(2, 3)], [dict(reps=(-1,)), dict(reps=(0, 1)), dict()])
    + each("repeat", [(2, 3)], [dict(repeats=2), dict(repeats=3, axis=1), dict(repeats=2, axis=-2), dict(repeats=1)])
    + wrong("repeat", [(2, 3)], [dict(repeats=-1, axis=0), dict(repeats=1, axis=4), dict()])
)
WIDTH = dict(pad_width=(0, 0, 0, 0, 1, 1, 2, 1))
PAD = (
    each(
        "Pad",
        [(2, 2, 3, 4)],
        [dict(WIDTH, mode=m) for m in ("constant", "edge", "reflect")]
        + [dict(WIDTH, mode="constant", constant_value=2.5), dict(mode="edge", pad_width=(0, 0, 0, 0, 0, 0, 5, 0))],
        dtypes=["float32", "float64", "float16"],
    )
    + each(
        "Pad",
        [(1, 2, 3, 2, 2)],
        [dict(mode=m, pad_width=(0, 0, 0, 0, 2, 1, 0, 1, 1, 0)) for m in ("constant", "edge", "reflect")],
    )
    + wrong(
        "Pad",
        [(1, 1, 2, 3)],
        [
            dict(mode="reflect", pad_width=(0, 0, 0, 0, 2, 1, 2, 1)),
            dict(mode="constant", pad_width=(1, 0, 0, 0, 1, 1, 2, 2)),
            dict(mode="constant", pad_width=(0, 0, 0, 0, 1, 1)),
            dict(mode="mirror", pad_width=(0, 0, 0, 0, 1, 1, 0, 0)),
        ],
    )
    + wrong("Pad", [(2, 3)], [dict(mode="constant", pad_width=(0, 0, 1, 1))])
)
BLOCKS = (
    each("depth_to_space", [(2, 8, 3, 2)], [dict(block_size=2), dict(block_size=1)])
    + wrong("depth_to_space", [(1, 3, 1, 2)], [dict(block_size=2), dict(block_size=0)])
    + wrong("depth_to_space", [(4, 1, 2)], [dict(block_size=2)])
    + each("space_to_depth", [(2, 3, 4, 6)], [dict(block_size=2), dict(block_size=1)])
    + wrong("space_to_depth", [(1, 2, 3, 4)], [dict(block_size=2)])
    + each("diag", [(3,)], [dict(), dict(k=1), dict(k=-2)])
    + each("diag", [(3, 4)], [dict(), dict(k=1), dict(k=-2)])
    + each("diag", [(2, 3, 4)], [dict(), dict(axis1=0, axis2=2), dict(axis1=-1, axis2=1, k=-1)])
    + wrong("diag", [(2, 3)], [dict(k=5)])
    + wrong("diag", [(2, 3, 2)], [dict(axis1=1, axis2=1)])
)


def sl(begin, end, step=None):
    return dict(begin=begin, end=end) if step is None else dict(begin=begin, end=end, step=step)


SLICE = (
    each(
        "slice",
        [(3, 4)],
        [
            sl((1,), (3,)),
            sl(1, 2),
            sl((None, 1), (None, -1)),
            sl((0, 3), (3, 0), (1, -1)),
            sl((None, None), (None, None), (None, -1)),
            sl((2,), (None,), (-2,)),
            sl((7,), (None,), (-1,)),
            sl((-1,), (-9,), (-1,)),
            sl((0,), (7,)),
            sl((0, 3), (3, None), (2, -3)),
            sl((-5,), (2,), (2,)),
        ],
    )
    + each("slice", [(2, 3, 4)], [sl((0, 1), (2, 3))], dtypes=ALL)
    + each("slice", [(3, 4)], [sl((1, 1), (1, 2)), sl((2,), (1,)), sl((1,), (-1,), (-1,))], grad=False)
    + wrong(
        "slice",
        [(3, 4)],
        [
            sl((0, 0, 0), (1, 1, 1)),
            sl((0, 0), (1,)),
            sl((0,), (3,), (0,)),
            sl((0, 0), (3, 4), (2,)),
            dict(begin=(0,)),
        ],
    )
    + each("slice_axis", [(3, 4)], [dict(axis=1, begin=1, end=None), dict(axis=-1, begin=-3, end=-1)])
    + each("slice_axis", [(3, 4)], [dict(axis=0, begin=2, end=3)], dtypes=ALL)
    + wrong(
        "slice_axis",
        [(3, 4)],
        [
            dict(axis=0, begin=2, end=1),
            dict(axis=0, begin=1, end=1),
            dict(axis=0, begin=0, end=5),
            dict(axis=0, begin=-5, end=2),
            dict(axis=2, begin=0, end=2),
            dict(axis=0, begin=0),
        ],
    )
    + each("slice_like", [(3, 4), (2, 2)], [dict(), dict(axes=(0,)), dict(axes=(-1,)), dict(axes=(0, 1))])
    + each("slice_like", [(3, 4), (2, 9)], [dict(axes=(-2,))])
    + each("slice_like", [(3, 4), N(2, 3, dtype="int32")], [dict()], dtypes=ONE)
    + wrong("slice_like", [(3, 4), (2, 5)], [dict(), dict(axes=(5,))])
    + wrong("slice_like", [(3, 4), (2, 2, 2)], [dict()])
)
ASSIGN = (
    each("_slice_assign", [(3, 4), (1, 4)], [sl((1,), (2,))], grad=False)
    + each("_slice_assign", [(3, 4), (2, 2)], [sl((0, 1), (3, 3), (2, 1)), sl((2, 3), (None, 1), (-2, -1))], grad=False)
    + wrong("_slice_assign", [(3, 4), (2,)], [sl((0, 1), (3, 3), (2, 1))])
    + each("_slice_assign_scalar", [(3, 4)], [dict(sl((1,), (2,)), scalar=3.5), sl((0, 1), (3, 3), (2, 1))], grad=False)
    + each("_slice_assign_scalar", [N(3, 4)], [dict(sl((1,), (2,)), scalar=-3.5)], dtypes=["int32", "int64"])
)
SPLIT = (
    each("SliceChannel", [(2, 4, 2)], [dict(num_outputs=2), dict(num_outputs=4, squeeze_axis=True)])
    + each("SliceChannel", [(4, 2)], [dict(num_outputs=2, axis=-2), dict(num_outputs=1, axis=0)])
    + each("SliceChannel", [(4, 2)], [dict(num_outputs=2, axis=0)], dtypes=ALL)
    + wrong("SliceChannel", [(2, 4)], [dict(num_outputs=3), dict(num_outputs=2, squeeze_axis=True), dict()])
    + wrong("SliceChannel", [(2, 4)], [dict(num_outputs=1, axis=3)])
    + each("_split_v2", [(2, 4)], [dict(indices=(0, 1, 3)), dict(indices=(), sections=2), dict(indices=(0,))])
    + each("_split_v2", [(4, 2)], [dict(indices=(0, 3), axis=0), dict(indices=(0, 1), axis=-1, squeeze_axis=True)])
    + each("_split_v2", [(2, 4)], [dict(indices=(0, 1, 2, 3), squeeze_axis=True)])
    + each("_split_v2", [(2, 4)], [dict(indices=(0, 2, 4))], grad=False)
    + wrong("_split_v2", [(2, 4)], [dict(indices=(1,)), dict(indices=(0, 3, 2)), dict(indices=(0, 2, 6)), dict()])
)
CROP = (
    each(
        "Crop",
        [(2, 1, 4, 4)],
        [dict(h_w=(2, 2)), dict(h_w=(2, 3), center_crop=True), dict(h_w=(2, 2), offset=(1, 2))],
        dtypes=ONE,
    )
    + each("Crop", [(1, 1, 5, 4), (1, 2, 2, 3)], [dict(), dict(center_crop=True), dict(offset=(3, 1))], dtypes=ONE)
    + wrong("Crop", [(1, 1, 4, 4)], [dict(h_w=(5, 5)), dict(h_w=(2, 2), offset=(3, 3)), dict()])
    + wrong("Crop", [(1, 1, 4, 4), (1, 1, 5, 5)], [dict()])
)
TYPES = ["float32", "float64", "float16", "int32", "int64", "uint8"]
CREATE = (
    created("_zeros", [dict(shape=(2, 3)), dict(shape=3)], TYPES)
    + created("_ones", [dict(shape=(2, 3))], TYPES)
    + created("_full", [dict(shape=(2,), value=2.5), dict(shape=(1, 2), value=-2.5)], ["float32", "float64", "int32"])
    + created(
        "_eye", [dict(N=3), dict(N=2, M=3, k=1), dict(N=3, M=2, k=-1), dict(N=2, M=3, k=-5)], ["float32", "int32"]
    )
    + created("_arange", [dict(start=5), dict(start=1, stop=5, step=1.5), dict(start=1, stop=3, repeat=2)], TYPES[:2])
    + created(
        "_arange",
        [dict(start=0.3, stop=20, step=0.1), dict(start=-3.7, stop=9, step=0.13)],
        TYPES[:2],
        tol={"float32": (0, 0), "float64": (0, 0)},
    )
    + created(
        "_arange",
        [dict(start=5, stop=1, step=-2), dict(start=0, stop=2.5), dict(start=0.5, stop=3)],
        ["int32", "int64"],
    )
    + created("_arange", [dict(start=0, stop=5)], ["float16", "uint8"])
    + created("_arange", [dict(start=0, stop=4, infer_range=True)])
    + created("_arange", [dict(start=5, stop=1), dict(start=0, stop=3, step=0), dict()], error=True)
    + created(
        "_linspace",
        [dict(start=0.3, stop=5.1, num=33), dict(start=-1, stop=2.7, num=20, endpoint=False)],
        ["float32", "float64", "float16", "int32"],
    )
    + created("_linspace", [dict(start=1, stop=2, num=1), dict(start=3, stop=1, num=4)])
    + created("_linspace", [dict(start=0, stop=1)], error=True)
    + each("_contrib_arange_like", [(2, 3)], [dict(), dict(start=1, step=2), dict(axis=1), dict(axis=-2, step=0.3)])
    + each("_contrib_arange_like", [(2, 3)], [dict(repeat=2), dict(axis=-1, repeat=2)])
    + each("_contrib_arange_like", [N(2, 3)], [dict(start=1)], dtypes=["int32", "int64"])
    + wrong("_contrib_arange_like", [(2, 4)], [dict(axis=5)])
)

CASES = RESHAPE + LIKE + AXES + JOIN + PAD + BLOCKS + SLICE + ASSIGN + SPLIT + CROP + CREATE
