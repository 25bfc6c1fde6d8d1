"""Writes tests/golden/io_files.json: what the iterators over files of real MXNet give.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.io_files
"""

import json
import os
import struct
import tempfile

from tests.oracle.image_common import PHOTOS, brief, content, path
from tests.oracle.scenario import plain, write

RECORDS, INDEX = path("photos.rec"), path("photos.idx")


def alone(function):
    """What the call returns, from a process of its own: threads of MXNet's iterators bring theirs down when it ends."""
    read, written = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.write(written, json.dumps(plain(function())).encode())
        finally:
            os._exit(0)
    os.close(written)
    with os.fdopen(read, "rb") as file:
        text = file.read()
    os.waitpid(pid, 0)
    return json.loads(text.decode() or '"it died"')


def tried(mx, function, *args, **kwargs):
    """The result, or the error's class; MXNet's own errors are all MXNetErrors."""

    def attempt():
        try:
            return function(*args, **kwargs)
        except Exception as error:
            return {"raises": "MXNetError" if isinstance(error, mx.base.MXNetError) else type(error).__name__}

    return alone(attempt) if mx.__name__ == "mxnet" else plain(attempt())


def values(a, short):
    return brief(a) if short else [a.dtype.__name__, a.stype, list(a.shape), a.asnumpy().ravel().tolist()]


def epochs(make, count=3, short=False, index=True, limit=12):
    """Descriptions, and the batches of some epochs."""
    made = make()
    seen = [str(made.provide_data), str(made.provide_label), made.batch_size, type(made).__name__]
    for _ in range(count):
        epoch = []
        for b in made:
            epoch.append([values(b.data[0], short), values(b.label[0], False), b.pad])
            if index:
                epoch[-1] += [b.index.tolist(), b.index.dtype.name]
            assert len(epoch) < limit
        seen.append(epoch)
        made.reset()
    return seen


def put(folder, name, text):
    name = os.path.join(folder, name)
    with open(name, "wb" if isinstance(text, bytes) else "w") as file:
        file.write(text)
    return name


def csv(mx, found, folder):
    data = put(folder, "d.csv", "".join("%d,%d.5,%d\n" % (i, i, i * 2) for i in range(7)))
    label = put(folder, "l.csv", "".join("%d\n" % i for i in range(7)))
    wide = put(folder, "w.csv", "".join("%d,%d\r\n\r\n" % (i, -i) for i in range(8)))
    odd = put(folder, "o.csv", " 1e3 , -2,.5\n\nnan,inf,-inf\n+3,4.,1e-3")
    cases = {
        "plain": {}, "label": {"label_csv": label}, "label ()": {"label_csv": label, "label_shape": ()},
        "wide label": {"label_csv": wide, "label_shape": (2,)}, "no round": {"round_batch": False},
        "no round, label": {"round_batch": False, "label_csv": label}, "int32": {"dtype": "int32"},
        "int64": {"dtype": "int64", "label_csv": label}, "shape": {"data_shape": (3, 1)}, "number": {"data_shape": 3},
        "seven": {"batch_size": 7}, "one": {"batch_size": 1}, "texts": {"batch_size": "3", "data_shape": "(3,)",
        "round_batch": "False"},
        "names": {"data_name": "x", "label_name": "y"}, "ctx": {"ctx": "cpu"}, "buffer": {"prefetch_buffer": 1},
        "odd": {"data_csv": odd, "batch_size": 1}, "label shape alone": {"label_shape": (2,)},
    }  # fmt: skip
    for name, options in cases.items():
        options = dict({"data_csv": data, "data_shape": (3,), "batch_size": 3}, **options)
        found["CSVIter %s" % name] = tried(mx, epochs, lambda: mx.io.CSVIter(**options))
    refused = {
        "float64": {"dtype": "float64"}, "no such dtype": {"dtype": "zzz"}, "narrow": {"data_shape": (2,)},
        "broad": {"data_shape": (4,)}, "missing": {"data_csv": "none.csv"}, "missing label": {"label_csv": "none.csv"},
        "ctx": {"ctx": "zzz"}, "size": {"batch_size": "x"}, "label of another shape": {"label_csv": wide},
        "empty": {"data_csv": put(folder, "e.csv", "")}, "text": {"data_csv": put(folder, "t.csv", "1,2,x\n")},
        "nothing between": {"data_csv": put(folder, "n.csv", "1,,3\n")},
    }  # fmt: skip
    for name, options in refused.items():
        options = dict({"data_csv": data, "data_shape": (3,), "batch_size": 3}, **options)
        found["CSVIter refused: %s" % name] = tried(mx, lambda: mx.io.CSVIter(**options) and None)
    found["arguments missing"] = [
        tried(mx, mx.io.CSVIter), tried(mx, mx.io.CSVIter, data_csv=data), tried(mx, mx.io.LibSVMIter, batch_size=2),
        tried(mx, mx.io.ImageRecordIter), tried(mx, mx.io.CSVIter, data, data_csv=data, data_shape=3, batch_size=1),
    ]  # fmt: skip
    found["one by one"] = tried(mx, one_by_one, mx, data)


