"""Writes tests/golden/contrib_text.json: MXNet's vocabularies and vectors of tokens.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.contrib_text
"""

import collections
import hashlib
import os
import tempfile
import warnings

import numpy as np

from tests.oracle.scenario import attempt, plain, write

COUNTED = collections.Counter(["c", "b", "b", "a", "a", "a", "d", "<unk>"])
TEXT = " Life is great ! \n life is good . \n"
FILES = {
    "plain": "a 0.1 0.2 0.3\nb 1 2 3\nc 4 5 6\n",
    "header": "2 3\na 0.1 0.2 0.3\nb 1 2 3\n",
    "header inside": "a 1 2\n3 4\nb 3 4\n",
    "unknown": "a 0.1 0.2 0.3\n<unk> 9 9 9\nb 1 2 3\n",
    "unknown twice": "a 1 2\n<unk> 5 6\n<unk> 7 8\nb 3 4\n",
    "twice": "a 0.1 0.2 0.3\na 1 2 3\nb 1 1 1\n",
    "another length": "a 0.1 0.2 0.3\nb 1 2\n",
    "no number": "a x y\n",
    "spaces at the end": "a 1 2 \nb 3 4 \n",
    "blank line": "a 1 2\n\nb 3 4\n",
    "no token": " 1 2\nb 3 4\n",
    "tabs": "a\t1\t2\nb\t3\t4\n",
    "latin": "\u00e9 1 2\nb 3 4\n",
    "capitals": "a 1 2\nB 3 4\nb 5 6\n",
}


def looks(vocabulary):
    """Everything that a vocabulary shows."""
    found = [
        len(vocabulary), vocabulary.idx_to_token, sorted(vocabulary.token_to_idx.items(), key=lambda x: x[1]),
        vocabulary.unknown_token, vocabulary.reserved_tokens,
    ]  # fmt: skip
    if hasattr(vocabulary, "vec_len"):
        found += [vocabulary.vec_len, vocabulary.idx_to_vec]
    return found


def vocabularies(mx):
    vocabulary = mx.contrib.text.vocab.Vocabulary
    found = {}
    for kwargs in (
        {}, {"counter": COUNTED}, {"counter": COUNTED, "most_freq_count": 2}, {"counter": COUNTED, "min_freq": 2},
        {"counter": COUNTED, "most_freq_count": 0}, {"counter": COUNTED, "min_freq": 0},
        {"counter": COUNTED, "unknown_token": "<u>"}, {"counter": COUNTED, "reserved_tokens": ["<pad>", "b"]},
        {"counter": COUNTED, "reserved_tokens": ["<pad>", "b"], "most_freq_count": 2},
        {"counter": COUNTED, "reserved_tokens": ["<unk>"]}, {"counter": COUNTED, "reserved_tokens": ["x", "x"]},
        {"counter": {"a": 1}}, {"counter": COUNTED, "reserved_tokens": []}, {"counter": COUNTED, "most_freq_count": -1},
        {"counter": COUNTED, "most_freq_count": 100, "min_freq": 2}, {"reserved_tokens": ["z"]},
        {"counter": COUNTED, "unknown_token": None}, {"counter": COUNTED, "unknown_token": "a"},
        {"counter": COUNTED, "reserved_tokens": ("p", "q")}, {"counter": collections.Counter({1: 3, 2: 1})},
    ):  # fmt: skip
        name = ", ".join("%s=%s" % (k, "COUNTED" if v is COUNTED else v) for k, v in sorted(kwargs.items()))
        found["Vocabulary(%s)" % name] = attempt(lambda kwargs=kwargs: looks(vocabulary(**kwargs)))
    made = vocabulary(COUNTED, reserved_tokens=["<pad>"])
    asked = ["a", "zz", ["a", "zz"], [], ("a", "b"), 1, None]
    found["to_indices"] = [attempt(made.to_indices, tokens) for tokens in asked]
    asked = [0, 1, [0, 2], [], 99, -1, [99], True]
    found["to_tokens"] = [attempt(made.to_tokens, indices) for indices in asked]
    found["to_tokens refuses"] = [attempt(made.to_tokens, x)["raises"] for x in ("a", None, (1, 2), 1.5)]
    count = mx.contrib.text.utils.count_tokens_from_str
    for kwargs in (
        {}, {"to_lower": True}, {"seq_delim": "[.]"}, {"token_delim": "is"}, {"token_delim": "i|s"}, {"seq_delim": "x"},
        {"counter_to_update": collections.Counter(["is"])},
    ):  # fmt: skip
        found["count_tokens_from_str %s" % sorted(kwargs.items())] = attempt(count, TEXT, **kwargs)
    counter = collections.Counter()
    found["count_tokens_from_str updates"] = count("a b", counter_to_update=counter) is counter
    return found


