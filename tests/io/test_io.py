"""mx.io against real MXNet, and what is ours alone: errors, damaged files, threads, what MXNet gets wrong."""

import gc
import logging
import os
import struct
import sys
import threading
import types

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from mxgluon_compat.io import pictures as steps
from mxgluon_compat.io.twister import Twister
from tests.oracle import io_arrays, io_drawn, io_drawn_boxes, io_files
from tests.oracle.image_common import PHOTOS, content, path
from tests.oracle.io_files import BOXES, pack, put, write_records
from tests.scenarios import against_mxnet

pytest.importorskip("cv2")

# What MXNet does there, the tests below say.
OTHERWISE = [
    "PrefetchingIter of other lengths", "data longer labels", "roll_over 20 False reset", "roll_over 20 True reset",
    "records ten",
]  # fmt: skip


def tolerance(name):
    """Versions of OpenCV round a value in thousands another way as they go to other colours and back."""
    return (1e-5, 1e-3) if name.startswith(("all", "colours", "random_")) else (1e-6, 1e-6)


found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    io_arrays, io_drawn, io_drawn_boxes, io_files, tolerance=tolerance, differences=OTHERWISE
)

RECORDS, INDEX = path("photos.rec"), path("photos.idx")
SEVEN = np.arange(7)


def pictures(kind="ImageRecordIter", **options):
    options = {"path_imgrec": RECORDS, "data_shape": (3, 24, 28), "batch_size": 7, "label_width": 2, **options}
    return getattr(mx.io, kind)(verbose=False, **options)


def first(**options):
    return pictures(**options).next().data[0].asnumpy()


