"""Writes tests/golden/io_drawn.json: what ImageRecordIter and its kin of real MXNet draw for pictures, with one thread.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.io_drawn
"""

import os
import struct
import tempfile
import zlib

import numpy as np

from tests.oracle.image_common import brief
from tests.oracle.io_files import INDEX, RECORDS, pack, tried, write_records
from tests.oracle.scenario import plain, write

AREA = {"random_resized_crop": True, "min_random_area": 0.3, "max_random_area": 0.9}
TURNS = {
    "max_rotate_angle": 20, "max_shear_ratio": 0.2, "max_aspect_ratio": 0.3, "min_random_scale": 0.8,
    "max_random_scale": 1.4,
}  # fmt: skip
COLOURS = {
    "brightness": 0.4, "contrast": 0.3, "saturation": 0.5, "pca_noise": 0.1, "random_h": 20, "random_s": 40,
    "random_l": 30,
}  # fmt: skip
TONES = {"max_random_contrast": 0.3, "max_random_illumination": 12}
OPTIONS = {
    "nothing": {}, "rand_crop": {"rand_crop": True}, "rand_mirror": {"rand_mirror": True},
    "both": {"rand_crop": True, "rand_mirror": True}, "mirror": {"mirror": True, "rand_mirror": True},
    "crop sizes": {"min_crop_size": 15, "max_crop_size": 30},
    "crop sizes, rand_crop": {"min_crop_size": 15, "max_crop_size": 30, "rand_crop": True},
    "max_rotate_angle": {"max_rotate_angle": 30, "rand_crop": True}, "rotate": {"rotate": 20, "rand_crop": True},
    "max_shear_ratio": {"max_shear_ratio": 0.3}, "max_aspect_ratio": {"max_aspect_ratio": 0.3},
    "min_aspect_ratio": {"min_aspect_ratio": 0.75, "max_aspect_ratio": 1.33},
    "random scale": {"min_random_scale": 0.8, "max_random_scale": 1.5},
    "img sizes": {"min_random_scale": 0.8, "max_random_scale": 1.5, "max_img_size": 50, "min_img_size": 35},
    "turns": dict(TURNS, rand_crop=True, rand_mirror=True, fill_value=9), "area": AREA,
    "area, ratio": dict(AREA, max_aspect_ratio=0.3, rand_mirror=True),
    "area, ratios": dict(AREA, min_aspect_ratio=0.75, max_aspect_ratio=1.33),
    "area, turned": dict(AREA, max_rotate_angle=10, min_aspect_ratio=0.75, max_aspect_ratio=1.33),
    "area, none fits": dict(AREA, min_random_area=1.5, max_random_area=2.0),
    "colours": dict(COLOURS, rand_crop=True), "tones": TONES,
    "tones, normalised": dict(TONES, mean_r=5, mean_b=9, std_r=3, std_g=7, scale=0.3, rand_mirror=True),
    "inter_method": {"inter_method": 10, "resize": 30}, "inter_method, larger": {"inter_method": 10,
    "data_shape": (3, 70, 80)},
    "inter_method, area": dict(AREA, inter_method=10), "inter_method, broad": {"inter_method": 9, "data_shape": (3,
    30, 80)},
    "pad": {"pad": 5, "rand_crop": True, "data_shape": (3, 40, 50)},
    "gray": {"data_shape": (1, 24, 28), "rand_crop": True, "rand_mirror": True},
    "uint8": dict(TONES, dtype="uint8", rand_crop=True, rand_mirror=True),
    "int8": dict(TONES, dtype="int8", rand_crop=True, rand_mirror=True),
    "all": dict(dict(TURNS, **COLOURS), rand_crop=True, rand_mirror=True, pad=3, resize=44),
}  # fmt: skip
for _name in ("brightness", "contrast", "saturation", "pca_noise", "random_h", "random_s", "random_l"):
    OPTIONS[_name] = {_name: COLOURS[_name]}
for _name in TONES:
    OPTIONS[_name] = {_name: TONES[_name]}
for _kind in ("ImageRecordIter", "ImageRecordUInt8Iter", "ImageRecordInt8Iter", "ImageRecordIter_v1"):
    for _how, _order in {
        "": {}, ", index": {"path_imgidx": INDEX}, ", shuffle": {"shuffle": True, "seed": 3},
        ", shuffle, index": {"shuffle": True, "path_imgidx": INDEX}, ", part": {"num_parts": 2, "part_index": 1,
        "batch_size": 2},
        ", chunk": {"shuffle_chunk_size": 1, "shuffle_chunk_seed": 4}, ", no round": {"round_batch": False,
        "batch_size": 7},
    }.items():  # fmt: skip
        OPTIONS["%s%s" % (_kind, _how)] = dict(_order, kind=_kind, rand_crop=True, rand_mirror=True)


