"""Cases of the operators that draw random numbers: the same seed gives MXNet's numbers."""

from ..spec import I, V
from .shape import created, each, wrong

ONE = ["float32"]
FLOATS = ["float32", "float64", "float16"]
UNIFORM = [dict(shape=(3, 4)), dict(low=-2, high=3.5, shape=200), dict(shape=(70, 20))]
NORMAL = [dict(shape=(3, 4)), dict(loc=-2, scale=3.5, shape=200), dict(shape=(70, 20))]


def params(values, dtype="float32"):
    return V(values, dtype=dtype, grad=False)


BINOMIAL = [dict(k=k, p=p, shape=200) for k, p in ((0, 0.5), (3, 0.2), (2, 1.5))]
CLASSES = [(10, (2, 5)), (10**6, (3, 400)), (5, (1, 5)), (1, (1, 1)), (9, (0, 3))]
CLASSES = [dict(range_max=most, shape=shape) for most, shape in CLASSES]
FEW_CLASSES = [dict(range_max=4, shape=(1, 5)), dict(range_max=4, shape=3), dict(range_max=4)]
ANY = [dict(shape=(3, 4)), dict(shape=200)]
COUNTS = (
    created("_random_gamma", [dict(alpha=2.5, beta=0.5, shape=200), dict(alpha=0.3, shape=(9, 9))] + ANY, FLOATS)
    + created("_random_poisson", [dict(lam=m, shape=200) for m in (0, 0.3, 11.5, 12, 400)] + ANY, FLOATS)
    + created(
        "_random_negative_binomial", [dict(k=k, p=p, shape=200) for k, p in ((0, 0.5), (3, 0.2), (2, 1.5))], FLOATS
    )
    + created("random_generalized_negative_binomial", [dict(mu=9, alpha=0.4, shape=200)] + ANY, FLOATS)
    + each("random_gamma", [], [dict(alpha=2, shape=(70, 20))], dtypes=ONE, seed=9)
    + each("random_poisson", [], [dict(lam=20, shape=(70, 20))], dtypes=ONE, seed=9)
    + each("random_negative_binomial", [], [dict(k=2, p=0.1, shape=(70, 20)), dict(shape=5)], dtypes=ONE, seed=9)
    + each("random_generalized_negative_binomial", [], [dict(mu=4, alpha=0, shape=(7, 20))], dtypes=ONE, seed=9)
    + wrong("_random_gamma", [], [dict(alpha=0, shape=2), dict(beta=-1, shape=2), dict(shape=2, dtype="int32")])
    + wrong("_random_poisson", [], [dict(lam=-1, shape=2), dict(shape=2, dtype="int32")])
    + wrong("_random_negative_binomial", [], [dict(k=-1, shape=2), dict(k=1.5, shape=2), dict(p=-0.5, shape=2)])
    + wrong("_random_generalized_negative_binomial", [], [dict(mu=-1, shape=2), dict(alpha=-1, shape=2)])
    + each(
        "_sample_unique_zipfian",
        [],
        [
            dict(range_max=m, shape=s)
            for m, s in ((10, (2, 5)), (10**6, (3, 400)), (5, (1, 5)), (1, (1, 1)), (9, (0, 3)))
        ],
        dtypes=ONE,
        seed=4,
    )
    + wrong(
        "_sample_unique_zipfian", [], [dict(range_max=4, shape=(1, 5)), dict(range_max=4, shape=3), dict(range_max=4)]
    )
)
NUMBERS = (
    created("_random_uniform", UNIFORM, FLOATS)
    + created("_random_normal", NORMAL, FLOATS)
    + created("random_exponential", [dict(shape=(3, 4)), dict(lam=2.5, shape=200)], FLOATS)
    + created(
        "_random_randint", [dict(low=-3, high=7, shape=(3, 4)), dict(low=0, high=100, shape=200)], ["int32", "int64"]
    )
    + each("_random_uniform", [], [dict(shape=(2, 3))], dtypes=ONE, seed=42)
    + each("_random_normal", [], [dict(shape=(2, 3))], dtypes=ONE, seed=7)
    + each("_random_randint", [], [dict(low=0, high=9, shape=(2, 3))], dtypes=ONE, seed=7)
    + wrong("_random_uniform", [], [dict(low=3, high=1, shape=2), dict(shape=2, dtype="int32")])
    + wrong("_random_normal", [], [dict(scale=-1, shape=2), dict(shape=2, dtype="int32")])
    + wrong("random_exponential", [], [dict(lam=-1, shape=2)])
    + wrong("_random_randint", [], [dict(low=0, high=5, shape=2, dtype="float32"), dict(low=1, shape=2)])
)
LIKE = [
    dict(op=op, inputs=[(3, 30)], attrs=attrs, grad=False, dtypes=FLOATS)
    for op, attrs in (
        ("_random_uniform_like", dict(low=-1, high=4)),
        ("_random_normal_like", dict(loc=2, scale=0.5)),
        ("_random_exponential_like", dict(lam=3)),
        ("_random_gamma_like", dict(alpha=0.7, beta=3)),
        ("_random_poisson_like", dict(lam=3)),
        ("_random_negative_binomial_like", dict(k=3, p=0.3)),
        ("_random_generalized_negative_binomial_like", dict(mu=3, alpha=0.2)),
    )
] + [
    dict(op=op, inputs=[I((2, 3), 0, 5)], attrs={}, dtypes=["int32"], error=True)
    for op in ("_random_gamma_like", "_random_poisson_like")
]
LOW, HIGH = params([0.0, 10.0, -3.0]), params([1.0, 20.0, 2.0])
SAMPLE = (
    each("_sample_uniform", [LOW, HIGH], [dict(), dict(shape=(2, 2)), dict(shape=3, dtype="float64")], dtypes=ONE)
    + each("_sample_normal", [LOW, HIGH], [dict(), dict(shape=(2, 2)), dict(shape=3, dtype="float64")], dtypes=ONE)
    + each("_sample_exponential", [HIGH], [dict(), dict(shape=(2, 2))], dtypes=ONE)
    + each(
        "_sample_normal",
        [params([[0.5, 2.0]], "float64"), params([[1.0, 3.0]], "float64")],
        [dict(shape=60)],
        dtypes=ONE,
    )
    + each("_sample_uniform", [params([0, 2], "int32"), params([1, 3], "int32")], [dict(shape=4)], dtypes=ONE)
    + wrong("_sample_uniform", [LOW, params([1.0, 2.0])], [dict()])
)
DRAWS = [dict(), dict(shape=(2, 20)), dict(shape=30, dtype="float64"), dict(shape=3, dtype="float16")]
for kind in ("float32", "float64", "float16"):
    MANY, FEW = params([2.5, 0.3, 40.0, 0.0], kind), params([1.5, 0.3, 0.2, 1.0], kind)
    SAMPLE += (
        each("_sample_gamma", [MANY, FEW], DRAWS, dtypes=ONE)
        + each("_sample_poisson", [MANY], DRAWS, dtypes=ONE)
        + each("_sample_negative_binomial", [MANY, FEW], DRAWS, dtypes=ONE)
        + each("_sample_generalized_negative_binomial", [FEW, MANY], DRAWS, dtypes=ONE)
    )
