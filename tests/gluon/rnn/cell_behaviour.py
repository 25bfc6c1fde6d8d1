"""What recurrent cells do, as little scenes played on both sides; each returns texts and numbers."""

import numpy as np


def _shown(found):
    """Texts and numbers of nested arrays and symbols."""
    if isinstance(found, (list, tuple)):
        return [_shown(x) for x in found]
    if hasattr(found, "list_outputs"):
        return [found.list_outputs(), found.attr_dict()]
    if hasattr(found, "asnumpy"):
        return [list(found.shape), np.dtype(found.dtype).name, str(found.context), found.asnumpy().tolist()]
    return found


def _ready(mx, cell):
    """The cell with Parameters of 1."""
    cell.initialize(mx.init.One())
    return cell


def _series(mx, *shape):
    return mx.nd.array(np.arange(np.prod(shape)).reshape(shape) / 10.0)


def state_info(mx):
    rnn = mx.gluon.rnn
    made = [
        rnn.RNNCell(2), rnn.LSTMCell(2), rnn.GRUCell(2), rnn.DropoutCell(0.5), rnn.ResidualCell(rnn.LSTMCell(3)),
        rnn.ZoneoutCell(rnn.GRUCell(3)), rnn.BidirectionalCell(rnn.LSTMCell(1), rnn.RNNCell(2)),
        rnn.SequentialRNNCell(), rnn.HybridSequentialRNNCell(),
    ]  # fmt: skip
    made[-1].add(rnn.LSTMCell(4))
    made[-1].add(rnn.RNNCell(5))
    return [[cell.state_info(), cell.state_info(3), cell.state_info(batch_size=4)] for cell in made]


def begin_state(mx):
    rnn = mx.gluon.rnn
    calls = []

    def note(*args, **kwargs):
        calls.append([list(args), {k: list(v) if isinstance(v, tuple) else v for k, v in kwargs.items()}])
        return len(calls)

    with mx.name.NameManager():
        cell = rnn.LSTMCell(2)
        made = [cell.begin_state(2, note), cell.begin_state(func=note, foo=1), cell.begin_state(3, note, shape=(7,))]
        made += [_shown(cell.begin_state(2)), _shown(cell.begin_state(2, mx.nd.ones, dtype="float64"))]
        made += [_shown(cell.begin_state(batch_size=1, ctx=mx.cpu(1))), _shown(cell.begin_state(2, mx.sym.zeros))]
        made += [_shown(cell.begin_state(func=mx.sym.Variable, init=mx.init.One()))]
        mx.random.seed(3)
        made.append(_shown(cell.begin_state(2, mx.nd.random.uniform, low=-1)))
        made.append([cell._init_counter, cell._counter])
        cell.reset()
        made.append([cell._init_counter, cell._counter])
        around = rnn.ResidualCell(cell)
        made += [_shown(around.begin_state()), _shown(around.begin_state(mx.nd.zeros, batch_size=1))]
        made.append(_shown(rnn.ZoneoutCell(around).begin_state(func=mx.nd.ones, batch_size=1)))
        both = rnn.BidirectionalCell(rnn.RNNCell(1), rnn.GRUCell(2))
        made += [both.begin_state(func=note, batch_size=5), _shown(both.begin_state(func=mx.sym.zeros))]
        several = rnn.SequentialRNNCell()
        several.add(rnn.RNNCell(1))
        several.add(both)
        made += [several.begin_state(func=note), _shown(several.begin_state(batch_size=1))]
    return [made, calls]


def counters(mx):
    rnn = mx.gluon.rnn
    found = []
    for hybrid in (False, True):
        with mx.name.NameManager():
            cell = _ready(mx, rnn.RNNCell(2))
            several = rnn.HybridSequentialRNNCell()
            several.add(rnn.ResidualCell(rnn.RNNCell(2)))
            several.add(rnn.DropoutCell(0.5))
            _ready(mx, several)
            if hybrid:
                cell.hybridize()
                several.hybridize()
            x, h = mx.nd.ones((1, 2)), mx.nd.ones((1, 2))
            for _ in range(3):
                cell(x, [h])
                several(x, [h])
                found.append([cell._counter, several._counter, several[0]._counter, several[0].base_cell._counter])
            cell.unroll(2, mx.nd.ones((1, 2, 2)))
            found.append([cell._counter, cell._init_counter])
            several.reset()
            found.append([several._counter, several[0]._counter, several[0].base_cell._counter])
            out = cell(mx.sym.var("x"), [mx.sym.var("h")])
            found.append([out[0].name, cell.unroll(2, mx.sym.var("x"))[0][1].name])
    return found


