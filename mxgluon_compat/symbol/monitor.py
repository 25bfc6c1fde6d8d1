"""Names under which monitors see the inputs and outputs of a graph's nodes."""

from __future__ import annotations

from .node import Node

__all__ = ["watched_inputs", "watched_outputs"]

# MXNet shows monitors the operator's own names only where the operator registered some, else numbers; ``list_outputs``
# says ``output`` then. Operators of several inputs all have names for them.
_OUTPUT_NAMES = frozenset({
    "Activation", "BatchNorm", "Concat", "Convolution", "Crop", "Deconvolution", "Dropout", "FullyConnected",
    "GroupNorm", "InstanceNorm", "L2Normalization", "LayerNorm", "LeakyReLU", "MakeLoss", "Pad", "Pooling",
    "RNN", "SequenceLast", "SequenceMask", "SequenceReverse", "SliceChannel",
    "SoftmaxActivation", "SoftmaxOutput", "SwapAxis", "UpSampling",
    "_contrib_index_array", "elemwise_add", "make_loss", "softmax", "softmin",
})  # fmt: skip
_NAME_OF_ONE_INPUT = frozenset({
    "Crop", "Dropout", "GridGenerator", "L2Normalization", "LRN", "LeakyReLU", "MakeLoss", "Pad", "Pooling",
    "Pooling_v1", "SequenceLast", "SequenceMask", "SequenceReverse", "SliceChannel", "SwapAxis", "UpSampling",
    "_contrib_BilinearResize2D", "_contrib_MultiBoxPrior", "_contrib_index_array",
    "_contrib_interleaved_matmul_selfatt_qk", "_contrib_quadratic", "_contrib_quantize_v2", "_histogram",
    "_image_normalize", "_image_to_tensor", "_linalg_det", "_linalg_extractdiag", "_linalg_extracttrian",
    "_linalg_gelqf", "_linalg_inverse", "_linalg_makediag", "_linalg_maketrian", "_linalg_potrf", "_linalg_potri",
    "_linalg_slogdet", "_linalg_sumlogdiag", "_linalg_syevd", "_linalg_syrk", "_np_cumsum", "_ravel_multi_index",
    "_sample_exponential", "_sample_poisson", "_split_v2", "_unravel_index", "add_n", "all_finite", "col2im",
    "depth_to_space", "diag", "im2col", "log_softmax", "moments", "one_hot", "repeat", "reverse", "softmax",
    "space_to_depth", "squeeze", "tile",
})  # fmt: skip


def watched_inputs(node: Node) -> list[str]:
    """``NODE_data``, or ``NODE_input0`` where the operator has no name for its input."""
    names = node.input_names()
    if node.op.name in ("multi_all_finite", "multi_sum_sq"):
        names = tuple(f"array_{i}" for i in range(len(names)))
    elif len(names) == 1 and not node.op.variadic and node.op.name not in _NAME_OF_ONE_INPUT:
        names = ("input0",)
    return [f"{node.name}_{name}" for name in names]


def watched_outputs(node: Node) -> list[str]:
    """``NODE_output``, or ``NODE_0`` where the operator has no name for its output; hidden ones included."""
    names = node.op.output_names(node.parsed)
    if node.op.name not in _OUTPUT_NAMES:
        names = tuple(map(str, range(len(names))))
    return [f"{node.name}_{name}" for name in names]
