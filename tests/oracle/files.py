"""Writes tests/golden/files/: array files as real MXNet 1.9.1 writes them, and old ones with what it reads out of them.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.files               writes the golden files
    PYTHON -m tests.oracle.files FROM TO       loads every file of a folder and saves what is in it in another

``NAME.params`` is what ``CASES`` makes. ``NAME.old`` are bytes put together here, of layouts that 1.9.1 reads and does
not write; ``NAME.read`` is what it saved after loading them.
"""

import os
import struct
import sys

import numpy as np

FOLDER = os.path.join(os.path.dirname(__file__), "..", "golden", "files")
NP_SHAPE = "np_shape"  # names of cases and files that begin so are of np-shape semantics
DTYPES = ("float16", "float32", "float64", "int8", "uint8", "int32", "int64", "bool")


def ramp(mx, shape, dtype="float32"):
    return mx.nd.array(np.arange(int(np.prod(shape))).reshape(shape), dtype="int64").astype(dtype)


def _bfloat16(mx):
    x = mx.nd.array([1, -2.5, 3.25])
    if hasattr(mx, "file_format"):  # the package under test, which takes the dtype's name
        return x.astype("bfloat16")
    return mx.nd.amp_cast(x, dtype=np.dtype([("bfloat16", np.uint16)]))


def _sparse(mx):
    rows = np.array([[0, 0, 0], [1, 2, 3], [0, 0, 0], [0, 5, 0]])
    return {
        "rsp": mx.nd.array(rows, dtype="float32").tostype("row_sparse"),
        "rsp 3-D": mx.nd.array(rows.reshape(4, 3, 1), dtype="float64").tostype("row_sparse"),
        "csr": mx.nd.array(rows, dtype="float32").tostype("csr"),
        "csr float64": mx.nd.array(rows, dtype="float64").tostype("csr"),
        "no rows": mx.nd.sparse.zeros("row_sparse", (2, 3)),
        "no elements": mx.nd.sparse.zeros("csr", (2, 3)),
        "dense": mx.nd.ones(2),
    }


CASES = {
    "single": lambda mx: ramp(mx, (2, 3)),
    "list": lambda mx: [ramp(mx, (2, 3)), ramp(mx, (1,), "int32"), ramp(mx, (4,), "float64")],
    "dict": lambda mx: {
        "arg:net0_w": ramp(mx, (2, 3)),
        "aux:net0_mean": ramp(mx, (3,)),
        "features.0.bias": ramp(mx, 1),
    },
    "names": lambda mx: {"": ramp(mx, 1), "\u00e9\u4e2d": ramp(mx, 2), "a b/c\n": ramp(mx, 3), "x" * 300: ramp(mx, 4)},
    "empty_list": lambda mx: [],
    "empty_dict": lambda mx: {},
    "dtypes": lambda mx: {d: ramp(mx, (3, 2), d) for d in DTYPES},
    "bfloat16": lambda mx: {"b": _bfloat16(mx), "f": mx.nd.ones(1)},
    "values": lambda mx: [mx.nd.array([np.nan, np.inf, -np.inf, -0.0, 1e-45]), mx.nd.array([2**62], dtype="int64")],
    "dimensions": lambda mx: [ramp(mx, (1, 2, 1, 3, 1, 2)[:n]) for n in range(1, 7)],
    "unaligned": lambda mx: [ramp(mx, 3, "uint8"), ramp(mx, 2, "float64"), ramp(mx, 1, "int8"), ramp(mx, (2, 2))],
    "views": lambda mx: {"row": ramp(mx, (3, 4))[1], "t": ramp(mx, (2, 3)).T, "none": ramp(mx, (2, 3))[1:1]},
    "contexts": lambda mx: [mx.nd.ones(2, ctx=mx.cpu(1)), mx.nd.ones(2)],
    "sparse": _sparse,
    NP_SHAPE: lambda mx: {"scalar": mx.nd.array(3.5), "none": mx.nd.ones((0, 3)), "some": ramp(mx, (2, 2), "int8")},
    NP_SHAPE + "_list": lambda mx: [mx.nd.array(7).astype("float64"), mx.nd.ones((2, 0, 1))],
}


def old_files():
    """{name: bytes} of the layouts before 1.0."""
    v1, flags = 0xF993FAC8, {"float32": 0, "float64": 1, "float16": 2, "uint8": 3, "int32": 4}
    arrays = {
        "conv0_weight": np.arange(24, dtype="float32").reshape(2, 3, 2, 2),
        "fc_bias": np.array([1.5, -2], "float64"),
        "half": np.array([[0.5, 8]], "float16"),
        "label": np.array([3, 1, 2], "int32"),
        "image": np.arange(3, dtype="uint8"),
    }

    def first(array):
        return struct.pack("<%dI" % (array.ndim + 1), array.ndim, *array.shape)

    def second(array):
        return struct.pack("<Ii%dq" % array.ndim, v1, array.ndim, *array.shape)

    def whole(shape_of, named, device=(1, 0)):
        bodies = [
            shape_of(a) + struct.pack("<3i", *(device + (flags[a.dtype.name],))) + a.tobytes() for a in arrays.values()
        ]
        names = [struct.pack("<Q", len(n)) + n.encode() for n in arrays] if named else []
        start = struct.pack("<3Q", 0x112, 0, len(bodies))
        return start + b"".join(bodies) + struct.pack("<Q", len(names)) + b"".join(names)

    return {
        "legacy": whole(first, True),
        "legacy_list": whole(first, False),
        "legacy_gpu": whole(first, True, (2, 3)),
        "v1": whole(second, True),
        "v1_list": whole(second, False),
        "v1_gpu": whole(second, True, (2, 0)),
    }


def is_np(name):
    return name.startswith(NP_SHAPE)


def save_cases(mx, folder):
    """Saves what CASES makes as FOLDER/NAME.params."""
    for name, make in CASES.items():
        with mx.util.np_shape(is_np(name)):
            data = make(mx)
            mx.nd.waitall()  # MXNet writes a wrong shape for a sparse array that is not there yet
            mx.nd.save(os.path.join(folder, name + ".params"), data)


def save_again(mx, source, target):
    """Loads every file of a folder and saves what is in it under the same name in another."""
    for name in sorted(os.listdir(source)):
        with mx.util.np_shape(is_np(name)):
            mx.nd.save(os.path.join(target, name), mx.nd.load(os.path.join(source, name)))


def main(source=None, target=FOLDER):
    import mxnet as mx

    if source is not None:
        save_again(mx, source, target)
        return
    save_cases(mx, target)
    for name, content in old_files().items():
        with open(os.path.join(target, name + ".old"), "wb") as file:
            file.write(content)
        mx.nd.save(os.path.join(target, name + ".read"), mx.nd.load(os.path.join(target, name + ".old")))


if __name__ == "__main__":
    main(*sys.argv[1:])
