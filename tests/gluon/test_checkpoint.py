"""Files of Parameters against real MXNet's."""

from pathlib import Path

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from tests.oracle import gluon_checkpoint, gluon_load, gluon_saved_model
from tests.oracle import gluon_checkpoint as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    gluon_checkpoint,
    gluon_load,
    gluon_saved_model,
    atol=1e-7,
    # MXNet refuses names under another prefix; tests/gluon/test_namings.py loads them.
    differences=("names: no restore_prefix", "names: other prefix"),
)


def arrays(net):
    return {k: v.data().asnumpy() for k, v in net._collect_params_with_prefix().items()}


def unchanged(net, before):
    after = arrays(net)
    return all((after[k] == before[k]).all() and after[k].dtype == before[k].dtype for k in before)


def everything(net):
    """All that a load could change of every Parameter."""
    found = {}
    for name, param in net._collect_params_with_prefix().items():
        there = param._data is not None
        copies = [(str(a.context), id(a), a.asnumpy().tolist()) for a in param.list_data()] if there else None
        gradients = [id(a) for a in param.list_grad()] if there and param.grad_req != "null" else None
        waiting = [str(w) for w in param._deferred_init]
        found[name] = (param.name, param.shape, str(param.dtype), param.grad_req, copies, gradients, waiting)
    return found


@pytest.mark.parametrize(
    "how",
    [
        lambda net, name: net.collect_params().save(name),
        lambda net, name: net.export(name.replace("-0000.params", "")),
        lambda net, name: net.save_parameters(name),
    ],
)
def test_files_of_every_naming_load_into_a_block(tmp_path, how):
    # MXNet's load_parameters refuses full names and those of export.
    net = scenario.made(mx)
    net.hybridize()
    net(mx.nd.ones((1, 2)))
    name = str(tmp_path / "net-0000.params")
    how(net, name)
    target = scenario.made(mx)
    target.initialize(mx.init.Zero(), force_reinit=True)
    target.load_parameters(name)
    assert all((arrays(target)[k] == v).all() for k, v in arrays(net).items())


@pytest.mark.parametrize("wrong", ["missing", "extra", "shape", "dtype", "context"])
@pytest.mark.parametrize("full", [False, True])
def test_a_load_that_fails_changes_nothing(tmp_path, wrong, full):
    net = scenario.made(mx)
    before = arrays(net)
    names = net.collect_params() if full else net._collect_params_with_prefix()
    saved = {k: v.data() + 1 for k, v in names.items()}
    last = list(saved)[-1]
    if wrong == "missing":
        del saved[last]
    elif wrong == "extra":
        saved[last + "x"] = mx.nd.ones(1)
    elif wrong == "shape":
        saved[last] = mx.nd.ones((9, 9))
    elif wrong == "dtype":
        saved[last] = saved[last].astype("float16")
    else:
        list(names.values())[-1].reset_ctx(mx.cpu(1))
    mx.nd.save(str(tmp_path / "f"), saved)
    with pytest.raises((AssertionError, ValueError)):
        net.load_parameters(str(tmp_path / "f"), ctx=mx.cpu(0))
    assert unchanged(net, before)


def test_extra_names_are_shown_with_what_there_is(tmp_path):
    # MXNet's text has nothing in place of the names.
    net = scenario.made(mx)
    mx.nd.save(
        str(tmp_path / "f"),
        {**{k: v.data() for k, v in net._collect_params_with_prefix().items()}, "x.y": mx.nd.ones(1)},
    )
    with pytest.raises(ValueError, match="'x.y'.*not present.*'0.weight'"):
        net.load_parameters(str(tmp_path / "f"))


