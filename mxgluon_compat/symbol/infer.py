"""Shape and dtype inference: operators run on meta tensors; ``infer_inputs`` fills the parameters.

A 0 in a shape stands for an unknown dimension. Where an input has one, the operator runs with different lengths in its
place, which shows what of the outputs depends on it. Under NumPy's shape semantics -1 does (``infer_numpy``).
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import torch

from .. import streams
from ..base import FLAG_TO_NAME, NAME_TO_TORCH, MXNetError, dtype_name, numpy_dtype
from ..ops.registry import merge_shapes
from ..ops.schema import Shape, attribute_kind
from ..util import is_np_shape
from .node import Node, walk
from .symbol import Symbol
from .unknown import refuse_unknown

__all__ = [
    "infer_dtypes",
    "infer_entries",
    "infer_shape",
    "infer_shape_partial",
    "infer_type",
    "infer_variables",
    "is_known",
    "legacy_entries",
    "settled",
]

_META = torch.device("meta")
_LENGTHS = (120, 240)  # two lengths for an unknown dimension, that can be divided by what is usual
_parse_shape = attribute_kind("__shape__", Shape, True, None).parse


def declared_shape(node: Node) -> Shape | None:
    """The shape that a variable itself says it has.

    Raises:
        MXNetError: it is no shape.
    """
    text = node.attrs.get("__shape__")
    if text is None:
        return None
    try:
        return tuple(_parse_shape(text))
    except (ValueError, TypeError):
        raise MXNetError(f"variable {node.name}: its __shape__ {text!r} is no shape") from None


def _declared(node: Node) -> Shape | None:
    shape = declared_shape(node)
    return None if shape is None else tuple(max(n, 0) for n in shape)


def declared_shapes(outputs: Sequence[tuple[Node, int]]) -> dict[str, Shape]:
    """{variable: the shape that the graph itself gives it, 0 for what it leaves open}.

    Raises:
        MXNetError: one that is no shape.
    """
    found = {node.name: _declared(node) for node in walk(outputs) if node.op is None}
    return {name: shape for name, shape in found.items() if shape is not None}


def is_known(shape: Shape | None) -> bool:
    """Whether every dimension is known: none is 0 (below 0 under NumPy's shape semantics)."""
    return shape is not None and (min(shape, default=0) >= 0 if is_np_shape() else 0 not in shape)


def infer_entries(
    outputs: Sequence[tuple[Node, int]],
    given: Mapping[str, Shape | None],
    dtypes: Mapping[int, Sequence[torch.dtype | None]] | None = None,
) -> dict[int, list[Shape | None]]:
    """{id(node): shapes of its outputs} as far as they follow from the given variables' shapes.

    An unknown dimension is 0, under NumPy's shape semantics -1.

    Raises:
        MXNetError: shapes that contradict each other; the message names the node.
        UnsupportedError: operators that are not in the table.
    """
    dtypes = dtypes if dtypes is not None else infer_dtypes(outputs, {})
    if is_np_shape():
        from .infer_numpy import numpy_entries

        return numpy_entries(outputs, given, dtypes)
    return legacy_entries(outputs, given, dtypes)


def legacy_entries(
    outputs: Sequence[tuple[Node, int]],
    given: Mapping[str, Shape | None],
    dtypes: Mapping[int, Sequence[torch.dtype | None]] | None = None,
) -> dict[int, list[Shape | None]]:
    """``infer_entries`` with 0 for unknown dimensions, whatever semantics are on."""
    order = walk(outputs)
    refuse_unknown(order)
    dtypes = dtypes if dtypes is not None else infer_dtypes(outputs, {})
    found: dict[int, list[Shape | None]] = {}
    for node in order:
        if node.op is None:
            shape, declared = given.get(node.name), _declared(node)
            if not shape:
                shape = declared
            elif declared is not None and len(declared) == len(shape):
                shape = tuple(n or d for n, d in zip(shape, declared, strict=True))
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
    """Completes one node's input and output shapes; tells whether anything became better known."""
    shapes: Any = [found[id(c)][i] for c, i in node.inputs]
    outputs = found[id(node)]
    try:
        shapes = node.op.complete_shapes(shapes, node.parsed, outputs)
        if None not in shapes and done.get(id(node)) != (*shapes, *outputs):
            given = [dtypes[id(c)][i] for c, i in node.inputs]
            shapes, results = _run(node, shapes, given, outputs)
            outputs = [merge_shapes(f"output {k}", *pair) for k, pair in enumerate(zip(results, outputs, strict=True))]
            done[id(node)] = (*shapes, *outputs)
    except (ValueError, TypeError, IndexError) as error:
        raise MXNetError(f"Error in operator {node.name} ({node.op.name}): {error}") from None
    changed = outputs != found[id(node)]
    found[id(node)] = outputs
    for (child, i), shape in zip(node.inputs, shapes, strict=True):
        shape = merge_shapes(child.name, found[id(child)][i], shape)
        if shape != found[id(child)][i]:
            found[id(child)][i] = shape
            changed = True
    return changed


def _run(
    node: Node,
    shapes: list[Shape],
    dtypes: Sequence[torch.dtype | None],
    outputs: Sequence[Shape | None],
) -> tuple[list[Shape], list[Shape | None]]:
    """The input shapes, completed by what is known of the outputs', and the output shapes.

    Unknown dimensions get two lengths, one after the other: output dimensions that change are unknown, and one that
    grows by as much as an input's does tells its length. Where lengths do not fit the other inputs, 1 may (what
    broadcasts), and then so may 2 or 3.
    """
    unknown = [(k, axis) for k, shape in enumerate(shapes) for axis, n in enumerate(shape) if not n]
    if not unknown:
        return shapes, run_on_meta(node, shapes, dtypes)

    def tried(lengths: Sequence[int]) -> list[Shape | None] | None:
        full = [list(shape) for shape in shapes]
        for (k, axis), length in zip(unknown, lengths, strict=True):
            full[k][axis] = length
        try:
            return run_on_meta(node, [tuple(shape) for shape in full], dtypes)
        except MXNetError:
            return None

    def changed(lengths: Sequence[int], place: int, length: int) -> list[int]:
        return [*lengths[:place], length, *lengths[place + 1 :]]

    short, long = _LENGTHS
    lengths = [short] * len(unknown)
    first = tried(lengths)
    if first is None:
        lengths = [1] * len(unknown)
        for i in range(len(unknown)):
            if tried(changed(lengths, i, short)) is not None:
                lengths[i] = short
        first = tried(lengths)
    if first is None:
        return shapes, [None] * len(outputs)
    seen = [tried([long if n == short else n for n in lengths]), tried([1] * len(unknown))]
    completed = [list(shape) for shape in shapes]
    for i, (k, axis) in enumerate(unknown):
        if lengths[i] == 1:
            seen += [tried(changed(lengths, i, n)) for n in (2, 3)]
        elif any(outputs):
            grown = tried(changed(lengths, i, long))
            completed[k][axis] = max(_told(first, grown, outputs), 0)
    if node.op.name == "slice_axis" and not shapes[0][node.parsed["axis"]]:
        part = list(first[0] or ())
        part[node.parsed["axis"]] = 0  # as in MXNet, though it is the same for all lengths that are possible
        seen.append([tuple(part)])
    return [tuple(shape) for shape in completed], [
        _common([first[k], *(other[k] for other in seen if other is not None)]) for k in range(len(first))
    ]


def _told(first: Sequence[Any], grown: Sequence[Any] | None, outputs: Sequence[Any]) -> int:
    """The length that known outputs tell of an input's dimension: the one that made ``first`` become ``grown``."""
    short, long = _LENGTHS
    for a, b, known in zip(first, grown or (), outputs, strict=False):
        if None in (a, b, known) or len({len(a), len(b), len(known)}) != 1:
            continue
        for before, after, n in zip(a, b, known, strict=True):
            if n and after - before == long - short:
                return short + n - before
    return 0


def _common(shapes: Sequence[Any]) -> Shape | None:
    """What some shapes agree in."""
    if None in shapes or len({len(shape) for shape in shapes}) != 1:
        return None
    return tuple(lengths[0] if len(set(lengths)) == 1 else 0 for lengths in zip(*shapes, strict=True))


def run_on_meta(node: Node, shapes: Sequence[Any], dtypes: Sequence[torch.dtype | None]) -> list[Shape | None]:
    """The shapes of a node's outputs for whole shapes of its inputs; None for those that depend on values.

    Raises:
        MXNetError: inputs that the operator refuses; the message names the node.
    """
    op = node.op
    if open_ended(node):
        return [(0,)]
    arguments = op.arguments(node.parsed)
    supplied = {"training": False, "stream": streams.stream_for(_META), "device": _META}
    arguments.update({k: supplied[k] for k in op.supplied})
    if not node.inputs and isinstance(arguments.get("shape"), tuple):
        arguments["shape"] = tuple(max(n, 0) for n in arguments["shape"])  # -1 is another word for unknown
    if not op.mixed_dtypes:  # whether dtypes fit is not asked here
        dtypes = [dtypes[0]] * len(dtypes) if dtypes else []

    def tried(kinds: Sequence[torch.dtype]) -> list[Shape | None]:
        tensors = [torch.empty(s, dtype=d, device=_META) for s, d in zip(shapes, kinds, strict=True)]
        try:
            with torch.no_grad():
                if op.variadic:
                    results = op.fn(*tensors, **arguments)
                else:  # an optional input in the middle may be absent
                    by_name = dict(zip(op.input_names(node.parsed, len(tensors)), tensors, strict=False))
                    results = op.fn(*[by_name.get(n) for n in op.inputs], **arguments)
        except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError) as error:
            if "data-dependent" in str(error) or "meta" in str(error).lower():
                return [None] * len(op.output_names(node.parsed))  # the shape depends on the values
            raise MXNetError(f"Error in node {node.name}: {op.failure(tensors, error)}") from None
        return [tuple(r.shape) for r in (results if isinstance(results, tuple) else (results,))]

    kinds = [d or torch.float32 for d in dtypes]
    try:
        return tried(kinds)
    except MXNetError:
        plain = [torch.float32] * len(kinds)
        if kinds != plain:  # dtypes that do not fit change no shape: who runs the operator is told
            with suppress(MXNetError):
                return tried(plain)
        raise


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
        UnsupportedError: operators that are not in the table.
    """
    order = walk(outputs)
    refuse_unknown(order)
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
    given = [found[id(c)][i] for c, i in node.inputs]
    inner = {"strict": True} if strict and hasattr(node.op, "subgraphs") else {}
    inputs, outputs = node.op.complete_dtypes(given, node.parsed, found[id(node)], **inner)
    for (child, i), dtype, wanted in zip(node.inputs, given, inputs, strict=True):
        if dtype is None:
            found[id(child)][i] = wanted
        elif strict and wanted is not None and dtype is not wanted:
            names = [dtype_name(d) for d in (wanted, dtype)]
            raise MXNetError(
                f"Error in operator {node.name} ({node.op.name}): {child.name} should be {names[0]}, got {names[1]}"
            )
    made = [*outputs, *[outputs[-1]] * (len(found[id(node)]) - len(outputs))]
    found[id(node)] = [new or old for new, old in zip(made, found[id(node)], strict=True)]


def infer_variables(symbol: Symbol, shapes: Mapping[str, Shape], dtypes: Mapping[str, Any]) -> dict[str, Shape | None]:
    """{variable: its shape, as far as it follows} from the shapes and dtypes of some of them.

    Raises:
        MXNetError: shapes that contradict each other, inputs that an operator refuses; the message names the node.
    """
    entries = infer_entries(symbol._outputs, shapes, infer_dtypes(symbol._outputs, dtypes))
    return {node.name: entries[id(node)][0] for node in symbol._variables()[0]}


def unsettled_nodes(symbol: Symbol) -> set[int]:
    """The ids of the nodes that make arrays of a length that is not known yet: a 0 in their shape, or no stop."""
    least = 0 if is_np_shape() else 1
    nodes = (n for n in walk(symbol._outputs) if n.op is not None and not n.inputs)
    return {id(n) for n in nodes if min(told_shape(n) or (1,)) < least or open_ended(n)}


def told_shape(node: Node) -> Shape:
    """The shape that an operator without inputs is told; ``_npi_gamma``'s attribute of that name is a number."""
    shape = node.parsed.get("shape")
    return shape if isinstance(shape, tuple) else ()


