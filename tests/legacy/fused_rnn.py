"""A language model on the fused RNN operator, its packed parameters, and CTC: through Symbols and arrays."""

import mxnet as mx
import numpy as np
from mxnet import autograd, nd

mx.random.seed(19)
np.random.seed(19)
T, N, V, H, L = 6, 4, 7, 5, 2

data, label = mx.sym.var("data"), mx.sym.var("label")
embedded = mx.sym.Embedding(data, input_dim=V, output_dim=3, name="embed")
params, state, cell = (mx.sym.var(n) for n in ("rnn_parameters", "rnn_state", "rnn_cell"))
rnn = mx.sym.RNN(embedded, params, state, cell, state_size=H, num_layers=L, mode="lstm", state_outputs=True, name="rnn")
print(rnn.list_outputs())
scores = mx.sym.FullyConnected(mx.sym.reshape(rnn[0], shape=(-3, 0)), num_hidden=V, name="decoder")
out = mx.sym.SoftmaxOutput(scores, mx.sym.reshape(label, shape=(-1,)), normalization="batch", name="softmax")
net = mx.sym.Group([out, mx.sym.BlockGrad(rnn[1]), mx.sym.BlockGrad(rnn[2])])
arguments, outputs, _ = net.infer_shape(data=(T, N), label=(T, N))
print(dict(zip(net.list_arguments(), arguments)))
print(outputs)
fixed = ("data", "label", "rnn_state", "rnn_cell")
reqs = {n: "null" if n in fixed else "write" for n in net.list_arguments()}
exe = net.simple_bind(mx.cpu(), grad_req=reqs, data=(T, N), label=(T, N))
trained = [n for n in net.list_arguments() if n.endswith(("weight", "bias", "parameters"))]
for name in trained:
    exe.arg_dict[name][:] = nd.array(np.random.uniform(-0.3, 0.3, exe.arg_dict[name].shape))
text = np.random.randint(0, V, (T * 3 + 1, N))
for epoch in range(3):
    for name in ("rnn_state", "rnn_cell"):
        exe.arg_dict[name][:] = 0
    for i in range(0, 3 * T, T):
        exe.arg_dict["data"][:] = text[i : i + T]
        exe.arg_dict["label"][:] = text[i + 1 : i + T + 1]
        probabilities, h, c = exe.forward(is_train=True)
        exe.backward()
        grads = [exe.grad_dict[n] for n in trained]
        norm = float(sum(float((g * g).sum().asscalar()) for g in grads)) ** 0.5
        scale = min(1.0, 0.25 / norm)
        for name, g in zip(trained, grads):
            exe.arg_dict[name][:] -= 1.0 * scale * g
        exe.arg_dict["rnn_state"][:], exe.arg_dict["rnn_cell"][:] = h, c
        picked = probabilities.asnumpy()[np.arange(T * N), text[i + 1 : i + T + 1].ravel()]
    print(epoch, "perplexity %.4f" % np.exp(-np.log(picked).mean()), "norm %.4f" % norm)

for mode, gates in (("rnn_relu", 1), ("rnn_tanh", 1), ("gru", 3), ("lstm", 4)):
    for both in (False, True):
        d = 2 if both else 1
        size = d * gates * H * (3 + H + 2)
        x, w = nd.random.normal(shape=(T, N, 3)), nd.random.uniform(-0.4, 0.4, shape=(size,))
        states = [nd.zeros((d, N, H))] * (2 if mode == "lstm" else 1)
        w.attach_grad()
        with autograd.record():
            y = nd.RNN(x, w, *states, state_size=H, num_layers=1, mode=mode, bidirectional=both)
        y.backward()
        print(mode, both, y.shape, "%.4f %.4f" % (y.sum().asscalar(), w.grad.sum().asscalar()))

acts = nd.random.normal(shape=(T, N, V))
labels = nd.array([[1, 2, 0], [3, 3, 0], [4, 5, 6], [2, 0, 0]])
acts.attach_grad()
with autograd.record():
    loss = nd.CTCLoss(acts, labels, nd.array([6, 6, 5, 4]), use_data_lengths=True)
loss.backward()
print(loss.asnumpy(), "%.5f" % acts.grad.abs().sum().asscalar())
lengths = nd.array([6, 3, 1, 4])
print(nd.SequenceMask(acts, lengths, use_sequence_length=True, value=-1).sum(axis=(0, 2)).asnumpy())
print(nd.SequenceLast(acts, lengths, use_sequence_length=True)[:, 0].asnumpy())
print(nd.SequenceReverse(acts, lengths, use_sequence_length=True)[0, :, 0].asnumpy())