def one_by_one(mx, data):
    made = mx.io.CSVIter(data_csv=data, data_shape=(3,), batch_size=3)
    seen = [values(made.getdata(), False), values(made.getlabel(), False), made.getpad(), made.getindex().tolist()]
    seen += [made.iter_next(), made.iter_next(), made.next().index.tolist(), made.next().index.tolist()]
    seen += [made.iter_next(), made.getpad(), made.iter_next(), made.iter_next()]
    made.reset()
    made.debug_skip_load()
    made.next()
    seen += [made.next().pad, made.next().pad, str(made.next())]
    return seen


def libsvm(mx, found, folder):
    data = put(folder, "d.svm", "".join("%d %d:%d 5:1.5\n" % (i, i % 5, i) for i in range(7)))
    label = put(folder, "l.svm", "".join("0 0:%d 2:%d\n" % (i, i + 1) for i in range(7)))
    odd = put(folder, "o.svm", "1\n2.5 0:1 # c\n\n3:0.5 1:2 3:-1e2\r\n-4 qid:3 0:1\n5 2:7\n")
    cases = {
        "plain": {}, "label": {"label_libsvm": label, "label_shape": (3,)},
        "first of two": {"num_parts": 2}, "second of two": {"num_parts": 2, "part_index": 1, "batch_size": 2},
        "odd": {"data_libsvm": odd, "batch_size": 3}, "names": {"data_name": "x", "label_name": "y"},
    }  # fmt: skip
    for file in (data, odd):  # MXNet dies where an epoch ends with a full batch
        for k in range(3):
            options = {"data_libsvm": file, "data_shape": (8,), "batch_size": 1, "num_parts": 3, "part_index": k}
            found["LibSVMIter %s, part %d of 3" % (os.path.basename(file), k)] = tried(
                mx, lambda: mx.io.LibSVMIter(**options).next().label[0].asnumpy().tolist()
            )
    for name, options in cases.items():
        options = dict({"data_libsvm": data, "data_shape": (6,), "batch_size": 3}, **options)
        found["LibSVMIter %s" % name] = tried(mx, epochs, lambda: mx.io.LibSVMIter(**options), 2)
    refused = {
        "no round": {"round_batch": False}, "label shape": {"label_shape": (2,)}, "label": {"label_libsvm": label},
        "axes": {"data_shape": (3, 2)}, "part": {"num_parts": 2, "part_index": 2}, "parts": {"num_parts": 0},
        "dtype": {"dtype": "float64"}, "missing": {"data_libsvm": "none.svm"},
        "empty": {"data_libsvm": put(folder, "e.svm", "")},
    }  # fmt: skip
    for name, options in refused.items():
        options = dict({"data_libsvm": data, "data_shape": (6,), "batch_size": 3}, **options)
        found["LibSVMIter refused: %s" % name] = tried(mx, lambda: mx.io.LibSVMIter(**options) and None)


