"""Initializers: what fills a parameter before training, chosen by the parameter's name or attributes."""

from __future__ import annotations

import json
import logging
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from . import ndarray, random, registry
from .ndarray import NDArray, load
from .numpy import ndarray as np_ndarray
from .numpy.calls import call
from .numpy.family import as_mode, of_mode

__all__ = [
    "Bilinear", "Constant", "FusedRNN", "InitDesc", "Initializer", "LSTMBias", "Load", "MSRAPrelu", "Mixed", "Normal",
    "One", "Orthogonal", "Uniform", "Xavier", "Zero", "alias", "create", "register",
]  # fmt: skip


class InitDesc(str):
    """The name of a parameter, with what else an initializer may look at.

    Attributes:
        attrs: the variable's attributes; ``__init__`` holds an initializer that overrules the one called.
        global_init: the initializer called for the whole net.
    """

    attrs: Mapping[str, str]
    global_init: Initializer | None

    def __new__(
        cls, name: str, attrs: Mapping[str, str] | None = None, global_init: Initializer | None = None
    ) -> InitDesc:
        desc = super().__new__(cls, name)
        desc.attrs = attrs or {}
        desc.global_init = global_init
        return desc


def _rms(x: NDArray) -> str:
    """The root of the mean square of an array, as text."""
    return str((x.norm() / math.sqrt(x.size)).asscalar())


