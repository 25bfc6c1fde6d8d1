"""Source text of operators that PyTorch has as layers: modules where they own parameters, functions elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from ...ops import conv
from .code import Arg, Make, State, call, literal
from .use import Pair, Translation, Use

__all__ = ["FUNCTIONS", "LAYERS", "Layer"]


@dataclass
class Layer:
    """A module that owns the parameters of one use of an operator.

    Attributes:
        make: the call that makes it.
        text: the call of it, with ``{layer}`` for the module and ``{x}`` for the data.
        pre: what happens to the data before, each a module and function of its own.
        targets: how several outputs are taken apart.
        hint: a name for it.
        skips: numbers of inputs that it does without.
    """

    make: Make
    hint: str
    text: str = "{layer}({x})"
    pre: Sequence[Pair] = ()
    targets: str = ""
    skips: frozenset[int] = field(default_factory=frozenset)


def _tensor_dtype(param: Any) -> torch.dtype:
    return param.data(param.list_ctx()[0])._data.dtype


def _with_dtype(make: Make, param: Any) -> Make:
    dtype = _tensor_dtype(param)
    if dtype is not torch.float32:
        make.args.append(Arg("dtype", dtype))
    return make


def _states(**params: Any) -> dict[str, State]:
    return {name: p if isinstance(p, State) else State(p) for name, p in params.items() if p is not None}


def _one_if_equal(values: Sequence[int]) -> Any:
    return values[0] if len(set(values)) == 1 else tuple(values)


# ---------------------------------------------------------------------------------------------- dense, embedding
_FLATTEN = Pair("nn.Flatten", "torch.flatten", [("start_dim", 1, 1)], 1)


def _linear(use: Use, params: Sequence[Any]) -> Layer | None:
    if use["flatten"] and use.ndim < 2:
        return None
    rows, width = use.shapes[1]
    make = Make("nn.Linear", [Arg("in_features", width, positional=True), Arg("out_features", rows, positional=True),
                              Arg("bias", len(params) > 2, True)],
                _states(weight=params[1], bias=params[2] if len(params) > 2 else None))  # fmt: skip
    return Layer(_with_dtype(make, params[1]), "linear", pre=[_FLATTEN] if use["flatten"] and use.ndim > 2 else [])


def _linear_function(use: Use) -> str:
    x = use.x[0]
    if use["flatten"] and use.ndim != 2:
        x = f"{x}.flatten(1)" if use.ndim > 2 else f"{x}.unsqueeze(1)"
    return call("F.linear", x, *use.x[1:])


def _index(use: Use) -> str:
    return ".long()" if use.dtypes[0] not in (torch.int64, torch.int32) else ""


def _embedding(use: Use, params: Sequence[Any]) -> Layer:
    rows, width = use.shapes[1]
    make = Make(
        "nn.Embedding",
        [
            Arg("num_embeddings", rows, positional=True),
            Arg("embedding_dim", width, positional=True),
            Arg("sparse", bool(use["sparse_grad"]), False),
        ],
        _states(weight=params[1]),
    )
    return Layer(_with_dtype(make, params[1]), "embedding", "{layer}({x}" + _index(use) + ")")


# ---------------------------------------------------------------------------------------------- convolution
def _per_axis(use: Use, name: str, default: int) -> tuple[int, ...]:
    return use[name] or (default,) * len(use["kernel"])


def _channels_first(use: Use) -> None:
    if use.attrs.get("layout") and use["layout"][-1] == "C":
        raise use.refuse(f"layout={use['layout']}", "transpose the data, or use torch's channels_last memory format")


def _convolution(use: Use, params: Sequence[Any]) -> Layer:
    _channels_first(use)
    filters, width, *_ = use.shapes[1]
    axes, groups = len(use["kernel"]), use["num_group"]
    make = Make(
        f"nn.Conv{axes}d",
        [
            Arg("in_channels", width * groups, positional=True),
            Arg("out_channels", filters, positional=True),
            Arg("kernel_size", _one_if_equal(use["kernel"]), positional=True),
            Arg("stride", _one_if_equal(_per_axis(use, "stride", 1)), 1),
            Arg("padding", _one_if_equal(_per_axis(use, "pad", 0)), 0),
            Arg("dilation", _one_if_equal(_per_axis(use, "dilate", 1)), 1),
            Arg("groups", groups, 1),
            Arg("bias", len(params) > 2, True),
        ],
        _states(weight=params[1], bias=params[2] if len(params) > 2 else None),
    )
    return Layer(_with_dtype(make, params[1]), "conv")


def _convolution_function(use: Use) -> str:
    _channels_first(use)
    options = {"stride": ("stride", 1), "padding": ("pad", 0), "dilation": ("dilate", 1)}
    given = {k: _one_if_equal(_per_axis(use, n, d)) for k, (n, d) in options.items()}
    given = {k: literal(v) for k, v in given.items() if v != options[k][1]}
    if use["num_group"] != 1:
        given["groups"] = literal(use["num_group"])
    return call(f"F.conv{len(use['kernel'])}d", *use.x, **given)


def _deconvolution(use: Use, params: Sequence[Any]) -> Layer:
    _channels_first(use)
    if any(use["target_shape"]):
        raise use.refuse(f"target_shape={use['target_shape']}", "give pad and adj")
    axes, groups = len(use["kernel"]), use["num_group"]
    make = Make(
        f"nn.ConvTranspose{axes}d",
        [
            Arg("in_channels", use.shapes[1][0], positional=True),
            Arg("out_channels", use["num_filter"], positional=True),
            Arg("kernel_size", _one_if_equal(use["kernel"]), positional=True),
            Arg("stride", _one_if_equal(_per_axis(use, "stride", 1)), 1),
            Arg("padding", _one_if_equal(_per_axis(use, "pad", 0)), 0),
            Arg("output_padding", _one_if_equal(_per_axis(use, "adj", 0)), 0),
            Arg("groups", groups, 1),
            Arg("bias", len(params) > 2, True),
            Arg("dilation", _one_if_equal(_per_axis(use, "dilate", 1)), 1),
        ],
        _states(weight=params[1], bias=params[2] if len(params) > 2 else None),
    )
    return Layer(_with_dtype(make, params[1]), "deconv")


def _deconvolution_function(use: Use) -> str:
    _channels_first(use)
    if any(use["target_shape"]):
        raise use.refuse(f"target_shape={use['target_shape']}", "give pad and adj")
    options = {"stride": ("stride", 1), "padding": ("pad", 0), "output_padding": ("adj", 0), "dilation": ("dilate", 1)}
    given = {k: _one_if_equal(_per_axis(use, n, d)) for k, (n, d) in options.items()}
    given = {k: literal(v) for k, v in given.items() if v != options[k][1]}
    if use["num_group"] != 1:
        given["groups"] = literal(use["num_group"])
    return call(f"F.conv_transpose{len(use['kernel'])}d", *use.x, **given)


# ---------------------------------------------------------------------------------------------- normalisation
def _ones(param: Any) -> State:
    """MXNet's ``fix_gamma``: whatever the array holds, 1 is what counts."""
    return State(param, torch.ones_like, fixed=True)


