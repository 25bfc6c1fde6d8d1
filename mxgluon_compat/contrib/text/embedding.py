"""Vectors of tokens: from files, for vocabularies."""

from __future__ import annotations

import array
import logging
import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import base, fetch, registry
from ... import ndarray as nd
from . import _constants as C
from . import vocab

__all__ = ["CompositeEmbedding", "CustomEmbedding", "FastText", "GloVe", "create", "get_pretrained_file_names",
           "register"]  # fmt: skip

_ROOT = os.path.join(base.data_dir(), "embeddings")


class _TokenEmbedding(vocab.Vocabulary):
    """Base class: a Vocabulary whose tokens have vectors of one length.

    A subclass that is registered and has files to download names them, with their SHA-1, in
    ``pretrained_file_name_sha1``, and, where they are in archives, those in ``pretrained_archive_name_sha1``.

    Args:
        kwargs: of the Vocabulary.
    """

    pretrained_file_name_sha1: dict[str, str]
    _vec_len: int
    _idx_to_vec: Any  # the vectors; None before they are there

    # ------------------------------------------------------------------------------------------ files
    @classmethod
    def _get_download_file_name(cls, pretrained_file_name: str) -> str:
        """The file to download for a file of vectors."""
        return pretrained_file_name

    @classmethod
    def _get_pretrained_file_url(cls, pretrained_file_name: str) -> str:
        """Where to download it from."""
        name = cls._get_download_file_name(pretrained_file_name)
        return fetch._get_repo_file_url(f"gluon/embeddings/{cls.__name__.lower()}", name)

    @classmethod
    def _get_pretrained_file(cls, embedding_root: str, pretrained_file_name: str) -> str:
        """The path of a file of vectors below ``embedding_root``; downloaded if it is not there.

        Raises:
            ConnectionError, RuntimeError: it cannot be downloaded; the message says which file to put where.
        """
        folder = os.path.join(os.path.expanduser(embedding_root), cls.__name__.lower())
        path = os.path.join(folder, pretrained_file_name)
        sha1 = cls.pretrained_file_name_sha1[pretrained_file_name]
        if not os.path.exists(path) or not fetch.check_sha1(path, sha1):
            url = cls._get_pretrained_file_url(pretrained_file_name)
            archives = getattr(cls, "pretrained_archive_name_sha1", None)
            if archives is None:
                return fetch.download(url, path, sha1_hash=sha1)
            fetch.unpacked(url, folder, archives[cls._get_download_file_name(pretrained_file_name)], path)
        return path

    @classmethod
    def _check_pretrained_file_names(cls, pretrained_file_name: str) -> None:
        """Refuses the name of a file of vectors that this embedding has not.

        Raises:
            KeyError: with the names that it has.
        """
        if pretrained_file_name not in cls.pretrained_file_name_sha1:
            name = cls.__name__.lower()
            raise KeyError(
                f"Cannot find pretrained file {pretrained_file_name} for token embedding {name}. Valid pretrained "
                f"files for embedding {name}: {', '.join(cls.pretrained_file_name_sha1)}"
            )

    # ------------------------------------------------------------------------------------------ vectors
    def _load_embedding(
        self,
        pretrained_file_path: str,
        elem_delim: str,
        init_unknown_vec: Callable[..., nd.NDArray],
        encoding: str = "utf8",
    ) -> None:
        """Reads a file of vectors: in each line a token and its numbers, with ``elem_delim`` between them.

        Tokens that are indexed without standing in the file get the unknown token's vector, which is that of the file
        or what ``init_unknown_vec`` gives.

        Raises:
            ValueError: there is no such file, it holds no vectors or something that is no number.
            AssertionError: a line without numbers, or of another number of them than the lines before.
        """
        pretrained_file_path = os.path.expanduser(pretrained_file_path)
        if not os.path.isfile(pretrained_file_path):
            raise ValueError("`pretrained_file_path` must be a valid path to the pre-trained token embedding file.")
        logging.info("Loading pre-trained token embedding vectors from %s", pretrained_file_path)
        unknown: array.array[float] | None = None
        length = None
        rows: dict[Any, int] = {}
        numbers = array.array("f")
        with open(pretrained_file_path, encoding=encoding) as file:
            for line_number, line in enumerate(file, 1):
                token, *elements = line.rstrip().split(elem_delim)
                assert elements, (
                    f"At line {line_number} of the pre-trained text embedding file: the data format of the "
                    f"pre-trained token embedding file {pretrained_file_path} is unexpected."
                )
                vector = array.array("f", map(float, elements))
                if token == self.unknown_token and unknown is None:
                    unknown = vector
                elif token in rows or token == self.unknown_token:
                    warnings.warn(
                        f"At line {line_number} of the pre-trained token embedding file: the embedding vector for "
                        f"token {token} has been loaded and a duplicate embedding for the  same token is seen and "
                        "skipped.",
                        stacklevel=3,
                    )
                    continue
                elif len(vector) == 1:
                    warnings.warn(
                        f"At line {line_number} of the pre-trained text embedding file: token {token} with "
                        f"1-dimensional vector {vector.tolist()} is likely a header and is skipped.",
                        stacklevel=3,
                    )
                    continue
                else:
                    rows[token] = len(rows)
                    numbers.extend(vector)
                length = length or len(vector)
                assert len(vector) == length, (
                    f"At line {line_number} of the pre-trained token embedding file: the dimension of token {token} "
                    f"is {len(vector)} but the dimension of previous tokens is {length}. Dimensions of all the tokens "
                    "must be the same."
                )
        if length is None:
            raise ValueError(f"there is no vector of 2 or more numbers in {pretrained_file_path}")
        self._vec_len = length
        first = init_unknown_vec(shape=length).asnumpy() if unknown is None else np.array(unknown)
        loaded = np.frombuffer(numbers, np.float32).reshape(-1, length)
        earlier = len(self._idx_to_token)  # the unknown token, reserved and counted ones
        for token in rows:
            if token not in self._token_to_idx:
                self._token_to_idx[token] = len(self._idx_to_token)
                self._idx_to_token.append(token)
        vectors = np.empty((len(self._idx_to_token), length), np.float32)
        vectors[:] = first
        for index, token in enumerate(self._idx_to_token[:earlier]):
            if token in rows:
                vectors[index] = loaded[rows[token]]
        if len(vectors) > earlier:
            vectors[earlier:] = loaded[[row for token, row in rows.items() if self._token_to_idx[token] >= earlier]]
        self._idx_to_vec = nd.array(vectors)

    def _set_idx_to_vec_by_embeddings(
        self, token_embeddings: Sequence[_TokenEmbedding], vocab_len: int, vocab_idx_to_token: Sequence[Any]
    ) -> None:
        """Puts the vectors of these tokens in all embeddings side by side; the first token is the unknown one."""
        parts = []
        for embedding in token_embeddings:
            unknown = embedding.idx_to_vec[0:1]
            others = [embedding.get_vecs_by_tokens(list(vocab_idx_to_token[1:]))] if vocab_len > 1 else []
            parts.append(nd.concat(unknown, *others, dim=0))
        self._idx_to_vec = nd.concat(*parts, dim=1)
        self._vec_len = self._idx_to_vec.shape[1]

    def _index_tokens_from_vocabulary(self, vocabulary: vocab.Vocabulary) -> None:
        """Takes the tokens of a vocabulary."""
        self._token_to_idx = vocabulary.token_to_idx.copy()
        self._idx_to_token = vocabulary.idx_to_token[:]
        self._unknown_token = vocabulary.unknown_token
        reserved = vocabulary.reserved_tokens
        self._reserved_tokens = None if reserved is None else reserved[:]

    def _build_embedding_for_vocabulary(self, vocabulary: vocab.Vocabulary | None) -> None:
        """Keeps the vectors of a vocabulary's tokens, and no others; all for None."""
        if vocabulary is not None:
            assert isinstance(vocabulary, vocab.Vocabulary), (
                "The argument `vocabulary` must be an instance of mxnet.contrib.text.vocab.Vocabulary."
            )
            self._set_idx_to_vec_by_embeddings([self], len(vocabulary), vocabulary.idx_to_token)
            self._index_tokens_from_vocabulary(vocabulary)

    @property
    def vec_len(self) -> int:
        """The length of a vector."""
        return self._vec_len

    @property
    def idx_to_vec(self) -> nd.NDArray:
        """The vectors (number of tokens, vec_len), in the order of the tokens."""
        return self._idx_to_vec

    def get_vecs_by_tokens(self, tokens: str | list[str], lower_case_backup: bool = False) -> nd.NDArray:
        """The vectors of tokens; that of the unknown token for those that are not there.

        Args:
            tokens: a token, or a list of them.
            lower_case_backup: look up in lower case what is not there as it is.

        Returns:
            (vec_len,), or (len(tokens), vec_len) for a list.
        """
        several = tokens if isinstance(tokens, list) else [tokens]
        known = self._token_to_idx
        if lower_case_backup:
            indices = [known[t] if t in known else known.get(t.lower(), C.UNKNOWN_IDX) for t in several]
        else:
            indices = [known.get(t, C.UNKNOWN_IDX) for t in several]
        vectors = nd.take(self.idx_to_vec, nd.array(indices, dtype="int32"))
        return vectors if isinstance(tokens, list) else vectors[0]

    def update_token_vectors(self, tokens: str | list[str], new_vectors: nd.NDArray) -> None:
        """Changes the vectors of tokens.

        Args:
            tokens: a token, or a list of them.
            new_vectors: (len(tokens), vec_len); (vec_len,) too for one token.

        Raises:
            AssertionError: vectors of another shape, or something else than an NDArray.
            ValueError: a token that is not there.
        """
        assert self.idx_to_vec is not None, "The property `idx_to_vec` has not been properly set."
        if not isinstance(tokens, list) or len(tokens) == 1:
            assert isinstance(new_vectors, nd.NDArray) and len(new_vectors.shape) in (1, 2), (
                "`new_vectors` must be a 1-D or 2-D NDArray if `tokens` is a singleton."
            )
            tokens = tokens if isinstance(tokens, list) else [tokens]
            if len(new_vectors.shape) == 1:
                new_vectors = new_vectors.expand_dims(axis=0)
        else:
            assert isinstance(new_vectors, nd.NDArray) and len(new_vectors.shape) == 2, (
                "`new_vectors` must be a 2-D NDArray if `tokens` is a list of multiple strings."
            )
        assert new_vectors.shape == (len(tokens), self.vec_len), (
            "The length of new_vectors must be equal to the number of tokens and the width ofnew_vectors must be equal "
            "to the dimension of embeddings of the glossary."
        )
        for token in tokens:
            if token not in self._token_to_idx:
                raise ValueError(
                    f"Token {token} is unknown. To update the embedding vector for an unknown token, please specify it "
                    f"explicitly as the `unknown_token` {self.idx_to_token[C.UNKNOWN_IDX]} in `tokens`. This is to "
                    "avoid unintended updates."
                )
        self._idx_to_vec[nd.array([self._token_to_idx[t] for t in tokens], dtype="int32")] = new_vectors


