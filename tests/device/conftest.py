"""Two devices need a thread of torch's engine each; it makes one for all pretended ones, so that backward runs here."""

import pytest
import torch


@pytest.fixture(autouse=True)
def _backward_in_this_thread():
    torch.autograd.set_multithreading_enabled(False)
    yield
    torch.autograd.set_multithreading_enabled(True)
