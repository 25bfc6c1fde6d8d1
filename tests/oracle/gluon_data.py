"""Writes tests/golden/gluon_data.json: datasets, samplers and batches of real MXNet.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_data
"""

import numpy as np

from tests.oracle.scenario import attempt, plain, write


def fail_at_three(x):
    if x == 3:
        raise KeyError("boo %d" % x)
    return x


def listed(samples):
    return list(samples)


def as_dict(samples):
    return {"a": np.array(samples), "n": len(samples)}


def datasets(mx, found):
    data = mx.gluon.data
    ten = data.SimpleDataset(list(range(10)))
    pairs = data.SimpleDataset([(i, i * i) for i in range(5)])

    def read(dataset):
        return [type(dataset).__name__, [dataset[i] for i in range(len(dataset))]]

    for lazy in (True, False):
        found["transform %s" % lazy] = plain(read(ten.transform(lambda x: 2 * x, lazy)))
        found["transform pair %s" % lazy] = plain(read(pairs.transform(lambda a, b: (a + 1, b), lazy)))
        found["transform_first pair %s" % lazy] = plain(read(pairs.transform_first(lambda a: a + 1, lazy)))
        found["transform_first one %s" % lazy] = plain(read(ten.transform_first(lambda a: a + 1, lazy)))
    found["transform list"] = plain(data.SimpleDataset([[1, 2]]).transform(lambda a: a)[0])
    found["filter"] = plain(read(ten.filter(lambda x: x % 2 == 0)))
    for number, index in ((3, 0), (3, 1), (3, 2), (3, 3), (0, 0), (2, -1), (1, 0), (20, 15), (20, 3)):
        found["shard %d %d" % (number, index)] = attempt(lambda: read(ten.shard(number, index)))
    for count in (3, None, 20, 0):
        found["take %s" % count] = plain(read(ten.take(count)))
    found["sample"] = plain(read(ten.sample(data.SequentialSampler(3, start=2))))
    found["sample nothing"] = attempt(ten.sample, 3)
    found["slice"] = plain(ten[1:3])
    found["abstract"] = [attempt(len, data.Dataset()), attempt(lambda: data.Dataset()[0])]
    rows = mx.nd.arange(6).reshape((3, 2))
    found["ArrayDataset"] = plain(read(data.ArrayDataset(rows, [1, 2, 3], np.arange(3), mx.nd.array([4, 5, 6]))))
    found["ArrayDataset one"] = plain(read(data.ArrayDataset([1, 2])))
    found["ArrayDataset vector"] = plain(read(data.ArrayDataset(mx.nd.array([1, 2]))))
    found["ArrayDataset none"] = attempt(data.ArrayDataset)
    found["ArrayDataset lengths"] = attempt(data.ArrayDataset, [1, 2], [1])["raises"]


def samplers(mx, found):
    data = mx.gluon.data
    for last in ("keep", "discard", "rollover", "zz"):
        for length, size in ((10, 3), (2, 3), (9, 3)):
            sampler = data.BatchSampler(data.SequentialSampler(length), size, last)
            found["BatchSampler %s %d %d" % (last, length, size)] = [
                attempt(lambda: [len(sampler), list(sampler)]) for _ in range(3)
            ]
    np.random.seed(3)
    random = data.RandomSampler(6)
    found["RandomSampler"] = plain([list(random), list(random), len(random)])
    found["FilterSampler"] = plain(list(data.FilterSampler(lambda x: x > 5, data.SimpleDataset(list(range(10))))))
    found["Sampler"] = [attempt(lambda: iter(data.Sampler())), attempt(lambda: len(data.Sampler()))]


