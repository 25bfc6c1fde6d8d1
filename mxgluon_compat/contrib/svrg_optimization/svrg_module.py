"""A Module that trains by SVRG: batch gradients are corrected by the gradient over all data."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ... import ndarray as nd
from ...context import Context, cpu
from ...module import Module
from ...ndarray import NDArray
from ...optimizer import Optimizer
from ...symbol import Symbol
from .svrg_optimizer import FULL, _SVRGOptimizer

__all__ = ["Module", "SVRGModule"]


class SVRGModule(Module):
    """A Module whose optimizer gets gradients of reduced variance (Johnson and Zhang, 2013).

    A second module keeps a snapshot of the parameters. Once in ``update_freq`` epochs the snapshot is taken anew, and
    its gradient over all data with it. The optimizer then gets, of each batch, the gradient at the parameters, less the
    one at the snapshot, plus that over all data.

    Args:
        update_freq: epochs from one snapshot to the next.

    All others are those of ``Module``.

    Raises:
        TypeError: ``update_freq`` is no int.
        ValueError: ``update_freq`` is not positive, or two parameters are called ``NAME`` and ``NAME_full``.
    """

    def __init__(
        self,
        symbol: Symbol,
        data_names: Sequence[str] | None = ("data",),
        label_names: Sequence[str] | None = ("softmax_label",),
        logger: Any = logging,
        context: Context | Sequence[Context] = cpu(),  # noqa: B008 - the signature is MXNet's
        work_load_list: Sequence[float] | None = None,
        fixed_param_names: Sequence[str] | None = None,
        state_names: Sequence[str] | None = None,
        group2ctxs: Any = None,
        compression_params: Mapping[str, Any] | None = None,
        update_freq: int | None = None,
    ) -> None:
        arguments = (
            symbol, data_names, label_names, logger, context, work_load_list, fixed_param_names, state_names,
            group2ctxs, compression_params,
        )  # fmt: skip
        super().__init__(*arguments)
        wanted = "to represent the frequency for calculating full gradients"
        if not isinstance(update_freq, int):
            raise TypeError(f"update_freq in SVRGModule must be an integer {wanted}")
        if update_freq <= 0:
            raise ValueError(f"update_freq in SVRGModule must be a positive integer {wanted}")
        taken = {n + FULL for n in self._param_names} & set(self._param_names)
        if taken:
            raise ValueError(f"SVRGModule keeps full gradients under the names of parameters: {sorted(taken)}")
        self.update_freq = update_freq
        self._mod_aux = Module(*arguments)
        self._param_dict: list[dict[str, NDArray]] | Any = None  # of each context: the gradients over all data
        self._ctx_len = len(self._context)

    # ------------------------------------------------------------------------------------------ binding
    def bind(
        self,
        data_shapes: Sequence[Any],
        label_shapes: Sequence[Any] | None = None,
        for_training: bool = True,
        inputs_need_grad: bool = False,
        force_rebind: bool = False,
        shared_module: Module | None = None,
        grad_req: Any = "write",
    ) -> None:
        """See ``Module.bind``.

        Raises:
            AssertionError: as there, or ``shared_module`` has an optimizer and is no SVRGModule.
        """
        shared_aux = None
        if isinstance(shared_module, SVRGModule) and shared_module._mod_aux.params_initialized:
            shared_aux = shared_module._mod_aux
        common = (data_shapes, label_shapes, for_training, inputs_need_grad, force_rebind)
        super().bind(*common, shared_module, grad_req)
        self._mod_aux.bind(*common, shared_aux, grad_req)

    def reshape(self, data_shapes: Sequence[Any], label_shapes: Sequence[Any] | None = None) -> None:
        """See ``Module.reshape``."""
        super().reshape(data_shapes, label_shapes)
        self._mod_aux.reshape(data_shapes, label_shapes)

    # ------------------------------------------------------------------------------------------ optimizer
    def init_optimizer(
        self,
        kvstore: Any = "local",
        optimizer: Any = "sgd",
        optimizer_params: Any = (("learning_rate", 0.01),),
        force_init: bool = False,
    ) -> None:
        """See ``Module.init_optimizer``: the optimizer is that of the parameters, within an ``_SVRGOptimizer``."""
        is_new = force_init or not self.optimizer_initialized
        super().init_optimizer(kvstore, optimizer, optimizer_params, force_init)
        if not is_new:
            return
        self._param_dict = [
            {n: nd.zeros(a.shape, ctx=a.context, dtype=a.dtype) for n, a in zip(self._param_names, arrays)}
            for arrays in zip(*self._exec_group.param_arrays)
        ]
        if self._kvstore:
            for name, zeros in self._param_dict[0].items():
                self._kvstore.init(name + FULL, zeros)

    def _made_optimizer(
        self, optimizer: Any, optimizer_params: Any, rescale_grad: float, names: dict[int, str]
    ) -> Optimizer:
        names = {**names, **{len(names) + i: n + FULL for i, n in enumerate(self._param_names)}}
        arguments = {"rescale_grad": rescale_grad, "param_idx2name": names, "sym": self.symbol}
        both = _SVRGOptimizer(optimizer, **{**arguments, **dict(optimizer_params)})
        both.default_opt.idx2name = both.default_opt.idx2name or names.copy()
        return super()._made_optimizer(both, optimizer_params, rescale_grad, names)

    def borrow_optimizer(self, shared_module: Module) -> None:
        """Uses the optimizer and the full gradients of another SVRGModule, which has the same parameters.

        Raises:
            AssertionError: it is no SVRGModule, or has no optimizer.
        """
        assert isinstance(shared_module, SVRGModule), "the optimizer of an SVRGModule is that of another one"
        super().borrow_optimizer(shared_module)
        self._param_dict = shared_module._param_dict

    # ------------------------------------------------------------------------------------------ running
    def forward(self, data_batch: Any, is_train: bool | None = None) -> None:
        """See ``Module.forward``; in train mode the snapshot computes its outputs too.

        Raises:
            AssertionError: as there, or ``is_train`` is true before the first ``update_full_grads``.
        """
        super().forward(data_batch, is_train)
        if is_train:
            self._has_snapshot()
        if self._mod_aux.params_initialized and (self.for_training if is_train is None else is_train):
            self._mod_aux.forward(data_batch, is_train)

    def backward(self, out_grads: Any = None) -> None:
        """See ``Module.backward``; both modules compute their gradients.

        Raises:
            AssertionError: as there, or before the first ``update_full_grads``.
        """
        super().backward(out_grads)
        self._has_snapshot()
        self._mod_aux.backward(out_grads)

    def set_states(self, states: Any = None, value: Any = None) -> None:
        """See ``Module.set_states``; the snapshot has the same states."""
        super().set_states(states, value)
        if self._mod_aux.params_initialized:
            self._mod_aux.set_states(states, value)

    def _has_snapshot(self) -> None:
        assert self._mod_aux.params_initialized, "update_full_grads comes before the first step of an SVRGModule"

    # ------------------------------------------------------------------------------------------ gradients
    def update(self) -> None:
        """One step of the optimizer with the corrected gradients of the last ``backward``."""
        self._ready(optimizer=True)
        self._update_svrg_gradients()
        super().update()

    def update_full_grads(self, train_data: Any) -> None:
        """Takes the snapshot, and computes its gradient over all data: the mean over the batches.

        A last batch that is filled up counts by its share of new examples. The data stay at their end.

        Args:
            train_data: an iterator over batches.

        Raises:
            AssertionError: before ``init_optimizer``.
            ValueError: there is no batch.
        """
        self._ready(optimizer=True)
        self._mod_aux.set_params(*self.get_params())
        if self._state_names:
            self._mod_aux.set_states(self.get_states(merge_multi_context=False))
        for sums in self._param_dict:
            for array in sums.values():
                array[:] = 0
        batches = 0.0
        pad = 0
        train_data.reset()
        for batch in train_data:
            self._mod_aux.forward_backward(batch)
            for name, grads in self._gradients(self._mod_aux):
                for sums, grad in zip(self._param_dict, grads):
                    sums[name] += grad
            batches += 1
            pad = batch.pad or 0
        if not batches:
            raise ValueError("train_data has no batch")
        if pad:
            batches -= pad / train_data.batch_size
        for name, _ in self._gradients(self._mod_aux):
            for sums in self._param_dict:
                sums[name] /= batches
            if self._kvstore:
                self._accumulate_kvstore(name, [sums[name] for sums in self._param_dict])

    @staticmethod
    def _gradients(module: Module) -> Iterable[tuple[str, list[NDArray]]]:
        """(name, gradients over the contexts) of the parameters that are trained."""
        group: Any = module._exec_group
        return [(n, grads) for n, grads in zip(group.param_names, group.grad_arrays) if grads[0] is not None]

    def _accumulate_kvstore(self, key: str, value: list[NDArray]) -> None:
        """Full gradients of a parameter, one of each context, become their mean over contexts and processes."""
        self._kvstore.pushpull(key + FULL, value)
        self._allocate_gradients(key, value)

    def _allocate_gradients(self, key: str, value: list[NDArray]) -> None:
        """Gives each context its part of a sum over contexts and processes, one copy of which each has."""
        for sums, array in zip(self._param_dict, value):
            sums[key] = array / (self._ctx_len * self._kvstore.num_workers)

    def _update_svrg_gradients(self) -> None:
        """Corrects the gradients of the last ``backward`` in place."""
        for (name, current), (_, special) in zip(self._gradients(self), self._gradients(self._mod_aux)):
            for sums, at_current, at_special in zip(self._param_dict, current, special):
                found = self._svrg_grads_update_rule(at_current, at_special, sums[name])
                if found is not at_current:
                    at_current[:] = found

    def _svrg_grads_update_rule(
        self,
        g_curr_batch_curr_weight: NDArray,
        g_curr_batch_special_weight: NDArray,
        g_special_weight_all_batch: NDArray,
    ) -> NDArray:
        """A corrected gradient, of the shape of all three; subclasses may have another rule.

        Args:
            g_curr_batch_curr_weight: of the batch, at the parameters; changed in place.
            g_curr_batch_special_weight: of the batch, at the snapshot.
            g_special_weight_all_batch: of all data, at the snapshot.
        """
        g_curr_batch_curr_weight -= g_curr_batch_special_weight
        g_curr_batch_curr_weight += g_special_weight_all_batch
        return g_curr_batch_curr_weight

    def _epochs(self, train_data: Any, begin_epoch: int, num_epoch: int) -> Iterable[int]:
        for epoch in range(begin_epoch, num_epoch):
            if epoch % self.update_freq == 0:
                self.update_full_grads(train_data)
            train_data.reset()
            yield epoch
