"""mx.engine, error, runtime, rtc, library, libinfo, base, contrib.autograd, misc, random.seed against real MXNet's."""

import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.base import UnsupportedError
from tests.oracle import small_modules
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(small_modules)


def test_features_are_those_of_torch():
    features = mx.runtime.Features()
    assert features.is_enabled("cuda") == torch.cuda.is_available()
    assert features.is_enabled("mkldnn") == torch.backends.mkldnn.is_available()
    assert features.is_enabled("profiler") and not features.is_enabled("tvm_op")
    assert {f.name for f in features.values() if f.enabled} == {n for n in features if features.is_enabled(n)}


@pytest.mark.parametrize(
    "call",
    [
        lambda: mx.rtc.CudaModule("source"), lambda: mx.rtc.CudaKernel(0, "name", [], []), mx.libinfo.find_lib_path,
        mx.libinfo.find_include_path, mx.libinfo.find_conf_path, lambda: mx.base.check_call, lambda: mx.base._LIB,
        lambda: mx.base.c_str, lambda: mx.library.load("ops.so"), lambda: mx.library.check_call,
    ],
)  # fmt: skip
def test_what_is_refused_says_why(call):
    with pytest.raises(UnsupportedError, match=r"mx\.rtc|mx\.libinfo|mx\.library\.load.*cpp_extension|C library"):
        call()


def test_cuda_source_is_pointed_elsewhere():
    with pytest.raises(UnsupportedError, match="load_inline"):
        mx.rtc.CudaModule("source")


def test_names_that_are_nobodys():
    assert not hasattr(mx.base, "no_such_name") and not hasattr(mx.base, "check_call")
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = mx.base.no_such_name


def test_strings_are_names_already():
    assert mx.base.py_str("name") == "name" and mx.base.py_str(b"name") == "name"


def test_an_internal_error_says_so_once():
    text = str(mx.error.InternalError("what"))
    assert text.startswith("what\nMXNet hint: ") and str(mx.error.InternalError(text)) == text
