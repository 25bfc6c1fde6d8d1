"""Writes tests/golden/gluon_hybrid_traced.json: hybrid_forward that reads shapes, slices and writes, on MXNet's arrays.

MXNet cannot hybridize such Blocks; ours give the same hybridized.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_hybrid_traced
"""

from tests.oracle.gluon_common import attempt, check_complete, collect
from tests.oracle.gluon_hybrid_training import numbers
from tests.oracle.scenario import write

KEYS = {
    "1": 1, "-1": -1, "1:": slice(1, None), ":2": slice(2), "::2": slice(None, None, 2), "::-1": slice(None, None, -1),
    "-2:": slice(-2, None), ":, 1": (slice(None), 1), ":, -1": (slice(None), -1), "1, 2": (1, 2),
    "1, 2, 0": (1, 2, 0), ":, :, 1": (slice(None), slice(None), 1), "..., 1": (Ellipsis, 1),
    "1, ...": (1, Ellipsis), "None": None, ":, None": (slice(None), None), "..., None": (Ellipsis, None),
    "1, None": (1, None), "None, 1, :, 0": (None, 1, slice(None), 0), ":, 1:3, ::2": (slice(None), slice(1, 3),
    slice(None, None, 2)), "...": Ellipsis, ":": slice(None), "0:1": slice(0, 1), "1, 1:3": (1, slice(1, 3)),
    ":, ::-2": (slice(None), slice(None, None, -2)), "1:100": slice(1, 100), "None, None": (None, None),
    "(1,)": (1,), "(slice, int, slice)": (slice(0, 2), 3, slice(1, None)),
}  # fmt: skip
WRONG_KEYS = {"5": 5, "-4": -4, ":, 4": (slice(None), 4), "four": (0, 0, 0, 0), "two ...": (Ellipsis, 0, Ellipsis)}


def functions():
    """{name: function(F, x)}; x has the shape (3, 4, 2)."""

    def grid(F, x):
        b, n, c = x.shape
        return F.reshape(x, shape=(b, n * c)) / (b * n)

    def pooled(F, x):
        return F.sum(x, axis=1) / x.shape[1] if x.shape[1] > 2 else x

    def cast(F, x):
        return F.ones_like(x).astype(x.dtype) * x.size + x.ndim

    def rows(F, x):
        total = x[1] * 0
        for i in range(x.shape[0]):
            total = total + x[i] * (i + 1)
        return total

    def unrolled(F, x):
        return F.stack(*[step * 2 for step in x], axis=1)

    def shifted(F, x):
        return F.concat(x[:, 1:], x[:, :1], dim=1) - x[..., ::-1]

    def deep(F, x):
        y = F.relu(F.transpose(x, axes=(1, 0, 2)))
        return y[: y.shape[0] - 1, 1:] + y.shape[-1]

    def gated(F, x):
        half = x.shape[-1] // 2
        return x[:, :, :half] * F.sigmoid(x[:, :, half:])

    def padded(F, x):
        if len(x.shape) == 3:
            x = F.expand_dims(x, axis=1)
        return F.pad(x, mode="constant", pad_width=(0, 0, 0, 0, 1, 1, 0, 0), constant_value=0)[:, 0, 1]

    def filled(F, x):
        y = x + 0
        y[:, 1] = 5
        y[2] = 7
        y[0, 0, 0] = -1
        return y

    def copied(F, x):
        y = F.zeros_like(x)
        y[1:] = x[:-1]
        y[0, :, 0] = x[1, :, 1] * 2
        y[:, 2] = x[0, 0]
        return y

    def added(F, x):
        y = x * 1
        z = y
        y += 1
        y *= x
        y -= 2
        y /= 4
        return z

    def added_parts(F, x):
        y = x * 1
        y[0] += 10
        y[:, 1] *= 3
        y[1, 2] -= x[0, 0]
        return y

    def views(F, x):
        y = x * 1
        first = y[0]
        first[:] = 3
        first[1] += 1
        tail = y[1:]
        y += 1
        tail -= 5
        return y, first, tail

    def copies(F, x):
        y = x * 1
        column = y[:, 0]
        column[:] = 3
        return y, column

    def parts(F, x):
        first, second = F.split(x, num_outputs=2, axis=1)
        return first[1] + second.shape[1], second[:, 0]

    def scalar(F, x):
        return F.sum(x)[0] + x.shape[0]

    return [grid, pooled, cast, rows, unrolled, shifted, deep, gated, padded, filled, copied, added, added_parts,
            views, copies, parts, scalar]  # fmt: skip


