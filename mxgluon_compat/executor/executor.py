"""Executor: a Symbol bound to arrays, run forwards and backwards in place.

The graph runs as a ``CachedOp``; its variables are leaves of torch's graph that share the elements of the bound arrays,
and gradients go where ``autograd`` puts them for any variable.
"""

from __future__ import annotations

import collections
import copy
import functools
import math
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from .. import autograd, operator
from ..base import MXNetError, UnsupportedError, torch_dtype
from ..cached_op import CachedOp
from ..context import Context
from ..ndarray import NDArray, sparse
from ..ndarray.invoke import wrap
from ..ops.schema import Shape
from ..symbol import Symbol
from ..symbol.infer import infer_dtypes, infer_entries, is_known
from ..symbol.monitor import watched_inputs
from ..symbol.node import Node, walk
from ..util import is_np_shape

__all__ = ["Executor", "known", "places", "resized", "zeros"]

# Operators whose gradient does not depend on that of their output: losses, and steps, whose gradient is 0.
_NEED_NO_HEAD_GRADIENT = frozenset({
    "LinearRegressionOutput", "LogisticRegressionOutput", "MAERegressionOutput", "MakeLoss", "SVMOutput",
    "BlockGrad", "SoftmaxOutput", "ceil", "fix", "floor", "make_loss", "rint", "round", "trunc",
    "argmax", "argmax_channel", "argmin", "argsort", "one_hot", "ones_like", "zeros_like", "shape_array", "size_array",
    "_contrib_arange_like", "_contrib_index_array", "_ravel_multi_index", "_unravel_index", "logical_not",
    *(form % name for form in ("_%s", "broadcast_%s", "_%s_scalar")
      for name in ("equal", "not_equal", "greater", "greater_equal", "lesser", "lesser_equal",
                   "logical_and", "logical_or", "logical_xor")),
})  # fmt: skip
# The one input whose gradient is 0, whatever that of the output is.
_UNLEARNED_INPUT = {
    "pick": 1, "gather_nd": 1, "scatter_nd": 1, "where": 0,
    "reshape_like": 1, "broadcast_like": 1, "_identity_with_attr_like_rhs": 1,
}  # fmt: skip
_WITHOUT_GRADIENT = frozenset({"batch_take"})  # MXNet refuses them where a gradient is wanted
# Operators with statistics, in train mode those of the batch.
_OF_THE_BATCH = frozenset({"BatchNorm", "BatchNorm_v1", "_contrib_BatchNormWithReLU", "_contrib_SyncBatchNorm"})
_NO_HEAD_GRADIENT = (
    "Because the last operator is not Loss function, head_gradient is required when calling backward. If you are "
    "attempting to minimize the output as an objective, please modify your network and pass it through the make_loss "
    "symbol."
)


class _Variable:
    """A bound array, and the leaf of torch's graph that stands for it.

    Args:
        array: the array.
        grad: where its gradient goes, or None.
        req: ``'write'``, ``'add'`` or ``'null'``.
    """

    __slots__ = ("_leaf", "_source", "array", "grad", "req", "slot")

    def __init__(self, array: NDArray, grad: NDArray | None = None, req: str = "null") -> None:
        self.array = array
        self.grad: Any = grad
        self.req = req if grad is not None else "null"
        self.slot: Any = None  # an autograd.GradSlot where there is a gradient
        self._source: torch.Tensor | None = None
        self._leaf: Any = None

    def leaf(self) -> torch.Tensor:
        """The array's elements as a leaf of its own, whatever the array itself may be a part of."""
        tensor = self.array._data
        if tensor is not self._source:
            self._source, self._leaf = tensor, tensor.detach()
            if self.req != "null":
                self.slot = autograd.GradSlot(self._leaf, self.grad, self.req)
        return self._leaf


def _draws(node: Node) -> bool:
    """Whether the node draws random numbers in predict mode too."""
    if node.op is None or "stream" not in node.op.supplied:
        return False
    return "training" not in node.op.supplied or node.parsed.get("mode") == "always"


