"""``from mxnet.X import *`` against real MXNet's: programs and tests have names from there that they import nowhere."""

import pytest

import mxgluon_compat as mx
from tests.oracle import star_imports
from tests.oracle.scenario import read

GOLDEN = read("star_imports")
# What is not there, or is the import of something else that MXNet's modules do not hide.
MISSING = {
    "context": {"check_call", "classproperty", "ctypes", "threading", "warnings", "with_metaclass"},
    "gluon.data.vision.transforms": {
        "Block", "HybridBlock", "HybridSequential", "Sequential", "image", "is_np_array", "np", "numeric_types",
        "random",
    },
    "image": {
        "Number", "cv2", "io", "is_np_array", "json", "logging", "nd", "np", "numeric_types", "os", "random",
        "recordio", "sys", "warnings",
    },
    "lr_scheduler": {"cos", "logging", "pi"},
    "module": {
        "base_module", "bucketing_module", "executor_group", "module", "python_module", "sequential_module",
    },
    "ndarray": {
        "CachedOp", "get_indexing_dispatch_code", "get_oshape_of_gather_nd_op", "imdecode",
        "indexing_key_expand_implicit_axes", "numpy", "numpy_extension",
    },
    "ndarray.contrib": {
        "backward_gradientmultiplier", "backward_hawkesll", "backward_index_copy", "backward_quadratic",
        "quantized_rnn",
    },
    "random": {"Context", "check_call", "ctypes", "integer_types"},
    "rnn": {
        "DataBatch", "DataDesc", "DataIter", "bisect", "functools", "init", "ndarray", "np", "numeric_types",
        "random", "string_types", "symbol", "warnings",
    },
}  # fmt: skip
MISSING["symbol.contrib"] = MISSING["ndarray.contrib"]


@pytest.mark.parametrize("module", sorted(GOLDEN))
def test_names(module):
    assert set(GOLDEN[module]) - set(star_imports.results(mx)[module]) == MISSING.get(module, set())


@pytest.mark.parametrize("module", sorted(GOLDEN))
def test_they_can_be_imported(module):
    exec(f"from mxgluon_compat.{module} import *", {})


def test_test_utils_alone_is_enough():
    names = {}
    exec("from mxgluon_compat.test_utils import *", names)
    assert names["mx"] is mx
    assert names["np"].__name__ == "numpy"
    assert names["rnd"].randint(3, 4) == 3
