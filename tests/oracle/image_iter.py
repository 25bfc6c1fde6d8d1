"""Writes tests/golden/image_iter.json: what ImageIter of real MXNet gives, from lists, list files and records.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.image_iter
"""

import logging
import os
import random
import tempfile

import numpy as np

from tests.oracle.image_common import IMAGES, PHOTOS, brief, kind, path
from tests.oracle.scenario import attempt, plain, write

SEVEN = [(i * 1.5, PHOTOS[i % 4]) for i in range(7)]
RECORDS = path("photos.rec")


def write_records(mx):
    """tests/golden/images/photos.rec and its index: seven pictures, labels of width 2."""
    record = mx.recordio.MXIndexedRecordIO(path("photos.idx"), RECORDS, "w")
    for i, (label, name) in enumerate(SEVEN):
        with open(path(name), "rb") as file:
            header = mx.recordio.IRHeader(0, [label, i], 10 + i, 0)
            record.write_idx(10 + i, mx.recordio.pack(header, file.read()))
    record.close()


def batch_of(batch):
    return [brief(batch.data), brief(batch.label), batch.pad, plain(batch.index)]


def epochs(mx, count=2, seed=4, limit=8, **options):
    """The batches of some epochs, in brief."""
    random.seed(seed)
    np.random.seed(seed)
    mx.random.seed(seed)
    options = dict({"batch_size": 3, "data_shape": (3, 24, 28)}, **options)
    made = mx.image.ImageIter(**options)
    seen = [[plain(made.provide_data), plain(made.provide_label), made.batch_size, plain(made.num_image)]]
    for _ in range(count):
        epoch = []
        try:
            while len(epoch) < limit:
                epoch.append(batch_of(made.next()))
        except StopIteration:
            epoch.append("end")
        seen.append(epoch)
        made.reset()
    return seen


def tried_epochs(*args, **kwargs):
    return kind(attempt(epochs, *args, **kwargs))


class Lines(logging.Handler):
    """Log lines, folders left out."""

    def __init__(self):
        logging.Handler.__init__(self)
        self.lines = []

    def emit(self, record):
        self.lines.append([record.levelname, record.getMessage().replace(IMAGES, "IMAGES")])


def logged(function):
    """What the call logs."""
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        function()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    return handler.lines


def list_file(folder, text):
    name = os.path.join(folder, "list%d.lst" % len(os.listdir(folder)))
    with open(name, "w") as file:
        file.write(text)
    return name


LST = "".join("%d\t%f\t%s\n" % (i + 3, label, name) for i, (label, name) in enumerate(SEVEN))
WIDE = "".join("%d\t%f\t%d\t%s\n" % (i, label, i, name) for i, (label, name) in enumerate(SEVEN))


def lists(mx, found):
    root = {"path_root": IMAGES}
    for handle in ("pad", "discard", "roll_over"):
        for size in (2, 3, 7, 10):
            found["list %s %d" % (handle, size)] = tried_epochs(
                mx, 3, imglist=SEVEN, last_batch_handle=handle, batch_size=size, **root
            )
    for shuffle in (False, True):
        for part in (0, 1):
            found["list parts %s %d" % (shuffle, part)] = tried_epochs(
                mx, imglist=SEVEN, shuffle=shuffle, num_parts=2, part_index=part, **root
            )
    for dtype in ("float32", "int32", "int64", "float64", "float16", "uint8"):
        found["list dtype %s" % dtype] = tried_epochs(mx, 1, imglist=SEVEN, dtype=dtype, **root)
    options = {"rand_crop": True, "rand_mirror": True, "brightness": 0.2, "contrast": 0.2, "mean": True, "std": True}
    found["list augmented"] = tried_epochs(mx, imglist=SEVEN, **dict(options, **root))
    augs = [mx.image.ForceResizeAug((28, 24)), mx.image.CastAug()]
    found["list aug_list"] = tried_epochs(mx, 1, imglist=SEVEN, aug_list=augs, **root)
    found["list aug_list of another size"] = tried_epochs(mx, 1, imglist=SEVEN, aug_list=[], **root)
    found["list names"] = tried_epochs(mx, 1, imglist=SEVEN, data_name="d", label_name="l", **root)
    pairs = [([i, 2.5], name) for i, (_, name) in enumerate(SEVEN)]
    triples = [(i, 2.5, name) for i, (_, name) in enumerate(SEVEN)]
    for name, values in (("pairs", pairs), ("triples", triples), ("arrays", [(np.array([1, 2]), PHOTOS[0])])):
        for width in (1, 2, 3):
            found["list %s %d" % (name, width)] = tried_epochs(
                mx, 1, imglist=values, label_width=width, batch_size=2, **root
            )
    found["list no pictures"] = tried_epochs(mx, 1, imglist=[], **root)


