"""Where modules and cells do more than MXNet's."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError, UnsupportedError
from tests.oracle.module_common import batch, net
from tests.oracle.module_fit import chain, generate, sentence, sentences


def test_a_chain_gives_the_gradients_of_its_data():
    # MXNet forgets that the chain was bound with inputs_need_grad.
    module = mx.mod.SequentialModule().add(chain(mx)[0]).add(chain(mx)[1], take_labels=True, auto_wiring=True)
    module.bind([("data", (8, 5))], [("softmax_label", (8,))], inputs_need_grad=True)
    module.init_params(mx.init.Xavier())
    module.forward_backward(batch(mx))
    assert module.get_input_grads()[0].shape == (8, 5)
    assert np.abs(module.get_input_grads()[0].asnumpy()).max() > 0


def test_a_chain_whose_module_was_refused_goes_on():
    module = mx.mod.SequentialModule()
    with pytest.raises(AssertionError, match="typo"):
        module.add(chain(mx)[0], foo=1)
    module.add(chain(mx)[0])
    module.bind([("data", (8, 5))])
    assert module.output_shapes == [("a_output", (8, 4))]


def test_a_bind_that_failed_may_be_repeated():
    module = mx.mod.Module(net(mx))
    with pytest.raises(KeyError, match="lab"), pytest.warns(UserWarning, match="label_shapes"):
        module.bind([("data", (2, 5))], [("lab", (2,))])
    assert not module.binded
    module.bind([("data", (2, 5))], [("softmax_label", (2,))])
    assert module.binded


def test_keys_that_the_file_of_buckets_cannot_hold(tmp_path):
    module = mx.mod.BucketingModule(lambda key: generate(mx, key), (5, 1))
    module.bind([("data", (4, 5))], [("softmax_label", (4,))])
    module.init_params()
    with pytest.raises(ValueError, match="integers"):
        module.save_checkpoint(str(tmp_path / "b"), 1)
    assert list(tmp_path.iterdir()) == []


def test_groups_on_several_devices_are_refused():
    with mx.AttrScope(ctx_group="a"):
        out = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=2, name="fc")
    module = mx.mod.Module(out, label_names=None, group2ctxs={"a": mx.gpu(0)})
    with pytest.raises(UnsupportedError, match="group2ctx"):
        module.bind([("data", (2, 3))])


def test_predictions_are_not_overwritten_by_the_next_batch():
    module = mx.mod.BucketingModule(lambda key: generate(mx, key), 5)
    module.bind([("data", (4, 5))], [("softmax_label", (4,))])
    module.init_params(mx.init.Xavier())
    module.forward(sentence(mx, 3), is_train=False)
    first = module.get_outputs()[0].copy()
    module.forward(sentence(mx, 5), is_train=False)
    assert (module._buckets[3].get_outputs()[0].asnumpy() == first.asnumpy()).all()


def test_a_model_without_parameters_says_so():
    with pytest.warns(DeprecationWarning, match="FeedForward"):
        model = mx.model.FeedForward(net(mx))
    with pytest.raises(AttributeError, match="no parameters yet"):
        model.predict(np.ones((8, 5), "float32"))


def test_weights_of_another_network():
    with pytest.raises(MXNetError, match="7 elements"):
        mx.rnn.FusedRNNCell(4).unpack_weights({"lstm_parameters": mx.nd.ones(7)})


def test_zoneout_finds_a_bidirectional_cell_in_a_stack():
    # MXNet: AttributeError
    stack = mx.rnn.SequentialRNNCell()
    stack.add(mx.rnn.BidirectionalCell(mx.rnn.RNNCell(2), mx.rnn.RNNCell(2)))
    with pytest.raises(AssertionError, match="zoneout"):
        mx.rnn.ZoneoutCell(stack)


def test_a_gru_of_convolutions_cuts_its_gates_along_the_channels():
    # MXNet cuts along axis 1 in any layout.
    cell = mx.rnn.ConvGRUCell((1, 6, 6, 4), 5, conv_layout="NHWC")
    output, _ = cell(mx.sym.var("data"), cell.begin_state())
    assert output.infer_shape(data=(2, 6, 6, 4))[1] == [(2, 6, 6, 5)]


def test_rows_of_zeros_are_no_rows_of_a_gradient():
    # MXNet keeps those of all columns that the batch stores.
    x = mx.sym.var("data", stype="csr")
    w = mx.sym.var("w_weight", shape=(4, 1), stype="row_sparse")
    module = mx.mod.Module(mx.sym.MakeLoss(mx.sym.dot(x, w)), label_names=None)
    module.bind([("data", (2, 4))])
    module.init_params(mx.init.One())
    module.forward_backward(mx.io.DataBatch([mx.nd.array([[1, 2, 0, 0], [1, -2, 0, 0]]).tostype("csr")]))
    gradient = module._exec_group.grad_arrays[0][0]
    assert gradient.stype == "row_sparse" and gradient.indices.asnumpy().tolist() == [0]


def test_a_model_of_buckets_trains_as_a_module_of_buckets():
    # MXNet: ValueError as soon as a batch is not of the usual length
    def graph(key):
        return generate(mx, key)[0]

    lengths = (5, 3, 5, 4)
    with pytest.warns(DeprecationWarning, match="FeedForward"):
        model = mx.model.FeedForward(graph, num_epoch=2, learning_rate=0.5, initializer=mx.init.One())
    with pytest.warns(DeprecationWarning, match="InitDesc"):
        model.fit(sentences(mx, lengths))
    module = mx.mod.BucketingModule(lambda key: generate(mx, key), 5)
    module.fit(sentences(mx, lengths), num_epoch=2, optimizer_params={"learning_rate": 0.5}, initializer=mx.init.One())
    wanted, _ = module.get_params()
    for name, array in model.arg_params.items():
        np.testing.assert_allclose(array.asnumpy(), wanted[name].asnumpy(), rtol=1e-5)
    assert np.ptp(wanted["fc_weight"].asnumpy()) > 0.01


def test_data_that_the_graph_does_not_have():
    with pytest.warns(DeprecationWarning, match="FeedForward"):
        model = mx.model.FeedForward(net(mx), arg_params={}, aux_params={})
    with pytest.raises(MXNetError, match=r"\['b'\], the graph no such argument"):
        model.predict(mx.io.NDArrayIter({"b": np.ones((8, 5), "float32")}, batch_size=8))


def test_new_weights_are_used_where_nothing_is_trained():
    # MXNet with oneDNN keeps those of the first forward pass in a fused layer.
    x = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=2, no_bias=True, name="fc")
    module = mx.mod.Module(mx.sym.Activation(x, act_type="relu"), label_names=None)
    module.bind([("data", (1, 3))], for_training=False)
    found = []
    for value in (1.0, 2.0):
        module.set_params({"fc_weight": mx.nd.full((2, 3), value)}, {})
        module.forward(mx.io.DataBatch([mx.nd.ones((1, 3))]))
        found.append(module.get_outputs()[0].asnumpy().tolist())
    assert found == [[[3.0, 3.0]], [[6.0, 6.0]]]


def test_a_bias_learns_beside_a_fixed_weight():
    # MXNet with oneDNN gives it a gradient of zeros.
    module = mx.mod.Module(net(mx), fixed_param_names=["fc2_weight"])
    module.bind([("data", (8, 5))], [("softmax_label", (8,))])
    module.init_params(mx.init.Xavier())
    module.forward_backward(batch(mx))
    gradients = dict(zip(module._exec_group.param_names, module._exec_group.grad_arrays))
    assert gradients["fc2_weight"] == [None]
    found = gradients["fc2_bias"][0].asnumpy()
    probabilities, (label,) = module.get_outputs()[0].asnumpy(), batch(mx).label
    np.testing.assert_allclose(found, (probabilities - np.eye(3)[label.asnumpy().astype(int)]).sum(axis=0), atol=1e-5)
