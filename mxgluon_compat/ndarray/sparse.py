"""Operators of ``mx.nd.sparse``; filled from the table when ``mx.nd`` is imported."""
