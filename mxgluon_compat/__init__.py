"""mxgluon_compat: Apache MXNet 1.x Gluon, hosted on PyTorch. ``import mxgluon_compat as mx``."""

from __future__ import annotations

from typing import Any

from . import (
    attribute,
    autograd,
    base,
    context,
    contrib,
    engine,
    error,
    executor,
    image,
    initializer,
    io,
    kvstore,
    libinfo,
    library,
    log,
    lr_scheduler,
    metric,
    name,
    ndarray,
    numpy,
    numpy_extension,
    operator,
    optimizer,
    random,
    recordio,
    registry,
    rtc,
    runtime,
    symbol,
    util,
)
from . import image as img
from . import initializer as init
from . import kvstore as kv
from . import ndarray as nd
from . import numpy as np
from . import numpy_extension as npx
from . import random as rnd
from . import symbol as sym
from .attribute import AttrScope
from .base import MXNetError
from .cached_op import compile_policy, set_compile_policy
from .context import Context, cpu, cpu_pinned, current_context, gpu, gpu_memory_info, num_gpus
from .interop.install import install, uninstall
from .ops.support import operator_support
from .serialization.params import file_format, set_file_format
from .util import is_np_array, is_np_shape, np_array, np_shape, set_np_shape, use_np, use_np_array, use_np_shape

from . import gluon  # isort: skip - it stands on all of the above
from .contrib import amp as _amp  # noqa: F401  # isort: skip - for mx.contrib.amp; it stands on gluon
from . import checkpoint  # isort: skip
from . import callback  # isort: skip
from . import executor_manager  # isort: skip
from . import model  # isort: skip
from . import module  # isort: skip
from . import module as mod  # isort: skip
from . import notebook  # isort: skip
from . import rnn  # isort: skip
from .contrib import quantization as _quantization  # isort: skip - for mx.contrib.quantization; it stands on module
from . import monitor  # isort: skip
from . import monitor as mon  # isort: skip
from . import profiler  # isort: skip
from . import test_utils  # isort: skip
from . import visualization  # isort: skip
from . import visualization as viz  # isort: skip
from . import onnx  # isort: skip
from .contrib import onnx as _onnx  # noqa: F401  # isort: skip - for mx.contrib.onnx; it stands on mx.onnx

setattr(contrib, "quant", _quantization)  # noqa: B010 - MXNet's other name of it; a room above it cannot have it

__version__ = libinfo.__version__
"""The version of MXNet whose behaviour this is: what version checks in legacy code ask for."""

__all__ = [
    "AttrScope", "Context", "MXNetError", "attribute", "autograd", "base", "callback", "checkpoint",
    "compile_policy", "context", "contrib", "cpu", "cpu_pinned", "current_context", "engine", "error", "executor",
    "executor_manager", "file_format", "gluon", "gpu", "gpu_memory_info", "image", "img", "init", "initializer",
    "install", "io", "is_np_array", "is_np_shape", "kv", "kvstore", "libinfo", "library", "log", "lr_scheduler",
    "metric", "mod", "model", "module", "mon", "monitor", "name", "nd", "ndarray", "notebook", "np", "np_array",
    "np_shape", "npx", "num_gpus", "numpy", "numpy_extension", "onnx", "operator", "operator_support", "optimizer",
    "profiler", "random", "recordio", "registry", "rnd", "rnn", "rtc", "runtime", "set_compile_policy",
    "set_file_format", "set_np_shape", "sym", "symbol", "test_utils", "uninstall", "use_np", "use_np_array",
    "use_np_shape", "util", "visualization", "viz",
]  # fmt: skip


def __getattr__(key: str) -> Any:
    if key == "__compat_version__":
        from importlib.metadata import version

        return version("mxgluon_compat")
    raise AttributeError(f"module {__name__!r} has no attribute {key!r}; see migration_guide.md#what-is-not-there")
