"""``nd.contrib.foreach``, ``while_loop`` and ``cond``: Python's own loops and branches on arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import autograd
from ..ops import registry
from ..ops.nesting import flatten, number_of_iterations, regroup
from .invoke import invoke, wrap, wrong_family
from .ndarray import NDArray

__all__ = ["cond", "foreach", "while_loop"]


def foreach(body: Callable[..., Any], data: Any, init_states: Any) -> tuple[Any, Any]:
    """``body`` on each row of ``data``, with the states that it gave for the row before.

    Args:
        body: ``body(row, states)`` -> (results, new states); ``row`` is an array, or a list of them where ``data`` is.
        data: an array (T, ...) or a list of them.
        init_states: an array or nested lists of them.

    Returns:
        The results of all rows, each (T, ...), and the last states.

    Raises:
        AssertionError: data, states or results are no arrays.
        ValueError: data has no rows.
        MXNetError: a result changes its shape.
    """
    sequences, _ = flatten(data, NDArray, "foreach input")
    flatten(init_states, NDArray, "foreach states")
    single = isinstance(data, NDArray)
    rows = [_rows(sequence) for sequence in sequences]
    steps = len(rows[0])
    if not steps:
        raise ValueError("foreach: data has no rows")
    states, results, nesting = init_states, [], None
    for t in range(steps):
        made, states = body(rows[0][t] if single else [row[t] for row in rows], states)
        made, nesting = flatten(made, NDArray, "foreach output")
        results.append(made)
    return regroup([_stack(r) for r in zip(*results, strict=True)], nesting), states


def while_loop(
    cond: Callable[..., Any], func: Callable[..., Any], loop_vars: Any, max_iterations: int | None = None
) -> tuple[Any, Any]:
    """``func`` again and again while ``cond`` holds.

    Args:
        cond: ``cond(*loop_vars)`` -> an array of one element, or a number.
        func: ``func(*loop_vars)`` -> (results, new loop variables); the results may be None.
        loop_vars: an array or a list of them, at least one.
        max_iterations: at most so many times.

    Returns:
        The results of all steps, each (max_iterations, ...) with zeros for the steps that were not made (no results
        where not one was), and the last loop variables.

    Raises:
        ValueError: no ``max_iterations`` or loop variables, another number of loop variables or results than before, a
            condition that is not one value.
        MXNetError: a result changes its shape.
    """
    most = number_of_iterations(max_iterations)
    if len(loop_vars) == 0:
        raise ValueError("loop_vars should contain at least one element")
    single = isinstance(loop_vars, NDArray)
    variables = [loop_vars] if single else loop_vars
    results: list[list[NDArray]] = []
    nesting: Any = []
    while len(results) < most and _truth(cond(*variables), "Return value of cond"):
        made, new = func(*variables)
        new = [] if new is None else list(new) if isinstance(new, (list, tuple)) else [new]
        if len(new) != len(variables):
            raise ValueError("The length of loop_vars should be consistent during the loop")
        variables = new
        made, nesting = flatten([] if made is None else made, NDArray, "while output")
        results.append(made)
        if len(made) != len(results[0]):
            raise ValueError("Number of elements in step_output should be the same in each step")
    stacked = [_stack(r, most) for r in zip(*results, strict=True)]
    return regroup(stacked, nesting), variables[0] if single else variables


def cond(pred: Any, then_func: Callable[[], Any], else_func: Callable[[], Any]) -> Any:
    """What ``then_func()`` gives where ``pred`` is not 0, else what ``else_func()`` gives.

    Args:
        pred: an array of one element, or a number.
        then_func, else_func: functions without arguments.

    Raises:
        ValueError: ``pred`` is not one value.
    """
    return then_func() if _truth(pred, "pred") else else_func()


def _rows(data: NDArray) -> Sequence[NDArray]:
    """``data[0]``, ``data[1]``... While recording they are made at once, which is one node of the graph and not T."""
    tensor = data._data
    if not (autograd.state.recording and tensor.requires_grad):
        return [data[i] for i in range(data.shape[0])]
    rows = (tensor.unsqueeze(1) if tensor.dim() == 1 else tensor).unbind(0)
    return [wrap(row, data._ctx) for row in rows]


def _stack(arrays: Sequence[NDArray], length: int = 0) -> NDArray:
    """The arrays as rows of one, followed by zeros up to that length.

    Raises:
        TypeError: arrays of mx.np.
    """
    if any(array._family is not NDArray for array in arrays):
        raise TypeError(wrong_family("stack", "array", to_numpy=False))
    stacked = invoke(registry.get("stack"), arrays, {"num_args": len(arrays)})
    missing = length - len(arrays)
    if missing <= 0:
        return stacked
    # MXNet leaves there whatever the memory holds
    tensor = stacked._data
    padding = wrap(tensor.new_zeros((missing, *tensor.shape[1:])), stacked._ctx)
    return invoke(registry.get("Concat"), [stacked, padding], {"num_args": 2, "dim": 0})


def _truth(value: Any, what: str) -> bool:
    if isinstance(value, NDArray):
        value = value.asscalar()
    try:
        return bool(value)
    except (TypeError, ValueError):
        raise ValueError(f"Cannot convert {what} to python bool") from None
