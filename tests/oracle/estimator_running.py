"""Writes tests/golden/estimator_running.json: what an Estimator calls, logs and measures while it fits and evaluates.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHONPATH=. PYTHON -m tests.oracle.estimator_running
"""

import numpy as np

from tests.oracle.estimator_common import (
    dense,
    described,
    loader,
    made,
    names,
    settings,
    spy,
    tolerance,  # noqa: F401 - for the test
    values,
    watched,
    weights,
)
from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.scenario import write


def runs(mx, put):
    """Events, log lines, metrics and weights of whole runs."""
    plans = {
        "epochs": ({"epochs": 2}, None),
        "epochs, validation": ({"epochs": 2}, 8),
        "batches": ({"batches": 6}, None),
        "batches, validation": ({"batches": 6}, 6),
        "one batch": ({"batches": 1}, None),
    }
    for name, (plan, rows) in plans.items():
        record = []
        estimator = made(mx, record)
        val_data = loader(mx, rows, seed=1) if rows else None
        result = estimator.fit(loader(mx, 18), val_data, event_handlers=[spy(mx, record)], **plan)
        put(name + " log", record)
        put(name, [result, values(estimator.train_metrics), values(estimator.val_metrics), weights(estimator.net)])
        put(name + ": attributes", [estimator.max_epoch, estimator.max_batch, estimator.batch_axis])
    record = []
    estimator = made(mx, record, optimizer="adam")
    put("evaluate", attempt(estimator.evaluate, loader(mx, 10), event_handlers=[spy(mx, record)]))
    put("evaluate log", record)
    put("evaluate: metrics", [values(estimator.train_metrics), values(estimator.val_metrics)])
    put("evaluate alone", [attempt(estimator.evaluate, loader(mx, 10)), values(estimator.val_metrics)])
    for again in (1, 2):  # fit goes on from where it was
        estimator.fit(loader(mx, 8), epochs=1)
        put("fit again %d" % again, [values(estimator.train_metrics), weights(estimator.net)])


def nothing(mx, put):
    empty = mx.gluon.data.DataLoader(mx.gluon.data.SimpleDataset([]), batch_size=1)
    for name, run in (("fit", lambda e, h: e.fit(empty, epochs=1, event_handlers=h)),
                      ("evaluate", lambda e, h: e.evaluate(empty, event_handlers=h))):  # fmt: skip
        record = []
        estimator = made(mx, record)
        run(estimator, [spy(mx, record)])
        put(name + " log", record)


def refusals(mx, put):
    module = mx.gluon.contrib.estimator
    estimator, data = made(mx, []), loader(mx, 4)
    arrays = [(mx.nd.ones((2, 5)), mx.nd.ones(2))]
    put("epochs and batches", attempt(estimator.fit, data, epochs=1, batches=1))
    put("neither", attempt(estimator.fit, data))
    put("no epochs", attempt(estimator.fit, data, epochs=0))
    put("no batches", attempt(estimator.fit, data, batches=0))
    put("arrays", attempt(estimator.fit, arrays, epochs=1))
    put("iterator", attempt(estimator.fit, iter(data), epochs=1))
    put("validation arrays", attempt(estimator.fit, data, arrays, epochs=1))
    put("evaluate arrays", attempt(estimator.evaluate, arrays))
    put("handler of numbers", attempt(estimator.fit, data, epochs=1, event_handlers=[3]))
    put("handler class", attempt(estimator.evaluate, data, event_handlers=[module.LoggingHandler]))

    class Duck:
        def train_begin(self, *args, **kwargs):
            pass

    put("duck", attempt(estimator.fit, data, epochs=1, event_handlers=[Duck()]))
    record = []

    class Bare(module.event_handler.EventHandler):
        def train_begin(self, *args, **kwargs):
            record.append("called")

    put("no event", [attempt(estimator.fit, data, epochs=1, event_handlers=[Bare()]), record])
    acc = mx.metric.Accuracy
    logs, measures = module.LoggingHandler, module.MetricHandler
    put("foreign logged", attempt(estimator.fit, data, epochs=1, event_handlers=[logs(metrics=[acc()])]))
    put("foreign measured", attempt(estimator.fit, data, epochs=1, event_handlers=[measures([acc()])]))
    every = [measures([acc()]), logs(metrics=[acc()]), module.GradientUpdateHandler()]
    put("foreign everywhere", attempt(estimator.fit, data, epochs=1, event_handlers=every))
    put("foreign evaluated", attempt(estimator.evaluate, data, event_handlers=[logs(metrics=[acc()])]))
    put("training metrics evaluated", attempt(
        estimator.evaluate, data, event_handlers=[measures(estimator.train_metrics)]))  # fmt: skip
    own = acc()
    both = [measures([own]), logs(metrics=[own])]
    put("all of evaluate own", [attempt(estimator.evaluate, data, event_handlers=both), values([own])])
    odd = loader(mx, 3, batch=3)
    two = [mx.cpu(0), mx.cpu(1)]
    put("uneven", attempt(made(mx, [], context=two).fit, odd, epochs=1))
    net = dense(mx, ctx=mx.cpu(1))
    put("elsewhere", attempt(made(mx, [], net, context=mx.cpu(0)).fit, data, epochs=1))
    put("fewer contexts", attempt(made(mx, [], dense(mx, ctx=two), context=mx.cpu(0)).fit, data, epochs=1))
    put("val_net without values", attempt(made(mx, [], val_net=mx.gluon.nn.Dense(3, in_units=5)).evaluate, data))
    put("handler before fit", kind(module.StoppingHandler(1, 1).train_begin, made(mx, [])))


