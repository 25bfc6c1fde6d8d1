"""Which arrays belong to which Parameters where names differ: what is found, what is said, and what is refused."""

import itertools
import logging
import warnings

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import mxgluon_compat as mx
from mxgluon_compat.gluon import nn

MATCHING = "mxgluon_compat.gluon.matching"
LAYERS = itertools.count(1)


def net_of(units, prefix=None, in_units=2, scope=True, kind=nn.HybridSequential):
    net = kind(prefix=prefix)
    with net.name_scope() if scope else warnings.catch_warnings():
        for n in units:
            net.add(nn.Dense(n, in_units=in_units))
            in_units = n if in_units else 0
    return net


def filled(net):
    net.initialize()
    for param in net.collect_params().values():
        size = int(np.prod(param.shape))
        param.set_data(mx.nd.array(np.arange(size).reshape(param.shape) + 10 * next(LAYERS)))
    return net


def values(net):
    return [p.data().asnumpy().tolist() for p in net.collect_params().values()]


def state(net):
    return [
        (p.name, p.shape, str(p.dtype), p._data and p.data().asnumpy().tolist()) for p in net.collect_params().values()
    ]


@pytest.fixture
def name(tmp_path):
    return str(tmp_path / "net.params")


@pytest.fixture(autouse=True)
def strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# ---------------------------------------------------------------------------------------------- found
@pytest.mark.parametrize("way", ["parameters", "export", "collect_params"])
def test_names_that_are_the_same_are_not_spoken_of(name, caplog, way):
    net = filled(net_of([3, 4], "net_"))
    if way == "parameters":
        net.save_parameters(name)
    elif way == "collect_params":
        net.collect_params().save(name)
    else:
        net.hybridize()
        net(mx.nd.ones((1, 2)))
        net.export(name)
        name += "-0000.params"
    with caplog.at_level(logging.DEBUG):
        net_of([3, 4], "net_").load_parameters(name)
    assert caplog.messages == []


def test_another_prefix_is_logged(name, caplog):
    net, other = filled(net_of([3, 4], "a_b_")), net_of([3, 4], "c_")
    net.collect_params().save(name)
    with caplog.at_level(logging.INFO, MATCHING):
        other.load_parameters(name)
    assert values(other) == values(net)
    assert caplog.messages == [
        f"{name}: names match under another prefix ('c_dense0_weight' is 'a_b_dense0_weight' there)"
    ]


def test_numbers_of_the_whole_process(name, caplog):
    # Without a name scope, the layers of a second net go on counting: dense3, dense4, ... beside dense0, dense1, ...
    with mx.name.NameManager():
        net = filled(net_of([2] * 11, scope=False))
        net.collect_params().save(name)
        between, other = nn.Dense(1), net_of([2] * 11, scope=False)
    assert next(iter(net.collect_params())) == "dense0_weight"
    assert next(iter(other.collect_params())) == "dense12_weight", between
    with caplog.at_level(logging.INFO, MATCHING):
        other.load_parameters(name)
    assert values(other) == values(net)
    assert "names match but for the numbers in them ('dense12_weight' is 'dense0_weight' there)" in caplog.text


def test_numbers_at_several_depths(name):
    def made(first, second, prefix):
        names = [f"{prefix}stage{first}_conv{second + k}_weight" for k in (0, 1)]
        names += [f"{prefix}stage{first + 1}_conv{second + k}_weight" for k in (2, 10)] + [f"{prefix}out{second}_bias"]
        params = mx.gluon.ParameterDict()
        for n in names:
            params.get(n, shape=(2,))
        return params

    params, other = made(9, 9, "a0_"), made(0, 3, "b7_")
    for i, param in enumerate(params.values()):
        param.initialize(mx.init.Constant(i))
    params.save(name)
    other.load(name)
    assert [p.data().asnumpy()[0] for p in other.values()] == [0, 1, 2, 3, 4]


def test_statistics_of_graphs_made_by_hand(name):
    # Symbols call BatchNorm's states moving_mean and moving_var, Blocks running_mean and running_var.
    arrays = {f"bn_{n}": mx.nd.ones(3) * i for i, n in enumerate(("gamma", "beta", "moving_mean", "moving_var"))}
    marked = {("aux:" if "moving" in n else "arg:") + n: v for n, v in arrays.items()}
    for prefix, given in itertools.product(("bn_", "x_"), (arrays, marked, dict(reversed(marked.items())))):
        mx.nd.save(name, given)
        block = nn.BatchNorm(prefix=prefix)
        block.load_parameters(name)
        found = [p.data().asnumpy()[0] for p in (block.gamma, block.beta, block.running_mean, block.running_var)]
        assert found == [0, 1, 2, 3]


