"""Functions of ``mx.np.linalg`` that NumPy computes."""

from .fallback import LINALG

__all__ = ["cond", "lstsq", "matrix_power", "matrix_rank", "multi_dot", "qr"]

cond, lstsq, matrix_power, matrix_rank, multi_dot, qr = (LINALG[name] for name in __all__)
