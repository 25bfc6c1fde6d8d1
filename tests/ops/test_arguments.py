"""No argument is passed over in silence: an operator reads each one, or it is listed here and in the guide."""

from __future__ import annotations

import ast
import inspect
import pathlib
import re
import textwrap

import pytest

from mxgluon_compat.ops import OPERATORS

GUIDE = (pathlib.Path(__file__).parents[2] / "migration_guide.md").read_text()

# attribute -> operators whose function does not read it: the guide says so too.
WITHOUT_EFFECT = {
    "background_id": {"_contrib_MultiBoxDetection"},
    "clip_gradient": {"signsgd_update"},
    "compute_size": {"_contrib_fft", "_contrib_ifft"},
    "ctx": {"_contrib_arange_like"},
    "cudnn_off": {
        *("BatchNorm", "BilinearSampler", "Convolution", "Convolution_v1", "Deconvolution", "Dropout", "Pooling"),
        *("SpatialTransformer", "_contrib_BatchNormWithReLU", "_contrib_quantized_batch_norm"),
        *("_contrib_quantized_conv", "_contrib_quantized_pooling"),
    },
    "cudnn_tune": {"Convolution", "Convolution_v1", "Deconvolution", "_contrib_quantized_conv"},
    "dtype": {"_contrib_quantized_embedding"},
    "im2col_step": {"_contrib_ModulatedDeformableConvolution"},
    "is_int": {"_contrib_gradientmultiplier"},
    "key": {"_contrib_SyncBatchNorm"},
    "lazy_update": {"adam_update", "mp_sgd_mom_update", "mp_sgd_update", "sgd_mom_update", "sgd_update"},
    "max_calib_range": {"BatchNorm", "_contrib_BatchNormWithReLU"},
    "min_calib_range": {"BatchNorm", "_contrib_BatchNormWithReLU"},
    "minimum_negative_samples": {"_contrib_MultiBoxTarget"},
    "momentum": {"_contrib_quantized_batch_norm"},
    "out_type": {"_contrib_dequantize"},
    "p_value": {"_contrib_quantized_pooling"},
    "processing_batch_size": {"_contrib_count_sketch"},
    "rescale_grad": {"signsgd_update"},
    "sampler_type": {"SpatialTransformer"},
    "sparse_grad": {"_contrib_quantized_embedding"},
    "transform_type": {"SpatialTransformer"},
    "use_global_stats": {"_contrib_quantized_batch_norm"},
    "workspace": {
        *("Convolution", "Convolution_v1", "Deconvolution", "UpSampling", "_contrib_DeformableConvolution"),
        *("_contrib_ModulatedDeformableConvolution", "_contrib_quantized_conv"),
    },
}
# attribute -> operators where something else than the function reads it.
READ_ELSEWHERE = {
    # which inputs or outputs there are
    "no_bias": {
        *("Convolution", "Convolution_v1", "Deconvolution", "FullyConnected", "_contrib_DeformableConvolution"),
        *("_contrib_ModulatedDeformableConvolution", "_contrib_intgemm_fully_connected", "_contrib_quantized_conv"),
        "_contrib_quantized_fully_connected",
    },
    "num_outputs": {"_cond", "_foreach", "_while_loop"},
    "output_score": {"_contrib_MultiProposal", "_contrib_Proposal"},
    "use_sequence_length": {"RNN"},
    # how many outputs are seen
    "returned": {"_npi_average"},
    # the weight's dtype, where none is known
    "dtype": {"Embedding"},
    # the function is that of sparse_grad=True, and MXNet's attribute a name for it
    "sparse_grad": {"_contrib_SparseEmbedding"},
    # nd.cast_storage; in a graph all arrays are dense
    "stype": {"cast_storage"},
    # nd.dot; likewise
    "forward_stype": {"dot"},
}


def unread(function):
    """Names of the attributes that the function's body never reads."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    read = {node.id for statement in definition.body for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return [argument.arg for argument in definition.args.kwonlyargs if argument.arg not in read]


def _operators_made_of_a_def():
    for name, op in OPERATORS.items():
        if name == op.name and inspect.isfunction(op.fn) and op.fn.__name__ != "<lambda>":
            yield pytest.param(op, id=name)


@pytest.mark.parametrize("op", list(_operators_made_of_a_def()))
def test_every_argument_is_read(op):
    listed = {a for table in (WITHOUT_EFFECT, READ_ELSEWHERE) for a, names in table.items() if op.name in names}
    assert set(unread(op.fn)) & set(op.attributes) == listed


def test_an_unread_argument_is_found():
    def scaled(data, *, scalar: float, unused: int = 3):
        return data * scalar

    assert unread(scaled) == ["unused"]


def test_the_guide_lists_them():
    section = GUIDE.split("### Arguments without effect\n")[1].split("\n#")[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    told = {name: o for names, o in rows if not o.startswith(" `mx.") for name in re.findall(r"`(\w+)`", names)}
    assert set(told) == {*WITHOUT_EFFECT, "lstm_state_clip_nan"}  # the last is read where there is something to clip
