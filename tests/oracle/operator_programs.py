"""Writes tests/golden/operator_programs.json: operators as programs that check them use them, in graphs that are bound.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.operator_programs
"""

import os
import warnings

# with oneDNN the names that a monitor sees are those of its fused subgraphs
os.environ.setdefault("MXNET_SUBGRAPH_BACKEND", "NONE")

import numpy as np  # noqa: E402

from tests.oracle.executor_common import by_scenario  # noqa: E402
from tests.oracle.scenario import attempt, plain, write  # noqa: E402


def softmax_of(mx):
    class Softmax(mx.operator.NumpyOp):
        """A loss of two arguments, as examples for NumpyOp have it."""

        def __init__(self):
            super(Softmax, self).__init__(False)

        def list_arguments(self):
            return ["data", "label"]

        def infer_shape(self, in_shape):
            return [in_shape[0], (in_shape[0][0],)], [in_shape[0]]

        def forward(self, in_data, out_data):
            grown = np.exp(in_data[0] - in_data[0].max(axis=1, keepdims=True))
            out_data[0][:] = grown / grown.sum(axis=1, keepdims=True)

        def backward(self, out_grad, in_data, out_data, in_grad):
            assert len(out_grad) == 0
            in_grad[0][:] = out_data[0]
            in_grad[0][np.arange(len(in_data[1])), in_data[1].astype(int)] -= 1

    return Softmax()


def deprecated_operators(mx):
    """NumpyOp and NDArrayOp on symbols; MXNet crashes where it has to infer a shape."""

    class Triple(mx.operator.NDArrayOp):
        def forward(self, in_data, out_data):
            out_data[0][:] = in_data[0] * 3

        def backward(self, out_grad, in_data, out_data, in_grad):
            in_grad[0][:] = out_grad[0] * 3

    x, gradient = mx.nd.array([1, 2]), mx.nd.zeros(2)
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for op in (mx.operator.NumpyOp(), Triple()):
            symbol = op(mx.sym.var("x"))
            e = symbol.bind(mx.cpu(), [x], {"x": gradient})
            out = e.forward(is_train=True)[0].asnumpy()
            e.backward(mx.nd.array([5, 7]))
            kind = type(op).__name__
            found[kind] = [symbol.name, symbol.list_arguments(), symbol.list_outputs(), out, gradient.asnumpy()]
        symbol = softmax_of(mx)(data=mx.sym.var("x"), name="softmax")
        x, gradient = mx.nd.array([[1, 2, 3], [1, 5, 2]]), mx.nd.zeros((2, 3))
        e = symbol.bind(mx.cpu(), [x, mx.nd.array([0, 2])], {"x": gradient})
        out = e.forward(is_train=True)[0].asnumpy()
        e.backward()
        found["loss"] = [symbol.name, symbol.list_arguments(), symbol.list_outputs(), out, gradient.asnumpy()]
    return found


def numpy_numbers(mx):
    """NumPy's numbers in tuples and lists of attributes."""
    kernel = tuple(2 * np.array([1, 0]) + 1)
    conv = mx.sym.Convolution(mx.sym.var("x"), kernel=kernel, num_filter=np.int32(3), name="conv")
    begin = [np.int64(0), None]
    return {
        "tuple": conv.attr("kernel"),
        "number": conv.attr("num_filter"),
        "list": mx.sym.slice(mx.sym.var("x"), begin=begin, end=[2, None], name="s").attr("begin"),
        "nested": mx.sym.var("v", __pads__=((np.int64(1), 2), [np.float32(0.5)])).attr("__pads__"),
        "one": mx.sym.sum(mx.sym.var("x"), axis=(np.int64(1),), name="s").attr("axis"),
        "shape": mx.sym.var("v", shape=tuple(np.array([2, 3]))).attr("__shape__"),
        "inferred": conv.infer_shape(x=(1, 2, 4, 4)),
    }


def numeric_gradients(mx):
    """The numbers that the output is multiplied by are not checked: float16 is too coarse for theirs."""
    gelu = mx.sym.LeakyReLU(mx.sym.var("x"), act_type="gelu")
    np.random.seed(0)
    x = np.random.uniform(-0.01, 0.01, size=(3, 4)).astype("float16")
    check = mx.test_utils.check_numeric_gradient
    options = {"numeric_eps": 7.5e-4, "rtol": 2e-2, "atol": 1e-3, "dtype": np.float16}
    return {
        "all": attempt(check, gelu, [x], **options),
        "named": attempt(check, gelu, [x], grad_nodes=["x"], **options),
    }


