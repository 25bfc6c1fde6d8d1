"""The classes of a program: which Blocks become one, and what its ``__init__`` makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from ...base import UnsupportedError
from ...gluon.block import Block, SymbolBlock
from ...gluon.parameter import Constant
from .body import Body
from .capture import Call, Capture, leaves_of
from .cells import cell_module
from .code import Arg, Make, State, identifier, laid_out
from .graph import Flat
from .table import translated
from .use import Pair

__all__ = ["Group", "Instance", "Program", "init_lines"]

_GLUON = __name__.partition(".")[0] + ".gluon."
_MOST_ARGUMENTS = 8
_MOST_INLINED = 8  # statements
_MODULE_NAMES = set(dir(nn.Module()))


@dataclass
class Group:
    """One class that is written: for instances whose code is the same but for plain values."""

    name: str
    instances: list[Instance] = field(default_factory=list)
    arguments: list[tuple[str, Any]] = field(default_factory=list)  # of __init__, with the first instance's values
    variables: dict[int, str] = field(default_factory=dict)  # id(argument of a call) -> argument of __init__


@dataclass
class Instance:
    """A Block that is an object of a class that is written.

    Attributes:
        attributes: (name, what it is, whether it is a buffer).
        body: its ``forward``; None for one that is never called itself.
    """

    block: Block
    title: str
    attributes: list[tuple[str, Make, bool]] = field(default_factory=list)
    body: Body | None = None
    group: Group = field(default_factory=lambda: Group(""))
    make: Make = field(default_factory=lambda: Make(""))

    def literals(self) -> list[Arg]:
        """All plain values in ``__init__``."""
        return [arg for _, make, _ in self.attributes for arg in make.literals()]

    def skeleton(self) -> Any:
        """What instances of one class share."""
        body = (tuple(self.body.signature), tuple(self.body.lines)) if self.body else ()
        return self.title, body, tuple((name, make.skeleton(), buffer) for name, make, buffer in self.attributes)


class Program:
    """All classes for a net.

    Attributes:
        groups: the classes, those of parts first.
        root: the net's own.
        states: {name in the state_dict: its value}.
        places: {id(Block): paths of its modules}.
    """

    def __init__(self, capture: Capture, class_name: str) -> None:
        self._capture = capture
        self._block = capture.root.block
        self._forms: dict[int, str] = {}
        self._flats: dict[int, list[Flat]] = {}
        self._chains: dict[int, list[Make | Block]] = {}
        self._inline_layers: dict[int, Make] = {}
        self._instances: dict[int, Instance] = {}
        self.root = self._instance(self._block, class_name)
        self.groups = self._grouped()
        self.states: dict[str, State] = {}
        self.places: dict[int, list[str]] = {}
        self._collect(self.root.make, "")

    def _body(self, flat: Flat, path: Callable[[Block], str | None], taken: list[str]) -> Body:
        names = self._capture.names
        return Body(
            flat,
            path,
            taken,
            self._capture.runs,
            lambda entry: names.get((id(entry[0]), entry[1])),
            lambda block: self._form(block) == "cell",
        )

    # ------------------------------------------------------------------------------------------ what a Block becomes
    def _form(self, block: Block) -> str:
        """How a Block is written.

        ``module``: an expression; ``cell``: a recurrent cell; ``inline``: a part of its parent's code; ``class``;
        ``container``: it is not called itself.
        """
        if id(block) not in self._forms:
            self._forms[id(block)] = self._chosen(block)
        return self._forms[id(block)]

    def _chosen(self, block: Block) -> str:
        if id(block) not in self._capture.scopes:
            return "container"
        if block is self._block or not _is_library(block):
            return "class"
        if cell_module(block) is not None:
            return "cell"
        if self._chain(block) is not None:
            return "module"
        flats = self._flat(block)
        if block._children or len(flats) > 3:
            return "class"
        body = self._body(flats[0], lambda _: None, [])
        small = len(body.lines) <= _MOST_INLINED and len(body.layers) <= 1 and not body.params
        return "inline" if small else "class"

    def _flat(self, block: Block) -> list[Flat]:
        if id(block) not in self._flats:
            scopes = self._capture.scopes[id(block)]
            for scope in scopes:
                for call in scope.calls:
                    self._form(call.scope.block)
            self._flats[id(block)] = [
                Flat(scope, lambda b: self._form(b) == "inline", self._capture.names) for scope in scopes
            ]
        return self._flats[id(block)]

    def _chain(self, block: Block) -> list[Make | Block] | None:
        """The steps of a Block that hands one tensor from one module to the next; None for another."""
        if id(block) not in self._chains:
            found = [self._steps(flat) for flat in self._flat(block)]
            if any(f is None for f in found):
                return None
            if any(len(f) != len(found[0]) for f in found):  # type: ignore[arg-type]
                return None
            self._chains[id(block)] = found[0]  # type: ignore[assignment]
        return self._chains[id(block)]

    def _steps(self, flat: Flat) -> list[Make | Block] | None:
        inputs, outputs = leaves_of(flat.scope.inputs), leaves_of(flat.outputs)
        if len(inputs) != 1 or not _is_one(flat.outputs) or len(outputs) != 1:
            return None
        at = inputs[0]
        steps: list[Make | Block] = []
        body = self._body(flat, lambda b: "self.child", [])
        for item in body._order:
            if isinstance(item, Call):
                if (
                    leaves_of(item.args) != [at]
                    or not _is_one(item.results)
                    or self._form(item.scope.block) == "inline"
                ):
                    return None
                steps.append(item.scope.block)
                at = leaves_of(item.results)[0]
            elif item.op is not None:
                if item.inputs[:1] != (at,):
                    return None
                own = body.layers.get(id(item))
                if own is not None:
                    if own.layer.text != "{layer}({x})" or own.layer.targets:
                        return None
                    steps += [_module_of(pair) for pair in own.layer.pre]
                    steps.append(own.layer.make)
                else:
                    found = translated(body._use(item)) if len(item.inputs) == 1 else None
                    if isinstance(found, Pair):
                        steps.append(_module_of(found))
                    elif found is None or found != body._use(item).x[0]:
                        return None
                at = (item, 0)
            elif item is not inputs[0][0] and item.name not in flat.owner:
                return None
        return steps if at == outputs[0] else None

    def _make(self, block: Block) -> Make | None:
        """What stands at the place of a Block; None for nothing."""
        form = self._form(block)
        if form == "inline":
            return self._inline_layers.get(id(block))
        if form == "module":
            steps = [s if isinstance(s, Make) else self._make(s) for s in self._chain(block) or []]
            if len(steps) == 1 and steps[0].block in (None, block):  # type: ignore[union-attr]
                made = steps[0]
            elif not steps:
                made = Make("nn.Identity")
            else:
                made = Make("nn.Sequential", [Arg("", s, positional=True) for s in steps])
            assert made is not None
            made.block = made.block or block
            return made
        if form == "cell":
            return cell_module(block)
        if form == "container":
            return self._container(block)
        return self._instance(block).make

    def _container(self, block: Block) -> Make | None:
        made = [(key, self._make(child)) for key, child in block._children.items()]
        if not any(m for _, m in made):
            return None
        if [key for key, _ in made] == [str(i) for i in range(len(made))]:
            parts = [Arg("", m or Make("nn.Identity"), positional=True) for _, m in made]
            return Make("nn.ModuleList", [Arg("", _List(parts), positional=True)], block=block)
        return self._instance(block).make

    # ------------------------------------------------------------------------------------------ names of parts
    def _names(self, block: Block) -> dict[int, str]:
        """{id(child): its attribute} of a Block that is an instance."""
        found: dict[int, str] = {}
        taken = list(_MODULE_NAMES)
        keys = list(block._children.items())
        for key, child in sorted(keys, key=lambda pair: pair[0].isdigit()):
            if id(child) in found:
                continue
            name = key
            if key.isdigit():
                name = f"{_lower(type(child).__name__)}{key}"
            found[id(child)] = identifier(name, taken)
            taken.append(found[id(child)])
        return found

    def _path(self, top: Block, block: Block) -> str | None:
        """How ``top``'s code writes a Block below it."""
        stack = [(top, "self", {id(top)})]
        while stack:
            at, text, seen = stack.pop(0)
            names = self._names(at) if at is top or self._form(at) in ("class", "container") else {}
            steps = self._chains.get(id(at), []) if self._form(at) == "module" and at is not top else []
            listed = at is not top and self._form(at) == "container" and all(k.isdigit() for k in at._children)
            for key, child in at._children.items():
                if id(child) in seen:
                    continue
                if listed:
                    below = f"{text}[{key}]"
                elif names:
                    below = f"{text}.{names[id(child)]}"
                elif child in steps:
                    below = text if len(steps) == 1 else f"{text}[{steps.index(child)}]"
                else:
                    continue
                if child is block:
                    return below
                stack.append((child, below, seen | {id(child)}))
        return None

    # ------------------------------------------------------------------------------------------ instances
    def _instance(self, block: Block, class_name: str | None = None) -> Instance:
        if id(block) in self._instances:
            return self._instances[id(block)]
        title = class_name or _class_name(type(block).__name__)
        instance = self._instances[id(block)] = Instance(block, title)
        instance.make = Make(instance, block=block)
        names = self._names(block)
        taken = [*_MODULE_NAMES, *names.values()]
        if id(block) in self._capture.scopes:
            chain = self._chain(block) if block is self._block and _is_library(block) else None
            if chain is not None:
                self._root_chain(instance, chain)
                return instance
            bodies = [self._body(flat, lambda b: self._path(block, b), list(taken)) for flat in self._flat(block)]
            instance.body = bodies[0]
            for other in bodies[1:]:
                if _text_of(other) != _text_of(bodies[0]):
                    raise UnsupportedError(
                        f"to_torch_source: {type(block).__name__} {block.name!r}",
                        "it is called several times and computes something else each time (its code depends on the "
                        "shapes or values of its arguments); make two Blocks of it",
                    )
            taken = bodies[0].taken
            for own in bodies[0].layers.values():
                if own.block is not block:
                    self._inline_layers[id(own.block)] = own.layer.make
        seen: set[int] = set()
        for child in block._children.values():
            made = None if id(child) in seen else self._make(child)
            seen.add(id(child))
            if made is not None:
                instance.attributes.append((names[id(child)], made, False))
        if instance.body is not None:
            for own in instance.body.layers.values():
                if own.block is block:
                    instance.attributes.append((own.name, own.layer.make, False))
            for full_name, attr in instance.body.params.items():
                instance.attributes.append((attr, *_parameter(instance.body.flat, full_name)))
        return instance

    def _root_chain(self, instance: Instance, chain: list[Make | Block]) -> None:
        """A net that is a sequence as a whole."""
        steps = [s if isinstance(s, Make) else self._make(s) for s in chain]
        made = Make("nn.Sequential", [Arg("", s, positional=True) for s in steps])
        instance.attributes.append(("layers", made, False))
        flat = self._flat(instance.block)[0]
        body = Body.__new__(Body)
        name = identifier(flat.scope.names[0])
        body.signature, body.lines, body.returns = [f"{name}: Tensor"], [f"return self.layers({name})"], "Tensor"
        body.layers, body.params, body.flat = {}, {}, flat
        instance.body = body

    # ------------------------------------------------------------------------------------------ classes
    def _grouped(self) -> list[Group]:
        groups: list[Group] = []
        heights: dict[int, int] = {}

        def instances(make: Make) -> Iterator[Instance]:
            if isinstance(make.callee, Instance):
                yield make.callee
            for arg in make.args:
                if isinstance(arg.value, Make):
                    yield from instances(arg.value)

        def height(instance: Instance) -> int:
            if id(instance) not in heights:
                below = [height(i) for _, make, _ in instance.attributes for i in instances(make)]
                heights[id(instance)] = 1 + max(below, default=0)
            return heights[id(instance)]

        height(self.root)
        reached = sorted((i for i in self._instances.values() if id(i) in heights), key=lambda i: heights[id(i)])
        taken = {self.root.title, "nn", "F", "Tensor", "torch", "math"}
        for level in range(1, heights[id(self.root)] + 1):
            found: dict[Any, list[Instance]] = {}
            for instance in reached:
                if heights[id(instance)] == level:
                    found.setdefault(instance.skeleton(), []).append(instance)
            for members in found.values():
                for part in _split_by_arguments(members):
                    group = Group("", part)
                    if part[0] is self.root:
                        group.name = self.root.title
                    else:
                        group.name = part[0].title
                        number = 2
                        while group.name in taken:
                            group.name = f"{part[0].title}{chr(64 + number) if number < 27 else number}"
                            number += 1
                        taken.add(group.name)
                    _find_arguments(group)
                    groups.append(group)
        return groups

    # ------------------------------------------------------------------------------------------ the state_dict
    def _collect(self, make: Make, prefix: str) -> None:
        if make.block is not None:
            self.places.setdefault(id(make.block), []).append(prefix.rstrip("."))
        for name, state in make.states.items():
            self.states[f"{prefix}{name}".rstrip(".")] = state
        if isinstance(make.callee, Instance):
            for name, value, _ in make.callee.attributes:
                self._collect(value, f"{prefix}{name}.")
        elif make.callee in ("nn.Sequential", "nn.ModuleList"):
            parts = make.args if make.callee == "nn.Sequential" else make.args[0].value.args
            for i, arg in enumerate(parts):
                self._collect(arg.value, f"{prefix}{i}.")


