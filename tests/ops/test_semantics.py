"""Semantics that users trip over, against real MXNet's: gradients in corners, odd indices, dtypes, writing in place.

Where a result is deliberately another one than MXNet's it is named below, with what it is instead.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import mxgluon_compat as mx
from tests.oracle import (
    semantics_dtypes,
    semantics_empty,
    semantics_indices,
    semantics_inplace,
    semantics_norm,
    semantics_pooling,
    semantics_stopped,
    semantics_ties,
)
from tests.oracle.scenario import attempt, read, same
from tests.scenarios import against_mxnet

SCRIPTS = (
    semantics_dtypes, semantics_empty, semantics_indices, semantics_inplace, semantics_norm, semantics_pooling,
    semantics_stopped, semantics_ties,
)  # fmt: skip
GOLDEN = {script: read(script.__name__.rpartition(".")[2]) for script in SCRIPTS}
LIMITS = (2e-5, 1e-5)


def refused(result):
    return isinstance(result, dict) and "raises" in result


def numbers(result):
    """The values of an array's result, NaN and infinities as such."""
    return [float(v) for v in result["values"]]


def close(found, wanted, rtol=LIMITS[0], atol=LIMITS[1]):
    np.testing.assert_allclose(found, wanted, rtol, atol)


# ---------------------------------------------------------------------------------------------- refused by MXNet only
# Dtypes that MXNet has no kernel for, or miscounts: the numbers of float32.
MORE_DTYPES = {
    *(f"truths: {text} (bool)" for text in (
        "nd.argsort(x)", "nd.sort(x)", "nd.topk(x, k=2)", "nd.concat(x, y, dim=0)", "nd.flip(x, 0)", "nd.one_hot(x, 2)",
        "nd.where(x, x, y)", "nd.contrib.allclose(x, y)",
        "nd.pad(x.reshape((1, 1, 1, 3)), 'constant', (0, 0, 0, 0, 1, 1, 1, 1))",
    )),
    *(f"truths: nd.pad(x.reshape((1, 1, 1, 3)), 'constant', (0, 0, 0, 0, 1, 1, 1, 1)) ({d})"
      for d in ("int8", "uint8", "int32", "int64")),
    *(f"truths: nd.all_finite(x) ({d})" for d in ("bool", "int8", "uint8", "int32", "int64")),
    *(f"truths: nd.contrib.{test}(x) ({d})" for test in ("isinf", "isfinite") for d in ("int8", "uint8")),
    *(f"{where}nd.{name}(x) (float16)" for where in ("", "truths: ") for name in ("argsort", "sort")),
}  # fmt: skip
MIXED_WHERE = {
    f"nd.where(x, y, y) ({a} and {b})"
    for a, b in (*(("bool", d) for d in ("float16", "float32", "float64", "int32")),
                 *((d, "bool") for d in ("float16", "float32", "float64", "int32")))
}  # fmt: skip
# What float16 adds up to: MXNet overflows, or stops where an addend is below the last digit.
SUMS = {
    "large: x.mean()": 31456, "many: nd.cumsum(x)[-1] if hasattr(nd, 'cumsum') else 0": 4100,
    "small: nd.cumsum(x)[-1] if hasattr(nd, 'cumsum') else 0": 1030,
    "nd.norm(x) (uint8)": int(math.sqrt(200**2 + 7**2 + 255**2)) % 256,
}  # fmt: skip

