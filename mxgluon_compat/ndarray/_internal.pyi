# Written by `python -m tools.stubs`.
import numpy as np
import torch
from collections.abc import Sequence
from mxgluon_compat.context import Context
from mxgluon_compat.ndarray.contrib import AdaptiveAvgPooling2D as _AdaptiveAvgPooling2D, BatchNormWithReLU as _BatchNormWithReLU, BilinearResize2D as _BilinearResize2D, DeformableConvolution as _DeformableConvolution, DeformablePSROIPooling as _DeformablePSROIPooling, ModulatedDeformableConvolution as _ModulatedDeformableConvolution, MultiBoxDetection as _MultiBoxDetection, MultiBoxPrior as _MultiBoxPrior, MultiBoxTarget as _MultiBoxTarget, MultiProposal as _MultiProposal, PSROIPooling as _PSROIPooling, Proposal as _Proposal, ROIAlign as _ROIAlign, RROIAlign as _RROIAlign, SparseEmbedding as _SparseEmbedding, SyncBatchNorm as _SyncBatchNorm, allclose as _allclose, arange_like as _arange_like, bipartite_matching as _bipartite_matching, boolean_mask as _boolean_mask, box_decode as _box_decode, box_encode as _box_encode, box_iou as _box_iou, box_nms as _box_nms, calibrate_entropy as _calibrate_entropy, count_sketch as _count_sketch, dequantize as _dequantize, dgl_adjacency as _dgl_adjacency, dgl_csr_neighbor_non_uniform_sample as _dgl_csr_neighbor_non_uniform_sample, dgl_csr_neighbor_uniform_sample as _dgl_csr_neighbor_uniform_sample, dgl_graph_compact as _dgl_graph_compact, dgl_subgraph as _dgl_subgraph, div_sqrt_dim as _div_sqrt_dim, edge_id as _edge_id, fft as _fft, getnnz as _getnnz, gradientmultiplier as _gradientmultiplier, group_adagrad_update as _group_adagrad_update, hawkesll as _hawkesll, ifft as _ifft, index_array as _index_array, index_copy as _index_copy, interleaved_matmul_encdec_qk as _interleaved_matmul_encdec_qk, interleaved_matmul_encdec_valatt as _interleaved_matmul_encdec_valatt, interleaved_matmul_selfatt_qk as _interleaved_matmul_selfatt_qk, interleaved_matmul_selfatt_valatt as _interleaved_matmul_selfatt_valatt, intgemm_fully_connected as _intgemm_fully_connected, intgemm_maxabsolute as _intgemm_maxabsolute, intgemm_prepare_data as _intgemm_prepare_data, intgemm_prepare_weight as _intgemm_prepare_weight, intgemm_take_weight as _intgemm_take_weight, quadratic as _quadratic, quantize as _quantize, quantize_asym as _quantize_asym, quantize_v2 as _quantize_v2, quantized_act as _quantized_act, quantized_batch_norm as _quantized_batch_norm, quantized_concat as _quantized_concat, quantized_conv as _quantized_conv, quantized_elemwise_add as _quantized_elemwise_add, quantized_elemwise_mul as _quantized_elemwise_mul, quantized_embedding as _quantized_embedding, quantized_flatten as _quantized_flatten, quantized_fully_connected as _quantized_fully_connected, quantized_pooling as _quantized_pooling, requantize as _requantize, round_ste as _round_ste, sign_ste as _sign_ste
from mxgluon_compat.ndarray.image import adjust_lighting as _adjust_lighting, crop as _crop, flip_left_right as _flip_left_right, flip_top_bottom as _flip_top_bottom, normalize as _normalize, random_brightness as _random_brightness, random_color_jitter as _random_color_jitter, random_contrast as _random_contrast, random_flip_left_right as _random_flip_left_right, random_flip_top_bottom as _random_flip_top_bottom, random_hue as _random_hue, random_lighting as _random_lighting, random_saturation as _random_saturation, resize as _resize, to_tensor as _to_tensor
from mxgluon_compat.ndarray.linalg import syevd as _syevd
from mxgluon_compat.ndarray.ndarray import NDArray
from mxgluon_compat.ndarray.op import BlockGrad as _BlockGrad, CTCLoss as _CTCLoss, Concat as _Concat, Embedding as _Embedding, FullyConnected as _FullyConnected, LinearRegressionOutput as _LinearRegressionOutput, LogisticRegressionOutput as _LogisticRegressionOutput, MAERegressionOutput as _MAERegressionOutput, abs as _abs, adam_update as _adam_update, add_n as _add_n, arccos as _arccos, arccosh as _arccosh, arcsin as _arcsin, arcsinh as _arcsinh, arctan as _arctan, arctanh as _arctanh, broadcast_add as _broadcast_add, broadcast_div as _broadcast_div, broadcast_mul as _broadcast_mul, broadcast_sub as _broadcast_sub, cast_storage as _cast_storage, cbrt as _cbrt, ceil as _ceil, clip as _clip, cos as _cos, cosh as _cosh, degrees as _degrees, dot as _dot, elemwise_add as _elemwise_add, elemwise_div as _elemwise_div, elemwise_mul as _elemwise_mul, elemwise_sub as _elemwise_sub, exp as _exp, expm1 as _expm1, fix as _fix, floor as _floor, ftrl_update as _ftrl_update, gamma as _gamma, gammaln as _gammaln, identity as _identity, linalg_det as _linalg_det, linalg_extractdiag as _linalg_extractdiag, linalg_extracttrian as _linalg_extracttrian, linalg_gelqf as _linalg_gelqf, linalg_gemm as _linalg_gemm, linalg_gemm2 as _linalg_gemm2, linalg_inverse as _linalg_inverse, linalg_makediag as _linalg_makediag, linalg_maketrian as _linalg_maketrian, linalg_potrf as _linalg_potrf, linalg_potri as _linalg_potri, linalg_slogdet as _linalg_slogdet, linalg_sumlogdiag as _linalg_sumlogdiag, linalg_syrk as _linalg_syrk, linalg_trmm as _linalg_trmm, linalg_trsm as _linalg_trsm, log as _log, log10 as _log10, log1p as _log1p, log2 as _log2, make_loss as _make_loss, mean as _mean, negative as _negative, norm as _norm, radians as _radians, random_exponential as _random_exponential, random_gamma as _random_gamma, random_generalized_negative_binomial as _random_generalized_negative_binomial, random_negative_binomial as _random_negative_binomial, random_normal as _random_normal, random_pdf_dirichlet as _random_pdf_dirichlet, random_pdf_exponential as _random_pdf_exponential, random_pdf_gamma as _random_pdf_gamma, random_pdf_generalized_negative_binomial as _random_pdf_generalized_negative_binomial, random_pdf_negative_binomial as _random_pdf_negative_binomial, random_pdf_normal as _random_pdf_normal, random_pdf_poisson as _random_pdf_poisson, random_pdf_uniform as _random_pdf_uniform, random_poisson as _random_poisson, random_randint as _random_randint, random_uniform as _random_uniform, ravel_multi_index as _ravel_multi_index, relu as _relu, rint as _rint, round as _round, rsqrt as _rsqrt, sample_exponential as _sample_exponential, sample_gamma as _sample_gamma, sample_generalized_negative_binomial as _sample_generalized_negative_binomial, sample_multinomial as _sample_multinomial, sample_negative_binomial as _sample_negative_binomial, sample_normal as _sample_normal, sample_poisson as _sample_poisson, sample_uniform as _sample_uniform, sgd_mom_update as _sgd_mom_update, sgd_update as _sgd_update, shuffle as _shuffle, sigmoid as _sigmoid, sign as _sign, sin as _sin, sinh as _sinh, slice as _slice, sqrt as _sqrt, square as _square, sum as _sum, tan as _tan, tanh as _tanh, trunc as _trunc, unravel_index as _unravel_index, where as _where, zeros_like as _zeros_like
from mxgluon_compat.ndarray.random import exponential_like as _exponential_like, gamma_like as _gamma_like, generalized_negative_binomial_like as _generalized_negative_binomial_like, negative_binomial_like as _negative_binomial_like, normal_like as _normal_like, poisson_like as _poisson_like, uniform_like as _uniform_like
from mxgluon_compat.ndarray.sparse import adagrad_update as _adagrad_update, retain as _retain
from typing import Any, TypeAlias

