"""ONNX operators that move elements, cut and join arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from .... import symbol as sym
from ....symbol import Symbol
from .values import Converter, Graph, Use

__all__ = ["CONVERTERS", "FROM_SHAPES"]

Shape = tuple[int, ...]


def _for_each(graph: Graph, use: Use, place: int, attr: str = "") -> list[list[int]]:
    """The integers of an input for each probe, or of the attribute that it was in older files."""
    value = use.input_or_none(place)
    if value is None:
        return [use.numbers(place, attr)] * graph.probes
    if value.known is None:
        raise use.refused(f"whose input {place} ({value.name!r}) follows from values of the data", "shapes cannot")
    return [[int(n) for n in np.ravel(known)] for known in value.known]


def _reshape(graph: Graph, use: Use) -> Symbol:
    data = use.input(0)
    wanted = []
    for own, target in zip(graph.shapes(data), _for_each(graph, use, 1, "shape"), strict=True):
        if not use.attrs.get("allowzero", 0):
            target = [own[i] if n == 0 else n for i, n in enumerate(target)]
        if -1 in target:
            rest = math.prod(n for n in target if n != -1)
            target[target.index(-1)] = math.prod(own) // rest if rest else 0
        wanted.append(tuple(target))
    return graph.reshape(graph.symbol(data), wanted)


def _flatten(graph: Graph, use: Use) -> Symbol:
    axis = use.attrs.get("axis", 1)
    data = graph.symbol(use.input(0))
    if axis == 1:
        return sym.Flatten(data)
    wanted = []
    for own in graph.shapes(data):
        at = axis % len(own) if axis < 0 else axis
        wanted.append((math.prod(own[:at]), math.prod(own[at:])))
    return graph.reshape(data, wanted)


def _squeeze(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    axes = use.numbers_or_none(1, "axes")
    wanted = []
    for own in graph.shapes(data):
        gone = {i for i, n in enumerate(graph.shape(data)) if n == 1} if axes is None else {a % len(own) for a in axes}
        wanted.append(tuple(n for i, n in enumerate(own) if i not in gone))
    return graph.reshape(data, wanted)


def _unsqueeze(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    axes = use.numbers(1, "axes")
    rank = len(graph.shape(data)) + len(axes)
    new = {a % rank for a in axes}
    wanted = []
    for own in graph.shapes(data):
        rest = iter(own)
        wanted.append(tuple(1 if i in new else next(rest) for i in range(rank)))
    return graph.reshape(data, wanted)


def _expand(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    targets = _for_each(graph, use, 1)
    shapes = [np.broadcast_shapes(own, tuple(t)) for own, t in zip(graph.shapes(data), targets, strict=True)]
    found = graph.broadcast(data, shapes)
    return sym.identity(found) if found is data else found


def _transpose(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    order = use.attrs.get("perm", range(len(graph.shape(data)))[::-1])
    return sym.transpose(data, axes=tuple(order))


def _concat(graph: Graph, use: Use) -> Symbol:
    axis = use.attrs.get("axis", 1)
    found = [graph.symbol(v) for v in use.arguments()]
    return sym.Concat(*found, dim=axis % len(graph.shape(found[0])))


def _split(graph: Graph, use: Use) -> Sequence[Symbol]:
    data, axis = graph.symbol(use.input(0)), use.attrs.get("axis", 0)
    parts = use.numbers_or_none(1, "split")
    count = len(use.outputs)
    shapes = graph.shapes(data)
    axis %= len(shapes[0])
    if parts is None:
        lengths = {shape[axis] for shape in shapes}
        if all(n % count == 0 for n in lengths):
            parts = [shapes[0][axis] // count] * count
        else:  # the last one is shorter
            if len(lengths) > 1:
                raise use.refused("into unequal parts", "the axis changes its size; export the net for fixed sizes")
            part = -(-shapes[0][axis] // count)
            parts = [part] * (count - 1) + [shapes[0][axis] - part * (count - 1)]
    if 0 in parts:
        raise use.refused("into parts of which some are empty", "MXNet's arrays are not")
    if len(set(parts)) == 1 and count > 1:
        return list(sym.SliceChannel(data, num_outputs=count, axis=axis, name=use.outputs[0]))
    ends = np.cumsum(parts).tolist()
    return [sym.slice_axis(data, axis=axis, begin=end - part, end=end) for part, end in zip(parts, ends, strict=True)]


# ---------------------------------------------------------------------------------------------- parts of arrays
def _bounds(start: int, end: int, step: int, length: int) -> tuple[int, int]:
    """The first element and the one behind the last, as numpy's slice has them."""
    first, last, _ = slice(start, None if step < 0 and end < -length else end, step).indices(length)
    return first, last


