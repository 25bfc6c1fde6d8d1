"""``export_model``: a graph and its parameters as an ONNX file, by PyTorch's exporter."""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from ... import ndarray as nd
from ... import symbol
from ...base import MXNetError, UnsupportedError, torch_dtype
from ...context import cpu
from ...gluon.block import SymbolBlock
from ...interop.module import BlockModule
from ...interop.tensors import wrapped
from ...ndarray import NDArray
from ...serialization.params import atomic_write_bytes
from ...symbol import Symbol
from ..packages import package
from .inference import inference_graph, labels, with_sizes
from .support import OLDEST_OPSET

__all__ = ["export_model"]

_LARGEST = 2**31 - 1  # bytes of a protobuf message


def export_model(
    sym: str | os.PathLike[str] | Symbol,
    params: str | os.PathLike[str] | Mapping[str, NDArray],
    in_shapes: Sequence[Sequence[int]] | None = None,
    in_types: Any = np.float32,
    onnx_file_path: str | os.PathLike[str] = "model.onnx",
    verbose: bool = False,
    dynamic: bool = False,
    dynamic_input_shapes: Sequence[Sequence[int | str | None]] | None = None,
    run_shape_inference: bool = False,
    input_type: Any = None,
    input_shape: Sequence[Sequence[int]] | None = None,
    opset_version: int | None = None,
) -> str | os.PathLike[str]:
    """Writes an ONNX file of a net for predictions.

    Its inputs, outputs and initializers have the names that MXNet has for data, outputs and parameters. Labels are
    left out, with the losses that read them; of SoftmaxOutput the softmax stays.

    Args:
        sym: the graph, or its JSON file.
        params: arrays and auxiliary states by name, with ``arg:`` and ``aux:`` or without; or their file, where ``sym``
            is one.
        in_shapes: a shape for each data input, in the order of ``list_inputs()``; those of labels may be among them.
        in_types: the dtype of all data inputs, or one for each.
        onnx_file_path: what to write.
        verbose: log the graph's nodes and those of the file.
        dynamic: sizes may change: those that ``dynamic_input_shapes`` names, without it all that the net does not fix.
        dynamic_input_shapes: shapes with a name (or None) in place of a size; equal names are equal sizes.
        run_shape_inference: write down the shapes of inner values, as far as ONNX infers them, too.
        input_type, input_shape: older names of ``in_types`` and ``in_shapes``.
        opset_version: of ONNX, 18 or later; default what PyTorch's exporter writes.

    Returns:
        ``onnx_file_path``.

    Raises:
        ImportError: the extra ``[onnx]`` is not installed.
        ValueError: files that are not there, one file and one object; shapes and inputs that do not fit.
        AssertionError: ``dynamic_input_shapes`` without ``dynamic``; as many dtypes as shapes.
        MXNetError: what an operator refuses.
        UnsupportedError: what PyTorch's exporter cannot translate; a size that the net fixes and that is named.
    """
    onnx, onnxscript = package("onnx", "export_model"), package("onnxscript", "export_model")
    if opset_version is not None and opset_version < OLDEST_OPSET:
        raise UnsupportedError(
            f"export_model(opset_version={opset_version})",
            f"PyTorch's exporter writes {OLDEST_OPSET} and later; onnx.version_converter may convert the file",
        )
    graph, arrays = _loaded(sym, params)
    shapes = in_shapes if input_shape is None else input_shape
    types = in_types if input_type is None else input_type
    if shapes is None:
        raise ValueError("export_model needs in_shapes: a shape for each data input")
    inputs = _inputs(graph, arrays, shapes, types)
    assert dynamic or dynamic_input_shapes is None, (
        "dynamic_input_shapes is specified. Please set dynamic=True to enable dynamic input shapes"
    )
    axes = _dynamic_axes(inputs, dynamic_input_shapes) if dynamic else {}
    graph, arrays = inference_graph(graph, arrays, {name: shape for name, (shape, _) in inputs.items()})
    if verbose:
        for name, attrs in graph.attr_dict().items():
            logging.info("%s: %s", name, attrs)
    probes, axes = _probes(graph, arrays, inputs, axes)
    graph = with_sizes(graph, probes, list(inputs))
    examples = tuple(torch.zeros(probes[0][name], dtype=dtype) for name, (_, dtype) in inputs.items())
    module = BlockModule(_block(graph, arrays, inputs), cpu()).eval()
    program = _translated(module, examples, list(inputs), axes, opset_version)
    onnxscript.optimizer.inline(program.model)
    weights = set(program.model.graph.initializers)

    def should_fold(node: Any) -> bool | None:  # parameters stay what they are, but for copies, whose name comes back
        kept = node.op_type != "Identity" and any(v is not None and v.name in weights for v in node.inputs)
        return False if kept else None

    onnxscript.optimizer.fold_constants(program.model, should_fold=should_fold)
    onnxscript.optimizer.remove_unused_nodes(program.model)
    model = program.model_proto
    _rename(model, module, list(inputs), _output_names(graph))
    _name_axes(model, axes)
    if run_shape_inference:
        model = onnx.shape_inference.infer_shapes(model)
    if verbose:
        for node in model.graph.node:
            logging.info("%s %s: %s -> %s", node.op_type, node.name, list(node.input), list(node.output))
    atomic_write_bytes(onnx_file_path, model.SerializeToString())
    return onnx_file_path


