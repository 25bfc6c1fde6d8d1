"""The safetensors format: a header in JSON, then the arrays.

It is read and written here, not by its library, so that arrays stay where a file is mapped, writing holds no second
copy of them, arrays come back in their order and errors name them.

What the format has no place for stands in the header's metadata: that the arrays are a list (their names are then
``0``, ``1``, ...), and which arrays (``w#indices``, ``w#data``) are the parts of a sparse array ``w``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import torch

from ..base import DTYPE_NAMES
from .content import Content, byte_count, bytes_of
from .parts import PARTS, Saved, SparseParts, most_common

__all__ = ["read", "write"]

_FORM = "mxgluon_compat.form"  # "dict" or "list"
_SPARSE = "mxgluon_compat.sparse"  # {name of a sparse array: [storage type, shape]}
_METADATA = "__metadata__"
_ALIGNMENT = 8
_LONGEST_HEADER = 100_000_000  # the library's own limit

_CODES = {
    torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.uint8: "U8", torch.int8: "I8", torch.int32: "I32", torch.int64: "I64", torch.bool: "BOOL",
}  # fmt: skip
_DTYPES = {code: dtype for dtype, code in _CODES.items()}


# ---------------------------------------------------------------------------------------------- writing
def write(file: BinaryIO, tensors: Mapping[str, Saved] | Sequence[Saved]) -> None:
    """Writes tensors, one after the other.

    Args:
        file: open for writing.
        tensors: by name, or a list.

    Raises:
        ValueError: two arrays would have one name, or a name is no text.
    """
    named = isinstance(tensors, Mapping)
    items = dict(tensors) if named else {str(i): t for i, t in enumerate(tensors)}
    metadata = {_FORM: "dict" if named else "list"}
    sparse = {name: [t.stype, list(t.shape)] for name, t in items.items() if isinstance(t, SparseParts)}
    if sparse:
        metadata[_SPARSE] = json.dumps(sparse)
    flat: dict[str, torch.Tensor] = {}
    for name, tensor in _in_parts(items):
        if name in flat:
            raise ValueError(f"{name!r} is the name of a part of a sparse array and of an array")
        if name == _METADATA:
            raise ValueError(f"no array of a safetensors file can be named {name!r}")
        flat[name] = tensor
    # The widest first: so all of them are aligned, and there are no gaps, which the format forbids.
    order = sorted(flat, key=lambda name: -flat[name].dtype.itemsize)
    offsets, end = {}, 0
    for name in order:
        start, end = end, end + byte_count(tuple(flat[name].shape), flat[name].dtype)
        offsets[name] = [start, end]
    header: dict[str, Any] = {_METADATA: metadata}
    for name, tensor in flat.items():
        header[name] = {
            "dtype": _CODES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": offsets[name]
        }  # fmt: skip
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    file.write(len(text).to_bytes(8, "little") + text)
    for name in order:
        file.write(bytes_of(flat[name]))


def _in_parts(items: Mapping[str, Saved]) -> Iterator[tuple[str, torch.Tensor]]:
    for name, value in items.items():
        if isinstance(value, SparseParts):
            for part, tensor in zip(PARTS[value.stype], value.parts, strict=True):
                yield f"{name}#{part}", tensor
        else:
            yield name, value


# ---------------------------------------------------------------------------------------------- reading
def read(content: Content) -> dict[str, Saved] | list[Saved]:
    """The arrays of a file: by name, or a list where a list was saved.

    Raises:
        ValueError: the file is truncated or damaged, or holds a dtype that MXNet has not.
    """
    size = int.from_bytes(content.head(8), "little")
    if size > min(_LONGEST_HEADER, len(content) - 8):
        raise ValueError(f"truncated or damaged: its header claims {size} bytes of {len(content)}")
    try:
        header = json.loads(str(content.bytes[8 : 8 + size], "utf-8"), object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("damaged: its header is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"damaged: its header is not JSON ({error})") from None
    metadata = header.pop(_METADATA, {}) if isinstance(header, dict) else None
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise ValueError("damaged: its header does not describe arrays")
    found = _tensors(content, header, 8 + size)
    found = _put_together(found, metadata)
    if metadata.get(_FORM) != "list":
        return found
    if set(found) != {str(i) for i in range(len(found))}:
        raise ValueError(f"it says that it holds a list, but its arrays are named {', '.join(sorted(found)[:5])}, ...")
    return [found[str(i)] for i in range(len(found))]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"damaged: its header has {most_common(name for name, _ in pairs)!r} twice")
    return found


def _tensors(content: Content, header: dict[str, Any], start: int) -> dict[str, Saved]:
    """The arrays that the header describes, in its order; the data begin at byte ``start``."""
    places = {name: _place(name, entry) for name, entry in header.items()}
    found: dict[str, Saved] = dict.fromkeys(places)  # type: ignore[arg-type]
    in_file = sorted(places, key=lambda name: (places[name][0], byte_count(*places[name][1:])))
    end = 0
    for k, name in enumerate(in_file):
        first, shape, dtype = places[name]
        try:
            if first != end:
                raise ValueError(f"damaged: it begins at byte {first} and the one before it ends at {end}")
            end += byte_count(shape, dtype)
            found[name] = content.tensor(start + first, dtype, shape)
        except ValueError as error:
            raise ValueError(f"array {k + 1} of {len(places)}, {name!r}: {error}") from None
    if start + end != len(content):
        raise ValueError(f"damaged: {len(content) - start - end} bytes follow its end")
    return found


def _place(name: str, entry: Any) -> tuple[int, tuple[int, ...], torch.dtype]:
    """Where an array begins, its shape and its dtype."""
    try:
        code, shape, (first, last) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
        if not all(type(n) is int and n >= 0 for n in (*shape, first, last)) or not isinstance(code, str):
            raise TypeError
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"damaged: its header does not describe array {name!r}") from None
    if code not in _DTYPES:
        raise ValueError(f"array {name!r} is {code}; MXNet has {', '.join(DTYPE_NAMES)}")
    dtype = _DTYPES[code]
    if last - first != byte_count(shape, dtype):
        raise ValueError(f"damaged: array {name!r} of shape {shape} has {last - first} bytes")
    return first, shape, dtype


def _put_together(found: dict[str, Saved], metadata: Mapping[str, str]) -> dict[str, Saved]:
    """The arrays, with sparse ones made of their parts, each in the place of its first part."""
    firsts, others = {}, set()
    try:
        for name, (stype, shape) in json.loads(metadata.get(_SPARSE, "{}"), object_pairs_hook=_once).items():
            if not all(type(n) is int for n in shape):
                raise ValueError(f"no array has the shape {shape}")
            keys = [f"{name}#{part}" for part in PARTS[stype]]
            firsts[keys[0]] = name, SparseParts(stype, tuple(shape), tuple(found[key] for key in keys)).check()
            others.update(keys[1:])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"a sparse array in it is damaged ({error!r})") from None
    whole: dict[str, Saved] = {}
    for key, value in found.items():
        name, value = firsts.get(key, (key, value))
        if name in whole:
            raise ValueError(f"damaged: two of its arrays are named {name!r}")
        if key not in others:
            whole[name] = value
    return whole
