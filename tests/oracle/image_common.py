"""What the scenarios of pictures share: where the files are, and arrays in few numbers."""

import os
import zlib

import numpy as np

from tests.oracle.scenario import attempt

IMAGES = os.path.join(os.path.dirname(__file__), "..", "golden", "images")
PHOTOS = ["photo%d.jpg" % i for i in range(4)]


def path(name):
    return os.path.join(IMAGES, name)


def content(name):
    with open(path(name), "rb") as file:
        return file.read()


def brief(value):
    """An array as its dtype, shape, some of its values and a checksum (mean of floats), small enough to be kept."""
    if isinstance(value, (list, tuple)):
        return [brief(v) for v in value]
    if hasattr(value, "asnumpy"):
        value = value.asnumpy()
    if not isinstance(value, np.ndarray):
        return value
    flat = np.ascontiguousarray(value).ravel()
    kept = flat[:: max(1, flat.size // 11)].tolist() if flat.size > 24 else flat.tolist()
    found = {"dtype": value.dtype.name, "shape": list(value.shape), "some": kept}
    if value.dtype.kind == "f":
        found["mean"] = float(flat.astype("float64").mean()) if flat.size else 0.0
        found["spread"] = float(flat.astype("float64").std()) if flat.size else 0.0
    else:
        found["crc"] = zlib.crc32(flat.tobytes())
    return found


def tried(function, *args, **kwargs):
    """``attempt`` with arrays in brief."""
    return attempt(lambda: brief(function(*args, **kwargs)))


OUR_TEXTS = ("AssertionError", "ValueError")  # MXNet's are empty, or of numpy


def kind(result):
    """A result, or the class of the error alone, where its text is ours."""
    return result["raises"] if isinstance(result, dict) and result.get("raises") in OUR_TEXTS else result


def refused(mx, function, *args, **kwargs):
    """Whether the call raises an MXNetError."""
    try:
        function(*args, **kwargs)
    except mx.base.MXNetError:
        return True
