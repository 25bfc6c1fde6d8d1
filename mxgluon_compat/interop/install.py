"""``interop.install()``: from then on ``import mxnet`` gives this package.

An import hook on ``sys.meta_path`` answers for ``mxnet`` and everything below it. What it gives is the very module of
this package, under a second name in ``sys.modules``: ``mxnet.gluon.nn is mxgluon_compat.gluon.nn``. The modules
themselves are not touched; their names, and those of their classes in pickles, stay ``mxgluon_compat...``.

Where Horovod is not installed, ``import horovod.mxnet`` gives ``interop.horovod.mxnet`` in the same way.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Any

__all__ = ["install", "uninstall"]

ALIAS = "mxnet"
PACKAGE = __name__.partition(".")[0]
GUEST = "horovod"
GUEST_PACKAGE = f"{PACKAGE}.interop.{GUEST}"


def _below(name: str, package: str) -> bool:
    """Whether ``name`` is ``package`` or a module of it."""
    return name == package or name.startswith(package + ".")


def _real_name(alias: str) -> str:
    """``mxnet.gluon.nn`` -> ``mxgluon_compat.gluon.nn``."""
    if _below(alias, GUEST):
        return GUEST_PACKAGE + alias[len(GUEST) :]
    return PACKAGE + alias[len(ALIAS) :]


def _is_guests(name: str) -> bool:
    """Whether a module of Horovod is asked for, and Horovod itself is not there."""
    if name == GUEST:
        return PathFinder.find_spec(name) is None
    return _below(name, GUEST) and _is_ours(sys.modules.get(GUEST))


def _is_ours(module: ModuleType | None) -> bool:
    """Whether what stands in ``sys.modules`` under the alias is a module of this package."""
    return _below(getattr(module, "__name__", ""), PACKAGE)


def _mirror() -> None:
    """Give every module of ours that is imported its second name.

    Not only the one asked for: importing ``mxnet.a.b`` through the import system sets the attribute ``b`` of ``a``, and
    a package may have given that name to something else (``model_zoo.vision.alexnet`` is a module and then a function).
    """
    for name, module in list(sys.modules.items()):
        if _below(name, PACKAGE) and not getattr(getattr(module, "__spec__", None), "_initializing", False):
            sys.modules.setdefault(ALIAS + name[len(PACKAGE) :], module)


class _AliasFinder(MetaPathFinder, Loader):
    """Finds and loads ``mxnet``, ``horovod`` where there is none, and the modules below them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not (_below(fullname, ALIAS) or _is_guests(fullname)):
            return None
        real = find_spec(_real_name(fullname))
        if real is None:
            raise ModuleNotFoundError(
                f"No module named {fullname!r}: {PACKAGE} has no module {_real_name(fullname)!r} "
                "(see migration_guide.md#what-is-not-there)",
                name=fullname,
            )
        return ModuleSpec(fullname, self, origin=real.origin, is_package=real.submodule_search_locations is not None)

    def exec_module(self, module: ModuleType) -> None:
        # The import system has made an empty `module`. Code may put another into sys.modules in its place, and that one
        # is then what `import` gives, without any attribute of it being set.
        name = module.__name__
        sys.modules[name] = importlib.import_module(_real_name(name))
        _mirror()


_finder = _AliasFinder()


class PathEntry(str):
    """An entry of ``sys.path``; unpickled in another process, it installs the alias there too.

    ``multiprocessing``, where it does not fork, starts a fresh interpreter, and sends it ``sys.path`` before it imports
    the program's main module, or the functions that are to run there.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return _installed, (str(self),)


def _installed(path: str) -> PathEntry:
    install()
    return PathEntry(path)


def install() -> None:
    """Make ``import mxnet`` (and any module below it) give this package, a second call nothing.

    It holds in processes that ``multiprocessing`` starts, too, in whichever way.

    Raises:
        ImportError: the real MXNet is already imported in this process.
    """
    for name, module in list(sys.modules.items()):
        if _below(name, ALIAS) and module is not None and not _is_ours(module):
            where = getattr(module, "__file__", None) or "an unknown place"
            raise ImportError(
                f"cannot install {PACKAGE} as {ALIAS!r}: {name!r} is already imported from {where}, and objects of "
                f"both would mix. Call {PACKAGE}.interop.install() before the first 'import {ALIAS}', or start the "
                f"program with 'python -m {PACKAGE} run'",
                name=name,
            )
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    if not any(isinstance(entry, PathEntry) for entry in sys.path):
        place = next((i for i, entry in enumerate(sys.path) if entry), None)  # "" is sent as a folder's name
        if place is not None:
            sys.path[place] = PathEntry(sys.path[place])


def uninstall() -> None:
    """Undo ``install()``: remove the import hook and every ``mxnet`` name that it made. Without one, do nothing."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    sys.path[:] = [str(entry) if isinstance(entry, PathEntry) else entry for entry in sys.path]
    for name, module in list(sys.modules.items()):
        if (_below(name, ALIAS) or _below(name, GUEST)) and _is_ours(module):
            del sys.modules[name]
