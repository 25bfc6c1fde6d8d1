"""Writes tests/golden/kvstore_own.json: gradient compression, KVStoreBase, stores of a program's own, in MXNet.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.kvstore_own
"""

import inspect

from tests.oracle.gluon_common import attempt, check_complete, collect, kind, warned
from tests.oracle.gluon_surface import called
from tests.oracle.gluon_trainer import batch, made, train
from tests.oracle.scenario import write


def compression(mx, put):
    nd = mx.nd
    values = [0.3, 0.5, -0.5, 0.2, -0.7, 1.3]
    for name in ("device", "local_allreduce_device"):
        for params in ({"type": "2bit"}, {"type": "2bit", "threshold": 0.3}, {"type": "2bit", "threshold": "2"}):
            for contexts in (1, 2, 3):
                kv = mx.kv.create(name)
                kv.set_gradient_compression(params)
                kv.init("a", nd.ones(6) * 0.1)
                out, seen = nd.zeros(6), []
                kv.pull("a", out=out)
                seen.append(out.asnumpy())
                for step in range(4):
                    pushed = [nd.array(values, ctx=mx.cpu(i)) * (1 + step * i) for i in range(contexts)]
                    kv.push("a", pushed)
                    kv.pull("a", out=out)
                    seen.append([out.asnumpy(), pushed[-1].asnumpy()])
                put("%s %s %d" % (name, sorted(params.items()), contexts), seen)
        kv = mx.kv.create(name)
        kv.set_gradient_compression({"type": "2bit"})
        kv.init(["a", "b"], [nd.zeros((2, 3))] * 2)
        for step in range(3):
            grads = [[nd.ones((2, 3), ctx=mx.cpu(i)) * (0.2 + i) for i in range(2)] for _ in range(2)]
            outs = [[nd.zeros((2, 3), ctx=mx.cpu(i)) for i in range(2)] for _ in range(2)]
            kv.pushpull(["a", "b"], grads, out=outs)
            put("%s pushpull %d" % (name, step), outs)
        kv = mx.kv.create(name)
        kv.set_gradient_compression({"type": "2bit"})
        kv.init("a", nd.ones((2, 3)))
        kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1))
        kv.push("a", grads[0])
        kv.pull("a", out=outs[0])
        put(name + " and an optimizer", outs[0])
        rows = [nd.ones((2, 3), ctx=mx.cpu(i)).tostype("row_sparse") * 0.2 for i in range(2)]
        kv.init("s", nd.zeros((2, 3)))
        kv.push("s", rows)
        kv.pull("s", out=outs[0])
        put(name + " rows", outs[0])
        wrong = [{}, {"threshold": 1}, {"type": "1bit"}, None, "2bit"]
        for params in wrong + [{"type": "2bit", "threshold": t} for t in (0, -1, "x")]:
            put("%s refused %s" % (name, params), attempt(mx.kv.create(name).set_gradient_compression, params))
    for name in ("local", "local_allreduce_cpu"):
        put(name, attempt(mx.kv.create(name).set_gradient_compression, {"type": "2bit"}))
    for on_kvstore in (True, False):
        net = made(mx, [mx.cpu(0), mx.cpu(1)])
        trainer = mx.gluon.Trainer(
            net.collect_params(), "sgd", {"learning_rate": 0.1}, compression_params={"type": "2bit", "threshold": 0.2},
            update_on_kvstore=on_kvstore,
        )  # fmt: skip
        put("Trainer %s" % on_kvstore, [train(mx, net, trainer), net[0].weight.data(mx.cpu(1))])
    trainer = mx.gluon.Trainer(made(mx).collect_params(), "sgd", compression_params={"type": "2bit"})
    put("Trainer on one context", [trainer._compression_params, attempt(trainer.step, 1, True)])
    net = made(mx, [mx.cpu(0), mx.cpu(1)])
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", compression_params={"type": "3bit"})
    put("Trainer, another type", kind(train, mx, net, trainer))


