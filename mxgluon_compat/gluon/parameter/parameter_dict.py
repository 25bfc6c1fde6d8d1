"""Parameters by full name."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ... import initializer, ndarray
from ...base import dtype_name
from ...context import Context
from ...ndarray import NDArray
from .. import matching
from ..utils import _brief_print_list, _indent
from .constant import Constant
from .parameter import Parameter

__all__ = ["ParameterDict"]


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
        self._block: Any = None  # whose Parameters these are: structural names are its to tell

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_block": None}

    def __repr__(self) -> str:
        name = self._prefix + " " if self._prefix else ""
        lines = "\n".join(_indent(f"  {v}", 2) for v in self.values())
        return f"{name}(\n{lines}\n)"

    def __getitem__(self, key: str) -> Parameter:
        return self._params[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    # No __len__: MXNet's has none, and an empty one would be false in conditions.

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

    def _get_impl(self, name: str) -> Parameter | None:
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
        param = self._get_impl(name)
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
                f"Cannot retrieve Parameter '{name}' because desired attribute does not match with stored for "
                f"attribute '{key}': desired '{wanted}' vs stored '{getattr(param, key)}'."
            )
        return param

    def get_constant(self, name: str, value: Any = None) -> Constant:
        """The Constant ``prefix + name``, made from ``value`` where there is none.

        Raises:
            KeyError: there is none and no value.
            AssertionError: there is one that is no Constant, or has another value.
        """
        name = self.prefix + name
        param: Any = self._get_impl(name)
        if param is None:
            if value is None:
                raise KeyError(
                    f"No constant named '{name}'. Please specify value if you want to create a new constant."
                )
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

    def initialize(self, init: Any = None, ctx: Any = None, verbose: bool = False, force_reinit: bool = False) -> None:
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

    def save(self, filename: str, strip_prefix: str = "", format: str | None = None) -> None:
        """Writes all values to a file, under the names without ``strip_prefix``; ``format`` as in ``nd.save``.

        Raises:
            ValueError: a name does not begin with ``strip_prefix``.
        """
        found = {}
        for param in self.values():
            if not param.name.startswith(strip_prefix):
                raise ValueError(
                    f"Prefix '{strip_prefix}' is to be striped before saving, but Parameter's name '{param.name}' "
                    f"does not start with '{strip_prefix}'. this may be due to your Block shares parameters from other "
                    "Blocks or you forgot to use 'with name_scope()' when creating child blocks."
                )
            found[param.name[len(strip_prefix) :]] = param._reduce().as_nd_ndarray()
        ndarray.save(filename, found, format)

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

        Without ``restore_prefix``, files of other names are read too: names under another prefix, structural ones where
        this is what ``collect_params`` gave; see ``matching``.

        Raises:
            AssertionError: a parameter is not in the file (unless ``allow_missing``), or does not fit.
            AssertionError: the file has more (unless ``ignore_extra``).
            ValueError: it holds a list of arrays without names, or two of one name.
        """
        loaded = ndarray.load(filename) or {}  # MXNet's files do not tell an empty list from an empty dict
        if not isinstance(loaded, dict):
            raise ValueError(f"{filename} holds a list of arrays without names")
        self.load_dict(loaded, ctx, allow_missing, ignore_extra, restore_prefix, filename, cast_dtype, dtype_source)

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
        where = f"file: {filename}" if filename else "param_dict"
        values, note = self._restored(matching.unmarked(param_dict, where), restore_prefix), ""
        if not restore_prefix:
            values = self._by_structure(values)
            values, note = matching.match(values, self._params, self._block, where, allow_missing, ignore_extra)
        self._take(values, restore_prefix, where, note, ctx, allow_missing, ignore_extra, cast_dtype, dtype_source)

    def _restored(self, arrays: Mapping[str, NDArray], restore_prefix: str) -> dict[str, NDArray]:
        """The arrays with that prefix before their names.

        Raises:
            AssertionError: not all Parameters have it.
        """
        for name in self.keys():
            assert name.startswith(restore_prefix), (
                f"restore_prefix is '{restore_prefix}' but Parameters name '{name}' does not start with "
                f"'{restore_prefix}'."
            )
        return {restore_prefix + name: value for name, value in arrays.items()}

    def _take(
        self,
        values: Mapping[str, NDArray],
        restore_prefix: str,
        where: str,
        note: str,
        ctx: Any,
        allow_missing: bool,
        ignore_extra: bool,
        cast_dtype: bool,
        dtype_source: str,
    ) -> None:
        """Takes values by full name, or says what does not fit; messages leave the prefix out."""
        cut = len(restore_prefix)
        missing = [] if allow_missing else [n[cut:] for n in self.keys() if n not in values]
        extra = [] if ignore_extra else [n[cut:] for n in values if n not in self._params]
        more = matching.problems(missing, extra, note)
        if missing:
            raise AssertionError(
                f"Parameter '{missing[0]}' is missing in {where}, which contains parameters: "
                f"{_brief_print_list(list(values))}. Please make sure source and target networks have the same "
                f"prefix.{more}"
            )
        if extra:
            raise AssertionError(
                f"Parameter '{extra[0]}' loaded from {where} is not present in ParameterDict, choices are: "
                f"{_brief_print_list(list(self.keys()))}. Set ignore_extra to True to ignore. Please make sure source "
                f"and target networks have the same prefix.{more}"
            )
        pairs = [(self._params[n], v) for n, v in values.items() if n in self._params]
        matching.load_all(pairs, ctx, cast_dtype, dtype_source)

    def _by_structure(self, arrays: dict[str, NDArray]) -> dict[str, NDArray]:
        """Arrays by full name where they have structural names of the Block that these are the Parameters of."""
        dotted = [name for name in arrays if "." in name]
        if self._block is None or any(name in self._params for name in dotted):
            return arrays
        structural = self._block._collect_params_with_prefix()
        if not any(name in structural for name in dotted):
            return arrays
        keys = {id(param): name for name, param in self.items()}
        return {keys.get(id(structural.get(name)), name): value for name, value in arrays.items()}


def _merged_shape(wanted: Sequence[int], existing: Sequence[int]) -> tuple[int, ...] | None:
    merged = []
    for a, b in zip(wanted, existing, strict=True):
        if a != b and a > 0 and b > 0:
            return None
        merged.append(a if a > 0 else b)
    return tuple(merged)
