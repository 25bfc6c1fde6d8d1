"""The commands of ``python -m mxgluon_compat`` that look at files: ``info``, ``convert``, ``check``, ``doctor``."""
