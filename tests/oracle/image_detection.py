"""Writes tests/golden/image_detection.json: detection augmenters and ImageDetIter of real MXNet.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.image_detection
It needs opencv-python-headless beside it, for ``draw_next``.
"""

import warnings

import numpy as np

from tests.oracle.image_augmenters import seed
from tests.oracle.image_common import IMAGES, PHOTOS, brief, kind, path, tried
from tests.oracle.image_iter import batch_of, logged
from tests.oracle.scenario import attempt, plain, write

LABEL = np.array([[1, 0.1, 0.2, 0.5, 0.6], [0, 0.3, 0.3, 0.9, 0.95], [2, 0.7, 0.05, 0.95, 0.3]])


def makers(mx):
    image = mx.image
    flip, crop = image.DetHorizontalFlipAug, image.DetRandomCropAug
    return {
        "DetAugmenter": lambda: image.DetAugmenter(a=1, b=mx.nd.array([2])),
        "DetBorrowAug": lambda: image.DetBorrowAug(image.ForceResizeAug((20, 12))),
        "DetBorrowAug order": lambda: image.DetBorrowAug(image.ColorJitterAug(0.1, 0.1, 0)),
        "DetBorrowAug wrong": lambda: image.DetBorrowAug(3),
        "DetRandomSelectAug": lambda: image.DetRandomSelectAug([flip(1), crop()], 0.3),
        "DetRandomSelectAug one": lambda: image.DetRandomSelectAug(flip(0.5)),
        "DetRandomSelectAug none": lambda: image.DetRandomSelectAug([]),
        "DetRandomSelectAug wrong": lambda: image.DetRandomSelectAug([image.CastAug()]),
        "DetHorizontalFlipAug": lambda: flip(0.5),
        "DetRandomCropAug": lambda: crop(),
        "DetRandomCropAug covered": lambda: crop(0.7, (0.5, 2), (0.2, 0.9), 0.1, 20),
        "DetRandomCropAug whole": lambda: crop(0.99, (1, 1), (0.9, 1.0), 0.9, 5),
        "DetRandomCropAug number": lambda: crop(0.1, 1.1, 0.4),
        "DetRandomPadAug": lambda: image.DetRandomPadAug(),
        "DetRandomPadAug wide": lambda: image.DetRandomPadAug((0.3, 3), (1.5, 6.0), 10, (1, 2, 3)),
        "DetRandomPadAug number": lambda: image.DetRandomPadAug(1.2, 2.5, pad_val=(7, 7, 7)),
        "DetRandomPadAug none": lambda: image.DetRandomPadAug(area_range=(1.0, 1.01)),
        "multi": lambda: image.CreateMultiRandCropAugmenter(),
        "multi lists": lambda: image.CreateMultiRandCropAugmenter([0.1, 0.5], max_attempts=[3, 4], skip_prob=0.2),
        "multi ranges": lambda: image.CreateMultiRandCropAugmenter(
            min_object_covered=[0.1, 0.3, 0.5],
            aspect_ratio_range=[(0.5, 1.0)],
            area_range=[(0.1, 1), (0.2, 1), (0.3, 1)],
        ),
        "multi mismatch": lambda: image.CreateMultiRandCropAugmenter([0.1, 0.5], max_attempts=[3, 4, 5]),
    }


CREATIONS = [
    {}, {"resize": 30}, {"rand_crop": 0.5}, {"rand_pad": 0.5}, {"rand_crop": 1, "rand_pad": 1, "rand_mirror": True},
    {"rand_gray": 0.5}, {"brightness": 0.1, "contrast": 0.1, "saturation": 0.1}, {"hue": 0.1}, {"pca_noise": 0.1},
    {"mean": True, "std": True}, {"mean": np.array([1.0, 2, 3])}, {"mean": 3}, {"inter_method": 9},
    {"rand_crop": 0.7, "min_object_covered": [0.1, 0.5], "area_range": (0.3, 2.0), "max_attempts": 9},
    {"rand_crop": 0.7, "rand_pad": 0.4, "area_range": [(0.1, 1.0), (0.5, 1.5)]},
]  # fmt: skip


def described(aug):
    return [type(aug).__name__, aug.dumps()]


def augmenters(mx, found):
    photo = mx.image.imread(path("photo0.jpg"))
    for name, make in makers(mx).items():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found[name + " dumps"] = attempt(lambda: described(make()))
            if name == "multi mismatch":
                found[name + " dumps"] = kind(found[name + " dumps"])
            found[name + " warnings"] = [str(w.message) for w in caught]
        if "raises" in found[name + " dumps"] or name == "multi mismatch":
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            aug = make()
        seed(mx, 17)
        found[name] = [tried(aug, photo, LABEL.copy()) for _ in range(5)]
        found[name + " one"] = [tried(aug, photo, LABEL[:1].copy()) for _ in range(5)]
        found[name + " log"] = logged(make)
    for options in CREATIONS:
        key = "CreateDetAugmenter %s" % sorted((k, str(v)) for k, v in options.items())
        found[key] = kind(attempt(lambda: [described(a) for a in mx.image.CreateDetAugmenter((3, 24, 28), **options)]))
        if isinstance(found[key], str) or "raises" in found[key]:
            continue
        augs = mx.image.CreateDetAugmenter((3, 24, 28), **options)
        seed(mx, 5)

        def run():
            data, label = photo, LABEL.copy()
            for aug in augs:
                data, label = aug(data, label)
            return data, label

        found[key + " run"] = [tried(run) for _ in range(4)]