def sequences(mx):
    """The containers' faces."""
    rnn = mx.gluon.rnn
    found = []
    for kind in ("SequentialRNNCell", "HybridSequentialRNNCell"):
        with mx.name.NameManager():
            outer, inner = getattr(rnn, kind)(prefix="net_"), getattr(rnn, kind)()
            with outer.name_scope():
                outer.add(rnn.LSTMCell(2, input_size=3))
                outer.add(rnn.BidirectionalCell(rnn.RNNCell(2), rnn.GRUCell(2)))
            inner.add(rnn.RNNCell(2))
            outer.add(inner)
        found.append([repr(outer), len(outer), repr(outer[0]), repr(outer["1"]), list(outer.collect_params())])
        found.append([list(outer._collect_params_with_prefix()), outer.prefix, list(outer._children)])
        _ready(mx, outer)
        found.append(_shown(outer.unroll(2, _series(mx, 1, 2, 3), merge_outputs=True)))
        found.append(_shown(outer.unroll(2, _series(mx, 2, 2, 3), layout="TNC", valid_length=mx.nd.array([1, 2]))))
        empty = getattr(rnn, kind)()
        found.append(_shown([empty(_series(mx, 2), []), empty.unroll(2, _series(mx, 1, 2)), empty.begin_state()]))
    return found


def modifiers(mx):
    rnn = mx.gluon.rnn
    with mx.name.NameManager():
        base = rnn.RNNCell(2, input_size=2)
        zone, modifier = rnn.ZoneoutCell(base, 0.2, 0.3), rnn.ModifierCell(rnn.GRUCell(2, prefix="g_"))
        rest = rnn.ResidualCell(zone)
        both = rnn.ResidualCell(rnn.BidirectionalCell(rnn.RNNCell(1), rnn.RNNCell(1)))
    return [
        [c.prefix, c.name, repr(c), repr(c.params), list(c.collect_params()), list(c._children), c._modified]
        for c in (base, zone, modifier, rest, both)
    ]


def zoneout(mx):
    """The output of the step before is kept until reset."""
    rnn = mx.gluon.rnn
    cell = _ready(mx, rnn.ZoneoutCell(rnn.RNNCell(3, input_size=2), 0.5, 0.5))
    found = []
    mx.random.seed(11)
    for _ in range(2):
        states = cell.begin_state(mx.nd.zeros, batch_size=2)
        for t in range(3):
            with mx.autograd.record():
                out, states = cell(_series(mx, 2, 2) + t, states)
            found.append(_shown([out, states]))
        cell.reset()
        found.append(cell._prev_output)
    return found


def hybridized_steps(mx):
    """A hybridized cell is one graph, whatever the number of the step."""
    rnn = mx.gluon.rnn
    found = []
    for make in (lambda: rnn.LSTMCell(2), lambda: rnn.ResidualCell(rnn.GRUCell(2)), lambda: rnn.DropoutCell(0.3)):
        with mx.name.NameManager():
            cell = _ready(mx, make())
        cell.hybridize()
        kwargs = {"func": mx.nd.ones} if isinstance(cell, rnn.ModifierCell) else {}
        states = cell.begin_state(batch_size=2, **kwargs)
        for t in range(3):
            out, states = cell(_series(mx, 2, 2) + t, states)
            found.append([type(out).__name__, type(states).__name__, _shown([out, states])])
    return found


