"""``mx.test_utils`` against real MXNet's: arrays, comparisons, settings, statistics."""

import math

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat import test_utils as tu
from mxgluon_compat.base import UnsupportedError
from tests.oracle import test_utils_arrays, test_utils_checks
from tests.scenarios import against_mxnet

# MXNet fails to write its message, or counts what is equal; see migration_guide.md.
DIFFERENCES = (
    "compared: broadcast", "compared: larger second", "compared: equal_nan", "kin: with_err, nan",
)  # fmt: skip
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    test_utils_arrays, test_utils_checks, differences=DIFFERENCES
)
A = np.arange(6, dtype="float32").reshape(2, 3)


# ---------------------------------------------------------------------------------------------- comparisons
def refused(*args, check=tu.assert_almost_equal, **kwargs):
    with pytest.raises(AssertionError) as error:
        check(*args, **kwargs)
    return str(error.value)


def test_broadcast_arrays_that_differ():
    text = refused(A, A[:1])  # MXNet: IndexError
    assert "(mismatch 50.000000%)" in text
    assert "maximum error: (1, 0), a=3.00000000, b=0.00000000" in text
    assert "(mismatch 100.000000%)" in refused(np.ones((1, 3)) * 2, np.ones((2, 3)))  # MXNet: 133 %


@pytest.mark.parametrize("pair", [(np.ones(3) * 2, 1.0), (1.0, np.ones(3) * 2), (mx.nd.ones(3) * 2, 1.0)])
def test_an_array_and_a_number(pair):
    assert "(mismatch 100.000000%)" in refused(*pair)  # MXNet: AttributeError or IndexError


def test_equal_nan_is_no_mismatch():
    text = refused(np.array([np.nan, 1]), np.array([np.nan, 2.0]), equal_nan=True)
    assert "(mismatch 50.000000%)" in text and "Location of maximum error: (1,)" in text
    nan = np.array([np.nan, 2.0])
    tu.assert_almost_equal_with_err(nan, nan, etol=0.1, equal_nan=True)
    refused(nan, nan, etol=0.1, check=tu.assert_almost_equal_with_err)


def test_unsigned_numbers_do_not_wrap():
    assert "a=0.00000000, b=1.00000000" in refused(np.array([0], "uint8"), np.array([1], "uint8"), atol=0.5, rtol=0)
    assert "Error 2.000000 exceeds" in refused(np.array([0], "uint8"), np.array([1], "uint8"), atol=0.5, rtol=0)


def test_a_failed_comparison_leaves_numpy_as_it_was():
    before = np.get_printoptions()
    refused(np.arange(100.0), np.arange(100.0) + 1)
    assert np.get_printoptions() == before


def test_what_did_not_raise_is_named():
    with pytest.raises(AssertionError, match="len did not raise"):
        tu.assert_exception(len, ValueError, [])


# ---------------------------------------------------------------------------------------------- settings
def test_a_context_is_asked_for():
    with pytest.raises(TypeError, match="Context"):
        tu.set_default_context(3)


def test_retry_gives_up_with_the_last_error():
    calls = []

    @tu.retry(2)
    def test():
        calls.append(1)
        raise AssertionError(f"call {len(calls)}")

    with pytest.raises(AssertionError, match="call 2"):
        test()


def test_im2rec(tmp_path, monkeypatch):
    monkeypatch.setenv("MXNET_HOME", str(tmp_path))
    with pytest.raises(UnsupportedError, match="im2rec"):
        tu.get_im2rec_path()
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "im2rec.py").write_text("")
    assert tu.get_im2rec_path() == str(tmp_path / "tools" / "im2rec.py")


def test_names():
    assert tu.mx is mx
    assert tu.np_symbol is type(mx.sym.var("x").as_np_ndarray())


@pytest.mark.gpu
def test_float32_on_a_gpu_with_tf32():
    import torch

    array = mx.nd.ones(2, ctx=mx.gpu())
    wanted = "float16" if torch.cuda.get_device_capability() >= (8, 0) else "float32"
    assert tu.effective_dtype(array) == np.dtype(wanted)
    with tu.environment("NVIDIA_TF32_OVERRIDE", "0"):
        assert tu.effective_dtype(array) == np.float32
    tu.assert_almost_equal(array, array + 0.05)
    assert list(tu.list_gpus())[:1] == [0]


