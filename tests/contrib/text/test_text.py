"""Vocabularies and vectors of tokens against real MXNet's, and where both differ."""

import collections
import hashlib
import zipfile

import numpy as np
import pytest

import mxgluon_compat as mx
from tests.oracle import contrib_text as scenario
from tests.scenarios import against_mxnet

text = mx.contrib.text
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)


def written(tmp_path, content):
    path = tmp_path / "vectors.txt"
    path.write_text(content)
    return str(path)


def test_indices_of_numpy():
    # MXNet takes Python's own integers only.
    vocabulary = text.vocab.Vocabulary(collections.Counter("aab"))
    assert vocabulary.to_tokens([np.int32(1), np.int64(2)]) == ["a", "b"]
    assert vocabulary.to_tokens(np.argmax([0, 3, 1])) == "a"
    with pytest.raises(TypeError, match=r"whole number.*got \(1, 2\)"):
        vocabulary.to_tokens((1, 2))


def test_reserved_and_counted_tokens_have_vectors(tmp_path):
    # MXNet leaves their rows out, so that every token after them has another one's vector.
    path = written(tmp_path, "a 1 2\nb 3 4\n")
    embedding = text.embedding.CustomEmbedding(path, reserved_tokens=["<pad>", "b"], init_unknown_vec=mx.nd.ones)
    assert embedding.idx_to_token == ["<unk>", "<pad>", "b", "a"]
    assert embedding.token_to_idx == {"<unk>": 0, "<pad>": 1, "b": 2, "a": 3}
    assert embedding.idx_to_vec.asnumpy().tolist() == [[1, 1], [1, 1], [3, 4], [1, 2]]
    embedding = text.embedding.CustomEmbedding(path, counter=collections.Counter(["b", "z"]))
    assert embedding.idx_to_token == ["<unk>", "b", "z", "a"]
    assert embedding.get_vecs_by_tokens(["a", "b", "z"]).asnumpy().tolist() == [[1, 2], [3, 4], [0, 0]]


@pytest.mark.filterwarnings("ignore:.*likely a header")
@pytest.mark.parametrize("content", ["", "a 1\nb 2\n"])
def test_files_without_vectors_are_named(tmp_path, content):
    # MXNet ends in a TypeError.
    with pytest.raises(ValueError, match="no vector of 2 or more numbers in .*vectors.txt"):
        text.embedding.CustomEmbedding(written(tmp_path, content))


def test_vectors_train_an_embedding(tmp_path):
    vectors = text.embedding.CustomEmbedding(written(tmp_path, "a 1 2\nb 3 4\n"))
    layer = mx.gluon.nn.Embedding(*vectors.idx_to_vec.shape)
    layer.initialize()
    layer.weight.set_data(vectors.idx_to_vec)
    assert layer(mx.nd.array(vectors.to_indices(["b", "?"]))).asnumpy().tolist() == [[3, 4], [0, 0]]


# ---------------------------------------------------------------------------------------------- files to download
def test_a_missing_file_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("MXNET_GLUON_REPO", f"file://{tmp_path}/nowhere")
    with pytest.raises(ConnectionError, match=r"glove.6B.50d.txt is not there.*glove.6B.zip.*into the folder .*glove"):
        text.embedding.GloVe("glove.6B.50d.txt", embedding_root=str(tmp_path / "root"))


def test_archives_are_unpacked(tmp_path, monkeypatch):
    monkeypatch.setenv("MXNET_GLUON_REPO", f"file://{tmp_path}/repo")
    content = b"a 1 2\nb 3 4\n"
    place = tmp_path / "repo" / "gluon" / "embeddings" / "fasttext"
    place.mkdir(parents=True)
    with zipfile.ZipFile(place / "wiki.simple.zip", "w") as file:
        file.writestr("inside/wiki.simple.vec", content)
    cls = text.embedding.FastText
    archive = hashlib.sha1((place / "wiki.simple.zip").read_bytes()).hexdigest()
    monkeypatch.setitem(cls.pretrained_file_name_sha1, "wiki.simple.vec", hashlib.sha1(content).hexdigest())
    monkeypatch.setitem(cls.pretrained_archive_name_sha1, "wiki.simple.zip", archive)
    for _ in range(2):
        vectors = cls("wiki.simple.vec", embedding_root=str(tmp_path / "root"))
        assert vectors.idx_to_vec.asnumpy().tolist() == [[0, 0], [1, 2], [3, 4]]
        (place / "wiki.simple.zip").unlink(missing_ok=True)
    assert sorted(p.name for p in (tmp_path / "root" / "fasttext").iterdir()) == ["wiki.simple.vec", "wiki.simple.zip"]


def test_operators_of_contrib():
    for ours, shown in ((mx.contrib.nd, mx.nd.contrib), (mx.contrib.symbol, mx.sym.contrib)):
        assert ours.box_nms is shown.box_nms
        assert "foreach" not in ours.__all__
    assert (mx.contrib.ndarray, mx.contrib.sym) == (mx.contrib.nd, mx.contrib.symbol)
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        mx.contrib.nd.nothing_of_this_name  # noqa: B018


def test_no_tokens_no_vectors(tmp_path):
    # MXNet refuses to look up nothing.
    embedding = text.embedding.CustomEmbedding(written(tmp_path, "a 1 2\n"))
    assert embedding.get_vecs_by_tokens([]).shape == (0, 2)
