"""Writes tests/golden/numpy_random_functions.json: functions of mx.np.random on arrays and symbols.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.numpy_random_functions
"""

import json
import os

from tests.oracle.numpy_common import evaluated
from tests.oracle.scenario import write

# a is (3,), b is (2, 1), s and t are symbols of mx.np.
CALLS = """
r.uniform()
r.uniform(size=())
r.uniform(size=3)
r.uniform(-1, 1, (2, 3))
r.uniform(-1.5, high=2.5, size=(2,), dtype='float64')
r.uniform(a, b)
r.uniform(a, 2.0, size=(2, 3))
r.uniform(0.0, b)
r.uniform(0, 1, size=2, dtype='float16')
r.uniform(0, 1, size=2, dtype='int32')
r.uniform(0, 1, size=2, dtype=np.float64)
r.uniform(0, 1, size=2, ctx=mx.cpu(1)).ctx == mx.cpu(1)
r.uniform(a, 2.0, size=(2,))
r.uniform('a')
r.uniform(size=0)
r.uniform(size=(2, 0))
[r.uniform(size=3, out=a), a]
[r.uniform(0, 1, out=a), a]
r.uniform(mx.nd.ones(3))
r.uniform(onp.ones(3))
r.uniform([1, 2])
r.normal()
r.normal(size=(2, 2))
r.normal(1, 2, 3)
r.normal(a, b, (2, 3))
r.normal(a)
r.normal(0, b)
r.normal(0, -1.0)
r.normal(loc=1.0, scale=0.0, size=2)
r.normal(0, 1, 2, 'float64')
r.normal(0, 1, 2, dtype='float16')
[r.normal(0, 1, 3, out=a), a]
r.randint(3)
r.randint(3, size=4)
r.randint(-5, 5, (2, 3))
r.randint(low=2, high=9, size=3, dtype='int32')
r.randint(low=2, high=9, size=3, dtype=int)
r.randint(low=2, high=9, size=3, dtype='int8')
r.randint(low=2, high=9, size=3, dtype='float32')
r.randint(5, 2, size=3)
r.randint(2, None, 3)
r.randint(2, size=None)
r.randint(1.5, 9.5, size=2)
r.randint(10, size=(0,))
r.rand()
r.rand(3)
r.rand(2, 2)
r.rand(2, dtype='float64')
r.rand(2, ctx=mx.cpu(0))
r.rand(2, foo=1)
r.rand(3, out=a)
r.rand((2, 3))
r.randn()
r.randn(3)
r.randn(2, 2)
r.randn(2, dtype='float64')
r.randn(2, foo=1)
r.choice(5)
r.choice(5, 3)
r.choice(5, (2, 3))
r.choice(5, 3, replace=False)
r.choice(5, 3, False)
r.choice(5, 6, replace=False)
r.choice(a)
r.choice(a, 4)
r.choice(a, 2, replace=False)
r.choice(b, 2)
r.choice(3, 4, p=np.array([0.1, 0.2, 0.7]))
r.choice(3, 2, replace=False, p=np.array([0.1, 0.2, 0.7]))
r.choice(a, 2, p=np.array([0.1, 0.2, 0.7]))
r.choice(3, 4, p=[0.1, 0.2, 0.7])
r.choice(3, 4, p=onp.array([0.1, 0.2, 0.7]))
r.choice([1, 2, 3], 2)
r.choice(onp.array([1, 2, 3]), 2)
r.choice(2.5, 2)
r.choice(5, 0)
[r.choice(5, 3, out=np.zeros(3, dtype='int64'))]
r.multinomial(10, np.array([0.1, 0.2, 0.7]))
r.multinomial(10, [0.1, 0.2, 0.7])
r.multinomial(10, (0.1, 0.2, 0.7), size=2)
r.multinomial(10, onp.array([0.1, 0.2, 0.7]), size=(2, 2))
r.multinomial(10, pvals=[0.1, 0.2, 0.7], size=())
r.multinomial(0, [0.5, 0.5])
r.multinomial(10, [0.5, 0.2])
r.multinomial(10, mx.nd.array([0.5, 0.5]))
r.multinomial(10, [[0.5, 0.5]])
r.multivariate_normal(np.zeros(2), np.eye(2)).shape
r.multivariate_normal(np.zeros(2), np.eye(2), 3).shape
r.multivariate_normal(np.zeros((3, 2)), np.eye(2), size=(4,)).shape
r.multivariate_normal(np.zeros((3, 2)), np.eye(2)).shape
r.multivariate_normal(np.zeros(2), np.eye(2), check_valid='warn')
r.multivariate_normal(np.zeros(2), np.eye(2), tol=1e-8)
r.multivariate_normal([0, 0], np.eye(2))
r.multivariate_normal(np.ones(2), np.array([[2, 1], [1, 3]]), 2)
r.multivariate_normal(np.ones((3, 2)), np.array([[2, 1], [1, 3]]))
r.logistic()
r.logistic(size=3)
r.logistic(a, b)
r.logistic(a, 2.0, (2, 3))
r.logistic(0, a)
r.logistic(0, -1)
r.gumbel()
r.gumbel(size=3)
r.gumbel(a, b)
r.gumbel(0, a, 3)
r.gumbel(0, -1)
r.gumbel(0, 1, 2, ctx=mx.cpu())
[r.gumbel(0, 1, 3, out=a), a]
r.rayleigh()
r.rayleigh(size=3)
r.rayleigh(a)
r.rayleigh(2.0, (2, 2))
r.rayleigh(-1.0)
r.exponential()
r.exponential(2.0, 3)
r.exponential(a, (2, 3))
r.exponential(-1.0, 3)
[r.exponential(2.0, 3, out=a), a]
r.weibull(1.5)
r.weibull(1.5, 3)
r.weibull(a)
r.weibull(0.0, 3)
r.weibull(-1.0, 3)
r.pareto(1.5)
r.pareto(1.5, 3)
r.pareto(a)
r.pareto(-1.5, 3)
r.power(1.5, 3)
r.power(1.5)
r.power(a)
r.power(-1.5, 3)
r.gamma(2.0)
r.gamma(2.0, 3.0, 2)
r.gamma(a)
r.gamma(a, b)
r.gamma(2.0, b, (2, 2))
r.gamma(0.5, 1.0, (3,), dtype='float64')
r.gamma(0.5, 1.0, (3,), dtype='float16')
r.gamma(-0.5, 1.0, (3,))
[r.gamma(2.0, 1.0, size=3, out=a), a]
r.beta(1.0, 2.0)
r.beta(1.0, 2.0, 3)
r.beta(a, 2.0)
r.beta(a, b, (2, 3))
r.beta(1.0, 2.0, 3, dtype='float64')
r.beta(-1.0, 2.0)
r.chisquare(2.0)
r.chisquare(2, 3)
r.chisquare(a)
r.chisquare(a, (2, 3), dtype='float64')
r.chisquare(-2.0)
r.lognormal()
r.lognormal(0.0, 1.0, 3)
r.lognormal(a, 0.5)
r.lognormal(0, b, (2, 3))
r.lognormal(0, 1, 3, dtype='float64')
r.lognormal(0, -1, 3)
[r.lognormal(0, 1, 3, out=a), a]
[r.shuffle(a), a]
[r.shuffle(c), c]
r.shuffle(3)
r.shuffle([1, 2])
r.shuffle(onp.ones(3))
r.shuffle(mx.nd.ones(3))
[npx.random.seed(5), r.normal(size=2), r.randint(9, size=3)]
[mx.random.seed(5), r.normal(size=2), r.randint(9, size=3)]
mx.nd.np.random.uniform(size=2)
mx.nd.np.random.choice(5, 2)
mx.nd.np.random.rand(2)
mx.nd.np.random.multinomial(3, [0.5, 0.5])
"""
GRAPHS = """
R.randint(3)
R.randint(1, 5, size=2)
R.randint(1, 5, size=(2, 3), dtype='int32')
R.uniform()
R.uniform(s, 1.0, size=(2,))
R.uniform(0, s)
R.uniform(s, t, dtype='float64')
R.uniform(s, a)
R.normal()
R.normal(s, 1, size=2)
R.normal(0, s)
R.normal(s, t)
R.choice(5, size=2)
R.choice(5, size=2, p=s)
R.choice(5, size=2, p=s, replace=False)
R.rand(2, 3)
R.rand()
R.logistic(s, 1.0, 2)
R.logistic(0, 1, 2)
R.gumbel(s, t)
R.gumbel(size=2)
R.rayleigh(s)
R.rayleigh(1.0, 2)
R.gamma(s, 1.0, size=2)
R.gamma(2.0, t)
R.gamma(2.0, 1.0, size=2)
R.gamma(s, t)
R.beta(s, t)
R.beta(1.0, 2.0, size=3)
R.chisquare(s)
R.chisquare(2.0, size=2)
R.exponential(s)
R.exponential(2.0, size=2)
R.lognormal(s, t)
R.lognormal(0, 1, 2)
R.weibull(s)
R.weibull(2, size=2)
R.pareto(s)
R.pareto(2.0, 2)
R.uniform(size=2, ctx=mx.cpu(1))
R.uniform(mx.sym.var('legacy'))
"""


def names(mx):
    import numpy as onp

    np = mx.np
    return {
        "a": np.array([1.0, 2.0, 3.0]),
        "b": np.array([[4.0], [5.0]]),
        "c": np.array([[1, 2], [3, 4], [5, 6]]),
        "s": mx.sym.var("s").as_np_ndarray(),
        "t": mx.sym.var("t").as_np_ndarray(),
        "r": np.random,
        "R": mx.sym.np.random,
        "onp": onp,
    }


LINES = CALLS + GRAPHS.lstrip()


def results(mx, lines=LINES):
    mx.npx.set_np()
    try:
        return evaluated(mx, lines, lambda: names(mx))
    finally:
        mx.npx.reset_np()


def apart(mx):
    """The results of each line from a process of its own: some of MXNet's draws spoil the memory of those after."""
    found = {}
    for line in LINES.strip().splitlines():
        reading, writing = os.pipe()
        if os.fork() == 0:
            with os.fdopen(writing, "w") as file:
                json.dump(results(mx, line), file)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as file:
            text = file.read()
        os.wait()
        assert text, "MXNet died of " + line
        found.update(json.loads(text))
    return found


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("numpy_random_functions", apart(mxnet))
