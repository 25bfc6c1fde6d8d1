"""Writes tests/golden/autograd_rules.json: what the published examples of autograd do, and the corners of its rules:
marking in all forms, storage types, heads and their gradients, writes in place, views, threads, scopes, Functions.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.autograd_rules
"""

import os
import threading

import numpy as np

from tests.oracle.autograd_common import toolbox
from tests.oracle.scenario import attempt, plain, write


def examples(mx):
    """Programs as tests and tutorials of autograd have them."""
    nd, ag = mx.nd, mx.autograd
    cases, case, variable = toolbox(mx)

    def slopes(function, values, wanted=None):
        arrays = [nd.array(v) for v in values]
        grads = [nd.zeros(x.shape) for x in arrays]
        ag.mark_variables(arrays, grads)
        with ag.record():
            y = function(*arrays)
        y.backward()
        return y, grads

    @case
    def unary():
        values = np.linspace(0.2, 1.4, 4)
        functions = (lambda x: x + 1, lambda x: x - 1, lambda x: x * x, lambda x: nd.exp(x / 2), lambda x: -x,
                     lambda x: x**2 + nd.sqrt(x), lambda x: 1 / x, lambda x: 3 - x, lambda x: 2**x)  # fmt: skip
        return [slopes(f, [values]) for f in functions]

    @case
    def binary():
        a, b = np.linspace(0.2, 1.4, 4), np.linspace(2, -1, 4)
        functions = (lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x + x * y, lambda x, y: (x - y) ** 2)
        return [slopes(f, [a, b]) for f in functions]

    @case
    def operator_with_state():
        def forward(a, b, weight, bias):
            x = a * b
            x = nd.FullyConnected(x, weight, bias, num_hidden=3)
            mx.random.seed(2)
            return nd.Dropout(x, p=0.5)

        rng = np.random.RandomState(0)
        return slopes(forward, [rng.uniform(size=s) for s in ((2, 4), (2, 4), (3, 4), (3,))])[1]

    @case
    def only_one_argument():
        a, b = nd.array([1, 2]), variable([3, 4])
        with ag.record():
            y = a * b + a
        y.backward()
        return b.grad, a.grad

    @case
    def training_switch():
        x = nd.ones((6, 5))
        with ag.train_mode():
            a = nd.Dropout(x, p=0.5)
        with ag.record(train_mode=False):
            b = nd.Dropout(x, p=0.5)
        return bool((a == x).asnumpy().all()), bool((b == x).asnumpy().all())

    def backward_in(train_mode, operator, *more):
        """The result, recorded in train mode, and the gradient."""
        mx.random.seed(3)
        x = variable(np.arange(12).reshape(4, 3) ** 2)
        with ag.record():
            y = operator(x, *more)
        y.backward(nd.array(np.arange(12).reshape(4, 3)), train_mode=train_mode)
        return y, x.grad

    for mode in (True, False):
        name = "backward with train_mode=%s of " % mode
        cases[name + "Dropout"] = lambda m=mode: backward_in(m, nd.Dropout)
        cases[name + "BatchNorm"] = lambda m=mode: backward_in(
            m, nd.BatchNorm, nd.ones(3), nd.zeros(3), nd.ones(3) * 2, nd.ones(3) * 4
        )

    @case
    def head_gradients_of_pieces():
        x = variable(np.arange(12).reshape(3, 4))
        db = nd.array([1, 2, 3, 4])
        with ag.record():
            a = x[0:1] * 2
            b = x[1] * 3
        ag.backward([a, b], [None, db])
        return x.grad

    @case
    def detached_and_updated():
        x = nd.ones((2, 2))
        dx = nd.zeros_like(x)
        y = nd.ones_like(x)
        dy = nd.zeros_like(x)
        ag.mark_variables([x, y], [dx, dy])
        seen = [x._fresh_grad, y._fresh_grad]
        with ag.record():
            x2 = x + 2
            y2 = x2 + y
            y2.backward()
        seen += [dx, x._fresh_grad, y._fresh_grad]
        dx[:] = 0
        x._fresh_grad = y._fresh_grad = False
        with ag.record():
            x2 = (x + 2).detach()
            y2 = x2 + y
            y2.backward()
        seen += [dx, x._fresh_grad, y._fresh_grad]
        return seen

    @case
    def graph_retained():
        x = variable([1, 2])
        with ag.record():
            y = x + 1
            y.backward(retain_graph=False)
            z = x * 2
            z.backward(retain_graph=True)
            z.backward(retain_graph=False)
        first = x.grad.copy()
        z.backward()
        return first

    @case
    def attached_to_results():
        out, x = [], nd.zeros((3,))
        x.attach_grad()
        for name in ("write", "add", "null"):
            with ag.record():
                y = x * 2
                kept = y
                y.attach_grad(name)
                z = y * y + y
            z.backward()
            out += [x.grad, None if name == "null" else kept.grad]
        return out

    @case
    def modes_and_backward():
        x = variable(np.ones((10, 10)))
        seen = []

        def share(y):
            return [float(y.asnumpy().max()), bool((y.asnumpy() == x.grad.asnumpy()).all())]

        with ag.record(train_mode=True):
            y = nd.Dropout(x, p=0.5)
            y.backward()
            seen.append(share(y))
            with ag.predict_mode():
                y = nd.Dropout(x, p=0.5)
                y.backward(train_mode=False)
                seen.append(share(y))
        with ag.record(train_mode=False):
            y = nd.Dropout(x, p=0.5)
            y.backward(train_mode=False)
            seen.append(share(y))
            with ag.train_mode():
                y = nd.Dropout(x, p=0.5)
                y.backward()
                seen.append(share(y))
        with ag.train_mode():
            seen.append(float(nd.Dropout(x, p=0.5).asnumpy().max()))
        return seen

    @case
    def functions_in_a_row():
        class Add(ag.Function):
            def __init__(self):
                super(Add, self).__init__()

            def forward(self, x):
                return x + 1

            def backward(self, dy):
                return dy

        with ag.record():
            x = nd.zeros((3, 4))  # of no variable
            for _ in range(5):
                x = Add()(x)
        return x

    @case
    def function_without_gradient_for_the_head():
        class Total(ag.Function):
            def forward(self, x, y):
                self.save_for_backward(x, y)
                return (x * y).sum(), x + y

            def backward(self, a, b):
                x, y = self.saved_tensors
                return a * y + b, a * x + b

        x, y = variable([1, 2, 3]), variable([3, 4, 5])
        with ag.record():
            a, b = Total()(x, y)
            (a * 2 + b.sum()).backward()
        return x.grad, y.grad

    @case
    def function_of_integers():
        class Pick(ag.Function):
            def forward(self, x, i):
                self.save_for_backward(x, i)
                return nd.take(x, i)

            def backward(self, dy):
                x, i = self.saved_tensors
                g = nd.zeros_like(x)
                g[i] = dy
                return g, None

        x, i = variable([1, 2, 3]), nd.array([0, 2], dtype="int32")
        with ag.record():
            y = Pick()(x, i)
        y.backward()
        return x.grad

    @case
    def function_outside_of_record():
        class Twice(ag.Function):
            def forward(self, x):
                return x * 2

            def backward(self, dy):
                return dy * 2

        x = variable([1, 2])
        y = Twice()(x)
        y.backward()

    @case
    def sums_of_a_created_graph():
        x = variable([1])
        with ag.record():
            z = nd.elemwise_add(nd.exp(x), x)
        (dx,) = ag.grad(z, [x], create_graph=True)
        dx.backward()
        return dx, x.grad

    @case
    def sparse_product():
        rng = np.random.RandomState(1)
        left = nd.array(rng.uniform(size=(3, 4)) * (rng.uniform(size=(3, 4)) > 0.5)).tostype("csr")
        right = nd.array(rng.uniform(size=(4, 2)))
        right.attach_grad(stype="row_sparse")
        with ag.record():
            y = nd.sparse.dot(left, right)
        y.backward()
        return right.grad.stype, right.grad, y

    return cases


