"""``mx.test_utils``: what tests written for MXNet stand on.

Random arrays come from numpy's global generator, in MXNet's order: the same seed gives the same arrays.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import json
import logging
import numbers
import os
import platform
import struct
import sys
import time
import traceback
import zipfile
from collections import OrderedDict
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.random as rnd
import numpy.testing as npt

from ..base import UnsupportedAttributeError
from ..context import Context, current_context
from ..ndarray import array
from ..runtime import Features
from ..symbol import Symbol
from ..util import get_cuda_compute_capability, getenv, setenv, use_np
from . import arrays, comparison, consistency, datasets, gradients, settings, sparse, statistics
from .arrays import *  # noqa: F403
from .comparison import *  # noqa: F403
from .consistency import *  # noqa: F403
from .datasets import *  # noqa: F403
from .gradients import *  # noqa: F403
from .settings import *  # noqa: F403
from .sparse import *  # noqa: F403
from .statistics import *  # noqa: F403

__all__ = [
    "Context", "Features", "Symbol", "array", "current_context", "get_cuda_compute_capability", "getenv", "setenv",
    "use_np", *arrays.__all__, *comparison.__all__, *consistency.__all__, *datasets.__all__, *gradients.__all__,
    *settings.__all__, *sparse.__all__, *statistics.__all__,
    # tests that begin with `from mxnet.test_utils import *` have these names from there
    "OrderedDict", "bz2", "contextmanager", "errno", "gzip", "json", "logging", "mx", "np", "npt", "numbers", "os",  # noqa: F405
    "platform", "rnd", "struct", "sys", "time", "traceback", "zipfile",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "mx":
        return sys.modules[__package__.rpartition(".")[0]]
    if name == "np_symbol":
        raise UnsupportedAttributeError(f"{__name__}.{name}", "mx.np is not there yet")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; see migration_guide.md#what-is-not-there")
