"""What follows from what, operator by operator, against real MXNet's: ours finds at least as much."""

import pytest

import mxgluon_compat as mx
from tests.oracle import symbol_infer_operators as scenario
from tests.oracle.scenario import read

GOLDEN = read("symbol_infer_operators")
# Where MXNet says more, or other things.
WRONG = {  # it takes an unknown dimension for a length, or an unknown dtype for float32
    "Concat", "Crop", "InstanceNorm", "Pad", "UpSampling",
}  # fmt: skip
UNTOLD = {
    # the output, although not all inputs are known
    "_histogram", "all_finite", "amp_multicast", "multi_all_finite", "multi_sum_sq", "scatter_nd", "size_array",
    # the known parts of the output where a dimension is unknown that two inputs or axes share
    "LeakyReLU", "_linalg_gemm", "_linalg_potrf", "_linalg_potri", "_linalg_sumlogdiag", "broadcast_like",
    # what is assigned to a slice, indices that must be integers, and a dtype that overrides the one that is asked for
    "_slice_assign", "batch_take", "_sample_multinomial",
}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return scenario.results(mx)


def test_all_cases_ran(found):
    assert not set(GOLDEN) - set(found)


def gaps(wanted, got):
    """Whether ours knows less than MXNet, and whether they contradict each other."""
    if wanted == got or wanted is None:
        return False, False
    if got is None or got == []:
        return True, False
    if isinstance(wanted, str):
        return False, True
    if len(wanted) != len(got):
        return False, True
    pairs = [(a, b) for a, b in zip(wanted, got, strict=True) if a > 0]
    return any(b == 0 for _, b in pairs), any(b not in (0, a) for a, b in pairs)


def differences(found, key):
    """(what MXNet finds and ours does not, what ours refuses or finds otherwise)."""
    less, other = [], []
    for question, answers in GOLDEN[key].items():
        given, got = found[key][question]
        for name, wanted in answers.items():
            seen = None if got is None else got[name]
            untold, contrary = gaps(wanted, seen)
            (less if untold and got is not None else other if untold or contrary else []).append(
                (question, given, name, wanted, seen)
            )
    return less, other


@pytest.mark.parametrize("key", sorted(k for k in GOLDEN if k.split()[0] not in WRONG | UNTOLD))
def test_at_least_as_mxnet(found, key):
    assert differences(found, key) == ([], [])


@pytest.mark.parametrize("op", sorted(UNTOLD))
def test_what_mxnet_tells_more(found, op):
    kinds = [differences(found, key) for key in GOLDEN if key.split()[0] == op]
    assert any(less or other for less, other in kinds), f"{op} is no exception any more"
    assert op == "_sample_multinomial" or not any(other for _, other in kinds)


@pytest.mark.parametrize("op", sorted(WRONG))
def test_where_mxnet_is_wrong(found, op):
    assert any(any(differences(found, key)) for key in GOLDEN if key.split()[0] == op), f"{op} is no exception any more"
