"""Runs operators of the table on NDArrays, and writes the ``nd`` function of each operator.

The functions are generated source, so that they have real signatures (``help``, completion, Python's own errors for
too many arguments) and nothing but the torch call on the path of the small, frequent operators.
"""

from __future__ import annotations

import contextlib
import keyword
from collections.abc import Callable, Sequence
from typing import Any

import torch

from .. import autograd, streams
from ..autograd.used import forget_used
from ..base import MXNetError, ParameterError, _Null, torch_dtype
from ..context import Context, current_context, require_gpu
from ..ops.casts import AMP_DTYPES
from ..ops.registry import Operator, get
from ..ops.watching import watch
from . import waiting
from .fallback import log_fallback
from .history import note
from .ndarray import INPLACE_WHILE_RECORDING, NDArray

__all__ = ["invoke", "make_function", "watch_calls"]

# (operator, function) of those functions that call the operator's own past ``run``, as their ``fn`` or ``direct``.
fast: list[tuple[Operator, Callable[..., Any]]] = []

# Operator name -> what it does with sparse arrays, ``rule(operator, inputs, attributes, out)``, filled by the package
# ``sparse``: an array, or NotImplemented where the operator is to run on dense forms.
storage_rules: dict[str, Callable[..., Any]] = {}

_new = NDArray.__new__
FAILURES = (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, ArithmeticError)


def wrap(tensor: torch.Tensor, ctx: Context, family: type[NDArray] = NDArray) -> NDArray:
    """An array of that class without the cost of ``__init__``."""
    array = _new(family)
    array._data = tensor
    array._ctx = ctx
    array._slot = None
    return array


def run(op: Operator, tensors: Sequence[Any], arguments: dict[str, Any]) -> Any:
    """``op`` on tensors, recorded only inside ``autograd.record``; failures become one MXNetError.

    Raises:
        MXNetError: shapes, dtypes, devices or values that the operator refuses.
    """
    fn = op.fn if watch.imperative is None else watch.imperative(op, op.fn)
    try:
        op.check_dtypes(tensors)
        if not autograd.state.recording and any(t is not None and t.requires_grad for t in tensors):
            return autograd.no_recording(fn, *tensors, **arguments)
        return fn(*tensors, **arguments)
    except ParameterError as error:
        raise op.failure(tensors, error) from error
    except MXNetError:
        raise
    except FAILURES as error:
        raise op.failure(tensors, error) from error


def invoke(
    op: Operator,
    inputs: Sequence[NDArray | None],
    attributes: dict[str, Any],
    out: Any = None,
    family: type[NDArray] = NDArray,
) -> Any:
    """One operator on NDArrays.

    Args:
        op: the row of the table.
        inputs: its inputs in order; None for one that is absent.
        attributes: parsed attributes (``op.parse``).
        out: array or list of arrays to write the result into.
        family: the class of the results: NDArray, or that of ``mx.np``.

    Returns:
        An array, or a list of them where the operator has several visible outputs.

    Raises:
        MXNetError: what the operator refuses.
    """
    if "forward_stype" in attributes or any(x is not None and x._is_sparse for x in inputs):
        result = _by_storage(op, inputs, attributes, out)
        if result is not NotImplemented:
            return result
    if out is None and (waiting.any_waits(inputs) or (autograd.state.training and waiting.is_meeting(op, attributes))):
        return waiting.defer(op, inputs, attributes, lambda: invoke(op, inputs, attributes, family=family))
    if autograd.state.recording:
        forget_used(inputs)
    arguments = op.arguments(attributes)
    ctx = _context(op, inputs, attributes)
    if op.supplied:
        supply(op, arguments, ctx)
    tensors = [None if x is None else x._data for x in inputs]
    results = run(op, tensors, arguments)
    if not isinstance(results, tuple):
        results = (results,)
    results = results[: op.visible_outputs(attributes)]
    if any(x is not None and x._is_sparse for x in inputs) or (out is not None and _is_sparse(out)):
        targets = [None] * len(results) if out is None else out if isinstance(out, (list, tuple)) else [out]
        log_fallback(op, inputs, attributes, [getattr(x, "stype", "default") for x in targets])
    if out is not None:
        return _write_out(op, results, out)
    if op.may_alias:
        results = [separate(r, *tensors) for r in results]
    arrays = [wrap(r, ctx, family) for r in results]
    if autograd.history.kept and autograd.state.recording:
        note(op, attributes, inputs, arrays)
    return arrays[0] if len(arrays) == 1 else arrays


