"""``mx.rnn`` against real MXNet's: graphs node by node, weights, checkpoints, sentences."""

from __future__ import annotations

from tests.oracle import rnn as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, rtol=1e-4, atol=2e-5)
