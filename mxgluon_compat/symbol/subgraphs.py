"""Nodes with subgraphs: what their bodies are, and how shapes and dtypes follow through them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from ..base import MXNetError
from ..ops.registry import Operator, merge_shapes
from ..ops.schema import Shape
from .infer import infer_dtypes, legacy_entries
from .lowering import lower
from .run import first_failure, run_nodes
from .symbol import Symbol

__all__ = ["SubgraphOperator"]


class SubgraphOperator(Operator):
    """One use of ``_foreach``, ``_while_loop`` or ``_cond``: the row of the table, and the node's subgraphs.

    Attributes:
        subgraphs: they, in the order in which the operator takes its bodies.

    Raises:
        MXNetError: the row takes another number of subgraphs.
    """

    traceable = False  # how often a body runs depends on values

    def __init__(self, row: Operator, subgraphs: Sequence[Symbol]) -> None:
        self.__dict__.update(vars(row))
        if row.name not in _PLACES or len(subgraphs) != _PLACES[row.name].count:
            raise MXNetError(f"Operator {row.name} does not take {len(subgraphs)} subgraphs")
        self._row = row
        self.subgraphs = tuple(subgraphs)
        self._names = [s.list_inputs() for s in subgraphs]
        self.fn = self._run
        self.supplied = ("training", "device")
        self._lowered: dict[tuple[bool, torch.device], list[Callable[..., Any]]] = {}

    # ------------------------------------------------------------------------------------------ checks
    def parse(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Operator.parse``; the places of inputs must be those that the subgraphs have.

        Raises:
            MXNetError: also for such places, and numbers of inputs and outputs.
        """
        parsed = super().parse(raw)
        if parsed.get("max_iterations", 1) < 1:
            raise MXNetError(
                f"value {parsed['max_iterations']} for Parameter max_iterations should be greater equal to 1"
            )
        if "num_args" not in parsed:
            raise MXNetError(f"Operator {self.name}: required parameter num_args is missing")
        inputs = len(self.input_names(parsed))
        for places, names in zip(self._places(parsed), self._names, strict=True):
            if len(places) != len(names) or any(not 0 <= i < inputs for i in places):
                raise MXNetError(f"Operator {self.name}: its subgraph of {len(names)} inputs gets {places} of {inputs}")
        if any(not 0 <= i < len(self._names[1]) for i in parsed.get("func_var_locs", ())):
            raise MXNetError(f"Operator {self.name}: func_var_locs {parsed['func_var_locs']} are no inputs of its body")
        results = self.subgraphs[_PLACES[self.name].first_result :]
        if any(len(s._outputs) != parsed["num_outputs"] for s in results):
            raise MXNetError(f"Operator {self.name} has {parsed['num_outputs']} outputs, its subgraphs have others")
        states = len(parsed.get("in_state_locs", parsed.get("func_var_locs", ())))
        if "num_out_data" in parsed and parsed["num_out_data"] + states != parsed["num_outputs"]:
            raise MXNetError(f"Operator {self.name} has {parsed['num_out_data']} results and {states} states")
        return parsed

    def input_names(self, parsed: Mapping[str, Any], given: int = 0) -> tuple[str, ...]:
        """Names of the inputs; MXNet counts the subgraphs too in ``num_args``."""
        return tuple(f"data{i}" for i in range(parsed["num_args"] - len(self.subgraphs)))

    def _places(self, parsed: Mapping[str, Any]) -> list[Sequence[int]]:
        """For each subgraph which of the node's inputs are its inputs."""
        return _PLACES[self.name].of(parsed)

    def mutated(self, parsed: Mapping[str, Any]) -> set[int]:
        """Which of the node's inputs are auxiliary states of operators inside."""
        found = set()
        for subgraph, places in zip(self.subgraphs, self._places(parsed), strict=True):
            states = set(_states(subgraph))
            found |= {place for name, place in zip(subgraph.list_inputs(), places, strict=True) if name in states}
        return found

    # ------------------------------------------------------------------------------------------ running
    def _run(
        self, *data: torch.Tensor, training: bool, device: torch.device, **attributes: Any
    ) -> tuple[torch.Tensor, ...]:
        if self.name == "_foreach" and data[0].ndim and not data[0].shape[0] and not data[0].is_meta:
            results = self._no_rows(data, training, attributes)
        else:
            results = self._row.fn(*data, bodies=self._bodies(training, device), **attributes)
        read = [tensor for tensor in data if tensor.requires_grad]
        if not read or not torch.is_grad_enabled() or not any(r.is_floating_point() for r in results):
            return results
        return _Reads.apply(len(results), *results, *read)

    def _no_rows(
        self, data: Sequence[torch.Tensor], training: bool, attributes: Mapping[str, Any]
    ) -> tuple[torch.Tensor, ...]:
        """What a loop over nothing gives: results of no rows and the first states (MXNet's are left uninitialised)."""
        meta = torch.device("meta")
        bodies = self._bodies(training, meta)
        shapes = self._row.fn(*[tensor.to(meta) for tensor in data], bodies=bodies, **attributes)
        results = [torch.empty_like(r, device=data[0].device) for r in shapes[: attributes["num_out_data"]]]
        first = len(attributes["in_data_locs"])
        return *results, *data[first : first + len(attributes["in_state_locs"])]

    def _bodies(self, training: bool, device: torch.device) -> list[Callable[..., Any]]:
        key = (training, device)
        if key not in self._lowered:
            self._lowered[key] = [_body(s, training, device) for s in self.subgraphs]
        return self._lowered[key]

    def graph_call(self, arguments: dict[str, Any]) -> tuple[Callable[..., Any], dict[str, Any]]:
        """See ``Operator.graph_call``."""

        def loop_of_use(*data: torch.Tensor, **supplied: Any) -> tuple[torch.Tensor, ...]:
            return self._run(*data, **supplied)

        return loop_of_use, arguments

    # ------------------------------------------------------------------------------------------ inference
    def complete_shapes(
        self, shapes: Sequence[Shape | None], parsed: Mapping[str, Any], outputs: Sequence[Shape | None] = ()
    ) -> list[Shape | None]:
        """See ``Operator.complete_shapes``.

        Raises:
            ValueError: a given shape contradicts an inferred one.
            MXNetError: likewise, of a node inside.
        """
        found: list[Any] = list(shapes)
        rows = len(parsed.get("in_data_locs", ()))  # so many inputs are gone through row by row
        steps: Shape | None = None
        for i in range(rows):
            if found[i] is not None:
                steps = merge_shapes(f"data{i}", found[i][:1], steps)
        for _ in range(2):  # what a body makes of a state may tell what another reads of it
            inside = [None if s is None else s[1:] or (1,) for s in found[:rows]] + found[rows:]
            for subgraph, names, places in zip(self.subgraphs, self._names, self._places(parsed), strict=True):
                entries = legacy_entries(
                    subgraph._outputs, {n: inside[i] for n, i in zip(names, places, strict=True) if inside[i]}
                )
                for node, i in zip(subgraph._variables()[0], places, strict=True):
                    inside[i] = merge_shapes(f"data{i}", inside[i], entries[id(node)][0])
                for k, i in enumerate(self._states(parsed) if subgraph is self.subgraphs[-1] else ()):
                    node, output = subgraph._outputs[parsed["num_out_data"] + k]
                    try:
                        inside[i] = merge_shapes(f"state {k}", inside[i], entries[id(node)][output])
                    except ValueError:
                        if self.name == "_foreach":  # the variables of a while_loop may change their shapes
                            raise
            for i, shape in enumerate(inside):
                if i >= rows:
                    found[i] = shape
                elif found[i] is None or len(found[i]) > 1:
                    found[i] = None if shape is None else ((steps or (0,))[0], *shape)
                else:
                    found[i] = steps
        return found

    def _states(self, parsed: Mapping[str, Any]) -> list[int]:
        """Which of the node's inputs are the states that its last subgraph renews."""
        if "in_state_locs" in parsed:
            first = len(parsed["in_data_locs"])
            return list(range(first, first + len(parsed["in_state_locs"])))
        return [parsed["func_input_locs"][place] for place in parsed.get("func_var_locs", ())]

    def complete_dtypes(
        self,
        dtypes: Sequence[torch.dtype | None],
        parsed: Mapping[str, Any],
        outputs: Sequence[torch.dtype | None],
        strict: bool = False,
    ) -> tuple[Sequence[torch.dtype | None], Sequence[torch.dtype | None]]:
        """See ``Operator.complete_dtypes``.

        Raises:
            MXNetError: ``strict``, and dtypes inside contradict each other; the message names the node.
        """
        inside = list(dtypes)
        made: list[torch.dtype | None] = []
        for subgraph, names, places in zip(self.subgraphs, self._names, self._places(parsed), strict=True):
            given = {n: inside[i] for n, i in zip(names, places, strict=True) if inside[i] is not None}
            found = infer_dtypes(subgraph._outputs, given, None, strict)
            for node, i in zip(subgraph._variables()[0], places, strict=True):
                inside[i] = inside[i] or found[id(node)][0]
            made = [found[id(node)][i] for node, i in subgraph._outputs]
        for i, dtype in zip(self._states(parsed), made[parsed.get("num_out_data", len(made)) :], strict=True):
            inside[i] = inside[i] or dtype
        return inside, made


