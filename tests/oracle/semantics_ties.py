"""Scenarios: gradients where a function has a corner, a pole or several equal extrema, and what NaN does.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.semantics_ties
"""

import itertools

from tests.oracle.semantics_common import INF, NAN, Table, fixed, main

TIES = [[1.0, 3.0, 3.0, 2.0], [2.0, 2.0, 2.0, 2.0], [3.0, 1.0, 1.0, 3.0]]
STRANGE = [[NAN, 1.0, 2.0], [1.0, NAN, 2.0], [2.0, 1.0, NAN], [INF, NAN, -INF], [INF, INF, 1.0], [NAN, NAN, NAN]]
CORNERS = [-2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, NAN, INF, -INF]

# Of one input; poles and corners among the arguments.
UNARY = (
    "abs", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "cbrt", "ceil", "cos", "cosh", "degrees",
    "exp", "expm1", "fix", "floor", "gammaln", "log", "log10", "log1p", "log2", "logical_not", "negative",
    "ones_like", "radians", "rcbrt", "reciprocal", "relu", "rint", "round", "rsqrt", "sigmoid", "sign", "sin", "sinh",
    "softsign", "sqrt", "square", "tan", "tanh", "trunc", "zeros_like", "hard_sigmoid", "smooth_l1",
)  # fmt: skip


def extrema(table):
    for name, axis, keepdims in itertools.product(("max", "min"), (None, 0, 1, (0, 1)), (True, False)):
        table("", name, [TIES], axis=axis, keepdims=keepdims)
    for name in ("max", "min"):
        table("", name, [TIES], axis=1, req="add")
        table("excluded", name, [TIES], axis=1, exclude=True)
        for dtype in ("float64", "float16"):
            table("", name, [TIES], axis=1, dtype=dtype)
        table("NaN", name, [STRANGE], axis=1)
        table("NaN, all", name, [[2.0, NAN, 1.0]])
        table("infinite", name, [[-INF, -INF]])
        table("zeros", name, [[0.0, -0.0]])
    for name in ("argmax", "argmin"):
        for axis in (None, 0, 1):
            table("", name, [fixed(TIES)], axis=axis)
            table("int32", name, [[[1, 3, 3], [2, 2, 2]]], axis=axis, dtype="int32")
        table("NaN", name, [fixed(STRANGE)], axis=1)
        table("zeros", name, [fixed([-0.0, 0.0, -0.0])])
        table("infinite", name, [fixed([-INF, INF, INF, -INF])])
    table("", "argmax_channel", [fixed(TIES)])
    for name in ("broadcast_maximum", "broadcast_minimum"):
        table("ties", name, [TIES, [[1.0, 3.0, 2.0, 2.0]]])
        table("column", name, [TIES, [[3.0], [2.0], [1.0]]], req="add")
        table("NaN", name, [[NAN, 1.0, NAN, 2.0], [1.0, NAN, NAN, 2.0]])
    for name in ("_maximum_scalar", "_minimum_scalar"):
        for number in (0.0, 1.0):
            table("", "_internal." + name, [CORNERS], scalar=number)
    table("", "_internal._maximum_scalar", [[1.0, NAN]], scalar=NAN)


def norms(table):
    zeros = [[0.0, 0.0], [3.0, -4.0], [0.0, 2.0]]
    for order, axis in itertools.product((1, 2), (None, 0, 1)):
        table("", "norm", [zeros], ord=order, axis=axis)
        table("NaN", "norm", [[[NAN, 1.0], [INF, -INF]]], ord=order, axis=axis)
    for order in (1, 2):
        table("nothing but zeros", "norm", [[0.0, 0.0]], ord=order)
        table("keepdims", "norm", [zeros], ord=order, axis=1, keepdims=True, req="add")
    for mode in ("instance", "channel", "spatial"):
        table("zeros", "L2Normalization", [[[[0.0, 0.0]], [[3.0, 4.0]]]], mode=mode)
    table("", "prod", [[[0.0, 2.0, 3.0], [0.0, 0.0, 3.0]]], axis=1)
    for name in ("nansum", "nanprod", "sum", "mean", "prod"):
        table("NaN", name, [STRANGE], axis=1)


def limits(table):
    for low, high in ((-1.0, 1.0), (0.0, 0.0), (-INF, 0.5), (NAN, 1.0)):
        table("", "clip", [CORNERS], a_min=low, a_max=high)
    table("", "clip", [CORNERS], a_min=-1.0, a_max=1.0, req="add")
    table("", "clip", [CORNERS], a_min=-0.5, a_max=2.0, dtype="float16")
    for dtype in ("int32", "int64", "int8"):
        table("", "clip", [[-5, -1, 0, 2, 7]], a_min=-1, a_max=2, dtype=dtype)
    for act in ("relu", "sigmoid", "softrelu", "softsign", "tanh"):
        table("", "Activation", [CORNERS], act_type=act)
    for act in ("leaky", "elu", "gelu"):
        table("", "LeakyReLU", [CORNERS], act_type=act)
    table("prelu", "LeakyReLU", [[CORNERS], [0.25]], act_type="prelu")