# Arrays without elements: without np_shape MXNet refuses nearly everything, with it a few reductions.
EMPTY = GOLDEN[semantics_empty]
NO_ELEMENTS = {
    "c.sum(axis=1)": [0, 0], "c.mean(axis=1)": [math.nan] * 2, "c.min(axis=0)": [], "e.max(axis=1)": [],
    "e.sum(axis=1)": [], "e[[]]": [], "x[:, 3:]": [],
}  # fmt: skip
WITHOUT_NP_SHAPE = {
    f"plain: {t}" for t in (
        "-e", "abs(e)", "c + nd.ones((2, 1))", "e * nd.ones((1, 3))", "e + 1", "e + e", "e + nd.ones((1, 1))",
        "e == e", "e.T", "e.argmax(axis=1)", "e.astype('float64')", "e.copy()", "e.copyto(mx.cpu())", "e.norm()",
        "nd.Activation(e, act_type='tanh')", "nd.BatchNorm(e, nd.ones(3), nd.zeros(3), nd.zeros(3), nd.ones(3))",
        "nd.Dropout(e)", "nd.Embedding(n, x, input_dim=2, output_dim=3)",
        "nd.FullyConnected(e, nd.ones((4, 3)), nd.ones(4), num_hidden=4)", "nd.L2Normalization(e)",
        "nd.LayerNorm(e, nd.ones(3), nd.zeros(3))", "nd.add_n(e, e)", "nd.argsort(e)",
        "nd.broadcast_maximum(e, nd.ones((1, 3)))", "nd.cast(e, 'int32')", "nd.clip(e, 0, 1)",
        "nd.concat(e, e, dim=0)", "nd.concat(e, e, dim=1)", "nd.concat(e, x, dim=0)", "nd.concat(n, s, dim=0)",
        "nd.contrib.arange_like(e, axis=0)", "nd.diag(e)", "nd.dot(e, nd.ones((3, 2)))", "nd.exp(e)",
        "nd.expand_dims(e, 0)", "nd.flatten(e)", "nd.flip(e, axis=0)", "nd.log_softmax(e)", "nd.maximum(e, 0)",
        "nd.one_hot(n, 3)", "nd.ones_like(e)", "nd.pick(e, n)", "nd.relu(e)", "nd.repeat(e, 2, axis=0)",
        "nd.smooth_l1(e)", "nd.softmax(c)", "nd.softmax(c, axis=0)", "nd.softmax(e)", "nd.sort(e)",
        "nd.split(e, 3, axis=1)", "nd.stack(e, e)", "nd.take(x, n)", "nd.tile(e, (2, 1))", "nd.topk(e, k=1)",
        "nd.transpose(e)", "nd.where(e, e, e)", "nd.zeros_like(e)", "nd.broadcast_like(nd.zeros((1, 3)), e)",
    )
}  # fmt: skip
EMPTY_GRADIENTS = {
    f"gradient: {t}, np_shape=False"
    for t in ("e * 2 + 1", "e.sum() + x.sum()", "nd.concat(e, x, dim=0) * 3", "x[0:0].sum() + x.sum()")
}

# ---------------------------------------------------------------------------------------------- in place
# Reading and writing the same elements: MXNet reads some of them after they were written.
OVERLAPPING = {
    "plain: nd.broadcast_add(x, x[0:1], out=x)": [2, 4, 6, 5, 7, 9], "plain: x += x[0]": [2, 4, 6, 5, 7, 9],
    "plain: nd.flip(x, axis=0, out=x)": [4, 5, 6, 1, 2, 3], "plain: nd.reverse(x, axis=1, out=x)": [3, 2, 1, 6, 5, 4],
    "plain: nd.take(x, nd.array([1, 0]), out=x)": [4, 5, 6, 1, 2, 3], "plain: x -= x[0:1]": [0, 0, 0, 3, 3, 3],
    "plain: x[0, 1:] = x[0, :2]": [1, 1, 2, 4, 5, 6], "plain: x[::-1] = x": [4, 5, 6, 1, 2, 3],
    "plain: x[[1, 0]] = x": [4, 5, 6, 1, 2, 3],
}  # fmt: skip
# Writes that MXNet refuses while recording -> gradients of v and w.
NONE = [0.25] * 6
RECORDED = {
    "x[0] = v[0]; z = x * x": ([2, 4, 6, 0, 0, 0], NONE),
    "z = nd.zeros((2, 3)); z[0] = v[0]; z = z * 1": ([1, 1, 1, 0, 0, 0], NONE),
    "z = nd.zeros((2, 3)); z[:, 1] = v[:, 0] * 2": ([2, 0, 0, 2, 0, 0], NONE),
    "z = v > 2; z *= 3; z = v * z": ([0, 0, 3, 3, 3, 3], NONE),
    "z = v > 2; z[:] = 1; z = v * z": ([1] * 6, NONE),
    "nd.sgd_update(x, v, lr=0.5, out=x); z = v * 1": ([1] * 6, NONE),
    "z = nd._internal._slice_assign(v, w[0:1] * 3, begin=(0, 0), end=(1, 3))": ([0, 0, 0, 1, 1, 1], [3, 3, 3, 0, 0, 0]),
    "z = nd._internal._slice_assign_scalar(v, scalar=3, begin=(0, 0), end=(1, 3))": ([0, 0, 0, 1, 1, 1], NONE),
}
# grad_req='add': the gradient of an operator that reads the variable itself replaces what was there in MXNet.
NOT_ADDED = ("v.copyto(x); z = x * 2", "z = v.astype('float64') * 2", "z = v.copy() * 2", "z = v.copyto(x) * 3")

