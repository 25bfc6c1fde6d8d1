"""Parameters of Blocks: one ``torch.nn.Parameter`` for each context, with MXNet's deferred initialisation."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from .. import autograd, initializer, ndarray, symbol
from ..base import MXNetError, UnsupportedError, dtype_name, torch_dtype
from ..context import Context, cpu, current_context, require_gpu
from ..ndarray import NDArray
from .utils import shape_is_known

__all__ = ["Constant", "DeferredInitializationError", "Parameter", "ParameterDict", "tensor_types"]

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
        fits = len(self._shape) == len(new_shape) and all(
            i in (-1, 0, j) for i, j in zip(self._shape, new_shape, strict=True)
        )
        assert fits, f"Expected shape {tuple(new_shape)} is incompatible with given shape {self._shape}."
        self._shape = tuple(new_shape)

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
        contexts = [current_context()] if ctx is None else [ctx] if isinstance(ctx, Context) else list(ctx)
        for context in contexts:
            require_gpu(context)
        default_init = initializer.Uniform() if default_init is None else default_init
        if init is None:
            init = default_init if self.init is None else self.init
        if not shape_is_known(self.shape):
            if not self._allow_deferred_init:
                raise ValueError(f"Cannot initialize Parameter '{self.name}' because it has invalid shape: {self.shape}.")
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
        self._data = OrderedDict()
        dtype = torch_dtype(self.dtype)
        for ctx in contexts:
            tensor = data._data.detach().to(device=ctx.torch_device, dtype=dtype, copy=True)
            array = NDArray(torch.nn.Parameter(tensor, requires_grad=False), ctx)
            self._attach(array)
            self._data[ctx] = array

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

    def _load_init(
        self, data: NDArray, ctx: Any, cast_dtype: bool = False, dtype_source: str = "current"
    ) -> None:
        """Takes loaded values, initialising on ``ctx`` where that has not happened."""
        self.check_load(data, cast_dtype, dtype_source)
        if self.shape is not None:
            self.shape = tuple(i if i not in (-1, 0) else j for i, j in zip(self.shape, data.shape, strict=True))
        else:
            self.shape = data.shape
        if cast_dtype:
            if dtype_source == "current":
                data = data.astype(self.dtype)
            elif dtype_source == "saved":
                self.cast(data.dtype)
        contexts = [ctx] if isinstance(ctx, Context) else ctx
        if self._data is None:
            if self._deferred_init:
                assert contexts is None or set(contexts) == set(self._deferred_init[1]), (
                    f"Failed to load Parameter '{self.name}' on {ctx} because it was previous initialized on "
                    f"{self.list_ctx()}."
                )
                contexts = self._deferred_init[1]
            elif contexts is None:
                contexts = [cpu()]
            self._deferred_init = ()
            self._fill(data, contexts)
        else:
            assert contexts is None or set(contexts) == set(self.list_ctx()), (
                f"Failed to load Parameter '{self.name}' on {ctx} because it was previous initialized on "
                f"{self.list_ctx()}."
            )
            self.set_data(data)
        self._deferred_init = ()

    def check_load(self, data: NDArray, cast_dtype: bool = False, dtype_source: str = "current") -> None:
        """Whether loaded values fit, changing nothing.

        Raises:
            AssertionError: shape or dtype do not fit; the message names the parameter.
        """
        if cast_dtype:
            assert dtype_source in ("current", "saved"), f"dtype_source must be 'current' or 'saved', got {dtype_source!r}"
        if self.shape is not None:
            fits = len(self.shape) == len(data.shape) and all(
                i in (-1, 0, j) for i, j in zip(self.shape, data.shape, strict=True)
            )
            assert fits, (
                f"Failed loading Parameter '{self.name}' from saved params: shape incompatible expected {self.shape} vs "
                f"saved {data.shape}"
            )
        if not cast_dtype:
            assert dtype_name(self.dtype) == dtype_name(data._data.dtype), (
                f"Failed loading Parameter '{self.name}' from saved params: dtype incompatible expected {self.dtype} vs "
                f"saved {data.dtype}. Set cast_dtype=True to cast the dtype of saved params."
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
        contexts = [current_context()] if ctx is None else [ctx] if isinstance(ctx, Context) else list(ctx)
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


class Constant(Parameter):
    """A parameter that never changes: no gradient, not trained.

    Args:
        name: the full name.
        value: its values, array-like.
    """

    def __init__(self, name: str, value: Any) -> None:
        self.value = value if isinstance(value, NDArray) else ndarray.array(value)
        values = self.value

        @initializer.register
        class Init(initializer.Initializer):
            def _init_weight(self, _: Any, arr: NDArray) -> None:
                values.copyto(arr)

            _init_default = _init_bias = _init_gamma = _init_beta = _init_weight

        init_name = f"Constant_{name}_{id(self)}"
        initializer.alias(init_name)(Init)
        super().__init__(name, grad_req="null", shape=self.value.shape, dtype=self.value.dtype, init=init_name)

    def __repr__(self) -> str:
        return f"Constant {self.name} (shape={self.shape}, dtype={self.dtype})"

    @property
    def grad_req(self) -> str:
        """Always ``'null'``."""
        return "null"

    @grad_req.setter
    def grad_req(self, req: str) -> None:
        if req != "null":
            warnings.warn(
                f'Constant parameter "{self.name}" does not support grad_req other than "null", and new value '
                f'"{req}" is ignored.',
                stacklevel=2,
            )
        self._grad_req = "null"


class ParameterDict:
    """Parameters by full name, with a common prefix.

    Args:
        prefix: put before the names that ``get`` is called with.
        shared: a ParameterDict to look parameters up in before making new ones.
    """

    def __init__(self, prefix: str = "", shared: ParameterDict | None = None) -> None:
        self._prefix = prefix
        self._params: OrderedDict[str, Parameter] = OrderedDict()
        self._shared = shared

    def __repr__(self) -> str:
        from .utils import _indent

        name = self._prefix + " " if self._prefix else ""
        lines = "\n".join(_indent(f"  {v}", 2) for v in self.values())
        return f"{name}(\n{lines}\n)"

    def __getitem__(self, key: str) -> Parameter:
        return self._params[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)

    def __contains__(self, key: object) -> bool:
        return key in self._params

    def items(self) -> Any:
        """(name, Parameter) pairs."""
        return self._params.items()

    def keys(self) -> Any:
        """The full names."""
        return self._params.keys()

    def values(self) -> Any:
        """The Parameters."""
        return self._params.values()

    @property
    def prefix(self) -> str:
        """The common prefix."""
        return self._prefix

    def _find(self, name: str) -> Parameter | None:
        if name in self._params:
            return self._params[name]
        if self._shared is not None and name in self._shared._params:
            self._params[name] = self._shared._params[name]
            return self._params[name]
        return None

    def get(self, name: str, **kwargs: Any) -> Parameter:
        """The Parameter ``prefix + name``, made with ``kwargs`` where there is none.

        Raises:
            AssertionError: there is one, with another shape, dtype or other attribute.
        """
        name = self.prefix + name
        param = self._find(name)
        if param is None:
            param = self._params[name] = Parameter(name, **kwargs)
            return param
        for key, wanted in kwargs.items():
            existing = getattr(param, key, None)
            if existing is None:
                setattr(param, key, wanted)
                continue
            if key == "shape" and len(wanted) == len(existing):
                merged = _merged_shape(wanted, existing)
                if merged is not None:
                    param._shape = merged
                    continue
            elif key == "dtype" and dtype_name(wanted) == dtype_name(existing):
                continue
            assert wanted is None or wanted == existing, (
                f"Cannot retrieve Parameter '{name}' because desired attribute does not match with stored for attribute "
                f"'{key}': desired '{wanted}' vs stored '{getattr(param, key)}'."
            )
        return param

    def get_constant(self, name: str, value: Any = None) -> Constant:
        """The Constant ``prefix + name``, made from ``value`` where there is none.

        Raises:
            KeyError: there is none and no value.
            AssertionError: there is one that is no Constant, or has another value.
        """
        name = self.prefix + name
        param = self._find(name)
        if param is None:
            if value is None:
                raise KeyError(f"No constant named '{name}'. Please specify value if you want to create a new constant.")
            param = self._params[name] = Constant(name, value)
        elif value is not None:
            assert isinstance(param, Constant), f"Parameter '{name}' already exists but it is not a constant."
            wanted = value.asnumpy() if isinstance(value, NDArray) else np.asarray(value)
            assert param.shape == wanted.shape and (param.value.asnumpy() == wanted).all(), (
                f"Constant '{name}' already exists but it's value doesn't match new value"
            )
        return param

    def update(self, other: ParameterDict | Mapping[str, Parameter]) -> None:
        """Takes over all Parameters of ``other``.

        Raises:
            AssertionError: another Parameter of the same name is there.
        """
        for name, param in other.items():
            assert self._params.get(name, param) is param, (
                f"Cannot update self with other because they have different Parameters with the same name '{name}'"
            )
        self._params.update(other.items())

    def initialize(
        self, init: Any = None, ctx: Any = None, verbose: bool = False, force_reinit: bool = False
    ) -> None:
        """Initialises all Parameters; see ``Parameter.initialize``."""
        init = initializer.Uniform() if init is None else init
        if verbose:
            init.set_verbosity(verbose=verbose)
        for param in self.values():
            param.initialize(None, ctx, init, force_reinit=force_reinit)

    def zero_grad(self) -> None:
        """Sets all gradients to zero."""
        for param in self.values():
            param.zero_grad()

    def reset_ctx(self, ctx: Any) -> None:
        """Moves all Parameters to other contexts."""
        for param in self.values():
            param.reset_ctx(ctx)

    def list_ctx(self) -> list[Context]:
        """The contexts that any of the Parameters is on."""
        return list(dict.fromkeys(c for p in self.values() for c in p.list_ctx()))

    def setattr(self, name: str, value: Any) -> None:
        """Sets an attribute of every Parameter: ``params.setattr('lr_mult', 0)``."""
        for param in self.values():
            setattr(param, name, value)

    def save(self, filename: str, strip_prefix: str = "") -> None:
        """Writes all values to a file, under the names without ``strip_prefix``.

        Raises:
            ValueError: a name does not begin with ``strip_prefix``.
        """
        found = {}
        for param in self.values():
            if not param.name.startswith(strip_prefix):
                raise ValueError(
                    f"Prefix '{strip_prefix}' is to be striped before saving, but Parameter's name '{param.name}' does not "
                    f"start with '{strip_prefix}'. this may be due to your Block shares parameters from other Blocks or "
                    "you forgot to use 'with name_scope()' when creating child blocks."
                )
            found[param.name[len(strip_prefix) :]] = param._reduce()
        ndarray.save(filename, found)

    def load(
        self,
        filename: str,
        ctx: Any = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
        restore_prefix: str = "",
        cast_dtype: bool = False,
        dtype_source: str = "current",
    ) -> None:
        """Reads values from a file; ``restore_prefix`` is put before the names in it.

        Raises:
            AssertionError: a parameter is not in the file (unless ``allow_missing``), or does not fit.
            ValueError: the file has more (unless ``ignore_extra``).
        """
        loaded = ndarray.load(filename)
        assert isinstance(loaded, dict), f"{filename} holds a list of arrays without names"
        self.load_dict(
            loaded, ctx, allow_missing, ignore_extra, restore_prefix, filename, cast_dtype, dtype_source
        )

    def load_dict(
        self,
        param_dict: Mapping[str, NDArray],
        ctx: Any = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
        restore_prefix: str = "",
        filename: str | None = None,
        cast_dtype: bool = False,
        dtype_source: str = "current",
    ) -> None:
        """Takes values from a dict of arrays; nothing changes where one does not fit. See ``load``."""
        for name in self.keys():
            assert name.startswith(restore_prefix), (
                f"restore_prefix is '{restore_prefix}' but Parameters name '{name}' does not start with "
                f"'{restore_prefix}'"
            )
        values = {restore_prefix + k.removeprefix("arg:").removeprefix("aux:"): v for k, v in param_dict.items()}
        error = f"file: {filename}" if filename else "param_dict"
        cut = len(restore_prefix)
        if not allow_missing:
            for name in self.keys():
                assert name in values, (
                    f"Parameter '{name[cut:]}' is missing in {error}, which contains parameters: "
                    f"{_brief(k[cut:] for k in values)}. Please make sure source and target networks have the same prefix."
                )
        extra = [n for n in values if n not in self._params]
        if extra and not ignore_extra:
            raise ValueError(
                f"Parameter '{extra[0][cut:]}' loaded from {error} is not present in ParameterDict, choices are: "
                f"{_brief(k[cut:] for k in self.keys())}. Set ignore_extra to True to ignore. Please make sure source and "
                "target networks have the same prefix."
            )
        matched = {n: v for n, v in values.items() if n in self._params}
        for name, value in matched.items():
            self._params[name].check_load(value, cast_dtype, dtype_source)
        for name, value in matched.items():
            self._params[name]._load_init(value, ctx, cast_dtype=cast_dtype, dtype_source=dtype_source)


def _merged_shape(wanted: Sequence[int], existing: Sequence[int]) -> tuple[int, ...] | None:
    merged = []
    for a, b in zip(wanted, existing, strict=True):
        if a != b and a > 0 and b > 0:
            return None
        merged.append(a if a > 0 else b)
    return tuple(merged)


def _brief(names: Any) -> str:
    from .utils import _brief_print_list

    return _brief_print_list(list(names))
