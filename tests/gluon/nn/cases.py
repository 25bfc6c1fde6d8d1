"""The layers' table of cases, for both sides: real MXNet (on Python 3.8) and the test.

A case is (text, inputs[, options]): ``text`` makes the layer when evaluated with ``nn``, ``mx`` and the functions of
this file; an input is a shape (normal values), Index, Uniform, or a list of these very values; options are

``dtypes``  default float32 and float64; MXNet's CPU has no float16 products, and some operators in float32 only
``run``     False: the layer is looked at and called with a symbol, not run (MXNet's CPU cannot)
``grad``    False: run in predict mode only
``tol``     {dtype: (rtol, atol)} where MXNet computes less exactly than the dtype promises
"""

WITH_HALF = {"dtypes": ("float16", "float32", "float64")}
FLOAT32 = {"dtypes": ("float32",)}
# MXNet's momentum, slopes and error function are float32 whatever the data is.
SINGLE = {"tol": {"float64": (3e-7, 1e-7)}}


class Index:
    """An input of whole numbers in [0, high), without gradient."""

    def __init__(self, shape, high):
        self.shape, self.high = shape, high


class Uniform:
    """An input of uniform values in [low, high)."""

    def __init__(self, shape, low, high):
        self.shape, self.low, self.high = shape, low, high


def stack(nn, *texts, **kwargs):
    """The layers in a HybridSequential, named in its scope."""
    net = nn.HybridSequential(**kwargs)
    with net.name_scope():
        for text in texts:
            net.add(eval(text, {"nn": nn}))
    return net


def twice(nn):
    """Two layers with one set of Parameters."""
    net = nn.HybridSequential()
    with net.name_scope():
        first = nn.Dense(4, in_units=4)
        net.add(first, nn.Dense(4, in_units=4, params=first.params))
    return net


IMAGE, SERIES, VOLUME = (2, 2, 5, 4), (2, 2, 6), (1, 2, 4, 3, 4)

