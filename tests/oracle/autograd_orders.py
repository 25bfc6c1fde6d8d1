"""Writes tests/golden/autograd_orders.json: first, second and third derivatives of the operators of one input, and the
second derivatives of operators and layers with several, where MXNet has them.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.autograd_orders
"""

import os

from tests.oracle.scenario import attempt, write

AROUND_ZERO = [[-0.9, -0.35], [0.25, 0.8]]
POSITIVE = [[0.3, 0.9], [1.4, 2.6]]
ABOVE_ONE = [[1.2, 1.9], [2.4, 3.1]]
UNARY = {
    name: values
    for values, names in (
        (
            AROUND_ZERO,
            "sin cos tan sinh cosh tanh arcsin arccos arctan arcsinh arctanh degrees radians relu sigmoid softsign erf "
            "exp expm1 square abs sign negative log1p cbrt hard_sigmoid zeros_like ones_like identity floor ceil round "
            "rint fix trunc softmax log_softmax softmin sum mean prod nansum nanprod max min norm flatten transpose "
            "erfinv",
        ),
        (POSITIVE, "log log2 log10 sqrt rsqrt rcbrt reciprocal gamma gammaln"),
        (ABOVE_ONE, "arccosh"),
    )
    for name in names.split()
}
# name -> (function of nd and the arrays, their values); the arrays are differentiated, all of them.
SEVERAL = {
    "clip": (lambda nd, x: nd.clip(x, -0.5, 0.5), [AROUND_ZERO]),
    "square by power": (lambda nd, x: x**2, [AROUND_ZERO]),
    "power scalar": (lambda nd, x: x**2.5, [POSITIVE]),
    "rpower scalar": (lambda nd, x: 2**x, [POSITIVE]),
    "rdiv scalar": (lambda nd, x: 2 / x, [POSITIVE]),
    "scalars": (lambda nd, x: (3 * x + 1) / 2 - 4, [POSITIVE]),
    "add": (lambda nd, x, y: x + y, [POSITIVE, ABOVE_ONE]),
    "sub": (lambda nd, x, y: x - y, [POSITIVE, ABOVE_ONE]),
    "mul": (lambda nd, x, y: x * y, [POSITIVE, ABOVE_ONE]),
    "div": (lambda nd, x, y: x / y, [POSITIVE, ABOVE_ONE]),
    "power": (lambda nd, x, y: x**y, [POSITIVE, ABOVE_ONE]),
    "maximum": (lambda nd, x, y: nd.maximum(x, y), [POSITIVE, ABOVE_ONE]),
    "hypot": (lambda nd, x, y: nd.broadcast_hypot(x, y), [POSITIVE, ABOVE_ONE]),
    "elemwise_add": (lambda nd, x, y: nd.elemwise_add(x, y), [POSITIVE, ABOVE_ONE]),
    "elemwise_mul": (lambda nd, x, y: nd.elemwise_mul(x, y), [POSITIVE, ABOVE_ONE]),
    "elemwise_div": (lambda nd, x, y: nd.elemwise_div(x, y), [POSITIVE, ABOVE_ONE]),
    "broadcast_mul": (lambda nd, x, y: nd.broadcast_mul(x, y), [POSITIVE, [[2.0, 3.0]]]),
    "dot": (lambda nd, x, y: nd.dot(x, y), [POSITIVE, ABOVE_ONE]),
    "batch_dot": (lambda nd, x, y: nd.batch_dot(x, y), [[POSITIVE], [ABOVE_ONE]]),
    "FullyConnected": (
        lambda nd, x, w, b: nd.FullyConnected(x, w, b, num_hidden=3),
        [POSITIVE, [[1, 2], [3, 4], [0.5, -1]], [1, 2, 3]],
    ),
    "FullyConnected no_bias": (
        lambda nd, x, w: nd.FullyConnected(x, w, num_hidden=3, no_bias=True),
        [POSITIVE, [[1, 2], [3, 4], [0.5, -1]]],
    ),
    "FullyConnected not flat": (
        lambda nd, x, w, b: nd.FullyConnected(x, w, b, num_hidden=3, flatten=False),
        [[POSITIVE, ABOVE_ONE], [[1, 2], [3, 4], [0.5, -1]], [1, 2, 3]],
    ),
    "tanh of FullyConnected": (
        lambda nd, x, w: nd.tanh(nd.FullyConnected(x, w, num_hidden=2, no_bias=True)),
        [AROUND_ZERO, [[1, 2], [-0.5, 0.4]]],
    ),
    "Activation tanh": (lambda nd, x: nd.Activation(x, "tanh"), [AROUND_ZERO]),
    "Activation relu": (lambda nd, x: nd.Activation(x, "relu"), [AROUND_ZERO]),
    "Activation softrelu": (lambda nd, x: nd.Activation(x, "softrelu"), [AROUND_ZERO]),
    "LeakyReLU": (lambda nd, x: nd.LeakyReLU(x, slope=0.3), [AROUND_ZERO]),
    "slice": (lambda nd, x: x[0:1] * x[1:2], [AROUND_ZERO]),
    "reshape": (lambda nd, x: x.reshape((4,)) ** 3, [AROUND_ZERO]),
    "concat": (lambda nd, x, y: nd.concat(x, y, dim=1) ** 3, [POSITIVE, ABOVE_ONE]),
    "split": (lambda nd, x: nd.split(x, 2, axis=1)[0] * nd.split(x, 2, axis=1)[1], [AROUND_ZERO]),
    "sum of squares": (lambda nd, x: (x * x).sum(), [AROUND_ZERO]),
    "mean along": (lambda nd, x: (x * x * x).mean(axis=1), [AROUND_ZERO]),
    "composition": (lambda nd, x: nd.exp(nd.sin(x)) * nd.log(x), [POSITIVE]),
    "broadcast_to": (lambda nd, x: nd.broadcast_to(x, (2, 2)) ** 2, [[[0.3, 0.4]]]),
    "where": (lambda nd, x, y: nd.where(x > 1, x * y, y * y), [POSITIVE, ABOVE_ONE]),
    "smooth_l1": (lambda nd, x: nd.smooth_l1(x, scalar=1), [AROUND_ZERO]),
    "add_n": (lambda nd, x, y: nd.add_n(x * y, x), [POSITIVE, ABOVE_ONE]),
    "take": (lambda nd, x: nd.take(x, nd.array([1, 1])) ** 2, [AROUND_ZERO]),
    "expand_dims": (lambda nd, x: nd.expand_dims(x, 0) ** 3, [AROUND_ZERO]),
    "tile": (lambda nd, x: nd.tile(x, (2, 1)) ** 3, [AROUND_ZERO]),
    "Convolution": (
        lambda nd, x, w: nd.Convolution(x, w, kernel=(2,), num_filter=1, no_bias=True),
        [[[[1, 2, 3]]], [[[0.5, -1]]]],
    ),
}


