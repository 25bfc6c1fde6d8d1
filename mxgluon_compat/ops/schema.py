"""Attribute kinds: how an annotation of an operator's signature reads, prints and describes a value.

An operator's attributes come as Python values (``kernel=(3, 3)``) or as the strings of symbol JSON
(``"(3, 3)"``). The annotation of the keyword-only parameter says which kind it is; this file is the only place
that knows how a kind is parsed.
"""

from __future__ import annotations

import ast
import math
import numbers
import operator
import re
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NewType, Union

import torch

from ..base import DTYPE_NAMES, TORCH_TO_NAME, torch_dtype

__all__ = [
    "Attribute", "Dtype", "Floats", "Long", "Natural", "NotNegative", "OptionalShape", "OutOfRange", "Positive",
    "Range", "Shape", "Shapes", "Share", "attribute_kind",
]  # fmt: skip


class OutOfRange(ValueError):
    """A number of the right kind that is too small or too large; the text goes on after the attribute's name."""


@dataclass(frozen=True)
class Range:
    """What a number must lie in, both ends included: ``Annotated[int, Range(1)]``."""

    low: float
    high: float = math.inf

    def checked(self, value: Any) -> Any:
        """The value.

        Raises:
            OutOfRange: it lies outside, or is no number at all.
        """
        if self.low <= value <= self.high:
            return value
        if self.high == math.inf:
            raise OutOfRange(f"should be greater equal to {self.low}")
        raise OutOfRange(f"exceed bound [{self.low},{self.high}]")


Long = NewType("Long", int)
"""An integer of 64 bits; ``int`` is one of 32, as in MXNet."""
Natural = Annotated[int, Range(0)]
"""An integer that is not below 0."""
Positive = Annotated[int, Range(1)]
"""An integer that is not below 1."""
Share = Annotated[float, Range(0, 1)]
"""A probability, a part of a whole."""
NotNegative = Annotated[float, Range(0)]
"""A float that is not below 0."""
Shape = tuple[int, ...]
"""A shape, an axis list, a kernel: ``(3, 3)``; a single number stands for a tuple of one."""
OptionalShape = tuple[int | None, ...]
"""A shape whose entries may be None (``slice``'s begin, end and step)."""
Shapes = tuple[tuple[int, ...], ...]
"""A tuple of shapes: ``((1, 1), (0, 2))``."""
Floats = tuple[float, ...]
"""A tuple of floats; a single number stands for a tuple of one."""
Dtype = NewType("Dtype", torch.dtype)
"""A dtype: MXNet code passes names, numpy classes or torch dtypes; the operator gets a torch dtype."""

_TRUE, _FALSE = {"true", "1"}, {"false", "0"}
_LONG_SUFFIX = re.compile(r"(?<=\d)L\b")


def _integer(bits: int) -> Callable[[Any], int]:
    limit = 1 << (bits - 1)

    def parse(value: Any) -> int:
        if isinstance(value, bool):
            raise ValueError
        number = int(value) if isinstance(value, str) else operator.index(value)
        if not -limit <= number < limit:
            raise ValueError
        return number

    return parse


_parse_int = _integer(64)


def _parse_float(value: Any) -> float:
    if isinstance(value, bool) or not (isinstance(value, str | numbers.Real) or hasattr(value, "__float__")):
        raise ValueError
    number = float(value)
    if math.isinf(number) and isinstance(value, str) and "inf" not in value.lower():
        raise ValueError
    return number


def _parse_bool(value: Any) -> bool:
    text = str(value).lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError


def _parse_str(value: Any) -> str:
    return str(value)


def _parse_dtype(value: Any) -> torch.dtype:
    try:
        return torch_dtype(value)
    except TypeError:
        raise ValueError from None


def _elements(value: Any) -> Any:
    if isinstance(value, str):
        try:
            found = ast.literal_eval(_LONG_SUFFIX.sub("", value))
        except (SyntaxError, MemoryError, RecursionError):
            raise ValueError from None
        if isinstance(found, tuple) and not value.lstrip().startswith("("):
            raise ValueError
        value = found
    if isinstance(value, numbers.Number):
        return (value,)
    if isinstance(value, str | set | frozenset | dict):
        raise ValueError
    return tuple(value)


