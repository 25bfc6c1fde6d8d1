"""The tables of ``migration_guide.md``: what they say of a name, and in which line."""

from __future__ import annotations

import ast
import functools
import pathlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

__all__ = ["Row", "line_of_anchor", "path", "rows", "rows_of"]

NAME = "migration_guide.md"
_DIFFERENCES, _MISSING = "Known differences", "What is not there"
_ALL_NAMES, _WITHOUT_EFFECT = "Every name of gluon.block, gluon.parameter and Symbol", "Arguments without effect"


class Pattern(NamedTuple):
    """A use that a row of the guide speaks of.

    Attributes:
        names: the end of a path: ``('Trainer', 'step')``; empty for an argument of any function.
        arguments: keyword arguments, one of which it has; empty: with any or none.
        values: what such an argument is given; empty: anything.
        conditional: whether words stand beside it that say when (``in an executor``).
        subject: whether the row begins with it.
        rooted: whether ``names`` are a whole path (``mx.np``), not the end of one.
    """

    names: tuple[str, ...]
    arguments: frozenset[str] = frozenset()
    values: frozenset[Any] = frozenset()
    conditional: bool = False
    subject: bool = False
    rooted: bool = False


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        line: its line in the guide, from 1.
        section: the table's heading; ``group``: the heading in the table, for Known differences.
        text: what differs, and what is here, in one line.
        patterns: the uses that it speaks of.
        missing: whether it says that something is not there.
        exact: whether ``patterns`` name classes and members, not words that stand for something.
    """

    line: int
    section: str
    group: str
    text: str
    patterns: tuple[Pattern, ...]
    missing: bool
    exact: bool


def path() -> pathlib.Path:
    """The guide: in the installed package, or at the top of a checkout.

    Raises:
        FileNotFoundError: it is in neither place.
    """
    package = pathlib.Path(__file__).parents[2]
    for place in (package / NAME, package.parent / NAME):
        if place.is_file():
            return place
    raise FileNotFoundError(f"{NAME} is neither in {package} nor beside it: install the package again")


@functools.cache
def _lines() -> tuple[str, ...]:
    return tuple(path().read_text(encoding="utf-8").splitlines())


def line_of_anchor(anchor: str) -> int | None:
    """The line of the heading that ``#anchor`` leads to."""
    for number, line in enumerate(_lines(), 1):
        if line.startswith("#") and _anchor(line) == anchor:
            return number
    return None


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lstrip("#").strip().lower()).replace(" ", "-")


@functools.cache
def rows() -> tuple[Row, ...]:
    """Rows of the tables that name uses."""
    return tuple(_parsed(_lines()))


def _parsed(lines: Iterable[str]) -> Iterator[Row]:
    section = group = ""
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            section, group = line.lstrip("#").strip(), ""
            continue
        cells = _cells(line)
        if len(cells) < 2 or set(cells[0]) <= set("-: "):
            continue
        if cells[0].startswith("**"):
            group = cells[0].strip("*")
            continue
        if row := _row(number, section, group, cells):
            yield row


def _row(number: int, section: str, group: str, cells: list[str]) -> Row | None:
    if section == _ALL_NAMES and len(cells) == 4 and cells[2] in ("differs", "not there"):
        owner, text, missing = cells[0], cells[3], cells[2] == "not there"
        patterns = tuple(Pattern((owner.rpartition(".")[2], name)) for name in _quoted(cells[1]))
        return Row(number, section, "", _plain(text), patterns, missing, True)
    if section == _WITHOUT_EFFECT and len(cells) == 3:
        arguments = frozenset(a for a in _quoted(cells[0]) if a.isidentifier())
        owners = re.findall(r"\w[\w.]*", cells[1].replace("`", ""))
        if not arguments:
            return None
        text = f"{', '.join(sorted(arguments))}: accepted, without effect: {_plain(cells[2])}"
        patterns = tuple(Pattern(_ending(owner), arguments) for owner in owners if owner not in _WORDS)
        return Row(number, section, "", text, patterns, False, True)
    if section == _DIFFERENCES and len(cells) == 3:
        text = f"MXNet: {_plain(cells[0])}; here: {_plain(cells[1]) or 'right'}"
        return Row(number, section, group, text, _patterns(cells[0]), False, False)
    if section == _MISSING and len(cells) == 3:
        text = _plain(cells[1]) + (f"; instead: {_plain(cells[2])}" if cells[2] else "")
        return Row(number, section, "", text, _patterns(cells[0]), True, False)
    return None


_WORDS = frozenset({"in", "graphs", "and", "with", "without", "clip", "bounds", "their", "variants", "others", "on",
                    "dense", "gradients", "functions", "of", "arrays"})  # fmt: skip


def _cells(line: str) -> list[str]:
    """Cells of a table's row; bars in code are no borders."""
    if not line.startswith("|"):
        return []
    return [cell.strip() for cell in re.split(r"(?<!\\)\|(?=(?:[^`]*`[^`]*`)*[^`]*$)", line.strip().strip("|"))]


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _plain(cell: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cell).replace("`", "")


def _ending(name: str) -> tuple[str, ...]:
    return tuple(part for part in name.split(".") if part not in ("mx", "mxnet"))