def _by_storage(op: Operator, inputs: Sequence[NDArray | None], attributes: dict[str, Any], out: Any) -> Any:
    """What the operator's storage rule gives; NotImplemented where it has none for these inputs."""
    rule = storage_rules.get(op.name)
    if rule is None:
        return NotImplemented
    if watch.imperative is not None:
        rule = watch.imperative(op, rule)
    try:
        result = rule(op, inputs, attributes, out)
    except FAILURES as error:
        shapes = [
            None if x is None else torch.empty(x.shape, dtype=torch_dtype(x.dtype), device="meta") for x in inputs
        ]
        raise op.failure(shapes, error) from error
    if result is NotImplemented or result is out:
        return result
    if isinstance(result, list):  # several, of operators that have no gradient
        if out is not None:
            for made, target in zip(result, out, strict=True):
                made.copyto(target)
            return out
        return result[0] if len(result) == 1 else result
    if _is_sparse(out) and out.stype != result.stype:
        return NotImplemented  # through the dense form
    if autograd.state.recording and any(x is not None and _recorded(x) for x in inputs):
        if not result._is_sparse:
            # Products record themselves; what the other rules compute is not in the graph.
            return result if result._data.requires_grad else NotImplemented
        if not result._requires_grad():
            result._record(run(op, [None if x is None else x._data for x in inputs], op.arguments(attributes)))
    return result if out is None else result.copyto(out)


def _is_sparse(out: Any) -> bool:
    return any(getattr(x, "_is_sparse", False) for x in (out if isinstance(out, (list, tuple)) else (out,)))


def _recorded(x: Any) -> bool:
    tensor = x._dense if x._is_sparse else x._data
    return tensor is not None and tensor.requires_grad


def supply(op: Operator, arguments: dict[str, Any], ctx: Context) -> None:
    """Adds what the operator is to be given beside its attributes: training flag, random stream, device."""
    for name in op.supplied:
        if name == "training":
            arguments[name] = autograd.state.training
        elif name == "stream":
            arguments[name] = streams.stream_for(ctx.torch_device)
        elif name == "bodies":
            raise MXNetError(f"{op.name} has no arrays for its body; use nd.contrib.{op.name[1:]}")
        else:
            arguments[name] = ctx.torch_device


def _context(op: Operator, inputs: Sequence[NDArray | None], attributes: dict[str, Any]) -> Context:
    for x in inputs:
        if x is not None:
            return x._ctx
    named = attributes.get("ctx")
    if not named:
        return current_context()
    ctx = parse_context(named)
    require_gpu(ctx)
    return ctx


def parse_context(text: str) -> Context:
    """The context that ``"gpu(1)"`` names.

    Raises:
        MXNetError: it names none.
    """
    kind, _, number = text.rstrip(")").partition("(")
    if kind not in Context.devstr2type or not number.isdigit():
        raise MXNetError(f"{text!r} is not a context; expected cpu(N), gpu(N), cpu_pinned(N) or cpu_shared(N)")
    return Context(kind, int(number))


def _write_out(op: Operator, results: Sequence[torch.Tensor], out: Any) -> Any:
    targets = list(out) if isinstance(out, (list, tuple)) else [out]
    if len(targets) != len(results):
        raise MXNetError(f"Error in operator {op.name}: it has {len(results)} output(s), out has {len(targets)}")
    for i, (target, result) in enumerate(zip(targets, results, strict=True)):
        if not isinstance(target, NDArray):
            raise TypeError(f"out must be an NDArray or a list of them, got {type(target)}")
        if target._data.shape != result.shape or target._data.dtype != result.dtype:
            raise MXNetError(
                f"Error in operator {op.name}: output {i} is {tuple(result.shape)} {result.dtype}, but out is "
                f"{tuple(target._data.shape)} {target._data.dtype}"
            )
        if result is not target._data and not (op.mutates and result.data_ptr() == target._data.data_ptr()):
            if autograd.state.recording and target._data.requires_grad:
                raise MXNetError(f"Error in operator {op.name}: {INPLACE_WHILE_RECORDING}")
            source = separate(result, target._data) if op.may_alias else result  # x.transpose() into x
            target._write(lambda tensor, source=source: tensor.copy_(source), result)
    return out


