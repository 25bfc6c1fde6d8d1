"""What two processes check of each other; each function gets a KVStore over them."""

import os
import tempfile

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError, UnsupportedError
from mxgluon_compat.interop.horovod import mxnet as hvd
from tests.oracle import svrg

nd, gluon = mx.nd, mx.gluon
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def fresh():
    return mx.kv.create("dist_sync")


def equal_everywhere(store, array):
    """Whether all processes have the same bits."""
    first, *others = store._processes.all_gather(array._data.detach())
    return all(torch.equal(first, other) for other in others)


def trained(trainer, net, steps=2, batch_size=2, rank=0):
    for step in range(steps):
        with mx.autograd.record():
            loss = (net(nd.array([[1.0, 2.0 + step + rank]])) ** 2).sum()
        loss.backward()
        trainer.step(batch_size)


def dense(value=1.0):
    net = gluon.nn.Dense(2, in_units=2, prefix="net_")
    net.initialize(mx.init.Constant(value))
    return net


@check
def keys_that_differ(store):
    kv = fresh()
    for shape, dtype, key in (((2 + kv.rank,), "float32", "a"), ((2,), ("float32", "float64")[kv.rank], "b"),
                              ((2,), "float32", f"c{kv.rank}")):  # fmt: skip
        with pytest.raises(MXNetError, match=rf"process {kv.rank} has key .* process {1 - kv.rank} something else"):
            kv.init(key, nd.zeros(shape, dtype=dtype))
    kv.init("d", nd.ones(2) * kv.rank)  # and all goes on
    out = nd.ones(2)
    kv.pull("d", out=out)
    assert out.asnumpy().tolist() == [0, 0]


@check
def optimizers_that_differ(store):
    with pytest.raises(MXNetError, match="set_optimizer: process . has learning_rate=|has lr="):
        fresh().set_optimizer(mx.optimizer.SGD(learning_rate=0.1 * (1 + store.rank)))


@check
def parameters_start_as_the_first_process_has_them(store):
    for on in (True, False):
        net = dense(1.0 + store.rank)
        trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0}, "dist_sync", update_on_kvstore=on)
        trained(trainer, net, 1)
        assert (net.weight.data().asnumpy() == 1).all()


@check
def rates_change(store):
    nets = []
    for on in (True, False):
        net = dense()
        trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, "dist_sync", update_on_kvstore=on)
        trained(trainer, net, rank=store.rank)
        trainer.set_learning_rate(0.001)
        trained(trainer, net, rank=store.rank)
        nets.append(net.weight.data())
    np.testing.assert_allclose(nets[0].asnumpy(), nets[1].asnumpy(), rtol=1e-6)
    assert equal_everywhere(store, nets[0])


@check
def states_go_on_where_they_were(store):
    settings = {"learning_rate": 0.01, "momentum": 0.9}
    for on in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            net, other = dense(), dense()
            trainer, resumed = (
                gluon.Trainer(n.collect_params(), "sgd", settings, "dist_sync", update_on_kvstore=on)
                for n in (net, other)
            )
            trained(trainer, net, rank=store.rank)
            trainer.save_states(f"{folder}/states")
            net.save_parameters(f"{folder}/net")
            trained(trainer, net, rank=store.rank)
            other.load_parameters(f"{folder}/net")
            resumed.load_states(f"{folder}/states")
            trained(resumed, other, rank=store.rank)
            assert (other.weight.data().asnumpy() == net.weight.data().asnumpy()).all()


@check
def values_set_between_steps(store):
    net = dense()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.0}, "dist_sync")
    trained(trainer, net)
    net.weight.set_data(nd.ones((2, 2)) * 3)
    trained(trainer, net)
    assert (net.weight.data().asnumpy() == 3).all() and (net.bias.data().asnumpy() == 0).all()


@check
def two_bits_train(store):
    for on in (True, False):
        net = dense()
        trainer = gluon.Trainer(
            net.collect_params(), "sgd", {"learning_rate": 0.1}, "dist_sync", {"type": "2bit", "threshold": 0.5}, on
        )
        trained(trainer, net, 1, 1, store.rank)
        # gradients of 0.5 and more arrive as 0.5 from each process
        np.testing.assert_allclose(net.weight.data().asnumpy(), np.full((2, 2), 0.9), rtol=1e-6)
        trained(trainer, net, 3, 1, store.rank)
        assert equal_everywhere(store, net.weight.data())