def mnist(mx, found, folder):
    image = put(folder, "img", struct.pack(">IIII", 2051, 10, 2, 3) + bytes((i * 7) % 256 for i in range(60)))
    label = put(folder, "lab", struct.pack(">II", 2049, 10) + bytes(range(10)))
    cases = {
        "plain": {}, "in order": {"shuffle": False}, "flat": {"flat": True, "shuffle": False},
        "flat '1'": {"flat": "1"},
        "ten": {"batch_size": 10}, "names": {"data_name": "x", "label_name": "y"}, "texts": {"shuffle": "0"},
    }  # fmt: skip
    for seed in (1, 5, 12345, -3):
        cases["seed %d" % seed] = {"seed": seed, "batch_size": 5}
    for parts in (2, 3):
        for k in range(parts):
            for shuffle in (False, True):
                cases["part %d of %d %s" % (k, parts, shuffle)] = {
                    "num_parts": parts, "part_index": k, "batch_size": 1, "shuffle": shuffle,
                }  # fmt: skip
    for name, options in cases.items():
        options = dict({"image": image, "label": label, "batch_size": 3, "silent": True}, **options)
        found["MNISTIter %s" % name] = tried(mx, epochs, lambda: mx.io.MNISTIter(**options), 2)
    for name, options in {
        "part": {"num_parts": 2, "part_index": 2}, "image": {"image": label}, "missing": {"label": "none"},
        "dtype": {"dtype": "uint8"},
    }.items():  # fmt: skip
        options = dict({"image": image, "label": label, "batch_size": 3, "silent": True}, **options)
        found["MNISTIter refused: %s" % name] = tried(mx, lambda: mx.io.MNISTIter(**options) and None)


PICTURES = {
    "plain": {}, "threads": {"preprocess_threads": 3}, "index": {"path_imgidx": INDEX}, "seven": {"batch_size": 7},
    "ten": {"batch_size": 10}, "gray": {"data_shape": (1, 24, 28), "mean_r": 5, "std_r": 3},
    "large": {"data_shape": (3, 100, 100)}, "broad": {"data_shape": (3, 40, 100)}, "tall": {"data_shape": (3, 100, 40)},
    "resize 30": {"resize": 30}, "resize 60": {"resize": 60}, "resize, large": {"resize": 50, "data_shape": (3, 30,
    100)},
    "mirror": {"mirror": True}, "mean": {"mean_r": 10, "mean_g": 20.5, "mean_b": 30},
    "std": {"std_r": 3, "std_g": 7, "std_b": 11, "mean_r": 1.1, "mean_g": 2.2, "mean_b": 3.3, "scale": 0.3},
    "scale": {"scale": 1 / 255}, "pad": {"pad": 4, "data_shape": (3, 48, 64)},
    "pad, fill": {"pad": 10, "data_shape": (3, 60, 70), "fill_value": 7}, "rotate 90": {"rotate": 90},
    "rotate 180": {"rotate": 180}, "rotate 30": {"rotate": 30, "fill_value": 9, "data_shape": (3, 40, 56)},
    "random scale 2": {"min_random_scale": 2.0, "max_random_scale": 2.0},
    "random scale half": {"min_random_scale": 0.5, "max_random_scale": 0.5},
    "max_img_size": {"max_img_size": 20}, "min_img_size": {"min_img_size": 60},
    "crop size": {"min_crop_size": 20, "max_crop_size": 20}, "crop size 30": {"min_crop_size": 30, "max_crop_size": 30},
    "int8": {"dtype": "int8"}, "int8, mean": {"dtype": "int8", "mean_r": 120, "mean_g": 100, "scale": 0.3, "std_r": 2},
    "uint8": {"dtype": "uint8", "mean_r": 120, "scale": 0.5}, "names": {"data_name": "x", "label_name": "y"},
    "texts": {"data_shape": "(3, 24, 28)", "batch_size": "2", "resize": "30", "mean_r": "1.5", "mirror": "True"},
}  # fmt: skip
for _k in (0, 2, 3, 4, 9):
    PICTURES["inter_method %d, smaller" % _k] = {"inter_method": _k, "resize": 30}
    PICTURES["inter_method %d, larger" % _k] = {"inter_method": _k, "data_shape": (3, 70, 80)}
