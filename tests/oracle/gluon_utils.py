"""Writes tests/golden/gluon_utils.json: what MXNet's gluon.utils gives.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_utils
"""

import collections
import hashlib
import os
import tempfile
import warnings

import numpy as np

from tests.oracle.scenario import attempt, plain, write


def results(mx):
    utils = mx.gluon.utils
    found = {}
    x = mx.nd.arange(14).reshape((7, 2))
    for slices, axis, even in (
        (3, 0, True), (3, 0, False), (7, 0, True), (1, 0, True), (2, 1, True), (2, 0, False), (4, 0, False),
        (5, 0, False), (2, 0, True),
    ):  # fmt: skip
        for name, data in (("NDArray", x), ("numpy", x.asnumpy())):
            if name == "numpy" and axis:
                continue  # MXNet cuts numpy arrays along their first axis alone
            key = "split_data %s %d %d %s" % (name, slices, axis, even)
            found[key] = attempt(utils.split_data, data, slices, axis, even)
    contexts = [mx.cpu(0), mx.cpu(1)]

    def load(data, *args, **kwargs):
        return [[a, str(a.context)] for a in utils.split_and_load(data, *args, **kwargs)]

    found["split_and_load"] = attempt(load, x[:6], contexts)
    found["split_and_load odd"] = attempt(load, x, contexts)
    found["split_and_load uneven"] = attempt(load, x, contexts, even_split=False)
    found["split_and_load axis"] = attempt(load, x, contexts, batch_axis=1)
    found["split_and_load one"] = attempt(load, x, contexts[:1])
    found["split_and_load same"] = utils.split_and_load(x, contexts[:1])[0] is x
    found["split_and_load int64"] = attempt(load, np.arange(6), contexts)
    found["split_and_load list"] = attempt(load, [[1, 2], [3, 4]], contexts)

    def clip(values, max_norm, ctx=None, **kwargs):
        arrays = [mx.nd.array(v, ctx=c) for v, c in zip(values, ctx or [mx.cpu()] * len(values))]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            norm = utils.clip_global_norm(arrays, max_norm, **kwargs)
        return [norm, type(norm).__name__, arrays, [[w.category.__name__, str(w.message)] for w in caught]]

    values = [[3.0, 4.0], [[12.0]]]
    random = np.random.RandomState(0).randn(5, 7)
    for bound in (6.5, 100.0):
        for check in (True, False):
            found["clip_global_norm %s %s" % (bound, check)] = attempt(clip, values, bound, check_isfinite=check)
    found["clip_global_norm contexts"] = attempt(clip, values, 6.5, contexts)
    found["clip_global_norm random"] = attempt(clip, [random, random[0]], 1.0)
    found["clip_global_norm inf"] = attempt(clip, [[np.inf, 1.0]], 1.0)
    found["clip_global_norm nan"] = attempt(clip, [[np.nan, 1.0]], 1.0)
    found["clip_global_norm zero"] = attempt(clip, [[0.0, 0.0]], 1.0)
    found["clip_global_norm none"] = attempt(clip, [], 1.0)["raises"]

    found["_indent"] = [utils._indent("a\nb\n\nc", 4), utils._indent("a", 2)]
    found["_brief_print_list"] = [
        utils._brief_print_list(list("abcdefghij")[:n], limit) for n in range(11) for limit in (2, 4, 5, 7)
    ]
    shapes = [None, (), (1, 2), (0, 2), (-1, 2), (-2,)]
    found["shape_is_known"] = [attempt(utils.shape_is_known, s) for s in shapes]
    with mx.util.np_shape(True):
        found["shape_is_known np_shape"] = [attempt(utils.shape_is_known, s) for s in shapes]

    hooks, function = collections.OrderedDict(), len
    handle = utils.HookHandle()
    handle.attach(hooks, function)
    found["HookHandle"] = [len(hooks), attempt(handle.attach, hooks, function)]
    handle.detach()
    found["HookHandle"] += [len(hooks), attempt(handle.detach), attempt(handle.attach, hooks, function)]
    handle = utils.HookHandle()
    handle.attach(hooks, function)
    with handle:
        found["HookHandle"].append(len(hooks))
    found["HookHandle"].append(len(hooks))

    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            with open("a.txt", "w") as file:
                file.write("hello")
            sha1 = hashlib.sha1(b"hello").hexdigest()
            found["check_sha1"] = [
                utils.check_sha1("a.txt", sha1), utils.check_sha1("a.txt", "0"),
                attempt(utils.check_sha1, "b", sha1)["raises"],
            ]  # fmt: skip
            utils.replace_file("a.txt", "b.txt")
            found["replace_file"] = [sorted(os.listdir(".")), attempt(utils.replace_file, "a.txt", "c.txt")["raises"]]
            found["download there"] = [
                attempt(utils.download, "http://127.0.0.1:9/b.txt"),
                attempt(utils.download, "http://127.0.0.1:9/b.txt", "b.txt", sha1_hash=sha1),
                attempt(utils.download, "http://127.0.0.1:9/b.txt", folder).replace(folder, "FOLDER"),
            ]
            found["download refuses"] = [
                attempt(utils.download, "http://127.0.0.1:9/"),
                attempt(utils.download, "http://127.0.0.1:9/b.txt", retries=-1),
                attempt(utils.download, "http://127.0.0.1:9/z.txt", retries=2)["raises"],
            ]  # fmt: skip
        finally:
            os.chdir(here)
    before = os.environ.pop("MXNET_GLUON_REPO", None)
    found["_get_repo_url"] = [utils._get_repo_url()]
    for place in ("http://q", "http://q/"):
        os.environ["MXNET_GLUON_REPO"] = place
        found["_get_repo_url"] += [utils._get_repo_url(), utils._get_repo_file_url("a/b", "c")]
    del os.environ["MXNET_GLUON_REPO"]
    if before is not None:
        os.environ["MXNET_GLUON_REPO"] = before
    return plain(found)


if __name__ == "__main__":
    import mxnet

    write("gluon_utils", results(mxnet))
