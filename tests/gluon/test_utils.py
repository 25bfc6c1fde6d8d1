"""gluon.utils against real MXNet's, and downloads from a local server."""

import collections
import functools
import hashlib
import http.server
import os
import pickle
import ssl
import sys
import threading
import types
import warnings
from pathlib import Path

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat import fetch
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
    cut = None  # a file's first answer ends after so many bytes
    sized = True  # whether answers with a cut say how long they are
    asked = []  # noqa: RUF012 - the ranges that were asked for

    def do_GET(self):
        if Quiet.failures:
            Quiet.failures -= 1
            self.send_error(503)
        elif Quiet.cut is None:
            super().do_GET()
        else:
            wanted = self.headers["Range"]
            Quiet.asked.append(wanted)
            start = int(wanted[len("bytes=") : -1]) if wanted else 0
            self.send_response(206 if wanted else 200)
            if Quiet.sized:
                self.send_header("Content-Length", str(5 - start))
            self.end_headers()
            self.wfile.write(b"hello"[start:] if wanted else b"hello"[: Quiet.cut])

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
    Quiet.asked.clear()


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
    assert sorted(os.listdir(".")) == ["c.txt"]  # MXNet leaves the file with the wrong hash
    with pytest.raises(UserWarning, match="content hash"):
        utils.download(server + "a.txt", "c.txt", overwrite=True, sha1_hash="00", retries=2)
    assert Path("c.txt").read_text() == "hello"


def test_download_goes_on_where_it_was_cut_off(server, capsys, monkeypatch):
    monkeypatch.setattr(Quiet, "cut", 3)
    assert utils.download(server + "a.txt", sha1_hash=SHA1, retries=2) == "a.txt"
    assert Path("a.txt").read_text() == "hello"
    assert "it ended after 3 of 5 bytes" in capsys.readouterr().out
    assert Quiet.asked == [None, "bytes=3-"]


def test_download_that_is_always_cut_off(server, monkeypatch):
    monkeypatch.setattr(Quiet, "cut", 0)
    with pytest.raises(ConnectionError, match="it ended after 0 of 5 bytes"):
        utils.download(server + "a.txt", retries=1)
    assert os.listdir(".") == []


def test_download_of_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.txt").write_text("hello")
    assert utils.download(f"file://{tmp_path}/b.txt", "c.txt", sha1_hash=SHA1) == "c.txt"
    assert Path("c.txt").read_text() == "hello"
    with pytest.raises(ConnectionError, match=r"Failed downloading url file:.*nope.txt"):
        utils.download(f"file://{tmp_path}/nope.txt", retries=1)


def test_download_shows_progress(server, monkeypatch):
    shown = []

    class Bar:
        def __init__(self, **kwargs):
            shown.append((kwargs["desc"], kwargs["initial"], kwargs["total"]))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def update(self, count):
            shown.append(count)

    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=Bar))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    utils.download(server + "a.txt")
    assert shown == [("a.txt", 0, 5), 5]
    with monkeypatch.context() as of_unknown_size:
        of_unknown_size.setattr(Quiet, "cut", 3)
        of_unknown_size.setattr(Quiet, "sized", False)
        utils.download(server + "a.txt", "b.txt")
    assert shown[2:] == [("a.txt", 0, None), 3]
    os.remove("b.txt")
    monkeypatch.setitem(sys.modules, "tqdm", None)
    utils.download(server + "a.txt", "b.txt")
    assert Path("b.txt").read_text() == "hello"


def test_download_checks_certificates_unless_told(server, monkeypatch):
    contexts = []
    monkeypatch.setattr(fetch, "urlopen", lambda *args, context=None, **kwargs: contexts.append(context) or 1 / 0)
    for verify in (True, False):
        with warnings.catch_warnings(), pytest.raises(ZeroDivisionError):
            warnings.simplefilter("ignore")
            utils.download("https://127.0.0.1:9/a.txt", retries=1, verify_ssl=verify)
    assert contexts[0] is None  # Python's own: certificates are checked
    assert (contexts[1].check_hostname, contexts[1].verify_mode) == (False, ssl.CERT_NONE)


def test_clip_global_norm_refuses_integers_and_takes_a_bound_in_an_array():
    with pytest.raises(mx.MXNetError, match="floating-point arrays, got one of torch.int32"):
        utils.clip_global_norm([mx.nd.array([3, 4], dtype="int32")], 1)
    x = mx.nd.array([3, 4])
    assert utils.clip_global_norm([x], mx.nd.array([1.0])) == 5
    np.testing.assert_allclose(x.asnumpy(), [0.6, 0.8], rtol=1e-6)
