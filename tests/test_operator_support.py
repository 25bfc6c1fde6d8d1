"""Where every operator of MXNet stands: one of three states, true of the table, on the page, and weighted by usage."""

from __future__ import annotations

import json
import re

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import UnsupportedError
from mxgluon_compat.ops import OPERATORS, placement, support
from tools import operators_page

ROWS = support.rows()
NOT_YET = [row for row in ROWS if row.state == "not yet"]
OF_OTHER_BUILDS = "_contrib_intgemm_"  # in MXNet 1.9.1's sources, not in the build that the list was read off


def test_the_list_is_mxnets():
    rows = [row for row in ROWS if not row.name.startswith(OF_OTHER_BUILDS)]
    assert len(rows) + len(support.rows(gradients=True)) == 886
    assert len([name for name in support.names() if not name.startswith(OF_OTHER_BUILDS)]) == 1167


def test_every_operator_of_the_table_is_mxnets():
    known = {n for n in OPERATORS if not n.startswith(OF_OTHER_BUILDS)}
    assert known <= set(support.names())
    assert {support.names()[name] for name in known} == {OPERATORS[name].name for name in known}


def test_states():
    assert {row.state for row in ROWS} <= set(support.STATES)
    assert all(bool(row.reason) == (row.state != "supported") for row in ROWS)
    assert mx.operator_support("Convolution") == ("Convolution", "supported", "", ("_npx_convolution",))
    assert mx.operator_support("_npx_activation").name == "Activation"
    assert mx.operator_support("_npi_copyto").reason.startswith("writes into an array")
    assert mx.operator_support("cast").name == "Cast"
    assert mx.operator_support("_backward_Activation").state == "not applicable"


def test_a_name_that_mxnet_has_not():
    with pytest.raises(ValueError, match="no operator 'convolution2d'"):
        mx.operator_support("convolution2d")


@pytest.mark.parametrize("reasons", [support.NOT_APPLICABLE, support.NOT_YET], ids=["not applicable", "not yet"])
def test_no_reason_is_stale(reasons):
    """Each names operators that exist in MXNet, and none that is supported."""
    for pattern in reasons:
        found = [row for row in ROWS if re.fullmatch(pattern, row.name) and row.name not in OPERATORS]
        assert found, f"{pattern} stands for nothing that is missing"


@pytest.mark.parametrize("package", [mx.nd, mx.sym], ids=["nd", "sym"])
@pytest.mark.parametrize("row", NOT_YET, ids=lambda row: row.name)
def test_not_yet_raises(package, row):
    for name in (row.name, *row.aliases):
        if name.startswith("_np"):
            continue
        module, public = placement.place(name)
        holder = getattr(package, module)
        assert not hasattr(holder, public)
        with pytest.raises(UnsupportedError, match=re.escape(name)):
            getattr(package._internal if module == "random" else holder, name if module == "random" else public)


def test_a_saved_graph_with_missing_operators_says_why(tmp_path):
    nodes = [{"op": "null", "name": "data", "inputs": []}]
    for i, op in enumerate(("_imdecode", "_contrib_quantized_rnn", "_sg_mkldnn_conv", "MyPluginOp")):
        nodes.append({"op": op, "name": f"x{i}", "inputs": [[i, 0, 0]]})
    path = tmp_path / "net-symbol.json"
    path.write_text(json.dumps({"nodes": nodes, "arg_nodes": [0], "heads": [[4, 0, 0]]}))
    with pytest.raises(UnsupportedError) as raised:
        mx.gluon.SymbolBlock.imports(str(path), ["data"])
    for text in (
        "MyPluginOp - MXNet 1.9.1 has no operator of this name",
        "_contrib_quantized_rnn - not yet: fails in MXNet",
        "_imdecode - not yet: fails in MXNet",
        "_sg_mkldnn_conv - not applicable: made by a graph pass of oneDNN",
    ):
        assert text in str(raised.value)


@pytest.mark.parametrize("package", [mx.nd, mx.sym], ids=["nd", "sym"])
def test_names_that_are_no_operators(package):
    """They say why they are not there, and are as absent as any other name to ``hasattr``."""
    for name, reason in (("gen_op", "generator"), ("imdecode", "mx.image")):
        assert not hasattr(package, name)
        with pytest.raises(UnsupportedError, match=rf"\.{name} is not supported: .*{reason}"):
            getattr(package, name)
    with pytest.raises(AttributeError, match="no operator or function 'zeroes'") as raised:
        package.zeroes  # noqa: B018 - the attribute's error is what is tested
    assert not isinstance(raised.value, UnsupportedError)
    assert package._internal._Null is mx.base._Null


def test_usage_is_covered():
    """At least 99.9% of the sites, and no operator that somebody calls is 'not yet'."""
    used = operators_page.usage()
    here, of = operators_page.coverage(used)
    missing = [f"{u.name} ({u.sites})" for u in used if u.state == "missing"]
    assert here / of >= 0.999, missing
    called = {u.name.rpartition(".")[2] for u in used if u.state == "missing"}
    assert not [r.name for r in NOT_YET if called & {placement.place(n)[1] for n in (r.name, *r.aliases)}]


def test_a_missing_name_is_counted(monkeypatch):
    used = [operators_page.Usage("nd.dot", 3, "supported"), operators_page.Usage("nd.gone", 1, "missing"),
            operators_page.Usage("nd.my_op", 9, operators_page.FOREIGN)]  # fmt: skip
    assert operators_page.coverage(used) == (3, 4)
    assert operators_page._state("nd", "contrib.quantized_rnn") == "missing"
    assert operators_page._state("F", "contrib.quadratic") == "supported"
    assert operators_page._state("F", "contrib.quantized_rnn") == "missing"
    assert operators_page._state("random", "uniform") == "supported"
    assert operators_page._state("sym", "CaffeOp") == operators_page.FOREIGN
    assert operators_page._works(mx.nd.NDArray, "softmax") and operators_page._works(mx.sym.Symbol, "list_arguments")
    assert not operators_page._works(mx.sym.Symbol, "optimize_for")  # there, and always raises
    assert not operators_page._works(mx.sym.Symbol, "asnumpy")
    assert not operators_page._works(mx.nd.NDArray, "list_arguments")


def test_every_supported_operator_has_cases():
    supported = {row.name for row in ROWS if row.state == "supported"}
    assert supported - set(operators_page.compared()) <= set(operators_page.ELSEWHERE)
    assert not set(operators_page.ELSEWHERE) & set(operators_page.compared())
    for name in supported & set(operators_page.ELSEWHERE):
        path = operators_page.ROOT / operators_page.ELSEWHERE[name]
        assert placement.place(name)[1].removeprefix("_") in path.read_text(), f"{path} says nothing of {name}"


def test_the_page_is_up_to_date():
    assert operators_page.PAGE.read_text() == operators_page.page(), "run python -m tools.operators_page"
