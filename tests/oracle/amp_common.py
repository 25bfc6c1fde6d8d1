"""What the scenarios of mixed precision share.

MXNet cannot turn it off again, so that there is a script, and a process, for each way of turning it on.
"""

import contextlib
import json
import logging

import numpy as np

from tests.ops import spec
from tests.oracle.gluon_common import attempt, cleaned
from tests.oracle.symbol_operators import cases, find

__all__ = ["attempt", "casts_of_operators", "compact", "dtype_of", "logged", "nodes", "turned_on"]


@contextlib.contextmanager
def turned_on(mx, *args, **kwargs):
    """Mixed precision, off again afterwards where that can be done."""
    amp = mx.contrib.amp if hasattr(mx.contrib, "amp") else __import__("mxnet.contrib.amp").contrib.amp
    amp.init(*args, **kwargs)
    try:
        yield amp
    finally:
        if hasattr(amp.amp, "_reset"):
            amp.amp._reset()


@contextlib.contextmanager
def logged():
    """The lines that the root logger gets."""
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append("%s: %s" % (record.levelname, cleaned(record.getMessage())))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def dtype_of(array):
    """The name of an array's dtype."""
    dtype = array.dtype
    return "bfloat16" if "bfloat16" in str(dtype) else np.dtype(dtype).name


def nodes(symbol):
    return json.loads(symbol.tojson(remove_amp_cast=False))["nodes"]


def compact(symbol):
    """Name, operator, inputs and dtypes of all nodes in one line."""
    listed = nodes(symbol)

    def shown(entry):
        return listed[entry[0]]["name"] + ("[%d]" % entry[1] if entry[1] else "")

    parts = []
    for node in listed:
        attrs = node.get("attrs", {})
        notes = "".join(" %s=%s" % (k, attrs[k]) for k in ("__dtype__", "dtype", "num_outputs") if k in attrs)
        if node["op"] != "null":
            parts.append("%s=%s(%s)%s" % (node["name"], node["op"], ", ".join(map(shown, node["inputs"])), notes))
        elif notes:
            parts.append(node["name"] + notes)
    return "; ".join(parts)


def casts_of_operators(mx):
    """{operator: what stands between each of its inputs and the variable behind}."""
    found = {}
    for op, case in sorted(cases().items()):
        function = find(mx, op)
        given = [mx.sym.var("in%d" % i) for i, x in enumerate(spec.inputs_of(case)) if x is not None]
        if not given or "_update" in op or op == "fill_element_0index":  # MXNet has no symbols of most update rules
            continue

        def made(function=function, given=given, case=case):
            listed = nodes(function(*given, name="NODE", **case.get("attrs", {})))
            target = next(n for n in listed if n["name"] == "NODE")
            chains = []
            for i, _, _ in target["inputs"]:
                chain = []
                while listed[i]["op"] in ("amp_cast", "amp_multicast"):
                    chain.append(listed[i].get("attrs", {}).get("dtype", "widest"))
                    i = listed[i]["inputs"][0][0]
                chains.append(" ".join(chain) or "-")
            return chains[0] if len(set(chains)) == 1 else ", ".join(chains)

        found[op] = attempt(made)
    return found
