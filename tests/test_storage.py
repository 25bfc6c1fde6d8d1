"""Freed memory stays with the process once a graph or a Trainer is made."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

STEPS = """
import resource
import sys
import torch
import mxgluon_compat as mx

if sys.argv[1] == "graph":
    mx.nd.CachedOp(mx.sym.relu(mx.sym.var("x")))
elif sys.argv[1] == "trainer":
    weight = mx.gluon.Parameter("weight", shape=(1,))
    weight.initialize()
    mx.gluon.Trainer([weight], "sgd")

def step():
    return [torch.ones(2 << 20) for _ in range(4)]  # 8 MiB each

for _ in range(10):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(what, **environment):
    """How many pages five steps were given anew, of 8192 that each uses."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", STEPS, what], capture_output=True, text=True, check=True, env={**kept, **environment}
    )
    return int(done.stdout)


def has_huge_pages():
    """Whether Linux maps 2 MiB at a time, so that there are few faults to count."""
    try:
        with open("/sys/kernel/mm/transparent_hugepage/enabled") as file:
            return "[always]" in file.read()
    except OSError:
        return False


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the thresholds are those of the GNU C library")
@pytest.mark.skipif(has_huge_pages(), reason="2 MiB are mapped at a time")
def test_pages_are_used_again():
    assert page_faults("import") > 20000
    assert page_faults("graph") < 10000
    assert page_faults("trainer") < 10000
    assert page_faults("graph", MALLOC_MMAP_THRESHOLD_="65536") > 20000  # what the user sets stands
