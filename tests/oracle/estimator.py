"""Writes tests/golden/estimator.json: Estimators and handlers as they are made, what they refuse, their metrics.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHONPATH=. PYTHON -m tests.oracle.estimator
"""

import inspect

from tests.oracle.estimator_common import dense, described, loader, made, names, settings, spy, weights
from tests.oracle.gluon_common import attempt, check_complete, collect, kind, warned
from tests.oracle.scenario import write

HANDLERS = (
    "BatchBegin", "BatchEnd", "CheckpointHandler", "EarlyStoppingHandler", "EpochBegin", "EpochEnd",
    "GradientUpdateHandler", "LoggingHandler", "MetricHandler", "StoppingHandler", "TrainBegin", "TrainEnd",
    "ValidationHandler",
)  # fmt: skip
MODULES = {
    "estimator": ("Estimator",),
    "batch_processor": ("BatchProcessor",),
    "event_handler": HANDLERS + ("EventHandler",),
}
OURS = ("_path", "_say", "_save_best", "_log", "_evaluate")  # helpers that MXNet has not


def surface(mx, put):
    package = mx.gluon.contrib.estimator
    for module, classes in MODULES.items():
        put(module, sorted(getattr(package, module).__all__))
        for name in classes:
            cls = getattr(getattr(package, module), name)
            methods = {
                key: str(inspect.signature(value.fget if isinstance(value, property) else value)).split(" -> ")[0]
                for key, value in vars(cls).items()
                if (inspect.isfunction(value) or isinstance(value, property)) and key not in OURS
            }
            put(name, [[c.__name__ for c in cls.__mro__], sorted(methods)])
            parameters = inspect.signature(cls).parameters.values()
            put(name + " arguments", [[p.name, described(mx, p.default), str(p.kind)] for p in parameters])
    put("package", [name for name in HANDLERS + ("Estimator", "BatchProcessor") if hasattr(package, name)])
    events = package.event_handler
    put("answers", [getattr(getattr(events, c)(), m)(None) for c, m in (
        ("TrainBegin", "train_begin"), ("TrainEnd", "train_end"), ("EpochBegin", "epoch_begin"),
        ("EpochEnd", "epoch_end"), ("BatchBegin", "batch_begin"), ("BatchEnd", "batch_end"))])  # fmt: skip


def handlers(mx, put):
    package, metric = mx.gluon.contrib.estimator, mx.metric
    acc, loss = metric.Accuracy(name="training accuracy"), metric.Loss(name="training loss")
    both = metric.CompositeEvalMetric([acc, loss])

    def of(name, cls, *args, **kwargs):
        put(name, warned(lambda: settings(mx, getattr(package, cls)(*args, **kwargs))))

    of("stopping", "StoppingHandler")
    of("stopping numbers", "StoppingHandler", 2, 3)
    of("update", "GradientUpdateHandler")
    of("update priority", "GradientUpdateHandler", 3)
    for name, metrics in (("list", [acc, loss]), ("tuple", (acc,)), ("one", acc), ("none", None), ("empty", []),
                          ("composite", both), ("word", "acc"), ("words", ["acc"]), ("part", [acc, 3])):  # fmt: skip
        of("metric " + name, "MetricHandler", metrics)
        of("logging " + name, "LoggingHandler", metrics=metrics)
    of("metric priority", "MetricHandler", [acc], priority=4)
    for interval in ("epoch", 3, -1, True, "batch", 1.5, None):
        of("logging every %s" % interval, "LoggingHandler", interval)
    of("logging priority", "LoggingHandler", priority=3)
    of("validation", "ValidationHandler", loader(mx), print)
    of("validation options", "ValidationHandler", None, None, 3, 4, 5, [spy(mx, [])])
    of("checkpoint", "CheckpointHandler", "made/here")
    put("checkpoint folder", __import__("os").listdir("made"))
    of("checkpoint options", "CheckpointHandler", "x", "m", acc, 1, True, "max", 2, 3, 4, True)
    of("checkpoint best of nothing", "CheckpointHandler", "x", save_best=True)
    of("checkpoint best of a word", "CheckpointHandler", "x", monitor="acc", save_best=True)
    of("checkpoint of a word", "CheckpointHandler", "x", monitor="acc")
    of("early stopping", "EarlyStoppingHandler", acc, mode="max")
    of("early stopping options", "EarlyStoppingHandler", loss, 0.1, 2, "min", 0.5)
    of("early stopping negative", "EarlyStoppingHandler", loss, -0.1, mode="max")
    of("early stopping of a word", "EarlyStoppingHandler", "acc")
    of("early stopping of several", "EarlyStoppingHandler", both)
    for one in (acc, metric.Accuracy(name="foo"), metric.F1(), metric.MCC(), metric.PearsonCorrelation(),
                metric.TopKAccuracy(2), metric.CustomMetric(len, name="own")):  # fmt: skip
        of("auto " + one.name, "EarlyStoppingHandler", one)


