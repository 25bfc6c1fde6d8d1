"""What a file is, told by its content: one of the formats that are read here, or a sentence about it."""

from __future__ import annotations

import re

__all__ = ["identify"]

_PICKLE = re.compile(rb"\x80[\x02-\x05]", re.DOTALL)
_OLD_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # a pickled number that opens checkpoints before 1.6

_STARTS = (
    (b"\x1f\x8b", "this is gzip-compressed data: unpack it first"),
    (b"BZh", "this is bzip2-compressed data: unpack it first"),
    (b"\xfd7zXZ\x00", "this is xz-compressed data: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "this is zstd-compressed data: unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "this is a 7z archive: unpack it first"),
    (b"\x89HDF\r\n\x1a\n", "this is an HDF5 file, as Keras writes them: h5py reads it"),
    (b"GGUF", "this is a GGUF file of llama.cpp"),
    (_OLD_TORCH, "this is a PyTorch checkpoint of the older kind, a pickle: torch.load reads it"),
)  # fmt: skip
_TEXTS = (
    (b"version https://git-lfs", "this is a Git LFS pointer, not the file itself: run git lfs pull"),
    (b"<!doctype html", "this is HTML: a failed download"),
    (b"<html", "this is HTML: a failed download"),
    (b"<?xml", "this is XML, as servers send it with an error: a failed download"),
)


def identify(head: bytes) -> tuple[str, str]:
    """(format, what the file is if it is no array file, in a sentence).

    Args:
        head: the first 512 bytes, or the whole of a shorter file.

    Returns:
        The format is ``"mxnet"``, ``"safetensors"``, ``"npz"`` (any zip archive) or ``"npy"``, each without a
        sentence; ``"json"``, ``"recordio"``; or ``""``, without a sentence too where it cannot be told.
    """
    if not head:
        return "", "the file is empty"
    if head[:4] == b"\x0a\x23\xd7\xce":
        return "recordio", "this is a RecordIO file: mx.recordio reads it"
    # A safetensors file begins with the length of its header, so any first byte may be one's.
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 40:
        return "safetensors", ""
    if head[:8] == b"\x12\x01\0\0\0\0\0\0":
        return "mxnet", ""
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "npz", ""
    if head[:6] == b"\x93NUMPY":
        return "npy", ""
    for start, sentence in _STARTS:
        if head.startswith(start):
            return "", sentence
    if _PICKLE.match(head):
        return "", "this is a Python pickle, which is never loaded here"
    if head[257:262] == b"ustar":
        return "", "this is a tar archive: unpack it first"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, sentence in _TEXTS:
        if text.startswith(start):
            return "", sentence
    if text[:1] in (b"{", b"[") and _is_json(head):
        if b'"nodes"' in text:
            return "json", "this is symbol JSON, a graph without arrays: mx.sym.load reads it"
        return "json", "this is JSON, not an array file"
    return "", ""


def _is_json(head: bytes) -> bool:
    """Whether a text that begins with a bracket goes on as JSON, as far as it is there."""
    return re.match(rb'(\xef\xbb\xbf)?\s*[\[{]\s*(["\[{\]}\d-]|true|false|null|$)', head) is not None
