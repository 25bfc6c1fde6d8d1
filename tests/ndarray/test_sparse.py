"""Sparse arrays against real MXNet's, and what is ours about them."""

import sys
import types

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from mxgluon_compat.cached_op import CachedOp
from mxgluon_compat.serialization import params
from tests.oracle import sparse_arrays, sparse_faces, sparse_gradients, sparse_storage, sparse_training, sparse_values
from tests.oracle.scenario import read, same
from tests.oracle.sparse_common import csr, look, rsp

nd = mx.nd
SCENARIOS = {
    "sparse_arrays": sparse_arrays, "sparse_faces": sparse_faces, "sparse_gradients": sparse_gradients,
    "sparse_storage": sparse_storage, "sparse_training": sparse_training,
    "sparse_values": sparse_values,
}  # fmt: skip
GOLDEN = {name: read(name) for name in SCENARIOS}
DENSE = "MXNet refuses where it has no rule for the storage; the dense form gives the numbers"
EMPTY = "MXNet refuses arrays of no elements"
MATRIX = "MXNet makes a csr array that is no matrix and cannot be read"
UNSORTED = "MXNet leaves the elements of a row out of order"
WORDED = "the same class; the text says more"
# (scenario, name) -> why we differ from MXNet.
DIFFERENCES = {
    ("sparse_arrays", "S.csr_matrix((3,4,5))"): WORDED,
    ("sparse_arrays", "S.row_sparse_array(([[1,2],[3,4]],[1,4],[2]))"): WORDED,
    ("sparse_arrays", "S.zeros('row_sparse',(2,3),dtype='foo')"): WORDED,
    ("sparse_arrays", "a.astype('foo')"): WORDED,
    ("sparse_arrays", "S.retain(nd.ones((5,3)),nd.array([3]))"): DENSE,
    ("sparse_faces", "S.row_sparse_array([])"): EMPTY,
    ("sparse_faces", "S.csr_matrix([[]])"): EMPTY,
    ("sparse_faces", "S.zeros('csr',(2,))"): MATRIX,
    ("sparse_faces", "S.zeros('csr',(2,3,4))"): MATRIX,
    ("sparse_faces", "nd._internal._sparse_retain(a,nd.array([1]))"): "the same operator under its registered name",
    ("sparse_faces", "S.dot(csr(mx,'float16'),nd.ones((5,2),dtype='float16'))"): DENSE,
    ("sparse_faces", "nd.dot(c,nd.ones((4,)),transpose_a=True)"): DENSE,
    ("sparse_faces", "nd.dot(c,nd.ones((5,2,1)))"): DENSE,
    ("sparse_faces", "S.add(c,c)"): UNSORTED,
    ("sparse_faces", "S.multiply(c,c)"): UNSORTED,
    ("sparse_faces", "S.multiply('x',a)"): "TypeError as on the right side",
    ("sparse_faces", "S.norm(c,out_dtype='float64')"): DENSE,
    ("sparse_faces", "nd._internal._square_sum(a)"): DENSE,
    ("sparse_faces", "nd._internal._square_sum(c,axis=1)"): DENSE,
    ("sparse_faces", "S.clip(c,-3,-1)"): DENSE,
    ("sparse_faces", "nd.concatenate([a,b])"): DENSE,
    ("sparse_faces", "nd.contrib.getnnz(a)"): DENSE,
    ("sparse_faces", "nd.sparse.zeros('row_sparse',(2,3),out=nd.zeros((2,3)))"): "MXNet's trips over its own argument",
    ("sparse_values", "c/E"): DENSE,
    ("sparse_values", "nd.broadcast_div(c,E+1)"): DENSE,
    ("sparse_values", "nd.cast_storage(D,'row_sparse',out=nd.ones((5,3)))"): DENSE,
    ("sparse_values", "nd.clip(a,1,2)"): DENSE,
    ("sparse_values", "nd.concatenate([c,c2])"): DENSE,
    ("sparse_values", "nd.dot(c,nd.ones((5,)))"): DENSE,
    ("sparse_values", "nd.dot(c,nd.ones((5,2)),out=S.zeros('row_sparse',(4,2)))"): DENSE,
    ("sparse_values", "nd.take(c,nd.array([[1,0]]))"): DENSE,
    ("sparse_values", "nd.dot(nd.array([[0,0,1,0]]),c2)"): "MXNet stores the zeros of the product too",
    ("sparse_storage", "broadcast_div"): DENSE,
    ("sparse_storage", "nd.divide"): DENSE,
    ("sparse_storage", "dot 1 0 default"): DENSE,
    ("sparse_training", "adam_update all: row_sparse weight, row_sparse states of zeros, none"): DENSE,
    ("sparse_training", "adam_update all: row_sparse weight, row_sparse states of zeros, rows"): DENSE,
}


