"""Initializers against real MXNet's: the same seed gives the same numbers."""

import numpy as np
import pytest

import mxgluon_compat as mx
from tests.oracle import initializer, initializer_kinds
from tests.scenarios import against_mxnet

ULP = np.finfo(np.float32).eps
# Different decompositions of one matrix round differently.
TOLERANCES = {"exact": (0, 0), "normal": (2 * ULP, 0), "orthogonal": (1e-5, 1e-6)}
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    initializer, initializer_kinds, tolerance=lambda name: TOLERANCES.get(name.split()[0], (1e-6, 0))
)


def test_mixed_names_the_parameter():
    # MXNet's message holds the unformatted %s.
    with pytest.raises(ValueError, match="Parameter name other did not match any pattern"):
        mx.init.Mixed(["bias"], [mx.init.Zero()])(mx.init.InitDesc("other"), mx.nd.zeros((2,)))


def test_fused_rnn_is_made_of_its_dump():
    # MXNet looks the inner initializer up in the wrong table: KeyError.
    fused = mx.init.FusedRNN(mx.init.Constant(7), 3, 1, "lstm", forget_bias=2.0)
    arr = mx.nd.zeros((4 * 3 * (5 + 3 + 2),))
    mx.init.Zero()(mx.init.InitDesc("x_parameters", {"__init__": fused.dumps()}), arr)
    weights, biases = arr.asnumpy()[:96], arr.asnumpy()[96:]
    assert (weights == 7).all()
    assert biases.reshape(2, 4, 3)[:, 1].tolist() == [[2, 2, 2]] * 2
    assert (biases.reshape(2, 4, 3)[:, [0, 2, 3]] == 0).all()


def test_orthogonal_refuses_unknown_numbers():
    with pytest.raises(ValueError, match="rand_type"):
        mx.init.Orthogonal(rand_type="z")(mx.init.InitDesc("x_weight"), mx.nd.zeros((2, 2)))


def test_orthogonal_rows_are_orthonormal():
    arr = mx.nd.zeros((3, 2, 4))
    mx.init.Orthogonal(scale=2)(mx.init.InitDesc("x_weight"), arr)
    matrix = arr.asnumpy().reshape(3, 8)
    np.testing.assert_allclose(matrix @ matrix.T, 4 * np.eye(3), atol=1e-5)


def test_quantized_weights_are_small_integers():
    arr = mx.nd.zeros((2, 3))
    mx.init.One()(mx.init.InitDesc("x_weight_quantize"), arr)
    assert -127 <= arr.asnumpy().min() == arr.asnumpy().max() < 127


def test_load_reads_a_file(tmp_path):
    path = str(tmp_path / "saved.params")
    mx.nd.save(path, {"arg:x": mx.nd.ones((2,)) * 3})
    arr = mx.nd.zeros((2,))
    mx.init.Load(path)("x", arr)
    assert arr.asnumpy().tolist() == [3, 3]


def test_registered_classes_are_found():
    @mx.init.register
    class HalfOfOne(mx.init.Initializer):
        def _init_weight(self, name, arr):
            arr[:] = 0.5

    arr = mx.nd.zeros((2,))
    mx.init.create("halfofone")(mx.init.InitDesc("x_weight"), arr)
    assert arr.asnumpy().tolist() == [0.5, 0.5]


@pytest.mark.parametrize("shape", [(5, 5), (4, 3), (3, 4), (2, 3, 4)])
@pytest.mark.parametrize("rand_type", ["uniform", "normal"])
def test_orthogonal_spans_what_was_drawn(shape, rand_type):
    # Which signs the singular vectors have is LAPACK's choice: MXNet's own differ with NumPy's version.
    arr = mx.nd.zeros(shape, dtype="float64")
    mx.random.seed(5)
    mx.init.Orthogonal(1, rand_type)(mx.init.InitDesc("x_weight"), arr)
    mx.random.seed(5)
    drawn = mx.random.uniform(-1, 1, shape) if rand_type == "uniform" else mx.random.normal(0, 1, shape)
    matrix, drawn = (x.asnumpy().astype("float64").reshape(shape[0], -1) for x in (arr, drawn))
    if matrix.shape[0] > matrix.shape[1]:
        matrix, drawn = matrix.T, drawn.T
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(len(matrix)), atol=1e-5)
    if matrix.shape[0] < matrix.shape[1]:  # the rows span those of the drawn matrix
        np.testing.assert_allclose(drawn @ matrix.T @ matrix, drawn, atol=1e-5)


@pytest.mark.parametrize("stype", ["row_sparse", "csr"])
def test_sparse_arrays_get_the_numbers_of_dense_ones(stype, caplog):
    found = []
    for kind in ("default", stype):
        array = mx.nd.zeros((3, 2)).tostype(kind)
        mx.random.seed(4)
        mx.init.Normal(1)(mx.init.InitDesc("x_weight"), array)
        found.append(array.asnumpy().tolist())
        assert array.stype == kind
    assert found[0] == found[1]
    assert not [r for r in caplog.records if "_random_normal" in r.message] or stype == "csr"
