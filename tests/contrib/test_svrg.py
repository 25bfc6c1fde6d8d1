"""SVRGModule and its optimizers against real MXNet's, and where both differ."""

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.contrib.svrg_optimization.svrg_module import SVRGModule
from mxgluon_compat.contrib.svrg_optimization.svrg_optimizer import _SVRGOptimizer
from tests.oracle import svrg as scenario
from tests.oracle.module_common import watch
from tests.oracle.scenario import plain, read, same
from tests.oracle.svrg import DATA, LABEL, bound, contexts, fitted, iterator, made, net, ready, stepped
from tests.scenarios import against_mxnet

GOLDEN = read("svrg")
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    scenario, rtol=1e-5, atol=5e-6, differences=[name for name in GOLDEN if name.startswith("differing: ")]
)


def agree(ours, name):
    return same(plain(ours), GOLDEN[name], 1e-5, 2e-6)


def gradient(rows, weight=1.0, bias=0.0):
    """The gradients of weight and bias of the regression, summed over rows; MXNet's loss is half the square."""
    error = DATA[rows].sum(axis=1) * weight + bias - LABEL[rows]
    return {"fc_weight": error @ DATA[rows], "fc_bias": error.sum(keepdims=True)}


def close(arrays, wanted):
    return all(np.allclose(arrays[n].asnumpy().ravel(), wanted[n], rtol=1e-5) for n in wanted)


def test_each_full_gradient_starts_from_zero():
    # In MXNet a share of the one before stays in it: what is called the mean over all data is not.
    module, data = ready(mx), iterator(mx, count=10)
    wanted = {n: g / 2.5 for n, g in gradient([*range(10), 0, 1]).items()}
    for _ in range(2):
        module.update_full_grads(data)
        assert close(module._param_dict[0], wanted)
    assert not agree(module._param_dict, "differing: a second full gradient")


def test_training_with_several_full_gradients():
    found = fitted(mx, made(mx, update_freq=1), iterator(mx), num_epoch=5)
    assert agree(found, "epochs: update_freq=1")  # where MXNet's were set to zero before each
    found = fitted(mx, made(mx, update_freq=1), iterator(mx), num_epoch=3)[1]
    assert not agree(found, "differing: update_freq=1")


@pytest.mark.parametrize("count", [1, 2])
def test_on_a_kvstore_it_is_the_same_training(count):
    # MXNet leaves zeros in the executors' weights until the first step is done.
    arguments = {"context": contexts(mx, count), "initializer": mx.init.One()}
    found = stepped(mx, ready(mx, mx.kv.create("local"), **arguments), iterator(mx))[1]
    wanted = stepped(mx, ready(mx), iterator(mx))[1]
    assert all(same(f[1], w[1], 1e-5) for f, w in zip(found, wanted, strict=True))
    assert not same(found[0][1], GOLDEN["differing: KVStore"][1][0][1], 1e-2)


def test_a_parameter_may_have_full_in_its_name():
    # MXNet takes fullyconnected0_weight, the name that a layer gets by itself, for a full gradient.
    with mx.name.NameManager():
        module = made(mx, graph=net(mx, None))
    params = fitted(mx, module, iterator(mx), num_epoch=2)[1]
    wanted = GOLDEN["epochs: up to the second full gradient"][1]
    assert same(plain({n.replace("fullyconnected0", "fc"): a for n, a in params.items()}), wanted, 1e-5)
    assert abs(GOLDEN["differing: full in a name"]["fullyconnected0_weight"]["values"][0]) > 1e4
    optimizer = _SVRGOptimizer("sgd", param_idx2name={0: "full_x", 1: "full_x_full", 2: "y_full"})
    weights = [mx.nd.ones(1) for _ in range(3)]
    for index, weight in enumerate(weights):
        optimizer.update(index, weight, mx.nd.zeros(1), None)
    assert [w.asscalar() for w in weights] == [1, 0, 1]


def test_names_that_would_mean_two_things():
    x = mx.sym.FullyConnected(mx.sym.var("data"), weight=mx.sym.var("w"), bias=mx.sym.var("w_full"), num_hidden=1)
    with pytest.raises(ValueError, match=r"under the names of parameters: \['w_full'\]"):
        SVRGModule(x, label_names=None, update_freq=1)


