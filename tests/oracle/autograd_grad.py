"""Scenarios of autograd: mark_variables, grad, higher orders, modes, gradient arrays."""

from tests.oracle.autograd_common import toolbox


def cases_of(mx):
    """{name: function} of the cases; each returns arrays."""
    nd, ag = mx.nd, mx.autograd
    cases, case, variable = toolbox(mx)

    @case
    def marked():
        x, w = nd.array([1, 2]), nd.array([3, 4])
        gx, gw = nd.zeros(2), nd.zeros(2)
        ag.mark_variables([x, w], [gx, gw])
        with ag.record():
            y = x * w
        y.backward()
        return gx, gw, x.grad

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
            g = ag.grad(y, x, create_graph=True, retain_graph=True)[0]
            z = g.sum()
        z.backward()
        return g, x.grad

    @case
    def second_order_of_exp():
        x = variable([1, 2, 3])
        with ag.record():
            y = nd.exp(x)
            g = ag.grad(y, x, create_graph=True, retain_graph=True)[0]
        g.backward()
        return g, x.grad

    @case
    def second_order_of_sin():
        x = variable([1, 2, 3])
        with ag.record():
            y = nd.sin(x)
            g = ag.grad(y, x, head_grads=nd.array([1, 10, 100]), create_graph=True, retain_graph=True)[0]
        g.backward(nd.array([1, 2, 3]))
        return g, x.grad

    @case
    def second_order_of_constant_slopes():
        weight, found = nd.array([[1, 2], [3, 4]]), []
        slopes = (
            lambda x: nd.clip(x, -1, 1),
            nd.abs,
            nd.relu,
            lambda x: nd.FullyConnected(x, weight, no_bias=True, num_hidden=2),
        )
        for function in slopes:
            x = variable([[-2, 0.5], [1.5, 3]])
            x.grad[:] = 7
            with ag.record():
                y = function(x)
                g = ag.grad(y, x, create_graph=True, retain_graph=True)[0]
            g.backward()
            found += [g, x.grad]
        return found

    @case
    def third_order():
        x = variable([1, 2, 3])
        with ag.record():
            y = nd.sin(x)
            g = ag.grad(y, x, create_graph=True, retain_graph=True)[0]
            h = ag.grad(g, x, create_graph=True, retain_graph=True)[0]
        h.backward()
        return g, h, x.grad

    @case
    def view_of_a_gradient():
        x = variable([[1, 2], [3, 4]])
        flat, row = x.grad.reshape((-1,)), x.grad[1]
        seen = []
        for k in range(2):
            with ag.record():
                y = x * x * (k + 1)
            y.backward()
            seen += [flat.copy(), row.copy()]
        flat[:] = 0
        return seen, x.grad

    @case
    def gradients_in_one_buffer():
        x, w, buffer = nd.array([1, 2]), nd.array([3, 4]), nd.zeros((2, 2))
        ag.mark_variables([x, w], [buffer[0], buffer[1]])
        with ag.record():
            y = x * w
        y.backward()
        return buffer

    @case
    def second_order_without_retaining():
        x = variable([1, 2, 3])
        with ag.record():
            y = x * x * x
            g = ag.grad(y, x, create_graph=True)[0]
        g.backward()
        return x.grad

    @case
    def gradient_penalty():
        x, w = nd.array([[1, 2], [3, 4]]), variable([[0.5], [-1]])
        x.attach_grad()
        with ag.record():
            y = nd.tanh(nd.dot(x, w))
            g = ag.grad(y, x, create_graph=True, retain_graph=True)[0]
            penalty = ((g**2).sum(axis=1) - 1) ** 2
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
