"""The operators of mx.np.linalg give what MXNet's do, in graphs that files hold, and refuse what those refuse."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.cached_op import CachedOp
from mxgluon_compat.ndarray.invoke import invoke
from mxgluon_compat.ops import registry
from tests.oracle import numpy_linalg as scenario
from tests.oracle.scenario import read

GOLDEN = read("numpy_linalg")
GRAPHS = GOLDEN["graphs"]
LIMITS = {"float16": (4e-3, 4e-3), "float32": (2e-4, 2e-5), "float64": (1e-8, 1e-9)}
CASES = scenario.cases()
# MXNet has no gradients of these: here they are those of the functions.
WITHOUT_GRADIENT = ("_npi_eig", "_npi_pinv")
# Norms of integers, which are no norms there.
WRONG = {n for n in GRAPHS if n.startswith("_npi_norm") and "int32" in n}
# There the gradients of norms of several matrices have that of the output as a factor twice.
TWICE = tuple(
    n
    for n in GRAPHS
    if n.startswith("_npi_norm (2, 3, 4)") and ("flag=0" in n or ("flag=-1" in n and "axis=None" in n))
)
# Here the gradient is that of all singular values, those that count as 0 among them; or there is none.
NOT_SMOOTH = ("rcond=0.5", "(2,) float64", "(2, 3) float64'", "_npi_slogdet (2, 2) float32")
# Outputs that are told but for an order or signs.
FREE = "_npi_eig "


def array(value):
    return np.array(value["values"], np.float64).reshape(value["shape"])


def found(name):
    with mx.util.np_shape(True):
        return scenario.graph(mx, GRAPHS[name]["json"], scenario.arrays(mx, CASES[name][2]))


def close(got, want):
    assert (got["dtype"], got["shape"]) == (want["dtype"], want["shape"])
    np.testing.assert_allclose(array(got), array(want), *LIMITS.get(want["dtype"], (0, 0)))


@pytest.mark.parametrize("name", sorted(set(GRAPHS) - WRONG))
def test_outputs(name):
    ours, theirs = found(name)["outputs"], GRAPHS[name]["outputs"]
    assert len(ours) == len(theirs)
    if not name.startswith(FREE):
        for got, want in zip(ours, theirs, strict=True):
            close(got, want)
        return
    for got, want in zip(ours, theirs, strict=True):
        assert (got["dtype"], got["shape"]) == (want["dtype"], want["shape"])
    (values, vectors), (matrix,) = map(array, ours), scenario.arrays(mx, CASES[name][2])
    rtol, atol = LIMITS[theirs[0]["dtype"]]
    np.testing.assert_allclose(np.sort(values), np.sort(array(theirs[0])), rtol, atol)
    np.testing.assert_allclose(np.matmul(matrix.asnumpy(), vectors), vectors * values[..., None, :], rtol, 10 * atol)
    np.testing.assert_allclose((vectors**2).sum(-2), np.ones(values.shape), rtol)


@pytest.mark.parametrize(
    "name", sorted(n for n in GRAPHS if GRAPHS[n]["gradients"] is not None and not n.endswith(NOT_SMOOTH))
)
def test_gradients(name):
    ours, theirs = found(name)["gradients"], GRAPHS[name]["gradients"]
    if name.startswith(WITHOUT_GRADIENT):
        assert not any(array(g).any() for g in theirs)
        return
    if name in TWICE:
        assert not np.allclose(array(ours[0]), array(theirs[0]))
        return
    for got, want in zip(ours, theirs, strict=True):
        close(got, want)


@pytest.mark.parametrize(
    "name",
    sorted(
        n
        for n in GRAPHS
        if "float64" in n and (n.startswith(WITHOUT_GRADIENT) or n in TWICE) and not n.endswith(NOT_SMOOTH)
    ),
)
def test_gradients_that_mxnet_has_not(name):
    """Against numerical ones, of what is told but for the eigenvectors' length."""
    op, attributes, inputs = CASES[name]
    matrix = torch.tensor(inputs[0][0], dtype=torch.float64, requires_grad=True)
    rest = [torch.tensor(values, dtype=torch.float64) for values, _ in inputs[1:]]
    row = registry.get(op)

    def run(a):
        result = row.fn(a, *rest, **row.parse(attributes))
        if op == "_npi_eig":  # their order is free, and the signs of the vectors
            order = result[0].argsort()
            return result[0].gather(-1, order), (result[1] ** 2).gather(-1, order.unsqueeze(-2).expand_as(result[1]))
        if op == "_npi_eigvals":
            return (result.sort().values,)
        return result[: row.visible_outputs(row.parse(attributes))] if isinstance(result, tuple) else (result,)

    if op in ("_npi_eigh", "_npi_eigvalsh"):  # torch's gradient is that of a symmetric matrix
        values, lower = run, attributes.get("UPLO", "L") == "L"
        run = lambda a: values(a.tril() + a.tril(-1).mT if lower else a.triu() + a.triu(1).mT)  # noqa: E731
    assert torch.autograd.gradcheck(run, (matrix,), atol=1e-4)


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_text(name):
    with mx.util.np_shape(True):
        assert mx.sym.load_json(GRAPHS[name]["json"]).tojson() == GRAPHS[name]["json"]


