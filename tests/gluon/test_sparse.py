"""Row_sparse Parameters, gradients and embeddings against real MXNet's."""

import copy
import pickle

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from tests.oracle import gluon_sparse, gluon_sparse_training
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    gluon_sparse, gluon_sparse_training,
    tolerance=lambda name: (2e-5, 2e-6) if name.startswith("training") else (1e-6, 1e-7),
)  # fmt: skip


def step(layer, trainer, ids):
    with mx.autograd.record():
        y = layer(mx.nd.array(ids))
    y.backward()
    trainer.step(1)


def embedding(stype, rows=6, **settings):
    kind = mx.gluon.contrib.nn.SparseEmbedding if stype == "row_sparse" else mx.gluon.nn.Embedding
    layer = kind(rows, 2, prefix="e_", **({} if stype == "row_sparse" else {"sparse_grad": True}))
    layer.initialize(mx.init.One())
    arguments = {"learning_rate": 0.5, "momentum": 0.9, **settings}
    return layer, mx.gluon.Trainer(layer.collect_params(), "sgd", arguments)


@pytest.mark.parametrize("stype", ["default", "row_sparse"])
def test_states_go_on_where_they_were(tmp_path, stype):
    name = str(tmp_path / "states")
    layer, trainer = embedding(stype)
    step(layer, trainer, [1, 2])
    trainer.save_states(name)
    layer.save_parameters(name + ".params")
    step(layer, trainer, [2, 4])
    other, resumed = embedding(stype)
    other.load_parameters(name + ".params")
    resumed.load_states(name)
    step(other, resumed, [2, 4])
    everything = mx.nd.arange(6)
    assert (layer(everything).asnumpy() == other(everything).asnumpy()).all()
    assert layer(everything).asnumpy()[:, 0].tolist() == pytest.approx([1, 0.5, -0.45, 1, 0.5, 1])


def test_gradients_are_small():
    layer, trainer = embedding("default", rows=1000)
    step(layer, trainer, [3, 999, 3])
    gradient = layer.weight.grad()
    assert gradient.indices.asnumpy().tolist() == [3, 999]
    assert gradient.data.asnumpy().tolist() == [[2, 2], [1, 1]]
    assert gradient._dense is None  # never made whole


def test_gradients_of_several_passes_are_added():
    # MXNet's Embedding refuses grad_req='add' with row_sparse gradients.
    layer, trainer = embedding("default")
    layer.weight.grad_req = "add"
    for ids in ([0, 2], [2, 3]):
        with mx.autograd.record():
            y = layer(mx.nd.array(ids))
        y.backward()
    assert layer.weight.grad().indices.asnumpy().tolist() == [0, 2, 3]
    assert layer.weight.grad().data.asnumpy()[:, 0].tolist() == [1, 2, 1]
    trainer.step(1)
    assert layer.weight.data().asnumpy()[:, 0].tolist() == [0.5, 1, 0, 0.5, 1, 1]


def test_rows_that_are_not_there():
    # MXNet tells of it at some later operation.
    layer, _ = embedding("row_sparse")
    with pytest.raises(MXNetError, match="9"):
        layer(mx.nd.array([9]))


def test_dense_gradients_become_row_sparse_where_asked_for():
    # MXNet's FullyConnected refuses to write a row_sparse gradient.
    param = mx.gluon.Parameter("w", shape=(3, 2), grad_stype="row_sparse", init="ones")
    param.initialize()
    with mx.autograd.record():
        y = mx.nd.FullyConnected(mx.nd.array([[1, 2]]), param.data(), no_bias=True, num_hidden=3)[:, :2]
    y.backward()
    assert param.grad().indices.asnumpy().tolist() == [0, 1]
    assert param.grad().data.asnumpy().tolist() == [[1, 2], [1, 2]]


def test_set_data_keeps_the_rows_of_other_parameters():
    # MXNet makes a new KVStore from what was fetched last: the other rows are lost.
    params = [gluon_sparse.made(mx, name) for name in "ab"]
    mx.gluon.Trainer(params, "sgd")
    params[0].row_sparse_data(mx.nd.array([1]))
    params[1].set_data(mx.nd.zeros((4, 2)))
    assert (params[0].row_sparse_data(mx.nd.arange(4)).asnumpy() == gluon_sparse.DENSE).all()
    assert not params[1].row_sparse_data(mx.nd.arange(4)).asnumpy().any()


def test_saving_needs_no_trainer(tmp_path):
    # MXNet stops on an AttributeError of its own.
    name = str(tmp_path / "w.params")
    params = mx.gluon.ParameterDict()
    params.get("w", shape=(4, 2), stype="row_sparse", init="ones")
    params.initialize()
    params.save(name)
    params.reset_ctx(mx.cpu(1))
    assert params["w"].list_ctx() == [mx.cpu(1)]
    saved = mx.nd.load(name)["w"]
    assert saved.stype == "row_sparse" and (saved.asnumpy() == 1).all()


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_copies(twin):
    param = mx.gluon.Parameter("w", shape=(4, 2), stype="row_sparse", grad_stype="row_sparse")
    param.initialize()
    param.set_data(mx.nd.array(gluon_sparse.DENSE))
    mx.gluon.Trainer([param], "sgd")
    other = twin(param)
    assert other._stype == "row_sparse" and other._trainer is None
    mx.gluon.Trainer([other], "sgd")
    other.set_data(mx.nd.zeros((4, 2)))
    assert (param.row_sparse_data(mx.nd.arange(4)).asnumpy() == gluon_sparse.DENSE).all()


def test_only_the_fetched_rows_of_a_large_table_are_written():
    param = mx.gluon.Parameter("w", shape=(1000, 2), stype="row_sparse", grad_stype="row_sparse", init="ones")
    param.initialize()
    mx.gluon.Trainer([param], "sgd")
    for ids in ([1, 500], [2, 500, 999], [7]):
        rows = param.row_sparse_data(mx.nd.array(ids))
        assert rows.indices.asnumpy().tolist() == ids
        wanted = np.zeros((1000, 2))
        wanted[ids] = 1
        assert (rows.asnumpy() == wanted).all() and (rows._data.detach().numpy() == wanted).all()


@pytest.mark.parametrize("lazy", [True, False])
def test_rare_words(lazy):
    """Rows without a gradient stay as they are, or go on with their momentum."""
    layer, trainer = embedding("default", lazy_update=lazy)
    step(layer, trainer, [0])
    before = layer.weight.data().asnumpy()
    step(layer, trainer, [1])
    after = layer.weight.data().asnumpy()
    assert (before[2:] == after[2:]).all()
    assert (before[0] == after[0]).all() == lazy


def test_a_torch_optimizer_sees_the_parameter():
    layer, _ = embedding("default")
    assert isinstance(layer.weight.data()._data, torch.nn.Parameter)
