"""The table of the recurrent cells that convolve, for both sides; see tests/gluon/harness/inputs.py."""

from tests.gluon.harness.inputs import FLOAT32, SINGLE, Nested

SERIES, IMAGE, VOLUME = (2, 2, 5), (2, 2, 5, 4), (1, 2, 3, 4, 3)
# MXNet's CPU convolves channels-first data only
LAST = {"run": False}
PLAIN = {"compiled": False}


def cell(name, arguments, inputs, options=None):
    """A step of one cell of ``contrib.rnn``: an input and its states."""
    return (f"contrib.rnn.{name}({arguments})", inputs, *([options] if options else []))


CASES = [
    # ------------------------------------------------------------------------------------------ a step
    cell("Conv1DRNNCell", "(2, 5), 3, 3, 3", [SERIES, Nested((2, 3, 3))]),
    cell("Conv2DRNNCell", "(2, 5, 4), 3, 2, 3", [IMAGE, Nested((2, 3, 4, 3))]),
    cell("Conv3DRNNCell", "(2, 3, 4, 3), 2, 2, 1", [VOLUME, Nested((1, 2, 2, 3, 2))], PLAIN),
    cell("Conv1DLSTMCell", "(2, 5), 3, 3, 3", [SERIES, Nested((2, 3, 3), (2, 3, 3))]),
    cell("Conv2DLSTMCell", "(2, 5, 4), 3, 3, 3", [IMAGE, Nested((2, 3, 3, 2), (2, 3, 3, 2))]),
    cell("Conv3DLSTMCell", "(2, 3, 4, 3), 2, 2, 3", [VOLUME, Nested((1, 2, 2, 3, 2), (1, 2, 2, 3, 2))], PLAIN),
    cell("Conv1DGRUCell", "(2, 5), 3, 3, 3", [SERIES, Nested((2, 3, 3))]),
    cell("Conv2DGRUCell", "(2, 5, 4), 3, 3, 3", [IMAGE, Nested((2, 3, 3, 2))]),
    cell("Conv3DGRUCell", "(2, 3, 4, 3), 2, 2, 3", [VOLUME, Nested((1, 2, 2, 3, 2))], PLAIN),
    # ------------------------------------------------------------------------------------------ arguments
    cell("Conv1DRNNCell", "(2, 5), 3, 2, 3, 1, 2, 3, 'ones', 'zeros', 'ones', 'ones', 'NCW', 'relu'",
         [SERIES, Nested((2, 3, 5))], PLAIN),
    cell("Conv2DRNNCell", "(0, 5, 4), 3, 3, 3, i2h_pad=1, activation=nn.LeakyReLU(0.1)",
         [IMAGE, Nested((2, 3, 5, 4))], dict(SINGLE, **PLAIN)),
    cell("Conv2DLSTMCell", "(2, 5, 4), 3, (3, 2), (1, 3), (1, 0), (2, 1), (1, 2), activation='softsign', prefix=''",
         [IMAGE, Nested((2, 3, 3, 3), (2, 3, 3, 3))], PLAIN),
    cell("Conv2DLSTMCell", "[2, 5, 4], 3, 3, 3, i2h_pad=[1, 1], h2h_dilate=[2, 1], activation='relu', prefix='c_'",
         [IMAGE, Nested((2, 3, 5, 4), (2, 3, 5, 4))], PLAIN),
    cell("Conv1DGRUCell", "(2, 5), 2, 3, 5, (2,), (2,), (1,), activation='softrelu'",
         [SERIES, Nested((2, 2, 5))], PLAIN),
    cell("Conv2DGRUCell", "(2, 5, 4), 3, 3, 3, activation='sigmoid', h2h_weight_initializer=mx.init.Xavier()",
         [IMAGE, Nested((2, 3, 3, 2))], PLAIN),
    # ------------------------------------------------------------------------------------------ channels last
    cell("Conv2DRNNCell", "(5, 4, 2), 3, 3, 3, conv_layout='NHWC'", [(2, 5, 4, 2), Nested((2, 3, 2, 3))], LAST),
    cell("Conv2DLSTMCell", "(5, 4, 2), 3, 3, 3, conv_layout='NHWC'",
         [(2, 5, 4, 2), Nested((2, 3, 2, 3), (2, 3, 2, 3))], LAST),
    cell("Conv3DGRUCell", "(5, 4, 3, 2), 3, 2, 3, conv_layout='NDHWC'",
         [(1, 5, 4, 3, 2), Nested((1, 4, 3, 2, 3))], LAST),
    # ------------------------------------------------------------------------------------------ unrolled
    ("unrolled('contrib.rnn.Conv2DLSTMCell((2, 5, 4), 2, 3, 3, 1)', 2, merge_outputs=True)",
     [(2, 2, 2, 5, 4)], FLOAT32),
    ("unrolled('contrib.rnn.Conv1DGRUCell((2, 5), 3, 3, 3)', 2, layout='TNC')",
     [(2, 2, 2, 5), (2, 3, 3)], dict(FLOAT32, **PLAIN)),
    ("unrolled('contrib.rnn.Conv1DRNNCell((2, 5), 3, 3, 3, 1)', 3, True, merge_outputs=False)",
     [(2, 3, 2, 5), (2, 3, 5), [3.0, 1.0]], dict(FLOAT32, **PLAIN)),
]  # fmt: skip

