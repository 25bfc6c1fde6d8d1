"""Python source text: calls that make modules, and how they are laid out on lines.

Lines break where ``ruff format`` breaks them, for a line length of 88 (its default) and of 120 alike: a call that does
not fit has one argument a line, with a comma after the last.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

__all__ = ["WIDTH", "Arg", "Make", "Raw", "State", "call", "identifier", "laid_out", "literal"]

WIDTH = 88
_MISSING = object()
_OPEN, _CLOSE = "([{", ")]}"


class Raw(str):
    """Text that stands in source as it is."""


@dataclass(frozen=True)
class State:
    """Where a value of the state_dict comes from.

    Attributes:
        param: the Gluon Parameter; None for a value that has none.
        convert: of its tensor, or (no ``param``) what makes the value.
        fixed: whether it is never trained.
    """

    param: Any
    convert: Callable[..., torch.Tensor] = lambda tensor: tensor
    fixed: bool = False


@dataclass
class Arg:
    """One argument. ``key`` is its keyword, or for a positional one what it means."""

    key: str
    value: Any
    default: Any = _MISSING
    positional: bool = False


@dataclass
class Make:
    """A call that makes a module or tensor.

    Attributes:
        callee: what is called: text, or a class that is written too.
        args: values may be calls themselves.
        states: {name in the module: its value}.
        block: the Block that it stands for.
    """

    callee: Any
    args: list[Arg] = field(default_factory=list)
    states: dict[str, State] = field(default_factory=dict)
    block: Any = None

    def literals(self) -> Iterator[Arg]:
        """All arguments that are plain values, in order."""
        for arg in self.args:
            if isinstance(arg.value, Make):
                yield from arg.value.literals()
            elif not isinstance(arg.value, Raw):
                yield arg

    def skeleton(self) -> Any:
        """What two calls share that differ in plain values only."""
        return (
            self.callee if isinstance(self.callee, str) else id(self.callee.group),
            tuple(
                (a.key, a.value.skeleton() if isinstance(a.value, Make) else str(a.value) if _is_raw(a.value) else 0)
                for a in self.args
            ),
        )

    def text(self, names: Mapping[int, str]) -> str:
        """The call; ``names``: {id(argument): the variable that stands for its value}."""
        found = []
        for arg in self.args:
            name = names.get(id(arg))
            if name is None and not isinstance(arg.value, Make) and _same(arg.value, arg.default):
                continue
            value = name or (arg.value.text(names) if isinstance(arg.value, Make) else literal(arg.value))
            found.append(value if arg.positional else f"{arg.key}={value}")
        callee = self.callee if isinstance(self.callee, str) else self.callee.group.name
        return f"{callee}({', '.join(found)})"


def _is_raw(value: Any) -> bool:
    return isinstance(value, Raw)


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and value == default


def literal(value: Any) -> str:
    """A plain value as source."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, torch.dtype):
        return str(value)
    if isinstance(value, float):
        if math.isinf(value) or math.isnan(value):
            return f'float("{value}")'
        return str(int(value)) if value.is_integer() and abs(value) < 1e6 else repr(value).replace("e+", "e")
    if isinstance(value, tuple):
        inner = ", ".join(map(literal, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, str):
        return f'"{value}"'
    return repr(value)


def call(function: str, *args: Any, **kwargs: Any) -> str:
    """A call as text: strings are expressions, other values become literals; None among keywords is left out."""
    texts = [a if isinstance(a, str) else literal(a) for a in args]
    texts += [f"{k}={v if isinstance(v, str) else literal(v)}" for k, v in kwargs.items() if v is not None]
    return f"{function}({', '.join(texts)})"


def identifier(text: str, taken: Sequence[str] = ()) -> str:
    """A name for a variable or attribute: ``text`` as far as Python allows."""
    clean = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in text).strip("_") or "x"
    clean = f"x{clean}" if clean[0].isdigit() else clean
    while keyword.iskeyword(clean) or clean in taken:
        clean += "_"
    return clean