# ---------------------------------------------------------------------------------------------- random numbers
def uniform(n):
    return np.random.RandomState(n).uniform(size=n)


def test_chi_square():
    buckets, probs = tu.gen_buckets_probs_with_ppf(lambda x: x, 5)
    samples = np.repeat([0.1, 0.3, 0.5, 0.7, 0.9], [30, 10, 20, 25, 15])
    p, observed, expected = tu.chi_square_check(lambda n: samples, buckets, probs, 100)
    assert observed.tolist() == [30, 10, 20, 25, 15] and expected.tolist() == [20] * 5
    assert p == pytest.approx(math.exp(-6.25) * (1 + 6.25))  # chi-square is 12.5 with 4 degrees of freedom
    outside = np.array([-1.0, 0.1, 0.3, 0.6, 2])  # MXNet: two and two
    assert tu.chi_square_check(lambda n: outside, [(0, 0.2), (0.5, 1)], [0.5] * 2, 4)[1].tolist() == [1, 1]
    values = np.repeat([1, 2, 7], [6, 4, 5])
    p, observed, _ = tu.chi_square_check(lambda n: mx.nd.array(values), [1, 2], [0.5, 0.5], 10)
    assert observed.tolist() == [6, 4] and p == pytest.approx(math.erfc(0.2**0.5))  # 0.4, with 1


@pytest.mark.parametrize(
    ("buckets", "probs"),
    [([(0.5, 1), (0, 0.5)], [0.5] * 2), ([(0, 0.5), (0.4, 1)], [0.5] * 2), (3, [1]), ([(0, 1)], [0.5] * 2), ([], [])],
)
def test_buckets_that_are_none(buckets, probs):
    with pytest.raises(AssertionError):
        tu.chi_square_check(uniform, buckets, probs, 10)


def test_verify_generator():
    buckets, probs = tu.gen_buckets_probs_with_ppf(lambda x: x, 5)
    generator = np.random.RandomState(0)
    assert len(tu.verify_generator(lambda n: generator.uniform(size=n), buckets, probs, 1000, 3)) == 3
    with pytest.raises(AssertionError, match="Generator test fails, Chi-square p="):
        tu.verify_generator(lambda n: generator.uniform(size=n) ** 2, buckets, probs, 1000, 3)
    tu.verify_generator(lambda n: generator.uniform(size=n) ** 2, buckets, probs, 1000, 3, success_rate=0)


def test_samplers_of_the_package():
    mx.random.seed(5)
    buckets, probs = tu.gen_buckets_probs_with_ppf(lambda x: 4 * x - 1, 8)
    tu.verify_generator(lambda n: mx.nd.random.uniform(-1, 3, shape=n), buckets, probs, 20000, 3)
    assert tu.mean_check(lambda n: mx.nd.random.normal(2, 3, shape=n), 2, 3, 20000)
    assert tu.var_check(lambda n: mx.nd.random.normal(2, 3, shape=n), 3, 20000)


def test_csr_arrays_are_those_of_scipy_where_it_is(monkeypatch):
    from types import SimpleNamespace

    from mxgluon_compat.test_utils import sparse

    def rand(rows, columns, density, dtype, format):
        asked.append((rows, columns, density, np.dtype(dtype).name, format))
        data, indices, indptr = np.array([0.5, 0.25, 0.75], dtype), np.array([0, 2, 1]), np.array([0, 2, 3])
        return SimpleNamespace(data=data, indices=indices, indptr=indptr)

    asked = []
    monkeypatch.setattr(sparse, "_scipy_sparse", lambda: SimpleNamespace(rand=rand))
    array, (indptr, indices, data) = tu.rand_sparse_ndarray((2, 3), "csr", density=0.4)
    assert asked == [(2, 3, 0.4, "float32", "csr")]
    assert array.asnumpy().tolist() == [[0.5, 0, 0.25], [0, 0.75, 0]]
    assert [x.asnumpy().tolist() for x in (indptr, indices)] == [[0, 2, 3], [0, 2, 1]] and data.shape == (3,)
    filled = tu.create_sparse_array((2, 3), "csr", data_init=2, shuffle_csr_indices=True, density=0.4)
    assert sorted(filled.asnumpy().ravel().tolist()) == [0, 0, 0, 2, 2, 2]
