"""Pictures with the boxes of their objects drawn in, by OpenCV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..ndarray import NDArray
from ..util import opencv
from .augmenters import normalizing

__all__ = ["drawn", "show"]

_WHITE = (255, 255, 255)


def drawn(
    image: NDArray,
    label: np.ndarray,
    color: Any,
    thickness: int,
    mean: Any,
    std: Any,
    clip: bool,
    id2labels: Mapping[int, str] | None,
) -> np.ndarray:
    """See ``ImageDetIter.draw_next``."""
    cv2 = opencv("drawing")
    mean, std = normalizing(mean, std, np.array)
    values = image.asnumpy()
    if std is not None:
        values = values * _numbers(std)
    if mean is not None:
        values = values + _numbers(mean)
    if clip:
        values = values.clip(0, 255)
    picture = np.ascontiguousarray(values[..., ::-1].astype("uint8"))
    height, width = picture.shape[:2]
    for number, left, top, right, bottom in label[:, :5]:
        if number < 0:
            break
        corner = (int(left * width), int(top * height))
        box_color = color[::-1] if color else np.random.rand(3) * 255
        other = (int(right * width), int(bottom * height))
        cv2.rectangle(picture, corner, other, tuple(map(float, box_color)), thickness)
        text = None if id2labels is None else id2labels.get(int(number))
        if text is not None:
            font, scale = cv2.FONT_HERSHEY_SIMPLEX, 0.5
            below = cv2.getTextSize(text, font, scale, 2)[0][1]
            cv2.putText(picture, text, (corner[0] + 5, corner[1] + below + 5), font, scale, _WHITE, 2)
    return picture


def _numbers(value: Any) -> np.ndarray:
    return value.asnumpy() if isinstance(value, NDArray) else np.asarray(value)


def show(picture: np.ndarray, window: str, milliseconds: int) -> None:
    """Shows a picture in a window.

    Raises:
        ImportError: OpenCV was built without windows.
    """
    cv2 = opencv("showing pictures")
    try:
        cv2.imshow(window, picture)
        cv2.waitKey(milliseconds)
    except cv2.error as error:
        raise ImportError(f"this OpenCV has no windows (opencv-python has; leave waitKey out): {error}") from None
