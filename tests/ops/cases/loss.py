"""Cases of the output operators, whose gradient is that of a loss."""

from ..spec import I, N, V

FLOATS = ["float32", "float64", "float16"]
SINGLE = {"float64": (1e-6, 1e-7)}  # MXNet keeps the factors of a gradient in float32
LABEL = V([0, 2, 1, -1], grad=False)
GRID = V([[0, 1, 3], [2, -1, 1]], grad=False)


def softmax(shape, label, dtypes=FLOATS[:2], **attrs):
    """A SoftmaxOutput case."""
    return dict(op="SoftmaxOutput", inputs=[shape, label], attrs=attrs, dtypes=dtypes, tol=SINGLE)


CASES = [
    softmax((4, 3), LABEL, dtypes=FLOATS),
    softmax((4, 3), LABEL, grad_scale=2.5),
    softmax((4, 3), LABEL, smooth_alpha=0.2),
    softmax((4, 3), V([0.9, 7, -3, 2], grad=False)),
    softmax((2, 4, 3), GRID, multi_output=True, smooth_alpha=0.2),
    softmax((2, 3, 4), GRID, preserve_shape=True, smooth_alpha=0.2),
    softmax((2, 3, 4), GRID),
    softmax((2, 3, 4), GRID, normalization="batch"),
    softmax((2, 3, 4), GRID, normalization="valid", use_ignore=True),
    softmax((2, 4, 3), GRID, multi_output=True, preserve_shape=True),
    softmax((2, 4, 3), V([[[0, 1, 3]], [[2, -1, 1]]], grad=False), multi_output=True),
    softmax((2, 4, 3, 1), GRID, multi_output=True, grad_scale=0.5),
    softmax((4, 3), N(4, 3, grad=False), grad_scale=2.0, normalization="batch"),
    softmax((2, 4, 3), N(2, 4, 3, grad=False), multi_output=True),
    softmax((2, 3, 4), N(2, 3, 4, grad=False), preserve_shape=True),
    dict(op="SoftmaxOutput", inputs=[(4, 3), (4,)], train=True),
    dict(op="SoftmaxOutput", inputs=[(4, 3), (3,)], error=True),
    dict(op="SoftmaxOutput", inputs=[(4, 3), (4, 1)], error=True),
    dict(op="SoftmaxOutput", inputs=[(3,), (1,)], error=True),
    dict(op="SoftmaxOutput", inputs=[(2, 4, 3), (2, 4)], attrs=dict(multi_output=True), error=True),
    dict(op="SoftmaxOutput", inputs=[(4, 3), I((4,), 0, 3, dtype="int32")], error=True),
    dict(op="SoftmaxOutput", inputs=[(4, 3), (4,)], attrs=dict(normalization="mean"), error=True),
    dict(op="softmax_cross_entropy", inputs=[(4, 3), I((4,), 0, 3)]),
    dict(op="softmax_cross_entropy", inputs=[V([[1000.0, 0.0], [0.0, 1.0]]), V([1, 0], grad=False)]),
    dict(op="softmax_cross_entropy", inputs=[(4, 3), I((3,), 0, 3)], error=True),
    dict(op="softmax_cross_entropy", inputs=[(2, 4, 3), I((2, 4), 0, 3)], error=True),
    dict(op="softmax_cross_entropy", inputs=[(4, 3), I((4,), 0, 3, dtype="int32")], error=True),
]
for rule in ("null", "batch", "valid"):
    for ignore in (-1, 2):
        CASES += [
            softmax((4, 3), LABEL, use_ignore=True, ignore_label=ignore, normalization=rule),
            softmax((2, 4, 3), GRID, multi_output=True, use_ignore=True, ignore_label=ignore, normalization=rule),
            softmax((2, 3, 4), GRID, preserve_shape=True, use_ignore=True, ignore_label=ignore, normalization=rule),
        ]
    CASES += [
        softmax((4, 3), LABEL, normalization=rule, smooth_alpha=0.1),
        softmax((4, 3), V([-1, -1, -1, -1], grad=False), use_ignore=True, normalization=rule),
    ]
