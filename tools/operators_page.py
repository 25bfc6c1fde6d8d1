"""Writes docs/operators.md: each operator of MXNet 1.9.1, its state here, and what of it is compared with MXNet.

Run from the repository's root:
    python -m tools.operators_page            writes the page
    python -m tools.operators_page --check    says whether it is up to date (exit status 1: it is not)
"""

from __future__ import annotations

import collections
import functools
import json
import pathlib
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

import mxgluon_compat as mx
from mxgluon_compat.base import DTYPE_NAMES
from mxgluon_compat.ops import OPERATORS, support

ROOT = pathlib.Path(__file__).parent.parent
PAGE = ROOT / "docs" / "operators.md"
GOLDEN = ROOT / "tests" / "golden"
SHORT = {"float16": "f16", "float32": "f32", "float64": "f64", "bfloat16": "bf16", "int8": "i8", "int32": "i32",
         "int64": "i64", "uint8": "u8", "bool": "bool"}  # fmt: skip


FOREIGN = "not in MXNet 1.9.1's nd and sym"


class Compared(NamedTuple):
    """What of an operator is compared with MXNet: number of cases, dtypes of the inputs, and the gradient."""

    cases: int
    dtypes: tuple[str, ...]
    gradient: str  # 'yes', 'zero' (all of MXNet's gradients are) or '' (none is compared)


# ------------------------------------------------------------------------------------------ what is compared
@functools.cache
def compared() -> dict[str, Compared]:
    """{operator: what the golden files of its cases hold}."""
    cases: dict[str, set[str]] = collections.defaultdict(set)
    dtypes: dict[str, set[str]] = collections.defaultdict(set)
    gradients: dict[str, list[bool]] = collections.defaultdict(list)
    for path in sorted((GOLDEN / "ops").glob("*.npz")):
        with np.load(path) as file:
            for entry in file.files:
                case, dtype, part = entry.rsplit("/", 2)
                op = OPERATORS.get(case.rpartition("-")[0])
                if op is None:
                    continue
                cases[op.name].add(case)
                dtypes[op.name].add(dtype)
                if part.startswith("grad"):
                    gradients[op.name].append(bool(np.any(file[entry])))
    found = {}
    for name, keys in cases.items():
        gradient = "" if name not in gradients else "yes" if any(gradients[name]) else "zero"
        found[name] = Compared(len(keys), tuple(d for d in DTYPE_NAMES if d in dtypes[name]), gradient)
    return found


# ------------------------------------------------------------------------------------------ usage
class Usage(NamedTuple):
    """A name of ``nd``, ``sym`` or ``F`` as programs write it, and how often they do."""

    name: str
    sites: int
    state: str  # 'supported', 'missing' or FOREIGN


@functools.cache
def _surface() -> dict[str, dict[str, object]]:
    return json.loads((GOLDEN / "surface.json").read_text())


def _state(prefix: str, rest: str) -> str:
    """Of a name below ``nd``, ``sym`` or ``F``, which is either: supported if it is in each that has it in MXNet."""
    packages = {"nd": ("ndarray",), "sym": ("symbol",), "F": ("ndarray", "symbol")}[prefix]
    parts = rest.split(".")
    if parts[0] == "_internal":
        there = packages if parts[1] in support.names() else ()
    else:
        there = tuple(p for p in packages if parts[-1] in _surface().get(".".join([p, *parts[:-1]]), ()))
    if not there:
        return FOREIGN
    missing = object()
    found = [functools.reduce(lambda held, n: getattr(held, n, missing), parts, getattr(mx, p)) for p in there]
    return "missing" if missing in found else "supported"


def usage() -> list[Usage]:
    """Each counted name of functions, and of methods and properties that arrays and symbols have in MXNet."""
    found = []
    methods = {n for path, names in _surface().items() if path.rpartition(".")[2] in ("NDArray", "Symbol")
               for n in names}  # fmt: skip
    classes = (mx.nd.NDArray, mx.sym.Symbol, mx.nd.sparse.CSRNDArray, mx.nd.sparse.RowSparseNDArray)
    for line in (GOLDEN / "usage.tsv").read_text().splitlines():
        name, sites = line.split("\t")
        kind, _, rest = name.partition(".")
        if kind in ("nd", "sym", "F"):
            found.append(Usage(name, int(sites), _state(kind, rest)))
        elif rest in methods:
            here = any(hasattr(cls, rest) for cls in classes)
            found.append(Usage(name, int(sites), "supported" if here else "missing"))
    return found