def embeddings(mx, folder):
    text = mx.contrib.text
    custom, composite = text.embedding.CustomEmbedding, text.embedding.CompositeEmbedding
    found = {}

    def path(name):
        return os.path.join(folder, name.replace(" ", "_"))

    def put(key, function, *args, **kwargs):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = attempt(function, *args, **kwargs)
        if isinstance(result, dict) and "text" in result:
            result["text"] = result["text"].replace(folder, "FOLDER")
        found[key] = [result, [[w.category.__name__, str(w.message)] for w in caught]]

    def made(name, **kwargs):
        return looks(custom(path(name), **kwargs))

    for name, content in FILES.items():
        with open(path(name), "wb") as file:
            file.write(content.encode("latin-1" if name == "latin" else "utf8"))
        if name not in ("tabs", "latin"):
            put("CustomEmbedding " + name, made, name)
    vocabulary = text.vocab.Vocabulary(collections.Counter(["a", "a", "b", "z"]), reserved_tokens=["<pad>"])
    put("CustomEmbedding tabs", made, "tabs", elem_delim="\t")
    put("CustomEmbedding wrong delimiter", made, "tabs")
    put("CustomEmbedding encoding", made, "latin", encoding="latin-1")
    put("CustomEmbedding wrong encoding", made, "latin")
    put("CustomEmbedding no file", made, "nope")
    put("CustomEmbedding ones", made, "plain", init_unknown_vec=mx.nd.ones)
    put("CustomEmbedding values", made, "plain", init_unknown_vec=lambda shape: mx.nd.arange(shape))
    put("CustomEmbedding ones unused", made, "unknown", init_unknown_vec=mx.nd.ones)
    put("CustomEmbedding unknown_token", made, "plain", unknown_token="UNK")
    put("CustomEmbedding unknown_token in the file", made, "plain", unknown_token="a")
    put("CustomEmbedding vocabulary", made, "plain", vocabulary=vocabulary)
    put("CustomEmbedding vocabulary, unknown vector", made, "unknown", vocabulary=vocabulary)
    put("CustomEmbedding vocabulary, other names", made, "plain", vocabulary=vocabulary, unknown_token="q")
    put("CustomEmbedding no vocabulary", made, "plain", vocabulary="x")
    put("CustomEmbedding unknown keyword", lambda: attempt(made, "plain", foo=1)["raises"])

    embedding = custom(path("capitals"))
    for tokens in ("a", "zz", "A", "B", ["a", "B", "A", "zz"], ("a", "b"), 1):
        put("get_vecs_by_tokens %s" % (tokens,), embedding.get_vecs_by_tokens, tokens)
        if isinstance(tokens, (str, list)):
            put("get_vecs_by_tokens %s, lower case" % (tokens,), embedding.get_vecs_by_tokens, tokens, True)
    changes = [
        ("a", mx.nd.array([9, 8])), (["a", "b"], mx.nd.array([[1, 1], [2, 2]])), (["a"], mx.nd.array([3, 3])),
        (["a"], mx.nd.array([[4, 4]])), ("a", mx.nd.array([[5, 5]])), ("zz", mx.nd.ones((2,))),
        (["a", "zz"], mx.nd.ones((2, 2))), ("<unk>", mx.nd.array([7, 7])), ("a", mx.nd.ones((3,))),
        (["a", "b"], mx.nd.ones((1, 2))), ("a", [1, 1]), ("a", np.ones(2)), (["a", "b"], mx.nd.ones((2,))),
        (["b", "b"], mx.nd.array([[1, 1], [2, 2]])), ("a", mx.nd.array([1, 2], dtype="float64")),
        ("a", mx.nd.ones((1, 1, 2))),
    ]  # fmt: skip
    for i, (tokens, vectors) in enumerate(changes):
        put("update_token_vectors %d" % i, embedding.update_token_vectors, tokens, vectors)
        found["update_token_vectors %d after" % i] = plain(embedding.idx_to_vec)

    one, two = custom(path("spaces at the end")), custom(path("plain"))
    for name, parts in (("one", one), ("list", [one]), ("two", [one, two]), ("tuple", (one, two)), ("text", "one")):
        put("CompositeEmbedding " + name, lambda parts=parts: looks(composite(vocabulary, parts)))
    put("CompositeEmbedding of an embedding's tokens", lambda: looks(composite(one, two)))
    put("CompositeEmbedding without a vocabulary", composite, "v", one)
    put("CompositeEmbedding with another part", composite, vocabulary, [one, "x"])
    put("copies", lambda: [composite(vocabulary, one).idx_to_token is vocabulary.idx_to_token])
    return found


