"""``sym.contrib.foreach``, ``while_loop`` and ``cond``: a Python function, called once, becomes a subgraph.

Nodes made inside carry the subgraph's name as an attribute; by that a subgraph is cut out of the graph. What it reads
of the graph around it becomes a variable of it, and an input of the node.
"""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .. import attribute
from ..base import MXNetError
from ..ndarray.invoke import wrong_family
from ..ops import registry
from ..ops.nesting import flatten, number_of_iterations, regroup
from .compose import create, var
from .node import Node, walk
from .subgraphs import SubgraphOperator
from .symbol import Symbol
from .traced import SHAPE, TracedSymbol, current_trace

__all__ = ["cond", "foreach", "while_loop"]

_MARK = "__subgraph_name__"
_Entry = tuple[Node, int]

_used: Counter[str] = Counter()
_lock = threading.Lock()


def foreach(body: Callable[..., Any], data: Any, init_states: Any, name: str = "foreach") -> tuple[Any, Any]:
    """``body`` on each row of ``data``, with the states that it gave for the row before.

    Args:
        body: ``body(row, states)`` -> (results, new states), in the nesting of ``data`` and ``init_states``.
        data: a symbol (T, ...), or nested lists of them; each is read in the body.
        init_states: a symbol or nested lists of them; each is read in the body.
        name: stem of the subgraph's name.

    Returns:
        The results of all rows, each (T, ...), and the last states.

    Raises:
        AssertionError: something is no symbol, the states change their nesting, data or states that are not read, two
            inputs of the subgraph with one name.
    """
    rows, row_format = _flatten(data, "foreach input")
    states, state_format = _flatten(init_states, "foreach states")
    with _subgraph(name) as scope:
        row_inputs = [_loop_variable(s, is_row=True) for s in rows]
        state_inputs = [_loop_variable(s) for s in states]
        made = body(regroup(row_inputs, row_format), regroup(state_inputs, state_format))
        results, new_states = made
        results, result_format = _flatten(results, "foreach output")
        new_states, new_format = _flatten(new_states, "foreach loop_vars")
        assert new_format == state_format, "The input and output loop_vars have different format"
        subgraph, captured = _cut(_distinct(results, new_states, scope), scope)
    inputs = [node for node in subgraph._variables()[0]]
    at = {id(node): i for i, node in enumerate(inputs)}
    places = {}
    for what, variables in (("data", row_inputs), ("state", state_inputs)):
        places[what] = [at.get(id(v._outputs[0][0])) for v in variables]
        assert None not in places[what], f"the {what} arrays have to be used in the loop body"
    bound = {*places["data"], *places["state"]}
    rest = [i for i in range(len(inputs)) if i not in bound]
    outputs = _use(
        "_foreach",
        [subgraph],
        [*rows, *states, *[_outer(inputs[i], captured) for i in rest]],
        {
            "num_outputs": len(results) + len(new_states),
            "num_out_data": len(results),
            "in_state_locs": places["state"],
            "in_data_locs": places["data"],
            "remain_locs": rest,
        },
        results,
    )
    return regroup(outputs[: len(results)], result_format), regroup(outputs[len(results) :], state_format)