def heads(nd, shape, order):
    """The head gradients of the order-th differentiation: no two alike."""
    size = 1
    for n in shape:
        size *= n
    return (nd.arange(size).reshape(shape) / 4 - 0.6 + 0.3 * order) if shape else nd.array([0.7])


def orders(mx, function, values, wanted):
    """The derivatives of orders 1 to ``wanted`` (or the error at the first that fails) of one array."""
    nd, ag = mx.nd, mx.autograd
    x, found = nd.array(values), []
    x.attach_grad()
    with ag.record():
        y = function(x)
        for order in range(wanted):
            outcome = attempt(
                lambda: found.append(ag.grad(y, x, heads(nd, y.shape, order), create_graph=True, retain_graph=True)[0])
            )
            if outcome is not None:
                return [g.asnumpy() for g in found] + [outcome]
            y = found[-1]
    return [g.asnumpy() for g in found]


def second(mx, function, values):
    """Gradients of all arrays, and what a backward pass from the first array's gradient gives to each."""
    nd, ag = mx.nd, mx.autograd
    arrays = [nd.array(v) for v in values]
    for x in arrays:
        x.attach_grad()
    with ag.record():
        y = function(nd, *arrays)
        firsts = ag.grad(y, arrays, heads(nd, y.shape, 0), create_graph=True, retain_graph=True)
    firsts[0].backward(heads(nd, firsts[0].shape, 1))
    return [firsts, [x.grad for x in arrays]]


def results(mx):
    from tests.oracle.scenario import plain

    found = {name: plain(orders(mx, getattr(mx.nd, name), values, 3)) for name, values in UNARY.items()}
    for name, (function, values) in SEVERAL.items():
        found["several: " + name] = attempt(second, mx, function, values)
    return found


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("autograd_orders", results(mxnet))
