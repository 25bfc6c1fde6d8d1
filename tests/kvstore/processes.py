"""Run by test_processes: two processes, two again, and four, which leave what they found in a folder."""

import contextlib
import json
import os
import signal
import sys
import time
import traceback

import numpy as np
import torch

import mxgluon_compat as mx
from mxgluon_compat.interop.program import run_script
from tests.oracle import kvstore_dist

from . import checks
from .launch import fork
from .training import ROWS, back, cases, net, values

STARTS = {
    "2": (2, "dmlc", {}),
    "2, no overlap": (2, "dmlc, no ids", {"MXGLUON_KVSTORE_OVERLAP": 0}),
    "4, small buckets": (4, "torchrun", {"MXGLUON_KVSTORE_BUCKET_MB": 0.0001}),
}
FOR_ALL = ("sgd", "adam", "branches", "embedding")


def tried(check, store):
    """``''``, or what went wrong."""
    try:
        check(store)
    except Exception:
        return traceback.format_exc()
    return ""


def main(folder, name):
    store = mx.kv.create("dist_sync")
    size, rank = store.num_workers, store.rank
    rows = slice(rank * ROWS // size, (rank + 1) * ROWS // size)
    found = {}
    for case, training in cases().items():
        if name != "2" and not any(word in case for word in FOR_ALL):
            continue
        found.update({f"{case}: {key}": value for key, value in training(lambda: "dist_sync", rows).items()})
    np.savez(f"{folder}/{name} {rank}.npz", **found)
    if name == "2":
        golden = {}
        for part in kvstore_dist.PARTS:
            with mx.name.NameManager():
                golden.update(kvstore_dist.worker(mx, part))
        done = {check.__name__: tried(check, store) for check in checks.CHECKS}
        with open(f"{folder}/{rank}.json", "w") as file:
            json.dump({"golden": golden, "checks": done}, file)


def deserted(folder, name, leave):
    """The second process stops in the middle of a training; what the first one then sees."""
    made = net(1)
    trainer = mx.gluon.Trainer(
        made.collect_params(), "sgd", kvstore="dist_sync", update_on_kvstore=name.endswith("updates")
    )
    for step in range(100):
        back(made, values(step, ROWS, 3), values(step, ROWS, 2))
        if step == 3 and trainer._kvstore.rank:
            leave()
        try:
            trainer.step(ROWS)
        except mx.MXNetError as error:
            with open(f"{folder}/{name}.txt", "w") as file:
                file.write(f"{step} {error}")
            return


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def asleep():
    time.sleep(4)
    os._exit(0)


PROGRAMS = ("data_parallel", "data_parallel_module")
DESERTIONS = {"killed": killed, "killed, kvstore updates": killed, "asleep": asleep}


def own_group(folder):
    """A process group that the program has set up, and takes down."""
    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=size)
    for _ in range(2):
        learned = cases()["sgd, update_on_kvstore=False"](lambda: "dist_device_sync", slice(4 * rank, 4 * rank + 4))
        np.savez(
            f"{folder}/own group {rank}.npz", **{f"sgd, update_on_kvstore=False: {k}": v for k, v in learned.items()}
        )
    kv = mx.kv.create("dist_sync")
    torch.distributed.destroy_process_group()
    try:
        kv.init(1, mx.nd.ones(2))
        kv.push(1, mx.nd.ones(2))
    except mx.MXNetError:
        return
    raise AssertionError("a process group that is no more was of use")


def program(folder, name):
    """A program written for MXNet, started as MXNet's launcher does."""
    with open(f"{folder}/{name}.{os.getpid()}.printed", "w") as file, contextlib.redirect_stdout(file):
        run_script(os.path.join(os.path.dirname(__file__), f"{name}.py"))


if __name__ == "__main__":
    first = net(0)  # what is imported on first use is then there in all
    first.hybridize()
    first(mx.nd.ones((1, 3)))
    for name, (count, style, more) in STARTS.items():
        fork(lambda name=name: main(sys.argv[1], name), count, style, **more)
    fork(lambda: own_group(sys.argv[1]), 2, "torchrun")
    for name in PROGRAMS:
        fork(lambda name=name: program(sys.argv[1], name), 2, "dmlc, no ids")
    for name, leave in DESERTIONS.items():
        fork(lambda name=name, leave=leave: deserted(sys.argv[1], name, leave), 2, "dmlc", survivors=1,
             MXGLUON_KVSTORE_TIMEOUT=60 if leave is killed else 2)  # fmt: skip
