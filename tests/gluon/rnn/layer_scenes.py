"""What fused layers do beside computing, as scenes played on both sides."""

import hashlib
import os
import tempfile

import numpy as np


def _made(mx, cls, *args, **kwargs):
    with mx.name.NameManager():
        layer = getattr(mx.gluon.rnn, cls)(*args, **kwargs)
    layer.initialize(mx.init.One())
    return layer


def _kind(result):
    """Classes and shapes of nested results."""
    if isinstance(result, (list, tuple)):
        return [type(result).__name__, *[_kind(part) for part in result]]
    return list(result.shape)


def _data(mx, *shape, dtype="float32"):
    return mx.nd.array(np.random.RandomState(sum(shape)).standard_normal(shape), dtype=dtype)


def states(mx):
    """``begin_state`` and ``state_info``."""
    lstm = _made(mx, "LSTM", 4, 2, bidirectional=True)
    gru = _made(mx, "GRU", 4, dtype="float64", prefix="g_")
    projected = _made(mx, "LSTM", 4, projection_size=3, layout="NTC")
    found = [
        [repr(layer.state_info()), repr(layer.state_info(3)), repr(layer.state_info(batch_size=2))]
        for layer in (lstm, gru, projected, _made(mx, "RNN", 4))
    ]
    for layer in (lstm, gru, projected):
        found.append([[list(s.shape), s.dtype.__name__, str(s.context)] for s in layer.begin_state(2)])
    found.append([str(s.context) for s in lstm.begin_state(2, ctx=mx.cpu(1))])
    found.append([s.dtype.__name__ for s in lstm.begin_state(2, dtype="float16")])
    found.append([s.asnumpy().tolist() for s in gru.begin_state(1, mx.nd.ones)])
    found.append([s.name for s in lstm.begin_state(func=mx.sym.zeros)])
    found.append([s.tojson() for s in gru.begin_state(func=mx.sym.var, batch_size=2)])
    found.append(lstm.begin_state(2, func=lambda name, shape, **kwargs: [name, shape, kwargs]))
    found.append(gru.begin_state(2, func=lambda **kwargs: kwargs, ctx=3, dtype="int32"))
    mx.random.seed(1)
    found.append([s.asnumpy().tolist() for s in projected.begin_state(1, mx.nd.random.uniform)])
    gru.cast("float16")
    found.append([repr(gru.state_info(1)), gru.begin_state(1)[0].dtype.__name__])
    return found


def calls(mx):
    """What comes back for states that are given in one way or another."""
    nd, x = mx.nd, mx.nd.ones((3, 2, 5))
    h, both = nd.ones((1, 2, 4)), [nd.ones((1, 2, 4))] * 2
    lengths = nd.array([2, 3])
    given = [
        ("LSTM", {}, [x], {}), ("LSTM", {}, [x, None], {}), ("LSTM", {}, [x, both], {}),
        ("LSTM", {}, [x, tuple(both)], {}), ("LSTM", {}, [x], {"states": both}), ("GRU", {}, [x, h], {}),
        ("GRU", {}, [x, [h]], {}), ("RNN", {}, [x, h], {}), ("LSTM", {}, [x, both, lengths], {}),
        ("LSTM", {}, [x, both], {"sequence_length": lengths}), ("LSTM", {"layout": "NTC"}, [x], {}),
        ("LSTM", {"use_sequence_length": True}, [x, both, lengths], {}),
        ("LSTM", {"use_sequence_length": True}, [x], {"sequence_length": lengths}),
        ("LSTM", {"use_sequence_length": True}, [x, both, nd.array([2, 3], dtype="int32")], {}),
        ("LSTM", {"projection_size": 0}, [x, both], {}), ("LSTM", {"projection_size": 5}, [x], {}),
    ]  # fmt: skip
    found = []
    for cls, options, args, kwargs in given:
        for hybrid in (False, True):
            layer = _made(mx, cls, 4, **options)
            layer.hybridize(hybrid)
            found.append([_kind(layer(*args, **kwargs)), layer.skip_states])
    symbols = [_made(mx, "LSTM", 4)(mx.sym.var("x"), s) for s in (None, [mx.sym.var("h"), mx.sym.var("c")])]
    found.append([type(s).__name__ for s in symbols])
    found.append([symbols[0].list_outputs(), symbols[1][0].list_outputs(), [s.list_outputs() for s in symbols[1][1]]])
    return found


def attributes(mx):
    """Attributes that programs and subclasses read."""
    layer = _made(mx, "LSTM", 4, 2, "NTC", 0.5, True, 3, projection_size=2, state_clip_min=-1, state_clip_max=1)
    names = ["hidden_size", "projection_size", "num_layers", "mode", "layout", "dropout", "dir", "input_size",
             "i2h_weight_initializer", "h2h_weight_initializer", "i2h_bias_initializer", "h2h_bias_initializer",
             "h2r_weight_initializer", "lstm_state_clip_min", "lstm_state_clip_max", "lstm_state_clip_nan", "dtype",
             "use_sequence_length", "gates"]  # fmt: skip
    kinds = [("RNN", {}), ("RNN", {"activation": "tanh"}), ("GRU", {}), ("LSTM", {"use_sequence_length": True})]
    return [
        [repr(getattr(layer, "_" + n)) for n in names], layer.skip_states, layer.r1_h2r_weight.name,
        [[m._mode, m._gates, m._use_sequence_length, m._lstm_state_clip_nan]
         for m in (_made(mx, cls, 4, **options) for cls, options in kinds)],
        sorted(mx.gluon.rnn.rnn_layer.__all__),
    ]  # fmt: skip


