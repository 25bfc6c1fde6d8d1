"""Every argument of every loss does what it does on real MXNet."""

from __future__ import annotations

from . import loss_argument_cases
from .harness.compare import against_mxnet

test_looks, test_runs, test_refused, test_scene = against_mxnet("loss_arguments", loss_argument_cases)
