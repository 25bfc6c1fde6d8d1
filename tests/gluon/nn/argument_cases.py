"""Every argument of every layer, one set after the other, for both sides; see tests/gluon/harness/inputs.py.

tests/gluon/nn/cases.py has the few that are compiled too, and what is refused.
"""

from tests.gluon.harness.inputs import FLOAT32, SINGLE, WITH_HALF, Index
from tests.gluon.nn.rules import REFUSED, SCENES  # noqa: F401

IMAGE, SERIES, VOLUME = (2, 2, 5, 4), (2, 2, 6), (1, 2, 4, 3, 4)
HALF_SINGLE = dict(SINGLE, **WITH_HALF)
# MXNet adds up float16 in float16 here.
COARSE = {"tol": {"float16": (2e-2, 1e-2)}}
ACTIVATIONS = ("relu", "sigmoid", "tanh", "softrelu", "softsign")


def each(pattern, arguments, inputs, options=None):
    """A case for each of the arguments."""
    return [(pattern % text, inputs, options or {}) for text in arguments]


def uncompiled(*cases):
    """The cases, not run through ``torch.compile`` and, where they do not say another dtype, in float64 only."""
    usual = {"compiled": False, "dtypes": ("float64",)}
    return [(text, inputs, {**usual, **(options[0] if options else {})}) for text, inputs, *options in cases]


DENSE = [
    *each("nn.Dense(2, activation='%s')", ACTIVATIONS, [(3, 4)]),
    *each("nn.Dense(2, %s)", (
        "flatten=False, use_bias=False", "activation='relu', flatten=False, in_units=4", "flatten=False, in_units=4",
    ), [(2, 3, 4)]),
    *each("nn.Dense(2, %s)", (
        "bias_initializer=mx.init.Constant(2.0)", "weight_initializer=mx.init.Xavier(), dtype='float32'",
        "weight_initializer='xavier', bias_initializer=mx.init.Normal(0.1), in_units=12, prefix='x_'",
        "weight_initializer=mx.init.Orthogonal()", "use_bias=False, activation='sigmoid', in_units=12",
    ), [(2, 3, 4)]),
    ("nn.Dense(1)", [(4, 1)]),
    ("nn.Dense(3, flatten=False)", [(5,)]),
    ("nn.Dense(3)", [(1, 2, 2, 2, 2)]),
    ("nn.Dense(2, 'relu', False, False, 'float32', None, 'zeros', 4)", [(2, 3, 4)]),
]  # fmt: skip

SMALL = [
    *each("nn.Dropout(%s)", ("0.0", "0.9", "rate=0.25, prefix='d_'", "0.5, (0,)", "0.5, axes=(0, 2)", "0.5, [1]"),
          [(4, 3, 2)]),
    ("nn.Dropout(1)", [(3, 4)], {"grad": False}),
    ("nn.Dropout(0.5, prefix='half_')", [(3, 4)], {"dtypes": ("float16",)}),
    *each("nn.Embedding(4, 2, %s)", (
        "'float32', 'ones'", "weight_initializer=mx.init.Uniform(0.1)", "sparse_grad=True",
        "sparse_grad=True, prefix='e_'",
    ), [Index((2, 3), 4)]),
    ("nn.Embedding(4, 2, dtype='float64')", [Index((3,), 4)], {"dtypes": ("float64",)}),
    ("nn.Embedding(input_dim=3, output_dim=1)", [Index((1, 2, 2), 3)], WITH_HALF),
    ("nn.Embedding(3, 2)", [[-1.0, 1.7, 5.0]]),
    ("nn.Flatten(prefix='f_')", [(4,)], WITH_HALF),
    ("nn.Flatten()", [(1, 2, 2, 1, 2)]),
    ("stack('nn.Flatten()')", [(2, 3)]),
]  # fmt: skip

