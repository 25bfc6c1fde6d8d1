"""A small net trained with every optimizer, by name, with the arguments that people give; schedules, multipliers."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

OPTIMIZERS = [
    ("sgd", {"learning_rate": 0.1, "momentum": 0.9, "wd": 1e-4}),
    ("sgd", {"learning_rate": 0.1, "clip_gradient": 0.05}),
    ("nag", {"learning_rate": 0.05, "momentum": 0.9, "wd": 1e-3}),
    ("signum", {"learning_rate": 0.01, "momentum": 0.9, "wd_lh": 0.001}),
    ("ftml", {"learning_rate": 0.01, "beta1": 0.6}),
    ("lars", {"learning_rate": 1.0, "momentum": 0.9, "eta": 0.01, "wd": 1e-4}),
    ("lamb", {"learning_rate": 0.02, "wd": 0.01}),
    ("lamb", {"learning_rate": 0.02, "bias_correction": False, "lower_bound": 0.1, "upper_bound": 2.0}),
    ("lbsgd", {"learning_rate": 0.05, "momentum": 0.9, "warmup_strategy": "linear", "warmup_epochs": 1}),
    ("dcasgd", {"learning_rate": 0.05, "lamda": 0.1}),
    ("adam", {"learning_rate": 0.01, "wd": 1e-3}),
    ("adagrad", {"learning_rate": 0.1}),
    ("adadelta", {"rho": 0.9, "epsilon": 1e-4}),
    ("adamax", {"learning_rate": 0.01}),
    ("nadam", {"learning_rate": 0.01, "schedule_decay": 0.01}),
    ("rmsprop", {"learning_rate": 0.01, "gamma1": 0.9}),
    ("rmsprop", {"learning_rate": 0.01, "gamma1": 0.9, "centered": True, "clip_weights": 1.0}),
    ("ftrl", {"learning_rate": 0.2, "lamda1": 0.001, "beta": 0.5}),
]

random = np.random.RandomState(5)
DATA = nd.array(random.uniform(-1, 1, (64, 6)))
LABEL = nd.array((random.uniform(-1, 1, (64, 6)) @ np.ones(6) > 0) + 0.0)
loss_of = gluon.loss.SigmoidBinaryCrossEntropyLoss()

for name, arguments in OPTIMIZERS:
    mx.random.seed(11)
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Dense(8, activation="tanh"), nn.BatchNorm(), nn.Dense(1))
    net.initialize(mx.init.Xavier())
    net.hybridize()
    net(DATA)
    net[2].weight.lr_mult = 0.5
    net.collect_params(".*bias|.*beta").setattr("wd_mult", 0.0)
    trainer = gluon.Trainer(net.collect_params(), name, dict(arguments))
    losses = []
    for _ in range(6):
        with autograd.record():
            loss = loss_of(net(DATA), LABEL)
        loss.backward()
        trainer.step(64)
        losses.append(float(loss.mean().asscalar()))
    shown = " ".join("%s=%s" % pair for pair in sorted(arguments.items()))
    print(name, shown, type(trainer.optimizer).__name__, " ".join("%.6f" % value for value in losses))
    print("   rate %.5f" % trainer.learning_rate, "updates", trainer.optimizer.num_update)