def helpers(mx, put):
    package, metric = mx.gluon.contrib.estimator, mx.metric
    utils, events = package.utils, package.event_handler
    acc, loss = metric.Accuracy(), metric.Loss()
    several = metric.CompositeEvalMetric([acc, loss])
    for name, value in (("none", None), ("empty", []), ("list", [acc]), ("tuple", (acc,)), ("one", acc),
                        ("several", several), ("wrong", [acc, 3]), ("word", "ab")):  # fmt: skip
        put("metrics " + name, attempt(lambda value=value: described(mx, utils._check_metrics(value))))
    for name, value in (("softmax", mx.gluon.loss.SoftmaxCrossEntropyLoss()), ("l2", mx.gluon.loss.L2Loss()),
                        ("sigmoid", mx.gluon.loss.SigmoidBCELoss()), ("number", 3)):  # fmt: skip
        put("suggested " + name, described(mx, utils._suggest_metric_for_loss(value)))
    logs = package.LoggingHandler
    put("known", attempt(utils._check_metric_known, logs(), acc, [loss, acc]))
    put("unknown", attempt(utils._check_metric_known, logs(), acc, [loss]))
    put("equal", attempt(utils._check_metric_known, logs(), acc, [metric.Accuracy()]))
    put("refers to known", attempt(utils._check_handler_metric_ref, logs(metrics=[acc]), [acc]))
    put("refers to unknown", attempt(utils._check_handler_metric_ref, logs(metrics=[acc, loss]), [acc]))
    put("monitors unknown", attempt(
        utils._check_handler_metric_ref, package.EarlyStoppingHandler(acc, mode="max"), [loss]))  # fmt: skip

    class Own:
        metrics = 3

    put("refers to a number", attempt(utils._check_handler_metric_ref, Own(), [loss]))
    put("refers to nothing", attempt(utils._check_handler_metric_ref, object(), [loss]))
    one = spy(mx, [])
    for name, value in (("none", None), ("empty", []), ("list", [one]), ("tuple", (one,)), ("one", one),
                        ("class", [type(one)]), ("numbers", [one, 3])):  # fmt: skip
        put("handlers " + name, attempt(lambda value=value: described(mx, events._check_event_handlers(value))))


def making(mx, put):
    package, gluon = mx.gluon.contrib.estimator, mx.gluon
    softmax = gluon.loss.SoftmaxCrossEntropyLoss()

    def of(name, *args, **kwargs):
        def make():
            found = package.Estimator(*args, **kwargs)
            return [
                {key: described(mx, value) for key, value in vars(found).items() if not key.startswith("_")},
                described(mx, found.train_metrics),
                described(mx, found.val_metrics),
                [described(mx, c) if not isinstance(c, mx.Context) else str(c) for c in found.context],
                [str(p.list_ctx()) for p in found.net.collect_params().values()],
            ]

        put(name, warned(make))

    two = [mx.cpu(0), mx.cpu(1)]
    of("plain", dense(mx), softmax)
    for name, context in (("one", mx.cpu(1)), ("two", two), ("the same", [mx.cpu(), mx.cpu()]), ("none", []),
                          ("tuple", tuple(two)), ("word", "cpu"), ("words", ["cpu"]), ("pinned", mx.cpu_pinned(0)),
                          ("gpu", mx.gpu(77)), ("gpu too", [mx.cpu(), mx.gpu(77)])):  # fmt: skip
        of("context " + name, dense(mx, initialize=False), softmax, context=context)
        of("context of others " + name, dense(mx), softmax, context=context)
    for name, loss in (("word", "softmax"), ("list", [softmax]), ("none", None), ("function", len)):
        of("loss " + name, dense(mx), loss)
    of("val_loss", dense(mx), softmax, val_loss=gluon.loss.L2Loss())
    of("val_loss word", dense(mx), softmax, val_loss="l2")
    of("val_net", dense(mx), softmax, val_net=gluon.nn.Dense(3))
    of("trainer word", dense(mx), softmax, trainer="sgd")
    net = dense(mx)
    of("trainer", net, softmax, trainer=gluon.Trainer(net.collect_params(), "adam"))
    found = package.Estimator(dense(mx), softmax)
    put("default trainer", [type(found.trainer.optimizer).__name__, found.trainer.learning_rate])
    put("logger", [found.logger.name, found.logger.level, type(found.logger.handlers[0]).__name__,
                   found.logger.handlers[0].stream is __import__("sys").stdout, package.Estimator.logger])  # fmt: skip

    class Half:
        def fit_batch(self):
            pass

    class Whole(Half):
        def evaluate_batch(self):
            pass

    for name, processor in (("word", "x"), ("half", Half()), ("whole", Whole()), ("own", package.BatchProcessor())):
        of("batch_processor " + name, dense(mx), softmax, batch_processor=processor)


