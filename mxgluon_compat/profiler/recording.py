"""What torch.profiler sees, in MXNet's terms: operators by name, their backward, the memory in use."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile, record_function

from ..ndarray import waitall
from ..ops.registry import Operator

__all__ = ["Event", "Recorder", "Sample"]

_MARK = "mxnet::"
_CUSTOM = "mxnet custom::"
_START = "mxnet start of the recording"
_BACKWARD = "autograd::engine::evaluate_function: "
_OF_BACKWARD = 1  # torch's number of the scope of backward functions


class Event(NamedTuple):
    """Something that took time; times are microseconds since 1970."""

    category: str
    name: str
    start: float
    duration: float
    thread: int


class Sample(NamedTuple):
    """A number at a time: the bytes in use on a device, or a counter's value."""

    category: str
    name: str
    time: float
    value: float


class Recorder:
    """Records operators between ``start`` and ``stop``, as often as they are called.

    Backward passes are known by the numbers that torch gives to the functions which it records for them: each function
    of a backward pass counts for the operator inside which its forward ran.
    """

    def __init__(self) -> None:
        self._profile: Any = None
        self._owners: dict[tuple[int, int], tuple[int, str]] = {}  # (thread, number) -> (which call, operator)
        self._calls = 0
        self._in_use: dict[str, float] = {}
        self._wrapped: dict[tuple[str, Any], Callable[..., Any]] = {}

    # ------------------------------------------------------------------------------------------ while it runs
    def around(self, op: Operator, fn: Callable[..., Any]) -> Callable[..., Any]:
        """``fn``, seen under the operator's name."""
        seen = self._wrapped.get((op.name, fn))
        if seen is None:
            label = _MARK + op.name

            def seen(*args: Any, **kwargs: Any) -> Any:
                with record_function(label):
                    return fn(*args, **kwargs)

            self._wrapped[op.name, fn] = seen
        return seen

    def custom(self, name: str) -> record_function:
        """A ``with`` block, seen as the Python code of a custom operator."""
        return record_function(_CUSTOM + name)

    def start(self, memory: bool) -> None:
        """Begins to record what this thread does, and the backward passes that it starts.

        Args:
            memory: the memory in use too.
        """
        activities = [ProfilerActivity.CPU]
        if torch.cuda.is_available():
            activities.append(ProfilerActivity.CUDA)
        self._profile = profile(activities=activities, profile_memory=memory)
        self._profile.start()
        for _ in range(2):  # the first one takes longer to begin
            with record_function(_START):
                self._began = now()

    def stop(self) -> tuple[list[Event], list[Sample]]:
        """Ends to record: what ran, and how the memory in use changed, both in the order of time."""
        waitall()
        self._profile.stop()
        found = sorted(self._profile.events() or (), key=lambda e: e.time_range.start)
        self._profile = None
        self._wrapped.clear()
        zero = max((e.time_range.start for e in found if e.name == _START), default=0.0)
        shift = self._began - zero
        on_host = [e for e in found if e.device_type == DeviceType.CPU]
        events = self._operators(on_host, shift)
        return sorted(events, key=lambda e: e.start), list(self._memory(on_host, shift))

    # ------------------------------------------------------------------------------------------ what was seen
    def _operators(self, found: Iterable[Any], shift: float) -> Iterable[Event]:
        backward: dict[int, Event] = {}
        ids: dict[int, int] = {}
        python: dict[int, Event] = {}  # custom operators, without the operators that they call
        for e in found:
            start = e.time_range.start + shift
            if e.scope == _OF_BACKWARD:
                call, name = self._owners.get((e.fwd_thread, e.sequence_nr), (0, ""))
                if name:
                    before = backward.get(call)
                    whole = e if e.cpu_parent is None else e.cpu_parent  # with the hooks around the function
                    duration = _duration(whole) + (before.duration if before else 0.0)
                    first = before.start if before else whole.time_range.start + shift
                    backward[call] = Event("operator", f"_backward_{name}", first, duration, e.thread)
                continue
            if e.name.startswith(_CUSTOM):
                name = f"{e.name.removeprefix(_CUSTOM)}::pure_python"
                python[id(e)] = Event("Custom Operator", name, start, _duration(e), e.thread)
            elif e.name.startswith(_MARK):
                self._calls += 1
                ids[id(e)] = self._calls
                name, within = e.name.removeprefix(_MARK), _enclosing(e, _CUSTOM)
                if name == "Custom":
                    continue
                if within is None:
                    yield Event("operator", name, start, _duration(e), e.thread)
                    continue
                name = f"{within.name.removeprefix(_CUSTOM)}::{name}"
                yield Event("Custom Operator", name, start, _duration(e), e.thread)
                if _enclosing(e.cpu_parent, _MARK, _CUSTOM) is within:
                    whole = python[id(within)]
                    python[id(within)] = whole._replace(duration=max(0.0, whole.duration - _duration(e)))
            elif e.sequence_nr >= 0 and not _in_backward(e):
                # Functions that record nothing show the number of the next one: the last of a number has it.
                caller = _enclosing(e, _MARK)
                owner = (0, "") if caller is None else (ids.get(id(caller), 0), caller.name.removeprefix(_MARK))
                self._owners[e.thread, e.sequence_nr] = owner
        yield from python.values()
        yield from (event for event in backward.values() if event.name != "_backward_Custom")

    def _memory(self, found: Iterable[Any], shift: float) -> Iterable[Sample]:
        # Events on the host do not say which GPU: all are counted for the current one.
        gpu = f"gpu/{torch.cuda.current_device() if torch.cuda.is_initialized() else 0}"
        changes = []
        for e in found:
            for device, amount in (("cpu/0", e.self_cpu_memory_usage), (gpu, e.self_device_memory_usage)):
                if amount:
                    changes.append((e.time_range.end + shift, f"Memory: {device}", amount))
        for moment, name, amount in sorted(changes):
            self._in_use[name] = self._in_use.get(name, 0) + amount
            yield Sample("Device Storage", name, moment, self._in_use[name])


def _duration(e: Any) -> float:
    """Microseconds: those of its kernels on a GPU, where there are any, else those on the host."""
    return float(e.device_time_total or e.time_range.elapsed_us())


def _enclosing(e: Any, *marks: str) -> Any:
    """The innermost event around ``e``, itself included, whose name starts with one of ``marks``."""
    while e is not None and not e.name.startswith(marks):
        e = e.cpu_parent
    return e


def _in_backward(e: Any) -> bool:
    return _enclosing(e, _BACKWARD) is not None


def now() -> float:
    """Microseconds since 1970."""
    return time.time_ns() / 1000


def this_thread() -> int:
    """The number of the calling thread."""
    return threading.get_ident()