def _batch_norm(use: Use, params: Sequence[Any]) -> Layer:
    if use.used - {0}:
        raise use.refuse("the outputs mean and variance", "compute them with torch.var_mean")
    axis = use.attrs.get("axis", 1) % use.ndim
    dims = {2: 1, 3: 1, 4: 2, 5: 3}.get(use.ndim)
    if dims is None:
        raise use.refuse(f"data of {use.ndim} dimensions", "reshape it to 2 to 5 before")
    fixed = use["fix_gamma"]
    name = "FrozenBatchNorm" if use["use_global_stats"] else "nn.BatchNorm"
    make = Make(
        f"{name}{dims}d",
        [
            Arg("num_features", use.shapes[1][0], positional=True),
            Arg("eps", use["eps"], 1e-5),
            Arg("momentum", round(1 - use["momentum"], 12), 0.1),
        ],
        _states(
            weight=_ones(params[1]) if fixed else params[1],
            bias=params[2],
            running_mean=params[3],
            running_var=params[4],
            num_batches_tracked=State(None, lambda: torch.tensor(0)),
        ),
    )
    text = "{layer}({x})" if axis == 1 else f"{{layer}}({{x}}.movedim({axis}, 1)).movedim(1, {axis})"
    return Layer(_with_dtype(make, params[1]), "norm", text)


