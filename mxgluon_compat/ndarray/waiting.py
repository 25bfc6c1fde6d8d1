"""Arrays that wait for other devices: SyncBatchNorm over several contexts of one process.

Its result on one context needs the batches of all, and programs call their net on one context after the other. MXNet's
engine computes later than it is called, so that the devices meet. Here such a result is a ``WaitingArray``, which knows
its shape and dtype and how to compute its elements; an operator on it gives another one. The elements are computed when
somebody asks for them, which is when all devices have been called; asking earlier waits for other threads, and is an
error where none can come.

``backward`` waits in the same way: one for each device's loss is one for all of them, when the last one is there.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import torch

from .. import autograd, streams
from ..base import MXNetError, numpy_dtype, torch_dtype
from ..context import Context
from ..ops.registry import Operator
from ..ops.sync_norm import normalized_together, parts_of
from .ndarray import NDArray

__all__ = ["TIMEOUT", "WaitingArray", "is_meeting", "meta_of"]

TIMEOUT = 60.0
"""Seconds that a thread waits for the threads of other devices."""

MEETING = "_contrib_SyncBatchNorm"
_META = torch.device("meta")
_tensor_of = NDArray.__dict__["_data"]  # where arrays keep their tensor, and waiting ones (step, number of the output)
_changed = threading.Condition(threading.RLock())


class _Step:
    """One call that waits.

    Args:
        inputs: the arrays that must have elements before.
        compute: a function that gives the arrays, when they have.
    """

    def __init__(self, inputs: Sequence[NDArray | None], compute: Any) -> None:
        self.inputs = [x for x in inputs if x is not None]
        self.before = [_tensor_of.__get__(x)[0] for x in self.inputs if type(x) is WaitingArray]
        self.versions = [(x._data, x._data._version) for x in self.inputs if type(x) is not WaitingArray]
        self.compute = compute
        self.mode = autograd.state.recording, autograd.state.training
        self.results: list[torch.Tensor] | None = None

    @property
    def missing(self) -> str | None:
        """What must happen before this step can run, where that is not in its own hands."""
        return None

    def run(self) -> None:
        """Computes; the steps before have run."""
        for tensor, version in self.versions:
            if tensor._version != version:
                raise MXNetError(
                    "an array was changed in place while a result that needs its old values waited for the other "
                    "devices of SyncBatchNorm; call the net on all contexts first"
                )
        for x in self.inputs:
            x._data  # noqa: B018 - has its elements from here on, and is an array like any other
        with autograd.Scope(*self.mode):
            found = self.compute()
        self.results = [x._data for x in (found if isinstance(found, list) else [found])]
        self.done()

    def done(self) -> None:
        """Lets go of what is not needed any more."""
        self.inputs, self.before, self.versions, self.compute = [], [], [], None


class _Arrival(_Step):
    """A device's call of SyncBatchNorm."""

    def __init__(self, inputs: Sequence[NDArray], attributes: dict[str, Any]) -> None:
        super().__init__(inputs[:1], None)  # the parameters are the layer's own
        self.inputs, self.attributes = list(inputs), attributes
        self.ctx = inputs[0]._ctx
        self.meeting = _Meeting.joined(self)

    @property
    def missing(self) -> str | None:
        here = [str(step.ctx) for step in self.meeting.steps()]
        absent = self.attributes["ndev"] - len(here)
        if not absent:
            return None
        return f"SyncBatchNorm {self.attributes['key']!r} waits for {absent} more device(s); it was called on " + (
            ", ".join(here)
        )

    def run(self) -> None:
        self.meeting.run()


class _Meeting:
    """The calls of one SyncBatchNorm that belong together: the k-th on each context."""

    open: dict[Any, list[_Meeting]] = {}  # noqa: RUF012 - key and shape -> those that lack devices, oldest first

    def __init__(self) -> None:
        self.arrivals: list[Any] = []  # weak references: if a result is dropped, its meeting never takes place

    def steps(self) -> list[_Arrival]:
        return [step for step in (ref() for ref in self.arrivals) if step is not None]

    @classmethod
    def joined(cls, step: _Arrival) -> _Meeting:
        """The oldest meeting that lacks the step's context, with the step in it; a new one where there is none."""
        shape = step.inputs[0].shape
        key = (step.attributes["key"], step.attributes["ndev"], len(shape), shape[1], step.inputs[0].dtype)
        with _changed:
            waiting = cls.open.setdefault(key, [])
            waiting[:] = [m for m in waiting if len(m.steps()) == len(m.arrivals)]
            found = next((m for m in waiting if all(s.ctx != step.ctx for s in m.steps())), None)
            if found is None:
                found = cls()
                waiting.append(found)
            found.arrivals.append(weakref.ref(step))
            if len(found.arrivals) == step.attributes["ndev"]:
                waiting.remove(found)
                strong = found.steps()
                found.arrivals = [lambda s=s: s for s in strong]
            if not waiting:
                del cls.open[key]
            _changed.notify_all()
        return found

    def run(self) -> None:
        steps = self.steps()
        if len({step.mode for step in steps}) > 1:
            raise MXNetError("SyncBatchNorm was called on some of its devices inside of autograd.record, on others not")
        given = [[x._data for x in step.inputs] for step in steps]
        attributes = steps[0].attributes
        settings = {k: attributes[k] for k in ("eps", "momentum", "fix_gamma")}

        def together() -> tuple[torch.Tensor, ...]:
            return tuple(t for row in normalized_together(*zip(*given), **settings) for t in row)

        with autograd.Scope(*steps[0].mode):
            tensors = together() if steps[0].mode[0] else autograd.no_recording(together)
        visible = 3 if attributes["output_mean_var"] else 1
        for i, step in enumerate(steps):
            step.results = list(tensors[3 * i : 3 * i + visible])
            step.done()
        self.arrivals = []


