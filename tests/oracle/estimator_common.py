"""What the scenarios of ``gluon.contrib.estimator`` share: small data, a net, records of events and of log lines."""

import logging
import re

import numpy as np

from tests.oracle.gluon_common import cleaned

EVENTS = ("train_begin", "epoch_begin", "batch_begin", "batch_end", "epoch_end", "train_end")
TIMES = ("train_start", "epoch_start", "batch_start", "log_interval_time")


def loader(mx, rows=16, batch=4, seed=0):
    """Batches of (batch, 5) with labels of three classes that depend on the data."""
    random = np.random.RandomState(seed)
    x = random.uniform(-1, 1, (rows, 5)).astype("float32")
    y = x[:, :3].argmax(axis=1).astype("float32")
    return mx.gluon.data.DataLoader(mx.gluon.data.ArrayDataset(x, y), batch_size=batch)


def dense(mx, prefix="net_", ctx=None, initialize=True, hybrid=False):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(4, in_units=5, activation="tanh"), nn.Dense(3, in_units=4))
    if initialize:
        net.initialize(mx.init.Zero(), ctx=ctx)
        random = np.random.RandomState(1)
        for param in net.collect_params().values():
            param.set_data(mx.nd.array(random.uniform(-0.5, 0.5, param.shape)))
    if hybrid:
        net.hybridize()
    return net


def made(mx, record, net=None, loss=None, optimizer="sgd", trainer=None, momentum=0, **arguments):
    """An Estimator that logs into ``record``."""
    net = net or dense(mx, ctx=arguments.get("context"))
    if trainer is None:
        options = {"learning_rate": 0.1, "momentum": momentum} if momentum else {"learning_rate": 0.1}
        trainer = mx.gluon.Trainer(net.collect_params(), optimizer, options)
    loss = loss or mx.gluon.loss.SoftmaxCrossEntropyLoss()
    return watched(mx.gluon.contrib.estimator.Estimator(net, loss, trainer=trainer, **arguments), record)


def watched(estimator, record):
    class Into(logging.Handler):
        def emit(self, entry):
            record.append(["log", entry.levelname, *shown(entry.getMessage())])

    estimator.logger.handlers[:] = [Into()]
    return estimator


def shown(text):
    """The text with ``#`` for numbers of a metric and ``@`` for times, and those numbers."""
    text = re.sub(r"\d+\.\d{3}s", "@s", re.sub(r"total \d+s", "total @s", text))
    pattern = r"(?:\d+\.\d{4,5}|nan|inf)\b"
    return cleaned(re.sub(pattern, "#", text)), [float(n) for n in re.findall(pattern, text)]


def described(mx, value):
    """What an argument of an event, or an attribute of a handler, is."""
    if isinstance(value, mx.nd.NDArray):
        return "%s @%s" % (value.shape, value.context)
    if isinstance(value, (list, tuple)):
        return [type(value).__name__] + [described(mx, v) for v in value]
    if isinstance(value, dict):
        return {key: described(mx, v) for key, v in value.items()}
    if isinstance(value, mx.metric.EvalMetric):
        return "%s %r" % (type(value).__name__, value.name)
    if isinstance(value, np.ufunc):
        return value.__name__
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return type(value).__name__


def settings(mx, handler):
    """The public attributes of a handler; times only by their names."""
    return {
        name: "time" if name in TIMES else described(mx, value)
        for name, value in vars(handler).items()
        if not name.startswith("_")
    }


def names(metrics):
    return [metric.name for metric in metrics]


def values(metrics):
    """[[name, value]] of all metrics."""
    return [list(pair) for metric in metrics for pair in metric.get_name_value()]


def spy(mx, record, name="spy", priority=None, answers=None):
    """A handler of all events, which records them.

    answers: {event: what its method returns, or a function of how often it was called before}.
    """
    module = mx.gluon.contrib.estimator
    answers, calls = answers or {}, {}

    def method(event):
        def call(self, estimator, *args, **kwargs):
            record.append([name, event, described(mx, args), described(mx, kwargs)])
            calls[event] = calls.get(event, -1) + 1
            answer = answers.get(event)
            return answer(calls[event]) if callable(answer) else answer

        return call

    bases = (
        module.TrainBegin, module.TrainEnd, module.EpochBegin, module.EpochEnd, module.BatchBegin, module.BatchEnd,
    )  # fmt: skip
    handler = type("Spy", bases, {event: method(event) for event in EVENTS})()
    if priority is not None:
        handler.priority = priority
    return handler


def weights(net):
    return {name: param.data(param.list_ctx()[0]).asnumpy() for name, param in net.collect_params().items()}


def tolerance(name):
    """Log lines have four digits; all else is as exact as float32 training."""
    return (0, 2e-4) if name.endswith(" log") else (1e-5, 2e-6)
