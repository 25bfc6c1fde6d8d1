"""The migration guide, taken apart: sections, blocks of code, tables."""

from __future__ import annotations

import pathlib
import re
from typing import NamedTuple

PATH = pathlib.Path(__file__).parent.parent / "migration_guide.md"
TEXT = PATH.read_text(encoding="utf-8")
# sections that go on with the names and files of the one above them
GOES_ON = {"The last step: source": "Leaving, layer by layer"}
_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[\w ./-]+) -->\n)?^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE
)


class Block(NamedTuple):
    """A block of code.

    Attributes:
        section: the nearest heading above it.
        language: ``python``, ``sh`` or ``text``.
        mark: the comment right above it: ``file NAME`` (what that file holds), ``prints`` (what the last block does).
        code: its text.
        line: the line of the guide at which ``code`` begins, from 1.
    """

    section: str
    language: str
    mark: str
    code: str
    line: int


def blocks() -> list[Block]:
    """All of the guide, in order."""
    found = []
    for match in _BLOCK.finditer(TEXT):
        section = re.findall(r"^##+ (.*)$", TEXT[: match.start()], re.MULTILINE)[-1]
        section = GOES_ON.get(section, section)
        line = TEXT.count("\n", 0, match.start("code")) + 1
        found.append(Block(section, match["language"], match["mark"] or "", match["code"], line))
    return found


def sections() -> dict[str, list[Block]]:
    """Blocks by the heading that they stand under, in order."""
    found: dict[str, list[Block]] = {}
    for block in blocks():
        found.setdefault(block.section, []).append(block)
    return found


def text_of(title: str) -> str:
    """What stands under a heading of level 2, with those below it."""
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def tables(title: str) -> list[tuple[list[str], list[list[str]]]]:
    """The tables under a heading of level 2: the head and the rows of each."""
    found: list[tuple[list[str], list[list[str]]]] = []
    above: list[str] = []
    for line in text_of(title).splitlines():
        if not line.startswith("|"):
            above = []
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if not above:
            found.append((cells, []))
        elif not set(line) <= set("|-: "):
            found[-1][1].append(cells)
        above = cells
    return found