def order(mx, put):
    """Priorities, and what is added to the handlers that are given."""
    module = mx.gluon.contrib.estimator
    record = []
    estimator = made(mx, record)
    priorities = (None, 5, -1500, -3000, None, 0, np.inf, -0.5)
    given = [spy(mx, record, "%d: %s" % (i, p), p) for i, p in enumerate(priorities)]
    estimator.fit(loader(mx, 4), epochs=1, event_handlers=given)
    put("called log", [r if r[0] == "log" else r[:2] for r in record])

    makers = {
        "stopping": lambda e: module.StoppingHandler(1, None),
        "metric": lambda e: module.MetricHandler(e.train_metrics),
        "val metric": lambda e: module.MetricHandler(e.val_metrics),
        "logging": lambda e: module.LoggingHandler(),
        "logging metrics": lambda e: module.LoggingHandler(metrics=e.train_metrics),
        "logging val metrics": lambda e: module.LoggingHandler(metrics=e.val_metrics),
        "update": lambda e: module.GradientUpdateHandler(),
        "own update": lambda e: type("Own", (module.GradientUpdateHandler,), {})(),
        "validation": lambda e: module.ValidationHandler(loader(mx), e.evaluate),
        "early": lambda e: module.EarlyStoppingHandler(e.val_metrics[0], mode="max"),
        "spy": lambda e: spy(mx, []),
        "late": lambda e: spy(mx, [], priority=10),
    }
    sets = (
        (), ("stopping",), ("metric",), ("val metric",), ("logging",), ("logging metrics",), ("logging val metrics",),
        ("update",), ("own update",), ("validation",), ("early",), ("spy",), ("late", "spy"), ("spy", "metric"),
        ("metric", "logging metrics"), ("validation", "metric", "spy"), ("stopping", "stopping"),
        ("val metric", "logging val metrics"), ("metric", "logging metrics", "update", "validation"),
    )  # fmt: skip
    estimator.max_epoch, estimator.max_batch = 7, None

    def listed(handlers):
        return [
            [type(h).__name__, getattr(h, "priority", None), names(getattr(h, "metrics", []) or [])] for h in handlers
        ]

    for chosen in sets:

        def given(chosen=chosen):
            return [makers[name](estimator) for name in chosen]

        key = ", ".join(chosen) or "nothing"
        for data in (None, loader(mx)):
            put("fit%s: %s" % (" with validation" if data else "", key),
                attempt(lambda: listed(estimator._prepare_default_handlers(data, given()))))  # fmt: skip
        put("evaluate: " + key, attempt(lambda: listed(estimator._prepare_default_validation_handlers(given()))))
    handlers = estimator._prepare_default_handlers(loader(mx), [spy(mx, [])])
    put("by event", [[type(h).__name__ for h in group] for group in estimator._categorize_handlers(handlers)])
    put("of nothing", [list(group) for group in estimator._categorize_handlers([])])
    put("stopping", [settings(mx, h) for h in handlers if isinstance(h, module.StoppingHandler)])