@check
def sums_of_every_dtype(store):
    kv = fresh()
    for dtype in ("float16", "float32", "float64", "bfloat16", "int8", "uint8", "int32", "int64"):
        kv.init(dtype, nd.zeros((2, 3), dtype=dtype))
        kv.push(dtype, nd.ones((2, 3), dtype=dtype) * (kv.rank + 1))
        out = nd.zeros((2, 3), dtype=dtype)
        kv.pull(dtype, out=out)
        assert (out._data == 3).all(), dtype


@check
def pushed_arrays_stay_as_they_are(store):
    # MXNet's pushpull writes the sum into the pushed array too.
    kv, pushed, out = fresh(), nd.ones(2), nd.zeros(2)
    kv.init(1, nd.zeros(2))
    kv.pushpull(1, pushed, out=out)
    kv.push(1, pushed)
    out[:] = 7
    kv.pull(1, out=out)
    assert pushed.asnumpy().tolist() == [1, 1] and out.asnumpy().tolist() == [2, 2]


@check
def updates_by_a_function(store):
    kv, seen = fresh(), []
    kv.init([3, 4], [nd.zeros(2)] * 2)

    def updater(key, pushed, stored):
        seen.append((key, pushed.asnumpy().tolist()))
        stored += pushed * 2

    kv._set_updater(updater)
    kv.push([3, 4], [nd.ones(2) * kv.rank, nd.ones(2)])
    out = nd.zeros(2)
    kv.pull(3, out=out)
    assert seen == [(3, [1, 1]), (4, [2, 2])] and out.asnumpy().tolist() == [2, 2]


@check
def other_stores(store):
    with pytest.raises(UnsupportedError, match="dist_async"):
        mx.kv.create("dist_async")
    kv = mx.kv.create("horovod")
    assert (kv.type, kv.rank, kv.num_workers, kv.local_rank) == ("horovod", store.rank, 2, store.rank)
    assert not kv.is_capable("optimizer")
    out = [nd.zeros(2), nd.zeros(2, ctx=mx.cpu(1))]
    kv.broadcast("a", nd.ones(2) * (3 + kv.rank), out)
    assert [o.asnumpy().tolist() for o in out] == [[3, 3], [3, 3]]
    kv.pushpull("a", [nd.ones(2), nd.ones(2, ctx=mx.cpu(1)) * kv.rank], out)
    assert [o.asnumpy().tolist() for o in out] == [[3, 3], [3, 3]]
    rows = nd.sparse.row_sparse_array(([[1.0 + kv.rank]], [kv.rank]), shape=(3, 1))
    kv.pushpull("a", rows)
    assert rows.asnumpy().tolist() == [[1], [2], [0]]


@check
def horovod_trainer(store):
    with pytest.raises(ValueError, match="hvd.init"):
        hvd.rank()
    hvd.init()
    assert (hvd.rank(), hvd.size(), hvd.local_rank(), hvd.local_size()) == (store.rank, 2, store.rank, 2)
    mine = nd.ones(2) * (1 + hvd.rank())
    assert hvd.allreduce(mine).asnumpy().tolist() == [1.5, 1.5] and mine.asnumpy().tolist() == [1.0 + hvd.rank()] * 2
    assert hvd.allreduce(mine, average=False).asnumpy().tolist() == [3, 3]
    assert hvd.allgather(mine[: 1 + hvd.rank()]).asnumpy().tolist() == [1, 2, 2]
    assert hvd.broadcast(mine, 1).asnumpy().tolist() == [2, 2]
    with pytest.raises(MXNetError, match="no process 2 of 2"):
        hvd.broadcast(mine, 2)
    results = []
    for overlap in ("1", "0"):
        os.environ["MXGLUON_KVSTORE_OVERLAP"] = overlap
        net = dense(1 + hvd.rank())
        hvd.broadcast_parameters(net.collect_params(), root_rank=1)
        assert (net.weight.data().asnumpy() == 2).all()
        trainer = hvd.DistributedTrainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
        trained(trainer, net, 3, 1, hvd.rank())
        results.append(net.weight.data())
    del os.environ["MXGLUON_KVSTORE_OVERLAP"]
    local = dense(2)
    trainer = gluon.Trainer(local.collect_params(), "sgd", {"learning_rate": 0.01})
    for step in range(3):  # the mean of both gradients
        with mx.autograd.record():
            loss = sum((local(nd.array([[1.0, 2.0 + step + rank]])) ** 2).sum() for rank in range(2))
        loss.backward()
        trainer.step(2)
    for result in results:
        np.testing.assert_allclose(result.asnumpy(), local.weight.data().asnumpy(), rtol=1e-5)
    hvd.shutdown()
    assert not hvd.is_initialized()


