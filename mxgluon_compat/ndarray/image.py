"""Operators of ``mx.nd.image``; filled from the table when ``mx.nd`` is imported."""
