"""Run examples/dcgan/train.py under real MXNet, in four settings, and write tests/golden/dcgan_losses.json.

Usage: ORACLE_PYTHON tests/oracle/dcgan.py    (see tools/oracle.sh)

The settings differ in threads and in oneDNN, which is rounding alone; ``spread`` is how far apart they come. With the
learning rate of the arguments below they stay together; a larger one drives two nets that learn from each other apart.
"""

import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(ROOT, "tests", "golden", "dcgan_losses.json")
ARGUMENTS = "--epochs 2 --images 104 --batch-size 16 --nz 16 --ngf 8 --ndf 8"


def run(onednn, threads, options=""):
    """One training run; returns what it writes with --losses-out."""
    env = dict(os.environ, MXNET_MKLDNN_ENABLED=onednn, OMP_NUM_THREADS=threads)
    env["MXNET_STORAGE_FALLBACK_LOG_VERBOSE"] = "0"
    with tempfile.TemporaryDirectory() as folder:
        losses = os.path.join(folder, "losses.json")
        script = os.path.join(ROOT, "examples", "dcgan", "train.py")
        command = [sys.executable, script, "--out", folder, "--losses-out", losses]
        subprocess.run(command + ARGUMENTS.split() + options.split(), env=env, check=True)
        with open(losses) as f:
            return json.load(f)


def spread(rows):
    """The largest difference of a column."""
    return max(max(column) - min(column) for column in zip(*rows))


def main():
    settings = {"onednn=%s threads=%s" % (o, t): run(o, t) for o in "10" for t in "12"}
    first = next(iter(settings.values()))
    golden = {
        "mxnet": "1.9.1",
        "arguments": ARGUMENTS,
        "spread": {key: spread([history[key] for history in settings.values()]) for key in first},
        "losses": first,
        # Not the same: layers then make their weights when they are first called.
        "--no-hybridize": run("1", "2", "--no-hybridize"),
        "--size 64 --epochs 1 --images 32": run("1", "2", "--size 64 --epochs 1 --images 32"),
    }
    with open(GOLDEN, "w") as f:
        json.dump(golden, f, indent=1)
        f.write("\n")
    print(json.dumps(golden["spread"], indent=1))


if __name__ == "__main__":
    main()
