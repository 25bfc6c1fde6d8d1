"""``autograd.Function``: differentiable functions with gradients of the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..base import MXNetError, UnsupportedError, numpy_semantics
from ..ops.once import not_twice
from .switches import Scope, state
from .used import forget_used

__all__ = ["Function"]


class Function:
    """A differentiable function with a gradient of the user's own.

    Subclass it, define ``forward(self, *arrays)`` and ``backward(self, *output_gradients)``; each call needs a new
    instance. ``save_for_backward(*arrays)`` keeps arrays in ``saved_tensors``.
    """

    def __init__(self) -> None:
        self._used = False
        self.saved_tensors: tuple[Any, ...] = ()

    def save_for_backward(self, *args: Any) -> None:
        """Keeps ``args`` in ``self.saved_tensors`` for ``backward``."""
        self.saved_tensors = args

    def forward(self, *inputs: Any) -> Any:
        """The function itself, on arrays; not recorded."""
        raise NotImplementedError(f"{type(self).__name__} must define forward")

    def backward(self, *output_grads: Any) -> Any:
        """The gradient with respect to each input, given that of each output."""
        raise NotImplementedError(f"{type(self).__name__} must define backward")

    def __call__(self, *inputs: Any) -> Any:
        assert not self._used, "Each Function instance can only be called once. Please create another instance."
        self._used = True
        with Scope(False, None):
            outputs = self.forward(*inputs)
        if not state.recording:
            return outputs
        name = type(self).__name__
        if not all(isinstance(getattr(x, "_data", None), torch.Tensor) for x in inputs):
            raise UnsupportedError(f"autograd.Function {name} of symbols", "graphs keep operators; use CustomOp")
        forget_used(inputs)
        single = not isinstance(outputs, (list, tuple))
        arrays = [outputs] if single else list(outputs)
        training, semantics = state.training, (numpy_semantics.shape, numpy_semantics.array)

        def gradients_of(output_grads: Sequence[Any]) -> list[torch.Tensor | None]:
            # torch may call this in a thread of its own, whose switches are not the caller's.
            before = numpy_semantics.shape, numpy_semantics.array
            numpy_semantics.shape, numpy_semantics.array = semantics
            try:
                with Scope(False, training):
                    found = self.backward(*output_grads)
            finally:
                numpy_semantics.shape, numpy_semantics.array = before
            found = [found] if not isinstance(found, (list, tuple)) else list(found)
            if len(found) != len(inputs):
                raise ValueError(f"it must return a gradient for each of the {len(inputs)} inputs, got {len(found)}")
            if not all(g is None or isinstance(getattr(g, "_data", None), torch.Tensor) for g in found):
                raise TypeError(f"it must return NDArrays, got {', '.join(type(g).__name__ for g in found)}")
            # expanded, as MXNet assigns it; torch would sum a larger one
            return [None if g is None else g._data.expand(x._data.shape) for g, x in zip(found, inputs, strict=True)]

        class _Node(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
                return tuple(a._data.detach() for a in arrays)

            @staticmethod
            def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
                try:
                    found = gradients_of([a._like(g) for a, g in zip(arrays, gradients, strict=True)])
                except Exception as error:
                    raise MXNetError(f"Error in {name}.backward: {type(error).__name__}: {error}") from error
                return tuple(not_twice(g, f"{name}.backward") for g in found)

        tensors = _Node.apply(*[x._data for x in inputs])
        wrapped = [a._like(t) for a, t in zip(arrays, tensors, strict=True)]
        return wrapped[0] if single else (wrapped if isinstance(outputs, list) else tuple(wrapped))
