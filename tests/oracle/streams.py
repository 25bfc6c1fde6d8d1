"""Writes tests/golden/streams.npz: what real MXNet 1.9.1 draws after a seed, in sequences of calls.

Run from the repository's root with an interpreter that has mxnet==1.9.1 (another file to write may follow):
    PYTHON tests/oracle/streams.py [FILE]

A call is [kind, arguments]; kinds and arguments are those of a stream's methods (tests/test_streams.py makes the same
calls there), and some that are a method's use by something else in MXNet. Of each result the file holds a digest of all
its bytes, and a sample of its values: every one of a short result, some fifty of a long one.
"""

import hashlib
import json
import math
import os
import sys

import mxnet as mx
import numpy as np

EDGES = (1, 63, 64, 65, 127, 128, 1000, 65535, 65536, 65537, 100000)
SEEDS = (0, 1, 42, 2**31 - 1, 2**31, 2**32 - 1, 2**32 + 5, 123456789012, -1, -5, -123456789)
FLOATS = ("float32", "float64", "float16")
INTERVALS = ((-0.07, 0.07), (0.1, 0.3), (-3, 1e3), (1 / 3, 1e4 / 3), (2, 2))
ODD, CHANCE = [0.4, 2.5, 30], [0.1, 0.75, 0.5]
LOW, HIGH = [0.1, -3.3, 7.7], [0.3, 1000 / 3, 9.1]


