"""Datasets of pictures: MNIST, CIFAR, folders and records.

MNIST and CIFAR are read from the folder ``root``, where the files lie as they were published; those that are not there
are downloaded, and their SHA-1 is checked.
"""

from __future__ import annotations

import gzip
import os
import struct
import warnings
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from .... import base, fetch, image
from ....io.records import unpacked
from ....numpy.family import array
from ....util import is_np_array
from .. import dataset

__all__ = ["CIFAR10", "CIFAR100", "FashionMNIST", "ImageFolderDataset", "ImageRecordDataset", "MNIST"]

File = tuple[str, str]
"""(name, SHA-1)."""

Transform = Callable[[Any, Any], Any] | None
"""A function of (picture, label); None hands both on."""


def _root(name: str) -> str:
    return os.path.join(base.data_dir(), "datasets", name)


class _Published(dataset._DownloadedDataset):
    """A dataset that lies in files of a folder of MXNet's repository."""

    _namespace: str

    def _url(self, name: str) -> str:
        return fetch._get_repo_file_url(f"gluon/dataset/{self._namespace}", name)

    def _fetched(self, file: File) -> str:
        name, sha1 = file
        return fetch.fetched(self._url(name), self._root, sha1, os.path.join(self._root, name))


class MNIST(_Published):
    """Handwritten digits, http://yann.lecun.com/exdb/mnist: (28, 28, 1), uint8, and a number, int32.

    Args:
        root: folder of the files ``train-images-idx3-ubyte.gz``, ...
        train: the 60,000 pictures for training, or the 10,000 for tests.
        transform: a function of (picture, label).

    Raises:
        ConnectionError, RuntimeError: a file is not there and cannot be downloaded; the message says where to put it.
        ValueError: a file is damaged.
    """

    def __init__(self, root: str = _root("mnist"), train: bool = True, transform: Transform = None) -> None:
        self._train = train
        self._train_data = ("train-images-idx3-ubyte.gz", "6c95f4b05d2bf285e1bfb0e7960c31bd3b3f8a7d")
        self._train_label = ("train-labels-idx1-ubyte.gz", "2a80914081dc54586dbdf242f9805a6b8d2a15fc")
        self._test_data = ("t10k-images-idx3-ubyte.gz", "c3a25af1f52dad7f726cce8cacb138654b760d48")
        self._test_label = ("t10k-labels-idx1-ubyte.gz", "763e7fa3757d93b0cdec073cef058b2004252c17")
        self._namespace = "mnist"
        super().__init__(root, transform)

    def _get_data(self) -> None:
        pictures, labels = (self._train_data, self._train_label) if self._train else (self._test_data, self._test_label)
        picture_file, label_file = self._fetched(pictures), self._fetched(labels)
        label = _idx(label_file, 1).astype(np.int32)
        data = _idx(picture_file, 3)
        if len(data) != len(label):
            raise ValueError(f"{picture_file} has {len(data)} pictures, {label_file} {len(label)} labels")
        self._label = _labels(label)
        self._data = array(data[..., None], dtype=np.uint8)


def _labels(label: np.ndarray) -> Any:
    """The labels of a data set: numbers of NumPy's, under ``npx.set_np()`` arrays of ``mx.np``."""
    return array(label, dtype=label.dtype) if is_np_array() else label


def _idx(path: str, axes: int) -> np.ndarray:
    """The array, uint8, in a gzip file of the idx format: 0 0 8 and the number of axes, their lengths, the values.

    Raises:
        ValueError: the file is damaged, or of another kind.
    """
    try:
        with gzip.open(path, "rb") as file:
            content = file.read()
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is damaged, or no gzip file: {error}") from None
    head = 4 * (1 + axes)
    if len(content) < head or content[:4] != bytes((0, 0, 8, axes)):
        raise ValueError(f"{path} is no idx file of {axes} axes of bytes: it starts with {content[:4]!r}")
    shape = struct.unpack(f">{axes}I", content[4:head])
    size = int(np.prod(shape, dtype=object))
    if len(content) != head + size:
        raise ValueError(f"{path} declares the shape {shape}, {size} bytes, and has {len(content) - head}")
    return np.frombuffer(content, np.uint8, offset=head).reshape(shape)