def bases(mx, put):
    nd, base = mx.nd, mx.kvstore.base
    store = base.KVStoreBase()
    for name in ("type", "rank", "num_workers"):
        put(name, attempt(getattr, store, name))
    put("broadcast", attempt(store.broadcast, 1, nd.ones(2), nd.ones(2)))
    put("pushpull", attempt(store.pushpull, 1, nd.ones(2)))
    put("set_optimizer", attempt(store.set_optimizer, mx.optimizer.SGD()))
    put("is_capable", attempt(store.is_capable, "optimizer"))
    put("save", attempt(store.save_optimizer_states, "x"))
    put("load", attempt(store.load_optimizer_states, "x"))
    put("OPTIMIZER", [base.KVStoreBase.OPTIMIZER, sorted(n for n in base.KVStoreBase.kv_registry if "own" not in n)])
    store = mx.kv.create("TestStore")
    put(
        "made", [type(store).__name__, isinstance(store, base.KVStoreBase), issubclass(mx.kv.KVStore, base.KVStoreBase)]
    )
    put("TestStore", [store.type, store.rank, store.num_workers])
    put("TestStore is_capable", [attempt(store.is_capable, c) for c in ("optimizer", "Optimizer", "x")])

    def arrays(*values):
        return [nd.ones(2, ctx=mx.cpu(i)) * v for i, v in enumerate(values)]

    outs = arrays(0, 0)
    put("TestStore broadcast", [attempt(store.broadcast, "a", nd.ones(2) * 3, outs), outs])
    put("TestStore broadcast into one", [attempt(store.broadcast, "a", nd.ones(2) * 4, outs[0]), outs[0]])
    grads = arrays(1, 4)
    put("TestStore pushpull", [attempt(store.pushpull, "a", grads), grads])
    grads = arrays(1, 4)
    put("TestStore pushpull into out", [attempt(store.pushpull, "a", grads, outs), outs, grads])
    put("TestStore pushpull of one", [attempt(store.pushpull, "a", grads[0], outs), outs])
    put("TestStore pushpull of one alone", [attempt(store.pushpull, "a", grads[0]), grads])
    put("TestStore optimizer", attempt(store.set_optimizer, None))
    put("not a name", [attempt(mx.kv.create, 3), attempt(mx.kv.create, None)])

    class OwnStore(base.KVStoreBase):
        pass

    put("register", base.KVStoreBase.register(OwnStore) is OwnStore)
    put("registered", [type(mx.kv.create(name)).__name__ for name in ("ownstore", "OwnStore")])

    class OwnStore(base.KVStoreBase):  # noqa: F811
        pass

    put("registered twice", [w[0] for w in warned(base.KVStoreBase.register, OwnStore)["warnings"]])
    put("register a number", kind(base.KVStoreBase.register, 3))
    del base.KVStoreBase.kv_registry["ownstore"]
    server = mx.kvstore.KVStoreServer(mx.kv.create("local"))
    put("server", [type(server).__name__, server.kvstore.type])


def summing_store(mx, log, capable):
    base = mx.kvstore.base.KVStoreBase

    class OwnSums(base):
        def __init__(self):
            self.updater, self.kept = None, {}

        def broadcast(self, key, value, out, priority=0):
            log.append(["broadcast", key, type(value).__name__, type(out).__name__, len(out), priority])
            self.kept[key] = value.copy()
            for array in out:
                array[:] = value

        def pushpull(self, key, value, out=None, priority=0):
            log.append(["pushpull", key, type(value).__name__, type(out).__name__, priority])
            total = sum((v.as_in_context(mx.cpu(0)) for v in value[1:]), value[0])
            if self.updater is not None:
                self.updater(key, total, self.kept[key])
                total = self.kept[key]
            for array in value if out is None else out:
                array[:] = total

        def set_optimizer(self, optimizer):
            log.append(["set_optimizer", type(optimizer).__name__])
            self.updater = mx.optimizer.get_updater(optimizer)

        @staticmethod
        def is_capable(capability):
            return capable

        def save_optimizer_states(self, fname, dump_optimizer=False):
            log.append(["save", dump_optimizer])

        def load_optimizer_states(self, fname):
            log.append(["load"])

        type = "ownsums"
        rank = 0
        num_workers = 1

    return base.register(OwnSums)