class WaitingArray(NDArray):
    """An array whose elements are computed when they are asked for; then it is an NDArray like any other."""

    __slots__ = ()

    @property
    def _data(self) -> torch.Tensor:
        kept = _tensor_of.__get__(self)
        if isinstance(kept, torch.Tensor):  # another thread was first
            return kept
        step, number, _ = kept
        _settle([step])
        tensor = step.results[number]
        self._data = tensor
        return tensor

    @_data.setter
    def _data(self, tensor: torch.Tensor) -> None:
        _tensor_of.__set__(self, tensor)
        self.__class__ = NDArray  # type: ignore[assignment]

    @property
    def _meta(self) -> torch.Tensor:
        """A tensor of the array's shape and dtype, without elements."""
        kept = _tensor_of.__get__(self)
        return kept if isinstance(kept, torch.Tensor) else kept[2]

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the dimensions."""
        return tuple(self._meta.shape)

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return self._meta.dim()

    @property
    def size(self) -> int:
        """Number of elements."""
        return self._meta.numel()

    @property
    def dtype(self) -> Any:
        """numpy's scalar class of the elements."""
        return numpy_dtype(self._meta.dtype)

    def __len__(self) -> int:
        return len(self._meta)

    def astype(self, dtype: Any, copy: bool = True) -> NDArray:
        """As NDArray's."""
        if not copy and self._meta.dtype is torch_dtype(dtype):
            return self
        return _later(self, lambda: NDArray.astype(self, dtype), lambda x: x.astype(dtype))

    def copyto(self, other: NDArray | Context) -> NDArray:
        """As NDArray's; onto a context, the copy waits too."""
        if not isinstance(other, Context):
            return super().copyto(other)
        return _later(self, lambda: NDArray.copyto(self, other), lambda x: x, other)


def _waiting(step: _Step, metas: Sequence[torch.Tensor], ctx: Context) -> Any:
    """The outputs of a step."""
    arrays = []
    for number, meta in enumerate(metas):
        array = NDArray.__new__(WaitingArray)
        _tensor_of.__set__(array, (step, number, meta))
        array._ctx, array._slot = ctx, None
        arrays.append(array)
    return arrays[0] if len(arrays) == 1 else arrays


def _later(
    array: WaitingArray, compute: Callable[[], NDArray], same: Callable[[NDArray], NDArray], ctx: Context | None = None
) -> Any:
    """The result of a method, computed later; ``same`` is what it does to shape and dtype."""
    with autograd.pause():
        meta = same(NDArray(array._meta, array._ctx))._data
    return _waiting(_Step([array], compute), [meta], ctx or array._ctx)


def _method(name: str) -> None:
    """Lets a method of NDArray that reads the tensor wait too."""
    plain = getattr(NDArray, name)

    def method(self: WaitingArray, *args: Any, **kwargs: Any) -> Any:
        return _later(self, lambda: plain(self, *args, **kwargs), lambda x: plain(x, *args, **kwargs))

    method.__name__, method.__doc__ = name, plain.__doc__
    setattr(WaitingArray, name, method)


for _name in ("__getitem__", "reshape", "detach"):
    _method(_name)


def meta_of(array: NDArray) -> torch.Tensor:
    """A tensor of the array's shape and dtype; its elements may not be there."""
    return array._meta if type(array) is WaitingArray else array._data


# ---------------------------------------------------------------------------------------------- calls
def is_meeting(op: Operator, attributes: dict[str, Any]) -> bool:
    """Whether a call of the operator in train mode waits for those on other devices."""
    return op.name == MEETING and attributes.get("ndev", 1) > 1 and not attributes.get("use_global_stats")