def _loaded(sym: Any, params: Any) -> tuple[Symbol, dict[str, NDArray]]:
    """The graph, and arrays by names without ``arg:`` and ``aux:``."""
    if isinstance(sym, (str, os.PathLike)) and isinstance(params, (str, os.PathLike)):
        if not (os.path.isfile(sym) and os.path.isfile(params)):
            raise ValueError("Symbol and params files provided are invalid")
        sym, params = symbol.load(sym), nd.load(params)
        if not isinstance(params, dict):
            raise ValueError("the params file holds a list of arrays: expected one with their names")
    elif not isinstance(sym, Symbol) or not isinstance(params, Mapping):
        raise ValueError("Input sym and params should either be files or objects")
    return sym, {name.removeprefix("arg:").removeprefix("aux:"): array for name, array in params.items()}


_Inputs = dict[str, tuple[tuple[int, ...], torch.dtype]]


def _inputs(graph: Symbol, arrays: Mapping[str, NDArray], shapes: Any, types: Any) -> _Inputs:
    """{data input: shape and dtype}."""
    if isinstance(types, (list, tuple)):
        assert len(types) == len(shapes), "The lengths of in_types and in_shapes must equal"
    else:
        types = [types] * len(shapes)
    free = [name for name in graph.list_inputs() if name not in arrays]
    dropped = set(labels(graph))
    data = [name for name in free if name not in dropped]
    if len(shapes) not in (len(data), len(free)):
        raise ValueError(
            f"in_shapes has {len(shapes)} shapes, but the inputs of the graph that params do not hold are {data}: "
            "give a shape for each, or the missing parameters"
        )
    given = zip(data if len(shapes) == len(data) else free, shapes, types, strict=True)
    found = {name: (tuple(int(n) for n in s), torch_dtype(t)) for name, s, t in given if name not in dropped}
    for name, (shape, _) in found.items():
        if not shape or any(n <= 0 for n in shape):
            raise ValueError(f"in_shapes: {name} has the shape {shape}, expected positive sizes; see dynamic=True")
    return found


# ---------------------------------------------------------------------------------------------- sizes that change
_Axes = dict[str, dict[int, str]]


