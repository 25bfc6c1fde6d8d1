"""Datasets, samplers, batches and loaders against real MXNet's."""

import pytest

import mxgluon_compat as mx
from tests.oracle import gluon_data as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)


def test_record_files_are_read_or_refused_by_name(tmp_path):
    try:
        import mxgluon_compat.recordio  # noqa: F401
    except ImportError:
        with pytest.raises(mx.base.UnsupportedError, match="RecordFileDataset"):
            mx.gluon.data.RecordFileDataset(str(tmp_path / "a.rec"))
    else:
        record = mx.recordio.MXIndexedRecordIO(str(tmp_path / "a.idx"), str(tmp_path / "a.rec"), "w")
        for i in range(3):
            record.write_idx(i, b"record %d" % i)
        record.close()
        dataset = mx.gluon.data.RecordFileDataset(str(tmp_path / "a.rec"))
        assert [dataset[i] for i in range(len(dataset))] == [b"record 0", b"record 1", b"record 2"]


def test_array_dataset_names_the_array_of_another_length():
    # MXNet counts one too far.
    with pytest.raises(AssertionError, match=r"array\[0\] has length 2 while array\[1\] has 1"):
        mx.gluon.data.ArrayDataset([1, 2], [1])


def test_texts_are_no_samples():
    with pytest.raises(TypeError, match="data type 'str"):
        mx.gluon.data.dataloader.default_batchify_fn(["a", "b"])
