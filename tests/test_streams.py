"""The random streams: MXNet's numbers on a CPU, and what all streams promise."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import pathlib
import platform
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch

from mxgluon_compat import streams
from mxgluon_compat.streams import CpuStream, MetaStream, TorchStream

GOLDEN = pathlib.Path(__file__).parent / "golden" / "streams.npz"
SCRIPT = pathlib.Path(__file__).parent / "oracle" / "streams.py"
EPS = {"float16": 2.0**-11, "float32": 2.0**-24, "float64": 2.0**-53}
# Made with a logarithm, which C libraries round differently; with the oracle's own library every bit is the same.
THROUGH_LOG = ("normal", "exponential", "serial_normal", "normal_rows", "exponential_rows", "init_normal")
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


@pytest.mark.parametrize("name", [n for n in TABLE if n != "unseeded"])
def test_numbers_are_mxnets(name):
    _check(TABLE, SAMPLES, name)


@pytest.mark.skipif(
    not LIKE_THE_ORACLE, reason="the C library's logarithm is not the one the golden file was made with"
)
@pytest.mark.parametrize("name", [n for n in TABLE if any(kind in THROUGH_LOG for kind, *_ in TABLE[n])])
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


def _all_kinds(stream):
    """One result of each method, by name."""
    floats = {"dtype": torch.float64}
    return {
        "uniform": stream.uniform((3, 4), 1.0, 2.0),
        "uniform rows": stream.uniform((2, 3), torch.tensor([0.0, 5.0]), torch.tensor([1.0, 6.0])),
        "normal": stream.normal(70, 1.0, 2.0, **floats),
        "exponential": stream.exponential((5,), 2.0, dtype=torch.float16),
        "randint": stream.randint((2, 2), -3, 4),
        "randint64": stream.randint(6, 0, 2**40, torch.int64),
        "dropout_mask": stream.dropout_mask((4, 5), 0.25),
        "dropout_mask of all": stream.dropout_mask((4, 5), 0.0),
        "serial_uniform": stream.serial_uniform((2, 3)),
        "serial_normal": stream.serial_normal(()),
        "shuffle_indices": stream.shuffle_indices(9),
        "shuffle_indices backward": stream.shuffle_indices(9, backward=True),
    }


@pytest.mark.parametrize("stream", [TorchStream(torch.device("cpu")), MetaStream()], ids=["torch", "meta"])
def test_all_streams_give_the_same_shapes_and_dtypes(stream):
    expected, found = _all_kinds(CpuStream()), _all_kinds(stream)
    for name, tensor in found.items():
        assert tensor.shape == expected[name].shape, name
        assert tensor.dtype == expected[name].dtype, name
        assert tensor.device.type == ("meta" if isinstance(stream, MetaStream) else "cpu"), name


@pytest.mark.parametrize("stream", [CpuStream(1), TorchStream(torch.device("cpu"), 1)], ids=["cpu", "torch"])
def test_values_follow_their_distributions(stream):
    n = 200000
    for dtype in (torch.float16, torch.float32, torch.float64):
        low, high = torch.tensor([-3.0, 10.0]), torch.tensor([1.0, 20.0])
        for i, part in enumerate(stream.uniform((2, n), low, high, dtype).double()):
            assert low[i] <= part.min() < low[i] + 0.01
            assert high[i] - 0.01 < part.max() <= high[i]
            assert part.mean() == pytest.approx((low[i] + high[i]).item() / 2, abs=0.03)
        for i, part in enumerate(stream.normal((2, n), low, high, dtype).double()):
            assert part.mean() == pytest.approx(low[i].item(), abs=0.02 * high[i].item())
            assert part.std() == pytest.approx(high[i].item(), rel=0.02)
        assert stream.exponential(n, 4.0, dtype).double().mean() == pytest.approx(0.25, rel=0.02)
        mask = stream.dropout_mask(n, 0.2, dtype)
        assert set(mask.unique().tolist()) == {0.0, torch.tensor(1.25).to(dtype).item()}
        assert mask.double().mean() == pytest.approx(1, abs=0.01)
    assert stream.randint(n, -2, 5).unique().tolist() == list(range(-2, 5))
    assert stream.serial_normal(n).std() == pytest.approx(1, abs=0.02)
    assert stream.serial_uniform(n).mean() == pytest.approx(0.5, abs=0.01)
    assert sorted(stream.shuffle_indices(1000).tolist()) == list(range(1000))


@pytest.mark.parametrize("stream", [CpuStream(), TorchStream(torch.device("cpu"))], ids=["cpu", "torch"])
def test_dropping_everything_is_mxnets_nan(stream):
    assert stream.dropout_mask(10, 1.0).isnan().all()


@pytest.mark.parametrize("make", [CpuStream, lambda s: TorchStream(torch.device("cpu"), s)], ids=["cpu", "torch"])
def test_a_stream_goes_on_from_its_state(make):
    stream = make(5)
    for n in (100, 70000, 3000):  # leaves the twisters at many different places
        stream.normal(n)
    stream.serial_uniform(3)
    file = io.BytesIO()
    torch.save(stream.get_state(), file)
    file.seek(0)
    state = torch.load(file, weights_only=True)
    following = [_all_kinds(stream), stream.uniform(100000), stream.normal(100000)]
    for other in (stream, make(6)):
        other.set_state(state)
        again = [_all_kinds(other), other.uniform(100000), other.normal(100000)]
        torch.testing.assert_close(again, following, rtol=0, atol=0)


def test_a_state_belongs_to_one_kind_of_stream():
    with pytest.raises(ValueError, match="'meta' stream, not of a 'mxnet-cpu' one"):
        CpuStream().set_state(MetaStream().get_state())
    MetaStream().set_state(MetaStream().get_state())


def test_a_seed_restarts_a_stream():
    for stream in (CpuStream(), TorchStream(torch.device("cpu"))):
        stream.seed(3)
        first = _all_kinds(stream)
        stream.seed(3 + 2**32)  # a C int
        torch.testing.assert_close(_all_kinds(stream), first, rtol=0, atol=0)
        stream.seed(4)
        assert not torch.equal(stream.uniform((3, 4), 1.0, 2.0), first["uniform"])


@pytest.mark.parametrize("value", [1.5, "1", None])
def test_a_seed_is_an_integer(value):
    with pytest.raises(ValueError, match="a seed is an integer"):
        streams.seed(value)


@pytest.mark.parametrize("stream", [CpuStream(), TorchStream(torch.device("cpu")), MetaStream()])
@pytest.mark.parametrize(
    ("error", "kind", "arguments"),
    [
        (ValueError, "uniform", {"low": 2.0, "high": 1.0}),
        (ValueError, "uniform", {"low": math.nan}),
        (ValueError, "normal", {"scale": 0.0}),
        (ValueError, "exponential", {"lam": -1.0}),
        (ValueError, "randint", {"low": 5, "high": 5}),
        (ValueError, "dropout_mask", {"p": 1.5}),
        (TypeError, "randint", {"low": 0.0, "high": 5.0}),
        (TypeError, "uniform", {"dtype": torch.int32}),
        (TypeError, "normal", {"dtype": torch.bfloat16}),
        (TypeError, "randint", {"low": 0, "high": 5, "dtype": torch.float32}),
        (TypeError, "uniform", {"shape": 2.5}),
    ],
)
def test_refused_arguments(stream, error, kind, arguments):
    with pytest.raises(error):
        getattr(stream, kind)(**{"shape": 3, **arguments})


def test_empty_results_draw_nothing():
    stream, untouched = CpuStream(1), CpuStream(1)
    for shape in (0, (2, 0)):
        for tensor in (
            stream.uniform(shape),
            stream.normal(shape, torch.zeros(2), torch.ones(2)),
            stream.exponential(shape),
            stream.randint(shape, 0, 2),
            stream.dropout_mask(shape, 0.5),
            stream.serial_uniform(shape),
            stream.serial_normal(shape),
            stream.shuffle_indices(0),
        ):
            assert tensor.numel() == 0
    torch.testing.assert_close(_all_kinds(stream), _all_kinds(untouched), rtol=0, atol=0)


def test_results_are_their_own():
    stream = CpuStream()
    first = stream.uniform(10)
    copy = first.clone()
    stream.uniform(10).zero_()
    stream.normal(100000)
    assert torch.equal(first, copy)


def test_threads_share_a_stream():
    stream, found = CpuStream(3), []

    def work():
        for _ in range(50):
            found.append(stream.uniform(64))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    words = np.random.RandomState(3 * 127).randint(0, 2**32, size=8 * 50 * 64, dtype=np.uint32)
    expected = (words.astype(np.float32) / np.float32(2**32)).reshape(-1, 64)
    assert {tuple(f.tolist()) for f in found} == {tuple(e) for e in expected.tolist()}


def test_one_stream_for_each_device():
    cpu = streams.stream_for(torch.device("cpu"))
    assert streams.stream_for("cpu") is cpu is streams.stream_for(torch.device("cpu", 3))
    assert isinstance(cpu, CpuStream)
    assert isinstance(streams.stream_for(torch.device("meta")), MetaStream)


@pytest.fixture
def accelerators(monkeypatch):
    """Streams of imaginary accelerators, with torch's generator for a cpu behind them."""
    monkeypatch.setattr(streams, "TorchStream", lambda device, seed: TorchStream(torch.device("cpu"), seed))
    monkeypatch.setattr(streams, "_accelerators", {})
    return [torch.device("cuda", i) for i in range(3)]


