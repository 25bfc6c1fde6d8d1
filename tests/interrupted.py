"""A training that is killed again and again: run by tests/test_checkpoint.py in a process of its own.

    python -m tests.interrupted FOLDER

One process has imported everything and starts the others as forks of itself, so that each is there at once. It prints
how often it killed one, and whether the parameters at the end are those of the training that nobody disturbed.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time

import numpy as np
import torch

import mxgluon_compat as mx
from mxgluon_compat import checkpoint

STEPS = 36
SETTINGS = {"sgd": {"learning_rate": 0.1, "momentum": 0.9}, "adam": {"learning_rate": 0.02}}


def training(folder, optimizer, note):
    """Trains from the checkpoint in the folder, if there is one, to the end; writes one after every second step."""
    mx.random.seed(5)
    np.random.seed(5)
    random.seed(5)
    net = mx.gluon.nn.HybridSequential()
    net.add(mx.gluon.nn.Dense(16, activation="relu", in_units=4), mx.gluon.nn.Dropout(0.5))
    net.add(mx.gluon.nn.BatchNorm(in_channels=16), mx.gluon.nn.Dense(3, in_units=16))
    net.initialize(mx.init.Xavier())
    net.hybridize()
    settings = {"wd": 1e-3, **SETTINGS[optimizer]}
    settings["lr_scheduler"] = mx.lr_scheduler.FactorScheduler(7, 0.9, base_lr=settings["learning_rate"])
    trainer = mx.gluon.Trainer(net.collect_params(), optimizer, settings)
    fixed = np.random.RandomState(0)
    data, labels = fixed.uniform(-1, 1, (40, 4)).astype("float32"), fixed.randint(0, 3, 40).astype("float32")
    loss_of = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    path, step, order = os.path.join(folder, "checkpoint"), 0, []
    if os.path.exists(path):
        step, order = checkpoint.load_checkpoint(path, net, trainer)
    while step < STEPS:
        if not order:
            order = np.random.permutation(40).tolist()
        picked, order = order[:8], order[8:]
        noise = mx.nd.random.normal(0, 0.1, (8, 4)) + random.random() * 0.01
        with mx.autograd.record():
            loss = loss_of(net(mx.nd.array(data[picked]) + noise), mx.nd.array(labels[picked]))
        loss.backward()
        trainer.step(8)
        step += 1
        if step % 2 == 0:
            checkpoint.save_checkpoint(path, net, trainer, [step, order])
    net.save_parameters(os.path.join(folder, note))


def started(function, *args):
    """The id of a fork that calls the function and ends."""
    child = os.fork()
    if not child:
        code = 1
        try:
            function(*args)
            code = 0
        finally:
            os._exit(code)
    return child


def killed_while_writing(folder, optimizer, note, count, before):
    """As ``training``, but it dies at the ``count``-th file: before the new one takes its place, or just after.

    A checkpoint is the fourth of the files that are written for it.
    """
    replace, calls = os.replace, []

    def deadly(*args, **kwargs):
        calls.append(args)
        if len(calls) == count and before:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(*args, **kwargs)
        if len(calls) == count:
            os.kill(os.getpid(), signal.SIGKILL)

    os.replace = deadly
    training(folder, optimizer, note)


def died(child):
    """Waits; whether the child was killed.

    Raises:
        RuntimeError: it failed by itself.
    """
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if os.WEXITSTATUS(status):
        raise RuntimeError(f"the training failed with {os.WEXITSTATUS(status)}")
    return False


def main(folder):
    torch.set_num_threads(1)  # threads do not survive a fork
    with torch.device("meta"):  # what torch imports for these is slow, and would be anew in each fork
        torch.nn.BatchNorm1d(2)(torch.nn.Linear(2, 2)(torch.ones(2, 2)))
    for optimizer in sorted(SETTINGS):
        kills, same, left = interrupted(os.path.join(folder, optimizer), optimizer)
        print(f"{optimizer}: killed {kills} times, the same: {same}, left over: {left}")


def interrupted(folder, optimizer):
    """(How often a training was killed, whether it ended as the calm one, the files in its folder)."""
    calm, rough = os.path.join(folder, "calm"), os.path.join(folder, "rough")
    os.makedirs(calm)
    os.makedirs(rough)
    start = time.monotonic()
    assert not died(started(training, calm, optimizer, "end"))
    whole = time.monotonic() - start
    moments, kills = random.Random(optimizer), 0
    for count, before in ((4, True), (8, False), (11, True)):
        kills += died(started(killed_while_writing, rough, optimizer, "end", count, before))
    while kills < 5:
        child = started(training, rough, optimizer, "end")
        time.sleep(moments.uniform(0.05, 0.5) * whole)
        os.kill(child, signal.SIGKILL)
        if not died(child):
            break  # it was faster
        kills += 1
    else:
        assert not died(started(training, rough, optimizer, "end"))
    calm_end, rough_end = (mx.nd.load(os.path.join(part, "end")) for part in (calm, rough))
    same = calm_end.keys() == rough_end.keys() and all(
        (calm_end[k].asnumpy() == rough_end[k].asnumpy()).all() for k in calm_end
    )
    return kills, same, sorted(os.listdir(rough))


if __name__ == "__main__":
    main(*sys.argv[1:])
