"""A comparison as one HTML page that needs nothing else: the curves are SVG."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterator, Sequence

from .comparison import Comparison
from .report import lines, reason

__all__ = ["page"]

Points = Sequence[tuple[float, float]]
Scale = Callable[[float], float]

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 860, 260, 70, 30, 12
_COLOURS = ("#c33", "#36c", "#2a2", "#a3a", "#b80", "#088", "#666")
_MOST_POINTS = 2000
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 900px; margin: 2em auto; padding: 0 1em; color: #222; }
pre { background: #f5f5f5; padding: 1em; overflow-x: auto; font-size: 13px; }
.same { color: #176117; } .part { color: #a11; }
svg { display: block; margin: .5em 0 1.5em; max-width: 100%; height: auto; }
"""


def page(comparison: Comparison) -> str:
    """The page: the verdict, both curves of the loss, relative errors by step, and the report."""
    wanted, found, first = comparison.wanted, comparison.found, comparison.first
    if first is None:
        verdict = '<p class="same">They are the same.</p>'
    else:
        text = f"They part at step {first.event.step}: {first.event.kind} {first.event.name}: {reason(first)}."
        verdict = f'<p class="part">{html.escape(text)}</p>'
    theirs, ours = comparison.losses()
    limits = {e.step: comparison.tolerance.relative(e) for e in wanted.events if e.kind == "output"}
    mark = None if first is None else first.event.step
    command = " ".join(map(str, wanted.header.get("command", ()))) or wanted.path
    parts = [
        "<!DOCTYPE html>", '<html lang="en"><head><meta charset="utf-8">',
        f"<title>{html.escape(command)}: compared</title>",
        f"<style>{_STYLE}</style></head><body>", f"<h1>{html.escape(command)}</h1>", verdict,
        "<h2>Loss</h2>",
        _chart({f"{wanted.label} (1)": theirs, f"{found.label} (2)": ours}, mark, logarithmic=False),
        "<h2>Largest relative error by step</h2>",
        _chart({**comparison.errors(), "tolerance of outputs": sorted(limits.items())}, mark, logarithmic=True),
        "<h2>Report</h2>", f"<pre>{html.escape(chr(10).join(lines(comparison)))}</pre>", "</body></html>", "",
    ]  # fmt: skip
    return "\n".join(parts)


def _chart(curves: dict[str, Points], mark: int | None, logarithmic: bool) -> str:
    """Curves over steps, the first of them wide so that an equal second one can be seen on it."""
    curves = {name: _usable(points, logarithmic) for name, points in curves.items()}
    all_points = [point for points in curves.values() for point in points]
    if not all_points:
        return "<p>Nothing to draw.</p>"
    steps = [step for step, _ in all_points] + ([] if mark is None else [mark])
    x = _scale(min(steps), max(steps), _LEFT, _WIDTH - 10)
    values = [value for _, value in all_points]
    low, high = min(values), max(values)
    y = _scale(low, high, _HEIGHT - _BOTTOM, _TOP)
    rows = list(_axes(x, y, (min(steps), max(steps)), (low, high), logarithmic))
    if mark is not None:
        rows.append(f'<line x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}" stroke="#a11" '
                    'stroke-dasharray="4 3"><title>they part</title></line>')  # fmt: skip
    for i, (name, points) in enumerate(curves.items()):
        colour, width = _COLOURS[i % len(_COLOURS)], 4 if i == 0 and not logarithmic else 1.5
        path = " ".join(f"{x(step):.1f},{y(value):.1f}" for step, value in points)
        opacity = 0.45 if width == 4 else 1
        stroke = f'stroke="{colour}" stroke-width="{width}" stroke-opacity="{opacity}"'
        rows.append(f'<polyline fill="none" {stroke} points="{path}"/>')
        if len(points) == 1:
            rows.append(f'<circle cx="{x(points[0][0]):.1f}" cy="{y(points[0][1]):.1f}" r="3" fill="{colour}"/>')
        rows.append(f'<text x="{_WIDTH - 12}" y="{_TOP + 14 + 16 * i}" fill="{colour}" text-anchor="end">'
                    f"{html.escape(name)}</text>")  # fmt: skip
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" font-size="12" role="img">'
        + "".join(rows)
        + "</svg>"
    )


def _usable(points: Points, logarithmic: bool) -> list[tuple[float, float]]:
    """Points that can be drawn, thinned out to what a page can hold; logarithms where asked for."""
    found = [
        (s, math.log10(v) if logarithmic else v) for s, v in points if math.isfinite(v) and (v > 0 or not logarithmic)
    ]
    stride = -(-len(found) // _MOST_POINTS) or 1
    return found[::stride]


def _scale(low: float, high: float, start: float, stop: float) -> Scale:
    """A function from [low, high] onto [start, stop]."""
    span = (high - low) or 1.0
    return lambda value: start + (value - low) / span * (stop - start)


def _axes(
    x: Scale, y: Scale, steps: tuple[float, float], values: tuple[float, float], logarithmic: bool
) -> Iterator[str]:
    bottom = _HEIGHT - _BOTTOM
    yield f'<path d="M{_LEFT} {_TOP}V{bottom}H{_WIDTH - 10}" fill="none" stroke="#888"/>'
    for i in range(5):
        value = values[0] + (values[1] - values[0]) * i / 4
        text = f"{10**value:.1e}" if logarithmic else f"{value:.4g}"
        yield f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end" fill="#555">{text}</text>'
    for step in sorted({round(steps[0] + (steps[1] - steps[0]) * i / 6) for i in range(7)}):
        yield f'<text x="{x(step):.1f}" y="{bottom + 18}" text-anchor="middle" fill="#555">{step}</text>'
