"""Writes tests/golden/vision_datasets.json: gluon.data.vision.datasets of real MXNet, on small files in their formats.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.vision_datasets
"""

import gzip
import hashlib
import os
import shutil
import struct
import tempfile
import warnings

import numpy as np

from tests.oracle.image_common import brief, kind, path, refused
from tests.oracle.scenario import attempt, plain, write


def sha1(file):
    with open(file, "rb") as f:
        return hashlib.sha1(f.read()).hexdigest()


def write_idx(file, array):
    with gzip.GzipFile(file, "wb", mtime=0) as f:
        f.write(bytes([0, 0, 8, array.ndim]) + struct.pack(">%dI" % array.ndim, *array.shape) + array.tobytes())


def digits(folder, train, test, seed=0):
    """Files of MNIST with so many pictures; {file: SHA-1}."""
    random = np.random.RandomState(seed)
    found = {}
    for part, count in (("train", train), ("t10k", test)):
        for name, shape in (("images-idx3", (count, 28, 28)), ("labels-idx1", (count,))):
            file = os.path.join(folder, "%s-%s-ubyte.gz" % (part, name))
            write_idx(file, random.randint(0, 10 if len(shape) == 1 else 256, shape).astype("uint8"))
            found[os.path.basename(file)] = sha1(file)
    return found


def small_pictures(folder, names, labels, count=3, seed=0):
    """Files of CIFAR with so many pictures each; {file: SHA-1}."""
    random = np.random.RandomState(seed)
    found = {}
    for name in names:
        file = os.path.join(folder, name)
        rows = random.randint(0, 256, (count, labels + 3072)).astype("uint8")
        rows[:, :labels] %= 10
        rows.tofile(file)
        found[name] = sha1(file)
    return found


TEN = ["data_batch_%d.bin" % i for i in range(1, 6)] + ["test_batch.bin"]


def own(dataset, hashes):
    """The dataset, with files of ours: their hashes in the place of the published ones."""

    class Own(dataset):
        def _get_data(self):
            for name in ("_train_data", "_train_label", "_test_data", "_test_label"):
                value = getattr(self, name, None)
                if isinstance(value, list):
                    setattr(self, name, [(file, hashes[file]) for file, _ in value])
                elif value is not None:
                    setattr(self, name, (value[0], hashes[value[0]]))
            dataset._get_data(self)

    return Own


def seen(data):
    first, last = data[0], data[len(data) - 1]
    return [
        len(data), brief(first[0]), type(first[1]).__name__, plain(first[1]), brief(last[0]), plain(last[1]),
        brief(data._data), brief(data._label), type(data._data).__name__,
    ]  # fmt: skip


def published(mx, found, folder):
    vision = mx.gluon.data.vision
    mnist = own(vision.MNIST, digits(folder, 7, 4))
    for train in (True, False):
        found["MNIST %s" % train] = seen(mnist(folder, train))
    transformed = mnist(folder, transform=lambda data, label: (data.astype("float32") / 255, label + 1))
    found["MNIST transform"] = [brief(transformed[2][0]), plain(transformed[2][1])]
    batch = next(iter(mx.gluon.data.DataLoader(mnist(folder).transform_first(vision.transforms.ToTensor()), 3)))
    found["MNIST batch"] = [brief(batch[0]), brief(batch[1])]
    fashion = os.path.join(folder, "fashion")
    os.mkdir(fashion)
    found["FashionMNIST"] = seen(own(vision.FashionMNIST, digits(fashion, 3, 2, seed=1))(fashion, False))
    ten = os.path.join(folder, "ten")
    os.mkdir(ten)
    cifar = own(vision.CIFAR10, small_pictures(ten, TEN, 1))
    for train in (True, False):
        found["CIFAR10 %s" % train] = seen(cifar(ten, train))
    hundred = os.path.join(folder, "hundred")
    os.mkdir(hundred)
    cifar = own(vision.CIFAR100, small_pictures(hundred, ["train.bin", "test.bin"], 2))
    for fine in (True, False):
        found["CIFAR100 %s" % fine] = seen(cifar(hundred, fine, True))
    found["CIFAR100 test"] = seen(cifar(hundred, train=False))


def folders(mx, found, folder):
    vision = mx.gluon.data.vision
    root = os.path.join(folder, "pictures")
    for name, files in (("cats", ["photo0.jpg", "photo1.jpg", "photos.idx"]), ("ants", ["color.png", "small.bmp"]),
                        ("bees", ["gray.jpg"]), ("empty", [])):  # fmt: skip
        os.makedirs(os.path.join(root, name))
        for file in files:
            shutil.copy(path(file), os.path.join(root, name, file))
    os.rename(os.path.join(root, "cats", "photo1.jpg"), os.path.join(root, "cats", "PHOTO.JPEG"))
    open(os.path.join(root, "notes.txt"), "w").close()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = vision.ImageFolderDataset(root)
    found["folder warnings"] = [[w.category.__name__, str(w.message).replace(root, "ROOT")] for w in caught]
    found["folder"] = [
        len(data), data.synsets, [[os.path.relpath(file, root), label] for file, label in data.items],
        [[brief(picture), label, type(label).__name__] for picture, label in (data[i] for i in range(len(data)))],
    ]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found["folder gray"] = brief(vision.ImageFolderDataset(root, flag=0)[0][0])
        transformed = vision.ImageFolderDataset(root, transform=lambda data, label: (data[:3, :4], -label))
        found["folder transform"] = [brief(transformed[2][0]), transformed[2][1]]
        open(os.path.join(root, "bees", "broken.jpg"), "w").close()
        found["folder broken"] = refused(mx, lambda: vision.ImageFolderDataset(root)[1])
        found["folder index"] = attempt(lambda: vision.ImageFolderDataset(root)[99])["raises"]
    found["folder missing"] = attempt(vision.ImageFolderDataset, os.path.join(folder, "nowhere"))["raises"]
    os.makedirs(os.path.join(folder, "nothing"))
    found["folder nothing"] = len(vision.ImageFolderDataset(os.path.join(folder, "nothing")))


def records(mx, found):
    data = mx.gluon.data.vision.ImageRecordDataset(path("photos.rec"))
    found["record"] = [len(data), [[brief(picture), plain(label)] for picture, label in (data[i] for i in range(7))]]
    found["record type"] = type(data[0][1]).__name__
    gray = mx.gluon.data.vision.ImageRecordDataset(path("photos.rec"), 0, lambda picture, label: (picture, label[1]))
    found["record gray"] = [brief(gray[3][0]), plain(gray[3][1])]
    found["record index"] = kind(attempt(lambda: data[7]))["raises"]


def results(mx):
    found = {}
    folder = tempfile.mkdtemp()
    try:
        published(mx, found, folder)
        folders(mx, found, folder)
    finally:
        shutil.rmtree(folder)
    records(mx, found)
    return found


if __name__ == "__main__":
    import mxnet

    write("vision_datasets", results(mxnet))
