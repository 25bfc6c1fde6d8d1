"""Runs a custom operator forwards and backwards."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import torch

from .. import autograd
from ..base import MXNetError
from ..context import Context, context_of, current_context
from ..ndarray import NDArray
from ..ndarray.invoke import wrap
from ..ops.watching import watch
from .use import Use, keeping, users_code

__all__ = ["custom"]


class _Undeclared(NDArray):
    """Stands for an array that ``backward`` was not to read."""

    __slots__ = ()

    @property
    def _data(self) -> torch.Tensor:  # type: ignore[override]
        raise MXNetError("this array is not kept for backward: declare_backward_dependency does not name it")

    @property
    def shape(self) -> tuple[int, ...]:
        """Unknown."""
        return ()


class _Pass:
    """One forward pass of a use, and the backward passes that follow it."""

    def __init__(
        self, use: Use, tensors: Sequence[torch.Tensor], made: Sequence[Any], training: bool, ctx: Context
    ) -> None:
        self.use = use
        self.made = made
        self.training = training
        self.ctx = ctx
        self.states = tensors[len(use.arguments) :]
        self.arguments = [(t.shape, t.dtype) for t in tensors[: len(use.arguments)]]
        self.operator = use.create(ctx, tensors)

    def _arrays(self, tensors: Sequence[torch.Tensor]) -> list[NDArray]:
        # contiguous: parts of an array share its elements, whatever layout a graph computes in
        return [wrap(t.detach().contiguous(), self.ctx) for t in tensors]

    def _new(self, like: Sequence[tuple[Any, torch.dtype]]) -> list[NDArray]:
        device = self.ctx.torch_device
        return [wrap(torch.zeros(shape, dtype=dtype, device=device), self.ctx) for shape, dtype in like]

    def _call(self, what: str, **arrays: Any) -> None:
        """Calls ``forward`` or ``backward``; what it writes into the states stays."""
        states = self._arrays(self.states)
        name = self.use.op_type if what == "forward" else f"_backward_{self.use.op_type}"
        with (
            nullcontext() if watch.custom is None else watch.custom(name),
            keeping(None),
            self.ctx,
            autograd.pause(train_mode=self.training),
            users_code(self.use.op_type, what),
        ):
            getattr(self.operator, what)(aux=states, **arrays)
        for state, array in zip(self.states, states, strict=True):
            if array._data.data_ptr() != state.data_ptr():
                autograd.write_unrecorded(state, array._data)

    def forward(self, tensors: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
        """The outputs."""
        outputs = self._new(self.made)
        req = ["write"] * len(outputs)
        self._call("forward", is_train=int(self.training), req=req, in_data=self._arrays(tensors), out_data=outputs)
        return tuple(o._data.detach() for o in outputs)

    def backward(
        self, saved: Sequence[torch.Tensor], gradients: Sequence[torch.Tensor | None], needed: Sequence[bool]
    ) -> list[torch.Tensor | None]:
        """The gradients of the arguments that are asked for.

        Args:
            saved: the arguments and outputs that ``backward`` reads.
            gradients: those of the outputs; None for one that has none.
            needed: which arguments' are asked for.
        """
        of_outputs, of_arguments, outputs = self.use.read
        ins = self._read(len(self.arguments), of_arguments, saved)
        outs = self._read(len(self.made), outputs, saved[len(of_arguments) :])
        heads = [
            torch.zeros(shape, dtype=dtype, device=self.ctx.torch_device) if g is None else g
            for g, (shape, dtype) in zip(gradients, self.made, strict=True)
        ]
        out_grad = self._read(len(heads), of_outputs, [heads[i] for i in of_outputs])
        in_grad = self._new(self.arguments)
        req = ["write" if n else "null" for n in needed]
        self._call("backward", req=req, out_grad=out_grad, in_data=ins, out_data=outs, in_grad=in_grad)
        return [g._data.detach() if n else None for g, n in zip(in_grad, needed, strict=True)]

    def _read(self, count: int, numbers: Sequence[int], tensors: Sequence[torch.Tensor]) -> list[NDArray]:
        found = dict(zip(numbers, self._arrays(tensors[: len(numbers)]), strict=True))
        return [found[i] if i in found else _undeclared(self.ctx) for i in range(count)]


def _undeclared(ctx: Context) -> NDArray:
    array = object.__new__(_Undeclared)
    array._ctx, array._slot = ctx, None
    return array


class _Recorded(torch.autograd.Function):
    """A forward pass in torch's graph."""

    @staticmethod
    def forward(ctx: Any, run: _Pass, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        outputs = run.forward(tensors)
        ctx.run = run
        _, arguments, made = run.use.read
        ctx.save_for_backward(*[tensors[i] for i in arguments], *[outputs[i] for i in made])
        return outputs

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor | None) -> tuple[torch.Tensor | None, ...]:
        found = ctx.run.backward(ctx.saved_tensors, gradients, ctx.needs_input_grad[1:])
        return None, *(autograd.not_twice(g, "_backward_Custom") for g in found)


def custom(
    *data: torch.Tensor, use: Use, training: bool, device: torch.device, ctx: Context | None = None
) -> tuple[torch.Tensor, ...]:
    """What a registered CustomOp computes: arguments, then auxiliary states -> one tensor for each output."""
    made = use.settle(data)
    if device.type == "meta":
        return tuple(torch.empty(shape, dtype=dtype, device=device) for shape, dtype in made)
    run = _Pass(use, data, made, training, ctx or _context_of(device))
    arguments = data[: len(use.arguments)]
    if torch.is_grad_enabled() and any(t.requires_grad for t in arguments):
        return _Recorded.apply(run, *arguments)
    return run.forward(arguments)


def _context_of(device: torch.device) -> Context:
    current = current_context()
    if current.torch_device == device:
        return current
    return context_of(device)
