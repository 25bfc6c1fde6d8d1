"""Operators of ``mx.sym.op``; filled from the table when ``mx.sym`` is imported."""
