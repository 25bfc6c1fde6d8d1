"""Symbol: a graph of operators of the table, written down but not run.

A graph is made of immutable nodes; a Symbol is a tuple of their outputs. Composing, grouping and indexing make new
Symbols over the same nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .. import attribute, name as name_module
from ..base import MXNetError, NotImplementedForSymbol, dtype_name, NAME_TO_FLAG
from ..ops import registry
from ..ops.registry import Operator

__all__ = ["Group", "Symbol", "Variable", "var"]

# Attributes that users write without the underscores; the graph keeps them with.
_HIDDEN = ("ctx_group", "lr_mult", "wd_mult", "force_mirroring", "mirror_stage")


class Node:
    """A variable (``op`` None) or one use of an operator.

    Attributes:
        op: row of the operator table, or None.
        name: the node's name.
        attrs: the operator's attributes as given and the user's, all strings.
        inputs: (node, output number) pairs.
    """

    __slots__ = ("_parsed", "attrs", "inputs", "name", "op")

    def __init__(
        self, op: Operator | None, name: str, attrs: Mapping[str, str], inputs: Sequence[tuple[Node, int]] = ()
    ) -> None:
        self.op = op
        self.name = name
        self.attrs = dict(attrs)
        self.inputs = tuple(inputs)
        self._parsed: dict[str, Any] | None = None

    @property
    def parsed(self) -> dict[str, Any]:
        """The operator's attributes as values.

        Raises:
            MXNetError: one that the operator refuses.
        """
        if self._parsed is None:
            self._parsed = self.op.parse({k: v for k, v in self.attrs.items() if k in self.op.attributes})
        return self._parsed

    def output_names(self) -> list[str]:
        """Names of the visible outputs: the variable's own, or ``NAME_output``."""
        if self.op is None:
            return [self.name]
        names = self.op.output_names(self.parsed)[: self.op.visible_outputs(self.parsed)]
        return [f"{self.name}_{n}" for n in names]

    def is_aux_input(self, position: int) -> bool:
        """Whether the input at that place is an auxiliary state."""
        if not self.op.aux:
            return False
        names = self.op.input_names(self.parsed, len(self.inputs))
        return position < len(names) and names[position] in self.op.aux


def walk(outputs: Iterable[tuple[Node, int]]) -> list[Node]:
    """All nodes behind these outputs, inputs before their users, in MXNet's order."""
    order: list[Node] = []
    seen: set[int] = set()
    stack: list[tuple[Node, bool]] = [(node, False) for node, _ in reversed(list(outputs))]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((child, False) for child, _ in reversed(node.inputs))
    return order