def poles(table):
    for name in UNARY:
        table("", name, [CORNERS if name not in ("logical_not", "ones_like", "zeros_like") else fixed(CORNERS)])
    for name in ("sqrt", "rsqrt", "cbrt", "rcbrt", "log", "reciprocal"):
        table("", name, [[0.0, 4.0]], dtype="float64")
        table("", name, [[0.0, 4.0]], dtype="float16")
        table("", name, [[0.0, 4.0]], req="add")
    for number in (0.0, 0.5, 1.0, 2.0, 3.0, -1.0, -0.5):
        table("", "_internal._power_scalar", [CORNERS], scalar=number)
        table("", "_internal._rpower_scalar", [CORNERS], scalar=number)
    bases, powers = [0.0, 0.0, 0.0, 2.0, -2.0, -2.0, 1.0, 0.0], [0.0, 2.0, 0.5, 0.0, 2.0, 0.5, NAN, -1.0]
    table("", "broadcast_power", [bases, powers])
    for name in ("broadcast_div", "broadcast_mod", "broadcast_hypot"):
        table("zeros", name, [[0.0, 1.0, -1.0, 0.0], [0.0, 0.0, 0.0, 2.0]])
        table("strange", name, [[NAN, INF, 1.0, -INF], [1.0, INF, INF, NAN]])
    for number in (0.0, 2.0, -2.0):
        table("", "_internal._mod_scalar", [CORNERS], scalar=number)
        table("", "_internal._rmod_scalar", [CORNERS], scalar=number)
        table("", "_internal._div_scalar", [CORNERS], scalar=number)
        table("", "_internal._rdiv_scalar", [CORNERS], scalar=number)
    for name in ("equal", "not_equal", "greater", "greater_equal", "lesser", "lesser_equal"):
        table("NaN", "broadcast_" + name, [fixed([NAN, NAN, 1.0, INF]), fixed([NAN, 1.0, NAN, INF])])
    for name in ("logical_and", "logical_or", "logical_xor"):
        table("NaN", "broadcast_" + name, [fixed([NAN, NAN, 0.0, INF]), fixed([NAN, 0.0, NAN, -0.0])])


def chosen(table):
    mask = [1.0, 0.0, NAN, -0.0, -1.0]
    table("NaN", "where", [fixed(mask), [1.0, NAN, 3.0, NAN, INF], [NAN, 2.0, NAN, 4.0, NAN]])
    table("NaN", "where", [fixed(mask), [1.0, NAN, 3.0, NAN, INF], [NAN, 2.0, NAN, 4.0, NAN]], req="add")
    table("condition", "where", [mask, [1.0] * 5, [2.0] * 5])
    table("rows", "where", [fixed([0.0, NAN]), [[1.0, NAN], [3.0, 4.0]], [[5.0, NAN], [7.0, 8.0]]])
    table("integers", "where", [fixed([0, 2, -1], "int32"), [1, 2, 3], [4, 5, 6]], dtype="int64")
    table.of("log(where) at the masked element", masked_logarithm, False)
    table.of("where(log) at the masked element", masked_logarithm, True)
    for name in ("sort", "argsort"):
        for ascend in (True, False):
            table("ties", name, [TIES if name == "sort" else fixed(TIES)], is_ascend=ascend, axis=1)
    table("ties", "topk", [TIES], k=2, ret_typ="value", axis=1)
    table("ties", "topk", [TIES], k=2, ret_typ="value", axis=1, is_ascend=True)
    table("infinite", "sort", [[1.0, INF, -INF, 0.0]], axis=0)
    table("", "smooth_l1", [[-1.0, -0.25, 0.25, 1.0]], scalar=2.0)


def masked_logarithm(mx, inside):
    """The known trap: the gradient of the branch not taken is 0 times infinity."""
    x = mx.nd.array([0.0, 2.0])
    x.attach_grad()
    with mx.autograd.record():
        if inside:
            y = mx.nd.where(x > 0, mx.nd.log(x), mx.nd.zeros_like(x))
        else:
            y = mx.nd.log(mx.nd.where(x > 0, x, mx.nd.ones_like(x)))
    y.backward()
    return y, x.grad


def results(mx):
    """{name: what MXNet does}."""
    table = Table(mx)
    extrema(table)
    norms(table)
    limits(table)
    poles(table)
    chosen(table)
    return table.found


if __name__ == "__main__":
    main("semantics_ties", results)
