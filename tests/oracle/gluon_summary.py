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


PARTS = [summaries]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_summary", check_complete(results(mxnet)))
