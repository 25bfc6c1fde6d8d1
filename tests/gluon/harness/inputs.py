"""What the tables of layers, cells and losses are written in, for both sides: real MXNet (on Python 3.8) and the tests.

A table is a module with CASES, REFUSED (texts that raise) and SCENES (functions of ``mx`` that return texts and
numbers). A case is (text, inputs[, options]): ``text`` makes the layer when evaluated with ``mx``, ``nn``, ``rnn``,
``loss``, ``contrib`` and the functions of this file; an input is a shape (normal values), Index, Uniform, a list of
these very values, None, or Nested (a list of inputs, as cells take their states); options are

``dtypes``          default float32 and float64; MXNet's CPU has no float16 products, and some operators in float32 only
``run``             False: the layer is looked at and called with a symbol, not run (MXNet's CPU cannot)
``grad``            False: run in predict mode only
``tol``             {dtype: (rtol, atol)} where MXNet computes less exactly than the dtype promises
``compiled``        False: not run through ``torch.compile``, which takes ten times as long as all the rest
``symbol``          False: MXNet's cannot be hybridized
``imports``         False: the exported graph takes other inputs than the layer
``symbol_differs``  the reason why our symbol JSON is another than MXNet's
"""

WITH_HALF = {"dtypes": ("float16", "float32", "float64")}
FLOAT32 = {"dtypes": ("float32",)}
# MXNet's momentum, slopes and error function are float32 whatever the data is.
SINGLE = {"tol": {"float64": (3e-7, 1e-7)}}


class Index:
    """An input of whole numbers in [0, high), without gradient."""

    def __init__(self, shape, high):
        self.shape, self.high = shape, high


class Uniform:
    """An input of uniform values in [low, high)."""

    def __init__(self, shape, low, high):
        self.shape, self.low, self.high = shape, low, high


class Nested:
    """A list of inputs given as one argument."""

    def __init__(self, *inputs):
        self.inputs = inputs


def stack(mx, *texts, **kwargs):
    """The layers in a HybridSequential, named in its scope."""
    net = mx.gluon.nn.HybridSequential(**kwargs)
    with net.name_scope():
        for text in texts:
            net.add(evaluated(mx, text))
    return net


def twice(mx):
    """Two layers with one set of Parameters."""
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    with net.name_scope():
        first = nn.Dense(4, in_units=4)
        net.add(first, nn.Dense(4, in_units=4, params=first.params))
    return net


def chained(mx, *steps):
    """Steps one after the other: the text of a layer, or of what is done to ``x``, as ``"F.flatten(x)"``."""

    class Chained(mx.gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            with self.name_scope():
                self.steps = [text if text.startswith("F.") else evaluated(mx, text) for text in steps]
            for step in self.steps:
                if not isinstance(step, str):
                    self.register_child(step)

        def hybrid_forward(self, F, x):
            for step in self.steps:
                x = eval(step, {"F": F, "x": x}) if isinstance(step, str) else step(x)
            return x

    return Chained()


def cells(mx, kind, *texts, **kwargs):
    """The cells in a SequentialRNNCell or HybridSequentialRNNCell, named in its scope."""
    net = getattr(mx.gluon.rnn, kind)(**kwargs)
    with net.name_scope():
        for text in texts:
            net.add(evaluated(mx, text))
    return net


def unrolled(mx, text, length, with_length=False, **kwargs):
    """A layer ``f(x, *states)`` that unrolls the cell of ``text``; the last input is ``valid_length`` if asked for."""

    class Unrolled(mx.gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            with self.name_scope():
                self.cell = evaluated(mx, text)

        def hybrid_forward(self, F, x, *states):
            if with_length:
                states, given = states[:-1], {"valid_length": states[-1]}
            else:
                given = {}
            self.cell.reset()
            return self.cell.unroll(length, x, begin_state=list(states) or None, **given, **kwargs)

    return Unrolled()


def called(mx, text, *args):
    """What the layer of ``text``, initialised, makes of these arguments."""
    layer = evaluated(mx, text)
    layer.initialize()
    return layer(*args)


def looped(mx, text, with_length=False, **kwargs):
    """As ``unrolled``, but the graph holds a loop of the cell's one step."""

    class Looped(mx.gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            with self.name_scope():
                self.cell = evaluated(mx, text)

        def hybrid_forward(self, F, x, *states):
            length = states[-1] if with_length else None
            states = list(states[:-1] if with_length else states)
            self.cell.reset()
            return mx.gluon.contrib.rnn.rnn_cell.dynamic_unroll(self.cell, x, states, valid_length=length, **kwargs)

    return Looped()


def evaluated(mx, text):
    """What the text of a case makes."""
    scope = {
        "mx": mx,
        "nn": mx.gluon.nn,
        "loss": mx.gluon.loss,
        "contrib": mx.gluon.contrib,
        "rnn": getattr(mx.gluon, "rnn", None),
    }
    for function in (stack, twice, chained, cells, unrolled, looped, called):
        scope[function.__name__] = lambda *args, _f=function, **kwargs: _f(mx, *args, **kwargs)
    return eval(text, scope)
