"""The base of all optimizers: learning rates, weight decay, counters."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from ..ndarray import NDArray
from ..util import is_np_array

__all__ = ["Optimizer", "create", "register"]


class Optimizer:
    """An update rule with the bookkeeping around it.

    Subclasses define ``create_state(index, weight)`` and ``update(index, weight, grad, state)``. Those whose
    ``aggregate_num`` is not 0 get lists of all four and update many weights at once.

    Args:
        rescale_grad: factor of every gradient.
        param_idx2name: index -> parameter name, for the multipliers.
        wd: weight decay.
        clip_gradient: gradients are clipped to [-clip_gradient, clip_gradient].
        learning_rate: default 0.01.
        lr_scheduler: gives the learning rate for each number of updates.
        sym: a Symbol whose attributes hold multipliers.
        begin_num_update: number of updates that have been.
        multi_precision: keep float32 copies of float16 weights.
        param_dict: index -> gluon Parameter, for the multipliers.
    """

    opt_registry: dict[str, type[Optimizer]] = {}
    _shown_as = "optimizer"

    def __init__(
        self,
        rescale_grad: float = 1.0,
        param_idx2name: Mapping[int, str] | None = None,
        wd: float = 0.0,
        clip_gradient: float | None = None,
        learning_rate: float | None = None,
        lr_scheduler: Any = None,
        sym: Any = None,
        begin_num_update: int = 0,
        multi_precision: bool = False,
        param_dict: Mapping[int, Any] | None = None,
    ) -> None:
        assert param_idx2name is None or isinstance(param_idx2name, Mapping), (
            "param_idx2name should be a dict of param indexes to names."
        )
        self.rescale_grad = rescale_grad
        self.lr_scheduler = lr_scheduler
        self.lr: Any = learning_rate
        if lr_scheduler is None:
            self.lr = 0.01 if learning_rate is None else learning_rate
        elif learning_rate is not None and lr_scheduler.base_lr != learning_rate:
            # printed, as MXNet does, so that what a program prints stays the same
            print("learning rate from ``lr_scheduler`` has been overwritten by ``learning_rate`` in optimizer.")
            lr_scheduler.base_lr = learning_rate
        self.wd = wd
        self.lr_mult: dict[Any, float] = {}
        self.wd_mult: dict[Any, float] = {}
        self.begin_num_update = begin_num_update
        self.num_update = begin_num_update
        self._all_index_update_counts: dict[int, dict[Any, int]] = {0: {}}
        self._index_update_count = self._all_index_update_counts[0]
        self.clip_gradient = clip_gradient
        self.multi_precision = multi_precision
        self.aggregate_num = 0
        self.idx2name = dict(param_idx2name or {})
        self.sym_info = (sym.attr_dict(), sym.list_arguments()) if sym is not None else ()
        self.param_dict = param_dict or {}
        self.allow_np_array = is_np_array()
        self.set_lr_mult({})
        self.set_wd_mult({})

    # ------------------------------------------------------------------------------------------ registry
    @staticmethod
    def register(klass: type[Optimizer]) -> type[Optimizer]:
        """Makes an optimizer known under its class name in lower case.

        Raises:
            AssertionError: not a class.
        """
        assert isinstance(klass, type)
        name = klass.__name__.lower()
        if name in Optimizer.opt_registry:
            warnings.warn(
                f"New optimizer {klass.__module__}.{klass.__name__} is overriding existing optimizer "
                f"{Optimizer.opt_registry[name].__module__}.{Optimizer.opt_registry[name].__name__}",
                stacklevel=2,
            )
        Optimizer.opt_registry[name] = klass
        return klass

    @staticmethod
    def create_optimizer(name: str, **kwargs: Any) -> Optimizer:
        """An optimizer by the name it is registered under.

        Raises:
            ValueError: no such optimizer.
        """
        if name.lower() not in Optimizer.opt_registry:
            raise ValueError(f"Cannot find optimizer {name}")
        return Optimizer.opt_registry[name.lower()](**kwargs)

    # ------------------------------------------------------------------------------------------ for subclasses
    def create_state(self, index: Any, weight: NDArray) -> Any:
        """The state that goes with one weight: None, an array or a tuple."""
        return None

    def create_state_multi_precision(self, index: Any, weight: NDArray) -> Any:
        """As ``create_state``; for float16 weights under ``multi_precision`` a float32 copy and its state."""
        if self.multi_precision and weight._data.dtype is torch.float16:
            copy = weight.astype(np.float32)
            return copy, self.create_state(index, copy)
        if weight._data.dtype is torch.float16 and not self.multi_precision:
            warnings.warn(
                "Accumulating with float16 in optimizer can lead to poor accuracy or slow convergence. Consider using "
                f"multi_precision=True option of the {self._shown_as}",
                stacklevel=3,
            )
        return self.create_state(index, weight)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Updates weight and state in place."""
        raise NotImplementedError(f"{type(self).__name__} must define update")

    def update_multi_precision(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """As ``update``, on the float32 copies under ``multi_precision``."""
        several = isinstance(index, (list, tuple))
        if not self.multi_precision or (weight[0] if several else weight)._data.dtype is not torch.float16:
            self.update(index, weight, grad, state)
        elif several:
            for one in zip(index, weight, grad, state, strict=True):
                self.update_multi_precision(*one)
        else:
            copy, inner = state
            self.update(index, copy, grad.astype(np.float32), inner)
            weight[:] = copy

    # ------------------------------------------------------------------------------------------ rates
    @property
    def learning_rate(self) -> float:
        """The learning rate now."""
        return self.lr if self.lr_scheduler is None else self.lr_scheduler(self.num_update)

    def set_learning_rate(self, lr: float) -> None:
        """Sets the learning rate.

        Raises:
            UserWarning: a scheduler decides it.
        """
        if self.lr_scheduler is not None:
            raise UserWarning(
                "LRScheduler of the optimizer has already been defined. Note that set_learning_rate can mutate the "
                "value of "
                "the learning rate of the optimizer only when the LRScheduler of the optimizer is undefined."
            )
        self.lr = lr

    def set_lr_scale(self, args_lrscale: Any) -> None:
        """Gone since MXNet 0.9.

        Raises:
            DeprecationWarning: always; use ``set_lr_mult``.
        """
        raise DeprecationWarning("set_lr_scale is deprecated: use set_lr_mult")

    def set_lr_mult(self, args_lr_mult: Mapping[Any, float]) -> None:
        """Multipliers of the learning rate, by parameter name or index."""
        self.lr_mult = self._from_symbol("__lr_mult__")
        self.lr_mult.update(args_lr_mult)

    def set_wd_mult(self, args_wd_mult: Mapping[Any, float]) -> None:
        """Multipliers of the weight decay, by parameter name or index; biases, gammas and betas have none by name."""
        self.wd_mult = {n: 0.0 for n in self.idx2name.values() if not n.endswith(("_weight", "_gamma"))}
        self.wd_mult.update(self._from_symbol("__wd_mult__"))
        self.wd_mult.update(args_wd_mult)

    def _from_symbol(self, key: str) -> dict[Any, float]:
        if not self.sym_info:
            return {}
        attrs, names = self.sym_info
        return {n: float(attrs[n][key]) for n in names if key in attrs.get(n, {})}

    def _set_current_context(self, device_id: int) -> None:
        """Counts updates for that device from now on."""
        self._index_update_count = self._all_index_update_counts.setdefault(device_id, {})

    def _update_count(self, index: Any) -> None:
        """Counts one more update of these indices."""
        counts = self._index_update_count
        for i in index if isinstance(index, (list, tuple)) else (index,):
            counts[i] = counts.get(i, self.begin_num_update) + 1
            self.num_update = max(counts[i], self.num_update)

    def _multiplied(self, indices: Sequence[Any], base: float, mult: Mapping[Any, float], attr: str) -> list[float]:
        found = []
        for index in indices:
            if index in self.param_dict:
                found.append(base * getattr(self.param_dict[index], attr))
            elif index in mult:
                found.append(base * mult[index])
            elif index in self.idx2name:
                found.append(base * mult.get(self.idx2name[index], 1.0))
            else:
                found.append(base)
        return found

    def _get_lrs(self, indices: Sequence[Any]) -> list[float]:
        """Learning rates of these indices."""
        return self._multiplied(indices, self.learning_rate, self.lr_mult, "lr_mult")

    def _get_lr(self, index: Any) -> float:
        """Learning rate of one index."""
        return self._get_lrs([index])[0]

    def _get_wds(self, indices: Sequence[Any]) -> list[float]:
        """Weight decays of these indices."""
        return self._multiplied(indices, self.wd, self.wd_mult, "wd_mult")

    def _get_wd(self, index: Any) -> float:
        """Weight decay of one index."""
        return self._get_wds([index])[0]

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        del state["_index_update_count"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ = state
        self._index_update_count = self._all_index_update_counts[0]


register = Optimizer.register
create = Optimizer.create_optimizer