def corners(mx):
    """The rules where one would not guess them."""
    nd, ag = mx.nd, mx.autograd
    cases, case, variable = toolbox(mx)

    for stype in ("default", "row_sparse", "csr"):
        for gradient_stype in (None, "default", "row_sparse", "csr"):

            def attached(kind=stype, wanted=gradient_stype):
                x = nd.array([[1, 0], [0, 2], [0, 0]]).tostype(kind)
                x.attach_grad(stype=wanted)
                return x.grad.stype, x.grad

            cases["attach_grad of %s as %s" % (stype, gradient_stype)] = attached

    for shape, dtype in (((2,), "float64"), ((1,), "float32"), ((2, 1), "float32"), ((2,), "int32"), ((2,), "float16")):

        def with_head(shape=shape, dtype=dtype):
            x = variable([1, 2])
            with ag.record():
                y = x * 3
            y.backward(nd.ones(shape, dtype=dtype))
            return x.grad

        if dtype in ("float64", "int32") or shape == (2,):
            cases["head gradient %s %s" % (shape, dtype)] = with_head

    @case
    def marked_with_another_shape():
        x, g = nd.ones((2,)), nd.zeros((3,))
        ag.mark_variables([x], [g])
        with ag.record():
            y = x * 2
        y.backward()
        return g

    @case
    def marked_with_a_tuple():
        x, g = nd.array([1, 2]), nd.zeros(2)
        ag.mark_variables((x,), (g,), ("add",))
        for _ in range(2):
            with ag.record():
                y = x * 2
            y.backward()
        return g

    @case
    def marked_as_array_and_list():
        ag.mark_variables(nd.ones(2), [nd.ones(2)])

    @case
    def backward_of_no_heads():
        ag.backward([])

    @case
    def backward_of_numbers():
        ag.backward([3])

    @case
    def backward_of_a_tuple():
        x = variable([1, 2])
        with ag.record():
            y, z = x * 2, x * 3
        ag.backward((y, z), (None, nd.array([5, 6])))
        return x.grad

    @case
    def one_gradient_for_two_heads():
        x = variable([1, 2])
        with ag.record():
            y, z = x * 2, x * 3
        ag.backward([y, z], nd.array([1, 2]))
        return x.grad

    @case
    def a_list_of_gradients_for_one_head():
        x = variable([1, 2])
        with ag.record():
            y = x * 2
        ag.backward(y, [nd.array([1, 2])])
        return x.grad

    @case
    def grad_of_a_tuple():
        x, w = variable([1, 2]), variable([3, 4])
        with ag.record():
            y = x * w
        found = ag.grad(y, (x, w))
        return type(found).__name__, found

    @case
    def grad_of_a_number():
        x = variable([1, 2])
        with ag.record():
            y = x * 2
        return ag.grad(y, 3)

    @case
    def grad_of_a_null_variable():
        x, w = variable([1, 2], "null"), variable([3, 4])
        with ag.record():
            y = x * w
        return ag.grad(y, w), ag.grad(y, x)

    @case
    def grad_with_add_request():
        x = variable([1, 2], "add")
        x.grad[:] = 7
        with ag.record():
            y = x * x
        return ag.grad(y, x), x.grad

    @case
    def grad_of_sparse_gradient():
        x = nd.array([[1, 2], [3, 4], [5, 6]])
        x.attach_grad(stype="row_sparse")
        with ag.record():
            y = nd.Embedding(nd.array([0, 2, 2]), x, input_dim=3, output_dim=2, sparse_grad=True)
        (g,) = ag.grad(y, x)
        return g.stype, g

    @case
    def grad_twice_retained():
        x = variable([1, 2])
        with ag.record():
            y = x * x
        return ag.grad(y, x, retain_graph=True), ag.grad(y, x)

    @case
    def grad_after_backward():
        x = variable([1, 2])
        with ag.record():
            y = x * x
        y.backward()
        return ag.grad(y, x)

    @case
    def float16_head():
        x = variable([1, 2], dtype="float16")
        with ag.record():
            y = (x * x).sum()
        y.backward()
        return x.grad, y

    @case
    def mixed_dtypes():
        x = variable([1, 2], dtype="float64")
        with ag.record():
            y = x.astype("float32") * 2
            z = y.astype("float64") * x
        z.backward()
        return x.grad

    @case
    def integer_head():
        x = variable([1, 2])
        with ag.record():
            y = (x * 3).astype("int32")
        y.backward()
        return x.grad

    @case
    def through_integers():
        x = variable([1.5, 2])
        with ag.record():
            y = (x * 3).astype("int32").astype("float32") + x
        y.backward()
        return x.grad

    @case
    def add_request_over_three_passes():
        x = variable([1, 2], "add")
        for k in range(3):
            with ag.record():
                y = x * k + x * x
            y.backward()
        kept = x.grad.copy()
        x.grad[:] = 0
        with ag.record():
            y = x * 5
        y.backward()
        return kept, x.grad

    @case
    def request_changed_between():
        x = variable([1, 2])
        seen = []
        for req in ("write", "add", "add", "null", "write"):
            x.attach_grad(req)
            with ag.record():
                y = x * 2
            try:
                y.backward()
            except mx.MXNetError:
                seen.append("refused")
            seen.append(x.grad)
        return seen

    @case
    def views():
        x = variable(np.arange(12).reshape(3, 4))
        with ag.record():
            y = (x[1:] * x[:2]).sum() + (x[:, 1] * x[:, 2]).sum() + x.reshape((2, 6))[1].sum() * 3
            y = y + x.T[2].sum() * 5 + x.swapaxes(0, 1)[0:2].sum() + x.expand_dims(0)[0, 2].sum()
            y = y + x.flatten()[1:2].sum() + x.slice_axis(axis=1, begin=0, end=2).sum()
        y.backward()
        return x.grad

    @case
    def advanced_indices():
        x = variable(np.arange(12).reshape(3, 4))
        with ag.record():
            y = (x[[0, 2, 2]] * 2).sum() + x[nd.array([0, 1]), nd.array([3, 3])].sum() * 3
            y = y + x[[0, 1], :, None].sum() + x[:, np.array([1, 1])].sum() + nd.take(x, nd.array([1, 1])).sum()
            y = y + nd.pick(x, nd.array([0, 1, 2])).sum() * 7 + nd.gather_nd(x, nd.array([[0, 0], [1, 1]])).sum() * 11
        y.backward()
        return x.grad

    @case
    def view_written_outside():
        x = variable(np.arange(6).reshape(2, 3))
        x[0][:] = 5
        x[1, 2] = 7
        x.reshape((6,))[0:1] = -1
        with ag.record():
            y = x * x
        y.backward()
        return x, x.grad

    def inplace(name, change):
        def run():
            x = variable([1.0, 2])
            v = variable([3.0, 4])
            with ag.record():
                y = x * 2
                exec(change, {"x": x, "y": y, "v": v, "nd": nd, "ag": ag})
            y.backward()
            return x.grad, x, y

        def outcome():
            found = attempt(run)
            if isinstance(found, dict):
                try:
                    run()
                except mx.MXNetError as error:
                    inside = "Assigning to NDArrays that are already in a computational graph" in str(error)
                    return [found["raises"], inside]
            return found

        cases["in place: " + name] = outcome

    for change in (
        "x += 1", "x -= y", "x *= x", "x /= 2", "x %= 2", "y += x", "y **= 2", "x[:] = 0", "x[0] = 0", "x[:] = y",
        "y[:] = 0", "y[0:1] = 3", "x.detach()[:] = 9", "y.detach()[:] = 9",
        "with ag.pause(): x += 1", "with ag.pause(): x[:] = 3", "with ag.pause(): y[:] = 3", "with ag.pause(): y += 1",
        "w = nd.ones(2); w += 1", "w = nd.ones(2); w[:] = 3", "x.grad[:] = 5", "x.grad += 5",
        "nd.elemwise_add(x, y, out=y)", "nd.elemwise_add(x, y, out=x)", "nd.sgd_update(x, y, lr=0.1, out=x)",
    ):  # fmt: skip
        inplace(change, change)

    @case
    def backward_inside_of_record():
        x = variable([1, 2])
        seen = []
        with ag.record():
            for k in range(3):
                y = x * (k + 1)
                y.backward()
                seen += [x.grad.copy(), ag.is_recording(), ag.is_training()]
        return seen

    @case
    def error_inside_of_scopes():
        seen = []
        for scope in (ag.record, ag.pause, ag.train_mode, ag.predict_mode, lambda: ag.record(False)):
            try:
                with scope():
                    nd.dot(nd.ones((2, 3)), nd.ones((2, 3)))
            except mx.MXNetError:
                seen.append([ag.is_recording(), ag.is_training()])
        return seen

    @case
    def scope_used_twice():
        scope, seen = ag.record(), []
        for _ in range(2):
            with scope:
                seen.append([ag.is_recording(), ag.is_training()])
            seen.append([ag.is_recording(), ag.is_training()])
        return seen

    @case
    def what_a_scope_gives():
        with ag.record() as scope:
            return scope

    @case
    def truth_of_switches():
        return [ag.set_recording(1), ag.set_recording(0), ag.set_training("x"), ag.set_training(None)]

    def in_thread(function):
        outcome = []
        thread = threading.Thread(target=lambda: outcome.append(attempt(function)))
        thread.start()
        thread.join()
        return outcome[0]

    @case
    def switches_of_a_new_thread():
        with ag.record():
            return in_thread(lambda: [ag.is_recording(), ag.is_training()])

    @case
    def backward_in_another_thread():
        x = variable([1, 2])
        with ag.record():
            y = x * x
        outcome = in_thread(y.backward)
        return outcome, x.grad

    @case
    def graph_of_two_threads():
        x = variable([1, 2])

        def make():
            with ag.record():
                return x * x

        made = []
        in_thread(lambda: made.append(make()))
        with ag.record():
            z = made[0] * 3
        z.backward()
        return x.grad

    @case
    def two_threads_at_once():
        barrier, found = threading.Barrier(2), {}

        def work(k):
            x = nd.array([1, 2])
            x.attach_grad()
            for _ in range(5):
                with ag.record(train_mode=bool(k)):
                    barrier.wait(10)
                    y = x * (k + 2)
                    barrier.wait(10)
                    flags = [ag.is_recording(), ag.is_training()]
                y.backward()
            found[k] = [x.grad, flags, ag.is_recording()]

        threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [found[0], found[1]]

    @case
    def slot_of_copies():
        x = variable([1, 2])
        with ag.record():
            y = x.copy()
            z = y * x
        z.backward()
        return x.grad, y.grad

    @case
    def gradient_object_after_attaching_again():
        x = variable([1, 2])
        with ag.record():
            y = x * x
        old = x.grad
        x.attach_grad()
        y.backward()
        return x.grad, old

    @case
    def head_is_its_own_variable():
        x = variable([1, 2])
        with ag.record():
            y = x * 2
            y.attach_grad()
        y.backward()
        return y.grad, x.grad

    @case
    def heads_of_one_graph_one_after_another():
        x = variable([1, 2])
        with ag.record():
            y = x * 2
            z = x * 3
        y.backward()
        z.backward()
        return x.grad

    @case
    def blocked_inside():
        x = variable([1, 2])
        with ag.record():
            y = nd.BlockGrad(x * x) + x
            z = (x * 3).detach() * x
            w = nd.stop_gradient(nd.exp(x)) * x
        ag.backward([y, z, w])
        return x.grad

    @case
    def make_loss():
        x = variable([1, 2])
        with ag.record():
            y = nd.MakeLoss(x * x, grad_scale=3)
        y.backward(nd.array([10, 20]))
        return x.grad

    for shape in ((4,), (4, 3), (4, 3, 2), (2, 3, 2, 5)):
        for normalization in ("batch", "valid"):

            def scaled(shape=shape, normalization=normalization):
                x = variable(nd.arange(nd.ones(shape).size).reshape(shape).asnumpy())
                with ag.record():
                    y = nd.MakeLoss(x, grad_scale=6, valid_thresh=1, normalization=normalization)
                y.backward()
                return x.grad

            cases["make_loss_%s_%d" % (normalization, len(shape))] = scaled

    return cases


