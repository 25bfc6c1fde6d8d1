"""Writes docs/api.md: the public modules, what each holds, and which names of MXNet's are not in it.

Nothing is listed by hand: names come from the modules themselves, MXNet's from the list that ``doctor`` has too.

Run from the repository's root:
    python -m tools.api_page            writes the page
    python -m tools.api_page --check    says whether it is up to date (exit status 1: it is not)
"""

from __future__ import annotations

import importlib
import inspect
import pathlib
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple

import mxgluon_compat as mx
from mxgluon_compat.interop.doctor.names import Absent, Thing, found, listed
from tools.stubs import is_operator

ROOT = pathlib.Path(__file__).parent.parent
PAGE = ROOT / "docs" / "api.md"
PACKAGE = mx.__name__
OWN = ("checkpoint", "interop")  # public modules that MXNet has not
HEAD = """# The public names

What programs import, module by module: {count} classes, functions and values, each where its path is
shortest. **own** marks what MXNet 1.9.1 has not. Operators, under `nd` and `sym`, are in
[operators.md](operators.md); layers, cells and losses once more, with what of them is compared with MXNet, in
[layers.md](layers.md). Written by `python -m tools.api_page` from the modules themselves.

"""
MODULES = """## Modules that are not here

`ModuleNotFoundError`; [the guide](../migration_guide.md#what-is-not-there) says what to do instead.

"""
NAMES = """

## Names that are not here

In none of the modules above; most are tools of MXNet's own for its C library.

| name | in MXNet's | |
| --- | --- | --- |
"""


class Entry(NamedTuple):
    """A public name; ``own`` where MXNet 1.9.1 has it not."""

    name: str
    text: str
    own: bool


class Room(NamedTuple):
    """A public module: ``path`` as programs write it, without the package."""

    path: str
    text: str
    entries: list[Entry]


def paths() -> list[str]:
    """The modules that MXNet has too, and ours, shorter paths first."""
    there = {_ours(name) for name in listed().modules if not re.search(r"\._", name)}
    return sorted({path for path in there | set(OWN) if module(path) is not None}, key=lambda p: (p.count("."), p))


def _ours(name: str) -> str:
    return name.partition(".")[2]


def module(path: str) -> ModuleType | None:
    """A module of the package; None where there is none."""
    try:
        return importlib.import_module(f"{PACKAGE}.{path}" if path else PACKAGE)
    except ModuleNotFoundError:
        return None


def rooms() -> list[Room]:
    """All public modules that have names of their own."""
    seen: set[int] = set()
    made = []
    for path in paths():
        here = module(path)
        assert here is not None
        theirs = listed().modules.get(f"mxnet.{path}" if path else "mxnet", {})
        entries = []
        for name, value in _public(here, theirs):
            if id(value) not in seen or not (inspect.isclass(value) or inspect.isfunction(value)):
                seen.add(id(value))
                entries.append(Entry(name, _first_line(value), name not in theirs))
        if entries:
            made.append(Room(path, _first_line(here), entries))
    return made


def missing() -> dict[str, tuple[list[str], str]]:
    """{name of MXNet's that no module has here: MXNet's modules that have it, the reason where one is given}."""
    absent: dict[str, tuple[list[str], str]] = {}
    there: set[str] = set()
    for path in paths():
        for name, real in listed().modules.get(f"mxnet.{path}" if path else "mxnet", {}).items():
            thing = found(Thing(_shown(path), module(path)), name)
            if not isinstance(thing, Absent):
                there.add(name)
            elif not real:  # modules are listed by themselves
                places, reason = absent.get(name, ([], ""))
                absent[name] = [*places, _shown(path)], reason or thing.reason.removeprefix("not there")
    return {name: absent[name] for name in sorted(absent) if name not in there}


def _public(here: ModuleType, theirs: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of a module: what it declares, but for modules, operators and what it has from elsewhere."""
    for name in sorted(getattr(here, "__all__", None) or theirs, key=lambda n: (n.lower(), n)):
        value = getattr(here, name, None)
        # None: a module that is not installed
        if value is None or isinstance(value, ModuleType) or name.startswith("_") or is_operator(value):
            continue
        if hasattr(here, name) and getattr(value, "__module__", PACKAGE).partition(".")[0] == PACKAGE:
            yield name, value


def _first_line(value: Any) -> str:
    """The first sentence of a docstring, fit for a cell."""
    if not (inspect.ismodule(value) or inspect.isclass(value) or inspect.isfunction(value)):
        return f"a value: {type(value).__name__}"
    text = (inspect.getdoc(value) or "").partition("\n\n")[0].replace("\n", " ").replace("``", "`")
    return re.split(r"(?<=\.) (?=[A-Z])", text)[0].replace("|", "\\|")


def _shown(path: str) -> str:
    return f"mx.{path}" if path else "mx"


def page() -> str:
    """The page's text."""
    everything = rooms()
    lines = [HEAD.format(count=sum(len(room.entries) for room in everything))]
    for room in everything:
        lines += [f"## `{_shown(room.path)}`\n", room.text + "\n"]
        lines += ["| name | |", "| --- | --- |"]
        lines += [f"| `{e.name}`{' **own**' * e.own} | {e.text} |" for e in room.entries] + [""]
    absent = [_ours(name) for name in sorted(listed().modules) if module(_ours(name)) is None]
    absent = [path for path in absent if path.rpartition(".")[0] not in absent and not re.search(r"\b_|gen_", path)]
    lines += [MODULES + ", ".join(f"`{_shown(path)}`" for path in absent) + "." + NAMES.rstrip()]
    for name, (places, reason) in missing().items():
        lines.append(
            f"| `{name}` | {', '.join(f'`{place}`' for place in places[:3])}{', ...' * (len(places) > 3)} | {reason} |"
        )
    return "\n".join(lines) + "\n"


def main(*options: str) -> int:
    """Writes the page, or checks it; the exit status."""
    if "--check" in options:
        return int(PAGE.read_text() != page())
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