def coverage(rows: Iterable[Usage]) -> tuple[int, int]:
    """(sites of supported names, sites of all names that MXNet has)."""
    rows = [row for row in rows if row.state != FOREIGN]
    return sum(r.sites for r in rows if r.state == "supported"), sum(r.sites for r in rows)


# ------------------------------------------------------------------------------------------ the page
def family(name: str) -> str:
    """The file of the table that an operator stands in; of those that do not, where their names begin."""
    if name in OPERATORS:
        return OPERATORS[name].fn.__module__.rpartition(".")[2]
    return ""


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{n}`" for n in names)


def _supported(rows: list[support.OperatorSupport]) -> Iterator[str]:
    families = collections.defaultdict(list)
    for row in rows:
        families[family(row.name)].append(row)
    for name in sorted(families):
        yield f"### {name} ({len(families[name])})\n"
        yield "| operator | aliases | gradient | dtypes | cases |\n| --- | --- | --- | --- | --- |"
        for row in families[name]:
            aliases = _code(a for a in row.aliases if a in OPERATORS)
            seen = compared().get(row.name, Compared(0, (), ""))
            dtypes = " ".join(SHORT[d] for d in seen.dtypes)
            gradient = seen.gradient or ("no" if seen.cases else "elsewhere")
            yield f"| `{row.name}` | {aliases} | {gradient} | {dtypes} | {seen.cases or 'elsewhere'} |"
        yield ""


def _others(rows: list[support.OperatorSupport]) -> Iterator[str]:
    by_reason = collections.defaultdict(list)
    for row in rows:
        by_reason[row.reason].append(row.name)
    yield "| reason | operators |\n| --- | --- |"
    for reason, names in sorted(by_reason.items()):
        yield f"| {reason} | {len(names)}: {_code(names)} |"
    yield ""


def page() -> str:
    """The text of docs/operators.md."""
    rows = support.rows()
    by_state = {state: [r for r in rows if r.state == state] for state in support.STATES}
    gradients = support.rows(gradients=True)
    used = usage()
    functions = [u for u in used if u.name.partition(".")[0] in ("nd", "sym", "F")]
    methods = [u for u in used if u not in functions]
    lines = [
        "# Operators\n",
        "Where each operator of MXNet 1.9.1 stands here. `mx.operator_support(name)` says the same of\n"
        "one name. This page is written by `python -m tools.operators_page`.\n",
        "| state | operators |\n| --- | --- |",
        *(f"| {state} | {len(found)} |" for state, found in by_state.items()),
        f"| nodes of MXNet's gradient graphs (not applicable) | {len(gradients)} |\n",
        "## Usage\n",
        "How often programs of fourteen public code bases write a name, from `tests/golden/usage.tsv`. Names that\n"
        "MXNet 1.9.1 does not have in `nd` and `sym` (of plug-ins, custom builds, examples' own libraries, `mx.np`)\n"
        "do not count.\n",
        "| names | sites | supported | |\n| --- | --- | --- | --- |",
    ]
    for what, counted in (("functions of `nd`, `sym` and `F`", functions), ("methods and properties", methods)):
        here, of = coverage(counted)
        lines.append(f"| {what} | {of} | {here} | {100 * here / of:.2f}% |")
    lines.append("")
    missing = [u for u in used if u.state == "missing"]
    lines.append("Names in use that are missing: " + (_listed(missing) or "none") + ".\n")
    foreign = [u for u in used if u.state == FOREIGN]
    lines.append(f"Not counted, {FOREIGN}: " + (_listed(foreign) or "none") + ".\n")
    lines += [
        "## Supported\n",
        "One table for each file of `mxgluon_compat/ops`. *Gradient*: `yes` where gradients are compared with\n"
        "MXNet's, `zero` where MXNet's are all zero, `no` where there is none to compare. *dtypes*: those of the\n"
        "inputs in which outputs are compared. *Cases*: rows of `tests/ops/cases`; `elsewhere`: tests of their own.\n",
        *_supported(by_state["supported"]),
        "## Not yet\n",
        *_others(by_state["not yet"]),
        "## Not applicable\n",
        *_others(by_state["not applicable"]),
        *_others(gradients),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _listed(rows: list[Usage]) -> str:
    return ", ".join(f"`{u.name}` ({u.sites})" for u in rows)


def main(arguments: list[str]) -> int:
    """Writes the page, or with ``--check`` compares it; the exit status."""
    text = page()
    if "--check" in arguments:
        current = PAGE.exists() and PAGE.read_text() == text
        print("up to date" if current else "docs/operators.md is out of date: run python -m tools.operators_page")
        return 0 if current else 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
