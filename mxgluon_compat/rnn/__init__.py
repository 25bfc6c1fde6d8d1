"""``mx.rnn``: recurrent cells on symbols, the iterator over buckets of sentences, checkpoints of cells."""

from __future__ import annotations

from . import io, rnn, rnn_cell
from .io import BucketSentenceIter, encode_sentences
from .rnn import (
    do_rnn_checkpoint,
    load_checkpoint,
    load_rnn_checkpoint,
    rnn_unroll,
    save_checkpoint,
    save_rnn_checkpoint,
)
from .rnn_cell import *  # noqa: F403
from .rnn_cell import __all__ as _cells

__all__ = [
    *_cells, "BucketSentenceIter", "do_rnn_checkpoint", "encode_sentences", "io", "load_checkpoint",
    "load_rnn_checkpoint", "rnn", "rnn_cell", "rnn_unroll", "save_checkpoint", "save_rnn_checkpoint",
]  # fmt: skip
