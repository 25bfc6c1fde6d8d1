"""Initializers against real MXNet's: the same seed gives the same numbers."""

import numpy as np
import pytest

import mxgluon_compat as mx
from tests.oracle import initializer as scenario
from tests.oracle.scenario import read, same

GOLDEN = read("initializer")
ULP = np.finfo(np.float32).eps
# Different decompositions of one matrix round differently.
TOLERANCES = {"exact": 0, "normal": 2 * ULP, "orthogonal": 1e-5}


@pytest.fixture(scope="module")
def found():
    return scenario.results(mx)


def test_all_scenarios_ran(found):
    assert set(found) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_as_mxnet(found, name):
    kind = name.split()[0]
    tolerance = TOLERANCES.get(kind, 1e-6)
    atol = 1e-6 if kind == "orthogonal" else 0
    assert same(found[name], GOLDEN[name], tolerance, atol), f"{found[name]}\n{GOLDEN[name]}"


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