SAMPLE += (
    each("sample_gamma", [params([[2, 1], [7, 3]], "int32"), params([[1, 3], [2, 1]], "int32")], DRAWS, dtypes=ONE)
    + each("sample_poisson", [params([2, 30], "int32")], DRAWS, dtypes=ONE)
    + each("sample_poisson", [params([-2.0, 3.0])], DRAWS, dtypes=ONE)
    + wrong("_sample_gamma", [LOW, params([1.0, 2.0])], [dict()])
    + wrong("_sample_negative_binomial", [LOW, params([1.0, 2.0, 3.0], "float64")], [dict()])
    + wrong("_sample_poisson", [HIGH], [dict(dtype="int32")])
)
PROBABILITIES = V([[0.1, 0.5, 0.2, 0.2], [0.9, 0.0, 0.0, 0.1]])
LOGARITHM = {"float64": (1e-6, 1e-7)}  # MXNet takes it in float32
CHOICE = (
    each("_shuffle", [I((50,), 0, 100)], [dict()], grad=False, dtypes=["float32", "float64", "int32"])
    + each("_shuffle", [I((9, 2), 0, 100)], [dict()], grad=False, dtypes=["float32", "int64"])
    + each("_sample_multinomial", [PROBABILITIES], [dict(), dict(shape=20), dict(shape=(2, 3))], grad=False)
    + each("_sample_multinomial", [V([0.2, 0.7, 0.1])], [dict(), dict(shape=(3, 4))], grad=False)
    + each(
        "_sample_multinomial",
        [PROBABILITIES],
        [dict(shape=6, dtype=d) for d in ("float32", "uint8", "float64")],
        grad=False,
        dtypes=ONE,
    )
    + each("_sample_multinomial", [PROBABILITIES], [dict(shape=6, get_prob=True), dict(get_prob=True)], tol=LOGARITHM)
)

CASES = NUMBERS + COUNTS + LIKE + SAMPLE + CHOICE
