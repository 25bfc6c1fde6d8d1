"""Which array of a file belongs to which Parameter, where the names in both are not the same.

Names that are the same decide. Where there are none, arrays are matched by name under another prefix
(``net1_dense0_weight`` for ``net0_dense0_weight``), then by name but for the numbers that Blocks get in the order in
which they are made (``dense4_weight`` for ``dense0_weight``), then by layers whose shapes fit in one way only. Nothing
is guessed: what fits in two ways does not fit. Structural names of a fused recurrent layer and of its cells are the
same.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..ndarray import NDArray
from .utils import _brief_print_list

__all__ = ["Matched", "load_all", "match", "problems", "unmarked"]

_logger = logging.getLogger(__name__)

# Names of BatchNorm's statistics in graphs made by hand, and in gluon's.
_STATISTICS = re.compile(r"moving_(mean|var)$")
_TOKEN = re.compile(r"[^._]*[._]?")
_NUMBERED = re.compile(r"(.*?)(0|[1-9][0-9]{0,8})([._]?)", re.DOTALL)
_LAYER = re.compile(r"((?:.*?[._])??)(running_mean|running_var|[^._]*)", re.DOTALL)
# Structural names of fused recurrent layers, as MXNet 1.x writes them or as the attributes are called, and of cells.
_CELLS = re.compile(
    r"((?:.*?\.)??)(?:(_unfused\.)?(\d+)\.(?:([lr])_cell\.)?|([lr])(\d+)_)([ih]2[hr]_(?:weight|bias))", re.DOTALL
)
# A prefix in the file is looked for in so many parts of a name.
_PREFIX_PARTS = 8

Shape = tuple[int, ...] | None


class _SeveralWays(Exception):
    """Names or shapes fit in more than one way."""


class Matched(NamedTuple):
    """Arrays by the Parameters' names where one belongs to a Parameter, else by their own; ``note``: why none does."""

    arrays: dict[str, NDArray]
    note: str = ""


def unmarked(arrays: Mapping[str, NDArray], where: str) -> dict[str, NDArray]:
    """The arrays without ``arg:`` and ``aux:`` before their names.

    Raises:
        ValueError: two have the same name then.
    """
    found: dict[str, NDArray] = {}
    for name, value in arrays.items():
        bare = name.removeprefix("arg:").removeprefix("aux:")
        if bare in found:
            raise ValueError(f"{where} holds two arrays for {bare!r}, with and without 'arg:' or 'aux:'")
        found[bare] = value
    return found


def match(
    arrays: Mapping[str, NDArray],
    params: Mapping[str, Any],
    block: Any,
    where: str,
    allow_missing: bool,
    ignore_extra: bool,
) -> Matched:
    """Finds the Parameters that arrays belong to.

    Args:
        arrays: arrays by their names in the file, without ``arg:`` and ``aux:``.
        params: the Parameters, by the names that they may have in the file.
        block: whose they are; None where that is not known.
        where: the file, for messages.
        allow_missing, ignore_extra: whether Parameters and arrays may be left over.

    Raises:
        AssertionError: some fit in several ways, and ``allow_missing`` and ``ignore_extra`` leave no other error.
    """
    if not arrays or not params:
        return Matched(dict(arrays))
    theirs, ours = _alike(arrays, params)
    theirs = _fused(theirs, ours)
    if theirs.keys() & ours.keys():
        return Matched({ours.get(alike, name): arrays[name] for alike, name in theirs.items()})
    source = where.removeprefix("file: ")
    try:
        prefix = "" if block is None else block.prefix
        found, how = _by_name(list(theirs), list(ours), allow_missing, ignore_extra, prefix)
        if found is not None:
            one = next(iter(found))
            text = f"{source}: names match {how} ({ours[one]!r} is {theirs[found[one]]!r} there)"
            if len(found) == len(ours) == len(theirs):
                _logger.info(text)
            else:
                warnings.warn(f"{text}: {len(found)} of {len(ours)} Parameters, {len(theirs)} arrays", stacklevel=4)
        else:
            found, how = _by_shape(
                {k: arrays[name].shape for k, name in theirs.items()},
                _shapes_of({k: params[name] for k, name in ours.items()}, block),
            )
            if found is not None:
                warnings.warn(
                    f"{source}: no name is that of a Parameter. The arrays were matched by their shapes, which fit in "
                    f"one way only: {_brief_print_list([f'{theirs[f]} -> {ours[p]}' for p, f in found.items()])}",
                    stacklevel=4,
                )
    except _SeveralWays as ways:
        error = str(ways)
        if any("." in name for name in theirs) and not any("." in name for name in ours):
            error += "; structural names are of the Block that was saved: load it there, and export that"
        if allow_missing and ignore_extra:  # then there will be no other error
            raise AssertionError(f"{source}: {error}") from None
        return Matched(dict(arrays), error)
    if found is None:
        if allow_missing and ignore_extra:
            warnings.warn(f"{source}: no name is that of a Parameter; nothing is loaded", stacklevel=4)
        return Matched(dict(arrays), how)
    back = {theirs[f]: ours[p] for p, f in found.items()}
    return Matched({back.get(name, name): value for name, value in arrays.items()})