class Symbol:
    """One or several outputs of a graph of operators."""

    __slots__ = ("__weakref__", "_outputs")
    __array_priority__ = 1000.0

    def __init__(self, outputs: Sequence[tuple[Node, int]]) -> None:
        self._outputs = tuple(outputs)

    # ------------------------------------------------------------------------------------------ names and parts
    @property
    def name(self) -> str | None:
        """Name of the node, None for a group."""
        first = self._outputs[0][0]
        return first.name if all(node is first for node, _ in self._outputs) else None

    def list_outputs(self) -> list[str]:
        """Names of the outputs."""
        return [node.output_names()[i] for node, i in self._outputs]

    def _variables(self) -> tuple[list[Node], set[int]]:
        order = walk(self._outputs)
        aux = {
            id(child)
            for node in order
            if node.op is not None and node.op.aux
            for i, (child, _) in enumerate(node.inputs)
            if child.op is None and node.is_aux_input(i)
        }
        return [n for n in order if n.op is None], aux

    def list_arguments(self) -> list[str]:
        """Names of the variables that are not auxiliary states, in the order of the graph."""
        variables, aux = self._variables()
        return [n.name for n in variables if id(n) not in aux]

    def list_auxiliary_states(self) -> list[str]:
        """Names of the auxiliary states."""
        variables, aux = self._variables()
        return [n.name for n in variables if id(n) in aux]

    def list_inputs(self) -> list[str]:
        """Names of all variables, auxiliary states included, in the order of the graph."""
        return [n.name for n in self._variables()[0]]

    def get_internals(self) -> Symbol:
        """A group of every output of every node."""
        return type(self)(
            [(node, i) for node in walk(self._outputs) for i in range(len(node.output_names()))]
        )

    def get_children(self) -> Symbol | None:
        """A group of the inputs of this symbol's nodes; None for a variable."""
        children = [pair for node in dict.fromkeys(n for n, _ in self._outputs) for pair in node.inputs]
        return type(self)(children) if children else None

    def __len__(self) -> int:
        return len(self._outputs)

    def __iter__(self) -> Iterator[Symbol]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: int | str | slice) -> Symbol:
        if isinstance(index, str):
            names = self.list_outputs()
            found = [i for i, n in enumerate(names) if n == index]
            if not found:
                raise ValueError(f'Cannot find output that matches name "{index}"')
            if len(found) > 1:
                raise ValueError(f'There are multiple outputs with name "{index}"')
            index = found[0]
        if isinstance(index, slice):
            return Group([self[i] for i in range(*index.indices(len(self)))])
        if not isinstance(index, int):
            raise TypeError(f"Symbol only support integer index to fetch i-th output, got {type(index)}")
        if not 0 <= index < len(self._outputs):
            raise IndexError(f"index {index} is out of range: {self!r} has {len(self)} output(s)")
        return type(self)([self._outputs[index]])

    def __repr__(self) -> str:
        if self.name is None:
            return f"<Symbol group [{', '.join(n.name for n, _ in self._outputs)}]>"
        return f"<Symbol {self.name}>"

    def __hash__(self) -> int:
        return id(self) // 16

    def __bool__(self) -> bool:
        raise NotImplementedForSymbol(self.__bool__, "bool")

    # ------------------------------------------------------------------------------------------ attributes
    def _node(self) -> Node:
        if self.name is None:
            raise MXNetError("a group of symbols has no attributes of its own; index it first")
        return self._outputs[0][0]

    def attr(self, key: str) -> str | None:
        """The attribute ``key`` of this symbol, or None."""
        return _shown(self._node().attrs).get(key)

    def list_attr(self, recursive: bool = False) -> dict[str, str]:
        """All attributes of this symbol.

        Raises:
            DeprecationWarning: ``recursive``; use ``attr_dict``.
        """
        if recursive:
            raise DeprecationWarning(
                "Symbol.list_attr with recursive=True has been deprecated. Please use attr_dict instead."
            )
        return _shown(self._node().attrs)

    def attr_dict(self) -> dict[str, dict[str, str]]:
        """{node name: its attributes} for all nodes that have any."""
        return {n.name: _shown(n.attrs) for n in walk(self._outputs) if n.attrs}

    def _set_attr(self, **kwargs: str) -> None:
        """Sets attributes of this symbol's node.

        Raises:
            ValueError: a value that is not a string.
        """
        for key, value in kwargs.items():
            if not isinstance(value, str):
                raise ValueError("Set Attr only accepts string values")
            self._node().attrs[_hidden(key)] = value
        self._node()._parsed = None

    # ------------------------------------------------------------------------------------------ composition
    def __call__(self, *args: Symbol, **kwargs: Symbol) -> Symbol:
        """This graph with variables replaced: ``net(data=other)``."""
        composed = self.__copy__()
        composed._compose(*args, **kwargs)
        return composed

    def _compose(self, *args: Symbol, **kwargs: Symbol) -> None:
        kwargs.pop("name", None)
        if args and kwargs:
            raise TypeError("compose only accept input Symbols either as positional or keyword arguments, not both")
        for value in (*args, *kwargs.values()):
            if not isinstance(value, Symbol):
                raise TypeError("Compose expect `Symbol` as arguments")
            if len(value) != 1:
                raise MXNetError("a symbol with several outputs cannot replace a variable; index it first")
        if args:
            names = self.list_arguments()
            if len(args) > len(names):
                raise MXNetError(f"{self!r} has {len(names)} arguments, got {len(args)}")
            kwargs = dict(zip(names, args, strict=False))
        unknown = set(kwargs) - set(self.list_inputs())
        if unknown:
            raise MXNetError(f"{sorted(unknown)} are not variables of {self!r}; they are {self.list_inputs()}")
        self._outputs = tuple(substitute(self._outputs, {k: v._outputs[0] for k, v in kwargs.items()}))

    def __copy__(self) -> Symbol:
        return type(self)(self._outputs)

    def __deepcopy__(self, _: Any) -> Symbol:
        return type(self)(substitute(self._outputs, {}, copy=True))

    def __reduce__(self) -> tuple[Any, ...]:
        from .json import load_json

        return load_json, (self.tojson(),)

    # ------------------------------------------------------------------------------------------ files
    def tojson(self, remove_amp_cast: bool = True) -> str:
        """The graph as MXNet's symbol JSON; without the casts that AMP put in unless ``remove_amp_cast=False``."""
        from .json import to_json

        return to_json(self, remove_amp_cast)

    def save(self, fname: str, remove_amp_cast: bool = True) -> None:
        """Writes ``tojson()`` to a file."""
        from ..serialization.params import atomic_write

        text = self.tojson(remove_amp_cast)

        def write(path: str) -> None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)

        atomic_write(fname, write)

    def debug_str(self) -> str:
        """A listing of the graph for people."""
        lines = ["Symbol Outputs:"]
        lines += [f"\toutput[{k}]={n.name}({i})" for k, (n, i) in enumerate(self._outputs)]
        for node in walk(self._outputs):
            if node.op is None:
                lines.append(f"Variable:{node.name}")
                continue
            lines += ["--------------------", f"Op:{node.op.name}, Name={node.name}", "Inputs:"]
            for k, (child, i) in enumerate(node.inputs):
                version = f" version={int(node.is_aux_input(k))}" if child.op is None else ""
                lines.append(f"\targ[{k}]={child.name}({i}){version}")
            if node.attrs:
                lines += ["Attrs:", *(f"\t{k}={v}" for k, v in sorted(node.attrs.items()))]
        return "\n".join(lines) + "\n"

    # ------------------------------------------------------------------------------------------ what arrays can do
    def reshape(self, *shape: Any, **kwargs: Any) -> Symbol:
        """The operator ``Reshape`` of this symbol; see ``NDArray.reshape`` for the codes."""
        if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
            shape = tuple(shape[0])
        elif not shape:
            shape = kwargs.pop("shape", None)
            assert shape, "Shape must be provided."
        kwargs["shape"] = shape if isinstance(shape, tuple) else (shape,) if isinstance(shape, int) else tuple(shape)
        return create(registry.get("Reshape"), [self], kwargs, kwargs.pop("name", None), None, hint="reshape")

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Symbol:
        """The operator ``Cast`` of this symbol."""
        return create(registry.get("Cast"), [self], {"dtype": dtype_name(dtype)}, None, None)

    def as_nd_ndarray(self) -> Symbol:
        """This symbol: it has the legacy semantics already."""
        return self

    def detach(self) -> Symbol:
        raise NotImplementedForSymbol(self.detach, None)

    def __deny(method: str, alias: str | None = None) -> Callable[..., Any]:  # noqa: N805
        def denied(self: Symbol, *args: Any, **_: Any) -> Any:
            raise NotImplementedForSymbol(getattr(self, method), alias, *args)

        denied.__name__ = method
        denied.__doc__ = f"Not of symbols.\n\nRaises:\n    NotImplementedForSymbol: always; only NDArray has ``{method}``."
        return denied

    for _method in ("asnumpy", "asscalar", "wait_to_read", "copy", "as_in_context", "backward"):
        locals()[_method] = __deny(_method)
    for _method, _alias in (("iadd", "+="), ("isub", "-="), ("imul", "*="), ("idiv", "/="), ("itruediv", "/=")):
        locals()[f"__{_method}__"] = __deny(f"__{_method}__", _alias)
    del _method, _alias


