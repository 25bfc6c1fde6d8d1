"""Image operators where MXNet 1.9.1 is wrong, so that the oracle cannot tell: see ops/image.py."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest

import mxgluon_compat as mx

I = mx.nd.image  # noqa: E741
IMAGE = np.random.RandomState(0).uniform(0, 255, (3, 5, 3))
SUM = np.random.RandomState(1).standard_normal((3, 5, 3))


def _array(values):
    return mx.nd.array(values, dtype="float64")


@pytest.mark.parametrize(("name", "axis"), [("flip_left_right", 1), ("flip_top_bottom", 0)])
@pytest.mark.parametrize("random", [False, True])
def test_flips_of_an_odd_number_of_pixels(name, axis, random):
    seen = set()
    for seed in range(8):
        mx.random.seed(seed)
        found = getattr(I, "random_" * random + name)(_array(IMAGE)).asnumpy()
        flipped = (found == np.flip(IMAGE, axis)).all()
        assert flipped or (random and (found == IMAGE).all())
        seen.add(flipped)
    assert len(seen) == 1 + random


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.0, 1.75])
def test_saturation(factor):
    gray = (IMAGE @ [0.299, 0.587, 0.114])[..., None]
    found = I.random_saturation(_array(IMAGE), factor, factor)
    np.testing.assert_allclose(found.asnumpy(), IMAGE * factor + gray * (1 - factor), rtol=1e-12)
    found = I.random_saturation(mx.nd.array(IMAGE.astype("uint8"), dtype="uint8"), factor, factor).asnumpy()
    wanted = IMAGE.astype("uint8") * factor + (IMAGE.astype("uint8") @ [0.299, 0.587, 0.114])[..., None] * (1 - factor)
    assert np.abs(found - np.clip(wanted, 0, 255)).max() <= 1


def test_a_jitter_of_saturation_alone_is_a_random_saturation():
    mx.random.seed(3)
    jittered = I.random_color_jitter(_array(IMAGE), 0, 0, 0.4, 0)
    gray = (IMAGE @ [0.299, 0.587, 0.114])[..., None]
    factor = (jittered.asnumpy() - gray) / (IMAGE - gray)
    assert np.ptp(factor) < 1e-9 and 0.6 <= factor.mean() <= 1.4


@pytest.mark.parametrize("turn", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_hue(turn):
    found = I.random_hue(_array(IMAGE), turn, turn).asnumpy()
    for place in np.ndindex(3, 5):
        hue, light, saturation = colorsys.rgb_to_hls(*IMAGE[place] / 255)
        wanted = np.array(colorsys.hls_to_rgb((hue + turn) % 1, light, saturation)) * 255
        np.testing.assert_allclose(found[place], wanted, rtol=1e-6)  # the turn is a float32


GRAY = np.array([[[7], [200], [99]]])


@pytest.mark.parametrize(
    "change",
    [
        lambda x: I.random_hue(x, 0.2, 0.4),
        lambda x: I.random_saturation(x, 0.2, 0.4),
        lambda x: I.random_lighting(x, 1.0),
        lambda x: I.adjust_lighting(x, (1.0, 2.0, 3.0)),
        lambda x: I.random_color_jitter(x, 0, 0, 0, 0),
        lambda x: I.random_color_jitter(x, -0.5, 0, 0.5, 0.5),
    ],
)
def test_what_has_no_colour_keeps_its_values(change):
    array = _array(GRAY)
    found = change(array)
    assert (found.asnumpy() == GRAY).all()
    found[:] = 0
    assert (array.asnumpy() == GRAY).all()


GRADIENTS = {
    "to_tensor": lambda x: I.to_tensor(x).transpose((1, 2, 0)).astype("float64") * 255,
    "flip_left_right": I.flip_left_right,
    "random_flip_top_bottom": I.random_flip_top_bottom,
    "brightness": lambda x: I.random_brightness(x, 0.5, 1.5),
    "contrast": lambda x: I.random_contrast(x, 0.5, 1.5),
    "saturation": lambda x: I.random_saturation(x, 0.5, 1.5),
    "hue": lambda x: I.random_hue(x, 0.1, 0.4),
    "jitter": lambda x: I.random_color_jitter(x, 0.3, 0.3, 0.3, 0.3),
    "lighting": lambda x: I.random_lighting(x, 0.5),
    "resize": lambda x: I.resize(I.resize(x, (7, 4)), (5, 3), False, 2),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name):
    def value(image):
        mx.random.seed(1)
        return (GRADIENTS[name](image) * _array(SUM)).sum()

    x = _array(IMAGE)
    x.attach_grad()
    with mx.autograd.record():
        loss = value(x)
    loss.backward()
    direction = np.random.RandomState(2).standard_normal(IMAGE.shape)
    # to_tensor's result is float32
    step, near = (1e-1, 1e-3) if name == "to_tensor" else (1e-5, 1e-6)
    ends = [value(_array(IMAGE + sign * step * direction)).asscalar() for sign in (1, -1)]
    np.testing.assert_allclose((x.grad.asnumpy() * direction).sum(), (ends[0] - ends[1]) / (2 * step), rtol=near)


def test_nearest_of_int32():
    """The numbers are MXNet's: int32 has no other interpolation there either."""
    data = mx.nd.array([[[1], [2]], [[3], [4]]], dtype="int32")
    found = mx.nd.image.resize(data, size=(4, 4), interp=0)
    assert found.dtype is np.int32
    assert found.asnumpy()[:, :, 0].tolist() == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    with pytest.raises(mx.MXNetError, match="data must be uint8, float32 or float64, got torch.int32"):
        mx.nd.image.resize(data, size=(4, 4), interp=1)