def _alike(*both: Iterable[str]) -> Iterator[dict[str, str]]:
    """{name with gluon's names of statistics: name}, for both where that leaves all names different."""
    named = [[(_STATISTICS.sub(r"running_\1", name), name) for name in names] for names in both]
    plain = any(len(dict(pairs)) < len(pairs) for pairs in named)
    return ({name if plain else alike: name for alike, name in pairs} for pairs in named)


def _fused(theirs: dict[str, str], ours: dict[str, str]) -> dict[str, str]:
    """``theirs`` under our names where they are the same but for recurrent layers that are fused on one side only."""
    left = [[name for name in names if name not in others] for names, others in ((theirs, ours), (ours, theirs))]
    there, here = map(_by_cell, left)
    if len(there) < len(left[0]) or there.keys() != here.keys():
        return theirs
    return {here_name: theirs[there[cell]] for cell, here_name in here.items()} | {
        name: theirs[name] for name in theirs if name in ours
    }


def _by_cell(names: list[str]) -> dict[tuple[str, ...], str]:
    """{(where, direction, layer, Parameter): name} of the names of recurrent layers; cells are counted by layers."""
    found = [(match.groups(), name) for name in names if (match := _CELLS.fullmatch(name))]
    places: dict[str, set[int]] = {}
    for (stem, fused, place, *_), _name in found:
        if place and not fused:
            places.setdefault(stem, set()).add(int(place))
    rank = {(stem, n): i for stem, numbers in places.items() for i, n in enumerate(sorted(numbers))}
    return {
        (stem, way or side or "l", str(layer or (place if fused else rank[stem, int(place)])), rest): name
        for (stem, fused, place, side, way, layer, rest), name in found
    }


# ---------------------------------------------------------------------------------------------- by names
def _by_name(
    theirs: list[str], ours: list[str], allow_missing: bool, ignore_extra: bool, prefix: str
) -> tuple[dict[str, str] | None, str]:
    """{Parameter: array} and how its names match; None where they do not.

    Raises:
        _SeveralWays: they match in several ways.
    """
    found = _by_prefix(theirs, ours)
    if found is not None:
        return found, "under another prefix"
    if not any("." in name for name in theirs):  # numbers of structural names are places, not counters
        found = _by_numbers(theirs, ours)
    if found is not None:
        return found, "but for the numbers in them"
    if allow_missing or ignore_extra:
        found = _by_part(theirs, ours, allow_missing, ignore_extra, prefix)
    return found, "under another prefix"


def _cut(names: list[str]) -> int:
    """How many characters the names have in common, in whole parts; the last part of a name is never among them."""
    first, last = min(names), max(names)
    n = 0
    while n < min(len(first), len(last)) and first[n] == last[n]:
        n += 1
    return max(first.rfind("_", 0, n), first.rfind(".", 0, n)) + 1


def _by_prefix(theirs: list[str], ours: list[str]) -> dict[str, str] | None:
    """{Parameter: array} where all names are the same after the prefix that all have."""
    there, here = _cut(theirs), _cut(ours)
    rest = {name[there:]: name for name in theirs}
    if rest.keys() != {name[here:] for name in ours}:
        return None
    return {name: rest[name[here:]] for name in ours}


