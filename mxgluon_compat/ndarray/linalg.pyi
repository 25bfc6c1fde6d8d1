# Written by `python -m tools.stubs`.
from collections.abc import Sequence
from mxgluon_compat.ndarray.ndarray import NDArray
from mxgluon_compat.ndarray.op import linalg_det as _linalg_det, linalg_extractdiag as _linalg_extractdiag, linalg_extracttrian as _linalg_extracttrian, linalg_gelqf as _linalg_gelqf, linalg_gemm as _linalg_gemm, linalg_gemm2 as _linalg_gemm2, linalg_inverse as _linalg_inverse, linalg_makediag as _linalg_makediag, linalg_maketrian as _linalg_maketrian, linalg_potrf as _linalg_potrf, linalg_potri as _linalg_potri, linalg_slogdet as _linalg_slogdet, linalg_sumlogdiag as _linalg_sumlogdiag, linalg_syrk as _linalg_syrk, linalg_trmm as _linalg_trmm, linalg_trsm as _linalg_trsm
from typing import Any

def syevd(A: NDArray, out: Sequence[NDArray] | None = ..., name: str | None = ..., **kwargs: Any) -> list[NDArray]: ...
det = _linalg_det
extractdiag = _linalg_extractdiag
extracttrian = _linalg_extracttrian
gelqf = _linalg_gelqf
gemm = _linalg_gemm
gemm2 = _linalg_gemm2
inverse = _linalg_inverse
makediag = _linalg_makediag
maketrian = _linalg_maketrian
potrf = _linalg_potrf
potri = _linalg_potri
slogdet = _linalg_slogdet
sumlogdiag = _linalg_sumlogdiag
syrk = _linalg_syrk
trmm = _linalg_trmm
trsm = _linalg_trsm
