"""Symbol JSON: files of real MXNet 1.9.1 and older, the exact text, and whatever else may stand in a file."""

import copy
import json
import pathlib

import hypothesis
import pytest
from hypothesis import strategies as st

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError, UnsupportedError

FILES = pathlib.Path(__file__).parent.parent / "golden" / "symbol_json"
LOADABLE = [
    "conv_bn_pool", "embed_ln_attention", "fp16_cast", "misc_multi_output", "mlp", "shared_params", "while_loop",
]  # fmt: skip


def read(name):
    return (FILES / f"{name}-symbol.json").read_text()


def without_versions(graph):
    """The last number of an input counts how often MXNet's tracing saw an auxiliary state written; nothing reads it."""
    for node in graph["nodes"]:
        node["inputs"] = [i[:2] for i in node["inputs"]]
    return graph


@pytest.mark.parametrize("name", LOADABLE)
def test_files_of_mxnet_are_saved_as_they_were(name):
    text = read(name)
    again = mx.sym.load(FILES / f"{name}-symbol.json").tojson()
    assert without_versions(json.loads(again)) == without_versions(json.loads(text))
    if name != "conv_bn_pool":
        assert again == text


def test_all_unknown_operators_are_named_at_once():
    loop = read("while_loop").replace('"_plus_scalar"', '"MyPlus"').replace('"_while_loop"', '"MyLoop"')
    with pytest.raises(UnsupportedError, match=r"MyLoop \(x1: .*\), MyPlus \(x1: .*\)"):
        mx.sym.load_json(loop).infer_shape()
    graph = json.loads(read("mlp"))
    for node in graph["nodes"]:
        if node["op"] in ("FullyConnected", "Activation"):
            node["op"] = "My" + node["op"]
    with pytest.raises(UnsupportedError, match=r"MyActivation \(x2: .*\), MyFullyConnected \(x3: .*\)"):
        mx.sym.load_json(json.dumps(graph)).infer_shape()


# ---------------------------------------------------------------------------------------------- older files
def variable(name, **fields):
    return {"op": "null", "name": name, "inputs": [], **fields}


def graph_of(*nodes, **more):
    return json.dumps({"nodes": nodes, "arg_nodes": [], "heads": [[len(nodes) - 1, 0]], **more})


def dense(**fields):
    return {"op": "FullyConnected", "name": "fc", "inputs": [[0, 0], [1, 0], [2, 0]], **fields}


VARIABLES = (variable("data"), variable("w"), variable("b"))


@pytest.mark.parametrize("field", ["attrs", "attr", "param"])
def test_attributes_under_their_older_names(field):
    symbol = mx.sym.load_json(graph_of(*VARIABLES, dense(**{field: {"num_hidden": "3"}})))
    assert symbol.attr_dict() == {"fc": {"num_hidden": "3"}}


def test_older_hidden_attributes():
    # As MXNet 1.9.1 reads it: the expected values are its own.
    node = dense(param={"num_hidden": "3"}, attr={"ctx_group": "x", "lr_mult": "2", "weight_lr_mult": "3"})
    symbol = mx.sym.load_json(graph_of(*VARIABLES, node, attrs={"mxnet_version": ["int", 800]}))
    assert symbol.attr_dict() == {
        "fc": {"num_hidden": "3", "__ctx_group__": "x", "ctx_group": "x", "__lr_mult__": "2", "lr_mult": "2"},
        "w": {"__lr_mult__": "3", "lr_mult": "3"},
    }


@pytest.mark.parametrize("states", [0, 1])
def test_older_files_lack_auxiliary_states(states):
    names = ["data", "g", "b", "m"][: 3 + states]
    node = {"op": "BatchNorm", "name": "bn", "attrs": {}, "inputs": [[i, 0] for i in range(len(names))]}
    symbol = mx.sym.load_json(graph_of(*map(variable, names), node))
    assert symbol.list_arguments() == ["data", "g", "b"]
    assert symbol.list_auxiliary_states() == ["m" if states else "bn_moving_mean", "bn_moving_var"]
    assert symbol.attr_dict()["bn_moving_var"] == {"__init__": '["one", {}]'}


def test_missing_inputs_become_variables():
    node = dense(attrs={"num_hidden": "3"})
    node["inputs"].pop()
    symbol = mx.sym.load_json(graph_of(*VARIABLES[:2], node))
    assert symbol.list_arguments() == ["data", "w", "fc_bias"]
    assert symbol.attr_dict()["fc_bias"] == {"num_hidden": "3"}


