"""gluon.data.vision.transforms against real MXNet, on batches and GPUs, and the things that MXNet gets wrong."""

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.gluon.data.vision import transforms
from tests.oracle import vision_transforms as scenario
from tests.oracle.image_common import path
from tests.oracle.scenario import read
from tests.scenarios import against_mxnet

pytest.importorskip("cv2")

# Hues of uint8 pictures: sums in another order, before fractions are dropped.
ROUNDED = [
    name
    for name in read("vision_transforms")
    if "uint8" in name and any(word in name for word in ("Hue", "Jitter", "Compose random"))
]
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, rtol=1e-4, atol=1e-4, differences=ROUNDED)


@pytest.mark.parametrize("name", ROUNDED)
def test_hues_differ_by_roundings_alone(found, name):
    for ours, wanted in zip(found[scenario][name], read("vision_transforms")[name], strict=True):
        assert (ours["dtype"], ours["shape"]) == (wanted["dtype"], wanted["shape"])
        one = 1 if wanted["dtype"] == "uint8" else 1 / 255 / 0.2  # after ToTensor and Normalize
        one *= 1 if "Hue" in name else 2  # several changes, one after the other
        np.testing.assert_allclose(ours["some"], wanted["some"], atol=one * 1.001)


def photo():
    return mx.image.imread(path("photo0.jpg"))


def test_saturation_draws_as_brightness_does():
    # MXNet's brightness of a pixel has a tenth of its blue: the factor is the same, the picture is not.
    mx.random.seed(3)
    gray = mx.nd.ones((4, 4, 3)) * 100
    out = transforms.RandomSaturation(0.5)(gray)
    np.testing.assert_allclose(out.asnumpy(), 100, rtol=1e-5)
    data = photo().astype("float32")
    mx.random.seed(3)
    factor = (transforms.RandomBrightness(0.5)(gray) / gray).asnumpy().ravel()[0]
    mx.random.seed(3)
    out = transforms.RandomSaturation(0.5)(data).asnumpy()
    light = (data.asnumpy() * [0.299, 0.587, 0.114]).sum(-1, keepdims=True)
    np.testing.assert_allclose(out, data.asnumpy() * factor + light * (1 - factor), rtol=1e-4, atol=1e-3)


def test_an_unknown_interpolation_is_an_error():
    # MXNet ends the process.
    net = transforms.Compose([transforms.Resize(20, interpolation=9), transforms.ToTensor()])
    with pytest.raises(mx.MXNetError, match="interp must be 0, 1, 2, 3 or 4, got 9"):
        net(photo())


def test_crops_of_batches_say_what_they_want():
    batch = mx.nd.stack(photo(), photo())
    for block in (transforms.CenterCrop(20), transforms.RandomResizedCrop(20)):
        with pytest.raises(ValueError, match=r"a picture must have the shape \(H, W, C\), got \(2, 40, 56, 3\)"):
            block(batch)


def test_a_hybridized_run_takes_all_sizes():
    net = transforms.Compose([transforms.Resize(20), transforms.ToTensor()])
    image = photo()
    for height in (10, 20, 25, 30):
        assert net(image[:height]).shape == (3, 20, 20)
    together = next(iter(net))
    assert together._active


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_on_a_gpu(dtype):
    image = photo().astype(dtype)
    batch = mx.nd.stack(image, image[::-1])
    for data in (image, batch):
        net = transforms.Compose([
            transforms.Resize((30, 24)), transforms.CropResize(1, 2, 20, 10, (16, 12), 1), transforms.ToTensor(),
            transforms.Normalize((0.5, 0.4, 0.3), 0.2), transforms.Cast("float16"),
        ])  # fmt: skip
        out = net(data.as_in_context(mx.gpu()))
        assert out.context == mx.gpu()
        np.testing.assert_allclose(out.asnumpy(), net(data).asnumpy(), atol=0.03)
    net = transforms.Compose([
        transforms.RandomResizedCrop(20), transforms.RandomFlipLeftRight(), transforms.RandomFlipTopBottom(),
        transforms.RandomColorJitter(0.1, 0.1, 0.1, 0.1), transforms.RandomLighting(0.1), transforms.ToTensor(),
        transforms.RandomRotation((-10, 10)), transforms.RandomApply(transforms.Cast("float16"), 0.5),
    ])  # fmt: skip
    out = net(image.as_in_context(mx.gpu()))
    assert out.context == mx.gpu() and out.shape == (3, 20, 20)
