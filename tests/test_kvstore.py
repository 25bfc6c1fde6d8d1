"""The KVStore against real MXNet's."""

import importlib
import socket
import sys

import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError, UnsupportedError
from mxgluon_compat.kvstore.compression import TwoBit
from tests.oracle import kvstore, kvstore_own, kvstore_sparse
from tests.oracle.scenario import read
from tests.scenarios import against_mxnet

# one context's array becomes the value itself in MXNet; the buffer of several contexts' sums does
SHARED = {
    f"shared: {how} {name} {contexts}, then a {what}": [first, second]
    for how in ("push", "pushpull")
    for name in ("local", "device")
    for contexts, what, first, second in ((1, "write into the array", 1, 1), (1, "sum", 5, 1), (2, "sum", 10, 2))
}
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    kvstore, kvstore_sparse, kvstore_own, atol=1e-7, differences=SHARED
)


@pytest.fixture
def alone(monkeypatch):
    """The environment of a process that no launcher has started."""
    for name in ("RANK", "WORLD_SIZE", "DMLC_NUM_WORKER", "OMPI_COMM_WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize("name", ["dist_async", "dist_device_async", "byteps"])
def test_stores_with_servers_are_refused(name):
    with pytest.raises(UnsupportedError, match=f"kvstore '{name}'"):
        mx.kv.create(name)


@pytest.mark.parametrize("name", ["dist", "dist_sync", "dist_device_sync", "dist_sync_device"])
def test_nothing_says_where_the_other_processes_are(name, alone):
    with pytest.raises(MXNetError, match="torchrun"):
        mx.kv.create(name)


def test_horovod_of_one_process(alone):
    kv = mx.kv.create("horovod")
    assert (kv.type, kv.rank, kv.num_workers, kv.local_rank, kv.local_size) == ("horovod", 0, 1, 0, 1)
    arrays = [mx.nd.ones(2), mx.nd.ones(2, ctx=mx.cpu(1)) * 2]
    kv.pushpull(["a"], [arrays])
    assert [a.asnumpy().tolist() for a in arrays] == [[3, 3], [3, 3]]
    alone.setenv("OMPI_COMM_WORLD_SIZE", "2")
    with pytest.raises(MXNetError, match="OMPI_COMM_WORLD_SIZE=2 .* torchrun"):
        mx.kv.create("horovod")


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"DMLC_NUM_WORKER": "two"}, "DMLC_NUM_WORKER is 'two'"),
        ({"DMLC_NUM_WORKER": "2"}, "DMLC_PS_ROOT_PORT is not set"),
        ({"DMLC_NUM_WORKER": "2", "DMLC_PS_ROOT_PORT": "1"}, "DMLC_PS_ROOT_URI is not set"),
        (
            {"DMLC_NUM_WORKER": "2", "DMLC_PS_ROOT_PORT": "1", "DMLC_PS_ROOT_URI": "127.0.0.1", "DMLC_RANK": "2"},
            "DMLC_RANK is 2, but DMLC_NUM_WORKER 2",
        ),
        ({"DMLC_NUM_WORKER": "2", "MXGLUON_KVSTORE_TIMEOUT": "soon"}, "MXGLUON_KVSTORE_TIMEOUT is 'soon'"),
    ],
)
def test_variables_of_the_launcher(variables, message, alone):
    for name, value in variables.items():
        alone.setenv(name, value)
    with pytest.raises(MXNetError, match=message):
        mx.kv.create("dist_sync")


def test_others_that_do_not_come(alone):
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    for name, value in {"NUM_WORKER": 2, "WORKER_ID": 1, "PS_ROOT_URI": "127.0.0.1", "PS_ROOT_PORT": port}.items():
        alone.setenv(f"DMLC_{name}", str(value))
    alone.setenv("MXGLUON_KVSTORE_TIMEOUT", "1")
    with pytest.raises(MXNetError, match="do not find each other: .* did not answer for 1 s"):
        mx.kv.create("dist_sync")


@pytest.mark.parametrize("role", ["server", "scheduler"])
def test_processes_of_other_roles_end_well(role, monkeypatch):
    monkeypatch.setenv("DMLC_ROLE", role)
    name = mx.kvstore.kvstore_server.__name__
    monkeypatch.delitem(sys.modules, name)  # which comes back: a reload would leave another class
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(name)
    assert ended.value.code == 0


def test_no_servers():
    server = mx.kvstore.KVStoreServer(mx.kv.create("local"))
    with pytest.raises(UnsupportedError, match="no servers"):
        server.run()
    with pytest.raises(UnsupportedError, match="no servers"):
        server.kvstore._send_command_to_servers(0, "")


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


@pytest.mark.parametrize("name", SHARED)
def test_values_share_no_memory(found, name):
    ours, in_mxnet = found[kvstore][name], read("kvstore")[name]
    if name.endswith("sum"):  # what an updater saw: the sum, and the value before it
        (ours,), (in_mxnet,) = ours, in_mxnet
    assert [array["values"] for array in ours] == [[number] * 2 for number in SHARED[name]]
    assert in_mxnet[0] == ours[0] and in_mxnet[1] != ours[1]


@pytest.mark.parametrize("count", [1, 3, 4, 5, 9])
def test_four_numbers_in_a_byte(count):
    two_bit = TwoBit({"type": "2bit", "threshold": 0.25})
    gradient = torch.linspace(-1, 1, 2 * count).reshape(2, count)
    packed = two_bit.packed("a", gradient)
    assert packed.dtype is torch.uint8 and packed.numel() == -(-2 * count // 4)
    other = TwoBit({"type": "2bit", "threshold": 0.25})
    assert torch.equal(two_bit.unpacked(packed, gradient), other.quantized("a", gradient))


def test_values_do_not_share_memory_with_later_sums():
    # MXNet's do, once pushpull has made them: the push below would first overwrite the value by its sum.
    kv, pushed = mx.kv.create("device"), [mx.nd.ones(2), mx.nd.ones(2, ctx=mx.cpu(1))]
    kv.init(1, mx.nd.zeros(2))
    kv.pushpull(1, pushed, out=mx.nd.zeros(2))
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.5))
    kv.push(1, [p * 3 for p in pushed])
    out = mx.nd.zeros(2)
    kv.pull(1, out=out)
    assert out.asnumpy().tolist() == [-1, -1]
    kv = mx.kv.create("local")
    kv.init(1, mx.nd.zeros(2))
    kv.pushpull(1, pushed[0], out=out)
    pushed[0][:] = 5
    kv.pull(1, out=out)
    assert out.asnumpy().tolist() == [1, 1]


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
