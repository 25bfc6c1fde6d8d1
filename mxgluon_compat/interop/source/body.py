"""``forward`` of one class: statements for the nodes of a graph, and the layers that they use."""

from __future__ import annotations

import builtins
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

from ...base import UnsupportedError
from ...gluon.block import Block
from ...gluon.parameter import Constant
from ...symbol.lowering import unpacked_parameters
from ...symbol.node import Node
from .capture import Call, Entry, Run, is_entry, leaves_of
from .code import State, identifier
from .graph import Flat
from .layers import LAYERS, Layer
from .table import translated
from .use import Pair, Use

__all__ = ["Body", "OwnLayer"]

# What a local variable must not be called: it would hide something, or is a name that linters refuse.
_RESERVED = {"self", "torch", "nn", "F", "Tensor", "math", "l", "O", "I", "_", *dir(builtins)}
_PART = re.compile(
    r"^(.*?)_?(weight|bias|gamma|beta|alpha|running_mean|running_var|moving_mean|moving_var|parameters)$"
)
_RECURRENT = re.compile(r"^(.*?)_?[lr]\d+_i2h_weight$")


@dataclass
class OwnLayer:
    """A layer that ``__init__`` makes: the node that it is for, and the Block it belongs to."""

    layer: Layer
    block: Block
    name: str


