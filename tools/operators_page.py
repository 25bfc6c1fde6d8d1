"""Writes docs/operators.md: each operator of MXNet 1.9.1, its state here, and what of it is compared with MXNet.

Run from the repository's root:
    python -m tools.operators_page            writes the page
    python -m tools.operators_page --check    says whether it is up to date (exit status 1: it is not)
"""

from __future__ import annotations

import collections
import functools
import inspect
import json
import pathlib
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

import mxgluon_compat as mx
from mxgluon_compat.base import DTYPE_NAMES
from mxgluon_compat.ops import OPERATORS, placement, support
from tests.ops.spec import key
from tests.oracle import numpy_operators

ROOT = pathlib.Path(__file__).parent.parent
PAGE = ROOT / "docs" / "operators.md"
GOLDEN = ROOT / "tests" / "golden"
SHORT = {"float16": "f16", "float32": "f32", "float64": "f64", "bfloat16": "bf16", "int8": "i8", "int32": "i32",
         "int64": "i64", "uint8": "u8", "bool": "bool"}  # fmt: skip


FOREIGN = "not in MXNet 1.9.1's nd and sym"
# Where the names that usage.tsv counts are: those under F are called on arrays and on symbols.
PACKAGES = {"nd": ("ndarray",), "sym": ("symbol",), "F": ("ndarray", "symbol"), "random": ("random",)}


def _of(module: str) -> list[str]:
    """The operators of a module of ``ops``."""
    return [op for op, row in OPERATORS.items() if row.fn.__module__.rpartition(".")[2] == module]


# Supported operators that the oracle cannot be asked about in the way of tests/ops/cases -> where they are tested.
ELSEWHERE = {
    "Custom": "tests/oracle/custom_operator.py",
    # operators of mx.np
    **dict.fromkeys(_of("numpy_random"), "tests/oracle/numpy_random.py"),
    **dict.fromkeys(_of("numpy_linalg"), "tests/oracle/numpy_linalg.py"),
    # their inputs are files of pictures
    **dict.fromkeys(
        ("_cvcopyMakeBorder", "_cvimdecode", "_cvimread", "_cvimresize"), "tests/oracle/image_functions.py"
    ),
    # needs subgraphs
    **dict.fromkeys(("_cond", "_foreach", "_while_loop"), "tests/oracle/control_flow.py"),
    # MXNet has them in symbols only, or in oneDNN
    **dict.fromkeys(
        ("BatchNorm_v1", "IdentityAttachKLSparseReg", "_contrib_BatchNormWithReLU"), "tests/oracle/layer_states.py"
    ),
    # MXNet has them on GPUs only, or in other builds
    **dict.fromkeys(("_contrib_count_sketch", "_contrib_fft", "_contrib_ifft"), "tests/ops/test_contrib.py"),
    **dict.fromkeys((op for op in OPERATORS if op.startswith("_contrib_intgemm_")), "tests/ops/test_contrib.py"),
    # MXNet crashes, has them in graphs only, or reports a wrong range
    **dict.fromkeys(
        ("_contrib_quantize_asym", "_contrib_quantized_conv", "_contrib_quantized_elemwise_mul"),
        "tests/ops/test_quantization.py",
    ),
    # MXNet forgets the float32 weight
    "mp_lamb_update_phase2": "tests/test_lamb.py",
    # need arrays of another storage type
    **dict.fromkeys(
        (
            "_contrib_dgl_adjacency",
            "_contrib_dgl_graph_compact",
            "_contrib_dgl_subgraph",
            "_contrib_edge_id",
        ),
        "tests/oracle/sparse_graphs.py",
    ),
    **dict.fromkeys(
        ("_contrib_dgl_csr_neighbor_non_uniform_sample", "_contrib_dgl_csr_neighbor_uniform_sample"),
        "tests/ndarray/test_sparse_graphs.py",
    ),
    "_contrib_getnnz": "tests/ndarray/test_sparse.py",
    "_contrib_group_adagrad_update": "tests/oracle/sparse_training.py",
    "_sparse_adagrad_update": "tests/oracle/sparse_training.py",
    "_sparse_retain": "tests/oracle/sparse_arrays.py",
    "_square_sum": "tests/ndarray/test_sparse.py",
}


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
    golden = numpy_operators.read()
    for entry, (case, dtype) in numpy_operators.cases().items():
        row, op = golden.get(entry, {}), OPERATORS[case["op"]]
        if "outputs" in row and op.name.startswith(placement.OF_NUMPY):
            cases[op.name].add(key(case))
            dtypes[op.name].add(dtype)
            for gradient in row.get("gradients") or ():
                gradients[op.name].append(any(gradient["values"]))
    found = {}
    for name, keys in cases.items():
        gradient = "" if name not in gradients else "yes" if any(gradients[name]) else "zero"
        found[name] = Compared(len(keys), tuple(d for d in DTYPE_NAMES if d in dtypes[name]), gradient)
    return found


