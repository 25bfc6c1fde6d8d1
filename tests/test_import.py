"""Importing the package: what it changes (nothing) and what it costs."""

from __future__ import annotations

import subprocess
import sys

import mxgluon_compat as mx

CHECK = """
import logging, random, sys, warnings
import numpy as np
import torch

def state():
    return {
        "grad mode": torch.is_grad_enabled(),
        "default dtype": torch.get_default_dtype(),
        "threads": torch.get_num_threads(),
        "torch generator": torch.get_rng_state().tolist(),
        "numpy generator": repr(np.random.get_state()),
        "python generator": random.getstate(),
        "numpy errors": np.geterr(),
        "numpy printing": repr(np.get_printoptions()),
        "numpy names": sorted(vars(np)),
        "torch names": sorted(n for n in vars(torch) if not n.startswith("_")),
        "tensor names": sorted(vars(torch.Tensor)),
        "warnings": repr(warnings.filters),
        "log handlers": repr(logging.getLogger().handlers),
        "log level": logging.getLogger().level,
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "mxnet modules": [m for m in sys.modules if m.split(".")[0] == "mxnet"],
        "finders": repr(sys.meta_path),
    }

before = state()
import mxgluon_compat
after = state()
changed = [k for k in before if before[k] != after[k]]
assert not changed, changed
large = ("torch._dynamo", "torch._inductor", "sympy.core", "matplotlib", "pandas", "cv2", "onnx", "onnxscript")
heavy = [m for m in large if m in sys.modules]
torch_alone = set(sys.argv[1].split(","))
assert not set(heavy) - torch_alone, heavy
"""


def test_import_changes_nothing_global():
    alone = "import sys, torch; print(','.join(m for m in sys.modules if m.startswith(('torch._', 'sympy'))))"
    loaded = subprocess.run([sys.executable, "-c", alone], capture_output=True, text=True, check=True).stdout.strip()
    done = subprocess.run([sys.executable, "-W", "error", "-c", CHECK, loaded], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_versions():
    assert mx.__version__ == "1.9.1"
    assert mx.__compat_version__ == __import__("importlib.metadata").metadata.version("mxgluon_compat")


def test_a_missing_name_points_to_the_guide():
    try:
        mx.no_such_thing  # noqa: B018
    except AttributeError as error:
        assert "no_such_thing" in str(error) and "migration_guide" in str(error)
    else:
        raise AssertionError("no AttributeError")
