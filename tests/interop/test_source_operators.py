"""The source text of each operator computes what MXNet does: cases of the operator table, through written source."""

from __future__ import annotations

import collections

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.base import UnsupportedError
from mxgluon_compat.interop import to_torch_source
from mxgluon_compat.interop.source.layers import LAYERS
from mxgluon_compat.interop.source.numpy_rows import NUMPY
from mxgluon_compat.interop.source.table import TEMPLATES
from mxgluon_compat.ops import registry

from ..ops import faces, spec
from ..ops.test_table import ROWS, _golden, _same

TRANSLATED = {*TEMPLATES, *LAYERS} - {*NUMPY, "_npi_ones", "_npi_zeros"}  # of which tests are in test_source_numpy
# In the table for the sake of the message alone.
LOSSES = {
    "LinearRegressionOutput", "LogisticRegressionOutput", "MAERegressionOutput", "MakeLoss", "SVMOutput",
    "SoftmaxOutput", "make_loss",
}  # fmt: skip
# They have no inputs: see test_what_is_made.
MAKERS = {"_arange", "_eye", "_full", "_ones", "_zeros"}
PER_OPERATOR = 2


def _is_told_apart(case):
    """Whether PyTorch is known to differ: by what it draws, and among equal elements."""
    if case["op"] == "Dropout" and case.get("train"):
        return True
    ties = case["op"] in ("max", "min", "max_axis", "min_axis", "topk")
    return ties and any(getattr(i, "kind", "") == "values" for i in case["inputs"])


def _by_operator():
    found = collections.defaultdict(list)
    for row in ROWS:
        family, case, dtype = row.values
        name = registry.get(case["op"]).name
        wanted = not case.get("error") and "sym" in case.get("faces", faces.FACES) and not _is_told_apart(case)
        complete = case["inputs"] and all(i is not None for i in case["inputs"])
        if name in TRANSLATED and wanted and complete and dtype == "float32":
            found[name].append((family, case))
    return found


CASES = _by_operator()


class _Layer(mx.gluon.HybridBlock):
    """An operator whose inputs from the second on are Parameters."""

    def __init__(self, case, arrays, count):
        super().__init__()
        self._case, self._names = case, []
        names = registry.get(case["op"]).input_names(registry.get(case["op"]).parse(case.get("attrs") or {}))
        for name, array in zip(names[1:count], arrays[1:count]):
            state = name.startswith("moving")
            param = self.params.get(name, shape=array.shape, dtype=array.dtype, differentiable=not state)
            setattr(self, name, param)
            self._names.append(name)
            param.initialize()
            param.set_data(mx.nd.array(array, dtype=array.dtype))

    def hybrid_forward(self, F, x, *args, **params):  # noqa: N803
        given = [params[name] for name in self._names]
        return faces._function(F, self._case["op"])(x, *given, *args, **(self._case.get("attrs") or {}))


def _through_source(case, as_layer=0):
    """What ``faces.run`` gives, from the module that the source makes; ``as_layer``: so many inputs are the layer's."""
    arrays, random = spec.arrays_of(case, "float32")
    grads = spec.grads_of(case, "float32")
    inputs = [mx.nd.array(a, dtype=a.dtype) for a in arrays]
    net = _Layer(case, arrays, as_layer) if as_layer else faces._Net(case)
    given = [inputs[0], *inputs[max(as_layer, 1) :]]
    made = to_torch_source(net, *given, tolerance=3e-6)
    module = made.module().train(case.get("train", False))
    tensors = {i: torch.tensor(a, requires_grad=g) for i, (a, g) in enumerate(zip(arrays, grads))}
    outputs = module(tensors[0], *(tensors[i] for i in range(max(as_layer, 1), len(arrays))))
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    found = {f"out{i}": o.detach().numpy() for i, o in enumerate(outputs)}
    if not any(grads):
        return found, made
    heads = [torch.tensor(random.standard_normal(tuple(o.shape))).to(o.dtype) for o in outputs]
    reached = [(o, h) for o, h in zip(outputs, heads) if o.requires_grad]
    if reached:
        torch.autograd.backward(*map(list, zip(*reached)))
    params = dict(module.named_parameters())
    by_number = {net._names.index(made.names[k].removeprefix(net.prefix)) + 1: p for k, p in params.items()} if (
        as_layer and case["op"] != "RNN"  # whose parameters are cut into many
    ) else {}  # fmt: skip
    for i, wanted in enumerate(grads):
        leaf = by_number.get(i) if 0 < i < as_layer else tensors[i]
        if wanted and leaf is not None and leaf.requires_grad:
            found[f"grad{i}"] = np.zeros_like(arrays[i]) if leaf.grad is None else leaf.grad.numpy()
    return found, made


