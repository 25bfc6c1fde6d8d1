"""Train a recurrent language model on a text: truncated backpropagation, clipped gradients, perplexity."""

from __future__ import print_function

import argparse
import json
import logging
import math
import os
import time

import mxnet as mx
import numpy as np
from data import Corpus, Writer, batchify, get_batch
from model import RNNModel
from mxnet import autograd, gluon


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="lstm", choices=("rnn_tanh", "rnn_relu", "lstm", "gru"))
    parser.add_argument("--text", help="a file to learn; by default a story of 300 KB is made up")
    parser.add_argument("--emsize", type=int, default=128, help="size of the word embeddings")
    parser.add_argument("--nhid", type=int, default=128, help="hidden units of each layer")
    parser.add_argument("--nlayers", type=int, default=2)
    parser.add_argument("--lr", type=float, default=4.0, help="initial learning rate")
    parser.add_argument("--clip", type=float, default=0.2, help="bound of the gradient's norm")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch-size", type=int, default=20)
    parser.add_argument("--bptt", type=int, default=35, help="length of the sequences")
    parser.add_argument("--dropout", type=float, default=0.2, help="of the embeddings and of the output")
    parser.add_argument("--rnn-dropout", type=float, default=0.0, help="between layers (not in MXNet on a CPU)")
    parser.add_argument("--tied", action="store_true", help="one weight for the embedding and the output")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--gpu", action="store_true", help="train on gpu(0) instead of the cpu")
    parser.add_argument("--no-hybridize", action="store_true", help="run the model as written, without tracing it")
    parser.add_argument("--log-interval", type=int, default=40)
    parser.add_argument("--save", default="model.params", help="file of the best parameters")
    parser.add_argument("--losses-out", help="write the losses of every batch to this JSON file")
    return parser.parse_args()


def load_corpus(path):
    if path:
        with open(path) as f:
            lines = f.read().splitlines()
    else:
        lines = Writer(1).text(300000).splitlines()
    first, second = len(lines) * 8 // 10, len(lines) * 9 // 10
    return Corpus(*("\n".join(part) for part in (lines[:first], lines[first:second], lines[second:])))


def detach(hidden):
    """The same states, without the computation that led to them."""
    if isinstance(hidden, (tuple, list)):
        return [detach(h) for h in hidden]
    return hidden.detach()


def evaluate(model, source, loss_fn, args, ctx):
    """The mean loss of a word."""
    total, seen = 0.0, 0
    hidden = model.begin_state(func=mx.nd.zeros, batch_size=args.batch_size, ctx=ctx)
    for i in range(0, source.shape[0] - 1, args.bptt):
        data, target = get_batch(source, i, args.bptt)
        output, hidden = model(data, hidden)
        loss = loss_fn(output, target)
        total += loss.sum().asscalar()
        seen += loss.size
    return total / seen


def train_epoch(model, source, loss_fn, trainer, args, ctx, losses):
    total, seen = 0.0, 0
    parameters = [p for p in model.collect_params().values() if p.grad_req != "null"]
    hidden = model.begin_state(func=mx.nd.zeros, batch_size=args.batch_size, ctx=ctx)
    start = time.time()
    for number, i in enumerate(range(0, source.shape[0] - 1, args.bptt)):
        data, target = get_batch(source, i, args.bptt)
        hidden = detach(hidden)
        with autograd.record():
            output, hidden = model(data, hidden)
            loss = loss_fn(output, target)
        loss.backward()
        # The gradients are sums over all words of the batch, and so must their bound be.
        gluon.utils.clip_global_norm([p.grad(ctx) for p in parameters], args.clip * loss.size)
        trainer.step(loss.size)
        losses.append(float(loss.mean().asscalar()))
        total += losses[-1] * loss.size
        seen += loss.size
        if (number + 1) % args.log_interval == 0:
            mean = total / seen
            logging.info(
                "batch %d: loss %.2f, perplexity %.2f, %.0f words/s",
                number + 1, mean, math.exp(mean), seen / (time.time() - start),
            )  # fmt: skip
    return total / seen


def main():
    args = parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.info(args)
    np.random.seed(args.seed)
    mx.random.seed(args.seed)
    ctx = mx.gpu() if args.gpu else mx.cpu()

    corpus = load_corpus(args.text)
    words = len(corpus.dictionary)
    parts = (corpus.train, corpus.valid, corpus.test)
    logging.info("%d different words; %d to train, %d to validate, %d to test", words, *[len(part) for part in parts])
    train, valid, test = (batchify(part.as_in_context(ctx), args.batch_size) for part in parts)

    model = RNNModel(args.model, words, args.emsize, args.nhid, args.nlayers, args.dropout, args.rnn_dropout, args.tied)
    model.initialize(mx.init.Xavier(), ctx=ctx)
    if not args.no_hybridize:
        model.hybridize()
    logging.info(model)
    trainer = gluon.Trainer(model.collect_params(), "sgd", {"learning_rate": args.lr, "momentum": 0, "wd": 0})
    loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
    loss_fn.hybridize(not args.no_hybridize)

    history = {"batch_losses": [], "epoch_losses": [], "valid_losses": [], "learning_rates": []}
    best = float("inf")
    for epoch in range(args.epochs):
        loss = train_epoch(model, train, loss_fn, trainer, args, ctx, history["batch_losses"])
        held_out = evaluate(model, valid, loss_fn, args, ctx)
        history["epoch_losses"].append(loss)
        history["valid_losses"].append(float(held_out))
        history["learning_rates"].append(trainer.learning_rate)
        logging.info(
            "epoch %d: perplexity %.2f, validation %.2f, learning rate %g",
            epoch, math.exp(loss), math.exp(held_out), trainer.learning_rate,
        )  # fmt: skip
        if held_out < best:
            best = held_out
            model.save_parameters(args.save)
        else:
            trainer.set_learning_rate(trainer.learning_rate * 0.25)
            model.load_parameters(args.save, ctx=ctx)

    model.load_parameters(args.save, ctx=ctx)
    history["test_loss"] = float(evaluate(model, test, loss_fn, args, ctx))
    logging.info("best model: test perplexity %.2f", math.exp(history["test_loss"]))
    if args.losses_out:
        folder = os.path.dirname(args.losses_out)
        if folder and not os.path.isdir(folder):
            os.makedirs(folder)
        with open(args.losses_out, "w") as f:
            json.dump(history, f)


if __name__ == "__main__":
    main()
