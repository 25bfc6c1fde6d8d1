"""gluon.utils against real MXNet's, and downloads from a local server."""

import collections
import functools
import hashlib
import http.server
import os
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.gluon import utils
from tests.oracle import gluon_utils as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)


def test_split_data_with_more_slices_than_rows():
    # Along the first axis MXNet gives empty slices; along others it fails.
    for axis in (0, 1):
        slices = utils.split_data(mx.nd.ones((2, 2)), 3, axis, even_split=False)
        assert [s.shape[axis] for s in slices] == [1, 1, 0]


def test_slices_pass_gradients_on():
    x = mx.nd.arange(4)
    x.attach_grad()
    with mx.autograd.record():
        first, second = utils.split_and_load(x, [mx.cpu(0), mx.cpu(1)])
        loss = (first * 2).sum() + (second * 3).as_in_context(mx.cpu(0)).sum()
    loss.backward()
    assert x.grad.asnumpy().tolist() == [2, 2, 3, 3]


def test_clip_global_norm_of_several_dtypes():
    # MXNet refuses float16 on a CPU and mixtures anywhere.
    arrays = [mx.nd.array([300, 400], dtype="float16"), mx.nd.array([1200.0], dtype="float64")]
    assert utils.clip_global_norm(arrays, 650) == pytest.approx(1300)
    assert [a.asnumpy().tolist() for a in arrays] == [[150, 200], [pytest.approx(600)]]
    assert [a.dtype for a in arrays] == [np.float16, np.float64]


def test_clip_global_norm_leaves_the_array_in_place():
    x = mx.nd.array([3.0, 4.0])
    tensor = x._data
    utils.clip_global_norm([x], 1)
    assert x._data is tensor
    np.testing.assert_allclose(x.asnumpy(), [0.6, 0.8], rtol=1e-6)


def test_hook_handles_can_be_pickled():
    handle = pickle.loads(pickle.dumps(utils.HookHandle()))
    hooks = collections.OrderedDict()
    handle.attach(hooks, len)
    assert list(hooks.values()) == [len]


def test_check_all_np_ndarrays_lets_legacy_arrays_pass():
    utils._check_all_np_ndarrays([mx.nd.ones((1,)), (mx.nd.ones((1,)),)])


class Quiet(http.server.SimpleHTTPRequestHandler):
    failures = 0

    def do_GET(self):
        if Quiet.failures:
            Quiet.failures -= 1
            self.send_error(503)
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """URL of a server that gives ``a.txt`` holding 'hello'; the test runs in an empty folder."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "a.txt").write_text("hello")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    handler = functools.partial(Quiet, directory=str(tmp_path / "served"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()
    Quiet.failures = 0


SHA1 = hashlib.sha1(b"hello").hexdigest()


def test_download_to_places(server, capsys):
    os.mkdir("folder")
    for path, file in ((None, "a.txt"), ("sub/x.txt", "sub/x.txt"), ("folder", "folder/a.txt"), ("new/", "new/a.txt")):
        assert utils.download(server + "a.txt", path, sha1_hash=SHA1) == file
        assert Path(file).read_text() == "hello"
    assert f"Downloading a.txt from {server}a.txt...\n" in capsys.readouterr().out
    assert sorted(os.listdir(".")) == ["a.txt", "folder", "new", "sub"]


def test_download_only_what_is_missing_or_wrong(server):
    for arguments, content in (({}, "mine"), ({"sha1_hash": SHA1}, "hello"), ({"overwrite": True}, "hello")):
        with open("a.txt", "w") as file:
            file.write("mine")
        utils.download(server + "a.txt", "a.txt", **arguments)
        # MXNet downloads with overwrite=True, and then keeps the old file.
        assert Path("a.txt").read_text() == content
    assert os.listdir(".") == ["a.txt"]


def test_download_retries(server, capsys):
    Quiet.failures = 2
    assert utils.download(server + "a.txt", retries=3) == "a.txt"
    assert "retrying, 2 attempts left" in capsys.readouterr().out


def test_download_fails(server):
    with pytest.raises(RuntimeError, match="Failed downloading url .*nope.txt: 404"):
        utils.download(server + "nope.txt", retries=1)
    with pytest.raises(UserWarning, match="content hash does not match"):
        utils.download(server + "a.txt", sha1_hash="00", retries=1)
    with pytest.raises(ConnectionError, match="Failed downloading url http://127.0.0.1:9/a.txt.*by hand"):
        utils.download("http://127.0.0.1:9/a.txt", "b.txt", retries=0)
    with pytest.warns(UserWarning, match="Unverified HTTPS"):
        utils.download(server + "a.txt", "c.txt", verify_ssl=False)
    assert sorted(os.listdir(".")) == ["a.txt", "c.txt"]
