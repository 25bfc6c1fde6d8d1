"""SequentialModule: modules one after the other, each with the outputs of the one before as data."""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from ..initializer import Uniform
from ..io import DataDesc
from ..ndarray import NDArray
from .base_module import BaseModule

__all__ = ["BaseModule", "SequentialModule", "Uniform"]


class SequentialModule(BaseModule):
    """A chain of modules.

    Args:
        logger: where log lines go.
    """

    META_TAKE_LABELS = "take_labels"
    META_AUTO_WIRING = "auto_wiring"

    def __init__(self, logger: Any = logging) -> None:
        super().__init__(logger=logger)
        self._modules: list[Any] = []
        self._metas: list[dict[str, Any]] = []
        self._label_shapes: Any = None
        self._data_shapes: Any = None
        self._meta_keys = {self.META_TAKE_LABELS, self.META_AUTO_WIRING}

    def add(self, module: Any, **kwargs: Any) -> SequentialModule:
        """Appends a module.

        Args:
            module: the module.
            **kwargs: ``take_labels=True``: it gets the labels, and metrics are of its outputs. ``auto_wiring=True``:
                its data are the outputs of the module before, whatever their names.

        Returns:
            This, so that calls can be chained.

        Raises:
            AssertionError: another keyword.
        """
        for key in kwargs:
            assert key in self._meta_keys, f'Unknown meta "{key}", a typo?'
        self._modules.append(module)
        self._metas.append(kwargs)
        self.binded = self.params_initialized = self.optimizer_initialized = False
        return self

    def _rows(self) -> list[tuple[Any, bool, bool]]:
        """(module, whether it takes labels, whether it is wired automatically)."""
        return [
            (module, bool(meta.get(self.META_TAKE_LABELS)), bool(meta.get(self.META_AUTO_WIRING)))
            for module, meta in zip(self._modules, self._metas)
        ]

    # ------------------------------------------------------------------------------------------ what it is
    @property
    def data_names(self) -> Sequence[str]:
        """Names of the first module's data."""
        return self._modules[0].data_names if self._modules else []

    @property
    def output_names(self) -> Sequence[str]:
        """Names of the last module's outputs."""
        return self._modules[-1].output_names if self._modules else []

    @property
    def data_shapes(self) -> Any:
        """Descriptions of the first module's data."""
        assert self.binded
        return self._modules[0].data_shapes

    @property
    def label_shapes(self) -> Any:
        """Descriptions of the labels, as given; None where no module takes them."""
        assert self.binded
        return self._label_shapes

    @property
    def output_shapes(self) -> Any:
        """(name, shape) of the last module's outputs."""
        assert self.binded
        return self._modules[-1].output_shapes

    # ------------------------------------------------------------------------------------------ parameters
    def get_params(self) -> tuple[dict[str, NDArray], dict[str, NDArray]]:
        """(parameters, auxiliary states) of all modules by name."""
        self._ready()
        arguments: dict[str, NDArray] = {}
        states: dict[str, NDArray] = {}
        for module in self._modules:
            own_arguments, own_states = module.get_params()
            arguments.update(own_arguments)
            states.update(own_states)
        return arguments, states

    def init_params(
        self,
        initializer: Any = Uniform(0.01),  # noqa: B008 - the signature is MXNet's
        arg_params: Mapping[str, NDArray] | None = None,
        aux_params: Mapping[str, NDArray] | None = None,
        allow_missing: bool = False,
        force_init: bool = False,
        allow_extra: bool = False,
    ) -> None:
        """Gives the parameters of all modules their first values; see ``Module.init_params``.

        Raises:
            AssertionError: before ``bind``, or two modules have parameters of one name.
        """
        if self.params_initialized and not force_init:
            return
        assert self.binded, "call bind before initializing the parameters"
        for module in self._modules:
            module.init_params(
                initializer=initializer, arg_params=arg_params, aux_params=aux_params, allow_missing=allow_missing,
                force_init=force_init, allow_extra=allow_extra,
            )  # fmt: skip
        layer_of: list[dict[str, int]] = [{}, {}]
        for i, module in enumerate(self._modules):
            for known, params in zip(layer_of, module.get_params()):
                for name in params:
                    assert name not in known, (
                        f'Duplicated parameter names: name "{name}" in layer {i} ({type(module)}) is already used in '
                        f"layer {known[name]} ({type(self._modules[known[name]])})."
                    )
                    known[name] = i
        self.params_initialized = True

    # ------------------------------------------------------------------------------------------ binding
    def bind(
        self,
        data_shapes: Sequence[Any],
        label_shapes: Sequence[Any] | None = None,
        for_training: bool = True,
        inputs_need_grad: bool = False,
        force_rebind: bool = False,
        shared_module: Any = None,
        grad_req: Any = "write",
    ) -> None:
        """Binds all modules, each to the shapes of the outputs of the one before; see ``Module.bind``.

        Raises:
            AssertionError: a ``shared_module``, or there are no modules.
        """
        if self.binded and not force_rebind:
            self.logger.warning("Already bound, ignoring bind()")
            return
        assert not inputs_need_grad or for_training
        assert shared_module is None, "Shared module is not supported"
        assert len(self._modules) > 0, "Attempting to bind an empty SequentialModule"
        shapes = data_shapes
        anybody = False
        for i, (module, takes_labels, wired) in enumerate(self._rows()):
            anybody |= takes_labels
            if wired:
                names = module.data_names
                assert len(names) == len(shapes), f"module {i} has {len(names)} data, got {len(shapes)}"
                shapes = [_renamed(name, desc) for name, desc in zip(names, shapes)]
            module.bind(
                data_shapes=shapes, label_shapes=label_shapes if takes_labels else None, for_training=for_training,
                inputs_need_grad=bool(inputs_need_grad or (for_training and i > 0)), force_rebind=force_rebind,
                shared_module=None, grad_req=grad_req,
            )  # fmt: skip
            shapes = module.output_shapes
        self._label_shapes = label_shapes if anybody else None
        self.for_training = for_training
        self.inputs_need_grad = inputs_need_grad
        self.binded = True

    def init_optimizer(
        self,
        kvstore: Any = "local",
        optimizer: Any = "sgd",
        optimizer_params: Any = (("learning_rate", 0.01),),
        force_init: bool = False,
    ) -> None:
        """Makes an optimizer for each module; see ``Module.init_optimizer``."""
        self._ready()
        if self.optimizer_initialized and not force_init:
            self.logger.warning("optimizer already initialized, ignoring.")
            return
        for module in self._modules:
            module.init_optimizer(
                kvstore=kvstore, optimizer=optimizer, optimizer_params=optimizer_params, force_init=force_init
            )
        self.optimizer_initialized = True

    # ------------------------------------------------------------------------------------------ running
    def forward(self, data_batch: Any, is_train: bool | None = None) -> None:
        """Computes the outputs of all modules."""
        self._ready()
        batch = copy.copy(data_batch)
        for i, module in enumerate(self._modules):
            module.forward(batch, is_train=is_train)
            if i + 1 == len(self._modules):
                break
            batch.data = module.get_outputs()
            if getattr(batch, "provide_data", None):
                named = zip(module.output_shapes, self._modules[i + 1].data_names)
                wired = self._rows()[i + 1][2]
                batch.provide_data = [_renamed(name if wired else d[0], d) for d, name in named]

    def backward(self, out_grads: Any = None) -> None:
        """Computes the gradients of all modules, from the last to the first."""
        self._ready()
        for i, module in reversed(list(enumerate(self._modules))):
            module.backward(out_grads=out_grads)
            if i > 0:
                out_grads = module.get_input_grads()

    def update(self) -> None:
        """One step of each module's optimizer."""
        self._ready(optimizer=True)
        for module in self._modules:
            module.update()

    def get_outputs(self, merge_multi_context: bool = True) -> list[Any]:
        """The last module's outputs."""
        self._ready()
        return self._modules[-1].get_outputs(merge_multi_context=merge_multi_context)

    def get_input_grads(self, merge_multi_context: bool = True) -> list[Any]:
        """The gradients of the first module's data."""
        assert self.binded and self.params_initialized and self.inputs_need_grad
        return self._modules[0].get_input_grads(merge_multi_context=merge_multi_context)

    def update_metric(self, eval_metric: Any, labels: Any, pre_sliced: bool = False) -> None:
        """Updates a metric with the outputs of the modules that take labels."""
        self._ready()
        for module, takes_labels, _ in self._rows():
            if takes_labels:
                module.update_metric(eval_metric, labels, pre_sliced)

    def install_monitor(self, mon: Any) -> None:
        """Watches the executors of all modules."""
        assert self.binded
        for module in self._modules:
            module.install_monitor(mon)


def _renamed(name: str, desc: Any) -> DataDesc:
    """A description of that name, of a description or a pair (name, shape)."""
    return DataDesc(name, desc[1], desc.dtype, desc.layout) if isinstance(desc, DataDesc) else DataDesc(name, desc[1])
