"""mx.image against real MXNet, and what is ours alone: errors, damaged files, the things that MXNet gets wrong."""

import io
import logging
import pickle
import sys

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import opencv
from mxgluon_compat.base import MXNetError
from mxgluon_compat.ops import resampling
from tests.oracle import image_augmenters, image_detection, image_functions, image_iter
from tests.oracle.image_common import IMAGES, PHOTOS, content, path
from tests.scenarios import against_mxnet

pytest.importorskip("cv2")

# `min_area` warns (in MXNet where warnings are shown).
pytestmark = pytest.mark.filterwarnings("ignore:`min_area` is deprecated:DeprecationWarning")


def tolerance(name):
    """Positions of rotated pixels are float32; at the edges of colours a difference there counts much."""
    return (1e-4, 2e-2) if "rotate" in name else (1e-5, 1e-4)


found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    image_functions, image_augmenters, image_iter, image_detection, tolerance=tolerance
)


def photo(flag=1):
    return mx.image.imread(path("photo0.jpg"), flag)


class TestWithoutOpenCV:
    @pytest.fixture(autouse=True)
    def no_opencv(self, monkeypatch):
        picture = photo()
        monkeypatch.setitem(sys.modules, "cv2", None)
        opencv.available.cache_clear()
        yield picture
        opencv.available.cache_clear()

    @pytest.mark.parametrize(
        "call",
        [
            lambda: mx.image.imread(path("photo0.jpg")),
            lambda: mx.image.imdecode(content("photo0.jpg")),
            lambda: mx.image.imdecode(content("photo0.jpg"), 0),
            lambda: next(mx.image.ImageIter(1, (3, 8, 8), path_root=IMAGES, imglist=[(1, PHOTOS[0])])),
        ],
    )
    def test_the_error_names_the_extra(self, call):
        with pytest.raises(ImportError, match=r"needs OpenCV: pip install 'mxgluon_compat\[image\]'"):
            call()

    def test_sizes_and_borders_need_none(self, no_opencv):
        assert not opencv.available()
        assert mx.image.imresize(no_opencv, 20, 31, 2).shape == (31, 20, 3)
        assert mx.image.image.copyMakeBorder(no_opencv, 1, 2, 3, 4).shape == (43, 63, 3)

    def test_drawing_warns(self):
        image_iter = mx.image.ImageDetIter.__new__(mx.image.ImageDetIter)
        with pytest.warns(UserWarning, match="Unable to import cv2, skip drawing"):
            assert list(image_iter.draw_next()) == []


@pytest.mark.parametrize("interp", range(5))
@pytest.mark.parametrize("size", [(28, 20), (112, 80), (100, 77), (20, 90), (1, 1)])
def test_torch_resizes_as_opencv(monkeypatch, interp, size):
    data = photo()._data
    batch = torch.stack([data, data.flip(0)])
    by_opencv = resampling.resize_images(batch, size[1], size[0], interp)
    monkeypatch.setattr(resampling, "_for_opencv", lambda data: False)
    by_torch = resampling.resize_images(batch, size[1], size[0], interp)
    assert (by_opencv.int() - by_torch.int()).abs().max() <= (1 if interp in (2, 4) else 0)


def test_the_thread_keeps_its_opencv_settings():
    cv2 = pytest.importorskip("cv2")
    used = cv2.ipp.useIPP()
    mx.image.imresize(photo(), 20, 31)
    assert cv2.ipp.useIPP() == used


def test_resizing_is_recorded_where_a_gradient_is_wanted():
    data = photo().astype("float32")
    data.attach_grad()
    with mx.autograd.record():
        out = mx.image.imresize(data, 28, 20, 1).sum()
    out.backward()
    assert data.grad.sum().asscalar() == pytest.approx(28 * 20 * 3)


