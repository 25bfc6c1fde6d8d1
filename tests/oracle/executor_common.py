"""What the scenarios of executors share: how they are looked at, and the graphs that are bound."""

import numpy as np

from tests.oracle.scenario import plain


def attempt(function, *args, **kwargs):
    """What the call returns, or [the error's class, its text]; without texts that hold those of C++."""
    try:
        return plain(function(*args, **kwargs))
    except Exception as error:
        kind = type(error).__name__
        return {"raises": kind, "text": "" if kind in ("MXNetError", "RuntimeError") else str(error)}


def arrays(named):
    """{name: [shape, dtype, context, elements]}, None where there is none."""
    return {
        k: a
        if a is None
        else [list(a.shape), np.dtype(a.dtype).name, str(a.context), plain(a.asnumpy().ravel().tolist())]
        for k, a in named.items()
    }


def state(executor):
    """All that an executor holds; outputs by shape and dtype, since they are not set before the first forward."""
    return {
        "args": arrays(executor.arg_dict),
        "grads": arrays(executor.grad_dict),
        "aux": arrays(executor.aux_dict),
        "outputs": [[k, list(o.shape), np.dtype(o.dtype).name] for k, o in executor.output_dict.items()],
    }


def dense(mx):
    """FullyConnected, BatchNorm, SoftmaxOutput: arguments, states and a loss."""
    x = mx.sym.var("x")
    net = mx.sym.FullyConnected(x, num_hidden=2, name="fc")
    return mx.sym.SoftmaxOutput(mx.sym.BatchNorm(net, fix_gamma=False, name="bn"), name="sm")


def linear(mx):
    return mx.sym.FullyConnected(mx.sym.var("x"), mx.sym.var("w"), mx.sym.var("b"), num_hidden=2, name="fc")


def filled(mx, symbol, **kwargs):
    """An executor whose arrays hold different numbers."""
    executor = symbol.simple_bind(mx.cpu(), **kwargs)
    for k, table in enumerate((executor.arg_dict, executor.grad_dict, executor.aux_dict)):
        for n, array in enumerate(table.values()):
            if array is not None:
                array[:] = mx.nd.array((np.arange(array.size).reshape(array.shape) % 7 + n) / 8 + k)
    return executor


def by_scenario(mx, scenarios):
    """{"scenario: key": result}; automatic names start anew in each scenario."""
    found = {}
    for scenario in scenarios:
        with mx.name.NameManager():
            found.update({"%s: %s" % (scenario.__name__, k): v for k, v in scenario(mx).items()})
    return found
