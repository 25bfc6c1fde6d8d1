"""util, registry and log against real MXNet's."""

import io
import os
import sys
import threading
import time

import pytest

import mxgluon_compat as mx
from tests.oracle import util as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)


def test_switches_belong_to_a_thread():
    seen = []
    with mx.util.np_shape():
        thread = threading.Thread(target=lambda: seen.append(mx.util.is_np_shape()))
        thread.start()
        thread.join()
        assert mx.util.is_np_shape()
    assert seen == [False]


def test_np_shape_is_restored_after_an_error():
    with pytest.raises(KeyError), mx.util.np_shape():
        raise KeyError
    assert not mx.util.is_np_shape()


def test_static_methods_of_decorated_classes():
    # MXNet makes them ordinary methods, which then get the instance.
    @mx.util.use_np_shape
    class Class:
        @staticmethod
        def static(x):
            return x, mx.util.is_np_shape()

        @classmethod
        def of_class(cls):
            return cls, mx.util.is_np_shape()

    assert Class().static(1) == (1, True)
    assert Class.of_class() == (Class, True)


def test_makedirs(tmp_path):
    mx.util.makedirs(str(tmp_path / "a" / "b"))
    mx.util.makedirs(str(tmp_path / "a" / "b"))
    assert os.path.isdir(tmp_path / "a" / "b")


class Terminal(io.StringIO):
    """What is shown on it, a line for each time that it is drawn."""

    def isatty(self):
        return True

    def lines(self):
        return [line for line in self.getvalue().split("\r") if line.strip()]


@pytest.mark.parametrize(
    ("total", "start", "first", "then"),
    [
        (4096, 1024, "file:  25%", "2.00k/4.00k"), (4096, 0, "file:   0%", "1.00k/4.00k"),
        (None, 1024, "file: 1.00kB", "2.00kB"), (None, 0, "file: 0.00B", "1.00kB"),
    ],
)  # fmt: skip
def test_progress(total, start, first, then, monkeypatch):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    with mx.util.progress(total, "file", start=start, delay=0) as advance:
        time.sleep(0.15)  # a bar is drawn ten times a second
        advance(1024)
    before, after = sys.stderr.lines()
    assert before.startswith(first) and after.startswith("file: ") and then in after
    assert sys.stderr.getvalue().endswith(" \r")  # wiped away


@pytest.mark.parametrize(
    ("stderr", "tqdm"), [(None, ()), (io.StringIO(), ()), (Terminal(), None)], ids=["none", "no terminal", "no tqdm"]
)
def test_progress_is_not_shown_where_it_cannot_be(stderr, tqdm, monkeypatch):
    if tqdm is None:
        monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr(sys, "stderr", stderr)
    with mx.util.progress(10, "file", delay=0) as advance:
        advance(10)
    assert stderr is None or stderr.getvalue() == ""


def test_progress_of_what_is_done_soon(monkeypatch):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    with mx.util.progress(4096, "file") as advance:
        advance(4096)
    assert sys.stderr.getvalue() == ""
