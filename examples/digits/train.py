"""Train a small convolution net on handwritten digits with Gluon, export it, and load it back."""

from __future__ import print_function

import argparse
import json
import logging
import os
import time

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "digits.npz")


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.005)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--wd", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--gpu", action="store_true", help="train on gpu(0) instead of the cpu")
    parser.add_argument("--no-hybridize", action="store_true", help="run the net as written, without tracing it")
    parser.add_argument("--out", default=".", help="folder for the exported net")
    parser.add_argument("--losses-out", help="write the losses of every batch to this JSON file")
    return parser.parse_args()


def load_data(batch_size):
    """Four fifths of the digits to train on, the rest to test on."""
    with np.load(DATA) as data:
        images = data["images"].astype(np.float32)[:, np.newaxis, :, :] / 16
        labels = data["labels"].astype(np.float32)
    order = np.random.permutation(len(images))
    split = len(images) * 4 // 5
    train, test = order[:split], order[split:]
    train_set = gluon.data.ArrayDataset(images[train], labels[train])
    test_set = gluon.data.ArrayDataset(images[test], labels[test])
    return (
        gluon.data.DataLoader(train_set, batch_size, shuffle=True, last_batch="keep"),
        gluon.data.DataLoader(test_set, batch_size, shuffle=False),
    )


def build_net():
    net = nn.HybridSequential()
    with net.name_scope():
        for channels in (32, 64):
            net.add(
                nn.Conv2D(channels, kernel_size=3, padding=1, use_bias=False),
                nn.BatchNorm(),
                nn.Activation("relu"),
                nn.MaxPool2D(pool_size=2, strides=2),
            )
        net.add(nn.Flatten())
        net.add(nn.Dense(128, activation="relu"))
        net.add(nn.Dropout(0.3))
        net.add(nn.Dense(10))
    return net


def evaluate(net, loader, ctx):
    metric = mx.metric.Accuracy()
    for data, label in loader:
        output = net(data.as_in_context(ctx))
        metric.update([label.as_in_context(ctx)], [output])
    return metric.get()[1]


def predict(net, loader, ctx):
    return nd.concat(*[net(data.as_in_context(ctx)) for data, _ in loader], dim=0).asnumpy()


def train(net, train_data, test_data, args, ctx):
    schedule = mx.lr_scheduler.FactorScheduler(step=5 * len(train_data), factor=0.5, base_lr=args.lr)
    options = {"learning_rate": args.lr, "momentum": args.momentum, "wd": args.wd, "lr_scheduler": schedule}
    trainer = gluon.Trainer(net.collect_params(), "sgd", options)
    loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
    metric = mx.metric.Accuracy()
    history = {"batch_losses": [], "epoch_losses": [], "train_accuracy": [], "test_accuracy": []}
    for epoch in range(args.epochs):
        metric.reset()
        tic = time.time()
        total, seen = 0.0, 0
        for data, label in train_data:
            data, label = data.as_in_context(ctx), label.as_in_context(ctx)
            with autograd.record():
                output = net(data)
                loss = loss_fn(output, label)
            loss.backward()
            trainer.step(data.shape[0])
            metric.update([label], [output])
            history["batch_losses"].append(float(loss.mean().asscalar()))
            total += float(loss.sum().asscalar())
            seen += data.shape[0]
        speed = seen / (time.time() - tic)
        history["epoch_losses"].append(total / seen)
        history["train_accuracy"].append(metric.get()[1])
        history["test_accuracy"].append(evaluate(net, test_data, ctx))
        logging.info(
            "epoch %d: loss %.4f, %s %.4f, test accuracy %.4f, %.0f images/s",
            epoch, total / seen, metric.get()[0], metric.get()[1], history["test_accuracy"][-1], speed,
        )  # fmt: skip
    return history


def main():
    args = parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.info(args)
    np.random.seed(args.seed)
    mx.random.seed(args.seed)
    ctx = mx.gpu() if args.gpu else mx.cpu()

    train_data, test_data = load_data(args.batch_size)
    net = build_net()
    net.initialize(mx.init.Xavier(), ctx=ctx)
    if not args.no_hybridize:
        net.hybridize()
    history = train(net, train_data, test_data, args, ctx)

    if not args.no_hybridize:
        if not os.path.isdir(args.out):
            os.makedirs(args.out)
        prefix = os.path.join(args.out, "digits")
        net.export(prefix, epoch=args.epochs)
        params = "%s-%04d.params" % (prefix, args.epochs)
        loaded = gluon.SymbolBlock.imports(prefix + "-symbol.json", ["data"], params, ctx=ctx)
        before, after = predict(net, test_data, ctx), predict(loaded, test_data, ctx)
        np.testing.assert_allclose(after, before, rtol=1e-5, atol=1e-5)
        assert (after.argmax(axis=1) == before.argmax(axis=1)).all()
        logging.info("exported to %s-symbol.json and %s; loaded back, it predicts the same", prefix, params)

    if args.losses_out:
        with open(args.losses_out, "w") as f:
            json.dump(history, f)
    logging.info("final test accuracy: %.4f", history["test_accuracy"][-1])


if __name__ == "__main__":
    main()
