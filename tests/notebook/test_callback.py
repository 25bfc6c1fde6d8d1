"""Tables and charts of training in notebooks: as MXNet's, and what is said where their packages are missing."""

import importlib
import sys

import pytest

import mxgluon_compat as mx
from mxgluon_compat.notebook import callback
from tests.oracle.scenario import read, same

GOLDEN = read("notebook")
# MXNet has the two rates under each other's names, refuses what fit passes after an epoch, counts metrics for points
DIFFERENCES = {
    "logger: batches_per_sec": GOLDEN["logger: records_per_sec"],
    "logger: records_per_sec": GOLDEN["logger: batches_per_sec"],
    "in_fit: all of them": [None, 2],
    "charts: shown of many": [False, True],
}


@pytest.fixture(scope="module")
def found():
    pytest.importorskip("pandas")
    pytest.importorskip("bokeh")
    from tests.oracle import notebook

    with mx.name.NameManager():
        return notebook.results(mx)


def test_all_scenarios_ran(found):
    assert set(found) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_as_mxnet(found, name):
    wanted = DIFFERENCES.get(name, GOLDEN[name])
    assert same(found[name], wanted), f"ours:  {found[name]}\nMXNet: {GOLDEN[name]}"


def test_differences_are_there():
    assert all(GOLDEN[name] != ours for name, ours in DIFFERENCES.items())


@pytest.mark.parametrize(
    ("missing", "make", "what"),
    [
        ("pandas", lambda: callback.PandasLogger(4), "PandasLogger needs pandas"),
        ("bokeh.io", lambda: callback.LiveBokehChart(None, "accuracy"), "LiveBokehChart needs bokeh"),
        ("bokeh.plotting", callback.LiveTimeSeries, "LiveTimeSeries needs bokeh"),
        ("bokeh.io", lambda: callback.LiveLearningCurve("accuracy"), "LiveLearningCurve needs bokeh"),
    ],
)
def test_missing_packages_are_named(missing, make, what, monkeypatch):
    for name in {missing, missing.partition(".")[0]}:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=rf"^{what}: pip install 'mxgluon_compat\[notebook\]'$"):
        make()


def test_nothing_optional_is_imported():
    assert importlib.import_module("mxgluon_compat.notebook.callback") is mx.notebook.callback
    assert callback.args_wrapper() == {}