def _batch_norm_function(use: Use) -> str:
    if use.used - {0}:
        raise use.refuse("the outputs mean and variance", "compute them with torch.var_mean")
    x, gamma, beta, mean, var = use.x
    if use.ndim < 2:
        raise use.refuse("data of one dimension", "reshape it")
    axis = use.attrs.get("axis", 1) % use.ndim
    training = "False" if use["use_global_stats"] else "self.training"
    if axis != 1:
        x = f"{x}.movedim({axis}, 1)"
    found = call(
        "F.batch_norm", x, mean, var, "None" if use["fix_gamma"] else gamma, beta, training,
        literal(round(1 - use["momentum"], 12)), literal(use["eps"]),
    )  # fmt: skip
    return found if axis == 1 else f"{found}.movedim(1, {axis})"


def _layer_norm(use: Use, params: Sequence[Any]) -> Layer:
    if use.used - {0}:
        raise use.refuse("the outputs mean and std", "compute them with torch.var_mean")
    axis = use["axis"] % use.ndim
    make = Make("nn.LayerNorm", [Arg("normalized_shape", use.shapes[1][0], positional=True),
                                 Arg("eps", use["eps"], 1e-5)],
                _states(weight=params[1], bias=params[2]))  # fmt: skip
    last = axis == use.ndim - 1
    text = "{layer}({x})" if last else f"{{layer}}({{x}}.movedim({axis}, -1)).movedim(-1, {axis})"
    return Layer(_with_dtype(make, params[1]), "norm", text)


def _layer_norm_function(use: Use) -> str:
    if use.used - {0}:
        raise use.refuse("the outputs mean and std", "compute them with torch.var_mean")
    (x, gamma, beta), axis = use.x, use["axis"] % use.ndim
    last = axis == use.ndim - 1
    x = x if last else f"{x}.movedim({axis}, -1)"
    found = call("F.layer_norm", x, f"{gamma}.shape", gamma, beta, eps=literal(use["eps"]))
    return found if last else f"{found}.movedim(-1, {axis})"


def _instance_norm(use: Use, params: Sequence[Any]) -> Layer:
    dims = use.ndim - 2
    if not 1 <= dims <= 3:
        raise use.refuse(f"data of {use.ndim} dimensions", "reshape it to 3 to 5 before")
    make = Make(f"nn.InstanceNorm{dims}d", [Arg("num_features", use.shapes[1][0], positional=True),
                                            Arg("eps", use["eps"], 1e-5), Arg("affine", True, False)],
                _states(weight=params[1], bias=params[2]))  # fmt: skip
    return Layer(_with_dtype(make, params[1]), "norm")


def _instance_norm_function(use: Use) -> str:
    x, gamma, beta = use.x
    return call("F.instance_norm", x, weight=gamma, bias=beta, eps=literal(use["eps"]))


def _group_norm(use: Use, params: Sequence[Any]) -> Layer | None:
    groups = use["num_groups"]
    if use.used - {0}:
        raise use.refuse("the outputs mean and std", "compute them with torch.var_mean")
    if groups != use.shape[1]:
        return None  # one value serves a group there, a channel in nn.GroupNorm
    make = Make("nn.GroupNorm", [Arg("num_groups", groups, positional=True),
                                 Arg("num_channels", use.shape[1], positional=True), Arg("eps", use["eps"], 1e-5)],
                _states(weight=params[1], bias=params[2]))  # fmt: skip
    return Layer(_with_dtype(make, params[1]), "norm")


