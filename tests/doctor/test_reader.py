"""Names are followed through code: what is used, and in which line."""

from __future__ import annotations

import json
import types

import pytest

from mxgluon_compat.interop.doctor import MISSING, SUPPORTED, UNKNOWN, Project
from mxgluon_compat.interop.doctor.sources import files_below


@pytest.fixture
def read(tmp_path):
    """[(line, name, kind, state)] of the uses in ``main.py``; further files by their names."""

    def read(code, others=types.MappingProxyType({})):
        for name, text in {"main": code, **others}.items():
            path = tmp_path / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        project = Project(files_below([str(tmp_path)]))
        assert project.errors == []
        return [(u.line, u.name, u.kind, u.judged.state) for u in project.uses(tmp_path / "main.py")]

    return read


def names(uses, *kinds):
    return [name for _, name, kind, _ in uses if kind in (kinds or ("call", "name"))]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import mxnet as mx\nmx.nd.ones(3)", "mx.nd.ones"),
        ("import mxnet\nmxnet.nd.ones(3)", "mx.nd.ones"),
        ("import mxnet.ndarray as nd\nnd.ones(3)", "mx.ndarray.ones"),
        ("import mxnet.gluon.nn\nmxnet.gluon.nn.Dense(3)", "mx.gluon.nn.Dense"),
        ("from mxnet import nd, gluon\ngluon.nn.Dense(3)", "mx.gluon.nn.Dense"),
        ("from mxnet.gluon.nn import Dense as D\nD(3)", "mx.gluon.nn.Dense"),
        ("from mxnet.gluon.nn import *\nDense(3)", "mx.gluon.nn.Dense"),
        ("import mxgluon_compat as mx\nmx.nd.ones(3)", "mx.nd.ones"),
        ("import mxnet as mx\nnd = mx.nd\nnd.ones(3)", "mx.nd.ones"),
        ("import mxnet as mx\na, (b, *c) = mx.nd, (mx.sym, 1)\na.ones(3)", "mx.nd.ones"),
        ("try:\n    import mxnet as mx\nexcept ImportError:\n    mx = None\nmx.nd.ones(3)", "mx.nd.ones"),
        ("def f():\n    from mxnet import nd\n    return nd.ones(3)", "mx.nd.ones"),
        ("def f():\n    return nd.ones(3)\nfrom mxnet import nd", "mx.nd.ones"),
        ("import mxnet as mx\ngetattr(mx.nd, 'ones')", "mx.nd.ones"),
        ("import importlib\nimportlib.import_module('mxnet.ndarray').ones(3)", "mx.ndarray.ones"),
        ("import mxnet as mx\nf = lambda x=mx.nd.ones(3): x", "mx.nd.ones"),
        ("import mxnet as mx\nx = [mx.nd.ones(n) for n in range(3)]", "mx.nd.ones"),
        ("import mxnet as mx\nclass A:\n    F = mx.nd\n    x = F.ones(3)", "mx.nd.ones"),
        ("import mxnet as mx\n@mx.util.use_np_shape\ndef f(): pass", "mx.util.use_np_shape"),
        ("import mxnet as mx\ndef f(x: mx.nd.NDArray) -> int: ...", "mx.nd.NDArray"),
        ("import mxnet as mx\nmatch 1:\n    case 1:\n        mx.nd.ones(3)", "mx.nd.ones"),
        ("import mxnet as mx\nasync def f():\n    async with a() as b:\n        mx.nd.ones(3)", "mx.nd.ones"),
        ("import mxnet as mx\nglobal_nd = None\ndef f():\n    global global_nd\n    global_nd = mx.nd\n"
         "def g():\n    return global_nd.ones(3)", "mx.nd.ones"),
    ],
)  # fmt: skip
def test_aliases(read, code, expected):
    uses = read(code)
    assert expected in names(uses)
    assert {state for *_, state in uses} == {SUPPORTED}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("net = nn.Dense(3)\nnet.collect_params()", "Dense.collect_params"),
        ("p = nn.Dense(3).collect_params()\np.reset_ctx(1)", "ParameterDict.reset_ctx"),
        ("gluon.Parameter('a').data().asnumpy()", "NDArray.asnumpy"),
        ("x = mx.nd.ones(3)\n(x * 2 + 1)[0].asscalar()", "NDArray.asscalar"),
        ("x = (1 - mx.nd.ones(3)).abs().sum(axis=0)\nx.wait_to_read()", "NDArray.wait_to_read"),
        ("y = mx.sym.var('a') + 1\ny.list_arguments()", "Symbol.list_arguments"),
        ("t = gluon.Trainer(p, 'sgd')\nt.step(1)", "Trainer.step"),
        ("p = gluon.Parameter('a')\np.lr_mult = 3", "Parameter.lr_mult"),
        ("def f():\n    net = nn.HybridSequential()\n    return net\nf().hybridize()", "HybridSequential.hybridize"),
        ("class A(nn.Dense):\n    def f(self):\n        self.collect_params()", "Dense.collect_params"),
        ("class A(gluon.Block):\n    def __init__(self):\n        super().__init__()", "Block.__init__"),
        ("class A:\n    def __init__(self):\n        self.n = nn.Dense(3)\n    def f(s):\n        s.n.cast('int8')",
         "Dense.cast"),
        ("class A(gluon.Block): pass\nclass B(A): pass\nB().collect_params()", "Block.collect_params"),
        ("class A(gluon.HybridBlock):\n    def hybrid_forward(self, F, x):\n        return x.reshape((1, -1))",
         "NDArray.reshape"),
        ("class A(gluon.HybridBlock):\n    def hybrid_forward(self, G, x):\n        return G.relu(x)", "mx.nd.relu"),
        ("def f(x: mx.nd.NDArray):\n    x.asnumpy()", "NDArray.asnumpy"),
        ("for x in mx.nd.ones((2, 3)):\n    x.asscalar()", "NDArray.asscalar"),
    ],
)  # fmt: skip
def test_methods(read, code, expected):
    uses = read("import mxnet as mx\nfrom mxnet import gluon\nfrom mxnet.gluon import nn\n" + code)
    assert expected in names(uses)
    assert {state for *_, state in uses} & {MISSING, UNKNOWN} == set()


