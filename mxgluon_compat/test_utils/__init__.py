"""``mx.test_utils``: what tests written for MXNet stand on.

Random arrays come from numpy's global generator, in MXNet's order: the same seed gives the same arrays.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from ..context import Context, current_context
from ..ndarray import array
from ..numpy.symbol import _Symbol as np_symbol
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

# ``from mxnet.test_utils import *`` is all that many test files import: they have NumPy and the rest from there.
_MODULES = {
    "bz2": "bz2", "errno": "errno", "gzip": "gzip", "json": "json", "logging": "logging",
    "mx": __package__.rpartition(".")[0], "np": "numpy",
    "npt": "numpy.testing", "numbers": "numbers", "os": "os", "platform": "platform", "requests": "requests",
    "rnd": "numpy.random", "ss": "scipy.stats", "struct": "struct", "sys": "sys", "time": "time",
    "traceback": "traceback",
    "zipfile": "zipfile",
}  # fmt: skip

__all__ = [
    "Context", "Features", "Symbol", "array", "current_context", "get_cuda_compute_capability", "getenv", "np_symbol",
    "setenv", "use_np", *arrays.__all__, *comparison.__all__, *consistency.__all__, *datasets.__all__,
    *gradients.__all__, *settings.__all__, *sparse.__all__, *statistics.__all__, "OrderedDict", "contextmanager",
    *_MODULES,
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        try:
            return import_module(_MODULES[name])
        except ImportError:
            if name in ("requests", "ss"):  # may not be installed; MXNet has None then too
                return None
            raise
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; see migration_guide.md#what-is-not-there")