def gpus(mx, put):
    """Contexts as on machines with GPUs, as far as the numbers of them go."""
    module = mx.gluon.contrib.estimator.estimator
    estimator, number = made(mx, []), module.num_gpus
    contexts = {
        "none": None, "gpu(0)": mx.gpu(0), "[gpu(1)]": [mx.gpu(1)], "[gpu(5)]": [mx.gpu(5)],
        "[cpu(0), gpu(1)]": [mx.cpu(0), mx.gpu(1)], "cpu(3)": mx.cpu(3), "a word": "gpu",
    }  # fmt: skip
    for count in (0, 1, 2):
        module.num_gpus = lambda count=count: count
        try:
            for name, context in contexts.items():
                put("%d, %s" % (count, name), warned(lambda c=context: [str(x) for x in estimator._check_context(c)]))
        finally:
            module.num_gpus = number


def initialising(mx, put):
    gluon = mx.gluon
    softmax = gluon.loss.SoftmaxCrossEntropyLoss()

    def start(net, **arguments):
        mx.random.seed(7)
        found = gluon.contrib.estimator.Estimator(net, softmax, **arguments)
        return [found._is_initialized(), weights(net)]

    def half():
        net = dense(mx, initialize=False)
        net[0].initialize(mx.init.One())
        return net

    put("nothing", warned(start, dense(mx, initialize=False)))
    put("nothing, zeros", warned(start, dense(mx, initialize=False), initializer=mx.init.Zero()))
    put("nothing, a word", warned(start, dense(mx, initialize=False), initializer="ones"))
    put("half", warned(start, half()))
    put("half, zeros", warned(start, half(), initializer=mx.init.Zero()))
    put("half, elsewhere", warned(start, half(), context=mx.cpu(1)))
    put("all", warned(start, dense(mx)))
    put("all, zeros", warned(start, dense(mx), initializer=mx.init.Zero()))

    def later(initialize, **arguments):
        net = gluon.nn.Dense(3, prefix="later_")
        if initialize:
            net.initialize(mx.init.One())
        found = gluon.contrib.estimator.Estimator(net, softmax, **arguments)
        known = found._is_initialized()
        net(mx.nd.ones((1, 5)))
        return [known, weights(net)]

    put("deferred", warned(later, True))
    put("deferred, zeros", warned(later, True, initializer=mx.init.Zero()))
    put("deferred by it", warned(later, False, initializer=mx.init.Zero()))


def metrics(mx, put):
    gluon, metric = mx.gluon, mx.metric
    softmax = gluon.loss.SoftmaxCrossEntropyLoss

    def named(loss=None, **arguments):
        found = gluon.contrib.estimator.Estimator(dense(mx), loss or softmax(), **arguments)
        return [names(found.train_metrics), names(found.val_metrics), type(found.train_metrics).__name__]

    acc = metric.Accuracy
    for name, loss in (("softmax", softmax()), ("one-hot", softmax(sparse_label=False)), ("l2", gluon.loss.L2Loss()),
                       ("sigmoid", gluon.loss.SigmoidBCELoss()), ("ctc", gluon.loss.CTCLoss()),
                       ("kl", gluon.loss.KLDivLoss()), ("numbered", softmax(prefix="a1b2_")),
                       ("numbered twice", softmax(prefix="a1b2_3_")), ("nameless", softmax(prefix="")),
                       ("prefix", softmax(prefix="my_"))):  # fmt: skip
        put("of " + name, named(loss))
    put("one", named(train_metrics=acc()))
    put("list", named(train_metrics=[acc(), metric.RMSE()]))
    put("tuple", named(train_metrics=(acc(), metric.RMSE())))
    put("empty", named(train_metrics=[], val_metrics=[]))
    put("composite", named(train_metrics=metric.CompositeEvalMetric([acc(), metric.RMSE()])))
    put("composite in a list", named(train_metrics=[metric.CompositeEvalMetric([acc()]), metric.MAE()]))
    put("the same name twice", named(train_metrics=[acc(name="a"), acc(name="a")]))
    put("val", named(val_metrics=acc(name="foo")))
    put("val of training", named(val_metrics=acc(name="my training foo")))
    put("val of validation", named(val_metrics=acc(name="validation foo")))
    put("training twice", named(train_metrics=acc(name="x training y")))
    put("function", named(train_metrics=metric.np(lambda label, pred: 1.0)))
    put("word", attempt(named, train_metrics="acc"))
    put("words", attempt(named, train_metrics=["acc"]))
    put("val word", attempt(named, val_metrics="acc"))
    both = acc()
    put("one for both", named(train_metrics=both, val_metrics=both))
    put("one for both, again", named(train_metrics=both, val_metrics=both))
    used = acc()
    used.update([mx.nd.array([1])], [mx.nd.array([[0, 1]])])
    found = gluon.contrib.estimator.Estimator(dense(mx), softmax(), train_metrics=used)
    put("used before", [found.train_metrics[0].get(), found.val_metrics[0].get(), found.train_metrics[0] is used])
    put("set", kind(setattr, found, "train_metrics", []))


PARTS = (surface, handlers, helpers, making, gpus, initialising, metrics)


def results(mx):
    return check_complete(collect(mx, PARTS))


if __name__ == "__main__":
    import mxnet

    write("estimator", results(mxnet))
