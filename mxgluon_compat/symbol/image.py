"""Operators of ``mx.sym.image``; filled from the table when ``mx.sym`` is imported."""