CASES = [
    # ------------------------------------------------------------------------------------------ dense
    ("nn.Dense(3)", [(4, 2, 3)]),
    ("nn.Dense(3, use_bias=False, in_units=5)", [(4, 5)]),
    ("nn.Dense(3, flatten=False)", [(2, 3, 4)]),
    ("nn.Dense(3, activation='relu', prefix='fc_')", [(4, 5)]),
    ("nn.Dense(3, 'tanh', weight_initializer='ones', bias_initializer='ones')", [(4, 5)]),
    ("nn.Dense(3, activation='softsign', prefix='')", [(4, 5)]),
    ("nn.Dense(2, dtype='float64', in_units=3)", [(4, 3)], {"dtypes": ("float64",)}),
    # ------------------------------------------------------------------------------------------ dropout, embedding
    ("nn.Dropout(0.5)", [(6, 5)]),
    ("nn.Dropout(0.3, axes=(1,))", [(6, 3, 2)]),
    ("nn.Dropout(0)", [(3, 4)], WITH_HALF),
    ("nn.Embedding(5, 3)", [Index((2, 4), 5)], WITH_HALF),
    ("nn.Embedding(5, 3, weight_initializer='zeros', prefix='word_')", [Index((4,), 5)]),
    ("nn.Flatten()", [(2, 3, 2)], WITH_HALF),
    # ------------------------------------------------------------------------------------------ normalisation
    ("nn.BatchNorm()", [(4, 3, 3, 2)], SINGLE),
    ("nn.BatchNorm(axis=-1, momentum=0.8, epsilon=1e-3)", [(8, 3)], SINGLE),
    ("nn.BatchNorm(prefix='bn_')", [(4, 3, 4)], dict(SINGLE, **WITH_HALF)),
    ("nn.BatchNorm(scale=False, in_channels=3)", [(4, 3, 4)], SINGLE),
    ("nn.BatchNorm(center=False)", [(4, 3, 4)], SINGLE),
    ("nn.BatchNorm(use_global_stats=True)", [(4, 3, 4)]),
    ("nn.BatchNorm(beta_initializer='ones', running_mean_initializer='ones')", [(4, 3, 4)], SINGLE),
    ("nn.LayerNorm()", [(3, 4, 5)]),
    ("nn.LayerNorm(axis=1, center=False, in_channels=4)", [(3, 4, 5)]),
    ("nn.LayerNorm(epsilon=1e-12, scale=False, prefix='ln_')", [(3, 5)]),
    ("nn.InstanceNorm()", [(2, 3, 5)], FLOAT32),
    ("nn.InstanceNorm(axis=2, scale=True, epsilon=1e-3)", [(2, 4, 3)], FLOAT32),
    ("nn.InstanceNorm(center=False, in_channels=3)", [(2, 3, 2, 3)], FLOAT32),
    ("nn.GroupNorm()", [(2, 4, 3)]),
    ("nn.GroupNorm(2, center=False, epsilon=1e-3)", [(2, 4, 3)]),
    ("nn.GroupNorm(num_groups=2, scale=False, prefix='gn_')", [(2, 4, 2, 2)]),
    # ------------------------------------------------------------------------------------------ activations
    ("nn.Activation('relu')", [(3, 4)], WITH_HALF),
    ("nn.Activation('sigmoid')", [(3, 4)]),
    ("nn.Activation('softrelu')", [(3, 4)]),
    ("nn.Activation('softsign', prefix='act_')", [(3, 4)]),
    ("nn.Activation('tanh')", [(3, 4)]),
    ("nn.LeakyReLU(0.1)", [(3, 4)], dict(SINGLE, **WITH_HALF)),
    ("nn.PReLU()", [(3, 4)], SINGLE),
    ("nn.PReLU('ones', in_channels=4)", [(3, 4, 2)], SINGLE),
    ("nn.ELU()", [(3, 4)]),
    ("nn.ELU(0.5)", [(3, 4)]),
    # MXNet has a wrong derivative of it below 0.
    ("nn.SELU()", [(3, 4)], dict(SINGLE, grad=False)),
    ("nn.GELU()", [(3, 4)], SINGLE),
    ("nn.Swish()", [(3, 4)]),
    ("nn.Swish(2)", [(3, 4)]),
    # ------------------------------------------------------------------------------------------ convolutions
    ("nn.Conv1D(3, 3)", [SERIES]),
    ("nn.Conv1D(4, 2, strides=2, padding=1, dilation=2, groups=2, activation='relu')", [SERIES]),
    ("nn.Conv2D(3, 3, padding=1)", [IMAGE]),
    ("nn.Conv2D(4, (3, 2), 2, (1, 0), groups=2, use_bias=False, in_channels=2)", [IMAGE]),
    ("nn.Conv2D(2, [2, 2], dilation=[2, 1], activation='tanh', bias_initializer='ones')", [IMAGE]),
    ("nn.Conv2D(2, 1, prefix='c_')", [IMAGE]),
    ("nn.Conv2D(4, 3, layout='NHWC')", [(2, 5, 5, 2)], {"run": False}),
    ("nn.Conv2D(4, 3, groups=2, in_channels=4, layout='NHWC')", [(2, 5, 5, 4)], {"run": False}),
    ("nn.Conv3D(2, 2)", [VOLUME]),
    ("nn.Conv3D(2, (2, 1, 2), strides=(2, 1, 1), padding=1, use_bias=False)", [VOLUME]),
    ("nn.Conv3D(2, 2, layout='NDHWC')", [(1, 4, 3, 4, 2)], {"run": False}),
    ("nn.Conv1DTranspose(3, 2)", [SERIES]),
    ("nn.Conv1DTranspose(2, 3, strides=2, padding=1, output_padding=1)", [SERIES]),
    ("nn.Conv2DTranspose(3, 2, in_channels=2)", [(2, 2, 3, 2)]),
    ("nn.Conv2DTranspose(4, (3, 2), 2, 1, (1, 0), groups=2, activation='relu', in_channels=2)", [(2, 2, 3, 3)]),
    ("nn.Conv2DTranspose(2, 2, dilation=2, use_bias=False)", [(2, 2, 3, 2)]),
    ("nn.Conv2DTranspose(3, 2, layout='NHWC')", [(2, 3, 2, 2)], {"run": False}),
    ("nn.Conv3DTranspose(2, 2)", [(1, 2, 2, 3, 2)], {"run": False}),
    ("nn.Conv3DTranspose(2, 2, strides=2, output_padding=(1, 0, 1))", [(1, 2, 2, 1, 2)], {"run": False}),
    # ------------------------------------------------------------------------------------------ pooling, padding
    ("nn.MaxPool1D()", [SERIES]),
    ("nn.MaxPool1D(3, 2, 1, ceil_mode=True, layout='NCW')", [SERIES]),
    ("nn.MaxPool2D()", [IMAGE], WITH_HALF),
    ("nn.MaxPool2D((3, 2), strides=1, padding=1)", [IMAGE]),
    ("nn.MaxPool2D(3, 2, ceil_mode=True)", [IMAGE]),
    ("nn.MaxPool2D([2, 1], padding=[1, 0])", [IMAGE]),
    ("nn.MaxPool3D(2, 1)", [VOLUME]),
    ("nn.AvgPool1D()", [SERIES]),
    ("nn.AvgPool1D(3, strides=2, padding=1, count_include_pad=False)", [SERIES]),
    ("nn.AvgPool2D()", [IMAGE]),
    ("nn.AvgPool2D(3, 2, 1, ceil_mode=True)", [IMAGE]),
    ("nn.AvgPool2D(3, 1, 1, count_include_pad=False)", [IMAGE]),
    ("nn.AvgPool3D((2, 1, 2))", [VOLUME]),
    ("nn.MaxPool2D(layout='NHWC')", [(2, 4, 4, 2)], {"run": False}),
    ("nn.AvgPool1D(layout='NWC')", [(2, 6, 2)], {"run": False}),
    ("nn.AvgPool3D(layout='NDHWC')", [(1, 4, 2, 4, 2)], {"run": False}),
    ("nn.GlobalMaxPool1D()", [SERIES]),
    ("nn.GlobalMaxPool2D()", [IMAGE]),
    ("nn.GlobalMaxPool3D()", [VOLUME]),
    ("nn.GlobalAvgPool1D()", [SERIES]),
    ("nn.GlobalAvgPool2D()", [IMAGE]),
    ("nn.GlobalAvgPool3D()", [VOLUME]),
    ("nn.GlobalAvgPool2D(layout='NHWC')", [(2, 4, 4, 2)], {"run": False}),
    ("nn.ReflectionPad2D(1)", [(1, 2, 3, 4)]),
    ("nn.ReflectionPad2D((0, 0, 0, 0, 1, 2, 0, 1))", [(1, 2, 3, 4)]),
    # ------------------------------------------------------------------------------------------ functions, containers
    ("nn.HybridLambda('tanh')", [(3, 4)]),
    ("nn.HybridLambda(lambda F, x, y: F.broadcast_add(x, y * 2))", [(3, 4), (1, 4)]),
    ("stack(nn, 'nn.Conv2D(2, 3, padding=1)', 'nn.BatchNorm()', \"nn.Activation('relu')\", 'nn.MaxPool2D()', "
     "'nn.Flatten()', 'nn.Dense(3)')", [(4, 2, 4, 4)], SINGLE),
    ("stack(nn, \"nn.Dense(4, activation='relu')\", 'nn.Dropout(0.5)', 'nn.Dense(2)', prefix='mlp_')", [(5, 3)]),
    ("stack(nn, 'nn.Embedding(6, 4)', 'nn.LayerNorm()', 'nn.Dense(3, flatten=False)')", [Index((2, 3), 6)]),
    ("twice(nn)", [(3, 4)]),
]  # fmt: skip