class TestBadFiles:
    def test_no_picture(self, tmp_path):
        (tmp_path / "a.jpg").write_bytes(b"hello, world")
        with pytest.raises(MXNetError, match=r"a\.jpg .*12 bytes, starting with b'hello, w'.* is not a picture"):
            mx.image.imread(str(tmp_path / "a.jpg"))

    def test_empty_file(self, tmp_path):
        (tmp_path / "a.jpg").touch()
        with pytest.raises(MXNetError, match=r"a\.jpg is empty"):
            mx.image.imread(str(tmp_path / "a.jpg"))
        with pytest.raises(MXNetError, match="the buffer is empty"):
            mx.image.imdecode(b"")

    def test_missing_file(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"there is no file .*nope\.jpg"):
            mx.image.imread(str(tmp_path / "nope.jpg"))

    def test_a_folder(self, tmp_path):
        with pytest.raises(OSError, match="cannot be read"):
            mx.image.imread(str(tmp_path))

    def test_unknown_flag(self):
        # MXNet fails too, in most of these with an address.
        for flag in (2, 4, 16, 17):
            with pytest.raises(MXNetError, match=f"flag must be 0 .* or 1 .*, got {flag}"):
                mx.image.imdecode(content("photo0.jpg"), flag=flag)

    def test_iterators_name_the_file(self, tmp_path):
        (tmp_path / "a.jpg").write_bytes(content("photo0.jpg")[:20])
        made = mx.image.ImageIter(1, (3, 8, 8), path_root=str(tmp_path), imglist=[(1, "a.jpg")])
        with pytest.raises(RuntimeError, match=r"Broken image filename: a\.jpg, Decoding failed"):
            made.next()

    def test_iterators_name_the_record(self, tmp_path):
        record = mx.recordio.MXRecordIO(str(tmp_path / "a.rec"), "w")
        for data in (content("photo0.jpg"), b"nothing"):
            record.write(mx.recordio.pack(mx.recordio.IRHeader(0, 1.0, 7, 0), data))
        record.close()
        made = mx.image.ImageIter(1, (3, 8, 8), path_imgrec=str(tmp_path / "a.rec"))
        made.next()
        with pytest.raises(RuntimeError, match=r"Broken image index: 1, Decoding failed.*a\.rec: record at byte \d+"):
            made.next()

    def test_iterators_name_records_that_hold_none(self, tmp_path):  # MXNet: struct.error
        for name, data in (("empty", b""), ("short", b"abc")):
            record = mx.recordio.MXRecordIO(str(tmp_path / name), "w")
            record.write(data)
            record.close()
            for kind in (mx.image.ImageIter, mx.image.ImageDetIter):
                with pytest.raises(MXNetError, match=rf"{name}: record at byte 0: a record that pack\(\) made begins"):
                    kind(1, (3, 8, 8), path_imgrec=str(tmp_path / name)).next()

    def test_labels_without_objects_name_the_record(self, tmp_path):
        record = mx.recordio.MXRecordIO(str(tmp_path / "a.rec"), "w")
        record.write(mx.recordio.pack(mx.recordio.IRHeader(0, 1.0, 7, 0), content("photo0.jpg")))
        record.close()
        with pytest.raises(RuntimeError, match=r"Label shape is invalid: \(1,\) \(.*a\.rec: record at byte 0\)"):
            mx.image.ImageDetIter(1, (3, 8, 8), path_imgrec=str(tmp_path / "a.rec"))

    def test_detection_without_pictures(self, tmp_path):
        (tmp_path / "none.rec").write_bytes(b"")
        with pytest.raises(ValueError, match="there is not one picture"):
            mx.image.ImageDetIter(1, (3, 8, 8), path_imgrec=str(tmp_path / "none.rec"))

    def test_missing_picture_of_a_list(self):
        made = mx.image.ImageIter(1, (3, 8, 8), path_root=IMAGES, imglist=[(1, "nope.jpg")])
        with pytest.raises(FileNotFoundError, match=r"nope\.jpg"):
            made.next()


