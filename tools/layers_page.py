"""Writes docs/layers.md: each public name of gluon's layers, cells, losses, contrib and model zoo, and what of it is
compared with MXNet.

Nothing is listed by hand: names and arguments come from tests/golden/gluon_surface.json, the rest from the tables of
cases (tests/gluon/harness) and their golden files, so that a new table shows up by itself.

Run from the repository's root:
    python -m tools.layers_page            writes the page
    python -m tools.layers_page --check    says whether it is up to date (exit status 1: it is not)
"""

from __future__ import annotations

import ast
import functools
import importlib
import json
import lzma
import pathlib
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from tests.gluon.harness import compare, observe
from tests.gluon.model_zoo import observe as zoo

ROOT = pathlib.Path(__file__).parent.parent
PAGE = ROOT / "docs" / "layers.md"
GOLDEN = ROOT / "tests" / "golden"
SHORT = {"float16": "f16", "float32": "f32", "float64": "f64"}

# The modules as programs name them -> a heading. What their files define and these do not show is not public.
MODULES = {
    "nn": "Layers",
    "rnn": "Recurrent networks",
    "loss": "Losses",
    "contrib.nn": "Contrib: layers",
    "contrib.cnn": "Contrib: convolutions",
    "contrib.rnn": "Contrib: cells",
    "contrib.data": "Contrib: samplers",
    "contrib.data.text": "Contrib: texts",
    "contrib.estimator": "Contrib: estimator",
    "model_zoo.vision": "Model zoo",
    "model_zoo.model_store": "Model zoo: files",
    "utils": "Utilities",
}


# Sections of the guide's differences that docs/operators.md is about.
OF_OPERATORS = ("", "Arrays and operators", "Recurrent operator", "Loops and branches", "Operators in Python",
                "Detection and regions", "Image operators", "Quantized operators", "Sparse arrays", "Array files",
                    "Symbols",
                "Executor and drawing")  # fmt: skip
FILES_SHOWN = 3


class Case(NamedTuple):
    """A row of a table."""

    table: str
    text: str
    inputs: list[Any]
    options: dict[str, Any]
    dtypes: tuple[str, ...]


class Compared(NamedTuple):
    """What of one public name is compared with MXNet."""

    module: str
    name: str
    arguments: str
    cases: list[Case]
    refused: int
    scripts: list[str]  # other files that play scenes with it on both sides


# ------------------------------------------------------------------------------------------ what is compared
@functools.cache
def tables() -> dict[str, Any]:
    """{name of the golden files: module of the table}, read off tests/oracle/layers.py (to import it takes MXNet)."""
    for node in ast.parse((ROOT / "tests" / "oracle" / "layers.py").read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "TABLES":
            names = ast.literal_eval(node.value)
            return {name: importlib.import_module(f"tests.gluon.{path}") for name, path in names.items()}
    raise LookupError("tests/oracle/layers.py has no TABLES")


@functools.cache
def _cases() -> list[Case]:
    return [
        Case(name, case[0], case[1], observe.options_of(case), observe.dtypes_of(case))
        for name, table in tables().items()
        for case in table.CASES
    ]


@functools.cache
def _nets() -> list[Case]:
    """The nets of the model zoo, which have golden files of their own."""
    with np.load(GOLDEN / "model_zoo.npz") as file:
        entries = [key.rsplit("/", 2) for key in file.files]
    ran = {text: tuple(d for d in SHORT if [text, d, "predict"] in entries) for text, _, _ in entries}
    steps = {text for text, _, part in entries if part == "norms"}
    return [
        Case("model_zoo", text, [], {"compiled": False, "grad": text in steps}, ran.get(text, ()))
        for text in (*zoo.NAMES, *zoo.OTHERS)
    ]


@functools.cache
def _net_texts() -> dict[str, Any]:
    with lzma.open(GOLDEN / "model_zoo.json.xz", "rt") as file:
        return json.load(file)


@functools.cache
def _scripts() -> dict[str, str]:
    """{file: source} of what runs on both sides: tests/oracle, and what is no test module in tests/gluon."""
    files = {path for path in (ROOT / "tests" / "gluon").rglob("*.py") if not path.name.startswith("test_")}
    files -= {pathlib.Path(str(table.__file__)) for table in tables().values()}
    files |= set((ROOT / "tests" / "oracle").glob("*.py")) - {ROOT / "tests" / "oracle" / "gluon_surface.py"}
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted(files)}