# ---------------------------------------------------------------------------------------------- corners
# The gradients (or results) at NaN, infinities and -0.0 are torch's; elsewhere they are MXNet's.
STRANGE = {
    "Activation: act_type=relu", "Activation: act_type=softsign", "LeakyReLU: act_type=elu", "LeakyReLU: act_type=gelu",
    "_internal._mod_scalar: scalar=0.0", "_internal._power_scalar: scalar=-0.5", "_internal._power_scalar: scalar=0.5",
    "clip: a_max=0.0 a_min=0.0", "clip: a_max=0.5 a_min=-inf", "clip: a_max=1.0 a_min=-1.0",
    "clip: a_max=2.0 a_min=-0.5 dtype=float16", "hard_sigmoid", "relu", "rsqrt", "softsign",
}  # fmt: skip
FINITE = [i for i, x in enumerate(semantics_ties.CORNERS) if math.isfinite(x) and math.copysign(1, x) + x != -1]
# Name -> positions of the variable where MXNet's gradient divides by 0, and what it is here.
DIVIDED_BY_ZERO = {
    "_internal._power_scalar: scalar=0.0": [(0, 3, 0), (0, 4, 0), (0, 8, 0)],
    "_internal._rpower_scalar: scalar=0.0": [(0, i, 0) for i in (3, 4, 5, 6, 7, 9)],
    "_internal._rmod_scalar: scalar=-2.0": [(0, 3, 0), (0, 4, 0), (0, 9, 10)],
    "_internal._rmod_scalar: scalar=0.0": [(0, 3, 0), (0, 4, 0)],
    "_internal._rmod_scalar: scalar=2.0": [(0, 3, 0), (0, 4, 0), (0, 10, 11)],
    "broadcast_mod (zeros)": [(1, 0, 0), (1, 1, 0), (1, 2, 0)],
    "broadcast_power": [(0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 2, 0)],
    "norm (keepdims): axis=1 keepdims=True ord=2 req=add": [(0, 0, 1), (0, 1, 1)],
    "norm (nothing but zeros): ord=2": [(0, 0, 0), (0, 1, 0)],
    "norm: axis=1 ord=2": [(0, 0, 0), (0, 1, 0)],
    "prod: axis=1": [(0, 0, 6), (0, 3, 0), (0, 4, 0)],
}
INFINITE_SUMS = ("nansum (NaN): axis=1", "norm (NaN): axis=1 ord=1", "norm (NaN): axis=1 ord=2")
SOFTMAX_KINDS = {"flat": "", "image": "multi_output=True ", "rows": "preserve_shape=True "}

