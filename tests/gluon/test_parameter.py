"""Parameters, Constants and ParameterDicts against real MXNet's."""

import copy

import numpy as np
import pytest

import mxgluon_compat as mx
from tests.oracle import gluon_parameter, gluon_parameter_dict, gluon_parameter_rules
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    gluon_parameter, gluon_parameter_dict, gluon_parameter_rules,
    tolerance=lambda name: (1e-5 if name.startswith("loops") else 1e-6, 1e-7),
    # MXNet refuses names under another prefix; tests/gluon/test_namings.py loads them.
    differences=("files: names differ", "files: other, restore ''"),
)  # fmt: skip


def made(**kwargs):
    param = mx.gluon.Parameter("w", shape=(2,), init="ones", **kwargs)
    param.initialize()
    return param


def test_a_gradient_recorded_before_grad_req_changed_still_arrives():
    # MXNet loses what was recorded before the change.
    param = made()
    with mx.autograd.record():
        y = (param.data() * 2).sum()
        param.grad_req = "add"
        z = y + param.data().sum()
    z.backward()
    assert param.grad().asnumpy().tolist() == [3, 3]


def test_the_variable_follows_a_cast():
    # MXNet's keeps the old dtype, and so do the files that it exports afterwards.
    param = made()
    before = param.var()
    param.cast("float64")
    assert param.var() is not before and param.var().attr("__dtype__") == "1"


def test_a_refused_call_changes_nothing():
    # MXNet leaves the parameter on contexts 'c', 'p' and 'u', and writes before it refuses.
    param = made()
    with pytest.raises(AttributeError):
        param.reset_ctx("cpu")
    assert param.list_ctx() == [mx.cpu(0)] and param.data().asnumpy().tolist() == [1, 1]
    with mx.autograd.record(), pytest.raises(mx.MXNetError):
        param.set_data(mx.nd.array([7, 8]))
    assert param.data().asnumpy().tolist() == [1, 1]


def test_loading_tells_the_shape():
    # MXNet's stays None where nothing was known before.
    param = mx.gluon.Parameter("w", allow_deferred_init=True)
    param._load_init(mx.nd.ones((3, 2)), mx.cpu())
    assert param.shape == (3, 2)


def test_lists_compare_with_constants():
    # MXNet asks the list for its shape.
    params = mx.gluon.ParameterDict("p_")
    constant = params.get_constant("c", [1.0, 2.0])
    assert params.get_constant("c", [1.0, 2.0]) is constant
    with pytest.raises(AssertionError, match="'p_c' already exists but it's value doesn't match"):
        params.get_constant("c", [1.0, 3.0])


def test_copies_train():
    # MXNet's copies have lost their gradients' places.
    param = made(grad_req="add")
    twin = copy.deepcopy(param)
    for _ in range(2):
        with mx.autograd.record():
            y = (twin.data() * 3).sum()
        y.backward()
    assert twin.grad().asnumpy().tolist() == [6, 6] and param.grad().asnumpy().tolist() == [0, 0]


def test_the_torch_parameter_stays_the_same_object():
    param = made()
    tensor = param.data()._data
    param.grad_req = "null"
    param.grad_req = "write"
    param.set_data(mx.nd.array(np.array([3, 4], "float32")))
    assert param.data()._data is tensor and tensor.tolist() == [3, 4]
