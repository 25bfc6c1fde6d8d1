"""``compare --mxnet-python PY SCRIPT``: the same program under MXNet and here, and the first place where they part."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

from ..base import MXNetError
from ..interop import program
from ..interop.parity import Comparison, Difference, Recording, Tolerance, compare, is_recording, recorder, spread_of
from ..interop.parity.page import page
from ..interop.parity.report import as_json, lines
from ..serialization.params import atomic_write_bytes
from . import common

__all__ = ["add"]

_PACKAGE = __name__.partition(".")[0]


def add(commands: Any) -> None:
    """Puts the command into the parser."""
    parser = commands.add_parser(
        "compare",
        help="run a program under MXNet and here, and say where they part",
        usage=f"python -m {_PACKAGE} compare [OPTIONS] (--mxnet-python PY | --record FILE | --against FILE) "
        "(SCRIPT | -m MODULE) [ARGS...]",
        description="Run a program, unchanged, under MXNet and here, from the same seed, and report the first place "
        "where they part, by step and by layer: inputs and outputs of Blocks (of a Module: of the nodes of its graph), "
        "losses, gradients and Parameters of each step. Where MXNet is on another machine: 'compare --write-recorder "
        "record.py' writes one file that runs there ('python record.py --record mxnet.rec SCRIPT ARGS...'), and "
        "'compare --against mxnet.rec SCRIPT ARGS...' here does the rest. In the place of SCRIPT a second recording "
        "may stand. What the program prints goes to stderr.",
        epilog="exit codes: 0 the same; 1 they part; 2 wrong usage, or a program that fails",
    )
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument(
        "--mxnet-python", metavar="PY", help="interpreter that has MXNet: run the program with it and here"
    )
    way.add_argument("--record", metavar="FILE", help="run the program here alone, and write what it computes")
    way.add_argument("--against", metavar="FILE", help="run the program here, and compare it with a recording; options "
                     "of the recording hold where none is given")  # fmt: skip
    way.add_argument(
        "--write-recorder", metavar="FILE", help="write the recorder for a machine with MXNet, and no more"
    )
    recorder.add_options(parser)
    for key, text in (
        ("rtol", "relative tolerance at step 0"),
        ("atol", "absolute tolerance"),
        ("growth", "of --rtol, with each step"),
    ):
        default = getattr(Tolerance, key)
        parser.add_argument(f"--{key}", type=_tolerance, default=default, metavar="X", help=f"{text} ({default:g})")
    parser.add_argument(
        "--no-spread", action="store_true",
        help="take the tolerance as it is; else, where programs part after step 0, there is one more run here, with "
        "noise as small as rounding on all gradients, and four times what that makes of the numbers is let pass",
    )  # fmt: skip
    parser.add_argument("--html", metavar="FILE", help="write the report as a page too, with the curves of both")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("-m", dest="module", action="store_true", help="run a module, as 'python -m' does")
    parser.add_argument("program", nargs=argparse.REMAINDER, metavar="SCRIPT [ARGS...]")
    parser.set_defaults(command_function=run, parser=parser)


def _tolerance(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no tolerance")
    return value


def run(options: argparse.Namespace) -> tuple[int, str]:
    """The exit code and the text to print.

    Raises:
        MXNetError, OSError: a recording cannot be read, or a program made none.
    """
    words = options.program[options.program[:1] == ["--"] :]
    if options.write_recorder:
        if words:
            options.parser.error("--write-recorder runs no program")
        shutil.copyfile(recorder.__file__, options.write_recorder)
        return common.FINE, f"{options.write_recorder}: run it with the interpreter that has MXNet"
    if not words:
        options.parser.error("which program? Give a SCRIPT, or -m and a MODULE, and its arguments")
    if not options.module and not os.path.isfile(words[0]):
        options.parser.error(f"no such script: {words[0]!r} (looked from {os.getcwd()})")
    if options.record:
        return _record(options, words), ""
    given = ["-m", *words] if options.module else words
    if options.against and not options.module and is_recording(words[0]):
        if len(words) > 1:
            options.parser.error("a recording takes no arguments")
        return _reported(options, Recording.load(options.against), Recording.load(words[0]))
    with tempfile.TemporaryDirectory() as folder:
        if options.against:
            wanted = Recording.load(options.against)
            settings = recorder.chosen(options, wanted.header["options"])
        else:
            settings = recorder.chosen(options)
            theirs = os.path.join(folder, "mxnet.rec")
            wanted = _child([options.mxnet_python, recorder.__file__], theirs, settings, given, "under MXNet")

        def here(name: str, **changes: Any) -> Recording:
            command = [sys.executable, "-m", _PACKAGE, "compare"]
            return _child(command, os.path.join(folder, name), {**settings, **changes}, given, "here")

        return _reported(options, wanted, here("here.rec"), None if options.no_spread else here)


def _record(options: argparse.Namespace, words: Sequence[str]) -> int:
    """Runs the program in this process, which is its own from now on; the exit code."""
    from importlib import import_module

    command = ["-m", *words] if options.module else words
    recording = recorder.Recorder(import_module(_PACKAGE), os.path.abspath(options.record), command=command,
                                  **recorder.chosen(options))  # fmt: skip
    start = program.run_module if options.module else program.run_script
    return recorder.exit_code(recording, lambda: start(words[0], words[1:]))


def _child(command: list[str], path: str, settings: dict[str, Any], words: Sequence[str], where: str) -> Recording:
    """Records a program in a process of its own; its output goes to stderr.

    Raises:
        MXNetError: it recorded nothing.
    """
    given: list[str] = ["--record", path]
    for key, value in settings.items():
        if value is True:
            given.append(f"--{key.replace('_', '-')}")
        elif value is not None and value is not False:
            given += [f"--{key}", str(value)]
    environment = dict(os.environ)
    if command[0] == sys.executable:  # this very package, wherever it is
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, environment.get("PYTHONPATH"))))
    done = subprocess.run([*command, *given, *words], stdout=2, env=environment)
    if not os.path.exists(path):
        raise MXNetError(f"the program was not recorded {where}: {command[0]} ended with exit code {done.returncode}")
    recording = Recording.load(path)
    if not recording.events:
        failure = recording.end.get("failure")
        why = (
            f"the program failed: {failure}"
            if failure
            else "the program calls no Gluon Block, backward, Trainer or Module"
        )
        raise MXNetError(f"nothing was recorded {where}: {why}")
    return recording


def _reported(
    options: argparse.Namespace, wanted: Recording, found: Recording, again: Callable[..., Recording] | None = None
) -> tuple[int, str]:
    """The exit code and the report; ``again(name, nudge=...)`` records the program here once more."""
    tolerance = Tolerance(options.rtol, options.atol, options.growth)
    comparison = compare(wanted, found, tolerance)
    if again is not None and comparison.first is not None and _may_be_rounding(comparison.first):
        spread = spread_of(found, again("nudged.rec", nudge=1))
        comparison = compare(wanted, found, dataclasses.replace(tolerance, spread=spread))
    if options.html:
        atomic_write_bytes(options.html, page(comparison).encode())
    text = json.dumps(as_json(comparison), indent=1) if options.json else "\n".join(lines(comparison))
    return _code(comparison), text


def _may_be_rounding(first: Difference) -> bool:
    return first.event.step > 0 and first.reason in ("values", "norm") and first.event.kind != "initial"


def _code(comparison: Comparison) -> int:
    if comparison.wanted.end.get("failure") or comparison.found.end.get("failure"):
        return common.UNUSABLE
    return common.FINE if comparison.first is None else common.PROBLEMS