def trained(mx, folder):
    """Registered embeddings and their files."""
    embedding = mx.contrib.text.embedding
    found = {"names glove": embedding.get_pretrained_file_names("glove")}
    names = embedding.get_pretrained_file_names()
    hashes = [embedding.GloVe, embedding.FastText]
    found["names"] = {
        k: hashlib.sha1(" ".join(names[k]).encode()).hexdigest() for k in ("glove", "fasttext")
    }  # fmt: skip
    for cls in hashes:
        for table in (cls.pretrained_file_name_sha1, cls.pretrained_archive_name_sha1):
            found.setdefault("hashes " + cls.__name__, []).append(
                hashlib.sha1(repr(sorted(table.items())).encode()).hexdigest()
            )
        urls = [cls._get_pretrained_file_url(n) for n in cls.pretrained_file_name_sha1]
        found["urls " + cls.__name__] = [urls[0], hashlib.sha1(" ".join(urls).encode()).hexdigest()]
    found["unknown names"] = [
        attempt(embedding.get_pretrained_file_names, "foo"), attempt(embedding.get_pretrained_file_names, "GLOVE"),
        attempt(embedding.create, "foo"), attempt(embedding.create, "customembedding", pretrained_file_path="x"),
        attempt(embedding.GloVe, "foo.txt"), attempt(embedding.create, "glove", pretrained_file_name="x"),
        attempt(embedding.register, dict),
    ]  # fmt: skip

    content = b"a 1 2\nb 3 4\n"
    os.makedirs(os.path.join(folder, "glove"))
    with open(os.path.join(folder, "glove", "glove.6B.50d.txt"), "wb") as file:
        file.write(content)
    table = embedding.GloVe.pretrained_file_name_sha1
    known, table["glove.6B.50d.txt"] = table["glove.6B.50d.txt"], hashlib.sha1(content).hexdigest()
    try:
        given = {"pretrained_file_name": "glove.6B.50d.txt", "embedding_root": folder}
        found["local GloVe"] = attempt(lambda: looks(embedding.create("glove", **given)))
        vocabulary = mx.contrib.text.vocab.Vocabulary(collections.Counter(["b", "z"]))
        found["local GloVe, vocabulary"] = attempt(
            lambda: looks(embedding.GloVe(vocabulary=vocabulary, init_unknown_vec=mx.nd.ones, **given))
        )
    finally:
        table["glove.6B.50d.txt"] = known

    class OfMyOwn(embedding._TokenEmbedding):
        pretrained_file_name_sha1 = {"mine.txt": hashlib.sha1(content).hexdigest()}

        def __init__(self, pretrained_file_name="mine.txt", **kwargs):
            self._check_pretrained_file_names(pretrained_file_name)
            super().__init__(**kwargs)
            self._load_embedding(self._get_pretrained_file(folder, pretrained_file_name), " ", mx.nd.zeros)

    os.makedirs(os.path.join(folder, "ofmyown"))
    with open(os.path.join(folder, "ofmyown", "mine.txt"), "wb") as file:
        file.write(content)
    known = dict(mx.registry.get_registry(embedding._TokenEmbedding))
    found["registered"] = [sorted(known), embedding.register(OfMyOwn) is OfMyOwn]
    found["own"] = [
        attempt(lambda: looks(embedding.create("ofmyown", unknown_token="?"))),
        attempt(embedding.get_pretrained_file_names, "ofmyown"), sorted(embedding.get_pretrained_file_names()),
        attempt(embedding.create, "ofmyown", pretrained_file_name="x"),
        OfMyOwn._get_pretrained_file_url("mine.txt"),
    ]  # fmt: skip
    return found


def results(mx):
    found = vocabularies(mx)
    with tempfile.TemporaryDirectory() as folder:
        found.update(embeddings(mx, folder))
        found.update(trained(mx, folder))
    return plain(found)


if __name__ == "__main__":
    import mxnet

    write("contrib_text", results(mxnet))
