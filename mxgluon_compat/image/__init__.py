"""``mx.image``: pictures, their augmenters, and iterators over them; reading files needs OpenCV."""

from . import detection, image
from . import detection as det
from .augmenters import *  # noqa: F403
from .detection_augmenters import *  # noqa: F403
from .detection_iterator import ImageDetIter
from .functions import *  # noqa: F403
from .iterator import ImageIter

__all__ = [*image.__all__, *detection.__all__, "det", "detection", "image"]