def _hands_on(node: Node) -> list[Node]:
    """The inputs whose gradient depends on that of the outputs."""
    op, parsed = node.op, node.parsed
    if op.name in _NEED_NO_HEAD_GRADIENT or not op.uses_head_gradient(parsed):
        return []
    if op.name == "topk" and parsed.get("ret_typ", "indices") in ("indices", "mask"):
        return []
    return [child for k, (child, _) in enumerate(node.inputs) if k != _UNLEARNED_INPUT.get(op.name)]


def _normalizes(node: Node) -> bool:
    """Whether the node takes statistics of the batch in train mode, or one in its subgraphs does."""
    if node.op is None:
        return False
    if node.op.name in _OF_THE_BATCH:
        return not node.parsed.get("use_global_stats", False)
    return any(_normalizes(inner) for s in getattr(node.op, "subgraphs", ()) for inner in walk(s._outputs))


class _Watched:
    """One use of an operator in a recorded ``forward``, and the gradients that it hands back to its inputs."""

    def __init__(self, node: Node, inputs: Sequence[torch.Tensor]) -> None:
        self.node = node
        self._inputs = inputs
        self._gradients: dict[int, torch.Tensor] = {}

    def inputs(self) -> list[torch.Tensor]:
        """The inputs, those that want a gradient as tensors of their own."""
        found = []
        for k, tensor in enumerate(self._inputs):
            if tensor.requires_grad:
                tensor = tensor.view_as(tensor)
                tensor.register_hook(functools.partial(self._gradients.__setitem__, k))
            found.append(tensor)
        return found

    def gradients(self) -> list[torch.Tensor]:
        """Those of the last ``backward``, zeros for inputs that it did not come to; states have none."""
        return [
            self._gradients.get(k, torch.zeros_like(tensor, requires_grad=False))
            for k, tensor in enumerate(self._inputs)
            if not self.node.is_aux_input(k)
        ]


_KEPT = 16
#: The graphs bound last, by what they consist of.
_graphs: collections.OrderedDict[tuple[Any, ...], CachedOp] = collections.OrderedDict()
#: Of each graph: the shapes and dtypes of its entries, by those of its variables.
_inferred: weakref.WeakKeyDictionary[CachedOp, dict[Any, Any]] = weakref.WeakKeyDictionary()


def _graph_of(symbol: Symbol) -> CachedOp:
    """The graph as an operator: of programs that bind it again and again, for each call, it is traced once."""
    # what can be set in a node stands in the key beside it
    nodes = ((node, node.name, node.inputs, *node.attrs.items()) for node in walk(symbol._outputs))
    key = (is_np_shape(), *symbol._outputs, *nodes)
    found = _graphs.pop(key, None)
    if found is None:
        found = CachedOp(copy.copy(symbol))  # a symbol can be changed, by ``_compose``
    _graphs[key] = found
    if len(_graphs) > _KEPT:
        _graphs.popitem(last=False)
    return found