def _body(subgraph: Symbol, training: bool, device: torch.device) -> Callable[..., Any]:
    """The subgraph as a function on tensors; the first call with new dtypes checks them, node by node."""
    if device.type == "meta":
        return lambda *tensors: run_nodes(subgraph, tensors, training, device)
    lowered = lower(subgraph, training, device).forward
    checked: set[tuple[torch.dtype, ...]] = set()

    def body(*tensors: torch.Tensor) -> Any:
        dtypes = tuple(t.dtype for t in tensors)
        if dtypes not in checked:
            results = run_nodes(subgraph, tensors, training, device)
            checked.add(dtypes)
            return results
        try:
            return lowered(*tensors)
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            if isinstance(error, MXNetError):
                raise
            raise first_failure(subgraph, tensors, training, device) or error from error

    return body


def _states(subgraph: Symbol) -> list[str]:
    """Names of those inputs that are auxiliary states of operators inside, also of their subgraphs."""
    found = subgraph.list_auxiliary_states()
    for node in {id(n): n for n, _ in subgraph.get_internals()._outputs}.values():
        if isinstance(node.op, SubgraphOperator):
            found += [node.inputs[i][0].name for i in node.op.mutated(node.parsed)]
    return found


class _Reads(torch.autograd.Function):
    """The first ``count`` tensors as they are; the others have a gradient, also if they did not take part.

    As in MXNet: a graph's gradients reach whatever it reads, here also what another branch or the condition does.
    """

    @staticmethod
    def forward(ctx: Any, count: int, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        ctx.set_materialize_grads(False)
        ctx.count, ctx.others = count, tensors[count:]
        return tuple(t.view_as(t) for t in tensors[:count])

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor | None) -> tuple[torch.Tensor | None, ...]:
        return None, *gradients, *[torch.zeros_like(t) for t in ctx.others]


