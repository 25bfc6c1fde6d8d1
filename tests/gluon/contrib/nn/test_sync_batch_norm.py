"""SyncBatchNorm on several contexts gives what BatchNorm gives for all batches in one; what cannot be is an error."""

import gc
import threading

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.ndarray import waiting
from tests.oracle import sync_batch_norm as scenario
from tests.oracle.scenario import read, same
from tests.scenarios import against_mxnet

GOLDEN = read("sync_batch_norm")
CONTEXTS = [mx.cpu(0), mx.cpu(1)]
CUTS = {"equal": (0, 3, 6), "unequal": (0, 4, 6)}
TOLERANCE = (2e-4, 1e-4)  # the gradient of a bias before the layer is 0, give or take
SyncBatchNorm = mx.gluon.contrib.nn.SyncBatchNorm

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, rtol=TOLERANCE[0], atol=TOLERANCE[1])


def net_and_batches(settings=None, cut="equal", hybridize=False, contexts=CONTEXTS):
    def norm(**kwargs):
        return SyncBatchNorm(num_devices=len(contexts), **kwargs)

    net = scenario.network(mx, norm, **(settings or {}))
    scenario.start(mx, net, contexts)
    if hybridize:
        net.hybridize()
    ends = CUTS[cut]
    batches = []
    for ctx, begin, end in zip(contexts, ends, ends[1:]):
        x = mx.nd.array(scenario.values(*scenario.DATA)[begin:end], ctx=ctx)
        x.attach_grad()
        batches.append((x, mx.nd.array(scenario.values(*scenario.LABELS)[begin:end], ctx=ctx)))
    return net, batches


def joined(arrays):
    return mx.nd.concat(*[a.as_in_context(mx.cpu()) for a in arrays], dim=0)


def observed(net, batches, losses):
    """What ``scenario.whole`` tells: gradients of Parameters are the sums of those on all contexts."""
    params = net.collect_params().values()
    for p in params:
        if p.grad_req == "null":
            first, *others = [a.asnumpy() for a in p.list_data()]
            assert all(np.array_equal(first, other) for other in others)
    return scenario.plain({
        "losses": joined(losses), "x": joined([x.grad for x, _ in batches]),
        "grads": [sum(g.asnumpy() for g in p.list_grad()) for p in params if p.grad_req != "null"],
        "states": [p.data(CONTEXTS[0]) for p in params if p.grad_req == "null"],
    })  # fmt: skip


# ---------------------------------------------------------------------------------------------- ways to call it
def all_losses_at_once(net, batches):
    with mx.autograd.record():
        outs = [net(x) for x, _ in batches]
        losses = [((out - y) ** 2).sum(axis=1) for out, (_, y) in zip(outs, batches, strict=True)]
    mx.autograd.backward(losses)
    return losses


def loss_after_loss(net, batches):
    with mx.autograd.record():
        losses = [scenario.loss_of(mx, net, x, y) for x, y in batches]
    for loss in losses:
        loss.backward()
    return losses


def backward_in_the_loop(net, batches):
    losses = []
    for x, y in batches:
        with mx.autograd.record():
            losses.append(scenario.loss_of(mx, net, x, y))
        losses[-1].backward()
    return losses


def one_sum(net, batches):
    with mx.autograd.record():
        losses = [scenario.loss_of(mx, net, x, y) for x, y in batches]
        total = sum(loss.as_in_context(CONTEXTS[0]).sum() for loss in losses)
    total.backward()
    return losses


def in_threads(net, batches):
    losses = [None] * len(batches)

    def work(i):
        with mx.autograd.record():
            losses[i] = scenario.loss_of(mx, net, *batches[i])
        losses[i].wait_to_read()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(batches))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mx.autograd.backward(losses)
    return losses


@pytest.mark.parametrize("settings", scenario.SETTINGS)
@pytest.mark.parametrize("cut", CUTS)
def test_two_contexts_are_one_batch(settings, cut):
    net, batches = net_and_batches(scenario.SETTINGS[settings], cut)
    ours = observed(net, batches, all_losses_at_once(net, batches))
    wanted = GOLDEN["whole: " + settings]
    for key, value in ours.items():
        assert same(value, wanted[key], *TOLERANCE), key


@pytest.mark.parametrize("hybridize", [False, True])
@pytest.mark.parametrize("way", [all_losses_at_once, loss_after_loss, backward_in_the_loop, one_sum, in_threads])
def test_ways_to_call_it(way, hybridize):
    net, batches = net_and_batches(cut="unequal", hybridize=hybridize)
    if hybridize:
        with mx.autograd.predict_mode():  # graphs are made in one thread
            net(batches[0][0])
    ours = observed(net, batches, way(net, batches))
    for key, value in ours.items():
        assert same(value, GOLDEN["whole: plain"][key], *TOLERANCE), key


