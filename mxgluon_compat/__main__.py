"""The command line: ``python -m mxgluon_compat run train.py ...`` runs a program written for MXNet, unchanged.

``doctor`` says whether a code base will run, ``compare`` whether a program computes the same under MXNet and here;
``info``, ``convert`` and ``check`` look at files, ``source`` writes a net in plain PyTorch. See ``commands``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from mxgluon_compat.commands import check, common, compare, convert, doctor, info, source
from mxgluon_compat.interop import program

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mxgluon_compat", description="Apache MXNet's Gluon on PyTorch.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run",
        help="run a program written for MXNet",
        usage="python -m mxgluon_compat run [--legacy-numpy] [--legacy-python] (SCRIPT | -m MODULE) [ARGS...]",
        description="Run a program, unchanged, as 'python SCRIPT ARGS...' or 'python -m MODULE ARGS...' would, with "
        "'import mxnet' giving mxgluon_compat. Options for this command come before SCRIPT; all that follows is the "
        "program's.",
    )
    for name, what in (
        ("numpy", "NumPy 1.24 and 2.0 removed (np.float, np.bool, np.product, ragged arrays, ...)"),
        ("python", "Python's library removed since 3.5 (collections.Iterable, inspect.getargspec, time.clock, ...)"),
    ):
        flag = f"--legacy-{name}"
        run.add_argument(
            flag, dest="legacy", action="append_const", const=name, default=[], help=f"give the program what {what}"
        )
    run.add_argument("-m", dest="module", action="store_true", help="run a module, as 'python -m' does")
    run.add_argument("program", nargs=argparse.REMAINDER, help="the script (with -m: the module), and its arguments")
    run.set_defaults(parser=run, command_function=None)
    for command in (doctor, compare, info, convert, check, source):
        command.add(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line ``argv`` (default: ``sys.argv[1:]``)."""
    options = _parser().parse_args(argv)
    if options.command_function is not None:
        sys.exit(common.finish(options.command_function, options))
    target, *arguments = options.program[options.program[:1] == ["--"] :] or [None]
    if target is None:
        options.parser.error("which program? Give a SCRIPT, or -m and a MODULE")
    if not options.module and not os.path.isfile(target):
        options.parser.error(f"no such script: {target!r} (looked from {os.getcwd()})")
    start = program.run_module if options.module else program.run_script
    start(target, arguments, legacy=options.legacy)


if __name__ == "__main__":
    main()
