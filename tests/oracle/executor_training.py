"""Writes tests/golden/executor_training.json: nets trained as scripts did before Gluon, by bind, simple_bind and hand.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.executor_training
"""

import os

# with oneDNN gradients of max pooling are wrong after a forward pass in predict mode
os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")

import numpy as np  # noqa: E402

from tests.oracle.executor_common import by_scenario  # noqa: E402
from tests.oracle.scenario import plain, write  # noqa: E402


def cross_entropy(probabilities, labels):
    return float(-np.log(probabilities.asnumpy()[np.arange(len(labels)), labels.astype(int)]).mean())


def start(executor, skip, seed=0):
    """Gives the parameters their first values."""
    draw = np.random.RandomState(seed)
    for name, array in executor.arg_dict.items():
        if name not in skip:
            array[:] = draw.uniform(-0.3, 0.3, array.shape).astype("float32")


def descend(executor, skip, rate):
    for name, array in executor.arg_dict.items():
        if name not in skip:
            array[:] = array - rate * executor.grad_dict[name]


def softmax_regression(mx):
    """bind with lists, gradients of some arguments, SGD in place."""
    nd, draw = mx.nd, np.random.RandomState(1)
    images, labels = draw.rand(12, 5).astype("float32"), draw.randint(0, 3, 12).astype("float32")
    net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=3, name="fc")
    net = mx.sym.SoftmaxOutput(net, mx.sym.Variable("label"), name="softmax")
    args = [nd.array(images), nd.array(draw.randn(3, 5) / 4), nd.zeros((3,)), nd.array(labels)]
    grads = [None, nd.zeros((3, 5)), nd.zeros((3,)), None]
    executor = net.bind(mx.cpu(), args, args_grad=grads, grad_req=["null", "write", "write", "null"])
    losses = []
    for _ in range(8):
        executor.forward(is_train=True)
        losses.append(cross_entropy(executor.outputs[0], labels))
        executor.backward()
        for arg, grad in zip(args[1:3], grads[1:3]):
            nd.sgd_update(arg, grad, lr=0.1, out=arg)
    return {"losses": losses, "weight": plain(args[1]), "bias": plain(args[2])}


def conv_net(mx):
    """simple_bind of a net with BatchNorm and Dropout; batches by keyword; statistics and predictions after."""
    mx.random.seed(5)
    draw, sym = np.random.RandomState(2), mx.sym
    images, labels = draw.rand(24, 1, 8, 8).astype("float32"), draw.randint(0, 4, 24).astype("float32")
    net = sym.Convolution(sym.Variable("data"), kernel=(3, 3), num_filter=4, pad=(1, 1), name="conv1")
    net = sym.Activation(sym.BatchNorm(net, fix_gamma=False, momentum=0.8, name="bn1"), act_type="relu", name="relu1")
    net = sym.Pooling(net, kernel=(2, 2), stride=(2, 2), pool_type="max", name="pool1")
    net = sym.Dropout(sym.Flatten(net, name="flat"), p=0.25, name="drop")
    net = sym.SoftmaxOutput(sym.FullyConnected(net, num_hidden=4, name="fc"), name="softmax")
    executor = net.simple_bind(mx.cpu(), grad_req="write", data=(8, 1, 8, 8))
    skip = ("data", "softmax_label")
    start(executor, skip)
    executor.aux_dict["bn1_moving_var"][:] = 1
    losses = []
    for _ in range(2):
        for i in range(0, 24, 8):
            executor.forward(is_train=True, data=images[i : i + 8], softmax_label=labels[i : i + 8])
            losses.append(cross_entropy(executor.outputs[0], labels[i : i + 8]))
            executor.backward()
            descend(executor, skip, 0.05)
    tail = executor.reshape(data=(3, 1, 8, 8), softmax_label=(3,))
    tail.forward(is_train=False, data=images[:3])
    return {
        "losses": losses,
        "arguments": {k: plain(a) for k, a in executor.arg_dict.items() if k not in skip},
        "states": plain(executor.aux_dict),
        "predictions": plain(tail.outputs[0]),
    }


