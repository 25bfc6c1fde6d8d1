"""MXNet's binary array files, ``nd.save`` and ``.params``.

The functions below ``_file`` are the layout, once: a ``_Reader`` runs them to take values out of a file and a
``_Writer`` to put values into one, so each call names the value to write and returns the value that is in the file.

A file is a list of arrays and a list of their names, which may be empty. Arrays are in one of four versions:

======  ==================================================================================
legacy  the oldest: the first word counts the dimensions, of 32 bits each
V1      before 1.0: dimensions of 64 bits
V2      1.x: sparse arrays too
V3      1.x under np-shape semantics: an array without dimensions is a scalar, not the lack of an array
======  ==================================================================================
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, TypeVar

import torch

from ..base import DTYPE_NAMES, FLAG_TO_NAME, NAME_TO_FLAG, NAME_TO_TORCH, TORCH_TO_NAME
from .content import Content, byte_count, bytes_of
from .parts import PARTS, Saved, SparseParts, most_common

__all__ = ["MAGIC", "read", "write"]

MAGIC = 0x112
_V1, _V2, _V3 = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
_STYPES = ("default", *PARTS)
_INDICES = {"default": 0, **{stype: len(parts) - 1 for stype, parts in PARTS.items()}}
_CPU = 1
_MAX_NDIM = 32
_NEVER = "it was never initialised when it was saved"
_NEWER_FLAGS = {8: "int16", 9: "uint16", 10: "uint32", 11: "uint64"}  # of MXNet 2

_NOTHING = torch.empty(0, dtype=torch.float32, device="cpu")

T = TypeVar("T")


class _Array(NamedTuple):
    """One array as it lies in a file; the default is what a reader passes, who has none yet."""

    version: int = _V2
    stype: str = "default"
    shape: tuple[int, ...] = ()
    values: torch.Tensor = _NOTHING
    indices: tuple[torch.Tensor, ...] = ()


class _Reader:
    def __init__(self, content: Content) -> None:
        self.content = content
        self.at = 0

    def numbers(self, code: str, values: Sequence[int], count: int) -> tuple[int, ...]:
        size = struct.calcsize(code) * count
        if size > len(self.content) - self.at:
            raise ValueError("truncated")
        found = struct.unpack_from(f"<{count}{code}", self.content.bytes, self.at)
        self.at += size
        return found

    def text(self, value: str) -> str:
        size = self.number("Q", 0)
        if size > len(self.content) - self.at:
            raise ValueError("truncated")
        self.at += size
        return bytes(self.content.bytes[self.at - size : self.at]).decode()

    def tensor(self, value: torch.Tensor, dtype: torch.dtype, shape: tuple[int, ...]) -> torch.Tensor:
        try:
            found = self.content.tensor(self.at, dtype, shape)
        except ValueError as error:
            raise ValueError(f"{error} of its {TORCH_TO_NAME[dtype]} {shape}") from None
        self.at += byte_count(shape, dtype)
        return found

    def each(self, what: str, layout: Callable[[Any, T], T], values: Sequence[T], empty: T) -> list[T]:
        count = self.number("Q", 0)
        if count > (len(self.content) - self.at) // 8:  # 8 bytes hold no array, and just an empty name
            raise ValueError(f"truncated or damaged: it claims {count} {what}s and has {len(self.content)} bytes")
        found = []
        for k in range(count):
            try:
                found.append(layout(self, empty))
            except ValueError as error:
                raise ValueError(f"{what} {k + 1} of {count}: {error}") from None
        return found

    def number(self, code: str, value: int) -> int:
        return self.numbers(code, (value,), 1)[0]


class _Writer:
    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def numbers(self, code: str, values: Sequence[int], count: int) -> tuple[int, ...]:
        self.file.write(struct.pack(f"<{count}{code}", *values))
        return tuple(values)

    def text(self, value: str) -> str:
        data = value.encode()
        self.number("Q", len(data))
        self.file.write(data)
        return value

    def tensor(self, value: torch.Tensor, dtype: torch.dtype, shape: tuple[int, ...]) -> torch.Tensor:
        self.file.write(bytes_of(value))
        return value

    def each(self, what: str, layout: Callable[[Any, T], T], values: Sequence[T], empty: T) -> list[T]:
        self.number("Q", len(values))
        return [layout(self, value) for value in values]

    def number(self, code: str, value: int) -> int:
        return self.numbers(code, (value,), 1)[0]


_Stream = _Reader | _Writer


# ---------------------------------------------------------------------------------------------- the layout
def _file(io: _Stream, arrays: Sequence[_Array] = (), names: Sequence[str] = ()) -> tuple[list[_Array], list[str]]:
    io.number("Q", MAGIC)
    io.number("Q", 0)  # reserved; MXNet does not read it either
    return io.each("array", _array, arrays, _Array()), io.each("name", _name, names, "")


def _name(io: _Stream, name: str) -> str:
    return io.text(name)


def _array(io: _Stream, array: _Array) -> _Array:
    version = io.number("I", array.version)
    stype, stored = "default", None
    if version in (_V2, _V3):
        stype = _stype(io, array.stype)
        stored = _shape(io, array.values.shape) if stype != "default" else None
        shape = _shape(io, array.shape)
    elif version == _V1:
        shape = _shape(io, array.shape)
    else:
        shape = _dims(io, "I", array.shape, version)
    if not shape and version != _V3:
        raise ValueError(_NEVER)
    io.number("i", _CPU)  # where it was, which may be a device that is not here; what is written, all can load
    io.number("i", 0)
    dtype = _dtype(io, array.values.dtype)
    indices = array.indices or (_NOTHING,) * _INDICES[stype]
    kinds = [(_dtype(io, part.dtype), _shape(io, part.shape)) for part in indices]
    values = io.tensor(array.values, dtype, shape if stored is None else stored)
    indices = [io.tensor(part, *kind) for part, kind in zip(indices, kinds)]
    return _Array(version, stype, shape, values, tuple(indices))


def _stype(io: _Stream, stype: str) -> str:
    found = io.number("i", _STYPES.index(stype))
    if not 0 <= found < len(_STYPES):
        raise ValueError(_NEVER if found == -1 else f"damaged: it has the storage type {found}")
    return _STYPES[found]


def _shape(io: _Stream, shape: Sequence[int]) -> tuple[int, ...]:
    return _dims(io, "q", shape, io.number("i", len(shape)))


def _dims(io: _Stream, code: str, shape: Sequence[int], ndim: int) -> tuple[int, ...]:
    if ndim == -1:
        raise ValueError(_NEVER)
    if not 0 <= ndim <= _MAX_NDIM:
        raise ValueError(f"damaged, or of a newer version: no array begins with {ndim:#x}")
    return io.numbers(code, shape, ndim)


def _dtype(io: _Stream, dtype: torch.dtype) -> torch.dtype:
    flag = io.number("i", NAME_TO_FLAG[TORCH_TO_NAME[dtype]])
    if flag not in FLAG_TO_NAME:
        kind = _NEWER_FLAGS.get(flag, f"of the unknown dtype {flag}")
        raise ValueError(f"it is {kind}; MXNet 1.x has {', '.join(DTYPE_NAMES)}")
    return NAME_TO_TORCH[FLAG_TO_NAME[flag]]


# ---------------------------------------------------------------------------------------------- both directions
def read(content: Content) -> dict[str, Saved] | list[Saved]:
    """The arrays of a file: by name, or a list where there are no names.

    Raises:
        ValueError: the file is truncated or damaged, or holds what MXNet 1.x has not.
    """
    io = _Reader(content)
    arrays, names = _file(io)
    if io.at != len(content):
        raise ValueError(f"damaged: {len(content) - io.at} bytes follow its end")
    if names and len(names) != len(arrays):
        raise ValueError(f"damaged: it has {len(arrays)} arrays and {len(names)} names")
    found = [_saved(array) for array in arrays]
    if not names:
        return found
    named = dict(zip(names, found))
    if len(named) < len(names):
        raise ValueError(f"damaged: two of its arrays are named {most_common(names)!r}")
    return named


def _saved(array: _Array) -> Saved:
    if array.stype == "default":
        return array.values
    return SparseParts(array.stype, array.shape, (*array.indices, array.values)).check()


def write(file: BinaryIO, tensors: Mapping[str, Saved] | Sequence[Saved], np_shape: bool = False) -> None:
    """Writes tensors as MXNet 1.9.1 does, one after the other.

    Args:
        file: open for writing.
        tensors: by name, or a list.
        np_shape: as under np-shape semantics, which MXNet then needs for reading. A 0-d array is written so anyway.

    Raises:
        ValueError: a name that MXNet would cut.
    """
    named = isinstance(tensors, Mapping)
    names = list(tensors) if named else []
    for name in names:
        if "\0" in name:
            raise ValueError(f"MXNet would cut the name {name!r} at its zero character")
    _file(_Writer(file), [_laid_out(t, np_shape) for t in (tensors.values() if named else tensors)], names)


def _laid_out(saved: Saved, np_shape: bool) -> _Array:
    if isinstance(saved, SparseParts):  # MXNet has none under np-shape semantics
        return _Array(_V2, saved.stype, tuple(saved.shape), saved.parts[-1], saved.parts[:-1])
    shape = tuple(saved.shape)
    return _Array(_V3 if np_shape or not shape else _V2, "default", shape, saved)
