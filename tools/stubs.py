"""Writes the type stubs (.pyi) of ``nd``, ``sym`` and their submodules from the operator table and what is beside it.

Run from the repository's root:
    python -m tools.stubs            writes the stubs
    python -m tools.stubs --check    says whether they are up to date (exit status 1: they are not)

Where the number of an operator's outputs depends on its attributes, the type is that with the default attributes.
"""

from __future__ import annotations

import collections
import inspect
import pathlib
import re
import sys
import types
from collections.abc import Iterator
from typing import Any

import mxgluon_compat as mx
from mxgluon_compat.ops import OPERATORS, Operator
from mxgluon_compat.ops.distributions import DISTRIBUTIONS
from mxgluon_compat.ops.placement import functions_by_module, random_like_functions
from mxgluon_compat.ops.schema import Attribute, OutOfRange
from tools.numpy_stubs import lines_by_path

ROOT = pathlib.Path(__file__).parent.parent
SUBMODULES = ("op", "contrib", "linalg", "image", "random", "sparse", "_internal")

# What a stub may name -> the line that brings it; only those in use are written.
IMPORTS = {
    "Callable": "from collections.abc import Callable",
    "Iterable": "from collections.abc import Iterable",
    "Iterator": "from collections.abc import Iterator",
    "Mapping": "from collections.abc import Mapping",
    "Sequence": "from collections.abc import Sequence",
    "Any": "from typing import Any",
    "Literal": "from typing import Literal",
    "TypeAlias": "from typing import TypeAlias",
    "np": "import numpy as np",
    "torch": "import torch",
    "os": "import os",
    "Context": "from mxgluon_compat.context import Context",
    "Executor": "from mxgluon_compat.executor import Executor",
    "NDArray": "from mxgluon_compat.ndarray.ndarray import NDArray",
    "Symbol": "from mxgluon_compat.symbol.symbol import Symbol",
    "Node": "from mxgluon_compat.symbol.node import Node",
    "ndarray": "from mxgluon_compat.numpy.multiarray import ndarray",
    "_Symbol": "from mxgluon_compat.numpy.symbol import _Symbol",
}
BUILTINS = {"None", "int", "float", "bool", "str", "bytes", "object", "type", "tuple", "list", "dict", "set", "slice"}
ALIASES = {
    "_Shape": "Sequence[int | None] | int",
    "_Floats": "Sequence[float] | float",
    "_Dtype": "str | type | np.dtype[Any] | torch.dtype",
}
KINDS = {"int": "int", "long": "int", "float": "float", "boolean": "bool", "string": "str", "Shape(tuple)": "_Shape",
         "tuple of <float>": "_Floats", "dtype": "_Dtype"}  # fmt: skip


def _example(attribute: Attribute) -> Any:
    """A value of the attribute: 2, or what that stands for.

    Raises:
        ValueError: it is no number.
    """
    try:
        return attribute.parse(2)
    except OutOfRange:
        return attribute.parse(1)


