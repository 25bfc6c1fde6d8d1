"""Files of Parameters against real MXNet's."""

from pathlib import Path

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from tests.oracle import gluon_checkpoint as scenario
from tests.oracle.scenario import read, same

GOLDEN = read("gluon_checkpoint")


@pytest.fixture(scope="module")
def found():
    return scenario.results(mx)


def test_all_scenarios_ran(found):
    assert set(found) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_as_mxnet(found, name):
    assert same(found[name], GOLDEN[name], rtol=1e-6, atol=1e-7), f"{found[name]}\n{GOLDEN[name]}"


def arrays(net):
    return {k: v.data().asnumpy() for k, v in net._collect_params_with_prefix().items()}


def unchanged(net, before):
    after = arrays(net)
    return all((after[k] == before[k]).all() and after[k].dtype == before[k].dtype for k in before)


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
