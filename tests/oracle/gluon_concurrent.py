"""Writes tests/golden/gluon_concurrent.json: MXNet's Concurrent, HybridConcurrent and Identity.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_concurrent
"""

import warnings

from tests.oracle.scenario import attempt, write


def results(mx):
    nn, contrib = mx.gluon.nn, mx.gluon.contrib.nn
    x = mx.nd.arange(8).reshape((2, 4))
    found = {}

    def put(name, value):
        found[name] = value

    def build(kind, axis, **kwargs):
        with mx.name.NameManager():
            net = kind(axis, **kwargs)
            with net.name_scope():
                net.add(nn.Dense(3, activation="relu"), contrib.Identity())
                net.add(nn.Dense(2, weight_initializer="ones"))
        return net

    for kind in (contrib.Concurrent, contrib.HybridConcurrent):
        name = kind.__name__
        net = build(kind, 1)
        put(name + " looks", [repr(net), net.name, net.axis, len(net), list(net.collect_params()), repr(net[1])])
        put(name + " default", [kind().axis, repr(kind(prefix="side_")), kind(prefix="side_").prefix])
        net.initialize(mx.init.One())
        x.attach_grad()
        with mx.autograd.record():
            out = net(x)
        out.backward()
        put(name + " runs", [out.asnumpy().tolist(), x.grad.asnumpy().tolist()])
        put(name + " last axis", attempt(lambda net=net: net(x.reshape((2, 1, 4)))))
        put(name + " slice", [repr(net[1:]), list(net[:2].collect_params()), net[1:](x).asnumpy().tolist()])
        put(name + " empty", attempt(lambda kind=kind: kind()(x)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            net.hybridize()
        put(name + " hybridized", net(x).asnumpy().tolist())
        rows = kind(axis=0)
        rows.add(contrib.Identity(), (nn.Lambda if kind is contrib.Concurrent else nn.HybridLambda)("negative"))
        put(name + " rows", rows(x).asnumpy().tolist())
        put(name + " do not fit", attempt(lambda kind=kind: build(kind, 0).initialize() or build(kind, 0)(x)))
    with mx.name.NameManager():
        put("symbol", build(contrib.HybridConcurrent, 1, prefix="net_")(mx.sym.var("data")).tojson())
    identity = contrib.Identity(prefix="same_")
    put("Identity", [repr(identity), identity.name, identity(x) is x, identity(mx.sym.var("data")).tojson()])
    identity.hybridize()
    put("Identity hybridized", [identity(x).asnumpy().tolist(), identity(x) is x])
    return found


if __name__ == "__main__":
    import mxnet

    write("gluon_concurrent", results(mxnet))
