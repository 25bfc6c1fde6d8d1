"""Writes tests/golden/refused_attributes.json: values of attributes that MXNet refuses as soon as a symbol has them.

Run from the repository's root with an interpreter that has mxnet==1.9.1, after tests.oracle.op_schema:
    PYTHON -m tests.oracle.refused_attributes
"""

import ctypes
import json
import os
import re
import resource
import signal

from tests.oracle.scenario import read, write

VALUES = (
    "banana", "", "nan", "inf", "1e400", "3 4", "yes", "float32", "complex64", -1, 0, 1, 2, 7, 1.5, True, False, None,
    2**31, 2**40, 2**70, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4, 5), (-1, -1), (0, 0), (1.5, 2), (None, 1), ("a",),
    ((1, 2), (3, 4)), [1, 2], {1, 2}, "1, 2", "(1, 2", (2**70, 1),
)  # fmt: skip
# Attributes that are required, or without which others are refused.
GIVEN = {
    "Pooling": {"kernel": "(3, 3)"}, "Pooling_v1": {"kernel": "(3, 3)"},
    "_contrib_quantized_pooling": {"kernel": "(3, 3)"}, "_cond": {"num_args": "4"}, "ElementWiseSum": {"num_args": "2"},
    "khatri_rao": {"num_args": "2"}, "_linspace": {"num": "3", "stop": "2.0"},
}  # fmt: skip
# What is given for a required attribute of a type, the first that fits.
FITTING = (
    (r"\{'?([^,'}]*)", None), ("^Shape|tuple", "(1, 1)"), ("int|long", "2"), ("float|double", "1.0"),
    ("boolean", "True"), ("", "1"),
)  # fmt: skip


def names():
    """Of each operator of our table that MXNet has, its registered name that comes first; Custom takes anything."""
    rows = {name: row for name, row in read("op_schema").items() if row is not None and not name.endswith("Custom")}
    return sorted(name for name, row in rows.items() if name == min(n for n in row["same_as"] if n in rows))


def handle_of(name):
    from mxnet.base import _LIB, check_call

    handle = ctypes.c_void_p()
    check_call(_LIB.NNGetOpHandle(name.encode(), ctypes.byref(handle)))
    return handle


def types_of(name):
    """{attribute: its type as MXNet describes it}, inputs aside."""
    from mxnet.base import _LIB, check_call, py_str

    texts = [ctypes.c_char_p() for _ in range(3)]
    lists = [ctypes.POINTER(ctypes.c_char_p)() for _ in range(3)]
    count = ctypes.c_uint()
    name_, doc, returns = map(ctypes.byref, texts)
    check_call(_LIB.NNGetOpInfo(handle_of(name), name_, doc, ctypes.byref(count), *map(ctypes.byref, lists), returns))
    found = {py_str(lists[0][i]): py_str(lists[1][i]) for i in range(count.value)}
    return {key: kind for key, kind in found.items() if not kind.startswith(("NDArray", "Symbol"))}


def given(name, types):
    """The attributes that a symbol of the operator cannot do without."""
    found = {}
    for key, kind in types.items():
        if ", required" in kind:
            pattern, value = next(pair for pair in FITTING if re.search(pair[0], kind))
            found[key] = value or re.search(pattern, kind).group(1)
    found.update(GIVEN.get(name, {}))
    return found


def is_refused(name, attributes):
    from mxnet.base import _LIB

    keys, values = ([x.encode() for x in column] for column in zip(*attributes.items())) if attributes else ([], [])
    array = ctypes.c_char_p * len(keys)
    made = ctypes.c_void_p()
    failed = _LIB.MXSymbolCreateAtomicSymbol(
        handle_of(name), ctypes.c_uint(len(keys)), array(*keys), array(*values), ctypes.byref(made)
    )
    if not failed:
        _LIB.NNSymbolFree(made)
    return bool(failed)


def in_a_copy(function):
    """What the function returns in a copy of this process; None where that dies, or takes too much time or memory."""
    source, target = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_DATA, (3 << 30, 3 << 30))
        signal.alarm(5)
        os.write(target, json.dumps(function()).encode())
        os._exit(0)
    os.close(target)
    with os.fdopen(source, "rb") as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text.decode()) if text else None


def refused_of(name):
    """[attributes beside, whether an unknown one is refused, {attribute: places in VALUES of what is refused}]."""
    types = types_of(name)
    beside = given(name, types)

    def places(key, of):
        return [i for i in of if is_refused(name, dict(beside, **{key: str(VALUES[i])}))]

    def one_by_one(key):  # what kills MXNet counts as refused
        return [i for i in range(len(VALUES)) if in_a_copy(lambda: places(key, [i])) != []]

    found = in_a_copy(lambda: {key: places(key, range(len(VALUES))) for key in types})
    if found is None:
        found = {}
        for key in types:
            alone = in_a_copy(lambda: places(key, range(len(VALUES))))
            found[key] = one_by_one(key) if alone is None else alone
    assert not is_refused(name, beside), name
    return [beside, is_refused(name, dict(beside, unknown="1")), found]


if __name__ == "__main__":
    write("refused_attributes", {name: refused_of(name) for name in names()})
