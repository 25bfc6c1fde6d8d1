"""The old way: a symbolic perceptron bound by hand, trained with an updater, without Module."""

import mxnet as mx
import numpy as np

mx.random.seed(71)
np.random.seed(71)


def get_mlp(classes=3):
    data = mx.sym.Variable("data")
    label = mx.sym.Variable("softmax_label")
    fc1 = mx.sym.FullyConnected(data=data, name="fc1", num_hidden=8)
    act1 = mx.sym.Activation(data=fc1, name="relu1", act_type="relu")
    bn = mx.sym.BatchNorm(act1, name="bn", fix_gamma=False, eps=1e-3)
    fc2 = mx.sym.FullyConnected(data=bn, name="fc2", num_hidden=classes)
    return mx.sym.SoftmaxOutput(data=fc2, label=label, name="softmax", normalization="batch")


batch_size = 10
net = get_mlp()
print(net.list_arguments(), net.list_auxiliary_states(), net.list_outputs())
arg_shapes, out_shapes, aux_shapes = net.infer_shape(data=(batch_size, 6))
print(dict(zip(net.list_arguments(), arg_shapes)), out_shapes, aux_shapes)
print(net.tojson()[:20].split()[0], net.name, net.get_internals()["fc1_output"].list_arguments())

X = np.random.normal(size=(40, 6)).astype("float32")
Y = X[:, :3].argmax(axis=1).astype("float32")

grad_req = {name: "null" if name in ("data", "softmax_label") else "write" for name in net.list_arguments()}
executor = net.simple_bind(ctx=mx.cpu(), data=(batch_size, 6), softmax_label=(batch_size,), grad_req=grad_req)
print(
    sorted(executor.arg_dict),
    sorted(executor.aux_dict),
    sorted(k for k, v in executor.grad_dict.items() if v is not None),
)
initializer = mx.init.Xavier(factor_type="in", magnitude=2.34)
for name, array in executor.arg_dict.items():
    if name not in ("data", "softmax_label"):
        initializer(mx.init.InitDesc(name), array)
for name, array in executor.aux_dict.items():
    array[:] = 1 if name.endswith("var") else 0
optimizer = mx.optimizer.create("sgd", learning_rate=0.1, momentum=0.9, rescale_grad=1.0)
updater = mx.optimizer.get_updater(optimizer)
metric = mx.metric.Accuracy()
keys = [k for k in net.list_arguments() if grad_req[k] == "write"]
for epoch in range(3):
    metric.reset()
    for i in range(0, 40, batch_size):
        executor.arg_dict["data"][:] = X[i : i + batch_size]
        executor.arg_dict["softmax_label"][:] = Y[i : i + batch_size]
        executor.forward(is_train=True)
        executor.backward()
        for index, key in enumerate(keys):
            updater(index, executor.grad_dict[key], executor.arg_dict[key])
        metric.update([executor.arg_dict["softmax_label"]], executor.outputs)
    print(
        "epoch %d accuracy %.3f" % (epoch, metric.get()[1]),
        "norm %.4f" % executor.arg_dict["fc1_weight"].norm().asscalar(),
    )
print(np.round(executor.outputs[0].asnumpy()[0], 4), executor.output_dict["softmax_output"].shape)
print({k: np.round(v.asnumpy()[:2], 4).tolist() for k, v in sorted(executor.aux_dict.items())})

print("another size, the same weights")
small = executor.reshape(allow_up_sizing=True, data=(4, 6), softmax_label=(4,))
small.forward(is_train=False, data=mx.nd.array(X[:4]))
print(small.outputs[0].shape, "%.4f" % small.outputs[0].asnumpy().max())
fresh = net.simple_bind(mx.cpu(), grad_req="null", data=(4, 6))
fresh.copy_params_from({k: executor.arg_dict[k] for k in keys}, executor.aux_dict)
out = fresh.forward(data=X[:4])
print(np.allclose(out[0].asnumpy(), small.outputs[0].asnumpy(), atol=1e-6))
try:
    fresh.copy_params_from({"unknown": mx.nd.ones((1,))})
except ValueError as e:
    print("ValueError", e)
fresh.copy_params_from({"unknown": mx.nd.ones((1,))}, allow_extra_params=True)

print("bind by hand, gradients added up")
a, b = mx.sym.Variable("a"), mx.sym.Variable("b")
c = 2 * a * b + mx.sym.sin(a)
args = {"a": mx.nd.array([1.0, 2.0]), "b": mx.nd.array([3.0, 4.0])}
grads = {"a": mx.nd.zeros((2,)), "b": mx.nd.zeros((2,))}
ex = c.bind(mx.cpu(), args=args, args_grad=grads, grad_req={"a": "add", "b": "write"})
for _ in range(2):
    ex.forward(is_train=True)
    ex.backward(mx.nd.array([1.0, 0.5]))
print(ex.outputs[0].asnumpy(), grads["a"].asnumpy(), grads["b"].asnumpy())
print(c.eval(ctx=mx.cpu(), a=mx.nd.ones((1,)), b=mx.nd.ones((1,)))[0].asnumpy())
group = mx.sym.Group([c, mx.sym.BlockGrad(a + b, name="stopped")])
ex = group.bind(mx.cpu(), [mx.nd.ones((1,)), mx.nd.ones((1,))], args_grad=[mx.nd.zeros((1,)), mx.nd.zeros((1,))])
outs = ex.forward(is_train=True)
ex.backward([mx.nd.ones((1,)), mx.nd.ones((1,))])
print(
    [o.asscalar() for o in map(lambda o: o.sum().astype("float64"), outs)] == [o.asscalar() for o in ex.outputs],
    group.list_outputs(),
)
print([g.asnumpy().tolist() for g in ex.grad_arrays])

print("seen by a callback")
seen = []
executor.set_monitor_callback(lambda name, array: seen.append(name if isinstance(name, str) else name.decode()))
executor.forward(is_train=False)
print(seen)
