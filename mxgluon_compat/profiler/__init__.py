"""``mx.profiler``: how long operators take and how much memory they use, on ``torch.profiler``.

Operators are those of MXNet, as the thread that starts the profiler calls them on arrays, and as nodes of graphs,
compiled ones too, which run node by node meanwhile. ``_backward_NAME`` is the time of the functions that torch runs for
the gradient of ``NAME``. On a GPU the time is that of the kernels. Nothing is looked at while it does not run.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

from ..base import MXNetError, UnsupportedError, missing_attribute, py_str
from . import tables
from .scopes import Counter, Domain, Event, Frame, Marker, Task
from .state import check_process, parsed, state

__all__ = [
    "Counter", "Domain", "Event", "Frame", "Marker", "Task", "dump", "dump_profile", "dumps", "pause",
    "profiler_set_config", "profiler_set_state", "py_str", "resume", "set_config", "set_kvstore_handle", "set_state",
]  # fmt: skip


def set_config(**kwargs: Any) -> None:
    """Sets what the profiler looks at and where it writes.

    Args:
        filename: the file that ``dump`` writes, ``'profile.json'``.
        profile_all: all of the following (False).
        profile_symbolic: operators of graphs (True).
        profile_imperative: operators called on arrays (True).
        profile_memory: the memory in use (True).
        profile_api: of no effect: there is no C library to look at.
        continuous_dump: write the file at each stop and at the program's end too (True).
        dump_period: of no effect: it is not written by the clock.
        aggregate_stats: keep what ``dumps`` shows (False).
        profile_process: ``'worker'``; ``'server'`` is refused.

    Raises:
        MXNetError: an option that there is not, or a value that does not fit.
        UnsupportedError: ``profile_process='server'``.
    """
    state.configure(parsed(kwargs))


def set_state(state: str = "stop", profile_process: str = "worker") -> None:
    """Starts (``'run'``) or stops (``'stop'``) the profiler.

    Raises:
        KeyError: another state or process.
        UnsupportedError: ``profile_process='server'``.
    """
    run = {"stop": False, "run": True}[state]
    _check(profile_process)
    _switch(run)


def _check(profile_process: str) -> None:
    check_process({"worker": "worker", "server": "server"}[profile_process])


def _switch(run: bool) -> None:
    before = state.running
    state.running = run
    if run:
        state.go_on()
    elif before:
        state.hold()
        if state.options["continuous_dump"]:
            state.write()


def pause(profile_process: str = "worker") -> None:
    """Looks no longer, until ``resume``.

    Raises:
        KeyError: another process.
        UnsupportedError: ``profile_process='server'``.
    """
    _check(profile_process)
    state.hold()


def resume(profile_process: str = "worker") -> None:
    """Looks again, after ``pause``.

    Raises:
        KeyError: another process.
        UnsupportedError: ``profile_process='server'``.
    """
    _check(profile_process)
    if state.running:
        state.go_on()


def dump(finished: bool = True, profile_process: str = "worker") -> None:
    """Writes what was seen to the file of ``set_config(filename=...)``, which chrome://tracing and Perfetto open.

    Args:
        finished: stop the profiler, and forget what it has seen.
        profile_process: ``'worker'``.

    Raises:
        MXNetError: it has not run; the file cannot be written.
        KeyError: another process.
        UnsupportedError: ``profile_process='server'``.
    """
    _check(profile_process)
    if not state.seen:
        raise MXNetError("Profiler hasn't been run. Config and start profiler first")
    if finished:
        state.running = False
        state.hold()
    else:
        state.catch_up()
    state.write()
    if finished:
        state.seen = False
        state.clear()


def dumps(reset: bool = False, format: str = "table", sort_by: str = "total", ascending: bool = False) -> str:
    """The statistics, where ``set_config(aggregate_stats=True)`` keeps them, else ``''``.

    Args:
        reset: count from here on anew.
        format: ``'table'`` or ``'json'``.
        sort_by: ``'total'``, ``'avg'``, ``'min'``, ``'max'`` or ``'count'``.
        ascending: the smallest first.

    Raises:
        AssertionError: another value.
    """
    assert format in ("table", "json"), f"Invalid value provided for format: {format}. Support: 'table', 'json'"
    tables.check_order(sort_by)
    assert reset in (True, False), f"Invalid value provided for reset: {reset}. Support: False, True"
    assert ascending in (True, False), f"Invalid value provided for ascending: {ascending}. Support: False, True"
    if not state.options["aggregate_stats"]:
        return ""
    state.catch_up()
    events, samples, marks = state.counted()
    sections = tables.statistics(events, samples, {mark[0] for mark in marks}, sort_by, ascending)
    if reset:
        state.restart_statistics()
    return tables.as_table(sections) if format == "table" else tables.as_json(sections)


def set_kvstore_handle(handle: Any) -> None:
    """The KVStore whose servers could be profiled: None, there are no servers.

    Raises:
        UnsupportedError: another one.
    """
    if handle is not None:
        raise UnsupportedError("mx.profiler.set_kvstore_handle", "there are no server processes to profile")


# ---------------------------------------------------------------------------------------------- deprecated names
def profiler_set_config(mode: str = "symbolic", filename: str = "profile.json") -> None:
    """``set_config(profile_MODE=True, filename=...)`` under its deprecated name.

    Args:
        mode: ``'symbolic'``, ``'imperative'``, ``'api'``, ``'memory'`` or ``'all'``.
        filename: the file that ``dump`` writes.
    """
    _deprecated("profiler_set_config", "set_config")
    set_config(**{f"profile_{mode}": True, "filename": filename})


def profiler_set_state(state: str = "stop") -> None:
    """``set_state`` under its deprecated name."""
    _deprecated("profiler_set_state", "set_state")
    set_state(state)


def dump_profile() -> None:
    """``dump`` under its deprecated name."""
    _deprecated("dump_profile", "dump")
    dump(True)


def _deprecated(old: str, new: str) -> None:
    text = f"profiler.{old}() is deprecated. Please use profiler.{new}() instead"
    warnings.warn(text, stacklevel=3)


def __getattr__(name: str) -> Any:
    raise missing_attribute(__name__, name)


if os.environ.get("MXNET_PROFILER_AUTOSTART") == "1":
    set_config(profile_all=os.environ.get("MXNET_PROFILER_MODE") == "1")
    set_state("run")
