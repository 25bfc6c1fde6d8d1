"""Writes tests/golden/model_zoo.npz and model_zoo.json.xz: what the nets of MXNet's model zoo are and do.

Run from the repository's root with an interpreter that has mxnet==1.9.1 (some minutes):
    PYTHON -m tests.oracle.model_zoo
"""

import json
import lzma
import os

# With oneDNN the gradients of max pooling are wrong in places.
os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")
os.environ.setdefault("MXNET_STORAGE_FALLBACK_LOG_VERBOSE", "0")
import mxnet as mx  # noqa: E402
import numpy as np  # noqa: E402

from tests.gluon.model_zoo import observe  # noqa: E402

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "golden")


def main():
    texts = {text: observe.describe(mx, text) for text in observe.NAMES + list(observe.OTHERS)}
    arrays = {}
    for text in observe.RUN:
        for dtype in ("float32", "float64"):
            step = observe.steps(text, dtype)
            if dtype == "float64" and not step:
                continue
            found = observe.run(mx, text, dtype, ["hybrid"], step)["hybrid"]
            print(text, dtype, {part: float(np.abs(array).max()) for part, array in found.items()}, flush=True)
            arrays.update({text + "/" + dtype + "/" + part: array for part, array in found.items()})
    with lzma.open(os.path.join(GOLDEN, "model_zoo.json.xz"), "wt", preset=9) as file:
        json.dump(texts, file, sort_keys=True)
    np.savez_compressed(os.path.join(GOLDEN, "model_zoo.npz"), **arrays)


if __name__ == "__main__":
    main()
