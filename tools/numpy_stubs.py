"""The type stubs of ``mx.np`` and ``mx.npx``, and of their faces in ``nd`` and ``sym``; ``tools.stubs`` writes them."""

from __future__ import annotations

import inspect
import pathlib
import re
import types
from collections.abc import Iterator
from typing import Any

import mxgluon_compat as mx
from mxgluon_compat.numpy.multiarray import ndarray
from mxgluon_compat.ops.placement import FLUENT

__all__ = ["lines_by_path"]

# Functions whose result is an array or several, or a number, by their arguments.
_VARIED = {
    "atleast_1d", "atleast_2d", "atleast_3d", "average", "eig", "eigh", "get_include", "histogram", "item", "linspace",
    "load", "shape", "slogdet", "svd", "tolist", "unique", "where", "_single",
}  # fmt: skip
_OVERRIDES = '# mypy: disable-error-code="assignment, override, misc"'  # arrays of mx.np are others than those of mx.nd


class _Functions:
    """How functions on arrays or symbols of mx.np are typed.

    Args:
        face: what types those of mx.nd or mx.sym.
        array: the class: ``ndarray`` or ``_Symbol``.
    """

    def __init__(self, face: Any, array: str) -> None:
        self._face = face
        self._old = face.array
        self._array = array

    def line(self, name: str, value: Any) -> str:
        """``def name(...) -> ...: ...``."""
        if "op" in value.__globals__ and value.__code__.co_filename.startswith(("<nd.", "<sym.")):
            return re.sub(rf"\b{self._old}\b", self._array, self._face.signature(value.__globals__["op"], name))
        return self._face.function(value, name, self.returns(name, value))

    def returns(self, name: str, value: Any) -> str | None:
        """The type of the result, where it is better known than the annotation says."""
        told = inspect.signature(value).return_annotation
        told = "Any" if told is inspect.Signature.empty else told
        if name in _VARIED or value.__module__.endswith(".fallback") or value.__name__ == "call":
            return "Any"
        if told in ("Any", "ndarray", "NDArray") and name != "as_nd_ndarray":
            return self._array
        return told.replace("Any", self._array) if told in ("list[Any]", "tuple[Any, ...]") else None

    def module(self, names: Any, module: Any) -> Iterator[str]:
        """Lines of a module's stub."""
        for name in sorted(names):
            value = getattr(module, name)
            if isinstance(value, types.ModuleType):
                continue
            if inspect.isfunction(value):
                yield self.line(name, value)
            elif inspect.isclass(value) and value.__module__.startswith("mxgluon_compat"):
                yield f"from {value.__module__} import {name} as {name}"
            elif inspect.isclass(value):
                yield f"{name}: type[Any]"
            else:
                yield f"{name}: {'Any' if callable(value) else type(value).__name__ if value is not None else 'None'}"

    def array_class(self) -> Iterator[str]:
        """Lines of the stub of ``mx.np.ndarray``."""
        yield _OVERRIDES
        yield f"class {self._array}(NDArray):"
        for name in sorted(vars(ndarray)):
            value = inspect.getattr_static(ndarray, name)
            if name in FLUENT and value.__name__ == name and value.__doc__.startswith("Not of arrays"):
                yield f"    {name}: None"
            elif isinstance(value, property):
                yield "    @property"
                yield f"    {self.line(name, value.fget)}"
            elif inspect.isfunction(value):
                yield f"    {self.line(name, value)}".replace(f"def {name}(a: Any)", f"def {name}(self)")


def _without_names(lines: Iterator[str]) -> list[str]:
    """The lines of a module that has a ``bool`` of its own."""
    return [re.sub(r"(?<=[\s\[|])bool\b(?! ?:)", "_bool", line) if "def " in line else line for line in lines]


def lines_by_path(faces: Any) -> Iterator[tuple[pathlib.PurePath, list[str], str]]:
    """(path in the package, lines, name of what the module itself defines) of each stub."""
    of_arrays, of_symbols = (_Functions(face, kind) for face, kind in zip(faces, ("ndarray", "_Symbol"), strict=True))
    package = pathlib.PurePath("numpy")
    lines = _without_names(of_arrays.module(mx.np.__all__, mx.np))
    modules = [name for name, value in vars(mx.np).items() if isinstance(value, types.ModuleType)]
    shown = [f"from mxgluon_compat.numpy import {name} as {name}" for name in sorted(modules)
             if vars(mx.np)[name].__name__ == f"mxgluon_compat.numpy.{name}"]  # fmt: skip
    yield package / "__init__.pyi", ["from builtins import bool as _bool", *shown, *lines], ""
    for name in ("linalg", "random"):
        if hasattr(mx.np, name):
            module = getattr(mx.np, name)
            own = [n for n, f in vars(module).items() if inspect.isfunction(f) and f.__module__ == module.__name__]
            names = {*module.__all__, *(n for n in own if not n.startswith("_"))}
            yield package / f"{name}.pyi", list(of_arrays.module(names, module)), ""
    functions = [
        faces[0].function(value, name)
        for name, value in vars(inspect.getmodule(ndarray)).items()
        if inspect.isfunction(value) and value.__module__ == ndarray.__module__ and "self" not in value.__annotations__
    ]
    yield package / "multiarray.pyi", [*of_arrays.array_class(), *functions], "ndarray"
    extension = pathlib.PurePath("numpy_extension")
    inner = {n: v for n, v in vars(mx.npx).items() if isinstance(v, types.ModuleType)}
    modules = [n for n, v in inner.items() if v.__name__ == f"mxgluon_compat.numpy_extension.{n}"]
    shown = [f"from mxgluon_compat.numpy_extension import {name} as {name}" for name in sorted(modules)]
    yield extension / "__init__.pyi", [*shown, *of_arrays.module(mx.npx.__all__, mx.npx)], ""
    yield extension / "image.pyi", list(of_arrays.module(mx.npx.image.__all__, mx.npx.image)), ""
    for made, parent in ((of_arrays, mx.nd), (of_symbols, mx.sym)):
        root = pathlib.PurePath(parent.__name__.rpartition(".")[2])
        for module in (parent.numpy, parent.numpy_extension):
            name = module.__name__.rpartition(".")[2]
            inner = {n: v for n, v in vars(module).items() if isinstance(v, types.ModuleType)}
            shown = [f"from {module.__name__} import {n} as {n}" for n in sorted(inner)]
            if hasattr(module, "_Symbol"):
                shown.append("from mxgluon_compat.numpy.symbol import _Symbol as _Symbol")
            yield root / name / "__init__.pyi", [*shown, *made.module(module.__all__, module)], ""
            for n, held in sorted(inner.items()):
                yield root / name / f"{n}.pyi", list(made.module(held.__all__, held)), ""