def _dynamic_axes(inputs: _Inputs, named: Any) -> _Axes:
    """{input: {axis: the size's name, or "" where it has none}}."""
    if named is None:
        return {name: dict.fromkeys(range(len(shape)), "") for name, (shape, _) in inputs.items()}
    if len(named) != len(inputs):
        raise ValueError(f"dynamic_input_shapes has {len(named)} shapes, but there are {len(inputs)} data inputs")
    axes: _Axes = {}
    for (name, (shape, _)), wanted in zip(inputs.items(), named, strict=True):
        if len(wanted) != len(shape) or any(isinstance(w, int) and w != n for w, n in zip(wanted, shape, strict=True)):
            raise ValueError(f"dynamic_input_shapes: {tuple(wanted)} is no form of {name}'s shape {shape}")
        axes[name] = {
            i: f"{name}_{i}" if w is None else w for i, w in enumerate(wanted) if not isinstance(w, int)
        }  # fmt: skip
    return axes


def _probes(
    graph: Symbol, arrays: Mapping[str, NDArray], inputs: _Inputs, axes: _Axes
) -> tuple[list[dict[str, tuple[int, ...]]], _Axes]:
    """Shapes of all variables: first those to trace with, then some where one size that may change is larger.

    PyTorch takes a size of 1 for fixed, so one that may change is 2 where the net allows it.

    Returns:
        The shapes; those of ``axes`` that the net does not fix.

    Raises:
        UnsupportedError: the net fixes one that has a name.
    """
    used = set(graph.list_inputs())
    fixed = {name: array.shape for name, array in arrays.items() if name in used}
    shapes = {name: shape for name, (shape, _) in inputs.items()}

    def grown(places: Sequence[tuple[str, int]]) -> dict[str, tuple[int, ...]] | None:
        for factor, more in ((1, 1), (2, 0)):
            tried = {
                name: tuple(n * factor + more if (name, i) in places else n for i, n in enumerate(shape))
                for name, shape in shapes.items()
            }
            with contextlib.suppress(MXNetError):
                graph.infer_shape_partial(**fixed, **{k: v for k, v in tried.items() if k in used})
                return tried
        return None

    graph.infer_shape_partial(**fixed, **{k: v for k, v in shapes.items() if k in used})
    groups: dict[Any, list[tuple[str, int]]] = {}
    for name, of in axes.items():
        for axis, key in of.items():
            groups.setdefault(key or axis, []).append((name, axis))
    free: _Axes = {}
    probes = []
    for places in groups.values():
        ones = [(name, axis) for name, axis in places if shapes[name][axis] == 1]
        shapes = (grown(ones) if ones else None) or shapes
    for key, places in groups.items():
        probe = grown(places)
        if probe is not None:
            probes.append({**fixed, **probe})
            for name, axis in places:
                free.setdefault(name, {})[axis] = axes[name][axis]
        elif isinstance(key, str):
            name, axis = places[0]
            raise UnsupportedError(
                f"a changing size of axis {axis} ({key!r}) of {name}", f"the net fixes it at {shapes[name][axis]}"
            )
    return [{**fixed, **shapes}, *probes], free


def _name_axes(model: Any, axes: _Axes) -> None:
    """Gives sizes the names that were asked for.

    Raises:
        UnsupportedError: the net fixes one.
    """
    renamed = {}
    for value in model.graph.input:
        for axis, key in axes.get(value.name, {}).items():
            size = value.type.tensor_type.shape.dim[axis]
            if not key:
                continue
            if not size.dim_param:
                raise UnsupportedError(
                    f"a changing size of axis {axis} ({key!r}) of {value.name}", f"the net fixes it at {size.dim_value}"
                )
            renamed[size.dim_param] = key
    for value in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        for size in value.type.tensor_type.shape.dim:
            if size.dim_param in renamed:
                size.dim_param = renamed[size.dim_param]


