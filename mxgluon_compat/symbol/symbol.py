"""Symbol: a graph of operators of the table, written down but not run.

A Symbol is a tuple of outputs of nodes. Composing, grouping and indexing make new Symbols; a copy has nodes of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from ..base import MXNetError, NotImplementedForSymbol
from .node import Node, shown, substitute, walk

# MXNet defines all of these in this module: ``from mxnet.symbol.symbol import Variable``.
_OF_PACKAGE = (
    "Group", "Variable", "arange", "eye", "full", "histogram", "hypot", "linspace", "load", "load_json", "maximum",
    "minimum", "ones", "pow", "power", "split_v2", "var", "zeros",
)  # fmt: skip
__all__ = ["Symbol", *_OF_PACKAGE]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name in _OF_PACKAGE:
        from .. import symbol

        return getattr(symbol, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class Symbol:
    """One or several outputs of a graph of operators."""

    __slots__ = ("__weakref__", "_outputs")
    _outputs: tuple[tuple[Node, int], ...]
    __array_priority__ = 1000.0
    _family: type[Symbol]  # the class of what operators make of such symbols: Symbol, or that of mx.np
    _is_traced = False

    def __init__(self, outputs: Sequence[tuple[Node, int]]) -> None:
        self._outputs = tuple(outputs)

    # ------------------------------------------------------------------------------------------ names and parts
    @property
    def name(self) -> str | None:
        """Name of the node, None for a group."""
        return self._own_name()

    def _own_name(self) -> str | None:
        first = self._outputs[0][0]
        return first.name if all(node is first for node, _ in self._outputs) else None

    def list_outputs(self) -> list[str]:
        """Names of the outputs."""
        return [node.output_names(hidden=True)[i] for node, i in self._outputs]

    def _variables(self) -> tuple[list[Node], set[int]]:
        """All variables in the order of the graph, and the ids of those that are auxiliary states."""
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
        return type(self)([(node, i) for node in walk(self._outputs) for i in range(len(node.output_names()))])

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
            # Not Python's rule: a slice that reaches beyond the ends is an error, as an index there is.
            chosen = range(index.start or 0, len(self) if index.stop is None else index.stop, index.step or 1)
            if not chosen:
                raise TypeError(f"{index} selects none of the {len(self)} outputs of {self!r}")
            return type(self)([self[i]._outputs[0] for i in chosen])
        if not hasattr(index, "__index__"):
            raise TypeError(f"Symbol only support integer index to fetch i-th output, got {type(index)}")
        index = index.__index__()
        if index < 0:
            raise MXNetError(f"Symbol only accept nonnegative index, got {index}")
        if index >= len(self._outputs):
            raise IndexError(f"index {index} is out of range: {self!r} has {len(self)} output(s)")
        return type(self)([self._outputs[index]])

    def __repr__(self) -> str:
        if self._own_name() is None:
            return f"<Symbol group [{', '.join(n.name for n, _ in self._outputs)}]>"
        return f"<Symbol {self._own_name()}>"

    # MXNet's symbols cannot be keys; ours can (by identity), as their comparisons give symbols and not truth values.
    def __hash__(self) -> int:
        return id(self) // 16

    def __bool__(self) -> bool:
        raise NotImplementedForSymbol(self.__bool__, "bool")

    __nonzero__ = __bool__  # Python 2's name

    # ------------------------------------------------------------------------------------------ attributes
    def attr(self, key: str) -> str | None:
        """The attribute ``key`` of this symbol, its name for ``"name"``; None where there is none, as in a group."""
        if self._own_name() is None:
            return None
        return self._own_name() if key == "name" else shown(self._outputs[0][0].attrs).get(key)

    def list_attr(self, recursive: bool = False) -> dict[str, str]:
        """All attributes of this symbol; of a group those of the first.

        Raises:
            DeprecationWarning: ``recursive``; use ``attr_dict``.
        """
        if recursive:
            raise DeprecationWarning(
                "Symbol.list_attr with recursive=True has been deprecated. Please use attr_dict instead."
            )
        return shown(self._outputs[0][0].attrs)

    def attr_dict(self) -> dict[str, dict[str, str]]:
        """{node name: its attributes} for all nodes that have any."""
        return {n.name: shown(n.attrs) for n in walk(self._outputs) if n.attrs}

    def _set_attr(self, **kwargs: str) -> None:
        """Sets attributes of this symbol's node; ``name`` renames it.

        Raises:
            ValueError: a value that is not a string.
            MXNetError: this is a group, or an attribute that the operator refuses.
        """
        for key, value in kwargs.items():
            if not isinstance(value, str):
                raise ValueError("Set Attr only accepts string values")
            if self._own_name() is None:
                raise MXNetError("a group of symbols has no attributes of its own; index it first")
            self._outputs[0][0].set_attr(key, value)

    # ------------------------------------------------------------------------------------------ composition
    def __call__(self, *args: Symbol, **kwargs: Symbol) -> Symbol:
        """A copy of this graph with variables replaced: ``net(data=other)``; ``name`` names the result.

        Raises:
            TypeError: something that is not a symbol.
            MXNetError: symbols given by position, unknown variables, symbols with several outputs, a state that would
                be the output of an operator.
        """
        composed = self.__copy__()
        composed._compose(*args, **kwargs)
        return composed

    def _compose(self, *args: Symbol, name: str | None = None, **kwargs: Symbol) -> None:
        """As calling it, but changes this symbol."""
        if args and kwargs:
            raise TypeError("compose only accept input Symbols either as positional or keyword arguments, not both")
        for value in (*args, *kwargs.values()):
            if not isinstance(value, Symbol):
                raise TypeError("Compose expect `Symbol` as arguments")
        names = self.list_inputs()
        if args:
            raise MXNetError(f"{self!r} is composed by name, e.g. net({names[0]}=symbol), not by position")
        for key, value in kwargs.items():
            if key not in names:
                raise MXNetError(f"Compose: {key!r} is not a variable of {self!r}; they are {', '.join(names)}")
            if len(value._outputs) != 1:
                raise MXNetError(f"Compose: {key} is {value!r} with {len(value._outputs)} outputs; index it first")
        if name and self._outputs[0][0].op is not None:  # of a group, the first takes the name
            self._outputs[0][0].set_attr("name", name)
        # Where two variables have one name, both are replaced; MXNet then replaces none of them and says nothing.
        self._outputs = tuple(substitute(self._outputs, {k: v._outputs[0] for k, v in kwargs.items()}))

    def __copy__(self) -> Symbol:
        return type(self)(substitute(self._outputs, {}, copy=True))

    def __deepcopy__(self, _: Any) -> Symbol:
        return self.__copy__()

    def __reduce__(self) -> tuple[Any, ...]:
        from .json import load_json

        # MXNet's own pickles lack the casts of AMP: what comes back computes something else.
        return load_json, (self.tojson(remove_amp_cast=False),)

    # ------------------------------------------------------------------------------------------ files
    def tojson(self, remove_amp_cast: bool = True) -> str:
        """The graph as MXNet's symbol JSON; without the casts that AMP put in unless ``remove_amp_cast=False``."""
        from .json import to_json

        return to_json(self, remove_amp_cast)

    def save(self, fname: str | os.PathLike[str], remove_amp_cast: bool = True) -> None:
        """Writes ``tojson()`` to a file.

        Raises:
            TypeError: ``fname`` is not a path.
        """
        from ..serialization.params import atomic_write_bytes

        if not isinstance(fname, (str, os.PathLike)):
            raise TypeError("fname need to be string")
        atomic_write_bytes(fname, self.tojson(remove_amp_cast).encode())

    def _gen_atomic_symbol(self) -> Symbol:
        """The operator that made this symbol, with its attributes, as a symbol that has no inputs yet.

        Raises:
            MXNetError: a variable, or outputs of several operators.
        """
        nodes = {id(n): n for n, _ in self._outputs}
        (node,) = nodes.values() if len(nodes) == 1 else (None,)
        if node is None or node.op is None:
            raise MXNetError("_gen_atomic_symbol wants the outputs of one operator")
        own = {k: v for k, v in node.attrs.items() if k in node.op.attributes}
        made = Node(node.op, "", own)
        return Symbol([(made, i) for i in range(node.op.visible_outputs(made.parsed))])

    def debug_str(self) -> str:
        """A listing of the graph for people."""
        if len(self._outputs) == 1 and self._outputs[0][0].op is None:
            return f"Variable:{self._own_name()}\n"
        if self._own_name() is not None and not self._outputs[0][0].inputs:
            return f"AtomicFunctor  Op:{self._outputs[0][0].op.name}\n"
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


Symbol._family = Symbol
