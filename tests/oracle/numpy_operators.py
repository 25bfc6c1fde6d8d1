"""Writes tests/golden/numpy_operators.json.gz: what operators of mx.np and mx.npx give, and graphs with them.

Run from the repository's root with an interpreter that has mxnet==1.9.1: PYTHON -m tests.oracle.numpy_operators
"""

import ctypes
import gzip
import itertools
import json
import os
import select
import signal
import sys

import numpy

from tests.ops.spec import I, N, U, V, arrays_of, grads_of, key
from tests.oracle import scenario
from tests.oracle.scenario import plain

FLOATS, INTEGERS = ("float16", "float32", "float64"), ("int8", "uint8", "int32", "int64")
ALL = FLOATS + INTEGERS + ("bool",)
SOME = ("float32", "float64", "int32", "bool")
ONE = ("float32",)
GOLDEN = os.path.join(scenario.GOLDEN, "numpy_operators.json.gz")
PATIENCE = 8  # seconds for one case
SHAPES = ((2, 3), (), (0, 3))


def case(op, inputs, attrs=None, dtypes=("float32", "float64"), grad=True):
    return {"op": op, "inputs": inputs, "attrs": attrs or {}, "dtypes": dtypes, "grad": grad}


def each(op, inputs, attrs, **options):
    return [case(op, inputs, a, **options) for a in attrs]


def product(**lists):
    """Every combination of the values of the lists, as attributes."""
    return [dict(zip(lists, values)) for values in itertools.product(*lists.values())]


# ---------------------------------------------------------------------------------------------- elements
SMOOTH = (
    "absolute",
    "arcsinh",
    "arctan",
    "cbrt",
    "cos",
    "cosh",
    "degrees",
    "exp",
    "expm1",
    "negative",
    "radians",
    "sin",
    "sinh",
    "square",
    "tan",
    "tanh",
    "ceil",
    "fix",
    "floor",
    "rint",
    "sign",
    "trunc",
)
POSITIVE = ("log", "log10", "log1p", "log2", "reciprocal", "sqrt", "arcsin", "arccos", "arctanh")
TESTS = ("isfinite", "isinf", "isnan", "isneginf", "isposinf", "logical_not")
BINARY = ("add", "subtract", "multiply", "true_divide", "power", "mod", "copysign", "arctan2", "hypot")
COMPARE = ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal")
OF_INTEGERS = ("bitwise_and", "bitwise_or", "bitwise_xor", "lcm")
SCALARS = (
    "add",
    "subtract",
    "rsubtract",
    "multiply",
    "true_divide",
    "rtrue_divide",
    "mod",
    "rmod",
    "power",
    "rpower",
    "copysign",
    "rcopysign",
    "arctan2",
    "rarctan2",
    "ldexp",
    "rldexp",
    "hypot",
    "maximum",
    "minimum",
)
ODD = V([float("nan"), float("inf"), -float("inf"), 0.0, -2.5], grad=False)


def elements():
    for name in SMOOTH + POSITIVE:
        low = 0.1 if name in POSITIVE else -0.9
        for shape in SHAPES:
            yield case("_npi_" + name, [U(shape, low, 0.9)], dtypes=FLOATS)
        yield case("_npi_" + name, [V([[1, 0, 3], [2, 5, 1]])], dtypes=INTEGERS + ("bool",))
        yield case("_npi_" + name, [V(1)], dtypes=("int32", "bool"))
    yield case("_npi_arccosh", [U((2, 3), 1.1, 3)], dtypes=FLOATS)
    yield case("_npi_absolute", [V([0.0, -1.0])], dtypes=ONE)
    yield case("_npi_sqrt", [V([0.0, -1.0])], dtypes=ONE)
    for name in ("rint", "fix", "trunc", "ceil", "floor"):
        yield case("_npi_" + name, [V([0.5, 1.5, 2.5, -0.5, -1.5, -2.5])], dtypes=ONE)
    for name in TESTS:
        yield case("_npi_" + name, [ODD], dtypes=FLOATS)
        for shape in SHAPES:
            yield case("_npi_" + name, [I(shape, 0, 2)], dtypes=SOME, grad=False)
    yield case("_npi_bitwise_not", [V([0, 1, 5])], dtypes=INTEGERS + ("bool", "float32"))
    yield case("_npi_bitwise_not", [V(3)], dtypes=("int32",))
    for decimals in (0, 1, -1):
        yield case("_npi_around", [V([[1.25, -3.5, 15.55], [2.5, 0.5, -0.05]])], {"decimals": decimals}, FLOATS)
        yield case("_npi_around", [V([15, 25, 5, -15])], {"decimals": decimals}, ("int32", "int64", "int8"))
    yield case("_npi_around", [V(1.5)], {}, ONE)
    yield case("_npi_nan_to_num", [ODD], {}, FLOATS)
    yield case("_npi_nan_to_num", [ODD], {"nan": 1.5, "posinf": 7.0, "neginf": -7.0, "copy": False}, FLOATS)
    yield case("_npi_nan_to_num", [V([float("nan"), float("inf"), 1.0])], {}, ONE)
    yield case("_npi_nan_to_num", [V([1, 2])], {}, ("int32", "bool"))
    yield case("_npi_nan_to_num", [V(float("inf"))], {}, ONE)
    for name in ("_np_copy", "_npx_relu", "_npx_sigmoid", "_npx_erf", "_npx_gamma", "_npx_gammaln"):
        for shape in SHAPES:
            yield case(name, [U(shape, 0.2, 0.9)], dtypes=FLOATS)
        yield case(name, [V([1, 2, 3])], dtypes=("int32", "bool"))
    yield case("_npx_erfinv", [U((2, 3), -0.9, 0.9)])
    yield case("_npx_relu", [V([-1.0, 0.0, 1.0])], dtypes=ONE)