def _group_norm_function(use: Use) -> str:
    if use.used - {0}:
        raise use.refuse("the outputs mean and std", "compute them with torch.var_mean")
    x, gamma, beta = use.x
    size = use.shape[1] // use["num_groups"]
    gamma, beta = (p if size == 1 else f"{p}.repeat_interleave({size})" for p in (gamma, beta))
    return call("F.group_norm", x, use["num_groups"], gamma, beta, eps=literal(use["eps"]))


def _prelu(use: Use, params: Sequence[Any]) -> Layer | None:
    if use["act_type"] != "prelu":
        return None
    gamma = use.shapes[1]
    if gamma not in ((1,), use.shape[1:2]):
        raise use.refuse(f"gamma of shape {gamma} beside data of shape {use.shape}")
    make = Make("nn.PReLU", [Arg("num_parameters", gamma[0], 1, positional=True)], _states(weight=params[1]))
    return Layer(_with_dtype(make, params[1]), "prelu")


# ---------------------------------------------------------------------------------------------- recurrent layers
_RNN = {"lstm": "nn.LSTM", "gru": "nn.GRU", "rnn_tanh": "nn.RNN", "rnn_relu": "nn.RNN"}


def _recurrent(use: Use, params: Sequence[Any]) -> Layer:
    """``params[1]``: the States of the parts, all weights and then all biases; ``params[2:]``: True for zeros."""
    mode, size, layers = use["mode"], use["state_size"], use["num_layers"]
    ways, projection = 2 if use["bidirectional"] else 1, use["projection_size"]
    if use["use_sequence_length"]:
        raise use.refuse("use_sequence_length", "use torch.nn.utils.rnn.pack_padded_sequence around an nn.LSTM")
    if use["lstm_state_clip_min"] is not None or use["lstm_state_clip_max"] is not None:
        raise use.refuse("clipped states", "nn.LSTM clips none")
    each = 3 if projection else 2
    states: dict[str, State] = {}
    parts = params[1]
    for layer in range(layers):
        for way in range(ways):
            at, suffix = layer * ways + way, f"l{layer}{'_reverse' * way}"
            weights = parts[at * each : at * each + each]
            for name, part in zip(("weight_ih", "weight_hh", "weight_hr"), weights):
                states[f"{name}_{suffix}"] = part
            first = each * layers * ways + 2 * at
            states[f"bias_ih_{suffix}"], states[f"bias_hh_{suffix}"] = parts[first : first + 2]
    make = Make(
        _RNN[mode],
        [
            Arg("input_size", use.shape[2], positional=True),
            Arg("hidden_size", size, positional=True),
            Arg("num_layers", layers, 1),
            *([Arg("nonlinearity", "relu")] if mode == "rnn_relu" else []),
            Arg("dropout", use["p"] if layers > 1 else 0.0, 0.0),
            Arg("bidirectional", ways == 2, False),
            Arg("proj_size", projection or 0, 0),
        ],
        states,
    )
    _with_dtype(make, parts[0].param)
    count = 2 if mode == "lstm" else 1
    without = all(params[2 : 2 + count])
    given = use.x[2 : 2 + count]
    states_text = "" if without else f", ({', '.join(given)})" if count == 2 else f", {given[0]}"
    targets = "{0}, ({1}, {2})" if count == 2 else "{0}, {1}"
    if not use["state_outputs"] or use.used <= {0}:
        targets = "{0}, _"
    skips = frozenset({1, 2, 3}) if without else frozenset({1})
    return Layer(make, _RNN[mode].removeprefix("nn.").lower(), f"{{layer}}({{x}}{states_text})", (), targets, skips)


