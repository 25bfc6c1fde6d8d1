"""Writes tests/golden/sparse_storage.json: which storage type each operator's result has, by those of its inputs.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.sparse_storage
"""

import itertools

import numpy as np

from tests.oracle.scenario import write
from tests.oracle.sparse_common import csr, rsp

UNARY = """
abs arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil cos cosh degrees exp expm1 fix floor gamma gammaln log log10
log1p log2 make_loss negative radians relu rint round rsqrt sigmoid sign sin sinh sqrt square stop_gradient tan tanh
trunc zeros_like ones_like reciprocal rcbrt erf erfinv identity BlockGrad logical_not softmax size_array shape_array
transpose flatten softsign hard_sigmoid max min prod nansum argmax argmin
"""
SCALAR = """
_plus_scalar _minus_scalar _rminus_scalar _mul_scalar _div_scalar _rdiv_scalar _power_scalar _rpower_scalar
_maximum_scalar _minimum_scalar _mod_scalar _rmod_scalar _hypot_scalar _equal_scalar _not_equal_scalar _greater_scalar
_greater_equal_scalar _lesser_scalar _lesser_equal_scalar _logical_and_scalar _logical_or_scalar _logical_xor_scalar
_scatter_plus_scalar _scatter_minus_scalar
"""
BINARY = """
elemwise_add elemwise_sub elemwise_mul elemwise_div broadcast_add broadcast_sub broadcast_mul broadcast_div
broadcast_maximum broadcast_equal broadcast_power broadcast_mod _scatter_elemwise_div _maximum _minimum _hypot _power
_mod _equal _grad_add _identity_with_attr_like_rhs
"""
FUNCTIONS = "add subtract multiply divide maximum minimum power modulo equal greater lesser"
KINDS = ("default", "row_sparse", "csr")


def run_all(mx, put):
    """Calls ``put(name, storage types of the inputs, function)`` for each way to call each operator."""
    nd = mx.nd

    def dense(shape=(4, 5)):
        return nd.array((np.arange(np.prod(shape)).reshape(shape) % 7 - 2).astype("float32"))

    def array(kind, shape=(4, 5)):
        if kind == "default":
            return dense(shape)
        if kind == "row_sparse":
            return rsp(mx, shape=shape, rows=(0, shape[0] - 1))
        return csr(mx) if shape == (4, 5) else dense(shape).tostype("csr")

    def operator(name):
        return getattr(nd, name, None) or getattr(nd._internal, name)

    for kind in KINDS[1:]:
        for name in UNARY.split():
            put(name, [kind], lambda: operator(name)(array(kind)))
        for name, number in itertools.product(SCALAR.split(), (0.0, 1.0, 2.0, -1.0)):
            put("%s %g" % (name, number), [kind], lambda: operator(name)(array(kind), scalar=number))
        for low, high in ((-1, 1), (0, 1), (-1, 0)):
            put("clip %d %d" % (low, high), [kind], lambda: nd.clip(array(kind), low, high))
        for name, axis, keep in itertools.product(("sum", "mean", "norm", "max"), (None, 0, 1, -1), (False, True)):
            put("%s %s %s" % (name, axis, keep), [kind], lambda: operator(name)(array(kind), axis=axis, keepdims=keep))
        put("cast", [kind], lambda: nd.cast(array(kind), "float64"))
        put("astype", [kind], lambda: array(kind).astype("float64"))
        put("slice_axis", [kind], lambda: nd.slice_axis(array(kind), axis=0, begin=1, end=3))
        put("slice rows", [kind], lambda: nd.slice(array(kind), begin=(1,), end=(3,)))
        put("slice", [kind], lambda: nd.slice(array(kind), begin=(1, 1), end=(3, 4)))
        put("slice step", [kind], lambda: nd.slice(array(kind), begin=(0,), end=(4,), step=(2,)))
        put("take", [kind], lambda: nd.take(array(kind), nd.array([1, 2])))
        for bias in (None, dense((3,))):
            for weight in KINDS[:2]:
                put("FullyConnected" + " with bias" * (bias is not None), [kind, weight], lambda: nd.FullyConnected(
                    array(kind), array(weight, (3, 5)), bias, num_hidden=3, no_bias=bias is None
                ))  # fmt: skip
        for name in ("LinearRegressionOutput", "LogisticRegressionOutput", "MAERegressionOutput"):
            put(name, ["default", kind], lambda: operator(name)(dense(), array(kind)))
        for stype in KINDS:
            put("cast_storage " + stype, [kind], lambda: nd.cast_storage(array(kind), stype))
        for name, number in itertools.product(FUNCTIONS.split(), (0, 2, -1)):
            if name == "divide" and not number:
                continue
            put("nd.%s number %d" % (name, number), [kind], lambda: operator(name)(array(kind), number))
            put("nd.%s of number %d" % (name, number), [kind], lambda: operator(name)(number, array(kind)))
        for shape, name in itertools.product(((1, 5), (4, 1), (1, 1)), ("add", "sub", "mul", "div")):
            name = "broadcast_" + name
            put("%s %dx%d" % ((name,) + shape), [kind, "default"], lambda: operator(name)(array(kind), dense(shape)))
            put("%s %dx%d" % ((name,) + shape), ["default", kind], lambda: operator(name)(dense(shape), array(kind)))
    for kinds in itertools.product(KINDS, KINDS):
        if kinds == ("default", "default"):
            continue
        first, second = kinds
        for name in BINARY.split():
            put(name, kinds, lambda: operator(name)(array(first), array(second)))
        for name in FUNCTIONS.split():
            put("nd." + name, kinds, lambda: operator(name)(array(first), array(second)))
        for name in FUNCTIONS.split()[:4]:
            put("nd.sparse." + name, kinds, lambda: getattr(nd.sparse, name)(array(first), array(second)))
        for axis in (0, 1):
            put("concat %d" % axis, kinds, lambda: nd.concat(array(first), array(second), dim=axis))
        put("stack", kinds, lambda: nd.stack(array(first), array(second)))
        for third in KINDS:
            put("add_n", kinds + (third,), lambda: nd.add_n(array(first), array(second), array(third)))
            put("where", kinds + (third,), lambda: nd.where(array(first), array(second), array(third)))
        for a, b, stype in itertools.product((False, True), (False, True), (None,) + KINDS):
            lhs, rhs = array(first, (5, 4) if a else (4, 5)), array(second, (3, 5) if b else (5, 3))
            put("dot %d %d %s" % (a, b, stype), kinds, lambda: nd.dot(
                lhs, rhs, transpose_a=a, transpose_b=b, forward_stype=stype
            ))  # fmt: skip


def results(mx):
    """name -> {storage types of the inputs: that of the result, or "refused"}."""
    found = {}

    def put(name, kinds, function):
        try:
            made = function()
            stype = made.stype
            made.wait_to_read()
        except mx.MXNetError:
            stype = "refused"
        found.setdefault(name, {})[" ".join(kinds)] = stype

    run_all(mx, put)
    return found


if __name__ == "__main__":
    import mxnet

    write("sparse_storage", results(mxnet))