def batches(mx, found):
    loader = mx.gluon.data.dataloader
    samples = {
        "arrays": [mx.nd.array([1, 2]), mx.nd.array([3, 4])],
        "pairs": [(1, mx.nd.array([3])), (2, mx.nd.array([4]))],
        "nested": [((1, 2), 3), ((4, 5), 6)],
        "numbers": [1, 2],
        "floats": [1.5, 2],
        "numpy scalars": [np.float32(1), np.float32(2)],
        "int64": [np.int64(3)],
        "uint8": [np.zeros((2, 2), dtype="uint8")] * 3,
        "float16": [np.zeros(2, dtype="float16")],
        "bools": [True, False],
        "lists": [[1, 2], [3, 4]],
        "int32 array": [mx.nd.array([1, 2], dtype="int32")],
        "scalar array": [np.array(3)],
    }
    for name, sample in samples.items():
        for function in (loader.default_batchify_fn, loader.default_mp_batchify_fn):
            found["%s %s" % (function.__name__, name)] = attempt(function, sample)
    other = {"shapes": mx.nd.ones(3), "dtypes": mx.nd.ones(2, dtype="float64"), "numbers": 1}
    for name, second in other.items():
        error = attempt(loader.default_mp_batchify_fn, [mx.nd.ones(2), second])
        found["default_mp_batchify_fn of several %s" % name] = error["raises"]
    found["mp context"] = str(loader.default_mp_batchify_fn([1, 2]).context)


WORKERS = [{}, {"num_workers": 2}, {"num_workers": 2, "thread_pool": True}]


def loaders(mx, found):
    data = mx.gluon.data
    dataset = data.ArrayDataset(mx.nd.arange(20).reshape((10, 2)), mx.nd.arange(10))
    refused = [
        {}, {"batch_size": 3, "sampler": data.SequentialSampler(3), "shuffle": True},
        {"batch_size": 3, "batch_sampler": [[1, 2]]}, {"shuffle": True, "batch_sampler": [[1, 2]]},
        {"last_batch": "keep", "batch_sampler": [[1, 2]]}, {"batch_size": 3, "timeout": 0},
    ]  # fmt: skip
    for i, arguments in enumerate(refused):
        found["DataLoader refuses %d" % i] = attempt(data.DataLoader, dataset, **arguments)
    for workers in WORKERS:
        for arguments in (
            {"batch_size": 3}, {"batch_size": 3, "last_batch": "discard"}, {"batch_size": 3, "last_batch": "rollover"},
            {"batch_size": 4, "shuffle": True}, {"batch_size": 2, "sampler": [1, 2, 3]},
            {"batch_sampler": [[1, 2], [3]]},
            {"batch_size": 3, "auto_reload": True}, {"batch_size": 3, "pin_memory": True},
            {"batch_size": 3, "prefetch": 1}, {"batch_size": 3, "prefetch": 0}, {"batch_size": 3, "prefetch": 50},
        ):  # fmt: skip
            np.random.seed(1)
            loader = data.DataLoader(dataset, **dict(arguments, **workers))
            key = "DataLoader %s %s" % (sorted(arguments.items()), sorted(workers.items()))
            found[key] = [attempt(lambda: [len(loader), list(loader)]) for _ in range(2)]
            kinds = {str(a.context) for b in loader for a in b}
            found[key + " contexts"] = sorted(kinds)
        several = dict(workers)
        numbers = data.SimpleDataset(list(range(6)))
        found["numbers %s" % several] = plain(list(data.DataLoader(numbers, 4, **workers)))
        for function in (listed, as_dict):
            loader = data.DataLoader(numbers, 4, batchify_fn=function, **workers)
            found["%s %s" % (function.__name__, several)] = plain(list(loader))
        batches = iter(data.DataLoader(numbers.transform(fail_at_three), 2, **workers))
        found["failure %s" % several] = [attempt(next, batches) for _ in range(3)]
        found["empty %s" % several] = plain(list(data.DataLoader(data.SimpleDataset([]), 2, **workers)))


def results(mx):
    found = {}
    for part in (datasets, samplers, batches, loaders):
        part(mx, found)
    return found


if __name__ == "__main__":
    import mxnet

    write("gluon_data", results(mxnet))
