"""An ONNX graph as a Symbol with its arrays."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .... import ndarray as nd
from .... import symbol as sym
from ....base import NAME_TO_TORCH, MXNetError, UnsupportedError
from ....context import Context
from ....gluon.block import SymbolBlock
from ....name import NameManager
from ....onnx.packages import package
from ....symbol import Symbol
from . import elementwise, layers, recurrent, reducing, shaping
from .values import Converter, Graph, Use, Value

__all__ = ["GraphProto", "convert_map"]

convert_map: dict[str, Converter] = {
    **elementwise.CONVERTERS, **shaping.CONVERTERS, **reducing.CONVERTERS, **layers.CONVERTERS, **recurrent.CONVERTERS,
}  # fmt: skip
"""What makes a Symbol of a node, by ONNX operator."""

# Sizes to try a graph with where the file leaves them open: small ones, in case a table is read up to a size; larger
# ones, in case windows do not fit.
_SIZES = (3, 33, 230)
# What is computed of constants alone.
_FOLDED = ("Constant", "ConstantOfShape", "Range", "EyeLike", "Trilu", "NonZero", "Tile")
_DRAWS = ("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial")


class GraphProto:
    """Reads graphs of ONNX files (``onnx.GraphProto``)."""

    def from_onnx(self, graph: Any, opset_version: int) -> tuple[Symbol, dict[str, nd.NDArray], dict[str, nd.NDArray]]:
        """The graph as a Symbol, its parameters and its auxiliary states.

        Args:
            graph: the graph.
            opset_version: the version of ONNX's operators that it is written in.

        Raises:
            UnsupportedError: operators that are not known, all at once; what an operator asks for and MXNet has not.
            MXNetError: arrays that do not fit each other.
        """
        weights = {t.name: package("onnx", "from_onnx").numpy_helper.to_array(t) for t in graph.initializer}
        unknown = sorted({
            f"{n.op_type} (node {n.name or n.output[0]!r})" for n in graph.node
            if n.op_type not in convert_map and n.op_type not in (*_FOLDED, *shaping.FROM_SHAPES)
        })  # fmt: skip
        if unknown:
            raise UnsupportedError("import of an ONNX graph", f"it holds {', '.join(unknown)}, which are not known")
        declared = list(_declared(graph, weights))
        failed: MXNetError | None = None
        for size in _SIZES:
            inputs = {name: (dtype, shapes) for name, dtype, shapes in _probed(declared, size)}
            try:
                with NameManager():
                    return _converted(graph, inputs, weights, opset_version)
            except UnsupportedError:
                raise
            except (MXNetError, ValueError) as error:
                failed = failed or MXNetError(str(error))
                if all(len(set(shapes)) == 1 for _, shapes in inputs.values()):
                    break
        assert failed is not None
        raise failed

    def get_graph_metadata(self, graph: Any) -> dict[str, list[tuple[Any, ...]]]:
        """Names, shapes and (of inputs) ONNX dtypes; a size that is not fixed is 0."""
        weights = {t.name for t in graph.initializer}

        def shape(value: Any) -> tuple[int, ...]:
            return tuple(d.dim_value for d in value.type.tensor_type.shape.dim)

        return {
            "input_tensor_data": [
                (v.name, shape(v), v.type.tensor_type.elem_type) for v in graph.input if v.name not in weights
            ],
            "output_tensor_data": [(v.name, shape(v)) for v in graph.output],
        }

    def graph_to_gluon(self, graph: Any, ctx: Context | Sequence[Context], opset_version: int) -> SymbolBlock:
        """The graph as a SymbolBlock; its inputs in the graph's order.

        Args:
            graph: the graph.
            ctx: where to put the Parameters.
            opset_version: see ``from_onnx``.
        """
        symbol, params, states = self.from_onnx(graph, opset_version)
        weights = {t.name for t in graph.initializer}
        used = {name: s for s in symbol.get_internals() for name in s.list_outputs()}
        data = [used.get(v.name, sym.var(v.name)) for v in graph.input if v.name not in weights]
        block = SymbolBlock(symbol, data)
        arrays = {**params, **states}
        for name, param in block.collect_params().items():
            param.dtype = arrays[name].dtype
            if np.dtype(arrays[name].dtype).kind != "f":
                param.grad_req = "null"
            param._load_init(arrays[name], ctx)
        return block


# ---------------------------------------------------------------------------------------------- inputs
_Declared = tuple[str, str, list[int | str]]


def _declared(graph: Any, weights: Mapping[str, np.ndarray]) -> Iterator[_Declared]:
    """(name, dtype, sizes) of the data inputs; sizes that are not fixed have names."""
    from onnx.helper import tensor_dtype_to_np_dtype

    for value in graph.input:
        if value.name in weights:
            continue
        kind = value.type.tensor_type
        if not kind.HasField("shape") or not kind.elem_type:
            raise UnsupportedError(f"an ONNX graph whose input {value.name!r} has no shape", "how many axes has it?")
        dtype = np.dtype(tensor_dtype_to_np_dtype(kind.elem_type)).name
        if dtype not in NAME_TO_TORCH:
            raise UnsupportedError(f"an ONNX graph whose input {value.name!r} is {dtype}", "MXNet has no such dtype")
        yield value.name, dtype, [
            d.dim_value or d.dim_param or f"{value.name}.{i}" for i, d in enumerate(kind.shape.dim)
        ]  # fmt: skip


def _probed(declared: Sequence[_Declared], size: int) -> Iterator[tuple[str, str, list[tuple[int, ...]]]]:
    """(name, dtype, shape for each probe): first all open sizes are ``size``, then one after the other is larger."""
    names = list(dict.fromkeys(n for _, _, shape in declared for n in shape if isinstance(n, str)))
    probes = [dict.fromkeys(names, size), *({**dict.fromkeys(names, size), name: size + 1} for name in names)]
    for name, dtype, shape in declared:
        yield name, dtype, [tuple(p[n] if isinstance(n, str) else n for n in shape) or (1,) for p in probes]


# ---------------------------------------------------------------------------------------------- nodes
def _converted(
    proto: Any, inputs: Mapping[str, Any], weights: Mapping[str, np.ndarray], opset: int
) -> tuple[Symbol, dict[str, nd.NDArray], dict[str, nd.NDArray]]:
    graph = Graph(inputs)
    for name, array in weights.items():
        graph.values[name] = Value(name, [array] * graph.probes)
    read = {name for node in proto.node for name in node.input} | {value.name for value in proto.output}
    for node in proto.node:
        use = Use(node, [graph.value(n) if n else None for n in node.input], _attributes(node), opset, read)
        if use.outputs and not _fold(graph, use):
            _convert(graph, use)
    heads = []
    for value in proto.output:
        symbol = graph.symbol(graph.value(value.name))
        heads.append(sym.identity(symbol, name=value.name) if symbol._outputs[0][0].op is None else symbol)
    symbol = heads[0] if len(heads) == 1 else sym.Group(heads)
    used = set(symbol.list_inputs())
    params = {name: array for name, array in graph.params.items() if name in used}
    return symbol, params, {name: array for name, array in graph.states.items() if name in used}


def _attributes(node: Any) -> dict[str, Any]:
    onnx = package("onnx", "from_onnx")
    found = {}
    for attribute in node.attribute:
        value = onnx.helper.get_attribute_value(attribute)
        if isinstance(value, bytes):
            value = value.decode()
        elif isinstance(value, list) and value and isinstance(value[0], bytes):
            value = [v.decode() for v in value]
        elif isinstance(value, onnx.TensorProto):
            value = onnx.numpy_helper.to_array(value)
        found[attribute.name] = value
    return found


def _fold(graph: Graph, use: Use) -> bool:
    """Computes a node whose inputs are known, for each probe."""
    if use.op in shaping.FROM_SHAPES:
        with _named(use):
            graph.values[use.outputs[0]] = Value(use.outputs[0], shaping.FROM_SHAPES[use.op](graph, use))
        return True
    columns: list[Sequence[np.ndarray | None]] = []
    for value in use.inputs:
        if value is not None and value.known is None:
            return False
        columns.append([None] * graph.probes if value is None or value.known is None else value.known)
    if use.op in _DRAWS:
        return False
    same = all(v is None or v.constant is not None for v in use.inputs)
    with _named(use):
        results = [_evaluated(use, given) for given in list(zip(*columns, strict=True))[: 1 if same else None] or [()]]
    if len(results) == 1:
        results *= graph.probes
    for name, known in zip(use.proto.output, zip(*results, strict=True), strict=True):
        again = functools.partial(_convert, graph, use) if use.op in convert_map and name in use.outputs else None
        graph.values[name] = Value(name, list(known), again=again)
    return True


def _evaluated(use: Use, arrays: Sequence[np.ndarray | None]) -> list[np.ndarray]:
    """The outputs of one node, by ONNX's own reference.

    Raises:
        MXNetError: arrays that do not fit.
    """
    onnx = package("onnx", "from_onnx")
    from onnx.reference import ReferenceEvaluator

    given = {n: a for n, a in zip(use.proto.input, arrays, strict=True) if n and a is not None}
    infos = [onnx.helper.make_tensor_value_info(n, onnx.helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
             for n, a in given.items()]  # fmt: skip
    outputs = [onnx.helper.make_tensor_value_info(n, 0, None) for n in use.proto.output]
    graph = onnx.helper.make_graph([use.proto], "node", infos, outputs)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", use.opset)])
    try:
        return [np.asarray(found) for found in ReferenceEvaluator(model).run(None, given)]
    except Exception as error:  # of many kinds: it takes graphs for valid
        raise MXNetError(str(error)) from error


def _convert(graph: Graph, use: Use) -> None:
    if use.op not in convert_map:
        raise use.refused("of computed arrays", "it is known for constants alone")
    with _named(use):
        found = convert_map[use.op](graph, use)
        results = [found] if isinstance(found, Symbol) else list(found)
        if len(use.outputs) > len(results):
            raise use.refused(f"with its output {use.outputs[len(results)]!r}", f"MXNet's has {len(results)}")
        for name, symbol in zip(use.outputs, results, strict=False):
            if name:
                graph.finish(name, symbol)


@contextlib.contextmanager
def _named(use: Use) -> Iterator[None]:
    """Puts the node's name before errors."""
    try:
        yield
    except UnsupportedError:
        raise
    except (MXNetError, ValueError) as error:
        raise MXNetError(f"{use.op} (node {use.name!r}): {error}") from error
