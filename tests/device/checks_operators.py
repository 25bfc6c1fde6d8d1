"""Every operator on a GPU gives what it gives on a CPU, and gives it there; so do the layers of gluon."""

from __future__ import annotations

import pytest

import mxgluon_compat as mx
from tests.gluon import loss_cases
from tests.gluon.harness import compare, observe
from tests.gluon.nn import cases as layers
from tests.gluon.rnn import cell_cases, layer_cases
from tests.ops import faces, spec, test_table

GPU = mx.gpu(0)
DRAWN = ("Dropout", "_image_random_", "_random_", "_sample_", "_shuffle", "random_", "sample_")


def _rows():
    """Each case in the first of its dtypes."""
    seen = set()
    for row in test_table.ROWS:
        family, case, _ = row.values
        if not case.get("error") and (family, spec.key(case)) not in seen:
            seen.add((family, spec.key(case)))
            yield row


def _there(function):
    """``function``, that looks where its results are."""

    def call(*inputs):
        found = function(*inputs)
        for x in found if isinstance(found, (list, tuple)) else [found]:
            assert x.context == GPU and x.to_torch().device == GPU.torch_device
        return found

    return call


@pytest.mark.parametrize(("family", "case", "dtype"), list(_rows()))
def test_operator(monkeypatch, family, case, dtype):
    face = case.get("faces", ("nd",))[0]
    monkeypatch.setitem(faces.MAKERS, face, lambda case, make=faces.MAKERS[face]: _there(make(case)))
    with GPU:
        if case["op"].startswith(DRAWN):
            faces.run(face, case, dtype)  # other numbers than a CPU's
        else:
            test_table._compared(face, family, case, dtype)


LAYERS = [
    (table, case)
    for table, module in (
        ("layers", layers), ("rnn_layers", layer_cases), ("cells", cell_cases), ("losses", loss_cases)
    )
    for case in module.CASES
    if observe.dtypes_of(case) and "Drop" not in case[0] and "dropout" not in case[0] and "Zoneout" not in case[0]
]  # fmt: skip


@pytest.mark.parametrize(("table", "case"), LAYERS, ids=[f"{table}: {case[0]}" for table, case in LAYERS])
def test_layer(table, case):
    dtype = observe.dtypes_of(case)[0]
    with GPU:
        found, _ = observe.run(mx, case, dtype, "imperative")
    expected = compare.golden(table)[1][f"{case[0]}/{dtype}"]
    limits = {**compare.TOLERANCE, **observe.options_of(case).get("tol", {})}
    compare._same(found, expected, "imperative", limits[dtype])
