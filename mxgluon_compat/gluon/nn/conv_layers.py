"""Convolutions and their transposes over one, two or three axes; the pooling layers are here too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...base import MXNetError
from ...numpy.family import of_mode
from ...ops import registry
from ..block import HybridBlock
from ..parameter import Parameter, ParameterDict
from .activations import Activation
from .pool_layers import (  # noqa: F401 - _Pooling is one of this module's names in MXNet
    AvgPool1D,
    AvgPool2D,
    AvgPool3D,
    GlobalAvgPool1D,
    GlobalAvgPool2D,
    GlobalAvgPool3D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    GlobalMaxPool3D,
    Ints,
    MaxPool1D,
    MaxPool2D,
    MaxPool3D,
    ReflectionPad2D,
    _per_axis,
    _Pooling,
    _repeated,
)

__all__ = [
    "AvgPool1D", "AvgPool2D", "AvgPool3D", "Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose", "Conv3D",
    "Conv3DTranspose", "GlobalAvgPool1D", "GlobalAvgPool2D", "GlobalAvgPool3D", "GlobalMaxPool1D", "GlobalMaxPool2D",
    "GlobalMaxPool3D", "MaxPool1D", "MaxPool2D", "MaxPool3D", "ReflectionPad2D",
]  # fmt: skip

_CONV_LAYOUTS = {1: ("NCW",), 2: ("NCHW", "NHWC"), 3: ("NCDHW", "NDHWC")}


def _check_conv_layout(layout: str, axes: int) -> None:
    allowed = _CONV_LAYOUTS[axes]
    assert layout in allowed, f"Only supports {' and '.join(map(repr, allowed))} layout for now"


def _infer_weight_shape(op_name: str, data_shape: Sequence[int], kwargs: dict[str, Any]) -> list[Any]:
    """Shapes of data, weight and bias of ``op_name`` with these attributes; 0 in ``data_shape`` for what is unknown.

    Raises:
        MXNetError: attributes that do not fit the operator, each other or the channels.
    """
    op = registry.get(op_name)
    parsed = op.parse(kwargs)
    axes, channels, groups = len(parsed["kernel"]), parsed["num_filter"], parsed["num_group"]
    in_channels = data_shape[parsed["layout"].find("C")]
    wrong = [f"{k}={parsed[k]}" for k in ("stride", "dilate", "pad") if len(parsed[k]) not in (0, axes)]
    if wrong:
        raise MXNetError(
            f"Error in operator {op_name}: {', '.join(wrong)} must have one number for each axis of kernel"
        )
    wrong = [f"{k}={parsed[k]}" for k in ("kernel", "stride", "dilate") if min(parsed[k], default=1) < 1]
    if wrong:
        raise MXNetError(f"Error in operator {op_name}: {', '.join(wrong)} must be 1 or more for each axis")
    if channels < 1 or groups < 1 or channels % groups or in_channels % groups:
        raise MXNetError(
            f"Error in operator {op_name}: {in_channels} input and {channels} output channels do not divide into "
            f"{groups} groups"
        )
    inputs = op.input_names(parsed)
    return op.complete_shapes([tuple(data_shape), *[None] * (len(inputs) - 1)], parsed)


# ---------------------------------------------------------------------------------------------- convolutions
class _Conv(HybridBlock):
    """All convolutions; see the public classes.

    Raises:
        AssertionError: a kernel, padding or layout of another number of axes.
        MXNetError: values that the operator refuses, channels that do not divide into the groups.
    """

    def __init__(
        self,
        channels: int,
        kernel_size: Sequence[int],
        strides: Ints,
        padding: Ints,
        dilation: Ints,
        groups: int,
        layout: str,
        in_channels: int = 0,
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        op_name: str = "Convolution",
        adj: Sequence[int] | None = None,
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        with self.name_scope():
            self._channels = channels
            self._in_channels = in_channels
            self._op_name = op_name
            axes = len(kernel_size)
            self._kwargs: dict[str, Any] = {
                "kernel": kernel_size,
                "stride": _repeated(strides, axes),
                "dilate": _repeated(dilation, axes),
                "pad": _repeated(padding, axes),
                "num_filter": channels,
                "num_group": groups,
                "no_bias": not use_bias,
                "layout": layout,
            }
            if adj is not None:
                self._kwargs["adj"] = adj
            data_shape = [0] * (axes + 2)
            data_shape[layout.find("N")] = 1
            data_shape[layout.find("C")] = in_channels
            shapes = _infer_weight_shape(op_name, data_shape, self._kwargs)
            self.weight = self.params.get("weight", shape=shapes[1], init=weight_initializer, allow_deferred_init=True)
            self.bias: Parameter | Any = (  # Any: nobody tests for the None of ``use_bias=False``
                self.params.get("bias", shape=shapes[2], init=bias_initializer, allow_deferred_init=True)
                if use_bias
                else None
            )
            self.act = None if activation is None else Activation(activation, prefix=activation + "_")

    def hybrid_forward(self, F: Any, x: Any, weight: Any, bias: Any = None) -> Any:
        F = of_mode(F)
        out = getattr(F, self._op_name)(x, weight, bias, name="fwd", **self._kwargs)
        return out if self.act is None else self.act(out)

    def _alias(self) -> str:
        return "conv"

    def __repr__(self) -> str:
        shown = self._kwargs
        axes = len(shown["kernel"])
        first, second = self.weight.shape[:2]
        text = f"{second or None} -> {first}, kernel_size={shown['kernel']}, stride={shown['stride']}"
        if shown["pad"] != (0,) * axes:
            text += f", padding={shown['pad']}"
        if shown["dilate"] != (1,) * axes:
            text += f", dilation={shown['dilate']}"
        if shown["num_group"] != 1:
            text += f", groups={shown['num_group']}"
        if self.bias is None:
            text += ", bias=False"
        if self.act:
            text += f", {self.act}"
        return f"{type(self).__name__}({text})"


class Conv1D(_Conv):
    """Cross-correlation over one axis: x (N, in_channels, width) -> (N, channels, new width).

    Args:
        channels: of the output.
        kernel_size, strides, padding, dilation: a number or a tuple of one.
        groups: the channels are cut into so many groups that see nothing of each other.
        layout: ``'NCW'``.
        activation: name of an ``Activation`` of the result, or None.
        use_bias: whether a bias is added.
        weight_initializer, bias_initializer: of weight (channels, in_channels / groups, width) and bias (channels,).
        in_channels: of the input; 0: the first input tells.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self,
        channels: int,
        kernel_size: Ints,
        strides: Ints = 1,
        padding: Ints = 0,
        dilation: Ints = 1,
        groups: int = 1,
        layout: str = "NCW",
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        _check_conv_layout(layout, 1)
        super().__init__(
            channels, _per_axis("kernel_size", kernel_size, 1), strides, padding, dilation, groups, layout, in_channels,
            activation, use_bias, weight_initializer, bias_initializer, **kwargs,
        )  # fmt: skip


