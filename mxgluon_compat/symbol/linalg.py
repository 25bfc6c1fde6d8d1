"""Operators of ``mx.sym.linalg``; filled from the table when ``mx.sym`` is imported."""
