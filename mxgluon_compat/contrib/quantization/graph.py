"""The graph pass: operators are replaced by those on integers, and what takes numbers there and back is put in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from ... import symbol
from ...base import MXNetError
from ...ops.registry import get
from ...symbol import Symbol
from ...symbol.monitor import watched_outputs
from ...symbol.node import Node, check_states, walk

__all__ = ["calibrated", "calibration_layers", "quantized"]

_Entry = tuple[Node, int]
_Integers = tuple[_Entry, _Entry, _Entry]  # the array, and the ends of its range

_OFFLINE = "_quantize"  # of the variables that stand for parameters as integers
_QUANTIZED, _REQUANTIZED = "quantized_", "requantize_"
_MODES = ("smart", "full")


class _Rule(NamedTuple):
    """How an operator is replaced.

    Attributes:
        op: the operator on integers.
        wide: it gives int32, which is made the dtype of the others.
        core: the smart mode starts from it.
        real: places of the inputs that stay as they are.
        allowed: of the node's attributes and the dtype, whether the operator on integers can do it.
    """

    op: str
    wide: bool = False
    core: bool = False
    real: Collection[int] = ()
    allowed: Callable[[Mapping[str, Any], str], bool] = lambda attributes, dtype: True


_RULES = {
    "Convolution": _Rule("_contrib_quantized_conv", wide=True, core=True),
    "FullyConnected": _Rule("_contrib_quantized_fully_connected", wide=True, core=True),
    "Pooling": _Rule(
        "_contrib_quantized_pooling",
        allowed=lambda given, _: given["pool_type"] in ("max", "avg") and len(given["kernel"]) != 1,
    ),
    "Activation": _Rule("_contrib_quantized_act", allowed=lambda given, _: given["act_type"] == "relu"),
    "Concat": _Rule("_contrib_quantized_concat", allowed=lambda given, _: given["dim"] > 0),
    "Flatten": _Rule("_contrib_quantized_flatten"),
    "elemwise_add": _Rule("_contrib_quantized_elemwise_add", wide=True),
    # the operator takes int8 only; MXNet puts it in whatever the dtype, and refuses to run it
    "elemwise_mul": _Rule("_contrib_quantized_elemwise_mul", wide=True, allowed=lambda _, dtype: dtype == "int8"),
    "BatchNorm": _Rule(
        "_contrib_quantized_batch_norm",
        real=range(1, 5),
        allowed=lambda given, _: given["axis"] == 1 and not given["output_mean_var"],
    ),
    "Embedding": _Rule("_contrib_quantized_embedding", real=(0,)),
}


def quantized(
    sym: Symbol,
    offline: Collection[str],
    excluded_names: Collection[str] = (),
    excluded_ops: Collection[str] = (),
    dtype: str = "int8",
    mode: str = "smart",
) -> Symbol:
    """The graph with operators on integers; its inputs and outputs are in float32.

    Args:
        sym: the graph.
        offline: variables that come as integers: ``NAME_quantize``, ``NAME_quantize_min``, ``NAME_quantize_max``.
        excluded_names, excluded_ops: names of nodes, and of operators, that stay as they are.
        dtype: ``'int8'``, ``'uint8'``, or ``'auto'``: uint8 for what calibration finds not to be negative.
        mode: ``'full'``: all operators that can be; ``'smart'``: convolutions and dense layers, and what lies between.

    Raises:
        MXNetError: another mode.
    """
    if mode not in _MODES:
        raise MXNetError(f"unrecognized quantize mode: {mode}")
    rules = {
        id(node): _RULES[node.op.name]
        for node in walk(sym._outputs)
        if node.op is not None
        and node.op.name in _RULES
        and node.name not in excluded_names
        and node.op.name not in excluded_ops
        and _RULES[node.op.name].allowed({**node.op.defaults, **node.parsed}, dtype)
    }
    return _Pass(sym, rules if mode == "full" else _between(sym, rules), set(offline), dtype).made()


def _between(sym: Symbol, rules: Mapping[int, _Rule]) -> dict[int, _Rule]:
    """Rules of the core operators, and of others that stand, by way of such, behind one and before one."""
    order = walk(sym._outputs)
    core = {key for key, rule in rules.items() if rule.core}
    behind: set[int] = set()
    for node in order:
        if id(node) in rules and any(id(child) in core | behind for child, _ in node.inputs):
            behind.add(id(node))
    before: set[int] = set()
    for node in reversed(order):
        if id(node) in core | before:
            before.update(id(child) for child, _ in node.inputs if id(child) in rules)
    return {key: rule for key, rule in rules.items() if key in core or key in behind & before}


class _Pass:
    """One graph's replacement; each value is had as numbers or as integers, whichever its users want."""

    def __init__(self, sym: Symbol, rules: Mapping[int, _Rule], offline: set[str], dtype: str) -> None:
        self.sym, self.rules, self.offline, self.dtype = sym, rules, offline, dtype
        self.renewed: dict[int, Node] = {}  # the new node of each that stays
        self.integers: dict[tuple[int, int], _Integers] = {}
        self.reals: dict[tuple[int, int], _Entry] = {}

    def made(self) -> Symbol:
        """The new graph."""
        for node in walk(self.sym._outputs):
            if id(node) in self.rules:
                self._replace(node, self.rules[id(node)])
            else:
                self._keep(node)
        # of an output that an operator has in float32 already MXNet makes float32 again, which does not run
        return symbol.Group([Symbol([self._as_real(*entry)]) for entry in self.sym._outputs])

    def _keep(self, node: Node) -> None:
        made = Node(node.op, node.name, node.attrs, [self._as_real(*entry) for entry in node.inputs])
        made.versions = node.versions
        if node.op is not None:
            check_states(made)
        self.renewed[id(node)] = made

    def _replace(self, node: Node, rule: _Rule) -> None:
        arrays: list[_Entry] = []
        ranges: list[_Entry] = []
        for place, entry in enumerate(node.inputs):
            if place in rule.real:
                arrays.append(self._as_real(*entry))
            else:
                array, *ends = self._as_integers(*entry)
                arrays.append(array)
                ranges += ends
        made = Node(get(rule.op), _QUANTIZED + node.name, node.attrs, [*arrays, *ranges])
        if rule.wide:
            wide = [(made, i) for i in range(3)]
            made = Node(get("_contrib_requantize"), _REQUANTIZED + node.name, {"out_type": self.dtype}, wide)
        self.integers[id(node), 0] = ((made, 0), (made, 1), (made, 2))

    def _as_real(self, node: Node, i: int) -> _Entry:
        if id(node) not in self.rules:
            return self.renewed[id(node)], i
        key = id(node), i
        if key not in self.reals:
            self.reals[key] = Node(get("_contrib_dequantize"), f"{node.name}_dequantize", {}, self.integers[key]), 0
        return self.reals[key]

    def _as_integers(self, node: Node, i: int) -> _Integers:
        key = id(node), i
        if key not in self.integers:
            if node.op is None and node.name in self.offline:
                array, low, high = (Node(None, f"{node.name}{_OFFLINE}{end}", {}) for end in ("", "_min", "_max"))
                self.integers[key] = ((array, 0), (low, 0), (high, 0))
            else:
                name = node.name if node.op is None else watched_outputs(node)[i]
                attrs = {"out_type": self.dtype}
                made = Node(get("_contrib_quantize_v2"), f"{name}{_OFFLINE}", attrs, [(self.renewed[id(node)], i)])
                self.integers[key] = ((made, 0), (made, 1), (made, 2))
        return self.integers[key]


