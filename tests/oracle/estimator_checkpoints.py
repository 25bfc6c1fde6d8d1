"""Writes tests/golden/estimator_checkpoints.json: which files CheckpointHandler writes, and how training goes on.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHONPATH=. PYTHON -m tests.oracle.estimator_checkpoints
"""

import json
import os
import re

from tests.oracle.estimator_common import (
    dense,
    loader,
    made,
    settings,
    spy,
    tolerance,  # noqa: F401 - for the test
    values,
    weights,
)
from tests.oracle.gluon_common import attempt, check_complete, collect, kind, warned
from tests.oracle.scenario import write


def files(folder):
    """The files, without the one in which we keep the best value."""
    return sorted(name for name in os.listdir(str(folder)) if not name.endswith("-best.json"))


def masked(record):
    """Log lines without what MXNet gets wrong: batches one too many, the former best value, a batch for the epoch."""
    found = []
    for entry in record:
        if entry[0] == "log" and "CheckpointHandler: " in entry[2]:
            text = re.sub(r"trained total \d+", "trained total ?", entry[2])
            if "improve" in text:
                text = re.sub(r"^\[Epoch \d+\]", "[Epoch ?]", text).replace("from -#", "from #")
            entry = entry[:2] + [text, entry[3][-1:]]
        found.append(entry)
    return found


def looking(mx, record, folder, every_batch=False):
    """A handler that records what is in the folder, behind all others of priority 0."""
    module = mx.gluon.contrib.estimator

    def look(event):
        return lambda self, *args, **kwargs: record.append([event, files(folder)])

    bases = (module.EpochEnd,) + ((module.BatchEnd,) if every_batch else ())
    return type("Looking", bases, {"epoch_end": look("epoch_end"), "batch_end": look("batch_end"), "priority": 10})()


def go(mx, folder, plan, hybrid=False, rows=12, monitor=None, validated=False, extra=(), **options):
    """A run with a CheckpointHandler: what it logs, writes, and is in the end."""
    record = []
    estimator = made(mx, record, dense(mx, hybrid=hybrid), momentum=0.9)
    if monitor:
        options["monitor"] = getattr(estimator, monitor[0])[monitor[1]]
    handler = mx.gluon.contrib.estimator.CheckpointHandler(folder, **options)
    look = looking(mx, record, folder, bool(options.get("batch_period")))
    result = attempt(
        estimator.fit,
        loader(mx, rows),
        loader(mx, 4, seed=1) if validated else None,
        event_handlers=[handler, look] + [h(record) for h in extra],
        **plan,
    )
    shown = settings(mx, handler)
    if options.get("resume_from_checkpoint"):
        shown.pop("saved_checkpoints")  # MXNet forgets those of the run before
    return {
        "result": result,
        "log": masked(record),
        "handler": shown,
        "files": files(folder),
        "plan": [getattr(estimator, name, "unset") for name in ("max_epoch", "max_batch")],
        "metrics": values(estimator.train_metrics),
        "weights": weights(estimator.net),
        "updates": estimator.trainer.optimizer.num_update,
    }


def put_run(put, name, found):
    put(name + " log", found.pop("log"))
    put(name, found)


