"""Where two recordings part: the first place, the worst of each kind, and what it may come from."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .hints import hints
from .recording import KINDS, Event, Recording

__all__ = ["Comparison", "Difference", "Spread", "Tolerance", "compare", "spread_of"]

_GRADIENTS, _SPREADS = 10, 4


@dataclass(frozen=True)
class Tolerance:
    """How far two arrays may be apart to be the same: ``atol + rtol * (1 + growth * step) * scale``.

    The scale of an element is its own size or the root mean square of its array, whichever is larger: what cancels out
    to nearly nothing has the rounding of what it is the sum of. Rounding grows from step to step of a training, and
    where the input of a relu or a maximum is next to a tie it makes a jump, in gradients alone: they get ten times
    ``rtol``.

    Attributes:
        rtol: relative, at step 0.
        atol: absolute.
        growth: of ``rtol``, with each step.
        spread: how far rounding alone takes this program (``spread_of``); four times as much is let pass.
    """

    rtol: float = 1e-4
    atol: float = 1e-5
    growth: float = 0.1
    spread: Spread | None = None

    def relative(self, event: Event) -> float:
        """``rtol`` for an event."""
        rtol = self.rtol * (1 + self.growth * event.step) * (_GRADIENTS if event.kind == "gradient" else 1)
        return rtol if self.spread is None else max(rtol, _SPREADS * self.spread.until(event))


@dataclass(frozen=True)
class Spread:
    """Relative errors between two runs of one program that differ by rounding alone.

    Attributes:
        names: (kind, name) of what differs between them at all; what does not (the data) gets no more tolerance.
        steps: {kind: the largest error up to each step}.
    """

    names: frozenset[tuple[str, str]]
    steps: Mapping[str, Sequence[float]]

    def until(self, event: Event) -> float:
        """The largest error of the event's kind up to its step; 0 for what does not differ."""
        steps = self.steps.get(event.kind)
        if not steps or (event.kind, event.name) not in self.names:
            return 0.0
        return steps[min(event.step, len(steps) - 1)]


def spread_of(one: Recording, other: Recording) -> Spread:
    """The spread between two recordings; see ``Recorder(nudge=...)`` for how to get a second one."""
    comparison = compare(one, other)
    pairs = [p for p in comparison.pairs if 0 < p.error < math.inf]
    steps = {}
    for kind, errors in comparison.errors().items():
        by_step = dict(errors)
        largest = (by_step.get(step, 0.0) for step in range(max(by_step) + 1))
        steps[kind] = list(itertools.accumulate(largest, max))
    return Spread(frozenset((p.event.kind, p.event.name) for p in pairs), steps)


@dataclass(frozen=True)
class Difference:
    """Two events at one place; one of them is None where only the other recording has it.

    Attributes:
        wanted: that of the first recording.
        found: that of the second.
        reason: ``''`` where they are the same, ``'values'``, ``'norm'``, ``'shape'``, ``'dtype'``, ``'not finite'``,
            ``'missing'`` (the second lacks it) or ``'extra'`` (the first does).
        error: the largest relative error of the sampled elements and of the norm; infinite where there is none to tell.
        excess: the largest ratio of a deviation to what the tolerance allows: more than 1 where values differ.
        place: which of the sampled elements is furthest off; -1 where it is the norm.
    """

    wanted: Event | None
    found: Event | None
    reason: str = ""
    error: float = 0.0
    excess: float = 0.0
    place: int = -1

    @property
    def event(self) -> Event:
        """The first recording's event; the second's where that is the only one."""
        event = self.wanted if self.wanted is not None else self.found
        assert event is not None
        return event

    @property
    def values(self) -> tuple[float, float] | None:
        """The two values that are furthest apart: elements, or norms."""
        if self.wanted is None or self.found is None or self.reason in ("shape", "dtype", "not finite"):
            return None
        if self.place < 0:
            return self.wanted.norm, self.found.norm
        return float(self.wanted.sample[self.place]), float(self.found.sample[self.place])


@dataclass(frozen=True)
class Comparison:
    """What ``compare`` found.

    Attributes:
        wanted, found: the recordings.
        tolerance: with which they were compared.
        pairs: all places, in the first recording's order.
        first: the first difference, or None.
        hints: what the first difference may come from, a sentence each.
        notes: what else is worth knowing.
    """

    wanted: Recording
    found: Recording
    tolerance: Tolerance
    pairs: tuple[Difference, ...]
    first: Difference | None
    hints: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def before(self) -> Counter[str]:
        """How many events of each kind were the same before the first difference."""
        counts: Counter[str] = Counter()
        for pair in self.pairs:
            if pair is self.first:
                break
            if not pair.reason:
                counts[pair.event.kind] += 1
        return counts

    def worst(self) -> dict[str, tuple[int, int, Difference]]:
        """{kind: (how many were compared, how many differ, the pair with the largest error)}."""
        found: dict[str, tuple[int, int, Difference]] = {}
        for kind in KINDS:
            pairs = [p for p in self.pairs if p.event.kind == kind and p.wanted is not None and p.found is not None]
            if pairs:
                worst = max(pairs, key=lambda p: (bool(p.reason), p.excess, p.error))
                found[kind] = len(pairs), sum(bool(p.reason) for p in pairs), worst
        return found

    def losses(self) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
        """(step, mean of what backward was called on) of both recordings."""
        first, second = (
            [(e.step, e.mean) for e in recording.events if e.kind == "loss"] for recording in (self.wanted, self.found)
        )
        return first, second

    def errors(self) -> dict[str, list[tuple[int, float]]]:
        """{kind: [(step, the largest relative error)]}."""
        found: dict[str, dict[int, float]] = {}
        for pair in self.pairs:
            if math.isfinite(pair.error) and pair.wanted is not None and pair.found is not None:
                steps = found.setdefault(pair.event.kind, {})
                steps[pair.event.step] = max(steps.get(pair.event.step, 0.0), pair.error)
        return {kind: sorted(found[kind].items()) for kind in KINDS if kind in found}


