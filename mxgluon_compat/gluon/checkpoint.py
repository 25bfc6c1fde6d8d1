"""Parameters of a Block in files: structural names, full names, exported names; whole models in a pair of files."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from .. import ndarray
from . import matching
from .utils import _brief_print_list

__all__ = ["load_block", "load_model", "save_block", "save_model"]


def save_block(block: Any, filename: str, deduplicate: bool, format: str | None = None) -> None:
    """Writes a Block's Parameters under their structural names.

    Args:
        block: the Block.
        filename: the file.
        deduplicate: write a Parameter that several Blocks share only once.
        format: of the file; see ``nd.save``.
    """
    params = block._collect_params_with_prefix()
    if deduplicate:
        last = {id(param): name for name, param in params.items()}  # the last of its names, as in MXNet
        params = {name: params[name] for name in last.values()}
    ndarray.save(filename, {name: param._reduce().as_nd_ndarray() for name, param in params.items()}, format)


def load_block(
    block: Any,
    filename: str,
    ctx: Any,
    allow_missing: bool,
    ignore_extra: bool,
    cast_dtype: bool,
    dtype_source: str,
) -> None:
    """Reads a Block's Parameters; nothing changes where the file does not fit.

    The names tell what wrote the file: structural ones (``features.0.weight``) ``save_parameters``, full ones without
    the Block's prefix (``conv0_weight``) ``save_params``, full ones (``net0_conv0_weight``) ``ParameterDict.save``, and
    full ones marked ``arg:`` and ``aux:`` ``export``. Where they are not this Block's, ``matching`` looks for those
    that they may stand for.

    Raises:
        AssertionError: a Parameter is missing in the file (unless ``allow_missing``), or does not fit.
        ValueError: the file has more (unless ``ignore_extra``), or no names, or two arrays of one name.
        MXNetError: the file is no array file.
    """
    loaded = ndarray.load(filename) or {}  # MXNet's files do not tell an empty list from an empty dict
    params = block._collect_params_with_prefix()
    if not loaded and not params:
        return
    if not isinstance(loaded, dict):
        raise ValueError(f"{filename} holds a list of arrays without names")
    where = f"file: {filename}"
    by_name, prefix, note = block.collect_params(), block.prefix, ""
    arrays = matching.unmarked(loaded, where)
    full, stripped = (sum(start + name in by_name for name in arrays) for start in ("", prefix))
    if _has_full_names(loaded, arrays, params, max(full, stripped)):
        # MXNet takes the names without the prefix only; the others, it refuses.
        if full >= stripped:
            arrays, note = matching.match(arrays, by_name._params, block, where, allow_missing, ignore_extra)
            prefix = "" if any(name in by_name for name in arrays) else prefix
        arrays = by_name._restored(arrays, prefix)
        by_name._take(arrays, prefix, where, note, ctx, allow_missing, ignore_extra, cast_dtype, dtype_source)
        return
    loaded, note = matching.match(loaded, params, block, where, allow_missing, ignore_extra)
    # A Parameter that several Blocks share may stand in the file under one of its names.
    there = {id(params[name]) for name in loaded if name in params}
    missing = [] if allow_missing else [name for name, param in params.items() if id(param) not in there]
    extra = [] if ignore_extra else [name for name in loaded if name not in params]
    more = matching.problems(missing, extra, note)
    if missing:
        raise AssertionError(
            f"Parameter '{missing[0]}' is missing in file '{filename}', which contains parameters: "
            f"{_brief_print_list(list(loaded))}. Set allow_missing=True to ignore missing parameters.{more}"
        )
    if extra:
        raise ValueError(
            f"Parameter '{extra[0]}' loaded from file '{filename}' is not present in ParameterDict, which contains "
            f"parameters {_brief_print_list(list(params))}. Set ignore_extra=True to ignore. {more.lstrip()}"
        )
    pairs = [(params[name], value) for name, value in loaded.items() if name in params]
    matching.load_all(pairs, ctx, cast_dtype, dtype_source)


def _has_full_names(
    loaded: Mapping[str, Any], arrays: Mapping[str, Any], structural: Mapping[str, Any], matching_names: int
) -> bool:
    """Whether the names in a file are full ones.

    Args:
        loaded: the arrays as they are named in the file.
        arrays: the same without marks.
        structural: the Block's Parameters by structural name.
        matching_names: how many of the names are full ones of the Block's Parameters.
    """
    found = [name for name in loaded if name in structural]
    if not loaded or any("." in name for name in found):
        return False
    marked = arrays.keys() != loaded.keys()
    dotted = any("." in name for name in loaded)
    return marked or matching_names > len(found) or not (found or dotted)


# ---------------------------------------------------------------------------------------------- whole models
def save_model(block: Any, prefix: str) -> None:
    """Writes ``PREFIX-model.params`` and ``PREFIX-model.json``: the tree of Blocks, with the graphs of hybridized ones.

    Raises:
        RuntimeError: a Parameter is not initialised.
    """
    save_block(block, f"{prefix}-model.params", False)
    tree: dict[str, Any] = {}
    _describe(block, tree, count())
    with open(f"{prefix}-model.json", "w") as file:
        json.dump(tree, file)


def _describe(block: Any, tree: dict[str, Any], numbers: Iterator[int]) -> None:
    """Puts a Block and its descendants into ``tree``, each under its class and its number in the whole model."""
    entry: dict[str, Any] = {"orig_name": block.name}
    if hasattr(block, "_active"):
        graph = block._cached_graph
        if graph:
            inputs, out = graph
            entry.update(in_format=block._in_format, out_format=block._out_format)
            entry.update(inputs=[x.tojson() for x in inputs], symbol=out.tojson())
        entry["hybridized"] = bool(graph)
    entry["children"] = {child.name: key for key, child in block._children.items()}
    tree[f"{type(block).__name__.lower()}{next(numbers)}"] = entry
    for child in block._children.values():
        _describe(child, entry, numbers)


def load_model(block: Any, prefix: str) -> None:
    """Reads what ``save_model`` wrote into a Block of the same structure: values, names, which Blocks are hybridized.

    Graphs are traced anew at the next call: MXNet's restored ones name other Parameters than the Block has.

    Raises:
        FileNotFoundError: no such file.
        KeyError: another structure.
        AssertionError, ValueError: values do not fit; see ``load_block``.
    """
    with open(f"{prefix}-model.json") as file:
        tree = json.load(file)
    described = list(_matched(block, tree, count()))
    load_block(block, f"{prefix}-model.params", None, False, False, False, "current")
    _rename([(found, entry["orig_name"]) for found, entry in described])
    for found, entry in described:
        if entry.get("hybridized"):
            found._active = True
            found._clear_cached_op()


def _matched(block: Any, tree: dict[str, Any], numbers: Iterator[int]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """(Block, its entry in ``tree``) for a Block and its descendants."""
    entry = tree[f"{type(block).__name__.lower()}{next(numbers)}"]
    yield block, entry
    for child in block._children.values():
        yield from _matched(child, entry, numbers)


def _rename(blocks: list[tuple[Any, str]]) -> None:
    """Gives Blocks and their own Parameters the names that they had when they were saved.

    MXNet changes the keys of ``collect_params`` and not the Parameters' names, and then exports none of them.
    """
    names: dict[int, str] = {}
    for block, name in blocks:
        for attribute, param in block._reg_params.items():
            if param.name == block.prefix + attribute:  # not one of another Block's, nor one of an imported graph
                names[id(param)] = f"{name}_{attribute}"
        block._name = name
    for block, _ in blocks:
        own = block.params
        own._params = OrderedDict((names.get(id(param), key), param) for key, param in own.items())
        for param in own.values():
            if id(param) in names:
                param.name, param._var = names[id(param)], None
