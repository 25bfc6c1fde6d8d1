"""The fused recurrent operator, on torch's fused kernels.

Measured on a CPU: torch's LSTM (oneDNN in float32) takes 0.3 to 0.8 of the time of a loop over the steps with a
handwritten gradient; training a GRU is faster with one (``gru``). On a GPU they are cuDNN's. Slices of MXNet's packed
parameters are cuDNN's own layout, so there nothing is copied; parts of them, one by one, are.
"""

from __future__ import annotations

import functools
import itertools
import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .elemwise import only_float
from .gru import differentiates_faster, gru_layers
from .products import linear
from .registry import DtypeMismatch, operator
from .schema import Shape, Share
from .shape_rules import concatenated, with_length

Mode = Literal["gru", "lstm", "rnn_relu", "rnn_tanh"]

_GATES = {"gru": 3, "lstm": 4, "rnn_relu": 1, "rnn_tanh": 1}
_KERNELS = {"gru": torch.gru, "lstm": torch.lstm, "rnn_relu": torch.rnn_relu, "rnn_tanh": torch.rnn_tanh}


# ---------------------------------------------------------------------------------------------- shapes
def _weight_shapes(
    mode: str, input_size: int, state_size: int, num_layers: int, directions: int, projection: int | None
) -> list[tuple[int, ...]]:
    """Shapes of the parts of the packed parameters: first all layers' weights, then all layers' biases."""
    rows = _GATES[mode] * state_size
    visible = projection or state_size
    weights: list[tuple[int, ...]] = []
    for layer in range(num_layers):
        one = [(rows, input_size if layer == 0 else visible * directions), (rows, visible)]
        weights += (one + [(projection, state_size)] if projection else one) * directions
    return weights + [(rows,)] * (2 * num_layers * directions)


def _infer_inputs(
    shapes: Sequence[Shape | None],
    *,
    state_size: int,
    num_layers: int,
    bidirectional: bool,
    mode: str,
    projection_size: int | None,
    **_: Any,
) -> list[Shape | None]:
    data = shapes[0]
    if data is None:
        return list(shapes)
    if len(data) != 3:
        raise ValueError(f"data must be (sequence length, batch size, input size), got {tuple(data)}")
    _, batch, input_size = data
    directions = 2 if bidirectional else 1
    parts = _weight_shapes(mode, input_size, state_size, num_layers, directions, projection_size)
    state = (num_layers * directions, batch, projection_size or state_size)
    inferred = [data, (sum(map(math.prod, parts)) if input_size else 0,), state]
    if mode == "lstm":
        inferred.append((num_layers * directions, batch, state_size))
    return inferred + [(batch,)] * (len(shapes) - len(inferred))


def _infer_dtypes(
    dtypes: Sequence[torch.dtype | None], *, use_sequence_length: bool, outputs: Sequence[torch.dtype | None], **_: Any
) -> tuple[Sequence[torch.dtype | None], Sequence[torch.dtype | None]]:
    floats = dtypes[:-1] if use_sequence_length else dtypes
    known = next((d for d in (*floats, *outputs) if d is not None), None)
    completed = [known] * len(floats)
    return completed + [dtypes[-1] or known] if use_sequence_length else completed, [known]


def _output_names(*, state_outputs: bool, mode: str, **_: Any) -> tuple[str, ...]:
    return ("output", "state_output", "statecell_output")[: (3 if mode == "lstm" else 2) if state_outputs else 1]


def _absent(*, mode: str, use_sequence_length: bool, **_: Any) -> list[str]:
    return ([] if mode == "lstm" else ["state_cell"]) + ([] if use_sequence_length else ["sequence_length"])


