"""What layers do with inputs of other ranks, sizes, dtypes and contexts, as scenes played on both sides."""

import numpy as np

LAYERS = {
    "dense": ("nn.Dense(2)", (3, 4)),
    "dense, flatten=False": ("nn.Dense(2, flatten=False)", (3, 2, 4)),
    "embedding": ("nn.Embedding(4, 2)", (3, 2)),
    "batch norm": ("nn.BatchNorm()", (3, 2, 2)),
    "layer norm": ("nn.LayerNorm()", (3, 4)),
    "instance norm": ("nn.InstanceNorm()", (3, 2, 3)),
    "group norm": ("nn.GroupNorm(2)", (3, 4, 2)),
    "prelu": ("nn.PReLU()", (3, 4)),
    "leaky": ("nn.LeakyReLU(0.1)", (3, 4)),
    "elu": ("nn.ELU()", (3, 4)),
    "gelu": ("nn.GELU()", (3, 4)),
    "swish": ("nn.Swish()", (3, 4)),
    "activation": ("nn.Activation('tanh')", (3, 4)),
    "dropout": ("nn.Dropout(0.5)", (3, 4)),
    "flatten": ("nn.Flatten()", (3, 2, 2)),
    "conv 1": ("nn.Conv1D(2, 2)", (3, 2, 4)),
    "conv 2": ("nn.Conv2D(2, 2)", (3, 2, 4, 3)),
    "conv 3": ("nn.Conv3D(2, 2)", (3, 2, 2, 3, 2)),
    "transposed 1": ("nn.Conv1DTranspose(2, 2)", (3, 2, 4)),
    "transposed 2": ("nn.Conv2DTranspose(2, 2)", (3, 2, 3, 2)),
    "max 1": ("nn.MaxPool1D()", (3, 2, 4)),
    "max 2": ("nn.MaxPool2D()", (3, 2, 4, 2)),
    "max 3": ("nn.MaxPool3D()", (3, 1, 2, 4, 2)),
    "avg 1": ("nn.AvgPool1D()", (3, 2, 4)),
    "avg 2": ("nn.AvgPool2D()", (3, 2, 4, 2)),
    "avg 3": ("nn.AvgPool3D()", (3, 1, 2, 4, 2)),
    "global max": ("nn.GlobalMaxPool2D()", (3, 2, 4, 2)),
    "global avg": ("nn.GlobalAvgPool2D()", (3, 2, 4, 2)),
    "reflection": ("nn.ReflectionPad2D(1)", (3, 1, 2, 3)),
}


def layer(mx, name, ctx=None, hybrid=False):
    """The layer, filled with numbers that depend on nothing but their place."""
    with mx.name.NameManager():
        net = eval(LAYERS[name][0], {"nn": mx.gluon.nn})
    net.initialize(ctx=ctx)
    net.hybridize(hybrid)
    net(data(mx, name).as_in_context(ctx[0] if ctx else mx.cpu()))
    for i, param in enumerate(net.collect_params().values()):
        param.set_data(mx.nd.array(np.linspace(0.5, 1.5 + i, int(np.prod(param.shape))).reshape(param.shape)))
    return net


def data(mx, name, shape=None, seed=0):
    shape = shape or LAYERS[name][1]
    random = np.random.RandomState(seed)
    return mx.nd.array(random.randint(0, 4, shape) if name == "embedding" else random.uniform(-1, 1, shape))


def numbers(array):
    """What tells arrays apart: shape and two weighted sums (the plain one of BatchNorm's gradient is 0)."""
    values = array.asnumpy().astype("float64").ravel()
    places = np.arange(values.size)
    return [list(array.shape), float((values * np.cos(places)).sum()), float((values * np.sin(places + 1)).sum())]


def _kind(function, *args):
    """What the call gives, or the class of what it raises."""
    try:
        found = function(*args)
        return found
    except Exception as error:
        return type(error).__name__


def batches(mx):
    """One layer on batches of several sizes, hybridized and not."""
    found = {}
    for name, (_, shape) in LAYERS.items():
        for hybrid in (False, True):
            net = layer(mx, name, hybrid=hybrid)
            found[f"{name} {hybrid}"] = [numbers(net(data(mx, name, (n, *shape[1:]), n))) for n in (2, 5, 1)]
    return found


