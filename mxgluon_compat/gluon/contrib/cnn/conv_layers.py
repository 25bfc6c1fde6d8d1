"""Convolutions whose kernels bend: where each of their elements looks is computed from the input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....base import MXNetError
from ...block import HybridBlock
from ...nn import Activation
from ...nn.conv_layers import _infer_weight_shape
from ...nn.pool_layers import Ints, _repeated
from ...parameter import Parameter, ParameterDict

__all__ = ["DeformableConvolution", "ModulatedDeformableConvolution"]


class _Deformable(HybridBlock):
    """Both deformable convolutions; see the public classes.

    ``_offsets`` is how many numbers the inner convolution computes for each element of the kernel, ``_offset_first``
    the order of the Parameters.
    """

    _offsets: int
    _offset_first: bool

    def _build(
        self,
        channels: int,
        kernel_size: Ints,
        strides: Ints,
        padding: Ints,
        dilation: Ints,
        groups: int,
        num_deformable_group: int,
        layout: str,
        use_bias: bool,
        in_channels: int,
        activation: str | None,
        weight_initializer: Any,
        bias_initializer: Any,
        offset_weight_initializer: Any,
        offset_bias_initializer: Any,
        offset_use_bias: bool,
        op_name: str,
        adj: Sequence[int] | None,
    ) -> None:
        assert layout in ("NCHW", "NHWC"), "Only supports 'NCHW' and 'NHWC' layout for now"
        if adj is not None:
            raise MXNetError(f"{type(self).__name__}: adj={adj}: only transposed convolutions have it; leave it out")
        kernel = _repeated(kernel_size, 2)
        if len(kernel) < 2:
            raise IndexError(f"kernel_size must be a number or 2 of them, got {kernel_size}")
        self._channels = channels
        self._in_channels = in_channels
        self._op_name = op_name
        common = {
            "kernel": kernel,
            "stride": _repeated(strides, 2),
            "dilate": _repeated(dilation, 2),
            "pad": _repeated(padding, 2),
        }
        # MXNet names the elements of the kernel as height times width, whatever their number is.
        offset_channels = self._offsets * kernel[0] * kernel[1] * num_deformable_group
        self._kwargs_offset: dict[str, Any] = {
            **common, "num_filter": offset_channels, "num_group": groups, "no_bias": not offset_use_bias,
            "layout": layout,
        }  # fmt: skip
        self._kwargs_deformable_conv: dict[str, Any] = {
            **common, "num_filter": channels, "num_group": groups, "num_deformable_group": num_deformable_group,
            "no_bias": not use_bias, "layout": layout,
        }  # fmt: skip
        data_shape = [0] * 4
        data_shape[layout.find("N")] = 1
        data_shape[layout.find("C")] = in_channels
        shapes = _infer_weight_shape("Convolution", data_shape, self._kwargs_offset)

        def offset_parameters() -> None:
            self._get("offset_weight", shapes[1], offset_weight_initializer)
            self._get("offset_bias", shapes[2] if offset_use_bias else None, offset_bias_initializer)

        def parameters() -> None:
            # The channels are left to the first input, as MXNet does, which shows in symbols and in the repr.
            self._get("deformable_conv_weight", [channels, 0, *kernel], weight_initializer)
            self._get("deformable_conv_bias", (channels,) if use_bias else None, bias_initializer)

        for make in (offset_parameters, parameters) if self._offset_first else (parameters, offset_parameters):
            make()
        self.act = Activation(activation, prefix=activation + "_") if activation else None

    def _get(self, name: str, shape: Sequence[int] | None, init: Any) -> None:
        """Sets the Parameter ``name``; None for one without a shape."""
        parameter: Parameter | None = None
        if shape is not None:
            parameter = self.params.get(name, shape=shape, init=init, allow_deferred_init=True)
        setattr(self, name, parameter)


class DeformableConvolution(_Deformable):
    """Convolution whose kernel's elements are moved, by offsets that an inner convolution computes from the input.

    x (N, in_channels, height, width) -> (N, channels, new height, new width). `Dai et al., 2017, "Deformable
    Convolutional Networks" <https://arxiv.org/abs/1703.06211>`_

    Args:
        channels: of the output.
        kernel_size, strides, padding, dilation: a number or two, for both convolutions.
        groups: the channels are cut into so many groups that see nothing of each other.
        num_deformable_group: so many groups of channels have offsets of their own.
        layout: ``'NCHW'``; ``'NHWC'`` can be named and, as in MXNet, not run.
        use_bias, offset_use_bias: whether a bias is added to the result, to the offsets.
        in_channels: of the input; 0: the first input tells.
        activation: name of an ``Activation`` of the result, or None.
        weight_initializer, bias_initializer: of deformable_conv_weight (channels, in_channels / groups, height, width)
            and deformable_conv_bias (channels,).
        offset_weight_initializer, offset_bias_initializer: of the inner convolution's Parameters.
        op_name, adj: as in MXNet, the name means nothing; ``adj`` is refused.
        prefix, params: of a Block.

    Raises:
        AssertionError: another layout.
        MXNetError: values that the operators refuse.
    """

    _offsets, _offset_first = 2, True
    deformable_conv_weight: Any
    deformable_conv_bias: Any

    def __init__(
        self,
        channels: int,
        kernel_size: Ints = (1, 1),
        strides: Ints = (1, 1),
        padding: Ints = (0, 0),
        dilation: Ints = (1, 1),
        groups: int = 1,
        num_deformable_group: int = 1,
        layout: str = "NCHW",
        use_bias: bool = True,
        in_channels: int = 0,
        activation: str | None = None,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        offset_weight_initializer: Any = "zeros",
        offset_bias_initializer: Any = "zeros",
        offset_use_bias: bool = True,
        op_name: str = "DeformableConvolution",
        adj: Sequence[int] | None = None,
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        with self.name_scope():
            self._build(
                channels, kernel_size, strides, padding, dilation, groups, num_deformable_group, layout, use_bias,
                in_channels, activation, weight_initializer, bias_initializer, offset_weight_initializer,
                offset_bias_initializer, offset_use_bias, op_name, adj,
            )  # fmt: skip

    def hybrid_forward(
        self,
        F: Any,
        x: Any,
        offset_weight: Any,
        deformable_conv_weight: Any,
        offset_bias: Any = None,
        deformable_conv_bias: Any = None,
    ) -> Any:
        offset = F.Convolution(x, offset_weight, offset_bias, cudnn_off=True, **self._kwargs_offset)
        out = F.contrib.DeformableConvolution(
            x, offset, deformable_conv_weight, deformable_conv_bias, name="fwd", **self._kwargs_deformable_conv
        )
        return out if self.act is None else self.act(out)

    def _alias(self) -> str:
        return "deformable_conv"

    def __repr__(self) -> str:
        shown = self._kwargs_deformable_conv
        first, second = self.deformable_conv_weight.shape[:2]
        text = f"{second or None} -> {first}, kernel_size={shown['kernel']}, stride={shown['stride']}"
        if shown["pad"] != (0, 0):
            text += f", padding={shown['pad']}"
        if shown["dilate"] != (1, 1):
            text += f", dilation={shown['dilate']}"
        if shown["num_group"] != 1:
            text += f", groups={shown['num_group']}"
        if self.deformable_conv_bias is None:
            text += ", bias=False"
        if self.act:
            text += f", {self.act}"
        return f"{type(self).__name__}({text})"


class ModulatedDeformableConvolution(_Deformable):
    """``DeformableConvolution`` whose kernel's elements are weighted too, by numbers from 0 to 2.

    `Zhu et al., 2018, "Deformable ConvNets v2: More Deformable, Better Results" <https://arxiv.org/abs/1811.11168>`_

    Args as of ``DeformableConvolution``; the inner convolution computes offsets and, before a sigmoid, half the
    weights.
    """

    _offsets, _offset_first = 3, False

    def __init__(
        self,
        channels: int,
        kernel_size: Ints = (1, 1),
        strides: Ints = (1, 1),
        padding: Ints = (0, 0),
        dilation: Ints = (1, 1),
        groups: int = 1,
        num_deformable_group: int = 1,
        layout: str = "NCHW",
        use_bias: bool = True,
        in_channels: int = 0,
        activation: str | None = None,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        offset_weight_initializer: Any = "zeros",
        offset_bias_initializer: Any = "zeros",
        offset_use_bias: bool = True,
        op_name: str = "ModulatedDeformableConvolution",
        adj: Sequence[int] | None = None,
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        with self.name_scope():
            self._build(
                channels, kernel_size, strides, padding, dilation, groups, num_deformable_group, layout, use_bias,
                in_channels, activation, weight_initializer, bias_initializer, offset_weight_initializer,
                offset_bias_initializer, offset_use_bias, op_name, adj,
            )  # fmt: skip
        self.offset_split_index = self._kwargs_offset["num_filter"] * 2 // 3

    def hybrid_forward(
        self,
        F: Any,
        x: Any,
        offset_weight: Any,
        deformable_conv_weight: Any,
        offset_bias: Any = None,
        deformable_conv_bias: Any = None,
    ) -> Any:
        both = F.Convolution(x, offset_weight, offset_bias, cudnn_off=True, **self._kwargs_offset)
        offset = F.slice_axis(both, axis=1, begin=0, end=self.offset_split_index)
        mask = F.slice_axis(both, axis=1, begin=self.offset_split_index, end=None)
        mask = F.sigmoid(mask) * 2
        out = F.contrib.ModulatedDeformableConvolution(
            x, offset, mask, deformable_conv_weight, deformable_conv_bias, name="fwd", **self._kwargs_deformable_conv
        )
        return out if self.act is None else self.act(out)

    def _alias(self) -> str:
        return "modulated_deformable_conv"