def test_damaged_and_foreign_files(tmp_path):
    net = scenario.made(mx)
    name = str(tmp_path / "net.params")
    net.save_parameters(name)
    before = arrays(net)
    content = Path(name).read_bytes()
    for damaged in (content[: len(content) // 2], b"", b"not an array file"):
        with open(name, "wb") as file:
            file.write(damaged)
        with pytest.raises(MXNetError, match="net.params"):
            net.load_parameters(name)
    mx.nd.save(name, [mx.nd.ones(1)])
    with pytest.raises(ValueError, match="without names"):
        net.load_parameters(name)
    with pytest.raises((MXNetError, OSError), match="nothing"):
        net.load_parameters(str(tmp_path / "nothing"))
    assert unchanged(net, before)


def test_names_keep_their_order(tmp_path):
    names = ["z", "a", "m"]
    mx.nd.save(str(tmp_path / "f"), {n: mx.nd.ones(1) for n in names})
    assert list(mx.nd.load(str(tmp_path / "f"))) == names


def test_save_params_outside_its_prefix():
    # MXNet stops on an AttributeError of its own.
    net = scenario.made(mx)
    net.add(mx.gluon.nn.Dense(1, in_units=1, prefix="elsewhere_"))
    net[3].initialize()
    with pytest.warns(UserWarning, match="deprecated"), pytest.raises(ValueError, match="elsewhere_weight"):
        net.save_params("x.params")


STATES = ("fresh", "known shapes", "deferred", "initialised", "two contexts", "frozen")


def in_state(state):
    net = scenario.made(mx, init=False, in_units=0 if state in ("fresh", "deferred") else 2)
    if state in ("deferred", "initialised", "frozen"):
        net.initialize()
    if state == "two contexts":
        net.initialize(ctx=[mx.cpu(1), mx.cpu(2)])
    if state == "frozen":
        net.collect_params().setattr("grad_req", "null")
    return net


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("last", "options"),
    [
        ("shape", {}),
        ("shape", {"cast_dtype": True, "dtype_source": "saved"}),
        ("dtype", {}),
        ("missing", {"ignore_extra": True}),
        ("extra", {"allow_missing": True}),
        ("good", {"cast_dtype": True, "dtype_source": "elsewhere"}),
        ("good", {"ctx": mx.gpu(99)}),
        ("good", {"ctx": [mx.cpu(1), mx.gpu(99)]}),
        ("good", {"ctx": "cpu"}),
        ("good", {"ctx": 3}),
    ],
)
def test_whatever_fails_the_model_is_as_before(tmp_path, state, last, options):
    saved = {k: v.data() for k, v in scenario.made(mx)._collect_params_with_prefix().items()}
    name = list(saved)[-1]
    if last == "shape":
        saved[name] = mx.nd.ones((9, 9))
    elif last == "dtype":
        saved[name] = saved[name].astype("float64")
    elif last == "missing":
        del saved[name]
    elif last == "extra":
        saved["x.y"] = mx.nd.ones(1)
    mx.nd.save(str(tmp_path / "f"), saved)
    net = in_state(state)
    before = everything(net)
    with pytest.raises((AssertionError, ValueError, MXNetError, TypeError, AttributeError)):
        net.load_parameters(str(tmp_path / "f"), **options)
    assert everything(net) == before


def test_a_gpu_that_is_not_there_is_named(tmp_path):
    # MXNet stops inside CUDA, with some Parameters loaded.
    scenario.made(mx).save_parameters(str(tmp_path / "f"))
    with pytest.raises(MXNetError, match=r"gpu\(99\) was asked for"):
        in_state("fresh").load_parameters(str(tmp_path / "f"), ctx=mx.gpu(99))


def test_a_file_without_arrays(tmp_path):
    # MXNet reads it as a list, and stops on an AttributeError of its own.
    name = str(tmp_path / "f")
    mx.nd.save(name, {})
    net = scenario.made(mx)
    before = everything(net)
    with pytest.raises(AssertionError, match="'0.weight' is missing in file"):
        net.load_parameters(name)
    net.load_parameters(name, allow_missing=True)
    assert everything(net) == before


def test_as_many_dimensions_as_the_parameter(tmp_path):
    # MXNet compares the dimensions that both have: an uninitialised bias of shape (3,) takes a (3, 1) from the file.
    name = str(tmp_path / "f")
    mx.nd.save(name, {"weight": mx.nd.ones((3, 2)), "bias": mx.nd.ones((3, 1))})
    net = mx.gluon.nn.Dense(3, prefix="x_")
    with pytest.raises(AssertionError, match=r"'x_bias'.*expected \(3,\) vs saved \(3, 1\)"):
        net.load_parameters(name)
    assert net.weight.shape == (3, 0)


def saved_model(folder):
    net = scenario.made(mx, "a_")
    net.hybridize()
    net(mx.nd.ones((1, 2)))
    net.save(str(folder / "net"))
    return net


def test_a_loaded_model_goes_on_as_any_other(tmp_path):
    # MXNet's can be neither hybridized again nor cast, and exports no Parameters: names and graph disagree.
    net, x = saved_model(tmp_path), mx.nd.ones((1, 2))
    other = scenario.made(mx, "b_", init=False)
    other.load(str(tmp_path / "net"))
    assert [p.name for p in other.collect_params().values()] == list(net.collect_params().keys())
    assert (other(x).asnumpy() == net(x).asnumpy()).all()
    other.export(str(tmp_path / "out"))
    assert sorted(mx.nd.load(str(tmp_path / "out-0000.params"))) == sorted(
        ("aux:" if "running" in n else "arg:") + n for n in net.collect_params()
    )
    other.hybridize()
    other.cast("float64")
    assert other(x.astype("float64")).dtype.__name__ == "float64"
    trainer = mx.gluon.Trainer(other.collect_params(), "sgd", {"learning_rate": 0.1})
    with mx.autograd.record():
        loss = other(x.astype("float64")).sum()
    loss.backward()
    trainer.step(1)


@pytest.mark.parametrize("change", [{"units": 4}, {"extra": True}])
def test_a_model_that_does_not_fit_changes_nothing(tmp_path, change):
    saved_model(tmp_path)
    net = scenario.made(mx, "b_", **change)
    before = everything(net)
    with pytest.raises((KeyError, AssertionError)):
        net.load(str(tmp_path / "net"))
    assert everything(net) == before
    assert net.name == "b" and not net._active


def test_tied_parameters_of_a_loaded_model(tmp_path):
    def tied(prefix):
        net = mx.gluon.nn.Sequential(prefix=prefix)
        with net.name_scope():
            first = mx.gluon.nn.Dense(2, in_units=2)
            net.add(first, mx.gluon.nn.Dense(2, in_units=2, params=first.params))
        return net

    net = tied("a_")
    net.initialize()
    net.save(str(tmp_path / "net"))
    other = tied("b_")
    other.load(str(tmp_path / "net"))
    assert list(other.collect_params().keys()) == ["a_dense0_weight", "a_dense0_bias"]
    assert other[0].weight is other[1].weight


def test_an_imported_graph_keeps_its_names(tmp_path):
    data = mx.sym.var("data")
    out = mx.sym.FullyConnected(data, num_hidden=2, name="fc")
    net, other = mx.gluon.SymbolBlock(out, data), mx.gluon.SymbolBlock(out, data)
    net.initialize()
    x = mx.nd.ones((1, 3))
    wanted = net(x)
    net.save(str(tmp_path / "net"))
    other.load(str(tmp_path / "net"))
    assert (other(x).asnumpy() == wanted.asnumpy()).all()
    assert sorted(other.collect_params().keys()) == ["fc_bias", "fc_weight"]
