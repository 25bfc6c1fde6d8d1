"""Convolutional cells: the gates of RNN, LSTM and GRU made of convolutions."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from .. import symbol
from ..symbol import Symbol
from .base_cell import BaseRNNCell, RNNParams, States
from .gate_cells import gru_step, lstm_step

__all__ = ["BaseConvRNNCell", "ConvGRUCell", "ConvLSTMCell", "ConvRNNCell"]

_LEAKY = functools.partial(symbol.LeakyReLU, act_type="leaky", slope=0.2)


class BaseConvRNNCell(BaseRNNCell):
    """What convolutional cells have in common.

    Args:
        input_shape: of the inputs, with the batch: (1, C, H, W) or as ``conv_layout`` says.
        num_hidden: channels of each state.
        h2h_kernel, h2h_dilate: of the convolution of the state, padded so that its size stays; odd sizes only.
        i2h_kernel, i2h_stride, i2h_pad, i2h_dilate: of the convolution of the inputs.
        i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer: of the variables.
        activation: the name of an activation, or a function of a symbol.
        prefix, params: see ``BaseRNNCell``.
        conv_layout: ``"NCHW"`` or ``"NHWC"``.

    Raises:
        AssertionError: even sizes in ``h2h_kernel``.
    """

    _states = 1

    def __init__(
        self,
        input_shape: Sequence[int],
        num_hidden: int,
        h2h_kernel: Sequence[int],
        h2h_dilate: Sequence[int],
        i2h_kernel: Sequence[int],
        i2h_stride: Sequence[int],
        i2h_pad: Sequence[int],
        i2h_dilate: Sequence[int],
        i2h_weight_initializer: Any,
        h2h_weight_initializer: Any,
        i2h_bias_initializer: Any,
        h2h_bias_initializer: Any,
        activation: Any,
        prefix: str = "",
        params: RNNParams | None = None,
        conv_layout: str = "NCHW",
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        assert all(k % 2 == 1 for k in h2h_kernel), f"Only support odd number, get h2h_kernel= {h2h_kernel}"
        self._num_hidden = num_hidden
        self._activation = activation
        self._slicing = {"axis": conv_layout.find("C")}
        pad = tuple(d * (k - 1) // 2 for k, d in zip(h2h_kernel, h2h_dilate))
        self._h2h: dict[str, Any] = {
            "kernel": tuple(h2h_kernel), "dilate": tuple(h2h_dilate), "pad": pad, "stride": (1,) * len(pad),
            "layout": conv_layout,
        }  # fmt: skip
        self._i2h: dict[str, Any] = {
            "kernel": tuple(i2h_kernel), "dilate": tuple(i2h_dilate), "pad": tuple(i2h_pad),
            "stride": tuple(i2h_stride), "layout": conv_layout,
        }  # fmt: skip
        self._conv_layout = conv_layout
        self._iW = self.params.get("i2h_weight", init=i2h_weight_initializer)
        self._hW = self.params.get("h2h_weight", init=h2h_weight_initializer)
        self._iB = self.params.get("i2h_bias", init=i2h_bias_initializer)
        self._hB = self.params.get("h2h_bias", init=h2h_bias_initializer)
        self._own_params = params is None
        probe = symbol.Convolution(symbol.Variable("data"), num_filter=num_hidden, name="probe", **self._i2h)
        self._state_shape = (0, *probe.infer_shape(data=tuple(input_shape))[1][0][1:])

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """Each state has the shape of the convolved inputs."""
        return [{"shape": self._state_shape, "__layout__": self._conv_layout} for _ in range(self._states)]

    def _step(self, inputs: Symbol, h: Symbol) -> tuple[str, Symbol, Symbol]:
        """(name of the step, both convolutions)."""
        self._counter += 1
        name, channels = f"{self._prefix}t{self._counter}_", self._num_hidden * len(self._gate_names)
        i2h = symbol.Convolution(inputs, self._iW, self._iB, num_filter=channels, name=f"{name}i2h", **self._i2h)
        h2h = symbol.Convolution(h, self._hW, self._hB, num_filter=channels, name=f"{name}h2h", **self._h2h)
        return name, i2h, h2h

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        """One step; each cell defines its own."""
        raise NotImplementedError("BaseConvRNNCell is abstract class for convolutional RNN")


class ConvRNNCell(BaseConvRNNCell):
    """A plain cell: h' = act(W * x + b + R * h + c). See ``BaseConvRNNCell`` for the arguments.

    Source: Shi et al., "Convolutional LSTM Network", 2015, arXiv:1506.04214.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_hidden: int,
        h2h_kernel: Sequence[int] = (3, 3),
        h2h_dilate: Sequence[int] = (1, 1),
        i2h_kernel: Sequence[int] = (3, 3),
        i2h_stride: Sequence[int] = (1, 1),
        i2h_pad: Sequence[int] = (1, 1),
        i2h_dilate: Sequence[int] = (1, 1),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        activation: Any = _LEAKY,
        prefix: str = "ConvRNN_",
        params: RNNParams | None = None,
        conv_layout: str = "NCHW",
    ) -> None:
        super().__init__(
            input_shape, num_hidden, h2h_kernel, h2h_dilate, i2h_kernel, i2h_stride, i2h_pad, i2h_dilate,
            i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, activation,
            prefix, params, conv_layout,
        )  # fmt: skip

    @property
    def _gate_names(self) -> Sequence[str]:
        return ("",)

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        name, i2h, h2h = self._step(inputs, states[0])
        output = self._get_activation(i2h + h2h, self._activation, name=f"{name}out")
        return output, [output]


