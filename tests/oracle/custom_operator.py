"""Writes tests/golden/custom_operator.json: custom operators on arrays, differentiated, and what they are refused.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.custom_operator
"""

import numpy as np

from tests.oracle.custom_operator_common import (
    attempt,
    by_scenario,
    double,
    make,
    squared,
    with_label,
    with_states,
)
from tests.oracle.scenario import plain, write


def rows(mx):
    return mx.nd.array([[1, 2, 3]])


def differentiated(mx, name, x=None, grad_req="write", times=1, train_mode=True):
    """The result of the operator ``name`` and the gradient of its only argument."""
    x = rows(mx) if x is None else x
    x.attach_grad(grad_req)
    for _ in range(times):
        with mx.autograd.record(train_mode):
            y = mx.nd.Custom(x, op_type=name)
        y.backward(train_mode=train_mode)
        mx.nd.waitall()
    return y, x.grad


# ---------------------------------------------------------------------------------------------- Prop and CustomOp
def defaults(mx):
    prop, loss = mx.operator.CustomOpProp(), mx.operator.CustomOpProp(False)
    return {
        "lists": [prop.list_arguments(), prop.list_outputs(), prop.list_auxiliary_states()],
        "shape": prop.infer_shape([(2, 3), (4,)]),
        "type": [t and t.__name__ for group in prop.infer_type([np.float32, None]) for t in group],
        "storage": prop.infer_storage_type(["default", "default"]),
        "storage backward": prop.infer_storage_type_backward(["default"], ["default"], ["default"], ["undefined"], []),
        "read": [p.declare_backward_dependency([0], [1, 2], [3]) for p in (prop, loss)],
        "operator": prop.create_operator(mx.cpu(), [], []),
    }


def storage_refused(mx):
    try:
        mx.operator.CustomOpProp().infer_storage_type(["default", "csr"])
    except AssertionError:
        return "AssertionError"


def assign(mx):
    found = {}
    for req in ("null", "write", "inplace", "add", "other"):
        array = mx.nd.array([1.0, 2])
        mx.operator.CustomOp().assign(array, req, mx.nd.array([10.0, 20]))
        found[req] = plain(array)
    array = mx.nd.array([1, 2])
    for req, value in (("write", 3), ("add", 3.5), ("write", np.array([5, 6.0])), ("add", mx.nd.array([1]))):
        mx.operator.CustomOp().assign(array, req, value)
        found["%s %s" % (req, type(value).__name__)] = plain(array)
    return found


def registered(mx):
    names = mx.operator.get_all_registered_operators()
    try:
        none = mx.operator.get_operator_arguments("nope")
    except mx.MXNetError:
        none = "MXNetError"
    return {
        "the class": make(mx, "the class").__name__,
        "names": [type(names).__name__, names == sorted(names), "Custom" in names, "_plus" in names],
        "anything": attempt(lambda mx: mx.operator.register("no prop")(mx.operator.CustomOp).__name__, mx),
        "arguments": list(mx.operator.get_operator_arguments("elemwise_add")),
        "required": list(mx.operator.get_operator_arguments("clip")),
        "names of FullyConnected": list(mx.operator.get_operator_arguments("FullyConnected"))[:2],
        "arguments of none": none,
    }


def attributes(mx):
    seen = []
    make(mx, "attributes", init=seen.append)
    given = dict(a=1, b=(1, 2), c=None, d="s", e=True, f=2.5, dtype="float64", ctx=mx.cpu(), g=[1, 2], lr_mult=2)
    mx.nd.Custom(rows(mx), op_type="attributes", name="unseen", **given)
    return {"given": seen[0], "none": (mx.nd.Custom(rows(mx), op_type="attributes"), seen[-1])[1]}


