"""mx.contrib.tensorboard against real MXNet's, and with PyTorch's writer."""

import pytest

import mxgluon_compat as mx
from tests.oracle import contrib_tensorboard as scenario
from tests.oracle.callback import logged, metric, param
from tests.oracle.contrib_tensorboard import Writer, board, installed, noted
from tests.scenarios import against_mxnet

LogMetricsCallback = mx.contrib.tensorboard.LogMetricsCallback
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, rtol=1e-5)


class Other(Writer):
    pass


def test_mxboard_is_asked_before_torch():
    with installed(mxboard=board(), torch__utils__tensorboard=board(Other)):
        assert type(LogMetricsCallback("logs").summary_writer) is Writer


def test_torch_writes_where_mxboard_is_not_installed():
    def run():
        with installed(mxboard=None, torch__utils__tensorboard=board(Other)):
            callback = LogMetricsCallback("logs", "train")
            assert type(callback.summary_writer) is Other
            callback(param(mx, 0, metric(mx, "acc"), epoch=4))

    wanted = [["SummaryWriter", ("logs",), {}], ["add_scalar", ("train-accuracy", 0.0), {"global_step": 4}]]
    assert noted(run) == wanted


def test_without_a_writer_both_packages_are_named():
    with installed(mxboard=None, torch__utils__tensorboard=None), logged() as lines:
        LogMetricsCallback("logs")
    assert [level for level, _, _ in lines] == ["ERROR"]
    assert "pip install mxboard" in lines[0][2] and "pip install tensorboard" in lines[0][2]


def test_event_files_of_tensorboard(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with installed(mxboard=None):
        callback = LogMetricsCallback(str(tmp_path), "train")
    for epoch in (0, 1):
        callback(param(mx, 0, metric(mx, "acc"), epoch))
    callback.summary_writer.close()
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert [e.step for e in events.Scalars("train-accuracy")] == [0, 1]
