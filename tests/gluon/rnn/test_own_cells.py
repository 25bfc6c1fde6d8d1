"""Cells that programs build on RecurrentCell and HybridRecurrentCell do what they do on real MXNet."""

from __future__ import annotations

from tests.oracle import gluon_own_cells
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(gluon_own_cells, rtol=1e-5, atol=1e-6)
