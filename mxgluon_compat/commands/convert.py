"""``convert IN OUT``: the arrays of a file in another format."""

from __future__ import annotations

import argparse
import os
from typing import Any

import numpy as np
import torch

from ..base import MXNetError
from ..serialization import params
from ..serialization.content import atomic_write
from ..serialization.parts import SparseParts
from . import common
from .statistics import byte_size

__all__ = ["add"]

_OF_SUFFIX = {".params": "mxnet", ".safetensors": "safetensors", ".npz": "npz", ".npy": "npy"}


def add(commands: Any) -> None:
    """Puts the command into the parser."""
    parser = commands.add_parser(
        "convert",
        help="write the arrays of a file in another format",
        description="Read an array file of any format (what it is, its content tells) and write its arrays, names and "
        "order to OUT, whose suffix tells the format: .params (MXNet's binary format, as MXNet 1.9.1 writes it), "
        ".safetensors, .npz, .npy (one array). OUT is replaced when all of it is written; on an error it stays as it "
        "was.",
        epilog=common.EXIT_CODES,
    )
    parser.add_argument("source", metavar="IN")
    parser.add_argument("target", metavar="OUT")
    parser.add_argument("--format", choices=sorted(_OF_SUFFIX.values()), help="whatever OUT's suffix says")
    parser.add_argument(
        "--np-shape",
        action="store_true",
        help="write .params as MXNet does under np-shape semantics (mx.npx.set_np), which it then needs for reading; "
        "arrays without dimensions are written so anyway",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    parser.set_defaults(command_function=run)


def run(options: argparse.Namespace) -> tuple[int, str]:
    """The exit code and the text to print.

    Raises:
        MXNetError, OSError, ValueError: IN cannot be read; OUT cannot be written, or has no place for what is in IN.
    """
    format = options.format or _OF_SUFFIX.get(os.path.splitext(options.target)[1].lower())
    if format is None:
        raise ValueError(
            f"{options.target!r} does not end with one of {', '.join(_OF_SUFFIX)}: give --format as well"
        )  # fmt: skip
    if options.np_shape and format != "mxnet":
        raise ValueError(f"--np-shape is for MXNet's format, not for {format}")
    arrays = params.load_tensors(options.source)
    values = list(arrays.values() if isinstance(arrays, dict) else arrays)
    total = sum(map(byte_size, values))
    with common.progress(total, "writing") as progress:
        if format == "npy":
            _write_npy(options.target, values)
        else:
            params.save_tensors(options.target, arrays, format, options.np_shape, progress)
    text = f"{options.target}: {format}, {common.plural(len(values), 'array')}, {common.plural(total, 'byte')}"
    return common.FINE, "" if options.quiet else common.printable(text)


def _write_npy(path: str, values: list[Any]) -> None:
    if len(values) != 1:
        raise MXNetError(f"{path}: a .npy file holds one array, not {len(values)}; .npz holds several")
    value = values[0]
    if isinstance(value, SparseParts) or value.dtype is torch.bfloat16:
        what = "sparse arrays" if isinstance(value, SparseParts) else "bfloat16"
        raise MXNetError(f"{path}: a .npy file has no place for {what}")

    def write(temporary: str) -> None:
        with open(temporary, "wb") as file:
            np.lib.format.write_array(file, value.numpy(), allow_pickle=False)

    atomic_write(path, write)
