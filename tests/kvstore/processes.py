"""Run by test_processes: two processes, two again, and four, which leave what they found in a folder."""

import json
import sys
import traceback

import numpy as np

import mxgluon_compat as mx
from tests.oracle import kvstore_dist

from . import checks
from .launch import fork
from .training import ROWS, cases, net

STARTS = {
    "2": (2, "dmlc", {}),
    "2, no overlap": (2, "dmlc, no ids", {"MXGLUON_KVSTORE_OVERLAP": 0}),
    "4, small buckets": (4, "torchrun", {"MXGLUON_KVSTORE_BUCKET_MB": 0.0001}),
}


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


if __name__ == "__main__":
    first = net(0)  # what is imported on first use is then there in all
    first.hybridize()
    first(mx.nd.ones((1, 3)))
    for name, (count, style, more) in STARTS.items():
        fork(lambda name=name: main(sys.argv[1], name), count, style, **more)
