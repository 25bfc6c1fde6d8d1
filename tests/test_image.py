"""mx.image against real MXNet."""

import pytest

pytest.importorskip("cv2")

from tests.oracle import image_augmenters, image_detection, image_functions, image_iter
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    image_functions, image_augmenters, image_iter, image_detection, rtol=1e-5, atol=1e-4
)