def test_forward_is_of_both_modules_by_default():
    # In MXNet the snapshot has no part in it without is_train=True, and its gradient is of another batch.
    found = []
    for is_train in (None, True):
        module, data = ready(mx), iterator(mx)
        module.update_full_grads(data)
        data.reset()
        module.forward(next(data), is_train)
        module.backward()
        module.update()
        found.append(plain(module.get_params()[0]))
    assert same(found[0], found[1]) and not agree(found[0], "differing: forward without is_train")


def test_fixed_parameters():
    # MXNet has no gradient to add.
    assert GOLDEN["differing: fixed_param_names"] == {"raises": "MXNetError"}
    module = ready(mx, fixed_param_names=["fc_bias"])
    params = stepped(mx, module, iterator(mx))[1][0][1]
    wanted = 1 - 0.1 / 4 * gradient(range(12))["fc_weight"] / 3
    assert np.allclose(params["fc_weight"]["values"], wanted, rtol=1e-5) and params["fc_bias"]["values"] == [0]


def test_a_second_fit_keeps_the_full_gradient():
    # MXNet sets it to zero, and trains without it until the next one is due.
    whole, parts = (made(mx, update_freq=2) for _ in range(2))
    wanted = fitted(mx, whole, iterator(mx), num_epoch=2)[1]
    fitted(mx, parts, iterator(mx), num_epoch=1)
    found = fitted(mx, parts, iterator(mx), begin_epoch=1, num_epoch=2)[1]
    assert same(plain(found), plain(wanted)) and not agree(found, "differing: goes on")


def test_the_metric_that_is_logged_is_of_the_epoch():
    # As Module.fit of both; MXNet's SVRGModule.fit logs what is left since a callback reset it.
    kwargs = {"num_epoch": 1, "batch_end_callback": lambda p: p.eval_metric.reset_local()}
    lines = fitted(mx, made(mx), iterator(mx), **kwargs)[0]["lines"]
    assert lines == GOLDEN["epochs: up to the second full gradient"][0]["lines"][:2]
    assert lines[0] != GOLDEN["differing: metric reset by a callback"]


def test_multipliers_of_the_graph():
    # MXNet does not read them here.
    weight = mx.sym.Variable("fc_weight", lr_mult=0.0)
    graph = mx.sym.FullyConnected(mx.sym.Variable("data"), weight=weight, num_hidden=1, name="fc")
    graph = mx.sym.LinearRegressionOutput(graph, mx.sym.Variable("y"), name="out")
    params = stepped(mx, ready(mx, graph=graph), iterator(mx))[1][0][1]
    assert params["fc_weight"]["values"] == [1, 1, 1] and params["fc_bias"]["values"] != [0]


def test_rates_that_are_set_later_are_the_parameters():
    # In MXNet the optimizer around it has rates that nothing uses.
    assert GOLDEN["differing: set_learning_rate"] == 0.1
    module = ready(mx)
    module._optimizer.set_learning_rate(0.5)
    module._optimizer.set_lr_mult({"fc_weight": 0.5})
    module._optimizer.set_wd_mult({"fc_weight": 2.0})
    inner = module._optimizer.default_opt
    assert (inner.learning_rate, inner.lr_mult, inner.wd_mult["fc_weight"]) == (0.5, {"fc_weight": 0.5}, 2.0)
    params = stepped(mx, module, iterator(mx))[1][0][1]
    wanted = 1 - 0.25 / 4 * gradient(range(12))["fc_weight"] / 3
    assert np.allclose(params["fc_weight"]["values"], wanted, rtol=1e-5)


def test_an_optimizer_that_is_none():
    with pytest.raises(AssertionError, match="must be an Optimizer or the name of one, got 3"):
        bound(mx).init_optimizer(None, 3)


def test_an_optimizer_object_keeps_its_multipliers():
    optimizer = mx.optimizer.SGD(learning_rate=0.1)
    optimizer.set_lr_mult({"fc_weight": 0.0})
    params = stepped(mx, ready(mx, optimizer=optimizer), iterator(mx))[1][0][1]
    assert params["fc_weight"]["values"] == [1, 1, 1] and params["fc_bias"]["values"] != [0]


def test_full_gradients_are_means_over_processes_too():
    # In MXNet each of several processes takes the sum of all for its own part.
    class Two(type(mx.kv.create("local"))):
        num_workers = 2

    module = ready(mx, Two("local"))
    module._allocate_gradients("fc_bias", [mx.nd.array([4.0])])
    assert module._param_dict[0]["fc_bias"].asscalar() == 2


