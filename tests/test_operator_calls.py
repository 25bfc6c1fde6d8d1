"""Calls of operators as users write them, against MXNet."""

from tests.oracle import operator_calls
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(operator_calls, rtol=1e-5, atol=1e-6)