def open_ended(node: Node) -> bool:
    """Whether the node is ``arange(start, infer_range=True)``, as long as its use tells."""
    given = node.parsed
    return node.op.name == "_arange" and given.get("stop") is None and given.get("infer_range", False)


def _settled_attrs(node: Node, shape: Any) -> dict[str, str]:
    if not open_ended(node):
        return {**node.attrs, "shape": str(shape)}
    start, step, repeat = (node.parsed.get(k, node.op.defaults.get(k)) for k in ("start", "step", "repeat"))
    # half a step short of the value after the last, so that rounding adds none
    return {**node.attrs, "stop": str(start + step * (shape[0] / repeat - 0.5))}


def settled(symbol: Symbol, shapes: Mapping[str, Shape]) -> Symbol:
    """The symbol for these shapes of its variables, in which ``zeros((0, 5))`` has the length that its use tells.

    Raises:
        MXNetError: shapes that contradict each other.
    """
    unsettled = unsettled_nodes(symbol)
    if not unsettled:
        return symbol
    order = walk(symbol._outputs)
    found = infer_entries(symbol._outputs, shapes)
    renewed: dict[int, Node] = {}
    for node in order:
        attrs = node.attrs
        if id(node) in unsettled and found[id(node)][0] is not None:
            attrs = _settled_attrs(node, found[id(node)][0])
        renewed[id(node)] = Node(node.op, node.name, attrs, [(renewed[id(c)], i) for c, i in node.inputs])
    return type(symbol)([(renewed[id(node)], i) for node, i in symbol._outputs])


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


