"""What a name of MXNet is here: asked of the package itself, and of the list of MXNet's names where it is not there."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pathlib
import re
import textwrap
from collections.abc import Mapping
from types import FunctionType, MappingProxyType, ModuleType
from typing import Any, NamedTuple

from ...base import UnsupportedError

__all__ = ["Absent", "Listed", "Thing", "always_raises", "defining_class", "found", "keywords", "listed",
           "member", "parameters", "result_class", "root"]  # fmt: skip

PACKAGE = __name__.partition(".")[0]
NOT_LISTED = "MXNet 1.9.1 has no such name"


class Thing(NamedTuple):
    """Something of MXNet that is here.

    Attributes:
        path: how it was reached: ``mx.gluon.nn.Dense``.
        value: the module, class, function or constant.
        owner: the class, of a method or property that was reached through an instance.
    """

    path: str
    value: Any
    owner: type | None = None


class Absent(NamedTuple):
    """A name that is not here.

    Attributes:
        path: how it was reached: ``mx.np.zeros``.
        reason: why.
        listed: whether MXNet 1.9.1 has it.
    """

    path: str
    reason: str
    listed: bool


# ---------------------------------------------------------------------------------------------- MXNet's own names
class Listed(NamedTuple):
    """The public names of MXNet 1.9.1.

    Attributes:
        modules: {module: {name: the module that it is, or ''}}.
        classes: {name of a class: its members, those of its bases too}; classes of one name are taken together.
    """

    modules: Mapping[str, Mapping[str, str]]
    classes: Mapping[str, frozenset[str]]

    def real(self, path: str) -> str | None:
        """The module's own name for a path of modules: ``mx.nd`` is ``mxnet.ndarray``."""
        at, *rest = path.split(".")
        at = "mxnet" if at == "mx" else at
        for name in rest:
            if name not in self.modules.get(at, ()) and f"{at}.{name}" not in self.modules:
                return None
            at = self.modules.get(at, {}).get(name) or f"{at}.{name}"
        return at if at in self.modules else None

    def has(self, path: str, name: str) -> bool:
        """Whether ``path``, a module or a class in one, has that name."""
        module = self.real(path)
        if module is not None:
            return name in self.modules[module] or f"{module}.{name}" in self.modules
        parent, _, last = path.rpartition(".")
        return bool(parent) and self.has(parent, last) and name in self.classes.get(last, ())


@functools.cache
def listed() -> Listed:
    """The names that ``mxnet_names.txt`` lists."""
    modules: dict[str, dict[str, str]] = {}
    own: dict[str, set[str]] = {}
    bases: dict[str, set[str]] = {}
    for line in pathlib.Path(__file__).with_name("mxnet_names.txt").read_text().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "module":
            module, *names = rest.split()
            modules[module] = {n: real for n, _, real in (name.partition("=") for name in names)}
        elif kind == "class":
            head, _, members = rest.partition(":")
            name, *above = head.split()
            own.setdefault(name, set()).update(members.split())
            bases.setdefault(name, set()).update(above)
    everything = {n: frozenset(own[n]).union(*(own.get(b, ()) for b in bases[n])) for n in own}
    return Listed(MappingProxyType(modules), MappingProxyType(everything))


# ---------------------------------------------------------------------------------------------- names of ours
@functools.cache
def root() -> Thing:
    """The package."""
    return Thing("mx", importlib.import_module(PACKAGE))


def _ours(module: ModuleType) -> bool:
    return module.__name__.partition(".")[0] == PACKAGE


def found(owner: Thing, name: str) -> Thing | Absent:
    """The attribute of a module or class, as ``getattr`` and ``import`` find it."""
    path, reason = f"{owner.path}.{name}", ""
    value, there = None, True
    if isinstance(owner.value, type):
        value = inspect.getattr_static(owner.value, name, None)
        there = value is not None or hasattr(owner.value, name)
    else:
        try:
            value = getattr(owner.value, name)
        except UnsupportedError as error:
            there, reason = False, _reason_in(str(error))
        except AttributeError:
            value = _submodule(owner.value, name)
            there = value is not None
    is_listed = listed().has(owner.path, name)
    if isinstance(value, ModuleType) and not _ours(value):
        # A module that ours imports for itself. MXNet's may be another of that name (nd.np).
        there = False
    if there:
        return Thing(path, value, owner.value if isinstance(owner.value, type) else None)
    if reason:
        return Absent(path, reason, True)
    return Absent(path, "not there" if is_listed else NOT_LISTED, is_listed)