def while_loop(
    cond: Callable[..., Any],
    func: Callable[..., Any],
    loop_vars: Any,
    max_iterations: int | None = None,
    name: str = "while_loop",
) -> tuple[Any, Any]:
    """``func`` again and again while ``cond`` holds.

    Args:
        cond: ``cond(*loop_vars)`` -> a symbol of one element.
        func: ``func(*loop_vars)`` -> (results, new loop variables); the results may be None.
        loop_vars: a symbol or nested lists of them, at least one; each is read by one of the functions.
        max_iterations: at most so many times.
        name: stem of the subgraphs' names.

    Returns:
        The results of all steps, each (max_iterations, ...) with zeros for the steps that were not made, and the last
        loop variables. As MXNet's, it fails where there are results and not one step is made.

    Raises:
        ValueError: no ``max_iterations`` or loop variables, another number of loop variables, one that is not read, a
            condition that is no symbol.
        AssertionError: something else is no symbol, two inputs of a subgraph with one name.
        MXNetError: ``max_iterations`` is not positive.
    """
    max_iterations = number_of_iterations(max_iterations)
    if isinstance(loop_vars, (list, tuple)) and not loop_vars:
        raise ValueError("loop_vars should contain at least one element")
    variables, variable_format = _flatten(loop_vars, "while loop_vars")
    if variable_format is None:
        loop_vars = [loop_vars]
    nesting = [None] if variable_format is None else variable_format

    with _subgraph(f"{name}_cond") as scope:
        condition_inputs = [_loop_variable(s) for s in variables]
        holds = cond(*regroup(condition_inputs, nesting))
        if not isinstance(holds, Symbol):
            raise ValueError("Return of cond must be a Symbol")
        condition, of_condition = _cut(_distinct([_single(holds, "cond")], [], scope), scope)
    with _subgraph(f"{name}_func") as scope:
        func_inputs = [_loop_variable(s) for s in variables]
        made = func(*regroup(func_inputs, nesting))
        results, new_variables = made
        results, result_format = _flatten([] if results is None else results, "while output")
        new_variables, _ = _flatten([] if new_variables is None else new_variables, "while loop_vars")
        if len(new_variables) != len(variables):
            raise ValueError("The number of loop_vars should be consistent during the loop")
        _check_read_shapes(func_inputs, new_variables)
        function, of_function = _cut(_distinct([*results, *new_variables], [], scope), scope)

    inputs: list[Symbol] = []
    place_of: dict[int, int] = {}  # loop variable -> its place among the node's inputs
    locations = []
    for subgraph, captured, loop_inputs in (
        (condition, of_condition, condition_inputs),
        (function, of_function, func_inputs),
    ):
        number = {id(v._outputs[0][0]): k for k, v in enumerate(loop_inputs)}
        found = []
        for node in subgraph._variables()[0]:
            k = number.get(id(node))
            if k is None or k not in place_of:
                if k is not None:
                    place_of[k] = len(inputs)
                found.append(len(inputs))
                inputs.append(_outer(node, captured) if k is None else variables[k])
            else:
                found.append(place_of[k])
        locations.append(found)
    body_inputs = {id(node): i for i, node in enumerate(function._variables()[0])}
    var_locations = []
    for k, symbol in enumerate(func_inputs, 1):
        at = body_inputs.get(id(symbol._outputs[0][0]))
        if at is None:
            raise ValueError(f"The {k}-th loop_var doesn't involve into the computation")
        var_locations.append(at)
    outputs = _use(
        "_while_loop",
        [condition, function],
        inputs,
        {
            "num_outputs": len(results) + len(variables),
            "num_out_data": len(results),
            "max_iterations": max_iterations,
            "cond_input_locs": locations[0],
            "func_input_locs": locations[1],
            "func_var_locs": var_locations,
        },
        results,
    )
    last = outputs[len(results) :]
    return regroup(outputs[: len(results)], result_format), regroup(last, variable_format)


def cond(pred: Symbol, then_func: Callable[[], Any], else_func: Callable[[], Any], name: str = "cond") -> Any:
    """What ``then_func`` gives where ``pred`` is not 0, else what ``else_func`` gives.

    Args:
        pred: a symbol of one element.
        then_func, else_func: functions without arguments; each gives a symbol or nested lists of them, as many.
        name: stem of the subgraphs' names.

    Raises:
        AssertionError: something is no symbol, two inputs of a subgraph with one name.
        ValueError: the branches give other numbers of results.
    """
    made = []
    for what, function in (("pred", lambda: pred), ("then", then_func), ("else", else_func)):
        with _subgraph(f"{name}_{what}") as scope:
            results, result_format = _flatten(function(), "cond outputs")
            if what == "pred" and len(results) != 1:
                raise MXNetError(f"the condition of cond must be one symbol, got {len(results)}")
            made.append((*_cut(_distinct(results, [], scope), scope), result_format))
    (condition, _, _), (then, _, result_format), (otherwise, _, _) = made
    if len(then._outputs) != len(otherwise._outputs):
        raise ValueError("Number of outputs differs between then-branch and else-branch")
    inputs: list[Symbol] = []
    place_of: dict[int, int] = {}  # a variable that several read is one input, an operator's output is not
    locations = []
    for subgraph, captured, _ in made:
        found = []
        for node in subgraph._variables()[0]:
            outer = _outer(node, captured)
            source = outer._outputs[0][0]
            if source.op is not None or id(source) not in place_of:
                place_of[id(source)] = len(inputs)
                inputs.append(outer)
                found.append(len(inputs) - 1)
            else:
                found.append(place_of[id(source)])
        locations.append(found)
    outputs = _use(
        "_cond",
        [condition, then, otherwise],
        inputs,
        {
            "num_outputs": len(then._outputs),
            "cond_input_locs": locations[0],
            "then_input_locs": locations[1],
            "else_input_locs": locations[2],
        },
        results,
    )
    return regroup(outputs, result_format)


# ---------------------------------------------------------------------------------------------- cutting
def _flatten(args: Any, what: str) -> tuple[list[Symbol], Any]:
    """All symbols of nested lists, and the nesting; one with several outputs is as a list of them.

    Raises:
        TypeError: symbols of mx.np.
    """
    found, nesting = flatten(args, Symbol, what, lambda symbol: [type(symbol)([pair]) for pair in symbol._outputs])
    if any(symbol._family is not Symbol for symbol in found):
        raise TypeError(wrong_family(what, "symbol", to_numpy=False))
    return found, nesting


