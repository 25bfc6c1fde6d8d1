"""Source text of element-wise operators, casts and comparisons."""

from __future__ import annotations

from .code import call, literal
from .use import Pair, Translation, Use

__all__ = ["ELEMENTWISE"]

ELEMENTWISE: dict[str, Translation] = {}

# MXNet's name -> a function of torch, of floating-point tensors.
_FUNCTIONS = {
    "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan", "arctanh": "atanh",
    "cos": "cos", "cosh": "cosh", "degrees": "rad2deg", "erf": "erf", "erfinv": "erfinv", "exp": "exp",
    "expm1": "expm1", "gammaln": "lgamma", "log": "log", "log10": "log10", "log1p": "log1p", "log2": "log2",
    "radians": "deg2rad", "reciprocal": "reciprocal", "rsqrt": "rsqrt", "sin": "sin", "sinh": "sinh", "sqrt": "sqrt",
    "tan": "tan",
}  # fmt: skip
# The same of all dtypes.
_EXACT = {
    "abs": "abs", "ceil": "ceil", "fix": "trunc", "floor": "floor", "negative": "neg", "sign": "sign",
    "square": "square", "trunc": "trunc", "ones_like": "ones_like", "zeros_like": "zeros_like",
}  # fmt: skip
_MODULES = {
    "relu": ("nn.ReLU", "F.relu"),
    "sigmoid": ("nn.Sigmoid", "torch.sigmoid"),
    "softrelu": ("nn.Softplus", "F.softplus"),
    "softsign": ("nn.Softsign", "F.softsign"),
    "tanh": ("nn.Tanh", "torch.tanh"),
}


def _float_function(name: str) -> Translation:
    def text(use: Use) -> str:
        use.only_floats()
        return f"torch.{name}({use.x[0]})"

    return text


def _function(name: str) -> Translation:
    return lambda use: f"-{use.x[0]}" if name == "neg" else f"torch.{name}({use.x[0]})"


def _module(names: tuple[str, str]) -> Translation:
    def pair(use: Use) -> Pair:
        use.only_floats()
        return Pair(*names)

    return pair


for _name, _torch in _FUNCTIONS.items():
    ELEMENTWISE[_name] = _float_function(_torch)
for _name, _torch in _EXACT.items():
    ELEMENTWISE[_name] = _function(_torch)
for _name in ("relu", "sigmoid", "softsign", "tanh"):
    ELEMENTWISE[_name] = _module(_MODULES[_name])
ELEMENTWISE["Activation"] = lambda use: _module(_MODULES[use["act_type"]])(use)


def _leaky_relu(use: Use) -> str | Pair:
    kind, slope = use["act_type"], use["slope"]
    if kind == "leaky":
        return Pair("nn.LeakyReLU", "F.leaky_relu", [("negative_slope", slope, 0.01)], 1)
    if kind == "elu":
        return Pair("nn.ELU", "F.elu", [("alpha", slope, 1.0)])
    if kind == "selu":
        return Pair("nn.SELU", "F.selu")
    if kind == "gelu":
        return Pair("nn.GELU", "F.gelu")
    if kind == "prelu":
        gamma = use.shapes[1]
        if gamma not in ((1,), use.shape[1:2]):
            raise use.refuse(f"gamma of shape {gamma} beside data of shape {use.shape}")
        return call("F.prelu", use.x[0], use.x[1])
    low, high = use["lower_bound"], use["upper_bound"]
    if use.used != {0}:
        raise use.refuse("the slopes that rrelu drew")
    return Pair("nn.RReLU", "F.rrelu", [("lower", low, None), ("upper", high, None)], 2, ("self.training",))


ELEMENTWISE["LeakyReLU"] = _leaky_relu

# ---------------------------------------------------------------------------------------------- two operands
_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "power": "**"}
_COMPARED = {
    "equal": "==", "not_equal": "!=", "greater": ">", "greater_equal": ">=", "lesser": "<", "lesser_equal": "<=",
}  # fmt: skip
_LOGICAL = ("logical_and", "logical_or", "logical_xor")


def _infix(sign: str, floats: bool = False) -> Translation:
    def text(use: Use) -> str:
        if floats:
            use.only_floats()
        return f"{use.x[0]} {sign} {use.x[1]}"

    return text


def _compared(sign: str) -> Translation:
    return lambda use: f"({use.x[0]} {sign} {use.x[1]}).to({use.x[0]}.dtype)"


def _logical(name: str) -> Translation:
    return lambda use: f"torch.{name}({use.x[0]}, {use.x[1]}).to({use.x[0]}.dtype)"


def _larger(sign: str, name: str) -> Translation:
    # The whole gradient to the first where both are equal; torch.maximum shares it out.
    def text(use: Use) -> str:
        a, b = use.x
        return f"torch.where({a} {sign} {b}, {a}, torch.{name}({a}, {b}))"

    return text


def _hypot(use: Use) -> str:
    use.only_floats()
    return f"torch.hypot({use.x[0]}, {use.x[1]})"


_BINARY: dict[str, Translation] = {
    **{word: _infix(sign, word in ("div", "power")) for word, sign in _INFIX.items()},
    **{word: _compared(sign) for word, sign in _COMPARED.items()},
    **{word: _logical(word) for word in _LOGICAL},
    "maximum": _larger(">=", "maximum"),
    "minimum": _larger("<=", "minimum"),
    "hypot": _hypot,
}
for _word, _text in _BINARY.items():
    ELEMENTWISE[f"broadcast_{_word}"] = _text
    ELEMENTWISE[f"elemwise_{_word}" if _word in ("add", "sub", "mul", "div") else f"_{_word}"] = _text
