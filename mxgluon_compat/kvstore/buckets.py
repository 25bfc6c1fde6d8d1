"""Sums over processes in few large messages, begun while ``backward`` still works on the rest.

S. Li et al.: PyTorch Distributed: Experiences on Accelerating Data Parallel Training. VLDB 2020. Here the sums land in
arrays of their own and gradients stay as ``backward`` left them until the step, so programs may read and change them.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..base import MXNetError
from ..ndarray import NDArray
from ..ndarray.sparse import RowSparseNDArray
from .processes import Group
from .reduce import merged_rows

__all__ = ["Overlap", "bucket_bytes", "overlap_allowed", "summed_in_buckets", "totals"]

_PATIENCE = 2  # steps whose sums were begun too early, after which no more are


def bucket_bytes() -> int:
    """How large a message may become: ``MXGLUON_KVSTORE_BUCKET_MB``, 25 by default.

    Raises:
        MXNetError: the environment variable holds no positive number.
    """
    text = os.environ.get("MXGLUON_KVSTORE_BUCKET_MB", "25")
    try:
        size = float(text) * 2**20
    except ValueError:
        size = 0.0
    if not size > 0:
        raise MXNetError(f"environment variable MXGLUON_KVSTORE_BUCKET_MB is {text!r}; it takes a number of megabytes")
    return int(size)


def overlap_allowed() -> bool:
    """Whether sums may begin during ``backward``: unless ``MXGLUON_KVSTORE_OVERLAP`` is 0."""
    return os.environ.get("MXGLUON_KVSTORE_OVERLAP", "1") != "0"


def _cut(tensors: Sequence[torch.Tensor], order: Sequence[int]) -> list[list[int]]:
    """Places of tensors of one dtype and device that go into one message, taken in ``order``."""
    limit = bucket_bytes()
    buckets: list[list[int]] = []
    open_ones: dict[Any, tuple[list[int], int]] = {}
    for place in order:
        tensor = tensors[place]
        kind = tensor.dtype, tensor.device
        bucket, size = open_ones.get(kind, ([], 0))
        size += tensor.nbytes
        if bucket and size > limit:
            bucket, size = [], tensor.nbytes
        if not bucket:
            buckets.append(bucket)
        bucket.append(place)
        open_ones[kind] = bucket, size
    return buckets


def _flat(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    return torch.cat([t.detach().reshape(-1) for t in tensors])


def _parts(flat: torch.Tensor, shapes: Sequence[torch.Size]) -> list[torch.Tensor]:
    return [p.view(s) for p, s in zip(flat.split([s.numel() for s in shapes]), shapes, strict=True)]


def summed_in_buckets(group: Group, tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """The sums over the processes of several tensors, in new ones."""
    sums: list[Any] = [None] * len(tensors)
    pending = [(b, group.begin_all_reduce(_flat([tensors[p] for p in b]))) for b in _cut(tensors, range(len(tensors)))]
    for bucket, wait in pending:
        for place, part in zip(bucket, _parts(wait(), [tensors[p].shape for p in bucket]), strict=True):
            sums[place] = part
    return sums


def totals(arrays: Sequence[NDArray], group: Group | None) -> list[NDArray]:
    """The sums over the processes, in new arrays, dense or row_sparse as each of ``arrays`` is."""
    if group is None:
        return [array.copy() for array in arrays]
    sums = iter(summed_in_buckets(group, [a._data for a in arrays if not a._is_sparse]))
    return [_rows(a, group) if isinstance(a, RowSparseNDArray) else NDArray(next(sums), a.context) for a in arrays]


def _rows(array: RowSparseNDArray, group: Group) -> RowSparseNDArray:
    rows, values = (group.all_gather_rows(part) for part in array._stored())
    return RowSparseNDArray._of(merged_rows(list(zip(rows, values, strict=True))), array.shape, array.context)


class _Bucket:
    """Places of gradients that go in one message."""

    def __init__(self, places: list[int]) -> None:
        self.places = places
        self.missing = set(places)
        self.wait: Callable[[], torch.Tensor] | None = None
        self.marks: list[tuple[torch.Tensor, int]] = []  # what was sent: tensors, and how often they were written


class Overlap:
    """Sums of dense gradients over processes, each message sent as soon as ``backward`` has filled it.

    All processes send the same messages in the same order, last gradients first: one that has no gradient for a message
    (an unused parameter, ``grad_req='add'``) sends it, and all after it, at the step. What was sent too early (the
    gradient changed afterwards: a second ``backward``, clipping) is found at the step, there all processes agree to sum
    again; when that has happened twice they send at the step only.

    Args:
        group: the processes; its calls have an order of their own.
        arrays: the parameters.
    """

    def __init__(self, group: Group, arrays: Sequence[NDArray]) -> None:
        self._group = group
        self._lock = threading.Lock()
        self._wasted = 0
        self._watch(arrays)

    @property
    def is_off(self) -> bool:
        """Whether sums are no more begun before the step."""
        return self._wasted >= _PATIENCE

    def _watch(self, arrays: Sequence[NDArray]) -> None:
        self._arrays = list(arrays)
        self._leaves = [a._data for a in arrays]
        self._slots = [a._slot for a in arrays]
        gradients = [slot.array._data for slot in self._slots]
        self._kinds = [(g.shape, g.dtype, g.device) for g in gradients]
        self._buckets = [_Bucket(places) for places in _cut(gradients, range(len(gradients) - 1, -1, -1))]
        self._where = {place: bucket for bucket in self._buckets for place in bucket.places}
        self._begin_anew()
        me = weakref.ref(self)

        def hook(place: int) -> Callable[[torch.Tensor], None]:
            def arrived(_: torch.Tensor) -> None:
                found = me()
                if found is not None:
                    found._arrived(place)

            return arrived

        # after the hooks of the slots, which put the gradients into their arrays
        self._handles = [t.register_post_accumulate_grad_hook(hook(i)) for i, t in enumerate(self._leaves)]

    def _begin_anew(self) -> None:
        self._next = 0
        self._stale = False
        for bucket in self._buckets:
            bucket.missing = set(bucket.places)
            bucket.wait, bucket.marks = None, []

    def stop(self) -> None:
        """No message is sent any more before the step."""
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def _arrived(self, place: int) -> None:
        """``backward`` has put the gradient at ``place``."""
        with self._lock:
            bucket, slot = self._where[place], self._slots[place]
            if bucket.wait is not None or self._arrays[place]._slot is not slot:
                self._stale = True
            elif slot.req == "write":  # what is added to may get more
                bucket.missing.discard(place)
                while self._next < len(self._buckets) and not self._buckets[self._next].missing:
                    self._send()

    def _send(self) -> None:
        """Begins the sum of the next bucket."""
        bucket = self._buckets[self._next]
        self._next += 1
        gradients = [self._slots[p].array._data for p in bucket.places]
        kinds = [self._kinds[p] for p in bucket.places]
        if any((g.shape, g.dtype, g.device) != kind for g, kind in zip(gradients, kinds, strict=True)):
            self._stale = True
            gradients = [torch.zeros(shape, dtype=dtype, device=device) for shape, dtype, device in kinds]
        bucket.marks = [(g, g._version) for g in gradients]
        bucket.wait = self._group.begin_all_reduce(_flat(gradients))

    def sums(self, arrays: Sequence[NDArray]) -> list[torch.Tensor]:
        """The sums of the gradients that the parameters have now. All processes must call this equally often."""
        with self._lock:
            same = len(arrays) == len(self._arrays) and all(
                a._data is leaf and a._slot is slot
                for a, leaf, slot in zip(arrays, self._leaves, self._slots, strict=False)
            )
            while self._next < len(self._buckets):
                self._send()
            for bucket in self._buckets:
                for place, (gradient, version) in zip(bucket.places, bucket.marks, strict=True):
                    if self._slots[place].array._data is not gradient or gradient._version != version:
                        self._stale = True
            stale = self._group.any(self._stale or not same)
            sums: list[Any] = [None] * len(self._kinds)
            for bucket in self._buckets:
                assert bucket.wait is not None, "each bucket is on its way"
                parts = _parts(bucket.wait(), [self._kinds[p][0] for p in bucket.places])
                for place, part in zip(bucket.places, parts, strict=True):
                    sums[place] = part
            if stale:
                self._wasted += 1
                sums = summed_in_buckets(self._group, [a._slot.array._data for a in arrays])
            if not same:
                self.stop()
                self._watch(arrays)
            self._begin_anew()
            if self.is_off:
                self.stop()
            return sums
