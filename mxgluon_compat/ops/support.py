"""Which of MXNet 1.9.1's operators are here, and why others are not.

``mxnet_operators.txt`` lists the registered names of MXNet; whether one is supported is read off the table itself.
"""

from __future__ import annotations

import functools
import pathlib
import re
from typing import NamedTuple

from ..base import UnsupportedAttributeError
from .registry import OPERATORS

__all__ = [
    "NOT_APPLICABLE",
    "NOT_YET",
    "STATES",
    "OperatorSupport",
    "missing_attribute",
    "operator_support",
    "rows",
    "why_missing",
]

SUPPORTED, NOT_APPLICABLE_STATE, NOT_YET_STATE = STATES = ("supported", "not applicable", "not yet")


class OperatorSupport(NamedTuple):
    """One operator of MXNet and where it stands here.

    Attributes:
        name: its registered name; ``aliases`` are its others.
        state: ``'supported'``, ``'not applicable'`` or ``'not yet'``.
        reason: why it is not supported; empty where it is.
        aliases: further registered names of the same operator.
    """

    name: str
    state: str
    reason: str
    aliases: tuple[str, ...]


_GRADIENT = "a node of MXNet's own gradient graphs: here gradients are torch's"

# Full match of the registered name -> why it can have no meaning here.
NOT_APPLICABLE: dict[str, str] = {
    r"_CachedOp(ThreadSafe)?": "how MXNet's engine runs a hybridized Block inside a graph: here cached_op does it",
    r"_CrossDeviceCopy": "put into graphs by MXNet's executor between the devices of group2ctx",
    r"_CustomFunction": "how MXNet's engine calls autograd.Function, which is here",
    r"_NDArray|_Native": "holds the address of a Python callback of one process; mx.operator.CustomOp replaced it",
    r"_NoGradient": "marks in MXNet's gradient graphs that there is no gradient",
    r"_copyto": "writes into an array: nd._internal._copyto is here, graphs have no node for it",
    r"_onehot_encode": "writes into an array: nd._internal._onehot_encode is here, graphs have no node for it",
    r"_set_value": "writes into an array: nd._internal._set_value is here, graphs have no node for it",
    r"_zeros_without_dtype": "stands for absent gradients in MXNet's gradient graphs",
    r"_sg_mkldnn_.*": "made by a graph pass of oneDNN only: no program names it",
}

# Full match of the registered name -> why it is not there yet.
NOT_YET: dict[str, str] = {
    r"_imdecode": "fails in MXNet 1.9.1 itself (the shape of its result is unknown): mx.image.imdecode decodes",
    r"_contrib_quantized_rnn": "fails in MXNet 1.9.1 itself: its oneDNN cannot reorder the weights",
}
# Full match of a name of MXNet's nd and sym that is no operator -> why it is not there.
_NO_OPERATORS: dict[str, str] = {
    r"imdecode": "fails in MXNet 1.9.1 itself (the shape of its result is unknown): mx.image.imdecode decodes",
    r"gen_(_internal|contrib|image|linalg|op|random|sparse)|register": "MXNet's generator of the functions that stand "
    "in this package itself",
    r"get_indexing_dispatch_code|get_oshape_of_gather_nd_op|indexing_key_expand_implicit_axes": "a step of MXNet's own "
    "indexing",
}
_NOBODY = "no program was found that calls it"


@functools.cache
def _listed() -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    """({registered name: its aliases}, those that are nodes of gradient graphs)."""
    aliases: dict[str, tuple[str, ...]] = {}
    gradients: list[str] = []
    section = ""
    for line in pathlib.Path(__file__).with_name("mxnet_operators.txt").read_text().splitlines():
        if line.startswith("["):
            section = line
        elif line and not line.startswith("#"):
            name, *others = line.split()
            aliases[name] = tuple(others)
            if section == "[gradients]":
                gradients.append(name)
    return aliases, frozenset(gradients)


@functools.cache
def names() -> dict[str, str]:
    """{any registered name: the operator's first one}."""
    aliases, _ = _listed()
    return {n: name for name, others in aliases.items() for n in (name, *others)}


def _reason(reasons: dict[str, str], name: str) -> str | None:
    return next((reason for pattern, reason in reasons.items() if re.fullmatch(pattern, name)), None)


def operator_support(name: str) -> OperatorSupport:
    """Whether the operator of that registered name is supported, and if not, why.

    Args:
        name: a name of MXNet 1.9.1's registry, aliases included: ``"Convolution"``, ``"_contrib_box_nms"``.

    Raises:
        ValueError: MXNet 1.9.1 has no operator of that name.
    """
    first = names().get(name)
    if first is None:
        raise ValueError(f"MXNet 1.9.1 has no operator {name!r}; registered names look like 'Convolution' or '_plus'")
    aliases, gradients = _listed()
    others = aliases[first]
    if name in OPERATORS:
        return OperatorSupport(first, SUPPORTED, "", others)
    if first in gradients:
        return OperatorSupport(first, NOT_APPLICABLE_STATE, _GRADIENT, others)
    reason = _reason(NOT_APPLICABLE, first)
    if reason is not None:
        return OperatorSupport(first, NOT_APPLICABLE_STATE, reason, others)
    return OperatorSupport(first, NOT_YET_STATE, _reason(NOT_YET, first) or _NOBODY, others)


def why_missing(name: str) -> str:
    """The reason for which that name is not in the table, as errors give it."""
    if name not in names() and name not in OPERATORS:
        return "MXNet 1.9.1 has no operator of this name"
    row = operator_support(name)
    return f"{row.state}: {row.reason}"


def rows(gradients: bool = False) -> list[OperatorSupport]:
    """The support of each operator that MXNet registers, or of each node of its gradient graphs."""
    aliases, of_gradients = _listed()
    return [operator_support(name) for name in aliases if (name in of_gradients) == gradients]


def missing_attribute(module: str, prefixes: tuple[str, ...], name: str) -> AttributeError:
    """What ``module.name`` raises: it names the operator and the reason where MXNet has one of that name.

    Args:
        module: full name of the module that was asked.
        prefixes: what its functions' registered names start with (``_contrib_``).
        name: the attribute.
    """
    for prefix in prefixes:
        registered = prefix + name
        # What is in the table under that name stands in another module, as MXNet places it (``nd._internal``).
        if registered in names() and registered not in OPERATORS and not name.startswith("__"):
            return UnsupportedAttributeError(f"Operator {registered!r}", why_missing(registered))
    reason = _reason(_NO_OPERATORS, name) if module.endswith((".ndarray", ".symbol")) else None
    if reason is not None:
        return UnsupportedAttributeError(f"{module}.{name}", reason)
    return AttributeError(
        f"module {module!r} has no operator or function {name!r} (see migration_guide.md#what-is-not-there)"
    )
