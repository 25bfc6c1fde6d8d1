"""Writes tests/golden/image_augmenters.json: the augmenters of real MXNet's mx.image, random ones by seed.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.image_augmenters
"""

import random

import numpy as np

from tests.oracle.image_common import brief, kind, path, tried
from tests.oracle.scenario import attempt, write


def seed(mx, value=11):
    random.seed(value)
    np.random.seed(value)
    mx.random.seed(value)


EIGENVALUES = [55.46, 4.794, 1.148]
EIGENVECTORS = [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]]


def augmenters(image, nd):
    order = [image.CastAug(), image.BrightnessJitterAug(0.2), image.HorizontalFlipAug(0.5)]
    return {
        "Augmenter": lambda: image.Augmenter(a=1, b=[2]),
        "Augmenter arrays": lambda: image.Augmenter(a=nd.array([1, 2]), b=np.array([3.5])),
        "SequentialAug": lambda: image.SequentialAug(order),
        "RandomOrderAug": lambda: image.RandomOrderAug(order),
        "ResizeAug": lambda: image.ResizeAug(20),
        "ResizeAug 9": lambda: image.ResizeAug(31, interp=9),
        "ForceResizeAug": lambda: image.ForceResizeAug((21, 12)),
        "ForceResizeAug 10": lambda: image.ForceResizeAug((21, 12), 10),
        "RandomCropAug": lambda: image.RandomCropAug((20, 15)),
        "RandomCropAug large": lambda: image.RandomCropAug((70, 30), 1),
        "RandomSizedCropAug": lambda: image.RandomSizedCropAug((20, 15), 0.3, (0.75, 1.33)),
        "RandomSizedCropAug areas": lambda: image.RandomSizedCropAug((20, 15), (0.1, 0.5), (0.75, 1.33), 1),
        "RandomSizedCropAug min_area": lambda: image.RandomSizedCropAug((20, 15), None, (0.75, 1.33), min_area=0.4),
        "RandomSizedCropAug word": lambda: image.RandomSizedCropAug((20, 15), 0.5, (0.75, 1.33), zzz=0.4),
        "CenterCropAug": lambda: image.CenterCropAug((20, 15)),
        "BrightnessJitterAug": lambda: image.BrightnessJitterAug(0.4),
        "ContrastJitterAug": lambda: image.ContrastJitterAug(0.4),
        "SaturationJitterAug": lambda: image.SaturationJitterAug(0.4),
        "HueJitterAug": lambda: image.HueJitterAug(0.4),
        "ColorJitterAug": lambda: image.ColorJitterAug(0.1, 0.2, 0.3),
        "ColorJitterAug one": lambda: image.ColorJitterAug(0, 0.2, 0),
        "LightingAug": lambda: image.LightingAug(0.1, np.array(EIGENVALUES), np.array(EIGENVECTORS)),
        "LightingAug lists": lambda: image.LightingAug(0.1, EIGENVALUES, EIGENVECTORS),
        "ColorNormalizeAug": lambda: image.ColorNormalizeAug(np.array([1.0, 2, 3]), np.array([4.0, 5, 6])),
        "ColorNormalizeAug mean": lambda: image.ColorNormalizeAug(nd.array([1.0, 2, 3]), None),
        "ColorNormalizeAug std": lambda: image.ColorNormalizeAug(None, nd.array([1.0, 2, 3])),
        "RandomGrayAug": lambda: image.RandomGrayAug(0.5),
        "RandomGrayAug always": lambda: image.RandomGrayAug(1),
        "HorizontalFlipAug": lambda: image.HorizontalFlipAug(0.5),
        "CastAug": lambda: image.CastAug(),
        "CastAug uint8": lambda: image.CastAug("uint8"),
    }


CREATIONS = [
    {}, {"resize": 30}, {"rand_crop": True}, {"rand_crop": True, "rand_resize": True},
    {"rand_resize": True}, {"rand_mirror": True}, {"mean": True}, {"std": True}, {"mean": True, "std": True},
    {"mean": [1.0, 2, 3], "std": [4, 5, 6.5]}, {"brightness": 0.1, "contrast": 0.2, "saturation": 0.3},
    {"contrast": 0.2}, {"hue": 0.1}, {"pca_noise": 0.1}, {"rand_gray": 0.3}, {"inter_method": 9},
    {"inter_method": 10, "rand_crop": True}, {"mean": [1.0, 2]}, {"std": [1.0, 2]}, {"mean": 3}, {"inter_method": 77},
    {"resize": 36, "rand_crop": True, "rand_resize": True, "rand_mirror": True, "mean": True, "std": True,
     "brightness": 0.1, "contrast": 0.1, "saturation": 0.1, "hue": 0.1, "pca_noise": 0.1, "rand_gray": 0.2},
]  # fmt: skip


def listing(augs):
    return [[type(a).__name__, a.dumps()] for a in augs]


def described(augmenter):
    return [augmenter.dumps(), {k: brief(v) if hasattr(v, "shape") else v for k, v in augmenter._kwargs.items()}]


def results(mx):
    image, found = mx.image, {}
    photo, gray = image.imread(path("photo0.jpg")), image.imread(path("photo0.jpg"), 0)
    for name, make in augmenters(image, mx.nd).items():
        found[name + " dumps"] = attempt(lambda: described(make()))
        if "raises" in found[name + " dumps"] or name.startswith("Augmenter arrays"):
            continue
        augmenter = make()
        for dtype, data in (("uint8", photo), ("float32", photo.astype("float32")), ("gray", gray)):
            seed(mx)
            kept = data.copy()
            found["%s %s" % (name, dtype)] = [tried(augmenter, data.copy()) for _ in range(3)]
            tried(augmenter, kept)
            found["%s %s" % (name, dtype)].append(bool((kept == data).min().asscalar()))  # else changed in place
    for options in CREATIONS:
        key = "CreateAugmenter %s" % sorted(options.items())
        found[key] = kind(attempt(lambda: listing(image.CreateAugmenter((3, 24, 28), **options))))
        if isinstance(found[key], str) or "raises" in found[key]:
            continue
        seed(mx, 5)
        augs = image.CreateAugmenter((3, 24, 28), **options)

        def run():
            data = photo.copy()
            for aug in augs:
                data = aug(data)
            return data

        found[key + " run"] = [tried(run) for _ in range(3)]
    found["CreateAugmenter rand_resize alone"] = kind(attempt(image.CreateAugmenter, (3, 8, 8), rand_resize=True))
    found["CreateAugmenter two axes"] = attempt(lambda: listing(image.CreateAugmenter((8, 8))))
    found["reprs"] = [str(image.CastAug()).split(" at ")[0].split(".")[-1]]
    return found


if __name__ == "__main__":
    import mxnet

    write("image_augmenters", results(mxnet))
