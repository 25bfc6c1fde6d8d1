"""Source text of operators that reduce tensors, pick from them, make them or multiply them."""

from __future__ import annotations

import math

from .code import call, literal
from .use import Translation, Use

__all__ = ["SELECTIONS"]


# ---------------------------------------------------------------------------------------------- reductions
def _reduction(function: str, method: bool = True) -> Translation:
    def text(use: Use) -> str:
        if function not in ("sum", "amax", "amin"):
            use.only_floats()
        axis, x = use["axis"], use.x[0]
        if axis is not None and not isinstance(axis, tuple):
            axis = (axis,)
        if axis and use.attrs.get("exclude"):
            axis = tuple(i for i in range(use.ndim) if i not in [a % use.ndim for a in axis])
            if not axis:
                raise use.refuse("exclude leaves no axis")
        everything = not axis or len(axis) == use.ndim
        keep = use["keepdims"]
        if function == "sum" and not use.floating and use.dtypes[0].itemsize < 8:
            raise use.refuse("a sum of small integers", "cast them before")
        dims = None if not axis else axis[0] if len(axis) == 1 else tuple(axis)
        if dims is None and keep:
            dims = tuple(range(use.ndim))
        given = [] if dims is None else [dims]
        options = {"dim": literal(dims)} if function in ("amax", "amin") and given else {}
        found = call(f"{x}.{function}", *([] if options else given), **options, keepdim="True" if keep else None)
        return found if keep or not everything or use.attrs.get("np") else f"{found}.reshape(1)"

    return text


def _prod(use: Use) -> str:
    use.only_floats()
    axis, x = use["axis"], use.x[0]
    if axis and use["exclude"]:
        axis = tuple(i for i in range(use.ndim) if i not in [a % use.ndim for a in axis])
        if not axis:
            raise use.refuse("exclude leaves no axis")
    if not axis:
        found = f"{x}.prod()"
        return f"{found}.reshape({', '.join('1' * use.ndim) if use['keepdims'] else '1'})"
    found = x
    for a in sorted((a % use.ndim for a in axis), reverse=True):
        found = call(f"{found}.prod", a, keepdim="True" if use["keepdims"] else None)
    return found if use["keepdims"] or use.ndim > len(axis) else f"{found}.reshape(1)"


def _extremum(function: str) -> Translation:
    return _reduction(function)


def _norm(use: Use) -> str:
    use.only_floats()
    if use["out_dtype"] not in (None, use.dtypes[0]):
        raise use.refuse(f"out_dtype={use['out_dtype']}")
    axis = use["axis"] or None
    dims = None if axis is None else axis[0] if len(axis) == 1 else tuple(axis)
    found = call(
        "torch.linalg.vector_norm", use.x[0], *([1] if use["ord"] == 1 else []),
        dim=None if dims is None else literal(dims), keepdim="True" if use["keepdims"] else None,
    )  # fmt: skip
    return found if use["keepdims"] or axis and len(axis) < use.ndim else f"{found}.reshape(1)"


def _position(function: str) -> Translation:
    def text(use: Use) -> str:
        axis = use.attrs.get("axis") if use.node.op.name != "argmax_channel" else 1
        keep = use.attrs.get("keepdims")
        found = call(f"{use.x[0]}.{function}", *([] if axis is None else [axis]), keepdim="True" if keep else None)
        if not keep and (axis is None or use.ndim == 1):
            found += ".reshape(1)"
        return f"{found}.to({use.x[0]}.dtype)"

    return text


def _l2_normalization(use: Use) -> str:
    if use.used != {0}:
        raise use.refuse("its second output")
    mode = use["mode"]
    dims = (1,) if mode == "channel" else tuple(range(1 if mode == "instance" else 2, use.ndim))
    x = use.x[0]
    squares = call(f"{x}.square().sum", dims[0] if len(dims) == 1 else dims, keepdim="True") if dims else f"{x}**2"
    return f"{x} / torch.sqrt({squares} + {literal(use['eps'])})"


def _cumsum(use: Use) -> str:
    if use["dtype"] not in (None, use.dtypes[0]):
        raise use.refuse(f"dtype={use['dtype']}")
    use.only_floats()
    return f"{use.x[0]}.flatten().cumsum(0)" if use["axis"] is None else f"{use.x[0]}.cumsum({use['axis']})"


# ---------------------------------------------------------------------------------------------- picking
def _indices(text: str, use: Use, number: int) -> str:
    return text if use.dtypes[number].itemsize == 8 and not use.dtypes[number].is_floating_point else f"{text}.long()"