# ---------------------------------------------------------------------------------------------- translation
def _block(graph: Symbol, arrays: Mapping[str, NDArray], inputs: _Inputs) -> SymbolBlock:
    block = SymbolBlock(graph, [symbol.var(name) for name in inputs])
    for name, param in block.collect_params().items():
        param.dtype = arrays[name].dtype
        param._load_init(arrays[name].as_in_context(cpu()), cpu())
    return block


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporter warns and logs of what it passes over on its way."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _translated(
    module: BlockModule, examples: tuple[torch.Tensor, ...], names: Sequence[str], axes: _Axes, opset: int | None
) -> Any:
    """PyTorch's ONNXProgram of the module."""
    if sum(t.numel() * t.element_size() for t in module.state_dict().values()) > _LARGEST:
        raise UnsupportedError(
            "export_model of more than 2 GiB of parameters",
            "a file of that size needs others beside it; use torch.onnx.export(as_module(net), ...)",
        )
    auto = torch.export.Dim.AUTO
    dynamic = tuple(
        {axis: auto for axis in axes.get(name, {}) if example.shape[axis] > 1} or None
        for name, example in zip(names, examples, strict=True)
    )
    with torch.no_grad(), _quiet():
        module._graph(wrapped(examples, cpu()))
        module._prepare(examples)
        if False not in module._gluon_graphs:
            raise UnsupportedError(
                "export_model of this net", "what its operators draw, or the shape of what they give, depends on values"
            )
        try:
            exported = torch.export.export(module, examples, dynamic_shapes=(dynamic,) if axes else None)
            return torch.onnx.export(
                exported,
                dynamo=True,
                optimize=False,
                verbose=False,
                opset_version=opset,
                custom_translation_table={torch.ops.aten.sort.stable: _stable_sort},
            )
        except MXNetError:
            raise
        except Exception as error:  # of many kinds: what cannot be traced, and what has no translation
            raise UnsupportedError("export_model of this net", f"PyTorch: {error.__cause__ or error}") from error


def _stable_sort(data: Any, stable: bool = True, dim: int = -1, descending: bool = False) -> Any:
    """PyTorch's stable sort in ONNX: TopK of all elements, which takes the first of equal ones first."""
    op = package("onnxscript", "export_model").opset18
    length = op.Shape(data, start=dim, end=dim + 1 or None)
    return op.TopK(data, length, axis=dim, largest=descending, sorted=True)


def _output_names(graph: Symbol) -> list[str]:
    """MXNet's names of a file's outputs: nodes' own, with a number where a node has several."""
    names = []
    for node, number in graph._outputs:
        several = node.op is not None and len(node.output_names()) > 1
        names.append(f"{node.name}{number}" if several else node.name)
    return names


def _rename(model: Any, module: BlockModule, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """Gives inputs, outputs and initializers of the file MXNet's names."""
    graph = model.graph
    seen = {value.name for value in (*graph.input, *graph.initializer)}
    for i, value in enumerate(graph.output):  # one that is an input, or another output, gets a name of its own
        if value.name in seen:
            node = graph.node.add(op_type="Identity", name=f"output_{i}", input=[value.name], output=[f"output_{i}"])
            value.name = node.output[0]
        seen.add(value.name)
    wanted = {key: param.name for key, param in module._gluon_own.items()}
    wanted.update(zip((value.name for value in graph.input), inputs, strict=True))
    wanted.update(zip((value.name for value in graph.output), outputs, strict=True))
    taken = set(wanted.values())
    there = {made.name for made in graph.initializer}
    passed_on: dict[Any, list[str]] = {}  # parameters that the exporter has copied under a name of its own
    for key, param in module._gluon_own.items():
        if key not in there:
            array = param.data(param.list_ctx()[0]).asnumpy()
            passed_on.setdefault((array.shape, array.tobytes()), []).append(param.name)
    for made in graph.initializer:
        if made.name not in wanted and (names := passed_on.get((tuple(made.dims), made.raw_data))):
            wanted[made.name] = names.pop(0)
    for name in {n for node in graph.node for n in node.output} - wanted.keys():
        if name in taken:
            wanted[name] = f"{name}_inner"
    for value in (*graph.input, *graph.output, *graph.initializer, *graph.value_info):
        value.name = wanted.get(value.name, value.name)
    _rename_in(graph.node, wanted)


def _rename_in(nodes: Any, wanted: Mapping[str, str]) -> None:
    for node in nodes:
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                names[i] = wanted.get(name, name)
        for attribute in node.attribute:
            _rename_in(attribute.g.node, wanted)
