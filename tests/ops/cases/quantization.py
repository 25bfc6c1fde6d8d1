"""Cases of operators on integers that stand for real numbers, as MXNet's oneDNN kernels do them."""

from ..spec import I, N, U, V


def R(*ends):
    """Ends of ranges, one array each."""
    return [V([float(end)], dtype="float32") for end in ends]


def S8(*shape):
    return I(shape, -128, 128, dtype="int8")


def U8(*shape):
    return I(shape, 0, 256, dtype="uint8")


FLOAT = ["float32"]
X = N(4, 5)
POSITIVE = U((4, 5), 0.0, 5.0)
CASES = []


def add(op, inputs, error=False, **attrs):
    for x in inputs:
        if x is not None:
            x.grad = False
    # int32 results and ranges come from float32 numbers in MXNet
    case = dict(op="_contrib_" + op, inputs=inputs, attrs=attrs, dtypes=FLOAT, grad=False)
    # of an entropy MXNet sums float32 numbers one by one
    tolerance = (2e-5, 1e-7) if op == "calibrate_entropy" else (1e-6, 1e-7)
    CASES.append(dict(case, error=True) if error else dict(case, tol={"float32": tolerance}))


for kind in ("int8", "uint8"):
    add("quantize", [X] + R(-2, 4), out_type=kind)
    add("quantize", [POSITIVE] + R(0, 5), out_type=kind)
    add("quantize", [V([-9.0, 9.0, 0.0])] + R(-2, 1), out_type=kind)
    add("quantize", [X] + [V([-2.0, 1.0], dtype="float32"), V([4.0, 2.0], dtype="float32")], error=True, out_type=kind)
add("quantize", [X] + R(-2, 4))
add("quantize", [N(3, dtype="float64")] + R(-2, 4), error=True)
for kind in ("int8", "uint8", "auto"):
    for data in (X, POSITIVE):
        add("quantize_v2", [data], out_type=kind)
        add("quantize_v2", [data], out_type=kind, min_calib_range=-1.0, max_calib_range=0.75)
        add("quantize_v2", [data], out_type=kind, min_calib_range=0.0, max_calib_range=2.5)
    add("requantize", [I((20,), -60000, 60000, dtype="int32")] + R(-2e6, 1e6), out_type=kind)
    for low, high in ((-20.0, 40.0), (0.0, 30.0), (-50.0, 10.0)):
        add(
            "requantize",
            [I((20,), -60000, 60000, dtype="int32")] + R(-2e6, 1e6),
            out_type=kind,
            min_calib_range=low,
            max_calib_range=high,
        )
add("quantize_v2", [X], min_calib_range=-1.0)
add("quantize_v2", [S8(4)], min_calib_range=-1.0, max_calib_range=2.0)
add("quantize_v2", [S8(4)])
add("quantize_v2", [U8(4)], out_type="uint8")
add("quantize_v2", [N(3, dtype="float64")], error=True)
add("requantize", [S8(4)] + R(-1, 1), error=True)
for data in (S8(3, 4), U8(3, 4)):
    add("dequantize", [data] + R(-2, 4))
    add("dequantize", [data] + R(-5, 1))
    add("quantized_flatten", [I((2, 3, 2), 0, 127, dtype=data.dtype)] + R(-2, 4))
    for pool in ("max", "avg"):
        image = I((2, 2, 5, 4), 0, 127, dtype=data.dtype)
        add("quantized_pooling", [image] + R(-2, 4), kernel=(2, 2), stride=(2, 2), pool_type=pool)
        add("quantized_pooling", [image] + R(-2, 4), kernel=(3, 3), pool_type=pool)
        add("quantized_pooling", [image] + R(-2, 4), kernel=(1, 1), global_pool=True, pool_type=pool)
    for attrs in (dict(), dict(count_include_pad=False), dict(stride=(3, 3), pad=(1, 1), kernel=(3, 3))):
        attrs = dict(dict(kernel=(2, 2), stride=(2, 2), pool_type="avg", pooling_convention="full"), **attrs)
        add("quantized_pooling", [image] + R(-2, 4), **attrs)
    for attrs in (dict(kernel=(2, 2), pool_type="sum"), dict(kernel=(2, 2), pool_type="lp")):
        add("quantized_pooling", [image] + R(-2, 4), error=True, **attrs)
    dense = [I((2, 6), 0, 100, dtype=data.dtype), S8(3, 6), S8(3)]
    add("quantized_fully_connected", dense + R(-1, 2, -3, 4, -0.5, 0.6), num_hidden=3)
    add("quantized_fully_connected", dense + R(-3, 2, -3, 1, -5, 5), num_hidden=3)
    for attrs in (dict(), dict(flatten=False)):
        inputs = [I((2, 3, 2), 0, 100, dtype=data.dtype), S8(3, 6 if not attrs else 2), None]
        inputs += R(-1, 2, -3, 4) + [None, None]
        add("quantized_fully_connected", inputs, num_hidden=3, no_bias=True, **attrs)
    add("quantized_fully_connected", dense + R(-1, 2, -3, 4, -0.5, 0.6), num_hidden=4, error=True)