# ---------------------------------------------------------------------------------------------- others
# A head that depends on variables through functions without derivative only: no zeros are computed.
STEPS = {f"{t}, write" for t in (
    "(x == w).mean()", "nd.argsort(x)", "nd.contrib.arange_like(x)", "nd.logical_not(x)", "nd.one_hot(x, 3)",
    "nd.ones_like(x) * 2", "nd.topk(x)", "nd.zeros_like(x)", "x > 1", "x.argmax()",
)}  # fmt: skip
# A variable that such a function hides, beside another one: its gradient stays as it was.
HIDDEN = {"nd.take(w, x - 1), write": 1, "w * (x > 1), write": 1, "nd.BlockGrad(nd.take(x, w - 3)) + 0, write": 2}
OUT_OF_BOUNDS = ("indexing: x[0, 2]", "indexing: x[[0, 3]]", "indexing: x[nd.array([0, 5])]")

DIFFERENCES = {
    *MORE_DTYPES, *MIXED_WHERE, *SUMS, *WITHOUT_NP_SHAPE, *EMPTY_GRADIENTS, *OVERLAPPING, *STRANGE, *DIVIDED_BY_ZERO,
    *INFINITE_SUMS, *STEPS, *HIDDEN, *OUT_OF_BOUNDS,
    *(f"{where}: {t}" for t in NO_ELEMENTS for where in ("plain", "np_shape")),
    *(f"{where}: {t}" for t in RECORDED for where in ("recorded", "recorded, add")),
    *(f"recorded, add: {t}" for t in NOT_ADDED),
    *(f"SoftmaxOutput ({kind}): {attrs}req=add" for kind, attrs in SOFTMAX_KINDS.items()),
    "SoftmaxOutput (flat): out_grad=True", "SoftmaxOutput (image): multi_output=True out_grad=True",
    "SoftmaxOutput (rows): out_grad=True preserve_shape=True",
    "BatchNorm: back=False fix_gamma=False train=True", "BatchNorm: back=True fix_gamma=False train=False",
    "Dropout: passes=2 req=add train=True", "changed before backward: operand",
    "Pooling (NaN): kernel=(1, 2) pool_type=max", "Pooling (all -inf): kernel=(1, 2)",
    "Pooling (space): count_include_pad=False kernel=(2, 2, 3) pad=(1, 1, 1) pool_type=avg pooling_convention=full "
    "stride=(2, 2, 2)",
    "Embedding (sparse gradient): input_dim=3 output_dim=2 sparse_grad=True", "batch_take",
    "argsort (NaN at the end): is_ascend=False", "sort (NaN at the end): is_ascend=False", "argsort into bool",
    "argsort into int8", "argsort of float16", "sort of float16", "one_hot: into bool",
    "gather_nd (beyond): record=False",
    "indexing: x[2:0]", "indexing: x[[]]",
    "broadcast_maximum (NaN)", "broadcast_minimum (NaN)", "clip: a_max=1.0 a_min=-1.0 req=add",
    "clip: a_max=1.0 a_min=nan", "gammaln", "gradient: nd.dot(c, e) * x, np_shape=False", "plain: nd.dot(e.T, e)",
    "np_shape: [v for v in z]", "np_shape: float(z)", "np_shape: len(z)", "np_shape: nd.flip(z, axis=0)",
    "np_shape: z[...]", "np_shape: z[None]",
    *(f"topk (NaN at the end): k=2 ret_typ={ret}" for ret in ("value", "indices", "both", "mask")),
}  # fmt: skip


def tolerance(name):
    return (1e-2, 4e-3) if "float16" in name else LIMITS


found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(*SCRIPTS, tolerance=tolerance, differences=DIFFERENCES)


def test_no_difference_is_named_in_vain(found):
    """Every name is one of a scenario, whose result really is another one than MXNet's."""
    agree = {
        name for name in DIFFERENCES
        if all(name not in g or same(found[s][name], g[name], *tolerance(name)) for s, g in GOLDEN.items())
    }  # fmt: skip
    assert not agree


# ---------------------------------------------------------------------------------------------- refused by MXNet only
def float32_form(name):
    text, _, dtype = name.rpartition(" (")
    return f"{text} (float32)"


