"""What the scenarios of sparse arrays share: how an array is written down, and the arrays they use."""

import numpy as np

from tests.oracle.scenario import plain


def look(value):
    """Storage type, dtypes, shape and stored parts of an array; lists of them one by one; else ``plain``."""
    if isinstance(value, (list, tuple)):
        return [look(v) for v in value]
    if not hasattr(value, "stype"):
        return plain(value)
    if value.stype == "default":
        return {"default": plain(value)}
    parts = {"shape": list(value.shape), "dtype": np.dtype(value.dtype).name, "class": type(value).__name__}
    parts["data"] = plain(value.data)
    parts["indices"] = plain(value.indices)
    if value.stype == "csr":
        parts["indptr"] = plain(value.indptr)
    return {value.stype: parts}


def attempt(function, *args, **kwargs):
    """What the call returns, or [the error's class, its text]: texts of the backend's own errors are left out."""
    try:
        return look(function(*args, **kwargs))
    except Exception as error:
        kind = type(error).__name__
        return {"raises": kind, "text": "" if kind == "MXNetError" else str(error)}


def rsp(mx, dtype="float32", shape=(5, 3), rows=(1, 3), start=1.0):
    """A row_sparse array: rows of rising numbers."""
    shape = tuple(shape)
    count = len(rows) * int(np.prod(shape[1:]))
    values = (start + np.arange(count)).reshape((len(rows),) + shape[1:])
    return mx.nd.sparse.row_sparse_array((values.astype(dtype), list(rows)), shape=shape, dtype=dtype)


def csr(mx, dtype="float32", start=1.0):
    """A (4, 5) csr array of five elements; its third row is empty."""
    values = (start + np.arange(5)).astype(dtype)
    return mx.nd.sparse.csr_matrix((values, [0, 3, 1, 2, 4], [0, 2, 3, 3, 5]), shape=(4, 5), dtype=dtype)


def names(mx):
    """What the expressions of the scenarios see."""
    return {
        "mx": mx, "nd": mx.nd, "S": mx.nd.sparse, "np": np, "a": rsp(mx), "b": rsp(mx, rows=(0, 1)), "c": csr(mx),
        "c2": mx.nd.sparse.csr_matrix((np.array([1, 2, 3, 4], "float32"), [0, 1, 2, 3], [0, 1, 3, 4, 4]), shape=(4, 5)),
        "D": mx.nd.array(np.arange(15).reshape(5, 3)), "E": mx.nd.array(np.arange(20).reshape(4, 5)), "rsp": rsp,
        "csr": csr,
    }  # fmt: skip
