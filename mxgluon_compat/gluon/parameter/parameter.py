"""The Parameter: one ``torch.nn.Parameter`` for each context, with MXNet's deferred initialisation."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from ... import autograd, initializer, ndarray, symbol
from ...base import MXNetError, dtype_name, torch_dtype
from ...context import Context, cpu, current_context, require_gpu
from ...ndarray import NDArray
from ...ndarray.sparse import CSRNDArray, RowSparseNDArray
from ...numpy import ndarray as np_ndarray
from ...numpy.family import as_mode
from ...util import is_np_array, is_np_shape
from ..utils import shape_is_known
from .internals import Internals
from .rows import RowSparseAccess

__all__ = ["DeferredInitializationError", "Parameter", "tensor_types"]

tensor_types = (symbol.Symbol, NDArray)
_CLASSES = {"default": NDArray, "row_sparse": RowSparseNDArray, "csr": CSRNDArray}


class DeferredInitializationError(MXNetError):
    """A parameter whose shape is not known yet was asked for its values."""


class Parameter(RowSparseAccess, Internals):
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
        stype, grad_stype: storage types of values and gradient: ``'default'``, ``'row_sparse'`` or ``'csr'``. The
            values of a row_sparse parameter are in its Trainer's KVStore; ``row_sparse_data`` fetches rows of them.

    Raises:
        AssertionError: a storage type or ``grad_req`` that does not exist.
    """

    _shares_gradient = False  # whether gradients are in torch's ``.grad`` as well; interop sets it

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
        self._data: list[NDArray] | None = None  # one on each context
        self._deferred_init: tuple[Any, ...] = ()
        self._differentiable = differentiable
        self._allow_deferred_init = allow_deferred_init
        self._trainer: Any = None
        self._grad_req = ""  # until it is set below
        self._shape: Any = (shape,) if isinstance(shape, int) else shape
        self._dtype = dtype
        self.name = name
        self.lr_mult = lr_mult
        self.wd_mult = wd_mult
        self.grad_req = grad_req
        self.init = init
        for what, value in (("stype", stype), ("grad_stype", grad_stype)):
            assert value in _CLASSES, (
                f"{what} for Parameter '{name}' must be one of 'default', 'row_sparse', or 'csr', but got '{value}'"
            )
        self._stype, self._grad_stype = stype, grad_stype

    def __repr__(self) -> str:
        return f"Parameter {self.name} (shape={self.shape}, dtype={self.dtype})"

    def __copy__(self) -> Parameter:
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)  # of the same arrays
        return twin

    def __getstate__(self) -> dict[str, Any]:
        # Copies and pickles hold the values alone: gradients are attached anew, the Trainer stays with the original.
        state = {**self.__dict__, "_trainer": None}
        if self._data is not None:
            state["_data"] = [(array._ctx, array.detach()) for array in self._data]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if state["_data"] is not None:
            self._set_copies(state["_data"])  # on their contexts: arrays that another process sent are on cpu_shared(0)

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
            for array in self._data:
                self._attach(array)  # a new gradient, zeros: what was added up so far is gone, as in MXNet

    @property
    def dtype(self) -> Any:
        """The dtype, as it was given."""
        return self._dtype

    @dtype.setter
    def dtype(self, dtype: Any) -> None:
        self.cast(dtype)

    @property
    def shape(self) -> tuple[int, ...] | Any:  # Any: type checkers are to let ``shape[0]`` pass without a test for None
        """The shape; 0 (-1 under ``np_shape``) for dimensions that are not known yet, None if nothing is."""
        if self._shape is not None and is_np_shape():
            return tuple(size or -1 for size in self._shape)  # a Parameter is never empty
        return self._shape

    @shape.setter
    def shape(self, new_shape: Sequence[int]) -> None:
        assert self._shape is None or self._admits(new_shape), (
            f"Expected shape {new_shape} is incompatible with given shape {self._shape}."
        )
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

    def _copy_on(self, ctx: Context | None) -> NDArray:
        """The copy on ``ctx``; None: the only one, or the one on the current context."""
        arrays = self._data
        if arrays is None:
            raise self._uninitialised()
        if ctx is None:
            if len(arrays) == 1:
                return arrays[0]
            ctx = current_context()
        for array in arrays:
            if array._ctx is ctx or array._ctx == ctx:
                return array
        if ctx.is_cpu:  # pinned and shared memory is the same CPU
            for array in arrays:
                if array._ctx == cpu(ctx.device_id):
                    return array
        raise RuntimeError(
            f"Parameter '{self.name}' was not initialized on context {ctx}. It was only initialized on "
            f"{self.list_ctx()}."
        )

    _array = _copy_on  # what graphs read

    def data(self, ctx: Context | None = None) -> NDArray:
        """The values on ``ctx``.

        Raises:
            RuntimeError: not initialised, not on that context, or row_sparse.
            DeferredInitializationError: initialisation waits for the first forward pass.
        """
        if self._stype != "default":
            raise RuntimeError(
                f"Cannot return a copy of Parameter '{self.name}' on ctx {ctx} via data() because its storage type is "
                f"{self._stype}. Please use row_sparse_data() instead."
            )
        return self._copy_on(ctx)

    def list_data(self) -> list[NDArray]:
        """The values on every context.

        Raises:
            RuntimeError: not initialised, or row_sparse.
            DeferredInitializationError: initialisation waits for the first forward pass.
        """
        if self._stype != "default":
            raise RuntimeError(
                f"Cannot return copies of Parameter '{self.name}' on all contexts via list_data() because its storage "
                f"type is {self._stype}. Please use row_sparse_data() instead."
            )
        return self._arrays()

    def _arrays(self) -> list[NDArray]:
        """The copies on all contexts, of any storage type."""
        if self._data is None:
            raise self._uninitialised()
        return list(self._data)

    def _check_grad(self) -> None:
        if self._data is not None and self._grad_req == "null":
            raise RuntimeError(f"Cannot get gradient array for Parameter '{self.name}' because grad_req='null'")

    def grad(self, ctx: Context | None = None) -> NDArray:
        """The gradient on ``ctx``.

        Raises:
            RuntimeError: not initialised, not on that context, or ``grad_req='null'``.
        """
        self._check_grad()
        return self._copy_on(ctx).grad

    def list_grad(self) -> list[NDArray]:
        """The gradients on every context."""
        self._check_grad()
        return [array.grad for array in self._arrays()]

    def list_ctx(self) -> list[Context]:
        """The contexts that the parameter is initialised on.

        Raises:
            RuntimeError: not initialised.
        """
        if self._data is None:
            if self._deferred_init:
                return self._deferred_init[1]
            raise RuntimeError(f"Parameter '{self.name}' has not been initialized")
        return [array._ctx for array in self._data]

    def set_data(self, data: NDArray) -> None:
        """Writes new values into the copies on all contexts.

        A ``backward`` that is still to come reads them, as after a step of the Trainer.

        Raises:
            AssertionError: not initialised, or of another shape.
        """
        self.shape = data.shape
        if self._data is None:
            assert self._deferred_init, f"Parameter '{self.name}' has not been initialized"
            self._deferred_init = (*self._deferred_init[:3], data)
            return
        for array in self._data:
            if isinstance(data, NDArray) and data._family is not array._family:
                data = data.as_nd_ndarray() if array._family is NDArray else data.as_np_ndarray()
            everything = slice(None) if array.shape else ()
            if array._is_sparse or autograd.is_recording():
                array[everything] = data
            else:  # layers call this between forward and backward (spectral norms): torch must not count the write
                array._like(array._data.data)[everything] = data
        if self._trainer is not None:
            self._trainer._values_changed(self)

    def zero_grad(self) -> None:
        """Sets the gradients on all contexts to zero."""
        if self._data is None or self._grad_req == "null":
            return
        for array in self._data:
            gradient = array._slot.array
            if self._grad_stype == "default":
                with torch.no_grad():
                    gradient._data.zero_()
            else:
                self._zeros(array).copyto(gradient)

    def var(self) -> symbol.Symbol:
        """The variable that stands for this parameter in symbols."""
        if self._var is None:
            self._var = symbol.var(
                self.name, shape=self.shape, dtype=self.dtype, lr_mult=self.lr_mult, wd_mult=self.wd_mult,
                init=self.init, stype=self._stype,
            )  # fmt: skip
        return self._var.as_np_ndarray() if is_np_array() else self._var

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
        contexts = _contexts(ctx)
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
        assert shape_is_known(self.shape), (
            f"Cannot initialize Parameter '{self.name}' because it has invalid shape: {self.shape}. Please specify "
            "in_units, in_channels, etc for `Block`s."
        )
        self._deferred_init = ()
        with autograd.pause():
            if data is None:
                # Drawn on the CPU, so that every context gets the same values.
                self._kind()
                # Initializers write ``arr[:]``, which an array without dimensions has not.
                data = as_mode(ndarray.zeros(self.shape or (1,), ctx=cpu(), dtype=self.dtype, stype=self._stype))
                initializer.create(default_init)(initializer.InitDesc(self.name, {"__init__": init}), data)
                data = data if self.shape else data.reshape(())
            self._init_impl(data, contexts)

    def _init_impl(self, data: NDArray, ctx_list: Sequence[Context]) -> None:
        self._set_copies([(ctx, data) for ctx in ctx_list])

    def _set_copies(self, copies: Iterable[tuple[Context, NDArray]]) -> None:
        """Makes the array of each context from a copy of the values beside it."""
        dtype = torch_dtype(self.dtype)
        made = []
        for ctx, values in copies:
            tensor = values._data.detach().to(device=ctx.torch_device, dtype=dtype, copy=True)
            array = self._kind()(torch.nn.Parameter(tensor, requires_grad=False), ctx)
            if values.stype == self._stype != "default":
                values.copyto(array)  # rows of zeros are stored too where they were
            self._attach(array)
            made.append(array)
        self._data = made

    def _kind(self) -> type[NDArray]:
        """The class of the values.

        Raises:
            ValueError: sparse ones under NumPy array semantics.
        """
        if not is_np_array():
            return _CLASSES[self._stype]
        if self._stype != "default" or self._grad_stype != "default":
            raise ValueError(
                f"Parameter '{self.name}' is sparse (stype={self._stype}, grad_stype={self._grad_stype}): mx.np has "
                "dense arrays only"
            )
        return np_ndarray

    def _zeros(self, array: NDArray) -> NDArray:
        """Zeros like ``array``, stored as the gradient is."""
        if self._grad_stype == "default":
            return array._family(torch.zeros_like(array._data, requires_grad=False), array._ctx)
        return ndarray.zeros(array.shape, array._ctx, array.dtype, stype=self._grad_stype)

    def _attach(self, array: NDArray) -> None:
        """Gives one copy a gradient, zeros, or takes it away under ``grad_req='null'``."""
        if self._grad_req == "null":
            if array._slot is not None:
                array._slot.release(array._data)
                array._slot = None
            return
        autograd.mark_variables(array, self._zeros(array), self._grad_req)
        if self._shares_gradient:
            autograd.share_gradient(array)

    def _share_gradient(self) -> None:
        """From now on gradients are in ``.grad`` of the torch tensors too, where torch's optimizers look for them."""
        self._shares_gradient = True
        for array in self._data or ():
            if array._slot is not None:
                autograd.share_gradient(array)

    def _load_init(self, data: NDArray, ctx: Any, cast_dtype: bool = False, dtype_source: str = "current") -> None:
        """Takes loaded values, initialising on ``ctx`` where that has not happened."""
        self.check_load(data, ctx, cast_dtype, dtype_source)
        self._shape = data.shape
        if cast_dtype and dtype_source == "saved" and dtype_name(self.dtype) != dtype_name(data.dtype):
            self.cast(data.dtype)
        if self._data is None:
            contexts = self._deferred_init[1] if self._deferred_init else [cpu()] if ctx is None else _contexts(ctx)
            self._init_impl(data, contexts)
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
        for context in contexts:
            require_gpu(context)
        if ctx is not None and (self._data is not None or self._deferred_init):
            assert set(contexts) == set(self.list_ctx()), (
                f"Failed to load Parameter '{self.name}' on {contexts} because it was previous initialized on "
                f"{self.list_ctx()}."
            )

    def _reduce(self) -> NDArray:
        """The mean of the copies on all contexts, on the CPU: what is saved."""
        copies = self._arrays()
        if self._stype != "default" and self._trainer is not None:
            return self._trainer._all_rows(self)
        if len(copies) == 1 or self._stype != "default":
            return copies[0].detach().copyto(cpu())
        total = torch.stack([c._data.detach().to("cpu") for c in copies]).sum(0).to(copies[0]._data.dtype)
        rounding = None if total.dtype.is_floating_point else "trunc"
        return copies[0]._family(torch.div(total, len(copies), rounding_mode=rounding), cpu())

    def reset_ctx(self, ctx: Context | Sequence[Context]) -> None:
        """Moves the parameter to other contexts.

        Raises:
            ValueError: it was never initialised.
        """
        contexts = _contexts(ctx)
        if self._data is not None:
            data = self._reduce()
            with autograd.pause():
                self._init_impl(data, contexts)
        elif self._deferred_init:
            init, _, default_init, data = self._deferred_init
            self._deferred_init = (init, contexts, default_init, data)
        else:
            raise ValueError(f"Cannot reset context for Parameter '{self.name}' because it has not been initialized.")

    def cast(self, dtype: Any) -> None:
        """Changes the dtype of values and gradients, which keep what they hold."""
        self._dtype = dtype
        self._var = None
        if self._data is None:
            return
        gradients = self._grad or []
        with autograd.pause():
            self._set_copies([(array._ctx, array) for array in self._data])
            for array, gradient in zip(self._data, gradients):  # none of them under grad_req='null'
                gradient.astype(dtype).copyto(array._slot.array)


def _contexts(ctx: Context | Sequence[Context] | None) -> list[Context]:
    return [current_context()] if ctx is None else [ctx] if isinstance(ctx, Context) else list(ctx)
