"""Writes tests/golden/recordio.json: record files, indexes and headers of real MXNet.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.recordio
"""

import os
import pickle
import struct
import sys
import tempfile
import types

import numpy as np

from tests.oracle.scenario import plain, write

MAGIC = struct.pack("<I", 0xCED7230A)
PAYLOADS = {
    "empty": b"", "one": b"a", "four": b"abcd", "five": b"hello", "zeros": b"\0" * 9,
    "magic": MAGIC, "magic twice": MAGIC * 2, "magic thrice and one": MAGIC * 3 + b"x",
    "magic at 1": b"a" + MAGIC, "magic at 3": b"abc" + MAGIC, "magic at 4": b"abcd" + MAGIC,
    "magic in the middle": b"abcd" + MAGIC + b"efgh", "magic at 4, 3 more": b"abcd" + MAGIC + b"xyz",
    "magic at 2 and 12": b"ab" + MAGIC + b"abcdef" + MAGIC, "half of it": MAGIC[:3], "magic at 4 and 12":
    b"abcd" + MAGIC + b"abcd" + MAGIC + b"abcd", "magic at 0 and 7": MAGIC + b"\0" * 3 + MAGIC, "like a record":
    MAGIC + struct.pack("<I", 4) + b"abcd",
}  # fmt: skip


def part(kind, length, content):
    return MAGIC + struct.pack("<I", kind << 29 | length) + content


GOOD = part(0, 2, b"ab\0\0")
# name -> the file; what MXNet reads without a word where something is missing stands in tests/test_recordio.py.
DAMAGED = {
    "nothing": b"", "good": GOOD * 2, "only a magic number": GOOD + MAGIC, "3 bytes": GOOD + MAGIC[:3],
    "7 bytes": GOOD + MAGIC + b"\0\0\0", "half a record": GOOD + part(0, 10, b"abc"),
    "no zeros at the end": GOOD + part(0, 2, b"ab"), "huge": part(0, (1 << 29) - 1, b"abc"), "a text": b"hello",
    "other fill": part(0, 2, b"abxx") + GOOD, "wrong magic": b"xxxxyyyyzzzz",
}  # fmt: skip


def told(buffer):
    return None if buffer is None else bytes(buffer).hex()


def contents(path):
    with open(path, "rb") as file:
        return file.read().hex()


def first(function, *args, kind=None):
    """What a call returns or the class of its error, ``kind`` where it is one: its text has names of files."""
    try:
        return plain(function(*args))
    except Exception as error:
        name = type(error).__name__
        return {"raises": kind if kind in [base.__name__ for base in type(error).__mro__] else name}


def sequential(mx, found):
    R = mx.recordio
    for name, payload in PAYLOADS.items():
        writer = R.MXRecordIO("a.rec", "w")
        writer.write(payload)
        writer.write(b"next")
        writer.close()
        reader = R.MXRecordIO("a.rec", "r")
        found["payload " + name] = [contents("a.rec"), [told(reader.read()) for _ in range(3)]]
        reader.close()
    for flag in ("x", "rw", "", None):
        found["flag %s" % flag] = first(R.MXRecordIO, "a.rec", flag)
    found["missing"] = [
        first(R.MXRecordIO, "none.rec", "r", kind="MXNetError"),
        first(R.MXRecordIO, "none/a.rec", "w", kind="MXNetError"),
    ]
    writer = R.MXRecordIO("b.rec", "w")
    found["write refuses"] = [first(writer.write, x) for x in ("abc", 3.5, None, np.zeros(3))]
    found["read of a writer"] = first(writer.read)
    writer.write(b"one")
    writer.reset()
    writer.write(b"two")
    writer.close()
    writer.close()
    found["reset of a writer"] = contents("b.rec")
    found["closed writer"] = [first(writer.write, b"abc"), writer.is_open, writer.writable, writer.pid]
    reader = R.MXRecordIO("b.rec", "r")
    found["write of a reader"] = first(reader.write, b"abc")
    found["reader"] = [
        told(reader.read()),
        told(reader.read()),
        told(reader.read()),
        reader.reset(),
        told(reader.read()),
    ]
    found["attributes"] = [reader.flag, reader.is_open, reader.writable, reader.pid == os.getpid()]
    reader.close()
    found["closed reader"] = [first(reader.read), reader.is_open, reader.pid]
    reader.open()
    found["opened again"] = [told(reader.read()), reader.is_open]
    copied = pickle.loads(pickle.dumps(reader))
    found["pickled"] = [told(copied.read()), copied.is_open, copied.pid == os.getpid()]
    reader.close()
    found["pickled closed"] = [pickle.loads(pickle.dumps(reader)).is_open]
    if hasattr(R.MXRecordIO("b.rec", "r"), "tell"):
        raise AssertionError("MXRecordIO has no tell")