def pairs():
    for name in BINARY + ("maximum", "minimum", "ldexp"):
        op = "_npi_" + name
        for a, b in (((2, 3), (3,)), ((2, 1), (4,)), ((), (2,)), ((), ()), ((2, 0), (1,))):
            yield case(op, [U(a, 0.2, 3), U(b, 0.3, 2)], dtypes=ONE if b == (2,) else FLOATS)
        yield case(op, [V([-7, 7, 5, 0]), V([3, 3, 2, 2])], dtypes=("int8", "int32", "int64"))
        yield case(op, [V([True, False, True]), V([True, True, False])], dtypes=("bool",), grad=False)
        for a, b in (
            ("int32", "float32"),
            ("float32", "float64"),
            ("float16", "float32"),
            ("bool", "float32"),
            ("int32", "int64"),
            ("uint8", "int8"),
            ("float32", "int32"),
            ("bool", "int32"),
        ):
            inputs = [V([3, 1, 2], dtype=a), V([2, 1, 1], dtype=b)]
            yield case(op, inputs, dtypes=ONE)
    yield case("_npi_mod", [V([5.5, -5.5, 5.5]), V([2.0, 2.0, 0.0])], dtypes=ONE)
    yield case("_npi_maximum", [V([1.0, 2.0, 3.0]), V([1.0, 3.0, 2.0])], dtypes=ONE)
    yield case("_npi_minimum", [V([1.0, 2.0, 3.0]), V([1.0, 3.0, 2.0])], dtypes=ONE)
    yield case("_npi_power", [V([2.0, 0.0, 3.0]), V([0.0, 2.0, -1.0])], dtypes=ONE)
    for name in COMPARE:
        for a, b in (((2, 3), (3,)), ((), (2,)), ((), ()), ((2, 0), (1,))):
            yield case("_npi_" + name, [I(a, 0, 2), I(b, 0, 2)], dtypes=("float32", "int32", "bool"), grad=False)
        for a, b in (("int32", "float32"), ("float32", "float64"), ("bool", "int32")):
            yield case("_npi_" + name, [V([1, 0, 2], dtype=a), V([1, 1, 1], dtype=b)], dtypes=ONE, grad=False)
    for name in OF_INTEGERS:
        for a, b in (((2, 3), (3,)), ((), (2,)), ((), ()), ((2, 0), (1,))):
            yield case("_npi_" + name, [I(a, 0, 7), I(b, 0, 7)], dtypes=("int32", "int64"))
        yield case("_npi_" + name, [V([-12, 7, 0]), V([8, -7, 3])], dtypes=("int8", "int32", "int64"))
        yield case("_npi_" + name, [V([True, False, True]), V([True, True, False])], dtypes=("bool",), grad=False)
        yield case("_npi_" + name, [V([1.0]), V([2.0])], dtypes=ONE)


def numbers():
    for name in SCALARS:
        op = "_npi_%s_scalar" % name
        yield case(op, [U((2, 3), 0.3, 3)], {"scalar": 1.5, "is_int": False}, FLOATS)
        yield case(op, [U((), 0.3, 3)], {"scalar": 2.0, "is_int": True}, ONE)
        yield case(op, [U((0, 3), 0.3, 3)], {"scalar": 2.0}, ONE)
        yield case(op, [V([-7, 7, 5, 1])], {"scalar": 3.0, "is_int": True}, ("int8", "int32", "int64"))
        yield case(op, [V([7, 5, 1])], {"scalar": 2.5, "is_int": False}, ("uint8", "int32"))
        yield case(op, [V([7, 5, 1])], {}, ("int32",))
        for number, is_int in ((2.0, True), (1.5, False)):
            yield case(op, [V([True, False])], {"scalar": number, "is_int": is_int}, ("bool",), grad=False)
    for name in COMPARE:
        for attrs in ({"scalar": 1.0, "is_int": True}, {"scalar": 0.5, "is_int": False}):
            yield case("_npi_%s_scalar" % name, [V([0, 1, 2])], attrs, ("float32", "int32"), grad=False)
            yield case("_npi_%s_scalar" % name, [V(1)], attrs, ("float32", "int32"), grad=False)
        yield case("_npi_%s_scalar" % name, [N(0, 2)], {"scalar": 1.0}, ONE, grad=False)
    for name in OF_INTEGERS:
        op = "_npi_%s_scalar" % name
        for attrs in ({"scalar": 6, "is_int": True}, {"scalar": 6}, {"scalar": -3}, {"scalar": 2.5, "is_int": False}):
            yield case(op, [V([4, 9, 0])], attrs, INTEGERS)
        yield case(op, [V(4)], {"scalar": 6}, ("int32",))
        yield case(op, [I((0, 3), 0, 3)], {"scalar": 6}, ("int32",))
        yield case(op, [V([True, False])], {"scalar": 1}, ("bool",))
        yield case(op, [V([True, False])], {"scalar": 2}, ("bool",))
        yield case(op, [V([1.0])], {"scalar": 2}, ONE)


def choices():
    for c, x, y in (((2, 3), (2, 3), (3,)), ((3,), (2, 3), ()), ((), (), ()), ((0,), (1,), (0,))):
        yield case("_npi_where", [I(c, 0, 2, dtype="bool"), N(*x), N(*y)])
    yield case("_npi_where", [V([0.5, 0.0, 2.0], grad=False, dtype="float32"), N(3), N(3)], dtypes=FLOATS + ("int32",))
    yield case("_npi_where", [V([1, 0, 2], dtype="int32"), I((3,), 0, 5), I((3,), 0, 5)], dtypes=("int32", "bool"))
    yield case(
        "_npi_where", [V([1, 0], dtype="int32"), V([1.0, 2.0], dtype="float64"), V([1, 2], dtype="float32")], dtypes=ONE
    )
    for name in ("lscalar", "rscalar"):
        for shape in ((2, 3), ()):
            yield case("_npi_where_" + name, [I(shape, 0, 2, dtype="bool"), N(*shape)], {"scalar": 2.5}, grad=False)
        yield case("_npi_where_" + name, [V([1, 0], dtype="bool"), V([1, 2])], {"scalar": 2.5}, ("int32",))
    for dtype in ("bool", "int32", "float64"):
        yield case("_npi_where_scalar2", [V([1, 0], dtype=dtype, grad=False)], {"x": 1.5, "y": 2.0}, ONE)
    yield case("_npi_where_scalar2", [V(1, dtype="bool")], {"x": 1.5, "y": 2.0}, ONE)


# ---------------------------------------------------------------------------------------------- reductions
AXES = ({}, {"axis": 1}, {"axis": (0, -1)}, {"axis": -1, "keepdims": True}, {"keepdims": True}, {"axis": ()})


