"""The random streams of a CPU: their numbers are MXNet's. What all streams promise is in test_streams_all.py."""

from __future__ import annotations

import hashlib
import json
import math
import os
import pathlib
import platform
import subprocess

import numpy as np
import pytest
import torch

from mxgluon_compat import streams
from mxgluon_compat.streams import CpuStream

GOLDEN = pathlib.Path(__file__).parent / "golden" / "streams.npz"
SCRIPT = pathlib.Path(__file__).parent / "oracle" / "streams.py"
EPS = {"float16": 2.0**-11, "float32": 2.0**-24, "float64": 2.0**-53}
# Made with a logarithm, which C libraries round differently; with the oracle's own library every bit is the same.
THROUGH_LOG = ("normal", "exponential", "serial_normal", "normal_rows", "exponential_rows", "init_normal")
# The last bit of a logarithm can even decide whether a number is taken, and so change all that follow.
BY_REJECTION = (
    *("gamma", "poisson", "negative_binomial", "generalized_negative_binomial"),
    *("gamma_rows", "poisson_rows", "binomial_rows", "generalized_rows"),
)
LIKE_THE_ORACLE = platform.libc_ver()[0] == "glibc" and platform.machine() == "x86_64"


def _read(path):
    with np.load(path) as file:
        samples = dict(file)
    return json.loads(str(samples.pop("table"))), samples


TABLE, SAMPLES = _read(GOLDEN)


@pytest.fixture(autouse=True)
def _same_streams_after():
    before = streams.get_state()
    yield
    streams.set_state(before)


def _rows(values, rows, each, *others):
    return (len(values), each), *(torch.tensor(v, dtype=getattr(torch, rows)) for v in (values, *others))


def _uniform_rows(stream, low, high, rows, each, dtype):
    return stream.uniform(*_rows(low, rows, each, high), dtype=dtype)


def _normal_rows(stream, loc, scale, rows, each, dtype):
    return stream.normal(*_rows(loc, rows, each, scale), dtype=dtype)


def _exponential_rows(stream, lam, rows, each, dtype):
    return stream.exponential(*_rows(lam, rows, each), dtype=dtype)


def _gamma_rows(stream, alpha, beta, rows, each, dtype):
    return stream.gamma(*_rows(alpha, rows, each, beta), dtype=dtype)


def _poisson_rows(stream, lam, rows, each, dtype):
    return stream.poisson(*_rows(lam, rows, each), dtype=dtype)


def _binomial_rows(stream, k, p, rows, each, dtype):
    return stream.negative_binomial(*_rows(k, rows, each, p), dtype=dtype)


def _generalized_rows(stream, mu, alpha, rows, each, dtype):
    return stream.generalized_negative_binomial(*_rows(mu, rows, each, alpha), dtype=dtype)


def _unique_zipfian(stream, shape, range_max):
    return torch.cat([part.reshape(-1) for part in stream.unique_zipfian(shape, range_max)])


def _dropout_layer(stream, shape, axes, p):
    mask = stream.dropout_mask([1 if axis in axes else n for axis, n in enumerate(shape)], p)
    return mask.expand(*shape)


def _init_uniform(stream, shape, scale):
    return stream.uniform(shape, -scale, scale)


def _init_xavier(stream, shape):
    return _init_uniform(stream, shape, math.sqrt(3 / ((shape[0] + shape[1]) / 2)))


def _init_normal(stream, shape, sigma):
    return stream.normal(shape, 0, sigma)


def _dense_layer(stream, shape):
    return stream.uniform(shape, -0.07, 0.07)


def _multinomial(stream, weights, shape):
    edges = torch.tensor(weights).cumsum(0)
    return torch.searchsorted(edges, stream.serial_uniform(shape), right=True, out_int32=True)


USES = {
    "uniform_rows": _uniform_rows,
    "normal_rows": _normal_rows,
    "exponential_rows": _exponential_rows,
    "gamma_rows": _gamma_rows,
    "poisson_rows": _poisson_rows,
    "binomial_rows": _binomial_rows,
    "generalized_rows": _generalized_rows,
    "unique_zipfian": _unique_zipfian,
    "dropout_layer": _dropout_layer,
    "init_uniform": _init_uniform,
    "init_xavier": _init_xavier,
    "init_normal": _init_normal,
    "dense_layer": _dense_layer,
    "multinomial": _multinomial,
}


def _draw(stream, kind, arguments):
    arguments = {k: getattr(torch, v) if k == "dtype" else v for k, v in arguments.items()}
    return USES[kind](stream, **arguments) if kind in USES else getattr(stream, kind)(**arguments)


