"""Writes tests/golden/TABLE.*: what real MXNet 1.9.1 does for every layer, cell and loss of the tables.

The .json holds texts (repr, Parameters, symbol JSON, error messages) and, for each case, the names and shapes of the
arrays whose elements the .npz holds one after the other.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.layers [TABLE...]
"""

import importlib
import json
import os
import sys
import tempfile

# With oneDNN the gradients of max pooling are wrong in places.
os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")
os.environ.setdefault("MXNET_STORAGE_FALLBACK_LOG_VERBOSE", "0")
import mxnet as mx  # noqa: E402
import numpy as np  # noqa: E402

from tests.gluon.harness import observe  # noqa: E402

# A table's golden files -> its module in tests/gluon.
TABLES = {
    "layers": "nn.cases",
    "losses": "loss_cases",
    "contrib_layers": "contrib.nn.cases",
    "contrib_cnn": "contrib.cnn.cases",
}

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "golden")


def write(name, table, refused, scenes):
    """Runs one table and writes its two files."""
    texts = {"cases": {}, "refused": {}, "scenes": {}}
    vectors = {}
    for case in table:
        fact = texts["cases"][case[0]] = observe.describe(mx, case[0])
        if not observe.options_of(case).get("symbol", True):
            pass
        elif not observe.dtypes_of(case):
            fact["json"] = observe.symbol_of(mx, case)
        for dtype in observe.dtypes_of(case):
            try:
                arrays, seen = observe.run(mx, case, dtype, "imperative")
                if observe.options_of(case).get("symbol", True):
                    with tempfile.TemporaryDirectory() as folder:
                        seen["json"] = observe.run(mx, case, dtype, "hybrid", folder)[1]["json"]
            except Exception as error:
                print("REFUSED", case, dtype, type(error).__name__, str(error).strip().splitlines()[-1])
                fact[dtype] = {"refused": type(error).__name__}
                settle()
                continue
            parts = [[part, list(a.shape), a.dtype.name] for part, a in arrays.items()]
            fact[dtype] = dict(seen, parts=parts)
            flat = [np.ravel(a) for a in arrays.values()]
            widest = max((a.dtype for a in flat), key=lambda d: d.itemsize)
            vectors[f"{case[0]}/{dtype}"] = np.concatenate([a.astype(widest) for a in flat])
        dedupe(fact)
    for text in refused:
        texts["refused"][text] = found = observe.refusal(mx, text)
        settle()
        if found is None:
            print("NOT REFUSED", text)
    for scene in scenes:
        texts["scenes"][scene.__name__] = scene(mx)
    np.savez_compressed(os.path.join(GOLDEN, name + ".npz"), **vectors)
    with open(os.path.join(GOLDEN, name + ".json"), "w") as file:
        json.dump(texts, file, indent=0, sort_keys=True)
    print(name, len(table), "cases", sum(v.size for v in vectors.values()), "elements")


def settle():
    """Lets what failed late fail now, not in the next case."""
    try:
        mx.nd.waitall()
    except mx.base.MXNetError:
        pass


def dedupe(fact):
    """Keeps what is the same in float64 (or float16) as in float32 once: "as" names the dtype that has it."""
    first = fact.get("float32")
    if not first:
        return
    for dtype in ("float16", "float64"):
        other = fact.get(dtype, {})
        for key in ("json", "repr", "shown"):
            if key in other and other[key] == first.get(key):
                del other[key]


def main(names):
    for name in names or TABLES:
        table = importlib.import_module("tests.gluon." + TABLES[name])
        write(name, table.CASES, table.REFUSED, table.SCENES)


if __name__ == "__main__":
    main(sys.argv[1:])