def reductions():
    for name in ("_np_sum", "_np_prod", "_np_max", "_np_min", "_npi_mean", "_npi_var", "_npi_std"):
        yield from each(name, [(2, 3, 2)], AXES)
        yield from each(name, [V([[3, 1, 2], [1, 5, 4]])], ({}, {"axis": 0}), dtypes=ALL)
        yield from each(name, [()], ({}, {"keepdims": True}, {"axis": ()}, {"axis": 0}, {"axis": -1}), dtypes=ONE)
        yield from each(name, [(0, 3)], ({}, {"axis": 0}, {"axis": 1}), dtypes=("float32", "int32"))
        yield from each(name, [(2, 0)], ({"axis": 0}, {"axis": 0, "keepdims": True}), dtypes=ONE)
        yield from each(name, [(2, 3)], ({"axis": 2}, {"axis": (0, 0)}), dtypes=ONE)
        if name in ("_np_sum", "_np_prod", "_npi_mean", "_npi_var", "_npi_std"):
            to = product(dtype=("float16", "float64", "int32", "int64"), axis=(0, None))
            yield from each(name, [V([[3, 1, 2], [1, 5, 4]])], to, dtypes=("float32", "int32", "bool"))
            yield case(name, [V([1.7, 2.7])], {"dtype": "int32"}, ONE, grad=False)
        if name.startswith("_np_"):
            yield case(name, [V([1.0, 2.0, 3.0])], {"initial": 2.0}, ONE)
    yield from each("_npi_var", [(3, 4)], product(ddof=(1, 2), axis=(0, None)))
    yield from each("_npi_std", [(3, 4)], product(ddof=(1,), axis=(1, None)))
    yield case("_np_prod", [V([[2.0, 0.0, 3.0], [0.0, 0.0, 1.0]])], {"axis": 1}, ONE)
    for name in ("_np_max", "_np_min"):
        yield case(name, [V([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0]])], {"axis": 1}, ONE)
        yield case(name, [V([1.0, float("nan"), 0.0])], {}, ONE, grad=False)
    for name in ("_np_amax", "_np_amin", "_np_product", "_np_sometrue"):
        yield case(name, [V([[1, 0], [2, 3]], grad=False)], {"axis": 0}, ONE, grad=False)
    for name in ("_np_any", "_np_all"):
        yield from each(name, [V([[[1, 0], [1, 1]], [[0, 0], [1, 1]]])], AXES, dtypes=SOME, grad=False)
        yield case(name, [V([0, float("nan")])], {}, FLOATS, grad=False)
        yield from each(name, [V(2)], ({}, {"keepdims": True}, {"axis": ()}), dtypes=("float32", "bool"), grad=False)
        yield from each(name, [(0, 3)], ({}, {"axis": 0}, {"axis": 1}), dtypes=ONE, grad=False)
    for name in ("_npi_argmax", "_npi_argmin"):
        attrs = ({}, {"axis": 0}, {"axis": -1}, {"axis": 1, "keepdims": True}, {"keepdims": True})
        yield from each(name, [V([[1, 3, 3], [0, 0, 2]], grad=False)], attrs, dtypes=ALL)
        yield from each(name, [V(1.0, grad=False)], ({}, {"axis": 0}), dtypes=ONE)
        yield from each(name, [V([1.0, float("nan"), 2.0], grad=False)], ({},), dtypes=ONE)
        yield from each(name, [N(0, 3, grad=False)], ({}, {"axis": 0}, {"axis": 1}), dtypes=ONE)
    for attrs in ({}, {"axis": 0}, {"axis": -1}):
        yield case("_np_cumsum", [(2, 3)], attrs, FLOATS)
        yield case("_np_cumsum", [V([[100, 100, 1], [1, 1, 1]])], attrs, INTEGERS)
        yield case("_np_cumsum", [V([[1, 0], [1, 1]])], attrs, ("bool",))
        yield case("_np_cumsum", [(2, 3)], dict(attrs, dtype="float64"), ONE)
        yield case("_np_cumsum", [V([[1, 2], [3, 4]])], dict(attrs, dtype="float32"), ("int32",))
        yield case("_np_cumsum", [(0, 3)], attrs, ONE)
        yield case("_np_cumsum", [()], attrs, ONE)
    weights = ({"axis": 1}, {"axis": 0}, {}, {"returned": True})
    yield from each("_npi_average", [(2, 3), U((2, 3), 0.5, 1)], weights)
    yield case("_npi_average", [(2, 3), U((3,), 0.5, 1)], {"axis": 1})
    yield case("_npi_average", [(2, 3), U((3,), 0.5, 1)], {"axis": 1, "returned": True})
    yield from each("_npi_average", [(2, 3)], [dict(a, weighted=False) for a in weights])
    yield case("_npi_average", [(), ()], {}, ONE)


# ---------------------------------------------------------------------------------------------- products
def products():
    for a, b in (
        ((2, 3), (3, 4)),
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((2, 3, 4), (4, 2)),
        ((), (2,)),
        ((2,), ()),
        ((), ()),
        ((2, 0), (0, 3)),
        ((0, 2), (2, 3)),
        ((4,), (3, 4, 2)),
    ):
        yield case("_np_dot", [a, b])
        yield case("_npi_matmul", [a, b])
    yield case("_npi_matmul", [(2, 1, 3, 4), (5, 4, 2)])
    for op in ("_np_dot", "_npi_matmul"):
        yield case(op, [V([[1, 2], [3, 4]]), V([[1, 0], [2, 1]])], dtypes=("int32", "bool", "float16"))
        yield case(op, [(2, 3), (2, 3)], dtypes=ONE)
    for axes in (0, 1, 2):
        yield case("_npi_tensordot_int_axes", [(2, 3) if axes < 2 else (3, 2), (3, 2)], {"axes": axes})
    yield case("_npi_tensordot_int_axes", [(), ()], {"axes": 0}, ONE)
    yield case("_npi_tensordot", [(2, 3, 4), (4, 3)], {"a_axes_summed": (1, 2), "b_axes_summed": (1, 0)})
    yield case("_npi_tensordot", [(2, 3), (4, 3)], {"a_axes_summed": (-1,), "b_axes_summed": (-1,)})
    yield case("_npi_tensordot", [(2, 0), (0, 3)], {"a_axes_summed": (1,), "b_axes_summed": (0,)}, ONE)
    for text, shapes in (
        ("ij,jk->ik", ((2, 3), (3, 2))),
        ("ij,ij->", ((2, 3),) * 2),
        ("ii", ((3, 3),)),
        ("ij->ji", ((2, 3),)),
        ("...ij,...jk->...ik", ((2, 2, 3), (3, 2))),
        ("i,,j", ((2,), (), (3,))),
        ("ii->i", ((3, 3),)),
    ):
        for optimize in (0, 1):
            attrs = {"num_args": len(shapes), "subscripts": text, "optimize": optimize}
            yield case("_npi_einsum", list(shapes), attrs)
    yield case("_npi_einsum", [V([[1, 2], [3, 4]])], {"num_args": 1, "subscripts": "ij->j"}, ("int32",))
    yield case("_npi_inv", [V([[2.0, 1.0], [1.0, 3.0]])])
    yield case("_npi_det", [V([[2.0, 1.0], [1.0, 3.0]])])
    yield case("_npi_det", [V([[[2.0, 1.0], [1.0, 3.0]]] * 2)])
    yield case("_npi_slogdet", [V([[2.0, 1.0], [1.0, -3.0]])])