def turned(mx):
    """Inputs that are views and transposed arrays."""
    found = {}
    for name, (_, shape) in LAYERS.items():
        net = layer(mx, name)
        back = data(mx, name, shape[::-1]).transpose()
        odd = data(mx, name, (2 * shape[0], *shape[1:]))[::2]
        part = data(mx, name, (shape[0] + 2, *shape[1:]))[1:-1]
        last = data(mx, name, (*shape[:-1], shape[-1] + 1)).slice_axis(axis=-1, begin=1, end=None)
        found[name] = [numbers(net(x)) for x in (back, odd, part, last)]
    return found


def added(mx):
    """Gradients of two backward passes with grad_req 'add', zeroed, written again."""
    found = {}
    for name in LAYERS:
        if name == "dropout":
            continue
        net, rows = layer(mx, name), []
        params = [p for p in net.collect_params().values() if p.grad_req != "null"]
        x = data(mx, name)
        x.attach_grad("null" if name == "embedding" else "add")

        def step(times=1, net=net, x=x):
            for _ in range(times):
                with mx.autograd.record():
                    loss = (net(x) ** 3).sum()
                loss.backward()

        def look(rows=rows, params=params, x=x, name=name):
            rows.append([numbers(p.grad()) for p in params] + ([] if name == "embedding" else [numbers(x.grad)]))

        net.collect_params().setattr("grad_req", "add") if name != "batch norm" else None
        step(2)
        look()
        net.collect_params().zero_grad()
        step()
        look()
        for p in params:
            p.grad_req = "write"
        step(2)
        look()
        found[name] = rows
    return found


def contexts(mx):
    """The same layer on two contexts, each with a part of the batch."""
    places = [mx.cpu(0), mx.cpu(1)]
    found = {}
    for name in LAYERS:
        if name == "dropout":
            continue
        net = layer(mx, name, ctx=places)
        parts = [data(mx, name, seed=i).as_in_context(c) for i, c in enumerate(places)]
        for x in parts:
            x.attach_grad("null" if name == "embedding" else "write")
        with mx.autograd.record():
            outs = [net(x) for x in parts]
            losses = [(y * y).sum() for y in outs]
        for loss in losses:
            loss.backward()
        mx.nd.waitall()
        params = net.collect_params()
        found[name] = [
            [str(y.context) for y in outs], [numbers(y) for y in outs],
            [[numbers(a) for a in p.list_data()] for p in params.values()],
            [[numbers(g) for g in p.list_grad()] for p in params.values() if p.grad_req != "null"],
        ]  # fmt: skip
    return found


def empty_batches(mx):
    """Batches of no rows: where zero is a length, and where it is unknown."""
    found = {}
    for name, (_, shape) in LAYERS.items():
        if name in ("embedding", "instance norm", "group norm"):  # end MXNet's process, or leave NaN
            continue
        net = layer(mx, name)
        with mx.util.np_shape(True):
            found[name] = _kind(lambda net=net, shape=shape: list(net(mx.nd.zeros((0, *shape[1:]))).shape))
    return found


def reprs(mx):
    """Before the first input, after it, and after another cast."""
    found = {}
    for name in LAYERS:
        with mx.name.NameManager():
            net = eval(LAYERS[name][0], {"nn": mx.gluon.nn})
        rows = [repr(net)]
        net.initialize()
        net(data(mx, name))
        rows += [repr(net), repr(net.collect_params())]
        net.cast("float64")
        found[name] = [*rows, repr(net.collect_params())]
    return found


def deferred_shapes(mx):
    """Shapes of Parameters as the first input, a file, and ``infer_shape`` give them."""
    import os
    import tempfile

    nn = mx.gluon.nn

    def make():
        with mx.name.NameManager():
            net = nn.HybridSequential(prefix="net_")
            with net.name_scope():
                net.add(nn.Conv2D(4, 2, padding=1), nn.BatchNorm(), nn.PReLU(), nn.LayerNorm(), nn.Dense(3))
        return net

    def shapes(net):
        return [list(p.shape) for p in net.collect_params().values()]

    net, traced, loaded = make(), make(), make()
    found = [shapes(net)]
    net.initialize()
    net(mx.nd.ones((2, 3, 4, 5)))
    traced.infer_shape(mx.nd.ones((2, 3, 4, 5)))
    found += [shapes(net), shapes(traced)]
    with tempfile.TemporaryDirectory() as folder:
        net.save_parameters(os.path.join(folder, "p"))
        loaded.load_parameters(os.path.join(folder, "p"))
    found.append(shapes(loaded))
    found.append(repr(loaded))
    found.append(_kind(lambda: loaded(mx.nd.ones((2, 5, 4, 5))).wait_to_read()))
    return found