for _k in range(3):
    PICTURES["part %d of 3" % _k] = {"num_parts": 3, "part_index": _k, "batch_size": 2}
    PICTURES["part %d of 3, index" % _k] = {"num_parts": 3, "part_index": _k, "path_imgidx": INDEX, "batch_size": 1}


def records(mx, found, folder):
    def made(kind="ImageRecordIter", **options):
        options = dict(
            {"path_imgrec": RECORDS, "data_shape": (3, 24, 28), "batch_size": 3, "label_width": 2}, **options
        )
        return lambda: getattr(mx.io, kind)(verbose=False, **options)

    for name, options in PICTURES.items():
        found["records %s" % name] = tried(mx, epochs, made(**options), 2, True)
    for kind in ("ImageRecordUInt8Iter", "ImageRecordInt8Iter", "ImageRecordIter_v1", "ImageRecordUInt8Iter_v1"):
        found[kind] = tried(mx, epochs, made(kind), 2, True)
    for seed in (0, 3, 1000):
        for options in ({}, {"path_imgidx": INDEX}, {"num_parts": 2, "part_index": 1}):
            made_ = made(shuffle=True, seed=seed, batch_size=1, **options)
            found["shuffle %d %s" % (seed, sorted(options))] = tried(mx, epochs, made_, 4, True)
    labels = "".join("%d\t%d\t%d\tx.jpg\n" % (10 + i, 100 + i, 200 + i) for i in range(7))
    for width in (1, 2):
        made_ = made(path_imglist=put(folder, "a.lst", labels), label_width=width)
        found["list %d" % width] = tried(mx, epochs, made_, 1, True)
    mean = os.path.join(folder, "mean.bin")
    for name, options in {
        "made": {},
        "read": {},
        "mirror": {"mirror": True},
        "scale": {"scale": 0.5, "mean_r": 9},
    }.items():
        found["mean_img %s" % name] = tried(mx, epochs, made(mean_img=mean, **options), 1, True)
    found["mean_img"] = tried(mx, lambda: {k: brief(v) for k, v in mx.nd.load(mean).items()})
    refused = {
        "width 1": {"label_width": 1}, "width 3": {"label_width": 3}, "missing": {"path_imgrec": "none.rec"},
        "none": {"path_imgrec": ""}, "4 channels": {"data_shape": (4, 24, 28)}, "2 channels": {"data_shape": (2, 24,
        28)},
        "axes": {"data_shape": (24, 28)}, "part": {"num_parts": 2, "part_index": 2}, "dtype": {"dtype": "float64"},
        "batch": {"batch_size": 20}, "crop size": {"max_crop_size": 60, "min_crop_size": 60},
        "list": {"path_imglist": put(folder, "b.lst", "10\t5\t6\tx\n")}, "no list": {"path_imglist": "none.lst"},
    }  # fmt: skip
    for name, options in refused.items():
        found["records refused: %s" % name] = tried(mx, lambda: made(**options)() and None)
    for name, records_ in bad_records(mx).items():
        file = write_records(mx, folder, name, records_)
        found["damaged: %s" % name] = tried(
            mx, lambda: [b.pad for b in made(path_imgrec=file, label_width=1, batch_size=1)()]
        )
    for name in (
        "gray.png",
        "color.png",
        "palette.png",
        "gray.jpg",
        "progressive.jpg",
        "full.jpg",
        "small.bmp",
        "deep.png",
    ):
        for channels in (1, 3):
            file = write_records(mx, folder, name, [pack(mx, 1.0, content(name))])
            made_ = made(path_imgrec=file, label_width=1, batch_size=1, data_shape=(channels, 6, 8))
            found["file %s %d" % (name, channels)] = tried(mx, epochs, made_, 1, True)


