# Written by `python -m tools.stubs`.
from mxgluon_compat.numpy.symbol import _Symbol as _Symbol