LAYERS: dict[str, Callable[[Use, Sequence[Any]], Layer | None]] = {
    "BatchNorm": _batch_norm,
    "Convolution": _convolution,
    "Deconvolution": _deconvolution,
    "Embedding": _embedding,
    "FullyConnected": _linear,
    "GroupNorm": _group_norm,
    "InstanceNorm": _instance_norm,
    "LayerNorm": _layer_norm,
    "LeakyReLU": _prelu,
    "RNN": _recurrent,
    "_contrib_SyncBatchNorm": _batch_norm,
}
"""Operator -> the module for parameters that are its own; None where there is none."""


# ---------------------------------------------------------------------------------------------- pooling
def _pooling(use: Use) -> Pair | str:
    _channels_first(use)
    use.only_floats()
    axes, kind = use.ndim - 2, use["pool_type"]
    if use["global_pool"]:
        if kind in ("avg", "max"):
            word = {"avg": "Avg", "max": "Max"}[kind]
            return Pair(f"nn.Adaptive{word}Pool{axes}d", f"F.adaptive_{kind}_pool{axes}d", [("size", 1, None)], 1)
        if kind == "sum":
            return call(f"{use.x[0]}.sum", tuple(range(2, use.ndim)), keepdim="True")
        raise use.refuse(f"pool_type={kind!r}")
    kernel, stride = use["kernel"], _per_axis(use, "stride", 1)
    pad, full = _per_axis(use, "pad", 0), use["pooling_convention"] == "full"
    if not conv._Window(use.shape[2:], kernel, stride, pad, full).regular:
        raise use.refuse(f"windows that PyTorch leaves out (kernel {kernel}, pad {pad})", "pad the data with F.pad")
    size = _one_if_equal(kernel)
    args = [
        ("kernel_size", size, None),
        ("stride", _one_if_equal(stride), size),
        ("padding", _one_if_equal(pad), 0),
        ("ceil_mode", full, False),
    ]
    if kind == "max":
        return Pair(f"nn.MaxPool{axes}d", f"F.max_pool{axes}d", args, 1)
    if kind == "avg":
        args.append(("count_include_pad", use["count_include_pad"] is not False, True))
        return Pair(f"nn.AvgPool{axes}d", f"F.avg_pool{axes}d", args, 1)
    if kind == "sum" and axes > 1:
        args.append(("divisor_override", 1, None))
        return Pair(f"nn.AvgPool{axes}d", f"F.avg_pool{axes}d", args, 1)
    raise use.refuse(f"pool_type={kind!r}")


# ---------------------------------------------------------------------------------------------- the others
def _dropout(use: Use) -> Pair | str:
    if use["p"] == 0:
        return use.x[0]
    axes = use["axes"]
    if axes and axes != tuple(range(2, use.ndim)):
        raise use.refuse(f"axes={axes}", "multiply by a mask of F.dropout(torch.ones(...))")
    name = f"{use.ndim - 2}d" if axes else ""
    if use["mode"] == "always":
        raise use.refuse(
            "mode='always' draws at random in predict mode too, so that nothing can be compared",
            "take mode='training', and call train() of the nn.Dropout modules that are to go on",
        )
    return Pair(f"nn.Dropout{name}", f"F.dropout{name}", [("p", use["p"], None)], 1, ("self.training",))


def _softmax(function: str, module: str) -> Translation:
    def text(use: Use) -> Pair | str:
        use.only_floats()
        if use.attrs.get("use_length"):
            raise use.refuse("use_length", "mask the data with -inf before")
        dtype, temperature = use["dtype"], use["temperature"]
        if dtype not in (None, use.dtypes[0]):
            raise use.refuse(f"dtype={dtype}", "cast the result")
        if temperature in (None, 1):
            return Pair(module, function, [("dim", use["axis"], None)])
        return call(function, f"{use.x[0]} / {literal(temperature)}", dim=literal(use["axis"]))

    return text


