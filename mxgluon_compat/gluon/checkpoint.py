"""Parameters of a Block in files: structural names, full names, exported names."""

from __future__ import annotations

from typing import Any

from .. import ndarray
from ..ndarray import NDArray
from .utils import _brief_print_list

__all__ = ["load_block", "save_block"]


def save_block(block: Any, filename: str, deduplicate: bool) -> None:
    """Writes a Block's Parameters under their structural names.

    Args:
        block: the Block.
        filename: the file.
        deduplicate: write a Parameter that several Blocks share only once.
    """
    params = block._collect_params_with_prefix()
    if deduplicate:
        last = {id(param): name for name, param in params.items()}  # the last of its names, as in MXNet
        params = {name: params[name] for name in last.values()}
    ndarray.save(filename, {name: param._reduce() for name, param in params.items()})


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
    full ones marked ``arg:`` and ``aux:`` ``export``.

    Raises:
        AssertionError: a Parameter is missing in the file (unless ``allow_missing``), or does not fit.
        ValueError: the file has more (unless ``ignore_extra``), or no names.
        MXNetError: the file is no array file.
    """
    loaded = ndarray.load(filename)
    params = block._collect_params_with_prefix()
    if not loaded and not params:
        return
    if not isinstance(loaded, dict):
        raise ValueError(f"{filename} holds a list of arrays without names")
    if not any("." in name for name in loaded) and not set(loaded) & set(params):
        by_name = block.collect_params()
        # MXNet takes the names without the prefix only; the others, it refuses.
        complete = any(name.removeprefix("arg:").removeprefix("aux:") in by_name for name in loaded)
        prefix = "" if complete else block.prefix
        by_name.load_dict(loaded, ctx, allow_missing, ignore_extra, prefix, filename, cast_dtype, dtype_source)
        return
    if not allow_missing:
        # A Parameter that several Blocks share may stand in the file under one of its names.
        names_of: dict[int, list[str]] = {}
        for name, param in params.items():
            names_of.setdefault(id(param), []).append(name)
        for name, param in params.items():
            assert any(n in loaded for n in names_of[id(param)]), (
                f"Parameter '{name}' is missing in file '{filename}', which contains parameters: "
                f"{_brief_print_list(list(loaded))}. Set allow_missing=True to ignore missing parameters."
            )
    matched: dict[str, NDArray] = {}
    for name, value in loaded.items():
        if name in params:
            matched[name] = value
        elif not ignore_extra:
            raise ValueError(
                f"Parameter '{name}' loaded from file '{filename}' is not present in ParameterDict, which contains "
                f"parameters {_brief_print_list(list(params))}. Set ignore_extra=True to ignore. "
            )
    for name, value in matched.items():
        params[name].check_load(value, ctx, cast_dtype, dtype_source)
    for name, value in matched.items():
        params[name]._load_init(value, ctx, cast_dtype=cast_dtype, dtype_source=dtype_source)
