"""Gluon under npx.set_np() where MXNet refuses or fails: as without it, on arrays of mx.np."""

import copy
import pickle

import numpy as onp
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, nd, npx
from mxgluon_compat.gluon import contrib as gcontrib
from mxgluon_compat.gluon import loss, nn, rnn
from mxgluon_compat.gluon.data.vision import transforms
from mxgluon_compat.interop import TorchBlock, as_module
from tests.oracle import vision_datasets

np_ndarray = mx.np.ndarray


@pytest.fixture(autouse=True)
def np_mode():
    npx.set_np()
    yield
    npx.reset_np()


def legacy(function):
    """What a function gives without NumPy semantics."""
    npx.reset_np()
    try:
        return function()
    finally:
        npx.set_np()


def values(*shape):
    n = int(onp.prod(shape))
    return (onp.arange(n, dtype="float32") % 7 / 8 + 0.125).reshape(shape)


def leaves(out):
    return [leaf for part in out for leaf in leaves(part)] if isinstance(out, (list, tuple)) else [out]


def computed(make, shapes, array, hybrid, call=None):
    """(outputs, gradients of the first input and of Parameters) as numpy's, and the outputs' classes."""
    mx.random.seed(5)
    with mx.name.NameManager():
        net = make()
        net.initialize(mx.init.Uniform(0.5))
        if hybrid:
            net.hybridize()
        arrays = [array(values(*shape)) for shape in shapes]
        arrays[0].attach_grad()
        with autograd.record():
            out = leaves(net(*arrays) if call is None else call(net, *arrays))
        autograd.backward(out)
        grads = [p.grad() for p in net.collect_params().values() if p.grad_req != "null"]
    found = [*out, arrays[0].grad, *grads]
    return [x.asnumpy() for x in found], {type(x) for x in found}


def check(make, *shapes, hybrid, call=None):
    ours, classes = computed(make, shapes, mx.np.array, hybrid, call)
    wanted, _ = legacy(lambda: computed(make, shapes, nd.array, hybrid, call))
    assert classes == {np_ndarray}
    for found, expected in zip(ours, wanted, strict=True):
        onp.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=1e-5, atol=1e-6)


LAYERS = {
    "InstanceNorm": (lambda: nn.InstanceNorm(), (2, 3, 4)),
    "InstanceNorm of axis 2": (lambda: nn.InstanceNorm(axis=2), (2, 3, 4)),
    "GroupNorm": (lambda: nn.GroupNorm(num_groups=2), (2, 4, 4)),
    "BatchNormReLU": (lambda: nn.BatchNormReLU(), (2, 3, 4)),
    "ReflectionPad2D": (lambda: nn.ReflectionPad2D(1), (1, 2, 4, 4)),
    "HybridLambda of a name": (lambda: nn.HybridLambda("sin"), (2, 3)),
    "Concurrent": (lambda: _concurrent(), (2, 3)),
    "PixelShuffle2D": (lambda: gcontrib.nn.PixelShuffle2D(2), (1, 4, 2, 2)),
    "GlobalMaxPool2D": (lambda: nn.GlobalMaxPool2D(), (1, 2, 4, 4)),
}
LOSSES = {
    "KLDivLoss": (loss.KLDivLoss, (2, 3), (2, 3)),
    "KLDivLoss of scores": (lambda: loss.KLDivLoss(from_logits=False), (2, 3), (2, 3)),
    "HuberLoss": (loss.HuberLoss, (2, 3), (2, 3)),
    "HingeLoss": (loss.HingeLoss, (2, 3), (2, 3)),
    "SquaredHingeLoss": (loss.SquaredHingeLoss, (2, 3), (2, 3)),
    "LogisticLoss": (loss.LogisticLoss, (2, 3), (2, 3)),
    "PoissonNLLLoss": (lambda: loss.PoissonNLLLoss(compute_full=True), (2, 3), (2, 3)),
    "TripletLoss": (loss.TripletLoss, (2, 3), (2, 3), (2, 3)),
    "CosineEmbeddingLoss": (loss.CosineEmbeddingLoss, (2, 3), (2, 3), (2,)),
    "CTCLoss": (loss.CTCLoss, (2, 5, 4), (2, 2)),
    "SDMLLoss": (loss.SDMLLoss, (2, 3), (2, 3)),
    "L2Loss of batches on axis 1": (lambda: loss.L2Loss(batch_axis=1), (2, 3, 2), (2, 3, 2)),
}
CELLS = {
    "RNNCell": lambda: rnn.RNNCell(3),
    "LSTMCell": lambda: rnn.LSTMCell(3),
    "GRUCell": lambda: rnn.GRUCell(3),
    "SequentialRNNCell": lambda: _stack(rnn.SequentialRNNCell),
    "HybridSequentialRNNCell": lambda: _stack(rnn.HybridSequentialRNNCell),
    "BidirectionalCell": lambda: rnn.BidirectionalCell(rnn.LSTMCell(3), rnn.GRUCell(2)),
    "ResidualCell": lambda: rnn.ResidualCell(rnn.GRUCell(2)),
    "ZoneoutCell": lambda: rnn.ZoneoutCell(rnn.RNNCell(3), 0.0, 0.0),
    "LSTMPCell": lambda: gcontrib.rnn.LSTMPCell(3, 2),
}