@pytest.fixture(scope="module")
def found():
    return {name: scenario.results(mx) for name, scenario in SCENARIOS.items()}


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_all_scenarios_ran(found, scenario):
    assert set(found[scenario]) == set(GOLDEN[scenario])


@pytest.mark.parametrize(("scenario", "name"), [(s, n) for s in sorted(GOLDEN) for n in sorted(GOLDEN[s])])
def test_as_mxnet(found, scenario, name):
    ours, theirs = found[scenario][name], GOLDEN[scenario][name]
    rtol, atol = (1e-5, 1e-6) if scenario in ("sparse_training", "sparse_gradients") else (1e-6, 1e-9)
    agrees = same(ours, theirs, rtol=rtol, atol=atol)
    assert agrees != ((scenario, name) in DIFFERENCES), f"{ours}\n{theirs}"


# ---------------------------------------------------------------------------------------------- coordinates and SciPy
def test_csr_of_coordinates():
    """SciPy's rules, which MXNet asks for it: repeated elements add up, lists are int64 or float64."""
    places = ([1, 1, 0, 1], [2, 0, 1, 2])
    made = nd.sparse.csr_matrix(([1, 2, 3, 4], places), shape=(2, 3))
    assert made.asnumpy().tolist() == [[0, 3, 0], [2, 0, 5]]
    assert (made.dtype, made.indices.asnumpy().tolist(), made.indptr.asnumpy().tolist()) == (
        np.int64,
        [1, 0, 2],
        [0, 1, 3],
    )
    made.check_format()
    assert nd.sparse.csr_matrix(([1.0, 2, 3, 4], places)).dtype is np.float64
    assert nd.sparse.csr_matrix((nd.ones(4), tuple(map(nd.array, places)))).shape == (2, 3)
    assert nd.sparse.csr_matrix((np.ones(4), places), shape=(2, 3), dtype="float16").dtype is np.float16
    with pytest.raises(ValueError, match="row index exceeds"):
        nd.sparse.csr_matrix(([1.0], ([2], [0])), shape=(2, 2))
    with pytest.raises(ValueError, match="column index exceeds"):
        nd.sparse.csr_matrix(([1.0], ([0], [2])), shape=(2, 2))
    with pytest.raises(ValueError, match="negative row index"):
        nd.sparse.csr_matrix(([1.0], ([-1], [0])), shape=(2, 2))
    with pytest.raises(ValueError, match="same length"):
        nd.sparse.csr_matrix(([1.0], ([0, 1], [0])), shape=(2, 2))


class Matrix:
    """As much of scipy.sparse.csr_matrix as is read and made."""

    format = "csr"

    def __init__(self, parts, shape, dtype):
        (self.data, self.indices, self.indptr), self.shape, self.dtype = parts, shape, dtype

    def sorted_indices(self):
        return self


