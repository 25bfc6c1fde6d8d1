"""PyTorch's table of translations into ONNX: it is made anew for every file, in half a second; tests need it once."""

import functools

import pytest

try:
    from torch.onnx._internal.exporter._registration import ONNXRegistry
except ImportError:  # a place of PyTorch's own, which may move: then each file takes its half second
    ONNXRegistry = None


@functools.cache
def _made(make, *args, **kwargs):
    return make(*args, **kwargs)


@pytest.fixture(scope="module", autouse=True)
def one_table():
    with pytest.MonkeyPatch.context() as patch:
        if hasattr(ONNXRegistry, "from_torchlib"):
            make = functools.partial(_made, ONNXRegistry.from_torchlib)
            patch.setattr(ONNXRegistry, "from_torchlib", staticmethod(make))
        yield
