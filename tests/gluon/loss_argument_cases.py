"""Every argument of every loss, one set after the other, for both sides; see tests/gluon/harness/inputs.py.

tests/gluon/loss_cases.py has the few that are compiled too, and what is refused.
"""

from tests.gluon.harness.inputs import Index, Uniform
from tests.gluon.loss_cases import COSINE, SDML
from tests.gluon.loss_rules import REFUSED, SCENES  # noqa: F401
from tests.gluon.nn.argument_cases import each, uncompiled

HALF = {"dtypes": ("float16",)}
CUBE, SHAPE = (3, 2, 4), (4, 3)
PROBABILITIES = Uniform(SHAPE, 0.05, 0.95)
SIGNS = [[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0], [1.0, 1.0, -1.0], [-1.0, 1.0, 1.0]]
BITS = [[1.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]
COUNTS = [[1.0, 2.0, 3.0], [4.0, 1.0, 7.0], [2.0, 1.0, 1.0], [5.0, 3.0, 1.0]]
ZERO_COUNTS = [[0.0, 2.0, 0.0], [4.0, 0.0, 7.0], [2.0, 1.0, 1.0], [5.0, 3.0, 0.0]]
PADDED = [[0.0, 1.0, -1.0], [2.0, 2.0, 1.0]]

# Shapes that a sample weight of a loss of shape (4, 3) may have; a row weighs instances, a column elements.
WEIGHTS = ((4, 1), (1, 3), (4, 3), (1, 1))


def weighted(loss, inputs, options=None, weights=WEIGHTS):
    """The loss with each shape of sample weight; the prefix keeps their texts apart."""
    return [
        (loss % f"prefix='w{i}_', weight={0.5 + i}", [*inputs, shape], options or {}) for i, shape in enumerate(weights)
    ]


ELEMENTS = [
    *weighted("loss.L2Loss(%s)", [SHAPE, SHAPE]),
    *weighted("loss.L1Loss(%s)", [SHAPE, SHAPE]),
    *weighted("loss.HuberLoss(%s)", [SHAPE, SHAPE]),
    *weighted("loss.HingeLoss(%s)", [SHAPE, SIGNS]),
    *weighted("loss.SquaredHingeLoss(%s)", [SHAPE, SIGNS]),
    *weighted("loss.LogisticLoss(%s)", [SHAPE, SIGNS]),
    *weighted("loss.SigmoidBCELoss(%s)", [SHAPE, BITS]),
    *weighted("loss.SigmoidBinaryCrossEntropyLoss(from_sigmoid=True, %s)", [PROBABILITIES, BITS]),
    *weighted("loss.KLDivLoss(%s)", [SHAPE, PROBABILITIES]),
    *weighted("loss.PoissonNLLLoss(%s)", [SHAPE, COUNTS]),
    *weighted("loss.SoftmaxCELoss(sparse_label=False, %s)", [SHAPE, SHAPE], None, ((4, 1), (1, 1))),
    *weighted("loss.SoftmaxCrossEntropyLoss(%s)", [SHAPE, Index((4,), 3)], None, ((4, 1), (1, 1))),
    *[(f"loss.{name}({text})", [CUBE, labels], options)
      for name, labels, options in (
          ("L2Loss", CUBE, {}), ("L1Loss", CUBE, {}), ("HuberLoss", CUBE, {}), ("HingeLoss", CUBE, {}),
          ("SquaredHingeLoss", CUBE, {}), ("LogisticLoss", CUBE, {}), ("SigmoidBCELoss", CUBE, {}),
          ("KLDivLoss", Uniform(CUBE, 0.1, 0.9), {}), ("PoissonNLLLoss", CUBE, {}),
      )
      for text in ("batch_axis=1", "batch_axis=2, weight=3", "prefix='f_', batch_axis=-1")],
    *[(f"loss.{name}(prefix='flat_')", [(4,), (4,)]) for name in ("L2Loss", "L1Loss", "HuberLoss", "LogisticLoss",
      "SigmoidBCELoss")],
    *[(f"loss.{name}(prefix='like_')", [(2, 6), (4, 3)])
      for name in ("L2Loss", "L1Loss", "HuberLoss", "HingeLoss", "SquaredHingeLoss", "LogisticLoss", "SigmoidBCELoss",
          "PoissonNLLLoss")],
    *[(f"loss.{name}(prefix='half_')", [SHAPE, labels], HALF) for name, labels in (
        ("L2Loss", SHAPE), ("L1Loss", SHAPE), ("HuberLoss", SHAPE), ("HingeLoss", SIGNS), ("SquaredHingeLoss", SIGNS),
        ("LogisticLoss", SIGNS), ("SigmoidBCELoss", BITS), ("SoftmaxCELoss", Index((4,), 3)),
        ("PoissonNLLLoss", COUNTS),
        ("KLDivLoss", PROBABILITIES),
    )],
]  # fmt: skip

OWN = [
    *each("loss.L2Loss(%s)", ("0", "2", "1.5, 0", "weight=True", "-1.0, prefix='n_'"), [SHAPE, SHAPE]),
    *each("loss.L1Loss(%s)", ("0", "2, 0", "weight=0.25"), [SHAPE, SHAPE]),
    *each("loss.HuberLoss(%s)", ("0.1", "10", "2, 0.5", "rho=1.5, weight=2, batch_axis=1"), [SHAPE, SHAPE]),
    *each("loss.HingeLoss(%s)", ("0", "-1", "0.5, 2, 1", "margin=3"), [SHAPE, SIGNS]),
    *each("loss.SquaredHingeLoss(%s)", ("0", "2, 0.5, 1", "margin=3, weight=2"), [SHAPE, SIGNS]),
    *each("loss.LogisticLoss(%s)", ("2", "None, 1", "label_format='signed', weight=0.5"), [SHAPE, SIGNS]),
    *each("loss.LogisticLoss(%s)", ("label_format='binary'", "None, 1, 'binary'"), [SHAPE, BITS]),
    *each("loss.TripletLoss(%s)", ("0", "2, 3", "margin=5, batch_axis=1", "-1", "prefix='t_'"), [SHAPE, SHAPE, SHAPE]),
    ("loss.TripletLoss(1, 0.5, 2)", [CUBE, CUBE, CUBE]),
    ("loss.TripletLoss(prefix='like_')", [(2, 6), SHAPE, (12,)]),
    *each("loss.PoissonNLLLoss(%s)", ("2", "None, True, 1", "weight=3, from_logits=True, prefix='p_'"),
          [SHAPE, ZERO_COUNTS]),
    *each("loss.PoissonNLLLoss(%s)", ("2, False", "from_logits=False, batch_axis=1"), [PROBABILITIES, COUNTS]),
    ("loss.PoissonNLLLoss(from_logits=False, compute_full=True)", [PROBABILITIES, COUNTS],
     {"symbol": False, "grad": False}),
    *each("loss.KLDivLoss(%s)", ("True", "True, -1, 2", "from_logits=True, axis=0, batch_axis=1"),
          [SHAPE, Uniform(SHAPE, 0, 1)]),
    *each("loss.KLDivLoss(%s)", ("False", "False, 0", "from_logits=False, axis=-2, weight=0.5"),
          [SHAPE, Uniform(SHAPE, 0, 1)]),
    *each("loss.KLDivLoss(from_logits=False, %s)", ("axis=2", "axis=1, batch_axis=2"), [CUBE, Uniform(CUBE, 0, 1)]),
    *each("loss.SigmoidBinaryCrossEntropyLoss(%s)", ("False, 2", "False, None, 1", "weight=0.5, prefix='s_'"),
          [(4, 3), BITS, None, (1, 3)]),
    *[(f"loss.SigmoidBCELoss(prefix='p{i}_', from_sigmoid={bool(i % 2)})", [PROBABILITIES, BITS, *rest])
      for i, rest in enumerate((((4, 1), (1, 3)), ((4, 1), (1, 3)), (None, (4, 3)), (None, (4, 3)), ((4, 3), (1, 1)),
          ((4, 3), (1, 1))))],
    ("loss.SigmoidBCELoss(prefix='far_')", [Uniform(SHAPE, -200, 200), BITS]),
    ("loss.SigmoidBCELoss(True, prefix='far_')", [Uniform(SHAPE, 1e-6, 1e-5), BITS]),
]  # fmt: skip

SOFTMAX = [
    *each("loss.SoftmaxCrossEntropyLoss(%s)", ("axis=-1", "1, True, False, 0.5", "axis=1, prefix='s_'"),
          [SHAPE, Index((4, 1), 3)]),
    *each("loss.SoftmaxCrossEntropyLoss(%s)", (
        "axis=0, batch_axis=1", "0, sparse_label=True, batch_axis=-1", "0, True, True, None, 1",
    ), [SHAPE, Index((3,), 4)]),
    *each("loss.SoftmaxCELoss(axis=0, sparse_label=False, %s)", ("batch_axis=1", "from_logits=True, batch_axis=1"),
          [SHAPE, SHAPE]),
    *each("loss.SoftmaxCELoss(axis=2, %s)", ("weight=2", "batch_axis=1", "from_logits=True"), [CUBE, Index((3, 2), 4)]),
    *each("loss.SoftmaxCELoss(-2, %s)", ("True", "True, True", "sparse_label=True, batch_axis=2"),
          [CUBE, Index((3, 4), 2)]),
    ("loss.SoftmaxCELoss(1, False)", [CUBE, CUBE, (3, 1, 4)]),
    ("loss.SoftmaxCELoss(1, prefix='kept_')", [CUBE, Index((3, 1, 4), 2), (3, 1, 1)]),
    ("loss.SoftmaxCELoss(prefix='image_', axis=1)", [(2, 3, 2, 2), Index((2, 2, 2), 3), (2, 1, 1, 1)]),
    ("loss.SoftmaxCELoss(prefix='clipped_')", [SHAPE, [-1.0, 0.0, 5.0, 1.0]]),
    ("loss.SoftmaxCELoss(sparse_label=False, prefix='like_')", [SHAPE, (12,)]),
    ("loss.SoftmaxCELoss(prefix='far_')", [Uniform((4, 2), -1000, 1000), [1.0, 1.0, 0.0, 0.0]]),
]  # fmt: skip

# 10 steps of 5 classes and the blank, for labels that fit
LONG = {"dtypes": ("float32",), "tol": {"float32": (1e-4, 1e-5)}}
CTC = [
    *each("loss.CTCLoss(%s)", ("weight=2", "'NTC', 'NT', 0.5", "layout='NTC', label_layout='NT', prefix='c_'"),
          [(2, 6, 4), PADDED], LONG),
    *each("loss.CTCLoss('TNC', %s)", ("'NT'", "label_layout='NT', weight=3"), [(6, 2, 4), PADDED], LONG),
    *each("loss.CTCLoss('TNC', 'TN', %s)", ("None", "prefix='t_'"), [(6, 2, 4), [[0.0, 2.0], [1.0, 2.0], [-1.0, 1.0]]],
          LONG),
    ("loss.CTCLoss(label_layout='TN')", [(2, 6, 4), [[0.0, 2.0], [1.0, 2.0], [-1.0, 1.0]]], LONG),
    ("loss.CTCLoss(prefix='lengths_')", [(2, 6, 4), PADDED, [6.0, 5.0]], LONG),
    ("loss.CTCLoss(prefix='labels_')", [(2, 6, 4), PADDED, None, [2.0, 3.0]], LONG),
    ("loss.CTCLoss(prefix='both_')", [(2, 6, 4), PADDED, [4.0, 6.0], [1.0, 2.0]], LONG),
    ("loss.CTCLoss('TNC', 'TN', prefix='both_')", [(6, 2, 4), [[0.0, 2.0], [1.0, 2.0]], [4.0, 6.0], [2.0, 1.0]], LONG),
    ("loss.CTCLoss(prefix='sample_', weight=2)", [(2, 6, 4), PADDED, None, None, (2,)], LONG),
    ("loss.CTCLoss(prefix='none_')", [(2, 3, 4), [[-1.0, -1.0], [1.0, -1.0]]], LONG),
    ("loss.CTCLoss(prefix='one_')", [(1, 1, 2), [[0.0]]], LONG),
    ("loss.CTCLoss(prefix='same_')", [(1, 8, 3), [[1.0, 1.0, 1.0]]], LONG),
    ("loss.CTCLoss(prefix='many_')", [(3, 10, 6), [[0, 1, 2, 3], [4, 4, -1, -1], [2, -1, -1, -1]], [10, 8, 9],
     [4, 2, 1], (3,)], LONG),
    ("loss.CTCLoss(prefix='gap_')", [(1, 6, 4), [[0.0, -1.0, 2.0]]], LONG),
]  # fmt: skip

EMBEDDINGS = [
    *each("loss.CosineEmbeddingLoss(%s)", ("2", "None, 1", "None, 0, 0.5", "margin=-0.5", "margin=1, weight=0.5",
          "prefix='c_'"),
          [SHAPE, SHAPE, [1.0, -1.0, -1.0, 1.0]], COSINE),
    ("loss.CosineEmbeddingLoss(prefix='labels_')", [SHAPE, SHAPE, [[1.0], [-1.0], [0.0], [2.0]]], COSINE),
    ("loss.CosineEmbeddingLoss(prefix='like_')", [(2, 6), SHAPE, [1.0, -1.0, -1.0, 1.0]], COSINE),
    *[(f"loss.CosineEmbeddingLoss(prefix='w{i}_')", [SHAPE, SHAPE, [1.0, -1.0, -1.0, 1.0], shape], COSINE)
      for i, shape in enumerate(((4, 1), (1, 1)))],
    *each("loss.SDMLLoss(%s)", ("0", "0.5", "0.3, 2.0", "smoothing_parameter=0.9, batch_axis=0, prefix='s_'"),
          [(4, 3), (4, 3)], SDML),
    ("loss.SDMLLoss(prefix='two_')", [(2, 1), (2, 1)], SDML),
    ("loss.SDMLLoss(prefix='wide_')", [(5, 4), (5, 4)], SDML),
]  # fmt: skip

CASES = uncompiled(*ELEMENTS, *OWN, *SOFTMAX, *CTC, *EMBEDDINGS)
