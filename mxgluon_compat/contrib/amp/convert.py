"""Graphs of trained models in mixed precision: casts are put where operators want float16, bfloat16 or float32."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from ... import symbol
from ...base import FLAG_TO_NAME, NAME_TO_FLAG, MXNetError, dtype_name, torch_dtype
from ...context import Context, gpu
from ...gluon.block import HybridBlock, SymbolBlock
from ...ndarray import NDArray
from ...ops.casts import AMP_DTYPES
from ...ops.registry import get
from ...symbol import Symbol
from ...symbol.node import Node, check_states, walk
from .listing import list_conditional_fp32_ops, list_fp32_ops, list_lp16_fp32_ops, list_lp16_ops, list_widest_type_cast

__all__ = ["convert_hybrid_block", "convert_model", "convert_symbol"]

_Entry = tuple[Node, int]
_Condition = tuple[str, str, Sequence[str]]

# Operators of one output whose output MXNet has a name for; a cast of it is called by that name, of others by number.
_NAMED = frozenset({
    "Activation", "BatchNorm", "BilinearSampler", "Concat", "Convolution", "Convolution_v1", "Correlation", "Crop",
    "Deconvolution", "Dropout", "FullyConnected", "GridGenerator", "GroupNorm", "InstanceNorm", "L2Normalization",
    "LRN", "LayerNorm", "LeakyReLU", "MakeLoss", "Pad", "Pooling", "Pooling_v1", "RNN", "ROIPooling", "SVMOutput",
    "SequenceLast", "SequenceMask", "SequenceReverse", "SliceChannel", "SoftmaxActivation", "SoftmaxOutput",
    "SpatialTransformer", "SwapAxis", "UpSampling", "_contrib_DeformableConvolution",
    "_contrib_DeformablePSROIPooling", "_contrib_ModulatedDeformableConvolution", "_contrib_MultiBoxDetection",
    "_contrib_MultiBoxPrior", "_contrib_MultiBoxTarget", "_contrib_MultiProposal", "_contrib_PSROIPooling",
    "_contrib_Proposal", "_contrib_ROIAlign", "_contrib_RROIAlign", "_contrib_SyncBatchNorm",
    "_contrib_calibrate_entropy", "_contrib_index_array", "_contrib_interleaved_matmul_encdec_qk",
    "_contrib_interleaved_matmul_encdec_valatt", "_contrib_interleaved_matmul_selfatt_qk",
    "_contrib_interleaved_matmul_selfatt_valatt", "_contrib_quantized_act", "_contrib_quantized_flatten",
    "_contrib_quantized_pooling", "_rnn_param_concat", "col2im", "elemwise_add", "im2col", "make_loss", "softmax",
    "softmin",
})  # fmt: skip


def convert_symbol(
    sym: Symbol,
    target_dtype: str = "float16",
    target_dtype_ops: Sequence[str] | None = None,
    fp32_ops: Sequence[str] | None = None,
    conditional_fp32_ops: Sequence[_Condition] | None = None,
    excluded_sym_names: Sequence[str] | None = None,
    data_names: Sequence[str] | None = None,
    cast_optional_params: bool = False,
) -> Symbol:
    """A graph with casts (``amp_cast``, ``amp_multicast``) by the lists; its outputs are in float32.

    Args:
        sym: the graph.
        target_dtype: ``'float16'`` or ``'bfloat16'``.
        target_dtype_ops: names of operators to run in it; default ``amp.list_lp16_ops``.
        fp32_ops: names of operators to run in float32; default ``amp.list_fp32_ops``.
        conditional_fp32_ops: (operator, attribute, values) to run in float32; default
            ``amp.list_conditional_fp32_ops``.
        excluded_sym_names: names of nodes to run in float32.
        data_names: variables that are data; all others are parameters, whose dtype is written down (``__dtype__``).
            Without it those are parameters whose dtype is written down already.
        cast_optional_params: parameters that only operators in ``target_dtype`` need are of that dtype, and not cast.

    Raises:
        AssertionError: arguments of other types, an operator in two lists or in none of ``amp``'s.
        MXNetError: dtypes that contradict each other.
    """
    assert isinstance(sym, Symbol), "First argument to convert_symbol should be Symbol"
    _check_dtype(target_dtype)
    lists = _checked_lists(target_dtype, target_dtype_ops, fp32_ops, conditional_fp32_ops)
    excluded = [] if excluded_sym_names is None else excluded_sym_names
    assert _are_names(excluded), "excluded_sym_names should be a list of strs"
    inputs = sym.list_inputs()
    if data_names is None:
        attrs = sym.attr_dict()
        params = {name for name in inputs if "__dtype__" in attrs.get(name, {})}
    else:
        unknown = [name for name in data_names if name not in inputs]
        if unknown:
            raise MXNetError(f"data_names: {', '.join(unknown)} not among the graph's inputs, {', '.join(inputs)}")
        params = set(inputs) - set(data_names)
    converter = _Converter(sym, target_dtype, lists, set(excluded), params if cast_optional_params else set())
    converted = converter.converted()
    variables = [n for n in walk(converted._outputs) if n.op is None and n.name in params]
    for node in variables:
        node.attrs.pop("__dtype__", None)  # what was declared for the graph as it was
    found, _, states = converted.infer_type_partial(**dict.fromkeys(data_names or (), "float32"))
    dtypes = dict(zip(converted.list_arguments(), found, strict=True))
    dtypes.update(zip(converted.list_auxiliary_states(), states, strict=True))
    for node in variables:
        node.attrs["__dtype__"] = str(NAME_TO_FLAG[dtype_name(dtypes[node.name] or "float32")])
    return converted


def convert_model(
    sym: Symbol,
    arg_params: Mapping[str, NDArray],
    aux_params: Mapping[str, NDArray],
    target_dtype: str = "float16",
    target_dtype_ops: Sequence[str] | None = None,
    fp32_ops: Sequence[str] | None = None,
    conditional_fp32_ops: Sequence[_Condition] | None = None,
    excluded_sym_names: Sequence[str] | None = None,
    cast_optional_params: bool = False,
) -> tuple[Symbol, dict[str, NDArray], dict[str, NDArray]]:
    """A model, graph and parameters, in mixed precision; see ``convert_symbol``.

    Args:
        sym: the graph.
        arg_params: its parameters; variables that are neither here nor in ``aux_params`` are data.
        aux_params: its auxiliary states.
        target_dtype, target_dtype_ops, fp32_ops, conditional_fp32_ops, excluded_sym_names: see ``convert_symbol``.
        cast_optional_params: parameters that only operators in ``target_dtype`` need come back in it.

    Returns:
        The graph, the parameters, the auxiliary states.

    Raises:
        AssertionError, MXNetError: see ``convert_symbol``.
    """
    assert isinstance(sym, Symbol), "First argument to convert_model should be Symbol"
    assert isinstance(arg_params, Mapping), "Second argument to convert_model should be a dict of name to ndarray"
    assert isinstance(aux_params, Mapping), "Third argument to convert_model should be a dict of name to ndarray"
    data = [name for name in sym.list_inputs() if name not in arg_params and name not in aux_params]
    converted = convert_symbol(
        sym, target_dtype, target_dtype_ops, fp32_ops, conditional_fp32_ops, excluded_sym_names, data,
        cast_optional_params,
    )  # fmt: skip
    dtypes = _written_dtypes(converted)

    def cast(params: Mapping[str, NDArray]) -> dict[str, NDArray]:
        return {k: x if k not in dtypes else x.astype(dtypes[k], copy=False) for k, x in params.items()}

    return converted, cast(arg_params), cast(aux_params)


def convert_hybrid_block(
    block: HybridBlock,
    target_dtype: str = "float16",
    target_dtype_ops: Sequence[str] | None = None,
    fp32_ops: Sequence[str] | None = None,
    conditional_fp32_ops: Sequence[_Condition] | None = None,
    excluded_sym_names: Sequence[str] | None = None,
    ctx: Context | Sequence[Context] = gpu(0),  # noqa: B008 - MXNet's default; a context is immutable
    cast_optional_params: bool = False,
) -> SymbolBlock:
    """A hybridized net in mixed precision, with copies of its Parameters; see ``convert_symbol``.

    Args:
        block: hybridized, and run since.
        target_dtype, target_dtype_ops, fp32_ops, conditional_fp32_ops, excluded_sym_names: see ``convert_symbol``.
        ctx: where to put the Parameters.
        cast_optional_params: Parameters that only operators in ``target_dtype`` need are of that dtype.

    Raises:
        AssertionError: no HybridBlock; see ``convert_symbol``.
        RuntimeError: not hybridized, or not run since.
    """
    assert isinstance(block, HybridBlock), "block input should be a HybridBlock"
    if not block._cached_graph:
        raise RuntimeError(
            "Please first call block.hybridize() and then run forward with this block at least once before calling "
            "export."
        )
    inputs, sym = block._cached_graph
    used = set(sym.list_inputs())
    converted = convert_symbol(
        sym, target_dtype, target_dtype_ops, fp32_ops, conditional_fp32_ops, excluded_sym_names,
        [x.name for x in inputs if x.name in used], cast_optional_params,
    )  # fmt: skip
    made = SymbolBlock(converted, inputs)
    dtypes, states = _written_dtypes(converted), set(converted.list_auxiliary_states())
    params = block.collect_params()
    arrays = {
        f"{'aux' if name in states else 'arg'}:{name}": params[name]._reduce().astype(dtypes[name])
        for name in converted.list_inputs()
        if name in params
    }
    made.collect_params().load_dict(arrays, ctx=ctx, cast_dtype=True, dtype_source="saved")
    return made


# ---------------------------------------------------------------------------------------------- arguments
def _check_dtype(dtype: Any) -> None:
    assert isinstance(dtype, str) and dtype in ("float16", "bfloat16"), (
        "Only target_dtype float16 and bfloat16 are supported currently"
    )


def _are_names(found: Any) -> bool:
    return isinstance(found, (list, tuple)) and all(isinstance(name, str) for name in found)


def _checked_lists(
    dtype: str, target_ops: Any, fp32_ops: Any, conditional_ops: Any
) -> tuple[set[str], set[str], list[_Condition], set[str]]:
    """Operators for the low dtype, for float32, for float32 on condition, and for the widest dtype."""
    assert target_ops is None or _are_names(target_ops), "target_dtype_ops should be a list of strs"
    assert fp32_ops is None or _are_names(fp32_ops), "fp32_ops should be a list of strs"
    low = set(list_lp16_ops(dtype) if target_ops is None else target_ops)
    high = set(list_fp32_ops(dtype) if fp32_ops is None else fp32_ops)
    conditions = list(list_conditional_fp32_ops(dtype) if conditional_ops is None else conditional_ops)
    assert all(isinstance(c, (list, tuple)) and len(c) == 3 for c in conditions), (
        "conditional_fp32_ops should be a list of (operator, attribute, list of values)"
    )
    named = {name for name, _, _ in conditions}
    for first, second, both in (
        ("target_dtype_ops", "fp32_ops", low & high),
        ("target_dtype_ops", "conditional_fp32_ops", low & named),
        ("fp32_ops", "conditional_fp32_ops", high & named),
    ):
        assert not both, f"Ops cannot be in two or more lists. Common ops in {first} and {second} {both}"
    known = {*list_lp16_ops(dtype), *list_fp32_ops(dtype), *list_lp16_fp32_ops(dtype)}
    known.update(name for name, _, _ in list_conditional_fp32_ops(dtype))
    other = (low | high | named) - known
    assert not other, (
        "Can only choose ops from one of the three lists\n"
        "                            for lp16_ops and fp32_ops\n"
        "                            1. amp.list_lp16_ops(target_dtype)\n"
        "                            2. amp.list_fp32_ops(target_dtype)\n"
        "                            3. amp.list_lp16_fp32_ops(target_dtype)\n"
        "                            4. amp.list_conditional_fp32_ops(target_dtype)\n"
        f"                            Op {other} not in any of them"
    )
    return low, high, conditions, set(list_widest_type_cast(dtype))


def _written_dtypes(sym: Symbol) -> dict[str, str]:
    """{variable: the dtype that the graph declares}."""
    attrs = sym.attr_dict()
    names = [name for name in sym.list_inputs() if "__dtype__" in attrs.get(name, {})]
    return {name: FLAG_TO_NAME[int(attrs[name]["__dtype__"])] for name in names}


# ---------------------------------------------------------------------------------------------- the graph
class _Converter:
    """Puts casts into one graph.

    Of each output it knows whether it is in the low dtype (``low``), in float32 (``high``), or cannot tell: variables,
    and what is made of them by operators that run in any dtype.
    """

    def __init__(self, sym: Symbol, dtype: str, lists: Any, excluded: set[str], castable: set[str]) -> None:
        self.sym, self.dtype, self.excluded = sym, dtype, excluded
        self.low_ops, self.high_ops, self.conditions, self.widest_ops = lists
        self.low: set[tuple[int, int]] = set()
        self.high: set[tuple[int, int]] = set()
        self.casts: dict[tuple[int, int, str], _Entry] = {}
        self.renewed: dict[int, Node] = {}
        nodes = walk(sym._outputs)
        # MXNet casts those too that operators in float32 take, and then refuses the graph.
        needed = {id(c) for n in nodes if n.op is not None and self.kind(n) == "high" for c, _ in n.inputs}
        self.castable = {n.name for n in nodes if n.op is None and n.name in castable and id(n) not in needed}

    def converted(self) -> Symbol:
        """The graph with casts."""
        for node in walk(self.sym._outputs):
            inputs = [(self.renewed[id(child)], i) for child, i in node.inputs]
            made = self.renewed[id(node)] = Node(node.op, node.name, node.attrs, inputs)
            made.versions = node.versions
            if node.op is not None:
                getattr(self, f"_{self.kind(node)}")(made)
                check_states(made)
        outputs = [(self.renewed[id(node)], i) for node, i in self.sym._outputs]
        return symbol.Group([Symbol([e if self._is(e, self.high) else self._cast(e, "float32")]) for e in outputs])

    def kind(self, node: Node) -> str:
        """What the operator of a node wants: ``low``, ``high``, ``widest`` or ``any``."""
        assert node.op is not None  # no variable
        name = node.op.name
        if node.name in self.excluded or name in self.high_ops:
            return "high"
        if any(name == op and node.attrs.get(key) in values for op, key, values in self.conditions):
            return "high"
        return "low" if name in self.low_ops else "widest" if name in self.widest_ops else "any"

    @staticmethod
    def _is(entry: _Entry, known: set[tuple[int, int]]) -> bool:
        return (id(entry[0]), entry[1]) in known

    def _mark(self, node: Node, known: set[tuple[int, int]]) -> None:
        known.update((id(node), i) for i in range(node.count_outputs()))

    def _has_low(self, entry: _Entry) -> bool:
        """Whether the value is in the low dtype, or was cast to it for another operator."""
        return self._is(entry, self.low) or (id(entry[0]), entry[1], self.dtype) in self.casts

    def _cast(self, entry: _Entry, dtype: str) -> _Entry:
        """The entry behind a cast; one cast serves all users."""
        key = (id(entry[0]), entry[1], dtype)
        if key not in self.casts:
            name = f"{_output_name(entry)}_amp_cast_{dtype}"
            self.casts[key] = (Node(get("amp_cast"), name, {"dtype": dtype}, [entry]), 0)
        return self.casts[key]

    def _low(self, node: Node) -> None:
        inputs = []
        for place, entry in enumerate(node.inputs):
            child = entry[0]
            if child.op is None and child.name in self.castable:
                self.low.add((id(child), 0))
            as_it_is = self._is(entry, self.low) or node.is_aux_input(place)
            inputs.append(entry if as_it_is else self._cast(entry, self.dtype))
        node.inputs = tuple(inputs)
        self._mark(node, self.low)

    def _high(self, node: Node) -> None:
        node.inputs = tuple(
            e if e[0].op is None or self._is(e, self.high) else self._cast(e, "float32") for e in node.inputs
        )
        self._mark(node, self.high)

    def _widest(self, node: Node) -> None:
        if all(self._has_low(e) for e in node.inputs):
            node.inputs = tuple(e if self._is(e, self.low) else self._cast(e, self.dtype) for e in node.inputs)
            self._mark(node, self.low)
        elif all(self._has_low(e) or self._is(e, self.high) for e in node.inputs):
            node.inputs = tuple(e if self._is(e, self.high) else self._cast(e, "float32") for e in node.inputs)
            self._mark(node, self.high)
        elif node.inputs:
            name = f"{_output_name(node.inputs[0])}_amp_multicast"
            wide = Node(get("amp_multicast"), name, {"num_outputs": str(len(node.inputs))}, node.inputs)
            node.inputs = tuple((wide, i) for i in range(len(node.inputs)))

    def _any(self, node: Node) -> None:
        """What comes out follows from the first input, where that tells all dtypes."""
        if not node.inputs:
            return
        known = {True: torch.float32, False: torch_dtype(self.dtype)}
        first = node.inputs[0]
        if not (self._is(first, self.high) or self._is(first, self.low)):
            return
        dtypes = [known[self._is(first, self.high)], *[None] * (len(node.inputs) - 1)]
        assert node.op is not None  # no variable
        try:
            inputs, outputs = node.op.complete_dtypes(dtypes, node.parsed, [None] * node.count_outputs())
        except (MXNetError, ValueError, TypeError, KeyError, IndexError):
            return  # the operator's rule wants to know them all
        if any(d is None for d in inputs):
            return
        for i in range(node.count_outputs()):
            dtype = outputs[min(i, len(outputs) - 1)]
            if dtype in AMP_DTYPES and dtype in known.values():
                (self.high if dtype is torch.float32 else self.low).add((id(node), i))


def _output_name(entry: _Entry) -> str:
    """How MXNet calls an output in the name of a cast: by the output's name where the operator names it."""
    node, i = entry
    if node.op is None:
        return node.name
    name = node.op.output_names(node.parsed)[i]
    named = node.op.name in _NAMED or not name.startswith("output")
    return f"{node.name}_{name if named else i}"
