"""Records per second out of RecordIO files, in order and by key: ``PYTHON -m benchmarks.records [MODULE] [--share S]``.

MODULE is ``mxgluon_compat`` (the default), or ``mxnet`` with an interpreter that has it. The files are in memory by
then: what is measured is the reader, not the disk.
"""

import argparse
import importlib
import os
import random
import tempfile
import time

SIZES = ((200, 40000), (10000, 8000), (100000, 1000))  # bytes, records


def best(function, *args):
    """The shortest time of three, in seconds."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        function(*args)
        times.append(time.perf_counter() - start)
    return min(times)


def write(recordio, rec, idx, content, count):
    writer = recordio.MXIndexedRecordIO(idx, rec, "w")
    for i in range(count):
        writer.write_idx(i, content)
    writer.close()


def read(recordio, rec):
    reader = recordio.MXRecordIO(rec, "r")
    while reader.read() is not None:
        pass
    reader.close()


def read_by_key(reader, keys):
    for key in keys:
        reader.read_idx(key)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("module", nargs="?", default="mxgluon_compat")
    parser.add_argument("--share", type=float, default=1.0, help="of the records")
    given = parser.parse_args()
    recordio = importlib.import_module(given.module + ".recordio")
    with tempfile.TemporaryDirectory() as folder:
        rec, idx = os.path.join(folder, "a.rec"), os.path.join(folder, "a.idx")
        for size, most in SIZES:
            count = max(1, int(most * given.share))
            content = bytes(i % 251 for i in range(size))
            seconds = {"written": best(write, recordio, rec, idx, content, count), "read": best(read, recordio, rec)}
            reader = recordio.MXIndexedRecordIO(idx, rec, "r")
            seconds["read by key"] = best(read_by_key, reader, random.Random(0).sample(range(count), count))
            reader.close()
            rates = [f"{what} {count / s:.0f}/s ({count * size / s / 1e9:.2f} GB/s)" for what, s in seconds.items()]
            print(f"{recordio.__name__}, records of {size} bytes: {', '.join(rates)}")


if __name__ == "__main__":
    main()
