"""Loops and branches of graphs. Their bodies are subgraphs: functions on tensors to the operators here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from .registry import numbered, operator
from .schema import Natural, Positive, Shape

Body = Callable[..., Sequence[torch.Tensor]]
"""A subgraph: one tensor for each of its inputs -> its outputs."""


def _numbered(*, num_outputs: int, **_: Any) -> tuple[str, ...]:
    return numbered(num_outputs)


def _is_true(value: torch.Tensor) -> bool:
    if value.numel() != 1:
        raise ValueError(f"a condition must have one element, got shape {tuple(value.shape)}")
    return bool(value.item())


def _rows(data: torch.Tensor) -> Sequence[torch.Tensor]:
    """``data[0]``, ``data[1]``...; of a vector, vectors of one element."""
    return (data.unsqueeze(1) if data.ndim == 1 else data).unbind(0)


def _same_shapes(old: Sequence[torch.Tensor], new: Sequence[torch.Tensor]) -> None:
    for i, (before, after) in enumerate(zip(old, new, strict=True)):
        if before.shape != after.shape:
            raise ValueError(
                f"the body changes the shape of state {i} from {tuple(before.shape)} to {tuple(after.shape)}"
            )


@operator("_foreach", count="num_args", outputs=_numbered, mixed_dtypes=True, may_alias=True)
def foreach(
    *data: torch.Tensor,
    num_outputs: Natural,
    num_out_data: Natural,
    in_state_locs: Shape,
    in_data_locs: Shape,
    remain_locs: Shape,
    bodies: Sequence[Body],
) -> tuple[torch.Tensor, ...]:
    """The body on each row of the data, with the states that it gave for the row before.

    data: what is gone through, each (T, ...); the first states; what else the body reads. ``in_data_locs``,
    ``in_state_locs`` and ``remain_locs`` are their places among the body's inputs. The body's outputs are
    ``num_out_data`` results and the new states, in the shapes of the old.

    Returns the results of all rows, each (T, ...), and the last states.
    """
    (body,) = bodies
    first, last = len(in_data_locs), len(in_data_locs) + len(in_state_locs)
    if not first or len({sequence.shape[0] for sequence in data[:first]}) != 1:
        raise ValueError("there must be data, all of it with as many rows")
    arguments: list[Any] = [None] * len(data)
    for place, tensor in zip(remain_locs, data[last:], strict=True):
        arguments[place] = tensor
    states, results = data[first:last], []
    steps = data[0].shape[0]
    if data[0].is_meta:  # one row tells all shapes, also where there are none
        rows = iter([tuple(sequence.new_empty(sequence.shape[1:] or (1,)) for sequence in data[:first])])
    elif steps:
        rows = zip(*[_rows(sequence) for sequence in data[:first]], strict=True)
    else:
        raise ValueError("data has no rows")
    for row in rows:
        for place, tensor in zip((*in_data_locs, *in_state_locs), (*row, *states), strict=True):
            arguments[place] = tensor
        outputs = body(*arguments)
        _same_shapes(states, outputs[num_out_data:])
        states = tuple(outputs[num_out_data:])
        results.append(outputs[:num_out_data])
    if data[0].is_meta:
        return *[r.new_empty((steps, *r.shape)) for r in results[0]], *states
    return *[torch.stack(r) for r in zip(*results, strict=True)], *states


@operator("_while_loop", count="num_args", outputs=_numbered, mixed_dtypes=True, may_alias=True)
def while_loop(
    *data: torch.Tensor,
    num_outputs: Positive,
    num_out_data: Natural,
    max_iterations: Positive,
    cond_input_locs: Shape,
    func_input_locs: Shape,
    func_var_locs: Shape,
    bodies: Sequence[Body],
) -> tuple[torch.Tensor, ...]:
    """The body again and again while the condition holds, at most ``max_iterations`` times.

    data: whatever the two read, loop variables included. ``cond_input_locs`` and ``func_input_locs`` say which of them
    are the inputs of the condition and of the body, ``func_var_locs`` which of the body's inputs are the loop
    variables. The body's outputs are ``num_out_data`` results and the new loop variables.

    Returns the results of all steps, each (max_iterations, ...) with zeros for the steps that were not made, and the
    last loop variables.
    """
    condition, body = bodies
    current = list(data)
    variables = [func_input_locs[place] for place in func_var_locs]
    results: list[Sequence[torch.Tensor]] = []
    is_meta = any(tensor.is_meta for tensor in data)

    def goes_on() -> bool:
        if is_meta:  # one step tells all shapes
            return not results
        return len(results) < max_iterations and _is_true(condition(*[current[i] for i in cond_input_locs])[0])

    while goes_on():
        outputs = body(*[current[i] for i in func_input_locs])
        for i, tensor in zip(variables, outputs[num_out_data:], strict=True):
            current[i] = tensor
        results.append(outputs[:num_out_data])
    states = [current[i] for i in variables]
    if is_meta and any(new.shape != data[i].shape for i, new in zip(variables, states, strict=True)):
        raise NotImplementedError("which shapes the loop variables have is data-dependent")
    if not num_out_data:
        return tuple(states)
    if not results:
        raise ValueError("the condition does not hold at first, so nothing tells the shapes of the results")
    if is_meta:
        return *[r.new_empty((max_iterations, *r.shape)) for r in results[0]], *states
    stacked = [torch.stack(r) for r in zip(*results, strict=True)]
    missing = max_iterations - len(results)
    if missing:
        stacked = [torch.cat([r, r.new_zeros((missing, *r.shape[1:]))]) for r in stacked]
    return *stacked, *states


@operator("_cond", count="num_args", outputs=_numbered, mixed_dtypes=True, may_alias=True)
def cond(
    *data: torch.Tensor,
    num_outputs: Positive,
    cond_input_locs: Shape,
    then_input_locs: Shape,
    else_input_locs: Shape,
    bodies: Sequence[Body],
) -> tuple[torch.Tensor, ...]:
    """What one of two branches gives: the first where the condition, of one element, is not 0.

    data: whatever the three read; ``cond_input_locs``, ``then_input_locs`` and ``else_input_locs`` say which of them
    are whose inputs.
    """
    condition, then, otherwise = bodies
    if any(tensor.is_meta for tensor in data):
        outputs = [
            list(branch(*[data[i] for i in places]))
            for branch, places in ((then, then_input_locs), (otherwise, else_input_locs))
        ]
        if [o.shape for o in outputs[0]] != [o.shape for o in outputs[1]]:
            raise NotImplementedError("which shapes the results have is data-dependent")
        return tuple(outputs[0])
    if _is_true(condition(*[data[i] for i in cond_input_locs])[0]):
        return tuple(then(*[data[i] for i in then_input_locs]))
    return tuple(otherwise(*[data[i] for i in else_input_locs]))