# axis, momentum, epsilon, center, scale, use_global_stats, initialisers, in_channels
STATISTICS = (
    "axis=2", "axis=-2", "axis=0", "1, 0.5, 0.1", "momentum=0", "momentum=1.0", "epsilon=1.0", "epsilon=1e-3, axis=1",
    "center=False, scale=False", "scale=False, use_global_stats=True", "center=False, use_global_stats=True",
    "beta_initializer=mx.init.Constant(0.5), gamma_initializer=mx.init.Uniform(1)", "gamma_initializer='zeros'",
    "running_mean_initializer='ones', running_variance_initializer='zeros'",
    "running_variance_initializer=mx.init.Constant(4)", "in_channels=3, prefix='n_'",
    "1, 0.9, 1e-5, True, True, False, 'zeros', 'ones', 'zeros', 'ones', 3",
)  # fmt: skip
NORMS = [
    *each("nn.BatchNorm(%s)", STATISTICS, [(4, 3, 2)], SINGLE),
    *each("nn.BatchNorm(%s)", ("", "axis=-1", "axis=3", "axis=4, in_channels=2", "scale=False", "center=False"),
          [(2, 3, 2, 2, 2)], SINGLE),
    *each("nn.BatchNorm(%s)", ("axis=1, scale=False", "use_global_stats=True, prefix='h_'", "-1"), [(4, 3, 2, 2)],
          HALF_SINGLE),
    ("nn.BatchNorm(1)", [(5, 2)], HALF_SINGLE),
    *each("nn.LayerNorm(%s)", (
        "axis=0", "axis=-2", "axis=-3", "axis=2", "2, 0.1", "1, 1e-3, False, False", "scale=False, center=False",
        "beta_initializer='ones', gamma_initializer='zeros'", "in_channels=4, prefix='l_'",
        "-1, 1e-5, True, True, 'zeros', 'ones', 4", "gamma_initializer=mx.init.Constant(2)", "center=False, axis=0",
    ), [(5, 3, 4)], SINGLE),
    *each("nn.LayerNorm(%s)", ("", "axis=1", "scale=False"), [(2, 3, 2, 4)],
          dict(COARSE, dtypes=("float16", "float32"))),
    ("nn.LayerNorm(-1)", [(4,)]),
    *each("nn.InstanceNorm(%s)", (
        "axis=-1", "axis=2", "1, 0.1", "1, 1e-3, False, True", "center=False, scale=False", "scale=True, prefix='i_'",
        "beta_initializer='ones', gamma_initializer='zeros', scale=True", "in_channels=3, axis=1",
        "1, 1e-5, True, True, 'ones', 'ones', 3",
    ), [(2, 3, 4)], FLOAT32),
    *each("nn.InstanceNorm(%s)", ("", "axis=3", "axis=-2, scale=True"), [(2, 3, 2, 2)], FLOAT32),
    ("nn.InstanceNorm(1)", [(2, 3, 2, 2, 2)], FLOAT32),
    *each("nn.GroupNorm(%s)", (
        "num_groups=4", "4, 0.1", "2, 1e-3, False, False", "1, 1e-5, True, True, 'ones', 'ones'", "2, center=False",
        "num_groups=2, beta_initializer='ones', gamma_initializer='zeros', prefix='g_'", "1, scale=False",
    ), [(2, 4, 3)], SINGLE),
    ("nn.GroupNorm(2)", [(1, 4, 2, 1, 2)]),
    ("nn.GroupNorm(num_groups=2)", [(2, 4, 2, 2)], {"dtypes": ("float16",)}),
]  # fmt: skip

