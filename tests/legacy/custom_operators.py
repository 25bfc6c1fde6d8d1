"""Operators written in Python: a softmax with its loss, one with a state, and gradients by autograd.Function."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(11)
np.random.seed(11)


class Softmax(mx.operator.CustomOp):
    def forward(self, is_train, req, in_data, out_data, aux):
        x = in_data[0].asnumpy()
        y = np.exp(x - x.max(axis=1).reshape((x.shape[0], 1)))
        y /= y.sum(axis=1).reshape((x.shape[0], 1))
        self.assign(out_data[0], req[0], mx.nd.array(y))

    def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
        label = in_data[1].asnumpy().ravel().astype("int")
        y = out_data[0].asnumpy()
        y[np.arange(label.shape[0]), label] -= 1.0
        self.assign(in_grad[0], req[0], mx.nd.array(y))


@mx.operator.register("softmax_by_hand")
class SoftmaxProp(mx.operator.CustomOpProp):
    def __init__(self):
        super(SoftmaxProp, self).__init__(need_top_grad=False)

    def list_arguments(self):
        return ["data", "label"]

    def list_outputs(self):
        return ["output"]

    def infer_shape(self, in_shape):
        data_shape = in_shape[0]
        return [data_shape, (in_shape[0][0],)], [data_shape], []

    def create_operator(self, ctx, shapes, dtypes):
        return Softmax()


class Centre(mx.operator.CustomOp):
    """Takes off a running mean."""

    def __init__(self, momentum):
        super(Centre, self).__init__()
        self.momentum = momentum

    def forward(self, is_train, req, in_data, out_data, aux):
        mean = aux[0]
        if is_train:
            mean[:] = self.momentum * mean + (1 - self.momentum) * in_data[0].mean(axis=0)
        self.assign(out_data[0], req[0], in_data[0] - mean.reshape((1, -1)))

    def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
        self.assign(in_grad[0], req[0], out_grad[0])


@mx.operator.register("centre")
class CentreProp(mx.operator.CustomOpProp):
    def __init__(self, momentum="0.9"):
        super(CentreProp, self).__init__(need_top_grad=True)
        self.momentum = float(momentum)

    def list_auxiliary_states(self):
        return ["mean"]

    def infer_shape(self, in_shape):
        return in_shape, [in_shape[0]], [(in_shape[0][1],)]

    def create_operator(self, ctx, shapes, dtypes):
        return Centre(self.momentum)


print("as an output of a Symbol, trained through an Executor")
data = mx.sym.Variable("data")
fc1 = mx.sym.FullyConnected(data, name="fc1", num_hidden=8)
act = mx.sym.Activation(fc1, name="relu1", act_type="relu")
centred = mx.sym.Custom(act, name="centre0", op_type="centre", momentum=0.5)
fc2 = mx.sym.FullyConnected(centred, name="fc2", num_hidden=3)
out = mx.sym.Custom(fc2, name="softmax", op_type="softmax_by_hand")
print(out.list_arguments(), out.list_auxiliary_states(), out.list_outputs())
print(out.infer_shape(data=(6, 4)))
exe = out.simple_bind(mx.cpu(), data=(6, 4))
x = np.random.randn(6, 4)
label = np.array([0, 1, 2, 2, 1, 0])
for name in ("fc1_weight", "fc1_bias", "fc2_weight", "fc2_bias"):
    exe.arg_dict[name][:] = mx.nd.array(np.random.uniform(-0.5, 0.5, exe.arg_dict[name].shape))
for step in range(15):
    probabilities = exe.forward(is_train=True, data=x, softmax_label=label)[0].asnumpy()
    exe.backward()
    for name, grad in exe.grad_dict.items():
        if name.startswith("fc"):
            exe.arg_dict[name][:] -= 0.3 / 6 * grad
    if step % 7 == 0:
        print(step, "%.4f" % -np.log(probabilities[np.arange(6), label]).mean())
print(np.round(exe.aux_dict["centre0_mean"].asnumpy(), 4))

print("inside a Block")


class Net(gluon.HybridBlock):
    def __init__(self, **kwargs):
        super(Net, self).__init__(**kwargs)
        with self.name_scope():
            self.body = nn.Dense(5, in_units=4, activation="tanh")
            self.out = nn.Dense(3, in_units=5)
            self.mean = self.params.get("mean", shape=(5,), init="zeros", grad_req="null")

    def hybrid_forward(self, F, x, mean):
        return self.out(F.Custom(self.body(x), mean, op_type="centre", momentum=0.8, name="centre"))


net = Net(prefix="net_")
net.initialize(mx.init.Uniform(0.5))
net.hybridize()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.2})
loss_fn = gluon.loss.SoftmaxCELoss()
for _ in range(4):
    with autograd.record():
        loss = loss_fn(net(nd.array(x)), nd.array(label))
    loss.backward()
    trainer.step(6)
    print("%.4f" % loss.mean().asscalar(), np.round(net.mean.data().asnumpy(), 4))


class Sigmoid(autograd.Function):
    def forward(self, x):
        y = 1 / (1 + nd.exp(-x))
        self.save_for_backward(y)
        return y

    def backward(self, dy):
        (y,) = self.saved_tensors
        return dy * y * (1 - y)


x = nd.random.uniform(-2, 2, shape=(5,))
x.attach_grad()
with autograd.record():
    y = Sigmoid()(x) * 2
y.backward()
print(y.asnumpy(), x.grad.asnumpy())
