"""``mx.monitor`` against real MXNet's."""

import pytest

import mxgluon_compat as mx
from tests.oracle import monitor as scenario
from tests.oracle import monitor_backward
from tests.oracle.scenario import read
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, rtol=1e-5, atol=1e-6)


def test_names_may_be_bytes():
    # what a callback of MXNet gets
    monitor = mx.monitor.Monitor(1)
    monitor.tic()
    monitor.stat_helper(b"name", mx.nd.ones(1))
    assert monitor.toc() == [(1, "name", "1.0\t")]


def test_blocks_have_hooks_for_it():
    monitor, net = mx.monitor.Monitor(1, pattern=".*output"), mx.gluon.nn.Dense(2, prefix="fc_")
    net.initialize(mx.init.One())
    net.hybridize()
    net.register_op_hook(lambda name, op, array: monitor.stat_helper(name, array))
    monitor.tic()
    net(mx.nd.ones((1, 4)))
    ((step, name, value),) = monitor.toc()
    assert (step, name) == (1, "fc_fwd_output") and float(value) == pytest.approx(4)


def test_the_error_of_a_stat_func_says_what_it_gave():
    monitor = mx.monitor.Monitor(1, lambda x: "text")
    monitor.tic()
    monitor.stat_helper("name", mx.nd.ones(1))
    with pytest.raises(AssertionError, match="NDArray or a list of them, got <class 'str'>"):
        monitor.toc()


def test_arrays_are_shown_as_they_were():
    # MXNet shows what softmax has written into the memory of its input by then
    net = mx.sym.softmax(mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=2, name="fc"), name="out")
    executor = net.simple_bind(mx.cpu(), data=(1, 3))
    executor.arg_dict["data"][:] = 1
    executor.arg_dict["fc_weight"][:] = 2
    monitor = mx.monitor.Monitor(1, stat_func=lambda x: x, pattern="fc_output|out_output")
    monitor.install(executor)
    monitor.tic()
    executor.forward()
    assert monitor.toc() == [(1, "fc_output", "[[6. 6.]]\t"), (1, "out_output", "[[0.5 0.5]]\t")]


UNASKED = "a gradient that nobody wants is 0; MXNet shows what is in its memory, or computes it"


@pytest.mark.parametrize("name", ["small", "convolutional"])
def test_the_backward_pass_as_mxnet(name):
    rows, golden = monitor_backward.results(mx)[name], read("monitor_backward")[name]
    assert [row[0] for row in rows] == [row[0] for row in golden]
    first = {"small": "fc0_backward_output0", "convolutional": "conv_backward_output0"}[name]  # of the data
    for (row, value), (_, wanted) in zip(rows, golden, strict=True):
        if row in (first, "softmax_backward_output1"):
            assert value == 0, UNASKED
        else:
            assert value == pytest.approx(wanted, rel=1e-4, abs=1e-6), row
