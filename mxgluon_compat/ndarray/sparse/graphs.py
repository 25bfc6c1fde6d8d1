"""Graphs stored as csr matrices: what ``nd.contrib.edge_id`` and ``nd.contrib.dgl_*`` make of the stored edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ...ops import graphs
from ...ops.registry import Operator
from ..invoke import supply, wrap
from ..ndarray import NDArray
from .csr import CSRNDArray
from .rules import rule_for


def _check(x: Any) -> Any:
    if x.stype != "csr":
        raise ValueError(f"a graph is a csr array, got a {x.stype} one")
    return x._stored()


def _tensors(arrays: Sequence[NDArray]) -> list[torch.Tensor]:
    return [x._data.detach() for x in arrays]


def _graph(parts: graphs.Parts, shape: Sequence[int], like: NDArray) -> CSRNDArray:
    return CSRNDArray._of(parts, shape, like._ctx)


@rule_for("_contrib_edge_id")
def _edge_id(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    data, *ends = inputs
    return wrap(graphs.edges(_check(data), *_tensors(ends)), data._ctx)


@rule_for("_contrib_dgl_adjacency")
def _adjacency(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    (data,) = inputs
    values = _check(data)[-1]
    graphs.dgl_adjacency(values)  # says which dtype edges have
    return data._with_values(torch.ones_like(values, dtype=torch.float32))


@rule_for("_contrib_dgl_subgraph")
def _subgraph(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    graph, *sets = inputs
    made = [graphs.subgraph(_check(graph), vertices) for vertices in _tensors(sets)]
    kinds = range(1 + attributes["return_mapping"])
    return [_graph(pair[k], (len(s), len(s)), graph) for k in kinds for pair, s in zip(made, sets, strict=True)]


@rule_for("_contrib_dgl_graph_compact")
def _compact(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    sizes = attributes["graph_sizes"]
    sampled, sets = graphs.check_compact(inputs, sizes)
    made = [graphs.compact(_check(g), v, n) for g, v, n in zip(sampled, _tensors(sets), sizes, strict=True)]
    kinds = range(1 + attributes["return_mapping"])
    return [_graph(pair[k], (n, n), inputs[0]) for k in kinds for pair, n in zip(made, sizes, strict=True)]


@rule_for("_contrib_dgl_csr_neighbor_uniform_sample", "_contrib_dgl_csr_neighbor_non_uniform_sample")
def _sample(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    graph, *rest = inputs
    weights, seeds = None, _tensors(rest)
    if op.name.endswith("non_uniform_sample"):
        weights, *seeds = seeds
    arguments = {name: op.defaults[name] for name in ("num_hops", "num_neighbor", "max_num_vertices")}
    arguments.update(op.arguments(attributes))
    supply(op, arguments, graph._ctx)
    most, parts = arguments["max_num_vertices"], _check(graph)
    given = (arguments["num_hops"], arguments["num_neighbor"], most, arguments["stream"], weights)
    sets = [graphs.sample(parts, s, *given) for s in seeds]
    vertices, sampled, steps = zip(*sets, strict=True)
    shape = (most, graph.shape[1])
    chances = () if weights is None else tuple(graphs.probabilities(weights, v) for v in vertices)
    dense = [[wrap(t, graph._ctx) for t in tensors] for tensors in (vertices, chances, steps)]
    return [*dense[0], *(_graph(p, shape, graph) for p in sampled), *dense[1], *dense[2]]
