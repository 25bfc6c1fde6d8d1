"""The row ``Custom`` of the operator table, and its functions ``nd.Custom`` and ``sym.Custom``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from .. import ndarray, symbol
from ..base import MXNetError, UnsupportedError, attribute_text
from ..ndarray import NDArray
from ..ndarray.invoke import cast, invoke, wrong_family
from ..ops.registry import OPERATORS, Operator, merge_shapes
from ..ops.schema import Attribute, Shape, attribute_kind
from ..symbol import Symbol
from ..symbol.node import HIDDEN
from ..symbol.register import call
from .custom_op import DENSE
from .run import custom
from .use import Use

__all__ = ["install", "symbol_of"]


class _AnyName(dict[str, Attribute]):
    """The attributes of ``Custom``: any name is one, as long as graphs do not keep it for themselves."""

    def __contains__(self, key: object) -> bool:
        name = str(key)
        if name.startswith("__") and name.endswith("__"):
            return False
        return not any(name == h or name.endswith("_" + h) for h in HIDDEN)


class _Custom(Operator):
    """The row ``Custom``: a Prop answers what the rows of other operators are told by options."""

    traceable = False
    single_output = False

    def _read_signature(self) -> None:
        self.inputs, self.variadic = ("data",), True
        self.attributes = _AnyName(op_type=attribute_kind("op_type", str, False, None))
        self.supplied = ("training", "device")

    def parse(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The use that these attributes stand for, under ``use``; see ``Operator.parse``."""
        attributes = {k: attribute_text(v) for k, v in raw.items()}
        op_type = attributes.pop("op_type", "")
        if not op_type:
            raise MXNetError("Required argument `op_type` of operator Custom is missing.")
        return {"op_type": op_type, "use": Use(op_type, attributes)}

    def arguments(self, parsed: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Operator.arguments``."""
        return {k: parsed[k] for k in ("use", "ctx") if k in parsed}

    def graph_call(self, arguments: dict[str, Any]) -> tuple[Callable[..., Any], dict[str, Any]]:
        """See ``Operator.graph_call``."""
        plain = dict(arguments)
        use = plain.pop("use")

        def custom_of_use(*data: torch.Tensor, **supplied: Any) -> tuple[torch.Tensor, ...]:
            return custom(*data, use=use, **supplied)

        return custom_of_use, plain

    def input_names(self, parsed: Mapping[str, Any], given: int = 0) -> tuple[str, ...]:
        """See ``Operator.input_names``."""
        return parsed["use"].inputs

    def aux_names(self, parsed: Mapping[str, Any]) -> tuple[str, ...]:
        """See ``Operator.aux_names``."""
        return parsed["use"].states

    def output_names(self, parsed: Mapping[str, Any]) -> tuple[str, ...]:
        """See ``Operator.output_names``."""
        return parsed["use"].outputs

    def uses_head_gradient(self, parsed: Mapping[str, Any]) -> bool:
        """See ``Operator.uses_head_gradient``."""
        return bool(parsed["use"].read[0])

    def complete_shapes(
        self, shapes: Sequence[Shape | None], parsed: Mapping[str, Any], outputs: Sequence[Shape | None] = ()
    ) -> list[Shape | None]:
        """See ``Operator.complete_shapes``."""
        use = parsed["use"]
        try:
            inferred, _ = use.infer_shapes(shapes)
        except MXNetError:
            if all(s is not None and 0 not in s for s in shapes[: len(use.arguments)]):
                raise
            return list(shapes)  # Props index shapes that are not known yet; they are asked again when they are
        return [merge_shapes(*each) for each in zip(use.inputs, shapes, inferred, strict=True)]

    def complete_dtypes(
        self, dtypes: Sequence[torch.dtype | None], parsed: Mapping[str, Any], outputs: Sequence[torch.dtype | None]
    ) -> tuple[Sequence[torch.dtype | None], Sequence[torch.dtype | None]]:
        """See ``Operator.complete_dtypes``."""
        use = parsed["use"]
        try:
            return use.infer_dtypes(dtypes)
        except MXNetError:
            if all(d is not None for d in dtypes[: len(use.arguments)]):
                raise
            return dtypes, [None] * len(use.outputs)


# ``aux``: there may be states; ``aux_names`` tells which
_row = OPERATORS["Custom"] = OPERATORS["_npi_Custom"] = _Custom(
    "Custom", custom, ("_npi_Custom",), aux=("aux",), mixed_dtypes=True
)


def _custom_of_arrays(*data: NDArray, **kwargs: Any) -> Any:
    """The custom operator ``op_type`` on arrays.

    Args:
        data: its arguments, then its auxiliary states, which it may change.
        op_type: the name it was registered under.
        out: array or list of arrays to write the result into.
        kwargs: what its Prop takes, as strings.

    Returns:
        An NDArray, or a list of them where it has several outputs.

    Raises:
        MXNetError: no such operator, another number of arrays, and whatever the operator's own code raises.
        UnsupportedError: a sparse array.
    """
    out = kwargs.pop("out", None)
    kwargs.pop("name", None)
    for x in data:
        if not isinstance(x, NDArray):
            raise AssertionError(f"Positional arguments must have NDArray type, but got {x}")
        if x._family is not NDArray:
            raise TypeError(wrong_family("Custom", "array", to_numpy=False))
    attributes = _row.parse(kwargs)
    use = attributes["use"]
    if len(data) != len(use.inputs):
        raise MXNetError(
            f"Operator Custom expects {len(use.inputs)} inputs ({', '.join(use.inputs)}), but got {len(data)} instead."
        )
    if any(x.stype != DENSE for x in data):
        raise UnsupportedError(f"custom operator {use.op_type!r} with sparse arrays", "it gets dense ones only")
    if data:
        attributes["ctx"] = data[0].context
    if _row.amp is not None:
        arrays: Any
        arrays, attributes = cast(_row, data, attributes)
        data = tuple(arrays)
    return invoke(_row, data, attributes, out)


def _custom_of_symbols(*data: Symbol, **kwargs: Any) -> Symbol:
    """The custom operator ``op_type`` on symbols; arguments and auxiliary states that are not given become variables.

    Args:
        data: its arguments, then its auxiliary states; they may be given by name instead.
        op_type: the name it was registered under.
        name, attr: the node's name and the user's attributes.
        kwargs: what its Prop takes, as strings.

    Raises:
        MXNetError: no such operator, too many inputs, and whatever the Prop's own code raises.
    """
    return symbol_of(data, kwargs, "custom")


def symbol_of(data: Sequence[Symbol], kwargs: dict[str, Any], hint: str) -> Symbol:
    """``sym.Custom(*data, **kwargs)``, with a stem for its name of its own."""
    name, attr = kwargs.pop("name", None), kwargs.pop("attr", None)
    kwargs.pop("out", None)
    given = {k: v if isinstance(v, Symbol) else attribute_text(v) for k, v in kwargs.items()}
    return call(_row, data, {}, name, attr, given, hint)


def install() -> None:
    """Puts ``Custom`` into ``nd`` and ``sym``."""
    for package, function in ((ndarray, _custom_of_arrays), (symbol, _custom_of_symbols)):
        function.__name__ = function.__qualname__ = "Custom"
        function.__module__ = package.op.__name__
        for module in (package, package.op):
            setattr(module, "Custom", function)  # noqa: B010 - the stubs do not know it yet
            module.__all__.append("Custom")