# ---------------------------------------------------------------------------------------------- what is refused
GOOD = (*VARIABLES, dense(attrs={"num_hidden": "3"}))
REFUSED = {
    "not symbol JSON": "}",
    "is not symbol JSON: it needs lists": '{"nodes": {}, "heads": []}',
    "no output": graph_of(*GOOD, heads=[]),
    "needs strings 'op' and 'name'": graph_of(*VARIABLES, {"op": "null"}),
    "must map names to strings": graph_of(*VARIABLES, dense(attrs={"num_hidden": 3})),
    "'inputs' must be a list": graph_of(*VARIABLES, dense(inputs=None)),
    "does not come before it": graph_of(*GOOD[::-1]),
    "is not .node, output, version.": graph_of(*VARIABLES, dense(inputs=[[True, 0]])),
    "output 2 of 'fc' is used": graph_of(*GOOD, heads=[[3, 2]]),
    "variable 'a' has inputs": graph_of(VARIABLES[0], variable("a") | {"inputs": [[0, 0]]}),
    "Required parameter num_hidden": graph_of(*VARIABLES, dense()),
    "Cannot find argument 'mood'": graph_of(*VARIABLES, dense(attrs={"num_hidden": "3", "mood": "x"})),
    "num_hidden expect int": graph_of(*VARIABLES, dense(attrs={"num_hidden": "x"})),
    "has 4 inputs, it takes 3": graph_of(*VARIABLES, dense(attrs={"num_hidden": "3"}, inputs=[[0, 0]] * 4)),
    "num_args = 3": graph_of(
        VARIABLES[0],
        {"op": "Concat", "name": "c", "attrs": {"num_args": "3"}, "inputs": [[0, 0], [0, 0]]},
        attrs={"mxnet_version": ["int", 10901]},
    ),
    "num_outputs expect int": graph_of(
        VARIABLES[0], {"op": "SliceChannel", "name": "c", "attrs": {"num_outputs": "1" * 12}, "inputs": [[0, 0]]}
    ),
    "num_outputs should be greater equal to 1": graph_of(
        VARIABLES[0], {"op": "SliceChannel", "name": "c", "attrs": {"num_outputs": "0"}, "inputs": [[0, 0]]}
    ),
    "more than 100000": graph_of(
        VARIABLES[0], {"op": "SliceChannel", "name": "c", "attrs": {"num_outputs": "1" * 9}, "inputs": [[0, 0]]}
    ),
    "has no outputs": graph_of(
        VARIABLES[0], {"op": "_split_v2", "name": "c", "attrs": {"indices": "()"}, "inputs": [[0, 0]]}
    ),
    "moving_mean must be a variable": graph_of(
        VARIABLES[0],
        {"op": "exp", "name": "e", "inputs": [[0, 0]]},
        {"op": "BatchNorm", "name": "bn", "inputs": [[0, 0], [0, 0], [0, 0], [1, 0], [0, 0]]},
    ),
    "not Unicode": graph_of(variable("\ud800")),
}


@pytest.mark.parametrize("message", list(REFUSED))
def test_refused_with_a_reason(message):
    with pytest.raises(MXNetError, match=message):
        mx.sym.load_json(REFUSED[message])


# ---------------------------------------------------------------------------------------------- anything
SETTINGS = hypothesis.settings(
    max_examples=300, deadline=2000, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)


def loads_or_refuses(text):
    """Loading raises MXNetError or gives a Symbol that can be described, saved and loaded again."""
    try:
        symbol = mx.sym.load_json(text)
    except MXNetError:
        return False
    assert len(symbol.list_outputs()) == len(symbol)
    symbol.get_internals().list_outputs()
    symbol.attr_dict()
    saved = symbol.tojson(remove_amp_cast=False)
    assert mx.sym.load_json(saved).tojson(remove_amp_cast=False) == saved
    return True


@SETTINGS
@hypothesis.given(st.text())
@hypothesis.example('{"nodes": [], "heads": [[0, 0, 0]]}')
@hypothesis.example("[" * 100_000)
@hypothesis.example('{"nodes": ' + "[" * 100_000)
@hypothesis.example("1" * 100_000)
@hypothesis.example('{"nodes": NaN, "heads": Infinity}')
def test_any_text(text):
    loads_or_refuses(text)


@SETTINGS
@hypothesis.given(st.binary())
def test_any_file(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(data)
    with pytest.raises(MXNetError, match="file"):
        mx.sym.load(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
ATTRIBUTES = st.sampled_from(
    ["", "0", "-1", "3", "1e400", "nan", "None", "True", "()", "(1,)", "(-1, 0)", "[1, 2]", "(" * 300, "{}", "x",
     "float16", "999999999999999999999", "(9999999999, 1)", "1j", "__import__", "\x00", "'a'", "[[1]]", "*"]
)  # fmt: skip


def places(value, path=()):
    """Paths to everything inside a JSON value."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from places(item, (*path, i))


@SETTINGS
@hypothesis.given(st.sampled_from(LOADABLE), st.data())
def test_any_changed_file(name, data):
    graph = json.loads(read(name))
    for _ in range(data.draw(st.integers(1, 3))):
        paths = list(places(graph))[1:]
        *path, last = data.draw(st.sampled_from(paths))
        holder = graph
        for key in path:
            holder = holder[key]
        old = holder[last]
        change = data.draw(st.sampled_from(["delete", "replace", "same kind", "double"]))
        if change == "delete":
            del holder[last]
        elif change == "replace":
            holder[last] = data.draw(JSON)
        elif change == "double":
            holder[last] = [old, copy.deepcopy(old)]
        elif isinstance(old, str):
            known = sorted({n["op"] for n in json.loads(read(name))["nodes"]})
            holder[last] = data.draw(ATTRIBUTES | st.sampled_from(known) | st.text())
        elif isinstance(old, int):
            holder[last] = data.draw(st.integers(-2, 30))
    loads_or_refuses(json.dumps(graph))


@SETTINGS
@hypothesis.given(st.sampled_from(LOADABLE), st.data())
def test_any_damaged_text(name, data):
    text = read(name)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    loads_or_refuses(text[:start] + data.draw(st.text(max_size=10)) + text[end:])


@SETTINGS
@hypothesis.given(st.data())
def test_any_attributes_of_any_operator(data):
    op = data.draw(st.sampled_from(sorted(mx.ops.registry.OPERATORS)))
    row = mx.ops.registry.OPERATORS[op]
    chosen = st.fixed_dictionaries(
        {k: ATTRIBUTES for k in row.required}, optional={k: ATTRIBUTES for k in row.defaults}
    )
    count = data.draw(st.integers(0, 6))
    node = {"op": op, "name": "n", "attrs": data.draw(chosen), "inputs": [[i, 0] for i in range(count)]}
    loads_or_refuses(graph_of(*(variable(f"v{i}") for i in range(count)), node))


def test_the_properties_are_not_vacuous():
    for name in LOADABLE:
        assert loads_or_refuses(read(name))
    assert not loads_or_refuses("{}")