def _hidden(key: str) -> str:
    return f"__{key}__" if key in _HIDDEN else key


def _shown(attrs: Mapping[str, str]) -> dict[str, str]:
    shown = dict(attrs)
    for key in _HIDDEN:
        if f"__{key}__" in attrs:
            shown[key] = attrs[f"__{key}__"]
    return shown


def substitute(
    outputs: Sequence[tuple[Node, int]], replacements: Mapping[str, tuple[Node, int]], copy: bool = False
) -> list[tuple[Node, int]]:
    """The same outputs of a graph whose variables are replaced by name; untouched nodes are shared unless ``copy``."""
    renewed: dict[int, tuple[Node, int] | Node] = {}

    def look(pair: tuple[Node, int]) -> tuple[Node, int]:
        found = renewed.get(id(pair[0]), pair[0])
        return found if isinstance(found, tuple) else (found, pair[1])

    for node in walk(outputs):
        if node.op is None and node.name in replacements:
            renewed[id(node)] = replacements[node.name]
            continue
        inputs = tuple(look(pair) for pair in node.inputs)
        if copy or any(a is not b[0] for (a, _), b in zip(inputs, node.inputs, strict=True)):
            renewed[id(node)] = Node(node.op, node.name, node.attrs, inputs)
    return [look(pair) for pair in outputs]