# What MXNet refuses to make; the messages of AssertionError and ValueError are its interface.
REFUSED = [
    "nn.Conv1D(3, (2, 3))",
    "nn.Conv1D(3, 2, layout='NWC')",
    "nn.Conv2D(3, 2, layout='HWCN')",
    "nn.Conv3D(3, 2, layout='foo')",
    "nn.Conv2D(3, (2,))",
    "nn.Conv3D(3, (2, 2))",
    "nn.Conv2D(3, 2, strides=(1,))",
    "nn.Conv2D(3, 2, groups=2)",
    "nn.Conv2D(4, 3, in_channels=3, groups=2)",
    "nn.Conv2D(2, 3.0)",
    "nn.Conv2D(2, 3, padding=1.0)",
    "nn.Conv2D(0, 2)",
    "nn.Conv2D(4, 2, activation=nn.Activation('relu'))",
    "nn.Conv1DTranspose(3, 2, layout='NWC')",
    "nn.Conv1DTranspose(3, (2, 1))",
    "nn.Conv1DTranspose(3, 2, output_padding=(1, 1))",
    "nn.Conv2DTranspose(3, 2, layout='HWCN')",
    "nn.Conv2DTranspose(3, (2,))",
    "nn.Conv2DTranspose(3, 2, output_padding=(1,))",
    "nn.Conv3DTranspose(3, 2, layout='NHWC')",
    "nn.Conv3DTranspose(3, (2, 1))",
    "nn.Conv3DTranspose(3, 2, output_padding=(1, 1))",
    "nn.MaxPool1D((2, 2))",
    "nn.MaxPool1D(layout='foo')",
    "nn.MaxPool2D((2,), layout='NHWC')",
    "nn.MaxPool2D(layout='foo')",
    "nn.MaxPool3D((1, 2))",
    "nn.MaxPool3D(layout='foo')",
    "nn.AvgPool1D((1, 2))",
    "nn.AvgPool1D(layout='foo')",
    "nn.AvgPool2D((2,))",
    "nn.AvgPool2D(layout='foo')",
    "nn.AvgPool3D((1, 2))",
    "nn.AvgPool3D(layout='foo')",
    "nn.GlobalAvgPool1D(layout='foo')",
    "nn.GlobalMaxPool2D(layout='foo')",
    "nn.GlobalMaxPool3D(layout='foo')",
    "nn.LeakyReLU(-0.1)",
    "nn.ReflectionPad2D((1, 2))",
    "nn.Lambda(3)",
    "nn.Lambda('foo')",
    "nn.HybridLambda(3)",
    "nn.HybridLambda('foo')",
    "nn.Dense(3, foo=1)",
    "nn.HybridSequential().add(nn.Lambda('relu'))",
    "nn.HybridSequential().add(3)",
    "nn.Sequential()[0]",
    "nn.Sequential()['a']",
    "nn.Activation('foo')(mx.nd.ones((2,)))",
    "nn.Dense(2)(mx.nd.ones((2, 2)))",
]
