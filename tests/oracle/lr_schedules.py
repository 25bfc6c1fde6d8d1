"""Writes tests/golden/lr_schedules.json: the rates of MXNet's schedulers for all combinations of their arguments, after
changes of ``base_lr``, with jumps, and inside optimizers.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.lr_schedules
"""

import itertools
import warnings

from tests.oracle.lr_scheduler import follow
from tests.oracle.scenario import attempt, plain, write

WARMUPS = [
    {},
    {"warmup_steps": 4},
    {"warmup_steps": 4, "warmup_begin_lr": 0.02},
    {"warmup_steps": 3, "warmup_begin_lr": 0.05, "warmup_mode": "constant"},
]
ARGUMENTS = {
    "FactorScheduler": {"step": (1, 3), "factor": (0.5, -0.5), "stop_factor_lr": (1e-8, 0.03)},
    "MultiFactorScheduler": {"step": ([2], [3, 5, 9]), "factor": (0.5, 1)},
    "PolyScheduler": {"max_update": (8, 3), "pwr": (2, 0.5), "final_lr": (0, 0.5)},
    "CosineScheduler": {"max_update": (8, 3), "final_lr": (0, 0.01)},
}
UPDATES = [*range(10), 0, 5, 40, 2]


def combinations(arguments):
    return [dict(zip(arguments, values)) for values in itertools.product(*arguments.values())]


def short(value):
    """Numbers in 12 digits: another library's ``cos`` may round otherwise."""
    if isinstance(value, float):
        return float("%.12g" % value)
    return [short(v) for v in value] if isinstance(value, list) else value


def rates(make):
    """[rates of UPDATES, rates after base_lr was set], and of the messages their number and the last one."""
    scheduler = None

    def made():
        nonlocal scheduler
        scheduler = make()
        return scheduler

    found, messages, state = follow(made, UPDATES)
    scheduler.base_lr = 0.2
    later, more, _ = follow(lambda: scheduler, [1, 7, 41, 60])
    told = messages + more
    return short([found, later, len(told), told[-1:], sorted(state)])


def trained(mx, scheduler, **options):
    """learning_rate and num_update of an optimizer along some updates, the weights after them."""
    optimizer = mx.optimizer.SGD(lr_scheduler=scheduler, **options)
    update = mx.optimizer.get_updater(optimizer)
    weights, seen = [mx.nd.ones(2), mx.nd.ones(2)], [optimizer.learning_rate]
    for index in (0, 1, 0, 1, 0, 0, 0, 1):
        update(index, mx.nd.ones(2), weights[index])
        seen += [optimizer.learning_rate, optimizer.num_update]
    return plain([short(seen), weights, attempt(optimizer.set_learning_rate, 0.2)])


def results(mx):
    schedulers, found = mx.lr_scheduler, {}
    for name, arguments in ARGUMENTS.items():
        for given, warmup, base in itertools.product(combinations(arguments), WARMUPS, (0.01, 0.1)):
            key = "%s %s %s %s" % (name, list(given.values()), list(warmup.values()), base)
            found[key] = attempt(rates, lambda: getattr(schedulers, name)(base_lr=base, **given, **warmup))

    class Halves(schedulers.LRScheduler):
        def __init__(self, **kwargs):
            super(Halves, self).__init__(**kwargs)
            self.seen = 0

        def __call__(self, num_update):
            if num_update < self.warmup_steps:
                return self.get_warmup_lr(num_update)
            self.seen += 1
            return self.base_lr / 2**self.seen

    found["own"] = attempt(rates, lambda: Halves(base_lr=0.3, warmup_steps=3))
    found["base"] = attempt(schedulers.LRScheduler(), 3)
    for name, arguments in {
        "FactorScheduler": {"step": 2, "factor": 0.5, "base_lr": 0.3},
        "MultiFactorScheduler": {"step": [2, 3], "factor": 0.1},
        "PolyScheduler": {"max_update": 6, "base_lr": 0.7},
        "CosineScheduler": {"max_update": 5, "warmup_steps": 2},
    }.items():
        for options in ({}, {"learning_rate": 0.5}, {"begin_num_update": 4}):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                key = "optimizer %s %s" % (name, options)
                found[key] = attempt(trained, mx, getattr(schedulers, name)(**arguments), **options)
    found["optimizer own"] = attempt(trained, mx, Halves(base_lr=0.4, warmup_steps=2))
    return found


if __name__ == "__main__":
    import mxnet

    write("lr_schedules", results(mxnet))