class Executor:
    """A graph bound to the arrays of its arguments, gradients and states: ``Symbol.bind`` makes one.

    Attributes:
        arg_arrays: the arguments' arrays, in the order of ``list_arguments()``; what is written into them is what the
            next ``forward`` sees.
        grad_arrays: their gradients' arrays, None for each that has none; None where ``bind`` was given none at all.
        aux_arrays: those of the auxiliary states.
        outputs: the results of the last ``forward``: the same arrays each time, zeros before the first.
    """

    def __init__(
        self,
        symbol: Symbol,
        ctx: Context,
        args: list[NDArray],
        grads: list[NDArray | None] | None,
        aux: list[NDArray],
        reqs: Sequence[str],
        grad_req: Any,
        group2ctx: Mapping[str, Context] | None = None,
        cached_op: CachedOp | None = None,
    ) -> None:
        """Arguments are those of ``Symbol.bind``, in order; ``reqs`` has one ``grad_req`` for each of ``args``.

        Raises:
            MXNetError: arrays whose shapes, dtypes or contexts do not fit the graph.
        """
        self._cached_op = _graph_of(symbol) if cached_op is None else cached_op
        self._symbol = self._cached_op.symbol
        self._ctx = ctx
        self._grad_req = grad_req
        self._group2ctx = group2ctx
        self._reqs = list(reqs)
        self.arg_arrays, self.aux_arrays = args, aux
        self.grad_arrays: list[NDArray | Any] | Any = grads  # Any: nobody who asks for gradients tests for None
        of_args = [_Variable(*each) for each in zip(args, grads or [None] * len(args), reqs, strict=True)]
        self._wanted = [v for v in of_args if v.req != "null"]
        nodes, states = self._symbol._variables()
        arguments, others = iter(of_args), iter([_Variable(a) for a in aux])
        self._variables = [next(others if id(node) in states else arguments) for node in nodes]
        self.outputs = self._check(nodes)
        self._differentiated = differentiated(self._symbol, [v.req != "null" for v in self._variables])
        for node in self._differentiated:
            if node.op.name in _WITHOUT_GRADIENT:
                raise MXNetError(
                    f"Operator {node.op.name} is non-differentiable: no gradient passes through {node.name}"
                )
        self._recorded: Sequence[torch.Tensor] | None = None
        self._in_training = False  # whether what is recorded is
        self._draws = any(map(_draws, walk(self._symbol._outputs)))
        self._operators: dict[Any, Any] = {}  # custom operators keep what they remember from one forward to the next
        self._dicts: dict[str, dict[str, Any]] = {}
        self._monitor_callback: Any = None
        self._monitor_all = False
        self._watched: list[_Watched] = []  # the operators of the last monitored and recorded ``forward``

    def _check(self, nodes: Sequence[Node]) -> list[NDArray]:
        """Arrays for the outputs; raises MXNetError where the bound ones do not fit."""
        place_of = places(self._symbol, self._ctx, self._group2ctx)
        for node, variable in zip(nodes, self._variables, strict=True):
            array, grad = variable.array, variable.grad
            if array._ctx != self._ctx and not self._group2ctx:
                raise MXNetError(
                    f"Input array {node.name} is in {array._ctx} while binding with ctx={self._ctx}. All arguments "
                    f"must be in global context ({self._ctx}) unless group2ctx is specified for cross-device graph."
                )
            # its dtype may be another one, as in MXNet; there the operator decides whether that works
            if variable.req != "null" and (grad.shape, grad._ctx) != (array.shape, array._ctx):
                raise MXNetError(
                    f"The gradient of {node.name} must be an array {array.shape} on {array._ctx}, got {grad.shape} on "
                    f"{grad._ctx}"
                )
        graph = self._symbol._outputs
        sparse = {n.name for n, v in zip(nodes, self._variables, strict=True) if v.array._is_sparse}
        for node in walk(graph):  # MXNet refuses it, though dense copies would do
            if (
                node.op is not None
                and node.op.name == "BatchNorm"
                and node.parsed.get("fix_gamma", True)
                and any(child.op is None and child.name in sparse for child, _ in node.inputs)
            ):
                raise MXNetError(f"Error in operator {node.name}: fix_gamma=True is not supported for sparse arrays")
        shapes, dtypes = self._entries(nodes)
        return [zeros(_at_first(shapes[id(node)][i]), dtypes[id(node)][i], place_of[id(node)]) for node, i in graph]

    def _entries(self, nodes: Sequence[Node]) -> tuple[dict[int, list[Shape | None]], dict[int, list[Any]]]:
        """Shapes and dtypes of every node's outputs, by the node's id."""
        key = (is_np_shape(), *((v.array.shape, v.array.dtype) for v in self._variables))
        known = _inferred.setdefault(self._cached_op, {})
        if key not in known:
            if len(known) >= _KEPT:
                known.clear()
            given = {n.name: v.array for n, v in zip(nodes, self._variables, strict=True)}
            graph = self._symbol._outputs
            dtypes = infer_dtypes(graph, {k: a.dtype for k, a in given.items()}, strict=True)
            known[key] = infer_entries(graph, {k: a.shape for k, a in given.items()}, dtypes), dtypes
        return known[key]

    # ------------------------------------------------------------------------------------------ running
    def forward(self, is_train: bool = False, **kwargs: Any) -> list[NDArray]:
        """Computes the outputs from what the bound arrays hold.

        Args:
            is_train: in train mode, and recorded for ``backward``.
            **kwargs: new elements (NDArray, numpy array) for arguments, by name.

        Returns:
            ``self.outputs``.

        Raises:
            TypeError: no argument of that name.
            ValueError: not an array, or of another shape.
            MXNetError: what an operator refuses; the message names the node.
        """
        if kwargs:
            self._feed(kwargs)
        self._recorded = None
        if self._wanted and (is_train or self._draws):  # what is drawn in predict mode is differentiated as drawn
            self._in_training = bool(is_train)
            with autograd.record(train_mode=self._in_training):
                results = self._recorded = self._run([v.leaf() for v in self._variables])
        else:
            with autograd.pause(train_mode=bool(is_train)):
                results = self._run([v.array._data for v in self._variables])
        for array, result, (node, _) in zip(self.outputs, results, self._symbol._outputs, strict=True):
            if node.op is None:  # the output may be the bound array itself, which is not to be written to
                array._data = result.detach()
            else:
                autograd.put(array, result)
        return self.outputs

    def _feed(self, values: Mapping[str, Any]) -> None:
        arguments = self.arg_dict
        for name, value in values.items():
            if not isinstance(value, (NDArray, np.ndarray)):
                raise ValueError("only accept keyword argument of NDArrays and numpy.ndarray")
            if name not in arguments:
                raise TypeError(f"Unknown argument {name}")
            array = arguments[name]
            if array.shape != value.shape:
                raise ValueError(f"Shape not match! Argument {name}, need: {array.shape}, received: {value.shape}")
            array[:] = value

    def _run(self, tensors: Sequence[torch.Tensor]) -> Sequence[torch.Tensor]:
        self._watched = []
        with operator.keeping(self._operators):
            if self._monitor_callback is None:
                return self._cached_op.run(tensors, self._ctx)
            return self._cached_op.run_seen(tensors, self._ctx, self._see, self._watch)

    def backward(self, out_grads: Any = None, is_train: bool = True) -> None:
        """Gradients of the outputs with respect to the arguments, into ``grad_arrays`` by each one's ``grad_req``.

        They are those of the last ``forward``; where that was in predict mode, those of predict mode at what the arrays
        hold now. May be called again for the same ``forward``.

        Args:
            out_grads: the outputs' gradients: an array, a list of arrays, or a dict of them by output name. Losses
                (``SoftmaxOutput``, ``MakeLoss``, ...), and what is computed from them alone, need none.
            is_train: False after a ``forward`` in train mode: a graph with BatchNorm has the gradients of predict mode,
                others those of that ``forward`` still, what Dropout dropped in it included.

        Raises:
            TypeError: a gradient is not an array.
            KeyError: a dict lacks an output.
            MXNetError: an output that needs a gradient has none, or one of another shape.
        """
        given = self._head_gradients(out_grads)
        if not self._wanted:
            return
        results = self._recorded if is_train or not (self._in_training and self._normalizes) else None
        if results is None:
            with autograd.record(train_mode=False), operator.keeping(self._operators):
                results = self._cached_op.run([v.leaf() for v in self._variables], self._ctx)
        heads: list[Any] = []
        gradients: list[Any] = []
        for k, result in enumerate(results):
            if not result.requires_grad:
                continue
            ctx = self.outputs[k]._ctx
            if k < len(given):
                gradients.append(wrap(given[k]._data.detach().to(result), ctx))
            elif self._needs_head_gradient[k]:
                raise MXNetError(_NO_HEAD_GRADIENT)
            else:
                gradients.append(None)
            heads.append(wrap(result, ctx))
        for variable in self._wanted:
            variable.slot.fresh = False
        if heads:
            autograd.backward(heads, gradients, retain_graph=True)
        for variable in self._wanted:
            if variable.req == "write" and not variable.slot.fresh:  # nothing depends on it
                variable.grad[:] = 0
        if results is self._recorded and self._monitor_callback is not None:
            self._see_gradients()

    @functools.cached_property
    def _normalizes(self) -> bool:
        """Whether gradients pass through statistics of the batch, for which predict mode has others."""
        return any(map(_normalizes, self._differentiated))

    @functools.cached_property
    def _needs_head_gradient(self) -> list[bool]:
        """Of each output, whether the arguments' gradients depend on its own: on some way no loss is passed."""
        asked = (v.req != "null" for v in self._variables)
        needs: dict[int, bool] = {}
        for node in walk(self._symbol._outputs):
            if node.op is None:
                needs[id(node)] = next(asked)
            else:
                needs[id(node)] = any(needs[id(child)] for child in _hands_on(node))
        return [needs[id(node)] for node, _ in self._symbol._outputs]

    def _see_gradients(self) -> None:
        for watched in reversed(self._watched):
            found = watched.gradients()
            numbers = [""] if len(found) == 1 else range(len(found))
            for number, gradient in zip(numbers, found, strict=True):
                name = f"{watched.node.name}_backward_output{number}"
                self._monitor_callback(name, wrap(gradient.detach(), self._ctx))

    def _head_gradients(self, out_grads: Any) -> list[NDArray]:
        if out_grads is None:
            return []
        if isinstance(out_grads, NDArray):
            return [out_grads]
        if isinstance(out_grads, dict):
            out_grads = [out_grads[name] for name in self._symbol.list_outputs()]
        found = list(out_grads)
        if not all(isinstance(g, NDArray) for g in found):
            raise TypeError("inputs must be NDArray")
        return found

    # ------------------------------------------------------------------------------------------ arrays by name
    def _named(self, kind: str, names: Callable[[], list[str]], arrays: Sequence[Any]) -> dict[str, Any]:
        """A dict of the arrays, the same at each call."""
        if kind not in self._dicts:
            keys = names()
            if len(set(keys)) != len(keys):
                raise ValueError(f"Duplicate names detected, {keys}")
            self._dicts[kind] = dict(zip(keys, arrays, strict=True))
        return self._dicts[kind]

    @property
    def arg_dict(self) -> dict[str, NDArray]:
        """The arguments' arrays by name.

        Raises:
            ValueError: two arguments have one name.
        """
        return self._named("arg", self._symbol.list_arguments, self.arg_arrays)

    @property
    def grad_dict(self) -> dict[str, NDArray | Any]:
        """The gradients' arrays by argument; None for each that has none."""
        grads = self.grad_arrays or [None] * len(self.arg_arrays)
        return self._named("grad", self._symbol.list_arguments, grads)

    @property
    def aux_dict(self) -> dict[str, NDArray]:
        """The auxiliary states' arrays by name."""
        return self._named("aux", self._symbol.list_auxiliary_states, self.aux_arrays)

    @property
    def output_dict(self) -> dict[str, NDArray]:
        """The outputs by name."""
        return self._named("output", self._symbol.list_outputs, self.outputs)

    def copy_params_from(
        self,
        arg_params: Mapping[str, NDArray],
        aux_params: Mapping[str, NDArray] | None = None,
        allow_extra_params: bool = False,
    ) -> None:
        """Copies into the arguments and auxiliary states of these names, cast to their dtypes.

        Raises:
            ValueError: no such name, unless ``allow_extra_params``.
            MXNetError: another shape.
        """
        self._copy_into(self.arg_dict, arg_params, 'Find name "{}" that is not in the arguments', allow_extra_params)
        if aux_params is not None:
            unknown = "Find name {} that is not in the auxiliary states"
            self._copy_into(self.aux_dict, aux_params, unknown, allow_extra_params)

    @staticmethod
    def _copy_into(
        arrays: Mapping[str, NDArray], params: Mapping[str, NDArray], unknown: str, allow_extra: bool
    ) -> None:
        for name, value in params.items():
            if name in arrays:
                value.astype(arrays[name].dtype).copyto(arrays[name])
            elif not allow_extra:
                raise ValueError(unknown.format(name))

    # ------------------------------------------------------------------------------------------ other shapes
    def reshape(self, partial_shaping: bool = False, allow_up_sizing: bool = False, **kwargs: Shape) -> Executor:
        """An executor of the same graph for other shapes, that shares its arrays with this one.

        Arrays whose shape stays are the same; smaller ones are the first elements of the old; larger ones are new.

        Args:
            partial_shaping: shapes of arguments that are not named may change too.
            allow_up_sizing: arguments may become larger.
            **kwargs: shapes by argument.

        Raises:
            MXNetError: shapes that do not fit, or that change against these flags.
        """
        graph = self._symbol._outputs
        nodes, states = self._symbol._variables()
        found = infer_entries(graph, {k: s for k, s in kwargs.items() if isinstance(s, tuple)})
        grads = iter(self.grad_arrays or [None] * len(self.arg_arrays))
        args, new_grads, aux = [], [], []
        for node, variable in zip(nodes, self._variables, strict=True):
            array = variable.array
            shape: Any = found[id(node)][0]
            is_state = id(node) in states
            if shape != array.shape and not partial_shaping and (is_state or node.name not in kwargs):
                raise MXNetError(
                    f"Shape of unspecified arg: {node.name} changed. This can cause the new executor to not share "
                    "parameters with the old one. Please check for error in network. If this is intended, set "
                    "partial_shaping=True to suppress this warning."
                )
            if not known(shape):
                raise MXNetError(f"Shape is unknown: nothing tells the shape of {node.name}")
            if math.prod(shape) > math.prod(array.shape) and not allow_up_sizing:
                raise MXNetError(
                    f"New shape of arg: {node.name} is larger than original. First making a big executor and then down "
                    "sizing it is more efficient than the reverse. If you really want to up size, set "
                    "allow_up_sizing=True to enable allocation of new arrays."
                )
            if is_state:
                aux.append(resized(array, shape))
                continue
            grad = next(grads)
            args.append(resized(array, shape))
            new_grads.append(None if grad is None else resized(grad, shape))
        made = Executor(
            self._symbol, self._ctx, args, new_grads, aux, self._reqs, self._grad_req, self._group2ctx, self._cached_op
        )
        made._monitor_callback, made._monitor_all = self._monitor_callback, self._monitor_all
        return made

    # ------------------------------------------------------------------------------------------ to look at
    def set_monitor_callback(self, callback: Callable[[str, NDArray], Any], monitor_all: bool = False) -> None:
        """``callback(name, array)`` sees every output of every operator in ``forward``, in place of a former one.

        Names are those of ``get_internals().list_outputs()``, hidden outputs included. In ``backward`` it sees what
        each operator hands on to its inputs: ``NODE_backward_output``, or ``NODE_backward_output0`` and so on where
        there are several inputs. MXNet passes the name as bytes and the address of the array's handle.

        Args:
            callback: the function; what it raises comes out of ``forward`` or ``backward``.
            monitor_all: the operators' inputs too.
        """
        self._monitor_callback, self._monitor_all = callback, bool(monitor_all)

    def _watch(self, node: Node, inputs: Sequence[torch.Tensor]) -> Sequence[torch.Tensor]:
        """The inputs for one operator, so that what it hands back to each can be told from what others do."""
        if not autograd.state.recording or not any(t.requires_grad for t in inputs):
            return inputs
        watched = _Watched(node, inputs)
        self._watched.append(watched)
        return watched.inputs()

    def _see(self, node: Node, inputs: Sequence[torch.Tensor], outputs: Sequence[torch.Tensor]) -> None:
        shown = []
        if self._monitor_all:
            for (child, _), name, tensor in zip(node.inputs, watched_inputs(node), inputs, strict=True):
                shown += [(child.name, tensor)] if child.op is None else []
                shown.append((name, tensor))
        names = node.op.output_names(node.parsed)
        shown += [(f"{node.name}_{name}", tensor) for name, tensor in zip(names, outputs, strict=True)]
        for name, tensor in shown:
            self._monitor_callback(name, wrap(tensor.detach(), self._ctx))

    def debug_str(self) -> str:
        """A listing of the graph, and how much memory a pass takes: outputs, and what is kept for ``backward``."""
        shapes, dtypes = self._entries(self._symbol._variables()[0])
        kept = {id(node): node for node in (*(n for n, _ in self._symbol._outputs if n.op), *self._differentiated)}
        size = sum(
            math.prod(shape) * dtype.itemsize
            for number in kept
            for shape, dtype in zip(shapes[number], dtypes[number], strict=True)
            if shape is not None
        )
        return f"{self._symbol.debug_str()}Total {size >> 20} MB allocated\n"

    def get_optimized_symbol(self) -> Symbol:
        """The graph that runs, as a new symbol: nothing is rewritten before it is lowered."""
        return copy.copy(self._symbol)