# ---------------------------------------------------------------------------------------------- shapes
def shapes():
    for shape in ((6,), (-1,), (3, -1), (2, 3, 1), (2, 2), (-2,), (0,)):
        yield case("_np_reshape", [(2, 3)], {"newshape": shape}, ONE)
    yield case("_np_reshape", [()], {"newshape": (1, 1)}, ONE)
    yield case("_np_reshape", [(1, 1)], {"newshape": ()}, ("float32", "bool"))
    yield from each(
        "_np_reshape", [(0, 3)], ({"newshape": (3, 0)}, {"newshape": (-1,)}, {"newshape": (0, -1)}), dtypes=ONE
    )
    for shape in (
        (-2, -1),
        (-4,),
        (-5, -4),
        (-2, -5),
        (-6, 1, 2, -4),
        (-2, -6, -1, 3, -4),
        (-1, -2, 4),
        (-3, -4),
        (6, -4),
        (-6, -1, 2, -1),
        (-2, -2, -2, 1),
        (24,),
        (-5, -5),
        (-6, -1, -1, -4),
        (5,),
        (0,),
    ):
        for reverse in (False, True):
            yield case("_npx_reshape", [(2, 3, 4)], {"newshape": shape, "reverse": reverse}, ONE)
    yield from each(
        "_npi_reshape",
        [(1, 2, 0)],
        ({"newshape": (-3, -2, 5)}, {"newshape": (-3, -2, -2)}, {"newshape": (-1,)}),
        dtypes=ONE,
    )
    yield case("_npx_reshape", [()], {"newshape": (1,)}, ONE)
    yield case("_npx_reshape", [(1,)], {"newshape": (-3,)}, ONE)
    yield from each(
        "_np_transpose", [(2, 3, 4)], ({}, {"axes": (1, 0, 2)}, {"axes": (-1, 0, 1)}, {"axes": (0, 0, 1)}), dtypes=ONE
    )
    yield from each("_np_transpose", [()], ({}, {"axes": ()}), dtypes=ONE)
    yield case("_np_transpose", [(0, 3)], {}, ("float32", "bool"))
    yield from each(
        "_np_moveaxis",
        [(2, 3, 4)],
        (
            {"source": 0, "destination": -1},
            {"source": (0, 1), "destination": (-1, 0)},
            {"source": (0,), "destination": (3,)},
        ),
        dtypes=ONE,
    )
    attrs = ({}, {"axis": 0}, {"axis": (0, 2)}, {"axis": -1}, {"axis": 1}, {"axis": ()})
    yield from each("_np_squeeze", [(1, 3, 1)], attrs, dtypes=ONE)
    yield case("_np_squeeze", [(1, 1)], {}, ONE)
    yield case("_np_squeeze", [()], {}, ONE)
    yield case("_np_squeeze", [(1, 0)], {}, ONE)
    yield from each(
        "_npi_broadcast_to",
        [(3,)],
        ({"shape": (2, 3)}, {"shape": (2, -2)}, {"shape": (2, 2)}, {"shape": (0, 3)}),
        dtypes=ONE,
    )
    yield from each("_npi_broadcast_to", [()], ({"shape": (2, 3)}, {"shape": ()}), dtypes=("float32", "int32", "bool"))
    for n in (1, 2, 3):
        for inputs in ([()], [(3,)], [(2, 3)], [(), (2,)], [(0,)], [(2, 3, 1, 1)]):
            yield case("_np_atleast_%dd" % n, inputs, {"num_args": len(inputs)}, ONE)
    two = {"num_args": 2}
    yield from each("_npi_concatenate", [(2, 3), (2, 3)], [dict(two, axis=a) for a in (0, 1, -1, None, 2)], dtypes=ONE)
    yield from each(
        "_npi_concatenate", [(2, 3), (0, 3)], [dict(two, axis=a) for a in (0, None)], dtypes=("float32", "bool")
    )
    yield from each("_npi_concatenate", [(), ()], [dict(two, axis=a) for a in (0, None)], dtypes=ONE)
    yield from each("_npi_stack", [(2, 3), (2, 3)], [dict(two, axis=a) for a in (0, 1, -1, 3)], dtypes=ONE)
    yield case("_npi_stack", [(), ()], two, ("float32", "int32"))
    for name in ("vstack", "hstack", "dstack", "column_stack"):
        for inputs in ([(2, 3), (2, 3)], [(3,), (3,)], [(), ()], [(0, 2), (0, 2)], [(2, 1, 2), (2, 1, 2)]):
            yield case("_npi_" + name, inputs, two, ONE)
    yield case("_npi_column_stack", [(2,), (2, 3)], two, ONE)
    for name, shape in (("hsplit", (2, 4, 3)), ("dsplit", (2, 3, 4)), ("hsplit", (4,))):
        for attrs in (
            {"indices": (), "sections": 2},
            {"indices": (0, 1, 3), "sections": 0},
            {"indices": (0, 3, 1)},
            {"indices": (), "sections": 3},
        ):
            yield case("_npi_" + name, [shape], dict(attrs, axis=2) if name == "dsplit" else attrs, ONE)
    for attrs in (
        {"indices": (), "axis": 1, "sections": 2},
        {"indices": (0, 1), "axis": -1},
        {"indices": (0, 1), "axis": 0},
    ):
        yield case("_npi_split", [(2, 4)], attrs, ONE)
    yield case("_npi_split", [(2, 5)], {"indices": (), "axis": 1, "sections": 3}, ONE)
    yield from each(
        "_npi_flip", [(2, 3)], ({"axis": 1}, {"axis": (0, 1)}, {"axis": -1}), dtypes=("float32", "int32", "bool")
    )
    yield case("_npi_flip", [(0, 3)], {"axis": 0}, ONE)
    attrs = (
        {"shift": 1},
        {"shift": 2, "axis": 1},
        {"shift": (1, 2), "axis": (0, 1)},
        {"shift": -1, "axis": (0, 1)},
        {"shift": 7},
        {"shift": (1, 2)},
        {"shift": (1, 1), "axis": 0},
    )
    yield from each("_np_roll", [(2, 3)], attrs, dtypes=ONE)
    yield case("_np_roll", [()], {"shift": 1}, ONE)
    yield case("_np_roll", [(0, 3)], {"shift": 1}, ONE)
    yield case("_np_roll", [(2, 3)], {"shift": 1}, ("int32", "bool"))
    yield from each("_npi_rot90", [(2, 3)], [dict(k=k, axes=(0, 1)) for k in (0, 1, 2, 3, -1, 5)], dtypes=ONE)
    yield case("_npi_rot90", [(2, 3, 2)], {"k": 1, "axes": (2, 0)}, ("float32", "int32"))
    for k in (0, 1, -1, 5):
        yield case("_np_diag", [(3, 3)], {"k": k}, ONE)
        yield case("_np_diag", [(2, 4)], {"k": k}, ONE)
        yield case("_np_diag", [(3,)], {"k": k}, ("float32", "int32"))
        yield case("_np_diagflat", [(2, 2)], {"k": k}, ONE)
        yield case("_np_diagonal", [(2, 3, 4)], {"offset": k}, ONE)
        yield case("_np_trace", [(2, 3, 4)], {"offset": k}, ONE)
        yield case("_npi_tril", [(3, 4)], {"k": k}, ONE)
    yield case("_np_diag", [(0,)], {}, ONE)
    yield case("_np_diagflat", [()], {}, ONE)
    yield case("_np_diagflat", [V([1, 2])], {}, ("int32", "bool"))
    yield case("_np_diagonal", [(2, 3, 4)], {"axis1": -1, "axis2": 0}, ("float32", "bool"))
    yield case("_np_trace", [V([[1, 2], [3, 4]])], {}, ("int32", "float16", "bool"))
    yield case("_np_trace", [(0, 3)], {}, ONE)
    yield case("_np_trace", [(2, 3, 4)], {"axis1": -1, "axis2": 1}, ONE)
    yield case("_npi_tril", [(2, 3, 3)], {}, ("float32", "int32"))
    yield case("_npi_tril", [(3,)], {}, ONE)
    yield from each(
        "_npi_diff", [(3, 4)], ({}, {"n": 2}, {"axis": 0}, {"n": 0}, {"n": 4}, {"n": 5}, {"axis": 2}), dtypes=ONE
    )
    yield case("_npi_diff", [V([1, 3, 6])], {}, ("int32", "float16", "bool"))
    for mode in ("constant", "edge", "maximum", "minimum", "reflect", "symmetric"):
        yield case("_npi_pad", [(2, 3)], {"pad_width": ((1, 0), (2, 1)), "mode": mode}, ("float32", "int32"))
    yield case("_npi_pad", [(2,)], {"pad_width": ((5, 3),), "mode": "reflect"}, ONE)
    yield case("_npi_pad", [(2,)], {"pad_width": ((5, 3),), "mode": "symmetric"}, ONE)
    yield case("_npi_pad", [(2,)], {"pad_width": ((1, 3),), "constant_value": 2.5}, ("float32", "int32"))
    for attrs in ({"axis": 0}, {"axis": -1}):
        yield case("_npi_expand_dims", [()], attrs, ONE)
        yield case("_npi_expand_dims", [(0, 3)], attrs, ("float32", "bool"))
    yield case("_npi_swapaxes", [(2, 3)], {"dim1": 0, "dim2": -1}, ("float32", "bool"))
    yield case("_npi_tile", [(2,)], {"reps": (2, 2)}, ("float32", "int32", "bool"))
    yield case("_npi_tile", [()], {"reps": (2, 2)}, ONE)
    yield case("_npi_tile", [()], {"reps": ()}, ONE)
    yield case("_npi_tile", [(2,)], {"reps": (0,)}, ONE)
    yield from each("_np_repeat", [(2, 3)], ({"repeats": 2}, {"repeats": 2, "axis": 1}), dtypes=("float32", "int32"))
    yield case("_np_repeat", [()], {"repeats": 2}, ONE)
    yield case("_npi_cast", [(2, 3)], {"dtype": "float64"}, ONE)
    yield case("_npi_cast", [V([0.0, 0.5, 2.0], grad=False)], {"dtype": "bool"}, ONE, grad=False)
    yield case("_npi_cast", [V([True, False])], {"dtype": "float32"}, ("bool",), grad=False)
    yield case("_npi_cast", [()], {"dtype": "float16"}, ONE)
    yield case("_npi_clip", [(2, 3)], {"a_min": -0.5, "a_max": 0.5}, FLOATS)
    yield case("_npi_clip", [V([1, 5, 9])], {"a_min": 2, "a_max": 6}, ("int32", "uint8"))
    yield case("_npi_clip", [()], {"a_min": -0.5, "a_max": 0.5}, ONE)
    yield case("_npi_clip", [(0,)], {"a_min": -0.5, "a_max": 0.5}, ONE)
    yield case("_npx_reshape_like", [(2, 3), (3, 2)], {}, ONE)
    yield case("_npx_batch_flatten", [(2, 3, 4)], {}, ONE)
    yield case("_npx_shape_array", [(2, 3)], {}, ONE, grad=False)
    yield case("_npx_shape_array", [()], {}, ONE, grad=False)
    yield case("_npi_slice", [(3, 4)], {"begin": (1, None), "end": (None, 3), "step": (1, 2)}, ("float32", "bool"))
    yield case("_npi_slice", [(3, 4)], {"begin": (2, 1), "end": (2, 3)}, ONE)
    yield case("_npi_slice_assign", [(3, 4), (1, 4)], {"begin": (1,), "end": (2,)}, ONE)
    yield case("_npi_slice_assign_scalar", [(3, 4)], {"begin": (1,), "end": (2,), "scalar": 2.5}, ONE)


