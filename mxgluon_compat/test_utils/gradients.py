"""Checks of graphs: outputs and gradients against expected ones, gradients against differences of outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import ndarray as nd
from .. import symbol as sym_
from ..context import Context
from ..executor import Executor
from ..ndarray import NDArray, array
from ..numpy.symbol import _Symbol
from ..symbol import Symbol
from .comparison import assert_almost_equal
from .settings import default_context, default_numeric_eps
from .sparse import create_sparse_array_zd

__all__ = [
    "check_numeric_gradient", "check_symbolic_backward", "check_symbolic_forward", "numeric_grad", "simple_forward",
]  # fmt: skip

_FLOATS = (np.float16, np.float32, np.float64)


def simple_forward(sym: Symbol, ctx: Context | None = None, is_train: bool = False, **inputs: np.ndarray) -> Any:
    """The outputs of a graph as numpy arrays: one, or a list of them.

    Args:
        sym: the graph.
        ctx: default the current context.
        is_train: train mode.
        **inputs: numpy arrays by argument.
    """
    made = {k: array(v) for k, v in inputs.items()}
    executor = sym.bind(ctx or default_context(), args=made)
    executor.forward(is_train=is_train)
    outputs = [x.asnumpy() for x in executor.outputs]
    return outputs[0] if len(outputs) == 1 else outputs


# ---------------------------------------------------------------------------------------------- what is given
def _float_class(dtype: Any, others: tuple[str, ...] = ("asnumpy",)) -> Any:
    fits = dtype in others if isinstance(dtype, str) else dtype in _FLOATS
    assert fits, f"dtype must be np.float16, np.float32 or np.float64{', or '.join(('', *others))}, got {dtype!r}"
    return dtype


def _placed(value: Any, ctx: Context, dtype: Any) -> NDArray:
    """``value`` as an array on ``ctx``: numpy arrays get the dtype, NDArrays that are there stay."""
    if isinstance(value, np.ndarray):
        return array(value, ctx=ctx, dtype=value.dtype if dtype == "asnumpy" else dtype)
    return value.as_in_context(ctx)


def _parse_location(sym: Symbol, location: Any, ctx: Context, dtype: Any = None) -> dict[str, NDArray]:
    """The arguments' arrays by name, in the order of the graph's arguments.

    Raises:
        ValueError: names that are not the graph's.
        AssertionError: neither dict nor list.
    """
    assert isinstance(location, (dict, list, tuple)), f"location must be a dict, list or tuple, got {type(location)}"
    names = sym.list_arguments()
    if isinstance(location, dict):
        if set(location) != set(names):
            raise ValueError(
                "Symbol arguments and keys of the given location do not match."
                f"symbol args:{set(names)}, location.keys():{set(location)}"
            )
        location = [location[name] for name in names]
    return {k: _placed(v, ctx, dtype) for k, v in zip(names, location, strict=False)}


def _parse_aux_states(sym: Symbol, aux_states: Any, ctx: Context, dtype: Any = None) -> dict[str, NDArray]:
    """The auxiliary states' arrays by name.

    Raises:
        ValueError: names that are not the graph's.
    """
    if aux_states is None:
        return {}
    names = sym.list_auxiliary_states()
    if isinstance(aux_states, dict):
        if set(aux_states) != set(names):
            raise ValueError(
                "Symbol aux_states names and given aux_states do not match."
                f"symbol aux_names:{set(names)}, aux_states.keys:{set(aux_states)}"
            )
    elif isinstance(aux_states, (list, tuple)):
        aux_states = dict(zip(names, aux_states, strict=False))
    return {k: _placed(v, ctx, dtype) for k, v in aux_states.items()}


# ---------------------------------------------------------------------------------------------- numeric gradients
def numeric_grad(
    executor: Executor,
    location: Mapping[str, np.ndarray],
    aux_states: Mapping[str, np.ndarray] | None = None,
    eps: float = 1e-4,
    use_forward_train: bool = True,
    dtype: Any = np.float32,
) -> dict[str, np.ndarray]:
    """Gradients of a graph's first output, summed, by central differences.

    Args:
        executor: the graph, bound.
        location: numpy arrays by argument; only the floating-point ones are varied, the gradients of others are 0.
        aux_states: numpy arrays of the auxiliary states, which each forward starts from.
        eps: the step.
        use_forward_train: train mode.
        dtype: of the arrays that the executor is given.

    Returns:
        Gradients by argument.

    Raises:
        KeyError: the graph has no such argument.
    """

    def put(name: str, value: np.ndarray) -> None:
        bound = executor.arg_dict[name]
        bound[:] = array(value, ctx=executor._ctx, dtype=dtype).tostype(bound.stype)

    def total() -> np.ndarray:
        for name, value in (aux_states or {}).items():
            executor.aux_dict[name][:] = value
        executor.forward(is_train=use_forward_train)
        return executor.outputs[0].asnumpy()

    plain = {k: np.array(v.asnumpy() if isinstance(v, NDArray) else v, order="C") for k, v in location.items()}
    for name, value in plain.items():
        put(name, value)
    gradients = {k: np.zeros(v.shape, dtype=dtype) for k, v in plain.items()}
    for name, value in plain.items():
        if value.dtype.kind != "f":
            continue
        flat, slope = value.reshape(-1), gradients[name].reshape(-1)
        for i in range(flat.size):
            before = flat[i]
            flat[i] = before + eps / 2.0
            put(name, value)
            after = total()
            flat[i] = before - eps / 2.0
            put(name, value)
            slope[i] = (after - total()).sum() / eps
            flat[i] = before
        put(name, value)
    return gradients


def check_numeric_gradient(
    sym: Symbol,
    location: Any,
    aux_states: Any = None,
    numeric_eps: float | None = None,
    rtol: Any = None,
    atol: Any = None,
    grad_nodes: Any = None,
    use_forward_train: bool = True,
    ctx: Context | None = None,
    grad_stype_dict: Mapping[str, str] | None = None,
    dtype: Any = np.float32,
) -> None:
    """Raises AssertionError unless the gradients of a graph are those of central differences.

    The output is multiplied by uniform numbers from 0.1 to 1.1.

    Args:
        sym: the graph, of one output.
        location: arrays (numpy, NDArray) by argument, or a list in the order of ``list_arguments()``.
        aux_states: those of the auxiliary states, likewise.
        numeric_eps: the step; default by dtype.
        rtol, atol: tolerances.
        grad_nodes: names of the arguments whose gradients are checked, or a dict of them and their ``grad_req``
            (``'write'``, ``'add'``, ``'null'``: stays as it is).
        use_forward_train: take the differences in train mode.
        ctx: default the current context.
        grad_stype_dict: storage types of gradients by argument.
        dtype: np.float16, np.float32 or np.float64.

    Raises:
        AssertionError: a gradient differs; another dtype.
        ValueError: names that are not the graph's.
    """
    dtype = _float_class(dtype, ())
    ctx = default_context() if ctx is None else ctx
    given = _parse_location(sym, location, ctx, dtype)
    states = _parse_aux_states(sym, aux_states, ctx, dtype)
    states_npy = {k: v.asnumpy() for k, v in states.items()} or None
    if grad_nodes is None:
        reqs = dict.fromkeys(sym.list_arguments(), "write")
    elif isinstance(grad_nodes, (list, tuple)):
        reqs = dict.fromkeys(grad_nodes, "write")
    elif isinstance(grad_nodes, dict):
        reqs = dict(grad_nodes)
    else:
        raise ValueError(f"grad_nodes must be a list, tuple or dict, got {type(grad_nodes)}")

    # Graphs whose output is a scalar have the shape (1,).
    _, out_shapes, _ = sym.infer_shape(**{k: v.shape for k, v in given.items()})
    proj = sym_.Variable("__random_proj")
    # a graph of mx.np multiplies as mx.np does
    product = sym * (proj.as_np_ndarray() if isinstance(sym, _Symbol) else proj)
    out = sym_.make_loss(product.as_nd_ndarray())
    given["__random_proj"] = array(np.random.rand(*out_shapes[0]) + 0.1, ctx=ctx, dtype=dtype)
    start = {k: np.random.normal(0, 0.01, size=given[k].shape) for k in reqs}
    np.random.normal(0, 0.01, size=out_shapes[0])  # MXNet has a gradient of the numbers too, and leaves it unread
    gradients = {k: array(v, ctx=ctx, dtype=dtype) for k, v in start.items()}
    for name, stype in (grad_stype_dict or {}).items():
        if name in gradients and stype != "default":
            gradients[name] = gradients[name].tostype(stype)
    executor = out.bind(ctx, args=given, args_grad=gradients, grad_req=reqs, aux_states=states or None)

    executor.forward(is_train=True)
    executor.backward()
    found = {k: executor.grad_dict[k].asnumpy() for k in reqs}
    eps = numeric_eps or default_numeric_eps()[np.dtype(dtype)]
    given_npy = {k: given[k].asnumpy() for k in reqs}
    wanted = numeric_grad(
        executor, given_npy, states_npy, eps=eps, use_forward_train=use_forward_train, dtype=dtype
    )  # fmt: skip
    for name, req in reqs.items():
        if req == "write":
            pair, labels = (wanted[name], found[name]), (f"NUMERICAL_{name}", f"BACKWARD_{name}")
        elif req == "add":
            pair, labels = (wanted[name], found[name] - start[name]), (f"NUMERICAL_{name}", f"BACKWARD_{name}")
        elif req == "null":
            pair, labels = (start[name], found[name]), (f"NUMERICAL_{name}", f"BACKWARD_{name}")
        else:
            raise ValueError(f"Invalid grad_req {req} for argument {name}")
        assert_almost_equal(*pair, rtol, atol, labels)


# ---------------------------------------------------------------------------------------------- expected values
def check_symbolic_forward(
    sym: Symbol,
    location: Any,
    expected: Any,
    rtol: Any = None,
    atol: Any = None,
    aux_states: Any = None,
    ctx: Context | None = None,
    equal_nan: bool = False,
    dtype: Any = np.float32,
) -> list[NDArray]:
    """Raises AssertionError unless a graph's outputs, in predict mode, are the expected ones; returns them.

    Args:
        sym: the graph.
        location: arrays (numpy, NDArray) by argument, or a list in the order of ``list_arguments()``.
        expected: arrays in the order of the outputs, or by output.
        rtol, atol: tolerances.
        aux_states: those of the auxiliary states, as ``location``.
        ctx: default the current context.
        equal_nan: whether NaN is equal to NaN.
        dtype: np.float16, np.float32, np.float64, or ``'asnumpy'`` for each array's own.

    Raises:
        AssertionError: an output differs; another dtype.
        ValueError: names that are not the graph's.
        KeyError: ``expected`` lacks an output.
    """
    dtype = _float_class(dtype)
    ctx = default_context() if ctx is None else ctx
    given = _parse_location(sym, location, ctx, dtype)
    states = _parse_aux_states(sym, aux_states, ctx, dtype)
    if isinstance(expected, dict):
        expected = [expected[name] for name in sym.list_outputs()]
    gradients = {k: nd.zeros(v.shape, ctx=ctx, dtype=v.dtype) for k, v in given.items()}
    executor = sym.bind(ctx, args=given, args_grad=gradients, aux_states=states or None)
    executor.forward(is_train=False)
    for name, wanted, output in zip(sym.list_outputs(), expected, executor.outputs, strict=False):
        labels = (f"EXPECTED_{name}", f"FORWARD_{name}")
        assert_almost_equal(wanted, output.asnumpy(), rtol, atol, labels, equal_nan=equal_nan)
    return executor.outputs


def check_symbolic_backward(
    sym: Symbol,
    location: Any,
    out_grads: Any,
    expected: Any,
    rtol: Any = None,
    atol: Any = None,
    aux_states: Any = None,
    grad_req: Any = "write",
    ctx: Context | None = None,
    grad_stypes: Any = None,
    equal_nan: bool = False,
    dtype: Any = np.float32,
) -> dict[str, NDArray]:
    """Raises AssertionError unless a graph's gradients, in train mode, are the expected ones; returns them by argument.

    The gradients' arrays hold normal numbers before: ``'write'`` must overwrite them, ``'add'`` add to them, ``'null'``
    leave them.

    Args:
        sym: the graph.
        location: arrays (numpy, NDArray) by argument, or a list in the order of ``list_arguments()``.
        out_grads: gradients of the outputs: a list, a dict by output, or None.
        expected: gradients by argument, or a list in the order of the arguments: only those that are given are checked.
        rtol, atol: tolerances.
        aux_states: arrays of the auxiliary states, as ``location``.
        grad_req: for all arguments, or a list or dict of each one's.
        ctx: default the current context.
        grad_stypes: storage types of the gradients, a list or a dict.
        equal_nan: whether NaN is equal to NaN.
        dtype: np.float16, np.float32, np.float64, or ``'asnumpy'`` for each array's own.

    Raises:
        AssertionError: a gradient differs; another dtype; ``out_grads`` of another kind.
        ValueError: names that are not the graph's.
        KeyError: an expected gradient of no argument.
    """
    dtype = _float_class(dtype)
    ctx = default_context() if ctx is None else ctx
    given = _parse_location(sym, location, ctx, dtype)
    states = _parse_aux_states(sym, aux_states, ctx, dtype)
    names = sym.list_arguments()
    if isinstance(expected, (list, tuple)):
        expected = dict(zip(names, expected, strict=False))
    stypes = dict(zip(names, grad_stypes, strict=False)) if isinstance(grad_stypes, (list, tuple)) else grad_stypes
    start = {k: np.random.normal(size=v.shape) for k, v in expected.items()}
    gradients = {}
    for name, value in start.items():
        gradients[name] = array(value, ctx=ctx, dtype=expected[name].dtype if dtype == "asnumpy" else dtype)
        stype = (stypes or {}).get(name, "default")
        if stype != "default":
            empty = create_sparse_array_zd(value.shape, stype, density=0.0)  # draws numbers, as in MXNet
            gradients[name] = gradients[name].tostype(empty.stype)
    if isinstance(grad_req, str):
        reqs = dict.fromkeys(names, grad_req)
    elif isinstance(grad_req, (list, tuple)):
        reqs = dict(zip(names, grad_req, strict=False))
    elif isinstance(grad_req, dict):
        reqs = grad_req
    else:
        raise TypeError(f"grad_req must be a string, list or dict, got {type(grad_req)}")
    executor = sym.bind(ctx, args=given, args_grad=gradients, aux_states=states or None, grad_req=reqs)
    executor.forward(is_train=True)
    executor.backward(_head_gradients(sym, executor, out_grads, ctx))
    found = {k: v.asnumpy() for k, v in executor.grad_dict.items() if v is not None}
    for name, wanted in expected.items():
        req = reqs[name]
        got, labels = found[name], (f"EXPECTED_{name}", f"BACKWARD_{name}")
        if req == "add":
            got = got - start[name]
        elif req == "null":
            wanted = start[name]
        elif req != "write":
            raise ValueError(f"Invalid grad_req {req} for argument {name}")
        assert_almost_equal(wanted, got, rtol, atol, labels, equal_nan=equal_nan)
    return {k: v for k, v in executor.grad_dict.items() if v is not None}


def _head_gradients(sym: Symbol, executor: Executor, out_grads: Any, ctx: Context) -> list[Any] | None:
    if out_grads is None:
        return None
    if isinstance(out_grads, dict):
        out_grads = [out_grads[name] for name in sym.list_outputs()]
    assert isinstance(out_grads, (list, tuple)), f"out_grads must be a list, tuple, dict or None, got {type(out_grads)}"
    return [_placed(g, ctx, output.dtype) if isinstance(g, (np.ndarray, NDArray)) else g
            for g, output in zip(out_grads, executor.outputs, strict=False)]  # fmt: skip
