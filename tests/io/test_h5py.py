"""NDArrayIter over datasets of h5py, against real MXNet."""

import numpy as np
import pytest

import mxgluon_compat as mx
from tests.oracle import io_h5py
from tests.scenarios import against_mxnet

h5py = pytest.importorskip("h5py")

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(io_h5py)


def test_arrays_and_datasets_stay_together(tmp_path):  # MXNet shuffles them apart in the second epoch
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["rows"] = np.arange(20)
        made = mx.io.NDArrayIter({"a": np.arange(20), "b": file["rows"]}, np.arange(20), 5, shuffle=True)
        for _ in range(3):
            for batch in made:
                a, b, label = (x.asnumpy() for x in (*batch.data, *batch.label))
                assert (a == b).all() and (a == label).all() and (a != np.sort(a)).any()
            made.reset()


def test_rows_are_read_as_they_are_needed(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["rows"] = np.arange(20)
        made = mx.io.NDArrayIter(file["rows"], None, 5)
        made.next()
        file["rows"][10:15] = 7
        made.next()
        assert made.next().data[0].asnumpy().tolist() == [7] * 5
