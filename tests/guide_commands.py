"""Runs the command lines of the migration guide, each in a copy of one process that has imported the package already:
a start of Python with torch takes seconds, a copy of a started one does not.

Reads from stdin, a line each, the folder and the words of a command as JSON, and writes what became of it as JSON.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch
import torch._dynamo  # what optimizers and graphs import when they are first used

from mxgluon_compat.__main__ import main
from mxgluon_compat.commands import compare
from mxgluon_compat.interop import install
from tests.kvstore.launch import free_port, variables

OURS = ["-m", "mxgluon_compat"]
OLD = "old/bin/python"  # the interpreter with MXNet, in the guide's examples


def program(words: Sequence[str]) -> Callable[[], Any]:
    """What a command line does, without the start of its process."""
    interpreter, *rest = words
    if interpreter == "torchrun":
        rest = rest[2:]  # --nproc_per_node N
    if rest[:2] == OURS:
        return lambda: main(rest[2:])
    if interpreter in ("python", OLD) and rest[0].endswith(".py"):  # where MXNet is; this package stands in for it
        return lambda: under_mxnet(rest)
    raise ValueError(f"no way to run {' '.join(words)!r}")


def under_mxnet(argv: Sequence[str]) -> None:
    install()
    sys.argv[:] = argv
    runpy.run_path(argv[0], run_name="__main__")


def exit_code(body: Callable[[], Any]) -> int:
    """Runs a program to its end."""
    try:
        body()
    except SystemExit as stop:
        if stop.code is None or isinstance(stop.code, int):
            return stop.code or 0
        print(stop.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def copy(words: Sequence[str], out: int, err: int, more: Mapping[str, str]) -> int:
    """Starts a copy of this process that runs a command; its id."""
    child = os.fork()
    if child:
        return child
    os.environ.update(more)
    os.dup2(out, 1)
    os.dup2(err, 2)
    code = exit_code(program(words))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def code_of(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def run(words: Sequence[str]) -> dict[str, Any]:
    """A command's exit code (of several processes: the first one's that failed) and what it printed."""
    count = int(words[2]) if words[0] == "torchrun" else 1
    port = free_port()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        children = []
        for rank in range(count):
            more = variables(count, rank, port, "torchrun") if count > 1 else {}
            children.append(copy(words, out.fileno(), err.fileno(), {k: str(v) for k, v in more.items()}))
        codes = [code_of(child) for child in children]
        out.seek(0)
        err.seek(0)
        return {"code": next(filter(None, codes), 0), "out": out.read().decode(), "err": err.read().decode()}


def run_for_compare(words: Sequence[str], stdout: int, env: Mapping[str, str]) -> SimpleNamespace:
    """``subprocess.run`` for the processes that ``compare`` starts."""
    words = ["python" if words[0] == sys.executable else words[0], *words[1:]]
    return SimpleNamespace(returncode=code_of(copy(words, stdout, 2, env)))


if __name__ == "__main__":
    torch.set_num_threads(1)  # threads do not outlive a fork
    compare.subprocess = SimpleNamespace(run=run_for_compare)
    for line in sys.stdin:
        folder, words = json.loads(line)
        os.chdir(folder)
        print(json.dumps(run(words)), flush=True)
