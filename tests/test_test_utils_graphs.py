"""``mx.test_utils`` against real MXNet's: checks of graphs, gradients, dtypes; files."""

import bz2
import gzip
import struct
import zipfile

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat import test_utils as tu
from tests.oracle import test_utils_graphs
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(test_utils_graphs, rtol=2e-4, atol=1e-5)


def fc():
    return mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=3, name="fc")


def test_storage_types_in_a_list():
    # MXNet looks at dicts only
    rows = mx.nd.array([[1.0, 2], [0, 0], [0, 3]]).tostype("row_sparse")
    square = mx.sym.sparse.square(mx.sym.var("r", stype="row_sparse"))
    twice = [2 * rows.asnumpy()]
    got = tu.check_symbolic_backward(square, [rows], [np.ones((3, 2))], twice, grad_stypes=["row_sparse"])
    assert got["r"].stype == "row_sparse"


def test_consistency_of_some_gradients():
    # MXNet compares what the null ones leave undefined
    pair = [{"ctx": mx.cpu(0), "data": (2, 4), "type_dict": {"data": d}} for d in (np.float64, np.float32)]
    reqs = {"data": "write", "fc_weight": "null", "fc_bias": "write"}
    assert sorted(tu.check_consistency(fc(), pair, grad_req=reqs)) == ["data", "fc_bias", "fc_output"]