@pytest.mark.parametrize("name", sorted(MORE_DTYPES))
def test_more_dtypes(found, name):
    ours = found[semantics_dtypes]
    assert numbers(ours[name]) == numbers(GOLDEN[semantics_dtypes][float32_form(name)])
    dtype = name.rpartition(" (")[2].rstrip(")")
    kept = not any(f in name for f in ("argsort", "topk", "one_hot", "all_finite", "allclose"))
    assert not kept or ours[name]["dtype"] == dtype


@pytest.mark.parametrize("name", sorted(MIXED_WHERE))
def test_where_of_booleans(found, name):
    assert numbers(found[semantics_dtypes][name]) == [1, 1, 0]


@pytest.mark.parametrize("name", sorted(SUMS))
def test_sums_do_not_overflow_or_stop(found, name):
    assert numbers(found[semantics_dtypes][name]) == [SUMS[name]]


def test_indices_of_other_dtypes(found):
    ours, golden = found[semantics_indices], GOLDEN[semantics_indices]
    order = numbers(golden["argsort into int32"][0])
    assert numbers(ours["argsort into int8"][0]) == numbers(ours["argsort of float16"][0]) == order
    assert numbers(ours["argsort into bool"][0]) == [i != 0 for i in order]
    assert numbers(ours["sort of float16"][0]) == numbers(golden["sort of float64"][0])
    assert numbers(ours["one_hot: into bool"]) == [1, 0, 0, 0, 0, 1, 0, 0, 0]


@pytest.mark.parametrize("name", sorted(WITHOUT_NP_SHAPE))
def test_no_elements_without_np_shape(found, name):
    """As under np_shape, where MXNet does it."""
    shape_and_values = EMPTY[name.replace("plain", "np_shape")]
    several = isinstance(shape_and_values[0], dict)
    ours = found[semantics_empty][name]
    assert not refused(shape_and_values) and ours == (shape_and_values if several else shape_and_values[1])


@pytest.mark.parametrize("text", sorted(NO_ELEMENTS))
def test_no_elements_refused_under_np_shape_too(found, text):
    for ours in (found[semantics_empty][f"plain: {text}"], found[semantics_empty][f"np_shape: {text}"][1]):
        np.testing.assert_array_equal(numbers(ours), NO_ELEMENTS[text])


@pytest.mark.parametrize("name", sorted(EMPTY_GRADIENTS))
def test_gradients_without_elements(found, name):
    wanted = EMPTY[name.replace("=False", "=True")][:4]
    ours = found[semantics_empty][name]
    assert [numbers(x) for x in ours] == [numbers(x) for x in wanted]
    assert [x["shape"] for x in ours[1:]] == [x["shape"] for x in wanted[1:]]


def test_products_over_no_elements(found):
    assert numbers(found[semantics_empty]["plain: nd.dot(e.T, e)"]) == [0] * 9
    product, *gradients = found[semantics_empty]["gradient: nd.dot(c, e) * x, np_shape=False"]
    assert numbers(product) == numbers(gradients[2]) == [0] * 6


def test_what_ends_mxnets_process():
    names = semantics_empty.names_of(mx)
    with pytest.raises(ValueError, match="Cannot reshape"):
        eval("e.reshape((0, -1))", names)
    with pytest.raises(mx.MXNetError):
        eval("nd.take(e, nd.array([0]))", names)
    assert eval("nd.SoftmaxOutput(e, n)", names).shape == (0, 3)
    with mx.util.np_shape(True):
        names = semantics_empty.names_of(mx, True)
        assert eval("nd.dot(c, e)", names).asnumpy().tolist() == [[0] * 3] * 2
        assert eval("nd.SequenceMask(nd.zeros((0, 2)))", names).shape == (0, 2)


