"""Writes tests/golden/callback.json: the log lines of MXNet's callbacks, with a clock that ticks by the batch.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.callback
"""

import contextlib
import logging
import os
import time

from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.scenario import write


class Lines(logging.Handler):
    def __init__(self):
        super().__init__(logging.DEBUG)
        self.found = []

    def emit(self, record):
        self.found.append([record.levelname, record.name, record.getMessage()])


@contextlib.contextmanager
def logged(clock=None):
    """The lines that the block logs; ``clock`` is what ``time.time()`` gives."""
    root, lines = logging.getLogger(), Lines()
    level, real = root.level, time.time
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    if clock is not None:
        time.time = lambda: clock
    try:
        yield lines.found
    finally:
        time.time = real
        root.setLevel(level)
        root.removeHandler(lines)


def metric(mx, name=("acc", "ce")):
    found = mx.metric.create(list(name) if not isinstance(name, str) else name)
    right = [mx.nd.array([[0.9, 0.1], [0.2, 0.8]])]
    wrong = [mx.nd.array([[0.1, 0.9], [0.6, 0.4]])]
    labels = [mx.nd.array([0, 1])]
    found.update(labels, right)
    found.reset_local()
    found.update(labels, wrong)
    return found


def param(mx, nbatch, of, epoch=3):
    return mx.model.BatchEndParam(epoch, nbatch, of, None)


def run(mx, callback, batches, of, clock=None):
    """[lines, the metric's values after each batch]"""
    values = []
    lines = []
    for i, nbatch in enumerate(batches):
        epoch, nbatch = nbatch if isinstance(nbatch, tuple) else (3, nbatch)
        with logged(None if clock is None else 100 + clock[i]) as found:
            callback(param(mx, nbatch, of, epoch))
        lines += found
        values.append(None if of is None else [of.get(), of.get_global()])
    return [lines, values]


def speedometer(mx, put):
    clock = [0.5 * i * i for i in range(40)]
    for auto_reset in (True, False):
        name = "auto_reset=%s" % auto_reset
        make = lambda frequent=2: mx.callback.Speedometer(10, frequent, auto_reset)  # noqa: E731
        put(name, run(mx, make(), range(7), metric(mx), clock))
        put(name + ", one metric", run(mx, make(1), range(3), metric(mx, "acc"), clock))
        put(name + ", no metric", run(mx, make(), range(5), None, clock))
        put(name + ", epochs", run(mx, make(), [(0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 2)], metric(mx), clock))
    put("no time", run(mx, mx.callback.Speedometer(10, 1), range(3), None, [5] * 10))
    one = mx.callback.Speedometer(batch_size=4)
    put("attributes", {k: v for k, v in vars(one).items()})
    one(param(mx, 3, None))
    put("attributes after", {k: v for k, v in vars(one).items() if k != "tic"})
    put("no batch", attempt(one, 3))
    put("frequent=0", [kind(mx.callback.Speedometer(1, 0), param(mx, 1, None)), _second_call(mx)])


def _second_call(mx):
    callback = mx.callback.Speedometer(1, 0)
    callback(param(mx, 1, None))
    return kind(callback, param(mx, 2, None))


def log_train_metric(mx, put):
    for auto_reset in (False, True):
        put("auto_reset=%s" % auto_reset, run(mx, mx.callback.log_train_metric(2, auto_reset), range(5), metric(mx)))
    put("no metric", run(mx, mx.callback.log_train_metric(1), range(3), None))
    put("one metric", run(mx, mx.callback.log_train_metric(1), range(2), metric(mx, "acc")))
    put("period=0", kind(mx.callback.log_train_metric(0), param(mx, 1, metric(mx))))
    put("result", mx.callback.log_train_metric(1)(param(mx, 1, None)))


def progress_bar(mx, put):
    put("lines", run(mx, mx.callback.ProgressBar(10, 20), [0, 1, 3, 5, 10, 12], None))
    put("default length", run(mx, mx.callback.ProgressBar(7), range(8), None))
    put("attributes", vars(mx.callback.ProgressBar(3)))
    put("nothing to do", kind(mx.callback.ProgressBar(0), param(mx, 1, None)))


def validation(mx, put):
    put("lines", run(mx, mx.callback.LogValidationMetricsCallback(), [0, 1], metric(mx)))
    put("one metric", run(mx, mx.callback.LogValidationMetricsCallback(), [0, 1], metric(mx, "acc")))
    put("no metric", run(mx, mx.callback.LogValidationMetricsCallback(), [0], None))


def checkpoints(mx, put):
    net = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=2, name="fc")
    arrays = {"fc_weight": mx.nd.ones((2, 2))}
    for period in (2, 0, -3, 1.5):
        prefix, files = "p%s" % period, []
        callback = mx.callback.do_checkpoint(prefix, period)
        with logged() as lines:
            for epoch in range(4):
                callback(epoch, net, arrays, {})
                files.append(sorted(f for f in os.listdir(".") if f.startswith(prefix)))
        put("do_checkpoint, period=%s" % period, [lines, files])
    put("loaded", sorted(mx.model.load_checkpoint("p2", 4)[1]))
    put(
        "default period", mx.callback.do_checkpoint("d")(0, net, arrays, {}) is None and os.path.exists("d-0001.params")
    )
    put("period is no number", kind(mx.callback.do_checkpoint, "p", "x"))
    put("arguments", kind(mx.callback.do_checkpoint("p"), 0))

    class Module:
        def save_checkpoint(self, *args):
            calls.append(list(args))

    calls = []
    for arguments in ((2, True), (1,), (0,)):
        callback = mx.callback.module_checkpoint(Module(), "m", *arguments)
        for epoch in range(3):
            callback(epoch)
            callback(epoch, 1, 2, 3)
        calls.append("next")
    put("module_checkpoint", calls)
    put("module_checkpoint, no epoch", kind(mx.callback.module_checkpoint(Module(), "m")))
    put("save_checkpoint", mx.callback.save_checkpoint is mx.model.save_checkpoint)


PARTS = [speedometer, log_train_metric, progress_bar, validation, checkpoints]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("callback", check_complete(results(mxnet)))
