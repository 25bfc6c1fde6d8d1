"""The KVStore against real MXNet's."""

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError, UnsupportedError
from tests.oracle import kvstore, kvstore_sparse
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(kvstore, kvstore_sparse, atol=1e-7)


@pytest.mark.parametrize("name", ["dist_sync", "dist_async", "dist_device_sync", "horovod", "byteps"])
def test_several_processes_are_not_there(name):
    with pytest.raises(UnsupportedError, match=name):
        mx.kv.create(name)


def test_unknown_types_are_refused():
    # MXNet takes any word for 'local'.
    with pytest.raises(MXNetError, match="'nope'"):
        mx.kv.create("nope")


def test_optimizer_states(tmp_path):
    def start():
        kv = mx.kv.create("local")
        kv.init(1, mx.nd.ones(2))
        kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
        return kv

    name = str(tmp_path / "states")
    first, second = start(), start()
    first.push(1, mx.nd.ones(2))
    first.save_optimizer_states(name, dump_optimizer=True)
    second.load_optimizer_states(name)
    second.push(1, mx.nd.zeros(2))
    out = mx.nd.zeros(2)
    second.pull(1, out=out)
    assert abs(out.asnumpy() - 0.91).max() < 1e-6
    with pytest.raises(AssertionError, match="set_optimizer"):
        mx.kv.create("local").save_optimizer_states(name)


def test_pushed_arrays_stay_as_they_are():
    kv = mx.kv.create("local")
    kv.init(1, mx.nd.zeros(2))
    pushed = [mx.nd.ones(2), mx.nd.ones(2)]
    kv.push(1, pushed)
    kv.push(1, pushed[0])
    out = mx.nd.zeros(2)
    kv.pull(1, out=out)
    out[:] = 5
    kv.pull(1, out=out)
    assert out.asnumpy().tolist() == [1, 1] and pushed[0].asnumpy().tolist() == [1, 1]


def test_no_gradient_compression():
    with pytest.raises(UnsupportedError):
        mx.kv.create("local").set_gradient_compression({"type": "2bit"})


def test_rows_that_are_not_there():
    kv = mx.kv.create("local")
    kv.init(1, mx.nd.ones((3, 2)).tostype("row_sparse"))
    with pytest.raises(MXNetError, match="rows up to 7 of 3"):
        kv.row_sparse_pull(1, out=mx.nd.sparse.zeros("row_sparse", (3, 2)), row_ids=mx.nd.array([0, 7]))


def test_fetched_rows_are_copies():
    kv = mx.kv.create("local")
    kv.init(1, mx.nd.ones((3, 2)).tostype("row_sparse"))
    out = mx.nd.sparse.zeros("row_sparse", (3, 2))
    kv.row_sparse_pull(1, out=out, row_ids=mx.nd.arange(3))
    out[:] = 5
    again = mx.nd.sparse.zeros("row_sparse", (3, 2))
    kv.row_sparse_pull(1, out=again, row_ids=mx.nd.arange(3))
    assert (again.asnumpy() == 1).all()