def test_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", types.ModuleType("scipy"))
    module = types.ModuleType("scipy.sparse")
    module.csr_matrix = Matrix
    monkeypatch.setitem(sys.modules, "scipy.sparse", module)
    matrix = csr(mx, "float64").asscipy()
    assert (matrix.shape, matrix.dtype) == ((4, 5), np.float64)
    assert [part.tolist() for part in (matrix.data, matrix.indices, matrix.indptr)] == [
        [1, 2, 3, 4, 5], [0, 3, 1, 2, 4], [0, 2, 3, 3, 5],
    ]  # fmt: skip
    for back in (nd.array(matrix), nd.sparse.array(matrix), nd.sparse.csr_matrix(matrix)):
        assert look(back) == look(csr(mx, "float64"))
    assert nd.sparse.array(matrix, dtype="float16").dtype is np.float16


def test_without_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(ImportError, match="scipy could not be imported"):
        csr(mx).asscipy()


# ---------------------------------------------------------------------------------------------- two forms of one array
class TestForms:
    def test_the_dense_form_is_made_on_demand_and_kept(self):
        x = rsp(mx)
        assert x._dense is None
        assert x._data is x._data
        assert x.asnumpy()[1].tolist() == [1, 2, 3]

    def test_a_write_into_the_dense_form_shows_in_the_parts(self):
        x, y = rsp(mx), csr(mx)
        x._data[0] = 7
        x._data[1] = 0
        assert x.indices.asnumpy().tolist() == [0, 3]
        assert x.data.asnumpy()[0].tolist() == [7, 7, 7]
        y.to_torch()[2, 2] = 9
        assert (y.indptr.asnumpy().tolist(), y.indices.asnumpy().tolist()) == ([0, 2, 3, 4, 6], [0, 3, 1, 2, 2, 4])

    def test_reading_makes_no_dense_form(self):
        for x in (rsp(mx), csr(mx)):
            repr(x), x.shape, x.dtype, x.copy(), x.asnumpy(), x * 2, x.astype("float64"), x.data, x.check_format()
            assert x._dense is None, x.stype

    def test_a_variable_keeps_its_leaf(self):
        x = rsp(mx)
        x.attach_grad()
        leaf = x._data
        x[:] = rsp(mx, rows=(0, 4))
        assert x._data is leaf and leaf.requires_grad
        assert leaf[0].tolist() == [1, 2, 3] and leaf[1].tolist() == [0, 0, 0]
        assert x.indices.asnumpy().tolist() == [0, 4]

    def test_stored_zeros_stay_stored(self):
        x = nd.sparse.row_sparse_array((np.zeros((2, 3), "float32"), [0, 2]), shape=(4, 3))
        assert (x * 3).indices.asnumpy().tolist() == [0, 2]
        assert x.copy().indices.asnumpy().tolist() == [0, 2]

    def test_from_torch_tensors(self):
        dense = torch.tensor([[0.0, 0], [1, 0]])
        for tensor in (dense, dense.to_sparse(), dense.to_sparse(1)):
            assert look(nd.sparse.RowSparseNDArray(tensor)) == look(nd.array(dense).tostype("row_sparse"))
            assert look(nd.sparse.CSRNDArray(tensor)) == look(nd.array(dense).tostype("csr"))

    def test_bad_indices(self):
        bad = [
            nd.sparse.row_sparse_array(([[1, 2]], [7]), shape=(6, 2)),
            nd.sparse.csr_matrix(([1, 2], [0, 5], [0, 1, 2]), shape=(2, 3)),
            nd.sparse.csr_matrix(([1, 2], [0, 1], [0, 9, 2]), shape=(2, 3)),
            nd.sparse.csr_matrix(([1] * 3, [0] * 3, [0, 50000, *[3] * 4999]), shape=(5000, 3)),
        ]
        for x in bad:
            with pytest.raises(MXNetError, match="do not fit its shape.*check_format"):
                x.asnumpy()
        with pytest.raises(MXNetError, match="dot"):
            nd.dot(bad[1], nd.ones((3, 2)))
        for x in bad[2:]:
            for use in (lambda x: x + x, lambda x: nd.dot(x, nd.ones((3, 2))), lambda x: x.tostype("default")):
                with pytest.raises(MXNetError):
                    use(x)

    def test_numpy_reads_the_dense_form(self):
        assert np.array(rsp(mx)).shape == (5, 3)

    def test_a_dense_array_takes_a_sparse_one(self):
        x = nd.zeros((4, 5))
        x[:] = csr(mx)
        x[0] = csr(mx)[3]
        assert x.asnumpy()[:2].tolist() == [[0, 0, 4, 0, 5], [0, 3, 0, 0, 0]]

    def test_iteration_over_rows_ends(self):
        assert [row.shape for row in csr(mx)] == [(1, 5)] * 4

    def test_retain_as_a_method(self):
        """MXNet's method leaves the array itself out and returns [0]."""
        kept = rsp(mx).retain(nd.array([3, 0]))
        assert look(kept) == look(nd.sparse.retain(rsp(mx), nd.array([3, 0])))
        assert kept.indices.asnumpy().tolist() == [3, 0]

    def test_numbers_on_the_left(self):
        """MXNet's nd.sparse.subtract and divide take them for the right side."""
        x = rsp(mx, rows=range(5))
        np.testing.assert_allclose(nd.sparse.subtract(2, x).asnumpy(), 2 - x.asnumpy())
        np.testing.assert_allclose(nd.sparse.divide(2, x).asnumpy(), 2 / x.asnumpy(), rtol=1e-6)

    def test_stored_elements_are_counted(self):
        x = nd.sparse.csr_matrix(([0.0, 1.0, 2.0], [0, 1, 1], [0, 2, 3]), shape=(2, 3))
        assert nd.contrib.getnnz(x).asnumpy().tolist() == [3]
        assert nd.contrib.getnnz(x, axis=1).asnumpy().tolist() == [2, 1]
        assert nd.contrib.getnnz(x).dtype is np.int64
        with pytest.raises(MXNetError, match="_contrib_getnnz"):
            nd.contrib.getnnz(x, axis=0)

    def test_square_sum(self):
        x = rsp(mx)
        rows = nd._internal._square_sum(x, axis=1, keepdims=True)
        assert rows.stype == "row_sparse" and rows.indices.asnumpy().tolist() == [1, 3]
        assert rows.asnumpy()[:, 0].tolist() == [0, 14, 0, 77, 0]
        assert nd._internal._square_sum(x, axis=0).asnumpy().tolist() == [17, 29, 45]