class FashionMNIST(MNIST):
    """Pictures of clothes, https://github.com/zalandoresearch/fashion-mnist, in the form of MNIST; see there."""

    def __init__(self, root: str = _root("fashion-mnist"), train: bool = True, transform: Transform = None) -> None:
        self._train = train
        self._train_data = ("train-images-idx3-ubyte.gz", "0cf37b0d40ed5169c6b3aba31069a9770ac9043d")
        self._train_label = ("train-labels-idx1-ubyte.gz", "236021d52f1e40852b06a4c3008d8de8aef1e40b")
        self._test_data = ("t10k-images-idx3-ubyte.gz", "626ed6a7c06dd17c0eec72fa3be1740f146a2863")
        self._test_label = ("t10k-labels-idx1-ubyte.gz", "17f9ab60e7257a1620f4ad76bbbaf857c3920701")
        self._namespace = "fashion-mnist"
        dataset._DownloadedDataset.__init__(self, root, transform)


class CIFAR10(_Published):
    """Small pictures of ten kinds of things, https://www.cs.toronto.edu/~kriz/cifar.html: (32, 32, 3), uint8, and a
    number, int32.

    Args:
        root: folder of the files ``data_batch_1.bin``, ...
        train: the 50,000 pictures for training, or the 10,000 for tests.
        transform: a function of (picture, label).

    Raises:
        ConnectionError, RuntimeError: a file is not there and cannot be downloaded; the message says where to put it.
        ValueError: a file is damaged.
    """

    _labels = 1
    """Bytes before each picture."""

    def __init__(self, root: str = _root("cifar10"), train: bool = True, transform: Transform = None) -> None:
        self._train = train
        self._archive_file = ("cifar-10-binary.tar.gz", "fab780a1e191a7eda0f345501ccd62d20f7ed891")
        self._train_data = [
            ("data_batch_1.bin", "aadd24acce27caa71bf4b10992e9e7b2d74c2540"),
            ("data_batch_2.bin", "c0ba65cce70568cd57b4e03e9ac8d2a5367c1795"),
            ("data_batch_3.bin", "1dd00a74ab1d17a6e7d73e185b69dbf31242f295"),
            ("data_batch_4.bin", "aab85764eb3584312d3c7f65fd2fd016e36a258e"),
            ("data_batch_5.bin", "26e2849e66a845b7f1e4614ae70f4889ae604628"),
        ]
        self._test_data = [("test_batch.bin", "67eb016db431130d61cd03c7ad570b013799c88c")]
        self._namespace = "cifar10"
        super().__init__(root, transform)

    def _rows(self, filename: str) -> np.ndarray:
        """The records of a file: bytes of labels, then 32 x 32 of red, green and blue each."""
        content = np.fromfile(filename, np.uint8)
        width = self._labels + 3 * 32 * 32
        if not content.size or content.size % width:
            raise ValueError(f"{filename} has {content.size} bytes, which is no number of records of {width} bytes")
        return content.reshape(-1, width)

    def _pictures(self, rows: np.ndarray) -> np.ndarray:
        return rows[:, self._labels :].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)

    def _read_batch(self, filename: str) -> tuple[np.ndarray, np.ndarray]:
        """The pictures (N, 32, 32, 3), uint8, and labels (N,), int32, in a file."""
        rows = self._rows(filename)
        return self._pictures(rows), rows[:, 0].astype(np.int32)

    def _get_data(self) -> None:
        files = {os.path.join(self._root, name): sha1 for name, sha1 in (*self._train_data, *self._test_data)}
        if any(not os.path.exists(path) or not fetch.check_sha1(path, sha1) for path, sha1 in files.items()):
            archive, sha1 = self._archive_file
            names = [os.path.basename(path) for path in files]
            where = fetch.fetched(
                self._url(archive), self._root, sha1, f"one of {', '.join(names)}", "that file, or what is in it,"
            )
            fetch.untarred(where, self._root, names)
        wanted = self._train_data if self._train else self._test_data
        parts = [self._read_batch(os.path.join(self._root, name)) for name, _ in wanted]
        data = np.concatenate([pictures for pictures, _ in parts])
        self._label = _labels(np.concatenate([labels for _, labels in parts]))
        self._data = array(data, dtype=data.dtype)