# ---------------------------------------------------------------------------------------------- calls from nd functions
def call(
    op: Operator,
    inputs: Sequence[Any],
    attrs: dict[str, Any],
    out: Any,
    extra: dict[str, Any],
    plans: dict[Any, dict[str, Any]] | None = None,
    key: Any = None,
    family: type[NDArray] = NDArray,
) -> Any:
    """What a generated function does off its fast path: checks the arguments and invokes.

    Args:
        op: the row of the table.
        inputs: what was passed for its inputs.
        attrs: what was passed for its attributes, ``_Null`` where nothing was.
        out: the ``out`` argument.
        extra: further keywords.
        plans: where the function keeps checked attributes for the next call of the same kind, under ``key``.
        family: the class of arrays that it takes and gives.

    Raises:
        AssertionError: an input that is not an NDArray.
        TypeError: an array of ``mx.np`` for a function of ``nd``, or the other way round.
        MXNetError: unknown, missing or misfit arguments, and what the operator refuses.
    """
    raw = {k: v for k, v in attrs.items() if v is not _Null}
    for name, value in extra.items():
        is_note = name.startswith("__") or (name == "name" and name not in op.attributes)  # arrays have no names
        if value is not _Null and not is_note:
            raw[name] = value
    if isinstance(raw.get("ctx"), Context):
        raw["ctx"] = str(raw["ctx"])
    elif "ctx" in raw and raw["ctx"] is None:
        del raw["ctx"]
    if "dtype" in raw and raw["dtype"] is None and op.defaults.get("dtype", _Null) is not None:
        del raw["dtype"]
    if op.count and op.outputs_vary:
        raw.setdefault(op.count, len(inputs))
    names = op.inputs
    for i, x in enumerate(inputs):
        if not isinstance(x, NDArray) and (op.variadic or x is not None):
            which = "Positional arguments" if op.variadic else f"Argument {names[i]}"
            raise AssertionError(f"{which} must have NDArray type, but got {x}")
        if x is not None and x._family is not family:
            raise TypeError(wrong_family(op.name, "array", to_numpy=family is not NDArray))
    attributes = op.parse(raw)
    if op.variadic:
        count = attributes.get(op.count or "", len(inputs))
        if count != len(inputs):
            raise MXNetError(f"Operator {op.name} got {len(inputs)} inputs and {op.count} = {count}.")
    else:
        placed = op.placed(inputs, attributes)
        if placed is not inputs:
            inputs, plans = placed, None  # a plan says nothing of places
        op.check_inputs([x is not None for x in inputs], attributes)
    if plans is not None and not extra and "forward_stype" not in attributes:
        if len(plans) >= _MAX_PLANS:
            plans.clear()
        with contextlib.suppress(TypeError):  # a list among the attributes: nothing is kept
            plans[key] = op.arguments(attributes)
    if op.amp is not None:
        inputs, attributes = cast(op, inputs, attributes, family)
    return invoke(op, inputs, attributes, out, family)


def wrong_family(name: str, what: str, *, to_numpy: bool) -> str:
    """What is wrong with an input of the other family: of ``mx.np`` for ``nd`` and ``sym``, or the other way round."""
    if to_numpy:
        return (
            f"Operator `{name}` of mx.np takes {what}s of mx.np only, got a legacy one; x.as_np_ndarray() makes one of "
            "it, and npx.set_np() has Gluon make them"
        )
    return f"Operator `{name}` takes legacy {what}s only, got one of mx.np; x.as_nd_ndarray() makes a legacy one of it"


def cast(
    op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], family: type[NDArray] = NDArray
) -> tuple[Sequence[Any], dict[str, Any]]:
    """Inputs and attributes of a call as mixed precision wants them; see ``ops.casts``."""
    casts: Any = op.amp
    if casts.widest:
        places = [i for i, x in enumerate(inputs) if x is not None]
        if len({_dtype_of(inputs[i]) for i in places}.intersection(AMP_DTYPES)) > 1:
            wide = invoke(get("amp_multicast"), [inputs[i] for i in places], {"num_outputs": len(places)}, None, family)
            inputs = list(inputs)
            for i, x in zip(places, wide, strict=True):
                inputs[i] = x
    for name in casts.chosen(attributes):
        inputs = [x if x is None else _cast_one(x, torch_dtype(name), family) for x in inputs]
    if casts.loss_scale is not None:
        scale = attributes.get("grad_scale", op.defaults["grad_scale"]) * casts.loss_scale()
        attributes = {**attributes, "grad_scale": scale}
    return inputs, attributes


def _cast_one(x: NDArray, dtype: torch.dtype, family: type[NDArray]) -> NDArray:
    found = _dtype_of(x)
    if found is dtype or found not in AMP_DTYPES:
        return x
    return invoke(get("amp_cast"), (x,), {"dtype": dtype}, None, family)


def _dtype_of(x: NDArray) -> torch.dtype:
    return x._data.dtype if type(x) is NDArray else torch_dtype(x.dtype)  # sparse ones, those that wait


