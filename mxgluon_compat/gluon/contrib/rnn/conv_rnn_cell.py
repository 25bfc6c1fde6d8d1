"""Recurrent cells whose products are convolutions, over one, two or three axes.

Convolutional LSTM Network: A Machine Learning Approach for Precipitation Nowcasting, https://arxiv.org/abs/1506.04214.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ....numpy.family import of_mode
from ...parameter import ParameterDict
from ...rnn.rnn_cell import HybridRecurrentCell

__all__ = [
    "Conv1DGRUCell", "Conv1DLSTMCell", "Conv1DRNNCell", "Conv2DGRUCell", "Conv2DLSTMCell", "Conv2DRNNCell",
    "Conv3DGRUCell", "Conv3DLSTMCell", "Conv3DRNNCell",
]  # fmt: skip

Ints = int | Sequence[int]


def _get_conv_out_size(
    dimensions: Sequence[int], kernels: Sequence[int], paddings: Sequence[int], dilations: Sequence[int]
) -> tuple[int, ...]:
    """Sizes of a convolution's output with stride 1; 0, which is unknown, stays 0."""
    sizes = zip(dimensions, kernels, paddings, dilations)  # the shortest decides
    return tuple(int(size + 2 * pad - dilate * (k - 1)) if size else 0 for size, k, pad, dilate in sizes)


def _per_axis(value: Ints, axes: int) -> Sequence[int]:
    """The numbers of a setting, one for each axis; a list stays a list, which exports show."""
    found = (int(value),) * axes if isinstance(value, (int, np.integer)) else value
    assert len(found) == axes, (
        f"For {axes}D convolution, the convolution settings can only be either int or list/tuple of length {axes}"
    )
    return found


