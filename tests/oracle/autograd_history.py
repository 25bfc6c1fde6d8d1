"""Writes tests/golden/autograd_history.json: the Symbols that MXNet makes of what was recorded.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.autograd_history
"""

import json
import os
import re

from tests.oracle.scenario import attempt, plain, write


def facts(symbol):
    """Operators and their inputs, arguments and states; names without their numbers."""
    nodes = json.loads(symbol.tojson())["nodes"]
    return {
        "nodes": [[n["op"], re.sub(r"\d+$", "", n["name"]), [i[:2] for i in n["inputs"]]] for n in nodes],
        "arguments": len(symbol.list_arguments()),
        "states": len(symbol.list_auxiliary_states()),
        "outputs": [re.sub(r"node_\d+|\d+$", "", name) for name in symbol.list_outputs()],
    }


def results(mx):
    """``autograd.keep_history`` is ours; MXNet always keeps it."""
    nd, ag, found = mx.nd, mx.autograd, {}
    x, z, w = nd.array([[1, 2], [3, 4]]), nd.array([[1, 1], [2, 2]]), nd.array([[1, 2], [3, 4]])
    x.attach_grad()
    z.attach_grad()

    def put(name, function, run=False):
        with ag.record():
            y = function()
        outcome = attempt(lambda: facts(ag.get_symbol(y)))
        if run:  # the graph computes what was recorded
            symbol = ag.get_symbol(y)
            given = {"x": x, "z": z, "w": w}
            values = [given[k] for k in run]
            executor = symbol.bind(mx.cpu(), dict(zip(symbol.list_arguments(), values)))
            outcome["same"] = bool((executor.forward()[0] == y).asnumpy().all())
        found[name] = outcome

    put("one variable", lambda: x * x + 2 * x - 1, run="x")
    put("two variables", lambda: x * x + 2 * z - 1, run="xz")
    put("a constant", lambda: x * w + w, run="xw")
    put("a layer", lambda: nd.tanh(nd.FullyConnected(x * x, w, num_hidden=2, no_bias=True)), run="xw")
    put("several outputs", lambda: nd.split(x, 2, axis=1)[1] * nd.split(z, 2, axis=1)[0])
    put("an output of several", lambda: nd.split(x, 2, axis=1)[1])
    put("states", lambda: nd.BatchNorm(x, nd.ones(2), nd.zeros(2), nd.zeros(2), nd.ones(2)))
    put("a slice", lambda: x[0:1] * 2, run="x")
    put("a row", lambda: x[1] * 2, run="x")
    put("a shape", lambda: nd.dot(x.reshape((1, 4)), z.reshape((4, 1))), run="xz")
    put("reduced", lambda: nd.sum(nd.exp(x) * z, axis=1), run="xz")
    put("used twice", lambda: (x * z) * (x * z), run="xz")
    dense = mx.gluon.nn.Dense(3, in_units=2)
    dense.initialize()
    put("a Block", lambda: dense(x))
    dense.hybridize()
    put("a hybridized Block", lambda: dense(x) * 2)

    def hybridized(*blocks, **flags):
        net = mx.gluon.nn.HybridSequential()
        net.add(*blocks)
        net.initialize()
        net.hybridize(**flags)
        return net

    def activation(kind):
        return mx.gluon.nn.Activation(kind)

    two, many = (activation("tanh"), activation("relu")), [activation("tanh") for _ in range(7)]
    put("a hybridized net", lambda: hybridized(*two)(x * x), run="x")
    put("nets one after the other", lambda: hybridized(*two)(hybridized(activation("sigmoid"))(x) * z), run="xz")
    put("a hybridized net of several layers", lambda: hybridized(*many, inline_limit=20)(x), run="x")
    normalized = hybridized(mx.gluon.nn.Dense(4, in_units=2), mx.gluon.nn.BatchNorm(in_channels=4), inline_limit=9)
    put("a hybridized net with states", lambda: normalized(x) + 1)
    cached = mx.nd.CachedOp(mx.sym.split(mx.sym.var("data"), num_outputs=2), [("inline_limit", 2)])
    put("a CachedOp with several outputs", lambda: cached(x)[1] * cached(z)[0], run="xz")
    put("a variable", lambda: x)
    found["no array"] = attempt(ag.get_symbol, 3)["raises"]
    found["not recorded"] = [attempt(ag.get_symbol, a)["raises"] for a in (x * 2, nd.ones(2))]
    with ag.record():
        y = x * x
    y.backward(retain_graph=True)
    found["retained"] = attempt(lambda: facts(ag.get_symbol(y)))
    y.backward()
    found["used up"] = attempt(ag.get_symbol, y)["raises"]
    return plain(found)


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("autograd_history", results(mxnet))
