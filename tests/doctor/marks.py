"""Which uses of MXNet a program comes by when it runs, against those that doctor finds in its text.

While ``recording``, the code of a folder is compiled with marks, which tell their place when the program comes by.
Tracing of lines would say less (``mx.gpu() if there else mx.cpu()`` is one line), slow down all that is not the
program's, and have to be turned on in each thread.

As a script, ``marks.py FILE PROGRAM ARGS...`` is ``python -m mxgluon_compat run PROGRAM ARGS...``, and writes to FILE
the places in the program's folder.
"""

from __future__ import annotations

import ast
import builtins
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any
from unittest.mock import patch

from mxgluon_compat.__main__ import main
from mxgluon_compat.interop.doctor import DIFFERS, SUPPORTED, Project, Use
from mxgluon_compat.interop.doctor.sources import files_below

_MARK = "__mark__"


def _place(file: str, line: int, column: int) -> str:
    return f"{os.path.realpath(file)}:{line}:{column}"


class _Marks(ast.NodeTransformer):
    """Puts a mark on each name that is read, each call and each import.

    A name ``e`` becomes ``__mark__("FILE:LINE:COLUMN", e)``. Of a call it is the last that is evaluated before the call
    is made: ``f(x, y)`` becomes ``f(x, __mark__(..., y))``. An import is followed by a statement. Of what starts at one
    place, as in ``net.weight.data().mean()``, the whole is marked: its parts come first.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._marked: set[str] = set()

    def visit(self, node: Any) -> Any:
        read = isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        if not isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Import, ast.ImportFrom)) or not read:
            return self.generic_visit(node)
        place = _place(self._file, node.lineno, node.col_offset)
        if place in self._marked or getattr(node, "module", "") == "__future__":
            return self.generic_visit(node)
        self._marked.add(place)
        node = self.generic_visit(node)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return [node, ast.copy_location(ast.Expr(_marked(place, node)), node)]
        if not isinstance(node, ast.Call):
            return _marked(place, node, node)
        if not node.args and not node.keywords:
            node.func = _marked(place, node.func, node.func)
        elif isinstance(last := (node.args + node.keywords)[-1], (ast.Starred, ast.keyword)):
            last.value = _marked(place, last.value, last.value)
        else:
            node.args[-1] = _marked(place, last, last)
        return node


def _marked(place: str, at: ast.AST, *value: ast.expr) -> ast.expr:
    call = ast.Call(ast.Name(_MARK, ast.Load()), [ast.Constant(place), *value], [])
    return ast.fix_missing_locations(ast.copy_location(call, at))


@contextmanager
def recording(folder: str | Path, tell: Callable[[str], Any]) -> Iterator[None]:
    """Code of ``folder`` that is compiled or imported meanwhile tells the places that it comes by."""
    below, plain, load = os.path.realpath(folder) + os.sep, compile, SourceFileLoader.get_code

    def ours(file: Any) -> bool:
        return os.path.isabs(file) and os.path.realpath(file).startswith(below)

    def compile_marked(source: Any, filename: Any, mode: str, *args: Any, **kwargs: Any) -> Any:
        if mode == "exec" and ours(filename):
            source = _Marks(filename).visit(plain(source, filename, mode, ast.PyCF_ONLY_AST))
        return plain(source, filename, mode, *args, **kwargs)

    def get_code(loader: SourceFileLoader, name: str) -> Any:  # neither from __pycache__ nor into it
        if not ours(loader.path):
            return load(loader, name)
        return compile_marked(loader.get_data(loader.path), loader.path, "exec", dont_inherit=True)

    def mark(place: str, value: Any = None) -> Any:
        tell(place)
        return value

    with (
        patch.object(builtins, "compile", compile_marked),
        patch.object(builtins, _MARK, mark, create=True),
        patch.object(SourceFileLoader, "get_code", get_code),
    ):
        yield


def run(program: Path, *arguments: str, cwd: Path) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """``python -m mxgluon_compat run PROGRAM ARGS...``: what it printed, and the places it came by."""
    with tempfile.NamedTemporaryFile("r") as file:
        command = [sys.executable, __file__, file.name, str(program), *arguments]
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=900)
        return done, set(file.read().splitlines())


def uses_of(*paths: str | Path) -> list[Use]:
    """What doctor finds in files and folders, all of which it can read."""
    files = list(files_below([str(path) for path in paths]))
    project = Project(files)
    uses = [use for file in files for use in project.uses(file)]
    assert project.errors == []
    return uses


def missed(uses: Iterable[Use], places: set[str]) -> list[Use]:
    """Of the uses that are said to work, those that are at none of the places; code of a notebook is ``FILE:CELL``."""

    def come_by(use: Use) -> bool:
        file = use.file if use.cell is None else f"{use.file}:{use.cell}"
        return _place(file, use.line, use.column) in places

    return [use for use in uses if use.judged.state in (SUPPORTED, DIFFERS) and not come_by(use)]


def _run_marked(path: str, program: str, *arguments: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_APPEND)  # forked processes write there too, a line at a time
    told: set[str] = set()

    def tell(place: str) -> None:
        if place not in told:
            told.add(place)
            os.write(file, f"{place}\n".encode())

    with recording(os.path.dirname(program), tell):
        main(["run", program, *arguments])


if __name__ == "__main__":
    _run_marked(*sys.argv[1:])