def _by_numbers(theirs: list[str], ours: list[str]) -> dict[str, str] | None:
    """{Parameter: array} where all names are the same after that prefix, with their numbers counted from 0."""
    known: dict[tuple[int, str, int], int] = {}
    there, here = (_counted(names, _cut(names), known) for names in (theirs, ours))
    if there.keys() != here.keys() or len(there) != len(theirs):
        return None
    return {name: there[path] for path, name in here.items()}


def _counted(names: list[str], start: int, known: dict[tuple[int, str, int], int]) -> dict[int, str]:
    """{path: name}: the path stands for the parts of the name, each number replaced by its rank among its siblings.

    Args:
        names: the names.
        start: where their parts begin.
        known: {(path, part without its number, rank): path that goes on with it}; grows.
    """
    parts = [[p for p in _TOKEN.findall(name[start:]) if p] for name in names]
    paths = [0] * len(names)
    waiting, depth = list(range(len(names))), 0
    while waiting:
        waiting = [i for i in waiting if len(parts[i]) > depth]
        taken = {i: _numbered(parts[i][depth]) for i in waiting}
        numbers: dict[tuple[int, str], set[int]] = {}
        for i, (text, number) in taken.items():
            numbers.setdefault((paths[i], text), set()).add(number)
        rank = {key: {n: r for r, n in enumerate(sorted(found))} for key, found in numbers.items()}
        for i, (text, number) in taken.items():
            key = (paths[i], text, -1 if number < 0 else rank[paths[i], text][number])
            paths[i] = known.setdefault(key, len(known) + 1)
        depth += 1
    return dict(zip(paths, names, strict=True))


def _numbered(part: str) -> tuple[str, int]:
    """A part of a name without its number, and the number, or -1."""
    found = _NUMBERED.fullmatch(part)
    return (f"{found[1]}#{found[3]}", int(found[2])) if found else (part, -1)


def _by_part(
    theirs: list[str], ours: list[str], allow_missing: bool, ignore_extra: bool, prefix: str
) -> dict[str, str] | None:
    """{Parameter: array} where all Parameters' names or all arrays' are those of the others after a prefix.

    Raises:
        _SeveralWays: several prefixes fit as many names.
    """
    present, given, first = set(ours), set(theirs), _token(min(ours), 0)
    here = {"", prefix, first if all(name.startswith(first) and name != first for name in ours) else ""}
    votes: Counter[tuple[str, str]] = Counter()
    for name in theirs:
        at = 0
        for _ in range(_PREFIX_PARTS):
            votes.update((name[:at], p) for p in here if p + name[at:] in present)
            at += len(_token(name, at))
            if at >= len(name):
                break
    best: dict[str, str] | None = None
    for (there, own), count in votes.most_common():
        if count < min(len(ours), len(theirs)):
            break
        n = len(own)
        found = {p: there + p[n:] for p in ours if p.startswith(own) and there + p[n:] in given}
        missing, extra = len(found) < len(ours), len(found) < len(theirs)
        # Where something is left over on both sides, the rest may be alike by chance.
        if (missing and not allow_missing) or (extra and not ignore_extra) or (missing and extra):
            continue
        if best is not None and found != best:
            name = next(p for p in {**best, **found} if best.get(p) != found.get(p))
            ways = " or ".join(repr(w[name]) for w in (best, found) if name in w)
            raise _SeveralWays(f"the names fit in several ways under other prefixes: {name!r} may be {ways}")
        best = found
    return best


# ---------------------------------------------------------------------------------------------- by shapes
def _shapes_of(params: Mapping[str, Any], block: Any) -> dict[str, Shape]:
    """The Parameters' shapes, as far as they or the Block know them; 0 or -1 for what is open."""
    told = {} if block is None else block._known_shapes()
    return {name: told.get(p.name) if p.shape is None else p.shape for name, p in params.items()}


