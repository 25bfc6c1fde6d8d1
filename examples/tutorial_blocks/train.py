"""Blocks inside Blocks, and gradient descent by hand, on handwritten digits: Gluon without a Trainer."""

from __future__ import print_function

import argparse
import os

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import Block, nn

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "digits", "data", "digits.npz")


class Residual(Block):
    """y = relu(x + f(x)), with f two dense layers."""

    def __init__(self, units, **kwargs):
        super(Residual, self).__init__(**kwargs)
        with self.name_scope():
            self.inner = nn.Dense(units)
            self.outer = nn.Dense(units)

    def forward(self, x):
        return nd.relu(x + self.outer(nd.relu(self.inner(x))))


class Scale(Block):
    """A layer with a parameter of its own: multiplies each feature by a number that it learns."""

    def __init__(self, units, **kwargs):
        super(Scale, self).__init__(**kwargs)
        with self.name_scope():
            self.weight = self.params.get("weight", shape=(units,), init=mx.init.One())

    def forward(self, x):
        return x * self.weight.data(x.context)


class Net(Block):
    def __init__(self, units=32, classes=10, **kwargs):
        super(Net, self).__init__(**kwargs)
        with self.name_scope():
            self.dense0 = nn.Dense(units, activation="tanh")
            self.body = nn.Sequential()
            with self.body.name_scope():
                for _ in range(2):
                    self.body.add(Residual(units))
                self.body.add(Scale(units))
            self.output = nn.Dense(classes)

    def forward(self, x):
        x = self.dense0(x.reshape((x.shape[0], -1)))
        for i, block in enumerate(self.body):
            x = block(x)
            if autograd.is_training() and i == 0:
                x = x * (nd.abs(x) > 1e-3)  # drop what is almost nothing; any Python may stand here
        return self.output(x)


def sgd(params, lr, batch_size):
    for param in params:
        param[:] = param - lr * param.grad / batch_size


def momentum_sgd(params, velocities, lr, batch_size, momentum=0.9):
    for param, velocity in zip(params, velocities):
        velocity *= momentum
        velocity += param.grad / batch_size
        param -= lr * velocity


def accuracy(net, data, label):
    return nd.mean(nd.argmax(net(data), axis=1) == label).asscalar()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    np.random.seed(args.seed)
    mx.random.seed(args.seed)
    ctx = mx.cpu()
    batch_size = 100

    with np.load(DATA) as data:
        images = nd.array(data["images"], ctx=ctx) / 16
        labels = nd.array(data["labels"], ctx=ctx)
    train_images, test_images = images[:1400], images[1400:]
    train_labels, test_labels = labels[:1400], labels[1400:]
    print("train", train_images.shape, "test", test_images.shape, train_images.dtype.__name__, train_images.context)

    net = Net(prefix="digits_")
    net.initialize(mx.init.Normal(0.1), ctx=ctx)
    print(net)
    net(train_images[:1])  # the first call makes the weights, now that their shapes are known
    params = net.collect_params()
    print(params)
    for name, param in params.items():
        print("%-40s %-12s %s" % (name, param.shape, param.grad_req))
    print(list(net.collect_params(".*weight").keys()))

    softmax_cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()
    arrays = [param.data() for param in params.values()]
    velocities = [nd.zeros_like(array) for array in arrays]
    for epoch in range(args.epochs):
        order = nd.array(np.random.permutation(len(train_images)))
        total = 0.0
        for i in range(0, len(train_images), batch_size):
            batch = order[i : i + batch_size]
            data, label = train_images.take(batch), train_labels.take(batch)
            with autograd.record():
                loss = softmax_cross_entropy(net(data), label)
            loss.backward()
            if epoch == 0:
                sgd(arrays, 0.5, batch_size)
            else:
                momentum_sgd(arrays, velocities, 0.1, batch_size)
            total += nd.sum(loss).asscalar()
            if i % 500 == 0:
                norm = sum(nd.sum(array.grad**2).asscalar() for array in arrays) ** 0.5 / batch_size
                mean = loss.mean().asscalar()
                print("epoch %d, batch %2d: loss %.5f, gradient norm %.4f" % (epoch, i // batch_size, mean, norm))
        test = accuracy(net, test_images, test_labels)
        print("epoch %d: loss %.5f, test accuracy %.3f" % (epoch, total / len(train_images), test))

    for param in net.dense0.params.values():  # one layer stays as it is
        param.grad_req = "null"
    before = net.dense0.weight.data().copy()
    with autograd.record():
        loss = softmax_cross_entropy(net(test_images), test_labels).mean()
    loss.backward()
    grad = net.output.weight.grad()
    net.output.weight.set_data(net.output.weight.data() - 0.1 * grad)
    print("unchanged:", bool((net.dense0.weight.data() == before).min().asscalar()))
    print("gradient of the output layer:", grad.shape, "%.5f" % grad.norm().asscalar())


if __name__ == "__main__":
    main()
