"""The commands of ``python -m mxgluon_compat`` beside ``run``: ``info``, ``convert``, ``check``, ``compare``."""
