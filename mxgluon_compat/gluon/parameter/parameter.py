"""The Parameter: one ``torch.nn.Parameter`` for each context, with MXNet's deferred initialisation."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from ... import autograd, initializer, ndarray, symbol
from ...base import MXNetError, UnsupportedError, dtype_name, torch_dtype
from ...context import Context, cpu, current_context, require_gpu
from ...ndarray import NDArray
from ..utils import shape_is_known

__all__ = ["DeferredInitializationError", "Parameter", "tensor_types"]

tensor_types = (symbol.Symbol, NDArray)
_STYPES = ("default", "row_sparse", "csr")


class DeferredInitializationError(MXNetError):
    """A parameter whose shape is not known yet was asked for its values."""


class Parameter:
    """A weight of a Block, with one copy on each of its contexts.

    Args:
        name: the full name.
        grad_req: ``'write'``, ``'add'`` (gradients accumulate until ``zero_grad``) or ``'null'``.
        shape: its shape; 0 (or -1) for dimensions that the first forward pass will tell.
        dtype: its dtype.
        lr_mult, wd_mult: multipliers of the Trainer's learning rate and weight decay.
        init: an Initializer or its name; None for the one that ``initialize`` is called with.
        allow_deferred_init: whether the shape may be unknown at ``initialize``.
        differentiable: False for what no gradient flows into (running statistics).
        stype, grad_stype: storage types of values and gradient.

    Raises:
        AssertionError: a storage type or ``grad_req`` that does not exist.
        UnsupportedError: a sparse storage type.
    """

    def __init__(
        self,
        name: str,
        grad_req: str = "write",
        shape: int | Sequence[int] | None = None,
        dtype: Any = np.float32,
        lr_mult: float = 1.0,
        wd_mult: float = 1.0,
        init: Any = None,
        allow_deferred_init: bool = False,
        differentiable: bool = True,
        stype: str = "default",
        grad_stype: str = "default",
    ) -> None:
        self._var: symbol.Symbol | None = None
        self._data: OrderedDict[Context, NDArray] | None = None
        self._deferred_init: tuple[Any, ...] = ()
        self._differentiable = differentiable
        self._allow_deferred_init = allow_deferred_init
        self._trainer: Any = None
        self._grad_req: str | None = None
        self._shape = (shape,) if isinstance(shape, int) else None if shape is None else tuple(shape)
        self._dtype = dtype
        self.name = name
        self.lr_mult = lr_mult
        self.wd_mult = wd_mult
        self.grad_req = grad_req
        self.init = init
        for what, value in (("stype", stype), ("grad_stype", grad_stype)):
            assert value in _STYPES, (
                f"{what} for Parameter '{name}' must be one of 'default', 'row_sparse', or 'csr', but got '{value}'"
            )
            if value != "default":
                raise UnsupportedError(f"Parameter({name!r}, {what}={value!r})", "sparse arrays are not there yet")
        self._stype, self._grad_stype = stype, grad_stype

    def __repr__(self) -> str:
        return f"Parameter {self.name} (shape={self.shape}, dtype={self.dtype})"

    def __getstate__(self) -> dict[str, Any]:
        # Copies and pickles hold the values alone: gradients are attached anew, the Trainer stays with the original.
        state = {**self.__dict__, "_trainer": None}
        if self._data is not None:
            state["_data"] = [(ctx, array._data.detach()) for ctx, array in self._data.items()]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self._data is not None:
            self._set_copies(self._data)

    # ------------------------------------------------------------------------------------------ properties
    @property
    def grad_req(self) -> str:
        """What ``backward`` does with the gradient: ``'write'``, ``'add'`` or ``'null'``."""
        return self._grad_req

    @grad_req.setter
    def grad_req(self, req: str) -> None:
        assert req in autograd.GRAD_REQS, f"grad_req must be one of 'write', 'add', or 'null', but got '{req}'"
        if not self._differentiable:
            req = "null"
        if self._grad_req == req:
            return
        self._grad_req = req
        if self._data is not None:
            for array in self._data.values():
                self._attach(array)

    @property
    def dtype(self) -> Any:
        """The dtype, as it was given."""
        return self._dtype

    @dtype.setter
    def dtype(self, dtype: Any) -> None:
        self.cast(dtype)

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape; 0 for dimensions that are not known yet, None if nothing is."""
        return self._shape

    @shape.setter
    def shape(self, new_shape: Sequence[int]) -> None:
        if self._shape is None:
            self._shape = tuple(new_shape)
            return
        new_shape = tuple(new_shape)
        assert self._admits(new_shape), f"Expected shape {new_shape} is incompatible with given shape {self._shape}."
        self._shape = new_shape

    def _admits(self, shape: Sequence[int]) -> bool:
        """Whether ``shape`` is this one, with values for the dimensions that are not known."""
        return len(self._shape) == len(shape) and all(i in (-1, 0, j) for i, j in zip(self._shape, shape, strict=True))

    # ------------------------------------------------------------------------------------------ values
    def _uninitialised(self) -> Exception:
        if self._deferred_init:
            return DeferredInitializationError(
                f"Parameter '{self.name}' has not been initialized yet because initialization was deferred. Actual "
                "initialization happens during the first forward pass. Please pass one batch of data through the "
                "network before accessing Parameters. You can also avoid deferred initialization by specifying "
                "in_units, num_features, etc., for network layers."
            )
        return RuntimeError(
            f"Parameter '{self.name}' has not been initialized. Note that you should initialize parameters and create "
            "Trainer with Block.collect_params() instead of Block.params because the later does not include "
            "Parameters of nested child Blocks"
        )

    def _array(self, ctx: Context | None) -> NDArray:
        """The copy on ``ctx``; None: the only one, or the one on the current context."""
        if self._data is None:
            raise self._uninitialised()
        if ctx is None:
            if len(self._data) == 1:
                return next(iter(self._data.values()))
            ctx = current_context()
        found = self._data.get(ctx)
        if found is None and ctx.is_cpu:  # pinned and shared memory is the same CPU
            found = self._data.get(cpu(ctx.device_id))
        if found is None:
            raise RuntimeError(
                f"Parameter '{self.name}' was not initialized on context {ctx}. It was only initialized on "
                f"{list(self._data)}."
            )
        return found

    def data(self, ctx: Context | None = None) -> NDArray:
        """The values on ``ctx``.

        Raises:
            RuntimeError: not initialised, or not on that context.
            DeferredInitializationError: initialisation waits for the first forward pass.
        """
        return self._array(ctx)

    def list_data(self) -> list[NDArray]:
        """The values on every context."""
        if self._data is None:
            raise self._uninitialised()
        return list(self._data.values())

    def _check_grad(self) -> None:
        if self._data is not None and self._grad_req == "null":
            raise RuntimeError(f"Cannot get gradient array for Parameter '{self.name}' because grad_req='null'")

    def grad(self, ctx: Context | None = None) -> NDArray:
        """The gradient on ``ctx``.

        Raises:
            RuntimeError: not initialised, not on that context, or ``grad_req='null'``.
        """
        self._check_grad()
        return self._array(ctx).grad

    def list_grad(self) -> list[NDArray]:
        """The gradients on every context."""
        self._check_grad()
        return [array.grad for array in self.list_data()]

    def list_ctx(self) -> list[Context]:
        """The contexts that the parameter is initialised on.

        Raises:
            RuntimeError: not initialised.
        """
        if self._data is None:
            if self._deferred_init:
                return self._deferred_init[1]
            raise RuntimeError(f"Parameter '{self.name}' has not been initialized")
        return list(self._data)

    def set_data(self, data: NDArray) -> None:
        """Writes new values into the copies on all contexts.

        Raises:
            AssertionError: not initialised, or of another shape.
        """
        self.shape = data.shape
        if self._data is None:
            assert self._deferred_init, f"Parameter '{self.name}' has not been initialized"
            self._deferred_init = (*self._deferred_init[:3], data)
            return
        for array in self._data.values():
            array[:] = data

    def zero_grad(self) -> None:
        """Sets the gradients on all contexts to zero."""
        if self._data is None or self._grad_req == "null":
            return
        for array in self._data.values():
            with torch.no_grad():
                array.grad._data.zero_()

    def row_sparse_data(self, row_id: NDArray) -> NDArray:
        """Rows of a row_sparse parameter.

        Raises:
            RuntimeError: the parameter is dense.
        """
        raise RuntimeError(
            f"Cannot return a copy of Parameter {self.name} via row_sparse_data() because its storage type is "
            f"{self._stype}. Please use data() instead."
        )

    def list_row_sparse_data(self, row_id: NDArray) -> list[NDArray]:
        """Rows of a row_sparse parameter, on every context.

        Raises:
            RuntimeError: the parameter is dense.
        """
        raise RuntimeError(
            f"Cannot return copies of Parameter '{self.name}' on all contexts via list_row_sparse_data() because its "
            f"storage type is {self._stype}. Please use data() instead."
        )

    def var(self) -> symbol.Symbol:
        """The variable that stands for this parameter in symbols."""
        if self._var is None:
            self._var = symbol.var(
                self.name, shape=self.shape, dtype=self.dtype, lr_mult=self.lr_mult, wd_mult=self.wd_mult,
                init=self.init, stype=self._stype,
            )  # fmt: skip
        return self._var

    # ------------------------------------------------------------------------------------------ initialisation
    def initialize(
        self,
        init: Any = None,
        ctx: Context | Sequence[Context] | None = None,
        default_init: Any = None,
        force_reinit: bool = False,
    ) -> None:
        """Allocates and fills the parameter on the given contexts.

        Args:
            init: an Initializer or its name; before ``self.init`` and ``default_init``.
            ctx: a context or a list of them; default the current one.
            default_init: used where neither ``init`` nor ``self.init`` is given; default ``Uniform()``.
            force_reinit: also if it is initialised already.

        Raises:
            ValueError: the shape is not known and initialisation may not be deferred.
        """
        if self._data is not None and not force_reinit:
            warnings.warn(
                f"Parameter '{self.name}' is already initialized, ignoring. Set force_reinit=True to re-initialize.",
                stacklevel=2,
            )
            return
        self._data = None
        contexts = _contexts(ctx) or [current_context()]
        for context in contexts:
            require_gpu(context)
        default_init = initializer.Uniform() if default_init is None else default_init
        if init is None:
            init = default_init if self.init is None else self.init
        if not shape_is_known(self.shape):
            if not self._allow_deferred_init:
                raise ValueError(
                    f"Cannot initialize Parameter '{self.name}' because it has invalid shape: {self.shape}."
                )
            self._deferred_init = (init, contexts, default_init, None)
            return
        self._deferred_init = (init, contexts, default_init, None)
        self._finish_deferred_init()

    def _finish_deferred_init(self) -> None:
        """Initialises now that the shape is known, if that was deferred."""
        if not self._deferred_init:
            return
        init, contexts, default_init, data = self._deferred_init
        if not shape_is_known(self.shape):
            raise ValueError(
                f"Cannot initialize Parameter '{self.name}' because it has invalid shape: {self.shape}. Please specify "
                "in_units, in_channels, etc for `Block`s."
            )
        self._deferred_init = ()
        with autograd.pause():
            if data is None:
                # Drawn on the CPU, so that every context gets the same values.
                data = ndarray.zeros(self.shape, ctx=cpu(), dtype=self.dtype)
                initializer.create(default_init)(initializer.InitDesc(self.name, {"__init__": init}), data)
            self._fill(data, contexts)

    def _fill(self, data: NDArray, contexts: Sequence[Context]) -> None:
        self._set_copies([(ctx, data._data.detach()) for ctx in contexts])

    def _set_copies(self, copies: Iterable[tuple[Context, torch.Tensor]]) -> None:
        """Makes the array of each context from a copy of the tensor beside it."""
        dtype = torch_dtype(self.dtype)
        self._data = OrderedDict()
        for ctx, values in copies:
            tensor = values.to(device=ctx.torch_device, dtype=dtype, copy=True)
            self._data[ctx] = array = NDArray(torch.nn.Parameter(tensor, requires_grad=False), ctx)
            self._attach(array)

    def _attach(self, array: NDArray) -> None:
        """Gives one copy its gradient, or takes it away under ``grad_req='null'``."""
        if self._grad_req == "null":
            if array._slot is not None:
                array._slot.release(array._data)
                array._slot = None
            return
        if array._slot is not None:
            gradient = array._slot.array
        else:
            gradient = NDArray(torch.zeros_like(array._data, requires_grad=False), array._ctx)
        autograd.mark_variables(array, gradient, self._grad_req)

    def _load_init(self, data: NDArray, ctx: Any, cast_dtype: bool = False, dtype_source: str = "current") -> None:
        """Takes loaded values, initialising on ``ctx`` where that has not happened."""
        self.check_load(data, ctx, cast_dtype, dtype_source)
        self._shape = data.shape
        if cast_dtype and dtype_source == "saved":
            self.cast(data.dtype)
        if self._data is None:
            contexts = self._deferred_init[1] if self._deferred_init else _contexts(ctx) or [cpu()]
            self._fill(data, contexts)
        else:
            self.set_data(data)
        self._deferred_init = ()

    def check_load(
        self, data: NDArray, ctx: Any = None, cast_dtype: bool = False, dtype_source: str = "current"
    ) -> None:
        """Whether loaded values fit, changing nothing.

        Raises:
            AssertionError: shape, dtype or contexts do not fit; the message names the parameter.
        """
        if cast_dtype:
            assert dtype_source in ("current", "saved"), f"no such dtype_source: {dtype_source!r} (current, saved)"
        else:
            assert dtype_name(self.dtype) == dtype_name(data._data.dtype), (
                f"Failed loading Parameter '{self.name}' from saved params: dtype incompatible expected {self.dtype} "
                f"vs saved {data.dtype}. Set cast_dtype=True to cast the dtype of saved params."
            )
        assert self.shape is None or self._admits(data.shape), (
            f"Failed loading Parameter '{self.name}' from saved params: shape incompatible expected {self.shape} vs "
            f"saved {data.shape}"
        )
        contexts = _contexts(ctx)
        if contexts is not None and (self._data is not None or self._deferred_init):
            assert set(contexts) == set(self.list_ctx()), (
                f"Failed to load Parameter '{self.name}' on {contexts} because it was previous initialized on "
                f"{self.list_ctx()}."
            )

    def _reduce(self) -> NDArray:
        """The mean of the copies on all contexts, on the CPU: what is saved."""
        copies = self.list_data()
        if len(copies) == 1:
            return NDArray(copies[0]._data.detach().to("cpu", copy=True), cpu())
        total = torch.stack([c._data.detach().to("cpu") for c in copies])
        mean = total.mean(0) if total.dtype.is_floating_point else total[0]
        return NDArray(mean, cpu())

    def reset_ctx(self, ctx: Context | Sequence[Context]) -> None:
        """Moves the parameter to other contexts.

        Raises:
            ValueError: it was never initialised.
        """
        contexts = _contexts(ctx) or [current_context()]
        if self._data is not None:
            data = self._reduce()
            with autograd.pause():
                self._fill(data, contexts)
        elif self._deferred_init:
            init, _, default_init, data = self._deferred_init
            self._deferred_init = (init, contexts, default_init, data)
        else:
            raise ValueError(f"Cannot reset context for Parameter '{self.name}' because it has not been initialized.")

    def cast(self, dtype: Any) -> None:
        """Changes the dtype of values and gradient."""
        self._dtype = dtype
        self._var = None
        if self._data is None:
            return
        with autograd.pause():
            data, contexts = self._reduce(), list(self._data)
            self._fill(data, contexts)


def _contexts(ctx: Context | Sequence[Context] | None) -> list[Context] | None:
    return None if ctx is None else [ctx] if isinstance(ctx, Context) else list(ctx)
