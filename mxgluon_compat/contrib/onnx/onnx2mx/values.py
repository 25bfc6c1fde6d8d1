"""What stands behind the names of an ONNX graph while it becomes a Symbol."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from .... import ndarray as nd
from .... import symbol as sym
from ....base import NAME_TO_TORCH, MXNetError, UnsupportedError, dtype_name
from ....onnx import sizes
from ....symbol import Symbol
from ....symbol.node import Node
from ....symbol.run import run_node

__all__ = ["Converter", "Graph", "Single", "Use", "Value"]

_META = torch.device("meta")


class Value:
    """A result of an ONNX graph.

    Attributes:
        name: in the ONNX graph.
        known: its values for each probe (see ``onnx.sizes``), where they follow from shapes and constants alone.
        symbol: what computes it; None until it is asked for, of known values.
        again: converts the node that a known value is the result of, after all.
    """

    __slots__ = ("again", "known", "name", "symbol")

    def __init__(
        self,
        name: str,
        known: Sequence[np.ndarray] | None = None,
        symbol: Symbol | None = None,
        again: Callable[[], None] | None = None,
    ) -> None:
        self.name, self.known, self.symbol, self.again = name, known, symbol, again

    @property
    def constant(self) -> np.ndarray | None:
        """The value, if it is the same whatever the sizes of the data are."""
        if self.known is None:
            return None
        first = self.known[0]
        return first if all(k is first or np.array_equal(k, first) for k in self.known[1:]) else None


class Use:
    """A node of the ONNX graph.

    Attributes:
        proto: the node itself.
        op: its operator; ``name``: its own, or its first output's.
        inputs: what it reads; None for an optional input that is not given.
        attrs: its attributes as Python values and arrays.
        opset: the version of ONNX's operators that the file is written in.
        outputs: names of its results; "" for those that nothing reads.
    """

    def __init__(
        self, proto: Any, inputs: Sequence[Value | None], attrs: Mapping[str, Any], opset: int, read: Container[str]
    ) -> None:
        self.proto, self.inputs, self.attrs, self.opset = proto, list(inputs), attrs, opset
        self.op: str = proto.op_type
        self.name: str = proto.name or proto.output[0]
        self.outputs = [name if name in read else "" for name in proto.output]
        while self.outputs and not self.outputs[-1]:
            self.outputs.pop()

    def input(self, place: int) -> Value:
        """An input that has to be given.

        Raises:
            MXNetError: it is not.
        """
        value = self.input_or_none(place)
        if value is None:
            raise MXNetError(f"its input {place} is missing")
        return value

    def input_or_none(self, place: int) -> Value | None:
        """An input, or None where it is not given."""
        return self.inputs[place] if place < len(self.inputs) else None

    def arguments(self, count: int | None = None) -> list[Value]:
        """The first ``count`` inputs, or all, none of which may be missing (see ``input``)."""
        return [self.input(place) for place in range(len(self.inputs) if count is None else count)]

    def attribute(self, name: str) -> Any:
        """An attribute that has to be given; the others are in ``attrs``.

        Raises:
            MXNetError: it is not.
        """
        if name not in self.attrs:
            raise MXNetError(f"its attribute {name!r} is missing")
        return self.attrs[name]

    def refused(self, what: str, reason: str) -> UnsupportedError:
        """The error for what this node asks for."""
        return UnsupportedError(f"{self.op} (node {self.name!r}) {what}", reason)

    def constant(self, place: int, attr: str = "") -> np.ndarray:
        """An input that has to be a constant, or the attribute that it was in older files.

        Raises:
            MXNetError: neither is given.
            UnsupportedError: it is computed from data.
        """
        found = self.constant_or_none(place, attr)
        if found is None:
            raise MXNetError(f"its input {place}{attr and f' ({attr})'} is missing")
        return found

    def constant_or_none(self, place: int, attr: str = "") -> np.ndarray | None:
        """As ``constant``; None if neither is given."""
        value = self.input_or_none(place)
        if value is None:
            return None if attr not in self.attrs else np.asarray(self.attrs[attr])
        if value.constant is None:
            raise self.refused(f"whose input {place} ({value.name!r}) is no constant", "a graph has it written down")
        return value.constant

    def numbers(self, place: int, attr: str = "") -> list[int]:
        """As ``constant``, for a list of integers."""
        return [int(n) for n in np.ravel(self.constant(place, attr))]

    def number(self, place: int, attr: str = "") -> int:
        """As ``numbers``, of a list of one."""
        found = self.numbers(place, attr)
        if len(found) != 1:
            raise MXNetError(f"its input {place}{attr and f' ({attr})'} is {found}, expected one number")
        return found[0]

    def numbers_or_none(self, place: int, attr: str = "") -> list[int] | None:
        """As ``constant_or_none``, for a list of integers."""
        return None if self.constant_or_none(place, attr) is None else self.numbers(place, attr)


Converter = Callable[["Graph", Use], "Symbol | Sequence[Symbol]"]
"""What makes a Symbol, or one for each of its outputs, of a node."""

Single = Callable[["Graph", Use], Symbol]
"""A Converter for nodes of one output."""


class Graph:
    """A Symbol in the making.

    Attributes:
        params, states: arrays that it has so far, by name.
        sources: data, with its shapes for each probe.
    """

    def __init__(self, inputs: Mapping[str, tuple[str, Sequence[tuple[int, ...]]]]) -> None:
        self.params: dict[str, nd.NDArray] = {}
        self.states: dict[str, nd.NDArray] = {}
        self.values: dict[str, Value] = {}
        self.sources: list[sizes.Source] = []
        self._results: dict[int, list[tuple[torch.Tensor, ...]]] = {}  # id(node) -> its outputs for each probe
        self._nodes: list[Node] = []  # keeps them alive, and so their ids
        self.probes = len(next(iter(inputs.values()))[1]) if inputs else 1
        for name, (dtype, shapes) in inputs.items():
            variable = sym.var(name) if dtype == "float32" else sym.var(name, dtype=dtype)
            metas: list[tuple[torch.Tensor, ...]] = [
                (torch.empty(s, dtype=NAME_TO_TORCH[dtype], device=_META),) for s in shapes
            ]  # fmt: skip
            self._keep(variable._outputs[0][0], metas)
            self.values[name] = Value(name, symbol=variable)
            self.sources.append((variable, shapes))

    def _keep(self, node: Node, results: list[tuple[torch.Tensor, ...]]) -> None:
        self._results[id(node)] = results
        self._nodes.append(node)

    def value(self, name: str) -> Value:
        """What stands behind a name.

        Raises:
            MXNetError: nothing does.
        """
        if name not in self.values:
            raise MXNetError(f"the ONNX graph reads {name!r}, which is no input, no initializer and no node's output")
        return self.values[name]

    # ------------------------------------------------------------------------------------------ shapes
    def _meta(self, symbol: Symbol) -> list[torch.Tensor]:
        """The symbol's result for each probe, without values."""
        node, i = symbol._outputs[0]
        new = [] if id(node) in self._results else [node]  # inputs come after their users, and may come again
        for made in new:
            new += [child for child, _ in made.inputs if id(child) not in self._results]
        for made in reversed(new):
            if id(made) not in self._results:
                results = []
                for probe in range(self.probes):
                    inputs = [self._results[id(child)][probe][k] for child, k in made.inputs]
                    results.append(run_node(made, inputs, False, _META))
                self._keep(made, results)
        return [results[i] for results in self._results[id(node)]]

    def shapes(self, value: Value | Symbol) -> list[tuple[int, ...]]:
        """The shape for each probe."""
        if isinstance(value, Value) and value.known is not None:
            return [k.shape for k in value.known]
        return [tuple(t.shape) for t in self._meta(self.symbol(value))]

    def shape(self, value: Value | Symbol) -> tuple[int, ...]:
        """The shape for the first probe; its length is that of all."""
        return self.shapes(value)[0]

    def dtype(self, value: Value | Symbol) -> torch.dtype:
        """The dtype."""
        return self._meta(self.symbol(value))[0].dtype

    # ------------------------------------------------------------------------------------------ symbols
    def variable(self, name: str, array: np.ndarray, state: bool = False) -> Symbol:
        """A parameter, or an auxiliary state."""
        name = re.sub(r"[^\w.-]", "_", name)
        array = np.array(array, dtype=np.float32 if array.dtype == bool else array.dtype, ndmin=1)
        arrays = self.states if state else self.params
        if name in self.params or name in self.states:
            if name in arrays and np.array_equal(arrays[name].asnumpy(), array):
                name += "_again"
            while name in self.params or name in self.states:
                name += "_"
        kind = array.dtype.name
        source = array.astype(np.float32) if kind == "bfloat16" else array  # which numpy itself has not
        arrays[name] = nd.array(source, dtype=source.dtype).astype(kind, copy=False)
        variable = sym.var(name) if kind == "float32" else sym.var(name, dtype=kind)
        self._keep(variable._outputs[0][0], [(arrays[name].to_torch().to(_META),)] * self.probes)
        return variable

    def symbol(self, value: Value | Symbol) -> Symbol:
        """What computes the value: of a constant, a parameter; of a Symbol, itself.

        Raises:
            UnsupportedError: values that change with the sizes of the data, but for equal and evenly spaced ones.
        """
        if isinstance(value, Symbol):
            return value
        if value.symbol is None:
            constant = value.constant
            value.symbol = self._changing(value) if constant is None else self.variable(value.name, constant)
        return value.symbol

    def _changing(self, value: Value) -> Symbol:
        """What computes known values that are not the same for all sizes of the data."""
        assert value.known is not None  # as all that have no symbol
        known = [k.astype(np.float32) if k.dtype == bool else k for k in value.known]
        dtype, longest = known[0].dtype.name, max(known, key=np.size).ravel()
        with contextlib.suppress(LookupError):
            start = longest[0] if all(k.size for k in known) else None  # MXNet's arrays are not empty
            if start is not None and all((k == start).all() for k in known):
                return sizes.filled(start.item(), [k.shape or (1,) for k in known], dtype, self.sources)
            if start is not None and longest.size > 1 and known[0].ndim == 1:
                step = longest[1] - start
                if all(np.array_equal(k, start + step * np.arange(k.size)) for k in known):
                    (size,) = sizes.sizes_of([k.shape for k in known])
                    return sizes.arange(start.item(), step.item(), size, dtype, self.sources)
        if value.again is not None:
            value.again()
            made, self.values[value.name] = self.values[value.name], value
            return self.symbol(made)
        raise UnsupportedError(
            f"an ONNX graph whose {value.name!r} depends on the sizes of the data",
            f"it is {' or '.join(str(k.tolist()) for k in value.known)}; export the net for fixed sizes",
        )

    def row(self, value: Value) -> Symbol:
        """A constant as a parameter of one axis."""
        constant = value.constant
        if constant is None or constant.ndim == 1:
            return self.symbol(value)
        return self.variable(value.name, constant.ravel())

    def filled(self, number: float, shapes: sizes.Shapes, dtype: torch.dtype | str = "float32") -> Symbol:
        """An array of one value."""
        try:
            return sizes.filled(number, shapes, dtype_name(dtype), self.sources)
        except LookupError:
            raise UnsupportedError(
                f"an ONNX graph with an array of {' or '.join(map(str, shapes))}",
                "its size changes, and is none of the data's; export the net for fixed sizes",
            ) from None

    def reshape(self, data: Symbol, shapes: sizes.Shapes) -> Symbol:
        """``data`` in these shapes; sizes that it has already are written as such, so that others will do too."""
        own = sizes.sizes_of(self.shapes(data))
        codes = []
        for axis, size in enumerate(sizes.sizes_of(shapes or [()])):
            if axis < len(own) and own[axis] == size:
                codes.append(0)
            else:
                codes.append(size[0] if len(set(size)) == 1 else -1)
        if codes.count(-1) > 1:
            return sym.reshape_like(data, self.filled(0, shapes))
        return sym.Reshape(data, shape=tuple(codes) or (1,))

    def broadcast(self, data: Symbol, shapes: sizes.Shapes) -> Symbol:
        """``data`` broadcast to these shapes, as numpy does."""
        own = self.shapes(data)
        missing = len(shapes[0]) - len(own[0])
        if missing > 0:
            own = [(1,) * missing + s for s in own]
            data = self.reshape(data, own)
        if list(own) == list(map(tuple, shapes)):
            return data
        pairs = list(zip(sizes.sizes_of(own), sizes.sizes_of(shapes), strict=True))
        changed = [i for i, (a, b) in enumerate(pairs) if a != b]
        if all(len(set(pairs[i][1])) == 1 for i in changed):
            return sym.broadcast_axis(data, axis=tuple(changed), size=tuple(pairs[i][1][0] for i in changed))
        return sym.broadcast_like(data, self.filled(0, shapes))

    def aligned(self, values: Iterable[Value]) -> list[Symbol]:
        """The symbols of the values with as many axes each; new ones, of length 1, come first."""
        found = [self.symbol(v) for v in values]
        ranks = [len(self.shape(s)) for s in found]
        return [
            s if rank == max(ranks) else self.reshape(s, [(1,) * (max(ranks) - rank) + n for n in self.shapes(s)])
            for s, rank in zip(found, ranks, strict=True)
        ]

    def together(self, values: Iterable[Value]) -> list[Symbol]:
        """The symbols of the values, broadcast to one shape."""
        found = [self.symbol(v) for v in values]
        shapes = [self.shapes(s) for s in found]
        wanted = [np.broadcast_shapes(*of) for of in zip(*shapes, strict=True)]
        return [self.broadcast(s, wanted) for s in found]

    def finish(self, name: str, symbol: Symbol) -> None:
        """Makes ``symbol`` the result of that name."""
        node = symbol._outputs[0][0]
        if id(node) not in self._results and len(node.output_names()) == 1:
            node.name = name
        self._meta(symbol)
        self.values[name] = Value(name, symbol=symbol)
