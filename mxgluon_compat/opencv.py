"""OpenCV, where it is installed: what decodes and resizes pictures on the host.

Pictures are numpy arrays (H, W, C), as OpenCV keeps them. It is imported at the first use.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from .base import MXNetError
from .util import opencv

__all__ = ["affine", "available", "decode", "resize"]

_IGNORE_ORIENTATION = 128  # of a camera: MXNet takes the pixels as they lie in the file


@functools.cache
def available() -> bool:
    """Whether OpenCV can be imported."""
    try:
        import cv2  # noqa: F401
    except ImportError:
        return False
    return True


def decode(data: Any, flag: int = 1, to_rgb: bool = True, where: str = "the buffer") -> np.ndarray:
    """A picture from the bytes of its file.

    Args:
        data: bytes, or a uint8 array of one axis.
        flag: 0 for one channel, 1 for three.
        to_rgb: red first; otherwise blue first.
        where: the bytes came from, for the error.

    Returns:
        (H, W, 1 or 3), uint8.

    Raises:
        ImportError: OpenCV is not there.
        MXNetError: no picture that OpenCV can read, or another flag.
    """
    if flag & ~_IGNORE_ORIENTATION not in (0, 1):
        raise MXNetError(f"flag must be 0 (one channel) or 1 (three channels), got {flag}")
    cv2 = opencv("decoding pictures")
    data = np.frombuffer(data, dtype=np.uint8)
    if not data.size:
        raise MXNetError(f"{where} is empty: expected a picture's file (JPEG, PNG, BMP, ...)")
    try:
        image = cv2.imdecode(data, flag | _IGNORE_ORIENTATION)
    except cv2.error as error:
        raise MXNetError(f"Decoding failed: {where} ({data.size} bytes): {error}") from None
    if image is None:
        raise MXNetError(
            f"Decoding failed: {where} ({data.size} bytes, starting with {data[:8].tobytes()!r}) is not a picture that "
            "OpenCV can read, or is cut off or damaged"
        )
    if image.ndim == 2:
        return image[..., None]
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB, dst=image) if to_rgb else image


@contextlib.contextmanager
def _without_ipp(cv2: Any) -> Iterator[None]:
    """MXNet's OpenCV was built without Intel's library, whose cubic and float sums round otherwise. A setting of the
    thread."""
    used = cv2.ipp.useIPP() if hasattr(cv2, "ipp") else False
    if not used:
        yield
        return
    cv2.ipp.setUseIPP(False)
    try:
        yield
    finally:
        cv2.ipp.setUseIPP(True)


def resize(image: np.ndarray, width: int, height: int, interp: int) -> np.ndarray:
    """image (H, W, C) of 1 to 4 channels, uint8, float32 or float64 -> (height, width, C); modes 0 to 4 of OpenCV."""
    cv2 = opencv("resizing pictures")
    with _without_ipp(cv2):
        found = cv2.resize(image, (width, height), interpolation=interp)
    return found.reshape(height, width, image.shape[2])


_UNIT, _FINE = 1 << 10, 1 << 5  # of a pixel: steps of the sums, and of the places between pixels


def affine(image: np.ndarray, matrix: np.ndarray, width: int, height: int, interp: int, fill: float) -> np.ndarray:
    """image (H, W, C) of 1 to 4 channels -> (height, width, C), where (x, y) of the old is at ``matrix`` (2, 3) times
    (x, y, 1) of the new; ``fill`` is what lies outside. Modes 0 to 4 of OpenCV.

    It is the sum in whole numbers that ``warpAffine`` was when MXNet was built; OpenCV has another one since.
    """
    cv2 = opencv("turning pictures")
    (a, b, e), (c, d, f) = matrix.astype(np.float64).tolist()
    determinant = a * d - b * c
    scale = 1 / determinant if determinant else 0.0
    a, b, c, d = d * scale, -b * scale, -c * scale, a * scale
    nearest = interp == cv2.INTER_NEAREST
    half = _UNIT // 2 if nearest else _UNIT // _FINE // 2
    places = []
    for x, y, shift in ((a, b, -a * e - b * f), (c, d, -c * e - d * f)):
        across = np.rint(x * np.arange(width) * _UNIT)
        down = np.rint((y * np.arange(height) + shift) * _UNIT) + half
        places.append((down[:, None] + across).astype(np.int64) // (_UNIT if nearest else _UNIT // _FINE))
    between = None
    if not nearest:
        between = (places[1] % _FINE * _FINE + places[0] % _FINE).astype(np.uint16)
        places = [place // _FINE for place in places]
    whole = np.clip(np.stack(places, -1), -(2**15), 2**15 - 1).astype(np.int16)
    mode = cv2.INTER_LINEAR if interp == cv2.INTER_AREA else interp
    with _without_ipp(cv2):
        found = cv2.remap(image, whole, between, mode, borderMode=cv2.BORDER_CONSTANT, borderValue=(fill,) * 4)
    return found.reshape(height, width, image.shape[2])
