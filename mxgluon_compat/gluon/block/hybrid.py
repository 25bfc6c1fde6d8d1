"""HybridBlock: a Block that can be traced into a graph."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from ... import ndarray, symbol
from ...base import UnsupportedError
from ...cached_op import CachedOp
from ...ndarray import NDArray
from ...ndarray.invoke import wrap
from ...symbol import Symbol
from ...symbol.infer import infer_variables
from ..nested import fill_nones, first_leaf, flatten, regroup
from ..parameter import DeferredInitializationError, Parameter, ParameterDict
from ..utils import shape_is_known
from .block import Block

__all__ = ["HybridBlock"]


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
        self._plain_inputs = -1  # number of arguments where each is one array, else -1
        self._active = False
        self._flags: dict[str, Any] = {}
        self._op_hooks: list[tuple[Callable[..., Any], bool]] = []

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if isinstance(value, HybridBlock):
            self._clear_cached_op()

    def __getstate__(self) -> dict[str, Any]:
        # Copies and pickles are traced anew: MXNet's hybridized Blocks can be neither copied nor pickled.
        return {**self.__dict__, "_cached_op": None, "_cached_params": []}

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
                f"Children of HybridBlock must also be HybridBlock, but {block} has type {type(block)}. If you are "
                "using "
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
            kwargs: options of MXNet's backends. Without a backend they do nothing, as in MXNet; here with a warning.

        Raises:
            UnsupportedError: a backend with options.
        """
        if kwargs and backend is not None:
            raise UnsupportedError(
                f"hybridize(backend={backend!r}, {', '.join(kwargs)}=...)", "torch.compile's backends get no options"
            )
        if kwargs:
            warnings.warn(f"hybridize: {', '.join(kwargs)} has no effect without a backend", stacklevel=2)
        self._active = active
        self._flags = {"static_alloc": static_alloc, "static_shape": static_shape}
        if backend is not None:
            self._flags["backend"] = backend
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
        )  # fmt: skip

    def cast(self, dtype: Any) -> None:
        """Changes the dtype of all Parameters."""
        self._clear_cached_op()
        super().cast(dtype)

    def optimize_for(self, x: Any, *args: Any, backend: str | None = None, clear: bool = False, **kwargs: Any) -> None:
        """``hybridize`` with a backend, and one forward pass with these inputs.

        Raises:
            ValueError: no backend.
        """
        if not backend:
            raise ValueError('Must specify "backend" to optimize_for')
        self.hybridize(True, backend=backend, clear=clear, **kwargs)
        self(x, *args)

    # ------------------------------------------------------------------------------------------ tracing
    def _get_graph(self, *args: Any) -> tuple[list[Symbol], Symbol]:
        """(data variables, the outputs' symbol) of this Block for arguments of that structure."""
        if self._cached_graph is None:
            flat, self._in_format = flatten(args, "input")
            self._plain_inputs = len(args) if all(f == 0 for f in self._in_format) else -1
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
            out = symbol.Group([x for x in leaves if x is not None])
            self._cached_graph = ([d for d in data if d is not None], out)
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
            raise AssertionError(
                f"Unknown input to HybridBlock: {', '.join(missing)}. Make sure that every Parameter used in "
                "hybrid_forward belongs to this Block or a child of it."
            )
        self._cached_params = [places[n] if n in places else params[n] for n in inputs]
        self._cached_op = CachedOp(out, self._flags)

    def _deferred_infer_shape(self, *args: Any) -> None:
        try:
            self.infer_shape(*args)
        except Exception as error:
            raise ValueError(f"Deferred initialization failed because shape cannot be inferred. {error}") from error
        unknown = [p for p in self.collect_params().values() if p._deferred_init and not shape_is_known(p.shape)]
        if unknown:
            raise ValueError(
                "Deferred initialization failed because shape cannot be inferred. It is not known for "
                f"{', '.join(map(str, unknown))}. Please specify in_units, in_channels, etc., or define infer_shape."
            )

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
    def forward(self, x: Any, *args: Any) -> Any:
        """Runs ``hybrid_forward``: on arrays, on symbols, or as the cached graph after ``hybridize``."""
        first = x if isinstance(x, (NDArray, Symbol)) else first_leaf((x, *args))
        if args and _is_mixed(first, args):
            raise ValueError(
                "In HybridBlock, we do not support mixed NDArrays and Symbols types for the input. Please check the "
                "type "
                "of the args.\n"
            )
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
            "In HybridBlock, there must be one NDArray or one Symbol in the input. Please check the type of the args.\n"
        )

    def _call_cached_op(self, *args: Any) -> Any:
        if self._cached_op is None:
            self._build_cache(*args)
        arrays: Any = args
        if len(args) != self._plain_inputs:
            arrays = self._arrays_of(args)
        else:
            ctx = getattr(args[0], "_ctx", None)
            for x in args:
                if type(x) is not NDArray or (x._ctx is not ctx and x._ctx != ctx):
                    arrays = self._arrays_of(args)
                    break
        ctx = arrays[0]._ctx
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
        return regroup(fill_nones(self._out_format, iter(out)), self._out_format)[0]

    def _arrays_of(self, args: Any) -> list[NDArray]:
        """The arrays in the arguments, in order.

        Raises:
            ValueError: another structure than traced, no array in its place, several contexts.
        """
        flat, fmt = flatten(args, "input")
        if fmt != self._in_format:
            raise ValueError(
                "The argument structure of HybridBlock does not match the cached version. Stored format = "
                f"{self._in_format}, input format = {fmt}"
            )
        arrays = [x for x in flat if x is not None]
        if any(not isinstance(x, NDArray) for x in arrays):
            raise ValueError("a hybridized HybridBlock takes arrays or symbols, not both in one call")
        contexts = {x._ctx for x in arrays}
        if len(contexts) > 1:
            raise ValueError(
                "Find multiple contexts in the input, After hybridized, the HybridBlock only supports one input "
                "context. "
                "You can print the ele.ctx in the input arguments to inspect their contexts. Find all contexts = "
                f"{contexts}"
            )
        return arrays

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


def _is_mixed(first: Any, args: Any) -> bool:
    """Whether arrays and symbols come together."""
    other = Symbol if isinstance(first, NDArray) else NDArray
    return any(isinstance(a, other) for a in args)
