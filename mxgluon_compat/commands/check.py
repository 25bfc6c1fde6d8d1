"""``check NAME-symbol.json NAME-0000.params``: whether a graph and its parameters fit, in one report."""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..base import FLAG_TO_NAME, TORCH_TO_NAME, MXNetError
from ..ops.registry import OPERATORS
from ..serialization import params
from ..serialization.content import Content
from ..serialization.foreign import identify
from ..serialization.parts import Saved
from . import common, graph
from .statistics import byte_size, described, values_of

__all__ = ["add", "problems"]

_MOST_CONFLICTS = 50  # each takes another inference
_NODE = re.compile(r"Error in operator (.*?) \(", re.DOTALL)
_PROBLEM, _WARNING = "problem", "warning"
_OF_VALUES = ("values", "fix_gamma", "variance", "extra")  # kinds of findings with which a graph runs all the same

Finding = dict[str, str]


def add(commands: Any) -> None:
    """Puts the command into the parser."""
    parser = commands.add_parser(
        "check",
        help="whether a graph and its parameters fit together",
        description="Compare symbol JSON with a file of parameters: what is missing or too much, shapes and dtypes "
        "that contradict the graph, NaN and infinite values, and what makes BatchNorm give other numbers than "
        "expected: a saved gamma that is not 1 where fix_gamma=True makes it 1, variances that are negative or 0.",
        epilog=f"{common.EXIT_CODES}. A variance of 0 and 'arg:' where 'aux:' belongs are warnings, which are problems "
        "with --strict only.",
    )
    parser.add_argument("symbol", metavar="NAME-symbol.json")
    parser.add_argument("params", metavar="NAME-0000.params")
    parser.add_argument(
        "--shape", action="append", default=[], metavar="NAME=1,3,224,224",
        help="shape of an input, so that the shapes of all parameters can be checked; may be repeated",
    )  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="warnings are problems")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command_function=run)


def run(options: argparse.Namespace) -> tuple[int, str]:
    """The exit code and the text to print.

    Raises:
        MXNetError, OSError, ValueError: a file cannot be read.
    """
    content = Content(options.symbol)
    if identify(content.head())[0] != "json":
        raise MXNetError(f"{options.symbol} is not symbol JSON, which comes first: check NAME-symbol.json NAME.params")
    found = graph.read_graph(content)
    arrays = params.load_tensors(options.params)
    if not isinstance(arrays, dict):
        if arrays:
            raise MXNetError(f"{options.params} holds arrays without names: they cannot be told apart")
        arrays = {}
    report = _report(found, arrays, graph.shapes_given(options.shape))
    report = {"symbol": options.symbol, "params": options.params, **report}
    levels = {_PROBLEM, _WARNING} if options.strict else {_PROBLEM}
    code = common.PROBLEMS if any(f["level"] in levels for f in report["findings"]) else common.FINE
    return code, common.show(report, options.json, _lines)


def problems(found: graph.Graph, arrays: dict[str, Saved]) -> list[tuple[bool, str]]:
    """Each problem of a graph and its parameters: whether it runs all the same, and the text."""
    findings = _report(found, arrays, {})["findings"]
    return [(f["kind"] in _OF_VALUES, f"{f['name']}: {f['text']}") for f in findings if f["level"] == _PROBLEM]


