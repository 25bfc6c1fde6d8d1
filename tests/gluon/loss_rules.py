"""What losses do in training, with labels of other dtypes, and with shapes that do not fit; played on both sides."""

import numpy as np

PREDICTIONS = np.random.RandomState(3).uniform(-1, 1, (6, 3)).astype("float32")
CLASSES = np.array([0, 2, 1, 1, 0, 2])
REAL = np.random.RandomState(4).uniform(-1, 1, (6, 3)).astype("float32")
SIGNS, BITS, COUNTS = np.where(REAL > 0, 1, -1), (REAL > 0).astype(int), np.random.RandomState(5).randint(1, 6, (6, 3))
SHARES = np.abs(REAL) / np.abs(REAL).sum(axis=1, keepdims=True)

# text of a loss -> its inputs beside the prediction
TRAINED = {
    "L2Loss()": (REAL,),
    "L1Loss(weight=0.5)": (REAL,),
    "HuberLoss(rho=0.3)": (REAL,),
    "SoftmaxCELoss()": (CLASSES,),
    "SoftmaxCELoss(sparse_label=False)": (SHARES,),
    "SigmoidBCELoss()": (BITS,),
    "KLDivLoss(from_logits=False)": (SHARES,),
    "HingeLoss()": (SIGNS,),
    "SquaredHingeLoss(margin=0.5)": (SIGNS,),
    "LogisticLoss()": (SIGNS,),
    "LogisticLoss(label_format='binary')": (BITS,),
    "TripletLoss()": (REAL, REAL[::-1].copy()),
    "PoissonNLLLoss()": (COUNTS,),
    "CosineEmbeddingLoss(margin=0.1)": (REAL, SIGNS[:, 0]),
    "SDMLLoss()": (REAL,),
}


def _array(mx, values, dtype="float32"):
    return mx.nd.array(values, dtype=dtype)


def _net(mx):
    net = mx.gluon.nn.Dense(3, in_units=3)
    net.initialize()
    net.weight.set_data(mx.nd.array(np.linspace(-0.5, 0.5, 9).reshape(3, 3)))
    return net


def trained(mx):
    """Three steps of SGD on a Dense layer with each loss, hybridized and not: losses and weights."""
    found = {}
    for text, labels in TRAINED.items():
        for hybrid in (False, True):
            if hybrid and text == "SDMLLoss()":  # MXNet cannot hybridize it
                continue
            net, criterion = _net(mx), eval("loss." + text, {"loss": mx.gluon.loss})
            net.hybridize(hybrid)
            criterion.hybridize(hybrid)
            trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.2, "momentum": 0.9})
            arrays, losses = [_array(mx, y) for y in labels], []
            for _ in range(3):
                with mx.autograd.record():
                    value = criterion(net(_array(mx, PREDICTIONS)), *arrays)
                value.backward()
                trainer.step(6)
                losses.append(value.asnumpy().ravel().tolist())
            found[f"{text} {hybrid}"] = [
                losses,
                net.weight.data().asnumpy().tolist(),
                net.bias.data().asnumpy().tolist(),
            ]
    return found


def trained_ctc(mx):
    """A CTC net: the loss of each of four steps."""
    net = mx.gluon.nn.Dense(4, flatten=False, in_units=3)
    net.initialize()
    net.weight.set_data(mx.nd.array(np.linspace(-0.5, 0.5, 12).reshape(4, 3)))
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5})
    criterion, losses = mx.gluon.loss.CTCLoss(), []
    x = mx.nd.array(np.random.RandomState(6).uniform(-1, 1, (2, 6, 3)))
    for _ in range(4):
        with mx.autograd.record():
            value = criterion(net(x), mx.nd.array([[0, 1, -1], [2, 2, 1]]), mx.nd.array([6, 5]), mx.nd.array([2, 2]))
        value.backward()
        trainer.step(2)
        losses.append(value.asnumpy().tolist())
    return [losses, net.weight.data().asnumpy().tolist()]


