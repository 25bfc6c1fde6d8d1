"""``mx.notebook.callback``: training metrics in pandas tables, and in charts of bokeh that grow while a Module trains.

pandas and bokeh are imported when a logger or a chart is made; the charts need both, and a notebook to be shown in.
"""

from __future__ import annotations

import datetime
import importlib
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["LiveBokehChart", "LiveLearningCurve", "LiveTimeSeries", "PandasLogger", "args_wrapper"]

Callback = Callable[..., None]


def _package(name: str, purpose: str) -> Any:
    """The module ``name``, of a package that may be missing.

    Raises:
        ImportError: it is; the message says what it is needed for.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"{purpose} needs {name.partition('.')[0]}: pip install 'mxgluon_compat[notebook]'"
        ) from error


def _taken(metric: Any) -> dict[str, Any]:
    """The metric's values by name, none without a metric; it starts anew."""
    if metric is None:
        return {}
    values = dict(metric.get_name_value())
    metric.reset()
    return values


class PandasLogger:
    """Collects training metrics in three ``pandas.DataFrame``: of batches, of validations, of epochs.

    Rows of batches and validations hold the metrics, which start anew with each row, ``records_per_sec``,
    ``batches_per_sec``, ``elapsed``, ``minibatch_count`` and ``epoch``; rows of epochs ``elapsed`` and ``epoch_time``.

    Args:
        batch_size: examples in a batch, for ``records_per_sec``.
        frequent: batches from one row to the next.

    Raises:
        ImportError: pandas is not installed.
    """

    def __init__(self, batch_size: int, frequent: int = 50) -> None:
        pandas = _package("pandas", "PandasLogger")
        self.batch_size = batch_size
        self.frequent = frequent
        self._dataframes = {name: pandas.DataFrame() for name in ("train", "eval", "epoch")}
        self.last_time = time.time()
        self.start_time = self.last_epoch_time = datetime.datetime.now()

    @property
    def train_df(self) -> Any:
        """The DataFrame with a row for every ``frequent`` batches."""
        return self._dataframes["train"]

    @property
    def eval_df(self) -> Any:
        """The DataFrame with a row for each validation."""
        return self._dataframes["eval"]

    @property
    def epoch_df(self) -> Any:
        """The DataFrame with a row for each epoch."""
        return self._dataframes["epoch"]

    @property
    def all_dataframes(self) -> dict[str, Any]:
        """All three: ``'train'``, ``'eval'``, ``'epoch'``."""
        return self._dataframes

    def elapsed(self) -> datetime.timedelta:
        """The time since the logger was made."""
        return datetime.datetime.now() - self.start_time

    def append_metrics(self, metrics: Mapping[str, Any], df_name: str) -> None:
        """Appends a row, in place; what is new among the names becomes a column, what is missing is NaN.

        Args:
            metrics: values by the column's name.
            df_name: ``'train'``, ``'eval'`` or ``'epoch'``.
        """
        frame = self._dataframes[df_name]
        for name in metrics:
            if name not in frame.columns:
                frame[name] = float("nan") if len(frame) else None  # None: the first row decides the dtype
        frame.loc[len(frame)] = [metrics.get(name, float("nan")) for name in frame.columns]

    def train_cb(self, param: Any) -> None:
        """After a batch: a row for ``param``, a ``BatchEndParam``, if its number is a multiple of ``frequent``."""
        if param.nbatch % self.frequent == 0:
            self._process_batch(param, "train")

    def eval_cb(self, param: Any) -> None:
        """After a validation: a row for ``param``, a ``BatchEndParam``."""
        self._process_batch(param, "eval")

    def _process_batch(self, param: Any, df_name: str) -> None:
        now = time.time()
        passed, self.last_time = now - self.last_time, now
        speed = self.frequent / passed if passed else float("inf")
        self.append_metrics(
            {
                **_taken(param.eval_metric),
                "batches_per_sec": speed,
                "records_per_sec": speed * self.batch_size,
                "elapsed": self.elapsed(),
                "minibatch_count": param.nbatch,
                "epoch": param.epoch,
            },
            df_name,
        )

    def epoch_cb(self, *args: Any) -> None:
        """After an epoch: a row with its time. What ``fit`` passes (epoch, graph, parameters, states) is not needed."""
        now = datetime.datetime.now()
        self.append_metrics({"elapsed": self.elapsed(), "epoch_time": now - self.last_epoch_time}, "epoch")
        self.last_epoch_time = now

    def callback_args(self) -> dict[str, Callback]:
        """Keyword arguments for ``Module.fit``."""
        return {
            "batch_end_callback": self.train_cb,
            "eval_end_callback": self.eval_cb,
            "epoch_end_callback": self.epoch_cb,
        }


