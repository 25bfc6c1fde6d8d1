"""Operators of ``mx.sym.contrib``; filled from the table when ``mx.sym`` is imported."""
