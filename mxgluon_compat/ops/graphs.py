"""Operators on graphs that are stored as csr matrices: element (u, v) is the number of the edge from u to v, int64.

Each works on a matrix's parts (row starts, columns, edge numbers), so that an edge of number 0 counts. The operators of
the table take matrices whose zeros are no edges, as graphs of symbols have nothing else; ``nd`` calls the functions on
the stored parts themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..streams import Stream
from .registry import numbered, operator
from .schema import Long, Shape

__all__ = [
    "dgl_adjacency",
    "dgl_csr_neighbor_non_uniform_sample",
    "dgl_csr_neighbor_uniform_sample",
    "dgl_graph_compact",
    "dgl_subgraph",
    "edge_id",
]

Parts = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def _parts(dense: torch.Tensor) -> Parts:
    rows, columns = dense.nonzero(as_tuple=True)
    return _starts(rows, dense.shape[0]), columns, dense[rows, columns]


def _dense(parts: Parts, shape: Sequence[int]) -> torch.Tensor:
    indptr, columns, values = parts
    return values.new_zeros(tuple(shape)).index_put_((_rows(indptr), columns), values)


def _starts(rows: torch.Tensor, height: int) -> torch.Tensor:
    return torch.searchsorted(rows, torch.arange(height + 1, device=rows.device))


def _rows(indptr: torch.Tensor) -> torch.Tensor:
    return torch.repeat_interleave(indptr.diff())


def _check_graph(values: torch.Tensor) -> None:
    if values.dtype is not torch.int64 and not values.is_meta:
        raise ValueError(f"edges are numbered in int64, got {values.dtype}")


# ---------------------------------------------------------------------------------------------- on parts
def edges(parts: Parts, u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """The numbers of the edges u[i] -> v[i], -1 where there is none."""
    if u.ndim != 1 or u.shape != v.shape:
        raise ValueError(f"u and v must be vectors of one length, got {tuple(u.shape)} and {tuple(v.shape)}")
    indptr, columns, values = parts
    if not len(values):
        return values.new_full(u.shape, -1)
    width = int(torch.maximum(columns.max(), v.long().max())) + 1 if len(v) else 1
    keys, order = (_rows(indptr) * width + columns).sort()
    wanted = u.long() * width + v.long()
    places = torch.searchsorted(keys, wanted).clamp(max=len(keys) - 1)
    return torch.where(keys[places] == wanted, values[order[places]], -1)


def _renumbered(parts: Parts, kept: torch.Tensor, columns: torch.Tensor, height: int) -> tuple[Parts, Parts]:
    """The kept elements in new columns, each row's in order: with edges numbered from 0, and with their old numbers.

    The rows of ``parts`` are the new ones already.
    """
    rows = _rows(parts[0])[kept]
    starts = _starts(rows, height)
    numbers = torch.arange(len(rows), device=rows.device)
    return (starts, columns, numbers), (starts, columns, parts[2][kept])


def subgraph(parts: Parts, vertices: torch.Tensor) -> tuple[Parts, Parts]:
    """The edges between these vertices, rising: with new numbers, and with those of the graph."""
    _check_graph(parts[2])
    indptr, columns, values = parts
    vertices = vertices.long()
    if vertices.ndim != 1 or bool((vertices.diff() < 0).any()):
        raise ValueError("the vertices must be a vector, rising")
    if len(vertices) and (int(vertices[0]) < 0 or int(vertices[-1]) >= len(indptr) - 1):
        raise ValueError(f"the graph has {len(indptr) - 1} vertices, got {vertices.tolist()}")
    counts = indptr.diff()[vertices]
    starts = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
    rows = _rows(starts)
    source = torch.arange(len(rows), device=rows.device) - starts[rows] + indptr[vertices][rows]
    return _within((starts, columns[source], values[source]), vertices)


def _within(parts: Parts, vertices: torch.Tensor) -> tuple[Parts, Parts]:
    """The elements whose columns are among these vertices, rising, in the columns of their places."""
    columns = parts[1]
    if not len(vertices):
        return _renumbered(parts, columns < 0, columns[:0], 0)
    places = torch.searchsorted(vertices, columns).clamp(max=len(vertices) - 1)
    kept = vertices[places] == columns
    return _renumbered(parts, kept, places[kept], len(vertices))


def compact(parts: Parts, vertices: torch.Tensor, size: int) -> tuple[Parts, Parts]:
    """A sampled graph on its ``size`` vertices alone: with new numbers, and with those of the whole graph."""
    _check_graph(parts[2])
    if int(vertices[-1]) != size:
        raise ValueError(f"graph_sizes says {size} vertices, the array of vertices {int(vertices[-1])}")
    indptr, columns, values = parts
    last = int(indptr[size])
    return _within((indptr[: size + 1], columns[:last], values[:last]), vertices[:size].long())


def sample(
    parts: Parts, seeds: torch.Tensor, hops: int, neighbors: int, most: int, stream: Stream, weights: Any = None
) -> tuple[torch.Tensor, Parts, torch.Tensor]:
    """Vertices within ``hops`` steps of the seeds, by at most ``neighbors`` edges from each, drawn without repetition.

    Returns the vertices, rising, int64 (most + 1,), the last element being how many there are, others -1; the edges
    that were drawn, a row for each vertex; and the step at which each vertex was found, (most,), -1 for none. No more
    vertices are added, nor edges drawn, once there are ``most``.
    """
    _check_graph(parts[2])
    indptr, columns, values = (p.cpu() for p in parts)
    starts = indptr.tolist()
    found = {int(seed): 0 for seed in seeds.tolist()}  # in the order in which they are found
    if len(found) > most:
        raise ValueError(f"{len(found)} seeds are more than max_num_vertices={most}")
    drawn: dict[int, torch.Tensor] = {}
    queue = list(found)
    for vertex in queue:  # which grows meanwhile
        if len(found) >= most or found[vertex] >= hops:
            break
        places = torch.arange(starts[vertex], starts[vertex + 1])
        if len(places) > neighbors:
            # the smallest of exponential numbers, of rates in proportion to the weights
            keys = -stream.uniform((len(places),), 0.0, 1.0, torch.float64).cpu().clamp(min=1e-300).log()
            if weights is not None:
                keys = keys / weights.cpu().double()[columns[places]]
            places = places[keys.topk(neighbors, largest=False).indices.sort().values]
        drawn[vertex] = places
        for neighbor in columns[places].tolist():
            if neighbor not in found and len(found) < most:
                found[neighbor] = found[vertex] + 1
                queue.append(neighbor)
    order = sorted(found)
    device, rest = parts[2].device, most - len(order)
    chosen = [drawn.get(vertex, columns[:0]) for vertex in order]
    ends = torch.tensor([len(c) for c in chosen] + [0] * rest, dtype=torch.int64).cumsum(0)
    places = torch.cat([columns[:0], *chosen])
    sampled = torch.cat([ends.new_zeros(1), ends]), columns[places], values[places]
    vertices = torch.tensor([*order, *[-1] * rest, len(order)], dtype=torch.int64, device=device)
    steps = torch.tensor([*(found[vertex] for vertex in order), *[-1] * rest], dtype=torch.int64, device=device)
    return vertices, tuple(p.to(device) for p in sampled), steps


def probabilities(weights: torch.Tensor, vertices: torch.Tensor) -> torch.Tensor:
    """The weights of sampled vertices, 0 behind the last of them."""
    there = vertices[:-1]
    return torch.where(there >= 0, weights[there.clamp(min=0)], 0)


# ---------------------------------------------------------------------------------------------- operators
@operator("_contrib_edge_id", mixed_dtypes=True, infer_dtypes=lambda dtypes, **_: (dtypes, [dtypes[0]]))
def edge_id(data: torch.Tensor, u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """data[u[i], v[i]] where there is such an edge, else -1: data (N, N), u and v (K,) -> (K,), data's dtype."""
    return data.new_empty(u.shape) if data.is_meta else edges(_parts(data), u, v)


