"""The operator table: each operator of MXNet once, as a plain function on torch tensors.

```python
@operator("FullyConnected", infer_inputs=..., absent=...)
def fully_connected(data, weight, bias=None, *, num_hidden: Positive, no_bias: bool = False, flatten: bool = True): ...
```

The signature is the schema. Positional parameters are the tensor inputs (``*data`` for a list of any length),
keyword-only ones are the attributes in MXNet's order; their annotations (see ``schema``) parse Python values and the
strings of symbol JSON.
Four keyword names are not attributes but *supplied* by whoever runs the operator:

``training``
    bool: whether the forward pass is that of training (``autograd.is_training()``).
``stream``
    the random stream of the output's device (see ``streams``).
``device``
    torch.device of the output, for operators without inputs; MXNet's attribute for it is ``ctx``.
``bodies``
    functions on tensors, for the subgraphs of a loop or branch; only nodes of graphs have them.

An operator returns a tensor, or a tuple with one tensor for each of its outputs, hidden ones included; where the number
of outputs depends on attributes (``outputs`` is a function) always a tuple.
Wrong shapes and values are raised short, as ValueError; whoever runs the operator adds its name, shapes and dtypes.
"""

from __future__ import annotations

import inspect
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch

from ..base import BoundsError, MXNetError, ParameterError, UnsupportedError
from .casts import Casts
from .schema import Attribute, OutOfRange, Positive, Shape, attribute_kind

__all__ = ["OPERATORS", "DtypeMismatch", "Operator", "get", "operator"]

SUPPLIED = ("training", "stream", "device", "bodies")

InferInputs = Callable[..., Sequence[Shape | None]]
"""``infer(shapes, **attrs)``: shapes of all inputs in order (None: unknown; a 0: unknown dimension) -> the same
list, completed as far as they follow from one another. A function with a parameter ``outputs`` is also given what is
known of the outputs' shapes (an empty sequence where nobody asked)."""

InferDtypes = Callable[..., tuple[Sequence[torch.dtype | None], Sequence[torch.dtype | None]]]
"""See ``Operator.infer_dtypes``."""


class DtypeMismatch(ValueError):
    """Inputs of an operator that must share a dtype do not."""


def _depth_of_program() -> int:
    """How far up the frame is that called this package, as ``warnings.warn`` counts it in the caller."""
    depth, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith((_PACKAGE, "<nd.", "<sym.")):
        depth, frame = depth + 1, frame.f_back
    return depth