class LiveBokehChart:
    """A chart in a notebook that is drawn again while the training runs; a base for classes with both methods below.

    Args:
        pandas_logger: a ``PandasLogger`` with the data; None makes one of the last two arguments.
        metric_name: the metric that is drawn.
        display_freq: seconds from one drawing to the next, at least; after a validation it is drawn at once.
        batch_size, frequent: see ``PandasLogger``.

    Attributes:
        handle: what ``setup_chart`` gave: bokeh's handle of the chart that is shown.

    Raises:
        ImportError: bokeh or pandas is not installed.
    """

    def __init__(
        self,
        pandas_logger: PandasLogger | None,
        metric_name: str | None,
        display_freq: float = 10,
        batch_size: Any = None,
        frequent: int = 50,
    ) -> None:
        self._io = _package("bokeh.io", type(self).__name__)
        self.pandas_logger = pandas_logger or PandasLogger(batch_size=batch_size, frequent=frequent)
        self.metric_name = metric_name
        self.display_freq = display_freq
        self.last_update = time.time()
        self._io.output_notebook()
        self.handle = self.setup_chart()

    def setup_chart(self) -> Any:
        """Shows the chart, and returns its handle.

        Raises:
            NotImplementedError: here.
        """
        raise NotImplementedError("Incomplete base class: LiveBokehChart must be sub-classed")

    def update_chart_data(self) -> None:
        """Puts new data into the chart.

        Raises:
            NotImplementedError: here.
        """
        raise NotImplementedError("Incomplete base class: LiveBokehChart must be sub-classed")

    def interval_elapsed(self) -> bool:
        """Whether ``display_freq`` seconds have passed since it was drawn."""
        return time.time() - self.last_update > self.display_freq

    def _push_render(self) -> None:
        self._io.push_notebook(handle=self.handle)
        self.last_update = time.time()

    def _do_update(self) -> None:
        self.update_chart_data()
        self._push_render()

    def batch_cb(self, param: Any) -> None:
        """After a batch: draws, if it is time to."""
        if self.interval_elapsed():
            self._do_update()

    def eval_cb(self, param: Any) -> None:
        """After a validation: draws."""
        self._do_update()

    def callback_args(self) -> dict[str, Callback]:
        """Keyword arguments for ``Module.fit``."""
        return {"batch_end_callback": self.batch_cb, "eval_end_callback": self.eval_cb}


def _figure(purpose: str, **options: Any) -> tuple[Any, Any]:
    """(bokeh.plotting, an empty figure over time)."""
    plotting = _package("bokeh.plotting", purpose)
    return plotting, plotting.figure(x_axis_type="datetime", **options)


class LiveTimeSeries(LiveBokehChart):
    """A line of values over time; ``update_chart_data(value)`` appends one, in a callback of the program's own.

    Args:
        **fig_params: options of ``bokeh.plotting.figure``.

    Attributes:
        fig: bokeh's figure.
        x_axis_val, y_axis_val: the times, and the values.

    Raises:
        ImportError: bokeh or pandas is not installed.
    """

    def __init__(self, **fig_params: Any) -> None:
        self._plotting, self.fig = _figure("LiveTimeSeries", x_axis_label="Elapsed time", **fig_params)
        super().__init__(None, None)

    def setup_chart(self) -> Any:
        """Shows an empty line, and returns bokeh's handle of it."""
        self.start_time = datetime.datetime.now()
        self.x_axis_val: list[datetime.timedelta] = []
        self.y_axis_val: list[float] = []
        self._line = self.fig.line([], [])
        return self._plotting.show(self.fig, notebook_handle=True)

    def elapsed(self) -> datetime.timedelta:
        """The time since the chart was made."""
        return datetime.datetime.now() - self.start_time

    def update_chart_data(self, value: float) -> None:  # type: ignore[override] # MXNet's takes the value, too
        """Appends ``value`` at this moment, and draws."""
        self.x_axis_val.append(self.elapsed())
        self.y_axis_val.append(value)
        self._line.data_source.data = {"x": list(self.x_axis_val), "y": list(self.y_axis_val)}
        self._push_render()


