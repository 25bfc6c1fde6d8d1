"""What expressions of a program may be, as far as they are of MXNet."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from . import verdict
from .names import Absent, Thing, found, member, result_class, root
from .values import UNKNOWN, Function, Instance, Program, Scope, Text, UserClass, Values, joined
from .verdict import Call, Judged, Use

__all__ = ["ALIASES", "Expressions"]

ALIASES = ("mxnet", "mxgluon_compat")


class Expressions:
    """Follows values through the expressions of one file, and notes each use of MXNet.

    Args:
        file: its name, as reports give it.
        imported: gives a module of the program by its name, number of leading dots and nothing else; None if
            there is none of that name.
        registered: names under which the program registers classes of its own, in lower case; those of this file
            are added.
    """

    def __init__(self, file: str, imported: Callable[[str, int], Program | None], registered: set[str]) -> None:
        self.uses: list[Use] = []
        self.scope = Scope()
        self._file, self._imported, self._registered = file, imported, registered
        self._cell: int | None = None
        self._here, self._owner = self.scope, None  # type: Scope, UserClass | None
        self._branches = 0
        self._silent = 0
        self._later: list[Callable[[], None]] = []
        self._returned: list[Values] = []
        self._depth = 0

    def _function(self, function: Function, cell: int | None) -> None:
        """Reads a function's body, and keeps what it returns in ``_returned``."""
        raise NotImplementedError

    def _bind(self, name: str, values: Values, certain: bool | None = None) -> None:
        self._here.bind(name, values, not self._branches if certain is None else certain)

    def _assign(self, target: ast.expr, values: Values, source: ast.expr | None = None) -> None:
        """Gives what an assignment's left side names its value; ``source``: the right side."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------------ notes
    def _note(self, node: ast.AST, name: str, kind: str, judged: Judged) -> None:
        if not self._silent:
            line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
            self.uses.append(Use(self._file, line, column, self._cell, name, kind, judged))

    def _note_values(self, node: ast.AST, values: Values, kind: str, call: Call | None) -> None:
        """Notes a use of what may be several things: the worst of them counts."""
        things = [v for v in values if isinstance(v, (Thing, Absent))]
        if not things or self._silent:
            return
        judged = [verdict.judge(v, call) for v in things]
        bad = verdict.worst(judged)
        self._note(node, things[judged.index(bad)].path, kind, bad)

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        self._silent += 1
        try:
            yield
        finally:
            self._silent -= 1

    @contextmanager
    def _inside(self, scope: Scope, owner: UserClass | None) -> Iterator[None]:
        before = self._here, self._owner, self._branches, self._cell
        self._here, self._owner, self._branches = scope, owner, 0
        try:
            yield
        finally:
            self._here, self._owner, self._branches, self._cell = before

    @staticmethod
    def _text(node: ast.expr) -> str | None:
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

    # ------------------------------------------------------------------------------------------ expressions
    def value(self, node: ast.expr) -> Values:
        """What an expression may be; uses in it are noted."""
        if isinstance(node, (ast.Name, ast.Attribute)):
            values = self._resolved(node)
            kept = tuple(v for v in values if not (isinstance(v, Thing) and isinstance(v.value, ModuleType)))
            self._note_values(node, kept, "name", None)
            return tuple(self._read(v) for v in values)
        method = getattr(self, f"_of_{type(node).__name__}", None)
        if method is not None:
            return method(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
        return UNKNOWN

    def _read(self, value: Any) -> Any:
        """The value of a property that was read."""
        if isinstance(value, Thing) and isinstance(value.value, property):
            cls = result_class(value.value)
            return Instance(cls, cls.__name__, sure=False) if cls is not None else None
        return value

    def _resolved(self, node: ast.expr) -> Values:
        """What a name or attribute may be; the last step of a path is not noted."""
        if isinstance(node, ast.Name):
            values = self._here.find(node.id)
            if values is not None:
                return values
            reason = self._here.module().open or self._here.open
            if reason and not hasattr(builtins, node.id):
                return (Absent(node.id, reason, False),)
            return UNKNOWN
        if isinstance(node, ast.Attribute):
            above = node.value
            if isinstance(above, (ast.Name, ast.Attribute)):
                held = self._resolved(above)
                through = [v for v in held if isinstance(v, Thing) and not isinstance(v.value, (ModuleType, type))]
                if through:  # a property that is read on the way, an attribute of a constant or function
                    self._note_values(above, tuple(through), "name", None)
                held = tuple(self._read(v) for v in held)
            else:
                held = self.value(above)
            return self._attribute(held, node.attr)
        return self.value(node)

    def _attribute(self, held: Values, name: str) -> Values:
        several = [v for value in held for v in self._attribute_of(value, name)]
        known = [v for v in several if not (isinstance(v, Absent) and not v.listed)]
        of_mxnet = [v for v in known if v is not None]
        if any(isinstance(v, Instance) and not v.sure for v in held) or len(held) > 1:
            # One of several has it: what MXNet has under that name in none of the others says nothing.
            several = known if of_mxnet else [v for v in several if v is not None and len(held) == len(several)]
            if any(isinstance(v, Instance) for v in held) and None in held:
                several = []  # a variable that may be something else as well
        return joined([tuple(several)])

    def _attribute_of(self, value: Any, name: str) -> Values:
        if isinstance(value, Absent):
            return (Absent(f"{value.path}.{name}", value.reason, value.listed),)
        if isinstance(value, Thing):
            if isinstance(value.value, (ModuleType, type)):
                return (found(value, name),)
            return UNKNOWN
        if isinstance(value, Program):
            return value.scope.names.get(name, UNKNOWN)
        if isinstance(value, UserClass):
            return self._of_class(value, name)
        if isinstance(value, Instance):
            if value.own is not None:
                own = self._own(value.own, name)
                if own is not None:
                    return own
            got = member(value.cls, name, value.path)
            if got is None and value.own is None and value.sure:
                return (Absent(f"{value.path}.{name}", "MXNet 1.9.1 has no such attribute", False),)
            return (got,)
        return UNKNOWN

    def _of_class(self, cls: UserClass, name: str) -> Values:
        if name in cls.scope.names:
            return cls.scope.names[name]
        return joined(self._attribute_of(v, name) for base in cls.bases for v in base if v is not None)

    def _own(self, cls: UserClass, name: str) -> Values | None:
        """What the program's class, or a base of it in the program, has under a name; None: nothing."""
        attributes = self._attributes(cls)
        for names in (attributes, cls.scope.names):
            if name in names:
                return names[name]
        for base in cls.bases:
            for value in base:
                if isinstance(value, UserClass) and (there := self._own(value, name)) is not None:
                    return there
        return None

    def _attributes(self, cls: UserClass) -> dict[str, Values]:
        """What its methods assign to ``self``."""
        if cls.attributes is None:
            cls.attributes = {}
            for values in list(cls.scope.names.values()):
                for function in values:
                    if isinstance(function, Function) and function.owner is cls:
                        with self._quietly(), self._results():
                            self._function(function, None)
        return cls.attributes

    @contextmanager
    def _results(self) -> Iterator[list[Values]]:
        before, self._returned = self._returned, []
        try:
            yield self._returned
        finally:
            self._returned = before

    def _self(self, cls: UserClass) -> Values:
        """An instance of the program's class: of the first class of MXNet that it derives from."""
        base = self._base(cls)
        if isinstance(base, Absent):
            return UNKNOWN
        return (
            Instance(
                base.value if base is not None else object, cls.name if base is None else base.value.__name__, cls
            ),
        )

    def _base(self, cls: UserClass) -> Thing | Absent | None:
        for base in cls.bases:
            for value in base:
                if isinstance(value, Absent) or (isinstance(value, Thing) and isinstance(value.value, type)):
                    return value
                if isinstance(value, UserClass) and value is not cls and (above := self._base(value)) is not None:
                    return above
        return None

    def _instance(self, value: Any) -> Any:
        """What calling a class gives."""
        if isinstance(value, UserClass):
            return self._self(value)[0]
        if isinstance(value, Absent):
            return Absent(f"{value.path}()", value.reason, value.listed) if value.listed else None
        if isinstance(value, Thing):
            cls = result_class(value.value)
            return Instance(cls, cls.__name__, sure=cls is value.value) if cls is not None else None
        return None

    def _of_Call(self, node: ast.Call) -> Values:
        special = self._special(node)
        if special is not None:
            return special
        values = self._resolved(node.func)
        for argument in node.args:
            self.value(argument)
        for keyword in node.keywords:
            self.value(keyword.value)
        noted = tuple(v for v in values if not (isinstance(v, Thing) and isinstance(v.value, ModuleType)))
        self._note_values(node, noted, "call", self._arguments(node))
        for value in values:
            if isinstance(value, UserClass) and not self._own_init(value) and (base := self._base(value)) is not None:
                self._note_values(node, (base,), "call", self._arguments(node))
        return joined(
            (self._called(value),) if not isinstance(value, Function) else self._result(value) for value in values
        )

    def _own_init(self, cls: UserClass) -> bool:
        return "__init__" in cls.scope.names or any(
            isinstance(v, UserClass) and v is not cls and self._own_init(v) for base in cls.bases for v in base
        )

    def _called(self, value: Any) -> Any:
        if isinstance(value, Instance):
            block = root().value.gluon.Block
            if value.own is None and issubclass(value.cls, block):
                return Instance(root().value.nd.NDArray, "NDArray", sure=False)
            return None
        return self._instance(value)

    def _result(self, function: Function) -> Values:
        """What a function of the program may return, whatever it is given."""
        if function.results is None:
            if self._depth > 20:
                return UNKNOWN
            function.results = UNKNOWN  # for calls of itself
            self._depth += 1
            with self._quietly(), self._results() as returned:
                self._function(function, None)
            self._depth -= 1
            function.results = joined(returned)
        return function.results

    def _special(self, node: ast.Call) -> Values | None:
        """``super()``, ``getattr`` and ``import_module``."""
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name == "super" and self._owner is not None and isinstance(node.func, ast.Name):
            above = joined(base for base in self._owner.bases)
            held = [self._instance(v) for v in above if isinstance(v, (Thing, UserClass))]
            return tuple(held) or UNKNOWN
        if name == "getattr" and len(node.args) in (2, 3) and isinstance(node.func, ast.Name):
            return self._getattr(node)
        if name in ("import_module", "__import__") and node.args:
            return self._import_module(node)
        return None

    def _getattr(self, node: ast.Call) -> Values:
        with self._quietly():
            held = self.value(node.args[0])
        modules = [v for v in held if isinstance(v, (Thing, Absent))]
        key = node.args[1]
        if not modules:
            self.value(node.args[0])
        for argument in node.args[1:]:
            self.value(argument)
        with self._quietly():
            keys = self.value(key)
        if keys and all(isinstance(k, Text) for k in keys):
            values = joined(self._attribute(held, k.text) for k in keys if isinstance(k, Text))
            for value in values:
                self._note_values(node, (value,), "name", None)
            return values
        if modules:
            reason = "the name is computed when the program runs"
            self._note(node, f"getattr({modules[0].path}, ...)", "name", Judged(verdict.UNKNOWN, reason))
        return UNKNOWN

    def _import_module(self, node: ast.Call) -> Values:
        name = node.args[0]
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            if name.value.partition(".")[0] in ALIASES:
                values = self._module(name.value)
                self._note_values(node, values, "import", None)
                return values
            return (self._imported(name.value, 0),)
        texts = [n.value for n in ast.walk(name) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        if any(text.partition(".")[0] in ALIASES for text in texts):
            reason = "the module's name is computed when the program runs"
            self._note(node, "import of a module of mxnet", "import", Judged(verdict.UNKNOWN, reason))
        return UNKNOWN

    def _arguments(self, node: ast.Call) -> Call:
        def constant(value: ast.expr) -> Any:
            own = (self._text(value) or "").lower() in self._registered
            return value.value if isinstance(value, ast.Constant) and not own else ...

        starred = [i for i, a in enumerate(node.args) if isinstance(a, ast.Starred)]
        positional = [constant(a) for a in node.args[: starred[0] if starred else None]]
        named = {k.arg: constant(k.value) for k in node.keywords if k.arg is not None}
        return Call(positional, named, not starred and len(named) == len(node.keywords))

    # ------------------------------------------------------------------------------------------ other expressions
    def _of_Constant(self, node: ast.Constant) -> Values:
        return (Text(node.value),) if isinstance(node.value, str) else UNKNOWN

    def _of_BinOp(self, node: ast.BinOp) -> Values:
        return self._arithmetic(self.value(node.left), self.value(node.right))

    def _of_Compare(self, node: ast.Compare) -> Values:
        return self._arithmetic(self.value(node.left), *[self.value(c) for c in node.comparators])

    def _of_UnaryOp(self, node: ast.UnaryOp) -> Values:
        values = self.value(node.operand)
        return UNKNOWN if isinstance(node.op, ast.Not) else self._arithmetic(values)

    def _arithmetic(self, *operands: Values) -> Values:
        """An array or symbol, where an operand is one."""
        package = root().value
        for values in operands:
            for value in values:
                if isinstance(value, Instance) and value.cls in (package.nd.NDArray, package.sym.Symbol):
                    return (value,)
        return UNKNOWN

    def _of_Subscript(self, node: ast.Subscript) -> Values:
        held = self.value(node.value)
        self.value(node.slice)
        return self._arithmetic(held)

    def _of_IfExp(self, node: ast.IfExp) -> Values:
        self.value(node.test)
        return joined((self.value(node.body), self.value(node.orelse)))

    def _of_BoolOp(self, node: ast.BoolOp) -> Values:
        return joined([self.value(v) for v in node.values])

    def _of_NamedExpr(self, node: ast.NamedExpr) -> Values:
        values = self.value(node.value)
        self._assign(node.target, values)
        return values

    def _of_Lambda(self, node: ast.Lambda) -> Values:
        self._signature(node.args)
        with self._results():
            self._function(Function(node, self._here, None), self._cell)
        return UNKNOWN

    def _comprehension(self, node: Any) -> Values:
        with self._inside(Scope(self._here), self._owner):
            for generator in node.generators:
                self._assign(generator.target, self._items(self.value(generator.iter)))
                for test in generator.ifs:
                    self.value(test)
            for part in ("elt", "key", "value"):
                if hasattr(node, part):
                    self.value(getattr(node, part))
        return UNKNOWN

    _of_ListComp = _of_SetComp = _of_DictComp = _of_GeneratorExp = _comprehension

    def _module(self, name: str) -> Values:
        """The module of ours of that name."""
        at: Thing | Absent = root()
        for part in name.split(".")[1:]:
            if isinstance(at, Absent):
                return (Absent(f"{at.path}.{part}", at.reason, at.listed),)
            at = found(at, part)
        return (at,)

    def _items(self, values: Values) -> Values:
        """What an iteration gives: rows of an array are arrays."""
        array = root().value.nd.NDArray
        return tuple(v if isinstance(v, Instance) and issubclass(v.cls, array) else None for v in values)

    def _signature(self, arguments: ast.arguments) -> None:
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if argument.annotation is not None:
                self.value(argument.annotation)
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.value(default)
