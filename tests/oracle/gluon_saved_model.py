"""Writes tests/golden/gluon_saved_model.json: ``Block.save`` and ``Block.load`` of MXNet.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_saved_model
"""

import json

from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.scenario import write


def made(mx, prefix, units=2, plain=False):
    nn = mx.gluon.nn

    class Net(mx.gluon.Block):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.body = (nn.Sequential if plain else nn.HybridSequential)()
                with self.body.name_scope():
                    self.body.add(nn.Dense(units, in_units=2, activation="relu"), nn.Dense(2, in_units=units))
                self.head = nn.Dense(1, in_units=2)
                self.w = self.params.get("w", shape=(1,), init="ones")

        def forward(self, x):
            return self.head(self.body(x)) * self.w.data()

    return Net(prefix=prefix)


def structure(prefix):
    """The JSON file, in order, with the graphs' names and operators in place of their text."""
    with open(prefix + "-model.json") as file:
        return json.dumps(_short(json.load(file)))


def _short(entry):
    if isinstance(entry, str) and entry.startswith("{"):
        return [[n["op"], n["name"]] for n in json.loads(entry)["nodes"]]
    if isinstance(entry, dict):
        return {k: _short(v) for k, v in entry.items()}
    return [_short(v) for v in entry] if isinstance(entry, list) else entry


def plain(mx, put):
    x = mx.nd.array([[1.0, -2.0]])
    net = made(mx, "a_")
    put("not initialised", attempt(net.save, "none"))
    net.initialize(mx.init.Uniform(1))
    put("save", [attempt(net.save, "net"), structure("net"), sorted(mx.nd.load("net-model.params"))])
    other = made(mx, "b_")
    put("load", [attempt(other.load, "net"), other(x), net(x)])
    put("names", [other.name, other.prefix, list(other.collect_params().keys()), [c.name for c in other.body]])
    put("saved again", [attempt(other.save, "again"), structure("again")])
    put("no such file", kind(other.load, "nothing"))
    put("other class", kind(mx.gluon.nn.Dense(1, in_units=2).load, "net"))
    put("other children", kind(made(mx, "c_", plain=True).load, "net"))
    put("other shape", kind(made(mx, "d_", units=3).load, "net"))
    more = made(mx, "e_")
    more.more = mx.gluon.nn.Dense(1, in_units=1)
    put("more children", kind(more.load, "net"))
    deferred = mx.gluon.nn.HybridSequential(prefix="f_")
    deferred.add(mx.gluon.nn.Dense(1))
    deferred.initialize()
    put("deferred", kind(deferred.save, "deferred"))
    known = mx.gluon.nn.HybridSequential(prefix="g_")
    known.add(mx.gluon.nn.Dense(1, in_units=3, prefix="g_one_"))
    known.initialize(mx.init.One())
    known.save("known")
    put("into a deferred one", [attempt(deferred.load, "known"), deferred(mx.nd.ones((1, 3)))])


def hybridized(mx, put):
    x = mx.nd.array([[1.0, -2.0]])
    net = made(mx, "a_")
    net.initialize(mx.init.Uniform(1))
    net.hybridize()
    net.save("early")
    put("hybridized, not run", structure("early"))
    wanted = net(x)
    net.save("net")
    put("hybridized and run", structure("net"))
    other = made(mx, "b_")
    put("load", [attempt(other.load, "net"), other(x), wanted])
    put("active", [other.body._active, other.head._active, other.body[0]._active])
    early = made(mx, "c_")
    early.load("early")
    put("active, not run", [early.body._active, early(x)])
    nested = mx.gluon.nn.HybridLambda(lambda F, a, b: [a + b[0], [b[1]]], prefix="l_")
    nested.hybridize()
    nested(x, [x, x])
    nested.save("nested")
    put("nested", structure("nested"))


PARTS = [plain, hybridized]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_saved_model", check_complete(results(mxnet)))