def _bounded(use: Use, number: int, size: str, mode: str) -> str:
    index = _indices(use.x[number], use, number)
    if mode == "clip":
        return f"{index}.clamp(0, {size} - 1)"
    return f"{index} % {size}" if mode == "wrap" else index


def _take(use: Use) -> str:
    axis = use["axis"] % use.ndim
    index = _bounded(use, 1, f"{use.x[0]}.shape[{axis}]", use["mode"])
    return f"{use.x[0]}[{':, ' * axis}{index}]"


def _pick(use: Use) -> str:
    axis = use["axis"] % use.ndim
    index = _bounded(use, 1, f"{use.x[0]}.shape[{axis}]", use["mode"])
    if len(use.shapes[1]) != use.ndim:
        index = f"({index})" if " % " in index else index
        index += f".unsqueeze({axis})"
    found = f"{use.x[0]}.gather({axis}, {index})"
    return found if use["keepdims"] or use.ndim == 1 else f"{found}.squeeze({axis})"


def _one_hot(use: Use) -> str:
    index = f"{_indices(use.x[0], use, 0)}.unsqueeze(-1)"
    steps = call("torch.arange", use["depth"], device=f"{use.x[0]}.device")
    on, off = use["on_value"], use["off_value"]
    if (on, off) == (1, 0):
        return f"({index} == {steps}).to({literal(use['dtype'])})"
    if not use["dtype"].is_floating_point:
        on, off = int(on), int(off)
    found = call("torch.where", f"{index} == {steps}", literal(on), literal(off))
    return f"{found}.to({literal(use['dtype'])})"


def _gather_nd(use: Use) -> str:
    return f"{use.x[0]}[{_indices(use.x[1], use, 1)}.unbind(0)]"


def _topk(use: Use) -> str:
    x, axis, k = use.x[0], use["axis"], use["k"]
    if axis is None:
        x, axis = f"{x}.flatten()", 0
    size = use.shape[axis] if use["axis"] is not None else math.prod(use.shape)
    kind, k = use["ret_typ"], k if k > 0 else size
    found = call(f"{x}.topk", k, dim=literal(axis), largest="False" if use["is_ascend"] else None)
    if kind == "value":
        return f"{found}.values"
    if kind == "indices":
        return f"{found}.indices.to({literal(use['dtype'])})"
    raise use.refuse(f"ret_typ={kind!r}", "take values and indices in two calls")


def _sort(use: Use) -> str:
    if use.used != {0} or use["axis"] is None:
        raise use.refuse("this form")
    return (
        call(f"{use.x[0]}.sort", dim=literal(use["axis"]), descending=None if use["is_ascend"] else "True") + ".values"
    )


def _argsort(use: Use) -> str:
    if use["axis"] is None:
        raise use.refuse("axis=None")
    found = call(
        f"{use.x[0]}.argsort", dim=literal(use["axis"]), descending=None if use["is_ascend"] else "True", stable="True"
    )
    return f"{found}.to({literal(use['dtype'])})"


# ---------------------------------------------------------------------------------------------- sequences
def _sequence_mask(use: Use) -> str:
    x, axis = use.x[0], use["axis"]
    if len(use.x) == 1:
        return x
    value = use["value"] if use.dtypes[0].is_floating_point else int(use["value"])
    axis_text = literal(axis) if axis else None
    return call("mask_sequences", x, use.x[1], axis=axis_text, value=literal(value) if value else None)


def _sequence_last(use: Use) -> str:
    x, axis = use.x[0], use["axis"]
    if len(use.x) == 1:
        return f"{x}[-1]" if axis == 0 else f"{x}[:, -1]"
    last = f"{use.x[1]}.long() - 1"
    rows = f"torch.arange({x}.shape[{1 - axis}], device={x}.device)"
    return f"{x}[{last}, {rows}]" if axis == 0 else f"{x}[{rows}, {last}]"


def _sequence_reverse(use: Use) -> str:
    if len(use.x) == 1:
        return f"{use.x[0]}.flip(0)"
    return f"reverse_sequences({use.x[0]}, {use.x[1]})"


# ---------------------------------------------------------------------------------------------- making
def _filled(name: str) -> Translation:
    def text(use: Use) -> str:
        shape = use["shape"] or ()
        if not use.out_shapes[0]:
            raise use.refuse("the shape of the result does not follow from the inputs")
        parts = [str(n) if n else use.sized(i) for i, n in enumerate(shape)]
        value = [literal(float(use["value"]))] if name == "full" else []
        size = parts[0] if len(parts) == 1 and not value else f"({', '.join(parts)}{',' * (len(parts) == 1)})"
        size = ", ".join(parts) if not value and len(parts) > 1 else size
        return call(f"torch.{name}", size, *value, **_dtype(use), **_device(use))

    return text


