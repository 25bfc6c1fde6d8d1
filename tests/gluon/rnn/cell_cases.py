"""The recurrent cells' table of cases, for both sides; see tests/gluon/harness/inputs.py."""

from tests.gluon.harness.inputs import FLOAT32, SINGLE, WITH_HALF, Nested
from tests.gluon.rnn.cell_behaviour import SCENES  # noqa: F401

X, H = (2, 3), (2, 2)  # one step's inputs and a state of 2
NTC, TNC = (2, 3, 4), (3, 2, 4)  # three steps of 4
LENGTHS = [3, 1]
LOOP = {"compiled": False}  # as other cases are
PLAIN = dict(FLOAT32, **LOOP)
NO_SYMBOL = {"symbol": False, "compiled": False}  # sequential cells are hybridized cell by cell

# The states that unroll itself begins with are float32 in MXNet, which then refuses all else.
CASES = [
    # ------------------------------------------------------------------------------------------ one step
    ("rnn.RNNCell(2)", [X, Nested(H)]),
    ("rnn.RNNCell(2, 'relu', input_size=3, prefix='r_')", [X, Nested(H)], LOOP),
    ("rnn.RNNCell(2, activation='softsign', i2h_bias_initializer='ones')", [X, Nested(H)], LOOP),
    ("rnn.RNNCell(2, 'softrelu', h2h_weight_initializer=mx.init.Orthogonal())", [X, Nested(H)], LOOP),
    ("rnn.RNNCell(2, activation=nn.LeakyReLU(0.3))", [X, Nested(H)], SINGLE),
    ("rnn.LSTMCell(2)", [X, Nested(H, H)]),
    ("rnn.LSTMCell(2, None, 'ones', 'zeros', mx.init.LSTMBias(1.0), 3, 'l_')", [X, Nested(H, H)], LOOP),
    ("rnn.LSTMCell(2, activation='relu', recurrent_activation='tanh')", [X, Nested(H, H)], LOOP),
    ("rnn.LSTMCell(2, activation='softrelu', recurrent_activation=nn.LeakyReLU(0.2))", [X, Nested(H, H)], SINGLE),
    ("rnn.GRUCell(2)", [X, Nested(H)]),
    ("rnn.GRUCell(2, 'ones', 'zeros', mx.init.One(), 'ones', input_size=3, prefix='g_')", [X, Nested(H)], LOOP),
    ("rnn.DropoutCell(0.5)", [X, None], {"symbol": False, "dtypes": WITH_HALF["dtypes"]}),
    ("rnn.ZoneoutCell(rnn.RNNCell(2), 0.4, 0.3)", [X, Nested(H)]),
    ("rnn.ZoneoutCell(rnn.LSTMCell(2), zoneout_states=0.5)", [X, Nested(H, H)]),
    ("rnn.ZoneoutCell(rnn.GRUCell(2), zoneout_outputs=0.5)", [X, Nested(H)]),
    ("rnn.ZoneoutCell(rnn.RNNCell(2, prefix='z_'))", [X, Nested(H)], FLOAT32),
    ("rnn.ResidualCell(rnn.GRUCell(3))", [X, Nested(X)]),
    ("rnn.ResidualCell(rnn.ZoneoutCell(rnn.RNNCell(3), 0.5))", [X, Nested(X)], FLOAT32),
    ("cells('SequentialRNNCell', 'rnn.RNNCell(2)', 'rnn.DropoutCell(0.5)', 'rnn.LSTMCell(2)')",
     [X, Nested(H, H, H)], NO_SYMBOL),
    ("cells('HybridSequentialRNNCell', 'rnn.GRUCell(2)', 'rnn.ZoneoutCell(rnn.RNNCell(2), 0, 0.5)', prefix='s_')",
     [X, Nested(H, H)], NO_SYMBOL),
    ("cells('HybridSequentialRNNCell', 'rnn.RNNCell(2)', "
     "\"cells('HybridSequentialRNNCell', 'rnn.GRUCell(2)', 'rnn.ResidualCell(rnn.RNNCell(2))')\")",
     [X, Nested(H, H, H)], NO_SYMBOL),
    # ------------------------------------------------------------------------------------------ unrolled
    ("unrolled('rnn.RNNCell(2)', 3)", [NTC], PLAIN),
    ("unrolled('rnn.RNNCell(2)', 3, layout='TNC', merge_outputs=True)", [TNC], PLAIN),
    ("unrolled('rnn.RNNCell(2)', 2, merge_outputs=False)", [(2, 2, 3), H], LOOP),
    ("unrolled('rnn.RNNCell(2)', 2)", [Nested(X, X)], PLAIN),
    ("unrolled('rnn.RNNCell(2)', 2, layout='TNC', merge_outputs=True)", [Nested(X, X), H], LOOP),
    ("unrolled('rnn.RNNCell(2)', 1, merge_outputs=True)", [(2, 1, 3), H], PLAIN),
    ("unrolled('rnn.LSTMCell(2)', 3, merge_outputs=True)", [NTC, H, H]),
    ("unrolled('rnn.GRUCell(2, input_size=4)', 3, merge_outputs=True)", [NTC, H], LOOP),
    ("unrolled('rnn.RNNCell(2)', 3, True)", [NTC, LENGTHS], FLOAT32),
    ("unrolled('rnn.LSTMCell(2)', 3, True, layout='TNC')", [TNC, H, H, LENGTHS], LOOP),
    ("unrolled('rnn.GRUCell(2)', 2, True, merge_outputs=False)", [(2, 2, 3), H, [1, 2]], LOOP),
    ("unrolled('rnn.GRUCell(2)', 2, True, merge_outputs=True)", [Nested(X, X), H, [2, 1]], PLAIN),
    ("unrolled('rnn.DropoutCell(0.5)', 3)", [NTC], LOOP),
    ("unrolled('rnn.DropoutCell(0.5, axes=(1,))', 3, merge_outputs=True)", [NTC], PLAIN),
    ("unrolled('rnn.DropoutCell(0.5)', 3, merge_outputs=False, layout='TNC')", [TNC], PLAIN),
    ("unrolled('rnn.ZoneoutCell(rnn.RNNCell(2), 0.4, 0.3)', 3)", [NTC], FLOAT32),
    ("unrolled('rnn.ZoneoutCell(rnn.LSTMCell(2), 0.4)', 2, True, merge_outputs=True)", [(2, 2, 3), H, H, [1, 2]], LOOP),
    ("unrolled('rnn.ResidualCell(rnn.RNNCell(3))', 2)", [(2, 2, 3)], PLAIN),
    ("unrolled('rnn.ResidualCell(rnn.RNNCell(3))', 2, merge_outputs=True)", [Nested(X, X), X], LOOP),
    ("unrolled('rnn.ResidualCell(rnn.RNNCell(3))', 2, True, layout='TNC')", [(2, 2, 3), [2, 1]], PLAIN),
    # MXNet's symbols cannot be added there.
    ("unrolled('rnn.ResidualCell(rnn.RNNCell(3))', 2, True, merge_outputs=False)", [Nested(X, X), [2, 1]],
     dict(PLAIN, symbol=False)),
    ("unrolled('rnn.BidirectionalCell(rnn.RNNCell(2), rnn.LSTMCell(2))', 2)", [(2, 2, 3)], FLOAT32),
    ("unrolled(\"rnn.BidirectionalCell(rnn.RNNCell(2, prefix='l_'), rnn.GRUCell(2, prefix='r_'), 'o_')\", 2, "
     "layout='TNC', merge_outputs=True)", [(2, 2, 3), H, H], LOOP),
    ("unrolled('rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))', 3, True, merge_outputs=True)",
     [NTC, H, H, LENGTHS], LOOP),
    ("unrolled('rnn.BidirectionalCell(rnn.RNNCell(2), rnn.GRUCell(2))', 3, True, layout='TNC')",
     [TNC, H, H, LENGTHS], PLAIN),
    ("unrolled('rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))', 2, True, merge_outputs=False)",
     [Nested(X, X), [1, 2]], PLAIN),
    ("unrolled('rnn.ResidualCell(rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2)))', 2, True, "
     "layout='TNC', merge_outputs=True)", [(2, 2, 4), [1, 2]], PLAIN),
    ("unrolled(\"cells('HybridSequentialRNNCell', 'rnn.RNNCell(2)', 'rnn.DropoutCell(0.5)', 'rnn.GRUCell(2)')\", 2)",
     [(2, 2, 3)], PLAIN),
    ("unrolled(\"cells('HybridSequentialRNNCell', 'rnn.RNNCell(2)', 'rnn.DropoutCell(0.5)', "
     "'rnn.ResidualCell(rnn.RNNCell(2))')\", 2, True, merge_outputs=True)", [(2, 2, 3), H, H, [1, 2]], LOOP),
    ("unrolled(\"cells('HybridSequentialRNNCell', 'rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))', "
     "'rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))')\", 2, True, layout='TNC')",
     [(2, 3, 2), [1, 2, 2]], PLAIN),
    ("unrolled(\"rnn.BidirectionalCell(cells('HybridSequentialRNNCell', 'rnn.RNNCell(2)', 'rnn.DropoutCell(0.2)'), "
     "rnn.ZoneoutCell(rnn.RNNCell(2), 0.5))\", 2, merge_outputs=True)", [(2, 2, 3)], PLAIN),
]  # fmt: skip

