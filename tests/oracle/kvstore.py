"""Writes tests/golden/kvstore.json: MXNet's KVStore in one process.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.kvstore
"""

from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.scenario import write


def values(mx, put):
    nd = mx.nd
    for name in ("local", "device"):
        kv = mx.kv.create(name)
        put("made " + name, [kv.type, kv.rank, kv.num_workers, type(kv).__name__])
        kv.init(3, nd.ones((2, 3)) * 2)
        out = nd.zeros((2, 3))
        kv.pull(3, out=out)
        put("init and pull " + name, out)
        kv.push(3, nd.ones((2, 3)) * 8)
        kv.pull(3, out=out)
        put("push " + name, out)
        devices = [mx.cpu(i) for i in range(3)]
        kv.push(3, [nd.ones((2, 3), ctx=c) * (i + 1) for i, c in enumerate(devices)])
        outs = [nd.zeros((2, 3), ctx=c) for c in devices]
        kv.pull(3, out=outs)
        put("push of several " + name, [[o, str(o.context)] for o in outs])
        keys = [5, 7, 9]
        kv.init(keys, [nd.ones((2, 2))] * 3)
        kv.push(keys, [nd.ones((2, 2)) * i for i in range(3)])
        outs = [nd.zeros((2, 2)) for _ in keys]
        kv.pull(keys, out=outs)
        put("lists " + name, outs)
        kv.push(keys, [[nd.ones((2, 2), ctx=c) for c in devices]] * 3)
        outs = [[nd.zeros((2, 2), ctx=c) for c in devices] for _ in keys]
        kv.pull(keys, out=outs)
        put("lists of lists " + name, outs)
        named = mx.kv.create(name)
        named.init("name", nd.ones(2))
        named.push("name", nd.array([1.0, 2]))
        out = nd.zeros(2)
        named.pull("name", out)
        put("names " + name, out)
        kv.pushpull(7, nd.ones((2, 2)) * 4, out=nd.zeros((2, 2)))
        grads = [nd.ones((2, 2), ctx=c) * (i + 1) for i, c in enumerate(devices)]
        kv.pushpull(7, grads, out=grads)
        put("pushpull " + name, grads)
        grads = [nd.ones((2, 2), ctx=c) * (i + 1) for i, c in enumerate(devices)]
        kv.pushpull(7, grads)
        put("pushpull without out " + name, grads)
        outs = [nd.zeros(2, ctx=c) for c in devices]
        kv.broadcast(21, nd.array([3.0, 4]), out=outs)
        put("broadcast " + name, outs)
        put("init again " + name, kind(kv.init, 3, nd.ones((2, 3))))
        put("push of an unknown key " + name, kind(kv.push, 77, nd.ones(1)))
        put("pull of an unknown key " + name, kind(kv.pull, 78, out=nd.ones(1)))
        put("pull without out " + name, kind(kv.pull, 3))
        put("lengths " + name, kind(kv.push, [5, 7], [nd.ones((2, 2))]))
        put("push of several shapes " + name, kind(kv.push, 3, [nd.ones((2, 3)), nd.ones((1, 3))]))
        for key, of in (("s", nd.ones(2)), (2.5, nd.ones(2)), ([30, "s"], [nd.ones(2)] * 2), (31, [nd.ones(2)] * 2)):
            put("init of %r %s" % (key, name), kind(kv.init, key, of))
        put("numbers among names " + name, kind(named.push, 3, nd.ones(2)))
        kv.push([5, 7, 5], [nd.ones((2, 2)), nd.ones((2, 2)) * 5, nd.ones((2, 2)) * 2])
        outs = [nd.zeros((2, 2)), nd.zeros((2, 2))]
        kv.pull([5, 7], out=outs)
        put("a key twice " + name, outs)
        put("states before an optimizer " + name, kind(kv.load_optimizer_states, "/nowhere"))
        put("a number as value " + name, kind(kv.push, 5, 3))
        put("barrier " + name, attempt(kv._barrier))


def updating(mx, put):
    nd = mx.nd
    for name in ("local", "device"):
        kv = mx.kv.create(name)
        kv.init(1, nd.ones(2))
        seen = []

        def updater(key, pushed, stored, seen=seen):
            seen.append([key, pushed.asnumpy().tolist()])
            stored += pushed * 2

        kv._set_updater(updater)
        kv.push(1, [nd.ones(2), nd.ones(2, ctx=mx.cpu(1))])
        out = nd.zeros(2)
        kv.pull(1, out=out)
        put("updater " + name, [out, seen])
        kv = mx.kv.create(name)
        kv.init(1, nd.ones(2))
        kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
        for _ in range(3):
            kv.push(1, [nd.ones(2), nd.ones(2, ctx=mx.cpu(1))])
        kv.pull(1, out=out)
        put("optimizer " + name, out)
        grad = nd.ones(2)
        kv.pushpull(1, grad, out=out)
        put("pushpull with an optimizer " + name, [out, grad])


def making(mx, put):
    put("types", {n: attempt(lambda: mx.kv.create(n).type) for n in ("local", "device", "local_allreduce_cpu")})
    put("default", mx.kv.create().type)
    put("upper case", attempt(lambda: mx.kv.create("LOCAL").type))
    put("not a string", attempt(mx.kv.create, 3))
    put("mx.kvstore", [mx.kvstore.create("local").type, mx.kv.KVStore is mx.kvstore.KVStore])
    put("capability", [mx.kv.create("local").is_capable(c) for c in ("optimizer",)])
    put("bad capability", kind(mx.kv.create("local").is_capable, "x"))


def shared(mx, put):
    """What a stored value shares its memory with."""
    nd = mx.nd

    def ones(contexts, value):
        return [nd.ones(2, ctx=mx.cpu(i)) * value for i in range(contexts)]

    def stored(kv):
        out = nd.zeros(2)
        kv.pull(1, out=out)
        return out.asnumpy()

    for name in ("local", "device"):
        for contexts in (1, 2):
            for how in ("push", "pushpull", "broadcast"):
                kv, pushed = mx.kv.create(name), ones(contexts, 1)
                if how == "broadcast":
                    kv.broadcast(1, pushed[0], out=ones(contexts, 0))
                else:
                    kv.init(1, nd.zeros(2))
                    getattr(kv, how)(1, pushed)
                before = stored(kv)
                for array in pushed:
                    array[:] = 50
                case = "%s %s %d" % (how, name, contexts)
                put(case + ", then a write into the array", [before, stored(kv)])
                seen = []
                kv._set_updater(lambda key, total, value, seen=seen: seen.append([total.asnumpy(), value.asnumpy()]))
                kv.push(1, ones(contexts, 5))
                nd.waitall()
                put(case + ", then a sum", seen)


PARTS = [values, updating, making, shared]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("kvstore", check_complete(results(mxnet)))
