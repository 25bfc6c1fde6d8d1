"""Writes tests/golden/numpy_gluon.json: layers, losses and recurrent layers of Gluon under npx.set_np().

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.numpy_gluon
"""

import os

from tests.oracle.numpy_common import told, tried
from tests.oracle.scenario import write

LAYERS = """
nn.Dense(3) | (2, 4)
nn.Dense(3, activation='relu', flatten=False) | (2, 4, 5)
nn.Dense(3, use_bias=False) | (2, 4)
nn.Dropout(0.5) | (2, 4)
nn.Dropout(0) | (2, 4)
nn.BatchNorm() | (2, 3, 4)
nn.BatchNorm(axis=-1, scale=False, center=False, use_global_stats=True) | (2, 3, 4)
nn.LayerNorm() | (2, 3, 4)
nn.Embedding(5, 2) | (2, 3)
nn.Flatten() | (2, 3, 4)
nn.HybridLambda(lambda F, x: F.np.tanh(x)) | (2, 3)
nn.Activation('relu') | (2, 3)
nn.LeakyReLU(0.1) | (2, 3)
nn.PReLU() | (2, 3)
nn.ELU() | (2, 3)
nn.SELU() | (2, 3)
nn.GELU() | (2, 3)
nn.Swish() | (2, 3)
nn.Conv1D(2, 3) | (1, 2, 5)
nn.Conv2D(2, 3, padding=1, activation='relu') | (1, 2, 4, 4)
nn.Conv3D(2, 2) | (1, 1, 3, 3, 3)
nn.Conv1DTranspose(2, 3) | (1, 2, 4)
nn.Conv2DTranspose(2, 3, strides=2, output_padding=1) | (1, 2, 2, 2)
nn.Conv3DTranspose(1, 2, use_bias=False) | (1, 1, 2, 2, 2)
nn.MaxPool1D() | (1, 2, 4)
nn.MaxPool2D(3, 2, 1) | (1, 2, 5, 5)
nn.MaxPool3D() | (1, 1, 4, 4, 4)
nn.AvgPool1D() | (1, 2, 4)
nn.AvgPool2D(count_include_pad=False) | (1, 2, 4, 4)
nn.GlobalMaxPool1D() | (1, 2, 4)
nn.GlobalAvgPool2D() | (1, 2, 4, 4)
rnn.RNN(3) | (4, 2, 3)
rnn.LSTM(2, num_layers=2, bidirectional=True) | (3, 2, 2)
rnn.GRU(3, layout='NTC') | (4, 2, 3)
"""
LOSSES = """
loss.L2Loss() | a, b
loss.L2Loss() | a, b, np.ones((2, 1)) * 2
loss.L1Loss() | a, b
loss.L1Loss(weight=2) | a, b.reshape(3, 2)
loss.L2Loss(batch_axis=1) | a, b
loss.SigmoidBCELoss() | a, b
loss.SigmoidBCELoss(from_sigmoid=True) | a, b
loss.SigmoidBCELoss() | a, b, np.ones((2, 1)), np.ones((2, 3)) * 2
loss.SigmoidBCELoss(from_sigmoid=True) | a, b, np.ones((2, 1)), np.ones((2, 3)) * 2
loss.SoftmaxCELoss() | a, np.array([0, 2])
loss.SoftmaxCELoss(axis=1) | np.ones((2, 3, 4)) * 0.3, np.array([[0, 2, 1, 1], [0, 2, 1, 1]])
loss.SoftmaxCELoss(sparse_label=False) | a, b
loss.SoftmaxCELoss(from_logits=True) | a, np.array([0, 2]), np.array([0.5, 2])
loss.SoftmaxCELoss(from_logits=True) | a, np.array([0, 2]), np.array([[0.5], [2]])
"""
STATES = """
rnn.RNN(3, input_size=2) | 1
rnn.LSTM(3, input_size=2) | 2
rnn.GRU(3, layout='NTC', input_size=2) | 1
"""
INITIALIZERS = """
Zero() ; One() ; Uniform() ; Normal() ; Xavier() ; MSRAPrelu() ; Bilinear() ; Constant(2)
Xavier(rnd_type="gaussian", factor_type="in") ; LSTMBias()
Constant(mx.np.ones((4, 2, 2, 2)))
"""


