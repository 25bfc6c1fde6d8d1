"""Everything of ``mx.image`` but detection, under the name of MXNet's module."""

from . import augmenters, functions
from .augmenters import *  # noqa: F403
from .functions import *  # noqa: F403
from .functions import _get_interp_method as _get_interp_method  # packages import it from here
from .iterator import ImageIter

__all__ = [*functions.__all__, *augmenters.__all__, "ImageIter"]