# ---------------------------------------------------------------------------------------------- files
class TestFiles:
    def test_a_missing_part(self, tmp_path):
        nd.save(tmp_path / "x", {"a": rsp(mx)})
        content = (tmp_path / "x").read_bytes().replace(b"a#data", b"a#gone")
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(MXNetError, match="sparse array in it is damaged.*a#data"):
            nd.load(tmp_path / "x")

    def test_a_name_twice(self, tmp_path):
        with pytest.raises(MXNetError, match="'a#data' is the name of a part"):
            nd.save(tmp_path / "x", {"a": rsp(mx), "a#data": nd.ones(2)})
        assert not list(tmp_path.iterdir())

    def test_other_readers_see_the_parts(self, tmp_path):
        from safetensors.torch import load_file

        nd.save(tmp_path / "x", {"a": csr(mx)})
        assert sorted(load_file(tmp_path / "x")) == ["a#data", "a#indices", "a#indptr"]
        assert isinstance(params.load_tensors(tmp_path / "x")["a"], params.SparseParts)

    def test_places_that_cannot_be_written_to(self, tmp_path):
        with pytest.raises(MXNetError, match="no such folder") as info:
            nd.save(tmp_path / "no" / "x", [nd.ones(2)])
        assert isinstance(info.value, FileNotFoundError)
        with pytest.raises(MXNetError, match="cannot be written") as info:
            nd.save(tmp_path, [nd.ones(2)])
        assert isinstance(info.value, OSError)


