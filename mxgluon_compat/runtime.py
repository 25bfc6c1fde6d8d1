"""``mx.runtime``: what this build can do, by MXNet's names of features."""

from __future__ import annotations

import ctypes
import os
from collections import OrderedDict
from typing import Any

import torch

from . import opencv
from .base import missing_attribute

__all__ = ["Feature", "Features", "feature_list"]


class Feature(ctypes.Structure):
    """A feature: its ``name``, and whether it is ``enabled``."""

    _fields_ = [("_name", ctypes.c_char_p), ("_enabled", ctypes.c_bool)]  # noqa: RUF012 - what ctypes asks for

    @property
    def name(self) -> str:
        """The feature's name."""
        return self._name.decode()

    @property
    def enabled(self) -> bool:
        """Whether it is there."""
        return self._enabled

    def __repr__(self) -> str:
        return f"{'✔' if self.enabled else '✖'} {self.name}"


def _facts() -> dict[str, bool]:
    """MXNet's features in its order; what is MXNet's own and has no part in torch is off."""
    cuda = torch.cuda.is_available()
    capability = torch.backends.cpu.get_cpu_capability()  # the instructions that torch's kernels use here
    avx2 = "AVX2" in capability or "AVX512" in capability
    build = torch.__config__.show()
    return {
        "CUDA": cuda,
        "CUDNN": cuda and torch.backends.cudnn.is_available(),
        "NCCL": cuda and torch.distributed.is_available() and torch.distributed.is_nccl_available(),
        "CUDA_RTC": False,
        "TENSORRT": False,
        **dict.fromkeys(("CPU_SSE", "CPU_SSE2", "CPU_SSE3", "CPU_SSE4_1", "CPU_SSE4_2"), avx2),
        "CPU_SSE4A": False,
        "CPU_AVX": avx2,
        "CPU_AVX2": avx2,
        "OPENMP": torch.backends.openmp.is_available(),
        "SSE": avx2,
        "F16C": avx2,
        "JEMALLOC": "jemalloc" in os.environ.get("LD_PRELOAD", ""),
        "BLAS_OPEN": "BLAS_INFO=open" in build,
        "BLAS_ATLAS": False,
        "BLAS_MKL": torch.backends.mkl.is_available(),
        "BLAS_APPLE": "BLAS_INFO=accelerate" in build,
        "LAPACK": torch._C.has_lapack,
        "MKLDNN": torch.backends.mkldnn.is_available(),
        "OPENCV": opencv.available(),
        "CAFFE": False,
        "PROFILER": True,
        "DIST_KVSTORE": torch.distributed.is_available(),
        "CXX14": True,
        "INT64_TENSOR_SIZE": True,
        "SIGNAL_HANDLER": False,
        "DEBUG": False,
        "TVM_OP": False,
    }


def feature_list() -> list[Feature]:
    """All features."""
    return [Feature(name.encode(), enabled) for name, enabled in _facts().items()]


class Features(OrderedDict):
    """name -> Feature; there is one instance, which every call gives."""

    instance: Features | None = None

    def __new__(cls) -> Features:
        if cls.instance is None:
            cls.instance = super().__new__(cls)
            OrderedDict.__init__(cls.instance, [(f.name, f) for f in feature_list()])
        return cls.instance

    def __init__(self) -> None:
        """Nothing is left to do."""

    def __repr__(self) -> str:
        return str(list(self.values()))

    def is_enabled(self, feature_name: str) -> bool:
        """Whether the feature (in any case of letters) is there.

        Raises:
            RuntimeError: MXNet has no such feature.
        """
        name = feature_name.upper()
        if name not in self:
            raise RuntimeError(f"Feature '{name}' is unknown, known features are: {list(self.keys())}")
        return self[name].enabled


def __getattr__(name: str) -> Any:
    raise missing_attribute(__name__, name)
