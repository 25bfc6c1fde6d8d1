"""Writes tests/golden/random_face.json: mx.random, mx.nd.random and their arguments; each call follows a seed.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.random_face
"""

import inspect
import json
import os

import numpy as np

from tests.oracle.ndarray_methods import entries
from tests.oracle.scenario import attempt, plain, write

CALLS = """
r.uniform() ; r.uniform(0, 10) ; r.uniform(0, 10, 3) ; r.uniform(0, 10, (2, 2))
r.uniform(low=-1, high=1, shape=(2,)) ; r.uniform(shape=[2, 2]) ; r.uniform(shape=(2,), dtype='float64')
r.uniform(shape=2, dtype=np.float16) ; r.uniform(shape=2, dtype='int32')
r.uniform(shape=2, ctx=mx.cpu(1)).context.device_id ; r.uniform(a, b) ; r.uniform(a, b, shape=2)
r.uniform(a, b, 2).shape ; r.uniform(low=a, high=b, shape=(2, 3)).shape ; r.uniform(a, 3) ; r.uniform(0, b)
r.uniform(a, nd.ones(3)) ; r.uniform(a, b, dtype='float64').dtype.__name__
r.uniform(0, 1, shape=(2,), out=o) ; r.uniform(out=o) ; r.uniform(shape=(3,), out=o) ; r.uniform(a, b, out=o)
r.uniform(0, 1, (2,), 'float32', mx.cpu(), o) ; r.uniform(shape=2, foo=3) ; r.uniform('a') ; r.uniform([0], [1])
r.uniform(np.zeros(2), np.ones(2)) ; r.uniform(None, 1)
r.uniform(1, 0) ; r.uniform(shape=()) ; r.uniform(shape=0) ; r.uniform(shape=None) ; r.uniform(shape=-1)
r.uniform(shape='a') ; r.uniform(shape=(2, 0)) ; r.uniform(0, 1, dtype='foo')
r.uniform(0, 1, dtype=None).dtype.__name__ ; r.uniform(np.float32(0), np.float64(2), np.int64(2))
r.uniform(a.astype('float64'), b.astype('float64')).dtype.__name__
r.normal() ; r.normal(0, 1, (2, 2)) ; r.normal(loc=5, scale=0.1, shape=3) ; r.normal(a, b) ; r.normal(a, b, 2)
r.normal(0, b) ; r.normal(shape=2, dtype='float64') ; r.normal(shape=2, dtype='float16') ; r.normal(out=o)
r.normal(0, -1, 2) ; r.normal(shape=2, ctx=mx.cpu(1)).context.device_id ; r.normal(shape=(2,), foo=3)
r.normal(a, b, out=o)
r.randn(2, 2) ; r.randn() ; r.randn(3, loc=5, scale=0.5) ; r.randn(2, dtype='float64').dtype.__name__
r.randn(2, ctx=mx.cpu(1)).context.device_id ; r.randn(2, out=o) ; r.randn((2, 2)) ; r.randn(2, foo=3) ; r.randn(2.5)
r.randint(0, 10) ; r.randint(0, 10, 5) ; r.randint(-5, 5, (2, 2)) ; r.randint(0, 10, shape=(2,), dtype='int64')
r.randint(0, 10, shape=2, dtype='float32') ; r.randint(10, 0, 2) ; r.randint(0, 10, out=nd.zeros(2, dtype='int32'))
r.randint(0, 10, shape=(2,), ctx=mx.cpu(1)).context.device_id ; r.randint(10) ; r.randint(0, 2.5, 2)
r.randint(0, 2 ** 31 - 1, 2) ; r.randint(0, 2 ** 63, 2, dtype='int64') ; r.randint(-2 ** 63 - 1, 0, 2, dtype='int64')
r.exponential(2, 3) ; r.exponential() ; r.exponential(a) ; r.exponential(scale=a, shape=2).shape
r.exponential(shape=2, dtype='float64').dtype.__name__ ; r.exponential(out=o)
r.multinomial(p) ; r.multinomial(p, 4) ; r.multinomial(p, (2, 2)).shape ; r.multinomial(p, get_prob=True)
r.multinomial(nd.stack(p, p), 3).shape ; r.multinomial(p, dtype='float32')
r.multinomial(p, 3, dtype='int64').dtype.__name__ ; r.multinomial(data=p, shape=2).shape ; r.multinomial([0.5, 0.5])
r.multinomial(p, 2, True)[1].shape ; r.multinomial(p, dtype='foo') ; r.multinomial(p, out=nd.zeros(1, dtype='int32'))
r.shuffle(nd.arange(6)) ; r.shuffle(nd.arange(6).reshape((3, 2)))
r.shuffle(nd.arange(4, dtype='int32')).dtype.__name__ ; r.shuffle([1, 2]) ; r.shuffle(data=nd.arange(3))
r.shuffle(nd.arange(6), out=nd.zeros(6))
r.uniform_like(nd.zeros((2, 2))) ; r.uniform_like(nd.zeros(2), low=5, high=6) ; r.normal_like(nd.zeros((2, 2)))
r.normal_like(nd.zeros(2), loc=3, scale=0.1) ; r.uniform_like(nd.zeros(2, dtype='float64')).dtype.__name__
r.exponential_like(nd.zeros(2), lam=3) ; r.uniform_like(nd.zeros(2, dtype='int32')) ; r.uniform_like(3)
mx.random.uniform(0, 1, shape=2) ; mx.random.normal(0, 1, shape=2) ; mx.random.randn(2)
mx.random.randint(0, 5, shape=2) ; mx.random.multinomial(p) ; mx.random.shuffle(nd.arange(4))
mx.random.exponential(shape=2) ; mx.random.foo ; mx.nd.random.foo
r.gamma() ; r.gamma(2, 3, 4) ; r.gamma(a, b) ; r.gamma(alpha=a, beta=b, shape=(2, 2)).shape ; r.gamma(a, 3)
r.gamma(-1, 1)
r.gamma(0.5, shape=2, dtype='float64') ; r.gamma(shape=2, dtype='float16') ; r.gamma(out=o) ; r.gamma(2, 0)
r.gamma('a')
r.gamma(shape=2, dtype='int32') ; r.gamma(2, 1, (2,), 'float32', mx.cpu(1)).context.device_id ; r.gamma(1, 1, 0)
r.poisson() ; r.poisson(3, 4) ; r.poisson(b) ; r.poisson(b, 2) ; r.poisson(30, shape=(2, 2)) ; r.poisson(-1)
r.poisson(0, 3)
r.poisson(lam=b, dtype='float64').dtype.__name__ ; r.poisson(shape=2, dtype='int32') ; r.poisson(out=o)
r.negative_binomial() ; r.negative_binomial(3, 0.4, 5) ; r.negative_binomial(b, p[:2], 2)
r.negative_binomial(2.5, 0.5)
r.negative_binomial(k=b, p=0.4) ; r.negative_binomial(-1, 0.5) ; r.negative_binomial(2, -0.5)
r.negative_binomial(p=0.3, out=o)
r.generalized_negative_binomial() ; r.generalized_negative_binomial(4, 0.3, 5)
r.generalized_negative_binomial(a, b, (2,))
r.generalized_negative_binomial(mu=4, alpha=0, shape=4) ; r.generalized_negative_binomial(-1)
r.generalized_negative_binomial(1, -1)
r.gamma_like(nd.zeros((2, 2)), alpha=2, beta=3) ; r.poisson_like(nd.zeros((2, 2)), lam=4)
r.poisson_like(nd.zeros(2, dtype='int32'))
r.negative_binomial_like(nd.zeros((2, 2)), k=2, p=0.4)
r.generalized_negative_binomial_like(nd.zeros((2, 2)), mu=2, alpha=0.4)
r.exponential(scale=-1) ; r.bernoulli ; r.pdf_normal
mx.random.gamma(2, 1, 3) ; mx.random.poisson(3, 3) ; mx.random.negative_binomial(2, 0.5, 3)
mx.random.generalized_negative_binomial(2, 0.5, 3)
nd.random_gamma(alpha=2, beta=1, shape=3) ; nd.random_poisson(lam=2, shape=3)
nd.random_negative_binomial(k=2, p=0.3, shape=3)
nd.random_generalized_negative_binomial(mu=2, alpha=0.3, shape=3) ; nd.sample_gamma(a, b)
nd.sample_poisson(b, shape=3)
nd.sample_negative_binomial(b, p[:2]) ; nd.sample_generalized_negative_binomial(a, b, shape=2) ; nd.gamma(b)
nd._internal._random_gamma(shape=2)
nd.random_pdf_normal(p[:2], a, b) ; nd._internal._random_pdf_gamma(p[:2], a, b, is_log=True) ; nd.poisson
nd._internal._sample_unique_zipfian(50, shape=(2, 3)) ; nd._internal._sample_unique_zipfian(2, shape=(1, 3))
nd.contrib.rand_zipfian(nd.array([3]), 4, 5)
nd.contrib.rand_zipfian(nd.array([[3, 5]], dtype='int32'), 9, 1000, mx.cpu(1))
nd.contrib.rand_zipfian([3], 4, 5) ; nd.contrib.rand_zipfian(nd.array([3]), 0, 5)
nd.random_uniform(0, 1, shape=(2,)) ; nd.random_uniform(low=0, high=2, shape=(2,), dtype='float64')
nd.random_normal(loc=0, scale=1, shape=(2, 2)) ; nd.random_normal(shape=2) ; nd.uniform(shape=(2,))
nd.normal(shape=(2,)) ; nd.random_randint(0, 5, shape=(2,)) ; nd.random_exponential(lam=2, shape=(2,))
nd.sample_uniform(a, b) ; nd.sample_normal(a, b, shape=(2,)) ; nd.sample_multinomial(p) ; nd.sample_exponential(b)
nd.random_uniform(shape=(2,), ctx='cpu(1)').context.device_id
nd.random_uniform(shape=2, ctx=mx.cpu(1)).context.device_id ; nd.shuffle(nd.arange(5))
nd._internal._random_uniform(shape=(2,))
mx.random.seed(3) ; mx.random.seed('a') ; mx.random.seed(2.5) ; mx.random.seed(-1) ; mx.random.seed(2 ** 40)
mx.random.seed(np.int64(3)) ; mx.random.seed(3, ctx='all') ; mx.random.seed(3, mx.cpu(0)) ; mx.random.seed(3, 'foo')
mx.random.seed(3, 5) ; mx.random.seed(None) ; mx.random.seed() ; mx.random.seed(True) ; mx.random.seed(3, ctx=None)
"""


