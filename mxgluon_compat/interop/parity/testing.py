"""Recordings in tests and programs."""

from __future__ import annotations

import contextlib
import importlib
import os
import tempfile
from collections.abc import Iterator

from ...base import MXNetError
from .comparison import Tolerance, compare
from .recorder import Recorder
from .recording import Recording
from .report import lines

__all__ = ["assert_same_as", "record"]


def record(
    path: str | os.PathLike[str],
    *,
    seed: int | None = None,
    steps: int | None = None,
    sample: int = 32,
    no_hybridize: bool = False,
    nudge: int | None = None,
) -> Recorder:
    """``with record(path):`` records what Gluon does inside, in this thread. See ``recorder`` for what is in the file.

    Args:
        path: the file, written at the end.
        seed: set in ``mx.random``, numpy and ``random`` at the beginning; None leaves them as they are.
        steps: how many to record; after them the body of ``with`` ends. None for all.
        sample: how many elements of each array to keep.
        no_hybridize: have ``hybridize()`` do nothing, so that every Block is seen.
        nudge: seed of noise as small as rounding on every gradient; two recordings that differ by it alone show how far
            rounding takes a program (``parity.spread_of``).
    """
    package = importlib.import_module(__name__.partition(".")[0])
    return Recorder(package, os.fspath(path), seed, steps, sample, no_hybridize, nudge)


@contextlib.contextmanager
def assert_same_as(
    recording: str | os.PathLike[str] | Recording,
    *,
    rtol: float = Tolerance.rtol,
    atol: float = Tolerance.atol,
    growth: float = Tolerance.growth,
) -> Iterator[None]:
    """``with assert_same_as(recording):`` what Gluon computes inside is what the recording says.

    The seed, the number of steps and ``no_hybridize`` are the recording's: the body of ``with`` ends after so many.

    Args:
        recording: a file that ``compare --record`` wrote, or it read.
        rtol, atol, growth: see ``Tolerance``.

    Raises:
        AssertionError: they part: at which step, in which Block, by how much, and what it may come from.
        MXNetError: nothing was recorded inside.
    """
    wanted = recording if isinstance(recording, Recording) else Recording.load(recording)
    given = wanted.header["options"]
    options = {key: given[key] for key in ("seed", "steps", "sample", "no_hybridize") if key in given}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "found.rec")
        with record(path, **options):
            yield
        found = Recording.load(path)
    if not found.events:
        raise MXNetError("nothing was recorded: no Gluon Block, backward, Trainer or Module ran in this thread")
    comparison = compare(wanted, found, Tolerance(rtol, atol, growth))
    if comparison.first is not None:
        raise AssertionError("\n".join(lines(comparison)))