def _concurrent():
    net = gcontrib.nn.HybridConcurrent(axis=1)
    net.add(nn.Dense(2), gcontrib.nn.Identity())
    return net


def _stack(kind):
    cell = kind()
    with cell.name_scope():
        cell.add(rnn.LSTMCell(3))
        cell.add(rnn.DropoutCell(0.0))
        cell.add(rnn.GRUCell(2))
    return cell


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_layers(name, hybrid):
    check(*LAYERS[name], hybrid=hybrid)


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name, hybrid):
    check(*LOSSES[name], hybrid=hybrid)


@pytest.mark.parametrize("merge", [False, True])
@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("name", CELLS)
def test_cells(name, hybrid, merge):
    check(
        CELLS[name], (2, 4, 2), hybrid=hybrid, call=lambda cell, x: cell.unroll(4, x, layout="NTC", merge_outputs=merge)
    )


def test_unrolled_with_lengths():
    check(
        lambda: rnn.GRUCell(3), (2, 4, 2), (2,), hybrid=False,
        call=lambda cell, x, n: cell.unroll(4, x, layout="NTC", merge_outputs=True, valid_length=n * 0 + 2),
    )  # fmt: skip


def test_dynamic_unroll():
    def run(cell, x):
        return gcontrib.rnn.rnn_cell.dynamic_unroll(cell, x, cell.begin_state(batch_size=2), layout="NTC")

    check(lambda: rnn.GRUCell(3, input_size=2), (2, 4, 2), hybrid=False, call=run)


@pytest.mark.parametrize("name", ["resnet18_v1", "resnet18_v2", "mobilenetv2_0.25"])
def test_model_zoo(name):
    def run(array):
        net = gluon.model_zoo.vision.get_model(name, classes=3)
        net.initialize()
        x = array(values(1, 3, 64, 64))
        net(x)
        for param in net.collect_params().values():
            param.set_data(array(0.1 * (values(*param.shape) - 0.4) + (not param.name.endswith("weight"))))
        return net(x).asnumpy(), net

    ours, net = run(mx.np.array)
    net.hybridize()
    again = net(mx.np.array(values(1, 3, 64, 64)))
    assert type(again) is np_ndarray
    wanted, _ = legacy(lambda: run(nd.array))
    onp.testing.assert_allclose(ours, wanted, rtol=1e-4, atol=1e-5)
    onp.testing.assert_allclose(again.asnumpy(), wanted, rtol=1e-4, atol=1e-5)


