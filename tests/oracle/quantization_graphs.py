"""Writes tests/golden/quantization_graphs.json: quantized operators that MXNet 1.9.1 runs in graphs only.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.quantization_graphs
"""

import numpy as np

from tests.oracle.scenario import attempt, plain, write


def results(mx):
    """name -> plain values."""
    nd, sym = mx.nd, mx.sym
    names = ("lhs", "rhs", "lhs_min", "lhs_max", "rhs_min", "rhs_max")
    a, b = [[-128, -3, 127], [5, 6, -7]], [[100, -3, 127], [-5, 66, -70]]
    wide = np.random.RandomState(0).randint(-128, 128, (2, 20, 10))

    def product(lhs=a, rhs=b, ends=(-1, 2, -3, 2.5), **attributes):
        symbol = sym.contrib.quantized_elemwise_mul(*[sym.var(n) for n in names], **attributes)
        arrays = [nd.array(x, dtype="int8") for x in (lhs, rhs)] + [nd.array([v]) for v in ends]
        shapes = symbol.infer_shape(lhs=arrays[0].shape, rhs=arrays[1].shape)
        dtypes = symbol.infer_type(lhs="int8", rhs="int8")
        outputs = symbol.bind(mx.cpu(), dict(zip(names, arrays))).forward(is_train=False)
        return [
            plain(outputs),
            plain(shapes),
            [[np.dtype(t).name for t in ts] for ts in dtypes],
            symbol.list_outputs()[1:],
        ]

    found = {
        "product": attempt(product),
        "product, float32": attempt(product, enable_float_output=True),
        "product, range": attempt(product, min_calib_range=-5.0, max_calib_range=6.0),
        "product, range of one sign": attempt(product, min_calib_range=0.5, max_calib_range=6.0),
        "product, range and float32": attempt(
            product, min_calib_range=-5.0, max_calib_range=6.0, enable_float_output=True
        ),
        "product, half a range": attempt(product, min_calib_range=-5.0),
        "product of many": attempt(
            product, wide[0], wide[1], (-4, 3, -0.5, 0.7), min_calib_range=-3, max_calib_range=2
        ),
        "product of many, int32": attempt(product, wide[0], wide[1], (-4, 3, -0.5, 0.7)),
        "product of two shapes": attempt(product, a, [[1, 2, 3]]),
        "asymmetric": [
            plain(sym.contrib.quantize_asym(sym.var("x")).infer_shape(x=(2, 3))),
            [np.dtype(t).name for t in sym.contrib.quantize_asym(sym.var("x")).infer_type(x="float32")[1]],
        ],
    }
    return found


if __name__ == "__main__":
    import mxnet

    write("quantization_graphs", results(mxnet))
