"""Samplers and texts of gluon.contrib.data against real MXNet's, and their files."""

import hashlib
import zipfile

import pytest

from mxgluon_compat.gluon.contrib.data import text
from tests.oracle import gluon_contrib_data as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)


def test_a_missing_file_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("MXNET_GLUON_REPO", f"file://{tmp_path}/nowhere")
    with pytest.raises(ConnectionError, match=r"wiki.valid.tokens is not there.*wikitext-2-v1.zip .*into the folder"):
        text.WikiText2(str(tmp_path / "root"), "validation")
    (tmp_path / "root" / "wiki.test.tokens").write_text("of my own")
    with pytest.raises(ConnectionError, match="wiki.test.tokens is not there, or holds something else"):
        text.WikiText2(str(tmp_path / "root"), "test")


class Small(text.WikiText2):
    """With the hashes of a small archive."""

    def __init__(self, root, archive, content, **kwargs):
        self.small = ("wikitext-2-v1.zip", hashlib.sha1(archive).hexdigest())
        self.file = ("wiki.train.tokens", hashlib.sha1(content).hexdigest())
        super().__init__(root, **kwargs)

    def _get_data(self):
        self._archive_file, self._data_file = self.small, {"train": self.file}
        super()._get_data()


def test_archives_are_unpacked(tmp_path, monkeypatch):
    monkeypatch.setenv("MXNET_GLUON_REPO", f"file://{tmp_path}/repo")
    place = tmp_path / "repo" / "gluon" / "dataset" / "wikitext-2"
    place.mkdir(parents=True)
    content = b" a b c \n d e f \n"
    with zipfile.ZipFile(place / "wikitext-2-v1.zip", "w") as file:
        file.writestr("wikitext-2/", b"")
        file.writestr("wikitext-2/wiki.train.tokens", content)
    archive = (place / "wikitext-2-v1.zip").read_bytes()
    for _ in range(2):
        dataset = Small(str(tmp_path / "root"), archive, content, seq_len=3)
        assert [dataset.vocabulary.to_tokens(x.asnumpy().tolist()) for x in dataset[0]] == [
            ["a", "b", "c"], ["b", "c", "<eos>"],
        ]  # fmt: skip
        (place / "wikitext-2-v1.zip").unlink(missing_ok=True)
    assert sorted(p.name for p in (tmp_path / "root").iterdir()) == ["wiki.train.tokens", "wikitext-2-v1.zip"]


def test_sequences_have_a_length(tmp_path):
    # MXNet divides by it.
    with pytest.raises(ValueError, match="seq_len must be at least 1, got 0"):
        text.WikiText103(str(tmp_path), seq_len=0)