# ---------------------------------------------------------------------------------------------- the operator
@operator(
    "RNN",
    "_npx_rnn",
    infer_inputs=_infer_inputs,
    infer_dtypes=_infer_dtypes,
    absent=_absent,
    outputs=_output_names,
    mixed_dtypes=True,
)
def rnn(
    data: torch.Tensor,
    parameters: torch.Tensor | Sequence[torch.Tensor],
    state: torch.Tensor,
    state_cell: torch.Tensor | None = None,
    sequence_length: torch.Tensor | None = None,
    *,
    state_size: int,
    num_layers: int,
    bidirectional: bool = False,
    mode: Mode,
    p: Share = 0.0,
    state_outputs: bool = False,
    projection_size: int | None = None,
    lstm_state_clip_min: float | None = None,
    lstm_state_clip_max: float | None = None,
    lstm_state_clip_nan: bool = False,
    use_sequence_length: bool = False,
    training: bool,
    stream: Any,
) -> tuple[torch.Tensor, ...]:
    """Layers of recurrent cells over a sequence; with D directions, P = projection_size or else state_size.

    data (T, N, input size), floating; parameters (size,), all of one dtype: for each layer and direction the weights
    i2h, h2h and, projected, h2r, then for each the biases i2h, h2h; gates in the order i, f, c, o (LSTM) and
    r, z, n (GRU, whose reset gate acts on h2h's result). state (num_layers * D, N, P), state_cell (num_layers * D, N,
    state_size) of an LSTM. sequence_length (N,) of 1 to T: what is beyond is left out, its outputs are 0.
    In lowered graphs parameters may be these parts, one by one. p: dropout between the layers, while training. The
    clip bounds are those of an LSTM's cell state after each step; with lstm_state_clip_nan, NaN becomes the lower one.

    Returns output (T, N, P * D), and with state_outputs the states after the last step.
    """
    directions = 2 if bidirectional else 1
    visible = projection_size or state_size
    stacked = num_layers * directions
    parts = None if isinstance(parameters, torch.Tensor) else parameters
    _check_attributes(mode, p, projection_size, lstm_state_clip_min, lstm_state_clip_max)
    if not data.is_meta:  # while shapes are inferred nothing is asked of dtypes
        _check_dtypes(data, *(parts or [parameters]), state, state_cell)
    if data.ndim != 3 or 0 in data.shape or not stacked or not state_size:
        raise ValueError(
            f"data must be (sequence length, batch size, input size) with none of them 0, got {tuple(data.shape)} for "
            f"{num_layers} layers of {state_size}"
        )
    steps, batch, input_size = data.shape
    shapes = _weight_shapes(mode, input_size, state_size, num_layers, directions, projection_size)
    sizes = [math.prod(shape) for shape in shapes]
    if parts is not None and [part.numel() for part in parts] != sizes:  # cut in other places
        parts, parameters = None, torch.cat([part.reshape(-1) for part in parts])
    if parts is None:
        _check_shape("parameters", parameters, (sum(sizes),))
    _check_shape("state", state, (stacked, batch, visible))
    if state_cell is not None:
        _check_shape("state_cell", state_cell, (stacked, batch, state_size))
    if sequence_length is not None:
        _check_shape("sequence_length", sequence_length, (batch,))

    masks: list[torch.Tensor] = []
    if training and p > 0:  # torch's kernels would draw them from streams that are not under mx.random's seeds
        shape = (steps, batch, visible * directions)  # MXNet draws one number after the other, unlike in Dropout
        masks = [(stream.serial_uniform(shape) >= p).to(data.dtype).div_(1 - p) for _ in range(num_layers - 1)]
    states = (state,) if state_cell is None else (state, state_cell)
    if data.is_meta:  # lengths are values, and torch would go through all steps
        results = (data.new_empty(steps, batch, visible * directions), *map(torch.empty_like, states))
        return results if state_outputs else results[:1]

    weights = [
        part if part.shape == shape else part.reshape(shape)
        for part, shape in zip(parts or parameters.split(sizes), shapes, strict=True)
    ]
    lengths = None if sequence_length is None else _host_lengths(sequence_length, steps)
    # What torch's LSTM has not; of projections it warns on a CPU that they are slow.
    if lstm_state_clip_min is not None or (projection_size and (data.is_cpu or projection_size >= state_size)):
        clip = _clip(lstm_state_clip_min, lstm_state_clip_max, lstm_state_clip_nan)
        run = functools.partial(_step_by_step, lengths=lengths, clip=clip)
    else:
        run = functools.partial(_fused, mode, lengths=lengths)
    cells = _cells(weights, stacked)
    if not masks and run.func is _fused:
        results = run(data, states, cells, bidirectional)
    else:
        results = _layer_by_layer(run, data, states, cells, bidirectional, masks)
    return results if state_outputs else results[:1]