# ---------------------------------------------------------------------------------------------- small helpers
def zeros(shape: Any, dtype: torch.dtype | None, ctx: Context, stype: str = "default") -> NDArray:
    """A new array of zeros."""
    if stype != "default":
        return sparse.zeros(stype, shape, ctx, dtype)
    return wrap(torch.zeros(shape, dtype=dtype, device=ctx.torch_device), ctx)


def _at_first(shape: Shape | None) -> Shape:
    """The shape of an output before it is computed: (0,) where it depends on values."""
    return (0,) if shape is None or min(shape, default=0) < 0 else shape


def known(shape: Shape | None) -> bool:
    """Whether every dimension is known."""
    return is_known(shape) and (bool(shape) or is_np_shape())


def resized(array: NDArray, shape: Shape) -> NDArray:
    """The array itself, its first elements in another shape, or new zeros where it has too few or is sparse."""
    if array.shape == shape:
        return array
    size = math.prod(shape)
    if size > math.prod(array.shape) or array.stype != "default":
        return zeros(shape, torch_dtype(array.dtype), array._ctx, array.stype)
    return wrap(array._data.detach().reshape(-1)[:size].view(shape), array._ctx)


def differentiated(symbol: Symbol, wanted: Sequence[bool]) -> list[Node]:
    """The operators that a gradient passes through on its way to a variable where one is ``wanted``, inputs first."""
    order = walk(symbol._outputs)
    asked = iter(wanted)
    leads: dict[int, bool] = {}
    for node in order:
        leads[id(node)] = next(asked) if node.op is None else any(leads[id(child)] for child, _ in node.inputs)
    reached = {id(node) for node, _ in symbol._outputs}
    for node in reversed(order):
        if id(node) in reached and node.op is not None and node.op.name != "BlockGrad":
            reached.update(id(child) for child, _ in node.inputs)
    return [n for n in order if n.op is not None and n.op.name != "BlockGrad" and leads[id(n)] and id(n) in reached]


def places(symbol: Symbol, ctx: Context, group2ctx: Mapping[str, Context] | None) -> dict[int, Context]:
    """{id(node): its context}: that of its ``ctx_group``; else operators follow their inputs, variables their users.

    Raises:
        MXNetError: a group without a context.
        UnsupportedError: contexts on several devices.
    """
    order = walk(symbol._outputs)
    if not group2ctx:
        return dict.fromkeys(map(id, order), ctx)
    if len({c.torch_device for c in (ctx, *group2ctx.values())}) > 1:
        raise UnsupportedError("group2ctx with several devices", "a graph runs on one device")
    found: dict[int, Context] = {}
    for node in order:
        group = node.attrs.get("__ctx_group__")
        if group is not None and group not in group2ctx:
            raise MXNetError(f"The device assignment not found for group {group} of {node.name}")
        if group is not None:
            found[id(node)] = group2ctx[group]
        elif node.op is not None:
            found[id(node)] = next((found[id(c)] for c, _ in node.inputs if id(c) in found), ctx)
    for node in order:
        for child, _ in node.inputs:
            found.setdefault(id(child), found[id(node)])
    return {id(node): found.get(id(node), ctx) for node in order}
