"""Estimator against real MXNet's: what it is made of, what it calls, logs and measures; and where it differs."""

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.gluon.contrib.estimator import Estimator, LoggingHandler, StoppingHandler
from tests.oracle import estimator as scenario
from tests.oracle import estimator_running
from tests.oracle.estimator_common import dense, loader, made, names, spy, tolerance, values, weights
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, estimator_running, tolerance=tolerance)


def softmax():
    return mx.gluon.loss.SoftmaxCrossEntropyLoss()


def epochs_of(record):
    return [r for r in record if r[:2] == ["spy", "epoch_end"]]


@pytest.mark.parametrize("several", [tuple, list])
def test_handlers_in_a_tuple(several):
    record = []
    made(mx, record).fit(loader(mx, 4), epochs=1, event_handlers=several([spy(mx, record)]))
    assert [r[1] for r in record if r[0] == "spy"] == [
        "train_begin", "epoch_begin", "batch_begin", "batch_end", "epoch_end", "train_end",
    ]  # fmt: skip


def test_the_list_of_handlers_stays_as_it_is():
    record = []
    handlers = [spy(mx, record, priority=5), StoppingHandler()]
    before = list(handlers)
    estimator = made(mx, record)
    estimator.fit(loader(mx, 8), epochs=1, event_handlers=handlers)
    estimator.evaluate(loader(mx, 8), event_handlers=handlers)
    assert handlers == before


def test_handlers_are_used_again():
    record = []
    handlers, estimator = [spy(mx, record), StoppingHandler()], made(mx, record)
    for epochs in (2, 3):
        record.clear()
        estimator.fit(loader(mx, 8), epochs=epochs, event_handlers=handlers)
        assert len(epochs_of(record)) == epochs


@pytest.mark.parametrize(
    ("name", "value"), [("epochs", 1.5), ("batches", 2.5), ("epochs", float("inf")), ("epochs", "3")]
)
def test_what_is_never_reached_is_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a whole number, got"):
        made(mx, []).fit(loader(mx, 4), **{name: value})


def test_negative_epochs_end_by_a_handler():
    record = []
    stop = spy(mx, record, answers={"epoch_end": lambda n: n == 4})
    made(mx, record).fit(loader(mx, 4), epochs=-1, event_handlers=[stop])
    assert len(epochs_of(record)) == 5


@pytest.mark.parametrize("metrics", [mx.metric.Accuracy, 3])
def test_metrics_that_are_none_are_named(metrics):
    with pytest.raises(ValueError, match="metrics must be a Metric or a list of Metric"):
        Estimator(dense(mx), softmax(), train_metrics=metrics)


@pytest.mark.parametrize("handlers", [3, StoppingHandler, len])
def test_handlers_that_are_none_are_named(handlers):
    with pytest.raises(ValueError, match="handlers must be an EventHandler or a list of EventHandler"):
        made(mx, []).fit(loader(mx, 4), epochs=1, event_handlers=handlers)


def test_metrics_inside_a_composite_are_logged():
    record = []
    inner = mx.metric.CompositeEvalMetric([mx.metric.Accuracy(), mx.metric.CrossEntropy()], name="both")
    estimator = made(mx, record, train_metrics=[inner, mx.metric.Loss()])
    assert names(estimator.val_metrics) == ["validation both", "validation loss"]
    estimator.fit(loader(mx, 8), epochs=1)
    line = record[-1]
    assert line[2] == "Train finished using total @s with 1 epochs. accuracy: #, cross-entropy: #, training loss: #"
    assert line[3] == pytest.approx([v for _, v in values(estimator.train_metrics)], abs=1e-4, nan_ok=True)


def test_warnings_point_at_the_program():
    with pytest.warns(UserWarning, match="No trainer specified") as caught:
        Estimator(dense(mx), softmax())
    assert caught[0].filename == __file__
    net = dense(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd")
    with pytest.warns(UserWarning, match="already fully initialized") as caught:
        Estimator(net, softmax(), initializer=mx.init.Zero(), trainer=trainer)
    assert caught[0].filename == __file__


def test_loggers_are_their_own(capsys):
    estimators = [made(mx, []) for _ in range(2)]
    assert estimators[0].logger is not estimators[1].logger
    net = dense(mx)
    estimator = Estimator(net, softmax(), trainer=mx.gluon.Trainer(net.collect_params(), "sgd"))
    estimator.evaluate(loader(mx, 4))
    assert capsys.readouterr().out.splitlines()[0] == "Validation Begin"


def test_hybridized_is_the_same():
    runs = []
    for hybrid in (False, True):
        estimator = made(mx, [], dense(mx, hybrid=hybrid))
        estimator.fit(loader(mx, 18), loader(mx, 8), epochs=2)
        runs.append([values(estimator.train_metrics), values(estimator.val_metrics), weights(estimator.net)])
    for one, two in zip(runs[0][:2], runs[1][:2]):
        assert [n for n, _ in one] == [n for n, _ in two]
        np.testing.assert_allclose([v for _, v in one], [v for _, v in two], rtol=1e-5)
    for name, value in runs[0][2].items():
        np.testing.assert_allclose(runs[1][2][name], value, rtol=1e-5, atol=1e-6)


@pytest.mark.gpu
def test_on_a_gpu():
    net = dense(mx, initialize=False)
    with pytest.warns(UserWarning):
        estimator = Estimator(net, softmax(), initializer=mx.init.Xavier())
    assert estimator.context == [mx.gpu(0)]
    record = []
    for context in (mx.gpu(0), mx.cpu(0)):
        estimator = made(mx, [], dense(mx, ctx=context), context=context)
        estimator.fit(loader(mx, 18), loader(mx, 8), epochs=2, event_handlers=[LoggingHandler(1)])
        record.append(np.array([v for _, v in values(estimator.train_metrics) + values(estimator.val_metrics)]))
    np.testing.assert_allclose(record[0], record[1], rtol=1e-4)
