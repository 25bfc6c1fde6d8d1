"""``TorchBlock(module)``: a PyTorch module as a layer of a Gluon net."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from .. import autograd
from ..base import TORCH_TO_NAME, MXNetError, torch_dtype
from ..context import Context, current_context
from ..gluon.block import HybridBlock
from ..gluon.parameter import Parameter
from ..ndarray import NDArray, from_torch
from ..ops.registry import Operator, merge_shapes
from ..ops.schema import Shape
from ..symbol import Symbol
from ..symbol.compose import create
from .tensors import first_context, leaves, unwrapped, wrapped

__all__ = ["TorchBlock", "TorchParameter"]


class TorchBlock(HybridBlock):
    """A layer that runs a ``torch.nn.Module``, on the module's own tensors.

    Its Parameters are the module's parameters and buffers under their torch names: a Trainer trains them,
    ``save_parameters`` and ``load_parameters`` keep them, and so do torch's optimizers and ``state_dict``. The module
    has its values already: ``initialize`` puts it onto the contexts (on several, copies of it) and leaves them alone
    unless ``force_reinit`` is given, which fills the parameters, but no buffers and nothing without dimensions.
    MXNet's modes are the module's ``train()`` and ``eval()``: it is switched as a whole when the mode changes.

    In a hybridized net it is one node of the graph, which runs as Python. Such a graph cannot be exported.

    Args:
        module: the module; lazy ones after a first call.
        num_outputs: how many tensors it gives, for hybridized nets; imperatively it may give any structure.
        prefix: put before the names of its Parameters; None for an automatic one.

    Raises:
        TypeError: ``module`` is none, or is one of ``as_module``.
        ValueError: parameters that are not initialised.
    """

    def __init__(self, module: nn.Module, num_outputs: int = 1, prefix: str | None = None) -> None:
        if not isinstance(module, nn.Module):
            raise TypeError(f"TorchBlock takes a torch.nn.Module, got {type(module).__name__}")
        if any(hasattr(m, "gluon_block") for m in module.modules()):
            raise TypeError("there is a Gluon Block in this module already: use it (module.gluon_block) as it is")
        names = [*module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False)]
        lazy = [name for name, tensor in names if is_lazy(tensor)]
        if lazy:
            raise ValueError(f"{', '.join(lazy)} of the module have no shape yet: call the module once before")
        super().__init__(prefix, None)
        self._replicas: dict[Context, nn.Module] = {}
        self._num_outputs = num_outputs
        self._rows: dict[int, _TorchOperator] = {}
        kept = set(module.state_dict(keep_vars=True))
        names = [(name, tensor) for name, tensor in names if name in kept]
        ctx = from_torch(names[0][1]).context if names else current_context()
        self._replicas[ctx] = module
        made: dict[int, TorchParameter] = {}
        for name, tensor in names:
            if id(tensor) not in made:  # else it is shared
                made[id(tensor)] = TorchParameter(self, name, tensor)
                self.params._params[self.prefix + name] = made[id(tensor)]
            self._reg_params[name] = made[id(tensor)]

    @property
    def module(self) -> nn.Module:
        """The module; of several contexts, that of the first."""
        return next(iter(self._replicas.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.module!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        settings = {name: (p.grad_req, p.lr_mult, p.wd_mult) for name, p in self._reg_params.items()}
        return _rebuild, (type(self), self.module, self._num_outputs, self.prefix, list(self._replicas), settings)

    def _place_on(self, contexts: Sequence[Context]) -> None:
        """Has a module on each of the contexts; those that are elsewhere move before copies are made."""
        if list(self._replicas) == list(contexts):
            return
        left = [module for ctx, module in self._replicas.items() if ctx not in contexts]
        first = self.module
        placed = {}
        for ctx in contexts:
            module = self._replicas.get(ctx) or (left.pop(0) if left else copy.deepcopy(first))
            placed[ctx] = module.to(ctx.torch_device)
        self._replicas = placed

    def _module_on(self, ctx: Any) -> nn.Module:
        if ctx is None or ctx in self._replicas or not self._reg_params:
            return self._replicas.get(ctx, self.module)
        next(iter(self._reg_params.values()))._copy_on(ctx)  # pinned memory is the CPU's; else it raises
        return self.module

    # ------------------------------------------------------------------------------------------ running
    def forward(self, *args: Any) -> Any:
        """The module's ``forward``, on arrays; tensors in what it gives come back as arrays. Or a node of a graph."""
        if any(isinstance(a, Symbol) for a in leaves(args)):
            return super().forward(*args)
        ctx = first_context(args)
        module = self._module_on(ctx)
        with _mode(module, autograd.is_training()), torch.set_grad_enabled(autograd.is_recording()):
            return wrapped(module(*unwrapped(args)), ctx)

    def hybrid_forward(self, F: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N803 - MXNet's name
        """One node of a graph, that runs the module."""
        if not all(isinstance(a, Symbol) for a in args):
            raise TypeError(f"in a hybridized net a TorchBlock takes symbols, got {', '.join(map(repr, args))}")
        row = self._rows.setdefault(len(args), _TorchOperator(self, len(args)))
        made = create(row, [*args, *(kwargs[name] for name in row.names)], {}, None, None, "torch")
        return made if self._num_outputs == 1 else [made[i] for i in range(self._num_outputs)]


class TorchParameter(Parameter):
    """A Parameter whose copies are the tensors of the modules of a TorchBlock."""

    def __init__(self, block: TorchBlock, name: str, tensor: torch.Tensor) -> None:
        trained = isinstance(tensor, nn.Parameter) and tensor.dtype.is_floating_point
        super().__init__(
            block.prefix + name,
            grad_req="write" if trained and tensor.requires_grad else "null",
            shape=tuple(tensor.shape),
            dtype=TORCH_TO_NAME[tensor.dtype],
            differentiable=trained,
        )
        self._shares_gradient = True
        self._block, self._torch_name = block, name
        array = self._kind()(tensor, next(iter(block._replicas)))
        self._attach(array)
        self._data = [array]

    def _tensor_on(self, ctx: Context) -> torch.Tensor:
        path, _, name = self._torch_name.rpartition(".")
        return getattr(self._block._replicas[ctx].get_submodule(path), name)

    def initialize(
        self, init: Any = None, ctx: Any = None, default_init: Any = None, force_reinit: bool = False
    ) -> None:
        """Puts the parameter onto the contexts; with ``force_reinit`` fills it, if it is trained. See ``Parameter``."""
        if force_reinit and self._differentiable and self.shape:
            super().initialize(init, ctx, default_init, force_reinit)
            return
        contexts = [current_context()] if ctx is None else [ctx] if isinstance(ctx, Context) else list(ctx)
        if self.list_ctx() != contexts:
            self.reset_ctx(contexts)

    def _set_copies(self, copies: Iterable[tuple[Context, NDArray]]) -> None:
        copies, dtype = list(copies), torch_dtype(self.dtype)
        self._block._place_on([ctx for ctx, _ in copies])
        made = []
        for ctx, values in copies:
            tensor, given = self._tensor_on(ctx), values._data.detach()
            if tensor.dtype is dtype and tensor.device == ctx.torch_device:
                autograd.write_unrecorded(tensor, given)
            else:
                tensor.data = given.to(device=ctx.torch_device, dtype=dtype, copy=True)
            array = self._kind()(tensor, ctx)
            old = next((a for a in self._data or () if a._data is tensor), None)
            if old is not None and old._slot is not None:
                old._slot.release(tensor)
                old._slot = None
            self._attach(array)
            made.append(array)
        self._data = made

    def cast(self, dtype: Any) -> None:
        """Changes the dtype of values and gradients; a module's counters stay integers."""
        if torch_dtype(self.dtype).is_floating_point:
            super().cast(dtype)


class _TorchOperator(Operator):
    """The row of one TorchBlock: its inputs are the data, then the module's parameters and buffers."""

    traceable = False
    not_saved = "it holds a PyTorch module; save its parameters, or write a Gluon layer in its place"

    def __init__(self, block: TorchBlock, count: int) -> None:
        self._block, self._count = block, count
        self.names = tuple({id(p): name for name, p in reversed(block._reg_params.items())}.values())[::-1]
        states = tuple(name for name in self.names if not block._reg_params[name]._differentiable)
        outputs = ("output",) if block._num_outputs == 1 else tuple(f"output{i}" for i in range(block._num_outputs))
        super().__init__(
            "TorchBlock", self._run, aux=states, outputs=outputs, mixed_dtypes=True, mutates=states, may_alias=True
        )

    def input_names(self, parsed: Mapping[str, Any], given: int = 0) -> tuple[str, ...]:
        """See ``Operator.input_names``."""
        return (*(f"data{i}" for i in range(self._count)), *self.names)

    def complete_shapes(
        self, shapes: Sequence[Shape | None], parsed: Mapping[str, Any], outputs: Sequence[Shape | None] = ()
    ) -> list[Shape | None]:
        """See ``Operator.complete_shapes``."""
        known = [*[None] * self._count, *(self._block._reg_params[name].shape for name in self.names)]
        return [merge_shapes(*each) for each in zip(self.input_names(parsed), shapes, known, strict=True)]

    def complete_dtypes(
        self, dtypes: Sequence[torch.dtype | None], parsed: Mapping[str, Any], outputs: Sequence[torch.dtype | None]
    ) -> tuple[Sequence[torch.dtype | None], Sequence[torch.dtype | None]]:
        """See ``Operator.complete_dtypes``."""
        own = [torch_dtype(self._block._reg_params[name].dtype) for name in self.names]
        floats: list[Any] = [d for d in own if d.is_floating_point] or [dtypes[0]]
        return [*dtypes[: self._count], *own], floats[:1]

    def _run(self, *tensors: torch.Tensor, training: bool, device: torch.device) -> Any:
        data, values = tensors[: self._count], tensors[self._count :]
        module = self._module_of(values)
        if device.type == "meta":
            with _mode(module, False), torch.no_grad():
                try:
                    found = self._call_with(module, values, data)
                except (RuntimeError, NotImplementedError, ValueError, TypeError):
                    # a module with tensors or code that meta tensors do not go through
                    where = self._block._replicas
                    on = next(iter(where)).torch_device
                    found = module(*[torch.zeros(d.shape, dtype=d.dtype, device=on) for d in data])
                return self._checked(found, meta=True)
        own = dict(module.named_parameters()) | dict(module.named_buffers())
        with _mode(module, training):
            if all(own[name] is value for name, value in zip(self.names, values, strict=True)):
                return self._checked(module(*data))
            return self._checked(self._call_with(module, values, data))

    def _call_with(self, module: nn.Module, values: Sequence[torch.Tensor], data: Sequence[torch.Tensor]) -> Any:
        """The module on other values than its own."""
        found = dict(zip((self._block._reg_params[name] for name in self.names), values, strict=True))
        # Every place of every tensor once: where a module has two names, functional_call would not find its way back.
        places = {
            f"{path}.{name}" if path else name: found[param]
            for path, part in module.named_modules()
            for name in (*part._parameters, *part._buffers)
            if (param := self._block._reg_params.get(f"{path}.{name}" if path else name)) is not None
        }
        return torch.func.functional_call(module, places, tuple(data), tie_weights=False)

    def _module_of(self, values: Sequence[torch.Tensor]) -> nn.Module:
        """The replica that these tensors are of; the first where they are of none."""
        if values and len(self._block._replicas) > 1:
            for ctx, module in self._block._replicas.items():
                param: Any = self._block._reg_params[self.names[0]]
                if param._tensor_on(ctx) is values[0]:
                    return module
        return self._block.module

    def _checked(self, found: Any, meta: bool = False) -> Any:
        tensors = found if isinstance(found, (list, tuple)) else [found]
        wanted = self._block._num_outputs
        if len(tensors) != wanted or not all(isinstance(t, torch.Tensor) for t in tensors):
            raise MXNetError(
                f"in a hybridized net the module of TorchBlock {self._block.name!r} must give {wanted} tensor(s), got "
                f"{', '.join(type(t).__name__ for t in tensors)}: TorchBlock(num_outputs=...) says how many; nested "
                "structures are possible where the net is not hybridized"
            )
        tensors = [t.to("meta") for t in tensors] if meta else tensors
        return tensors[0] if wanted == 1 else tuple(tensors)


@contextlib.contextmanager
def _mode(module: nn.Module, training: bool) -> Iterator[None]:
    """Puts the module into train or predict mode, where it is in the other."""
    if module.training is not training:
        module.train(training)
    yield


def _rebuild(
    kind: type[TorchBlock], module: nn.Module, num_outputs: int, prefix: str, contexts: Any, settings: Any
) -> TorchBlock:
    block = kind(module, num_outputs, prefix)
    for name, param in block._reg_params.items():
        param.initialize(ctx=contexts)
        param.grad_req, param.lr_mult, param.wd_mult = settings[name]
    return block