@dataclass
class Body:
    """The statements of ``forward``.

    Args:
        flat: the graph.
        path: ``path(block)``: how a Block below is written, such as ``self.body``; None where it is not there.
        taken: names of attributes that are others'.
        runs: runs of the net on other inputs.
        author: the author's name for an entry of a graph.
        is_cell: whether a Block is a recurrent cell of PyTorch's.

    Attributes:
        signature: the arguments with their annotations.
        lines: the statements.
        returns: the annotation of the result.
        layers: [(node, layer)] that the class has to make.
        params: {full name of a Parameter: name of the attribute} that are used as they are.
        helpers: names of helpers that are used.
    """

    flat: Flat
    path: Callable[[Block], str | None]
    taken: list[str]
    runs: Callable[[], list[Run]]
    author: Callable[[Entry], str | None]
    is_cell: Callable[[Block], bool]
    signature: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    returns: str = "Tensor"
    layers: dict[int, OwnLayer] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._names: dict[tuple[int, int], str] = {}  # values that are there, by expression
        self._holders: dict[str, tuple[int, int]] = {}  # variable -> the value that it has now
        self._claim_layers()
        self._order = self._live()
        self._uses = self._last_uses()
        self._arguments()
        for at, item in enumerate(self._order):
            self._at = at
            if isinstance(item, Call):
                self._write_call(item)
            elif item.op is not None:
                self._write_node(item)
            else:
                self._variable(item)
        self._return()

    # ------------------------------------------------------------------------------------------ layers
    def _claim_layers(self) -> None:
        """Which nodes become modules: those whose parameters are used there alone."""
        flat = self.flat
        nodes = [n for n in flat.order if isinstance(n, Node)]
        ends = flat.needed()
        self._packed, self._absorbed = unpacked_parameters(nodes, ends)
        uses: Counter[str] = Counter()
        for node in nodes:
            if id(node) in self._absorbed:
                continue
            for child, _ in self._inputs(node):
                if child.op is None and child.name in flat.owner:
                    uses[child.name] += 1
        uses.update(e[0].name for e in ends if e[0].op is None)
        self._needed_outputs: dict[int, set[int]] = {}
        for entries in (*([*n.inputs] for n in nodes), ends):
            for child, i in entries:
                self._needed_outputs.setdefault(id(child), set()).add(i)
        for node in nodes:
            if node.op is None or node.op.name not in LAYERS or id(node) in self._absorbed:
                continue
            names = [c.name for c, _ in self._parameters_of(node)]
            if not names or not all(uses[n] == 1 and n in flat.owner for n in names):
                continue
            if node.op.name == "Embedding" and isinstance(self._param(names[0]), Constant):
                continue
            layer = LAYERS[node.op.name](self._use(node, blank=True), self._given_params(node))
            if layer is None:
                continue
            block, attr = flat.owner[names[0]]
            self.layers[id(node)] = OwnLayer(layer, block, _stem(attr))

    def _param(self, name: str) -> Any:
        block, attr = self.flat.owner[name]
        return block._reg_params[attr]

    def _inputs(self, node: Node) -> list[Entry]:
        """What a node needs, the parts of packed parameters in their place."""
        if id(node) in self._packed:
            return [node.inputs[0], *self._packed[id(node)], *node.inputs[2:]]
        return list(node.inputs)

    def _parameters_of(self, node: Node) -> list[Entry]:
        """The inputs that must be Parameters where the node is to be a module; none where one is not."""
        if node.op.name == "RNN":
            parts = self._packed.get(id(node), [node.inputs[1]])
        else:
            parts = list(node.inputs[1:])
        return parts if all(c.op is None and c.name in self.flat.owner for c, _ in parts) else []

    def _given_params(self, node: Node) -> list[Any]:
        if node.op.name != "RNN":
            return [None, *(self._param(c.name) for c, _ in node.inputs[1:])]
        if id(node) in self._packed:
            parts = [State(self._param(c.name)) for c, _ in self._packed[id(node)]]
        else:
            parts = _pieces(self._use(node, blank=True), self._param(node.inputs[1][0].name))
        return [None, parts, *(self._is_zeros(e) for e in node.inputs[2:])]

    @staticmethod
    def _is_zeros(entry: Entry) -> bool:
        node = entry[0]
        return node.op is not None and node.op.name == "_zeros"

    # ------------------------------------------------------------------------------------------ order and names
    def _skipped(self, node: Node) -> list[Entry]:
        """The inputs that the statement of a node mentions."""
        own = self.layers.get(id(node))
        if own is None:
            return self._inputs(node) if id(node) not in self._packed else list(node.inputs)
        gone = {c.name for c, _ in self._parameters_of(node)}
        return [e for i, e in enumerate(node.inputs) if i not in own.layer.skips and e[0].name not in gone]

    def _live(self) -> list[Node | Call]:
        """The order without what only layers take in."""
        live: set[int] = {id(e[0]) for e in leaves_of(self.flat.outputs)}
        kept: list[Any] = []
        calls = {id(n): c for c in self.flat.calls for n, _ in leaves_of(c.results)}
        for item in reversed(self.flat.order):
            if isinstance(item, Call):
                if any(id(n) in live for n, _ in leaves_of(item.results)):
                    kept.append(item)
                    live.update(id(e[0]) for e in leaves_of(item.args))
            elif id(item) in live and id(item) not in calls:
                kept.append(item)
                if item.op is not None:
                    live.update(id(e[0]) for e in self._skipped(item))
        return kept[::-1]

    def _last_uses(self) -> dict[tuple[int, int], int]:
        last: dict[tuple[int, int], int] = {}
        item: Any
        for at, item in enumerate(self._order):
            if isinstance(item, Call):
                entries = leaves_of(item.args)
            else:
                entries = self._skipped(item) if item.op is not None else []
            made = not isinstance(item, Call) and item.op is not None and item.op.name in ("_full", "_ones", "_zeros")
            if made and 0 in (item.parsed.get("shape") or ()):
                entries = [*entries, *leaves_of(self.flat.scope.inputs)]  # they tell its length
            last.update({_key(entry): at for entry in entries})
        last.update({_key(entry): len(self._order) for entry in leaves_of(self.flat.outputs)})
        return last

    def _free(self, name: str) -> bool:
        """Whether a variable may get a new value at this statement."""
        holder = self._holders.get(name)
        return holder is None or self._uses.get(holder, -1) <= self._at

    def _target(self, entry: Entry, *hints: str | None) -> str:
        """A variable for a value: the author's name, or the first hint that is free."""
        key = (id(entry[0]), entry[1])
        author = self.flat.names.get(key)
        wanted = [h for h in (author, *hints) if h]
        wanted = [name for h in wanted if (name := identifier(h)) not in _RESERVED] or ["out"]
        name, number = next(filter(self._free, wanted), ""), 2
        while not name:
            name = f"{wanted[0]}{number}" if self._free(f"{wanted[0]}{number}") else ""
            number += 1
        self._names[key], self._holders[name] = name, key
        return name

    def _text(self, entry: Entry) -> str:
        return self._names[id(entry[0]), entry[1]]

    # ------------------------------------------------------------------------------------------ arguments, result
    def _arguments(self) -> None:
        self._at = -1
        scope = self.flat.scope
        for name, arg in zip(scope.names, scope.inputs):
            if not leaves_of(arg):
                continue
            name = identifier(name)
            name = f"{name}_" if name in _RESERVED else name
            self.signature.append(f"{name}: {_annotation(arg)}")
            self._place(arg, name)

    def _place(self, structure: Any, text: str) -> None:
        if is_entry(structure):
            key = (id(structure[0]), structure[1])
            self._names[key] = text
            self._holders[text] = key
        elif isinstance(structure, (list, tuple)):
            for i, part in enumerate(structure):
                self._place(part, f"{text}[{i}]")
            # The variable itself must stay while one of its parts is needed.
            keys = [(id(n), i) for n, i in leaves_of(structure)]
            if keys:
                self._holders[text.partition("[")[0]] = max(keys, key=lambda k: self._uses.get(k, -1))

    def _variable(self, node: Node) -> None:
        """A Parameter that is used as it is."""
        if (id(node), 0) in self._names:
            return
        if node.name not in self.flat.owner:
            raise UnsupportedError(
                f"to_torch_source: {_title(self.flat.scope.block)}",
                f"it uses {node.name!r}, which is neither an argument nor a Parameter of its own: Blocks that keep "
                "arrays from one call to the next, or use Parameters of others, are not written. Pass them as "
                "arguments",
            )
        block, attr = self.flat.owner[node.name]
        if node.name not in self.params:
            self.params[node.name] = identifier(attr, self.taken)
            self.taken.append(self.params[node.name])
        self._names[id(node), 0] = f"self.{self.params[node.name]}"

    def _return(self) -> None:
        self._at = len(self._order)
        outputs = self.flat.outputs
        self.returns = _annotation(outputs)
        text = self._structure(outputs)
        match = re.fullmatch(r"(\w+) = (.*)", self.lines[-1], re.DOTALL) if self.lines else None
        if match and match[1] == text:
            self.lines[-1] = f"return {match[2]}"
        else:
            self.lines.append(f"return {text}")

    def _structure(self, structure: Any, outer: bool = True) -> str:
        if is_entry(structure):
            return self._text(structure)
        if isinstance(structure, (list, tuple)):
            inner = ", ".join(self._structure(part, False) for part in structure)
            if isinstance(structure, list):
                return f"[{inner}]"
            inner += "," if len(structure) == 1 else ""
            return inner if outer and len(inner) < 70 else f"({inner})"
        return repr(structure)

    # ------------------------------------------------------------------------------------------ statements
    def _write_call(self, call: Call) -> None:
        path = self.path(call.scope.block)
        if path is None:
            raise UnsupportedError(
                f"to_torch_source: {_title(self.flat.scope.block)}",
                f"it calls {call.scope.block.name!r}, which is no child of it; register it (self.layer = ...)",
            )
        if self.is_cell(call.scope.block):
            self._write_cell(call, path)
            return
        args = [self._structure(a, False) for a in call.args if leaves_of(a)]
        hint = path.rpartition(".")[2]
        hint = hint if hint.isidentifier() else "out"
        results = leaves_of(call.results)
        if len(results) == 1:
            hints = [[self._reused(leaves_of(call.args)[:1]), hint]]
        else:
            hints = [[self.author(entry), hint] for entry in leaves_of(call.scope.outputs)]
        targets = self._targets(call.results, iter(hints))
        self.lines.append(f"{targets} = {path}({', '.join(args)})")

    def _write_cell(self, call: Call, path: str) -> None:
        """Gluon's cells give the output and the states, PyTorch's the states, the first of which is the output."""
        x, *states = map(self._text, leaves_of(call.args))
        output, *others = leaves_of(call.results)
        key, first = _key(output), _key(others[0])
        last = max(self._uses.get(key, -1), self._uses.get(first, -1))
        self._uses[key] = self._uses[first] = last
        names = [self._target(entry, hint) for entry, hint in zip(others, ("h", "c"))]
        self._names[key] = names[0]
        given = f"({', '.join(states)})" if len(states) > 1 else states[0]
        self.lines.append(f"{', '.join(names)} = {path}({x}, {given})")

    def _targets(self, structure: Any, hints: Iterator[Any], outer: bool = True) -> str:
        if is_entry(structure):
            own = next(hints)
            if (id(structure[0]), structure[1]) not in self._uses:
                return "_"
            return self._target(structure, *own)
        if not isinstance(structure, (list, tuple)):
            return "_"
        inner = ", ".join(self._targets(part, hints, outer=False) for part in structure)
        inner += "," if len(structure) == 1 else ""
        return inner if outer else f"({inner})"

    def _reused(self, entries: Iterable[Entry]) -> str | None:
        """The name of the first input, if that is a plain variable whose value nobody needs any more."""
        for entry in entries:
            name = self._names.get((id(entry[0]), entry[1]), "")
            return name if name.isidentifier() and self._free(name) else None
        return None

    def _write_node(self, node: Node) -> None:
        own = self.layers.get(id(node))
        outputs = [i for i in range(node.count_outputs()) if (id(node), i) in self._uses]
        if own is not None:
            path = self._layer_path(node, own)
            x = self._text(node.inputs[0])
            for pair in own.layer.pre:
                x = pair.text(x)
                x = re.sub(r"^torch\.flatten\((\w+), 1\)$", r"\1.flatten(1)", x)
            use_text = own.layer.text if not own.layer.skips else self._recurrent_text(node)
            text = use_text.replace("{layer}", path).replace("{x}", x)
            targets = own.layer.targets
        else:
            use = self._use(node)
            found = translated(use)
            text = found.text(use.x[0]) if isinstance(found, Pair) else found
            text = re.sub(r"^torch\.flatten\((\w+), start_dim=1\)$", r"\1.flatten(1)", text)
            targets = ""
        if not targets and outputs == [0] and node.inputs and text == self._names.get(_key(node.inputs[0])):
            self._alias(node, text)  # there is nothing to do
            return
        reused = self._reused(node.inputs[:1])
        noun = _noun(node)
        if targets:
            several = [self._target((node, i), n) if i in outputs else "_" for i, n in enumerate(("output", "h", "c"))]
            self.lines.append(f"{targets.format(*several)} = {text}")
        elif node.count_outputs() > 1 and node.op.name in ("SliceChannel", "_split_v2"):
            stem = match[0] if (match := re.match(r"[a-z]\w*", self._text(node.inputs[0]))) else noun
            hints = [f"{stem.rstrip('0123456789')}{i + 1}" for i in range(node.count_outputs())]
            names = [self._target((node, i), h) if i in outputs else "_" for i, h in enumerate(hints)]
            self.lines.append(f"{', '.join(names)} = {text}")
        elif outputs in ([0], []):
            self.lines.append(f"{self._target((node, 0), reused, noun)} = {text}")
        else:
            raise self._use(node).refuse(f"its outputs {outputs[1:]}")

    def _recurrent_text(self, node: Node) -> str:
        """The call with the states as they are named by now."""
        params = self._given_params(node)
        layer = LAYERS["RNN"](self._use(node), params)
        assert layer is not None
        return layer.text

    def _layer_path(self, node: Node, own: OwnLayer) -> str:
        if own.block is self.flat.scope.block:
            if not own.name or own.name in self.taken:
                own.name = identifier(own.name or own.layer.hint, self.taken)
            own.name = identifier(own.name, self.taken)
            self.taken.append(own.name)
            return f"self.{own.name}"
        path = self.path(own.block)
        assert path is not None
        return path

    def _alias(self, node: Node, name: str) -> None:
        """The node's value is what stands under that name already."""
        self._names[id(node), 0] = name
        last = self._uses.get((id(node), 0), -1)
        variable = name.partition("[")[0]
        holder = self._holders.get(variable)
        if holder is not None and self._uses.get(holder, -1) < last:
            self._holders[variable] = (id(node), 0)

    def _use(self, node: Node, blank: bool = False) -> Use:
        flat = self.flat
        inputs = list(node.inputs)
        texts = []
        for child, i in inputs:
            is_param = child.op is None and (id(child), i) not in self._names and child.name in flat.owner
            if is_param and not blank and id(node) not in self.layers:
                self._variable(child)
            texts.append(self._names.get((id(child), i), "x"))
        return Use(
            node,
            _title(flat.scope.block),
            texts,
            [flat.shapes[id(c)][i] for c, i in inputs],  # type: ignore[misc]
            [flat.dtypes[id(c)][i] or torch.float32 for c, i in inputs],
            list(flat.shapes[id(node)]),  # type: ignore[arg-type]
            [d or torch.float32 for d in flat.dtypes[id(node)]],
            frozenset(self._needed_outputs.get(id(node), {0})),
            lambda axis: self._length(node, axis),
        )

    def _length(self, node: Node, axis: int) -> str:
        """A dimension of what a node makes as an expression; for -1 the device."""
        inputs = [(n, text) for n, text in self._names.items() if text.split("[")[0].isidentifier()]
        if axis == -1:
            return f"{inputs[0][1]}.device" if inputs else ""
        found: Any = self.flat.length_of(node, axis, self.runs)
        by_name = {e[0].name: (id(e[0]), e[1]) for e in leaves_of(self.flat.scope.inputs)}
        if isinstance(found, int):
            return str(found)
        text = self._names.get(by_name[found[0]]) if found else None
        if text is None or self._holders.get(text, by_name[found[0]]) != by_name[found[0]]:
            raise self._use(node).refuse("the length of its result does not follow from the inputs of the Block")
        return f"{text}.shape[{found[1]}]"


