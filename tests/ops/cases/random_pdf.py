"""Cases of the probability densities, with the gradients of their parameters (and of continuous samples)."""

from ..spec import I, U, V
from .shape import each, wrong

# Sums of log gamma values round at each step, and float16 does so coarsely; even of float64 MXNet takes the digamma
# function, and the square root of 2 pi, in float32.
TOLERANCE = {"float64": (5e-6, 5e-6), "float32": (1e-4, 1e-5), "float16": (2e-2, 4e-3)}
LOG = [dict(), dict(is_log=True)]
FLOATS = ["float32", "float64", "float16"]
WHOLE = I((2,), 1, 5, dtype="int32")
ROWS = [(3,), (2, 3)]  # the parameters' shape


def pdf(name, sample, *ranges):
    """One row of samples, several axes of them, and one for each parameter, in all dtypes."""
    made = []
    for rows in ROWS:
        parameters = [U(rows, *r) for r in ranges]
        made += each("_random_pdf_" + name, [sample(rows + (4,))] + parameters, LOG, tol=TOLERANCE)
    parameters = [U((2,), *r) for r in ranges]
    return (
        made
        + each("_random_pdf_" + name, [sample((2, 3, 2))] + parameters, LOG, tol=TOLERANCE, dtypes=FLOATS)
        + each("_random_pdf_" + name, [sample((2,))] + parameters, LOG, tol=TOLERANCE)
        + wrong("_random_pdf_" + name, [sample((3, 2))] + parameters, [dict()])
        + wrong(
            "_random_pdf_" + name, [I((2, 3), 0, 5, dtype="int32")] + [I((2,), 1, 5, dtype="int32")] * len(ranges), [{}]
        )
    )


def positive(shape):
    return U(shape, 0.1, 4)


def count(shape):
    return I(shape, 0, 9, grad=True)


def probabilities(*shape):
    """Rows that need not add up to 1: the formula does not ask."""
    return U(shape, 0.05, 0.95)


ODD = V([[1, 2, 0, -1, 7.5]])  # some of them no density's samples
EDGES = (
    each("_random_pdf_uniform", [ODD, V([1.0]), V([3.0])], LOG)
    + each("_random_pdf_normal", [ODD, V([1.0]), V([-2.0])], LOG, tol=TOLERANCE)
    + each("_random_pdf_gamma", [ODD, V([1.0]), V([3.0])], LOG, grad=False)
    + each("_random_pdf_exponential", [ODD, V([2.0])], LOG)
    + each("_random_pdf_poisson", [ODD, V([2.0])], LOG, grad=False)
    + each("_random_pdf_poisson", [ODD, V([0.0])], LOG, grad=False)
    + each("_random_pdf_negative_binomial", [ODD, V([2.0]), V([0.3])], LOG, grad=False, tol=TOLERANCE)
    + each("_random_pdf_negative_binomial", [V([[1, 0]]), V([2.0]), V([1.0])], LOG, grad=False)
    + each("_random_pdf_generalized_negative_binomial", [V([[1, 0]]), V([2.0]), V([0.0])], LOG, grad=False)
)
DIRICHLET = (
    each("_random_pdf_dirichlet", [probabilities(2, 3, 4), U((2, 4), 0.5, 3)], LOG, tol=TOLERANCE, dtypes=FLOATS)
    + each("_random_pdf_dirichlet", [probabilities(2, 3, 2, 4), U((2, 4), 0.5, 3)], LOG, tol=TOLERANCE)
    + each("_random_pdf_dirichlet", [probabilities(2, 4), U((2, 4), 0.5, 3)], LOG, tol=TOLERANCE)
    + each("_random_pdf_dirichlet", [probabilities(3, 4), U((4,), 0.5, 3)], LOG, tol=TOLERANCE)
    + each("_random_pdf_dirichlet", [probabilities(4), U((4,), 0.5, 3)], LOG, tol=TOLERANCE)
    + each("random_pdf_dirichlet", [V([[0, 1], [0.5, 0.5]]), V([[1.0, 1.0], [1.0, 1.0]])], LOG, grad=False)
    + wrong("_random_pdf_dirichlet", [probabilities(2, 3, 4), U((2, 3), 0.5, 3)], [dict()])
    + wrong("_random_pdf_dirichlet", [probabilities(2, 3, 4), U((3, 4), 0.5, 3)], [dict()])
)

CASES = (
    pdf("uniform", positive, (-1, 0), (1, 5))
    + pdf("normal", positive, (-1, 3), (0.5, 2))
    + pdf("gamma", positive, (0.5, 3), (0.5, 3))
    + pdf("exponential", positive, (0.5, 3))
    + pdf("poisson", count, (0.5, 6))
    + pdf("negative_binomial", count, (1, 6), (0.1, 0.9))
    + pdf("generalized_negative_binomial", count, (0.5, 6), (0.1, 2))
    + EDGES
    + DIRICHLET
)