def trained(mx):
    """Losses of an unrolled net, step by step."""
    rnn, nn = mx.gluon.rnn, mx.gluon.nn

    class Net(mx.gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            with self.name_scope():
                self.cell = rnn.HybridSequentialRNNCell()
                with self.cell.name_scope():
                    self.cell.add(rnn.LSTMCell(4))
                    self.cell.add(rnn.ZoneoutCell(rnn.GRUCell(4), 0.2, 0.1))
                    self.cell.add(rnn.DropoutCell(0.2))
                self.out = nn.Dense(1, flatten=False)

        def hybrid_forward(self, F, x, length):
            seq, _ = self.cell.unroll(4, x, layout="NTC", merge_outputs=True, valid_length=length)
            return self.out(seq)

    found = []
    for hybrid in (False, True):
        with mx.name.NameManager():
            net = Net()
        mx.random.seed(5)
        net.initialize(mx.init.Xavier())
        if hybrid:
            net.hybridize()
        trainer = mx.gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.05})
        x, length = _series(mx, 3, 4, 2), mx.nd.array([4, 2, 3])
        y = _series(mx, 3, 4, 1) * 0.3
        for _ in range(4):
            with mx.autograd.record():
                loss = mx.gluon.loss.L2Loss()(net(x, length), y)
            loss.backward()
            trainer.step(3)
            found.append(float(loss.mean().asscalar()))
        found += list(net.collect_params())
    return found


def own_cells(mx):
    """Cells of the user's own: a plain Block, and a hybrid one."""
    rnn = mx.gluon.rnn

    class Sum(rnn.RecurrentCell):
        def state_info(self, batch_size=0):
            return [{"shape": (batch_size, 2), "__layout__": "NC"}]

        def forward(self, inputs, states):
            self._counter += 1
            total = inputs + states[0]
            return total * self._counter, [total]

    class Gated(rnn.HybridRecurrentCell):
        def __init__(self, size, prefix=None, params=None):
            super().__init__(prefix=prefix, params=params)
            self.size = size
            with self.name_scope():
                self.weight = self.params.get("weight", shape=(size, 2 * size))
                self.scale = self.params.get("scale", shape=(1, size), init="ones")

        def state_info(self, batch_size=0):
            return [{"shape": (batch_size, self.size), "__layout__": "NC"}]

        def _alias(self):
            return "gated"

        def hybrid_forward(self, F, inputs, states, weight, scale):
            both = F.concat(inputs, states[0], dim=1)
            gate = F.sigmoid(F.FullyConnected(both, weight, num_hidden=self.size, no_bias=True))
            step = f"t{self._counter}_"
            state = F.broadcast_mul(gate * states[0] + (1 - gate) * inputs, scale, name=step + "state")
            return self._get_activation(F, state, "tanh", name=step + "out"), [state]

    found = []
    x = _series(mx, 1, 3, 2)
    with mx.name.NameManager():
        made = [Sum(), Gated(2), rnn.ResidualCell(Gated(2)), rnn.ZoneoutCell(Gated(2, prefix="z_"), 0.2)]
        for cell in made:
            cell.initialize(mx.init.Constant(0.1))
            found.append([repr(cell), cell.prefix, cell.state_info(3), list(cell.collect_params())])
            found.append(_shown(cell.unroll(3, x, valid_length=mx.nd.array([2]))))
            if isinstance(cell, rnn.HybridRecurrentCell):
                cell.hybridize()
                cell.reset()
                found.append(_shown(cell(x[:, 0], [mx.nd.ones((1, 2))])))
                cell.reset()
                outputs, states = cell.unroll(2, mx.sym.var("x"), merge_outputs=True)
                found.append(mx.sym.Group([outputs, *states]).get_internals().list_outputs())
    return found


def shared(mx):
    rnn = mx.gluon.rnn
    with mx.name.NameManager():
        first = rnn.LSTMCell(2, input_size=3, prefix="a_")
        second = rnn.LSTMCell(2, input_size=3, prefix="b_", params=first.params)
    return [list(second.collect_params()), second.i2h_weight is first.i2h_weight]


def initial_values(mx):
    rnn = mx.gluon.rnn
    found = []
    with mx.name.NameManager():
        made = [
            rnn.LSTMCell(2, input_size=1, i2h_bias_initializer=mx.init.LSTMBias(2.0)),
            rnn.RNNCell(2, i2h_weight_initializer="ones", h2h_weight_initializer=mx.init.Constant(3), input_size=1),
            rnn.GRUCell(1, h2h_bias_initializer="ones", input_size=2),
        ]
    for cell in made:
        mx.random.seed(2)
        cell.initialize(mx.init.Uniform(0.5))
        found.append([[name, p.data().asnumpy().tolist()] for name, p in cell.collect_params().items()])
    return found