def sequences():
    """{name: [call, ...]}; a call ["seed", value] restarts, and only the first sequence does not begin with one."""
    made = {"unseeded": [["uniform", {"shape": 5}], ["normal", {"shape": 5}], ["serial_uniform", {"shape": 5}]]}
    for dtype in FLOATS:
        for kind in ("uniform", "normal", "exponential"):
            made["%s %s lengths" % (kind, dtype)] = [["seed", 42]] + [
                [kind, {"shape": n, "dtype": dtype}] for n in EDGES
            ]
        made["uniform %s intervals" % dtype] = [["seed", 3]] + [
            ["uniform", {"shape": 3000, "low": low, "high": high, "dtype": dtype}] for low, high in INTERVALS
        ]
        made["normal %s places" % dtype] = [["seed", 3]] + [
            ["normal", {"shape": 3000, "loc": loc, "scale": scale, "dtype": dtype}]
            for loc, scale in ((0.1, 0.3), (-2, 1e3), (0, 0.01), (5, 2))
        ]
        made["exponential %s rates" % dtype] = [["seed", 3]] + [
            ["exponential", {"shape": 3000, "lam": lam, "dtype": dtype}] for lam in (0.3, 7.7, 1e-3)
        ]
        made["dropout_mask %s" % dtype] = [["seed", 4]] + [
            ["dropout_mask", {"shape": n, "p": p, "dtype": dtype}]
            for p in (0.5, 0.1, 0.3, 0.75, 0.999, 0.0, 1.0, 1e-3, 1 / 3)
            for n in (20, 1000, 70000)
        ]
        for rows in FLOATS:
            made["rows of %s to %s" % (rows, dtype)] = [
                ["seed", 8],
                ["uniform_rows", {"low": LOW, "high": HIGH, "rows": rows, "each": 100, "dtype": dtype}],
                ["normal_rows", {"loc": LOW, "scale": HIGH, "rows": rows, "each": 100, "dtype": dtype}],
                ["exponential_rows", {"lam": HIGH, "rows": rows, "each": 100, "dtype": dtype}],
                ["uniform_rows", {"low": LOW[:1], "high": HIGH[:1], "rows": rows, "each": 7, "dtype": dtype}],
            ]
    ranges = ((0, 10), (-5, 7), (-1000, 10**9 + 7), (3, 4), (-(2**31), 2**31 - 1), (0, 2**40), (-(2**62), 2**62 + 5))
    for dtype in ("int32", "int64"):
        made["randint %s" % dtype] = [["seed", 9]] + [
            ["randint", {"shape": n, "low": low, "high": high, "dtype": dtype}]
            for low, high in ranges
            for n in (50, 3000, 70000)
        ]
    made["seeds"] = sum(
        (
            [
                ["seed", seed],
                ["uniform", {"shape": 200}],
                ["normal", {"shape": 5}],
                ["serial_uniform", {"shape": 5}],
                ["serial_normal", {"shape": 5}],
            ]
            for seed in SEEDS
        ),
        [],
    )
    made["seed of one context"] = [
        ["seed", 5],
        ["uniform", {"shape": 5}],
        ["seed_context", {"value": 6, "device": 3}],
        ["uniform", {"shape": 5}],
        ["serial_uniform", {"shape": 5}],
    ]
    made["mixed"] = [
        ["seed", 77],
        ["uniform", {"shape": [10, 10]}],
        ["dropout_mask", {"shape": 500, "p": 0.5}],
        ["dropout_layer", {"shape": [30, 40], "axes": [1], "p": 0.3}],
        ["init_uniform", {"shape": [30, 20], "scale": 0.07}],
        ["init_xavier", {"shape": [30, 20]}],
        ["init_normal", {"shape": [30, 20], "sigma": 0.01}],
        ["dense_layer", {"shape": [300, 400]}],
        ["uniform", {"shape": 10000, "dtype": "float64"}],
        ["normal", {"shape": [3, 5, 7], "dtype": "float16"}],
        ["randint", {"shape": [100, 7], "low": 0, "high": 1000}],
        ["shuffle_indices", {"n": 100}],
        ["normal", {"shape": 200000}],
        ["exponential", {"shape": 70}],
        ["serial_normal", {"shape": 9}],
        ["normal", {"shape": 1}],
        ["uniform", {"shape": 200000}],
        ["seed", 77],
        ["uniform", {"shape": [10, 10]}],
    ]
    made["many long"] = [["seed", 11]] + [
        [kind, {"shape": n}] for n in (150000, 70001, 1000) for kind in ("normal", "uniform", "normal")
    ] * 4
    made["many short"] = [["seed", 12]] + [
        [kind, {"shape": n, "dtype": dtype}]
        for n in (1, 13, 64, 65, 300, 2000)
        for dtype in ("float32", "float64")
        for kind in ("normal", "uniform")
    ] * 3
    made["serial"] = [["seed", 13]] + [
        [kind, arguments]
        for n in (1, 2, 9, 10, 700, 5000)
        for kind, arguments in (
            ("serial_uniform", {"shape": n}),
            ("serial_normal", {"shape": n}),
            ("shuffle_indices", {"n": n}),
            ("shuffle_indices", {"n": n, "backward": True}),
            ("multinomial", {"weights": [0.1, 0.2, 0.3, 0.4], "shape": n}),
        )
    ]
    made["upper end"] = [  # a word that rounds to 1 is among these
        ["seed", 81],
        ["uniform", {"shape": 1000000}],
        ["seed", 81],
        ["exponential", {"shape": 1000000}],
        ["seed", 81],
        ["dropout_mask", {"shape": 1000000, "p": 1e-7}],
        ["seed", 55],
        ["serial_uniform", {"shape": 200000}],
    ]
    for dtype in FLOATS:
        made["gamma %s" % dtype] = [["seed", 21]] + [
            ["gamma", {"shape": n, "alpha": alpha, "beta": beta, "dtype": dtype}]
            for alpha, beta in ((1, 1), (2.5, 0.3), (0.3, 7), (0.01, 1), (1e3, 1e-3))
            for n in (1, 64, 65, 3000)
        ]
        made["counts %s" % dtype] = [["seed", 22]] + [
            [kind, dict(arguments, shape=n, dtype=dtype)]
            for n in (1, 65, 3000)
            for kind, arguments in (
                [("poisson", {"lam": lam}) for lam in (0, 0.01, 1, 11.99, 12, 77.7, 1e4)]
                + [("negative_binomial", {"k": k, "p": p}) for k, p in ((0, 0.5), (1, 0.9), (40, 0.03), (2, 1))]
                + [
                    ("generalized_negative_binomial", {"mu": mu, "alpha": alpha})
                    for mu, alpha in ((2, 0.5), (100, 3), (5, 0), (0, 1))
                ]
            )
        ]
        for rows in FLOATS:
            made["counts of rows of %s to %s" % (rows, dtype)] = [
                ["seed", 23],
                ["gamma_rows", {"alpha": ODD, "beta": HIGH, "rows": rows, "each": 100, "dtype": dtype}],
                ["poisson_rows", {"lam": ODD, "rows": rows, "each": 100, "dtype": dtype}],
                ["binomial_rows", {"k": ODD, "p": CHANCE, "rows": rows, "each": 100, "dtype": dtype}],
                ["generalized_rows", {"mu": CHANCE, "alpha": ODD, "rows": rows, "each": 100, "dtype": dtype}],
                ["generalized_rows", {"mu": ODD, "alpha": [0, 2, 0], "rows": rows, "each": 100, "dtype": dtype}],
                ["uniform", {"shape": 100}],
            ]
    made["long counts"] = [["seed", 24]] + [
        ["gamma", {"shape": 70001, "alpha": 3}],
        ["poisson", {"shape": 70001, "lam": 5}],
        ["poisson", {"shape": 70001, "lam": 50}],
        ["negative_binomial", {"shape": 70001, "k": 2, "p": 0.2}],
        ["gamma", {"shape": 200000, "alpha": 0.5, "dtype": "float64"}],
        ["uniform", {"shape": 70001}],
    ]
    made["zipfian"] = [["seed", 25]] + [
        ["unique_zipfian", {"shape": shape, "range_max": most}]
        for shape, most in (([1, 5], 9), ([3, 700], 50000), ([2, 60], 60), ([1500, 3], 100), ([1, 4], 2000000000))
    ]
    made["long shuffles"] = [["seed", 14], ["shuffle_indices", {"n": 300000}], ["serial_uniform", {"shape": 5}]]
    return made