def test_a_seed_reaches_accelerators(accelerators):
    first, second, third = accelerators
    streams.seed(7)
    a, b = (streams.stream_for(d).uniform(5) for d in (first, second))
    assert not torch.equal(a, b)  # each device draws its own numbers
    streams.seed(7)
    assert torch.equal(streams.stream_for(second).uniform(5), b)
    c = streams.stream_for(third).uniform(5)  # first used after the seeding
    streams.seed(7)
    assert torch.equal(streams.stream_for(third).uniform(5), c)
    x = torch.stack([streams.stream_for(d).uniform(5) for d in accelerators if streams.seed(8, d) is None])
    assert torch.equal(x[0], x[1]) and torch.equal(x[0], x[2])  # seeded alone, devices agree
    streams.seed(7)
    assert torch.equal(streams.stream_for(first).uniform(5), a)


def test_a_seed_of_one_device_leaves_the_others(accelerators):
    streams.seed(7)
    expected = streams.stream_for("cpu").uniform(5)
    streams.seed(7)
    streams.seed(9, accelerators[0])
    assert torch.equal(streams.stream_for("cpu").uniform(5), expected)


def test_all_streams_go_on_from_a_state(accelerators):
    used, later, _ = accelerators
    streams.seed(7)
    streams.stream_for(used).uniform(5)
    state = streams.get_state()
    expected = [streams.stream_for(d).uniform(5) for d in (used, later, "cpu")]
    streams.seed(8)
    streams.set_state(state)
    assert torch.equal(
        torch.stack([streams.stream_for(d).uniform(5) for d in (used, later, "cpu")]), torch.stack(expected)
    )
    streams._accelerators.clear()  # another process
    streams.set_state(state)
    assert torch.equal(
        torch.stack([streams.stream_for(d).uniform(5) for d in (used, later, "cpu")]), torch.stack(expected)
    )