class Initializer:
    """Base class: subclasses define ``_init_weight(name, arr)``, which fills ``arr`` in place.

    ``initializer(desc, arr)`` fills by the end of the name: ``weight`` with ``_init_weight``, ``bias``, ``beta`` and
    ``min`` with zeros, ``gamma`` and ``max`` with ones. A parameter that names its own initializer
    (``desc.attrs['__init__']``) gets that one's ``_init_weight``.

    Args:
        **kwargs: what ``create`` needs to make this initializer again.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, **kwargs: Any) -> None:
        self._kwargs = kwargs
        self._verbose = False
        self._print_func: Callable[[NDArray], Any] | None = None

    def set_verbosity(self, verbose: bool = False, print_func: Callable[[NDArray], Any] | None = None) -> Initializer:
        """Whether to log each parameter that is filled, with what ``print_func`` says of it (default: its rms)."""
        self._verbose = verbose
        self._print_func = print_func or _rms
        return self

    def _verbose_print(self, desc: str, init: str, arr: NDArray) -> None:
        if self._verbose and self._print_func:
            logging.info("Initialized %s as %s: %s", desc, init, self._print_func(arr))

    def dumps(self) -> str:
        """JSON from which ``create`` makes this initializer again."""
        return json.dumps([type(self).__name__.lower(), self._kwargs])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Initializer) and type(self) is type(other) and self._kwargs == other._kwargs

    def __call__(self, desc: str, arr: NDArray) -> None:
        """Fills ``arr`` for the parameter ``desc``.

        Args:
            desc: an ``InitDesc``; a plain string is deprecated and has rules of its own.
            arr: filled in place.

        Raises:
            ValueError: the name says nothing about how to fill.
        """
        if not isinstance(desc, InitDesc):
            self._legacy_init(desc, arr)
            return
        if desc.global_init is None:
            desc.global_init = self
        own = desc.attrs.get("__init__", "")
        if own:
            create(own)._init_weight(desc, arr)
            self._verbose_print(desc, own, arr)
            return
        for ending, method in _BY_ENDING.items():
            if desc.endswith(ending):
                getattr(self, method)(desc, arr)
                self._verbose_print(desc, ending, arr)
                return
        self._init_default(desc, arr)

    def _legacy_init(self, name: str, arr: NDArray) -> None:
        warnings.warn(
            "\033[91mCalling initializer with init(str, NDArray) has been deprecated."
            "please use init(mx.init.InitDesc(...), NDArray) instead.\033[0m",
            DeprecationWarning,
            stacklevel=3,
        )
        if not isinstance(name, str):
            raise TypeError("name must be string")
        if not isinstance(arr, NDArray):
            raise TypeError("arr must be NDArray")
        if name.startswith("upsampling"):
            self._init_bilinear(name, arr)
        elif name.startswith("stn_loc") and name.endswith("weight"):
            self._init_zero(name, arr)
        elif name.startswith("stn_loc") and name.endswith("bias"):
            self._init_loc_bias(name, arr)
        else:
            for ending, method in _BY_LEGACY_ENDING.items():
                if name.endswith(ending):
                    getattr(self, method)(name, arr)
                    return
            self._init_default(name, arr)

    def _init_bilinear(self, _: str, arr: NDArray) -> None:
        arr[:] = _bilinear_kernel(arr.shape)

    def _init_loc_bias(self, _: str, arr: NDArray) -> None:
        assert arr.shape[0] == 6, "the bias of a spatial transformer's localization has 6 elements"
        arr[:] = np.array([1.0, 0, 0, 0, 1.0, 0])

    def _init_zero(self, _: str, arr: NDArray) -> None:
        arr[:] = 0.0

    def _init_one(self, _: str, arr: NDArray) -> None:
        arr[:] = 1.0

    def _init_bias(self, _: str, arr: NDArray) -> None:
        arr[:] = 0.0

    def _init_quantized_bias(self, _: str, arr: NDArray) -> None:
        arr[:] = 0

    def _init_gamma(self, _: str, arr: NDArray) -> None:
        arr[:] = 1.0

    def _init_beta(self, _: str, arr: NDArray) -> None:
        arr[:] = 0.0

    def _init_weight(self, name: str, arr: NDArray) -> None:
        """Fills a weight; to be overridden."""
        raise NotImplementedError("Must override it")

    def _init_quantized_weight(self, _: str, arr: NDArray) -> None:
        # One number for all elements, as MXNet: quantized weights are loaded, this only makes room for them.
        arr[:] = random.randint(-127, 127, dtype="int32").asscalar()

    def _init_default(self, name: str, _: NDArray) -> None:
        raise ValueError(
            f"Unknown initialization pattern for {name}. Default initialization is now limited to "
            '"weight", "bias", "gamma" (1.0), and "beta" (0.0).'
            "Please use mx.sym.Variable(init=mx.init.*) to set initialization pattern"
        )


_BY_ENDING = {
    "weight": "_init_weight",
    "bias": "_init_bias",
    "gamma": "_init_gamma",
    "beta": "_init_beta",
    "min": "_init_zero",
    "max": "_init_one",
    "weight_quantize": "_init_quantized_weight",
    "bias_quantize": "_init_quantized_bias",
}
_BY_LEGACY_ENDING = {
    "bias": "_init_bias",
    "gamma": "_init_gamma",
    "beta": "_init_beta",
    "weight": "_init_weight",
    "moving_mean": "_init_zero",
    "moving_var": "_init_one",
    "moving_inv_var": "_init_zero",
    "moving_avg": "_init_zero",
    "min": "_init_zero",
    "max": "_init_one",
}

_register = registry.get_register_func(Initializer, "initializer")
alias = registry.get_alias_func(Initializer, "initializer")
create = registry.get_create_func(Initializer, "initializer")


def register(klass: type) -> type:
    """Registers a custom initializer under its class's name, in lower case; a decorator."""
    return _register(klass)