def weights(mx):
    """Digests of the weights that a seed gives, in whole nets and alone, with shapes known or not."""
    inits = [mx.init.Uniform(), mx.init.Xavier(), mx.init.Normal(0.3)]
    found = []
    for init in inits:
        for cls, args, kwargs in (
            ("LSTM", (4, 2), {"bidirectional": True}), ("GRU", (3,), {"input_size": 5}), ("RNN", (3, 2), {}),
            ("LSTM", (4,), {"projection_size": 2, "h2h_bias_initializer": mx.init.LSTMBias(1.5)}),
            ("GRU", (3,), {"i2h_weight_initializer": "normal", "h2h_bias_initializer": "ones"}),
        ):  # fmt: skip
            mx.random.seed(11)
            with mx.name.NameManager():
                layer = getattr(mx.gluon.rnn, cls)(*args, **kwargs)
            layer.initialize(init)
            layer(_data(mx, 3, 2, 5))
            for name, param in layer.collect_params().items():
                found.append([name, hashlib.sha1(param.data().asnumpy().tobytes()).hexdigest()[:12]])
    return found


def dropout(mx):
    """Dropout between layers in float64, where MXNet has it: the same numbers, taken from the same stream."""
    found = []
    for cls, layers, both in (("LSTM", 2, False), ("GRU", 3, True), ("RNN", 2, True)):
        layer = getattr(mx.gluon.rnn, cls)(3, layers, dropout=0.3, bidirectional=both, input_size=5, dtype="float64")
        mx.random.seed(3)
        layer.initialize(mx.init.Normal(0.5))
        x = _data(mx, 5, 2, 5, dtype="float64")
        mx.random.seed(9)
        with mx.autograd.record():
            found.append(layer(x).asnumpy().round(6).tolist())
        found.append(mx.nd.shuffle(mx.nd.arange(9)).asnumpy().tolist())
        with mx.autograd.train_mode():
            found.append(float(layer(x).sum().asscalar()))
        found.append(float(layer(x).sum().asscalar()))
    return found


def hybridized(mx):
    """Other lengths and batch sizes after tracing; the states go from one call to the next."""
    layer = _made(mx, "LSTM", 4, 2)
    layer.hybridize()
    states, found = layer.begin_state(2), []
    for steps in (3, 1, 5):
        out, states = layer(_data(mx, steps, 2, 5), states)
        found.append([float(a.sum().asscalar()) for a in (out, *states)])
    out, states = layer(_data(mx, 2, 7, 5), layer.begin_state(7))
    return [*found, list(out.shape), [list(s.shape) for s in states]]


def truncated(mx):
    """Truncated backpropagation: states detached from one piece of a sequence to the next."""
    layer = _made(mx, "GRU", 3, input_size=5)
    trainer = mx.gluon.Trainer(layer.collect_params(), "sgd", {"learning_rate": 0.1})
    states, found = layer.begin_state(2), []
    for step in range(3):
        states = [s.detach() for s in states]
        with mx.autograd.record():
            out, states = layer(_data(mx, 3, 2, 5) + step, states)
            loss = (out * out).sum()
        loss.backward()
        norm = mx.gluon.utils.clip_global_norm([p.grad() for p in layer.collect_params().values()], 0.5)
        trainer.step(2)
        found.append([float(loss.asscalar()), float(norm), float(states[0].sum().asscalar())])
    return found


def files(mx):
    """Names in files, and what loads where."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p")
        for cls, args, kwargs in (("LSTM", (2, 2), {"dropout": 0.1}), ("GRU", (2,), {"bidirectional": True})):
            layer, other = (_made(mx, cls, *args, input_size=3, **kwargs) for _ in range(2))
            for p in layer.collect_params().values():
                p.set_data(_data(mx, *p.shape))
            layer.save_parameters(path)
            found.append(sorted(mx.nd.load(path)))
            other.load_parameters(path)
            found.append(float(other(_data(mx, 3, 2, 3)).sum().asscalar()))
            unsized = getattr(mx.gluon.rnn, cls)(*args, **kwargs)
            unsized.load_parameters(path)
            found.append([float(unsized(_data(mx, 3, 2, 3)).sum().asscalar()), repr(unsized)])
            layer.collect_params().save(path)
            found.append(sorted(mx.nd.load(path)))
            net = mx.gluon.nn.HybridSequential()
            net.add(mx.gluon.nn.Flatten(), layer)
            net.save_parameters(path)
            found.append(sorted(mx.nd.load(path)))
    return found


def unfused(mx):
    """The cells that a layer stands for."""
    found = []
    for cls, args, kwargs in (
        ("LSTM", (2, 2), {"dropout": 0.3, "bidirectional": True}), ("LSTM", (2, 2), {"prefix": "a_"}),
        ("GRU", (2, 2), {"layout": "NTC", "input_size": 3}), ("RNN", (2,), {"activation": "tanh"}),
        ("RNN", (2, 2), {"dropout": 0.5}), ("GRU", (2,), {"bidirectional": True}),
    ):  # fmt: skip
        layer = _made(mx, cls, *args, **kwargs)
        layer(_data(mx, 4, 2, 3))
        for p in layer.collect_params().values():
            p.set_data(_data(mx, *p.shape))
        cells = layer._unfuse()
        found.append([repr(cells), cells.prefix])
        found.append([list(cells.collect_params()), list(cells._collect_params_with_prefix())])
        found.append(all(p is layer.collect_params()[n] for n, p in cells.collect_params().items()))
        outputs, states = cells.unroll(4, _data(mx, 4, 2, 3), layout="TNC", merge_outputs=True)
        found.append([outputs.asnumpy().tolist(), [float(s.sum().asscalar()) for s in states]])
    return found


SCENES = [states, calls, attributes, weights, dropout, hybridized, truncated, files, unfused]
