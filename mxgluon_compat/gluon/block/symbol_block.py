"""SymbolBlock: a Block around a graph that is there already."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from ... import symbol
from ...base import FLAG_TO_NAME, MXNetError, dtype_name
from ...context import Context, cpu
from ...ndarray import NDArray
from ...numpy.family import as_mode
from ...symbol import Symbol
from ...symbol.infer import declared_shapes
from ...symbol.node import walk
from ...symbol.unknown import refuse_unknown
from ..nested import flatten, regroup
from ..parameter import ParameterDict
from ..utils import _check_same_symbol_type
from .hybrid import HybridBlock

__all__ = ["SymbolBlock"]


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
            UnsupportedError: operators that are not in the table; the message names all of them.
        """
        sym = as_mode(symbol.load(symbol_file))
        refuse_unknown(walk(sym._outputs))
        names = [input_names] if isinstance(input_names, str) else list(input_names)
        block = SymbolBlock(sym, [as_mode(symbol.var(n)) for n in names])
        if param_file is not None:
            block.collect_params().load(
                param_file, ctx=cpu() if ctx is None else ctx, allow_missing=allow_missing, ignore_extra=ignore_extra,
                cast_dtype=True, dtype_source="saved",
            )  # fmt: skip
        return block

    def __init__(
        self, outputs: Symbol | Sequence[Symbol], inputs: Symbol | Sequence[Symbol], params: Any = None
    ) -> None:
        super().__init__(prefix=None, params=None)
        self._prefix = ""
        self._params = ParameterDict("", params)
        inputs = [inputs] if isinstance(inputs, Symbol) else list(inputs)
        self._symbol_inputs, self._in_format = flatten(inputs, "input")
        self._plain_inputs = len(inputs) if all(f == 0 for f in self._in_format) else -1
        leaves, self._out_format = flatten(outputs, "output")
        if isinstance(self._out_format, list) and len(self._out_format) == 1:
            self._out_format = self._out_format[0]
        for s in self._symbol_inputs:
            if len(s._outputs) != 1 or s._outputs[0][0].op is not None:
                raise AssertionError(f"Input symbols must be variable, but {s} is an output of operators")
        out = symbol.Group(leaves, _check_same_symbol_type(leaves))
        self._make_params(out, {s.name: s for s in self._symbol_inputs})
        self._cached_graph = (self._symbol_inputs, out)
        cut = len(_common_prefix(list(self._params.keys())))
        self._reg_params = {key[cut:]: value for key, value in self._params.items()}

    def _make_params(self, out: Symbol, data: dict[str, Symbol]) -> None:
        """A Parameter for each variable of the graph that is no data input.

        Raises:
            AssertionError: one is declared row_sparse.
        """
        attrs = out.attr_dict()
        dtypes = _dtypes_of_variables(out, data)
        states = set(out.list_auxiliary_states())
        for name in [*out.list_arguments(), *out.list_auxiliary_states()]:
            if name in data:
                continue
            assert attrs.get(name, {}).get("__storage_type__") != "1", (
                f"SymbolBlock doesn't support Parameter '{name}' because its storage type is 'row_sparse'."
            )
            options: dict[str, Any] = {"grad_req": "null"} if name in states else {}
            if dtypes.get(name) is not None:
                options["dtype"] = dtypes[name]
            self.params.get(name, allow_deferred_init=True, **options)

    def _known_shapes(self) -> dict[str, tuple[int, ...]]:
        """{Parameter: what the graph says of its shape}: Parameters of graphs do not know it before they have values.

        Raises:
            MXNetError: the graph holds one that is no shape.
        """
        return declared_shapes(self._cached_graph[1]._outputs)

    def __repr__(self) -> str:
        inputs, out = self._cached_graph
        return f"{type(self).__name__}(\n{out!r} : {len(inputs)} -> {len(out._outputs)}\n)"

    def _clear_cached_op(self) -> None:
        graph = self.__dict__.get("_cached_graph")
        super()._clear_cached_op()
        self._cached_graph = graph

    def _get_graph(self, *args: Any) -> tuple[list[Symbol], Symbol]:
        return self._cached_graph

    def forward(self, x: Any, *args: Any) -> Any:
        """Runs the graph on arrays, or composes it with symbols."""
        if isinstance(x, NDArray):
            return self._call_cached_op(x, *args)
        if not isinstance(x, Symbol):
            raise AssertionError(
                f"HybridBlock requires the first argument to forward be either Symbol or NDArray, but got {type(x)}"
            )
        given, fmt = flatten((x, *args), "input")
        if fmt != self._in_format:
            raise ValueError(f"this SymbolBlock has {len(self._symbol_inputs)} inputs, got {len(given)}")
        composed = copy.copy(self._cached_graph[1])
        used = set(composed.list_inputs())
        composed._compose(**{d.name: s for d, s in zip(self._symbol_inputs, given, strict=True) if d.name in used})
        return regroup([type(x)([pair]) for pair in composed._outputs], self._out_format)[0]

    def cast(self, dtype: Any) -> None:
        """Changes the dtype of all Parameters; BatchNorm wants its own in float32 beside float16 data."""
        super().cast(dtype)
        if dtype_name(dtype) == "float16":
            for node in walk(self._cached_graph[1]._outputs):
                if node.op is not None and node.op.name == "BatchNorm":
                    for child, _ in node.inputs[1:]:
                        if child.name in self.params:
                            self.params[child.name].cast("float32")

    def hybrid_forward(self, F: Any, x: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N803
        """Not of SymbolBlocks: they have a graph."""
        raise NotImplementedError("a SymbolBlock has a graph instead of hybrid_forward")

    def reset_ctx(self, ctx: Any) -> None:
        """Moves all Parameters to other contexts."""
        self.collect_params().reset_ctx(ctx)


def _dtypes_of_variables(out: Symbol, data: Mapping[str, Symbol]) -> dict[str, Any]:
    """The variables' dtypes as they follow from those declared for the data inputs and in the graph.

    MXNet takes data inputs without a dtype for float32, and all Parameters of a graph that contradicts that too.
    """
    names = set(out.list_inputs())
    declared = {name: s.attr("__dtype__") for name, s in data.items() if name in names}
    given = {name: FLAG_TO_NAME[int(flag)] for name, flag in declared.items() if flag not in (None, "-1")}
    try:
        arguments, _, states = out.infer_type_partial(**given)
    except MXNetError:
        return {}  # they contradict one another
    found = dict(zip(out.list_arguments(), arguments, strict=True))
    return {**found, **dict(zip(out.list_auxiliary_states(), states, strict=True))}


def _common_prefix(names: list[str]) -> str:
    if not names:
        return ""
    prefix = names[0]
    for name in names:
        while not name.startswith(prefix):
            prefix = prefix[:-1]
    return prefix
