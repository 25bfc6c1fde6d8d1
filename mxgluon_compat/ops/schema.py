"""Attribute kinds: how an annotation of an operator's signature reads, prints and describes a value.

An operator's attributes come as Python values (``kernel=(3, 3)``) or as the strings of symbol JSON
(``"(3, 3)"``). The annotation of the keyword-only parameter says which kind it is; this file is the only place
that knows how a kind is parsed.
"""

from __future__ import annotations

import ast
import numbers
import operator
import re
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NewType, Union

import torch

from ..base import DTYPE_NAMES, TORCH_TO_NAME, torch_dtype

__all__ = ["Attribute", "Dtype", "Floats", "OptionalShape", "Shape", "Shapes", "attribute_kind"]

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
_INT64 = torch.iinfo(torch.int64)
_LONG_SUFFIX = re.compile(r"(?<=\d)L\b")


def _parse_int(value: Any) -> int:
    if isinstance(value, str):
        if value.lower() in ("true", "false"):
            return int(value.lower() == "true")
        number = int(value.strip())
    elif isinstance(value, numbers.Integral) or hasattr(value, "__index__"):
        number = int(operator.index(value))
    else:
        raise ValueError
    if not _INT64.min <= number <= _INT64.max:
        raise ValueError
    return number


def _parse_float(value: Any) -> float:
    if isinstance(value, str | numbers.Real) or hasattr(value, "__float__"):
        return float(value)
    raise ValueError


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
        return torch_dtype(int(value) if isinstance(value, str) and value.isdigit() else value)
    except TypeError:
        raise ValueError from None


def _elements(value: Any) -> tuple[Any, ...]:
    if isinstance(value, str):
        try:
            value = ast.literal_eval(_LONG_SUFFIX.sub("", value))
        except (SyntaxError, MemoryError, RecursionError):
            raise ValueError from None
    if isinstance(value, numbers.Number):
        return (value,)
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
    int: (_parse_int, "int"),
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
    ValueError for what does not fit; ``default`` is meaningless where ``required``.
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
    optional = False
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
    if optional:
        parse, kind = _optional_parser(parse), f"{kind} or None"
    elif annotation in (Shape, OptionalShape) and not required and default == ():
        parse = _empty_for_none(parse)
    return Attribute(name, parse, kind, required, default, choices)


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
