"""Writes tests/golden/notebook.json: mx.notebook.callback, its tables and charts.

Run from the repository's root with an interpreter that has mxnet==1.9.1, pandas<2.1, bokeh==1.3.4 and jinja2<3.1:
    PYTHON -m tests.oracle.notebook
"""

import contextlib
import importlib
import time

import numpy as np

from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.gluon_surface import called
from tests.oracle.scenario import write

RATES = ("batches_per_sec", "records_per_sec")


class Clock:
    """``time.time()`` inside."""

    def __init__(self):
        self.now, self._real = 1000.0, time.time

    def __enter__(self):
        time.time = lambda: self.now
        return self

    def __exit__(self, *error):
        time.time = self._real


@contextlib.contextmanager
def shown():
    """bokeh without a notebook: what it is asked to do."""
    import bokeh.io
    import bokeh.plotting

    asked = []
    places = [(bokeh.io, "output_notebook"), (bokeh.io, "push_notebook"), (bokeh.plotting, "show")]
    before = [getattr(module, name) for module, name in places]

    def noting(name):
        def note(*args, **kwargs):
            asked.append([name, sorted(kwargs)])
            return "handle"

        return note

    for module, name in places:
        setattr(module, name, noting(name))
    try:
        yield asked
    finally:
        for (module, name), function in zip(places, before):
            setattr(module, name, function)


def module_of(mx):
    return importlib.import_module(mx.__name__ + ".notebook.callback")


def accuracy(mx, right):
    found = mx.metric.Accuracy()
    found.update([mx.nd.array([1] * 4)], [mx.nd.array([1] * right + [0] * (4 - right))])
    return found


def param(mx, nbatch, metric, epoch=0):
    return mx.model.BatchEndParam(epoch, nbatch, metric, None)


def rows(frame, leave=(*RATES, "elapsed", "epoch_time")):
    """The table by column, those of times aside."""
    return {name: frame[name].tolist() for name in sorted(frame.columns) if name not in leave}


def module(mx):
    net = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=2, name="fc")
    return mx.mod.Module(mx.sym.SoftmaxOutput(net, name="softmax"))


def batches(mx, seed, size=24):
    draw = np.random.RandomState(seed)
    data = draw.randn(size, 3).astype("float32")
    return mx.io.NDArrayIter(data, (data.sum(axis=1) > 0).astype("float32"), batch_size=4)


def fit(mx, epochs=2, **callbacks):
    module(mx).fit(
        batches(mx, 0), eval_data=batches(mx, 1), num_epoch=epochs, initializer=mx.init.Zero(),
        optimizer_params={"learning_rate": 0.1}, **callbacks,
    )  # fmt: skip


def surface(mx, put):
    notebook = module_of(mx)
    for name in ("PandasLogger", "LiveBokehChart", "LiveTimeSeries", "LiveLearningCurve", "args_wrapper"):
        put(name, called(getattr(notebook, name)))
        if name != "args_wrapper":
            put("members of " + name, [k for k in dir(getattr(notebook, name)) if not k.startswith("_")])


def logger(mx, put):
    with Clock() as clock:
        log = module_of(mx).PandasLogger(4, frequent=2)
        put("at first", [log.batch_size, log.frequent, sorted(log.all_dataframes), [len(f) for f in (
            log.train_df, log.eval_df, log.epoch_df)], log.last_time])  # fmt: skip
        table, metrics = log.train_df, []
        for nbatch in range(5):
            clock.now += 0.5
            metrics.append(accuracy(mx, nbatch))
            log.train_cb(param(mx, nbatch, metrics[-1]))
        put("batches", rows(log.train_df))
        put("the table is the same one", [log.train_df is table, log.all_dataframes["train"] is table])
        put("metrics that were taken", [str(m.get()[1]) for m in metrics])
        for name in RATES:
            put(name, log.train_df[name].tolist())
        put("times", [log.train_df["elapsed"].dtype.kind, len(log.train_df.columns), log.last_time])
        log.train_cb(param(mx, 6, None))
        put("at once", [log.train_df[name].tolist()[-1] for name in RATES])
        clock.now += 1
        log.eval_cb(param(mx, 7, accuracy(mx, 3), epoch=1))
        put("validation", [rows(log.eval_df), len(log.train_df)])
        log.epoch_cb()
        put("epochs", [sorted(log.epoch_df.columns), [log.epoch_df[k].dtype.kind for k in log.epoch_df.columns]])
        put("elapsed", type(log.elapsed()).__name__)
        log.append_metrics({"a": 1.5}, "eval")
        put("a new column", rows(log.eval_df)["a"])
        put("no such table", kind(log.append_metrics, {"a": 1}, "test"))
        put("arguments", {k: f.__name__ for k, f in log.callback_args().items()})