def indexed(mx, found):
    R = mx.recordio
    writer = R.MXIndexedRecordIO("i.idx", "i.rec", "w")
    told_at = [writer.tell()]
    for key, record in ((3, b"three"), (1, b""), (2, MAGIC * 2), (3, b"again"), ("4", b"text"), (5.7, b"float")):
        writer.write_idx(key, record)
        told_at.append(writer.tell())
    found["index written"] = [told_at, list(writer.keys), plain(writer.idx)]
    found["index refuses"] = [first(writer.write_idx, "x", b""), first(writer.seek, 3), first(writer.read_idx, 3)]
    writer.close()
    found["index file"] = [contents("i.idx"), contents("i.rec")]
    reader = R.MXIndexedRecordIO("i.idx", "i.rec", "r")
    found["index read"] = [list(reader.keys), plain(reader.idx), reader.flag, reader.idx_path]
    found["read_idx"] = [told(reader.read_idx(k)) for k in reader.keys]
    found["read behind"] = [told(reader.read_idx(1)), told(reader.read()), told(reader.read())]
    found["seek"] = [reader.seek(2), told(reader.read()), told(reader.read())]
    found["no key"] = [
        first(reader.read_idx, 77),
        first(reader.seek, "1"),
        first(reader.tell),
        first(reader.write_idx, 1, b""),
    ]
    copied = pickle.loads(pickle.dumps(reader))
    found["index pickled"] = [told(copied.read_idx(2)), list(copied.keys)]
    reader.close()
    found["read_idx opens"] = [told(reader.read_idx(1)), reader.is_open]
    reader.close()
    reader.reset()
    found["index reset"] = [told(reader.read()), list(reader.keys)]
    lines = ["", "1\t0\n", "1 0\n", "1\t0\t5\n", "x\t0\n", "1\tx\n", "1\t0\n\n", "1\t0\r\n2\t16\r\n", "1\t0"]
    for text in lines:
        with open("b.idx", "w", newline="") as file:
            file.write(text)
        found["index %r" % text] = first(lambda: plain(R.MXIndexedRecordIO("b.idx", "i.rec", "r").idx))
    for key_type, text in ((str, "a\t0\n"), (float, "1.5\t0\n")):
        with open("b.idx", "w") as file:
            file.write(text)
        found["key %s" % key_type.__name__] = plain(R.MXIndexedRecordIO("b.idx", "i.rec", "r", key_type).keys)
    found["no index"] = [
        first(R.MXIndexedRecordIO, x, "i.rec", "r", kind="FileNotFoundError") for x in ("none.idx", None)
    ]
    found["no records"] = first(R.MXIndexedRecordIO, "i.idx", "none.rec", "r", kind="MXNetError")
    data = mx.gluon.data.RecordFileDataset("i.rec")
    found["dataset"] = [
        len(data),
        [told(data[i]) for i in range(len(data))],
        told(data[-1]),
        data.idx_file,
        data.filename,
    ]
    found["dataset refuses"] = [
        first(lambda: data[6]),
        first(mx.gluon.data.RecordFileDataset, "n.rec", kind="MXNetError"),
    ]
    found["dataset in workers"] = [
        told(record)
        for workers in (0, 2)
        for batch in mx.gluon.data.DataLoader(data, 2, batchify_fn=list, num_workers=workers)
        for record in batch
    ]