def written_parameters(mx):
    """``Parameter.set_data`` between forward and backward, which reads the new values."""
    nd, ag, gluon = mx.nd, mx.autograd, mx.gluon
    cases, case, variable = toolbox(mx)

    def parameter(values, grad_req):
        made = gluon.Parameter("p", grad_req=grad_req, shape=values.shape)
        made.initialize()
        made.set_data(values)
        return made

    @case
    def constant_in_pause():
        """A layer's running value, as of a spectral norm that is called twice."""
        p = parameter(nd.array([[1, 2]]), "null")
        x = variable([[1, 2, 3], [4, 5, 6]])
        with ag.record():
            y = nd.dot(p.data(), x)
            with ag.pause():
                p.set_data(p.data() * 3)
            z = nd.dot(p.data(), x * x)
        ag.backward([y, z])
        return x.grad

    @case
    def weight_after_record():
        p = parameter(nd.array([1, 2]), "write")
        x = variable([3, 4])
        with ag.record():
            y = p.data() * x * x
        p.set_data(nd.array([5, 7]))
        y.backward()
        return [x.grad, p.grad()]

    @case
    def weight_of_a_hybridized_layer():
        net = gluon.nn.Dense(2, in_units=2, use_bias=False)
        net.initialize()
        net.weight.set_data(nd.array([[1, 2], [3, 4]]))
        net.hybridize()
        x = variable([[1, 2]])
        with ag.record():
            y = net(x)
        net.weight.set_data(nd.array([[5, 6], [7, 8]]))
        y.backward()
        return [x.grad, net.weight.grad()]

    return cases


