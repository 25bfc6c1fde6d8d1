"""Run examples/digits/train.py under real MXNet, in four settings, and write tests/golden/digits_losses.json.

Usage: ORACLE_PYTHON tests/oracle/digits.py    (see tools/oracle.sh)

The settings differ in threads and in oneDNN; what they differ in is rounding alone. Their spread is therefore what
MXNet itself leaves open, and no replacement can be asked to be closer.
"""

import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(ROOT, "tests", "golden", "digits_losses.json")
FIRST = 20  # losses of single batches to keep: after some dozen updates rounding has grown to a visible size


def run(onednn: str, threads: str, *options: str) -> dict:
    """One training run; returns what it writes with --losses-out, with the first batches alone."""
    env = dict(os.environ, MXNET_MKLDNN_ENABLED=onednn, OMP_NUM_THREADS=threads)
    env["MXNET_STORAGE_FALLBACK_LOG_VERBOSE"] = "0"
    with tempfile.TemporaryDirectory() as folder:
        losses = os.path.join(folder, "losses.json")
        script = os.path.join(ROOT, "examples", "digits", "train.py")
        subprocess.run([sys.executable, script, "--out", folder, "--losses-out", losses, *options], env=env, check=True)
        with open(losses) as f:
            history = json.load(f)
    return {"first_batch_losses": history.pop("batch_losses")[:FIRST], **history}


def spread(rows) -> float:
    """The largest relative difference of a column."""
    return max((max(column) - min(column)) / abs(sum(column) / len(column)) for column in zip(*rows))


def main() -> None:
    settings = {"onednn=%s threads=%s" % (o, t): run(o, t) for o in "10" for t in "12"}
    golden = {
        "mxnet": "1.9.1",
        "arguments": "defaults",
        "spread": {
            key: spread([history[key] for history in settings.values()])
            for key in ("first_batch_losses", "epoch_losses", "test_accuracy")
        },
        "settings": settings,
        # Not the same losses: layers then make their weights one after the other, and Dropout draws in between.
        "--no-hybridize --epochs 1": run("1", "2", "--no-hybridize", "--epochs", "1"),
    }
    with open(GOLDEN, "w") as f:
        json.dump(golden, f, indent=1)
        f.write("\n")
    print(json.dumps(golden["spread"], indent=1))


if __name__ == "__main__":
    main()