_register = registry.get_register_func(_TokenEmbedding, "token embedding")
_create = registry.get_create_func(_TokenEmbedding, "token embedding")


def register(embedding_cls: type) -> type:
    """The decorator that makes a subclass of ``_TokenEmbedding`` known to ``create``, by its name in lower case.

    Raises:
        AssertionError: another class.
    """
    return _register(embedding_cls)


def create(embedding_name: str, **kwargs: Any) -> _TokenEmbedding:
    """An embedding by its registered name (``'glove'``, ``'fasttext'``); the keywords are its class's.

    Raises:
        AssertionError: no such name.
        KeyError: no such file of vectors.
    """
    return _create(embedding_name, **kwargs)


def get_pretrained_file_names(embedding_name: str | None = None) -> list[str] | dict[str, list[str]]:
    """The files of vectors that a registered embedding knows; for None, {name of the embedding: its files}.

    Raises:
        KeyError: no such name.
    """
    known: dict[str, Any] = registry.get_registry(_TokenEmbedding)
    if embedding_name is None:
        return {name: list(cls.pretrained_file_name_sha1) for name, cls in known.items()}
    if embedding_name not in known:
        raise KeyError(
            f"Cannot find `embedding_name` {embedding_name}. Use `get_pretrained_file_names(embedding_name=None)"
            ".keys()` to get all the valid embedding names."
        )
    return list(known[embedding_name].pretrained_file_name_sha1)


