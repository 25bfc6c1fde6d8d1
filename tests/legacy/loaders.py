"""Datasets cut, sampled and batched in many ways, in this process, in threads and in processes."""

import numpy as np
from mxnet import gluon, nd
from mxnet.gluon.data import ArrayDataset, BatchSampler, DataLoader, RandomSampler, SimpleDataset
from mxnet.gluon.data.dataloader import default_batchify_fn


class Sentences(gluon.data.Dataset):
    """Sequences of different lengths."""

    def __init__(self, n):
        rng = np.random.RandomState(3)
        self._items = [rng.randint(1, 50, size=rng.randint(2, 9)) for _ in range(n)]

    def __len__(self):
        return len(self._items)

    def __getitem__(self, idx):
        return self._items[idx], len(self._items[idx])


def pad(samples):
    tokens, lengths = zip(*samples)
    longest = max(lengths)
    rows = [np.pad(t, (0, longest - len(t)), "constant") for t in tokens]
    return nd.array(np.stack(rows), dtype="int32"), nd.array(lengths)


class Buckets(gluon.data.Sampler):
    """Batches of sequences of like length."""

    def __init__(self, lengths, size):
        order = sorted(range(len(lengths)), key=lambda i: (lengths[i], i))
        self._batches = [order[i : i + size] for i in range(0, len(order), size)]

    def __iter__(self):
        for i in np.random.permutation(len(self._batches)):
            yield self._batches[i]

    def __len__(self):
        return len(self._batches)


np.random.seed(11)
sentences = Sentences(20)
lengths = [sentences[i][1] for i in range(len(sentences))]
for options in ({}, {"num_workers": 2}, {"num_workers": 2, "thread_pool": True, "prefetch": 1}):
    loader = DataLoader(sentences, batch_sampler=Buckets(lengths, 4), batchify_fn=pad, **options)
    total = 0
    for tokens, valid in loader:
        total += int(tokens.sum().asscalar())
        print(tokens.shape, valid.asnumpy().astype(int).tolist(), tokens.dtype.__name__, str(tokens[0, 0].asscalar()))
    print("batches: %d, tokens %.1f" % (len(loader), total))

x, y = nd.arange(24).reshape((12, 2)), nd.arange(12)
dataset = ArrayDataset(x, y)
evens = dataset.filter(lambda sample: int(sample[1]) % 2 == 0)
scaled = dataset.transform_first(lambda a: a / 10).shard(3, 1)
print(len(evens), [float(s[1]) for s in evens.take(3)], [("%.1f" % a.sum().asscalar(), int(b)) for a, b in scaled])
for last in ("keep", "discard", "rollover"):
    sampler = BatchSampler(RandomSampler(7), 3, last)
    print(last, len(sampler), [list(map(int, b)) for b in sampler], len(sampler), [len(b) for b in sampler])

loader = DataLoader(dataset, batch_size=5, shuffle=True, last_batch="keep", num_workers=1)
for epoch in range(2):
    print("epoch", epoch, [label.asnumpy().astype(int).tolist() for _, label in loader])
nested = SimpleDataset([((i, i + 1), nd.array([i]), float(i)) for i in range(4)])
for (a, b), c, d in DataLoader(nested, 2):
    print(a.asnumpy().tolist(), b.asnumpy().tolist(), c.asnumpy().tolist(), d.asnumpy().tolist())
print([type(b).__name__ for b in default_batchify_fn([(1, nd.ones(2)), (2, nd.ones(2))])])