class TestLists:
    def listed(self, tmp_path, text, **options):
        (tmp_path / "a.lst").write_text(text)
        return mx.image.ImageIter(1, (3, 8, 8), path_imglist=str(tmp_path / "a.lst"), path_root=IMAGES, **options)

    @pytest.mark.parametrize("line", ["x\t1\tphoto0.jpg", "1 2 photo0.jpg", "1\tphoto0.jpg", "1\ta\tphoto0.jpg", ""])
    def test_lines_that_are_none(self, tmp_path, line):
        with pytest.raises(ValueError, match=r"a\.lst, line 2: expected 'number TAB label... TAB file', got"):
            self.listed(tmp_path, f"1\t2\tphoto0.jpg\n{line}\n3\t1\tphoto0.jpg\n")

    def test_label_of_another_width(self, tmp_path):
        made = self.listed(tmp_path, "1\t2\t3\tphoto0.jpg\n", label_width=3)
        with pytest.raises(ValueError, match=r"Label of filename: photo0\.jpg has 2 numbers, label_width is 3"):
            made.next()

    def test_augmenters_of_another_size(self):
        made = mx.image.ImageIter(1, (3, 8, 8), path_root=IMAGES, imglist=[(1, PHOTOS[0])], aug_list=[])
        with pytest.raises(ValueError, match=r"photo0\.jpg: the augmenters give the shape \(3, 40, 56\), data_shape"):
            made.next()

    def test_a_record_that_the_list_has_not(self, tmp_path):
        (tmp_path / "a.lst").write_text("10\t5\tx\n")
        made = mx.image.ImageIter(
            2, (3, 8, 8), path_imgrec=path("photos.rec"), path_imgidx=path("photos.idx"),
            path_imglist=str(tmp_path / "a.lst"),
        )  # fmt: skip
        with pytest.raises(ValueError, match=r"no label for record 11 of .*photos\.rec"):
            made.next()


class TestWhereMXNetIsWrong:
    def test_truncated_jpeg(self):
        # MXNet gives the upper part, and gray below it.
        with pytest.raises(MXNetError, match="cut off or damaged"):
            mx.image.imdecode(content("photo0.jpg")[:800])

    def test_integer_labels_of_list_files(self, tmp_path):
        # MXNet fails with any dtype but float32.
        (tmp_path / "a.lst").write_text("1\t3.000000\tphoto0.jpg\n")
        made = mx.image.ImageIter(1, (3, 8, 8), path_imglist=str(tmp_path / "a.lst"), path_root=IMAGES, dtype="int32")
        assert made.next().label[0].asnumpy().tolist() == [3]

    def test_batches_larger_than_the_list(self):
        # MXNet fills up once, and leaves what is missing then unset.
        made = mx.image.ImageIter(7, (3, 8, 8), path_root=IMAGES, imglist=[(1, PHOTOS[0]), (2, PHOTOS[1])])
        batch = made.next()
        assert batch.label[0].asnumpy().tolist() == [1, 2, 1, 2, 1, 2, 1] and batch.pad == 5
        np.testing.assert_array_equal(batch.data[0][0].asnumpy(), batch.data[0][6].asnumpy())
        with pytest.raises(StopIteration):
            made.next()

    def test_unknown_last_batch(self):
        # MXNet pads without end.
        with pytest.raises(ValueError, match="last_batch_handle must be one of pad, discard, roll_over, got 'keep'"):
            mx.image.ImageIter(1, (3, 8, 8), imglist=[], last_batch_handle="keep")

    def test_borders_of_fewer_values_than_channels(self):
        # MXNet leaves the others unset.
        out = mx.image.image.copyMakeBorder(photo(), 1, 0, 0, 0, values=(5,))
        assert out[0, 0].asnumpy().tolist() == [5, 0, 0]

    def test_a_number_pads_in_gray(self):
        aug = mx.image.DetRandomPadAug(1.4, 4.0, pad_val=7)
        out, _ = aug(mx.nd.ones((20, 28, 3), dtype="uint8"), np.array([[1, 0.1, 0.1, 0.5, 0.5]]))
        assert sorted(np.unique(out.asnumpy())) == [1, 7]

    @pytest.mark.parametrize("aug", [mx.image.DetRandomCropAug, mx.image.DetRandomPadAug])
    @pytest.mark.parametrize("options", [{"area_range": (0.9, 0.2)}, {"aspect_ratio_range": (3, 2)}])
    def test_ranges_that_are_none(self, aug, options):
        # MXNet fails where it means to warn.
        with pytest.warns(UserWarning, match=f"Skip {aug.__name__} due to invalid {next(iter(options))}"):
            made = aug(**options)
        data, label = mx.nd.ones((20, 28, 3)), np.array([[1, 0.1, 0.1, 0.5, 0.5]])
        assert made(data, label)[0] is data

    def test_augmenters_that_are_none_for_detection(self):
        # MXNet fails at the first batch.
        label = np.array([2, 5, 1, 0.1, 0.2, 0.5, 0.6])
        with pytest.raises(ValueError, match="aug_list must hold DetAugmenters, got CastAug"):
            mx.image.ImageDetIter(
                1, (3, 8, 8), path_root=IMAGES, imglist=[(label, PHOTOS[0])], aug_list=[mx.image.CastAug()]
            )

    def test_drawn_boxes_have_one_colour(self):
        # MXNet turns the colour's channels around at each box.
        label = np.array([2, 5, 1, 0.1, 0.1, 0.4, 0.4, 1, 0.6, 0.6, 0.9, 0.9])
        made = mx.image.ImageDetIter(1, (3, 50, 50), path_root=IMAGES, imglist=[(label, PHOTOS[0])])
        picture = next(made.draw_next(color=(255, 0, 10)))
        assert picture[5, 10].tolist() == picture[30, 35].tolist() == [10, 0, 255]
        texts = next(made.draw_next(color=(255, 0, 10), id2labels={1: "x"})) if made.reset() is None else None
        assert (texts != picture).any()

    def test_int8_is_refused(self):
        # MXNet takes the bytes for those of uint8.
        with pytest.raises(MXNetError, match="src must be uint8, float32 or float64"):
            mx.image.imresize(photo().astype("int8"), 5, 5)


