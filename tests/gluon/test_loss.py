"""Every loss equals real MXNet's: values, gradients, symbol JSON, hybridized and exported."""

from __future__ import annotations

from . import loss_cases
from .harness.compare import against_mxnet

test_looks, test_runs, test_refused, test_scene = against_mxnet("losses", loss_cases)