class _Places:
    """How an operator's attributes tell the places of its subgraphs' inputs.

    Args:
        attributes: of each subgraph the attributes that tell.
        first_result: number of the first subgraph whose outputs are the operator's.
    """

    def __init__(self, *attributes: str, first_result: int = 0) -> None:
        self._attributes = attributes
        self.count = len(attributes)
        self.first_result = first_result

    def of(self, parsed: Mapping[str, Any]) -> list[Sequence[int]]:
        """For each subgraph which of the node's inputs are its inputs."""
        return [parsed[name] for name in self._attributes]


class _ForeachPlaces(_Places):
    def __init__(self) -> None:
        super().__init__("")

    def of(self, parsed: Mapping[str, Any]) -> list[Sequence[int]]:
        """The other way round: the attributes tell where in the subgraph the node's inputs go."""
        places = (*parsed["in_data_locs"], *parsed["in_state_locs"], *parsed["remain_locs"])
        if sorted(places) != list(range(len(places))):
            raise MXNetError(f"Operator _foreach: {places} are not the places of {len(places)} inputs")
        inverse = [0] * len(places)
        for i, place in enumerate(places):
            inverse[place] = i
        return [inverse]


_PLACES = {
    "_foreach": _ForeachPlaces(),
    "_while_loop": _Places("cond_input_locs", "func_input_locs", first_result=1),
    "_cond": _Places("cond_input_locs", "then_input_locs", "else_input_locs", first_result=1),
}