# ------------------------------------------------------------------------------------------ usage
MEANING = {
    "supported": "forward and backward as MXNet's",
    "not applicable": "internal to MXNet's engine or to one vendor's library",
    "not yet": "used by none of these programs; a call raises an error that names it",
}


class Usage(NamedTuple):
    """A name of ``nd``, ``sym``, ``F`` or ``random``, or a method, as programs write it, and how often they do."""

    name: str
    sites: int
    state: str  # 'supported', 'missing' or FOREIGN


@functools.cache
def _surface() -> dict[str, dict[str, object]]:
    return json.loads((GOLDEN / "surface.json").read_text())


def _state(prefix: str, rest: str) -> str:
    """Of a name below ``nd``, ``sym``, ``F``...: supported if it is in each package that has it in MXNet.

    Names that MXNet 1.9.1 has in none (modules, operators of builds with more options) are supported if they are here.
    """
    packages, parts = PACKAGES[prefix], rest.split(".")
    if parts[0] == "_internal":
        there = packages if parts[1] in support.names() else ()
    else:
        there = tuple(p for p in packages if parts[-1] in _surface().get(".".join([p, *parts[:-1]]), ()))
    missing = object()
    found = [
        functools.reduce(lambda held, n: getattr(held, n, missing), parts, getattr(mx, p)) for p in there or packages
    ]
    if missing not in found:
        return "supported"
    return "missing" if there else FOREIGN


def _works(cls: type, name: str) -> bool:
    """Whether a class has that method or property, and not only to say that it is not there."""
    value = inspect.getattr_static(cls, name, None)
    return hasattr(cls, name) and getattr(getattr(value, "__code__", None), "co_name", "") not in ("missing", "denied")


def usage() -> list[Usage]:
    """Each counted name of functions, and of methods and properties that arrays and symbols have in MXNet."""
    found = []
    methods = {n for path, names in _surface().items() if path.rpartition(".")[2] in ("NDArray", "Symbol")
               for n in names}  # fmt: skip
    classes = (mx.nd.NDArray, mx.sym.Symbol, mx.nd.sparse.CSRNDArray, mx.nd.sparse.RowSparseNDArray)
    for line in (GOLDEN / "usage.tsv").read_text().splitlines():
        name, sites = line.split("\t")
        kind, _, rest = name.partition(".")
        if kind in PACKAGES:
            found.append(Usage(name, int(sites), _state(kind, rest)))
        elif rest in methods:
            here = any(_works(cls, rest) for cls in classes)
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


