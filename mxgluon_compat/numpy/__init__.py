"""``mx.np``: arrays with NumPy's semantics and functions on them, on the operators of the table."""

from __future__ import annotations

from . import (  # traced: installs itself, where a trace makes symbols
    arrayprint,
    creation,
    elementwise,
    fallback,
    fallback_linalg,
    function_base,
    indexing,
    io,
    linalg,
    manipulation,
    methods,
    products,
    random,
    reductions,
    stride_tricks,
    traced,
    utils,
)  # fmt: skip
from .creation import *  # noqa: F403
from .indexing import nonzero
from .manipulation import *  # noqa: F403
from .multiarray import ndarray
from .products import *  # noqa: F403
from .reductions import *  # noqa: F403
from .utils import *  # noqa: F403
from .utils import _STR_2_DTYPE_  # noqa: F401 - legacy code reads it here

_FUNCTIONS = {**elementwise.FUNCTIONS, **fallback.FALLBACK}

__all__ = [
    "linalg", "ndarray", "nonzero", "random", *creation.__all__, *manipulation.__all__, *products.__all__,
    *reductions.__all__, *utils.__all__, *_FUNCTIONS,
]  # fmt: skip

globals().update(_FUNCTIONS)
# NumPy's functions of these names take arguments that those of mx.np do not; they run by NumPy, as in MXNet.
_BY_NUMPY = {"histogram", "indices", "ldexp", "linspace", "logspace"}
fallback.OWN["numpy"] |= {
    name: globals()[name]
    for name in (
        *creation.__all__, *manipulation.__all__, *products.__all__, *reductions.__all__, *elementwise.FUNCTIONS,
        "nonzero", "may_share_memory", "resize", "shape", "shares_memory", "unravel_index",
    )
    if name not in _BY_NUMPY
}  # fmt: skip
fallback.OWN["numpy.linalg"] |= {name: getattr(linalg, name) for name in linalg.__all__ if name not in fallback.LINALG}