# ---------------------------------------------------------------------------------------------- gradients
def embedding_gradient(weight, ids, run=None):
    run = run or (lambda i, w: nd.Embedding(i, w, input_dim=5, output_dim=2, sparse_grad=True))
    with mx.autograd.record():
        y = run(nd.array(ids), weight)
    y.backward()
    return weight.grad


class TestGradients:
    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    def test_dtypes(self, dtype):
        """MXNet's attach_grad(stype=...) makes a float32 array whatever the dtype, and fails at backward."""
        weight = nd.ones((5, 2), dtype=dtype)
        weight.attach_grad(stype="row_sparse")
        gradient = embedding_gradient(weight, [4, 0, 4])
        assert gradient.dtype is weight.dtype
        assert look(gradient)["row_sparse"]["data"]["values"] == [1, 1, 2, 2]

    def test_add(self):
        """MXNet refuses to add to row_sparse gradients."""
        weight = nd.ones((5, 2))
        weight.attach_grad("add", stype="row_sparse")
        embedding_gradient(weight, [4, 0])
        assert look(embedding_gradient(weight, [4, 1]))["row_sparse"]["data"]["values"] == [1, 1, 1, 1, 2, 2]
        with mx.autograd.record():
            y = weight * nd.array([[0], [0], [3], [0], [0]])
        y.backward()
        assert weight.grad.indices.asnumpy().tolist() == [0, 1, 2, 4]

    def test_the_array_decides_how_a_gradient_is_stored(self):
        """MXNet refuses an Embedding whose sparse_grad is not what the gradient's array is."""
        weight = nd.ones((5, 2))
        weight.attach_grad()
        assert embedding_gradient(weight, [4, 0]).asnumpy().sum(1).tolist() == [2, 0, 0, 0, 2]
        weight.attach_grad("add")
        embedding_gradient(weight, [4, 0])
        assert embedding_gradient(weight, [1, 0]).asnumpy().sum(1).tolist() == [4, 2, 0, 0, 2]
        weight.attach_grad(stype="row_sparse")

        def dense(i, w):
            return nd.Embedding(i, w, input_dim=5, output_dim=2)

        assert embedding_gradient(weight, [4, 0], dense).indices.asnumpy().tolist() == [0, 4]

    def test_no_dense_detour(self):
        weight = nd.ones((5, 2))
        weight.attach_grad(stype="row_sparse")
        gradient = embedding_gradient(weight, [3, 1, 3])
        assert gradient._dense is None
        assert (gradient * 2)._dense is None

    @pytest.mark.parametrize("name", ["Embedding", "_contrib_SparseEmbedding"])
    def test_through_a_cached_graph(self, name):
        extra = {"sparse_grad": True} if name == "Embedding" else {}
        make = mx.sym.Embedding if name == "Embedding" else mx.sym.contrib.SparseEmbedding
        graph = CachedOp(make(mx.sym.var("i"), mx.sym.var("w"), input_dim=5, output_dim=2, **extra))
        weight = nd.ones((5, 2))
        weight.attach_grad(stype="row_sparse")
        for ids in ([3, 1, 3], [0, 0]):
            gradient = embedding_gradient(weight, ids, graph)
            assert gradient.indices.asnumpy().tolist() == sorted(set(ids))
            assert gradient._dense is None

    def test_a_graph_takes_csr_data(self):
        graph = CachedOp(mx.sym.dot(mx.sym.var("x"), mx.sym.var("w")))
        weight = nd.ones((5, 2))
        weight.attach_grad(stype="row_sparse")
        with mx.autograd.record():
            y = graph(csr(mx)[0:2], weight)
        y.backward()
        assert y.asnumpy().tolist() == [[3, 3], [3, 3]]
        assert weight.grad.indices.asnumpy().tolist() == [0, 1, 3]

    def test_second_order(self):
        x = nd.array([[1.0, 2], [0, 3]])
        x.attach_grad(stype="row_sparse")
        with mx.autograd.record():
            (first,) = mx.autograd.grad((x * x * x).sum(), [x], create_graph=True)
            y = (first * first).sum()
        assert first.stype == "row_sparse"
        y.backward()
        np.testing.assert_allclose(x.grad.asnumpy(), 36 * x.asnumpy() ** 3)

    def test_in_place_while_recording(self):
        x = rsp(mx)
        x.attach_grad()
        with mx.autograd.record(), pytest.raises(MXNetError, match="Inplace"):
            x += x
        x *= 2
        assert x.data.asnumpy()[0].tolist() == [2, 4, 6]


