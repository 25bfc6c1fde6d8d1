"""Texts for language models."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from .... import base, fetch
from .... import ndarray as nd
from ....contrib import text
from ....fetch import _get_repo_file_url, check_sha1
from ....numpy.family import as_mode
from ...data import dataset
from . import _constants as C

__all__ = ["WikiText2", "WikiText103"]


class _LanguageModelDataset(dataset._DownloadedDataset):
    """Base class: a dataset with a vocabulary, the user's or one of its own.

    Args:
        root: the folder of its files.
        namespace: the folder in the repository to download from.
        vocabulary: the Vocabulary; None for one of all tokens of the text.
    """

    def __init__(self, root: str, namespace: str | None, vocabulary: text.vocab.Vocabulary | None) -> None:
        self._vocab: Any = vocabulary
        self._counter: Any = None  # until the text is read
        self._namespace = namespace
        super().__init__(root, None)

    @property
    def vocabulary(self) -> text.vocab.Vocabulary:
        """The Vocabulary."""
        return self._vocab

    @property
    def frequencies(self) -> Counter[str]:
        """How often each token stands in the text."""
        return self._counter

    def _build_vocab(self, content: str) -> None:
        if not self._counter:
            self._counter = text.utils.count_tokens_from_str(content)
        if not self._vocab:
            self._vocab = text.vocab.Vocabulary(self.frequencies, reserved_tokens=[C.EOS_TOKEN])


class _WikiText(_LanguageModelDataset):
    """Both sizes of WikiText; see ``WikiText2``. A subclass says where its files are, and what is to be in them."""

    _archive_file: tuple[str, str]
    _data_file: dict[str, tuple[str, str]]
    _segment: str
    _seq_len: int

    def _read_batch(self, filename: str) -> tuple[nd.NDArray, nd.NDArray]:
        """The file as indices: (number of sequences, seq_len), and the same one token later."""
        with open(filename, encoding="utf8") as file:
            content = file.read()
        self._build_vocab(content)
        lines = (line.strip().split() for line in content.splitlines())
        tokens = [token for line in lines if line for token in (*line, C.EOS_TOKEN)]
        indices = self.vocabulary.to_indices(tokens)
        count = max(len(indices) - 1, 0) // self._seq_len
        end = count * self._seq_len
        shape = (count, self._seq_len)
        data, label = (
            as_mode(nd.array(part, dtype="int32").reshape(shape)) for part in (indices[:end], indices[1 : end + 1])
        )
        return data, label

    def _get_data(self) -> None:
        archive, sha1 = self._archive_file
        name, file_sha1 = self._data_file[self._segment]
        path = os.path.join(self._root, name)
        if not os.path.exists(path) or not check_sha1(path, file_sha1):
            fetch.unpacked(_get_repo_file_url(f"gluon/dataset/{self._namespace}", archive), self._root, sha1, path)
        self._data, self._label = self._read_batch(path)

    def __getitem__(self, idx: int) -> tuple[nd.NDArray, nd.NDArray]:
        return self._data[idx], self._label[idx]

    def __len__(self) -> int:
        return len(self._label)


class WikiText2(_WikiText):
    """Two million tokens of good articles of Wikipedia, cut into sequences: (data, label), each int32 (seq_len,).

    The label is the data one token later; a line ends in ``<eos>``. `Merity et al., 2016, "Pointer Sentinel Mixture
    Models" <https://arxiv.org/abs/1609.07843>`_

    Args:
        root: the folder with ``wiki.train.tokens``, ``wiki.valid.tokens`` and ``wiki.test.tokens``, or where to put
            what is downloaded.
        segment: ``'train'``, ``'validation'`` or ``'test'``.
        vocab: the Vocabulary, such as that of another segment; None for one of all tokens of this one.
        seq_len: length of a sequence; what is left over at the end is not read.

    Raises:
        KeyError: another segment.
        ValueError: ``seq_len`` below 1.
        ConnectionError, RuntimeError: the files are not there, and cannot be downloaded; the message says which file to
            put where.
    """

    def __init__(
        self,
        root: str = os.path.join(base.data_dir(), "datasets", "wikitext-2"),
        segment: str = "train",
        vocab: text.vocab.Vocabulary | None = None,
        seq_len: int = 35,
    ) -> None:
        self._archive_file = ("wikitext-2-v1.zip", "3c914d17d80b1459be871a5039ac23e752a53cbe")
        self._data_file = {
            "train": ("wiki.train.tokens", "863f29c46ef9d167fff4940ec821195882fe29d1"),
            "validation": ("wiki.valid.tokens", "0418625c8b4da6e4b5c7a0b9e78d4ae8f7ee5422"),
            "test": ("wiki.test.tokens", "c7b8ce0aa086fb34dab808c5c49224211eb2b172"),
        }
        self._segment = segment
        self._seq_len = _positive(seq_len)
        super().__init__(root, "wikitext-2", vocab)


class WikiText103(_WikiText):
    """``WikiText2`` in large: a hundred million tokens. Arguments and errors as there."""

    def __init__(
        self,
        root: str = os.path.join(base.data_dir(), "datasets", "wikitext-103"),
        segment: str = "train",
        vocab: text.vocab.Vocabulary | None = None,
        seq_len: int = 35,
    ) -> None:
        self._archive_file = ("wikitext-103-v1.zip", "0aec09a7537b58d4bb65362fee27650eeaba625a")
        self._data_file = {
            "train": ("wiki.train.tokens", "b7497e2dfe77e72cfef5e3dbc61b7b53712ac211"),
            "validation": ("wiki.valid.tokens", "c326ac59dc587676d58c422eb8a03e119582f92b"),
            "test": ("wiki.test.tokens", "8a5befc548865cec54ed4273cf87dbbad60d1e47"),
        }
        self._segment = segment
        self._seq_len = _positive(seq_len)
        super().__init__(root, "wikitext-103", vocab)


def _positive(seq_len: int) -> int:
    if seq_len < 1:
        raise ValueError(f"seq_len must be at least 1, got {seq_len}")
    return seq_len
