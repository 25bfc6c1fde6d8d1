"""A tagger of words in sentences of different lengths: padded buckets, a bidirectional net of cells, a masked loss.

The words of a small made-up language have a class each, and some have another one after certain words, so that a tag
depends on what stands around.
"""

import os
import random
import tempfile

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn, rnn

WORDS, TAGS, PAD = 30, 5, 0
BUCKETS = (4, 7, 10)
BATCH = 16


def sentence(rng):
    words = [rng.randint(1, WORDS - 1) for _ in range(rng.randint(2, BUCKETS[-1]))]
    tags = []
    for i, word in enumerate(words):
        tag = word % TAGS
        if i and words[i - 1] % 7 == 3:  # these words change the class of the next one,
            tag = (tag + 1) % TAGS
        if i + 1 < len(words) and words[i + 1] % 11 == 5:  # and these that of the one before
            tag = (tag + 2) % TAGS
        tags.append(tag)
    return words, tags


def batches(sentences):
    """Batches of sentences of one bucket: words and tags (N, T), lengths (N,)."""
    groups = {size: [] for size in BUCKETS}
    for words, tags in sentences:
        groups[min(size for size in BUCKETS if size >= len(words))].append((words, tags))
    for size, group in groups.items():
        for start in range(0, len(group), BATCH):
            part = group[start : start + BATCH]
            data, label = np.full((len(part), size), PAD), np.zeros((len(part), size))
            for row, (words, tags) in enumerate(part):
                data[row, : len(words)], label[row, : len(tags)] = words, tags
            yield size, nd.array(data), nd.array(label), nd.array([len(words) for words, _ in part])


class Tagger(gluon.Block):
    def __init__(self, **kwargs):
        super(Tagger, self).__init__(**kwargs)
        with self.name_scope():
            self.embedding = nn.Embedding(WORDS, 12)
            self.dropout = nn.Dropout(0.1)
            self.encoder = rnn.BidirectionalCell(
                rnn.LSTMCell(16, i2h_bias_initializer=mx.init.LSTMBias(1.0), prefix="forward_"),
                rnn.GRUCell(16, prefix="backward_"),
            )
            self.decoder = nn.Dense(TAGS, flatten=False)

    def forward(self, data, lengths):
        steps = data.shape[1]
        embedded = self.dropout(self.embedding(data)).swapaxes(0, 1)
        outputs, states = self.encoder.unroll(steps, embedded, layout="TNC", merge_outputs=True, valid_length=lengths)
        return self.decoder(outputs.swapaxes(0, 1)), states


def mask_of(size, lengths):
    return nd.SequenceMask(
        nd.ones((size, len(lengths), 1)), sequence_length=lengths, use_sequence_length=True
    ).swapaxes(0, 1)


def evaluate(net, sentences):
    right = total = 0
    for size, data, label, lengths in batches(sentences):
        scores, _ = net(data, lengths)
        hits = (scores.argmax(axis=2) == label) * mask_of(size, lengths).reshape((0, -1))
        right += hits.sum().asscalar()
        total += lengths.sum().asscalar()
    return right / total


rng = random.Random(1)
mx.random.seed(1)
train, test = [sentence(rng) for _ in range(240)], [sentence(rng) for _ in range(60)]
net = Tagger(prefix="tagger_")
net.initialize(mx.init.Xavier())
loss_of = gluon.loss.SoftmaxCrossEntropyLoss(axis=-1)
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.02, "wd": 1e-5})
print(net)

for epoch in range(4):
    total_loss, steps = 0.0, 0
    for size, data, label, lengths in batches(train):
        with autograd.record():
            scores, _ = net(data, lengths)
            loss = loss_of(scores, label, mask_of(size, lengths)) * size / lengths
        loss.backward()
        grads = [p.grad() for p in net.collect_params().values() if p.grad_req != "null"]
        gluon.utils.clip_global_norm(grads, 20.0)
        trainer.step(len(lengths))
        total_loss += loss.mean().asscalar()
        steps += 1
    print(
        "epoch %d: loss %.5f, accuracy %.4f / %.4f"
        % (epoch, total_loss / steps, evaluate(net, train), evaluate(net, test))
    )

for name, param in net.collect_params().items():
    print("%-32s %-10s %.5f" % (name, param.shape, param.data().norm().asscalar()))

path = os.path.join(tempfile.mkdtemp(), "tagger.params")
net.save_parameters(path)
copy = Tagger()
copy.load_parameters(path, ctx=mx.cpu())
fresh = [sentence(rng) for _ in range(8)]
for size, data, label, lengths in batches(fresh):
    scores, states = copy(data, lengths)
    assert np.array_equal(scores.asnumpy(), net(data, lengths)[0].asnumpy())
    for row in range(len(lengths)):
        length = int(lengths[row].asscalar())
        print("words", data[row, :length].astype("int32").asnumpy().tolist())
        print("tags ", scores[row, :length].argmax(axis=1).astype("int32").asnumpy().tolist())
        print("score %.5f, after the end %.5f" % (scores[row, 0].max().asscalar(), scores[row, -1].max().asscalar()))
    print("states", ["%s %.5f" % (state.shape, state.norm().asscalar()) for state in states])
