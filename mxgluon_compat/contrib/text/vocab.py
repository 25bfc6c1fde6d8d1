"""Vocabularies: tokens and their indices."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Hashable
from typing import Any

from . import _constants as C

__all__ = ["Vocabulary"]


class Vocabulary:
    """Tokens in an order: the unknown one, the reserved ones, then the counted ones, frequent ones first.

    Tokens of one frequency stand in their own order.

    Args:
        counter: how often each token occurs; None for no counted tokens.
        most_freq_count: at most so many counted tokens; None or a negative number for all.
        min_freq: the frequency from which on a token is kept.
        unknown_token: what stands for all tokens that are not there; its index is 0.
        reserved_tokens: tokens that are kept whatever their frequency.

    Raises:
        AssertionError: ``min_freq`` below 1, reserved tokens that are not different from each other and from the
            unknown one, or a ``counter`` of another class.
    """

    def __init__(
        self,
        counter: Counter[Any] | None = None,
        most_freq_count: int | None = None,
        min_freq: int = 1,
        unknown_token: Hashable = "<unk>",
        reserved_tokens: list[Any] | None = None,
    ) -> None:
        assert min_freq > 0, "`min_freq` must be set to a positive value."
        if reserved_tokens is not None:
            different = set(reserved_tokens)
            assert unknown_token not in different, "`reserved_token` cannot contain `unknown_token`."
            assert len(different) == len(reserved_tokens), "`reserved_tokens` cannot contain duplicate reserved tokens."
        self._unknown_token = unknown_token
        self._reserved_tokens = reserved_tokens if reserved_tokens is None else type(reserved_tokens)(reserved_tokens)
        self._idx_to_token: list[Any] = [unknown_token, *(reserved_tokens or ())]
        self._token_to_idx: dict[Any, int] = {token: i for i, token in enumerate(self._idx_to_token)}
        if counter is not None:
            self._add_counted(counter, most_freq_count, min_freq)

    def _add_counted(self, counter: Counter[Any], most_freq_count: int | None, min_freq: int) -> None:
        assert isinstance(counter, Counter), "`counter` must be an instance of collections.Counter."
        room = len(counter) if most_freq_count is None or most_freq_count < 0 else most_freq_count
        for token, count in sorted(sorted(counter.items()), key=operator.itemgetter(1), reverse=True):
            if count < min_freq or room <= 0:
                break
            if token not in self._token_to_idx:
                self._token_to_idx[token] = len(self._idx_to_token)
                self._idx_to_token.append(token)
                room -= 1

    def __len__(self) -> int:
        return len(self._idx_to_token)

    @property
    def token_to_idx(self) -> dict[Any, int]:
        """{token: its index}."""
        return self._token_to_idx

    @property
    def idx_to_token(self) -> list[Any]:
        """The tokens in the order of their indices."""
        return self._idx_to_token

    @property
    def unknown_token(self) -> Hashable:
        """What stands for all tokens that are not there."""
        return self._unknown_token

    @property
    def reserved_tokens(self) -> list[Any] | None:
        """The reserved tokens."""
        return self._reserved_tokens

    def to_indices(self, tokens: Any) -> Any:
        """The index of a token, or the list of those of a list of tokens; 0 for tokens that are not there."""
        if isinstance(tokens, list):
            return [self._token_to_idx.get(token, C.UNKNOWN_IDX) for token in tokens]
        return self._token_to_idx.get(tokens, C.UNKNOWN_IDX)

    def to_tokens(self, indices: Any) -> Any:
        """The token of an index, or the list of those of a list of indices.

        Raises:
            ValueError: there is no such index.
            TypeError: something else than a number or a list of them.
        """
        single = not isinstance(indices, list)
        tokens = []
        for index in [indices] if single else indices:
            if isinstance(index, float):
                raise ValueError(f"Token index {index} in the provided `indices` is invalid.")
            if not hasattr(index, "__index__") or getattr(index, "ndim", 0) != 0:
                raise TypeError(f"an index is a whole number, and several are a list of them; got {index!r}")
            if operator.index(index) >= len(self._idx_to_token):
                raise ValueError(f"Token index {index} in the provided `indices` is invalid.")
            tokens.append(self._idx_to_token[index])
        return tokens[0] if single else tokens
