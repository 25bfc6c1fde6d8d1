"""The proof: the source's module and the net give the same outputs, or the first module that differs is named."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from ... import autograd
from ...gluon.block import Block, SymbolBlock
from ...ndarray import NDArray
from ...ndarray.invoke import wrap
from ...symbol.lowering import lower
from ..tensors import leaves, unwrapped

__all__ = ["compared", "plainly"]

_ROUNDING = 1e-4


def compared(
    block: Block,
    module: nn.Module,
    arrays: Sequence[Any],
    tensors: Sequence[Any],
    places: Mapping[int, list[str]],
    tolerance: float,
    training: bool,
) -> float:
    """The largest difference between the outputs of the two, relative to the largest output.

    Raises:
        RuntimeError: it is larger than ``tolerance``.
    """
    module.to(_tensors(tensors)[0].device)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    worst = 0.0
    for mode in (False, True)[: 1 + training]:
        module.train(mode)
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # which kernels PyTorch takes is no matter here
            try:
                found = module(*tensors)
            except Exception as error:
                if mode and "more than 1 value per channel" in str(error):
                    break  # PyTorch does not train on batches that are so small, MXNet does
                raise RuntimeError(
                    f"the source of {block.name!r} does not take the inputs of the net ({type(error).__name__}: "
                    f"{error}). Nothing was written"
                ) from error
        with autograd.pause(train_mode=mode), plainly(block):
            wanted = unwrapped(block(*arrays))
        apart = _apart(wanted, found)
        if apart is None or not apart <= tolerance:
            module.load_state_dict(before)
            raise RuntimeError(_explained(block, module, arrays, tensors, places, tolerance, mode, apart))
        worst = max(worst, apart)
    module.load_state_dict(before)
    module.eval()
    return worst


def _apart(wanted: Any, found: Any) -> float | None:
    """How far two structures of tensors are apart, relative to the largest element; None: other shapes or dtypes."""
    pairs = list(zip(_tensors(wanted), _tensors(found)))
    if len(_tensors(wanted)) != len(_tensors(found)) or any(
        a.shape != b.shape or a.dtype is not b.dtype for a, b in pairs
    ):
        return None
    worst = 0.0
    for a, b in pairs:
        if not a.numel():
            continue
        a, b = a.detach().double().cpu(), b.detach().double().cpu()
        if not torch.equal(a.isfinite(), b.isfinite()) or not torch.equal(a[~a.isfinite()].nan_to_num(),
                                                                         b[~b.isfinite()].nan_to_num()):  # fmt: skip
            return None
        a, b = a.nan_to_num(0, 0, 0), b.nan_to_num(0, 0, 0)
        scale = float(a.abs().max())
        difference = float((a - b).abs().max())
        worst = max(worst, difference / scale if scale else difference)
    return worst


def _tensors(structure: Any) -> list[torch.Tensor]:
    return [x for x in leaves(structure) if isinstance(x, torch.Tensor)]


def _explained(
    block: Block,
    module: nn.Module,
    arrays: Sequence[Any],
    tensors: Sequence[Any],
    places: Mapping[int, list[str]],
    tolerance: float,
    mode: bool,
    apart: float | None,
) -> str:
    """The message: the first module whose outputs differ where its inputs do not."""
    theirs: list[tuple[str, Any]] = []
    module.to(_tensors(tensors)[0].device)
    module.train(mode)
    handles = [
        part.register_forward_hook(lambda _, args, out, name=name: theirs.append((name, out)))
        for name, part in module.named_modules()
        if name
    ]
    try:
        with torch.no_grad():
            module(*tensors)
    finally:
        for handle in handles:
            handle.remove()
    ours: dict[str, list[Any]] = {}

    def note(part: Block, out: Any) -> None:
        for name in places.get(id(part), ()) if part is not block else ():
            ours.setdefault(name, []).append(unwrapped(out))

    with plainly(block, note), autograd.pause(train_mode=mode):
        block(*arrays)
    seen: dict[str, int] = {}
    first = None
    for name, out in theirs:
        at = seen[name] = seen.get(name, -1) + 1
        if at < len(ours.get(name, ())):
            distance = _apart(ours[name][at], out)
            if distance is None or not distance <= tolerance:
                first = name
                break
    where = f"the first module that differs is {first!r}" if first else "all its modules give the same"
    how = (
        "other shapes or dtypes"
        if apart is None
        else f"{apart:.2g} of the largest output, more than tolerance={tolerance:g}"
    )
    if apart is not None and apart < _ROUNDING:
        how += "; so little may be rounding, which a larger tolerance takes"
    return (
        f"the source of {block.name!r} does not give the outputs of the net in {'training' if mode else 'eval'} mode "
        f"({how}); {where}. Nothing was written"
    )


@contextlib.contextmanager
def plainly(block: Block, seen: Callable[[Block, Any], None] | None = None) -> Iterator[None]:
    """While it lasts, the net runs operator by operator: no other memory layouts, no compiled graphs.

    ``seen`` is told what each Block below gives.
    """
    changed: list[Block] = []
    active: list[Block] = []

    def change(part: Block) -> None:
        if part.__dict__.get("_active"):
            part.__dict__["_active"] = False
            active.append(part)
        if "forward" in part.__dict__ or (seen is None and not isinstance(part, SymbolBlock)):
            return

        def forward(*args: Any) -> Any:
            own = isinstance(part, SymbolBlock) and all(isinstance(a, NDArray) for a in leaves(args))
            out = _run_graph(part, args) if own else type(part).forward(part, *args)
            if seen is not None:
                seen(part, out)
            return out

        part.__dict__["forward"] = forward
        changed.append(part)

    block.apply(change)
    try:
        yield
    finally:
        for part in changed:
            del part.__dict__["forward"]
        for part in active:
            part.__dict__["_active"] = True


def _run_graph(block: Any, args: Sequence[Any]) -> Any:
    """What a SymbolBlock gives, by its graph as it is."""
    arrays = {d.name: a for d, a in zip(block._symbol_inputs, leaves(list(args)))}
    ctx = next(iter(arrays.values()))._ctx
    symbol = block._cached_graph[1]
    given = {**{name: p.data(ctx) for name, p in block.params.items()}, **arrays}
    tensors = [given[name]._data for name in symbol.list_inputs()]
    graph = lower(symbol, autograd.is_training(), tensors[0].device)
    with torch.no_grad():
        return block._regrouped([wrap(r, ctx) for r in graph(*tensors)])
