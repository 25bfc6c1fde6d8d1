"""Files for tests: MNIST, CIFAR-10, models; from a local folder, or downloaded."""

from __future__ import annotations

import bz2
import gzip
import os
import shutil
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import fetch
from ..io import DataIter, MNISTIter

__all__ = [
    "DummyIter", "download", "download_model", "get_bz2_data", "get_cifar10", "get_mnist", "get_mnist_iterator",
    "get_mnist_pkl", "get_mnist_ubyte", "get_zip_data",
]  # fmt: skip

_MNIST_UBYTE = tuple(f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1"))
_MODELS = "http://data.mxnet.io/models/imagenet/"
_MODEL_FILES: dict[str, dict[str, str]] = {
    name: {"symbol": f"{_MODELS}{path}-symbol.json", "params": f"{_MODELS}{path}-0000.params"}
    for name, path in {
        **{f"imagenet1k-resnet-{n}": f"resnet/{n}-layers/resnet-{n}" for n in (18, 34, 50, 101, 152)},
        "imagenet1k-inception-bn": "inception-bn/Inception-BN",
    }.items()
}


def download(
    url: str, fname: str | None = None, dirname: str | None = None, overwrite: bool = False, retries: int = 5
) -> str:
    """Downloads a file unless it is there; returns its path.

    Args:
        url: http or https.
        fname: the file's name; default that in the URL.
        dirname: the folder to put it into, which is made.
        overwrite: download also where the file is there.
        retries: how often to try.

    Raises:
        ConnectionError, RuntimeError: it cannot be downloaded; the message says which file to put where.
    """
    name = url.split("/")[-1] if fname is None else fname
    path = name if dirname is None else os.path.join(dirname, name)
    if os.path.exists(path) and not overwrite:
        return path
    try:
        return fetch.download(url, path=path, overwrite=overwrite, retries=retries)
    except (ConnectionError, RuntimeError) as error:
        raise type(error)(
            f"{path} is not there and cannot be downloaded ({error}). Get {url} on another machine and put it at "
            f"{os.path.abspath(path)}."
        ) from None


def get_zip_data(data_dir: str, url: str, data_origin_name: str) -> None:
    """Downloads a zip archive as ``DATA_DIR/DATA_ORIGIN_NAME``, unless it is there, and unpacks it in ``data_dir``."""
    archive = download(url, fname=data_origin_name, dirname=data_dir)
    with zipfile.ZipFile(archive) as file:
        file.extractall(data_dir)


def get_bz2_data(data_dir: str, data_name: str, url: str, data_origin_name: str) -> None:
    """Downloads a bz2 file into ``data_dir`` and unpacks it to ``DATA_DIR/DATA_NAME``, unless that is there."""
    target = os.path.join(data_dir, data_name)
    if os.path.exists(target):
        return
    packed = download(url, fname=data_origin_name, dirname=data_dir)
    with bz2.BZ2File(packed, "rb") as source, open(f"{target}.part", "wb") as file:
        shutil.copyfileobj(source, file)
    fetch.replace_file(f"{target}.part", target)
    os.remove(packed)


def get_mnist() -> dict[str, np.ndarray]:
    """MNIST: images (N, 1, 28, 28) float32 from 0 to 1 and labels (N,) int32, of training and test.

    The four files ``train-images-idx3-ubyte.gz``, ... are read from the current folder, or downloaded into it.

    Returns:
        ``{"train_data", "train_label", "test_data", "test_label"}``.

    Raises:
        ConnectionError, RuntimeError: a file cannot be downloaded; the message says which file to put where.
        ValueError: a file is no IDX file.
    """
    files = [download(f"http://data.mxnet.io/data/mnist/{name}.gz") for name in _MNIST_UBYTE]
    train, train_label, test, test_label = map(_idx, files)
    images = [x.reshape(-1, 1, 28, 28).astype(np.float32) / 255 for x in (train, test)]
    return {
        "train_data": images[0], "train_label": train_label.astype(np.int32),
        "test_data": images[1], "test_label": test_label.astype(np.int32),
    }  # fmt: skip


def _idx(path: str) -> np.ndarray:
    """The array of bytes in a gzipped IDX file."""
    with gzip.open(path, "rb") as file:
        head = file.read(4)
        if head[:3] != b"\x00\x00\x08":
            raise ValueError(f"{path} is no IDX file of bytes: it begins with {head!r}")
        shape = struct.unpack(f">{head[3]}I", file.read(4 * head[3]))
        return np.frombuffer(file.read(), dtype=np.uint8).reshape(shape)


def _in_data(url: str, files: tuple[str, ...]) -> None:
    """Unpacks an archive in the folder ``data``, unless all these files are there."""
    if not all(os.path.exists(os.path.join("data", name)) for name in files):
        get_zip_data("data", url, url.split("/")[-1])


def get_mnist_pkl() -> None:
    """Downloads ``mnist.pkl.gz`` into the folder ``data``, unless it is there."""
    if not os.path.exists(os.path.join("data", "mnist.pkl.gz")):
        download("http://deeplearning.net/data/mnist/mnist.pkl.gz", dirname="data")


def get_mnist_ubyte() -> None:
    """Downloads MNIST's four files into the folder ``data``, unless they are there."""
    _in_data("http://data.mxnet.io/mxnet/data/mnist.zip", _MNIST_UBYTE)


def get_cifar10() -> None:
    """Downloads CIFAR-10 as RecordIO files into the folder ``data/cifar``, unless they are there."""
    files = tuple(f"cifar/{name}" for name in ("train.rec", "test.rec", "train.lst", "test.lst"))
    _in_data("http://data.mxnet.io/mxnet/data/cifar10.zip", files)


def get_mnist_iterator(
    batch_size: int, input_shape: tuple[int, ...], num_parts: int = 1, part_index: int = 0
) -> tuple[Any, Any]:
    """Iterators over MNIST's training set and its test set, both shuffled.

    The four files are read from the folder ``data``, or downloaded into it.

    Args:
        batch_size: pictures in a batch.
        input_shape: of a picture: of one axis for flat ones (784,), otherwise they are (1, 28, 28).
        num_parts, part_index: use one of several equal parts.

    Raises:
        ConnectionError, RuntimeError: the files are not there and cannot be downloaded.
    """
    get_mnist_ubyte()
    flat = len(input_shape) == 1

    def made(images: str, labels: str) -> Any:
        return MNISTIter(
            image=os.path.join("data", images), label=os.path.join("data", labels), batch_size=batch_size,
            flat=flat, num_parts=num_parts, part_index=part_index,
        )  # fmt: skip

    return made(*_MNIST_UBYTE[:2]), made(*_MNIST_UBYTE[2:])


def download_model(
    model_name: str, dst_dir: str = "./", meta_info: Mapping[str, Mapping[str, str]] | None = None
) -> tuple[str | None, int]:
    """Downloads ``NAME-symbol.json`` and ``NAME-0000.params`` of a model trained on ImageNet.

    Args:
        model_name: ``'imagenet1k-resnet-18'``, ...
        dst_dir: the folder to put them into.
        meta_info: ``{name: {"symbol": URL, "params": URL}}`` instead of the known ones.

    Returns:
        (the files' prefix with their folder, 0), for ``mx.model.load_checkpoint``; (None, 0) for an unknown name.
    """
    known = _MODEL_FILES if meta_info is None else meta_info
    if model_name not in known:
        return None, 0
    urls = known[model_name]
    prefix = os.path.join(dst_dir, model_name)
    download(urls["symbol"], fname=f"{model_name}-symbol.json", dirname=dst_dir)
    download(urls["params"], fname=f"{model_name}-0000.params", dirname=dst_dir)
    return prefix, 0


class DummyIter(DataIter):
    """An iterator without end over the first batch of another one: for measuring without reading data.

    Args:
        real_iter: has ``next()``, ``batch_size``, ``provide_data`` and ``provide_label``.
    """

    def __init__(self, real_iter: Any) -> None:
        super().__init__()
        self.real_iter = real_iter
        self.provide_data = real_iter.provide_data
        self.provide_label = real_iter.provide_label
        self.batch_size = real_iter.batch_size
        self.the_batch = real_iter.next()

    def __iter__(self) -> DummyIter:
        return self

    def next(self) -> Any:
        """The batch."""
        return self.the_batch

    __next__ = next