def in_a_fork(function):
    """What ``function`` gives in a forked process."""
    receive, send = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            os.write(send, repr(function()).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(send)
    with os.fdopen(receive) as file:
        return file.read()


def forks(mx, found):
    R = mx.recordio
    reader = R.MXRecordIO("i.rec", "r")
    reader.read()
    found["fork: read"] = in_a_fork(lambda: first(reader.read))
    found["fork: reset"] = in_a_fork(lambda: [reader.reset(), told(reader.read()), told(reader.read())])
    found["fork: close"] = in_a_fork(lambda: [reader.close(), reader.close()])
    found["fork: parent"] = told(reader.read())
    index = R.MXIndexedRecordIO("i.idx", "i.rec", "r")
    found["fork: read_idx"] = in_a_fork(lambda: [told(index.read_idx(2)), told(index.read_idx(1))])
    writer = R.MXRecordIO("f.rec", "w")
    writer.write(b"abc")
    found["fork: write"] = in_a_fork(lambda: first(writer.write, b"x"))
    writer.close()
    found["fork: written"] = contents("f.rec")


def damaged(mx, found):
    for name, content in DAMAGED.items():
        with open("d.rec", "wb") as file:
            file.write(content)
        reader = mx.recordio.MXRecordIO("d.rec", "r")
        records = []
        for _ in range(len(content) + 2):
            one = first(lambda: told(reader.read()), kind="MXNetError")
            records.append(one)
            if one is None or isinstance(one, dict):
                break
        found["damaged " + name] = records


def headers(mx, found):
    R = mx.recordio
    H = R.IRHeader
    found["layout"] = [R._IR_FORMAT, R._IR_SIZE]  # names that programs use
    found["IRHeader"] = [repr(H(0, 1, 2, 3)), list(H._fields), H.__name__]
    for header in (
        H(0, 4, 2574, 0), H(0, 4.5, 1, 2), (0, 4.5, 1, 2), H(0, [1, 2, 3], 7, 0), H(5, np.array([1, 2.5]), 7, 0),
        H(3, np.float64(2), 7, 0), H(0, np.array([1, 2], "int64"), 7, 0), H(0, [], 7, 0), H(0, (1, 2), 7, 0),
        H(0, np.zeros((2, 2)), 7, 0), H(0, True, 7, 0), H(0, "a", 7, 0), H(0, 1, -7, 0), H(0, 1, 2**64, 0),
        H(0, 1, 2**64 - 1, 2**64 - 1), H(0, 1, 1.5, 0), H(0, np.array(3), 1, 0), H(-1, 1, 1, 0), H(2, 1, 1, 0), (0, 1),
        H(0, 1, np.int64(4), 0), H(0, 1e40, 1, 0), H(0, None, 1, 0),
    ):  # fmt: skip
        found["pack %s" % plain(header)] = first(lambda: told(R.pack(header, b"body")))
    found["pack text"] = first(R.pack, H(0, 1, 1, 0), "text")
    for name, record in {
        "one": R.pack(H(0, 4, 5, 6), b"body"), "short": R.pack(H(0, 4, 5, 6), b"body")[:10], "empty": b"",
        "three": R.pack(H(0, [1, 2, 3], 7, 0), b"x"), "labels cut": R.pack(H(0, [1, 2, 3], 7, 0), b"x")[:30],
        "none": R.pack(H(0, [], 7, 0), b"x"), "huge flag": struct.pack("<IfQQ", 2**31, 1, 1, 1) + b"abc",
        "bytearray": bytearray(R.pack(H(0, 4, 5, 6), b"body")),
    }.items():  # fmt: skip
        found["unpack " + name] = first(lambda: [plain(list(R.unpack(record)[0])), told(R.unpack(record)[1])])


def images(mx, found):
    """What OpenCV is asked for: a module stands in its place that notes the calls."""
    R = mx.recordio
    calls = []
    cv2 = types.ModuleType("cv2")
    cv2.IMWRITE_JPEG_QUALITY, cv2.IMWRITE_PNG_COMPRESSION, cv2.IMWRITE_WEBP_QUALITY = 101, 116, 164
    cv2.imencode = lambda *args: calls.append(plain(args)) or (len(calls) < 8, np.frombuffer(b"CODE", "uint8"))
    cv2.imdecode = lambda *args: calls.append(plain(args)) or np.zeros((1, 1, 3), "uint8")
    before, known = sys.modules.get("cv2"), getattr(R, "cv2", None)
    sys.modules["cv2"] = R.cv2 = cv2
    try:
        header, image = R.IRHeader(0, 1, 1, 0), np.zeros((1, 2, 3), "uint8")
        packed = [
            first(lambda: told(R.pack_img(header, image, *args)))
            for args in ((), (80,), (80, ".jpeg"), (3, ".png"), (3, ".JPG"), (3, ".bmp"), (3, ".PNG"), (3, ".webp"))
        ]
        record = R.pack(header, b"code")
        unpacked = [plain(R.unpack_img(record, *args)[1]) for args in ((), (0,), (1,))]
        found["pack_img"] = [packed, unpacked, calls]
    finally:
        R.cv2 = known
        sys.modules.pop("cv2")
        if before is not None:
            sys.modules["cv2"] = before


def results(mx):
    found = {}
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for scenario in (sequential, indexed, forks, damaged, headers, images):
                scenario(mx, found)
        finally:
            os.chdir(here)
    return plain(found)


if __name__ == "__main__":
    import mxnet

    write("recordio", results(mxnet))
