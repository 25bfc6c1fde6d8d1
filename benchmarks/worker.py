"""A process that runs one side's contestants, one turn at a time, on request.

Run as ``python -m benchmarks.worker SIDE DEVICE`` with SIDE one of ours, torch, mxnet. Requests come on standard input
and answers go to standard output, one JSON object a line:

``{"do": "prepare", "key", "kind", "name", "mode", "contestant"}`` -> ``{"check": [numbers]}``
``{"do": "turn", "key", "seconds", "blocks"}`` -> ``{"seconds": per call}``
``{"do": "drop"}`` forgets what was prepared; ``{"do": "versions"}``.

An answer with ``error`` says why there is no other. Between requests the process sleeps in ``readline``. Also runs
under MXNet's Python 3.8.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
import timeit
import traceback
from statistics import median
from typing import Any


def make_side(side: str, device: str) -> Any:
    """The side's module does the imports, so that no process loads more than it times."""
    if side == "torch":
        from .torch_side import Side
    else:
        if side == "ours":
            from mxgluon_compat.interop import install

            install()
        from .gluon_side import Side
    return Side(device)


class Worker:
    """Prepared contestants by key."""

    def __init__(self, side: Any) -> None:
        self.side = side
        self.timers: dict[str, timeit.Timer] = {}
        self.calls: dict[str, int] = {}

    def prepare(self, key: str, kind: str, name: str, mode: str, contestant: str) -> dict[str, Any]:
        """Makes a contestant and checks what it computes."""
        arguments = (name, contestant) if kind == "operator" else (name, mode, contestant)
        statement, scope, check = getattr(self.side, kind)(*arguments)
        self.timers[key] = timeit.Timer(statement, globals=scope)
        return {"check": check}

    def block(self, key: str, calls: int) -> float:
        """Seconds of so many calls and of waiting, once, for all that they started."""
        self.side.synchronize()
        start = time.perf_counter()
        self.timers[key].timeit(calls)
        self.side.synchronize()
        return time.perf_counter() - start

    def turn(self, key: str, seconds: float, blocks: int) -> dict[str, Any]:
        """Median over ``blocks`` blocks of about ``seconds`` together, after one that is not counted."""
        if key not in self.timers:
            raise LookupError("not prepared: the process has ended and was started again since")
        if key not in self.calls:
            calls, target = 1, seconds / blocks
            while (took := self.block(key, calls)) < target:
                calls = max(calls + 1, min(10 * calls, int(1.2 * calls * target / took)))
            self.calls[key] = calls
        calls = self.calls[key]
        self.block(key, calls)  # caches are cold after the others' turns
        return {"seconds": median(self.block(key, calls) / calls for _ in range(blocks))}

    def drop(self) -> dict[str, Any]:
        """Forgets all contestants."""
        self.timers.clear()
        self.calls.clear()
        if "torch" in sys.modules and "torch._dynamo" in sys.modules:
            sys.modules["torch"].compiler.reset()
        gc.collect()
        return {}

    def versions(self) -> dict[str, Any]:
        """What runs here."""
        return self.side.versions()


def main() -> None:
    """Answers requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not mix with the answers
    worker = Worker(make_side(sys.argv[1], sys.argv[2]))
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(worker, request.pop("do"))(**request)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
