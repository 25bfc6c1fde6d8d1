"""``mx.profiler`` against real MXNet's: what is counted, the layout, the errors; no time is compared."""

import json
import pathlib
import subprocess
import sys
import threading
import time

import pytest

import mxgluon_compat as mx
from mxgluon_compat import profiler
from mxgluon_compat.base import MXNetError, UnsupportedError
from mxgluon_compat.ndarray.invoke import fast
from mxgluon_compat.ops.watching import watch
from mxgluon_compat.profiler.state import state
from tests.oracle import profiler as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)


@pytest.fixture
def running(tmp_path):
    """A profiler that runs, and the file that it writes; afterwards it is as at the program's start."""
    options = dict(state.options)
    profiler.set_config(profile_all=True, aggregate_stats=True, filename=str(tmp_path / "trace.json"))
    profiler.set_state("run")
    yield tmp_path / "trace.json"
    state.running = False
    state.hold()
    state.clear()
    state.seen = False
    state.configure(options)


def rows(section="operator", **options):
    return json.loads(profiler.dumps(format="json", **options))["Time"].get(section, {})


def test_every_way_to_an_operator_is_seen(running):
    a, b = mx.nd.ones((2, 2)), mx.nd.ones((2, 2))
    profiler.dumps(reset=True)
    mx.nd.broadcast_add(a, b)
    a + b  # noqa: B018
    mx.nd.add(a, b)
    mx.nd.elemwise_mul(a, b)
    a * 2  # noqa: B018
    2 - a  # noqa: B018
    a += b
    mx.nd.relu(a)
    a.sum()
    mx.nd.Activation(a, act_type="relu")
    mx.nd.Activation(a, act_type="relu")
    mx.nd.random.uniform(shape=2)
    mx.nd.sparse.retain(a.tostype("row_sparse"), mx.nd.array([0]))
    counts = {name: row["Count"] for name, row in rows().items()}
    wanted = {
        "broadcast_add": 4, "elemwise_mul": 1, "_mul_scalar": 1, "_rminus_scalar": 1, "relu": 1, "sum": 1,
        "Activation": 2, "_random_uniform": 1, "_sparse_retain": 1,
    }  # fmt: skip
    assert {name: counts.get(name) for name in wanted} == wanted


def test_a_custom_operator_s_python_is_without_the_operators_it_calls(running):
    class Slow(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            time.sleep(0.02)
            mx.nd.dot(mx.nd.ones((600, 600)), mx.nd.ones((600, 600)))
            self.assign(out_data[0], req[0], in_data[0])

    class SlowProp(mx.operator.CustomOpProp):
        def create_operator(self, ctx, in_shapes, in_dtypes):
            return Slow()

    mx.operator.register("profiled_slow")(SlowProp)
    x = mx.nd.ones(2)
    profiler.dumps(reset=True)
    began = time.perf_counter()
    mx.nd.Custom(x, op_type="profiled_slow")
    whole = 1000 * (time.perf_counter() - began)
    total = {name: row["Total"] for name, row in rows("Custom Operator").items()}
    python = total.pop("profiled_slow::pure_python")
    assert python >= 20 and "profiled_slow::dot" in total and python + sum(total.values()) <= whole


def test_times_are_those_of_the_clock(running):
    net = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=300, name="fc")
    executor = net.simple_bind(mx.cpu(), data=(300, 300))
    executor.forward()
    begin = time.time()
    profiler.dumps(reset=True)
    for _ in range(3):
        executor.forward()
    row = rows()["FullyConnected"]
    assert row["Count"] == 3 and 0 < row["Min"] <= row["Avg"] <= row["Max"] <= row["Total"]
    assert row["Total"] == pytest.approx(3 * row["Avg"]) and row["Total"] <= (time.time() - begin) * 1000


def test_the_memory_in_use(running):
    profiler.dumps(reset=True)
    before = json.loads(profiler.dumps(format="json"))["Memory"]
    kept = mx.nd.ones((1000, 250))
    (row,) = json.loads(profiler.dumps(format="json"))["Memory"]["Device Storage"].values()
    assert before == {} and kept.size == 250000
    assert row["Max"] - row["Min"] >= 0 and row["Max"] >= 1000  # kB
    profiler.set_config(profile_all=False, profile_memory=False)
    profiler.dumps(reset=True)
    mx.nd.ones((1000, 250))
    assert json.loads(profiler.dumps(format="json"))["Memory"] == {}


@pytest.mark.parametrize(("kind", "names"), [("imperative", {"_mul_scalar"}), ("symbolic", {"FullyConnected"})])
def test_kinds_of_operators(running, kind, names):
    net = mx.gluon.nn.Dense(2)
    net.initialize()
    net.hybridize()
    x = mx.nd.ones((2, 2))
    net(x)
    other = {"imperative": "symbolic", "symbolic": "imperative"}[kind]
    profiler.set_config(profile_all=False, **{f"profile_{kind}": True, f"profile_{other}": False})
    profiler.dumps(reset=True)
    net(x)
    x * 2  # noqa: B018
    assert set(rows()) == names


def test_a_counter_keeps_its_unit(running):
    # MXNet shows a thousandth, and half of the range as the average
    counter = profiler.Domain("domain").new_counter("counter", 5)
    counter.increment(4)
    (row,) = rows("domain").values()
    assert row == {"Count": 2, "Total": 9.0, "Min": 5.0, "Max": 9.0, "Avg": 7.0}


