"""``python -m benchmarks``: measures, prints a table, writes ``benchmarks/results/DEVICE.json`` and ``.md``.

The works ``pictures`` and ``records``, which read files, write ``pictures-rates.md`` and ``records-rates.md``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from . import works
from .measure import ROOT, Settings, Work, WorkerError, all_works, make_workers, measure
from .reading import READING, rates
from .report import document, markdown


def _oracle(device: str, given: str | None) -> str | None:
    """MXNet's interpreter, or None; MXNet's wheels have no GPU code that runs beside a torch of today."""
    if device == "cuda":
        return None
    if given is not None:
        return given or None
    default = ROOT / ".oracle" / "bin" / "python"
    return os.environ.get("MXNET_ORACLE_PYTHON") or (str(default) if default.exists() else None)


def _compiled(work: Work, device: str, wanted: str) -> list[str]:
    """Which variants of ``torch.compile`` take part: on a CPU, where compiling takes a minute, few by default."""
    if work.kind != "net" or wanted == "none":
        return []
    if device == "cuda":
        return ["compile", "compile-graphs"]
    return ["compile"] if wanted == "all" or work.name in ("mlp", "lenet") else []


def _arguments() -> argparse.Namespace:
    names = [*works.OPERATORS, *works.NETS, *works.UPDATES, "operators", "nets", "updates", *READING]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=sys.modules["benchmarks"].__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--only", action="append", choices=names, default=[], metavar="NAME", help=", ".join(names))
    parser.add_argument("--rounds", type=int, help=f"interleaved rounds (default {Settings.rounds})")
    parser.add_argument("--quick", action="store_true", help="only see that everything runs; the figures mean nothing")
    parser.add_argument(
        "--oracle", metavar="PYTHON", help="an interpreter with MXNet 1.9.1 (see tools/oracle.sh), '' for none"
    )
    parser.add_argument(
        "--compile", choices=("auto", "all", "none"), default="auto",
        help="what to measure with torch.compile too; auto: on a CPU mlp and lenet, on cuda all nets",
    )  # fmt: skip
    parser.add_argument(
        "--threads", choices=("cores", "own"), default="cores",
        help="of OpenMP: one for each core, or as many as each side takes by itself (MXNet: half as many)",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results", help="folder of the results")
    return parser.parse_args()


def main() -> int:
    """Exit status: 1 if a contestant failed."""
    options = _arguments()
    oracle = _oracle(options.device, options.oracle)
    options.out.mkdir(parents=True, exist_ok=True)
    reading = [name for name in READING if name in options.only or (not options.only and options.device == "cpu")]
    try:
        for name in reading:
            print(f"{name} ...", file=sys.stderr, flush=True)
            lines = rates(name, oracle, options.quick)
            note = "A quick run: the figures mean nothing.\n\n" if options.quick else ""
            (options.out / f"{name}-rates.md").write_text(note + "".join(f"- {line}\n" for line in lines))
            print("\n".join(lines))
    except WorkerError as error:
        sys.exit(f"python -m benchmarks: {error}")
    if options.only and set(options.only) <= set(READING):
        return 0
    settings = Settings.quick() if options.quick else Settings()
    if options.rounds:
        settings = dataclasses.replace(settings, rounds=options.rounds)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    workers = make_workers(options.device, oracle, cores if options.threads == "cores" else None)
    machine: dict[str, Any] = {"device": options.device, "cores": cores, "processor": platform.machine()}
    machine["threads"] = options.threads
    results = []
    try:
        for side, worker in workers.items():
            found = worker.ask("versions")
            machine.update({"mxnet": found["gluon"]} if side == "mxnet" else found if side == "torch" else {})
        # cuDNN's convolutions round to TF32
        tolerance = 2e-3 if options.device == "cpu" else 3e-2
        for work in all_works(options.only):
            print(f"{work.name} {work.mode} ...", file=sys.stderr, flush=True)
            compiled = _compiled(work, options.device, options.compile)
            results.append(measure(work, workers, compiled, settings, tolerance))
    except WorkerError as error:
        sys.exit(f"python -m benchmarks: {error}")
    finally:
        for worker in workers.values():
            worker.close()
    report = document(machine, {"quick": options.quick, **dataclasses.asdict(settings)}, results)
    text = markdown(report)
    print(text)
    (options.out / f"{options.device}.json").write_text(json.dumps(report, indent=1) + "\n")
    (options.out / f"{options.device}.md").write_text(text)
    return int(any(result.failures for result in results))


if __name__ == "__main__":
    sys.exit(main())
