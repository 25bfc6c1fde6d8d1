"""Writes tests/golden/custom_operator_graphs.json: custom operators in symbols, executors, Blocks and files.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.custom_operator_graphs
"""

import json
import os
import tempfile
import warnings

import numpy as np

from tests.oracle.custom_operator_common import attempt, by_scenario, make, squared, with_label, with_states
from tests.oracle.scenario import plain, write


def lists(symbol):
    return [symbol.list_arguments(), symbol.list_auxiliary_states(), symbol.list_outputs(), symbol.name]


def fresh(mx, function):
    """What the function gives where automatic names start from 0."""
    with mx.name.NameManager():
        return attempt(lambda mx: function(mx), mx)


# ---------------------------------------------------------------------------------------------- symbols
def composed(mx):
    with_states(mx)
    make(mx, "two_by_two", list_arguments=["a", "b"], list_outputs=["p", "q"],
         infer_shape=lambda s: ([s[0], s[0]], [s[0], s[0]], []))  # fmt: skip
    sym, d = mx.sym, mx.sym.var("d")
    uses = {
        "all variables": lambda mx: sym.Custom(op_type="with_states", name="n"),
        "automatic name": lambda mx: sym.Custom(d, op_type="with_states"),
        "states given": lambda mx: sym.Custom(d, sym.var("m"), sym.var("c"), op_type="with_states", name="n"),
        "a state by name": lambda mx: sym.Custom(data=d, count=sym.var("c"), op_type="with_states", name="n"),
        "by name": lambda mx: sym.Custom(b=d, op_type="two_by_two", name="n"),
        "an operator's output": lambda mx: sym.Custom(d * 2, op_type="two_by_two", name="n"),
        "one output": lambda mx: sym.Custom(d, op_type="two_by_two", name="n")[1],
        "in a group": lambda mx: sym.Group([d, sym.Custom(d, op_type="with_states", name="n")]),
    }
    return {name: fresh(mx, lambda mx, use=use: lists(use(mx))) for name, use in uses.items()}


def composing_refused(mx):
    with_states(mx)
    sym, d = mx.sym, mx.sym.var("d")
    uses = {
        "no op_type": lambda mx: sym.Custom(d),
        "no such op_type": lambda mx: sym.Custom(d, op_type="nope"),
        "too many": lambda mx: sym.Custom(d, d, d, d, op_type="with_states"),
        "a state that is no variable": lambda mx: sym.Custom(d, d * 2, op_type="with_states"),
        "a number": lambda mx: sym.Custom(3, op_type="with_states"),
        "None": lambda mx: sym.Custom(None, op_type="with_states"),
        "attribute of an input": lambda mx: sym.Custom(d, op_type="with_states", data_lr_mult="1"),
    }
    found = {name: fresh(mx, use) for name, use in uses.items()}
    try:
        sym.Custom(d, count=d, op_type="with_states")
    except TypeError:
        found["by position and by name"] = "TypeError"
    return found


def attributes_of_nodes(mx):
    seen = []
    make(mx, "seeing", init=lambda kwargs: seen.append({k: v for k, v in kwargs.items() if not k.startswith("__")}))
    sym = mx.sym
    given = dict(a=1, b=(1, 2), c=None, d="s", e=True, dtype=np.float32, ctx=mx.cpu(), num_args=4)
    s = sym.Custom(sym.var("d"), op_type="seeing", name="n", **given)
    found = {"given": plain([seen[-1], s.list_attr()])}
    with mx.AttrScope(ctx_group="g", zz="5"):
        s = sym.Custom(sym.var("d"), op_type="seeing", name="n", lr_mult=2, attr={"__bar__": "1", "yy": "6"})
    found["scope"] = plain([seen[-1], s.list_attr(), s.attr_dict()])
    s._set_attr(b="3")
    found["set"] = plain([s.list_attr(), s.attr("b")])
    return found


