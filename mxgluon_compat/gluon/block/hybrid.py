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
from ...ndarray.waiting import meta_of
from ...numpy import ndarray as np_ndarray
from ...numpy.family import as_mode
from ...symbol import Symbol
from ...symbol.infer import infer_variables
from ...symbol.node import walk
from ...symbol.traced import DTYPE, NDIM, SHAPE, Trace, TracedSymbol, current_trace
from ..nested import fill_nones, first_leaf, flatten, regroup
from ..parameter import DeferredInitializationError, Parameter, ParameterDict
from ..utils import shape_is_known
from .block import Block

__all__ = ["HybridBlock"]

# So many graphs of one Block are kept where they depend on the inputs' shapes.
_MAX_GRAPHS = 16
_DENSE = (NDArray, np_ndarray)


class HybridBlock(Block):
    """A Block whose ``hybrid_forward(F, x, ...)`` runs on arrays (F = mx.nd) and on symbols (F = mx.sym).

    After ``hybridize()`` it is traced once with symbols, and the lowered graph runs from then on.
    """

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        super().__init__(prefix, params)
        self._cached_graph: Any = None  # (variables of the data, the outputs), once it was traced
        self._cached_op: Any = None  # the CachedOp of it
        self._cached_params: list[Any] = []  # for each input a Parameter, or the place among the data
        self._in_format: Any = None
        self._out_format: Any = None
        self._plain_inputs = -1  # number of arguments where each is one array, else -1
        self._active = False
        self._flags: dict[str, Any] = {}
        self._op_hooks: list[tuple[Callable[..., Any], bool]] = []
        # What hybrid_forward reads of each input (flags of symbol.traced), and the graphs by that; None for nothing.
        self._reads: Any = None
        self._graphs: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        self._graph_key: tuple[Any, ...] = ()  # of the current graph

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if isinstance(value, HybridBlock):
            self._clear_cached_op()

    def __getstate__(self) -> dict[str, Any]:
        # Copies and pickles are traced anew: MXNet's hybridized Blocks can be neither copied nor pickled.
        state = {**self.__dict__, "_cached_op": None, "_cached_params": [], "_graphs": {}}
        graph = self._cached_graph
        if graph is not None and any(getattr(n.op, "not_saved", None) for n in walk(graph[1]._outputs)):
            state.update(_cached_graph=None, _reads=None)
        return state

    def _clear_cached_op(self) -> None:
        self._cached_graph = None
        self._cached_op = None
        self._reads = None
        self._graphs = {}

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
            backend: a ``torch.compile`` backend (``'inductor'``, ``'aot_eager'``, ...) to compile with in any case. One
                that is not there warns and changes nothing, as in MXNet.
            clear: forget a trace that is there.
            static_alloc: allow compiling (see ``cached_op``).
            static_shape: with ``static_alloc``, allow CUDA graphs.
            inline_limit, forward_bulk_size, backward_bulk_size: MXNet's engine hints; there is no engine here.
            kwargs: options of MXNet's backends. Without a backend they do nothing, as in MXNet; here with a warning.

        Raises:
            UnsupportedError: a backend with options.
        """
        if backend is not None and not _has_backend(backend):
            warnings.warn(
                f"torch.compile has no backend {backend!r}: the graph runs as it is; see hybridize(static_alloc=True)",
                stacklevel=2,
            )
            backend, kwargs = None, {}
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
        if clear:
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

    def optimize_for(
        self,
        x: Any,
        *args: Any,
        backend: str | None = None,
        clear: bool = False,
        static_alloc: bool = False,
        static_shape: bool = False,
        inline_limit: int = 2,
        forward_bulk_size: int | None = None,
        backward_bulk_size: int | None = None,
        **kwargs: Any,
    ) -> None:
        """``hybridize`` with a backend, and one forward pass with these inputs; see ``hybridize``.

        Raises:
            ValueError: no backend.
        """
        if not backend:
            raise ValueError('Must specify "backend" to optimize_for')
        self.hybridize(
            True, backend, clear, static_alloc, static_shape, inline_limit, forward_bulk_size, backward_bulk_size,
            **kwargs,
        )  # fmt: skip
        self._cached_op = None  # a trace that is there is kept, and built for the backend
        self._graphs.clear()
        self(x, *args)

    # ------------------------------------------------------------------------------------------ tracing
    def _get_graph(self, *args: Any) -> tuple[list[Symbol], Symbol]:
        """(data variables, the outputs' symbol) of this Block for arguments of that structure."""
        if self._reads is not None:
            self._choose_graph(args)
        if self._cached_graph is None:
            self._trace(args)
        return self._cached_graph

    def _trace(self, args: Any) -> None:
        """Runs ``hybrid_forward`` on symbols; where all are arrays, the symbols know the arrays' shapes."""
        flat, self._in_format = flatten(args, "input")
        self._plain_inputs = len(args) if all(f == 0 for f in self._in_format) else -1
        real = [x for x in flat if x is not None]
        # arguments that are None have no place in the numbering
        data = [symbol.var("data" if len(real) == 1 else f"data{i}") for i in range(len(real))]
        known = all(isinstance(x, NDArray) for x in real)
        trace = Trace(data, [meta_of(x) for x in real]) if known else Trace([], [])
        kind = TracedSymbol if known else Symbol
        given = iter([as_mode(kind(d._outputs)) for d in data])
        grouped, _ = regroup([None if x is None else next(given) for x in flat], self._in_format)
        with trace, self.name_scope():
            out = self.hybrid_forward(symbol, *grouped, **self._variables(known))
        leaves, self._out_format = flatten(out, "output")
        assert len(real) > 0
        found = [x for x in leaves if x is not None]
        self._cached_graph = (data, symbol.Group(found, found[0]._family if found else Symbol))
        if any(trace.reads):
            self._note_reads(trace.reads, real)

    def _variables(self, known: bool) -> dict[str, Symbol]:
        """The variables of this Block's own Parameters; ``known``: as symbols of a trace."""
        trace = current_trace() if known else None
        if trace is None:
            return {name: param.var() for name, param in self._reg_params.items()}
        return {name: as_mode(trace.know(p.var(), p.shape, p.dtype)) for name, p in self._reg_params.items()}

    def _note_reads(self, reads: list[int], arrays: list[NDArray]) -> None:
        """From now on a graph is kept for inputs that agree in all that was read of them."""
        before = self._reads if self._reads and len(self._reads) == len(reads) else [0] * len(reads)
        self._reads = [a | b for a, b in zip(before, reads, strict=True)]
        if self._reads != before:
            self._graphs.clear()
        self._graph_key = self._key_of(arrays)

    def _key_of(self, arrays: list[NDArray]) -> tuple[Any, ...]:
        return tuple(
            (x.shape if read & SHAPE else len(x.shape) if read & NDIM else None, x.dtype if read & DTYPE else None)
            for x, read in zip(arrays, self._reads, strict=True)
        )

    def _choose_graph(self, args: Any) -> None:
        """The graph for these inputs becomes the current one, or there is none until they are traced."""
        arrays = [x for x in flatten(args, "input")[0] if x is not None]
        if len(arrays) != len(self._reads) or not all(isinstance(x, NDArray) for x in arrays):
            return  # to be refused
        key = self._key_of(arrays)
        if key == self._graph_key:
            return
        self._graph_key = key
        found = self._graphs.get(key)
        if found is None:
            self._cached_graph = self._cached_op = None
        else:
            self._cached_graph, self._cached_op, self._cached_params, self._out_format = found

    def _keep_graph(self) -> None:
        """Keeps the current graph with those for other inputs, in place of the oldest where there are many."""
        if len(self._graphs) >= _MAX_GRAPHS:
            del self._graphs[next(iter(self._graphs))]
            warnings.warn(
                f"hybrid_forward of {self.name!r} or of a child reads the shapes of its inputs, so that each new shape "
                f"is traced anew, and only {_MAX_GRAPHS} graphs are kept. Read no shapes (reshape has codes such as 0 "
                "and -1), pad the inputs to few shapes, or do not hybridize.",
                stacklevel=6,
            )
        self._graphs[self._graph_key] = (self._cached_graph, self._cached_op, self._cached_params, self._out_format)

    def _build_cache(self, *args: Any) -> None:
        data, out = self._get_graph(*args)
        places = {str(d.name): i for i, d in enumerate(data)}
        params = {p.name: p for p in self.collect_params().values()}
        inputs = out.list_inputs()
        read = self._reads or [0] * len(data)
        unused = sorted(n for n, i in places.items() if n not in inputs and not read[i])
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
        for param in self._cached_params:
            if isinstance(param, Parameter) and param._stype != "default":
                param.data()  # raises: a graph cannot fetch rows from the Trainer
        self._cached_op = CachedOp(out, self._flags)
        if self._reads is not None:
            self._keep_graph()

    def _deferred_infer_shape(self, *args: Any) -> None:
        try:
            self.infer_shape(*args)
        except UnsupportedError:
            raise
        except Exception as error:
            self._clear_cached_op()  # the trace is of these inputs, which may be the reason
            raise ValueError(f"Deferred initialization failed because shape cannot be inferred. {error}") from error

    def infer_shape(self, *args: Any) -> None:
        """Tells Parameters their shapes, from these inputs' shapes. Blocks may define their own.

        Raises:
            ValueError: they do not follow.
            MXNetError: shapes that contradict each other; the message names the operator.
        """
        self._infer_attrs("infer_shape", "shape", *args)
        unknown = [p for p in self.collect_params().values() if p._deferred_init and not shape_is_known(p.shape)]
        if unknown:
            raise ValueError(
                f"It is not known for {', '.join(map(str, unknown))}. Please specify in_units, in_channels, etc., or "
                "define infer_shape."
            )

    def infer_type(self, *args: Any) -> None:
        """Tells Parameters their dtypes, from these inputs' dtypes."""
        self._infer_attrs("infer_type", "dtype", *args)

    def _infer_attrs(self, infer_fn: str, attr: str, *args: Any) -> None:
        """What ``infer_shape`` and ``infer_type`` do; Blocks that define their own call it."""
        data, out = self._get_graph(*args)
        flat = [x for x in flatten(args, "input")[0] if x is not None]
        dtypes = {str(d.name): x.dtype for d, x in zip(data, flat, strict=True)}
        if infer_fn == "infer_shape":
            found = infer_variables(out, {str(d.name): x.shape for d, x in zip(data, flat, strict=True)}, dtypes)
        else:
            names = set(out.list_inputs())
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                arguments, _, aux = out.infer_type(**{k: v for k, v in dtypes.items() if k in names})
            found = dict(zip(out.list_arguments(), arguments, strict=True))
            found.update(zip(out.list_auxiliary_states(), aux, strict=True))
        self._set_found(attr, found)

    def _set_found(self, attr: str, found: Mapping[str, Any]) -> None:
        for name, param in self.collect_params().items():
            if found.get(name):
                setattr(param, attr, found[name])

    def _finish_deferred(self, *args: Any) -> None:
        """Initializes the Parameters that waited for shapes in the graph's order: their random numbers follow it."""
        self._deferred_infer_shape(*args)
        for param in self._cached_params:
            if isinstance(param, Parameter):
                param._finish_deferred_init()

    # ------------------------------------------------------------------------------------------ running
    def forward(self, x: Any, *args: Any) -> Any:
        """Runs ``hybrid_forward``: on arrays, on symbols, or as the cached graph after ``hybridize``."""
        first = x if isinstance(x, (NDArray, Symbol)) else first_leaf((x, *args))
        if (args or first is not x) and _is_mixed(first, (x, *args)):
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
            with self.name_scope():
                return self.hybrid_forward(symbol, x, *args, **self._variables(isinstance(first, TracedSymbol)))
        raise ValueError(
            "In HybridBlock, there must be one NDArray or one Symbol in the input. Please check the type of the args.\n"
        )

    def _call_cached_op(self, *args: Any) -> Any:
        if self._reads is not None:
            self._choose_graph(args)
        if self._cached_op is None:
            self._build_cache(*args)
        arrays: Any = args
        if len(args) != self._plain_inputs:
            arrays = self._arrays_of(args)
        else:
            ctx = getattr(args[0], "_ctx", None)
            for x in args:
                if type(x) not in _DENSE or (x._ctx is not ctx and x._ctx != ctx):
                    arrays = self._arrays_of(args)
                    break
        ctx = arrays[0]._ctx
        if self._cached_op.waits(arrays, bool(self._op_hooks)):
            return self._regrouped(self._run_waiting(arrays, args))
        try:
            tensors = [arrays[p]._data if type(p) is int else p._array(ctx)._data for p in self._cached_params]
        except DeferredInitializationError:
            self._finish_deferred(*args)
            tensors = [arrays[p]._data if type(p) is int else p._array(ctx)._data for p in self._cached_params]
        if self._op_hooks:
            results = self._cached_op.run_monitored(tensors, ctx, self._op_hooks)
        else:
            results = self._cached_op.run(tensors, ctx)
        family = self._cached_op.family
        return self._regrouped([wrap(r, ctx, family) for r in results])

    def _regrouped(self, out: list[NDArray]) -> Any:
        """The graph's outputs in the structure that ``hybrid_forward`` gives them."""
        if self._out_format == 0:
            return out[0]
        return regroup(fill_nones(self._out_format, iter(out)), self._out_format)[0]

    def _run_waiting(self, arrays: Any, args: Any) -> list[NDArray]:
        """The graph's outputs where they wait for other devices, or leave notes for ``get_symbol``."""
        if self._op_hooks:
            raise UnsupportedError("register_op_hook with SyncBatchNorm on several devices", "its values come later")
        ctx = arrays[0]._ctx
        try:
            given = [arrays[p] if type(p) is int else p._array(ctx) for p in self._cached_params]
        except DeferredInitializationError:
            self._finish_deferred(*args)
            given = [arrays[p] if type(p) is int else p._array(ctx) for p in self._cached_params]
        return self._cached_op.run_waiting(given)

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
        """``callback(node name, operator name, array)`` sees every output (``monitor_all``: inputs too).

        A Block has one such hook, the last.
        """
        self._op_hooks = [(callback, monitor_all)]
        super().register_op_hook(callback, monitor_all)

    # ------------------------------------------------------------------------------------------ files
    def export(self, path: str, epoch: int = 0, remove_amp_cast: bool = True, format: str | None = None) -> None:
        """Writes ``PATH-symbol.json`` and ``PATH-EPOCH.params`` for ``SymbolBlock.imports``.

        With ``format="mxnet"`` MXNet 1.9.1 loads the pair; see ``nd.save``.

        Where ``hybrid_forward`` reads shapes, what is written is the graph of the last call, with a warning.

        Raises:
            RuntimeError: there is no trace: not hybridized, or not run since.
        """
        if self._cached_graph is None:
            raise RuntimeError(
                "Please first call block.hybridize() and then run forward with this block at least once before calling "
                "export."
            )
        if self._reads is not None:
            warnings.warn(
                f"hybrid_forward of {self.name!r} or of a child reads the shapes of its inputs: what is exported is "
                "the graph for inputs as of the last call",
                stacklevel=2,
            )
        sym = self._cached_graph[1]
        sym.save(f"{path}-symbol.json", remove_amp_cast=remove_amp_cast)
        params, states = self.collect_params(), set(sym.list_auxiliary_states())
        found = {}
        for name in sym.list_inputs():  # in the order of the graph, as in MXNet
            if name in params:
                found[f"{'aux' if name in states else 'arg'}:{name}"] = params[name]._reduce().as_nd_ndarray()
        ndarray.save("%s-%04d.params" % (path, epoch), found, format)  # noqa: UP031 - takes whole floats too, as in MXNet


def _is_mixed(first: Any, args: Any) -> bool:
    """Whether arrays and symbols come together, in nested lists too."""
    other = Symbol if isinstance(first, NDArray) else NDArray
    return any(isinstance(a, other) or (isinstance(a, (list, tuple)) and _is_mixed(first, a)) for a in args)


def _has_backend(backend: Any) -> bool:
    import torch._dynamo  # slow to import, and needed from here on

    return callable(backend) or backend in torch._dynamo.list_backends(exclude_tags=())
