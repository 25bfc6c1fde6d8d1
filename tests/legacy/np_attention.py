"""A transformer's encoder on mx.np: masked softmax, attention with several heads, positions, layer normalisation."""

import math

import mxnet as mx
from mxnet import autograd, gluon, np, npx
from mxnet.gluon import nn

npx.set_np()
mx.random.seed(9)


def masked_softmax(X, valid_lens):
    if valid_lens is None:
        return npx.softmax(X)
    shape = X.shape
    if valid_lens.ndim == 1:
        valid_lens = valid_lens.repeat(shape[1])
    else:
        valid_lens = valid_lens.reshape(-1)
    X = npx.sequence_mask(X.reshape(-1, shape[-1]), valid_lens, True, value=-1e6, axis=1)
    return npx.softmax(X).reshape(shape)


print(masked_softmax(np.random.uniform(size=(2, 2, 4)), np.array([2, 3])))
print(masked_softmax(np.random.uniform(size=(2, 2, 4)), np.array([[1, 3], [2, 4]])))


class Additive(nn.Block):
    def __init__(self, num_hiddens, dropout, **kwargs):
        super().__init__(**kwargs)
        self.W_k = nn.Dense(num_hiddens, use_bias=False, flatten=False)
        self.W_q = nn.Dense(num_hiddens, use_bias=False, flatten=False)
        self.w_v = nn.Dense(1, use_bias=False, flatten=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, queries, keys, values, valid_lens):
        queries, keys = self.W_q(queries), self.W_k(keys)
        features = np.tanh(np.expand_dims(queries, axis=2) + np.expand_dims(keys, axis=1))
        self.weights = masked_softmax(np.squeeze(self.w_v(features), axis=-1), valid_lens)
        return npx.batch_dot(self.dropout(self.weights), values)


queries, keys = np.random.normal(0, 1, (2, 1, 20)), np.ones((2, 10, 2))
values = np.arange(40).reshape(1, 10, 4).repeat(2, axis=0)
attention = Additive(8, 0.1)
attention.initialize()
print(attention(queries, keys, values, np.array([2, 6])))


class DotProduct(nn.Block):
    def __init__(self, dropout, **kwargs):
        super().__init__(**kwargs)
        self.dropout = nn.Dropout(dropout)

    def forward(self, queries, keys, values, valid_lens=None):
        scores = npx.batch_dot(queries, keys, transpose_b=True) / math.sqrt(queries.shape[-1])
        return npx.batch_dot(self.dropout(masked_softmax(scores, valid_lens)), values)


def split_heads(X, heads):
    X = X.reshape(X.shape[0], X.shape[1], heads, -1).transpose(0, 2, 1, 3)
    return X.reshape(-1, X.shape[2], X.shape[3])


def joined_heads(X, heads):
    X = X.reshape(-1, heads, X.shape[1], X.shape[2]).transpose(0, 2, 1, 3)
    return X.reshape(X.shape[0], X.shape[1], -1)


class MultiHead(nn.Block):
    def __init__(self, size, heads, dropout, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads
        self.attention = DotProduct(dropout)
        self.W_q, self.W_k, self.W_v, self.W_o = (nn.Dense(size, use_bias=False, flatten=False) for _ in range(4))

    def forward(self, queries, keys, values, valid_lens):
        queries, keys, values = (
            split_heads(W(x), self.heads) for W, x in ((self.W_q, queries), (self.W_k, keys), (self.W_v, values))
        )
        if valid_lens is not None:
            valid_lens = valid_lens.repeat(self.heads, axis=0)
        return self.W_o(joined_heads(self.attention(queries, keys, values, valid_lens), self.heads))


class Positions(nn.Block):
    def __init__(self, size, dropout, max_len=50):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.P = np.zeros((1, max_len, size))
        X = np.arange(max_len).reshape(-1, 1) / np.power(10000, np.arange(0, size, 2) / size)
        self.P[:, :, 0::2] = np.sin(X)
        self.P[:, :, 1::2] = np.cos(X)

    def forward(self, X):
        X = X + self.P[:, : X.shape[1], :].as_in_ctx(X.ctx)
        return self.dropout(X)


class AddNorm(nn.Block):
    def __init__(self, dropout, **kwargs):
        super().__init__(**kwargs)
        self.dropout = nn.Dropout(dropout)
        self.ln = nn.LayerNorm()

    def forward(self, X, Y):
        return self.ln(self.dropout(Y) + X)


class EncoderBlock(nn.Block):
    def __init__(self, size, inner, heads, dropout, **kwargs):
        super().__init__(**kwargs)
        self.attention = MultiHead(size, heads, dropout)
        self.first, self.second = AddNorm(dropout), AddNorm(dropout)
        self.ffn = nn.Sequential()
        self.ffn.add(nn.Dense(inner, flatten=False, activation="relu"), nn.Dense(size, flatten=False))

    def forward(self, X, valid_lens):
        Y = self.first(X, self.attention(X, X, X, valid_lens))
        return self.second(Y, self.ffn(Y))


class Classifier(nn.Block):
    def __init__(self, vocab, size, **kwargs):
        super().__init__(**kwargs)
        self.size = size
        self.embedding = nn.Embedding(vocab, size)
        self.positions = Positions(size, 0.1)
        self.blocks = nn.Sequential()
        for _ in range(2):
            self.blocks.add(EncoderBlock(size, 16, 2, 0.1))
        self.out = nn.Dense(3)

    def forward(self, X, valid_lens):
        X = self.positions(self.embedding(X) * math.sqrt(self.size))
        for block in self.blocks:
            X = block(X, valid_lens)
        return self.out(X[:, 0])


net = Classifier(20, 8)
net.initialize(mx.init.Xavier())
X = np.random.randint(0, 20, size=(6, 5))
lens, y = np.array([5, 4, 3, 2, 1, 5]), np.array([0, 1, 2, 0, 1, 2])
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01})
loss = gluon.loss.SoftmaxCrossEntropyLoss()
for _ in range(4):
    with autograd.record():
        l = loss(net(X, lens), y)
    l.backward()
    trainer.step(6)
    print(f"{float(l.mean()):f}")
print(npx.softmax(net(X, lens)).round(4)[:2])
print(np.linalg.norm(net.embedding.weight.data()).round(3), net.embedding.weight.grad().shape)
print(masked_softmax(np.array([[0.0, 1.0, 2.0]]), None).round(4))
