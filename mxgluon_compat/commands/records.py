"""RecordIO files in the commands: what is in one, its index, its sound records, its records as files."""

from __future__ import annotations

import argparse
import math
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from ..base import FileError, MXNetError
from ..recordio import IRHeader, unpack
from ..recordio.file import Output, RecordFile, Scanned
from ..recordio.parts import divided
from ..recordio.record_io import read_index
from ..serialization.content import atomic_write, atomic_write_bytes
from ..serialization.foreign import identify
from . import common

__all__ = ["copy", "describe", "extract", "index", "is_records"]

_KINDS = (
    (b"\xff\xd8\xff", "JPEG", ".jpg"), (b"\x89PNG\r\n\x1a\n", "PNG", ".png"), (b"GIF8", "GIF", ".gif"),
    (b"BM", "BMP", ".bmp"), (b"RIFF", "WebP", ".webp"), (b"\x93NUMPY", "NumPy array", ".npy"),
)  # fmt: skip
_OTHER = ("other", ".bin")
_MOST_LABELS = 20  # in the text of a report


def is_records(path: str, head: bytes) -> bool:
    """Whether a file is of records: by its content, or, where its beginning is damaged, by its name."""
    return identify(head)[0] == "recordio" or (path.lower().endswith(".rec") and not identify(head)[0])


def _kind(content: bytes) -> tuple[str, str]:
    """(what a content is, the suffix of such files)."""
    for start, name, suffix in _KINDS:
        if content.startswith(start) and (name != "WebP" or content[8:12] == b"WEBP"):
            return name, suffix
    return _OTHER


def _opened(record: bytes) -> tuple[IRHeader | None, bytes, tuple[str, str]]:
    """(header, content, kind) of a record; None for one that ``pack`` did not make, as far as that can be told."""
    try:
        header, content = unpack(record)
    except Exception:  # too short for a header, or for its labels
        header, content = None, record
    if header is not None and (kind := _kind(content)) is not _OTHER:
        return header, content, kind
    return None, record, _kind(record)


def _labels(header: IRHeader) -> list[float]:
    return [float(x) for x in header.label] if header.flag else [float(header.label)]


# ---------------------------------------------------------------------------------------------- info
def describe(options: argparse.Namespace) -> tuple[int, str]:
    """``info FILE.rec``: the exit code and the text to print."""
    records = RecordFile(options.file)
    sizes: list[int] = []
    starts: set[int] = set()
    damage: list[dict[str, Any]] = []
    listed: list[dict[str, Any]] = []
    contents: Counter[str] = Counter()
    widths: Counter[int] = Counter()
    labels: Counter[float] = Counter()
    divided_records = 0
    with common.progress(len(records), "records") as progress:
        at = 0
        for scanned in records.scan(strict=not options.no_statistics):
            progress(scanned.offset - at)
            at = scanned.offset
            if scanned.error is not None:
                damage.append({"offset": scanned.offset, "reason": scanned.error.reason})
                continue
            sizes.append(scanned.size)
            starts.add(scanned.offset)
            divided_records += len(scanned.parts) > 1
            entry: dict[str, Any] = {"offset": scanned.offset, "bytes": scanned.size}
            if not options.no_statistics:
                header, _, (kind, _) = _opened(records.record(scanned))
                contents[kind] += 1
                if header is not None:
                    found = _labels(header)
                    widths[len(found)] += 1
                    if len(found) == 1:
                        labels[found[0]] += 1
                    entry |= {
                        "id": header.id,
                        "labels": [x if math.isfinite(x) else str(x) for x in found],
                    }
                entry["content"] = kind
            if options.list:
                listed.append(entry)
    report = {
        "file": options.file,
        "format": "RecordIO",
        "file_bytes": len(records),
        "records": len(sizes),
        "bytes": sum(sizes),
        "smallest": min(sizes, default=0),
        "largest": max(sizes, default=0),
        "divided": divided_records,
        "damage": damage,
        "index": _index_beside(options.file, starts),
    }
    if not options.no_statistics:
        report["contents"] = dict(contents.most_common())
        report["label_widths"] = {str(k): v for k, v in sorted(widths.items())}
        report["labels"] = {f"{k:g}": v for k, v in sorted(labels.items())}
    if options.list:
        report["list"] = listed
    records.close()
    bad = bool(damage or (report["index"] and report["index"]["problems"]))
    return int(bad), common.show(report, options.json, _lines)


