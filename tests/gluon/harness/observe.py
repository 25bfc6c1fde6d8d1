"""What a layer, cell or loss does, observed the same way on both sides: real MXNet (Python 3.8) and ours.

Every function takes the package (``mxnet`` or ``mxgluon_compat``) as ``mx``.
"""

import json
import os
import re
import zlib
from collections import OrderedDict

import numpy as np

from . import inputs


def options_of(case):
    """The case's options."""
    return case[2] if len(case) > 2 else {}


def dtypes_of(case):
    """The dtypes that a case runs in."""
    return options_of(case).get("dtypes", ("float32", "float64")) if options_of(case).get("run", True) else ()


def make(mx, text):
    """What the text of a case makes, with automatic names that start from 0."""
    with mx.name.NameManager():
        return inputs.evaluated(mx, text)


def flat(nested):
    """The arrays (or symbols) of nested lists, in order; None is left out."""
    if isinstance(nested, (list, tuple)):
        return [x for part in nested for x in flat(part)]
    return [] if nested is None else [nested]


def in_dtype(text, dtype):
    """A text about float32 Parameters as it is of ones of another dtype."""
    flag = {"float32": "0", "float64": "1", "float16": "2"}[dtype]
    return text.replace('"__dtype__": "0"', f'"__dtype__": "{flag}"').replace("float32", dtype)


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
    args, count = [], 0
    for spec in case[1]:
        if isinstance(spec, inputs.Nested):
            args.append([mx.sym.var(f"in{count + i}") for i in range(len(spec.inputs))])
            count += len(spec.inputs)
        else:
            args.append(None if spec is None else mx.sym.var(f"in{count}"))
            count += 1
    out = flat(make(mx, case[0])(*args))
    return (out[0] if len(out) == 1 else mx.sym.Group(out)).tojson()


def without_spaces(text):
    """JSON on one line, which is a third of the size; without how many loops the process had made before."""
    line = json.dumps(json.loads(text), separators=(",", ":"))
    return re.sub(r'("__subgraph_name__":"[a-z_]+)\d+"', r'\1"', line)


def inputs_of(mx, case, dtype):
    """The case's input arrays, with gradients attached where they are differentiated; None stays None."""
    return [_input(mx, spec, f"{case[0]}/{i}", dtype) for i, spec in enumerate(case[1])]


def _input(mx, spec, seed, dtype):
    if spec is None:
        return None
    if isinstance(spec, inputs.Nested):
        return [_input(mx, part, f"{seed}/{i}", dtype) for i, part in enumerate(spec.inputs)]
    random = _random(seed)
    if isinstance(spec, inputs.Index):
        return mx.nd.array(random.randint(0, spec.high, spec.shape), dtype=dtype)
    if isinstance(spec, list):
        return mx.nd.array(spec, dtype=dtype)
    uniform = isinstance(spec, inputs.Uniform)
    drawn = random.uniform(spec.low, spec.high, spec.shape) if uniform else random.standard_normal(spec)
    array = mx.nd.array(drawn, dtype=dtype)
    array.attach_grad()
    return array


def fill(mx, net):
    """Gives every Parameter the values of ``value``."""
    for name, param in net.collect_params().items():
        param.set_data(mx.nd.array(value(name, param.shape), dtype=param.data().dtype))


def run(mx, case, dtype, face, folder=None):
    """Runs the layer in predict and train mode.

    Args:
        face: ``imperative``, ``hybrid`` (hybridized, and exported into ``folder``), ``import`` (a SymbolBlock of that
            export) or ``compiled`` (hybridized, through ``torch.compile``).

    Returns:
        ({output, gradient and changed-state name: array}, {what can be seen afterwards}).
    """
    args = inputs_of(mx, case, dtype)
    if face == "import":
        net, seen = load(mx, case, folder), {}
    else:
        net = make(mx, case[0])
        if dtype != "float32":
            net.cast(dtype)
        net.initialize(mx.init.Zero())
        if face == "hybrid":
            net.hybridize()
        elif face == "compiled":
            net.hybridize(backend="aot_eager")
        with mx.name.NameManager():  # names that no Block's prefix begins do not count on
            net(*args)
        fill(mx, net)
        seen = {"repr": repr(net), "shown": repr(net.collect_params())}
    if face == "hybrid" and folder is not None:
        path = os.path.join(folder, "net")
        net.export(path, 3)
        with open(path + "-symbol.json") as file:
            seen["json"] = file.read()
    return arrays(mx, case, net, args, dtype), seen


def load(mx, case, folder):
    """The exported layer as a SymbolBlock."""
    count = sum(len(s.inputs) if isinstance(s, inputs.Nested) else s is not None for s in case[1])
    names = ["data"] if count == 1 else [f"data{i}" for i in range(count)]
    params = os.path.join(folder, "net-0003.params")
    return mx.gluon.nn.SymbolBlock.imports(
        os.path.join(folder, "net-symbol.json"), names, params if os.path.exists(params) else None
    )


def arrays(mx, case, net, args, dtype):
    """Outputs, gradients and changed states of one layer."""
    if isinstance(net, mx.gluon.SymbolBlock):
        args = flat(args)
    found = OrderedDict()
    for i, out in enumerate(flat(net(*args))):
        found[_part("predict", i)] = out.asnumpy()
    if not options_of(case).get("grad", True):
        return found
    mx.random.seed(7)
    with mx.autograd.record():
        outs = flat(net(*args))
        # of an array that is a head twice MXNet takes one gradient only, so each head is an array of its own
        outs = [mx.nd.identity(o) if any(o is x for x in outs[:i]) else o for i, o in enumerate(outs)]
    for i, out in enumerate(outs):
        found[_part("train", i)] = out.asnumpy()
    heads = [_random(_part(case[0], i)).standard_normal(out.shape) for i, out in enumerate(outs)]
    mx.autograd.backward(outs, [mx.nd.array(h, dtype=out.dtype) for h, out in zip(heads, outs)])
    for i, x in enumerate(flat(args)):
        if x.grad is not None:
            found[f"grad of input {i}"] = x.grad.asnumpy()
    for name, param in net.collect_params().items():
        if param.grad_req != "null":
            found["grad of " + name] = param.grad().asnumpy()
        after = param.data().asnumpy()
        if not np.array_equal(after, value(name, param.shape).astype(after.dtype)):
            found["state " + name] = after
    for i in range(len(outs)):
        if np.array_equal(found[_part("predict", i)], found[_part("train", i)]):
            del found[_part("train", i)]
    return found


def _part(name, i):
    return name if i == 0 else f"{name} {i}"


def refusal(mx, text):
    """[exception's class, message] of what making this raises; None if nothing is.

    An MXNetError's message tells of MXNet's own sources, and is left out; so it is where another error quotes it.
    """
    try:
        made = make(mx, text)
        if isinstance(made, mx.nd.NDArray):
            made.wait_to_read()
    except mx.MXNetError as error:
        return [type(error).__name__, ""]
    except Exception as error:
        return [type(error).__name__, without_reason(str(error))]
    return None


def without_reason(message):
    """The message of a failed deferred initialization without the error that it quotes."""
    return re.sub(r"(?<=shape cannot be inferred\.) .*", "", message, flags=re.S)
