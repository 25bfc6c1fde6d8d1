"""Writes tests/golden/control_flow.json: loops and branches on arrays, in graphs, in hybridized Blocks, in files.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.control_flow
"""

import os

# Its oneDNN rewrites graphs, and says so each time
os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")
os.environ.setdefault("MXNET_SUBGRAPH_BACKEND", "NONE")

from tests.oracle import scenario  # noqa: E402
from tests.oracle.control_flow_programs import PROGRAMS, VALUES, S, X  # noqa: E402


def attempt(function, mx, *args):
    """As ``scenario.attempt``; what fails in MXNet's loops leaves it recording."""
    found = scenario.attempt(function, mx, *args)
    mx.autograd.set_recording(False)
    mx.autograd.set_training(False)
    return found


def flat(results):
    """All elements of nested lists."""
    if not isinstance(results, (list, tuple)):
        return [results]
    return [element for part in results for element in flat(part)]


def form(results):
    """How they are nested."""
    return [form(part) for part in results] if isinstance(results, (list, tuple)) else "."


def arguments(program):
    return program.__code__.co_varnames[1 : program.__code__.co_argcount]


def inputs(mx, program, dtype):
    arrays = [mx.nd.array(VALUES[name], dtype=dtype) for name in arguments(program)]
    for a in arrays:
        a.attach_grad()
    return arrays


def gradients(mx, results, arrays):
    """Of all results, each of which is weighted by a number of its own."""
    heads = [mx.nd.ones_like(r) * (k + 1) for k, r in enumerate(results)]
    mx.autograd.backward(results, heads)
    return [a.grad for a in arrays]


def of_arrays(mx, program, dtype):
    arrays = inputs(mx, program, dtype)
    with mx.autograd.record():
        results = program(Unnamed(mx.nd), *arrays)
        found = flat(results)
    return {"form": form(results), "values": found, "gradients": gradients(mx, found, arrays)}


class Unnamed(object):
    """``mx.nd``, whose functions take the ``name`` that those of ``mx.sym`` take."""

    def __init__(self, module):
        self._module = module
        self.__name__ = "ndarray"

    def __getattr__(self, name):
        found = getattr(self._module, name)
        if name == "contrib":
            return Unnamed(found)
        if name not in ("foreach", "relu", "sigmoid", "sum", "SliceChannel"):
            return found
        return lambda *args, **kwargs: found(*args, **{k: v for k, v in kwargs.items() if k != "name"})


def graph_of(mx, program):
    """The program as a symbol, and the nesting of its results."""
    with mx.name.NameManager():
        results = program(Renamed(mx.sym, program.__name__), *[mx.sym.var(n) for n in arguments(program)])
        return mx.sym.Group(flat(results)), form(results)


def in_graph(mx, program):
    """The graph's text, and what is inferred of it."""
    graph, nesting = graph_of(mx, program)
    names = arguments(program)
    found = {"form": nesting, "json": graph.tojson(), "inputs": graph.list_inputs(), "outputs": graph.list_outputs()}
    found["inner"] = graph.get_internals().list_outputs()
    if all(node not in found["json"] for node in ('"_while_loop"', '"_cond"')):  # MXNet infers nothing of these
        found["shapes"] = graph.infer_shape(**{n: mx.nd.array(VALUES[n]).shape for n in names})
        found["types"] = [[t.__name__ for t in part] for part in graph.infer_type(**{n: "float64" for n in names})]
    return found


def run_graph(mx, program, loaded, backward):
    """What an executor gives, of the graph or of what its text loads as."""
    graph, _ = graph_of(mx, program)
    if loaded:
        graph = mx.sym.load_json(graph.tojson())
    names = arguments(program)
    arrays = inputs(mx, program, "float32")
    slots = [mx.nd.zeros(a.shape) for a in arrays]
    executor = graph.bind(mx.cpu(), dict(zip(names, arrays)), args_grad=dict(zip(names, slots)))
    values = executor.forward(is_train=True)
    if not backward:
        return values
    executor.backward([mx.nd.ones_like(v) * (k + 1) for k, v in enumerate(values)])
    return slots


class Renamed(object):
    """``mx.sym``, whose loops get a name of their own where the program gives none: the numbers of names are global."""

    def __init__(self, module, stem):
        self._module, self._stem = module, stem
        self.__name__ = "symbol"

    def __getattr__(self, name):
        found = getattr(self._module, name)
        if name == "contrib":
            return Renamed(found, self._stem)
        if name not in ("foreach", "while_loop", "cond"):
            return found
        return lambda *args, **kwargs: found(*args, **dict({"name": self._stem}, **kwargs))


def in_block(mx, program, record):
    """What a hybridized Block gives, twice."""

    class Net(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, *args):
            return flat(program(Unnamed(F) if F is mx.nd else F, *args))

    net = Net()
    net.hybridize()
    found = []
    for _ in range(2):
        arrays = inputs(mx, program, "float32")
        if not record:
            found.append(net(*arrays))
            continue
        with mx.autograd.record():
            results = flat(net(*arrays))
        found.append(gradients(mx, results, arrays))
    return found


