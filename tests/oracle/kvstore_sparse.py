"""Writes tests/golden/kvstore_sparse.json: row_sparse values in MXNet's KVStore of one process.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.kvstore_sparse
"""

from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.gluon_sparse import DENSE, stored
from tests.oracle.scenario import write


def rows(mx, values, ids, ctx=None):
    return mx.nd.sparse.row_sparse_array((values, ids), shape=(4, 2), ctx=ctx, dtype="float32")


def empty(mx, ctx=None):
    return mx.nd.sparse.zeros("row_sparse", (4, 2), ctx=ctx)


def filled(mx, store, sparse=True):
    kv = mx.kv.create(store)
    value = mx.nd.array(DENSE)
    kv.init("w", value.tostype("row_sparse") if sparse else value)
    return kv


def pulling(mx, put):
    for store in ("local", "device"):
        kv = filled(mx, store)
        for name, ids in {
            "some": [0, 2], "twice": [3, 1, 3], "all": [0, 1, 2, 3], "one": [1],
        }.items():  # fmt: skip
            out = empty(mx)
            ids = mx.nd.array(ids, dtype="int64")
            put("%s %s" % (store, name), [attempt(kv.row_sparse_pull, "w", out=out, row_ids=ids), stored(out)])
        for dtype in ("int32", "int64", "float32", "float64"):
            out = empty(mx)
            ids = mx.nd.array([2, 0], dtype=dtype)
            put("%s ids of %s" % (store, dtype), [kind(kv.row_sparse_pull, "w", out=out, row_ids=ids), stored(out)])
        out = empty(mx)
        put(
            "%s nested ids" % store, [kind(kv.row_sparse_pull, "w", out, 0, mx.nd.array([[0, 1], [1, 3]])), stored(out)]
        )
        outs = [empty(mx, mx.cpu(i)) for i in range(2)]
        put("%s several" % store, [kind(kv.row_sparse_pull, "w", outs, 0, mx.nd.array([1, 2])), stored(outs)])
        outs = [empty(mx, mx.cpu(i)) for i in range(2)]
        ids = [mx.nd.array([1, 2]), mx.nd.array([0])]
        put("%s several, ids for each" % store, [kind(kv.row_sparse_pull, "w", outs, 0, ids), stored(outs)])
        put("%s too many ids" % store, kind(kv.row_sparse_pull, "w", empty(mx), 0, ids))
        put("%s no out" % store, kind(kv.row_sparse_pull, "w", None, 0, ids[0]))
        put("%s no ids" % store, kind(kv.row_sparse_pull, "w", empty(mx)))
        put("%s unknown key" % store, kind(kv.row_sparse_pull, "x", empty(mx), 0, ids[0]))
        put("%s ids as a list" % store, kind(kv.row_sparse_pull, "w", empty(mx), 0, [0, 1]))
        put("%s dense out" % store, kind(kv.row_sparse_pull, "w", mx.nd.zeros((4, 2)), 0, ids[0]))
        kv.init("v", mx.nd.array(DENSE * 10).tostype("row_sparse"))
        outs = [empty(mx), empty(mx)]
        put("%s several keys" % store, [kind(kv.row_sparse_pull, ["w", "v"], outs, 0, ids), stored(outs)])
        outs = [empty(mx), empty(mx)]
        put(
            "%s several keys, the same ids" % store,
            [kind(kv.row_sparse_pull, ["w", "v"], outs, 0, ids[0]), stored(outs)],
        )
        kv.init("d", mx.nd.array(DENSE))
        put("%s rows of a dense value" % store, kind(kv.row_sparse_pull, "d", empty(mx), 0, ids[0]))
        full = [mx.nd.array(DENSE), empty(mx)]
        put("%s pull" % store, [kind(kv.pull, "w", full[0]), stored(full[0])])
        put("%s pull sparse, ignored" % store, [kind(kv.pull, "w", full[1]), stored(full[1])])
        put("%s pull sparse" % store, [kind(kv.pull, "w", full[1], ignore_sparse=False), stored(full[1])])
        both = [empty(mx), mx.nd.zeros((4, 2))]
        put("%s pull dense value, ignored" % store, [kind(kv.pull, "d", both[0]), stored(both[0])])
        put("%s pull dense into dense" % store, [kind(kv.pull, "d", both[1]), stored(both[1])])


def pushing(mx, put):
    for store in ("local", "device"):
        for sparse in (True, False):
            tag = "%s %s " % (store, "row_sparse" if sparse else "dense")

            def value(kv):
                if not sparse:
                    out = mx.nd.zeros((4, 2))
                    kv.pull("w", out)
                else:
                    out = empty(mx)
                    kv.row_sparse_pull("w", out, 0, mx.nd.arange(4))
                return stored(out)

            pushed = {
                "one": lambda: rows(mx, [[1, 1], [2, 2]], [0, 2]),
                "two": lambda: [
                    rows(mx, [[1, 1], [2, 2]], [0, 2], mx.cpu(0)), rows(mx, [[5, 5], [6, 6]], [2, 3], mx.cpu(1)),
                ],
                "nothing": lambda: empty(mx),
                "a dense one": lambda: mx.nd.ones((4, 2)),
                "dense ones": lambda: [mx.nd.ones((4, 2), ctx=mx.cpu(i)) for i in range(2)],
            }  # fmt: skip
            for name in sorted(pushed):
                kv = filled(mx, store, sparse)
                put(tag + "push " + name, [kind(kv.push, "w", pushed[name]()), kind(value, kv)])
                if sparse and "dense" in name:
                    continue
                kv = filled(mx, store, sparse)
                seen = []

                def updater(key, grad, weight, seen=seen):
                    look = stored(grad)
                    seen.append([look["stype"], look["dense"], look.get("rows"), weight.stype])
                    weight[:] = weight - grad if weight.stype == "default" else mx.nd.sparse.elemwise_sub(weight, grad)

                kv._set_updater(updater)
                put(tag + "updater, " + name, [kind(kv.push, "w", pushed[name]()), seen, kind(value, kv)])
                for lazy in (True, False):
                    kv = filled(mx, store, sparse)
                    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.5, momentum=0.5, wd=0.1, lazy_update=lazy))
                    for _ in range(3):
                        result = kind(kv.push, "w", pushed[name]())
                    put(tag + "optimizer, lazy %s, %s" % (lazy, name), [result, kind(value, kv)])
    for store in ("local", "device"):
        kv = filled(mx, store)
        put(store + " init again", kind(kv.init, "w", empty(mx)))
        outs = [mx.nd.zeros((4, 2), ctx=mx.cpu(i)) for i in range(2)]
        kv.init("z", mx.nd.zeros((4, 2)))
        values = [rows(mx, [[1, 1]], [1], mx.cpu(i)) for i in range(2)]
        put(store + " pushpull of row_sparse", [kind(kv.pushpull, "z", values, outs), stored(outs)])
        put(store + " broadcast of row_sparse", [kind(kv.broadcast, "y", rows(mx, [[1, 1]], [1]), outs), stored(outs)])


PARTS = [pulling, pushing]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("kvstore_sparse", check_complete(results(mxnet)))
