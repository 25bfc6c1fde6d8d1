"""Writes tests/golden/autograd.json: recording, differentiating, what is refused.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.autograd
"""

import os
import threading

import numpy as np

from tests.oracle.scenario import attempt, plain, write


def switches(mx):
    """The flags inside of nested blocks, and what the functions that set them return."""
    ag = mx.autograd

    def flags():
        return [ag.is_recording(), ag.is_training()]

    seen = [flags()]
    with ag.record():
        seen.append(flags())
        with ag.pause():
            seen.append(flags())
            with ag.record(train_mode=False):
                seen.append(flags())
                with ag.train_mode():
                    seen.append(flags())
                with ag.predict_mode(), ag.record():
                    seen.append(flags())
            with ag.pause(train_mode=True):
                seen.append(flags())
        with ag.predict_mode():
            seen.append(flags())
        seen.append(flags())
    for scope in (ag.train_mode, ag.predict_mode, ag.pause, ag.record):
        with scope():
            seen.append(flags())
    try:
        with ag.record():
            raise KeyError("inside")
    except KeyError:
        seen.append(flags())
    seen += [ag.set_recording(True), flags(), ag.set_recording(True), ag.set_training(True), flags(), ag.set_training(False)]
    seen += [ag.set_recording(False), flags()]
    with ag.record():
        other = []
        thread = threading.Thread(target=lambda: other.append(flags()))
        thread.start()
        thread.join()
        seen += [other[0], flags()]
    return plain(seen)