def seeding(mx):
    """What seeds do to the streams of several contexts."""
    draw = lambda ctx=None: mx.nd.random.uniform(shape=3, ctx=ctx)  # noqa: E731
    seen = []
    mx.random.seed(5)
    seen += [draw(), draw()]
    mx.random.seed(5)
    seen += [draw()]
    mx.random.seed(5)
    seen += [draw(mx.cpu(1))]
    mx.random.seed(9, ctx=mx.cpu(0))
    seen += [draw(), draw(mx.cpu(1))]
    mx.random.seed(9, ctx=mx.cpu(1))
    seen += [draw(mx.cpu(1)), draw()]
    with mx.cpu(1):
        seen += [draw()]
    np.random.seed(3)
    mx.random.seed(7)
    seen.append(float(np.random.rand()))
    return plain(seen)


NAMES = (
    *("uniform", "normal", "randn", "randint", "exponential", "gamma", "poisson", "negative_binomial"),
    *("generalized_negative_binomial", "multinomial", "shuffle"),
)
SYMBOLS = """
s.random.gamma(2, 3, shape=4) ; s.random.poisson(3, shape=4) ; s.random.negative_binomial(k=2, p=0.5, shape=4)
s.random.generalized_negative_binomial(2, 0.3, shape=4, dtype='float64') ; s.random.gamma(x, y, shape=3)
s.random.poisson(x) ; s.random.gamma(x, 2) ; s.random.poisson_like(x, lam=4) ; s.random_gamma(alpha=2, shape=3)
s.sample_poisson(x, shape=2, name='drawn') ; s.random.exponential(x)
s._internal._sample_unique_zipfian(range_max=9, shape=(1, 2))
"""


