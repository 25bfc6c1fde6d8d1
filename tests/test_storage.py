"""Freed memory stays with the process once a graph or a Trainer is made."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

PROGRAM = """
import sys
import torch
import mxgluon_compat as mx

if sys.argv[1] == "graph":
    mx.nd.CachedOp(mx.sym.relu(mx.sym.var("x")))
elif sys.argv[1] == "trainer":
    weight = mx.gluon.Parameter("weight", shape=(1,))
    weight.initialize()
    mx.gluon.Trainer([weight], "sgd")
block = torch.empty(20 << 20, dtype=torch.uint8)
with open("/proc/self/maps") as file:
    start, end = next(line.split()[0].split("-") for line in file if line.rstrip().endswith("[heap]"))
print(int(start, 16) <= block.data_ptr() < int(end, 16))
"""


def is_in_the_heap(what, **environment):
    """Whether a block of 20 MiB lies in the heap, where it stays when it is freed, or was mapped for itself."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MALLOC_", "GLIBC_TUNABLES"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, what], capture_output=True, text=True, check=True, env={**kept, **environment}
    )
    return {"True": True, "False": False}[done.stdout.strip()]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the thresholds are those of the GNU C library")
def test_a_graph_or_a_trainer_has_freed_memory_kept():
    assert not is_in_the_heap("import")
    assert is_in_the_heap("graph")
    assert is_in_the_heap("trainer")
    assert not is_in_the_heap("graph", MALLOC_MMAP_THRESHOLD_="65536")  # what the user sets stands
