"""The commands of ``python -m mxgluon_compat`` beside ``run``: doctor, compare, info, convert, check."""