def _called(module: str, name: str) -> re.Pattern[str]:
    """Where a table's text makes it: ``contrib.nn.Identity(`` is not ``nn.Identity(``."""
    return re.compile(rf"(?<![\w.])(?:mx\.)?(?:gluon\.)?{re.escape(module)}\.{re.escape(name)}\(")


def compared() -> list[Compared]:
    """Each public name, module by module."""
    surface = json.loads((GOLDEN / "gluon_surface.json").read_text())
    found = []
    for module in MODULES:
        for name, arguments in sorted(surface[module].items()):
            if not arguments:
                continue
            pattern = _called(module, name)
            cases = [case for case in _cases() if pattern.search(case.text)]
            refused = sum(bool(pattern.search(text)) for table in tables().values() for text in table.REFUSED)
            if module == "model_zoo.vision":
                called = re.compile(rf"^vision\.(\w+\.)*{re.escape(name)}\(")
                # get_model's names are those of the functions, but for "mobilenet0.25" and "inceptionv3"
                whole = re.compile(re.escape(name).replace("_", "[._]?") + "$")
                cases = [case for case in _nets() if called.search(case.text) or whole.match(case.text)]
            word = re.compile(rf"""[.'"]{re.escape(name)}\b""")
            scripts = [] if cases else [path for path, source in _scripts().items() if word.search(source)]
            found.append(Compared(module, name, arguments, cases, refused, scripts))
    return found


def uncompared() -> list[str]:
    """The public names that no case and no scene has."""
    return [f"{row.module}.{row.name}" for row in compared() if not row.cases and not row.scripts]


# ------------------------------------------------------------------------------------------ the page
def _parameters(case: Case) -> str:
    """``weight (3, 6)``, ... of a case, as MXNet lists them after it ran."""
    if case.table == "model_zoo":
        return f"{len(_net_texts()[case.text]['params'])} Parameters"
    fact = compare.golden_texts(case.table)["cases"][case.text]
    shown = next((fact[d]["shown"] for d in ("float32", *case.dtypes) if "shown" in fact.get(d, {})), fact["shown"])
    rows = re.findall(r"(?:Parameter|Constant) (\S+) \(shape=(.*?), dtype=", shown)
    prefix = fact["name"] + "_"
    return ", ".join(f"{name.removeprefix(prefix)} {shape.replace(',)', ')')}" for name, shape in rows) or "none"


def _dtypes(cases: Iterable[Case]) -> str:
    there = {d for case in cases for d in case.dtypes}
    return " ".join(short for dtype, short in SHORT.items() if dtype in there)


def _row(row: Compared) -> str:
    first = f"| `{row.name}` | `{row.arguments[1:-1]}` |"
    if not row.cases:
        where = ", ".join(f"[{p.rpartition('/')[2]}](../{p})" for p in row.scripts[:FILES_SHOWN]) or "**nothing**"
        return f"{first} {where} | | | | | | {row.refused} | |"
    run = [case for case in row.cases if case.dtypes]
    gradients = [case for case in run if case.options.get("grad", True)]
    exported = [case for case in row.cases if case.options.get("symbol", True)]
    compiled = [case for case in run if case.options.get("compiled", True)]
    shortest = min(run or row.cases, key=lambda case: (len(case.text), case.text))
    return (
        f"{first} {len(row.cases)} | {len(run)} | {_dtypes(run)} | {len(gradients)} | {len(exported)} "
        f"| {len(compiled)} | {row.refused} | `{shortest.text}`: {_parameters(shortest)} |"
    )


