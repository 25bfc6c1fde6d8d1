"""Run the programs of tests/curves under real MXNet, in four settings, and write tests/golden/curves.json.

Usage: ORACLE_PYTHON -m tests.oracle.curves [NAME ...]    (see tools/oracle.sh)

The settings differ in threads and in oneDNN, thus in rounding alone; ``spread`` is how far apart they come at each
step, relative to the loss. Without oneDNN some programs do not run (MXNet's own LSTM there); they have fewer settings.
"""

import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CURVES = os.path.join(ROOT, "tests", "curves")
GOLDEN = os.path.join(ROOT, "tests", "golden", "curves.json")


def run(name, option, onednn, threads):
    """The losses that a program prints, None where it fails."""
    env = dict(os.environ, MXNET_MKLDNN_ENABLED=onednn, OMP_NUM_THREADS=threads)
    command = [sys.executable, os.path.join(CURVES, name + ".py")] + option.split()
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        print(name, option, "oneDNN", onednn, "fails:", done.stderr.strip().splitlines()[-1])
        return None
    return [float(line) for line in done.stdout.split()]


def main():
    names = sys.argv[1:] or sorted(f[:-3] for f in os.listdir(CURVES) if not f.startswith(("_", "test_")))
    golden = {}
    if os.path.exists(GOLDEN):
        with open(GOLDEN) as f:
            golden = json.load(f)
    for name in names:
        for option in ("", "--no-hybridize"):
            runs = {"oneDNN %s, threads %s" % (o, t): run(name, option, o, t) for o in "10" for t in "21"}
            runs = {setting: losses for setting, losses in runs.items() if losses}
            losses = runs["oneDNN 1, threads 2"]
            spread = [(max(row) - min(row)) / abs(row[0]) for row in zip(*runs.values())]
            golden[" ".join([name] + option.split())] = {
                "settings": sorted(runs),
                "losses": losses,
                "spread": [float("%.2g" % s) for s in spread],
            }
            print(name, option, len(losses), "losses, largest spread", max(spread))
    with open(GOLDEN, "w") as f:
        json.dump(golden, f, sort_keys=True)
        f.write("\n")


if __name__ == "__main__":
    main()
