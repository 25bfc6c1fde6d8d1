"""Code bases in the style of public ones: what doctor says of them is so when they run."""

from __future__ import annotations

import ast
import importlib
import pathlib
import sys
from unittest import mock

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.interop import install, uninstall
from mxgluon_compat.interop.doctor import MISSING, UNKNOWN
from mxgluon_compat.interop.doctor.sources import parts_of
from tests.doctor import marks

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
PACKAGES = ("classifier", "sequences", "modules", "book", "detector")


def told(uses, *states):
    return {
        (pathlib.Path(use.file).name, use.name, use.judged.state) for use in uses if use.judged.state in states
    }  # fmt: skip


# What each package uses that is not there.
NOT_THERE = {
    "classifier": {
        ("train.py", "mx.kv.create", MISSING),
        ("train.py", "mx.rtc.CudaModule", MISSING),
        ("train.py", "CudaModule.get_kernel", MISSING),
    },
    "sequences": {
        ("helpers.py", "mx.nd.imdecode", MISSING),
        ("model.py", "mx.nd.contrib.quantized_rnn", MISSING),
        ("model.py", "mx.gluon.nn.Dense", MISSING),
    },
    "modules": {("mlp.py", "Symbol.gradient", MISSING)},
    "book": set(),
    "detector": {
        ("ops.py", "mx.base._LIB.MXNDArrayWaitAll", MISSING),
        ("ops.py", "mx.libinfo.find_lib_path", MISSING),
        ("ops.py", "mx.nd.no_such_operator", UNKNOWN),
        ("ops.py", "getattr(mx.nd, ...)", UNKNOWN),
    },
}


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_not_there_is_found(package):
    assert told(marks.uses_of(HERE / package), MISSING, UNKNOWN) == NOT_THERE[package]


def test_names_are_resolved():
    names = {use.name for use in marks.uses_of(*(HERE / p for p in PACKAGES))}
    assert {
        "mx.gluon.nn.Dense", "mx.context.cpu", "mx.init.Xavier", "HybridSequential.add", "mx.nd.Activation",
        "ParameterDict.get", "ParameterDict.items", "Trainer.step", "mx.gluon.loss.L2Loss", "NDArray.attach_grad",
        "mx.symbol.Variable", "Symbol.simple_bind", "Executor.forward", "mx.nd.contrib.MultiBoxPrior", "mx.nd.mean",
        "LSTM.begin_state", "GRUCell.unroll", "HybridBlock.name_scope", "mx.ndarray.zeros", "CustomOp.assign",
        "NDArray.norm", "mx.lr_scheduler.CosineScheduler", "mx.contrib.amp",
    } <= names  # fmt: skip


# ---------------------------------------------------------------------------------------------- what runs
def run_classifier():
    importlib.import_module("classifier.train").train()


def run_sequences():
    importlib.import_module("sequences.model").train()


def run_modules():
    program = importlib.import_module("mlp")
    program.by_executor()
    program.by_module(np.ones((8, 5), "float32"), 1)


def run_detector():
    importlib.import_module("ops").detect()
    # Where there are GPUs, or none, it names another device, which takes none.
    with mock.patch.object(mx.context, "num_gpus", return_value=int(not mx.context.num_gpus())):
        importlib.reload(importlib.import_module("common"))


def run_book():
    losses = importlib.import_module("losses")
    scope = {"display": None}
    path = HERE / "book" / "linear_regression.ipynb"
    for part in parts_of(path):
        # IPython is not there, and is not what is tried
        part.tree.body = [n for n in part.tree.body if getattr(n, "module", "") != "IPython"]
        exec(compile(part.tree, f"{path}:{part.cell}", "exec"), scope)
    assert losses.Weighted()(scope["features"], scope["features"]).sum().asscalar() == 0


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """The alias, and the packages in ``sys.path``; afterwards as before."""
    before = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    for folder in (HERE, HERE / "modules", HERE / "book", HERE / "detector"):
        monkeypatch.syspath_prepend(str(folder))
    install()
    yield
    uninstall()
    for name in set(sys.modules) - before:
        if str(HERE) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


def functions_with(uses):
    """{(file, line)} of the functions in which something is not there: they cannot run."""
    bad = {(use.file, use.line) for use in uses if use.judged.state in (MISSING, UNKNOWN)}
    lines = set()
    for file in {file for file, _ in bad if file.endswith(".py")}:
        for node in ast.walk(ast.parse(pathlib.Path(file).read_text())):
            if isinstance(node, ast.FunctionDef):
                own = {(file, line) for line in range(node.lineno, node.end_lineno + 1)}
                lines |= own if own & bad else set()
    return lines


@pytest.mark.parametrize("package", PACKAGES)
def test_each_supported_call_runs(package, programs):
    uses, places = marks.uses_of(HERE / package), set()
    with marks.recording(HERE, places.add):
        globals()[f"run_{package}"]()
    refused = functions_with(uses)
    assert [use for use in marks.missed(uses, places) if (use.file, use.line) not in refused] == []


# ---------------------------------------------------------------------------------------------- programs that run here
def test_examples_and_programs():
    uses = marks.uses_of(ROOT / "examples", ROOT / "tests" / "legacy")
    assert told(uses, MISSING, UNKNOWN) == {
        # what a hook of MXNet's does with the handles that it gets; never reached here, hooks get arrays
        ("op_hooks.py", "mx.base.NDArrayHandle", MISSING),
        ("op_hooks.py", "mx.nd.NDArray", MISSING),
        # tries what is not there, and prints the error
        ("zoo_finetuning.py", "mx.gluon.model_zoo.vision.get_model", UNKNOWN),
    }
    assert len([use for use in uses if use.kind == "call"]) > 3000
