"""Unit tests as people write them for operators and layers of their own: seeds by decorator, gradients by differences,
sparse arrays, optimizers, expected errors. Each prints what it checked, or the first line of its failure."""

import functools
import os
import random
import unittest

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.base import MXNetError
from mxnet.test_utils import (
    almost_equal,
    assert_almost_equal,
    assert_exception,
    assign_each,
    check_consistency,
    check_numeric_gradient,
    check_symbolic_backward,
    check_symbolic_forward,
    collapse_sum_like,
    compare_optimizer,
    default_context,
    environment,
    mean_check,
    np_reduce,
    rand_ndarray,
    rand_shape_2d,
    rand_shape_3d,
    rand_shape_nd,
    rand_sparse_ndarray,
    random_arrays,
    same,
    simple_forward,
)  # fmt: skip


def with_seed(seed=None):
    """Runs a test with all generators seeded, and restores numpy's and Python's."""

    def decorate(test):
        @functools.wraps(test)
        def seeded(*args, **kwargs):
            states = np.random.get_state(), random.getstate()
            this = seed if seed is not None else int(os.environ.get("MXNET_TEST_SEED", 1234))
            np.random.seed(this)
            mx.random.seed(this)
            random.seed(this)
            try:
                return test(*args, **kwargs)
            except Exception:
                print("seed", this)
                raise
            finally:
                np.random.set_state(states[0])
                random.setstate(states[1])

        return seeded

    return decorate


def assertRaises(expected, function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except expected:
        return
    raise AssertionError("%s did not raise %s" % (function.__name__, expected.__name__))


@with_seed()
def test_elementwise_sum():
    for _ in range(3):
        shape, n = rand_shape_nd(random.randint(1, 4), 5), np.random.randint(2, 6)
        inputs = [mx.sym.Variable("x%d" % i) for i in range(n)]
        out = mx.sym.ElementWiseSum(*inputs, name="esum")
        arrays = [mx.nd.array(np.random.uniform(-10, 10, shape)) for _ in inputs]
        grads = [mx.nd.empty(shape) for _ in inputs]
        executor = out.bind(default_context(), args=arrays, args_grad=grads)
        executor.forward(is_train=True)
        assert_almost_equal(executor.outputs[0].asnumpy(), sum(a.asnumpy() for a in arrays), rtol=1e-5, atol=1e-5)
        head = mx.nd.array(np.random.uniform(-10, 10, shape))
        executor.backward(head)
        assert all(same(g, head) for g in grads)
        print("  sum of %d arrays of %s" % (n, tuple(int(d) for d in shape)))


@with_seed(7)
def test_reductions():
    for name, function in (("sum", np.sum), ("mean", np.mean), ("max", np.max), ("min", np.min)):
        shape = rand_shape_3d(4, 5, 3)
        axis = random.sample(range(3), random.randint(1, 3))
        keepdims = random.choice([True, False])
        data = np.random.permutation(int(np.prod(shape))).reshape(shape).astype("float32") / 7
        net = getattr(mx.sym, name)(mx.sym.Variable("data"), axis=tuple(axis), keepdims=keepdims)
        expected = np_reduce(data, tuple(axis), keepdims, function)
        check_symbolic_forward(net, [data], [np.atleast_1d(expected)], rtol=1e-5, atol=1e-6)
        check_numeric_gradient(net, [data], numeric_eps=1e-2, rtol=1e-1, atol=1e-2)
        print("  %s of %s over %s, keepdims=%s" % (name, tuple(map(int, shape)), sorted(axis), keepdims))


@with_seed(11)
def test_broadcast_backward():
    a, b = random_arrays((3, 1, 4), (1, 2, 4))
    x, y = mx.sym.Variable("a"), mx.sym.Variable("b")
    head = np.random.uniform(size=(3, 2, 4)).astype("float32")
    net = mx.sym.broadcast_mul(x, y)
    expected = [collapse_sum_like(head * b, a.shape), collapse_sum_like(head * a, b.shape)]
    for req in ("write", "add", {"a": "null", "b": "write"}):
        found = check_symbolic_backward(net, {"a": a, "b": b}, [head], expected, grad_req=req, rtol=1e-4, atol=1e-5)
        print("  %s: %s" % (req, sorted(found)))
    print("  %.5f" % simple_forward(net, a=a, b=b).sum())


@with_seed(3)
def test_activation_by_element():
    data = np.random.normal(size=(3, 4)).astype("float32")
    softrelu = lambda v: np.log1p(np.exp(v))  # noqa: E731
    for act, function in (("relu", lambda v: max(v, 0.0)), ("tanh", np.tanh), ("softrelu", softrelu)):
        net = mx.sym.Activation(mx.sym.Variable("x"), act_type=act)
        check_symbolic_forward(net, [data], [assign_each(data, function)], rtol=1e-4, atol=1e-5)
        print("  " + act)


@with_seed(5)
def test_sparse():
    for stype in ("row_sparse", "csr"):
        shape = rand_shape_2d(6, 7)
        array = rand_ndarray(shape, stype, density=0.4)
        assert array.stype == stype
        assert_almost_equal(array.tostype("default"), array.asnumpy())
        print("  %s %s %.5f" % (stype, array.shape, array.asnumpy().sum()))
    array, (data, rows) = rand_sparse_ndarray((6, 3), "row_sparse", density=0.5)
    assert_almost_equal(array.data, data)
    assert_almost_equal(array.indices, rows)
    print("  rows %s" % rows.tolist())
    weights = rand_ndarray((4, 2))
    left = rand_ndarray((3, 4), "csr", density=0.6)
    net = mx.sym.sparse.dot(mx.sym.Variable("l", stype="csr"), mx.sym.Variable("r"))
    expected = left.asnumpy().dot(weights.asnumpy())
    check_symbolic_forward(net, {"l": left, "r": weights}, [expected], rtol=1e-4, atol=1e-5)


@with_seed(2)
def test_optimizers_agree():
    for momentum in (0.0, 0.9):
        pair = [mx.optimizer.SGD(learning_rate=0.1, momentum=momentum, wd=0.01) for _ in range(2)]
        compare_optimizer(pair[0], pair[1], (3, 4), "float32")
        sparse = {"w_stype": "row_sparse", "g_stype": "row_sparse"}
        compare_optimizer(pair[0], pair[1], (3, 4), "float32", rtol=1, atol=1, **sparse)
    others = mx.optimizer.SGD(learning_rate=1), mx.optimizer.SGD(learning_rate=2)
    assert_exception(compare_optimizer, AssertionError, others[0], others[1], (2, 2), "float32")
    print("  SGD")


@with_seed(9)
def test_consistency():
    net = mx.sym.Convolution(mx.sym.Variable("data"), num_filter=3, kernel=(3, 3), name="conv")
    ctx_list = [
        {"ctx": mx.cpu(), "data": (2, 2, 5, 5), "type_dict": {"data": np.float64}},
        {"ctx": mx.cpu(), "data": (2, 2, 5, 5), "type_dict": {"data": np.float32}},
    ]
    truth = check_consistency(net, ctx_list, rtol=1e-4, atol=1e-4)
    print("  %s %.4f" % (sorted(truth), truth["conv_output"].asnumpy().sum()))
    check_consistency([net, net], ctx_list, grad_req="add", rtol=1e-4, atol=1e-4)


@with_seed(4)
def test_layer():
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(4, activation="relu"), gluon.nn.Dense(2))
    net.initialize(mx.init.Xavier())
    x = rand_ndarray((3, 5))
    with autograd.record():
        before = net(x)
        before.backward()
    grads = [p.grad().copy() for p in net.collect_params().values()]
    net.hybridize()
    with autograd.record():
        after = net(x)
        after.backward()
    assert_almost_equal(before, after, rtol=1e-5, atol=1e-6)
    for old, new in zip(grads, net.collect_params().values()):
        assert_almost_equal(old, new.grad(), rtol=1e-5, atol=1e-6)
    mx.nd.waitall()
    print("  %.5f" % after.sum().asscalar())