class TestUpdates:
    def test_rows_that_are_not_stored_are_not_touched(self):
        weight, momentum = nd.ones((1000, 4)), nd.ones((1000, 4))
        gradient = nd.sparse.row_sparse_array((np.ones((2, 4), "float32"), [3, 500]), shape=(1000, 4))
        nd.sgd_mom_update(weight, gradient, momentum, lr=0.1, wd=0.1, momentum=0.9, out=weight)
        changed = np.flatnonzero((weight.asnumpy() != 1).any(1))
        assert changed.tolist() == np.flatnonzero((momentum.asnumpy() != 1).any(1)).tolist() == [3, 500]
        assert gradient._dense is None

    def test_without_out(self):
        """MXNet needs out=weight."""
        weight, gradient = nd.ones((5, 2)), rsp(mx, shape=(5, 2))
        new = nd.sgd_update(weight, gradient, lr=0.1)
        assert weight.asnumpy().tolist() == [[1, 1]] * 5
        np.testing.assert_allclose(new.asnumpy(), 1 - 0.1 * gradient.asnumpy(), rtol=1e-6)

    def test_a_variable_is_updated_in_place(self):
        weight = nd.ones((5, 2)).tostype("row_sparse")
        weight.attach_grad()
        leaf = weight._data
        nd.sgd_update(weight, rsp(mx, shape=(5, 2)), lr=0.5, out=weight)
        assert weight._data is leaf and leaf.requires_grad
        assert leaf[1].tolist() == [0.5, 0]
        assert weight.indices.asnumpy().tolist() == list(range(5))  # all rows stay stored, also those that become zero

    def test_shapes(self):
        with pytest.raises(MXNetError, match="sgd_update.*must have one shape"):
            nd.sgd_update(nd.ones((4, 2)), rsp(mx, shape=(5, 2)), lr=0.1, out=nd.ones((4, 2)))

    def test_adagrad_has_no_decay(self):
        weight = nd.ones((5, 2))
        with pytest.raises(MXNetError, match="does not support wd"):
            nd.sparse.adagrad_update(weight, rsp(mx, shape=(5, 2)), nd.ones((5, 2)), lr=0.1, wd=0.1, out=weight)


