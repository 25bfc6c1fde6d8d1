"""A word-level language model: corpus, truncated backpropagation, clipped gradients, a learning rate that decays."""

from __future__ import print_function

import math
import os
import random
import tempfile

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn, rnn


def story(lines, seed):
    """Sentences of a walk over words: a few follow each word, one of them more often."""
    draw = random.Random(seed).random
    words = ["w%d" % i for i in range(60)]
    follow = [[words[int(draw() ** 2 * 60)] for _ in range(4)] for _ in words]
    text = []
    for _ in range(lines):
        word, line = words[int(draw() * 20)], []
        for _ in range(4 + int(draw() * 6)):
            line.append(word)
            word = follow[words.index(word)][int(draw() ** 2 * 4)]
        text.append(" ".join(line))
    return text


class Dictionary(object):
    def __init__(self):
        self.word2idx, self.idx2word = {}, []

    def add_word(self, word):
        if word not in self.word2idx:
            self.word2idx[word] = len(self.idx2word)
            self.idx2word.append(word)
        return self.word2idx[word]

    def __len__(self):
        return len(self.idx2word)


class Corpus(object):
    def __init__(self, path):
        self.dictionary = Dictionary()
        self.train = self.tokenize(path + "train.txt")
        self.valid = self.tokenize(path + "valid.txt")

    def tokenize(self, path):
        ids = []
        with open(path, "r") as f:
            for line in f:
                ids += [self.dictionary.add_word(word) for word in line.split() + ["<eos>"]]
        return mx.nd.array(np.array(ids, dtype="int32"), dtype="int32")


class RNNModel(gluon.Block):
    def __init__(self, mode, vocab_size, num_embed, num_hidden, num_layers, dropout=0.5, tie_weights=False, **kwargs):
        super(RNNModel, self).__init__(**kwargs)
        with self.name_scope():
            self.drop = nn.Dropout(dropout)
            self.encoder = nn.Embedding(vocab_size, num_embed, weight_initializer=mx.init.Uniform(0.1))
            if mode == "rnn_tanh":
                self.rnn = rnn.RNN(num_hidden, num_layers, "tanh", input_size=num_embed)
            elif mode == "lstm":
                self.rnn = rnn.LSTM(num_hidden, num_layers, input_size=num_embed)
            else:
                self.rnn = rnn.GRU(num_hidden, num_layers, input_size=num_embed)
            if tie_weights:
                self.decoder = nn.Dense(vocab_size, in_units=num_hidden, params=self.encoder.params)
            else:
                self.decoder = nn.Dense(vocab_size, in_units=num_hidden)
            self.num_hidden = num_hidden

    def forward(self, inputs, hidden):
        emb = self.drop(self.encoder(inputs))
        output, hidden = self.rnn(emb, hidden)
        output = self.drop(output)
        decoded = self.decoder(output.reshape((-1, self.num_hidden)))
        return decoded, hidden

    def begin_state(self, *args, **kwargs):
        return self.rnn.begin_state(*args, **kwargs)


def batchify(data, batch_size):
    nbatch = data.shape[0] // batch_size
    return data[: nbatch * batch_size].reshape((batch_size, nbatch)).T


def get_batch(source, i):
    seq_len = min(bptt, source.shape[0] - 1 - i)
    return source[i : i + seq_len], source[i + 1 : i + 1 + seq_len].reshape((-1,))


def detach(hidden):
    if isinstance(hidden, (tuple, list)):
        return [detach(i) for i in hidden]
    return hidden.detach()


def evaluate(model, source):
    total, ntotal = 0.0, 0
    hidden = model.begin_state(func=mx.nd.zeros, batch_size=batch_size, ctx=context)
    for i in range(0, source.shape[0] - 1, bptt):
        data, target = get_batch(source, i)
        output, hidden = model(data, hidden)
        total += mx.nd.sum(loss(output, target)).asscalar()
        ntotal += target.size
    return total / ntotal


def train(mode, tied, lr, epochs=4):
    model = RNNModel(mode, ntokens, 24, 24, 2, 0.2, tied)
    model.collect_params().initialize(mx.init.Xavier(), ctx=context)
    print(model)
    print(sorted(model.collect_params(".*(rnn|lstm|gru|bias).*"))[:4], len(list(model.collect_params())))
    trainer = gluon.Trainer(model.collect_params(), "sgd", {"learning_rate": lr, "momentum": 0, "wd": 0})
    best_val = float("inf")
    for epoch in range(epochs):
        total = 0.0
        hidden = model.begin_state(func=mx.nd.zeros, batch_size=batch_size, ctx=context)
        steps = range(0, train_data.shape[0] - 1, bptt)
        for i in steps:
            data, target = get_batch(train_data, i)
            hidden = detach(hidden)
            with autograd.record():
                output, hidden = model(data, hidden)
                L = loss(output, target)
                L.backward()
            grads = [p.grad(context) for p in model.collect_params().values()]
            norm = gluon.utils.clip_global_norm(grads, 0.2 * bptt * batch_size)
            trainer.step(bptt * batch_size)
            total += mx.nd.mean(L).asscalar()
            if epoch == 0 and i < 5 * bptt:
                print("step %d loss %.5f norm %.4f" % (i // bptt, mx.nd.mean(L).asscalar(), norm))
        val = evaluate(model, val_data)
        print("[epoch %d] perplexity %.3f valid %.3f" % (epoch, math.exp(total / len(steps)), math.exp(val)))
        if val < best_val - 0.02:
            best_val = val
            model.save_parameters(saved)
        else:
            trainer.set_learning_rate(trainer.learning_rate * 0.25)
            model.load_parameters(saved, context)
    model.load_parameters(saved, context)
    print("best valid %.3f, learning rate %g" % (math.exp(evaluate(model, val_data)), trainer.learning_rate))
    print(sorted(nd.load(saved))[:6])


mx.random.seed(1)
np.random.seed(1)
context, batch_size, bptt = mx.cpu(), 8, 10
folder = tempfile.mkdtemp() + os.sep
for name, lines in (("train", story(360, 5)[:300]), ("valid", story(360, 5)[300:])):
    with open(folder + name + ".txt", "w") as f:
        f.write("\n".join(lines) + "\n")
saved = folder + "model.params"
corpus = Corpus(folder)
ntokens = len(corpus.dictionary)
train_data, val_data = batchify(corpus.train, batch_size), batchify(corpus.valid, batch_size)
print(ntokens, train_data.shape, val_data.shape, train_data[:3, 0].asnumpy())
loss = gluon.loss.SoftmaxCrossEntropyLoss()
train("lstm", False, 6.0)
train("gru", True, 3.0)
train("rnn_tanh", False, 2.0)
