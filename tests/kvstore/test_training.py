"""Several processes train to the parameters of one that has the whole batch."""

import numpy as np
import pytest
import torch

import mxgluon_compat as mx

from . import training
from .launch import finish, start

pytestmark = pytest.mark.skipif(not torch.distributed.is_available(), reason="torch without torch.distributed")


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """{start: what each process has learned}."""
    folder = tmp_path_factory.mktemp("processes")
    finish(start(["-m", "tests.kvstore.training", str(folder)], 1, None))
    return {
        name: [dict(np.load(folder / f"{name} {rank}.npz")) for rank in range(count)]
        for name, (count, _, _) in training.STARTS.items()
    }


@pytest.mark.parametrize("case", list(training.cases()))
def test_as_one_process(case, several):
    whole = training.cases()[case](lambda: mx.kv.create("local"), slice(0, training.ROWS))
    for key, wanted in whole.items():
        assert abs(wanted).max() > 0.01
        for name, found in several.items():
            first = found[0][f"{case}: {key}"]
            np.testing.assert_allclose(first, wanted, rtol=1e-5, atol=1e-6, err_msg=f"{name} {key}")
            for other in found[1:]:
                assert (other[f"{case}: {key}"] == first).all(), f"processes differ: {name} {key}"