def defer(
    op: Operator, inputs: Sequence[NDArray | None], attributes: dict[str, Any], compute: Callable[[], Any]
) -> Any:
    """What ``invoke`` gives where it must wait: arrays that wait, of the shapes that the operator tells.

    Args:
        op: the row of the table.
        inputs: its inputs.
        attributes: parsed attributes.
        compute: the call itself, for later.
    """
    arguments = op.arguments(attributes)
    supplied = {"training": False, "device": _META, "stream": streams.stream_for(_META) if op.supplied else None}
    arguments.update({name: supplied[name] for name in op.supplied})
    metas: list[Any] = [None if x is None else meta_of(x).detach().to(_META) for x in inputs]
    op.check_dtypes(metas)
    with torch.no_grad():
        results = op.fn(*metas, **arguments)
    results = (results if isinstance(results, tuple) else (results,))[: op.visible_outputs(attributes)]
    ctx = next(x._ctx for x in inputs if x is not None)
    if is_meeting(op, attributes) and autograd.state.training:
        autograd.waiting.add, autograd.waiting.refuse = held.add, held.refuse
        given: Any = inputs
        return _waiting(_Arrival(given, {**op.defaults, **op.arguments(attributes)}), results, ctx)
    watched = inputs[:1] if "fix_gamma" in attributes else inputs  # whose gamma the operator itself writes to
    return _waiting(_Step(watched, compute), results, ctx)


def _order(steps: Sequence[_Step]) -> list[_Step]:
    """These steps and all that they wait for, each after those; the other devices' calls of a meeting belong to it."""
    order: list[_Step] = []
    seen: set[int] = set()
    waiting = [(step, False) for step in steps]
    while waiting:
        step, ready = waiting.pop()
        if ready:
            order.append(step)
            continue
        if id(step) in seen or step.results is not None:
            continue
        seen.add(id(step))
        waiting.append((step, True))
        others = step.meeting.steps() if isinstance(step, _Arrival) else []
        for other in (step, *others):
            waiting.extend((before, False) for before in other.before)
    return order


def _lacking(steps: Sequence[_Step]) -> str | None:
    """What is missing before these steps can run; None if nothing is."""
    return next((found for found in (step.missing for step in _order(steps)) if found), None)


def _settle(steps: Sequence[_Step]) -> None:
    """Runs these steps and all that they wait for.

    Raises:
        MXNetError: other devices have not been called, and no other thread did so in time.
    """
    end = time.monotonic() + TIMEOUT
    with _changed:
        while (lacking := _lacking(steps)) is not None:
            if threading.active_count() == 1 or not _changed.wait(max(0.0, end - time.monotonic())):
                raise MXNetError(
                    f"{lacking}. Its results cannot be read before the net was called on all of them: call it on each "
                    "context before reading values (asnumpy, print, metrics), or set num_devices to the number of "
                    "contexts in use."
                )
        for step in _order(steps):
            if step.results is None:
                step.run()


# ---------------------------------------------------------------------------------------------- backward
class _Held:
    """Heads whose backward pass waits for the other devices' heads."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.heads: list[Any] = []
        self.gradients: list[Any] = []
        self.retain = False

    def add(self, heads: Sequence[Any], gradients: Sequence[Any], retain: bool) -> tuple[list[Any], list[Any], bool]:
        """All heads that are to be differentiated now: none while some of a meeting's devices have not come."""
        with _changed:
            if not self.heads and not any(_concerned(h) for h in heads):
                return list(heads), list(gradients), retain
            found = [*self.heads, *heads], [*self.gradients, *gradients], self.retain or retain
            self._clear()
            steps = [_tensor_of.__get__(h)[0] for h in found[0] if type(h) is WaitingArray]
            if _lacking(steps) is None and not _partial([h._data for h in found[0]]):
                return found
            self.heads, self.gradients, self.retain = found
            return [], [], retain

    def refuse(self) -> None:
        """Called where gradients are read; the heads that wait are given up.

        Raises:
            MXNetError: there are some.
        """
        if self.heads:
            contexts = ", ".join(sorted({str(h._ctx) for h in self.heads}))
            self._clear()
            raise MXNetError(
                f"backward was called for results of SyncBatchNorm on {contexts} only; gradients are there when it was "
                "called for those of all devices"
            )


def _concerned(head: Any) -> bool:
    """Whether a head may come from a meeting of devices."""
    return type(head) is WaitingArray or bool(_nodes([head._data]))


def _nodes(tensors: Sequence[torch.Tensor]) -> dict[Any, set[int]]:
    """{node of a meeting behind these tensors: the numbers of its results that lead to them}."""
    found: dict[Any, set[int]] = {}
    waiting = [(t.grad_fn, t.output_nr) for t in tensors]
    seen = set()
    while waiting:
        node, number = waiting.pop()
        if node is None:
            continue
        if parts_of(node):
            found.setdefault(node, set()).add(number)
        if node not in seen:
            seen.add(node)
            waiting.extend(node.next_functions)
    return found


def _partial(tensors: Sequence[torch.Tensor]) -> bool:
    """Whether these lead to some devices' results of a meeting, and not to others'."""
    return any(len(numbers) < (parts_of(node) or 0) for node, numbers in _nodes(tensors).items())


held = _Held()


def any_waits(arrays: Sequence[Any]) -> bool:
    """Whether one of them has no elements yet."""
    return any(type(x) is WaitingArray for x in arrays)
