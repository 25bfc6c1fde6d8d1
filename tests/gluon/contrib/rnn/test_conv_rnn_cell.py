"""The recurrent cells that convolve equal real MXNet's: a step, unrolled, hybridized, exported and compiled."""

from __future__ import annotations

from ...harness.compare import against_mxnet
from . import conv_cases

test_looks, test_runs, test_refused, test_scene = against_mxnet("conv_cells", conv_cases)