class CIFAR100(CIFAR10):
    """CIFAR's pictures of a hundred kinds of things; see ``CIFAR10``.

    Args:
        root: folder of the files ``train.bin`` and ``test.bin``.
        fine_label: one of 100 kinds, otherwise one of the 20 groups of them.
        train, transform: as in ``CIFAR10``.
    """

    _labels = 2

    def __init__(
        self,
        root: str = _root("cifar100"),
        fine_label: bool = False,
        train: bool = True,
        transform: Transform = None,
    ) -> None:
        self._train = train
        self._archive_file = ("cifar-100-binary.tar.gz", "a0bb982c76b83111308126cc779a992fa506b90b")
        self._train_data = [("train.bin", "e207cd2e05b73b1393c74c7f5e7bea451d63e08e")]
        self._test_data = [("test.bin", "8fb6623e830365ff53cf14adec797474f5478006")]
        self._fine_label = fine_label
        self._namespace = "cifar100"
        dataset._DownloadedDataset.__init__(self, root, transform)

    def _read_batch(self, filename: str) -> tuple[np.ndarray, np.ndarray]:
        rows = self._rows(filename)
        return self._pictures(rows), rows[:, int(self._fine_label)].astype(np.int32)


# ---------------------------------------------------------------------------------------------- pictures in files
class ImageRecordDataset(dataset.RecordFileDataset):
    """The pictures and labels of a record file, with the index (``.idx``) beside it.

    Args:
        filename: path of the ``.rec`` file.
        flag: 0 for pictures of one channel, 1 for three.
        transform: a function of (picture, label).

    Raises:
        ImportError: OpenCV is not installed.
        MXNetError: a picture that cannot be decoded, with its place.
    """

    def __init__(self, filename: str, flag: int = 1, transform: Transform = None) -> None:
        super().__init__(filename)
        self._flag = flag
        self._transform = transform

    def __getitem__(self, idx: int) -> Any:
        number, label, content = unpacked(super().__getitem__(idx), f"record {idx} of {self.filename}")
        try:
            picture = image.imdecode(content, self._flag)
        except base.MXNetError as error:
            raise base.MXNetError(f"record {idx} (id {number}) of {self.filename}: {error}") from None
        return (picture, label) if self._transform is None else self._transform(picture, label)


class ImageFolderDataset(dataset.Dataset):
    """The pictures in the folders of a folder; a picture's label is the number of its folder, in order of names.

    Args:
        root: the folder. Files ``.jpg``, ``.jpeg``, ``.png`` are taken, others left out with a warning.
        flag: 0 for pictures of one channel, 1 for three.
        transform: a function of (picture, label).

    Attributes:
        synsets: names of the folders; the label is the index.
        items: pairs (path, label).

    Raises:
        ImportError: OpenCV is not installed, once a picture is read.
        MXNetError: a picture that cannot be decoded, with its path.
    """

    def __init__(self, root: str, flag: int = 1, transform: Transform = None) -> None:
        self._root = os.path.expanduser(root)
        self._flag = flag
        self._transform = transform
        self._exts = [".jpg", ".jpeg", ".png"]
        self._list_images(self._root)

    def _list_images(self, root: str) -> None:
        self.synsets: list[str] = []
        self.items: list[tuple[str, int]] = []
        for folder in sorted(os.listdir(root)):
            path = os.path.join(root, folder)
            if not os.path.isdir(path):
                warnings.warn(f"Ignoring {path}, which is not a directory.", stacklevel=4)
                continue
            label = len(self.synsets)
            self.synsets.append(folder)
            for filename in sorted(os.listdir(path)):
                filename = os.path.join(path, filename)
                ext = os.path.splitext(filename)[1]
                if ext.lower() not in self._exts:
                    warnings.warn(
                        f"Ignoring {filename} of type {ext}. Only support {', '.join(self._exts)}", stacklevel=4
                    )
                    continue
                self.items.append((filename, label))

    def __getitem__(self, idx: int) -> Any:
        path, label = self.items[idx]
        picture = image.imread(path, self._flag)
        return (picture, label) if self._transform is None else self._transform(picture, label)

    def __len__(self) -> int:
        return len(self.items)