def stopping(mx, put):
    """What handlers return, and when the training ends."""
    module = mx.gluon.contrib.estimator
    for event in ("train_begin", "epoch_begin", "batch_begin", "batch_end", "epoch_end", "train_end"):
        for said, answer in (("True", True), ("1", 1), ("numpy", np.bool_(True)), ("a word", "no"), ("0", 0)):
            record = []
            estimator = made(mx, record)
            first = spy(mx, record, "first", answers={event: answer})
            estimator.fit(loader(mx, 8), epochs=2, event_handlers=[first, spy(mx, record, "second")])
            events = [r[:2] for r in record if r[0] != "log"]
            put("%s returns %s" % (event, said), events)
    record = []
    estimator = made(mx, record)
    estimator.evaluate(loader(mx, 8), event_handlers=[spy(mx, record, answers=dict.fromkeys(
        ("epoch_begin", "batch_begin", "batch_end", "epoch_end"), True))])  # fmt: skip
    put("evaluate goes on", [r[:2] for r in record if r[0] != "log"])
    record = []
    estimator = made(mx, record)
    estimator.fit(loader(mx, 12), epochs=5, event_handlers=[
        spy(mx, record, answers={"batch_end": lambda n: n == 4, "epoch_end": lambda n: n == 2})])  # fmt: skip
    put("in the middle", [r[:2] for r in record if r[0] != "log"])

    plans = (
        ("3 epochs", {"epochs": 3}), ("4 batches", {"batches": 4}), ("2.0 epochs", {"epochs": 2.0}),
        ("3 batches of numpy", {"batches": np.int64(3)}),
    )  # fmt: skip
    for name, plan in plans:
        estimator = made(mx, [])
        handler = module.StoppingHandler(1, 1)
        estimator.fit(loader(mx, 8), event_handlers=[handler], **plan)
        put("handler of " + name, settings(mx, handler))
    handler, estimator = module.StoppingHandler(), made(mx, [])
    estimator.max_epoch, estimator.max_batch = 2, 3
    handler.train_begin(estimator)
    put("handler alone", [[getattr(handler, m)(estimator), settings(mx, handler)] for m in (
        "batch_end", "batch_end", "epoch_end", "batch_end", "batch_end")])  # fmt: skip


def updating(mx, put):
    """How large a step is, and who gets what."""
    module = mx.gluon.contrib.estimator
    record = []

    class Trainer(mx.gluon.Trainer):
        def step(self, batch_size, ignore_stale_grad=False):
            record.append(["step", batch_size, ignore_stale_grad])
            super().step(batch_size, ignore_stale_grad)

    for contexts in ([mx.cpu(0)], [mx.cpu(0), mx.cpu(1)]):
        net = dense(mx, ctx=contexts)
        trainer = Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
        made(mx, [], net, trainer=trainer, context=contexts).fit(loader(mx, 10), epochs=1)
        put("%d contexts" % len(contexts), [record[:], weights(net)])
        record.clear()

    class Steps:
        def step(self, batch_size):
            record.append(batch_size)

    class Only:
        trainer = Steps()

    ones, handler = mx.nd.ones, module.GradientUpdateHandler()
    for name, loss in (("several", [ones(2), ones(5)]), ("matrix", [ones((2, 3))]), ("bare", ones((2, 3))),
                       ("one number", [ones(1)])):  # fmt: skip
        put("losses: " + name, [handler.batch_end(Only(), loss=loss), record[:]])
        record.clear()

    class Listening(mx.metric.EvalMetric):
        def update(self, labels, preds):
            record.append(["update", described(mx, labels), described(mx, preds)])

        def reset(self):
            record.append("reset")

        def reset_local(self):
            record.append("reset_local")

    class Loss(mx.metric.Loss):
        def update(self, labels, preds):
            record.append(["loss", described(mx, labels), described(mx, preds)])

    handler = module.MetricHandler([Listening("own"), Loss()])
    record.clear()
    put("metric handler", [
        handler.epoch_begin(None),
        handler.batch_end(None, batch=3, label=[ones(2)], pred=[ones((2, 3))], loss=[ones(2) * 3]),
        record[:],
    ])  # fmt: skip


