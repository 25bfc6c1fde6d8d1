"""The layers that MXNet has on a CPU with oneDNN only, in float32; see tests/gluon/harness/inputs.py."""

from tests.gluon.harness.inputs import FLOAT32
from tests.gluon.nn.argument_cases import each

CASES = [
    *[(f"nn.BatchNormReLU({text})", [(4, 3, 3, 2)], FLOAT32) for text in (
        "", "momentum=0.5, epsilon=0.1", "scale=False", "center=False", "scale=False, center=False, in_channels=3",
        "use_global_stats=True", "gamma_initializer='zeros', beta_initializer='ones'",
        "running_mean_initializer='ones', running_variance_initializer=mx.init.Constant(4)", "prefix='bnr_'",
        "1, 0.9, 1e-5, True, True, False, 'zeros', 'ones', 'zeros', 'ones', 3",
    )],
    # with oneDNN too it is there for four axes only
    ("nn.BatchNormReLU(axis=-1)", [(4, 2, 2, 3)], {"run": False}),
    ("stack('nn.Conv2D(2, 3, use_bias=False)', 'nn.BatchNormReLU()', 'nn.Dense(3)')", [(4, 2, 4, 4)], FLOAT32),
    *each("nn.Conv3DTranspose(%s)", (
        "2, 2", "2, (1, 2, 1)", "2, 2, strides=2, output_padding=(1, 0, 1)", "1, 2, padding=(1, 0, 1)",
        "2, 2, groups=2, in_channels=2",
        "4, 3, 2, 1, 1, 1, 2, 'NCDHW', 'relu', False, None, 'zeros', 2", "2, 2, activation='tanh', use_bias=False",
    ), [(1, 2, 2, 2, 2)], FLOAT32),
]  # fmt: skip

REFUSED = ["nn.BatchNormReLU(fuse_relu=True)", "nn.BatchNormReLU(foo=1)"]


def casts(mx):
    """float16 data leaves the statistics in float32."""
    found = []
    layer = mx.gluon.nn.BatchNormReLU(in_channels=2)
    layer.initialize()
    for dtype in ("float64", "float16", "float32"):
        layer.cast(dtype)
        found.append([p.data().dtype.__name__ for p in layer.collect_params().values()])
    return found


def bases(mx):
    """BatchNormReLU is no BatchNorm; both say whether they rectify."""
    nn = mx.gluon.nn
    return [issubclass(nn.BatchNormReLU, nn.BatchNorm), nn.BatchNormReLU().fuse_relu, nn.BatchNorm().fuse_relu]


SCENES = [casts, bases]