# ---------------------------------------------------------------------------------------------- code in cells
def _patterns(cell: str) -> tuple[Pattern, ...]:
    """The uses that the code in a cell shows: ``nd.relu(x, foo=1)``, ``kvstore='dist_async'``, ``'byteps'``."""
    found: list[Pattern] = []
    but_for = cell.find(" but for ")
    for match in re.finditer(r"`([^`]+)`([^`]*)", cell):
        if 0 <= but_for < match.start() and cell.find(";", but_for, match.start()) < 0:
            continue  # what is there
        code, after = match[1], match[2].partition(";")[0]
        given = re.fullmatch(r"(\w+)=(.*)", code)
        tree = _expression(given[2] or "..." if given else re.sub(r"=(?=[,)])", "=...", code))
        if given and not given[2]:  # `softmax` with `length=`: an argument of what was named before
            if found and found[-1].names:
                found[-1] = found[-1]._replace(arguments=found[-1].arguments | {given[1]})
        elif given and tree is not None:
            found.append(Pattern((), frozenset({given[1]}), _constants(tree), _has_words(after)))
        elif isinstance(tree, ast.Constant):  # `kvstore='a'`, `'b'`: another value
            if isinstance(tree.value, str) and found and found[-1].values:
                found[-1] = found[-1]._replace(values=found[-1].values | {tree.value})
        elif tree is not None:
            before = re.sub(r"`[^`]*`", "", cell[: match.start()])
            example = before.count("(") > before.count(")") and _has_words(before)  # the words say it, not the code
            for use in _uses(tree):
                conditional = _has_words(after) or (example and not use.arguments)
                subject = match.start() == 0 and use.names[0] != "x"  # x.f(): what a row shows by an example
                found.append(use._replace(conditional=conditional, subject=subject))
    return tuple(p for p in found if p.names or p.values)


def _has_words(text: str) -> bool:
    return re.search(r"[a-z]{2}", re.sub(r"`[^`]*`|\b(and|or)\b", "", text)) is not None


def _expression(code: str) -> ast.expr | None:
    try:
        return ast.parse(code, mode="eval").body
    except SyntaxError:
        return None


def _constants(node: ast.expr) -> frozenset[Any]:
    return frozenset({node.value}) if isinstance(node, ast.Constant) and node.value is not Ellipsis else frozenset()


def _uses(tree: ast.expr) -> Iterator[Pattern]:
    """Names that are called or stand alone; what is passed to them is an example."""
    named, given = (tree.func, [k for k in tree.keywords if k.arg]) if isinstance(tree, ast.Call) else (tree, [])
    names = _dotted(named)
    if names:
        arguments = frozenset(k.arg for k in given if k.arg)
        values = _constants(given[0].value) if len(given) == 1 else frozenset()
        rooted = names[0] in _ROOTS
        yield Pattern(names[1:] if rooted else names, arguments, values, rooted=rooted)


_ROOTS = ("mx", "mxnet")


def _dotted(node: ast.expr) -> tuple[str, ...]:
    if isinstance(node, ast.Name):
        return (node.id,)
    if not isinstance(node, ast.Attribute):
        return ()
    above = _dotted(node.value)
    return (*above, node.attr) if above else ()


# ---------------------------------------------------------------------------------------------- rows of a use
_INSTANCES = {"net": "Block", "param": "Parameter", "trainer": "Trainer", "x": "NDArray", "rsp": "RowSparseNDArray"}


@functools.cache
def _by_last() -> dict[str, list[tuple[Row, Pattern]]]:
    table: dict[str, list[tuple[Row, Pattern]]] = {}
    for row in rows():
        for pattern in row.patterns:
            names = pattern.names
            if names and len(names) > 1 and names[0] in _INSTANCES:
                names = (_INSTANCES[names[0]], *names[1:])
            table.setdefault(names[-1] if names else "", []).append((row, pattern._replace(names=names)))
    return table


def rows_of(paths: Iterable[tuple[str, ...]], given: Mapping[str, Any]) -> list[tuple[Row, Pattern]]:
    """The rows that speak of a use, with the pattern that it has.

    Args:
        paths: the names under which it may stand there: ``('gluon', 'nn', 'Dense')``, ``('Block', 'save')``.
        given: its arguments by name; ``...`` for values that are not constants.
    """
    found: dict[int, tuple[Row, Pattern]] = {}
    for names in paths:
        for row, pattern in _by_last().get(names[-1], ()) if names else ():
            end = names if pattern.rooted else names[-len(pattern.names) :]
            if end == pattern.names and _fits(pattern, given):
                found[row.line] = row, pattern
    for row, pattern in _by_last().get("", ()):
        if _fits(pattern, given):
            found[row.line] = row, pattern
    return [found[line] for line in sorted(found)]


def _fits(pattern: Pattern, given: Mapping[str, Any]) -> bool:
    if not pattern.arguments:
        return True
    shared = pattern.arguments & given.keys()
    if not pattern.values:
        return bool(shared)
    return any(_hashable(given[name]) and given[name] in pattern.values for name in shared)


def _hashable(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool, type(None)))
