"""Operators on graphs that are csr arrays, against MXNet; of the samplers what must hold for any sample."""

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from tests.oracle import sparse_graphs
from tests.oracle.sparse_graphs import graph, sampled
from tests.scenarios import against_mxnet

C = mx.nd.contrib
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(sparse_graphs)


def vertices(*numbers):
    return mx.nd.array(numbers, dtype="int64")


def complete(size):
    """Every vertex has an edge to every other one."""
    numbers = np.arange(1, size * size + 1).reshape(size, size) * (1 - np.eye(size, dtype=int))
    return mx.nd.array(numbers, dtype="int64").tostype("csr")


def parts(csr):
    return [x.asnumpy().tolist() for x in (csr.data, csr.indices, csr.indptr)]


def test_what_is_no_graph():
    with pytest.raises(MXNetError, match="_contrib_dgl_adjacency.*int64"):
        C.dgl_adjacency(mx.nd.ones((2, 2)))
    with pytest.raises(MXNetError, match="_contrib_edge_id.*csr"):
        C.edge_id(mx.nd.zeros((2, 2), stype="row_sparse"), vertices(0), vertices(0))


@pytest.mark.parametrize("numbers", [(2, 1), (0, 4), (-1, 0)])
def test_vertices_of_subgraphs(numbers):
    """MXNet ends the process."""
    with pytest.raises(MXNetError, match="_contrib_dgl_subgraph"):
        C.dgl_subgraph(graph(mx), vertices(*numbers), return_mapping=True)


def test_compact_keeps_the_numbers():
    """MXNet leaves the second matrix empty."""
    edges, there = sampled(mx)
    new, old = C.dgl_graph_compact(edges, there, graph_sizes=(3,), return_mapping=True)
    assert parts(new) == [[0, 1, 2, 3], [0, 2, 2, 1], [0, 2, 3, 4]]
    assert parts(old) == [[9, 2, 7, 4], [0, 2, 2, 1], [0, 2, 3, 4]]
    with pytest.raises(MXNetError, match="graph_sizes"):
        C.dgl_graph_compact(edges, there, graph_sizes=(2,), return_mapping=True)


@pytest.mark.parametrize("uniform", [True, False])
@pytest.mark.parametrize(("hops", "neighbors", "most"), [(1, 2, 10), (2, 2, 10), (2, 3, 6), (3, 1, 10)])
def test_samples(uniform, hops, neighbors, most):
    g, weights = complete(10), mx.nd.array(np.arange(1, 11))
    mx.random.seed(5)
    sets = (vertices(3), vertices(0, 7))
    attributes = dict(num_hops=hops, num_neighbor=neighbors, max_num_vertices=most)
    if uniform:
        made = C.dgl_csr_neighbor_uniform_sample(g, *sets, **attributes)
    else:
        made = C.dgl_csr_neighbor_non_uniform_sample(g, weights, *sets, **attributes)
    assert len(made) == (6 if uniform else 8)
    everything = g.asnumpy()
    for i, seeds in enumerate(([3], [0, 7])):
        there, edges, steps = made[i].asnumpy(), made[2 + i], made[-2 + i].asnumpy()
        count = there[-1]
        numbers = there[:count].tolist()
        assert there.shape == (most + 1,) and numbers == sorted(set(numbers)) and (there[count:-1] == -1).all()
        assert steps.shape == (most,) and (steps[count:] == -1).all() and steps[:count].max() <= hops
        assert [n for n, step in zip(numbers, steps) if step == 0] == seeds
        edges.check_format()
        assert edges.shape == (most, 10)
        drawn = edges.asnumpy()
        rows, columns = drawn.nonzero()
        np.testing.assert_array_equal(drawn[rows, columns], everything[np.take(numbers, rows), columns])
        assert (np.bincount(rows, minlength=most) <= neighbors).all()
        assert (steps[rows] < hops).all()
        if count < most:
            assert set(columns) <= set(numbers)
            expanded = {n for n, step in zip(numbers, steps) if step < hops}
            assert set(np.take(numbers, rows)) == expanded
        if not uniform:
            chances = made[4 + i].asnumpy()
            np.testing.assert_array_equal(chances[:count], weights.asnumpy()[numbers])
            assert chances.dtype == np.float32 and not chances[count:].any()


@pytest.mark.parametrize("uniform", [True, False])
def test_how_often_neighbours_are_drawn(uniform):
    g, weights = complete(5), np.array([4, 1, 1, 1, 1.0])
    mx.random.seed(1)
    counts = np.zeros(5)
    for _ in range(300):
        attributes = dict(num_neighbor=1, max_num_vertices=5)
        if uniform:
            edges = C.dgl_csr_neighbor_uniform_sample(g, vertices(4), **attributes)[1]
        else:
            edges = C.dgl_csr_neighbor_non_uniform_sample(g, mx.nd.array(weights), vertices(4), **attributes)[1]
        counts[edges.indices.asnumpy()] += 1
    expected = 300 * (np.ones(4) / 4 if uniform else weights[:4] / 7)
    assert counts.sum() == 300 and counts[4] == 0
    assert (abs(counts[:4] - expected) < 4 * np.sqrt(expected)).all(), counts


def test_the_seed_counts():
    def draw(seed):
        mx.random.seed(seed)
        return parts(C.dgl_csr_neighbor_uniform_sample(complete(10), vertices(3), num_neighbor=3)[1])

    assert draw(1) == draw(1) and any(draw(1) != draw(n) for n in range(2, 6))


def test_samples_are_made_compact():
    g = complete(8)
    there, edges, _ = C.dgl_csr_neighbor_uniform_sample(g, vertices(2, 5), num_hops=2, max_num_vertices=20)
    size = int(there[-1].asscalar())
    _, old = C.dgl_graph_compact(edges, there, graph_sizes=size, return_mapping=True)
    numbers = there.asnumpy()[:size]
    rows, columns = old.asnumpy().nonzero()
    np.testing.assert_array_equal(old.asnumpy()[rows, columns], g.asnumpy()[numbers[rows], numbers[columns]])
    assert len(rows) == len(edges.data)


def test_too_many_seeds():
    with pytest.raises(MXNetError, match="max_num_vertices=1"):
        C.dgl_csr_neighbor_uniform_sample(graph(mx), vertices(0, 1), max_num_vertices=1)


def test_symbols():
    """Graphs of symbols have dense forms, whose zeros are no edges."""
    var = mx.sym.var
    g, two = graph(mx), mx.sym.contrib.dgl_subgraph(var("g"), var("v"), return_mapping=True)
    executor = two.bind(mx.cpu(), {"g": g, "v": vertices(0, 1, 2)})
    new, old = executor.forward()
    assert old.asnumpy().tolist() == [[1, 0, 0], [3, 0, 4], [0, 5, 0]]
    assert two.infer_shape(g=(4, 4), v=(3,))[1] == [(3, 3), (3, 3)]
    ids = mx.sym.contrib.edge_id(var("g"), var("u"), var("v"))
    (found,) = ids.bind(mx.cpu(), {"g": g, "u": vertices(0, 0), "v": vertices(3, 1)}).forward()
    assert found.asnumpy().tolist() == [2, -1]
