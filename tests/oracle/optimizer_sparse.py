"""Writes tests/golden/optimizer_sparse.json: MXNet's optimizers with row_sparse gradients and weights.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.optimizer_sparse
"""

import numpy as np

from tests.oracle.gluon_common import check_complete, collect, kind
from tests.oracle.gluon_sparse import stored
from tests.oracle.scenario import write

OPTIMIZERS = (
    ("sgd", {"learning_rate": 0.1}),
    ("sgd", {"learning_rate": 0.1, "wd": 0.1, "clip_gradient": 0.5, "rescale_grad": 0.5}),
    ("sgd", {"learning_rate": 0.1, "momentum": 0.9}),
    ("sgd", {"learning_rate": 0.1, "momentum": 0.9, "wd": 0.1, "clip_gradient": 0.5}),
    ("adam", {"learning_rate": 0.1}),
    ("adam", {"learning_rate": 0.1, "wd": 0.1, "clip_gradient": 0.5, "rescale_grad": 0.5}),
)


def gradient(mx, random, ids, dtype="float32", ctx=None):
    values = random.uniform(-1, 1, (len(ids), 3)).astype(dtype)
    if not ids:
        return mx.nd.sparse.zeros("row_sparse", (5, 3), dtype=dtype, ctx=ctx)
    return mx.nd.sparse.row_sparse_array((values, ids), shape=(5, 3), dtype=dtype, ctx=ctx)


def updates(mx, put):
    for name, arguments in OPTIMIZERS:
        for lazy in (True, False, None):
            for stype in ("default", "row_sparse"):
                for dtype in ("float32", "float64"):
                    random = np.random.RandomState(2)
                    settings = arguments if lazy is None else dict(arguments, lazy_update=lazy)
                    updater = mx.optimizer.get_updater(mx.optimizer.create(name, **settings))
                    weight = mx.nd.array(random.uniform(-1, 1, (5, 3)), dtype=dtype).tostype(stype)
                    tag = "%s %s lazy %s weight %s %s" % (name, sorted(arguments), lazy, stype, dtype)
                    shown = []
                    for ids in ([0, 2], [2, 4], [], [1], [0, 1, 2, 3, 4]):
                        shown.append(kind(updater, 0, gradient(mx, random, ids, dtype), weight))
                        shown.append(weight.asnumpy())
                    states = updater.states[0]
                    states = list(states) if isinstance(states, (list, tuple)) else [states]
                    put(tag, [shown, weight.stype, [None if s is None else s.asnumpy() for s in states]])


def lists(mx, put):
    for name, arguments in OPTIMIZERS[2:5:2]:
        random = np.random.RandomState(2)
        updater = mx.optimizer.get_updater(mx.optimizer.create(name, **arguments))
        weights = [mx.nd.array(random.uniform(-1, 1, (5, 3))) for _ in range(3)]
        for ids in ([0, 2], [1], [3, 4]):
            grads = [gradient(mx, random, ids), mx.nd.array(random.uniform(-1, 1, (5, 3))), gradient(mx, random, ids)]
            for i in range(3):
                updater(i, grads[i], weights[i])
        put("%s: dense and row_sparse gradients" % name, weights)


def half(mx, put):
    for name, arguments in OPTIMIZERS[::2]:
        for lazy in (True, False):
            random = np.random.RandomState(2)
            made = mx.optimizer.create(name, multi_precision=True, lazy_update=lazy, **arguments)
            updater = mx.optimizer.get_updater(made)
            weight = mx.nd.array(random.uniform(-1, 1, (5, 3)), dtype="float16")
            shown = []
            for ids in ([0, 2], [2, 4], [1]):
                shown.append(kind(updater, 0, gradient(mx, random, ids, "float16"), weight))
                shown.append(weight.asnumpy())
            put("%s %s multi_precision lazy %s" % (name, sorted(arguments), lazy), shown)


def states(mx, put):
    for name, arguments in OPTIMIZERS[2:5:2]:
        for lazy in (True, False):
            for stype in ("default", "row_sparse"):
                optimizer = mx.optimizer.create(name, lazy_update=lazy, **arguments)
                weight = mx.nd.array(np.ones((5, 3))).tostype(stype)
                state = optimizer.create_state(0, weight)
                state = list(state) if isinstance(state, (list, tuple)) else [state]
                put("%s lazy %s weight %s" % (name, lazy, stype), [stored(s)["stype"] for s in state])


PARTS = [updates, lists, half, states]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("optimizer_sparse", check_complete(results(mxnet)))
