"""Counting tokens."""

from __future__ import annotations

import re
from collections import Counter

__all__ = ["count_tokens_from_str"]


def count_tokens_from_str(
    source_str: str,
    token_delim: str = " ",
    seq_delim: str = "\n",
    to_lower: bool = False,
    counter_to_update: Counter[str] | None = None,
) -> Counter[str]:
    """How often each token stands in a text; empty ones do not count.

    Args:
        source_str: the text.
        token_delim, seq_delim: what is between tokens, and between sequences of them: regular expressions.
        to_lower: count in lower case.
        counter_to_update: the counter to add to; default a new one.

    Returns:
        The counter.
    """
    source_str = source_str.lower() if to_lower else source_str
    counter = Counter() if counter_to_update is None else counter_to_update
    counter.update(filter(None, re.split(f"{token_delim}|{seq_delim}", source_str)))
    return counter