def test_negative_classes_are_skipped_with_a_log_line(caplog):
    good, bad = [2, 5, 1, 0.1, 0.2, 0.5, 0.6], [2, 5, -1, 0.1, 0.2, 0.5, 0.6]
    made = mx.image.ImageDetIter(
        1, (3, 8, 8), path_root=IMAGES, imglist=[(np.array(bad), PHOTOS[1]), (np.array(good), PHOTOS[0])]
    )
    with caplog.at_level(logging.DEBUG):
        batches = list(made)
    assert len(batches) == 1 and batches[0].label[0].asnumpy()[0, 0, 0] == 1
    assert "Invalid image, skipping:  Invalid label occurs." in caplog.text


def test_more_objects_than_the_batch_holds():
    label = np.array([2, 5, 1, 0.1, 0.2, 0.5, 0.6])

    class Double(mx.image.DetAugmenter):
        def __call__(self, src, label):
            return src, np.concatenate([label, label])

    augs = [mx.image.DetBorrowAug(mx.image.ForceResizeAug((8, 8))), Double()]
    made = mx.image.ImageDetIter(1, (3, 8, 8), path_root=IMAGES, imglist=[(label, PHOTOS[0])], aug_list=augs)
    with pytest.raises(ValueError, match=r"photo0\.jpg has 2 objects of width 5, label_shape is \(1, 5\)"):
        made.next()


def test_augmenters_can_be_pickled():
    augs = mx.image.CreateAugmenter((3, 8, 8), rand_crop=True, mean=True, pca_noise=0.1)
    assert [a.dumps() for a in pickle.loads(pickle.dumps(augs))] == [a.dumps() for a in augs]


def test_decoding_takes_any_bytes():
    data = content("photo0.jpg")
    for buffer in (memoryview(data), io.BytesIO(data).getbuffer(), np.frombuffer(data, np.uint8)):
        assert mx.image.imdecode(buffer).shape == (40, 56, 3)


def test_names_of_the_package():
    assert mx.img is mx.image and mx.image.det is mx.image.detection
    assert mx.image.image.ImageIter is mx.image.ImageIter
    assert mx.image.image._get_interp_method(9, (4, 4, 8, 8)) == 2


@pytest.mark.gpu
def test_pictures_on_a_gpu():
    data = photo().as_in_context(mx.gpu())
    assert mx.image.imresize(data, 20, 31).context == mx.gpu()
    small = mx.image.resize_short(data, 20)
    np.testing.assert_allclose(small.asnumpy(), mx.image.resize_short(photo(), 20).asnumpy(), atol=1)
    for aug in mx.image.CreateAugmenter(
        (3, 24, 28), brightness=0.1, contrast=0.1, saturation=0.1, hue=0.1, pca_noise=1
    ):
        data = aug(data)
    assert data.context == mx.gpu() and data.shape == (24, 28, 3)
    turned = mx.image.imrotate(photo().astype("float32").transpose((2, 0, 1)).as_in_context(mx.gpu()), 30)
    assert turned.context == mx.gpu()
