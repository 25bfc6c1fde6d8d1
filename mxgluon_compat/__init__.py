"""mxgluon_compat: Apache MXNet 1.x Gluon, hosted on PyTorch. ``import mxgluon_compat as mx``."""

from __future__ import annotations

from . import attribute, autograd, base, context, name, ndarray, random, registry, symbol, util
from . import ndarray as nd
from . import random as rnd
from . import symbol as sym
from .attribute import AttrScope
from .base import MXNetError
from .context import Context, cpu, cpu_pinned, current_context, gpu, gpu_memory_info, num_gpus
from .util import is_np_array, is_np_shape
from . import initializer, kvstore, lr_scheduler, metric, optimizer
from . import initializer as init
from . import kvstore as kv
from . import gluon

__version__ = "1.9.1"
