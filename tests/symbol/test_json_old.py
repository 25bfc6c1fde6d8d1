"""Symbol JSON of older MXNet against what 1.9.1 makes of it; graphs with operators that are not there."""

import json

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import UnsupportedError
from tests.oracle import symbol_json_old
from tests.oracle.scenario import plain
from tests.scenarios import against_mxnet

pytestmark = pytest.mark.filterwarnings("ignore:Cannot decide shape")
DIFFERENCES = {
    "fields: heads [[3, 0, 5]]": "the number beside an output, which nothing reads, is 0 again",
    "fields: unknown fields": "are passed over",
    "lacking: Activation [('act_type', 'relu')], 0 inputs": "the input is added, as others are",
}
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(symbol_json_old, differences=DIFFERENCES)


def test_differences(found):
    ours = found[symbol_json_old]
    heads, fields, lacking = (ours[name] for name in DIFFERENCES)
    assert '"heads": [[3, 0, 0]]' in heads["json"] and fields["outputs"] == ["fc_output"]
    assert lacking["arguments"] == ["n_data"] and lacking["outputs"] == ["n_output"]


def strange(count=2):
    """A graph of a convolution between operators that nobody has."""
    nodes = [{"op": "null", "name": "data", "inputs": []}, {"op": "null", "name": "w", "inputs": []}]
    nodes.append({"op": "MyPlugin", "name": "first", "attrs": {"a": "(1, 2)"}, "inputs": [[0, 0, 0]]})
    attrs = {"kernel": "(1, 1)", "num_filter": "2", "no_bias": "True"}
    nodes.append({"op": "Convolution", "name": "conv", "attrs": attrs, "inputs": [[2, 0, 0], [1, 0, 0]]})
    for k in range(count):
        nodes.append({"op": "_sg_mkldnn_conv", "name": f"fused{k}", "inputs": [[len(nodes) - 1, 0, 0]]})
    return {"nodes": nodes, "arg_nodes": [0, 1], "heads": [[len(nodes) - 1, 0, 0]]}


def test_unknown_operators_can_be_looked_at():
    symbol = mx.sym.load_json(json.dumps(strange()))
    assert symbol.list_arguments() == ["data", "w"] and symbol.list_outputs() == ["fused1_output"]
    assert symbol.get_internals().list_outputs() == [
        "data", "first_output", "w", "conv_output", "fused0_output", "fused1_output"
    ]  # fmt: skip
    assert symbol.attr_dict()["first"] == {"a": "(1, 2)"}
    again = json.loads(symbol.tojson())
    assert sorted(n["op"] for n in again["nodes"] if n["op"] != "null") == [
        "Convolution", "MyPlugin", "_sg_mkldnn_conv", "_sg_mkldnn_conv"
    ]  # fmt: skip
    assert mx.sym.load_json(symbol.tojson()).tojson() == symbol.tojson()


@pytest.mark.parametrize(
    "use",
    [
        lambda s: s.bind(mx.cpu(), {"data": mx.nd.ones((1, 1, 2, 2)), "w": mx.nd.ones((2, 1, 1, 1))}).forward(),
        lambda s: s.simple_bind(mx.cpu(), data=(1, 1, 2, 2)),
        lambda s: s.eval(data=mx.nd.ones((1, 1, 2, 2)), w=mx.nd.ones((2, 1, 1, 1))),
        lambda s: s.infer_shape(data=(1, 1, 2, 2)),
        lambda s: mx.gluon.SymbolBlock(s, mx.sym.var("data")).infer_shape(mx.nd.ones((1, 1, 2, 2))),
    ],
    ids=["bind", "simple_bind", "eval", "infer_shape", "SymbolBlock"],
)
def test_unknown_operators_do_not_run(use):
    with pytest.raises(UnsupportedError) as raised:
        use(mx.sym.load_json(json.dumps(strange())))
    for text in ("MyPlugin (x1: first)", "_sg_mkldnn_conv (x2: fused0, fused1)"):
        assert text in str(raised.value)


def test_imports_tell_at_once(tmp_path):
    (tmp_path / "net-symbol.json").write_text(json.dumps(strange(9)))
    with pytest.raises(UnsupportedError, match=r"_sg_mkldnn_conv \(x9: fused0, fused1, fused2, fused3, \.\.\.\)"):
        mx.gluon.SymbolBlock.imports(str(tmp_path / "net-symbol.json"), ["data"])


def test_what_is_known_before_them_runs():
    symbol = mx.sym.load_json(json.dumps(strange()))
    inner = symbol.get_internals()["conv_output"]
    assert plain(inner.list_arguments()) == ["data", "w"]
