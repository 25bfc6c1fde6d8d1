"""The table of gluon.contrib.nn's layers, for both sides; see tests/gluon/harness/inputs.py."""

import warnings

from tests.gluon.harness.inputs import FLOAT32, WITH_HALF

CASES = [
    ("contrib.nn.PixelShuffle1D(2)", [(2, 6, 3)], WITH_HALF),
    ("contrib.nn.PixelShuffle1D(1)", [(2, 3, 4)]),
    ("contrib.nn.PixelShuffle1D(3.0)", [(1, 3, 2)]),
    ("contrib.nn.PixelShuffle2D(2)", [(2, 8, 3, 2)], WITH_HALF),
    ("contrib.nn.PixelShuffle2D((3, 2))", [(1, 12, 2, 3)]),
    ("contrib.nn.PixelShuffle2D([1, 3])", [(2, 3, 2, 2)]),
    ("contrib.nn.PixelShuffle2D('2')", [(1, 4, 1, 2)]),
    ("contrib.nn.PixelShuffle3D(2)", [(1, 8, 2, 1, 2)]),
    ("contrib.nn.PixelShuffle3D((1, 2, 3))", [(2, 12, 2, 3, 1)], WITH_HALF),
    ("stack('nn.Conv2D(8, 3, padding=1)', 'contrib.nn.PixelShuffle2D(2)', 'nn.Conv2D(1, 1)')", [(1, 2, 3, 3)]),
    # MXNet keeps state under the prefix, so that each has one of its own.
    ("contrib.nn.SyncBatchNorm(num_devices=1, prefix='a_')", [(4, 3, 2, 2)], FLOAT32),
    ("contrib.nn.SyncBatchNorm(3, 1, 0.8, 1e-3, prefix='b_')", [(5, 3)], FLOAT32),
    ("contrib.nn.SyncBatchNorm(num_devices=1, scale=False, prefix='c_')", [(4, 3, 4)], FLOAT32),
    ("contrib.nn.SyncBatchNorm(num_devices=1, center=False, gamma_initializer='zeros', prefix='d_')", [(4, 3)],
     FLOAT32),
    ("contrib.nn.SyncBatchNorm(3, 1, use_global_stats=True, beta_initializer='ones', prefix='e_')",
     [(4, 3, 4)], FLOAT32),
    ("contrib.nn.SyncBatchNorm(num_devices=4, running_mean_initializer='ones', prefix='f_')", [(4, 3)],
     dict(FLOAT32, grad=False)),
    ("stack('nn.Conv2D(3, 1)', \"contrib.nn.SyncBatchNorm(num_devices=1, prefix='g_')\", 'nn.Dense(2)')",
     [(4, 2, 3, 3)], FLOAT32),
]  # fmt: skip

# What MXNet refuses to make; the messages of AssertionError and ValueError are its interface.
REFUSED = [
    "contrib.nn.PixelShuffle1D((2,))",
    "contrib.nn.PixelShuffle1D('a')",
    "contrib.nn.PixelShuffle2D(None)",
    "contrib.nn.PixelShuffle2D((2,))",
    "contrib.nn.PixelShuffle2D((2, 3, 4))",
    "contrib.nn.PixelShuffle2D(2, prefix='a_')",
    "contrib.nn.PixelShuffle3D((2, 2))",
    "contrib.nn.PixelShuffle3D()",
    "contrib.nn.SyncBatchNorm(3, 1, axis=2)",
    "contrib.nn.SyncBatchNorm(3, 1, foo=2)",
    "contrib.nn.SparseEmbedding(3)",
    "contrib.nn.SparseEmbedding(3, 4)(mx.sym.var('x'))",
    "contrib.nn.SparseEmbedding(3, 4)(mx.nd.ones((2,)))",
    "contrib.nn.PixelShuffle2D(2)(mx.nd.ones((1, 6, 2, 2)))",
    "contrib.nn.PixelShuffle2D(2)(mx.nd.ones((1, 4, 2)))",
]


def devices(mx):
    """How many devices a SyncBatchNorm waits for that was not told."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        layer = mx.gluon.contrib.nn.SyncBatchNorm(prefix="h_")
    return [repr(layer), [w.category.__name__ for w in caught], isinstance(layer, mx.gluon.nn.BatchNorm)]


def sparse_embedding(mx):
    """Looks, Parameters, errors, and a training step with the rows in the KVStore."""
    layer = mx.gluon.contrib.nn.SparseEmbedding
    with mx.name.NameManager():
        nets = [layer(3, 4), layer(5, 2, "float64", "ones", prefix="e_"), layer(input_dim=4, output_dim=2)]
    found = [[repr(n), n.name, repr(n.collect_params()), n.weight._stype, n.weight._grad_stype] for n in nets]
    net = nets[2]
    x = mx.nd.array([[1, 3], [1, 0]])
    for attempt in (lambda: net(x), lambda: net.hybridize(), lambda: net.weight.data(), lambda: net.weight.list_data()):
        net.initialize(mx.init.One(), force_reinit=True)
        try:
            attempt()
            found.append("works")
        except Exception as error:
            found.append(type(error).__name__)
    net.initialize(mx.init.One(), force_reinit=True)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0, "momentum": 0.5})
    for _ in range(3):
        with mx.autograd.record():
            out = net(x)
            loss = (out * mx.nd.array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])).sum()
        loss.backward()
        trainer.step(2)
        rows = net.weight.row_sparse_data(mx.nd.arange(4))
        gradient = net.weight.grad()
        found.append(
            [out.asnumpy().tolist(), rows.asnumpy().tolist(), gradient.stype, gradient.indices.asnumpy().tolist()]
        )
    return found


SCENES = [devices, sparse_embedding]
