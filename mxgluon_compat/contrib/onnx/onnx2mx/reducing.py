"""ONNX operators over axes: sums, softmax, matrix products."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .... import symbol as sym
from ....symbol import Symbol
from .values import Converter, Graph, Use

__all__ = ["CONVERTERS"]

_scalar = sym._internal


def _reduce(
    function: Callable[..., Symbol],
    before: Callable[[Symbol], Symbol] | None = None,
    after: Callable[[Symbol], Symbol] | None = None,
) -> Converter:
    def convert(graph: Graph, use: Use) -> Symbol:
        data = graph.symbol(use.input(0))
        axes = use.numbers_or_none(1, "axes")
        if not axes:
            if use.attrs.get("noop_with_empty_axes", 0):
                return sym.identity(data)
            axes = list(range(len(graph.shape(data))))
        data = data if before is None else before(data)
        result = function(data, axis=tuple(axes), keepdims=bool(use.attrs.get("keepdims", 1)))
        return result if after is None else after(result)

    return convert


def _log_sum_exp(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    axes = tuple(use.numbers_or_none(1, "axes") or range(len(graph.shape(data))))
    top = sym.max(data, axis=axes, keepdims=True)
    total = sym.log(sym.sum(sym.exp(sym.broadcast_sub(data, top)), axis=axes, keepdims=True))
    result = sym.broadcast_add(total, top)
    return result if use.attrs.get("keepdims", 1) else sym.sum(result, axis=axes)


def _softmax(function: Callable[..., Symbol]) -> Converter:
    def convert(graph: Graph, use: Use) -> Symbol:
        data = graph.symbol(use.input(0))
        rank = len(graph.shape(data))
        axis = use.attrs.get("axis", -1 if use.opset >= 13 else 1)
        if use.opset >= 13 or axis % rank == rank - 1:
            return function(data, axis=axis)
        # before version 13 it is one over all axes from this one on
        if axis % rank == 0:
            raise use.refused("over axis 0 and all behind it", "there is no such softmax in a graph")
        shapes = graph.shapes(data)
        flat = sym.Reshape(data, shape=(0,) * (axis % rank) + (-1,))
        return graph.reshape(function(flat, axis=-1), shapes)

    return convert


def _matmul(graph: Graph, use: Use) -> Symbol:
    a, b = use.arguments(2)
    left, right = graph.shape(a), graph.shape(b)
    weight = b.constant
    if weight is not None and weight.ndim == 2 and len(left) > 1 and weight.dtype.kind == "f":
        made = graph.variable(f"{b.name}_transposed", weight.T)
        return sym.FullyConnected(graph.symbol(a), made, num_hidden=weight.shape[1], no_bias=True, flatten=False)
    if len(left) == 1 or len(right) == 1:
        return _with_vectors(graph, use)
    if len(left) == len(right) == 2:
        return sym.dot(graph.symbol(a), graph.symbol(b))
    return _product(graph, graph.symbol(a), graph.symbol(b))


def _with_vectors(graph: Graph, use: Use) -> Symbol:
    a, b = (graph.symbol(v) for v in use.arguments(2))
    left, right = graph.shapes(a), graph.shapes(b)
    if len(left[0]) == 1 and len(right[0]) == 1:
        return sym.dot(a, b)
    if len(right[0]) == 1:
        return sym.sum(sym.broadcast_mul(a, b), axis=-1)
    return sym.sum(sym.broadcast_mul(graph.reshape(a, [(n[0], 1) for n in left]), b), axis=-2)


def _product(graph: Graph, a: Symbol, b: Symbol) -> Symbol:
    """Of stacks of matrices, broadcast against one another."""
    left, right = graph.shapes(a), graph.shapes(b)
    if [s[:-2] for s in left] != [s[:-2] for s in right]:
        stacks = [np.broadcast_shapes(x[:-2], y[:-2]) for x, y in zip(left, right, strict=True)]
        a = graph.broadcast(a, [(*s, *x[-2:]) for s, x in zip(stacks, left, strict=True)])
        b = graph.broadcast(b, [(*s, *y[-2:]) for s, y in zip(stacks, right, strict=True)])
    return sym.linalg.gemm2(a, b)


def _gemm(graph: Graph, use: Use) -> Symbol:
    a, b = use.arguments(2)
    bias = use.input_or_none(2)
    alpha, beta = use.attrs.get("alpha", 1.0), use.attrs.get("beta", 1.0)
    transposed, kept = use.attrs.get("transA", 0), use.attrs.get("transB", 0)
    weight, offset = b.constant, None if bias is None else bias.constant
    if weight is not None and not transposed and alpha == 1 and (bias is None or beta == 1):
        units = weight.shape[0 if kept else 1]
        if bias is None or (offset is not None and offset.size == units and offset.shape[-1:] == (units,)):
            made = graph.symbol(b) if kept else graph.variable(f"{b.name}_transposed", weight.T)
            shift = None if bias is None else graph.row(bias)
            return sym.FullyConnected(
                graph.symbol(a), made, shift, num_hidden=units, no_bias=bias is None, flatten=False
            )
    product = sym.linalg.gemm2(
        graph.symbol(a), graph.symbol(b), transpose_a=bool(transposed), transpose_b=bool(kept), alpha=alpha
    )
    if bias is None:
        return product
    return sym.broadcast_add(product, _scalar._mul_scalar(graph.symbol(bias), scalar=beta))


CONVERTERS: dict[str, Converter] = {
    "ReduceSum": _reduce(sym.sum), "ReduceMean": _reduce(sym.mean), "ReduceMax": _reduce(sym.max),
    "ReduceMin": _reduce(sym.min), "ReduceProd": _reduce(sym.prod), "ReduceL1": _reduce(sym.sum, before=sym.abs),
    "ReduceL2": _reduce(sym.sum, before=sym.square, after=sym.sqrt), "ReduceSumSquare": _reduce(sym.sum, sym.square),
    "ReduceLogSum": _reduce(sym.sum, after=sym.log), "ReduceLogSumExp": _log_sum_exp,
    "Softmax": _softmax(sym.softmax), "LogSoftmax": _softmax(sym.log_softmax), "MatMul": _matmul, "Gemm": _gemm,
}  # fmt: skip