# ---------------------------------------------------------------------------------------------- calibration
def _calibrated_by(node: Node) -> str | None:
    """The output of the graph before the pass whose range the node wants, None where it wants none."""
    kind = node.op.name if node.op is not None else None
    if kind == "_contrib_quantize_v2":
        source, i = node.inputs[0]
        return source.output_names()[i]
    if kind == "_contrib_requantize":
        return node.name.removeprefix(_REQUANTIZED) + "_output"
    if kind == "_contrib_quantized_batch_norm":
        return node.name.removeprefix(_QUANTIZED) + "_output"
    return None


def calibration_layers(sym: Symbol) -> list[str]:
    """Outputs of the graph before the pass whose ranges the graph after it wants."""
    found = (_calibrated_by(node) for node in walk(sym._outputs))
    return list(dict.fromkeys(name for name in found if name is not None))


def calibrated(sym: Symbol, ranges: Mapping[str, tuple[Any, Any]]) -> Symbol:
    """The graph of ``quantized`` with ranges, as far as there are any, written down (MXNet changes the one given).

    Args:
        sym: the graph.
        ranges: {output of the graph before the pass: its least and its greatest number}.
    """
    renewed: dict[int, Node] = {}
    for node in walk(sym._outputs):
        attrs, name = dict(node.attrs), _calibrated_by(node)
        if name is not None and name in ranges:
            # to the last digit: MXNet writes six after the point, so that small ranges become 0
            low, high = (repr(float(end)) for end in ranges[name])
            attrs.update(min_calib_range=low, max_calib_range=high)
        made = Node(node.op, node.name, attrs, [(renewed[id(child)], i) for child, i in node.inputs])
        made.versions = node.versions
        renewed[id(node)] = made
    return symbol.Group([Symbol([(renewed[id(node)], i)]) for node, i in sym._outputs])
