"""``mx.libinfo``: the version, and where MXNet's shared library would be, which is not here."""

from __future__ import annotations

from .base import UnsupportedError

__version__ = "1.9.1"
"""The version of MXNet whose behaviour this is."""

_REASON = "there is no libmxnet.so: operators run on PyTorch"


def find_lib_path(prefix: str = "libmxnet") -> list[str]:
    """Refused: paths of MXNet's shared library."""
    raise UnsupportedError("mx.libinfo.find_lib_path", _REASON)


def find_include_path() -> str:
    """Refused: the folder of MXNet's C headers."""
    raise UnsupportedError("mx.libinfo.find_include_path", _REASON)


def find_conf_path(prefix: str = "tvmop") -> list[str]:
    """Refused: paths of tuned TVM operators."""
    raise UnsupportedError("mx.libinfo.find_conf_path", _REASON)
