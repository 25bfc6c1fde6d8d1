"""A code base: its modules know each other, each is read once."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable

from .reader import Reader
from .sources import Part, UnreadableError, parts_of
from .values import Program
from .verdict import Use

__all__ = ["Project"]


class Project:
    """The files of Python and notebooks of a code base.

    Args:
        files: their paths.
    """

    def __init__(self, files: Iterable[pathlib.Path]) -> None:
        self._files = {file.resolve(): file for file in files}
        self._readers: dict[pathlib.Path, Reader] = {}
        self._registered: set[str] = set()
        self.errors: list[tuple[str, int, int | None, str]] = []
        """Of what cannot be read: file, line (0: none), cell, reason."""

    def uses(self, file: pathlib.Path) -> list[Use]:
        """The uses of MXNet in one of the files, in the order of its lines."""
        try:
            reader = self._reader(file.resolve())
            reader.finish()
        except RecursionError:
            self.errors.append((str(file), 0, None, "its code is nested too deeply to be read"))
            return []
        return sorted(set(reader.uses), key=lambda use: (use.cell or 0, use.line, use.column, use.name, use.kind))

    def _reader(self, file: pathlib.Path) -> Reader:
        if file not in self._readers:
            name = str(self._files[file])
            reader = Reader(name, lambda name, level: self._imported(file, name, level), self._registered)
            self._readers[file] = reader
            for part in self._parts(file):
                if part.tree is not None:
                    reader.read(part.tree, part.cell)
        return self._readers[file]

    def _parts(self, file: pathlib.Path) -> list[Part]:
        name = str(self._files[file])
        try:
            parts = parts_of(self._files[file])
        except UnreadableError as error:
            self.errors.append((name, error.line, None, str(error)))
            return []
        self.errors += [(name, p.error.line, p.cell, str(p.error)) for p in parts if p.error is not None]
        return parts

    def _imported(self, importer: pathlib.Path, name: str, level: int) -> Program | None:
        """The module of the code base that an import in a file gives; None for those of others."""
        parts = [part for part in name.split(".") if part]
        folder = importer.parent
        for _ in range(level - 1):
            folder = folder.parent
        # An absolute name is looked for beside the file and in each folder above it, as sys.path may have it.
        for place in [folder] if level else [folder, *folder.parents]:
            at = place.joinpath(*parts)
            for candidate in (at.with_name(at.name + ".py") if parts else at / "__init__.py", at / "__init__.py"):
                if candidate in self._files and candidate != importer:
                    return Program(self._reader(candidate).scope)
        return None