def writing(mx, put):
    batches = {"epoch_period": None, "batch_period": 2}
    runs = {
        "plain": ({"epochs": 3}, {}),
        "hybridized": ({"epochs": 2}, {"hybrid": True, "verbose": 1}),
        "two at most": ({"epochs": 3}, {"max_checkpoints": 2}),
        "none at all": ({"epochs": 2}, {"max_checkpoints": 0}),
        "fewer than none": ({"epochs": 2}, {"max_checkpoints": -1}),
        "every second epoch": ({"epochs": 5}, {"epoch_period": 2, "verbose": 2}),
        "epochs and batches": ({"epochs": 2}, {"batch_period": 2, "verbose": 1}),
        "batches": ({"epochs": 2}, batches),
        "batches, one at most": ({"batches": 7}, dict(batches, max_checkpoints=1, verbose=1)),
        "every third batch": ({"epochs": 2}, {"batch_period": 3}),
        "never": ({"batches": 7}, {"epoch_period": None}),
        "prefix": ({"epochs": 1}, {"model_prefix": "my model", "hybrid": True}),
        "best, larger": ({"epochs": 3}, {"save_best": True, "mode": "max", "monitor": ("train_metrics", 1)}),
        "best, smaller": ({"epochs": 3}, {"save_best": True, "mode": "min", "monitor": ("train_metrics", 1)}),
        "best accuracy": (
            {"epochs": 3},
            {"save_best": True, "mode": "max", "monitor": ("train_metrics", 0), "hybrid": True},
        ),
        "best of validation": (
            {"epochs": 3},
            {"save_best": True, "mode": "min", "monitor": ("val_metrics", 1), "validated": True},
        ),
        "best, after batches": (
            {"epochs": 1},
            {"save_best": True, "mode": "min", "monitor": ("train_metrics", 1), "batch_period": 2},
        ),
        "only the latest and the best": (
            {"epochs": 3},
            {"save_best": True, "mode": "max", "monitor": ("train_metrics", 1), "max_checkpoints": 1},
        ),
        "monitor without best": ({"epochs": 1}, {"mode": "max", "monitor": ("train_metrics", 1)}),
    }
    for number, (name, (plan, options)) in enumerate(runs.items()):
        options.setdefault("verbose", 1 if options.get("save_best") else 0)
        put_run(put, name, go(mx, "w%d" % number, plan, **options))
    put("best of nothing", kind(
        go, mx, "x", {"epochs": 1}, save_best=True, mode="min", monitor=("val_metrics", 1)))  # fmt: skip


def symbols(mx, put):
    gluon, module = mx.gluon, mx.gluon.contrib.estimator

    def saved(name, net, run=True):
        record = []
        estimator = made(mx, record, net)
        if run:
            net(mx.nd.ones((1, 5)))
        module.CheckpointHandler(name)._save_symbol(estimator)
        path = "%s/model-symbol.json" % name
        graph = None
        if os.path.exists(path):
            with open(path) as file:
                graph = [n["name"] for n in json.load(file)["nodes"]]
        put(name, [record, graph, os.listdir(name)])

    saved("plain", dense(mx))
    saved("hybridized", dense(mx, hybrid=True))
    saved("hybridized, not run", dense(mx, hybrid=True), run=False)
    data = mx.sym.var("data")
    block = gluon.SymbolBlock(mx.sym.FullyConnected(data, num_hidden=3, name="fc"), [data])
    block.initialize(mx.init.One())
    saved("symbol block", block)
    sequential = gluon.nn.Sequential(prefix="s_")
    sequential.add(gluon.nn.Dense(3, in_units=5))
    sequential.initialize(mx.init.One())
    sequential.hybridize()
    saved("sequential", sequential)


def overriding(mx, put):
    """What a subclass of CheckpointHandler is asked, and with what."""
    record = []

    class Own(mx.gluon.contrib.estimator.CheckpointHandler):
        def _save_checkpoint(self, estimator):
            record.append(["checkpoint", self.current_batch, self.current_epoch])
            super()._save_checkpoint(estimator)

        def _save_params_and_trainer(self, estimator, file_prefix):
            record.append(["files", file_prefix])
            super()._save_params_and_trainer(estimator, file_prefix)

        def _save_symbol(self, estimator):
            record.append("symbol")
            super()._save_symbol(estimator)

        def _resume_from_checkpoint(self, estimator):
            record.append("resume")
            super()._resume_from_checkpoint(estimator)

    for name, more in (("from scratch", {}), ("resumed", {"resume_from_checkpoint": True})):
        estimator = made(mx, [])
        handler = Own("own", monitor=estimator.train_metrics[1], save_best=not more, mode="max", **more)
        estimator.fit(loader(mx, 8), epochs=4 if more else 2, event_handlers=[handler])
        put(name, record[:])
        record.clear()


