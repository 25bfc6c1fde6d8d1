"""Checks that several ways to the same numbers agree: dtypes, contexts, hybridized Blocks, optimizers; and speed."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import autograd, util
from .. import ndarray as nd
from ..context import Context, current_context
from ..ndarray import NDArray
from ..optimizer import Optimizer
from ..symbol import Symbol
from .arrays import Shape, rand_ndarray
from .comparison import assert_almost_equal, compare_ndarray_tuple
from .settings import default_context, get_tols

__all__ = ["check_consistency", "check_gluon_hybridize_consistency", "check_speed", "compare_optimizer"]


def check_consistency(
    sym: Symbol | Sequence[Symbol],
    ctx_list: Sequence[Mapping[str, Any]],
    scale: float = 1.0,
    grad_req: Any = "write",
    arg_params: dict[str, Any] | None = None,
    aux_params: dict[str, Any] | None = None,
    rtol: Any = None,
    atol: Any = None,
    raise_on_err: bool = True,
    ground_truth: Mapping[str, Any] | None = None,
    equal_nan: bool = False,
    use_uniform: bool = False,
    rand_type: Any = np.float64,
) -> dict[str, NDArray]:
    """Raises AssertionError unless a graph gives the same outputs and gradients with different dtypes or contexts.

    Outputs are compared in predict mode, then outputs and gradients in train mode, with the outputs themselves as their
    gradients. The first of the most precise dtype is what the others are compared with.

    Args:
        sym: the graph, or one for each entry of ``ctx_list``.
        ctx_list: arguments of ``simple_bind`` for each: ``{"ctx": ..., "data": shape, "type_dict": {...}}``.
        scale: of the random numbers that arguments are filled with.
        grad_req: as for ``simple_bind``; ``'null'`` compares predict mode only.
        arg_params: values of arguments, instead of random ones.
        aux_params: values of auxiliary states, instead of zeros.
        rtol, atol: tolerances: numbers, dicts by dtype, or None for those of the less precise dtype.
        raise_on_err: raise; otherwise print what differs.
        ground_truth: outputs and gradients by name, to compare with.
        equal_nan: whether NaN is equal to NaN.
        use_uniform: uniform random numbers instead of normal ones.
        rand_type: the dtype through which the random numbers are rounded.

    Returns:
        Outputs and gradients by name of what the others were compared with.
    """
    assert len(ctx_list) > 1, "there must be two contexts to compare"
    symbols = [sym] * len(ctx_list) if isinstance(sym, Symbol) else sym
    assert len(symbols) == len(ctx_list), f"{len(symbols)} graphs for {len(ctx_list)} contexts"
    names, arguments = symbols[0].list_outputs(), symbols[0].list_arguments()
    executors = []
    for symbol, options in zip(symbols, ctx_list, strict=True):
        assert symbol.list_outputs() == names and symbol.list_arguments() == arguments, "the graphs' names differ"
        executors.append(symbol.simple_bind(grad_req=grad_req, **options))

    values, states = dict(arg_params or {}), dict(aux_params or {})
    for name, bound in sorted(executors[0].arg_dict.items()):
        if name not in values:
            if use_uniform:
                drawn = np.random.uniform(low=-0.92 * scale, high=0.92 * scale, size=bound.shape)
            else:
                drawn = np.random.normal(size=bound.shape, scale=scale)
            values[name] = drawn.astype(rand_type)
    for executor in executors:
        for name, bound in executor.arg_dict.items():
            bound[:] = values[name]
        for name, bound in executor.aux_dict.items():
            bound[:] = states.setdefault(name, 0)
        # 'add' adds to nothing
        for gradient in executor.grad_dict.values():
            if gradient is not None:
                gradient[:] = 0

    dtypes = [np.dtype(executor.outputs[0].dtype) for executor in executors]
    truth = int(np.argmax([dtype.itemsize if dtype.kind == "f" else 0 for dtype in dtypes]))

    def compare(wanted: Mapping[str, Any], gradients: bool) -> None:
        for i, executor in enumerate(executors):
            if i == truth and ground_truth is None:
                continue
            found = dict(zip(names, executor.outputs, strict=True))
            if gradients:
                found.update((k, v) for k, v in executor.grad_dict.items() if v is not None)
            for name, value in found.items():
                try:
                    _compare(value, wanted[name], rtol, atol, equal_nan)
                except AssertionError as error:
                    phase, (here, there) = ("Train", _two(dtypes, ctx_list, i, truth)) if gradients else (
                        "Predict", (f"ctx {i}", f"ctx {truth}"))  # fmt: skip
                    print(f"{phase} Err: {here} vs {there} at {name}")
                    traceback.print_exc()
                    if raise_on_err:
                        raise
                    print(error)

    for executor in executors:
        executor.forward(is_train=False)
    results: Mapping[str, Any] = ground_truth if ground_truth is not None else _copies(names, executors[truth])
    compare(results, gradients=False)
    if grad_req != "null":
        for executor in executors:
            executor.forward(is_train=True)
            executor.backward(executor.outputs)
        if ground_truth is None:
            results = _copies(names, executors[truth], gradients=True)
        compare(results, gradients=True)
    return dict(results)


def _copies(names: Sequence[str], executor: Any, gradients: bool = False) -> dict[str, NDArray]:
    found = {k: v.copy() for k, v in zip(names, executor.outputs, strict=True)}
    if gradients:
        found.update({k: v.copy() for k, v in executor.grad_dict.items() if v is not None})
    return found


def _compare(found: NDArray, wanted: Any, rtol: Any, atol: Any, equal_nan: bool) -> None:
    relative, absolute = get_tols(found, wanted, rtol, atol)
    wanted = wanted.asnumpy() if isinstance(wanted, NDArray) else wanted
    assert_almost_equal(found.asnumpy(), wanted, rtol=relative, atol=absolute, equal_nan=equal_nan)


def _two(dtypes: Sequence[np.dtype], ctx_list: Sequence[Mapping[str, Any]], i: int, k: int) -> tuple[str, str]:
    here, there = (f"{dtypes[n]} {ctx_list[n]['ctx']} ctx {n}" for n in (i, k))
    return here, there


def check_speed(
    sym: Symbol,
    location: Mapping[str, np.ndarray] | None = None,
    ctx: Context | None = None,
    N: int = 20,  # noqa: N803 - MXNet's name
    grad_req: Any = None,
    typ: str = "whole",
    **kwargs: Any,
) -> float:
    """Seconds that one run of a graph takes, the mean of ``N`` after one to warm up.

    Args:
        sym: the graph.
        location: numpy arrays by argument; default normal numbers.
        ctx: default the current context.
        N: runs.
        grad_req: default ``'write'``.
        typ: ``'whole'`` for forward and backward, ``'forward'`` for forward in predict mode.
        **kwargs: shapes, for ``simple_bind``, where there is no ``location``.

    Raises:
        AssertionError: ``location`` is no dict.
        ValueError: another ``typ``.
    """
    ctx = default_context() if ctx is None else ctx
    grad_req = "write" if grad_req is None else grad_req
    if location is None:
        executor = sym.simple_bind(grad_req=grad_req, ctx=ctx, **kwargs)
        location = {k: np.random.normal(size=v.shape, scale=1.0) for k, v in executor.arg_dict.items()}
    else:
        assert isinstance(location, dict), f'Expect dict, get "location"={location}'
        executor = sym.simple_bind(grad_req=grad_req, ctx=ctx, **{k: v.shape for k, v in location.items()})
    for name, value in location.items():
        executor.arg_dict[name][:] = value.astype(executor.arg_dict[name].dtype)
    if typ not in ("whole", "forward"):
        raise ValueError('typ can only be "whole" or "forward".')

    def once() -> None:
        executor.forward(is_train=typ == "whole")
        if typ == "whole":
            executor.backward(out_grads=executor.outputs)

    once()
    for output in executor.outputs:
        output.wait_to_read()
    start = time.time()
    for _ in range(N):
        once()
    nd.waitall()
    return (time.time() - start) / N


def check_gluon_hybridize_consistency(
    net_builder: Callable[..., Any],
    data_l: Sequence[NDArray],
    numpy_func: Callable[..., Any] | None = None,
    test_grad: bool = True,
    rtol: float = 1e-4,
    atol: float = 1e-4,
) -> None:
    """Raises AssertionError unless a Block gives the same outputs and gradients before and after ``hybridize()``.

    Args:
        net_builder: ``net_builder(prefix=...)`` makes the Block.
        data_l: its inputs. MXNet takes arrays of ``mx.np`` only; legacy ones work here too.
        numpy_func: numpy arrays -> what the output must be.
        test_grad: compare the gradients of inputs and parameters.
        rtol, atol: tolerances.
    """
    saved: tuple[Any, Any, Any] | None = None
    params: dict[str, Any] | None = None
    with contextlib.ExitStack() as scopes:
        if any(type(x) is not NDArray for x in data_l):
            scopes.enter_context(util.np_shape())
            scopes.enter_context(util.np_array())
        for hybridize in (False, True):
            net = net_builder(prefix="net_")
            net.initialize()
            if hybridize:
                net.hybridize()
            inputs = [x.copy() for x in data_l]
            if params is not None:
                net(*inputs)  # gives deferred parameters their shapes
                for name, parameter in net.collect_params().items():
                    parameter.set_data(params[name])
            gradients: list[Any] = []
            if test_grad:
                for x in inputs:
                    x.attach_grad()
                with autograd.record():
                    output = net(*inputs)
                    heads = list(output) if isinstance(output, (list, tuple)) else [output]
                autograd.backward(heads)
                gradients = [x.grad for x in inputs]
            else:
                output = net(*inputs)
                heads = list(output) if isinstance(output, (list, tuple)) else [output]
            collected = net.collect_params()
            if params is None:
                params = {k: p.data().copy() for k, p in collected.items()}
            of_params = {k: p.grad() for k, p in collected.items() if test_grad and p.grad_req != "null"}
            if saved is None:
                saved = heads, gradients, of_params
                continue
            for found, wanted in zip(heads, saved[0], strict=True):
                assert_almost_equal(found, wanted, rtol=rtol, atol=atol)
            for found, wanted in zip(gradients, saved[1], strict=True):
                assert_almost_equal(found, wanted, rtol=rtol, atol=atol)
            for name, gradient in of_params.items():
                assert_almost_equal(gradient, saved[2][name], rtol=rtol, atol=atol)
    if numpy_func is not None and saved is not None:
        wanted = numpy_func(*[x.asnumpy() for x in data_l])
        for found, value in zip(saved[0], wanted if isinstance(wanted, (list, tuple)) else [wanted], strict=True):
            assert_almost_equal(found.asnumpy(), value, rtol=rtol, atol=atol)


def compare_optimizer(
    opt1: Optimizer,
    opt2: Optimizer,
    shape: Any,
    dtype: Any,
    w_stype: str = "default",
    g_stype: str = "default",
    rtol: float = 1e-4,
    atol: float = 1e-5,
    compare_states: bool = True,
    ntensors: int = 1,
) -> None:
    """Raises AssertionError unless two optimizers take the same step, the first on dense copies of the arrays.

    Args:
        opt1, opt2: the optimizers.
        shape: of the weight; a list of shapes where there are several, which ``opt1`` updates one by one, and ``opt2``
            all at once.
        dtype: of weights and gradients.
        w_stype, g_stype: storage types of the second one's weights and gradients.
        rtol, atol: tolerances after the step.
        compare_states: the states too, before and after.
        ntensors: how many shapes there are.

    Raises:
        AssertionError: they differ, or ``shape`` is not a list of ``ntensors`` shapes.
        Exception: another storage type.
    """
    together = isinstance(shape, list)
    assert together or ntensors == 1, f"shape must be a list of {ntensors} shapes, got {shape}"
    shapes = shape if together else [shape]
    assert len(shapes) == ntensors, f"{len(shapes)} shapes for {ntensors} tensors"
    pairs = [
        (_drawn(each, w_stype, dtype, 1), _drawn(each, g_stype, dtype, None)) for each in shapes
    ]  # fmt: skip
    second_weights, second_grads = [[x for x, _ in column] for column in zip(*pairs, strict=True)]
    weights, grads = [[x for _, x in column] for column in zip(*pairs, strict=True)]
    ours, theirs = (
        [opt.create_state_multi_precision(i, w) for i, w in enumerate(ws)]
        for opt, ws in ((opt1, weights), (opt2, second_weights))
    )
    if compare_states:
        compare_ndarray_tuple(tuple(ours), tuple(theirs))
    for one in zip(range(ntensors), weights, grads, ours, strict=True):
        opt1.update_multi_precision(*one)
    if together:
        opt2.update_multi_precision(list(range(ntensors)), second_weights, second_grads, theirs)
    else:
        opt2.update_multi_precision(0, second_weights[0], second_grads[0], theirs[0])
    if compare_states:
        compare_ndarray_tuple(tuple(ours), tuple(theirs), rtol=rtol, atol=atol)
    for first, second in zip(weights, second_weights, strict=True):
        assert_almost_equal(first.asnumpy(), second.asnumpy(), rtol=rtol, atol=atol)


def _drawn(shape: Shape, stype: str, dtype: Any, density: float | None) -> tuple[NDArray, NDArray]:
    """(an array of that storage type, a dense copy)."""
    if stype == "default":
        made = nd.random.uniform(shape=shape, ctx=default_context(), dtype=dtype)
    elif stype in ("row_sparse", "csr"):
        made = rand_ndarray(shape, stype, density=density, dtype=dtype)
    else:
        raise Exception("type not supported yet")
    return made, made.copyto(current_context()).tostype("default")