def inferred(mx):
    with_states(mx)
    with_label(mx)
    sym, d = mx.sym, mx.sym.var("d")
    s, loss = sym.Custom(d, op_type="with_states", name="n"), sym.Custom(d, op_type="with_label", name="n")
    chain = sym.Custom(sym.FullyConnected(sym.var("q"), num_hidden=4, name="fc"), op_type="with_label", name="n") + 1

    def types(symbol, **known):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = symbol.infer_type(**known)
        return found[0] and [[t.__name__ for t in group] for group in found]

    return {
        "shapes": plain(s.infer_shape(d=(2, 3))),
        "shapes of a loss": plain(loss.infer_shape(d=(2, 3))),
        "an unknown dimension": plain(loss.infer_shape_partial(d=(0, 3))),
        "through a chain": plain(chain.infer_shape(q=(2, 3))),
        "a wrong one": attempt(lambda mx: loss.infer_shape(d=(2, 3), n_label=(5,)), mx),
        "types": plain(types(s, d="float16")),
        "types of a chain": plain(types(chain, q="float64", n_label="int32")),
        "types unknown": plain(types(s)),
    }


def json_text(mx):
    with_states(mx)
    s = mx.sym.Custom(mx.sym.var("d") * 2, op_type="with_states", name="n", a=1, b=(1, 2))
    again = mx.sym.load_json(s.tojson())
    other = s.tojson().replace('"with_states"', '"nobody"')
    return {
        "text": json.loads(s.tojson()),
        "again": plain([lists(again), again.tojson() == s.tojson(), again.list_attr()]),
        "internals": s.get_internals().list_outputs(),
        "no such operator": attempt(lambda mx: mx.sym.load_json(other), mx),
    }


def evaluated(mx):
    squared(mx)
    return mx.sym.Custom(mx.sym.var("d") + 1, op_type="squared").eval(d=mx.nd.array([[1, 2]]))


# ---------------------------------------------------------------------------------------------- executors
def executors(mx):
    seen = []
    with_states(mx, seen)
    s = mx.sym.Custom(mx.sym.var("d") * 2, op_type="with_states", name="n")
    found = {}
    for req in ("write", "add", "null"):
        e = s.simple_bind(mx.cpu(), d=(1, 3), grad_req=req)
        e.arg_dict["d"][:] = mx.nd.array([[1, 2, 3]])
        for _ in range(2):
            e.forward(is_train=True)
            mx.nd.waitall()
            e.backward(mx.nd.array([[1, 2, 3]]))
            mx.nd.waitall()
        found[req] = plain([e.outputs, e.aux_arrays, e.grad_dict])
        e.forward()
        mx.nd.waitall()
        found[req + ", then predict mode"] = plain([e.outputs, e.aux_arrays, seen])
        seen[:] = []
    return found


def executor_of_a_loss(mx):
    with_label(mx)
    d = mx.sym.FullyConnected(mx.sym.var("d"), num_hidden=3, no_bias=True, name="fc")
    e = mx.sym.Custom(d, op_type="with_label", name="n").simple_bind(mx.cpu(), d=(2, 3))
    e.arg_dict["d"][:] = mx.nd.array([[1, 0, 2], [0, 1, 0]])
    e.arg_dict["fc_weight"][:] = mx.nd.array([[1, 0, 0], [0, 2, 0], [0, 0, -1]])
    e.arg_dict["n_label"][:] = mx.nd.array([2, 0])
    e.forward(is_train=True)
    e.backward()
    return e.outputs, e.grad_dict["fc_weight"], e.grad_dict["n_label"].shape


def head_gradient_wanted(mx):
    squared(mx)
    e = mx.sym.Custom(mx.sym.var("d"), op_type="squared").simple_bind(mx.cpu(), d=(1, 3))
    e.forward(is_train=True)
    e.backward()


