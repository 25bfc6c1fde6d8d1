"""The losses' table of cases, for both sides; see tests/gluon/harness/inputs.py."""

from tests.gluon.harness.inputs import FLOAT32, Index, Uniform

SIGNS = [1.0, -1.0, 1.0, -1.0]
# target 0 makes MXNet's Stirling term NaN
COUNTS = [[1.0, 2.0, 3.0], [4.0, 1.0, 7.0], [2.0, 1.0, 1.0]]
POSITIVE = [[0.2, 0.5, 0.3], [0.1, 0.1, 0.8], [1.0, 0.0, 0.0], [0.3, 0.3, 0.4]]
CLASSES = Index((4,), 3)

COSINE = {"dtypes": ("float32",), "symbol_differs": "MXNet's has constants that are float32 in any case"}
SDML = {"dtypes": ("float32",), "symbol": False}

CASES = [
    ("loss.L2Loss()", [(4, 3), (4, 3)]),
    ("loss.L2Loss(weight=2, batch_axis=1)", [(4, 3), (4, 3)]),
    ("loss.L2Loss(prefix='l2_')", [(4, 3), (2, 6), (4, 1)]),
    ("loss.L1Loss()", [(4, 3), (12,)]),
    ("loss.L1Loss(weight=0.5)", [(4, 3), (4, 3), (4, 3)]),
    ("loss.HuberLoss()", [(4, 3), (4, 3)]),
    ("loss.HuberLoss(rho=0.5, weight=3)", [(4, 3), (4, 3), (4, 1)]),
    ("loss.SoftmaxCrossEntropyLoss()", [(4, 3), CLASSES]),
    ("loss.SoftmaxCrossEntropyLoss(weight=2.0)", [(4, 3), CLASSES, (4, 1)]),
    ("loss.SoftmaxCELoss(axis=1)", [(2, 3, 4), Index((2, 4), 3)]),
    ("loss.SoftmaxCELoss(axis=1, batch_axis=1)", [(2, 3, 4), Index((2, 4), 3)]),
    ("loss.SoftmaxCELoss(sparse_label=False)", [(4, 3), (4, 3)]),
    ("loss.SoftmaxCELoss(from_logits=True)", [(4, 3), CLASSES]),
    ("loss.SoftmaxCELoss(from_logits=True, sparse_label=False)", [(4, 3), (4, 3), (4, 1)]),
    ("loss.SigmoidBinaryCrossEntropyLoss()", [(4, 3), (4, 3)]),
    ("loss.SigmoidBCELoss(weight=0.5)", [(4, 3), (4, 3), (4, 1)]),
    ("loss.SigmoidBCELoss(prefix='bce_')", [(4, 3), (4, 3), None, (1, 3)]),
    ("loss.SigmoidBCELoss(batch_axis=1)", [(4, 3), (4, 3), (4, 1), (1, 3)]),
    ("loss.SigmoidBCELoss(True)", [Uniform((4, 3), 0.1, 0.9), (4, 3)]),
    ("loss.SigmoidBCELoss(from_sigmoid=True)", [Uniform((4, 3), 0.1, 0.9), (4, 3), None, (1, 3)]),
    ("loss.KLDivLoss()", [(4, 3), POSITIVE]),
    ("loss.KLDivLoss(from_logits=False, axis=1, weight=2)", [(4, 3), POSITIVE, (4, 1)]),
    ("loss.HingeLoss()", [(4,), SIGNS]),
    ("loss.HingeLoss(margin=2, weight=0.5)", [(4, 1), SIGNS, (4, 1)]),
    ("loss.SquaredHingeLoss()", [(4,), SIGNS]),
    ("loss.SquaredHingeLoss(0.5)", [(4, 1), SIGNS]),
    ("loss.LogisticLoss()", [(4,), SIGNS]),
    ("loss.LogisticLoss(label_format='binary', weight=2)", [(4, 3), (4, 3), (4, 1)]),
    ("loss.TripletLoss()", [(4, 3), (4, 3), (4, 3)]),
    ("loss.TripletLoss(margin=3, weight=2)", [(4, 3), (4, 3), (4, 3)]),
    ("loss.PoissonNLLLoss()", [(3, 3), COUNTS]),
    ("loss.PoissonNLLLoss(from_logits=False)", [Uniform((3, 3), 0.1, 4), COUNTS]),
    ("loss.PoissonNLLLoss(weight=2, compute_full=True)", [(3, 3), COUNTS, (3, 1)], {"symbol": False, "grad": False}),
    ("loss.CosineEmbeddingLoss()", [(4, 3), (4, 3), SIGNS], COSINE),
    ("loss.CosineEmbeddingLoss(weight=2, margin=0.3)", [(4, 3), (4, 3), SIGNS, (4, 1)],
     COSINE),
    ("loss.SDMLLoss()", [(4, 3), (4, 3)], SDML),
    ("loss.SDMLLoss(smoothing_parameter=0.1, weight=3, batch_axis=1)", [(3, 2), (3, 2)], SDML),
    ("loss.CTCLoss()", [(2, 5, 4), [[0, 1, -1], [2, 2, 1]]], FLOAT32),
    ("loss.CTCLoss('TNC', 'TN', weight=0.5)", [(5, 2, 4), [[0, 2], [1, 2], [-1, 1]]], FLOAT32),
    ("loss.CTCLoss(prefix='ctc_')", [(2, 5, 4), [[0, 1, -1], [2, 1, -1]], [5, 4], [2, 2], (2,)], FLOAT32),
    ("loss.CTCLoss(layout='TNC')", [(5, 2, 4), [[0, 1, 3], [2, 1, 3]], None, [2, 1]], FLOAT32),
]  # fmt: skip

