"""Writes tests/golden/profiler.json: what MXNet's profiler counts, its layout, its errors. No time is compared.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.profiler
"""

import json
import os
import re
import tempfile

import numpy as np

from tests.oracle.gluon_common import check_complete, collect, kind, warned
from tests.oracle.scenario import write

TRACE = os.path.join(tempfile.mkdtemp(), "trace.json")  # each part has a current folder to itself
# Parts of MXNet's engine, which are no operators.
ENGINE = ("CopyCPU2CPU", "DeleteVariable", "Reorder", "Resource", "SetValueOp", "SetupExec")


def net(mx):
    block = mx.gluon.nn.HybridSequential()
    block.add(mx.gluon.nn.Conv2D(4, 3), mx.gluon.nn.BatchNorm(), mx.gluon.nn.Dense(3, activation="relu"))
    block.initialize()
    block(mx.nd.ones((2, 3, 8, 8))).wait_to_read()
    return block


def counted(mx, section="operator"):
    """{operator: how often}, from the JSON; starts anew."""
    mx.nd.waitall()
    found = json.loads(mx.profiler.dumps(reset=True, format="json"))["Time"].get(section, {})
    return {name: row["Count"] for name, row in found.items() if not name.startswith(ENGINE)}


def operators(mx, put):
    profiler = mx.profiler
    block, x = net(mx), mx.nd.ones((2, 3, 8, 8))
    mx.nd.waitall()
    profiler.dumps(reset=True)
    block(x)
    put("a Block", counted(mx))
    block.hybridize()
    block(x)
    counted(mx)
    for _ in range(3):
        block(x)
    put("a hybridized Block", counted(mx))
    with mx.autograd.record():
        y = block(x).sum()
    y.backward()
    put("its backward", {n: c for n, c in counted(mx).items() if "mul" not in n and "ones" not in n})
    a, b = mx.nd.ones((2, 2)), mx.nd.ones((2, 2)) * 3
    counted(mx)
    (a + b) * 2 - a / b
    mx.nd.dot(a, b)
    mx.nd.softmax(a)
    mx.nd.concat(a, b, dim=0)
    put("arrays", counted(mx))
    sym = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=2, name="fc")
    executor = sym.simple_bind(mx.cpu(), data=(2, 2))
    counted(mx)
    executor.forward(is_train=False)
    put("an executor", counted(mx))
    profiler.pause()
    a + b
    mx.nd.waitall()
    put("pause", counted(mx))
    profiler.resume()
    a + b
    put("resume", counted(mx))


def started(mx, put):
    """MXNet's profiler is set up once: of a second time it makes nothing, or a file that is no JSON."""
    profiler = mx.profiler
    put("before", profiler.dumps())
    found = [profiler.set_config(profile_all=True, aggregate_stats=True, filename=TRACE)]
    put("results", found + [profiler.set_state("run")])


def scopes(mx, put):
    profiler = mx.profiler
    profiler.dumps(reset=True)
    domain = profiler.Domain("domain")
    task, frame, event = domain.new_task("task"), domain.new_frame("frame"), profiler.Event("event")
    for _ in range(3):
        for span in (task, frame, event):
            span.start()
            span.stop()
    task.stop()
    counter, marker = domain.new_counter("counter", 5), domain.new_marker("marker")
    counter += 3
    counter -= 1
    counter.increment()
    counter.increment(4)
    counter.decrement(2)
    counter.decrement()
    counter.set_value(20)
    for scope in ("process", "thread", "global", "task", "marker"):
        marker.mark(scope)
    put("names", [str(x) for x in (domain, task, frame, event, counter)] + [marker.name, marker.domain is domain])
    put("classes", [type(x).__name__ for x in (domain, task, frame, event, counter, marker)])
    put(
        "made by hand",
        [str(profiler.Task(domain, "t")), str(profiler.Frame(domain, "f")), str(profiler.Counter(domain, "c"))],
    )
    found = json.loads(profiler.dumps(reset=True, format="json"))
    wanted = ("domain", "domain,frame", "domain,instant_marker", "event")
    put("counts", {s: {n: r["Count"] for n, r in found["Time"][s].items()} for s in wanted})
    put("keys", [sorted(found["Time"]["domain"]["task"]), found["Unit"], sorted(found)])
    put("scope", kind(marker.mark, "other"))
    put("no number", kind(domain.new_counter, "x", "a"))
    put("no domain", kind(profiler.Counter, "domain", "x"))


