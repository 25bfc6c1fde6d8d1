# Written by `python -m tools.stubs`.
from mxgluon_compat.ndarray.contrib import round_ste as _round_ste, sign_ste as _sign_ste
from mxgluon_compat.ndarray.ndarray import NDArray
from mxgluon_compat.ndarray.op import BlockGrad as _BlockGrad, Concat as _Concat, Embedding as Embedding, FullyConnected as FullyConnected, LinearRegressionOutput as LinearRegressionOutput, LogisticRegressionOutput as LogisticRegressionOutput, MAERegressionOutput as MAERegressionOutput, abs as abs, adam_update as adam_update, add_n as _add_n, add_n as add_n, arccos as arccos, arccosh as arccosh, arcsin as arcsin, arcsinh as arcsinh, arctan as arctan, arctanh as arctanh, broadcast_add as _broadcast_add, broadcast_add as broadcast_add, broadcast_div as broadcast_div, broadcast_mul as broadcast_mul, broadcast_sub as _broadcast_sub, broadcast_sub as broadcast_sub, cbrt as cbrt, ceil as ceil, clip as clip, cos as cos, cosh as cosh, degrees as degrees, dot as dot, elemwise_add as elemwise_add, elemwise_div as elemwise_div, elemwise_mul as elemwise_mul, elemwise_sub as elemwise_sub, exp as exp, expm1 as expm1, fix as fix, floor as floor, ftrl_update as ftrl_update, gamma as gamma, gammaln as gammaln, log as log, log10 as log10, log1p as log1p, log2 as log2, make_loss as make_loss, mean as mean, negative as negative, norm as norm, radians as radians, relu as relu, rint as rint, round as round, rsqrt as rsqrt, sgd_mom_update as sgd_mom_update, sgd_update as sgd_update, sigmoid as sigmoid, sign as sign, sin as sin, sinh as sinh, slice as slice, sqrt as sqrt, square as square, sum as sum, tan as tan, tanh as tanh, trunc as trunc, where as where, zeros_like as zeros_like
from mxgluon_compat.ndarray.sparse.base import BaseSparseNDArray as BaseSparseNDArray
from mxgluon_compat.ndarray.sparse.creation import array as array, cast_storage as cast_storage, csr_matrix as csr_matrix, empty as empty, row_sparse_array as row_sparse_array, zeros as zeros
from mxgluon_compat.ndarray.sparse.csr import CSRNDArray as CSRNDArray
from mxgluon_compat.ndarray.sparse.row_sparse import RowSparseNDArray as RowSparseNDArray
from typing import Any

def adagrad_update(weight: NDArray, grad: NDArray, history: NDArray, lr: float, epsilon: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def retain(data: NDArray, indices: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
ElementWiseSum = _add_n
_contrib_round_ste = _round_ste
_contrib_sign_ste = _sign_ste
broadcast_minus = _broadcast_sub
broadcast_plus = _broadcast_add
concat = _Concat
stop_gradient = _BlockGrad
def add(lhs: NDArray | float, rhs: NDArray | float) -> NDArray: ...
def divide(lhs: NDArray | float, rhs: NDArray | float) -> NDArray: ...
def multiply(lhs: NDArray | float, rhs: NDArray | float) -> NDArray: ...
def subtract(lhs: NDArray | float, rhs: NDArray | float) -> NDArray: ...
