"""Statistics of what was recorded, as a table or as JSON, in MXNet's layout."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .recording import Event, Sample

__all__ = ["as_json", "as_table", "statistics"]

_ORDERS = ("total", "avg", "min", "max", "count")
_TIME = ("Time (ms)", "Min Time (ms)", "Max Time (ms)", "Avg Time (ms)")
_MEMORY = ("Min Use  (kB)", "Max Use  (kB)", "Avg Use  (kB)")
STORAGE = "Device Storage"


class Row(NamedTuple):
    """One name's statistics: milliseconds, kB, or a counter's own unit (whose total is its last value)."""

    name: str
    count: int  # type: ignore[assignment]  # MXNet's word, and one of tuple's methods
    total: float
    min: float
    max: float
    avg: float


Sections = dict[str, list[Row]]


def statistics(
    events: Iterable[Event], samples: Iterable[Sample], marked: Iterable[str], sort_by: str, ascending: bool
) -> Sections:
    """Rows by section, both in order."""
    times: dict[tuple[str, str], list[float]] = {}
    for event in events:
        times.setdefault((event.category, event.name), []).append(event.duration / 1000)
    values: dict[tuple[str, str], list[float]] = {}
    for sample in samples:
        scale = 1000 if sample.category == STORAGE else 1
        values.setdefault((sample.category, sample.name), []).append(sample.value / scale)
    sections: Sections = {category: [] for category in marked}
    for (category, name), found in times.items():
        sections.setdefault(category, []).append(_row(name, found, sum(found)))
    for (category, name), found in values.items():
        sections.setdefault(category, []).append(_row(name, found, found[-1]))
    for rows in sections.values():
        rows.sort(key=lambda row: getattr(row, sort_by), reverse=not ascending)
    return dict(sorted(sections.items()))


def _row(name: str, found: Sequence[float], total: float) -> Row:
    return Row(name, len(found), total, min(found), max(found), sum(found) / len(found))


def as_table(sections: Sections) -> str:
    """The table as text."""
    text = "\nProfile Statistics:\n\tNote the difference in units for different entries.\n"
    for category, rows in sections.items():
        titles = _MEMORY if category == STORAGE else _TIME
        text += f"{category}\n=================\n"
        text += _line("Name", "Total Count", titles) + _line("----", "-" * 11, ["-" * len(t) for t in titles])
        for row in rows:
            numbers = row[3:] if category == STORAGE else row[2:]
            text += _line(row.name, str(row.count), [f"{number:.4f}" for number in numbers])
        text += "\n"
    return text + "\n"


def _line(name: str, count: str, cells: Sequence[str]) -> str:
    return f"{name:<25}{count:>16}" + "".join(f"{cell:>17}" for cell in cells) + "\n"


def as_json(sections: Sections) -> str:
    """``{"Time": {section: {name: {"Count", "Total", ...}}}, "Memory": ..., "Unit": ...}``."""
    found: dict[str, dict[str, object]] = {"Time": {}, "Memory": {}, "Unit": {"Time": "ms", "Memory": "kB"}}
    for category, rows in sections.items():
        kind = "Memory" if category == STORAGE else "Time"
        found[kind][category] = {
            row.name: {
                "Count": row.count, **({} if kind == "Memory" else {"Total": row.total}),
                "Min": row.min, "Max": row.max, "Avg": row.avg,
            }
            for row in rows
        }  # fmt: skip
    return json.dumps(found, indent=4) + "\n"


def check_order(sort_by: str) -> None:
    """Raises AssertionError for what rows cannot be sorted by."""
    assert sort_by in _ORDERS, (
        f"Invalid value provided for sort_by: {sort_by}. Support: {', '.join(map(repr, _ORDERS))}"
    )
