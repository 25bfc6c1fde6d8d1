"""Training on several devices learns what training on as many CPU contexts learns."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, nd
from mxgluon_compat.optimizer import Optimizer
from tests.device import pretended
from tests.kvstore import training
from tests.test_metric import DEVICE

CPUS, GPUS = [mx.cpu(0), mx.cpu(1)], [mx.gpu(0), mx.gpu(1)]
OPTIMIZERS = sorted(set(Optimizer.opt_registry) - {"sgld", "test", "ccsgd", "groupadagrad"})
OPTIONS = {"ftrl": {"learning_rate": 0.5}, "lbsgd": {"batch_scale": 2, "warmup_epochs": 1, "updates_per_epoch": 2}}


def same(found, wanted, rtol=1e-4, atol=1e-5):
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=rtol, atol=atol, err_msg=name)


def batches(contexts, size=8):
    for step in range(3):
        x, y = training.values(50 + step, size, 3), training.values(60 + step, size, 2)
        yield [gluon.utils.split_and_load(nd.array(a), contexts) for a in (x, y)]


def train(contexts, optimizer="sgd", folder=None, hybridize=False, dtype="float32", **options):
    net = training.net(1, contexts=contexts)
    net.cast(dtype)
    net.hybridize(hybridize)
    settings = {"learning_rate": 0.05, **OPTIONS.get(optimizer, {})}
    if dtype == "float16":
        settings["multi_precision"] = True
    trainer = gluon.Trainer(net.collect_params(), optimizer, settings, **options)
    for x, y in batches(contexts):
        with autograd.record():
            losses = [((net(a.astype(dtype)) - b.astype(dtype)) ** 2).sum() for a, b in zip(x, y, strict=True)]
        autograd.backward(losses)
        trainer.step(8)
        if folder is not None:
            trainer.save_states(f"{folder}/states")
            trainer.load_states(f"{folder}/states")
            net.save_parameters(f"{folder}/params")
            net.load_parameters(f"{folder}/params", ctx=contexts)
    for param in net.collect_params().values():
        copies = [a.asnumpy() for a in param.list_data()]
        assert param.list_ctx() == contexts
        if param.grad_req != "null":
            assert np.array_equal(copies[0], copies[-1])
    return training.learned(net)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizer(optimizer):
    same(train(GPUS, optimizer, kvstore="device"), train(CPUS, optimizer, kvstore="device"))


@pytest.mark.parametrize("hybridize", [False, True])
@pytest.mark.parametrize("on_kvstore", [False, True])
@pytest.mark.parametrize("kvstore", ["local", "device", "nccl"])
def test_kvstore(kvstore, on_kvstore, hybridize):
    options = {"kvstore": kvstore, "update_on_kvstore": on_kvstore, "hybridize": hybridize}
    same(train(GPUS, "adam", **options), train(CPUS, "adam", **options))


@pytest.mark.parametrize("on_kvstore", [False, True])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "lamb", "lars", "lbsgd"])
def test_states_go_on(tmp_path, optimizer, on_kvstore):
    options = {"kvstore": "device", "update_on_kvstore": on_kvstore}
    same(train(GPUS, optimizer, tmp_path, **options), train(CPUS, optimizer, tmp_path, **options))


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "lamb", "nag", "rmsprop"])
def test_half_precision(optimizer):
    found, wanted = (train(contexts, optimizer, dtype="float16") for contexts in (GPUS[:1], CPUS[:1]))
    same(found, wanted, 5e-3, 5e-3)


@pytest.mark.parametrize("contexts", [GPUS[:1], GPUS], ids=str)
@pytest.mark.parametrize("optimizer", ["sgld", *OPTIMIZERS])
def test_a_step_does_not_wait(contexts, optimizer):
    net = training.net(1, contexts=contexts)
    trainer = gluon.Trainer(net.collect_params(), optimizer, {"learning_rate": 0.05}, kvstore="device")
    for x, y in batches(contexts):
        before = len(pretended.waits)
        with autograd.record():
            losses = [((net(a) - b) ** 2).sum() for a, b in zip(x, y, strict=True)]
        autograd.backward(losses)
        trainer.step(8)
        found = pretended.waits[before:]
    assert found == []


def test_mixed_contexts_of_a_kvstore():
    for kind in ("local", "device"):
        store = mx.kv.create(kind)
        store.init(["a", "c"], [nd.ones((2, 2)), nd.zeros((3,), GPUS[1])])
        store.push("a", [nd.ones((2, 2), ctx) * i for i, ctx in enumerate([mx.cpu(), *GPUS])])
        outs = [nd.zeros((2, 2), ctx) for ctx in (mx.cpu(), *GPUS)]
        store.pull("a", outs)
        assert all((o.asnumpy() == 3).all() and o.to_torch().device == o.context.torch_device for o in outs)
        store.pushpull("c", [nd.ones(3, ctx) for ctx in GPUS], out=[nd.zeros(3, ctx) for ctx in GPUS])
        store.broadcast("b", nd.ones(2, GPUS[0]), out=[nd.zeros(2, ctx) for ctx in GPUS])
        if kind == "local":
            continue
        compressed = mx.kv.create(kind)
        compressed.set_gradient_compression({"type": "2bit", "threshold": 0.5})
        compressed.init("w", nd.zeros(4, GPUS[0]))
        compressed.push("w", [nd.ones(4, ctx) for ctx in GPUS])
        out = nd.zeros(4, GPUS[1])
        compressed.pull("w", out)
        assert out.asnumpy().tolist() == [1] * 4


@pytest.mark.parametrize("case", training.cases())
def test_whose_context_is_a_gpu(case):
    run = training.cases()[case]
    with GPUS[0]:
        found = run(lambda: mx.kv.create("local"), slice(0, training.ROWS))
    same(found, run(lambda: mx.kv.create("local"), slice(0, training.ROWS)))


def test_row_sparse_kvstore_and_gradients():
    store = mx.kv.create("device")
    store.init("e", nd.ones((4, 2)).tostype("row_sparse"))
    rows = [nd.sparse.row_sparse_array((np.ones((1, 2)), [i]), shape=(4, 2), ctx=ctx) for i, ctx in enumerate(GPUS)]
    store.push("e", rows)
    outs = [nd.sparse.zeros("row_sparse", (4, 2), ctx) for ctx in GPUS]
    store.row_sparse_pull("e", out=outs, row_ids=[nd.array([0, 1], ctx=ctx) for ctx in GPUS])
    for out, ctx in zip(outs, GPUS, strict=True):
        assert out.context == ctx and out.asnumpy().tolist() == [[1, 1], [1, 1], [0, 0], [0, 0]]
    for sparse_weight in (False, True):
        results = []
        for ctx in (mx.gpu(0), mx.cpu()):
            made = (gluon.contrib.nn.SparseEmbedding(6, 2, prefix="e_") if sparse_weight
                    else gluon.nn.Embedding(6, 2, sparse_grad=True, prefix="e_"))  # fmt: skip
            made.initialize(mx.init.One(), ctx=ctx)
            trainer = gluon.Trainer(made.collect_params(), "adam", {"learning_rate": 0.1}, kvstore="device")
            for _ in range(2):
                with autograd.record():
                    loss = (made(nd.array([1, 3, 1], ctx=ctx)) ** 2).sum()
                loss.backward()
                trainer.step(1)
            x = nd.array([0, 1, 2, 3, 4, 5], ctx=ctx)
            results.append(made(x).asnumpy())
        np.testing.assert_allclose(*results, rtol=1e-5)


# ---------------------------------------------------------------------------------------------- layers over devices
def test_sync_batch_norm():
    found = []
    for contexts in (GPUS, CPUS):
        net = gluon.contrib.nn.SyncBatchNorm(in_channels=3, num_devices=2)
        net.initialize(ctx=contexts)
        x = gluon.utils.split_and_load(nd.array(training.values(0, 6, 3, 2)), contexts)
        for a in x:
            a.attach_grad()
        with autograd.record():
            losses = [(net(a) ** 3).sum() for a in x]
        autograd.backward(losses)
        found.append([*(v.grad.asnumpy() for v in x), *(p.data(c).asnumpy() for p in net.collect_params().values()
                                                        for c in contexts)])  # fmt: skip
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("hybridize", [False, True])
def test_scaled_losses_and_clipped_gradients(request, hybridize):
    learned = []
    amp = mx.contrib.amp
    amp.init()
    request.addfinalizer(amp.amp._reset)
    for contexts in (GPUS, CPUS):
        net = training.net(1, contexts=contexts)
        net.hybridize(hybridize)
        trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.05}, update_on_kvstore=False)
        amp.init_trainer(trainer)
        scaler = trainer._amp_loss_scaler
        scaler._loss_scale = scaler._next_loss_scale = 256.0
        for x, y in batches(contexts):
            with autograd.record():
                losses = [((net(a) - b) ** 2).sum() for a, b in zip(x, y, strict=True)]
                with amp.scale_loss(losses, trainer) as scaled:
                    autograd.backward(scaled)
            amp.unscale(trainer)
            trainer.allreduce_grads()
            for ctx in contexts:
                arrays = [p.grad(ctx) for p in net.collect_params().values() if p.grad_req != "null"]
                gluon.utils.clip_global_norm(arrays, 0.5)
            gluon.utils.clip_global_norm(
                [p.grad(c) for p in net.collect_params("net_dense").values() for c in contexts], 9
            )
            trainer.update(8)
        learned.append(training.learned(net))
    same(*learned, 2e-2, 2e-2)


@pytest.mark.parametrize("name", DEVICE)
@pytest.mark.parametrize("label_ctx", [mx.cpu(), *GPUS], ids=str)
def test_metric(name, label_ctx):
    make, (label, pred) = DEVICE[name]
    metric, wanted = make(), make()
    first = nd.array(label, ctx=GPUS[0]), nd.array(pred, ctx=GPUS[0])
    before = len(pretended.waits)
    metric.update([first[0]], [first[1]])
    metric.reset_local()
    metric.update([first[0]], [first[1]])
    assert pretended.waits[before:] == []
    metric.reset()
    for ctx in GPUS:  # one batch on each
        metric.update([nd.array(label, ctx=label_ctx)], [nd.array(pred, ctx=ctx)])
        wanted.update([nd.array(label)], [nd.array(pred)])
        metric.reset_local()
        wanted.reset_local()
        metric.update([nd.array(label, ctx=label_ctx)], [nd.array(pred, ctx=ctx)])
        wanted.update([nd.array(label)], [nd.array(pred)])
    np.testing.assert_allclose(np.array(metric.get()[1]), np.array(wanted.get()[1]), rtol=1e-5)
    np.testing.assert_allclose(np.array(metric.get_global()[1]), np.array(wanted.get_global()[1]), rtol=1e-5)


# ---------------------------------------------------------------------------------------------- programs
@pytest.mark.parametrize("pin_memory", [False, True])
def test_data_loader(pin_memory):
    x, y = training.values(0, 10, 3), np.arange(10)
    for data in (x, nd.array(x), nd.array(x, ctx=GPUS[0])):
        loader = gluon.data.DataLoader(gluon.data.ArrayDataset(data, y), 5, pin_memory=pin_memory)
        for i, (a, b) in enumerate(loader):
            parts = gluon.utils.split_and_load(a, GPUS, even_split=False)
            assert [p.context for p in parts] == GPUS and b.shape == (5,)
            np.testing.assert_array_equal(np.concatenate([p.asnumpy() for p in parts]), x[i * 5 : i * 5 + 5])


def test_module():
    data, label = mx.sym.var("data"), mx.sym.var("softmax_label")
    net = mx.sym.FullyConnected(data, num_hidden=4, name="one")
    net = mx.sym.SoftmaxOutput(
        mx.sym.FullyConnected(mx.sym.Activation(net, act_type="tanh"), num_hidden=2, name="two"), label, name="softmax"
    )
    x, y = training.values(0, 8, 3), np.arange(8) % 2
    found = []
    for contexts in (GPUS, CPUS, GPUS[:1]):
        module = mx.mod.Module(net, context=contexts)
        iterator = mx.io.NDArrayIter(x, y, 4)
        module.fit(
            iterator, eval_metric="acc", optimizer="adam", initializer=mx.init.One(), num_epoch=2, kvstore="device",
        )  # fmt: skip
        score = module.score(iterator, "ce")
        learned = {k: v.asnumpy() for k, v in module.get_params()[0].items()}
        found.append({**learned, "score": score[0][1], "predicted": module.predict(iterator).asnumpy()})
    same(found[0], found[1])
    same(found[2], found[1])


def test_executor():
    x = mx.sym.var("x")
    net = mx.sym.BatchNorm(mx.sym.FullyConnected(x, num_hidden=3, name="fc"), name="bn")
    found = []
    for ctx in (GPUS[1], CPUS[1]):
        e = net.simple_bind(ctx, x=(4, 2))
        for k, array in enumerate(e.arg_arrays):
            array[:] = training.values(k, *array.shape)
        e.forward(is_train=True, x=nd.array(training.values(9, 4, 2)))
        e.backward(nd.ones((4, 3), ctx))
        assert e.outputs[0].context == ctx
        e.copy_params_from({"fc_bias": nd.ones(3)})
        again = net.bind(ctx, e.arg_dict, aux_states=e.aux_dict).forward()[0]
        arrays = {**e.grad_dict, **e.aux_dict, "out": e.outputs[0], "again": again}
        found.append({k: v.asnumpy() for k, v in arrays.items()})
    same(*found)


def test_estimator():
    from mxgluon_compat.gluon.contrib.estimator import Estimator

    x, y = nd.array(training.values(0, 8, 3)), nd.array(np.arange(8) % 2)
    loader = gluon.data.DataLoader(gluon.data.ArrayDataset(x, y), 4)
    found = []
    for contexts in (GPUS, CPUS[:1]):
        net = training.net(1, contexts=contexts)
        trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
        loss = gluon.loss.SoftmaxCrossEntropyLoss()
        estimator = Estimator(net, loss, train_metrics=mx.metric.Accuracy(), trainer=trainer, context=contexts)
        with autograd.predict_mode():
            estimator.fit(loader, loader, epochs=1)
        found.append(training.learned(net))
    assert all(np.isfinite(v).all() for v in found[0].values())


# ---------------------------------------------------------------------------------------------- ways in and out
def test_files_of_a_net(tmp_path):
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Conv2D(3, 3), gluon.nn.BatchNorm(), gluon.nn.Dense(2))
    net.initialize(ctx=GPUS)
    net.hybridize()
    x = nd.array(training.values(0, 2, 2, 5, 5))
    wanted = net(x.as_in_context(GPUS[0])).asnumpy()
    net(x.as_in_context(GPUS[1]))
    net.export(str(tmp_path / "net"))
    for ctx in (*GPUS, mx.cpu()):
        again = gluon.SymbolBlock.imports(
            str(tmp_path / "net-symbol.json"), ["data"], str(tmp_path / "net-0000.params"), ctx=ctx
        )
        np.testing.assert_allclose(again(x.as_in_context(ctx)).asnumpy(), wanted, rtol=1e-4, atol=1e-6)
    symbol, arguments, states = mx.model.load_checkpoint(str(tmp_path / "net"), 0)
    mx.model.save_checkpoint(
        str(tmp_path / "again"), 1, symbol, {k: v.as_in_context(GPUS[0]) for k, v in arguments.items()}, states
    )
    net.hybridize(False)
    net.collect_params().reset_ctx(mx.cpu())
    np.testing.assert_allclose(net(x).asnumpy(), wanted, rtol=1e-4, atol=1e-6)
    net.summary(x)


def test_torch():
    import torch

    from mxgluon_compat import interop

    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(4, activation="relu"), gluon.nn.Dropout(0.5), gluon.nn.Dense(2))
    net.initialize(ctx=GPUS[0])
    x = nd.array(training.values(0, 2, 3), ctx=GPUS[0])
    wanted = net(x)
    module = interop.as_module(net)
    found = module.eval()(x.to_torch())
    assert found.device == GPUS[0].torch_device and np.allclose(found.detach().cpu().numpy(), wanted.asnumpy())
    module.train()
    module(x.to_torch()).sum().backward()
    assert all(p.grad.device == GPUS[0].torch_device for p in module.parameters())
    block = interop.TorchBlock(torch.nn.Linear(3, 2))
    block.initialize(ctx=GPUS[0])
    x.attach_grad()
    with autograd.record():
        y = block(x)
    y.backward()
    assert y.context == x.grad.context == GPUS[0]


def test_onnx(tmp_path):
    pytest.importorskip("onnxscript")
    import onnxruntime

    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(4, activation="relu", in_units=3), gluon.nn.Dense(2, in_units=4))
    net.initialize(ctx=GPUS[0])
    net.hybridize()
    x = nd.array(training.values(0, 2, 3), ctx=GPUS[0])
    wanted = net(x)
    net.export(str(tmp_path / "net"))
    params = {k: v.as_in_context(GPUS[0]) for k, v in nd.load(str(tmp_path / "net-0000.params")).items()}
    file = str(tmp_path / "net.onnx")
    mx.contrib.onnx.export_model(mx.sym.load(str(tmp_path / "net-symbol.json")), params, [(2, 3)], np.float32, file)
    session = onnxruntime.InferenceSession(file)
    found = session.run(None, {session.get_inputs()[0].name: x.asnumpy()})[0]
    np.testing.assert_allclose(found, wanted.asnumpy(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_a_step_of_mixed_precision_waits_once(request, dtype):
    amp = mx.contrib.amp
    amp.init(dtype)
    request.addfinalizer(amp.amp._reset)
    net = training.net(1, contexts=GPUS)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01}, update_on_kvstore=False)
    amp.init_trainer(trainer)
    for x, y in batches(GPUS):
        with autograd.record():
            losses = [((net(a) - b) ** 2).sum() for a, b in zip(x, y, strict=True)]
            with amp.scale_loss(losses, trainer) as scaled:
                autograd.backward(scaled)
        before = len(pretended.waits)
        trainer.step(8)
        assert len(pretended.waits) - before == 1, pretended.waits[before:]
