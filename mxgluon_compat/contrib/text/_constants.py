"""What is known of files of trained vectors: their names, hashes and place."""

from __future__ import annotations

from importlib import resources

UNKNOWN_IDX = 0
APACHE_REPO_URL = "https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/"

_PRETRAINED = [row.split() for row in resources.files(__package__).joinpath("pretrained.txt").read_text().splitlines()]


def _hashes(embedding: str, kind: str) -> dict[str, str]:
    """{file name: SHA-1} of an embedding's files of vectors (``"file"``), or of the archives that hold them."""
    return {name: sha1 for of, what, name, sha1 in _PRETRAINED if (of, what) == (embedding, kind)}


# Whatever the names say: the files of vectors, and the archives.
GLOVE_PRETRAINED_ARCHIVE_SHA1 = _hashes("glove", "file")
GLOVE_PRETRAINED_FILE_SHA1 = _hashes("glove", "archive")
FAST_TEXT_FILE_SHA1 = _hashes("fasttext", "file")
FAST_TEXT_ARCHIVE_SHA1 = _hashes("fasttext", "archive")
