"""``doctor PATH...``: whether a code base will run here, read off its text."""

from __future__ import annotations

import argparse
import pathlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ..base import MXNetError
from ..interop.doctor import DIFFERS, MISSING, STATES, SUPPORTED, UNKNOWN, Project, Use
from ..interop.doctor.guide import NAME as GUIDE
from ..interop.doctor.sources import files_below
from ..serialization import params
from ..serialization.content import Content
from . import check, common, graph

__all__ = ["add"]


def add(commands: Any) -> None:
    """Puts the command into the parser."""
    parser = commands.add_parser(
        "doctor",
        help="whether a code base will run: every use of MXNet, and what is not there",
        description="Read Python files and notebooks, without running anything in them, and report each use of MXNet "
        "that differs here, is not supported, or cannot be told, with the reason and the line of the migration guide. "
        "Symbol JSON (*-symbol.json) and files of parameters (*.params) are looked into as well.",
        epilog="exit codes: 0 nothing is unsupported; 1 something is, or a file cannot be read or used; 2 wrong usage. "
        "Uses that differ, or are unknown, do not count; with --strict, unknown ones do.",
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a folder, or a file")
    parser.add_argument("--all", action="store_true", help="list the uses that are supported, too")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where something is unknown, too")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command_function=run)


def run(options: argparse.Namespace) -> tuple[int, str]:
    """The exit code and the text to print.

    Raises:
        OSError, ValueError: a path that is not there, or of another kind.
    """
    files = list(files_below(options.paths))
    code = [file for file in files if file.suffix in (".py", ".ipynb")]
    project = Project(code)
    uses: list[Use] = []
    with common.progress(len(files), "doctor", "file") as progress:
        for file in code:
            uses += project.uses(file)
            progress(1)
        saved = [entry for file in files if file not in set(code) for entry in (_of_file(file), progress(1))[:1]]
    report = _report(len(code), uses, project.errors, saved)
    states = report["summary"]["uses"]
    bad = states[MISSING] or report["errors"] or any(entry["state"] == MISSING for entry in saved)
    bad = bad or options.strict and states[UNKNOWN]
    if not options.json:
        shown = STATES if options.all else (DIFFERS, UNKNOWN, MISSING)
        report["uses"] = [use for use in report["uses"] if use["state"] in shown]
    return common.PROBLEMS if bad else common.FINE, common.show(report, options.json, _lines)


def _report(
    files: int, uses: list[Use], errors: list[tuple[str, int, int | None, str]], saved: list[dict[str, Any]]
) -> dict[str, Any]:
    calls = Counter(use.judged.state for use in uses if use.kind == "call")
    states = Counter(use.judged.state for use in uses)
    running = calls[SUPPORTED] + calls[DIFFERS]
    return {
        "summary": {
            "files": files,
            "files_with_mxnet": len({use.file for use in uses}),
            "uses": {state: states[state] for state in STATES},
            "calls": {state: calls[state] for state in STATES},
            "share_of_calls_that_run": running / calls.total() if calls else None,
        },
        "uses": [_entry(use) for use in uses],
        "errors": [
            {"file": file, "line": line or None, "cell": cell, "reason": reason} for file, line, cell, reason in errors
        ],
        "saved": saved,
    }  # fmt: skip


def _entry(use: Use) -> dict[str, Any]:
    return {
        "file": use.file,
        "line": use.line,
        "cell": use.cell,
        "name": use.name,
        "kind": use.kind,
        "state": use.judged.state,
        "reason": use.judged.reason,
        "guide": use.judged.line,
        "see": list(use.judged.notes),
    }


# ---------------------------------------------------------------------------------------------- saved files
def _of_file(path: pathlib.Path) -> dict[str, Any]:
    """Whether symbol JSON, or a file of parameters, can be used here."""
    found = {"file": str(path), "state": SUPPORTED, "reason": "", "problems": []}
    try:
        if path.name.endswith("-symbol.json"):
            found.update(_of_graph(str(path)))
        else:
            arrays = params.load_tensors(str(path))
            found["reason"] = f"{common.plural(len(arrays), 'array')} to load"
    except (MXNetError, OSError, ValueError, RecursionError) as error:
        found.update(state=MISSING, reason=" ".join(str(error).split()))
    return found


def _of_graph(path: str) -> dict[str, Any]:
    got = graph.read_graph(Content(path))
    if got.unsupported:
        why = "; ".join(f"operator {op} (x{got.operators[op]}): {reason}" for op, reason in got.unsupported.items())
        return {"state": MISSING, "reason": why}
    if got.error:
        return {"state": MISSING, "reason": got.error}
    reason = f"{common.plural(sum(got.operators.values()), 'node')} of {len(got.operators)} operators"
    beside = graph.parameters_beside(path)
    arrays = params.load_tensors(beside) if beside is not None else {}
    problems = check.problems(got, arrays) if isinstance(arrays, dict) and arrays else []
    return {
        "state": MISSING if not all(runs for runs, _ in problems) else DIFFERS if problems else SUPPORTED,
        "reason": reason + (f", with {beside}" if beside else ""),
        "problems": [text for _, text in problems],
    }


# ---------------------------------------------------------------------------------------------- text
def _place(entry: Mapping[str, Any]) -> str:
    cell = f":cell {entry['cell']}" if entry["cell"] is not None else ""
    return common.printable(entry["file"]) + cell + (f":{entry['line']}" if entry["line"] else "")


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    for error in report["errors"]:
        yield f"{_place(error)}: not read: {common.printable(error['reason'])}"
    for use in report["uses"]:
        reason = f": {use['reason']}" if use["reason"] else ""
        line = f" ({GUIDE}:{use['guide']})" if use["guide"] else ""
        yield f"{_place(use)}: {common.printable(use['name'])}: {use['state']}{reason}{line}"
    for entry in report["saved"]:
        yield f"{common.printable(entry['file'])}: {entry['state']}: {common.printable(entry['reason'])}"
        for problem in entry["problems"]:
            yield f"  {common.printable(problem)}"
    summary = report["summary"]
    yield (
        f"{common.plural(summary['files'], 'file')} of code, {summary['files_with_mxnet']:,} with MXNet; "
        f"{common.plural(len(report['errors']), 'error')}; {common.plural(len(report['saved']), 'saved file')}"
    )
    share, calls = summary["share_of_calls_that_run"], summary["calls"]
    if share is None:
        yield "no call of MXNet was found"
        return
    total = sum(calls.values())
    counts = ", ".join(f"{calls[state]:,} {state}" for state in STATES)
    yield f"{total - calls[UNKNOWN] - calls[MISSING]:,} of {total:,} call sites ({share:.1%}) will run: {counts}"