def _parse_shape(value: Any) -> Shape:
    return tuple(_parse_int(v) for v in _elements(value))


def _parse_optional_shape(value: Any) -> OptionalShape:
    return tuple(None if v is None else _parse_int(v) for v in (_elements(value) if value is not None else (None,)))


def _parse_shapes(value: Any) -> Shapes:
    return tuple(_parse_shape(v) for v in _elements(value))


def _parse_floats(value: Any) -> Floats:
    return tuple(_parse_float(v) for v in _elements(value))


# annotation -> (parser, the words that MXNet's messages and docs use for it)
_KINDS: dict[Any, tuple[Callable[[Any], Any], str]] = {
    int: (_integer(32), "int"),
    Long: (_parse_int, "long"),
    float: (_parse_float, "float"),
    bool: (_parse_bool, "boolean"),
    str: (_parse_str, "string"),
    Shape: (_parse_shape, "Shape(tuple)"),
    OptionalShape: (_parse_optional_shape, "Shape(tuple)"),
    Shapes: (_parse_shapes, "tuple of <Shape(tuple)>"),
    Floats: (_parse_floats, "tuple of <float>"),
    Dtype: (_parse_dtype, "dtype"),
}


@dataclass(frozen=True)
class Attribute:
    """One attribute of an operator.

    ``parse`` turns a Python value or a string of symbol JSON into the value the operator gets, and raises
    ValueError for what does not fit (OutOfRange for numbers outside of the annotation's Range); ``default`` is
    meaningless where ``required``.
    """

    name: str
    parse: Callable[[Any], Any]
    kind: str
    required: bool
    default: Any
    choices: tuple[str, ...] = ()

    def describe(self) -> str:
        """One line for docs and messages: ``kernel : Shape(tuple), required``."""
        kind = "{" + ", ".join(f"'{c}'" for c in self.choices) + "}" if self.choices else self.kind
        if self.required:
            return f"{self.name} : {kind}, required"
        default = TORCH_TO_NAME.get(self.default, self.default) if self.default is not None else None
        return f"{self.name} : {kind}, optional, default={default!r}"


def attribute_kind(name: str, annotation: Any, required: bool, default: Any) -> Attribute:
    """The Attribute for a keyword-only parameter with this annotation.

    Raises:
        TypeError: the annotation is none of the kinds (a fault in the operator's definition).
    """
    optional, bounds = False, None
    if typing.get_origin(annotation) is Annotated:
        annotation, bounds = typing.get_args(annotation)
    if typing.get_origin(annotation) in (Union, types.UnionType):
        members = [a for a in typing.get_args(annotation) if a is not type(None)]
        optional = len(members) < len(typing.get_args(annotation))
        if len(members) != 1:
            raise TypeError(f"attribute {name!r}: {annotation} is not a kind of attribute")
        annotation = members[0]
    choices: tuple[str, ...] = ()
    if typing.get_origin(annotation) is Literal:
        choices = typing.get_args(annotation)
        parse, kind = _choice_parser(choices), "string"
    elif annotation in _KINDS:
        parse, kind = _KINDS[annotation]
        if annotation is Dtype:
            choices = DTYPE_NAMES
    else:
        raise TypeError(f"attribute {name!r}: {annotation} is not a kind of attribute")
    if bounds is not None:
        parse = _bounded(parse, bounds)
    if optional:
        parse, kind = _optional_parser(parse), f"{kind} or None"
    elif annotation in (Shape, OptionalShape) and not required and default == ():
        parse = _empty_for_none(parse)
    return Attribute(name, parse, kind, required, default, choices)


def _bounded(parse: Callable[[Any], Any], bounds: Range) -> Callable[[Any], Any]:
    return lambda value: bounds.checked(parse(value))


def _choice_parser(choices: tuple[str, ...]) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        text = str(value)
        if text not in choices:
            raise ValueError
        return text

    return parse


def _empty_for_none(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """None written out for a shape that may be left out is the same as leaving it out (``Dropout``'s axes)."""

    def parse_shape(value: Any) -> Any:
        return () if value is None or (isinstance(value, str) and value == "None") else parse(value)

    return parse_shape


def _optional_parser(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def parse_optional(value: Any) -> Any:
        return None if value is None or (isinstance(value, str) and value == "None") else parse(value)

    return parse_optional