class _Pretrained(_TokenEmbedding):
    """What ``GloVe`` and ``FastText`` share: files of vectors in archives."""

    pretrained_archive_name_sha1: dict[str, str]

    def __init__(
        self,
        pretrained_file_name: str,
        embedding_root: str,
        init_unknown_vec: Callable[..., nd.NDArray],
        vocabulary: vocab.Vocabulary | None,
        **kwargs: Any,
    ) -> None:
        self._check_pretrained_file_names(pretrained_file_name)
        super().__init__(**kwargs)
        self._load_embedding(self._get_pretrained_file(embedding_root, pretrained_file_name), " ", init_unknown_vec)
        self._build_embedding_for_vocabulary(vocabulary)

    @classmethod
    def _get_download_file_name(cls, pretrained_file_name: str) -> str:
        # The vectors of all lengths of glove.6B are in one archive.
        stem = pretrained_file_name.rpartition(".")[0]
        while f"{stem}.zip" not in cls.pretrained_archive_name_sha1 and "." in stem:
            stem = stem.rpartition(".")[0]
        return f"{stem}.zip"


@register
class GloVe(_Pretrained):
    """Vectors of the GloVe project, from counts of words beside each other.

    `Pennington et al., 2014, "GloVe: Global Vectors for Word Representation" <https://nlp.stanford.edu/projects/glove/>`_

    Args:
        pretrained_file_name: one of ``get_pretrained_file_names('glove')``.
        embedding_root: the file is in the folder ``glove`` of this one, and is downloaded if it is not there.
        init_unknown_vec: makes the unknown token's vector of ``shape=`` its length, where the file has none.
        vocabulary: keep the vectors of these tokens only.
        kwargs: of the Vocabulary.

    Raises:
        KeyError: no such file of vectors.
        ConnectionError, RuntimeError: it cannot be downloaded; the message says which file to put where.
    """

    pretrained_archive_name_sha1 = C.GLOVE_PRETRAINED_FILE_SHA1
    pretrained_file_name_sha1 = C.GLOVE_PRETRAINED_ARCHIVE_SHA1

    def __init__(
        self,
        pretrained_file_name: str = "glove.840B.300d.txt",
        embedding_root: str = _ROOT,
        init_unknown_vec: Callable[..., nd.NDArray] = nd.zeros,
        vocabulary: vocab.Vocabulary | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pretrained_file_name, embedding_root, init_unknown_vec, vocabulary, **kwargs)


