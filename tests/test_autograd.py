"""Recording and differentiating: against real MXNet, torch's own switches, and where we differ on purpose."""

import gc
import sys
import threading
import weakref

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import autograd, nd
from tests.ndarray.golden import disagreements
from tests.oracle import autograd as scenario
from tests.oracle import autograd_rules
from tests.oracle.scenario import read, same

SLICES = "parts of an array that is not recorded yet may be written; MXNet takes x[:] = only"
TWICE = "all functions can be differentiated again; MXNet lacks the gradients of most gradients"
STALE = "an array that backward needs was changed: an error; MXNet computes with the new numbers"
DIFFERENCES = {
    "Function: passes": "MXNet fails when forward returns its own input",
    "grad_of_an_intermediate": "any array of the graph will do; MXNet wants a marked one",
    "gradient_penalty": TWICE,
    "second_order": TWICE,
    "second_order_without_retaining": TWICE,
    "head_gradient_of_another_shape": "MXNet reads past the end of the gradient",
    "in place: w = nd.zeros(2); w[[]*[]] = x*": SLICES,
    "in place: w = nd.zeros((2, 2)); w[[]1] = x": SLICES,
    "integer_variable": "torch differentiates floating-point arrays only",
    "variable_changed_before_backward": STALE,
    "written_after_use_outside": STALE,
}

CASTS = "casts to integers hand gradients on in MXNet; torch's integers have none"
DIFFERENCES_OF_RULES = {
    "backward with train_mode=False of BatchNorm": "each operator has the mode of its forward pass",
    "function_of_integers": "a Function may return None for an input that needs no gradient; MXNet wants an array",
    "gradient_object_after_attaching_again": "what was recorded reaches the new gradient array, not the old one",
    "integer_head": CASTS,
    "request_changed_between": "with grad_req='null', MXNet has zeros until the first backward, then None",
    "through_integers": CASTS,
}


def test_rules_as_mxnet():
    found, golden = autograd_rules.results(mx), read("autograd_rules")
    lines = disagreements(found, golden, DIFFERENCES_OF_RULES, rtol=1e-5)
    assert not lines, "\n".join(lines)
    for name in ("one_gradient_for_two_heads", "attach_grad of default as None"):
        assert found[name] == golden[name]  # texts too
    of_training = golden["backward with train_mode=True of BatchNorm"]
    assert of_training != golden["backward with train_mode=False of BatchNorm"]
    assert same(found["backward with train_mode=False of BatchNorm"], of_training, 1e-5, 1e-6)


def test_as_mxnet():
    lines = disagreements(scenario.results(mx), read("autograd"), DIFFERENCES, rtol=1e-5)
    assert not lines, "\n".join(lines)


@pytest.fixture
def x():
    x = nd.array([1, 2, 3])
    x.attach_grad()
    return x