ELEMENTWISE = [
    *each("nn.Activation('%s')", ACTIVATIONS, [(2, 3, 2)], {"dtypes": ("float16", "float32", "float64")}),
    *each("nn.Activation(activation='%s', prefix='a_')", ACTIVATIONS[:2], [(4,)]),
    *each("nn.LeakyReLU(%s)", ("0", "0.0", "1", "alpha=2.5", "0.01, prefix='l_'"), [(3, 4)], SINGLE),
    *each("nn.PReLU(%s)", (
        "'zeros'", "mx.init.Constant(0.9)", "alpha_initializer=mx.init.Uniform(0.5)", "in_channels=3", "prefix='p_'",
        "mx.init.One(), 3",
    ), [(2, 3, 2)], SINGLE),
    ("nn.PReLU(in_channels=2)", [(2, 2, 3, 2)], HALF_SINGLE),
    ("nn.PReLU(in_channels=4)", [(3, 4)], SINGLE),
    *each("nn.ELU(%s)", ("0.0", "alpha=2", "prefix='e_'"), [(3, 4)]),
    # MXNet takes the sign of the output for that of the input.
    ("nn.ELU(-1.0)", [(3, 4)], {"grad": False}),
    ("nn.ELU()", [(2, 3)], {"dtypes": ("float16",)}),
    ("nn.SELU(prefix='s_')", [(2, 3)], dict(SINGLE, grad=False, dtypes=("float16", "float32", "float64"))),
    ("nn.GELU(prefix='g_')", [(2, 3)], HALF_SINGLE),
    *each("nn.Swish(%s)", ("0.5", "beta=-1", "prefix='w_'", "0"), [(3, 4)], WITH_HALF),
    *each("nn.ReflectionPad2D(%s)", ("0", "padding=2", "(0, 0, 0, 0, 1, 1, 2, 2)", "(0, 0, 0, 0, 2, 0, 0, 3)",
          "1, prefix='r_'"),
          [(2, 1, 3, 4)], WITH_HALF),
    *each("nn.HybridLambda(%s)", (
        "'relu'", "'softmax', prefix='s_'", "lambda F, x: F.identity(x)", "lambda F, x: F.concat(x, x * 2, dim=1)",
        "lambda F, x: x.reshape((-1, 2)).sum(axis=1)", "lambda F, x: F.slice_axis(x, axis=1, begin=1, end=3)",
    ), [(3, 4)]),
    ("nn.HybridLambda('broadcast_add')", [(3, 4), (3, 1)]),
    ("nn.HybridLambda(lambda F, x, y: (x + y, x - y))", [(3, 4), (3, 4)]),
]  # fmt: skip

CONVOLUTIONS = [
    *each("nn.Conv1D(%s)", (
        "2, 1", "2, (2,)", "2, [3]", "2, 3, 2", "2, 3, [2]", "2, 3, (3,), (2,)", "2, 2, padding=2", "2, 2, 1, 0, 2",
        "2, 3, dilation=(2,), padding=[2]", "4, 3, groups=2, in_channels=2", "2, 2, groups=2, use_bias=False",
        "channels=3, kernel_size=6", "2, 2, 1, 0, 1, 1, 'NCW', 'relu', False, None, 'zeros', 2",
        "2, 2, weight_initializer='ones', bias_initializer=mx.init.Constant(1.0)", "2, 2, prefix='c_'",
    ), [SERIES]),
    *each("nn.Conv1D(2, 2, activation='%s')", ACTIVATIONS, [SERIES]),
    *each("nn.Conv2D(%s)", (
        "2, 1", "2, (5, 4)", "2, [2, 3]", "2, 2, 2", "2, (2, 1), (1, 2)", "2, 2, [2, 1], [0, 1]",
        "2, 3, padding=(0, 2)",
        "2, 2, 1, 0, 2", "2, (2, 1), dilation=(3, 2)", "6, 2, groups=2", "2, 3, padding=1, groups=2, in_channels=2",
        "channels=1, kernel_size=2, use_bias=False",
        "2, 2, (1, 1), (0, 0), (1, 1), 1, 'NCHW', 'relu', True, None, 'ones', 2",
        "2, 2, weight_initializer=mx.init.Xavier(magnitude=2), bias_initializer='normal'", "2, 3, 3, 3, 2",
    ), [IMAGE]),
    *each("nn.Conv2D(2, 2, activation='%s')", ACTIVATIONS, [IMAGE]),
    *each("nn.Conv3D(%s)", (
        "2, 1", "2, (4, 3, 4)", "2, [1, 2, 1]", "2, 2, 2", "2, (2, 1, 2), (1, 2, 1)", "2, 2, padding=(1, 0, 1)",
        "2, (2, 1, 1), dilation=(2, 1, 3)", "4, 2, groups=2", "2, 2, groups=2, in_channels=2, use_bias=False",
        "1, 2, (1, 1, 1), (0, 0, 0), (1, 1, 1), 1, 'NCDHW', 'tanh', True, None, 'ones', 2",
        "1, 2, activation='softrelu'",
    ), [VOLUME]),
    *each("nn.Conv1DTranspose(%s)", (
        "2, 1", "2, (3,)", "2, [3], [2]", "2, 3, 2, 1", "2, 3, 3, 1, 2", "2, 3, strides=2, output_padding=(1,)",
        "2, 2, dilation=2", "2, 2, groups=2, in_channels=2",
        "4, 3, 2, 1, 1, 1, 2, 'NCW', 'relu', False, None, 'zeros', 2",
        "2, 2, use_bias=False, activation='sigmoid'", "2, 2, bias_initializer='ones', prefix='t_'", "1, 2, padding=1",
    ), [(2, 2, 4)]),
    *each("nn.Conv2DTranspose(%s)", (
        "2, 1", "2, (3, 2)", "2, [2, 3], [2, 1]", "2, 3, 2, 1", "2, 3, 3, (1, 0), (2, 1)",
        "2, 3, strides=2, output_padding=1",
        "2, (2, 1), dilation=(2, 3)", "2, 2, groups=2, in_channels=2", "1, 2, padding=(1, 0)",
        "4, 3, 2, 1, 1, 1, 2, 'NCHW', 'relu', False, None, 'zeros', 2", "2, 2, activation='softsign', use_bias=False",
        "2, 2, bias_initializer='ones', weight_initializer='ones'",
    ), [(2, 2, 3, 2)]),
]  # fmt: skip