def accumulated(mx):
    """grad_req 'add' over small batches is the gradient of the large one; a shared weight in two places."""
    nd, sym, draw = mx.nd, mx.sym, np.random.RandomState(3)
    data, labels = draw.rand(6, 4).astype("float32"), draw.rand(6, 4).astype("float32")
    weight = sym.Variable("weight")
    net = sym.FullyConnected(sym.Variable("data"), weight, no_bias=True, num_hidden=4, name="one")
    net = sym.FullyConnected(sym.Activation(net, act_type="tanh"), weight, no_bias=True, num_hidden=4, name="two")
    net = sym.LinearRegressionOutput(net, sym.Variable("label"), name="out")
    small = net.simple_bind(mx.cpu(), grad_req={"weight": "add"}, data=(2, 4))
    start(small, ("data", "label"))
    for i in (0, 2, 4):
        small.forward(is_train=True, data=data[i : i + 2], label=nd.array(labels[i : i + 2]))
        small.backward()
    large = net.simple_bind(mx.cpu(), grad_req={"weight": "write"}, data=(6, 4))
    large.copy_params_from({"weight": small.arg_dict["weight"]})
    large.forward(is_train=True, data=data, label=labels)
    large.backward()
    return {"small": plain(small.grad_dict), "large": plain(large.grad_dict)}


def sequence(mx):
    """A recurrent net unrolled by hand for each length, weights shared by bind; gradients by a loss of one's own."""
    nd, sym, draw = mx.nd, mx.sym, np.random.RandomState(4)

    def unrolled(steps):
        w, u = sym.Variable("w"), sym.Variable("u")
        h = sym.Variable("h0")
        for t in range(steps):
            x = sym.FullyConnected(sym.Variable("x%d" % t), w, no_bias=True, num_hidden=3, name="x%d_w" % t)
            h = sym.Activation(
                x + sym.FullyConnected(h, u, no_bias=True, num_hidden=3, name="h%d_u" % t), act_type="tanh"
            )
        return sym.Group([sym.MakeLoss(sym.mean(sym.square(h)), name="loss"), sym.BlockGrad(h, name="state")])

    weights = {"w": nd.array(draw.randn(3, 2) / 2), "u": nd.array(draw.randn(3, 3) / 2), "h0": nd.ones((2, 3))}
    grads = {"w": nd.zeros((3, 2)), "u": nd.zeros((3, 3))}
    seen = []
    for steps in (2, 4, 3):
        inputs = {"x%d" % t: nd.array(draw.randn(2, 2)) for t in range(steps)}
        executor = unrolled(steps).bind(mx.cpu(), dict(weights, **inputs), args_grad=grads)
        executor.forward(is_train=True)
        executor.backward()
        for k in grads:
            weights[k] -= 0.3 * grads[k]
        seen.append([plain(executor.outputs), plain(grads)])
    return {"steps": seen, "weights": plain(weights)}


def updaters(mx):
    """Parameters updated by mx.optimizer, as modules did; two executors of one graph share them."""
    nd, sym, draw = mx.nd, mx.sym, np.random.RandomState(6)
    net = sym.FullyConnected(sym.Variable("data"), num_hidden=3, name="fc1")
    net = sym.FullyConnected(sym.Activation(net, act_type="sigmoid"), num_hidden=1, name="fc2")
    net = sym.LogisticRegressionOutput(net, sym.Variable("label"), name="out")
    data, labels = draw.randn(10, 2).astype("float32"), draw.randint(0, 2, 10).astype("float32")
    executor = net.simple_bind(mx.cpu(), data=(10, 2))
    start(executor, ("data", "label"), 3)
    updater = mx.optimizer.get_updater(mx.optimizer.SGD(learning_rate=0.5, momentum=0.9, wd=1e-3, rescale_grad=0.1))
    for _ in range(6):
        executor.forward(is_train=True, data=data, label=labels)
        executor.backward()
        for i, name in enumerate(net.list_arguments()):
            if name not in ("data", "label"):
                updater(i, executor.grad_dict[name], executor.arg_dict[name])
    other = net.bind(mx.cpu(), dict(executor.arg_dict, data=nd.array(data[:2]), label=nd.zeros((2,))))
    return {"arguments": plain(executor.arg_dict), "outputs": plain(executor.outputs), "other": plain(other.forward())}


SCENARIOS = (softmax_regression, conv_net, accumulated, sequence, updaters)


def results(mx):
    return by_scenario(mx, SCENARIOS)


if __name__ == "__main__":
    import mxnet

    write("executor_training", results(mxnet))
