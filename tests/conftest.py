"""Tests marked ``gpu`` need a CUDA device; workers that run side by side share the cores."""

from __future__ import annotations

import os

import pytest
import torch

from mxgluon_compat.context import num_gpus


def pytest_configure():
    """Threads of one worker, and of the programs that it starts: more than there are cores slow each other down."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        threads = max(1, (os.cpu_count() or 1) // workers)
        torch.set_num_threads(threads)
        os.environ.setdefault("OMP_NUM_THREADS", str(threads))


ONEDNN = os.environ.get("MXNET_MKLDNN_ENABLED")


def pytest_collection_modifyitems(items):
    # Scripts of tests/oracle, imported for their scenarios, set it for a run of their own under MXNet.
    if ONEDNN is None:
        os.environ.pop("MXNET_MKLDNN_ENABLED", None)
    if num_gpus():
        return
    skip = pytest.mark.skip(reason="needs a CUDA device")
    for item in items:
        if "gpu" in item.keywords:
            item.add_marker(skip)
