"""Run examples/tutorial_blocks/train.py under real MXNet and keep what it prints in tests/golden/tutorial_blocks.txt.

Usage: ORACLE_PYTHON tests/oracle/tutorial_blocks.py    (see tools/oracle.sh)
"""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(ROOT, "tests", "golden", "tutorial_blocks.txt")


def main() -> None:
    script = os.path.join(ROOT, "examples", "tutorial_blocks", "train.py")
    done = subprocess.run([sys.executable, script], stdout=subprocess.PIPE, check=True, universal_newlines=True)
    with open(GOLDEN, "w") as f:
        f.write(done.stdout)
    print(done.stdout, end="")


if __name__ == "__main__":
    main()
