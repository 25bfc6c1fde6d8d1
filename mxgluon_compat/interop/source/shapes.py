"""Source text of operators that rearrange tensors."""

from __future__ import annotations

from collections.abc import Sequence

from .code import call, literal
from .use import Pair, Translation, Use

__all__ = ["SHAPES"]


# ---------------------------------------------------------------------------------------------- reshape
def _dims(use: Use) -> list[str]:
    return [f"{use.x[0]}.shape[{i}]" for i in range(use.ndim)]


def _coded(dims: Sequence[str], sizes: Sequence[int], codes: Sequence[int]) -> list[str]:
    """MXNet's codes as expressions, in the way of ``ops.shape.reshape_codes``."""
    out: list[str] = []
    at, i = 0, 0
    while i < len(codes):
        code = codes[i]
        if code == -2:
            out += dims[at:]
            at = len(dims)
        elif code == -3:
            out.append(f"{dims[at]} * {dims[at + 1]}")
            at += 2
        elif code == -4:
            first, second = codes[i + 1], codes[i + 2]
            out.append(f"{dims[at]} // {second}" if first == -1 else str(first))
            out.append(f"{dims[at]} // {first}" if second == -1 else str(second))
            at += 1
            i += 2
        elif code == 0:
            out.append(dims[at])
            at += 1
        else:
            out.append(str(code))
            at += 1
        i += 1
    return out


def _reshape(use: Use) -> str | Pair:
    x, codes = use.x[0], use["shape"]
    if not codes:
        codes = tuple(d or -1 for d in use["target_shape"])
        if use["keep_highest"] and codes:
            codes = (0, *codes[1:])
        parts = [f"{x}.shape[0]" if i == 0 and c == 0 else str(c) for i, c in enumerate(codes)]
        return call(f"{x}.reshape", *parts)
    dims, backwards = _dims(use), use["reverse"] and any(c == 0 or c < -1 for c in codes)
    if codes == (0, -1) and use.ndim > 1 and not backwards:
        return f"{x}.flatten(1)"
    if backwards:
        parts = _coded(dims[::-1], use.shape[::-1], codes[::-1])[::-1]
    else:
        parts = _coded(dims, use.shape, codes)
    if parts == dims:
        return x
    joined = [i for i, c in enumerate(codes) if c == -3]
    kept = [c for c in codes if c != -3]
    if len(joined) == 1 and not backwards and all(c in (0, -2) for c in kept):
        return f"{x}.flatten({joined[0]}, {joined[0] + 1})"
    split = [i for i, c in enumerate(codes) if c == -4]
    rest = [c for i, c in enumerate(codes) if not any(s <= i <= s + 2 for s in split)]
    if len(split) == 1 and not backwards and all(c in (0, -2) for c in rest):
        at = split[0]
        return f"{x}.unflatten({at}, ({codes[at + 1]}, {codes[at + 2]}))"
    # One length that only the input tells can be left to torch.
    if not any(p == "-1" for p in parts):
        products = [i for i, p in enumerate(parts) if " " in p]
        if len(products) == 1:
            parts[products[0]] = "-1"
    return call(f"{x}.reshape", *_gathered(x, dims, parts))


def _gathered(x: str, dims: Sequence[str], parts: Sequence[str]) -> list[str]:
    """The first dimensions in one, where there are several that stay."""
    kept = 0
    while kept < min(len(dims), len(parts)) and parts[kept] == dims[kept]:
        kept += 1
    return [f"*{x}.shape[:{kept}]", *parts[kept:]] if kept > 1 else list(parts)


def _flatten(use: Use) -> str | Pair:
    return Pair("nn.Flatten", "torch.flatten", [("start_dim", 1, 1)], 1) if use.ndim > 1 else f"{use.x[0]}[:, None]"


