"""Writes tests/golden/image_functions.json: decoding, resizing, crops, borders and rotations of real MXNet's mx.image.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.image_functions
"""

import os
import random

import numpy as np

from tests.oracle.image_common import IMAGES, content, path, refused, tried
from tests.oracle.scenario import write


def decoding(mx, found):
    image = mx.image
    for name in sorted(os.listdir(IMAGES)):
        for flag in (0, 1):
            for to_rgb in (0, 1, True):
                found["imdecode %s %s %s" % (name, flag, to_rgb)] = tried(
                    image.imdecode, content(name), flag=flag, to_rgb=to_rgb
                )
        found["imread %s" % name] = [
            tried(image.imread, path(name)), tried(image.imread, path(name), 0), tried(image.imread, path(name), 1, 0),
            tried(image.imread, path(name), flag=129),
        ]  # fmt: skip
    data = content("photo0.jpg")
    found["imdecode bytearray"] = tried(image.imdecode, bytearray(data))
    found["imdecode numpy"] = tried(image.imdecode, np.frombuffer(data, dtype="uint8"))
    found["imdecode array"] = tried(image.imdecode, mx.nd.array(np.frombuffer(data, dtype="uint8"), dtype="uint8"))
    found["imdecode positional"] = tried(image.imdecode, data, 0)
    out = mx.nd.zeros((40, 56, 3), dtype="uint8")
    found["imdecode out"] = [tried(image.imdecode, data, out=out), tried(lambda: out)]
    found["imdecode str"] = tried(image.imdecode, "not bytes")
    found["imdecode None"] = tried(image.imdecode, None)
    found["imdecode empty"] = tried(image.imdecode, b"")
    found["imdecode header alone"] = tried(image.imdecode, data[:30])
    found["imdecode no image"] = tried(image.imdecode, b"hello, this is not an image at all")
    found["imdecode truncated png"] = tried(image.imdecode, content("color.png")[:900])
    found["imdecode flag"] = tried(image.imdecode, data, flag=-1)
    found["imdecode wrong word"] = tried(image.imdecode, data, colour=1)
    found["imread nowhere"] = refused(mx, image.imread, "no/such/file.jpg")
    found["imread folder"] = refused(mx, image.imread, IMAGES)
    found["imread text"] = tried(image.imread, __file__)
    found["imread number"] = refused(mx, image.imread, 3)
    found["_internal"] = [
        tried(mx.nd._internal._cvimdecode, mx.nd.array(np.frombuffer(data, dtype="uint8"), dtype="uint8"), flag=0),
        tried(mx.nd._internal._cvimread, path("photo1.jpg"), to_rgb=False),
        tried(mx.nd._internal._cvimread, filename=path("photo1.jpg")),
        tried(mx.nd._internal._cvimresize, image.imread(path("photo1.jpg")), w=5, h=6),
        tried(mx.nd._internal._cvimresize, image.imread(path("photo1.jpg")), 5, 6, 2),
        tried(mx.nd._internal._cvcopyMakeBorder, image.imread(path("photo1.jpg")), 1, 2, 3, 4),
    ]


SIZES = [(28, 20), (56, 40), (30, 33), (100, 77), (112, 80), (20, 90), (14, 10), (1, 1)]


