"""The signatures of the table say what MXNet's registry says: inputs, attributes in order, defaults, aliases."""

from __future__ import annotations

import ast
import json
import pathlib

import numpy as np
import pytest
import torch

from mxgluon_compat.base import TORCH_TO_NAME
from mxgluon_compat.ops import OPERATORS

GOLDEN = json.loads((pathlib.Path(__file__).parent.parent / "golden" / "op_schema.json").read_text())

# What MXNet's registry says and its operator does not do.
DIFFERENT_DEFAULTS = {
    ("smooth_l1", "scalar"): "registered as required, yet MXNet takes 1 where it is not given",
    **{
        (f"_npi_{name}", "ctx"): "registered as 'cpu', which MXNet refuses as a context where it is given"
        for name in (
            *("uniform", "uniform_n", "normal", "normal_n", "bernoulli", "choice", "exponential"),
            *("gamma", "gumbel", "logistic", "pareto", "rayleigh", "weibull"),
        )
    },
}

# Operators of MXNet 1.9.1 that the oracle's build has not got.
OF_OTHER_BUILDS = "_contrib_intgemm_"

# Operators that read other attributes than their registry lists: those here are what they, or graphs in files, have.
UNTOLD = {"_linalg_potrf", "_linalg_potri", "_npi_concatenate", "_npi_flip", "_npi_norm"}


def _text(value):
    if isinstance(value, torch.dtype):
        return TORCH_TO_NAME[value]
    return str(value)


def _same_default(ours, theirs):
    if theirs is None:
        return ours is None
    if isinstance(ours, bool):
        return theirs == str(int(ours)) or theirs == str(ours)
    if isinstance(ours, (int, float)):
        return np.float32(ours) == np.float32(float(theirs))
    if isinstance(ours, tuple):
        if theirs in ("None", "[]", "()", ""):
            return not ours
        numbers = ast.literal_eval(theirs)  # MXNet prints floats as 4, or 0.1 in float32's digits
        return len(ours) == len(numbers) and all(map(_same_default, ours, map(str, numbers)))
    return _text(ours) == theirs


def test_every_name_is_mxnets():
    assert set(GOLDEN) == set(OPERATORS), "golden file is older than the table: run tests.oracle.op_schema"
    assert not [n for n, row in GOLDEN.items() if row is None and not n.startswith(OF_OTHER_BUILDS)]


@pytest.mark.parametrize(
    "op", sorted({op.name: op for op in OPERATORS.values()}.values(), key=lambda op: op.name), ids=str
)
def test_schema(op):
    if op.name.startswith(OF_OTHER_BUILDS) or op.name in UNTOLD:
        return
    row = GOLDEN[op.name]
    if op.name == "_linspace":
        return  # MXNet registers _arange's attributes for it and reads others: start, stop, num, endpoint, ctx, dtype
    assert sorted((op.name, *op.aliases)) == row["same_as"]
    if not op.variadic:
        # of its oldest operators MXNet does not list the states, and runs these in graphs only
        assert [i for i in op.inputs if i not in op.aux or i in row["inputs"]] == row["inputs"]
    # The number of inputs is counted, never given by position; MXNet does not always list it.
    ours = [a for a in op.attributes.values() if a.name != op.count]
    theirs = [a for a in row["attributes"] if a[0] != op.count]
    assert [a.name for a in ours] == [a[0] for a in theirs]
    for attribute, (name, _, required, default) in zip(ours, theirs, strict=True):
        if (op.name, name) in DIFFERENT_DEFAULTS:
            continue
        assert attribute.required == required, name
        if not required:
            assert _same_default(attribute.default, default), f"{name}: {attribute.default!r}, MXNet {default!r}"