_MAX_PLANS = 256


def _fresh(*tensors: str) -> str:
    """Source of the condition that no backward pass can have used up the history of these; else ``forget_used``."""
    return " and ".join(f"((node := {t}.grad_fn) is None or node._sequence_nr() >= state.used)" for t in tensors)


_UNARY = """
def {name}({x}=None, out=None, name=None, **kwargs):
    if type({x}) is NDArray and out is None and not kwargs and op.amp is None:
        _tensor = {x}._data
        if not _tensor.requires_grad or (state.plain and {fresh}):
            try:
                _result = direct(_tensor) if _tensor.is_floating_point() else fn(_tensor)
            except failures as error:
                raise op.failure((_tensor,), error) from error
            _array = new(NDArray)
            _array._data = _result
            _array._ctx = {x}._ctx
            _array._slot = None
            return _array
    return call(op, ({x},), {{}}, out, kwargs, None, None, NDArray)
"""
_BINARY = """
def {name}({x}=None, {y}=None, out=None, name=None, **kwargs):
    if type({x}) is NDArray and type({y}) is NDArray and out is None and not kwargs and op.amp is None:
        _a, _b = {x}._data, {y}._data
        if _a.dtype is _b.dtype and (not (_a.requires_grad or _b.requires_grad) or (state.plain and {fresh})):
            try:
                _result = direct(_a, _b) if _a.is_floating_point() else fn(_a, _b)
            except failures as error:
                raise op.failure((_a, _b), error) from error
            _array = new(NDArray)
            _array._data = _result
            _array._ctx = {x}._ctx
            _array._slot = None
            return _array
    return call(op, ({x}, {y}), {{}}, out, kwargs, None, None, NDArray)
"""
_PLANNED = """
def {name}({parameters}):
    _key = {key}
    if out is None and not kwargs and op.amp is None and {all_arrays}:
        try:
            _plan = plans[_key]
        except (KeyError, TypeError):
            return call(op, {inputs}, {attrs}, out, kwargs, plans, _key, NDArray)
        {unwrap}
        if ({same_dtypes}) and (not ({any_grad}) or (state.plain and {fresh})):
            try:
                _result = fn({tensors}, **_plan)
            except failures as error:
                raise op.failure(({tensors},), error) from error
            _array = new(NDArray)
            _array._data = {result}
            _array._ctx = {first}._ctx
            _array._slot = None
            return _array
    return call(op, {inputs}, {attrs}, out, kwargs, None, None, NDArray)
"""
_GENERAL = """
def {name}({parameters}):
    return call(op, {inputs}, {attrs}, out, kwargs, None, None, NDArray)
"""
_VARIADIC = """
def {name}(*{x}, {keywords}out=None, name=None, **kwargs):
    return call(op, {x}, {attrs}, out, kwargs, None, None, NDArray)
"""


def make_function(
    op: Operator, name: str, family: type[NDArray] = NDArray, module: str = "mxgluon_compat.ndarray.op"
) -> Callable[..., Any]:
    """The function of ``op`` under the public name ``name``, for arrays of that class."""
    safe = name if name.isidentifier() and not keyword.iskeyword(name) else f"_{name}"
    attrs = [a for a in op.attributes if a != op.count]
    table = "{" + ", ".join(f"{a!r}: {a}" for a in attrs) + "}"
    simple = not attrs and not op.supplied and not op.may_alias and not op.variadic and not op.mutates
    single = op.single_output
    if op.variadic:
        keywords = "".join(f"{a}=_Null, " for a in attrs)
        source = _VARIADIC.format(name=safe, x=op.inputs[0], keywords=keywords, attrs=table)
    elif simple and single and len(op.inputs) == 1:
        source = _UNARY.format(name=safe, x=op.inputs[0], fresh=_fresh("_tensor"))
    elif simple and single and len(op.inputs) == 2 and not op.mixed_dtypes and not op.optional_inputs:
        source = _BINARY.format(name=safe, x=op.inputs[0], y=op.inputs[1], fresh=_fresh("_a", "_b"))
    elif single and op.inputs and not op.supplied and not op.mutates:
        source = _planned_source(op, safe, attrs, table)
    else:
        parameters = ", ".join(
            [f"{i}=None" for i in op.inputs] + [f"{a}=_Null" for a in attrs] + ["out=None", "name=None", "**kwargs"]
        )
        inputs = "(" + "".join(f"{i}, " for i in op.inputs) + ")"
        source = _GENERAL.format(name=safe, parameters=parameters, inputs=inputs, attrs=table)
    scope: dict[str, Any] = {
        "NDArray": family, "_Null": _Null, "call": call, "class_of": type, "direct": op.on_floats or op.fn,
        "failures": FAILURES, "fn": op.fn, "new": family.__new__, "op": op, "plans": {}, "separate": separate,
        "state": autograd.state,
    }  # fmt: skip
    exec(compile(source, f"<nd.{name}>", "exec"), scope)
    function = scope[safe]
    fast.append((op, function))
    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    function.__doc__ = document(op)
    return function


