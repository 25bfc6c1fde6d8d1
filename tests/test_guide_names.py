"""The guide's tables of names: MXNet has the first, this package the second, PyTorch the third; none is left out."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
from typing import Any

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, nd
from mxgluon_compat.interop.doctor.names import listed
from tests import guide

TITLE = "Names: MXNet, here, PyTorch"
TABLES = [(head, rows) for head, rows in guide.tables(TITLE) if head[-1] == "mind"]
ROOTS = ("torch", "torchvision", "hashlib")  # a name that begins so stands for itself
# Modules whose every public name is in the tables.
COMPLETE = ["gluon.nn", "gluon.rnn", "gluon.loss", "optimizer", "lr_scheduler", "initializer", "metric", "gluon.data",
            "gluon.data.vision.transforms"]  # fmt: skip
# What else is in their ``__all__``: modules, and a helper.
PASSED_OVER = {"gluon.data": {"vision"}, "optimizer": {"contrib", "optimizer"}, "metric": {"np", "check_label_shapes"}}

# Attributes that each instance is given, and so not listed among those of the class.
ATTRIBUTES = {"mx.gluon.Parameter.lr_mult", "mx.gluon.Parameter.wd_mult"}
INSTANCES: dict[Any, Any] = {
    gluon.Parameter: gluon.Parameter("weight"),
    torch.optim.Optimizer: torch.optim.SGD([torch.zeros(1)]),
}


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def column(index: int) -> list[str]:
    """Full names in a column; the head says what they begin with (of several, each does)."""
    found = []
    for head, rows in TABLES:
        bases = quoted(head[index]) or ["mx"]
        for name in (name for row in rows for name in quoted(row[index])):
            found += [name] if name.partition(".")[0] in ROOTS else [f"{base}.{name}" for base in bases]
    return found


THEIRS, HERE, TORCH = map(column, range(3))


def resolved(path: str) -> Any:
    """The object of a dotted name, modules imported on the way."""
    first, *rest = path.split(".")
    found = mx if first == "mx" else importlib.import_module(first)
    for name in rest:
        if found in INSTANCES and not hasattr(found, name):
            return getattr(INSTANCES[found], name)
        if not hasattr(found, name):
            importlib.import_module(f"{found.__name__}.{name}")
        found = getattr(found, name)
    return found


def test_there_are_tables():
    assert len(TABLES) == len(re.findall(r"^\|[ |-]+\|$", guide.text_of(TITLE), re.MULTILINE)) == 18
    assert all(len(row) == len(head) == 4 for head, rows in TABLES for row in rows)
    assert len(set(THEIRS)) > 500
    assert len(set(THEIRS)) == len(THEIRS), sorted({name for name in THEIRS if THEIRS.count(name) > 1})


def test_mxnet_has_the_names_of_the_first_column():
    assert {name for name in THEIRS if not listed().has(*name.rpartition(".")[::2])} == ATTRIBUTES


def test_each_is_here_and_called_the_same():
    for head, rows in TABLES:
        assert head[1] == "here"
        for row in rows:
            assert re.fullmatch(r"same(; `[\w.]+`)?", row[1]), row
    for name in [*THEIRS, *HERE]:
        resolved(name)


@pytest.mark.parametrize("library", ROOTS)
def test_the_third_column_is_there(library):
    names = {name for name in TORCH if name.partition(".")[0] == library}
    assert names
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    for name in names:
        resolved(name)


def test_names_of_pytorch_in_the_text_are_there():
    names = re.findall(r"`(torch\.[\w.]+)", guide.TEXT)
    assert len(names) > 10
    for name in names:
        resolved(name)


def test_where_there_is_none_the_text_says_what_to_do():
    for _, rows in TABLES:
        for row in rows:
            assert quoted(row[2]) or (row[2] == "—" and row[3]), row


@pytest.mark.parametrize("module", COMPLETE)
def test_no_public_name_is_left_out(module):
    found = resolved(f"mx.{module}")
    public = {name for name in found.__all__ if not inspect.ismodule(getattr(found, name))} - PASSED_OVER.get(
        module, set()
    )
    assert {f"mx.{module}.{name}" for name in public} <= set(THEIRS)


# ---------------------------------------------------------------------------------------------- what to mind
X = torch.linspace(-2, 3, 24).reshape(2, 3, 4)


def close(ours: Any, theirs: torch.Tensor) -> bool:
    ours = ours.to_torch() if isinstance(ours, nd.NDArray) else ours
    return ours.shape == theirs.shape and torch.allclose(ours, theirs, atol=1e-6)


def said(text: str) -> None:
    """The text is one of the last column's."""
    assert any(text in row[-1] for _, rows in TABLES for row in rows), text


