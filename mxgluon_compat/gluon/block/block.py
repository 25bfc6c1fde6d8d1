"""Block: names, children, Parameters and files of a model."""

from __future__ import annotations

import re
import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ... import initializer
from ...base import numpy_semantics
from ..checkpoint import load_block, load_model, save_block, save_model
from ..naming import _BlockScope
from ..parameter import Parameter, ParameterDict
from ..utils import HookHandle, _check_all_np_ndarrays, _indent

__all__ = ["Block"]


class Block:
    """A layer or model: it has Parameters, children, and ``forward``.

    Args:
        prefix: put before the names of its Parameters and children; None for an automatic one.
        params: a ParameterDict to share Parameters with.
    """

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        self._empty_prefix = prefix == ""
        self._prefix, self._params = _BlockScope.create(prefix, params, self._alias())
        self._name = self._prefix[:-1] if self._prefix.endswith("_") else self._prefix
        self._scope = _BlockScope(self)
        self._children: OrderedDict[str, Block] = OrderedDict()
        self._reg_params: dict[str, Parameter] = {}
        self._forward_hooks: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        self._forward_pre_hooks: OrderedDict[int, Callable[..., Any]] = OrderedDict()

    def _alias(self) -> str:
        return type(self).__name__.lower()

    def __repr__(self) -> str:
        rows = [
            f"  ({key}): {_indent(repr(value), 2)}" for key, value in self.__dict__.items() if isinstance(value, Block)
        ]
        return f"{type(self).__name__}(\n" + "\n".join(rows) + "\n)"

    def __setattr__(self, name: str, value: Any) -> None:
        existing = self.__dict__.get(name)
        if isinstance(existing, (Parameter, Block)) and not isinstance(value, type(existing)):
            raise TypeError(f"Changing attribute type for {name} from {type(existing)} to {type(value)}is not allowed.")
        if isinstance(value, Block):
            self.register_child(value, name)
        elif isinstance(value, Parameter):
            assert name not in self._reg_params, (
                f"Overriding Parameter attribute {name} is not allowed. If you want to share parameters between "
                "blocks, "
                "please set 'params' at Block construction instead."
            )
            self._reg_params[name] = value
        super().__setattr__(name, value)

    # ------------------------------------------------------------------------------------------ names and parameters
    @property
    def prefix(self) -> str:
        """Put before the names of Parameters and children."""
        return self._prefix

    @property
    def name(self) -> str:
        """The prefix without its underscore."""
        return self._name

    def name_scope(self) -> _BlockScope:
        """``with self.name_scope():`` Blocks made inside become children by name."""
        return self._scope

    @property
    def params(self) -> ParameterDict:
        """The Parameters of this Block without those of its children."""
        return self._params

    def collect_params(self, select: str | None = None) -> ParameterDict:
        """The Parameters of this Block and all its descendants; ``select``: only names that match this regex."""
        self._check_container_with_block()
        found = ParameterDict(self._params.prefix)
        if select is None:
            found.update(self.params)
        else:
            pattern = re.compile(select)
            found.update({name: value for name, value in self.params.items() if pattern.match(name)})
        for child in self._children.values():
            found.update(child.collect_params(select=select))
        found._block = self
        return found

    def _check_container_with_block(self) -> None:
        children = {id(c) for c in self._children.values()}

        def hidden(data: Any) -> bool:
            if isinstance(data, (list, tuple)):
                return any(hidden(d) for d in data)
            if isinstance(data, dict):
                return any(hidden(d) for d in data.values())
            return isinstance(data, Block) and id(data) not in children

        for key, value in self.__dict__.items():
            if not isinstance(value, (list, tuple, dict)) or key.startswith("__") or key == "_children":
                continue
            if hidden(value):
                warnings.warn(
                    f'"{type(self).__name__}.{key}" is an unregistered container with Blocks. Note that Blocks inside '
                    "the "
                    "list, tuple or dict will not be registered automatically. Make sure to register them using "
                    "register_child() or switching to nn.Sequential/nn.HybridSequential instead. ",
                    stacklevel=3,
                )

    def _collect_params_with_prefix(self, prefix: str = "") -> dict[str, Parameter]:
        """{structural name ("features.0.weight"): Parameter}."""
        prefix = f"{prefix}." if prefix else ""
        found = {prefix + key: value for key, value in self._reg_params.items()}
        for name, child in self._children.items():
            found.update(child._collect_params_with_prefix(prefix + name))
        return found

    def _known_shapes(self) -> dict[str, tuple[int, ...]]:
        """{full name: shape} as far as this Block knows more than its Parameters."""
        return {}

    def register_child(self, block: Block, name: str | None = None) -> None:
        """Makes ``block`` a child: its Parameters are collected, ``hybridize`` and ``cast`` reach it."""
        self._children[str(len(self._children)) if name is None else name] = block

    def apply(self, fn: Callable[[Block], Any]) -> Block:
        """Calls ``fn`` on every descendant, then on this Block itself."""
        for child in self._children.values():
            child.apply(fn)
        fn(self)
        return self

    def initialize(self, init: Any = None, ctx: Any = None, verbose: bool = False, force_reinit: bool = False) -> None:
        """Initialises all Parameters; see ``ParameterDict.initialize``."""
        self.collect_params().initialize(initializer.Uniform() if init is None else init, ctx, verbose, force_reinit)

    def hybridize(self, active: bool = True, **kwargs: Any) -> None:
        """Hybridizes all HybridBlocks among the descendants."""
        for child in self._children.values():
            child.hybridize(active, **kwargs)

    def cast(self, dtype: Any) -> None:
        """Changes the dtype of all Parameters."""
        for child in self._children.values():
            child.cast(dtype)
        for param in self.params.values():
            param.cast(dtype)

    # ------------------------------------------------------------------------------------------ files
    def save_parameters(self, filename: str, deduplicate: bool = False, format: str | None = None) -> None:
        """Writes the Parameters under their structural names; shared ones once with ``deduplicate``.

        ``format="mxnet"`` makes a file that MXNet loads; see ``nd.save``.
        """
        save_block(self, filename, deduplicate, format)

    def load_parameters(
        self,
        filename: str,
        ctx: Any = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
        cast_dtype: bool = False,
        dtype_source: str = "current",
    ) -> None:
        """Reads Parameters from a file of structural or of full names; see ``checkpoint.load_block``."""
        load_block(self, filename, ctx, allow_missing, ignore_extra, cast_dtype, dtype_source)

    def save_params(self, filename: str) -> None:
        """Deprecated: writes the Parameters under their full names without this Block's prefix."""
        warnings.warn(
            "save_params is deprecated. Please use save_parameters. Note that if you want load from SymbolBlock later, "
            "please use export instead. For details, see "
            "https://mxnet.apache.org/tutorials/gluon/save_load_params.html",
            stacklevel=2,
        )
        try:
            self.collect_params().save(filename, strip_prefix=self.prefix)
        except ValueError as error:
            raise ValueError(f"save_params needs one prefix for all names; use save_parameters. {error}") from error

    def load_params(
        self, filename: str, ctx: Any = None, allow_missing: bool = False, ignore_extra: bool = False
    ) -> None:
        """Deprecated: ``load_parameters``."""
        warnings.warn("load_params is deprecated. Please use load_parameters.", stacklevel=2)
        self.load_parameters(filename, ctx, allow_missing, ignore_extra)

    def save(self, prefix: str) -> None:
        """Writes the model: ``PREFIX-model.json`` (its structure) and ``PREFIX-model.params``."""
        save_model(self, prefix)

    def load(self, prefix: str) -> None:
        """Reads what ``save`` wrote into a Block of the same structure; see ``checkpoint.load_model``."""
        load_model(self, prefix)

    # ------------------------------------------------------------------------------------------ running
    def register_forward_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """``hook(block, inputs, output)`` is called after every ``forward``; the handle's ``detach`` ends it."""
        handle = HookHandle()
        handle.attach(self._forward_hooks, hook)
        return handle

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """``hook(block, inputs)`` is called before every ``forward``; the handle's ``detach`` ends it."""
        handle = HookHandle()
        handle.attach(self._forward_pre_hooks, hook)
        return handle

    def register_op_hook(self, callback: Callable[..., Any], monitor_all: bool = False) -> None:
        """``callback(node name, operator name, array)`` sees every operator of the hybridized descendants.

        MXNet gives the callback bytes and an array's handle; here they are strings and an NDArray.
        """
        for child in self._children.values():
            child.register_op_hook(callback, monitor_all)

    def __call__(self, *args: Any) -> Any:
        for hook in self._forward_pre_hooks.values():
            hook(self, args)
        out = self.forward(*args)
        for hook in self._forward_hooks.values():
            hook(self, args, out)
        if numpy_semantics.array:
            _check_all_np_ndarrays(out)
        return out

    def forward(self, *args: Any) -> Any:
        """The computation; every Block defines its own."""
        raise NotImplementedError(f"{type(self).__name__} must define forward")

    def summary(self, *inputs: Any) -> None:
        """Prints a table of all layers with output shapes and numbers of parameters for these inputs."""
        from ..summary import print_summary

        print_summary(self, inputs)
