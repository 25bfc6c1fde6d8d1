"""A comparison as lines for a terminal, and as what JSON can hold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from .comparison import Comparison, Difference
from .recording import Event

__all__ = ["as_json", "lines", "reason"]

_REASONS = {
    "values": "values differ",
    "norm": "the norm differs",
    "shape": "another shape",
    "dtype": "another dtype",
    "not finite": "NaN or infinity in one of them",
    "missing": "only in the first recording",
    "extra": "only in the second recording",
}


def reason(pair: Difference) -> str:
    """What is different, in words."""
    return _REASONS[pair.reason]


def lines(comparison: Comparison) -> Iterator[str]:
    """What a person reads."""
    wanted, found, first = comparison.wanted, comparison.found, comparison.first
    tolerance = comparison.tolerance
    yield f"{wanted.label} and {found.label}: {_steps(comparison)}"
    if first is None:
        yield "they are the same"
    else:
        yield f"they part at step {first.event.step}: {_place(first.event)}: {reason(first)}"
        yield from (f"  {line}" for line in _values(first, wanted.label, found.label))
        before = ", ".join(f"{count:,} {kind}" for kind, count in comparison.before.items())
        yield f"  the same before it: {before or 'nothing'}"
        yield from (f"  hint: {_printable(text)}" for text in comparison.hints)
    yield ""
    yield from _worst(comparison)
    yield (
        f"tolerance: {tolerance.atol:g} + {tolerance.rtol:g} * (1 + {tolerance.growth:g} * step) * the larger of an "
        "element and its array's root mean square; gradients 10 times the second term"
    )
    yield from (f"note: {_printable(text)}" for text in comparison.notes)


def _printable(text: str) -> str:
    return text if text.isprintable() else ascii(text)


def _steps(comparison: Comparison) -> str:
    theirs, ours = (recording.end.get("steps", 0) for recording in (comparison.wanted, comparison.found))
    steps = f"{theirs:,}" if theirs == ours else f"{theirs:,} and {ours:,}"
    return f"{steps} steps, {len(comparison.pairs):,} arrays"


def _place(event: Event) -> str:
    times = f" (time {event.nth + 1} in this step)" if event.nth else ""
    layer = f" of {event.layer}" if event.layer else ""
    return _printable(f"{event.kind}{layer} {event.name}{times}")


def _values(pair: Difference, first: str, second: str) -> Iterator[str]:
    width = max(len(first), len(second))
    values = pair.values
    for i, (label, event) in enumerate(((first, pair.wanted), (second, pair.found))):
        if event is None:
            yield f"{label.ljust(width)}  -"
            continue
        what = f"{event.dtype} {event.shape}, norm {event.norm:.8g}, from {event.min:.6g} to {event.max:.6g}"
        bad = f", {event.bad:,} not finite" if event.bad else ""
        one = f", furthest off {'norm' if pair.place < 0 else 'element'} {values[i]:.8g}" if values else ""
        yield f"{label.ljust(width)}  {what}{bad}{one}"
    if math.isfinite(pair.error):
        yield f"relative error {pair.error:.3g}, {pair.excess:.3g} times the tolerance"


def _worst(comparison: Comparison) -> Iterator[str]:
    row = "{:<10} {:>9} {:>7}  {:>10} {:>9}  {:>6}  {}"
    yield row.format("kind", "compared", "differ", "tolerances", "rel.error", "step", "worst of them")
    for kind, (count, differ, worst) in comparison.worst().items():
        error = f"{worst.error:.2e}" if math.isfinite(worst.error) else worst.reason
        place = _printable(worst.event.name) if worst.error else "equal to the bit"
        excess = f"{worst.excess:.2g}" if math.isfinite(worst.excess) else "-"
        yield row.format(kind, f"{count:,}", f"{differ:,}", excess, error, worst.event.step, place)


def as_json(comparison: Comparison) -> dict[str, Any]:
    """What a program reads."""
    first = comparison.first
    return {
        "same": first is None,
        "recordings": [
            {"made_with": r.label, "versions": r.header["versions"], "options": r.header["options"], **r.end}
            for r in (comparison.wanted, comparison.found)
        ],
        "compared": len(comparison.pairs),
        "first": None if first is None else _difference(first),
        "same_before": dict(comparison.before),
        "hints": list(comparison.hints),
        "notes": list(comparison.notes),
        "kinds": {
            kind: {"compared": count, "differ": differ, "worst": _difference(worst)}
            for kind, (count, differ, worst) in comparison.worst().items()
        },
    }


def _difference(pair: Difference) -> dict[str, Any]:
    event, values = pair.event, pair.values
    return {
        "step": event.step,
        "kind": event.kind,
        "name": event.name,
        "time": event.nth,
        "layer": event.layer,
        "reason": pair.reason,
        "relative_error": pair.error if math.isfinite(pair.error) else None,
        "times_tolerance": pair.excess if math.isfinite(pair.excess) else None,
        "values": [v if math.isfinite(v) else str(v) for v in values] if values else None,
    }