def described(batch, exactly):
    """The batch in brief; with a checksum where all values are whole."""
    data = batch.data[0].asnumpy()
    found = brief(data)
    if exactly and (data == data.astype("int16")).all():
        found["sum"] = zlib.crc32(np.ascontiguousarray(data.astype("int16")).tobytes())
    return [found, batch.label[0].asnumpy().tolist()]


def epochs(mx, kind="ImageRecordIter", count=2, **options):
    # Versions of OpenCV round a value in thousands another way as they go to hue, lightness, saturation and back.
    exactly = not any(name.startswith("random_") and name[7:] in "hsl" for name in options)
    made = getattr(mx.io, kind)(preprocess_threads=1, verbose=False, **options)
    seen = []
    for _ in range(count):
        seen.append([described(b, exactly) for b in made])
        made.reset()
    return seen


def bitmap(random, side):
    """A BMP file of noise, as large as it looks."""
    pixels = random.randint(0, 256, side * side * 3).astype("uint8").tobytes()
    return struct.pack("<2sIIIIiiHHIIiiII", b"BM", 54 + len(pixels), 0, 54, 40, side, side, 1, 24, 0, 0, 0, 0, 0,
                       0) + pixels  # fmt: skip


def large(mx, found, folder):
    """A file that MXNet does not read at once: 12 records of 1 MB."""
    random = np.random.RandomState(1)
    content = [bitmap(random, side) for side in (560, 592, 624)]
    file = write_records(mx, folder, "large", [pack(mx, float(i), content[i % 3]) for i in range(12)])
    common = {"path_imgrec": file, "data_shape": (3, 2, 2), "batch_size": 5, "rand_crop": True}
    for name, options in {
        "in order": {}, "shuffle": {"shuffle": True}, "chunks": {"shuffle_chunk_size": 3}, "part": {"num_parts": 2,
        "part_index": 1},
        "chunks, shuffle": {"shuffle_chunk_size": 3, "shuffle_chunk_seed": 4, "shuffle": True},
        "chunks, part": {"shuffle_chunk_size": 2, "num_parts": 2, "part_index": 1},
    }.items():  # fmt: skip
        for seed in (None, 5):
            more = {} if seed is None else {"seed_aug": seed}
            found["large %s %s" % (name, seed)] = tried(mx, lambda: epochs(mx, **dict(common, **options), **more))


def means(mx, found, folder):
    """Mean pictures made on the way."""
    for name, options in {
        "plain": {}, "drawn": {"rand_crop": True, "rand_mirror": True}, "seed_aug": {"rand_crop": True, "seed_aug": 7},
        "shuffle": {"rand_crop": True, "shuffle": True}, "index": {"rand_crop": True, "path_imgidx": INDEX,
        "shuffle": True},
    }.items():  # fmt: skip
        file = os.path.join(folder, name + ".bin")
        options = dict(options, path_imgrec=RECORDS, data_shape=(3, 24, 28), batch_size=3, label_width=2)
        for kind in ("ImageRecordIter", "ImageRecordIter_v1"):
            if os.path.exists(file):
                os.unlink(file)
            found["mean_img, %s %s" % (kind, name)] = tried(mx, lambda: epochs(mx, kind, mean_img=file, **options))
        found["mean_img, %s: the file" % name] = tried(mx, lambda: brief(mx.nd.load(file)["mean_img"]))


def results(mx):
    found = {}
    for name, options in OPTIONS.items():
        options = dict(
            {"path_imgrec": RECORDS, "data_shape": (3, 24, 28), "batch_size": 3, "label_width": 2}, **options
        )
        for seed in (None, 7):
            more = {} if seed is None else {"seed_aug": seed}
            found["%s, seed_aug %s" % (name, seed)] = tried(mx, lambda: epochs(mx, **options, **more))
    for name in ("rand_crop", "random_resized_crop"):
        options = dict(AREA, path_imgrec=RECORDS, data_shape=(3, 24, 28), batch_size=3, label_width=2, rand_crop=True)
        found["refused: %s and area" % name] = tried(mx, lambda: epochs(mx, **options))
    with tempfile.TemporaryDirectory() as folder:
        large(mx, found, folder)
        means(mx, found, folder)
    return {name: plain(value) for name, value in found.items()}


if __name__ == "__main__":
    import mxnet

    write("io_drawn", results(mxnet))