def own_stores(mx, put):
    """Trainers that use a store of the program's own."""
    gluon = mx.gluon
    for capable in (False, True):
        for count in (1, 2):
            for how in ("name", "object", "TestStore"):
                for on_kvstore in (None, True, False):
                    log, contexts = [], [mx.cpu(i) for i in range(count)]
                    cls = summing_store(mx, log, capable)
                    store = {"name": "ownsums", "object": cls(), "TestStore": mx.kvstore.base.TestStore()}[how]
                    tag = "%s, capable %s, update_on_kvstore %s, %d contexts" % (how, capable, on_kvstore, count)
                    if how == "name" and on_kvstore and count == 1:
                        continue  # MXNet stops on an AttributeError of its own
                    net = made(mx, contexts)
                    trainer = gluon.Trainer(
                        net.collect_params(), "sgd", {"learning_rate": 0.1}, kvstore=store, update_on_kvstore=on_kvstore
                    )
                    put(tag, [
                        attempt(train, mx, net, trainer, 2), net[0].weight.data(contexts[-1]),
                        trainer._update_on_kvstore, trainer._distributed, type(trainer._kvstore).__name__, log[:8],
                        attempt(trainer.save_states, "states"), log[-1:],
                    ])  # fmt: skip
                    for name, make in {
                        "rows of gradients": lambda: gluon.nn.Embedding(4, 2, sparse_grad=True, prefix="e_"),
                        "rows": lambda: gluon.contrib.nn.SparseEmbedding(4, 2, prefix="e_"),
                    }.items():
                        if (capable and name == "rows" and how == "name") or (how == "name" and count == 1):
                            continue  # MXNet stops on an AttributeError of its own; or there is nothing to exchange
                        net = make()
                        net.initialize(ctx=contexts)
                        trainer = gluon.Trainer(
                            net.collect_params(), "sgd", kvstore=store, update_on_kvstore=on_kvstore
                        )
                        found = attempt(trainer.step, 1)
                        put(
                            "%s, %s" % (tag, name),
                            found["raises"] if "row_sparse parameters" in found["text"] else found,
                        )
    base = mx.kvstore.base.KVStoreBase
    del base.kv_registry["ownsums"]


def subclasses(mx, put):
    """Trainers as programs derive them."""
    seen = []

    class Clipping(mx.gluon.Trainer):
        def _allreduce_grads(self):
            super(Clipping, self)._allreduce_grads()
            seen.append(["allreduce", self._kv_initialized, self._update_on_kvstore])
            grads = [g for p in self._params if p.grad_req != "null" for g in p.list_grad()[:1]]
            mx.gluon.utils.clip_global_norm(grads, 0.1)
            for p in self._params:
                for g in p.list_grad()[1:]:
                    p.list_grad()[0].copyto(g)

        def _update(self, ignore_stale_grad=False):
            seen.append(["update", ignore_stale_grad])
            for param in self._params:
                for updater, data, grad in zip(self._updaters, param.list_data(), param.list_grad()):
                    updater(self._param2idx[param.name], grad, data)

    class Alone(mx.gluon.Trainer):
        """As distributed Trainers of other libraries are: no KVStore, gradients summed by hand."""

        def __init__(self, params, optimizer, optimizer_params=None):
            super(Alone, self).__init__(params, optimizer, optimizer_params=optimizer_params, kvstore=None)
            self._scale /= 2

        def _allreduce_grads(self):
            for param in self._params:
                if param.grad_req != "null":
                    total = sum((g.as_in_context(mx.cpu(0)) for g in param.list_grad()[1:]), param.list_grad()[0])
                    for g in param.list_grad():
                        g[:] = total

    class Stepping(mx.gluon.Trainer):
        """Steps by its parts, as Trainers with loss scaling do."""

        def step(self, batch_size, ignore_stale_grad=False):
            self.allreduce_grads()
            rescale = self._scale / batch_size
            self._check_and_rescale_grad(rescale)
            self._update(ignore_stale_grad)
            seen.append(["step", self._optimizer.rescale_grad, len(self._contexts)])

    class Own(mx.gluon.Trainer):
        def _init_kvstore(self):
            seen.append(["_init_kvstore", self._kvstore_params["kvstore"], self._kvstore_params["update_on_kvstore"]])
            super(Own, self)._init_kvstore()
            self._update_on_kvstore_was = self._update_on_kvstore

        def _init_params(self):
            seen.append(["_init_params", len(self._params_to_init)])
            super(Own, self)._init_params()

    for cls, options in ((Clipping, {"update_on_kvstore": False}), (Alone, {}), (Own, {}),
                         (Stepping, {"update_on_kvstore": False})):  # fmt: skip
        for count in (1, 2):
            net = made(mx, [mx.cpu(i) for i in range(count)])
            del seen[:]
            trainer = cls(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9}, **options)
            losses = attempt(train, mx, net, trainer, 3)
            put("%s, %d contexts" % (cls.__name__, count), [losses, net[0].weight.data(mx.cpu(count - 1)), seen[:6]])
    trainer = mx.gluon.Trainer(made(mx).collect_params(), "sgd")
    put("attributes", sorted(n for n in vars(trainer) if not n.startswith("_overlap")))
    trainer.step(1, ignore_stale_grad=True)
    put("attributes after a step", sorted(n for n in vars(trainer) if not n.startswith("_overlap")))


