"""The cached graph: a Symbol lowered to ``torch.fx`` once for each mode and run on tensors ever after.

Backends: the fx graph itself (no compile wait), or ``torch.compile``. ``static_alloc=True`` *allows* compiling; the
process-wide policy decides (``set_compile_policy``, environment variable ``MXGLUON_COMPILE``): ``never``, ``always``,
or ``auto``, which compiles on a GPU, where Triton runs, and not on a CPU, since a first compile takes 20 to 60 seconds
on a small CPU and its code was measured to be no faster there.
"""

from __future__ import annotations

import importlib.util
import operator
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from . import autograd, ndarray, streams
from .autograd.used import current
from .base import MXNetError, UnsupportedError
from .context import current_context
from .ndarray import NDArray, waiting
from .ndarray.invoke import invoke, wrap
from .numpy import ndarray as np_ndarray
from .ops import stopped
from .ops.registry import DtypeMismatch
from .ops.watching import watch
from .storage import keep_freed_memory
from .symbol import Symbol
from .symbol.draws import Draw, plan
from .symbol.infer import settled, unsettled_nodes
from .symbol.lowering import lower
from .symbol.monitor import watched_inputs, watched_outputs
from .symbol.node import Node, walk
from .symbol.run import first_failure, run_nodes

__all__ = ["CachedOp", "compile_policy", "set_compile_policy"]

_dtype_of = operator.attrgetter("dtype")

_POLICIES = ("auto", "never", "always")
_policy = ""
# After so many input shapes a compiled graph is given up for the fx graph: shapes that change with every batch
# would compile without end.
_MAX_COMPILED_SHAPES = 8
_MAX_SETTLED = 64  # graphs kept where each shape of the inputs has its own

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


def _has_triton(device: torch.device) -> bool:
    """Whether ``torch.compile`` can make code for that GPU: it needs Triton, which knows none of before 2017."""
    return importlib.util.find_spec("triton") is not None and torch.cuda.get_device_capability(device) >= (7, 0)


class CachedOp:
    """A graph that is traced and runs as one operator.

    Args:
        sym: the graph; calls take one array for each of ``sym.list_inputs()``, in that order.
        flags: (name, value) pairs: ``static_alloc``, ``static_shape``, ``backend``; MXNet's engine hints
            (``inline_limit``, ``forward_bulk_size``, ...) are accepted, there is no engine to hint at.

    Raises:
        UnsupportedError: a flag that MXNet has not.
        MXNetError: ``static_shape`` without ``static_alloc``.
    """

    def __init__(self, sym: Symbol, flags: Sequence[tuple[str, Any]] | Mapping[str, Any] = ()) -> None:
        self.symbol = sym
        self.flags = dict(flags)
        unknown = set(self.flags) - _KNOWN_FLAGS
        if unknown:
            raise UnsupportedError(f"hybridize({', '.join(sorted(unknown))}=...)", "MXNet has no such flag")
        self._names = sym.list_inputs()
        self.family: type[NDArray] = NDArray if sym._family is Symbol else np_ndarray  # of what calls give
        self._graphs: dict[tuple[Any, ...], Callable[..., Any]] = {}
        self._unchecked: set[tuple[Any, ...]] = set()
        if self.flags.get("static_shape") and not self.flags.get("static_alloc"):
            raise MXNetError("static_alloc must be True when static_shape is True")
        names = {n.op.name for n in walk(sym._outputs) if n.op is not None}
        self._has_conv, self._blocks = "Convolution" in names, "BlockGrad" in names
        self._aliases = _possible_aliases(sym)
        self._syncs = any(n.op is not None and n.op.name == waiting.MEETING for n in walk(sym._outputs))
        self._meets = any(n.op is not None and waiting.is_meeting(n.op, n.parsed) for n in walk(sym._outputs))
        # ``zeros((0, 5))`` takes its length from the inputs: then there is a graph for each of their shapes.
        self._by_shapes: dict[tuple[Any, ...], CachedOp] | None = {} if unsettled_nodes(sym) else None
        keep_freed_memory()

    def __call__(self, *args: NDArray, out: Any = None, **kwargs: Any) -> Any:
        """Runs the graph.

        Raises:
            MXNetError: another number of arrays than the graph has inputs, or what an operator refuses.
        """
        if len(args) != len(self._names):
            raise MXNetError(f"this graph has {len(self._names)} inputs ({', '.join(self._names)}), got {len(args)}")
        for array in args:
            if not isinstance(array, NDArray):
                raise TypeError(f"a cached graph takes arrays, got {type(array)}")
        default_ctx = kwargs.pop("default_ctx", None) or current_context()
        ctx = args[0]._ctx if args else default_ctx
        if kwargs:
            raise TypeError(f"a cached graph takes no argument {', '.join(sorted(kwargs))}")
        if self.waits(args):
            arrays = self.run_waiting(args)
        else:
            arrays = [wrap(r, ctx, self.family) for r in self.run([a._data for a in args], ctx)]
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
        if watch.symbolic is not None:
            return self.run_seen(tensors, ctx)
        state = autograd.state
        function = self._function(tensors, ctx.torch_device, state.training)
        try:
            if state.recording:
                if state.used and not torch.compiler.is_compiling():
                    tensors = [current(t) for t in tensors]
                results = function(*tensors)
                return self._unshared(results, tensors) if self._aliases else results
            grad_mode = torch.is_grad_enabled()
            autograd.set_torch_grad(False)
            try:
                results = function(*tensors)
                return self._unshared(results, tensors) if self._aliases else results
            finally:
                autograd.set_torch_grad(grad_mode)
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            raise self._failure(error, tensors, state.training, ctx.torch_device) from error

    def waits(self, arrays: Sequence[NDArray], hooked: bool = False) -> bool:
        """Whether ``run_waiting`` is to run it: where it would have to wait for other devices, or leave notes.

        ``hooked``: with hooks (``run_monitored``) it leaves none for ``autograd.get_symbol``.
        """
        return (
            (self._meets and autograd.state.training)
            or waiting.any_waits(arrays)
            or (autograd.history.kept and autograd.state.recording and not hooked)
        )

    def run_waiting(self, arrays: Sequence[NDArray]) -> list[NDArray]:
        """As ``run``, on arrays, one node after the other, as if each were called by itself.

        What cannot be computed yet waits (see ``ndarray.waiting``); operators leave notes (see ``ndarray.history``).

        Raises:
            MXNetError: what an operator refuses.
        """
        symbol = self.symbol if self._by_shapes is None else self._settled(list(map(waiting.meta_of, arrays))).symbol
        values: dict[int, Sequence[Any]] = {}
        given = iter(arrays)
        for node in walk(symbol._outputs):
            if node.op is None:
                values[id(node)] = [next(given)]
                continue
            inputs = [values[id(c)][i] for c, i in node.inputs]
            if not node.op.variadic:
                by_name = dict(zip(node.op.input_names(node.parsed, len(inputs)), inputs, strict=False))
                inputs = [by_name.get(name) for name in node.op.inputs]
            found = invoke(node.op, inputs, node.parsed, family=self.family)
            values[id(node)] = found if isinstance(found, list) else [found]
        return [values[id(n)][i] for n, i in symbol._outputs]

    def run_monitored(
        self, tensors: Sequence[torch.Tensor], ctx: Any, hooks: Sequence[tuple[Callable[..., Any], bool]]
    ) -> Sequence[torch.Tensor]:
        """As ``run``, one node after the other, and each hook sees every node's outputs.

        Args:
            tensors: the graph's inputs.
            ctx: their context.
            hooks: (callback, monitor_all) pairs: ``callback(name, operator name, array)`` is called for each output,
                hidden ones only while recording; with ``monitor_all`` for the node's inputs first.

        Raises:
            MXNetError: what an operator refuses; the message names the node.
        """
        recording = autograd.state.recording

        def see(node: Node, inputs: Sequence[torch.Tensor], outputs: Sequence[torch.Tensor]) -> None:
            shown = len(outputs) if recording else node.op.visible_outputs(node.parsed)
            before = list(zip(watched_inputs(node), inputs, strict=True))
            after = list(zip(watched_outputs(node), outputs, strict=True))[:shown]
            for callback, monitor_all in hooks:
                for name, tensor in before + after if monitor_all else after:
                    # MXNet passes the names as bytes and the array as the address of its handle
                    callback(name, node.op.name, wrap(tensor.detach(), ctx))

        return self.run_seen(tensors, ctx, see)

    def run_seen(
        self,
        tensors: Sequence[torch.Tensor],
        ctx: Any,
        see: Callable[..., None] | None = None,
        lead: Callable[..., Sequence[torch.Tensor]] | None = None,
    ) -> Sequence[torch.Tensor]:
        """As ``run``, one node after the other; ``see`` is called with each node, its inputs and all its outputs.

        ``lead`` gets each node and its inputs before, and gives those that it runs on.

        Raises:
            MXNetError: what an operator refuses; the message names the node.
        """
        with torch.set_grad_enabled(autograd.state.recording):
            symbol = self.symbol if self._by_shapes is None else self._settled(tensors).symbol
            results = run_nodes(symbol, tensors, autograd.state.training, ctx.torch_device, see, lead=lead)
        return self._unshared(results, tensors) if self._aliases else results

    def _unshared(self, results: Sequence[torch.Tensor], tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Copies outputs that share elements with inputs or one another; an input itself comes out as it is, once."""
        kept = list(results)
        for k, is_input, inputs, outputs in self._aliases:
            found = kept[k]
            earlier = [kept[i] for i in outputs]
            if is_input and not any(found is r for r in earlier):
                if not (autograd.state.recording and found.requires_grad):
                    continue  # as in MXNet
                kept[k] = found.clone()
                continue
            place = found.untyped_storage().data_ptr()
            if any(place == t.untyped_storage().data_ptr() for t in (*[tensors[i] for i in inputs], *earlier)):
                kept[k] = found.clone()
        return kept

    # ------------------------------------------------------------------------------------------ lowering
    def _settled(self, tensors: Sequence[torch.Tensor]) -> CachedOp:
        """This graph for inputs of these shapes, with all lengths known."""
        shapes = tuple(tuple(t.shape) for t in tensors)
        known: Any = self._by_shapes
        found = known.get(shapes)
        if found is None:
            if len(known) >= _MAX_SETTLED:
                known.clear()
            found = CachedOp(settled(self.symbol, dict(zip(self._names, shapes, strict=True))), self.flags)
            found._by_shapes = None
            known[shapes] = found
        return found

    def _function(self, tensors: Sequence[torch.Tensor], device: torch.device, training: bool) -> Callable[..., Any]:
        if self._by_shapes is not None:
            return self._settled(tensors)._function(tensors, device, training)
        key = (training, device, *map(_dtype_of, tensors))
        function = self._graphs.get(key)
        if function is None:
            if not self._check_dtypes(tensors) and key not in self._unchecked:
                self._unchecked.add(key)
                return lambda *inputs: run_nodes(self.symbol, inputs, training, device)
            function = self._graphs[key] = self._build(tensors, training, device)
        if isinstance(function, _Compiled):
            return function.choose(tensors)
        return function

    def _check_dtypes(self, tensors: Sequence[torch.Tensor]) -> bool:
        """Runs the graph once on meta tensors: there the table's rules about dtypes are checked, node by node.

        Returns:
            False where that is not possible, since shapes depend on values: then the first call is run node by node,
            which checks the same.

        Raises:
            MXNetError: dtypes that an operator refuses; the message names the node.
        """
        meta = [torch.empty_like(t, device="meta") for t in tensors]
        try:
            with torch.no_grad():
                run_nodes(self.symbol, meta, False, torch.device("meta"))
        except MXNetError as error:
            if isinstance(error.__cause__, DtypeMismatch):
                raise
            return False
        return True

    def _wants_channels_last(self, tensors: Sequence[torch.Tensor], device: torch.device) -> bool:
        """Whether convolutions choose their layout: on a CPU, in the dtypes that oneDNN computes in."""
        return self._has_conv and device.type == "cpu" and not any(t.dtype is torch.float64 for t in tensors)

    def _build(self, tensors: Sequence[torch.Tensor], training: bool, device: torch.device) -> Callable[..., Any]:
        channels_last = self._wants_channels_last(tensors, device)
        plain = lower(self.symbol, training, device, channels_last).forward
        if self._syncs and training:
            return plain  # compiled, it would not see other processes that join later
        backend = self.flags.get("backend")
        if not backend and self.flags.get("static_alloc"):
            policy = compile_policy()
            if policy == "always" or (policy == "auto" and device.type == "cuda" and _has_triton(device)):
                backend = "inductor"
        if not backend:
            return plain
        mode = None
        if backend == "inductor" and self.flags.get("static_shape") and device.type == "cuda":
            mode = "reduce-overhead"

        def build(draws: Mapping[int, Sequence[Draw]]) -> Callable[..., Any]:
            module = lower(self.symbol, training, device, channels_last, draws)
            compiled = torch.compile(module, backend=backend, mode=mode)
            if mode is not None:
                compiled = _copying(compiled)
            return stopped.noting(compiled) if self._blocks else compiled

        made: Any = _Compiled(
            plain, build, lambda inputs: plan(self.symbol, inputs, training), streams.stream_for(device)
        )
        return made

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
        symbol = self.symbol if self._by_shapes is None else self._settled(tensors).symbol
        return first_failure(symbol, tensors, training, device) or MXNetError(str(error))


def _possible_aliases(sym: Symbol) -> list[tuple[int, bool, list[int], list[int]]]:
    """(output, whether it is an input, inputs and earlier outputs it may share elements with), where there are any.

    What an output may share elements with is found by going back through the operators that may return views.
    """
    nodes = walk(sym._outputs)
    number = {id(n): i for i, n in enumerate(n for n in nodes if n.op is None)}
    sources: dict[int, frozenset[int]] = {}
    for node in nodes:
        through = node.op is not None and node.op.may_alias
        sources[id(node)] = (
            frozenset().union(*[sources[id(c)] for c, _ in node.inputs]) if through else frozenset([id(node)])
        )
    found = []
    for k, (node, i) in enumerate(sym._outputs):
        inputs = [number[s] for s in sources[id(node)] if s in number]
        outputs = [
            j
            for j, (other, o) in enumerate(sym._outputs[:k])
            if sources[id(other)] & sources[id(node)]
            and (other is not node or o == i or node.op.may_alias)  # other operators' outputs are apart
        ]
        if inputs or outputs:
            found.append((k, node.op is None, inputs, outputs))
    return found


class _CopiedGradients(torch.autograd.Function):
    """The tensors themselves; the gradients that come back for them are copied."""

    @staticmethod
    def forward(ctx: Any, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        ctx.set_materialize_grads(False)
        return tuple(t.view_as(t) for t in tensors)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor | None) -> tuple[torch.Tensor | None, ...]:
        return tuple(None if g is None else g.clone() for g in gradients)


def _copying(function: Callable[..., Sequence[torch.Tensor]]) -> Callable[..., Sequence[torch.Tensor]]:
    """``function``, a CUDA graph, whose next run writes where results and gradients of this one lie: gives copies."""

    def call(*tensors: torch.Tensor) -> Sequence[torch.Tensor]:
        given = list(tensors)
        learned = [i for i, t in enumerate(tensors) if t.requires_grad] if torch.is_grad_enabled() else []
        if learned:
            for i, t in zip(learned, _CopiedGradients.apply(*[tensors[i] for i in learned]), strict=True):
                given[i] = t
        results = function(*given)
        back = {id(g): t for g, t in zip(given, tensors, strict=True)}  # an input itself comes out as it is
        return [back[id(r)] if id(r) in back else r.clone() for r in results]

    return call


class _Compiled:
    """A compiled graph, and the plain one to fall back on when input shapes keep changing.

    Args:
        plain: the graph as it is.
        build: compiles the graph that makes these draws.
        plan: tells which draws the graph makes for these inputs.
        stream: where to draw from.
    """

    def __init__(
        self,
        plain: Callable[..., Any],
        build: Callable[[Mapping[int, Sequence[Draw]]], Callable[..., Any]],
        plan: Callable[[Sequence[torch.Tensor]], Mapping[int, Sequence[Draw]] | None],
        stream: streams.Stream,
    ) -> None:
        self._plain = plain
        self._build = build
        self._plan = plan
        self._stream = stream
        self._compiled: Callable[..., Any] | None = None
        self._counts: list[tuple[int, int]] = []  # (node, number of draws) that the compiled graph was made for
        self._by_shapes: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def choose(self, tensors: Sequence[torch.Tensor]) -> Callable[..., Any]:
        """The compiled function for the shapes it knows and a few more, the plain one for all others."""
        shapes = tuple(t.shape for t in tensors)
        function = self._by_shapes.get(shapes)
        if function is None:
            if len(self._by_shapes) >= _MAX_COMPILED_SHAPES:
                return self._plain
            function = self._by_shapes[shapes] = self._for(tensors)
        return function

    def _for(self, tensors: Sequence[torch.Tensor]) -> Callable[..., Any]:
        draws = self._plan(tensors)
        if draws is None:
            return self._plain
        counts = [(node, len(made)) for node, made in draws.items()]
        if self._compiled is None:
            self._compiled, self._counts = self._build(draws), counts
        if counts != self._counts:
            return self._plain
        compiled, stream = self._compiled, self._stream
        made = [draw for of_node in draws.values() for draw in of_node]
        if not made:
            return compiled
        return lambda *inputs: compiled(*inputs, *[draw(stream) for draw in made])


for _module in (ndarray, ndarray.op, ndarray._internal):  # where MXNet shows it
    setattr(_module, "CachedOp", CachedOp)  # noqa: B010 - the stubs have it from here
