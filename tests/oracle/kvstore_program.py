"""Writes what the programs in tests/kvstore print on two workers of MXNet: tests/golden/kvstore_program.txt and kin.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.kvstore_program
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# {program in tests/kvstore: file in tests/golden}
PROGRAMS = {"data_parallel": "kvstore_program.txt", "data_parallel_module": "kvstore_module.txt"}


def record(program, golden):
    shared = dict(os.environ, DMLC_PS_ROOT_URI="127.0.0.1", DMLC_PS_ROOT_PORT="9501", DMLC_NUM_WORKER="2",
                  DMLC_NUM_SERVER="1")  # fmt: skip
    command = [sys.executable, os.path.join(HERE, "..", "kvstore", program + ".py")]
    started = [
        subprocess.Popen(command, env=dict(shared, DMLC_ROLE=role), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for role in ("scheduler", "server", "worker", "worker")
    ]
    printed = b"".join(process.communicate()[0] for process in started[2:])
    for process in started[:2]:  # which wait on, where a worker's last words were lost
        process.terminate()
        process.wait()
    with open(os.path.join(HERE, "..", "golden", golden), "wb") as file:
        file.write(printed)
    print(printed.decode())


if __name__ == "__main__":
    for each in PROGRAMS.items():
        record(*each)