def gradients(mx):
    """{name: function} of the cases; each returns arrays."""
    nd, ag = mx.nd, mx.autograd
    cases = {}

    def case(function):
        cases[function.__name__] = function
        return function

    def variable(values, req="write", dtype="float32"):
        x = nd.array(values, dtype=dtype)
        x.attach_grad(req)
        return x

    @case
    def square():
        x = variable([1, 2, 3])
        with ag.record():
            y = x * x
        y.backward()
        return x.grad, y

    @case
    def head_gradient():
        x = variable([[1, 2], [3, 4]])
        with ag.record():
            y = x * x
        y.backward(nd.array([[1, 10], [0.1, 0]]))
        return x.grad

    @case
    def head_gradient_of_another_shape():
        x = variable([[1, 2], [3, 4]])
        with ag.record():
            y = x * x
        y.backward(nd.array([1, 10]))
        return x.grad

    @case
    def head_gradient_of_another_dtype():
        x = variable([1, 2])
        with ag.record():
            y = x * x
        y.backward(nd.array([1, 10], dtype="float64"))
        return x.grad

    @case
    def write_overwrites():
        x = variable([1, 2])
        for _ in range(2):
            with ag.record():
                y = 3 * x
            y.backward()
        return x.grad

    @case
    def add_accumulates():
        x = variable([1, 2], "add")
        for _ in range(3):
            with ag.record():
                y = 3 * x
            y.backward()
        first = x.grad.copy()
        x.grad[:] = 0
        with ag.record():
            y = 3 * x
        y.backward()
        return first, x.grad

    @case
    def null_gets_nothing():
        x, w = variable([1, 2], "null"), variable([3, 4])
        with ag.record():
            y = x * w
        y.backward()
        return x.grad, w.grad

    @case
    def only_null():
        x = variable([1, 2], "null")
        with ag.record():
            y = 3 * x
        y.backward()
        return x.grad

    @case
    def write_when_used_twice():
        x = variable([1, 2])
        with ag.record():
            y = x * x + 3 * x
            z = y * x
        z.backward()
        return x.grad

    @case
    def unused_variable_keeps_its_gradient():
        x, w = variable([1, 2]), variable([3, 4])
        w.grad[:] = 7
        with ag.record():
            y = x * 2
        y.backward()
        return x.grad, w.grad

    @case
    def grad_is_one_array():
        x = variable([1, 2])
        kept = x.grad
        with ag.record():
            y = x * x
        y.backward()
        return x.grad is kept, kept

    @case
    def detached():
        x = variable([2, 3])
        with ag.record():
            y = x * x
            z = y.detach() * x
        z.backward()
        return x.grad

    @case
    def detached_shares_elements():
        x = nd.array([1, 2])
        y = x.detach()
        y[:] = 5
        return x

    @case
    def detach_of_a_variable():
        x = variable([1, 2])
        return x.detach().grad, x.grad

    @case
    def blocked():
        x = variable([2, 3])
        with ag.record():
            z = nd.BlockGrad(x * x) * x + nd.stop_gradient(x)
        z.backward()
        return x.grad

    @case
    def several_heads():
        x = variable([2, 3])
        with ag.record():
            a, b = x * 2, x * x
        ag.backward([a, b])
        return x.grad

    @case
    def several_heads_with_gradients():
        x = variable([2, 3])
        with ag.record():
            a, b = x * 2, x * x
        ag.backward([a, b], [nd.array([10, 100]), None])
        return x.grad

    @case
    def wrong_number_of_head_gradients():
        x = variable([2, 3])
        with ag.record():
            a, b = x * 2, x * x
        ag.backward([a, b], [None])
        return x.grad

    @case
    def single_head_with_list():
        x = variable([2, 3])
        with ag.record():
            a = x * 2
        ag.backward(a, nd.array([3, 4]))
        return x.grad

    @case
    def twice():
        x = variable([2, 3])
        with ag.record():
            y = x * x
        y.backward()
        y.backward()

    @case
    def twice_retained():
        x = variable([2, 3])
        with ag.record():
            y = x * x
        y.backward(retain_graph=True)
        first = x.grad.copy()
        y.backward(nd.array([10, 20]))
        return first, x.grad

    @case
    def twice_through_a_shared_part():
        x = variable([2, 3])
        with ag.record():
            y = x * x
            a, b = y * 2, y * 3
        a.backward()
        first = x.grad.copy()
        b.backward()
        return first, x.grad

    @case
    def shared_part_retained():
        x = variable([2, 3])
        with ag.record():
            y = x * x
            a, b = y * 2, y * 3
        a.backward(retain_graph=True)
        first = x.grad.copy()
        b.backward()
        return first, x.grad

    @case
    def not_recorded():
        x = variable([2, 3])
        y = x * x
        y.backward()

    @case
    def recorded_without_variables():
        x = nd.array([2, 3])
        with ag.record():
            y = x * x
        y.backward()

    @case
    def backward_of_the_variable_itself():
        x = variable([2, 3])
        with ag.record():
            x.backward()
        return x.grad

    @case
    def backward_of_the_variable_outside():
        x = variable([2, 3])
        x.backward()
        return x.grad

    @case
    def paused_part():
        x = variable([2, 3])
        with ag.record():
            y = x * x
            with ag.pause():
                z = x * 10
            w = y * z
        w.backward()
        return x.grad

    @case
    def backward_inside_record():
        x = variable([2, 3])
        with ag.record():
            y = x * x
            y.backward()
            z = x * 3
        z.backward()
        return x.grad

    @case
    def attached_inside_record():
        x = nd.array([2, 3])
        with ag.record():
            x.attach_grad()
            y = x * x
        y.backward()
        return x.grad

    @case
    def attached_after_use():
        x = nd.array([2, 3])
        with ag.record():
            y = x * x
            x.attach_grad()
            z = y * x
        z.backward()
        return x.grad

    @case
    def attached_intermediate():
        x = variable([2, 3])
        with ag.record():
            y = x * x
            y.attach_grad()
            z = y * 5
        z.backward()
        return y.grad, x.grad

    @case
    def attached_intermediate_before_use():
        x = variable([2, 3])
        with ag.record():
            y = x * x
            z = y * 5
            y.attach_grad()
        z.backward()
        return y.grad, x.grad

    @case
    def attached_again():
        x = variable([2, 3])
        old = x.grad
        x.attach_grad()
        with ag.record():
            y = x * 4
        y.backward()
        return x.grad is old, x.grad, old

    @case
    def attached_again_as_add():
        x = variable([2, 3])
        x.attach_grad("add")
        for _ in range(2):
            with ag.record():
                y = x * 4
            y.backward()
        return x.grad

    @case
    def row():
        x = variable([[1, 2], [3, 4], [5, 6]])
        with ag.record():
            y = x[1] * nd.array([10, 100])
        y.backward()
        return x.grad

    @case
    def rows():
        x = variable([[1, 2], [3, 4], [5, 6]])
        with ag.record():
            y = x[1:3] * x[0:2]
        y.backward()
        return x.grad

    @case
    def columns_and_steps():
        x = variable([[1, 2, 3], [3, 4, 5], [5, 6, 7]])
        with ag.record():
            y = x[:, 1] * 2 + x[::2, 0].sum() + x[::-1, ::-2].sum() + x[0, 0] + x[None, 1, ..., 2].sum()
        y.backward()
        return x.grad

    @case
    def advanced():
        x = variable([[1, 2, 3], [3, 4, 5], [5, 6, 7]])
        with ag.record():
            y = x[[0, 0, 2]].sum() + (x[nd.array([0, 1]), nd.array([1, 1])] * 10).sum() + x[:, [0, 2]].sum()
        y.backward()
        return x.grad

    @case
    def reshaped():
        x = variable([[1, 2, 3], [4, 5, 6]])
        with ag.record():
            y = x.reshape((3, 2)) * nd.arange(6).reshape((3, 2)) + x.T
        y.backward()
        return x.grad

    @case
    def iterated():
        x = variable([[1, 2], [3, 4]])
        with ag.record():
            y = sum(row * row for row in x)
        y.backward()
        return x.grad

    @case
    def copied():
        x = variable([1, 2])
        with ag.record():
            y = x.copy() * 2 + x.as_in_context(mx.cpu(1)).as_in_context(mx.cpu(0)) + x.astype("float64").astype("float32")
        y.backward()
        return x.grad

    @case
    def copied_into():
        x = variable([1, 2])
        with ag.record():
            fresh = nd.zeros(2)
            (x * 3).copyto(fresh)
            y = fresh * x
        y.backward()
        return x.grad

    @case
    def onto_other_dtype():
        x = variable([1, 2])
        with ag.record():
            y = (x.astype("float16") * 2).astype("float64")
        y.backward()
        return x.grad

    @case
    def float16_variable():
        x = variable([1, 2], dtype="float16")
        with ag.record():
            y = x * x
        y.backward()
        return x.grad

    @case
    def integer_variable():
        x = variable([1, 2], dtype="int32")
        with ag.record():
            y = x * x
        y.backward()
        return x.grad

    @case
    def integer_operand():
        x, k = variable([1, 2, 3]), nd.array([0, 2], dtype="int32")
        with ag.record():
            y = nd.take(x, k) * 2
        y.backward()
        return x.grad

    @case
    def comparison():
        x = variable([1, 2, 3])
        with ag.record():
            y = x * (x > 1)
        y.backward()
        return x.grad

    def inplace(name, change, on="y"):
        def run():
            x = variable([1, 2])
            with ag.record():
                y = x * 2
                scope = {"x": x, "y": y, "nd": nd}
                exec(change, scope)
                z = scope[on] * 3
            z.backward()
            return x.grad, z

        cases["in place: " + name] = run

    for change in (
        "y += 1", "y -= x", "y *= 2", "y /= 2", "y %= 2", "y[:] = 1", "y[0] = 1", "x += 1", "x[:] = 1", "x[0] = 5", "y[:] = x",
        "nd.exp(x, out=y)", "nd.exp(y, out=y)", "x.copyto(y)", "y[0:1] = x[1:2]", "y[[0]] = 3", "y[0] += 1",
    ):  # fmt: skip
        inplace(change, change)
    for change in (
        "w = nd.zeros(2); w[:] = x", "w = nd.zeros(2); w[0] = x[1]", "w = nd.zeros(2); w[0:1] = x[1:2] * 2",
        "w = nd.ones(2); w += x", "w = nd.ones(2); w *= x", "w = nd.ones(2); w[:] = 5", "w = nd.ones(2); w += 1; w = w * x",
        "w = nd.ones(2); w[:] = x; w[:] = x * 2", "w = nd.ones(2); w[0] = x[0]; w[1] = x[1]", "w = nd.zeros(2); nd.exp(x, out=w)",
        "w = nd.zeros((2, 2)); w[1] = x", "w = nd.zeros(2); w[::2] = x[::2]", "w = nd.zeros(2); w[[0, 1]] = x",
    ):  # fmt: skip
        inplace(change, change, "w")

    @case
    def buffer_of_earlier_iterations():
        x, buffer, seen = variable([1, 2]), nd.zeros(2), []
        for _ in range(3):
            with ag.record():
                buffer[:] = x * 2
                z = buffer * x
            z.backward()
            seen.append(x.grad.copy())
        return seen

    @case
    def buffer_written_outside():
        x, buffer, seen = variable([1, 2]), nd.zeros(2), []
        for k in range(3):
            buffer[:] = k
            with ag.record():
                z = buffer * x
            z.backward()
            seen.append(x.grad.copy())
        return seen

    @case
    def written_after_use_outside():
        x, w = variable([1, 2]), nd.array([3, 4])
        with ag.record():
            z = w * x
        w[:] = 100
        z.backward()
        return x.grad

    @case
    def variable_changed_before_backward():
        x = variable([1, 2])
        with ag.record():
            z = x * x
        x[:] = 10
        z.backward()
        return x.grad

    @case
    def result_changed_outside():
        x = variable([1, 2])
        with ag.record():
            z = x * 3
        z[:] = 10
        z.backward()
        return x.grad, z

    @case
    def result_added_to_outside():
        x = variable([1, 2])
        with ag.record():
            z = x * 3
        z += 10
        z.backward()
        return x.grad, z

    @case
    def loss_sums():
        x, total = variable([1, 2]), 0
        for _ in range(2):
            with ag.record():
                z = (x * 3).sum()
            z.backward()
            total += z
        return x.grad, total

    @case
    def regression():
        w, b = variable([[0.0], [0.0]]), variable([0.0])
        data = nd.array(np.arange(12).reshape(6, 2) / 10.0)
        target = nd.dot(data, nd.array([[2], [-3.4]])) + 4.2
        losses = []
        for _ in range(20):
            with ag.record():
                loss = ((nd.dot(data, w) + b - target) ** 2 / 2).mean()
            loss.backward()
            for param in (w, b):
                param -= 0.3 * param.grad
            losses.append(loss.asscalar())
        return losses, w, b

    @case
    def regression_with_slices():
        w, b = variable([[0.0], [0.0]]), variable([0.0])
        data = nd.array(np.arange(12).reshape(6, 2) / 10.0)
        target = nd.dot(data, nd.array([[2], [-3.4]])) + 4.2
        losses = []
        for _ in range(20):
            with ag.record():
                loss = ((nd.dot(data, w) + b - target) ** 2 / 2).mean()
            loss.backward()
            for param in (w, b):
                param[:] = param - 0.3 * param.grad
            losses.append(loss.asscalar())
        return losses, w, b

    @case
    def momentum():
        w, v = variable([1.0, 2.0]), nd.zeros(2)
        for _ in range(4):
            with ag.record():
                loss = (w * w).sum()
            loss.backward()
            v[:] = 0.9 * v + w.grad
            w[:] -= 0.1 * v
        return w, v

    @case
    def marked():
        x, w = nd.array([1, 2]), nd.array([3, 4])
        gx, gw = nd.zeros(2), nd.zeros(2)
        ag.mark_variables([x, w], [gx, gw])
        with ag.record():
            y = x * w
        y.backward()
        return gx, gw, x.grad, x.grad is gx

    @case
    def marked_with_requests():
        x, w = nd.array([1, 2]), nd.array([3, 4])
        gx, gw = nd.ones(2), nd.ones(2)
        ag.mark_variables([x, w], [gx, gw], ["add", "null"])
        with ag.record():
            y = x * w
        y.backward()
        return gx, gw

    @case
    def marked_single():
        x, g = nd.array([1, 2]), nd.zeros(2)
        ag.mark_variables(x, g, grad_reqs="add")
        with ag.record():
            y = x * 5
        y.backward()
        return g

    @case
    def marked_wrong_request():
        ag.mark_variables([nd.ones(1)], [nd.ones(1)], "foo")

    @case
    def attach_wrong_request():
        nd.ones(1).attach_grad("foo")

    @case
    def grad_function():
        x = variable([1, 2, 3])
        with ag.record():
            y = x * x * x
        g = ag.grad(y, x)
        return type(g).__name__, g, x.grad

    @case
    def grad_of_a_list():
        x, w = variable([1, 2, 3]), variable([4, 5, 6])
        with ag.record():
            y = x * w * w
        found = ag.grad(y, [x, w])
        return type(found).__name__, found, x.grad

    @case
    def grad_of_one_in_a_list():
        x = variable([1, 2, 3])
        with ag.record():
            y = x * x
        return ag.grad(y, [x])

    @case
    def grad_of_several_heads():
        x = variable([1, 2, 3])
        with ag.record():
            y, z = x * x, x * 3
        return ag.grad([y, z], x, head_grads=[nd.array([1, 10, 100]), None])

    @case
    def grad_with_head_gradient():
        x = variable([1, 2, 3])
        with ag.record():
            y = x * x
        return ag.grad(y, x, head_grads=nd.array([1, 10, 100]))

    @case
    def grad_of_an_unmarked_array():
        x, w = variable([1, 2, 3]), nd.array([1, 2, 3])
        with ag.record():
            y = x * w
        return ag.grad(y, w)

    @case
    def grad_of_an_unused_variable():
        x, w = variable([1, 2, 3]), variable([1, 2, 3])
        with ag.record():
            y = x * 3
        return ag.grad(y, w)

    @case
    def grad_of_nothing():
        x = variable([1, 2, 3])
        with ag.record():
            y = x * 3
        return ag.grad(y, [])

    @case
    def grad_of_an_intermediate():
        x = variable([1, 2, 3])
        with ag.record():
            y = x * 3
            z = y * y
        return ag.grad(z, y)

    @case
    def second_order():
        x = variable([1, 2, 3])
        with ag.record():
            y = nd.exp(x) * x
            g = ag.grad(y, x, create_graph=True, retain_graph=True)
            z = g.sum()
        z.backward()
        return g, x.grad

    @case
    def second_order_without_retaining():
        x = variable([1, 2, 3])
        with ag.record():
            y = x * x * x
            g = ag.grad(y, x, create_graph=True)
        g.backward()
        return x.grad

    @case
    def gradient_penalty():
        x, w = nd.array([[1, 2], [3, 4]]), variable([[0.5], [-1]])
        x.attach_grad()
        with ag.record():
            y = nd.tanh(nd.dot(x, w))
            g = ag.grad(y, x, create_graph=True, retain_graph=True)
            penalty = ((g ** 2).sum(axis=1) - 1) ** 2
            loss = penalty.mean() + y.sum()
        loss.backward()
        return w.grad, loss

    @case
    def grad_leaves_stored_gradients():
        x = variable([1, 2, 3])
        x.grad[:] = 9
        with ag.record():
            y = x * x
        ag.grad(y, x)
        return x.grad

    @case
    def backward_after_grad():
        x = variable([1, 2, 3])
        with ag.record():
            y = x * x
        ag.grad(y, x)
        y.backward()
        return x.grad

    @case
    def grad_with_train_mode():
        x = variable([1, 2, 3])
        with ag.record():
            y = x * x
        return ag.grad(y, x, retain_graph=True, train_mode=False), ag.grad(y, x)

    @case
    def dropout_modes():
        x = nd.ones((1000,))
        with ag.record(train_mode=False):
            a = nd.Dropout(x, p=0.5)
        with ag.train_mode():
            b = nd.Dropout(x, p=0.5)
        with ag.record():
            c = nd.Dropout(x, p=0.5)
            with ag.predict_mode():
                d = nd.Dropout(x, p=0.5)
        return [bool((v == x).min().asscalar()) for v in (a, b, c, d)]

    @case
    def out_while_recording():
        x, out = variable([1, 2]), nd.zeros(2)
        with ag.record():
            y = nd.exp(x, out=out)
            z = y * 2
        z.backward()
        return x.grad, out

    @case
    def gradient_is_an_array():
        x = variable([1, 2])
        with ag.record():
            y = x * x
        y.backward()
        g = x.grad
        g[:] = g * 2
        g += 1
        return g, x.grad, g.grad

    @case
    def gradient_is_not_recorded():
        x = variable([1, 2])
        with ag.record():
            y = x * x
        y.backward()
        with ag.record():
            z = x.grad * x
        z.backward()
        return x.grad

    @case
    def result_has_no_gradient():
        x = variable([1, 2])
        with ag.record():
            y = x * x
        return y.grad, (x + 1).grad, x[0:1].grad, x.copy().grad

    @case
    def assignment_to_a_variable_keeps_it_one():
        x = variable([1, 2])
        x[:] = 5
        x += 1
        with ag.record():
            y = x * x
        y.backward()
        return x.grad

    @case
    def rebinding_loses_the_gradient():
        x = variable([1, 2])
        x = x + 1
        return x.grad

    @case
    def fresh_flag():
        x = variable([1, 2])
        before = x._fresh_grad
        with ag.record():
            y = x * x
        y.backward()
        after = x._fresh_grad
        x._fresh_grad = False
        return before, after, x._fresh_grad

    @case
    def control_flow():
        a = variable([0.3])

        def f(a):
            b = a * 2
            while (nd.abs(b) < 100).asscalar():
                b = b * 2
            return b if b.sum().asscalar() > 0 else 100 * b

        with ag.record():
            y = f(a)
        y.backward()
        return a.grad, y

    return cases


