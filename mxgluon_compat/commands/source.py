"""``source NAME-symbol.json NAME-0000.params model.py``: an exported net as source in plain PyTorch."""

from __future__ import annotations

import argparse
from typing import Any

import torch

from ..base import MXNetError
from ..gluon.block import SymbolBlock
from ..interop.source import to_torch_source
from ..serialization.content import Content
from . import common, graph

__all__ = ["add"]


def add(commands: Any) -> None:
    """Puts the command into the parser."""
    parser = commands.add_parser(
        "source",
        help="an exported net as source in plain PyTorch",
        description="Write an exported net as a torch.nn.Module: source that imports nothing but torch, and its values "
        "beside it in safetensors. It is run on random inputs of the given shapes and must give what the net gives. "
        "A Gluon net in Python keeps its structure: interop.to_torch_source(net, inputs, path='model.py').",
        epilog=f"{common.EXIT_CODES}. Nothing is written where an operator has no translation, or outputs differ.",
    )
    parser.add_argument("symbol", metavar="NAME-symbol.json")
    parser.add_argument("params", metavar="NAME-0000.params")
    parser.add_argument("target", metavar="MODEL.py")
    parser.add_argument(
        "--shape", action="append", default=[], required=True, metavar="NAME=1,3,224,224",
        help="shape of an input; once for each, in the order in which forward is to take them",
    )  # fmt: skip
    parser.add_argument("--class-name", default="Net", help="of the module (default: Net)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command_function=run)


def run(options: argparse.Namespace) -> tuple[int, str]:
    """The exit code and the text to print.

    Raises:
        MXNetError, OSError, ValueError: a file that cannot be read or written, operators without a translation.
    """
    shapes = graph.shapes_given(options.shape)
    variables = graph.read_graph(Content(options.symbol)).variables
    if strange := sorted(shapes.keys() - variables.keys()):
        raise ValueError(f"--shape names {strange[0]!r}, which the graph has not")
    block = SymbolBlock.imports(options.symbol, list(shapes), options.params)
    if missing := [p.name for p in block.collect_params().values() if p._data is None]:
        raise ValueError(f"{options.params} has no values for {', '.join(missing)}; give data inputs by --shape")
    generator = torch.Generator().manual_seed(0)
    inputs = [torch.rand(shape, generator=generator) * 2 - 1 for shape in shapes.values()]
    try:
        made = to_torch_source(block, *inputs, path=options.target, class_name=options.class_name)
    except MXNetError:
        raise
    except RuntimeError as error:  # other outputs
        return common.PROBLEMS, common.printable(" ".join(str(error).split()))
    report = {
        "source": str(made.path),
        "weights": str(made.weights_path),
        "class": made.class_name,
        "arrays": len(made.state_dict),
        "difference": made.difference,
    }
    return common.FINE, common.show(report, options.json, _lines)


def _lines(report: dict[str, Any]) -> Any:
    yield f"{report['source']}: class {report['class']}"
    yield f"{report['weights']}: {common.plural(report['arrays'], 'array')}"
    yield f"outputs are those of the net, to {report['difference']:.1g} of the largest"
