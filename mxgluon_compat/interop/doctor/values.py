"""What a name in a program may stand for, and where names live."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .names import Absent, Thing

__all__ = ["Function", "Instance", "Program", "Scope", "Text", "UserClass", "Value", "joined"]


@dataclass(frozen=True)
class Instance:
    """An instance of a class of ours.

    Attributes:
        cls: the class.
        path: what it is called in reports.
        own: the program's class that derives from it.
        sure: whether it is of this very class; else it may be of a derived one, or (arguments of ``hybrid_forward``)
            something else, and names that the class has not say nothing.
    """

    cls: type
    path: str
    own: UserClass | None = None
    sure: bool = True


@dataclass(eq=False)
class UserClass:
    """A class of the program.

    Attributes:
        name: its name.
        bases: what each base may be.
        scope: names that its body binds.
        attributes: what ``self.NAME`` may be; None until somebody asks.
    """

    name: str
    bases: list[Values]
    scope: Scope
    node: ast.ClassDef
    attributes: dict[str, Values] | None = None


@dataclass(eq=False)
class Function:
    """A function of the program; ``results`` is what it may return, None until somebody asks."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    owner: UserClass | None = None
    results: Values | None = None


@dataclass(eq=False)
class Program:
    """A module of the program itself."""

    scope: Scope


@dataclass(frozen=True)
class Text:
    """A string that stands in the program."""

    text: str


Value = Thing | Absent | Instance | UserClass | Function | Program | Text | None
"""None: something that is not of MXNet, or of which nothing is known."""
Values = tuple[Value, ...]
UNKNOWN: Values = (None,)


def joined(values: Iterable[Values]) -> Values:
    """All that one of several may be, each once."""
    found: list[Value] = []
    for several in values:
        found += [v for v in several if v not in found]
    return tuple(found) or UNKNOWN


@dataclass(eq=False)
class Scope:
    """Names of a module, class or function.

    Attributes:
        parent: where a name is looked up that is not here.
        is_class: whether functions inside do not see its names.
        open: why names may be there that are not in ``names`` (a star import of what is not there); else empty.
    """

    parent: Scope | None = None
    is_class: bool = False
    names: dict[str, Values] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    open: str = ""

    def find(self, name: str) -> Values | None:
        """What a name may stand for; None where it is bound nowhere."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names and not (scope.is_class and scope is not self):
                return scope.names[name]
            scope = scope.parent
        return None

    def bind(self, name: str, values: Values, certain: bool) -> None:
        """Binds a name; where that is not certain (in a branch), what it stood for stays possible."""
        scope: Any = self
        if name in self.globals:
            while scope.parent is not None:
                scope = scope.parent
            certain = False
        before = scope.names.get(name)
        scope.names[name] = values if certain or before is None else joined((before, values))

    def module(self) -> Scope:
        """The scope of the module."""
        scope: Scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope
