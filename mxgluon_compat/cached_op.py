"""The cached graph: a Symbol lowered to ``torch.fx`` once for each mode and run on tensors ever after.

Backends: the fx graph itself (no compile wait), or ``torch.compile``. ``static_alloc=True`` *allows* compiling; the
process-wide policy decides (``set_compile_policy``, environment variable ``MXGLUON_COMPILE``): ``never``, ``always``, or
``auto``, which compiles on a GPU and not on a CPU, since a first compile takes 20 to 60 seconds on a small CPU and its
code was measured to be no faster there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from . import autograd
from .base import MXNetError, UnsupportedError
from .ndarray import NDArray
from .ndarray.invoke import wrap
from .symbol import Symbol
from .symbol.lowering import lower
from .symbol.node import walk
from .symbol.run import first_failure, run_nodes

__all__ = ["CachedOp", "compile_policy", "set_compile_policy"]

_POLICIES = ("auto", "never", "always")
_policy = ""
# After so many input shapes a compiled graph is given up for the fx graph: shapes that change with every batch
# would compile without end.
_MAX_COMPILED_SHAPES = 8

_KNOWN_FLAGS = frozenset({
    "static_alloc", "static_shape", "inline_limit", "forward_bulk_size", "backward_bulk_size", "data_indices",
    "param_indices", "subgraph", "is_dynamic", "backend",
})  # fmt: skip


def set_compile_policy(policy: str) -> str:
    """Decides for the whole process whether cached graphs that allow it are compiled; returns the former policy.

    Args:
        policy: ``'auto'``, ``'never'`` or ``'always'``.

    Raises:
        ValueError: another word.
    """
    global _policy
    if policy not in _POLICIES:
        raise ValueError(f"compile policy must be one of {', '.join(_POLICIES)}, got {policy!r}")
    former, _policy = compile_policy(), policy
    return former


def compile_policy() -> str:
    """The process-wide policy: set by ``set_compile_policy``, else by ``MXGLUON_COMPILE``, else ``'auto'``.

    Raises:
        MXNetError: the environment variable holds another word.
    """
    found = _policy or os.environ.get("MXGLUON_COMPILE", "auto")
    if found not in _POLICIES:
        raise MXNetError(f"environment variable MXGLUON_COMPILE is {found!r}; use one of {', '.join(_POLICIES)}")
    return found


class CachedOp:
    """A graph that is traced and runs as one operator.

    Args:
        sym: the graph; calls take one array for each of ``sym.list_inputs()``, in that order.
        flags: (name, value) pairs: ``static_alloc``, ``static_shape``, ``backend``; MXNet's engine hints
            (``inline_limit``, ``forward_bulk_size``, ...) are accepted, there is no engine to hint at.

    Raises:
        UnsupportedError: a flag that MXNet has not.
    """

    def __init__(self, sym: Symbol, flags: Sequence[tuple[str, Any]] | Mapping[str, Any] = ()) -> None:
        self.symbol = sym
        self.flags = dict(flags)
        unknown = set(self.flags) - _KNOWN_FLAGS
        if unknown:
            raise UnsupportedError(f"hybridize({', '.join(sorted(unknown))}=...)", "MXNet has no such flag")
        self._names = sym.list_inputs()
        self._graphs: dict[tuple[Any, ...], Callable[..., Any]] = {}
        self._compiled_shapes: set[tuple[Any, ...]] = set()
        self._has_conv = any(
            n.op is not None and n.op.name == "Convolution" for n in _nodes(sym)
        )

    def __call__(self, *args: NDArray, out: Any = None, **kwargs: Any) -> Any:
        """Runs the graph.

        Raises:
            MXNetError: another number of arrays than the graph has inputs, or what an operator refuses.
        """
        if len(args) != len(self._names):
            raise MXNetError(f"this graph has {len(self._names)} inputs ({', '.join(self._names)}), got {len(args)}")
        ctx = args[0]._ctx if args else kwargs.pop("default_ctx", None)
        results = self.run([a._data for a in args], ctx)
        arrays = [wrap(r, ctx) for r in results]
        if out is not None:
            targets = out if isinstance(out, (list, tuple)) else [out]
            for target, array in zip(targets, arrays, strict=True):
                array.copyto(target)
            return out
        return arrays[0] if len(arrays) == 1 else arrays

    def run(self, tensors: Sequence[torch.Tensor], ctx: Any) -> Sequence[torch.Tensor]:
        """The graph's outputs for its inputs' tensors; recorded only inside ``autograd.record``.

        Raises:
            MXNetError: what an operator refuses; the message names the node.
        """
        state = autograd.state
        recording = state.recording
        function = self._function(tensors, ctx.torch_device, state.training)
        try:
            if recording:
                return self._unshared(function(*tensors), tensors)
            grad_mode = torch.is_grad_enabled()
            autograd.set_torch_grad(False)
            try:
                return self._unshared(function(*tensors), tensors)
            finally:
                autograd.set_torch_grad(grad_mode)
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            raise self._failure(error, tensors, state.training, ctx.torch_device) from error

    @staticmethod
    def _unshared(results: Sequence[torch.Tensor], tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Copies outputs that are inputs, or views of them: as arrays they must not share elements."""
        return [
            r.clone() if (r._is_view() and not r.requires_grad) or any(r is t for t in tensors) else r
            for r in results
        ]

    # ------------------------------------------------------------------------------------------ lowering
    def _function(
        self, tensors: Sequence[torch.Tensor], device: torch.device, training: bool
    ) -> Callable[..., Any]:
        channels_last = self._wants_channels_last(tensors, device)
        key = (training, device, channels_last, *[t.dtype for t in tensors])
        function = self._graphs.get(key)
        if function is None:
            self._check_dtypes(tensors)
            function = self._graphs[key] = self._build(training, device, channels_last)
        if isinstance(function, _Compiled):
            return function.choose(tensors)
        return function

    def _check_dtypes(self, tensors: Sequence[torch.Tensor]) -> None:
        """Runs the graph once on meta tensors: there the table's rules about dtypes are checked, node by node.

        Raises:
            MXNetError: what an operator refuses; the message names the node.
        """
        meta = [torch.empty_like(t, device="meta") for t in tensors]
        with torch.no_grad():
            try:
                run_nodes(self.symbol, meta, False, torch.device("meta"))
            except MXNetError as error:
                if not isinstance(error.__cause__, NotImplementedError):  # results whose shape depends on values
                    raise

    def _wants_channels_last(self, tensors: Sequence[torch.Tensor], device: torch.device) -> bool:
        """Whether convolutions choose their layout: on a CPU, in the dtypes that oneDNN computes in."""
        return self._has_conv and device.type == "cpu" and not any(t.dtype is torch.float64 for t in tensors)

    def _build(self, training: bool, device: torch.device, channels_last: bool) -> Callable[..., Any]:
        module = lower(self.symbol, training, device, channels_last)
        backend = self.flags.get("backend")
        if not backend and self.flags.get("static_alloc"):
            policy = compile_policy()
            if policy == "always" or (policy == "auto" and device.type == "cuda"):
                backend = "inductor"
        if not backend:
            return module.forward
        mode = None
        if backend == "inductor" and self.flags.get("static_shape") and device.type == "cuda":
            mode = "reduce-overhead"
        return _Compiled(module.forward, torch.compile(module, backend=backend, mode=mode))

    def graph(self, training: bool = False, ctx: Any = None) -> torch.fx.GraphModule:
        """The lowered graph, to look at or to take away.

        Args:
            training: that of train mode.
            ctx: for this context's device; default the CPU.
        """
        return lower(self.symbol, training, torch.device("cpu") if ctx is None else ctx.torch_device)

    def _failure(
        self, error: Exception, tensors: Sequence[torch.Tensor], training: bool, device: torch.device
    ) -> MXNetError:
        """Finds the node that failed by running the graph again, node by node."""
        if isinstance(error, MXNetError):
            return error
        return first_failure(self.symbol, tensors, training, device) or MXNetError(str(error))


class _Compiled:
    """A compiled graph, and the plain one to fall back on when input shapes keep changing."""

    def __init__(self, plain: Callable[..., Any], compiled: Callable[..., Any]) -> None:
        self._plain = plain
        self._compiled = compiled
        self._shapes: set[tuple[Any, ...]] = set()

    def choose(self, tensors: Sequence[torch.Tensor]) -> Callable[..., Any]:
        """The compiled function for the shapes it knows and a few more, the plain one for all others."""
        shapes = tuple(t.shape for t in tensors)
        if shapes not in self._shapes:
            if len(self._shapes) >= _MAX_COMPILED_SHAPES:
                return self._plain
            self._shapes.add(shapes)
        return self._compiled


def _nodes(sym: Symbol) -> list[Any]:
    return walk(sym._outputs)
