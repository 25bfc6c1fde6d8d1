"""Reads the recordings that ``recorder`` writes. What is in a file is checked, and nothing in it is run."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...base import MXNetError
from .recorder import FORMAT, VERSION

__all__ = ["Event", "Recording", "is_recording"]

KINDS = ("initial", "input", "output", "loss", "gradient", "parameter")
_MOST_BYTES = 1 << 31  # of one entry, unpacked
_NUMBERS = ("norm", "mean", "min", "max")


@dataclass(frozen=True)
class Event:
    """One array at one moment; see ``recorder``.

    Attributes:
        nth: how many events of that step, kind and name came before it.
        sample: the sampled elements, float64.
        layer: the class of the Block of an ``input`` or ``output``.
        train: whether that Block ran in training mode.
    """

    step: int
    kind: str
    name: str
    nth: int
    shape: tuple[int, ...]
    dtype: str
    crc: int
    norm: float
    mean: float
    min: float
    max: float
    bad: int
    sample: np.ndarray = field(repr=False)
    layer: str = ""
    train: bool = False

    @property
    def key(self) -> tuple[int, str, str, int]:
        """What names the same moment in another recording."""
        return self.step, self.kind, self.name, self.nth

    @property
    def size(self) -> int:
        """How many elements the array had."""
        return int(np.prod(self.shape, dtype=np.int64))


@dataclass(frozen=True)
class Recording:
    """A recording.

    Attributes:
        path: the file.
        header: versions, options, the command line.
        end: how many steps there are, and how the program ended (``failure``: None or the error's text).
        events: in the order in which they happened.
    """

    path: str
    header: dict[str, Any]
    end: dict[str, Any]
    events: tuple[Event, ...]

    @property
    def label(self) -> str:
        """What it was made with: ``mxnet 1.9.1``, ``mxgluon_compat 1.9.1``."""
        return f"{self.header['library']} {self.header['versions'].get('mxnet', '')}".strip()

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Recording:
        """Reads a file.

        Raises:
            OSError: it cannot be opened.
            MXNetError: it is no recording, damaged, or of a newer format.
        """
        path = os.fspath(path)
        if not is_recording(path):
            raise MXNetError(f"{path} is no recording: 'compare --record FILE SCRIPT' makes one")
        try:
            with zipfile.ZipFile(path) as archive:
                header, end = _json(archive, "header.json"), _json(archive, "end.json")
                if header["version"] > VERSION:
                    raise MXNetError(f"{path}: a recording of format {header['version']}, and this reads {VERSION}")
                if not isinstance(header["options"], dict) or not isinstance(header["versions"], dict):
                    raise ValueError("its header is not one")
                return cls(path, header, end, tuple(_events(archive, int(end["chunks"]))))
        except (KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
            raise MXNetError(f"{path} is a damaged recording: {error}") from error


def is_recording(path: str | os.PathLike[str]) -> bool:
    """Whether a file is one, by its content.

    Raises:
        OSError: it cannot be opened.
    """
    with open(path, "rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            header = _json(archive, "header.json")
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile, NotImplementedError):
        return False
    return isinstance(header, dict) and header.get("format") == FORMAT


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _MOST_BYTES:
        raise ValueError(f"{name} is too large")
    return archive.read(name)


def _json(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(_read(archive, name))


def _events(archive: zipfile.ZipFile, chunks: int) -> Iterator[Event]:
    seen: dict[tuple[int, str, str], int] = {}
    for chunk in range(chunks):
        buffer = io.BytesIO(_read(archive, f"samples-{chunk:05d}.npy"))
        samples = np.lib.format.read_array(buffer, allow_pickle=False)
        if samples.ndim != 1 or samples.dtype != np.float64:
            raise ValueError(f"samples-{chunk:05d}.npy holds {samples.dtype} {samples.shape}")
        at = 0
        for line in _read(archive, f"events-{chunk:05d}.jsonl").decode().splitlines():
            row = json.loads(line)
            count = int(row["samples"])
            if row["kind"] not in KINDS or not 0 <= count <= len(samples) - at:
                raise ValueError(f"an event that cannot be: {line[:80]}")
            place = int(row["step"]), row["kind"], str(row["name"])
            nth = seen[place] = seen.get(place, -1) + 1
            numbers: dict[str, Any] = {key: float(row[key]) for key in _NUMBERS}
            yield Event(
                *place, nth, tuple(map(int, row["shape"])), str(row["dtype"]), int(row["crc"]), bad=int(row["bad"]),
                sample=samples[at : at + count], layer=str(row.get("layer", "")), train=bool(row.get("train", False)),
                **numbers,
            )  # fmt: skip
            at += count