def symbol(mx, text):
    """The nodes of a symbol, and what it gives after a seed."""

    def run():
        made = eval(text, {"s": mx.sym, "x": mx.sym.var("x"), "y": mx.sym.var("y")})
        values = {name: mx.nd.array([2, 9]) for name in made.list_arguments()}
        mx.random.seed(11)
        given = made.eval(ctx=mx.cpu(), **values)
        nodes = json.loads(made.tojson())["nodes"]
        return [[n["op"], n["name"], n.get("attrs", {})] for n in nodes], [plain(v) for v in given]

    return attempt(run)


def zipfian_symbols(mx):
    """The operators of the three symbols, and their values."""
    made = mx.sym.contrib.rand_zipfian(mx.sym.var("x"), 4, 1000)
    found = []
    for one in made:
        mx.random.seed(11)
        values = {name: mx.nd.array([3, 5]) for name in one.list_arguments()}
        nodes = json.loads(one.tojson())["nodes"]
        found.append([[n["op"] for n in nodes], plain(one.eval(ctx=mx.cpu(), **values)[0])])
    return found


def results(mx):
    nd = mx.nd
    found = {"seeding": seeding(mx)}
    names = {
        "mx": mx,
        "nd": nd,
        "np": np,
        "r": mx.nd.random,
        "a": nd.array([1, 5]),
        "b": nd.array([2, 9]),
        "p": nd.array([0.2, 0.3, 0.5]),
    }
    for text in entries(CALLS):
        mx.random.seed(11)
        found[text] = attempt(lambda: eval(text, dict(names, o=nd.zeros(2))))
    for name in NAMES:
        found["arguments of " + name] = list(inspect.signature(getattr(mx.nd.random, name)).parameters)
        found["arguments of sym's " + name] = list(inspect.signature(getattr(mx.sym.random, name)).parameters)
    for name in ("uniform_like", "gamma_like", "negative_binomial_like"):
        found["arguments of " + name] = list(inspect.signature(getattr(mx.nd.random, name)).parameters)
    found["zipfian symbols"] = zipfian_symbols(mx)
    found["symbols"] = [symbol(mx, s) for s in entries(SYMBOLS)]
    return found


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("random_face", results(mxnet))
