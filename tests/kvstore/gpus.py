"""Run by test_gpus as one of several processes, each with a GPU of its own: leaves what it has learned in a folder."""

import os
import sys

import numpy as np
import torch

import mxgluon_compat as mx

from .training import ROWS, cases

CASES = ("sgd, update_on_kvstore=False", "sgd, update_on_kvstore=True", "adam, update_on_kvstore=False")


def main(folder):
    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    rows = slice(rank * ROWS // size, (rank + 1) * ROWS // size)
    with mx.gpu(rank) if torch.cuda.is_available() else mx.cpu():
        for case in CASES:
            np.savez(f"{folder}/{case} {rank}.npz", **cases()[case](lambda: "dist_device_sync", rows))


if __name__ == "__main__":
    main(sys.argv[1])
