"""``python -m benchmarks.files``: loads a large file of parameters here, with safetensors and with MXNet.

Each contestant is a process of its own: it loads the file and sums every array, once to warm up and then ``ROUNDS``
times. The sum is there because a mapped file is read when its arrays are. The page cache is warm. Writes
``benchmarks/results/files.md``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5

OURS = "import mxgluon_compat as mx\nload, total = mx.nd.load, lambda x: float(x.to_torch().sum())"
LOADERS = {
    "mxgluon_compat, MXNet's format": ("mxnet", OURS),
    "mxgluon_compat, safetensors": ("safetensors", OURS),
    "safetensors.torch.load_file": (
        "safetensors",
        "import torch, safetensors.torch\nload, total = safetensors.torch.load_file, lambda x: float(x.sum())",
    ),
    "MXNet 1.9.1": ("mxnet", "import mxnet as mx\nload, total = mx.nd.load, lambda x: float(x.sum().asscalar())"),
}
MEASURE = """
import sys, time
path, rounds = sys.argv[1], int(sys.argv[2])
{loader}
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) * 1024
start, times = peak(), []
for _ in range(rounds + 1):
    before = time.perf_counter()
    arrays = load(path)
    loaded = time.perf_counter()
    sums = [total(x) for x in arrays.values()]
    times.append((loaded - before, time.perf_counter() - before))
    del arrays
print(sums[0], peak() - start, *(t for pair in times[1:] for t in pair))
"""


def _run(python: str, code: str, *arguments: str) -> list[float]:
    done = subprocess.run([python, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return [float(number) for number in done.stdout.split()]


def main() -> int:
    """Prints and writes the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.files", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--oracle", default=os.environ.get("MXNET_ORACLE_PYTHON"), help="an interpreter with MXNet")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    options = parser.parse_args()
    lines = [
        f"Loading {options.megabytes} MB of float32 in 100 arrays, {os.cpu_count()} cores; medians of {ROUNDS} rounds.",
        "",
        "| loader | load, ms | load and sum, ms | peak memory / data |",
        "| --- | --- | --- | --- |",
    ]
    with tempfile.TemporaryDirectory() as folder:
        make = (
            "import sys, mxgluon_compat as mx\n"
            "arrays = {f'w{k}': mx.nd.random.uniform(shape=(100, int(sys.argv[2]) * 25)) for k in range(100)}\n"
            "for format in ('mxnet', 'safetensors'):\n"
            "    mx.nd.save(f'{sys.argv[1]}/{format}', arrays, format=format)\n"
        )
        _run(sys.executable, make, folder, str(options.megabytes))
        sums = set()
        for name, (format, loader) in LOADERS.items():
            python = options.oracle if name.startswith("MXNet") else sys.executable
            if not python:
                continue
            total, peak, *times = _run(python, MEASURE.format(loader=loader), f"{folder}/{format}", str(ROUNDS))
            sums.add(f"{total:.4g}")
            loads, sums_too = (1000 * statistics.median(times[k::2]) for k in (0, 1))
            ratio = peak / (options.megabytes * 1e6)
            lines.append(f"| {name} | {loads:.1f} | {sums_too:.0f} | {ratio:.2f} |")
            print(lines[-1], flush=True)
    if len(sums) != 1:
        print(f"the loaders do not agree: {sums}", file=sys.stderr)
        return 1
    options.out.mkdir(exist_ok=True)
    (options.out / "files.md").write_text("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