def _submodule(module: Any, name: str) -> ModuleType | None:
    if not hasattr(module, "__path__"):
        return None
    full = f"{module.__name__}.{name}"
    try:
        return importlib.import_module(full)
    except ModuleNotFoundError as error:
        if error.name != full:
            raise
        return None


def _reason_in(text: str) -> str:
    """``X is not supported: REASON (see ...)`` -> REASON."""
    match = re.fullmatch(r".*? is not supported: (.*?)(?: \(see migration_guide\.md#[\w-]*\))?", text, re.DOTALL)
    return match[1] if match else text


def member(cls: type, name: str, path: str) -> Thing | Absent | None:
    """What an instance of the class has under a name; None where neither this class nor MXNet's tells."""
    full = f"{path}.{name}"
    for base in cls.__mro__:
        if name in vars(base):
            return Thing(full, vars(base)[name], cls)
    if name in _set_in_methods(cls) or any(name in getattr(base, "__annotations__", ()) for base in cls.__mro__):
        return Thing(full, None, cls)
    if any(name in listed().classes.get(base.__name__, ()) for base in cls.__mro__ if base is not object):
        return Absent(full, "not there", True)
    return None


@functools.cache
def _set_in_methods(cls: type) -> frozenset[str]:
    """Names that methods of our classes assign: ``self.NAME = ...``."""
    names: set[str] = set()
    for base in cls.__mro__:
        if base.__module__.partition(".")[0] != PACKAGE:
            continue
        for node in ast.walk(_tree(base) or ast.Module([], [])):
            if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Store):
                continue
            if isinstance(node.value, ast.Name) and node.value.id == "self":
                names.add(node.attr)
    return frozenset(names)


def defining_class(cls: type, name: str) -> type:
    """The class of the MRO that has the name itself."""
    return next((base for base in cls.__mro__ if name in vars(base)), cls)


def _tree(thing: Any) -> ast.Module | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(thing)))
    except (OSError, TypeError, SyntaxError):
        return None


