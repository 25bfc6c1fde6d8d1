"""Several processes train to the parameters of one that has the whole batch."""

import numpy as np
import pytest
import torch

from . import training
from .launch import finish, start

pytestmark = pytest.mark.skipif(not torch.distributed.is_available(), reason="torch without torch.distributed")

STARTS = [(2, "dmlc", {}), (2, "dmlc, no ids", {"MXGLUON_KVSTORE_OVERLAP": 0}),
          (4, "torchrun", {"MXGLUON_KVSTORE_BUCKET_MB": "0.0001"})]  # fmt: skip


@pytest.fixture(scope="module")
def whole():
    """{case: parameters} of one process."""
    return {name: run("device", slice(0, training.ROWS)) for name, run in training.cases().items()}


@pytest.fixture(scope="module", params=STARTS, ids=lambda p: f"{p[0]} {p[1]}")
def several(request, tmp_path_factory):
    """What each process has learned."""
    count, style, variables = request.param
    folder = tmp_path_factory.mktemp("processes")
    finish(start(["-m", "tests.kvstore.training", str(folder)], count, style, **variables))
    return [dict(np.load(folder / f"{rank}.npz")) for rank in range(count)]


@pytest.mark.parametrize("case", list(training.cases()))
def test_as_one_process(case, several, whole):
    for key, wanted in whole[case].items():
        first = several[0][f"{case}: {key}"]
        np.testing.assert_allclose(first, wanted, rtol=1e-5, atol=1e-6, err_msg=key)
        assert abs(wanted).max() > 0.01
        for other in several[1:]:
            assert (other[f"{case}: {key}"] == first).all(), "processes differ"