class LiveLearningCurve(LiveBokehChart):
    """The curves of a metric over time: of batches, as dots once there are more than ten, and of validations.

    The metric starts anew with each point.

    Args:
        metric_name: the metric, by its name in ``EvalMetric.get_name_value()``.
        display_freq: seconds from one drawing to the next, at least; after a validation it is drawn at once.
        frequent: batches from one point to the next.

    Attributes:
        fig: bokeh's figure.
        train1, train2, valid1, valid2: its lines and dots.
        x_axis_val1, y_axis_val1, x_axis_val2, y_axis_val2: times and values of batches, and of validations.

    Raises:
        ImportError: bokeh or pandas is not installed.
    """

    def __init__(self, metric_name: str, display_freq: float = 10, frequent: int = 50) -> None:
        self.frequent = frequent
        self.start_time = datetime.datetime.now()
        self._data: dict[str, dict[str, list[Any]]] = {"train": {"elapsed": []}, "eval": {"elapsed": []}}
        super().__init__(None, metric_name, display_freq, frequent)

    def setup_chart(self) -> Any:
        """Shows empty curves, and returns bokeh's handle of them."""
        plotting, self.fig = _figure("LiveLearningCurve", x_axis_label="Training time")
        self.x_axis_val1: list[datetime.timedelta] = []
        self.y_axis_val1: list[float] = []
        self.x_axis_val2: list[datetime.timedelta] = []
        self.y_axis_val2: list[float] = []
        train, valid = {"legend_label": "train"}, {"legend_label": "validation", "line_color": "green"}
        self.train1 = self.fig.line([], [], line_dash="dotted", alpha=0.3, **train)
        self.train2 = self.fig.scatter([], [], size=1.5, line_alpha=0.3, fill_alpha=0.3, **train)
        self.train2.visible = False
        self.valid1 = self.fig.line([], [], line_width=2, **valid)
        self.valid2 = self.fig.scatter([], [], line_width=2, **valid)
        self.fig.legend.location = "bottom_right"
        self.fig.yaxis.axis_label = self.metric_name
        return plotting.show(self.fig, notebook_handle=True)

    def batch_cb(self, param: Any) -> None:
        """After a batch: a point for every ``frequent``, and draws, if it is time to."""
        if param.nbatch % self.frequent == 0:
            self._process_batch(param, "train")
        super().batch_cb(param)

    def eval_cb(self, param: Any) -> None:
        """After a validation: a point, and draws."""
        self._process_batch(param, "eval")
        super().eval_cb(param)

    def _process_batch(self, param: Any, df_name: str) -> None:
        if param.eval_metric is None:
            return
        values = {**_taken(param.eval_metric), "elapsed": datetime.datetime.now() - self.start_time}
        for name, value in values.items():
            self._data[df_name].setdefault(name, []).append(value)

    def update_chart_data(self) -> None:
        """Puts the points since the last time into the chart.

        Raises:
            KeyError: there is no metric of this name.
        """
        for kind, times, values, curves in (
            ("train", self.x_axis_val1, self.y_axis_val1, (self.train1, self.train2)),
            ("eval", self.x_axis_val2, self.y_axis_val2, (self.valid1, self.valid2)),
        ):
            if not self._data[kind]["elapsed"]:
                continue
            times[:], values[:] = self._data[kind]["elapsed"], self._data[kind][str(self.metric_name)]
            for curve in curves:
                curve.data_source.data = {"x": list(times), "y": list(values)}
        many = len(self.x_axis_val1) > 10
        self.train1.visible, self.train2.visible = not many, many


def args_wrapper(*args: Any) -> dict[str, list[Callback]]:
    """Keyword arguments for ``Module.fit`` from several loggers and charts.

    Each of them lets the metric start anew: where two are to show the same batches, the second finds it empty (NaN).
    """
    found = defaultdict(list)
    for one in args:
        for name, callback in one.callback_args().items():
            found[name].append(callback)
    return dict(found)
