"""Datasets of Gluon in PyTorch's loader, and the reverse."""

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.gluon.data import ArrayDataset, DataLoader, SimpleDataset
from mxgluon_compat.interop import collate_arrays


class Squares(torch.utils.data.Dataset):
    def __len__(self):
        return 5

    def __getitem__(self, i):
        return torch.tensor([i, i * i]), i


@pytest.mark.parametrize("workers", [0, 2])
def test_a_gluon_dataset_in_torchs_loader(workers):
    dataset = ArrayDataset(mx.nd.arange(10).reshape((5, 2)), np.arange(5, dtype="float32"))
    loader = torch.utils.data.DataLoader(dataset, 2, collate_fn=collate_arrays, num_workers=workers)
    batches = list(loader)
    assert [type(x) for x in batches[0]] == [torch.Tensor, torch.Tensor]
    assert batches[1][0].tolist() == [[4, 5], [6, 7]] and batches[2][1].tolist() == [4]
    assert batches[0][0].dtype is torch.float32


def test_samples_of_many_kinds_for_torch():
    sample = {"a": mx.nd.ones((2,), dtype="int32"), "b": [mx.nd.zeros((1,)), "text"], "n": 3}
    batch = collate_arrays([sample, sample])
    assert batch["a"].tolist() == [[1, 1], [1, 1]] and batch["a"].dtype is torch.int32
    assert batch["b"][0].shape == (2, 1) and list(batch["b"][1]) == ["text", "text"] and batch["n"].tolist() == [3, 3]
    with pytest.raises(TypeError):
        collate_arrays([object()])


@pytest.mark.parametrize("options", [{}, {"num_workers": 2}, {"num_workers": 2, "thread_pool": True}])
def test_a_torch_dataset_in_gluons_loader(options):
    batches = list(DataLoader(Squares(), 2, **options))
    assert [[x.asnumpy().tolist() for x in b] for b in batches][1:] == [[[[2, 4], [3, 9]], [2, 3]], [[[4, 16]], [4]]]
    assert batches[0][0].dtype is np.int64


def test_torchs_subset_and_gluons_transforms():
    subset = torch.utils.data.Subset(SimpleDataset([1, 2, 3, 4]).transform(lambda x: 10 * x), [3, 0])
    assert [b.asnumpy().tolist() for b in DataLoader(subset, 2)] == [[40, 10]]