def _slice(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    shapes = graph.shapes(data)
    starts, ends = (_for_each(graph, use, i, a) for i, a in ((1, "starts"), (2, "ends")))
    axes = use.numbers_or_none(3, "axes") or list(range(len(starts[0])))
    steps = use.numbers_or_none(4) or [1] * len(axes)
    result = data
    for place, (axis, step) in enumerate(zip(axes, steps, strict=True)):
        axis %= len(shapes[0])
        lengths = [s[axis] for s in shapes]
        found = [
            _bounds(s[place], e[place], step, n) for s, e, n in zip(starts, ends, lengths, strict=True)
        ]  # fmt: skip
        if step == 1 and all(pair == (0, n) for pair, n in zip(found, lengths, strict=True)):
            continue
        result = _cut(graph, use, result, axis, step, found, lengths)
    return sym.identity(result) if result is data else result


def _cut(
    graph: Graph, use: Use, data: Symbol, axis: int, step: int, found: Sequence[tuple[int, int]], lengths: Sequence[int]
) -> Symbol:
    begin, end = (_bound([pair[k] for pair in found], lengths) for k in (0, 1))
    if step == 1 and isinstance(begin, int) and end is not None:
        return sym.slice_axis(data, axis=axis, begin=begin, end=None if isinstance(end, str) else end)
    if step == -1 and all(pair == (n - 1, -1) for pair, n in zip(found, lengths, strict=True)):
        return sym.reverse(data, axis=axis)
    if len(set(found)) == 1:
        first, last = found[0]
        nothing: list[int | None] = [None] * axis
        return sym.slice(
            data, begin=(*nothing, first), end=(*nothing, last if last >= 0 else None), step=(*nothing, step)
        )
    if step == 1 and all(first == 0 for first, _ in found):
        rank = len(graph.shape(data))
        shapes = [tuple(pair[1] if i == axis else 1 for i in range(rank)) for pair in found]
        return sym.slice_like(data, graph.filled(0, shapes), axes=(axis,))
    raise use.refused(
        f"of elements {' or '.join(map(str, found))} of axis {axis}",
        "they follow from the data's size in no simple way",
    )


def _bound(places: Sequence[int], lengths: Sequence[int]) -> int | str | None:
    """One bound for all probes: from the start, from the end, ``'all'``; None: there is none."""
    if len(set(places)) == 1 and not (len(set(lengths)) == 1 and places[0] == lengths[0]):
        return places[0]
    if list(places) == list(lengths):
        return "all"
    behind = {p - n for p, n in zip(places, lengths, strict=True)}
    return behind.pop() if len(behind) == 1 and max(behind) < 0 else None


def _gather(graph: Graph, use: Use) -> Symbol:
    value, index = use.arguments(2)
    data, axis = graph.symbol(value), use.attrs.get("axis", 0)
    shapes = graph.shapes(data)
    axis %= len(shapes[0])
    constant = index.constant
    if constant is not None and constant.ndim == 0:
        at = int(constant)
        part = sym.slice_axis(data, axis=axis, begin=at, end=None if at == -1 else at + 1)
        return graph.reshape(part, [s[:axis] + s[axis + 1 :] for s in shapes])
    return sym.take(data, graph.symbol(index), axis=axis, mode="wrap")  # -1 is the last one


def _gather_nd(graph: Graph, use: Use) -> Symbol:
    if use.attrs.get("batch_dims", 0):
        raise use.refused("with batch_dims", "MXNet's gather_nd has none")
    data, index = (graph.symbol(v) for v in use.arguments(2))
    rank = len(graph.shape(index))
    return sym.gather_nd(data, sym.transpose(index, axes=(rank - 1, *range(rank - 1))))


def _pad(graph: Graph, use: Use) -> Symbol:
    data = graph.symbol(use.input(0))
    pads, axes = use.numbers(1, "pads"), use.numbers_or_none(3)
    number = use.constant_or_none(2, "value")
    rank = len(graph.shape(data))
    half = len(pads) // 2
    places = [a % rank for a in axes] if axes else range(half)
    around = {a: (pads[i], pads[half + i]) for i, a in enumerate(places) if pads[i] or pads[half + i]}
    mode = use.attrs.get("mode", "constant")
    for axis, (before, after) in around.items():  # negative ones cut off
        if before < 0 or after < 0:
            data = sym.slice_axis(data, axis=axis, begin=max(-before, 0), end=min(after, 0) or None)
    around = {a: (max(b, 0), max(c, 0)) for a, (b, c) in around.items() if b > 0 or c > 0}
    if not around:
        return sym.identity(data)
    if mode in ("constant", "edge", "reflect") and rank in (4, 5) and min(around) >= 2:
        width = [n for i in range(rank) for n in around.get(i, (0, 0))]
        value = 0.0 if number is None else number.item()
        return sym.Pad(data, mode=mode, pad_width=tuple(width), constant_value=value)
    if mode == "constant":
        for axis, (before, after) in around.items():
            data = _extended(graph, data, axis, before, after, 0 if number is None else number.item())
        return data
    if mode in ("edge", "reflect") and rank == 3 and min(around) == 2:
        shapes = graph.shapes(data)
        tall = graph.reshape(data, [(s[0], s[1], 1, s[2]) for s in shapes])
        done = sym.Pad(tall, mode=mode, pad_width=(0, 0, 0, 0, 0, 0, *around[2]))
        return graph.reshape(done, [(*s[:2], s[2] + sum(around[2])) for s in shapes])
    raise use.refused(f"of mode {mode!r} for {rank} axes, along {sorted(around)}", "MXNet's Pad has no such form")


def _extended(graph: Graph, data: Symbol, axis: int, before: int, after: int, number: float) -> Symbol:
    shapes, dtype = graph.shapes(data), graph.dtype(data)

    def part(length: int) -> list[Symbol]:
        of = [tuple(length if i == axis else n for i, n in enumerate(s)) for s in shapes]
        return [graph.filled(number, of, dtype)] if length else []

    return sym.Concat(*part(before), data, *part(after), dim=axis)


def _tile(graph: Graph, use: Use) -> Symbol:
    return sym.tile(graph.symbol(use.input(0)), reps=tuple(use.numbers(1)))


def _depth_to_space(graph: Graph, use: Use) -> Symbol:
    data, size = graph.symbol(use.input(0)), use.attribute("blocksize")
    if use.attrs.get("mode", "DCR") == "DCR":
        return sym.depth_to_space(data, block_size=size)
    shapes = graph.shapes(data)
    split = graph.reshape(data, [(n, c // size**2, size, size, h, w) for n, c, h, w in shapes])
    moved = sym.transpose(split, axes=(0, 1, 4, 2, 5, 3))
    return graph.reshape(moved, [(n, c // size**2, h * size, w * size) for n, c, h, w in shapes])


def _space_to_depth(graph: Graph, use: Use) -> Symbol:
    if use.attrs.get("mode", "DCR") != "DCR":
        raise use.refused(f"of mode {use.attrs['mode']!r}", "MXNet's has the other one")
    return sym.space_to_depth(graph.symbol(use.input(0)), block_size=use.attribute("blocksize"))


def _one_hot(graph: Graph, use: Use) -> Symbol:
    if use.attrs.get("axis", -1) != -1:
        raise use.refused(f"with axis {use.attrs['axis']}", "MXNet's one_hot has the last one only")
    off, on = (n.item() for n in use.constant(2))
    dtype = use.constant(2).dtype.name
    return sym.one_hot(graph.symbol(use.input(0)), depth=use.number(1), on_value=on, off_value=off, dtype=dtype)


def _top_k(graph: Graph, use: Use) -> Sequence[Symbol]:
    found = sym.topk(
        graph.symbol(use.input(0)), axis=use.attrs.get("axis", -1), k=use.number(1, "k"), ret_typ="both",
        is_ascend=not use.attrs.get("largest", 1), dtype="int64",
    )  # fmt: skip
    return [found[0], found[1]]


def _best(function: Callable[..., Symbol]) -> Converter:
    def convert(graph: Graph, use: Use) -> Symbol:
        if use.attrs.get("select_last_index", 0):
            raise use.refused("with select_last_index", "MXNet gives the first of equal values")
        axis, keep = use.attrs.get("axis", 0), bool(use.attrs.get("keepdims", 1))
        return sym.Cast(function(graph.symbol(use.input(0)), axis=axis, keepdims=keep), dtype="int64")

    return convert


def _cumsum(graph: Graph, use: Use) -> Symbol:
    if use.attrs.get("exclusive", 0) or use.attrs.get("reverse", 0):
        raise use.refused("exclusive or in reverse", "MXNet's cumsum is neither")
    return sym.cumsum(graph.symbol(use.input(0)), axis=use.number(1))


def _shape(graph: Graph, use: Use) -> list[np.ndarray]:
    start, end = use.attrs.get("start", 0), use.attrs.get("end")
    return [np.array(s[start:end], dtype=np.int64) for s in graph.shapes(use.input(0))]


def _size(graph: Graph, use: Use) -> list[np.ndarray]:
    return [np.array(math.prod(s), dtype=np.int64) for s in graph.shapes(use.input(0))]


FROM_SHAPES: dict[str, Callable[[Graph, Use], list[np.ndarray]]] = {"Shape": _shape, "Size": _size}
"""Operators whose result follows from shapes."""

CONVERTERS: dict[str, Converter] = {
    "Reshape": _reshape, "Flatten": _flatten, "Squeeze": _squeeze, "Unsqueeze": _unsqueeze, "Expand": _expand,
    "Transpose": _transpose, "Concat": _concat, "Split": _split, "Slice": _slice, "Gather": _gather,
    "GatherND": _gather_nd, "Pad": _pad, "Tile": _tile, "DepthToSpace": _depth_to_space,
    "SpaceToDepth": _space_to_depth, "OneHot": _one_hot, "TopK": _top_k, "ArgMax": _best(sym.argmax),
    "ArgMin": _best(sym.argmin), "CumSum": _cumsum,
}  # fmt: skip
