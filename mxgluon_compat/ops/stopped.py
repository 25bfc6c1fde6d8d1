"""Stopped gradients: what MXNet's BlockGrad leaves behind, on torch's engine.

In MXNet a variable that a result depends on through BlockGrad alone gets a gradient of zeros, which replaces the one
from an earlier backward pass and tells a Trainer that the gradient is fresh, and BatchNorm's running statistics move.
torch's ``detach`` would leave both as they are. So the graph keeps a note of what lies behind the block; no gradient
is computed there (MXNet computes zeros, or what a loss there gives, which passes over the block).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch

__all__ = ["at_backward", "backward", "block", "grad", "noting", "passes"]


class _Passes:
    """How many backward passes were started, and how many of them run; a gradient that arrives notes the number."""

    count = 0
    running = 0


passes = _Passes()
_behind: list[Any] = []  # graph nodes and variables behind the blocks that the running backward pass met


class _Blocked(torch.autograd.Function):
    """``data`` without a gradient; ``anchor`` makes it a part of the graph."""

    @staticmethod
    def forward(ctx: Any, anchor: torch.Tensor, data: torch.Tensor, behind: Any) -> torch.Tensor:
        ctx.behind = behind
        return data

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[None, None, None]:
        if passes.running:  # torch's own passes have torch's rules
            _behind.append(ctx.behind)
        return None, None, None


@functools.cache
def _anchor(device: torch.device) -> torch.Tensor:
    """A variable that never gets a gradient."""
    return torch.empty((), device=device, requires_grad=True)


def block(data: torch.Tensor, behind: torch.Tensor | None = None) -> torch.Tensor:
    """``data``, through which no gradient passes; a backward pass still notes the variables behind it.

    ``behind``: what it depends on in place of itself (other outputs of one operator, of which torch knows no graph).
    """
    source = data if behind is None else behind
    if not source.requires_grad or not torch.is_grad_enabled() or torch.compiler.is_compiling():
        return data.detach()
    return _Blocked.apply(_anchor(data.device), data.detach(), source if source.grad_fn is None else source.grad_fn)


def noting(function: Callable[..., Sequence[torch.Tensor]]) -> Callable[..., Sequence[torch.Tensor]]:
    """``function``, a compiled graph with blocks in it, which leaves no trace of what is behind them.

    A backward pass through its results notes all the variables that it was given.
    """

    def call(*tensors: torch.Tensor) -> Sequence[torch.Tensor]:
        results = function(*tensors)
        if torch.is_grad_enabled():
            behind = [t if t.grad_fn is None else t.grad_fn for t in tensors if t.requires_grad]
            for result in results:
                if result.requires_grad:
                    result.register_hook(lambda _: _behind.extend(behind if passes.running else ()))
        return results

    return call


def at_backward(output: torch.Tensor, update: Callable[..., None]) -> None:
    """Runs ``update`` in each backward pass that reaches ``output``, be it behind a block."""
    last = [0]

    def run(_: torch.Tensor | None = None) -> None:
        last[0] = passes.count
        update()

    output.register_hook(run)
    output.grad_fn.metadata.setdefault(_UPDATES, []).append((last, update))


_UPDATES = "mxgluon_compat: updates"  # the entry of a node's metadata


def _walk(starts: Iterable[Any]) -> tuple[list[torch.Tensor], list[tuple[list[int], Callable[..., None]]]]:
    """The leaves of torch's graph that lie behind these nodes (or are these tensors), and the updates on the way.

    Behind further blocks, too.
    """
    waiting, seen, leaves, updates = list(starts), set(), [], []
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if isinstance(node, torch.Tensor):
            leaves.append(node)
            continue
        updates += node.metadata.get(_UPDATES, ())
        if hasattr(node, "variable"):
            waiting.append(node.variable)
        waiting.extend(following for following, _ in node.next_functions)
        if isinstance(node, _Blocked._backward_cls):
            waiting.append(node.behind)
    return leaves, updates


def backward(heads: Sequence[torch.Tensor], gradients: Sequence[torch.Tensor], retain_graph: bool) -> None:
    """``torch.autograd.backward``; then what was met behind blocks only: gradients of zeros, updates of states."""
    passes.count += 1
    passes.running += 1
    start = passes.count
    try:
        torch.autograd.backward(heads, gradients, retain_graph=retain_graph)
        leaves, updates = _walk(_behind)
    finally:
        passes.running -= 1
        _behind.clear()
    for last, update in updates:
        if last[0] < start:
            update()
    for leaf in leaves:
        for receive in list((leaf._post_accumulate_grad_hooks or {}).values()):
            slot = getattr(receive, "__self__", None)  # other hooks than ours wait for torch's own gradients
            if slot is not None and getattr(slot, "arrived", start) < start:
                if leaf.grad is None or slot.req == "write":
                    leaf.grad = _zeros(leaf, slot.is_sparse)
                receive(leaf)


def _zeros(leaf: torch.Tensor, sparse: bool) -> torch.Tensor:
    if not sparse:
        return torch.zeros_like(leaf)
    rows = torch.empty((1, 0), dtype=torch.int64, device=leaf.device)
    return torch.sparse_coo_tensor(rows, leaf.new_empty((0, *leaf.shape[1:])), leaf.shape, check_invariants=False)


def grad(
    heads: Sequence[torch.Tensor], variables: Sequence[torch.Tensor], gradients: Sequence[torch.Tensor], **flags: Any
) -> list[torch.Tensor | None]:
    """``torch.autograd.grad``, with zeros for variables behind blocks only, None for those that are nowhere."""
    passed = [h.grad_fn or h for h in heads]  # before the graph is freed
    found = list(torch.autograd.grad(heads, variables, gradients, allow_unused=True, **flags))
    if any(g is None for g in found):
        behind = {id(leaf) for leaf in _walk(passed)[0]}
        found = [torch.zeros_like(v) if g is None and id(v) in behind else g for v, g in zip(variables, found)]
    return found