def initialised(net: Any) -> Any:
    net.initialize()
    return net


def test_momentum_of_batch_norm():
    said("`momentum=0.9` is PyTorch's 0.1; the running variance is biased here, unbiased there")
    ours, theirs = initialised(gluon.nn.BatchNorm()), torch.nn.BatchNorm1d(3, momentum=0.1)
    with autograd.record():
        y = ours(nd.NDArray(X))
    y.backward()
    assert close(y.detach(), theirs(X).detach())
    assert close(ours.running_mean.data(), theirs.running_mean)
    assert close(ours.running_var.data(), 0.9 + 0.1 * X.var((0, 2), unbiased=False))
    assert close(0.9 + 0.1 * X.var((0, 2)), theirs.running_var)


@pytest.mark.parametrize(("text", "ours", "theirs"), [
    ("half of it", gluon.loss.L2Loss, lambda p, t: torch.nn.functional.mse_loss(p, t, reduction="none") / 2),
    ("`rho` is `beta`", lambda: gluon.loss.HuberLoss(rho=0.5),
     lambda p, t: torch.nn.functional.smooth_l1_loss(p, t, reduction="none", beta=0.5)),
    ("`label_format='signed'`", gluon.loss.LogisticLoss,
     lambda p, t: torch.nn.functional.soft_margin_loss(p, t, reduction="none")),
    ("`relu(margin - pred * label)`", gluon.loss.HingeLoss, lambda p, t: torch.relu(1 - p * t)),
])  # fmt: skip
def test_losses(text, ours, theirs):
    said(text)
    target = X.flip(0).sign()
    assert close(ours()(nd.NDArray(X), nd.NDArray(target)), theirs(X, target).mean((1, 2)))


def test_cross_entropy():
    said("the classes are the last axis here, the second there")
    label = torch.tensor([[0, 1, 2], [3, 0, 1]])
    ours = gluon.loss.SoftmaxCrossEntropyLoss()(nd.NDArray(X), nd.NDArray(label))
    assert close(ours, torch.nn.functional.cross_entropy(X.movedim(-1, 1), label, reduction="none").mean(1))


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_gates(kind):
    said("gates in the same order")
    ours, theirs = initialised(getattr(gluon.rnn, kind)(5, input_size=4)), getattr(torch.nn, kind)(4, 5)
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
        part, _, what = name[:-3].partition("_")
        our_name = f"l0_{'i2h' if what == 'ih' else 'h2h'}_{part}"
        getattr(ours, our_name).set_data(nd.NDArray(getattr(theirs, name).detach().clone()))
    assert close(ours(nd.NDArray(X)), theirs(X)[0].detach())


