"""Processes with a GPU each, which sum over NCCL, learn what one process does on a CPU."""

import numpy as np
import pytest
import torch

import mxgluon_compat as mx

from . import gpus, training
from .launch import finish, start

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices"),
]


def test_as_one_process_on_a_cpu(tmp_path):
    finish(start(["-m", "tests.kvstore.gpus", str(tmp_path)], 2, "torchrun"), quiet=False)
    for case in gpus.CASES:
        whole = training.cases()[case](lambda: mx.kv.create("local"), slice(0, training.ROWS))
        first, second = (dict(np.load(tmp_path / f"{case} {rank}.npz")) for rank in range(2))
        for key, wanted in whole.items():
            np.testing.assert_allclose(first[key], wanted, rtol=1e-4, atol=1e-5, err_msg=f"{case} {key}")
            assert (second[key] == first[key]).all(), f"processes differ: {case} {key}"
