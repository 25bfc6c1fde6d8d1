"""Operators of ``mx.sym._internal``; filled from the table when ``mx.sym`` is imported."""

from ..base import _Null as _Null  # legacy code looks for it here
