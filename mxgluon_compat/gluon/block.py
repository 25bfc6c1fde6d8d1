"""Block, HybridBlock and SymbolBlock: what Gluon models are made of."""

from __future__ import annotations

import copy
import re
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import autograd, initializer, ndarray, symbol
from ..base import MXNetError, UnsupportedError
from ..cached_op import CachedOp
from ..context import Context, cpu
from ..ndarray import NDArray
from ..ndarray.invoke import wrap
from ..symbol import Symbol
from ..symbol.infer import infer_variables
from .checkpoint import load_block, save_block
from .naming import BlockScope
from .nested import flatten, regroup
from .parameter import DeferredInitializationError, Parameter, ParameterDict
from .utils import HookHandle, _indent

__all__ = ["Block", "HybridBlock", "SymbolBlock"]


class Block:
    """A layer or model: it has Parameters, children, and ``forward``.

    Args:
        prefix: put before the names of its Parameters and children; None for an automatic one.
        params: a ParameterDict to share Parameters with.
    """

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        self._empty_prefix = prefix == ""
        self._prefix, self._params = BlockScope.create(prefix, params, self._alias())
        self._name = self._prefix[:-1] if self._prefix.endswith("_") else self._prefix
        self._scope = BlockScope(self)
        self._children: OrderedDict[str, Block] = OrderedDict()
        self._reg_params: dict[str, Parameter] = {}
        self._forward_hooks: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        self._forward_pre_hooks: OrderedDict[int, Callable[..., Any]] = OrderedDict()

    def _alias(self) -> str:
        return type(self).__name__.lower()

    def __repr__(self) -> str:
        rows = [
            f"  ({key}): {_indent(repr(value), 2)}" for key, value in self.__dict__.items() if isinstance(value, Block)
        ]
        return f"{type(self).__name__}(\n" + "\n".join(rows) + "\n)"

    def __setattr__(self, name: str, value: Any) -> None:
        existing = self.__dict__.get(name)
        if isinstance(existing, (Parameter, Block)) and not isinstance(value, type(existing)):
            raise TypeError(
                f"Changing attribute type for {name} from {type(existing)} to {type(value)}is not allowed."
            )
        if isinstance(value, Block):
            self.register_child(value, name)
        elif isinstance(value, Parameter):
            assert name not in self._reg_params, (
                f"Overriding Parameter attribute {name} is not allowed. If you want to share parameters between blocks, "
                "please set 'params' at Block construction instead."
            )
            self._reg_params[name] = value
        super().__setattr__(name, value)

    # ------------------------------------------------------------------------------------------ names and parameters
    @property
    def prefix(self) -> str:
        """Put before the names of Parameters and children."""
        return self._prefix

    @property
    def name(self) -> str:
        """The prefix without its underscore."""
        return self._name

    def name_scope(self) -> BlockScope:
        """``with self.name_scope():`` Blocks made inside become children by name."""
        return self._scope

    @property
    def params(self) -> ParameterDict:
        """The Parameters of this Block without those of its children."""
        return self._params

    def collect_params(self, select: str | None = None) -> ParameterDict:
        """The Parameters of this Block and all its descendants; ``select``: only names that match this regex."""
        self._warn_hidden_children()
        found = ParameterDict(self._params.prefix)
        if select is None:
            found.update(self.params)
        else:
            pattern = re.compile(select)
            found.update({name: value for name, value in self.params.items() if pattern.match(name)})
        for child in self._children.values():
            found.update(child.collect_params(select=select))
        return found

    def _warn_hidden_children(self) -> None:
        children = {id(c) for c in self._children.values()}

        def hidden(data: Any) -> bool:
            if isinstance(data, (list, tuple)):
                return any(hidden(d) for d in data)
            if isinstance(data, dict):
                return any(hidden(d) for d in data.values())
            return isinstance(data, Block) and id(data) not in children

        for key, value in self.__dict__.items():
            if isinstance(value, (list, tuple, dict)) and not key.startswith("__") and key != "_children" and hidden(value):
                warnings.warn(
                    f'"{type(self).__name__}.{key}" is an unregistered container with Blocks. Note that Blocks inside the '
                    "list, tuple or dict will not be registered automatically. Make sure to register them using "
                    "register_child() or switching to nn.Sequential/nn.HybridSequential instead. ",
                    stacklevel=3,
                )

    def _collect_params_with_prefix(self, prefix: str = "") -> dict[str, Parameter]:
        """{structural name ("features.0.weight"): Parameter}."""
        prefix = f"{prefix}." if prefix else ""
        found = {prefix + key: value for key, value in self._reg_params.items()}
        for name, child in self._children.items():
            found.update(child._collect_params_with_prefix(prefix + name))
        return found

    def register_child(self, block: Block, name: str | None = None) -> None:
        """Makes ``block`` a child: its Parameters are collected, ``hybridize`` and ``cast`` reach it."""
        self._children[str(len(self._children)) if name is None else name] = block

    def apply(self, fn: Callable[[Block], Any]) -> Block:
        """Calls ``fn`` on every descendant, then on this Block itself."""
        for child in self._children.values():
            child.apply(fn)
        fn(self)
        return self

    def initialize(
        self, init: Any = None, ctx: Any = None, verbose: bool = False, force_reinit: bool = False
    ) -> None:
        """Initialises all Parameters; see ``ParameterDict.initialize``."""
        self.collect_params().initialize(initializer.Uniform() if init is None else init, ctx, verbose, force_reinit)

    def hybridize(self, active: bool = True, **kwargs: Any) -> None:
        """Hybridizes all HybridBlocks among the descendants."""
        for child in self._children.values():
            child.hybridize(active, **kwargs)

    def cast(self, dtype: Any) -> None:
        """Changes the dtype of all Parameters."""
        for child in self._children.values():
            child.cast(dtype)
        for param in self.params.values():
            param.cast(dtype)

    def zero_grad(self) -> None:
        """Sets the gradients of all Parameters to zero."""
        self.collect_params().zero_grad()

    def reset_ctx(self, ctx: Any) -> None:
        """Moves all Parameters to other contexts."""
        self.collect_params().reset_ctx(ctx)

    # ------------------------------------------------------------------------------------------ files
    def save_parameters(self, filename: str, deduplicate: bool = False) -> None:
        """Writes the Parameters under their structural names; shared ones once with ``deduplicate``."""
        save_block(self, filename, deduplicate)

    def load_parameters(
        self,
        filename: str,
        ctx: Any = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
        cast_dtype: bool = False,
        dtype_source: str = "current",
    ) -> None:
        """Reads Parameters from a file of structural or of full names; see ``checkpoint.load_block``."""
        load_block(self, filename, ctx, allow_missing, ignore_extra, cast_dtype, dtype_source)

    def save_params(self, filename: str) -> None:
        """Deprecated: writes the Parameters under their full names without this Block's prefix."""
        warnings.warn(
            "save_params is deprecated. Please use save_parameters. Note that if you want load from SymbolBlock later, "
            "please use export instead.",
            stacklevel=2,
        )
        try:
            self.collect_params().save(filename, strip_prefix=self.prefix)
        except ValueError as error:
            raise ValueError(f"{save_params_hint()} {error}") from error

    def load_params(
        self, filename: str, ctx: Any = None, allow_missing: bool = False, ignore_extra: bool = False
    ) -> None:
        """Deprecated: ``load_parameters``."""
        warnings.warn("load_params is deprecated. Please use load_parameters.", stacklevel=2)
        self.load_parameters(filename, ctx, allow_missing, ignore_extra)

    # ------------------------------------------------------------------------------------------ running
    def register_forward_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """``hook(block, inputs, output)`` is called after every ``forward``; the handle's ``detach`` ends it."""
        handle = HookHandle()
        handle.attach(self._forward_hooks, hook)
        return handle

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """``hook(block, inputs)`` is called before every ``forward``; the handle's ``detach`` ends it."""
        handle = HookHandle()
        handle.attach(self._forward_pre_hooks, hook)
        return handle

    def register_op_hook(self, callback: Callable[..., Any], monitor_all: bool = False) -> None:
        """``callback(node name, operator name, array)`` sees every operator of the hybridized descendants."""
        for child in self._children.values():
            child.register_op_hook(callback, monitor_all)

    def __call__(self, *args: Any) -> Any:
        for hook in self._forward_pre_hooks.values():
            hook(self, args)
        out = self.forward(*args)
        for hook in self._forward_hooks.values():
            hook(self, args, out)
        return out

    def forward(self, *args: Any) -> Any:
        """The computation; every Block defines its own."""
        raise NotImplementedError(f"{type(self).__name__} must define forward")

    def summary(self, *inputs: Any) -> None:
        """Prints a table of all layers with output shapes and numbers of parameters for these inputs."""
        from .summary import print_summary

        print_summary(self, inputs)


