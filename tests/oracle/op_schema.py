"""Writes tests/golden/op_schema.json: what MXNet's registry says of every operator of our table.

Run from the repository's root with an interpreter that has mxnet==1.9.1 (our names come on standard input):
    OURS -c "from mxgluon_compat.ops import OPERATORS; print(*OPERATORS)" | PYTHON -m tests.oracle.op_schema
"""

import ctypes
import json
import os
import re
import sys

from mxnet.base import _LIB, check_call, py_str

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "golden", "op_schema.json")


def describe(name):
    """{inputs, attributes: [[name, type, required, default]], handle} of a registered name, or None."""
    handle = ctypes.c_void_p()
    if _LIB.NNGetOpHandle(ctypes.c_char_p(name.encode()), ctypes.byref(handle)) != 0:
        return None
    real, doc, returns = ctypes.c_char_p(), ctypes.c_char_p(), ctypes.c_char_p()
    count = ctypes.c_uint()
    names, types, docs = (ctypes.POINTER(ctypes.c_char_p)() for _ in range(3))
    check_call(
        _LIB.NNGetOpInfo(
            handle,
            ctypes.byref(real),
            ctypes.byref(doc),
            ctypes.byref(count),
            ctypes.byref(names),
            ctypes.byref(types),
            ctypes.byref(docs),
            ctypes.byref(returns),
        )
    )
    inputs, attributes = [], []
    for i in range(count.value):
        key, kind = py_str(names[i]), py_str(types[i])
        if kind.startswith(("NDArray", "Symbol")):
            inputs.append(key)
            continue
        default = re.search(r"default=(.*)$", kind)
        default = default.group(1).strip("'") if default else None
        attributes.append([key, kind.split(",")[0] if "{" not in kind else "enum", "required" in kind, default])
    return {"inputs": inputs, "attributes": attributes, "handle": handle.value}


def main():
    found, handles = {}, {}
    for name in sys.stdin.read().split():
        row = describe(name)
        if row is not None:
            handles.setdefault(row.pop("handle"), []).append(name)
        found[name] = row
    for same in handles.values():
        for name in same:
            found[name]["same_as"] = sorted(same)
    with open(GOLDEN, "w") as file:
        json.dump(found, file, indent=0, sort_keys=True)
    print(len(found), "names,", len(handles), "operators")


if __name__ == "__main__":
    main()
