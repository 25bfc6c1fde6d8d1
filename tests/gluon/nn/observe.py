"""What a layer or loss does, observed the same way on both sides: real MXNet (Python 3.8) and ours.

Every function takes the package (``mxnet`` or ``mxgluon_compat``) as ``mx``.
"""

import os
import zlib
from collections import OrderedDict

import numpy as np

from . import cases


def options_of(case):
    """The case's options."""
    return case[2] if len(case) > 2 else {}


def dtypes_of(case):
    """The dtypes that a case runs in."""
    return options_of(case).get("dtypes", ("float32", "float64")) if options_of(case).get("run", True) else ()


def make(mx, text):
    """What the text of a case makes, with automatic names that start from 0."""
    scope = {"mx": mx, "nn": mx.gluon.nn, "loss": mx.gluon.loss, "stack": cases.stack, "twice": cases.twice}
    with mx.name.NameManager():
        return eval(text, scope)


def _random(text):
    return np.random.RandomState(zlib.crc32(text.encode()) & 0x7FFFFFFF)


def value(name, shape):
    """A Parameter's values: a formula of its name and shape, positive where the layer needs that."""
    low = 0.5 if name.endswith(("gamma", "var")) else -1.0
    return _random(name).uniform(low, 1.5, shape)


def describe(mx, text):
    """What can be seen of a layer before it runs."""
    net = make(mx, text)
    params = net.collect_params()
    return {
        "repr": repr(net),
        "name": net.name,
        "params": [
            [n, list(p.shape), np.dtype(p.dtype).name, p.grad_req, getattr(p.init, "dumps", lambda p=p: p.init)(),
             p.lr_mult, p.wd_mult]
            for n, p in params.items()
        ],
        "structure": list(net._collect_params_with_prefix()),
        "shown": repr(params),
    }  # fmt: skip


def symbol_of(mx, case):
    """The symbol JSON of the layer called with variables."""
    return make(mx, case[0])(*[mx.sym.var(f"in{i}") for i in range(len(case[1]))]).tojson()


def inputs_of(mx, case, dtype):
    """The case's input arrays, with gradients attached where they are differentiated; None stays None."""
    found = []
    for i, spec in enumerate(case[1]):
        random = _random(f"{case[0]}/{i}")
        if spec is None:
            found.append(None)
        elif isinstance(spec, cases.Index):
            found.append(mx.nd.array(random.randint(0, spec.high, spec.shape), dtype=dtype))
        elif isinstance(spec, list):
            found.append(mx.nd.array(spec, dtype=dtype))
        else:
            uniform = isinstance(spec, cases.Uniform)
            drawn = random.uniform(spec.low, spec.high, spec.shape) if uniform else random.standard_normal(spec)
            found.append(mx.nd.array(drawn, dtype=dtype))
            found[-1].attach_grad()
    return found


def fill(mx, net):
    """Gives every Parameter the values of ``value``."""
    for name, param in net.collect_params().items():
        param.set_data(mx.nd.array(value(name, param.shape), dtype=param.data().dtype))


def run(mx, case, dtype, face, folder=None):
    """Runs the layer in predict and train mode.

    Args:
        face: ``imperative``, ``hybrid`` (hybridized, and exported into ``folder``) or ``import`` (a SymbolBlock of that
            export).

    Returns:
        ({output, gradient and changed-state name: array}, {what can be seen afterwards}).
    """
    inputs = inputs_of(mx, case, dtype)
    if face == "import":
        net, seen = load(mx, case, folder), {}
    else:
        net = make(mx, case[0])
        if dtype != "float32":
            net.cast(dtype)
        net.initialize(mx.init.Zero())
        if face == "hybrid":
            net.hybridize()
        net(*inputs)
        fill(mx, net)
        seen = {"repr": repr(net), "shown": repr(net.collect_params())}
    if face == "hybrid" and folder is not None:
        path = os.path.join(folder, "net")
        net.export(path, 3)
        with open(path + "-symbol.json") as file:
            seen["json"] = file.read()
    return arrays(mx, case, net, inputs, dtype), seen


def load(mx, case, folder):
    """The exported layer as a SymbolBlock."""
    given = [x for x in case[1] if x is not None]
    names = ["data"] if len(given) == 1 else [f"data{i}" for i in range(len(given))]
    params = os.path.join(folder, "net-0003.params")
    return mx.gluon.nn.SymbolBlock.imports(
        os.path.join(folder, "net-symbol.json"), names, params if os.path.exists(params) else None
    )


def arrays(mx, case, net, inputs, dtype):
    """Outputs, gradients and changed states of one layer."""
    symbolic = isinstance(net, mx.gluon.SymbolBlock)
    args = [x for x in inputs if x is not None] if symbolic else inputs
    found = OrderedDict()
    found["predict"] = net(*args).asnumpy()
    if not options_of(case).get("grad", True):
        return found
    mx.random.seed(7)
    with mx.autograd.record():
        out = net(*args)
    found["train"] = out.asnumpy()
    out.backward(mx.nd.array(_random(case[0]).standard_normal(out.shape), dtype=out.dtype))
    for i, x in enumerate(inputs):
        if x is not None and x.grad is not None:
            found[f"grad of input {i}"] = x.grad.asnumpy()
    for name, param in net.collect_params().items():
        if param.grad_req != "null":
            found["grad of " + name] = param.grad().asnumpy()
        after = param.data().asnumpy()
        if not np.array_equal(after, value(name, param.shape).astype(after.dtype)):
            found["state " + name] = after
    if np.array_equal(found["predict"], found["train"]):
        del found["train"]
    return found


def refusal(mx, text):
    """[exception's class, message] of what making this raises; None if nothing is.

    An MXNetError's message tells of MXNet's own sources, and is left out.
    """
    try:
        made = make(mx, text)
        if isinstance(made, mx.nd.NDArray):
            made.wait_to_read()
    except mx.MXNetError as error:
        return [type(error).__name__, ""]
    except Exception as error:
        return [type(error).__name__, str(error)]
    return None
