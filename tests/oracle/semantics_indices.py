"""Scenarios: indices out of range, what topk and argsort return, one_hot, pick, sequence operators.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.semantics_indices
"""

import itertools

from tests.oracle.semantics_common import INF, NAN, Table, fixed, main

ROWS = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
BEYOND = [0, 2, 3, 7, -1, -3, -4, -9]
TIES = [[3, 1, 2, 1, 3], [1, 1, 0, 3, 0]]


def picked(table):
    """take, Embedding, batch_take and pick with indices that are not there, and with fractions."""
    for mode, axis in itertools.product(("clip", "wrap"), (0, 1, -1)):
        for kind in ("float32", "float64", "int32", "int64", "int8"):
            table(kind, "take", [ROWS, fixed(BEYOND, kind)], mode=mode, axis=axis)
        table("fractions", "take", [ROWS, fixed([0.9, 1.5, -0.5, -1.5])], mode=mode, axis=axis)
        table("square", "take", [ROWS, fixed([[0, 5], [-5, 1]])], mode=mode, axis=axis)
    table("huge", "take", [ROWS, fixed([1e9, -1e9])])
    table("repeated", "take", [ROWS, fixed([1, 1, 1, 0])], req="add")
    table("float16", "take", [ROWS, fixed([1, 1, 2], "float16")], dtype="float16")
    for bad in ([0, 3], [-1], [0, 2]):
        table(bad, "take", [ROWS, fixed(bad)], mode="raise")
        table("%s, columns" % bad, "take", [ROWS, fixed(bad)], mode="raise", axis=1)
        table("%s, nothing recorded" % bad, "take", [ROWS, fixed(bad)], mode="raise", record=False)
    table("one axis", "take", [[1.0, 2.0, 3.0], fixed([[0, 2], [5, -5]])], mode="wrap")
    for kind in ("float32", "int32", "int64", "int8"):
        table(kind, "Embedding", [fixed(BEYOND, kind), ROWS], input_dim=3, output_dim=2)
    table("huge", "Embedding", [fixed([0.0, 1e9, -1e9]), ROWS], input_dim=3, output_dim=2)
    table("repeated", "Embedding", [fixed([1, 1, 9]), ROWS], input_dim=3, output_dim=2, req="add")
    table("sparse gradient", "Embedding", [fixed([0, 1]), ROWS], input_dim=3, output_dim=2, sparse_grad=True)
    table("sparse gradient, beyond", "Embedding", [fixed([0, 9]), ROWS], input_dim=3, output_dim=2, sparse_grad=True)
    table("", "batch_take", [ROWS, fixed([0, 5, -1], "int32")])
    for mode, axis, keepdims in itertools.product(("clip", "wrap"), (0, 1), (True, False)):
        index = [0, 7, -1] if axis else [4, -4]
        for kind in ("float32", "int32"):
            table(kind, "pick", [ROWS, fixed(index, kind)], mode=mode, axis=axis, keepdims=keepdims)
        table("fractions", "pick", [ROWS, fixed([0.9, 1.5, -0.5][: len(index)])], mode=mode, axis=axis,
              keepdims=keepdims)  # fmt: skip
    table("raise", "pick", [ROWS, fixed([0, 1, 0])], mode="raise")
    table("flat", "pick", [ROWS, fixed([0, 1, 0])], axis=None)


def hot(table):
    for kind in ("float32", "int32", "int64"):
        table(kind, "one_hot", [fixed([0, 3, -1, 2, 9], kind)], depth=3)
        table("on and off, " + kind, "one_hot", [fixed([0, 3, -1], kind)], depth=3, on_value=2.5, off_value=-1.5,
              dtype="float32")  # fmt: skip
    table("fractions", "one_hot", [fixed([0.9, 1.5, -0.5, -1.5])], depth=3)
    for into in ("int32", "int64", "uint8", "float16", "float64", "bool"):
        table.of("one_hot: into %s" % into, lambda mx, into=into: mx.nd.one_hot(
            mx.nd.array([0, 2, 5]), depth=3, on_value=2.5, off_value=0.5, dtype=into))  # fmt: skip
    table("depth 0", "one_hot", [fixed([0, 1])], depth=0)
    table("", "gather_nd", [ROWS, fixed([[0, 2], [1, 0]])], req="add")
    table("repeated", "gather_nd", [ROWS, fixed([[1, 1, 1], [0, 0, 0]])])
    table("beyond", "gather_nd", [ROWS, fixed([[3], [0]])], record=False)
    table("negative", "gather_nd", [ROWS, fixed([[-1], [0]])], record=False)


