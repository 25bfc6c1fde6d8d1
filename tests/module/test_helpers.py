"""Functions of Module that have no public name and that forks import all the same."""

import numpy as np

from mxgluon_compat import cpu, nd
from mxgluon_compat.module import executor_group
from tests.oracle import module_helpers
from tests.oracle.scenario import read
from tests.scenarios import against_mxnet

NUMPY = {f"loading: numpy{how}" for how in ("", " in parts", " in one part", " along the second axis")}
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(module_helpers, differences=NUMPY)


def test_numpy_arrays_are_loaded():
    """MXNet takes NDArrays only: AttributeError."""
    numbers = np.arange(12, dtype="float32").reshape(4, 3)
    parts = [(slice(0, 1), nd.zeros((4, 1))), (slice(1, 3), nd.zeros((4, 2), cpu(1)))]
    whole = nd.zeros((4, 3))
    executor_group._load_general([numbers, numbers], [whole, parts], [0, 1])
    assert (whole.asnumpy() == numbers).all()
    assert (np.concatenate([a.asnumpy() for _, a in parts], axis=1) == numbers).all()
    assert {str(read("module_helpers")[name]) for name in NUMPY} == {"{'raises': 'AttributeError'}"}
