"""Language models on mx.np: cells from scratch, Gluon's layers, states, clipped gradients."""

import math

import mxnet as mx
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn, rnn

npx.set_np()
mx.random.seed(5)
text = "the time traveller for so it will be convenient to speak of him was expounding a recondite matter to us "
chars = sorted(set(text))
corpus = [chars.index(c) for c in text]
size, hidden, steps, batch = len(chars), 16, 7, 2


def sequential(offset=0):
    count = ((len(corpus) - offset - 1) // batch) * batch
    Xs = np.array(corpus[offset : offset + count]).reshape(batch, -1)
    Ys = np.array(corpus[offset + 1 : offset + 1 + count]).reshape(batch, -1)
    for i in range(0, Xs.shape[1] // steps * steps, steps):
        yield Xs[:, i : i + steps], Ys[:, i : i + steps]


X, Y = next(sequential())
print(X.shape, X[0], Y[0], npx.one_hot(np.array([0, 2]), 5))


def normal(*shape):
    return np.random.normal(scale=0.1, size=shape)


def gru_params():
    params = []
    for _ in range(3):
        params += [normal(size, hidden), normal(hidden, hidden), np.zeros(hidden)]
    params += [normal(hidden, size), np.zeros(size)]
    for param in params:
        param.attach_grad()
    return params


def gru(inputs, state, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    outputs = []
    for x in inputs:
        Z = npx.sigmoid(np.dot(x, W_xz) + np.dot(H, W_hz) + b_z)
        R = npx.sigmoid(np.dot(x, W_xr) + np.dot(H, W_hr) + b_r)
        candidate = np.tanh(np.dot(x, W_xh) + np.dot(R * H, W_hh) + b_h)
        H = Z * H + (1 - Z) * candidate
        outputs.append(np.dot(H, W_hq) + b_q)
    return np.concatenate(outputs, axis=0), (H,)


def clipped(grads, theta):
    norm = math.sqrt(sum((g**2).sum() for g in grads))
    if norm > theta:
        for g in grads:
            g[:] *= theta / norm
    return norm


params = gru_params()
loss = gluon.loss.SoftmaxCrossEntropyLoss()
for epoch in range(4):
    state, total, count = (np.zeros((batch, hidden)),), 0.0, 0
    for X, Y in sequential(epoch % 3):
        for s in state:
            s.detach()
        with autograd.record():
            y_hat, state = gru(npx.one_hot(X.T, size), state, params)
            l = loss(y_hat, Y.T.reshape(-1)).mean()
        l.backward()
        norm = clipped([p.grad for p in params], 1)
        for param in params:
            param[:] = param - 1.0 * param.grad
        total, count = total + l * Y.size, count + Y.size
        state = tuple(s.detach() for s in state)
    print(f"perplexity {math.exp(total / count):f}, norm {norm:f}")


class Model(nn.Block):
    def __init__(self, layer, vocab_size, **kwargs):
        super().__init__(**kwargs)
        self.rnn = layer
        self.vocab_size = vocab_size
        self.dense = nn.Dense(vocab_size)

    def forward(self, inputs, state):
        X = npx.one_hot(inputs.T, self.vocab_size)
        Y, state = self.rnn(X, state)
        return self.dense(Y.reshape(-1, Y.shape[-1])), state

    def begin_state(self, *args, **kwargs):
        return self.rnn.begin_state(*args, **kwargs)


for layer in (rnn.RNN(hidden), rnn.LSTM(hidden, num_layers=2), rnn.GRU(hidden, bidirectional=True)):
    net = Model(layer, size)
    net.initialize(init.Normal(0.1), force_reinit=True)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0})
    state = net.begin_state(batch_size=batch)
    print([s.shape for s in state], type(state[0]).__name__)
    for X, Y in sequential():
        with autograd.record():
            y_hat, state = net(X, [s.detach() for s in state])
            l = loss(y_hat, Y.T.reshape(-1)).mean()
        l.backward()
        clipped([p.grad() for p in net.collect_params().values() if p.grad_req != "null"], 1)
        trainer.step(1)
    print(f"{type(layer).__name__} {float(l):f} {float(np.abs(state[0]).sum()):f}")
prefix = [chars.index(c) for c in "time "]
state = net.begin_state(batch_size=1)
for i in prefix:
    out, state = net(np.array([i]).reshape((1, 1)), state)
print(out.argmax(axis=1).reshape(1), out.max().round(4))


# an encoder and a decoder with lengths
class Masked(gluon.loss.SoftmaxCELoss):
    def forward(self, pred, label, valid_len):
        weights = np.expand_dims(np.ones_like(label), axis=-1)
        weights = npx.sequence_mask(weights, valid_len, True, axis=1)
        return super().forward(pred, label, weights)


print(Masked()(np.ones((3, 4, 10)), np.ones((3, 4)), np.array([4, 2, 0])))


class Encoder(nn.Block):
    def __init__(self, vocab_size, **kwargs):
        super().__init__(**kwargs)
        self.embedding = nn.Embedding(vocab_size, 8)
        self.rnn = rnn.GRU(hidden, 2)

    def forward(self, X):
        X = self.embedding(X).swapaxes(0, 1)
        return self.rnn(X, self.rnn.begin_state(batch_size=X.shape[1], ctx=X.ctx))


class Decoder(nn.Block):
    def __init__(self, vocab_size, **kwargs):
        super().__init__(**kwargs)
        self.embedding = nn.Embedding(vocab_size, 8)
        self.rnn = rnn.GRU(hidden, 2)
        self.dense = nn.Dense(vocab_size, flatten=False)

    def forward(self, X, state):
        X = self.embedding(X).swapaxes(0, 1)
        context = np.broadcast_to(state[0][-1], (X.shape[0], state[0].shape[1], state[0].shape[2]))
        output, state = self.rnn(np.concatenate((X, context), 2), state)
        return self.dense(output).swapaxes(0, 1), state


encoder, decoder = Encoder(10), Decoder(10)
encoder.initialize(init.Xavier())
decoder.initialize(init.Xavier())
source, target = np.array([[1, 2, 3, 4], [5, 6, 7, 0]]), np.array([[2, 3, 4, 5], [6, 7, 8, 0]])
trainers = [gluon.Trainer(n.collect_params(), "adam", {"learning_rate": 0.01}) for n in (encoder, decoder)]
for _ in range(3):
    with autograd.record():
        _, state = encoder(source)
        Y_hat, _ = decoder(np.concatenate((np.zeros((2, 1)), target[:, :-1]), 1), state)
        l = Masked()(Y_hat, target, np.array([4, 3]))
    l.backward()
    for trainer in trainers:
        trainer.step(7)
    print(Y_hat.shape, f"{float(l.sum()):f}")
