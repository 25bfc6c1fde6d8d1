"""ONNX operators that are layers: convolutions, pooling, normalisation, resizing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .... import symbol as sym
from ....symbol import Symbol
from .shaping import _extended
from .values import Converter, Graph, Use

__all__ = ["CONVERTERS"]

_LOWEST = -3.4028234663852886e38  # what MXNet's own maximum starts from


def _padding(graph: Graph, use: Use, kernel: Sequence[int]) -> tuple[list[int], list[int]]:
    """(before, after) for each axis of the image."""
    rank = len(kernel)
    auto = use.attrs.get("auto_pad", "NOTSET")
    if auto == "VALID":
        return [0] * rank, [0] * rank
    if auto == "NOTSET":
        pads = use.attrs.get("pads", [0] * 2 * rank)
        return pads[:rank], pads[rank:]
    strides, dilations = use.attrs.get("strides", [1] * rank), use.attrs.get("dilations", [1] * rank)
    shapes = {s[2:] for s in graph.shapes(use.input(0))}
    if len(shapes) > 1:
        raise use.refused(f"with auto_pad {auto!r}", "the image changes its size; export the net for fixed sizes")
    before, after = [], []
    for size, k, stride, dilation in zip(shapes.pop(), kernel, strides, dilations, strict=True):
        total = max((-(-size // stride) - 1) * stride + (k - 1) * dilation + 1 - size, 0)
        small = total // 2
        before.append(total - small if auto == "SAME_LOWER" else small)
        after.append(total - before[-1])
    return before, after


def _padded(graph: Graph, data: Symbol, before: Sequence[int], after: Sequence[int], number: float = 0.0) -> Symbol:
    if len(before) > 1:
        width = (0, 0, 0, 0, *(n for pair in zip(before, after, strict=True) for n in pair))
        return sym.Pad(data, mode="constant", pad_width=width, constant_value=number)
    return _extended(graph, data, 2, before[0], after[0], number)


def _bias(graph: Graph, use: Use) -> Symbol | None:
    value = use.input_or_none(2)
    return None if value is None else graph.symbol(value)


def _conv(graph: Graph, use: Use) -> Symbol:
    data, weight = (graph.symbol(v) for v in use.arguments(2))
    shape = graph.shape(weight)
    kernel = shape[2:]
    before, after = _padding(graph, use, kernel)
    if before != after:
        data, before = _padded(graph, data, before, after), [0] * len(kernel)
    bias = _bias(graph, use)
    return sym.Convolution(
        data, weight, bias, kernel=kernel, stride=tuple(use.attrs.get("strides", [1] * len(kernel))),
        dilate=tuple(use.attrs.get("dilations", [1] * len(kernel))), pad=tuple(before), num_filter=shape[0],
        num_group=use.attrs.get("group", 1), no_bias=bias is None,
    )  # fmt: skip


def _conv_transpose(graph: Graph, use: Use) -> Symbol:
    data, weight = (graph.symbol(v) for v in use.arguments(2))
    shape = graph.shape(weight)
    kernel, rank, group = shape[2:], len(shape) - 2, use.attrs.get("group", 1)
    if use.attrs.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID") or "output_shape" in use.attrs:
        raise use.refused("with auto_pad or output_shape", "the padding has to be written down as pads")
    pads = use.attrs.get("pads", [0] * 2 * rank)
    before, after = pads[:rank], pads[rank:]
    more = list(use.attrs.get("output_padding", [0] * rank))
    strides = tuple(use.attrs.get("strides", [1] * rank))
    cut = [0] * rank
    if before != after or any(m >= s for m, s in zip(more, strides, strict=True)):
        if any(m for m in more):
            raise use.refused(f"with pads {pads} and output_padding {more}", "MXNet pads equally on both sides")
        cut, before = after, [min(b, a) for b, a in zip(before, after, strict=True)]
    bias = _bias(graph, use)
    result = sym.Deconvolution(
        data, weight, bias, kernel=kernel, stride=strides, pad=tuple(before), adj=tuple(more),
        dilate=tuple(use.attrs.get("dilations", [1] * rank)), num_filter=shape[1] * group, num_group=group,
        no_bias=bias is None,
    )  # fmt: skip
    for axis, (less, b, a) in enumerate(zip(before, pads[:rank], cut, strict=True), 2):
        if any(cut) and (b > less or a > less):
            result = sym.slice_axis(result, axis=axis, begin=b - less, end=less - a or None)
    return result


def _pool(kind: str) -> Converter:
    def convert(graph: Graph, use: Use) -> Symbol:
        data, kernel = graph.symbol(use.input(0)), tuple(use.attribute("kernel_shape"))
        if any(n != 1 for n in use.attrs.get("dilations", [])):
            raise use.refused("with dilations", "MXNet's Pooling has none")
        before, after = _padding(graph, use, kernel)
        counted = bool(use.attrs.get("count_include_pad", 0))
        full = use.attrs.get("ceil_mode", 0)
        options: dict[str, Any] = {
            "kernel": kernel, "stride": tuple(use.attrs.get("strides", [1] * len(kernel))), "pool_type": kind,
            "pooling_convention": "full" if full else "valid",
        }  # fmt: skip
        if kind == "lp":
            options["p_value"], data = use.attrs.get("p", 2), sym.abs(data)
        if kind == "avg":
            options["count_include_pad"] = counted
        if before == after:
            result = sym.Pooling(data, pad=tuple(before), **options)
        elif kind != "avg" or counted:
            result = sym.Pooling(_padded(graph, data, before, after, _LOWEST if kind == "max" else 0.0), **options)
        else:  # the mean over what is there: two sums
            del options["count_include_pad"]
            options["pool_type"] = "sum"
            ones = _padded(graph, sym.ones_like(data), before, after)
            sums, counts = (sym.Pooling(x, **options) for x in (_padded(graph, data, before, after), ones))
            result = sym.broadcast_div(sums, counts)
        return _without_padding(graph, use, result, before) if full else result

    return convert


def _without_padding(graph: Graph, use: Use, result: Symbol, before: Sequence[int]) -> Symbol:
    """Leaves out a last window that lies beyond the image, which MXNet has and ONNX has not."""
    strides = use.attrs.get("strides", [1] * len(before))
    pairs = list(zip(graph.shapes(use.input(0)), graph.shapes(result), strict=True))
    for axis, (stride, pad) in enumerate(zip(strides, before, strict=True), 2):
        beyond = {(made[axis] - 1) * stride >= own[axis] + pad for own, made in pairs}
        if len(beyond) > 1:
            raise use.refused("with ceil_mode", "the size of the result depends on that of the data")
        if beyond.pop():
            result = sym.slice_axis(result, axis=axis, begin=0, end=-1)
    return result


def _global_pool(kind: str) -> Converter:
    def convert(graph: Graph, use: Use) -> Symbol:
        data = graph.symbol(use.input(0))
        options = {"p_value": use.attrs.get("p", 2)} if kind == "lp" else {}
        kernel = (1,) * (len(graph.shape(data)) - 2)
        return sym.Pooling(data, global_pool=True, kernel=kernel, pool_type=kind, **options)

    return convert


# ---------------------------------------------------------------------------------------------- normalisation
def _batch_norm(graph: Graph, use: Use) -> Symbol:
    if use.attrs.get("training_mode", 0):
        raise use.refused("in training mode", "export the net for predictions")
    data, gamma, beta = (graph.symbol(v) for v in use.arguments(3))
    mean, var = (graph.variable(use.input(i).name, use.constant(i), state=True) for i in (3, 4))
    return sym.BatchNorm(
        data, gamma, beta, mean, var, eps=use.attrs.get("epsilon", 1e-5), momentum=use.attrs.get("momentum", 0.9),
        fix_gamma=False,
    )  # fmt: skip


def _layer_norm(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    shapes = graph.shapes(data)
    rank = len(shapes[0])
    axis = use.attrs.get("axis", -1) % rank
    length = int(np.prod(shapes[0][axis:]))
    gamma = use.constant(1)
    beta = use.constant_or_none(2)
    if gamma.size != length or (beta is not None and beta.size != length):
        raise use.refused(f"with a scale of {gamma.shape}", f"expected one number for each of the {length} elements")
    scale = graph.row(use.input(1))
    shift = (
        graph.variable(f"{use.name}_beta", np.zeros(length, gamma.dtype)) if beta is None else graph.row(use.input(2))
    )
    eps = use.attrs.get("epsilon", 1e-5)
    if axis == rank - 1:
        return sym.LayerNorm(data, scale, shift, axis=-1, eps=eps)
    flat = graph.reshape(data, [(*s[:axis], length) for s in shapes])
    return graph.reshape(sym.LayerNorm(flat, scale, shift, axis=-1, eps=eps), shapes)


def _instance_norm(graph: Graph, use: Use) -> Symbol:
    data, gamma, beta = (graph.symbol(v) for v in use.arguments(3))
    return sym.InstanceNorm(data, gamma, beta, eps=use.attrs.get("epsilon", 1e-5))


def _group_norm(graph: Graph, use: Use) -> Symbol:
    data, groups = graph.symbol(use.input(0)), use.attribute("num_groups")
    shapes = graph.shapes(data)
    channels = shapes[0][1]
    scale, bias = use.constant(1), use.constant(2)
    if scale.size == groups != channels:  # before version 21: one for each group
        scale, bias = np.repeat(scale, channels // groups), np.repeat(bias, channels // groups)
    flat = graph.reshape(data, [(s[0], groups, int(np.prod(s[1:])) // groups) for s in shapes])
    ones = graph.variable(f"{use.name}_ones", np.ones(groups, scale.dtype))
    zeros = graph.variable(f"{use.name}_zeros", np.zeros(groups, scale.dtype))
    normal = graph.reshape(sym.InstanceNorm(flat, ones, zeros, eps=use.attrs.get("epsilon", 1e-5)), shapes)
    wide = (channels, *[1] * (len(shapes[0]) - 2))
    gamma, beta = (graph.variable(use.input(i).name, a.reshape(wide)) for i, a in ((1, scale), (2, bias)))
    return sym.broadcast_add(sym.broadcast_mul(normal, gamma), beta)


def _lrn(graph: Graph, use: Use) -> Symbol:
    return sym.LRN(
        graph.symbol(use.input(0)), nsize=use.attribute("size"), alpha=use.attrs.get("alpha", 1e-4),
        beta=use.attrs.get("beta", 0.75), knorm=use.attrs.get("bias", 1.0),
    )  # fmt: skip


def _dropout(graph: Graph, use: Use) -> Symbol:
    training = use.constant_or_none(2)
    if training is not None and bool(training):
        raise use.refused("in training mode", "export the net for predictions")
    ratio = use.constant_or_none(1, "ratio")
    return sym.Dropout(graph.symbol(use.input(0)), p=0.5 if ratio is None else ratio.item())


# ---------------------------------------------------------------------------------------------- resizing
def _resize(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    shapes = graph.shapes(data)
    scales, sizes = _wanted(use, shapes)
    mode = use.attrs.get("mode", "nearest")
    transform = use.attrs.get("coordinate_transformation_mode", "half_pixel" if use.opset >= 11 else "asymmetric")
    if len(shapes[0]) != 4 or any(s[:2] != (1.0, 1.0) for s in scales):
        raise use.refused("of other axes than the last two of four", "MXNet resizes images")
    height, width = scales[0][2:]
    whole = all((n * f).is_integer() for s in shapes for n, f in zip(s, scales[0], strict=True))
    if mode == "nearest":
        rounding = use.attrs.get("nearest_mode", "round_prefer_floor" if use.opset >= 11 else "floor")
        nearest = (transform, rounding.removesuffix("_floor").removesuffix("_ceil"))
        same_pixels = nearest == ("half_pixel", "round_prefer") or (transform, rounding) == ("asymmetric", "floor")
        if height == width == int(height) and len(set(scales)) == 1 and same_pixels:
            return sym.UpSampling(data, scale=int(height), sample_type="nearest")
    elif mode == "linear" and transform in ("half_pixel", "pytorch_half_pixel", "align_corners"):
        aligned = transform == "align_corners"
        if len(set(sizes)) == 1 and (whole or use.input_or_none(3) is not None) and not use.attrs.get("antialias", 0):
            height, width = sizes[0][2:]
            return sym.contrib.BilinearResize2D(data, height=height, width=width, align_corners=aligned)
        if len(set(scales)) == 1 and whole and not use.attrs.get("antialias", 0):
            return sym.contrib.BilinearResize2D(
                data, scale_height=height, scale_width=width, mode="size", align_corners=aligned
            )
    raise use.refused(f"({mode}, {transform}) by {scales[0]}", "MXNet has nearest by one whole number, and bilinear")


def _wanted(use: Use, shapes: Sequence[tuple[int, ...]]) -> tuple[list[tuple[float, ...]], list[tuple[int, ...]]]:
    """Factors and sizes for each probe."""
    rank = len(shapes[0])
    axes = [a % rank for a in use.attrs.get("axes", range(rank))]
    if use.attrs.get("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise use.refused(f"with keep_aspect_ratio_policy {use.attrs['keep_aspect_ratio_policy']!r}", "it stretches")
    scales = use.constant_or_none(1 if use.op == "Upsample" or use.opset < 11 else 2, "scales")
    if scales is not None and scales.size:
        given = dict(zip(axes, map(float, scales), strict=True))
        factors = tuple(given.get(i, 1.0) for i in range(rank))
        return [factors] * len(shapes), [tuple(int(n * f) for n, f in zip(s, factors, strict=True)) for s in shapes]
    target = use.input_or_none(3)
    if target is None or target.known is None:
        raise use.refused("to a size that follows from values of the data", "a graph has it written down")
    sizes = []
    for known, shape in zip(target.known, shapes, strict=True):
        new = dict(zip(axes, map(int, known), strict=True))
        sizes.append(tuple(new.get(i, n) for i, n in enumerate(shape)))
    return [tuple(a / b for a, b in zip(t, s, strict=True)) for t, s in zip(sizes, shapes, strict=True)], sizes


CONVERTERS: dict[str, Converter] = {
    "Conv": _conv, "ConvTranspose": _conv_transpose, "MaxPool": _pool("max"), "AveragePool": _pool("avg"),
    "LpPool": _pool("lp"), "GlobalAveragePool": _global_pool("avg"), "GlobalMaxPool": _global_pool("max"),
    "GlobalLpPool": _global_pool("lp"), "BatchNormalization": _batch_norm, "LayerNormalization": _layer_norm,
    "InstanceNormalization": _instance_norm, "GroupNormalization": _group_norm, "LRN": _lrn, "Dropout": _dropout,
    "Resize": _resize, "Upsample": _resize,
}  # fmt: skip
