"""Writes tests/golden/io_h5py.json: what NDArrayIter of real MXNet makes of datasets of h5py.

Run from the repository's root with an interpreter that has mxnet==1.9.1 and h5py:
    PYTHON -m tests.oracle.io_h5py
"""

import os
import tempfile

import numpy as np

from tests.oracle.io_arrays import epochs
from tests.oracle.scenario import attempt, plain, write


def results(mx):
    import h5py

    found = {}
    rows = np.arange(14).reshape(7, 2)
    with tempfile.TemporaryDirectory() as folder, h5py.File(os.path.join(folder, "a.h5"), "w") as file:
        for kind in ("float32", "float64", "float16", "uint8", "int64"):
            file[kind] = rows.astype(kind)
        file["labels"] = rows[:, 0]
        file.create_dataset("packed", data=rows.astype("float32"), chunks=(2, 2), compression="gzip")
        for kind in ("float32", "float64", "float16", "uint8", "int64", "packed"):
            found[kind] = attempt(epochs, mx, 2, "reset", file[kind], file["labels"], 3)
        for handle in ("pad", "discard", "roll_over"):
            for shuffle in (False, True):
                options = {"batch_size": 3, "shuffle": shuffle, "last_batch_handle": handle}
                found["%s %s" % (handle, shuffle)] = attempt(
                    epochs, mx, 3, "reset", file["uint8"], file["labels"], **options
                )
        both = [file["float32"], file["uint8"]]
        found["list"] = attempt(epochs, mx, 2, "reset", both, {"l": file["labels"]}, 3)
        found["dict"] = attempt(epochs, mx, 2, "reset", {"b": file["float32"], "a": rows}, np.arange(7), 3)
        found["group"] = attempt(epochs, mx, 1, "reset", file)
    return {name: plain(value) for name, value in found.items()}


if __name__ == "__main__":
    import mxnet

    write("io_h5py", results(mxnet))
