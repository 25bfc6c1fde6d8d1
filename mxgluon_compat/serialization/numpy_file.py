"""NumPy's ``.npy`` and ``.npz`` files. Headers are matched, not evaluated; arrays of objects, pickles, are refused.

A sparse array ``w`` of an ``.npz`` file is stored in its parts: ``w/format`` (its storage type), ``w/shape``,
``w/data``, ``w/indices`` and, for csr, ``w/indptr``.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np
import torch

from ..base import DTYPE_NAMES, NAME_TO_TORCH
from .content import Content, byte_count
from .parts import PARTS, Saved, SparseParts

__all__ = ["read_npy", "read_npz", "write_npz"]

_MOST_DEFLATED = 1100  # deflate packs a run of one byte about 1030 times smaller
_CHUNK = 1 << 20
_LONGEST_TEXT = 100
_HEADER = re.compile(
    r"\{'descr': '([<>|=]?[biufcSUVOMm?]\d{0,6})', 'fortran_order': (True|False), 'shape': \(([\dL, ]*)\),? *\}\s*"
)


# ---------------------------------------------------------------------------------------------- reading
def read_npy(content: Content) -> list[Saved]:
    """The array of a ``.npy`` file, as the only one of a list.

    Raises:
        ValueError: the file is truncated or damaged, or its dtype is not one of MXNet's.
    """
    with content.open() as file:
        return [_tensor(_array(file, len(content)))]


def read_npz(content: Content) -> dict[str, Saved]:
    """The arrays of an ``.npz`` file by name.

    Raises:
        ValueError: it is another zip archive, is damaged, or holds a dtype that MXNet has not.
    """
    with content.open() as file:
        try:
            with zipfile.ZipFile(file) as archive:
                found = _members(archive, _MOST_DEFLATED * len(content))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise ValueError(f"truncated or damaged: {error}") from None
    return _put_together(found)


def _members(archive: zipfile.ZipFile, most: int) -> dict[str, np.ndarray]:
    """The arrays of all members, which may take ``most`` bytes."""
    members = archive.infolist()
    if any(m.filename.endswith("data.pkl") for m in members):
        raise ValueError("this is a PyTorch checkpoint (a zip archive with a pickle in it): torch.load reads it")
    for m in members:
        if not m.filename.endswith(".npy"):
            raise ValueError(f"this is a zip archive, but no .npz file: it holds {m.filename!r}")
        if m.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{m.filename!r} in it is compressed in a way that NumPy does not write")
    if sum(m.file_size for m in members) > most:
        raise ValueError("damaged: it claims more bytes than can be packed into it")
    found: dict[str, np.ndarray] = {}
    for k, member in enumerate(members):
        name = member.filename.removesuffix(".npy")
        if name in found:
            raise ValueError(f"damaged: two of its arrays are named {name!r}")
        try:
            with archive.open(member) as file:
                found[name] = _array(file, member.file_size)
        except ValueError as error:
            raise ValueError(f"array {k + 1} of {len(members)}, {name!r}: {error}") from None
    return found


def _array(file: Any, size: int) -> np.ndarray:
    """The array in an open ``.npy`` file of ``size`` bytes.

    Raises:
        ValueError: the file does not hold one array, or one of a dtype that is neither MXNet's nor a short text.
    """
    dtype, by_column, shape = _header(file)
    if dtype.hasobject:
        raise ValueError("it is object, not numbers: a Python pickle, which is never loaded here")
    count = byte_count(shape, torch.uint8) * dtype.itemsize
    left = size - file.tell()
    if count != left:
        raise ValueError(
            f"{'truncated' if count > left else 'damaged'}: it has {left} bytes for {shape} of {dtype.name}"
        )
    if dtype.name not in NAME_TO_TORCH and not (dtype.kind in "SU" and count <= _LONGEST_TEXT):
        raise ValueError(f"it is {dtype.name}; MXNet has {', '.join(DTYPE_NAMES)}")
    array = np.empty(shape[::-1] if by_column else shape, dtype)
    view = memoryview(array.reshape(-1).view(np.uint8))
    at = 0
    while at < count:
        read = file.readinto(view[at : at + _CHUNK])
        if not read:
            raise ValueError(f"truncated: {count - at} bytes are missing")
        at += read
    return array.T if by_column else array


def _header(file: Any) -> tuple[np.dtype, bool, tuple[int, ...]]:
    """dtype, whether the elements are in column-major order, shape."""
    start = file.read(8)
    if start[:6] != b"\x93NUMPY":
        raise ValueError("damaged: it does not begin as a .npy file")
    length = int.from_bytes(file.read(2 if start[6:7] == b"\x01" else 4), "little")
    text = file.read(min(length, 1 << 16))
    match = _HEADER.fullmatch(text.decode("latin1")) if len(text) == length else None
    if match is None:
        raise ValueError(f"its header is damaged, or not that of an array of numbers: {text[:60]!r}")
    try:
        shape = [int(n.strip(" L")) for n in match[3].split(",") if n.strip()]
        return np.dtype(match[1]), match[2] == "True", tuple(shape)
    except (TypeError, ValueError) as error:
        raise ValueError(f"its header is damaged: {error}") from None


def _tensor(array: np.ndarray) -> torch.Tensor:
    if array.dtype.name not in NAME_TO_TORCH:
        raise ValueError(f"it is {array.dtype.name}; MXNet has {', '.join(DTYPE_NAMES)}")
    if array.dtype == np.bool_:
        return torch.from_numpy(np.asarray(array, order="C").view(np.uint8)).ne(0)
    return torch.from_numpy(np.asarray(array, array.dtype.newbyteorder("="), order="C"))


def _put_together(arrays: dict[str, np.ndarray]) -> dict[str, Saved]:
    """The arrays as tensors, with sparse ones made of their parts, each in the place of its format."""
    stypes = {}
    for key, array in arrays.items():
        name, _, last = key.rpartition("/")
        if last == "format" and array.dtype.kind in "SU" and array.size == 1:
            text = array.reshape(()).item()
            stypes[name] = text.decode("latin1") if isinstance(text, bytes) else text
    found: dict[str, Saved] = {}
    for key, array in arrays.items():
        name, _, last = key.rpartition("/")
        kinds = PARTS.get(stypes.get(name, "")) if "/" in key else None
        try:
            if kinds is None or last not in ("format", "shape", *kinds):
                name, value = key, _tensor(array)
            elif last == "format":
                parts = tuple(_tensor(arrays[f"{name}/{part}"]) for part in kinds)
                shape = tuple(_tensor(arrays[f"{name}/shape"]).reshape(-1).long().tolist())
                value = SparseParts(stypes[name], shape, parts).check()
            else:
                continue
        except (KeyError, ValueError) as error:
            raise ValueError(f"array {key!r}: {error}") from None
        if name in found:
            raise ValueError(f"damaged: two of its arrays are named {name!r}")
        found[name] = value
    return found


# ---------------------------------------------------------------------------------------------- writing
def write_npz(file: BinaryIO, tensors: Mapping[str, Saved] | Sequence[Saved]) -> None:
    """Writes tensors as ``numpy.savez`` does: those of a list as ``arr_0``, ``arr_1``, ...

    Raises:
        ValueError: a tensor is bfloat16, which NumPy has not; or two arrays would have one name.
    """
    items = tensors if isinstance(tensors, Mapping) else {f"arr_{i}": t for i, t in enumerate(tensors)}
    seen = set()
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in _in_parts(items):
            if name in seen or "\0" in name:
                raise ValueError(f"two arrays of an .npz file cannot be named {name!r}, nor any with a zero character")
            seen.add(name)
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _in_parts(items: Mapping[str, Saved]) -> Iterator[tuple[str, np.ndarray]]:
    for name, value in items.items():
        if isinstance(value, SparseParts):
            yield f"{name}/format", np.array(value.stype.encode())
            yield f"{name}/shape", np.array(value.shape, np.int64)
            for part, tensor in zip(PARTS[value.stype], value.parts, strict=True):
                yield f"{name}/{part}", _numpy(name, tensor)
        else:
            yield name, _numpy(name, value)


def _numpy(name: str, tensor: torch.Tensor) -> np.ndarray:
    if tensor.dtype is torch.bfloat16:
        raise ValueError(f"array {name!r} is bfloat16, which NumPy's files have not")
    return tensor.detach().cpu().numpy()