def contexts(mx, put):
    two = [mx.cpu(0), mx.cpu(1)]
    module = mx.gluon.contrib.estimator
    for name, context in (("two", two), ("cpu(1)", mx.cpu(1))):
        record = []
        net = dense(mx, initialize=False)
        estimator = made(mx, record, dense(mx, ctx=context), context=context)
        logs = module.LoggingHandler(1, metrics=estimator.train_metrics)
        estimator.fit(loader(mx, 10), loader(mx, 6, seed=1), epochs=2, event_handlers=[spy(mx, record), logs])
        put(name + " log", record)
        put(name, [values(estimator.train_metrics), values(estimator.val_metrics), weights(estimator.net)])
        estimator = module.Estimator(net, mx.gluon.loss.SoftmaxCrossEntropyLoss(), context=context,
                                     initializer=mx.init.One())  # fmt: skip
        watched(estimator, [])
        estimator.fit(loader(mx, 8), epochs=1)
        put(name + ", initialised", [values(estimator.train_metrics), weights(net), str(net[0].weight.list_ctx())])


def axis(mx, put):
    """Batches along axis 1."""
    gluon = mx.gluon
    random = np.random.RandomState(3)
    rows = [(random.rand(5).astype("float32"), i % 3) for i in range(8)]

    def joined(samples):
        return mx.nd.array(np.stack([x for x, _ in samples], 1)), mx.nd.array([[y for _, y in samples]] * 2)

    class Turned(gluon.HybridBlock):
        def __init__(self):
            super().__init__(prefix="turned_")
            with self.name_scope():
                self.dense = gluon.nn.Dense(3, in_units=5)

        def hybrid_forward(self, F, x):
            out = self.dense(F.transpose(x))
            return F.stack(out, out, axis=0)

    data = gluon.data.DataLoader(rows, 4, batchify_fn=joined)
    for contexts in ([mx.cpu(0)], [mx.cpu(0), mx.cpu(1)]):
        record, net = [], Turned()
        net.initialize(mx.init.Constant(0.1), ctx=contexts)
        loss = gluon.loss.SoftmaxCrossEntropyLoss(axis=-1, batch_axis=1)
        estimator = made(mx, record, net, loss, train_metrics=mx.metric.Loss(), context=contexts)
        logs = gluon.contrib.estimator.LoggingHandler(1, metrics=estimator.train_metrics)
        estimator.fit(data, data, epochs=1, event_handlers=[spy(mx, record), logs], batch_axis=1)
        put("%d contexts log" % len(contexts), record)
        put("%d contexts" % len(contexts), [values(estimator.val_metrics), weights(net)])
        estimator.evaluate(data, 1)
        put("evaluate on %d" % len(contexts), values(estimator.val_metrics))


def processors(mx, put):
    module = mx.gluon.contrib.estimator
    two, batch = [mx.cpu(0), mx.cpu(1)], [mx.nd.ones((4, 5)), mx.nd.ones(4)]
    for owner in (module.BatchProcessor(), made(mx, [])):
        name = type(owner).__name__
        for kind_, arrays in (("arrays", batch), ("numpy", [np.ones((4, 5)), np.ones(4)]), ("three", batch + [1])):
            put("%s data: %s" % (name, kind_), described(mx, owner._get_data_and_label(arrays, two)))
        put(name + " axis", described(mx, owner._get_data_and_label([mx.nd.ones((5, 4)), mx.nd.ones((2, 4))], two, 1)))
    put("attributes", vars(module.BatchProcessor()))
    for method in ("fit_batch", "evaluate_batch"):
        for contexts in ([mx.cpu(0)], two):
            estimator = made(mx, [], dense(mx, ctx=contexts), context=contexts)
            found = getattr(module.BatchProcessor(), method)(estimator, batch)
            gradient = estimator.net[0].weight.grad(contexts[0]).asnumpy()
            put("%s on %d" % (method, len(contexts)), [described(mx, found), [x.asnumpy() for x in found[3]], gradient])

    record = []

    class Own(module.BatchProcessor):
        def _get_data_and_label(self, *args, **kwargs):
            record.append(["data", described(mx, args[1:]), described(mx, kwargs)])
            return super()._get_data_and_label(*args, **kwargs)

        def fit_batch(self, *args, **kwargs):
            record.append(["fit", described(mx, args), described(mx, kwargs)])
            return super().fit_batch(*args, **kwargs)

        def evaluate_batch(self, *args, **kwargs):
            record.append(["evaluate", described(mx, args), described(mx, kwargs)])
            return super().evaluate_batch(*args, **kwargs)

    made(mx, record, batch_processor=Own()).fit(loader(mx, 4), loader(mx, 4), epochs=1)
    put("own log", record)

    class Pairs:
        """Two inputs, weights for the instances, losses that are means: what the built-in one cannot."""

        def _run(self, net, loss, batch):
            data, more, label = batch
            pred = net(data + more)
            return [data, more], [label], [pred], [loss(pred, label).mean()]

        def fit_batch(self, estimator, batch, batch_axis=0):
            with mx.autograd.record():
                found = self._run(estimator.net, estimator.loss, batch)
            found[3][0].backward()
            return found

        def evaluate_batch(self, estimator, batch, batch_axis=0):
            return self._run(estimator.val_net, estimator.val_loss, batch)

    random = np.random.RandomState(5)
    arrays = [random.rand(8, 5).astype("float32"), random.rand(8, 5).astype("float32"), random.randint(0, 3, 8)]
    data = mx.gluon.data.DataLoader(mx.gluon.data.ArrayDataset(*arrays), 4)
    record = []
    estimator = made(mx, record, batch_processor=Pairs())
    logs = module.LoggingHandler(1, metrics=estimator.train_metrics)
    estimator.fit(data, data, epochs=2, event_handlers=[logs, spy(mx, record)])
    put("pairs log", record)
    put("pairs", [values(estimator.train_metrics), values(estimator.val_metrics), weights(estimator.net)])