REFUSED = [
    "loss.LogisticLoss(label_format='foo')",
    "loss.CTCLoss('foo')",
    "loss.CTCLoss(label_layout='foo')",
    "loss.L2Loss(weight=None)(mx.nd.ones((2,)), mx.nd.ones((2,)))",
    "loss.L1Loss(weight='a')(mx.nd.ones((2,)), mx.nd.ones((2,)))",
    "loss.Loss(None, 0)(mx.nd.ones((2,)))",
    "loss.Loss()",
    "loss.L1Loss()(mx.nd.ones((2,)), mx.nd.ones((3,)))",
]


def shapes(mx):
    """Losses keep the batch axis and nothing else; labels are given as programs give them."""
    loss, nd = mx.gluon.loss, mx.nd
    x = nd.arange(24).reshape((4, 3, 2))
    return [
        list(loss.L2Loss()(x, x).shape),
        list(loss.L1Loss(batch_axis=2)(x, x).shape),
        list(loss.SoftmaxCELoss(axis=1)(x, nd.ones((4, 2))).shape),
        loss.SoftmaxCELoss()(nd.ones((2, 3)), nd.array([0, 2], dtype="int32")).asnumpy().tolist(),
        loss.SoftmaxCELoss()(nd.ones((2, 3)), nd.array([[0], [2]])).asnumpy().tolist(),
        loss.SigmoidBCELoss()(nd.zeros((2, 1)), nd.array([0, 1])).asnumpy().tolist(),
        list(loss.PoissonNLLLoss()(x, x).shape),
        list(loss.CosineEmbeddingLoss()(nd.ones((2, 3)), nd.ones((2, 3)), nd.ones((2,))).shape),
    ]


def helpers(mx):
    """``_reshape_like`` and ``_apply_weighting``, which losses outside of MXNet use."""
    loss, nd, sym = mx.gluon.loss, mx.nd, mx.sym
    with mx.name.NameManager():
        json = loss._apply_weighting(
            sym, loss._reshape_like(sym, sym.var("a"), sym.var("b")), 2.0, sym.var("w")
        ).tojson()
    return [
        loss._reshape_like(nd, nd.arange(4), nd.ones((2, 2))).asnumpy().tolist(),
        loss._apply_weighting(nd, nd.arange(4), 3.0, nd.array([2])).asnumpy().tolist(),
        loss._apply_weighting(nd, nd.arange(4)).asnumpy().tolist(),
        json,
    ]


SCENES = [shapes, helpers]