def net_of(mx, function, hybrid):
    class Net(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return function(F, x)

    net = Net(prefix="n_")
    if hybrid:
        net.hybridize()
    return net


def values(mx, put, hybrid=False):
    for function in functions():
        net = net_of(mx, function, hybrid)
        found = [net(numbers(mx, shape)) for shape in ((3, 4, 2), (3, 4, 4), (4, 6, 2), (3, 4, 2))]
        put(function.__name__, found)


def indices(mx, put, hybrid=False):
    for name, key in KEYS.items():
        net = net_of(mx, lambda F, x, key=key: x[key] * 1, hybrid)
        put("x[%s]" % name, [net(numbers(mx, (3, 4, 2))), net(numbers(mx, (4, 4, 3)))])
    for name, key in WRONG_KEYS.items():
        found = attempt(net_of(mx, lambda F, x, key=key: x[key] * 1, hybrid), numbers(mx, (3, 4, 2)))
        put("wrong x[%s]" % name, found["raises"])
    for name, key in KEYS.items():
        if "None" in name:
            continue

        def assign(F, x, key=key):
            y = x * 1
            y[key] = 9
            z = x * 1
            z[key] = x[key] * 2
            return y, z

        put("y[%s] = 9" % name, net_of(mx, assign, hybrid)(numbers(mx, (3, 4, 2))))


def gradients(mx, put, hybrid=False):
    for function in functions()[:9]:
        if function.__name__ == "cast":  # does not depend on values
            continue
        x = numbers(mx, (3, 4, 2))
        x.attach_grad()
        net = net_of(mx, function, hybrid)
        with mx.autograd.record():
            out = net(x)
        out.backward(numbers(mx, out.shape, 5))
        put(function.__name__, x.grad)


def layers(mx, put, hybrid=False):
    nn = mx.gluon.nn

    class Attention(mx.gluon.HybridBlock):
        """Children read shapes too, and Parameters become known on the way."""

        def __init__(self, **kwargs):
            super(Attention, self).__init__(**kwargs)
            with self.name_scope():
                self.all = nn.Dense(12, flatten=False)
                self.out = Head()
                self.scale = self.params.get("scale", shape=(4,), init="ones")

        def hybrid_forward(self, F, x, scale):
            b, n, _ = x.shape
            q, k, v = F.split(self.all(x), num_outputs=3, axis=2)
            q = q.reshape((b, n, 2, -1)).transpose((0, 2, 1, 3)).reshape((b * 2, n, -1))
            k = k.reshape((b, n, 2, -1)).transpose((0, 2, 1, 3)).reshape((b * 2, n, -1))
            weights = F.softmax(F.batch_dot(q, k, transpose_b=True) / q.shape[-1] ** 0.5)
            out = F.batch_dot(weights, v.reshape((b, n, 2, -1)).transpose((0, 2, 1, 3)).reshape((b * 2, n, -1)))
            out = out.reshape((b, 2, n, -1)).transpose((0, 2, 1, 3)).reshape((b, n, -1))
            return self.out(F.broadcast_mul(out, scale) / scale.shape[0])

    class Head(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Head, self).__init__(**kwargs)
            with self.name_scope():
                self.fc = nn.Dense(2)

        def hybrid_forward(self, F, x):
            return self.fc(x[:, 0]) * x.shape[0]

    net = Attention(prefix="a_")
    net.initialize(mx.init.Constant(0.1))
    if hybrid:
        net.hybridize()
    found = []
    for shape in ((2, 3, 5), (1, 4, 5), (2, 3, 5)):
        x = numbers(mx, shape)
        with mx.autograd.record():
            out = net(x)
        out.backward()
        found.append([out, net.all.weight.grad()])
    put("attention", [found, [[p.name, p.shape] for p in net.collect_params().values()]])


PARTS = [values, indices, gradients, layers]


def results(mx, hybrid=False):
    def named(part):
        def run(mx, put):
            part(mx, put, hybrid)

        run.__name__ = part.__name__
        return run

    return collect(mx, [named(part) for part in PARTS])


if __name__ == "__main__":
    import mxnet

    write("gluon_hybrid_traced", check_complete(results(mxnet)))
