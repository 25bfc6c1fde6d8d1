"""Writes tests/golden/legacy/NAME.txt: what each program of tests/legacy/ prints under real MXNet 1.9.1.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.legacy [NAME...]
"""

import glob
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def main(names):
    for path in sorted(glob.glob(os.path.join(HERE, "..", "legacy", "*.py"))):
        name = os.path.splitext(os.path.basename(path))[0]
        if name.startswith(("test_", "__")) or (names and name not in names):
            continue
        with tempfile.TemporaryDirectory() as folder:  # for what programs save
            printed = subprocess.run(
                [sys.executable, os.path.abspath(path)],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, cwd=folder,
            )  # fmt: skip
        with open(os.path.join(HERE, "..", "golden", "legacy", name + ".txt"), "wb") as file:
            file.write(printed.stdout)
        print(name, len(printed.stdout), "bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