def resuming(mx, put):
    on = {"resume_from_checkpoint": True, "verbose": 1, "max_checkpoints": 9}
    batches = {"epoch_period": None, "batch_period": 2}

    def run(name, folder, plan, **options):
        put_run(put, name, go(mx, folder, plan, **options))

    run("whole", "whole", {"epochs": 5})
    run("first part", "parts", {"epochs": 2})
    run("second part", "parts", {"epochs": 5}, **on)
    run("all is done", "parts", {"epochs": 5}, **on)
    run("more than all is done", "parts", {"epochs": 3}, **on)
    run("one more", "parts", {"epochs": 6}, hybrid=True, **on)
    run("from scratch", "scratch", {"epochs": 2}, **on)
    run("from scratch, second part", "scratch", {"epochs": 3}, **on)
    run("batches, whole", "bwhole", {"batches": 9}, **batches)
    run("batches, first part", "bparts", {"batches": 5}, **batches)
    run("batches, second part", "bparts", {"batches": 9}, **dict(on, **batches))
    run("batches, done", "bparts", {"batches": 8}, **dict(on, **batches))
    run("batches, more than done", "bparts", {"batches": 3}, **dict(on, **batches))
    run("batches, from scratch", "bscratch", {"batches": 5}, **dict(on, **batches))
    for plan in ({"epochs": 2}, {"batches": 2}):
        for periods in ({}, {"epoch_period": None}, {"batch_period": 1}, {"epoch_period": None, "batch_period": 1}):
            name = "%s with %s" % (sorted(plan), sorted(periods.items()))
            put(name, go(mx, "kinds", plan, resume_from_checkpoint=True, **periods)["result"])
    for ending in ("states", "params"):
        folder = "no " + ending
        go(mx, folder, {"epochs": 2})
        os.remove("%s/model-epoch1batch6.%s" % (folder, ending))
        found = go(mx, folder, {"epochs": 3}, **on)
        if ending == "states":
            found.pop("plan")  # MXNet counts the epochs off before it looks for the states
        put_run(put, folder, found)


def finding(mx, put):
    """Which checkpoint is the last one."""
    module = mx.gluon.contrib.estimator
    sets = (
        (), ("0batch3", "12batch1", "2batch100", "2batch99"), ("0batch3", "2batch100", "2batch99"),
        ("3batch3", "2batch5"), ("3",), ("XbatchY",), ("3batchY",),
    )  # fmt: skip
    others = ("model-best", "model-b-epoch9batch9", "model2-epoch9batch9", "mymodel-epoch9batch9", "model-0009")
    number = 0
    for names in sets:
        for periods in ({"epoch_period": 1}, {"epoch_period": None, "batch_period": 1}):
            number += 1
            folder = "f%d" % number
            estimator = made(mx, [])
            handler = module.CheckpointHandler(folder, resume_from_checkpoint=True, **periods)
            for name in ["model-epoch" + n for n in names] + list(others):
                estimator.net.save_parameters("%s/%s.params" % (folder, name))
                estimator.trainer.save_states("%s/%s.states" % (folder, name))
            by_epochs = periods["epoch_period"]
            estimator.max_epoch, estimator.max_batch = (1000, None) if by_epochs else (None, 1000)
            result = attempt(handler.train_begin, estimator)
            found = [getattr(handler, name, "unset") for name in ("trained_epoch", "trained_batch")]
            put("%s by %s" % (names, "epochs" if by_epochs else "batches"), [
                result, found, estimator.max_epoch, estimator.max_batch])  # fmt: skip
    handler = module.CheckpointHandler("empty")
    for names in ((), ("model-epoch1batch2.params", "model-epoch3batch1.params", "model-epoch9batch9.states")):
        for name in names:
            open("empty/" + name, "w").close()
        for start, end in (("epoch", "batch"), ("batch", ".params"), ("x", "y")):
            put("%d files, %s to %s" % (len(names), start, end), attempt(
                handler._find_max_iteration, "empty", "model-epoch", start, end))  # fmt: skip


def beginning(mx, put):
    """A handler that is used twice."""
    module = mx.gluon.contrib.estimator
    estimator = made(mx, [])
    handler = module.CheckpointHandler("twice", monitor=estimator.train_metrics[1], save_best=True, mode="min")
    put("made", settings(mx, handler))
    for _ in range(2):
        estimator.fit(loader(mx, 8), epochs=2, event_handlers=[handler])
    put("run twice", [handler.current_batch, handler.current_epoch, handler.best])
    handler.train_begin(estimator)
    put("begun again", [handler.current_batch, handler.current_epoch, str(handler.best)])
    put("spied", warned(lambda: go(mx, "spied", {"epochs": 1}, extra=[lambda record: spy(mx, record)])["files"]))


PARTS = (writing, symbols, overriding, resuming, finding, beginning)


def results(mx):
    return check_complete(collect(mx, PARTS))


if __name__ == "__main__":
    import mxnet

    write("estimator_checkpoints", results(mxnet))
