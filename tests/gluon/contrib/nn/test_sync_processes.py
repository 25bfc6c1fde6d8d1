"""SyncBatchNorm in two processes of torch.distributed gives what BatchNorm gives for all batches in one process."""

import subprocess
import sys

import numpy as np
import pytest
import torch

import mxgluon_compat as mx

from .processes import CUT, observed

pytestmark = pytest.mark.skipif(not torch.distributed.is_available(), reason="torch without torch.distributed")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """{case: what each process observed}."""
    folder = tmp_path_factory.mktemp("processes")
    command = [sys.executable, "-m", "tests.gluon.contrib.nn.processes"]
    started = [
        subprocess.Popen([*command, str(rank), str(folder / "meet"), str(folder)], stderr=subprocess.PIPE, text=True)
        for rank in range(2)
    ]
    for process in started:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    return {
        case: [dict(np.load(folder / f"{case}{rank}.npz")) for rank in range(2)]
        for case in ("plain", "hybrid", "devices")
    }


@pytest.mark.parametrize("case", ["plain", "hybrid", "devices"])
def test_two_processes_are_one_batch(found, case):
    whole = observed(mx.gluon.nn.BatchNorm, 0, CUT[-1], False)
    first, second = found[case]
    for key, wanted in whole.items():
        if key in ("out", "x"):
            ours = np.concatenate([first[key], second[key]])
        elif key.startswith("grad"):  # of the sum of both losses
            ours = first[key] + second[key]
        elif key == "predicted":
            ours, wanted = first[key], wanted[: len(first[key])]
        else:
            np.testing.assert_allclose(second[key], first[key], rtol=1e-12)
            ours = first[key]
        np.testing.assert_allclose(ours, wanted, rtol=1e-9, atol=1e-10, err_msg=key)
