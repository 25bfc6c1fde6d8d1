"""The contributed cells' table of cases, for both sides; see tests/gluon/harness/inputs.py."""

from tests.gluon.contrib.rnn.cell_behaviour import SCENES  # noqa: F401
from tests.gluon.harness.inputs import FLOAT32, Nested

X, H, R = (2, 3), (2, 4), (2, 2)
LOOP = {"compiled": False}  # as other cases are
PLAIN = dict(FLOAT32, **LOOP)

CASES = [
    # ------------------------------------------------------------------------------------------ one step
    ("contrib.rnn.LSTMPCell(4, 2)", [X, Nested(R, H)]),
    ("contrib.rnn.LSTMPCell(4, 2, 'ones', None, mx.init.One(), 'ones', 'zeros', 3, 'p_')", [X, Nested(R, H)], LOOP),
    ("contrib.rnn.VariationalDropoutCell(rnn.LSTMCell(2), 0.3, 0.4, 0.5)", [X, Nested(R, R)]),
    ("contrib.rnn.VariationalDropoutCell(rnn.RNNCell(2), drop_states=0.5)", [X, Nested(R)], LOOP),
    ("contrib.rnn.VariationalDropoutCell(rnn.GRUCell(2), drop_outputs=0.5)", [X, Nested(R)], LOOP),
    ("contrib.rnn.VariationalDropoutCell(rnn.GRUCell(2, prefix='g_'))", [X, Nested(R)], LOOP),
    # ------------------------------------------------------------------------------------------ unrolled
    ("unrolled('contrib.rnn.LSTMPCell(4, 2)', 2, merge_outputs=True)", [(2, 2, 3), R, H], LOOP),
    ("unrolled('contrib.rnn.LSTMPCell(4, 2)', 2, True, layout='TNC')", [(2, 2, 3), [2, 1]], PLAIN),
    ("unrolled('rnn.BidirectionalCell(contrib.rnn.LSTMPCell(2, 1), contrib.rnn.LSTMPCell(2, 1))', 2)",
     [(2, 2, 3)], PLAIN),
    ("unrolled('contrib.rnn.VariationalDropoutCell(rnn.LSTMCell(2), 0.3, 0.4, 0.5)', 2)", [(2, 2, 3)], FLOAT32),
    ("unrolled('contrib.rnn.VariationalDropoutCell(rnn.RNNCell(2), 0.3, 0.4)', 2, True, layout='TNC')",
     [(2, 2, 3), R, [2, 1]], LOOP),
    ("unrolled('contrib.rnn.VariationalDropoutCell(rnn.RNNCell(2), 0.3, 0, 0.5)', 3)", [(2, 3, 4)], PLAIN),
    ("unrolled('contrib.rnn.VariationalDropoutCell(rnn.RNNCell(2), 0.3, 0, 0.5)', 2, merge_outputs=False)",
     [Nested(X, X), R], LOOP),
    ("unrolled('contrib.rnn.VariationalDropoutCell(rnn.RNNCell(2), drop_outputs=0.5)', 3, True, layout='TNC')",
     [(3, 2, 4), [3, 2]], PLAIN),
    ("unrolled('contrib.rnn.VariationalDropoutCell(rnn.RNNCell(2), 0.5)', 2, True, merge_outputs=False)",
     [(2, 2, 3), R, [1, 2]], PLAIN),
    ("unrolled('contrib.rnn.VariationalDropoutCell(rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2)), 0.3, 0, "
     "0.5)', 2, layout='TNC')", [(2, 2, 3)], PLAIN),
    # ------------------------------------------------------------------------------------------ loops in the graph
    ("looped('rnn.RNNCell(2, input_size=4)')", [(3, 2, 4), R]),
    ("looped('rnn.LSTMCell(2, input_size=4)', layout='NTC')", [(2, 3, 4), R, R], LOOP),
    ("looped('rnn.LSTMCell(2, input_size=4)', True)", [(3, 2, 4), R, R, [3, 1]], PLAIN),
    ("looped('contrib.rnn.LSTMPCell(4, 2, input_size=3)', True, layout='NTC')", [(2, 3, 3), R, H, [2, 3]], PLAIN),
    ("looped('rnn.GRUCell(2, input_size=4)', drop_inputs=0.5, drop_outputs=0.3)", [(3, 2, 4), R], LOOP),
    ("looped('rnn.GRUCell(2, input_size=4)', True, drop_outputs=0.3)", [(3, 2, 4), R, [1, 3]], PLAIN),
    ("looped(\"cells('HybridSequentialRNNCell', 'rnn.RNNCell(2, input_size=3)', 'rnn.RNNCell(2, input_size=2)')\")",
     [(2, 2, 3), R, R], PLAIN),
]  # fmt: skip

_ROWS = "mx.nd.ones((3, 2, 3))"
REFUSED = [
    "contrib.rnn.VariationalDropoutCell(rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2)), drop_states=0.5)",
    "(lambda c: (contrib.rnn.VariationalDropoutCell(c), rnn.ResidualCell(c)))(rnn.RNNCell(2))",
    "contrib.rnn.LSTMPCell(4)",
    "contrib.rnn.LSTMPCell(4, 2).begin_state()",
    f"contrib.rnn.rnn_cell.dynamic_unroll(rnn.RNNCell(2), {_ROWS}, None)",
    f"contrib.rnn.rnn_cell.dynamic_unroll(rnn.RNNCell(2), [{_ROWS}], [mx.nd.ones((2, 2))])",
    "contrib.rnn.rnn_cell.dynamic_unroll(rnn.RNNCell(2), mx.sym.var('x'), mx.sym.var('h'))",
]
