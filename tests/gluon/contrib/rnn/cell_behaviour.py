"""What the contributed cells do, as little scenes played on both sides; each returns texts and numbers."""

from tests.gluon.rnn.cell_behaviour import _ready, _series, _shown


def state_info(mx):
    cell = mx.gluon.contrib.rnn.LSTMPCell(4, 2)
    around = mx.gluon.contrib.rnn.VariationalDropoutCell(mx.gluon.rnn.LSTMCell(3))
    return [cell.state_info(), cell.state_info(batch_size=3), _shown(cell.begin_state(2)), around.state_info(1)]


def looks(mx):
    rnn, more = mx.gluon.rnn, mx.gluon.contrib.rnn
    with mx.name.NameManager():
        made = [
            more.LSTMPCell(4, 2), more.LSTMPCell(3, 1, input_size=5), more.VariationalDropoutCell(rnn.RNNCell(2)),
            more.VariationalDropoutCell(rnn.LSTMCell(2, prefix="l_"), 0.1, 0.2, 0.3),
        ]  # fmt: skip
    return [[repr(c), c.prefix, list(c.collect_params())] for c in made] + [sorted(more.rnn_cell.__all__)]


def masks(mx):
    """They live from the first step after reset to the next."""
    rnn, more = mx.gluon.rnn, mx.gluon.contrib.rnn
    cell = _ready(mx, more.VariationalDropoutCell(rnn.LSTMCell(3, input_size=2), 0.5, 0.4, 0.3))
    found = [[cell.drop_inputs, cell.drop_states, cell.drop_outputs, cell.drop_inputs_mask]]
    mx.random.seed(4)
    for _ in range(2):
        states = cell.begin_state(mx.nd.ones, batch_size=2)
        for t in range(3):
            with mx.autograd.record():
                out, states = cell(_series(mx, 2, 2) + t, states)
            found.append(_shown([out, states]))
            found.append(_shown([cell.drop_inputs_mask, cell.drop_states_mask, cell.drop_outputs_mask]))
        cell.reset()
        found.append([cell.drop_inputs_mask, cell.drop_states_mask, cell.drop_outputs_mask])
    return found


def loops(mx):
    """dynamic_unroll on arrays and symbols."""
    rnn, unroll = mx.gluon.rnn, mx.gluon.contrib.rnn.rnn_cell.dynamic_unroll
    with mx.name.NameManager():
        cell = _ready(mx, rnn.LSTMCell(2, input_size=2))
        states = cell.begin_state(batch_size=2, func=mx.nd.ones)
        found = [_shown(unroll(cell, _series(mx, 3, 2, 2), states)), cell._counter]
        found.append(_shown(unroll(cell, _series(mx, 2, 3, 2), states, layout="NTC", valid_length=mx.nd.array([1, 3]))))
        with mx.autograd.record():
            mx.random.seed(8)
            found.append(_shown(unroll(cell, _series(mx, 3, 2, 2), states, 0.5, 0.3)))
        names = [mx.sym.var("h"), mx.sym.var("c")]
        found.append([s.name for s in unroll(cell, mx.sym.var("x"), names)[1]])
        for options in ({}, {"layout": "NTC"}, {"drop_inputs": 0.1, "valid_length": mx.sym.var("n")}):
            out, last = unroll(cell, mx.sym.var("x"), names, **options)
            found.append(mx.sym.Group([out, *last]).list_inputs())
    return found


def trained(mx):
    """Losses of a net with variational dropout, step by step."""
    nn, more = mx.gluon.nn, mx.gluon.contrib.rnn

    class Net(mx.gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            with self.name_scope():
                self.cell = more.VariationalDropoutCell(more.LSTMPCell(4, 3), 0.2, 0, 0.1)
                self.out = nn.Dense(1, flatten=False)

        def hybrid_forward(self, F, x):
            return self.out(self.cell.unroll(4, x, merge_outputs=True)[0])

    found = []
    for hybrid in (False, True):
        net = Net()
        mx.random.seed(5)
        net.initialize(mx.init.Xavier())
        if hybrid:
            net.hybridize()
        trainer = mx.gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.05})
        x, y = _series(mx, 3, 4, 2), _series(mx, 3, 4, 1) * 0.3
        for _ in range(4):
            with mx.autograd.record():
                loss = mx.gluon.loss.L2Loss()(net(x), y)
            loss.backward()
            trainer.step(3)
            found.append(float(loss.mean().asscalar()))
    return found


SCENES = [state_info, looks, masks, loops, trained]
