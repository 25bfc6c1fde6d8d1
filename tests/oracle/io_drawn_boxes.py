"""Writes tests/golden/io_drawn_boxes.json: what ImageDetRecordIter of real MXNet draws, with one thread.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.io_drawn_boxes
"""

import os
import tempfile

import numpy as np

from tests.oracle.image_common import PHOTOS, brief, content
from tests.oracle.io_drawn import described
from tests.oracle.io_files import pack, tried, write_records
from tests.oracle.scenario import plain, write

CROP = {"rand_crop_prob": 1, "min_crop_scales": 0.5, "max_crop_scales": 0.9}
THREE = {
    "rand_crop_prob": 0.7, "num_crop_sampler": 3, "min_crop_scales": (0.3, 0.5, 0.7),
    "max_crop_scales": (0.5, 0.7, 0.9),
    "min_crop_aspect_ratios": (0.7, 0.5, 0.6), "max_crop_aspect_ratios": (1.3, 2.0, 1.6),
    "min_crop_overlaps": (0.1, 0.2, 0.3), "max_crop_trials": (5, 10, 25),
}  # fmt: skip
COLOURS = {
    "max_random_hue": 20, "random_hue_prob": 0.5, "max_random_saturation": 30, "random_saturation_prob": 0.6,
    "max_random_illumination": 30, "random_illumination_prob": 0.4, "max_random_contrast": 0.3,
    "random_contrast_prob": 0.5,
}  # fmt: skip
OPTIONS = {
    "mirror": {"rand_mirror_prob": 0.5}, "mirror, shuffle": {"rand_mirror_prob": 0.5, "shuffle": True, "seed": 3},
    "colours": COLOURS, "contrast": {"max_random_contrast": 0.5, "random_contrast_prob": 0.5},
    "limits alone": {"max_random_contrast": 0.5, "max_random_hue": 9, "max_pad_scale": 2, "rand_mirror_prob": 0.5},
    "chances alone": {"random_hue_prob": 0.5, "rand_pad_prob": 0.5, "rand_mirror_prob": 0.5},
    "pad": {"rand_pad_prob": 0.7, "max_pad_scale": 3, "fill_value": 9}, "hardly larger": {"rand_pad_prob": 1,
    "max_pad_scale": 1.1, "rand_mirror_prob": 0.5},
    "crop": CROP, "crop sometimes": dict(CROP, rand_crop_prob=0.5, rand_mirror_prob=0.5),
    "overlaps": dict(CROP, min_crop_overlaps=0.2, max_crop_overlaps=0.8),
    "ratios": dict(CROP, min_crop_aspect_ratios=0.5, max_crop_aspect_ratios=2.0),
    "emitted by overlap": dict(CROP, crop_emit_mode="overlap", emit_overlap_thresh=0.4),
    "object coverages": dict(CROP, min_crop_object_coverages=0.1, max_crop_object_coverages=0.7),
    "sample coverages": dict(CROP, min_crop_sample_coverages=0.1, max_crop_sample_coverages=0.4),
    "never": dict(CROP, min_crop_overlaps=0.99), "no sampler": dict(CROP, num_crop_sampler=0, rand_mirror_prob=0.5),
    "three samplers": THREE, "three samplers, shuffle": dict(THREE, shuffle=True),
    "inter_method": {"inter_method": 10, "resize": 30}, "fit": dict(CROP, inter_method=10, resize_mode="fit",
    data_shape=(3, 30, 30)),
    "shrink": dict(CROP, inter_method=10, resize_mode="shrink", data_shape=(3, 50, 50)),
    "normalised": dict(CROP, mean_r=3, std_g=2, scale=0.5, rand_mirror_prob=0.5),
    "all": dict(dict(THREE, **COLOURS), rand_pad_prob=0.5, max_pad_scale=2.5, rand_mirror_prob=0.5, resize=44),
}  # fmt: skip


def records(mx, folder):
    """12 pictures with one to three boxes each."""
    random = np.random.RandomState(2)
    found = []
    for i in range(12):
        label = [2, 5]
        for j in range(1 + i % 3):
            x, y, width, height = random.uniform(0.05, 0.5, 4)
            label += [j, x, y, x + width, y + height]
        found.append(pack(mx, label, content(PHOTOS[i % 4]), i))
    return write_records(mx, folder, "boxes", found)


def epochs(mx, **options):
    exactly = "max_random_hue" not in options or "random_hue_prob" not in options
    made = mx.io.ImageDetRecordIter(preprocess_threads=1, verbose=False, **options)
    seen = []
    for _ in range(2):
        seen.append([described(b, exactly) for b in made])
        made.reset()
    return seen


def results(mx):
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        common = {"path_imgrec": records(mx, folder), "data_shape": (3, 24, 28), "batch_size": 5}
        for name, options in OPTIONS.items():
            found[name] = tried(mx, lambda: epochs(mx, **dict(common, **options)))
        for name, options in {
            "plain": {}, "drawn": {"rand_mirror_prob": 0.5}, "shuffle": {"rand_mirror_prob": 0.5, "shuffle": True},
            "fit": {"resize_mode": "fit"},
        }.items():  # fmt: skip
            file = os.path.join(folder, name + ".bin")
            found["mean_img, %s" % name] = tried(mx, lambda: epochs(mx, mean_img=file, **dict(common, **options)))
            found["mean_img, %s: the file" % name] = tried(mx, lambda: brief(mx.nd.load(file)["mean_img"]))
    return {name: plain(value) for name, value in found.items()}


if __name__ == "__main__":
    import mxnet

    write("io_drawn_boxes", results(mxnet))