def gradients_of_another_dtype(mx):
    found = {}
    for dtype in ("float32", "float64"):
        for req in ("write", "add"):
            gradient = mx.nd.ones((2, 2), dtype=dtype)
            x = mx.nd.array([[1, 2], [3, 5]], dtype="float16")
            e = mx.sym.log_softmax(mx.sym.var("x")).bind(mx.cpu(), {"x": x}, {"x": gradient}, req)
            e.forward(is_train=True)
            e.backward(mx.nd.array([[1, 0], [0, 1]], dtype="float16"))
            found[dtype + " " + req] = gradient.asnumpy()
    return found


def drawn_in_predict_mode(mx):
    """The gradient of what was drawn in predict mode has the same mask."""
    e = mx.sym.Dropout(mx.sym.var("x"), mode="always").simple_bind(mx.cpu(), x=(50, 50))
    e.arg_dict["x"][:] = 1
    found = {}
    for train, given in ((True, True), (False, False), (False, True)):
        out = e.forward(is_train=train)[0].asnumpy()
        e.backward(mx.nd.ones((50, 50)), is_train=given)
        found["%s %s" % (train, given)] = bool((e.grad_dict["x"].asnumpy() == out).all())
    return found


def sparse_arguments(mx):
    """What operators of bound graphs do with sparse arrays."""
    found = {}
    for fix_gamma in (True, False):
        for stype in ("default", "row_sparse", "csr"):
            bn = mx.sym.BatchNorm(mx.sym.var("x", stype=stype), fix_gamma=fix_gamma, name="bn")
            arrays = [mx.nd.array([[1, 2], [3, 0]]).tostype(stype), mx.nd.ones(2), mx.nd.zeros(2)]
            states = [mx.nd.zeros(2), mx.nd.ones(2)]
            key = "BatchNorm %s fix_gamma=%s" % (stype, fix_gamma)
            found[key] = attempt(lambda: bn.bind(mx.cpu(), arrays, aux_states=states).forward()[0].shape)
    x, y = mx.nd.array([[1, 2], [3, 0]]), mx.nd.array([[0, 1], [2, 3]])
    for stype in ("default", "csr", "row_sparse"):
        dot = mx.sym.dot(mx.sym.var("x"), mx.sym.var("y"), forward_stype=stype)
        found["dot " + stype] = dot.bind(mx.cpu(), [x, y]).forward()[0].asnumpy()
    for stype in ("csr", "row_sparse", "default"):
        for c in (0, 1):
            out = mx.nd.contrib.quadratic(x.tostype(stype), a=2, b=3, c=c)
            found["quadratic %s %s" % (stype, c)] = [out.stype, out.asnumpy()]
    return found


def unknown_lengths(mx):
    """Parts of axes whose length is not known."""
    found = {}
    for begin, end in ((0, 5), (2, None), (-3, None)):
        for axis in (0, 1, -1):
            part = mx.sym.slice_axis(mx.sym.var("x", shape=(10, 0)), axis=axis, begin=begin, end=end)
            found["%s %s %s" % (begin, end, axis)] = part.infer_shape_partial()
    with mx.util.np_shape(True):
        part = mx.sym.slice_axis(mx.sym.var("x", shape=(10, -1)), axis=1, begin=0, end=5)
        found["np_shape"] = part.infer_shape_partial()
    return found


def repeated_no_times(mx):
    x = mx.nd.array([[2, 3, 4], [5, 6, 7]])
    found = {}
    for reps in ((2, 0, 4, 5), (0,), (2, -1)):
        found[str(reps)] = attempt(lambda: mx.nd.tile(x, reps).shape)
        with mx.util.np_shape(True):
            found["np_shape %s" % (reps,)] = attempt(lambda: mx.nd.tile(x, reps).shape)
            symbol = mx.sym.tile(mx.sym.var("x"), reps)
            found["inferred %s" % (reps,)] = attempt(lambda: symbol.infer_shape(x=(2, 3)))
    return found


def monitored_lists(mx):
    """Operators of any number of inputs name them also where there is one."""
    found = {}
    x = mx.sym.var("x", shape=(2, 2))
    for name, function in (("concat", mx.sym.concat), ("stack", mx.sym.stack), ("add_n", mx.sym.add_n)):
        for count in (1, 2):
            e = function(*[x] * count, name="n").simple_bind(mx.cpu(), grad_req="null")
            seen = []
            e.set_monitor_callback(lambda key, _: seen.append(key if isinstance(key, str) else key.decode()), True)  # noqa: B023
            e.forward()
            mx.nd.waitall()
            found["%s %d" % (name, count)] = list(seen)
    return found


SCENARIOS = (
    deprecated_operators, numpy_numbers, numeric_gradients, gradients_of_another_dtype, drawn_in_predict_mode,
    sparse_arguments, unknown_lengths, repeated_no_times, monitored_lists,
)  # fmt: skip


def results(mx):
    return plain(by_scenario(mx, SCENARIOS))


if __name__ == "__main__":
    import mxnet

    write("operator_programs", results(mxnet))
