"""How a graph's gradients are stored: row_sparse where all that comes together in one has few rows."""

from __future__ import annotations

from collections.abc import Mapping

from ..symbol import Symbol
from ..symbol.node import Node, walk

__all__ = ["storage_types"]

_STORAGE_TYPES = {"0": "default", "1": "row_sparse", "2": "csr"}  # as variables' attributes number them
# Their gradients have the rows that those of their results have.
_LINEAR = frozenset({
    "negative", "identity", "_copy", "_mul_scalar", "_div_scalar", "elemwise_add", "elemwise_sub", "_grad_add", "add_n",
    "cast_storage",
})  # fmt: skip
# Zero stays zero: what goes in sparse comes out sparse.
_KEEP_ZERO = frozenset({
    "abs", "arcsin", "arcsinh", "arctan", "arctanh", "cbrt", "ceil", "degrees", "expm1", "fix", "floor", "log1p",
    "radians", "relu", "rint", "round", "sign", "sin", "sinh", "sqrt", "square", "BlockGrad", "tan", "tanh", "trunc",
})  # fmt: skip
_WITHOUT_GRADIENT = frozenset({"BlockGrad", "ceil", "fix", "floor", "rint", "round", "trunc", "sign"})


def storage_types(symbol: Symbol, given: Mapping[str, str]) -> dict[int, tuple[str, str]]:
    """{id(variable): (storage type, that of its gradient)}.

    A gradient is row_sparse where each operator that the variable goes into makes it so: ``Embedding`` with
    ``sparse_grad``, ``dot`` of a csr array with it, ``_square_sum``; and what passes such gradients on.

    Args:
        symbol: the graph.
        given: storage types of variables by name; others have that of their attribute.
    """
    order = walk(symbol._outputs)
    stypes = {}
    for node in order:
        if node.op is None:
            stypes[id(node)] = given.get(node.name) or _STORAGE_TYPES[node.attrs.get("__storage_type__", "0")]
        else:
            stypes[id(node)] = _result(node, [stypes[id(child)] for child, _ in node.inputs])
    parts: dict[int, set[bool]] = {id(node): set() for node in order}  # whether each part of a gradient is by row
    for node, _ in symbol._outputs:
        parts[id(node)].add(stypes[id(node)] == "row_sparse")  # the heads' gradients are stored as the heads
    for node in reversed(order):
        above = parts[id(node)] == {True}
        for k, (child, _) in enumerate(node.inputs):
            if node.op.name not in _WITHOUT_GRADIENT:
                parts[id(child)].add(_by_row(node, k, stypes, above))
    gradients = {key: "row_sparse" if found == {True} else "default" for key, found in parts.items()}
    return {id(node): (stypes[id(node)], gradients[id(node)]) for node in order if node.op is None}


def _result(node: Node, inputs: list[str]) -> str:
    name, kinds = node.op.name, set(inputs)
    if name == "cast_storage":
        return node.parsed["stype"]
    if len(kinds) == 1 and (name in _KEEP_ZERO or name in _LINEAR):
        return inputs[0]
    if name == "dot" and node.parsed.get("transpose_a") and inputs[0] == "csr" and not node.parsed.get("transpose_b"):
        return "row_sparse"
    if name == "_square_sum" and inputs == ["row_sparse"]:
        return "row_sparse" if node.parsed.get("axis") == (1,) and node.parsed.get("keepdims") else "default"
    return "default"


def _by_row(node: Node, k: int, stypes: Mapping[int, str], above: bool) -> bool:
    """Whether a node's k-th input gets a row_sparse gradient, if the gradient of its result is one (``above``)."""
    name, stype = node.op.name, stypes[id(node.inputs[k][0])]
    if name == "_contrib_SparseEmbedding" or (name == "Embedding" and node.parsed.get("sparse_grad", False)):
        return k == 1
    if name == "dot":
        return (
            k == 1
            and stypes[id(node.inputs[0][0])] == "csr"
            and not (node.parsed.get("transpose_a") or node.parsed.get("transpose_b"))
        )
    if name == "_square_sum":
        return stype == "row_sparse"
    return above and (name in _LINEAR or (name in _KEEP_ZERO and stype == "row_sparse"))