def constants(mx):
    """A Constant in a Block takes part and has no gradient."""

    class Scaled(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                self.value = np.asarray([[1, 2], [3, 4]], dtype="float32")
                self.const = self.params.get_constant("const", self.value)
                self.dense = mx.gluon.nn.Dense(2, in_units=2, weight_initializer="ones")

        def hybrid_forward(self, F, x, const):
            return self.dense(x) + const

    found = []
    for hybrid in (False, True):
        with mx.name.NameManager():
            net = Scaled(prefix="c_")
        net.initialize()
        net.hybridize(hybrid)
        trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0, "momentum": 0.5})
        with mx.autograd.record():
            loss = net(mx.nd.ones((2, 2)))
        loss.backward()
        trainer.step(1)
        found.append([loss.asnumpy().tolist(), net.const.data().asnumpy().tolist(), net.const.grad_req])
        found.append([net.dense.weight.data().asnumpy().tolist(), repr(net.collect_params())])
    return found


def applied(mx):
    """``apply``, forward hooks and pre-hooks see every layer in order."""
    nn = mx.gluon.nn
    with mx.name.NameManager():
        net = nn.HybridSequential(prefix="")
        with net.name_scope():
            net.add(nn.Dense(2, activation="relu"), nn.Dropout(0.1), nn.BatchNorm())
    seen, called = [], []
    net.apply(lambda block: seen.append(block.name))
    handles = [
        b.register_forward_hook(lambda b, x, y: called.append([b.name, list(x[0].shape), list(y.shape)])) for b in net
    ]
    net.initialize()
    net(mx.nd.ones((3, 4)))
    handles[0].detach()
    net(mx.nd.ones((1, 4)))
    return [seen, called]


def switched(mx):
    """hybridize, run, unhybridize, with other children and again hybridized: always the current layers."""
    nn = mx.gluon.nn
    with mx.name.NameManager():
        net = nn.HybridSequential()
        net.add(nn.Dense(2, in_units=3, weight_initializer="ones"))
    x, found = mx.nd.ones((2, 3)), []
    net.initialize()
    for active in (True, False, True):
        net.hybridize(active)
        found.append(net(x).asnumpy().tolist())
    net.add(nn.Activation("sigmoid"))
    found.append(net(x).asnumpy().tolist())
    net[0].weight.set_data(mx.nd.zeros((2, 3)))
    found.append(net(x).asnumpy().tolist())
    net.cast("float64")
    found.append(net(x.astype("float64")).dtype.__name__)
    return found


SCENES = [
    batches, turned, added, contexts, empty_batches, reprs, deferred_shapes, constants, applied, switched,
]  # fmt: skip