def order(table):
    for ret, ascend, axis in itertools.product(("value", "indices", "mask", "both"), (True, False), (0, 1, None)):
        for kind in ("float32", "int32"):
            table(kind, "topk", [fixed(TIES, kind)], k=2, ret_typ=ret, is_ascend=ascend, axis=axis)
    for ret, into in itertools.product(("indices", "both", "mask", "value"), ("int32", "int64", "float16", "uint8")):
        table.of("topk: %s into %s" % (ret, into), typed, "topk", ret_typ=ret, dtype=into, k=2)
    for source in ("float64", "float16", "int64", "int8", "uint8", "int32"):
        table.of("topk of %s" % source, typed, "topk", source, ret_typ="both", k=2)
        table.of("argsort of %s" % source, typed, "argsort", source)
        table.of("sort of %s" % source, typed, "sort", source)
        for name in ("argmax", "argmin"):
            table.of("%s of %s" % (name, source), typed, name, source, axis=1)
        table.of("argmax_channel of %s" % source, typed, "argmax_channel", source)
    for into in ("float32", "float64", "int32", "int64", "uint8", "float16", "bool", "int8"):
        table.of("argsort into %s" % into, typed, "argsort", dtype=into)
    for k in (0, -1, 1, 5, 6):
        table("", "topk", [fixed(TIES)], k=k)
    table("gradient", "topk", [[3.0, 1.0, 2.0, 5.0]], k=2, ret_typ="both", first=True)
    table("gradient", "topk", [[3.0, 1.0, 2.0, 5.0]], k=2, ret_typ="value", req="add")
    for name in ("sort", "argsort"):
        for ascend in (True, False):
            table("NaN at the end", name, [fixed([1.0, 3.0, 2.0, NAN])], is_ascend=ascend)
            table("infinite", name, [fixed([1.0, INF, -INF, 2.0])], is_ascend=ascend)
    for ret in ("value", "indices", "both", "mask"):
        table("NaN at the end", "topk", [fixed([1.0, 3.0, 2.0, NAN])], k=2, ret_typ=ret)
        table("NaN at the end", "topk", [fixed([1.0, 3.0, 2.0, NAN])], k=2, ret_typ=ret, is_ascend=True)
        table("infinite", "topk", [fixed([1.0, INF, -INF, 2.0])], k=2, ret_typ=ret)
    for x in ("argmax", "argmin"):
        table("single", x, [fixed([[7.0], [8.0]])], axis=1)
        table("keepdims", x, [fixed(ROWS)], axis=0, keepdims=True)
        table("large", x, [fixed([0.0] * 4098 + [9.0, -9.0], "float16")], axis=0)


def typed(mx, name, source="float32", **attrs):
    """Results of a function of order over ``source``, and their dtypes."""
    found = getattr(mx.nd, name)(mx.nd.array(TIES, dtype=source), **attrs)
    return found if isinstance(found, list) else [found]


def sequences(table):
    """Lengths of fractions, of nothing, beyond the end."""
    data = [[[1.0], [2.0]], [[3.0], [4.0]], [[5.0], [6.0]]]
    for name, lengths in itertools.product(("SequenceMask", "SequenceLast", "SequenceReverse"), ([1, 3], [1.9, 2.2])):
        table(lengths, name, [data, fixed(lengths)], use_sequence_length=True)
        table(lengths, name, [data, fixed(lengths)], use_sequence_length=True, req="add")
    table("none", "SequenceMask", [data, fixed([0, 5])], use_sequence_length=True, value=NAN)


def written(table):
    """NDArray's own indexing with positions that are not there."""
    for text in (
        "x[5]", "x[-4]", "x[0, 2]", "x[1:9]", "x[9:]", "x[-9:2]", "x[::-1]", "x[[0, 3]]", "x[[0, -1]]", "x[2:0]",
        "x[nd.array([0, 2])]", "x[nd.array([0, 5])]", "x[nd.array([-1])]", "x[nd.array([0, 1]), nd.array([1, 1])]",
        "x[[]]", "x.take(nd.array([9]))", "x.slice_axis(0, 1, 9)", "x.slice((1, 0), (9, 9))", "x[0][5]",
        "x.pick(nd.array([0, 1, 9]))", "x.slice((2, 0), (0, 2))", "x.slice((2, None), (0, None), (-1, 1))",
        "nd.slice_axis(x, axis=1, begin=-5, end=2)", "nd.slice_axis(x, axis=1, begin=0, end=None)",
    ):  # fmt: skip
        table.of("indexing: " + text, lambda mx, text=text: eval(text, {"nd": mx.nd, "x": mx.nd.array(ROWS)}))


def results(mx):
    """{name: what MXNet does}."""
    table = Table(mx)
    picked(table)
    hot(table)
    order(table)
    sequences(table)
    written(table)
    return table.found


if __name__ == "__main__":
    main("semantics_indices", results)
