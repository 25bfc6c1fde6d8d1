"""Operators of ``mx.sym.sparse``; filled from the table when ``mx.sym`` is imported."""
