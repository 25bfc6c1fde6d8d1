"""Cases of the operators that draw random numbers: the same seed gives MXNet's numbers."""

from ..spec import I, V
from .shape import created, each, wrong

ONE = ["float32"]
FLOATS = ["float32", "float64", "float16"]
UNIFORM = [dict(shape=(3, 4)), dict(low=-2, high=3.5, shape=200), dict(shape=(70, 20))]
NORMAL = [dict(shape=(3, 4)), dict(loc=-2, scale=3.5, shape=200), dict(shape=(70, 20))]


def params(values, dtype="float32"):
    return V(values, dtype=dtype, grad=False)


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
    )
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

CASES = NUMBERS + LIKE + SAMPLE + CHOICE
