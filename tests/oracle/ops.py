"""Writes tests/golden/ops/FAMILY.npz: what real MXNet 1.9.1 gives for every operator case.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.ops [FAMILY ...]
"""

import importlib
import json
import os
import pkgutil
import subprocess
import sys

# Its oneDNN kernels refuse float16 and float64 in places (amp_cast), round where they should truncate, and end the
# process in others (amp_multicast); its own kernels do what the operators promise.
os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")
import mxnet as mx  # noqa: E402
import numpy as np  # noqa: E402

from tests.ops import cases as all_cases  # noqa: E402
from tests.ops import spec  # noqa: E402

# What MXNet's own kernels have not got: there the fused RNN lacks state_outputs, and LSTM altogether, in float32.
WITH_ONEDNN = (
    "quantization",
    "rnn",
)
GOLDEN = os.path.join(os.path.dirname(__file__), "..", "golden", "ops")
PREFIXES = (
    ("_contrib_", "contrib"),
    ("_linalg_", "linalg"),
    ("_image_", "image"),
    ("_sparse_", "sparse"),
    ("_random_", "random"),
)


def find(name):
    """The nd function for a registered operator name."""
    if hasattr(mx.nd.op, name):
        return getattr(mx.nd.op, name)
    for prefix, module in PREFIXES:
        if name.startswith(prefix) and hasattr(getattr(mx.nd, module), name[len(prefix) :]):
            return getattr(getattr(mx.nd, module), name[len(prefix) :])
    return getattr(mx.nd._internal, name)


def run(case, dtype):
    """{output and gradient name: array} for one case in one dtype."""
    arrays, random = spec.arrays_of(case, dtype)
    inputs = [None if a is None else mx.nd.array(a, dtype=a.dtype) for a in arrays]
    grads = spec.grads_of(case, dtype)
    for x, wanted in zip(inputs, grads):
        if wanted:
            x.attach_grad()
    mx.random.seed(case.get("seed", 0))
    given = [x for x in inputs if x is not None]
    function = find(case["op"])
    attrs = dict(case.get("attrs", {}))
    if "out" in case:
        attrs["out"] = [inputs[i] for i in case["out"]]
    if case.get("record", True):
        with mx.autograd.record(train_mode=case.get("train", False)):
            outputs = function(*given, **attrs)
    else:
        outputs = function(*given, **attrs)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    found = {"out%d" % i: o.asnumpy() for i, o in enumerate(outputs)}
    if any(grads):
        heads = [mx.nd.array(random.standard_normal(o.shape), dtype=o.dtype) for o in outputs]
        mx.autograd.backward(outputs, heads, train_mode=case.get("train", False))
        found.update({"grad%d" % i: inputs[i].grad.asnumpy() for i, wanted in enumerate(grads) if wanted})
    for i, (x, before) in enumerate(zip(inputs, arrays)):
        if x is not None and not np.array_equal(x.asnumpy(), before, equal_nan=before.dtype.kind == "f"):
            found["after%d" % i] = x.asnumpy()
    return found


def main(families):
    for _, family, _ in pkgutil.iter_modules(all_cases.__path__):
        if families and family not in families:
            continue
        if family in WITH_ONEDNN and os.environ["MXNET_MKLDNN_ENABLED"] == "0":
            command = [sys.executable, "-m", "tests.oracle.ops", family]
            subprocess.check_call(command, env=dict(os.environ, MXNET_MKLDNN_ENABLED="1"))
            continue
        arrays, errors = {}, {}
        for case in importlib.import_module("tests.ops.cases." + family).CASES:
            for dtype in case.get("dtypes", spec.DTYPES):
                name = "%s/%s" % (spec.key(case), dtype)
                try:
                    found = run(case, dtype)
                    if case.get("error"):
                        print("NOT REFUSED", name, case)
                    arrays.update({"%s/%s" % (name, k): v for k, v in found.items()})
                except Exception as error:
                    errors[name] = [type(error).__name__, str(error).strip().splitlines()[-1]]
                    if not case.get("error"):
                        print("REFUSED", name, case, errors[name])
                    try:  # what failed late must not fail the next case
                        mx.nd.waitall()
                    except mx.base.MXNetError:
                        pass
        np.savez_compressed(os.path.join(GOLDEN, family + ".npz"), **arrays)
        with open(os.path.join(GOLDEN, family + ".json"), "w") as file:
            json.dump(errors, file, indent=0, sort_keys=True)
        print(family, len(arrays), "arrays", len(errors), "errors")


if __name__ == "__main__":
    main(sys.argv[1:])
