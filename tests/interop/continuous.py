"""One net trained in turns by the Gluon Trainer, by torch.optim and, compiled, under DDP and FSDP on two processes.

``python continuous.py``: each of the processes prints the loss of every step, and that of a run with Gluon alone.
"""

import json
import os

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, nd
from mxgluon_compat.gluon import nn
from mxgluon_compat.interop import as_module

STEPS, BATCH, RATE = 6, 8, 0.2


def make():
    mx.random.seed(5)
    net = nn.HybridSequential()
    net.add(nn.Conv2D(4, 3, activation="tanh"), nn.Flatten(), nn.Dense(6, activation="relu"), nn.Dense(3))
    net.initialize(mx.init.Xavier())
    return net


def batch(step):
    generator = torch.Generator().manual_seed(step)
    labels = torch.randint(0, 3, (BATCH,), generator=generator)
    return torch.randn(BATCH, 1, 6, 6, generator=generator) + labels.view(-1, 1, 1, 1), labels.float()


def with_gluon(net, steps):
    loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": RATE})
    for step in steps:
        data, label = map(nd.NDArray, batch(step))
        with autograd.record():
            loss = loss_of(net(data), label)
        loss.backward()
        trainer.step(BATCH)
        yield loss.mean().asscalar().item()


def with_torch(module, steps, own=slice(None), compiled=False):
    loss_of = as_module(gluon.loss.SoftmaxCrossEntropyLoss())
    optimizer = torch.optim.SGD(module.parameters(), lr=RATE)
    run = torch.compile(module, backend="aot_eager") if compiled else module
    for step in steps:
        data, label = batch(step)
        optimizer.zero_grad()
        loss = loss_of(run(data[own]), label[own]).mean()
        loss.backward()
        optimizer.step()
        yield loss.item()


def mean(values):
    found = torch.tensor(list(values))
    dist.all_reduce(found)
    return (found / dist.get_world_size()).tolist()


def main():
    rank = int(os.environ["RANK"])
    dist.init_process_group("gloo")
    turns = [range(i * STEPS, (i + 1) * STEPS) for i in range(4)]
    alone = list(with_gluon(make(), range(4 * STEPS)))
    net = make()
    found = list(with_gluon(net, turns[0]))
    module = as_module(net)
    found += with_torch(module, turns[1])
    own = slice(rank * BATCH // 2, (rank + 1) * BATCH // 2)
    parallel = torch.nn.parallel.DistributedDataParallel(module)
    found += mean(with_torch(parallel, turns[2], own, compiled=True))
    data = nd.NDArray(batch(0)[0])
    agree = bool((parallel(batch(0)[0]) - net(data).to_torch()).abs().max() < 1e-5)
    fully_shard(module.get_submodule("2"), mesh=init_device_mesh("cpu", (2,)))
    fully_shard(module, mesh=init_device_mesh("cpu", (2,)))
    found += mean(with_torch(module, turns[3], own))
    print(json.dumps({"alone": alone, "in turns": found, "agree": agree}))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