class TestTorchGradMode:
    """Outside of record() nothing is recorded although torch's grad mode is on, and that mode is never changed."""

    def test_nothing_is_recorded_outside(self, x):
        assert torch.is_grad_enabled()
        results = [
            x + 1,
            2 * x,
            x * x,
            -x,
            abs(x),
            x > 1,
            x.sum(),
            x.exp(),
            x[0],
            x[1:],
            x[[0, 1]],
            x[::-1],
            x.reshape((3, 1)),
            x.T,
            x.copy(),
            x.astype("float64"),
            x.as_in_context(mx.cpu(1)),
            x.expand_dims(0),
            x.expand_dims(0, inplace=True),
            nd.FullyConnected(x.reshape((1, 3)), nd.ones((2, 3)), num_hidden=2, no_bias=True),
            nd.concat(x, x, dim=0),
            nd.split(x, 3, axis=0)[0],
            nd.dot(x, x),
            nd.add(x, x),
            nd.maximum(x, 2),
            nd.random.normal(x, x),
            nd.zeros_like(x),
            nd.stack(x, x),
            nd.Dropout(x),
            nd.softmax(x),
            x.split_v2(3)[1],
            x.broadcast_to((2, 3)),
            nd.array(x),
            x.detach(),
        ]
        out, y = nd.zeros(3), nd.ones(3)
        nd.exp(x, out=out)
        x.copyto(y)
        y[:] = x
        y += x
        with autograd.record(), autograd.pause():
            results.append(x * x)
        results += [out, y]
        assert [r.to_torch().requires_grad for r in results] == [False] * len(results)
        assert torch.is_grad_enabled()

    def test_results_share_nothing_with_a_variable(self):
        class Views(mx.gluon.HybridBlock):
            def hybrid_forward(self, F, x):
                return F.transpose(x), F.reshape(x, shape=(-1,)), F.identity(x), F.slice_axis(x, axis=0, begin=1, end=2)

        x = nd.ones((2, 3))
        x.attach_grad()
        block = Views()
        results = [
            x.T,
            x.copy(),
            x.slice_axis(0, 1, 2),
            x.split(2, axis=0)[1],
            nd.identity(x),
            nd.stop_gradient(x),
            x.swapaxes(0, 1),
            x.expand_dims(0),
            nd.Dropout(x),
            x.astype("float32"),
            nd.concat(x, dim=0),
            x.broadcast_to((2, 3)),
        ]
        results += block(x)
        block.hybridize()
        for _ in range(2):
            results += block(x)
        for result in results:
            assert not result.to_torch().requires_grad
            result[:] = 7
        assert x.asnumpy().tolist() == np.ones((2, 3)).tolist()
        x[0][:] = 5
        x[1:2][:] = 5
        assert x.asnumpy().tolist() == np.full((2, 3), 5).tolist()

    def test_mode_is_restored(self, x):
        for mode in (True, False):
            torch.set_grad_enabled(mode)
            try:
                with autograd.record():
                    assert torch.is_grad_enabled()
                    with autograd.pause(), autograd.train_mode():
                        x * x
                    y = x * x
                y.backward()
                assert torch.is_grad_enabled() is mode
                with pytest.raises(KeyError), autograd.record(), autograd.predict_mode():
                    raise KeyError
                assert torch.is_grad_enabled() is mode
                with pytest.raises(mx.MXNetError):
                    nd.dot(x, nd.ones((2, 2)))
                with pytest.raises(mx.MXNetError), autograd.record():
                    nd.dot(x, nd.ones((2, 2)))
                with pytest.raises(IndexError):
                    x[7]
                assert torch.is_grad_enabled() is mode
                autograd.set_recording(True)
                autograd.set_recording(True)
                autograd.set_recording(False)
                assert torch.is_grad_enabled() is mode
                x += 1
                x[:] = 2
                assert torch.is_grad_enabled() is mode
            finally:
                torch.set_grad_enabled(True)

    def test_recording_works_under_no_grad(self, x):
        with torch.no_grad(), autograd.record():
            y = x * x
        y.backward()
        assert x.grad.asnumpy().tolist() == [2, 4, 6]

    def test_torch_code_beside_it(self, x):
        weight = torch.ones(3, requires_grad=True)
        with autograd.record():
            y = x * x
        loss = (weight * 2).sum()
        y.backward()
        loss.backward()
        assert weight.grad.tolist() == [2, 2, 2] and x.grad.asnumpy().tolist() == [2, 4, 6]

    def test_threads(self, x):
        seen = []

        def work():
            seen.append((autograd.is_recording(), torch.is_grad_enabled()))
            w = nd.ones(3)
            w.attach_grad()
            with autograd.record():
                y = w * 3
            y.backward()
            seen.append(w.grad.asnumpy().tolist())

        with autograd.record():
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            y = x * x
        y.backward()
        assert seen == [(False, True), [3, 3, 3]] and x.grad.asnumpy().tolist() == [2, 4, 6]


