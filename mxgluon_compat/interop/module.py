"""``as_module(block)``: a PyTorch module over the Parameters of a Gluon Block.

Nothing is copied: the module's parameters are the tensors that the Block's arrays wrap, and their gradients are torch's
``.grad`` and Gluon's ``grad()`` at once. So Gluon's Trainer and torch's optimizers, ``load_parameters`` and
``load_state_dict``, ``record`` and torch's own grad mode all work on one net, in any order.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch._compile import _disable_dynamo  # torch.compiler.disable would import the compiler at once
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter, is_lazy
from torch.utils._python_dispatch import _disable_current_modes

from .. import autograd, streams
from ..base import TORCH_TO_NAME, UnsupportedError, torch_dtype
from ..cached_op import CachedOp
from ..context import Context
from ..gluon.block import Block, HybridBlock, SymbolBlock
from ..gluon.parameter import Constant, Parameter
from ..ndarray import NDArray, from_torch
from ..ndarray.invoke import wrap
from ..symbol import Symbol
from ..symbol.draws import plan
from ..symbol.lowering import lower
from .tensors import first_context, leaves, unwrapped, wrapped
from .torch_block import TorchBlock

__all__ = ["BlockModule", "as_module"]


def as_module(block: Block, ctx: Context | None = None) -> nn.Module:
    """A ``torch.nn.Module`` over the same Parameters as ``block``: takes and gives tensors.

    Its ``state_dict`` has structural names (``"0.weight"``, as ``save_parameters``), running statistics and Constants
    are buffers; ``train()`` and ``eval()`` are MXNet's modes, torch's grad mode is what records. HybridBlocks run as
    one ``torch.fx`` graph, layer by layer where submodules have hooks or another mode than the whole; Blocks run as
    they are; TorchBlocks are their own modules. Parameters whose shape is not known yet are lazy ones: the first call,
    or ``load_state_dict``, finishes them. Call it once before ``torch.compile(fullgraph=True)``.

    Args:
        block: the net, initialised.
        ctx: of several contexts, the one whose copies are meant.

    Raises:
        TypeError: ``block`` is no Block.
        RuntimeError: a Parameter that is not initialised, or not on ``ctx``.
        ValueError: several contexts, and no ``ctx``.
        UnsupportedError: row_sparse Parameters, whose values are in a KVStore.
    """
    if not isinstance(block, Block):
        raise TypeError(f"as_module takes a Gluon Block, got {type(block).__name__}")
    params = list(block.collect_params().values())
    for param in params:
        if param._stype != "default":
            raise UnsupportedError(
                f"as_module with the {param._stype} Parameter '{param.name}'", "its values are in its Trainer's KVStore"
            )
    found = {ctx} if ctx is not None else {c for p in params for c in p.list_ctx()}
    if len(found) > 1:
        raise ValueError(
            f"the Parameters are on {sorted(map(str, found))}: say whose copies to take, as_module(ctx=...)"
        )
    for param in params:
        if found and not found <= set(param.list_ctx()):
            param._copy_on(*found)  # raises
    ctx = found.pop() if found else None
    return block._module_on(ctx) if isinstance(block, TorchBlock) else BlockModule(block, ctx)


class BlockModule(nn.Module):
    """What ``as_module`` gives, for the net and for each Block in it.

    Attributes:
        gluon_block: the Block.
    """

    gluon_block: Block

    def __init__(self, block: Block, ctx: Context | None, made: dict[int, nn.Module] | None = None) -> None:
        super().__init__()
        is_root, made = made is None, {} if made is None else made
        made[id(block)] = self
        # id(Parameter) -> the module that has its tensor, and its name there
        self._gluon_places: dict[int, tuple[nn.Module, str]] = {}
        self.gluon_block = block
        self._gluon_ctx = ctx
        # a SymbolBlock cuts off what its Parameters' names begin with: of a single one, all
        self._gluon_own: dict[str, Parameter] = {name or p.name: p for name, p in block._reg_params.items()}
        self._gluon_seen: dict[str, Any] = {}  # the tensor that each had when it was registered
        self._gluon_via_block = False
        self._gluon_graphs: dict[bool, tuple[Any, ...]] = {}  # what torch.compile traces, by mode
        # Names are written into torch's dicts directly: a Block may have children named ``type`` or ``half``.
        for name, child in block._children.items():
            if id(child) not in made:
                made[id(child)] = (
                    child._module_on(ctx) if isinstance(child, TorchBlock) else BlockModule(child, ctx, made)
                )
            module = self._modules[name] = made[id(child)]
            if isinstance(module, BlockModule):
                self._gluon_places.update(module._gluon_places)
            else:
                self._gluon_places.update({id(p): _place(module, n) for n, p in child._reg_params.items()})
        if is_root:
            for name, param in block.collect_params().items():  # those that are no attribute of their Block
                if id(param) not in self._gluon_places and param not in self._gluon_own.values():
                    self._gluon_own[name.removeprefix(block.prefix)] = param
        self._gluon_places.update({id(p): (self, name) for name, p in self._gluon_own.items()})
        self._gluon_states = (
            set(block._cached_graph[1].list_auxiliary_states()) if type(block) is SymbolBlock else set()
        )
        for name in self._gluon_own:
            self._register(name)

    # ------------------------------------------------------------------------------------------ parameters
    def _is_buffer(self, param: Parameter) -> bool:
        return not param._differentiable or isinstance(param, Constant) or param.name in self._gluon_states

    def _array_of(self, param: Parameter) -> NDArray | None:
        """The Parameter's copy; None while its initialisation is deferred."""
        return None if param._data is None and param._deferred_init else param._copy_on(self._gluon_ctx)

    def _register(self, name: str) -> None:
        """Makes the Parameter's tensor of now that of the module."""
        param = self._gluon_own[name]
        array = self._array_of(param)
        is_buffer = self._is_buffer(param)
        registered: dict[str, Any] = self._buffers if is_buffer else self._parameters
        if not is_buffer and not param._shares_gradient:
            param._share_gradient()
        if array is None:
            options: dict[str, Any] = {"dtype": torch_dtype(param.dtype), "device": param.list_ctx()[0].torch_device}
            if is_buffer:
                registered[name] = UninitializedBuffer(**options)
            else:
                registered[name] = UninitializedParameter(requires_grad=param.grad_req != "null", **options)
            self._gluon_seen[name] = None
            return
        lazy = registered.get(name)
        if is_buffer:
            if isinstance(array._data, nn.Parameter):
                array._data = array._data.detach()
        elif lazy is not None and is_lazy(lazy):
            # The lazy parameter itself becomes the tensor, so that an optimizer that was made before has it.
            lazy.materialize(array.shape, array._data.device, array._data.dtype)
            lazy.data = array._data.detach()
            _exchange(param, array, lazy)
        registered[name] = self._gluon_seen[name] = array._data

    def _refresh(self) -> None:
        """Registers what Gluon made anew since: initialised, cast or moved Parameters."""
        for module in self.modules():
            if isinstance(module, BlockModule):
                for name, param in module._gluon_own.items():
                    array = module._array_of(param)
                    if (None if array is None else array._data) is not module._gluon_seen[name]:
                        module._register(name)

    def _take_over(self) -> None:
        """Gives Gluon the tensors that torch put in place of this module's own."""
        for name, param in self._gluon_own.items():
            tensor = (self._buffers if self._is_buffer(param) else self._parameters)[name]
            array = self._array_of(param)
            if array is None or tensor is None or is_lazy(tensor):
                continue
            if tensor is not array._data:
                _exchange(param, array, tensor)
            elif array._slot is not None and array._slot.array._data.dtype is not tensor.dtype:
                param._attach(array)
            self._gluon_seen[name] = tensor
            if torch_dtype(param.dtype) is not tensor.dtype:
                param._dtype, param._var = TORCH_TO_NAME[tensor.dtype], None
            ctx = from_torch(tensor).context
            if ctx.torch_device != array._ctx.torch_device:
                array._ctx = ctx

    def _apply(self, fn: Callable[..., Any], recurse: bool = True) -> BlockModule:
        super()._apply(fn, recurse)
        self._take_over()
        contexts = {array._ctx for p in self._gluon_own.values() if (array := self._array_of(p)) is not None}
        if self._gluon_ctx is not None and len(contexts) == 1:
            self._gluon_ctx = contexts.pop()
        elif not self._gluon_own:
            below = {m._gluon_ctx for m in self._modules.values() if isinstance(m, BlockModule)}
            self._gluon_ctx = below.pop() if len(below) == 1 else self._gluon_ctx
        if isinstance(self.gluon_block, HybridBlock):
            self.gluon_block._clear_cached_op()
        self._gluon_graphs = {}
        return self

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
        for name, param in self._gluon_own.items():
            value = state_dict.get(prefix + name)
            if isinstance(value, torch.Tensor) and not is_lazy(value) and self._array_of(param) is None:
                array = from_torch(value.detach())
                param.check_load(array, cast_dtype=True)
                param.shape = array.shape
                param._deferred_init = (*param._deferred_init[:3], array)
                param._finish_deferred_init()
                self._register(name)
        super()._load_from_state_dict(state_dict, prefix, *args)
        self._take_over()  # load_state_dict(assign=True)

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """See ``torch.nn.Module.state_dict``; the names are those of ``save_parameters``."""
        self._refresh()
        return super().state_dict(*args, **kwargs)

    def named_parameters(self, *args: Any, **kwargs: Any) -> Iterator[tuple[str, nn.Parameter]]:
        """See ``torch.nn.Module.named_parameters``."""
        self._refresh()
        return super().named_parameters(*args, **kwargs)

    def named_buffers(self, *args: Any, **kwargs: Any) -> Iterator[tuple[str, torch.Tensor]]:
        """See ``torch.nn.Module.named_buffers``."""
        self._refresh()
        return super().named_buffers(*args, **kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> BlockModule:
        twin = BlockModule(copy.deepcopy(self.gluon_block, memo), self._gluon_ctx)
        memo[id(self)] = twin
        for (_, own), (_, copied) in zip(self.named_modules(), twin.named_modules()):
            copied.training = own.training
        return twin

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.gluon_block, self._gluon_ctx, [m.training for m in self.modules()])

    def _get_name(self) -> str:
        return type(self.gluon_block).__name__

    def extra_repr(self) -> str:
        """The Block's name, and those of its own parameters."""
        return ", ".join([self.gluon_block.name, *self._gluon_own])

    # ------------------------------------------------------------------------------------------ running
    def forward(self, *args: Any) -> Any:
        """The Block's ``forward`` on tensors; what else is among the arguments goes through as it is.

        Raises:
            MXNetError: what an operator refuses.
            ValueError: what the Block refuses.
        """
        if not torch.compiler.is_compiling():
            return self._run(args)
        traced = self._gluon_graphs.get(self.training)
        if traced is None or len(args) != traced[0] or traced[-1] is not self._gluon_op() or self._layered():
            return self._run_aside(args)
        _, graph, places, draws, regroup, _ = traced
        tensors = []
        for place in places:
            if isinstance(place, int):
                tensors.append(args[place])
            else:
                module: Any = self
                for part in place[:-1]:
                    module = module._modules[part]
                name = place[-1]
                tensors.append(module._parameters[name] if name in module._parameters else module._buffers[name])
        if draws:
            if torch.compiler.is_exporting():
                self._refuse_draws()
            tensors += self._draw(args)
        results = graph(*tensors)
        return results[0] if regroup is None else regroup(results)

    def _layered(self) -> bool:
        """Whether submodules have to be called one by one, since they have hooks or modes of their own."""
        training = self.training
        for module in self.modules():
            if module is self:
                continue
            if module.training is not training or module._forward_hooks or module._forward_pre_hooks:
                return True
            if module._backward_hooks or module._backward_pre_hooks:
                return True
        return False

    @_disable_dynamo
    def _run_aside(self, args: Any) -> Any:
        exporting = torch.compiler.is_exporting()
        with streams.refusing(_no_draws()) if exporting else contextlib.nullcontext():
            if exporting and self.training not in self._gluon_graphs and not self._layered():
                # A program wants the graph as it is: without the layouts that suit this machine, and what finds it out.
                with _disable_current_modes(), torch._C.DisableTorchFunction():
                    self._prepare(args)
                if self.training in self._gluon_graphs:
                    return self.forward(*args)
            result = self._run(args)
        self._prepare(args)
        if exporting and self.training:
            self._refuse_draws()
        return result

    def _refuse_draws(self) -> None:
        traced = self._gluon_graphs.get(self.training)
        if traced is None or traced[3]:
            raise _no_draws()

    def _run(self, args: Any) -> Any:
        block, via_block = self.gluon_block, self._gluon_via_block
        self._gluon_via_block = False
        if not via_block:
            self._refresh()
        ctx = self._gluon_ctx or first_context(args)
        arrays = wrapped(args, ctx)
        with autograd.Scope(torch.is_grad_enabled(), self.training), ctx or contextlib.nullcontext():
            if via_block:
                return unwrapped(self._compute(*arrays))
            given = block.__dict__.get("forward")
            block.__dict__["forward"] = self._compute
            try:
                result = block(*arrays)  # with the Block's own hooks, and what its class does in a call
            finally:
                del block.__dict__["forward"]
                if given is not None:
                    block.__dict__["forward"] = given
            parts = [m for m in self.modules() if isinstance(m, BlockModule)]
            if any(seen is None for m in parts for seen in m._gluon_seen.values()):
                self._refresh()  # registers what this call finished
            return unwrapped(result)

    def _compute(self, *arrays: Any) -> Any:
        if not isinstance(self.gluon_block, HybridBlock) or (self.gluon_block._children and self._layered()):
            return self._run_layers(arrays)
        return self._run_graph(arrays)

    def _graph(self, arrays: Any) -> CachedOp:
        """The Block's cached graph for these arguments."""
        block: Any = self.gluon_block
        if block._reads is not None:
            block._choose_graph(arrays)
        if block._cached_op is None:
            block._build_cache(*arrays)
        return block._cached_op

    def _run_graph(self, arrays: Any) -> Any:
        block: Any = self.gluon_block
        op = self._graph(arrays)
        flat = block._arrays_of(arrays)
        ctx = self._gluon_ctx or flat[0]._ctx
        if any(type(p) is not int and p._data is None for p in block._cached_params):
            block._finish_deferred(*arrays)
            self._refresh()
        if op.waits(flat, bool(block._op_hooks)):
            return block._regrouped(block._run_waiting(flat, arrays))
        tensors = [flat[p]._data if type(p) is int else self._tensor_of(p) for p in block._cached_params]
        results = op.run_monitored(tensors, ctx, block._op_hooks) if block._op_hooks else op.run(tensors, ctx)
        return block._regrouped([wrap(r, ctx, op.family) for r in results])

    def _tensor_of(self, param: Parameter) -> torch.Tensor:
        """The tensor that the module has for a Parameter now: FSDP and ``functional_call`` put others in its place."""
        module, name = self._gluon_places[id(param)]
        tensors: Any = module._parameters if name in module._parameters else module._buffers
        return tensors[name]

    # ------------------------------------------------------------------------------------------ layer by layer
    def _run_layers(self, arrays: Any) -> Any:
        """The Block's own ``forward``, in which Blocks below are called as submodules."""
        block: Any = self.gluon_block
        active = block.__dict__.get("_active")
        with self._routed(), self._lent():
            if active:
                block._active = False
            try:
                return type(block).forward(block, *arrays)
            finally:
                if active:
                    block._active = active

    @contextlib.contextmanager
    def _routed(self) -> Iterator[None]:
        """While it lasts, ``forward`` of the Blocks below calls their modules, hooks and all."""
        changed = []
        for module in self.modules():
            if module is not self and isinstance(module, BlockModule) and "forward" not in module.gluon_block.__dict__:
                module.gluon_block.__dict__["forward"] = module._route
                changed.append(module.gluon_block)
        try:
            yield
        finally:
            for block in changed:
                del block.__dict__["forward"]

    def _route(self, *args: Any) -> Any:
        if any(isinstance(a, Symbol) for a in leaves(args)):
            return type(self.gluon_block).forward(self.gluon_block, *args)
        self._gluon_via_block = True  # whoever called the Block has called its hooks
        ctx = next((a._ctx for a in leaves(args) if isinstance(a, NDArray)), self._gluon_ctx)
        return wrapped(self(*unwrapped(args)), ctx)

    @contextlib.contextmanager
    def _lent(self) -> Iterator[None]:
        """While it lasts, the Parameters of this Block have the module's tensors, whatever those are now."""
        changed = []
        for param in self._gluon_own.values():
            array = self._array_of(param)
            if array is not None and (tensor := self._tensor_of(param)) is not array._data:
                changed.append((array, array._data))
                array._data = tensor
        try:
            yield
        finally:
            for array, tensor in changed:
                array._data = tensor

    # ------------------------------------------------------------------------------------------ torch.compile
    def _prepare(self, args: Any) -> None:
        """Lowers the graph for ``torch.compile`` and ``torch.export``, which cannot trace the tracing of Blocks."""
        block: Any = self.gluon_block
        plain = all(isinstance(a, torch.Tensor) for a in args)
        as_usual = isinstance(block, HybridBlock) and type(block).__call__ is Block.__call__
        if not as_usual or not plain or block._forward_hooks or block._forward_pre_hooks:
            return
        op = block._cached_op
        # graphs that depend on the inputs' shapes run as they are, and so do those that several devices share
        if op is None or block._reads is not None or op._by_shapes is not None or block._op_hooks or op._meets:
            return
        ways = {id(m): name.split(".") if name else [] for name, m in self.named_modules()}
        places: list[Any] = []
        for p in block._cached_params:
            if isinstance(p, int):
                places.append(p)
            else:
                module, name = self._gluon_places[id(p)]
                places.append((*ways[id(module)], name))
        tensors = [args[p] if isinstance(p, int) else self._tensor_of(p) for p in block._cached_params]
        draws = plan(op.symbol, tensors, self.training)
        if draws is None:
            return
        graph = lower(op.symbol, self.training, tensors[0].device, draws=draws)
        regroup = None if block._out_format == 0 else lambda results: block._regrouped(list(results))
        self._gluon_graphs[self.training] = (len(args), graph, places, any(draws.values()), regroup, op)

    def _gluon_op(self) -> CachedOp | None:
        return self.gluon_block.__dict__.get("_cached_op")

    @_disable_dynamo
    def _draw(self, args: Any) -> list[Any]:
        """The random numbers that the graph uses, from MXNet's streams."""
        _, _, places, _, _, op = self._gluon_graphs[self.training]
        params = self.gluon_block._cached_params  # type: ignore[attr-defined]
        tensors = [args[p] if isinstance(p, int) else self._tensor_of(p) for p in params]
        stream = streams.stream_for(tensors[0].device)
        draws = plan(op.symbol, tensors, self.training)
        assert draws is not None, places  # it was not when the graph was lowered
        return [draw(stream) for of_node in draws.values() for draw in of_node]


def _no_draws() -> UnsupportedError:
    return UnsupportedError(
        "torch.export of a net that may draw random numbers",
        "they would become constants of the program; export it in eval() mode, and let forward draw nothing there",
    )


def _place(module: nn.Module, name: str) -> tuple[nn.Module, str]:
    path, _, last = name.rpartition(".")
    return module.get_submodule(path), last


def _exchange(param: Parameter, array: NDArray, tensor: torch.Tensor) -> None:
    """Makes ``tensor`` the one that this copy of the Parameter wraps."""
    if array._slot is not None:
        array._slot.release(array._data)
        array._slot = None
    array._data = tensor
    param._attach(array)


def _rebuild(block: Block, ctx: Context | None, training: list[bool]) -> BlockModule:
    module = BlockModule(block, ctx)
    for part, mode in zip(module.modules(), training):
        part.training = mode
    return module