@pytest.mark.parametrize("hybridize", [False, True])
def test_training(hybridize):
    net, batches = net_and_batches(cut="unequal", hybridize=hybridize)
    for way in (loss_after_loss, backward_in_the_loop):  # as ``whole``: one step is not counted
        net, batches = net_and_batches(cut="unequal", hybridize=hybridize)
        all_losses_at_once(net, batches)
        trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
        for wanted in GOLDEN["whole: plain"]["trained"]:
            losses = way(net, batches)
            trainer.step(scenario.DATA[0])
            assert same(scenario.plain(joined(losses)), wanted, *TOLERANCE)
        predicted = scenario.plain(joined([net(x) for x, _ in batches]))
        assert same(predicted, GOLDEN["whole: plain"]["predicted"], *TOLERANCE)


def test_the_calls_of_each_context_pair_in_their_order():
    layer = SyncBatchNorm(in_channels=2, num_devices=2)
    layer.initialize(ctx=CONTEXTS)
    data = [mx.nd.array(scenario.values(4, 2) + i, ctx=ctx) * (i + 1) for i in range(2) for ctx in CONTEXTS]
    with mx.autograd.record():
        outs = [layer(data[0]), layer(data[2]), layer(data[1]), layer(data[3])]
    alone = mx.gluon.nn.BatchNorm(in_channels=2)
    alone.initialize()
    for first, second, batch in ((0, 2, data[:2]), (1, 3, data[2:])):
        with mx.autograd.record():
            wanted = alone(joined(batch))
        np.testing.assert_allclose(joined([outs[first], outs[second]]).asnumpy(), wanted.asnumpy(), atol=1e-5)


def test_waiting_arrays_know_what_they_will_be():
    net, batches = net_and_batches()
    with mx.autograd.record():
        out = net(batches[0][0])
        cast = out.astype("float64")[1:].reshape((-1,))
        assert (out.shape, out.ndim, out.size, out.dtype, len(out)) == ((3, 2), 2, 6, np.float32, 3)
        assert (cast.shape, cast.dtype, cast.context) == ((4,), np.float64, CONTEXTS[0])
        assert isinstance(out, mx.nd.NDArray)
        other = net(batches[1][0])
    assert type(out) is not mx.nd.NDArray
    np.testing.assert_array_equal(cast.asnumpy(), out.asnumpy()[1:].ravel())
    assert type(out) is type(cast) is mx.nd.NDArray
    other.wait_to_read()
    assert type(other) is mx.nd.NDArray