class TestErrors:
    def test_not_recorded(self, x):
        with pytest.raises(mx.MXNetError, match="not in a computational graph.*autograd.record"):
            (x * x).backward()

    def test_twice(self, x):
        with autograd.record():
            y = x * x
        y.backward()
        with pytest.raises(mx.MXNetError, match="retain_graph=True"):
            y.backward()

    def test_in_place(self, x):
        with autograd.record():
            y = x * x
            for write in (
                lambda: y.__iadd__(1),
                lambda: y.__setitem__(0, 1),
                lambda: x.__imul__(2),
                lambda: nd.exp(x, out=y),
            ):
                with pytest.raises(mx.MXNetError, match="Inplace operations .* are not supported when recording"):
                    write()

    def test_running_sum_is_refused_from_the_start(self, x):
        total = nd.zeros(3)
        with autograd.record(), pytest.raises(mx.MXNetError, match="Inplace operations"):
            total += x

    def test_changed_arrays(self, x):
        w = nd.array([1, 1, 1])
        with autograd.record():
            y = w * x
        w[:] = 5
        with pytest.raises(mx.MXNetError, match="changed in place after it was recorded"):
            y.backward()

    def test_integers(self):
        k = nd.array([1, 2], dtype="int32")
        k.attach_grad()
        with autograd.record():
            y = k * 2
        with pytest.raises(NotImplementedError, match="array of torch.int32 .* floating-point"):
            y.backward()

    def test_a_head_given_twice_counts_twice(self, x):
        with autograd.record():
            y = x * x
        gradients = [nd.ones(3), nd.ones(3) * 10]
        (found,) = autograd.grad([y, y], [x], gradients, retain_graph=True)
        autograd.backward([y, y], gradients)
        assert found.asnumpy().tolist() == x.grad.asnumpy().tolist() == (22 * x).asnumpy().tolist()

    def test_head_gradients(self, x):
        with autograd.record():
            y = x * x
        with pytest.raises(mx.MXNetError, match=r"head gradient is \(2,\) torch.float32, but its head is \(3,\)"):
            y.backward(nd.ones(2))
        with pytest.raises(mx.MXNetError, match=r"float64, but its head is \(3,\) torch.float32"):
            y.backward(nd.ones(3, dtype="float64"))
        with pytest.raises(AssertionError, match="must be lists of the same length"):
            autograd.backward([y], [None, None])

    def test_requests(self, x):
        with pytest.raises(KeyError, match="foo"):
            x.attach_grad("foo")
        with pytest.raises(ValueError, match="unknown storage typefoo"):
            x.attach_grad(stype="foo")

    def test_marking(self, x):
        with pytest.raises(AssertionError, match="2 variables, but 1 gradient arrays"):  # MXNet crashes
            autograd.mark_variables([x, nd.ones(3)], [nd.ones(3)])
        with pytest.raises(AssertionError, match="1 variables, but 2 grad_reqs"):
            autograd.mark_variables([x], [nd.ones(3)], ["write", "add"])
        with pytest.raises(AssertionError, match="single gradient array"):
            autograd.mark_variables(x, [nd.ones(3)])
        with pytest.raises(mx.MXNetError, match=r"gradient array is \(2,\), but its variable is \(3,\)"):
            autograd.mark_variables([x], [nd.ones(2)])

    def test_what_is_no_array(self, x):
        with autograd.record():
            y = x * 2
        with pytest.raises(TypeError, match="variables must be an NDArray or a list of them, got int"):
            autograd.grad(y, 3)
        with pytest.raises(AttributeError, match="heads must be NDArrays, got int"):
            autograd.backward([3])
        with pytest.raises(mx.MXNetError, match="no inputs in computation graph"):
            autograd.backward([])
        with pytest.raises(TypeError, match="a switch is True or False, got 'yes'"):
            autograd.set_training("yes")
        assert not autograd.is_training()

    def test_grad(self, x):
        w = nd.ones(3)
        with autograd.record():
            y = x * w
        with pytest.raises(mx.MXNetError, match="1-th variable because it does not require gradient"):
            autograd.grad(y, w)
        w.attach_grad()
        with pytest.raises(mx.MXNetError, match="1-th variable because it is unreachable"):
            autograd.grad(y, w)
        with pytest.raises(AssertionError, match="empty"):
            autograd.grad(y, [])