def shape_of(shape):
    return tuple(shape) if isinstance(shape, list) else (shape,)


def parameter(values, rows):
    return mx.nd.array(values, dtype=rows)


def initialised(initializer, shape):
    weight = mx.nd.zeros(tuple(shape))
    initializer(mx.init.InitDesc("weight"), weight)
    return weight


def dropped(shape, p, dtype="float32", axes=()):
    with mx.autograd.train_mode():
        return mx.nd.Dropout(mx.nd.ones(shape_of(shape), dtype=dtype), p=p, axes=tuple(axes))


def dense(shape):
    layer = mx.gluon.nn.Dense(shape[0], in_units=shape[1])
    layer.initialize()
    return layer.weight.data()


def shuffled(n, backward=False):
    if backward:
        rows = mx.nd.arange(2 * n, dtype="int64").reshape((n, 2))
        return mx.nd.slice_axis(mx.nd.shuffle(rows), axis=1, begin=0, end=1).reshape((-1,)) / 2
    return mx.nd.shuffle(mx.nd.arange(n, dtype="int64"))


def one_each(function, each, dtype):
    return function(shape=each, dtype=dtype).reshape((-1,))


DRAW = {
    "uniform": lambda shape, low=0, high=1, dtype="float32": mx.nd.random.uniform(
        low, high, shape_of(shape), dtype=dtype
    ),
    "normal": lambda shape, loc=0, scale=1, dtype="float32": mx.nd.random.normal(
        loc, scale, shape_of(shape), dtype=dtype
    ),
    "exponential": lambda shape, lam=1, dtype="float32": mx.nd.random_exponential(
        lam=lam, shape=shape_of(shape), dtype=dtype
    ),
    "randint": lambda shape, low, high, dtype="int32": mx.nd.random.randint(low, high, shape_of(shape), dtype=dtype),
    "dropout_mask": dropped,
    "serial_uniform": lambda shape: mx.np.random.uniform(size=shape_of(shape), dtype="float32"),
    "serial_normal": lambda shape: mx.np.random.normal(size=shape_of(shape), dtype="float32"),
    "shuffle_indices": shuffled,
    "uniform_rows": lambda low, high, rows, each, dtype: mx.nd.sample_uniform(
        parameter(low, rows), parameter(high, rows), shape=each, dtype=dtype
    ),
    "normal_rows": lambda loc, scale, rows, each, dtype: mx.nd.sample_normal(
        parameter(loc, rows), parameter(scale, rows), shape=each, dtype=dtype
    ),
    "exponential_rows": lambda lam, rows, each, dtype: mx.nd.sample_exponential(
        parameter(lam, rows), shape=each, dtype=dtype
    ),
    "gamma": lambda shape, alpha=1, beta=1, dtype="float32": mx.nd.random.gamma(
        alpha, beta, shape_of(shape), dtype=dtype
    ),
    "poisson": lambda shape, lam=1, dtype="float32": mx.nd.random.poisson(lam, shape_of(shape), dtype=dtype),
    "negative_binomial": lambda shape, k, p, dtype="float32": mx.nd.random.negative_binomial(
        k, p, shape_of(shape), dtype=dtype
    ),
    "generalized_negative_binomial": lambda shape, mu, alpha, dtype="float32": (
        mx.nd.random.generalized_negative_binomial(mu, alpha, shape_of(shape), dtype=dtype)
    ),
    "gamma_rows": lambda alpha, beta, rows, each, dtype: mx.nd.sample_gamma(
        parameter(alpha, rows), parameter(beta, rows), shape=each, dtype=dtype
    ),
    "poisson_rows": lambda lam, rows, each, dtype: mx.nd.sample_poisson(parameter(lam, rows), shape=each, dtype=dtype),
    "binomial_rows": lambda k, p, rows, each, dtype: mx.nd.sample_negative_binomial(
        parameter(k, rows), parameter(p, rows), shape=each, dtype=dtype
    ),
    "generalized_rows": lambda mu, alpha, rows, each, dtype: mx.nd.sample_generalized_negative_binomial(
        parameter(mu, rows), parameter(alpha, rows), shape=each, dtype=dtype
    ),
    "unique_zipfian": lambda shape, range_max: mx.nd.concat(
        *[part.reshape((-1,)) for part in mx.nd._internal._sample_unique_zipfian(range_max, shape=tuple(shape))], dim=0
    ),
    "dropout_layer": dropped,
    "init_uniform": lambda shape, scale: initialised(mx.init.Uniform(scale), shape),
    "init_xavier": lambda shape: initialised(mx.init.Xavier(), shape),
    "init_normal": lambda shape, sigma: initialised(mx.init.Normal(sigma), shape),
    "dense_layer": dense,
    "multinomial": lambda weights, shape: mx.nd.random.multinomial(mx.nd.array(weights), shape=shape),
}


def sample_places(size):
    return np.unique(np.linspace(0, size - 1, 50).astype(np.int64)) if size > 150 else np.arange(size)


def main(path):
    found, table = {}, {}
    for name, calls in sequences().items():
        table[name] = []
        for i, (kind, arguments) in enumerate(calls):
            digest = None
            if kind == "seed":
                mx.random.seed(arguments)
            elif kind == "seed_context":
                mx.random.seed(arguments["value"], ctx=mx.cpu(arguments["device"]))
            else:
                array = DRAW[kind](**arguments).asnumpy()
                digest = hashlib.sha256(array.tobytes()).hexdigest()[:16]
                found["%s/%d" % (name, i)] = array.reshape(-1)[sample_places(array.size)]
                digest = [list(array.shape), str(array.dtype), digest]
            table[name].append([kind, arguments, digest])
    found["table"] = np.array(json.dumps(table))
    np.savez_compressed(path, **found)
    print(path, len(found), "entries", math.ceil(os.path.getsize(path) / 1024), "KiB")


if __name__ == "__main__":
    golden = os.path.join(os.path.dirname(__file__), "..", "golden", "streams.npz")
    main(sys.argv[1] if len(sys.argv) > 1 else golden)
