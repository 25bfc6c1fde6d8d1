"""Imports point up only: each room of the package imports from rooms before it, never from one after it."""

from __future__ import annotations

import ast
import pathlib

import pytest

PACKAGE = pathlib.Path(__file__).parent.parent / "mxgluon_compat"

# The rooms in the order in which they may import each other; a row's rooms stand in order too.
ROOMS = (
    "base", "libinfo", "context", "name", "attribute", "util", "log", "registry", "fetch", "opencv",
    "error", "engine", "storage", "runtime", "rtc", "library", "misc",
    "streams",
    "ops",
    "autograd",
    "serialization",
    "ndarray", "random",
    "symbol",
    "numpy", "numpy_extension", "numpy_dispatch_protocol",
    "cached_op", "operator", "executor",
    "initializer", "lr_scheduler", "optimizer", "metric", "kvstore",
    "recordio", "io", "image",
    "contrib",
    "gluon",
    "contrib.amp", "checkpoint",
    "model_files", "model_updates", "callback", "notebook", "executor_manager", "model", "module",
    "contrib.quantization", "contrib.svrg_optimization", "rnn",
    "monitor", "visualization", "profiler", "test_utils",
    "interop",
    "onnx", "contrib.onnx",
    "commands",
    "__main__",
    "__init__",
)  # fmt: skip
OURS_FORBIDDEN = {"base": set(), "ops": {"base", "streams", "opencv", "ops"}}
OUTSIDE_ALLOWED = {"ops": {"torch"}, "serialization": {"numpy", "safetensors", "torch"}}


def room(parts):
    """The room of a module of the package: a folder in a room may be one of its own."""
    both = ".".join(parts[:2])
    return both if both in ROOMS else parts[0]


def room_of(path, package=PACKAGE):
    return room(path.relative_to(package).with_suffix("").parts)


def imports_of(path, package=PACKAGE):
    """(line, full module name) of every import in a file, inside functions too; type checking aside."""
    parts = (package.name, *path.relative_to(package).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(parts[: len(parts) - node.level]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            if node.module is None or module == package.name:  # from . import ndarray
                for alias in node.names:
                    yield node.lineno, f"{module}.{alias.name}"
            else:
                yield node.lineno, module


def offences(package=PACKAGE):
    """What breaks the order, as ``file:line: reason``."""
    found = []
    for path in sorted(package.rglob("*.py")):
        own = room_of(path, package)
        where = path.relative_to(package.parent)
        if own not in ROOMS:
            found.append(f"{where}:1: {own!r} is no room of the plan")
            continue
        for line, module in imports_of(path, package):
            first, _, rest = module.partition(".")
            if first != package.name:
                allowed = OUTSIDE_ALLOWED.get(own)
                stdlib = first in __import__("sys").stdlib_module_names
                if allowed is not None and not stdlib and first not in allowed:
                    found.append(f"{where}:{line}: {own} may not import {first}")
                continue
            target = room(rest.split(".")) if rest else "__init__"
            if target not in ROOMS:
                target = "__init__"  # a name of the package itself
            if ROOMS.index(target) > ROOMS.index(own):
                found.append(f"{where}:{line}: {own} imports from {target}, which stands below it")
            elif own in OURS_FORBIDDEN and target not in OURS_FORBIDDEN[own] and target != own:
                found.append(f"{where}:{line}: {own} may not import {target}")
    return found


def test_imports_point_up():
    assert not offences(), "\n".join(offences())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("from ..gluon import nn", "ops imports from gluon"),
        ("from .. import ndarray", "ops imports from ndarray"),
        ("import numpy as np", "ops may not import numpy"),
        ("def f():\n    from ..symbol.symbol import Symbol", "ops imports from symbol"),
        ("from ..autograd import record", "ops imports from autograd"),
    ],
)
def test_an_offending_line_is_found(tmp_path, line, reason):
    package = tmp_path / "mxgluon_compat"
    (package / "ops").mkdir(parents=True)
    (package / "ops" / "bad.py").write_text(f'"""Doc."""\n\n{line}\n')
    found = offences(package)
    assert len(found) == 1
    assert reason in found[0]
    assert found[0].startswith("mxgluon_compat/ops/bad.py:")