# ---------------------------------------------------------------------------------------------- creation
def creation():
    for name in ("zeros", "ones"):
        for attrs in (
            {},
            {"shape": (2, 3)},
            {"shape": (0, 3)},
            {"shape": 2, "dtype": "int32"},
            {"shape": (), "dtype": "bool"},
            {"shape": (2,), "dtype": "float16"},
        ):
            yield case("_npi_" + name, [], attrs, ONE)
    yield from each(
        "_npi_identity", [], ({"shape": (3, 3)}, {"shape": (0, 0)}, {"shape": (2, 2), "dtype": "int64"}), dtypes=ONE
    )
    attrs = ({"N": 3}, {"N": 2, "M": 3, "k": 1}, {"N": 3, "k": -1, "dtype": "int32"}, {"N": 0}, {"N": 2, "k": 5})
    yield from each("_npi_eye", [], attrs, dtypes=ONE)
    for dtype in (None, "float64", "int32", "bool"):
        for shape in SHAPES:
            yield case(
                "_npi_full_like", [N(*shape, grad=False)], {"fill_value": 2.5, "dtype": dtype}, ("float32", "int32")
            )
    yield from each(
        "_npi_full", [], ({"shape": (), "value": 2.5}, {"shape": (2,), "value": 2.5, "dtype": "int32"}), dtypes=ONE
    )
    attrs = (
        {"start": 0, "stop": 3},
        {"start": 3},
        {"start": 1, "stop": 7, "step": 2, "dtype": "int32"},
        {"start": 3, "stop": 1},
        {"start": 1, "stop": 2, "step": 0.25},
        {"start": 0, "stop": 0},
        {"start": 5, "stop": 0, "step": -2},
    )
    yield from each("_npi_arange", [], attrs, dtypes=ONE)
    base = {"start": 0.0, "stop": 2.0}
    attrs = (
        dict(base, num=3),
        dict(base, num=3, endpoint=False),
        dict(base, num=1),
        dict(base, num=0),
        dict(base, num=3, base=2.0),
        dict(base, num=3, dtype="float64"),
        dict(base, num=3, dtype="int32"),
    )
    yield from each("_npi_logspace", [], attrs, dtypes=ONE)
    yield from each("_npi_linspace", [], [a for a in attrs if "base" not in a], dtypes=ONE)
    yield from each(
        "_npi_indices",
        [],
        ({"dimensions": (2, 3)}, {"dimensions": (2,), "dtype": "float32"}, {"dimensions": (0, 2)}, {"dimensions": ()}),
        dtypes=ONE,
    )
    for name in ("blackman", "hamming", "hanning"):
        attrs = [{"M": m} for m in (0, 1, 2, 5, -1)] + [{"M": 4, "dtype": "float64"}, {"M": 4, "dtype": "int32"}, {}]
        yield from each("_npi_" + name, [], attrs, dtypes=ONE)