@pytest.mark.parametrize(("op", "attributes", "inputs"), GOLDEN["refused"])
def test_refused(op, attributes, inputs):
    row = registry.get(op)
    with mx.util.np_shape(True), pytest.raises(mx.MXNetError):
        invoke(row, scenario.arrays(mx, inputs), row.parse(attributes))


def test_what_mxnet_misreads_is_refused():
    """There another letter than U is L, and a matrix's norm of an order that it has not is one that it has."""
    matrix = mx.nd.array(scenario.SYMMETRIC)
    for op in ("_npi_eigh", "_npi_eigvalsh"):
        with pytest.raises(mx.MXNetError, match="UPLO"):
            registry.get(op).parse({"UPLO": "u"})
    row = registry.get("_npi_norm")
    for order in (3, 0):
        with pytest.raises(mx.MXNetError, match="order"):
            invoke(row, [matrix], row.parse({"ord": order, "flag": -1}))


def test_norms_of_integers():
    """They are integers, as there, and rounded down."""
    row, matrix = registry.get("_npi_norm"), mx.nd.array([[1, 2], [3, 4]], dtype="int32")
    for attributes, want in (({}, 5), ({"flag": -1, "ord": 1, "axis": (0,)}, [4, 6])):
        with mx.util.np_shape(True):
            got = invoke(row, [matrix], row.parse(attributes))
        assert got.dtype == np.int32 and got.asnumpy().tolist() == want


def test_norms_that_mxnet_refuses():
    """Of infinite order along an axis, and by singular values of matrices that stand upright in two axes."""
    values = np.array(scenario.of(2, 3, 4))
    row = registry.get("_npi_norm")
    for order, axis in itertools.product((np.inf, -np.inf), ((1,), (0,))):
        got = invoke(row, [mx.nd.array(values)], row.parse({"ord": order, "flag": -1, "axis": axis}))
        np.testing.assert_allclose(got.asnumpy(), np.linalg.norm(values, order, axis[0]), rtol=1e-5)
    got = invoke(row, [mx.nd.array(values)], row.parse({"flag": 2, "axis": (2, 0)}))
    np.testing.assert_allclose(got.asnumpy(), np.linalg.norm(values, "nuc", (2, 0)), rtol=1e-5)


@pytest.mark.parametrize("op", sorted({op for op, _, _ in CASES.values()}))
# what torch.compile itself does with each autograd.Function that it traces
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning", "ignore:The .grad attribute")
def test_compiled(op):
    """The graph compiled in one piece gives the same."""
    name = next(n for n in CASES if CASES[n][0] == op and n in GRAPHS)
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    with mx.util.np_shape(True):
        graph = CachedOp(mx.sym.load_json(GRAPHS[name]["json"]), {"backend": "aot_eager"})
        outputs = graph(*scenario.arrays(mx, CASES[name][2]))
    counters = torch._dynamo.utils.counters
    assert counters["stats"]["unique_graphs"] == 1 and not counters["graph_break"], dict(counters["graph_break"])
    plain = [o["values"] for o in found(name)["outputs"]]
    for got, want in zip(outputs if isinstance(outputs, list) else [outputs], plain, strict=True):
        np.testing.assert_allclose(got.asnumpy().ravel(), want, rtol=1e-4, atol=1e-6)
