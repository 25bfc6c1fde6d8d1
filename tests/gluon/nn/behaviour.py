"""What containers and functions-as-layers do, as little scenes played on both sides; each returns texts and numbers."""

import warnings


def _warned(function):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function()
    return [str(w.message) for w in caught]


def _net(mx, kind):
    nn = mx.gluon.nn
    with mx.name.NameManager():
        net = getattr(nn, kind)()
        with net.name_scope():
            net.add(nn.Dense(2, in_units=3), nn.Dense(3, in_units=2))
            net.add(nn.Activation("relu"))
    return net


def _slices(mx, kind):
    net = _net(mx, kind)
    parts = {"[0:2]": net[0:2], "[::2]": net[::2], "[1:1]": net[1:1], "[-2:]": net[-2:]}
    found = {key: [type(p).__name__, p.prefix, len(p), repr(p), list(p.collect_params())] for key, p in parts.items()}
    found["items"] = [repr(net[0]), repr(net[-1]), [repr(b) for b in net], list(net._children)]
    found["shared"] = net[0:2][1] is net[1]
    found["params"] = repr(net.collect_params())
    net.initialize(mx.init.One())
    found["values"] = [net[:k](mx.nd.ones((1, 3))).asnumpy().tolist() for k in (1, 2, 3)]
    return found


def sequential(mx):
    return _slices(mx, "Sequential")


def hybrid_sequential(mx):
    return _slices(mx, "HybridSequential")


def empty_containers(mx):
    x = mx.nd.ones((2,))
    sym = mx.gluon.nn.HybridSequential()(mx.sym.var("d"))
    return [mx.gluon.nn.Sequential()(x).asnumpy().tolist(), sym.name, len(mx.gluon.nn.HybridSequential())]


def nesting(mx):
    nn = mx.gluon.nn
    with mx.name.NameManager():
        outer = nn.HybridSequential(prefix="net_")
        with outer.name_scope():
            for _ in range(2):
                inner = nn.HybridSequential()
                with inner.name_scope():
                    inner.add(nn.Conv2D(2, 1, in_channels=1), nn.BatchNorm(in_channels=2), nn.MaxPool2D())
                outer.add(inner)
            outer.add(nn.Dense(2), nn.Dense(2, prefix="last_"))
    return [
        repr(outer), list(outer.collect_params()), list(outer.collect_params(".*weight|.*gamma")),
        list(outer._collect_params_with_prefix()), outer(mx.sym.var("data")).tojson(),
    ]  # fmt: skip


def hybridize_warnings(mx):
    nn = mx.gluon.nn
    with mx.name.NameManager():
        whole, mixed, empty = nn.Sequential(), nn.Sequential(), nn.Sequential()
        whole.add(nn.Dense(2))
        mixed.add(nn.Dense(2), nn.Lambda("relu"))
    return [_warned(net.hybridize) for net in (whole, mixed, empty)]


def lambdas(mx):
    nn = mx.gluon.nn

    def double(x):
        return x * 2

    def mix(F, x, y):
        return F.broadcast_add(x, y)

    x = mx.nd.array([-1.0, 2.0])
    with mx.name.NameManager():
        made = [nn.Lambda("relu"), nn.Lambda(double), nn.Lambda(lambda x: x, prefix="l_"), nn.HybridLambda("relu")]
        mixed = nn.HybridLambda(mix, prefix="m_")
    return [
        [repr(m) for m in [*made, mixed]], [m.name for m in [*made, mixed]],
        [m(x).asnumpy().tolist() for m in made], mixed(x, x).asnumpy().tolist(),
    ]  # fmt: skip


