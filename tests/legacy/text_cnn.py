"""Sentiment of sentences with a text CNN: a vocabulary, padding, two embeddings (one frozen), pooling over time."""

import collections

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, init, nd
from mxnet.gluon import data as gdata
from mxnet.gluon import loss as gloss
from mxnet.gluon import nn

mx.random.seed(41)
np.random.seed(41)

good, bad = "good great fine lovely best".split(), "bad awful poor worst boring".split()
filler = "the a film story actor was is very quite and it".split()
sentences, labels = [], []
for i in range(40):
    words = list(np.random.choice(filler, 6))
    words.insert(np.random.randint(6), np.random.choice(good if i % 2 else bad))
    sentences.append(words[: np.random.randint(5, 8)] + [words[-1]])
    labels.append(i % 2)

counter = collections.Counter(w for s in sentences for w in s)
vocab = ["<pad>", "<unk>"] + sorted(str(w) for w, c in counter.items() if c >= 2)
index = {w: i for i, w in enumerate(vocab)}
print(len(vocab), vocab[:4])


def pad(s, length=8):
    ids = [index.get(w, 1) for w in s][:length]
    return ids + [0] * (length - len(ids))


features = nd.array([pad(s) for s in sentences])
labels = nd.array(labels)
print(features[:2], features.shape)
train_iter = gdata.DataLoader(gdata.ArrayDataset(features[:32], labels[:32]), batch_size=8, shuffle=False)
test_iter = gdata.DataLoader(gdata.ArrayDataset(features[32:], labels[32:]), batch_size=8)


class TextCNN(nn.Block):
    def __init__(self, vocab, embed_size, kernel_sizes, num_channels, **kwargs):
        super(TextCNN, self).__init__(**kwargs)
        self.embedding = nn.Embedding(len(vocab), embed_size)
        self.constant_embedding = nn.Embedding(len(vocab), embed_size)
        self.dropout = nn.Dropout(0.0)
        self.decoder = nn.Dense(2)
        self.pool = nn.GlobalMaxPool1D()
        self.convs = nn.Sequential()
        for c, k in zip(num_channels, kernel_sizes):
            self.convs.add(nn.Conv1D(c, k, activation="relu"))

    def forward(self, inputs):
        embeddings = nd.concat(self.embedding(inputs), self.constant_embedding(inputs), dim=2)
        embeddings = embeddings.transpose((0, 2, 1))
        encoding = nd.concat(*[nd.flatten(self.pool(conv(embeddings))) for conv in self.convs], dim=1)
        return self.decoder(self.dropout(encoding))


net = TextCNN(vocab, 6, [2, 3, 4], [4, 4, 4], prefix="textcnn_")
net.initialize(init.Xavier())
print(net)
glove = nd.random.normal(scale=0.5, shape=(len(vocab), 6))
net.embedding.weight.set_data(glove)
net.constant_embedding.weight.set_data(glove)
net.constant_embedding.collect_params().setattr("grad_req", "null")
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.02})
loss = gloss.SoftmaxCrossEntropyLoss()


def evaluate_accuracy(data_iter, net):
    acc_sum, n = nd.array([0]), 0
    for X, y in data_iter:
        y = y.astype("float32")
        acc_sum += (net(X).argmax(axis=1) == y).sum()
        n += y.size
    acc_sum.wait_to_read()
    return acc_sum.asscalar() / n


for epoch in range(4):
    train_l_sum, train_acc_sum, n, m = 0.0, 0.0, 0, 0
    for X, y in train_iter:
        with autograd.record():
            y_hat = net(X)
            l = loss(y_hat, y)
        l.backward()
        trainer.step(X.shape[0])
        train_l_sum += l.sum().asscalar()
        train_acc_sum += (y_hat.argmax(axis=1) == y).sum().asscalar()
        n += l.size
        m += y.size
    test_acc = evaluate_accuracy(test_iter, net)
    print(
        "epoch %d, loss %.4f, train acc %.3f, test acc %.3f" % (epoch + 1, train_l_sum / n, train_acc_sum / m, test_acc)
    )


def predict_sentiment(net, sentence):
    sentence = nd.array([index.get(w, 1) for w in sentence])
    label = nd.argmax(net(sentence.reshape((1, -1))), axis=1)
    return "positive" if label.asscalar() == 1 else "negative"


print(predict_sentiment(net, "the film was so great".split()), predict_sentiment(net, "it is a boring story".split()))
print(
    (net.constant_embedding.weight.data() == glove).min().asscalar(),
    nd.abs(net.embedding.weight.data() - glove).max() > 0,
)
print([(k, v.shape) for k, v in sorted(net.collect_params(".*weight").items())][:3])
query = net.embedding.weight.data()[index["very"]]
W = net.embedding.weight.data()
cos = nd.dot(W, query) / ((W * W).sum(axis=1) * nd.sum(query * query) + 1e-9).sqrt()
top = nd.topk(cos, k=3, ret_typ="indices").asnumpy().astype("int32")
print([vocab[i] for i in top], "%.4f" % cos[int(top[1])].asscalar())
mask = nd.SequenceMask(nd.ones((4, 2)), sequence_length=nd.array([1, 3]), use_sequence_length=True)
print(mask.T)