def watch_calls(around: Callable[[Operator, Callable[..., Any]], Callable[..., Any]] | None) -> None:
    """Puts ``around(operator, its function)`` into the place of every operator's function for calls on arrays.

    None takes it out again: nothing is looked up at a call for the sake of those who watch.
    """
    watch.imperative = around
    for op, function in fast:
        own = {"fn": op.fn, "direct": op.on_floats or op.fn}
        put = own if around is None else {k: around(op, v) for k, v in own.items()}
        if function.__closure__ is None:
            function.__globals__.update(put)  # a generated function has a scope to itself
            continue
        for name, cell in zip(function.__code__.co_freevars, function.__closure__, strict=True):
            if name in put:
                cell.cell_contents = put[name]


def _planned_source(op: Operator, name: str, attrs: Sequence[str], table: str) -> str:
    """A function with attributes: those of an earlier call of the same kind need no second check."""
    inputs = op.inputs
    optional = [i for i in inputs if i in op.optional_inputs]
    tensors = [f"tensor_{i}" for i in inputs]
    unwrap = [
        f"tensor_{i} = None if {i} is None else {i}._data" if i in optional else f"tensor_{i} = {i}._data"
        for i in inputs
    ]
    there = [(f"({t} is not None and {t}.requires_grad)" if i in optional else f"{t}.requires_grad")
             for i, t in zip(inputs, tensors, strict=True)]  # fmt: skip
    same = [
        (f"({t} is None or {t}.dtype is {tensors[0]}.dtype)" if i in optional else f"{t}.dtype is {tensors[0]}.dtype")
        for i, t in zip(inputs[1:], tensors[1:], strict=True)
    ]
    return _PLANNED.format(
        name=name,
        parameters=", ".join(
            [f"{i}=None" for i in inputs] + [f"{a}=_Null" for a in attrs] + ["out=None", "name=None", "**kwargs"]
        ),
        # True and 1.0 are equal to 1, and are refused where an integer is wanted
        key="("
        + "".join(f"{i} is None, " for i in optional)
        + "".join(
            f"{a}, class_of({a}), " if op.attributes[a].kind.startswith(("int", "long", "Shape")) else f"{a}, "
            for a in attrs
        )
        + ")",
        all_arrays=" and ".join(
            f"({i} is None or class_of({i}) is NDArray)" if i in optional else f"class_of({i}) is NDArray"
            for i in inputs
        ),
        inputs="(" + "".join(f"{i}, " for i in inputs) + ")",
        attrs=table,
        unwrap="; ".join(unwrap),
        same_dtypes="True" if op.mixed_dtypes or not same else " and ".join(same),
        any_grad=" or ".join(there),
        fresh=" and ".join(
            f"({t} is None or {_fresh(t)})" if i in optional else _fresh(t)
            for i, t in zip(inputs, tensors, strict=True)
        ),
        tensors=", ".join(tensors),
        result=f"separate(_result, {tensors[0]})" if op.may_alias else "_result",
        first=inputs[0],
    )


def separate(result: torch.Tensor, *tensors: torch.Tensor | None) -> torch.Tensor:
    """``result``, copied where it shares elements with an input; a recorded view stays, it is never written to."""
    if result.requires_grad:
        shared = any(result is t for t in tensors)
    elif result._is_view():
        shared = True
    else:
        storage = result.untyped_storage().data_ptr()
        shared = any(t is not None and t.untyped_storage().data_ptr() == storage for t in tensors)
    return result.clone(memory_format=torch.contiguous_format) if shared else result


def document(op: Operator) -> str:
    """The docstring of a generated function: the operator's own, its inputs and its attributes."""
    lines = [(op.fn.__doc__ or f"The operator {op.name}.").strip(), "", "Args:"]
    lines += [f"    {i}: {'inputs, any number' if op.variadic else 'input'}" for i in op.inputs]
    lines += [f"    {a.describe()}" for a in op.attributes.values()]
    lines += ["    out: array (or list of arrays) that takes the result.", "    name: name of the symbol."]
    return "\n".join(lines)
