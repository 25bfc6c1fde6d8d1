"""MXNet's rules of recording and differentiation, on torch's engine.

Written on tensors and gradient slots, so that arrays can sit on top: anything with a ``_data`` (torch tensor) and a
``_slot`` (GradSlot or None) is an array here.

Outside of ``record()`` nothing is recorded although torch's grad mode is on for the rest of the process: whoever
runs an operator on a tensor that requires grad asks ``recording()`` first and switches torch's grad mode off for the
call if it is False (see ``no_recording``). Entering ``record()`` switches it on; nothing else touches it.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..base import MXNetError, UnsupportedError
from ..ops import stopped
from ..ops.once import not_twice
from .function import Function
from .switches import (
    Scope,
    history,
    is_recording,
    is_training,
    keep_history,
    no_recording,
    pause,
    predict_mode,
    record,
    set_recording,
    set_torch_grad,
    set_training,
    state,
    train_mode,
    write_unrecorded,
)
from .used import note_used

__all__ = [
    "Function", "backward", "get_symbol", "grad", "is_recording", "is_training", "keep_history", "mark_variables",
    "pause", "predict_mode", "record", "set_recording", "set_training", "train_mode",
]  # fmt: skip

GRAD_REQS = ("null", "write", "add")

_NOT_IN_GRAPH = (
    "Cannot differentiate node because it is not in a computational graph. You need to set is_recording to true or "
    "use autograd.record() to save computational graphs for backward. If you want to differentiate the same graph "
    "twice, you need to pass retain_graph=True to backward."
)


class _Waiting:
    """Where backward passes wait for those of other devices; ``ndarray.waiting`` puts its own in place, once one does.

    Attributes:
        add: ``add(heads, head gradients, retain_graph)`` -> those to differentiate now.
        refuse: raises where gradients are read that are still to come.
    """

    add: Callable[..., tuple[list[Any], list[Any], bool]] | None = None
    refuse: Callable[[], None] | None = None


waiting = _Waiting()


def put(array: Any, tensor: torch.Tensor) -> None:
    """Makes a new tensor the elements of ``array``: exchanged, or copied where others see the old ones."""
    if tensor.requires_grad:
        tensor = tensor.detach()
    if _shared(array):
        write_unrecorded(array._data, tensor)
    else:
        array._data = tensor


def forget_at_backward(array: Any) -> None:
    """Takes ``array``, just written by a recorded operator, out of the graph when ``backward`` has used that."""
    state.written[id(array)] = weakref.ref(array)


# ---------------------------------------------------------------------------------------------- variables
class _Alone:
    """A tensor that nobody else refers to: what the counts of such a one are in this Python and this torch."""

    def __init__(self) -> None:
        self._data = torch.zeros(1)


_storage_uses = getattr(torch._C, "_storage_Use_Count", lambda _: 0)
_alone = _Alone()
_REFERENCES = sys.getrefcount(_alone._data)
_STORAGE_USES = _storage_uses(_alone._data.untyped_storage()._cdata)
del _alone


def _shared(array: Any) -> bool:
    """Whether the elements of ``array`` can be seen through another tensor: a view, ``to_torch()``, DLPack."""
    if sys.getrefcount(array._data) > _REFERENCES:
        return True
    return _storage_uses(array._data.untyped_storage()._cdata) > _STORAGE_USES


class GradSlot:
    """Where the gradient of one variable goes.

    Args:
        leaf: the variable's tensor; it must be a leaf of torch's graph.
        array: the array that holds the gradient; its tensor is exchanged (write; written to where something else
            shares its elements) or added to (add). A sparse one stores the gradient its own way.
        req: ``'write'``, ``'add'`` or ``'null'``.
    """

    __slots__ = ("__weakref__", "_hook", "array", "arrived", "fresh", "is_sparse", "req")

    def __init__(self, leaf: torch.Tensor, array: Any, req: str) -> None:
        self.array = array
        self.req = req
        self.is_sparse = getattr(array, "_is_sparse", False)
        self.fresh, self.arrived = False, 0
        self._hook = None
        if leaf.dtype.is_floating_point:
            leaf.requires_grad_(req != "null")
            if req != "null":
                self._hook = leaf.register_post_accumulate_grad_hook(self._receive)

    def _receive(self, leaf: torch.Tensor) -> None:
        gradient, leaf.grad = leaf.grad, None
        if gradient is None:  # a Function gave no gradient for it
            return
        if self.is_sparse:
            self.array._store_gradient(gradient, self.req == "add")
        elif self.req == "write":
            if gradient.dtype is not self.array._data.dtype:  # an executor may be given gradients of another one
                gradient = gradient.to(self.array._data.dtype)
            if gradient.is_sparse:
                gradient = gradient.to_dense()
            elif gradient._is_zerotensor() or _storage_uses(gradient.untyped_storage()._cdata) > _STORAGE_USES:
                gradient = gradient.clone()  # zeros without memory, or a view of the head's or another variable's
            put(self.array, gradient)
        else:
            no_recording(self.array._data.add_, gradient.to(self.array._data.dtype))
        self.fresh, self.arrived = True, stopped.passes.count

    def release(self, leaf: torch.Tensor) -> None:
        """Ends the slot: ``leaf`` no longer sends its gradient here."""
        if self._hook is not None:
            self._hook.remove()
            self._hook = None
        leaf.requires_grad_(False)


class SharedSlot(GradSlot):
    """A slot whose gradient is torch's too: it stays in ``leaf.grad``, and the gradient array shows that tensor.

    A backward pass that torch starts adds to ``leaf.grad``, as torch does; one that starts here replaces it under
    ``'write'``.
    """

    __slots__ = ("_array", "_before", "_leaf", "_seen")

    def __init__(self, leaf: torch.Tensor, array: Any, req: str) -> None:
        self._leaf = weakref.ref(leaf)
        self._before, self._seen = None, False
        super().__init__(leaf, array, req)
        if self._hook is not None:
            self._before = leaf.register_hook(self._make_room)

    @property
    def array(self) -> Any:
        """The gradient array."""
        leaf = self._leaf()
        gradient = None if leaf is None else leaf.grad
        if leaf is not None and gradient is not None:
            if not self._seen or gradient is not self._array._data:
                self._show(gradient)
        elif self._seen:  # torch's zero_grad took it away
            self._seen = False
            if not self.is_sparse and leaf is not None:
                self._array._data = torch.zeros_like(leaf, requires_grad=False)
        return self._array

    @array.setter
    def array(self, array: Any) -> None:
        self._array, self._seen = array, False

    def _show(self, gradient: torch.Tensor) -> None:
        self._seen = True
        if self.is_sparse:
            self._array._store_gradient(gradient, False)
        else:
            self._array._data = gradient

    def _make_room(self, _: torch.Tensor) -> None:
        leaf = self._leaf()
        if self.req == "write" and stopped.passes.running and leaf is not None:
            leaf.grad = None

    def _receive(self, leaf: torch.Tensor) -> None:
        gradient = leaf.grad
        if gradient is None:
            return
        if gradient.is_sparse and not self.is_sparse:
            leaf.grad = gradient.to_dense()
        elif gradient._is_zerotensor():
            leaf.grad = gradient.clone()  # zeros without memory
        self.fresh, self.arrived = True, stopped.passes.count

    def release(self, leaf: torch.Tensor) -> None:
        """Ends the slot: ``leaf`` no longer sends its gradient here."""
        if self._before is not None:
            self._before.remove()
            self._before = None
        super().release(leaf)


def share_gradient(variable: Any) -> None:
    """From now on the gradient of ``variable``, which has one attached, is in its tensor's ``.grad`` as well.

    Under ``'add'`` what was added up so far is there at once.
    """
    slot, leaf = variable._slot, variable._data
    if isinstance(slot, SharedSlot) or not leaf.dtype.is_floating_point:
        return
    slot.release(leaf)
    shared = variable._slot = SharedSlot(leaf, slot.array, slot.req)
    shared.fresh, shared.arrived = slot.fresh, slot.arrived
    if slot.req == "add" and not slot.is_sparse:
        leaf.grad = slot.array._data


def mark_variables(variables: Any, gradients: Any, grad_reqs: str | Sequence[str] = "write") -> None:
    """Makes arrays differentiable: after ``backward`` each one's gradient is in its gradient array.

    Args:
        variables: an array or a list of them.
        gradients: the gradient arrays, of the variables' shapes and dtypes.
        grad_reqs: ``'write'``, ``'add'`` or ``'null'``, for all or for each.

    Raises:
        KeyError: a ``grad_req`` that does not exist.
        AssertionError: a gradient array for each variable is what is wanted.
        MXNetError: a gradient array of another shape than its variable's.
    """
    if not isinstance(variables, (list, tuple)):
        assert not isinstance(gradients, (list, tuple)), "a single variable has a single gradient array, not a list"
        variables, gradients = [variables], [gradients]
    assert len(variables) == len(gradients), f"{len(variables)} variables, but {len(gradients)} gradient arrays"
    reqs = [grad_reqs] * len(variables) if isinstance(grad_reqs, str) else list(grad_reqs)
    for req in reqs:
        if req not in GRAD_REQS:
            raise KeyError(req)
    assert len(reqs) == len(variables), f"{len(variables)} variables, but {len(reqs)} grad_reqs"
    for variable, gradient, req in zip(variables, gradients, reqs, strict=True):
        if gradient.shape != variable.shape:
            raise MXNetError(f"a gradient array is {gradient.shape}, but its variable is {variable.shape}")
        if variable._slot is not None:
            variable._slot.release(variable._data)
        if not variable._data.is_leaf or variable._data._is_view():
            # From here on the array is a variable of its own, cut off from the graph that made it.
            variable._data = variable._data.detach()
        variable._slot = GradSlot(variable._data, gradient, req)


# ---------------------------------------------------------------------------------------------- backward
def _pairs(heads: Any, head_grads: Any) -> tuple[list[Any], list[Any]]:
    heads = list(heads) if isinstance(heads, (list, tuple)) else [heads]
    for head in heads:
        if not hasattr(type(head), "_data"):
            raise AttributeError(f"heads must be NDArrays, got {type(head).__name__}")
    if not isinstance(head_grads, (list, tuple)):
        head_grads = [None] * len(heads) if head_grads is None else [head_grads]
    assert len(heads) == len(head_grads), "heads and head_grads must be lists of the same length"
    return heads, list(head_grads)


def _heads(heads: Any, head_grads: Any) -> tuple[list[Any], list[torch.Tensor]]:
    heads, head_grads = _pairs(heads, head_grads)
    gradients = []
    for head, head_grad in zip(heads, head_grads, strict=True):
        tensor = head._data
        if not tensor.requires_grad:
            if not tensor.dtype.is_floating_point:
                raise UnsupportedError(
                    f"differentiation of an array of {tensor.dtype}", "torch differentiates floating-point arrays only"
                )
            raise MXNetError(_NOT_IN_GRAPH)
        if head_grad is None:
            gradients.append(torch.ones_like(tensor))
            continue
        gradient = head_grad._data
        # MXNet reads a gradient of another shape as if it had the head's, past its end if need be.
        if gradient.shape != tensor.shape or gradient.dtype is not tensor.dtype:
            raise MXNetError(
                f"a head gradient is {tuple(gradient.shape)} {gradient.dtype}, but its head is "
                f"{tuple(tensor.shape)} {tensor.dtype}"
            )
        gradients.append(gradient)
    return heads, gradients


def backward(heads: Any, head_grads: Any = None, retain_graph: bool = False, train_mode: bool = True) -> None:
    """Gradients of ``heads`` with respect to all variables they were computed from, into the gradient arrays.

    Args:
        heads: an array or a list of them, recorded.
        head_grads: the gradients of the heads (None: ones), of the heads' shapes.
        retain_graph: keep the graph for another backward.
        train_mode: kept for its callers; each operator's backward has the mode of its forward.

    Raises:
        MXNetError: a head was not recorded, its graph is used up, or its gradient has another shape or dtype; no heads.
        AssertionError: ``heads`` and ``head_grads`` differ in length.
        AttributeError: a head is no array.
        UnsupportedError: a head is an array of integers.
    """
    heads, head_grads = _pairs(heads, head_grads)
    if not heads:
        raise MXNetError("There are no inputs in computation graph that require gradients.")
    if waiting.add is not None:
        heads, head_grads, retain_graph = waiting.add(heads, head_grads, retain_graph)
        if not heads:
            return
    heads, gradients = _heads(heads, head_grads)
    try:
        stopped.backward([h._data for h in heads], gradients, retain_graph)
    except RuntimeError as error:
        raise _translated(error) from error
    if not retain_graph:
        for array in (*heads, *(reference() for reference in state.written.values())):
            if array is not None and array._slot is None:
                array._data = array._data.detach()
        state.written.clear()
        note_used()


def grad(
    heads: Any,
    variables: Any,
    head_grads: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    train_mode: bool = True,
) -> Any:
    """Gradients of ``heads`` with respect to ``variables``, returned instead of stored.

    Args:
        heads: an array or a list of them, recorded.
        variables: an array or a list of them, with attached gradients.
        head_grads: the gradients of the heads (None: ones).
        retain_graph: keep the graph (default: ``create_graph``).
        create_graph: record the gradients too, so that they can be differentiated again.
        train_mode: see ``backward``.

    Returns:
        A list of arrays in the variables' order, for a single variable too.

    Raises:
        MXNetError: a head was not recorded, a variable has no attached gradient or was not used.
        AssertionError: ``variables`` is empty, or ``heads`` and ``head_grads`` differ in length.
        TypeError: a variable is no array.
    """
    variables = list(variables) if isinstance(variables, (list, tuple)) else [variables]
    assert variables, "variables cannot be an empty list."
    for variable in variables:
        if not hasattr(variable, "_slot"):
            raise TypeError(f"variables must be an NDArray or a list of them, got {type(variable).__name__}")
    heads, gradients = _heads(heads, head_grads)
    for i, variable in enumerate(variables):
        if not variable._data.requires_grad:
            raise MXNetError(
                f"Cannot differentiate with respect to the {i + 1}-th variable because it does not require gradient."
            )
    if retain_graph is None:
        retain_graph = create_graph
    try:
        found = stopped.grad(
            [h._data for h in heads],
            [v._data for v in variables],
            gradients,
            retain_graph=retain_graph,
            create_graph=create_graph,
        )
    except RuntimeError as error:
        raise _translated(error) from error
    if not retain_graph:
        note_used()
    reached: list[torch.Tensor] = []
    for i, gradient in enumerate(found):
        if gradient is None:
            raise MXNetError(
                f"Cannot differentiate with respect to the {i + 1}-th variable because it is unreachable from "
                "the outputs."
            )
        reached.append(gradient)
    if create_graph:
        reached = [g if g.requires_grad else _Constant.apply(g, *(v._data for v in variables)) for g in reached]
    return [_stored_like_its_slot(v, g) for v, g in zip(variables, reached, strict=True)]


class _Constant(torch.autograd.Function):
    """A gradient that does not depend on the variables: its own gradient is 0, as in MXNet, and not an error."""

    @staticmethod
    def forward(ctx: Any, gradient: torch.Tensor, *variables: torch.Tensor) -> torch.Tensor:
        ctx.variables = [v.detach() for v in variables]
        return gradient.view_as(gradient)

    @staticmethod
    def backward(ctx: Any, *_: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return None, *(torch.zeros_like(v) for v in ctx.variables)


def _stored_like_its_slot(variable: Any, gradient: torch.Tensor) -> Any:
    """``gradient`` as an array of the storage type that the variable's gradient array has."""
    slot = variable._slot
    if slot is not None and slot.is_sparse:
        return type(slot.array)(gradient, variable._ctx)
    if gradient.is_sparse:
        return variable._like(gradient.to_dense())
    return variable._like(gradient.clone() if gradient._is_zerotensor() else gradient)  # zeros without memory


def _translated(error: RuntimeError) -> MXNetError:
    text = str(error)
    if "backward through the graph a second time" in text or "does not require grad" in text:
        return MXNetError(_NOT_IN_GRAPH)
    if "modified by an inplace operation" in text:
        return MXNetError(
            "An array that backward needs was changed in place after it was recorded. Call backward first, or write "
            f"into a copy. ({text.splitlines()[0]})"
        )
    if "double backward" in text:
        return MXNetError(
            "A compiled graph cannot be differentiated twice. Use hybridize() without static_alloc and backend, or "
            "mx.set_compile_policy('never')."
        )
    return MXNetError(text)


def get_symbol(x: Any) -> Any:
    """The recorded history of the array ``x`` as a Symbol, in which variables and other arrays are variables.

    Raises:
        AssertionError: ``x`` is no NDArray.
        MXNetError: it was not recorded, or its graph is used up.
        UnsupportedError: no history was kept (``keep_history``), or what made it leaves no note: hybridized nets,
            advanced indexing, a Function.
    """
    return history.symbol_of(x)
