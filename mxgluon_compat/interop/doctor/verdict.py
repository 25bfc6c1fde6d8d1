"""Whether a use of MXNet works here: what the package itself says, and what the guide does."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple

from . import guide, registries
from .names import Absent, Thing, always_raises, defining_class, keywords, parameters

__all__ = ["DIFFERS", "MISSING", "STATES", "SUPPORTED", "UNKNOWN", "Call", "Judged", "Use", "judge", "worst"]

SUPPORTED, DIFFERS, UNKNOWN, MISSING = STATES = ("supported", "differs", "unknown", "not supported")
_NOT_THERE = "what-is-not-there"


class Judged(NamedTuple):
    """What there is to say of a use.

    Attributes:
        state: one of ``STATES``.
        reason: empty where it is supported.
        line: the guide's line about it; None: it has none.
        notes: further lines of the guide that name what is used, for certain data or settings.
    """

    state: str
    reason: str = ""
    line: int | None = None
    notes: tuple[int, ...] = ()


class Use(NamedTuple):
    """One use of MXNet in a file.

    Attributes:
        file, line, column: where it is; the line counts from 1 (in a notebook: in its cell).
        cell: the notebook's cell, from 1; None in other files.
        name: what is used: ``mx.gluon.nn.Dense``, ``Trainer.step``.
        kind: ``'call'``, ``'import'`` or ``'name'`` (a base class, a decorator, a value, an attribute).
        judged: whether it works.
    """

    file: str
    line: int
    column: int
    cell: int | None
    name: str
    kind: str
    judged: Judged


class Call(NamedTuple):
    """Arguments of a call, as far as they can be read off.

    Attributes:
        positional: values; ``...`` where it is no constant.
        named: {keyword: value}.
        complete: whether there is no ``*args`` and no ``**kwargs``.
    """

    positional: Sequence[Any] = ()
    named: Mapping[str, Any] = MappingProxyType({})
    complete: bool = True


def judge(thing: Thing | Absent, call: Call | None) -> Judged:
    """The state of one use: of a call, or (None) of the name alone."""
    if isinstance(thing, Absent):
        return _absent(thing)
    refused = always_raises(thing.value) if _hashable(thing.value) else None
    if refused and (call is not None or isinstance(thing.value, (type, property))):
        return Judged(MISSING, refused, _row_of(thing.path) or guide.line_of_anchor(_NOT_THERE))
    given: Mapping[str, Any] = {}
    if call is not None:
        strange = _not_taken(thing, call)
        if strange:
            return Judged(MISSING, f"it takes no argument {strange!r}: a call with it raises TypeError or MXNetError")
        given = _bound(thing, call)
        if (why := registries.refused(thing.value, given)) is not None:
            reason, certain = why
            return Judged(
                MISSING if certain else UNKNOWN, reason, guide.line_of_anchor(_NOT_THERE) if certain else None
            )
    return _by_guide(thing, given)


def worst(judged: Iterable[Judged]) -> Judged:
    """The one that counts, where a name may stand for several things."""
    return max(judged, key=lambda j: STATES.index(j.state))


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _absent(thing: Absent) -> Judged:
    line = _row_of(thing.path)
    if not thing.listed:
        return Judged(UNKNOWN, thing.reason)
    reason = thing.reason
    if reason == "not there" and line is not None:
        row = next(row for row in guide.rows() if row.line == line)
        reason = row.text
    return Judged(MISSING, reason, line or guide.line_of_anchor(_NOT_THERE))


def _names(path: str) -> tuple[str, ...]:
    return tuple(part.removesuffix("()") for part in path.split(".") if part not in ("mx", "mxnet"))


def _row_of(path: str) -> int | None:
    """The line of the guide's row that says why a name, or a module above it, is not there."""
    names = _names(path)
    for end in range(len(names), 0, -1):
        for row, pattern in guide.rows_of([names[:end]], {}):
            if row.missing and pattern.names:
                return row.line
    return None


def _not_taken(thing: Thing, call: Call) -> str | None:
    """A keyword argument that the function does not take."""
    if not call.named or not callable(getattr(thing.value, "__func__", thing.value)) or not _hashable(thing.value):
        return None
    taken = keywords(thing.value)
    if taken is None:
        return None
    return next((k for k in call.named if k not in taken and not k.startswith("__")), None)


def _bound(thing: Thing, call: Call) -> dict[str, Any]:
    """{parameter: what it is given}; positions count as far as they are known."""
    given = dict(call.named)
    found = parameters(thing.value) if _hashable(thing.value) else None
    if found and call.positional:
        skip = int(thing.owner is not None and inspect.isfunction(thing.value))  # self
        positions = [p for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][skip:]
        given.update({p.name: value for p, value in zip(positions, call.positional, strict=False)})
    return given


def _paths(thing: Thing) -> set[tuple[str, ...]]:
    """The names under which the guide may speak of it."""
    found = {_names(thing.path)}
    if thing.owner is not None:
        name = thing.path.rpartition(".")[2]
        for base in thing.owner.__mro__[:-1]:
            found.add((base.__name__, name))
            if base is defining_class(thing.owner, name):
                break
    return found


def _by_guide(thing: Thing, given: Mapping[str, Any]) -> Judged:
    if isinstance(thing.value, ModuleType):
        return Judged(SUPPORTED)
    rows = guide.rows_of(_paths(thing), given)
    telling = [row for row, pattern in rows if _tells(row, pattern)]
    notes = tuple(row.line for row, _ in rows if row not in telling)
    for row, pattern in rows:
        if row.missing and not pattern.conditional:
            return Judged(MISSING, row.text, row.line, notes)
    if telling:
        return Judged(DIFFERS, telling[0].text, telling[0].line, tuple(r.line for r in telling[1:]) + notes)
    return Judged(SUPPORTED, notes=notes)


def _tells(row: guide.Row, pattern: guide.Pattern) -> bool:
    """Whether a row is about this use: by its table, an argument, or as its subject. Others only mention its name."""
    named = pattern.subject and (len(pattern.names) > 1 or pattern.names[-1][:1].isupper())
    return row.exact or bool(pattern.arguments) or named
