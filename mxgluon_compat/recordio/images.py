"""Records of images; needs OpenCV."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..util import opencv
from .headers import IRHeader, pack, unpack

__all__ = ["encoded", "pack_img", "unpack_img"]


def encoded(img: np.ndarray, quality: int = 95, img_fmt: str = ".jpg") -> bytes:
    """The file of an image; arguments and errors are those of ``pack_img``."""
    cv2 = opencv("writing images")
    settings = {
        ".jpg": cv2.IMWRITE_JPEG_QUALITY, ".jpeg": cv2.IMWRITE_JPEG_QUALITY, ".png": cv2.IMWRITE_PNG_COMPRESSION,
    }  # fmt: skip
    setting = settings.get(img_fmt.lower())
    done, content = cv2.imencode(img_fmt, img, None if setting is None else [setting, quality])
    assert done, "failed to encode image"
    return content.tobytes()


def pack_img(header: tuple[Any, ...], img: np.ndarray, quality: int = 95, img_fmt: str = ".jpg") -> bytes:
    """A record of a header and an image.

    Args:
        header: as in ``pack``.
        img: uint8 (height, width, 3), blue first; or (height, width).
        quality: of JPEG, 1 to 100; or the effort of PNG's compression, 0 to 9.
        img_fmt: the suffix of the image's format, with its dot.

    Raises:
        ImportError: OpenCV is not installed.
        AssertionError, cv2.error: the image cannot be written in this format.
    """
    return pack(header, encoded(img, quality, img_fmt))


def unpack_img(s: bytes, iscolor: int = -1) -> tuple[IRHeader, np.ndarray | None]:
    """The header of a record and its image, uint8 (height, width, 3), blue first; None where there is no image.

    Args:
        s: the record.
        iscolor: -1: channels as they are in the file; 0: one, (height, width); 1: three.

    Raises:
        ImportError: OpenCV is not installed.
        struct.error, ValueError: as in ``unpack``.
    """
    cv2 = opencv("reading images")
    header, content = unpack(s)
    return header, cv2.imdecode(np.frombuffer(content, np.uint8), iscolor) if len(content) else None
