"""The type stubs of nd and sym say what is there."""

from __future__ import annotations

import ast
import inspect
import pathlib

import pytest

import mxgluon_compat as mx
from tools import stubs

TEXTS = stubs.texts()
PACKAGE = pathlib.Path(mx.__file__).parent


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(stubs.ROOT)))
def test_up_to_date(path):
    assert path.read_text() == TEXTS[path], "run python -m tools.stubs"


def test_there_are_no_others():
    assert {path for path in PACKAGE.rglob("*.pyi")} == set(TEXTS)
    assert (PACKAGE / "py.typed").exists()
    assert sum(len(text) for text in TEXTS.values()) < 400_000


def shown(path):
    """{name: parameter names, or None} that a stub shows to those who import it."""
    found = {}
    for node in ast.parse(TEXTS[path]).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        elif isinstance(node, ast.ImportFrom):
            found.update({a.asname: None for a in node.names if a.asname == a.name})
        elif isinstance(node, ast.Assign):
            found.update({t.id: None for t in node.targets})
        elif isinstance(node, ast.ClassDef):
            found[node.name] = None
    return found


@pytest.mark.parametrize("package", [mx.nd, mx.sym], ids=["nd", "sym"])
@pytest.mark.parametrize("module", ["", *stubs.SUBMODULES])
def test_every_public_name_is_shown(package, module):
    folder = PACKAGE / package.__name__.rpartition(".")[2]
    path = next(p for p in (folder / module / "__init__.pyi", folder / f"{module}.pyi") if p in TEXTS)
    held = getattr(package, module) if module else package
    names = {
        n for n, v in vars(held).items()
        if inspect.isfunction(v) and n in getattr(held, "__all__", ()) or stubs.is_operator(v) and not n.startswith("_")
    }  # fmt: skip
    found = shown(path)
    assert names - set(found) == set()
    for name, parameters in found.items():
        value = getattr(held, name)  # AttributeError: the stub shows what is not there
        if parameters is not None and stubs.is_operator(value):
            ours = [p.name for p in inspect.signature(value).parameters.values() if p.kind.name != "VAR_POSITIONAL"]
            assert [p for p in ours if p in parameters] == parameters, name


@pytest.mark.parametrize(("package", "name"), [(mx.nd, "NDArray"), (mx.sym, "Symbol")])
def test_every_method_is_shown(package, name):
    module = package.__name__.rpartition(".")[2]
    cls = next(n for n in ast.parse(TEXTS[PACKAGE / module / f"{module}.pyi"]).body if isinstance(n, ast.ClassDef))
    methods = {n.name for n in cls.body if isinstance(n, ast.FunctionDef)}
    public = {n for n, v in vars(getattr(package, name)).items() if inspect.isfunction(v) and not n.startswith("_")}
    assert public <= methods
    assert methods <= set(dir(getattr(package, name)))
