"""Scenarios of autograd.Function."""

from tests.oracle.scenario import attempt


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

    class Nothing(ag.Function):
        pass

    class Passes(ag.Function):
        def forward(self, x):
            return x

        def backward(self, dy):
            return dy * 5

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
    return found
