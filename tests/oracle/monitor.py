"""Writes tests/golden/monitor.json: what MXNet's Monitor finds in executors.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.monitor
"""

import numpy as np

from tests.oracle.callback import logged
from tests.oracle.gluon_common import check_complete, collect, kind
from tests.oracle.scenario import attempt, write


def graph(mx):
    """Of two layers and BatchNorm; no operator works in the memory of its input, which MXNet would show changed."""
    sym = mx.sym
    first = sym.FullyConnected(sym.var("data"), num_hidden=3, name="fc1")
    normed = sym.BatchNorm(first, fix_gamma=False, name="bn")
    second = sym.FullyConnected(normed, num_hidden=2, name="fc2")
    return sym.LeakyReLU(second, name="out")


def bound(mx, net=None):
    executor = (graph(mx) if net is None else net).simple_bind(mx.cpu(), data=(2, 4))
    for i, (_, array) in enumerate(sorted(executor.arg_dict.items())):
        array[:] = mx.nd.array(np.arange(array.size).reshape(array.shape) % 5 * 0.25 * (i + 1))
    for array in executor.aux_dict.values():
        array[:] = 1
    return executor


def shown(rows):
    """Rows of the forward graph: torch has no graph of operators for backward. Numbers as numbers."""
    hidden = ("bn_mean", "bn_var")  # what BatchNorm keeps for its backward
    return [
        [step, name, _numbers(text)]
        for step, name, text in rows
        if "backward" not in name and "_head" not in name and name not in hidden
    ]


def _numbers(text):
    try:
        return [float(part) for part in text.split("\t")[:-1]]
    except ValueError:
        return text


STATS = {
    "default": None,
    "sum": lambda x: x.sum(),
    "two": lambda x: [x.sum(), x.max()],
    "a row": lambda x: x.reshape((-1,))[:2],
    "mean of squares": lambda x: (x * x).mean(),
}


def installed(mx, put):
    for name, options in {
        "default": {}, "interval=2": {"interval": 2}, "interval=3, sort": {"interval": 3, "sort": True},
        "pattern": {"pattern": "fc.*"}, "pattern of parameters": {"pattern": ".*weight|.*bias"}, "sort": {"sort": True},
        "pattern in the middle": {"pattern": "c1"}, "all": {"monitor_all": True},
        "all, sort, pattern": {"monitor_all": True, "sort": True, "pattern": ".*data|.*gamma"},
    }.items():  # fmt: skip
        monitor = mx.monitor.Monitor(**dict({"interval": 1}, **options))
        executor, rows = bound(mx), []
        monitor.install(executor)
        for _ in range(4):
            monitor.tic()
            executor.forward()
            rows.append(shown(monitor.toc()))
        put(name, rows)
    for name in sorted(STATS):
        monitor = mx.monitor.Monitor(1, STATS[name])
        executor = bound(mx)
        monitor.install(executor)
        monitor.tic()
        executor.forward()
        put("stat_func, %s" % name, shown(monitor.toc()))


def training(mx, put):
    monitor = mx.monitor.Monitor(1)
    executor = bound(mx)
    monitor.install(executor)
    monitor.tic()
    executor.forward(is_train=True)
    executor.backward([mx.nd.ones((2, 2))])
    put("rows", [row for row in shown(monitor.toc()) if not row[1].startswith("bn_moving")])


def printed(mx, put):
    monitor = mx.monitor.Monitor(1, pattern="fc1.*|out.*")
    executor = bound(mx)
    monitor.install(executor)
    for is_train in (False, True):
        with logged() as lines:
            monitor.tic()
            executor.forward(is_train=is_train)
            put("result, %s" % is_train, monitor.toc_print())
        put("lines, %s" % is_train, [[level, of, text[:46], _numbers(text[46:])] for level, of, text in lines])
    with logged() as lines:
        monitor.toc_print()
    put("without tic", lines)


def states(mx, put):
    monitor = mx.monitor.Monitor(2, sort=True)
    put("attributes", {k: v for k, v in vars(monitor).items() if isinstance(v, (bool, int, list))})
    put("pattern", monitor.re_prog.pattern)
    put("toc before tic", monitor.toc())
    monitor.tic()
    put("after tic", [monitor.activated, monitor.step, monitor.queue])
    put("nothing installed", [monitor.toc(), monitor.activated, monitor.toc()])
    monitor.tic()
    put("not its turn", [monitor.activated, monitor.step, monitor.toc()])
    monitor = mx.monitor.Monitor(1)
    first, second = bound(mx), bound(mx)
    monitor.install(first)
    monitor.install(second)
    first.forward()
    monitor.tic()
    first.forward()
    second.forward()
    second.forward()
    put("two executors", shown(monitor.toc()))
    put("exes", len(monitor.exes))
    put("default stat", mx.monitor.Monitor(1).stat_func(mx.nd.array([[3, -4.0], [0, 0]])))


def texts(mx, put):
    executor = bound(mx)
    for dtype in ("float16", "float32", "float64", "int32"):
        values = [mx.nd.array(v, dtype=dtype) for v in ([0.1], [1e-7], [12.5], [0.1, 0.2], [[0.1]])]
        monitor = mx.monitor.Monitor(1, lambda x, values=values: values, pattern="data")
        monitor.install(executor)
        monitor.tic()
        put(dtype, monitor.toc())


def errors(mx, put):
    monitor = mx.monitor.Monitor(0)
    put("interval=0", kind(monitor.tic))
    put("installed on something else", kind(mx.monitor.Monitor(1).install, 3))
    put("a Block", kind(mx.monitor.Monitor(1).install, mx.gluon.nn.Dense(2)))
    put("pattern", kind(mx.monitor.Monitor, 1, pattern="("))
    monitor = mx.monitor.Monitor(1, lambda x: 3)
    monitor.install(bound(mx))
    monitor.tic()
    put("no array", kind(monitor.toc))
    put("mon", attempt(lambda: mx.mon is mx.monitor))


PARTS = [installed, training, printed, states, texts, errors]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("monitor", check_complete(results(mxnet)))
