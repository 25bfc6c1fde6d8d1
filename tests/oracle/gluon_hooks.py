"""Writes tests/golden/gluon_hooks.json: hooks of MXNet's Blocks, and what calls of Blocks accept.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_hooks
"""

import copy
import gc

from tests.oracle.gluon_common import attempt, check_complete, collect, kind, warned
from tests.oracle.scenario import write


def text(name):
    """MXNet passes op hooks names as bytes."""
    return name.decode() if isinstance(name, bytes) else name


def what(mx, value):
    """Shapes of arrays, names of symbols' class, nested."""
    if isinstance(value, (list, tuple)):
        return [type(value).__name__] + [what(mx, v) for v in value]
    if isinstance(value, mx.sym.Symbol):
        return "Symbol"
    return list(value.shape) if isinstance(value, mx.nd.NDArray) else repr(value)


def forward(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn
    seen = []

    def pre(tag):
        return lambda block, inputs: seen.append([tag, block.name, what(mx, inputs)])

    def post(tag):
        return lambda block, inputs, out: seen.append([tag, block.name, what(mx, inputs), what(mx, out)])

    def ran(function, *args):
        del seen[:]
        found = attempt(function, *args)
        return [list(seen), found["raises"] if isinstance(found, dict) and "raises" in found else None]

    class Two(gluon.Block):
        def forward(self, a, b=None, *rest):
            return a, [b, list(rest)]

    x = mx.nd.ones((2, 3))
    two = Two(prefix="two_")
    put("returned", [type(two.register_forward_hook(post("a"))).__name__,
                     type(two.register_forward_pre_hook(pre("b"))).__name__])  # fmt: skip
    put("arguments", ran(two, x, None, x, [x, (x,)]))
    put("one argument", ran(two, x))
    put("no argument", ran(two))
    put("wrong arity", ran(lambda: nn.Dense(1)(x, x, x)))
    handle = two.register_forward_hook(post("c"))
    put("handle", [len(two._forward_hooks), handle.detach(), len(two._forward_hooks), handle.detach()])
    with two.register_forward_pre_hook(pre("d")) as given:
        put("with", [type(given).__name__, ran(two, x)])
    put("after with", ran(two, x))

    def fails():
        with two.register_forward_pre_hook(pre("e")):
            raise KeyError("x")

    put("error in with", [kind(fails), len(two._forward_pre_hooks)])
    same = post("same")
    first, second = two.register_forward_hook(same), two.register_forward_hook(same)
    put("one function twice", [len(two._forward_hooks), ran(two, x)])
    first.detach()
    put("one of them detached", ran(two, x))
    second.detach()
    put("no function", kind(two.register_forward_hook, 3))
    put("called", kind(two, x))
    two = Two(prefix="two_")

    def adds(block, inputs):
        seen.append("adds")
        block.register_forward_hook(post("added"))

    added = two.register_forward_pre_hook(adds)
    put("hook that adds", [ran(two, x), ran(two, x)])
    added.detach()
    two = Two(prefix="two_")
    own = []
    own.append(two.register_forward_hook(lambda *args: own[0].detach()))
    put("hook that detaches itself", [kind(two, x), len(two._forward_hooks)])

    def stops(block, *args):
        raise KeyError("stop")

    two = Two(prefix="two_")
    two.register_forward_hook(post("before"))
    two.register_forward_hook(stops)
    two.register_forward_hook(post("after"))
    put("error in a hook", ran(two, x))
    two = Two(prefix="two_")
    two.register_forward_pre_hook(stops)
    two.register_forward_hook(post("never"))
    put("error in a pre-hook", ran(two, x))
    two = Two(prefix="two_")

    def changes(block, inputs):
        inputs[0][:] = 5
        return (mx.nd.zeros((1,)),)

    two.register_forward_pre_hook(changes)
    two.register_forward_hook(lambda block, inputs, out: 7)
    y = mx.nd.ones((2,))
    put("in place", [what(mx, two(y)), y])
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        relu = nn.Activation("relu")
        net.add(nn.Dense(2, in_units=3), relu, nn.Dense(2, in_units=2), relu)
    net.initialize()
    for child in net:
        child.register_forward_hook(post("child"))
        child.register_forward_pre_hook(pre("child"))
    relu.register_forward_hook(post("relu"))
    put("used twice", ran(net, x))
    put("symbols", ran(net, mx.sym.var("data")))
    put("recorded", ran(_recorded, mx, net, x))
    net.hybridize()
    put("hybridized, first", ran(net, x))
    put("hybridized, then", ran(net, x))
    net.register_forward_hook(post("net"))
    put("hybridized parent", [ran(net, x), ran(net, mx.sym.var("data"))])
    net.hybridize(False)
    put("not any more", ran(net, x))
    late = nn.HybridSequential(prefix="late_")
    late.add(nn.Dense(2, prefix="a_"), nn.Dense(1, prefix="b_"))
    late.initialize()
    for block in (late, late[0], late[1]):
        block.register_forward_hook(post("late"))
    put("known shapes", [ran(late, x) and None, ran(late, x)])
    net = nn.Sequential(prefix="s_")
    net.add(nn.Dense(2, in_units=3, prefix="a_"), nn.HybridSequential(prefix="b_"))
    net[1].add(nn.Dense(1, in_units=2, prefix="c_"))
    net.initialize()
    net.hybridize()
    for block in (net, net[0], net[1], net[1][0]):
        block.register_forward_hook(post("nest"))
    put("in a plain Sequential", [ran(net, x)[0][-3:], ran(net, x)])
    twin = copy.deepcopy(two)
    put("copies have them", [len(twin._forward_hooks), len(twin._forward_pre_hooks), twin._forward_hooks is
                             two._forward_hooks])  # fmt: skip
    gone = Two(prefix="gone_")
    kept = gone.register_forward_hook(post("gone"))
    del gone
    gc.collect()
    put("detached after its Block", attempt(kept.detach))
    put("handle's state", len(kept.__getstate__()))
    loss = gluon.loss.L2Loss(prefix="l_")
    loss.register_forward_hook(post("loss"))
    put("loss", ran(loss, x, x))


def _recorded(mx, net, x):
    with mx.autograd.record():
        out = net(x).sum()
    out.backward()


def operators(mx, put):
    """``register_op_hook``."""
    nn = mx.gluon.nn
    seen = []

    def hook(name, op, array):
        seen.append([text(name), text(op)])

    def made(prefix, plain=False):
        net = (nn.Sequential if plain else nn.HybridSequential)(prefix=prefix)
        with net.name_scope():
            net.add(nn.Dense(2, in_units=2, activation="relu"), nn.HybridSequential())
            net[1].add(nn.Dense(1, in_units=2, prefix="last_"))
        net.initialize()
        return net

    def ran(net):
        del seen[:]
        found = kind(net, mx.nd.ones((1, 2)))
        return [list(seen), found.get("raises")]

    net = made("n_")
    put("returns", attempt(net.register_op_hook, hook))
    put("not hybridized", ran(net))
    net.hybridize()
    put("hybridized", [ran(net), ran(net)])
    net = made("m_")
    net.hybridize()
    ran(net)
    net.register_op_hook(hook, monitor_all=True)
    put("registered later", [ran(net), ran(net)])
    net = made("p_", plain=True)
    net.register_op_hook(hook)
    put("plain parent", ran(net))
    net.hybridize()
    put("plain parent, hybridized", ran(net))
    net = made("c_")
    net[0].register_op_hook(hook)
    net.hybridize()
    put("on a child of a hybridized", ran(net))
    net.hybridize(False)
    net[0].hybridize()
    put("on a hybridized child", ran(net))
    net = made("k_")
    net.hybridize()
    net.register_op_hook(hook, True)
    put("positional", ran(net))
    put("no function", kind(made("q_").register_op_hook, 3))


def calls(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn
    x = mx.nd.ones((1, 2))

    class Keyword(gluon.Block):
        def forward(self, x, scale=2):
            return x * scale

    class Hybrid(gluon.HybridBlock):
        def hybrid_forward(self, F, x, scale=2):
            return x * scale

    class Values(gluon.Block):
        def forward(self, *args):
            return [what(mx, a) for a in args]

    class Call(gluon.Block):
        def __call__(self, x, times=1):
            return [super(Call, self).__call__(x) for _ in range(times)]

        def forward(self, x):
            return x + 1

    put("default", [Keyword()(x), Keyword()(x, 3), Hybrid()(x), Hybrid()(x, 5)])
    put("keyword", [kind(lambda: Keyword()(x, scale=3)), kind(lambda: Hybrid()(x, scale=3)),
                    kind(lambda: Keyword()(x=x))])  # fmt: skip
    put("forward itself takes them", [Keyword().forward(x, scale=3)])
    put("any values", Values()(1, "a", None, [x, 2], {"k": 1}, x))
    put("own __call__", Call()(x, times=2))
    put("forward of a Block", [kind(gluon.Block(), x), kind(gluon.Block().forward)])
    put("forward of a HybridBlock", [kind(gluon.HybridBlock(), x), kind(gluon.HybridBlock(), mx.sym.var("x"))])
    put("hybrid_forward", kind(gluon.HybridBlock().hybrid_forward, mx.nd, x))
    put("no arguments", [kind(nn.Dense(1)), kind(nn.Sequential()), kind(nn.HybridSequential())])
    put("empty containers", [kind(nn.Sequential(), x), kind(nn.HybridSequential(), x)])
    put("wrong values", [attempt(nn.Dense(1), v) for v in (None, 3, "a", [1], {})])
    put("not initialised", [attempt(nn.Dense(2, prefix="d_"), x), attempt(nn.Dense(2, in_units=2, prefix="d_"), x)])
    put("list into Sequential", kind(nn.Sequential(), [x, x]))
    several = nn.HybridSequential()
    several.add(nn.HybridLambda(lambda F, x, *rest: [x] + list(rest)), nn.HybridLambda(lambda F, xs, *rest: xs[0]))
    put("several into a HybridSequential", kind(several, x, x))
    put("summary", kind(gluon.Block().summary))
    put("arguments of the class", [kind(gluon.Block, "p_", None, 3), kind(gluon.Block, name="x"),
                                   gluon.Block("p_").prefix])  # fmt: skip
    put("hybridize's arguments", [kind(gluon.Block().hybridize, True, foo=3), kind(nn.Dense(1).hybridize, False)])
    put("cast", [attempt(gluon.Block().cast, "float16"), attempt(nn.Dense(1).cast, "float64")])

    class Caster(gluon.Block):
        def __init__(self, **kwargs):
            super(Caster, self).__init__(**kwargs)
            self.seen = []

        def cast(self, dtype):
            self.seen.append(str(dtype))
            super(Caster, self).cast(dtype)

        def hybridize(self, active=True, **kwargs):
            self.seen.append(["hybridize", active, sorted(kwargs)])
            super(Caster, self).hybridize(active, **kwargs)

        def forward(self, x):
            return x

    outer = nn.Sequential()
    outer.add(Caster(), nn.Dense(1))
    outer.cast("float64")
    outer.hybridize()
    outer.hybridize(False)
    outer.hybridize(static_alloc=True, static_shape=True)
    outer.hybridize(True, inline_limit=3)
    put("recursion", outer[0].seen)
    put("hybridized children", [c._active for c in outer if hasattr(c, "_active")])
    hybrids = nn.HybridSequential()
    hybrids.add(nn.Dense(1), nn.HybridSequential())
    hybrids[1].add(nn.Dense(2))
    found = []
    for active in (True, False, 1, 0):
        hybrids.hybridize(active)
        found.append([bool(b._active) for b in (hybrids, hybrids[0], hybrids[1], hybrids[1][0])])
    put("active", found)
    hybrids[0].hybridize()
    put("one child", [b._active for b in (hybrids, hybrids[0], hybrids[1])])
    put("all hybrid children", warned(outer[1:].hybridize))
    put("no children", warned(nn.Sequential().hybridize))


PARTS = [forward, operators, calls]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_hooks", check_complete(results(mxnet)))
