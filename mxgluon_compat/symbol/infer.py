"""Shape and dtype inference: operators run on meta tensors; ``infer_inputs`` fills the parameters.

A 0 in a shape stands for an unknown dimension. Where an input has one, the operator runs twice with two different
lengths in its place; what changes in the output is unknown too.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from .. import streams
from ..base import FLAG_TO_NAME, NAME_TO_TORCH, MXNetError, dtype_name, numpy_dtype
from ..ops.registry import merge_shapes, same_shape
from ..ops.schema import Shape, attribute_kind
from .node import Node, walk
from .symbol import Symbol

__all__ = ["infer_dtypes", "infer_entries", "infer_shape", "infer_shape_partial", "infer_type", "infer_variables"]

_META = torch.device("meta")
_PROBES = (17, 23)  # two lengths for an unknown dimension; both prime, so that products stay apart
_parse_shape = attribute_kind("__shape__", Shape, True, None).parse


def _declared(node: Node) -> Shape | None:
    text = node.attrs.get("__shape__")
    if text is None:
        return None
    try:
        return tuple(max(n, 0) for n in _parse_shape(text))
    except (ValueError, TypeError):
        raise MXNetError(f"variable {node.name}: its __shape__ {text!r} is no shape") from None


def _known(shape: Shape | None) -> bool:
    return shape is not None and all(n != 0 for n in shape)


def infer_entries(
    outputs: Sequence[tuple[Node, int]],
    given: Mapping[str, Shape | None],
    dtypes: Mapping[int, Sequence[torch.dtype | None]] | None = None,
) -> dict[int, list[Shape | None]]:
    """{id(node): shapes of its outputs} as far as they follow from the given variables' shapes.

    Raises:
        MXNetError: shapes that contradict each other; the message names the node.
    """
    order = walk(outputs)
    dtypes = dtypes if dtypes is not None else infer_dtypes(outputs, {})
    found: dict[int, list[Shape | None]] = {}
    for node in order:
        if node.op is None:
            shape = given.get(node.name)
            shape = _declared(node) if shape is None else tuple(shape)
            # A shape of no dimensions says nothing under legacy semantics.
            found[id(node)] = [shape or None]
        else:
            found[id(node)] = [None] * node.count_outputs()
    done: dict[int, tuple[Any, ...]] = {}
    operators = [node for node in order if node.op is not None]
    for sweep in range(len(order)):
        changed = False
        # every other time from the outputs to the inputs: element-wise operators tell their inputs what they are
        for node in reversed(operators) if sweep % 2 else operators:
            changed |= _visit(node, found, dtypes, done)
        if not changed and sweep % 2:
            break
    return found


def _visit(
    node: Node,
    found: dict[int, list[Shape | None]],
    dtypes: Mapping[int, Sequence[torch.dtype | None]],
    done: dict[int, tuple[Any, ...]],
) -> bool:
    """Completes one node's input and output shapes; tells whether an input became better known."""
    shapes = [found[id(c)][i] for c, i in node.inputs]
    changed = False
    try:
        completed = node.op.complete_shapes(shapes, node.parsed)
        if node.op.infer_inputs is same_shape:
            output = found[id(node)][0]
            completed = [merge_shapes(c.name, s, output) for (c, _), s in zip(node.inputs, completed, strict=True)]
    except (ValueError, TypeError, IndexError) as error:
        raise MXNetError(f"Error in operator {node.name} ({node.op.name}): {error}") from None
    for (child, i), shape in zip(node.inputs, completed, strict=True):
        merged = merge_shapes(child.name, found[id(child)][i], shape)
        if merged != found[id(child)][i]:
            found[id(child)][i] = merged
            changed = True
    key = tuple(completed)
    if done.get(id(node)) != key and all(s is not None for s in completed):
        done[id(node)] = key
        results = _run(node, completed, [dtypes[id(c)][i] for c, i in node.inputs])
        if results is not None and results != found[id(node)]:
            found[id(node)] = results
    return changed


def _run(node: Node, shapes: Sequence[Shape], dtypes: Sequence[torch.dtype | None]) -> list[Shape | None] | None:
    if all(_known(s) for s in shapes):
        return _meta(node, shapes, dtypes)
    try:
        first, second = (_meta(node, [tuple(n or p for n in s) for s in shapes], dtypes) for p in _PROBES)
    except MXNetError:
        return None  # the unknown dimension is one that matters
    return [
        tuple(a if a == b else 0 for a, b in zip(x, y, strict=True)) if len(x) == len(y) else None
        for x, y in zip(first, second, strict=True)
    ]