class TestParameters:
    def dense(self):
        net = nn.Dense(2, in_units=3)
        net.initialize()
        return net

    def test_all_arrays_are_of_np(self):
        net = nn.Dense(2)
        net.initialize(ctx=[mx.cpu(0), mx.cpu(1)])
        assert net.weight.shape == (2, -1)
        net(mx.np.ones((1, 3)))
        w = net.weight
        arrays = [w.data(mx.cpu(0)), w.grad(mx.cpu(1)), *w.list_data(), *w.list_grad(), w._reduce()]
        assert {type(a) for a in arrays} == {np_ndarray}
        assert type(w.var()).__name__ == "_Symbol"
        w.cast("float64")
        w.zero_grad()
        assert {type(a) for a in (w.data(mx.cpu(0)), w.grad(mx.cpu(0)))} == {np_ndarray}

    def test_without_dimensions(self):
        param = gluon.Parameter("w", shape=())
        param.initialize(mx.init.One())
        assert param.data().shape == () and param.data().item() == 1
        param.set_data(mx.np.array(3.0))
        assert param.data().item() == 3

    def test_sparse_ones_are_refused(self):
        for options in ({"stype": "row_sparse"}, {"grad_stype": "row_sparse"}):
            with pytest.raises(ValueError, match="mx.np has dense arrays only"):
                gluon.Parameter("w", shape=(2, 3), **options).initialize()

    def test_values_of_either_family(self):
        net = self.dense()
        for value in (mx.np.ones((2, 3)), nd.ones((2, 3)) * 2):
            net.weight.set_data(value)
            assert type(net.weight.data()) is np_ndarray
            assert net.weight.data().asnumpy().sum() == value.asnumpy().sum()

    def test_constants(self):
        params = gluon.ParameterDict()
        for name, value in (("a", mx.np.ones(3)), ("b", [[1, 2]]), ("c", nd.ones(3))):
            constant = params.get_constant(name, value)
            constant.initialize()
            assert type(constant.data()) is np_ndarray

    def test_files_of_both_modes(self, tmp_path):
        net = self.dense()
        path = str(tmp_path / "net.params")
        for save, load in (
            (lambda: net.save_parameters(path), lambda other: other.load_parameters(path)),
            (
                lambda: net.collect_params().save(path, net.prefix),
                lambda other: other.collect_params().load(path, restore_prefix=other.prefix),
            ),
        ):
            for format in (None, "mxnet"):
                former = mx.set_file_format(format or mx.file_format())
                save()
                mx.set_file_format(former)
                for fresh in (nn.Dense(2), self.dense()):
                    load(fresh)
                    assert type(fresh.weight.data()) is np_ndarray
                    assert (fresh.weight.data().asnumpy() == net.weight.data().asnumpy()).all()
                    assert type(fresh(mx.np.ones((1, 3)))) is np_ndarray
        other = legacy(lambda: nn.Dense(2))
        legacy(lambda: other.load_parameters(path))
        assert type(legacy(lambda: other.weight.data())) is nd.NDArray

    def test_exported_graphs_of_both_modes(self, tmp_path):
        net = self.dense()
        net.hybridize()
        x = onp.ones((1, 3), "float32")
        wanted = net(mx.np.array(x)).asnumpy()
        net.export(str(tmp_path / "net"))
        files = str(tmp_path / "net-symbol.json"), ["data"], str(tmp_path / "net-0000.params")
        imported = gluon.SymbolBlock.imports(*files)
        assert type(imported(mx.np.array(x))) is np_ndarray
        assert (imported(mx.np.array(x)).asnumpy() == wanted).all()
        found = legacy(lambda: gluon.SymbolBlock.imports(*files)(nd.array(x)))
        assert type(found) is nd.NDArray and (found.asnumpy() == wanted).all()


