"""Scenarios of autograd: indexing, copies, dtypes, writing in place, buffers, training by hand."""

import numpy as np

from tests.oracle.autograd_common import toolbox


def cases_of(mx):
    """{name: function} of the cases; each returns arrays."""
    nd, ag = mx.nd, mx.autograd
    cases, case, variable = toolbox(mx)

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
            y = (
                x.copy() * 2
                + x.as_in_context(mx.cpu(1)).as_in_context(mx.cpu(0))
                + x.astype("float64").astype("float32")
            )
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
        "y += 1",
        "y -= x",
        "y *= 2",
        "y /= 2",
        "y %= 2",
        "y[:] = 1",
        "y[0] = 1",
        "x += 1",
        "x[:] = 1",
        "x[0] = 5",
        "y[:] = x",
        "nd.exp(x, out=y)",
        "nd.exp(y, out=y)",
        "x.copyto(y)",
        "y[0:1] = x[1:2]",
        "y[[0]] = 3",
        "y[0] += 1",
    ):
        inplace(change, change)
    for change in (
        "w = nd.zeros(2); w[:] = x",
        "w = nd.zeros(2); w[0] = x[1]",
        "w = nd.zeros(2); w[0:1] = x[1:2] * 2",
        "w = nd.ones(2); w += x",
        "w = nd.ones(2); w *= x",
        "w = nd.ones(2); w[:] = 5",
        "w = nd.ones(2); w += 1; w = w * x",
        "w = nd.ones(2); w[:] = x; w[:] = x * 2",
        "w = nd.ones(2); w[0] = x[0]; w[1] = x[1]",
        "w = nd.zeros(2); nd.exp(x, out=w)",
        "w = nd.zeros((2, 2)); w[1] = x",
        "w = nd.zeros(2); w[::2] = x[::2]",
        "w = nd.zeros(2); w[[0, 1]] = x",
    ):
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

    return cases