def test_shapes_that_fit_in_one_way(name):
    shapes = {"fc1": (3, 2), "fc2": (4, 3), "last": (1, 4)}
    arrays = {f"arg:{n}_bias": mx.nd.ones(s[0]) * s[0] for n, s in shapes.items()}
    arrays.update({f"arg:{n}_weight": mx.nd.ones(s) * s[0] for n, s in shapes.items()})
    mx.nd.save(name, arrays)
    for in_units in (2, 0):
        net = net_of([3, 4, 1], "net_", in_units=in_units)
        with pytest.warns(UserWarning, match="fit in one way only: 'fc1_bias -> net_dense0_bias'|'fc1_weight -> net_"):
            net.load_parameters(name)
        assert [p.data().asnumpy().flat[0] for p in net.collect_params().values()] == [3, 3, 4, 4, 1, 1]


def test_statistics_belong_to_their_layer(name):
    # gamma tells the layers apart, and the statistics follow it.
    mx.nd.save(name, {f"{p}_{n}": mx.nd.ones(s) * s for s, p in ((3, "p"), (4, "q")) for n in
                      ("gamma", "beta", "moving_mean", "moving_var")})  # fmt: skip
    net = nn.HybridSequential(prefix="n_")
    net.add(nn.BatchNorm(prefix="n_x_"), nn.BatchNorm(in_channels=3, prefix="n_y_"))
    net[0].gamma.shape = (4,)
    with pytest.warns(UserWarning, match="fit in one way only"):
        net.load_parameters(name)
    assert [p.data().asnumpy()[0] for p in net.collect_params().values()] == [4] * 4 + [3] * 4


def test_a_structural_file_of_a_block_around(name):
    net = filled(net_of([3, 4], "net_"))
    around = nn.HybridSequential(prefix="around_")
    around.add(net)
    around.save_parameters(name)
    assert "0.1.weight" in mx.nd.load(name)
    other = nn.HybridSequential(prefix="x_")
    other.inner = net_of([3, 4], "y_")
    other.load_parameters(name)
    assert values(other) == values(net)


def test_structural_names_in_a_parameter_dict(name):
    net, other = filled(net_of([3, 3], "net_")), net_of([3, 3], "other_")
    net.save_parameters(name)
    other.collect_params().load(name)
    assert values(other) == values(net)
    bias = net_of([3, 3], "b_").collect_params(".*bias")
    with pytest.raises(AssertionError, match="'0.weight' loaded from.*is not present"):
        bias.load(name)
    bias.load(name, ignore_extra=True)
    assert [p.data().asnumpy().tolist() for p in bias.values()] == [values(net)[1], values(net)[3]]


@pytest.mark.parametrize("more", ["file", "model"])
def test_something_left_over_on_one_side(name, more):
    large, small = filled(net_of([3, 4, 5], "a_")), filled(net_of([3, 4], "b_"))
    source, target = (large, small) if more == "file" else (small, large)
    source.collect_params().save(name)
    before = state(target)
    for load in (target.load_parameters, target.collect_params().load):
        with pytest.raises(AssertionError, match="a_dense2_bias|b_dense2_bias|In all, .*dense2_bias"):
            load(name)
        assert state(target) == before
        options = {"ignore_extra": True} if more == "file" else {"allow_missing": True}
        with pytest.warns(UserWarning, match="under another prefix .*: 4 of . Parameters, . arrays"):
            load(name, **options)
        assert values(target)[:4] == values(source)[:4]
        target.initialize(force_reinit=True)
        before = state(target)


def test_a_prefix_with_a_dot(name):
    net, other = filled(net_of([3, 4], "m.x_")), net_of([3, 4], "net_")
    net.hybridize()
    net(mx.nd.ones((1, 2)))
    net.export(name)
    for target in (other, net_of([3, 4], "m.x_")):
        target.load_parameters(name + "-0000.params")
        assert values(target) == values(net)


# ---------------------------------------------------------------------------------------------- refused
def refused(target, name, match, **options):
    before = state(target)
    for load in (target.load_parameters, target.collect_params().load):
        with pytest.raises((AssertionError, ValueError), match=match) as error:
            load(name, **options)
        assert state(target) == before
        assert "\n" not in str(error.value)


def test_shapes_that_fit_in_several_ways(name):
    arrays = {n: mx.nd.ones(s) for n, s in {"p_weight": (2, 2), "q_weight": (2, 2), "p_bias": 2, "q_bias": 2}.items()}
    mx.nd.save(name, {f"arg:{n}": v for n, v in arrays.items()})
    several = "fit in several ways: 'net_dense0' may be any of 'p', 'q'"
    refused(net_of([2, 2], "net_"), name, f"is missing in file.*In all, its names are others, and its shapes {several}")
    refused(net_of([2, 2], "net_"), name, several, allow_missing=True, ignore_extra=True)