class TestTraining:
    def test_optimizers_get_legacy_arrays(self):
        seen = []

        class Mine(mx.optimizer.Optimizer):
            def create_state(self, index, weight):
                seen.append(type(weight))
                return nd.zeros_like(weight)

            def update(self, index, weight, grad, state):
                seen.extend([type(weight), type(grad), type(state)])
                weight[:] = weight - 0.5 * grad

        net = nn.Dense(1, use_bias=False, in_units=2)
        net.initialize(mx.init.One())
        trainer = gluon.Trainer(net.collect_params(), Mine())
        with autograd.record():
            out = net(mx.np.ones((1, 2)))
        out.backward()
        trainer.step(1)
        assert set(seen) == {nd.NDArray}
        assert type(net.weight.data()) is np_ndarray and net.weight.data().asnumpy().tolist() == [[0.5, 0.5]]

    @pytest.mark.parametrize("name", ["sgd", "adam", "rmsprop", "lamb", "ftrl", "nadam", "lbsgd", "dcasgd", "adamax"])
    def test_optimizers_as_without(self, name, tmp_path):
        def run(array):
            mx.random.seed(3)
            net = nn.HybridSequential()
            net.add(nn.Dense(4, activation="relu"), nn.Dense(2))
            net.initialize(mx.init.Uniform(0.5))
            net.hybridize()
            trainer = gluon.Trainer(net.collect_params(), name)
            for _ in range(3):
                with autograd.record():
                    out = loss.L2Loss()(net(array(values(4, 3))), array(values(4, 2)))
                out.backward()
                trainer.step(4)
            trainer.save_states(str(tmp_path / "states"))
            trainer.load_states(str(tmp_path / "states"))
            return out.asnumpy()

        onp.testing.assert_allclose(run(mx.np.array), legacy(lambda: run(nd.array)), rtol=1e-5)

    def test_several_contexts(self):
        contexts = [mx.cpu(0), mx.cpu(1)]
        net = nn.Dense(1, in_units=2)
        net.initialize(mx.init.One(), ctx=contexts)
        trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
        with autograd.record():
            outs = [net(part) for part in gluon.utils.split_and_load(mx.np.ones((4, 2)), contexts)]
        autograd.backward(outs)
        trainer.step(4)
        for w in net.weight.list_data():
            assert w.asnumpy() == pytest.approx(0.9)

    def test_kvstore(self):
        store = mx.kv.create("local")
        store.init("w", mx.np.ones((2, 3)))
        for out in (mx.np.zeros((2, 3)), nd.zeros((2, 3))):
            store.push("w", [mx.np.ones((2, 3)), mx.np.ones((2, 3))])
            store.pull("w", out=out)
            assert (out.asnumpy() == 2).all()
        out = mx.np.zeros((2, 3))
        store.pushpull("w", mx.np.ones((2, 3)), out=out)
        assert (out.asnumpy() == 1).all()

    def test_metrics(self):
        label, pred = mx.np.array([0, 1, 1]), mx.np.array([[0.3, 0.7], [0.2, 0.8], [0.6, 0.4]])
        for name in ("acc", "f1", "mcc", "ce", "nll_loss", "pcc", "loss", "mae"):
            found = []
            for one, other in ((label, pred), (label.as_nd_ndarray(), pred.as_nd_ndarray())):
                metric = mx.metric.create(name)
                metric.update([one], [other])
                found.append(metric.get())
            assert found[0] == found[1]

    def test_clip_global_norm(self):
        arrays = [mx.np.ones(3), mx.np.ones(2)]
        assert gluon.utils.clip_global_norm(arrays, 1.0) == pytest.approx(5**0.5)
        assert arrays[0].asnumpy() == pytest.approx(5**-0.5)
        assert type(gluon.utils.clip_global_norm(arrays, 1.0, check_isfinite=False)) is np_ndarray