# ---------------------------------------------------------------------------------------------- places
def places():
    for x in (V([[1, 0, 2], [0, 0, 3]]), V([0, 0]), V(2), V(0), V([[[1], [0]]])):
        for op in ("_npx_nonzero", "_npi_nonzero"):
            yield case(op, [x], {}, SOME, grad=False)
    yield case("_npx_nonzero", [(0, 3)], {}, ONE, grad=False)
    for shape in ((3, 3), (2, 2, 2), (2, 3), (3,), (0, 0)):
        yield case("_npi_diag_indices_from", [shape], {}, ("float32", "int32"), grad=False)
    yield case("_npi_share_memory", [(2, 3), (2, 3)], {}, ONE, grad=False)
    yield case("_npi_share_memory", [(2, 3), V(1, dtype="int32")], {}, ONE, grad=False)
    yield case("_npi_share_memory", [(0, 3), (0, 3)], {}, ONE, grad=False)
    attrs = [{"int_ind": i, "axis": a} for i, a in ((1, 0), (-1, 1), (0, -1), (3, None), (7, 1), (-3, 0))]
    attrs += [
        {"start": s, "stop": t, "step": u, "axis": a}
        for s, t, u, a in (
            (0, 2, 1, 1),
            (None, None, 2, 1),
            (1, None, 1, None),
            (2, 0, -1, 1),
            (1, 1, 1, 1),
            (-2, None, 1, 1),
            (0, 9, 1, 0),
        )
    ]
    yield from each("_npi_delete", [(2, 3)], attrs)
    yield case("_npi_delete", [V([1, 2, 3])], {"int_ind": 1}, ("int32", "bool", "float16"))
    yield case("_npi_delete", [()], {"int_ind": 0}, ONE)
    for obj in (
        V([0, 2], dtype="int64"),
        V([1], dtype="int32"),
        V([-1, 1], dtype="int64"),
        V([1, 1], dtype="int64"),
        V([5], dtype="int64"),
        V([], dtype="int64"),
        V([1.0], dtype="float32", grad=False),
    ):
        for axis in (1, None, 0):
            yield case("_npi_delete", [(2, 3), obj], {"axis": axis}, ONE)
    # what is inserted: a number, or values
    slices = (
        {"start": 0, "stop": 2, "step": 1},
        {"start": 0, "step": 2},
        {"start": 2, "stop": 0, "step": -1},
        {"start": 1, "stop": 2, "step": 1},
        {"start": 1, "stop": 1, "step": 1},
    )
    fitting = {0: ((), (1,), (3,), (1, 3)), 1: ((), (1,), (2, 1)), -1: ((), (1,), (2, 1)), None: ((), (1,))}
    for axis, shapes_of_values in fitting.items():
        for index in (0, 1, -1, 9):
            yield case(
                "_npi_insert_scalar", [(2, 3)], {"val": 7.5, "int_ind": index, "axis": axis}, ("float32", "int32")
            )
            columns = {0: ((), (1,), (3,), (1, 3), (2, 3)), None: ((), (1,), (2,), (3,), (1, 3))}
            for values in columns.get(axis, ((), (1,), (2,), (2, 2), (3, 2))):
                yield case("_npi_insert_scalar", [(2, 3), values], {"int_ind": index, "axis": axis}, ONE)
        for at in slices:
            yield case("_npi_insert_slice", [(2, 3)], dict(at, val=7.5, axis=axis), ("float32", "int32"))
            for values in shapes_of_values:
                yield case("_npi_insert_slice", [(2, 3), values], dict(at, axis=axis), ONE)
        for at in (
            V([0, 2], dtype="int64"),
            V([1, 1], dtype="int64"),
            V([-1], dtype="int64"),
            V([0, 9], dtype="int64"),
            V(1, dtype="int64"),
        ):
            yield case("_npi_insert_tensor", [(2, 3), at], {"val": 7.5, "axis": axis}, ONE)
            for values in shapes_of_values:
                yield case("_npi_insert_tensor", [(2, 3), values, at], {"axis": axis}, ONE)
    yield case("_npi_insert_tensor", [(4,), (2,), V([1], dtype="int64")], {"axis": 0}, ONE)
    yield case("_npi_insert_tensor", [(4,), (2,), V([3, 1], dtype="int64")], {}, ONE)
    yield case("_npi_insert_tensor", [(2, 3), (2,), V([3, 1], dtype="int64")], {"axis": 1}, ONE)
    yield case("_npi_insert_slice", [(4,), (2,)], {"start": 1, "stop": 2, "step": 1, "axis": 0}, ONE)
    yield case("_npi_insert_slice", [(4,), (2,)], {"start": 0, "stop": 4, "step": 2}, ONE)
    yield case("_npi_insert_scalar", [(2,), V([1, 2], dtype="int32")], {"int_ind": 1}, ONE)
    yield case("_npi_insert_scalar", [()], {"val": 1.0, "int_ind": 0}, ONE)
    yield case("_npi_insert_scalar", [(0,)], {"val": 1.0, "int_ind": 0}, ONE)
    for start, mask in (
        (0, V([True, False], dtype="bool")),
        (1, V([True, False, True], dtype="bool")),
        (0, V([[1, 0, 1], [0, 1, 0]], dtype="bool")),
        (0, V([1, 0], dtype="int32")),
        (0, V([False] * 2, dtype="bool")),
        (0, V([True] * 3, dtype="bool")),
    ):
        yield case(
            "_npi_boolean_mask_assign_scalar",
            [(2, 3), mask],
            {"value": 5.5, "start_axis": start},
            ("float32", "int32"),
            grad=False,
        )
        for values in ((), (1,), (2,), (3,), (1, 3), (2, 2), (2, 1)):
            yield case(
                "_npi_boolean_mask_assign_tensor", [(2, 3), mask, values], {"start_axis": start}, ONE, grad=False
            )
    yield case(
        "_npi_boolean_mask_assign_scalar",
        [(0, 3), N(0, dtype="bool")],
        {"value": 5.5, "start_axis": 0},
        ONE,
        grad=False,
    )
    yield case("_npi_boolean_mask", [(3, 2), V([1, 0, 1], dtype="int32")], {}, ONE)
    yield case("_npi_boolean_mask", [(3, 2), V([True, False, True], dtype="bool")], {}, ONE)
    yield case("_npi_boolean_mask", [(3, 2), V([0, 0, 0], dtype="int32")], {}, ONE)
    for mode in ("clip", "wrap"):
        yield case("_npi_take", [(3, 2), V([[0, 2], [1, 7]], dtype="int32")], {"axis": 0, "mode": mode}, ONE)
        yield case("_npi_take", [(3, 2), V(1, dtype="int32")], {"axis": 1, "mode": mode}, ONE)
        yield case("_npi_take", [(3, 2), V([], dtype="int32")], {"axis": 1, "mode": mode}, ONE)
    yield case("_npi_gather_nd", [(3, 2), V([[0, 2], [1, 0]], dtype="int32")], {}, ONE)
    yield case("_npx_gather_nd", [(3, 2), V([[0, 2]], dtype="int32")], {}, ONE)
    yield case("_npx_pick", [(3, 2), V([0, 1, 1], dtype="int32")], {"axis": 1}, ONE)
    yield case("_npx_one_hot", [V([0, 2], dtype="int32")], {"depth": 3}, ONE)
    yield case("_npx_one_hot", [V(1, dtype="int32")], {"depth": 3}, ONE)