def _public(row: support.OperatorSupport) -> list[str]:
    """Where the operator is called, by all of its names: ``contrib.box_nms``, ``npx.relu``; the plain ones first."""
    found = {}
    for name in (n for n in (row.name, *row.aliases) if n in OPERATORS):
        if name.startswith(placement.OF_NUMPY):  # npx has these by name; functions of np run the others
            if name.startswith("_npx_"):
                found[name[1:].replace("__image_", ".image.").replace("npx_", "npx.")] = None
            continue
        module, public = placement.place(name)
        if (
            module == "_internal"
        ):  # many have functions beside the table: _foreach is contrib.foreach, _arange is arange
            plain = public.removeprefix("_")
            module = next(
                (m for m in ("op", "contrib") if plain in _surface()[f"ndarray.{m}".removesuffix(".op")]), module
            )
            public = public if module == "_internal" else plain
        found[public if module == "op" else f"{module}.{public}"] = None
    return sorted(found, key=lambda n: n.startswith("_internal."))


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{n}`" for n in names)


def _supported(rows: list[support.OperatorSupport]) -> Iterator[str]:
    families = collections.defaultdict(list)
    for row in rows:
        families[family(row.name)].append(row)
    for name in sorted(families):
        yield f"### {name} ({len(families[name])})\n"
        yield "| operator | in `nd` and `sym` | cases | dtypes | gradient |\n| --- | --- | --- | --- | --- |"
        for row in families[name]:
            seen = compared().get(row.name)
            if seen is None:
                path = ELSEWHERE[row.name]
                what = f"[{path.rpartition('/')[2]}](../{path}) | | "
            else:
                what = f"{seen.cases} | {' '.join(SHORT[d] for d in seen.dtypes)} | {seen.gradient or 'none'}"
            yield f"| `{row.name}` | {_code(_public(row))} | {what} |"
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
    functions = [u for u in used if u.name.partition(".")[0] in PACKAGES]
    methods = [u for u in used if u not in functions]
    here, of = coverage(used)
    lines = [
        "# Operators\n",
        "What of MXNet 1.9.1's `nd` and `sym` is here, operator by operator; `mx.operator_support(name)` says the\n"
        "same of one operator. Written by `python -m tools.operators_page`.\n",
        f"Fourteen public code bases use operators, and methods of arrays and symbols, in {of} places:\n"
        f"**{100 * here / of:.2f}%** of these are supported ([details](#usage)).\n",
        "| state | operators | meaning |\n| --- | --- | --- |",
        *(
            f"| [{state}](#{state.replace(' ', '-')}) | {len(by_state[state])} | {MEANING[state]} |"
            for state in by_state
        ),
        f"| [gradient nodes](#gradient-nodes) | {len(gradients)} | not applicable: here gradients are torch's |\n",
        "## Usage\n",
        "Names as programs write them, and how often they do (`tests/golden/usage.tsv`). `F` stands for `nd` and\n"
        "`sym`: a name is supported if it is in each of the two that has it in MXNet.\n",
        "| names | uses | supported | |\n| --- | --- | --- | --- |",
    ]
    for what, counted in (
        ("functions of `nd`, `sym`, `F`, `random`", functions),
        ("methods and properties", methods),
        ("all", used),
    ):
        here, of = coverage(counted)
        lines.append(f"| {what} | {of} | {here} | {100 * here / of:.2f}% |")
    missing = [u for u in used if u.state == "missing"]
    foreign = [u for u in used if u.state == FOREIGN]
    lines += [
        "",
        "In use and missing (uses): " + (_listed(missing) or "none") + ".\n",
        "In use and not counted, since MXNet 1.9.1 has no such operators (they are of plug-ins, of libraries that\n"
        "examples build, or `mx.np`'s): " + (_listed(foreign) or "none") + ".\n",
        "## Supported\n",
        "One table for each file of `mxgluon_compat/ops`.\n",
        "- *operator*: its registered name, which symbol JSON holds.\n"
        "- *in `nd` and `sym`*: `contrib.box_nms` is `nd.contrib.box_nms` and `sym.contrib.box_nms`; what has\n"
        "  no name here is run by functions of `np`.\n"
        "- *cases*: how many calls are compared with MXNet's, each as `nd`, as `sym`, hybridized, compiled and\n"
        "  reloaded from JSON (those of `mx.np` alone and in a graph of MXNet's); a file where the operator has tests\n"
        "  of its own.\n"
        "- *dtypes*: those of the inputs in these cases.\n"
        "- *gradient*: `yes`, compared with MXNet's; `zero`, as MXNet's in all cases; `none` that could be compared.\n",
        *_supported(by_state["supported"]),
        "## Not yet\n",
        "A call, and a graph that holds one, raise an `UnsupportedError` that names the operator.\n",
        *_others(by_state["not yet"]),
        "## Not applicable\n",
        *_others(by_state["not applicable"]),
        "## Gradient nodes\n",
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