def _index_beside(path: str, starts: set[int]) -> dict[str, Any] | None:
    """What the index file of the same name says, and where it does not fit."""
    beside = os.path.splitext(path)[0] + ".idx"
    if not os.path.isfile(beside):
        return None
    problems: list[str] = []
    keys = 0
    try:
        for key, offset in read_index(beside, str):
            keys += 1
            if offset not in starts:
                problems.append(f"key {key} is at byte {offset}, where no sound record begins")
    except (ValueError, OSError) as error:
        problems.append(str(error))
    return {"file": beside, "keys": keys, "problems": problems}


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    count = common.plural(report["records"], "record")
    yield (
        f"{common.printable(report['file'])}: RecordIO file, {report['file_bytes']:,} bytes: {count}, "
        f"{common.plural(report['bytes'], 'byte')}"
    )
    if report["records"]:
        parts = f"; {report['divided']:,} in several parts" if report["divided"] else ""
        yield f"sizes: {report['smallest']:,} to {report['largest']:,} bytes{parts}"
    if report.get("contents"):
        yield "contents: " + ", ".join(f"{n:,} {kind}" for kind, n in report["contents"].items())
    if report.get("label_widths"):
        yield "labels: " + ", ".join(
            f"{n:,} {'record has' if n == 1 else 'records have'} {w}" for w, n in report["label_widths"].items()
        )  # fmt: skip
        shown = [f"{k} ({n:,})" for k, n in report["labels"].items()]
        if shown:
            more = f", ... {len(shown):,} values in all" if len(shown) > _MOST_LABELS else ""
            yield "single labels: " + ", ".join(shown[:_MOST_LABELS]) + more
    index = report["index"]
    if index is not None:
        yield f"index: {common.printable(index['file'])}, {common.plural(index['keys'], 'key')}"
        yield from (f"index does not fit: {common.printable(problem)}" for problem in index["problems"])
    yield from (f"damaged: byte {d['offset']}: {d['reason']}" for d in report["damage"])
    if report.get("list"):
        rows = [["offset", "bytes", "id", "labels", "content"]]
        for entry in report["list"]:
            labels = " ".join(f"{x:g}" if isinstance(x, float) else x for x in entry.get("labels", ()))
            cells = (entry["offset"], entry["bytes"], entry.get("id", "-"), labels or "-", entry.get("content", "-"))
            rows.append([str(cell) for cell in cells])
        yield from common.table(rows)


# ---------------------------------------------------------------------------------------------- convert
def _sound(records: RecordFile, skip_damaged: bool, damage: list[str]) -> Iterator[Scanned]:
    """The sound records; damage is an error, or (``skip_damaged``) goes into the list."""
    with common.progress(len(records), "records") as progress:
        at = 0
        for scanned in records.scan(strict=True):
            progress(scanned.offset - at)
            at = scanned.offset
            if scanned.error is None:
                yield scanned
            elif skip_damaged:
                damage.append(f"skipped: byte {scanned.offset}: {scanned.error.reason}")
            else:
                raise MXNetError(f"{scanned.error}; --skip-damaged goes on behind it")


def _none() -> list[str]:
    return []


def _done(options: argparse.Namespace, text: str, damage: list[str]) -> tuple[int, str]:
    lines = [text, *damage] if damage or not options.quiet else []
    return (common.PROBLEMS if damage else common.FINE), "\n".join(map(common.printable, lines))


def index(options: argparse.Namespace) -> tuple[int, str]:
    """``convert FILE.rec FILE.idx``: keys are 0, 1, 2, ... in the order of the file."""
    records, damage = RecordFile(options.source), _none()
    found = _sound(records, options.skip_damaged, damage)
    lines = [f"{key}\t{scanned.offset}\n" for key, scanned in enumerate(found)]
    atomic_write_bytes(options.target, "".join(lines).encode())
    records.close()
    return _done(options, f"{options.target}: index, {common.plural(len(lines), 'record')}", damage)


def copy(options: argparse.Namespace) -> tuple[int, str]:
    """``convert FILE.rec OTHER.rec``: the sound records in a new file, with an index beside it."""
    records, damage, lines = RecordFile(options.source), _none(), _none()

    def write(temporary: str) -> None:
        with closing(Output(temporary)) as output:
            for key, scanned in enumerate(_sound(records, options.skip_damaged, damage)):
                lines.append(f"{key}\t{output.position}\n")
                output.write(divided(records.record(scanned)))

    atomic_write(options.target, write)
    atomic_write_bytes(os.path.splitext(options.target)[0] + ".idx", "".join(lines).encode())
    records.close()
    return _done(options, f"{options.target}: RecordIO, {common.plural(len(lines), 'record')}, and its index", damage)


def extract(options: argparse.Namespace) -> tuple[int, str]:
    """``convert FILE.rec FOLDER``: a file for each record, and ``records.lst``, which packs them again."""
    target = os.path.abspath(options.target)
    if os.path.lexists(target) and not (os.path.isdir(target) and not os.listdir(target)):
        raise FileError(f"{options.target} is there already: extract into a new folder, or an empty one")
    os.makedirs(os.path.dirname(target), exist_ok=True)
    records, damage = RecordFile(options.source), _none()
    folder = tempfile.mkdtemp(prefix=f".{os.path.basename(target)[:40]}.", dir=os.path.dirname(target))
    try:
        count = _extract_into(folder, records, _sound(records, options.skip_damaged, damage))
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(folder, 0o777 & ~umask)
        os.replace(folder, target)
    except BaseException:
        shutil.rmtree(folder)
        raise
    records.close()
    return _done(options, f"{options.target}: {common.plural(count, 'file')}, and records.lst", damage)


def _extract_into(folder: str, records: RecordFile, found: Iterator[Scanned]) -> int:
    """Names are numbers and labels: nothing in the file says where a file goes."""
    count = 0
    with open(os.path.join(folder, "records.lst"), "w", encoding="utf-8", newline="") as listed:
        for scanned in found:
            header, content, (_, suffix) = _opened(records.record(scanned))
            name = f"{count:08d}{suffix}"
            if header is not None:
                labels = _labels(header)
                if len(labels) == 1:
                    os.makedirs(os.path.join(folder, f"{labels[0]:g}"), exist_ok=True)
                    name = f"{labels[0]:g}/{name}"
                listed.write("\t".join([str(header.id), *(f"{x:.9g}" for x in labels), name]) + "\n")
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
            count += 1
    return count
