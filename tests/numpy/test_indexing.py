"""Elements of mx.np arrays by all kinds of keys, read and written, gradients: against real MXNet, and numpy."""

from __future__ import annotations

import numpy as onp
import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from tests.ndarray.golden import disagreements
from tests.oracle import numpy_indexing as scenario
from tests.oracle.scenario import read

ORDER = "MXNet puts a new axis behind an index array before it"
FLAGS = "MXNet puts the axis of a mask without axes first"
LISTS = "MXNet takes booleans in lists and numpy arrays for numbers"
ZERO_DIM = "MXNet takes no key but () for arrays without axes"
EMPTY = "MXNet makes no array without elements of these"
BROADCAST = "MXNet's error is of the backend; ours is a ValueError too"
NUMBERS = "a number without axes is an index, as in numpy"
DIFFERENCES = {
    **dict.fromkeys(
        ["x[[]*[pq], None*", "x[[]*[pq], [:], None*", "x[[]*[pq], [.][.][.], None*", "x[[]*[pq], -1, None*",
         "x[[][[]1, 0[]], None*", "x[[]np.ones((2, 3), dtype='bool'), ..., None]", "x[[]:, i, :, None[]].shape"],
        ORDER,
    ),
    **dict.fromkeys([f"x[[]{key}[]].shape" for key in ("..., True", ":, True", "True, i", "[bi], True")], FLAGS),
    **dict.fromkeys(["x[[]:, [[]True, False, True[]][]]", "written: x[[][[]False, True[]][]] = 7",
                     "written: x[[]onp.array([[]True, False[]])[]] = 7"], LISTS),
    **dict.fromkeys(["z[[][.N]*", "written: z[[][.N]*"], ZERO_DIM),
    **dict.fromkeys(
        ["written: x[[]0, 0[]] = np.array(*", "written: x[[]0, np.array*", "written: x[[]1:, 1:[]]*",
         "written: x[[]:, np.array([[]True*", "written: x[[]:[]] = [[]7, 8[]]", "written: x[[]i, i[]]*",
         "written: x[[]i[]] = *7, 8[]]*"],
        BROADCAST,
    ),
    "written: x[[][TF]*[]] = np.array*": "MXNet does not broadcast what is written through a mask",
    "written: x[[]x > 2[]] = *[[]5, 6, 7[]]*": "MXNet writes numbers and its own arrays only through a mask",
    "written: x[[]*[]] = mx.nd*": "arrays of mx.nd are values too",
    "written: z[[]()[]] = [[]5[]]*": "a list of one number is a value",
    "written: x @= *": "MXNet gives zeros",
    "written: x.sort(*": "MXNet's method fails",
    "[[]0, 1, 2, 3, 4, 5[]][[]z.*": NUMBERS,
    "x[[]onp.array(1)[]]": NUMBERS,
    "x[[]onp.bool_(True)[]]": "a boolean of numpy is one of Python",
    "[[]r for r in z[]]": "MXNet gives none",
    "np.zeros((0, 3))*": EMPTY, "x[[]3:0[]]": EMPTY, "x[[]:, [[][]][]].shape": EMPTY,
    "z[[]np.array([[]0[]], dtype='int32')[]]": "an error of another class",
}  # fmt: skip


@pytest.fixture
def np_mode():
    mx.npx.set_np()
    yield
    mx.npx.reset_np()


def test_as_mxnet():
    lines = disagreements(scenario.results(mx), read("numpy_indexing"), DIFFERENCES)
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize("key", scenario.keys())
def test_as_numpy(np_mode, key):
    """All keys, those included with which MXNet goes wrong or writes beyond the memory."""
    scope = scenario.scope_of(mx)
    plain = {name: x.asnumpy() if isinstance(x, mx.np.ndarray) else x for name, x in scope.items()} | {"np": onp}
    x = scenario.array_of(mx)
    wanted = x.asnumpy()
    found = eval(f"x[{key}]", scope | {"x": x})
    onp.testing.assert_array_equal(found.asnumpy(), eval(f"x[{key}]", plain | {"x": wanted}), strict=True)
    weights = onp.arange(1, found.size + 1, dtype="float32").reshape(found.shape)
    x.attach_grad()
    with mx.autograd.record():
        y = eval(f"x[{key}]", scope | {"x": x}) * mx.np.array(weights)
    y.backward()
    gradient = onp.zeros((2, 2, 2), "float32")
    onp.add.at(gradient, eval(f"onp.index_exp[{key}]", plain), weights)
    onp.testing.assert_array_equal(x.grad.asnumpy(), gradient)
    exec(f"x[{key}] = 30 + w", scope | {"x": x, "w": mx.np.array(weights)})
    exec(f"x[{key}] = 30 + w", plain | {"x": wanted, "w": weights})
    onp.testing.assert_array_equal(x.asnumpy(), wanted)


@pytest.mark.parametrize("key", ["[0, 0]", "[:]", "[1:, 1:]", "[[0, 1]]", "[:, [True, False, True]]"])
def test_values_that_do_not_fit_are_errors_of_mxnet_and_of_numpy(np_mode, key):
    for error in (MXNetError, ValueError):
        with pytest.raises(error, match="could not be broadcast"):
            exec(f"x{key} = v", {"x": mx.np.zeros((2, 3)), "v": mx.np.zeros(4)})


@pytest.mark.parametrize(
    "key", ["[..., True]", "[True, 0]", "[:, False]", "[i, True]", "[True, ..., i]", "[:, True, 0]"]
)
def test_masks_without_axes(np_mode, key):
    i = mx.np.array([1, 0], dtype="int64")
    x = mx.np.arange(12).reshape(3, 2, 2)
    wanted = x.asnumpy()
    expected = eval(f"x{key}", {"x": wanted, "i": i.asnumpy()})
    onp.testing.assert_array_equal(eval(f"x{key}").asnumpy(), expected, strict=True)
    x.attach_grad()
    exec(f"x{key} = 50")
    exec(f"x{key} = 50", {"x": wanted, "i": i.asnumpy()})
    onp.testing.assert_array_equal(x.asnumpy(), wanted)
    with mx.autograd.record():
        y = eval(f"x{key}", {"x": x, "i": i}) * 2
        with pytest.raises(MXNetError, match="Inplace"):
            exec(f"y{key} = 1", {"y": x * 1, "i": i})
    y.backward()
    assert x.grad.sum().item() == 2 * expected.size


def test_a_recorded_view_written_through_such_a_mask_leaves_its_source_alone(np_mode):
    x = mx.np.ones((2, 3))
    x.attach_grad()
    with mx.autograd.record():
        y = x.reshape(3, 2)
    y[True] = 5
    assert x.asnumpy().max() == 1 and y.asnumpy().min() == 5