def programs(mx):
    for program in PROGRAMS:
        name = program.__name__.replace("_", " ")
        for dtype in ("float32", "float64"):
            yield "%s: arrays %s" % (name, dtype), attempt(of_arrays, mx, program, dtype)
        yield "%s: graph" % name, attempt(in_graph, mx, program)
        for loaded in (False, True):
            tag = ", loaded" if loaded else ""
            yield "%s: graph run%s" % (name, tag), attempt(run_graph, mx, program, loaded, False)
            yield "%s: graph gradients%s" % (name, tag), attempt(run_graph, mx, program, loaded, True)
        yield "%s: block" % name, attempt(in_block, mx, program, False)
        yield "%s: block gradients" % name, attempt(in_block, mx, program, True)


# ---------------------------------------------------------------------------------------------- layers in loops
def layers(mx):
    gluon, nd = mx.gluon, mx.nd

    class Cell(gluon.HybridBlock):
        def __init__(self, batch_norm=False, **kwargs):
            super(Cell, self).__init__(**kwargs)
            with self.name_scope():
                self.i2h = gluon.nn.Dense(3, in_units=2, prefix="i2h_")
                self.h2h = gluon.nn.Dense(3, in_units=3, prefix="h2h_")
                self.norm = gluon.nn.BatchNorm(in_channels=3, prefix="bn_") if batch_norm else None

        def hybrid_forward(self, F, x, states):
            (h,) = states
            made = F.tanh(self.i2h(x) + self.h2h(h))
            if self.norm is not None:
                made = self.norm(made)
            return made, [made]

    class Unrolled(gluon.HybridBlock):
        def __init__(self, batch_norm=False, **kwargs):
            super(Unrolled, self).__init__(**kwargs)
            with self.name_scope():
                self.cell = Cell(batch_norm, prefix="cell_")
                self.out = gluon.nn.Dense(2, in_units=3, flatten=False, prefix="out_")

        def hybrid_forward(self, F, x, h):
            results, states = F.contrib.foreach(self.cell, x, [h])
            return self.out(results), states[0]

    def run(mx, batch_norm, hybridized, backward):
        net = Unrolled(batch_norm, prefix="net_")
        net.initialize()
        parameters = net.collect_params()
        for k, name in enumerate(sorted(parameters)):
            if "bn_" not in name:
                values = nd.arange(parameters[name].data().size).reshape(parameters[name].shape)
                parameters[name].set_data((values - k) / 16)
        if hybridized:
            net.hybridize()
        x, h = (nd.arange(24).reshape((4, 3, 2)) - 12) / 8, nd.ones((3, 3)) / 4
        x.attach_grad()
        h.attach_grad()
        with mx.autograd.record():
            results = net(x, h)
        if backward:  # heads of ones would leave nothing but rounding behind a normalisation
            mx.autograd.backward(list(results), [(nd.arange(r.size) % 7).reshape(r.shape) - 2 for r in results])
            return x.grad, h.grad, {n: p.grad() for n, p in parameters.items() if p.grad_req != "null"}
        states = {n: p.data() for n, p in parameters.items() if p.grad_req == "null"}
        return results, states, net(x, h)

    for batch_norm in (False, True):
        for hybridized in (False, True):
            tag = "layers%s%s" % (", normalised" if batch_norm else "", ", hybridized" if hybridized else "")
            yield tag, attempt(run, mx, batch_norm, hybridized, False)
            yield tag + ": gradients", attempt(run, mx, batch_norm, hybridized, True)


