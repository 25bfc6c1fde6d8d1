"""Cases of the layers that MXNet has in a first version too; BatchNorm_v1 is in tests/oracle/layer_states.py."""

from ..spec import N, V

FLOATS = ["float32", "float64"]
# float16: MXNet sums windows in it; float64: the factor of a mean is a float32
HALF = {"float16": (5e-3, 5e-3), "float64": (1e-6, 1e-7)}
ZEROS = V([[[[0.0] * 4] * 4]])
NEGATIVE = V([[[[-1.0, -2, -3, -4], [-5, -6, -7, -8], [-9, -10, -11, -12], [-13, -14, -15, -16]]]])


def conv(data, weight, bias=True, error=False, dtypes=FLOATS, **attrs):
    """A Convolution_v1 case."""
    inputs = [data, weight] + ([(weight[0],)] if bias else [])
    kernel = attrs.pop("kernel", weight[2:])
    attrs = dict(attrs, kernel=kernel, num_filter=weight[0])
    tol = {"float32": (1e-4, 1e-5)}  # another order of summation
    case = dict(op="Convolution_v1", inputs=inputs, attrs=attrs, dtypes=dtypes, tol=tol)
    return dict(case, error=True) if error else case


def pool(data, error=False, dtypes=FLOATS, **attrs):
    """A Pooling_v1 case."""
    case = dict(op="Pooling_v1", inputs=[data], attrs=attrs, dtypes=dtypes, tol=HALF)
    return dict(case, error=True) if error else case


CASES = [
    conv((2, 4, 5, 5), (2, 4, 3, 3)),
    conv((2, 4, 5, 5), (2, 4, 3, 3), stride=(2, 2), pad=(1, 1)),
    conv((2, 4, 5, 6), (2, 4, 2, 3), stride=(1, 2), pad=(0, 2), dilate=(2, 1)),
    conv((2, 4, 5, 5), (2, 2, 3, 3), num_group=2, layout="NCHW"),
    conv((2, 4, 5, 5), (2, 4, 3, 3), bias=False, no_bias=True),
    conv((2, 4, 5, 5), (2, 4, 1, 1), workspace=1, cudnn_off=True, cudnn_tune="off"),
    conv((2, 4, 5), (2, 4, 3), error=True),
    conv((2, 4, 5, 5), (2, 3, 3, 3), error=True),
    conv((2, 4, 5, 5), (2, 4, 3, 3), kernel=(2, 2), error=True),
    conv((2, 4, 5, 5), (2, 4, 3, 3), layout="NCW", error=True),
    pool((2, 3, 5), kernel=(2,), error=True),
    pool((2, 3, 5, 6), error=True),
    pool((2, 3, 5, 6), kernel=(6, 6), error=True),
    pool((2, 3, 5, 6), kernel=(2, 2, 2), error=True),
    pool((2, 3, 5, 6), kernel=(2, 2), stride=(0, 1), error=True),
    pool((2, 3, 5, 6), kernel=(2, 2), pool_type="lp", error=True),
    pool((2, 3, 5, 6), kernel=(2, 2), pooling_convention="same", error=True),
    pool(N(2, 3, 5, 6, dtype="int32"), kernel=(2, 2), dtypes=["int32"], error=True),
    pool(ZEROS, kernel=(2, 2)),
    pool(ZEROS, kernel=(3, 3), stride=(2, 2), pad=(1, 1)),
    pool(ZEROS, global_pool=True),
    pool(NEGATIVE, kernel=(3, 3), stride=(2, 2), pad=(1, 1)),
    pool(NEGATIVE, kernel=(3, 3), stride=(2, 2), pad=(1, 1), pooling_convention="full"),
    pool(NEGATIVE, kernel=(2, 2), pad=(2, 2)),
    pool(NEGATIVE, kernel=(1, 1), stride=(2, 5), pooling_convention="full"),  # windows outside of the image
]
for _type in ("max", "avg", "sum"):
    CASES += [
        pool((2, 3, 5, 6), kernel=(2, 2), pool_type=_type, dtypes=FLOATS + ["float16"]),
        pool((2, 3, 5, 6), kernel=(2, 3), stride=(2, 1), pool_type=_type),
        pool((2, 3, 5, 6), kernel=(3, 3), stride=(2, 2), pad=(1, 1), pool_type=_type),
        pool((2, 3, 5, 6), kernel=(3, 3), stride=(2, 2), pad=(1, 1), pool_type=_type, pooling_convention="full"),
        pool((2, 3, 5, 6), kernel=(3, 2), stride=(3, 3), pool_type=_type, pooling_convention="full"),
        pool((2, 3, 5, 6), global_pool=True, pool_type=_type),
        pool((2, 3, 5, 6), global_pool=True, kernel=(2, 2), stride=(2, 2), pad=(1, 1), pool_type=_type),
    ]
