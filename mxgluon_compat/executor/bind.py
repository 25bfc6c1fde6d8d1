"""``Symbol.bind`` and ``Symbol.simple_bind``: executors on given arrays, and on new ones of inferred shapes.

They are installed on ``Symbol`` here, since symbols know nothing of executors (as ``symbol.run`` does ``Symbol.eval``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from .. import autograd
from ..base import MXNetError, UnsupportedError, dtype_name, torch_dtype
from ..context import Context, require_gpu
from ..ndarray import NDArray
from ..ops.schema import Shape
from ..symbol import Symbol
from ..symbol.infer import infer_dtypes, infer_entries
from .executor import Executor, known, places, resized, zeros
from .storage import storage_types

__all__ = ["bind", "simple_bind"]


# ---------------------------------------------------------------------------------------------- Symbol.bind
def _listed(what: str, given: Any, names: Sequence[str], missing: bool = False) -> list[Any]:
    """The arrays given as a list in the order of ``names``, or as a dict.

    Raises:
        ValueError: too few or too many, or one is missing.
        TypeError: neither a list nor a dict, or something that is not an array.
    """
    if isinstance(given, list):
        if len(given) != len(names):
            raise ValueError(f"Length of {what} does not match the number of arguments")
        found = list(given)
    elif isinstance(given, dict):
        if not missing:
            for name in names:
                if name not in given:
                    raise ValueError(f"key `{name}` is missing in `{what}`")
        found = [given.get(name) for name in names]
    else:
        raise TypeError("Only accept list of NDArrays or dict of str to NDArray")
    if not all(isinstance(a, NDArray) or (missing and a is None) for a in found):
        raise TypeError("Only accept list of NDArrays or dict of str to NDArray")
    return found


def bind(
    self: Symbol,
    ctx: Context,
    args: list[NDArray] | dict[str, NDArray],
    args_grad: list[NDArray | None] | dict[str, NDArray] | None = None,
    grad_req: str | Sequence[str] | Mapping[str, str] = "write",
    aux_states: list[NDArray] | dict[str, NDArray] | None = None,
    group2ctx: Mapping[str, Context] | None = None,
    shared_exec: Executor | None = None,
) -> Executor:
    """An executor of this graph on these arrays; they are kept, not copied.

    Args:
        ctx: where the arrays are and the graph runs.
        args: an array for each of ``list_arguments()``, in that order or by name.
        args_grad: arrays for their gradients; None for, or a dict without, those of no interest.
        grad_req: what ``backward`` does with the gradient arrays, ``'write'``, ``'add'`` or ``'null'``: for all, in
            the order of the arguments, or by name (``'null'`` for those that a dict lacks).
        aux_states: an array for each of ``list_auxiliary_states()``, in that order or by name.
        group2ctx: contexts by ``ctx_group`` attribute, all on one device.
        shared_exec: an executor to share working memory with: torch's allocator does that for all of them.

    Raises:
        TypeError: ``ctx`` is no context, or something is not an array.
        ValueError: an array is missing or too many, or a ``grad_req`` does not exist.
        KeyError: a ``grad_req`` in a list or dict does not exist.
        MXNetError: arrays whose shapes, dtypes or contexts do not fit the graph.
        UnsupportedError: ``group2ctx`` names several devices.
    """
    if not isinstance(ctx, Context):
        raise TypeError("Context type error")
    _check_executor(shared_exec)
    names = self.list_arguments()
    arrays = _listed("args", args, names)
    grads = None if args_grad is None else _listed("args_grad", args_grad, names, missing=True)
    aux = _listed("aux_states", [] if aux_states is None else aux_states, self.list_auxiliary_states())
    if isinstance(grad_req, str):
        if grad_req not in autograd.GRAD_REQS:
            raise ValueError(f"grad_req must be in {autograd.GRAD_REQS}, got {grad_req!r}")
        reqs = [grad_req] * len(names)
    elif isinstance(grad_req, Mapping):
        reqs = [grad_req.get(name, "null") for name in names]
    elif isinstance(grad_req, (list, tuple)):
        if len(grad_req) != len(names):
            raise ValueError(f"grad_req has {len(grad_req)} entries for {len(names)} arguments ({', '.join(names)})")
        reqs = list(grad_req)
    else:
        raise TypeError(f"grad_req must be a str, a list or a dict, got {type(grad_req)}")
    for req in reqs:
        if req not in autograd.GRAD_REQS:
            raise KeyError(req)
    if isinstance(args, list):
        arrays = args  # the caller's own list, as in MXNet
    return Executor(self, ctx, arrays, grads, aux, reqs, grad_req, group2ctx)


def _check_executor(shared_exec: Any) -> None:
    if shared_exec is not None and not isinstance(shared_exec, Executor):
        raise TypeError(f"shared_exec must be an Executor or None, got {type(shared_exec)}")


# ---------------------------------------------------------------------------------------------- Symbol.simple_bind
def simple_bind(
    self: Symbol,
    ctx: Context,
    grad_req: str | list[str] | dict[str, str] = "write",
    type_dict: Mapping[str, Any] | None = None,
    stype_dict: Mapping[str, str] | None = None,
    group2ctx: Mapping[str, Context] | None = None,
    shared_arg_names: list[str] | None = None,
    shared_exec: Executor | None = None,
    shared_buffer: dict[str, NDArray] | None = None,
    **kwargs: Shape,
) -> Executor:
    """An executor of this graph on new arrays of zeros, whose shapes and dtypes follow from those given.

    Args:
        ctx: where to.
        grad_req: see ``bind``; arguments have a gradient array unless it is ``'null'``.
        type_dict: dtypes by argument. Without it all arguments without a ``dtype`` attribute are float32.
        stype_dict: storage types by argument: ``'default'``, ``'row_sparse'``, ``'csr'``. Without it the ``stype``
            attributes'.
        group2ctx: see ``bind``.
        shared_arg_names: arguments that take the arrays of ``shared_exec``, if there is a ``shared_buffer``.
        shared_exec: the executor whose arrays they and the auxiliary states take.
        shared_buffer: arrays by name for all other arguments: those in it are taken if large enough, all made are put
            into it.
        **kwargs: shapes (tuples) by argument.

    Raises:
        RuntimeError: shapes or dtypes that do not fit or do not follow, or a ``grad_req`` that does not; the message
            has the shapes given.
        TypeError, ValueError: an argument of another type.
        UnsupportedError: ``group2ctx`` names several devices.
    """
    require_gpu(ctx)
    _check_executor(shared_exec)
    if shared_arg_names is not None and not isinstance(shared_arg_names, list):
        raise ValueError("shared_arg_names in simple_bind must be a list or None")
    if shared_buffer is not None and not isinstance(shared_buffer, dict):
        raise ValueError("shared_buffer in simple_bind must be dict or None")
    if isinstance(grad_req, (list, dict)) and not grad_req:
        raise RuntimeError(f"grad_req in simple_bind cannot be an empty {type(grad_req).__name__}")
    try:
        return _simple_bind(
            self, ctx, grad_req, type_dict, stype_dict, group2ctx, shared_arg_names, shared_exec, shared_buffer, kwargs
        )
    except UnsupportedError:
        raise
    except MXNetError as error:
        given = "".join(f"{name}: {shape}\n" for name, shape in kwargs.items())
        raise RuntimeError(f"simple_bind error. Arguments:\n{given}{error}") from error


def _simple_bind(
    symbol: Symbol,
    ctx: Context,
    grad_req: Any,
    type_dict: Mapping[str, Any] | None,
    stype_dict: Mapping[str, str] | None,
    group2ctx: Mapping[str, Context] | None,
    shared_arg_names: Sequence[str] | None,
    shared_exec: Executor | None,
    shared_buffer: dict[str, NDArray] | None,
    shapes: Mapping[str, Any],
) -> Executor:
    reqs = _simple_reqs(symbol.list_arguments(), grad_req)
    nodes, states = symbol._variables()
    if type_dict is None:
        type_dict = {n.name: "float32" for n in nodes if id(n) not in states and "__dtype__" not in n.attrs}
    dtype_of = infer_dtypes(symbol._outputs, type_dict, None, strict=True)
    shape_of = infer_entries(symbol._outputs, {k: s for k, s in shapes.items() if isinstance(s, tuple)}, dtype_of)
    _complain("Shape", "shapes", {n.name: s for n in nodes if not known(s := shape_of[id(n)][0])})
    _complain("Type", "dtypes", {n.name: None for n in nodes if dtype_of[id(n)][0] is None})
    place_of = places(symbol, ctx, group2ctx)
    stype_of = storage_types(symbol, stype_dict or {})
    if shared_buffer is None:  # MXNet shares nothing then
        shared_exec = None
    args: list[NDArray] = []
    grads: list[NDArray | None] = []
    aux: list[NDArray] = []
    for node in nodes:
        name, (stype, grad_stype) = node.name, stype_of[id(node)]
        kind: Any = (shape_of[id(node)][0], dtype_of[id(node)][0], place_of[id(node)])
        if id(node) in states:
            shared = None if shared_exec is None else shared_exec.aux_dict.get(name)
            aux.append(
                shared if shared is not None and shared.shape == kind[0] else zeros(kind[0], kind[1], kind[2], stype)
            )
            continue
        wanted = reqs[len(args)] != "null"
        if shared_exec is not None and name in (shared_arg_names or ()):
            args.append(_fitting(name, shared_exec.arg_dict.get(name), *kind[:2]))
            grads.append(_fitting(f"grad of {name}", shared_exec.grad_dict.get(name), *kind[:2]) if wanted else None)
        else:
            args.append(_buffered(shared_buffer, name, kind[0], kind[1], kind[2], stype))
            grads.append(
                _buffered(shared_buffer, f"grad of {name}", kind[0], kind[1], kind[2], grad_stype) if wanted else None
            )
    return Executor(symbol, ctx, args, grads, aux, reqs, grad_req, group2ctx)


def _buffered(
    buffer: dict[str, NDArray] | None, key: str, shape: Shape, dtype: torch.dtype, ctx: Context, stype: str
) -> NDArray:
    """Zeros, or the first elements of what the buffer has under that name; zeros larger than that go into it."""
    held = None if buffer is None else buffer.get(key)
    if held is not None and math.prod(held.shape) >= math.prod(shape) and held.stype == stype:
        return _fitting(key, resized(held, shape), shape, dtype)
    made = zeros(shape, dtype, ctx, stype)
    if buffer is not None:
        buffer[key] = made
    return made


def _fitting(key: str, array: NDArray | None, shape: Shape, dtype: torch.dtype) -> NDArray:
    """The array, if it is there and fits."""
    if array is None:
        raise MXNetError(f"shared_exec has no array for {key}")
    if array.shape != shape or torch_dtype(array.dtype) is not dtype:
        raise MXNetError(
            f"the shared array of {key} is {array.shape} {dtype_name(array.dtype)}, but inferred were {shape} "
            f"{dtype_name(dtype)}"
        )
    return array


def _simple_reqs(names: Sequence[str], grad_req: Any) -> list[str]:
    if isinstance(grad_req, dict):
        asked = list(grad_req.values())
        reqs = [grad_req.get(name, "null") for name in names]
    elif isinstance(grad_req, list):
        asked = reqs = grad_req
    elif grad_req is None or isinstance(grad_req, str):  # None is "null", as in MXNet
        asked = reqs = [grad_req or "null"] * len(names)
    else:
        raise TypeError(f"grad_req must be a str, a list or a dict, got {type(grad_req)}")
    if len(reqs) != len(names):
        raise MXNetError(
            "The length of grad_req list does not match the number of input arguments in simple_bind, expected "
            f"{len(names)}, provided {len(reqs)}"
        )
    for req in asked:
        if req not in autograd.GRAD_REQS:
            raise MXNetError(
                f"grad_req={req} is not a valid input in simple_bind; only 'null', 'write', and 'add' are supported"
            )
    return reqs


def _complain(kind: str, what: str, unknown: Mapping[str, Any]) -> None:
    """Raises MXNetError where shapes or dtypes of variables do not follow from those given."""
    if unknown:
        raise MXNetError(
            f"Infer{kind} pass cannot decide {what} for the following arguments (0s and None mean unknown). Please "
            f"consider providing them as inputs:\n{', '.join(f'{name}: {value}' for name, value in unknown.items())}"
        )


Symbol.bind, Symbol.simple_bind = bind, simple_bind  # type: ignore[method-assign]