def files(mx, found, folder):
    root = {"path_root": IMAGES}
    for name, text in (("lst", LST), ("wide", WIDE)):
        file = list_file(folder, text)
        for width in (1, 2):
            for shuffle in (False, True):
                found["%s %d %s" % (name, width, shuffle)] = tried_epochs(
                    mx, 1, path_imglist=file, label_width=width, shuffle=shuffle, **root
                )
    bad = {
        "no number": "x\t1.0\tphoto0.jpg\n", "spaces": "1 1.0 photo0.jpg\n",
        "empty": "", "empty line": LST + "\n", "missing picture": "1\t1\tnope.jpg\n",
        "no picture": "1\t1\tphotos.idx\n", "twice": LST + LST,
    }  # fmt: skip
    for name, text in bad.items():
        tried = tried_epochs(mx, 1, path_imglist=list_file(folder, text), **root)
        if "raises" in tried:
            tried = tried["raises"]
        found["lst " + name] = tried


def records(mx, found, folder):
    rec = {"path_imgrec": RECORDS}
    idx = {"path_imgrec": RECORDS, "path_imgidx": path("photos.idx")}
    for name, options in (("rec", rec), ("idx", idx)):
        for handle in ("pad", "discard", "roll_over"):
            for width in (1, 2):
                found["%s %s %d" % (name, handle, width)] = tried_epochs(
                    mx, 2, last_batch_handle=handle, label_width=width, **options
                )
        for more in ({"shuffle": True}, {"num_parts": 2, "part_index": 1}, {"num_parts": 2, "part_index": 2}):
            found["%s %s" % (name, sorted(more.items()))] = tried_epochs(mx, label_width=2, **dict(options, **more))
    labels = "".join("%d\t%d\t%s\n" % (10 + i, 100 + i, "unused") for i in range(7))
    found["idx with a list"] = tried_epochs(mx, 1, path_imglist=list_file(folder, labels), **idx)


def refused(mx, found):
    root = {"path_root": IMAGES, "imglist": SEVEN}
    found["nothing"] = kind(attempt(mx.image.ImageIter, 3, (3, 24, 28)))
    for shape in ((24, 28), (1, 24, 28), (3, 24), 3, (3, 100, 100)):
        found["data_shape %s" % (shape,)] = attempt(epochs, mx, 1, data_shape=shape, **root)
    found["option"] = attempt(mx.image.ImageIter, 3, (3, 24, 28), zzz=1, **root)["raises"]
    found["missing list"] = attempt(mx.image.ImageIter, 3, (3, 24, 28), path_imglist="nope.lst")["raises"]
    made = mx.image.ImageIter(2, (3, 24, 28), path_root=IMAGES, imglist=[(1, PHOTOS[0]), (2, "gray.png")])
    found["methods"] = [
        attempt(made.check_data_shape, (3, 1)), attempt(made.check_data_shape, (4, 1, 1)),
        attempt(made.check_valid_image, [mx.nd.zeros((2, 2))]), attempt(made.check_valid_image, [np.float32(3)]),
        attempt(lambda: brief(made.next_sample()[0])), attempt(lambda: len(made.read_image("gray.png"))),
        attempt(lambda: brief(made.imdecode(made.read_image("gray.png")))),
        attempt(lambda: brief(made.postprocess_data(mx.nd.zeros((2, 3, 4))))),
        attempt(lambda: brief(made.augmentation_transform(mx.nd.ones((30, 30, 3))))),
    ]  # fmt: skip
    broken = attempt(made.imdecode, b"nothing")
    found["broken"] = [broken["raises"], broken["text"].split(",")[0]]
    made.reset()
    found["iteration"] = [batch_of(b) for b in made]
    made.hard_reset()
    found["hard_reset"] = [batch_of(b) for b in made]
    found["str"] = str(next(iter(mx.image.ImageIter(2, (3, 24, 28), **root))))
    quiet = logged(lambda: mx.image.ImageIter(2, (3, 24, 28), **root))
    found["log"] = quiet
    found["log rec"] = logged(lambda: mx.image.ImageIter(2, (3, 24, 28), path_imgrec=RECORDS))