# ---------------------------------------------------------------------------------------------- several at once
class Load:
    """Fills parameters from saved ones.

    Args:
        param: dict of arrays by name (``arg:`` and ``aux:`` in front do not count), or the file that holds it.
        default_init: initializer for the parameters that are not there; None: they are an error.
        verbose: log where each parameter came from.
    """

    def __init__(self, param: str | dict[str, NDArray], default_init: Any = None, verbose: bool = False) -> None:
        if isinstance(param, str):
            param = load(param)
        assert isinstance(param, dict), f"Load takes a dict of arrays or the name of a file with one, got {type(param)}"
        self.param = {k[4:] if k.startswith(("arg:", "aux:")) else k: v for k, v in param.items()}
        self.default_init = default_init
        self.verbose = verbose

    def __call__(self, name: str, arr: NDArray) -> None:
        if name in self.param:
            saved = self.param[name]
            assert arr.shape == saved.shape, (
                f"Parameter {name} cannot be initialized from loading. "
                f"Shape mismatch, target {arr.shape} vs loaded {saved.shape}"
            )
            arr[:] = saved
            if self.verbose:
                logging.info("Initialized %s by loading", name)
            return
        assert self.default_init is not None, (
            f"Cannot Initialize {name}. Not found in loaded param and no default Initializer is provided."
        )
        self.default_init(name, arr)
        if self.verbose:
            logging.info("Initialized %s by default", name)


class Mixed:
    """The initializer of the first pattern that the name matches.

    Args:
        patterns: regular expressions, matched from the start of the name.
        initializers: one for each pattern.
    """

    def __init__(self, patterns: Sequence[str], initializers: Sequence[Any]) -> None:
        assert len(patterns) == len(initializers), f"{len(patterns)} patterns for {len(initializers)} initializers"
        self.map = [(re.compile(p), i) for p, i in zip(patterns, initializers)]

    def __call__(self, name: str, arr: NDArray) -> None:
        for pattern, init in self.map:
            if pattern.match(name):
                init(name, arr)
                return
        raise ValueError(
            f'Parameter name {name} did not match any pattern. Consider adding a ".*" pattern at the end with default '
            "Initializer."
        )


# ---------------------------------------------------------------------------------------------- constants
@register
@alias("zeros")
class Zero(Initializer):
    """Fills with 0."""

    def __init__(self) -> None:
        super().__init__()

    def _init_weight(self, _: str, arr: NDArray) -> None:
        arr[:] = 0


@register
@alias("ones")
class One(Initializer):
    """Fills with 1."""

    def __init__(self) -> None:
        super().__init__()

    def _init_weight(self, _: str, arr: NDArray) -> None:
        arr[:] = 1


@register
class Constant(Initializer):
    """Fills with ``value``: a number, or an array that broadcasts to the parameter's shape."""

    def __init__(self, value: Any) -> None:
        super().__init__(value=value)
        self.value = value

    def _init_weight(self, _: str, arr: NDArray) -> None:
        arr[:] = self.value

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Constant)
            and type(self) is type(other)
            and np.array_equal(_plain(self.value), _plain(other.value))
        )

    __hash__ = None

    def dumps(self) -> str:
        return json.dumps([type(self).__name__.lower(), {"value": _plain(self.value)}])


def _plain(value: Any) -> Any:
    """The value as JSON can hold it: numbers and nested lists."""
    if isinstance(value, NDArray):
        value = value.asnumpy()
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


# ---------------------------------------------------------------------------------------------- random numbers
def _draw_uniform(scale: float, arr: NDArray) -> None:
    """Fills with uniform numbers; the same seed gives others in arrays of ``mx.np``, as in MXNet."""
    if isinstance(arr, np_ndarray):
        call("_npi_uniform", (None, None), {"low": -scale, "high": scale, **_like(arr)}, arr)
    else:
        random.uniform(-scale, scale, out=arr)


def _draw_normal(sigma: float, arr: NDArray) -> None:
    """Fills with normal numbers of mean 0; see ``_draw_uniform``."""
    if isinstance(arr, np_ndarray):
        call("_npi_normal", (None, None), {"loc": 0, "scale": sigma, **_like(arr)}, arr)
    else:
        random.normal(0, sigma, out=arr)


def _like(arr: NDArray) -> dict[str, Any]:
    return {"size": arr.shape, "dtype": arr.dtype, "ctx": arr.context}


@register
class Uniform(Initializer):
    """Fills with uniform numbers from [-scale, scale)."""

    def __init__(self, scale: float = 0.07) -> None:
        super().__init__(scale=scale)
        self.scale = scale

    def _init_weight(self, _: str, arr: NDArray) -> None:
        _draw_uniform(self.scale, arr)


