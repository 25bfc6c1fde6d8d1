"""Train a DCGAN on generated pictures of coloured shapes with Gluon: two nets, two Trainers, one loss.

Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks,
https://arxiv.org/abs/1511.06434.
"""

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

try:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
except ImportError:
    plt = None


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--images", type=int, default=1024, help="how many pictures to draw")
    parser.add_argument("--size", type=int, default=32, choices=(32, 64), help="their height and width")
    parser.add_argument("--nz", type=int, default=64, help="numbers that one picture is made from")
    parser.add_argument("--ngf", type=int, default=32, help="channels before the generator's last layer")
    parser.add_argument("--ndf", type=int, default=32, help="channels after the discriminator's first layer")
    parser.add_argument("--lr", type=float, default=0.0002)
    parser.add_argument("--beta1", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--gpu", action="store_true", help="train on gpu(0) instead of the cpu")
    parser.add_argument("--no-hybridize", action="store_true", help="run the nets as written, without tracing them")
    parser.add_argument("--out", default=".", help="folder for the generator, the discriminator and the pictures")
    parser.add_argument("--losses-out", help="write losses and accuracies of every batch to this JSON file")
    return parser.parse_args()


def draw(count, size):
    """Pictures (count, 3, size, size) in [-1, 1]: an ellipse or a rectangle on a background that fades."""
    rows, columns = np.mgrid[:size, :size] / float(size)
    pictures = np.empty((count, 3, size, size), dtype=np.float32)
    for picture in pictures:
        top, bottom, colour = np.random.uniform(-1, 1, (3, 3, 1, 1))
        y, x = np.random.uniform(0.3, 0.7, 2)
        height, width = np.random.uniform(0.1, 0.3, 2)
        down, right = np.abs(rows - y) / height, np.abs(columns - x) / width
        inside = down**2 + right**2 < 1 if np.random.rand() < 0.5 else np.maximum(down, right) < 1
        picture[:] = np.where(inside, colour, top + (bottom - top) * rows)
    return pictures


def build_generator(size, channels):
    """(N, nz, 1, 1) -> (N, 3, size, size): to 4 x 4, then each layer doubles height and width and halves channels."""
    net = nn.HybridSequential(prefix="generator_")
    with net.name_scope():
        height, width = 4, channels * size // 8
        net.add(nn.Conv2DTranspose(width, 4, strides=1, padding=0, use_bias=False))
        while height < size:
            net.add(nn.BatchNorm(), nn.Activation("relu"))
            height, width = height * 2, width // 2
            net.add(nn.Conv2DTranspose(width if height < size else 3, 4, strides=2, padding=1, use_bias=False))
        net.add(nn.Activation("tanh"))
    return net


def build_discriminator(size, channels):
    """(N, 3, size, size) -> (N, 1, 1, 1), large for pictures that look real: the generator's layers, backwards."""
    net = nn.HybridSequential(prefix="discriminator_")
    with net.name_scope():
        net.add(nn.Conv2D(channels, 4, strides=2, padding=1, use_bias=False), nn.LeakyReLU(0.2))
        height, width = size // 2, channels
        while height > 4:
            height, width = height // 2, width * 2
            net.add(nn.Conv2D(width, 4, strides=2, padding=1, use_bias=False), nn.BatchNorm(), nn.LeakyReLU(0.2))
        net.add(nn.Conv2D(1, 4, strides=1, padding=0, use_bias=False))
    return net


def told_apart(label, score):
    """Share of the pictures whose score has the sign that their label asks for."""
    return ((score.ravel() > 0) == (label.ravel() > 0.5)).mean()


def save_pictures(pictures, path):
    """Pictures (N, 3, size, size) in [-1, 1] as one grid, if matplotlib is there."""
    if plt is None:
        return
    columns = int(np.ceil(np.sqrt(len(pictures))))
    figure = plt.figure(figsize=(columns, columns))
    for place, picture in enumerate(pictures.transpose((0, 2, 3, 1))):
        axes = figure.add_subplot(columns, columns, place + 1)
        axes.imshow((picture + 1) / 2)
        axes.axis("off")
    figure.savefig(path)
    plt.close(figure)


def train(generator, discriminator, data, args, ctx):
    options = {"learning_rate": args.lr, "beta1": args.beta1}
    generator_trainer = gluon.Trainer(generator.collect_params(), "adam", options)
    discriminator_trainer = gluon.Trainer(discriminator.collect_params(), "adam", options)
    loss_fn = gluon.loss.SigmoidBinaryCrossEntropyLoss()
    metric = mx.metric.CustomMetric(told_apart, name="accuracy")
    real_label, fake_label = nd.ones((args.batch_size,), ctx=ctx), nd.zeros((args.batch_size,), ctx=ctx)
    fixed = nd.random_normal(0, 1, shape=(16, args.nz, 1, 1), ctx=ctx)
    history = {"discriminator_losses": [], "generator_losses": [], "accuracies": []}

    for epoch in range(args.epochs):
        tic = time.time()
        for real in data:
            real = real.as_in_context(ctx)
            noise = nd.random_normal(0, 1, shape=(args.batch_size, args.nz, 1, 1), ctx=ctx)
            metric.reset()

            # the discriminator: up on real pictures, down on fake ones
            with autograd.record():
                score = discriminator(real)
                fake = generator(noise)
                fake_score = discriminator(fake.detach())
                discriminator_loss = loss_fn(score, real_label) + loss_fn(fake_score, fake_label)
            discriminator_loss.backward()
            metric.update([real_label], [score])
            metric.update([fake_label], [fake_score])
            discriminator_trainer.step(args.batch_size)

            # the generator: what the discriminator now takes for real
            with autograd.record():
                generator_loss = loss_fn(discriminator(generator(noise)), real_label)
            generator_loss.backward()
            generator_trainer.step(args.batch_size)

            history["discriminator_losses"].append(float(discriminator_loss.mean().asscalar()))
            history["generator_losses"].append(float(generator_loss.mean().asscalar()))
            history["accuracies"].append(float(metric.get()[1]))

        name, accuracy = metric.get()
        logging.info(
            "epoch %d: losses %.4f and %.4f, %s %.4f, %.1f s", epoch, history["discriminator_losses"][-1],
            history["generator_losses"][-1], name, accuracy, time.time() - tic,
        )  # fmt: skip
        save_pictures(generator(fixed).asnumpy(), os.path.join(args.out, "epoch%03d.png" % epoch))
    history["pictures"] = picture_statistics(generator(fixed))
    return history


def picture_statistics(pictures):
    """Mean and spread of each channel."""
    return [float(x) for x in nd.concat(*nd.moments(pictures, axes=(0, 2, 3)), dim=0).asnumpy()]


def main():
    args = parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.info(args)
    np.random.seed(args.seed)
    mx.random.seed(args.seed)
    ctx = mx.gpu() if args.gpu else mx.cpu()
    if not os.path.isdir(args.out):
        os.makedirs(args.out)

    pictures = gluon.data.ArrayDataset(draw(args.images, args.size))
    data = gluon.data.DataLoader(pictures, args.batch_size, shuffle=True, last_batch="discard")
    generator = build_generator(args.size, args.ngf)
    discriminator = build_discriminator(args.size, args.ndf)
    for net in (generator, discriminator):
        net.initialize(mx.init.Normal(0.02), ctx=ctx)
        if not args.no_hybridize:
            net.hybridize()
    history = train(generator, discriminator, data, args, ctx)

    discriminator.save_parameters(os.path.join(args.out, "discriminator.params"))
    if not args.no_hybridize:
        prefix = os.path.join(args.out, "generator")
        generator.export(prefix, epoch=args.epochs)
        params = "%s-%04d.params" % (prefix, args.epochs)
        loaded = gluon.SymbolBlock.imports(prefix + "-symbol.json", ["data"], params, ctx=ctx)
        noise = nd.random_normal(0, 1, shape=(4, args.nz, 1, 1), ctx=ctx)
        np.testing.assert_allclose(loaded(noise).asnumpy(), generator(noise).asnumpy(), rtol=1e-5, atol=1e-5)
        logging.info("exported to %s-symbol.json and %s; loaded back, it draws the same", prefix, params)
    if args.losses_out:
        with open(args.losses_out, "w") as f:
            json.dump(history, f)


if __name__ == "__main__":
    main()
