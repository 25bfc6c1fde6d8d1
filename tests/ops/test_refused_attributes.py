"""Values that do not fit an attribute are refused where MXNet refuses them: as soon as a symbol or a call has them."""

from __future__ import annotations

import pytest

import mxgluon_compat as mx
from mxgluon_compat import nd
from mxgluon_compat.base import DTYPE_NAMES, MXNetError
from mxgluon_compat.ops import OPERATORS
from tests.oracle.refused_attributes import VALUES
from tests.oracle.scenario import read

GOLDEN = read("refused_attributes")


# Operators of which MXNet reads the attributes when they run.
LATE = ("RegressionOutput", "_npi_boolean_mask_assign_scalar", "_npi_boolean_mask_assign_tensor")


def is_refused(op, attributes):
    try:
        op.parse(attributes)
    except MXNetError:
        return True
    return False


def fine_here(op, attribute, value):
    """Whether what MXNet refuses is taken all the same; what it means is clear, or is refused when it is used."""
    kind = attribute.kind.removesuffix(" or None")
    if kind == "float":
        return value == "inf" or (value == "nan" and attribute.kind != kind)  # MXNet's parsers do not read them
    if kind.startswith("tuple of <float>"):
        return value == "1e400"
    if attribute.choices == DTYPE_NAMES:  # MXNet has some operators for fewer dtypes, and its names alone
        return value == "float32" or value is None or type(value) is int
    if "Shape" in kind:  # None: left out; MXNet has 32 bits for what counts axes
        return (value in (None, "None") and attribute.default == ()) or str(value) in (str(2**31), str(2**40))
    if (op.name, attribute.name) == ("_contrib_SparseEmbedding", "sparse_grad"):  # which MXNet's functions take
        return True
    # the number of inputs: more, or fewer, than the operator has fail in its own words
    return attribute.name == "num_args" and str(value) in ("1", "2", "7")


def refused_here(op, attribute, value):
    """Whether what MXNet takes at first is refused at once: it fails there later, or runs into nonsense."""
    if op.name.endswith(LATE) or attribute.name == "UPLO":  # a character, whichever
        return True
    if value in (None, "None"):  # for tuples
        return True
    if attribute.kind == "float":  # a share
        return value in ("nan", 2**70, str(2**70))
    if attribute.kind == "int":  # 32 bits without a sign
        return str(value) in ("-1", str(2**31))
    return attribute.name in ("pooled_size", "stride", "dilate", "pad")  # not as many as the axes, or below 0


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_values(name):
    op, (beside, _, attributes) = OPERATORS[name], GOLDEN[name]
    assert not is_refused(op, beside)
    if name == "_linspace":
        return  # MXNet registers _arange's attributes for it and reads others
    for key, places in attributes.items():
        for i, given in enumerate(VALUES):
            for value in (given, str(given)):
                found = is_refused(op, {**beside, key: value})
                if found != (i in places):
                    excused = refused_here if found else fine_here
                    assert excused(op, op.attributes[key], value), (key, value, "refused" if found else "taken")


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_unknown_names(name):
    """Where an operator has no attributes any is passed over; elsewhere it is a mistake."""
    op, (beside, refused, attributes) = OPERATORS[name], GOLDEN[name]
    given = {**beside, "unknown": "1"}
    if op.attributes:
        assert is_refused(op, given) and (refused or name.endswith(LATE))
        return
    with pytest.warns(UserWarning, match=f"{op.name} takes no arguments but its inputs: unknown='1' is passed over"):
        assert op.parse(given) == op.parse(beside)
    assert not attributes and (not refused or name == "_npi_cholesky")  # which has some that MXNet does not list


@pytest.mark.parametrize(
    ("name", "attributes", "text"),
    [
        ("FullyConnected", {"num_hidden": 0}, "value 0 for Parameter num_hidden should be greater equal to 1, in"),
        ("Dropout", {"p": 1.5}, r"value 1.5 for Parameter p exceed bound \[0,1\], in operator Dropout\(p=\"1.5\"\)"),
        ("sum", {"axis": True}, "Invalid Parameter format for axis expect .* but value='True', in operator sum"),
        ("Convolution", {"num_filter": 2, "kernel": (3, 3), "pad": 1}, r"pad must have as many numbers as kernel"),
        ("Convolution", {"num_filter": 2, "kernel": (3,) * 4}, "kernel must have 1 to 3 numbers"),
        ("Pooling", {"kernel": (2, 0)}, "kernel and stride must be nonzero"),
        ("Pooling", {}, r"kernel must have 1 to 3 numbers, got \(\)"),
        ("one_hot", {"depth": 2**31}, "Invalid Parameter format for depth expect int but value='2147483648'"),
        ("cast", {"dtype": "no_dtype"}, "no_dtype"),
    ],
)  # fmt: skip
def test_symbols_and_calls_refuse_at_once(name, attributes, text):
    with pytest.raises((MXNetError, TypeError), match=text):
        getattr(mx.sym, name)(mx.sym.var("data"), **attributes)
    arrays = [nd.ones((1, 2, 4, 4))] * (3 if name in ("FullyConnected", "Convolution") else 1)
    with pytest.raises((MXNetError, TypeError), match=text):
        getattr(nd, name)(*arrays, **attributes)


def test_a_pooling_of_all_has_no_kernel():
    assert nd.Pooling(nd.ones((1, 2, 4, 4)), global_pool=True).shape == (1, 2, 1, 1)
