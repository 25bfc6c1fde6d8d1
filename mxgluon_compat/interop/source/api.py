"""``to_torch_source``: a Gluon net as source in plain PyTorch, with its weights, and the proof that it is the same."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import nn

from ...gluon.block import Block
from ...ndarray import NDArray
from ...serialization.content import atomic_write_bytes
from ...symbol.node import walk
from ..tensors import leaves, unwrapped, wrapped
from .capture import Capture, leaves_of
from .classes import Instance, Program, init_lines
from .code import WIDTH, identifier, laid_out
from .proof import compared
from .table import HELPERS

__all__ = ["TorchSource", "to_torch_source"]


@dataclass
class TorchSource:
    """A net in plain PyTorch.

    Attributes:
        source: the text of the module.
        state_dict: its values, copies of the net's.
        class_name: the class of the net in it.
        names: {name in the state_dict: full name of the Gluon Parameter}.
        difference: the largest difference between the outputs of the two, relative to the largest output.
        path: where the source was written, or None.
        weights_path: where the values were written, or None.
    """

    source: str = field(repr=False)
    state_dict: dict[str, torch.Tensor] = field(repr=False)
    class_name: str
    names: dict[str, str] = field(repr=False)
    difference: float = 0.0
    path: Path | None = None
    weights_path: Path | None = None

    def module(self) -> nn.Module:
        """The net as the source makes it, with the values, in eval mode."""
        return build(self.source, self.class_name, self.state_dict)


def to_torch_source(
    block: Block,
    *inputs: Any,
    path: str | os.PathLike[str] | None = None,
    class_name: str | None = None,
    tolerance: float = 1e-6,
) -> TorchSource:
    """Writes a net as readable source in plain PyTorch: ``nn.Module`` classes with ``__init__`` and ``forward``.

    Blocks become classes, attributes and layers of ``torch.nn`` in the structure that they have; what a
    ``hybrid_forward`` computes becomes a statement for each operator. Nothing of this package is in what is written. It
    is then run on the inputs, in eval mode and (where nothing is drawn at random) in training mode, and must give what
    the net gives; the net itself stays as it is.

    Args:
        block: the net, initialised: HybridBlocks, SymbolBlocks, and Blocks whose ``forward`` runs on symbols.
        inputs: what it is called with: arrays or tensors, or nested lists of them.
        path: the file to write, such as ``model.py``; the values go beside it, into ``model.safetensors``.
        class_name: of the net; default the Block's class.
        tolerance: how far outputs may be apart, relative to the largest one.

    Raises:
        TypeError: ``block`` is no Block, or there are no inputs.
        ValueError: ``class_name`` is no name, or ``path`` no name of a Python file.
        UnsupportedError: something that has no plain PyTorch: custom operators, operators without a translation, Blocks
            whose code branches on values. The message names it, and its Block.
        RuntimeError: the source gives other outputs than the net; the message names the first module that does.
    """
    if not isinstance(block, Block):
        raise TypeError(f"to_torch_source takes a Gluon Block, got {type(block).__name__}")
    if named := [x for x in inputs if isinstance(x, (str, os.PathLike))]:
        raise TypeError(f"to_torch_source takes arrays, got {named[0]!r}; the file to write is named by path=")
    arrays = wrapped(list(inputs), None)
    if not any(isinstance(a, NDArray) for a in leaves(arrays)):
        raise TypeError("to_torch_source needs the inputs of a call of the net: it is traced with them, and compared")
    name = class_name or identifier(_name_of(block))
    if not name.isidentifier() or name in ("nn", "F", "Tensor", "torch", "math"):
        raise ValueError(f"class_name {name!r} is no name for a class")
    where = None if path is None else Path(path)
    if where is not None and where.suffix != ".py":
        raise ValueError(f"path {str(path)!r} must end in .py; the values go beside it, into .safetensors")
    capture = Capture(block, arrays)
    program = Program(capture, name)
    names = {key: s.param.name for key, s in program.states.items() if s.param is not None}
    state = _state_dict(program)
    source = _text(block, program, capture, where, arrays, state)
    made = TorchSource(source, state, name, names)
    module = made.module()
    draws = _draws(capture)
    made.difference = compared(block, module, arrays, unwrapped(arrays), program.places, tolerance, not draws)
    if where is not None:
        made.path, made.weights_path = where, where.with_suffix(".safetensors")
        atomic_write_bytes(made.weights_path, save(made.state_dict))
        atomic_write_bytes(made.path, source.encode())
    return made


def build(source: str, class_name: str, state: Mapping[str, torch.Tensor]) -> nn.Module:
    """The module that a source makes, in a namespace of its own."""
    names: dict[str, Any] = {"__name__": class_name.lower()}
    exec(compile(source, f"<source of {class_name}>", "exec"), names)  # what was written just now, and nothing else
    module: nn.Module = names[class_name]()
    module.load_state_dict(dict(state), strict=True)
    return module.eval()


def _name_of(block: Block) -> str:
    name = type(block).__name__.lstrip("_")
    return "Net" if name in ("HybridSequential", "Sequential", "SymbolBlock") else name


def _draws(capture: Capture) -> bool:
    """Whether anything in the net draws random numbers while training."""
    for scopes in capture.scopes.values():
        for scope in scopes:
            ends = [e for call in scope.calls for e in leaves_of(call.args)] + leaves_of(scope.outputs)
            for node in walk(ends):
                if node.op is None or "stream" not in node.op.supplied:
                    continue
                if node.op.name == "LeakyReLU" and node.parsed.get("act_type") != "rrelu":
                    continue
                if node.op.name in ("Dropout", "RNN") and not node.parsed.get("p", 0.5 * (node.op.name == "Dropout")):
                    continue
                return True
    return False


def _state_dict(program: Program) -> dict[str, torch.Tensor]:
    found = {}
    for name, state in program.states.items():
        if state.param is None:
            found[name] = state.convert()
        else:
            tensor = state.param._reduce()._data.detach()
            found[name] = state.convert(tensor).cpu().clone().contiguous()
    return found


# ---------------------------------------------------------------------------------------------- text
def _shared(program: Program) -> list[str]:
    """Lines that make modules and parameters one."""
    lines = []
    blocks: dict[str, str] = {}
    for paths in program.places.values():
        first, *others = paths
        stateful = any(n.startswith(f"{first}.") or n == first for n in program.states)
        for other in others if stateful else []:
            if not any(other.startswith(f"{o}.") for o in blocks):
                blocks[other] = first
                lines.append(f"{_dotted(other)} = {_dotted(first)}")
    covered = tuple(f"{o}." for o in blocks)
    seen: dict[int, str] = {}
    for name, state in program.states.items():
        if state.param is None or name.startswith(covered):
            continue
        first_name = seen.setdefault(id(state.param), name)
        if first_name != name and not _is_piece(program, state.param):
            lines.append(f"{_dotted(name)} = {_dotted(first_name)}")
    return lines


def _is_piece(program: Program, param: Any) -> bool:
    """Whether names have parts of a Parameter each, and not the same whole."""
    sizes = {tuple(s.convert(param._reduce()._data).shape) for s in program.states.values() if s.param is param}
    return len(sizes) > 1 or sizes != {tuple(param.shape)}


def _dotted(path: str) -> str:
    return "self" + "".join(f"[{p}]" if p.isdigit() else f".{p}" for p in path.split("."))


def _frozen(program: Program, module_buffers: set[str]) -> list[str]:
    return [
        name
        for name, s in program.states.items()
        if s.param is not None and (s.fixed or s.param.grad_req == "null") and name not in module_buffers
    ]


def _buffers(program: Program) -> set[str]:
    """Names in the state_dict that are no parameters."""
    found = set()

    def walk_makes(make: Any, prefix: str) -> None:
        if isinstance(make.callee, Instance):
            for name, value, buffer in make.callee.attributes:
                if buffer:
                    found.add(f"{prefix}{name}")
                walk_makes(value, f"{prefix}{name}.")
        elif make.callee in ("nn.Sequential", "nn.ModuleList"):
            parts = make.args if make.callee == "nn.Sequential" else make.args[0].value.args
            for i, arg in enumerate(parts):
                walk_makes(arg.value, f"{prefix}{i}.")
        found.update(f"{prefix}{n}" for n in make.states if n.startswith(("running_", "num_batches")))

    walk_makes(program.root.make, "")
    return found


def _text(
    block: Block, program: Program, capture: Capture, path: Path | None, arrays: Any, state: Mapping[str, Any]
) -> str:
    shared = _shared(program)
    more = [line for text in shared for line in laid_out(text, 8)]
    frozen = _frozen(program, _buffers(program))
    if len(frozen) == 1:
        more += laid_out(f"{_dotted(frozen[0])}.requires_grad_(False)", 8)
    elif frozen:
        more += ["        # not trained", *_loop(frozen)]
    parts = []
    for group in program.groups:
        instance = group.instances[0]
        is_root = instance is program.root
        lines = [f"class {group.name}(nn.Module):"]
        if is_root:
            lines += ['    """' + _described(block, arrays, capture), '    """', ""]
        if instance.attributes or is_root:
            lines += [*init_lines(instance, more if is_root else []), ""]
        if instance.body is not None:
            body = instance.body
            signature = ", ".join(["self", *body.signature])
            lines += [*laid_out(f"def forward({signature}) -> {body.returns}:", 4)]
            for statement in body.lines:
                lines += laid_out(statement, 8)
        parts.append("\n".join(lines).rstrip("\n") + "\n")
    code = "\n\n".join(parts)
    helpers = [text for name, text in HELPERS.items() if re.search(rf"\b{name}\(", code)]
    code = "\n\n".join([*helpers, code])
    return "\n".join([_docstring(block, path, code), *_imports(code), "", "", code])


def _loop(names: Sequence[str]) -> list[str]:
    pad = " " * 8
    one = f"{pad}for name in ({', '.join(map(_quoted, names))}):"
    if len(one) <= WIDTH:
        head = [one]
    else:
        head = [f"{pad}for name in (", *(f"{pad}    {_quoted(n)}," for n in names), f"{pad}):"]
    return [*head, f"{pad}    self.get_parameter(name).requires_grad_(False)"]


def _quoted(text: str) -> str:
    return f'"{text}"'


def _described(block: Block, arrays: Any, capture: Capture) -> str:
    shapes = []
    for name, arg in zip(capture.root.names, arrays):
        found = [str(tuple(a.shape)) for a in leaves(arg) if isinstance(a, NDArray)]
        if found:
            shapes.append(f"{identifier(name)} {', '.join(found)}")
    text = f"{_title(block)}.\n\n    Written from a call with {'; '.join(shapes)}."
    if capture.reading:
        who = ", ".join(sorted({type(b).__name__ for b in capture.reading}))
        text += f"\n    The code of {who} read shapes: other shapes than these may need other code."
    return text


def _title(block: Block) -> str:
    """The Block's class and name, as they may stand in a docstring."""
    return f"{type(block).__name__} '{identifier(block.name)}'"


def _docstring(block: Block, path: Path | None, code: str) -> str:
    lines = [f'"""{_title(block)} in PyTorch, from its Gluon code.']
    notes = []
    if path is not None:
        notes.append(f"Its values are in {path.with_suffix('.safetensors').name}, for load_state_dict.")
    if "nn.BatchNorm" in code:
        notes.append(
            "Batch normalisation as PyTorch has it: in training, running_var moves towards\n"
            "the unbiased variance of a batch (Gluon: the biased one), in the forward pass."
        )
    if notes:
        return "\n".join([*lines, "", *notes, '"""', ""])
    return lines[0] + '"""\n'


def _imports(code: str) -> list[str]:
    found = []
    if re.search(r"\bmath\.", code):
        found += ["import math", ""]
    if re.search(r"\btorch\.", code):
        found.append("import torch")
    if re.search(r"\bF\.", code):
        found.append("import torch.nn.functional as F")
    found.append("from torch import Tensor, nn" if re.search(r"\bTensor\b", code) else "from torch import nn")
    return found
