"""Sequences of steps, as arrays or as symbols: one tensor with a time axis, or a list of tensors without."""

from __future__ import annotations

from typing import Any

from ... import ndarray, symbol
from ...numpy.family import of_mode

__all__ = ["_format_sequence", "_mask_sequence_variable_length", "_reverse_sequences", "tensor_types"]

tensor_types = (symbol.Symbol, ndarray.NDArray)


def _format_sequence(
    length: int | None, inputs: Any, layout: str, merge: bool | None, in_layout: str | None = None
) -> tuple[Any, int, Any, int]:
    """A sequence in the form that is wanted, and what is to be known of it.

    Args:
        length: number of steps; None: as many as there are, which a symbol does not tell.
        inputs: a tensor in ``in_layout``, or a list of tensors (N, ...), one for each step.
        layout: such as ``"NTC"``: where T, time, and N, the batch, are.
        merge: True: one tensor; False: a list; None: as it comes.
        in_layout: layout of a tensor that comes in another one.

    Returns:
        The sequence; its time axis; the face, ``mx.nd`` or ``mx.sym``; the batch size, 0 for symbols.

    Raises:
        AssertionError: no sequence, a grouped symbol, another number of steps than ``length``.
    """
    assert inputs is not None, "unroll(inputs=None) has been deprecated. Please create input variables outside unroll."
    axis = layout.find("T")
    in_layout = in_layout or layout
    face: Any
    in_axis = in_layout.find("T")
    if isinstance(inputs, (list, tuple)):
        assert length is None or len(inputs) == length, f"expected a list of {length} steps, got {len(inputs)}"
        if isinstance(inputs[0], symbol.Symbol):
            face, batch_size = of_mode(symbol), 0
        else:
            face, batch_size = of_mode(ndarray), inputs[0].shape[0]
        return face.stack(*inputs, axis=axis) if merge is True else inputs, axis, face, batch_size
    assert isinstance(inputs, tensor_types), (
        f"expected a Symbol, an NDArray or a list of them, one for each step, got {type(inputs)}"
    )
    if isinstance(inputs, symbol.Symbol):
        face, batch_size = of_mode(symbol), 0
        assert merge is not False or len(inputs.list_outputs()) == 1, (
            "unroll doesn't allow grouped symbol as input. Please convert to list with list(inputs) first or let "
            "unroll handle splitting."
        )
    else:
        face, batch_size = of_mode(ndarray), inputs.shape[in_layout.find("N")]
        if merge is False:
            steps = inputs.shape[in_axis]
            assert length is None or length == steps, (
                f"expected {length} steps along axis {in_axis} ({in_layout}) of inputs {inputs.shape}, got {steps}"
            )
            length = steps
    if merge is False:
        steps = face.split(inputs, axis=in_axis, num_outputs=length, squeeze_axis=1)
        return _as_list(steps), axis, face, batch_size
    if axis != in_axis:
        inputs = face.swapaxes(inputs, dim1=axis, dim2=in_axis)
    return inputs, axis, face, batch_size


def _as_list(outputs: Any) -> list[Any]:
    """The outputs of an operator that has one or several."""
    return list(outputs) if isinstance(outputs, (list, tuple, symbol.Symbol)) else [outputs]


def _mask_sequence_variable_length(
    F: Any, data: Any, length: int, valid_length: Any, time_axis: int, merge: bool | None
) -> Any:
    """Zeros from step ``valid_length[n]`` on.

    Args:
        F: ``mx.nd`` or ``mx.sym``.
        data: a tensor, or a list of ``length`` tensors (N, ...).
        valid_length: (N,), how many steps of each sequence count.
        time_axis: of the tensor, 0 or 1.
        merge: True: the result is a tensor, else a list.
    """
    assert valid_length is not None, "valid_length is needed, one number of steps for each sequence"
    if not isinstance(data, tensor_types):
        data = F.stack(*data, axis=time_axis)
    outputs = F.SequenceMask(data, sequence_length=valid_length, use_sequence_length=True, axis=time_axis)
    return outputs if merge else _as_list(F.split(outputs, num_outputs=length, axis=time_axis, squeeze_axis=True))


def _reverse_sequences(sequences: Any, unroll_step: int, valid_length: Any = None) -> list[Any]:
    """The list of steps (N, ...) backwards; with ``valid_length`` (N,) only the steps that count are turned round."""
    if valid_length is None:
        return list(reversed(list(sequences)))
    F = of_mode(symbol if isinstance(sequences[0], symbol.Symbol) else ndarray)  # noqa: N806 - MXNet's name
    turned = F.SequenceReverse(F.stack(*sequences, axis=0), sequence_length=valid_length, use_sequence_length=True)
    return _as_list(F.split(turned, axis=0, num_outputs=unroll_step, squeeze_axis=True))
