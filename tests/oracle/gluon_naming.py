"""Writes tests/golden/gluon_naming.json: how MXNet names Blocks and Parameters, in every kind of scope.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_naming
"""

import copy
import threading

from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.scenario import write


def names_of(net):
    """Prefix, own and collected names, and the same of the children."""
    return [
        net.prefix, net.name, net.params.prefix, list(net.params.keys()), list(net.collect_params().keys()),
        [names_of(c) for c in net._children.values()],
    ]  # fmt: skip


def prefixes(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn

    class Net(gluon.HybridBlock):
        def __init__(self, inner=None, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.a = nn.Dense(2, in_units=2, prefix=inner)
                self.b = nn.Dense(2, in_units=2, prefix=inner)
                self.w = self.params.get("w", shape=(2,))

    for prefix in (None, "", "x", "x_", "x__", "_", "a/b:", "9"):
        put("prefix %r" % (prefix,), names_of(nn.Dense(2, in_units=1, prefix=prefix)))
        put("net of prefix %r" % (prefix,), names_of(Net(prefix=prefix)))
        put("children of prefix %r" % (prefix,), attempt(lambda: names_of(Net(inner=prefix))))
    put("prefix of a number", kind(nn.Dense, 2, prefix=3))
    put("prefix of bytes", kind(nn.Dense, 2, prefix=b"x"))
    outer = nn.HybridSequential(prefix="")
    with outer.name_scope():
        middle = nn.HybridSequential()
        with middle.name_scope():
            bare = nn.HybridSequential(prefix="")
            with bare.name_scope():
                bare.add(nn.Dense(1), nn.Dense(1))
            middle.add(bare, nn.Dense(1))
        outer.add(middle, nn.Dense(1))
    put("empty prefixes between", names_of(outer))
    outside = nn.HybridSequential(prefix="out_")
    outside.add(nn.Dense(1), nn.Dense(1))
    put("outside of the scope", names_of(outside))
    again = nn.HybridSequential(prefix="again_")
    for _ in range(2):
        with again.name_scope():
            again.add(nn.Dense(1))
    put("scope entered twice", names_of(again))
    put("the scope given", again.name_scope() is again._scope)
    with again.name_scope() as given:
        put("as", [given is again._scope, type(given).__name__])

    def fails():
        with again.name_scope():
            raise KeyError("x")

    put("an exception inside", [kind(fails), nn.Dense(1).prefix])
    with again.name_scope():
        with outside.name_scope():
            put("scope of another", [nn.Dense(1).prefix, nn.Dense(1, prefix="y_").params.prefix])
        put("back", nn.Dense(1).prefix)
    put("losses", [gluon.loss.L2Loss().name, gluon.loss.SoftmaxCELoss().prefix, gluon.loss.L2Loss(prefix="l_").prefix])
    put("constants", [nn.Dense(1).prefix, nn.Lambda("relu").prefix, nn.Flatten().prefix])
    with again.name_scope():
        put("a Parameter of its own", [gluon.Parameter("w").name, gluon.ParameterDict("p_").get("w").name])
        put("variables", [mx.sym.var("v").name, mx.sym.relu(mx.sym.var("v")).name, (mx.sym.var("v") + 1).name])

    class Deep(gluon.Block):
        def __init__(self, depth, **kwargs):
            super(Deep, self).__init__(**kwargs)
            with self.name_scope():
                self.fc = nn.Dense(1, in_units=1)
                if depth:
                    self.child = Deep(depth - 1)
                    self.other = Deep(0)

    put("deep", names_of(Deep(3)))
    put("read only", [kind(setattr, again, "prefix", "x_"), kind(setattr, again, "name", "x")])

    class Listed(gluon.Block):
        def __init__(self, **kwargs):
            super(Listed, self).__init__(**kwargs)
            self.layers = []
            with self.name_scope():
                for i in range(3):
                    layer = nn.Dense(1, in_units=i + 1)
                    setattr(self, "fc%d" % i, layer)
                    self.layers.append(layer)

    put("loop", names_of(Listed()))
    put("after all", [nn.Dense(1).prefix, Deep(0).prefix, Listed().prefix])


def classes(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn
    bases = {"Plain": gluon.Block, "Hybrid": gluon.HybridBlock}
    for name in ("A", "CamelCase", "With_Underscore_", "_Private", "HTTPNet2", "x9"):
        for base in sorted(bases):
            made = type(name, (bases[base],), {})
            put("%s %s" % (base, name), [made().prefix, made().prefix, made(prefix="p_").name])

    class Aliased(nn.Dense):
        def _alias(self):
            return "Alias_Of"

    put("alias", [Aliased(1).prefix, Aliased(1, prefix="q").name, Aliased(1)._alias()])
    put("of a layer's child", nn.Dense(1, activation="relu").act.prefix)
    put("convolution's child", nn.Conv2D(1, 1, activation="relu").act.name)

    class NoSuper(gluon.Block):
        def __init__(self):
            pass

    bare = NoSuper()
    put("no super().__init__", [kind(lambda: bare.prefix), kind(bare.collect_params), kind(repr, bare)])


def managers(mx, put):
    nn = mx.gluon.nn

    def two():
        return [nn.Dense(1).prefix, nn.Dense(1).prefix, nn.Conv2D(1, 1).prefix]

    put("global", two())
    with mx.name.NameManager():
        put("new", two())
        with mx.name.NameManager():
            put("newer", two())
        put("new again", two())
    put("global again", two())
    with mx.name.Prefix("p_"):
        put("prefix", two())
        with mx.name.Prefix("q_"):
            put("prefix in a prefix", two())
        net = nn.HybridSequential()
        with net.name_scope():
            net.add(nn.Dense(1), nn.Dense(1))
        put("net in a prefix", names_of(net))
        named = nn.HybridSequential(prefix="n_")
        with named.name_scope():
            named.add(nn.Dense(1))
        put("named net in a prefix", names_of(named))
    with net.name_scope():
        with mx.name.NameManager():
            put("manager in a scope", [nn.Dense(1).prefix, mx.sym.relu(mx.sym.var("a")).name])
        with mx.name.Prefix("r_"):
            put("prefix in a scope", [nn.Dense(1).prefix, mx.sym.relu(mx.sym.var("a")).name])
        put("symbols in a scope", [mx.sym.relu(mx.sym.var("a")).name, mx.sym.relu(mx.sym.var("a"), name="z").name])

    class Loud(mx.name.NameManager):
        def get(self, name, hint):
            return (name or hint).upper()

    with Loud():
        put("my own manager", [nn.Dense(1).prefix, nn.Dense(1, prefix="x_").prefix, names_of(_net(mx))])
    put("symbols", [mx.sym.relu(mx.sym.var("a")).name, nn.Activation("relu")(mx.sym.var("a")).name])
    put("a Block's names count in no symbol", [nn.Dense(1).prefix, mx.sym.Dropout(mx.sym.var("a")).name])
    put("shared counters", [nn.Dropout(0.5).prefix, mx.sym.Dropout(mx.sym.var("a")).name, nn.Dropout(0.5).prefix])


def _net(mx, prefix=None):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(2, in_units=2), nn.Dense(1, in_units=2, activation="relu"))
    return net


def models(mx, put):
    """Several models in one process, copies, sharing."""
    nn = mx.gluon.nn
    first, second = _net(mx), _net(mx)
    put("two models", [names_of(first), names_of(second)])
    put("two models of one prefix", [names_of(_net(mx, "m_")), names_of(_net(mx, "m_"))])
    twin = copy.deepcopy(first)
    put("copy", names_of(twin))
    for net in (twin, first):
        with net.name_scope():
            net.add(nn.Dense(3, in_units=1))
    put("added to the copy", [names_of(twin), names_of(first)])
    put("copies of a child", names_of(copy.deepcopy(first[1])))
    first.initialize()
    twin = copy.deepcopy(first)
    put("copy of an initialised one", [names_of(twin), names_of(_net(mx))])
    shallow = copy.copy(first)
    put("shallow copy", [names_of(shallow), shallow[0] is first[0], shallow.params is first.params])
    shared = nn.HybridSequential(params=first.params)
    with shared.name_scope():
        shared.add(nn.Dense(2, in_units=2), nn.Dense(1, in_units=2))
    put("params= of a net that has none of its own", names_of(shared))
    shared = nn.HybridSequential(prefix=first.prefix, params=first.collect_params())
    with shared.name_scope():
        shared.add(nn.Dense(2, in_units=2), nn.Dense(1, in_units=2), nn.Dense(3, in_units=1), nn.Dense(7, in_units=7))
    put("params= and prefix", [names_of(shared), shared[0].weight is first[0].weight])
    tied = nn.HybridSequential()
    with tied.name_scope():
        encoder = nn.Dense(3, in_units=3, prefix="enc_")
        tied.add(encoder, nn.Dense(3, in_units=3, params=encoder.params, prefix="dec_"))
        tied.add(nn.Dense(3, in_units=3, params=encoder.collect_params()))
    put("tied", [names_of(tied), tied[1].weight is encoder.weight, tied[2].bias is encoder.bias])
    part = nn.Dense(3, in_units=3, params=mx.gluon.ParameterDict("own_"))
    put("params= of an empty dict", names_of(part))
    some = mx.gluon.ParameterDict("some_")
    some.get("weight", shape=(3, 3))
    put("params= of a dict with a part", [names_of(nn.Dense(3, in_units=3, params=some)), list(some.keys())])
    put("what it says of itself", [str(nn.Dense(3, in_units=3, params=some).params), repr(some)])
    put("params= of no ParameterDict", [kind(nn.Dense, 3, params=3), kind(nn.Dense, 3, params={})])
    chained = nn.Dense(2, in_units=2, params=nn.Dense(2, in_units=2, params=first[0].params).params)
    put("params= of params=", [names_of(chained), chained.weight is first[0].weight])
    with second.name_scope():
        inside = nn.Dense(2, in_units=2, params=first[0].params)
    put("params= inside another's scope", [names_of(inside), inside.weight is first[0].weight])


def threads(mx, put):
    nn = mx.gluon.nn

    def run(function):
        found = []
        thread = threading.Thread(target=lambda: found.append(attempt(function)))
        thread.start()
        thread.join()
        return found[0]

    put("here", [nn.Dense(1).prefix, nn.Dense(1).prefix])
    put("in a thread", run(lambda: [nn.Dense(1).prefix, nn.Dense(1).prefix, names_of(_net(mx))]))
    put("in another", run(lambda: [nn.Dense(1).prefix]))
    put("here again", nn.Dense(1).prefix)
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Dense(1))
        put("in a thread inside a scope", run(lambda: [nn.Dense(1).prefix, mx.sym.relu(mx.sym.var("a")).name]))
        put("in the scope again", nn.Dense(1).prefix)

    def use():
        with net.name_scope():
            return [nn.Dense(1).prefix, mx.sym.relu(mx.sym.var("a")).name]

    put("its scope in a thread", run(use))
    put("its scope here", use())
    with mx.name.Prefix("p_"):
        put("a Prefix is the thread's own", run(lambda: nn.Dense(1).prefix))
    both, barrier = {}, threading.Barrier(2)

    def build(number):
        with mx.name.NameManager():
            found = []
            for _ in range(3):
                net = nn.HybridSequential()
                barrier.wait()
                with net.name_scope():
                    for _ in range(4):
                        barrier.wait()
                        net.add(nn.Dense(1, in_units=1))
                        barrier.wait()
                found.append(names_of(net))
            both[number] = found

    together = [threading.Thread(target=build, args=(i,)) for i in range(2)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    put("two threads at once", [both[0], both[0] == both[1]])


def current(mx, put):
    """What scripts do to name their second model as the first."""
    nn = mx.gluon.nn
    nn.Dense(1)
    put("counting", nn.Dense(1).prefix)
    mx.name.NameManager._current.value = mx.name.NameManager()
    put("a new manager put there", nn.Dense(1).prefix)
    mx.name.NameManager._current.value._counter.clear()
    put("counters cleared", nn.Dense(1).prefix)
    put("what is current", type(mx.name.NameManager.current).__name__)
    put("its counters", dict(mx.name.NameManager._current.value._counter))
    net = nn.HybridSequential()
    with net.name_scope():
        nn.Dense(1)
        put("a Block's counters", net._scope._counter)
        net._scope._counter.clear()
        put("cleared", nn.Dense(1).prefix)
        put("the current scope", [type(mx.gluon.block._BlockScope._current.value).__name__,
                                  mx.gluon.block._BlockScope._current.value is net._scope])  # fmt: skip
    created = mx.gluon.block._BlockScope.create(None, None, "hint")
    put("create", [created[0], type(created[1]).__name__, created[1].prefix])
    put("create with a prefix", mx.gluon.block._BlockScope.create("p_", None, "hint")[0])


PARTS = [prefixes, classes, managers, models, threads, current]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_naming", check_complete(results(mxnet)))
