"""``convert IN OUT``: the arrays of a file in another format; records out of RecordIO files and into them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from ..base import MissingFileError, MXNetError
from ..serialization import params
from ..serialization.content import atomic_write
from ..serialization.parts import SparseParts
from . import common, packing, records
from .statistics import byte_size

__all__ = ["add"]

_OF_SUFFIX = {".params": "mxnet", ".safetensors": "safetensors", ".npz": "npz", ".npy": "npy"}


def add(commands: Any) -> None:
    """Puts the command into the parser."""
    parser = commands.add_parser(
        "convert",
        help="write the arrays of a file in another format; pack and unpack RecordIO files",
        description="Read an array file of any format (what it is, its content tells) and write its arrays, names and "
        "order to OUT, whose suffix tells the format: .params (MXNet's binary format, as MXNet 1.9.1 writes it), "
        ".safetensors, .npz, .npy (one array). Or, as im2rec.py did: a folder of images to FILE.lst (a list: id, label "
        "and path of each), a folder or a list to FILE.rec (RecordIO, with its index FILE.idx). Or of a RecordIO file: "
        "to FILE.idx (its index), to OTHER.rec (its sound records), to a new folder (a file for each record). OUT is "
        "replaced when all of it is written; on an error it stays as it was.",
        epilog=f"{common.EXIT_CODES}. Problems are images and records that were skipped.",
    )  # fmt: skip
    parser.add_argument("source", metavar="IN")
    parser.add_argument("target", metavar="OUT")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors and problems")
    arrays = parser.add_argument_group("arrays")
    arrays.add_argument("--format", choices=sorted(_OF_SUFFIX.values()), help="whatever OUT's suffix says")
    arrays.add_argument(
        "--np-shape",
        action="store_true",
        help="write .params as MXNet does under np-shape semantics (mx.npx.set_np), which it then needs for reading; "
        "arrays without dimensions are written so anyway",
    )
    group = parser.add_argument_group("folders")
    group.add_argument(
        "--recursive", action="store_true", help="folders in the folder too, each with a label of its own"
    )
    group.add_argument(
        "--exts", nargs="+", metavar=".EXT", help=f"suffixes of images (default: {' '.join(packing.SUFFIXES)})"
    )
    group.add_argument("--no-shuffle", action="store_true", help="keep the order of the paths")
    group = parser.add_argument_group("lists")
    group.add_argument("--chunks", type=int, metavar="N", help="write N lists, NAME_0.lst and so on")
    group.add_argument(
        "--train-ratio", type=float, metavar="R", help="part of the images for NAME_train.lst (default: 1)"
    )
    group.add_argument("--test-ratio", type=float, metavar="R", help="part for NAME_test.lst; the rest is NAME_val.lst")
    group = parser.add_argument_group("packing")
    group.add_argument(
        "--root", metavar="FOLDER", help="what the paths of a list start from (default: the list's folder)"
    )
    group.add_argument("--pass-through", action="store_true", help="pack the files as they are")
    group.add_argument("--resize", type=int, metavar="N", help="make the shorter edge N pixels long")
    group.add_argument("--center-crop", action="store_true", help="cut images to squares, before they are resized")
    group.add_argument(
        "--quality", type=int, metavar="Q", help="of JPEG, 1 to 100 (default: 95); effort of PNG, 0 to 9 (9)"
    )
    group.add_argument(
        "--encoding", choices=sorted(packing.QUALITY), help="format of the packed images (default: .jpg)"
    )
    group.add_argument("--color", type=int, choices=(-1, 0, 1), help="1: colour (default); 0: grey; -1: as in the file")
    group.add_argument("--pack-label", action="store_true", help="pack all labels of a line, not only the first one")
    group.add_argument("--threads", type=int, metavar="N", help="how many images are worked on at once (default: 1)")
    group = parser.add_argument_group("RecordIO files")
    group.add_argument("--skip-damaged", action="store_true", help="go on behind damaged records, and list them")
    parser.set_defaults(command_function=run)


class _Job(NamedTuple):
    what: str
    function: Callable[[argparse.Namespace], tuple[int, str]]
    options: frozenset[str]


_FOLDER = {"recursive", "exts", "no_shuffle"}
_LIST = {"chunks", "train_ratio", "test_ratio"}
_PACK = {"pass_through", "resize", "center_crop", "quality", "encoding", "color", "threads"}
_CHANGES = _PACK - {"pass_through", "threads"}


def run(options: argparse.Namespace) -> tuple[int, str]:
    """The exit code and the text to print.

    Raises:
        MXNetError, OSError, ValueError: IN cannot be read; OUT cannot be written, or has no place for what is in IN; an
            option that says nothing here.
    """
    job = _job(options.source, options.target)
    common_options = {"source", "target", "quiet", "command", "command_function"}
    given = {name for name, value in vars(options).items() if value is not None and value is not False}
    given -= common_options
    if strange := sorted(given - job.options):
        raise ValueError(f"--{strange[0].replace('_', '-')} says nothing where {job.what}")
    if "pass_through" in given and (strange := sorted(given & _CHANGES)):
        raise ValueError(f"--{strange[0].replace('_', '-')} says nothing with --pass-through")
    return job.function(options)


def _job(source: str, target: str) -> _Job:
    """What is to be done, by what IN is and what OUT is called."""
    suffix = os.path.splitext(target)[1].lower()
    if os.path.isdir(source):
        if suffix == ".lst":
            return _Job(
                "a list is made", packing.make_list, frozenset(_FOLDER | {"chunks", "train_ratio", "test_ratio"})
            )
        if suffix == ".rec":
            return _Job("a folder is packed", packing.pack_folder, frozenset(_FOLDER | _PACK))
        raise ValueError(
            f"{source} is a folder, which becomes a list (FILE.lst) or is packed (FILE.rec), not {target!r}"
        )
    if source.lower().endswith(".lst"):
        if suffix != ".rec":
            raise ValueError(f"{source} is a list of images, which are packed into FILE.rec, not {target!r}")
        return _Job("a list is packed", packing.pack_list, frozenset(_PACK | {"root", "pack_label"}))
    if _is_records(source):
        if suffix in _OF_SUFFIX:
            raise ValueError(f"{source} is a RecordIO file: it becomes FILE.idx, OTHER.rec or a folder, not {target!r}")
        what = {".idx": records.index, ".rec": records.copy}.get(suffix, records.extract)
        return _Job("records are read", what, frozenset({"skip_damaged"}))
    return _Job("arrays are converted", _convert_arrays, frozenset({"format", "np_shape"}))


def _is_records(source: str) -> bool:
    try:
        with open(source, "rb") as file:
            return file.seekable() and records.is_records(source, file.read(512))
    except FileNotFoundError:
        raise MissingFileError(f"{source}: no such file") from None


def _convert_arrays(options: argparse.Namespace) -> tuple[int, str]:
    format = options.format or _OF_SUFFIX.get(os.path.splitext(options.target)[1].lower())
    if format is None:
        raise ValueError(f"{options.target!r} does not end with one of {', '.join(_OF_SUFFIX)}: give --format as well")
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