def _told(function):
    try:
        found = function()
        return [found.dtype.__name__, found.asnumpy().astype("float64").tolist()]
    except Exception as error:
        return type(error).__name__


def label_dtypes(mx):
    """Labels as programs have them: integers and bytes with float32 predictions."""
    found = {}
    for dtype in ("int32", "int64", "uint8", "int8", "float64", "float16"):
        for text, labels in TRAINED.items():
            if text.startswith(("SoftmaxCELoss()", "CosineEmbedding")):
                criterion = eval("loss." + text, {"loss": mx.gluon.loss})
                given = [_array(mx, y) for y in labels[:-1]] + [_array(mx, labels[-1], dtype)]
                found[f"{text} {dtype}"] = _told(lambda c=criterion, g=given: c(_array(mx, PREDICTIONS), *g))
    return found


def other_label_dtypes_are_refused(mx):
    """Losses that compute with both want labels of the prediction's dtype."""
    found = {}
    for text, labels in TRAINED.items():
        if text.startswith(("SoftmaxCELoss()", "CosineEmbedding", "SDML", "Triplet")):
            continue
        criterion = eval("loss." + text, {"loss": mx.gluon.loss})
        found[text] = _told(lambda c=criterion, y=labels: c(_array(mx, PREDICTIONS), _array(mx, y[0], "int32")))
    return found


def shown(mx):
    """repr, names and kinds."""
    loss = mx.gluon.loss
    with mx.name.NameManager():
        made = [eval("loss." + text, {"loss": loss}) for text in (*TRAINED, "CTCLoss('TNC', 'TN', weight=2)")]
        own = loss.Loss(0.5, 1, prefix="own_")
    rows = [[repr(c), c.name, c.prefix, list(c.collect_params()), isinstance(c, loss.Loss)] for c in [*made, own]]
    return [
        rows,
        loss.SoftmaxCELoss is loss.SoftmaxCrossEntropyLoss,
        loss.SigmoidBCELoss is loss.SigmoidBinaryCrossEntropyLoss,
    ]


def own_losses(mx):
    """A loss of the user's own builds on Loss and on its helpers."""
    loss = mx.gluon.loss

    class Quartic(loss.Loss):
        def __init__(self, weight=None, batch_axis=0, **kwargs):
            super().__init__(weight, batch_axis, **kwargs)

        def hybrid_forward(self, F, pred, label, sample_weight=None):
            label = loss._reshape_like(F, label, pred)
            value = loss._apply_weighting(F, F.square(F.square(label - pred)), self._weight, sample_weight)
            return F.mean(value, axis=self._batch_axis, exclude=True)

    found = []
    for hybrid in (False, True):
        criterion = Quartic(weight=0.5, batch_axis=1)
        criterion.hybridize(hybrid)
        pred = _array(mx, PREDICTIONS)
        pred.attach_grad()
        with mx.autograd.record():
            value = criterion(pred, _array(mx, REAL), mx.nd.array([[2], [1], [1], [0], [1], [3]]))
        value.backward()
        found.append([repr(criterion), value.asnumpy().tolist(), pred.grad.asnumpy().tolist()])
    return found


def weights_of_one_axis(mx):
    """A sample weight of shape (N,) is not one for each instance: it broadcasts along the last axis."""
    loss, pred = mx.gluon.loss, _array(mx, PREDICTIONS)
    return [
        loss.SoftmaxCELoss()(pred, _array(mx, CLASSES), mx.nd.array([1, 2, 3])).asnumpy().tolist(),
        loss.L2Loss()(pred, _array(mx, REAL), mx.nd.array([1, 2, 3])).asnumpy().tolist(),
        loss.SigmoidBCELoss()(pred, _array(mx, BITS), None, mx.nd.array([1, 2, 3])).asnumpy().tolist(),
        loss.CTCLoss()(mx.nd.ones((2, 3, 4)), mx.nd.ones((2, 1)), None, None, mx.nd.array([1, 2])).asnumpy().tolist(),
    ]


