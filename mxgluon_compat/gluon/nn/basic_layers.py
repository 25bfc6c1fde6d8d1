"""Containers, dense layers, dropout, embedding, functions as layers; the normalisation layers are here too."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ... import ndarray, symbol
from ...numpy.family import of_mode
from ..block import Block, HybridBlock
from ..parameter import Parameter, ParameterDict
from ..utils import _indent
from .activations import Activation
from .norm_layers import (  # noqa: F401 - _BatchNorm is one of this module's names in MXNet
    BatchNorm,
    BatchNormReLU,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    _BatchNorm,
)

__all__ = [
    "BatchNorm", "BatchNormReLU", "Dense", "Dropout", "Embedding", "Flatten", "GroupNorm", "HybridLambda",
    "HybridSequential", "InstanceNorm", "Lambda", "LayerNorm", "Sequential",
]  # fmt: skip


# ---------------------------------------------------------------------------------------------- containers
class _Container:
    """What both kinds of Sequential share: children by number."""

    _children: Any
    _prefix: Any
    register_child: Any
    name_scope: Any

    def add(self, *blocks: Block) -> None:
        """Appends Blocks."""
        for block in blocks:
            self.register_child(block)

    def __repr__(self) -> str:
        rows = "\n".join(f"  ({key}): {_indent(repr(block), 2)}" for key, block in self._children.items())
        return f"{type(self).__name__}(\n{rows}\n)"

    def __getitem__(self, key: int | slice) -> Any:
        blocks = list(self._children.values())[key]
        if not isinstance(blocks, list):
            return blocks
        net: Any = type(self)(prefix=self._prefix)  # type: ignore[call-arg]
        with net.name_scope():
            net.add(*blocks)
        return net

    def __iter__(self) -> Iterator[Block]:
        return iter(self._children.values())

    def __len__(self) -> int:
        return len(self._children)


class Sequential(_Container, Block):
    """Blocks one after the other; a slice of it is one too, with the same Blocks."""

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        super().__init__(prefix=prefix, params=params)

    def forward(self, x: Any) -> Any:
        """The output of the last Block, each fed with that of the one before."""
        for block in self._children.values():
            x = block(x)
        return x

    def hybridize(self, active: bool = True, **kwargs: Any) -> None:
        """Hybridizes the children, one by one; see ``HybridBlock.hybridize``."""
        if self._children and all(isinstance(block, HybridBlock) for block in self._children.values()):
            warnings.warn(
                f"All children of this Sequential layer '{self.prefix}' are HybridBlocks. Consider using "
                "HybridSequential for the best performance.",
                stacklevel=2,
            )
        super().hybridize(active, **kwargs)


class HybridSequential(_Container, HybridBlock):
    """HybridBlocks one after the other; a slice of it is one too, with the same Blocks."""

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        super().__init__(prefix=prefix, params=params)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        for block in self._children.values():
            x = block(x)
        return x


# ---------------------------------------------------------------------------------------------- dense
class Dense(HybridBlock):
    """act(x W^T + b): x (N, ...) seen as (N, in_units) -> (N, units).

    Args:
        units: size of the output.
        activation: name of an ``Activation`` of the result, or None.
        use_bias: whether there is a b.
        flatten: False: x (..., in_units) -> (..., units).
        dtype: of weight and bias.
        weight_initializer, bias_initializer: of weight (units, in_units) and bias (units,).
        in_units: size of the input; 0: the first input tells.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self,
        units: int,
        activation: str | None = None,
        use_bias: bool = True,
        flatten: bool = True,
        dtype: Any = "float32",
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_units: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._flatten = flatten
        self._units = units
        self._in_units = in_units
        with self.name_scope():
            self.weight = self.params.get(
                "weight", shape=(units, in_units), init=weight_initializer, dtype=dtype, allow_deferred_init=True
            )
            self.bias: Parameter | Any = (  # Any: nobody tests for the None of ``use_bias=False``
                self.params.get("bias", shape=(units,), init=bias_initializer, dtype=dtype, allow_deferred_init=True)
                if use_bias
                else None
            )
            self.act = None if activation is None else Activation(activation, prefix=activation + "_")

    def hybrid_forward(self, F: Any, x: Any, weight: Any, bias: Any = None) -> Any:
        F = of_mode(F)
        out = F.FullyConnected(
            x, weight, bias, no_bias=bias is None, num_hidden=self._units, flatten=self._flatten, name="fwd"
        )
        return out if self.act is None else self.act(out)

    def __repr__(self) -> str:
        units, in_units = self.weight.shape[:2]
        return f"{type(self).__name__}({in_units or None} -> {units}, {self.act or 'linear'})"