def test_no_dimensions(found):
    ours = found[semantics_empty]
    assert ours["np_shape: z[...]"] == [[], {"dtype": "float32", "shape": [], "values": [2.5]}]
    assert ours["np_shape: z[None]"][0] == [1]
    assert ours["np_shape: nd.flip(z, axis=0)"][0] == []
    for text in ("[v for v in z]", "len(z)", "float(z)"):
        assert ours[f"np_shape: {text}"]["raises"] == "TypeError"


# ---------------------------------------------------------------------------------------------- in place
@pytest.mark.parametrize("name", sorted(OVERLAPPING))
def test_overlapping_elements_are_read_before_they_are_written(found, name):
    assert numbers(found[semantics_inplace][name]["x"]) == OVERLAPPING[name]


@pytest.mark.parametrize("text", sorted(RECORDED))
def test_writes_that_can_be_recorded(found, text):
    for name, start in ((f"recorded: {text}", 0), (f"recorded, add: {text}", 0.25)):
        assert refused(GOLDEN[semantics_inplace][name])
        for ours, wanted in zip(found[semantics_inplace][name]["gradients"], RECORDED[text], strict=True):
            assert numbers(ours) == (wanted if wanted is NONE else [w + start for w in wanted])


@pytest.mark.parametrize("text", NOT_ADDED)
def test_gradients_are_added_where_mxnet_replaces_them(found, text):
    once = numbers(GOLDEN[semantics_inplace][f"recorded: {text}"]["gradients"][0])
    assert numbers(GOLDEN[semantics_inplace][f"recorded, add: {text}"]["gradients"][0]) == once
    assert numbers(found[semantics_inplace][f"recorded, add: {text}"]["gradients"][0]) == [g + 0.25 for g in once]


def test_operand_changed_before_backward(found):
    assert found[semantics_inplace]["changed before backward: operand"]["raises"] == "MXNetError"


# ---------------------------------------------------------------------------------------------- corners
@pytest.mark.parametrize("name", sorted(STRANGE))
def test_corners_at_finite_arguments(found, name):
    (ours, (gradient, *_)), (wanted, (wanted_gradient, *_)) = found[semantics_ties][name], GOLDEN[semantics_ties][name]
    for mine, theirs in ((ours[0], wanted[0]), (gradient, wanted_gradient)):
        close(np.array(numbers(mine))[FINITE], np.array(numbers(theirs))[FINITE], *tolerance(name))


@pytest.mark.parametrize("name", sorted(DIVIDED_BY_ZERO))
def test_gradients_that_mxnet_divides_by_zero(found, name):
    (ours, gradients), (wanted, theirs) = found[semantics_ties][name], GOLDEN[semantics_ties][name]
    assert same(ours, wanted, *LIMITS)
    theirs = [numbers(g) for g in theirs]
    for which, position, value in DIVIDED_BY_ZERO[name]:
        theirs[which][position] = value
    for mine, expected in zip(gradients, theirs, strict=True):
        close(numbers(mine), expected)


@pytest.mark.parametrize("name", INFINITE_SUMS)
def test_sums_of_infinities(found, name):
    (ours,), _ = found[semantics_ties][name]
    wanted = [3, 3, 3, math.nan, math.inf, 0] if "nansum" in name else [math.nan, math.inf]
    np.testing.assert_array_equal(numbers(ours), wanted)


def test_poles_of_gammaln(found):
    (ours,), (gradient,) = found[semantics_ties]["gammaln"]
    (wanted,), (theirs,) = GOLDEN[semantics_ties]["gammaln"]
    assert same(ours, wanted, *LIMITS)
    places = [2, 5, 6, 7, 8, 9]
    close(np.array(numbers(gradient))[places], np.array(numbers(theirs))[places], 1e-4)


