"""Writes tests/golden/contrib_io.json: what MXNet's DataLoaderIter gives for loaders of all kinds.

Rows that only fill a batch up hold whatever was in memory in MXNet, so only their number is compared.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.contrib_io
"""

import numpy as np

from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.scenario import write

DATA = np.arange(20, dtype="float32").reshape(10, 2)
LABEL = np.arange(10, dtype="float32")
DTYPES = ("float32", "float16", "int32", np.float64, None)


def loader(mx, data=DATA, label=LABEL, **kwargs):
    kwargs.setdefault("batch_size", 4)
    return mx.gluon.data.DataLoader(mx.gluon.data.ArrayDataset(data, label), **kwargs)


def pairs(mx, *rows):
    """A loader of batches with so many (data's rows, label's rows)."""
    return [(mx.nd.array(DATA[:a]), mx.nd.array(LABEL[:b])) for a, b in rows]


def described(descriptions):
    return [[d.name, d.shape, np.dtype(d.dtype).name, d.layout] for d in descriptions]


def looks(found):
    return [found.batch_size, described(found.provide_data), described(found.provide_label)]


def shown(batch):
    """A batch, without what fills it up, and without the dtype if it is filled up: MXNet forgets it then."""
    rows = batch.data[0].shape[0] - batch.pad
    arrays = [[a.shape, a[:rows].asnumpy().tolist() if batch.pad else a] for a in batch.data + batch.label]
    return [arrays, batch.pad, batch.index, batch.bucket_key, batch.provide_data, batch.provide_label]


def drained(found):
    return [shown(b) for b in found]


def epochs(mx, put):
    made = mx.contrib.io.DataLoaderIter
    for last in ("keep", "discard", "rollover"):
        found = made(loader(mx, last_batch=last))
        put(last, looks(found))
        for epoch in range(3):
            put("%s, epoch %d" % (last, epoch), drained(found))
            put("%s, epoch %d, at the end" % (last, epoch), [kind(found.next), found.iter_next(), kind(found.getdata)])
            found.reset()
    mx.random.seed(3)
    np.random.seed(3)
    found = made(loader(mx, shuffle=True))
    first = sorted(v for b in found for v in b.label[0][: 4 - b.pad].asnumpy().tolist())
    found.reset()
    put("shuffled", [first, len(list(found))])
    for name, source in (("small", (3, 3)), ("as large", (4, 4)), ("more labels", (4, 8))):
        found = made(pairs(mx, source))
        put(name, [looks(found), drained(found)])
    put("fewer labels", drained(made(pairs(mx, (4, 4), (4, 2)))))
    put("less data only", [b.label[0] for b in made(pairs(mx, (4, 4), (2, 4)))])
    put("an iterator's first batch is gone", len(list(made(iter(pairs(mx, (4, 4), (4, 4), (4, 4)))))))


def arguments(mx, put):
    made = mx.contrib.io.DataLoaderIter
    for dtype in DTYPES:
        found = made(loader(mx), dtype=dtype)
        put("dtype=%s" % np.dtype(dtype or "float32").name + (" by None" if dtype is None else ""), drained(found))
        if dtype is not None:
            put("dtype=%s, looks" % np.dtype(dtype).name, looks(found))
    found = made(loader(mx, DATA.astype("int32"), LABEL.astype("int64").reshape(10, 1).repeat(2, 1)))
    put("integers", [looks(found), drained(found)])
    found = made(loader(mx), "x", "y")
    put("names", looks(found))
    put("unknown dtype", kind(lambda: drained(made(loader(mx), dtype="nope"))))
    put("single array", kind(made, mx.gluon.data.DataLoader(DATA, batch_size=4)))
    put("three arrays", kind(made, [(mx.nd.ones(2),) * 3]))
    put("no loader", attempt(made, 3))
    put("larger batch later", kind(lambda: drained(made(pairs(mx, (2, 2), (4, 4))))))
    put("numpy's arrays", [b.data[0] for b in made([(DATA[:4], LABEL[:4]), (DATA[4:8], LABEL[4:8])])])
    put("csr", [b.data[0] for b in made([(mx.nd.array(DATA[:4]).tostype("csr"), mx.nd.array(LABEL[:4]))])])


def current(mx, put):
    found = mx.contrib.io.DataLoaderIter(loader(mx))
    for name in ("getdata", "getlabel", "getpad", "getindex"):
        put(name + " before", kind(getattr(found, name)))
    put("iter_next", [found.iter_next(), found.iter_next()])
    put("parts", [found.getdata(), found.getlabel(), found.getpad(), found.getindex()])
    put("next", shown(next(found)))
    found.reset()
    put("pad after reset", kind(found.getpad))
    put("next after reset", shown(found.next()))
    source = pairs(mx, (4, 4))
    batch = next(mx.contrib.io.DataLoaderIter(source))
    batch.data[0][:] = 7
    put("a copy", source[0][0])
    put("bases", [c.__name__ for c in mx.contrib.io.DataLoaderIter.__mro__])


def training(mx, put):
    data = mx.sym.Variable("data")
    net = mx.sym.LinearRegressionOutput(
        mx.sym.FullyConnected(data, num_hidden=1, name="fc"), mx.sym.Variable("y"), name="out"
    )
    found = mx.contrib.io.DataLoaderIter(loader(mx, batch_size=5), label_name="y")
    module = mx.mod.Module(net, label_names=("y",))
    module.fit(
        found, eval_metric="mse", optimizer_params={"learning_rate": 0.001}, initializer=mx.init.One(), num_epoch=3,
        kvstore=None,
    )  # fmt: skip
    put("parameters", module.get_params()[0])
    put("score", module.score(found, "mse"))
    put("predict", module.predict(found))
    found = mx.contrib.io.DataLoaderIter(loader(mx, batch_size=4), label_name="y")
    put("predict, the last batch filled up", mx.mod.Module.predict(module, found))


PARTS = [epochs, arguments, current, training]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("contrib_io", check_complete(results(mxnet)))