class Face:
    """One of the two packages: how its functions are typed."""

    def __init__(self, package: types.ModuleType, array: str) -> None:
        self.package = package
        self.name = package.__name__.rpartition(".")[2]
        self.array = array
        self.symbolic = array == "Symbol"
        # {operator name: (submodule, public name) of the one full signature}
        self.homes: dict[str, tuple[str, str]] = {}
        placed = functions_by_module(lambda op, name: op)
        placed["random"] = random_like_functions(lambda op, name: op)
        self.placed: dict[str, dict[str, Operator]] = placed
        for module in SUBMODULES:
            for public, op in placed.get(module, {}).items():
                self.homes.setdefault(op.name, (module, public))

    # ------------------------------------------------------------------------------------------ operators
    def signature(self, op: Operator, name: str, method: bool = False) -> str:
        """``def name(...) -> ...: ...`` of an operator's function, or of the method that it is."""
        parts = ["self"] if method else []
        defaults = False
        if op.variadic:
            parts.append(f"*{op.inputs[0]}: {self.array}")
        else:
            for i in op.inputs[1 if method else 0 :]:
                defaults = defaults or self.symbolic or i in op.optional_inputs
                parts.append(f"{i}: {self.array} | None = ..." if defaults else f"{i}: {self.array}")
        for attribute in op.attributes.values():
            if attribute.name != op.count:
                defaults = defaults or (not attribute.required and not op.variadic)
                optional = defaults or not attribute.required
                parts.append(f"{attribute.name}: {self._kind(attribute)}" + (" = ..." if optional else ""))
        if self.symbolic:
            parts += ["name: str | None = ...", "attr: Mapping[str, str] | None = ...", "**kwargs: Any"]
        else:
            parts += [f"out: {self._out(op)} | None = ...", "name: str | None = ...", "**kwargs: Any"]
        returns = "Symbol" if self.symbolic else self._returns(op)
        return f"def {name}({', '.join(parts)}) -> {returns}: ..."

    @staticmethod
    def _kind(attribute: Attribute) -> str:
        if attribute.name == "ctx":
            return "Context | str | None"
        plain = attribute.kind.removesuffix(" or None")
        if attribute.choices and plain == "string":
            # ``str`` for those who pass a variable; editors still complete the choices
            kind = f"Literal[{', '.join(map(repr, attribute.choices))}] | str"
        else:
            kind = KINDS[plain]
        nothing = attribute.kind != plain or (not attribute.required and attribute.default is None)
        return f"{kind} | None" if nothing else kind

    def _returns(self, op: Operator) -> str:
        try:
            number = op.visible_outputs({name: _example(op.attributes[name]) for name in op.required})
        except (TypeError, ValueError):
            number = 2 if not op.single_output else 1
        return "NDArray" if number == 1 else "list[NDArray]"

    def _out(self, op: Operator) -> str:
        return "NDArray" if self._returns(op) == "NDArray" else "Sequence[NDArray]"

    # ------------------------------------------------------------------------------------------ what is written by hand
    def annotation(self, value: Any) -> str:
        """An annotation as the stub has it: ``Any`` where it names what the stub does not know."""
        if value is inspect.Parameter.empty or value is inspect.Signature.empty:
            return "Any"
        text = value if isinstance(value, str) else getattr(value, "__name__", "Any")
        names = set(re.findall(r"(?<![.\w'\"])[A-Za-z_]\w*", re.sub(r"'[^']*'|\"[^\"]*\"", "", text)))
        return text if names <= BUILTINS | set(IMPORTS) else "Any"

    def function(self, fn: Any, name: str, returns: str | None = None) -> str:
        """``def name(...) -> ...: ...`` of a function written in Python."""
        signature = inspect.signature(fn)
        parts, star = [], False
        for p in signature.parameters.values():
            if p.kind is p.KEYWORD_ONLY and not star:
                parts.append("*")
                star = True
            star = star or p.kind is p.VAR_POSITIONAL
            mark = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
            default = "" if p.default is p.empty else " = ..."
            kind = "" if p.name == "self" else f": {self.annotation(p.annotation)}"
            parts.append(f"{mark}{p.name}{kind}{default}")
        returns = returns or self.annotation(signature.return_annotation)
        return f"def {name}({', '.join(parts)}) -> {returns}: ..."

    def _distribution(self, name: str) -> str:
        own = [
            f"{n}: {self.array} | float" + ("" if d is None else " = ...") for n, d in DISTRIBUTIONS[name].parameters
        ]
        rest = ["shape: _Shape | None = ...", "dtype: _Dtype | None = ...", "ctx: Context | None = ..."]
        rest.append(f"out: {self.array} | None = ...")
        return f"def {name}({', '.join([*own, *rest])}, **kwargs: Any) -> {self.array}: ..."

    def _arithmetic(self, name: str, fn: Any) -> str:
        """A function or method of two operands; its own annotations say no more than ``Any``."""
        operand = f"{self.array} | float"
        first, *second = inspect.signature(fn).parameters
        parts = ["self" if first == "self" else f"{first}: {operand}", *(f"{n}: {operand}" for n in second)]
        if name in ("__eq__", "__ne__"):
            return f"def {name}(self, {second[0]}: object) -> {self.array}: ...  # type: ignore[override]"
        return f"def {name}({', '.join(parts)}) -> {self.array}: ..."

    # ------------------------------------------------------------------------------------------ modules
    def submodule(self, module: str) -> Iterator[str]:
        """Lines of a submodule's stub."""
        own = vars(getattr(self.package, module))
        table = self.placed.get(module, {})
        for name in sorted(table, key=lambda n: (self.homes[table[n].name] != (module, n), n)):
            if name in own and not is_operator(own[name]):
                continue  # a function written by hand stands in its place
            home, first = self.homes[table[name].name]
            if (home, first) == (module, name):
                yield self.signature(table[name], name)
            elif home == module:
                yield f"{name} = {first}"
            elif name in own:  # only ``import x as x`` shows x to others
                held = name if first == name else f"_{first}"
                yield f"from mxgluon_compat.{self.name}.{home} import {first} as {held}"
                if first != name:
                    yield f"{name} = {held}"
        yield from self.by_hand(own, getattr(self.package, module).__name__, table)

    def by_hand(self, own: dict[str, Any], module: str, done: Any) -> Iterator[str]:
        """What a module has beside the functions of the table, which are ``done``."""
        for name, value in sorted(own.items()):
            listed = name in own.get("__all__", ())
            public = (listed or not name.startswith("_")) and (inspect.isclass(value) or inspect.isfunction(value))
            if not public or name in (*_OF_THE_MAKERS, self.array) or (name in done and is_operator(value)):
                continue
            home = value.__module__
            if name == "randn":  # made from ``normal``
                yield self.function(value, name, returns=self.array)
                continue
            if not home.startswith(self.package.__name__):
                if listed:  # written for arrays, and right for symbols
                    yield self.function(value, name).replace("NDArray", self.array)
                continue  # what the module's own code imports
            if name in DISTRIBUTIONS and module.endswith(".random"):
                yield self._distribution(name)
            elif home.endswith(".arithmetic"):
                yield self._arithmetic(name, value)
            elif home != module:
                if getattr(sys.modules[home], name, None) is value:
                    yield f"from {home} import {name} as {name}"
            elif inspect.isfunction(value):
                yield self.function(value, name)

    def init(self) -> Iterator[str]:
        """Lines of the package's stub."""
        own = vars(self.package)
        for name, value in sorted(own.items()):
            if name.startswith("_") and name != "_internal":
                continue
            if isinstance(value, types.ModuleType) and value.__name__.startswith(self.package.__name__ + "."):
                yield f"from mxgluon_compat.{self.name} import {value.__name__.rpartition('.')[2]} as {name}"
        for name in sorted(self.placed["op"]):
            if name in own and is_operator(own[name]):
                yield f"from mxgluon_compat.{self.name}.op import {name} as {name}"
        yield f"from mxgluon_compat.{self.name}.{self.name} import {self.array} as {self.array}"
        if not self.symbolic:
            yield "from mxgluon_compat.cached_op import CachedOp as CachedOp"
        yield from self.by_hand(own, self.package.__name__, self.placed["op"])

    def array_module(self) -> Iterator[str]:
        """Lines of the stub of the module that defines NDArray or Symbol."""
        module = sys.modules[f"mxgluon_compat.{self.name}.{self.name}"]
        cls = getattr(module, self.array)
        yield f"class {self.array}:"
        # Private members too: what the package itself does with arrays is checked as well.
        for name, kind in sorted(cls.__annotations__.items()):
            yield f"    {name}: {kind}"
        for name in sorted(vars(cls)):
            if name not in _PLUMBING and name not in cls.__annotations__:
                for line in self._member(name, inspect.getattr_static(cls, name)):
                    yield f"    {line}"
        for name, value in sorted(vars(module).items()):
            if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("__"):
                yield self.function(value, name)
            elif isinstance(value, (str, dict)) and name.isupper():
                yield f"{name}: {'str' if isinstance(value, str) else 'dict[Any, Any]'}"

    def _member(self, name: str, value: Any) -> Iterator[str]:
        if isinstance(value, property):
            yield "@property"
            yield self.function(value.fget, name)
        elif isinstance(value, (staticmethod, classmethod)):
            yield f"@{type(value).__name__}"
            yield self.function(value.__func__, name)
        elif inspect.isfunction(value):
            if is_operator(value):
                yield self.signature(OPERATORS[name], name, method=True)
            elif value.__module__.endswith(".arithmetic"):
                yield self._arithmetic(name, value)
            else:  # x += y is refused where x is a symbol
                refused = (
                    "  # type: ignore[misc]" if self.symbolic and re.match("__i(add|sub|mul|truediv)", name) else ""
                )
                yield self.function(value, name) + refused
        elif isinstance(value, (bool, float, str)):
            yield f"{name}: {type(value).__name__}"


