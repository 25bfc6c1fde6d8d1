"""What the commands share: exit codes, errors in one line, progress, text that is safe to print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..base import MXNetError
from ..util import progress

__all__ = ["EXIT_CODES", "FINE", "PROBLEMS", "UNUSABLE", "finish", "plural", "printable", "progress", "show",
           "table"]  # fmt: skip

FINE, PROBLEMS, UNUSABLE = 0, 1, 2
EXIT_CODES = "exit codes: 0 fine; 1 problems found; 2 wrong usage, or a file that cannot be read or written"
_INTERRUPTED = 130


def finish(command: Callable[[Any], tuple[int, str]], options: Any) -> int:
    """Runs a command, prints what it gives, and returns its exit code; errors become one line on stderr."""
    try:
        code, text = command(options)
    except (MXNetError, OSError, ValueError, ImportError, RecursionError, MemoryError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        _print(sys.stderr, f"error: {printable(reason)}")
        return UNUSABLE
    except KeyboardInterrupt:
        return _INTERRUPTED
    if text:
        _print(sys.stdout, text)
    return code


def _print(stream: Any, text: str) -> None:
    """Prints, where a reader may have gone (``| head``) or may not take every character."""
    try:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # what Python flushes at its end goes there


def show(report: dict[str, Any], as_json: bool, lines: Callable[[dict[str, Any]], Iterator[str]]) -> str:
    """A report as JSON, or as the lines that a person reads."""
    return json.dumps(report, indent=1, allow_nan=False) if as_json else "\n".join(lines(report))


def printable(text: str) -> str:
    """Text out of a file for a terminal: with escapes where it holds control characters."""
    return text if text.isprintable() else ascii(text)


def plural(count: int, what: str) -> str:
    """``1 array``, ``2,000 arrays``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows as lines with columns of one width."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