def validating(mx, put):
    gluon, module = mx.gluon, mx.gluon.contrib.estimator
    periods = (
        {}, {"epoch_period": 2}, {"epoch_period": None}, {"batch_period": 2}, {"batch_period": 3, "epoch_period": 3},
        {"batch_period": 2, "epoch_period": None}, {"priority": 7}, {"event_handlers": [spy(mx, [])]},
    )  # fmt: skip
    for period in periods:
        record = []

        def evaluated(val_data, *args, **kwargs):
            record.append(["evaluate", described(mx, val_data), described(mx, args), described(mx, kwargs)])  # noqa: B023
            return True  # does not matter

        handler = module.ValidationHandler(loader(mx, 4), evaluated, **period)
        estimator = made(mx, [])
        estimator.fit(loader(mx, 8), epochs=3, event_handlers=[handler, spy(mx, record)])
        shown = sorted((k, described(mx, v)) for k, v in period.items())
        put("%s" % shown, [[r if r[0] == "evaluate" else r[1] for r in record], settings(mx, handler)])
        handler.train_begin(estimator)
        put("%s: begun again" % shown, settings(mx, handler))

    class Zero(gluon.HybridBlock):
        def __init__(self, net):
            super().__init__(prefix="zero_")
            self.net = net

        def hybrid_forward(self, F, x):
            return self.net(x) * 0

    class Total(gluon.loss.Loss):
        def __init__(self):
            super().__init__(None, 0)

        def hybrid_forward(self, F, pred, label):
            modes.append([mx.autograd.is_recording(), mx.autograd.is_training()])
            return F.sum(pred, axis=1) + 1

    modes, record, net = [], [], dense(mx)
    estimator = made(mx, record, net, val_net=Zero(net), val_loss=Total())
    logs = module.LoggingHandler(1, metrics=estimator.val_metrics)
    handler = module.ValidationHandler(loader(mx, 6), estimator.evaluate, batch_period=2, event_handlers=[logs])
    estimator.fit(loader(mx, 12), loader(mx, 4), epochs=2, event_handlers=[handler])
    put("val_net log", record)
    put("val_net", [values(estimator.val_metrics), modes])

    dropped = gluon.nn.HybridSequential(prefix="d_")
    with dropped.name_scope():
        dropped.add(gluon.nn.Dense(8, in_units=5), gluon.nn.BatchNorm(in_channels=8), gluon.nn.Dense(3, in_units=8))
    dropped.initialize(mx.init.Constant(0.2))
    estimator = made(mx, [], dropped)
    estimator.fit(loader(mx, 8), epochs=1)
    estimator.evaluate(loader(mx, 8))
    put("batch norm", [values(estimator.val_metrics), weights(dropped)])