# ---------------------------------------------------------------------------------------------- errors
class TestRefused:
    @pytest.mark.parametrize(
        ("text", "match"),
        [
            ("1,2,3\n\n4,5\n", r"x.csv, line 3: .*specified shape=\(3,\), the csv row-length=2"),
            ("1,2,3\n1,x,3\n", r"x.csv, line 2: could not convert string to float: 'x'"),
        ],
    )
    def test_csv(self, tmp_path, text, match):
        with pytest.raises(MXNetError, match=match):
            list(mx.io.CSVIter(data_csv=put(tmp_path, "x.csv", text), data_shape=(3,), batch_size=1))

    @pytest.mark.parametrize(
        ("line", "match"),
        [
            ("1 x:1", "line 2: invalid literal"), ("1 0:x", "line 2: could not convert"), ("x 0:1", "line 2"),
            ("1 7:1", r"line 2: column 7 is outside of the shape \(6,\)"), ("1 -1:1", "line 2: column -1 is outside"),
        ],
    )  # fmt: skip
    def test_libsvm(self, tmp_path, line, match):  # MXNet reads zeros, writes over its memory, or dies
        file = put(tmp_path, "x.svm", f"1 0:1\n{line}\n")
        with pytest.raises(MXNetError, match=match):
            list(mx.io.LibSVMIter(data_libsvm=file, data_shape=(6,), batch_size=1))

    def test_mnist(self, tmp_path):
        image = put(tmp_path, "img", struct.pack(">IIII", 2051, 3, 2, 2) + bytes(12))
        labels = put(tmp_path, "lab", struct.pack(">II", 2049, 2) + bytes(2))
        cut = put(tmp_path, "cut", struct.pack(">IIII", 2051, 3, 2, 2) + bytes(11))
        packed = put(tmp_path, "gz", b"\x1f\x8b\x08\x00")
        for options, match in (
            ({}, "img holds 3 pictures, .*lab 2 labels"), ({"image": cut}, "cut is cut off at byte 27"),
            ({"image": packed}, "gunzip"), ({"label": image}, "img is no IDX file of labels"),
        ):  # fmt: skip
            with pytest.raises(MXNetError, match=match):
                mx.io.MNISTIter(**{"image": image, "label": labels, "batch_size": 1, **options})

    @pytest.mark.parametrize(
        ("options", "match"),
        [
            ({"batch_size": 0}, "batch_size must be at least 1"), ({"inter_method": 7}, "inter_method must be"),
            ({"std_r": 0}, "must not be 0"), ({"aug_seq": "zzz"}, "aug_seq must be 'aug_default', got 'zzz'"),
            ({"max_random_scale": 0.5}, "min_random_scale <= max_random_scale"), ({"max_crop_size": 9},
            "given together"),
            ({"data_shape": (3, 0, 4)}, "positive"), ({"path_imgrec": "none.rec"}, "none.rec: no such file"),
            ({"path_imgidx": "none.idx"}, "none.idx: no such file"), ({"resize": "x"},
            "resize expect int but value='x'"),
            ({"device_id": -2}, "device_id must be -1 or the number of a GPU, got -2"),
            ({"ctx": "tpu"}, "ctx expect one of cpu, gpu"), ({"num_parts": 8, "part_index": 7, "path_imgidx": INDEX},
            "too few"),
        ],
    )  # fmt: skip
    def test_arguments(self, options, match):
        with pytest.raises(MXNetError, match=match):
            pictures(**options)

    def test_unknown_arguments_warn(self):  # MXNet says nothing
        with pytest.warns(UserWarning, match="ImageRecordIter has no argument input_shape: it changes nothing"):
            pictures(input_shape=(3, 3))

    def test_damaged_records_name_file_and_byte(self, tmp_path):
        good = pack(mx, 1.0, content(PHOTOS[0]))
        size = len(good) + 8 + -len(good) % 4
        for name, bad, match in (
            ("text", pack(mx, 2.0, b"no picture"), "is not a picture"), ("empty", pack(mx, 2.0, b""), "is empty"),
            ("short", b"abc", "begins with 24 bytes"), ("cut", pack(mx, 2.0, content(PHOTOS[1])[:800]),
            "cut off or damaged"),
            ("labels", pack(mx, [1.0, 2.0], content(PHOTOS[1])), "2-dimensional label but label_width is set to 1"),
        ):  # fmt: skip
            file = write_records(mx, str(tmp_path), name, [good, bad])
            made = pictures(path_imgrec=file, label_width=1, batch_size=1)
            made.next()
            with pytest.raises(MXNetError, match=rf"{name}\.rec: record at byte {size}.*{match}"):
                made.next()

    def test_a_file_that_is_cut_off(self, tmp_path):  # MXNet ends the process
        with open(RECORDS, "rb") as file:
            cut = put(tmp_path, "cut.rec", file.read()[:-100])
        with pytest.raises(mx.recordio.RecordError, match=r"cut\.rec: invalid record at byte \d+"):
            list(pictures(path_imgrec=cut, batch_size=1))

    def test_an_index_of_another_file(self, tmp_path):
        wrong = put(tmp_path, "wrong.idx", "0\t4\n1\t40\n")
        with pytest.raises(MXNetError, match=r"photos\.rec: invalid record at byte 4.*wrong\.idx is not the index"):
            pictures(path_imgidx=wrong, batch_size=1)
        beyond = put(tmp_path, "beyond.idx", "0\t0\n1\t99999999\n")
        with pytest.raises(MXNetError, match="begins at byte 99999999"):
            pictures(path_imgidx=beyond, batch_size=1)

    def test_labels_of_detection(self, tmp_path):
        file = write_records(mx, str(tmp_path), "odd", [pack(mx, BOXES[0][:-1], content(PHOTOS[0]))])
        with pytest.raises(MXNetError, match=r"odd\.rec: record at byte 0: 4 numbers .* no objects of 5"):
            mx.io.ImageDetRecordIter(path_imgrec=file, data_shape=(3, 8, 8), batch_size=1)

    def test_without_opencv(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "cv2", None)
        with pytest.raises(ImportError, match=r"pip install 'mxgluon_compat\[image\]'"):
            pictures()

    def test_an_error_of_an_iterator_comes_through(self):
        class Broken(mx.io.NDArrayIter):
            def next(self):
                raise KeyError("mine")

        with pytest.raises(KeyError, match="mine"):
            mx.io.PrefetchingIter(Broken(SEVEN)).next()