@pytest.mark.parametrize(
    "code",
    [
        "x = mx.nd.ones(3)\nx = x.asnumpy()\nx.no_such_method()",
        "x = mx.nd.ones(3) if a else numpy.ones(3)\nx.tobytes()",
        "def f(x):\n    x.as_np_ndarray()",
        "class A(gluon.Block):\n    def f(self):\n        self.own()\n    def own(self): pass",
        "class A(gluon.HybridBlock):\n    def hybrid_forward(self, F, states):\n        states.append(1)",
        "class A(gluon.Block):\n    def f(self):\n        return self.undeclared.gradient()",
        "mx = 3\nmx.no_such_name",
        "modules = {'nd': mx.nd}\nmodules['nd'].foo()",
    ],
)
def test_what_cannot_be_told_is_not_counted(read, code):
    uses = read("import mxnet as mx, numpy\nfrom mxnet import gluon\n" + code)
    assert {state for *_, state in uses} <= {SUPPORTED, "differs"}


@pytest.mark.parametrize(
    ("code", "name", "state"),
    [
        ("mx.nd.no_such(1)", "mx.nd.no_such", UNKNOWN),
        ("from mxnet.no_such import *\nf(1)", "mx.no_such", UNKNOWN),
        ("from mxnet.tvmop import *\nf(1)", "f", UNKNOWN),
        ("getattr(mx.nd, name)(1)", "getattr(mx.nd, ...)", UNKNOWN),
        ("import importlib\nimportlib.import_module('mxnet.' + name)", "import of a module of mxnet", UNKNOWN),
        ("mx.nd.ones(3).no_such()", None, None),
        ("mx.gluon.nn.Dense(3).no_such()", "Dense.no_such", UNKNOWN),
        ("mx.rtc.CudaModule('a')", "mx.rtc.CudaModule", MISSING),
        ("mx.sym.var('a').gradient(1)", "Symbol.gradient", MISSING),
        ("def f(F, x):\n    return F.imdecode(x)", "mx.nd.imdecode", MISSING),
        ("class A(mx.gluon.HybridBlock):\n    def hybrid_forward(self, F, x):\n        return F.nothing(x)",
         "mx.nd.nothing", UNKNOWN),
        ("class A(mx.gluon.Block): pass\nA(undeclared=3)", "mx.gluon.Block", MISSING),
        ("from mxnet.base import _LIB", "mx.base._LIB", MISSING),
    ],
)  # fmt: skip
def test_what_is_not_there(read, code, name, state):
    uses = read("import mxnet as mx\n" + code)
    found = [(n, s) for _, n, _, s in uses if s in (MISSING, UNKNOWN)]
    assert ((name, state) in found) if name else not found


def test_lines_and_kinds(read):
    uses = read("import mxnet as mx\n\nclass A(mx.gluon.Block):\n    x = mx.nd.ones(\n        3)\n")
    assert uses == [
        (1, "mx", "import", SUPPORTED),
        (3, "mx.gluon.Block", "name", SUPPORTED),
        (4, "mx.nd.ones", "call", SUPPORTED),
    ]