POOLS = (
    "1", "3", "2, 1", "3, 2, 1", "2, 3", "3, 1, 1", "pool_size=2, strides=2, padding=1", "3, ceil_mode=True",
    "2, 2, ceil_mode=True", "3, 2, 1, ceil_mode=True", "2, 3, ceil_mode=True, prefix='p_'",
)  # fmt: skip
UNPADDED = tuple(text + ", count_include_pad=False" for text in ("3, 2, 1", "2, 1, 1", "3, 2, 1, ceil_mode=True", "2"))
POOLING = [
    *each("nn.MaxPool1D(%s)", (*POOLS, "(2,)", "[3], [1], [1]", "2, None, 0, 'NCW', True"), [(2, 2, 7)], FLOAT32),
    *each("nn.AvgPool1D(%s)", (*POOLS, *UNPADDED, "(2,), (1,), (1,)", "2, None, 0, 'NCW', True, False"), [(2, 2, 7)],
          FLOAT32),
    *each("nn.MaxPool2D(%s)", (*POOLS, "(3, 2), (2, 1), (1, 0)", "[2, 3], ceil_mode=True", "2, None, 0, 'NCHW', True"),
          [(1, 2, 5, 6)], FLOAT32),
    *each("nn.AvgPool2D(%s)", (
        *POOLS, *UNPADDED, "(3, 2), (2, 1), (1, 0)", "(3, 2), (2, 1), (1, 0), True, 'NCHW', False", "2, None, 0, True",
    ), [(1, 2, 5, 6)], FLOAT32),
    *each("nn.MaxPool3D(%s)", (*POOLS[:6], "(1, 2, 3), (1, 1, 2), (0, 1, 1)", "2, None, 0, True, 'NCDHW'"),
          [(1, 1, 4, 5, 4)], FLOAT32),
    *each("nn.AvgPool3D(%s)", (
        *POOLS[:6], *UNPADDED, "(1, 2, 3), (1, 1, 2), (0, 1, 1)", "2, None, 0, True, 'NCDHW', False",
    ), [(1, 1, 4, 5, 4)], FLOAT32),
    *[(f"nn.Global{kind}Pool{axes}D(prefix='g_')", [(2, 2, 3, 2, 3)[: axes + 2]], WITH_HALF)
      for kind in ("Max", "Avg") for axes in (1, 2, 3)],
    *[(f"nn.{kind}Pool2D(3, 2, [1, 1])", [(1, 1, 5, 5)], {"dtypes": ("float16",)}) for kind in ("Max", "Avg")],
    *[(f"nn.{layer}(layout='{layout}'{more})", [shape]) for layer, layout, shape in (
        ("MaxPool1D", "NWC", (2, 6, 2)), ("AvgPool1D", "NWC", (2, 7, 2)), ("MaxPool2D", "NHWC", (1, 4, 5, 2)),
        ("AvgPool2D", "NHWC", (1, 4, 5, 2)), ("MaxPool3D", "NDHWC", (1, 2, 4, 3, 2)),
        ("AvgPool3D", "NDHWC", (1, 2, 4, 3, 2)),
    ) for more in (", pool_size=2", ", strides=1, padding=1", ", pool_size=2, ceil_mode=True")],
    *[(f"nn.AvgPool2D(3, 2, 1, layout='NHWC', count_include_pad={count})", [(1, 4, 5, 2)]) for count in (True, False)],
    *[(f"nn.Global{kind}Pool{axes}D(layout='{layout}', prefix='g_')", [shape]) for kind in ("Max", "Avg")
      for axes, layout, shape in ((1, "NWC", (2, 3, 2)), (2, "NHWC", (2, 3, 2, 2)), (3, "NDHWC", (1, 2, 3, 2, 2)))],
]  # fmt: skip

