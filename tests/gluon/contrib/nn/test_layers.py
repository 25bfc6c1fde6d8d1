"""Every layer of gluon.contrib.nn equals real MXNet's: names, Parameters, repr, symbol JSON, outputs, gradients."""

from __future__ import annotations

from ...harness.compare import against_mxnet
from . import cases

test_looks, test_runs, test_refused, test_scene = against_mxnet("contrib_layers", cases)
