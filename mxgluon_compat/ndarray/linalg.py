"""Operators of ``mx.nd.linalg``; filled from the table when ``mx.nd`` is imported."""