def own_iterator(mx, found):
    class Own(mx.image.ImageIter):
        def augmentation_transform(self, data):
            return data[:24, :28].astype("float32") + 1

        def postprocess_data(self, datum):
            return datum.transpose((2, 0, 1)) * 2

        def check_valid_image(self, data):
            if data.shape[0] == 52:
                raise RuntimeError("a tall one")

    made = Own(2, (3, 24, 28), path_root=IMAGES, imglist=SEVEN)
    found["own"] = [batch_of(b) for b in made]
    found["own log"] = logged(lambda: [b for b in Own(2, (3, 24, 28), path_root=IMAGES, imglist=SEVEN)])


def descriptions(mx, found):
    desc = mx.io.DataDesc
    found["DataDesc"] = [
        str(desc("data", (1, 2))), repr(desc("data", (1, 2), "float16", "TNC")), list(desc("data", (1, 2))),
        desc.get_batch_axis("TNC"), desc.get_batch_axis(None), desc.get_batch_axis("HW"),
        str(desc.get_list([("a", (1, 2))], None)), str(desc.get_list([("a", (1, 2))], [("a", np.float64)])),
        desc("a", (1,)) == desc("a", (1,), "float64"), str(desc("a", (1,)).dtype), desc("a", (1,)).layout,
    ]  # fmt: skip
    batch = mx.io.DataBatch
    found["DataBatch"] = [
        attempt(batch, 3), attempt(batch, [1], 3), attempt(batch, [mx.nd.ones(1)], mx.nd.ones(1)),
        str(batch([mx.nd.ones((2, 3))], [mx.nd.ones(2)])), attempt(lambda: str(batch([mx.nd.ones((2, 3))]))),
        sorted(vars(batch([mx.nd.ones((2, 3))], pad=2))), attempt(lambda: str(batch(None))),
    ]  # fmt: skip
    base = mx.io.DataIter(4)
    found["DataIter"] = [
        base.batch_size, mx.io.DataIter().batch_size, attempt(base.reset), attempt(base.next), attempt(base.iter_next),
        attempt(base.getdata), attempt(base.getlabel), attempt(base.getindex), attempt(base.getpad),
        iter(base) is base, attempt(next, base),
    ]  # fmt: skip

    class Two(mx.io.DataIter):
        at = 0

        def iter_next(self):
            self.at += 1
            return self.at < 3

        def getdata(self):
            return [mx.nd.ones(2) * self.at]

        def getlabel(self):
            return [mx.nd.ones(1)]

        def getpad(self):
            return self.at

    found["DataIter own"] = [[plain(b.data), plain(b.label), b.pad, b.index] for b in Two(2)]


def results(mx):
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        lists(mx, found)
        files(mx, found, folder)
        records(mx, found, folder)
    refused(mx, found)
    own_iterator(mx, found)
    descriptions(mx, found)
    return found


if __name__ == "__main__":
    import mxnet

    write_records(mxnet)
    write("image_iter", results(mxnet))
