"""Operators of ``mx.nd.op``; filled from the table when ``mx.nd`` is imported."""
