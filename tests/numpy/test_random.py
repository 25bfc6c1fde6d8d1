"""mx.np.random against real MXNet: the same seeds give the same numbers, symbols the same graphs."""

import numpy as np
import pytest

import mxgluon_compat as mx
from tests.oracle import numpy_random_functions
from tests.oracle.scenario import read
from tests.scenarios import against_mxnet

# One class of error for every parameter or array of another kind, where MXNet has AssertionError or MXNetError.
REFUSED = (
    "R.uniform(mx.sym.var('legacy'))",
    "R.uniform(s, a)",
    "r.multivariate_normal([0, 0], np.eye(2))",
)
DIFFERENCES = (
    *REFUSED,
    "[r.lognormal(0, 1, 3, out=a), a]",  # MXNet leaves the logarithm in out
    # four times MXNet's, whose mean is a quarter of the degrees of freedom
    "R.chisquare(2.0, size=2)",
    # refused: MXNet passes over them
    "r.multivariate_normal(np.zeros(2), np.eye(2), check_valid='warn')",
    "r.multivariate_normal(np.zeros(2), np.eye(2), tol=1e-8)",
    "R.chisquare(s)",
    "r.chisquare(2, 3)",
    "r.chisquare(2.0)",
    "r.chisquare(a)",
    "r.chisquare(a, (2, 3), dtype='float64')",
    # the vectors of MXNet have another covariance than the one asked for
    "r.multivariate_normal(np.ones((3, 2)), np.array([[2, 1], [1, 3]]))",
    "r.multivariate_normal(np.ones(2), np.array([[2, 1], [1, 3]]), 2)",
)

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    numpy_random_functions, rtol=1e-5, atol=1e-6, differences=DIFFERENCES
)


@pytest.fixture(autouse=True)
def np_mode():
    mx.npx.set_np()
    yield
    mx.npx.reset_np()


@pytest.mark.parametrize("line", REFUSED)
def test_other_kinds_are_refused(found, line):
    (results,) = found.values()
    assert results[line] == {"raises": "TypeError"}


def test_lognormal_out():
    mx.npx.random.seed(1)
    wanted = mx.np.random.lognormal(0, 1, 3)
    mx.npx.random.seed(1)
    out = mx.np.zeros(3)
    assert mx.np.random.lognormal(0, 1, 3, out=out) is out
    np.testing.assert_array_equal(out.asnumpy(), wanted.asnumpy())


def test_no_negative_number_of_tries():
    with pytest.raises(mx.MXNetError):
        mx.np.random.multinomial(-1, [0.5, 0.5])


def test_chisquare_has_the_mean_of_its_degrees_of_freedom():
    mx.npx.random.seed(1)
    assert abs(mx.np.random.chisquare(3.0, 20000).asnumpy().mean() - 3) < 0.1
    mx.random.seed(7)
    wanted = read("numpy_random_functions")["r.chisquare(2, 3)"]["array"]["values"]
    np.testing.assert_allclose(mx.np.random.chisquare(2, 3).asnumpy(), 4 * np.array(wanted), rtol=1e-6)


def test_covariance():
    mx.npx.random.seed(1)
    cov = np.array([[2, 1], [1, 3]], np.float32)
    x = mx.np.random.multivariate_normal(mx.np.array([1, -1]), mx.np.array(cov), size=20000).asnumpy()
    np.testing.assert_allclose(np.cov(x.T), cov, atol=0.1)
    np.testing.assert_allclose(x.mean(0), [1, -1], atol=0.05)


def test_vectors_have_no_gradient():
    mean = mx.np.zeros(2)
    mean.attach_grad()
    with mx.autograd.record():
        y = mx.np.random.multivariate_normal(mean, mx.np.eye(2))
    with pytest.raises(mx.MXNetError):
        y.backward()


def test_vectors_of_symbols_are_refused():
    s = mx.sym.var("s").as_np_ndarray()
    with pytest.raises(NotImplementedError, match="cholesky"):
        mx.np.random.multivariate_normal(s, s)


def test_gradient_of_a_location():
    loc = mx.np.zeros((3,))
    loc.attach_grad()
    with mx.autograd.record():
        y = mx.np.random.normal(loc, 2.0, size=(4, 3))
    y.backward()
    np.testing.assert_array_equal(loc.grad.asnumpy(), [4, 4, 4])


def test_modules_of_faces():
    assert mx.nd.np.random.uniform(size=2).shape == (2,)
    assert not hasattr(mx.sym.np.random, "multinomial")
    assert mx.sym.np.random.power(2.0, 3).list_outputs()[0].startswith("powerd")


@pytest.mark.parametrize("keyword", [{"check_valid": "warn"}, {"tol": 1e-8}])
def test_multivariate_normal_refuses_what_it_does_not_honour(keyword):
    with pytest.raises(NotImplementedError, match="check_valid and tol"):
        mx.np.random.multivariate_normal(mx.np.zeros(2), mx.np.eye(2), **keyword)
