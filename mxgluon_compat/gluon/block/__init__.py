"""``mx.gluon.block``: what Gluon models are made of."""

from __future__ import annotations

from os.path import commonprefix as _common_prefix  # noqa: F401
from typing import Any

# Packages import these from here, as from MXNet's one file.
from ...base import MXNetError  # noqa: F401
from ...ndarray import NDArray  # noqa: F401
from ...symbol import Symbol  # noqa: F401
from ...util import is_np_array  # noqa: F401
from ..naming import _BlockScope  # noqa: F401
from ..nested import flatten as _flatten  # noqa: F401
from ..nested import regroup
from ..parameter import DeferredInitializationError, Parameter, ParameterDict  # noqa: F401
from ..utils import HookHandle, _brief_print_list, _indent  # noqa: F401
from .block import Block
from .hybrid import HybridBlock
from .symbol_block import SymbolBlock

__all__ = ["Block", "HybridBlock", "SymbolBlock"]


def _regroup(args: list[Any], fmt: Any) -> Any:
    """The structure that ``_flatten`` took apart."""
    return regroup(args, fmt)[0]
