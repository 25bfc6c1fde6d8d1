"""Cases of the fused recurrent operator.

MXNet has them all on a CPU only with oneDNN, and there it leaves out dropout, the sequences' lengths and clipping
without a word in float32, and refuses the last two in float64: those are in test_rnn.py. With a projection it has no
gradients, and without ``state_outputs`` it then writes beyond its memory.
"""

from ..spec import I, N, U

GATES = {"rnn_relu": 1, "rnn_tanh": 1, "lstm": 4, "gru": 3}
T, BATCH, INPUT, SIZE = 3, 2, 4, 3


def parameters(mode, layers, directions, projection=None):
    """How many parameters there are."""
    rows, visible = GATES[mode] * SIZE, projection or SIZE
    total = 0
    for layer in range(layers):
        columns = (INPUT if layer == 0 else visible * directions) + visible
        total += directions * (rows * columns + (projection or 0) * SIZE + 2 * rows)
    return total


def rnn(mode, layers=1, directions=1, projection=None, **case):
    """A case with inputs that fit."""
    stacked = layers * directions
    inputs = [
        (T, BATCH, INPUT),
        U((parameters(mode, layers, directions, projection),), -0.7, 0.7),
        (stacked, BATCH, projection or SIZE),
    ]
    if mode == "lstm":
        inputs.append((stacked, BATCH, SIZE))
    attrs = dict(state_size=SIZE, num_layers=layers, mode=mode, **case.pop("attrs", {}))
    if mode == "rnn_relu":
        case["tol"] = {"float64": (1e-5, 1e-6)}  # its relu rounds to float32
    if directions == 2:
        attrs["bidirectional"] = True
    if projection:
        attrs["projection_size"] = projection
    return dict(op="RNN", inputs=inputs, attrs=attrs, **case)


def wrong(mode="gru", data=(T, BATCH, INPUT), size=None, state=(1, BATCH, SIZE), more=(), **attrs):
    """A case that is refused."""
    size = parameters(mode, 1, 1) if size is None else size
    attrs = dict(dict(state_size=SIZE, num_layers=1, mode=mode), **attrs)
    return dict(op="RNN", inputs=[data, (size,), state] + list(more), attrs=attrs, error=True)


CASES = [
    rnn(mode, layers, directions, attrs=dict(state_outputs=True) if state_outputs else {})
    for mode in sorted(GATES)
    for layers in (1, 2)
    for directions in (1, 2)
    for state_outputs in (False, True)
]
CASES += [
    rnn("gru", 3, attrs=dict(state_outputs=True)),
    rnn("lstm", attrs=dict(state_outputs=True), train=True),
    rnn("lstm", attrs=dict(state_outputs=True, p=0.5), train=True),  # there is no layer after the first
    rnn("lstm", 2, attrs=dict(state_outputs=True, p=0.5), record=False, grad=False),  # MXNet drops where it records
    rnn("lstm", record=False, grad=False),
    rnn("lstm", projection=2, attrs=dict(state_outputs=True), record=False, grad=False),
    rnn("lstm", 2, 2, projection=2, attrs=dict(state_outputs=True), record=False, grad=False),
    wrong(size=parameters("gru", 1, 1) - 1),
    wrong(size=parameters("gru", 1, 1) + 1),
    wrong(size=parameters("lstm", 1, 1)),
    wrong(state=(1, 1, SIZE)),
    wrong(state=(2, BATCH, SIZE)),
    wrong(state=(BATCH, SIZE)),
    wrong(data=(T, INPUT)),
    wrong(data=(0, BATCH, INPUT)),
    wrong(data=(T, 0, INPUT), state=(1, 0, SIZE)),
    wrong(num_layers=0),
    wrong(state_size=0),
    dict(wrong(mode="lstm"), faces=("nd",)),  # a symbol makes a variable of the missing state
    wrong(more=[(1, BATCH, SIZE)]),
    wrong(mode="lstm", more=[(1, BATCH, SIZE)], projection_size=SIZE + 1),
    wrong(p=2.0),
    dict(wrong(), attrs=dict(state_size=SIZE, num_layers=1, mode="elman")),
    dict(wrong(), attrs=dict(state_size=SIZE, num_layers=1)),
    wrong(state=N(1, BATCH, SIZE, dtype="float16")),
    wrong(mode="lstm", more=[(1, BATCH, SIZE), I((BATCH,), 1, T)]),
    dict(op="_rnn_param_concat", inputs=[(3,), (2,), (4,)], attrs=dict(dim=0), variadic=True),
    dict(op="_rnn_param_concat", inputs=[(2, 3), (2, 1)], variadic=True),
    dict(op="_rnn_param_concat", inputs=[(2, 3), (1, 3)], attrs=dict(dim=-2), variadic=True),
    dict(
        op="_rnn_param_concat",
        inputs=[I((3,), 0, 9), I((2,), 0, 9)],
        attrs=dict(dim=0),
        dtypes=["int32"],
        variadic=True,
    ),
    dict(op="_rnn_param_concat", inputs=[(3,), (2,)], error=True, variadic=True),
    dict(op="_rnn_param_concat", inputs=[(3, 1), (1, 2)], attrs=dict(dim=0), error=True, variadic=True),
    dict(op="_rnn_param_concat", inputs=[(3,), N(2, dtype="float16")], attrs=dict(dim=0), error=True, variadic=True),
]