def _dtype(use: Use) -> dict[str, str]:
    return {} if str(use["dtype"]) == "torch.float32" else {"dtype": literal(use["dtype"])}


def _device(use: Use) -> dict[str, str]:
    device = use.sized(-1)
    return {"device": device} if device else {}


def _arange(use: Use) -> str:
    start, stop, step = use["start"], use["stop"], use["step"]
    if use["repeat"] != 1:
        raise use.refuse(f"repeat={use['repeat']}", "use F.repeat")
    if stop is None:
        start, stop = 0.0, start
    whole = all(float(v).is_integer() for v in (start, stop, step))
    start, stop, step = (int(v) if whole else v for v in (start, stop, step))
    numbers = [start, stop, step] if step != 1 else [start, stop] if start else [stop]
    return call("torch.arange", *map(literal, numbers), dtype=literal(use["dtype"]), **_device(use))


def _arange_like(use: Use) -> str:
    x, axis, start, step = use.x[0], use["axis"], use["start"], use["step"]
    use.only(repeat=1)
    count = f"{x}.numel()" if axis is None else f"{x}.shape[{axis}]"
    found = call("torch.arange", count, dtype=f"{x}.dtype", device=f"{x}.device")
    found += f" * {literal(step)}" if step != 1 else ""
    found += f" + {literal(start)}" if start else ""
    if axis is None:
        found = f"({found})" if " " in found.partition(")")[2] else found
        found += f".reshape({x}.shape)"
    return found


def _eye(use: Use) -> str:
    use.only(k=0)
    return call("torch.eye", use["N"], *([use["M"]] if use["M"] else []), **_dtype(use), **_device(use))


# ---------------------------------------------------------------------------------------------- products
def _product(use: Use, function: str, axes: str = "mT") -> str:
    a = f"{use.x[0]}.{axes}" if use["transpose_a"] else use.x[0]
    b = f"{use.x[1]}.{axes}" if use["transpose_b"] else use.x[1]
    return f"{function}({a}, {b})"


def _batch_dot(use: Use) -> str:
    use.only(forward_stype=[None, "default"])
    return _product(use, "torch.bmm" if use.ndim == 3 else "torch.matmul")


def _dot(use: Use) -> str:
    use.only(forward_stype=[None, "default"])
    n, m = use.ndim, len(use.shapes[1])
    if n == m == 1:
        return f"torch.dot({use.x[0]}, {use.x[1]}).reshape(1)"
    if n == m == 2:
        return _product(use, "torch.matmul", "T")
    left, right = (0 if use["transpose_a"] else n - 1), (m - 1 if use["transpose_b"] else 0)
    return f"torch.tensordot({use.x[0]}, {use.x[1]}, dims=([{left}], [{right}]))"


def _gemm2(use: Use) -> str:
    use.only(axis=-2)
    found = _product(use, "torch.matmul")
    return found if use["alpha"] == 1 else f"{literal(use['alpha'])} * {found}"


def _space(function: str, text: str) -> Translation:
    return lambda use: text.format(x=use.x[0], b=use["block_size"])


SELECTIONS: dict[str, Translation] = {
    "L2Normalization": _l2_normalization,
    "SequenceLast": _sequence_last,
    "SequenceMask": _sequence_mask,
    "SequenceReverse": _sequence_reverse,
    "_arange": _arange,
    "_contrib_arange_like": _arange_like,
    "_eye": _eye,
    "_full": _filled("full"),
    "_linalg_gemm2": _gemm2,
    **dict.fromkeys(("_npi_ones", "_ones"), _filled("ones")),
    **dict.fromkeys(("_npi_zeros", "_zeros"), _filled("zeros")),
    "argmax": _position("argmax"),
    "argmax_channel": _position("argmax"),
    "argmin": _position("argmin"),
    "argsort": _argsort,
    "batch_dot": _batch_dot,
    "_np_cumsum": _cumsum,
    "dot": _dot,
    "gather_nd": _gather_nd,
    "max": _extremum("amax"),
    "mean": _reduction("mean"),
    "min": _extremum("amin"),
    "norm": _norm,
    "one_hot": _one_hot,
    "pick": _pick,
    "prod": _prod,
    "sort": _sort,
    "sum": _reduction("sum"),
    "take": _take,
    "topk": _topk,
}