add("quantized_act", [S8(3, 4)] + R(-2, 4), act_type="relu")
add("quantized_act", [S8(3, 4)] + R(-2, 4), act_type="tanh", error=True)
add("quantized_pooling", [S8(2, 2, 5)] + R(-2, 4), kernel=(2,), error=True)
add("dequantize", [X] + R(-2, 4), error=True)
add("dequantize", [I((3,), 0, 9, dtype="int32")] + R(-2, 4), error=True)

WEIGHT = S8(5, 4)
add("quantized_embedding", [V([0.0, 3.0, 9.0, -1.0]), WEIGHT] + R(-1, 2), input_dim=5, output_dim=4)
add("quantized_embedding", [I((2, 2), 0, 5, dtype="int32"), WEIGHT] + R(-1, 2), input_dim=5, output_dim=4)
add("quantized_embedding", [V([0.0]), WEIGHT] + R(-1, 2), input_dim=4, output_dim=4, error=True)

for a, b in ((S8(2, 6), S8(2, 6)), (U8(2, 6), U8(2, 6)), (S8(2, 6), U8(2, 6))):
    if a.dtype == b.dtype:  # MXNet forgets the one part of a mixed sum, or rounds it twice
        add("quantized_elemwise_add", [a, b] + R(-1, 2, -3, 4))
        add("quantized_elemwise_add", [a, b] + R(-1, 2, -3, 4), min_calib_range=-2.0, max_calib_range=5.0)
    add("quantized_concat", [a, b] + R(-1, 2, -3, 4), num_args=2)
    add("quantized_concat", [a, b] + R(-1, 2, -1, 2), num_args=2, dim=0)
add("quantized_concat", [S8(2, 2), S8(2, 1), S8(2, 3)] + R(-1, 2, -3, 4, -6, 1), num_args=3)
add("quantized_elemwise_add", [S8(2, 6), S8(2, 5)] + R(-1, 2, -3, 4), error=True)

for bins in (15, 31):
    counts = [float((7 * i) % 11 + (20 if 20 < i < 40 else 0)) for i in range(61)]
    for numbers in (V(counts), I((61,), 0, 50), V([0.0] * 25 + counts[25:36] + [0.0] * 25)):
        add("calibrate_entropy", [numbers, V([-3.05 + i * 0.1 for i in range(62)])], num_quantized_bins=bins)
        CASES[-1]["tol"] = {"float32": (1e-5, 1e-6)}  # MXNet adds up hundreds of terms in float32
add("calibrate_entropy", [V(counts), V([1.0] * 61)], num_quantized_bins=15, error=True)

STATISTICS = [V(v, dtype="float32") for v in ([1.0, 2.0], [0.5, -0.5], [0.1, 0.2], [1.0, 2.0])]
CALIBRATED = dict(min_calib_range=-3.0, max_calib_range=5.0)
# MXNet counts a large eps twice, and does not count fix_gamma
add("quantized_batch_norm", [S8(2, 2, 3, 2)] + STATISTICS + R(-1, 2), fix_gamma=False, **CALIBRATED)
add("quantized_batch_norm", [S8(2, 2, 3, 2)] + STATISTICS + R(-1, 2), fix_gamma=False, error=True)
