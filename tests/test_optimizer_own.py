"""Optimizers that users wrote against MXNet's API, and all optimizers in a Trainer."""

from tests.oracle import optimizer_own
from tests.scenarios import against_mxnet


def tolerance(name):
    if "float16" in name:
        return 1e-3, 1e-6  # the result has 11 bits
    return 2e-6, 1e-6


found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(optimizer_own, tolerance=tolerance)