@pytest.mark.parametrize("store", [None, "local"])
def test_row_sparse_weights(store):
    # MXNet cannot add their gradients in place.
    weight = mx.sym.Variable("w_weight", stype="row_sparse")
    rows = mx.sym.contrib.SparseEmbedding(mx.sym.Variable("data"), weight=weight, input_dim=5, output_dim=1)
    graph = mx.sym.LinearRegressionOutput(mx.sym.sum(rows, axis=1), mx.sym.Variable("y"), name="out")
    data = mx.io.NDArrayIter(np.array([[0, 1], [1, 2]]), np.arange(2.0), batch_size=2, label_name="y")
    module = made(mx, graph=graph)
    module.bind(data.provide_data, data.provide_label)
    module.init_params(mx.init.One())
    module.init_optimizer(store and mx.kv.create(store), "sgd", {"learning_rate": 0.1})
    module.update_full_grads(data)
    assert module._param_dict[0]["w_weight"].asnumpy().ravel().tolist() == [2, 3, 1, 0, 0]
    data.reset()
    batch = next(data)
    if store:
        module.prepare(batch, lambda b: {"w_weight": b.data[0]})
    module.forward_backward(batch)
    module.update()
    wanted = 1 - 0.05 * np.array([2, 3, 1, 0, 0])
    assert np.allclose(module.get_params()[0]["w_weight"].asnumpy().ravel(), wanted)


def test_the_first_step_needs_a_full_gradient():
    module, batch = ready(mx), next(iterator(mx))
    with pytest.raises(AssertionError, match="update_full_grads comes before the first step"):
        module.forward(batch, is_train=True)
    with pytest.raises(AssertionError, match="update_full_grads comes before the first step"):
        module.backward()
    with pytest.raises(ValueError, match="train_data has no batch"):
        module.update_full_grads(_Nothing())


class _Nothing(mx.io.DataIter):
    def iter_next(self):
        return False


def test_a_shared_module_trains_with_the_other_one():
    module, data = ready(mx), iterator(mx)
    module.update_full_grads(data)
    other = made(mx)
    other.bind([("data", (2, 3))], [("y", (2,))], shared_module=module)
    other.forward_backward(next(iterator(mx, 2)))
    other.update()
    wanted = {n: 1 * (n == "fc_weight") - 0.1 / 4 * g / 3 for n, g in gradient(range(12)).items()}
    assert close(other.get_params()[0], wanted)
    plain_module = mx.mod.Module(net(mx), label_names=("y",))
    plain_module.bind(data.provide_data, data.provide_label)
    plain_module.init_params()
    plain_module.init_optimizer()
    with pytest.raises(AssertionError, match="is that of another one"):
        made(mx).bind(data.provide_data, data.provide_label, shared_module=plain_module)


def test_states_are_those_of_both_modules():
    state = mx.sym.Variable("state")
    graph = mx.sym.FullyConnected(mx.sym.Variable("data") * state, num_hidden=1, name="fc")
    graph = mx.sym.LinearRegressionOutput(graph, mx.sym.Variable("y"), name="out")
    module = made(mx, graph=graph, state_names=["state"])
    module.bind([("data", (4, 3))], [("y", (4,))])
    module.init_params(mx.init.One())
    module.init_optimizer(None)

    def states():
        return [m.get_states(merge_multi_context=False)[0][0].asnumpy().min() for m in (module, module._mod_aux)]

    module.set_states(value=3)
    module.update_full_grads(iterator(mx))
    assert states() == [3, 3]
    module.set_states(value=2)
    assert states() == [2, 2]


def test_checkpoints_hold_the_optimizers_states(tmp_path):
    params = {"learning_rate": 0.1, "momentum": 0.9}
    module = ready(mx, params=params)
    stepped(mx, module, iterator(mx))
    watch(module.save_checkpoint, str(tmp_path / "net"), 1, save_optimizer_states=True)
    other = ready(mx, params=params)
    other.set_params(*mx.model.load_checkpoint(str(tmp_path / "net"), 1)[1:])
    other.load_optimizer_states(str(tmp_path / "net-0001.states"))
    assert same(stepped(mx, other, iterator(mx)), stepped(mx, module, iterator(mx)))
