"""Writes tests/golden/control_flow_blocks.json: recurrent nets, decoders and gates written with loops and branches.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.control_flow_blocks
"""

import json
import os
import tempfile

# Its oneDNN rewrites graphs, and says so each time
os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")
os.environ.setdefault("MXNET_SUBGRAPH_BACKEND", "NONE")
os.environ.setdefault("MXNET_STORAGE_FALLBACK_LOG_VERBOSE", "0")

import numpy as np  # noqa: E402

from tests.oracle import scenario  # noqa: E402
from tests.oracle.control_flow import attempt as attempt_loops  # noqa: E402
from tests.oracle.control_flow import flat, form  # noqa: E402


def attempt(function, *args):
    """As that of ``control_flow``; the text of what simple_bind raises is MXNet's own."""
    found = attempt_loops(function, *args)
    if isinstance(found, dict) and found.get("raises") == "RuntimeError":
        found["text"] = ""
    return found


def numbers(mx, *shape):
    """Numbers between -1 and 1 without a pattern."""
    size = int(np.prod(shape))
    return mx.nd.array(np.sin(np.arange(1, size + 1) ** 2 * 0.7).reshape(shape))


def initialized(mx, net):
    net.initialize()
    for p in net.collect_params().values():
        if p.shape is not None and np.prod(p.shape) > 0 and "running" not in p.name:
            p.set_data(numbers(mx, *p.shape) / 2)
    return net


