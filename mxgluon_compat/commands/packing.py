"""Images in folders as a list and as a RecordIO file: what MXNet's ``im2rec.py`` did."""

from __future__ import annotations

import argparse
import os
import random
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, NamedTuple

from ..base import MXNetError
from ..recordio import MXIndexedRecordIO, pack
from ..recordio.images import encoded
from ..serialization.content import atomic_write, atomic_write_bytes
from ..util import opencv
from . import common

__all__ = ["make_list", "pack_folder", "pack_list"]

SUFFIXES = (".jpeg", ".jpg", ".png")
_SEED = 100  # im2rec.py's: the same folder gives the same order
QUALITY = {".jpg": 95, ".png": 9}
QUALITY_MOST = {".jpg": 100, ".png": 9}


class Item(NamedTuple):
    """A line of a list: ``id TAB label (TAB label)* TAB path``."""

    id: int
    labels: Sequence[float]
    path: str

    def line(self) -> str:
        return f"{self.id}\t" + "".join(f"{label:f}\t" for label in self.labels) + f"{self.path}\n"


# ---------------------------------------------------------------------------------------------- lists
def _images(root: str, recursive: bool, suffixes: Sequence[str]) -> tuple[list[Item], dict[str, int]]:
    """The images of a folder in the order of their paths, and the label of each folder among them.

    A folder's label is its place among those that hold images; without ``recursive`` all of ``root`` has label 0.
    """
    items: list[Item] = []
    labels: dict[str, int] = {}
    above: dict[str, frozenset[str]] = {}
    for folder, folders, files in os.walk(root, followlinks=True):
        real, parents = os.path.realpath(folder), above.get(os.path.dirname(folder), frozenset())
        if real in parents:  # a link to a folder above
            folders.clear()
            continue
        above[folder] = parents | {real}
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            if os.path.splitext(name)[1].lower() in suffixes and os.path.isfile(path):
                label = labels.setdefault(os.path.relpath(folder, root), len(labels))
                items.append(Item(len(items), (label,), os.path.relpath(path, root)))
        if not recursive:
            break
    return items, labels


def _listed(options: argparse.Namespace) -> tuple[list[Item], dict[str, int]]:
    suffixes = [s if s.startswith(".") else f".{s}" for s in map(str.lower, options.exts or SUFFIXES)]
    items, labels = _images(options.source, options.recursive, suffixes)
    if not items:
        deeper = "" if options.recursive else "; --recursive looks into the folders in it too"
        raise MXNetError(f"{options.source}: no files with the suffixes {', '.join(suffixes)}{deeper}")
    if not options.no_shuffle:
        random.Random(_SEED).shuffle(items)
    return items, labels