class Conv2D(_Conv):
    """Cross-correlation over two axes: x (N, in_channels, height, width) -> (N, channels, new height, new width).

    Args as of ``Conv1D``, with numbers or tuples of two; layout ``'NCHW'`` or ``'NHWC'`` (channels last in data and
    weight).
    """

    def __init__(
        self,
        channels: int,
        kernel_size: Ints,
        strides: Ints = (1, 1),
        padding: Ints = (0, 0),
        dilation: Ints = (1, 1),
        groups: int = 1,
        layout: str = "NCHW",
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        _check_conv_layout(layout, 2)
        super().__init__(
            channels, _per_axis("kernel_size", kernel_size, 2), strides, padding, dilation, groups, layout, in_channels,
            activation, use_bias, weight_initializer, bias_initializer, **kwargs,
        )  # fmt: skip


class Conv3D(_Conv):
    """Cross-correlation over three axes: x (N, in_channels, depth, height, width) -> (N, channels, ...).

    Args as of ``Conv1D``, with numbers or tuples of three; layout ``'NCDHW'`` or ``'NDHWC'``.
    """

    def __init__(
        self,
        channels: int,
        kernel_size: Ints,
        strides: Ints = (1, 1, 1),
        padding: Ints = (0, 0, 0),
        dilation: Ints = (1, 1, 1),
        groups: int = 1,
        layout: str = "NCDHW",
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        _check_conv_layout(layout, 3)
        super().__init__(
            channels, _per_axis("kernel_size", kernel_size, 3), strides, padding, dilation, groups, layout, in_channels,
            activation, use_bias, weight_initializer, bias_initializer, **kwargs,
        )  # fmt: skip


class Conv1DTranspose(_Conv):
    """The transpose of ``Conv1D``: x (N, in_channels, width) -> (N, channels, new width).

    Args as of ``Conv1D``, the weight being (in_channels, channels / groups, width), and ``output_padding``: what is
    added to one side of the output.
    """

    def __init__(
        self,
        channels: int,
        kernel_size: Ints,
        strides: Ints = 1,
        padding: Ints = 0,
        output_padding: Ints = 0,
        dilation: Ints = 1,
        groups: int = 1,
        layout: str = "NCW",
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        _check_conv_layout(layout, 1)
        kernel_size = _per_axis("kernel_size", kernel_size, 1)
        output_padding = _per_axis("output_padding", output_padding, 1)
        super().__init__(
            channels, kernel_size, strides, padding, dilation, groups, layout, in_channels, activation, use_bias,
            weight_initializer, bias_initializer, "Deconvolution", output_padding, **kwargs,
        )  # fmt: skip
        self.outpad = output_padding


class Conv2DTranspose(_Conv):
    """The transpose of ``Conv2D``: x (N, in_channels, height, width) -> (N, channels, new height, new width).

    Args as of ``Conv1DTranspose``, with numbers or tuples of two; layout ``'NCHW'`` or ``'NHWC'``.
    """

    def __init__(
        self,
        channels: int,
        kernel_size: Ints,
        strides: Ints = (1, 1),
        padding: Ints = (0, 0),
        output_padding: Ints = (0, 0),
        dilation: Ints = (1, 1),
        groups: int = 1,
        layout: str = "NCHW",
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        _check_conv_layout(layout, 2)
        kernel_size = _per_axis("kernel_size", kernel_size, 2)
        output_padding = _per_axis("output_padding", output_padding, 2)
        super().__init__(
            channels, kernel_size, strides, padding, dilation, groups, layout, in_channels, activation, use_bias,
            weight_initializer, bias_initializer, "Deconvolution", output_padding, **kwargs,
        )  # fmt: skip
        self.outpad = output_padding


class Conv3DTranspose(_Conv):
    """The transpose of ``Conv3D``: x (N, in_channels, depth, height, width) -> (N, channels, ...).

    Args as of ``Conv1DTranspose``, with numbers or tuples of three; layout ``'NCDHW'`` or ``'NDHWC'``.
    """

    def __init__(
        self,
        channels: int,
        kernel_size: Ints,
        strides: Ints = (1, 1, 1),
        padding: Ints = (0, 0, 0),
        output_padding: Ints = (0, 0, 0),
        dilation: Ints = (1, 1, 1),
        groups: int = 1,
        layout: str = "NCDHW",
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        _check_conv_layout(layout, 3)
        kernel_size = _per_axis("kernel_size", kernel_size, 3)
        output_padding = _per_axis("output_padding", output_padding, 3)
        super().__init__(
            channels, kernel_size, strides, padding, dilation, groups, layout, in_channels, activation, use_bias,
            weight_initializer, bias_initializer, "Deconvolution", output_padding, **kwargs,
        )  # fmt: skip
        self.outpad = output_padding
