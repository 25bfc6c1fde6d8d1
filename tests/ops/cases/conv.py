"""Cases of convolution, its transpose, pooling and upsampling."""

from ..spec import I, N, V

IMAGE, FILTERS, BIAS = (2, 4, 5, 6), (6, 4, 3, 2), (6,)
SUMS = {"float32": (5e-5, 5e-6)}  # long sums, in another order


def conv(inputs, op="Convolution", **attrs):
    """A (de)convolution case."""
    case = dict(op=op, inputs=inputs, tol=SUMS)
    if attrs.pop("error", False):
        case["error"] = True
    return dict(case, attrs=attrs)


def deconv(inputs, **attrs):
    """A Deconvolution case."""
    return conv(inputs, op="Deconvolution", **attrs)


def pool(shape, **attrs):
    """A Pooling case."""
    case = dict(op="Pooling", inputs=[shape])
    for key in ("error", "dtypes", "tol"):
        if key in attrs:
            case[key] = attrs.pop(key)
    return dict(case, attrs=attrs)


TIES = V([[[[1.0, 1.0, 0.0, 2.0], [1.0, 1.0, 2.0, 2.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0]]]])
SQUARE = (1, 2, 4, 4)
CASES = [
    conv([IMAGE, FILTERS, BIAS], kernel=(3, 2), num_filter=6),
    conv([IMAGE, FILTERS], kernel=(3, 2), num_filter=6, no_bias=True),
    conv([IMAGE, FILTERS, BIAS], kernel=(3, 2), num_filter=6, stride=(2, 1), pad=(1, 2), dilate=(1, 2)),
    conv([IMAGE, (6, 2, 3, 3), BIAS], kernel=(3, 3), num_filter=6, num_group=2, layout="NCHW"),
    conv([IMAGE, (4, 1, 3, 3), (4,)], kernel=(3, 3), num_filter=4, num_group=4, pad=(1, 1)),
    conv([IMAGE, (3, 4, 1, 1), (3,)], kernel=(1, 1), num_filter=3, workspace=1, cudnn_tune="off", cudnn_off=True),
    conv([(2, 3, 7), (4, 3, 3), (4,)], kernel=(3,), num_filter=4, stride=2, pad=1),
    conv([(2, 3, 7), (4, 3, 3), (4,)], kernel=3, num_filter=4, dilate=2, layout="NCW"),
    conv([(1, 2, 4, 3, 5), (3, 2, 2, 2, 3), (3,)], kernel=(2, 2, 3), num_filter=3, pad=(1, 0, 1), stride=(2, 1, 2)),
    conv([(1, 2, 3, 3, 3), (2, 1, 2, 2, 2), (2,)], kernel=(2, 2, 2), num_filter=2, num_group=2, layout="NCDHW"),
    conv([(2, 4, 2, 2), FILTERS, BIAS], kernel=(3, 2), num_filter=6, error=True),
    conv([(4, 5, 6), FILTERS, BIAS], kernel=(3, 2), num_filter=6, error=True),
    conv([IMAGE, FILTERS, BIAS], kernel=(3, 3), num_filter=6, error=True),
    conv([IMAGE, FILTERS, BIAS], kernel=(3, 2), num_filter=5, error=True),
    conv([IMAGE, FILTERS, (4,)], kernel=(3, 2), num_filter=6, error=True),
    conv([IMAGE, FILTERS, BIAS], kernel=(3, 2), num_filter=6, stride=(1,), error=True),
    conv([IMAGE, FILTERS, BIAS], kernel=(3, 2), num_filter=6, pad=1, error=True),
    conv([IMAGE, FILTERS, BIAS], kernel=(3, 2), num_filter=6, stride=(0, 0), error=True),
    conv([IMAGE, FILTERS, BIAS], kernel=(3, 2), num_filter=6, layout="NCW", error=True),
    conv([IMAGE, FILTERS, BIAS], kernel=(3, 2), num_filter=6, layout="NWC", error=True),
    conv([IMAGE, FILTERS, BIAS], kernel=(3, 2), num_filter=6, num_group=3, error=True),
    conv([IMAGE, FILTERS, BIAS], kernel=(3, 2), error=True),
    conv([IMAGE, N(6, 4, 3, 2, dtype="float16"), BIAS], kernel=(3, 2), num_filter=6, error=True),
    deconv([IMAGE, (4, 6, 3, 2)], kernel=(3, 2), num_filter=6),
    deconv([IMAGE, (4, 6, 3, 2), BIAS], kernel=(3, 2), num_filter=6, no_bias=False, stride=(2, 3), pad=(1, 0)),
    deconv([IMAGE, (4, 3, 3, 3)], kernel=(3, 3), num_filter=6, num_group=2, stride=(2, 2), adj=(1, 0)),
    deconv([IMAGE, (4, 1, 4, 4)], kernel=(4, 4), num_filter=4, num_group=4, stride=(2, 2), pad=(1, 1)),
    deconv([IMAGE, (4, 2, 3, 3)], kernel=(3, 3), num_filter=2, dilate=(2, 1), layout="NCHW"),
    deconv([IMAGE, (4, 2, 3, 3)], kernel=(3, 3), num_filter=2, stride=(2, 2), target_shape=(10, 12)),
    deconv([IMAGE, (4, 2, 3, 3)], kernel=(3, 3), num_filter=2, stride=(2, 2), target_shape=(9, 11), pad=(2, 2)),
    deconv([IMAGE, (4, 2, 3, 3)], kernel=(3, 3), num_filter=2, stride=(2, 2), target_shape=(0, 0), pad=(2, 2)),
    deconv([(2, 3, 5), (3, 4, 3)], kernel=3, num_filter=4, stride=2, adj=1),
    # three axes: MXNet needs oneDNN for that, see test_nn.py
    deconv([IMAGE, (4, 2, 3, 3)], kernel=(3, 3), num_filter=2, stride=(2, 2), target_shape=(12, 12), error=True),
    deconv([IMAGE, (4, 2, 3, 3)], kernel=(3, 3), num_filter=2, target_shape=(6, 6), error=True),
    deconv([IMAGE, (4, 2, 3, 3)], kernel=(3, 3), num_filter=2, stride=(2, 2), adj=(2, 0), error=True),
    deconv([IMAGE, (4, 2, 3, 3)], kernel=(3, 3), num_filter=2, stride=(2, 2), adj=(1,), error=True),
    deconv([IMAGE, (4, 2, 3, 3)], kernel=(3, 3), num_filter=3, error=True),
    deconv([IMAGE, (3, 2, 3, 3)], kernel=(3, 3), num_filter=2, error=True),
    pool((2, 3, 7), kernel=3, stride=2, pad=1),
    pool((2, 3, 7), kernel=(3,), stride=(2,), pool_type="avg"),
    pool((2, 3, 7), kernel=(3,), stride=(3,), pool_type="sum", pad=(1,), pooling_convention="full"),
    pool((2, 3, 8), kernel=(3,), stride=(3,), pool_type="avg", pad=(1,), pooling_convention="full"),
    pool((2, 3, 7), kernel=(2,), pool_type="lp", p_value=2, layout="NCW"),
    pool((2, 3, 7), global_pool=True, pool_type="avg"),
    pool((1, 2, 5, 4, 6), kernel=(2, 2, 3), stride=(2, 1, 2), pad=(1, 0, 1)),
    pool((1, 2, 5, 4, 6), kernel=(2, 2, 3), stride=(2, 1, 2), pad=(1, 0, 1), pool_type="avg"),
    pool((1, 2, 5, 4, 6), kernel=(2, 2, 3), stride=(2, 2, 2), pool_type="sum", pooling_convention="full"),
    pool((1, 2, 3, 4, 2), global_pool=True, layout="NCDHW"),
    pool(TIES, kernel=(2, 2)),
    pool(TIES, kernel=(2, 2), stride=(2, 2)),
    pool(TIES, global_pool=True),
    pool(TIES, kernel=(2, 2), stride=(2, 2), pool_type="lp", p_value=2),
    pool(TIES, kernel=(2, 2), stride=(2, 2), pool_type="lp", p_value=3),
    pool(SQUARE, global_pool=True, kernel=(2, 2), stride=(2, 2), pad=(1, 1), pool_type="sum"),
    pool(SQUARE, global_pool=True, pool_type="lp", p_value=1),
    pool(SQUARE, global_pool=True, pool_type="lp", p_value=2),
    pool(SQUARE, global_pool=True, pooling_convention="full", pool_type="avg"),
    pool(SQUARE, kernel=(3, 3), pad=(2, 2)),
    pool(SQUARE, kernel=(3, 3), pad=(2, 2), pool_type="avg", count_include_pad=False),
    pool((1, 4, 4, 2), kernel=(2, 2), layout="NHWC"),
    pool((1, 5, 4, 2), kernel=(2, 2), stride=(2, 2), layout="NHWC", pool_type="avg", pooling_convention="full"),
    pool((1, 4, 2), kernel=(2,), layout="NWC", pool_type="sum"),
    pool((1, 3, 4, 3, 2), kernel=(2, 2, 2), layout="NDHWC"),
    pool((1, 4, 4, 2), global_pool=True, layout="NHWC", pool_type="avg"),
    pool(SQUARE, kernel=(5, 5), error=True),
    pool(SQUARE, error=True),
    pool(SQUARE, kernel=(2,), error=True),
    pool(SQUARE, kernel=(2, 2), stride=(1,), error=True),
    pool(SQUARE, kernel=(2, 2), layout="NCW", error=True),
    pool(SQUARE, kernel=(2, 2), pooling_convention="same", error=True),
    pool(SQUARE, kernel=(2, 2), pool_type="lp", error=True),
    pool(SQUARE, kernel=(2, 2), pool_type="lp", p_value=4, error=True),
    pool(SQUARE, kernel=(2, 2), pool_type="median", error=True),
    pool((2, 16), kernel=(2,), error=True),
    pool(I(SQUARE, 0, 9), kernel=(2, 2), dtypes=["int32"], error=True),
    dict(op="UpSampling", inputs=[(2, 3, 2, 4)], attrs=dict(scale=2, sample_type="nearest", num_args=1)),
    dict(
        op="UpSampling",
        inputs=[(1, 2, 2, 2), (1, 1, 4, 4), (1, 2, 1, 1)],
        attrs=dict(scale=4, sample_type="nearest", num_args=3),
    ),
    dict(
        op="UpSampling",
        inputs=[(1, 2, 2, 2), (1, 2, 4, 4)],
        attrs=dict(scale=2, sample_type="nearest", num_args=2, multi_input_mode="sum"),
    ),
    dict(
        op="UpSampling",
        inputs=[(1, 2, 3, 2), (2, 1, 4, 4)],
        attrs=dict(scale=2, sample_type="bilinear", num_args=2, num_filter=2),
    ),
    dict(
        op="UpSampling",
        inputs=[(1, 2, 3, 2), (2, 1, 5, 5)],
        attrs=dict(scale=3, sample_type="bilinear", num_args=2, num_filter=2),
    ),
    dict(op="UpSampling", inputs=[(2, 3, 4)], attrs=dict(scale=2, sample_type="nearest", num_args=1), error=True),
    dict(op="UpSampling", inputs=[(2, 3, 4, 4)], attrs=dict(scale=2, sample_type="cubic", num_args=1), error=True),
]
for kind in ("max", "avg", "sum", "lp"):
    power = dict(p_value=3) if kind == "lp" else {}
    for convention in ("valid", "full"):
        for include in (None, True, False) if kind == "avg" else (None,):
            CASES += [
                pool(
                    size,
                    kernel=(3, 2),
                    stride=(2, 2),
                    pad=(1, 1),
                    pool_type=kind,
                    pooling_convention=convention,
                    count_include_pad=include,
                    **power,
                )
                for size in ((1, 2, 5, 5), (2, 1, 6, 4))
            ]
    CASES += [
        pool((1, 1, 6, 6), kernel=(3, 3), stride=(2, 2), pool_type=kind, pooling_convention="full", **power),
        pool((1, 1, 4, 4), kernel=(2, 2), dtypes=["float16"], pool_type=kind, tol={"float16": (1e-2, 5e-3)}, **power),
    ]