class TestDifferences:
    def test_second_order_of_everything(self):
        x, w = nd.array([[1, 2], [3, 4]]), nd.array([[0.5], [-1]])
        x.attach_grad()
        w.attach_grad()
        with autograd.record():
            g = autograd.grad(nd.tanh(nd.dot(x, w)), x, create_graph=True)[0]
            penalty = ((nd.sqrt((g**2).sum(axis=1)) - 1) ** 2).mean()
        penalty.backward()

        def value(weight):
            z = np.tanh(x.asnumpy().astype("float64") @ weight)
            norm = np.abs(1 - z**2) * np.sqrt((weight**2).sum())
            return ((norm - 1) ** 2).mean()

        base, step = w.asnumpy().astype("float64"), 1e-6
        for i in range(2):
            move = np.zeros((2, 1))
            move[i] = step
            wanted = (value(base + move) - value(base - move)) / (2 * step)
            assert w.grad.asnumpy()[i, 0] == pytest.approx(wanted, rel=1e-3)

    def test_grad_of_an_intermediate(self, x):
        with autograd.record():
            y = x * 3
            z = y * y
        assert autograd.grad(z, y)[0].asnumpy().tolist() == [6, 12, 18]

    def test_parts_of_a_fresh_array_can_be_written(self, x):
        with autograd.record():
            w = nd.zeros((2, 3))
            w[1] = x
            y = w * w
        y.backward()
        assert x.grad.asnumpy().tolist() == [2, 4, 6]

    def test_functions_may_return_their_input(self, x):
        class Reverse(autograd.Function):
            def forward(self, x):
                return x

            def backward(self, dy):
                return -dy

        with autograd.record():
            y = Reverse()(x) * 2
        y.backward()
        assert x.grad.asnumpy().tolist() == [-2, -2, -2]


class TestGradientArrays:
    def test_one_object_whose_contents_change(self, x):
        kept = x.grad
        for k in (2, 3):
            with autograd.record():
                y = k * x
            y.backward()
            assert x.grad is kept and kept.asnumpy().tolist() == [k] * 3

    def test_contents_are_not_shared_with_anything(self, x):
        w = nd.ones(3)
        w.attach_grad()
        head = nd.ones(3)
        with autograd.record():
            y = x + w
        y.backward(head)
        x.grad[:] = 7
        assert w.grad.asnumpy().tolist() == head.asnumpy().tolist() == [1, 1, 1]

    def test_whole_sums_leave_writable_gradients(self, x):
        with autograd.record():
            y = x.sum()
        y.backward()
        x.grad[0] = 5
        assert x.grad.asnumpy().tolist() == [5, 1, 1]

    @pytest.mark.parametrize("req", ["write", "add"])
    def test_all_that_shares_the_elements_sees_them(self, req):
        x = nd.array([[1, 2]])
        x.attach_grad(req)
        row, flat, tensor = x.grad[0], x.grad.reshape((2,)), torch.from_dlpack(x.grad)
        with autograd.record():
            y = x * x
        y.backward()
        for seen in (row.asnumpy(), flat.asnumpy(), tensor.numpy()[0]):
            assert seen.tolist() == [2, 4]

    def test_no_copy_where_nothing_shares_the_elements(self, x):
        address = x.grad._data.data_ptr()
        with autograd.record():
            y = x * x
        y.backward()
        assert x.grad._data.data_ptr() != address

    def test_graph_is_freed(self, x):
        with autograd.record():
            y = x * x
            z = y.sum()
        inner = weakref.ref(y)
        del y
        z.backward()
        gc.collect()
        assert inner() is None and z._data.grad_fn is None
        assert sys.getrefcount(x.grad) < 5