@contextlib.contextmanager
def _subgraph(name: str) -> Iterator[str]:
    """Marks what is made inside; gives the mark, which is another each time."""
    outer = attribute.current()._attr.get(_MARK)
    stem = f"{outer}${name}" if outer else name
    with _lock:
        scope = f"{stem}{_used[stem]}"
        _used[stem] += 1
    with attribute.AttrScope(**{_MARK: scope}):
        yield scope


def _single(symbol: Symbol, what: str) -> Symbol:
    if len(symbol._outputs) != 1:
        raise MXNetError(f"{what} gives {symbol!r} with {len(symbol._outputs)} outputs; index it first")
    return symbol


def _loop_variable(symbol: Symbol, is_row: bool = False) -> Symbol:
    node, output = symbol._outputs[0]
    variable, trace = var(f"{node.name}-{output}"), current_trace()
    return variable if trace is None else trace.loop_variable(variable, symbol, is_row)


def _check_read_shapes(inputs: Sequence[Symbol], new: Sequence[Symbol]) -> None:
    """Of loop variables may change their shape only those whose shape was not read in the body.

    Raises:
        MXNetError: another does.
    """
    trace = current_trace()
    for k, (before, after) in enumerate(zip(inputs, new, strict=True)):
        if trace is not None and trace.was_asked(before):
            shapes = [trace.tell(TracedSymbol(s._outputs), SHAPE)[0] for s in (before, after)]
            if shapes[0] != shapes[1]:
                raise MXNetError(
                    f"the body reads the shape of loop variable {k}, which it changes from {shapes[0]} to {shapes[1]}"
                )


def _distinct(results: Sequence[Symbol], states: Sequence[Symbol], scope: str) -> list[Symbol]:
    """Results and states of a subgraph, with a copy of what is not made in it or is a result and a state."""
    variables = {node.name for node in walk([s._outputs[0] for s in (*results, *states)]) if node.op is None}
    names = {s.name for s in results}

    def own(symbol: Symbol, others: set[Any]) -> Symbol:
        node = symbol._outputs[0][0]
        if node.name in variables or node.name in others or node.attrs.get(_MARK) != scope:
            return create(registry.get("_copy"), [symbol], {}, None, None, hint="identity")
        return symbol

    return [own(s, set()) for s in results] + [own(s, names) for s in states]


def _cut(outputs: Sequence[Symbol], scope: str) -> tuple[Symbol, dict[int, _Entry]]:
    """The part of a graph that was made inside ``scope``, and {id(variable of it): what it stands for outside}.

    Raises:
        TypeError: there are no outputs.
        AssertionError: two of its variables have one name.
    """
    if not outputs:
        raise TypeError("Expected a list of symbols as input")
    captured: dict[int, _Entry] = {}
    stand_ins: dict[tuple[int, int], Node] = {}
    renewed: dict[int, Node] = {}

    def inside(pair: _Entry) -> _Entry:
        node, output = pair
        if id(node) in renewed:
            return renewed[id(node)], output
        if (id(node), output) not in stand_ins:
            stand_in = stand_ins[id(node), output] = Node(None, node.output_names()[output], {})
            captured[id(stand_in)] = pair
        return stand_ins[id(node), output], 0

    pairs = [s._outputs[0] for s in outputs]
    for node in walk(pairs):
        if node.attrs.get(_MARK) == scope:
            inputs = [inside(p) for p in node.inputs]
            renewed[id(node)] = node if node.op is None else Node(node.op, node.name, node.attrs, inputs)
    subgraph = Symbol([inside(p) for p in pairs])
    names = subgraph.list_inputs()
    assert len(names) == len(set(names)), f"The inputs of the subgraph don't have unique names: {names}"
    return subgraph, captured


def _outer(node: Node, captured: Mapping[int, _Entry]) -> Symbol:
    """What a variable of a subgraph stands for outside: itself, if it was made inside and is no loop variable."""
    return Symbol([captured.get(id(node), (node, 0))])


def _use(
    name: str,
    subgraphs: Sequence[Symbol],
    inputs: Sequence[Symbol],
    attributes: Mapping[str, Any],
    results: list[Symbol],
) -> list[Symbol]:
    """The outputs of a node with subgraphs, one by one; of the class of what went in and what came out of a body."""
    op = SubgraphOperator(registry.get(name), subgraphs)
    made = create(op, inputs, {"num_args": len(inputs) + len(subgraphs), **attributes}, None, None, hint=name)
    kind = next((type(s) for s in (*inputs, *results) if type(s) is not Symbol), Symbol)
    return [kind([pair]) for pair in made._outputs]