def trained(
    ours: str, options: dict[str, Any], theirs: Any, rates: tuple[float, ...]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights after as many steps as there are rates, with the same gradients on both sides."""
    w = nd.array([1.0, -2.0, 0.5])
    t = torch.nn.Parameter(w.to_torch().clone())
    updater = mx.optimizer.get_updater(mx.optimizer.create(ours, learning_rate=rates[0], **options))
    optimizer = theirs([t])
    for i, rate in enumerate(rates):
        updater.optimizer.set_learning_rate(rate)
        optimizer.param_groups[0]["lr"] = rate
        gradient = torch.tensor([0.1, -0.4, 0.3]) * (i + 1)
        updater(0, nd.NDArray(gradient.clone()), w)
        t.grad = gradient
        optimizer.step()
    return w.to_torch(), t.detach()


def test_momentum_and_the_learning_rate():
    said("with momentum the same until the learning rate changes")
    options = {"momentum": 0.9, "wd": 0.01}

    def sgd(parameters: Any) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=0.01)

    assert close(*trained("sgd", options, sgd, (0.1, 0.1, 0.1)))
    assert not close(*trained("sgd", options, sgd, (0.1, 0.1, 0.01)))


def test_nesterov():
    said("`nesterov=True`")
    assert close(*trained("nag", {"momentum": 0.9}, lambda p: torch.optim.SGD(p, 0.1, 0.9, nesterov=True), (0.1,) * 3))


def test_epsilon_of_adam():
    said("`epsilon` is added before the correction of the bias here")
    with_epsilon = trained("adam", {"epsilon": 1e-1}, lambda p: torch.optim.Adam(p, 0.1, eps=1e-1), (0.1,) * 2)
    without = trained("adam", {"epsilon": 1e-12}, lambda p: torch.optim.Adam(p, 0.1, eps=1e-12), (0.1,) * 2)
    assert close(*without) and not close(*with_epsilon)


@pytest.mark.parametrize(("ours", "theirs"), [("rmsprop", torch.optim.RMSprop), ("adagrad", torch.optim.Adagrad)])
def test_epsilon_in_the_root(ours, theirs):
    said("RMSProp's and AdaGrad's `epsilon` is inside of the root here")
    decay = {"gamma1": 0.9} if ours == "rmsprop" else {}
    alpha = {"alpha": 0.9} if ours == "rmsprop" else {}
    key = "epsilon" if ours == "rmsprop" else "eps"
    assert close(*trained(ours, {key: 1e-14, **decay}, lambda p: theirs(p, lr=0.1, eps=1e-14, **alpha), (0.1,)))
    inside, outside = trained(ours, {key: 0.01, **decay}, lambda p: theirs(p, lr=0.1, eps=0.01, **alpha), (0.1,))
    start, gradient = torch.tensor([1.0, -2.0, 0.5]), torch.tensor([0.1, -0.4, 0.3])
    mean = 0.1 * gradient**2 if ours == "rmsprop" else gradient**2
    assert close(inside, start - 0.1 * gradient / (mean + 0.01).sqrt()) and not close(inside, outside)


@pytest.mark.parametrize(("ours", "theirs"), [
    ("Xavier", torch.nn.init.xavier_uniform_), ("Uniform", lambda w: torch.nn.init.uniform_(w, -0.07, 0.07)),
    ("MSRAPrelu", lambda w: torch.nn.init.kaiming_normal_(w, a=0.25, mode="fan_in")),
])  # fmt: skip
def test_spreads_of_initial_weights(ours, theirs):
    w = nd.zeros((300, 200))
    options = {"factor_type": "in"} if ours == "MSRAPrelu" else {}
    getattr(mx.init, ours)(**options)(mx.init.InitDesc("weight"), w)
    assert w.to_torch().std().item() == pytest.approx(theirs(torch.empty(300, 200)).std().item(), rel=0.02)


ARRAY = nd.NDArray(X)


@pytest.mark.parametrize(("text", "ours", "theirs"), [
    ("`flatten()` keeps the first axis here: `flatten(1)`", lambda: ARRAY.flatten(), lambda: X.flatten(1)),
    ("`repeat` of a Tensor is `tile`", lambda: ARRAY.repeat(2, axis=1), lambda: X.repeat_interleave(2, 1)),
    ("results of argmax are float32", lambda: ARRAY.argmax(axis=1), lambda: X.argmax(1).float()),
    ("`backward` of an array that is no scalar sums it up", lambda: (ARRAY * 2), lambda: X * 2),
    ("`round` of halves: away from 0 here, to even there", lambda: nd.array([0.5, 2.5]).round(),
     lambda: torch.tensor([1.0, 3.0])),
    ("`dim=1` is the default of concat here", lambda: nd.concat(ARRAY, ARRAY), lambda: torch.cat([X, X], dim=1)),
    ("`dot` contracts the last axis with the first", lambda: nd.dot(ARRAY, nd.NDArray(X[0].T)),
     lambda: torch.tensordot(X, X[0].T, 1)),
    ("masks are numbers here", lambda: nd.broadcast_greater(ARRAY, nd.zeros((1, 1, 1))), lambda: (X > 0).float()),
    ("`gather_nd(x, i)` is `x[tuple(i)]`", lambda: nd.gather_nd(ARRAY, nd.array([[0, 1], [2, 0]])),
     lambda: X[tuple(torch.tensor([[0, 1], [2, 0]]))]),
    ("`pad_width` counts from the first axis here, from the last there",
     lambda: nd.pad(nd.NDArray(X[None]), mode="constant", pad_width=(0, 0, 0, 0, 1, 0, 0, 2)),
     lambda: torch.nn.functional.pad(X[None], (0, 2, 1, 0))),
    ("BilinearResize2D is `align_corners=True`",
     lambda: nd.contrib.BilinearResize2D(nd.NDArray(X[None]), height=5, width=6),
     lambda: torch.nn.functional.interpolate(X[None], (5, 6), mode="bilinear", align_corners=True)),
    ("`beta` is 1 / scalar²", lambda: nd.smooth_l1(ARRAY, scalar=2),
     lambda: torch.nn.functional.smooth_l1_loss(X, torch.zeros(()).expand_as(X), reduction="none", beta=0.25)),
    ("with another `beta`: `x * torch.sigmoid(beta * x)`", lambda: gluon.nn.Swish(2.0)(ARRAY),
     lambda: X * torch.sigmoid(2 * X)),
])  # fmt: skip
def test_arrays(text, ours, theirs):
    said(text)
    assert close(ours(), theirs())


def test_dtype_of_arrays():
    said("float32 unless `dtype=` is given, also from integers")
    assert nd.array([1, 2]).dtype == nd.arange(3).dtype == np.float32
