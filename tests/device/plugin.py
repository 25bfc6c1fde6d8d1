"""A pytest plugin (``-p tests.device.plugin``): gpu contexts are on the pretended device, and tests marked ``gpu`` run.

A test that needs more than a device of any kind (CUDA's own functions, a process of its own) is in ``ONLY_CUDA``.
"""

from __future__ import annotations

import pytest

from mxgluon_compat import context

from . import pretended

ONLY_CUDA = {
    "tests/contrib/amp/test_amp.py::test_a_step_waits_for_the_gpu_once": "asks CUDA how often it waits",
    "tests/io/test_io.py::test_memory_is_pinned_for_a_device": "pins memory",
    "tests/test_context.py::TestOnAGpu::test_out_of_pinned_memory": "pins memory",
    "tests/test_examples.py::test_on_a_gpu": "runs in a process of its own",
    "tests/test_profiler.py::test_kernels_of_a_gpu": "profiles kernels",
    "tests/test_test_utils.py::test_float32_on_a_gpu_with_tf32": "is about a kind of GPU",
}


def pytest_configure() -> None:
    """The device, before the package is asked about any."""
    pretended.register()
    context._GPU_TYPE = pretended.NAME


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        reason = ONLY_CUDA.get(item.nodeid.partition("[")[0])
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))
