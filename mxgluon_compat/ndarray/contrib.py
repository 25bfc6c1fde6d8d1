"""Operators of ``mx.nd.contrib``; filled from the table when ``mx.nd`` is imported."""
