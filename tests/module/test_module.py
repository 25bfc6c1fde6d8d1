"""Modules and FeedForward against real MXNet's."""

from __future__ import annotations

from tests.oracle import module as scenario
from tests.oracle import module_fit as training
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, training, rtol=2e-4, atol=2e-5)