_Shape: TypeAlias = Sequence[int | None] | int
_Floats: TypeAlias = Sequence[float] | float
_Dtype: TypeAlias = str | type | np.dtype[Any] | torch.dtype
def _adamw_update(weight: NDArray, grad: NDArray, mean: NDArray, var: NDArray, rescale_grad: NDArray, lr: float, beta1: float = ..., beta2: float = ..., epsilon: float = ..., wd: float = ..., eta: float = ..., clip_gradient: float = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _arange(start: float, stop: float | None = ..., step: float = ..., repeat: int = ..., infer_range: bool = ..., ctx: Context | str | None = ..., dtype: _Dtype = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _backward_gather_nd(data: NDArray, indices: NDArray, shape: _Shape, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _cond(*data: NDArray, num_outputs: int, cond_input_locs: _Shape, then_input_locs: _Shape, else_input_locs: _Shape, out: Sequence[NDArray] | None = ..., name: str | None = ..., **kwargs: Any) -> list[NDArray]: ...
def _cvcopyMakeBorder(src: NDArray, top: int, bot: int, left: int, right: int, type: int = ..., value: float = ..., values: _Floats = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _cvimdecode(buf: NDArray, flag: int = ..., to_rgb: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _cvimread(filename: str, flag: int = ..., to_rgb: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _cvimresize(src: NDArray, w: int, h: int, interp: int = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _div_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _equal(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _equal_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _eye(N: int, M: int = ..., k: int = ..., ctx: Context | str | None = ..., dtype: _Dtype = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _foreach(*data: NDArray, num_outputs: int, num_out_data: int, in_state_locs: _Shape, in_data_locs: _Shape, remain_locs: _Shape, out: Sequence[NDArray] | None = ..., name: str | None = ..., **kwargs: Any) -> list[NDArray]: ...
def _full(shape: _Shape | None = ..., ctx: Context | str | None = ..., dtype: _Dtype = ..., value: float = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _grad_add(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _greater(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _greater_equal(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _greater_equal_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _greater_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _histogram(data: NDArray, bins: NDArray | None = ..., bin_cnt: int | None = ..., range: _Floats | None = ..., out: Sequence[NDArray] | None = ..., name: str | None = ..., **kwargs: Any) -> list[NDArray]: ...
def _hypot(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _hypot_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _identity_with_attr_like_rhs(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _lesser(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _lesser_equal(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _lesser_equal_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _lesser_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _linspace(start: float, stop: float, num: int, endpoint: bool = ..., ctx: Context | str | None = ..., dtype: _Dtype = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _logical_and(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _logical_and_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _logical_or(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _logical_or_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _logical_xor(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _logical_xor_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _maximum(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _maximum_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _minimum(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _minimum_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _minus_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _mod(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _mod_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _mp_adamw_update(weight: NDArray, grad: NDArray, mean: NDArray, var: NDArray, weight32: NDArray, rescale_grad: NDArray, lr: float, beta1: float = ..., beta2: float = ..., epsilon: float = ..., wd: float = ..., eta: float = ..., clip_gradient: float = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _mul_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _multi_adamw_update(*data: NDArray, lrs: _Floats, beta1: float = ..., beta2: float = ..., epsilon: float = ..., wds: _Floats, etas: _Floats, clip_gradient: float = ..., num_weights: int = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _multi_lamb_update(*data: NDArray, learning_rates: _Floats, beta1: float = ..., beta2: float = ..., epsilon: float = ..., wds: _Floats, rescale_grad: float = ..., lower_bound: float = ..., upper_bound: float = ..., clip_gradient: float = ..., bias_correction: bool = ..., step_count: _Shape, num_tensors: int = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _multi_mp_adamw_update(*data: NDArray, lrs: _Floats, beta1: float = ..., beta2: float = ..., epsilon: float = ..., wds: _Floats, etas: _Floats, clip_gradient: float = ..., num_weights: int = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _multi_mp_lamb_update(*data: NDArray, learning_rates: _Floats, beta1: float = ..., beta2: float = ..., epsilon: float = ..., wds: _Floats, rescale_grad: float = ..., lower_bound: float = ..., upper_bound: float = ..., clip_gradient: float = ..., bias_correction: bool = ..., step_count: _Shape, num_tensors: int = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _not_equal(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _not_equal_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _ones(shape: _Shape = ..., ctx: Context | str | None = ..., dtype: _Dtype = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _plus_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _power(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _power_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _rdiv_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _rminus_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _rmod_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _rnn_param_concat(*data: NDArray, dim: int = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _rpower_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _sample_unique_zipfian(range_max: int, shape: _Shape | None = ..., out: Sequence[NDArray] | None = ..., name: str | None = ..., **kwargs: Any) -> list[NDArray]: ...
def _scatter_elemwise_div(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _scatter_minus_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _scatter_plus_scalar(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _scatter_set_nd(lhs: NDArray, rhs: NDArray, indices: NDArray, shape: _Shape, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _slice_assign(lhs: NDArray, rhs: NDArray, begin: _Shape, end: _Shape, step: _Shape = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _slice_assign_scalar(data: NDArray, scalar: float = ..., begin: _Shape = ..., end: _Shape = ..., step: _Shape = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _split_v2(data: NDArray, indices: _Shape, axis: int = ..., squeeze_axis: bool = ..., sections: int = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _square_sum(data: NDArray, axis: _Shape | None = ..., keepdims: bool = ..., exclude: bool = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _while_loop(*data: NDArray, num_outputs: int, num_out_data: int, max_iterations: int, cond_input_locs: _Shape, func_input_locs: _Shape, func_var_locs: _Shape, out: Sequence[NDArray] | None = ..., name: str | None = ..., **kwargs: Any) -> list[NDArray]: ...
def _zeros(shape: _Shape = ..., ctx: Context | str | None = ..., dtype: _Dtype = ..., out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
_Div = _elemwise_div
_DivScalar = _div_scalar
_Equal = _equal
_EqualScalar = _equal_scalar
_Greater = _greater
_GreaterEqualScalar = _greater_equal_scalar
_GreaterScalar = _greater_scalar
_Greater_Equal = _greater_equal
_Hypot = _hypot
_HypotScalar = _hypot_scalar
_Lesser = _lesser
_LesserEqualScalar = _lesser_equal_scalar
_LesserScalar = _lesser_scalar
_Lesser_Equal = _lesser_equal
_LogicalAndScalar = _logical_and_scalar
_LogicalOrScalar = _logical_or_scalar
_LogicalXorScalar = _logical_xor_scalar
_Logical_And = _logical_and
_Logical_Or = _logical_or
_Logical_Xor = _logical_xor
_Maximum = _maximum
_MaximumScalar = _maximum_scalar
_Minimum = _minimum
_MinimumScalar = _minimum_scalar
_Minus = _elemwise_sub
_MinusScalar = _minus_scalar
_Mod = _mod
_ModScalar = _mod_scalar
_Mul = _elemwise_mul
_MulScalar = _mul_scalar
_NotEqualScalar = _not_equal_scalar
_Not_Equal = _not_equal
_Plus = _elemwise_add
_PlusScalar = _plus_scalar
_Power = _power
_PowerScalar = _power_scalar
_RDivScalar = _rdiv_scalar
_RMinusScalar = _rminus_scalar
_RModScalar = _rmod_scalar
_RPowerScalar = _rpower_scalar
_add = _elemwise_add
_contrib_AdaptiveAvgPooling2D = _AdaptiveAvgPooling2D
_contrib_BatchNormWithReLU = _BatchNormWithReLU
_contrib_BilinearResize2D = _BilinearResize2D
_contrib_CTCLoss = _CTCLoss
_contrib_DeformableConvolution = _DeformableConvolution
_contrib_DeformablePSROIPooling = _DeformablePSROIPooling
_contrib_ModulatedDeformableConvolution = _ModulatedDeformableConvolution
_contrib_MultiBoxDetection = _MultiBoxDetection
_contrib_MultiBoxPrior = _MultiBoxPrior
_contrib_MultiBoxTarget = _MultiBoxTarget
_contrib_MultiProposal = _MultiProposal
_contrib_PSROIPooling = _PSROIPooling
_contrib_Proposal = _Proposal
_contrib_ROIAlign = _ROIAlign
_contrib_RROIAlign = _RROIAlign
_contrib_SparseEmbedding = _SparseEmbedding
_contrib_SyncBatchNorm = _SyncBatchNorm
_contrib_allclose = _allclose
_contrib_arange_like = _arange_like
_contrib_bipartite_matching = _bipartite_matching
_contrib_boolean_mask = _boolean_mask
_contrib_box_decode = _box_decode
_contrib_box_encode = _box_encode
_contrib_box_iou = _box_iou
_contrib_box_nms = _box_nms
_contrib_box_non_maximum_suppression = _box_nms
_contrib_calibrate_entropy = _calibrate_entropy
_contrib_count_sketch = _count_sketch
_contrib_ctc_loss = _CTCLoss
_contrib_dequantize = _dequantize
_contrib_dgl_adjacency = _dgl_adjacency
_contrib_dgl_csr_neighbor_non_uniform_sample = _dgl_csr_neighbor_non_uniform_sample
_contrib_dgl_csr_neighbor_uniform_sample = _dgl_csr_neighbor_uniform_sample
_contrib_dgl_graph_compact = _dgl_graph_compact
_contrib_dgl_subgraph = _dgl_subgraph
_contrib_div_sqrt_dim = _div_sqrt_dim
_contrib_edge_id = _edge_id
_contrib_fft = _fft
_contrib_getnnz = _getnnz
_contrib_gradientmultiplier = _gradientmultiplier
_contrib_group_adagrad_update = _group_adagrad_update
_contrib_hawkesll = _hawkesll
_contrib_ifft = _ifft
_contrib_index_array = _index_array
_contrib_index_copy = _index_copy
_contrib_interleaved_matmul_encdec_qk = _interleaved_matmul_encdec_qk
_contrib_interleaved_matmul_encdec_valatt = _interleaved_matmul_encdec_valatt
_contrib_interleaved_matmul_selfatt_qk = _interleaved_matmul_selfatt_qk
_contrib_interleaved_matmul_selfatt_valatt = _interleaved_matmul_selfatt_valatt
_contrib_intgemm_fully_connected = _intgemm_fully_connected
_contrib_intgemm_maxabsolute = _intgemm_maxabsolute
_contrib_intgemm_prepare_data = _intgemm_prepare_data
_contrib_intgemm_prepare_weight = _intgemm_prepare_weight
_contrib_intgemm_take_weight = _intgemm_take_weight
_contrib_quadratic = _quadratic
_contrib_quantize = _quantize
_contrib_quantize_asym = _quantize_asym
_contrib_quantize_v2 = _quantize_v2
_contrib_quantized_act = _quantized_act
_contrib_quantized_batch_norm = _quantized_batch_norm
_contrib_quantized_concat = _quantized_concat
_contrib_quantized_conv = _quantized_conv
_contrib_quantized_elemwise_add = _quantized_elemwise_add
_contrib_quantized_elemwise_mul = _quantized_elemwise_mul
_contrib_quantized_embedding = _quantized_embedding
_contrib_quantized_flatten = _quantized_flatten
_contrib_quantized_fully_connected = _quantized_fully_connected
_contrib_quantized_pooling = _quantized_pooling
_contrib_requantize = _requantize
_contrib_round_ste = _round_ste
_contrib_sign_ste = _sign_ste
_copy = _identity
_crop_assign = _slice_assign
_crop_assign_scalar = _slice_assign_scalar
_div = _elemwise_div
_image_adjust_lighting = _adjust_lighting
_image_crop = _crop
_image_flip_left_right = _flip_left_right
_image_flip_top_bottom = _flip_top_bottom
_image_normalize = _normalize
_image_random_brightness = _random_brightness
_image_random_color_jitter = _random_color_jitter
_image_random_contrast = _random_contrast
_image_random_flip_left_right = _random_flip_left_right
_image_random_flip_top_bottom = _random_flip_top_bottom
_image_random_hue = _random_hue
_image_random_lighting = _random_lighting
_image_random_saturation = _random_saturation
_image_resize = _resize
_image_to_tensor = _to_tensor
_linalg_det = _linalg_det
_linalg_extractdiag = _linalg_extractdiag
_linalg_extracttrian = _linalg_extracttrian
_linalg_gelqf = _linalg_gelqf
_linalg_gemm = _linalg_gemm
_linalg_gemm2 = _linalg_gemm2
_linalg_inverse = _linalg_inverse
_linalg_makediag = _linalg_makediag
_linalg_maketrian = _linalg_maketrian
_linalg_potrf = _linalg_potrf
_linalg_potri = _linalg_potri
_linalg_slogdet = _linalg_slogdet
_linalg_sumlogdiag = _linalg_sumlogdiag
_linalg_syevd = _syevd
_linalg_syrk = _linalg_syrk
_linalg_trmm = _linalg_trmm
_linalg_trsm = _linalg_trsm
_minus = _elemwise_sub
_mul = _elemwise_mul
_plus = _elemwise_add
_random_exponential = _random_exponential
_random_exponential_like = _exponential_like
_random_gamma = _random_gamma
_random_gamma_like = _gamma_like
_random_generalized_negative_binomial = _random_generalized_negative_binomial
_random_generalized_negative_binomial_like = _generalized_negative_binomial_like
_random_negative_binomial = _random_negative_binomial
_random_negative_binomial_like = _negative_binomial_like
_random_normal = _random_normal
_random_normal_like = _normal_like
_random_pdf_dirichlet = _random_pdf_dirichlet
_random_pdf_exponential = _random_pdf_exponential
_random_pdf_gamma = _random_pdf_gamma
_random_pdf_generalized_negative_binomial = _random_pdf_generalized_negative_binomial
_random_pdf_negative_binomial = _random_pdf_negative_binomial
_random_pdf_normal = _random_pdf_normal
_random_pdf_poisson = _random_pdf_poisson
_random_pdf_uniform = _random_pdf_uniform
_random_poisson = _random_poisson
_random_poisson_like = _poisson_like
_random_randint = _random_randint
_random_uniform = _random_uniform
_random_uniform_like = _uniform_like
_ravel_multi_index = _ravel_multi_index
_sample_exponential = _sample_exponential
_sample_gamma = _sample_gamma
_sample_generalized_negative_binomial = _sample_generalized_negative_binomial
_sample_multinomial = _sample_multinomial
_sample_negative_binomial = _sample_negative_binomial
_sample_normal = _sample_normal
_sample_poisson = _sample_poisson
_sample_uniform = _sample_uniform
_shuffle = _shuffle
_sparse_ElementWiseSum = _add_n
_sparse_Embedding = _Embedding
_sparse_FullyConnected = _FullyConnected
_sparse_LinearRegressionOutput = _LinearRegressionOutput
_sparse_LogisticRegressionOutput = _LogisticRegressionOutput
_sparse_MAERegressionOutput = _MAERegressionOutput
_sparse__contrib_round_ste = _round_ste
_sparse__contrib_sign_ste = _sign_ste
_sparse_abs = _abs
_sparse_adagrad_update = _adagrad_update
_sparse_adam_update = _adam_update
_sparse_add_n = _add_n
_sparse_arccos = _arccos
_sparse_arccosh = _arccosh
_sparse_arcsin = _arcsin
_sparse_arcsinh = _arcsinh
_sparse_arctan = _arctan
_sparse_arctanh = _arctanh
_sparse_broadcast_add = _broadcast_add
_sparse_broadcast_div = _broadcast_div
_sparse_broadcast_minus = _broadcast_sub
_sparse_broadcast_mul = _broadcast_mul
_sparse_broadcast_plus = _broadcast_add
_sparse_broadcast_sub = _broadcast_sub
_sparse_cast_storage = _cast_storage
_sparse_cbrt = _cbrt
_sparse_ceil = _ceil
_sparse_clip = _clip
_sparse_concat = _Concat
_sparse_cos = _cos
_sparse_cosh = _cosh
_sparse_degrees = _degrees
_sparse_dot = _dot
_sparse_elemwise_add = _elemwise_add
_sparse_elemwise_div = _elemwise_div
_sparse_elemwise_mul = _elemwise_mul
_sparse_elemwise_sub = _elemwise_sub
_sparse_exp = _exp
_sparse_expm1 = _expm1
_sparse_fix = _fix
_sparse_floor = _floor
_sparse_ftrl_update = _ftrl_update
_sparse_gamma = _gamma
_sparse_gammaln = _gammaln
_sparse_log = _log
_sparse_log10 = _log10
_sparse_log1p = _log1p
_sparse_log2 = _log2
_sparse_make_loss = _make_loss
_sparse_mean = _mean
_sparse_negative = _negative
_sparse_norm = _norm
_sparse_radians = _radians
_sparse_relu = _relu
_sparse_retain = _retain
_sparse_rint = _rint
_sparse_round = _round
_sparse_rsqrt = _rsqrt
_sparse_sgd_mom_update = _sgd_mom_update
_sparse_sgd_update = _sgd_update
_sparse_sigmoid = _sigmoid
_sparse_sign = _sign
_sparse_sin = _sin
_sparse_sinh = _sinh
_sparse_slice = _slice
_sparse_sqrt = _sqrt
_sparse_square = _square
_sparse_stop_gradient = _BlockGrad
_sparse_sum = _sum
_sparse_tan = _tan
_sparse_tanh = _tanh
_sparse_trunc = _trunc
_sparse_where = _where
_sparse_zeros_like = _zeros_like
_sub = _elemwise_sub
_unravel_index = _unravel_index
def _copyto(data: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _onehot_encode(lhs: NDArray, rhs: NDArray, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
def _set_value(src: float, out: NDArray | None = ..., name: str | None = ..., **kwargs: Any) -> NDArray: ...
