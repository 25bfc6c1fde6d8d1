"""nd.save and nd.load: what comes back, what other readers see, and what each file that is none is called."""

import os
import pickle
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

import mxgluon_compat as mx
from mxgluon_compat import nd

DTYPES = ("float16", "float32", "float64", "int8", "uint8", "int32", "int64", "bool", "bfloat16")


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "arrays.params")


class TestRoundTrips:
    def test_dict(self, path):
        arrays = {f"arg:{d}": nd.array([[0, 1], [2, 3]]).astype(d) for d in DTYPES}
        nd.save(path, arrays)
        found = nd.load(path)
        assert set(found) == set(arrays)
        for name, array in arrays.items():
            assert found[name].dtype == array.dtype and (found[name].to_torch() == array.to_torch()).all()

    def test_list(self, path):
        arrays = [nd.full((1,), k) for k in range(12)]
        nd.save(path, arrays)
        found = nd.load(path)
        assert isinstance(found, list) and [a.asscalar() for a in found] == list(range(12))
        nd.save(path, tuple(arrays))
        assert len(nd.load(path)) == 12

    def test_single(self, path):
        nd.save(path, nd.array([1, 2]))
        (found,) = nd.load(path)
        assert found.asnumpy().tolist() == [1, 2]

    def test_nothing(self, path):
        nd.save(path, {})
        assert nd.load(path) == {}
        nd.save(path, [])
        assert nd.load(path) == []

    def test_views_variables_and_other_contexts(self, path):
        x = nd.array(np.arange(6).reshape(2, 3))
        x.attach_grad()
        nd.save(path, {"row": x[1], "x": x, "same": x, "t": x.T, "other": x.as_in_context(mx.cpu(1)), "empty": x[1:1]})
        found = nd.load(path)
        assert found["row"].asnumpy().tolist() == [3, 4, 5] and found["t"].shape == (3, 2)
        assert found["same"].asnumpy().tolist() == x.asnumpy().tolist() and found["empty"].shape == (0, 3)
        assert found["x"].grad is None and not found["x"].to_torch().requires_grad
        found["x"][:] = 0
        assert found["same"].asnumpy().any() and x.asnumpy().any()

    def test_they_come_to_the_current_context(self, path):
        nd.save(path, {"x": nd.ones(1, ctx=mx.cpu(3))})
        assert nd.load(path)["x"].context == mx.cpu()
        with mx.cpu(2):
            assert nd.load(path)["x"].context == mx.cpu(2)

    def test_paths(self, tmp_path):
        nd.save(tmp_path / "x.params", [nd.ones(1)])
        assert len(nd.load(Path(tmp_path) / "x.params")) == 1

    def test_safetensors_opens_it(self, path):
        nd.save(path, {"weight": nd.array([[1, 2]]), "bias": nd.ones(2, dtype="int32")})
        found = safetensors.torch.load_file(path)
        assert found["weight"].tolist() == [[1, 2]] and found["bias"].dtype is torch.int32

    def test_files_of_safetensors_open(self, path):
        safetensors.torch.save_file({"weight": torch.ones(2)}, path)
        assert nd.load(path)["weight"].asnumpy().tolist() == [1, 1]


class TestRefused:
    @pytest.mark.parametrize("data", [3, "x", None, np.ones(2)], ids=repr)
    def test_data(self, path, data):
        with pytest.raises(ValueError, match="data needs to either be a NDArray"):
            nd.save(path, data)
        assert not os.path.exists(path)

    @pytest.mark.parametrize("data", [[1], {"x": 1}, {1: None}, [np.ones(1)]], ids=repr)
    def test_elements(self, path, data):
        with pytest.raises(TypeError, match="save only accept dict str->NDArray or list of NDArray"):
            nd.save(path, data)
        assert not os.path.exists(path)

    def test_missing(self, path):
        with pytest.raises(FileNotFoundError):
            nd.load(path)
        with pytest.raises(FileNotFoundError):
            nd.save(os.path.join(path, "not", "there"), [nd.ones(1)])

    def test_folder(self, tmp_path):
        with pytest.raises(mx.MXNetError, match="is a folder"):
            nd.load(str(tmp_path))

    def test_every_truncation(self, path):
        nd.save(path, {"x": nd.ones((4, 4)), "y": nd.ones(3)})
        whole = Path(path).read_bytes()
        for size in range(0, len(whole), 5):
            Path(path).write_bytes(whole[:size])
            with pytest.raises(mx.MXNetError, match="arrays.params"):
                nd.load(path)

    @pytest.mark.parametrize(
        ("content", "text"),
        [
            (b"", "empty"),
            (b"<!DOCTYPE html><html></html>", "HTML"),
            (b"<html><body>404</body></html>", "HTML"),
            (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
            (pickle.dumps({"x": 1}), "pickle"),
            (b'{"nodes": []}', "JSON"),
            (b"\x93NUMPY\x01\x00", "numpy.load"),
            (b"just some words", "not an array file"),
            (bytes(64), "not an array file|truncated or damaged"),
            (b"\xff" * 64, "not an array file"),
        ],
        ids=lambda v: v if isinstance(v, str) else "",
    )
    def test_foreign(self, path, content, text):
        Path(path).write_bytes(content)
        with pytest.raises(mx.MXNetError, match=text):
            nd.load(path)

    def test_zip(self, path):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("data.pkl", b"x")
        with pytest.raises(mx.MXNetError, match="torch.load"):
            nd.load(path)

    def test_dtypes_that_mxnet_has_not(self, path):
        safetensors.torch.save_file({"x": torch.zeros(1, dtype=torch.complex64)}, path)
        with pytest.raises(mx.MXNetError, match="'x' is C64"):
            nd.load(path)


class TestWriting:
    def test_a_failure_leaves_the_old_file(self, path, monkeypatch):
        nd.save(path, [nd.ones(1)])
        monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            nd.save(path, [nd.zeros(1)])
        monkeypatch.undo()
        assert nd.load(path)[0].asscalar() == 1
        assert os.listdir(os.path.dirname(path)) == ["arrays.params"]

    def test_permissions_are_those_of_any_new_file(self, path, tmp_path):
        nd.save(path, [nd.ones(1)])
        (tmp_path / "plain").write_bytes(b"")
        assert stat.S_IMODE(os.stat(path).st_mode) == stat.S_IMODE(os.stat(tmp_path / "plain").st_mode)