def test_global_generators_are_left_alone():
    program = """
import numpy, random, torch
def state():
    return (str(numpy.random.get_state()), random.getstate(), torch.get_rng_state().tolist(),
            torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(), numpy.geterr())
numpy.random.seed(3), torch.manual_seed(4)
before = state()
from mxgluon_compat import streams
streams.seed(5)
for stream in (streams.stream_for("cpu"), streams.TorchStream(torch.device("cpu"))):
    stream.uniform(100), stream.normal(100000), stream.dropout_mask(100, 1.0), stream.serial_normal(5)
    stream.exponential(5), stream.randint(5, 0, 9), stream.shuffle_indices(10)
streams.set_state(streams.get_state())
assert state() == before
"""
    root = pathlib.Path(__file__).parent.parent
    subprocess.run([sys.executable, "-c", program], check=True, cwd=root)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_a_gpu():
    stream = streams.stream_for(torch.device("cuda"))
    assert stream is streams.stream_for(torch.device("cuda", torch.cuda.current_device()))
    streams.seed(3)
    first = _all_kinds(stream)
    expected = _all_kinds(CpuStream())
    assert {k: (v.shape, v.dtype) for k, v in first.items()} == {k: (v.shape, v.dtype) for k, v in expected.items()}
    assert all(v.is_cuda for v in first.values())
    state = streams.get_state()
    following = _all_kinds(stream)
    streams.seed(3)
    torch.testing.assert_close(_all_kinds(stream), first, rtol=0, atol=0)
    streams.set_state(state)
    torch.testing.assert_close(_all_kinds(stream), following, rtol=0, atol=0)
