"""Loggers with MXNet's format: one letter for the level, date and time, process, place."""

from __future__ import annotations

import logging
import warnings
from logging import CRITICAL, DEBUG, ERROR, INFO, NOTSET, WARNING

__all__ = ["CRITICAL", "DEBUG", "ERROR", "INFO", "NOTSET", "WARNING", "getLogger", "get_logger"]

_LETTERS = {CRITICAL: "C", ERROR: "E", WARNING: "W", INFO: "I", DEBUG: "D"}
_RED, _GREEN, _BLUE = "\033[31m", "\033[32m", "\033[34m"


class _Formatter(logging.Formatter):
    """``W1231 23:59:59 PID FILE:FUNCTION:LINE] message``, the head coloured by the level."""

    def __init__(self) -> None:
        super().__init__(datefmt="%m%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        color = _RED if record.levelno >= WARNING else _GREEN if record.levelno >= INFO else _BLUE
        letter = _LETTERS.get(record.levelno, "U")
        self._style._fmt = (
            f"{color}{letter}%(asctime)s %(process)d %(pathname)s:%(funcName)s:%(lineno)d]\033[0m %(message)s"
        )
        return super().format(record)


def getLogger(  # noqa: N802 - MXNet's name
    name: str | None = None, filename: str | None = None, filemode: str | None = None, level: int = WARNING
) -> logging.Logger:
    """``get_logger`` under its deprecated name."""
    warnings.warn("getLogger is deprecated, Use get_logger instead.", DeprecationWarning, stacklevel=2)
    return get_logger(name, filename, filemode, level)


def get_logger(
    name: str | None = None, filename: str | None = None, filemode: str | None = None, level: int = WARNING
) -> logging.Logger:
    """The logger of that name; the first call for a name gives it its handler and level, later calls change nothing.

    Args:
        name: None for the root logger, which is returned as it is.
        filename: log to this file (messages only) instead of stderr.
        filemode: how to open the file, ``'a'`` by default.
        level: the lowest level that is logged.
    """
    logger = logging.getLogger(name)
    if name is None or getattr(logger, "_init_done", False):
        return logger
    logger._init_done = True  # type: ignore[attr-defined]
    if filename:
        handler: logging.Handler = logging.FileHandler(filename, filemode or "a")
    else:
        handler = logging.StreamHandler()
        # The head with its colours is for people at a terminal; files get the bare messages, as in MXNet.
        handler.setFormatter(_Formatter())
    logger.addHandler(handler)
    logger.setLevel(level)
    return logger