@operator("_contrib_dgl_adjacency", infer_dtypes=lambda dtypes, **_: ([torch.int64], [torch.float32]))
def dgl_adjacency(data: torch.Tensor) -> torch.Tensor:
    """1 for each edge of data (N, N), int64 -> float32 (N, N)."""
    _check_graph(data)
    return (data != 0).float()


@operator(
    "_contrib_dgl_subgraph",
    count="num_args",
    outputs=lambda *, num_args, return_mapping, **_: numbered((num_args - 1) * (1 + return_mapping)),
    list_names=lambda number, **_: ["graph", *(f"varray{i}" for i in range(number - 1))],
    mixed_dtypes=True,
    infer_dtypes=lambda dtypes, **_: ([torch.int64] * len(dtypes), [torch.int64]),
)
def dgl_subgraph(*data: torch.Tensor, return_mapping: bool) -> tuple[torch.Tensor, ...]:
    """The graphs that a graph has on sets of its vertices.

    data: the graph (N, N), then vectors of vertices, rising -> for each of these a matrix (K, K) of edges numbered from
    0; then, with ``return_mapping``, for each a matrix with the numbers that the edges have in the graph.
    """
    graph, *sets = data
    shapes = [(len(vertices),) * 2 for vertices in sets]
    if graph.is_meta:
        return tuple(graph.new_empty(shape) for shape in shapes * (1 + return_mapping))
    made = [subgraph(_parts(graph), vertices) for vertices in sets]
    return tuple(_dense(pair[which], shape) for which in range(1 + return_mapping) for pair, shape in zip(made, shapes))


