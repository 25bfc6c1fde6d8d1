"""Event handlers where they differ from MXNet's (that they agree elsewhere, test_estimator.py shows)."""

import math

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.gluon.contrib.estimator import (
    CheckpointHandler,
    EarlyStoppingHandler,
    GradientUpdateHandler,
    LoggingHandler,
    StoppingHandler,
)
from tests.oracle.estimator_common import loader, made

metric = mx.metric
SMALLER = [
    metric.Loss("x"), metric.MAE(), metric.MSE(), metric.RMSE(), metric.CrossEntropy(), metric.Perplexity(None),
    metric.NegativeLogLikelihood(),
]  # fmt: skip
LARGER = [
    metric.Accuracy(), metric.TopKAccuracy(2), metric.F1(), metric.MCC(), metric.PearsonCorrelation(), metric.PCC(),
    metric.CustomMetric(len, name="loss"),
]  # fmt: skip


@pytest.mark.parametrize("mode", ["auto", "mean"])
@pytest.mark.parametrize(
    ("monitor", "word", "better", "worst"),
    [(m, "less", np.less, math.inf) for m in SMALLER] + [(m, "greater", np.greater, -math.inf) for m in LARGER],
)
def test_auto_knows_what_is_better(tmp_path, monitor, word, better, worst, mode):
    """MXNet takes ``greater`` for losses too, and its CheckpointHandler then fails for want of a first best value."""
    makers = {
        "EarlyStopping": lambda: EarlyStoppingHandler(monitor, mode=mode),
        "ModelCheckpoint": lambda: CheckpointHandler(tmp_path, monitor=monitor, save_best=True, mode=mode),
    }
    for name, make in makers.items():
        with pytest.warns() as caught:
            handler = make()
        assert handler.monitor_op is better
        texts = [str(w.message) for w in caught]
        assert all(w.filename == __file__ for w in caught)
        assert f"`{word}` operator will be used to determine if {monitor.get()[0]} has improved" in texts[-1]
        assert texts[:-1] == ([] if mode == "auto" else [f"{name} mode mean is unknown, fallback to auto mode."])
    assert handler.best == worst


def test_auto_stops_when_the_loss_grows():
    estimator = made(mx, [])
    with pytest.warns(UserWarning):
        handler = EarlyStoppingHandler(estimator.train_metrics[1])
    estimator.fit(loader(mx, 8), epochs=6, event_handlers=[handler])
    assert handler.current_epoch == 6  # the loss fell all the time
    estimator.trainer.set_learning_rate(-0.1)
    estimator.fit(loader(mx, 8), epochs=6, event_handlers=[handler])
    assert handler.current_epoch == 2


def test_metrics_that_nobody_updates_are_named(tmp_path):
    """MXNet puts the text and the name side by side, unformatted."""
    estimator = made(mx, [])
    monitor = estimator.val_metrics[1]
    with pytest.warns(
        RuntimeWarning, match="^validation softmaxcrossentropyloss is not updated, make sure you pass one of"
    ):
        estimator.fit(loader(mx, 4), epochs=1, event_handlers=[EarlyStoppingHandler(monitor, mode="min")])
    checkpoints = CheckpointHandler(tmp_path, monitor=monitor, save_best=True, mode="min")
    with pytest.warns(
        RuntimeWarning, match="^Skipping save best because validation softmaxcrossentropyloss is not updated"
    ):
        estimator.fit(loader(mx, 4), epochs=1, event_handlers=[checkpoints])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model-epoch0batch1.params", "model-epoch0batch1.states"]


def test_intervals_of_nothing_are_refused():
    with pytest.raises(ValueError, match="log_interval must not be 0"):
        LoggingHandler(0)


def test_several_metrics_as_one_are_not_watched(tmp_path):
    several = metric.CompositeEvalMetric([metric.Accuracy()])
    with pytest.raises(ValueError, match="CompositeEvalMetric is not supported for CheckpointHandler"):
        CheckpointHandler(tmp_path, monitor=several, save_best=True, mode="max")


def test_stopping_begins_anew():
    handler, estimator = StoppingHandler(), made(mx, [])
    estimator.max_epoch, estimator.max_batch = 1, None
    handler.train_begin(estimator)
    assert handler.epoch_end(estimator)
    handler.train_begin(estimator)
    assert not handler.batch_end(estimator)


def test_losses_in_a_tuple_are_counted():
    estimator = made(mx, [])
    before = estimator.net[0].weight.data().asnumpy()
    _, _, _, loss = estimator.batch_processor.fit_batch(estimator, next(iter(loader(mx, 4))))
    GradientUpdateHandler().batch_end(estimator, loss=tuple(loss))
    gradient = estimator.net[0].weight.grad().asnumpy()
    np.testing.assert_allclose(estimator.net[0].weight.data().asnumpy(), before - 0.1 * gradient / 4, rtol=1e-5)
