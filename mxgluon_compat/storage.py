"""Memory of the process: what a training step frees stays at hand for the next one."""

from __future__ import annotations

import functools

import numpy as np

__all__ = ["keep_freed_memory"]

#: Bytes. The GNU C library raises its thresholds for blocks of up to 32 MiB, with its own head and numpy's alignment.
_BLOCK = 31 << 20


@functools.cache
def keep_freed_memory() -> None:
    """Has the GNU C library keep up to about 62 MiB of freed memory instead of handing it back to the system at once.

    At first each block of more than 128 KiB comes from the system and goes back when it is freed, and so does what is
    free at the end of the heap; the pages of the next step's arrays are then mapped and zeroed anew, which took a
    third of an LSTM's training step. The library adapts by itself, to the largest block that it saw freed: hence one
    block, never touched, is allocated and freed here. Where ``MALLOC_TRIM_THRESHOLD_`` or another ``MALLOC_*_`` of the
    environment sets these thresholds, that stands; other C libraries see a block come and go. See ``mallopt(3)``,
    ``M_MMAP_THRESHOLD``.
    """
    np.empty(_BLOCK, np.uint8)
