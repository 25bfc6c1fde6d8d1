"""Operators in bound graphs, as programs that check them use them, against real MXNet's."""

from tests.oracle import operator_programs
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(operator_programs, rtol=2e-3, atol=1e-3)
