"""Operators of ``mx.nd._internal``; filled from the table when ``mx.nd`` is imported."""

from ..base import _Null as _Null  # legacy code looks for it here
