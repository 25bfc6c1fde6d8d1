"""A bag of words with row_sparse gradients of the table and lazy Adam: 100 losses, one a line."""

import sys

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(4)
np.random.seed(4)

WORDS, BATCH, LENGTH, STEPS = 2000, 64, 12, 100


class Classifier(gluon.HybridBlock):
    def __init__(self, **kwargs):
        super(Classifier, self).__init__(**kwargs)
        with self.name_scope():
            self.embedding = nn.Embedding(WORDS, 32, sparse_grad=True)
            self.hidden = nn.Dense(32, activation="relu")
            self.drop = nn.Dropout(0.3)
            self.output = nn.Dense(4)

    def hybrid_forward(self, F, words):
        return self.output(self.drop(self.hidden(F.mean(self.embedding(words), axis=1))))


net = Classifier()
net.initialize(mx.init.Normal(0.1))
if "--no-hybridize" not in sys.argv:
    net.hybridize()

loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01})
for _ in range(STEPS):
    label = np.random.randint(0, 4, BATCH)
    # Words of a class are those with its remainder, half of the time.
    words = np.random.randint(0, WORDS // 4, (BATCH, LENGTH)) * 4
    words += np.where(np.random.uniform(size=words.shape) < 0.5, label[:, None], np.random.randint(0, 4, words.shape))
    with autograd.record():
        loss = loss_of(net(nd.array(words)), nd.array(label))
    loss.backward()
    trainer.step(BATCH)
    print("%.9g" % loss.mean().asscalar())