def test_a_wrong_gradient_is_found():
    class Wrong(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            self.assign(out_data[0], req[0], in_data[0] * 2)

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            self.assign(in_grad[0], req[0], out_grad[0] * 3)

    @mx.operator.register("wrong_by_half")
    class WrongProp(mx.operator.CustomOpProp):
        def create_operator(self, ctx, shapes, dtypes):
            return Wrong()

    net = mx.sym.Custom(mx.sym.var("data"), op_type="wrong_by_half")
    with pytest.raises(AssertionError, match="NUMERICAL_data=.*BACKWARD_data="):
        tu.check_numeric_gradient(net, [np.ones((2, 2))], numeric_eps=1e-2, rtol=1e-2)


def test_numeric_gradients_of_sparse_arguments():
    a = tu.rand_ndarray((3, 4), "csr", density=0.5)
    net = mx.sym.sparse.dot(mx.sym.var("a", stype="csr"), mx.sym.var("b"))
    given = {"a": a, "b": tu.rand_ndarray((4, 2))}
    tu.check_numeric_gradient(net, given, grad_nodes=["b"], numeric_eps=1e-2, rtol=1e-2, atol=1e-2)
    tu.check_symbolic_forward(net, given, [a.asnumpy().dot(given["b"].asnumpy())])


@pytest.mark.gpu
def test_a_gpu_against_a_cpu():
    pair = [{"ctx": ctx, "data": (2, 4), "type_dict": {"data": np.float32}} for ctx in (mx.cpu(), mx.gpu())]
    tu.check_consistency(fc(), pair, rtol=1e-3, atol=1e-4)
    tu.check_numeric_gradient(
        fc(), [np.ones((2, 4)), np.ones((3, 4)), np.ones(3)], ctx=mx.gpu(), dtype=np.float64, rtol=1e-4, atol=1e-4
    )


# ---------------------------------------------------------------------------------------------- Blocks
def test_hybridized_blocks_agree():
    def dense(prefix=None):
        return mx.gluon.nn.Dense(3, activation="relu", prefix=prefix)

    data = [mx.nd.array(np.random.RandomState(0).uniform(size=(2, 4)))]
    tu.check_gluon_hybridize_consistency(dense, data)
    tu.check_gluon_hybridize_consistency(dense, data, test_grad=False)


def test_hybridized_blocks_that_differ():
    class Differs(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return x * 2 if F is mx.nd else x * factor

    data = [mx.nd.ones((2, 2))]
    factor = 3
    with pytest.raises(AssertionError, match="Items are not equal"):
        tu.check_gluon_hybridize_consistency(Differs, data)
    factor = 2
    tu.check_gluon_hybridize_consistency(Differs, data, numpy_func=lambda x: 2 * x)
    with pytest.raises(AssertionError, match="Items are not equal"):
        tu.check_gluon_hybridize_consistency(Differs, data, numpy_func=lambda x: 2 * x + 1)


# ---------------------------------------------------------------------------------------------- files
@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def idx(array):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def test_mnist_from_local_files(folder):
    images, labels = np.arange(2 * 28 * 28, dtype="uint8").reshape(2, 28, 28), np.array([3, 7], dtype="uint8")
    for part in ("train", "t10k"):
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    mnist = tu.get_mnist()
    assert sorted(mnist) == ["test_data", "test_label", "train_data", "train_label"]
    assert mnist["train_data"].shape == (2, 1, 28, 28) and mnist["train_data"].dtype == np.float32
    assert (mnist["test_data"] * 255).round().astype("uint8").ravel().tolist() == images.ravel().tolist()
    assert mnist["train_label"].tolist() == [3, 7]
    (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"something else"))
    with pytest.raises(ValueError, match="no IDX file"):
        tu.get_mnist()


NOWHERE = "http://127.0.0.1:1/x/y.bin"


def test_files_that_cannot_be_downloaded(folder):
    with pytest.raises(ConnectionError, match=r"Get http://127.0.0.1:1/x/y.bin .* put it at .*y\.bin"):
        tu.download(NOWHERE, retries=1)
    (folder / "y.bin").write_text("mine")
    assert tu.download(NOWHERE) == "y.bin"
    assert tu.download(NOWHERE, dirname=".", fname="y.bin") == "./y.bin"
    assert tu.download_model("no-such-model") == (None, 0)
    model = {"net": {"symbol": NOWHERE, "params": NOWHERE}}
    (folder / "net-symbol.json").write_text("{}")
    (folder / "net-0000.params").write_text("")
    assert tu.download_model("net", str(folder), model) == (str(folder / "net"), 0)


def test_archives(folder):
    (folder / "data").mkdir()
    with zipfile.ZipFile(folder / "data" / "mnist.zip", "w") as file:
        for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"):
            file.writestr(name, "content")
    tu.get_mnist_ubyte()
    assert (folder / "data" / "train-labels-idx1-ubyte").read_text() == "content"
    with zipfile.ZipFile(folder / "data" / "cifar10.zip", "w") as file:
        for name in ("train.rec", "test.rec", "train.lst", "test.lst"):
            file.writestr(f"cifar/{name}", "content")
    tu.get_cifar10()
    assert (folder / "data" / "cifar" / "test.rec").exists()
    (folder / "data" / "mnist.pkl.gz").write_text("")
    tu.get_mnist_pkl()
    (folder / "data" / "packed").write_bytes(bz2.compress(b"text"))
    tu.get_bz2_data("data", "text", NOWHERE, "packed")
    assert (folder / "data" / "text").read_bytes() == b"text" and not (folder / "data" / "packed").exists()
    tu.get_bz2_data("data", "text", NOWHERE, "packed")  # it is there


def test_iterators():
    class Counter:
        batch_size, provide_data, provide_label = 2, ["data"], ["label"]
        count = 0

        def next(self):
            self.count += 1
            return self.count

    dummy = tu.DummyIter(Counter())
    assert [dummy.next(), next(dummy), next(iter(dummy))] == [1, 1, 1]
    dummy.reset()
    assert (dummy.next(), dummy.batch_size, dummy.provide_data, dummy.provide_label) == (1, 2, ["data"], ["label"])
    assert isinstance(dummy, mx.io.DataIter)


@pytest.mark.parametrize(("shape", "of_batch"), [((784,), (3, 784)), ((1, 28, 28), (3, 1, 28, 28))])
def test_mnist_iterators(tmp_path, monkeypatch, shape, of_batch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for part in ("train", "t10k"):
        images = struct.pack(">IIII", 2051, 10, 28, 28) + bytes(i % 256 for i in range(7840))
        (tmp_path / "data" / f"{part}-images-idx3-ubyte").write_bytes(images)
        labels = struct.pack(">II", 2049, 10) + bytes(range(10))
        (tmp_path / "data" / f"{part}-labels-idx1-ubyte").write_bytes(labels)
    for made in tu.get_mnist_iterator(3, shape):
        assert made.provide_data[0].shape == of_batch
        assert [b.label[0].asnumpy().tolist() for b in made] == [[0, 2, 3], [5, 9, 1], [6, 8, 4]]  # MXNet's order
    half = [b.label[0].asnumpy().tolist() for b in tu.get_mnist_iterator(2, shape, 2, 1)[1]]
    assert half == [[5, 7], [8, 6]]