def casts(mx):
    nn = mx.gluon.nn
    made = [
        nn.BatchNorm(in_channels=2), nn.Dense(2, in_units=2), nn.LayerNorm(in_channels=2), nn.Embedding(2, 3),
        nn.InstanceNorm(in_channels=2), nn.GroupNorm(2), nn.Conv2D(2, 2, in_channels=1), nn.PReLU(),
    ]  # fmt: skip
    net = nn.HybridSequential()
    net.add(nn.Dense(2, in_units=2), nn.BatchNorm(in_channels=2))
    found = []
    for layer in [*made, net]:
        layer.initialize(mx.init.One())
        for dtype in ("float64", "float16", "float32"):
            layer.cast(dtype)
            found.append([str(p.data().dtype.__name__) for p in layer.collect_params().values()])
    return found


def shared_parameters(mx):
    nn = mx.gluon.nn
    with mx.name.NameManager():
        first = nn.Dense(2, in_units=3, prefix="a_")
        second = nn.Dense(2, in_units=3, prefix="b_", params=first.params)
        conv = nn.Conv2D(2, 1, in_channels=3)
        again = nn.Conv2D(2, 1, in_channels=3, params=conv.collect_params())
    return [
        list(second.collect_params()), second.weight is first.weight, again.weight is conv.weight,
        list(again.collect_params()),
    ]  # fmt: skip


def saved_and_loaded(mx):
    import os
    import tempfile

    nn = mx.gluon.nn
    found = []
    with tempfile.TemporaryDirectory() as folder:
        net, other = _net(mx, "HybridSequential"), _net(mx, "HybridSequential")
        net.initialize(mx.init.One())
        net.save_parameters(os.path.join(folder, "p"))
        found.append(sorted(mx.nd.load(os.path.join(folder, "p"))))
        other.load_parameters(os.path.join(folder, "p"))
        found.append(other(mx.nd.ones((1, 3))).asnumpy().tolist())
        deferred = nn.Dense(2)
        deferred.initialize()
        net[0].save_parameters(os.path.join(folder, "q"))
        deferred.load_parameters(os.path.join(folder, "q"))
        found.append([list(p.shape) for p in deferred.collect_params().values()])
        try:
            nn.Dense(5).load_parameters(os.path.join(folder, "q"))
        except AssertionError as error:
            found.append(type(error).__name__)
    return found


def deferred_by_name(mx):
    with mx.name.NameManager():
        layer = mx.gluon.nn.Dense(2)
    layer.initialize()
    try:
        layer.weight.data()
    except Exception as error:
        return [type(error).__name__, str(error).split(" has ")[0]]


def attributes(mx):
    """Attributes that programs read or subclasses use."""
    nn = mx.gluon.nn
    conv, pool = nn.Conv2DTranspose(2, 3, 2, 1, 1), nn.MaxPool2D(3)
    norm, dense = nn.BatchNorm(in_channels=4), nn.Dense(2, "relu", use_bias=False)
    return [
        [conv._channels, conv._in_channels, conv._op_name, sorted(conv._kwargs), list(conv.outpad), conv.act],
        sorted(pool._kwargs.items()),
        [norm.in_channels, norm.fuse_relu, sorted(norm._kwargs.items()), hasattr(nn.BatchNorm(), "in_channels")],
        [dense._units, dense._in_units, dense._flatten, dense.bias, repr(dense.act)],
        [nn.Dropout(0.3)._rate, list(nn.Dropout(0.3)._axes), sorted(nn.LayerNorm()._kwargs.items())],
        sorted(nn.Embedding(2, 3)._kwargs.items()),
        [nn.LeakyReLU(0.1)._alpha, nn.Activation("tanh")._act_type, nn.ReflectionPad2D(2)._padding],
    ]  # fmt: skip


def names(mx):
    """The public names of the modules."""
    nn = mx.gluon.nn
    found = [sorted(n for n in dir(nn) if n[0].isupper())]
    found += [sorted(m.__all__) for m in (nn.activations, nn.basic_layers, nn.conv_layers, mx.gluon.loss)]
    return found


SCENES = [
    sequential, hybrid_sequential, empty_containers, nesting, hybridize_warnings, lambdas, casts, shared_parameters,
    saved_and_loaded, deferred_by_name, attributes, names,
]  # fmt: skip
