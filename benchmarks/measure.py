"""Interleaved rounds: every contestant of a piece of work takes one turn in each round, one at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import works

ROOT = Path(__file__).parents[1]


class WorkerError(Exception):
    """A worker refused a request or died."""


class Worker:
    """A process for one side, started at the first request.

    Args:
        side: ``'ours'``, ``'torch'`` or ``'mxnet'``.
        python: its interpreter.
        device: ``'cpu'`` or ``'cuda'``.
        threads: for OpenMP; None: as many as the side takes by itself.
    """

    def __init__(self, side: str, python: str, device: str, threads: int | None) -> None:
        self.side = side
        self._command = [python, "-m", "benchmarks.worker", side, device]
        self._environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
        if threads is not None:
            self._environment["OMP_NUM_THREADS"] = str(threads)
        self._process: subprocess.Popen[str] | None = None

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        """The worker's answer.

        Raises:
            WorkerError: it could not, or it died.
        """
        if self._process is None:
            self._start()
        try:
            self._process.stdin.write(json.dumps({"do": do, **request}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            code = self.close()
            raise WorkerError(f"the {self.side} process ended with exit status {code}")
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer

    def _start(self) -> None:
        try:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        except OSError as error:
            raise WorkerError(f"the {self.side} process does not start: {error}") from None

    def drop(self) -> None:
        """Lets the process forget what it has prepared."""
        if self._process is not None:
            self.ask("drop")

    def close(self) -> int | None:
        """Ends the process; returns its exit status."""
        if self._process is None:
            return None
        process, self._process = self._process, None
        process.communicate()
        return process.returncode


@dataclass(frozen=True)
class Work:
    """One piece of work: an operator, a net in one mode, or the update of all weights of a net."""

    kind: str  # 'operator', 'net' or 'update'
    name: str
    mode: str = ""  # of a net: 'step' or 'inference'

    def contestants(self, sides: Sequence[str], compiled: Sequence[str]) -> list[tuple[str, str]]:
        """(side, variant) of all that take part; ``compiled``: variants of torch that compile."""
        if self.kind == "operator":
            found = [("ours", "imperative"), ("torch", "eager"), ("mxnet", "imperative")]
        elif self.kind == "update":
            found = [("ours", "imperative"), ("torch", "fused"), ("torch", "foreach"), ("mxnet", "imperative")]
        else:
            found = [("ours", "hybridized"), ("ours", "imperative"), ("torch", "eager")]
            if works.NETS[self.name].images:
                found.append(("torch", "channels_last"))
            found += [("torch", variant) for variant in compiled]
            found += [("mxnet", "hybridized"), ("mxnet", "imperative")]
        return [pair for pair in found if pair[0] in sides]


@dataclass
class Result:
    """Seconds per call of each contestant, one number a round; why a contestant has none."""

    work: Work
    seconds: dict[str, list[float]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """How long to measure."""

    rounds: int = 5
    seconds: float = 0.4  # of one turn
    blocks: int = 3
    pause: float = 0.1  # between turns: idle OpenMP threads were seen to spin for 10 ms

    @classmethod
    def quick(cls) -> Settings:
        """Enough to see that everything runs."""
        return cls(rounds=2, seconds=0.002, blocks=1, pause=0.0)


def all_works(only: Sequence[str]) -> Iterator[Work]:
    """The works named in ``only`` (operators, nets, updates, or the plural of a kind), all without it."""
    for name in works.OPERATORS:
        if not only or name in only or "operators" in only:
            yield Work("operator", name)
    for name in works.NETS:
        if not only or name in only or "nets" in only:
            for mode in works.MODES:
                yield Work("net", name, mode)
    for name in works.UPDATES:
        if not only or name in only or "updates" in only:
            yield Work("update", name)


def measure(
    work: Work, workers: dict[str, Worker], compiled: Sequence[str], settings: Settings, tolerance: float
) -> Result:
    """Times all contestants of ``work``, and checks that they compute the same to a relative ``tolerance``."""
    result = Result(work)
    racing: dict[str, Worker] = {}
    expected: list[float] | None = None
    for side, variant in work.contestants(list(workers), compiled):
        key, worker = f"{side}-{variant}", workers[side]
        try:
            check = worker.ask("prepare", key=key, kind=work.kind, name=work.name, mode=work.mode, contestant=variant)[
                "check"
            ]
            expected = expected or check
            if not _close(check, expected, tolerance):
                raise WorkerError(f"computes {check}, others {expected}")
            racing[key] = worker
        except WorkerError as error:
            result.failures[key] = str(error)
    for _ in range(settings.rounds):
        for key, worker in list(racing.items()):
            time.sleep(settings.pause)
            try:
                answer = worker.ask("turn", key=key, seconds=settings.seconds, blocks=settings.blocks)
                result.seconds.setdefault(key, []).append(answer["seconds"])
            except WorkerError as error:
                result.failures[key] = str(error)
                result.seconds.pop(key, None)
                del racing[key]
    for worker in workers.values():
        worker.drop()
    return result


def _close(numbers: Sequence[float], expected: Sequence[float], tolerance: float) -> bool:
    return len(numbers) == len(expected) and all(
        abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-3) for a, b in zip(numbers, expected)
    )


def make_workers(device: str, oracle: str | None, threads: int | None) -> dict[str, Worker]:
    """Worker by side; MXNet's where ``oracle`` names its interpreter."""
    workers = {side: Worker(side, sys.executable, device, threads) for side in ("ours", "torch")}
    if oracle:
        workers["mxnet"] = Worker("mxnet", oracle, device, threads)
    return workers
