"""Gradients against numerical ones, of every operator that has any, also where MXNet has none to compare with.

``OWN`` lists the operators whose gradient is by definition not the derivative of their output.
"""

from __future__ import annotations

import itertools

import pytest
import torch

from mxgluon_compat import streams
from mxgluon_compat.ops import registry
from tools import operators_page

from . import spec
from .test_table import ROWS

# operator -> why its gradient is another one; MXNet's own, to which tests/ops/cases hold it
OWN = {
    "LinearRegressionOutput": "the gradient of a loss that it does not give out",
    "LogisticRegressionOutput": "the gradient of a loss that it does not give out",
    "MAERegressionOutput": "the gradient of a loss that it does not give out",
    "SVMOutput": "the gradient of a loss that it does not give out",
    "SoftmaxOutput": "the gradient of a loss that it does not give out",
    "BlockGrad": "stops the gradient",
    "MakeLoss": "the gradient is grad_scale, whatever comes from above",
    "make_loss": "the gradient is 1, whatever comes from above",
    "_contrib_gradientmultiplier": "multiplies the gradient only",
    "_contrib_round_ste": "passes the gradient straight through",
    "_contrib_sign_ste": "passes the gradient straight through",
}
# operator -> inputs that are constant to MXNet: whole numbers by meaning, and regions of images
CONSTANT = {
    **{f"_random_pdf_{n}": ("sample",) for n in ("poisson", "negative_binomial", "generalized_negative_binomial")},
    **dict.fromkeys(
        (
            "ROIPooling",
            "_contrib_DeformablePSROIPooling",
            "_contrib_PSROIPooling",
            "_contrib_ROIAlign",
            "_contrib_RROIAlign",
        ),
        ("rois",),
    ),
}
# operators that read one triangle of a symmetric matrix: moving the other one changes nothing
SYMMETRIC = ("_linalg_potrf", "_linalg_syevd")
# operators that MXNet refuses to differentiate: there is nothing to compare with
WITHOUT_MXNETS = (
    "_grad_add", "_shuffle", "_slice_assign", "_slice_assign_scalar", "batch_take", "fill_element_0index", "khatri_rao",
    "multi_sum_sq",
)  # fmt: skip
# where all of an operator's cases stand on edges, or cast
MORE = [
    dict(op="clip", inputs=[(3, 4)], attrs=dict(a_min=-0.5, a_max=0.5)),
    dict(op="Cast", inputs=[(3, 4)], attrs=dict(dtype="float64")),
    dict(op="amp_multicast", inputs=[(3, 4), (2,)], attrs=dict(num_outputs=2)),
]


def wanted(case):
    """For each input whether its gradient is checked."""
    unknown = registry.get(case["op"]).name in WITHOUT_MXNETS
    return spec.grads_of({**case, "grad": True} if unknown else case, "float64")


def smooth(case):
    """Whether all inputs that may have a gradient are drawn: given values are often ties and edges."""
    floats = [s for s in spec.inputs_of(case) if s is not None and s.grad]
    return bool(floats) and all(_spread(s) and s.dtype is None for s in floats)


def _spread(drawn):
    """Whether its values lie anywhere, not all in one place."""
    return drawn.kind == "normal" or (drawn.kind == "uniform" and drawn.args[0] < drawn.args[1])


def telling(case):
    casts = case.get("attrs", {}).get("dtype", "float64") != "float64"
    return smooth(case), not casts, len(case["inputs"]), len(case.get("attrs", {}))


def cases():
    """For each operator the case that runs most of it."""
    found = {}
    for case, dtype in [*(row.values[1:] for row in ROWS), *((case, "float64") for case in MORE)]:
        op = registry.get(case["op"])
        if case.get("error") or op.mutates or "float" not in dtype or not any(wanted(case)):
            continue
        if op.name not in found or telling(case) > telling(found[op.name]):
            found[op.name] = case
    return [pytest.param(case, id=name) for name, case in sorted(found.items())]


def function(case):
    """The operator on tensors, its visible outputs: the same random numbers at each call, states that stay."""
    op = registry.get(case["op"])
    parsed = op.parse(case.get("attrs", {}))
    arguments = op.arguments(parsed)
    if "training" in op.supplied:
        arguments["training"] = case.get("train", False)
    if "stream" in op.supplied:
        arguments["stream"] = streams.stream_for("cpu")

    def run(*tensors):
        streams.seed(case.get("seed", 0))
        if op.name in SYMMETRIC:
            tensors = [(tensors[0] + tensors[0].mT) / 2]
        held = list(tensors)
        for i, name in enumerate(op.inputs):
            if name in op.aux:
                held[i] = held[i].clone()
        found = op.fn(*held, **arguments)
        found = found if isinstance(found, tuple) else (found,)
        return tuple(t for t in found[: op.visible_outputs(parsed)] if t.requires_grad)

    return run


def tensors_of(case):
    op = registry.get(case["op"])
    arrays, _ = spec.arrays_of(case, "float64")
    differentiated = wanted(case)
    for i, name in enumerate(op.inputs):
        if name in op.aux or name in CONSTANT.get(op.name, ()):
            differentiated[i] = False
    return [
        None if a is None else torch.tensor(a, requires_grad=d) for a, d in zip(arrays, differentiated, strict=True)
    ]


def differentiable(outputs, variables):
    """Whether each output has a gradient: others have one of zeros, which is not their derivative."""
    found = [torch.autograd.grad(o.sum(), variables, retain_graph=True, allow_unused=True) for o in outputs]
    return [any(g is not None for g in gradients) for gradients in found]


@pytest.mark.parametrize("case", cases())
def test_gradient(case):
    name = registry.get(case["op"]).name
    run, tensors = function(case), tensors_of(case)
    learned = differentiable(run(*tensors), [t for t in tensors if t is not None and t.requires_grad])
    if not any(learned):
        assert operators_page.compared()[name].gradient != "yes", "MXNet has a gradient here"
        return

    def outputs(*tensors):
        return tuple(itertools.compress(run(*tensors), learned))

    agrees = torch.autograd.gradcheck(outputs, tensors, eps=1e-6, atol=1e-5, rtol=1e-4, raise_exception=name not in OWN)
    assert agrees == (name not in OWN), "the gradient is the derivative: it is listed for nothing"


def test_a_wrong_gradient_is_found():
    case = dict(op="_contrib_gradientmultiplier", inputs=[(2, 3)], attrs=dict(scalar=3.0))
    assert not torch.autograd.gradcheck(function(case), tensors_of(case), raise_exception=False)
