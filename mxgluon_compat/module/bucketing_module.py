"""BucketingModule: one set of parameters, and a graph for each kind of batch, such as each length of sentences."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import ndarray as nd
from .. import symbol as sym
from ..context import Context, cpu
from ..initializer import Uniform
from ..model import load_params
from ..name import NameManager
from ..ndarray import NDArray
from ..symbol import Symbol
from .base_module import BaseModule, _check_input_names
from .module import _IGNORED, Module

__all__ = ["BaseModule", "BucketingModule", "Module", "NameManager", "Uniform", "load_params"]

Generated = tuple[Symbol, Sequence[str], Sequence[str]]


class BucketingModule(BaseModule):
    """Modules of one set of parameters; each batch says with its ``bucket_key`` which one it is for.

    Args:
        sym_gen: bucket key -> (graph, names of the data, names of the labels).
        default_bucket_key: of the graph that has all parameters, and best the largest.
        logger, context, work_load_list, fixed_param_names, state_names, group2ctxs, compression_params: see ``Module``.

    Raises:
        AssertionError: no ``default_bucket_key``.
        ValueError: a name that is no argument of the graph; of labels it is a warning.
    """

    def __init__(
        self,
        sym_gen: Callable[[Any], Generated],
        default_bucket_key: Any = None,
        logger: Any = logging,
        context: Context | Sequence[Context] = cpu(),  # noqa: B008 - the signature is MXNet's
        work_load_list: Sequence[float] | None = None,
        fixed_param_names: Sequence[str] | None = None,
        state_names: Sequence[str] | None = None,
        group2ctxs: Any = None,
        compression_params: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(logger=logger)
        assert default_bucket_key is not None
        self._default_bucket_key = default_bucket_key
        self._sym_gen = sym_gen
        self._given: dict[Any, Symbol] = {}  # graphs that were loaded, used rather than those of ``sym_gen``
        self._compression_params = compression_params
        self._fixed_param_names = list(fixed_param_names or ())
        self._state_names = list(state_names or ())
        self._context = context
        self._work_load_list = work_load_list
        self._group2ctxs = group2ctxs
        symbol, data_names, label_names = self._call_sym_gen(default_bucket_key)
        _check_input_names(symbol, data_names, "data", True)
        _check_input_names(symbol, label_names, "label", False)
        _check_input_names(symbol, self._state_names, "state", True)
        _check_input_names(symbol, self._fixed_param_names, "fixed_param", True)
        self._buckets: dict[Any, Module] = {}
        self._curr_module: Module | Any = None
        self._curr_bucket_key: Any = None
        self._params_dirty = False
        self._monitor: Any = None
        self._grad_req: Any = None
        self._loaded: tuple[dict[str, NDArray], dict[str, NDArray]] | None = None

    def _call_sym_gen(self, bucket_key: Any) -> tuple[Symbol, Sequence[str], list[str]]:
        with NameManager():  # automatic names do not depend on which buckets came before
            symbol, data_names, label_names = self._sym_gen(bucket_key)
        return self._given.get(bucket_key, symbol), data_names, list(label_names or ())

    def _module(self, bucket_key: Any) -> Module:
        symbol, data_names, label_names = self._call_sym_gen(bucket_key)
        return Module(
            symbol, data_names, label_names, logger=self.logger, context=self._context,
            work_load_list=self._work_load_list, fixed_param_names=self._fixed_param_names,
            state_names=self._state_names, group2ctxs=self._group2ctxs, compression_params=self._compression_params,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------ what it is
    @property
    def data_names(self) -> Sequence[str]:
        """Names of the data."""
        return self._curr_module.data_names if self.binded else self._call_sym_gen(self._default_bucket_key)[1]

    @property
    def output_names(self) -> list[str]:
        """Names of the outputs."""
        if self.binded:
            return self._curr_module.output_names
        return self._call_sym_gen(self._default_bucket_key)[0].list_outputs()

    @property
    def data_shapes(self) -> Any:
        """Descriptions of the current bucket's data."""
        assert self.binded
        return self._curr_module.data_shapes

    @property
    def label_shapes(self) -> Any:
        """Descriptions of the current bucket's labels."""
        assert self.binded
        return self._curr_module.label_shapes

    @property
    def output_shapes(self) -> Any:
        """(name, shape) of the current bucket's outputs."""
        assert self.binded
        return self._curr_module.output_shapes

    @property
    def symbol(self) -> Symbol:
        """The current bucket's graph."""
        assert self.binded
        return self._curr_module.symbol

    # ------------------------------------------------------------------------------------------ parameters
    def get_params(self) -> tuple[dict[str, NDArray], dict[str, NDArray]]:
        """(parameters, auxiliary states) by name.

        Raises:
            AssertionError: before ``init_params``.
        """
        if self._loaded is not None and not self.binded:
            return self._loaded
        self._ready()
        self._curr_module._params_dirty = self._params_dirty
        params = self._curr_module.get_params()
        self._params_dirty = False
        return params

    def init_params(
        self,
        initializer: Any = Uniform(0.01),  # noqa: B008 - the signature is MXNet's
        arg_params: Mapping[str, NDArray] | None = None,
        aux_params: Mapping[str, NDArray] | None = None,
        allow_missing: bool = False,
        force_init: bool = False,
        allow_extra: bool = False,
    ) -> None:
        """Gives the parameters their first values; see ``Module.init_params``."""
        if self.params_initialized and not force_init:
            return
        assert self.binded, "call bind before initializing the parameters"
        self._curr_module.init_params(
            initializer=initializer, arg_params=arg_params, aux_params=aux_params, allow_missing=allow_missing,
            force_init=force_init, allow_extra=allow_extra,
        )  # fmt: skip
        self._params_dirty = False
        self.params_initialized = True

    def set_params(
        self,
        arg_params: Mapping[str, NDArray] | None,
        aux_params: Mapping[str, NDArray] | None,
        allow_missing: bool = False,
        force_init: bool = True,
        allow_extra: bool = False,
    ) -> None:
        """Sets the parameters; see ``Module.set_params``."""
        if not allow_missing:
            self.init_params(
                initializer=None, arg_params=arg_params, aux_params=aux_params, allow_missing=allow_missing,
                force_init=force_init, allow_extra=allow_extra,
            )  # fmt: skip
            return
        if self.params_initialized and not force_init:
            warnings.warn(_IGNORED % "set_params", stacklevel=2)
            return
        self._curr_module.set_params(
            arg_params, aux_params, allow_missing=allow_missing, force_init=force_init, allow_extra=allow_extra
        )
        self._params_dirty = True  # the executors of all buckets share their arrays
        self.params_initialized = True

    def get_states(self, merge_multi_context: bool = True) -> Any:
        """The current bucket's states; see ``Module.get_states``."""
        self._ready()
        return self._curr_module.get_states(merge_multi_context=merge_multi_context)

    def set_states(self, states: Any = None, value: Any = None) -> None:
        """Sets the current bucket's states; see ``Module.set_states``."""
        self._ready()
        self._curr_module.set_states(states, value)

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
        """Binds the default bucket's graph; see ``Module.bind``. Other buckets are bound when their first batch comes.

        Raises:
            AssertionError: a ``shared_module``.
        """
        params = self.get_params() if self.params_initialized else None
        if force_rebind:
            self._reset_bind()
        if self.binded:
            self.logger.warning("Already bound, ignoring bind()")
            return
        assert shared_module is None, "shared_module for BucketingModule is not supported"
        self.for_training = for_training
        self.inputs_need_grad = inputs_need_grad
        self._grad_req = grad_req
        module = self._module(self._default_bucket_key)
        module.bind(data_shapes, label_shapes, for_training, inputs_need_grad, grad_req=grad_req)
        self.binded = True
        self._curr_module = module
        self._curr_bucket_key = self._default_bucket_key
        self._buckets = {self._default_bucket_key: module}
        if params is not None:
            self._loaded = None
            self.set_params(*params)
            self._watch(module)

    def _reset_bind(self) -> None:
        self.binded = False
        self._buckets = {}
        self._curr_module = self._curr_bucket_key = None

    def _watch(self, module: Module) -> None:
        if self._monitor is not None:
            module.install_monitor(self._monitor)

    def switch_bucket(self, bucket_key: Any, data_shapes: Any, label_shapes: Any = None) -> None:
        """Goes to another bucket, which is bound if it is new.

        Args:
            bucket_key: which.
            data_shapes, label_shapes: see ``bind``; for a new bucket.

        Raises:
            AssertionError: before ``bind``, or a new one before ``init_params``.
        """
        assert self.binded, "call bind before switching bucket"
        if bucket_key not in self._buckets:
            module = self._module(bucket_key)
            module.bind(
                data_shapes, label_shapes, self._curr_module.for_training, self._curr_module.inputs_need_grad,
                shared_module=self._buckets[self._default_bucket_key], grad_req=self._grad_req,
            )  # fmt: skip
            self._watch(module)
            self._buckets[bucket_key] = module
        self._curr_module = self._buckets[bucket_key]
        self._curr_bucket_key = bucket_key

    def init_optimizer(
        self,
        kvstore: Any = "local",
        optimizer: Any = "sgd",
        optimizer_params: Any = (("learning_rate", 0.01),),
        force_init: bool = False,
    ) -> None:
        """Makes the optimizer of all buckets; see ``Module.init_optimizer``."""
        self._ready()
        if self.optimizer_initialized and not force_init:
            self.logger.warning("optimizer already initialized, ignoring.")
            return
        self._curr_module.init_optimizer(kvstore, optimizer, optimizer_params, force_init=force_init)
        for module in self._buckets.values():
            if module is not self._curr_module:
                module.borrow_optimizer(self._curr_module)
        self.optimizer_initialized = True

    # ------------------------------------------------------------------------------------------ running
    def prepare(self, data_batch: Any, sparse_row_id_fn: Any = None) -> None:
        """Binds the batch's bucket, if it is new, and fetches rows; see ``Module.prepare``."""
        self._ready()
        before = self._curr_bucket_key
        self.switch_bucket(data_batch.bucket_key, data_batch.provide_data, data_batch.provide_label)
        self._curr_module.prepare(data_batch, sparse_row_id_fn=sparse_row_id_fn)
        self.switch_bucket(before, None, None)

    def forward(self, data_batch: Any, is_train: bool | None = None) -> None:
        """Goes to the batch's bucket and computes the outputs; see ``Module.forward``."""
        self._ready()
        self.switch_bucket(data_batch.bucket_key, data_batch.provide_data, data_batch.provide_label)
        self._curr_module.forward(data_batch, is_train=is_train)

    def backward(self, out_grads: Any = None) -> None:
        """Computes the gradients; see ``Module.backward``."""
        self._ready()
        self._curr_module.backward(out_grads=out_grads)

    def update(self) -> None:
        """One step of the optimizer."""
        self._ready(optimizer=True)
        self._params_dirty = True
        self._curr_module.update()

    def get_outputs(self, merge_multi_context: bool = True) -> list[Any]:
        """The outputs; see ``Module.get_outputs``."""
        self._ready()
        return self._curr_module.get_outputs(merge_multi_context=merge_multi_context)

    def get_input_grads(self, merge_multi_context: bool = True) -> list[Any]:
        """The gradients of the data; see ``Module.get_input_grads``."""
        assert self.binded and self.params_initialized and self.inputs_need_grad
        return self._curr_module.get_input_grads(merge_multi_context=merge_multi_context)

    def update_metric(self, eval_metric: Any, labels: Any, pre_sliced: bool = False) -> None:
        """Updates a metric with the last outputs; see ``Module.update_metric``."""
        self._ready()
        self._curr_module.update_metric(eval_metric, labels, pre_sliced)

    def install_monitor(self, mon: Any) -> None:
        """Watches the executors of all buckets, later ones too."""
        assert self.binded
        self._monitor = mon
        for module in self._buckets.values():
            module.install_monitor(mon)

    # ------------------------------------------------------------------------------------------ files
    def save_checkpoint(self, prefix: str, epoch: int, remove_amp_cast: bool = False) -> None:
        """Writes ``PREFIX-KEY-symbol.json`` of each bucket, ``PREFIX.buckets`` (their keys), ``PREFIX-EPOCH.params``.

        Raises:
            AssertionError: there are no buckets.
            ValueError: a key is no integer: the file of keys is an array.
        """
        assert len(self._buckets) > 0, "Empty BucketingModule cannot be saved"
        keys = list(self._buckets)
        if not all(isinstance(k, (int, np.integer)) for k in keys):
            raise ValueError(f"bucket keys must be integers to be saved, got {keys}")
        for key, module in self._buckets.items():
            module.symbol.save(f"{prefix}-{key}-symbol.json", remove_amp_cast=remove_amp_cast)
        self.save_params("%s-%04d.params" % (prefix, epoch))  # noqa: UP031 - takes whole floats too, as in MXNet
        nd.save(f"{prefix}.buckets", nd.array(keys, dtype="int32"))

    @staticmethod
    def load(
        prefix: str,
        epoch: int,
        sym_gen: Callable[[Any], Generated] | None = None,
        default_bucket_key: Any = None,
        **kwargs: Any,
    ) -> BucketingModule:
        """A module of the files of ``save_checkpoint``, to be bound.

        Args:
            prefix: of the files' names.
            epoch: number in the name of the file of parameters.
            sym_gen: see ``BucketingModule``; graphs that were saved are taken from the files.
            default_bucket_key: see there.
            **kwargs: of ``BucketingModule``.

        Raises:
            AssertionError: no ``sym_gen``, or no ``default_bucket_key``.
        """
        assert sym_gen is not None, "sym_gen is required for loading BucketingModule"
        assert default_bucket_key is not None, "default_bucket_key is required for loading BucketingModule"
        keys = nd.load(f"{prefix}.buckets")[0].asnumpy().tolist()
        graphs = {key: sym.load(f"{prefix}-{key}-symbol.json") for key in keys}
        arguments, states = load_params(prefix, epoch)
        return BucketingModule.load_dict(graphs, sym_gen, default_bucket_key, arguments, states, **kwargs)

    @staticmethod
    def load_dict(
        sym_dict: Mapping[Any, Symbol] | None = None,
        sym_gen: Callable[[Any], Generated] | None = None,
        default_bucket_key: Any = None,
        arg_params: dict[str, NDArray] | None = None,
        aux_params: dict[str, NDArray] | None = None,
        **kwargs: Any,
    ) -> BucketingModule:
        """A module of graphs and parameters, to be bound.

        Args:
            sym_dict: graphs by bucket key.
            sym_gen: see ``BucketingModule``; tells the names of data and labels, and the graphs of other buckets.
            default_bucket_key: see there.
            arg_params, aux_params: parameters and auxiliary states by name.
            **kwargs: of ``BucketingModule``.

        Raises:
            AssertionError: no ``sym_dict``, no parameters, or no ``default_bucket_key``.
            TypeError: no ``sym_gen``.
        """
        assert sym_dict is not None, "sym_dict needs to be provided for BucketingModule.load_dict"
        assert arg_params is not None, "arg_params need to be provided for BucketingModule.load_dict"
        assert aux_params is not None, "aux_params need to be provided for BucketingModule.load_dict"
        assert default_bucket_key is not None, "default_bucket_key needs to be provided for BucketingModule.load_dict"
        if not callable(sym_gen):
            raise TypeError(f"sym_gen must be a function of the bucket key, got {type(sym_gen)}")
        module = BucketingModule(sym_gen, default_bucket_key, **kwargs)
        module._given = dict(sym_dict)
        module._loaded = (arg_params, aux_params)
        module.params_initialized = True
        return module