def _notes(rows: list[Compared]) -> Iterator[str]:
    """What is said of cases: why they are not run, or not compared in all ways, and wider tolerances."""
    for row in rows:
        notes = []
        only = [c for c in row.cases if not c.dtypes and c.table != "model_zoo"]
        if only:
            notes.append(f"MXNet's CPU cannot run {_listed(only)}: names, Parameters and symbols are compared")
        single = [c for c in row.cases if c.dtypes == ("float32",)]
        if single and not any("float64" in c.dtypes or c.table == "model_zoo" for c in row.cases):
            notes.append("MXNet's CPU runs it in float32 only")
        if any(not c.options.get("symbol", True) for c in row.cases):
            notes.append(f"MXNet cannot hybridize {_listed(c for c in row.cases if not c.options.get('symbol', True))}")
        still = [c for c in row.cases if c.dtypes and not c.options.get("grad", True)]
        if still:
            notes.append(f"predict mode only: {_listed(still)}")
        notes += dict.fromkeys(f"symbol JSON: {c.options['symbol_differs']}" for c in row.cases
                               if "symbol_differs" in c.options)  # fmt: skip
        own = [c for c in row.cases if c.text.startswith(f"{row.module}.{row.name}(")]
        wider = sorted({(d, tol[0]) for c in own for d, tol in c.options.get("tol", {}).items()})
        notes += [f"{SHORT[dtype]} within {rtol:g}" for dtype, rtol in wider]
        if notes:
            yield f"- `{row.name}`: {'; '.join(notes)}."
    if any(row.cases for row in rows):
        yield ""


def _listed(cases: Iterable[Case]) -> str:
    return ", ".join(f"`{c.text}`" for c in cases)


def _guide(names: list[str]) -> Iterator[str]:
    """The rows of the guide's "Known differences" that tell of one of these names; those of operators aside."""
    text = (ROOT / "migration_guide.md").read_text().partition("## Known differences")[2].partition("\n## ")[0]
    pattern = re.compile(r"(?<![\w.])(?:" + "|".join(sorted(map(re.escape, names), key=len, reverse=True)) + r")\b")
    section = ""
    for line in text.splitlines():
        if line.startswith("| **"):
            section = line.strip("| *")
        elif line.startswith("| ") and section not in OF_OPERATORS and pattern.search(line):
            theirs, ours = line.split(" | ")[:2]
            yield f"- MXNet: {theirs.removeprefix('| ')}. Here: {ours}."


def page() -> str:
    """The text of docs/layers.md."""
    rows = compared()
    tolerances = ", ".join(f"{SHORT[d]} {rtol:g}" for d, (rtol, _) in compare.TOLERANCE.items())
    lines = [
        "# Layers, cells, losses and models\n",
        "What of MXNet 1.9.1's `gluon.nn`, `rnn`, `loss`, `contrib`, `model_zoo` and `utils` is compared with it.\n"
        "Written by `python -m tools.layers_page` from the tables of cases in `tests/gluon` and their golden files.\n",
        f"{len(rows)} public names, {len(_cases()) + len(_nets())} cases. "
        "Of each these are compared with MXNet's: name, `repr` and\n"
        "Parameters (names, shapes, dtypes, initialisers, order) before and after the first call; outputs in predict\n"
        "and train mode, gradients of inputs and Parameters, changed running statistics; the exported symbol JSON.\n"
        "Each runs imperatively, hybridized, exported and imported again, and some compiled; all must give the same.\n",
        f"Relative tolerances: {tolerances}; wider ones are noted.\n",
        "- *cases*: sets of arguments and inputs; for what is no layer, the scenes that play it on both sides.\n"
        "- *run*: those that MXNet can run on a CPU; *dtypes*: in these; *gradients*: those with a backward pass;\n"
        "  *symbols*: those that MXNet makes symbols of; *compiled*: those that go through `torch.compile` too.\n"
        "- *refused*: calls that raise the same error as in MXNet.\n"
        "- *Parameters*: of the shortest case, with the shapes that its input gives them.\n",
    ]
    for module, heading in MODULES.items():
        here = [row for row in rows if row.module == module]
        if not here:
            continue
        lines += [
            f"## {heading}: `gluon.{module}` ({len(here)})\n",
            "| name | arguments | cases | run | dtypes | gradients | symbols | compiled | refused | Parameters |\n"
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
            *map(_row, here),
            "",
            *_notes(here),
        ]
        differences = list(_guide([row.name for row in here]))
        if differences:
            lines += ["From [the guide's differences](../migration_guide.md#known-differences):\n", *differences, ""]
    return "\n".join(lines).rstrip() + "\n"


def main(arguments: list[str]) -> int:
    """Writes the page, or with ``--check`` compares it; the exit status."""
    text = page()
    if "--check" in arguments:
        current = PAGE.exists() and PAGE.read_text() == text
        print("up to date" if current else "docs/layers.md is out of date: run python -m tools.layers_page")
        return 0 if current else 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