def _compare(found, family, case, partial=False):
    golden = _golden(family)[0][f"{spec.key(case)}/float32"]
    expected = {k: v for k, v in golden.items() if not k.startswith("after") and (not partial or k in found)}
    assert any(k.startswith("out") for k in expected)
    tolerance = {"float32": (2e-4, 2e-5)} if case["op"] in ("RNN", "BatchNorm") else case.get("tol", {})
    _same(found, expected, {**case, "tol": tolerance}, "float32", f"source of {spec.key(case)}")


@pytest.mark.parametrize("name", sorted(set(CASES) - {"RNN"}))
def test_functions(name):
    """Inputs of any kind: the operator as an expression."""
    translated = 0
    for family, case in CASES[name]:
        if translated == PER_OPERATOR:
            break
        try:
            found, _ = _through_source(case)
        except UnsupportedError as error:
            assert f"operator {name} " in str(error)
            continue
        except RuntimeError as error:  # rows that are not there are an error in PyTorch
            assert name == "Embedding" and "index out of range" in str(error)
            continue
        translated += 1
        _compare(found, family, case)
    assert (translated == 0) == (name in LOSSES)


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_layers(name):
    """Parameters of the Block's own: the operator as a module of torch.nn."""
    translated = 0
    for family, case in CASES[name]:
        attrs = case.get("attrs") or {}
        count = 2 if name == "RNN" else len(case["inputs"])
        if translated == 4 * PER_OPERATOR:
            break
        if count < 2:
            continue
        try:
            found, made = _through_source(case, count)
        except (UnsupportedError, RuntimeError) as error:
            assert f"operator {name} " in str(error) or "index out of range" in str(error)
            continue
        if "= nn." not in made.source and "= FrozenBatchNorm" not in made.source:
            continue  # it stays an expression
        translated += 1
        if name == "BatchNorm" and attrs.get("fix_gamma", True):
            assert not dict(made.module().named_parameters())["norm.weight"].requires_grad
        _compare(found, family, case, partial=True)
    assert translated


def test_every_operator_has_a_case():
    assert TRANSLATED - set(CASES) == MAKERS
    assert len(TRANSLATED) > 170


class _Makes(mx.gluon.HybridBlock):
    def hybrid_forward(self, F, x):  # noqa: N803
        row = F.arange(3) + F.arange(1, 7, 2) + F.full((3,), 2.5)
        return (
            F.broadcast_add(x, row)
            + F.dot(F.ones((2, 3)), F.eye(3))
            + F.zeros((2, 3), dtype="float64").astype("float32")
        )


def test_what_is_made():
    x = mx.nd.array([[1, 2, 3], [4, 5, 6]])
    made = to_torch_source(_Makes(), x)
    for text in ("arange(3,", "arange(1, 7, 2,", "full((3,), 2.5,", "ones(2, 3,", "eye(3,"):
        assert f"torch.{text}" in made.source
    np.testing.assert_array_equal(made.module()(x.to_torch()).numpy(), [[5.5, 9.5, 13.5], [8.5, 12.5, 16.5]])