def calls(mx):
    """What each call gets, of arrays: classes, shapes, dtypes, contexts, switches."""
    seen = []

    def look(*groups):
        here = [mx.autograd.is_recording(), mx.autograd.is_training()]
        return [[(type(a).__name__, a.shape, np.dtype(a.dtype).name, str(a.context)) for a in g] for g in groups] + here

    def forward(op, is_train, req, in_data, out_data, aux):
        seen.append(["forward", is_train, req] + look(in_data, out_data, aux))
        double(op, is_train, req, in_data, out_data, aux)

    def backward(op, req, out_grad, in_data, out_data, in_grad, aux):
        seen.append(["backward", req] + look(out_grad, in_data, out_data, in_grad, aux))
        op.assign(in_grad[0], req[0], out_grad[0])
        op.assign(in_grad[1], req[1], in_data[0] * 0 + 3)

    def create(ctx, shapes, dtypes):
        seen.append(["create", type(ctx).__name__, str(ctx), shapes, dtypes])
        return Op()

    class Op(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            forward(self, is_train, req, in_data, out_data, aux)

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            backward(self, req, out_grad, in_data, out_data, in_grad, aux)

    def shapes(s):
        seen.append(["infer_shape", s])
        return [s[0], s[0]], [s[0]], [(4,)]

    make(mx, "calls", create=create, infer_shape=shapes, list_arguments=["data", "other"], list_auxiliary_states=["m"])
    x, y, m = rows(mx), mx.nd.ones((1, 3)), mx.nd.zeros((4,))
    found = {}
    mx.nd.Custom(x, y, m, op_type="calls").wait_to_read()
    found["predict"], seen[:] = plain(seen), []
    for reqs in (("write", "write"), ("write", "null"), ("null", "write")):
        for array, req in zip((x, y), reqs):
            array.attach_grad(req)
        for train in (True, False):
            with mx.autograd.record(train):
                z = mx.nd.Custom(x, y, m, op_type="calls")
            z.backward(train_mode=train)
            mx.nd.waitall()
            found["%s %s, train=%s" % (reqs + (train,))] = plain([seen, x.grad, y.grad])
            seen[:] = []
    mx.nd.Custom(x.astype("float64"), y.astype("int32"), m, op_type="calls").wait_to_read()
    found["dtypes"], seen[:] = plain(seen), []
    return found


def new_arrays_context(mx):
    """Where forward makes arrays without saying where, and where the result is."""
    seen = []

    def forward(op, is_train, req, in_data, out_data, aux):
        seen.append(str(mx.nd.zeros((1,)).context))
        double(op, is_train, req, in_data, out_data, aux)

    make(mx, "new_arrays", forward)
    y = mx.nd.Custom(rows(mx).as_in_context(mx.cpu(1)), op_type="new_arrays")
    y.wait_to_read()
    return seen, str(y.context)


# ---------------------------------------------------------------------------------------------- forward
def ways_to_write(mx):
    nd = mx.nd
    ways = {
        "slices": lambda o, i: (o.__setitem__((slice(None), 0), 5), o.__setitem__((slice(None), slice(1, 3)), 4)),
        "a view": lambda o, i: o[0].__setitem__(slice(None), i[0] * 4),
        "out=": lambda o, i: nd.elemwise_add(i, i, out=o),
        "copyto": lambda o, i: (i * 3).copyto(o),
        "twice": lambda o, i: (o.__setitem__(slice(None), 9), o.__setitem__(slice(None), i + o)),
        "the input": lambda o, i: o.__setitem__(slice(None), i),
        "another dtype": lambda o, i: o.__setitem__(slice(None), i.astype("float64")),
        "numpy": lambda o, i: o.__setitem__(slice(None), i.asnumpy() * 2),
        "inplace": lambda o, i: (o.__setitem__(slice(None), i), o.__imul__(3)),
        "recorded": lambda o, i: recorded(o, i),
    }

    def recorded(o, i):
        with mx.autograd.record():
            o[:] = i * 7

    found = {}
    for name, way in ways.items():

        def forward(op, is_train, req, in_data, out_data, aux, way=way):
            way(out_data[0], in_data[0])

        make(mx, "way", forward)
        x = rows(mx)
        y = nd.Custom(x, op_type="way")
        found[name] = plain(y)
        y[:] = -1
        found[name + ", the input"] = plain(x)
    return found


def input_written(mx):
    def forward(op, is_train, req, in_data, out_data, aux):
        in_data[0][:] = 100
        double(op, is_train, req, in_data, out_data, aux)

    make(mx, "input_written", forward)
    x = rows(mx)
    return mx.nd.Custom(x, op_type="input_written"), x


def several_outputs(mx):
    def forward(op, is_train, req, in_data, out_data, aux):
        op.assign(out_data[0], req[0], in_data[0] + 1)
        op.assign(out_data[1], req[1], in_data[0].sum(axis=1))

    heads = []

    def backward(op, req, out_grad, in_data, out_data, in_grad, aux):
        heads.append([g.asnumpy().tolist() for g in out_grad])
        op.assign(in_grad[0], req[0], out_grad[0] + out_grad[1].expand_dims(1))

    def shapes(s):
        return [s[0]], [s[0], [s[0][0]]], []

    make(mx, "two", forward, backward, list_outputs=["first", "second"], infer_shape=shapes)
    found = {"results": [type(mx.nd.Custom(rows(mx), op_type="two")).__name__, mx.nd.Custom(rows(mx), op_type="two")]}
    for which in (slice(0, 1), slice(1, 2), slice(0, 2)):
        x = rows(mx)
        x.attach_grad()
        with mx.autograd.record():
            y = mx.nd.Custom(x, op_type="two")
        mx.autograd.backward(y[which])
        mx.nd.waitall()
        found["gradient of %s" % which] = plain([x.grad, heads.pop()])
    out = [mx.nd.zeros((1, 3)), mx.nd.zeros((1,))]
    mx.nd.Custom(rows(mx), op_type="two", out=out)
    found["out"] = plain(out)
    return found


def kinds_of_inputs(mx):
    make(mx, "doubled")
    make(mx, "to_int", infer_type=lambda t: (t, [np.int32], []))
    make(mx, "of_nothing", lambda op, t, req, i, out, aux: op.assign(out[0], req[0], 7), list_arguments=[],
         infer_shape=lambda s: ([], [(2, 2)], []), infer_type=lambda t: ([], [np.float32], []))  # fmt: skip
    make(mx, "tuples", list_arguments=("data", "other"), infer_shape=lambda s: ((s[0], s[0]), (s[0],), ()))
    make(mx, "no_states_given", infer_shape=lambda s: (s, s), infer_type=lambda t: (t, t))
    nd = mx.nd
    found = {
        d: plain(nd.Custom(rows(mx).astype(d), op_type="doubled")) for d in ("float64", "float16", "int32", "uint8")
    }
    found["to int"] = plain(nd.Custom(rows(mx), op_type="to_int"))
    found["of nothing"] = plain(nd.Custom(op_type="of_nothing"))
    found["tuples"] = plain(nd.Custom(rows(mx), rows(mx), op_type="tuples"))
    found["two lists"] = plain(nd.Custom(rows(mx), op_type="no_states_given"))
    out = nd.zeros((1, 3))
    found["out"] = plain([nd.Custom(rows(mx), op_type="doubled", out=out), out])
    return found


def custom_inside_custom(mx):
    squared(mx)

    def forward(op, is_train, req, in_data, out_data, aux):
        op.assign(out_data[0], req[0], mx.nd.Custom(in_data[0], op_type="squared"))

    make(mx, "nested", forward)
    return mx.nd.Custom(rows(mx), op_type="nested")


# ---------------------------------------------------------------------------------------------- backward
def gradients(mx):
    squared(mx)
    nd, ag = mx.nd, mx.autograd
    found = {
        "write": plain(differentiated(mx, "squared", times=2)),
        "add": plain(differentiated(mx, "squared", grad_req="add", times=3)),
        "predict mode": plain(differentiated(mx, "squared", train_mode=False)),
    }
    x = rows(mx)
    x.attach_grad()
    with ag.record():
        y = nd.Custom(nd.Custom(x * 2, op_type="squared") + x, op_type="squared") * 3
    y.backward(nd.array([[1, 2, 3]]))
    found["in a chain"] = plain([y, x.grad])
    with ag.record():
        y = nd.Custom(x, op_type="squared") + nd.Custom(x, op_type="squared")
    y.backward()
    found["twice the same"] = plain(x.grad)
    with ag.record():
        y = nd.Custom(x, op_type="squared")
    y.backward(retain_graph=True)
    y.backward()
    found["retain_graph"] = plain(x.grad)
    found["used up"] = attempt(lambda mx: y.backward(), mx)
    with ag.record():
        y = nd.Custom(x, op_type="squared")
    found["grad"] = plain(ag.grad(y, x))
    with ag.record():
        with ag.pause():
            y = nd.Custom(x, op_type="squared")
        z = y * x
    z.backward()
    found["paused"] = plain(x.grad)
    with ag.record():
        y = nd.Custom(x, op_type="squared").detach() * x
    y.backward()
    found["detached"] = plain(x.grad)
    return found


def second_derivative(mx):
    squared(mx)
    x = mx.nd.array([2.0])
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.Custom(x, op_type="squared") + x * x
        g = mx.autograd.grad(y, x, create_graph=True, retain_graph=True)[0]
    g.backward()


def no_backward(mx):
    class OnlyForward(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            self.assign(out_data[0], req[0], in_data[0])

    make(mx, "no_backward", create=lambda *a: OnlyForward())
    return differentiated(mx, "no_backward")[0]


def losses(mx):
    with_label(mx)
    x, label = mx.nd.array([[1, 2, 3], [0, 0, 1]]), mx.nd.array([0, 2])
    found = {}
    for name, head in (("none", None), ("of its own", mx.nd.ones((2, 3)) * 7)):
        x.attach_grad()
        with mx.autograd.record():
            y = mx.nd.Custom(x, label, op_type="with_label")
        y.backward(head)
        found["head gradient " + name] = plain([y, x.grad])
    with mx.autograd.record():
        y = mx.nd.Custom(x, label.astype("int32"), op_type="with_label") * 3
    y.backward()
    found["in a chain"] = plain(x.grad)
    return found


def what_backward_reads(mx):
    """Shapes of the arrays that backward gets; () for one it did not ask for."""
    found = {}
    rules = {
        "nothing": lambda g, i, o: [],
        "out_grad": lambda g, i, o: g,
        "in_data": lambda g, i, o: i,
        "out_data": lambda g, i, o: o,
        "all": lambda g, i, o: g + i + o,
    }
    for name, rule in rules.items():
        seen = []

        def backward(op, req, out_grad, in_data, out_data, in_grad, aux, seen=seen):
            seen.extend([a.shape for a in group] for group in (out_grad, in_data, out_data, in_grad))
            op.assign(in_grad[0], req[0], 4)

        make(mx, "reads", backward=backward, declare_backward_dependency=rule)
        found[name] = plain([differentiated(mx, "reads")[1], seen])
    make(mx, "reads", backward=lambda op, req, g, i, o, into, aux: op.assign(into[0], req[0], i[0]),
         declare_backward_dependency=rules["out_grad"])  # fmt: skip
    found["another"] = attempt(lambda mx: differentiated(mx, "reads"), mx)
    return found


def autograd_inside(mx):
    """Forward and backward that record and differentiate themselves."""

    def slope(x):
        x = x.copy()
        x.attach_grad()
        with mx.autograd.record():
            y = (x * x * x).sum()
        y.backward()
        return x.grad

    make(
        mx,
        "inside",
        lambda op, t, req, i, o, aux: op.assign(o[0], req[0], slope(i[0])),
        lambda op, req, g, i, o, into, aux: op.assign(into[0], req[0], g[0] * slope(i[0])),
    )
    return differentiated(mx, "inside")


def states(mx):
    seen = []
    with_states(mx, seen)
    x, mean, count = rows(mx), mx.nd.zeros((3,)), mx.nd.zeros((1,))
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.Custom(x, mean, count, op_type="with_states")
    mx.nd.waitall()
    found = {"forward": plain([y, mean, count])}
    y.backward()
    mx.nd.waitall()
    found["backward"] = plain([mean, count, x.grad])
    mx.nd.Custom(x, mean, count, op_type="with_states").wait_to_read()
    found["seen"] = plain([seen, mean, count])
    return found


def gradient_of_a_state(mx):
    with_states(mx)
    x, mean = rows(mx), mx.nd.zeros((3,))
    x.attach_grad()
    mean.attach_grad()
    with mx.autograd.record():
        y = mx.nd.Custom(x, mean, mx.nd.zeros((1,)), op_type="with_states")
    y.backward()
    mx.nd.waitall()
    return mean, mean.grad


# ---------------------------------------------------------------------------------------------- refused
def refused(mx):
    nd = mx.nd

    def boom(*args):
        raise ValueError("boom")

    def call(*inputs, **kwargs):
        return attempt(lambda mx: mx.nd.Custom(*inputs, **kwargs), mx)

    with_states(mx)
    make(mx, "plain")
    found = {
        "no op_type": call(rows(mx)),
        "no such op_type": call(rows(mx), op_type="nope"),
        "no input": call(op_type="plain"),
        "one too many": call(rows(mx), rows(mx), op_type="plain"),
        "no states": call(rows(mx), op_type="with_states"),
        "wrong shape of a state": call(rows(mx), nd.zeros((4,)), nd.zeros((1,)), op_type="with_states"),
        "input by name": call(data=rows(mx), op_type="plain"),
        "a number": call(3, op_type="plain"),
        "wrong out": call(rows(mx), op_type="plain", out=nd.zeros((2, 3))),
        "row_sparse": call(rows(mx).tostype("row_sparse"), op_type="plain"),
    }
    for name, rules in {
        "one list of shapes": dict(infer_shape=lambda s: (s,)),
        "too many shapes of inputs": dict(infer_shape=lambda s: (s * 2, s, [])),
        "too many shapes of outputs": dict(infer_shape=lambda s: (s, s * 2, [])),
        "too many shapes of states": dict(infer_shape=lambda s: (s, s, s)),
        "another shape": dict(infer_shape=lambda s: ([(9, 9)], s, [])),
        "another dtype": dict(infer_type=lambda t: ([np.float64], t, [])),
        "forward": dict(forward=boom),
        "infer_shape": dict(infer_shape=boom),
        "infer_type": dict(infer_type=boom),
        "create_operator": dict(create=boom),
        "declare_backward_dependency": dict(declare_backward_dependency=boom),
        "creates nothing": dict(create=lambda *a: None),
    }.items():
        make(mx, "wrong", **rules)
        found[name] = call(rows(mx), op_type="wrong")
    make(mx, "wrong", backward=boom)
    found["backward"] = attempt(lambda mx: differentiated(mx, "wrong"), mx)
    return found


def results(mx):
    """{name: outcome}."""
    return by_scenario(
        mx,
        (
            defaults, storage_refused, assign, registered, attributes, calls, new_arrays_context, ways_to_write,
            input_written, several_outputs, kinds_of_inputs, custom_inside_custom, gradients, second_derivative,
            no_backward, losses, what_backward_reads, autograd_inside, states, gradient_of_a_state, refused,
        ),
    )  # fmt: skip


if __name__ == "__main__":
    import mxnet

    write("custom_operator", results(mxnet))
