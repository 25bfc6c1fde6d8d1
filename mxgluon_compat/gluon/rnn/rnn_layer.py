"""Fused recurrent layers: all layers, directions and steps in one operator."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ... import ndarray, symbol
from ...ndarray import NDArray
from ...numpy.family import as_mode, of_mode
from ...symbol import Symbol
from ..block import HybridBlock
from ..parameter import Parameter
from . import rnn_cell

__all__ = ["GRU", "LSTM", "RNN"]

_GATES = {"rnn_relu": 1, "rnn_tanh": 1, "lstm": 4, "gru": 3}
_PARAMETER = re.compile(r"([lr])(\d+)_([ih]2[hr]_(?:weight|bias))")


class _RNNLayer(HybridBlock):
    """All three kinds of layers; see ``LSTM``.

    Raises:
        AssertionError: no such layout.
        KeyError: no such mode.
    """

    l0_i2h_weight: Any

    def __init__(
        self,
        hidden_size: int,
        num_layers: int,
        layout: str,
        dropout: float,
        bidirectional: bool,
        input_size: int,
        i2h_weight_initializer: Any,
        h2h_weight_initializer: Any,
        i2h_bias_initializer: Any,
        h2h_bias_initializer: Any,
        mode: str,
        projection_size: int | None,
        h2r_weight_initializer: Any,
        lstm_state_clip_min: float | None,
        lstm_state_clip_max: float | None,
        lstm_state_clip_nan: bool,
        dtype: Any,
        use_sequence_length: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        assert layout in ("TNC", "NTC"), f"Invalid layout {layout}; must be one of ['TNC' or 'NTC']"
        self._hidden_size = hidden_size
        self._projection_size = projection_size or None  # the operator knows no 0
        self._num_layers = num_layers
        self._mode = mode
        self._layout = layout
        self._dropout = dropout
        self._dir = 2 if bidirectional else 1
        self._input_size = input_size
        self._i2h_weight_initializer = i2h_weight_initializer
        self._h2h_weight_initializer = h2h_weight_initializer
        self._i2h_bias_initializer = i2h_bias_initializer
        self._h2h_bias_initializer = h2h_bias_initializer
        self._h2r_weight_initializer = h2r_weight_initializer
        self._lstm_state_clip_min = lstm_state_clip_min
        self._lstm_state_clip_max = lstm_state_clip_max
        self._lstm_state_clip_nan = lstm_state_clip_nan
        self._dtype = dtype
        self._use_sequence_length = use_sequence_length
        self.skip_states: bool | None = None
        self._gates = _GATES[mode]
        rows, seen, width = self._gates * hidden_size, projection_size or hidden_size, input_size
        for layer in range(num_layers):
            for way in ("l", "r")[: self._dir]:
                stem = f"{way}{layer}_"
                self._register_param(stem + "i2h_weight", (rows, width), i2h_weight_initializer, dtype)
                self._register_param(stem + "h2h_weight", (rows, seen), h2h_weight_initializer, dtype)
                self._register_param(stem + "i2h_bias", (rows,), i2h_bias_initializer, dtype)
                self._register_param(stem + "h2h_bias", (rows,), h2h_bias_initializer, dtype)
                if projection_size:
                    self._register_param(
                        stem + "h2r_weight", (projection_size, hidden_size), h2r_weight_initializer, dtype
                    )
            width = seen * self._dir

    def _register_param(self, name: str, shape: tuple[int, ...], init: Any, dtype: Any) -> Parameter:
        param = self.params.get(name, shape=shape, init=init, allow_deferred_init=True, dtype=dtype)
        setattr(self, name, param)
        return param

    def __repr__(self) -> str:
        rows, columns = self.l0_i2h_weight.shape
        text = f"{columns or None} -> {rows // self._gates}, {self._layout}"
        if self._num_layers != 1:
            text += f", num_layers={self._num_layers}"
        if self._dropout != 0:
            text += f", dropout={self._dropout}"
        if self._dir == 2:
            text += ", bidirectional"
        return f"{type(self).__name__}({text})"

    def _collect_params_with_prefix(self, prefix: str = "") -> dict[str, Parameter]:
        """The structural names are those of the cells: files of layers of MXNet before 1.3 have them too."""
        prefix = f"{prefix}." if prefix else ""
        found = {}
        for name, param in self._reg_params.items():
            way, layer, rest = _PARAMETER.findall(name)[0]
            cell = f"{way}_cell." if self._dir == 2 else ""
            found[f"{prefix}_unfused.{layer}.{cell}{rest}"] = param
        return found

    # ------------------------------------------------------------------------------------------ states
    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """Shape, layout and dtype of each state."""
        raise NotImplementedError(f"{type(self).__name__} must define state_info")

    def _state(self, batch_size: int, size: int) -> dict[str, Any]:
        shape = (self._num_layers * self._dir, batch_size, size)
        return {"shape": shape, "__layout__": "LNC", "dtype": self._dtype}

    def begin_state(self, batch_size: int = 0, func: Callable[..., Any] = ndarray.zeros, **kwargs: Any) -> list[Any]:
        """The states before the first step.

        Args:
            batch_size: N.
            func: makes each of them, called with the keywords ``name``, ``shape``, ``dtype``, ``__layout__``.
            kwargs: more keywords for ``func``, such as ``ctx``, or others in place of these.

        Returns:
            For each of ``state_info(batch_size)`` an array, or what ``func`` makes.
        """
        return [
            as_mode(func(name=f"{self.prefix}h0_{i}", **{**info, **kwargs}))
            for i, info in enumerate(self.state_info(batch_size))
        ]

    def _unfuse(self) -> Any:
        """The same layers as a HybridSequentialRNNCell of cells, on the same Parameters.

        Raises:
            AssertionError: cells have neither projections nor clipped states.
        """
        assert not self._projection_size, "_unfuse does not support projection layer yet!"
        assert not self._lstm_state_clip_min and not self._lstm_state_clip_max, (
            "_unfuse does not support state clipping yet!"
        )
        make = {
            "rnn_relu": lambda **kwargs: rnn_cell.RNNCell(self._hidden_size, activation="relu", **kwargs),
            "rnn_tanh": lambda **kwargs: rnn_cell.RNNCell(self._hidden_size, activation="tanh", **kwargs),
            "lstm": lambda **kwargs: rnn_cell.LSTMCell(self._hidden_size, **kwargs),
            "gru": lambda **kwargs: rnn_cell.GRUCell(self._hidden_size, **kwargs),
        }[self._mode]
        stack = rnn_cell.HybridSequentialRNNCell(prefix=self.prefix, params=self.params)
        with stack.name_scope():
            width = self._input_size
            for layer in range(self._num_layers):
                cells: list[Any] = [make(input_size=width, prefix=f"{way}{layer}_") for way in ("l", "r")[: self._dir]]
                stack.add(rnn_cell.BidirectionalCell(*cells) if self._dir == 2 else cells[0])
                if self._dropout > 0 and layer != self._num_layers - 1:
                    stack.add(rnn_cell.DropoutCell(self._dropout))
                width = self._hidden_size * self._dir
        return stack

    def cast(self, dtype: Any) -> None:
        """Changes the dtype of the Parameters, and of the states that are made."""
        super().cast(dtype)
        self._dtype = dtype

    # ------------------------------------------------------------------------------------------ running
    def __call__(self, inputs: Any, states: Any = None, sequence_length: Any = None) -> Any:
        """Runs all layers over a sequence.

        Args:
            inputs: (T, N, input size), or (N, T, input size) with the layout NTC.
            states: those before the first step, in a list, or one alone; None: zeros.
            sequence_length: (N,), how many of the steps each sequence has, for a layer that uses it.

        Returns:
            The output (T, N, size), or (N, T, size); with ``states`` a tuple of it and of the list of the states after
            the last step.

        Raises:
            ValueError: a state of another shape than ``state_info`` says.
            MXNetError: too few states, another input size than before, another dtype than that of the Parameters.
        """
        if self.skip_states is not (states is None):
            self.skip_states = states is None
            self._clear_cached_op()  # the graph has other outputs
        if states is None:
            if isinstance(inputs, NDArray):
                batch = inputs.shape[self._layout.find("N")]
                states = self.begin_state(batch, ctx=inputs.context, dtype=inputs.dtype)
            else:
                states = self.begin_state(0, func=symbol.zeros)
        elif isinstance(states, (NDArray, Symbol)):
            states = [states]
        if self._use_sequence_length:
            return super().__call__(inputs, states, sequence_length)
        return super().__call__(inputs, states)

    def hybrid_forward(  # type: ignore[override]
        self, F: Any, inputs: Any, states: Any, sequence_length: Any = None, **kwargs: Any
    ) -> Any:
        if F is ndarray:
            self._check_states(states, inputs.shape[self._layout.find("N")])
        F = of_mode(F)
        if self._layout == "NTC":
            inputs = F.swapaxes(inputs, dim1=0, dim2=1)
        outputs, states = self._forward_kernel(F, inputs, states, sequence_length, **kwargs)
        if self._layout == "NTC":
            outputs = F.swapaxes(outputs, dim1=0, dim2=1)
        return outputs if self.skip_states else (outputs, states)

    def _check_states(self, states: list[Any], batch_size: int) -> None:
        for state, info in zip(states, self.state_info(batch_size), strict=False):
            if state.shape != info["shape"]:
                raise ValueError(f"Invalid recurrent state shape. Expecting {info['shape']}, got {state.shape}.")

    def _packing_order(self) -> Iterator[str]:
        """Names of the Parameters as the operator wants them: all weights, then all biases."""
        weights = ("i2h_weight", "h2h_weight", "h2r_weight") if self._projection_size else ("i2h_weight", "h2h_weight")
        for names in (weights, ("i2h_bias", "h2h_bias")):
            for layer in range(self._num_layers):
                for way in ("l", "r")[: self._dir]:
                    for name in names:
                        yield f"{way}{layer}_{name}"

    def _forward_kernel(self, F: Any, inputs: Any, states: Any, sequence_length: Any, **kwargs: Any) -> Any:
        parts = [kwargs[name].reshape(-1) for name in self._packing_order()]
        packed = F._internal._rnn_param_concat(*parts, dim=0)
        lengths = {"sequence_length": sequence_length} if self._use_sequence_length else {}
        outputs, *states = F.RNN(
            inputs,
            packed,
            *states,
            **lengths,
            use_sequence_length=self._use_sequence_length,
            state_size=self._hidden_size,
            projection_size=self._projection_size,
            num_layers=self._num_layers,
            bidirectional=self._dir == 2,
            p=self._dropout,
            state_outputs=True,
            mode=self._mode,
            lstm_state_clip_min=self._lstm_state_clip_min,
            lstm_state_clip_max=self._lstm_state_clip_max,
            lstm_state_clip_nan=self._lstm_state_clip_nan,
        )
        return outputs, states


class RNN(_RNNLayer):
    """Layers of Elman's cell: h' = act(W_i2h x + b_i2h + W_h2h h + b_h2h).

    Args:
        hidden_size: of h.
        num_layers: layers one on the other.
        activation: ``'relu'`` or ``'tanh'``.
        layout: of input and output: ``'TNC'`` or ``'NTC'``.
        dropout: probability with which elements between two layers become 0 while training.
        bidirectional: each layer runs in both directions, and their outputs come side by side.
        i2h_weight_initializer, h2h_weight_initializer: of the weights (hidden_size, input or hidden size).
        i2h_bias_initializer, h2h_bias_initializer: of the biases (hidden_size,).
        input_size: of x; 0: the first input tells.
        dtype: of the Parameters, and of states that ``begin_state`` makes.
        kwargs: ``prefix`` and ``params`` of a Block, and ``use_sequence_length``: the call takes the lengths of the
            sequences.
    """

    def __init__(
        self,
        hidden_size: int,
        num_layers: int = 1,
        activation: str = "relu",
        layout: str = "TNC",
        dropout: float = 0,
        bidirectional: bool = False,
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        input_size: int = 0,
        dtype: Any = "float32",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            hidden_size, num_layers, layout, dropout, bidirectional, input_size, i2h_weight_initializer,
            h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, "rnn_" + activation, None, None, None,
            None, False, dtype, **kwargs,
        )  # fmt: skip

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """One state, h."""
        return [self._state(batch_size, self._hidden_size)]


class LSTM(_RNNLayer):
    """Layers of long short-term memory: c' = f c + i g, h' = o tanh(c').

    The gates i, f, o = sigmoid and g = tanh of W_i2h x + b_i2h + W_h2h h + b_h2h, in the order i, f, g, o.

    Args:
        hidden_size: of c, and of h.
        num_layers, layout, dropout, bidirectional, input_size, dtype: as of ``RNN``.
        i2h_weight_initializer, h2h_weight_initializer: of the weights (4 hidden_size, input or hidden size).
        i2h_bias_initializer, h2h_bias_initializer: of the biases (4 hidden_size,).
        projection_size: h' = W_h2r (o tanh(c')) has this size (Sak et al., 2014, https://arxiv.org/abs/1402.1128).
        h2r_weight_initializer: of W_h2r (projection_size, hidden_size).
        state_clip_min, state_clip_max: bounds of c', to be given together.
        state_clip_nan: NaN in c' becomes the lower bound.
        kwargs: as of ``RNN``.
    """

    def __init__(
        self,
        hidden_size: int,
        num_layers: int = 1,
        layout: str = "TNC",
        dropout: float = 0,
        bidirectional: bool = False,
        input_size: int = 0,
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        projection_size: int | None = None,
        h2r_weight_initializer: Any = None,
        state_clip_min: float | None = None,
        state_clip_max: float | None = None,
        state_clip_nan: bool = False,
        dtype: Any = "float32",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            hidden_size, num_layers, layout, dropout, bidirectional, input_size, i2h_weight_initializer,
            h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, "lstm", projection_size,
            h2r_weight_initializer, state_clip_min, state_clip_max, state_clip_nan, dtype, **kwargs,
        )  # fmt: skip

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """Two states, h and c."""
        return [
            self._state(batch_size, self._projection_size or self._hidden_size),
            self._state(batch_size, self._hidden_size),
        ]


class GRU(_RNNLayer):
    """Layers of gated recurrent units: h' = (1 - z) n + z h.

    The gates r, z = sigmoid of W_i2h x + b_i2h + W_h2h h + b_h2h and n = tanh(W_i2h x + b_i2h + r (W_h2h h + b_h2h)),
    in this order: the reset gate acts on the product, as in cuDNN.

    Args:
        hidden_size: of h.
        num_layers, layout, dropout, bidirectional, input_size, dtype: as of ``RNN``.
        i2h_weight_initializer, h2h_weight_initializer: of the weights (3 hidden_size, input or hidden size).
        i2h_bias_initializer, h2h_bias_initializer: of the biases (3 hidden_size,).
        kwargs: as of ``RNN``.
    """

    def __init__(
        self,
        hidden_size: int,
        num_layers: int = 1,
        layout: str = "TNC",
        dropout: float = 0,
        bidirectional: bool = False,
        input_size: int = 0,
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        dtype: Any = "float32",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            hidden_size, num_layers, layout, dropout, bidirectional, input_size, i2h_weight_initializer,
            h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, "gru", None, None, None, None, False,
            dtype, **kwargs,
        )  # fmt: skip

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """One state, h."""
        return [self._state(batch_size, self._hidden_size)]
