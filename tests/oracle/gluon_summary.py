"""Writes tests/golden/gluon_summary.json: the tables that MXNet's Block.summary prints.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_summary
"""

from tests.oracle.gluon_common import check_complete, collect, kind, printed
from tests.oracle.scenario import write


def summaries(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Conv2D(4, 3, activation="relu"), nn.BatchNorm(), nn.MaxPool2D(2), nn.Flatten(), nn.Dropout(0.5))
        inner = nn.HybridSequential()
        with inner.name_scope():
            inner.add(nn.Dense(5), nn.Dense(3, use_bias=False))
        net.add(inner)
    x = mx.nd.ones((2, 3, 8, 8))
    put("not initialised", kind(net.summary, x))
    net.initialize()
    net(x)  # while shapes are deferred, MXNet prints rows of symbols too
    put("nested", printed(net.summary, x))
    put("again", printed(net.summary, x))
    net.hybridize()
    put("hybridized", printed(net.summary, x))
    one = nn.Dense(2, in_units=3, prefix="one_")
    one.initialize()
    put("one layer", printed(one.summary, mx.nd.ones((1, 3))))
    one.collect_params().setattr("grad_req", "null")
    put("frozen", printed(one.summary, mx.nd.ones((1, 3))))
    shared = nn.Sequential(prefix="shared_")
    with shared.name_scope():
        first = nn.Dense(3, in_units=3)
        shared.add(first, nn.Dense(3, in_units=3, params=first.params))
    shared.initialize()
    put("shared", printed(shared.summary, mx.nd.ones((2, 3))))

    class Two(gluon.Block):
        def __init__(self, **kwargs):
            super(Two, self).__init__(**kwargs)
            with self.name_scope():
                self.left = nn.Dense(2, flatten=False)
                self.right = nn.Dense(2, flatten=False)
                self.scale = self.params.get("scale", shape=(1,))

        def forward(self, a, b):
            return [self.left(a), [self.right(b[0]), b[1]]]

    two = Two(prefix="two_")
    two.initialize()
    put("several inputs", printed(two.summary, mx.nd.ones((1, 2)), [mx.nd.ones((3, 4, 5)), mx.nd.ones((1,))]))
    put("wrong input", kind(one.summary, mx.nd.ones((1, 4))))
    put("hooks are gone", [len(one._forward_hooks), len(net._forward_hooks)])
    parent = nn.Sequential(prefix="parent_")
    hybrid = nn.Dense(2, in_units=3)
    parent.add(hybrid)
    parent.initialize()
    parent.hybridize()
    put("hybridized child", printed(parent.summary, mx.nd.ones((1, 3))))