def test_the_file(running):
    task, frame = profiler.Domain("domain").new_task("task"), profiler.Domain("domain").new_frame("frame")
    task.start()
    frame.start()
    mx.nd.ones((2, 2)).wait_to_read()
    frame.stop()
    task.stop()
    profiler.Domain("domain").new_marker("marker").mark("global")
    profiler.dump(finished=False)
    first = json.loads(running.read_text())["traceEvents"]
    mx.nd.zeros((2, 2)).wait_to_read()
    profiler.dump()
    events = json.loads(running.read_text())["traceEvents"]
    assert len(events) > len(first) and {"_ones", "task", "frame", "marker"} <= {e["name"] for e in first}
    of = {(e["name"], e["ph"]): e for e in events}
    inside = [of["task", "b"], of["frame", "b"], of["_ones", "B"], of["_ones", "E"], of["frame", "e"], of["task", "e"]]
    moments = [e["ts"] for e in inside]
    # tasks and operators go by one clock, that of the system, to some microseconds
    assert all(after - before > -1000 for before, after in zip(moments, moments[1:], strict=False))
    assert of["marker", "i"]["s"] == "g" and abs(of["marker", "i"]["ts"] / 1e6 - time.time()) < 3600
    processes = {e["pid"]: e["args"]["name"] for e in events if e["ph"] == "M"}
    assert {processes[e["pid"]] for e in events if e["ph"] == "B"} == {"operator"}
    with pytest.raises(MXNetError, match="hasn't been run"):
        profiler.dump(finished=False)


def test_the_file_of_each_stop(running):
    mx.nd.ones((2, 2)).wait_to_read()
    profiler.set_state("stop")
    assert "_ones" in running.read_text()
    running.unlink()
    profiler.set_config(continuous_dump=False)
    profiler.set_state("run")
    profiler.set_state("stop")
    assert not running.exists()


def test_a_pause_lasts_until_resume(running):
    profiler.pause()
    profiler.dumps(reset=True)
    event = profiler.Event("event")
    event.start()
    event.stop()
    mx.nd.ones(1).wait_to_read()
    assert rows() == {} and rows("event") == {}
    profiler.set_state("stop")
    profiler.resume()
    assert not state.recording


def test_compiled_graphs_run_node_by_node(running):
    net = mx.gluon.nn.Dense(2)
    net.initialize()
    net.hybridize(backend="eager")
    net(mx.nd.ones((2, 2)))
    assert rows()["FullyConnected"]["Count"] >= 1


def test_another_thread_s_tasks(running):
    task = profiler.Domain("domain").new_task("task")

    def work():
        task.start()
        task.stop()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert rows("domain")["task"]["Count"] == 1


def test_nothing_is_left_behind(running):
    mx.nd.ones((2, 2)) * 2  # noqa: B018
    profiler.set_state("stop")
    assert watch.imperative is None and watch.symbolic is None
    for op, function in fast:
        held = function.__globals__
        if function.__closure__ is not None:
            cells = [cell.cell_contents for cell in function.__closure__]
            held = dict(zip(function.__code__.co_freevars, cells, strict=True))
        assert held["fn"] is op.fn and held.get("direct", op.fn) in (op.on_floats, op.fn)


def test_options():
    with pytest.raises(MXNetError, match="Cannot find argument 'other'"):
        profiler.set_config(other=1)
    with pytest.raises(MXNetError, match="Invalid Parameter format for dump_period expect float but value='x'"):
        profiler.set_config(dump_period="x")
    for call in (
        lambda: profiler.set_config(profile_process="server"), lambda: profiler.set_state("run", "server"),
        lambda: profiler.pause("server"), lambda: profiler.resume("server"), lambda: profiler.dump(True, "server"),
        lambda: profiler.set_kvstore_handle(1),
    ):  # fmt: skip
        with pytest.raises(UnsupportedError, match="server"):
            call()


def test_deprecated_names(running):
    with pytest.warns(UserWarning, match=r"profiler_set_config\(\) is deprecated"):
        profiler.profiler_set_config("imperative", str(running))
    assert state.options["profile_imperative"] and state.options["filename"] == str(running)
    with pytest.warns(UserWarning, match=r"dump_profile\(\) is deprecated"):
        profiler.dump_profile()
    assert running.exists()


PROGRAM = """
import mxgluon_compat as mx
mx.profiler.set_config(aggregate_stats=True)
mx.nd.ones((2, 2)).wait_to_read()
print(sorted(mx.profiler.Domain("d").new_task("t").__dict__))
"""


def test_a_program_that_starts_with_it(tmp_path, monkeypatch):
    monkeypatch.setenv("MXNET_PROFILER_AUTOSTART", "1")
    monkeypatch.setenv("MXNET_PROFILER_MODE", "1")
    monkeypatch.setenv("PYTHONPATH", str(pathlib.Path(mx.__file__).parent.parent))
    subprocess.run([sys.executable, "-c", PROGRAM], cwd=tmp_path, check=True, capture_output=True)
    events = json.loads((tmp_path / "profile.json").read_text())["traceEvents"]
    assert "_ones" in {e["name"] for e in events}


@pytest.mark.gpu
def test_kernels_of_a_gpu(running):
    a = mx.nd.ones((2000, 2000), ctx=mx.gpu())
    profiler.dumps(reset=True)
    mx.nd.dot(a, a).wait_to_read()
    memory = json.loads(profiler.dumps(format="json"))["Memory"]["Device Storage"]
    assert rows()["dot"]["Count"] == 1 and "Memory: gpu/0" in memory
