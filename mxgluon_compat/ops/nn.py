"""Operators of neural networks: dense layers, activations, dropout, embedding, softmax."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
import torch.nn.functional as F

from .elemwise import only_float
from .products import linear
from .registry import operator, same_shape
from .schema import Dtype, Positive, Shape, Share
from .shape_rules import filled

__all__ = [
    "activation",
    "dropout",
    "embedding",
    "fully_connected",
    "leaky_relu",
    "log_softmax",
    "softmax",
    "softmax_activation",
    "softmin",
]


# ---------------------------------------------------------------------------------------------- dense
def _fully_connected_shapes(
    shapes: Sequence[Shape | None], *, num_hidden: int, flatten: bool, **_: Any
) -> list[Shape | None]:
    data = shapes[0]
    if data is None:
        return list(shapes)
    weight = shapes[1]
    if weight is not None and len(weight) == 2:
        first = 1 if flatten else len(data) - 1
        data = data[:first] + filled(data[first:], weight[1])
    # a product with an unknown factor (0) is 0: unknown too
    width = math.prod(data[1:]) if flatten else data[-1]
    column = len(shapes) > 2 and shapes[2] == (num_hidden, 1)
    bias = (num_hidden, 1) if column else (num_hidden,)
    return [data, (num_hidden, width), bias][: len(shapes)]


@operator(
    "FullyConnected",
    "_sparse_FullyConnected",
    "_npx_fully_connected",
    infer_inputs=_fully_connected_shapes,
    absent=lambda no_bias, **_: ("bias",) if no_bias else (),
)
def fully_connected(
    data: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    *,
    num_hidden: Positive,
    no_bias: bool = False,
    flatten: bool = True,
) -> torch.Tensor:
    """x W^T + b.

    data (N, ...) seen as (N, in), or (..., in) with ``flatten=False``; weight (num_hidden, in), bias (num_hidden,)
    or (num_hidden, 1) -> (N, num_hidden), or (..., num_hidden).
    """
    if flatten and data.ndim != 2:
        data = data.flatten(1) if data.ndim > 2 else data.unsqueeze(1)
    if weight.shape[0] != num_hidden:
        raise ValueError(f"weight has {weight.shape[0]} rows, num_hidden is {num_hidden}")
    if bias is not None and bias.ndim != 1:  # torch would broadcast it
        if bias.shape != (num_hidden, 1):
            raise ValueError(f"bias must have shape ({num_hidden},), got {tuple(bias.shape)}")
        bias = bias.reshape(num_hidden)
    return linear(data, weight, bias)


# ---------------------------------------------------------------------------------------------- activations
_ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "softrelu": F.softplus,
    "softsign": F.softsign,
    "tanh": torch.tanh,
}


@operator("Activation", "_npx_activation", infer_inputs=same_shape)
def activation(
    data: torch.Tensor, *, act_type: Literal["relu", "sigmoid", "softrelu", "softsign", "tanh"]
) -> torch.Tensor:
    """The named function of each element; data and result of any one shape, floating."""
    only_float(data)
    return _ACTIVATIONS[act_type](data)


def _leaky_relu_shapes(shapes: Sequence[Shape | None], *, act_type: str, **_: Any) -> list[Shape | None]:
    if act_type != "prelu" or shapes[0] is None:
        return list(shapes)
    data, gamma = shapes
    if gamma is None and len(data) < 2:
        raise ValueError(f"the shape of gamma follows from axis 1 of the data, which has shape {tuple(data)}")
    return [data, (data[1],) if gamma is None else gamma]


def _prelu(data: torch.Tensor, gamma: torch.Tensor) -> torch.Tensor:
    if gamma.ndim == 1 and gamma.shape[0] in (1, *data.shape[1:2]):
        return torch.prelu(data, gamma)
    # MXNet matches gamma's axes, from the last, with the first two axes of the data.
    shape, sizes = [1] * data.ndim, list(gamma.shape)
    for axis in range(min(data.ndim, 2) - 1, -1, -1):
        if sizes and sizes[-1] in (1, data.shape[axis]):
            shape[axis] = sizes.pop()
    if sizes:
        raise ValueError(f"cannot broadcast gamma {tuple(gamma.shape)} to data {tuple(data.shape)}")
    return torch.where(data > 0, data, data * gamma.reshape(shape))


@operator(
    "LeakyReLU",
    "_npx_leaky_relu",
    infer_inputs=_leaky_relu_shapes,
    absent=lambda act_type, **_: () if act_type == "prelu" else ("gamma",),
    outputs=lambda act_type, **_: ("output", "mask") if act_type == "rrelu" else ("output",),
    variable_init={"gamma": '["Constant", {"value": 0.25}]'},
)
def leaky_relu(
    data: torch.Tensor,
    gamma: torch.Tensor | None = None,
    *,
    act_type: Literal["elu", "gelu", "leaky", "prelu", "rrelu", "selu"] = "leaky",
    slope: float = 0.25,
    lower_bound: float = 0.125,
    upper_bound: float = 0.334,
    training: bool,
    stream: Any,
) -> tuple[torch.Tensor, ...]:
    """Rectifiers that let negative values through.

    data of any shape; gamma (prelu only) (C,) for axis 1, or (1,). ``rrelu`` gives the result and the slopes it used.
    """
    only_float(data)
    if act_type == "leaky":
        return (F.leaky_relu(data, slope),)
    if act_type == "prelu":
        if gamma is None:
            raise ValueError("act_type 'prelu' needs gamma")
        return (_prelu(data, gamma),)
    if act_type == "elu":
        return (F.elu(data, slope),)
    if act_type == "selu":  # MXNet 1.9.1 has a wrong derivative below 0; this is the right one
        return (F.selu(data),)
    if act_type == "gelu":
        return (F.gelu(data),)
    if training:
        slopes = stream.uniform(tuple(data.shape), lower_bound, upper_bound, dtype=data.dtype)
    else:
        slopes = torch.full_like(data, (lower_bound + upper_bound) / 2)
    return torch.where(data > 0, data, data * slopes), slopes


# ---------------------------------------------------------------------------------------------- dropout
@operator("Dropout", "_npx_dropout", outputs=("output", "mask"), visible=1, may_alias=True)
def dropout(
    data: torch.Tensor,
    *,
    p: Share = 0.5,
    mode: Literal["always", "training"] = "training",
    axes: Shape = (),
    cudnn_off: bool | None = False,
    training: bool,
    stream: Any,
) -> tuple[torch.Tensor, torch.Tensor]:
    """data with elements set to 0 with probability p and the others divided by 1 - p, while training or ``always``.

    One draw serves all of the axes in ``axes``. data of any shape, floating -> the result, and the hidden mask.
    """
    only_float(data)
    if not (training or mode == "always"):
        return data, data
    shape = list(data.shape)
    for axis in axes:
        if not 0 <= axis < data.ndim:
            raise ValueError(f"axis {axis} is not in [0, {data.ndim})")
        shape[axis] = 1
    drawn = torch.float32 if data.dtype is torch.bfloat16 else data.dtype
    mask = stream.dropout_mask(tuple(shape), p, drawn).to(data.dtype)
    return data * mask, mask


# ---------------------------------------------------------------------------------------------- embedding
@operator(
    "Embedding",
    "_sparse_Embedding",
    "_npx_embedding",
    mixed_dtypes=True,
    infer_inputs=lambda shapes, *, input_dim, output_dim, **_: [shapes[0], (input_dim, output_dim)],
    infer_dtypes=lambda dtypes, *, dtype, **_: ([dtypes[0], dtypes[1] or dtype], [dtypes[1] or dtype]),
)
def embedding(
    data: torch.Tensor,
    weight: torch.Tensor,
    *,
    input_dim: Positive,
    output_dim: Positive,
    dtype: Dtype = torch.float32,
    sparse_grad: bool = False,
) -> torch.Tensor:
    """Rows of the weight.

    data (...) of any dtype, fractions cut off, out of range the nearest row (with ``sparse_grad`` on a CPU an
    error); weight (input_dim, output_dim)
    -> (..., output_dim), in the weight's dtype. ``dtype`` only tells MXNet's type inference what the weight will be.
    With ``sparse_grad`` the weight's gradient is one of torch's sparse tensors, with as few rows as data has numbers;
    the array that takes it stores it its own way.
    """
    if weight.shape != (input_dim, output_dim):
        raise ValueError(f"weight must have shape ({input_dim}, {output_dim}), got {tuple(weight.shape)}")
    # Operators before a weight that is no variable may have no gradient for sparse tensors.
    sparse = sparse_grad and weight.requires_grad and weight.is_leaf and not torch.compiler.is_compiling()
    rows = data.long()
    # MXNet refuses rows that are not there if sparse_grad is set; on a GPU torch could only end the process.
    if not sparse_grad or rows.device.type != "cpu":
        rows = rows.clamp(0, input_dim - 1)
    return F.embedding(rows, weight, sparse=sparse)


# ---------------------------------------------------------------------------------------------- softmax
def _softmax(
    function: Callable[..., torch.Tensor],
    data: torch.Tensor,
    axis: int,
    temperature: float | None,
    dtype: torch.dtype | None,
) -> torch.Tensor:
    only_float(data)
    if temperature is not None and temperature != 1:
        data = data / temperature
    if dtype is not None and dtype.itemsize < data.dtype.itemsize:
        if not dtype.is_floating_point:
            raise ValueError(f"dtype must be a floating one, got {dtype}")
        return function(data, axis).to(dtype)
    return function(data, axis, dtype=dtype)


def _refuse_length(use_length: bool | None) -> None:
    if use_length:  # MXNet lists the attribute and fails on it too, for want of the second input
        raise ValueError("use_length needs a length input, which only softmax has")


def _softmax_shapes(shapes: Sequence[Shape | None], *, axis: int, use_length: bool | None, **_: Any) -> list[Any]:
    data = shapes[0]
    if not use_length or data is None:
        return list(shapes)
    if not -len(data) <= axis < len(data):
        raise ValueError(f"axis {axis} is out of range for data of {len(data)} dimensions")
    axis %= len(data)
    return [data, data[:axis] + data[axis + 1 :]]


@operator(
    "softmax",
    "_npx_softmax",
    mixed_dtypes=True,
    infer_inputs=_softmax_shapes,
    absent=lambda use_length, **_: () if use_length else ("length",),
)
def softmax(
    data: torch.Tensor,
    length: torch.Tensor | None = None,
    *,
    axis: int = -1,
    temperature: float | None = None,
    dtype: Dtype | None = None,
    use_length: bool | None = False,
) -> torch.Tensor:
    """exp(x / temperature), scaled to the sum 1 along an axis; data of any shape, floating.

    With ``use_length``, length (integers; data's shape without the axis) says how many elements along the axis
    count; the others give 0.
    """
    if not use_length:
        return _softmax(torch.softmax, data, axis, temperature, dtype)
    # meta tensors stand for shapes alone, with whatever dtype
    if length is None or (length.is_floating_point() and not length.is_meta):
        raise ValueError("use_length needs a length input of integers")
    beyond = torch.arange(data.shape[axis], device=data.device)
    beyond = beyond.reshape([-1 if i == axis % data.ndim else 1 for i in range(data.ndim)]) >= length.unsqueeze(axis)
    if beyond.shape != data.shape:
        raise ValueError(f"length {tuple(length.shape)} is not data {tuple(data.shape)} without axis {axis}")
    # The second fill is for rows of length 0, where softmax gives NaN.
    return _softmax(torch.softmax, data.masked_fill(beyond, -math.inf), axis, temperature, dtype).masked_fill(beyond, 0)


@operator("log_softmax", "_npx_log_softmax", infer_inputs=same_shape)
def log_softmax(
    data: torch.Tensor,
    *,
    axis: int = -1,
    temperature: float | None = None,
    dtype: Dtype | None = None,
    use_length: bool | None = False,
) -> torch.Tensor:
    """log(softmax(x / temperature)) along an axis; data of any shape, floating."""
    _refuse_length(use_length)
    return _softmax(torch.log_softmax, data, axis, temperature, dtype)


@operator("softmin", infer_inputs=same_shape)
def softmin(
    data: torch.Tensor,
    *,
    axis: int = -1,
    temperature: float | None = None,
    dtype: Dtype | None = None,
    use_length: bool | None = False,
) -> torch.Tensor:
    """softmax(-x / temperature) along an axis; data of any shape, floating."""
    _refuse_length(use_length)
    return _softmax(torch.softmax, -data, axis, temperature, dtype)


@operator("SoftmaxActivation", infer_inputs=same_shape)
def softmax_activation(data: torch.Tensor, *, mode: Literal["channel", "instance"] = "instance") -> torch.Tensor:
    """softmax along the last axis (``instance``) or along axis 1 (``channel``: data (N, C, ...) of 3 or more axes).

    The gradient is that of the result. MXNet 1.9.1 gives another one in ``instance`` mode for 3 or more axes: it takes
    the result for a softmax over all axes but the first.
    """
    only_float(data)
    if mode == "channel" and data.ndim < 3:
        raise ValueError(f"mode 'channel' needs data of at least 3 dimensions, got {data.ndim}")
    return torch.softmax(data, 1 if mode == "channel" else -1)