REFUSED = [
    "contrib.rnn.Conv2DRNNCell((2, 5, 4), 3, 3, 2)",
    "contrib.rnn.Conv2DRNNCell((2, 5, 4), 3, 3, (3, 4))",
    "contrib.rnn.Conv2DGRUCell((2, 5, 4), 3, (3,), (3, 3))",
    "contrib.rnn.Conv1DLSTMCell((2, 5), 3, 3, (3, 3))",
    "contrib.rnn.Conv2DLSTMCell((2, 5, 4), 3, 3, 2, i2h_pad=(1,))",
    "contrib.rnn.Conv3DRNNCell((2, 5, 4, 3), 3, 3, 3, i2h_dilate=(1, 1))",
    "contrib.rnn.Conv3DRNNCell((2, 5, 4, 3), 3, 3, 3, h2h_dilate='a')",
    "contrib.rnn.Conv2DRNNCell((2, 5, 4), 3, 1.5, 3)",
    "contrib.rnn.Conv2DRNNCell((2, 5, 4), 3, 3)",
    "contrib.rnn.Conv1DRNNCell((5, 2), 3, 3, 3, conv_layout='NWC')(mx.sym.var('x'), [mx.sym.var('h')])",
    "contrib.rnn.Conv2DRNNCell((2, 5, 4), 3, 3, 3, dtype='float64')",
]


def states(mx):
    """What ``state_info`` and ``begin_state`` say in every layout."""
    rnn, found = mx.gluon.contrib.rnn, []
    for kind in ("RNN", "LSTM", "GRU"):
        for layout, shape in (
            ("NCW", (2, 7)), ("NWC", (7, 2)), ("NCHW", (2, 7, 6)), ("NHWC", (7, 6, 2)),
            ("NCDHW", (2, 7, 6, 5)), ("NDHWC", (7, 6, 5, 2)), ("NCHW", (2, 0, 6)), ("NCHW", (0, 7, 6)),
        ):  # fmt: skip
            make = getattr(rnn, f"Conv{len(shape) - 1}D{kind}Cell")
            cell = make(shape, 3, 3, 5, i2h_pad=1, i2h_dilate=2, h2h_dilate=2, conv_layout=layout, prefix="cell_")
            infos = [cell.state_info(), cell.state_info(4)]
            found.append([[[list(i["shape"]), i["__layout__"]] for i in info] for info in infos])
            found.append([repr(cell), cell.name, cell._num_gates, list(cell._gate_names)])
            if 0 not in shape:
                found.append([[list(s.shape), float(s.sum().asscalar())] for s in cell.begin_state(2, mx.nd.ones)])
    return found


def parameters(mx):
    """Names and shapes, deferred where the input's channels are not known; two cells with the same Parameters."""
    rnn = mx.gluon.contrib.rnn
    with mx.name.NameManager():
        cell = rnn.Conv2DLSTMCell((0, 5, 4), 3, 3, 3, i2h_pad=1, i2h_bias_initializer="ones")
        twin = rnn.Conv2DLSTMCell((0, 5, 4), 3, 3, 3, i2h_pad=1, i2h_bias_initializer="ones", params=cell.params)
    cell.initialize(mx.init.Constant(0.1))
    before = repr(cell)
    x = mx.nd.arange(80).reshape((2, 2, 5, 4)) / 80
    out, (hidden, memory) = cell(x, cell.begin_state(2))
    again, _ = twin(x, twin.begin_state(2))
    return [
        before, repr(cell), repr(twin), [[k, list(p.shape)] for k, p in cell.collect_params().items()],
        out.asnumpy().tolist(), memory.asnumpy().tolist(), hidden is out, (again == out).asnumpy().min().item(),
        cell.i2h_bias.data().asnumpy().tolist(), cell.h2h_bias.data().asnumpy().tolist(),
    ]  # fmt: skip


def stacked(mx):
    """Cells in a SequentialRNNCell; steps are counted, and counted anew after ``reset``."""
    rnn = mx.gluon.rnn
    with mx.name.NameManager():
        net = rnn.SequentialRNNCell()
        with net.name_scope():
            net.add(mx.gluon.contrib.rnn.Conv1DLSTMCell((2, 5), 3, 3, 3, i2h_pad=1))
            net.add(rnn.ResidualCell(mx.gluon.contrib.rnn.Conv1DGRUCell((3, 5), 3, 3, 3, i2h_pad=1)))
        outs, states = net.unroll(2, [mx.sym.var("x0"), mx.sym.var("x1")])
        names = [mx.sym.Group(outs + states).list_outputs()]
        net.reset()
        outs, states = net.unroll(1, [mx.sym.var("x0")])
        names.append(mx.sym.Group(outs + states).list_outputs())
    net.initialize(mx.init.Constant(0.2))
    net.hybridize()
    x = [mx.nd.arange(20).reshape((2, 2, 5)) / (10 + i) for i in range(2)]
    outs, states = net.unroll(2, x, begin_state=net.begin_state(batch_size=2, func=mx.nd.zeros))
    return [names, repr(net), list(net.collect_params()), [a.asnumpy().tolist() for a in outs + states]]


def function(mx):
    """A function as activation: its name tells where it stands, and may be ignored."""
    seen = []

    def double(x, name=None):
        seen.append(name)
        return x * 2

    found = []
    for kind in ("RNN", "LSTM", "GRU"):
        cell = getattr(mx.gluon.contrib.rnn, f"Conv1D{kind}Cell")((2, 4), 2, 3, 3, activation=double)
        cell.initialize(mx.init.Constant(0.2))
        out, _ = cell(mx.nd.arange(8).reshape((1, 2, 4)) / 8, cell.begin_state(1, mx.nd.ones))
        found.append(out.asnumpy().tolist())
    return [found, seen]


def sizes(mx):
    """``_get_conv_out_size``; 0 is an unknown size."""
    size = mx.gluon.contrib.rnn.conv_rnn_cell._get_conv_out_size
    return [list(size((6, 5), (3, 3), (1, 0), (1, 2))), list(size((6, 0), (3, 1), (1, 0), (1, 2)))]


SCENES = [states, parameters, stacked, function, sizes]
