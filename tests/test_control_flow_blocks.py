"""Nets written with loops and branches against real MXNet's: hybridized, trained, exported, bound."""

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat import gluon, nd
from mxgluon_compat.base import MXNetError
from tests.oracle import control_flow_blocks
from tests.oracle.control_flow_blocks import NETS, NO_GRADIENTS, flat, initialized, lstm
from tests.oracle.scenario import read, same
from tests.scenarios import against_mxnet

GOLDEN = read("control_flow_blocks")


def _fails(name):
    result = GOLDEN[name]
    return isinstance(result, dict) and result.get("raises") in ("MXNetError", "RuntimeError")


# Graphs with a branch in a loop, gradients of a while_loop of a Block and of random numbers in a loop, and shapes
# through while_loop and cond. All are tested below.
MXNET_FAILS = {name for name in GOLDEN if _fails(name) and not name.startswith("other dtypes")}
# In graphs MXNet's gradients of a loop in a loop are not those that it has for arrays, and change from run to run.
MXNET_IS_WRONG = {
    "stacked, hybridized: trained", "stacked, hybridized: fitted", "stacked: simply bound, gradients",
}  # fmt: skip
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    control_flow_blocks, rtol=1e-4, atol=1e-5, differences=MXNET_FAILS | MXNET_IS_WRONG
)


def test_what_mxnet_fails_to_run():
    assert len(MXNET_FAILS) == 21


@pytest.mark.parametrize("make", NETS, ids=lambda f: f.__name__)
def test_graphs_do_what_arrays_do(found, make):
    """What MXNet gives on arrays, for Blocks, hybridized, and for the graphs that these export."""
    ours, name = found[control_flow_blocks], make.__name__.replace("_", " ")
    predicted, trained = GOLDEN[f"{name}: predicted"], GOLDEN[f"{name}: trained"]
    for result, wanted in (
        (ours[f"{name}, hybridized: predicted"], predicted),
        (ours[f"{name}, hybridized: trained"], trained),
        (ours[f"{name}: exported"]["block"], predicted),
        (ours[f"{name}: exported"]["bound"], predicted),
        (ours[f"{name}: simply bound"], trained["results"]),
    ):
        assert same(result, wanted, 1e-4, 1e-5)
    if make not in NO_GRADIENTS:
        for kind, gradients in ours[f"{name}: simply bound, gradients"].items():
            assert same(gradients, trained[kind], 1e-4, 1e-5)


@pytest.mark.parametrize("name", ["lstm", "stacked", "gated", "settling"])
def test_trained_as_on_arrays(found, name):
    assert same(found[control_flow_blocks][f"{name}, hybridized: fitted"], GOLDEN[f"{name}: fitted"], 1e-4, 1e-5)


# torch hides this warning of its own where the compiled graph goes on after a loop, but not if it is an error.
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning")
def test_compiled():
    net, inputs = lstm(mx)
    initialized(mx, net).hybridize(backend="aot_eager")
    for x in inputs:
        x.attach_grad()
    with mx.autograd.record():
        results = flat(net(*inputs))
    mx.autograd.backward(results, [nd.ones_like(r) * (k + 1) for k, r in enumerate(results)])
    wanted = GOLDEN["lstm: trained"]
    for x, golden in zip([*results, *[x.grad for x in inputs]], [*wanted["results"], *wanted["inputs"]], strict=True):
        np.testing.assert_allclose(x.asnumpy().ravel(), golden["values"], rtol=1e-4, atol=1e-5)


# ---------------------------------------------------------------------------------------------- shapes in bodies
class _Net(gluon.HybridBlock):
    def __init__(self, program):
        super().__init__()
        self._program = program

    def hybrid_forward(self, F, *args):
        return self._program(F, *args)


def test_bodies_read_shapes():
    """MXNet cannot, once hybridized; here the graph then holds for the shapes that were read."""

    def program(F, x, s):
        def body(row, state):
            return row.reshape((row.shape[0], 1)) * row.shape[0] + state.shape[0], F.broadcast_add(state, row[:1])

        return F.contrib.foreach(body, x, s)

    net = _Net(program)
    net.hybridize()
    for length, width in ((3, 2), (5, 4), (3, 2)):
        x, s = nd.random.normal(shape=(length, width)), nd.ones((width,))
        results, last = net(x, s)
        wanted = x.asnumpy()[:, :, None] * width + width
        np.testing.assert_allclose(results.asnumpy(), wanted, rtol=1e-5)
        np.testing.assert_allclose(last.asnumpy(), [1 + x.asnumpy()[:, 0].sum()] * width, rtol=1e-5)


def test_a_variable_that_changes_the_shape_that_is_read():
    def program(F, x):
        def step(i, v):
            return [], [i + 1, F.concat(v, v * v.shape[0], dim=0)]

        return F.contrib.while_loop(lambda i, v: i < 2, step, [F.zeros((1,)), x], max_iterations=3)[1][1]

    net = _Net(program)
    wanted = [1, 1, 2, 2, 4, 4, 8, 8]
    assert net(nd.ones((2,))).asnumpy().tolist() == wanted
    net.hybridize()
    with pytest.raises(MXNetError, match=r"loop variable 1, which it changes from \(2,\) to \(4,\)"):
        net(nd.ones((2,)))


def test_comparisons_keep_their_sides():
    """A loop's variable and a Parameter in one comparison: the graph is what is written."""
    net = _Net(lambda F, x, y: F.contrib.foreach(lambda row, s: ((row > y) + (F.ones((1,)) > y), s), x, y)[0])
    net.hybridize()
    assert net(nd.array([[1.0], [3.0]]), nd.array([2.0])).asnumpy().tolist() == [[0], [1]]
    text = net._cached_graph[1].tojson()
    assert text.count('"_greater"') == 2 and "lesser" not in text


def test_gradients_of_what_is_not_taken_are_zeros():
    """In a graph; they are not stale then, as MXNet's are not."""
    net = _Net(lambda F, p, x, y: F.contrib.cond(p, lambda: x * 2, lambda: y * 3))
    net.hybridize()
    arrays = [nd.ones((1,)), nd.ones((2,)), nd.ones((2,))]
    for a in arrays:
        a.attach_grad()
        a.grad[:] = 7
    with mx.autograd.record():
        made = net(*arrays)
    made.backward()
    assert [a.grad.asnumpy().tolist() for a in arrays] == [[0], [2, 2], [0, 0]]