def table(mx, put):
    profiler = mx.profiler
    mx.nd.waitall()
    profiler.dumps(reset=True)
    for _ in range(3):
        mx.nd.broadcast_add(mx.nd.ones((2, 2)), mx.nd.ones((2, 2)))
    mx.nd.ElementWiseSum(mx.nd.ones(1), mx.nd.ones(1))
    event = profiler.Event("a name that is too long for its column")
    event.start()
    event.stop()
    mx.nd.waitall()
    text = re.sub(r"\d+\.\d{4}", "0.0000", profiler.dumps())
    text = re.sub(r" +0\.0000", lambda m: " " * (len(m.group()) - 6) + "0.0000", text)
    sections = dict(re.findall(r"^(\S.*)\n=+\n((?:.+\n)+)", text, re.M))
    put("head", text.split("Device Storage")[0].split("MXNET_C_API")[0])
    put("sections", [s for s in sections if s not in ("MXNET_C_API",)])
    rows = {s: [row for row in t.split("\n") if not row.startswith(ENGINE)] for s, t in sections.items()}
    put("rows", {s: sorted(re.sub(r"\d", "0", r) for r in rows[s]) for s in ("event",)})
    put("titles", {s: t.split("\n")[:2] for s, t in sections.items() if s != "MXNET_C_API"})
    put("an operator's row", sorted(len(row) for row in rows["operator"] if row.startswith(("_ones", "broadcast_add"))))
    put("ends", [text.endswith("\n\n"), text.startswith("\nProfile")])
    for key in ("total", "avg", "min", "max", "count"):
        for ascending in (False, True):
            found = json.loads(profiler.dumps(format="json", sort_by=key, ascending=ascending))["Time"]["operator"]
            values = [row[key.capitalize()] for row in found.values()]
            put("sort_by=%s, %s" % (key, ascending), values == sorted(values, reverse=not ascending))
    put("reset", counted(mx) and counted(mx))
    for name, options in (
        ("format", {"format": "xml"}), ("sort_by", {"sort_by": "name"}), ("reset", {"reset": 3}),
        ("ascending", {"ascending": 5}),
    ):  # fmt: skip
        put("bad " + name, kind(profiler.dumps, **options))


def custom_operators(mx, put):
    class Plus(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            mx.nd.zeros((3, 3))
            self.assign(out_data[0], req[0], in_data[0] + 1)

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            self.assign(in_grad[0], req[0], out_grad[0] * 1)

    class PlusProp(mx.operator.CustomOpProp):
        def create_operator(self, ctx, in_shapes, in_dtypes):
            return Plus()

    for name in ("profiled_one", "profiled_two"):
        mx.operator.register(name)(type(name, (PlusProp,), {}))
    x = mx.nd.ones((2, 2))
    x.attach_grad()
    counted(mx)

    def rows():
        found = counted(mx, "Custom Operator")
        return {k: n for k, n in found.items() if k.split("::")[1] and not k.split("::")[1].startswith(ENGINE)}

    mx.nd.Custom(x, op_type="profiled_one")
    put("arrays", rows())
    with mx.autograd.record():
        y = mx.nd.Custom(x, op_type="profiled_one")
    y.backward()
    put("its backward", rows())
    data = mx.sym.var("x")
    nodes = [mx.sym.Custom(data, op_type=name) for name in ("profiled_one", "profiled_two")]
    mx.sym.Group(nodes).bind(mx.cpu(), {"x": x}).forward()
    put("an executor", rows())
    mx.nd.Custom(x, op_type="profiled_one")
    put("no row of its own", "Custom" in counted(mx))


def finished(mx, put):
    profiler = mx.profiler
    profiler.dumps(reset=True)
    mx.nd.ones((2, 2)) * np.float32(2)
    mx.nd.waitall()
    task = profiler.Domain("last").new_task("last task")
    task.start()
    task.stop()
    profiler.set_state("stop")
    mx.nd.ones(2) + 1
    put("after stop", counted(mx))
    put("result", profiler.dump())
    with open(TRACE) as file:
        trace = json.load(file)
    put("trace", sorted(trace))
    events = [e for e in trace["traceEvents"] if e["name"] in ("_mul_scalar", "last task")]
    put("task", [[e["name"], e["cat"], e["ph"]] for e in events if e["name"] == "last task"])
    put("operators", sorted({(e["name"], e["cat"], e["ph"]) for e in events if e["ph"] in "BE"}))
    put("keys", sorted(set(events[-1]) - {"id"}))
    put("again", kind(profiler.dump, False))


def errors(mx, put):
    profiler = mx.profiler
    functions = (profiler.set_state, profiler.pause, profiler.resume, profiler.dump)
    put("state", kind(profiler.set_state, "other"))
    put("process", [kind(f, profile_process="other") for f in functions])
    put("option", kind(profiler.set_config, other=1))
    put("values", [kind(profiler.set_config, **o) for o in (
        {"profile_all": "x"}, {"dump_period": "x"}, {"profile_process": "other"}, {"gpu_memory": 1})])  # fmt: skip
    put("old mode", kind(profiler.profiler_set_config, "other"))
    put("old state", warned(profiler.profiler_set_state, "stop"))
    put("handle", profiler.set_kvstore_handle(None))
    put("stop twice", profiler.set_state("stop"))


PARTS = [started, scopes, table, operators, custom_operators, finished, errors]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("profiler", check_complete(results(mxnet)))
