"""One use of a custom operator, and what its Prop tells of it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch

from ..base import NAME_TO_FLAG, TORCH_TO_NAME, MXNetError, UnsupportedError, dtype_name, numpy_dtype, torch_dtype
from ..context import Context
from ..ops.registry import merge_shapes
from ..ops.schema import Shape
from ..util import is_np_shape
from .custom_op import DENSE, PROPS, CustomOp, CustomOpProp

__all__ = ["Use", "keeping", "users_code"]


@contextlib.contextmanager
def users_code(op_type: str, what: str) -> Iterator[None]:
    """What the user's code raises comes out as an MXNetError, as MXNet's worker threads pass it on."""
    try:
        yield
    except Exception as error:
        text = f"Error in custom operator {op_type!r}: {what} raised {type(error).__name__}: {error}"
        raise MXNetError(text) from error


class Use:
    """One use of a custom operator: a node of a graph, or one call.

    Attributes:
        prop: the user's Prop, made for this use.
        arguments, outputs, states: names, as the Prop lists them.
        read: numbers of the output gradients, arguments and outputs that ``backward`` reads.
    """

    def __init__(self, op_type: str, attributes: Mapping[str, str]) -> None:
        if op_type not in PROPS:
            raise MXNetError(f"Cannot find custom operator {op_type}: no CustomOpProp is registered under that name")
        self.op_type = op_type
        self.prop = prop = self._ask("__init__", lambda: PROPS[op_type](**attributes))
        self.arguments = tuple(self._ask("list_arguments", lambda: prop.list_arguments()))
        self.outputs = tuple(self._ask("list_outputs", lambda: prop.list_outputs()))
        self.states = tuple(self._ask("list_auxiliary_states", lambda: prop.list_auxiliary_states()))
        self.read = self._dependencies()
        self._check_storage()
        self._settled: tuple[Any, Any] = (None, None)

    def _ask(self, what: str, function: Callable[[], Any]) -> Any:
        with users_code(self.op_type, what):
            return function()

    def _dependencies(self) -> tuple[tuple[int, ...], ...]:
        a, b = len(self.outputs), len(self.outputs) + len(self.arguments)
        numbers = list(range(b + a))
        groups = numbers[:a], numbers[a:b], numbers[b:]
        named = self._ask(
            "declare_backward_dependency", lambda: set(self.prop.declare_backward_dependency(*map(list, groups)))
        )
        return tuple(tuple(i for i, n in enumerate(group) if n in named) for group in groups)

    def _check_storage(self) -> None:
        """Raises UnsupportedError for a Prop whose own rules make sparse arrays of dense ones."""
        kind = type(self.prop)
        ins, outs, states = ([DENSE] * len(names) for names in (self.arguments, self.outputs, self.states))
        found: list[Any] = []
        if getattr(kind, "infer_storage_type", None) is not CustomOpProp.infer_storage_type:
            found += self._ask("infer_storage_type", lambda: self.prop.infer_storage_type(list(ins)))
        if getattr(kind, "infer_storage_type_backward", None) is not CustomOpProp.infer_storage_type_backward:
            groups = [list(outs), list(ins), list(outs), ["undefined"] * len(ins), list(states)]
            found += self._ask("infer_storage_type_backward", lambda: self.prop.infer_storage_type_backward(*groups))
        if any(stype != DENSE for group in found for stype in group):
            raise UnsupportedError(f"custom operator {self.op_type!r} with sparse arrays", "it gets dense ones only")

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of all inputs: the arguments, then the auxiliary states."""
        return self.arguments + self.states

    # ------------------------------------------------------------------------------------------ shapes and dtypes
    def _inferred(self, what: str, given: list[Any]) -> tuple[list[Any], list[Any]]:
        """What the Prop's ``infer_shape`` or ``infer_type`` gives: for all inputs, and for the outputs."""

        def ask() -> tuple[list[Any], list[Any]]:
            groups = [list(group) for group in getattr(self.prop, what)(given)]
            if len(groups) not in (2, 3):
                raise AssertionError(f"{what} must return 2 or 3 lists")
            groups += [[]] * (3 - len(groups))
            kinds = zip(
                ("input", "output", "aux state"), groups, (self.arguments, self.outputs, self.states), strict=True
            )
            for kind, group, names in kinds:
                if len(group) != len(names):
                    raise AssertionError(
                        f"expecting {len(names)} entries in returned {kind} {what[6:]}s, got {len(group)}"
                    )
            return groups[0] + groups[2], groups[1]

        return self._ask(what, ask)

    def infer_shapes(self, given: Sequence[Shape | None]) -> tuple[list[Shape | None], list[Shape | None]]:
        """Shapes of all inputs and of the outputs, from those of the inputs; None for an unknown one."""
        asked = [list(shape or ()) for shape in given[: len(self.arguments)]]
        inputs, outputs = (
            [tuple(int(n) for n in shape) or None for shape in group] for group in self._inferred("infer_shape", asked)
        )
        return inputs, outputs

    def infer_dtypes(self, given: Sequence[torch.dtype | None]) -> tuple[list[Any], list[Any]]:
        """dtypes of all inputs and of the outputs, from those of the inputs; None for an unknown one."""
        asked = [None if d is None else numpy_dtype(d) for d in given[: len(self.arguments)]]
        found = self._inferred("infer_type", asked)
        with users_code(self.op_type, "infer_type"):
            inputs, outputs = ([None if d is None else torch_dtype(d) for d in group] for group in found)
        return inputs, outputs

    def settle(self, tensors: Sequence[torch.Tensor]) -> list[tuple[Shape, torch.dtype]]:
        """Shapes and dtypes of the outputs for these inputs.

        Raises:
            ValueError: the inputs have other shapes or dtypes than the Prop infers, or those of an output stay unknown.
        """
        given = [(tuple(t.shape), t.dtype) for t in tensors]
        if self._settled[0] == given:  # the Prop is asked once for shapes that stay
            return self._settled[1]
        shapes, out_shapes = self.infer_shapes([shape for shape, _ in given])
        dtypes, out_dtypes = self.infer_dtypes([dtype for _, dtype in given])
        for name, (shape, dtype), wanted, kind in zip(self.inputs, given, shapes, dtypes, strict=True):
            merge_shapes(name, shape, wanted)
            if kind is not None and kind is not dtype:
                raise ValueError(
                    f"Type inconsistent for {name}, Provided = {TORCH_TO_NAME[dtype]}, "
                    f"inferred type = {TORCH_TO_NAME[kind]}"
                )
        for name, found, dtype in zip(self.outputs, out_shapes, out_dtypes, strict=True):
            if dtype is None or (found is None and not is_np_shape()):
                raise ValueError(
                    f"{self.op_type}.infer_{'type' if dtype is None else 'shape'} does not tell that of {name}"
                )
        settled = [(shape or (), dtype) for shape, dtype in zip(out_shapes, out_dtypes, strict=True)]
        self._settled = (given, settled)
        return settled

    def create(self, ctx: Context, tensors: Sequence[torch.Tensor]) -> CustomOp:
        """The user's operator: a new one, or the executor's."""
        kept = _executor.operators
        if kept is not None and self in kept:
            return kept[self]
        shapes = [list(t.shape) for t in tensors]
        flags = [NAME_TO_FLAG[dtype_name(t.dtype)] for t in tensors]
        made = self._ask("create_operator", lambda: self.prop.create_operator(ctx, shapes, flags))
        if not (hasattr(made, "forward") and hasattr(made, "backward")):
            raise MXNetError(f"Error in custom operator {self.op_type!r}: create_operator gave {made!r}, no CustomOp")
        if kept is not None:
            kept[self] = made
        return made


class _Executor(threading.local):
    operators: dict[Use, CustomOp] | None = None


_executor = _Executor()


@contextlib.contextmanager
def keeping(operators: dict[Use, CustomOp] | None) -> Iterator[None]:
    """Uses of custom operators that run inside keep their CustomOps in ``operators``: an executor has one for each.

    Everywhere else a CustomOp is made for each forward pass; the backward pass of that has the same one.
    """
    former, _executor.operators = _executor.operators, operators
    try:
        yield
    finally:
        _executor.operators = former