@contextmanager
def _shown(method: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Iterator[None]:
    """Prints what was given when that is refused, as MXNet does."""
    try:
        yield
    except MXNetError:
        print(f"{method} error. Arguments:")
        for name, value in (*((f"#{i}", a) for i, a in enumerate(args)), *kwargs.items()):
            print(f"  {name}: {value}")
        raise


def _infer_shape(symbol: Symbol, args: Any, kwargs: Any, partial: bool) -> tuple[Any, Any, Any]:
    given = _by_name(symbol, args, kwargs, "shape")
    for name, shape in given.items():
        if not isinstance(shape, tuple):
            raise TypeError(f"Arguments need to be shapes (tuple), but '{name}' is {type(shape)}.")
        try:
            given[name] = tuple(map(operator.index, shape))
        except TypeError:
            raise TypeError(f"Arguments need to be shapes (tuple of int), but '{name}' is {shape}.") from None
    if not is_np_shape():  # -1 is another word for unknown
        given = {name: tuple(max(n, 0) for n in shape) for name, shape in given.items()}
    found = infer_entries(symbol._outputs, given)
    variables, aux = symbol._variables()
    arguments = [found[id(n)][0] for n in variables if id(n) not in aux]
    states = [found[id(n)][0] for n in variables if id(n) in aux]
    outputs = [found[id(n)][i] for n, i in symbol._outputs]
    if not partial and not all(map(is_known, (*arguments, *states, *outputs))):
        return None, None, None
    nothing = None if is_np_shape() else ()
    first, second, third = ([nothing if s is None else s for s in group] for group in (arguments, outputs, states))
    return first, second, third


def infer_shape(self: Symbol, *args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
    """Shapes of the arguments, outputs and auxiliary states, from those given by position or name.

    Returns:
        Three lists of tuples, or three times None (with a warning) where something stays unknown.

    Raises:
        MXNetError: shapes that contradict each other, unknown names.
    """
    with _shown("infer_shape", args, kwargs):
        found = _infer_shape(self, args, kwargs, False)
    if found[0] is None:
        partial = _infer_shape(self, args, kwargs, True)
        sign = "-1s" if is_np_shape() else "0s"
        shapes = zip(self.list_arguments(), partial[0], strict=True)
        unknown = [f"{n}: {s}" for n, s in shapes if not is_known(s) or (not s and not is_np_shape())]
        warnings.warn(
            f"Cannot decide shape for the following arguments ({sign} in shape means unknown dimensions). "
            "Consider providing them as input:\n\t" + "\n\t".join(unknown),
            stacklevel=2,
        )
    return found


def infer_shape_partial(self: Symbol, *args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
    """As ``infer_shape``, but unknown shapes are ``()``, unknown dimensions 0; None and -1 under np-shape semantics."""
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
    with _shown("infer_type", args, kwargs):
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
    given = _by_name(symbol, args, kwargs, "type")
    for dtype in given.values():
        if isinstance(dtype, int):  # elsewhere a flag of MXNet's library
            raise TypeError(f"Cannot interpret '{dtype}' as a data type")
    found = infer_dtypes(symbol._outputs, given, None, strict=True)
    variables, aux = symbol._variables()
    arguments = [found[id(n)][0] for n in variables if id(n) not in aux]
    states = [found[id(n)][0] for n in variables if id(n) in aux]
    outputs = [found[id(n)][i] for n, i in symbol._outputs]
    groups = (arguments, outputs, states)
    first, second, third = ([None if d is None else numpy_dtype(d) for d in group] for group in groups)
    return first, second, third


Symbol.infer_shape = infer_shape  # type: ignore[method-assign]
Symbol.infer_shape_partial = infer_shape_partial  # type: ignore[method-assign]
Symbol.infer_type = infer_type  # type: ignore[method-assign]
Symbol.infer_type_partial = infer_type_partial  # type: ignore[method-assign]
