"""Trainings that give the same parameters in one process and in several.

Each takes what makes its KVStore, and which rows of the batch this process has.
"""

import numpy as np

import mxgluon_compat as mx

ROWS, STEPS = 8, 4
gluon, nd = mx.gluon, mx.nd
OPTIMIZERS = {"sgd": {"learning_rate": 0.1, "momentum": 0.9, "wd": 0.01}, "adam": {"learning_rate": 0.02}}


def values(seed, *shape):
    return np.random.RandomState(seed).uniform(-1, 1, shape).astype("float32")


def net(seed, prefix="net_", contexts=None):
    """A small net whose values ``seed`` draws."""
    made = gluon.nn.HybridSequential(prefix=prefix)
    with made.name_scope():
        made.add(gluon.nn.Dense(5, in_units=3, activation="tanh"), gluon.nn.BatchNorm(in_channels=5),
                 gluon.nn.Dense(4, in_units=5, activation="tanh"), gluon.nn.Dense(2, in_units=4))  # fmt: skip
    made.initialize(mx.init.One(), ctx=contexts)
    for i, param in enumerate(made.collect_params(".*(weight|bias)").values()):
        param.set_data(nd.array(values(seed + i, *param.shape)))
    made[1].gamma.grad_req = made[1].beta.grad_req = "null"
    return made


def learned(*nets):
    return {name: p.data(p.list_ctx()[0]).asnumpy() for n in nets for name, p in n.collect_params().items()
            if p.grad_req != "null"}  # fmt: skip


def back(made, x, y, contexts=None):
    contexts = contexts or [mx.current_context()]
    with mx.autograd.record(train_mode=False):  # statistics of the batch would differ
        losses = [
            ((made(a) - b) ** 2).sum()
            for a, b in zip(gluon.utils.split_and_load(nd.array(x), contexts),
                            gluon.utils.split_and_load(nd.array(y), contexts), strict=True)
        ]  # fmt: skip
    mx.autograd.backward(losses)


def plain(kvstore, rows, optimizer="sgd", contexts=None, between=None, hybridize=False, **options):
    """A plain training, with ``between(net, step)`` after backward."""
    made = net(1, contexts=contexts)
    if hybridize:
        made.hybridize()
    trainer = gluon.Trainer(made.collect_params(), optimizer, OPTIMIZERS[optimizer], kvstore=kvstore(), **options)
    for step in range(STEPS):
        back(made, values(50 + step, ROWS, 3)[rows], values(60 + step, ROWS, 2)[rows], contexts)
        if between is not None:
            between(made, step)
        trainer.step(ROWS)
    return learned(made)


def accumulated(kvstore, rows, **options):
    """Two backward passes a step, that add up."""
    made = net(1)
    made.collect_params(".*(weight|bias)").setattr("grad_req", "add")
    trainer = gluon.Trainer(made.collect_params(), "sgd", OPTIMIZERS["sgd"], kvstore=kvstore(), **options)
    for step in range(STEPS):
        for part in range(2):
            back(made, values(70 + 2 * step + part, ROWS, 3)[rows], values(60 + step, ROWS, 2)[rows])
        trainer.step(2 * ROWS)
        made.collect_params().zero_grad()
    return learned(made)


def adversaries(kvstore, rows, **options):
    """Two Trainers: each backward pass of one net goes through the other."""
    one, two = net(1, "one_"), net(20, "two_")
    adapter = gluon.nn.Dense(3, in_units=2, prefix="adapter_")
    adapter.initialize(mx.init.Constant(0.3))
    trainers = [
        gluon.Trainer(n.collect_params(), "sgd", OPTIMIZERS["sgd"], kvstore=kvstore(), **options) for n in (one, two)
    ]
    for step in range(STEPS):
        x, y = nd.array(values(50 + step, ROWS, 3)[rows]), nd.array(values(60 + step, ROWS, 2)[rows])
        for trainer in trainers:
            with mx.autograd.record(train_mode=False):
                loss = ((two(adapter(one(x))) - y) ** 2).sum() + (two(x) ** 2).sum()
            loss.backward()
            trainer.step(ROWS)
    return learned(one, two)


def branches(kvstore, rows, **options):
    """A part of the net is used by the first process only, and not in every step."""
    one, two = net(1, "one_"), net(20, "two_")
    params = one.collect_params()
    params.update(two.collect_params())
    trainer = gluon.Trainer(params, "sgd", OPTIMIZERS["sgd"], kvstore=kvstore(), **options)
    for step in range(STEPS):
        params.zero_grad()
        x, y = values(50 + step, ROWS, 3), values(60 + step, ROWS, 2)
        back(one, x[rows], y[rows])
        if rows.start == 0 and step % 2 == 0:  # in one process it has the whole batch
            back(two, x[:2], y[:2])
        if options.get("update_on_kvstore"):
            trainer.step(ROWS, ignore_stale_grad=True)
            continue
        trainer.allreduce_grads()  # a Trainer updates what this process has used
        for param in params.values():
            if param.grad_req != "null":
                param.set_data(param.data() - 0.1 / ROWS * param.grad())
    return learned(one, two)


def embedding(kvstore, rows, sparse_weight=False, **options):
    """Row_sparse gradients, of a dense or a row_sparse weight."""
    made = (
        gluon.contrib.nn.SparseEmbedding(6, 2, prefix="e_")
        if sparse_weight
        else gluon.nn.Embedding(6, 2, sparse_grad=True, prefix="e_")
    )
    made.initialize(mx.init.One())
    trainer = gluon.Trainer(made.collect_params(), "sgd", {"learning_rate": 0.1}, kvstore=kvstore(), **options)
    for step in range(STEPS):
        ids = np.random.RandomState(step).randint(0, 5, ROWS)[rows]
        with mx.autograd.record():
            loss = (made(nd.array(ids)) ** 2 * nd.array(values(step, ROWS, 2)[rows])).sum()
        loss.backward()
        trainer.step(ROWS)
    weight = made.weight.row_sparse_data(nd.arange(6)) if sparse_weight else made.weight.data()
    return {"weight": weight.asnumpy()}


def clipped(made, step):
    """Changes gradients between backward and step."""
    for param in made.collect_params().values():
        if param.grad_req != "null":
            param.grad()[:] *= 0.5


def cases():
    """{name: training}; each is called with the kvstore and the rows."""
    found, two = {}, [mx.cpu(0), mx.cpu(1)]
    for on in (True, False):
        tag = f"update_on_kvstore={on}"
        for name in OPTIMIZERS:
            found[f"{name}, {tag}"] = lambda kv, rows, name=name, on=on: plain(kv, rows, name, update_on_kvstore=on)
        found[f"hybridized, {tag}"] = lambda kv, rows, on=on: plain(kv, rows, update_on_kvstore=on, hybridize=True)
        found[f"two contexts, {tag}"] = lambda kv, rows, on=on: plain(kv, rows, contexts=two, update_on_kvstore=on)
        found[f"changed gradients, {tag}"] = lambda kv, rows, on=on: plain(
            kv, rows, between=clipped, update_on_kvstore=on
        )
        found[f"accumulated, {tag}"] = lambda kv, rows, on=on: accumulated(kv, rows, update_on_kvstore=on)
        found[f"adversaries, {tag}"] = lambda kv, rows, on=on: adversaries(kv, rows, update_on_kvstore=on)
        found[f"branches, {tag}"] = lambda kv, rows, on=on: branches(kv, rows, update_on_kvstore=on)
    found["embedding"] = embedding
    found["sparse embedding"] = lambda kv, rows: embedding(kv, rows, sparse_weight=True)
    return found
