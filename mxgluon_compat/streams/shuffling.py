"""Shuffling by swaps one after the other (Fisher and Yates), worked out for all of them at once.

Step i of a shuffle of n swaps the places i and partners[i] <= i. What ends where follows from which steps touch a place
and in which order, so sorting the steps by place, and going back from step to step, replaces the loop.
"""

from __future__ import annotations

import numpy as np


def _by_place(partners: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The steps in the order of their partners, then their own: (partner, step), and where the partner is a new one."""
    steps = np.arange(len(partners))
    keys = np.sort((partners << 32) | steps)
    place = keys >> 32
    new = np.ones(len(keys), bool)
    new[1:] = place[1:] != place[:-1]
    return place, keys & (2**32 - 1), new


def _ends(following: np.ndarray) -> np.ndarray:
    """Where each chain i, following[i], following[following[i]]... stays; each round doubles how far it is known."""
    while True:
        further = following[following]
        if np.array_equal(further, following):
            return following
        following = further


def swaps_forward(partners: np.ndarray) -> np.ndarray:
    """The permutation that swapping in the order of steps 0, 1, ... n - 1 makes of range(n).

    Step i finds i at its own place. It leaves i at its partner's, and takes away what the step before it left there or,
    if it is the first to come, what the place's own step took.
    """
    place, step, new = _by_place(partners)
    taken = np.arange(len(partners))
    source = taken.copy()
    taken[step[1:][~new[1:]]] = step[:-1][~new[1:]]
    source[step[new]] = place[new]
    out = taken[_ends(source)]
    last = np.append(new[1:], True)[: len(new)]
    out[place[last]] = step[last]
    return out


def swaps_backward(partners: np.ndarray) -> np.ndarray:
    """The permutation that swapping in the order of steps n - 1, ... 1, 0 makes of range(n).

    Step i carries what is at its own place to its partner's. It finds there what the next later-numbered step of that
    place carried or, if it is the first to come, the place's own number.
    """
    place, step, new = _by_place(partners)
    later = np.append(~new[1:], False)[: len(new)]  # whether the next in the list belongs to the same place
    after = np.append(step[1:], 0)[: len(new)]
    carried = np.arange(len(partners))
    own = step == place
    first = new & ~own
    carried[place[first]] = step[first]
    second = own & later
    carried[place[second]] = after[second]
    carried = _ends(carried)
    out = np.empty_like(place)
    out[step] = np.where(later, carried[after], place)
    return out