def test_without_recording_and_with_parts_of_the_result():
    x = [mx.nd.array(scenario.values(3, 2), ctx=ctx) * 3 for ctx in CONTEXTS]
    ones, zeros = ([f((2,), ctx=ctx) for ctx in CONTEXTS] for f in (mx.nd.ones, mx.nd.zeros))
    with mx.autograd.train_mode():
        rows = [
            mx.nd.contrib.SyncBatchNorm(x[i], ones[i], zeros[i], zeros[i], ones[i], key="k", ndev=2,
                                        output_mean_var=True)
            for i in range(2)
        ]  # fmt: skip
    whole = joined(x).asnumpy()
    for _, mean, variance in rows:
        np.testing.assert_allclose(mean.asnumpy(), whole.mean(0), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(variance.asnumpy(), whole.var(0), rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_dtypes(dtype):
    layer = SyncBatchNorm(num_devices=2)
    layer.cast(dtype)
    layer.initialize(ctx=CONTEXTS)
    x = [mx.nd.array(scenario.values(5, 2, 3), ctx=ctx, dtype=dtype) * (i + 1) for i, ctx in enumerate(CONTEXTS)]
    with mx.autograd.record():
        outs = [layer(each) for each in x]
    for out in outs:
        out.backward()
    whole = joined(x).asnumpy().astype("float64")
    wanted = (whole - whole.mean((0, 2), keepdims=True)) / np.sqrt(whole.var((0, 2), keepdims=True) + 1e-5)
    assert outs[0].dtype == np.dtype(dtype)
    np.testing.assert_allclose(joined(outs).asnumpy(), wanted, atol=4e-3 if dtype == "float16" else 1e-9)
    # float16 data have float32 statistics, as BatchNorm's
    assert np.dtype(layer.running_mean.data(CONTEXTS[1]).dtype).itemsize == (4 if dtype == "float16" else 8)


def test_an_empty_batch_counts_nothing():
    layer = SyncBatchNorm(in_channels=2, num_devices=2)
    layer.initialize(ctx=CONTEXTS)
    x = mx.nd.array(scenario.values(5, 2))
    with mx.autograd.record():
        outs = [layer(x[:5]), layer(x[5:].as_in_context(CONTEXTS[1]))]
    assert outs[1].shape == (0, 2)
    np.testing.assert_allclose(outs[0].asnumpy().mean(0), [0, 0], atol=1e-6)


# ---------------------------------------------------------------------------------------------- one device
def test_one_device_is_batch_norm():
    x = mx.nd.array(scenario.values(4, 3, 2))
    results = []
    for layer in (SyncBatchNorm(num_devices=1), mx.gluon.nn.BatchNorm()):
        layer.initialize()
        x.attach_grad()
        with mx.autograd.record():
            out = layer(x)
            total = out**2 * out
        total.backward()
        parts = [out, x.grad, *[p.data() for p in layer.collect_params().values()], layer.gamma.grad()]
        results.append([part.asnumpy() for part in parts])
    for ours, wanted in zip(*results, strict=True):
        assert np.array_equal(ours, wanted)


def test_devices_are_counted(monkeypatch):
    for gpus, wanted in ((0, 1), (3, 3)):
        monkeypatch.setattr(mx.context, "num_gpus", lambda gpus=gpus: gpus)
        with pytest.warns(UserWarning, match="num_devices"):
            assert SyncBatchNorm()._kwargs["ndev"] == wanted


# ---------------------------------------------------------------------------------------------- what is refused
def test_reading_too_early_is_an_error():
    net, batches = net_and_batches()
    with mx.autograd.record():
        loss = scenario.loss_of(mx, net, *batches[0])
    with pytest.raises(mx.MXNetError, match=r"waits for 1 more device\(s\); it was called on cpu\(0\).*num_devices"):
        loss.asnumpy()


def test_threads_do_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(waiting, "TIMEOUT", 0.05)
    net, batches = net_and_batches()
    errors = []

    def work():
        with mx.autograd.record():
            out = net(batches[0][0])
        try:
            out.wait_to_read()
        except mx.MXNetError as error:
            errors.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(errors) == 1
    assert "waits for 1 more device" in errors[0]


def test_gradients_read_too_early_are_an_error():
    net, batches = net_and_batches()
    with mx.autograd.record():
        losses = [scenario.loss_of(mx, net, x, y) for x, y in batches]
    losses[0].backward()
    with pytest.raises(mx.MXNetError, match=r"backward was called for results of SyncBatchNorm on cpu\(0\) only"):
        net[0].weight.grad(CONTEXTS[0])
    net[0].weight.grad(CONTEXTS[0])  # that backward was given up
    losses[1].backward()
    with pytest.raises(mx.MXNetError, match=r"only.*all devices"):
        mx.gluon.Trainer(net.collect_params(), "sgd").step(6)


def test_results_that_are_dropped_meet_nobody():
    layer = SyncBatchNorm(in_channels=2, num_devices=2)
    layer.initialize(ctx=CONTEXTS)
    x = [mx.nd.array(scenario.values(3, 2), ctx=ctx) for ctx in CONTEXTS]
    with mx.autograd.record():
        layer(x[0] * 100)  # a call that failed on the other context, say
        gc.collect()
        outs = [layer(each) for each in x]
    np.testing.assert_allclose(joined(outs).asnumpy().mean(0), [0, 0], atol=1e-6)
    assert not any(key[0] == layer.prefix for key in waiting._Meeting.open)


def test_a_change_of_what_is_still_needed_is_an_error():
    net, batches = net_and_batches()
    extra = mx.nd.ones((3, 2))
    with mx.autograd.record():
        outs = [net(batches[0][0]) * extra]
        with mx.autograd.pause():
            extra[:] = 2
        outs.append(net(batches[1][0]))
    with pytest.raises(mx.MXNetError, match="changed in place"):
        outs[0].asnumpy()


def test_contexts_that_record_and_others_do_not_mix():
    layer = SyncBatchNorm(in_channels=2, num_devices=2)
    layer.initialize(ctx=CONTEXTS)
    x = [mx.nd.array(scenario.values(3, 2), ctx=ctx) for ctx in CONTEXTS]
    with mx.autograd.train_mode():
        first = layer(x[0])
    with mx.autograd.record():
        second = layer(x[1])
    with pytest.raises(mx.MXNetError, match="inside of autograd.record, on others not"):
        second.asnumpy()
    del first


def test_grad_needs_all_devices():
    net, batches = net_and_batches()
    with mx.autograd.record():
        losses = [scenario.loss_of(mx, net, x, y) for x, y in batches]
    with pytest.raises(mx.MXNetError, match="losses of all devices"):
        mx.autograd.grad(losses[0], [batches[0][0]])
    with mx.autograd.record():
        losses = [scenario.loss_of(mx, net, x, y) for x, y in batches]
    gradients = mx.autograd.grad(losses, [batches[0][0]])
    assert gradients[0].shape == batches[0][0].shape


def test_hooks_see_no_values():
    net, batches = net_and_batches(hybridize=True)
    net(batches[0][0])
    net.register_op_hook(lambda *_: None)
    with mx.autograd.record(), pytest.raises(mx.base.UnsupportedError, match="register_op_hook with SyncBatchNorm"):
        net(batches[0][0])


def test_executors_have_one_device():
    out = mx.sym.contrib.SyncBatchNorm(mx.sym.var("x"), key="k", ndev=2, name="bn")
    executor = out.simple_bind(mx.cpu(), x=(4, 2))
    executor.forward(is_train=False)
    with pytest.raises(mx.MXNetError, match="SyncBatchNorm with ndev=2"):
        executor.forward(is_train=True)[0].asnumpy()