def lines(text):
    return text.strip().splitlines()


def values(mx, shape):
    """Numbers between 0.1 and 1 in that shape, which are exact in float32 arithmetic of both sides."""
    n = 1
    for length in shape:
        n *= length
    return mx.nd.array([i % 5 / 8 + 0.125 for i in range(n)]).reshape(shape).as_np_ndarray()


def graph_of(net):
    return told(net._cached_graph[1])


def layer(mx, text, shape, hybrid):
    nn, rnn = mx.gluon.nn, mx.gluon.rnn
    mx.random.seed(3)
    with mx.name.NameManager():
        net = eval(text, {"nn": nn, "rnn": rnn})
        net.initialize(mx.init.Uniform(0.5))
        if hybrid:
            net.hybridize()
        x = values(mx, shape)
        if "MaxPool" in text:  # oneDNN's have no gradient under MXNet's NaiveEngine
            return [told(net(x)), told(net(x))] + ([graph_of(net)] if hybrid else [])
        if "Embedding" not in text:
            x.attach_grad()
        with mx.autograd.record():
            y = net(x)
        y.backward()
        found = [told(y), told(x.grad) if x.grad is not None else None]
        for key, param in net.collect_params().items():
            grad = None if param.grad_req == "null" else param.grad()
            found.append([key, param.shape, type(param.data()).__name__, told(grad)])
        found.append(told(net(x)))
        if hybrid:
            found.append(graph_of(net))
    return found


def loss_of(mx, text, arguments, hybrid):
    np = mx.np
    with mx.name.NameManager():
        net = eval(text, {"loss": mx.gluon.loss})
        if hybrid:
            net.hybridize()
        a = values(mx, (2, 3))
        given = eval("[%s]" % arguments, {"np": np, "a": a, "b": a[::-1] * 0.5})
        given[0].attach_grad()
        with mx.autograd.record():
            y = net(*given)
        y.backward()
        return [told(y), told(given[0].grad)] + ([graph_of(net)] if hybrid else [])


def with_states(mx, text, count, hybrid):
    mx.random.seed(3)
    net = eval(text, {"rnn": mx.gluon.rnn})
    net.initialize(mx.init.Uniform(0.5))
    if hybrid:
        net.hybridize()
    x = values(mx, (2, 2, 2))
    zeros = net.begin_state(batch_size=2)
    out, states = net(x, zeros)
    given = [values(mx, s.shape) for s in zeros]
    again = net(x, given if count > 1 else given[0])
    return [told(zeros), told(out), told(states), told(again)]


def initialized(mx, text):
    mx.random.seed(1)
    shape = (4, 2, 2, 2) if "Bias" not in text else (8,)
    param = mx.gluon.Parameter("w_weight", shape=shape)
    param.initialize(init=eval("mx.init." + text, {"mx": mx}))
    return param.data()


def results(mx):
    mx.npx.set_np()
    try:
        found = {}
        for line in lines(LAYERS):
            text, shape = line.split(" | ")
            for hybrid in (False, True):
                found["%s %s" % (line, hybrid)] = tried(lambda: layer(mx, text, eval(shape), hybrid))
        for line in lines(LOSSES):
            text, arguments = line.split(" | ")
            for hybrid in (False, True):
                found["%s %s" % (line, hybrid)] = tried(lambda: loss_of(mx, text, arguments, hybrid))
        for line in lines(STATES):
            text, count = line.split(" | ")
            for hybrid in (False, True):
                found["%s %s" % (line, hybrid)] = tried(lambda: with_states(mx, text, int(count), hybrid))
        for line in lines(INITIALIZERS):
            for text in line.split(" ; "):
                found["initializer " + text] = tried(lambda: initialized(mx, text))
        return found
    finally:
        mx.npx.reset_np()


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("numpy_gluon", results(mxnet))
