"""Writes tests/golden/contrib_tensorboard.json: what MXNet's LogMetricsCallback calls of its SummaryWriter.

The writer is a stand-in that notes the calls.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.contrib_tensorboard
"""

import contextlib
import sys
import types

from tests.oracle.callback import logged, metric, param
from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.scenario import write


class Writer:
    """Notes how it is made and called."""

    calls = []

    def __init__(self, *args, **kwargs):
        self.calls.append(["SummaryWriter", args, kwargs])

    def add_scalar(self, *args, **kwargs):
        self.calls.append(["add_scalar", args, kwargs])


@contextlib.contextmanager
def installed(**modules):
    """These are what ``import`` finds; those that are None it does not."""
    modules = {name.replace("__", "."): module for name, module in modules.items()}
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def board(writer=Writer):
    """A module that holds a writer."""
    found = types.ModuleType("board")
    found.SummaryWriter = writer
    return found


def noted(run):
    Writer.calls = calls = []
    run()
    return calls


def broken(folder):
    raise RuntimeError("no room on %s" % folder)


def calls(mx, put):
    made = mx.contrib.tensorboard.LogMetricsCallback
    with installed(mxboard=board()):
        put("made", noted(lambda: made("logs")))
        put("attributes", sorted(vars(made("logs", prefix="train"))))
        for prefix in (None, "train", "", "a-b"):
            callback = made("logs", prefix)
            for name in (("acc", "ce"), "acc"):
                of = metric(mx, name)
                key = "prefix=%r, %s" % (prefix, name)
                put(key, noted(lambda callback=callback, of=of: callback(param(mx, 5, of))))
                put(key + ", the metric after it", [of.get(), of.get_global()])
        callback = made("logs")
        put(
            "several",
            noted(lambda: [callback(param(mx, n, metric(mx, "acc"), epoch)) for n, epoch in ((0, 0), (7, 1))]),
        )
        put("no metric", noted(lambda: callback(param(mx, 0, None))))
        put("empty metric", noted(lambda: callback(param(mx, 0, mx.metric.create("acc")))))
        put("gives", callback(param(mx, 0, metric(mx, "acc"))))
        put("no folder", kind(made))
    with installed(mxboard=board(broken)):
        put("the writer fails", attempt(made, "logs"))


def training(mx, put):
    data = mx.io.NDArrayIter(mx.nd.arange(8).reshape((4, 2)), mx.nd.array([0, 1, 0, 1]), batch_size=2)
    net = mx.sym.SoftmaxOutput(mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=2), name="softmax")
    with installed(mxboard=board()):
        train, valid = (mx.contrib.tensorboard.LogMetricsCallback("logs", p) for p in ("train", "valid"))
        module = mx.mod.Module(net)
        put(
            "fit",
            noted(
                lambda: module.fit(
                    data, data, batch_end_callback=train, eval_end_callback=valid, initializer=mx.init.One(),
                    num_epoch=2, kvstore=None,
                )
            ),
        )  # fmt: skip


def absent(mx, put):
    made = mx.contrib.tensorboard.LogMetricsCallback
    with installed(mxboard=None, torch__utils__tensorboard=None), logged() as lines:
        callback = made("logs", "train")
        put("log lines", [[level, text.split(". ")[0].rstrip(".")] for level, _, text in lines])
        put("prefix", callback.prefix)
        put("no metric", attempt(callback, param(mx, 0, None)))
        put("called", attempt(callback, param(mx, 0, metric(mx))))


PARTS = [calls, training, absent]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("contrib_tensorboard", check_complete(results(mxnet)))
