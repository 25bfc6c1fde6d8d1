"""What comes out: figures, ratios, targets; as JSON and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from . import works
from .measure import Result, Work

# What is compared: (ours, torch's, MXNet's)
_COMPARED = {
    "operator": ("ours-imperative", "torch-eager", "mxnet-imperative"),
    "net": ("ours-hybridized", "torch-eager", "mxnet-hybridized"),
    "update": ("ours-imperative", "torch-fused", "mxnet-imperative"),
}
_UNITS = {"operator": ("microseconds", 1e6), "net": ("milliseconds", 1e3), "update": ("milliseconds", 1e3)}
_MXNET_TARGET = {"operator": 0.2, "net": 0.6, "update": 0.5}
_RECURRENT = {"torch": 1.05, "mxnet": 1.0}
_LABELS = {
    "ours-hybridized": "ours, hybridized", "ours-imperative": "ours, imperative", "torch-eager": "PyTorch",
    "torch-fused": "PyTorch, fused", "torch-foreach": "PyTorch, foreach",
    "torch-channels_last": "PyTorch, channels_last", "torch-compile": "torch.compile",
    "torch-compile-graphs": "torch.compile, reduce-overhead", "mxnet-hybridized": "MXNet, hybridized",
    "mxnet-imperative": "MXNet, imperative",
}  # fmt: skip


_STEADY = 1.15  # median round / fastest round; more than that and something else ran on the machine


def targets(work: Work) -> dict[str, float]:
    """The greatest ratio allowed, by the side that is compared with; sides without one are not in it."""
    if work.kind == "net" and works.NETS[work.name].steps:
        return dict(_RECURRENT)
    found = {"mxnet": _MXNET_TARGET[work.kind]}
    if work.kind == "operator":
        found["torch"] = 1.6
    elif work.kind == "update":
        found["torch"] = 1.1
    elif works.NETS[work.name].zoo:
        found["torch"] = 1.0
    elif work.name == "mlp" and work.mode == "step":
        found["torch"] = 1.15
    elif work.name in ("lenet", "resnet18-32"):
        found["torch"] = 0.9
    return found


def entry(result: Result) -> dict[str, Any]:
    """The figures of one piece of work: medians over rounds in seconds, ratios (medians of each round's), targets.

    ``steady`` is False where rounds of what is compared differ too much to be believed.
    """
    work = result.work
    ours, *others = _COMPARED[work.kind]
    ratios = {}
    for side, other in zip(("torch", "mxnet"), others):
        if ours in result.seconds and other in result.seconds:
            pairs = zip(result.seconds[ours], result.seconds[other])
            ratios[side] = median(a / b for a, b in pairs)
    compared = [result.seconds[key] for key in _COMPARED[work.kind] if key in result.seconds]
    limits = targets(work)
    return {
        "kind": work.kind,
        "name": work.name,
        "mode": work.mode,
        "seconds": {key: median(rounds) for key, rounds in result.seconds.items()},
        "rounds": result.seconds,
        "ratios": ratios,
        "steady": all(median(rounds) <= _STEADY * min(rounds) for rounds in compared),
        "targets": {
            side: {"limit": limit, "met": ratios[side] <= limit if side in ratios else None}
            for side, limit in sorted(limits.items(), reverse=True)
        },
        "failures": result.failures,
    }


def document(machine: dict[str, Any], settings: dict[str, Any], results: Sequence[Result]) -> dict[str, Any]:
    """All that is written to the JSON file."""
    return {"machine": machine, "settings": settings, "results": [entry(r) for r in results]}


# ---------------------------------------------------------------------------------------------- Markdown
def markdown(report: dict[str, Any]) -> str:
    """The same for people."""
    machine, settings = report["machine"], report["settings"]
    lines = [f"# Benchmarks, {machine['device']}", "", "; ".join(f"{k}: {v}" for k, v in machine.items()) + ".", ""]
    if settings["quick"]:
        lines += ["Only a check that everything runs: **the figures mean nothing**.", ""]
    lines += [
        f"Medians of {settings['rounds']} interleaved rounds; a ratio is the median of the rounds' ratios. All "
        "start from the same weights, and their losses (or outputs) were checked against one another. Made by "
        f"`python -m benchmarks --device {machine['device']}`.",
        "",
    ]
    for kind, title in (
        ("operator", "Single operators"),
        ("net", "Nets"),
        ("update", "Updates of a ResNet-50's weights"),
    ):
        rows = [r for r in report["results"] if r["kind"] == kind]
        if rows:
            lines += _table(kind, title, rows)
    failures = [(r, key, why) for r in report["results"] for key, why in r["failures"].items()]
    if failures:
        lines += ["## Failures", ""]
        lines += [f"- {_title(r)}, {_LABELS[key]}: {why}" for r, key, why in failures] + [""]
    return "\n".join(lines)


def _title(row: dict[str, Any]) -> str:
    return f"{row['name']} {row['mode']}".strip()


def _table(kind: str, title: str, rows: Sequence[dict[str, Any]]) -> list[str]:
    unit, factor = _UNITS[kind]
    keys = [key for key in _LABELS if any(key in row["seconds"] for row in rows)]
    head = ["work", *[_LABELS[key] for key in keys], "ours / PyTorch", "ours / MXNet", "targets"]
    lines = [f"## {title} ({unit})", "", f"| {' | '.join(head)} |", "| --- |" + " ---: |" * (len(head) - 2) + " --- |"]
    for row in rows:
        cells = [_title(row)]
        cells += [f"{row['seconds'][key] * factor:.3g}" if key in row["seconds"] else "-" for key in keys]
        cells += [f"{row['ratios'][side]:.2f}" if side in row["ratios"] else "-" for side in ("torch", "mxnet")]
        cells.append("; ".join(_verdict(side, t) for side, t in row["targets"].items()))
        if not row["steady"]:
            cells[-1] += " (unsteady)"
        lines.append(f"| {' | '.join(cells)} |")
    ours, torch_key, mxnet_key = (_LABELS[key] for key in _COMPARED[kind])
    note = f"Ratios: {ours} / {torch_key}; {ours} / {mxnet_key}."
    if not all(row["steady"] for row in rows):
        note += " Unsteady: the rounds differ too much to be believed; repeat on a quiet machine."
    return [*lines, "", note, ""]


def _verdict(side: str, target: dict[str, Any]) -> str:
    word = {True: "met", False: "**missed**", None: "not measured"}[target["met"]]
    return f"{'PyTorch' if side == 'torch' else 'MXNet'} <= {target['limit']}: {word}"