def pack(mx, label, image, number=1):
    return mx.recordio.pack(mx.recordio.IRHeader(0, label, number, 0), image)


def bad_records(mx):
    good = pack(mx, 1.0, content(PHOTOS[0]))
    return {
        "no picture": [good, pack(mx, 2.0, b"hello world, not a picture")], "empty picture": [good, pack(mx, 2.0, b"")],
        "short record": [good, b"abc"], "no record": [good, b""], "one label of one": [pack(mx, [1.0],
        content(PHOTOS[0]))],
    }  # fmt: skip


def write_records(mx, folder, name, records_):
    file = os.path.join(folder, name + ".rec")
    writer = mx.recordio.MXRecordIO(file, "w")
    for record in records_:
        writer.write(record)
    writer.close()
    return file


BOXES = [
    [2, 5, 1, 0.1, 0.2, 0.5, 0.6], [2, 5, 0, 0.1, 0.2, 0.5, 0.6, 3, 0.3, 0.3, 0.9, 0.9], [3, 6, 7, 1, 0.1, 0.2, 0.5,
    0.6, 0],
]  # fmt: skip


def detection(mx, found, folder):
    file = write_records(mx, folder, "det", [pack(mx, b, content(PHOTOS[i]), i + 5) for i, b in enumerate(BOXES)])
    many = [pack(mx, BOXES[0], content(PHOTOS[i % 4]), i) for i in range(10)]
    many = write_records(mx, folder, "many", many)
    plain_labels = write_records(mx, folder, "plain", [pack(mx, 1.0, content(PHOTOS[0]))])

    def made(**options):
        options = dict({"path_imgrec": file, "data_shape": (3, 24, 28), "batch_size": 2}, **options)
        return lambda: mx.io.ImageDetRecordIter(verbose=False, **options)

    cases = {
        "plain": {}, "label_pad_width": {"label_pad_width": 20}, "label_pad_value": {"label_pad_value": 7},
        "resize": {"resize": 30}, "normalised": {"mean_r": 3, "std_r": 2, "scale": 0.5}, "std": {"std_g": 3},
        "gray": {"data_shape": (1, 24, 28)}, "part": {"num_parts": 2, "part_index": 1, "batch_size": 1},
        "three": {"batch_size": 3}, "list": {"path_imglist": put(
            folder, "d.lst", "".join("%d\t2\t5\t%d\t0.1\t0.1\t0.5\t0.5\tx.jpg\n" % (5 + i, i) for i in range(3))
        )},
        "mirror": {"rand_mirror_prob": 1}, "inter_method": {"inter_method": 9},
    }  # fmt: skip
    for mode in ("fit", "force", "shrink"):
        for shape in ((3, 24, 28), (3, 80, 90), (3, 50, 30)):
            cases["%s %s" % (mode, shape)] = {"resize_mode": mode, "data_shape": shape, "mean_r": 3}
    for name, options in cases.items():
        found["detection %s" % name] = tried(mx, epochs, made(**options), 2, True)
    for seed in (0, 1):
        found["detection shuffle %d" % seed] = tried(
            mx, epochs, made(path_imgrec=many, shuffle=True, seed=seed, batch_size=5), 3, True
        )
    for name, options in {
        "narrow": {"label_pad_width": 3}, "width": {"label_width": 7}, "labels": {"path_imgrec": plain_labels},
        "dtype": {"dtype": "uint8"}, "mode": {"resize_mode": "zzz"},
        "scales": {"rand_crop_prob": 1, "min_crop_scales": (0.5,), "max_crop_scales": (0.5,)},
    }.items():  # fmt: skip
        found["detection refused: %s" % name] = tried(mx, lambda: made(**options)() and None)


def results(mx):
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for part in (csv, libsvm, mnist, records, detection):
            part(mx, found, folder)
    print([name for name, value in found.items() if "it died" in str(value)])
    return {name: plain(value) for name, value in found.items()}


if __name__ == "__main__":
    import mxnet

    write("io_files", results(mxnet))
