"""Every layer equals real MXNet's: names, Parameters, repr, symbol JSON, outputs, gradients, running statistics."""

from __future__ import annotations

from ..harness.compare import against_mxnet
from . import cases

test_looks, test_runs, test_refused, test_scene = against_mxnet("layers", cases)