# What is done to the data before a layer reaches it.
RESHAPE, SLICE = "F.reshape(x, shape=(-1, 2, 4, 4))", "F.slice(x, begin=(0, 0, 0, 0), end=(2, 2, 4, 4))"
AFTER = (
    "nn.Conv2D(2, 3, padding=1)", "nn.Conv2DTranspose(2, 2)", "nn.BatchNorm(in_channels=2)", "nn.MaxPool2D(2, 1)",
    "nn.AvgPool2D(2, 1)", "nn.GlobalAvgPool2D()", "nn.Activation('sigmoid')", "nn.PReLU()", "nn.Dense(3)",
    "nn.LayerNorm()",
    "nn.GroupNorm(2)", "nn.ReflectionPad2D(1)", "nn.Dropout(0.5)",
)  # fmt: skip
CHAINED = dict(SINGLE, dtypes=("float64",))
CHAINS = [
    *[(f'chained("{how}", "{layer}")', [shape], CHAINED)
      for layer in AFTER for how, shape in ((RESHAPE, (2, 4, 8)), (SLICE, (2, 3, 4, 5)))],
    *[(f'chained("{first}", "{layer}", "{second}", "{layer}")', [shape], CHAINED)
      for layer in ("nn.Conv2D(2, 3, padding=1)", "nn.BatchNorm()", "nn.Activation('relu')", "nn.MaxPool2D(1)",
          "nn.Dense(16)")
      for first, shape, second in (
          (RESHAPE, (2, 4, 8), "F.reshape(x, shape=(-1, 2, 2, 8))"),
          (RESHAPE, (2, 4, 8), "F.slice(x, begin=(0, 0), end=(2, 2))"),
          (SLICE, (2, 3, 4, 5), "F.slice(x, begin=(0, 0), end=(2, 2))"),
          (SLICE, (2, 3, 4, 5), "F.reshape(x, shape=(-1, 2, 2, 8))"),
      )],
]  # fmt: skip

STACKS = [
    ("stack('nn.Dense(3)', 'nn.Dense(2)')", [(2, 4)]),
    ("stack(\"nn.Dense(3, activation='tanh')\", 'nn.BatchNorm()', 'nn.Dense(2, use_bias=False)', prefix='')", [(4, 3)],
     SINGLE),
    ("stack('nn.Conv1D(2, 2)', 'nn.MaxPool1D()', 'nn.GlobalAvgPool1D()', 'nn.Flatten()')", [SERIES]),
    ("stack('nn.Conv3D(2, 2)', 'nn.InstanceNorm()', 'nn.PReLU()')", [VOLUME], FLOAT32),
    ("stack('nn.Conv2DTranspose(2, 2)', 'nn.GroupNorm(2)', 'nn.LeakyReLU(0.2)')", [(1, 2, 3, 2)], SINGLE),
    ("stack('nn.BatchNorm()', 'nn.BatchNorm(scale=False)')", [(4, 2, 3, 2)], SINGLE),
    ("stack(\"stack('nn.Dense(3)', 'nn.Dropout(0.5)')\", 'nn.Dense(2)', prefix='outer_')", [(2, 4)]),
]  # fmt: skip

CASES = uncompiled(*DENSE, *SMALL, *NORMS, *ELEMENTWISE, *CONVOLUTIONS, *POOLING, *CHAINS, *STACKS)
