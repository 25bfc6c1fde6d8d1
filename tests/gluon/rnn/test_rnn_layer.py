"""Fused recurrent layers equal real MXNet's, and do what MXNet leaves out on a CPU."""

from __future__ import annotations

from ..harness.compare import against_mxnet
from . import layer_cases

test_looks, test_runs, test_refused, test_scene = against_mxnet("rnn_layers", layer_cases)