def _by_shape(theirs: Mapping[str, Shape], ours: Mapping[str, Shape]) -> tuple[dict[str, str] | None, str]:
    """{Parameter: array} where the layers' shapes fit, or None and why they do not.

    A layer is what has one name but for the last part (``weight``, ``running_mean``).

    Raises:
        _SeveralWays: they fit in several ways.
    """
    if len(theirs) != len(ours):
        return None, f"there are {len(theirs)} arrays for {len(ours)} Parameters, under other names"
    there, here = _layers(theirs), _layers(ours)
    if len(there) != len(here):
        return None, f"there are arrays of {len(there)} layers for {len(here)}, under other names"
    fits: dict[str, set[str]] = {}
    for name, layer in here.items():
        fits[name] = {n for n, found in there.items() if _admits(layer, found, ours, theirs)}
        if not fits[name]:
            return None, f"no layer in it has the shapes of {name[:-1]!r}: {_brief_print_list(_shown(layer, ours))}"
    users: dict[str, set[str]] = {n: {name for name in fits if n in fits[name]} for n in there}
    # Where there is only one way, some layer fits one place only, and so on with the rest.
    ready = [name for name in here if len(fits[name]) == 1]
    found: dict[str, str] = {}
    while ready:
        name = ready.pop()
        if not fits[name]:
            break
        (taken,) = fits[name]
        found[name] = taken
        for other in users[taken] - {name}:
            fits[other].discard(taken)
            if len(fits[other]) == 1:
                ready.append(other)
    left = [name for name in here if name not in found]
    if left:
        several = max(left, key=lambda name: len(fits[name]))
        if len(fits[several]) < 2:
            return None, "its layers have other shapes"
        raise _SeveralWays(
            f"its names are others, and its shapes fit in several ways: {several[:-1]!r} may be any of "
            f"{_brief_print_list([name[:-1] for name in sorted(fits[several])])}"
        )
    return {p: there[found[name]][leaf] for name, layer in here.items() for leaf, p in layer.items()}, ""


def _token(name: str, at: int) -> str:
    """The part of a name that begins there, with the mark that ends it."""
    match = _TOKEN.match(name, at)
    return match[0] if match else ""


def _layers(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """{layer: {last part of the name: name}}."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        match = _LAYER.fullmatch(name)
        assert match  # any text is one
        layer, leaf = match.groups()
        found.setdefault(layer, {})[leaf] = name
    return found


def _admits(
    layer: dict[str, str], found: dict[str, str], ours: Mapping[str, Shape], theirs: Mapping[str, Shape]
) -> bool:
    return found.keys() == layer.keys() and all(_is_of(ours[p], theirs[found[leaf]]) for leaf, p in layer.items())


def _is_of(wanted: Shape, shape: Shape) -> bool:
    return (
        wanted is None
        or shape is not None
        and (len(wanted) == len(shape) and all(w in (-1, 0, n) for w, n in zip(wanted, shape, strict=True)))
    )


def _shown(layer: dict[str, str], shapes: Mapping[str, Shape]) -> list[str]:
    return [f"{leaf} {shapes[name]}" for leaf, name in layer.items()]


# ---------------------------------------------------------------------------------------------- what does not fit
def problems(missing: list[str], extra: list[str], note: str) -> str:
    """A sentence with all that does not fit; empty where it would only repeat the one that is named."""
    parts = [note] if note else []
    if len(missing) + len(extra) > 1:
        parts += [f"the file lacks {_brief_print_list(missing)}"] if missing else []
        parts += [f"the model lacks {_brief_print_list(extra)}"] if extra else []
    return f" In all, {'; '.join(parts)}." if parts else ""


def load_all(pairs: list[tuple[Any, NDArray]], ctx: Any, cast_dtype: bool, dtype_source: str) -> None:
    """``Parameter._load_init`` for all pairs of a Parameter and its values; nothing changes where one does not fit.

    Raises:
        AssertionError: some do not fit; the message tells of the first and lists all.
    """
    refused = list(_refused(pairs, ctx, cast_dtype, dtype_source))
    if refused:
        text = str(refused[0][2])
        if len(refused) > 1:
            rest = [f"{p.name} {p.shape} vs {v.shape}" for p, v, _ in refused]
            text += f"; in all, {len(refused)} do not fit: {_brief_print_list(rest)}."
        raise AssertionError(text) from None
    for param, value in pairs:
        param._load_init(value, ctx, cast_dtype=cast_dtype, dtype_source=dtype_source)


def _refused(
    pairs: Iterable[tuple[Any, NDArray]], ctx: Any, cast_dtype: bool, dtype_source: str
) -> Iterator[tuple[Any, NDArray, AssertionError]]:
    for param, value in pairs:
        try:
            param.check_load(value, ctx, cast_dtype, dtype_source)
        except AssertionError as error:
            yield param, value, error
