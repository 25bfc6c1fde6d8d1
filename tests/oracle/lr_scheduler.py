"""Writes tests/golden/lr_scheduler.json: learning rates, log messages and refusals of MXNet's schedulers.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.lr_scheduler
"""

import logging

from tests.oracle.scenario import attempt, plain, write

WARMUP = {"warmup_steps": 4, "warmup_begin_lr": 0.02}
CASES = [
    ("LRScheduler", {}),
    ("LRScheduler", {"base_lr": 0.1, "warmup_steps": 2, "warmup_begin_lr": 0.2}),
    ("LRScheduler", {"warmup_begin_lr": 0.02}),
    ("LRScheduler", {"warmup_steps": -1}),
    ("LRScheduler", {"warmup_mode": "x"}),
    ("LRScheduler", dict(WARMUP, base_lr=0.1)),
    ("FactorScheduler", {"step": 3, "factor": 0.5, "stop_factor_lr": 0.02, "base_lr": 0.1}),
    ("FactorScheduler", dict(WARMUP, step=2, factor=0.3, base_lr=0.1)),
    ("FactorScheduler", dict(WARMUP, step=2, factor=0.3, base_lr=0.1, warmup_mode="constant")),
    ("FactorScheduler", {"step": 1}),
    ("FactorScheduler", {"step": 2.5, "factor": 0.9}),
    ("FactorScheduler", {"step": 0}),
    ("FactorScheduler", {"step": 1, "factor": 1.1}),
    ("MultiFactorScheduler", {"step": [3, 5, 9], "factor": 0.5, "base_lr": 0.1}),
    ("MultiFactorScheduler", dict(WARMUP, step=[5, 6], factor=0.5, base_lr=0.1)),
    ("MultiFactorScheduler", {"step": [3, 1]}),
    ("MultiFactorScheduler", {"step": [1, 1]}),
    ("MultiFactorScheduler", {"step": [0, 1]}),
    ("MultiFactorScheduler", {"step": [1, 2], "factor": 2}),
    ("PolyScheduler", {"max_update": 10, "base_lr": 0.1, "final_lr": 0.01, "pwr": 1.5}),
    ("PolyScheduler", dict(WARMUP, max_update=10, base_lr=0.1)),
    ("PolyScheduler", {"max_update": 0}),
    ("CosineScheduler", {"max_update": 10, "base_lr": 0.1, "final_lr": 0.01}),
    ("CosineScheduler", dict(WARMUP, max_update=10, base_lr=0.1)),
    ("CosineScheduler", {"max_update": 0}),
    ("CosineScheduler", {"max_update": 5, "warmup_steps": 5}),
]
NO_TEXT = [
    ("LRScheduler", {"warmup_steps": 2.5}),
    ("MultiFactorScheduler", {"step": []}),
    ("MultiFactorScheduler", {"step": (1, 3)}),
    ("PolyScheduler", {"max_update": 3.0}),
    ("CosineScheduler", {"max_update": 3.0}),
]


class Messages(logging.Handler):
    def __init__(self):
        super().__init__()
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


def follow(make, updates):
    """Rates at these updates, the messages logged, and the scheduler's state after."""
    handler, root = Messages(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        scheduler = make()
        rates = [attempt(scheduler, n) for n in updates]
        return [plain(rates), handler.texts, plain(vars(scheduler))]
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def results(mx):
    found = {}
    for name, arguments in CASES:
        for order, updates in (("in order", range(16)), ("jumping", [0, 5, 11, 3, 10, 40, 12])):
            key = "%s(%s) %s" % (name, ", ".join("%s=%s" % kv for kv in sorted(arguments.items())), order)
            found[key] = attempt(follow, lambda: getattr(mx.lr_scheduler, name)(**arguments), updates)
    for name, arguments in NO_TEXT:
        key = "%s(%s) refused" % (name, ", ".join("%s=%s" % kv for kv in sorted(arguments.items())))
        found[key] = attempt(getattr(mx.lr_scheduler, name), **arguments)["raises"]
    scheduler = mx.lr_scheduler.LRScheduler(warmup_steps=4)
    found["warmup over"] = attempt(scheduler.get_warmup_lr, 7)["raises"]
    scheduler.warmup_mode = "zz"
    found["unknown mode"] = attempt(scheduler.get_warmup_lr, 1)
    return found


if __name__ == "__main__":
    import mxnet

    write("lr_scheduler", results(mxnet))
