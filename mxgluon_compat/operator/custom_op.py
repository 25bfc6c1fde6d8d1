"""What users subclass, and under which names their classes are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..context import Context
from ..ndarray import NDArray

__all__ = ["PROPS", "CustomOp", "CustomOpProp", "register"]

DENSE = "default"


class CustomOp:
    """What a custom operator computes; subclass it and define ``forward`` and ``backward``."""

    def forward(
        self, is_train: int, req: list[str], in_data: list[NDArray], out_data: list[NDArray], aux: list[NDArray]
    ) -> None:
        """Computes ``out_data`` from ``in_data``; not recorded.

        Args:
            is_train: 1 in train mode, else 0.
            req: for each output how it is to be stored: ``'write'``.
            in_data: the arguments' arrays.
            out_data: arrays for the outputs, zeros; write into them, by ``assign``.
            aux: the auxiliary states' arrays; what is written into them stays.
        """

    def backward(
        self,
        req: list[str],
        out_grad: list[NDArray],
        in_data: list[NDArray],
        out_data: list[NDArray],
        in_grad: list[NDArray],
        aux: list[NDArray],
    ) -> None:
        """Computes ``in_grad``, the arguments' gradients, from those of the outputs; not recorded.

        Args:
            req: ``'write'`` for each argument whose gradient is asked for, ``'null'`` for the others. MXNet says
                ``'add'`` where gradients are added up; here torch adds them, in ``in_grad`` there are always zeros.
            out_grad, in_data, out_data: the arrays that ``declare_backward_dependency`` names; others cannot be read.
            in_grad: arrays for the gradients; write into them, by ``assign``.
            aux: the auxiliary states' arrays.
        """

    def assign(self, dst: NDArray, req: str, src: Any) -> None:
        """Stores ``src`` in ``dst`` as ``req`` says: ``'write'`` and ``'inplace'``, ``'add'`` to it, ``'null'`` not."""
        if req in ("write", "inplace"):
            dst[:] = src
        elif req == "add":
            dst[:] += src


class CustomOpProp:
    """What a custom operator takes and gives; subclass it, ``register`` it and define ``create_operator``.

    Args of a subclass are what ``nd.Custom`` and ``sym.Custom`` are given beside ``op_type``: all strings.

    Args:
        need_top_grad: whether the gradient depends on the outputs' gradients; that of a loss does not.
    """

    def __init__(self, need_top_grad: bool = True) -> None:
        self.need_top_grad_ = need_top_grad

    def list_arguments(self) -> list[str]:
        """Names of the arguments."""
        return ["data"]

    def list_outputs(self) -> list[str]:
        """Names of the outputs."""
        return ["output"]

    def list_auxiliary_states(self) -> list[str]:
        """Names of the auxiliary states."""
        return []

    def infer_shape(self, in_shape: list[list[int]]) -> tuple[Sequence[Any], ...]:
        """Shapes of the arguments, outputs and auxiliary states (may be left out where there are none).

        Args:
            in_shape: the arguments' shapes: 0 is an unknown dimension, ``[]`` an unknown shape.
        """
        return in_shape, (in_shape[0],) * len(self.list_outputs()), ()

    def infer_type(self, in_type: list[Any]) -> tuple[Sequence[Any], ...]:
        """dtypes (numpy classes) of the arguments, outputs and auxiliary states.

        Args:
            in_type: the arguments' dtypes; None for one that is not known.
        """
        outputs, states = len(self.list_outputs()), len(self.list_auxiliary_states())
        return in_type, [in_type[0]] * outputs, [in_type[0]] * states

    def infer_storage_type(self, in_stype: list[str]) -> tuple[list[str], ...]:
        """Storage types of the arguments, outputs and auxiliary states: only ``'default'`` (dense) is supported."""
        for i, stype in enumerate(in_stype):
            assert stype == DENSE, f"custom operators take dense arrays, found stype {stype!r} for in_stype[{i}]"
        return in_stype, [DENSE] * len(self.list_outputs()), [DENSE] * len(self.list_auxiliary_states())

    def infer_storage_type_backward(
        self,
        ograd_stype: list[str],
        in_stype: list[str],
        out_stype: list[str],
        igrad_stype: list[str],
        aux_stype: list[str],
    ) -> tuple[list[str], ...]:
        """As ``infer_storage_type``, of all arrays of ``backward``."""
        groups = (ograd_stype, in_stype, out_stype, igrad_stype, aux_stype)
        for stype in (s for group in groups for s in group):
            assert stype in (DENSE, "undefined"), f"custom operators take dense arrays, found stype {stype!r}"
        return tuple([DENSE] * len(group) for group in groups)

    def declare_backward_dependency(
        self, out_grad: list[int], in_data: list[int], out_data: list[int]
    ) -> Sequence[int]:
        """Of these numbers of arrays the ones that ``backward`` reads; others are not kept for it."""
        return [*(out_grad if self.need_top_grad_ else ()), *in_data, *out_data]

    def create_operator(self, ctx: Context, in_shapes: list[list[int]], in_dtypes: list[int]) -> CustomOp:
        """The CustomOp that computes.

        Args:
            ctx: where.
            in_shapes: shapes of the arguments and the auxiliary states.
            in_dtypes: MXNet's numbers of their dtypes.
        """
        return CustomOp()


PROPS: dict[str, Callable[..., CustomOpProp]] = {}


def register(reg_name: str) -> Callable[[Any], Any]:
    """Class decorator: makes a CustomOpProp known as ``op_type=reg_name``, in place of a former one of that name."""

    def do_register(prop_cls: Any) -> Any:
        PROPS[reg_name] = prop_cls
        return prop_cls

    return do_register