def _meta(node: Node, shapes: Sequence[Shape], dtypes: Sequence[torch.dtype | None]) -> list[Shape | None]:
    op = node.op
    arguments = op.arguments(node.parsed)
    supplied = {"training": False, "stream": streams.stream_for(_META), "device": _META}
    arguments.update({k: supplied[k] for k in op.supplied})
    if not op.mixed_dtypes:  # whether dtypes fit is not asked here
        dtypes = [dtypes[0]] * len(dtypes) if dtypes else []
    tensors = [torch.empty(s, dtype=d or torch.float32, device=_META) for s, d in zip(shapes, dtypes, strict=True)]
    try:
        with torch.no_grad():
            results = op.fn(*tensors, **arguments)
    except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError) as error:
        if "data-dependent" in str(error) or "meta" in str(error).lower():
            return [None] * len(op.output_names(node.parsed))  # the shape depends on the values
        raise MXNetError(f"Error in node {node.name}: {op.failure(tensors, error)}") from None
    return [tuple(r.shape) for r in (results if isinstance(results, tuple) else (results,))]


# ---------------------------------------------------------------------------------------------- dtypes
def infer_dtypes(
    outputs: Sequence[tuple[Node, int]],
    given: Mapping[str, Any],
    default: torch.dtype | None = torch.float32,
    strict: bool = False,
) -> dict[int, list[torch.dtype | None]]:
    """{id(node): dtypes of its outputs}; what nothing tells is ``default``.

    Raises:
        MXNetError: ``strict``, and dtypes contradict each other; the message names the node.
    """
    order = walk(outputs)
    found: dict[int, list[torch.dtype | None]] = {}
    for node in order:
        if node.op is None:
            flag = node.attrs.get("__dtype__")
            dtype = given.get(node.name)
            if dtype is None and flag is not None and flag.isdigit() and int(flag) in FLAG_TO_NAME:
                dtype = FLAG_TO_NAME[int(flag)]
            found[id(node)] = [None if dtype is None else NAME_TO_TORCH[dtype_name(dtype)]]
        else:
            found[id(node)] = [None] * node.count_outputs()
    operators = [node for node in order if node.op is not None]
    for nodes in (operators, operators[::-1]) * 2:
        for node in nodes:
            _visit_dtypes(node, found, strict)
    for node in order:
        found[id(node)] = [d or default for d in found[id(node)]]
    return found


def _visit_dtypes(node: Node, found: dict[int, list[torch.dtype | None]], strict: bool) -> None:
    op = node.op
    given = [found[id(c)][i] for c, i in node.inputs]
    full = {**op.defaults, **node.parsed}
    if op.infer_dtypes is not None:
        inputs, outputs = op.infer_dtypes(given, **full)
    else:
        named = full.get("dtype")
        inputs = given
        if not op.mixed_dtypes:
            first = next((d for d in given if d is not None), None)
            # what a cast makes says nothing about what it is given
            inputs = [first or (found[id(node)][0] if "dtype" not in op.attributes else None)] * len(given)
        if isinstance(named, torch.dtype):
            outputs = [named]
        elif not inputs:
            outputs = [torch.float32] if "dtype" in op.attributes else [None]
        else:
            outputs = [inputs[0]]
    for (child, i), dtype, wanted in zip(node.inputs, given, inputs, strict=True):
        if dtype is None:
            found[id(child)][i] = wanted
        elif strict and wanted is not None and dtype is not wanted:
            names = [dtype_name(d) for d in (wanted, dtype)]
            raise MXNetError(
                f"Error in operator {node.name} ({op.name}): {child.name} should be {names[0]}, got {names[1]}"
            )
    if outputs[0] is not None:
        found[id(node)] = [*outputs, *[outputs[-1]] * (len(found[id(node)]) - len(outputs))]


def infer_variables(symbol: Symbol, shapes: Mapping[str, Shape], dtypes: Mapping[str, Any]) -> dict[str, Shape | None]:
    """{variable: its shape, as far as it follows} from the shapes and dtypes of some of them.

    Raises:
        MXNetError: shapes that contradict each other, inputs that an operator refuses; the message names the node.
    """
    entries = infer_entries(symbol._outputs, shapes, infer_dtypes(symbol._outputs, dtypes))
    return {node.name: entries[id(node)][0] for node in symbol._variables()[0]}


