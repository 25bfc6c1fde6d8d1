"""Rules of network operators that a single call does not show.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.nn_rules
"""

import os

import numpy as np

from tests.oracle.scenario import attempt, write


def _values(*shape):
    return np.random.RandomState(sum(shape)).standard_normal(shape)


class _Norm(object):
    """BatchNorm's parameters and statistics."""

    def __init__(self, mx, reqs=("write", "write", "write")):
        self.mx = mx
        self.data = mx.nd.array(_values(4, 3, 2))
        self.gamma, self.beta = mx.nd.array([2.0, 3.0, 4.0]), mx.nd.array([0.1, 0.2, 0.3])
        self.mean, self.var = mx.nd.array([0.5, 0.0, -0.5]), mx.nd.array([1.0, 2.0, 3.0])
        for x, req in zip((self.data, self.gamma, self.beta), reqs):
            if req != "none":
                x.attach_grad(req)

    def __call__(self, data=None, **attrs):
        attrs.setdefault("fix_gamma", False)
        data = self.data if data is None else data
        out = self.mx.nd.BatchNorm(data, self.gamma, self.beta, self.mean, self.var, **attrs)
        (out[0] if isinstance(out, list) else out).wait_to_read()
        return out

    def state(self):
        self.mx.nd.waitall()
        return [self.mean.asnumpy(), self.var.asnumpy(), self.gamma.asnumpy()]


def _forward_then_backward_twice(mx, **attrs):
    norm = _Norm(mx)
    states = []
    with mx.autograd.record():
        out = norm(**attrs)
    states.append(norm.state())
    for _ in range(2):
        out.backward(retain_graph=True)
        states.append(norm.state())
    return states


def _one_pass(mx, reqs, **attrs):
    norm = _Norm(mx, reqs)
    with mx.autograd.record():
        out = norm(**attrs)
    out.backward()
    return norm.state()


def _not_recorded(mx):
    norm = _Norm(mx)
    with mx.autograd.train_mode():
        out = norm()
    return norm.state(), out


def _recorded_in_predict_mode(mx):
    norm = _Norm(mx)
    with mx.autograd.record(train_mode=False):
        out = norm()
    out.backward(train_mode=False)
    return norm.state()


def _shared(mx):
    """Two uses in one graph: each moves the statistics, the later one first."""
    norm = _Norm(mx)
    with mx.autograd.record():
        out = norm(norm(), momentum=0.5)
    out.backward()
    return norm.state(), norm.data.grad


def _added_up(mx):
    """A result used twice moves them once."""
    norm = _Norm(mx)
    with mx.autograd.record():
        out = norm()
        total = out * 2 + out
    total.backward()
    return norm.state()


def _gluon(mx, hybridize):
    net = mx.gluon.nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(mx.gluon.nn.BatchNorm(in_channels=3), mx.gluon.nn.BatchNorm(in_channels=3, scale=False))
    net.initialize()
    if hybridize:
        net.hybridize()
    data = mx.nd.array(_values(4, 3, 2))
    states = []
    for _ in range(2):
        with mx.autograd.record():
            out = net(data)
        out.wait_to_read()
        states.append([x.running_var.data().asnumpy() for x in net])
        out.backward()
        mx.nd.waitall()
        states.append([[x.running_mean.data().asnumpy(), x.running_var.data().asnumpy()] for x in net])
    return states


def _rrelu_in_predict_mode(mx):
    return mx.nd.LeakyReLU(mx.nd.array([-2.0, -1.0, 0.0, 3.0]), act_type="rrelu", lower_bound=0.1, upper_bound=0.5)[0]


def _label_lengths_alone(mx):
    data, label = mx.nd.array(_values(6, 3, 4)), mx.nd.array([[1, 2, 3], [3, 1, 1], [2, 2, 1]])
    return mx.nd.CTCLoss(data, label, label_lengths=mx.nd.array([2, 1, 3]), use_label_lengths=True)


def _initial_values(mx):
    sym = mx.sym
    made = sym.BatchNorm(sym.var("data"), name="bn"), sym.LeakyReLU(sym.var("data"), act_type="prelu", name="prelu")
    return [{k: v.get("__init__") for k, v in s.attr_dict().items()} for s in made]


def _arguments(mx):
    sym, data = mx.sym, mx.sym.var("data")
    made = {
        "dense": sym.FullyConnected(data, num_hidden=4, name="x"),
        "dense without bias": sym.FullyConnected(data, num_hidden=4, no_bias=True, flatten=False, name="x"),
        "conv": sym.Convolution(data, kernel=(3, 2), num_filter=6, num_group=2, name="x"),
        "conv last": sym.Convolution(data, kernel=(2, 2), num_filter=6, num_group=3, layout="NHWC", name="x"),
        "deconv": sym.Deconvolution(data, kernel=(3, 2), num_filter=6, num_group=2, no_bias=False, name="x"),
        "bn": sym.BatchNorm(data, axis=-1, output_mean_var=True, name="x"),
        "ln": sym.LayerNorm(data, axis=1, output_mean_var=True, name="x"),
        "gn": sym.GroupNorm(data, num_groups=2, name="x"),
        "in": sym.InstanceNorm(data, name="x"),
        "prelu": sym.LeakyReLU(data, act_type="prelu", name="x"),
        "rrelu": sym.LeakyReLU(data, act_type="rrelu", name="x"),
        "embedding": sym.Embedding(data, input_dim=5, output_dim=6, name="x"),
        "softmax": sym.softmax(data, use_length=True, axis=1, name="x"),
        "softmax output": sym.SoftmaxOutput(data, name="x"),
        "softmax output of many": sym.SoftmaxOutput(data, multi_output=True, name="x"),
        "regression": sym.LinearRegressionOutput(data, name="x"),
        "dropout": sym.Dropout(data, name="x"),
        "pooling": sym.Pooling(data, kernel=(2, 2), name="x"),
    }
    return {
        name: [s.list_arguments(), s.list_auxiliary_states(), s.list_outputs(), s.infer_shape(data=(2, 4, 6, 6))]
        for name, s in made.items()
    }


def results(mx):
    """{name: what MXNet does}."""
    write_, null = ("write",) * 3, "null"
    return {
        "bn: forward, then backward twice": attempt(_forward_then_backward_twice, mx),
        "bn: the same with fix_gamma": attempt(_forward_then_backward_twice, mx, fix_gamma=True, momentum=0.6),
        "bn: the same with global statistics": attempt(_forward_then_backward_twice, mx, use_global_stats=True),
        "bn: gradient of data only": attempt(_one_pass, mx, ("write", null, null)),
        "bn: gradient of beta only": attempt(_one_pass, mx, ("none", "none", "write")),
        "bn: all gradients": attempt(_one_pass, mx, write_, momentum=0.25),
        "bn: not recorded": attempt(_not_recorded, mx),
        "bn: recorded in predict mode": attempt(_recorded_in_predict_mode, mx),
        "bn: used twice": attempt(_shared, mx),
        "bn: result used twice": attempt(_added_up, mx),
        "bn: gluon": attempt(_gluon, mx, False),
        "bn: hybridized": attempt(_gluon, mx, True),
        "rrelu: predict mode": attempt(_rrelu_in_predict_mode, mx),
        "ctc: label lengths alone": attempt(_label_lengths_alone, mx),
        "initial values": attempt(_initial_values, mx),
        "arguments": attempt(_arguments, mx),
    }


if __name__ == "__main__":
    os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")  # as for the operators' cases
    import mxnet

    write("nn_rules", results(mxnet))
