"""Reads the code of a file, statement by statement."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from .expressions import ALIASES, Expressions
from .names import Absent, Thing, found, root
from .values import UNKNOWN, Function, Instance, Program, Scope, UserClass, Values, joined

__all__ = ["Reader"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Reader(Expressions):
    """Reads one file: its parts in order, then the functions in them, which see all that the module binds."""

    def read(self, tree: ast.Module, cell: int | None) -> None:
        """The code of the file, or of one cell."""
        self._cell = cell
        self._run(tree.body)

    def finish(self) -> None:
        """Functions, which see all that the module binds."""
        while self._later:
            self._later.pop(0)()

    # ------------------------------------------------------------------------------------------ statements
    def _run(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            getattr(self, f"_do_{type(statement).__name__}", self._do_other)(statement)

    def _branch(self, *bodies: Sequence[ast.stmt]) -> None:
        self._branches += 1
        for body in bodies:
            self._run(body)
        self._branches -= 1

    def _do_other(self, node: ast.stmt) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)

    def _do_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            first, _, rest = alias.name.partition(".")
            if first not in ALIASES:
                program = self._imported(alias.name, 0)
                if alias.asname or "." not in alias.name:
                    self._bind(alias.asname or first, (program,))
                else:
                    self._bind(first, UNKNOWN if program is None else (self._imported(first, 0),))
                continue
            values = self._module(alias.name)
            self._note_values(node, values, "import", None)
            self._bind(alias.asname or first, values if alias.asname else (root(),))

    def _do_ImportFrom(self, node: ast.ImportFrom) -> None:
        name = node.module or ""
        if node.level or name.partition(".")[0] not in ALIASES:
            self._from_program(node, self._imported(name, node.level))
            return
        module = self._module(name)[0]
        for alias in node.names:
            if alias.name == "*":
                self._star(node, module)
                continue
            values = self._attribute((module,), alias.name)
            self._note_values(node, values, "import", None)
            self._bind(alias.asname or alias.name, values)

    def _star(self, node: ast.ImportFrom, module: Any) -> None:
        self._note_values(node, (module,), "import", None)
        if isinstance(module, Absent):
            self._here.open = f"it may come from the star import of {module.path}, which is not there"
            return
        names = getattr(module.value, "__all__", None) or [n for n in vars(module.value) if not n.startswith("_")]
        for name in names:
            self._bind(name, (found(module, name),))

    def _from_program(self, node: ast.ImportFrom, program: Program | None) -> None:
        for alias in node.names:
            if alias.name == "*":
                if program is not None:
                    for name, values in program.scope.names.items():
                        self._bind(name, values)
                    self._here.open = self._here.open or program.scope.open
                continue
            found = program.scope.names.get(alias.name) if program is not None else None
            if found is None:
                inner = self._imported(".".join(filter(None, (node.module, alias.name))), node.level)
                found = (inner,)
            self._bind(alias.asname or alias.name, found)

    def _do_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.value(decorator)
        self._signature(node.args)
        if node.returns is not None:
            self.value(node.returns)
        function = Function(node, self._here, self._owner if self._here.is_class else None)
        plain = not [d for d in node.decorator_list if not (isinstance(d, ast.Name) and d.id == "staticmethod")]
        self._bind(node.name, (function,) if plain else UNKNOWN)
        cell, silent = self._cell, self._silent
        if not silent:
            self._later.append(lambda: self._function(function, cell))
        # Names that are returned by functions inside are followed when they are called.

    _do_AsyncFunctionDef = _do_FunctionDef

    def _function(self, function: Function, cell: int | None) -> None:
        """Reads a function's body."""
        node = function.node
        with self._inside(Scope(function.scope), function.owner):
            self._cell = cell
            self._bind_parameters(function)
            if isinstance(node, ast.Lambda):
                self._returned.append(self.value(node.body))
            else:
                self._run(node.body)

    def _bind_parameters(self, function: Function) -> None:
        node: Any = function.node
        arguments = node.args
        names = [*arguments.posonlyargs, *arguments.args]
        everything = [*names, *arguments.kwonlyargs, *filter(None, (arguments.vararg, arguments.kwarg))]
        for argument in everything:
            self._bind(argument.arg, self._annotated(argument.annotation), True)
        owner: Any = function.owner
        method = owner is not None and isinstance(node, _FUNCTIONS) and names
        static = method and any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
        if method and not static:
            names = names[1:]
            self._bind(everything[0].arg, self._self(owner), True)
        for argument in names[:2]:
            if argument.arg == "F":
                self._bind("F", self._faces(), True)
        if method and node.name == "hybrid_forward" and names:
            self._bind(names[0].arg, self._faces(), True)
            array = (Instance(root().value.nd.NDArray, "NDArray", sure=False),)
            for argument in (*names[1:], *arguments.kwonlyargs):
                self._bind(argument.arg, array, True)

    def _annotated(self, annotation: ast.expr | None) -> Values:
        if annotation is None:
            return UNKNOWN
        with self._quietly():
            values = self.value(annotation)
        return tuple(self._instance(v) for v in values if isinstance(v, (Thing, UserClass))) or UNKNOWN

    def _faces(self) -> Values:
        return tuple(found(root(), face) for face in ("nd", "sym"))

    def _do_ClassDef(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self._registers(decorator, node.name)
        bases = [self.value(base) for base in node.bases]
        for keyword in node.keywords:
            self.value(keyword.value)
        cls = UserClass(node.name, bases, Scope(self._here, is_class=True), node)
        self._bind(node.name, (cls,))
        with self._inside(cls.scope, cls):
            self._run(node.body)

    def _registers(self, decorator: ast.expr, name: str) -> None:
        """A decorator of a class: ``register`` and ``alias`` give names to it."""
        for value in self.value(decorator):
            if isinstance(value, Thing) and value.path.endswith(".register"):
                self._registered.add(name.lower())
        if isinstance(decorator, ast.Call):
            with self._quietly():
                called = self._resolved(decorator.func)
            if any(isinstance(v, Thing) and v.path.endswith((".register", ".alias")) for v in called):
                texts = [self._text(argument) for argument in decorator.args]
                self._registered.update(text.lower() for text in texts if text is not None)

    def _do_Return(self, node: ast.Return) -> None:
        self._returned.append(self.value(node.value) if node.value is not None else UNKNOWN)

    def _do_Assign(self, node: ast.Assign) -> None:
        values = self.value(node.value)
        for target in node.targets:
            self._assign(target, values, node.value)

    def _do_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.value(node.annotation)
        values = self.value(node.value) if node.value is not None else self._annotated(node.annotation)
        self._assign(node.target, values, node.value)

    def _do_AugAssign(self, node: ast.AugAssign) -> None:
        self.value(node.value)
        self.value(node.target)

    def _assign(self, target: ast.expr, values: Values, source: ast.expr | None = None) -> None:
        if isinstance(target, ast.Name):
            self._bind(target.id, values)
        elif isinstance(target, (ast.Tuple, ast.List)):
            given = source.elts if isinstance(source, (ast.Tuple, ast.List)) else []
            pairs = len(given) == len(target.elts)
            for i, inner in enumerate(target.elts):
                with self._quietly():
                    one = self.value(given[i]) if pairs else UNKNOWN
                self._assign(inner, one)
        elif isinstance(target, ast.Starred):
            self._assign(target.value, UNKNOWN)
        elif isinstance(target, ast.Attribute):
            held = self.value(target.value)
            for owner in held:
                own = owner.own if isinstance(owner, Instance) else owner if isinstance(owner, UserClass) else None
                if own is not None and isinstance(target.value, ast.Name) and own.attributes is not None:
                    before = own.attributes.get(target.attr)
                    own.attributes[target.attr] = values if before is None else joined((before, values))
                elif isinstance(owner, Instance) and owner.own is None:
                    with self._quietly():
                        there = self._attribute((owner,), target.attr)
                    self._note_values(target, tuple(v for v in there if isinstance(v, (Thing, Absent))), "name", None)
        else:
            self.value(target)

    def _do_If(self, node: ast.If) -> None:
        self.value(node.test)
        self._branch(node.body, node.orelse)

    def _do_While(self, node: ast.While) -> None:
        self._do_If(node)  # type: ignore[arg-type]

    def _do_For(self, node: ast.For | ast.AsyncFor) -> None:
        over = self.value(node.iter)
        self._branches += 1
        written = node.iter.elts if isinstance(node.iter, (ast.Tuple, ast.List)) else []
        if written and not any(isinstance(item, ast.Starred) for item in written):
            with self._quietly():
                for item in written:
                    self._assign(node.target, self.value(item), item)
        else:
            self._assign(node.target, self._items(over))
        self._branches -= 1
        self._branch(node.body, node.orelse)

    _do_AsyncFor = _do_For

    def _do_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            values = self.value(item.context_expr)
            if item.optional_vars is not None:
                self._assign(item.optional_vars, values)
        self._run(node.body)

    _do_AsyncWith = _do_With

    def _do_Try(self, node: ast.Try) -> None:
        handlers = [h.body for h in node.handlers]
        for handler in node.handlers:
            if handler.type is not None:
                self.value(handler.type)
            if handler.name:
                self._bind(handler.name, UNKNOWN)
        self._branch(node.body, node.orelse, *handlers)
        self._run(node.finalbody)

    _do_TryStar = _do_Try

    def _do_Match(self, node: Any) -> None:
        self.value(node.subject)
        self._branch(*(case.body for case in node.cases))

    def _do_Global(self, node: ast.Global) -> None:
        self._here.globals.update(node.names)

    def _do_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Name):
                self.value(target)
