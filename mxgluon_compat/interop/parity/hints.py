"""What a first difference may come from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .recording import Event, Recording

if TYPE_CHECKING:
    from .comparison import Difference

__all__ = ["hints"]

_CLOSE = 0.05  # norms of two draws from one distribution are so close, in arrays of some hundred elements
_STATES = ("running_mean", "running_var", "moving_mean", "moving_var")


def hints(first: Difference, pairs: Sequence[Difference], wanted: Recording, found: Recording) -> Iterator[str]:
    """Sentences about the first difference of two recordings."""
    a, b, event = first.wanted, first.found, first.event
    if a is None or b is None:
        yield from _one_sided(first, wanted, found)
        return
    layer = f"{_plain(event.name)} ({event.layer})"
    if first.reason == "dtype":
        yield f"the same place has another dtype: {a.dtype} and {b.dtype}"
    elif event.kind == "initial":
        yield from _initial(a, b)
    elif event.kind == "input" and "." not in event.name:
        yield from _input(a, b, pairs)
    elif event.kind == "input":
        yield f"all before it is the same: look at the code before {layer} in the forward of {_above(event.name)}"
    elif event.kind == "output":
        yield from _output(first, layer, pairs)
    elif event.kind == "loss":
        yield "the Blocks gave the same: look at the code between them and backward()"
    elif event.kind == "gradient":
        yield (
            f"outputs and losses of this step are the same, and so are the gradients behind {_block(event.name)}: look "
            "at its backward, at head gradients and at what the program does to gradients before the step"
        )
        yield from _cancelled(a, b)
    elif event.name.rpartition(".")[2].partition("@")[0] in _STATES:
        yield f"running statistics of {_block(event.name)}: look at its momentum, and at which forward passes train"
    else:
        yield (
            "its gradient was the same before the step: look at the optimizer, its rates (schedule, lr_mult, wd_mult), "
            "the batch size given to step(), and what writes into Parameters"
        )
        yield from _rounding(first, pairs)


def _plain(name: str) -> str:
    """A Block's path, out of the name of its input or output."""
    return name.partition("[")[0]


def _block(name: str) -> str:
    """The path of a Parameter's Block."""
    return name.rpartition(".")[0] or name


def _above(name: str) -> str:
    return _plain(name).rpartition(".")[0]


def _one_sided(first: Difference, wanted: Recording, found: Recording) -> Iterator[str]:
    here, there = (wanted, found) if first.found is None else (found, wanted)
    if there.end.get("failure"):
        yield f"under {there.label} the program had failed by then: {there.end['failure']}"
    elif there.end.get("enough"):
        yield f"the recording of {there.label} was to end here ({there.end['steps']} steps)"
    else:
        yield (
            f"only {here.label} came here: the program took another way (a condition on values, another number of "
            "batches), or a net has another layer"
        )


def _initial(a: Event, b: Event) -> Iterator[str]:
    yield f"nothing is trained yet: look at the initializer of {_block(a.name)} and at the seed"
    if a.norm and math.isclose(a.norm, b.norm, rel_tol=_CLOSE):
        yield "the norms are close: the same distribution drawn from another seed, or after other draws"
    elif a.norm and b.norm:
        yield f"the norms are {a.norm:.4g} and {b.norm:.4g}: another initializer, or other arguments of it"


def _input(a: Event, b: Event, pairs: Sequence[Difference]) -> Iterator[str]:
    yield "the batch that goes into the net differs: look at the order of the data (seed, shuffle) and at transforms"
    statistics = [(getattr(a, key), getattr(b, key)) for key in ("norm", "mean", "min", "max")]
    if all(math.isclose(x, y, rel_tol=1e-5, abs_tol=1e-9) for x, y in statistics):
        yield "its norm, mean, least and greatest value are the same: the same samples in another order"
        return
    for pair in pairs:
        if pair.wanted is not None and pair.wanted.kind == "input" and pair.wanted.crc == b.crc:
            yield f"it is the batch that {pair.wanted.name} got at step {pair.wanted.step} of the first recording"
            return


def _output(first: Difference, layer: str, pairs: Sequence[Difference]) -> Iterator[str]:
    event = first.event
    inner = any(p.event.kind == "output" and p.event.name.startswith(_plain(event.name) + ".") for p in pairs)
    if inner:
        yield f"its inputs, Parameters and the Blocks inside are the same: look at the code of {layer} itself"
    else:
        yield f"its inputs and Parameters are the same: look at the arguments and the code of {layer}"
    if "Dropout" in event.layer and event.train:
        yield "the masks differ: the random streams have drawn something else before"
    elif "Norm" in event.layer:
        yield "of a normalisation look at epsilon, axis, fix_gamma (scale), use_global_stats"
    elif not inner and "." not in event.name and not event.layer.endswith("Loss"):
        yield "if this net is hybridized, --no-hybridize shows which of its layers it is"


def _cancelled(a: Event, b: Event) -> Iterator[str]:
    if a.size and max(a.norm, b.norm) / math.sqrt(a.size) < 1e-4:
        yield "both are next to nothing: gradients that cancel out to rounding (of a bias before BatchNorm); raise atol"


def _rounding(first: Difference, pairs: Sequence[Difference]) -> Iterator[str]:
    for pair in pairs:
        a = pair.wanted
        if a is not None and (a.kind, a.name, a.step) == ("gradient", first.event.name, first.event.step) and a.size:
            if a.norm / math.sqrt(a.size) < 1e-5:
                yield "its gradient is next to nothing, and Adam makes whole steps of that: rounding, no fault"
            return