# ---------------------------------------------------------------------------------------------- lines
def laid_out(text: str, indent: int, nested: bool = False) -> list[str]:
    """A statement, or an element of a list (``nested``), on as many lines as it needs."""
    pad = " " * indent
    # A comma follows elements, and must fit too.
    if indent + len(text) + nested <= WIDTH:
        return [pad + text]
    target, value = _assignment(text)
    operands = _operands(value)
    if len(operands) > 1 and not text.startswith(("def ", "class ")):
        if nested:
            return [line for part in operands for line in laid_out(part, indent, True)]
        return [f"{pad}{target}(", *(line for p in operands for line in laid_out(p, indent + 4, True)), f"{pad})"]
    start = _last_group(text)
    if start is None:
        return [pad + text]
    end = next(e for s, e in _groups(text) if s == start)
    head, inner, tail = text[: start + 1], text[start + 1 : end], text[end:]
    if not inner.strip():
        return [pad + text]
    lines = [pad + head]
    for part in _split(inner):
        *before, last = laid_out(part, indent + 4, True)
        lines += [*before, last + ","]
    return [*lines, pad + tail]


def _assignment(text: str) -> tuple[str, str]:
    """(what stands before the value, the value)."""
    if text.startswith("return "):
        return "return ", text[len("return ") :]
    match = re.match(r"[\w.\[\], ()]+ = ", text)
    return (match[0], text[match.end() :]) if match else ("", text)


_PRECEDENCE = (("==", "!=", ">=", "<=", ">", "<"), ("+", "-"), ("*", "/", "//", "%"))


def _operands(text: str) -> list[str]:
    """The parts of an operation, each but the first with its sign before it; the text alone where it is none."""
    inside = [False] * len(text)
    for start, end in _groups(text):
        inside[start:end] = [True] * (end - start)
    for signs in _PRECEDENCE:
        found = [m for m in re.finditer(r" (\S+)(?= )", text) if m[1] in signs and not inside[m.start()]]
        if found:
            cuts = [0, *(m.start() + 1 for m in found), len(text)]
            return [text[a:b].rstrip() for a, b in zip(cuts, cuts[1:])]
    return [text]


def _skip_string(text: str, at: int) -> int:
    quote = text[at]
    at += 1
    while text[at] != quote:
        at += 2 if text[at] == "\\" else 1
    return at


def _groups(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of the outermost brackets."""
    at, depth, start = 0, 0, 0
    while at < len(text):
        c = text[at]
        if c in "\"'":
            at = _skip_string(text, at)
        elif c in _OPEN:
            if not depth:
                start = at
            depth += 1
        elif c in _CLOSE:
            depth -= 1
            if not depth:
                yield start, at
        at += 1


def _last_group(text: str) -> int | None:
    """Where the brackets begin that are to be opened: of a function the first, of a call the last."""
    found = [(s, e) for s, e in _groups(text) if _can_open(text, s)]
    if not found:
        return None
    return found[0][0] if text.startswith(("def ", "class ")) else found[-1][0]


def _can_open(text: str, at: int) -> bool:
    """Whether a comma may stand before the closing bracket: in calls, lists and tuples, not in subscripts."""
    if text[at] == "[":
        return not (text[:at][-1:].isalnum() or text[:at][-1:] in ("_", ")", "]"))
    end = next(e for s, e in _groups(text) if s == at)
    return text[at] == "(" and (text[:at][-1:].isalnum() or text[:at][-1:] in ("_", "]") or "," in text[at:end])


def _split(text: str) -> list[str]:
    """Parts between the commas outside of brackets."""
    parts, begin, at, depth = [], 0, 0, 0
    while at < len(text):
        c = text[at]
        if c in "\"'":
            at = _skip_string(text, at)
        depth += (c in _OPEN) - (c in _CLOSE)
        if c == "," and not depth:
            parts.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    last = text[begin:].strip()
    return [*parts, last] if last else parts
