"""Writes tests/golden/symbol_infer_operators.json: what follows from what, operator by operator, in both directions.

For the first cases of each operator in tests/ops/cases: shapes of the inputs and outputs that follow when some are
given wholly, partly or not at all; the same of dtypes. Only what MXNet finds beyond what it was given is kept.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.symbol_infer_operators
"""

import importlib
import json
import os
import pkgutil
import warnings

import numpy as np

from tests.ops import cases as all_cases
from tests.ops import spec
from tests.oracle.scenario import GOLDEN
from tests.oracle.symbol_operators import find

CASES = 2  # of each operator
DTYPES = ("float64", "int32")


def cases():
    """(operator, key, attributes, numbers of the inputs that are given, their shapes) of cases with known shapes."""
    seen = {}
    for _, family, _ in pkgutil.iter_modules(all_cases.__path__):
        for case in importlib.import_module("tests.ops.cases." + family).CASES:
            if case.get("error") or "out" in case or case["op"] == "reset_arrays":
                continue
            inputs = spec.inputs_of(case)
            places = [i for i, x in enumerate(inputs) if x is not None]
            shapes = [inputs[i].shape for i in places]
            attrs = case.get("attrs", {})
            key = "%s %s %s" % (case["op"], list(map(list, shapes)), sorted((k, str(v)) for k, v in attrs.items()))
            group = seen.setdefault(case["op"], {})
            if key not in group and len(group) < CASES and all(0 not in s and s for s in shapes) and shapes:
                group[key] = (attrs, places, shapes)
    for op in sorted(seen):
        for key in seen[op]:
            yield (op, key) + seen[op][key]


def shape_questions(names, shapes, outputs):
    """{question: {variable: shape}}; ``zN`` has the shape of output N."""
    full = dict(zip(names, shapes))
    outs = {"z%d" % i: s for i, s in enumerate(outputs)}
    asked = {"inputs": full, "outputs": outs}
    for name, shape in outs.items():
        for axis in range(len(shape)):
            asked["output %s without %d" % (name, axis)] = {name: without(shape, axis)}
    for name, shape in full.items():
        rest = {k: v for k, v in full.items() if k != name}
        asked["only " + name] = {name: shape}
        asked["only %s and outputs" % name] = dict(outs, **{name: shape})
        if rest:
            asked["all but " + name] = rest
            asked["all but %s and outputs" % name] = dict(outs, **rest)
        asked["rank of %s and outputs" % name] = dict(outs, **dict(rest, **{name: (0,) * len(shape)}))
        for axis in range(len(shape)):
            part = dict(rest, **{name: without(shape, axis)})
            asked["%s without %d" % (name, axis)] = part
            asked["%s without %d and outputs" % (name, axis)] = dict(outs, **part)
    return asked


def without(shape, axis):
    return shape[:axis] + (0,) + shape[axis + 1 :]


def dtype_questions(names, count):
    """{question: {variable: dtype}}."""
    asked = {"nothing": {}}
    for dtype in DTYPES:
        outs = {"z%d" % i: dtype for i in range(count)}
        asked["inputs " + dtype] = dict.fromkeys(names, dtype)
        asked["outputs " + dtype] = outs
        for name in names:
            asked["only %s %s" % (name, dtype)] = {name: dtype}
    return asked


def answer(graph, method, given):
    """{input or output of the operator: what is found}, or None where that is refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            arguments, outputs, states = getattr(graph, method)(**given)
    except Exception as error:
        if type(error).__name__ != "MXNetError":
            raise
        return None
    found = dict(zip(graph.list_arguments(), arguments))
    found.update(zip(graph.list_auxiliary_states(), states))
    found = {k: v for k, v in found.items() if k.startswith("in")}
    found.update(("out%d" % i, x) for i, x in enumerate(outputs[: len(outputs) // 2]))  # the others are the consumers'
    shown = np.dtype if "type" in method else list
    return {k: None if v is None else shown(v).name if "type" in method else shown(v) for k, v in found.items()}


def results(mx):
    """{case: {question: answer}}."""
    found = {}
    for op, key, attrs, places, shapes in cases():
        names = ["in%d" % i for i in places]
        function = find(mx, op)
        if function is None:
            continue
        try:
            with mx.name.NameManager():
                symbol = function(*[mx.sym.var(n) for n in names], name="x", **attrs)
                outputs = symbol.infer_shape_partial(**dict(zip(names, shapes)))[1]
                if any(not s or 0 in s for s in outputs):
                    continue
                used = [symbol[i] + mx.sym.var("z%d" % i) for i in range(len(symbol))]
        except Exception as error:
            if type(error).__name__ != "MXNetError":  # update operators cannot be composed
                raise
            continue
        graph = mx.sym.Group([symbol] + used)
        answers = {}
        for question, given in shape_questions(names, shapes, outputs).items():
            answers["shape: " + question] = given, answer(graph, "infer_shape_partial", given)
        for question, given in dtype_questions(names, len(symbol)).items():
            answers["dtype: " + question] = given, answer(graph, "infer_type_partial", given)
        found[key] = answers
    return found


def told(given, found):
    """What of an answer was not given."""
    if found is None:
        return {}
    return {k: v for k, v in found.items() if v and (k not in given or list(given[k]) != v and given[k] != v)}


if __name__ == "__main__":
    import mxnet

    path = os.path.join(GOLDEN, "symbol_infer_operators.json")
    with open(path, "w") as file:
        lines = []
        for key, answers in sorted(results(mxnet).items()):
            kept = {q: told(given, found) for q, (given, found) in answers.items()}
            lines.append(json.dumps(key) + ": " + json.dumps({q: a for q, a in kept.items() if a}, sort_keys=True))
        file.write("{\n" + ",\n".join(lines) + "\n}\n")
    print(path, len(lines), "cases")