def test_across_files(read):
    uses = read(
        "from pack.nets import Net, F, make\nfrom pack import nd, helpers\nNet().collect_params()\nF.relu(1)\n"
        "make().hybridize()\nnd.ones(3)\nhelpers.nn.Dense(3)\n",
        {
            "pack/__init__": "import mxnet.ndarray as nd\nfrom . import helpers\n",
            "pack/nets": "from .helpers import *\nfrom mxnet import nd as F\nclass Net(nn.Block): pass\n"
            "def make():\n    return nn.HybridSequential()\n",
            "pack/helpers": "from mxnet.gluon import nn\nfrom pack import nd\nimport main\n",
        },
    )
    assert names(uses) == ["Block.collect_params", "mx.gluon.nn.Block", "mx.nd.relu", "HybridSequential.hybridize",
                           "mx.ndarray.ones", "mx.gluon.nn.Dense"]  # fmt: skip


def test_registered_classes_are_known(read):
    code = (
        "from mxnet import optimizer\n@optimizer.register\nclass Mine(optimizer.SGD): pass\noptimizer.create('mine')\n"
    )
    assert {state for *_, state in read(code)} == {SUPPORTED}


# ---------------------------------------------------------------------------------------------- files
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"import mxnet as mx\nprint mx.nd.ones(3)\n", "Python 2"),
        (b"def f(:\n", "syntax error"),
        (b"# coding: no-such-coding\n", "encoding"),
        (b"x = '\xff\xfe'\n", "encoding"),
        (b"x = 1\x00\n", "null"),
        (b"x = " + b"(" * 5000 + b")" * 5000, ""),
    ],
)
def test_files_that_cannot_be_read(tmp_path, content, reason):
    (tmp_path / "bad.py").write_bytes(content)
    (tmp_path / "good.py").write_text("import mxnet as mx\nmx.nd.ones('\\d')\n")
    project = Project(files_below([str(tmp_path)]))
    assert project.uses(tmp_path / "bad.py") == []
    assert [u.name for u in project.uses(tmp_path / "good.py")] == ["mx", "mx.nd.ones"]
    (error,) = project.errors
    assert error[0].endswith("bad.py") and reason in error[3]


def test_other_encodings(tmp_path):
    text = "# -*- coding: latin-1 -*-\nimport mxnet as mx\nmx.nd.ones('é')\n"
    (tmp_path / "a.py").write_bytes(text.encode("latin-1"))
    (tmp_path / "b.py").write_bytes("\ufeffimport mxnet as mx\r\nmx.nd.ones(3)\r\n".encode())
    project = Project(files_below([str(tmp_path)]))
    for name in "ab":
        assert [u.name for u in project.uses(tmp_path / f"{name}.py")] == ["mx", "mx.nd.ones"]
    assert project.errors == []


def notebook(path, *cells, **more):
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": c} for c in cells], **more}))


def test_notebooks(tmp_path):
    path = tmp_path / "a.ipynb"
    notebook(
        path,
        "%matplotlib inline\nimport mxnet as mx",
        "def f(:",
        ["!ls \\\n", "  -l\n", "mx.nd.ones(3)\n", "mx.nd?\n"],
        "%%bash\nmx.nd.zeros(3)",
        "%%timeit\nfor i in range(3):\n    files = !ls\n    mx.nd.zeros(3)",
    )
    project = Project(files_below([str(path)]))
    assert [(u.cell, u.line, u.name) for u in project.uses(path)] == [
        (1, 2, "mx"), (3, 3, "mx.nd.ones"), (5, 4, "mx.nd.zeros")]  # fmt: skip
    assert [(e[1], e[2]) for e in project.errors] == [(1, 2)]
    old = tmp_path / "old.ipynb"
    old.write_text(json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": ["import mxnet as mx"]}]}]}))
    project = Project(files_below([str(old)]))
    assert [u.name for u in project.uses(old)] == ["mx"]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"cells": 3}', '{"cells": [{}]}', '{"cells": [{"cell_type": "code", "source": [3]}]}'])  # fmt: skip  # noqa: E501
def test_broken_notebooks(tmp_path, text):
    path = tmp_path / "a.ipynb"
    path.write_text(text)
    project = Project(files_below([str(path)]))
    assert project.uses(path) == []
    assert "no notebook" in project.errors[0][3]


def test_folders(tmp_path):
    for name in ("a.py", "b/c.py", "b/d-symbol.json", "b/e-0000.params", "b/e.json", ".git/f.py", "__pycache__/g.py",
                 "venv/pyvenv.cfg", "venv/h.py"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    found = [p.relative_to(tmp_path).as_posix() for p in files_below([str(tmp_path), str(tmp_path / "a.py")])]
    assert found == ["a.py", "b/c.py", "b/d-symbol.json", "b/e-0000.params"]
    with pytest.raises(FileNotFoundError, match="no such file or folder: 'nothing'"):
        list(files_below(["nothing"]))
    with pytest.raises(ValueError, match="doctor reads"):
        list(files_below([str(tmp_path / "b" / "e.json")]))
