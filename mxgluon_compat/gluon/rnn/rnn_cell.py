"""Recurrent cells."""

from __future__ import annotations

from .recurrent import (  # noqa: F401 - other code imports them from here
    HybridRecurrentCell,
    RecurrentCell,
    _cells_begin_state,
    _cells_state_info,
    _get_begin_state,
)
from .sequences import (  # noqa: F401
    _format_sequence,
    _mask_sequence_variable_length,
    _reverse_sequences,
    tensor_types,
)

__all__ = ["HybridRecurrentCell", "RecurrentCell"]