for op in ("LinearRegressionOutput", "LogisticRegressionOutput", "MAERegressionOutput"):
    CASES += [
        dict(op=op, inputs=[(4, 3), (4, 3)], dtypes=FLOATS, tol=SINGLE),
        dict(op=op, inputs=[(4, 3), (4, 3)], attrs=dict(grad_scale=2.5), train=True, tol=SINGLE),
        dict(op=op, inputs=[(2, 3, 2, 2), (2, 3, 2, 2)], tol=SINGLE),
        dict(op=op, inputs=[(4, 1), (4,)]),
        dict(op=op, inputs=[(4, 1), (4, 1)]),
        dict(op=op, inputs=[(4,), (4,)]),
        dict(op=op, inputs=[(4, 6), (4, 2, 3)], tol=SINGLE),
        dict(op=op, inputs=[(4, 2, 3), (4, 6)], tol=SINGLE),
        dict(op=op, inputs=[(4, 1, 1), (4,)], tol=SINGLE),
        dict(op=op, inputs=[(4, 6), (24,)], error=True),
        dict(op=op, inputs=[V([0.0, 1.0, -1.0]), V([0.0, 1.0, -1.0])], tol=SINGLE),
        dict(op=op, inputs=[(4, 3), (4,)], error=True),
        dict(op=op, inputs=[(4, 3), (3, 4)], error=True),
        dict(op=op, inputs=[(4, 3), N(4, 3, dtype="int32")], error=True),
        dict(op=op, inputs=[I((4, 3), 0, 3), I((4, 3), 0, 3)], dtypes=["int32"], error=True),
    ]


def ctc(label, *lengths, **attrs):
    """A CTCLoss case over 6 steps, 3 sequences and 4 classes; MXNet has it in float32 only."""
    label = V(label, dtype=attrs.pop("label_dtype", "float32"), grad=False)
    return dict(op="CTCLoss", inputs=[(6, 3, 4), label] + list(lengths), attrs=attrs, dtypes=["float32"])


PADDED = [[1, 2, 3], [3, 0, 0], [2, 2, 0]]
LENGTHS = V([6, 4, 5], dtype="float32", grad=False), V([2, 1, 3], dtype="float32", grad=False)
CASES += [
    ctc(PADDED),
    ctc(PADDED, label_dtype="int32"),
    ctc([[0, 0, 0], [1, 0, 0], [1, 1, 1]]),
    ctc([[0, 1, 2], [2, -1, -1], [0, 0, -1]], blank_label="last"),
    ctc(PADDED, LENGTHS[0], use_data_lengths=True),
    ctc([[1, 2, 3], [3, 1, 1], [2, 2, 1]], *LENGTHS, use_data_lengths=True, use_label_lengths=True),
    # a repeated class needs a blank between: does not fit, so the loss is 0 (and MXNet's gradient a huge number)
    dict(op="CTCLoss", inputs=[(2, 1, 4), V([[1, 1]], dtype="float32")], dtypes=["float32"], grad=False),
    dict(op="CTCLoss", inputs=[(1, 1, 4), V([[1, 2]], dtype="float32")], dtypes=["float32"], error=True),
    dict(op="CTCLoss", inputs=[(6, 4), V([[1, 2]], dtype="float32")], dtypes=["float32"], error=True),
    dict(op="CTCLoss", inputs=[(6, 2, 4), V([[1, 2]], dtype="float32")], dtypes=["float32"], error=True),
]


def svm(data, label, dtypes=FLOATS[:2], error=False, **attrs):
    """A SVMOutput case."""
    case = dict(op="SVMOutput", inputs=[data, label], attrs=attrs, dtypes=dtypes, tol=SINGLE)
    return dict(case, error=True) if error else case


CASES += [
    svm((4, 3), LABEL, dtypes=FLOATS),
    svm((4, 3), LABEL, use_linear=True, dtypes=FLOATS),
    svm((4, 3), V([1.6, 7, -3, 0.2], grad=False), margin=0.5, regularization_coefficient=0.3),
    svm((4, 3), LABEL, margin=0.5, regularization_coefficient=0.3, use_linear=True),
    svm(V([[1.0, -1.0], [-1.0, 1.0]]), V([0, 0], grad=False)),  # on the margin
    svm(V([[1.0, -1.0], [-1.0, 1.0]]), V([0, 0], grad=False), use_linear=True),
    svm((2, 3, 4), GRID),
    svm((2, 3, 4), V([0, 1], grad=False), error=True),
    svm((4, 3), V([0, 1, 2], grad=False), error=True),
    svm((3,), V([1], grad=False), error=True),
    svm((4, 3), LABEL, dtypes=["int32"], error=True),
    svm((4, 3), V([0, 2, 1, 0], dtype="int32"), error=True),
]
