"""Embeddings with sparse gradients: row_sparse weights, lazy updates, retained rows."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(97)
np.random.seed(97)


class Bag(gluon.HybridBlock):
    def __init__(self, vocab, units, sparse_grad, **kwargs):
        super(Bag, self).__init__(**kwargs)
        with self.name_scope():
            self.embedding = nn.Embedding(vocab, units, sparse_grad=sparse_grad)
            self.out = nn.Dense(2, in_units=units)

    def hybrid_forward(self, F, x):
        return self.out(F.mean(self.embedding(x), axis=1))


words = nd.array([[1, 2, 2], [7, 1, 9], [2, 4, 4]])
label = nd.array([0, 1, 0])
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
for sparse_grad in (False, True):
    for hybrid in (False, True):
        net = Bag(12, 3, sparse_grad, prefix="bag_")
        mx.random.seed(1)
        net.initialize(mx.init.Uniform(0.3))
        if hybrid:
            net.hybridize()
        before = net.embedding.weight.data().copy()
        trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5, "momentum": 0.9, "wd": 0.01})
        for _ in range(3):
            with autograd.record():
                loss = loss_fn(net(words), label)
            loss.backward()
            trainer.step(3)
        grad = net.embedding.weight.grad()
        moved = nd.abs(net.embedding.weight.data() - before).sum(axis=1) > 0
        print(sparse_grad, hybrid, grad.stype, "%.4f" % loss.mean().asscalar(), moved.asnumpy().astype("int").tolist())
        if grad.stype == "row_sparse":
            print(grad.indices.asnumpy().tolist(), grad.data.shape, np.round(grad.data.asnumpy()[0], 4))
print(net.embedding, net.embedding.weight, net.embedding.weight._grad_stype, net.embedding.weight._stype)

adam = gluon.Trainer(net.embedding.collect_params(), "adam", {"learning_rate": 0.1, "lazy_update": True})
before = net.embedding.weight.data().copy()
with autograd.record():
    loss = net.embedding(nd.array([3, 5])).sum()
loss.backward()
adam.step(1)
print(np.nonzero(np.abs((net.embedding.weight.data() - before).asnumpy()).sum(axis=1))[0].tolist())
net.embedding.weight.zero_grad()
print(net.embedding.weight.grad().stype, net.embedding.weight.grad().asnumpy().sum())

print("a row_sparse weight")
p = gluon.Parameter("table", shape=(6, 2), stype="row_sparse", grad_stype="row_sparse")
p.initialize(mx.init.One())
trainer = gluon.Trainer([p], "sgd", {"learning_rate": 0.1})
rows = nd.array([0, 3])
w = p.row_sparse_data(rows)
print(w.stype, w.indices.asnumpy().tolist(), w.data.asnumpy().tolist())
try:
    p.data()
except RuntimeError:
    print("RuntimeError")

print("arrays")
a = nd.sparse.row_sparse_array((nd.ones((2, 2)) * 2, [1, 4]), shape=(5, 2))
print(
    a.stype,
    a.shape,
    a.tostype("default").sum().asscalar(),
    a.indices.dtype.__name__,
    nd.sparse.retain(a, nd.array([1])).asnumpy()[1],
)
c = nd.sparse.csr_matrix(([1.0, 2.0, 3.0], [0, 2, 1], [0, 2, 2, 3]), shape=(3, 3))
print(c.asnumpy().tolist(), nd.sparse.dot(c, nd.ones((3, 1))).asnumpy().ravel(), c.indptr.asnumpy().tolist())
print(nd.array(np.eye(2)).tostype("csr").stype, nd.sparse.zeros("row_sparse", (2, 2)).asnumpy().sum())
print(a)