class TestFunction:
    def test_errors(self, x):
        class Counts(autograd.Function):
            def forward(self, a, b):
                return a * b

            def backward(self, dy):
                return dy

        class Kinds(Counts):
            def backward(self, dy):
                return 3, dy

        class Fails(Counts):
            def backward(self, dy):
                raise KeyError("inside")

        for function, error, text in (
            (Counts, ValueError, "Counts.backward: .* a gradient for each of the 2 inputs, got 1"),
            (Kinds, TypeError, "Kinds.backward: .* must return NDArrays, got int, NDArray"),
            (Fails, KeyError, "Fails.backward: KeyError: 'inside'"),
        ):
            with autograd.record():
                y = function()(x, x)
            with pytest.raises(mx.MXNetError, match=text) as info:
                y.backward()
            assert isinstance(info.value.__cause__.__cause__, error)
            assert not autograd.is_recording() and torch.is_grad_enabled()
        with pytest.raises(AssertionError, match="only be called once"):
            used = Counts()
            used(x, x)
            used(x, x)
        with pytest.raises(NotImplementedError, match="must define forward"):
            autograd.Function()(x)

    def test_no_gradient_for_one_input(self, x):
        class Half(autograd.Function):
            def forward(self, a, b):
                return a * b

            def backward(self, dy):
                return dy * 2, None

        w = nd.ones(3)
        w.attach_grad()
        with autograd.record():
            y = Half()(x, w)
        y.backward()
        assert x.grad.asnumpy().tolist() == [2, 2, 2] and w.grad.asnumpy().tolist() == [0, 0, 0]

    def test_gradients_are_added_up(self, x):
        """MXNet loses them where the Function's input is the variable itself."""

        class Triple(autograd.Function):
            def forward(self, a):
                return a * 3

            def backward(self, dy):
                return dy * 3

        x.attach_grad("add")
        for _ in range(2):
            with autograd.record():
                y = Triple()(x)
            y.backward()
        assert x.grad.asnumpy().tolist() == [6, 6, 6]

    def test_in_a_graph_that_is_recorded(self):
        """Its backward would be lost; MXNet fails there for a number of dimensions."""

        class Twice(autograd.Function):
            def forward(self, a):
                return a * 2

            def backward(self, dy):
                return dy * 2

        class Net(mx.gluon.HybridBlock):
            def hybrid_forward(self, F, x):  # noqa: N803
                return Twice()(x)

        net = Net()
        net.hybridize()
        with (
            pytest.raises(mx.base.UnsupportedError, match="Function Twice of symbols.*CustomOp"),
            autograd.record(),
        ):
            net(mx.nd.ones(2))

    def test_second_derivatives_are_refused(self, x):
        """Also where another path has some: a constant in place of the rest would be silently wrong."""

        class Square(autograd.Function):
            def forward(self, a):
                self.save_for_backward(a)
                return a * a

            def backward(self, dy):
                return 2 * self.saved_tensors[0] * dy

        with autograd.record():
            y = Square()(x) + x * x
            slope = autograd.grad(y, x, create_graph=True)[0]
        assert slope.asnumpy().tolist() == (4 * x).asnumpy().tolist()
        with pytest.raises(mx.MXNetError, match="Square.backward is non-differentiable"):
            slope.backward()


def test_training_by_hand_reaches_the_answer():
    mx.random.seed(1)
    true_w, true_b = nd.array([[2], [-3.4]]), 4.2
    data = nd.random.normal(shape=(200, 2))
    labels = nd.dot(data, true_w) + true_b
    w, b = nd.random.normal(scale=0.01, shape=(2, 1)), nd.zeros(1)
    for param in (w, b):
        param.attach_grad()
    for _ in range(40):
        for i in range(0, 200, 20):
            with autograd.record():
                loss = (nd.dot(data[i : i + 20], w) + b - labels[i : i + 20]) ** 2 / 2
            loss.backward()
            w -= 0.1 * w.grad / 20
            b[:] = b - 0.1 * b.grad / 20
    assert abs(w - true_w).max().asscalar() < 1e-3 and abs(b.asscalar() - true_b) < 1e-3
