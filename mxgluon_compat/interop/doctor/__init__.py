"""What a code base uses of MXNet, and whether it is here: read off its text, running nothing of it.

``sources`` finds and parses files, ``reader`` and ``expressions`` follow names through them, ``names`` says what a name
is here, ``guide`` what ``migration_guide.md`` says of it, ``verdict`` puts the two together.
"""

from .project import Project
from .verdict import DIFFERS, MISSING, STATES, SUPPORTED, UNKNOWN, Use

__all__ = ["DIFFERS", "MISSING", "STATES", "SUPPORTED", "UNKNOWN", "Project", "Use"]
