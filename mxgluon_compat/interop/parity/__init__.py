"""Is it the same? Recordings of Gluon programs, made under MXNet or here, and where two of them part."""

from .comparison import Comparison, Difference, Spread, Tolerance, compare, spread_of
from .recording import Event, Recording, is_recording
from .testing import assert_same_as, record

__all__ = ["Comparison", "Difference", "Event", "Recording", "Spread", "Tolerance", "assert_same_as", "compare",
           "is_recording", "record", "spread_of"]  # fmt: skip