class TestData:
    def test_batches(self):
        x, y = mx.np.array(values(6, 2)), mx.np.array(onp.arange(6))
        dataset = gluon.data.ArrayDataset(x, y)
        assert type(dataset[0][0]) is np_ndarray
        for options in ({}, {"num_workers": 1}, {"num_workers": 1, "thread_pool": True}):
            batches = list(gluon.data.DataLoader(dataset, 4, **options))
            assert [(type(a), type(b), a.shape, b.shape) for a, b in batches] == [
                (np_ndarray, np_ndarray, (4, 2), (4,)), (np_ndarray, np_ndarray, (2, 2), (2,)),
            ]  # fmt: skip
        assert onp.concatenate([b.asnumpy() for _, b in batches]).tolist() == y.asnumpy().tolist()

    @pytest.mark.parametrize(
        ("data", "dtype", "shape"),
        [
            ([1, 2, 3], "int64", (2,)), ([1.0, 2.0], "float64", (2,)), (onp.ones((3, 2), "int32"), "int32", (2, 2)),
            ([torch.ones(2)] * 2, "float32", (2, 2)),
        ],
    )  # fmt: skip
    def test_samples(self, data, dtype, shape):
        batch = next(iter(gluon.data.DataLoader(data, 2)))
        assert type(batch) is np_ndarray and batch.shape == shape and onp.dtype(batch.dtype).name == dtype

    def test_arrays_without_dimensions(self):
        assert gluon.data.dataloader.default_batchify_fn([mx.np.array(1.0), mx.np.array(2.0)]).shape == (2,)

    @pytest.mark.parametrize("workers", [0, 1])
    def test_published_sets(self, tmp_path, workers):
        hashes = vision_datasets.digits(str(tmp_path), 5, 2)
        dataset = vision_datasets.own(gluon.data.vision.MNIST, hashes)(str(tmp_path))
        picture, label = dataset[1]
        assert type(picture) is np_ndarray and picture.shape == (28, 28, 1) and picture.dtype == onp.uint8
        assert type(label) is np_ndarray and label.shape == () and label.dtype == onp.int32
        loader = gluon.data.DataLoader(dataset.transform_first(transforms.ToTensor()), 2, num_workers=workers)
        assert [(type(x), x.shape, type(y), y.shape) for x, y in loader] == [
            (np_ndarray, (n, 1, 28, 28), np_ndarray, (n,)) for n in (2, 2, 1)
        ]

    def test_legacy_iterators(self):
        batch = next(mx.io.NDArrayIter(mx.np.array(values(4, 2)), mx.np.array([0, 1, 2, 3]), 2))
        assert type(batch.data[0]) is nd.NDArray and batch.label[0].asnumpy().tolist() == [0, 1]

    def test_split_and_load(self):
        x = mx.np.array(values(6, 2))
        for data in (x, x.asnumpy()):
            parts = gluon.utils.split_and_load(data, [mx.cpu(0), mx.cpu(1)])
            assert [(type(p), p.shape, p.context.device_id) for p in parts] == [
                (np_ndarray, (3, 2), 0), (np_ndarray, (3, 2), 1),
            ]  # fmt: skip

    @pytest.mark.parametrize(
        "make",
        [
            transforms.ToTensor, transforms.Cast, lambda: transforms.Resize(2), lambda: transforms.CenterCrop(2),
            lambda: transforms.RandomResizedCrop(2), lambda: transforms.CropResize(0, 0, 2, 2),
            transforms.RandomFlipLeftRight, lambda: transforms.RandomColorJitter(0.1, 0.1, 0.1, 0.1),
            lambda: transforms.Compose([transforms.ToTensor(), transforms.Normalize(0.5, 0.5)]),
            lambda: transforms.Compose([transforms.ToTensor(), transforms.Rotate(30)]),
        ],
    )  # fmt: skip
    def test_transforms(self, make):
        picture = onp.arange(48, dtype="uint8").reshape(4, 4, 3)

        def run(array):
            mx.random.seed(0)
            onp.random.seed(0)
            import random

            random.seed(0)
            return make()(array(picture, dtype="uint8"))

        found = run(mx.np.array)
        wanted = legacy(lambda: run(nd.array))
        assert type(found) is np_ndarray and found.dtype == wanted.dtype
        onp.testing.assert_allclose(found.asnumpy(), wanted.asnumpy(), rtol=1e-5)

    def test_augmenters(self):
        import random

        augs = mx.image.CreateAugmenter(
            (3, 4, 4), rand_mirror=True, mean=True, std=True, brightness=0.1, contrast=0.1, saturation=0.1, hue=0.1,
            pca_noise=0.1, rand_gray=0.5,
        )  # fmt: skip
        old = legacy(
            lambda: mx.image.CreateAugmenter(
                (3, 4, 4), rand_mirror=True, mean=True, std=True, brightness=0.1, contrast=0.1, saturation=0.1,
                hue=0.1, pca_noise=0.1, rand_gray=0.5,
            )
        )  # fmt: skip

        def run(array, augs):
            random.seed(2)
            onp.random.seed(2)
            picture = array(onp.arange(108).reshape(6, 6, 3), dtype="uint8")
            for aug in augs:
                picture = aug(picture)
            return picture

        found = run(mx.np.array, augs)
        assert type(found) is np_ndarray
        wanted = legacy(lambda: run(nd.array, old))
        onp.testing.assert_allclose(found.asnumpy(), wanted.asnumpy(), rtol=1e-4, atol=1e-5)