def structures(mx, put):
    """Inputs and outputs of every structure; layers of every kind."""
    gluon, nn = mx.gluon, mx.gluon.nn

    class Any(gluon.Block):
        def __init__(self, function, *children, **kwargs):
            super(Any, self).__init__(**kwargs)
            self.function = function
            for i, child in enumerate(children):
                setattr(self, "child%d" % i, child)

        def forward(self, *args):
            return self.function(self, *args)

    a, b, c = mx.nd.ones((2, 3)), mx.nd.ones((4,)), mx.nd.ones((1, 1, 5))

    def table(function, *inputs):
        return printed(Any(function, prefix="any_").summary, *inputs)

    put("tuple out", table(lambda net, x: (x, x), a))
    put("list out", table(lambda net, x: [x, x], a))
    put("nested out", table(lambda net, x, y: [x, [y, (x, [y])]], a, b))
    put("list of one", table(lambda net, x: [x], a))
    put("nested list of one", table(lambda net, x: [[x]], a))
    put("None out", table(lambda net, x: None, a))
    put("None inside", table(lambda net, x: [x, None], a))
    put("number out", table(lambda net, x: 3, a))
    put("text out", table(lambda net, x: "text", a))
    put("empty out", table(lambda net, x: [], a))
    put("dict out", table(lambda net, x: {"a": x}, a))
    put("list in", table(lambda net, x: x[0], [a, b]))
    put("tuple in", table(lambda net, x: x[0], (a, (b, c))))
    put("two in", table(lambda net, x, y: x, a, b))
    put("None in", table(lambda net, x, y: x, a, None))
    put("None in a list", table(lambda net, x: x[0], [a, None]))
    put("number in", table(lambda net, x, y: x, a, 3))
    put("nothing in", printed(Any(lambda net: a, prefix="any_").summary))
    put("list of one in", table(lambda net, x: x[0], [a]))
    put("scalar", table(lambda net, x: x.sum(), a))
    put("long", table(lambda net, *xs: list(xs), *[mx.nd.ones((10, 20, 30, 40))] * 4))
    relu = nn.Activation("relu", prefix="relu_")
    dense = nn.Dense(3, in_units=3, prefix="dense_", activation="tanh")
    dense.initialize()
    net = Any(lambda net, x: net.child1(net.child0(x)), relu, dense, prefix="net_")
    put("activation inside", printed(net.summary, a))
    put("of a child", printed(net.child1.summary, a))

    class VeryLongClassNameThatDoesNotFitIntoTheColumn(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(VeryLongClassNameThatDoesNotFitIntoTheColumn, self).__init__(**kwargs)
            with self.name_scope():
                self.w = self.params.get("w", shape=(2000, 3000), init="zeros")
                self.frozen = self.params.get("frozen", shape=(7,), grad_req="null", init="zeros")
                self.c = self.params.get_constant("c", [1.0, 2.0])

        def hybrid_forward(self, F, x, w, frozen, c):
            return x

    long = nn.HybridSequential(prefix="long_")
    long.add(VeryLongClassNameThatDoesNotFitIntoTheColumn(), nn.Dropout(0.5), nn.HybridLambda("relu"))
    long.initialize()
    put("long names, frozen, constant", printed(long.summary, a))
    tied = nn.HybridSequential(prefix="tied_")
    with tied.name_scope():
        first = nn.Dense(3, in_units=3)
        tied.add(first, nn.Dense(3, in_units=3, params=first.params), nn.Dense(3, in_units=3, params=first.params))
        tied.add(nn.BatchNorm(in_channels=3), gluon.nn.Embedding(4, 2))
    tied.initialize()
    put("tied", printed(tied.summary, mx.nd.ones((1, 3))))
    tied.collect_params(".*weight").setattr("grad_req", "null")
    put("tied and frozen", printed(tied.summary, mx.nd.ones((1, 3))))
    half = nn.Dense(2, in_units=3)
    half.cast("float64")
    half.initialize()
    put("float64", printed(half.summary, a.astype("float64")))
    deep = nn.Sequential(prefix="deep_")
    inside = deep
    for i in range(3):
        inside.add(nn.Dense(i + 1, in_units=3 if i == 0 else i, prefix="d%d_" % i), nn.Sequential(prefix="s%d_" % i))
        inside = inside[1]
    deep.initialize()
    put("deep", printed(deep.summary, mx.nd.ones((2, 3))))
    own = Any(lambda net, x: net.child0(x), nn.HybridSequential(prefix="hs_"), prefix="own_")
    own.child0.add(nn.Dense(2, in_units=3, prefix="q_"))
    own.initialize()
    put("Sequential in a Block", printed(own.summary, a))
    put("empty Sequential", printed(nn.Sequential().summary, a))
    data = mx.sym.var("data")
    symbolic = gluon.SymbolBlock(mx.sym.FullyConnected(data, num_hidden=2, name="fc"), data)
    symbolic.initialize()
    symbolic(a)
    put("loss", printed(gluon.loss.L2Loss(prefix="l_").summary, a, a))
    hooked = nn.Dense(2, in_units=3, prefix="h_")
    hooked.initialize()
    seen = []
    hooked.register_forward_hook(lambda *args: seen.append(1))
    put("with a hook", [printed(hooked.summary, a), seen])
    failing = Any(lambda net, x: 1 / 0, nn.Dense(1, in_units=1), prefix="f_")
    put("error inside", [printed(failing.summary, a), len(failing._forward_hooks), len(failing.child0._forward_hooks)])
    active = nn.HybridSequential(prefix="a_")
    active.add(nn.Dense(1, in_units=3, prefix="b_"))
    active.initialize()
    active.hybridize()
    put("refused", [printed(active.summary, a), len(active._forward_hooks), len(active[0]._forward_hooks)])
    active.hybridize(False)
    put("not any more", printed(active.summary, a))
    active[0].hybridize()
    put("refused for a child", [printed(active.summary, a), len(active[0]._forward_hooks)])


PARTS = [summaries, structures]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_summary", check_complete(results(mxnet)))
