"""Custom operators for the scenarios: each is made of the functions that it is to have."""

from tests.oracle import scenario


def attempt(function, *args):
    """``scenario.attempt`` that waits for MXNet's worker threads, whose errors come late."""

    def waited(mx, *others):
        found = scenario.plain(function(mx, *others))
        mx.nd.waitall()
        return found

    try:
        return scenario.attempt(waited, *args)
    finally:
        try:  # what failed late must not fail the next scenario
            args[0].nd.waitall()
        except args[0].MXNetError:
            pass


def double(op, is_train, req, in_data, out_data, aux):
    op.assign(out_data[0], req[0], in_data[0] * 2)


def double_back(op, req, out_grad, in_data, out_data, in_grad, aux):
    op.assign(in_grad[0], req[0], out_grad[0] * 2)


def make(mx, name, forward=double, backward=double_back, create=None, init=None, top=True, **rules):
    """Registers a Prop under ``name``; ``rules`` are its methods, without self, or the lists they return."""

    class Op(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            forward(self, is_train, req, in_data, out_data, aux)

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            backward(self, req, out_grad, in_data, out_data, in_grad, aux)

    class Prop(mx.operator.CustomOpProp):
        def __init__(self, **kwargs):
            super(Prop, self).__init__(need_top_grad=top)
            if init is not None:
                init(kwargs)

        def create_operator(self, ctx, in_shapes, in_dtypes):
            return Op() if create is None else create(ctx, in_shapes, in_dtypes)

    for method, rule in rules.items():
        setattr(Prop, method, (lambda rule: lambda self, *a: rule(*a) if callable(rule) else list(rule))(rule))
    return mx.operator.register(name)(Prop)


def with_states(mx, seen=None, name="with_states"):
    """Registers an operator with two auxiliary states, that forward and backward change."""

    def forward(op, is_train, req, in_data, out_data, aux):
        if seen is not None:
            seen.append([is_train] + [a.asnumpy().tolist() for a in aux])
        aux[0][:] = aux[0] * 0.5 + in_data[0].mean(axis=0)
        aux[1][:] += 1
        op.assign(out_data[0], req[0], in_data[0] + aux[0])

    def backward(op, req, out_grad, in_data, out_data, in_grad, aux):
        op.assign(in_grad[0], req[0], out_grad[0] * aux[1])
        aux[1][:] += 10

    def shapes(s):
        return s, [s[0]], [(s[0][1],), (1,)]

    make(mx, name, forward, backward, list_auxiliary_states=["mean", "count"], infer_shape=shapes)


def with_label(mx, name="with_label"):
    """Registers a loss with a label, whose shape follows from the data's."""

    def forward(op, is_train, req, in_data, out_data, aux):
        op.assign(out_data[0], req[0], mx.nd.softmax(in_data[0]))

    def backward(op, req, out_grad, in_data, out_data, in_grad, aux):
        hot = mx.nd.one_hot(in_data[1], out_data[0].shape[1], dtype=out_data[0].dtype)
        op.assign(in_grad[0], req[0], out_data[0] - hot)

    def shapes(s):
        return [s[0], (s[0][0],)], [s[0]], []

    make(mx, name, forward, backward, top=False, list_arguments=["data", "label"], infer_shape=shapes)


def squared(mx, name="squared"):
    """Registers a square, computed by numpy."""

    def forward(op, is_train, req, in_data, out_data, aux):
        op.assign(out_data[0], req[0], mx.nd.array(in_data[0].asnumpy() ** 2))

    def backward(op, req, out_grad, in_data, out_data, in_grad, aux):
        op.assign(in_grad[0], req[0], mx.nd.array(2 * in_data[0].asnumpy() * out_grad[0].asnumpy()))

    make(mx, name, forward, backward)


def by_scenario(mx, functions):
    """{name: outcome}; a function that returns a dict has one result for each key."""
    found = {}
    for function in functions:
        result = attempt(function, mx)
        name = function.__name__.replace("_", " ").strip()
        if isinstance(result, dict) and "raises" not in result and "dtype" not in result:
            found.update({"%s: %s" % (name, k): v for k, v in result.items()})
        else:
            found[name] = result
    return found
