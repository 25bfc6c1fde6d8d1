"""The optimizers of SVRGModule: one that assigns, and the user's own beside it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from ... import optimizer as opt
from ...ndarray import NDArray

__all__ = ["_AssignmentOptimizer", "_SVRGOptimizer"]

FULL = "_full"
"""What a parameter's name ends with where its gradient over all data is meant."""


@opt.register
class _AssignmentOptimizer(opt.Optimizer):
    """The weight becomes the gradient: a KVStore keeps the sum of what is pushed."""

    def update(self, index: Any, weight: NDArray, grad: NDArray, state: Any) -> None:
        """Copies ``grad`` into ``weight``, of the same shape.

        Raises:
            ValueError: another shape.
        """
        weight[:] = grad


@opt.register
class _SVRGOptimizer(opt.Optimizer):
    """Assigns what is a full gradient, and updates what is a parameter with the optimizer that the user chose.

    Which is which their names tell: ``NAME_full`` is the full gradient of the parameter ``NAME``.

    Args:
        default_optimizer: the optimizer of the parameters, or its name.
        **kwargs: its arguments, if it is given by name; those that all optimizers have are this one's too.

    Attributes:
        default_opt: the optimizer of the parameters.
        aux_opt: the one of the full gradients.

    Raises:
        AssertionError: ``default_optimizer`` is neither.
        ValueError: no optimizer has that name.
    """

    def __init__(self, default_optimizer: opt.Optimizer | str, **kwargs: Any) -> None:
        super().__init__(**self._check_params(**kwargs))
        if isinstance(default_optimizer, str):
            default_optimizer = opt.create(default_optimizer, **kwargs)
        assert isinstance(default_optimizer, opt.Optimizer), (
            f"default_optimizer must be an Optimizer or the name of one, got {default_optimizer!r}"
        )
        self.default_opt: opt.Optimizer = default_optimizer
        self.aux_opt = opt.create(_AssignmentOptimizer.__name__)

    @staticmethod
    def _check_params(**kwargs: Any) -> dict[str, Any]:
        """The arguments that all optimizers have."""
        known = inspect.signature(opt.Optimizer.__init__).parameters
        return {key: value for key, value in kwargs.items() if key in known}

    def _check_index(self, index: Any) -> str:
        """The name of an index, or of a key of a KVStore, which is the name itself.

        Raises:
            KeyError: there is none.
        """
        return index if index in self.idx2name.values() else self.idx2name[index]

    def _optimizer_of(self, index: Any) -> opt.Optimizer:
        name = self._check_index(index)
        is_full = name.endswith(FULL) and name.removesuffix(FULL) in self.idx2name.values()
        return self.aux_opt if is_full else self.default_opt

    def create_state(self, index: Any, weight: NDArray) -> Any:
        """The state that ``default_opt`` has for a parameter; None for a full gradient."""
        return self._optimizer_of(index).create_state(index, weight)

    def update(self, index: Any, weight: NDArray, grad: NDArray, state: Any) -> None:
        """Updates a parameter, or assigns a full gradient."""
        self._optimizer_of(index).update(index, weight, grad, state)

    def set_learning_rate(self, lr: float) -> None:
        """Sets the learning rate of the parameters.

        Raises:
            UserWarning: a scheduler decides it.
        """
        super().set_learning_rate(lr)
        self.default_opt.set_learning_rate(lr)

    def set_lr_mult(self, args_lr_mult: Mapping[Any, float]) -> None:
        """Sets the multipliers of the parameters' learning rates."""
        super().set_lr_mult(args_lr_mult)
        if hasattr(self, "default_opt"):  # the base class calls this too
            self.default_opt.set_lr_mult(args_lr_mult)

    def set_wd_mult(self, args_wd_mult: Mapping[Any, float]) -> None:
        """Sets the multipliers of the parameters' weight decays."""
        super().set_wd_mult(args_wd_mult)
        if hasattr(self, "default_opt"):
            self.default_opt.set_wd_mult(args_wd_mult)
