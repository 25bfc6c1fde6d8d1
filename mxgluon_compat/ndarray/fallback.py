"""MXNet's message about sparse arrays in operators that have no rule for their storage: they run on dense forms.

It is logged once for each operator, storage types, attributes and kind of context, as a warning of Python's ``logging``
(to stderr where a program sets up nothing else), unless the environment variable MXNET_STORAGE_FALLBACK_LOG_VERBOSE
is 0.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from typing import Any

from ..base import TORCH_TO_NAME
from ..ops.registry import Operator
from .ndarray import NDArray

__all__ = ["log_fallback"]

_logger = logging.getLogger(__name__)
_said: set[tuple[Any, ...]] = set()

Handles = Callable[[str, dict[str, Any]], bool]


def _pairs_with_dense(kinds: str, attributes: dict[str, Any]) -> bool:
    return kinds in ("cd", "dc", "rd", "dr")


def _division(kinds: str, attributes: dict[str, Any]) -> bool:
    return kinds == "rr" or _pairs_with_dense(kinds, attributes)


def _csr_and_dense(kinds: str, attributes: dict[str, Any]) -> bool:
    return kinds in ("cd", "dc")


def _any_number(kinds: str, attributes: dict[str, Any]) -> bool:
    return True


# What MXNet computes from sparse arrays without dense copies though the result is dense; the storage rules make what is
# sparse, and the few sums and products that are worth it.
_HANDLED: dict[str, Handles] = {
    "elemwise_add": _pairs_with_dense,
    "elemwise_sub": _pairs_with_dense,
    "elemwise_div": _division,
    "_power": _division,
    "broadcast_add": _csr_and_dense,
    "broadcast_sub": _csr_and_dense,
    "_plus_scalar": _any_number,
    "_minus_scalar": _any_number,
    "add_n": lambda kinds, attributes: len(kinds) > 2 and kinds[0] == "d" and set(kinds[1:]) == {"c", "d"},
    # the updates whose gradients' absent rows count as zeros
    "sgd_update": lambda kinds, attributes: kinds[1] == "r",
    "sgd_mom_update": lambda kinds, attributes: kinds[1] == "r",
    "adam_update": lambda kinds, attributes: kinds[1] == "r",
    "_identity_with_attr_like_rhs": lambda kinds, attributes: kinds[1] == "d",
    "where": lambda kinds, attributes: kinds == "cdd",
    "norm": lambda kinds, attributes: (
        attributes.get("ord", 2) == 2
        and (
            attributes.get("axis") is None
            or (kinds == "c" and attributes["axis"] in ((0,), (1,)) and not attributes.get("keepdims"))
        )
    ),
    "LinearRegressionOutput": lambda kinds, attributes: kinds == "dc",
    "LogisticRegressionOutput": lambda kinds, attributes: kinds == "dc",
}
# What it draws straight into the rows of a row_sparse array (all of which are then stored).
_DRAWN = {
    f"_random_{name}"
    for name in (
        "exponential", "gamma", "generalized_negative_binomial", "negative_binomial", "normal", "poisson", "uniform",
    )
}  # fmt: skip


def log_fallback(
    op: Operator, inputs: Sequence[NDArray | None], attributes: dict[str, Any], stypes: Sequence[str]
) -> None:
    """Says that ``op`` runs on dense forms, where MXNet says so.

    Args:
        op: the operator.
        inputs: its inputs, of which some are sparse, or an output is.
        attributes: its parsed attributes.
        stypes: storage types of its outputs.
    """
    given = [x for x in inputs if x is not None]
    kinds = "".join(x.stype[0] for x in given)
    device = "gpu" if any(x.context.device_type == "gpu" for x in given) else "cpu"
    if op.count:
        attributes = {op.count: len(given), **attributes}
    combination = (op.name, kinds, *stypes, tuple(map(str, attributes.items())), device)
    if combination in _said:
        return
    handles = _HANDLED.get(op.name)
    if handles is not None and handles(kinds, attributes) and (set(stypes) == {"default"} or "update" in op.name):
        return
    if op.name in _DRAWN and set(stypes) == {"row_sparse"}:
        return
    if os.environ.get("MXNET_STORAGE_FALLBACK_LOG_VERBOSE", "1") == "0":
        return
    _said.add(combination)
    # Lists and parameters as MXNet writes them, for programs that look for them.
    _logger.warning(
        "\nStorage type fallback detected:\noperator = %s\ninput storage types = [%s]\noutput storage types = [%s]\n"
        "params = {%s}\ncontext.dev_mask = %s\nNothing here works on these storage types, attributes and context, so "
        "the operator runs on dense copies: the numbers are right, memory and time are those of dense arrays. The "
        "environment variable MXNET_STORAGE_FALLBACK_LOG_VERBOSE=0 turns this message off.",
        op.name,
        "".join(f"{x.stype}, " for x in given),
        "".join(f"{stype}, " for stype in stypes),
        "".join(f'"{name}" : {TORCH_TO_NAME.get(value, value)}, ' for name, value in attributes.items()),
        device,
    )
