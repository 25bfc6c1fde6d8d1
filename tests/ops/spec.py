"""What a row of operator cases means, for both sides: the oracle's script (Python 3.8) and the test.

A case is a dict:

``op``      registered name of the operator
``inputs``  list of inputs: a shape tuple (normal values), or one of N, U, I, V below; None for an absent one
``attrs``   dict of attributes, Python values as a user writes them (dtypes as names)
``dtypes``  dtypes to run in, for the inputs that do not fix their own (default float32 and float64)
``grad``    False: no gradients are compared
``train``   True: run in train mode (default: predict mode)
``record``  False: run outside of ``autograd.record`` (default: inside)
``seed``    mx.random.seed before the call (default 0)
``tol``     {dtype: (rtol, atol)} where the family's tolerances do not fit, with a comment why
``error``   True: the oracle refuses this call; so must we
``faces``   which faces to run (default all: nd, sym, hybrid, json)
``out``     positions of the inputs that the outputs are written into (face nd only: give ``faces=("nd",)``)
``variadic`` True: inputs are passed as a list operator's inputs
"""

import zlib

import numpy as np

DTYPES = ("float32", "float64")


class Input(object):
    """One input: how to draw its values; ``dtype`` None means the case's; ``grad`` False: no gradient."""

    def __init__(self, kind, shape, args=(), dtype=None, grad=None):
        self.kind, self.shape, self.args, self.dtype = kind, tuple(shape), tuple(args), dtype
        self.grad = (dtype is None or "float" in dtype) if grad is None else grad

    def __repr__(self):
        return "Input(%r, %r, %r, %r, %r)" % (self.kind, self.shape, self.args, self.dtype, self.grad)

    def draw(self, random):
        """A float64 (or integer) numpy array, the same on both sides."""
        if self.kind == "normal":
            return random.standard_normal(self.shape)
        if self.kind == "uniform":
            return random.uniform(self.args[0], self.args[1], self.shape)
        if self.kind == "int":
            return random.randint(self.args[0], self.args[1], self.shape)
        return np.array(self.args[0])


def N(*shape, **kwargs):
    """Normal values of that shape."""
    return Input("normal", shape, **kwargs)


def U(shape, low=0.0, high=1.0, **kwargs):
    """Uniform values in [low, high)."""
    return Input("uniform", shape, (low, high), **kwargs)


def I(shape, low, high, **kwargs):  # noqa: E743
    """Integers in [low, high), in the case's dtype unless one is given."""
    kwargs.setdefault("grad", False)
    return Input("int", shape, (low, high), **kwargs)


def V(values, **kwargs):
    """These very values."""
    return Input("values", np.shape(values), (values,), **kwargs)


def key(case):
    """Name of a case in the golden files; changes when the case changes."""
    shown = sorted((k, v) for k, v in case.items() if k not in ("dtypes", "tol", "faces"))
    return "%s-%08x" % (case["op"], zlib.crc32(repr(shown).encode()) & 0xFFFFFFFF)


def inputs_of(case):
    """The case's inputs as Input objects (None stays None)."""
    return [Input("normal", i) if isinstance(i, tuple) else i for i in case["inputs"]]


def arrays_of(case, dtype):
    """numpy arrays for the inputs, and a numpy RandomState to draw head gradients from."""
    random = np.random.RandomState(zlib.crc32(key(case).encode()) & 0x7FFFFFFF)
    arrays = []
    for spec in inputs_of(case):
        arrays.append(None if spec is None else np.asarray(spec.draw(random)).astype(spec.dtype or dtype))
    return arrays, random


def grads_of(case, dtype):
    """For each input whether a gradient is compared."""
    wanted = case.get("grad", True)
    return [bool(wanted and s is not None and s.grad and "float" in (s.dtype or dtype)) for s in inputs_of(case)]
