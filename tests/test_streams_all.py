"""What all random streams promise: those of a CPU, of accelerators and of meta tensors."""

from __future__ import annotations

import io
import math
import pathlib
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch

from mxgluon_compat import context, streams
from mxgluon_compat.streams import CpuStream, MetaStream, TorchStream


@pytest.fixture(autouse=True)
def _same_streams_after():
    before = streams.get_state()
    yield
    streams.set_state(before)


def _all_kinds(stream):
    """One result of each method, by name."""
    floats = {"dtype": torch.float64}
    return {
        "uniform": stream.uniform((3, 4), 1.0, 2.0),
        "uniform rows": stream.uniform((2, 3), torch.tensor([0.0, 5.0]), torch.tensor([1.0, 6.0])),
        "normal": stream.normal(70, 1.0, 2.0, **floats),
        "exponential": stream.exponential((5,), 2.0, dtype=torch.float16),
        "gamma": stream.gamma((3, 2), 0.5, 2.0),
        "gamma rows": stream.gamma((2, 3), torch.tensor([0.5, 5.0]), torch.tensor([1.0, 6.0]), **floats),
        "poisson": stream.poisson((3, 2), 4.0),
        "poisson rows": stream.poisson((2, 70), torch.tensor([0.5, 50.0]), **floats),
        "negative_binomial": stream.negative_binomial(5, 3, 0.5, dtype=torch.float16),
        "negative_binomial rows": stream.negative_binomial((2, 2), torch.tensor([3, 4]), torch.tensor([0.5, 0.1])),
        "generalized_negative_binomial": stream.generalized_negative_binomial((), 3.0, 0.5),
        "unique_zipfian": stream.unique_zipfian((2, 5), 9)[0],
        "unique_zipfian draws": stream.unique_zipfian((2, 5), 9)[1],
        "randint": stream.randint((2, 2), -3, 4),
        "randint64": stream.randint(6, 0, 2**40, torch.int64),
        "dropout_mask": stream.dropout_mask((4, 5), 0.25),
        "dropout_mask of all": stream.dropout_mask((4, 5), 0.0),
        "serial_uniform": stream.serial_uniform((2, 3)),
        "serial_uniform64": stream.serial_uniform((2, 3), torch.float64),
        "serial_normal": stream.serial_normal(()),
        "serial_gamma": stream.serial_gamma((2, 3), 0.5),
        "serial_gamma rows": stream.serial_gamma((2, 3), torch.full((2, 3), 2.0)),
        "serial_integers": stream.serial_integers((2, 3), 7),
        "serial_sample": stream.serial_sample(9, 4),
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
    rates = torch.tensor([0.3, 5.0, 200.0])
    for part, a in zip(stream.gamma((3, n), rates, 2 * rates, torch.float64), rates.tolist()):
        assert part.mean() == pytest.approx(2 * a * a, rel=0.03)
        assert part.var() == pytest.approx(4 * a**3, rel=0.05)
    for part, a in zip(stream.poisson((3, n), rates), rates.tolist()):
        assert part.mean() == pytest.approx(a, rel=0.02)
        assert part.var() == pytest.approx(a, rel=0.04)
        assert (part == part.floor()).all()
    counts = stream.negative_binomial(n, 3, 0.2)
    assert counts.mean() == pytest.approx(12, rel=0.02) and counts.var() == pytest.approx(60, rel=0.04)
    counts = stream.generalized_negative_binomial((2, n), torch.tensor([4.0, 4.0]), torch.tensor([0.5, 0.0]))
    assert counts.mean(1).tolist() == pytest.approx([4, 4], rel=0.02)
    assert counts.var(1).tolist() == pytest.approx([12, 4], rel=0.04)
    classes, tries = stream.unique_zipfian((2000, 3), 20)
    assert all(len(set(row)) == 3 for row in classes.tolist())
    assert classes.min() == 0 and classes.max() == 19 and (tries >= 3).all()
    assert (classes[:, 0] == 0).double().mean() == pytest.approx(math.log(1.5) / math.log(20), abs=0.03)
    assert stream.randint(n, -2, 5).unique().tolist() == list(range(-2, 5))
    assert stream.serial_normal(n).std() == pytest.approx(1, abs=0.02)
    assert stream.serial_uniform(n).mean() == pytest.approx(0.5, abs=0.01)
    assert sorted(stream.shuffle_indices(1000).tolist()) == list(range(1000))
    rows = torch.tensor([0.5, 3.0], dtype=torch.float64).repeat_interleave(n)
    assert stream.serial_gamma((2, n), rows).mean(1).tolist() == pytest.approx([0.5, 3], rel=0.02)
    assert stream.serial_integers(n, 5).unique().tolist() == list(range(5))
    for k in (3, 7, 10):
        assert len(set(stream.serial_sample(10, k).tolist()) & set(range(10))) == k


@pytest.mark.parametrize("stream", [CpuStream(), TorchStream(torch.device("cpu"))], ids=["cpu", "torch"])
def test_parameters_without_a_distribution(stream):
    """Where MXNet never returns, or hands out the least int32."""
    nan, inf = math.nan, math.inf
    odd = torch.tensor([-3.0, nan, inf, 2.0])
    assert stream.gamma(4, odd, 1.0).isnan().tolist() == [True, True, True, False]
    assert stream.gamma(4, 1.0, odd).isnan().tolist() == [False, True, False, False]
    assert stream.serial_gamma(4, odd).isnan().tolist() == [True, True, True, False]
    for bad in (lambda: stream.serial_integers(2, 0), lambda: stream.serial_sample(3, 4)):
        with pytest.raises(ValueError, match="draw"):
            bad()
    lam = torch.tensor([-3.0, inf, nan, 1e30])
    found = stream.poisson(4, lam)
    assert found[0] == 0 and found[1] == inf and found[2].isnan() and found[3] == pytest.approx(1e30, rel=1e-3)
    assert stream.negative_binomial(2, 2, 0.0).tolist() == [inf, inf]
    assert stream.poisson((2, 70), torch.tensor([1e10, nan]))[0].max() > 9.9e9


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
        (ValueError, "gamma", {"alpha": 0.0}),
        (ValueError, "gamma", {"beta": -1.0}),
        (ValueError, "poisson", {"lam": -1.0}),
        (ValueError, "negative_binomial", {"k": -1}),
        (ValueError, "negative_binomial", {"p": -0.5}),
        (ValueError, "generalized_negative_binomial", {"mu": -1.0}),
        (ValueError, "generalized_negative_binomial", {"alpha": math.nan}),
        (ValueError, "unique_zipfian", {"range_max": 9}),
        (ValueError, "unique_zipfian", {"shape": (1, 5), "range_max": 4}),
        (TypeError, "gamma", {"dtype": torch.int32}),
        (TypeError, "poisson", {"dtype": torch.int64}),
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
            stream.gamma(shape, torch.ones(2)),
            stream.poisson(shape),
            stream.negative_binomial(shape, 2, 0.5),
            stream.generalized_negative_binomial(shape, 2.0, torch.ones(2)),
            stream.unique_zipfian((2, 0), 3)[0],
            stream.randint(shape, 0, 2),
            stream.dropout_mask(shape, 0.5),
            stream.serial_uniform(shape),
            stream.serial_normal(shape),
            stream.serial_gamma(shape, torch.ones(0)),
            stream.serial_gamma(shape, 2.0),
            stream.serial_integers(shape, 3),
            stream.serial_sample(3, 0),
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
from mxgluon_compat import context, streams
streams.seed(5)
for stream in (streams.stream_for("cpu"), streams.TorchStream(torch.device("cpu"))):
    stream.uniform(100), stream.normal(100000), stream.dropout_mask(100, 1.0), stream.serial_normal(5)
    stream.exponential(5), stream.randint(5, 0, 9), stream.shuffle_indices(10)
    stream.gamma(5), stream.poisson(5), stream.unique_zipfian((1, 2), 3)
streams.set_state(streams.get_state())
assert state() == before
"""
    root = pathlib.Path(__file__).parent.parent
    subprocess.run([sys.executable, "-c", program], check=True, cwd=root)


@pytest.mark.gpu
def test_on_a_gpu():
    kind = context.gpu().torch_device.type
    stream = streams.stream_for(kind)
    assert stream is streams.stream_for(torch.device(kind, context.gpu_module().current_device()))
    streams.seed(3)
    first = _all_kinds(stream)
    expected = _all_kinds(CpuStream())
    assert {k: (v.shape, v.dtype) for k, v in first.items()} == {k: (v.shape, v.dtype) for k, v in expected.items()}
    assert all(v.device.type == kind for v in first.values())
    state = streams.get_state()
    following = _all_kinds(stream)
    streams.seed(3)
    torch.testing.assert_close(_all_kinds(stream), first, rtol=0, atol=0)
    streams.set_state(state)
    torch.testing.assert_close(_all_kinds(stream), following, rtol=0, atol=0)
