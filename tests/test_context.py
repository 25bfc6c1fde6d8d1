"""Contexts against real MXNet, and what happens without a GPU."""

import copy
import pickle
import threading

import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import nd
from tests.ndarray.golden import disagreements
from tests.oracle import context as scenario
from tests.oracle.scenario import read

without_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")


@without_gpu
def test_as_mxnet():
    # The oracle has no GPU either.
    lines = disagreements(scenario.results(mx), read("context"), {})
    assert not lines, "\n".join(lines)


@without_gpu
@pytest.mark.parametrize(
    "make",
    [
        lambda c: nd.ones(1, ctx=c),
        lambda c: nd.array([1], ctx=c),
        lambda c: nd.empty(1, c),
        lambda c: nd.full(1, 2, c),
        lambda c: nd.ones(1).as_in_context(c),
        lambda c: nd.ones(1).copyto(c),
        lambda c: nd.arange(3, ctx=c),
        lambda c: nd.random.uniform(shape=2, ctx=c),
        lambda c: nd.random_normal(shape=2, ctx=str(c)),
        lambda c: c.empty_cache(),
        lambda c: mx.gpu_memory_info(c.device_id),
    ],
)
def test_a_gpu_that_is_not_there(make):
    with pytest.raises(mx.MXNetError, match=r"gpu\(0\) was asked for, but torch sees 0 CUDA device"):
        make(mx.gpu())


@without_gpu
def test_inside_of_a_gpu_block():
    with mx.gpu(1), pytest.raises(mx.MXNetError, match=r"gpu\(1\) was asked for"):
        nd.zeros(2)
    assert nd.zeros(2).context == mx.cpu()


def test_the_same_context_can_be_entered_twice():
    # MXNet leaves the default on that context for good.
    context = mx.cpu(5)
    with context:
        with context:
            assert mx.current_context() == context
        assert mx.current_context() == context
    assert mx.current_context() == mx.cpu(0)


def test_each_thread_has_its_own_default():
    seen = []
    with mx.cpu(2):
        thread = threading.Thread(target=lambda: seen.append(mx.current_context()))
        thread.start()
        thread.join()
    assert seen == [mx.cpu(0)]


def test_copies_and_pickles():
    for context in (mx.cpu(2), mx.gpu(1), mx.cpu_pinned(), mx.Context("cpu_shared", 3)):
        assert pickle.loads(pickle.dumps(context)) == copy.deepcopy(context) == copy.copy(context) == context


def test_different_logical_cpus_mix_as_in_mxnet():
    x = nd.ones(2, ctx=mx.cpu(1)) + nd.ones(2, ctx=mx.cpu(0))
    assert x.context == mx.cpu(1)


def test_arrays_of_logical_cpus_are_copies():
    x = nd.ones(2)
    y = x.as_in_context(mx.cpu(1))
    y[:] = 5
    assert x.asnumpy().tolist() == [1, 1] and x.as_in_context(mx.cpu(0)) is x


@pytest.mark.gpu
class TestOnAGpu:
    def test_arrays(self):
        x = nd.array([1, 2], ctx=mx.gpu())
        assert x.context == (x + 1).context == x[0].context == mx.gpu(0)
        assert nd.from_torch(x.to_torch()).context == mx.gpu(0)
        x.wait_to_read()
        nd.waitall()
        free, total = mx.gpu_memory_info()
        assert 0 < free <= total

    def test_devices_do_not_mix(self):
        with pytest.raises(mx.MXNetError, match=rf"on one device, got \['cpu', '{mx.gpu().torch_device}'\]"):
            nd.ones(2) + nd.ones(2, ctx=mx.gpu())
        with pytest.raises(mx.MXNetError, match="on one device"):
            nd.concat(nd.ones(2), nd.ones(2, ctx=mx.gpu()), dim=0)

    def test_out_of_pinned_memory(self):
        x = nd.NDArray(torch.arange(1000.0).pin_memory(), mx.cpu_pinned())
        y = x.as_in_context(mx.gpu())
        assert (y.asnumpy() == x.asnumpy()).all()

    def test_lists_of_positions_are_checked_before_the_gpu_sees_them(self):
        x = nd.ones((2, 2), ctx=mx.gpu())
        with pytest.raises(IndexError, match="index 5 is out of bounds for axis 0 with size 2"):
            x[[0, 5]]
        x[[1, 0], 1] = 7
        assert x.asnumpy().tolist() == [[1, 7], [1, 7]]

    def test_gradients_and_functions(self):
        class Double(mx.autograd.Function):
            def forward(self, x):
                return x * 2

            def backward(self, dy):
                self.flags = mx.autograd.is_recording(), mx.autograd.is_training()
                return dy * 2

        x = nd.array([1, 2], ctx=mx.gpu())
        x.attach_grad()
        function = Double()
        with mx.autograd.record():
            y = function(x * x)
        y.backward()
        assert x.grad.context == mx.gpu(0) and x.grad.asnumpy().tolist() == [4, 8]
        assert function.flags == (False, True)

    def test_files(self, tmp_path):
        x = nd.array([1, 2], ctx=mx.gpu())
        nd.save(str(tmp_path / "x"), {"x": x})
        assert nd.load(str(tmp_path / "x"))["x"].context == mx.cpu()
        with mx.gpu():
            assert nd.load(str(tmp_path / "x"))["x"].context == mx.gpu()
