"""Writes tests/golden/exports: nets that MXNet exported, and what they give; runs nets that were exported elsewhere.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.exports              writes NAME-symbol.json, NAME-0000.params and NAME.npz of each net
    PYTHON -m tests.oracle.exports run FOLDER   imports every pair in FOLDER and adds its outputs to NAME.npz
"""

import os
import sys
import zlib

os.environ.setdefault("MXNET_STORAGE_FALLBACK_LOG_VERBOSE", "0")

import numpy as np  # noqa: E402

FOLDER = os.path.join(os.path.dirname(__file__), "..", "golden", "exports")


def drawn(shape, low=-1.0, high=1.0, seed=0, dtype="float32"):
    return np.random.RandomState(seed).uniform(low, high, shape).astype(dtype)


def net_of(mx, prefix, forward, **shapes):
    """A HybridBlock with Parameters of these shapes (or keywords of ``params.get``) that runs ``forward``."""

    class Net(mx.gluon.HybridBlock):
        def __init__(self):
            super().__init__(prefix=prefix)
            for name, given in shapes.items():
                given = given if isinstance(given, dict) else {"shape": given}
                setattr(self, name, self.params.get(name, allow_deferred_init=True, **given))

        def hybrid_forward(self, F, *args, **params):
            return forward(F, *args, **params)

    return Net()


def mlp(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="mlp_")
    with net.name_scope():
        net.add(nn.Dense(7, activation="relu"), nn.Dropout(0.5), nn.Dense(5, activation="tanh", use_bias=False))
        net.add(nn.Dense(3, flatten=False))
    return net, [drawn((4, 2, 3))]


def conv(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="conv_")
    with net.name_scope():
        net.add(nn.Conv2D(6, 3, padding=1, use_bias=False), nn.BatchNorm(scale=False, epsilon=1e-3))
        net.add(nn.MaxPool2D(3, 2, ceil_mode=True), nn.Conv2D(6, 3, groups=3, dilation=2, padding=2, activation="relu"))
        net.add(nn.BatchNorm(), nn.AvgPool2D(3, 2, padding=1, count_include_pad=False, ceil_mode=True))
        net.add(nn.BatchNorm(center=False, use_global_stats=True), nn.GlobalAvgPool2D(), nn.Flatten(), nn.Dense(4))
    return net, [drawn((2, 3, 10, 9))]


