"""Writes tests/golden/gluon_reprs.json: the texts of MXNet's layers, losses and nests.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_reprs
"""

from tests.oracle.gluon_common import attempt, check_complete, collect
from tests.oracle.scenario import write

CONVOLUTION = (
    "4, 3", "4, 3, strides=2", "4, 3, padding=1", "4, 3, use_bias=False", "4, 3, activation='relu'",
    "4, 3, in_channels=2", "channels=4, kernel_size=1", "4, 3, prefix='c_'", "4, 3, 1, 0",
    "4, 3, groups=2, in_channels=6",
)  # fmt: skip
# MXNet refuses a transposed convolution in groups while the number of its input channels is unknown.
GROUPED = ("4, 3, groups=2", "4, 3, dilation=2", "4, 3, 2, 1, 2, 2, in_channels=6, use_bias=False")
TRANSPOSED = ("4, 3, output_padding=1, strides=2", "4, 3, 2, 1, 1, 1, 2, in_channels=2", "4, 3, output_padding=0")
BY_AXIS = {
    1: ("4, (3,), (2,), (1,), (2,)", "4, [3]", "4, 3, layout='NCW'"),
    2: ("4, (3, 2), (2, 1), (1, 0), (1, 2)", "4, [3, 2]", "4, 3, layout='NCHW'", "4, 3, layout='NHWC'"),
    3: ("4, (3, 2, 1), (2, 1, 1), (1, 0, 0), (1, 2, 1)", "4, 3, layout='NCDHW'", "4, 3, layout='NDHWC'"),
}
BY_AXIS_TRANSPOSED = {
    1: ("4, (3,), (2,), (1,), (1,)", "4, [3]", "4, 3, layout='NCW'", "4, 3, dilation=2"),
    2: ("4, (3, 2), (2, 1), (1, 0), (1, 0)", "4, [3, 2]", "4, 3, layout='NCHW'", "4, 3, layout='NHWC'"),
    3: ("4, (3, 2, 1), (2, 1, 1), (1, 0, 0), (1, 0, 0)", "4, 3, layout='NCDHW'", "4, 3, layout='NDHWC'"),
}
POOLING = ("", "3", "3, 2", "2, 2, 1", "3, strides=1, padding=1", "2, ceil_mode=True", "pool_size=4, strides=None")
POOLING_BY_AXIS = {
    1: ("(3,)", "2, layout='NCW'"),
    2: ("(3, 2)", "(3, 2), (2, 1), (1, 0)", "2, layout='NCHW'", "2, layout='NHWC'"),
    3: ("(3, 2, 1)", "2, layout='NCDHW'", "2, layout='NDHWC'"),
}
DENSE = (
    "3", "3, 'relu'", "3, in_units=2", "3, in_units=2, activation='tanh'", "3, use_bias=False", "3, flatten=False",
    "3, activation='softrelu', prefix='fc_'", "3, activation='sigmoid', in_units=4, flatten=False",
)  # fmt: skip
NORM = ("", "in_channels=3", "epsilon=1e-3", "center=False", "scale=False", "center=False, scale=False", "prefix='b_'")
OTHERS = {
    "Activation": ("'relu'", "'sigmoid'", "'tanh'", "'softrelu'", "'softsign'", "'relu', prefix='r_'"),
    "LeakyReLU": ("0.1", "0", "alpha=1", "-1"),
    "PReLU": ("", "in_channels=3", "alpha_initializer='zeros'"),
    "ELU": ("", "2.0"), "SELU": ("",), "GELU": ("",), "Swish": ("", "beta=2"),
    "Dense": DENSE,
    "Dropout": ("0.5", "0", "0.2, axes=(1, 2)", "rate=1"),
    "Embedding": ("5, 3", "5, 3, dtype='float16'", "input_dim=5, output_dim=1, prefix='e_'"),
    "Flatten": ("", "prefix='f_'"),
    "BatchNorm": NORM + ("axis=3", "2, 0.8", "use_global_stats=True", "momentum=0.5, axis=-1, in_channels=7"),
    "LayerNorm": NORM + ("axis=1", "axis=2, in_channels=4"),
    "InstanceNorm": NORM + ("axis=2",),
    "GroupNorm": ("", "2", "num_groups=3, epsilon=1e-3", "center=False, scale=False"),
    "ReflectionPad2D": ("", "2", "(0, 0, 0, 0, 1, 1, 2, 2)"),
    "Lambda": ("'relu'", "'tanh', prefix='l_'", "3", "'nope'"),
    "HybridLambda": ("'relu'", "'tanh', prefix='l_'", "3", "'nope'"),
    "Sequential": ("", "prefix='s_'"), "HybridSequential": ("", "prefix=''"), "HybridBlock": ("", "prefix='h_'"),
    "Block": ("", "prefix='b_'"),
}  # fmt: skip
LOSSES = {
    "L2Loss": ("", "weight=0.5", "1., 1"), "L1Loss": ("", "weight=2, batch_axis=1"), "HuberLoss": ("", "rho=2"),
    "SigmoidBinaryCrossEntropyLoss": ("", "from_sigmoid=True"), "SigmoidBCELoss": ("",),
    "SoftmaxCrossEntropyLoss": ("", "axis=1, sparse_label=False", "weight=3"), "SoftmaxCELoss": ("",),
    "KLDivLoss": ("", "from_logits=False"), "CTCLoss": ("", "'TNC', 'NT'"), "HingeLoss": ("", "margin=2"),
    "SquaredHingeLoss": ("",), "LogisticLoss": ("", "label_format='binary'"), "TripletLoss": ("",),
    "PoissonNLLLoss": ("",), "CosineEmbeddingLoss": ("", "margin=1"), "SDMLLoss": ("",),
}  # fmt: skip