class Dropout(HybridBlock):
    """Sets elements to 0 with probability ``rate`` while training, and divides the others by 1 - ``rate``.

    Args:
        rate: the probability; 0: nothing happens.
        axes: axes along which all elements share one draw.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(self, rate: float, axes: Sequence[int] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._rate = rate
        self._axes = axes

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        F = of_mode(F)
        if self._rate > 0:
            return F.Dropout(x, p=self._rate, axes=self._axes, name="fwd", cudnn_off=False)
        return F.identity(x)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p = {self._rate}, axes={self._axes})"


class Embedding(HybridBlock):
    """Rows of a matrix: x (...) of indices -> (..., output_dim).

    Args:
        input_dim: number of rows.
        output_dim: their size.
        dtype: of the weight.
        weight_initializer: of the weight (input_dim, output_dim).
        sparse_grad: keep the weight's gradient as row_sparse: of a large matrix, few rows are used in each step.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        dtype: Any = "float32",
        weight_initializer: Any = None,
        sparse_grad: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._kwargs = {
            "input_dim": input_dim, "output_dim": output_dim, "dtype": dtype, "sparse_grad": sparse_grad,
        }  # fmt: skip
        self.weight = self.params.get(
            "weight",
            shape=(input_dim, output_dim),
            init=weight_initializer,
            dtype=dtype,
            allow_deferred_init=True,
            grad_stype="row_sparse" if sparse_grad else "default",
        )

    def hybrid_forward(self, F: Any, x: Any, weight: Any) -> Any:
        return of_mode(F).Embedding(x, weight, name="fwd", **self._kwargs)

    def __repr__(self) -> str:
        size = self._kwargs
        return f"{type(self).__name__}({size['input_dim']} -> {size['output_dim']}, {size['dtype']})"


class Flatten(HybridBlock):
    """x (N, ...) -> (N, the product of the other axes)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).Flatten(x)

    def __repr__(self) -> str:
        return type(self).__name__


# ---------------------------------------------------------------------------------------------- functions as layers
def _function_name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)


class Lambda(Block):
    """A function as a Block.

    Args:
        function: called with the inputs, or the name of a function of ``mx.nd``.
        prefix: of a Block.

    Raises:
        AssertionError: ``mx.nd`` has no function of that name.
        ValueError: ``function`` is neither a string nor callable.
    """

    def __init__(self, function: str | Callable[..., Any], prefix: str | None = None) -> None:
        super().__init__(prefix=prefix)
        if isinstance(function, str):
            assert hasattr(ndarray, function), f"Function name {function} is not found in ndarray."
            self._func_impl = lambda *args: getattr(of_mode(ndarray), function)(*args)
            self._func_impl.__name__ = function
        elif callable(function):
            self._func_impl = function
        else:
            raise ValueError(f"Unrecognized function in lambda: {function} of type {type(function)}")

    def forward(self, *args: Any) -> Any:
        """What the function returns."""
        return self._func_impl(*args)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_function_name(self._func_impl)})"


class HybridLambda(HybridBlock):
    """A function as a HybridBlock.

    Args:
        function: called with F and the inputs, or the name of a function of ``mx.nd`` and ``mx.sym``.
        prefix: of a Block.

    Raises:
        AssertionError: there is no function of that name.
        ValueError: ``function`` is neither a string nor callable.
    """

    def __init__(self, function: str | Callable[..., Any], prefix: str | None = None) -> None:
        super().__init__(prefix=prefix)
        if isinstance(function, str):
            assert hasattr(ndarray, function) and hasattr(symbol, function), (
                f"Function name {function} is not found in symbol/ndarray."
            )
            self._func = lambda F, *args: getattr(of_mode(F), function)(*args)
            self._func_name = function
        elif callable(function):
            self._func = function
            self._func_name = _function_name(function)
        else:
            raise ValueError(f"Unrecognized function in lambda: {function} of type {type(function)}")

    def hybrid_forward(self, F: Any, x: Any, *args: Any) -> Any:
        return self._func(F, x, *args)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._func_name})"