def _softmax_activation(use: Use) -> Pair:
    return Pair("nn.Softmax", "F.softmax", [("dim", 1 if use["mode"] == "channel" else -1, None)])


def _upsampling(use: Use) -> Pair | str:
    scale = use["scale"]
    if use["sample_type"] == "nearest" and len(use.x) == 1:
        return Pair("nn.Upsample", "F.interpolate", [("scale_factor", scale, None)])
    if use["sample_type"] == "bilinear":
        return call("F.conv_transpose2d", *use.x, stride=literal(scale), padding=literal(math.ceil((scale - 1) / 2)),
                    groups=literal(use.shape[1]))  # fmt: skip
    raise use.refuse("several inputs", "upsample them one by one")


def _bilinear_resize(use: Use) -> str:
    x, corners, mode = use.x[0], use["align_corners"], use["mode"]
    if mode == "like":
        size = f"{use.x[1]}.shape[2:]"
    elif mode == "size" and use["scale_height"] is None:
        size = literal((use["height"], use["width"]))
    elif mode == "size":
        scales = (use["scale_height"], use["scale_width"])
        size = ", ".join(f"int({x}.shape[{i}] * {literal(s)})" for i, s in zip((2, 3), scales))
        size = f"({size})"
    else:
        raise use.refuse(f"mode={mode!r}", "give height and width")
    if not corners and 1 in use.out_shapes[0][2:]:  # the first row, where PyTorch takes the middle
        raise use.refuse("a result of one row or column", "take x[:, :, :1]")
    return call("F.interpolate", x, size=size, mode='"bilinear"', align_corners=literal(corners))


def _adaptive_pool(use: Use) -> Pair:
    size = use["output_size"]
    size = 1 if not 1 <= len(size) <= 2 else _one_if_equal(size)
    return Pair("nn.AdaptiveAvgPool2d", "F.adaptive_avg_pool2d", [("size", size, None)], 1)


def _lrn(use: Use) -> Pair:
    if use["nsize"] % 2 != 1 or use.used != {0}:
        raise use.refuse("this form")
    return Pair("nn.LocalResponseNorm", "F.local_response_norm",
                [("size", use["nsize"], None), ("alpha", use["alpha"], 1e-4), ("beta", use["beta"], 0.75),
                 ("k", use["knorm"], 1.0)], 1)  # fmt: skip


def _loss(use: Use) -> str:
    raise use.refuse(
        "it is an output and a loss in one, whose gradient is that of the loss",
        "cut the graph before it (symbol.get_internals()['..._output']) and use torch.nn.functional.cross_entropy or "
        "mse_loss on what it was given",
    )


FUNCTIONS: dict[str, Translation] = {
    "BatchNorm": _batch_norm_function,
    "_contrib_SyncBatchNorm": _batch_norm_function,
    "Convolution": _convolution_function,
    "Deconvolution": _deconvolution_function,
    "Dropout": _dropout,
    "Embedding": lambda use: call("F.embedding", f"{use.x[0]}{_index(use)}", use.x[1]),
    "FullyConnected": _linear_function,
    "GroupNorm": _group_norm_function,
    "InstanceNorm": _instance_norm_function,
    "LRN": _lrn,
    "LayerNorm": _layer_norm_function,
    "Pooling": _pooling,
    "SoftmaxActivation": _softmax_activation,
    "UpSampling": _upsampling,
    "_contrib_AdaptiveAvgPooling2D": _adaptive_pool,
    "_contrib_BilinearResize2D": _bilinear_resize,
    "log_softmax": _softmax("F.log_softmax", "nn.LogSoftmax"),
    "softmax": _softmax("F.softmax", "nn.Softmax"),
    "softmin": _softmax("F.softmin", "nn.Softmin"),
    **dict.fromkeys(
        ("LinearRegressionOutput", "LogisticRegressionOutput", "MAERegressionOutput", "MakeLoss", "SVMOutput",
         "SoftmaxOutput", "make_loss"),
        _loss,
    ),
}  # fmt: skip
