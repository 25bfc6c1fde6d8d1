"""Cases of Hawkes processes. Fourier transforms and sketches are not on MXNet's CPU: see tests/ops/test_contrib.py."""

from ..spec import I, U, V

H = "_contrib_hawkesll"
LAGS = U((3, 4), 0.1, 1.0, grad=False)
MARKS = I((3, 4), 0, 2, dtype="int32")
SOME = V([4.0, 2.0, 0.0], grad=False)
END = V([5.0, 6.0, 7.0], grad=False)


def _inputs(**others):
    parts = dict(
        lda=U((3, 2), 0.5, 2.0),
        alpha=U((2,), 0.1, 0.6),
        beta=U((2,), 0.5, 2.0),
        state=U((3, 2), 0.0, 1.0, grad=False),
        lags=LAGS,
        marks=MARKS,
        valid_length=SOME,
        max_time=END,
    )
    parts.update(others)
    return list(parts.values())


# MXNet has float32 exponentials, and adds up in float16 itself
TOL = {"float64": (1e-6, 1e-7), "float32": (1e-4, 1e-5), "float16": (3e-2, 3e-2)}
CASES = [
    dict(op=H, inputs=_inputs(), tol=TOL),
    dict(op=H, inputs=_inputs(valid_length=V([4.0, 4.0, 4.0], grad=False)), tol=TOL),
    dict(op=H, inputs=_inputs(), dtypes=["float16"], grad=False, tol=TOL),
    dict(op=H, inputs=_inputs(marks=I((3, 4), 0, 2)), dtypes=["float32"], error=True),
    dict(op=H, inputs=_inputs(valid_length=V([4, 2, 0], dtype="int32")), error=True),
    dict(op=H, inputs=_inputs(alpha=U((3,), 0.1, 0.6)), error=True),
    dict(op=H, inputs=_inputs(state=U((3, 3), 0.1, 0.6)), error=True),
    dict(op=H, inputs=_inputs(lags=U((3, 3), 0.1, 0.6)), error=True),
]