def save_params_hint() -> str:
    """What to say when full names cannot be stripped."""
    return "save_params failed; use save_parameters, which needs no common prefix."


class HybridBlock(Block):
    """A Block whose ``hybrid_forward(F, x, ...)`` runs on arrays (F = mx.nd) and on symbols (F = mx.sym).

    After ``hybridize()`` it is traced once with symbols, and the lowered graph runs from then on.
    """

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        super().__init__(prefix, params)
        self._cached_graph: tuple[list[Symbol], Symbol] | None = None
        self._cached_op: CachedOp | None = None
        self._cached_params: list[Parameter | int] = []
        self._in_format: Any = None
        self._out_format: Any = None
        self._active = False
        self._flags: dict[str, Any] = {}
        self._op_hooks: list[tuple[Callable[..., Any], bool]] = []

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if isinstance(value, HybridBlock):
            self._clear_cached_op()

    def _clear_cached_op(self) -> None:
        self._cached_graph = None
        self._cached_op = None

    def register_child(self, block: Block, name: str | None = None) -> None:
        """Makes ``block`` a child.

        Raises:
            ValueError: it is no HybridBlock.
        """
        if not isinstance(block, HybridBlock):
            raise ValueError(
                f"Children of HybridBlock must also be HybridBlock, but {block} has type {type(block)}. If you are using "
                "Sequential, please try HybridSequential instead."
            )
        super().register_child(block, name)
        self._clear_cached_op()

    def hybridize(
        self,
        active: bool = True,
        backend: str | None = None,
        clear: bool = True,
        static_alloc: bool = False,
        static_shape: bool = False,
        inline_limit: int = 2,
        forward_bulk_size: int | None = None,
        backward_bulk_size: int | None = None,
        **kwargs: Any,
    ) -> None:
        """From now on traces this Block once and runs the graph.

        Args:
            active: False turns it off.
            backend: a ``torch.compile`` backend (``'inductor'``, ``'aot_eager'``, ...) to compile with in any case.
            clear: forget a trace that is there.
            static_alloc: allow compiling (see ``cached_op``).
            static_shape: with ``static_alloc``, allow CUDA graphs.
            inline_limit, forward_bulk_size, backward_bulk_size: MXNet's engine hints; there is no engine here.
            kwargs: refused where they are no flags of MXNet.

        Raises:
            UnsupportedError: an unknown flag.
        """
        self._active = active
        self._flags = {
            "static_alloc": static_alloc, "static_shape": static_shape, "inline_limit": inline_limit, **kwargs,
        }  # fmt: skip
        for key, value in (
            ("backend", backend), ("forward_bulk_size", forward_bulk_size), ("backward_bulk_size", backward_bulk_size)
        ):  # fmt: skip
            if value is not None:
                self._flags[key] = value
        if clear or not active:
            self._clear_cached_op()
        if active and self._forward_hooks or self._forward_pre_hooks:
            warnings.warn(
                f'"{self}" is being hybridized while still having forward hook/pre-hook. If "{self}" is a child of '
                "HybridBlock, the hooks will not take effect.",
                stacklevel=2,
            )
        super().hybridize(
            active, backend=backend, clear=clear, static_alloc=static_alloc, static_shape=static_shape,
            inline_limit=inline_limit, forward_bulk_size=forward_bulk_size, backward_bulk_size=backward_bulk_size,
            **kwargs,
        )  # fmt: skip

    def cast(self, dtype: Any) -> None:
        """Changes the dtype of all Parameters."""
        self._clear_cached_op()
        super().cast(dtype)

    def optimize_for(self, x: Any, *args: Any, backend: str | None = None, clear: bool = False, **kwargs: Any) -> None:
        """``hybridize`` with a backend, and one forward pass with these inputs."""
        self.hybridize(True, backend=backend, clear=clear, **kwargs)
        self(x, *args)

    # ------------------------------------------------------------------------------------------ tracing
    def _get_graph(self, *args: Any) -> tuple[list[Symbol], Symbol]:
        """(data variables, the outputs' symbol) of this Block for arguments of that structure."""
        if self._cached_graph is None:
            flat, self._in_format = flatten(args, "input")
            real = [x for x in flat if x is not None]
            # arguments that are None have no place in the numbering
            names = iter(["data"] if len(real) == 1 else [f"data{i}" for i in range(len(real))])
            data = [None if x is None else symbol.var(next(names)) for x in flat]
            grouped, _ = regroup(data, self._in_format)
            params = {name: param.var() for name, param in self._reg_params.items()}
            with self.name_scope():
                out = self.hybrid_forward(symbol, *grouped, **params)
            leaves, self._out_format = flatten(out, "output")
            assert len(real) > 0
            self._cached_graph = ([d for d in data if d is not None], symbol.Group([x for x in leaves if x is not None]))
        return self._cached_graph

    def _build_cache(self, *args: Any) -> None:
        data, out = self._get_graph(*args)
        places = {d.name: i for i, d in enumerate(data)}
        params = {p.name: p for p in self.collect_params().values()}
        inputs = out.list_inputs()
        unused = sorted(set(places) - set(inputs))
        if unused:
            numbers = ", ".join(f"{places[n]}-th" for n in unused)
            warnings.warn(
                f"The {numbers} input to HybridBlock is not used by any computation. Is this intended?", stacklevel=5
            )
        left = [n for n in params if n not in set(inputs)]
        if left:
            warnings.warn(
                f"Parameter {', '.join(left)} is not used by any computation. Is this intended?", stacklevel=5
            )
        missing = [n for n in inputs if n not in places and n not in params]
        if missing:
            raise RuntimeError(
                f"Unknown input to HybridBlock: {', '.join(missing)}. Make sure that every Parameter used in "
                "hybrid_forward belongs to this Block or a child of it."
            )
        self._cached_params = [places[n] if n in places else params[n] for n in inputs]
        self._cached_op = CachedOp(out, self._flags)

    def _deferred_infer_shape(self, *args: Any) -> None:
        try:
            self.infer_shape(*args)
        except Exception as error:
            raise ValueError(
                "Deferred initialization failed because shape cannot be inferred. " + str(error)
            ) from error

    def infer_shape(self, *args: Any) -> None:
        """Tells Parameters their shapes, from these inputs' shapes."""
        data, out = self._get_graph(*args)
        flat = [x for x in flatten(args, "input")[0] if x is not None]
        shapes = {d.name: x.shape for d, x in zip(data, flat, strict=True)}
        dtypes = {d.name: x.dtype for d, x in zip(data, flat, strict=True)}
        self._set_found("shape", infer_variables(out, shapes, dtypes))

    def infer_type(self, *args: Any) -> None:
        """Tells Parameters their dtypes, from these inputs' dtypes."""
        data, out = self._get_graph(*args)
        flat = [x for x in flatten(args, "input")[0] if x is not None]
        names = set(out.list_inputs())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            arguments, _, aux = out.infer_type(
                **{d.name: x.dtype for d, x in zip(data, flat, strict=True) if d.name in names}
            )
        found = dict(zip(out.list_arguments(), arguments, strict=True))
        found.update(zip(out.list_auxiliary_states(), aux, strict=True))
        self._set_found("dtype", found)

    def _set_found(self, attr: str, found: Mapping[str, Any]) -> None:
        for name, param in self.collect_params().items():
            if found.get(name):
                setattr(param, attr, found[name])

    def _finish_deferred(self, *args: Any) -> None:
        self._deferred_infer_shape(*args)
        for param in self.collect_params().values():
            param._finish_deferred_init()

    # ------------------------------------------------------------------------------------------ running
    def __call__(self, *args: Any) -> Any:
        return super().__call__(*args)

    def forward(self, x: Any, *args: Any) -> Any:
        """Runs ``hybrid_forward``: on arrays, on symbols, or as the cached graph after ``hybridize``."""
        first = x if isinstance(x, (NDArray, Symbol)) else _first_leaf((x, *args))
        if isinstance(first, NDArray):
            if self._active:
                return self._call_cached_op(x, *args)
            ctx = first._ctx
            with ctx:
                try:
                    params = {name: param.data(ctx) for name, param in self._reg_params.items()}
                except DeferredInitializationError:
                    self._deferred_infer_shape(x, *args)
                    for param in self.params.values():
                        param._finish_deferred_init()
                    params = {name: param.data(ctx) for name, param in self._reg_params.items()}
                return self.hybrid_forward(ndarray, x, *args, **params)
        if isinstance(first, Symbol):
            params = {name: param.var() for name, param in self._reg_params.items()}
            with self.name_scope():
                return self.hybrid_forward(symbol, x, *args, **params)
        raise ValueError(
            "In HybridBlock, there must be one NDArray or one Symbol in the input. Please check the type of the args."
        )

    def _call_cached_op(self, *args: Any) -> Any:
        if self._cached_op is None:
            self._build_cache(*args)
        flat, fmt = flatten(args, "input")
        if fmt != self._in_format:
            raise ValueError(
                "The argument structure of HybridBlock does not match the cached version. Stored format = "
                f"{self._in_format}, input format = {fmt}"
            )
        arrays = flat if None not in map(type_or_none, flat) else [x for x in flat if x is not None]
        ctx = arrays[0]._ctx
        for x in arrays:
            if not isinstance(x, NDArray):
                raise ValueError("a hybridized HybridBlock takes arrays or symbols, not both in one call")
            if x._ctx is not ctx and x._ctx != ctx:
                raise MXNetError(
                    f"CachedOp requires all inputs to live on the same context, but one is on {x._ctx} and another on {ctx}"
                )
        try:
            tensors = [arrays[p]._data if type(p) is int else p._array(ctx)._data for p in self._cached_params]
        except DeferredInitializationError:
            self._finish_deferred(*args)
            tensors = [arrays[p]._data if type(p) is int else p._array(ctx)._data for p in self._cached_params]
        if self._op_hooks:
            results = self._cached_op.run_monitored(tensors, ctx, self._op_hooks)
        else:
            results = self._cached_op.run(tensors, ctx)
        out = [wrap(r, ctx) for r in results]
        if self._out_format == 0:
            return out[0]
        leaves = iter(out)
        return regroup(_with_nones(self._out_format, leaves), self._out_format)[0]

    def hybrid_forward(self, F: Any, x: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N803 - MXNet's name
        """The computation with operators of ``F``; Parameters come as keyword arguments by attribute name."""
        raise NotImplementedError(f"{type(self).__name__} must define hybrid_forward")

    def register_op_hook(self, callback: Callable[..., Any], monitor_all: bool = False) -> None:
        """``callback(node name, operator name, array)`` sees every output (``monitor_all``: inputs too)."""
        self._op_hooks.append((callback, monitor_all))
        super().register_op_hook(callback, monitor_all)

    # ------------------------------------------------------------------------------------------ files
    def export(self, path: str, epoch: int = 0, remove_amp_cast: bool = True) -> None:
        """Writes ``PATH-symbol.json`` and ``PATH-EPOCH.params`` for ``SymbolBlock.imports``.

        Raises:
            RuntimeError: not hybridized, or not run since.
        """
        if self._cached_op is None:
            raise RuntimeError(
                "Please first call block.hybridize() and then run forward with this block at least once before calling "
                "export."
            )
        sym = self._cached_graph[1]
        sym.save(f"{path}-symbol.json", remove_amp_cast=remove_amp_cast)
        arguments, states = set(sym.list_arguments()), set(sym.list_auxiliary_states())
        found = {}
        for name, param in self.collect_params().items():
            if name in arguments:
                found[f"arg:{name}"] = param._reduce()
            elif name in states:
                found[f"aux:{name}"] = param._reduce()
        ndarray.save(f"{path}-{epoch:04d}.params", found)


def type_or_none(x: Any) -> Any:
    """None for None, anything else for other values: arrays cannot be compared with ``==``."""
    return None if x is None else 0


def _with_nones(fmt: Any, leaves: Any) -> list[Any]:
    """The leaves with a None for each place of the format that holds one."""
    if isinstance(fmt, int):
        return [None] if fmt == -1 else [next(leaves) for _ in range(max(fmt, 1))]
    return [x for part in fmt for x in _with_nones(part, leaves)]


def _first_leaf(args: Any) -> Any:
    for arg in args:
        if isinstance(arg, (NDArray, Symbol)):
            return arg
        if isinstance(arg, (list, tuple)):
            found = _first_leaf(arg)
            if found is not None:
                return found
    return None


class SymbolBlock(HybridBlock):
    """A Block around a Symbol.

    Args:
        outputs: the symbol, or a list of symbols.
        inputs: the variables that are its data inputs, or a list of them.
        params: a ParameterDict to take Parameters from.
    """

    @staticmethod
    def imports(
        symbol_file: str,
        input_names: str | Sequence[str],
        param_file: str | None = None,
        ctx: Context | Sequence[Context] | None = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
    ) -> SymbolBlock:
        """A net that ``HybridBlock.export`` wrote.

        Args:
            symbol_file: the symbol JSON file.
            input_names: names of the data inputs.
            param_file: the parameters' file; None leaves them uninitialised.
            ctx: where to put them; default ``cpu()``.
            allow_missing: parameters that the file has not stay uninitialised.
            ignore_extra: arrays in the file that the symbol has not are passed over.

        Raises:
            AssertionError: parameters are missing in the file, or do not fit.
            MXNetError: a file that is no symbol JSON or no array file.
        """
        sym = symbol.load(symbol_file)
        names = [input_names] if isinstance(input_names, str) else list(input_names)
        block = SymbolBlock(sym, [symbol.var(n) for n in names])
        if param_file is not None:
            block.collect_params().load(
                param_file, ctx=cpu() if ctx is None else ctx, allow_missing=allow_missing, ignore_extra=ignore_extra,
                cast_dtype=True, dtype_source="saved",
            )  # fmt: skip
        elif ctx is not None:
            block._import_ctx = ctx
        return block

    def __init__(
        self, outputs: Symbol | Sequence[Symbol], inputs: Symbol | Sequence[Symbol], params: Any = None
    ) -> None:
        super().__init__(prefix=None, params=None)
        self._prefix = ""
        self._params = ParameterDict("", params)
        inputs = [inputs] if isinstance(inputs, Symbol) else list(inputs)
        flat_inputs, self._in_format = flatten(inputs, "input")
        self._in_format = [0] * len(flat_inputs) if self._in_format == 0 else self._in_format
        leaves, self._out_format = flatten(outputs, "output")
        if isinstance(self._out_format, list) and len(leaves) == 1:
            self._out_format = 0
        out = symbol.Group([s for leaf in leaves for s in leaf])
        data = set()
        for s in flat_inputs:
            if not isinstance(s, Symbol) or len(s) != 1 or s._outputs[0][0].op is not None:
                raise AssertionError(f"Input symbols must be variable, but {s} is an output of operators")
            data.add(s.name)
        self._check_stypes(out)
        states = set(out.list_auxiliary_states())
        for name in out.list_arguments():
            if name not in data:
                self.params.get(name, allow_deferred_init=True)
        for name in out.list_auxiliary_states():
            if name not in data:
                self.params.get(name, grad_req="null", allow_deferred_init=True)
        self._describe_params(out, states)
        self._cached_graph = (flat_inputs, out)
        cut = len(_common_prefix(list(self._params.keys())))
        self._reg_params = {key[cut:]: value for key, value in self._params.items()}
        self._symbol_inputs = flat_inputs

    @staticmethod
    def _check_stypes(out: Symbol) -> None:
        for name, attrs in out.attr_dict().items():
            if attrs.get("__storage_type__", "0") not in ("0", "-1"):
                raise UnsupportedError(f"SymbolBlock with the sparse variable {name!r}", "sparse arrays are not there yet")

    def _describe_params(self, out: Symbol, states: set[str]) -> None:
        """Multipliers that the graph's variables carry."""
        for name, attrs in out.attr_dict().items():
            if name in self.params:
                self.params[name].lr_mult = float(attrs.get("__lr_mult__", 1.0))
                self.params[name].wd_mult = float(attrs.get("__wd_mult__", 1.0))

    def __repr__(self) -> str:
        inputs, out = self._cached_graph
        shown = repr(out if out.name is None or len(out) == 1 else out)
        return f"SymbolBlock(\n{shown} : {len(inputs)} -> {len(out)}\n)"

    def _clear_cached_op(self) -> None:
        graph = self.__dict__.get("_cached_graph")
        super()._clear_cached_op()
        self._cached_graph = graph

    def _get_graph(self, *args: Any) -> tuple[list[Symbol], Symbol]:
        return self._cached_graph

    def forward(self, x: Any, *args: Any) -> Any:
        """Runs the graph on arrays, or composes it with symbols."""
        first = _first_leaf((x, *args))
        if isinstance(first, NDArray):
            return self._call_cached_op(x, *args)
        if not isinstance(first, Symbol):
            raise AssertionError(f"SymbolBlock takes NDArrays or Symbols, but got {type(x)}")
        flat, fmt = flatten((x, *args), "input")
        if len(flat) != len(self._symbol_inputs):
            raise ValueError(f"this SymbolBlock has {len(self._symbol_inputs)} inputs, got {len(flat)}")
        composed = copy.copy(self._cached_graph[1])
        composed._compose(**{d.name: s for d, s in zip(self._symbol_inputs, flat, strict=True)})
        return regroup(list(composed), self._out_format)[0]

    def hybrid_forward(self, F: Any, x: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N803
        """Not of SymbolBlocks: they have a graph."""
        raise NotImplementedError("a SymbolBlock has a graph instead of hybrid_forward")

    def cast(self, dtype: Any) -> None:
        """Changes the dtype of all Parameters."""
        super().cast(dtype)

    def reset_ctx(self, ctx: Any) -> None:
        """Moves all Parameters to other contexts."""
        self.collect_params().reset_ctx(ctx)


def _common_prefix(names: list[str]) -> str:
    if not names:
        return ""
    prefix = names[0]
    for name in names:
        while not name.startswith(prefix):
            prefix = prefix[:-1]
    return prefix