def _check(table, samples, name, every_bit=False):
    """Make the calls of a sequence, and compare with what MXNet gave."""
    for i, (kind, arguments, expected) in enumerate(table[name]):
        where = f"{name}, call {i}: {kind} {arguments}"
        if kind == "seed":
            streams.seed(arguments)
            continue
        if kind == "seed_context":
            streams.seed(arguments["value"], torch.device("cpu", arguments["device"]))
            continue
        found = _draw(streams.stream_for(torch.device("cpu")), kind, arguments).contiguous().numpy()
        shape, dtype, digest = expected
        assert list(found.shape) == shape, where
        assert str(found.dtype) == dtype, where
        if kind in THROUGH_LOG and not every_bit:
            flat = found.reshape(-1)
            places = np.linspace(0, flat.size - 1, 50).astype(np.int64) if flat.size > 150 else np.arange(flat.size)
            # Two units in the last place of the draw, which `scale` then stretches.
            slack = 4 * EPS[dtype] * float(np.max(arguments.get("scale", arguments.get("sigma", 1))))
            np.testing.assert_allclose(
                flat[np.unique(places)], samples[f"{name}/{i}"], rtol=4 * EPS[dtype], atol=slack, err_msg=where
            )
        else:
            assert hashlib.sha256(found.tobytes()).hexdigest()[:16] == digest, where


def _names(kinds):
    """The sequences that have a call of one of these kinds."""
    return [name for name, calls in TABLE.items() if any(kind in kinds for kind, *_ in calls)]


@pytest.mark.parametrize("name", [n for n in TABLE if n != "unseeded" and n not in _names(BY_REJECTION)])
def test_numbers_are_mxnets(name):
    _check(TABLE, SAMPLES, name)


@pytest.mark.skipif(
    not LIKE_THE_ORACLE, reason="the C library's logarithm is not the one the golden file was made with"
)
@pytest.mark.parametrize("name", _names(THROUGH_LOG + BY_REJECTION))
def test_numbers_are_mxnets_in_every_bit(name):
    streams.seed(0)  # where a sequence does not seed: MXNet starts from 0
    _check(TABLE, SAMPLES, name, every_bit=True)


@pytest.mark.oracle
@pytest.mark.skipif("MXNET_ORACLE_PYTHON" not in os.environ, reason="needs real MXNet")
def test_numbers_are_those_of_mxnet_now(tmp_path):
    subprocess.run([os.environ["MXNET_ORACLE_PYTHON"], SCRIPT, tmp_path / "now.npz"], check=True)
    table, samples = _read(tmp_path / "now.npz")
    assert table == TABLE
    for name in table:
        streams.seed(0)
        _check(table, samples, name, every_bit=True)


class Plain:
    """The rules of reference/random.md, one value at a time, on NumPy's own twisters."""

    def __init__(self, seed):
        self.seed = seed
        self.made = {}

    def word(self, i):
        if i not in self.made:
            source = np.random.RandomState((self.seed * 127 + i) % 2**32)
            self.made[i] = iter(lambda: int(source.randint(0, 2**32, dtype=np.uint32)), None)
        return next(self.made[i])

    def unit(self, i, dtype):
        if dtype is np.float32:
            return np.float32(self.word(i)) / np.float32(2**32)
        first = self.word(i)
        return np.float64(first + self.word(i) * 2.0**32) / 2.0**64

    def point(self, i, dtype):
        while True:
            x, y = (dtype(2) * self.unit(i, dtype) - dtype(1) for _ in range(2))
            if 0 < x * x + y * y <= 1:
                return y * np.sqrt(dtype(-2) * np.log(x * x + y * y) / (x * x + y * y))

    def draw(self, kind, n, dtype):
        runs = min(math.ceil(n / 64), 1024)
        step = math.ceil(n / runs)
        return np.array([getattr(self, kind)(k // step, dtype) for k in range(n)])


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_calls(seed):
    choose = np.random.RandomState(seed)
    plain, stream = Plain(seed), CpuStream(seed)
    for _ in range(40):
        kind, dtype = choose.choice(["unit", "point"]), [np.float32, np.float64][choose.randint(2)]
        n = int(choose.choice([1, 10, 64, 65, 200, 700, choose.randint(1, 2000)]))
        draw = stream.uniform if kind == "unit" else stream.normal
        found = draw(n, dtype=torch.float32 if dtype is np.float32 else torch.float64).numpy()
        np.testing.assert_allclose(found, plain.draw(kind, n, dtype), rtol=4 * np.finfo(dtype).eps)


def test_a_long_call_is_what_its_streams_give():
    n = 1024 * 2000 + 17  # several blocks from each stream, and a short last one
    step = math.ceil(n / 1024)
    found = CpuStream(5).uniform(n).numpy()
    for i in (0, 1, 700, n // step):
        words = np.random.RandomState(5 * 127 + i).randint(0, 2**32, size=step, dtype=np.uint32)
        expected = (words.astype(np.float32) / np.float32(2**32))[: n - i * step]
        np.testing.assert_array_equal(found[i * step : (i + 1) * step], expected)


def test_uniform_can_reach_its_upper_end():
    """A known trait of MXNet 1.9.1, kept so that the numbers stay its own."""
    values = CpuStream(81).uniform(1000000)
    assert (values == 1).nonzero().tolist() == [[398384]]
    assert CpuStream(81).exponential(1000000)[398384] == math.inf
