"""mx.npx against real MXNet: functions of arrays and symbols, random numbers, pictures, files."""

from tests.oracle import numpy_extension
from tests.scenarios import against_mxnet

# MXNet takes a wrong gray for a pixel's saturation
DIFFERENCES = ("npx.image.random_saturation(u.astype('float32'), 0.5, 1.5)",)

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    numpy_extension, rtol=1e-5, atol=1e-6, differences=DIFFERENCES
)
