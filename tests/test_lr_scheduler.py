"""Learning rate schedulers against real MXNet's: rates, log messages, state, refusals."""

from tests.oracle import lr_scheduler as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, rtol=1e-14, atol=0)
