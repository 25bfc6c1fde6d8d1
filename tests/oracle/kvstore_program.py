"""Writes tests/golden/kvstore_program.txt: what tests/kvstore/data_parallel.py prints on two workers of MXNet.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.kvstore_program
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    shared = dict(os.environ, DMLC_PS_ROOT_URI="127.0.0.1", DMLC_PS_ROOT_PORT="9501", DMLC_NUM_WORKER="2",
                  DMLC_NUM_SERVER="1")  # fmt: skip
    command = [sys.executable, os.path.join(HERE, "..", "kvstore", "data_parallel.py")]
    started = [
        subprocess.Popen(command, env=dict(shared, DMLC_ROLE=role), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for role in ("scheduler", "server", "worker", "worker")
    ]
    printed = b"".join(process.communicate()[0] for process in started)
    with open(os.path.join(HERE, "..", "golden", "kvstore_program.txt"), "wb") as file:
        file.write(printed)
    print(printed.decode())


if __name__ == "__main__":
    main()
