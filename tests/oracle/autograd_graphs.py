"""Scenarios of autograd: heads, requests, graphs used once and twice, where variables begin."""

from tests.oracle.autograd_common import toolbox


def cases_of(mx):
    """{name: function} of the cases; each returns arrays."""
    nd, ag = mx.nd, mx.autograd
    cases, case, variable = toolbox(mx)

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
        return kept

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

    return cases
