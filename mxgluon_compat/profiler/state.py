"""Whether the profiler runs, what it is to look at, and what it has seen."""

from __future__ import annotations

import atexit
from typing import Any

from ..base import MXNetError, UnsupportedError
from ..ndarray.invoke import watch_calls
from ..ops.watching import watch
from .recording import Event, Recorder, Sample
from .trace import Instant, write_trace

__all__ = ["State", "state"]

# name -> (kind, default, what it is)
_OPTIONS: dict[str, tuple[str, Any, str]] = {
    "profile_all": ("boolean", False, "Everything below."),
    "profile_symbolic": ("boolean", True, "Operators of graphs: hybridized Blocks, executors."),
    "profile_imperative": ("boolean", True, "Operators called on arrays."),
    "profile_memory": ("boolean", True, "The memory in use."),
    "profile_api": ("boolean", True, "Calls of MXNet's C library, which is not here."),
    "filename": ("string", "profile.json", "The file that dump() writes."),
    "continuous_dump": ("boolean", True, "Write the file at each stop and at the program's end too."),
    "dump_period": ("float", 1.0, "Seconds from one such file to the next; it is written at each stop instead."),
    "aggregate_stats": ("boolean", False, "Keep what dumps() shows."),
    "profile_process": ("{'server', 'worker'}", "worker", "Whom to look at."),
}
_WORDS = {"1": True, "0": False, "true": True, "false": False}


def parsed(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Checked options.

    Raises:
        MXNetError: an option that there is not, or a value that does not fit.
        UnsupportedError: another process's profiler.
    """
    found = {}
    for name, value in kwargs.items():
        if name not in _OPTIONS:
            possible = "\n".join(f"{n} : {k}, optional, default={d}\n    {t}" for n, (k, d, t) in _OPTIONS.items())
            raise MXNetError(f"Cannot find argument '{name}', Possible Arguments:\n----------------\n{possible}")
        kind = _OPTIONS[name][0]
        try:
            if kind == "boolean":
                value = _WORDS[str(value).lower()]
            elif kind == "float":
                value = float(value)
            elif kind == "string":
                value = str(value)
        except (KeyError, ValueError, TypeError):
            raise MXNetError(f"Invalid Parameter format for {name} expect {kind} but value='{value}'") from None
        found[name] = value
    if "profile_process" in found:
        check_process(found["profile_process"])
    return found


def check_process(profile_process: str) -> None:
    """Raises unless the process is this one: MXNetError for none that there is, UnsupportedError for a server."""
    if profile_process == "server":
        raise UnsupportedError("profile_process='server'", "there are no server processes: workers talk to each other")
    if profile_process != "worker":
        raise MXNetError(f"Invalid Input: '{profile_process}', valid values are: {{'server', 'worker'}}")


class State:
    """The one profiler of the process.

    ``recording`` is True from ``run`` to ``stop``, pauses excepted.
    """

    def __init__(self) -> None:
        self.options = {name: default for name, (_, default, _) in _OPTIONS.items()}
        self.running = self.recording = self.seen = False
        self.clear()
        self._recorder = Recorder()

    def clear(self) -> None:
        """Forgets what was seen."""
        self.events: list[Event] = []
        self.samples: list[Sample] = []
        self.marks: list[Instant] = []
        self.restart_statistics()

    def restart_statistics(self) -> None:
        """Statistics are of what is seen from here on; the file keeps what was before."""
        self._counted = len(self.events), len(self.samples), len(self.marks)

    def counted(self) -> tuple[list[Event], list[Sample], list[Instant]]:
        """What the statistics are of."""
        events, samples, marks = self._counted
        return self.events[events:], self.samples[samples:], self.marks[marks:]

    def wants(self, name: str) -> bool:
        """Whether ``profile_NAME`` is on."""
        return self.options["profile_all"] or self.options[f"profile_{name}"]

    def configure(self, options: dict[str, Any]) -> None:
        """Takes new options; those of a running profiler are looked at from here on."""
        was_recording = self.recording
        if was_recording:
            self.hold()
        self.options.update(options)
        if was_recording:
            self.go_on()

    def go_on(self) -> None:
        """Looks from here on."""
        if self.recording:
            return
        self._recorder.start(self.wants("memory"))
        if self.wants("imperative"):
            watch_calls(self._recorder.around)
        if self.wants("symbolic"):
            watch.symbolic = self._recorder.around
        watch.custom = self._recorder.custom
        self.recording = self.seen = True

    def hold(self) -> None:
        """Looks no longer."""
        if not self.recording:
            return
        self.recording = False
        watch_calls(None)
        watch.symbolic = watch.custom = None
        events, samples = self._recorder.stop()
        self.events += events
        self.samples += samples

    def catch_up(self) -> None:
        """Takes over what was seen so far."""
        if self.recording:
            self.hold()
            self.go_on()

    def write(self) -> None:
        """Writes the file."""
        write_trace(self.options["filename"], self.events, self.samples, self.marks)

    def at_exit(self) -> None:
        """Writes the file of a program that ends while the profiler runs."""
        if self.running and self.options["continuous_dump"]:
            self.hold()
            self.write()


state = State()
atexit.register(state.at_exit)
