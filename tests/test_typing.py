"""mypy on programs written as for MXNet: what is right passes, what is wrong is found, and editors know the types.

mypy on the package itself is a step of its own (``mypy`` in the repository's root; what it reads stands in setup.cfg).
"""

from __future__ import annotations

import inspect
import os
import pathlib
import re
import subprocess
import sys

import pytest

from tools import api_page

ROOT = pathlib.Path(__file__).parent.parent
PROGRAMS = sorted((ROOT / "tests" / "typed").glob("*.py"))
# torch's own types are of no matter here, and reading them takes most of the time
CONFIG = """
[mypy]
follow_imports = silent
check_untyped_defs = true
[mypy-torch.*]
follow_imports = skip
"""
IMPORTS = """
import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, nd, np, npx, sym
from mxgluon_compat.gluon import nn
x = nd.ones((2, 3))
s = sym.Variable("s")
a = np.ones((2, 3))
t = s.as_np_ndarray()
"""
ARRAY, SYMBOL = "mxgluon_compat.ndarray.ndarray.NDArray", "mxgluon_compat.symbol.symbol.Symbol"
NUMPY, NUMPY_SYMBOL = "mxgluon_compat.numpy.multiarray.ndarray", "mxgluon_compat.numpy.symbol._Symbol"

# expression -> its type, as mypy words it
TYPES = {
    "x.shape": "tuple[int, ...]", "x.context": "mxgluon_compat.context.Context", "x.size": "int", "x.T": ARRAY,
    "x.asnumpy().shape": "tuple[Any, ...]", "x[0]": ARRAY, "x + 1": ARRAY, "2 / x": ARRAY, "-x": ARRAY,
    "x == x": ARRAY, "x > 0.5": ARRAY, "x.reshape((3, -1))": ARRAY, "x.sum(axis=1, keepdims=True)": ARRAY,
    "x.astype('int32')": ARRAY, "x.as_in_context(mx.cpu(1))": ARRAY, "x.grad": f"{ARRAY} | Any", "len(x)": "int",
    "x.split(3, axis=1)": f"list[{ARRAY}]", "nd.array([1, 2], ctx=mx.cpu())": ARRAY, "mx.nd.zeros((2, 3))": ARRAY,
    "nd.FullyConnected(x, nd.ones((4, 3)), num_hidden=4, no_bias=True)": ARRAY, "nd.dot(x, x.T)": ARRAY,
    "nd.random.uniform(-1, 1, shape=(2, 3))": ARRAY, "mx.random.normal(0, 1, (2, 3))": ARRAY,
    "nd.random.randn(2, 3)": ARRAY, "nd.contrib.box_iou(x, x)": ARRAY, "nd.linalg.gemm2(x, x)": ARRAY,
    "nd.concat(x, x, dim=1)": ARRAY, "nd.split(x, num_outputs=3)": f"list[{ARRAY}]", "nd.maximum(x, 0)": ARRAY,
    "nd.sparse.csr_matrix((2, 3))": "mxgluon_compat.ndarray.sparse.csr.CSRNDArray", "nd.image.to_tensor(x)": ARRAY,
    "sym.Variable('data')": SYMBOL, "s + 1": SYMBOL, "s[0]": SYMBOL, "s.list_arguments()": "list[str]",
    "sym.Convolution(s, kernel=(3, 3), num_filter=8, name='c')": SYMBOL, "sym.Group([s, s])": SYMBOL,
    "s.softmax(axis=1)": SYMBOL, "sym.random.uniform(0, 1, shape=(2,))": SYMBOL, "sym.contrib.box_iou(s, s)": SYMBOL,
    "s.bind(mx.cpu(), {})": "mxgluon_compat.executor.executor.Executor", "s.tojson()": "str",
    "nn.Dense(3)": "mxgluon_compat.gluon.nn.basic_layers.Dense",
    "nn.Conv2D(3, 3)": "mxgluon_compat.gluon.nn.conv_layers.Conv2D",
    "nn.HybridSequential()": "mxgluon_compat.gluon.nn.basic_layers.HybridSequential",
    "a + 1": NUMPY, "2 @ a": NUMPY, "a[0]": NUMPY, "a.T.sum(axis=1)": NUMPY, "a.shape": "tuple[int, ...]",
    "a > 1": NUMPY, "a.reshape(3, -1)": NUMPY, "a.astype('int32')": NUMPY, "np.exp(a)": NUMPY, "np.dot(a, a.T)": NUMPY,
    "np.split(a, 3, axis=1)": f"list[{NUMPY}]", "np.linalg.norm(a)": NUMPY, "npx.softmax(a, axis=-1)": NUMPY,
    "npx.fully_connected(a, a, num_hidden=2, no_bias=True)": NUMPY, "a.as_nd_ndarray()": ARRAY,
    "nd.np.exp(a)": NUMPY, "nd.npx.relu(a)": NUMPY, "sym.np.exp(t)": NUMPY_SYMBOL, "sym.npx.relu(t)": NUMPY_SYMBOL,
    "sym.np.linalg.inv(t)": NUMPY_SYMBOL, "sym.npx.random.bernoulli(0.5)": NUMPY_SYMBOL, "x.as_np_ndarray()": NUMPY,
    "nn.Dense(3).weight.data()": ARRAY, "gluon.loss.L2Loss()": "mxgluon_compat.gluon.loss.L2Loss",
}  # fmt: skip

