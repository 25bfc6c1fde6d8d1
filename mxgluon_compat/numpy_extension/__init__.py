"""``mx.npx``: what NumPy has not: operators of networks, switches of NumPy semantics, contexts, files."""

from __future__ import annotations

from ..context import Context, cpu, cpu_pinned, current_context, gpu, gpu_memory_info, num_gpus
from ..ndarray import waitall
from ..util import (
    get_cuda_compute_capability,
    is_np_array,
    is_np_shape,
    reset_np,
    set_np,
    use_np,
    use_np_array,
    use_np_shape,
)
from . import faces, image, random, utils
from .faces import ARRAY_FUNCTIONS
from .functions import constraint_check, nonzero, reshape
from .utils import load, save

__all__ = [
    "Context", "constraint_check", "cpu", "cpu_pinned", "current_context", "get_cuda_compute_capability", "gpu",
    "gpu_memory_info", "image", "is_np_array", "is_np_shape", "load", "nonzero", "num_gpus", "random", "reset_np",
    "reshape", "save", "set_np", "use_np", "use_np_array", "use_np_shape", "utils", "waitall",
    *(name for name in ARRAY_FUNCTIONS if name not in ("constraint_check", "nonzero", "reshape")),
]  # fmt: skip

for _name, _function in ARRAY_FUNCTIONS.items():
    globals().setdefault(_name, _function)
faces.install()