def used_graphs(mx):
    """Arrays of a graph that a backward pass has used up, in a later one: constants."""
    nd, ag, rnn = mx.nd, mx.autograd, mx.gluon.rnn
    cases, case, variable = toolbox(mx)

    @case
    def used_result_in_a_sum():
        x = variable([1, 2])
        with ag.record():
            y = x * 2
            z = y * 3
        z.backward()
        with ag.record():
            w = y * 4 + x
        w.backward()
        return x.grad

    @case
    def other_output_of_a_used_operator():
        x = variable([[1, 2], [3, 4]])
        with ag.record():
            a, b = nd.split(x * 2, 2, axis=1)
            z = a * 3
        z.backward()
        with ag.record():
            w = b * 4 + x[:, :1]
        w.backward()
        return x.grad

    @case
    def used_result_alone():
        x = variable([1, 2])
        with ag.record():
            y = x * 2
            z = y * 3
        z.backward()
        with ag.record():
            w = y * 4
        w.backward()

    @case
    def kept_graph_is_not_used():
        x = variable([1, 2])
        with ag.record():
            y = x * x
        y.backward(retain_graph=True)
        with ag.record():
            w = y * 4
        w.backward()
        return x.grad

    @case
    def apart_from_a_used_graph():
        x = variable([1, 2])
        with ag.record():
            y, other = x * x, nd.exp(x)
        other.backward()
        with ag.record():
            w = y * 4
        w.backward()
        return x.grad

    for make in (rnn.RNN, rnn.LSTM, rnn.GRU, rnn.RNNCell, rnn.LSTMCell, rnn.GRUCell):
        for hybrid in (False, True):

            def states_not_detached(make=make, hybrid=hybrid):
                net = make(3, input_size=2)
                net.initialize(mx.init.Constant(0.2))
                net.hybridize(hybrid)
                state, seen = net.begin_state(batch_size=2), []
                for k in range(3):
                    data = nd.arange(4).reshape((2, 2)) * (k + 1) / 10
                    with ag.record():
                        out, state = net(data if "Cell" in make.__name__ else data.expand_dims(0), state)
                        loss = (out * out).sum()
                    loss.backward()
                    (name,) = (n for n in net.collect_params() if n.endswith("h2h_weight"))
                    seen.append(net.collect_params()[name].grad().copy())
                return seen

            cases["states of %s, hybrid=%s" % (make.__name__, hybrid)] = states_not_detached
    return cases


def results(mx):
    found = {}
    for part in (examples, corners, written_parameters, used_graphs):
        for name, run in part(mx).items():
            found[name] = attempt(run)
            mx.autograd.set_recording(False)
            mx.autograd.set_training(False)
    return plain(found)


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("autograd_rules", results(mxnet))