class ConvLSTMCell(BaseConvRNNCell):
    """An LSTM cell, states h and c. See ``BaseConvRNNCell`` for the arguments.

    Source: Shi et al., "Convolutional LSTM Network", 2015, arXiv:1506.04214.
    """

    _states = 2

    def __init__(
        self,
        input_shape: Sequence[int],
        num_hidden: int,
        h2h_kernel: Sequence[int] = (3, 3),
        h2h_dilate: Sequence[int] = (1, 1),
        i2h_kernel: Sequence[int] = (3, 3),
        i2h_stride: Sequence[int] = (1, 1),
        i2h_pad: Sequence[int] = (1, 1),
        i2h_dilate: Sequence[int] = (1, 1),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        activation: Any = _LEAKY,
        prefix: str = "ConvLSTM_",
        params: RNNParams | None = None,
        conv_layout: str = "NCHW",
    ) -> None:
        super().__init__(
            input_shape, num_hidden, h2h_kernel, h2h_dilate, i2h_kernel, i2h_stride, i2h_pad, i2h_dilate,
            i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, activation,
            prefix, params, conv_layout,
        )  # fmt: skip

    @property
    def _gate_names(self) -> Sequence[str]:
        return ["_i", "_f", "_c", "_o"]

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        name, i2h, h2h = self._step(inputs, states[0])
        made = lstm_step(self, name, i2h + h2h, states[1], self._activation, **self._slicing)
        return made[0], made


class ConvGRUCell(BaseConvRNNCell):
    """A GRU cell. See ``BaseConvRNNCell`` for the arguments.

    Source: Ballas et al., "Delving Deeper into Convolutional Networks for Learning Video Representations",
    2015, arXiv:1511.06432.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        num_hidden: int,
        h2h_kernel: Sequence[int] = (3, 3),
        h2h_dilate: Sequence[int] = (1, 1),
        i2h_kernel: Sequence[int] = (3, 3),
        i2h_stride: Sequence[int] = (1, 1),
        i2h_pad: Sequence[int] = (1, 1),
        i2h_dilate: Sequence[int] = (1, 1),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        activation: Any = _LEAKY,
        prefix: str = "ConvGRU_",
        params: RNNParams | None = None,
        conv_layout: str = "NCHW",
    ) -> None:
        super().__init__(
            input_shape, num_hidden, h2h_kernel, h2h_dilate, i2h_kernel, i2h_stride, i2h_pad, i2h_dilate,
            i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, activation,
            prefix, params, conv_layout,
        )  # fmt: skip

    @property
    def _gate_names(self) -> Sequence[str]:
        return ["_r", "_z", "_o"]

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        name, i2h, h2h = self._step(inputs, states[0])
        # MXNet cuts the gates along axis 1 whatever the layout is.
        slicing = self._slicing if self._slicing["axis"] != 1 else {}
        output = gru_step(self, name, i2h, h2h, states[0], self._activation, **slicing)
        return output, [output]
