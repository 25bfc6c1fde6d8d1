"""Epochs that are left early, again and again: what stays behind of them.

python -m tests.gluon.data.soak [EPOCHS]
"""

import gc
import multiprocessing
import os
import sys
import time

import numpy as np

import mxgluon_compat as mx
from mxgluon_compat.gluon.data import DataLoader, SimpleDataset

ROWS = 24


def large(i):
    """A sample of 128 KiB: batches of these go through shared memory."""
    return mx.nd.array(np.full((1 << 15,), i, dtype="float32")), i


def _files(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except FileNotFoundError:  # it has ended in the meantime
        return 0


def _segments():
    """Shared memory of torch that is left in the system, or mapped here."""
    with open("/proc/self/maps") as maps:
        mapped = sum("/torch_" in line for line in maps)
    return mapped + sum(name.startswith("torch_") for name in os.listdir("/dev/shm"))


def measured():
    gc.collect()
    children = multiprocessing.active_children()
    return {
        "files": _files("self"),
        "workers": len(children),
        "files of workers": max((_files(child.pid) for child in children), default=0),
        "shared memory": _segments(),
    }


def settled(limit, seconds=20):
    """What is there when it has come down to ``limit``, or has not within the time."""
    end = time.monotonic() + seconds
    while True:
        found = measured()
        if all(found[k] <= limit[k] for k in found) or time.monotonic() > end:
            return found
        time.sleep(0.05)


def leave_early(loader, epochs):
    for epoch in range(epochs):
        for i, (batch, numbers) in enumerate(loader):
            assert batch[0, 0].asscalar() == numbers[0].asscalar() == 2 * i
            if i == epoch % 3:
                break


def soak(epochs, **options):
    """(before, in the middle, at the end, without the loader) of so many epochs of one loader."""
    dataset = SimpleDataset(list(range(ROWS))).transform(large)
    leave_early(DataLoader(dataset, 2, **options), 1)  # what multiprocessing opens once
    before = settled({**dict.fromkeys(measured(), 1 << 30), "workers": 0, "shared memory": 0})
    loader = DataLoader(dataset, 2, **options)
    leave_early(loader, 5)
    time.sleep(0.5)
    middle = measured()
    leave_early(loader, epochs)
    end = settled(middle)
    del loader
    return before, middle, end, settled(before)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    for kind in ({"num_workers": 2}, {"num_workers": 2, "thread_pool": True}):
        start = time.time()
        for when, found in zip(("before", "5 epochs", f"{count} epochs", "after"), soak(count, **kind)):
            print(kind, when, found)
        print(f"{time.time() - start:.1f} s")
