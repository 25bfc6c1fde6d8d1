"""Is it the same? Recordings of Gluon programs, made under MXNet or here, and where two of them part."""

from .comparison import Comparison, Difference, Tolerance, compare
from .recording import Event, Recording, is_recording
from .testing import assert_same_as, record

__all__ = ["Comparison", "Difference", "Event", "Recording", "Tolerance", "assert_same_as", "compare", "is_recording",
           "record"]  # fmt: skip