# ---------------------------------------------------------------------------------------------- what is drawn
class TestDrawn:
    OPTIONS = {
        "rand_crop": True, "rand_mirror": True, "max_rotate_angle": 10, "brightness": 0.2, "contrast": 0.2,
        "saturation": 0.2, "pca_noise": 0.1, "random_h": 10, "random_s": 20, "random_l": 20, "max_shear_ratio": 0.1,
        "max_random_contrast": 0.1, "max_random_illumination": 5, "inter_method": 10,
    }  # fmt: skip

    def test_threads_change_nothing(self):
        one, many = (first(preprocess_threads=k, **self.OPTIONS) for k in (1, 4))
        assert (one == many).all()
        assert (one != first(seed_aug=1, **self.OPTIONS)).any()

    def test_an_error_in_one_thread_holds_up_no_other(self, tmp_path):
        file = write_records(
            mx, str(tmp_path), "bad", [pack(mx, 1.0, content(PHOTOS[i]) if i != 1 else b"x") for i in range(4)]
        )
        made = pictures(path_imgrec=file, label_width=1, batch_size=1, preprocess_threads=2, rand_crop=True)
        made.next()
        with pytest.raises(MXNetError, match=r"bad\.rec: record at byte \d+ .*is not a picture"):
            list(pictures(path_imgrec=file, label_width=1, batch_size=4, preprocess_threads=2, rand_crop=True))

    def test_epochs_differ(self):
        made = pictures(rand_crop=True)
        before = made.next().data[0].asnumpy()
        made.reset()
        assert (before != made.next().data[0].asnumpy()).any()

    @pytest.mark.parametrize("name", sorted(OPTIONS))
    def test_each_is_honoured(self, name):
        extra = {"resize": 30} if name == "inter_method" else {}
        assert (first(**{name: self.OPTIONS[name]}, **extra) != first(**extra)).any()

    def test_crops_are_parts_at_all_places(self):
        whole = first(data_shape=(3, 40, 56), batch_size=1)[0]
        made = pictures(data_shape=(3, 40, 54), batch_size=1, rand_crop=True, path_imgidx=INDEX, num_parts=7)
        seen = set()
        for _ in range(60):
            part = made.next().data[0].asnumpy()[0]
            for x in range(3):
                if (whole[:, :, x : x + 54] == part).all():
                    seen.add(x)
            made.reset()
        assert seen == {0, 1, 2}

    def test_half_are_mirrored(self):
        plain, turned = first(), first(mirror=True)
        made, count = pictures(rand_mirror=True), 0
        for _ in range(30):
            for a, b, c in zip(made.next().data[0].asnumpy(), plain, turned, strict=True):
                assert (a == b).all() or (a == c).all()
                count += int((a == c).all())
            made.reset()
        assert 75 < count < 135  # of 210; four standard deviations

    def test_random_resized_crop(self):
        limits = {"min_random_area": 0.3, "max_random_area": 0.9, "min_aspect_ratio": 0.75, "max_aspect_ratio": 1.33}
        made = steps.Augmentation(data_shape=(3, 24, 28), random_resized_crop=True, **limits)
        taken = []
        for seed in range(100):
            picture = np.zeros((400, 560, 3), np.uint8)
            plan = made.plan(400, 560, Twister(seed), "")
            assert plan(picture).shape == (24, 28, 3)
            taken.append(plan.steps[0](picture).shape[:2])
        areas = [h * w / (400 * 560) for h, w in taken]
        assert 0.29 < min(areas) < 0.4 and 0.75 < max(areas) < 0.91
        assert {h < w for h, w in taken} == {True, False}
        assert all(0.74 < w / h < 1.34 for h, w in taken)

    def test_detection(self, tmp_path):
        file = write_records(mx, str(tmp_path), "det", [pack(mx, b, content(PHOTOS[i])) for i, b in enumerate(BOXES)])

        def batch(**options):
            b = mx.io.ImageDetRecordIter(
                path_imgrec=file, data_shape=(3, 24, 28), batch_size=3, verbose=False, **options
            ).next()
            return b.data[0].asnumpy(), b.label[0].asnumpy()

        plain, label = batch()
        for options in (
            {"max_random_hue": 20, "random_hue_prob": 1}, {"max_random_saturation": 40, "random_saturation_prob": 1},
            {"max_random_illumination": 40, "random_illumination_prob": 1},
            {"max_random_contrast": 0.5, "random_contrast_prob": 1},
        ):  # fmt: skip
            data, same = batch(**options)
            assert (data != plain).any() and (same == label).all()
        data, padded = batch(rand_pad_prob=1, max_pad_scale=3, fill_value=9)
        width = padded[0, 9] - padded[0, 7]
        assert 0.4 / 3 <= width <= 0.4 and width == pytest.approx(padded[0, 10] - padded[0, 8], rel=0.1)
        options = {"rand_crop_prob": 1, "min_crop_scales": 0.5, "max_crop_scales": 0.9, "max_crop_trials": 50}
        for more in ({"min_crop_object_coverages": 0.99}, {"crop_emit_mode": "overlap"}, {"min_crop_overlaps": 0.2}):
            data, cropped = batch(**options, **more)
            boxes = cropped[0, 7:11]
            assert (data != plain).any() and ((boxes >= 0) & (boxes <= 1)).all() and boxes[0] < boxes[2]
        _, cropped = batch(**options, min_crop_object_coverages=0.999)
        assert (cropped[0, 9] - cropped[0, 7]) > 0.4  # a whole object fills more of a part