class TestNeighbours:
    def test_copies(self):
        x = mx.np.ones((2, 3))
        for twin in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
            assert type(twin) is np_ndarray and (twin.asnumpy() == 1).all()
        net = nn.Dense(2, in_units=3)
        net.initialize()
        for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
            assert type(twin(x)) is np_ndarray

    def test_torch_modules_as_blocks(self):
        block = TorchBlock(torch.nn.Linear(3, 2))
        block.initialize()
        x = mx.np.ones((2, 3))
        x.attach_grad()
        with autograd.record():
            y = block(x)
        y.backward()
        found = [y, x.grad, *(p.data() for p in block.collect_params().values())]
        assert {type(a) for a in found} == {np_ndarray}

    @pytest.mark.parametrize("hybrid", [False, True])
    def test_blocks_as_torch_modules(self, hybrid):
        net = nn.Dense(2, in_units=3)
        net.initialize()
        net.hybridize(hybrid)
        module = as_module(net)
        out = module(torch.ones(2, 3))
        out.sum().backward()
        assert type(out) is torch.Tensor and all(p.grad is not None for p in module.parameters())

    def test_custom_operators_take_legacy_arrays(self):
        with pytest.raises(TypeError, match="`Custom` takes legacy arrays only"):
            nd.Custom(mx.np.ones(2), op_type="nothing")

    def test_estimator(self):
        net = nn.Dense(2)
        net.initialize()
        data = gluon.data.DataLoader(
            gluon.data.ArrayDataset(mx.np.array(values(8, 3)), mx.np.array(onp.arange(8) % 2)), 4
        )
        estimator = gcontrib.estimator.Estimator(
            net, loss.SoftmaxCrossEntropyLoss(), train_metrics=mx.metric.Accuracy(),
            trainer=gluon.Trainer(net.collect_params(), "adam"),
        )  # fmt: skip
        estimator.logger.setLevel("ERROR")
        estimator.fit(data, val_data=data, epochs=1)
        assert 0 <= estimator.train_metrics[0].get()[1] <= 1


class TestFunctions:
    def test_gradients_of_the_users_own(self):
        seen = []

        class Squared(autograd.Function):
            def forward(self, x):
                self.save_for_backward(x)
                return x * x

            def backward(self, dy):
                seen.append((type(dy), npx.is_np_array()))
                return 2 * dy * self.saved_tensors[0]

        x = mx.np.array([1.0, 2.0])
        x.attach_grad()
        with autograd.record():
            y = Squared()(x)
        y.backward()
        assert seen == [(np_ndarray, True)] and x.grad.asnumpy().tolist() == [2, 4]
        with autograd.record():
            y = x * x
        (found,) = autograd.grad(y, [x])
        assert type(found) is np_ndarray

    def test_outputs_of_blocks_are_checked(self):
        class Legacy(gluon.Block):
            def forward(self, x):
                return [x, (x, x.as_nd_ndarray())]

        with pytest.raises(TypeError, match="must be of type `mxnet.numpy.ndarray`"):
            Legacy()(mx.np.ones(2))

        class Other(gluon.Block):
            def forward(self, x):
                return x, None, 3

        assert Other()(mx.np.ones(2))[1:] == (None, 3)

    def test_decorated_blocks(self):
        npx.reset_np()

        @npx.use_np
        class Scaled(gluon.HybridBlock):
            def __init__(self):
                super().__init__()
                self.w = self.params.get("w", shape=(-1,), allow_deferred_init=True, init="ones")

            def infer_shape(self, x):
                self.w.shape = (x.shape[-1],)

            def hybrid_forward(self, F, x, w):
                return F.np.exp(x * 0) * w

        net = Scaled()
        net.initialize()
        for hybrid in (False, True):
            net.hybridize(hybrid)
            out = net(mx.np.ones((2, 3)))
            assert type(out) is np_ndarray and out.asnumpy().tolist() == [[1] * 3] * 2
        assert not npx.is_np_array()
