"""``mx.image``: pictures, their augmenters, and iterators over them; reading files needs OpenCV."""

from ..numpy_extension import image as _npx_image
from . import detection, image
from . import detection as det
from .augmenters import *  # noqa: F403
from .detection_augmenters import *  # noqa: F403
from .detection_iterator import ImageDetIter
from .functions import *  # noqa: F403
from .iterator import ImageIter

__all__ = [*image.__all__, *detection.__all__, "det", "detection", "image"]

for _name in __all__:  # MXNet's npx.image has all of this beside its operators
    vars(_npx_image).setdefault(_name, globals()[_name])