class TestRules:
    """What a storage rule computes is what the operator computes on dense forms."""

    @pytest.fixture(params=range(4))
    def random(self, request):
        return np.random.RandomState(request.param)

    @staticmethod
    def array(random, stype, shape):
        values = random.randint(-3, 4, shape) * (random.rand(*shape) < 0.4)
        if stype == "row_sparse":
            values = values * (random.rand(shape[0], 1) < 0.5)
        return nd.array(values, dtype="float64").tostype(stype)

    @staticmethod
    def check(function, *arrays):
        found = function(*arrays)
        expected = function(*[x.tostype("default") for x in arrays])
        if found.stype != "default":
            found.check_format()
        np.testing.assert_allclose(found.asnumpy(), expected.asnumpy(), rtol=1e-12)

    @pytest.mark.parametrize("stype", ["row_sparse", "csr"])
    def test_of_one_array(self, random, stype):
        x = self.array(random, stype, (6, 4))
        for name in ("abs", "relu", "square", "sign", "tanh", "floor", "negative"):
            self.check(getattr(nd, name), x)
        for axis, keep in ((0, False), (0, True), (1, False), (1, True)):
            self.check(lambda a, axis=axis, keep=keep: nd.sum(a, axis=axis, keepdims=keep), x)
            self.check(lambda a, axis=axis, keep=keep: nd.mean(a, axis=axis, keepdims=keep), x)
        self.check(lambda a: nd.slice(a, begin=(1,), end=(5,)), x)
        self.check(lambda a: nd.slice(a, begin=(2, 1), end=(6, 3)), x)
        for mode in ("clip", "wrap"):
            self.check(lambda a, mode=mode: nd.take(a, nd.array([5, -2, 0, 0, 9]), mode=mode), x)
        for shape in ((1, 4), (6, 1), (1, 1)):
            self.check(nd.broadcast_mul, x, nd.array(random.randint(1, 4, shape), dtype="float64"))

    @pytest.mark.parametrize("second", ["default", "row_sparse", "csr"])
    @pytest.mark.parametrize("first", ["row_sparse", "csr"])
    def test_of_two_arrays(self, random, first, second):
        x, y = self.array(random, first, (6, 4)), self.array(random, second, (6, 4))
        named = (nd.elemwise_add, nd.elemwise_sub, nd.elemwise_mul, nd._internal._maximum, nd._internal._minimum)
        for function in (*named, nd._internal._hypot, nd._internal._grad_add, nd.sparse.add, nd.sparse.multiply):
            self.check(function, x, y)
            self.check(function, y, x)
        self.check(nd.add_n, x, y, x)
        self.check(lambda *all_of: nd.concat(*all_of, dim=0), x, y, x)

    @pytest.mark.parametrize("second", ["default", "row_sparse", "csr"])
    @pytest.mark.parametrize("a", [False, True])
    @pytest.mark.parametrize("b", [False, True])
    def test_products_and_their_gradients(self, random, second, a, b):
        def dot(lhs, rhs):
            return nd.dot(lhs, rhs, transpose_a=a, transpose_b=b)

        for first in ("row_sparse", "csr"):
            x = self.array(random, first, (6, 4))
            shape = (6 if a else 4, 3)
            y = self.array(random, second, shape[::-1] if b else shape)
            self.check(dot, x, y)
            gradients = []
            for lhs, stype in ((x, "row_sparse"), (x.tostype("default"), "default")):
                weight = y.tostype("default")
                weight.attach_grad(stype=stype)
                with mx.autograd.record():
                    z = dot(lhs, weight).square().sum()
                z.backward()
                gradients.append(weight.grad.asnumpy())
            np.testing.assert_allclose(*gradients, rtol=1e-12)


class TestErrors:
    def test_products(self):
        with pytest.raises(MXNetError, match=r"dot shape error: \(4, 5\) X \(4, 2\)"):
            nd.dot(csr(mx), nd.ones((4, 2)))
        with pytest.raises(MXNetError, match=r"dot: Incompatible dtypes.*float64"):
            nd.dot(csr(mx, "float64"), nd.ones((5, 2)))

    def test_arithmetic(self):
        with pytest.raises(MXNetError, match=r"elemwise_add.*one shape, got \(5, 3\) and \(6, 3\)"):
            nd.elemwise_add(rsp(mx), rsp(mx, shape=(6, 3)))
        with pytest.raises(MXNetError, match="elemwise_add: Incompatible dtypes"):
            nd.elemwise_add(rsp(mx), rsp(mx, "float64"))
        with pytest.raises(MXNetError, match="Concat.*as many columns"):
            nd.concat(csr(mx), nd.ones((2, 3)).tostype("csr"), dim=0)
        with pytest.raises(MXNetError, match="cast_storage from row_sparse to csr"):
            nd.cast_storage(rsp(mx), "csr")
        with pytest.raises(MXNetError, match="only rows of row_sparse arrays can be retained"):
            nd.sparse.retain(csr(mx), nd.array([1]))

    def test_what_dense_arrays_have(self):
        for call in (lambda x: x.reshape((3, 5)), lambda x: x._at(0), lambda x: x._slice(0, 1)):
            with pytest.raises(mx.base.NotSupportedForSparseNDArray, match="not supported for SparseNDArray"):
                call(rsp(mx))