def adversaries(mx, put):
    """Two Trainers, and gradients that add up over several passes."""
    for count in (1, 2):
        for on_kvstore in (None, False):
            contexts = [mx.cpu(i) for i in range(count)]
            maker, judge = made(mx, contexts, prefix="maker_"), made(mx, contexts, prefix="judge_")
            adapter = mx.gluon.nn.Dense(3, in_units=2, prefix="adapter_")
            adapter.initialize(mx.init.Constant(0.3), ctx=contexts)
            settings = {"learning_rate": 0.05, "momentum": 0.5}
            first, second = (
                mx.gluon.Trainer(n.collect_params(), "sgd", dict(settings), update_on_kvstore=on_kvstore)
                for n in (maker, judge)
            )
            x, y = batch(mx)
            for _ in range(4):
                for trainer, sign in ((second, 1), (first, -1)):
                    with mx.autograd.record():
                        losses = []
                        for c in contexts:
                            fake = maker(x.as_in_context(c))
                            fake = fake.detach() if sign > 0 else fake
                            losses.append(sign * (judge(adapter(fake)) - y.as_in_context(c)).square().mean())
                    mx.autograd.backward(losses)
                    trainer.step(count)
            tag = "%d contexts, update_on_kvstore %s" % (count, on_kvstore)
            put("adversaries, " + tag, [n[i].weight.data(contexts[-1]) for n in (maker, judge) for i in range(2)])
            net = made(mx, contexts)
            net.collect_params().setattr("grad_req", "add")
            trainer = mx.gluon.Trainer(
                net.collect_params(), "adam", {"learning_rate": 0.01}, update_on_kvstore=on_kvstore
            )
            losses = []
            for _ in range(3):
                for part in range(3):
                    with mx.autograd.record():
                        heads = [(net(x.as_in_context(c) * (part + 1)) ** 2).sum() for c in contexts]
                    mx.autograd.backward(heads)
                    losses.append(sum(float(h.asscalar()) for h in heads))
                trainer.step(12)
                net.collect_params().zero_grad()
            put("added, " + tag, [losses, [p.list_data()[-1] for p in net.collect_params().values()]])


def names(mx, put):
    """How everything public is called."""
    classes = (
        mx.kvstore.KVStoreBase, mx.kvstore.KVStore, mx.kvstore.base.TestStore, mx.kvstore.KVStoreServer,
        mx.gluon.Trainer,
    )  # fmt: skip
    for cls in classes:
        found = {n: inspect.getattr_static(cls, n) for n in dir(cls) if not n.startswith("_")}
        more = ("barrier", "set_updater")  # older names, which only mxgluon_compat has
        put(cls.__name__, {
            n: "property" if isinstance(v, property) else "" if isinstance(v, (str, dict)) else called(v)
            for n, v in found.items() if n not in more
        })  # fmt: skip
    for name in ("KVStoreBase", "KVStore", "KVStoreServer", "create", "base", "kvstore", "kvstore_server"):
        put(name + " is there", hasattr(mx.kvstore, name) and hasattr(mx.kv, name))
    for path in ("base", "kvstore", "kvstore_server"):
        put("all of " + path, sorted(getattr(mx.kvstore, path).__all__))
    put("create", called(mx.kv.create))
    put("same", [mx.kvstore.kvstore.KVStore is mx.kv.KVStore, mx.kvstore.base.create is mx.kv.create])


PARTS = [compression, bases, own_stores, subclasses, adversaries, names]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("kvstore_own", check_complete(results(mxnet)))
