"""Writes tests/golden/gluon_model_zoo.json: names, signatures and errors of MXNet's model zoo, and its model store.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_model_zoo
"""

import contextlib
import functools
import hashlib
import http.server
import inspect
import io
import os
import shutil
import tempfile
import threading
import zipfile

from tests.oracle.scenario import attempt, write

MODULES = ("alexnet", "densenet", "inception", "mobilenet", "resnet", "squeezenet", "vgg")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def repository(folder, handler=Quiet):
    """A folder served as the repository of models; gives its URL."""
    # Python 3.8's handler takes the folder as an argument only
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = "http://127.0.0.1:%d" % server.server_port
    before = {name: os.environ.get(name) for name in ("MXNET_GLUON_REPO", "no_proxy")}
    os.environ.update(MXNET_GLUON_REPO=url, no_proxy="127.0.0.1")
    try:
        yield url
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        server.shutdown()
        thread.join()
        server.server_close()


def publish(store, folder, name, content):
    """Puts a model's file into the repository; returns the name of the file without an ending."""
    store._model_sha1[name] = hashlib.sha1(content).hexdigest()
    stem = "%s-%s" % (name, store.short_hash(name))
    models = os.path.join(str(folder), "gluon", "models")
    os.makedirs(models, exist_ok=True)
    with zipfile.ZipFile(os.path.join(models, stem + ".zip"), "w") as file:
        file.writestr(stem + ".params", content)
    return stem


def signature(function):
    """Names, kinds and defaults of a function's parameters."""
    return [
        [p.name, str(p.kind), "" if p.default is p.empty else "<root>" if p.name == "root" else str(p.default)]
        for p in inspect.signature(function).parameters.values()
    ]


def results(mx):
    found = {}
    vision, store = mx.gluon.model_zoo.vision, mx.gluon.model_zoo.model_store
    modules = {name: inspect.getmodule(vision.AlexNet) if name == "alexnet" else getattr(vision, name)
               for name in MODULES}  # fmt: skip
    public = sorted(n for n in dir(vision) if not n.startswith("_"))
    found["names of vision"] = [n for n in public if n not in ("annotations", "Any", "Callable", "HybridBlock")]
    for name, module in modules.items():
        own = {
            n: f
            for n, f in vars(module).items()
            if getattr(f, "__module__", None) == module.__name__ and (not n.startswith("_") or n == "_make_layer")
        }
        found["all of " + name] = sorted(module.__all__)
        found["names of " + name] = sorted(own)
        found["signatures of " + name] = {n: signature(f) for n, f in own.items()}
    found["tables"] = [
        {k: list(v) for k, v in vision.resnet.resnet_spec.items()}, vision.vgg.vgg_spec, vision.densenet.densenet_spec,
        [c.__name__ for c in vision.resnet.resnet_net_versions],
        [{k: c.__name__ for k, c in v.items()} for v in vision.resnet.resnet_block_versions],
    ]  # fmt: skip
    resnet = vision.resnet

    def no_text(function, *args, **kwargs):
        return attempt(function, *args, **kwargs)["raises"]

    found["refused"] = {
        "get_model": attempt(vision.get_model, "resnet19_v1"),
        "get_model upper": attempt(vision.get_model, "LeNet"),
        "get_model number": attempt(vision.get_model, 3),
        "resnet layers": attempt(vision.get_resnet, 1, 19),
        "resnet version": attempt(vision.get_resnet, 3, 18),
        "resnet version 0": attempt(vision.get_resnet, 0, 18),
        "vgg": attempt(vision.get_vgg, 12),
        "densenet": attempt(vision.densenet.get_densenet, 120),
        "squeezenet": attempt(vision.SqueezeNet, 1.0),
        "squeezenet 2": attempt(vision.squeezenet.get_squeezenet, "2.0"),
        "hash": attempt(store.short_hash, "resnet19_v1"),
        "file": attempt(store.get_model_file, "resnet19_v1"),
        "width": attempt(vision.get_mobilenet, 0.3, pretrained=True),
        "width v2": attempt(vision.get_mobilenet_v2, 1.25, pretrained=True),
        "purge": no_text(store.purge, "no such folder"),
        # their texts are empty
        "channels": no_text(vision.ResNetV1, resnet.BasicBlockV1, [1], [1]),
        "channels v2": no_text(vision.ResNetV2, resnet.BasicBlockV2, [1], [1, 2, 3]),
        "filters": no_text(vision.VGG, [1], [1, 2]),
        "argument": no_text(vision.resnet18_v1, depth=3),
    }
    found["store"] = [store._model_sha1, store.apache_repo_url, store.short_hash("resnet50_v2"), sorted(store.__all__)]
    found["store signatures"] = {n: signature(getattr(store, n)) for n in ("get_model_file", "purge", "short_hash")}
    before = os.environ.pop("MXNET_HOME", None)
    home = mx.base.data_dir()
    found["folders"] = [home == mx.base.data_dir_default(), os.path.relpath(home, os.path.expanduser("~"))]
    os.environ["MXNET_HOME"] = "/somewhere/else"
    found["folder of MXNET_HOME"] = [mx.base.data_dir(), mx.base.data_dir_default() == home]
    del os.environ["MXNET_HOME"]
    if before is not None:
        os.environ["MXNET_HOME"] = before
    found.update(_stored(mx, vision, store))
    return found


def _stored(mx, vision, store):
    found = {}
    known = dict(store._model_sha1)
    folder = tempfile.mkdtemp()
    root = os.path.join(folder, "root", "models")

    def text(path):
        with open(path) as file:
            return file.read()

    def files():
        return sorted(n for n in os.listdir(root) if not n.startswith("."))

    try:
        with repository(folder), contextlib.redirect_stdout(io.StringIO()):
            publish(store, folder, "other_net", b"parameters")
            path = store.get_model_file("other_net", root=root)
            found["downloaded"] = [os.path.relpath(path, folder), files(), text(path)]
            stamp = os.stat(path).st_mtime_ns
            found["again"] = [store.get_model_file("other_net", root) == path, os.stat(path).st_mtime_ns == stamp]
            with open(path, "w") as file:
                file.write("broken")
            found["broken"] = [store.get_model_file("other_net", root) == path, text(path)]
            with open(os.path.join(root, "notes.txt"), "w") as file:
                file.write("stay")
            found["purged"] = [store.purge(root), files()]
            net = vision.resnet18_v1(classes=3, thumbnail=True, prefix="first_")
            net.initialize(mx.init.Constant(0.01))
            x = mx.nd.arange(300).reshape((1, 3, 10, 10)) / 300
            expected = net(x).asnumpy()
            net.save_parameters(os.path.join(folder, "x.params"))
            with open(os.path.join(folder, "x.params"), "rb") as file:
                publish(store, folder, "resnet18_v1", file.read())
            loaded = vision.get_model(
                "resnet18_v1", pretrained=True, root=root, ctx=[mx.cpu(0), mx.cpu(1)], classes=3, thumbnail=True,
                prefix="second_",
            )  # fmt: skip
            found["pretrained"] = [
                bool((loaded(x).asnumpy() == expected).all()), [str(c) for c in loaded.output.weight.list_ctx()],
                loaded.name,
            ]  # fmt: skip
            try:
                vision.resnet18_v1(pretrained=True, root=root, classes=4, thumbnail=True, prefix="third_")
            except AssertionError as error:
                found["classes do not fit"] = str(error).split(";")[0]
    finally:
        store._model_sha1.clear()
        store._model_sha1.update(known)
        shutil.rmtree(folder)
    return found


if __name__ == "__main__":
    import mxnet

    write("gluon_model_zoo", results(mxnet))
