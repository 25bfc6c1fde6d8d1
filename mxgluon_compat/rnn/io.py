"""Sentences as batches of one length each."""

from __future__ import annotations

import bisect
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import ndarray
from ..io import DataBatch, DataDesc, DataIter

__all__ = ["BucketSentenceIter", "DataBatch", "DataDesc", "DataIter", "encode_sentences"]


def encode_sentences(
    sentences: Sequence[Sequence[str]],
    vocab: dict[str, int] | None = None,
    invalid_label: int = -1,
    invalid_key: str = "\n",
    start_label: int = 0,
    unknown_token: str | None = None,
) -> tuple[list[list[int]], dict[str, int]]:
    """Sentences as lists of numbers.

    Args:
        sentences: lists of words.
        vocab: numbers of the words; default: they are counted from ``start_label`` as they come.
        invalid_label: number of ``invalid_key``, given to no word.
        invalid_key: what stands for padding.
        start_label: number of the first word.
        unknown_token: stands for words that ``vocab`` does not have; is put into it.

    Returns:
        (sentences, vocabulary)

    Raises:
        AssertionError: a word that ``vocab`` does not have, without ``unknown_token``.
    """
    counted = vocab is None
    vocab = {invalid_key: invalid_label} if vocab is None else vocab
    number = start_label
    encoded = []
    for sentence in sentences:
        row = []
        for word in sentence:
            if word not in vocab:
                assert counted or unknown_token, f"Unknown token {word}"
                number += number == invalid_label
                word = unknown_token or word
                vocab[word] = number
                number += 1
            row.append(vocab[word])
        encoded.append(row)
    return encoded, vocab


class BucketSentenceIter(DataIter):
    """Batches of sentences of about one length, for language models: the labels are the words that follow.

    Batches are shuffled with ``random``, sentences within a bucket with ``numpy.random``.

    Args:
        sentences: lists of numbers.
        batch_size: sentences of a batch.
        buckets: lengths; a sentence is filled up to the next one, those that are too long are left out. Default: all
            lengths of which there are at least ``batch_size`` sentences.
        invalid_label: fills up.
        data_name, label_name: of the arrays.
        dtype: of the arrays.
        layout: ``"NT"``: (batch, time), or ``"TN"``.

    Raises:
        ValueError: another layout.
    """

    def __init__(
        self,
        sentences: Sequence[Sequence[int]],
        batch_size: int,
        buckets: list[int] | None = None,
        invalid_label: int = -1,
        data_name: str = "data",
        label_name: str = "softmax_label",
        dtype: Any = "float32",
        layout: str = "NT",
    ) -> None:
        super().__init__()
        if not buckets:
            counts = np.bincount([len(s) for s in sentences])
            buckets = [length for length, count in enumerate(counts) if count >= batch_size]
        buckets = sorted(buckets)
        rows: list[list[np.ndarray]] = [[] for _ in buckets]
        discarded = 0
        for sentence in sentences:
            place = bisect.bisect_left(buckets, len(sentence))
            if place == len(buckets):
                discarded += 1
                continue
            row = np.full((buckets[place],), invalid_label, dtype=dtype)
            row[: len(sentence)] = sentence
            rows[place].append(row)
        print(f"WARNING: discarded {discarded} sentences longer than the largest bucket.")
        self.batch_size = batch_size
        self.buckets = [b for b, row in zip(buckets, rows) if row]
        self.data = [np.asarray(row, dtype=dtype) for row in rows if row]
        self.data_name = data_name
        self.label_name = label_name
        self.dtype = dtype
        self.invalid_label = invalid_label
        self.nddata: list[Any] = []
        self.ndlabel: list[Any] = []
        self.major_axis = layout.find("N")
        self.layout = layout
        self.default_bucket_key = max(self.buckets)
        if self.major_axis not in (0, 1):
            raise ValueError("Invalid layout %s: Must by NT (batch major) or TN (time major)")
        self.provide_data = [self._desc(data_name, self.default_bucket_key)]
        self.provide_label = [self._desc(label_name, self.default_bucket_key)]
        self.idx = [
            (i, j)
            for i, rows_ in enumerate(self.data)
            for j in range(0, len(rows_) - batch_size + 1, batch_size)
        ]  # fmt: skip
        self.curr_idx = 0
        self.reset()

    def _desc(self, name: str, length: int) -> DataDesc:
        shape = (self.batch_size, length)
        return DataDesc(name, shape if self.major_axis == 0 else shape[::-1], layout=self.layout)

    def reset(self) -> None:
        """Shuffles, and starts again."""
        self.curr_idx = 0
        random.shuffle(self.idx)
        for rows in self.data:
            np.random.shuffle(rows)
        self.nddata, self.ndlabel = [], []
        for rows in self.data:
            following = np.empty_like(rows)
            following[:, :-1] = rows[:, 1:]
            following[:, -1] = self.invalid_label
            self.nddata.append(ndarray.array(rows, dtype=self.dtype))
            self.ndlabel.append(ndarray.array(following, dtype=self.dtype))

    def next(self) -> DataBatch:
        """The next batch.

        Raises:
            StopIteration: there is none.
        """
        if self.curr_idx == len(self.idx):
            raise StopIteration
        i, j = self.idx[self.curr_idx]
        self.curr_idx += 1
        data, label = (a[i][j : j + self.batch_size] for a in (self.nddata, self.ndlabel))
        if self.major_axis == 1:
            data, label = data.T, label.T
        return DataBatch(
            [data], [label], pad=0, bucket_key=self.buckets[i],
            provide_data=[DataDesc(self.data_name, data.shape, layout=self.layout)],
            provide_label=[DataDesc(self.label_name, label.shape, layout=self.layout)],
        )  # fmt: skip
