"""Layers that apply a function to each element."""

from __future__ import annotations

from typing import Any

from ... import initializer
from ...numpy.family import of_mode
from ..block import HybridBlock

__all__ = ["ELU", "GELU", "SELU", "Activation", "LeakyReLU", "PReLU", "Swish"]

_QUARTER = initializer.Constant(0.25)


class Activation(HybridBlock):
    """The named function of each element; input and output of any one shape.

    Args:
        activation: ``'relu'``, ``'sigmoid'``, ``'softrelu'``, ``'softsign'`` or ``'tanh'``; also the stem of the name.
        kwargs: ``prefix`` and ``params`` of a Block.

    Raises:
        MXNetError: at the first call, another function.
    """

    def __init__(self, activation: str, **kwargs: Any) -> None:
        self._act_type = activation  # before Block's own, which asks for the alias
        super().__init__(**kwargs)

    def _alias(self) -> str:
        return self._act_type

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).Activation(x, act_type=self._act_type, name="fwd")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._act_type})"


class LeakyReLU(HybridBlock):
    """x where it is positive, ``alpha`` x elsewhere.

    Raises:
        AssertionError: ``alpha`` is negative.
    """

    def __init__(self, alpha: float, **kwargs: Any) -> None:
        assert alpha >= 0, "Slope coefficient for LeakyReLU must be no less than 0."
        super().__init__(**kwargs)
        self._alpha = alpha

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).LeakyReLU(x, act_type="leaky", slope=self._alpha, name="fwd")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._alpha})"


class PReLU(HybridBlock):
    """x where it is positive, alpha x elsewhere, with a learned alpha.

    Args:
        alpha_initializer: of alpha (in_channels,).
        in_channels: one alpha for each channel (axis 1 of the input), or 1 for all of them.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(self, alpha_initializer: Any = _QUARTER, in_channels: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.alpha = self.params.get("alpha", shape=(in_channels,), init=alpha_initializer)

    def hybrid_forward(self, F: Any, x: Any, alpha: Any) -> Any:
        return of_mode(F).LeakyReLU(x, gamma=alpha, act_type="prelu", name="fwd")


class ELU(HybridBlock):
    """x where it is positive, ``alpha`` (exp(x) - 1) elsewhere."""

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._alpha = alpha

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).LeakyReLU(x, act_type="elu", slope=self._alpha)


class SELU(HybridBlock):
    """The scaled ELU, with the constants that keep mean 0 and variance 1."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).LeakyReLU(x, act_type="selu", name="fwd")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)


class GELU(HybridBlock):
    """x times the normal distribution function of x."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).LeakyReLU(x, act_type="gelu", name="fwd")


class Swish(HybridBlock):
    """x sigmoid(``beta`` x)."""

    def __init__(self, beta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._beta = beta

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return x * of_mode(F).sigmoid(self._beta * x, name="fwd")
