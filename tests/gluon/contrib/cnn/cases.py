"""The table of gluon.contrib.cnn's layers, for both sides; see tests/gluon/harness/inputs.py."""

IMAGE = (2, 4, 5, 4)
NHWC = {"run": False, "symbol": False}  # it can be made, but its operator knows NCHW only
SUMS = {"tol": {"float32": (1e-4, 2e-5)}}  # of many products, in another order
PLAIN = dict(SUMS, compiled=False)
GPU = {"run": False}  # MXNet has no CPU kernel

CASES = [
    ("contrib.cnn.DeformableConvolution(3)", [IMAGE], PLAIN),
    ("contrib.cnn.DeformableConvolution(3, 3, padding=1, prefix='deform_')", [IMAGE], SUMS),
    ("contrib.cnn.DeformableConvolution(4, 3, 2, 1, 1, 2, 2, activation='relu', in_channels=4)", [IMAGE], PLAIN),
    ("contrib.cnn.DeformableConvolution(2, (3, 2), (1, 2), (2, 0), (2, 1), use_bias=False)", [IMAGE], PLAIN),
    ("contrib.cnn.DeformableConvolution(2, 2, offset_use_bias=False, num_deformable_group=4)", [IMAGE], PLAIN),
    ("contrib.cnn.DeformableConvolution(2, [2, 3], [1, 1], use_bias=False, offset_use_bias=False)", [IMAGE], PLAIN),
    ("contrib.cnn.DeformableConvolution(2, 2, weight_initializer='ones', bias_initializer='ones', "
     "offset_weight_initializer='ones', offset_bias_initializer='ones', op_name='Convolution')", [IMAGE], PLAIN),
    ("contrib.cnn.DeformableConvolution(4, (3, 2), layout='NHWC', in_channels=4)", [], NHWC),
    ("contrib.cnn.ModulatedDeformableConvolution(3)", [IMAGE], GPU),
    ("contrib.cnn.ModulatedDeformableConvolution(3, 3, padding=1, prefix='deform_')", [IMAGE], GPU),
    ("contrib.cnn.ModulatedDeformableConvolution(4, 3, 2, 1, 1, 2, 2, activation='tanh', in_channels=4)", [IMAGE], GPU),
    ("contrib.cnn.ModulatedDeformableConvolution(2, (3, 2), (1, 2), (2, 0), (2, 1), use_bias=False)", [IMAGE], GPU),
    ("contrib.cnn.ModulatedDeformableConvolution(4, 2, offset_use_bias=False, num_deformable_group=4)", [IMAGE], GPU),
    ("contrib.cnn.ModulatedDeformableConvolution(2, [2, 3], [1, 1], use_bias=False, offset_use_bias=False)",
     [IMAGE], GPU),
    ("contrib.cnn.ModulatedDeformableConvolution(2, 2, weight_initializer='ones', bias_initializer='ones', "
     "offset_weight_initializer='ones', offset_bias_initializer='ones', op_name='x')", [IMAGE], GPU),
    ("contrib.cnn.ModulatedDeformableConvolution(4, 3, layout='NHWC')", [], NHWC),
    ("stack('nn.Conv2D(4, 1)', 'contrib.cnn.DeformableConvolution(2, 3)', 'nn.Flatten()')", [IMAGE], PLAIN),
]  # fmt: skip

# What MXNet refuses to make; the messages of AssertionError and ValueError are its interface.
REFUSED = [
    "contrib.cnn.DeformableConvolution(4, 3, layout='NCW')",
    "contrib.cnn.DeformableConvolution(4, (3,))",
    "contrib.cnn.DeformableConvolution(4, (3, 3, 3))",
    "contrib.cnn.DeformableConvolution(4, 3.0)",
    "contrib.cnn.DeformableConvolution(4, 3, strides=(1,))",
    "contrib.cnn.DeformableConvolution(4, 3, padding=1.0)",
    "contrib.cnn.DeformableConvolution(4, 3, in_channels=3, groups=2)",
    "contrib.cnn.DeformableConvolution(4, 3, num_deformable_group=0)",
    "contrib.cnn.DeformableConvolution(4, 3, adj=(0, 0))",
    "contrib.cnn.DeformableConvolution(4, 3, layout='NHWC')(mx.sym.var('data'))",
    "contrib.cnn.ModulatedDeformableConvolution(4, 3, layout='foo')",
    "contrib.cnn.ModulatedDeformableConvolution(4, (3,))",
    "contrib.cnn.ModulatedDeformableConvolution(4, (3, 2, 1))",
    "contrib.cnn.ModulatedDeformableConvolution(4, 3, adj=(0, 0))",
    "contrib.cnn.ModulatedDeformableConvolution(4, 3, layout='NHWC')(mx.sym.var('data'))",
]


def initialised(mx):
    """What the Parameters start with, and what a fresh layer gives: a convolution with weight 1 at every element."""
    x = mx.nd.arange(32).reshape((1, 2, 4, 4))
    net = mx.gluon.contrib.cnn.DeformableConvolution(2, 3, weight_initializer="ones", bias_initializer="ones")
    net.initialize()
    found = [net(x).asnumpy().tolist()]
    found.append([p.data().asnumpy().sum().tolist() for p in net.collect_params().values()])
    found.append([list(p.shape) for p in net.collect_params().values()])
    return found


SCENES = [initialised]