# ---------------------------------------------------------------------------------------------- the rest
def test_the_order_is_the_seeds():
    items = list(range(100))
    Twister(5).shuffle(items)
    assert sorted(items) == list(range(100)) and items != sorted(items)


def test_chunks():
    made = pictures(batch_size=1, shuffle_chunk_size=1, shuffle_chunk_seed=4)  # one piece: MXNet's too
    assert [b.label[0].asnumpy()[0, 1] for b in made] == list(range(7))


def test_no_thread_is_left():
    before = threading.active_count()
    for _ in range(20):
        made = pictures(preprocess_threads=2, batch_size=2)
        made.next()
        del made
        ahead = mx.io.PrefetchingIter(mx.io.NDArrayIter(SEVEN, SEVEN, 2))
        ahead.next()
        del ahead
    gc.collect()
    for thread in threading.enumerate():
        if thread.name.startswith(("mx.io", "PrefetchingIter")):
            thread.join(5)
    assert threading.active_count() <= before


def test_log_lines(caplog, tmp_path):
    image = put(tmp_path, "img", struct.pack(">IIII", 2051, 3, 2, 2) + bytes(12))
    labels = put(tmp_path, "lab", struct.pack(">II", 2049, 3) + bytes(3))
    with caplog.at_level(logging.INFO):
        mx.io.MNISTIter(image=image, label=labels, batch_size=2, flat=True)
        mx.io.MNISTIter(image=image, label=labels, batch_size=2, shuffle=False)
        mx.io.ImageRecordIter(
            path_imgrec=RECORDS, data_shape=(3, 8, 8), batch_size=2, label_width=2, preprocess_threads=1
        )
    assert [r.getMessage() for r in caplog.records] == [
        "MNISTIter: load 3 images, shuffle=1, shape=(2,4)", "MNISTIter: load 3 images, shuffle=0, shape=[2,1,2,2]",
        f"ImageRecordIOParser2: {RECORDS}, use 1 threads for decoding..",
    ]  # fmt: skip


def test_batches_for_a_device():  # MXNet's are on cpu_pinned(3) and cpu(0), on machines without one too
    assert {str(pictures(device_id=k).next().data[0].context) for k in (-1, 0)} == {"cpu(0)"}


@pytest.mark.gpu
def test_memory_is_pinned_for_a_device():
    mx.nd.ones(1, ctx=mx.gpu())
    pinned = [pictures(device_id=k).next().data[0].to_torch().is_pinned() for k in (-1, 0)]
    assert pinned == [False, True]


def test_isinstance():
    assert isinstance(pictures(), mx.io.MXDataIter) and isinstance(pictures(), mx.io.DataIter)


def test_four_channels(tmp_path):
    file = write_records(mx, str(tmp_path), "alpha", [pack(mx, 1.0, content("alpha.png"))])
    data = first(path_imgrec=file, data_shape=(4, 8, 8), label_width=1, batch_size=1)
    rgb = first(path_imgrec=file, data_shape=(3, 8, 8), label_width=1, batch_size=1)
    assert data.shape == (1, 4, 8, 8) and (data[:, :3] >= 0).all() and rgb.shape == (1, 3, 8, 8)


