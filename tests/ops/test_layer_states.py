"""Layers with auxiliary states that MXNet runs in symbols only, or in oneDNN, against real MXNet's."""

from tests.oracle import layer_states
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(layer_states, rtol=1e-4, atol=1e-5)