class _BaseConvRNNCell(HybridRecurrentCell):
    """All cells that convolve; see the public classes.

    Raises:
        AssertionError: an even number in ``h2h_kernel``; a sequence of another length than there are axes.
        ValueError: too few numbers in ``input_shape``.
    """

    _gate_names: Sequence[str]
    _states = 1

    def __init__(
        self,
        input_shape: Sequence[int],
        hidden_channels: int,
        i2h_kernel: Ints,
        h2h_kernel: Ints,
        i2h_pad: Ints,
        i2h_dilate: Ints,
        h2h_dilate: Ints,
        i2h_weight_initializer: Any,
        h2h_weight_initializer: Any,
        i2h_bias_initializer: Any,
        h2h_bias_initializer: Any,
        dims: int,
        conv_layout: str,
        activation: Any,
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        if len(input_shape) <= dims:
            raise ValueError(
                f"{type(self).__name__}: input_shape={tuple(input_shape)} must have {dims + 1} numbers: the shape of "
                f"an input in the layout {conv_layout}, without N"
            )
        self._hidden_channels = hidden_channels
        self._input_shape = input_shape
        self._conv_layout = conv_layout
        self._activation = activation
        self._i2h_kernel = _per_axis(i2h_kernel, dims)
        self._stride = (1,) * dims
        self._i2h_pad = _per_axis(i2h_pad, dims)
        self._i2h_dilate = _per_axis(i2h_dilate, dims)
        self._h2h_kernel = _per_axis(h2h_kernel, dims)
        self._h2h_dilate = _per_axis(h2h_dilate, dims)
        assert all(k % 2 == 1 for k in self._h2h_kernel), f"Only support odd number, get h2h_kernel= {h2h_kernel}"
        self._channel_axis, self._in_channels, i2h_shape, h2h_shape, self._h2h_pad, self._state_shape = (
            self._decide_shapes()
        )
        get = self.params.get
        self.i2h_weight = get("i2h_weight", shape=i2h_shape, init=i2h_weight_initializer, allow_deferred_init=True)
        self.h2h_weight = get("h2h_weight", shape=h2h_shape, init=h2h_weight_initializer, allow_deferred_init=True)
        self.i2h_bias = get("i2h_bias", shape=i2h_shape[:1], init=i2h_bias_initializer, allow_deferred_init=True)
        self.h2h_bias = get("h2h_bias", shape=h2h_shape[:1], init=h2h_bias_initializer, allow_deferred_init=True)

    def _decide_shapes(self) -> tuple[Any, ...]:
        """(channel axis, input channels, shape of i2h_weight, of h2h_weight, padding of h2h, shape of a state)."""
        axis = self._conv_layout.find("C")
        first = axis == 1
        sizes = self._input_shape[1:] if first else self._input_shape[:-1]
        in_channels = self._input_shape[axis - 1]
        out_channels = self._hidden_channels * self._num_gates

        def with_channels(channels: int, sizes: Sequence[int]) -> tuple[int, ...]:
            return (channels, *sizes) if first else (*sizes, channels)

        return (
            axis,
            in_channels,
            (out_channels, *with_channels(in_channels, self._i2h_kernel)),
            (out_channels, *with_channels(self._hidden_channels, self._h2h_kernel)),
            tuple(d * (k - 1) // 2 for d, k in zip(self._h2h_dilate, self._h2h_kernel, strict=True)),
            with_channels(
                self._hidden_channels,
                _get_conv_out_size(sizes, self._i2h_kernel, self._i2h_pad, self._i2h_dilate),
            ),
        )

    @property
    def _num_gates(self) -> int:
        return len(self._gate_names)

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """Shape and layout of every state."""
        return [
            {"shape": (batch_size, *self._state_shape), "__layout__": self._conv_layout} for _ in range(self._states)
        ]

    def _conv_forward(
        self,
        F: Any,
        inputs: Any,
        states: Sequence[Any],
        i2h_weight: Any,
        h2h_weight: Any,
        i2h_bias: Any,
        h2h_bias: Any,
        prefix: str,
    ) -> tuple[Any, Any]:
        """The convolutions of the input and of the first state, all gates in one."""
        common = {
            "num_filter": self._hidden_channels * self._num_gates,
            "stride": self._stride,
            "layout": self._conv_layout,
        }
        i2h = F.Convolution(
            inputs, i2h_weight, i2h_bias, kernel=self._i2h_kernel, pad=self._i2h_pad, dilate=self._i2h_dilate,
            name=prefix + "i2h", **common,
        )  # fmt: skip
        h2h = F.Convolution(
            states[0], h2h_weight, h2h_bias, kernel=self._h2h_kernel, pad=self._h2h_pad, dilate=self._h2h_dilate,
            name=prefix + "h2h", **common,
        )  # fmt: skip
        return i2h, h2h

    def _split(self, F: Any, gates: Any, name: str) -> Any:
        return F.SliceChannel(gates, num_outputs=self._num_gates, axis=self._channel_axis, name=name)

    def __repr__(self) -> str:
        shape: Any = self.i2h_weight.shape
        channels = f"{shape[1 if self._channel_axis == 1 else -1] or None} -> {shape[0]}"
        return f"{type(self).__name__}({channels}, {self._activation}, {self._conv_layout})"


class _ConvRNNCell(_BaseConvRNNCell):
    """h' = activation(i2h(x) + h2h(h))."""

    _gate_names = ("",)

    def _alias(self) -> str:
        return "conv_rnn"

    def hybrid_forward(
        self, F: Any, inputs: Any, states: Any, i2h_weight: Any, h2h_weight: Any, i2h_bias: Any, h2h_bias: Any
    ) -> tuple[Any, list[Any]]:
        F = of_mode(F)
        prefix = f"t{self._counter}_"
        i2h, h2h = self._conv_forward(F, inputs, states, i2h_weight, h2h_weight, i2h_bias, h2h_bias, prefix)
        out = self._get_activation(F, i2h + h2h, self._activation, name=prefix + "out")
        return out, [out]


class _ConvLSTMCell(_BaseConvRNNCell):
    """i, f, o = sigmoid, g = activation of the gates of i2h(x) + h2h(h); c' = f c + i g, h' = o activation(c')."""

    _gate_names = ("_i", "_f", "_c", "_o")
    _states = 2

    def _alias(self) -> str:
        return "conv_lstm"

    def hybrid_forward(
        self, F: Any, inputs: Any, states: Any, i2h_weight: Any, h2h_weight: Any, i2h_bias: Any, h2h_bias: Any
    ) -> tuple[Any, list[Any]]:
        F = of_mode(F)
        prefix = f"t{self._counter}_"
        i2h, h2h = self._conv_forward(F, inputs, states, i2h_weight, h2h_weight, i2h_bias, h2h_bias, prefix)
        into, forget, new, out = self._split(F, i2h + h2h, prefix + "slice")
        into = F.Activation(into, act_type="sigmoid", name=prefix + "i")
        forget = F.Activation(forget, act_type="sigmoid", name=prefix + "f")
        new = self._get_activation(F, new, self._activation, name=prefix + "c")
        out = F.Activation(out, act_type="sigmoid", name=prefix + "o")
        memory = F.elemwise_add(forget * states[1], into * new, name=prefix + "state")
        hidden = F.elemwise_mul(out, self._get_activation(F, memory, self._activation), name=prefix + "out")
        return hidden, [hidden, memory]


class _ConvGRUCell(_BaseConvRNNCell):
    """r, z = sigmoid of gates of i2h(x) + h2h(h); n = activation(i2h_n(x) + r h2h_n(h)), h' = (1 - z) n + z h."""

    _gate_names = ("_r", "_z", "_o")

    def _alias(self) -> str:
        return "conv_gru"

    def hybrid_forward(
        self, F: Any, inputs: Any, states: Any, i2h_weight: Any, h2h_weight: Any, i2h_bias: Any, h2h_bias: Any
    ) -> tuple[Any, list[Any]]:
        F = of_mode(F)
        prefix = f"t{self._counter}_"
        i2h, h2h = self._conv_forward(F, inputs, states, i2h_weight, h2h_weight, i2h_bias, h2h_bias, prefix)
        i2h_r, i2h_z, i2h_n = self._split(F, i2h, prefix + "i2h_slice")
        h2h_r, h2h_z, h2h_n = self._split(F, h2h, prefix + "h2h_slice")
        reset = F.Activation(i2h_r + h2h_r, act_type="sigmoid", name=prefix + "r_act")
        keep = F.Activation(i2h_z + h2h_z, act_type="sigmoid", name=prefix + "z_act")
        new = self._get_activation(F, i2h_n + reset * h2h_n, self._activation, name=prefix + "h_act")
        out = F.elemwise_add((1.0 - keep) * new, keep * states[0], name=prefix + "out")
        return out, [out]


class Conv1DRNNCell(_ConvRNNCell):
    """A simple recurrent cell of convolutions over one axis: of x (N, in_channels, width) and [h].

    Output and state are (N, hidden_channels, new width), new width = width + 2 i2h_pad - i2h_dilate (i2h_kernel - 1).

    Args:
        input_shape: (in_channels, width) of an input, or as ``conv_layout`` says, without N.
        hidden_channels: of the output and of each state.
        i2h_kernel, h2h_kernel: of the input's and of the state's convolution, a number or one for each axis; those of
            h2h are odd, and it is padded such that a state keeps its size.
        i2h_pad: padding of the input's convolution.
        i2h_dilate, h2h_dilate: dilation of the convolutions.
        i2h_weight_initializer, h2h_weight_initializer: of the weights (gates hidden_channels, channels, kernel).
        i2h_bias_initializer, h2h_bias_initializer: of the biases (gates hidden_channels,).
        conv_layout: ``'NCW'``.
        activation: name of an ``Activation``, an activation layer, or a function ``f(x, name=None)``.
        prefix, params: as of a Block.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        hidden_channels: int,
        i2h_kernel: Ints,
        h2h_kernel: Ints,
        i2h_pad: Ints = (0,),
        i2h_dilate: Ints = (1,),
        h2h_dilate: Ints = (1,),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        conv_layout: str = "NCW",
        activation: Any = "tanh",
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(
            input_shape, hidden_channels, i2h_kernel, h2h_kernel, i2h_pad, i2h_dilate, h2h_dilate,
            i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, 1, conv_layout,
            activation, prefix, params,
        )  # fmt: skip


class Conv2DRNNCell(_ConvRNNCell):
    """A simple recurrent cell of convolutions over two axes: of x (N, in_channels, height, width) and [h].

    Args as of ``Conv1DRNNCell``, with numbers or tuples of 2; layout ``'NCHW'`` or ``'NHWC'``.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        hidden_channels: int,
        i2h_kernel: Ints,
        h2h_kernel: Ints,
        i2h_pad: Ints = (0, 0),
        i2h_dilate: Ints = (1, 1),
        h2h_dilate: Ints = (1, 1),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        conv_layout: str = "NCHW",
        activation: Any = "tanh",
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(
            input_shape, hidden_channels, i2h_kernel, h2h_kernel, i2h_pad, i2h_dilate, h2h_dilate,
            i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, 2, conv_layout,
            activation, prefix, params,
        )  # fmt: skip


class Conv3DRNNCell(_ConvRNNCell):
    """A simple recurrent cell of convolutions over three axes: of x (N, in_channels, depth, height, width) and [h].

    Args as of ``Conv1DRNNCell``, with numbers or tuples of 3; layout ``'NCDHW'`` or ``'NDHWC'``.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        hidden_channels: int,
        i2h_kernel: Ints,
        h2h_kernel: Ints,
        i2h_pad: Ints = (0, 0, 0),
        i2h_dilate: Ints = (1, 1, 1),
        h2h_dilate: Ints = (1, 1, 1),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        conv_layout: str = "NCDHW",
        activation: Any = "tanh",
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(
            input_shape, hidden_channels, i2h_kernel, h2h_kernel, i2h_pad, i2h_dilate, h2h_dilate,
            i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, 3, conv_layout,
            activation, prefix, params,
        )  # fmt: skip


class Conv1DLSTMCell(_ConvLSTMCell):
    """An LSTM cell of convolutions over one axis: of x (N, in_channels, width) and [h, c].

    Args as of ``Conv1DRNNCell``.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        hidden_channels: int,
        i2h_kernel: Ints,
        h2h_kernel: Ints,
        i2h_pad: Ints = (0,),
        i2h_dilate: Ints = (1,),
        h2h_dilate: Ints = (1,),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        conv_layout: str = "NCW",
        activation: Any = "tanh",
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(
            input_shape, hidden_channels, i2h_kernel, h2h_kernel, i2h_pad, i2h_dilate, h2h_dilate,
            i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, 1, conv_layout,
            activation, prefix, params,
        )  # fmt: skip


class Conv2DLSTMCell(_ConvLSTMCell):
    """An LSTM cell of convolutions over two axes: of x (N, in_channels, height, width) and [h, c].

    Args as of ``Conv1DRNNCell``, with numbers or tuples of 2; layout ``'NCHW'`` or ``'NHWC'``.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        hidden_channels: int,
        i2h_kernel: Ints,
        h2h_kernel: Ints,
        i2h_pad: Ints = (0, 0),
        i2h_dilate: Ints = (1, 1),
        h2h_dilate: Ints = (1, 1),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        conv_layout: str = "NCHW",
        activation: Any = "tanh",
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(
            input_shape, hidden_channels, i2h_kernel, h2h_kernel, i2h_pad, i2h_dilate, h2h_dilate,
            i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, 2, conv_layout,
            activation, prefix, params,
        )  # fmt: skip


class Conv3DLSTMCell(_ConvLSTMCell):
    """An LSTM cell of convolutions over three axes: of x (N, in_channels, depth, height, width) and [h, c].

    Args as of ``Conv1DRNNCell``, with numbers or tuples of 3; layout ``'NCDHW'`` or ``'NDHWC'``.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        hidden_channels: int,
        i2h_kernel: Ints,
        h2h_kernel: Ints,
        i2h_pad: Ints = (0, 0, 0),
        i2h_dilate: Ints = (1, 1, 1),
        h2h_dilate: Ints = (1, 1, 1),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        conv_layout: str = "NCDHW",
        activation: Any = "tanh",
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(
            input_shape, hidden_channels, i2h_kernel, h2h_kernel, i2h_pad, i2h_dilate, h2h_dilate,
            i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, 3, conv_layout,
            activation, prefix, params,
        )  # fmt: skip


class Conv1DGRUCell(_ConvGRUCell):
    """A GRU cell of convolutions over one axis: of x (N, in_channels, width) and [h].

    Args as of ``Conv1DRNNCell``.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        hidden_channels: int,
        i2h_kernel: Ints,
        h2h_kernel: Ints,
        i2h_pad: Ints = (0,),
        i2h_dilate: Ints = (1,),
        h2h_dilate: Ints = (1,),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        conv_layout: str = "NCW",
        activation: Any = "tanh",
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(
            input_shape, hidden_channels, i2h_kernel, h2h_kernel, i2h_pad, i2h_dilate, h2h_dilate,
            i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, 1, conv_layout,
            activation, prefix, params,
        )  # fmt: skip


class Conv2DGRUCell(_ConvGRUCell):
    """A GRU cell of convolutions over two axes: of x (N, in_channels, height, width) and [h].

    Args as of ``Conv1DRNNCell``, with numbers or tuples of 2; layout ``'NCHW'`` or ``'NHWC'``.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        hidden_channels: int,
        i2h_kernel: Ints,
        h2h_kernel: Ints,
        i2h_pad: Ints = (0, 0),
        i2h_dilate: Ints = (1, 1),
        h2h_dilate: Ints = (1, 1),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        conv_layout: str = "NCHW",
        activation: Any = "tanh",
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(
            input_shape, hidden_channels, i2h_kernel, h2h_kernel, i2h_pad, i2h_dilate, h2h_dilate,
            i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, 2, conv_layout,
            activation, prefix, params,
        )  # fmt: skip


class Conv3DGRUCell(_ConvGRUCell):
    """A GRU cell of convolutions over three axes: of x (N, in_channels, depth, height, width) and [h].

    Args as of ``Conv1DRNNCell``, with numbers or tuples of 3; layout ``'NCDHW'`` or ``'NDHWC'``.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        hidden_channels: int,
        i2h_kernel: Ints,
        h2h_kernel: Ints,
        i2h_pad: Ints = (0, 0, 0),
        i2h_dilate: Ints = (1, 1, 1),
        h2h_dilate: Ints = (1, 1, 1),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        conv_layout: str = "NCDHW",
        activation: Any = "tanh",
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(
            input_shape, hidden_channels, i2h_kernel, h2h_kernel, i2h_pad, i2h_dilate, h2h_dilate,
            i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, 3, conv_layout,
            activation, prefix, params,
        )  # fmt: skip