HEADER = [2, 5]
FOUR = [
    (np.array(HEADER + [1, 0.1, 0.2, 0.5, 0.6]), PHOTOS[0]),
    (np.array([4, 5, 56, 40, 0, 0.1, 0.1, 0.3, 0.4, 2, 0.5, 0.5, 0.9, 0.8, 1, 0, 0, 1, 1]), PHOTOS[1]),
    (np.array(HEADER + [3, 0.1, 0.2, 0.5, 0.6, 1, 0.6, 0.6, 0.2, 0.2]), PHOTOS[2]),
    (np.array(HEADER + [0, 0.25, 0.25, 0.75, 0.75, 2, 0.5, 0.5, 0.9, 0.8]), PHOTOS[3]),
]


def iterator(mx, images=FOUR, size=3, **options):
    return mx.image.ImageDetIter(size, (3, 24, 28), path_root=IMAGES, imglist=list(images), **options)


def epochs(mx, count=2, limit=6, **options):
    seed(mx, 9)
    made = iterator(mx, **options)
    seen = [[plain(made.provide_data), plain(made.provide_label), plain(made.label_shape)]]
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


def iterators(mx, found):
    for handle in ("pad", "discard", "roll_over"):
        for size in (2, 3):
            found["iter %s %d" % (handle, size)] = attempt(epochs, mx, 3, last_batch_handle=handle, size=size)
    everything = {"rand_crop": 0.6, "rand_pad": 0.6, "rand_mirror": True, "mean": True, "std": True, "brightness": 0.1}
    found["iter augmented"] = attempt(epochs, mx, 3, shuffle=True, **everything)
    found["iter parts"] = attempt(epochs, mx, 1, num_parts=2, part_index=1)
    found["iter names"] = attempt(epochs, mx, 1, data_name="d", label_name="l")
    wide = [(np.array([2, 6, 1, 0.1, 0.2, 0.5, 0.6, 0.5]), PHOTOS[0])]
    found["iter wide"] = attempt(epochs, mx, 1, images=wide, size=1)
    wrong = {
        "short": [2, 5, 1, 0.1], "uneven": [2, 5, 1, 0.1, 0.2, 0.5, 0.6, 3], "no object": [2, 5, 1, 0.5, 0.2, 0.1, 0.6],
        "number": [1], "widths": [2, 4, 1, 0.1, 0.2, 0.5],
    }  # fmt: skip
    for name, label in wrong.items():
        found["label " + name] = attempt(iterator, mx, [(np.array(label), PHOTOS[0])])
        # beside good ones: skipped
        found["label among others " + name] = kind(
            attempt(lambda: epochs(mx, 1, images=FOUR[:2] + [(np.array(label), PHOTOS[0])], size=2))
        )
    negative = FOUR[:1] + [(np.array(HEADER + [-1, 0.1, 0.2, 0.5, 0.6]), PHOTOS[2])]
    found["negative class"] = attempt(epochs, mx, 1, images=negative, size=2)
    found["negative class log"] = logged(lambda: iterator(mx, negative, size=1).next())
    found["aug_list"] = attempt(epochs, mx, 1, aug_list=mx.image.CreateDetAugmenter((3, 24, 28), mean=True))


def methods(mx, found):
    made = iterator(mx)
    found["reshape"] = [
        attempt(made.reshape, (3, 12, 14), (7, 5)), plain(made.provide_data), plain(made.provide_label),
        plain(made.label_shape), plain(made.data_shape), kind(attempt(made.next)),
        attempt(made.reshape, None, (2, 5)), attempt(made.reshape, None, (8, 6)), attempt(made.reshape, None, (8,)),
        attempt(made.reshape, (1, 2, 3)), attempt(made.reshape), plain(made.provide_data), plain(made.provide_label),
    ]  # fmt: skip
    found["check_label_shape"] = [attempt(made.check_label_shape, s) for s in ((9, 5), (9, 6), (1, 5), (9,), [9, 5])]
    one, two = iterator(mx), iterator(mx, FOUR[:1])
    found["sync"] = [
        plain(one.label_shape), plain(two.label_shape), attempt(lambda: one.sync_label_shape(two) is two),
        plain(one.label_shape), plain(two.label_shape), plain(two.provide_label),
    ]  # fmt: skip
    one, two = iterator(mx), iterator(mx, FOUR[:1])
    found["sync back"] = [attempt(lambda: two.sync_label_shape(one) is one), plain(two.label_shape)]
    found["sync log"] = logged(lambda: iterator(mx).sync_label_shape(iterator(mx, FOUR[:1]), verbose=True))[-1]
    found["sync wrong"] = attempt(one.sync_label_shape, 3)
    wide = iterator(mx, [(np.array([2, 6, 1, 0.1, 0.2, 0.5, 0.6, 0.5]), PHOTOS[0])])
    found["sync widths"] = attempt(one.sync_label_shape, wide)
    found["transform"] = attempt(lambda: brief(one.augmentation_transform(mx.nd.ones((40, 30, 3)), LABEL.copy())))


def drawing(mx, found):
    """MXNet needs the package cv2 for this, though for nothing else."""
    options = {
        "color": {"color": (255, 0, 255)}, "any color": {},
        "normalized": {"mean": True, "std": True, "color": (0, 9, 0)},
        "mean": {"mean": np.array([1.0, 2, 3]), "clip": False},
    }  # fmt: skip
    for name, more in options.items():
        seed(mx, 3)
        made = mx.image.ImageDetIter(2, (3, 64, 72), path_root=IMAGES, imglist=list(FOUR))
        found["draw_next " + name] = brief(list(made.draw_next(**more)))


def results(mx):
    found = {}
    for part in (augmenters, iterators, methods, drawing):
        part(mx, found)
    return found


if __name__ == "__main__":
    import mxnet

    write("image_detection", results(mxnet))