# ---------------------------------------------------------------------------------------------- what is refused
def wrong(mx):
    def nothing(*_):
        return None

    for kind, F, make in (
        ("arrays", mx.nd, lambda name: mx.nd.array(VALUES[name])),
        ("symbols", mx.sym, mx.sym.var),
    ):
        x, s, i, w = make("x"), make("s"), make("i"), make("w")
        foreach, loop, cond = F.contrib.foreach, F.contrib.while_loop, F.contrib.cond
        tries = {
            "data of a number": lambda: foreach(lambda a, b: (a, b), 3, s),
            "data with a number": lambda: foreach(lambda a, b: (a, b), [x, 3], s),
            "states of a number": lambda: foreach(lambda a, b: (a, b), x, 3),
            "no states": lambda: foreach(lambda a, b: (a, b), x, None),
            "result of a number": lambda: foreach(lambda a, b: (3, b), x, s),
            "no result": lambda: foreach(lambda a, b: (None, b), x, s),
            "only results": lambda: foreach(lambda a, b: a, x, s),
            "nothing": lambda: foreach(nothing, x, s),
            "body that fails": lambda: foreach(lambda a, b: (1 // 0, b), x, s),
            "no function": lambda: foreach(3, x, s),
            "other number of states": lambda: [foreach(lambda a, b: (a, b + [a]), x, [s])][0][1],
            "other nesting of states": lambda: form(foreach(lambda a, b: (a, [b]), x, s)[1]),
            "unread data": lambda: form(foreach(lambda a, b: (a[0], b), [x, x * 2], s)[1]),
            "unread state": lambda: form(foreach(lambda a, b: (a, [b[0], a]), x, [s, w])[1]),
            "the same data twice": lambda: form(foreach(lambda a, b: (a[0] + a[1], b), [x, x], s)[1]),
            "no max_iterations": lambda: loop(lambda i: i < 2, lambda i: (i, i + 1), i),
            "max_iterations of a word": lambda: loop(lambda i: i < 2, lambda i: (i, i + 1), i, max_iterations="two"),
            "max_iterations of a fraction": lambda: form(
                loop(lambda i: i < 2, lambda i: (i, i + 1), i, max_iterations=2.5)
            ),
            "no loop variables": lambda: loop(lambda: x < 2, lambda: (x, []), [], max_iterations=2),
            "loop variable of a number": lambda: form(loop(lambda i: i < 0, lambda i: (i, i), 3, max_iterations=2)),
            "fewer loop variables": lambda: loop(
                lambda i, s: i < 2, lambda i, s: (s, [i + s]), [i, s], max_iterations=2
            ),
            "no new loop variables": lambda: loop(lambda i, s: i < 2, lambda i, s: (s, None), [i, s], max_iterations=2),
            "only loop variables": lambda: loop(lambda i, s: i < 2, lambda i, s: i, [i, s], max_iterations=2),
            "function of fewer variables": lambda: loop(
                lambda i: i < 2, lambda i, s: (i, [i, s]), [i, s], max_iterations=2
            ),
            "unread loop variable": lambda: form(
                loop(lambda i, s: i < 2, lambda i, s: (i, [i + 1, i]), [i, s], max_iterations=2)
            ),
            "condition in a list": lambda: form(loop(lambda i: [i < 2], lambda i: (i, i + 1), i, max_iterations=2)),
            "branches of other lengths": lambda: form(cond(i, lambda: [x, x], lambda: [x])),
            "branch of a number": lambda: form(cond(i, lambda: 3, lambda: 4)),
            "branch of nothing": lambda: form(cond(i, nothing, nothing)),
            "branch without results": lambda: form(cond(i, lambda: [], lambda: [])),
        }
        for name, call in tries.items():
            yield "wrong %s: %s" % (kind, name), scenario.attempt(call)
    nd, two = mx.nd, mx.nd.array([1.0, 2])
    for name, call in {
        "foreach: results of other shapes": lambda: nd.contrib.foreach(
            lambda a, b: (b, nd.concat(b, b, dim=0)), nd.array(X), nd.array(S)
        )[0].asnumpy(),
        "while_loop: condition of two": lambda: nd.contrib.while_loop(lambda i: i, lambda i: (i, i), two, 2),
        "while_loop: condition of a word": lambda: form(
            nd.contrib.while_loop(lambda i: "", lambda i: (i, i), two, max_iterations=2)[0]
        ),
        "while_loop: results change their number": lambda: nd.contrib.while_loop(
            lambda i: i < 5, lambda i: ([i] * int(i.asscalar() + 1), i + 1), nd.array([0.0]), max_iterations=3
        ),
        "while_loop: max_iterations of an array": lambda: nd.contrib.while_loop(
            lambda i: i < 5, lambda i: (i, i + 1), nd.array([0.0]), max_iterations=nd.array([2.0])
        ),
        "while_loop: max_iterations 0": lambda: nd.contrib.while_loop(
            lambda i: i < 5, lambda i: (i, i + 1), nd.array([0.0]), max_iterations=0
        ),
        "cond: condition of two": lambda: nd.contrib.cond(two, lambda: two, lambda: two),
        "cond: condition of a number": lambda: nd.contrib.cond(0, lambda: two, lambda: two * 2),
    }.items():
        yield "wrong " + name, scenario.attempt(call)
    sym = mx.sym
    for name, build, values in (
        ("foreach: data of other lengths", lambda a, b: sym.contrib.foreach(
            lambda r, s: (r[0] + r[1], s), [a, b], sym.ones((2,)))[0], (X, X[:2])),
        ("foreach: state changes its shape", lambda a, b: sym.contrib.foreach(
            lambda r, s: (r, sym.concat(s, s, dim=0)), a, b)[1], (X, S)),
        ("while_loop: condition of two", lambda a, b: sym.contrib.while_loop(
            lambda i: i, lambda i: (i + b, i), a, max_iterations=2)[0], (S, S)),
        ("while_loop: not one step", lambda a, b: sym.contrib.while_loop(
            lambda i: i, lambda i: (i + b, i), a, max_iterations=2)[0], ([0.0], [1.0])),
        ("cond: condition of two", lambda a, b: sym.contrib.cond(a, lambda: b, lambda: b * 2), (S, S)),
    ):  # fmt: skip

        def run(build=build, values=values):
            arrays = [mx.nd.array(v) for v in values]
            return build(sym.var("a"), sym.var("b")).bind(mx.cpu(), dict(zip("ab", arrays))).forward()[0].asnumpy()

        yield "wrong graph of " + name, scenario.attempt(run)


def results(mx):
    """{name: result}."""
    found = {}
    for part in (programs, layers, wrong):
        found.update(part(mx))
    return found


if __name__ == "__main__":
    import mxnet

    scenario.write("control_flow", results(mxnet))
