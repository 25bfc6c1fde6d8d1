"""Damaged array files by the million: each is refused with MXNetError, or gives arrays that can be used.

Run from the repository's root, with a count and a seed:
    python -m tests.serialization.fuzz 1000000 7
"""

import io
import pathlib
import random
import struct
import sys
import time
import warnings

import numpy as np
import torch

import mxgluon_compat as mx
from mxgluon_compat import nd
from mxgluon_compat.serialization import mxnet_binary, numpy_file, safetensors_file
from mxgluon_compat.serialization.params import SparseParts
from tests.oracle import files

_WORDS = (0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x112, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1,
          0xF993FAC8, 0xF993FAC9, 0xF993FACA)  # fmt: skip
_BITS = (
    b"{", b"}", b"[", b"]", b'"', b",", b":", b"-1", b"1e400", b"NaN", b"null", b"True", b"#indices", b"#data",
    b"F64", b"I8", b"|O", b"<f8", b"/format", b"/shape", b"9" * 20, b"\0", b"\xff", b"\\ud800",
)  # fmt: skip


def seeds():
    """Good files of every format: the golden ones of MXNet, and the same arrays as safetensors and npz."""
    found = [p.read_bytes() for p in sorted(pathlib.Path(files.FOLDER).iterdir())]
    some = {
        "w": torch.arange(6.0).reshape(2, 3),
        "half": torch.ones(3, dtype=torch.float16),
        "flags": torch.tensor([True, False]),
        "rows": SparseParts("row_sparse", (4, 2), (torch.tensor([1, 3]), torch.ones(2, 2))),
        "csr": SparseParts("csr", (2, 3), (torch.tensor([0, 1, 2]), torch.tensor([2, 0]), torch.ones(2))),
    }
    for tensors in (some, list(some.values()), {}, []):
        for write in (safetensors_file.write, numpy_file.write_npz, mxnet_binary.write):
            file = io.BytesIO()
            write(file, tensors)
            found.append(file.getvalue())
    for array in (np.arange(6.0).reshape(2, 3).T, np.array(["x"]), np.array(5, ">i4")):
        for save in (np.save, lambda f, a: np.savez_compressed(f, a=a)):
            file = io.BytesIO()
            save(file, array)
            found.append(file.getvalue())
    return found


def damaged(whole, chance, others):
    """``whole`` with one to four things changed."""
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(8)
        if kind == 0:
            del data[at:]
        elif kind == 1:
            del data[at : at + chance.randrange(1, 40)]
        elif kind == 2:
            data[at : at + chance.randrange(40)] = data[chance.randrange(len(data) + 1) :][: chance.randrange(40)]
        elif kind == 3:
            other = chance.choice(others)
            data[at:] = other[chance.randrange(len(other) + 1) :]
        elif kind == 4:
            bits = chance.choice(_BITS)
            data[at : at + len(bits) * chance.randrange(2)] = bits
        elif kind == 5:
            size = chance.choice((1, 4, 8))
            word = chance.choice((*_WORDS, chance.randrange(64))) % 256**size
            data[at : at + size] = word.to_bytes(size, "little")
        elif at < len(data):
            data[at] = data[at] ^ 1 << chance.randrange(8) if kind == 6 else chance.randrange(256)
    return bytes(data)


def loads_or_refuses(data):
    """Whether the content of a file is read; every array of it is then used.

    Raises:
        Exception: anything but the MXNetError of a refusal.
    """
    try:
        found = nd.load_frombuffer(data)
    except mx.MXNetError as error:
        assert str(error).startswith("the buffer: ") and len(str(error)) < 420 and "\n" not in str(error)
        return False
    for array in found.values() if isinstance(found, dict) else found:
        assert all(n >= 0 for n in array.shape)
        for part in array._stored() if array._is_sparse else (array.to_torch(),):
            part.add_(0) if part.dtype is not torch.bool else part.logical_or_(part)
            part.clone()
        if array._is_sparse and np.prod(array.shape, dtype=float) < 1e6:
            array.asnumpy()
    return True


def run(count, seed):
    """(how many were read, how many refused) of so many damaged files."""
    chance = random.Random(seed)
    good = seeds()
    assert [loads_or_refuses(whole) for whole in good].count(False) == 2  # the arrays of texts
    read = 0
    for k in range(count):
        data = damaged(chance.choice(good), chance, good)
        try:
            read += loads_or_refuses(data)
        except Exception as error:
            raise AssertionError(f"file {k} of seed {seed}: {data!r}") from error
    return read, count - read


def anything(count, seed):
    """How many of so many random contents are read, most of them behind the first bytes of a format."""
    chance = random.Random(seed)
    starts = [whole[: chance.choice((8, 16, 24, 40, 64))] for whole in seeds()] + [b"", struct.pack("<Q", 40) + b"{"]
    return sum(loads_or_refuses(chance.choice(starts) + chance.randbytes(chance.randrange(80))) for _ in range(count))


if __name__ == "__main__":
    warnings.simplefilter("error")
    count, seed, start = int(sys.argv[1]), int(sys.argv[2]), time.time()
    read, refused = run(count, seed)
    print(f"damaged files: {read} read, {refused} refused")
    print(f"random files: {anything(count, seed)} of {count} read; {time.time() - start:.0f} s")