class TestWhereMXNetIsWrong:
    def test_mean_pictures_are_not_normalised(self, tmp_path):  # MXNet's have the scale, and are used without
        means = []
        for name, options in (("plain", {}), ("scaled", {"scale": 0.5, "mean_r": 9, "std_g": 2})):
            file = str(tmp_path / name)
            pictures(mean_img=file, **options)
            means.append(mx.nd.load(file)["mean_img"].asnumpy())
        np.testing.assert_array_equal(*means)

    def test_rolling_over_more_than_one_epoch(self):  # MXNet fails
        made = mx.io.NDArrayIter(SEVEN, None, 20, last_batch_handle="roll_over")
        assert list(made) == []
        made.reset()
        assert made.next().data[0].asnumpy().tolist() == [*range(7), *range(7), *range(6)]

    def test_longer_labels(self):  # MXNet's last batch has as many labels more
        *_, last = mx.io.NDArrayIter(SEVEN, np.arange(9), 2)
        assert last.label[0].asnumpy().tolist() == [6, 0]

    def test_shorter_labels(self):  # MXNet fails at the first batch that has none
        with pytest.raises(ValueError, match="softmax_label has 3 examples, data has 7: each needs as many"):
            mx.io.NDArrayIter(SEVEN, SEVEN[:3], 2)

    def test_csr_is_shuffled_without_scipy(self):
        csr = mx.nd.array(np.diag(np.arange(1, 6))).tostype("csr")
        np.random.seed(1)
        made = mx.io.NDArrayIter(csr, np.arange(5), 5, True, "discard")
        batch = made.next()
        rows = batch.label[0].asnumpy().astype(int)
        assert rows.tolist() != sorted(rows)
        np.testing.assert_array_equal(batch.data[0].asnumpy(), np.diag(np.arange(1, 6))[rows])

    def test_iterators_of_other_lengths(self):  # MXNet: AttributeError
        made = mx.io.PrefetchingIter([mx.io.NDArrayIter(SEVEN, SEVEN, 3), mx.io.NDArrayIter(SEVEN[:3], SEVEN[:3], 3)])
        made.next()
        with pytest.raises(AssertionError, match="Number of entry mismatches between iterators"):
            made.next()

    def test_batches_of_more_than_the_file(self):  # MXNet fails in the epoch before
        made = pictures(batch_size=10)
        pads = []
        for _ in range(2):
            pads += [b.pad for b in made]
            made.reset()
        assert pads == [3, 6]
        with pytest.raises(MXNetError, match="fewer than batch_size=10 needs"):
            made.next()

    def test_reset_in_the_middle_starts_at_the_beginning(self, tmp_path):  # MXNet: where its thread had come to
        file = put(tmp_path, "d.csv", "".join(f"{i}\n" for i in range(7)))
        made = mx.io.CSVIter(data_csv=file, data_shape=(1,), batch_size=3)
        made.next()
        made.reset()
        assert made.next().data[0].asnumpy().ravel().tolist() == [0, 1, 2]

    def test_padding_of_pictures(self):  # MXNet leaves the memory as it is, and says 0
        *_, last = pictures(batch_size=3, round_batch=False)
        assert last.pad == 2 and (last.data[0].asnumpy()[1:] == 0).all() and (last.label[0].asnumpy()[1:] == 0).all()

    def test_pad_is_of_this_batch(self):  # MXNet sometimes gives that of one before
        made = pictures(batch_size=3)
        pads = []
        for _ in range(4):
            pads.append([b.pad for b in made])
            made.reset()
        assert pads == [[0, 0, 2], [0, 1], [0, 0], [0, 0, 2]]

    def test_a_part_without_examples(self):  # MXNet raises StopIteration
        with pytest.raises(MXNetError, match="there is not one batch"):
            pictures(num_parts=5, part_index=4, path_imgidx=INDEX)

    def test_no_batches_ahead(self, tmp_path):  # MXNet dies
        file = put(tmp_path, "d.csv", "1\n2\n3\n")
        made = mx.io.CSVIter(data_csv=file, data_shape=(1,), batch_size=2, prefetch_buffer=0)
        assert [b.pad for b in made] == [0, 1]


def test_progress_on_terminals_only(monkeypatch, tmp_path):
    seen = []

    class Bar:
        def __init__(self, total, **options):
            seen.append([options["desc"], total, options["delay"] >= 1])

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def update(self, done):
            seen[-1].append(done)

    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=Bar))
    pictures(mean_img=str(tmp_path / "a"))
    assert seen == []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    size = os.path.getsize(RECORDS)
    for kind in ("ImageRecordIter", "ImageRecordIter_v1"):
        pictures(kind, mean_img=str(tmp_path / kind))
        what, total, late, *done = seen.pop()
        assert (what, total, late) == ("mean image", size, True) and 0.9 * size < sum(done) <= size
    boxes = write_records(mx, str(tmp_path), "boxes", [pack(mx, BOXES[0], content(PHOTOS[i % 4]), i) for i in range(4)])
    mx.io.ImageDetRecordIter(
        path_imgrec=boxes, data_shape=(3, 8, 8), batch_size=2, mean_img=str(tmp_path / "c"), verbose=False
    )
    assert [(what, len(done)) for what, _, _, *done in seen] == [("labels", 4), ("mean image", 1)]


def test_integers_of_csv_may_have_exponents(tmp_path):
    """MXNet's reads the digits before the point."""
    file = put(tmp_path, "x.csv", "1.0e+01,2\n3,4\n")
    (batch,) = mx.io.CSVIter(data_csv=file, data_shape=(2,), batch_size=2, dtype="int32")
    assert batch.data[0].asnumpy().tolist() == [[10, 2], [3, 4]]
