"""A convolution net before Gluon: Variables, simple_bind, SGD with momentum by hand, another batch size for testing."""

import logging

import mxnet as mx
import numpy as np

logging.getLogger().setLevel(logging.INFO)
np.random.seed(12)
mx.random.seed(12)

CLASSES, BATCH = 3, 8


def synthetic(count):
    """Images with a bright bar; the label is where it is."""
    labels = np.random.randint(0, CLASSES, count)
    images = np.random.uniform(0, 0.5, (count, 1, 9, 9)).astype(np.float32)
    for image, label in zip(images, labels):
        image[0, 3 * label : 3 * label + 3] += 0.7
    return images, labels.astype(np.float32)


def lenet():
    data = mx.symbol.Variable("data")
    conv = mx.symbol.Convolution(data=data, kernel=(3, 3), num_filter=4, name="conv1")
    norm = mx.symbol.BatchNorm(data=conv, fix_gamma=False, momentum=0.9, eps=1e-3, name="bn1")
    act = mx.symbol.Activation(data=norm, act_type="relu", name="relu1")
    pool = mx.symbol.Pooling(data=act, pool_type="avg", kernel=(3, 3), stride=(2, 2), name="pool1")
    flat = mx.symbol.Flatten(data=pool, name="flatten")
    hidden = mx.symbol.FullyConnected(data=flat, num_hidden=10, name="fc1")
    drop = mx.symbol.Dropout(data=mx.symbol.Activation(data=hidden, act_type="tanh", name="tanh1"), p=0.2, name="drop1")
    out = mx.symbol.FullyConnected(data=drop, num_hidden=CLASSES, name="fc2")
    return mx.symbol.SoftmaxOutput(data=out, name="softmax")


def accuracy(probabilities, labels):
    return (probabilities.asnumpy().argmax(axis=1) == labels).mean()


net = lenet()
inputs = ["data", "softmax_label"]
exe = net.simple_bind(ctx=mx.cpu(), grad_req="write", data=(BATCH, 1, 9, 9))
params = [n for n in net.list_arguments() if n not in inputs]
for name, shape in zip(net.list_arguments(), net.infer_shape(data=(BATCH, 1, 9, 9))[0]):
    print("%-14s %-14s %s" % (name, shape, exe.arg_dict[name].dtype.__name__))
print([(n, a.shape) for n, a in sorted(exe.aux_dict.items())], [o.shape for o in exe.outputs])

for name in params:
    array = exe.arg_dict[name]
    if name.endswith("gamma"):
        array[:] = 1.0
    elif name.endswith("weight"):
        array[:] = np.random.uniform(-0.3, 0.3, array.shape)
exe.aux_dict["bn1_moving_var"][:] = 1.0

train, train_labels = synthetic(48)
test, test_labels = synthetic(5)
velocity = {name: mx.nd.zeros(exe.arg_dict[name].shape) for name in params}
lr, momentum = 0.05, 0.9

for epoch in range(4):
    order = np.random.permutation(len(train))
    right = loss = 0.0
    for start in range(0, len(train), BATCH):
        batch = order[start : start + BATCH]
        exe.arg_dict["data"][:] = train[batch]
        exe.arg_dict["softmax_label"][:] = train_labels[batch]
        exe.forward(is_train=True)
        exe.backward()
        for name in params:
            velocity[name][:] = momentum * velocity[name] - lr * exe.grad_dict[name] / BATCH
            exe.arg_dict[name] += velocity[name]
        picked = mx.nd.pick(exe.outputs[0], exe.arg_dict["softmax_label"]).asnumpy()
        loss -= np.log(picked).sum()
        right += accuracy(exe.outputs[0], train_labels[batch]) * BATCH
    print("epoch %d loss %.4f accuracy %.3f" % (epoch, loss / len(train), right / len(train)))
print(
    "mean",
    exe.aux_dict["bn1_moving_mean"].asnumpy().round(4),
    "var %.4f" % exe.aux_dict["bn1_moving_var"].sum().asscalar(),
)

# testing with another batch size: the parameters are shared
test_exe = exe.reshape(data=(5, 1, 9, 9), softmax_label=(5,))
test_exe.forward(is_train=False, data=mx.nd.array(test))
print("test accuracy %.2f" % accuracy(test_exe.outputs[0], test_labels))
print(test_exe.output_dict["softmax_output"].asnumpy().max(axis=1).round(4))

# features: the same parameters under another symbol
features = net.get_internals()["fc1_output"]
feature_exe = features.bind(
    mx.cpu(),
    {n: mx.nd.array(test) if n == "data" else exe.arg_dict[n] for n in features.list_arguments()},
    aux_states=exe.aux_arrays,
)
print("features", feature_exe.forward()[0].shape, "%.5f" % feature_exe.outputs[0].norm().asscalar())

# an executor of its own, filled from saved parameters
fresh = net.simple_bind(mx.cpu(), grad_req="null", data=(5, 1, 9, 9))
arg_params = {n: exe.arg_dict[n].copy() for n in params}
fresh.copy_params_from(arg_params, exe.aux_dict)
for wrong, allow in (({"fc3_weight": mx.nd.ones((2,))}, True), ({"fc3_weight": mx.nd.ones((2,))}, False)):
    try:
        fresh.copy_params_from(wrong, allow_extra_params=allow)
    except ValueError as error:
        print("refused:", error)
fresh.forward(data=mx.nd.array(test))
print(np.abs(fresh.outputs[0].asnumpy() - test_exe.outputs[0].asnumpy()).max() < 1e-6)

# the gradient with respect to the image
exe.forward(is_train=True, data=train[:BATCH], softmax_label=mx.nd.array(train_labels[:BATCH]))
exe.backward()
print("saliency", np.abs(exe.grad_dict["data"].asnumpy()[:, 0]).sum(axis=(1, 2))[:3])
