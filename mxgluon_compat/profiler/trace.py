"""The file that chrome://tracing and Perfetto open."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ..serialization.params import atomic_write_bytes
from .recording import Event, Sample

__all__ = ["Instant", "write_trace"]

Instant = tuple[str, str, float, str, int]
"""(category, name, microseconds, scope's letter, thread) of a marker."""


def write_trace(filename: str, events: Iterable[Event], samples: Iterable[Sample], marks: Iterable[Instant]) -> None:
    """Writes the file: a process for each category, begin and end of each event, counters and markers.

    Raises:
        MXNetError: it cannot be written.
    """
    processes: dict[str, int] = {}
    threads: dict[int, int] = {}
    found: list[dict[str, Any]] = []

    def place(category: str, thread: int) -> dict[str, int]:
        return {
            "pid": processes.setdefault(category, len(processes)),
            "tid": threads.setdefault(thread, len(threads)),
        }

    for event in events:
        where = {"cat": event.category, "name": event.name, **place(event.category, event.thread)}
        if event.category in ("operator", "event"):
            begin, end, more = "B", "E", {}
        else:  # those of a domain may overlap
            begin, end, more = "b", "e", {"id": len(found)}
        found.append({**where, "ph": begin, "ts": event.start, **more})
        found.append({**where, "ph": end, "ts": event.start + event.duration, **more})
    for sample in samples:
        where = {"cat": sample.category, "name": sample.name, **place(sample.category, 0)}
        found.append({**where, "ph": "C", "ts": sample.time, "args": {sample.name: sample.value}})
    for category, name, moment, scope, thread in marks:
        where = {"cat": category, "name": name, **place(category, thread)}
        found.append({**where, "ph": "i", "ts": moment, "s": scope})
    found.sort(key=lambda e: e["ts"])
    names = [{"ph": "M", "name": "process_name", "pid": pid, "args": {"name": c}} for c, pid in processes.items()]
    text = json.dumps({"traceEvents": [*names, *found], "displayTimeUnit": "ms"})
    atomic_write_bytes(filename, text.encode())
