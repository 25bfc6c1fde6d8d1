"""Names and errors of the model zoo and its store of files against real MXNet's; downloads from a local repository."""

import contextlib
import hashlib
import inspect
import os
import sys
import threading
import types

import pytest

import mxgluon_compat as mx
from mxgluon_compat.gluon import utils
from mxgluon_compat.gluon.model_zoo import model_store, vision
from tests.oracle import gluon_model_zoo as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)

CONTENT = bytes(range(256)) * 4000  # about a megabyte


def test_default_folder():
    for function in (vision.alexnet, vision.get_resnet, model_store.get_model_file, model_store.purge):
        root = inspect.signature(function).parameters["root"].default
        assert root == os.path.join(mx.base.data_dir(), "models")


class Server(scenario.Quiet):
    """Serves parts of files; ``cut``: after how many bytes to break off, for each request in turn."""

    requests: list = []
    cut: list = []
    parts = True

    def do_GET(self):
        path = self.translate_path(self.path)
        start = 0
        given = self.headers.get("Range")
        Server.requests.append(given)
        if not os.path.exists(path):
            return self.send_error(404)
        with open(path, "rb") as file:
            content = file.read()
        if given and Server.parts:
            start = int(given.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                return self.send_error(416)
        self.send_response(206 if given and Server.parts else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = start + Server.cut.pop(0) if Server.cut else None
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content[start:end])


@pytest.fixture
def known():
    """Puts the table of hashes back."""
    before = dict(model_store._model_sha1)
    yield
    model_store._model_sha1.clear()
    model_store._model_sha1.update(before)


@pytest.fixture
def place(tmp_path, known):
    """(folder for files, name of the published file without ending); the net is called ``net``."""
    Server.requests, Server.cut, Server.parts = [], [], True
    with scenario.repository(tmp_path / "repository", Server):
        yield tmp_path / "root", scenario.publish(model_store, tmp_path / "repository", "net", CONTENT)


def left_over(root):
    return sorted(n for n in os.listdir(root) if n != ".lock")


def test_goes_on_where_it_was_cut_off(place, capsys):
    root, stem = place
    Server.cut = [600, 500]
    path = model_store.get_model_file("net", root=str(root))
    with open(path, "rb") as file:
        assert file.read() == CONTENT
    assert Server.requests == [None, "bytes=600-", "bytes=1100-"]
    assert "it ended after 600 of" in capsys.readouterr().out
    assert left_over(root) == [stem + ".params"]


def test_goes_on_in_the_next_call(place):
    root, stem = place
    Server.cut = [200] * 5
    with pytest.raises(ConnectionError, match=f"{stem}.params out of it, into the folder {root}. Its SHA-1 must be"):
        model_store.get_model_file("net", root=str(root))
    assert left_over(root) == [stem + ".zip.part"]
    model_store.get_model_file("net", root=str(root))
    assert Server.requests[-1] == "bytes=1000-"
    assert left_over(root) == [stem + ".params"]


def test_servers_without_parts(place):
    root, stem = place
    Server.cut, Server.parts = [600], False
    model_store.get_model_file("net", root=str(root))
    assert left_over(root) == [stem + ".params"]


def test_a_part_longer_than_the_file_is_of_another(place):
    root, stem = place
    root.mkdir()
    (root / (stem + ".zip.part")).write_bytes(b"x" * 2 * len(CONTENT))
    model_store.get_model_file("net", root=str(root))
    assert Server.requests[1] is None
    assert left_over(root) == [stem + ".params"]


def test_one_downloads_for_all(place):
    root, stem = place
    paths = []
    threads = [
        threading.Thread(target=lambda: paths.append(model_store.get_model_file("net", root=str(root))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paths == [str(root / (stem + ".params"))] * 4
    assert Server.requests == [None]


def test_what_is_downloaded_must_have_the_hash(place):
    root, stem = place
    model_store._model_sha1["net"] = stem[-8:] + "0" * 32
    with pytest.raises(ValueError, match="^Downloaded file has different hash. Please try again."):
        model_store.get_model_file("net", root=str(root))
    assert left_over(root) == []


@pytest.mark.parametrize("content", [b"<html>Log in first</html>", "another member"])
def test_other_files_instead(place, tmp_path, content):
    root, stem = place
    archive = tmp_path / "repository" / "gluon" / "models" / (stem + ".zip")
    if content == "another member":
        other = scenario.publish(model_store, tmp_path / "repository", "other", CONTENT)
        os.replace(archive.with_name(other + ".zip"), archive)
    else:
        archive.write_bytes(content)
    with pytest.raises(ValueError, match=f"is not a zip file with {stem}.params in it"):
        model_store.get_model_file("net", root=str(root))
    assert left_over(root) == []


def test_a_missing_file_is_named(place):
    root, stem = place
    model_store._model_sha1["net"] = "1" * 40
    with pytest.raises(RuntimeError) as caught:
        model_store.get_model_file("net", root=str(root))
    text = str(caught.value)
    assert "404" in text and f"/gluon/models/net-{'1' * 8}.zip on another machine" in text
    assert f"net-11111111.params out of it, into the folder {root}. Its SHA-1 must be {'1' * 40}." in text


def test_without_a_network(tmp_path, monkeypatch, known):
    monkeypatch.setenv("MXNET_GLUON_REPO", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(ConnectionError, match="alexnet-44335d1f.params out of it, into the folder " + str(tmp_path)):
        vision.alexnet(pretrained=True, root=str(tmp_path))
    # put there by hand, with or without its zip file
    stem = scenario.publish(model_store, tmp_path, "net", CONTENT)
    os.replace(tmp_path / "gluon" / "models" / (stem + ".zip"), tmp_path / (stem + ".zip"))
    assert model_store.get_model_file("net", root=str(tmp_path)) == str(tmp_path / (stem + ".params"))
    assert model_store.get_model_file("net", root=str(tmp_path)) == str(tmp_path / (stem + ".params"))


def test_a_repository_of_files(tmp_path, monkeypatch, known):
    stem = scenario.publish(model_store, tmp_path, "net", CONTENT)
    monkeypatch.setenv("MXNET_GLUON_REPO", tmp_path.as_uri())
    path = model_store.get_model_file("net", root=str(tmp_path / "root"))
    assert path == str(tmp_path / "root" / (stem + ".params"))
    assert utils.check_sha1(path, hashlib.sha1(CONTENT).hexdigest())


def test_progress_where_tqdm_is_installed(place, monkeypatch):
    root, _ = place
    bars = []

    class Bar:
        def __init__(self, **kwargs):
            self.kwargs, self.steps = kwargs, 0
            bars.append(self)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def update(self, count):
            self.steps += count

    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=Bar))
    model_store.get_model_file("net", root=str(root))
    assert bars == [], "a bar is for terminals only"
    model_store.purge(str(root))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    Server.cut = [600]
    model_store.get_model_file("net", root=str(root))
    size = bars[0].kwargs["total"]
    assert [(b.kwargs["initial"], b.steps) for b in bars] == [(0, 600), (600, size - 600)]


def test_pretrained_names(monkeypatch):
    # each function asks for the file that get_model's name says
    asked = []
    monkeypatch.setattr(model_store, "get_model_file", lambda name, root: asked.append((name, root)) or "no such file")
    for name in sorted(vision._models):
        with pytest.raises(OSError):
            vision.get_model(name, pretrained=True, root="folder")
    assert asked == [(name, "folder") for name in sorted(vision._models)]
    assert {name for name, _ in asked} == set(model_store._model_sha1)
