"""Cases of the operators that pick, place and order elements."""

from ..spec import I, N, U, V
from .shape import each, wrong

ALL = ["float32", "float64", "float16", "int32", "int64", "uint8", "int8"]
SORTED = ["float32", "float64", "int32", "int64", "uint8", "int8"]
ONE = ["float32"]


def index(values, dtype="float32"):
    """Indices whose dtype does not follow the case's; no gradient is asked for."""
    return V(values, dtype=dtype, grad=False)


def whole(*shape):
    """Small integers in the case's dtype, all different from their neighbours, also for unsigned types."""
    return I(shape, 0, 100, grad=True)


TAKE = (
    each("take", [(3, 2), index([0, 2, 5, -1])], [dict(), dict(mode="wrap"), dict(axis=1), dict(axis=-2)])
    + each("take", [(3, 2, 4), index([[0, 1], [1, 0]])], [dict(), dict(axis=1), dict(axis=-1, mode="wrap")])
    + each("take", [(3, 2), index([0, 2, 2, 2])], [dict(mode="raise")])
    + each("take", [(3, 2), index([0.7, 1.9, -0.5, 1.5])], [dict()])
    + [dict(op="take", inputs=[whole(3, 2), index([2, 0], d)], dtypes=ALL) for d in ("int32", "int64", "uint8")]
    + each("take", [(4,), V([0.0, 3.0])], [dict()], dtypes=ONE)
    + wrong("take", [(3, 2), index([0, 2, 5])], [dict(mode="raise"), dict(axis=2), dict(mode="none")])
    + wrong("take", [(3, 2), index([0, -1])], [dict(mode="raise")])
    + [dict(op="batch_take", inputs=[(3, 2), index(i, "int32")], grad=False) for i in ([0, 1, 0], [0, 5, -1])]
    + wrong("batch_take", [(3, 2), index([0, 1], "int32")], [dict()])
)
PICK = (
    each("pick", [(3, 2), index([0, 1, 0])], [dict(), dict(keepdims=True), dict(axis=1), dict(axis=-1)])
    + each("pick", [(3, 2), index([0, 5, -1])], [dict(), dict(mode="wrap")])
    + each("pick", [(3, 2), index([[0], [1], [0]])], [dict(), dict(keepdims=True)])
    + each("pick", [(3, 2), index([0, 2])], [dict(axis=0), dict(axis=0, keepdims=True)])
    + each("pick", [(3, 2, 2), index([[0, 1], [1, 1], [0, 0]], "int32")], [dict(), dict(axis=1)])
    + each("pick", [(3, 2), index([0.9, 1.2, 0])], [dict()])
    + each("pick", [whole(3, 2), index([1, 1, 0], "int64")], [dict()], dtypes=["int32", "float16"])
    + each("pick", [(4,), index([2])], [dict(axis=0), dict(keepdims=True)])
    + wrong("pick", [(3, 2), index([0, 1])], [dict(), dict(axis=2), dict(axis=None), dict(mode="raise")])
    + each("fill_element_0index", [(3, 2), (3,), index([1, 0, 1])], [dict()], grad=False, dtypes=ONE)
)
ONE_HOT = (
    each("one_hot", [index([0, 2, 1])], [dict(depth=3), dict(depth=4, on_value=8, off_value=0.1)], dtypes=ONE)
    + each("one_hot", [index([0, 3, -1, 1.7])], [dict(depth=3)], dtypes=ONE)
    + each(
        "one_hot",
        [index([[0, 1]], "int32")],
        [dict(depth=2, dtype=d, on_value=2.5, off_value=1) for d in ("int32", "float64", "float16")],
        dtypes=ONE,
    )
    + each(
        "one_hot",
        [index([1, 0], "int64")],
        [dict(depth=2, dtype=d) for d in ("int32", "float64", "float16", "uint8")],
        dtypes=ONE,
    )
    + wrong("one_hot", [index([0, 1])], [dict()])
)
GATHER = (
    each("gather_nd", [(2, 3), index([[1, 1, 0], [0, 2, 0]])], [dict()], dtypes=["float32", "float64", "float16"])
    + each("gather_nd", [(2, 3), index([[1, 0, 1]])], [dict()])
    + each("gather_nd", [(2, 3, 2), index([[[1, 0]], [[0, 2]]], "int32")], [dict()])
    # MXNet's gradient does not count negative indices from the end: it writes outside of its arrays
    + each("gather_nd", [(2, 3, 2), index([[[1, -1]], [[0, -3]]], "int32")], [dict()], grad=False)
    + each("gather_nd", [whole(2, 3), index([[1, 0], [2, 2]], "int64")], [dict()], dtypes=["int32", "int64", "uint8"])
    + wrong("gather_nd", [(2, 2), index([1, 0])], [dict()])
    + wrong("gather_nd", [(2, 2), index([[0], [0], [0]])], [dict()])
    + wrong("gather_nd", [(2, 3), index([[1, 5]])], [dict()])
    + each("_backward_gather_nd", [(3,), index([[1, 1, 1], [0, 1, 0]])], [dict(shape=(2, 2))])
    + each("scatter_nd", [(3,), index([[1, 1, 0], [0, 1, 0]])], [dict(shape=(2, 2)), dict(shape=(3, 2))])
    + each("scatter_nd", [(2, 3), index([[1, 0]], "int32")], [dict(shape=(4, 3))])
    + each("scatter_nd", [(2,), index([[1, 1], [0, 0]])], [dict(shape=(2, 2))])
    + each(
        "_scatter_set_nd",
        [(3, 2), (2,), index([[0, 2], [1, 0]])],
        [dict(shape=(3, 2))],
        grad=False,
        out=(0,),
        record=False,
        faces=("nd",),
    )
    + each(
        "_scatter_set_nd",
        [(3, 2), (2, 2), index([[0, 2]], "int32")],
        [dict(shape=(3, 2))],
        grad=False,
        out=(0,),
        record=False,
        faces=("nd",),
    )
    + wrong("scatter_nd", [(2, 3), index([[1, 0]])], [dict(shape=(2, 4)), dict()])
    + [dict(op="_contrib_index_copy", inputs=[(4, 2), index([2, 0], d), (2, 2)]) for d in ("float32", "int32", "int64")]
    + each("_contrib_index_copy", [(3, 2, 2), index([1], "int64"), (1, 2, 2)], [dict()])
    + each("_contrib_boolean_mask", [(3, 2), index([1, 0, -2])], [dict()])
    + each("_contrib_boolean_mask", [(3,), index([0, 1, 1], "int32")], [dict(axis=0)])
    + each("_contrib_boolean_mask", [(3, 2), index([0, 0, 0])], [dict()], grad=False, dtypes=ONE)
    + wrong("_contrib_boolean_mask", [(3, 2), index([1, 0])], [dict(), dict(axis=1)])
)
WHERE = (
    each("where", [index([[1, 0, 2], [0, 0, -1]]), (2, 3), (2, 3)], [dict()], dtypes=["float32", "float64", "float16"])
    + each("where", [index([0, 1], "int32"), (2, 3), (2, 3)], [dict()])
    + each("where", [index([0.5, float("nan"), 0.0]), (3,), (3,)], [dict()])
    + each("where", [index([0, 1], "int64"), whole(2, 2), whole(2, 2)], [dict()], dtypes=["int32", "int64", "uint8"])
    + each("where", [N(2, 2), (2, 2), (2, 2)], [dict()], dtypes=ONE)
    + wrong("where", [index([1, 0, 1]), (2, 2), (2, 2)], [dict()])
    + wrong("where", [index([[1, 0]]), (2, 2), (2, 2)], [dict()])
    + wrong("where", [index([[1, 0], [1, 1]]), (2,), (2,)], [dict()])
)
ARITHMETIC = (
    each(
        "_contrib_index_array",
        [(2, 3, 2)],
        [dict(), dict(axes=(1, 0)), dict(axes=(-1,)), dict(axes=())],
        dtypes=ONE,
        grad=False,
    )
    + each(
        "_ravel_multi_index",
        [V([[3, 6, 6], [4, 5, 1]])],
        [dict(shape=(7, 6)), dict(shape=(-1, 6))],
        dtypes=["float32", "int32", "int64"],
        grad=False,
    )
    + wrong("_ravel_multi_index", [V([[3, 6, 6], [4, 5, 1]], grad=False)], [dict(shape=(7, 6, 2))])
    + wrong("_ravel_multi_index", [V([3, 4], grad=False)], [dict(shape=(7, 6))])
    + each(
        "_unravel_index",
        [V([22, 41, 37])],
        [dict(shape=(7, 6)), dict(shape=(-1, 3, 2))],
        dtypes=["float32", "int32", "int64"],
        grad=False,
    )
)
TIES = V([[3, 1, 2, 1], [1, 1, 0, 3]], grad=False)
DIFFERENT = V([[3, 1, 2, 7], [5, 4, 0, 6], [9, 8, 12, 11]])
ORDER = (
    each("argsort", [TIES], [dict(), dict(is_ascend=False), dict(axis=0), dict(axis=None)], dtypes=SORTED)
    + each("argsort", [TIES], [dict(dtype=d) for d in ("int32", "int64", "float64", "float16", "uint8")], dtypes=ONE)
    + each("argsort", [U((3, 40), grad=False)], [dict(), dict(is_ascend=False, axis=-2)])
    + wrong("argsort", [TIES], [dict(axis=2)])
    # without an explicit axis MXNet's own gradient raises a misplaced error
    + each("sort", [DIFFERENT], [dict(axis=a, is_ascend=b) for a in (-1, 0, -2, None) for b in (True, False)])
    + each("sort", [DIFFERENT], [dict(), dict(is_ascend=False)], grad=False)
    + each("sort", [TIES], [dict(), dict(is_ascend=False)], dtypes=SORTED)
    + each("sort", [U((3, 40))], [dict(axis=1)])
    + wrong("sort", [TIES], [dict(axis=2)])
    + each(
        "topk",
        [DIFFERENT],
        [dict(k=k, axis=a, ret_typ="value") for k in (1, 2, 3) for a in (-1, 0, None)]
        + [dict(k=2, ret_typ="value", is_ascend=True), dict(k=0, ret_typ="value")],
    )
    + each(
        "topk",
        [TIES],
        [dict(), dict(k=3), dict(k=3, is_ascend=True), dict(k=0), dict(k=-1), dict(k=2, axis=0), dict(k=3, axis=None)]
        + [dict(is_ascend=True), dict(k=2, ret_typ="both"), dict(k=2, ret_typ="both", dtype="int32", axis=0)]
        + [
            dict(k=2, ret_typ="mask"),
            dict(k=2, ret_typ="mask", axis=None),
            dict(k=0, ret_typ="mask"),
            dict(ret_typ="mask", axis=0),
        ],
        dtypes=SORTED + ["float16"],
    )
    + each(
        "topk",
        [U((3, 40), grad=False)],
        [dict(k=k, ret_typ="both", is_ascend=a) for k in (1, 3, 30) for a in (True, False)],
    )
    + each(
        "topk", [U((40, 2), grad=False)], [dict(k=3, axis=0, dtype=d) for d in ("int32", "int64", "uint8")], dtypes=ONE
    )
    + wrong("topk", [TIES], [dict(k=5), dict(axis=2), dict(ret_typ="values")])
)
ON = dict(use_sequence_length=True)
SEQUENCE = (
    each("SequenceMask", [(3, 2, 2)], [dict(), dict(axis=1)])
    + each("SequenceMask", [(3, 2, 2), index([1, 2])], [dict(ON), dict(ON, value=-1.5)])
    + each(
        "SequenceMask", [(2, 3), index([1, 2], "int32")], [dict(ON, axis=1)], dtypes=["float32", "float64", "float16"]
    )
    + each(
        "SequenceMask",
        [whole(2, 3, 2), index([1.5, 2.9])],
        [dict(ON, axis=1, value=3.5)],
        dtypes=["int32", "int64", "uint8"],
    )
    + each("SequenceMask", [(3, 2), index([0, 9])], [dict(ON)])
    + wrong("SequenceMask", [(3, 2), index([1, 2])], [dict(), dict(ON, axis=2), dict(ON, axis=-1)])
    + wrong("SequenceMask", [(3, 2), index([1, 2, 3])], [dict(ON)])
    # a Symbol makes a variable of the missing input
    + each("SequenceMask", [(3, 2)], [dict(ON)], dtypes=ONE, error=True, faces=("nd",))
    + wrong("SequenceMask", [(3,), index([1])], [dict(ON)])
    # MXNet's gradient without lengths writes outside of its arrays and ends the process
    + each("SequenceLast", [(3, 2, 2)], [dict(), dict(axis=1)], grad=False)
    + each("SequenceLast", [(3, 2, 2), index([1, 3])], [dict(ON)])
    + each("SequenceLast", [(2, 3, 2), index([1, 3], "int32")], [dict(ON, axis=1)])
    + each("SequenceLast", [(3, 2), index([2, 1])], [dict(ON)])
    + each("SequenceLast", [whole(3, 2, 2, 2), index([2, 1])], [dict(ON)], dtypes=["int32", "float16"])
    + wrong("SequenceLast", [(3,)], [dict()])
    + wrong("SequenceLast", [(3, 2), index([1, 2, 3])], [dict(ON)])
    + each("SequenceReverse", [(3, 2, 2)], [dict()])
    + each("SequenceReverse", [(4, 2, 2), index([1, 3])], [dict(ON)])
    + each("SequenceReverse", [(4, 3), index([4, 0, 2], "int32")], [dict(ON)])
    + each("SequenceReverse", [whole(3, 2, 1), index([3, 2])], [dict(ON)], dtypes=["int32", "float16"])
    + wrong("SequenceReverse", [(3, 2, 2), index([1, 2])], [dict(ON, axis=1)])
    + wrong("SequenceReverse", [(3,)], [dict()])
)

CASES = TAKE + PICK + ONE_HOT + GATHER + WHERE + ARITHMETIC + ORDER + SEQUENCE
