"""A toy OCR: a convolution net over strips, bidirectional LSTM cells, CTC loss, greedy decoding; and a ConvLSTM."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn, rnn
from mxnet.gluon.contrib import rnn as crnn

mx.random.seed(21)
np.random.seed(21)
ALPHABET = "abcd"
GLYPHS = np.random.uniform(0, 1, (len(ALPHABET), 8, 6)).astype("float32")


def make(count, longest=3, width=24):
    strips, labels = np.zeros((count, 1, 8, width), "float32"), np.full((count, longest), -1, "float32")
    for i in range(count):
        word = np.random.randint(0, len(ALPHABET), np.random.randint(2, longest + 1))
        at = np.random.randint(0, 3)
        for j, letter in enumerate(word):
            strips[i, 0, :, at : at + 6] = GLYPHS[letter]
            at += 7
        labels[i, : len(word)] = word
    return nd.array(strips), nd.array(labels)


class Encoder(gluon.HybridBlock):
    def __init__(self, units, layers, steps, **kwargs):
        super(Encoder, self).__init__(**kwargs)
        self._steps = steps
        with self.name_scope():
            self.cells = rnn.HybridSequentialRNNCell()
            with self.cells.name_scope():
                for i in range(layers):
                    self.cells.add(rnn.BidirectionalCell(rnn.LSTMCell(units), rnn.GRUCell(units)))
                    self.cells.add(rnn.DropoutCell(0.0))

    def hybrid_forward(self, F, x):
        out, _ = self.cells.unroll(self._steps, x, layout="NTC", merge_outputs=True)
        return out


class CRNN(gluon.HybridBlock):
    def __init__(self, classes, steps, **kwargs):
        super(CRNN, self).__init__(**kwargs)
        with self.name_scope():
            self.body = nn.HybridSequential(prefix="body_")
            with self.body.name_scope():
                for channels, pool in ((6, (2, 1)), (8, (2, 2))):
                    self.body.add(nn.Conv2D(channels, (3, 3), padding=(1, 1), activation="relu"))
                    self.body.add(nn.BatchNorm(), nn.MaxPool2D(pool, pool))
            self.encoder = Encoder(7, 2, steps, prefix="enc_")
            self.decoder = nn.Dense(classes, flatten=False, prefix="dec_")

    def hybrid_forward(self, F, x):
        features = self.body(x)
        features = F.transpose(features, axes=(0, 3, 1, 2)).reshape((0, 0, -1))
        return self.decoder(self.encoder(features))


def decode(scores):
    words = []
    for row in scores.argmax(axis=2).asnumpy().astype(int):
        kept = [k for i, k in enumerate(row) if k != len(ALPHABET) and (i == 0 or k != row[i - 1])]
        words.append("".join(ALPHABET[k] for k in kept))
    return words


net = CRNN(len(ALPHABET) + 1, 12)
net.initialize(mx.init.Xavier(magnitude=2.0))
x, labels = make(6)
print(net)
print(net(x).shape)
for name, param in net.encoder.collect_params().items():
    print(name, param.shape)
ctc = gluon.loss.CTCLoss(layout="NTC", label_layout="NT")
for hybridize in (False, True):
    net.hybridize(hybridize)
    trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.02})
    for step in range(3):
        with autograd.record():
            loss = ctc(net(x), labels)
        loss.backward()
        norms = [p.grad().norm().asscalar() for p in net.collect_params(".*(enc|dec).*weight").values()]
        trainer.step(6)
        print("%.6f %.6f" % (loss.mean().asscalar(), sum(norms)))
print(decode(net(x)))
lengths = nd.array([(row >= 0).sum() for row in labels.asnumpy()])
print("%.6f" % ctc(net(x), labels, nd.full((6,), 12), lengths).sum().asscalar())
net.export("crnn")
again = gluon.SymbolBlock.imports("crnn-symbol.json", ["data"], "crnn-0000.params")
print("%.0e" % nd.abs(again(x) - net(x)).max().asscalar())


class NextFrame(gluon.Block):
    def __init__(self, steps, **kwargs):
        super(NextFrame, self).__init__(**kwargs)
        self._steps = steps
        with self.name_scope():
            self.cells = rnn.SequentialRNNCell()
            with self.cells.name_scope():
                self.cells.add(crnn.Conv2DLSTMCell((1, 6, 6), 4, (3, 3), (3, 3), i2h_pad=(1, 1), prefix="convlstm_"))
                self.cells.add(
                    crnn.VariationalDropoutCell(
                        crnn.Conv2DGRUCell((4, 6, 6), 3, 3, 3, i2h_pad=1, activation="softsign"), 0.0, 0.0, 0.0
                    )
                )
            self.out = nn.Conv2D(1, 1, activation="sigmoid")

    def forward(self, frames):
        states = self.cells.begin_state(batch_size=frames.shape[0], func=nd.zeros)
        outs = []
        for t in range(self._steps):
            out, states = self.cells(frames[:, t], states)
            outs.append(self.out(out))
        return nd.stack(*outs, axis=1)


frames = np.zeros((4, 6, 1, 6, 6), "float32")
for i in range(4):
    row, column = np.random.randint(0, 4, 2)
    for t in range(6):
        frames[i, t, 0, row : row + 2, (column + t) % 6] = 1
frames = nd.array(frames)
net = NextFrame(5)
net.initialize(mx.init.Xavier())
bce = gluon.loss.SigmoidBCELoss(from_sigmoid=True)
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.02})
for step in range(4):
    net.cells.reset()
    with autograd.record():
        loss = bce(net(frames[:, :-1]), frames[:, 1:])
    loss.backward()
    trainer.step(4)
    print("%.6f" % loss.mean().asscalar())
print(net.cells)
net.save_parameters("frames.params")
print(sorted(nd.load("frames.params"))[:5])