# ---------------------------------------------------------------------------------------------- checks
def _check_attributes(mode: str, p: float, projection: int | None, low: float | None, high: float | None) -> None:
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    if mode != "lstm" and not (projection is None and low is None and high is None):
        raise ValueError(f"projection_size and lstm_state_clip_min, _max are for mode lstm, not for {mode}")
    if projection is not None and projection < 1:
        raise ValueError(f"projection_size must be positive, got {projection}")
    if (low is None) != (high is None):
        raise ValueError("lstm_state_clip_min and lstm_state_clip_max must be given together")
    if low is not None and low > high:
        raise ValueError(f"lstm_state_clip_min {low} is greater than lstm_state_clip_max {high}")


def _check_dtypes(data: torch.Tensor, *others: torch.Tensor | None) -> None:
    only_float(data)
    for tensor in others:
        if tensor is not None and tensor.dtype is not data.dtype:
            raise DtypeMismatch(f"parameters and states must have the dtype of data, {data.dtype}, got {tensor.dtype}")


def _check_shape(name: str, tensor: torch.Tensor, wanted: Shape) -> None:
    if tensor.shape != wanted:
        raise ValueError(f"Shape inconsistent, {name} is {tuple(tensor.shape)}, inferred shape={wanted}")


def _host_lengths(lengths: torch.Tensor, steps: int) -> torch.Tensor:
    """The lengths on the host, where the kernels want them."""
    lengths = lengths.detach().to("cpu", torch.int64)
    if not bool(((lengths >= 1) & (lengths <= steps)).all()):
        raise ValueError(f"sequence_length must be from 1 to {steps}, got {lengths.tolist()}")
    return lengths


# ---------------------------------------------------------------------------------------------- ways to run it
Run = Callable[..., tuple[torch.Tensor, ...]]
"""``run(data, states, cells, bidirectional)`` -> output, states."""


def _cells(parts: Sequence[torch.Tensor], stacked: int) -> list[list[torch.Tensor]]:
    """For each layer and direction its weights in torch's order: i2h, h2h, both biases, h2r."""
    each = len(parts) // stacked - 2
    weights, biases = parts[: each * stacked], parts[each * stacked :]
    return [
        [*weights[each * i : each * i + 2], *biases[2 * i : 2 * i + 2], *weights[each * i + 2 : each * (i + 1)]]
        for i in range(stacked)
    ]


def _fused(
    mode: str,
    data: torch.Tensor,
    states: Sequence[torch.Tensor],
    cells: Sequence[Sequence[torch.Tensor]],
    bidirectional: bool,
    lengths: torch.Tensor | None,
) -> tuple[torch.Tensor, ...]:
    """All layers by one of torch's kernels."""
    if mode == "gru" and lengths is None and differentiates_faster([data, *states, *itertools.chain(*cells)]):
        return gru_layers(data, states[0], cells, bidirectional)
    flat = [w for cell in cells for w in cell]
    layers = len(cells) // (2 if bidirectional else 1)
    tail = (flat, True, layers, 0.0, torch.is_grad_enabled(), bidirectional)  # biases, dropout, to be differentiated
    kernel = _KERNELS[mode] if data.is_cpu or torch.compiler.is_compiling() else _quietly(_KERNELS[mode])
    if lengths is None:
        hidden = tuple(s.contiguous() for s in states)
        return kernel(data, hidden if mode == "lstm" else hidden[0], *tail, False)
    packed = pack_padded_sequence(data, lengths, enforce_sorted=False)  # longest first
    hidden = tuple(s.index_select(1, packed.sorted_indices) for s in states)
    output, *hidden = kernel(packed.data, packed.batch_sizes, hidden if mode == "lstm" else hidden[0], *tail)
    output, _ = pad_packed_sequence(packed._replace(data=output), total_length=data.shape[0])
    return output, *[s.index_select(1, packed.unsorted_indices) for s in hidden]


