"""Small objects that the programs of public_names_gluon and public_names_symbol work on, and how results are shown."""

import json
import tempfile

import numpy as np

from tests.oracle.scenario import plain


def graph(symbol):
    """[[operator, name, attributes]] of a symbol's nodes."""
    nodes = json.loads(symbol.tojson())["nodes"]
    return [[n["op"], n["name"], dict(sorted(n.get("attrs", {}).items()))] for n in nodes]


def shown(value):
    """As scenario.plain, with symbols as their graphs, and contexts, dtypes, paths of files as text."""
    if hasattr(value, "tojson"):
        return graph(value)
    if isinstance(value, (list, tuple)):
        return [shown(v) for v in value]
    if isinstance(value, dict):
        return {str(k): shown(v) for k, v in value.items()}
    if isinstance(value, type):
        return np.dtype(value).name if issubclass(value, np.generic) else value.__name__
    if type(value).__name__ == "Context":
        return str(value)
    return plain(value)


def data(mx):
    return mx.nd.array([[1, 2, 3], [4, 5, 6]])


def fc(mx):
    return mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=2, name="fc")


def bound(mx):
    executor = fc(mx).simple_bind(mx.cpu(), data=(2, 3))
    for name, array in executor.arg_dict.items():
        array[:] = {"data": data(mx)}.get(name, 1)
    return executor


def in_directory(function):
    def run(mx):
        with tempfile.TemporaryDirectory() as directory:
            return function(mx, directory)

    return run


def after(thing, act, see):
    """What ``see`` shows of an object after ``act`` on it."""
    act(thing)
    return see(thing)