def in_fit(mx, put):
    log = module_of(mx).PandasLogger(4, frequent=3)
    arguments = log.callback_args()
    del arguments["epoch_end_callback"]
    fit(mx, **arguments)
    put("batches", rows(log.train_df))
    put("validations", rows(log.eval_df))
    put("all of them", [kind(lambda: fit(mx, **log.callback_args())), len(log.epoch_df)])


def wrapper(mx, put):
    notebook = module_of(mx)
    put("nothing", notebook.args_wrapper())
    with shown():
        found = notebook.args_wrapper(notebook.PandasLogger(4), notebook.LiveLearningCurve("accuracy"))
    put("two", {k: [f.__name__ for f in v] for k, v in found.items()})


def charts(mx, put):
    notebook = module_of(mx)
    with shown() as asked, Clock() as clock:
        curve = notebook.LiveLearningCurve("accuracy", display_freq=10, frequent=2)
        put("made", [curve.handle, list(asked), curve.metric_name, curve.display_freq, curve.frequent,
                     type(curve.pandas_logger).__name__, curve.fig.yaxis[0].axis_label, curve.fig.xaxis[0].axis_label,
                     curve.fig.legend[0].location])  # fmt: skip
        del asked[:]
        seen = []
        for nbatch in range(6):
            clock.now += 3
            curve.batch_cb(param(mx, nbatch, accuracy(mx, nbatch % 4)))
            seen.append([len(curve.y_axis_val1), len(asked)])
        put("batches", [seen, curve.y_axis_val1, list(asked), curve.interval_elapsed()])
        curve.eval_cb(param(mx, 6, accuracy(mx, 3)))
        put("validation", [curve.y_axis_val1, curve.y_axis_val2, len(asked)])
        for name in ("train1", "train2", "valid1", "valid2"):
            source = getattr(curve, name).data_source.data
            put(name, [list(source["y"]), [type(x).__name__ for x in source["x"]]])
        put("shown", [curve.train1.visible, curve.train2.visible])
        for nbatch in range(0, 22, 2):
            curve.batch_cb(param(mx, nbatch, accuracy(mx, 2)))
        clock.now += 20
        curve.batch_cb(param(mx, 23, None))
        put("many", len(curve.y_axis_val1))
        put("shown of many", [curve.train1.visible, curve.train2.visible])
        other = notebook.LiveLearningCurve("loss", display_freq=1)
        put("another metric", kind(other.eval_cb, param(mx, 0, accuracy(mx, 1))))
        del asked[:]
        series = notebook.LiveTimeSeries(title="values")
        for value in (3, 4.5):
            series.update_chart_data(value)
        put("series", [series.y_axis_val, [type(x).__name__ for x in series.x_axis_val], series.fig.title.text,
                       list(series.fig.renderers[0].data_source.data["y"]), list(asked), series.handle,
                       type(series.elapsed()).__name__, series.metric_name])  # fmt: skip
        put("series in fit", [series.batch_cb(None), kind(series.eval_cb, None)])
        put("arguments", {k: f.__name__ for k, f in series.callback_args().items()})
        put("the base", attempt(notebook.LiveBokehChart, None, "accuracy"))

        class Own(notebook.LiveBokehChart):
            def setup_chart(self):
                return "own"

        own = Own(notebook.PandasLogger(4, 7), "accuracy", display_freq=5)
        put("own", [own.handle, own.pandas_logger.frequent, attempt(own.update_chart_data)])
    with shown() as asked:
        curve = notebook.LiveLearningCurve("accuracy", display_freq=100, frequent=3)
        fit(mx, **curve.callback_args())
        put("in fit", [curve.y_axis_val1, curve.y_axis_val2, [name for name, _ in asked]])


PARTS = [surface, logger, in_fit, wrapper, charts]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("notebook", check_complete(results(mxnet)))