# ---------------------------------------------------------------------------------------------- statistics
def statistics():
    for x in (V([2, 1, 2, 3]), V([[2, 1], [2, 1], [0, 1]]), V([]), V(3)):
        for attrs in product(return_index=(False, True), return_inverse=(False, True), return_counts=(False, True)):
            yield case("_npi_unique", [x], attrs, ("float32", "int32") if all(attrs.values()) else ONE, grad=False)
        for axis in (0, 1, -1):
            attrs = {"return_index": True, "return_inverse": True, "return_counts": True, "axis": axis}
            yield case("_npi_unique", [x], attrs, ONE, grad=False)
    yield case("_npi_unique", [V([True, False, True])], {}, ("bool",), grad=False)
    yield case("_npi_unique", [V([2, 1, 2])], {}, ALL[:-1], grad=False)
    yield case("_npi_unique", [V([2, 1, 2])], {"return_counts": True}, ONE)
    for minlength in (0, 2, 6):
        yield case("_npi_bincount", [V([3, 1, 1, 0])], {"minlength": minlength}, INTEGERS, grad=False)
        for dtype in ("float32", "float64", "int32"):
            attrs = {"minlength": minlength, "has_weights": True}
            yield case(
                "_npi_bincount", [V([3, 1, 1, 0], dtype="int32"), V([1, 2, 3, 4], dtype=dtype, grad=False)], attrs, ONE
            )
    yield case("_npi_bincount", [V([])], {}, ("int32",), grad=False)
    yield case("_npi_bincount", [V([])], {"minlength": 2}, ("int32",), grad=False)
    yield case("_npi_bincount", [V([-1, 2])], {}, ("int32",), grad=False)
    yield case("_npi_bincount", [V([1.0])], {}, ONE, grad=False)
    yield case("_npi_bincount", [V([[1, 2]])], {}, ("int32",), grad=False)
    yield case("_npi_bincount", [V([1, 2], dtype="int32"), N(2)], {"has_weights": True}, ONE)
    for mode in ("linear", "lower", "higher", "midpoint", "nearest"):
        for attrs in ({}, {"axis": 1}, {"axis": (0, 1), "keepdims": True}, {"axis": -1, "keepdims": True}):
            attrs = dict(attrs, interpolation=mode)
            yield case(
                "_npi_percentile",
                [V([[1, 7, 3, 4], [2, 0, 9, 5]])],
                dict(attrs, q_scalar=30.0),
                ("float32", "int32"),
                grad=False,
            )
            yield case(
                "_npi_percentile", [V([[1, 7, 3, 4], [2, 0, 9, 5]]), V([0, 50, 75])], attrs, ("float32",), grad=False
            )
    yield case("_npi_percentile", [(3, 4), V(25.0, grad=False)], {})
    for dtype in ALL:
        yield case("_npi_percentile", [V([3, 1, 2], dtype=dtype)], {"q_scalar": 25.0}, ONE, grad=False)
    for dtype in ("float64", "int32", "float16"):
        yield case(
            "_npi_percentile", [V([3.0, 1.0, 2.0]), V([25, 50], dtype=dtype)], {}, ("float32", "float64"), grad=False
        )
    yield case("_npi_percentile", [V([3.0, 1.0])], {"q_scalar": 101.0}, ONE, grad=False)
    yield case("_npi_percentile", [V([3.0, 1.0]), V([-1.0])], {}, ONE, grad=False)
    yield case("_npi_percentile", [V(3.0)], {"q_scalar": 30.0}, ONE, grad=False)
    yield case("_npi_percentile", [V([3.0]), V([[1.0]])], {}, ONE, grad=False)
    yield case("_npi_polyval", [(3,), (2, 2)], {}, FLOATS)
    yield case("_npi_polyval", [(1,), ()], {}, ONE)
    yield case("_npi_polyval", [(0,), (2,)], {}, ONE)
    yield case("_npi_polyval", [(3,), (0, 2)], {}, ONE)
    yield case("_npi_polyval", [V([2, 1]), V([3, 4])], {}, ("int32", "int64", "bool"))
    yield case("_npi_polyval", [(2, 2), (2,)], {}, ONE)
    for x in ((2, 3), (1,), (0,), ()):
        yield case("_npi_ediff1d", [x], {}, ("float32", "float64", "int32"))
    for attrs in ({"to_begin_scalar": 1.5}, {"to_end_scalar": 2.5}, {"to_begin_scalar": 1.5, "to_end_scalar": 2.5}):
        yield case("_npi_ediff1d", [(4,)], attrs, ("float32", "int32"))
        yield case("_npi_ediff1d", [(1,)], attrs, ONE)
    yield case("_npi_ediff1d", [(4,), (2,)], {"to_begin_arr_given": True})
    yield case("_npi_ediff1d", [(4,), (1, 2)], {"to_end_arr_given": True})
    yield case("_npi_ediff1d", [(4,), (2,), (3,)], {"to_begin_arr_given": True, "to_end_arr_given": True})
    yield case("_npi_ediff1d", [(4,), ()], {"to_begin_arr_given": True, "to_end_scalar": 2.0})
    yield case("_npi_ediff1d", [(1,), (2,)], {"to_end_arr_given": True}, ONE)
    for x in (
        V([True, True], dtype="bool"),
        V(True, dtype="bool"),
        V([True, False], dtype="bool"),
        V([], dtype="bool"),
        V([1], dtype="int32"),
    ):
        yield case("_npx_constraint_check", [x], {"msg": "wrong"}, ONE)
    yield case("_npx_constraint_check", [V(True, dtype="bool")], {}, ONE)
    for attrs in ({}, {"axis": 0}, {"axis": None}, {"is_ascend": False}):
        yield case("_npi_sort", [V([[3, 1, 2], [0, 5, 4]])], attrs, ("float32", "int32"))
        yield case(
            "_npi_argsort", [V([[3, 1, 2], [0, 5, 4]], grad=False)], dict(attrs, dtype="int64"), ("float32", "int32")
        )
    yield case("_npi_sort", [()], {}, ONE)
    yield case("_npi_sort", [(0, 3)], {}, ONE)
    yield case("_npi_argsort", [N(0, 3, grad=False)], {}, ONE)
    yield case("_npi_histogram", [U((5,), 0, 1, grad=False)], {"bin_cnt": 3, "range": (0.0, 1.0)}, ONE)
    for op in ("_npx_softmax", "_npx_log_softmax"):
        yield case(op, [(2, 3)], {"axis": -1}, FLOATS)
        yield case(op, [(0, 3)], {"axis": -1}, ONE)
        yield case(op, [()], {"axis": -1}, ONE)
    yield case("_npx_topk", [(2, 5)], {"k": 2, "ret_typ": "value"}, ONE)
    yield case("_npx_smooth_l1", [()], {"scalar": 1.0}, ONE)
    yield case("_npx_arange_like", [(2, 3)], {"axis": 1}, ONE, grad=False)