ELEMENTWISE["_grad_add"] = _BINARY["add"]


# ---------------------------------------------------------------------------------------------- an array and a number
def _number(use: Use) -> str:
    """The scalar as it acts: integers take whole numbers only."""
    value = use["scalar"]
    if not use.floating:
        if not use["is_int"] or not float(value).is_integer():
            raise use.refuse(f"an integer array and the number {value}", "cast the array before")
        return repr(int(value))
    return literal(float(value))


def _scalar(sign: str, swapped: bool = False, floats: bool = False) -> Translation:
    def text(use: Use) -> str:
        if floats:
            use.only_floats()
        number = _number(use)
        if swapped:
            return f"{number} {sign} {use.x[0]}"
        return f"{use.x[0]} {sign} {number}"

    return text


def _compared_scalar(sign: str) -> Translation:
    return lambda use: f"({use.x[0]} {sign} {_number(use)}).to({use.x[0]}.dtype)"


def _clamped(side: str) -> Translation:
    return lambda use: f"{use.x[0]}.clamp({side}={_number(use)})"


def _mod_scalar(use: Use) -> str:
    number = _number(use)
    if not use["scalar"]:
        raise use.refuse("a remainder of a division by 0")
    return f"{use.x[0]} % {number}"


def _logical_scalar(name: str) -> Translation:
    def text(use: Use) -> str:
        _number(use)
        truth, x = use["scalar"] != 0, use.x[0]
        if name == "logical_and":
            return f"({x} != 0).to({x}.dtype)" if truth else f"torch.zeros_like({x})"
        if name == "logical_or":
            return f"torch.ones_like({x})" if truth else f"({x} != 0).to({x}.dtype)"
        return f"({x} {'==' if truth else '!='} 0).to({x}.dtype)"

    return text


_SCALAR: dict[str, Translation] = {
    "plus": _scalar("+"),
    "minus": _scalar("-"),
    "rminus": _scalar("-", swapped=True),
    "mul": _scalar("*"),
    "div": _scalar("/", floats=True),
    "rdiv": _scalar("/", swapped=True, floats=True),
    "mod": _mod_scalar,
    "power": _scalar("**", floats=True),
    "rpower": _scalar("**", swapped=True, floats=True),
    "maximum": _clamped("min"),
    "minimum": _clamped("max"),
    **{word: _compared_scalar(sign) for word, sign in _COMPARED.items()},
    **{word: _logical_scalar(word) for word in _LOGICAL},
}
for _word, _text in _SCALAR.items():
    ELEMENTWISE[f"_{_word}_scalar"] = _text
ELEMENTWISE["_scatter_plus_scalar"] = _SCALAR["plus"]
ELEMENTWISE["_scatter_minus_scalar"] = _SCALAR["minus"]


# ---------------------------------------------------------------------------------------------- others
def _rpower(use: Use) -> str:
    use.only_floats()
    number = _number(use)
    return f"{f'({number})' if number.startswith('-') else number} ** {use.x[0]}"


ELEMENTWISE["_rpower_scalar"] = _rpower


def _add_n(use: Use) -> str:
    if len(use.x) > 2 and use.dtypes[0].itemsize == 2:
        raise use.refuse(f"sums of several {use.dtypes[0]} arrays", "cast them before")
    return " + ".join(use.x)


def _clip(use: Use) -> str:
    use.only_floats()
    return call("torch.clamp", use.x[0], float(use["a_min"]), float(use["a_max"]))


def _cast(use: Use) -> str:
    if use["dtype"] is use.dtypes[0]:
        return use.x[0]
    return f"{use.x[0]}.to({literal(use['dtype'])})"


def _amp_cast(use: Use) -> str:
    return f"{use.x[0]}.to({literal(use.out_dtypes[0])})" if use.out_dtypes[0] is not use.dtypes[0] else use.x[0]


def _smooth_l1(use: Use) -> str:
    use.only_floats()
    x = use.x[0]
    if not use["scalar"]:
        raise use.refuse("scalar=0")
    return call(
        "F.smooth_l1_loss", x, f"torch.zeros_like({x})", reduction='"none"', beta=literal(1 / use["scalar"] ** 2)
    )


def _hard_sigmoid(use: Use) -> str:
    return f"F.hardtanh({use.x[0]} * {literal(use['alpha'])} + {literal(use['beta'])}, 0.0, 1.0)"


def _div_sqrt_dim(use: Use) -> str:
    use.only_floats()
    return f"{use.x[0]} / math.sqrt({use.x[0]}.shape[-1])"


def _logical_not(use: Use) -> str:
    return f"({use.x[0]} == 0).to({use.x[0]}.dtype)"


def _where(use: Use) -> str:
    condition, x, y = use.x
    if use.shapes[0] != use.shapes[1]:
        condition = f"{condition}.reshape(-1{', 1' * (len(use.shapes[1]) - 1)})"
    return f"torch.where({condition} != 0, {x}, {y})"


ELEMENTWISE.update(
    {
        "BlockGrad": lambda use: f"{use.x[0]}.detach()",
        "Cast": _cast,
        "_contrib_div_sqrt_dim": _div_sqrt_dim,
        "_copy": lambda use: use.x[0],
        "_identity_with_attr_like_rhs": lambda use: use.x[0],
        "add_n": _add_n,
        "amp_cast": _amp_cast,
        "clip": _clip,
        "hard_sigmoid": _hard_sigmoid,
        "logical_not": _logical_not,
        "smooth_l1": _smooth_l1,
        "where": _where,
    }
)
