"""Which operators are translated, and how: one row of text for each."""

from __future__ import annotations

from ...base import UnsupportedError
from .elementwise import ELEMENTWISE
from .layers import FUNCTIONS
from .numpy_rows import NUMPY
from .selections import SELECTIONS
from .shapes import SHAPES
from .use import Pair, Translation, Use

__all__ = ["HELPERS", "TEMPLATES", "translated"]

TEMPLATES: dict[str, Translation] = {**ELEMENTWISE, **SHAPES, **SELECTIONS, **FUNCTIONS, **NUMPY}
"""Operator -> what makes its expression."""

HELPERS: dict[str, str] = {
    f"FrozenBatchNorm{dims}d": f'''\
class FrozenBatchNorm{dims}d(nn.BatchNorm{dims}d):
    """Normalises by the running statistics in training too, and leaves them alone."""

    def train(self, mode: bool = True) -> "FrozenBatchNorm{dims}d":
        return super().train(False)
'''
    for dims in (1, 2, 3)
}
HELPERS["mask_sequences"] = '''\
def mask_sequences(
    data: Tensor,
    lengths: Tensor,
    axis: int = 0,
    value: float = 0,
) -> Tensor:
    """data with value from step lengths[i] of sequence i on; steps lie along axis."""
    steps = torch.arange(data.shape[axis], device=data.device).unsqueeze(1 - axis)
    past = steps >= lengths.long().unsqueeze(axis)
    past = past.reshape(*past.shape, *[1] * (data.ndim - 2))
    return data.masked_fill(past, value)
'''
HELPERS["reverse_sequences"] = '''\
def reverse_sequences(data: Tensor, lengths: Tensor) -> Tensor:
    """data (time, batch, ...) with the first lengths[i] steps of each sequence turned round."""
    steps = torch.arange(data.shape[0], device=data.device).unsqueeze(1)
    lengths = lengths.long().clamp(max=data.shape[0])
    source = torch.where(steps < lengths, lengths - 1 - steps, steps)
    return data[source, torch.arange(data.shape[1], device=data.device)]
'''

_REFUSED = {
    "Custom": (
        "a custom operator is Python code on arrays",
        "write it as a torch.autograd.Function, or as operators that PyTorch differentiates",
    ),
    "TorchBlock": (
        "it holds a PyTorch module already",
        "write the source of the Blocks around it, one by one, and put the module between them",
    ),
    **dict.fromkeys(
        ("_foreach", "_while_loop", "_cond"),
        ("its body is a graph of its own", "write the loop or branch in Python, in a torch.nn.Module"),
    ),
}


def translated(use: Use) -> str | Pair:
    """The expression of one use of an operator.

    Raises:
        UnsupportedError: it has none; the message names the operator and its Block.
    """
    template = TEMPLATES.get(use.node.op.name)
    if template is None:
        reason, *instead = _REFUSED.get(use.node.op.name, ("it has no translation into plain PyTorch",))
        raise use.refuse(reason, *instead)
    if any(shape is None for shape in (*use.shapes, *use.out_shapes)):
        raise use.refuse("its shapes do not follow from those of the inputs")
    try:
        return template(use)
    except UnsupportedError:
        raise
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise use.refuse(f"these attributes have no translation ({error})") from error