@register
class FastText(_Pretrained):
    """Vectors of the fastText project, from parts of words, in many languages.

    `Bojanowski et al., 2017, "Enriching Word Vectors with Subword Information" <https://arxiv.org/abs/1607.04606>`_

    Args as of ``GloVe``; the folder is ``fasttext``.
    """

    pretrained_archive_name_sha1 = C.FAST_TEXT_ARCHIVE_SHA1
    pretrained_file_name_sha1 = C.FAST_TEXT_FILE_SHA1

    def __init__(
        self,
        pretrained_file_name: str = "wiki.simple.vec",
        embedding_root: str = _ROOT,
        init_unknown_vec: Callable[..., nd.NDArray] = nd.zeros,
        vocabulary: vocab.Vocabulary | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pretrained_file_name, embedding_root, init_unknown_vec, vocabulary, **kwargs)


class CustomEmbedding(_TokenEmbedding):
    """Vectors from a file of one's own: in each line a token and its numbers.

    Args:
        pretrained_file_path: the file.
        elem_delim: what is between the token and the numbers.
        encoding: of the file.
        init_unknown_vec: makes the unknown token's vector of ``shape=`` its length, where the file has none.
        vocabulary: keep the vectors of these tokens only.
        kwargs: of the Vocabulary.

    Raises:
        ValueError: there is no such file, it holds no vectors or something that is no number.
        AssertionError: a line without numbers, or of another number of them than the lines before.
    """

    def __init__(
        self,
        pretrained_file_path: str,
        elem_delim: str = " ",
        encoding: str = "utf8",
        init_unknown_vec: Callable[..., nd.NDArray] = nd.zeros,
        vocabulary: vocab.Vocabulary | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._load_embedding(pretrained_file_path, elem_delim, init_unknown_vec, encoding)
        self._build_embedding_for_vocabulary(vocabulary)


class CompositeEmbedding(_TokenEmbedding):
    """The vectors of a vocabulary's tokens in several embeddings, side by side.

    Args:
        vocabulary: the tokens.
        token_embeddings: an embedding, or a list of them.

    Raises:
        AssertionError: something else.
    """

    def __init__(self, vocabulary: vocab.Vocabulary, token_embeddings: _TokenEmbedding | list[_TokenEmbedding]) -> None:
        assert isinstance(vocabulary, vocab.Vocabulary), (
            "The argument `vocabulary` must be an instance of mxnet.contrib.text.indexer.Vocabulary."
        )
        embeddings: list[Any] = token_embeddings if isinstance(token_embeddings, list) else [token_embeddings]
        for embedding in embeddings or [None]:
            assert isinstance(embedding, _TokenEmbedding), (
                "The argument `token_embeddings` must be an instance or a list of instances of "
                "`mxnet.contrib.text.embedding.TextEmbedding` whose embedding vectors will beloaded or "
                "concatenated-then-loaded to map to the indexed tokens."
            )
        self._index_tokens_from_vocabulary(vocabulary)
        self._set_idx_to_vec_by_embeddings(embeddings, len(self), self.idx_to_token)