class _List(Make):
    """A list of calls."""

    def __init__(self, parts: list[Arg]) -> None:
        super().__init__("list", parts)

    def text(self, names: Any) -> str:
        return "[" + super().text(names).removeprefix("list(").removesuffix(")") + "]"


def _is_library(block: Block) -> bool:
    """Whether a Block is one of Gluon's own layers; a graph from a file has names of its own, like a user's Block."""
    module = type(block).__module__
    is_layer = module.startswith(_GLUON) and not module.startswith(_GLUON + "model_zoo")
    return is_layer and not isinstance(block, SymbolBlock)


def _is_one(structure: Any) -> bool:
    return isinstance(structure, tuple) and len(leaves_of(structure)) == 1 and leaves_of(structure)[0] is structure


def _module_of(pair: Pair) -> Make:
    return Make(
        pair.module,
        [Arg(key, value, default, positional=i < pair.positional) for i, (key, value, default) in enumerate(pair.args)],
    )


def _text_of(body: Body) -> Any:
    layers = [(own.name, own.layer.make.text({})) for own in body.layers.values()]
    return body.signature, body.lines, body.returns, layers, list(body.params)


def _parameter(flat: Flat, full_name: str) -> tuple[Make, bool]:
    block, attr = flat.owner[full_name]
    param = block._reg_params[attr]
    tensor = param.data(param.list_ctx()[0])._data
    buffer = isinstance(param, Constant) or not param._differentiable
    size = [Arg(f"size{i}", n, positional=True) for i, n in enumerate(tensor.shape)]
    zeros = Make("torch.zeros", size)
    if tensor.dtype is not torch.float32:
        zeros.args.append(Arg("dtype", tensor.dtype))
    state = {"": State(param)}
    if buffer:
        zeros.states = state
        return zeros, True
    return Make("nn.Parameter", [Arg("", zeros, positional=True)], state), False


