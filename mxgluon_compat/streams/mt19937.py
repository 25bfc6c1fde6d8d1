"""Mersenne twisters, many side by side: the 32-bit generator that MXNet draws from on a CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

BLOCK, _MIDDLE = 624, 397  # words in a state, and how far on the other word that a new one depends on
_TOP, _REST, _ONE, _MATRIX = (np.uint32(c) for c in (0x80000000, 0x7FFFFFFF, 1, 0x9908B0DF))
_MULTIPLIER = np.uint32(1812433253)
_CACHED_ROWS = 128  # rows twisted at a time: their scratch space stays in the second-level cache
_FEW_ROWS = 8  # below this, NumPy's scalar seeding is quicker than seeding all rows of a batch step by step


def _seeded(seeds: np.ndarray) -> np.ndarray:
    """mt19937's initial states (n, 624) for n 32-bit seeds: the classic `init_genrand`."""
    if len(seeds) < _FEW_ROWS:
        return np.stack([np.random.RandomState(int(s)).get_state()[1] for s in seeds]).astype(np.uint32)
    columns = np.empty((BLOCK, len(seeds)), np.uint32)
    columns[0] = seeds
    for i in range(1, BLOCK):
        previous, column = columns[i - 1], columns[i]
        np.right_shift(previous, 30, out=column)
        column ^= previous
        column *= _MULTIPLIER
        column += np.uint32(i)
    return np.ascontiguousarray(columns.T)


def _twist(state: np.ndarray) -> None:
    """Advance states (n, 624) by 624 words, in place.

    A word depends on words 1 and 397 further on, so the three stretches below each read only finished words.
    """
    mixed = state[:, :-1] & _TOP
    scratch = state[:, 1:] & _REST
    mixed |= scratch
    np.bitwise_and(mixed, _ONE, out=scratch)
    scratch *= _MATRIX
    mixed >>= _ONE
    mixed ^= scratch
    gap = BLOCK - _MIDDLE
    np.bitwise_xor(state[:, _MIDDLE:], mixed[:, :gap], out=state[:, :gap])
    np.bitwise_xor(state[:, :gap], mixed[:, gap : 2 * gap], out=state[:, gap : 2 * gap])
    np.bitwise_xor(state[:, gap : _MIDDLE - 1], mixed[:, 2 * gap :], out=state[:, 2 * gap : -1])
    last = (state[:, -1] & _TOP) | (state[:, 0] & _REST)
    state[:, -1] = state[:, _MIDDLE - 1] ^ (last >> _ONE) ^ ((last & _ONE) * _MATRIX)


def _tempered(state: np.ndarray) -> np.ndarray:
    """The output words of states (n, 624)."""
    words = state >> np.uint32(11)
    words ^= state
    for shift, mask in ((7, 0x9D2C5680), (15, 0xEFC60000)):
        shifted = words << np.uint32(shift)
        shifted &= np.uint32(mask)
        words ^= shifted
    words ^= words >> np.uint32(18)
    return words


class Twisters:
    """Many mt19937 streams side by side, the i-th seeded with `first + i`; each keeps its own position.

    A row of `_state` is a stream's state, the same row of `_words` its last two blocks of 624 words, `_next` the first
    word not yet used. Two blocks, so that a window of up to one block lies there in one piece, and so that streams can
    be refilled together although some are ahead of others. Rows are seeded when first asked for.
    """

    def __init__(self, first: int, rows: int) -> None:
        self._state = np.empty((rows, BLOCK), np.uint32)
        # A row more than there are streams: windows that start in the last row may reach beyond it (see take).
        self._words = np.zeros((rows + 1, 2 * BLOCK), np.uint32)
        self._next = np.empty(rows, np.int64)
        self.seed(first)

    def seed(self, first: int) -> None:
        """Start again, with other seeds."""
        self._first, self._ready = first, 0
        self._next[:] = 2 * BLOCK

    def take(self, rows: slice | np.ndarray, counts: np.ndarray) -> np.ndarray:
        """The next `counts[k]` (1 to BLOCK) words of the k-th of `rows`: uint32 (len(counts), max(counts)).

        `rows` is `slice(0, n)` or an array of indices. A row shorter than the longest ends in words that are not its
        own. A sampler that needs a varying number of words takes enough, and gives back those it did not need. The
        result may be a view of our memory: use it before the next call.
        """
        whole = isinstance(rows, slice)
        if whole:
            self.make(rows.stop)
        start = self._next[rows].copy()
        if (start + counts > 2 * BLOCK).any():
            self._refill(rows, start)
            start = self._next[rows].copy()
        self._next[rows] += counts
        first, width = int(start[0]), int(counts.max())
        if whole and (len(start) == 1 or (start == first).all()):
            return self._words[rows, first : first + width]
        # Every window of `width` words in memory, as a view; picking some copies each in one piece.
        flat = self._words.reshape(-1)
        places = flat.size - width + 1
        windows = np.lib.stride_tricks.as_strided(flat, (places, width), flat.strides * 2, writeable=False)
        return windows[(np.arange(rows.stop) if whole else rows) * (2 * BLOCK) + start]

    def give_back(self, rows: slice | np.ndarray, counts: np.ndarray) -> None:
        """Make the last `counts[k]` of the words just taken from the k-th of `rows` the next ones again."""
        self._next[rows] -= counts

    def make(self, rows: int) -> None:
        """Seed those of the first `rows` streams that are not yet; `take` does it for a slice."""
        if rows <= self._ready:
            return
        seeds = (self._first + np.arange(self._ready, rows)) % 2**32
        self._state[self._ready : rows] = _seeded(seeds)
        self._ready = rows

    def _refill(self, rows: slice | np.ndarray, start: np.ndarray) -> None:
        """A new second block for each of `rows` that has used up its first one; `start` is where they stand."""
        due = np.flatnonzero(start >= BLOCK)
        rows = due if isinstance(rows, slice) else rows[due]
        self._next[rows] -= BLOCK
        for i in range(0, len(rows), _CACHED_ROWS):
            part = rows[i : i + _CACHED_ROWS]
            neighbours = part[-1] - part[0] == len(part) - 1
            here = slice(part[0], part[-1] + 1) if neighbours else part
            state = self._state[here]
            _twist(state)
            if not neighbours:
                self._state[here] = state
            self._words[here, :BLOCK] = self._words[here, BLOCK:]
            self._words[here, BLOCK:] = _tempered(state)

    def get_state(self) -> dict[str, Any]:
        n = self._ready
        blocks = {"state": self._state[:n].view(np.int32), "words": self._words[:n, :BLOCK].view(np.int32)}
        tensors = {k: torch.from_numpy(v.copy()) for k, v in (*blocks.items(), ("next", self._next[:n]))}
        return {"first": self._first, **tensors}

    def set_state(self, state: dict[str, Any]) -> None:
        self.seed(int(state["first"]))
        n = self._ready = len(state["next"])
        self._state[:n] = state["state"].numpy().view(np.uint32)
        self._words[:n, :BLOCK] = state["words"].numpy().view(np.uint32)
        self._words[:n, BLOCK:] = _tempered(self._state[:n])  # the second block is the state's own
        self._next[:n] = state["next"].numpy()