@with_seed(6)
def test_samplers():
    assert mean_check(lambda n: nd.random.normal(3, 2, shape=n).asnumpy(), 3, 2, 20000)
    assert almost_equal(nd.random.uniform(shape=3).asnumpy().max() <= 1, True)
    print("  normal, uniform")


@with_seed()
def test_errors():
    assertRaises(MXNetError, nd.dot, nd.ones((2, 3)), nd.ones((2, 3)))
    assertRaises(ValueError, check_symbolic_forward, mx.sym.Variable("a") * 2, {"b": np.ones(1)}, [np.ones(1)])
    with environment({"MXNET_TEST_SEED": "99", "MXNET_OTHER": None}):
        print("  " + os.environ["MXNET_TEST_SEED"])
    print("  %s" % os.environ.get("MXNET_TEST_SEED"))


@with_seed(8)
def test_that_fails():
    a = np.arange(6, dtype="float32").reshape(2, 3)
    assert_almost_equal(a, a + np.float32(0.5), rtol=1e-3, atol=1e-3, names=("ours", "theirs"))


@with_seed(8)
def test_wrong_gradient():
    class Wrong(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            self.assign(out_data[0], req[0], in_data[0] * 2)

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            self.assign(in_grad[0], req[0], out_grad[0] * 3)

    @mx.operator.register("wrong_gradient")
    class WrongProp(mx.operator.CustomOpProp):
        def create_operator(self, ctx, shapes, dtypes):
            return Wrong()

    net = mx.sym.Custom(mx.sym.Variable("x"), op_type="wrong_gradient")
    check_numeric_gradient(net, [np.ones((2, 2))], numeric_eps=2**-6, rtol=1e-2, atol=1e-2)


class OfUnittest(unittest.TestCase):
    def test_same(self):
        self.assertTrue(same(nd.ones(2).asnumpy(), np.ones(2)))


if __name__ == "__main__":
    tests = [(name, test) for name, test in list(globals().items()) if name.startswith("test_")]
    for name, test in tests:
        try:
            test()
            print(name, "passed")
        except AssertionError as error:
            lines = [line for line in str(error).split("\n") if line]
            print(name, "failed:", lines[1] if "wrong" not in name else lines[0])
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(OfUnittest)
    with open(os.devnull, "w") as nowhere:
        outcome = unittest.TextTestRunner(stream=nowhere).run(suite)
    print("unittest", outcome.testsRun, len(outcome.failures), len(outcome.errors))