@register
class Normal(Initializer):
    """Fills with normal numbers of mean 0 and standard deviation ``sigma``."""

    def __init__(self, sigma: float = 0.01) -> None:
        super().__init__(sigma=sigma)
        self.sigma = sigma

    def _init_weight(self, _: str, arr: NDArray) -> None:
        _draw_normal(self.sigma, arr)


@register
class Orthogonal(Initializer):
    """Fills the (out, in) matrix with ``scale`` times one whose rows, or columns, are orthonormal.

    Args:
        scale: factor of the matrix.
        rand_type: ``'uniform'`` or ``'normal'``, the numbers that are made orthogonal.
    """

    def __init__(self, scale: float = 1.414, rand_type: str = "uniform") -> None:
        super().__init__(scale=scale, rand_type=rand_type)
        self.scale = scale
        self.rand_type = rand_type

    def _init_weight(self, _: str, arr: NDArray) -> None:
        shape = (arr.shape[0], math.prod(arr.shape[1:]))
        if self.rand_type == "uniform":
            start = random.uniform(-1.0, 1.0, shape=shape)
        elif self.rand_type == "normal":
            start = random.normal(0.0, 1.0, shape=shape)
        else:
            raise ValueError(f"rand_type must be 'uniform' or 'normal', got {self.rand_type!r}")
        # numpy's decomposition rather than torch's: the signs of the vectors are then MXNet's.
        left, _singular, right = np.linalg.svd(start.asnumpy(), full_matrices=False)
        matrix = left if left.shape == shape else right
        arr[:] = (self.scale * matrix).reshape(arr.shape)


@register
class Xavier(Initializer):
    """Fills with numbers whose spread keeps that of the signals: ``sqrt(magnitude / factor)``.

    Args:
        rnd_type: ``'uniform'`` (the spread is the bound) or ``'gaussian'`` (it is the standard deviation).
        factor_type: ``'in'``, ``'out'`` or ``'avg'``: the factor is the number of inputs, of outputs, or their mean.
        magnitude: see above.
    """

    def __init__(self, rnd_type: str = "uniform", factor_type: str = "avg", magnitude: float = 3) -> None:
        super().__init__(rnd_type=rnd_type, factor_type=factor_type, magnitude=magnitude)
        self.rnd_type = rnd_type
        self.factor_type = factor_type
        self.magnitude = float(magnitude)

    def _init_weight(self, name: str, arr: NDArray) -> None:
        shape = arr.shape
        if len(shape) < 2:
            raise ValueError(f"Xavier initializer cannot be applied to vector {name}. It requires at least 2D.")
        receptive = math.prod(shape[2:])
        fan_in, fan_out = shape[1] * receptive, shape[0] * receptive
        factors = {"avg": (fan_in + fan_out) / 2.0, "in": fan_in, "out": fan_out}
        if self.factor_type not in factors:
            raise ValueError("Incorrect factor type")
        scale = math.sqrt(self.magnitude / factors[self.factor_type])
        if self.rnd_type == "uniform":
            _draw_uniform(scale, arr)
        elif self.rnd_type == "gaussian":
            _draw_normal(scale, arr)
        else:
            raise ValueError("Unknown random type")


@register
class MSRAPrelu(Xavier):
    """Xavier with normal numbers, for layers before a PReLU of that slope (0: ReLU): magnitude 2 / (1 + slope**2)."""

    def __init__(self, factor_type: str = "avg", slope: float = 0.25) -> None:
        super().__init__("gaussian", factor_type, 2.0 / (1 + slope**2))
        self._kwargs = {"factor_type": factor_type, "slope": slope}


# ---------------------------------------------------------------------------------------------- special layers
def _bilinear_kernel(shape: Sequence[int]) -> np.ndarray:
    """The kernel (..., H, W) that interpolates linearly when a transposed convolution enlarges ceil(W / 2) times."""
    factor = math.ceil(shape[3] / 2.0)
    center = (2 * factor - 1 - factor % 2) / (2.0 * factor)
    rows, columns = (1 - np.abs(np.arange(n) / factor - center) for n in shape[2:4])
    return np.broadcast_to(np.outer(rows, columns), shape).astype("float32")


