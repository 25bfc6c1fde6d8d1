"""Makes symbols: variables, groups, and uses of operators."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .. import attribute
from .. import name as name_module
from ..base import NAME_TO_FLAG, MXNetError, attribute_text, dtype_name
from ..ops.registry import Operator, get
from .node import HIDDEN, Node, check_key, check_states, hidden
from .symbol import Symbol

__all__ = ["Group", "Variable", "create", "made", "var"]


class _Made(threading.local):
    traced: bool = False


made = _Made()
"""Whether a trace is going on: the symbols that operators make of no others are its own."""

TRACED: dict[type[Symbol], type[Symbol]] = {}
"""Family of symbols -> the class of its symbols in a trace."""

_STORAGE_TYPES = {"default": 0, "row_sparse": 1, "csr": 2}


def var(
    name: str,
    attr: Mapping[str, str] | None = None,
    shape: Sequence[int] | None = None,
    lr_mult: float | None = None,
    wd_mult: float | None = None,
    dtype: Any = None,
    init: Any = None,
    stype: str | None = None,
    **kwargs: str,
) -> Symbol:
    """A variable of a graph.

    Args:
        name: its name.
        attr: string attributes.
        shape: its shape, 0 for unknown dimensions.
        lr_mult, wd_mult: multipliers of the learning rate and weight decay for it.
        dtype: its dtype.
        init: an Initializer or its JSON.
        stype: storage type.
        kwargs: further attributes, named ``__like_this__``.

    Raises:
        TypeError: ``name`` is not a string, an unknown dtype.
        ValueError: another keyword, an attribute that is not a string.
    """
    if not isinstance(name, str):
        raise TypeError("Expect a string for variable `name`")
    attrs: dict[str, str] = {}
    for key, value in attribute.current().get(dict(attr or {})).items():
        check_key(key, value)
        attrs[hidden(key)] = value
    given = {
        "__shape__": None if shape is None else attribute_text(shape),
        "__lr_mult__": None if lr_mult is None else str(lr_mult),
        "__wd_mult__": None if wd_mult is None else str(wd_mult),
        "__dtype__": None if dtype is None else str(NAME_TO_FLAG[dtype_name(dtype)]),
        "__init__": None if init is None else init if isinstance(init, str) else init.dumps(),
        "__storage_type__": None if stype is None else str(_STORAGE_TYPES[stype]),
    }
    attrs.update({k: v for k, v in given.items() if v is not None})
    for key, value in kwargs.items():
        if not (key.startswith("__") and key.endswith("__")):
            raise ValueError(
                f"Attribute name={key} is not supported. Additional attributes must start and end with double "
                "underscores, e.g, __yourattr__"
            )
        attrs[key] = attribute_text(value)
    if not all(isinstance(v, str) for v in attrs.values()):
        raise ValueError("Set Attr only accepts string values")
    return Symbol([(Node(None, name, attrs), 0)])


Variable = var


def Group(symbols: Iterable[Symbol], create_fn: Callable[[Any], Symbol] = Symbol) -> Symbol:  # noqa: N802
    """One symbol with the outputs of all ``symbols``.

    Raises:
        TypeError: an element that is no Symbol.
    """
    symbols = list(symbols)
    if not symbols or any(not isinstance(s, Symbol) for s in symbols):
        raise TypeError("Expected a list of symbols as input")
    return create_fn([pair for s in symbols for pair in s._outputs])


def create(
    op: Operator,
    inputs: Sequence[Symbol | None],
    raw: Mapping[str, Any],
    name: str | None,
    attr: Mapping[str, str] | None,
    hint: str | None = None,
    named: Mapping[str, Symbol] | None = None,
    family: type[Symbol] = Symbol,
) -> Symbol:
    """One use of an operator as a symbol; inputs that are not given become variables ``NAME_INPUT``.

    Args:
        op: row of the table.
        inputs: symbols in the order of ``op.inputs``; None for one that is not given.
        raw: attributes as the caller gave them; names ``__like_this__`` and the hidden ones are the user's.
        name: the node's name; None for an automatic one.
        attr: the user's attributes.
        hint: stem of the automatic name.
        named: inputs of a variadic operator by name.
        family: the class of the result: Symbol, or that of ``mx.np``.

    Raises:
        MXNetError: attributes that the operator refuses, inputs with several outputs, too many inputs, an auxiliary
            state that is not a variable.
    """
    # First of all, as in MXNet: a use that is refused below takes a number of the counter too.
    name = name_module.current().get(name, hint or op.name.lower()) or ""
    if not isinstance(name, str):
        raise TypeError(f"the name of a symbol is a string, got {name!r}")
    if "bodies" in op.supplied:
        raise MXNetError(f"{op.name} needs subgraphs; use sym.contrib.{op.name[1:]}")
    for key, value in raw.items():
        if isinstance(value, Symbol) and key not in op.attributes:
            raise op.unknown(key, raw)
    own, user = _attributes(op, raw, attr)
    if op.variadic and op.count:
        own.setdefault(op.count, str(len(inputs) + len(named or ())))
    parsed = op.parse(own)
    wanted = op.input_names(parsed, 0 if op.count else len(inputs))
    given = _given(op, wanted, inputs, named)
    if op.amp is not None:
        given = _widened(op, given, wanted)
    attrs = {**own, **user}
    pairs = []
    for key in wanted:
        pair = given[key]._outputs[0] if key in given else (Node(None, f"{name}_{key}" if name else key, attrs), 0)
        if key in op.variable_init and pair[0].op is None:
            pair[0].attrs.setdefault("__init__", op.variable_init[key])
        pairs.append(pair)
    if op.amp is not None:
        pairs = _cast(op, pairs, own, op.aux_names(parsed), wanted)
    node = Node(op, name, attrs, pairs)
    node._parsed = parsed
    if op.aux:
        check_states(node)
    kind = TRACED[family] if made.traced or any(s._is_traced for s in given.values()) else family
    return kind([(node, i) for i in range(op.visible_outputs(parsed))])


def _attributes(
    op: Operator, raw: Mapping[str, Any], attr: Mapping[str, str] | None
) -> tuple[dict[str, str], dict[str, str]]:
    """The operator's attributes and the user's, as the graph keeps them.

    ``attr`` and the scope's attributes come after the caller's keywords and override those of the same name; of
    ``lr_mult`` and ``__lr_mult__`` the first counts.
    """
    own: dict[str, str] = {}
    user: dict[str, str] = {}
    marked = attribute.current().get(dict(attr) if attr else {})
    for key, value in {**raw, **marked}.items():
        if key in op.attributes:
            own[key] = attribute_text(value)
        elif key in HIDDEN or (key.startswith("__") and key.endswith("__")):
            user.setdefault(hidden(key), attribute_text(value))
        else:
            check_key(key, value)
            # MXNet keeps plain keys where the operator has no attributes; as keywords they are mistakes.
            (own if op.attributes or key not in marked else user)[key] = attribute_text(value)
    return own, user


def _widened(op: Operator, given: dict[str, Symbol], wanted: Sequence[str]) -> dict[str, Symbol]:
    """The given inputs, all of the widest of their dtypes where mixed precision wants that."""
    casts: Any = op.amp
    if casts.loss_scale is not None:
        logging.warning("%s does not support dynamic loss scaling in symbolic and hybridized execution.", op.name)
    if not casts.widest or not given:
        return given
    names = [key for key in wanted if key in given]
    wide = create(get("amp_multicast"), [given[key] for key in names], {"num_outputs": len(names)}, None, None)
    return {key: wide[i] for i, key in enumerate(names)}


def _cast(
    op: Operator, pairs: list[Any], own: Mapping[str, str], states: Sequence[str], wanted: Sequence[str]
) -> list[tuple[Node, int]]:
    """The inputs of a node but for its states, each behind the casts that mixed precision wants."""
    row = get("amp_cast")
    casts: Any = op.amp
    for dtype in casts.chosen(own):
        pairs = [
            pair if key in states else create(row, [Symbol([pair])], {"dtype": dtype}, None, None)._outputs[0]
            for key, pair in zip(wanted, pairs, strict=True)
        ]
    return pairs


def _given(
    op: Operator, wanted: Sequence[str], inputs: Sequence[Symbol | None], named: Mapping[str, Symbol] | None
) -> dict[str, Symbol]:
    """{input: symbol} of those that are given, checked."""
    given: dict[str, Any]
    if op.variadic:
        if len(inputs) > len(wanted):
            raise MXNetError(f"Operator {op.name}: requires {len(wanted)} inputs, provided {len(inputs)}")
        given = {**dict(zip(wanted, inputs, strict=False)), **(named or {})}
    else:
        given = {key: s for key, s in zip(op.inputs, inputs, strict=True) if s is not None}
    for key, symbol in given.items():
        if key not in wanted:
            raise MXNetError(
                f"Operator {op.name} expects {len(wanted)} inputs ({', '.join(wanted)}) with these attributes; "
                f"{key} is not one of them"
            )
        if len(symbol._outputs) != 1:
            raise MXNetError(
                f"Error in operator {op.name}: argument {key} is {symbol!r} with {len(symbol._outputs)} outputs; "
                "index it first"
            )
    return given
