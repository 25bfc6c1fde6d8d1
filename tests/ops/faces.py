"""Runs one operator case through one face of the table: nd, sym, hybridized, reloaded from JSON, compiled."""

from __future__ import annotations

import numpy as np

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from mxgluon_compat.cached_op import CachedOp
from mxgluon_compat.ops import placement, registry

from . import spec

__all__ = ["FACES", "MXNetError", "run"]


def run(face, case, dtype):
    """{output, gradient and changed-input name: array}, as the oracle's script writes them."""
    arrays, random = spec.arrays_of(case, dtype)
    inputs = [None if a is None else mx.nd.array(a, dtype=a.dtype) for a in arrays]
    grads = spec.grads_of(case, dtype)
    for x, wanted in zip(inputs, grads, strict=True):
        if wanted:
            x.attach_grad()
    mx.random.seed(case.get("seed", 0))
    function = MAKERS[face](case)
    if case.get("record", True):
        with mx.autograd.record(train_mode=case.get("train", False)):
            outputs = function(*inputs)
    else:
        outputs = function(*inputs)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    found = {f"out{i}": o.asnumpy() for i, o in enumerate(outputs)}
    if any(grads):
        heads = [mx.nd.array(random.standard_normal(o.shape), dtype=o.dtype) for o in outputs]
        reached = [(o, h) for o, h in zip(outputs, heads, strict=True) if o.to_torch().requires_grad]
        if reached:
            mx.autograd.backward(*map(list, zip(*reached, strict=True)))
        found.update({f"grad{i}": inputs[i].grad.asnumpy() for i, wanted in enumerate(grads) if wanted})
    for i, (x, before) in enumerate(zip(inputs, arrays, strict=True)):
        if x is not None and not np.array_equal(x.asnumpy(), before, equal_nan=before.dtype.kind == "f"):
            found[f"after{i}"] = x.asnumpy()
    return found


def _function(package, name):
    module, public = placement.place(name)
    if module == "random":
        module, public = "_internal", name
    return getattr(getattr(package, module), public)


def _nd(case):
    function = _function(mx.nd, case["op"])

    def call(*inputs):
        out = {"out": [inputs[i] for i in case["out"]]} if "out" in case else {}
        return function(*inputs, **case.get("attrs", {}), **out)

    return call


def _symbol(case):
    """The operator on variables, composed as a user would."""
    op = registry.get(case["op"])
    variables = [None if x is None else mx.sym.var(f"in{i}") for i, x in enumerate(case["inputs"])]
    # which nd and sym have by another name alone
    name = case["op"] if op.name.startswith(placement.OF_NUMPY) else op.name
    made = _function(mx.sym, name)(*variables, **case.get("attrs", {}))
    assert made.list_inputs() == [v.name for v in variables if v is not None]
    return made


def _run(symbol, inputs, **flags):
    given = [x for x in inputs if x is not None]
    graph = CachedOp(symbol, flags)
    return graph(*given) if given else graph(default_ctx=mx.cpu())


def _sym(case):
    """Bound and run by ``Symbol.eval``-like means: shapes are inferred first and must be those of the results."""
    symbol = _symbol(case)

    def function(*inputs):
        present = [x for x in inputs if x is not None]
        given = {name: x.shape for name, x in zip(symbol.list_inputs(), present, strict=True) if 0 not in x.shape}
        inferred = symbol.infer_shape_partial(**given)[1]
        outputs = _run(symbol, inputs)
        for shape, output in zip(inferred, outputs if isinstance(outputs, list) else [outputs], strict=True):
            assert len(shape) in (0, len(output.shape)) and all(
                a in (0, b) for a, b in zip(shape, output.shape, strict=False)
            ), f"inferred {shape}, got {output.shape}"
        return outputs

    return function


class _Net(mx.gluon.HybridBlock):
    """One operator as a HybridBlock."""

    def __init__(self, case):
        super().__init__()
        self._case = case

    def hybrid_forward(self, F, x, *args):  # noqa: N803
        return _function(F, self._case["op"])(x, *args, **self._case.get("attrs", {}))


def _hybrid(case):
    net = _Net(case)
    net.hybridize()
    return net if any(x is not None for x in case["inputs"]) else _nd(case)


def _json(case):
    symbol = mx.sym.load_json(_symbol(case).tojson(remove_amp_cast=False))
    return lambda *inputs: _run(symbol, inputs)


def _compiled(case):
    """Traced by torch.compile once; its backend runs the traced forward and backward graphs as they are."""
    symbol = _symbol(case)
    return lambda *inputs: _run(symbol, inputs, backend="aot_eager")


FACES = {"nd": _nd, "sym": _sym, "hybrid": _hybrid, "json": _json}
MAKERS = {**FACES, "compiled": _compiled}
