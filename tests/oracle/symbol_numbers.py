"""Writes tests/golden/symbol_numbers.json: numbers of NumPy in attributes, biases that are columns, operators taken
out of a graph, and the memory that executors tell.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    MXNET_MKLDNN_ENABLED=0 PYTHON -m tests.oracle.symbol_numbers
"""

import re

import numpy as np

from tests.oracle.scenario import attempt, plain, write

CONTIGUOUS = (
    ((slice(2), slice(3)), (6, 7)), ((slice(1, 2), slice(1, 3)), (6, 7)), ((slice(20), slice(None)), (6, 7)),
    ((slice(None, None, -1), slice(None)), (6, 7)), ((slice(0, 1), slice(0, 1, 20)), (6, 7)),
    ((slice(3, 1), slice(None)), (6, 7)), ((slice(0, 6, 2), slice(0, 7)), (1, 7)),
    ((slice(0, 6, 2), slice(0, 1)), (6, 1)),
    ((slice(None),) * 3, (2, 3, 4)), ((slice(1), slice(2), slice(None)), (2, 3, 4)),
    ((slice(None), slice(2), slice(4)), (2, 3, 4)),
)  # fmt: skip


def examples(mx):
    nd, sym = mx.nd, mx.sym
    x = sym.var("x")
    two, three = np.int64(2), np.int32(3)
    yield "axes", lambda: sym.transpose(x, axes=tuple(np.array([1, 0]))).attr("axes")
    yield "shape", lambda: sym.reshape(x, shape=(three, -1)).attr("shape")
    yield "one axis", lambda: sym.sum(x, axis=(two,)).attr("axis")
    yield "list", lambda: sym.slice(x, begin=(np.int64(0), None), end=[two, None]).list_attr()
    yield "floats", lambda: sym.contrib.MultiBoxPrior(x, sizes=(np.float32(0.1), np.float64(0.2))).attr("sizes")
    yield "zeros", lambda: sym.zeros((two, three)).eval()[0].shape
    yield "variable", lambda: sym.var("q", shape=(two, 3)).attr("__shape__")
    yield "array", lambda: sym.Pooling(x, kernel=np.array([2, 2]), pool_type="max").attr("kernel")

    data, weight = nd.arange(6).reshape((2, 3)), nd.arange(12).reshape((4, 3))
    dense = sym.FullyConnected(x, num_hidden=4, name="f")
    yield "column", lambda: nd.FullyConnected(data, weight, nd.arange(4).reshape((4, 1)), num_hidden=4)
    yield "row", lambda: nd.FullyConnected(data, weight, nd.arange(4).reshape((1, 4)), num_hidden=4)
    yield "column in a graph", lambda: dense.infer_shape(x=(2, 3), f_bias=(4, 1))
    yield "column bound", lambda: dense.simple_bind(mx.cpu(), x=(2, 3), f_bias=(4, 1)).forward()[0].shape

    atom = lambda s: s._gen_atomic_symbol()  # noqa: E731
    states = [sym.var(n) for n in ("p", "h", "c")]
    lstm = sym.RNN(x, *states, state_size=10, num_layers=2, bidirectional=True, state_outputs=True, mode="lstm")
    yield "atom", lambda: (atom(lstm).list_outputs(), atom(lstm).list_arguments(), atom(lstm).list_attr())
    yield "atom of one output", lambda: (atom(dense).name, atom(dense).list_outputs(), len(atom(dense)))

    contiguous = nd.NDArray._basic_indexing_slice_is_contiguous
    yield "contiguous", lambda: [contiguous(*each) for each in CONTIGUOUS]
    yield "contiguous, too few slices", lambda: attempt(lambda: contiguous((slice(None),), (6, 7)))["raises"]

    square = x
    for _ in range(10):
        square = square * square

    def memory(symbol, **k):
        text = symbol.simple_bind(mx.cpu(), x=(10, 3, 256, 256), **k).debug_str()
        return int(re.search("Total (\\d+) MB", text).group(1))

    def compared():
        trained, not_trained = memory(square), memory(square, grad_req="null")
        stopped = memory(sym.stop_gradient(square))
        return trained > stopped, not_trained == stopped

    yield "memory", compared
    take = sym.batch_take(x, sym.var("i"))
    shapes = {"x": (4, 4), "i": (4,), "type_dict": {"x": np.float32, "i": np.int32}}
    yield "without gradient", lambda: attempt(lambda: take.simple_bind(mx.cpu(), **shapes))["raises"]
    yield "stopped", lambda: sym.stop_gradient(take).simple_bind(mx.cpu(), **shapes).forward(is_train=True)[0].shape
    yield "not wanted", lambda: take.simple_bind(mx.cpu(), grad_req="null", **shapes).forward()[0].shape


def results(mx):
    return plain({name: attempt(run) for name, run in examples(mx)})


if __name__ == "__main__":
    import mxnet

    write("symbol_numbers", results(mxnet))
