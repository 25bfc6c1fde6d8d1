"""What automatic mixed precision does with the inputs of an operator, told on the operator's row of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

__all__ = ["AMP_DTYPES", "Casts"]

#: The dtypes that are cast; arrays and symbols of others stay as they are.
AMP_DTYPES = (torch.float16, torch.bfloat16, torch.float32)


@dataclass(frozen=True)
class Casts:
    """The casts in the order in which an input meets them.

    Attributes:
        widest: first all inputs become of the widest of their dtypes.
        dtypes: then they are cast to each of these, by name.
        conditions: then to float32, where an attribute (the first of each pair) has one of the values (the second).
        loss_scale: of a loss layer, which makes its own gradient: the factor for it.
    """

    widest: bool = False
    dtypes: tuple[str, ...] = ()
    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    loss_scale: Callable[[], float] | None = None

    def chosen(self, attributes: Mapping[str, Any]) -> tuple[str, ...]:
        """The dtypes to cast to, one after the other, with these attributes as the caller gave them."""
        met = any(str(attributes.get(key)) in values for key, values in self.conditions)
        return (*self.dtypes, "float32") if met else self.dtypes