def residual(mx):
    nn = mx.gluon.nn

    class Unit(mx.gluon.HybridBlock):
        def __init__(self, channels, stride, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                self.body = nn.HybridSequential(prefix="")
                for k, s in ((1, stride), (3, 1)):
                    self.body.add(nn.BatchNorm(), nn.Activation("relu"))
                    self.body.add(nn.Conv2D(channels, k, s, k // 2, use_bias=False))
                self.down = nn.Conv2D(channels, 1, stride, use_bias=False, prefix="down_") if stride > 1 else None

        def hybrid_forward(self, F, x):
            return self.body(x) + (x if self.down is None else self.down(x))

    net = nn.HybridSequential(prefix="res_")
    with net.name_scope():
        net.add(nn.Conv2D(4, 3), Unit(4, 1), Unit(8, 2), nn.GlobalMaxPool2D(), nn.Dense(3))
    return net, [drawn((2, 3, 9, 9))]


def _recurrent(mx, mode, gates, layers, bidirectional):
    directions, hidden, inputs = 1 + bidirectional, 4, 3
    size = sum(
        directions * gates * hidden * ((inputs if k == 0 else hidden * directions) + hidden + 2) for k in range(layers)
    )

    def forward(F, x, state, *cell, **params):
        out = F.RNN(x, params["weights"], state, *cell, state_size=hidden, num_layers=layers, mode=mode,
                    bidirectional=bidirectional, state_outputs=True, p=0.3)  # fmt: skip
        return tuple(out)

    states = [drawn((layers * directions, 2, hidden), seed=5 + k) for k in range(1 + (mode == "lstm"))]
    return net_of(mx, mode + "_", forward, weights=(size,)), [drawn((5, 2, inputs))] + states


def lstm(mx):
    return _recurrent(mx, "lstm", 4, 2, False)


def gru(mx):
    return _recurrent(mx, "gru", 3, 1, True)


def attention(mx):
    nn = mx.gluon.nn

    class Net(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                self.embed = nn.Embedding(11, 6)
                self.norm = nn.LayerNorm(epsilon=1e-3)
                self.project = nn.Dense(18, flatten=False, in_units=6)
                self.positions = self.params.get_constant("positions", drawn((1, 4, 6), seed=3))

        def hybrid_forward(self, F, tokens, length, positions):
            x = self.norm(self.embed(tokens) * 2.5 + F.broadcast_like(positions, self.embed(tokens), (0,), (0,)))
            query, key, value = F.split(F.reshape(self.project(x), (0, 0, -4, 3, -1)), 3, axis=2, squeeze_axis=True)
            scores = F.batch_dot(query, key, transpose_b=True) / 6**0.5
            mask = F.SequenceMask(F.ones_like(F.transpose(scores, (2, 0, 1))), length, use_sequence_length=True)
            mask = F.transpose(mask, (1, 2, 0))
            scores = F.where(mask, scores, F.ones_like(scores) * -1e9)
            return F.batch_dot(F.softmax(scores, axis=-1), value), F.topk(scores, k=2, ret_typ="both", axis=-1)[0]

    return Net(prefix="attention_"), [np.array([[1, 5, 2, 0], [10, 3, 3, 7]], "float32"), np.array([3, 4], "float32")]


def several(mx):
    def forward(F, a, b, w):
        left, right = F.split(a, 2, axis=1)
        joined = F.concat(left, F.broadcast_mul(right, w), b, dim=1)
        return joined, [
            F.stack(left, right).sum(axis=0),
            F.slice(joined, begin=(None, 1), end=(None, None), step=(1, 2)),
        ]

    return net_of(mx, "several_", forward, w=(1, 2)), [drawn((3, 4)), drawn((3, 1), seed=2)]


def shared(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="shared_")
    with net.name_scope():
        first = nn.Dense(4, in_units=4, activation="relu")
        net.add(first, nn.Dense(4, in_units=4, params=first.params), nn.Dense(2), first.__class__(3))
    return net, [drawn((2, 4))]


def halves(mx):
    def forward(F, x, half, single):
        y = F.broadcast_mul(F.cast(x, "float16"), half)
        return F.cast(y, "float32") + single, F.relu(y), F.cast(F.broadcast_greater(x, single), "int32")

    types = dict(half={"shape": (1, 3), "dtype": "float16"}, single={"shape": (2, 3), "dtype": "float32"})
    return net_of(mx, "halves_", forward, **types), [drawn((2, 3))]


def decoder(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="decoder_")
    with net.name_scope():
        net.add(
            nn.Conv2DTranspose(4, 3, 2, 1, output_padding=1),
            nn.PReLU(),
            nn.Conv2DTranspose(2, 4, 2, 1, groups=2, in_channels=4),
        )
        net.add(nn.HybridLambda(lambda F, x: F.UpSampling(x, scale=2, sample_type="nearest")), nn.SELU())
        net.add(nn.HybridLambda(lambda F, x: F.Pad(x, mode="edge", pad_width=(0, 0, 0, 0, 1, 2, 0, 1))))
        net.add(nn.HybridLambda(lambda F, x: F.contrib.BilinearResize2D(x, height=7, width=5)))
    return net, [drawn((1, 3, 2, 3))]


def norms(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="norms_")
    with net.name_scope():
        net.add(nn.InstanceNorm(), nn.HybridLambda(lambda F, x: F.LRN(x, nsize=3)), nn.Swish(), nn.GELU(), nn.ELU(0.5))
        net.add(nn.HybridLambda(lambda F, x: F.L2Normalization(x, mode="channel")), nn.LayerNorm(axis=1))
        net.add(nn.HybridLambda(lambda F, x: F.norm(x, axis=(2, 3))), nn.LeakyReLU(0.3))
    return net, [drawn((2, 4, 3, 3))]


def dimensions(mx):
    nn = mx.gluon.nn

    class Net(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                self.line = nn.Conv1D(3, 2, strides=2, padding=1)
                self.space = nn.Conv3D(2, (1, 2, 2), padding=(0, 1, 1))
                self.pool = nn.AvgPool3D(2)

        def hybrid_forward(self, F, x, y):
            return self.line(x), self.pool(self.space(y))

    return Net(prefix="dimensions_"), [drawn((2, 2, 5)), drawn((1, 1, 2, 4, 3))]


def detector(mx):
    nn = mx.gluon.nn

    class Net(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                self.body = nn.Conv2D(4, 3, 2, 1, activation="relu")
                self.classes = nn.Conv2D(2 * 3, 3, padding=1)
                self.boxes = nn.Conv2D(2 * 4, 3, padding=1)

        def hybrid_forward(self, F, x):
            x = self.body(x)
            anchors = F.contrib.MultiBoxPrior(x, sizes=(0.3,), ratios=(1, 2), clip=True)
            classes = F.flatten(F.transpose(self.classes(x), (0, 2, 3, 1))).reshape((0, -1, 3))
            boxes = F.flatten(F.transpose(self.boxes(x), (0, 2, 3, 1)))
            probabilities = F.softmax(F.transpose(classes, (0, 2, 1)), axis=1)
            return F.contrib.MultiBoxDetection(probabilities, boxes, anchors, nms_threshold=0.4, nms_topk=20)

    return Net(prefix="detector_"), [drawn((2, 3, 8, 8))]


def loop(mx):
    def forward(F, rows, state, w):
        def step(row, states):
            new = F.tanh(F.FullyConnected(F.concat(row, states[0], dim=1), w, num_hidden=3, no_bias=True))
            return new * 2, [new]

        outputs, states = F.contrib.foreach(step, rows, [state])
        return outputs, states[0]

    return net_of(mx, "loop_", forward, w=(3, 5)), [drawn((4, 2, 2)), drawn((2, 3), seed=1)]


def branch(mx):
    def forward(F, x, w):
        def body(i, total):
            return total, [i + 1, F.broadcast_mul(total, w)]

        rows, (_, total) = F.contrib.while_loop(
            lambda i, total: i < 3, body, [F.zeros((1,)), x], max_iterations=5, name="w"
        )
        return F.slice_axis(rows, axis=0, begin=0, end=3), F.contrib.cond(
            F.sum(total) > 0, lambda: total * 2, lambda: total - 1
        )

    return net_of(mx, "branch_", forward, w=(1, 3)), [drawn((2, 3), 0.5, 1)]


def indices(mx):
    def forward(F, x, i, table):
        taken = F.take(table, i, mode="wrap")
        return (
            taken, F.pick(x, F.slice_axis(i, axis=1, begin=0, end=1).reshape((-1,))), F.one_hot(i, 4),
            F.argsort(x, axis=1, is_ascend=False), F.gather_nd(x, F.transpose(F.cast(i, "int32"))),
            F.reverse(x, axis=1), F.cumsum(x, axis=1), F.clip(x, -0.5, 0.5), F.arange(0, 3),
            F.linalg.gemm2(x, table, transpose_b=True),
        )  # fmt: skip

    return net_of(mx, "indices_", forward, table=(3, 4)), [drawn((2, 4)), np.array([[0, 1], [1, 3]], "float32")]


NETS = [mlp, conv, residual, lstm, gru, attention, several, shared, halves, decoder, norms, dimensions, detector, loop,
        branch, indices]  # fmt: skip


def fill(mx, net):
    """Gives every Parameter values that follow from its name; gammas are not 1, variances not negative."""
    for name, p in sorted(net.collect_params().items()):
        if name.endswith("positions"):
            continue
        low = 0.5 if name.endswith(("gamma", "running_var")) else -0.5
        values = drawn(p.shape, low, low + 1, seed=zlib.crc32(name.encode()) % 2**31)
        p.set_data(mx.nd.array(values, dtype=p.dtype))


def flat(outputs):
    if isinstance(outputs, (list, tuple)):
        return [x for part in outputs for x in flat(part)]
    return [outputs.asnumpy()]


def export(mx, make, folder, **options):
    """Exports a net; returns its inputs and outputs as one dict of arrays."""
    with mx.name.NameManager():
        net, inputs = make(mx)
        net.initialize()
        net.hybridize()
        given = [mx.nd.array(x, dtype=x.dtype) for x in inputs]
        net(*given)
        fill(mx, net)
        outputs = flat(net(*given))
        net.export(os.path.join(folder, make.__name__), **options)
    found = {"in%d" % k: x for k, x in enumerate(inputs)}
    found.update(("out%d" % k, x) for k, x in enumerate(outputs))
    return found


def imported(mx, folder, name, count):
    """The SymbolBlock of a pair of files whose net had so many inputs."""
    names = ["data"] if count == 1 else ["data%d" % k for k in range(count)]
    path = os.path.join(folder, name)
    return mx.gluon.SymbolBlock.imports(path + "-symbol.json", names, path + "-0000.params")


def run(mx, folder):
    """{name: outputs} of every pair of files, by the inputs in its npz."""
    found = {}
    for name in sorted(f[: -len(".npz")] for f in os.listdir(folder) if f.endswith(".npz")):
        with np.load(os.path.join(folder, name + ".npz")) as file:
            inputs = [file["in%d" % k] for k in range(sum(f.startswith("in") for f in file.files))]
        net = imported(mx, folder, name, len(inputs))
        found[name] = flat(net(*[mx.nd.array(x, dtype=x.dtype) for x in inputs]))
    return found


def main(command="write", folder=FOLDER):
    import mxnet as mx

    if not os.path.isdir(folder):
        os.makedirs(folder)
    if command == "run":
        for name, outputs in run(mx, folder).items():
            np.savez(os.path.join(folder, name + "-outputs.npz"), *outputs)
        return
    for make in NETS:
        np.savez_compressed(os.path.join(folder, make.__name__ + ".npz"), **export(mx, make, folder))
        print(make.__name__)


if __name__ == "__main__":
    main(*sys.argv[1:])
