"""gluon.data.vision.datasets against real MXNet; files that are missing or damaged."""

import gzip
import os
import tarfile

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.gluon.data import vision
from tests.oracle import vision_datasets as scenario
from tests.oracle.image_common import content
from tests.scenarios import against_mxnet

pytest.importorskip("cv2")

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    """MXNET_GLUON_REPO names a place where nothing is."""
    monkeypatch.setenv("MXNET_GLUON_REPO", (tmp_path / "nowhere").as_uri())


@pytest.fixture
def repository(monkeypatch, tmp_path):
    """A folder that stands for MXNet's repository."""
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.setenv("MXNET_GLUON_REPO", folder.as_uri())
    return folder


@pytest.mark.parametrize(
    ("dataset", "file"),
    [
        (vision.MNIST, "train-images-idx3-ubyte.gz"), (vision.FashionMNIST, "train-images-idx3-ubyte.gz"),
        (vision.CIFAR10, "cifar-10-binary.tar.gz"), (vision.CIFAR100, "cifar-100-binary.tar.gz"),
    ],
)  # fmt: skip
def test_missing_files_are_named(no_network, tmp_path, dataset, file):
    with pytest.raises(ConnectionError) as raised:
        dataset(str(tmp_path / "data"))
    text = str(raised.value)
    assert f"{file} (SHA-1 " in text and f"into the folder {tmp_path / 'data'}." in text


def test_a_file_of_another_hash_is_replaced(repository, tmp_path):
    """The published file comes from the repository, once."""
    source = repository / "gluon" / "dataset" / "mnist"
    source.mkdir(parents=True)
    hashes = scenario.digits(str(source), 5, 2)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train-labels-idx1-ubyte.gz").write_bytes(b"something else")
    mnist = scenario.own(vision.MNIST, hashes)
    assert len(mnist(str(tmp_path / "data"))) == 5
    for file in source.iterdir():
        file.unlink()
    assert len(mnist(str(tmp_path / "data"))) == 5


def test_archives_of_cifar_are_unpacked(repository, tmp_path):
    source = repository / "gluon" / "dataset" / "cifar10"
    source.mkdir(parents=True)
    hashes = scenario.small_pictures(str(source), scenario.TEN, 1)
    with tarfile.open(source / "cifar-10-binary.tar.gz", "w:gz") as archive:
        for name in scenario.TEN:
            archive.add(source / name, f"cifar-10-batches-bin/{name}")
        archive.add(source / "test_batch.bin", "../../outside.bin")
    hashes["cifar-10-binary.tar.gz"] = scenario.sha1(str(source / "cifar-10-binary.tar.gz"))

    class Own(scenario.own(vision.CIFAR10, hashes)):
        def _get_data(self):
            self._archive_file = ("cifar-10-binary.tar.gz", hashes["cifar-10-binary.tar.gz"])
            super()._get_data()

    data = Own(str(tmp_path / "data"))
    assert len(data) == 15 and len(Own(str(tmp_path / "data"), train=False)) == 3
    assert sorted(os.listdir(tmp_path / "data")) == sorted([*scenario.TEN, "cifar-10-binary.tar.gz"])
    assert not (tmp_path / "outside.bin").exists() and not (tmp_path.parent / "outside.bin").exists()


def broken(tmp_path, file, change):
    """An MNIST of which one file is changed, its hash with it."""
    scenario.digits(str(tmp_path), 5, 2)
    target = tmp_path / file
    target.write_bytes(change(target.read_bytes()))
    hashes = {f: scenario.sha1(str(tmp_path / f)) for f in os.listdir(tmp_path)}
    return scenario.own(vision.MNIST, hashes)


@pytest.mark.parametrize(
    ("file", "change", "text"),
    [
        ("train-images-idx3-ubyte.gz", lambda b: b"no gzip", "is damaged, or no gzip file"),
        ("train-images-idx3-ubyte.gz", lambda b: b[:200], "is damaged, or no gzip file"),
        ("train-labels-idx1-ubyte.gz", lambda b: gzip.compress(b"abc"), "is no idx file of 1 axes"),
        (
            "train-labels-idx1-ubyte.gz", lambda b: gzip.compress(bytes([0, 0, 8, 1, 255, 255, 255, 255, 3])),
            r"declares the shape \(4294967295,\), 4294967295 bytes, and has 1",
        ),
        (
            "train-labels-idx1-ubyte.gz", lambda b: gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 2, 3, 4])),
            "has 5 pictures, .*has? 2 labels|5 pictures, .* 2 labels",
        ),
    ],
)  # fmt: skip
def test_damaged_files_of_mnist(tmp_path, file, change, text):
    mnist = broken(tmp_path, file, change)
    with pytest.raises(ValueError, match=text):
        mnist(str(tmp_path))


def test_damaged_files_of_cifar(tmp_path):
    hashes = scenario.small_pictures(str(tmp_path), scenario.TEN, 1)
    with open(tmp_path / "data_batch_3.bin", "ab") as file:
        file.write(b"x")
    hashes["data_batch_3.bin"] = scenario.sha1(str(tmp_path / "data_batch_3.bin"))
    with pytest.raises(ValueError, match=r"data_batch_3\.bin has 9220 bytes, which is no number of records of 3073"):
        scenario.own(vision.CIFAR10, hashes)(str(tmp_path))


def test_damaged_pictures_of_folders(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.jpg").write_bytes(b"no picture")
    data = vision.ImageFolderDataset(str(tmp_path))
    with pytest.raises(mx.MXNetError, match=r"a/x\.jpg \(10 bytes.*is not a picture"):
        data[0]


def test_damaged_pictures_of_records(tmp_path):
    record = mx.recordio.MXIndexedRecordIO(str(tmp_path / "a.idx"), str(tmp_path / "a.rec"), "w")
    record.write_idx(4, mx.recordio.pack(mx.recordio.IRHeader(0, 1.0, 4, 0), content("photo0.jpg")))
    record.write_idx(5, mx.recordio.pack(mx.recordio.IRHeader(0, 1.0, 5, 0), b"no picture"))
    record.write_idx(6, b"abc")
    record.close()
    data = vision.ImageRecordDataset(str(tmp_path / "a.rec"))
    assert data[0][0].shape == (40, 56, 3) and data[0][1] == 1
    with pytest.raises(mx.MXNetError, match=r"record 1 \(id 5\) of .*a\.rec: Decoding failed"):
        data[1]
    with pytest.raises(mx.MXNetError, match=r"record 2 of .*a\.rec: a record that pack\(\) made begins with 24 bytes"):
        data[2]


def test_defaults_are_mxnets_folder():
    assert vision.MNIST.__init__.__defaults__[0] == os.path.join(mx.base.data_dir(), "datasets", "mnist")


def test_loaders_with_workers_read_folders(tmp_path):
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for i in range(3):
            (tmp_path / label / f"{i}.jpg").write_bytes(content("photo0.jpg"))
    transform = vision.transforms.Compose([vision.transforms.Resize((8, 6)), vision.transforms.ToTensor()])
    data = vision.ImageFolderDataset(str(tmp_path)).transform_first(transform)
    batches = [list(mx.gluon.data.DataLoader(data, 4, num_workers=n)) for n in (0, 2)]
    assert [b[1].asnumpy().tolist() for b in batches[1]] == [[0, 0, 0, 1], [1, 1]]
    for one, other in zip(*batches, strict=True):
        np.testing.assert_array_equal(one[0].asnumpy(), other[0].asnumpy())
