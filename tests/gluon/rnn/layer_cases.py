"""The fused layers' table of cases, for both sides; see tests/gluon/harness/inputs.py.

MXNet has the operator on a CPU only with oneDNN. There it leaves out sequence lengths, clipping and, in float32,
dropout between layers; it has no gradients of projections. Cases of these are looked at only, or run in predict mode;
see test_rnn_layer.py.
"""

from tests.gluon.harness.inputs import Index, Nested
from tests.gluon.rnn.layer_scenes import SCENES  # noqa: F401

TNC, NTC = (3, 2, 3), (2, 3, 3)
PREDICT, LOOK = {"grad": False}, {"run": False}
ALONE = {"imports": False}  # zeros as states are inputs of the exported graph
ROUGH = {"tol": {"float32": (1e-4, 1e-5), "float64": (1e-5, 1e-6)}}  # MXNet's relu rounds to float32


COMPILED = (  # torch.compile needs a second for each step
    "rnn.LSTM(2, num_layers=2)", "rnn.GRU(2, bidirectional=True)",
    "stack('rnn.LSTM(2, bidirectional=True)')",
)  # fmt: skip


def states(mode, stacked, size=2, visible=None):
    """The states of two sequences."""
    hidden = (stacked, 2, visible or size)
    return Nested(hidden, (stacked, 2, size)) if mode == "LSTM" else Nested(hidden)


CASES = [
    # ------------------------------------------------------------------------------------------ alone
    ("rnn.RNN(2)", [TNC], dict(ALONE, **ROUGH)),
    ("rnn.RNN(2, prefix='first_')", [TNC, states("RNN", 1)], ROUGH),
    ("rnn.RNN(2, 2, 'tanh', 'NTC', 0, True)", [NTC, states("RNN", 4)]),
    ("rnn.RNN(2, activation='tanh', bidirectional=True, input_size=3)", [TNC, (2, 2, 2)]),
    ("rnn.RNN(2, num_layers=2, layout='NTC')", [NTC], dict(ALONE, dtypes=("float64",), **ROUGH)),
    ("rnn.LSTM(2)", [TNC], ALONE),
    ("rnn.LSTM(2, prefix='first_')", [TNC, states("LSTM", 1)]),
    ("rnn.LSTM(2, 2, 'NTC', bidirectional=True)", [NTC, states("LSTM", 4)]),
    ("rnn.LSTM(2, num_layers=2)", [TNC, states("LSTM", 2)]),
    ("rnn.LSTM(2, bidirectional=True, layout='NTC', prefix='r_')", [NTC], ALONE),
    ("rnn.LSTM(2, 2, dropout=0.5)", [TNC, states("LSTM", 2)], PREDICT),
    ("rnn.GRU(2)", [TNC], ALONE),
    ("rnn.GRU(2, prefix='first_')", [TNC, states("GRU", 1)]),
    ("rnn.GRU(2, 2, bidirectional=True)", [TNC, (4, 2, 2)]),
    ("rnn.GRU(2, 2, 'NTC', 0.3)", [NTC, states("GRU", 2)], PREDICT),
    ("rnn.GRU(2, bidirectional=True)", [TNC, states("GRU", 2)]),
    ("rnn.GRU(2, input_size=3, layout='NTC')", [NTC, states("GRU", 1)]),
    # ------------------------------------------------------------------------------------------ arguments
    ("rnn.LSTM(3, projection_size=2)", [TNC, states("LSTM", 1, 3, 2)], PREDICT),
    ("rnn.LSTM(3, 1, 'NTC', 0, True, projection_size=2, h2r_weight_initializer='ones')",
     [NTC, states("LSTM", 2, 3, 2)], PREDICT),
    ("rnn.LSTM(2, 2, 'TNC', 0, True, 3, 'ones', mx.init.Normal(0.1), 'ones', mx.init.LSTMBias(2.0))",
     [TNC, states("LSTM", 4)]),
    ("rnn.GRU(2, 1, 'TNC', 0, False, 3, 'zeros', 'ones', 'zeros', 'ones', 'float64')", [TNC],
     dict(ALONE, dtypes=("float64",))),
    ("rnn.RNN(2, 1, 'tanh', 'TNC', 0, False, 'ones', 'zeros', 'ones', 'zeros', 3)", [TNC, states("RNN", 1)]),
    ("rnn.LSTM(2, state_clip_min=-1, state_clip_max=1.5, state_clip_nan=True)", [TNC, states("LSTM", 1)], LOOK),
    ("rnn.LSTM(2, use_sequence_length=True, layout='NTC')", [NTC, states("LSTM", 1), [2.0, 3.0]], LOOK),
    ("rnn.LSTM(2, 2, bidirectional=True, use_sequence_length=True, dropout=0.1)", [TNC, None, [2.0, 3.0]], LOOK),
    # ------------------------------------------------------------------------------------------ in nets
    ("stack('rnn.RNN(2)')", [TNC], ROUGH),
    ("stack('rnn.LSTM(2, bidirectional=True)')", [TNC]),
    ("stack('nn.Embedding(5, 3)', \"rnn.GRU(2, 2, layout='NTC')\", 'nn.Dense(5, flatten=False)')", [Index((2, 3), 5)]),
    ("stack('rnn.LSTM(2)', 'nn.Dropout(0.5)', 'rnn.GRU(1, bidirectional=True)')", [TNC]),
]  # fmt: skip