# ---------------------------------------------------------------------------------------------- the nets
def lstm(mx):
    """An LSTM over time, batch second; its states come from outside."""
    gluon = mx.gluon

    class Cell(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Cell, self).__init__(**kwargs)
            with self.name_scope():
                self.i2h = gluon.nn.Dense(16, in_units=3, prefix="i2h_")
                self.h2h = gluon.nn.Dense(16, in_units=4, use_bias=False, prefix="h2h_")

        def hybrid_forward(self, F, x, states):
            h, c = states
            gates = F.SliceChannel(self.i2h(x) + self.h2h(h), num_outputs=4, name="gates")
            c = F.sigmoid(gates[1]) * c + F.sigmoid(gates[0]) * F.tanh(gates[2])
            h = F.sigmoid(gates[3]) * F.tanh(c)
            return h, [h, c]

    class Net(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.cell = Cell(prefix="cell_")
                self.out = gluon.nn.Dense(2, in_units=4, flatten=False, prefix="out_")

        def hybrid_forward(self, F, x, h, c):
            results, (h, c) = F.contrib.foreach(self.cell, x, [h, c])
            return self.out(results), h, c

    return Net(prefix="lstm_"), [numbers(mx, 5, 2, 3), numbers(mx, 2, 4), numbers(mx, 2, 4) * 2]


def stacked(mx):
    """Two loops, one over the results of the other; the second one, over depth, is inside of a loop too."""
    gluon = mx.gluon

    class Net(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.scale = self.params.get("scale", shape=(3,))
                self.mix = self.params.get("mix", shape=(2, 3, 3))
                self.shift = gluon.nn.Dense(3, in_units=3, prefix="shift_")

        def hybrid_forward(self, F, x, h, scale, mix):
            def time(row, state):
                made, last = F.contrib.foreach(
                    lambda weight, v: (F.broadcast_mul(v, scale), F.tanh(F.dot(v, weight) + row)), mix, state
                )
                return F.sum(made, axis=0), last

            first, h = F.contrib.foreach(time, x, h)
            return F.contrib.foreach(lambda row, state: (self.shift(row) * state, state + row), first, h)

    return Net(prefix="stacked_"), [numbers(mx, 4, 2, 3), numbers(mx, 2, 3)]


def gated(mx):
    """Each step one of two layers, whichever the row asks for."""
    gluon = mx.gluon

    class Net(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.low = gluon.nn.Dense(3, in_units=3, prefix="low_")
                self.high = gluon.nn.Dense(3, in_units=3, prefix="high_")

        def hybrid_forward(self, F, x, h):
            def step(row, state):
                state = F.contrib.cond(
                    F.sum(row) > 0, lambda: F.tanh(self.high(state)) + row, lambda: F.sigmoid(self.low(state))
                )
                return state * 2, state

            return F.contrib.foreach(step, x, h)

    return Net(prefix="gated_"), [numbers(mx, 6, 2, 3), numbers(mx, 2, 3)]


def settling(mx):
    """For each row some steps, and in each step one of two ways on: a branch in a while_loop in a foreach."""
    gluon = mx.gluon

    class Net(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.dense = gluon.nn.Dense(3, in_units=3, prefix="dense_")

        def hybrid_forward(self, F, x, h):
            def time(row, state):
                def step(i, v):
                    v = F.contrib.cond(F.sum(v) > 1, lambda: v * 0.5 + row, lambda: F.tanh(self.dense(v)) + 0.3)
                    return v, [i + 1, v]

                made, (_, state) = F.contrib.while_loop(
                    lambda i, v: i < 2, step, [F.zeros((1,)), state], max_iterations=2
                )
                return F.sum(made, axis=0), state

            return F.contrib.foreach(time, x, h)

    return Net(prefix="settling_"), [numbers(mx, 3, 2, 3), numbers(mx, 2, 3)]


def branching(mx):
    """A branch between two layers."""
    gluon = mx.gluon

    class Net(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.low = gluon.nn.Dense(2, in_units=3, prefix="low_")
                self.high = gluon.nn.Dense(2, in_units=3, prefix="high_")

        def hybrid_forward(self, F, x):
            return F.contrib.cond(F.sum(x) > 0, lambda: F.relu(self.high(x)), lambda: self.low(x) * 3)

    return Net(prefix="branching_"), [numbers(mx, 4, 3)]


def refining(mx):
    """Steps until the values are small, each with the same layer."""
    gluon = mx.gluon

    class Net(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.step = gluon.nn.Dense(3, in_units=3, prefix="step_")
                self.limit = self.params.get("limit", shape=(1,))

        def hybrid_forward(self, F, x, limit):
            def func(i, v):
                v = F.tanh(self.step(v)) * 0.5
                return [F.sum(v, axis=1), i * F.sum(v)], [i + 1, v]

            (sums, weighted), (_, v) = F.contrib.while_loop(
                lambda i, v: F.sum(F.abs(v)) > limit, func, [F.zeros((1,)), x], max_iterations=4
            )
            return sums, weighted, v

    return Net(prefix="refining_"), [numbers(mx, 2, 3) * 3]


def beam_search(mx):
    """The best sequences of a table of transitions: 2 beams, 5 words, of which 0 ends a sequence."""
    gluon = mx.gluon

    class Net(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.table = self.params.get("table", shape=(5, 5))

        def hybrid_forward(self, F, start, scores, table):
            logs = F.log_softmax(table * 3)

            def step(i, words, scores, alive):
                steps = F.broadcast_mul(F.take(logs, words), F.expand_dims(alive, axis=1))
                total = F.reshape(F.broadcast_add(F.expand_dims(scores, axis=1), steps), shape=(1, -1))
                scores, picked = F.topk(total, k=2, ret_typ="both", dtype="float32")
                scores, picked = F.reshape(scores, shape=(-1,)), F.reshape(picked, shape=(-1,))
                parents, words = F.floor(picked / 5), F.broadcast_mod(picked, F.ones((1,)) * 5)
                alive = F.take(alive, parents) * (words != 0)
                return [words, parents], [i + 1, words, scores, alive]

            (words, parents), (count, _, scores, alive) = F.contrib.while_loop(
                lambda i, words, scores, alive: F.sum(alive) > 0,
                step,
                [F.zeros((1,)), start, scores, F.ones((2,))],
                max_iterations=6,
            )
            return words, parents, count, scores, alive

    return Net(prefix="beam_"), [mx.nd.array([3.0, 1.0]), mx.nd.array([0.0, -1.0])]


def noisy(mx):
    """Dropout and random numbers in a loop, and in a branch in it."""
    gluon = mx.gluon

    class Net(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.drop = gluon.nn.Dropout(0.5)
                self.dense = gluon.nn.Dense(3, in_units=3, prefix="dense_")

        def hybrid_forward(self, F, x, h):
            return F.contrib.foreach(
                lambda row, state: (self.dense(self.drop(row)), state + F.random.uniform(shape=(2, 3))), x, h
            )

    return Net(prefix="noisy_"), [numbers(mx, 4, 2, 3) + 2, numbers(mx, 2, 3)]


NETS = [lstm, stacked, gated, settling, branching, refining, beam_search, noisy]
NO_GRADIENTS = [beam_search]
ONE_BATCH_SIZE = [beam_search, noisy]


# ---------------------------------------------------------------------------------------------- what is done with them
def trained(mx, make, hybridized):
    """Results in training mode, and gradients of inputs and Parameters."""
    net, inputs = make(mx)
    initialized(mx, net)
    if hybridized:
        net.hybridize()
    for x in inputs:
        x.attach_grad()
    mx.random.seed(5)
    with mx.autograd.record():
        found = net(*inputs)
        results = flat(found)
    values = {"form": form(found), "results": [r.asnumpy() for r in results]}
    if make not in NO_GRADIENTS:
        mx.autograd.backward(results, [mx.nd.ones_like(r) * (k + 1) for k, r in enumerate(results)])
        values["inputs"] = [x.grad for x in inputs]
        values["parameters"] = {n: p.grad() for n, p in net.collect_params().items()}
    return values


def predicted(mx, make, hybridized):
    net, inputs = make(mx)
    initialized(mx, net)
    if hybridized:
        net.hybridize()
    mx.random.seed(5)
    return flat(net(*inputs))


def fitted(mx, make, hybridized):
    """Losses of some steps of a Trainer, the batch size changes on the way."""
    net, inputs = make(mx)
    initialized(mx, net)
    if hybridized:
        net.hybridize()
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
    losses = []
    for step in range(4):
        batch = [x if step != 2 else mx.nd.concat(x, x * 0.5, dim=x.ndim - 2) for x in inputs]
        with mx.autograd.record():
            loss = sum(((r - 0.1) ** 2).mean() for r in flat(net(*batch)))
        loss.backward()
        trainer.step(1)
        losses.append(loss.asscalar())
    return losses, {n: p.data() for n, p in net.collect_params().items()}


def outline(graph):
    """Operators, names and edges of a graph and its subgraphs."""
    nodes = [[n["op"], n["name"], n["inputs"], [outline(g) for g in n.get("subgraphs", ())]] for n in graph["nodes"]]
    return {"nodes": nodes, "heads": graph["heads"]}


def exported(mx, make):
    """The file, and what it gives as a SymbolBlock, bound, and bound simply."""
    net, inputs = make(mx)
    initialized(mx, net).hybridize()
    net(*inputs)
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "net")
    net.export(path, 1)
    graph = mx.sym.load(path + "-symbol.json")
    names = ["data"] if len(inputs) == 1 else ["data%d" % i for i in range(len(inputs))]
    with open(path + "-symbol.json") as file:
        text = json.load(file)
    found = {
        "graph": outline(text),
        "arguments": graph.list_arguments(),
        "outputs": graph.list_outputs(),
        "same text": mx.sym.load_json(graph.tojson()).tojson() == graph.tojson(),
    }
    mx.random.seed(5)
    found["block"] = flat(mx.gluon.SymbolBlock.imports(path + "-symbol.json", names, path + "-0001.params")(*inputs))
    arrays = {n.split(":")[1]: a for n, a in mx.nd.load(path + "-0001.params").items()}
    arrays.update(zip(names, inputs))
    mx.random.seed(5)
    found["bound"] = graph.bind(mx.cpu(), {n: arrays[n] for n in graph.list_arguments()}, grad_req="null").forward()
    return found


def simply_bound(mx, make, backward):
    """``simple_bind`` of the exported graph, which needs all shapes and dtypes; forward and backward."""
    net, inputs = make(mx)
    initialized(mx, net).hybridize()
    net(*inputs)
    path = os.path.join(tempfile.mkdtemp(), "net")
    net.export(path)
    graph = mx.sym.load(path + "-symbol.json")
    names = ["data"] if len(inputs) == 1 else ["data%d" % i for i in range(len(inputs))]
    executor = graph.simple_bind(mx.cpu(), **{n: x.shape for n, x in zip(names, inputs)})
    for name, array in mx.nd.load(path + "-0000.params").items():
        executor.arg_dict[name.split(":")[1]][:] = array
    mx.random.seed(5)
    outputs = executor.forward(is_train=True, **dict(zip(names, inputs)))
    if not backward:
        return outputs
    executor.backward([mx.nd.ones_like(o) * (k + 1) for k, o in enumerate(outputs)])
    return {"inputs": [executor.grad_dict.pop(n) for n in names], "parameters": executor.grad_dict}


def nets(mx):
    for make in NETS:
        name = make.__name__.replace("_", " ")
        for hybridized in (False, True):
            tag = "%s%s" % (name, ", hybridized" if hybridized else "")
            yield tag + ": predicted", attempt(predicted, mx, make, hybridized)
            yield tag + ": trained", attempt(trained, mx, make, hybridized)
            if make not in ONE_BATCH_SIZE:
                yield tag + ": fitted", attempt(fitted, mx, make, hybridized)
        yield name + ": exported", attempt(exported, mx, make)
        yield name + ": simply bound", attempt(simply_bound, mx, make, False)
        if make not in NO_GRADIENTS:
            yield name + ": simply bound, gradients", attempt(simply_bound, mx, make, True)


# ---------------------------------------------------------------------------------------------- graphs
def of_two(mx, body, **kwargs):
    """A loop over ``x`` with the state ``i``."""
    results, states = mx.sym.contrib.foreach(body, mx.sym.var("x"), mx.sym.var("i"), **kwargs)
    return mx.sym.Group(flat([results, states]))


def values_of(mx, dtype="float32"):
    return {"x": numbers(mx, 2, 3), "i": mx.nd.array([1, 2, 3], dtype=dtype)}


def integers(mx):
    graph = of_two(mx, lambda row, c: ([row * 2, c], c + 1))
    arrays = values_of(mx, "int32")
    return graph.infer_type(x="float32", i="int32"), graph.bind(mx.cpu(), arrays, grad_req="null").forward()


def other_dtypes(mx):
    graph = of_two(mx, lambda row, c: (row + c, c))
    return graph.bind(mx.cpu(), values_of(mx, "float64"), grad_req="null").forward()[0].asnumpy()


def other_dtypes_inferred(mx):
    return of_two(mx, lambda row, c: (row + c, c)).infer_type(x="float32", i="float64")


def requests(mx):
    """Gradients that are added, written and not wanted."""
    graph = of_two(mx, lambda row, c: (row * c * mx.sym.var("w"), c + 1))
    arrays = values_of(mx)
    arrays["w"] = arrays["i"] * 3
    slots = {name: mx.nd.ones(a.shape) for name, a in arrays.items()}
    executor = graph.bind(mx.cpu(), arrays, args_grad=slots, grad_req={"x": "add", "i": "null", "w": "write"})
    for _ in range(2):
        executor.forward(is_train=True)
        executor.backward([mx.nd.ones((2, 3)), mx.nd.ones((3,))])
    return slots


def composed(mx):
    """A loop's graph as a part of another."""
    graph = of_two(mx, lambda row, c: (row * c, c + 1))(x=mx.sym.var("a") * 2, name="composed")
    arrays = {"a": numbers(mx, 2, 3), "i": mx.nd.ones((3,))}
    return graph.list_inputs(), graph.list_outputs(), graph.bind(mx.cpu(), arrays, grad_req="null").forward()


def shared(mx):
    """One weight inside and outside."""
    weight = mx.sym.var("w")

    def dense(x, name):
        return mx.sym.FullyConnected(x, weight=weight, num_hidden=2, no_bias=True, name=name)

    graph = dense(mx.sym.Reshape(of_two(mx, lambda row, c: (dense(row, "a") + c, c))[0], shape=(-1, 2)), "b")
    return graph.list_arguments(), graph.infer_shape(x=(4, 3, 2), i=(3, 2))


def scoped(mx):
    with mx.AttrScope(ctx_group="dev1"):
        graph = of_two(mx, lambda row, c: (row * c, c + 1), name="scoped")
    return [n.get("attrs") for n in json.loads(graph.tojson())["nodes"]], graph.tojson().count("ctx_group")


def growing(mx):
    """A variable whose shape each step changes."""

    def run(F, i, v):
        return F.contrib.while_loop(
            lambda i, v: i < 3, lambda i, v: ([], [i + 1, F.concat(v, v * 2, dim=0)]), [i, v], max_iterations=5
        )[1]

    i, v = mx.nd.zeros((1,)), mx.nd.ones((2,))
    graph = mx.sym.Group(run(mx.sym, mx.sym.var("i"), mx.sym.var("v")))
    return run(mx.nd, i, v), graph.bind(mx.cpu(), {"i": i, "v": v}, grad_req="null").forward()


def larger(mx):
    graph = of_two(mx, lambda row, c: (row * c, c + 1))
    executor = graph.simple_bind(mx.cpu(), x=(4, 3), i=(3,))
    return executor.reshape(x=(2, 3), i=(3,)).forward(**values_of(mx))


def half(mx):
    class Net(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return F.contrib.foreach(lambda row, s: (row + s, s * row), x, F.ones((3,), dtype="float16"))

    net = Net()
    net.cast("float16")
    net.hybridize()
    return net(numbers(mx, 2, 3).astype("float16"))


def conditions(mx):
    """What counts as true."""
    values = [mx.nd.array([2.5]), mx.nd.array([[0]]), mx.nd.array([-1], dtype="int32"), True, 0, 0.5]
    return [mx.nd.contrib.cond(v, lambda: "then", lambda: "else") for v in values]


def keywords(mx):
    """Arguments by name, and the nesting of what comes out."""
    nd = mx.nd
    found = [
        nd.contrib.while_loop(
            cond=lambda i: i < 3,
            func=lambda i: ([i, [i * 2, i]], [i + 1]),
            loop_vars=(nd.zeros((1,)),),
            max_iterations=3,
        ),
        nd.contrib.foreach(body=lambda row, s: (row, s), data=(nd.ones((2, 3)),), init_states=(nd.ones((3,)),)),
        nd.contrib.foreach(lambda row, s: ((row, [row]), s), nd.ones((2, 3)), [nd.ones((3,)), [nd.ones((3,))]]),
        nd.contrib.cond(pred=nd.ones((1,)), then_func=lambda: (nd.ones((1,)),), else_func=lambda: nd.ones((1,))),
    ]
    return [form(f) for f in found], [type(f).__name__ for f in found], [type(part).__name__ for part in found[1]]


GRAPHS = [
    integers, other_dtypes, other_dtypes_inferred, requests, composed, shared, scoped, growing, larger, half,
    conditions, keywords,
]  # fmt: skip


def graphs(mx):
    for scenario_of in GRAPHS:
        with mx.name.NameManager():
            yield scenario_of.__name__.replace("_", " "), attempt(scenario_of, mx)


def results(mx):
    """{name: result}."""
    found = {}
    for part in (nets, graphs):
        found.update(part(mx))
    return found


if __name__ == "__main__":
    import mxnet

    scenario.write("control_flow_blocks", results(mxnet))
