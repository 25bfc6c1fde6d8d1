"""Run a program in this process as Python itself would, with ``import mxnet`` giving this package."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec
from types import CodeType, ModuleType, TracebackType
from typing import Any

from . import legacy_numpy, legacy_python
from .install import PathEntry, install

__all__ = ["LEGACY", "run_module", "run_script"]

#: What a program can be given back of what is no more: name -> the function that does it.
LEGACY = {"numpy": legacy_numpy.enable, "python": legacy_python.enable}


class _PathEntry(PathEntry):
    """The first entry of the program's ``sys.path``; it brings what is given back to other processes, too."""

    legacy: tuple[str, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        return _prepare, (str(self), self.legacy)


def _prepare(path: str, legacy: Sequence[str]) -> _PathEntry:
    """Make this process ready for the program; returns the entry for ``sys.path``."""
    install()
    for name in legacy:
        LEGACY[name]()
    entry = _PathEntry(path)
    entry.legacy = tuple(legacy)
    return entry


def _set_up(argv: Sequence[str], folder: str, legacy: Sequence[str]) -> None:
    sys.argv[:] = argv
    if getattr(sys.flags, "safe_path", False):  # python -P: the program's folder is not on the path
        folder = sys.path[0]
    sys.path[0] = _prepare(folder, legacy)


def _execute(code: CodeType | bytes, spec: ModuleSpec | None, loader: Any, path: str) -> None:
    """Run ``code`` (the text of a script, or what a module's loader gave) as the process's ``__main__``."""
    main: Any = ModuleType("__main__")
    main.__file__, main.__spec__, main.__loader__ = path, spec, loader
    main.__package__ = spec.parent if spec else None
    main.__cached__ = spec.cached if spec else None
    sys.modules["__main__"] = main
    if isinstance(code, bytes):
        code = compile(code, path, "exec", dont_inherit=True)
    exec(code, main.__dict__)


def _strip(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback from the program's first frame on; what is not the program's stays whole."""
    frame = traceback
    while frame is not None:
        if frame.tb_frame.f_code is _execute.__code__:
            return frame.tb_next
        frame = frame.tb_next
    return traceback


def _hide_own_frames() -> None:
    """Have an uncaught error print the program's frames alone."""
    show = sys.excepthook

    def excepthook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        traceback = _strip(traceback)
        show(kind, error.with_traceback(traceback), traceback)

    sys.excepthook = excepthook


def run_script(path: str, arguments: Sequence[str] = (), *, legacy: Sequence[str] = ()) -> None:
    """Run the script at ``path`` as ``python path arguments...`` does. For a process that is the program's from now on.

    Args:
        path: the file.
        arguments: ``sys.argv`` from the second on.
        legacy: of ``LEGACY``, what the program is given back of what NumPy or Python removed.
    """
    full = os.path.abspath(path)
    _hide_own_frames()
    _set_up([path, *arguments], os.path.dirname(os.path.realpath(path)), legacy)
    with open(full, "rb") as file:
        text = file.read()
    _execute(text, None, SourceFileLoader("__main__", full), full)


def _find_module(name: str) -> ModuleSpec | None:
    """The spec of a module, importing the packages above it; ``None`` if it or one of those does not exist."""
    try:
        return find_spec(name)
    except ModuleNotFoundError as error:
        if error.name and (name + ".").startswith(error.name + "."):
            return None
        raise


def run_module(name: str, arguments: Sequence[str] = (), *, legacy: Sequence[str] = ()) -> None:
    """Run the module ``name`` (of a package: its ``__main__``) as ``python -m name arguments...`` does.

    Raises:
        SystemExit: with a message: there is no such module, or nothing in it to run.
    """
    _hide_own_frames()
    _set_up(["-m", *arguments], os.getcwd(), legacy)
    spec: Any = _find_module(name)
    if spec is not None and spec.submodule_search_locations is not None:
        name += ".__main__"
        spec = _find_module(name)
    code = spec.loader.get_code(spec.name) if spec is not None and hasattr(spec.loader, "get_code") else None
    if code is None:
        sys.exit(f"cannot run the module {name!r}: " + ("there is none" if spec is None else "it has no Python code"))
    sys.argv[0] = spec.origin
    _execute(code, spec, spec.loader, spec.origin)