_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class Operator:
    """One row of the table.

    Attributes:
        name: MXNet's registered name; ``aliases`` are its others.
        fn: the function on torch tensors.
        inputs: names of the tensor inputs, auxiliary states included; of a variadic operator, the one list's name.
        attributes: name -> Attribute, in MXNet's order.
        supplied: which of ``training``, ``stream``, ``device``, ``bodies`` the function takes.
        aux: names of those inputs that are auxiliary states.
        count: attribute that holds the number of inputs of a variadic operator (``num_args``), or None.
        list_names: ``list_names(number of inputs, **attrs)``: names of a variadic operator's inputs; default ``arg0``,
            ``arg1``...
        mixed_dtypes: whether inputs may differ in dtype.
        mutates: names of the inputs that the operator changes in place.
        on_floats: the torch function that ``fn`` comes to on floating-point tensors, if it is one: what a call of a
            small operator costs beside it is mostly the checks before it.
        may_alias: whether an output may be a view of an input. No operator of MXNet shares memory with its inputs, so
            whoever hands the output to a user copies it first; a graph need not, since nothing in it writes in place.
        variable_init: input name -> ``__init__`` attribute (JSON) of the variable that stands in for it when a
            symbol is composed without it (BatchNorm's moving_var starts from ones).
        infer_dtypes: ``infer(dtypes, **attrs)``: dtypes of all inputs (None: unknown) -> (the same list, completed;
            those of the outputs). A function with a parameter ``outputs`` is also given what is known of theirs.
            Default: all inputs share one unless ``mixed_dtypes``, and the outputs have the ``dtype`` attribute's where
            there is one, else the first input's.
        check: ``check(**attrs)`` raises ValueError for attributes that do not fit each other, which needs no input.
        traceable: whether ``torch.compile`` can trace the function; if not, a compiled graph breaks around it.
    """

    traceable = True
    #: What mixed precision does with the inputs of this operator; None while it is off. See ``casts``.
    amp: Casts | None = None

    def __init__(
        self,
        name: str,
        fn: Callable[..., Any],
        aliases: Sequence[str] = (),
        *,
        infer_inputs: InferInputs | None = None,
        absent: Callable[..., Iterable[str]] | None = None,
        aux: Sequence[str] = (),
        outputs: Sequence[str] | Callable[..., Sequence[str]] = ("output",),
        visible: int | Callable[..., int] | None = None,
        count: str | None = None,
        list_names: Callable[..., Sequence[str]] | None = None,
        mixed_dtypes: bool = False,
        mutates: Sequence[str] = (),
        may_alias: bool = False,
        on_floats: Callable[..., torch.Tensor] | None = None,
        variable_init: Mapping[str, str] | None = None,
        infer_dtypes: InferDtypes | None = None,
        check: Callable[..., None] | None = None,
    ) -> None:
        self.name = name
        self.fn = fn
        self.aliases = tuple(aliases)
        self.infer_inputs = infer_inputs
        self._sees_outputs = infer_inputs is not None and _takes_outputs(infer_inputs)
        self.aux = tuple(aux)
        self.count = count
        self.mixed_dtypes = mixed_dtypes
        self.mutates = tuple(mutates)
        self.may_alias = may_alias
        self.on_floats = on_floats
        self.variable_init = dict(variable_init or {})
        self.infer_dtypes = infer_dtypes
        self._dtypes_see_outputs = infer_dtypes is not None and _takes_outputs(infer_dtypes)
        self._absent = absent
        self._check = check
        self.list_names = list_names
        self._outputs = outputs
        self.outputs_vary = callable(outputs)
        self._visible = visible
        self.inputs: tuple[str, ...] = ()
        self.optional_inputs: frozenset[str] = frozenset()
        self.variadic = False
        self.attributes: dict[str, Attribute] = {}
        self.supplied: tuple[str, ...] = ()
        self._read_signature()
        self.required = tuple(a.name for a in self.attributes.values() if a.required)
        self.defaults = {a.name: a.default for a in self.attributes.values() if not a.required}

    def _read_signature(self) -> None:
        inputs, optional, supplied = [], [], []
        if self.count:
            self.attributes[self.count] = attribute_kind(self.count, Positive, False, 0)
        for p in inspect.signature(self.fn, eval_str=True).parameters.values():
            if p.kind is p.VAR_POSITIONAL:
                inputs.append(p.name)
                self.variadic = True
            elif p.kind is not p.KEYWORD_ONLY:
                inputs.append(p.name)
                if p.default is not p.empty:
                    optional.append(p.name)
            elif p.name in SUPPLIED:
                supplied.append(p.name)
                if p.name == "device":
                    self.attributes["ctx"] = attribute_kind("ctx", str, False, "")
            else:
                required = p.default is p.empty
                self.attributes[p.name] = attribute_kind(
                    p.name, p.annotation, required, None if required else p.default
                )
        self.inputs, self.supplied = tuple(inputs), tuple(supplied)
        self.optional_inputs = frozenset(optional)

    def __repr__(self) -> str:
        return f"<Operator {self.name}>"

    # ------------------------------------------------------------------------------------------ attributes
    def parse(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Checked attribute values for what the caller gave (Python values or strings; defaults not filled in).

        An operator without attributes passes over what it is given, as in MXNet, with a warning.

        Raises:
            MXNetError: an unknown attribute, a value that does not fit, a required one that is missing.
        """
        parsed = {}
        for key, value in raw.items():
            attribute = self.attributes.get(key)
            if attribute is None:
                if self.attributes:
                    raise self.unknown(key, raw)
                message = f"{self.name} takes no arguments but its inputs: {key}={value!r} is passed over, as in MXNet"
                warnings.warn(message, stacklevel=_depth_of_program())
                continue
            try:
                parsed[key] = attribute.parse(value)
            except (ValueError, TypeError) as error:
                raise self._misfit(attribute, value, raw, error) from None
        for key in self.required:
            if key not in parsed:
                kind = self.attributes[key].kind
                raise MXNetError(f"Required parameter {key} of {kind} is not presented, {self._where(raw)}")
        if self._check is not None:
            try:
                self._check(**self._full(parsed))
            except ValueError as error:
                raise MXNetError(f"{error}, {self._where(raw)}") from None
        return parsed

    def arguments(self, parsed: Mapping[str, Any]) -> dict[str, Any]:
        """The keyword arguments for ``fn``: parsed attributes without those that only the faces use."""
        return {k: v for k, v in parsed.items() if k != self.count and k != "ctx"}

    def graph_call(self, arguments: dict[str, Any]) -> tuple[Callable[..., Any], dict[str, Any]]:
        """Function and keyword arguments of a node of a lowered graph, whose arguments are plain values only."""
        return self.fn, arguments

    def _where(self, raw: Mapping[str, Any]) -> str:
        given = ", ".join(f'{k}="{v}"' for k, v in raw.items())
        return f"in operator {self.name}({given})"

    def unknown(self, key: str, raw: Mapping[str, Any]) -> MXNetError:
        """The error for an argument that the operator does not take."""
        possible = "\n".join(a.describe() for a in self.attributes.values()) or "(none)"
        return MXNetError(
            f"Cannot find argument '{key}', Possible Arguments:\n----------------\n{possible}\n, {self._where(raw)}"
        )

    def _misfit(self, attribute: Attribute, value: Any, raw: Mapping[str, Any], error: Exception) -> MXNetError:
        if isinstance(error, OutOfRange):
            return MXNetError(f"value {value} for Parameter {attribute.name} {error}, {self._where(raw)}")
        if attribute.choices:
            valid = ", ".join(f"'{c}'" for c in sorted(attribute.choices))
            return MXNetError(
                f"Invalid Input: '{value}', valid values are: {{{valid}}}, for {attribute.name}, {self._where(raw)}"
            )
        return MXNetError(
            f"Invalid Parameter format for {attribute.name} expect {attribute.kind} but value='{value}', "
            f"{self._where(raw)}"
        )

    # ------------------------------------------------------------------------------------------ inputs and outputs
    @property
    def has_absent_rule(self) -> bool:
        """Whether the attributes tell which of the optional inputs are there."""
        return self._absent is not None

    @property
    def single_output(self) -> bool:
        """Whether the function always returns one tensor."""
        return not callable(self._outputs) and len(self._outputs) == 1

    def check_inputs(self, present: Sequence[bool], parsed: Mapping[str, Any]) -> None:
        """Whether the inputs that are there are those that the operator takes with these attributes.

        Raises:
            MXNetError: one is missing, or one too many.
        """
        wanted = self.input_names(parsed)
        optional = self.optional_inputs if self._absent is None else frozenset()
        given = {n for n, there in zip(self.inputs, present, strict=False) if there}
        if given - set(wanted) or set(wanted) - given - optional:
            raise MXNetError(
                f"Operator {self.name} expects {len(wanted)} inputs ({', '.join(wanted)}), but got {len(given)} "
                f"instead ({', '.join(n for n in self.inputs if n in given)})."
            )

    def placed(self, given: Sequence[Any], parsed: Mapping[str, Any]) -> Sequence[Any]:
        """Arrays in the order of ``inputs``: whoever calls an ``nd`` function by position leaves out absent ones.

        quantized_conv takes data, weight, bias, min_data... and without bias data, weight, min_data... Functions of
        ``sym`` take each input at its own position.
        """
        there = [x for x in given if x is not None]
        if self.variadic or self._absent is None or any(x is None for x in given[: len(there)]):
            return given
        wanted = self.input_names(parsed)
        if wanted == self.inputs[: len(wanted)] or len(there) > len(wanted):
            return given
        places = dict(zip(wanted, there, strict=False))
        return [places.get(name) for name in self.inputs]

    def _full(self, parsed: Mapping[str, Any]) -> dict[str, Any]:
        full = {**self.defaults, **parsed}
        full.pop("ctx", None)
        return full

    def input_names(self, parsed: Mapping[str, Any], given: int = 0) -> tuple[str, ...]:
        """Names of the inputs that the operator takes with these attributes; of a list operator for that many."""
        if self.variadic:
            number = given or parsed.get(self.count, 0)
            if self.list_names is not None:
                return tuple(self.list_names(number, **self._full(parsed)))
            return tuple(f"arg{i}" for i in range(number))
        if self._absent is None:
            return self.inputs
        absent = set(self._absent(**self._full(parsed)))
        return tuple(n for n in self.inputs if n not in absent)

    def output_names(self, parsed: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of all outputs, hidden ones included."""
        return tuple(self._outputs(**self._full(parsed))) if callable(self._outputs) else tuple(self._outputs)

    def aux_names(self, parsed: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of those inputs that are auxiliary states."""
        return self.aux

    def uses_head_gradient(self, parsed: Mapping[str, Any]) -> bool:
        """Whether the gradient depends on that of the outputs."""
        return True

    def visible_outputs(self, parsed: Mapping[str, Any]) -> int:
        """How many of the outputs a caller sees."""
        if self._visible is None:
            return len(self.output_names(parsed))
        return self._visible(**self._full(parsed)) if callable(self._visible) else self._visible

    def complete_shapes(
        self, shapes: Sequence[Shape | None], parsed: Mapping[str, Any], outputs: Sequence[Shape | None] = ()
    ) -> list[Shape | None]:
        """Input shapes, completed where ``infer_inputs`` knows them and merged with those given.

        Raises:
            ValueError: a given shape contradicts an inferred one.
        """
        if self.infer_inputs is None:
            return list(shapes)
        names = self.input_names(parsed, len(shapes))
        known = {"outputs": outputs} if self._sees_outputs else {}
        inferred = self.infer_inputs(list(shapes), **known, **self._full(parsed))
        return [merge_shapes(n, s, i) for n, s, i in zip(names, shapes, inferred, strict=False)]

    def complete_dtypes(
        self,
        dtypes: Sequence[torch.dtype | None],
        parsed: Mapping[str, Any],
        outputs: Sequence[torch.dtype | None],
    ) -> tuple[Sequence[torch.dtype | None], Sequence[torch.dtype | None]]:
        """Dtypes of the inputs, as they should be, and of the outputs (the last one stands for all that follow)."""
        attrs = {**self.defaults, **parsed}
        if self.infer_dtypes is not None:
            known = {"outputs": outputs} if self._dtypes_see_outputs else {}
            return self.infer_dtypes(dtypes, **known, **attrs)
        named = attrs.get("dtype")
        if not dtypes:
            return dtypes, [named if named is not None else torch.float32 if "dtype" in self.attributes else None]
        # what a cast makes says nothing about what it is given
        told = outputs[0] if "dtype" not in self.attributes else None
        if self.mixed_dtypes:
            dtypes = [dtypes[0] or told, *dtypes[1:]]
        else:
            dtypes = [next((d for d in dtypes if d is not None), told)] * len(dtypes)
        return dtypes, [named if isinstance(named, torch.dtype) else dtypes[0]]

    def failure(self, inputs: Sequence[Any], error: BaseException) -> MXNetError:
        """The one MXNetError that callers see for ``error``, raised inside the operator for these tensors."""
        if isinstance(error, MXNetError) and not isinstance(error, ParameterError):
            return error
        got = ", ".join(
            f"{name}: {tuple(t.shape)} {str(t.dtype).removeprefix('torch.')}"
            for name, t in zip(self._names_of(inputs), inputs, strict=False)
            if isinstance(t, torch.Tensor)
        )
        text = str(error).splitlines()[0] if str(error) else repr(error)
        devices = {str(t.device) for t in inputs if isinstance(t, torch.Tensor)}
        if len(devices) > 1:
            text = f"all inputs must live on one device, got {sorted(devices)}"
        # torch's IndexError is also that of an axis that is not there, which is none of MXNet's
        kind = MXNetError
        if isinstance(error, ParameterError):
            kind = ParameterError
        elif isinstance(error, IndexError) and "out of bounds for dim" in text:
            kind = BoundsError
        return kind(f"Error in operator {self.name}: {text} (inputs: {got or 'none'})")

    def _names_of(self, inputs: Sequence[Any]) -> Sequence[str]:
        return [f"{self.inputs[0]}[{i}]" for i in range(len(inputs))] if self.variadic else self.inputs

    def check_dtypes(self, inputs: Sequence[torch.Tensor]) -> None:
        """MXNet never promotes: inputs of one operator share a dtype unless it says otherwise.

        Raises:
            DtypeMismatch: the dtypes differ.
        """
        if self.mixed_dtypes:
            return
        first = None
        for i, tensor in enumerate(inputs):
            if tensor is None:
                continue
            if first is None:
                first = tensor.dtype
            elif tensor.dtype is not first:
                raise DtypeMismatch(
                    f"Incompatible dtypes: {self._names_of(inputs)[i]} should be "
                    f"{str(first).removeprefix('torch.')} like the first input, got "
                    f"{str(tensor.dtype).removeprefix('torch.')}; cast one with astype()"
                )


def _takes_outputs(rule: Callable[..., Any]) -> bool:
    return "outputs" in inspect.signature(rule).parameters


def makes(dtype: torch.dtype) -> InferDtypes:
    """``infer_dtypes`` of an operator whose output has that dtype, whatever the inputs', unless ``dtype`` says else."""

    def infer(dtypes: Sequence[torch.dtype | None], **attrs: Any) -> tuple[Any, Any]:
        return dtypes, [attrs.get("dtype") or dtype]

    return infer


def numbered(count: int) -> tuple[str, ...]:
    """Names of that many outputs: one alone has no number."""
    return ("output",) if count == 1 else tuple(f"output{i}" for i in range(count))


OPERATORS: dict[str, Operator] = {}
"""Every registered name, aliases included -> its Operator."""


def operator(name: str, *aliases: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers the decorated function as the operator ``name``; options are those of ``Operator``.

    Raises:
        ValueError: a name is taken.
    """

    def register(fn: Callable[..., Any]) -> Callable[..., Any]:
        row = Operator(name, fn, aliases, **options)
        for key in (name, *aliases):
            if key in OPERATORS:
                raise ValueError(f"operator name {key!r} is registered twice")
            OPERATORS[key] = row
        return fn

    return register


def get(name: str) -> Operator:
    """The operator of that registered name.

    Raises:
        UnsupportedError: there is none.
    """
    try:
        return OPERATORS[name]
    except KeyError:
        from .support import why_missing  # which reads this table

        raise UnsupportedError(f"Operator {name!r}", why_missing(name)) from None


# ---------------------------------------------------------------------------------------------- shape helpers
def merge_shapes(name: str, given: Shape | None, inferred: Shape | None) -> Shape | None:
    """One shape out of a given and an inferred one, 0 standing for an unknown dimension.

    Raises:
        ValueError: they contradict each other.
    """
    if given is None or inferred is None:
        return given if inferred is None else tuple(inferred)
    if len(given) != len(inferred) or any(a and b and a != b for a, b in zip(given, inferred, strict=True)):
        raise ValueError(f"Shape inconsistent for {name}, Provided = {tuple(given)}, inferred shape={tuple(inferred)}")
    return tuple(a or b for a, b in zip(given, inferred, strict=True))


def same_shape(shapes: Sequence[Shape | None], *, outputs: Sequence[Shape | None] = (), **_: Any) -> list[Shape | None]:
    """``infer_inputs`` of element-wise operators: all inputs, and the output, have one shape."""
    merged: Shape | None = None
    for i, shape in enumerate(shapes):
        merged = merge_shapes(f"input {i}", shape, merged)
    return [merge_shapes("output", merged, outputs[0] if outputs else None)] * len(shapes)
