"""Operators of ``mx.sym._internal``; filled from the table when ``mx.sym`` is imported."""