def make_list(options: argparse.Namespace) -> tuple[int, str]:
    """``convert FOLDER FILE.lst``: one list, or several with ``--chunks``, ``--train-ratio`` and ``--test-ratio``."""
    train = 1.0 if options.train_ratio is None else options.train_ratio
    test = options.test_ratio or 0.0
    chunks = 1 if options.chunks is None else options.chunks
    if not (0 <= train <= 1 and 0 <= test <= 1 and train + test <= 1 or (train == 1 and not test)):
        raise ValueError(f"--train-ratio {train} and --test-ratio {test} are not parts of one whole")
    if chunks < 1:
        raise ValueError(f"--chunks must be at least 1, got {chunks}")
    items, labels = _listed(options)
    stem = os.path.splitext(options.target)[0]
    size = -(-len(items) // chunks)
    lines = []
    for i in range(chunks):
        part = items[i * size : (i + 1) * size]
        name = f"{stem}_{i}" if chunks > 1 else stem
        # As im2rec.py: the test list comes first, and its length and the training list's are rounded down.
        n_test, n_train = int(size * test), int(size * train)
        parts = (
            {"": part}
            if train == 1
            else {"_test": part[:n_test], "_train": part[n_test : n_test + n_train], "_val": part[n_test + n_train :]}
        )
        for kind, chosen in parts.items():
            if chosen or not kind:
                _write_list(f"{name}{kind}.lst", chosen)
                lines.append(f"{name}{kind}.lst: list, {common.plural(len(chosen), 'image')}")
    lines += [f"label {label}: {folder}" for folder, label in labels.items()] if options.recursive else []
    return common.FINE, "" if options.quiet else "\n".join(map(common.printable, lines))


def _write_list(path: str, items: Sequence[Item]) -> None:
    atomic_write_bytes(path, "".join(item.line() for item in items).encode("utf-8", "surrogateescape"))


def read_list(path: str, problems: list[str]) -> list[Item]:
    """The lines of a list; those that are none are skipped and go into ``problems``."""
    items = []
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for number, line in enumerate(file, 1):
            cells = [cell.strip() for cell in line.strip().split("\t")]
            try:
                if len(cells) < 3:
                    raise ValueError(f"{common.plural(len(cells), 'cell')}")
                items.append(Item(int(cells[0]), [float(cell) for cell in cells[1:-1]], cells[-1]))
            except ValueError as error:
                problems.append(f"skipped: {path}, line {number}: not 'id TAB label TAB path' ({error})")
    return items


# ---------------------------------------------------------------------------------------------- packing
def pack_folder(options: argparse.Namespace) -> tuple[int, str]:
    """``convert FOLDER FILE.rec``: the images of a folder."""
    items, _ = _listed(options)
    return _pack(options, items, options.source, [])


def pack_list(options: argparse.Namespace) -> tuple[int, str]:
    """``convert FILE.lst FILE.rec``: the images of a list."""
    problems: list[str] = []
    items = read_list(options.source, problems)
    root = options.root or os.path.dirname(options.source)
    return _pack(options, items, root, problems)


def _pack(options: argparse.Namespace, items: Sequence[Item], root: str, problems: list[str]) -> tuple[int, str]:
    most = QUALITY_MOST[options.encoding or ".jpg"]
    if options.quality is not None and not 0 <= options.quality <= most:
        raise ValueError(f"--quality {options.quality}: 0 to {most} is for {options.encoding or '.jpg'}")
    if options.resize is not None and options.resize < 1:
        raise ValueError(f"--resize {options.resize}: at least 1 pixel")
    if not options.pass_through:
        opencv("packing images anew (--pass-through packs them as they are)")
    count = 0

    def write(records: str, index: str) -> None:
        nonlocal count
        with (
            closing(MXIndexedRecordIO(index, records, "w")) as output,
            common.progress(len(items), "images", "image") as progress,
        ):
            for item, record in _records(options, items, root):
                progress(1)
                if isinstance(record, bytes):
                    output.write_idx(item.id, record)
                    count += 1
                else:
                    problems.append(f"skipped: {record}")

    index = os.path.splitext(options.target)[0] + ".idx"
    atomic_write(options.target, lambda records: atomic_write(index, lambda index: write(records, index)))
    text = f"{options.target}: RecordIO, {common.plural(count, 'record')}, and its index"
    lines = [text, *problems] if problems or not options.quiet else []
    return (common.PROBLEMS if problems else common.FINE), "\n".join(map(common.printable, lines))


def _records(options: argparse.Namespace, items: Sequence[Item], root: str) -> Iterator[tuple[Item, bytes | str]]:
    """(item, its record or what is wrong), in order; a few are made at once."""
    threads = 1 if options.threads is None else options.threads
    if threads < 1:
        raise ValueError(f"--threads must be at least 1, got {threads}")
    if threads == 1:
        yield from ((item, _record(options, item, root)) for item in items)
        return
    with ThreadPoolExecutor(threads) as pool:
        ahead: deque[Any] = deque()
        for item in items:
            ahead.append((item, pool.submit(_record, options, item, root)))
            if len(ahead) > 4 * threads:
                first, future = ahead.popleft()
                yield first, future.result()
        for item, future in ahead:
            yield item, future.result()


def _record(options: argparse.Namespace, item: Item, root: str) -> bytes | str:
    label = item.labels if options.pack_label and len(item.labels) > 1 else item.labels[0]
    path = os.path.join(root, item.path)
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        return f"{path} cannot be read: {error.strerror or error}"
    if not content:
        return f"{path} is empty"
    if not options.pass_through:
        try:
            content = _changed(options, content)
        except ValueError as error:
            return f"{path}: {error}"
    try:
        return pack((0, label, item.id, 0), content)
    except Exception as error:  # struct.error: a number that does not fit
        return f"{path}: id {item.id}: {error}"


def _changed(options: argparse.Namespace, content: bytes) -> bytes:
    """An image file as it is packed: decoded, cropped, resized, encoded.

    Raises:
        ValueError: it is no image that OpenCV reads.
    """
    import numpy as np

    cv2 = opencv("packing images")
    image = cv2.imdecode(np.frombuffer(content, np.uint8), 1 if options.color is None else options.color)
    if image is None:
        raise ValueError("not an image, or a damaged one")
    if options.center_crop:
        height, width = image.shape[:2]
        margin = abs(height - width) // 2
        image = image[margin : margin + width] if height > width else image[:, margin : margin + height]
    if options.resize:
        height, width = image.shape[:2]
        size = options.resize
        new = (size, height * size // width) if height > width else (width * size // height, size)
        image = cv2.resize(image, new)
    encoding = options.encoding or ".jpg"
    return encoded(image, QUALITY[encoding] if options.quality is None else options.quality, encoding)
