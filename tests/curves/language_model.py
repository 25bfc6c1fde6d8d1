"""An LSTM language model: dropout, states carried on, clipped gradients, tied weights; 100 losses, one a line."""

import sys

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn, rnn

mx.random.seed(3)
np.random.seed(3)

WORDS, UNITS, LAYERS, BATCH, BPTT, STEPS = 60, 64, 2, 16, 20, 100

# A text in which each word has three followers of its own.
FOLLOWERS = np.random.randint(0, WORDS, (WORDS, 3))
text = [0]
for choice in np.random.randint(0, 3, BATCH * (BPTT * STEPS + 1) - 1):
    text.append(FOLLOWERS[text[-1], choice])
TEXT = nd.array(np.array(text).reshape(BATCH, -1).T)


class Model(gluon.Block):
    def __init__(self, **kwargs):
        super(Model, self).__init__(**kwargs)
        with self.name_scope():
            self.drop = nn.Dropout(0.2)
            self.encoder = nn.Embedding(WORDS, UNITS, weight_initializer=mx.init.Uniform(0.1))
            self.rnn = rnn.LSTM(UNITS, LAYERS, input_size=UNITS)
            self.decoder = nn.Dense(WORDS, in_units=UNITS, params=self.encoder.params)

    def forward(self, words, hidden):
        output, hidden = self.rnn(self.drop(self.encoder(words)), hidden)
        return self.decoder(self.drop(output).reshape((-1, UNITS))), hidden


model = Model()
model.initialize(mx.init.Xavier())
if "--no-hybridize" not in sys.argv:
    model.hybridize()

trainer = gluon.Trainer(model.collect_params(), "sgd", {"learning_rate": 15.0})
loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
hidden = model.rnn.begin_state(func=nd.zeros, batch_size=BATCH)
for step in range(STEPS):
    data, target = TEXT[step * BPTT : (step + 1) * BPTT], TEXT[step * BPTT + 1 : (step + 1) * BPTT + 1]
    hidden = [h.detach() for h in hidden]
    with autograd.record():
        output, hidden = model(data, hidden)
        loss = loss_of(output, target.reshape((-1,)))
    loss.backward()
    grads = [p.grad() for p in model.collect_params().values()]
    gluon.utils.clip_global_norm(grads, 0.25 * BPTT * BATCH)
    trainer.step(BPTT * BATCH)
    print("%.9g" % loss.mean().asscalar())