def _pieces(use: Use, param: Any) -> list[State]:
    """The parts of an RNN's parameters that are one vector."""
    from ...ops.rnn import _weight_shapes

    shapes = _weight_shapes(use["mode"], use.shape[2], use["state_size"], use["num_layers"],
                            2 if use["bidirectional"] else 1, use["projection_size"])  # fmt: skip
    found, at = [], 0
    for shape in shapes:
        size = 1
        for n in shape:
            size *= n
        found.append(State(param, lambda t, at=at, size=size, shape=shape: t[at : at + size].reshape(shape)))
        at += size
    return found


def _key(entry: Entry) -> tuple[int, int]:
    return id(entry[0]), entry[1]


def _stem(attr: str) -> str:
    match = _RECURRENT.match(attr) or _PART.match(attr)
    return match[1] if match else attr


_NOUNS = {
    "SliceChannel": "part", "_split_v2": "part", "ones_like": "ones", "zeros_like": "zeros", "_zeros": "zeros",
    "_ones": "ones", "batch_dot": "product", "dot": "product", "broadcast_add": "total", "elemwise_add": "total",
    "Concat": "joined", "stack": "stacked", "where": "chosen", "FullyConnected": "linear", "Convolution": "conv",
}  # fmt: skip


def _noun(node: Node) -> str:
    if node.op.name in _NOUNS:
        return _NOUNS[node.op.name]
    return identifier(re.sub(r"^(_contrib_|_npi_|_np_|broadcast_|elemwise_|_+)|_scalar$", "", node.op.name).lower())


def _title(block: Block) -> str:
    return f"{type(block).__name__} {block.name!r}"


def _annotation(structure: Any) -> str:
    if is_entry(structure):
        return "Tensor"
    if isinstance(structure, list):
        kinds = dict.fromkeys(_annotation(part) for part in structure)
        return f"list[{next(iter(kinds))}]" if len(kinds) == 1 else "list"
    if isinstance(structure, tuple):
        return f"tuple[{', '.join(map(_annotation, structure))}]"
    return "None"