def what_operators_remember(mx):
    """An executor keeps one CustomOp; everywhere else each forward pass has its own."""

    class Counting(mx.operator.CustomOp):
        def __init__(self):
            super(Counting, self).__init__()
            self.count = 0

        def forward(self, is_train, req, in_data, out_data, aux):
            self.count += 1
            self.assign(out_data[0], req[0], in_data[0] + self.count)

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            self.assign(in_grad[0], req[0], out_grad[0] * self.count)

    make(mx, "counting", create=lambda *a: Counting())
    x = mx.nd.zeros((1, 2))
    s = mx.sym.Custom(mx.sym.Custom(mx.sym.var("d"), op_type="counting"), op_type="counting")
    e = s.simple_bind(mx.cpu(), d=(1, 2))
    found = {"executor": []}
    for is_train in (False, True, True):
        found["executor"].append(plain(e.forward(is_train=is_train)))
        if is_train:
            e.backward(mx.nd.ones((1, 2)))
            found["executor"].append(plain(e.grad_arrays))
    other = e.reshape(d=(2, 2), partial_shaping=True, allow_up_sizing=True)
    found["reshaped"] = plain([other.forward(), e.forward()])
    x.attach_grad()
    block = net(mx, lambda F, x: F.Custom(x, op_type="counting"))
    for name in ("called", "hybridized"):
        found[name] = []
        for _ in range(2):
            with mx.autograd.record():
                y = block(x)
            y.backward()
            found[name].append(plain([y, x.grad]))
        block.hybridize()
    with mx.autograd.record():
        first, second = block(x), block(x + 1)
    first.backward()
    found["two passes before backward"] = plain([first, second, x.grad])
    return found


# ---------------------------------------------------------------------------------------------- Blocks
def net(mx, function, **params):
    """A HybridBlock of ``function(F, x, **params)``."""

    class Net(mx.gluon.HybridBlock):
        def __init__(self):
            super(Net, self).__init__(prefix="net_")
            with self.name_scope():
                for name, kwargs in params.items():
                    setattr(self, name, self.params.get(name, **kwargs))

        def hybrid_forward(self, F, x, **kwargs):
            return function(F, x, **kwargs)

    block = Net()
    block.initialize()
    return block


def blocks(mx):
    seen = []
    with_states(mx, seen)
    found = {}
    for flags in (None, {}, dict(static_alloc=True), dict(static_alloc=True, static_shape=True)):
        block = net(
            mx,
            lambda F, x, m, c: F.Custom(x * 2, m, c, op_type="with_states", name="n") * 3,
            m=dict(shape=(3,), grad_req="null", init="zeros"),
            c=dict(shape=(1,), grad_req="null", init="ones", differentiable=False),
        )
        if flags is not None:
            block.hybridize(**flags)
        x = mx.nd.array([[1, 2, 3]])
        x.attach_grad()
        for _ in range(2):
            with mx.autograd.record():
                y = block(x)
            mx.nd.waitall()
            y.backward()
            mx.nd.waitall()
        predicted = block(x)
        mx.nd.waitall()
        found[str(flags)] = plain([y, predicted, x.grad, block.m.data(), block.c.data(), seen])
        seen[:] = []
    return found


def deferred_shapes(mx):
    """Parameters whose shapes follow from a custom operator's rules."""
    with_label(mx)
    squared(mx)
    seq = mx.gluon.nn.HybridSequential()
    seq.add(net(mx, lambda F, x: F.Custom(x, op_type="squared")), mx.gluon.nn.Dense(2))
    seq.initialize(mx.init.One())
    seq.hybridize()
    y = seq(mx.nd.array([[1, 2, 3], [0, 1, 0]]))
    return y, seq[1].weight.shape


def files(mx):
    squared(mx)
    folder = tempfile.mkdtemp()
    block = net(mx, lambda F, x, w: F.Custom(x * w, op_type="squared", name="n"), w=dict(shape=(1, 3), init="ones"))
    block.hybridize()
    x = mx.nd.array([[1, 2, 3]])
    y = block(x)
    path = os.path.join(folder, "net")
    block.export(path)
    again = mx.gluon.SymbolBlock.imports(path + "-symbol.json", ["data"], path + "-0000.params")
    x.attach_grad()
    with mx.autograd.record():
        z = again(x)
    z.backward()
    with open(path + "-symbol.json") as file:
        nodes = json.load(file)["nodes"]
    return y, z, x.grad, nodes


def results(mx):
    """{name: outcome}."""
    return by_scenario(
        mx,
        (
            composed, composing_refused, attributes_of_nodes, inferred, json_text, evaluated, executors,
            executor_of_a_loss, head_gradient_wanted, what_operators_remember, blocks, deferred_shapes, files,
        ),
    )  # fmt: skip


if __name__ == "__main__":
    import mxnet

    write("custom_operator_graphs", results(mxnet))
