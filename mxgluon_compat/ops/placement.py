"""Where each operator shows: the submodule of ``nd`` and ``sym``, and the methods of NDArray and Symbol."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from .registry import OPERATORS, Operator
from .support import missing_attribute

__all__ = [
    "FLUENT", "SUBMODULES", "functions_by_module", "install_functions", "missing_in", "place", "random_like_functions",
]  # fmt: skip

SUBMODULES = ("op", "_internal", "contrib", "linalg", "image", "sparse", "random")

_PREFIXES = (
    ("_contrib_", "contrib"),
    ("_linalg_", "linalg"),
    ("_image_", "image"),
    ("_sparse_", "sparse"),
    ("_random_", "random"),
    ("_sample_", "random"),
)

OF_NUMPY = ("_np_", "_npi_", "_npx_")
"""How operators of mx.np and mx.npx begin: nd and sym have no functions of these names, files have."""

# Methods that call the operator of the same name with the array as its first input.
FLUENT = (
    "abs", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "argmax", "argmax_channel", "argmin",
    "argsort", "broadcast_axes", "broadcast_like", "broadcast_to", "cbrt", "ceil", "clip", "cos", "cosh", "degrees",
    "depth_to_space", "diag", "exp", "expand_dims", "expm1", "fix", "flatten", "flip", "floor", "log", "log10",
    "log1p", "log2", "log_softmax", "max", "mean", "min", "nanprod", "nansum", "norm", "one_hot", "ones_like", "pad",
    "pick", "prod", "radians", "rcbrt", "reciprocal", "relu", "repeat", "reshape_like", "rint", "round", "rsqrt",
    "shape_array", "sigmoid", "sign", "sin", "sinh", "size_array", "slice", "slice_axis", "slice_like", "softmax",
    "softmin", "sort", "space_to_depth", "split", "split_v2", "sqrt", "square", "squeeze", "sum", "swapaxes", "take",
    "tan", "tanh", "tile", "topk", "transpose", "trunc", "zeros_like",
)  # fmt: skip


def place(name: str) -> tuple[str, str]:
    """(submodule, public name) of a registered operator name."""
    for prefix, module in _PREFIXES:
        if name.startswith(prefix):
            return module, name[len(prefix) :]
    return ("_internal" if name.startswith("_") else "op"), name


def missing_in(module: str) -> Callable[[str], Any]:
    """The ``__getattr__`` of a module of operators: an error that names the operator and why it is not there."""
    last = module.rpartition(".")[2]
    prefixes = tuple(prefix for prefix, place in _PREFIXES if place == last) or ("",)

    def __getattr__(name: str) -> Any:  # noqa: N807 - Python's own name
        raise missing_attribute(module, prefixes, name)

    return __getattr__


def functions_by_module(make: Callable[[Operator, str], Any]) -> dict[str, dict[str, Any]]:
    """{submodule: {public name: ``make(operator, name)``}} for the whole table."""
    found: dict[str, dict[str, Any]] = {module: {} for module in SUBMODULES}
    for name, op in OPERATORS.items():
        if name.startswith(OF_NUMPY):
            continue
        module, public = place(name)
        if module == "random":
            # Distributions are called by wrappers (parameters may be numbers or arrays); these are the bare ones.
            found["_internal"][name] = make(op, name)
            continue
        function = found[module][public] = make(op, public)
        if module != "op":
            found["_internal"].setdefault(name, function)
    return found


def random_like_functions(make: Callable[[Operator, str], Any]) -> dict[str, Any]:
    """{public name: ``make(operator, name)``} for the functions of the random modules that draw in an array's shape."""
    names = {name: place(name)[1] for name in OPERATORS if name.startswith("_random_") and name.endswith("_like")}
    return {public: make(OPERATORS[name], public) for name, public in names.items()}


def install_functions(
    package: str,
    namespace: dict[str, Any],
    make: Callable[[Operator, str], Any],
    array_type: type,
    methods: Sequence[str],
) -> None:
    """Puts every operator of the table into a package, its submodules and, where fluent, on its array type.

    Args:
        package: ``mxgluon_compat.ndarray`` or ``mxgluon_compat.symbol``.
        namespace: that package's globals; names that are there already stay.
        make: makes the public function of an operator.
        array_type: NDArray or Symbol.
        methods: names of the operators that are its methods.
    """
    for module_name, functions in functions_by_module(make).items():
        if module_name == "random":  # a module of its own in both packages
            continue
        module = importlib.import_module(f"{package}.{module_name}")
        module.__all__ = [*functions, *getattr(module, "__all__", [])]
        module.__dict__.setdefault("__getattr__", missing_in(module.__name__))
        for name, function in functions.items():
            module.__dict__.setdefault(name, function)
            if module_name == "op":
                namespace.setdefault(name, function)
                if name in methods and name not in array_type.__dict__:
                    setattr(array_type, name, function)