def _report(found: graph.Graph, arrays: dict[str, Saved], given: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    named = {graph.without_kind(name): array for name, array in arrays.items()}
    inputs = graph.input_variables(found, set(named))
    if strange := given.keys() - found.variables.keys():
        raise ValueError(f"--shape names {sorted(strange)[0]!r}, which the graph has not; inputs: {', '.join(inputs)}")
    findings = list(_unusable(found))
    needed = [name for name in found.variables if name not in inputs]
    if needed and named and not set(needed) & set(named):
        first = next(iter(arrays))
        structural = ", as save_parameters writes them; export writes those of the graph" * ("." in first)
        findings.append(_finding("names", first, f"no name of the file is one of the graph (its first is "
                                 f"{first!r}{structural})"))  # fmt: skip
    else:
        findings += _missing_and_extra(found, arrays, named, needed)
    matched = {name: named[name] for name in needed if name in named}
    given = _data_shapes(found, matched, inputs) | given
    findings += _declared(found, matched)
    unknown: list[str] = []
    if found.symbol is not None:
        findings += _shape_conflicts(found, matched, given, unknown)
        findings += _dtype_conflicts(found, matched)
    statistics = _statistics(matched)
    for name, entry in statistics.items():
        for key, word in (("nan", "NaN"), ("inf", "infinite values")):
            if entry[key]:
                findings.append(_finding("values", name, f"{entry[key]:,} of {entry['size']:,} values are {word}"))
    findings += _norms(found, matched, statistics)
    return {
        "inputs": inputs,
        "input_shapes": {name: list(shape) for name, shape in given.items()},
        "needed": len(needed),
        "matched": len(matched),
        "unchecked": unknown,
        "findings": findings,
    }


def _finding(kind: str, name: str, text: str, level: str = _PROBLEM) -> Finding:
    return {"level": level, "kind": kind, "name": name, "text": text}


def _unusable(found: graph.Graph) -> Iterator[Finding]:
    for op, why in found.unsupported.items():
        yield _finding("operator", op, f"not supported, {common.plural(found.operators[op], 'node')}: {why}")
    if found.error:
        yield _finding("graph", "", f"it cannot be used: {found.error}")


def _missing_and_extra(
    found: graph.Graph, arrays: Mapping[str, Saved], named: Mapping[str, Saved], needed: list[str]
) -> Iterator[Finding]:
    for name in needed:
        if name not in named:
            what = "auxiliary state" if name in found.states else "parameter"
            yield _finding("missing", name, f"the graph has this {what}, the file has not")
    seen: dict[str, str] = {}
    for key in arrays:
        name = graph.without_kind(key)
        if name in seen:
            yield _finding("extra", key, f"the file has it as {seen[name]!r} too")
        elif name not in found.variables:
            yield _finding("extra", key, "the file has it, the graph has not")
        elif key != name and key.startswith("aux:") != (name in found.states):
            right = "aux" if name in found.states else "arg"
            yield _finding("kind", key, f"it is marked {key[:3]!r} and the graph has it as {right!r}", _WARNING)
        seen[name] = key


# ---------------------------------------------------------------------------------------------- shapes and dtypes
def _data_shapes(found: graph.Graph, matched: Mapping[str, Saved], inputs: list[str]) -> dict[str, tuple[int, ...]]:
    """Shapes of data inputs as far as the weights that they meet tell them; 0 for what they do not tell."""
    shapes: dict[str, tuple[int, ...]] = {}
    readers = Counter(name for _, names in graph.all_nodes(found.raw) for name in names)
    for node, names in graph.all_nodes(found.raw):
        if len(names) < 2 or names[0] not in inputs or names[1] not in matched or names[0] in shapes:
            continue
        weight = matched[names[1]].shape
        attrs = node["attrs"]
        if node["op"] == "Convolution" and len(weight) > 2 and attrs.get("layout", "None")[:2] in ("No", "NC"):
            groups = int(attrs["num_group"]) if attrs.get("num_group", "").isdigit() else 1
            shapes[names[0]] = (0, weight[1] * groups, *(0,) * (len(weight) - 2))
        flattens = node["op"] == "FullyConnected" and attrs.get("flatten", "True") in ("True", "1")
        # The input may have more dimensions, which matters where something else reads it too.
        if flattens and len(weight) == 2 and readers[names[0]] == 1:
            shapes[names[0]] = (0, weight[1])
    return shapes


def _declared(found: graph.Graph, matched: Mapping[str, Saved]) -> Iterator[Finding]:
    """What contradicts the dtypes that the graph's variables declare."""
    for name, saved in matched.items():
        flag = found.variables[name].get("__dtype__", "")
        dtype = TORCH_TO_NAME[values_of(saved).dtype]
        if flag.isdigit() and FLAG_TO_NAME.get(int(flag), dtype) != dtype:
            yield _finding("dtype", name, f"the file has {dtype}, the graph declares {FLAG_TO_NAME[int(flag)]}")


def _conflicts(
    infer: Callable[[dict[str, Any]], Any], given: dict[str, Any], removable: Mapping[str, Any], found: graph.Graph
) -> Iterator[tuple[str, str, list[str]]]:
    """Runs an inference until nothing contradicts, each time without what stood at the node where it failed.

    Yields:
        (the node's name, the error, names that were taken out of ``given``).
    """
    inputs_of = {node["name"]: names for node, names in graph.all_nodes(found.raw)}
    for _ in range(_MOST_CONFLICTS):
        try:
            infer(given)
            return
        except (MXNetError, ValueError) as error:
            match = _NODE.search(str(error))
            at_fault = [n for n in inputs_of.get(match[1], ()) if n in given and n in removable] if match else []
            yield match[1] if match else "", str(error), at_fault
            if not at_fault:
                return
            for name in dict.fromkeys(at_fault):
                del given[name]


def _shape_conflicts(
    found: graph.Graph, matched: Mapping[str, Saved], given: dict[str, tuple[int, ...]], unknown: list[str]
) -> Iterator[Finding]:
    """Shapes in the file that are not those of the graph; ``unknown`` gets the names of what could not be compared."""
    symbol = found.symbol
    assert symbol is not None

    def infer(shapes: dict[str, Any]) -> dict[str, Any]:
        arguments, _, states = symbol.infer_shape_partial(**shapes)
        return {
            **dict(zip(symbol.list_arguments(), arguments, strict=True)),
            **dict(zip(symbol.list_auxiliary_states(), states, strict=True)),
        }

    in_file = {name: tuple(saved.shape) for name, saved in matched.items()}
    # An array of no dimensions or no elements tells inference nothing.
    shapes = {name: shape for name, shape in in_file.items() if shape and 0 not in shape}
    told: set[str] = set()
    for name, declared in _declared_shapes(infer, shapes):
        if not _agree(in_file[name], declared):
            told.add(name)
            del shapes[name]
            yield _finding("shape", name, f"the file has {in_file[name]}, the graph declares {declared}")
    shapes |= given
    conflicts = list(_conflicts(infer, shapes, in_file, found))
    try:
        wanted = infer(shapes)
    except (MXNetError, ValueError):
        wanted = {}
    for node, error, names in conflicts:
        wrong = [n for n in names if wanted.get(n) and not _agree(in_file[n], wanted[n])]
        for name in wrong:
            if name not in told:
                yield _finding("shape", name, f"the file has {in_file[name]}, the graph takes {wanted[name]}")
        told.update(names)
        if not wrong:
            yield _finding("shape", node, error)
    unknown += [] if conflicts else _unknown(infer, in_file, given, told)


def _unknown(
    infer: Callable[[dict[str, Any]], dict[str, Any]],
    in_file: Mapping[str, tuple[int, ...]],
    given: Mapping[str, tuple[int, ...]],
    told: set[str],
) -> list[str]:
    """Names of arrays of which the graph and the inputs' shapes tell no shape."""
    try:
        alone = infer(dict(given))
    except (MXNetError, ValueError):
        return []
    return [n for n in in_file if n not in told and (not alone.get(n) or 0 in alone[n])]


def _declared_shapes(infer: Callable[[dict[str, Any]], Any], shapes: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """(name, shape) of each array in the file for which the graph alone knows a shape."""
    try:
        alone = infer({})
    except (MXNetError, ValueError):
        return
    for name in list(shapes):
        if alone.get(name):
            yield name, alone[name]


def _agree(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(shape) == len(wanted) and all(b in (0, a) for a, b in zip(shape, wanted, strict=True))


def _dtype_conflicts(found: graph.Graph, matched: Mapping[str, Saved]) -> Iterator[Finding]:
    symbol = found.symbol
    assert symbol is not None
    dtypes = {name: TORCH_TO_NAME[values_of(saved).dtype] for name, saved in matched.items()}
    for node, error, _ in _conflicts(lambda given: symbol.infer_type_partial(**given), dtypes, matched, found):
        yield _finding("dtype", node, error)


# ---------------------------------------------------------------------------------------------- values
def _statistics(matched: Mapping[str, Saved]) -> dict[str, dict[str, Any]]:
    with common.progress(sum(map(byte_size, matched.values())), "values") as progress:
        return {name: described(saved, progress) for name, saved in matched.items()}


def _norms(
    found: graph.Graph, matched: Mapping[str, Saved], statistics: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    """What makes normalisation over a batch give other numbers than the values in the file seem to say."""
    seen = set()
    for node, names in graph.all_nodes(found.raw):
        op = OPERATORS.get(node["op"])
        if op is None or "fix_gamma" not in op.attributes:
            continue
        try:
            parsed = {**op.defaults, **op.parse({k: v for k, v in node["attrs"].items() if k in op.attributes})}
        except MXNetError:
            continue  # the graph's own error says it
        at = {key: names[i] if i < len(names) else f"{node['name']}_{key}" for i, key in enumerate(op.inputs)}
        gamma, variance = at["gamma"], at.get("moving_var", "")
        if parsed["fix_gamma"] and gamma in matched and ("gamma", gamma) not in seen:
            values = values_of(matched[gamma])
            others = int((values != 1).sum())
            if others:
                seen.add(("gamma", gamma))
                entry = statistics[gamma]
                yield _finding(
                    "fix_gamma", gamma,
                    f"{others:,} of {values.numel():,} values are not 1 ({entry['min']} to {entry['max']}), and "
                    f"{node['op']} {node['name']!r} has fix_gamma=True, which makes all of them 1",
                )  # fmt: skip
        if variance in matched and ("variance", variance) not in seen:
            seen.add(("variance", variance))
            values = values_of(matched[variance])
            negative, zero = int((values < 0).sum()), int((values == 0).sum())
            if negative:
                yield _finding("variance", variance, f"{negative:,} of {values.numel():,} variances are negative")
            if zero:
                text = f"{zero:,} of {values.numel():,} variances are 0: such channels are divided by sqrt(eps)"
                yield _finding("variance", variance, text, _WARNING)


# ---------------------------------------------------------------------------------------------- the text
def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    name = common.printable
    yield f"{name(report['symbol'])} and {name(report['params'])}"
    shapes = report["input_shapes"]
    inputs = [name(n) + (f" {_with_unknown(shapes[n])}" if n in shapes else "") for n in report["inputs"]]
    yield f"inputs: {', '.join(inputs) or 'none'}"
    yield f"parameters and states: {report['matched']:,} of the graph's {report['needed']:,} are in the file"
    for finding in report["findings"]:
        mark = f"{finding['level']}: {finding['kind']}:"
        yield f"{mark} {name(finding['name'])}: {name(' '.join(finding['text'].split()))}"
    if report["unchecked"]:
        yield (
            f"not compared: {common.plural(len(report['unchecked']), 'shape')} that the graph alone does not tell; "
            "--shape NAME=1,3,224,224 for its inputs helps"
        )
    counts = {level: sum(f["level"] == level for f in report["findings"]) for level in (_PROBLEM, _WARNING)}
    yield "result: " + (
        ", ".join(common.plural(count, level) for level, count in counts.items() if count) or "they fit"
    )


def _with_unknown(shape: list[int]) -> str:
    return "(" + ", ".join(str(n) if n else "?" for n in shape) + ")"
