"""Leaving in steps changes nothing: the curve of a net that Gluon and torch train in turns is that of Gluon alone."""

import json
import os

import numpy as np
import pytest
import torch

from ..kvstore.launch import finish, start

pytestmark = pytest.mark.skipif(not torch.distributed.is_available(), reason="torch was built without distributed")


def test_one_curve_through_gluon_torch_ddp_and_fsdp():
    program = os.path.join(os.path.dirname(__file__), "continuous.py")
    # torch's word on gradients of convolutions in channels_last
    started = start([program], 2, "torchrun", PYTHONWARNINGS="error,ignore:Grad strides do not match")
    first, second = map(json.loads, finish(started, quiet=False))
    assert first == second and first["agree"]
    np.testing.assert_allclose(first["in turns"], first["alone"], atol=1e-5)
    assert len(first["alone"]) == 24 and first["alone"][-1] < 0.7 * first["alone"][0]
