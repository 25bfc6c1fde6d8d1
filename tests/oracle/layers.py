"""Writes tests/golden/TABLE.*: what real MXNet 1.9.1 does for every layer, cell and loss of the tables.

The .json holds texts (repr, Parameters, symbol JSON, error messages) and, for each case, the names and shapes of the
arrays whose elements the .npz holds one after the other.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.layers [TABLE...]
"""

import collections
import gzip
import importlib
import json
import os
import subprocess
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
    "layer_arguments": "nn.argument_cases",
    "layers_onednn": "nn.onednn_cases",
    "losses": "loss_cases",
    "loss_arguments": "loss_argument_cases",
    "rnn_layers": "rnn.layer_cases",
    "cells": "rnn.cell_cases",
    "contrib_cells": "contrib.rnn.cell_cases",
    "conv_cells": "contrib.rnn.conv_cases",
    "contrib_layers": "contrib.nn.cases",
    "contrib_cnn": "contrib.cnn.cases",
}
# MXNet's CPU has some layers only with oneDNN.
WITH_ONEDNN = {"layers_onednn", "rnn_layers"}

LONG = 400_000  # characters of text; more are compressed
GOLDEN = os.path.join(os.path.dirname(__file__), "..", "golden")


def write(name, table, refused, scenes):
    """Runs one table and writes its two files."""
    texts = {"cases": {}, "refused": {}, "scenes": {}}
    twice = [text for text, n in collections.Counter(case[0] for case in table).items() if n > 1]
    assert not twice, f"{name} has several cases of the text {twice}"
    vectors = {}
    for case in table:
        fact = texts["cases"][case[0]] = observe.describe(mx, case[0])
        if not observe.options_of(case).get("symbol", True):
            pass
        elif not observe.dtypes_of(case):
            fact["json"] = observe.symbol_of(mx, case)
        for dtype in observe.dtypes_of(case):
            runs = {}
            try:
                runs[dtype], seen = observe.run(mx, case, dtype, "imperative")
                if observe.options_of(case).get("symbol", True):
                    with tempfile.TemporaryDirectory() as folder:
                        arrays, texts_seen = observe.run(mx, case, dtype, "hybrid", folder)
                    seen["json"] = texts_seen["json"]
                    if not alike(arrays, runs[dtype]):  # a graph draws its random numbers in another order
                        runs[dtype + " hybrid"] = arrays
            except Exception as error:
                print("REFUSED", case, dtype, type(error).__name__, str(error).strip().splitlines()[-1])
                fact[dtype] = {"refused": type(error).__name__}
                settle()
                continue
            for kind, arrays in runs.items():
                parts = [[part, list(a.shape), a.dtype.name] for part, a in arrays.items()]
                fact[kind] = dict(seen if kind == dtype else {}, parts=parts)
                flat = [np.ravel(a) for a in arrays.values()]
                widest = max((a.dtype for a in flat), key=lambda d: d.itemsize)
                vectors[f"{case[0]}/{kind}"] = np.concatenate([a.astype(widest) for a in flat])
        for kind in [fact, *(k for k in fact.values() if isinstance(k, dict))]:
            if "json" in kind:
                kind["json"] = observe.without_spaces(kind["json"])
        dedupe(fact)
    for text in refused:
        texts["refused"][text] = found = observe.refusal(mx, text)
        settle()
        if found is None:
            print("NOT REFUSED", text)
    for scene in scenes:
        texts["scenes"][scene.__name__] = scene(mx)
    np.savez_compressed(os.path.join(GOLDEN, name + ".npz"), **vectors)
    write_texts(name, json.dumps(texts, indent=0, sort_keys=True))
    print(name, len(table), "cases", sum(v.size for v in vectors.values()), "elements")


def write_texts(name, text):
    """Writes the .json, or where it is long the .json.gz, and takes the other away."""
    path = os.path.join(GOLDEN, name + ".json")
    for old in (path, path + ".gz"):
        if os.path.exists(old):
            os.remove(old)
    if len(text) <= LONG:
        with open(path, "w") as file:
            file.write(text)
    else:
        with open(path + ".gz", "wb") as file:
            file.write(gzip.compress(text.encode(), mtime=0))


def alike(arrays, others):
    """Whether these are the same results but for rounding."""
    return set(arrays) == set(others) and all(np.allclose(a, others[n], 1e-3, 1e-4) for n, a in arrays.items())


def settle():
    """Lets what failed late fail now, not in the next case."""
    try:
        mx.nd.waitall()
    except mx.base.MXNetError:
        pass


def dedupe(fact):
    """Keeps what is the same in float64 (or float16) as in float32 once; None: the same but for the dtype's name."""
    first = fact.get("float32")
    if not first:
        return
    for dtype in ("float16", "float64"):
        other = fact.get(dtype, {})
        for key in ("json", "repr", "shown"):
            if key in other and other[key] == first.get(key):
                del other[key]
            elif key in other and other[key] == observe.in_dtype(first.get(key, ""), dtype):
                other[key] = None


def main(names):
    for name in names or TABLES:
        if name in WITH_ONEDNN and os.environ["MXNET_MKLDNN_ENABLED"] == "0":
            command = [sys.executable, "-m", "tests.oracle.layers", name]
            subprocess.check_call(command, env=dict(os.environ, MXNET_MKLDNN_ENABLED="1"))
            continue
        table = importlib.import_module("tests.gluon." + TABLES[name])
        write(name, table.CASES, table.REFUSED, table.SCENES)


if __name__ == "__main__":
    main(sys.argv[1:])