def _reshape_like(use: Use) -> str:
    x, like = use.x
    names = ("lhs_begin", "lhs_end", "rhs_begin", "rhs_end")
    if all(use[n] is None for n in names):
        return f"{x}.reshape({like}.shape)"
    n, m = use.ndim, len(use.shapes[1])

    def span(begin: int | None, end: int | None, ndim: int) -> tuple[int, int]:
        low = 0 if begin is None else begin % ndim if begin < 0 else begin
        return low, ndim if end is None else end % ndim if end < 0 else end

    (low, high), (start, stop) = span(use[names[0]], use[names[1]], n), span(use[names[2]], use[names[3]], m)
    parts = [f"{x}.shape[{i}]" for i in range(low)]
    parts += [f"{like}.shape[{i}]" for i in range(start, stop)]
    parts += [f"{x}.shape[{i}]" for i in range(high, n)]
    return call(f"{x}.reshape", *parts)


# ---------------------------------------------------------------------------------------------- axes
def _transpose(use: Use) -> str:
    axes = use["axes"] or tuple(range(use.ndim - 1, -1, -1))
    moved = [i for i, a in enumerate(axes) if i != a]
    if not moved:
        return use.x[0]
    if len(moved) == 2:
        return f"{use.x[0]}.transpose({moved[0]}, {moved[1]})"
    return call(f"{use.x[0]}.permute", *axes)


def _squeeze(use: Use) -> str:
    x, axis = use.x[0], use["axis"]
    if axis is None:
        axis = tuple(i for i, n in enumerate(use.shape) if n == 1)
    if len(axis) == use.ndim:
        return f"{x}.reshape(1)"
    return call(f"{x}.squeeze", axis[0] if len(axis) == 1 else tuple(axis)) if axis else x


def _listed(use: Use) -> str:
    return f"[{', '.join(use.x)}]"


def _tile(use: Use) -> str:
    return call(f"{use.x[0]}.tile", use["reps"])


def _repeat(use: Use) -> str:
    if use["repeats"] == 0:
        return f"{use.x[0]}.new_zeros(0)"
    return call(f"{use.x[0]}.repeat_interleave", use["repeats"], dim=use["axis"])


def _pad(use: Use) -> str:
    width = use["pad_width"]
    widths = tuple(w for i in range(len(width) - 2, 3, -2) for w in width[i : i + 2])
    if use["mode"] == "constant":
        value = use["constant_value"]
        return call("F.pad", use.x[0], widths, value=literal(float(value)) if value else None)
    return call("F.pad", use.x[0], widths, mode='"replicate"' if use["mode"] == "edge" else '"reflect"')


# ---------------------------------------------------------------------------------------------- slices
def _slice_text(begin: int | None, end: int | None, step: int | None) -> str:
    first = "" if begin in (0, None) else str(begin)
    text = f"{first}:{'' if end is None else end}"
    return text if step in (None, 1) else f"{text}:{step}"


_END = 2**31 - 1  # what code writes that means the end


def _slice(use: Use) -> str:
    steps = use["step"] or (None,) * len(use["begin"])
    last = [b == s == -1 and e == -2 for b, e, s in zip(use["begin"], use["end"], steps)]  # x[-1] of mx.np
    steps = [None if is_last else s for s, is_last in zip(steps, last)]
    if any(s is not None and s < 0 for s in steps):
        if all(b is None and e is None for b, e in zip(use["begin"], use["end"])) and set(steps) <= {-1, None, 1}:
            return f"{use.x[0]}.flip({', '.join(str(i) for i, s in enumerate(steps) if s == -1)})"
        raise use.refuse(f"step={steps}", "flip the array (F.flip) and take positive steps")
    ends = [None if is_last or (e is not None and e >= _END) else e for e, is_last in zip(use["end"], last)]
    parts = [_slice_text(*b) for b in zip(use["begin"], ends, steps)]
    while parts and parts[-1] == ":":
        parts.pop()
    return f"{use.x[0]}[{', '.join(parts)}]" if parts else use.x[0]


