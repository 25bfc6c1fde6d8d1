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

    def slope(x):
        x = x.copy()
        x.attach_grad()
        with ag.record():
            y = (x * x * x).sum()
        y.backward()
        return x.grad

    def given(gradient, forward=None, n=1):
        """y and the gradient of x, of a Function with this backward."""

        class Given(ag.Function):
            def forward(self, x):
                return x * 2 if forward is None else forward(x)

            def backward(self, *dy):
                return gradient(*dy)

        x = nd.array([1, 2])
        x.attach_grad()
        with ag.record():
            y = Given()(x)
        for _ in range(n):
            (y[0] if isinstance(y, tuple) else y).backward(retain_graph=True)
        nd.waitall()
        return type(y).__name__, y, x.grad, x.grad.dtype.__name__

    def switches():
        seen = []
        for train in (True, False):
            x = nd.array([1, 2])
            x.attach_grad()

            class Sees(ag.Function):
                def forward(self, x):
                    seen.append([ag.is_recording(), ag.is_training()])
                    return x * 1

                def backward(self, dy):
                    seen.append([ag.is_recording(), ag.is_training()])
                    return dy

            with ag.record(train):
                y = Sees()(x)
            y.backward(train_mode=train)
            nd.waitall()
        return seen

    def no_input():
        class Ones(ag.Function):
            def forward(self):
                return nd.ones((2,))

            def backward(self, dy):
                return ()

        with ag.record():
            return Ones()()

    def boom(*_):
        raise ValueError("boom")

    def waited(function, *args, **kwargs):
        outcome = attempt(function, *args, **kwargs)
        try:  # what failed late must not fail the next scenario
            nd.waitall()
        except mx.MXNetError:
            pass
        return outcome

    for function in (one, outside, two, with_state, used_twice, undefined, passes, chained, switches, no_input):
        found["Function: " + function.__name__] = attempt(function)
    for name, args in {
        "gradient of another dtype": (lambda dy: dy.astype("float64"),),
        "smaller gradient": (lambda dy: nd.array([7]),),
        "larger gradient": (lambda dy: nd.ones((3, 2)),),
        "other gradient": (lambda dy: nd.ones((3,)),),
        "too many gradients": (lambda dy: (dy, dy),),
        "gradient of numpy": (lambda dy: dy.asnumpy(),),
        "backward fails": (boom,),
        "forward fails": (lambda dy: dy, boom),
        "records in backward": (lambda dy: slope(dy * 2),),
        "records in forward": (lambda dy: dy * 5, slope),
        "backward twice": (lambda dy: dy * 5, None, 2),
        "one output of two": (lambda a, b: a * 3 + b * 100, lambda x: (x * 1, x * 2)),
    }.items():
        found["Function: " + name] = waited(given, *args)
    return found
