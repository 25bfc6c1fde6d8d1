"""Every argument of every layer does what it does on real MXNet."""

from __future__ import annotations

from ..harness.compare import against_mxnet
from . import argument_cases

test_looks, test_runs, test_refused, test_scene = against_mxnet("layer_arguments", argument_cases)