def _quietly(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """``kernel``, which does not warn that cuDNN copies weights that lie apart, as those of a lowered graph do."""

    def run(*args: Any) -> Any:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "RNN module weights are not part of single contiguous chunk of memory")
            return kernel(*args)

    return run


def _layer_by_layer(
    run: Run,
    data: torch.Tensor,
    states: Sequence[torch.Tensor],
    cells: Sequence[Sequence[torch.Tensor]],
    bidirectional: bool,
    masks: Sequence[torch.Tensor],
) -> tuple[torch.Tensor, ...]:
    directions = 2 if bidirectional else 1
    ends = []
    for i in range(0, len(cells), directions):
        data, *end = run(data, [s[i : i + directions] for s in states], cells[i : i + directions], bidirectional)
        ends.append(end)
        if masks and i + directions < len(cells):
            data = data * masks[i // directions]
    return data, *[torch.cat(parts) for parts in zip(*ends, strict=True)]


def _step_by_step(
    data: torch.Tensor,
    states: Sequence[torch.Tensor],
    cells: Sequence[Sequence[torch.Tensor]],
    bidirectional: bool,
    lengths: torch.Tensor | None,
    clip: Callable[[torch.Tensor], torch.Tensor],
) -> tuple[torch.Tensor, ...]:
    """One layer of an LSTM, whose cell states are clipped, step by step."""
    there = None
    if lengths is not None:
        there = (torch.arange(data.shape[0]).unsqueeze(1) < lengths).unsqueeze(2).to(data.device)
    ways = []
    for i, (w_input, w_hidden, b_input, b_hidden, *w_projection) in enumerate(cells):
        hidden, cell = states[0][i], states[1][i]
        from_input = linear(data, w_input, b_input + b_hidden)
        outputs: list[Any] = [None] * data.shape[0]
        for t in reversed(range(data.shape[0])) if i else range(data.shape[0]):
            gate_i, gate_f, candidate, gate_o = (from_input[t] + F.linear(hidden, w_hidden)).chunk(4, 1)
            new_cell = clip(gate_f.sigmoid() * cell + gate_i.sigmoid() * candidate.tanh())
            new_hidden = gate_o.sigmoid() * new_cell.tanh()
            if w_projection:
                new_hidden = F.linear(new_hidden, w_projection[0])
            if there is None:
                hidden, cell, outputs[t] = new_hidden, new_cell, new_hidden
            else:
                hidden, cell = torch.where(there[t], new_hidden, hidden), torch.where(there[t], new_cell, cell)
                outputs[t] = new_hidden * there[t]
        ways.append((torch.stack(outputs), hidden, cell))
    outputs, hiddens, last = zip(*ways, strict=True)
    return torch.cat(outputs, 2), torch.stack(hiddens), torch.stack(last)


def _clip(low: float | None, high: float | None, stop_nan: bool) -> Callable[[torch.Tensor], torch.Tensor]:
    if low is None:
        return lambda cell: cell
    if not stop_nan:
        return lambda cell: cell.clamp(low, high)
    # NaN, whose gradient is to stop too, becomes the lower bound
    return lambda cell: cell.nan_to_num(low, math.inf, -math.inf).clamp(low, high)


def _packed_shapes(
    shapes: Sequence[Shape | None], *, dim: int, outputs: Sequence[Shape | None] = (), **_: Any
) -> list[Shape | None]:
    """As of Concat; two lengths that are not known, both directions' first weights, are the same."""
    found = concatenated(shapes, dim=dim, outputs=outputs)
    unknown = [i for i, shape in enumerate(found) if shape is not None and not shape[dim]]
    if len(unknown) == 2 and None not in found and outputs and outputs[0] is not None and outputs[0][dim]:
        rest = outputs[0][dim] - sum(shape[dim] for shape in found)
        for i in unknown:
            found[i] = with_length(found[i], dim, max(rest // 2, 0))
    return found


@operator("_rnn_param_concat", "_npi_rnn_param_concat", infer_inputs=_packed_shapes, count="num_args")
def rnn_param_concat(*data: torch.Tensor, dim: int = 1) -> torch.Tensor:
    """data, equal but for the axis ``dim``, one after the other: the parameters of all layers in one."""
    return torch.cat(data, dim)