_OF_THE_MAKERS = ("make_function", "check_shape", "install_functions", "missing_in")
_PLUMBING = {
    "__doc__", "__module__", "__slots__", "__dict__", "__weakref__", "__static_attributes__", "__firstlineno__",
    "__annotations__", "__qualname__",
}  # fmt: skip


def is_operator(value: Any) -> bool:
    """Whether a function was made from the operator table."""
    return inspect.isfunction(value) and value.__code__.co_filename.startswith(("<nd.", "<sym."))


def _text(lines: list[str], own: str) -> str:
    """A stub of these lines: with the imports and aliases that they use; ``own`` is what the module itself defines."""
    taken, rest = collections.defaultdict(set), []
    for line in lines:
        if line.startswith("from "):
            module, _, name = line.removeprefix("from ").partition(" import ")
            taken[module].add(name)
        else:
            rest.append(line)
    body = "\n".join(rest)
    aliases = [f"{n}: TypeAlias = {text}" for n, text in ALIASES.items() if re.search(rf"\b{n}\b", body)]
    code = re.sub(r"'[^'\n]*'", "", "\n".join([*aliases, body]))
    shown = {name.rpartition(" ")[2] for names in taken.values() for name in names}
    for name, line in IMPORTS.items():
        if name not in {own, *shown} and re.search(rf"(?<![.\w]){name}\b", code):
            module, _, brought = line.removeprefix("from ").partition(" import ")
            taken[module if brought else ""].add(brought or line)
    imports = [
        *sorted(taken.pop("", ())),
        *(f"from {m} import {', '.join(sorted(n))}" for m, n in sorted(taken.items())),
    ]
    return "\n".join(["# Written by `python -m tools.stubs`.", *imports, "", *aliases, *rest]).rstrip() + "\n"


def texts() -> dict[pathlib.Path, str]:
    """{path of each stub: its text}."""
    found = {}
    faces = Face(mx.nd, "NDArray"), Face(mx.sym, "Symbol")
    for face in faces:
        folder = ROOT / "mxgluon_compat" / face.name
        text = _text(list(face.init()), "")
        # np is F.np there
        found[folder / "__init__.pyi"] = re.sub(r"(?<=import numpy as )np$|\bnp(?=\.)", "_np", text, flags=re.M)
        found[folder / f"{face.name}.pyi"] = _text(list(face.array_module()), face.array)
        for module in SUBMODULES:
            path = folder / module / "__init__.pyi" if (folder / module).is_dir() else folder / f"{module}.pyi"
            found[path] = _text(list(face.submodule(module)), "")
    for path, lines, own in lines_by_path(faces):
        found[ROOT / "mxgluon_compat" / path] = _text(lines, own)
    return found


def main(arguments: list[str]) -> int:
    """Writes the stubs, or with ``--check`` compares them; the exit status."""
    stale = [path for path, text in texts().items() if not path.exists() or path.read_text() != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: run python -m tools.stubs")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(texts()[path])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