def functions(mx):
    """{name: outcome} for autograd.Function."""
    nd, ag = mx.nd, mx.autograd
    found = {}

    class Sigmoid(ag.Function):
        def forward(self, x):
            y = 1 / (1 + nd.exp(-x))
            self.save_for_backward(y)
            return y

        def backward(self, dy):
            (y,) = self.saved_tensors
            return dy * y * (1 - y)

    class Two(ag.Function):
        def forward(self, a, b):
            self.inner = ag.is_recording(), ag.is_training()
            return a * b, a + b

        def backward(self, da, db):
            return da * 2 + db, db * 100

    class Wrong(Two):
        def backward(self, da, db):
            return da

    class Nothing(ag.Function):
        pass

    class Fails(Sigmoid):
        def backward(self, dy):
            raise KeyError("inside")

    class Passes(ag.Function):
        def forward(self, x):
            return x

        def backward(self, dy):
            return dy * 5

    class NotArrays(Sigmoid):
        def backward(self, dy):
            return 3

    class WithState(ag.Function):
        def __init__(self, scale):
            super(WithState, self).__init__()
            self.scale = scale

        def forward(self, x):
            return x * self.scale

        def backward(self, dy):
            return dy * self.scale

    def one():
        x = nd.array([0, 1, -2])
        x.attach_grad()
        with ag.record():
            y = Sigmoid()(x)
            z = y * 2
        z.backward()
        return y, x.grad

    def outside():
        return Sigmoid()(nd.array([0, 1]))

    def two():
        a, b = nd.array([1, 2]), nd.array([3, 4])
        a.attach_grad()
        b.attach_grad()
        function = Two()
        with ag.record():
            p, q = function(a, b)
            z = p + 10 * q
        z.backward()
        return p, q, a.grad, b.grad, function.inner, type(function.forward(a, b)).__name__

    def with_state():
        x = nd.array([1, 2])
        x.attach_grad()
        with ag.record():
            y = WithState(3)(x * 2)
        y.backward()
        return y, x.grad

    def used_twice():
        function, x = Sigmoid(), nd.array([1])
        x.attach_grad()
        with ag.record():
            function(x)
            function(x)

    def wrong_count():
        a = nd.array([1, 2])
        a.attach_grad()
        with ag.record():
            p, q = Wrong()(a, a)
            z = p + q
        z.backward()
        return a.grad

    def undefined():
        with ag.record():
            return Nothing()(nd.array([1]))

    def passes():
        x = nd.array([1, 2])
        x.attach_grad()
        with ag.record():
            y = Passes()(x) * 2
        y.backward()
        return y, x.grad

    def fails():
        x = nd.array([1, 2])
        x.attach_grad()
        with ag.record():
            y = Fails()(x)
        y.backward()
        return x.grad

    def not_arrays():
        x = nd.array([1, 2])
        x.attach_grad()
        with ag.record():
            y = NotArrays()(x)
        y.backward()
        return x.grad

    def chained():
        x = nd.array([0.5, 1])
        x.attach_grad("add")
        for _ in range(2):
            with ag.record():
                y = Sigmoid()(Sigmoid()(x * 2))
            y.backward()
        return x.grad

    for function in (one, outside, two, with_state, used_twice, undefined, passes, chained):
        found["Function: " + function.__name__] = attempt(function)
    return found, {f.__name__: f for f in (wrong_count, fails, not_arrays)}


def results(mx):
    found = {"switches": switches(mx)}
    for name, run in gradients(mx).items():
        found[name] = attempt(run)
        mx.autograd.set_recording(False)
        mx.autograd.set_training(False)
    found.update(functions(mx)[0])
    return found


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("autograd", results(mxnet))
