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
        seen: dict[int, str] = {}
        for name, param in params.items():
            seen.setdefault(id(param), name)
        params = {name: params[name] for name in seen.values()}
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

    A file with a dot in some name has structural names (``features.0.weight``), others have full ones
    (``net0_conv0_weight``).

    Raises:
        AssertionError: a Parameter is missing in the file (unless ``allow_missing``), or does not fit.
        ValueError: the file has more (unless ``ignore_extra``).
        MXNetError: the file is no array file.
    """
    loaded = ndarray.load(filename)
    params = block._collect_params_with_prefix()
    if not loaded and not params:
        return
    if not isinstance(loaded, dict):
        raise AssertionError(f"{filename} holds a list of arrays without names")
    if not any("." in name for name in loaded) and not set(loaded) & set(params):
        block.collect_params().load(
            filename, ctx, allow_missing, ignore_extra, block.prefix, cast_dtype=cast_dtype, dtype_source=dtype_source
        )
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
        params[name].check_load(value, cast_dtype, dtype_source)
    for name, value in matched.items():
        params[name]._load_init(value, ctx, cast_dtype=cast_dtype, dtype_source=dtype_source)