def saved_and_loaded(mx):
    import os
    import tempfile

    rnn = mx.gluon.rnn

    def make():
        cell = rnn.HybridSequentialRNNCell()
        cell.add(rnn.BidirectionalCell(rnn.RNNCell(2, input_size=2), rnn.RNNCell(2, input_size=2)))
        cell.add(rnn.ResidualCell(rnn.LSTMCell(4, input_size=4)))
        return cell

    first, second = _ready(mx, make()), make()
    with tempfile.TemporaryDirectory() as folder:
        first.save_parameters(os.path.join(folder, "p"))
        names = sorted(mx.nd.load(os.path.join(folder, "p")))
        second.load_parameters(os.path.join(folder, "p"))
    x = _series(mx, 1, 2, 2)
    return [names, _shown([c.unroll(2, x, merge_outputs=True)[0] for c in (first, second)])]


def step_functions(mx):
    """The helpers that other code imports."""
    from_cell = mx.gluon.rnn.rnn_cell
    x, length = _series(mx, 2, 3, 1), mx.nd.array([1, 3])
    steps = [x[:, i] for i in range(3)]
    with mx.name.NameManager():
        var, variables = mx.sym.var("x"), [mx.sym.var("a"), mx.sym.var("b"), mx.sym.var("c")]
        found = []
        for merge in (None, True, False):
            for data, layout in ((x, "NTC"), (steps, "NTC"), (steps, "TNC"), (var, "NTC"), (variables, "TNC")):
                out, axis, face, size = from_cell._format_sequence(3, data, layout, merge)
                found.append([_shown(out), axis, face.__name__.split(".")[-1], size])
            found.append(_shown(from_cell._format_sequence(3, x, "TNC", merge, "NTC")[0]))
            for data in (x, steps):
                found.append(_shown(from_cell._mask_sequence_variable_length(mx.nd, data, 3, length, 1, merge)))
        found.append(_shown(from_cell._reverse_sequences(steps, 3)))
        found.append(_shown(from_cell._reverse_sequences(steps, 3, length)))
        found.append(_shown(from_cell._reverse_sequences(variables, 3)))
        cells = [mx.gluon.rnn.RNNCell(2), mx.gluon.rnn.LSTMCell(1)]
        found.append(_shown(from_cell._get_begin_state(cells[0], mx.nd, None, x, 2)))
        found.append(_shown(from_cell._get_begin_state(cells[0], mx.sym, None, var, 0)))
        found.append(from_cell._get_begin_state(cells[0], mx.nd, [1], x, 2))
        found.append(from_cell._cells_state_info(cells, 3))
        found.append(_shown(from_cell._cells_begin_state(cells, batch_size=1)))
    return found


def attributes(mx):
    rnn = mx.gluon.rnn
    cells = [rnn.RNNCell(2, "relu"), rnn.LSTMCell(2, activation="relu"), rnn.GRUCell(2, input_size=3)]
    return [
        [[c._hidden_size, c._input_size, c._modified, c._counter, c._init_counter] for c in cells],
        [cells[0]._activation, cells[1]._activation, cells[1]._recurrent_activation],
        [list(cells[1]._reg_params), rnn.DropoutCell(0.3, (1,))._rate, list(rnn.DropoutCell(0.3, (1,))._axes)],
        [rnn.BidirectionalCell(*cells[:2])._output_prefix, list(rnn.BidirectionalCell(*cells[:2])._children)],
        [rnn.ZoneoutCell(cells[0], 0.1).zoneout_outputs, sorted(rnn.rnn_cell.__all__)],
        [n for n in dir(rnn) if n.endswith("Cell")],
    ]


SCENES = [
    state_info, begin_state, counters, sequences, modifiers, zoneout, hybridized_steps, trained, own_cells, shared,
    initial_values, saved_and_loaded, step_functions, attributes,
]  # fmt: skip