def logging_lines(mx, put):
    module = mx.gluon.contrib.estimator
    for interval in (1, 2, 3, -2, True, "epoch"):
        record = []
        estimator = made(mx, record)
        logs = module.LoggingHandler(interval, metrics=estimator.train_metrics)
        estimator.fit(loader(mx, 18), epochs=2, event_handlers=[logs])
        put("every %s log" % interval, record)
        put("every %s" % interval, settings(mx, logs))
        estimator.fit(loader(mx, 18), batches=4, event_handlers=[logs])
        put("every %s, batches" % interval, settings(mx, logs))
    record = []
    estimator = made(mx, record)
    estimator.fit(loader(mx, 8), epochs=1, event_handlers=[module.LoggingHandler(1)])
    estimator.evaluate(loader(mx, 8), event_handlers=[module.LoggingHandler(1)])
    logs = module.LoggingHandler(metrics=estimator.val_metrics)
    for _ in range(2):
        estimator.evaluate(loader(mx, 8), event_handlers=[logs])
    put("evaluate log", record)
    for metrics in (
        ("my training acc",),
        ("trainingfoo",),
        ("validation x",),
        ("foo", "training y"),
        ("Training y",),
        (),
    ):
        record.clear()
        module.LoggingHandler(metrics=[mx.metric.Accuracy(name=n) for n in metrics]).epoch_begin(estimator)
        put("begins %s log" % (metrics,), record[:])
    record = []
    net = dense(mx)
    schedule = mx.lr_scheduler.FactorScheduler(2, 0.5, base_lr=0.123456)
    trainer = mx.gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.123456, "lr_scheduler": schedule})
    made(mx, record, net, trainer=trainer).fit(loader(mx, 12), epochs=2)
    put("schedule log", record)
    logs = module.LoggingHandler(1)
    for method in ("batch_end", "epoch_end", "train_end"):
        put("without a beginning: " + method, kind(getattr(logs, method), estimator))
    logs.batch_begin(estimator)
    for batch in ([mx.nd.ones((3, 2)), 1], mx.nd.ones((3, 2)), [np.ones((3, 2))]):
        logs.batch_end(estimator, batch=batch)
        put("samples: " + str(described(mx, batch)), logs.processed_samples)


def early_stopping(mx, put):
    module = mx.gluon.contrib.estimator

    class Told(mx.metric.EvalMetric):
        def __init__(self):
            super().__init__("told")
            self.value = float("nan")

        def get(self):
            return self.name, self.value

    def run(series, **options):
        metric, record, found = Told(), [], []
        estimator = made(mx, record)
        handler = module.EarlyStoppingHandler(metric, **options)
        handler.train_begin(estimator)
        for metric.value in series:
            stop = handler.epoch_end(estimator)
            found.append([stop, settings(mx, handler)])
            if stop:
                break
        handler.train_end(estimator)
        handler.train_begin(estimator)
        return [found, record, settings(mx, handler)]

    nan, inf = float("nan"), float("inf")
    many = [0.5, 0.4, 0.35, 0.36, 0.45, 0.6, 0.61, 0.5, 0.4, 0.3]
    for mode in ("min", "max"):
        for options in (
            {}, {"patience": 1}, {"patience": 2}, {"min_delta": 0.1}, {"min_delta": -0.1}, {"baseline": 0.4},
            {"baseline": 0.4, "patience": 3}, {"min_delta": 0.1, "patience": 2},
        ):  # fmt: skip
            put("%s %s" % (mode, sorted(options.items())), run(many, mode=mode, **options))
        for name, series in (
            ("equal", [0.5] * 4),
            ("nan", [nan, 0.5, nan, 0.4, nan, 0.6, 0.6]),
            ("inf", [inf, 1.0, -inf]),
        ):
            put("%s %s" % (mode, name), run(series, mode=mode, patience=2))
    for mode in ("min", "max"):
        for of in ("train_metrics", "val_metrics"):
            record = []
            estimator = made(mx, record)
            handler = module.EarlyStoppingHandler(getattr(estimator, of)[1], mode=mode, patience=1)
            estimator.fit(loader(mx, 8), loader(mx, 4, seed=1), epochs=4, event_handlers=[handler])
            put("%s of %s log" % (mode, of), record)
            put("%s of %s" % (mode, of), settings(mx, handler))


PARTS = (
    runs, nothing, refusals, order, stopping, updating, contexts, axis, processors, validating, logging_lines,
    early_stopping,
)  # fmt: skip


def results(mx):
    return check_complete(collect(mx, PARTS))


if __name__ == "__main__":
    import mxnet

    write("estimator_running", results(mxnet))
