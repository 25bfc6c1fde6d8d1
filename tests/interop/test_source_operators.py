"""The source text of every operator computes what MXNet does: the cases of the operator table, through written source."""

from __future__ import annotations

import collections
import functools
import warnings

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.base import UnsupportedError
from mxgluon_compat.interop import to_torch_source
from mxgluon_compat.interop.source.layers import LAYERS
from mxgluon_compat.interop.source.table import TEMPLATES
from mxgluon_compat.ops import registry

from ..ops import faces, spec
from ..ops.test_table import ROWS, _golden, _same

TRANSLATED = {*TEMPLATES, *LAYERS}
# Operators that are told apart with a reason: they are in the table for the sake of the message.
LOSSES = {
    "LinearRegressionOutput", "LogisticRegressionOutput", "MAERegressionOutput", "MakeLoss", "SVMOutput",
    "SoftmaxOutput", "make_loss",
}  # fmt: skip


def _by_operator():
    found = collections.defaultdict(list)
    for row in ROWS:
        family, case, dtype = row.values
        name = registry.get(case["op"]).name
        wanted = not case.get("error") and "sym" in case.get("faces", faces.FACES) and case["inputs"]
        if name in TRANSLATED and wanted and dtype == "float32" and all(i is not None for i in case["inputs"]):
            found[name].append((family, case))
    return found


CASES = _by_operator()


def _through_source(case, dtype):
    """What ``faces.run`` gives, from the module that the source makes."""
    arrays, random = spec.arrays_of(case, dtype)
    inputs = [mx.nd.array(a, dtype=a.dtype) for a in arrays]
    grads = spec.grads_of(case, dtype)
    net = faces._Net(case)
    module = to_torch_source(net, *inputs, tolerance=3e-6).module().train(case.get("train", False))
    tensors = [torch.tensor(a, requires_grad=wanted) for a, wanted in zip(arrays, grads)]
    outputs = module(*tensors)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    found = {f"out{i}": o.detach().numpy() for i, o in enumerate(outputs)}
    if any(grads):
        heads = [torch.tensor(random.standard_normal(tuple(o.shape))).to(o.dtype) for o in outputs]
        reached = [(o, h) for o, h in zip(outputs, heads) if o.requires_grad]
        if reached:
            torch.autograd.backward(*map(list, zip(*reached)))
        for i, (t, wanted) in enumerate(zip(tensors, grads)):
            if wanted:
                found[f"grad{i}"] = np.zeros_like(arrays[i]) if t.grad is None else t.grad.numpy()
    return found


@pytest.mark.parametrize("name", sorted(CASES))
def test_operator(name):
    translated = 0
    for family, case in CASES[name]:
        try:
            found = _through_source(case, "float32")
        except UnsupportedError as error:
            assert "to_torch_source" in str(error)
            continue
        translated += 1
        _same(found, _golden(family)[0][f"{spec.key(case)}/float32"], case, "float32", f"source {spec.key(case)}")
    assert (translated == 0) == (name in LOSSES)