# ---------------------------------------------------------------------------------------------- what calls do
@functools.cache
def always_raises(function: Any) -> str | None:
    """The reason for which a function of ours refuses every call; None where it does not.

    Such functions stand for names of MXNet that cannot work here, so that the name is there and the call is refused.
    """
    if isinstance(function, type):
        function = vars(function).get("__init__")
    if isinstance(function, property):
        function = function.fget
    function = getattr(function, "__func__", function)  # classmethod, staticmethod
    if not isinstance(function, FunctionType) or function.__module__.partition(".")[0] != PACKAGE:
        return None
    if "UnsupportedError" not in function.__code__.co_names + tuple(function.__code__.co_freevars):
        return None
    tree = _tree(function)
    if tree is None or not tree.body or not isinstance(tree.body[0], ast.FunctionDef):
        return None
    body = [s for s in tree.body[0].body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    first = body[0] if body else None
    if not isinstance(first, ast.Raise) or not isinstance(first.exc, ast.Call) or len(first.exc.args) < 2:
        return None
    names = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
    return _text(first.exc.args[1], names)


def _text(node: ast.expr, names: Mapping[str, Any]) -> str:
    """A text that stands in our source: constants, names of constants, both in an f-string."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.Name):
        return str(names.get(node.id, "..."))
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part, names) for part in node.values)
    return _text(node.value, names) if isinstance(node, ast.FormattedValue) else "..."


def _generated(function: Any) -> bool:
    """Whether it is made from the operator table; ``**kwargs`` of such a function takes no further arguments."""
    return isinstance(function, FunctionType) and function.__code__.co_filename.startswith(("<nd.", "<sym."))


@functools.cache
def parameters(function: Any) -> tuple[inspect.Parameter, ...] | None:
    """Parameters of a function or class, ``self`` aside; None where Python cannot tell."""
    try:
        if isinstance(function, (classmethod, staticmethod)):
            function = function.__func__
        return tuple(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


@functools.cache
def keywords(function: Any) -> frozenset[str] | None:
    """The keyword arguments that a function or class takes; None where it may take any."""
    if isinstance(function, type):
        return _constructor_keywords(function)
    found = parameters(function)
    if found is None:
        return None
    named, any_other = _split(found)
    if not any_other:
        return named
    if not _generated(function) or not (op := function.__globals__["op"]).attributes:
        return None  # an operator without attributes passes over what it does not know
    return named | {"ctx", "dtype", "attr"} | ({op.count} if op.count else frozenset())


def _split(found: tuple[inspect.Parameter, ...]) -> tuple[frozenset[str], bool]:
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return frozenset(p.name for p in found if p.kind in by_name), any(p.kind is p.VAR_KEYWORD for p in found)


def _constructor_keywords(cls: type) -> frozenset[str] | None:
    """Those of ``__init__``; what it hands on as ``**kwargs`` to ``super()`` goes to the next base that has one."""
    named: frozenset[str] = frozenset()
    for base in cls.__mro__:
        function = vars(base).get("__init__")
        if function is None or base is object:
            continue
        found = parameters(function)
        if found is None:
            return None
        more, any_other = _split(found)
        named |= more
        if not any_other:
            return named - {"self"}
        if not _hands_on(function):
            return None
    return None


def _hands_on(function: Any) -> bool:
    """Whether ``**kwargs`` of a constructor go to ``super().__init__`` and to nothing else."""
    calls = [n for n in ast.walk(_tree(function) or ast.Module([], [])) if isinstance(n, ast.Call)]
    starred = [n for n in calls if any(k.arg is None for k in n.keywords)]
    return bool(starred) and all(
        isinstance(n.func, ast.Attribute)
        and n.func.attr == "__init__"
        and isinstance(n.func.value, ast.Call)
        and isinstance(n.func.value.func, ast.Name)
        and n.func.value.func.id == "super"
        for n in starred
    )


# ---------------------------------------------------------------------------------------------- what calls give
def result_class(function: Any) -> type | None:
    """The class of MXNet of which a call's result is an instance, where one is declared."""
    if isinstance(function, type):
        return function if function.__module__.partition(".")[0] == PACKAGE else None
    if isinstance(function, property):
        function = function.fget
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType):
        return None
    if _generated(function):
        return _one_array(function)
    made_for = inspect.getclosurevars(function).nonlocals.get("array_type")  # functions of nd.random and sym.random
    if isinstance(made_for, type):
        return made_for
    written = function.__annotations__.get("return")
    if isinstance(written, type):
        return result_class(written)
    if not isinstance(written, str) or not re.fullmatch(r"[\w.]+", written.strip("'\"")):
        return None
    value: Any = function.__globals__
    for part in written.strip("'\"").split("."):
        value = value.get(part) if isinstance(value, dict) else getattr(value, part, None)
    if value is None:  # imported for type checking only
        value = _arrays().get(written)
    return result_class(value) if isinstance(value, type) else None


@functools.cache
def _arrays() -> dict[str, type]:
    package = root().value
    return {"NDArray": package.nd.NDArray, "Symbol": package.sym.Symbol, "Parameter": package.gluon.Parameter,
            "ParameterDict": package.gluon.ParameterDict, "Context": package.Context}  # fmt: skip


def _one_array(function: FunctionType) -> type | None:
    """NDArray or Symbol, where an operator has one output whatever its attributes are."""
    op = function.__globals__.get("op")
    if op is None or not op.single_output:
        return None
    return _arrays()["Symbol" if function.__code__.co_filename.startswith("<sym.") else "NDArray"]