@pytest.mark.parametrize("names", [("p_weight", "p_gamma", "q_beta", "q_bias"), ("weight", "p_weight", "q_a", "q_b")])
def test_layers_of_other_parts(name, names):
    shapes = [(2, 2), (2,), (2, 2), (2,)]
    mx.nd.save(name, {f"arg:{n}": mx.nd.ones(s) for n, s in zip(names, shapes, strict=True)})
    refused(net_of([2, 2], "net_"), name, "no layer in it has the shapes of|there are arrays of 3 layers for 2")


def test_one_array_of_another_part(name):
    mx.nd.save(name, {"x_bias": mx.nd.ones(3)})
    params = mx.gluon.ParameterDict()
    params.get("y_gamma", shape=(3,))
    with pytest.raises(AssertionError, match="'y_gamma' is missing"):
        params.load(name)
    assert params["y_gamma"]._data is None


def test_places_are_no_counters(name):
    # Of f.3 and f.5, 0 and 1 may be any: there is no order in which the places were given.
    mx.nd.save(name, {"f.3.weight": mx.nd.ones((2, 2)), "f.5.weight": mx.nd.ones((2, 2))})
    net = nn.HybridSequential(prefix="n_")
    net.add(*(nn.Dense(2, in_units=2, use_bias=False, prefix=p) for p in ("n_a_", "n_b_")))
    refused(net, name, "fit in several ways")


def test_prefixes_that_fit_in_several_ways(name):
    arrays = {f"{p}_dense0_{n}": mx.nd.ones(s) for p in ("a", "b") for n, s in (("weight", (3, 2)), ("bias", 3))}
    mx.nd.save(name, arrays)
    several = "fit in several ways under other prefixes: 'net_dense0_weight' may be '._dense0_weight' or '._dense0"
    refused(net_of([3], "net_"), name, several, ignore_extra=True)
    refused(net_of([3], "net_"), name, several, ignore_extra=True, allow_missing=True)
    refused(net_of([3], "net_"), name, "there are 4 arrays for 2 Parameters, under other names; the file lacks")


def test_names_of_which_some_are_the_same(name):
    # dense1 is in both, and its number in the file would make it dense2.
    with mx.name.NameManager():
        net = filled(net_of([2, 2], scope=False))
        net.collect_params().save(name)
    with mx.name.NameManager():
        between, other = nn.Dense(1), net_of([2, 2], scope=False)
    refused(other, name, "'dense2_weight' is missing.*the file lacks 'dense2_weight', 'dense2_bias'; the model lacks "
                         "'dense0_weight', 'dense0_bias'")  # fmt: skip
    assert between is not None


def test_all_shapes_that_do_not_fit_are_listed(name):
    filled(net_of([3, 4], "a_")).collect_params().save(name)
    text = (
        r"'c_dense1_weight' from saved params: shape incompatible expected \(5, 3\) vs saved \(4, 3\); in all, 2 do "
        r"not fit: 'c_dense1_weight \(5, 3\) vs \(4, 3\)', 'c_dense1_bias \(5,\) vs \(4,\)'"
    )
    refused(net_of([3, 5], "c_"), name, text)


def test_all_that_is_missing_and_extra_is_listed(name):
    net = filled(net_of([3, 4], "a_"))
    saved = {k: v.data() for k, v in net._collect_params_with_prefix().items() if not k.startswith("0")}
    mx.nd.save(name, {**saved, "2.weight": mx.nd.ones(1), "y.z": mx.nd.ones(1)})
    with pytest.raises(AssertionError, match="lacks '0.weight', '0.bias'; the model lacks '2.weight', 'y.z'"):
        net.load_parameters(name)
    with pytest.raises(ValueError, match="'2.weight' loaded from.*In all, the model lacks '2.weight', 'y.z'"):
        net.load_parameters(name, allow_missing=True)


def test_two_arrays_of_one_name(name):
    net = net_of([3], "a_")
    arrays = {k: mx.nd.ones(p.shape) for k, p in net.collect_params().items()}
    mx.nd.save(name, {**arrays, "arg:a_dense0_bias": mx.nd.zeros(3)})
    refused(net, name, "holds two arrays for 'a_dense0_bias'")


