"""``MNISTIter``: pictures and labels in IDX files."""

from __future__ import annotations

import logging
import struct
from typing import Any, Literal

import numpy as np

from ..base import FileError, MissingFileError, MXNetError, torch_dtype
from ..ndarray import array
from ..ops.schema import Dtype
from .by_arguments import Ahead, Batch, Whole, by_arguments
from .twister import Twister

__all__ = ["MNISTIter"]

_IMAGES, _LABELS = 2051, 2049  # what the files begin with


def _idx(path: str, magic: int, axes: int) -> np.ndarray:
    """The bytes of an IDX file, in its shape."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        raise MissingFileError(f"{path}: no such file") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from None
    size = 4 + 4 * axes
    if len(content) < size or content[:4] != struct.pack(">I", magic):
        hint = "; it is compressed: unpack it first (gunzip)" if content[:2] == b"\x1f\x8b" else ""
        raise MXNetError(
            f"{path} is no IDX file of {'pictures' if magic == _IMAGES else 'labels'}: it must begin with the number "
            f"{magic} and the sizes of {axes} axes, it begins with {content[:4]!r}{hint}"
        )
    shape = struct.unpack(f">{axes}I", content[4:size])
    expected = int(np.prod(shape, dtype=object))
    if len(content) - size < expected:
        raise MXNetError(
            f"{path} is cut off at byte {len(content)}: {'x'.join(map(str, shape))} bytes should follow byte {size}"
        )
    return np.frombuffer(content, np.uint8, expected, size).reshape(shape)


class _Digits:
    """The source: pictures / 256 and labels, float32."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self._images, self._labels = images, labels
        self._at = 0

    def restart(self) -> None:
        self._at = 0

    def take(self, count: int) -> list[int]:
        found = list(range(self._at, min(self._at + count, len(self._images))))
        self._at += len(found)
        return found

    def batch(self, examples: list[int], missing: int, pad: int) -> Batch:
        part = slice(examples[0], examples[-1] + 1)
        data = self._images[part].astype(np.float32) / np.float32(256)
        index = np.zeros(len(examples), np.uint64)
        return Batch(array(data), array(self._labels[part].astype(np.float32)), pad, index)


@by_arguments
def MNISTIter(  # noqa: N802
    *,
    image: str = "./train-images-idx3-ubyte",
    label: str = "./train-labels-idx1-ubyte",
    batch_size: int = 128,
    shuffle: bool = True,
    flat: bool = False,
    seed: int = 0,
    silent: bool = False,
    num_parts: int = 1,
    part_index: int = 0,
    prefetch_buffer: int = 4,
    ctx: Literal["cpu", "gpu"] = "gpu",
    dtype: Dtype | None = None,
) -> Any:
    """Batches of MNIST's pictures, float32 from 0 to 255/256; what does not fill the last batch is left out.

    Args:
        image, label: IDX files, not compressed.
        batch_size: pictures in a batch.
        shuffle: in an order drawn once, from ``seed``.
        flat: pictures (height * width) instead of (1, height, width).
        seed: of the order.
        silent: log nothing.
        num_parts, part_index: use one of several equal parts.
        prefetch_buffer: batches to prepare ahead.
        ctx: what the batches are for; they are made on the CPU in any case.
        dtype: float32.

    Raises:
        MXNetError: the files are not there, are none such, or do not fit together.
    """
    if dtype not in (None, torch_dtype("float32")):
        raise MXNetError(f"MNISTIter gives float32 alone, got dtype={dtype}")
    images, labels = _idx(image, _IMAGES, 3), _idx(label, _LABELS, 1)
    if len(images) != len(labels):
        raise MXNetError(
            f"{image} holds {len(images)} pictures, {label} {len(labels)} labels: they do not belong together"
        )
    part = slice(len(images) * part_index // num_parts, len(images) * (part_index + 1) // num_parts)
    images, labels = images[part], labels[part]
    images = images.reshape(len(images), -1) if flat else images[:, None]
    if shuffle:
        order = list(range(len(images)))
        Twister(seed).shuffle(order)
        images, labels = images[order], labels[order]
    if not silent:
        shape = (batch_size, *images.shape[1:])
        text = f"({','.join(map(str, shape))})" if flat else f"[{','.join(map(str, shape))}]"
        logging.info("MNISTIter: load %d images, shuffle=%d, shape=%s", len(images), shuffle, text)
    if len(images) < batch_size:
        raise MXNetError(f"MNISTIter: {len(images)} pictures do not fill one batch of batch_size={batch_size}")
    return Ahead(Whole(_Digits(images, labels), batch_size), prefetch_buffer)