def made(mx, module, text):
    """What ``text`` makes, before and after its shapes are known: texts and names."""

    def run():
        with mx.name.NameManager():
            layer = eval(text, {"nn": module})
        return [repr(layer), str(layer), layer.name, layer.prefix, str(layer.params), str(layer.collect_params())]

    return attempt(run)


def layers(mx, put):
    nn = mx.gluon.nn
    names = []
    for axis in (1, 2, 3):
        names += [("Conv%dD" % axis, args) for args in CONVOLUTION + GROUPED + BY_AXIS[axis]]
        names += [("Conv%dDTranspose" % axis, args) for args in CONVOLUTION + TRANSPOSED + BY_AXIS_TRANSPOSED[axis]]
        for kind in ("Max", "Avg"):
            names += [("%sPool%dD" % (kind, axis), args) for args in POOLING + POOLING_BY_AXIS[axis]]
            names += [("Global%sPool%dD" % (kind, axis), args) for args in ("", "prefix='g_'")]
        names += [("AvgPool%dD" % axis, "3, count_include_pad=False")]
    names += [(name, args) for name in sorted(OTHERS) for args in OTHERS[name]]
    for name, args in names:
        text = "nn.%s(%s)" % (name, args)
        put(text, made(mx, nn, text))


def losses(mx, put):
    for name in sorted(LOSSES):
        for args in LOSSES[name]:
            text = "nn.%s(%s)" % (name, args)
            put(text, made(mx, mx.gluon.loss, text))
    put("Loss", repr(mx.gluon.loss.Loss(1, 0)))
    put("weighted", repr(mx.gluon.loss.Loss(weight=0.5, batch_axis=-1, prefix="l_")))


def known(mx, put):
    """Layers whose shapes the first pass told."""
    nn = mx.gluon.nn
    x = mx.nd.ones((2, 4, 9, 9))
    for text in (
        "nn.Conv2D(4, 3)", "nn.Conv2D(4, 3, groups=2, use_bias=False)", "nn.Conv2DTranspose(2, 3)", "nn.Dense(3)",
        "nn.Dense(3, flatten=False, activation='relu')", "nn.BatchNorm()", "nn.LayerNorm()", "nn.InstanceNorm()",
        "nn.GroupNorm(2)", "nn.PReLU()", "nn.Dense(3, use_bias=False)",
    ):  # fmt: skip
        with mx.name.NameManager():
            layer = eval(text, {"nn": nn})
        layer.initialize()
        layer(x)
        put(text, [repr(layer), str(layer.collect_params())])
        layer.cast("float16")
        put(text + " float16", [repr(layer), str(layer.collect_params())])


def nests(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn

    class Leaf(gluon.Block):
        pass

    class Own(gluon.HybridBlock):
        def __repr__(self):
            return "Own\n  second line\n\nlast"

    class Net(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.body = nn.HybridSequential()
                self.body.add(nn.Conv2D(4, 3), nn.BatchNorm(), Own())
                self.head = nn.Dense(2)
                self.loss = gluon.loss.L2Loss()
                self.register_child(nn.Dense(3))
                self.number = 3
                self.w = self.params.get("w", shape=(1, 2))

    class Mixed(gluon.Block):
        def __init__(self, **kwargs):
            super(Mixed, self).__init__(**kwargs)
            self.z = Net()
            self.a = Leaf()
            self.hidden = [nn.Dense(1)]
            self.again = self.a
            self.register_child(nn.Dense(1), "named")

    class Wide(nn.HybridSequential):
        def __init__(self, **kwargs):
            super(Wide, self).__init__(**kwargs)
            self.extra = nn.Dense(5)
            self.add(nn.Dense(6))

    put("leaf", repr(Leaf()))
    put("net", repr(Net()))
    put("mixed", repr(Mixed()))
    put("subclass of a Sequential", repr(Wide()))
    outer = nn.Sequential()
    for _ in range(3):
        inner = nn.Sequential()
        inner.add(Own(), nn.Dense(2, activation="relu"), outer[0] if len(outer) else nn.Flatten())
        outer.add(inner)
    put("sequential", [repr(outer), str(outer), len(repr(outer))])
    put("empty", [repr(nn.Sequential()), repr(nn.HybridSequential())])
    empty = nn.Sequential()
    empty.add(nn.Sequential(), nn.HybridSequential())
    put("empty inside", repr(empty))
    twelve = nn.HybridSequential()
    for _ in range(12):
        twelve.add(nn.Dense(1))
    put("twelve", repr(twelve))
    put("slice", [repr(twelve[9:11]), repr(twelve[-1]), len(twelve[2:2])])
    lambdas = nn.Sequential()
    lambdas.add(nn.Lambda("relu"), nn.Lambda(_double), nn.HybridLambda("tanh"), nn.HybridLambda(_double2))
    lambdas.add(nn.Lambda(lambda x: x))
    put("lambdas", repr(lambdas))
    put("format", ["{}".format(Leaf()), "%s" % nn.Dense(1), "%r" % nn.Dense(1)])
    data = mx.sym.var("data")
    block = gluon.SymbolBlock(mx.sym.FullyConnected(data, num_hidden=2, name="fc"), data)
    put("symbol block", repr(block))
    block = gluon.SymbolBlock(mx.sym.Group([data * 2, mx.sym.var("other") + 1]), [data, mx.sym.var("other")])
    put("symbol block of several", repr(block))
    net = nn.Sequential()
    net.add(block)
    put("symbol block inside", repr(net))


def _double(x):
    return 2 * x


def _double2(F, x):
    return 2 * x


PARTS = [layers, losses, known, nests]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_reprs", check_complete(results(mxnet)))
