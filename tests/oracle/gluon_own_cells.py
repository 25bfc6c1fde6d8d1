"""Writes tests/golden/gluon_own_cells.json: cells that programs build on RecurrentCell and HybridRecurrentCell.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_own_cells
"""

import os

import numpy as np

from tests.oracle.scenario import attempt, plain, write


def classes(mx):
    """(a cell that blends its state with its input, the same as no HybridBlock)."""
    rnn = mx.gluon.rnn

    class Blend(rnn.HybridRecurrentCell):
        def __init__(self, size, prefix=None, params=None):
            super().__init__(prefix=prefix, params=params)
            self._size = size
            self.weight = self.params.get("weight", shape=(size, 0), allow_deferred_init=True)

        def state_info(self, batch_size=0):
            return [{"shape": (batch_size, self._size), "__layout__": "NC"}]

        def _alias(self):
            return "blend"

        def hybrid_forward(self, F, inputs, states, weight):
            name = "t%d_" % self._counter
            new = F.FullyConnected(inputs, weight, no_bias=True, num_hidden=self._size, name=name + "i2h")
            out = F.tanh(0.5 * states[0] + new, name=name + "out")
            return out, [out]

    class Counting(rnn.RecurrentCell):
        def __init__(self, size, prefix=None, params=None):
            super().__init__(prefix=prefix, params=params)
            self._size, self.seen = size, []

        def state_info(self, batch_size=0):
            return [{"shape": (batch_size, self._size), "__layout__": "NC"}]

        def forward(self, inputs, states):
            self.seen.append(self._counter)
            new = states[0] + inputs.sum(axis=1, keepdims=True)
            return new * 2, [new]

        def reset(self):
            super().reset()
            self.seen = ["reset"]

    return Blend, Counting


def _filled(mx, cell):
    cell.initialize()
    return cell


def _values(mx, cell):
    for i, param in enumerate(cell.collect_params().values()):
        param.set_data(mx.nd.array(np.linspace(-0.5, 0.5 + i, int(np.prod(param.shape))).reshape(param.shape)))


def unrolled(mx, hybrid, layout, merge):
    """Outputs, states and gradients over three steps."""
    cell = _filled(mx, classes(mx)[0](2, prefix="b_"))
    cell.hybridize(hybrid)
    x = mx.nd.array(np.random.RandomState(0).uniform(-1, 1, (3, 2, 4) if layout == "TNC" else (2, 3, 4)))
    cell.unroll(3, x, layout=layout)
    _values(mx, cell)
    cell.reset()
    x.attach_grad()
    with mx.autograd.record():
        outs, states = cell.unroll(3, x, layout=layout, merge_outputs=merge)
        total = outs.sum() if merge else sum(o.sum() for o in outs)
    total.backward()
    return [plain(outs), plain(states), plain(x.grad), plain(cell.weight.grad()), cell._counter]


def stepped(mx):
    """Calls one by one, from begin_state, in a SequentialRNNCell; names and texts."""
    blend, counting = classes(mx)
    with mx.name.NameManager():
        net = mx.gluon.rnn.SequentialRNNCell()
        with net.name_scope():
            net.add(blend(2))
            net.add(counting(2))
    net.initialize()
    states = net.begin_state(batch_size=2)
    found = [
        repr(net),
        [list(s.shape) for s in states],
        net.state_info(3),
        net.name,
        [net[i].name for i in range(len(net))],
    ]
    net(mx.nd.ones((2, 3)), states)
    _values(mx, net)
    net.reset()
    for _ in range(3):
        out, states = net(mx.nd.ones((2, 3)), states)
    return [*found, plain(out), plain(states), net[1].seen, list(net.collect_params())]


def symbols(mx):
    """The graph of an unrolled cell of one's own."""
    with mx.name.NameManager():
        cell = classes(mx)[0](2)
        outs, states = cell.unroll(2, mx.sym.var("x"), layout="NTC", merge_outputs=False)
    return [mx.sym.Group(outs + states).tojson(), [o.name for o in outs], cell.state_info(1)]


def lengths(mx):
    """valid_length, and a list of inputs."""
    cell = _filled(mx, classes(mx)[0](2))
    x = mx.nd.array(np.random.RandomState(1).uniform(-1, 1, (2, 3, 4)))
    cell.unroll(3, x)
    _values(mx, cell)
    outs, states = cell.unroll(3, x, valid_length=mx.nd.array([1, 3]), merge_outputs=True)
    listed, last = cell.unroll(3, [x[:, i] for i in range(3)], merge_outputs=False)
    return [plain(outs), plain(states), plain(listed), plain(last)]


def bases(mx):
    """What the base classes do alone."""
    rnn, x = mx.gluon.rnn, mx.nd.ones((2, 3))
    return {
        # MXNet says nothing
        "state_info": attempt(rnn.RecurrentCell().state_info)["raises"],
        "begin_state": attempt(rnn.HybridRecurrentCell().begin_state, 2)["raises"],
        "call": attempt(rnn.HybridRecurrentCell(), x, [])["raises"],
        "kinds": [issubclass(rnn.HybridRecurrentCell, k) for k in (rnn.RecurrentCell, mx.gluon.HybridBlock)],
        "plain": [issubclass(rnn.RecurrentCell, k) for k in (mx.gluon.Block, mx.gluon.HybridBlock)],
        "names": [type(c).__name__ + " " + c.name for c in (rnn.RecurrentCell(), rnn.HybridRecurrentCell(prefix="h_"))],
    }


def results(mx):
    """{name: what MXNet does}."""
    found = {"one by one": attempt(stepped, mx), "symbols": attempt(symbols, mx), "lengths": attempt(lengths, mx)}
    found.update(("bases: " + name, value) for name, value in bases(mx).items())
    for hybrid in (False, True):
        for layout in ("TNC", "NTC"):
            for merge in (True, False):
                name = "unrolled: hybrid=%s %s merged=%s" % (hybrid, layout, merge)
                found[name] = attempt(unrolled, mx, hybrid, layout, merge)
    return found


if __name__ == "__main__":
    os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")
    import mxnet

    write("gluon_own_cells", results(mxnet))