# what a program may not do -> the kind of mypy's error
WRONG = {
    "x.no_such_method()": "attr-defined", "nd.zeroes((2, 3))": "attr-defined",
    "nd.contrib.quantized_rnn": "attr-defined", "sym.Dense(s)": "attr-defined", "mx.nd.Array([1])": "attr-defined",
    "nd.dot(x, 'weights')": "arg-type",
    "nd.FullyConnected(x, x, num_hidden='four')": "arg-type", "nd.Dropout(x, p='half')": "arg-type",
    "x.sum(axis='rows')": "arg-type", "nd.SoftmaxOutput()": "call-arg", "sym.FullyConnected(x)": "arg-type",
    "nd.relu(s)": "arg-type", "y: int = nd.ones(3)": "assignment",
}  # fmt: skip


def checked(folder, *files):
    """The lines that mypy prints."""
    config = folder / "mypy.ini"
    config.write_text(CONFIG)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(config), "--cache-dir", str(folder / "cache"), *files],
        capture_output=True, text=True, cwd=folder, env={**os.environ, "MYPYPATH": str(ROOT)},
    )  # fmt: skip
    assert not done.stderr, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """{file: what mypy says of it}: of the programs, of the types of expressions and of what is wrong, in one run."""
    folder = tmp_path_factory.mktemp("mypy")
    (folder / "expressions.py").write_text("\n".join([IMPORTS, *(f"reveal_type({e})" for e in TYPES)]))
    (folder / "wrong.py").write_text("\n".join([IMPORTS, *WRONG]))
    (folder / "names.py").write_text(all_names())
    said = checked(folder, *map(str, PROGRAMS), "expressions.py", "wrong.py", "names.py")
    return {name: [line for line in said if re.match(rf"\S*\b{name}:", line)]
            for name in (*(p.name for p in PROGRAMS), "expressions.py", "wrong.py", "names.py")}  # fmt: skip


def test_there_are_programs():
    assert len(PROGRAMS) == 4


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_programs_pass(lines, program):
    assert lines[program.name] == []


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_programs_run(program, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout


def said_of(lines, name, statements):
    """[what mypy says of each statement, which stands on a line of its own behind the imports]."""
    first = IMPORTS.count("\n") + 2
    said = {int(line.split(":")[1]): line for line in reversed(lines[name])}
    return {statement: said.pop(first + i, "") for i, statement in enumerate(statements)}, said


def test_types(lines):
    found, others = said_of(lines, "expressions.py", TYPES)
    assert not others
    revealed = {e: re.sub(r'.*Revealed type is "(.*)"', r"\1", line) for e, line in found.items()}
    assert {e: t.replace("builtins.", "") for e, t in revealed.items()} == TYPES


def test_mistakes_are_found(lines):
    found, others = said_of(lines, "wrong.py", WRONG)
    assert not others
    assert {s: line.rpartition("[")[2].rstrip("]") for s, line in found.items()} == WRONG


# ---------------------------------------------------------------------------------------------- all that is public
def all_names():
    """A program that reads every public name of docs/api.md."""
    rooms = {f"mxgluon_compat.{room.path}".rstrip("."): room.entries for room in api_page.rooms()}
    imports = [f"import {path}" for path in rooms]
    uses = [f"found = {path}.{entry.name}" for path, entries in rooms.items() for entry in entries]
    return "\n".join(["from typing import Any", *imports, "found: Any", *uses])


def test_every_public_name_is_known(lines):
    assert lines["names.py"] == []
    assert all_names().count("found = ") > 700


def written_by_hand(held):
    """{name: function} of a public function, or of the public methods and properties of a class, with its signature."""
    if inspect.isfunction(held):
        found = {held.__name__: held}
    elif inspect.isclass(held):
        plain = {k: getattr(v, "__func__", getattr(v, "fget", v)) for k, v in vars(held).items()}
        found = {f"{held.__name__}.{k}": v for k, v in plain.items() if k == "__init__" or not k.startswith("_")}
    else:
        found = {}
    return {k: v for k, v in found.items() if inspect.isfunction(v) and is_by_hand(v)}


def is_by_hand(function):
    """Whether a function is written as it stands; the stubs type those that are made from tables."""
    made = "__signature__" in vars(function) or function.__code__.co_filename.startswith("<")
    return function.__module__.startswith("mxgluon_compat") and not made


def test_every_public_function_is_annotated():
    seen, bare = 0, []
    for room in api_page.rooms():
        for entry in room.entries:
            for name, function in written_by_hand(getattr(api_page.module(room.path), entry.name)).items():
                seen += 1
                signature = inspect.signature(function)
                kinds = [p.annotation for p in signature.parameters.values() if p.name not in ("self", "cls")]
                if inspect.Parameter.empty in (*kinds, signature.return_annotation):
                    bare.append(f"{room.path}.{name}")
    assert bare == []
    assert seen > 1000
