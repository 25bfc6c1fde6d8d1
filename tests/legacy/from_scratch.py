"""Nothing but NDArray: softmax regression, a perceptron, optimizers and a recurrent net written out by hand."""

import random

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd

mx.random.seed(53)
np.random.seed(53)
random.seed(53)
model_ctx = data_ctx = mx.cpu()
num_inputs, num_outputs, num_examples, batch_size = 16, 4, 96, 16

centres = nd.random_normal(shape=(num_outputs, num_inputs), ctx=data_ctx)
labels = nd.array(np.random.randint(0, num_outputs, num_examples))
data = nd.take(centres, labels) + nd.random_normal(scale=0.8, shape=(num_examples, num_inputs))
train_data = gluon.data.DataLoader(gluon.data.ArrayDataset(data, labels), batch_size=batch_size)


def softmax(y_linear):
    exp = nd.exp(y_linear - nd.max(y_linear, axis=1).reshape((-1, 1)))
    norms = nd.sum(exp, axis=0, exclude=True).reshape((-1, 1))
    return exp / norms


def softmax_cross_entropy(yhat_linear, y):
    return -nd.nansum(y * nd.log_softmax(yhat_linear), axis=0, exclude=True)


def relu(X):
    return nd.maximum(X, nd.zeros_like(X))


def evaluate_accuracy(data_iterator, net):
    numerator = 0.0
    denominator = 0.0
    for data, label in data_iterator:
        predictions = nd.argmax(net(data.as_in_context(model_ctx)), axis=1)
        numerator += nd.sum(predictions == label.astype("float32"))
        denominator += data.shape[0]
    return (numerator / denominator).asscalar()


def SGD(params, lr):
    for param in params:
        param[:] = param - lr * param.grad


def train(net, params, epochs, step):
    for e in range(epochs):
        cumulative_loss = 0
        for data, label in train_data:
            label_one_hot = nd.one_hot(label, num_outputs)
            with autograd.record():
                loss = softmax_cross_entropy(net(data), label_one_hot)
            loss.backward()
            step(params)
            cumulative_loss += nd.sum(loss).asscalar()
        acc = evaluate_accuracy(train_data, net)
        print("Epoch %s. Loss: %.4f, Train_acc %.3f" % (e, cumulative_loss / num_examples, acc))


print("softmax regression")
W = nd.random_normal(shape=(num_inputs, num_outputs), scale=0.1, ctx=model_ctx)
b = nd.zeros(num_outputs, ctx=model_ctx)
for param in [W, b]:
    param.attach_grad()
train(lambda X: nd.dot(X, W) + b, [W, b], 2, lambda params: SGD(params, 0.005))
print(softmax(nd.array([[1, 2, 3], [0, 0, 0]])))

print("multilayer perceptron, momentum, weight decay and dropout by hand")
sizes = [num_inputs, 12, num_outputs]
weights = [nd.random_normal(shape=s, scale=0.2) for s in zip(sizes, sizes[1:])]
biases = [nd.random_normal(shape=(s,), scale=0.01) for s in sizes[1:]]
params = [p for pair in zip(weights, biases) for p in pair]
velocities = []
for param in params:
    param.attach_grad()
    velocities.append(nd.zeros_like(param))


def dropout(X, drop_probability):
    keep_probability = 1 - drop_probability
    mask = nd.random_uniform(0, 1.0, X.shape, ctx=X.context) < keep_probability
    scale = 1 / keep_probability if keep_probability > 0.0 else 0.0
    return mask * X * scale


def perceptron(X, drop=0.25):
    h = relu(nd.dot(X.reshape((-1, num_inputs)), weights[0]) + biases[0])
    if autograd.is_training():
        h = dropout(h, drop)
    return nd.dot(h, weights[1]) + biases[1]


def momentum(params, lr=0.01, mom=0.9, wd=1e-3):
    for v, p in zip(velocities, params):
        v[:] = mom * v + lr * (p.grad / batch_size + wd * p)
        p -= v


train(perceptron, params, 3, momentum)

print("adam by hand against mxnet's own")
w = nd.array([1.0, -2.0, 3.0])
own, vs, sqrs = w.copy(), nd.zeros((3,)), nd.zeros((3,))
updater = mx.optimizer.get_updater(mx.optimizer.Adam(learning_rate=0.1))
for t in range(1, 4):
    for v in (w, own):
        v.attach_grad()
    with autograd.record():
        loss = (w**2).sum() + (own**2).sum()
    loss.backward()
    updater(0, w.grad, w)
    vs[:] = 0.9 * vs + 0.1 * own.grad
    sqrs[:] = 0.999 * sqrs + 0.001 * nd.square(own.grad)
    lr = 0.1 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    own[:] = own - lr * vs / (nd.sqrt(sqrs) + 1e-8)
print(np.round(w.asnumpy(), 4), np.allclose(w.asnumpy(), own.asnumpy(), atol=1e-5))

print("a character model")
text = "the quick brown fox jumps over the lazy dog " * 4
chars = sorted(set(text))
char_to_idx = {c: i for i, c in enumerate(chars)}
corpus = [char_to_idx[c] for c in text]
vocab_size, num_hiddens = len(chars), 10
shapes = [
    (vocab_size, num_hiddens),
    (num_hiddens, num_hiddens),
    (num_hiddens,),
    (num_hiddens, vocab_size),
    (vocab_size,),
]
rnn_params = [nd.random.normal(scale=0.1, shape=s) if len(s) == 2 else nd.zeros(s) for s in shapes]
for p in rnn_params:
    p.attach_grad()


def rnn(inputs, H):
    W_xh, W_hh, b_h, W_hq, b_q = rnn_params
    outputs = []
    for X in inputs:
        H = nd.tanh(nd.dot(X, W_xh) + nd.dot(H, W_hh) + b_h)
        outputs.append(nd.dot(H, W_hq) + b_q)
    return outputs, H


def grad_clipping(params, theta):
    norm = nd.array([0])
    for param in params:
        norm += (param.grad**2).sum()
    norm = norm.sqrt().asscalar()
    if norm > theta:
        for param in params:
            param.grad[:] *= theta / norm
    return norm


def data_iter_consecutive(corpus, batch_size, num_steps):
    corpus = nd.array(corpus)
    batch_len = len(corpus) // batch_size
    indices = corpus[0 : batch_size * batch_len].reshape((batch_size, batch_len))
    for i in range((batch_len - 1) // num_steps):
        i = i * num_steps
        yield indices[:, i : i + num_steps], indices[:, i + 1 : i + num_steps + 1]


loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
for epoch in range(2):
    state, l_sum, n = nd.zeros((4, num_hiddens)), 0.0, 0
    for X, Y in data_iter_consecutive(corpus, 4, 8):
        state = state.detach()
        with autograd.record():
            outputs, state = rnn([nd.one_hot(x, vocab_size) for x in X.T], state)
            l = loss_fn(nd.concat(*outputs, dim=0), Y.T.reshape((-1,))).mean()
        l.backward()
        norm = grad_clipping(rnn_params, 0.5)
        for p in rnn_params:
            p[:] = p - 2 * p.grad
        l_sum += l.asscalar() * Y.size
        n += Y.size
    print("epoch %d perplexity %.3f norm %.4f" % (epoch, np.exp(l_sum / n), norm))