def _class_name(name: str) -> str:
    name = name.lstrip("_").removeprefix("Hybrid") or "Part"
    return name[0].upper() + name[1:]


def _lower(name: str) -> str:
    return name.lstrip("_").removeprefix("Hybrid").lower()


# ---------------------------------------------------------------------------------------------- arguments of classes
def _varying(members: list[Instance]) -> dict[tuple[Any, ...], list[int]]:
    """{values over the instances: places of the literals that have them} of those that are not the same everywhere."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for place, values in enumerate(zip(*(i.literals() for i in members))):
        column = tuple(repr(arg.value) for arg in values)
        if len(set(column)) > 1:
            found.setdefault(column, []).append(place)
    return found


def _split_by_arguments(members: list[Instance]) -> list[list[Instance]]:
    """Instances that become one class: all, or where that would have too many arguments those that are the same."""
    if len(_varying(members)) <= _MOST_ARGUMENTS:
        return [members]
    same: dict[Any, list[Instance]] = {}
    for instance in members:
        same.setdefault(tuple(repr(arg.value) for arg in instance.literals()), []).append(instance)
    return list(same.values())


def _find_arguments(group: Group) -> None:
    names: list[str] = []
    for places in _varying(group.instances).values():
        hint = next((group.instances[0].literals()[p].key for p in places if group.instances[0].literals()[p].key), "n")
        name, number = identifier(hint), 2
        while name in names:
            name, number = f"{identifier(hint)}{number}", number + 1
        names.append(name)
        group.arguments.append((name, group.instances[0].literals()[places[0]].value))
        for instance in group.instances:
            values = instance.literals()
            for place in places:
                group.variables[id(values[place])] = name
            instance.make.args.append(Arg(name, values[places[0]].value, positional=True))
    for instance in group.instances:
        instance.group = group


def init_lines(instance: Instance, more: list[str]) -> list[str]:
    """``__init__`` of a class."""
    group = instance.group
    signature = ", ".join(["self", *(f"{n}: {_kind(group, n)}" for n, _ in group.arguments)])
    lines = [*laid_out(f"def __init__({signature}) -> None:", 4), " " * 8 + "super().__init__()"]
    for name, make, buffer in instance.attributes:
        text = make.text(group.variables)
        text = f'self.register_buffer("{name}", {text})' if buffer else f"self.{name} = {text}"
        lines += laid_out(text, 8)
    return lines + more


def _kind(group: Group, name: str) -> str:
    values = []
    for instance in group.instances:
        values += [arg.value for arg in instance.make.args if arg.key == name]
    kinds = {type(v).__name__ for v in values}
    if kinds == {"tuple"}:
        return "tuple[int, ...]"
    kinds = {"tuple[int, ...]" if k == "tuple" else k for k in kinds}
    return " | ".join(sorted(kinds))