def compare(wanted: Recording, found: Recording, tolerance: Tolerance | None = None) -> Comparison:
    """Compares two recordings of one program.

    Args:
        wanted: the one that is right, MXNet's.
        found: the other.
        tolerance: what to let pass.
    """
    tolerance = tolerance or Tolerance()
    pairs = tuple(_pair(a, b, tolerance) for a, b in _aligned(wanted, found))
    first = next((p for p in pairs if p.reason and not _unseen(p)), None)
    texts = () if first is None else tuple(hints(first, pairs, wanted, found))
    return Comparison(wanted, found, tolerance, pairs, first, texts, tuple(_notes(pairs, wanted, found, tolerance)))


def _unseen(pair: Difference) -> bool:
    """Whether only one recording saw a Block inside another, as where only one program hybridized."""
    return pair.reason in ("missing", "extra") and pair.event.kind in ("input", "output") and "." in pair.event.name


def _aligned(wanted: Recording, found: Recording) -> Iterator[tuple[Event | None, Event | None]]:
    """Events of one step, kind and name, in the first recording's order; those of one recording at their places."""
    theirs = {event.key: event for event in found.events}
    known = {event.key for event in wanted.events}
    extra: dict[tuple[int, str, str, int] | None, list[Event]] = {}
    before = None
    for event in found.events:
        if event.key in known:
            before = event.key
        else:
            extra.setdefault(before, []).append(event)
    yield from ((None, e) for e in extra.get(None, ()))
    for event in wanted.events:
        yield event, theirs.get(event.key)
        yield from ((None, e) for e in extra.get(event.key, ()))


def _pair(wanted: Event | None, found: Event | None, tolerance: Tolerance) -> Difference:
    if wanted is None or found is None:
        return Difference(wanted, found, "extra" if wanted is None else "missing", math.inf, math.inf)
    for reason, differs in (
        ("shape", wanted.shape != found.shape),
        ("dtype", wanted.dtype != found.dtype),
        ("not finite", wanted.bad != found.bad),
    ):
        if differs:
            return Difference(wanted, found, reason, math.inf, math.inf)
    if wanted.crc == found.crc:
        return Difference(wanted, found)
    count = min(len(wanted.sample), len(found.sample))  # recorded with other numbers of samples, places differ
    if len(wanted.sample) != len(found.sample):
        count = 0
    a, b = wanted.sample[:count], found.sample[:count]
    if not np.array_equal(np.isfinite(a), np.isfinite(b)) or not np.array_equal(a[np.isinf(a)], b[np.isinf(b)]):
        return Difference(wanted, found, "not finite", math.inf, math.inf)
    rtol, root = tolerance.relative(wanted), math.sqrt(max(wanted.size, 1))
    # the norm first, as an element of its own: it is the whole array's
    with np.errstate(invalid="ignore"):
        apart = np.nan_to_num(np.abs(a - b), nan=0.0)  # NaN and infinity are at the same places
    off = np.concatenate([[abs(wanted.norm - found.norm) / root], apart])
    rms = wanted.norm / root
    scale = np.concatenate([[rms], np.maximum(np.nan_to_num(np.abs(a), nan=0.0, posinf=0.0, neginf=0.0), rms)])
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.where(off > 0, off / (tolerance.atol + rtol * scale), 0.0)
        errors = np.where(off > 0, off / scale, 0.0)
    at = int(np.argmax(excess))
    reason = "" if excess[at] <= 1 else "norm" if at == 0 else "values"
    return Difference(wanted, found, reason, float(errors[at]), float(excess[at]), at - 1)


def _notes(pairs: tuple[Difference, ...], wanted: Recording, found: Recording, tolerance: Tolerance) -> Iterator[str]:
    for recording in (wanted, found):
        if recording.end.get("failure"):
            yield f"under {recording.label} the program failed: {recording.end['failure']}"
        for text in recording.end.get("not_recorded", ()):
            yield f"not recorded under {recording.label}: {text}"
    for key in ("seed", "steps", "sample", "no_hybridize"):
        theirs, ours = wanted.header["options"].get(key), found.header["options"].get(key)
        if theirs != ours:
            yield f"recorded with {key}={theirs} and {key}={ours}"
    yield from _spread_note(tolerance)
    unseen = sum(map(_unseen, pairs))
    if unseen:
        yield f"{unseen:,} inputs and outputs of inner Blocks were seen in one recording only"
    if not any(p.event.kind in ("input", "output") and "." in p.event.name for p in pairs):
        yield "no Block inside another was seen: the net is hybridized (see --no-hybridize), or has one layer"


def _spread_note(tolerance: Tolerance) -> Iterator[str]:
    if tolerance.spread is not None:
        errors = ", ".join(f"{kind} {steps[-1]:.1e}" for kind, steps in tolerance.spread.steps.items() if steps[-1])
        yield f"rounding alone takes this program as far apart (relative error): {errors}; 4 times as much was let pass"
