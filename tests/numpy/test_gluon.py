"""Gluon under npx.set_np() against real MXNet: layers, losses, recurrent layers, initializers."""

from tests.oracle import numpy_gluon
from tests.scenarios import against_mxnet

# MXNet's losses take axis 0 for the batch's, whatever batch_axis says
DIFFERENCES = ("loss.L2Loss(batch_axis=1) | a, b False", "loss.L2Loss(batch_axis=1) | a, b True")

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(numpy_gluon, rtol=1e-5, atol=1e-6, differences=DIFFERENCES)