# ---------------------------------------------------------------------------------------------- making symbols
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
        TypeError: ``name`` is not a string.
        ValueError: another keyword.
    """
    if not isinstance(name, str):
        raise TypeError("Expect a string for variable `name`")
    attrs = {_hidden(k): v for k, v in attribute.current().get(dict(attr or {})).items()}
    given = {
        "__shape__": None if shape is None else str(tuple(shape)),
        "__lr_mult__": None if lr_mult is None else str(lr_mult),
        "__wd_mult__": None if wd_mult is None else str(wd_mult),
        "__dtype__": None if dtype is None else str(NAME_TO_FLAG[dtype_name(dtype)]),
        "__init__": None if init is None else init if isinstance(init, str) else init.dumps(),
        "__storage_type__": None if stype is None else str({"default": 0, "row_sparse": 1, "csr": 2}[stype]),
    }
    attrs.update({k: v for k, v in given.items() if v is not None})
    for key, value in kwargs.items():
        if not (key.startswith("__") and key.endswith("__")):
            raise ValueError(
                f"Attribute name={key} is not supported. Additional attributes must start and end with double "
                "underscores, e.g, __yourattr__"
            )
        attrs[key] = str(value)
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
) -> Symbol:
    """One use of an operator as a symbol; inputs that are not given become variables ``NAME_INPUT``.

    Args:
        op: row of the table.
        inputs: symbols in the order of ``op.inputs``; None for one that is not given.
        raw: attributes as the caller gave them; names ``__like_this__`` and the hidden ones are the user's.
        name: the node's name; None for an automatic one.
        attr: the user's attributes.
        hint: stem of the automatic name.

    Raises:
        MXNetError: attributes that the operator refuses, inputs with several outputs.
    """
    user = {_hidden(k): v for k, v in attribute.current().get(dict(attr or {})).items()}
    own: dict[str, str] = {}
    for key, value in raw.items():
        if (key.startswith("__") and key.endswith("__")) or (key in _HIDDEN and key not in op.attributes):
            user[_hidden(key)] = str(value)
        else:
            own[key] = str(value)
    for i, symbol in enumerate(inputs):
        if symbol is not None and len(symbol) != 1:
            place = op.inputs[0] if op.variadic else op.inputs[i]
            raise MXNetError(
                f"Error in operator {op.name}: argument {place} is {symbol!r} with {len(symbol)} outputs, "
                "a single one is required; index it first"
            )
    if op.variadic and op.count:
        own.setdefault(op.count, str(len(inputs)))
    parsed = op.parse(own)
    name = name_module.current().get(name, hint or op.name.lower())
    attrs = {**own, **user}
    if op.variadic:
        pairs = [s._outputs[0] for s in inputs]
    else:
        pairs = []
        wanted = op.input_names(parsed)
        for key, symbol in zip(op.inputs, inputs, strict=False):
            if key not in wanted:
                if symbol is not None:
                    raise MXNetError(
                        f"Operator {op.name} expects {len(wanted)} inputs ({', '.join(wanted)}) with these "
                        f"attributes; {key} is one too many"
                    )
                continue
            if symbol is None:
                more = {"__init__": op.variable_init[key]} if key in op.variable_init else {}
                pairs.append((Node(None, f"{name}_{key}", {**attrs, **more}), 0))
            else:
                pairs.append(symbol._outputs[0])
    node = Node(op, name, attrs, pairs)
    return Symbol([(node, i) for i in range(op.visible_outputs(parsed))])
