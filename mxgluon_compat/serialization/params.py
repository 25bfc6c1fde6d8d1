"""Array files: named tensors, or a list of them, in one safetensors file.

A list is stored under the names ``0``, ``1``, ...; the file's metadata says that it is one. A sparse array ``w`` is
stored as its parts, ``w#indices``, ``w#data``, ...; the metadata says how they belong together.
Files are written beside their place and renamed, so that a crash leaves the old file whole; what a file is, its
content tells, never its name.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ..base import DTYPE_NAMES, TORCH_TO_NAME, FileError, MissingFileError, MXNetError

__all__ = ["SparseParts", "atomic_write", "load_tensors", "save_tensors"]

_FORM = "mxgluon_compat.form"
_ORDER = "mxgluon_compat.order"  # names as they were saved: safetensors sorts them, MXNet's files do not
_SPARSE = "mxgluon_compat.sparse"  # {name of a sparse array: [storage type, shape]}
_PARTS = {"row_sparse": ("indices", "data"), "csr": ("indptr", "indices", "data")}


class SparseParts(NamedTuple):
    """A sparse array in pieces: ``indices, data`` of a row_sparse one, ``indptr, indices, data`` of a csr one."""

    stype: str
    shape: tuple[int, ...]
    parts: tuple[torch.Tensor, ...]


Saved = torch.Tensor | SparseParts


def atomic_write(path: str | os.PathLike[str], write: object) -> None:
    """Calls ``write(temporary path)`` and renames what it wrote to ``path``; on failure ``path`` is as it was.

    Raises:
        MissingFileError: the folder is not there.
        FileError: ``path`` is a folder, or may not be written to.
    """
    path = Path(path)
    try:
        _write_beside(path, write)
    except FileNotFoundError:
        raise MissingFileError(f"{path}: no such folder to write to") from None
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}") from error


def _write_beside(path: Path, write: object) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent or ".")
    os.close(handle)
    try:
        write(temporary)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def save_tensors(path: str | os.PathLike[str], tensors: Mapping[str, Saved] | Sequence[Saved]) -> None:
    """Writes tensors to a safetensors file.

    Args:
        path: the file, of any name.
        tensors: by name, or a list; sparse arrays in their parts.

    Raises:
        MXNetError: an array has the name of a sparse one's part.
    """
    named = isinstance(tensors, Mapping)
    items = dict(tensors) if named else {str(i): t for i, t in enumerate(tensors)}
    sparse = {n: [t.stype, list(t.shape)] for n, t in items.items() if isinstance(t, SparseParts)}
    seen: set[int] = set()
    ready = {}
    for name, tensor in _in_parts(items):
        if name in ready:
            raise MXNetError(f"{path}: {name!r} is the name of a part of a sparse array and of an array")
        tensor = tensor.detach().cpu().contiguous()
        if tensor.numel() and tensor.untyped_storage().data_ptr() in seen:
            tensor = tensor.clone()  # the format stores each tensor by itself
        seen.add(tensor.untyped_storage().data_ptr())
        ready[name] = tensor
    metadata = {_FORM: "dict", _ORDER: json.dumps(list(items))} if named else {_FORM: "list"}
    if sparse:
        metadata[_SPARSE] = json.dumps(sparse)
    atomic_write(path, lambda temporary: save_file(ready, temporary, metadata=metadata))


def _in_parts(items: Mapping[str, Saved]) -> Iterator[tuple[str, torch.Tensor]]:
    for name, value in items.items():
        if isinstance(value, SparseParts):
            for part, tensor in zip(_PARTS[value.stype], value.parts, strict=True):
                yield f"{name}#{part}", tensor
        else:
            yield name, value


def load_tensors(path: str | os.PathLike[str]) -> dict[str, Saved] | list[Saved]:
    """The tensors of an array file: by name, or a list where a list was saved.

    Raises:
        MissingFileError: no such file.
        MXNetError: not an array file, a truncated one, or one with a dtype that MXNet has not.
    """
    path = Path(path)
    if path.is_dir():
        raise MXNetError(f"{path} is a folder, not an array file")
    try:
        with open(path, "rb") as file:
            head = file.read(512)
    except FileNotFoundError:
        raise MissingFileError(f"{path}: no such file") from None
    foreign = _foreign(head)
    if foreign:
        raise MXNetError(f"{path}: {foreign}")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            found = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - not a dict
    except SafetensorError as error:
        size = path.stat().st_size
        raise MXNetError(f"{path} is truncated or damaged ({size} bytes): {error}") from None
    for name, tensor in found.items():
        if tensor.dtype not in TORCH_TO_NAME:
            raise MXNetError(f"{path}: array {name!r} is {tensor.dtype}; MXNet has {', '.join(DTYPE_NAMES)}")
    found = _ordered(_put_together(path, found, metadata), metadata)
    if metadata.get(_FORM) == "list":
        if set(found) != {str(i) for i in range(len(found))}:
            raise MXNetError(
                f"{path} says that it holds a list, but its arrays are named {', '.join(sorted(found)[:5])}, ..."
            )
        return [found[str(i)] for i in range(len(found))]
    return found


def _put_together(path: Path, found: dict[str, Saved], metadata: Mapping[str, str]) -> dict[str, Saved]:
    """Sparse arrays out of their parts.

    Raises:
        MXNetError: a part is missing, or the metadata is not what was written.
    """
    try:
        for name, (stype, shape) in json.loads(metadata.get(_SPARSE, "{}")).items():
            parts = tuple(found.pop(f"{name}#{part}") for part in _PARTS[stype])
            found[name] = SparseParts(stype, tuple(int(n) for n in shape), parts)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MXNetError(f"{path}: a sparse array in it is damaged ({error!r})") from None
    return found


def _ordered(found: dict[str, Saved], metadata: Mapping[str, str]) -> dict[str, Saved]:
    """The arrays in the order in which they were saved, where the metadata tells it; safetensors sorts them."""
    try:
        order = json.loads(metadata.get(_ORDER, "[]"))
    except ValueError:
        return found
    if not isinstance(order, list) or len(order) != len(found) or not all(name in found for name in order):
        return found
    return {name: found[name] for name in order}


def _foreign(head: bytes) -> str:
    """What a file that is no safetensors file seems to be, in a sentence; empty where it may be one."""
    text = head.lstrip()[:64].lower()
    if not head:
        return "the file is empty"
    if head[:8] == (0x112).to_bytes(8, "little"):
        return "this is an array file in MXNet's binary layout, which cannot be read yet"
    if head[:4] == b"PK\x03\x04":
        return "this is a zip archive: a PyTorch checkpoint (use torch.load) or an .npz file (use numpy.load)"
    if head[:6] == b"\x93NUMPY":
        return "this is a .npy file (use numpy.load)"
    if text.startswith(b"version https://git-lfs"):
        return "this is a Git LFS pointer, not the file itself: run git lfs pull"
    if text.startswith((b"<!doctype", b"<html")):
        return "this is HTML: a failed download"
    # A safetensors header may be 128 bytes long, so the first byte alone does not tell.
    if head[:1] == b"\x80" and head[8:9] != b"{":
        return "this is a Python pickle, which is never loaded here"
    length = int.from_bytes(head[:8], "little")
    if len(head) < 8 or head[8:9] not in (b"{", b""):
        try:
            json.loads(head[:512].decode())
            return "this is JSON, not an array file"
        except ValueError:
            return f"this is not an array file (it begins with {head[:8]!r})"
    if length > 1 << 30:
        return "this is not an array file (its header claims more than 1 GiB)"
    return ""
