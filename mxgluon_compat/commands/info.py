"""``info FILE``: what a file is and what is in it."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Iterator, Mapping
from typing import Any

from ..base import MXNetError
from ..serialization import params
from ..serialization.content import Content
from ..serialization.foreign import identify
from . import common, graph, records
from .statistics import byte_size, described

__all__ = ["add"]

_FORMATS = {
    "mxnet": "array file in MXNet's binary format",
    "safetensors": "safetensors file",
    "npz": "NumPy archive (.npz)",
    "npy": "NumPy array (.npy)",
}
_STATISTICS = ("min", "max", "mean", "std")


def add(commands: Any) -> None:
    """Puts the command into the parser."""
    parser = commands.add_parser(
        "info",
        help="what a file is and what is in it",
        description="Say what a file is, by its content. Of an array file: each array's shape, dtype, size and "
        "statistics (of its finite values; NaN and infinite ones are counted). Of symbol JSON: operators, inputs, "
        "outputs, the number of parameters, operators that are not supported. Of a RecordIO file: records, sizes, what "
        "they hold, labels, damage and where, whether the index of the same name (.idx) fits. Of a file of another "
        "kind: one line on stderr that says what it is.",
        epilog=f"{common.EXIT_CODES}. Problems are NaN in an array, operators that are not supported, a graph that "
        "cannot be used, damaged records, and an index that does not fit.",
    )
    parser.add_argument("file", metavar="FILE")
    parser.add_argument(
        "--params", metavar="FILE", help="parameters of the graph; default: NAME-*.params of the last epoch, if there"
    )
    parser.add_argument(
        "--shape", action="append", default=[], metavar="NAME=1,3,224,224",
        help="shape of a graph's input, where no file of parameters tells how large they are; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--no-statistics", action="store_true", help="do not read the values of arrays, nor look into records"
    )
    parser.add_argument("--list", action="store_true", help="list the records of a RecordIO file, one a line")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command_function=run)


def run(options: argparse.Namespace) -> tuple[int, str]:
    """The exit code and the text to print.

    Raises:
        MXNetError, OSError, ValueError: the file cannot be read.
    """
    content = Content(options.file)
    if records.is_records(options.file, content.head()):
        if options.params or options.shape:
            raise ValueError(f"--params and --shape are for symbol JSON; {options.file} is none")
        return records.describe(options)
    if options.list:
        raise ValueError(f"--list is for RecordIO files; {options.file} is none")
    if identify(content.head())[0] == "json":
        report = _of_graph(options, content)
        bad = bool(report["unsupported"] or report["error"])
        return int(bad), common.show(report, options.json, _graph_lines)
    if options.params or options.shape:
        raise ValueError(f"--params and --shape are for symbol JSON; {options.file} is none")
    report = _of_arrays(options, content)
    bad = any(entry.get("nan") for entry in report["arrays"])
    return int(bad), common.show(report, options.json, _array_lines)


# ---------------------------------------------------------------------------------------------- array files
def _of_arrays(options: argparse.Namespace, content: Content) -> dict[str, Any]:
    arrays = params.load_tensors(options.file if os.path.isfile(options.file) else bytes(content.bytes))
    named = isinstance(arrays, dict)
    items = arrays if named else {str(i): array for i, array in enumerate(arrays)}
    with common.progress(sum(map(byte_size, items.values())), "statistics") as progress:
        entries = [
            {"name": name if named else None, **described(array, None if options.no_statistics else progress)}
            for name, array in items.items()
        ]
    return {
        "file": options.file,
        "format": identify(content.head())[0],
        "named": named,
        "file_bytes": len(content),
        "numbers": sum(entry["size"] for entry in entries),
        "array_bytes": sum(entry["bytes"] for entry in entries),
        "arrays": entries,
    }


def _array_lines(report: Mapping[str, Any]) -> Iterator[str]:
    entries = report["arrays"]
    yield (
        f"{common.printable(report['file'])}: {_FORMATS[report['format']]}, {report['file_bytes']:,} bytes: "
        f"{common.plural(len(entries), 'array')} {'by name' if report['named'] else 'without names'}, "
        f"{common.plural(report['numbers'], 'number')}, {common.plural(report['array_bytes'], 'byte')}"
    )
    if not entries:
        return
    with_statistics = "nan" in entries[0]
    rows = [["name", "dtype", "shape", "bytes", *(_STATISTICS if with_statistics else ()), ""]]
    for i, entry in enumerate(entries):
        notes = [f"{entry[key]:,} {word}" for key, word in (("nan", "NaN"), ("inf", "inf")) if entry.get(key)]
        if "stored" in entry:
            notes.insert(0, f"{entry['stype']}, {entry['stored']:,} stored")
        rows.append([
            str(i) if entry["name"] is None else common.printable(entry["name"]),
            entry["dtype"],
            str(tuple(entry["shape"])),
            f"{entry['bytes']:,}",
            *(_number(entry[key]) for key in _STATISTICS if with_statistics),
            ", ".join(notes),
        ])  # fmt: skip
    yield from common.table(rows)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


# ---------------------------------------------------------------------------------------------- symbol JSON
def _of_graph(options: argparse.Namespace, content: Content) -> dict[str, Any]:
    found = graph.read_graph(content)
    shapes = graph.shapes_given(options.shape)
    beside, sizes, note = options.params or graph.parameters_beside(options.file), {}, ""
    if beside is not None:
        try:
            sizes = _sizes_in(beside, found)
        except MXNetError as error:
            if options.params:
                raise
            beside, note = None, str(error)
    report = {
        "file": options.file,
        "format": "symbol JSON",
        "mxnet_version": found.raw["version"],
        "nodes": sum(1 for _ in graph.all_nodes(found.raw)),
        "operators": dict(sorted(found.operators.items())),
        "unsupported": {
            op: {"count": found.operators[op], "nodes": found.nodes_of(op), "reason": why}
            for op, why in found.unsupported.items()
        },
        "error": found.error,
        "outputs": found.outputs,
        "states": sorted(found.states),
    }
    if beside is not None:
        unknown = [name for name in found.variables if name not in sizes]
        inputs = graph.input_variables(found, set(sizes))
        unknown = [name for name in unknown if name not in inputs]
    else:
        inputs = graph.input_variables(found)
        sizes, unknown = _sizes_inferred(found, shapes, inputs)
    report["inputs"] = inputs
    report["parameters"] = {
        "arrays": len(sizes) + len(unknown),
        "numbers": sum(sizes.values()),
        "unknown": unknown,
        "from": beside,
        "note": note,
    }
    return report


def _sizes_in(path: str, found: graph.Graph) -> dict[str, int]:
    """{variable: number of its elements} by a file of parameters.

    Raises:
        MXNetError: not an array file, or one without names.
    """
    arrays = params.load_tensors(path)
    if not isinstance(arrays, dict):
        if arrays:
            raise MXNetError(f"{path} holds arrays without names: it is no file of parameters")
        arrays = {}  # MXNet's files do not tell an empty list from an empty dict
    named = {graph.without_kind(name): array for name, array in arrays.items()}
    return {name: math.prod(named[name].shape) for name in found.variables if name in named}


def _sizes_inferred(
    found: graph.Graph, shapes: Mapping[str, tuple[int, ...]], inputs: list[str]
) -> tuple[dict[str, int], list[str]]:
    """({parameter: number of its elements}, parameters of which it is not known) by shape inference.

    Raises:
        MXNetError: the given shapes do not fit.
    """
    names = [name for name in found.variables if name not in inputs]
    if strange := shapes.keys() - found.variables.keys():
        raise ValueError(f"--shape names {sorted(strange)[0]!r}, which the graph has not; inputs: {', '.join(inputs)}")
    sizes = {}
    if found.symbol is not None:
        arguments, _, states = found.symbol.infer_shape_partial(**shapes)
        known = dict(zip(found.symbol.list_arguments(), arguments, strict=True))
        known.update(zip(found.symbol.list_auxiliary_states(), states, strict=True))
        sizes = {name: math.prod(known[name]) for name in names if known.get(name) and 0 not in known[name]}
    return sizes, [name for name in names if name not in sizes]


def _graph_lines(report: Mapping[str, Any]) -> Iterator[str]:
    def listed(names: list[str]) -> str:
        return ", ".join(map(common.printable, names)) or "none"

    version = report["mxnet_version"]
    yield (
        f"{common.printable(report['file'])}: symbol JSON of MXNet {version // 10000}.{version // 100 % 100}."
        f"{version % 100}: {common.plural(report['nodes'], 'node')}"
    )
    yield f"inputs: {listed(report['inputs'])}"
    yield f"outputs: {listed(report['outputs'])}"
    parameters = report["parameters"]
    unknown, numbers = parameters["unknown"], common.plural(parameters["numbers"], "number")
    origin = f" (shapes from {common.printable(parameters['from'])})" if parameters["from"] else ""
    yield f"parameters: {common.plural(parameters['arrays'], 'array')}, {'at least ' * bool(unknown)}{numbers}{origin}"
    if unknown:
        hint = "" if parameters["from"] else "; --params FILE or --shape tells it"
        yield f"  of unknown size{hint}: {listed(unknown)}"
    if parameters["note"]:
        yield f"  not looked into: {common.printable(parameters['note'])}"
    if report["states"]:
        yield f"  auxiliary states among them: {len(report['states'])}"
    yield f"operators: {common.plural(sum(report['operators'].values()), 'node')} of {len(report['operators'])} kinds"
    yield from common.table([
        [f"  {common.printable(op)}", str(count)] for op, count in report["operators"].items()
    ] or [["  none"]])  # fmt: skip
    for op, entry in report["unsupported"].items():
        nodes = ", ".join(map(common.printable, entry["nodes"][:5])) + ", ..." * (len(entry["nodes"]) > 5)
        yield f"not supported: {common.printable(op)} (x{entry['count']}: {nodes}): {entry['reason']}"
    if report["error"]:
        yield f"not usable: {common.printable(report['error'])}"