def resizing(mx, found):
    image = mx.image
    photo, gray = image.imread(path("photo0.jpg")), image.imread(path("photo0.jpg"), 0)
    inputs = {
        "color": photo, "gray": gray, "two": mx.nd.concat(gray, gray, dim=2), "four": mx.nd.concat(photo, gray, dim=2),
        "float": photo.astype("float32"), "double": photo.astype("float64"),
    }  # fmt: skip
    for name, data in inputs.items():
        for width, height in SIZES:
            found["imresize %s %d %d" % (name, width, height)] = [
                tried(image.imresize, data, width, height, i) for i in range(5)
            ]
    found["imresize default"] = tried(image.imresize, photo, 20, 31)
    for interp in (6, 9, 10, -1):
        found["imresize interp %d" % interp] = tried(image.imresize, photo, 20, 31, interp=interp)
    for dtype in ("float16", "int32"):
        found["imresize %s" % dtype] = tried(image.imresize, photo.astype(dtype), 20, 31)
    out = mx.nd.zeros((31, 20, 3), dtype="uint8")
    found["imresize out"] = [tried(image.imresize, photo, 20, 31, out=out), tried(lambda: out)]
    found["imresize two axes"] = tried(image.imresize, gray.reshape((40, 56)), 20, 31)
    found["imresize zero"] = tried(image.imresize, photo, 0, 31)
    found["imresize negative"] = tried(image.imresize, photo, 20, -31)
    found["imresize floats"] = tried(image.imresize, photo, 20.0, 31.5)
    for size in (20, 44, 60, 7):
        random.seed(size)
        found["resize_short %d" % size] = [
            tried(image.resize_short, image.imread(path(name)), size, *interp)
            for name in ("photo0.jpg", "photo1.jpg", "photo3.jpg")
            for interp in ((), (1,), (9,), (10,))
        ]
    found["resize_short strange"] = [
        tried(image.resize_short, photo, 20, interp=11), tried(image.resize_short, photo, 0),
        tried(image.resize_short, photo, 20.7), tried(image.resize_short, photo, (20, 30)),
    ]  # fmt: skip
    sizes = [((640, 480), (720, 120)), ((360, 1000), (480, 500)), ((10, 10), (5, 5)), ((30, 20), (35, 45))]
    for src, size in sizes:
        found["scale_down %s %s" % (src, size)] = tried(image.scale_down, src, size)


def crops(mx, found):
    image = mx.image
    photo = image.imread(path("photo0.jpg"))
    found["fixed_crop"] = [
        tried(image.fixed_crop, photo, 3, 4, 20, 15), tried(image.fixed_crop, photo, 3, 4, 20, 15, (20, 15)),
        tried(image.fixed_crop, photo, 3, 4, 20, 15, (31, 17)),
        tried(image.fixed_crop, photo, 3, 4, 20, 15, (10, 7), 9),
        tried(image.fixed_crop, photo, 3, 4, 20, 15, (10, 7), interp=0),
    ]  # fmt: skip
    found["fixed_crop outside"] = [
        tried(image.fixed_crop, photo, 50, 4, 20, 15), tried(image.fixed_crop, photo, 60, 4, 20, 15),
        tried(image.fixed_crop, photo, -3, 4, 2, 15),
    ]  # fmt: skip
    for size in ((20, 15), (56, 40), (60, 70), (41, 45)):
        for interp in (2, 9):
            found["center_crop %s %d" % (size, interp)] = tried(image.center_crop, photo, size, interp)
            random.seed(7)
            np.random.seed(7)
            mx.random.seed(7)
            found["random_crop %s %d" % (size, interp)] = [tried(image.random_crop, photo, size, interp) for _ in "123"]
    found["crop number"] = [tried(image.center_crop, photo, 20), tried(image.random_crop, photo, 20)]
    for area in (0.3, (0.1, 0.9), (1, 1), (2.0, 3.0)):
        for ratio in ((0.75, 1.33), (1.0, 1.0), (5, 6)):
            random.seed(3)
            np.random.seed(3)
            found["random_size_crop %s %s" % (area, ratio)] = [
                tried(image.random_size_crop, photo, (20, 15), area, ratio) for _ in "123"
            ]
    random.seed(3)
    np.random.seed(3)
    found["random_size_crop words"] = [
        tried(image.random_size_crop, photo, (20, 15), 0.3, (0.8, 1.2), interp=10),
        tried(image.random_size_crop, photo, (20, 15), 0.3, (0.8, 1.2), zzz=3),
        tried(image.random_size_crop, photo, (20, 15), area=None, ratio=(0.8, 1.2), min_area=0.4),
    ]
    random.seed(3)
    found["random_size_crop min_area"] = tried(
        image.random_size_crop, photo, (20, 15), area=0.1, ratio=(0.8, 1.2), min_area=0.4
    )