# ---------------------------------------------------------------------------------------------- Symbol's methods
def _by_name(symbol: Symbol, args: Sequence[Any], kwargs: Mapping[str, Any], what: str) -> dict[str, Any]:
    if args and kwargs:
        raise ValueError(f"Can only specify known argument {what}s either by positional or kwargs way.")
    names = symbol.list_arguments()
    if len(args) > len(names):
        raise MXNetError(f"{symbol!r} has {len(names)} arguments, got {len(args)} {what}s")
    if args:
        return {n: a for n, a in zip(names, args, strict=False) if a is not None}
    unknown = set(kwargs) - set(symbol.list_inputs())
    if unknown:
        raise MXNetError(
            f"{', '.join(sorted(unknown))} not found among the arguments of {symbol!r}; candidates are "
            f"{', '.join(symbol.list_inputs())}"
        )
    return dict(kwargs)


def _infer_shape(symbol: Symbol, args: Any, kwargs: Any, partial: bool) -> tuple[Any, Any, Any]:
    given = _by_name(symbol, args, kwargs, "shape")
    for name, shape in given.items():
        if not isinstance(shape, tuple):
            raise TypeError(f"Arguments need to be shapes (tuple), but '{name}' is {type(shape)}.")
    found = infer_entries(symbol._outputs, given)
    variables, aux = symbol._variables()
    arguments = [found[id(n)][0] for n in variables if id(n) not in aux]
    states = [found[id(n)][0] for n in variables if id(n) in aux]
    outputs = [found[id(n)][i] for n, i in symbol._outputs]
    if not partial and not all(map(_known, (*arguments, *states, *outputs))):
        return None, None, None
    return tuple([s or () for s in group] for group in (arguments, outputs, states))


def infer_shape(self: Symbol, *args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
    """Shapes of the arguments, outputs and auxiliary states, from those given by position or name.

    Returns:
        Three lists of tuples, or three times None (with a warning) where something stays unknown.

    Raises:
        MXNetError: shapes that contradict each other, unknown names.
    """
    found = _infer_shape(self, args, kwargs, False)
    if found[0] is None:
        partial = _infer_shape(self, args, kwargs, True)
        unknown = [f"{n}: {s}" for n, s in zip(self.list_arguments(), partial[0], strict=True) if not s or 0 in s]
        warnings.warn(
            "Cannot decide shape for the following arguments (0s in shape means unknown dimensions). "
            "Consider providing them as input:\n\t" + "\n\t".join(unknown),
            stacklevel=2,
        )
    return found


def infer_shape_partial(self: Symbol, *args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
    """As ``infer_shape``, but unknown shapes are ``()`` and unknown dimensions 0."""
    return _infer_shape(self, args, kwargs, True)


def infer_type_partial(self: Symbol, *args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
    """As ``infer_type``, but dtypes that nothing tells are None."""
    return _infer_type(self, args, kwargs)


def infer_type(self: Symbol, *args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
    """dtypes (numpy classes) of the arguments, outputs and auxiliary states, from those given by position or name.

    Returns:
        Three lists, or three times None (with a warning) where something stays unknown.

    Raises:
        MXNetError: dtypes that contradict each other, unknown names.
    """
    found = _infer_type(self, args, kwargs)
    if all(d is not None for group in found for d in group):
        return found
    unknown = [f"{n}: None" for n, d in zip(self.list_arguments(), found[0], strict=True) if d is None]
    warnings.warn(
        "Cannot decide type for the following arguments. Consider providing them as input:\n\t" + "\n\t".join(unknown),
        stacklevel=2,
    )
    return None, None, None


def _infer_type(symbol: Symbol, args: Any, kwargs: Any) -> tuple[Any, Any, Any]:
    found = infer_dtypes(symbol._outputs, _by_name(symbol, args, kwargs, "type"), None, strict=True)
    variables, aux = symbol._variables()
    arguments = [found[id(n)][0] for n in variables if id(n) not in aux]
    states = [found[id(n)][0] for n in variables if id(n) in aux]
    outputs = [found[id(n)][i] for n, i in symbol._outputs]
    return tuple([None if d is None else numpy_dtype(d) for d in group] for group in (arguments, outputs, states))


Symbol.infer_shape, Symbol.infer_shape_partial = infer_shape, infer_shape_partial
Symbol.infer_type, Symbol.infer_type_partial = infer_type, infer_type_partial
