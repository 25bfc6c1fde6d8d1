"""The message that an operator runs on dense forms of sparse arrays: for what it comes, how often, how to stop it."""

import logging
import re
import subprocess
import sys

import pytest

import mxgluon_compat as mx
from mxgluon_compat.ndarray import fallback
from tests.oracle import sparse_fallback
from tests.oracle.scenario import read
from tests.oracle.sparse_common import csr, rsp

nd = mx.nd
GOLDEN = read("sparse_fallback")
CASES = [(name, kinds) for name in sorted(GOLDEN) for kinds in sorted(GOLDEN[name])]


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    monkeypatch.setattr(fallback, "_said", set())
    monkeypatch.delenv("MXNET_STORAGE_FALLBACK_LOG_VERBOSE", raising=False)


@pytest.fixture(scope="module")
def found():
    before, fallback._said = fallback._said, set()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MXNET_STORAGE_FALLBACK_LOG_VERBOSE", raising=False)
        yield sparse_fallback.results(mx)
    fallback._said = before


def _handled_here(name, kinds):
    """Where we work on what is stored, or make no copy, and MXNet does not."""
    if name.startswith("dot"):
        return kinds in ("csr default", "csr row_sparse")
    if name.startswith(("sum", "mean")):
        return kinds == "csr"
    return name in ("_identity_with_attr_like_rhs",)


def _facts(messages):
    """Without the values of the attributes, whose order and spelling are those of the caller in MXNet."""
    return [[*told[:3], sorted(re.findall(r'"(\w+)" :', told[3])), told[4]] for told in messages]


def test_all_scenarios_ran(found):
    assert {name: set(kinds) for name, kinds in found.items()} == {name: set(kinds) for name, kinds in GOLDEN.items()}


@pytest.mark.parametrize(("name", "kinds"), CASES)
def test_as_mxnet(found, name, kinds):
    ours, theirs = found[name][kinds], GOLDEN[name][kinds]
    if theirs == "refused":  # the dense form does it, and the message says so, or a rule does
        return
    if ours == [] and theirs != []:
        assert _handled_here(name, kinds), theirs
    else:
        assert _facts(ours) == _facts(theirs)


def test_the_message(caplog):
    nd.sum(rsp(mx), axis=(0, 1), keepdims=True)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING and record.name.startswith("mxgluon_compat")
    lines = record.getMessage().splitlines()
    assert lines[:7] == [
        "",
        "Storage type fallback detected:",
        "operator = sum",
        "input storage types = [row_sparse, ]",
        "output storage types = [default, ]",
        'params = {"axis" : (0, 1), "keepdims" : True, }',
        "context.dev_mask = cpu",
    ]
    assert "MXNET_STORAGE_FALLBACK_LOG_VERBOSE=0" in lines[7]


def test_once_for_each_combination(caplog):
    for make in (rsp, csr):
        for _ in range(3):
            nd.exp(make(mx))
    nd.exp(rsp(mx).as_in_context(mx.cpu(1)))
    assert [re.findall(r"input storage types = \[(.*), \]", r.getMessage()) for r in caplog.records] == [
        ["row_sparse"], ["csr"]
    ]  # fmt: skip


def test_switched_off(caplog, monkeypatch):
    monkeypatch.setenv("MXNET_STORAGE_FALLBACK_LOG_VERBOSE", "0")
    nd.exp(rsp(mx))
    assert not caplog.records
    monkeypatch.setenv("MXNET_STORAGE_FALLBACK_LOG_VERBOSE", "1")
    nd.exp(rsp(mx))
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "function",
    [
        lambda: nd.ones((2, 3)).exp(),
        lambda: rsp(mx) + rsp(mx),
        lambda: csr(mx) * 2,
        lambda: nd.dot(csr(mx), nd.ones((5, 2))),
        lambda: csr(mx).norm(),
        lambda: nd.elemwise_add(rsp(mx), nd.ones((5, 3))),
        lambda: rsp(mx).tostype("default"),
        lambda: rsp(mx).asnumpy(),
        lambda: csr(mx)[1:3],
        lambda: rsp(mx).copyto(nd.zeros((5, 3))),
        lambda: repr(rsp(mx)),
        lambda: nd.sgd_update(nd.ones((5, 3)), rsp(mx), lr=0.1, lazy_update=False),
    ],
)
def test_silent(function, caplog):
    function()
    assert not caplog.records


def test_no_python_warning(recwarn, caplog):
    nd.exp(rsp(mx))
    assert len(caplog.records) == 1 and not recwarn.list


@pytest.mark.parametrize("verbose", ["0", "1"])
def test_stderr_of_a_program(verbose):
    path = ":".join(p for p in sys.path if p)
    program = "import mxgluon_compat as mx; mx.nd.exp(mx.nd.zeros((2, 3), stype='csr'))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True,
        env={"MXNET_STORAGE_FALLBACK_LOG_VERBOSE": verbose, "PATH": "", "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert ("Storage type fallback detected:" in done.stderr) == (verbose == "1"), done.stderr
