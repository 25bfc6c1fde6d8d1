"""Writes tests/golden/gluon_hybrid_layers.json: layers of MXNet inside hybrid_forward, hybridized or not.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_hybrid_layers
"""

import os

os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")

from tests.oracle.gluon_common import arrays, check_complete, collect  # noqa: E402
from tests.oracle.gluon_hybrid_training import numbers, ready  # noqa: E402
from tests.oracle.scenario import write  # noqa: E402


def chains(mx):
    """{name: (layer, input shape, what is done to its input)}."""
    nn = mx.gluon.nn

    def reshape(F, x):
        return F.reshape(x, shape=(-1, 0, 4, 0))

    def cut(F, x):
        return F.slice(x, begin=(0, 0, 1, 1), end=(2, 2, 5, 5))

    def back(F, x):
        return F.reshape(F.slice(x, begin=(0, 0, 0, 0), end=(1, 2, 6, 2)), shape=(0, 0, 3, 4))

    def flat(F, x):
        return F.reshape(x, shape=(4, -1))

    def cut_flat(F, x):
        return F.slice_axis(F.flatten(x), axis=1, begin=2, end=-1)

    image = (2, 2, 8, 6)
    layers = {
        "conv": lambda: nn.Conv2D(3, 3, padding=1, activation="relu"),
        "conv strided": lambda: nn.Conv2D(2, 2, strides=2, dilation=1, use_bias=False),
        "depthwise": lambda: nn.Conv2D(2, 3, groups=2),
        "deconv": lambda: nn.Conv2DTranspose(3, 3, strides=2, padding=1, output_padding=1),
        "batch norm": lambda: nn.BatchNorm(),
        "batch norm, fixed": lambda: nn.BatchNorm(scale=False, center=False, use_global_stats=True),
        "instance norm": lambda: nn.InstanceNorm(),
        "layer norm": lambda: nn.LayerNorm(),
        "group norm": lambda: nn.GroupNorm(2),
        "max pool": lambda: nn.MaxPool2D(2, 1),
        "max pool, full": lambda: nn.MaxPool2D(3, 2, ceil_mode=True),
        "avg pool": lambda: nn.AvgPool2D(2, 1, padding=1, count_include_pad=False),
        "global max": lambda: nn.GlobalMaxPool2D(),
        "global avg": lambda: nn.GlobalAvgPool2D(),
        "relu": lambda: nn.Activation("relu"),
        "softsign": lambda: nn.Activation("softsign"),
        "leaky": lambda: nn.LeakyReLU(0.1),
        "prelu": lambda: nn.PReLU(),
        "elu": lambda: nn.ELU(0.5),
        "gelu": lambda: nn.GELU(),
        "swish": lambda: nn.Swish(),
        "flatten": lambda: nn.Flatten(),
        "reflection": lambda: nn.ReflectionPad2D(1),
        "lambda": lambda: nn.HybridLambda(lambda F, x: F.square(x) + 1),
    }
    dense = {
        "dense": lambda: nn.Dense(3, activation="tanh"),
        "dense, not flat": lambda: nn.Dense(2, flatten=False),
        "batch norm of rows": lambda: nn.BatchNorm(axis=-1, epsilon=1e-3, momentum=0.7),
        "dropout": lambda: nn.Dropout(0),
    }
    found = {}
    for name, make in layers.items():
        for how in (reshape, cut, back):
            found["%s after %s" % (name, how.__name__)] = (make, image, how)
    for name, make in dense.items():
        for how in (flat, cut_flat):
            found["%s after %s" % (name, how.__name__)] = (make, (2, 2, 4, 2), how)
    return found


def after(mx, put):
    class Chain(mx.gluon.HybridBlock):
        def __init__(self, make, how, **kwargs):
            super(Chain, self).__init__(**kwargs)
            self.how = how
            with self.name_scope():
                self.first = make()

        def hybrid_forward(self, F, x):
            return self.first(self.how(F, x))

    for name, (make, shape, how) in chains(mx).items():
        for hybrid in (False, True):
            x = numbers(mx, shape)
            net = Chain(make, how, prefix="n_")
            net.initialize(mx.init.One())
            net.first(how(mx.nd, x))
            for i, p in enumerate(net.first.collect_params().values()):
                value = numbers(mx, p.shape, 3 + i)
                p.set_data(value * value + 0.5 if "var" in p.name else value)
            if hybrid:
                net.hybridize()
            x.attach_grad()
            with mx.autograd.record():
                out = net(x)
            out.backward(numbers(mx, out.shape, 5))
            found = [float(out.sum().asscalar()), out.shape, [float(v) for v in x.grad.asnumpy().ravel()[:40]]]
            found.append([float(p.grad().norm().asscalar()) for p in net.first.collect_params().values()
                          if p.grad_req != "null"])  # fmt: skip
            found.append([p.data() for p in net.first.collect_params(".*running.*").values()])
            put("%s, hybridized: %s" % (name, hybrid), found)


def recurrent(mx, put):
    nn = mx.gluon.nn

    class Loop(mx.gluon.HybridBlock):
        """A cell written by hand, called in a loop with its state."""

        def __init__(self, **kwargs):
            super(Loop, self).__init__(**kwargs)
            with self.name_scope():
                self.i2h, self.h2h = nn.Dense(3), nn.Dense(3, use_bias=False)

        def hybrid_forward(self, F, x, states):
            outs, h = [], states[0]
            for step in F.split(x, num_outputs=4, axis=1, squeeze_axis=True):
                h = F.tanh(self.i2h(step) + self.h2h(h))
                outs.append(h)
            return F.stack(*outs, axis=1), [h]

    for hybrid in (False, True):
        net = Loop(prefix="l_")
        x, h = numbers(mx, (2, 4, 2)), mx.nd.zeros((2, 3))
        net = ready(mx, net, {} if hybrid else None, x, [h])
        with mx.autograd.record():
            out, states = net(x, [h])
            loss = (out**2).sum() + states[0].sum()
        loss.backward()
        grads = {k: p.grad() for k, p in net.collect_params().items()}
        put("loop, hybridized: %s" % hybrid, [out, states, grads, arrays(net.collect_params())])


PARTS = [after, recurrent]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_hybrid_layers", check_complete(results(mxnet)))
