"""Writes tests/golden/sparse_graphs.json: operators on graphs stored as csr arrays, where nothing is random.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.sparse_graphs
"""

import numpy as np

from tests.oracle.scenario import plain, write
from tests.oracle.sparse_common import attempt, look


def graph(mx, dtype="int64"):
    """Four vertices, seven edges."""
    numbers = np.arange(1, 8).astype(dtype)
    return mx.nd.sparse.csr_matrix(
        (numbers, [0, 3, 0, 2, 1, 1, 2], [0, 2, 4, 5, 7]), shape=(4, 4), dtype=dtype
    )  # fmt: skip


def sampled(mx):
    """What a sampler gives: rows of the vertices 1, 2, 4, columns of all; and the vertices."""
    edges = mx.nd.sparse.csr_matrix(
        (np.array([9, 2, 7, 4], "int64"), [1, 4, 4, 2], [0, 2, 3, 4, 4, 4, 4]), shape=(6, 6), dtype="int64"
    )
    return edges, mx.nd.array([1, 2, 4, -1, -1, -1, 3], dtype="int64")


def results(mx):
    """name -> plain values."""
    nd = mx.nd
    C, found = nd.contrib, {}
    g, halves = graph(mx), graph(mx, "float32")
    zero = nd.sparse.csr_matrix((np.array([0, 5], "int64"), [0, 1], [0, 1, 2]), shape=(2, 2), dtype="int64")
    u, v = nd.array([0, 0, 1, 1, 3, 2]), nd.array([0, 1, 2, 0, 2, 2])

    def vertices(*numbers):
        return nd.array(numbers, dtype="int64")

    for dtype in ("float32", "int32", "int64"):
        ends = u.astype(dtype), v.astype(dtype)
        found["edge_id " + dtype] = attempt(C.edge_id, g, *ends)
        found["edge_id of float32, " + dtype] = attempt(C.edge_id, halves, *ends)
    found["edge_id of 0"] = attempt(C.edge_id, zero, vertices(0, 0, 1), vertices(0, 1, 1))
    found["edge_id of lengths"] = attempt(C.edge_id, g, u, v[:3])
    found["edge_id of matrices"] = attempt(C.edge_id, g, u.reshape((2, 3)), v.reshape((2, 3)))
    found["adjacency"] = attempt(C.dgl_adjacency, g)
    found["adjacency of 0"] = attempt(C.dgl_adjacency, zero)
    found["adjacency of float32"] = attempt(C.dgl_adjacency, halves)
    for mapping in (True, False):
        for numbers in ((0, 1, 2), (0, 2, 3), (3,), (1, 2), (0, 1, 2, 3)):
            key = "subgraph of %s %s" % (list(numbers), mapping)
            found[key] = attempt(C.dgl_subgraph, g, vertices(*numbers), return_mapping=mapping)
        several = g, vertices(0, 1), vertices(1, 2, 3)
        found["subgraphs %s" % mapping] = attempt(C.dgl_subgraph, *several, return_mapping=mapping)
    found["subgraph, num_args"] = attempt(C.dgl_subgraph, g, vertices(0, 1), num_args=2, return_mapping=True)
    edges, there = sampled(mx)
    found["compact"] = attempt(C.dgl_graph_compact, edges, there, graph_sizes=(3,), return_mapping=False)
    found["compact of an integer"] = attempt(C.dgl_graph_compact, edges, there, graph_sizes=3, return_mapping=False)
    both = edges, edges, there, there
    found["compact two"] = attempt(C.dgl_graph_compact, *both, graph_sizes=(3, 3), return_mapping=False)

    def whole(*numbers, **attributes):
        """A sample of all neighbours is none; behind the last vertex MXNet leaves whatever was there."""
        found, edges, steps = C.dgl_csr_neighbor_uniform_sample(g, vertices(*numbers), num_neighbor=9, **attributes)
        count = int(found[-1].asscalar())
        return [plain(found[:count]), count, list(found.shape), look(edges), plain(steps[:count]), list(steps.shape)]

    for hops in (1, 2, 3):
        for seeds in ((1,), (2,), (0, 3), (1, 1, 0)):
            key = "neighbours of %s, %d" % (list(seeds), hops)
            found[key] = attempt(whole, *seeds, num_hops=hops, max_num_vertices=6)
    found["neighbours, cut off"] = attempt(whole, 3, num_hops=2, max_num_vertices=2)
    found["neighbours, full at once"] = attempt(whole, 0, 1, 2, 3, num_hops=2, max_num_vertices=4)
    return found


if __name__ == "__main__":
    import mxnet

    write("sparse_graphs", results(mxnet))