@register
class Bilinear(Initializer):
    """Fills the weight (out, in, H, W) of a transposed convolution that enlarges by linear interpolation."""

    def __init__(self) -> None:
        super().__init__()

    def _init_weight(self, _: str, arr: NDArray) -> None:
        arr[:] = _bilinear_kernel(arr.shape)


@register
class LSTMBias(Initializer):
    """Fills the bias (4 * hidden,) of an LSTM with 0, and ``forget_bias`` for the forget gate."""

    def __init__(self, forget_bias: float = 1.0) -> None:
        super().__init__(forget_bias=forget_bias)
        self.forget_bias = forget_bias

    def _init_weight(self, _: str, arr: NDArray) -> None:
        arr[:] = 0.0
        # The gates in order: input, forget, cell, output.
        hidden = arr.shape[0] // 4
        arr[hidden : 2 * hidden] = self.forget_bias


_GATES = {
    "rnn_relu": ("",),
    "rnn_tanh": ("",),
    "lstm": ("_i", "_f", "_c", "_o"),
    "gru": ("_r", "_z", "_o"),
}


@register
class FusedRNN(Initializer):
    """Fills the packed parameters of the ``RNN`` operator: each gate's weight and bias on its own.

    Args:
        init: initializer of the parts; None for the global one.
        num_hidden, num_layers, mode, bidirectional: of the layer; mode is rnn_relu, rnn_tanh, lstm or gru.
        forget_bias: both biases of an LSTM's forget gates.
    """

    def __init__(
        self,
        init: Any,
        num_hidden: int,
        num_layers: int,
        mode: str,
        bidirectional: bool = False,
        forget_bias: float = 1.0,
    ) -> None:
        init = create(init) if isinstance(init, str) else init
        super().__init__(
            init=init.dumps() if init is not None else None,
            num_hidden=num_hidden,
            num_layers=num_layers,
            mode=mode,
            bidirectional=bidirectional,
            forget_bias=forget_bias,
        )
        self._init = init
        self._num_hidden = num_hidden
        self._num_layers = num_layers
        self._mode = mode
        self._bidirectional = bidirectional
        self._forget_bias = forget_bias

    def _init_weight(self, desc: str, arr: NDArray) -> None:
        filled = []
        global_init = getattr(desc, "global_init", None)
        init: Any = self._init if self._init is not None else global_init
        for name, shape in self._parts(arr.size):
            part = as_mode(ndarray.zeros(shape, ctx=arr.context, dtype=arr.dtype))
            if self._mode == "lstm" and name.endswith("_f_bias"):
                part[:] = self._forget_bias
            else:
                init(InitDesc(name, global_init=global_init), part)
            filled.append(part.reshape((-1,)))
        arr[:] = of_mode(ndarray).concat(*filled, dim=0).reshape(arr.shape)

    def _parts(self, size: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        """(name, shape) of the parts in the order of the packed array: weights of all layers, then biases."""
        gates, hidden, layers = _GATES[self._mode], self._num_hidden, self._num_layers
        directions = "lr" if self._bidirectional else "l"
        width = len(directions)
        # All but the first layer's input weights depend on the hidden size alone.
        inner = (layers - 1) * (width * hidden + hidden + 2) + hidden + 2
        inputs = size // (width * len(gates) * hidden) - inner
        columns = {"i2h": lambda layer: inputs if layer == 0 else width * hidden, "h2h": lambda layer: hidden}
        for kind in ("weight", "bias"):
            for layer in range(layers):
                for direction in directions:
                    for source in ("i2h", "h2h"):
                        for gate in gates:
                            shape = (hidden, columns[source](layer)) if kind == "weight" else (hidden,)
                            yield f"{direction}{layer}_{source}{gate}_{kind}", shape
