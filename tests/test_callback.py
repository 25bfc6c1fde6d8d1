"""``mx.callback`` against real MXNet's, line by line."""

from tests.oracle import callback as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)
