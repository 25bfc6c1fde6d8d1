"""What the scenarios of ``semantics_*`` share: one call of an operator, with gradients."""

import collections

import numpy as np

from tests.oracle.scenario import attempt

NAN, INF = float("nan"), float("inf")
Fixed = collections.namedtuple("Fixed", "values dtype")


def fixed(values, dtype="float32"):
    """An input of its own dtype whose gradient nobody asks for."""
    return Fixed(values, dtype)


def heads(mx, outputs):
    """Gradients for the outputs that tell elements apart: 1, 2, 3, ..."""
    return [mx.nd.array(np.arange(1, o.size + 1).reshape(o.shape), dtype=o.dtype) for o in outputs]


def drawn(*shape):
    """Normal numbers that the shape decides."""
    return np.random.RandomState(sum(shape)).standard_normal(shape).tolist()


def run(mx, name, inputs, dtype="float32", train=False, req="write", record=True, passes=1, first=False, **attrs):
    """[outputs, gradients] of ``nd.NAME``; inputs are nested lists, which get gradients where their dtype has any.

    With ``req='add'`` gradients start from 1; ``passes`` is how often backward runs, ``first`` whether it starts from
    the first output only.
    """
    function = mx.nd
    for part in name.split("."):
        function = getattr(function, part)
    arrays, variables = [], []
    for values in inputs:
        kind = values.dtype if isinstance(values, Fixed) else dtype
        x = mx.nd.array(values.values if isinstance(values, Fixed) else values, dtype=kind)
        if not isinstance(values, Fixed) and "float" in kind and record:
            x.attach_grad(req)
            if req == "add":
                x.grad[:] = 1
            variables.append(x)
        arrays.append(x)
    mx.random.seed(0)
    if record:
        with mx.autograd.record(train_mode=train):
            outputs = function(*arrays, **attrs)
    else:
        outputs = function(*arrays, **attrs)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    found = [[o.asnumpy() for o in outputs]]
    if variables:
        ends = outputs[:1] if first else outputs
        for again in range(passes, 0, -1):
            mx.autograd.backward(ends, heads(mx, ends), retain_graph=again > 1, train_mode=train)
        found.append([x.grad.asnumpy() for x in variables])
    return found


def label(name, settings):
    """ "NAME: key=value ..." with the settings in order."""
    return ("%s: " % name if settings else name) + " ".join("%s=%s" % (k, settings[k]) for k in sorted(settings))


class Table(object):
    """Results by name; ``table(key, name, inputs, **settings)`` adds what ``run`` gives."""

    def __init__(self, mx):
        self.mx = mx
        self.found = {}

    def __call__(self, key, name, inputs, **settings):
        text = label("%s (%s)" % (name, key) if key else name, settings)
        assert text not in self.found, text
        self.found[text] = attempt(run, self.mx, name, inputs, **settings)

    def of(self, text, function, *args, **kwargs):
        """Adds what ``function(mx, ...)`` gives."""
        assert text not in self.found, text
        self.found[text] = attempt(function, self.mx, *args, **kwargs)


def main(name, results):
    """Writes the golden file, with the engine that runs operators at once and MXNet's own kernels."""
    import os

    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")  # as for the operators' cases
    import mxnet

    from tests.oracle.scenario import plain, write

    write(name, shortened(plain(results(mxnet))))


def shortened(value):
    """``value`` with eight digits for each number, which is more than the tests compare."""
    if isinstance(value, dict):
        return {k: shortened(v) for k, v in value.items()}
    if isinstance(value, list):
        return [shortened(v) for v in value]
    return float("%.8g" % value) if isinstance(value, float) else value
