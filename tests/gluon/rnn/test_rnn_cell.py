"""Every recurrent cell equals real MXNet's: names, Parameters, symbol JSON, outputs, states, gradients."""

from __future__ import annotations

from ..harness.compare import against_mxnet
from . import cell_cases

test_looks, test_runs, test_refused, test_scene = against_mxnet("cells", cell_cases)