def contexts(mx):
    """Losses on two contexts."""
    found = []
    for place in (mx.cpu(0), mx.cpu(1)):
        value = mx.gluon.loss.SoftmaxCELoss()(
            _array(mx, PREDICTIONS).as_in_context(place), _array(mx, CLASSES).as_in_context(place)
        )
        found.append([str(value.context), value.asnumpy().tolist()])
    return found


SCENES = [
    trained,
    trained_ctc,
    label_dtypes,
    other_label_dtypes_are_refused,
    shown,
    own_losses,
    weights_of_one_axis,
    contexts,
]

_ONES = "mx.nd.ones"
REFUSED = [
    f"loss.{name}()({_ONES}((2, 3)), {_ONES}((2, 4)))"
    for name in ("L2Loss", "L1Loss", "HuberLoss", "HingeLoss", "SquaredHingeLoss", "LogisticLoss", "SigmoidBCELoss",
                 "KLDivLoss", "PoissonNLLLoss")
] + [
    f"loss.{name}()({_ONES}((2, 3)), {_ONES}((2, 3)), {_ONES}((3, 1)))"
    for name in ("L2Loss", "L1Loss", "HuberLoss", "HingeLoss", "SquaredHingeLoss", "LogisticLoss", "SigmoidBCELoss",
                 "KLDivLoss", "PoissonNLLLoss")
] + [
    f"loss.{name}(weight='a')({_ONES}((2, 3)), {_ONES}((2, 3)))"
    for name in ("L2Loss", "HuberLoss", "HingeLoss", "SquaredHingeLoss", "LogisticLoss", "SigmoidBCELoss", "KLDivLoss",
                 "PoissonNLLLoss")
] + [
    f"loss.{name}()({_ONES}((2, 3)))"
    for name in ("L2Loss", "L1Loss", "HuberLoss", "HingeLoss", "SquaredHingeLoss", "LogisticLoss", "SigmoidBCELoss",
                 "KLDivLoss", "PoissonNLLLoss", "SoftmaxCELoss", "CTCLoss", "SDMLLoss")
] + [
    f"loss.SoftmaxCELoss()({_ONES}((2, 3)), {_ONES}((3,)))",
    f"loss.SoftmaxCELoss(axis=2)({_ONES}((2, 3)), {_ONES}((2,)))",
    f"loss.SoftmaxCELoss(sparse_label=False)({_ONES}((2, 3)), {_ONES}((2, 4)))",
    f"loss.SigmoidBCELoss()({_ONES}((2, 3)), {_ONES}((2, 3)), None, {_ONES}((4,)))",
    f"loss.TripletLoss()({_ONES}((2, 3)), {_ONES}((2, 3)))",
    f"loss.TripletLoss()({_ONES}((2, 3)), {_ONES}((2, 3)), {_ONES}((2, 4)))",
    f"loss.CosineEmbeddingLoss()({_ONES}((2, 3)), {_ONES}((2, 3)))",
    f"loss.CosineEmbeddingLoss()({_ONES}((2, 3)), {_ONES}((2, 4)), {_ONES}((2,)))",
    f"loss.SDMLLoss()({_ONES}((2, 3)), {_ONES}((2, 4)))",
    f"loss.CTCLoss()({_ONES}((2, 3)), {_ONES}((2, 3)))",
    f"loss.CTCLoss()({_ONES}((2, 3, 4)), {_ONES}((3, 2)))",
    "loss.LogisticLoss(label_format=1)",
    "loss.LogisticLoss(None, 0, 'Signed')",
    "loss.CTCLoss('NTC', 'NTC')",
    "loss.CTCLoss(batch_axis=1)",
    "loss.L2Loss(foo=1)",
    "loss.SoftmaxCELoss(foo=1)",
    "loss.TripletLoss(1, 2, 3, 4)",
    "loss.Loss(1)",
    f"loss.Loss(1, 0)({_ONES}((2,)))",
]  # fmt: skip