CASES = [(*case[:2], dict(*case[2:], compiled=case[0] in COMPILED)) for case in CASES]

REFUSED = [
    "rnn.LSTM(2, layout='CTN')",
    "rnn.GRU(2, layout='foo')",
    "rnn.RNN(2, activation='sigmoid')",
    "rnn.RNN(2, projection_size=3)",
    "rnn.GRU(2, projection_size=3)",
    "rnn.GRU(2, foo=1)",
    "rnn.LSTM(-2).initialize()",
    "repr(rnn.LSTM('a'))",
    "rnn.LSTM(2, num_layers='a')",
    "rnn.LSTM(2, projection_size=-1).initialize()",
    "rnn.LSTM(2).begin_state()",
    "rnn.LSTM(2).begin_state(2, foo=1)",
    "repr(rnn.LSTM(2, num_layers=0))",
    "rnn.LSTM(2).begin_state(2, name='h')",
    "rnn.LSTM(2, projection_size=1)._unfuse()",
    "rnn.LSTM(2, state_clip_min=-1)._unfuse()",
    "rnn.LSTM(2, state_clip_max=1)._unfuse()",
    "called('rnn.LSTM(2)', mx.nd.ones((3, 2, 3)), mx.nd.ones((1, 2, 2)))",
    "called('rnn.LSTM(2)', mx.nd.ones((3, 2, 3)), [mx.nd.ones((1, 2, 2))])",
    "called('rnn.GRU(2)', mx.nd.ones((3, 2, 3)), [[mx.nd.ones((1, 2, 2))]])",
    "called('rnn.LSTM(2)', mx.nd.ones((3, 2, 3)), [[mx.nd.ones((1, 2, 2)), mx.nd.ones((1, 2, 2))]])",
    "called('rnn.LSTM(2)', mx.nd.ones((3, 2, 3)), 3)",
    "called('rnn.LSTM(2)', mx.nd.ones((3, 2, 3)), 'a')",
    "called('rnn.LSTM(2)', [mx.nd.ones((3, 2, 3))])",
    "called('rnn.LSTM(2)', 3)",
    "called('rnn.GRU(2, input_size=3)', mx.nd.ones((3, 2, 3)), mx.nd.ones((1, 3, 2)))",
    "called('rnn.GRU(2, input_size=3)', mx.nd.ones((3, 2, 3)), mx.nd.ones((2, 2, 2)))",
    "called('rnn.GRU(2, input_size=4)', mx.nd.ones((3, 2, 3)))",
    "called('rnn.GRU(2, input_size=3)', mx.nd.ones((3, 2, 3), dtype='float64'))",
    "called(\"rnn.GRU(2, dtype='float64')\", mx.nd.ones((3, 2, 3)))",
    "called('rnn.GRU(2, use_sequence_length=True)', mx.nd.ones((3, 2, 3)))",
]
