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

__all__ = ["available", "decode", "resize"]

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