PARTS = (elements, pairs, numbers, choices, reductions, products, shapes, creation, places, statistics)


def cases():
    """{name: (case, dtype)}"""
    found = {}
    for part in PARTS:
        for one in part():
            for dtype in one["dtypes"]:
                name = "%s %s %s: %s" % (part.__name__, one["op"], json.dumps(one["attrs"]), shown(one, dtype))
                assert name not in found, name
                found[name] = (one, dtype)
    return found


def shown(one, dtype):
    """The inputs of a case, in short."""
    arrays, _ = arrays_of(one, dtype)
    told = ["%s of %s" % (a.dtype.name, "x".join(map(str, a.shape)) or "()") for a in arrays]
    return ", ".join(told) + " " + key(one)[-8:].lstrip("-")


# ---------------------------------------------------------------------------------------------- running
def heads_of(outputs, random):
    """Gradients of the outputs, drawn for each of a floating dtype; None for others."""
    return [random.standard_normal(o.shape) if numpy.dtype(o.dtype).kind == "f" else None for o in outputs]


def differentiated(mx, function, inputs, one, dtype, random):
    """Outputs of ``function`` and gradients of its inputs; None where nothing can be differentiated."""
    wanted = grads_of(one, dtype)
    for x, is_wanted in zip(inputs, wanted):
        if is_wanted:
            x.attach_grad()
    with mx.autograd.record():
        outputs = function(*inputs)
    outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    found = {"outputs": plain(outputs)}
    heads = heads_of(outputs, random)
    if any(wanted) and all(h is not None for h in heads):
        try:
            mx.autograd.backward(outputs, [mx.np.array(h, dtype=o.dtype) for h, o in zip(heads, outputs)])
            found["gradients"] = plain([x.grad for x, is_wanted in zip(inputs, wanted) if is_wanted])
        except mx.base.MXNetError:  # it has no gradient there
            found["gradients"] = None
    return found


def inferred(symbol, arrays):
    """Shapes and dtypes of the outputs as far as they follow from those of the inputs; None where they do not."""
    names = symbol.list_arguments()
    shapes = symbol.infer_shape_partial(**{n: a.shape for n, a in zip(names, arrays)})[1]
    dtypes = symbol.infer_type_partial(**{n: a.dtype for n, a in zip(names, arrays)})[1]
    return {
        "shapes": None if shapes is None else [None if s is None else list(s) for s in shapes],
        "dtypes": None if dtypes is None else [None if d is None else numpy.dtype(d).name for d in dtypes],
    }


def run(mx, one, dtype, call, compose):
    """What one case gives: outputs, gradients, the graph and what is inferred of it; or the class of the error."""
    arrays, random = arrays_of(one, dtype)
    attrs = {k: v for k, v in one["attrs"].items() if v is not None}
    try:
        inputs = [mx.np.array(a, dtype=a.dtype) for a in arrays]
        found = differentiated(mx, lambda *x: call(one["op"], x, attrs), inputs, one, dtype, random)
    except Exception as error:
        return {"raises": type(error).__name__, "text": str(error).strip().splitlines()[-1][:100]}
    with mx.name.NameManager():
        variables = [mx.sym.var("x%d" % i).as_np_ndarray() for i in range(len(arrays))]
        symbol = compose(one["op"], variables, attrs)
    symbol = mx.sym.Group(symbol) if isinstance(symbol, list) else symbol
    found["graph"] = json.loads(symbol.tojson())
    try:
        found.update(inferred(symbol, arrays))
    except mx.base.MXNetError:  # which the operator itself does not raise
        found.update(shapes=None, dtypes=None)
    return found


def _worker(names, pipe):
    import mxnet as mx
    from mxnet.base import _LIB, check_call
    from mxnet.ndarray.register import _imperative_invoke
    from mxnet.symbol.register import _symbol_creator

    def handle(op):
        found = ctypes.c_void_p()
        check_call(_LIB.NNGetOpHandle(op.encode(), ctypes.byref(found)))
        return found.value

    def call(op, inputs, attrs):
        # which MXNet does in place only
        out = inputs[0] if op.startswith("_npi_boolean_mask_assign") else None
        return _imperative_invoke(handle(op), inputs, list(attrs), list(map(str, attrs.values())), out, True, False)

    def compose(op, inputs, attrs):
        plain_name = op.split("_", 2)[2]
        name = mx.name.NameManager._current.value.get(None, plain_name)
        return _symbol_creator(handle(op), inputs, None, list(attrs), list(map(str, attrs.values())), name, True, False)

    mx.npx.set_np()
    everything = cases()
    for name in names:
        one, dtype = everything[name]
        pipe.write(json.dumps(run(mx, one, dtype, call, compose)) + "\n")
        pipe.flush()


def lines(descriptor):
    """The lines that come through a pipe, until it is closed or none has come for a while."""
    waiting = b""
    while select.select([descriptor], [], [], PATIENCE)[0]:
        read = os.read(descriptor, 1 << 16)
        if not read:
            return
        *whole, waiting = (waiting + read).split(b"\n")
        yield from whole


def asked(names):
    """Yields (name, result) of each case; "crash" where it ends MXNet's process, or hangs."""
    left = list(names)
    while left:
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.close(reader)
            with os.fdopen(writer, "w") as pipe:
                _worker(left, pipe)
            os._exit(0)
        os.close(writer)
        for line in lines(reader):
            yield (left.pop(0), json.loads(line))
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if left:
            yield left.pop(0), "crash"


def short(value):
    """``value`` with numbers of 9 places, which are those of float32."""
    if isinstance(value, dict):
        return {k: short(v) for k, v in value.items()}
    if isinstance(value, list):
        return list(map(short, value))
    return float("%.9g" % value) if isinstance(value, float) else value


def read():
    """The golden results."""
    with gzip.open(GOLDEN, "rt") as file:
        return json.load(file)


def main(prefixes):
    results, seen, everything = {}, set(), cases()
    names = [n for n in everything if not prefixes or n.startswith(tuple(prefixes))]
    for name, result in asked(names):
        if result == "crash":
            print("MXNet crashes", name)
            continue
        if "raises" in result:
            print("MXNet refuses", name, result.pop("text"))
        one, _ = everything[name]
        graph = (one["op"], repr(one["attrs"]), len(one["inputs"]))
        if graph in seen:
            result.pop("graph", None)
        elif "graph" in result:
            seen.add(graph)
        results[name] = result
    if prefixes:
        for name, result in results.items():
            print(name, json.dumps(result))
        return
    text = json.dumps(short(results), sort_keys=True)
    with open(GOLDEN, "wb") as file:
        file.write(gzip.compress(text.encode(), mtime=0))
    print(GOLDEN, len(results), "results")


if __name__ == "__main__":
    main(sys.argv[1:])