def borders(mx, found):
    border = mx.image.image.copyMakeBorder
    photo = mx.image.imread(path("small.bmp"))
    for kind in (0, 1, 2, 3, 4, 5, 16, -1):
        found["copyMakeBorder %d" % kind] = tried(border, photo, 1, 2, 3, 4, kind)
    found["copyMakeBorder large"] = [tried(border, photo, 9, 20, 13, 14, kind) for kind in range(5)]
    found["copyMakeBorder value"] = [
        tried(border, photo, 1, 2, 3, 4, value=7), tried(border, photo, 1, 2, 3, 4, values=(1, 2, 3)),
        tried(border, photo, 1, 2, 3, 4, 0, values=(1.6, 300, -4)),
        tried(border, photo, 1, 2, 3, 4, value=9, values=(1, 2)), tried(border, photo, 1, 2, 3, 4, 0, 9),
        tried(border, photo.astype("float32"), 1, 2, 3, 4, values=(1.5, -2.25, 3)),
        tried(border, photo.astype("int32"), 1, 2, 3, 4, values=(1.5, -2.25, 3)),
        tried(border, photo.slice_axis(2, 0, 1), 1, 2, 3, 4, values=(6, 7, 8)),
    ]  # fmt: skip
    found["copyMakeBorder strange"] = [
        tried(border, photo, 0, 0, 0, 0), tried(border, photo, -1, 0, 0, 0), tried(border, photo[0], 1, 1, 1, 1),
    ]  # fmt: skip


def colours(mx, found):
    photo = mx.image.imread(path("small.bmp")).astype("float32")
    mean, std = mx.nd.array([1, 2, 3]), mx.nd.array([4, 5, 6])
    found["color_normalize"] = [
        tried(mx.image.color_normalize, photo, mean, std), tried(mx.image.color_normalize, photo, mean),
        tried(mx.image.color_normalize, photo, None, std), tried(mx.image.color_normalize, photo, 3.0, 2),
        tried(mx.image.color_normalize, photo.astype("uint8"), mean, std),
    ]  # fmt: skip


def rotations(mx, found):
    rotate = mx.image.imrotate
    photo = mx.image.imread(path("photo2.jpg")).astype("float32").transpose((2, 0, 1))
    square = mx.image.imread(path("photo3.jpg")).astype("float32").transpose((2, 0, 1))
    batch = mx.nd.stack(square, square + 1)
    for angle in (0, 30, -45.5, 90, 180, 271, 360, 725):
        for zoom in ({}, {"zoom_in": True}, {"zoom_out": True}):
            found["imrotate %s %s" % (angle, sorted(zoom))] = [
                tried(rotate, photo, angle, **zoom), tried(rotate, square, angle, **zoom),
                tried(rotate, batch, mx.nd.array([angle, angle + 10]), **zoom), tried(rotate, batch, angle, **zoom),
            ]  # fmt: skip
    found["imrotate refused"] = [
        tried(rotate, photo.astype("uint8"), 30), tried(rotate, photo, 30, True, True),
        tried(rotate, photo, mx.nd.array([30])), tried(rotate, batch, mx.nd.array([30, 20, 10])),
        tried(rotate, photo[0], 30), tried(rotate, photo, "x"),
        tried(rotate, batch, mx.nd.array([[30, 20]])), tried(rotate, photo.astype("float64"), 30),
        tried(rotate, photo, None), tried(rotate, batch, mx.nd.array([20])),
    ]  # fmt: skip
    np.random.seed(5)
    random.seed(5)
    mx.random.seed(5)
    found["random_rotate"] = [
        tried(mx.image.random_rotate, photo, (-30, 30)), tried(mx.image.random_rotate, batch, (-30, 30)),
        tried(mx.image.random_rotate, square, (10, 200), zoom_in=True),
        tried(mx.image.random_rotate, batch, (10, 200), zoom_out=True),
        tried(mx.image.random_rotate, photo, [10, 20]),
    ]  # fmt: skip


def results(mx):
    found = {}
    for part in (decoding, resizing, crops, borders, colours, rotations):
        part(mx, found)
    return found


if __name__ == "__main__":
    import mxnet

    write("image_functions", results(mxnet))
