"""Writes tests/golden/gluon_contrib_data.json: MXNet's gluon.contrib.data.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_contrib_data
"""

import os
import tempfile

from tests.oracle.scenario import attempt, plain, write

TEXT = " \n = Title = \n \n a b c a b \n the cat sat on the mat \n"


def looks(dataset):
    """Everything that a text dataset shows."""
    vocabulary = dataset.vocabulary
    return {
        "length": len(dataset),
        "items": [dataset[i] for i in range(len(dataset))],
        "all": [dataset._data, dataset._label],
        "vocabulary": [vocabulary.idx_to_token, vocabulary.reserved_tokens, vocabulary.unknown_token],
        "frequencies": dataset.frequencies,
        "names": [dataset._namespace, dataset._segment, dataset._seq_len, dataset._archive_file, dataset._data_file],
    }


def results(mx):
    data, found = mx.gluon.contrib.data, {}
    for arguments in (
        (13, 3), (13, 3, False), (3, 5), (5, 5), (6, 1), (0, 1), (4, 2), (10, 0), (5, -1), (2, 1, False), (12, 4),
    ):  # fmt: skip

        def order(arguments=arguments):
            sampler = data.IntervalSampler(*arguments)
            return [len(sampler), list(sampler), list(sampler), isinstance(sampler, mx.gluon.data.Sampler)]

        found["IntervalSampler%s" % (arguments,)] = attempt(order)
    loader = mx.gluon.data.DataLoader(
        mx.gluon.data.ArrayDataset(list(range(7))), batch_size=3, sampler=data.IntervalSampler(7, 2)
    )
    found["IntervalSampler in a DataLoader"] = [batch.asnumpy().tolist() for batch in loader]

    text = data.text
    known, text.check_sha1 = text.check_sha1, lambda path, sha1: True
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name in ("train", "valid", "test"):
                with open(os.path.join(folder, "wiki.%s.tokens" % name), "w") as file:
                    file.write(TEXT if name != "valid" else "a dog sat \n")
            train = text.WikiText2(folder, seq_len=5)
            found["train"] = looks(train)
            found["train 4"] = looks(text.WikiText2(root=folder, segment="train", vocab=None, seq_len=4))
            found["default length"] = [text.WikiText2(folder)._seq_len, attempt(lambda: len(text.WikiText2(folder)))]
            found["validation"] = looks(text.WikiText2(folder, "validation", train.vocabulary, 2))
            found["shared"] = text.WikiText2(folder, "test", train.vocabulary, 3).vocabulary is train.vocabulary
            found["own vocabulary"] = looks(text.WikiText2(folder, "validation", seq_len=2))
            found["103"] = looks(text.WikiText103(folder, segment="test", seq_len=6))
            found["another segment"] = attempt(text.WikiText2, folder, "val")
            loader = mx.gluon.data.DataLoader(
                train, batch_size=2, sampler=data.IntervalSampler(len(train), 2), last_batch="keep"
            )
            found["loader"] = [[x, y] for x, y in loader]
            found["slices"] = [train[0:2], train[-1]]
            found["bases"] = [c.__name__ for c in text.WikiText103.__mro__]
    finally:
        text.check_sha1 = known
    return plain(found)


if __name__ == "__main__":
    import mxnet

    write("gluon_contrib_data", results(mxnet))
