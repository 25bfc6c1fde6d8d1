"""Everything of ``mx.image`` for detection, under the name of MXNet's module."""

from . import detection_augmenters
from .detection_augmenters import *  # noqa: F403
from .detection_iterator import ImageDetIter

__all__ = [*detection_augmenters.__all__, "ImageDetIter"]
