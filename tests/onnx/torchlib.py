"""PyTorch's table of translations into ONNX: it is made anew for every file, in half a second; tests need it once."""

import functools

import pytest
from torch.onnx._internal.exporter._registration import ONNXRegistry

_made = functools.cache(ONNXRegistry.from_torchlib)


@pytest.fixture(scope="module", autouse=True)
def one_table():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ONNXRegistry, "from_torchlib", staticmethod(_made))
        yield
