"""Writes tests/golden/symbol_operators.json: the symbol of every operator that has a case in tests/ops/cases.

For each operator its symbol JSON (with variables given for all inputs, with none given, with a name and attributes),
the names of everything in its graph, and the automatic name that each of its public names gives.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.symbol_operators
"""

import importlib
import json
import os
import pkgutil

from tests.ops import cases as all_cases
from tests.ops import spec
from tests.oracle.scenario import attempt, write
from tests.oracle.symbol_graphs import one_line

OPS = os.path.join(os.path.dirname(__file__), "..", "golden", "ops")
COUNTS = {"num_args", "num_arrays", "num_weights"}
PREFIXES = (
    ("_contrib_", "contrib"),
    ("_linalg_", "linalg"),
    ("_image_", "image"),
    ("_sparse_", "sparse"),
)


def cases():
    """{operator: its first case that is not refused}."""
    found = {}
    for _, family, _ in pkgutil.iter_modules(all_cases.__path__):
        for case in importlib.import_module("tests.ops.cases." + family).CASES:
            # a symbol of no outputs (reset_arrays) ends MXNet's process
            if not case.get("error") and "out" not in case and case["op"] != "reset_arrays":
                found.setdefault(case["op"], case)
    return found


def find(mx, name):
    """The sym function for a registered operator name, or None."""
    for prefix, module in PREFIXES:
        if name.startswith(prefix):
            return getattr(getattr(mx.sym, module), name[len(prefix) :], None)
    if name.endswith("_like") and name.startswith("_random_"):
        return getattr(mx.sym.random, name[len("_random_") :], None)
    if name.startswith("_"):
        return getattr(mx.sym._internal, name, None)
    return getattr(mx.sym.op, name, None)


def graph(mx, function, inputs, attrs):
    """One use of an operator, with new counters of automatic names."""

    def made():
        with mx.name.NameManager():
            symbol = function(*inputs, **attrs)
        return {
            "name": symbol.name,
            "states": symbol.list_auxiliary_states(),
            "inner": symbol.get_internals().list_outputs(),
            "json": one_line(symbol.tojson()),
        }

    return attempt(made)


def results(mx, names=None):
    """``names``: {operator: its public names}, by which the golden file knows them; default: found in ops.json."""
    found = {}
    for op, case in sorted(cases().items()):
        function = find(mx, op)
        attrs = case.get("attrs", {})
        given = [i for i, x in enumerate(spec.inputs_of(case)) if x is not None]
        inputs = [mx.sym.var("in%d" % i) for i in given]
        found[op] = {"given": graph(mx, function, inputs, attrs)}
        if given and not (case.get("variadic") or set(attrs) & COUNTS):  # those with too few inputs end MXNet's process
            found[op]["automatic"] = graph(mx, function, [], attrs)
            found[op]["named"] = graph(
                mx, function, inputs[:1], dict(attrs, name="own", attr={"__mood__": "good", "lr_mult": "2"})
            )
        shown = {}
        for name in names[op]:
            other = find(mx, name)
            if other is not None:
                shown[name] = graph(mx, other, inputs, attrs).get("name", "refused")
        found[op]["names"] = shown
    return found


if __name__ == "__main__":
    import sys

    import mxnet

    aliases = {}
    with open(sys.argv[1]) as file:
        for alias, op in json.load(file)["alias_of"].items():
            if not alias.startswith(("_np", "_npi", "_npx")):
                aliases.setdefault(op, []).append(alias)
    write("symbol_operators", results(mxnet, {op: [op] + sorted(aliases.get(op, [])) for op in cases()}))
