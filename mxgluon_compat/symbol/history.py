"""The recorded history of an array as a Symbol: ``autograd.get_symbol``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import torch

from .. import autograd
from ..base import TORCH_TO_NAME, MXNetError, UnsupportedError
from ..ndarray import NDArray
from ..ndarray.history import Constant, Made, source
from .compose import create, var
from .symbol import Symbol

__all__ = ["symbol_of"]


def symbol_of(x: Any) -> Symbol:
    """See ``autograd.get_symbol``.

    Variables are named ``var0``, ..., other arrays ``null0``, ..., and nodes ``node_0``, ..., in each symbol from 0 on.
    """
    assert isinstance(x, NDArray), f"get_symbol: Invalid argument type, expecting {NDArray}, got {type(x)}"
    wanted = source(x, known=True)
    if wanted is None:
        raise MXNetError(
            "NDArray is not part of a computation graph. Did you forget to turn on recording? "
            "A graph is also used up by backward() without retain_graph=True."
        )
    names = {kind: _names(kind) for kind in ("var", "null", "node_")}
    symbols: dict[int, Symbol] = {}
    waiting = [wanted]
    while waiting:
        one = waiting[-1]
        made = one[0] if isinstance(one, tuple) else one
        if id(made) in symbols:
            waiting.pop()
        elif isinstance(made, Made):
            missing = [s for s in made.sources if s is not None and _key(s) not in symbols]
            if missing:
                waiting += reversed(missing)
                continue
            inputs = [None if s is None else _output(symbols[_key(s)], s) for s in made.sources]
            symbols[id(made)] = create(made.op, inputs, _written(made), next(names["node_"]), None)
        elif isinstance(made, (torch.Tensor, Constant)):
            symbols[id(made)] = var(next(names["var" if isinstance(made, torch.Tensor) else "null"]))
        else:
            raise _no_note(made)
    return _output(symbols[_key(wanted)], wanted)


def _names(stem: str) -> Iterator[str]:
    return (f"{stem}{n}" for n in itertools.count())


def _key(one: Any) -> int:
    return id(one[0] if isinstance(one, tuple) else one)


def _output(symbol: Symbol, one: Any) -> Symbol:
    return symbol[one[1]] if isinstance(one, tuple) and len(symbol) > 1 else symbol


def _written(made: Made) -> dict[str, Any]:
    """The attributes that were given, as symbol JSON has them."""
    given = {k: v for k, v in made.attributes.items() if k not in made.op.defaults or v != made.op.defaults[k]}
    return {k: TORCH_TO_NAME[v] if isinstance(v, torch.dtype) else v for k, v in given.items()}


def _no_note(node: Any) -> UnsupportedError:
    if not autograd.history.kept:
        return UnsupportedError(
            "autograd.get_symbol of what was recorded without history",
            "notes of operators are taken when asked for, since they cost time: call record() in the function that "
            "names get_symbol, or autograd.keep_history() before record(), or set the environment variable "
            "MXGLUON_HISTORY=1",
        )
    return UnsupportedError(
        f"autograd.get_symbol through torch's {node.name()}",
        "operators leave notes; advanced indexing, Functions and nets with register_op_hook do not. A net's graph "
        "is net(mx.sym.var('data'))",
    )


autograd.history.symbol_of = symbol_of
