"""Scenarios: what BlockGrad leaves of gradients, of running statistics and for a Trainer.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.semantics_stopped
"""

import itertools

from tests.oracle.semantics_common import Table, drawn, main

# Of variables x = [1, 2] and w = [3, 4], whose gradients hold 5 before.
EXPRESSIONS = (
    "nd.BlockGrad(x)", "nd.BlockGrad(x) + 1", "w * nd.BlockGrad(x)", "x * nd.BlockGrad(x)",
    "w * nd.BlockGrad(nd.exp(x) * x)", "nd.BlockGrad(x * w)", "nd.BlockGrad(nd.BlockGrad(x) * w)",
    "nd.BlockGrad(x) * nd.BlockGrad(w) * x", "w + nd.BlockGrad(x[0]) * 2", "nd.where(nd.BlockGrad(x) > 1, w, x)",
    "nd.stop_gradient(x) * w", "nd.BlockGrad(x.detach()) * w", "w * nd.BlockGrad(nd.softmax(x))", "nd.round(x) * w",
    "nd.floor(x)", "nd.ceil(x) + w", "nd.sign(x)", "nd.contrib.round_ste(x) * w", "nd.make_loss(nd.BlockGrad(x) * w)",
    "nd.BlockGrad(nd.take(x, w - 3)) + 0",
)  # fmt: skip
# Functions without derivative.
STEPS = (
    "x > 1", "(x == w).mean()", "x.argmax()", "nd.one_hot(x, 3)", "nd.zeros_like(x)", "nd.ones_like(x) * 2",
    "nd.topk(x)", "nd.argsort(x)", "nd.logical_not(x)", "w * (x > 1)", "x * (x > 1)", "nd.take(w, x - 1)",
    "nd.contrib.arange_like(x)",
)  # fmt: skip


def gradients(mx, text, req, passes):
    names = {"nd": mx.nd, "x": mx.nd.array([1, 2]), "w": mx.nd.array([3, 4])}
    variables = [names["x"], names["w"]]
    for v in variables:
        v.attach_grad(req)
        v.grad[:] = 5
    with mx.autograd.record():
        y = eval(text, names)
    for again in range(passes, 0, -1):
        y.backward(retain_graph=again > 1)
    return [y] + [v.grad for v in variables]


def returned(mx):
    """autograd.grad of a variable behind a block."""
    x, w = mx.nd.array([1, 2]), mx.nd.array([3, 4])
    x.attach_grad()
    w.attach_grad()
    with mx.autograd.record():
        y = w * mx.nd.BlockGrad(x * x)
    return mx.autograd.grad([y], [x, w])


def unreachable(mx):
    x, w = mx.nd.array([1, 2]), mx.nd.array([3, 4])
    x.attach_grad()
    w.attach_grad()
    with mx.autograd.record():
        y = w * 2
    return mx.autograd.grad([y], [x, w])


def net(mx, hybridize):
    class Net(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.body = mx.gluon.nn.Dense(3, in_units=2, weight_initializer=mx.init.One())
                self.norm = mx.gluon.nn.BatchNorm(in_channels=3)
                self.top = mx.gluon.nn.Dense(1, in_units=3, weight_initializer=mx.init.One())

        def hybrid_forward(self, F, x):
            return self.top(F.BlockGrad(self.norm(self.body(x))))

    made = Net(prefix="net_")
    made.initialize()
    if hybridize:
        made.hybridize()
    return made


def trained(mx, hybridize, train):
    """A frozen body: three steps of a Trainer over all Parameters, with weight decay and momentum."""
    made = net(mx, hybridize)
    trainer = mx.gluon.Trainer(made.collect_params(), "sgd", {"learning_rate": 0.1, "wd": 0.1, "momentum": 0.9})
    data = mx.nd.array(drawn(4, 2))
    for _ in range(3):
        with mx.autograd.record(train_mode=train):
            loss = (made(data) ** 2).sum()
        loss.backward(train_mode=train)
        trainer.step(4)
    mx.nd.waitall()
    return [[name, p.data()] for name, p in sorted(made.collect_params().items())]


def once(mx, hybridize):
    """With a second path to the norm, statistics move once for each backward pass."""
    made = net(mx, hybridize)
    data = mx.nd.array(drawn(4, 2))
    states = []
    with mx.autograd.record():
        out = made.norm(made.body(data))
        y = out * mx.nd.BlockGrad(out)
    for _ in range(2):
        y.backward(retain_graph=True)
        mx.nd.waitall()
        states.append([made.norm.running_mean.data().asnumpy(), made.norm.running_var.data().asnumpy()])
    return states


def executor(mx):
    a, b = mx.sym.var("a"), mx.sym.var("b")
    both = mx.sym.Group([mx.sym.BlockGrad(a * 2), mx.sym.MakeLoss(mx.sym.BlockGrad(b) * a)])
    bound = both.simple_bind(mx.cpu(), a=(2,), b=(2,))
    bound.arg_dict["a"][:], bound.arg_dict["b"][:], bound.grad_dict["b"][:] = 2, 3, 7
    bound.forward(is_train=True)
    bound.backward()
    return bound.outputs, bound.grad_dict


def results(mx):
    """{name: what MXNet does}."""
    table = Table(mx)
    for text, req in itertools.product(EXPRESSIONS, ("write", "add")):
        table.of("%s, %s" % (text, req), gradients, text, req, 1)
    for text in EXPRESSIONS[:4]:
        table.of("%s, twice" % text, gradients, text, "write", 2)
    for text in STEPS:
        table.of("%s, write" % text, gradients, text, "write", 1)
    table.of("returned", returned)
    table.of("unreachable", unreachable)
    for hybridize in (True, False):
        for train in (True, False):
            table.of("trained: hybridize=%s train=%s" % (hybridize, train), trained, hybridize, train)
        table.of("once: hybridize=%s" % hybridize, once, hybridize)
    table.of("executor", executor)
    return table.found


if __name__ == "__main__":
    main("semantics_stopped", results)