# Inputs of a rank, length or dtype that the layer does not take.
REFUSED = [
    "called('nn.Dense(2, in_units=3)', mx.nd.ones((2, 4)))",
    "called('nn.Dense(2, in_units=3, flatten=False)', mx.nd.ones((2, 3, 4)))",
    "called('nn.Conv1D(2, 2)', mx.nd.ones((2, 3)))",
    "called('nn.Conv1D(2, 2)', mx.nd.ones((2, 3, 4, 5)))",
    "called('nn.Conv2D(2, 2)', mx.nd.ones((2, 3, 4)))",
    "called('nn.Conv2D(2, 2)', mx.nd.ones((2, 3, 4, 5, 6)))",
    "called('nn.Conv3D(2, 2)', mx.nd.ones((2, 3, 4, 5)))",
    "called('nn.Conv2D(2, 2, in_channels=3)', mx.nd.ones((2, 4, 5, 5)))",
    "called('nn.Conv2D(2, 5)', mx.nd.ones((2, 3, 4, 4)))",
    "called('nn.Conv2D(2, 3, dilation=3)', mx.nd.ones((2, 3, 4, 4)))",
    "called('nn.Conv2DTranspose(2, 2)', mx.nd.ones((2, 3, 4)))",
    "called('nn.Conv1DTranspose(2, 2, in_channels=3)', mx.nd.ones((2, 4, 5)))",
    "called('nn.MaxPool1D()', mx.nd.ones((2, 3)))",
    "called('nn.MaxPool2D()', mx.nd.ones((2, 3, 4)))",
    "called('nn.MaxPool2D()', mx.nd.ones((2, 3)))",
    "called('nn.MaxPool3D()', mx.nd.ones((2, 3, 4, 4)))",
    "called('nn.AvgPool2D(5)', mx.nd.ones((2, 3, 4, 4)))",
    "called('nn.AvgPool1D()', mx.nd.ones((2, 3, 4, 4, 4, 4)))",
    "called('nn.BatchNorm(axis=4)', mx.nd.ones((2, 4)))",
    "called('nn.BatchNorm(axis=-3)', mx.nd.ones((2, 4)))",
    "called('nn.LayerNorm(in_channels=3)', mx.nd.ones((2, 4)))",
    "called('nn.LayerNorm(axis=2)', mx.nd.ones((2, 4)))",
    "called('nn.InstanceNorm(in_channels=3)', mx.nd.ones((2, 4, 4)))",
    "called('nn.InstanceNorm()', mx.nd.ones((4,)))",
    "called('nn.GroupNorm(3)', mx.nd.ones((2, 4, 4)))",
    "called('nn.GroupNorm()', mx.nd.ones((4, 4)))",
    "called('nn.PReLU(in_channels=3)', mx.nd.ones((2, 4)))",
    "called('nn.ReflectionPad2D(1)', mx.nd.ones((2, 4, 4)))",
    "called('nn.ReflectionPad2D(3)', mx.nd.ones((1, 1, 2, 2)))",
    "called('nn.Dropout(1.5)', mx.nd.ones((2, 4)))",
    "called('nn.Dense(2)', mx.nd.ones((2, 4), dtype='float64'))",
    "called('nn.Conv2D(2, 2)', mx.nd.ones((2, 3, 4, 4), dtype='float64'))",
    "called('nn.Dense(0)', mx.nd.ones((2, 4)))",
    "called('nn.Dense(-1)', mx.nd.ones((2, 4)))",
    "nn.Dense(2, activation=3)",
    "nn.Embedding(2, 3, foo=1)",
    "nn.BatchNorm(axis='a')(mx.sym.var('x'))",
    "nn.LayerNorm(foo=1)",
    "nn.InstanceNorm(foo=1)",
    "nn.Activation()",
    "nn.LeakyReLU()",
    "nn.LeakyReLU('a')",
    "nn.Swish(foo=1)",
    "called('nn.Conv2D(2, 2, 0)', mx.nd.ones((1, 1, 2, 2)))",
    "nn.Conv2D(2, 2, -1)",
    "nn.Conv2D(2, 2, 0)",
    "nn.Conv1D(2, 2, dilation=0)",
    "nn.Conv2DTranspose(2, 2, 0)",
    "nn.Conv2D(-2, 2)",
    "nn.Conv2D(2, (2, 2, 2))",
    "nn.Conv2D(2, 2, layout='NCW')",
    "nn.MaxPool2D((2, 2, 2))",
    "nn.GlobalAvgPool2D(3)",
    "nn.ReflectionPad2D('a')",
    "nn.HybridSequential(nn.Dense(2))",
    "nn.HybridSequential()(mx.nd.ones((2,)), 1)",
    "nn.Sequential(foo=1)",
    "nn.HybridLambda('Dense')",
    "nn.HybridLambda(lambda F, x: F.nothing(x))(mx.nd.ones((2,)))",
    "nn.Lambda('relu')(3)",
    "nn.Flatten(foo=1)",
    "nn.Dense(2)()",
    "nn.Dense(2)(1)",
    "nn.Dense(2)('a')",
    "nn.Dense(2)(None)",
    "nn.Dense(2)([mx.nd.ones((2,))])",
    "nn.Dense(2)(mx.nd.ones((2, 2)), mx.nd.ones((2, 2)))",
]