def _slice_axis(use: Use) -> str:
    axis = use["axis"] % use.ndim
    if axis == use.ndim - 1 and axis > 1:
        return f"{use.x[0]}[..., {_slice_text(use['begin'], use['end'], None)}]"
    return f"{use.x[0]}[{':, ' * axis}{_slice_text(use['begin'], use['end'], None)}]"


def _slice_like(use: Use) -> str:
    x, like = use.x
    axes = sorted(a % use.ndim for a in (use["axes"] or range(use.ndim)))
    parts = [f": {like}.shape[{i}]" if i in axes else ":" for i in range(axes[-1] + 1)]
    return f"{x}[{', '.join(parts)}]"


def _split(use: Use) -> str:
    x, count, axis = use.x[0], use["num_outputs"], use["axis"]
    if use["squeeze_axis"]:
        text = f"{x}.unbind({axis})"
        return f"{text}[0]" if count == 1 else text
    return x if count == 1 else f"{x}.chunk({count}, dim={axis})"


def _split_v2(use: Use) -> str:
    x, axis, sections = use.x[0], use["axis"], use["sections"]
    if use["squeeze_axis"]:
        raise use.refuse("squeeze_axis", "split and squeeze in two steps")
    if sections:
        return f"{x}.chunk({sections}, dim={axis})" if sections > 1 else x
    inner = use["indices"][1:]
    return f"{x}.tensor_split({literal(tuple(inner))}, dim={axis})" if inner else x


def _crop(use: Use) -> str:
    if use["center_crop"]:
        raise use.refuse("center_crop", "give an offset")
    y, x = use["offset"]
    if len(use.x) == 2:
        like = use.x[1]
        h, w = (f"{o} + {like}.shape[{i}]" if o else f"{like}.shape[{i}]" for i, o in ((2, y), (3, x)))
        return f"{use.x[0]}[:, :, {y or ''}{' ' if y else ''}: {h}, {x or ''}{' ' if x else ''}: {w}]"
    h, w = use["h_w"]
    return f"{use.x[0]}[:, :, {y or ''}:{y + h}, {x or ''}:{x + w}]"


# ---------------------------------------------------------------------------------------------- broadcasting
def _broadcast_axis(use: Use) -> str:
    sizes = dict(zip(use["axis"], use["size"]))
    return call(f"{use.x[0]}.expand", *(sizes.get(i, -1) for i in range(use.ndim)))


def _broadcast_to(use: Use) -> str:
    return call(f"{use.x[0]}.expand", *(n or -1 for n in use["shape"]))


def _broadcast_like(use: Use) -> str:
    x, like = use.x
    if use["lhs_axes"] is None or use["rhs_axes"] is None:
        return f"{x}.expand_as({like})"
    pairs = {a % use.ndim: b for a, b in zip(use["lhs_axes"], use["rhs_axes"])}
    return call(f"{x}.expand", *(f"{like}.shape[{pairs[i]}]" if i in pairs else -1 for i in range(use.ndim)))


SHAPES: dict[str, Translation] = {
    "Concat": lambda use: call("torch.cat", _listed(use), dim=literal(use["dim"])),
    "Crop": _crop,
    "Flatten": _flatten,
    "Pad": _pad,
    "Reshape": _reshape,
    "SliceChannel": _split,
    "SwapAxis": lambda use: f"{use.x[0]}.transpose({use['dim1']}, {use['dim2']})",
    "_split_v2": _split_v2,
    "broadcast_axis": _broadcast_axis,
    "broadcast_like": _broadcast_like,
    "broadcast_to": _broadcast_to,
    "expand_dims": lambda use: f"{use.x[0]}.unsqueeze({use['axis']})",
    "repeat": _repeat,
    "reshape_like": _reshape_like,
    "reverse": lambda use: call(f"{use.x[0]}.flip", *use["axis"]),
    "slice": _slice,
    "slice_axis": _slice_axis,
    "slice_like": _slice_like,
    "squeeze": _squeeze,
    "stack": lambda use: call("torch.stack", _listed(use), dim=literal(use["axis"]) if use["axis"] else None),
    "tile": _tile,
    "transpose": _transpose,
}