@check
def horovod_optimizer(store):
    hvd.init()
    optimizer = hvd.DistributedOptimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.5))
    updater = mx.optimizer.get_updater(optimizer)
    weight = nd.ones(2)
    for _ in range(2):
        updater(0, nd.ones(2) * hvd.rank() * 2, weight)
    np.testing.assert_allclose(weight.asnumpy(), np.full(2, 1 - 0.1 - 0.15), rtol=1e-6)
    optimizer.set_learning_rate(0.3)
    assert optimizer.learning_rate == optimizer._optimizer.learning_rate == 0.3
    hvd.shutdown()


@check
def sums_begin_before_the_step(store):
    net = dense()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, "dist_sync", update_on_kvstore=False)
    trained(trainer, net)
    with mx.autograd.record():
        loss = (net(nd.ones((1, 2))) ** 2).sum()
    loss.backward()
    assert all(bucket.wait is not None for bucket in trainer._overlap._buckets)
    trainer.step(1)
    assert trainer._overlap._wasted == 0 and not trainer._overlap.is_off


@check
def gradients_stay_this_processes_until_the_step(store):
    net = dense()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, "dist_sync", update_on_kvstore=False)
    trained(trainer, net)
    for step in range(4):  # only one process changes them
        with mx.autograd.record():
            loss = net(nd.ones((1, 2)) * (1 + store.rank)).sum()
        loss.backward()
        np.testing.assert_allclose(net.weight.grad().asnumpy(), np.full((2, 2), 1.0 + store.rank))
        if store.rank == 1:
            net.weight.grad()[:] = 10
        trainer.allreduce_grads()
        np.testing.assert_allclose(net.weight.grad().asnumpy(), np.full((2, 2), 11.0))
        assert trainer._overlap.is_off == (step > 0)  # twice is enough


@check
def parameters_made_anew(store):
    net = dense()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, "dist_sync", update_on_kvstore=False)
    trained(trainer, net)
    net.initialize(mx.init.Constant(2), force_reinit=True)
    with mx.autograd.record():
        loss = net(nd.ones((1, 2))).sum()
    loss.backward()
    trainer.step(2)
    np.testing.assert_allclose(net.weight.data().asnumpy(), np.full((2, 2), 1.9), rtol=1e-6)
    trained(trainer, net)
    assert trainer._overlap._wasted == 1 and equal_everywhere(store, net.weight.data())


@check
def barriers(store):
    store._barrier()
    store.barrier()


@check
def rows_without_an_updater(store):
    # MXNet's get rows of others.
    kv = fresh()
    kv.init("s", nd.ones((4, 1)).tostype("row_sparse"))
    kv.push("s", nd.sparse.row_sparse_array(([[1.0], [2.0]], [0, 2 + kv.rank]), shape=(4, 1)))
    out = nd.sparse.zeros("row_sparse", (4, 1))
    kv.row_sparse_pull("s", out=out, row_ids=nd.arange(4))
    assert out.asnumpy().tolist() == [[2], [0], [2], [2]]


@check
def full_gradients_of_svrg(store):
    # In MXNet each process counts the sum of all as its own.
    def learned(rows, batch_size, kv):
        data = mx.io.NDArrayIter(svrg.DATA[rows], svrg.LABEL[rows], batch_size, label_name="y")
        module = svrg.made(mx, update_freq=1)
        module.fit(
            data, eval_metric="mse", kvstore=kv, optimizer_params={"learning_rate": 0.3}, initializer=mx.init.One(),
            num_epoch=3,
        )  # fmt: skip
        return module.get_params()[0]["fc_weight"]

    rows = np.arange(len(svrg.DATA))
    found = learned(rows.reshape(-1, 2, 2)[:, store.rank].ravel(), 2, fresh())
    np.testing.assert_allclose(found.asnumpy(), learned(rows, 4, None).asnumpy(), rtol=1e-5)
    assert equal_everywhere(store, found)