_STEP = "(mx.nd.ones((2, 3)), [mx.nd.ones((2, 2))])"
REFUSED = [
    "rnn.DropoutCell('a')",
    "rnn.DropoutCell(None)",
    "rnn.ZoneoutCell(rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2)))",
    "(lambda c: (rnn.ZoneoutCell(c), rnn.ZoneoutCell(c)))(rnn.RNNCell(2))",
    "(lambda c: (rnn.ResidualCell(c), rnn.ResidualCell(c)))(rnn.RNNCell(2, prefix='r_'))",
    "rnn.ResidualCell(nn.Dense(2))",
    "rnn.ResidualCell(rnn.SequentialRNNCell())",
    "rnn.ResidualCell(rnn.RNNCell(2)).base_cell.begin_state(batch_size=2)",
    "rnn.ResidualCell(rnn.ZoneoutCell(rnn.RNNCell(2))).base_cell.begin_state(batch_size=2)",
    "rnn.ResidualCell(rnn.HybridSequentialRNNCell()).base_cell.begin_state(batch_size=2)",
    "rnn.ResidualCell(rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))).base_cell.begin_state(batch_size=2)",
    "rnn.ResidualCell(rnn.RNNCell(2)).base_cell.unroll(2, mx.nd.ones((2, 2, 3)))",
    "rnn.ModifierCell(rnn.RNNCell(2))" + _STEP,
    "rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))" + _STEP,
    "rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2)).begin_state(2)",
    "rnn.BidirectionalCell(rnn.SequentialRNNCell(), rnn.RNNCell(2))",
    "rnn.BidirectionalCell(rnn.RNNCell(2, prefix='a_'), rnn.RNNCell(3, prefix='a_')).collect_params()",
    "cells('SequentialRNNCell', 'rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))')" + _STEP,
    "rnn.HybridSequentialRNNCell().add(rnn.SequentialRNNCell(prefix='s_'))",
    "rnn.SequentialRNNCell()[0]",
    "rnn.SequentialRNNCell().hybrid_forward(mx.nd, 1, 2)",
    "rnn.RecurrentCell().state_info()",
    "rnn.RecurrentCell().begin_state()",
    "rnn.RecurrentCell()" + _STEP,
    "rnn.HybridRecurrentCell()" + _STEP,
    "rnn.RNNCell(2).begin_state()",
    "rnn.RNNCell(2)(mx.nd.ones((2, 3)))",
    "rnn.RNNCell(2, activation='foo')(mx.sym.var('x'), [mx.sym.var('h')])",
    "rnn.RNNCell(2, activation=None)(mx.sym.var('x'), [mx.sym.var('h')])",
    "rnn.RNNCell(2, input_size=3)" + _STEP,
    "rnn.RNNCell(2).unroll(2, None)",
    "rnn.RNNCell(2).unroll(2, mx.sym.Group([mx.sym.var('x'), mx.sym.var('y')]))",
    "rnn.RNNCell(2).unroll(3, [mx.sym.var('x'), mx.sym.var('y')])",
    "rnn.RNNCell(2).unroll(3, mx.nd.ones((2, 2, 3)))",
    "rnn.RNNCell(2).unroll(2, mx.nd.ones((2, 2, 3)), layout='foo')",
    "rnn.RNNCell(2).unroll(0, [])",
    "rnn.RNNCell(2, foo=1)",
]
