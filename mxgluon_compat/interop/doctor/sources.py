"""Files of a code base: finding them, and parsing Python and notebooks without running anything."""

from __future__ import annotations

import ast
import io
import json
import os
import pathlib
import re
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["Part", "UnreadableError", "files_below", "parts_of"]

_SKIPPED = frozenset({"__pycache__", "node_modules", ".ipynb_checkpoints", "site-packages"})
_OF_ARRAYS = (".params", "-symbol.json")
_ENDINGS = (".py", ".ipynb", *_OF_ARRAYS)
# Magics of a whole cell below which Python still stands.
_PYTHON_MAGICS = re.compile(r"%%(time|timeit|capture|prun|tab)\b")
_MAGIC = re.compile(r"^(\s*)(%|!|\?|\w+\s*=\s*[!%](?!=)|[\w.]+\?+\s*$)")


class UnreadableError(Exception):
    """A file, or a cell of a notebook, that cannot be parsed; the text says why, ``line`` where (0: nowhere)."""

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.line = line


class Part(NamedTuple):
    """A file's code, or that of one cell of a notebook.

    Attributes:
        tree: the parsed code; None where it cannot be parsed.
        cell: the cell's number among all cells, from 1; None in other files.
        error: why it cannot.
    """

    tree: ast.Module | None
    cell: int | None
    error: UnreadableError | None


def files_below(paths: Sequence[str]) -> Iterator[pathlib.Path]:
    """The files of the given folders that are of interest, sorted, and the given files themselves.

    Raises:
        FileNotFoundError: a path that is not there.
        ValueError: a file of another kind.
    """
    seen = set()
    for given in paths:
        path = pathlib.Path(given)
        if path.is_dir():
            found = list(_walk(path))
        elif path.is_file():
            if not path.name.endswith(_ENDINGS):
                raise ValueError(f"{given}: doctor reads {', '.join('*' + e for e in _ENDINGS)} and folders")
            found = [path]
        else:
            raise FileNotFoundError(f"no such file or folder: {given!r} (looked from {os.getcwd()})")
        for file in found:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _walk(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(n for n in folders if n not in _SKIPPED and not n.startswith(".") and not _is_venv(here, n))
        yield from (pathlib.Path(here, name) for name in sorted(names) if name.endswith(_ENDINGS))


def _is_venv(folder: str, name: str) -> bool:
    return os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))


def parts_of(path: pathlib.Path) -> list[Part]:
    """The code of a file of Python or a notebook.

    Raises:
        UnreadableError: none of it can be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}") from None
    if path.suffix == ".ipynb":
        return list(_cells(content))
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise UnreadableError(f"its encoding cannot be read: {error}") from None
    return [_parsed(text, None)]


def _parsed(text: str, cell: int | None) -> Part:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in strings of old code
            return Part(ast.parse(text), cell, None)
    except SyntaxError as error:
        why = f"syntax error: {error.msg}"
        if re.search(
            r"^\s*(print\s+[^(\s=]|exec\s+[^(\s=]|except\s+\w+\s*,\s*\w+\s*:|raise\s+\w+\s*,)", text, re.MULTILINE
        ):
            why += " (Python 2? Python 3 is needed; lib2to3 or '2to3' of Python 3.12 and older translates)"
        return Part(None, cell, UnreadableError(why, error.lineno or 0))
    except (ValueError, RecursionError, MemoryError) as error:
        return Part(None, cell, UnreadableError(f"cannot be parsed: {error or type(error).__name__}"))


def _cells(content: bytes) -> Iterator[Part]:
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
        sheets = notebook.get("worksheets", [notebook])  # those of formats before 4
        cells = [cell for sheet in sheets for cell in sheet["cells"]]
        codes = [
            (number, _joined(cell.get("source", cell.get("input", ""))))
            for number, cell in enumerate(cells, 1)
            if cell["cell_type"] == "code"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError(f"is no notebook: {type(error).__name__}: {error}") from None
    for number, code in codes:
        yield _parsed(_without_magics(code), number)


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _without_magics(code: str) -> str:
    """A cell's Python: lines that are for IPython become ``pass``, so that the others keep their numbers."""
    first = next((line for line in code.splitlines() if line.strip()), "")
    if first.startswith("%%") and not _PYTHON_MAGICS.match(first):
        return ""
    lines, continued = [], False
    for line in code.splitlines():
        magic = None if continued else _MAGIC.match(line)
        lines.append("" if continued else f"{magic[1]}pass" if magic else line)
        continued = (continued or magic is not None) and line.rstrip().endswith("\\")
    return "\n".join(lines) + "\n"