@operator(
    "_contrib_dgl_graph_compact",
    count="num_args",
    outputs=lambda *, num_args, return_mapping, **_: numbered(num_args // 2 * (1 + return_mapping)),
    list_names=lambda number, **_: [f"{kind}{i}" for kind in ("graph", "varray") for i in range(number // 2)],
    mixed_dtypes=True,
    infer_dtypes=lambda dtypes, **_: ([torch.int64] * len(dtypes), [torch.int64]),
)
def dgl_graph_compact(*graph_data: torch.Tensor, return_mapping: bool, graph_sizes: Shape) -> tuple[torch.Tensor, ...]:
    """Sampled graphs without the rows and columns of vertices that they have not got.

    graph_data: the graphs (M, N), then their vectors of vertices (M + 1,), as the samplers give them -> for each a
    matrix (size, size) of edges numbered from 0, without those to vertices that were cut off; then, with
    ``return_mapping``, for each a matrix with the numbers that they had (MXNet 1.9.1 leaves these empty).
    """
    graphs, sets = check_compact(graph_data, graph_sizes)
    shapes = [(size, size) for size in graph_sizes]
    if graphs[0].is_meta:
        return tuple(graphs[0].new_empty(shape) for shape in shapes * (1 + return_mapping))
    made = [compact(_parts(graph), vertices, size) for graph, vertices, size in zip(graphs, sets, graph_sizes)]
    return tuple(_dense(pair[which], shape) for which in range(1 + return_mapping) for pair, shape in zip(made, shapes))


def check_compact(data: Sequence[Any], sizes: Sequence[int]) -> tuple[Sequence[Any], Sequence[Any]]:
    """The graphs and the vectors of vertices among the inputs of ``dgl_graph_compact``."""
    if len(data) != 2 * len(sizes):
        raise ValueError(f"{len(sizes)} graph_sizes need as many graphs and arrays of vertices, got {len(data)} inputs")
    return data[: len(sizes)], data[len(sizes) :]


def _sampled(
    graph: torch.Tensor,
    weights: torch.Tensor | None,
    seeds: Sequence[torch.Tensor],
    num_hops: int,
    num_neighbor: int,
    max_num_vertices: int,
    stream: Stream,
) -> tuple[torch.Tensor, ...]:
    shape = (max_num_vertices, graph.shape[1])
    if graph.is_meta:
        vector = graph.new_empty(max_num_vertices)
        one = (graph.new_empty(max_num_vertices + 1), graph.new_empty(shape), vector)
        sets = [one] * len(seeds)
    else:
        sets = []
        for s in seeds:
            vertices, parts, steps = sample(_parts(graph), s, num_hops, num_neighbor, max_num_vertices, stream, weights)
            sets.append((vertices, _dense(parts, shape), steps))
    vertices, graphs, steps = zip(*sets)
    chances = () if weights is None else tuple(probabilities(weights, v) for v in vertices)
    return (*vertices, *graphs, *chances, *steps)


@operator(
    "_contrib_dgl_csr_neighbor_uniform_sample",
    count="num_args",
    outputs=lambda *, num_args, **_: numbered(3 * (num_args - 1)),
    list_names=lambda number, **_: ["csr_matrix", *(f"seed_array{i}" for i in range(number - 1))],
    mixed_dtypes=True,
    infer_dtypes=lambda dtypes, **_: ([torch.int64] * len(dtypes), [torch.int64]),
)
def dgl_csr_neighbor_uniform_sample(
    *seed_arrays: torch.Tensor,
    num_hops: Long = 1,
    num_neighbor: Long = 2,
    max_num_vertices: Long = 100,
    stream: Stream,
) -> tuple[torch.Tensor, ...]:
    """Graphs sampled around seeds, every edge of a vertex being as likely as the others.

    seed_arrays: the graph (N, N), then vectors of vertices -> for each of these the vertices, rising,
    (max_num_vertices + 1,), the last element being how many there are, others -1; then for each the drawn edges
    (max_num_vertices, N); then for each the step at which each vertex was found (max_num_vertices,).
    """
    graph, *seeds = seed_arrays
    return _sampled(graph, None, seeds, num_hops, num_neighbor, max_num_vertices, stream)


@operator(
    "_contrib_dgl_csr_neighbor_non_uniform_sample",
    count="num_args",
    outputs=lambda *, num_args, **_: numbered(4 * (num_args - 2)),
    list_names=lambda number, **_: ["csr_matrix", "probability", *(f"seed_array{i}" for i in range(number - 2))],
    mixed_dtypes=True,
)
def dgl_csr_neighbor_non_uniform_sample(
    *seed_arrays: torch.Tensor,
    num_hops: Long = 1,
    num_neighbor: Long = 2,
    max_num_vertices: Long = 100,
    stream: Stream,
) -> tuple[torch.Tensor, ...]:
    """Graphs sampled around seeds, edges being as likely as ``probability`` (N,) says of the vertices they lead to.

    seed_arrays: the graph (N, N), probability, then vectors of vertices -> as the uniform one, and, before the steps,
    for each the probabilities of its vertices (max_num_vertices,).
    """
    graph, weights, *seeds = seed_arrays
    return _sampled(graph, weights, seeds, num_hops, num_neighbor, max_num_vertices, stream)