def test_nan_in_maximum_and_clip(found):
    ours = found[semantics_ties]
    for name in ("broadcast_maximum (NaN)", "broadcast_minimum (NaN)"):
        (result,), (left, right) = ours[name]
        assert same(result, GOLDEN[semantics_ties][name][0][0])
        assert numbers(left)[3] == 4 and numbers(right)[3] == 0
    assert all(map(math.isnan, numbers(ours["clip: a_max=1.0 a_min=nan"][0][0])))
    added, once = ours["clip: a_max=1.0 a_min=-1.0 req=add"], ours["clip: a_max=1.0 a_min=-1.0"]
    assert numbers(added[1][0]) == [g + 1 for g in numbers(once[1][0])]


# ---------------------------------------------------------------------------------------------- norm and pooling
def test_batch_norm_differentiates_in_the_mode_of_its_forward_pass(found):
    for back, train in ((False, True), (True, False)):
        ours = found[semantics_norm][f"BatchNorm: back={back} fix_gamma=False train={train}"]
        name = f"BatchNorm: fix_gamma=False req=write train={train} use_global_stats=False"
        assert same(ours, GOLDEN[semantics_norm][name], 1e-4, 1e-4)


def test_dropout_keeps_its_mask(found):
    (result,), (gradient,) = found[semantics_norm]["Dropout: passes=2 req=add train=True"]
    kept = np.array(numbers(result)) != 0
    assert 0 < kept.sum() < kept.size
    np.testing.assert_array_equal(numbers(gradient), 1 + 2 * kept * 2 * np.arange(1, kept.size + 1))


@pytest.mark.parametrize("kind", sorted(SOFTMAX_KINDS))
def test_softmax_output_adds_up_and_multiplies(found, kind):
    attrs, ours = SOFTMAX_KINDS[kind], found[semantics_norm]
    key = f"SoftmaxOutput ({kind}): "
    once = np.array(numbers(GOLDEN[semantics_norm][f"{key}{attrs}train=True"][1][0]))
    close(numbers(ours[f"{key}{attrs}req=add"][1][0]), once + 1)
    words = " ".join(sorted([*attrs.split(), "out_grad=True"]))
    close(numbers(ours[key + words][1][0]), once * np.arange(1, once.size + 1))


def test_pooling_of_nothing_and_of_nan(found):
    ours = found[semantics_pooling]
    (result,), (gradient,) = ours["Pooling (NaN): kernel=(1, 2) pool_type=max"]
    np.testing.assert_array_equal(numbers(result), [math.nan, math.nan, 3])
    assert numbers(gradient) == [0, 3, 3, 0]
    assert numbers(ours["Pooling (all -inf): kernel=(1, 2)"][0][0]) == [-math.inf]
    (name,) = (n for n in DIFFERENCES if n.startswith("Pooling (space)"))
    (mine, gradient), (theirs, wanted) = ours[name], GOLDEN[semantics_pooling][name]
    close(numbers(mine[0]), np.nan_to_num(numbers(theirs[0])))
    assert math.nan not in numbers(mine[0]) and same(gradient, wanted, *LIMITS)


# ---------------------------------------------------------------------------------------------- indices
def test_order_with_nan(found):
    ours = found[semantics_indices]
    assert numbers(ours["argsort (NaN at the end): is_ascend=False"][0][0]) == [3, 1, 2, 0]
    np.testing.assert_array_equal(numbers(ours["sort (NaN at the end): is_ascend=False"][0][0]), [math.nan, 3, 2, 1])
    ((values, indices),) = ours["topk (NaN at the end): k=2 ret_typ=both"]
    np.testing.assert_array_equal(numbers(values), [math.nan, 3])
    assert numbers(indices) == numbers(ours["topk (NaN at the end): k=2 ret_typ=indices"][0][0]) == [3, 1]
    np.testing.assert_array_equal(numbers(ours["topk (NaN at the end): k=2 ret_typ=value"][0][0]), [math.nan, 3])
    assert numbers(ours["topk (NaN at the end): k=2 ret_typ=mask"][0][0]) == [0, 1, 0, 1]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64"])
