"""Operators of ``mx.nd._internal``; filled from the table when ``mx.nd`` is imported."""
