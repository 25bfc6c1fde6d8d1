"""``mx.image``: pictures, their augmenters, and iterators over them; reading files needs OpenCV."""

from . import detection, image
from . import detection as det
from .detection import *  # noqa: F403
from .image import *  # noqa: F403

__all__ = [*image.__all__, *detection.__all__, "det", "detection", "image"]