def test_integer_division_by_zero(dtype):
    """It ends MXNet's process."""
    x, zeros = mx.nd.array([1, 2], dtype=dtype), mx.nd.zeros(2, dtype=dtype)
    for divide in (lambda: x / zeros, lambda: x / 0, lambda: 1 / zeros, lambda: mx.nd.elemwise_div(x, zeros)):
        with pytest.raises(mx.MXNetError):
            divide().wait_to_read()


def test_out_of_bounds(found):
    ours = found[semantics_indices]
    for name in OUT_OF_BOUNDS:
        assert ours[name]["raises"] == "IndexError" and "is out of bounds for axis" in ours[name]["text"]
    assert ours["gather_nd (beyond): record=False"]["raises"] == "MXNetError"
    for name in ("indexing: x[2:0]", "indexing: x[[]]"):
        assert ours[name]["shape"] == [0, 2]


def test_gradients_that_mxnet_has_not(found):
    _, (gradient,) = found[semantics_indices]["Embedding (sparse gradient): input_dim=3 output_dim=2 sparse_grad=True"]
    assert numbers(gradient) == [1, 2, 3, 4, 0, 0]
    (result,), (gradient,) = found[semantics_indices]["batch_take"]
    assert numbers(result) == [1, 4, 5] and numbers(gradient) == [1, 0, 0, 2, 3, 0]


# ---------------------------------------------------------------------------------------------- stopped gradients
@pytest.mark.parametrize("name", sorted(STEPS))
def test_heads_without_derivative_are_refused(found, name):
    assert found[semantics_stopped][name]["raises"] == "MXNetError"


@pytest.mark.parametrize("name", sorted(HIDDEN))
def test_gradient_of_a_hidden_variable_stays(found, name):
    hidden = HIDDEN[name]
    for k, (mine, theirs) in enumerate(zip(found[semantics_stopped][name], GOLDEN[semantics_stopped][name])):
        assert numbers(mine) == (numbers(theirs) if k != hidden else [5, 5])


def test_no_gradient_of_a_loss_passes_a_block():
    x = mx.nd.array([[1, 2]])
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.BlockGrad(mx.nd.SoftmaxOutput(x, mx.nd.array([1]))) * 2
    y.backward()
    assert x.grad.asnumpy().tolist() == [[0, 0]]


def test_sparse_gradient_behind_a_block():
    layer = mx.gluon.nn.Embedding(4, 3, sparse_grad=True)
    layer.initialize()
    w = mx.nd.ones((2, 3))
    w.attach_grad()
    for stop in (False, True):
        with mx.autograd.record():
            rows = layer(mx.nd.array([1, 2]))
            y = w * (mx.nd.BlockGrad(rows) if stop else rows)
        y.backward()
        gradient = layer.weight.grad()
        assert gradient.stype == "row_sparse" and bool(gradient.asnumpy().any()) is not stop


def test_failed_backward_leaves_nothing_behind():
    x, other = mx.nd.array([1.0]), mx.nd.array([1.0])
    for v in (x, other):
        v.attach_grad()
        v.grad[:] = 5
    with mx.autograd.record():
        y = mx.nd.BlockGrad(x) * other
        z = other * 2
    y.backward()
    x.grad[:] = 5
    assert refused(attempt(y.backward))
    z.backward()
    assert x.grad.asscalar() == 5 and other.grad.asscalar() == 2


def test_compiled_graph_with_a_frozen_body():
    """As in the scenario "trained", which is that of real MXNet."""
    net = semantics_stopped.net(mx, False)
    net.hybridize(backend="aot_eager")
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "wd": 0.1, "momentum": 0.9})
    data = mx.nd.array(semantics_stopped.drawn(4, 2))
    for _ in range(3):
        with mx.autograd.record():
            loss = (net(data) ** 2).sum()
        loss.backward()
        trainer.step(4)
    wanted = dict(GOLDEN[semantics_stopped]["trained: hybridize=True train=True"])
    for name, parameter in net.collect_params().items():
        close(parameter.data().asnumpy().ravel(), numbers(wanted[name]), 1e-4)
