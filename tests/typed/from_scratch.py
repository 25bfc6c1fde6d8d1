"""Logistic regression from scratch, as the tutorials of MXNet teach it."""

import numpy as np

import mxgluon_compat as mx
from mxgluon_compat import autograd, nd

ctx = mx.gpu() if mx.context.num_gpus() > 0 else mx.cpu()
mx.random.seed(1)
data_ctx = mx.cpu()

num_inputs = 784
num_outputs = 10
num_examples = 64
batch_size = 16

X = nd.random_normal(shape=(num_examples, num_inputs), ctx=data_ctx)
labels = nd.array(np.random.RandomState(0).randint(0, num_outputs, num_examples), ctx=data_ctx)
W = nd.random_normal(shape=(num_inputs, num_outputs), scale=0.01, ctx=ctx)
b = nd.zeros(shape=num_outputs, ctx=ctx)
params = [W, b]
for param in params:
    param.attach_grad()


def softmax(y_linear):
    exp = nd.exp(y_linear - nd.max(y_linear, axis=1).reshape((-1, 1)))
    norms = nd.sum(exp, axis=0, exclude=True).reshape((-1, 1))
    return exp / norms


def net(X: nd.NDArray) -> nd.NDArray:
    return softmax(nd.dot(X, W) + b)


def cross_entropy(yhat: nd.NDArray, y: nd.NDArray) -> nd.NDArray:
    return -nd.sum(y * nd.log(yhat + 1e-6), axis=0, exclude=True)


def SGD(params, lr):
    for param in params:
        param[:] = param - lr * param.grad


def evaluate_accuracy() -> float:
    numerator = 0.0
    denominator = 0.0
    for i in range(0, num_examples, batch_size):
        data = X[i : i + batch_size].as_in_context(ctx).reshape((-1, num_inputs))
        label = labels[i : i + batch_size].as_in_context(ctx)
        predictions = nd.argmax(net(data), axis=1)
        numerator += nd.sum(predictions == label).asscalar()
        denominator += data.shape[0]
    return numerator / denominator


moving_loss = 0.0
for e in range(3):
    for i in range(0, num_examples, batch_size):
        data = X[i : i + batch_size].as_in_context(ctx)
        label_one_hot = nd.one_hot(labels[i : i + batch_size], num_outputs)
        with autograd.record():
            output = net(data)
            loss = cross_entropy(output, label_one_hot)
        loss.backward()
        SGD(params, 0.1)
        curr_loss = nd.mean(loss).asscalar()
        moving_loss = 0.9 * moving_loss + 0.1 * curr_loss
    print("Epoch %s, moving loss: %s, train acc %s" % (e, moving_loss, evaluate_accuracy()))

gradient: np.ndarray = W.grad.asnumpy()
top: nd.NDArray = nd.topk(output, k=2, axis=1)
values, indices = nd.topk(output, k=2, axis=1, ret_typ="both")
first, second = nd.split(output, num_outputs=2, axis=1)
mask = (output > 0.1) * (output <= 0.5) + (output == 0)
W *= 0.5
W[0, :] = 1
W[1] += nd.ones((num_outputs,), ctx=ctx)
scores = nd.concat(first, second, dim=1).softmax(axis=-1).clip(0.0, 1.0).astype("float64").asnumpy()
scores[0, 0] = float(moving_loss)
n: int = output.size + len(output) + output.ndim
total = sum(float(x) for x in output.mean(axis=0).asnumpy())
batch, classes = output.shape
print(mask.context, output.dtype, top.T.shape, values.stype, (-indices).abs().max().asscalar(), n * batch * classes)
mx.nd.waitall()
