"""Modules with row_sparse weights against real MXNet's."""

from __future__ import annotations

from tests.oracle import module_sparse as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, rtol=2e-4, atol=2e-5)
