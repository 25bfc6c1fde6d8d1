"""Regression and classification from scratch on mx.np, as books of 2020 taught it."""

import random

import mxnet as mx
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

npx.set_np()
mx.random.seed(11)
random.seed(11)


def synthetic(w, b, count):
    X = np.random.normal(0, 1, (count, len(w)))
    y = np.dot(X, w) + b
    y += np.random.normal(0, 0.01, y.shape)
    return X, y.reshape((-1, 1))


def batches(size, features, labels):
    order = list(range(len(features)))
    random.shuffle(order)
    for start in range(0, len(features), size):
        chosen = np.array(order[start : start + size])
        yield features[chosen], labels[chosen]


true_w, true_b = np.array([2, -3.4]), 4.2
features, labels = synthetic(true_w, true_b, 200)
print("features:", features[0], "label:", labels[0])

w, b = np.random.normal(0, 0.01, (2, 1)), np.zeros(1)
w.attach_grad()
b.attach_grad()


def squared(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


for epoch in range(3):
    for X, y in batches(10, features, labels):
        with autograd.record():
            l = squared(np.dot(X, w) + b, y)
        l.backward()
        for param in (w, b):
            param[:] = param - 0.03 * param.grad / len(X)
    print(f"epoch {epoch + 1}, loss {float(squared(np.dot(features, w) + b, labels).mean()):f}")
print(f"error in w: {true_w - w.reshape(true_w.shape)}, in b: {true_b - b}")

# the same with Gluon
net = nn.Sequential()
net.add(nn.Dense(1))
net.initialize(init.Normal(sigma=0.01))
loss = gluon.loss.L2Loss()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.03})
loader = gluon.data.DataLoader(gluon.data.ArrayDataset(features, labels), 10)
for epoch in range(2):
    for X, y in loader:
        with autograd.record():
            l = loss(net(X), y)
        l.backward()
        trainer.step(10)
    l = loss(net(features), labels)
    print(f"epoch {epoch + 1}, loss {l.mean().item():f}")
print(net[0].weight.data(), net[0].bias.data(), type(net[0].weight.data()).__name__, net[0].weight.grad().shape)


# softmax regression
def softmax(X):
    exp = np.exp(X)
    return exp / exp.sum(1, keepdims=True)


def cross_entropy(y_hat, y):
    return -np.log(y_hat[range(len(y_hat)), y])


def accuracy(y_hat, y):
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=1)
    cmp = y_hat.astype(y.dtype) == y
    return float(cmp.astype(y.dtype).sum())


X = np.random.uniform(-1, 1, (60, 4))
y = np.argmax(np.dot(X, np.random.normal(0, 1, (4, 3))), axis=1).astype("int32")
W, b = np.random.normal(0, 0.1, (4, 3)), np.zeros(3)
for param in (W, b):
    param.attach_grad()
print(softmax(X[:2]).sum(axis=1), cross_entropy(np.array([[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]]), np.array([0, 2])))
for epoch in range(5):
    with autograd.record():
        l = cross_entropy(softmax(np.dot(X, W) + b), y).sum()
    l.backward()
    for param in (W, b):
        param[:] = param - 0.5 / len(X) * param.grad
    print(f"loss {float(l) / len(X):f}, accuracy {accuracy(np.dot(X, W) + b, y) / len(y):f}")

# a perceptron with dropout of its own, and its weights decayed
W1, b1 = np.random.normal(scale=0.3, size=(4, 8)), np.zeros(8)
W2, b2 = np.random.normal(scale=0.3, size=(8, 3)), np.zeros(3)
params = [W1, b1, W2, b2]
for param in params:
    param.attach_grad()


def dropped(X, rate):
    mask = np.random.uniform(0, 1, X.shape) > rate
    return mask.astype(np.float32) * X / (1.0 - rate)


softmax_loss = gluon.loss.SoftmaxCrossEntropyLoss()
for epoch in range(4):
    with autograd.record():
        H = np.maximum(np.dot(X, W1) + b1, 0)
        if autograd.is_training():
            H = dropped(H, 0.2)
        l = softmax_loss(np.dot(H, W2) + b2, y) + 0.01 * (W1**2).sum() / 2
    l.backward()
    for param in params:
        param[:] -= 0.3 * param.grad / len(X)
    print(f"loss {float(l.mean()):f}, norm {float((W1**2).sum()):f}")
H = npx.relu(np.dot(X, W1) + b1)
print((np.dot(H, W2) + b2)[:2].round(3))
