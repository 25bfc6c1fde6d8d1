"""Writes tests/golden/symbol_monitor.json: what hooks on the operators of a hybridized Block are called with.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.symbol_monitor
"""

import os

os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")

from tests.ops import spec  # noqa: E402
from tests.oracle.scenario import write  # noqa: E402
from tests.oracle.symbol_operators import cases, find  # noqa: E402

# Operators of which MXNet makes no symbol, that it cannot record, or whose case fits no Block.
LEFT_OUT = ("CTCLoss", "_contrib_allclose", "_grad_add", "_slice_assign", "_slice_assign_scalar", "all_finite",
            "argmax_channel", "batch_take", "fill_element_0index", "khatri_rao", "multi_all_finite", "multi_sum_sq",
            "softmax_cross_entropy", "_shuffle")  # fmt: skip


def text(name):
    return name.decode() if isinstance(name, bytes) else name


def watched(mx, block, inputs, record, monitor_all):
    """[name, operator] of each call of a hook during one pass."""
    seen = []
    block.hybridize()
    block.register_op_hook(lambda name, op, array: seen.append([text(name), text(op)]), monitor_all)
    if record:
        with mx.autograd.record():
            block(*inputs)
    else:
        block(*inputs)
    mx.nd.waitall()
    return seen


def layers(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="n_")
    with net.name_scope():
        net.add(nn.Conv2D(2, 3, in_channels=1), nn.BatchNorm(in_channels=2), nn.Activation("relu"), nn.Flatten())
        net.add(nn.Dropout(0.5), nn.Dense(3, in_units=72))
    net.initialize()
    return net, [mx.nd.ones((2, 1, 8, 8))]


def parts(mx):
    class Parts(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, x, y):
            a, b = F.split(x, num_outputs=2, axis=1, name="cut")
            return a * y, F.topk(b, ret_typ="both", name="best"), F.sum(x, name="total") + 1, y

    return Parts(prefix="s_"), [mx.nd.ones((2, 4)), mx.nd.ones((2, 2))]


def nests(mx):
    """{note: names that hooks see} for hooks set at several places of a nest."""
    nn = mx.gluon.nn
    x = mx.nd.ones((2, 4))
    found = {}

    def made():
        class Two(mx.gluon.HybridBlock):
            def __init__(self, **kwargs):
                super(Two, self).__init__(**kwargs)
                with self.name_scope():
                    self.a, self.b = nn.Dense(3), nn.Dense(2, activation="relu")

            def hybrid_forward(self, F, x):
                y = self.a(x)
                return [self.b(y), F.split(y, num_outputs=3, axis=1), F.BlockGrad(y)]

        net = nn.HybridSequential(prefix="o_")
        with net.name_scope():
            net.add(nn.Dense(4), Two())
        net.initialize(mx.init.One())
        return net

    def seen(note, net, hooked, monitor_all=False, calls=1, record=False):
        names = []
        hooked.register_op_hook(lambda name, op, array: names.append([text(name), text(op)]), monitor_all)
        for _ in range(calls):
            if record:
                with mx.autograd.record():
                    net(x)
            else:
                net(x)
        mx.nd.waitall()
        found[note] = names

    net = made()
    seen("not hybridized", net, net)
    net = made()
    net.hybridize()
    seen("before the first call", net, net, calls=2)
    net = made()
    net.hybridize()
    net(x)
    seen("after the first call", net, net, True)
    net = made()
    net.hybridize()
    seen("hook of a child", net, net[1])
    net = made()
    net[1].hybridize()
    seen("only the child hybridized", net, net, True)
    net = made()
    net[1].a.hybridize()
    seen("only a grandchild hybridized", net, net[1])
    parent = nn.Sequential(prefix="p_")
    parent.add(made())
    parent[0].hybridize()
    seen("below a Block", parent, parent, True)
    net = made()
    net.hybridize()
    seen("recorded", net, net, True, record=True)
    net = made()
    seen("hooked, then hybridized", net, net)
    net.hybridize()
    seen("hybridized after the hook", net, net)
    net.hybridize(False)
    seen("off", net, net)
    a = mx.sym.var("a")
    block = mx.gluon.SymbolBlock([mx.sym.broadcast_add(a, a, name="add"), mx.sym.exp(a, name="exp")], [a])
    seen("SymbolBlock", block, block, True)
    return found


def operator_net(mx, op, case):
    """A Block of one operator named N."""
    arrays, _ = spec.arrays_of(case, case.get("dtypes", ["float32"])[0])
    inputs = [mx.nd.array(a, dtype=a.dtype) for a in arrays if a is not None]
    names = [mx.sym.var("v%d" % i) for i in range(len(inputs))]
    symbol = find(mx, op)(*names, name="N", **case.get("attrs", {}))
    order = symbol.list_inputs()
    return mx.gluon.SymbolBlock(symbol, names), inputs, order == [n.name for n in names]


def results(mx, names=None):
    found = {}
    for make in (layers, parts):
        for record in (False, True):
            for monitor_all in (False, True):
                block, inputs = make(mx)
                key = "%s record=%s all=%s" % (make.__name__, record, monitor_all)
                found[key] = watched(mx, block, inputs, record, monitor_all)
    found.update({"nests: " + k: v for k, v in nests(mx).items()})
    for op, case in sorted(cases().items()):
        if op in LEFT_OUT or "update" in op or op.startswith("_linalg") or not any(spec.inputs_of(case)):
            continue
        if names is not None and op not in names:
            continue
        block, inputs, fits = operator_net(mx, op, case)
        if fits:
            found[op] = watched(mx, block, inputs, True, True)
    return found


if __name__ == "__main__":
    import mxnet

    write("symbol_monitor", results(mxnet))