def test_nothing_that_fits_is_said(name):
    # MXNet loads nothing and says nothing.
    mx.nd.save(name, {"arg:x_weight": mx.nd.ones(1), "arg:y_gamma": mx.nd.ones(1), "arg:y_beta": mx.nd.ones(1)})
    net = filled(net_of([3], "a_"))
    before = state(net)
    for load in (net.load_parameters, net.collect_params().load):
        with pytest.warns(UserWarning, match="no name is that of a Parameter; nothing is loaded"):
            load(name, allow_missing=True, ignore_extra=True)
    assert state(net) == before


def test_alike_on_both_sides_by_chance(name):
    # Something is left over on both sides: what has the same rest of a name need not be the same.
    mx.nd.save(name, {"vgg0_dense0_weight": mx.nd.ones((3, 2)), "vgg0_conv0_weight": mx.nd.ones(1)})
    net = filled(net_of([3], "ssd0_"))
    before = state(net)
    with pytest.warns(UserWarning, match="nothing is loaded"):
        net.load_parameters(name, allow_missing=True, ignore_extra=True)
    assert state(net) == before


def test_an_explicit_prefix_is_taken_at_its_word(name):
    net, other = filled(net_of([3], "a_")), net_of([3], "b_")
    net.collect_params().save(name)
    with pytest.raises(AssertionError, match="is missing in file"):
        other.collect_params().load(name, restore_prefix="b_")


# ---------------------------------------------------------------------------------------------- whatever the names are
@pytest.mark.parametrize(
    "names",
    [
        ["_" * 200_000, "." * 200_000],
        ["a_" * 100_000 + "weight", "b_" * 100_000 + "bias"],
        ["1" * 100_000, "1" * 100_000 + "_2"],
        [f"n{i}_weight" for i in range(20_000)],
        ["", "_"],
    ],
)
def test_long_names_and_many(name, names):
    """Refused, and at once: a search that tries all ways would not end here."""
    mx.nd.save(name, {n: mx.nd.ones(1) for n in names})
    net = net_of([3], "a_")
    for options in ({}, {"allow_missing": True}, {"ignore_extra": True}):
        with pytest.raises((AssertionError, ValueError)):
            net.load_parameters(name, **options)


PARTS = st.lists(
    st.sampled_from(["a", "b0", "b1", "b10", "1", "01", "", "weight", "running_mean"]), min_size=1, max_size=4
)
NAMES = st.builds(lambda parts, dot: (".", "_")[dot].join(parts), PARTS, st.booleans())
SHAPES = st.sampled_from([(1,), (2,), (2, 1), (1, 2)])
FILES = st.dictionaries(st.builds(str.__add__, st.sampled_from(["", "arg:", "aux:"]), NAMES), SHAPES, max_size=6)


@hypothesis.settings(max_examples=600, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(FILES, st.dictionaries(NAMES, SHAPES, max_size=5), st.booleans(), st.booleans())
def test_any_names(tmp_path_factory, file, model, allow_missing, ignore_extra):
    """All fits, or nothing changes; no array goes to two Parameters."""
    name = str(tmp_path_factory.getbasetemp() / "any.params")
    mx.nd.save(name, {n: mx.nd.ones(s) * i for i, (n, s) in enumerate(file.items())})
    params = mx.gluon.ParameterDict()
    for n, shape in model.items():
        params.get(n, shape=shape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            params.load(name, None, allow_missing, ignore_extra)
        except (AssertionError, ValueError):
            assert all(p._data is None for p in params.values())
            return
    loaded = [int(p.data().asnumpy().flat[0]) for p in params.values() if p._data is not None]
    assert len(set(loaded)) == len(loaded)
    assert allow_missing or len(loaded) == len(model)
    assert ignore_extra or len(loaded) == len(file)


@hypothesis.settings(max_examples=300, deadline=None)
@hypothesis.given(
    st.lists(
        st.tuples(st.sampled_from(["dense", "conv", "out"]), st.integers(0, 30)), min_size=1, max_size=8, unique=True
    ),
    st.integers(1, 500),
    st.sampled_from(["", "x_", "net3_"]),
    st.sampled_from(["", "y_", "net12_"]),
    st.randoms(),
)
def test_counters_that_go_on(layers, shift, there, here, random):
    """Whatever the order in the file, layers keep their order by number."""
    file = {f"{there}{hint}{number}_weight": mx.nd.ones(1) * i for i, (hint, number) in enumerate(layers)}
    params = mx.gluon.ParameterDict()
    for hint, number in layers:
        params.get(f"{here}{hint}{number + shift}_weight", shape=(1,))
    if set(file) & set(params.keys()):
        return
    items = list(file.items())
    random.shuffle(items)
    params.load_dict(dict(items))
    assert [int(p.data().asscalar()) for p in params.values()] == list(range(len(layers)))
